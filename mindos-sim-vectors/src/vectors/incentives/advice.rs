//! What warnings weigh (section 1.3), whose are dropped (section 4), and what is told (section 3).

use serde_json::json;

use super::Groups;
use super::records::{domain, equivocation, hash, skill, succession};
use super::story::{MS, S, Story, alias, fine, name, refused};
use crate::inspect::hex;

const READER: u8 = 0x61;
const ONE: u8 = 0x62;
/// Worker that is warned of, and others.
const WORKER: u8 = 0x68;
const OTHERS: std::ops::Range<u8> = 0x80..0x8a;
const ADVISERS: std::ops::Range<u8> = 0x62..0x6a;
const WEIGH: &[&str] = &["INC-007", "ROUTE-011"];
const STEP: u64 = 225 * S;

fn story(id: &str, flag: &'static str, reqs: &'static [&'static str], comment: &'static str) -> Story {
    let members: Vec<u8> = ADVISERS.chain(OTHERS).collect();
    Story::new(("advice", id), flag, reqs, (READER, &members), comment).about(&[WORKER])
}

fn about(warned: u64) -> serde_json::Value {
    json!({ "about": [about_of(warned)] })
}

/// An adviser, as it is told: *good*, *bad*, *known*, *honest*, *weight*.
fn adviser(seed: u8, figures: [u64; 5]) -> serde_json::Value {
    let figures: Vec<String> = figures.iter().map(u64::to_string).collect();
    json!({ "advisers": [format!("{} {}", name(seed), figures.join(" "))] })
}

/// Advisers of these seeds warn of the others, who all break a promise: they are proven ten times.
fn proven(story: Story, advisers: &[u8]) -> Story {
    let of: Vec<(u8, u16)> = OTHERS.map(|w| (w, 0)).collect();
    let told = story.each(advisers.iter().copied(), |s, a| s.digest(a, &of, fine()));
    told.each(OTHERS, |s, w| s.outcome(w, false, fine()))
}

fn decays() -> Vec<Story> {
    let warning = |id, comment| story(id, "Normal", WEIGH, comment).digest(ONE, &[(WORKER, 0)], about(32));
    let severities = story("severity", "Boundary", WEIGH, "the severity of a warning, from the worst to none")
        .each([0, 1, 127, 128, 129, 16_384, 32_639, 32_640], |s, standing| s.digest(ONE, &[(WORKER, standing)], fine()))
        .digest(ONE, &[(WORKER, 32_641)], about(0))
        .digest(ONE, &[(WORKER, 32_640)], fine())
        .digest(ONE, &[(WORKER, 32_768)], about(0))
        .digest(ONE, &[(WORKER, 0)], fine())
        .digest(ONE, &[(WORKER, 65_535)], about(0));
    let times: Vec<u64> = (1..9).flat_map(|n| [n * STEP - 1, n * STEP]).chain([100 * STEP, 200 * STEP]).collect();
    let decay = warning("decay", "a warning loses 21 of 256 parts every 225 s, and not a microsecond earlier")
        .wait(STEP - 1, about(32))
        .each(times, |s, at| s.wait(at, fine()));
    let again = warning("decay-again", "a warning that is given again begins anew")
        .wait(2 * STEP, fine())
        .digest(ONE, &[(WORKER, 0)], about(32))
        .wait(3 * STEP - 1, about(32))
        .wait(3 * STEP, fine());
    let counts = warning("counts-decay", "what warnings were worth decays from their adviser's first one")
        .at(100 * S)
        .outcome(WORKER, false, adviser(ONE, [256, 0, 56, 256, 56]))
        .wait(STEP - 1, adviser(ONE, [256, 0, 56, 256, 56]))
        .wait(STEP, adviser(ONE, [235, 0, 55, 256, 55]))
        .at(STEP + 50 * S)
        .digest(ONE, &[(0x80, 0)], fine())
        .outcome(0x80, true, adviser(ONE, [235, 256, 55, 82, 17]))
        .wait(2 * STEP, adviser(ONE, [215, 235, 53, 85, 17]));
    vec![severities, decay, again, counts]
}

fn weighed() -> Vec<Story> {
    let normal = |id, comment| story(id, "Normal", WEIGH, comment);
    let copies = |id, comment| story(id, "Twice", WEIGH, comment);
    let other = hash(&[b"image.describe/1"]);
    let mut head = skill();
    head[31] ^= 1;
    vec![
        normal("first", "a stranger's warning weighs an eighth")
            .digest(ONE, &[(WORKER, 0)], adviser(ONE, [0, 0, 32, 256, 32]))
            .digest(ONE, &[(WORKER, 16_384)], about(16)),
        normal("good", "a promise is broken after the warning").digest(ONE, &[(WORKER, 0)], fine()).outcome(
            WORKER,
            false,
            adviser(ONE, [256, 0, 56, 256, 56]),
        ),
        normal("bad", "a promise is kept after the warning").digest(ONE, &[(WORKER, 0)], fine()).outcome(
            WORKER,
            true,
            adviser(ONE, [0, 256, 32, 51, 6]),
        ),
        normal("judged-wrong", "a result is judged wrong after the warning").digest(ONE, &[(WORKER, 0)], fine()).judge(
            WORKER,
            false,
            adviser(ONE, [256, 0, 56, 256, 56]),
        ),
        normal("judged-right", "a result is judged right after the warning").digest(ONE, &[(WORKER, 0)], fine()).judge(
            WORKER,
            true,
            adviser(ONE, [0, 256, 32, 51, 6]),
        ),
        normal("before", "experience before the warning weighs nothing").outcome(WORKER, false, fine()).digest(
            ONE,
            &[(WORKER, 0)],
            adviser(ONE, [0, 0, 32, 256, 32]),
        ),
        copies("once", "one warning is weighed once")
            .digest(ONE, &[(WORKER, 0)], fine())
            .outcome(WORKER, false, fine())
            .outcome(WORKER, false, adviser(ONE, [256, 0, 56, 256, 56]))
            .outcome(WORKER, true, adviser(ONE, [256, 0, 56, 256, 56])),
        copies("repeated", "nor again when it is repeated")
            .digest(ONE, &[(WORKER, 0)], fine())
            .outcome(WORKER, false, fine())
            .digest(ONE, &[(WORKER, 8_192)], fine())
            .outcome(WORKER, false, adviser(ONE, [256, 0, 56, 256, 56])),
        copies("taken-back", "a warning that was taken back before experience is not weighed")
            .digest(ONE, &[(WORKER, 0)], fine())
            .digest(ONE, &[(WORKER, 32_768)], about(0))
            .outcome(WORKER, false, adviser(ONE, [0, 0, 32, 256, 32]))
            .digest(ONE, &[(WORKER, 0)], fine())
            .outcome(WORKER, false, adviser(ONE, [256, 0, 56, 256, 56])),
        copies("given-again", "one that was weighed, taken back and given again is not weighed again, and counts")
            .digest(ONE, &[(WORKER, 0)], fine())
            .outcome(WORKER, false, fine())
            .digest(ONE, &[(WORKER, 32_768)], fine())
            .outcome(WORKER, false, adviser(ONE, [256, 0, 56, 256, 56]))
            .digest(ONE, &[(WORKER, 0)], fine())
            .outcome(WORKER, false, adviser(ONE, [256, 0, 56, 256, 56])),
        normal("other-domain", "experience in another domain weighs nothing")
            .digest(ONE, &[(WORKER, 0)], fine())
            .outcome_in(WORKER, &other, false, adviser(ONE, [0, 0, 32, 256, 32])),
        normal("one-domain", "experience in another capability of the domain does")
            .digest(ONE, &[(WORKER, 0)], fine())
            .outcome_in(WORKER, &head, false, adviser(ONE, [256, 0, 56, 256, 56])),
        normal("two-advisers", "one experience weighs the warnings of all")
            .digest(ONE, &[(WORKER, 0)], fine())
            .digest(ONE + 1, &[(WORKER, 16_384)], about(48))
            .outcome(WORKER, true, fine()),
        normal("own-first", "after eight outcomes of its own a reader needs nobody's advice")
            .digest(ONE, &[(WORKER, 0)], fine())
            .each(0..9, |s, _| s.outcome(WORKER, true, fine())),
    ]
}

fn caps() -> Vec<Story> {
    let boundary = |id, comment| story(id, "Boundary", WEIGH, comment);
    let unproven = |s: Story, n: u8, warned: u64| {
        s.each(1..n, |s, i| s.digest(ONE + i - 1, &[(WORKER, 0)], fine())).digest(
            ONE + n - 1,
            &[(WORKER, 0)],
            about(warned),
        )
    };
    let warn = |s: Story, n: u8| s.each(0..n, |s, i| s.digest(ONE + i, &[(WORKER, 0)], fine()));
    let six: Vec<u8> = (ONE..ONE + 6).collect();
    let last = warn(proven(boundary("proven-936", "six that were right ten times"), &six), 6);
    let seven_of = |id, comment| {
        let members: Vec<u8> = (0x62..0x68).chain([0x90, WORKER]).chain(OTHERS).collect();
        Story::new(("advice", id), "Boundary", WEIGH, (READER, &members), comment).about(&[WORKER])
    };
    let seven = [&six[..], &[0x90]].concat();
    let cap = warn(proven(seven_of("proven-1024", "seven weigh no more than four broken promises"), &seven), 6).digest(
        0x90,
        &[(WORKER, 0)],
        about(1_024),
    );
    let mixed = warn(proven(boundary("mixed", "two that were right, and one that never was"), &six[..2]), 2)
        .wait(S, about(312))
        .digest(ONE + 2, &[(WORKER, 0)], about(344));
    vec![
        unproven(boundary("unproven-128", "four that were never right"), 4, 128),
        unproven(boundary("unproven-160", "five"), 5, 160),
        unproven(boundary("unproven-cap", "six weigh no more than five"), 6, 160),
        last.wait(S, about(936)),
        cap,
        mixed,
    ]
}

/// So many parts of a broken promise, and the standing of somebody without experience, by chapter 06.
fn about_of(warned: u64) -> String {
    format!("{warned} {}", (256 << 16) / (4 * warned + 512))
}

fn senders() -> Vec<Story> {
    let from = |id, flag, reqs, comment| story(id, flag, reqs, comment);
    let warns = |s: Story, expect| s.digest(ONE, &[(WORKER, 0)], expect);
    let unknown = Story::new(
        ("advice", "no-member"),
        "Stranger",
        &["INC-005"],
        (READER, &[WORKER]),
        "a node that is no member is no partner",
    );
    vec![
        warns(
            from("no-partner", "Stranger", &["INC-005"], "a member that is no load partner").but(ONE, "partner", "0"),
            refused("partner"),
        )
        .step(json!({ "type": "partner", "node": name(ONE) }), about(0))
        .digest(ONE, &[(WORKER, 0)], about(32)),
        warns(unknown.about(&[WORKER]), refused("partner")),
        warns(
            from("unvouched", "Stranger", &["INC-006"], "a partner that nobody vouches for").but(ONE, "vouched", "0"),
            refused("unvouched"),
        )
        .digest(ONE + 1, &[(WORKER, 0)], about(32)),
        warns(
            from("quarantined", "Silenced", &["INC-006"], "an adviser that is kept out; what it said is forgotten"),
            about(32),
        )
        .message(ONE + 1, &[], &equivocation(ONE, 1), about(0)),
        from("line", "Line", &["INC-006", "INC-030"], "a partner that takes the place of a key that is kept out")
            .digest(ONE, &[(WORKER, 0)], about(32))
            .message(ONE + 1, &[], &equivocation(0x80, 1), fine())
            .step(json!({ "type": "succession", "record": hex(&succession(0x80, Some(ONE))) }), about(0))
            .digest(ONE, &[(WORKER, 0)], refused("unheard")),
        from("aliases", "Fields", &["INC-007"], "the sender, the reader, nobody, and then a worker")
            .about(&[WORKER, ONE])
            .digest(ONE, &[(ONE, 0)], json!({ "about": ["0 32768", "0 32768"] }))
            .digest(ONE, &[(READER, 0)], json!({ "about": ["0 32768", "0 32768"] }))
            .digest(ONE, &[(0xee, 0)], json!({ "about": ["0 32768", "0 32768"] }))
            .raw_digest(ONE, domain(&skill()), &[], json!({ "about": ["0 32768", "0 32768"] }))
            .digest(ONE, &[(WORKER, 0), (0xee, 0)], json!({ "about": ["32 26214", "0 32768"] })),
    ]
}

/// The groups of the file.
pub(super) fn groups() -> Groups {
    vec![("advice", [weighed(), decays(), caps(), senders()].concat()), ("adviser", told())]
}

/// What a node tells its partners of its own experience.
fn told() -> Vec<Story> {
    let reqs: &[&str] = &["INC-003", "INC-004"];
    let told = |id: &str, flag, comment| {
        Story::new(("advice", id), flag, reqs, (READER, &[ONE, WORKER, 0x80, 0x81]), comment)
            .but(WORKER, "partner", "0")
            .but(0x80, "partner", "0")
            .but(0x81, "partner", "0")
            .about(&[WORKER])
    };
    let tells = |entries: &[(u8, u16)]| {
        let mut entries: Vec<(u32, u16)> = entries.iter().map(|e| (alias(e.0), e.1)).collect();
        entries.sort_unstable();
        let entry = |e: (u32, u16)| json!({ "alias": e.0.to_string(), "standing": e.1.to_string() });
        let entries: Vec<_> = entries.into_iter().map(entry).collect();
        json!({ "told": [{ "to": name(ONE), "domain": domain(&skill()).to_string(), "entries": entries }] })
    };
    let nothing = || json!({ "told": [] });
    vec![
        told("told/first", "Normal", "a first warning leaves at once")
            .outcome(WORKER, false, tells(&[(WORKER, 10_922)]))
            .wait(60 * S, nothing()),
        told("told/small", "Boundary", "standing that moved by less than 8,192 is not told")
            .outcome(WORKER, false, tells(&[(WORKER, 10_922)]))
            .at(20 * S)
            .outcome(WORKER, false, nothing())
            .wait(60 * S, nothing())
            .outcome(WORKER, true, nothing()),
        told("told/back", "Normal", "a warning is taken back as standing returns")
            .outcome(WORKER, false, fine())
            .at(20 * S)
            .outcome(WORKER, true, nothing())
            .outcome(WORKER, true, tells(&[(WORKER, 24_576)]))
            .at(40 * S)
            .outcome(WORKER, true, nothing())
            .outcome(WORKER, true, tells(&[(WORKER, 32_768)]))
            .at(60 * S)
            .outcome(WORKER, true, nothing()),
        told("told/ten-seconds", "Boundary", "nothing but a first warning is told within 10 s of the last")
            .outcome(WORKER, false, fine())
            .at(S)
            .each(0..2, |s, _| s.outcome(WORKER, true, nothing()))
            .wait(10 * S - 1, nothing())
            .wait(10 * S, tells(&[(WORKER, 24_576)])),
        told("told/first-within", "Boundary", "a first warning of another does not wait")
            .outcome(WORKER, false, fine())
            .at(500 * MS)
            .outcome(0x80, false, tells(&[(0x80, 10_922)]))
            .outcome(0x81, true, nothing()),
        told("told/judged", "Normal", "a result judged wrong weighs four broken promises").judge(
            WORKER,
            false,
            tells(&[(WORKER, 3_640)]),
        ),
    ]
}
