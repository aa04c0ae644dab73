//! What the fuzz targets do, apart from any fuzzer: plain functions over bytes that hold or panic.
//!
//! `fuzz_targets/` hands them to libFuzzer; `tests/replay.rs` hands them the corpus, past crashes and all
//! wire vectors on stable Rust. [`packet`], [`frames`] and [`record`] decode and encode; [`views`] goes from
//! bytes to JSON views and back; [`node`] lets bytes
//! decide what happens between two living nodes and a third that holds valid keys and means harm; [`handshake`] and
//! [`transport`] do the same to two session machines alone, and know of every packet who made it.

mod cheap;
mod handshake;
mod hostile;
mod node;
mod pair;
mod script;
mod transport;
mod views;
mod wire;

use mindos_wire::{
    BufferFull, Frame, IntentBody, Message, Observer, Packet, Reader, Record, RecordBody, Value, WireError,
    decode_frame,
};
use std::ops::Range;

pub use handshake::handshake;
pub use node::node;
pub use transport::transport;
pub use views::views;

/// A datagram: one packet or a refusal, and an accepted one re-encodes to itself.
///
/// # Panics
/// If the codec breaks a promise.
pub fn packet(data: &[u8]) {
    let mut watch = Watch::new(data);
    let seen = Packet::read(data, &mut watch);
    assert_eq!(seen, Packet::decode(data), "observing changes nothing");
    match seen {
        Ok(packet) => encodes_to(data, |w| packet.encode(w), |w| packet.encode(w)),
        Err(error) => refused(error, data),
    }
}

/// What a sealed packet or a message holds: frames up to the end or the first refusal; each re-encodes
/// to the bytes that it was read from.
///
/// # Panics
/// If the codec breaks a promise.
pub fn frames(data: &[u8]) {
    let mut watch = Watch::new(data);
    let mut observed = Reader::new(data);
    let mut iterated = mindos_wire::frames(data);
    let mut rest = data;
    while !rest.is_empty() {
        let at = data.len() - rest.len();
        let decoded = Frame::decode(rest);
        if let Ok((Frame::LoadAdvert(advert), after)) = decoded {
            assert_eq!(decode_frame(rest), Ok((advert, after)), "a reader that expects the type reads the same");
        }
        let seen = Frame::read(&mut observed, &mut watch);
        // Positions count from the start of what was given, so that only what is read must agree.
        assert_eq!(iterated.next(), Some(seen), "iterating is reading");
        match (decoded, seen) {
            (Ok((frame, after)), Ok(same)) => {
                assert_eq!(frame, same, "observing changes nothing");
                let bytes = &rest[..rest.len() - after.len()];
                encodes_to(bytes, |w| frame.encode(w), |w| frame.encode(w));
                rest = after;
            }
            (Err(error), Err(same)) => {
                assert_eq!((error.class, error.at + at), (same.class, same.at), "positions are whole");
                refused(same, data);
                break;
            }
            (decoded, seen) => unreachable!("{decoded:?} is not {seen:?}"),
        }
    }
    assert_eq!(iterated.next(), None, "nothing after the end or a refusal");
}

/// A record: what third parties relay.
///
/// # Panics
/// If the codec breaks a promise.
pub fn record(data: &[u8]) {
    let mut watch = Watch::new(data);
    let seen = Record::read(data, &mut watch);
    assert_eq!(seen, Record::decode(data), "observing changes nothing");
    if data.first() == Some(&IntentBody::TYPE) {
        let typed = Record::<IntentBody<'_>>::decode_as(data).map(|r| (r.head, RecordBody::Intent(r.body)));
        assert_eq!(typed, seen.map(|r| (r.head, r.body)), "a reader that expects the type reads the same");
    }
    match seen {
        Ok(record) => {
            assert!(data.starts_with(record.signed) && data.ends_with(record.signature), "signed bytes are the input");
            encodes_to(data, |w| record.encode(w), |w| record.encode(w));
        }
        Err(error) => refused(error, data),
    }
}

/// One value, one byte string: into a growing buffer, into one that just fits, and not into a smaller.
fn encodes_to(
    bytes: &[u8],
    grow: impl FnOnce(&mut Vec<u8>) -> Result<(), BufferFull>,
    fit: impl Fn(&mut &mut [u8]) -> Result<(), BufferFull>,
) {
    let mut out = Vec::new();
    assert_eq!(grow(&mut out), Ok(()), "what was read can be written");
    assert_eq!(out, bytes, "accepted bytes re-encode to themselves");
    out.fill(0);
    assert_eq!(fit(&mut &mut out[..]), Ok(()), "the stated size is enough");
    assert_eq!(out, bytes, "a slice takes the same bytes");
    if let Some(shorter) = bytes.len().checked_sub(1) {
        assert_eq!(fit(&mut &mut out[..shorter]), Err(BufferFull), "and a byte less is not");
    }
}

fn refused(error: WireError, data: &[u8]) {
    assert!(error.at <= data.len(), "{error} lies outside the {} bytes of the input", data.len());
}

/// Reading tells of bytes in order, each within the input and none twice.
struct Watch {
    len: usize,
    next: usize,
}

impl Watch {
    fn new(data: &[u8]) -> Self {
        Self { len: data.len(), next: 0 }
    }
}

impl Observer for Watch {
    fn leaf(&mut self, name: &'static str, span: Range<usize>, _: Value<'_>) {
        assert!(self.next <= span.start && span.end <= self.len, "{name} at {span:?} of {}", self.len);
        self.next = span.end;
    }

    fn list(&mut self, name: &'static str, span: Range<usize>, _: usize) {
        assert!(self.next <= span.start && span.end <= self.len, "{name} at {span:?} of {}", self.len);
        self.next = span.end;
    }
}
