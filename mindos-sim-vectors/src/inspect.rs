//! `mindos inspect`: every field of an input with its offset, or the exact refusal.
//!
//! There is one decoder, that of `mindos-wire`; this module runs it with an observer and prints what it saw.

pub mod cli;
mod render;
#[cfg(test)]
mod tests;
mod trace;

use mindos_wire::{Frame, Packet, Reader, Record, WireError};
use serde_json::{Value as Json, json};

pub use render::render;
pub use trace::{Event, Leaf, Trace, hex, unhex};

/// What an input is decoded as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// One frame and nothing else.
    Frame,
    /// A sequence of frames: the content of an opened packet or of a delivered message.
    Frames,
    /// A record.
    Record,
    /// A datagram.
    Packet,
}

impl Kind {
    /// Name in output and in vectors.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Frame => "frame",
            Self::Frames => "frames",
            Self::Record => "record",
            Self::Packet => "packet",
        }
    }
}

/// A decoded value: one trace, or one per frame of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// What it was decoded as.
    pub kind: Kind,
    /// What the decoder read, one trace per frame of a sequence.
    pub traces: Vec<Trace>,
    /// The same value encoded again: equal to the input, or the decoder is wrong.
    pub again: Vec<u8>,
}

impl Decoded {
    /// The value as the vectors write it.
    pub fn json(&self) -> Json {
        match self.kind {
            Kind::Frames => self.traces.iter().map(Trace::json).collect(),
            _ => self.traces.first().map_or(Json::Null, Trace::json),
        }
    }
}

/// Decodes `bytes` as `kind`.
///
/// # Errors
/// The refusal, with the events up to it.
pub fn decode(kind: Kind, bytes: &[u8]) -> Result<Decoded, Refused> {
    let mut traces = vec![Trace::default()];
    let again = read(kind, bytes, &mut traces);
    let refused = |error, traces| Refused { kind, error, traces };
    match again {
        Ok(again) => {
            if kind == Kind::Frames {
                traces.pop();
            }
            Ok(Decoded { kind, traces, again })
        }
        Err(error) => Err(refused(error, traces)),
    }
}

/// A refusal, and what was read before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What the input was decoded as.
    pub kind: Kind,
    /// Class, position, and what stood there.
    pub error: WireError,
    /// What the decoder read before.
    pub traces: Vec<Trace>,
}

/// Reads into the last of `traces`, which grows by one for each frame of a sequence.
fn read(kind: Kind, bytes: &[u8], traces: &mut Vec<Trace>) -> Result<Vec<u8>, WireError> {
    let mut again = vec![0; bytes.len() + 1];
    let mut sink = &mut again[..];
    // Encoding what was decoded cannot need more room than the input had; if it did, the comparison with
    // the input fails, and that is the message.
    match kind {
        Kind::Packet => {
            let packet = Packet::read(bytes, last(traces))?;
            let _ = packet.encode(&mut sink);
        }
        Kind::Record => {
            let record = Record::read(bytes, last(traces))?;
            let _ = record.encode(&mut sink);
        }
        Kind::Frame => {
            let mut r = Reader::new(bytes);
            let frame = Frame::read(&mut r, last(traces))?;
            r.finish("frame")?;
            let _ = frame.encode(&mut sink);
        }
        Kind::Frames => {
            let mut r = Reader::new(bytes);
            while !r.rest().is_empty() {
                let frame = Frame::read(&mut r, last(traces))?;
                let _ = frame.encode(&mut sink);
                traces.push(Trace::default());
            }
        }
    }
    let left = sink.len();
    again.truncate(bytes.len() + 1 - left);
    Ok(again)
}

fn last(traces: &mut Vec<Trace>) -> &mut Trace {
    if traces.is_empty() {
        traces.push(Trace::default());
    }
    let n = traces.len() - 1;
    &mut traces[n]
}

/// Tries record, frames and packet, from the strictest form to the loosest (any 29 bytes that begin with 4
/// are a sealed packet), and takes the first that is accepted. If none is, the one that was read furthest
/// tells its refusal.
///
/// # Errors
/// That refusal.
pub fn detect(bytes: &[u8]) -> Result<Decoded, Refused> {
    let mut best: Option<Refused> = None;
    for kind in [Kind::Record, Kind::Frames, Kind::Packet] {
        match decode(kind, bytes) {
            Ok(decoded) if !decoded.traces.is_empty() => return Ok(decoded),
            Ok(_) => {}
            Err(refused) => {
                if best.as_ref().is_none_or(|b| refused.error.at > b.error.at) {
                    best = Some(refused);
                }
            }
        }
    }
    // Only an empty input could get here without a refusal, and a packet refuses that.
    best.map_or_else(|| decode(Kind::Packet, bytes), Err)
}

/// The result as one JSON value: `kind`, then `value` and `fields`, or `refused` and the fields before it.
pub fn to_json(result: &Result<Decoded, Refused>) -> Json {
    match result {
        Ok(d) => json!({ "kind": d.kind.name(), "value": d.json(), "fields": render::rows_json(&d.traces) }),
        Err(r) => json!({
            "kind": r.kind.name(),
            "refused": { "class": r.error.class.name(), "at": r.error.at, "what": r.error.what },
            "fields": render::rows_json(&r.traces),
        }),
    }
}
