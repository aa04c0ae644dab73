//! Stories of suite 2: nothing but the upgrade in epoch 0, and its material in the keys of epoch 1.

use mindos_wire::{
    Ack, AckRange, Bytes16, Close, Established, Flag, Fragment, KemCiphertext, KemKey, List, PathChallenge, Tail,
};

use super::story::{EPOCH, S, Story, frame, padding, ping};
use crate::vectors::session::keys::after;

const UPGRADE: &[&str] = &["SES-034"];
const NOTHING_ELSE: &[&str] = &["SES-032"];
const BOTH: &[&str] = &["SES-032", "SES-034"];
const SEND: &[&str] = &["SES-037"];
const CHECKED: &[&str] = &["SES-046"];

fn established() -> Vec<u8> {
    frame(&Established { tail: Tail::default() })
}

impl Story {
    /// The frame with a half of what the peer sends: of the key, or of the ciphertext.
    fn half(&self, second: bool, of_key: bool) -> Vec<u8> {
        let whole = if of_key { &self.kem.key } else { &self.kem.ciphertext };
        let half = &whole[if second { whole.len() / 2..whole.len() } else { 0..whole.len() / 2 }];
        let second = Flag(second);
        match (half.try_into(), half.try_into()) {
            (Ok(bytes), _) if of_key => frame(&KemKey { second, bytes, tail: Tail::default() }),
            (_, Ok(bytes)) => frame(&KemCiphertext { second, bytes, tail: Tail::default() }),
            _ => Vec::new(),
        }
    }

    /// A packet with frames that are taken, and none handed out.
    fn takes(self, counter: u64, frames: &[u8]) -> Self {
        let packet = self.of_peer(counter, frames);
        self.opens(&packet, &[])
    }

    fn refuses_frames(self, counter: u64, frames: &[u8]) -> Self {
        let packet = self.of_peer(counter, frames);
        self.refuses(&packet)
    }

    /// Its key with a coefficient that is none, and then the genuine one, which comes too late.
    fn refuses_key(mut self, coefficient: usize, value: u16) -> Self {
        let genuine = self.kem.key.clone();
        // Two coefficients of 12 bits in three bytes, the lower bits first.
        let at = coefficient / 2 * 3;
        let pair = u32::from_le_bytes([genuine[at], genuine[at + 1], genuine[at + 2], 0]);
        let shift = 12 * (coefficient % 2);
        let pair = pair & !(0xfff << shift) | u32::from(value) << shift;
        self.kem.key[at..at + 3].copy_from_slice(&pair.to_le_bytes()[..3]);
        self = self.key_at([0, 1]);
        self.kem.key = genuine;
        let halves = [false, true].map(|second| self.half(second, true));
        self.refuses_frames(2, &halves[0]).refuses_frames(3, &halves[1]).refuse(EPOCH)
    }

    /// Both halves of the initiator's key, under these counters.
    fn key_at(self, counters: [u64; 2]) -> Self {
        let halves = [false, true].map(|second| self.half(second, true));
        self.takes(counters[0], &halves[0]).takes(counters[1], &halves[1])
    }

    fn ciphertext_at(self, counters: [u64; 2]) -> Self {
        let halves = [false, true].map(|second| self.half(second, false));
        self.takes(counters[0], &halves[0]).takes(counters[1], &halves[1])
    }

    /// Packets of epoch 1 under keys that something is missing in.
    fn refuses_other_material(mut self) -> Self {
        let material = self.kem.material.clone();
        let (secret, hash) = material.split_at(32);
        let turned = [hash, secret].concat();
        for wrong in [&[][..], secret, hash, &turned] {
            let packet = self.under(|k| after(&k, wrong), EPOCH, &ping(1));
            self = self.refuses(&packet);
        }
        self
    }
}

fn story(id: &'static str, flag: &'static str, reqs: &'static [&'static str], comment: &'static str) -> Story {
    Story::new(id, flag, reqs, comment).hybrid()
}

pub(super) fn stories() -> Vec<Story> {
    let mut out = vec![
        story("upgrade/responder", "Normal", UPGRADE, "the key comes, and the initiator moves on")
            .key_at([0, 1])
            .open(EPOCH)
            .open(EPOCH + 1),
        story("upgrade/initiator", "Normal", UPGRADE, "the ciphertext comes, and the responder moves on")
            .by_initiator()
            .takes(0, &established())
            .ciphertext_at([1, 2])
            .open(EPOCH)
            .open(EPOCH + 1),
        story("upgrade/next-epoch", "Normal", UPGRADE, "the material is in epoch 1, and in no other by itself")
            .key_at([0, 1])
            .open(EPOCH)
            .open(2 * EPOCH),
        story("upgrade/epoch-2-first", "Boundary", UPGRADE, "no packet of epoch 1 comes")
            .key_at([0, 1])
            .open(2 * EPOCH),
        story("upgrade/repeated", "Normal", UPGRADE, "the initiator repeats its key, under other counters")
            .key_at([0, 1])
            .key_at([2, 3])
            .open(EPOCH),
        story(
            "upgrade/established-first",
            "Normal",
            NOTHING_ELSE,
            "`established`, padding and a frame to ignore in epoch 0",
        )
        .takes(0, &established())
        .takes(1, &padding(64))
        .takes(2, &[0x7f, 1, 0, 0])
        .key_at([3, 4])
        .open(EPOCH),
        turned("upgrade/turned-key", "the second half of the key comes first", true),
        turned("upgrade/turned-ciphertext", "the second half of the ciphertext comes first", false),
        story("stripped/material-responder", "Stripped", UPGRADE, "keys of epoch 1 that lack a part of the material")
            .key_at([0, 1])
            .refuses_other_material()
            .open(EPOCH),
        story("stripped/material-initiator", "Stripped", UPGRADE, "keys of epoch 1 that lack a part of the material")
            .by_initiator()
            .ciphertext_at([0, 1])
            .refuses_other_material()
            .open(EPOCH),
        story("stripped/epoch-1-at-once", "Stripped", UPGRADE, "a packet of epoch 1 before there is material")
            .refuses_other_material()
            .refuse(EPOCH)
            .key_at([0, 1])
            .open(EPOCH),
        story("stripped/epoch-1-of-responder", "Stripped", UPGRADE, "the responder leaves the upgrade out")
            .by_initiator()
            .takes(0, &established())
            .refuses_other_material()
            .seals_nothing(),
        story(
            "stripped/seal-initiator",
            "Stripped",
            SEND,
            "nothing is sealed for the application before the material is known",
        )
        .by_initiator()
        .seals_nothing()
        .takes(0, &established())
        .seals_nothing(),
        story(
            "stripped/seal-responder",
            "Stripped",
            SEND,
            "nor by a responder that has not opened a packet of epoch 1",
        )
        .seals_nothing()
        .key_at([0, 1])
        .seals_nothing(),
        story("stripped/after", "Stripped", BOTH, "a frame of the application in epoch 0, when the upgrade is done")
            .key_at([0, 1])
            .open(EPOCH)
            .at(S)
            .refuse(2)
            .open(EPOCH + 1),
        story("upgrade/key-first", "BadCode", CHECKED, "the first coefficient of the key is 3,329")
            .refuses_key(0, 3_329),
        story("upgrade/key-last", "BadCode", CHECKED, "the last coefficient of the key is 4,095")
            .refuses_key(767, 4_095),
        story("upgrade/closed", "Boundary", NOTHING_ELSE, "`close` ends it, in epoch 0, too")
            .takes(0, &frame(&Close { tail: Tail::default() }))
            .refuse(EPOCH)
            .refuses_frames(1, &established()),
    ];
    let ack = Ack { delay_us: 0, ranges: List::new(&[AckRange { first: 0, more: 0 }]), tail: Tail::default() };
    let fragment = Fragment { message: 0, offset: 0, total: 3, data: Bytes16(&[6, 0, 0]), tail: Tail::default() };
    let challenge = PathChallenge { nonce: 1, tail: Tail::default() };
    for (id, frames, comment) in [
        ("stripped/ping", ping(1), "a ping in epoch 0"),
        ("stripped/ack", frame(&ack), "an acknowledgement in epoch 0"),
        ("stripped/fragment", frame(&fragment), "a message in epoch 0"),
        ("stripped/path-challenge", frame(&challenge), "a draft's frame in epoch 0"),
        ("stripped/behind-established", [established(), ping(1)].concat(), "a ping behind `established`"),
        ("stripped/unknown", vec![0x7e, 0, 0], "a frame that must be understood and is not"),
    ] {
        let story = story(id, "Stripped", NOTHING_ELSE, comment).refuses_frames(0, &frames);
        out.push(story.key_at([1, 2]).refuses_frames(3, &frames).open(EPOCH));
    }
    out
}

/// The halves in the other order.
fn turned(id: &'static str, comment: &'static str, of_key: bool) -> Story {
    let story = story(id, "Normal", UPGRADE, comment);
    let story = if of_key { story } else { story.by_initiator() };
    let [first, second] = [false, true].map(|second| story.half(second, of_key));
    story.takes(0, &second).takes(1, &first).open(EPOCH)
}
