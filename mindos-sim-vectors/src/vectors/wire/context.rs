//! Family context.

use mindos_wire::{Bytes16, ContextData, Frame, Tail};

use super::super::case::Group;
use super::{fill, message};

pub(super) fn groups() -> Vec<Group> {
    let frame = |bytes| Frame::ContextData(ContextData { bytes: Bytes16(bytes), tail: Tail::default() });
    let (typical, kib) = (b"the city council met on Monday", fill::<1024>(0x63));
    vec![message(
        "context-data",
        &[("typical", frame(typical)), ("minimal", frame(&[])), ("kibibyte", frame(&kib))],
        Vec::new(),
    )]
}
