//! Cases of the wire format (spec 02): samples of every message, and what can be wrong with each.

mod context;
mod delivery;
mod derive;
mod draft;
mod intent;
mod link;
mod load;
mod membership;
mod minifloat;
mod packet;
mod record;
mod segment;
mod sequence;
mod trust;

use mindos_wire::{FieldShape, Frame, FrameBuf, FrameType, RecordBuf, Shape};
use serde_json::Value as Json;

use super::case::{Case, File, Group, Procedure};
use crate::inspect::Kind;

/// All files of this layer.
pub(super) fn files() -> Vec<File> {
    let frames = |name, header, groups| File { name, header, groups };
    vec![
        frames("wire_link", "Frames of family link.", link::groups()),
        frames("wire_delivery", "Frames of family delivery.", delivery::groups()),
        frames("wire_membership", "Frames of family membership.", membership::groups()),
        frames("wire_segment", "Frames of family segment.", segment::groups()),
        frames("wire_load", "Frames of family load.", load::groups()),
        frames("wire_intent", "Frames of family intent.", intent::groups()),
        frames("wire_context", "Frames of family context.", context::groups()),
        frames("wire_trust", "Frames of family trust.", trust::groups()),
        frames("wire_sequence", "Sequences of frames, and frames of unknown types.", sequence::groups()),
        frames("wire_record", "Records; their signatures are filler and must not be verified.", record::groups()),
        frames("wire_packet", "Packets; keys and ciphertexts are filler.", packet::groups()),
        frames("wire_minifloat", "Quantities and the codes that state them.", minifloat::groups()),
    ]
}

/// A filler of `N` bytes that tells one field from another.
const fn fill<const N: usize>(byte: u8) -> [u8; N] {
    [byte; N]
}

/// Bytes of a frame.
fn bytes(frame: &Frame<'_>) -> Vec<u8> {
    let mut buf = vec![0; 70_000];
    let mut sink = &mut buf[..];
    // Samples are far below the buffer's size; if one were not, its case would fail to decode.
    let _ = frame.encode(&mut sink);
    let left = sink.len();
    buf.truncate(70_000 - left);
    buf
}

/// Bytes of a frame given as its JSON view.
fn frame_of(view: Json) -> Vec<u8> {
    // An empty sample fails to decode when its case is written.
    serde_json::from_value::<FrameBuf>(view).map(FrameBuf::into_bytes).unwrap_or_default()
}

/// Bytes of a record given as its JSON view.
fn record_of(view: Json) -> Vec<u8> {
    serde_json::from_value::<RecordBuf>(view).map(RecordBuf::into_bytes).unwrap_or_default()
}

/// Hex of a filler, for views.
fn filler(byte: u8, length: usize) -> String {
    crate::inspect::hex(&vec![byte; length])
}

/// The group of a message that has no rules between its fields: `typical`, and its ends by declaration.
fn plain(name: &'static str, typical: Json) -> Group {
    let ends = FrameType::ALL.iter().find(|t| t.name == name).map(|t| {
        let end = |most| typed(t.code, &t.fields.iter().flat_map(|f| end(f.shape, most)).collect::<Vec<u8>>());
        [("minimal", end(false)), ("maximal", end(true))]
    });
    let samples = [("typical", frame_of(typical))].into_iter().chain(ends.into_iter().flatten());
    group(name, &samples.collect::<Vec<_>>(), Vec::new())
}

/// A frame of any type around a body.
fn typed(code: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap_or(u16::MAX).to_le_bytes();
    [&[code][..], &length, body].concat()
}

/// The least or greatest value of a field; of a list, nothing or one item.
fn end(shape: Shape, most: bool) -> Vec<u8> {
    let filled = |n| vec![if most { u8::MAX } else { 0 }; n];
    match shape {
        Shape::Uint(n) | Shape::Bytes(n) => filled(n),
        Shape::Minifloat => filled(2),
        Shape::Flag => vec![u8::from(most)],
        Shape::Code(_, points) => {
            let point = if most { points.last() } else { points.first() };
            point.map(|p| p.0).into_iter().collect()
        }
        Shape::Bytes8 if most => [vec![u8::MAX], filled(255)].concat(),
        Shape::Name if most => [&[255][..], &[b'z'; 249], b"/65535"].concat(),
        Shape::Name => b"\x03a/1".to_vec(),
        Shape::Bytes16 if most => [&300_u16.to_le_bytes()[..], &filled(300)].concat(),
        Shape::List { wide, fields, .. } if most => {
            let item = fields.iter().flat_map(|f: &FieldShape| end(f.shape, true));
            [1].into_iter().chain(wide.then_some(0)).chain(item).collect()
        }
        Shape::Bytes8 => vec![0],
        Shape::Bytes16 => vec![0; 2],
        Shape::List { wide, .. } => vec![0; if wide { 2 } else { 1 }],
        Shape::Tail => Vec::new(),
    }
}

/// The group of one message: its samples, all that is derived from the first of them, and `more`.
fn message(name: &'static str, samples: &[(&str, Frame<'_>)], more: Vec<Case>) -> Group {
    let samples: Vec<_> = samples.iter().map(|(sample, frame)| (*sample, bytes(frame))).collect();
    group(name, &samples, more)
}

/// The same of encoded samples. The first has at least two items in every list that rises, and no tail.
fn group(name: &'static str, samples: &[(&str, Vec<u8>)], more: Vec<Case>) -> Group {
    let mut cases = Vec::new();
    for (sample, frame) in samples {
        let comment = match *sample {
            "typical" => "ordinary values",
            "minimal" => "every field at its least",
            "maximal" => "every scalar at its greatest",
            _ => "see the id",
        };
        let flag = if *sample == "typical" { "Normal" } else { "Boundary" };
        let id = format!("wire/{name}/{sample}");
        cases.push(Case::valid(id, flag, &["WIRE-001", "WIRE-006", "WIRE-011"], frame.clone(), comment));
    }
    if let Some((_, frame)) = samples.first() {
        cases.extend(derive::frame(name, frame));
    }
    cases.extend(more);
    Group { procedure: Procedure::Decode(Kind::Frame), message: name, cases }
}
