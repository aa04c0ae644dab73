//! Cases of the wire format (spec 02): samples of every message, and what can be wrong with each.

mod context;
mod delivery;
mod derive;
mod intent;
mod link;
mod load;
mod membership;
mod minifloat;
mod packet;
mod record;
mod sequence;

use mindos_wire::Frame;

use super::case::{Case, File, Group, Procedure};
use crate::inspect::Kind;

/// All files of this layer.
pub(super) fn files() -> Vec<File> {
    let frames = |name, header, groups| File { name, header, groups };
    vec![
        frames("wire_link", "Frames of family link.", link::groups()),
        frames("wire_delivery", "Frames of family delivery.", delivery::groups()),
        frames("wire_membership", "Frames of family membership.", membership::groups()),
        frames("wire_load", "Frames of family load.", load::groups()),
        frames("wire_intent", "Frames of family intent.", intent::groups()),
        frames("wire_context", "Frames of family context.", context::groups()),
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

/// The group of one message: its samples, all that is derived from the first of them, and `more`.
///
/// The first sample has at least two items in every list and no tail.
fn message(name: &'static str, samples: &[(&str, Frame<'_>)], more: Vec<Case>) -> Group {
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
        cases.push(Case::valid(id, flag, &["WIRE-001", "WIRE-006", "WIRE-011"], bytes(frame), comment));
    }
    if let Some((_, frame)) = samples.first() {
        cases.extend(derive::frame(name, &bytes(frame)));
    }
    cases.extend(more);
    Group { procedure: Procedure::Decode(Kind::Frame), message: name, cases }
}
