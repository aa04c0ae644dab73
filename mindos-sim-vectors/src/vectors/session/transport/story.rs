//! A case in the making: what a peer seals, and what becomes of it.

use mindos_core::crypto::{Crypto, DEFAULT};
use mindos_wire::{Bytes16, FrameMessage, Padding, Ping, SUITE, SUITE_HYBRID, Tail, encode_frame};
use serde_json::{Value as Json, json};

use crate::inspect::hex;
use crate::vectors::session::keys::{Kem, chain, seed};

/// Counters of an epoch.
pub(super) const EPOCH: u64 = 65_536;
/// A second.
pub(super) const S: u64 = 1_000_000;
/// Own index and the peer's.
pub(super) const INDEX: u32 = 0x0102_0304;
const PEER_INDEX: u32 = 0xa1a2_a3a4;
/// Keys of epoch 0: the initiator's and the responder's.
const KEYS: [u8; 2] = [0x1e, 0x2e];
/// Randomness of the upgrade: of the key, and of the ciphertext.
const KEM_SEED: u8 = 0x3e;
const KEM_RANDOM: u8 = 0x4e;

/// A case.
pub(super) struct Story {
    id: &'static str,
    comment: &'static str,
    flag: &'static str,
    reqs: &'static [&'static str],
    initiator: bool,
    hybrid: bool,
    pub(super) kem: Kem,
    steps: Vec<Json>,
    /// When the next step is.
    now: u64,
}

pub(super) fn frame<'a>(message: &impl FrameMessage<'a>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A `Vec` takes every frame.
    let _ = encode_frame(message, &mut bytes);
    bytes
}

/// A frame that differs from others.
pub(super) fn ping(nonce: u32) -> Vec<u8> {
    frame(&Ping { nonce, view: 0, tail: Tail::default() })
}

/// A frame of padding, so long in all.
pub(super) fn padding(len: usize) -> Vec<u8> {
    frame(&Padding { bytes: Bytes16(&vec![0; len.saturating_sub(5)]), tail: Tail::default() })
}

impl Story {
    /// In suite 1.
    pub(super) fn new(
        id: &'static str,
        flag: &'static str,
        reqs: &'static [&'static str],
        comment: &'static str,
    ) -> Self {
        let (initiator, hybrid, kem) = (false, false, Kem::default());
        Self { id, comment, flag, reqs, initiator, hybrid, kem, steps: Vec::new(), now: 0 }
    }

    /// The side under test wrote the first message of the handshake.
    pub(super) fn by_initiator(self) -> Self {
        Self { initiator: true, ..self }
    }

    /// In suite 2.
    pub(super) fn hybrid(self) -> Self {
        Self { hybrid: true, kem: Kem::of(&seed(KEM_SEED), &[KEM_RANDOM; 32]), ..self }
    }

    /// Key of epoch 0: to send with, and to receive with.
    fn keys(&self) -> [[u8; 32]; 2] {
        let [i, r] = KEYS.map(|b| [b; 32]);
        if self.initiator { [i, r] } else { [r, i] }
    }

    fn key(&self, first: [u8; 32], counter: u64) -> [u8; 32] {
        let epoch = usize::try_from(counter / EPOCH).unwrap_or_default();
        chain(first, &self.kem.material, epoch + 1).pop().unwrap_or_default()
    }

    /// What the peer sends: sealed under the right key.
    pub(super) fn of_peer(&self, counter: u64, frames: &[u8]) -> Vec<u8> {
        packet(&self.key(self.keys()[1], counter), INDEX, counter, frames)
    }

    /// Sealed under the key that another counter has.
    pub(super) fn under_key_of(&self, other: u64, counter: u64, frames: &[u8]) -> Vec<u8> {
        packet(&self.key(self.keys()[1], other), INDEX, counter, frames)
    }

    /// Sealed under a key of its own, derived by `epoch`.
    pub(super) fn under(&self, derive: impl Fn([u8; 32]) -> [u8; 32], counter: u64, frames: &[u8]) -> Vec<u8> {
        packet(&derive(self.keys()[1]), INDEX, counter, frames)
    }

    /// What this side sends, as if it came back.
    pub(super) fn reflected(&self, index: u32, counter: u64, frames: &[u8]) -> Vec<u8> {
        packet(&self.key(self.keys()[0], counter), index, counter, frames)
    }

    /// From then on, in µs.
    pub(super) fn at(mut self, us: u64) -> Self {
        self.now = us;
        self
    }

    fn step(mut self, input: Json, out: Json) -> Self {
        self.steps.push(json!({ "at_us": self.now.to_string(), "in": input, "out": out }));
        self
    }

    /// A packet of the peer that is opened, and hands out all of its frames.
    pub(super) fn open(self, counter: u64) -> Self {
        let frames = ping(counter as u32);
        let packet = self.of_peer(counter, &frames);
        self.opens(&packet, &frames)
    }

    /// A packet that is opened and hands out these frames.
    pub(super) fn opens(self, packet: &[u8], frames: &[u8]) -> Self {
        self.step(json!({ "type": "packet", "bytes": hex(packet) }), json!({ "opened": hex(frames) }))
    }

    /// The genuine packet of a counter, which is refused now.
    pub(super) fn refuse(self, counter: u64) -> Self {
        let packet = self.of_peer(counter, &ping(counter as u32));
        self.refuses(&packet)
    }

    pub(super) fn refuses(self, packet: &[u8]) -> Self {
        self.step(json!({ "type": "packet", "bytes": hex(packet) }), json!({ "refused": "1" }))
    }

    /// Frames are sealed under the next counter, which is this one.
    pub(super) fn seal(self, counter: u64) -> Self {
        let frames = ping(counter as u32);
        let made = packet(&self.key(self.keys()[0], counter), PEER_INDEX, counter, &frames);
        self.step(json!({ "type": "seal", "frames": hex(&frames) }), json!({ "packet": hex(&made) }))
    }

    /// Frames cannot be sealed.
    pub(super) fn seals_nothing(self) -> Self {
        self.step(json!({ "type": "seal", "frames": hex(&ping(1)) }), json!({ "refused": "1" }))
    }

    /// So many packets are sealed, and lost.
    pub(super) fn skip(self, packets: u32) -> Self {
        self.step(json!({ "type": "skip", "packets": packets.to_string() }), json!({}))
    }

    pub(super) fn json(self) -> Json {
        let [send, receive] = self.keys().map(|k| hex(&k));
        let refused = self.steps.iter().any(|s| s["out"].get("refused").is_some());
        let kem = match (self.hybrid, self.initiator) {
            (false, _) => String::new(),
            (true, true) => hex(&seed(KEM_SEED)),
            (true, false) => hex(&[KEM_RANDOM; 32]),
        };
        json!({
            "id": format!("transport/{}", self.id),
            "comment": self.comment,
            "reqs": self.reqs,
            "flags": [self.flag],
            "result": if refused { "invalid" } else { "valid" },
            "role": if self.initiator { "initiator" } else { "responder" },
            "suite": if self.hybrid { SUITE_HYBRID } else { SUITE }.to_string(),
            "index": INDEX.to_string(),
            "peer_index": PEER_INDEX.to_string(),
            "send": send,
            "receive": receive,
            "kem": kem,
            "steps": self.steps,
        })
    }
}

/// Frames under a key, by chapter 04, section 1.2.
fn packet(key: &[u8; 32], index: u32, counter: u64, frames: &[u8]) -> Vec<u8> {
    let header = [&[4][..], &index.to_le_bytes(), &counter.to_le_bytes()].concat();
    let mut body = frames.to_vec();
    let tag = DEFAULT.seal(key, counter, &header, &mut body);
    [header, body, tag.to_vec()].concat()
}
