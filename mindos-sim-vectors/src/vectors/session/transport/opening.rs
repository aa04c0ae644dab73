//! Stories of suite 1.

use super::story::{EPOCH, INDEX, S, Story, padding, ping};
use crate::vectors::session::keys::after;

const REPLAY: &[&str] = &["SES-013"];
const SEALING: &[&str] = &["SES-011", "SES-012"];
const KEYS: &[&str] = &["SES-026"];
const BOUND: &[&str] = &["SES-012"];
const AHEAD: &[&str] = &["SES-028"];
const FORGET: &[&str] = &["SES-029"];
const KEEP: &[&str] = &["SES-045"];
const MOVE: &[&str] = &["SES-026", "SES-027"];

/// What a receiver does.
pub(super) fn opened() -> Vec<Story> {
    let story = Story::new;
    let mut out = vec![
        story("open/responder", "Normal", BOUND, "the first packets of an initiator").open(0).open(1).open(2),
        story("open/initiator", "Normal", BOUND, "the first packets of a responder").by_initiator().open(0).open(1),
        story("open/overtaken", "Normal", REPLAY, "packets that overtook each other").open(5).open(0).open(3).open(1),
        story("open/lost", "Normal", REPLAY, "most packets are lost").open(7).open(700).open(EPOCH - 1),
        story("replay/same", "Replayed", REPLAY, "a packet twice").open(0).refuse(0).open(1),
        story("replay/both", "Replayed", REPLAY, "two packets twice, in turns").open(1).open(0).refuse(1).refuse(0),
        story("replay/after-many", "Replayed", REPLAY, "a packet again after 1,000 more")
            .open(10)
            .open(1_010)
            .refuse(10)
            .open(11),
        story("window/oldest", "Boundary", REPLAY, "1,023 below the highest").open(1_023).open(0),
        story("window/too-old", "Replayed", REPLAY, "1,024 below the highest").open(1_024).refuse(0).open(1),
        story("window/moves", "Boundary", REPLAY, "the window moves by its own width and by more")
            .open(0)
            .open(1_024)
            .open(1)
            .refuse(0)
            .open(60_000)
            .refuse(1_024)
            .open(60_000 - 1_023)
            .refuse(60_000 - 1_024),
        story("window/every-block", "Boundary", REPLAY, "each counter that is the last or first of 64 once more")
            .open(63)
            .open(64)
            .open(127)
            .open(1_087)
            .refuse(64)
            .refuse(127)
            .refuse(63)
            .open(65),
        story("padding/all-sizes", "Normal", BOUND, "a ping, filled to each size of section 1.4").padded(),
    ];
    out.push(forged_ahead());
    out.push(last_counter());
    out.extend(flips());
    out.extend(others());
    out.extend(epochs());
    out
}

impl Story {
    fn padded(mut self) -> Self {
        for (counter, size) in (0..).zip([128, 256, 512, 1_024, 1_152]) {
            let mut frames = ping(1);
            // Header and tag are of the packet.
            frames.extend(padding(size - 29 - frames.len()));
            let packet = self.of_peer(counter, &frames);
            self = self.opens(&packet, &frames);
        }
        self
    }
}

fn forged_ahead() -> Story {
    let story = Story::new(
        "window/forged-ahead",
        "Replayed",
        &["SES-013", "SES-014"],
        "a packet far ahead whose tag is wrong moves no window, in this epoch or the next",
    );
    let mut near = story.of_peer(5_000, &ping(1));
    let mut far = story.of_peer(EPOCH + 5_000, &ping(1));
    near[20] ^= 1;
    far[20] ^= 1;
    story.open(0).refuses(&near).refuses(&far).open(1).refuse(0).open(5_000).open(EPOCH + 1)
}

fn last_counter() -> Story {
    let story = Story::new("counter/last", "Boundary", &["SES-015"], "the counter that is never used");
    let [zero, first] = [0, EPOCH].map(|other| story.under_key_of(other, u64::MAX, &ping(1)));
    story.refuses(&zero).refuses(&first).open(0)
}

/// One bit, in each place; and every length.
fn flips() -> Vec<Story> {
    let fields: [(_, &[&str], _, _); 5] = [
        ("flip/kind", BOUND, 0..1, "each bit of the kind"),
        ("flip/receiver", BOUND, 1..5, "each bit of the receiver's index"),
        ("flip/counter", &["SES-012", "SES-014"], 5..13, "each bit of the counter"),
        ("flip/frames", BOUND, 13..24, "each bit of the frames"),
        ("flip/tag", &["SES-014"], 24..40, "each bit of the tag"),
    ];
    let mut out = Vec::new();
    for (id, reqs, field, comment) in fields {
        let mut story = Story::new(id, "Tampered", reqs, comment);
        let good = story.of_peer(7, &ping(7));
        for (at, bit) in field.flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let mut bad = good.clone();
            bad[at] ^= 1 << bit;
            story = story.refuses(&bad);
        }
        out.push(story.open(7));
    }
    let mut cut = Story::new("cut/every-length", "Cut", BOUND, "the packet ends after each of its bytes");
    let good = cut.of_peer(7, &ping(7));
    for len in 0..good.len() {
        cut = cut.refuses(&good[..len]);
    }
    out.push(cut.refuses(&[&good[..], &[0]].concat()).open(7));
    out
}

/// Packets that are not for this session or not of this peer.
fn others() -> Vec<Story> {
    let reflected =
        Story::new("other/reflected", "Tampered", BOUND, "this side's own packets, as they were and readdressed");
    let [own, readdressed] = [0xa1a2_a3a4, INDEX].map(|index| reflected.reflected(index, 0, &ping(1)));
    let keyless = Story::new("other/key", "Tampered", BOUND, "a packet under a key of zeros");
    let zeros = keyless.under(|_| [0; 32], 0, &ping(1));
    vec![reflected.refuses(&own).refuses(&readdressed).open(0), keyless.refuses(&zeros).open(0)]
}

fn epochs() -> Vec<Story> {
    let story = |id, flag, reqs, comment| Story::new(id, flag, reqs, comment);
    let wrong = story(
        "epoch/wrong-key",
        "KeyEpoch",
        KEYS,
        "the last counter of an epoch under the next key, and the first under the one before",
    );
    let early = wrong.under_key_of(EPOCH, EPOCH - 1, &ping(1));
    let late = wrong.under_key_of(0, EPOCH, &ping(1));
    let skipped = wrong.under_key_of(EPOCH, 2 * EPOCH, &ping(1));
    let unlabelled = story("epoch/derivation", "KeyEpoch", KEYS, "keys that are derived otherwise");
    let plain = unlabelled.under(|k| blake3::hash(&k).into(), EPOCH, &ping(1));
    let of_zero = unlabelled.under(|k| after(&k, &[0]), EPOCH, &ping(1));
    vec![
        story("epoch/next", "Normal", KEYS, "over the end of an epoch").open(EPOCH - 1).open(EPOCH).open(EPOCH + 1),
        story("epoch/next-initiator", "Normal", KEYS, "the same, the other direction")
            .by_initiator()
            .open(0)
            .open(EPOCH),
        story("epoch/skips-counters", "Normal", KEYS, "a sender that moved on early")
            .open(3)
            .open(EPOCH)
            .open(2 * EPOCH),
        story("epoch/two-ahead", "Boundary", AHEAD, "an epoch of which no packet came").open(0).open(2 * EPOCH),
        story("epoch/three-ahead", "KeyEpoch", AHEAD, "three epochs ahead; two, once one of the next was opened")
            .open(0)
            .refuse(3 * EPOCH)
            .open(EPOCH)
            .open(3 * EPOCH),
        story("epoch/own-window", "Boundary", REPLAY, "each epoch has a window of its own")
            .open(EPOCH - 1)
            .open(EPOCH + 2_000)
            .open(EPOCH - 2)
            .refuse(EPOCH)
            .refuse(EPOCH - 1),
        story("epoch/replay-across", "Replayed", REPLAY, "a packet of the epoch before, once more")
            .open(EPOCH - 1)
            .open(EPOCH)
            .refuse(EPOCH - 1)
            .refuse(EPOCH),
        wrong.refuses(&early).refuses(&late).refuses(&skipped).open(EPOCH - 1).open(EPOCH).open(2 * EPOCH),
        unlabelled.refuses(&plain).refuses(&of_zero).open(EPOCH),
        story("epoch/late", "Boundary", FORGET, "a packet of the epoch before, 1 µs before its key is forgotten")
            .open(0)
            .at(S)
            .open(EPOCH)
            .at(11 * S - 1)
            .open(1),
        story("epoch/too-late", "KeyEpoch", FORGET, "a packet of the epoch before, 10 s after the first of the next")
            .open(0)
            .at(S)
            .open(EPOCH)
            .at(11 * S)
            .refuse(1)
            .open(EPOCH + 1),
        story("epoch/third", "KeyEpoch", KEEP, "packets of the epoch before, until one of a third comes")
            .open(0)
            .at(S)
            .open(EPOCH)
            .open(1)
            .open(2 * EPOCH)
            .refuse(2)
            .open(EPOCH + 1),
        story("epoch/skipped", "Boundary", KEEP, "the epoch before is the one that was opened before")
            .open(0)
            .open(2 * EPOCH)
            .open(1)
            .refuse(EPOCH),
    ]
}

/// What a sender does.
pub(super) fn sealed() -> Vec<Story> {
    let story = Story::new;
    vec![
        story("seal/responder", "Normal", SEALING, "the first packets").seal(0).seal(1).seal(2),
        story("seal/initiator", "Normal", SEALING, "the first packets").by_initiator().seal(0).seal(1),
        story("seal/end-of-epoch", "Boundary", MOVE, "over the end of an epoch's counters")
            .skip(65_535)
            .seal(EPOCH - 1)
            .seal(EPOCH)
            .seal(EPOCH + 1),
        story("seal/two-epochs", "Boundary", MOVE, "over the end of two epochs")
            .skip(131_071)
            .seal(2 * EPOCH - 1)
            .seal(2 * EPOCH),
        story("seal/time", "Boundary", MOVE, "1 µs before an epoch is 120 s old, then at that age")
            .seal(0)
            .at(120 * S - 1)
            .seal(1)
            .at(120 * S)
            .seal(EPOCH)
            .at(239 * S)
            .seal(EPOCH + 1)
            .at(240 * S)
            .seal(2 * EPOCH),
        story("seal/time-from-first", "Boundary", MOVE, "the age of an epoch counts from its first packet")
            .at(100 * S)
            .seal(0)
            .at(219 * S)
            .seal(1)
            .at(220 * S)
            .seal(EPOCH),
        story("seal/no-epoch-between", "Boundary", MOVE, "a long silence is no reason to leave out an epoch")
            .seal(0)
            .at(900 * S)
            .seal(EPOCH),
    ]
}
