//! The extension tail that ends every message: `(tag u16, length u16, value)` in strictly rising order.

use crate::{BufferFull, ErrorClass, Field, Observer, Reader, Shape, Sink, Value, WireError};

/// Extension of a beacon: a cost proof (spec 03).
pub const TAG_COST: u16 = 0x0001;
/// Extension of a beacon: who vouches for its author (spec 03).
pub const TAG_VOUCHER: u16 = 0x0003;

/// The extensions of a message, validated. An odd tag may be ignored, and is kept so that the message
/// re-encodes to itself; an even tag must be understood, and this version knows none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tail<'a>(&'a [u8]);

impl<'a> Tail<'a> {
    /// A tail to encode, validated like a received one.
    pub fn new(raw: &'a [u8]) -> Result<Self, WireError> {
        let mut r = Reader::new(raw);
        Self::get(&mut r, "tail", &mut crate::NoObserver)
    }

    /// The extensions in order.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &'a [u8])> + use<'a> {
        let mut r = Reader::new(self.0);
        core::iter::from_fn(move || entry(&mut r).ok())
    }

    /// The bytes of the tail.
    pub const fn bytes(&self) -> &'a [u8] {
        self.0
    }
}

fn entry<'a>(r: &mut Reader<'a>) -> Result<(u16, &'a [u8]), WireError> {
    let tag = u16::from_le_bytes(*r.array("tag")?);
    let n = u16::from_le_bytes(*r.array("tag length")?);
    Ok((tag, r.take(usize::from(n), "tag value")?))
}

impl<'a> Field<'a> for Tail<'a> {
    const SHAPE: Shape = Shape::Tail;

    /// Takes everything that is left of the message.
    #[inline(always)]
    fn get<O: Observer>(r: &mut Reader<'a>, _: &'static str, o: &mut O) -> Result<Self, WireError> {
        // spec: WIRE-015 6abd
        let raw = r.rest();
        if !raw.is_empty() {
            let end = r.position() + raw.len();
            // A reader of its own: the caller's stays in registers.
            validate(Reader::at(raw, r.position()), o)?;
            *r = Reader::at(&[], end);
        }
        Ok(Self(raw))
    }

    fn size(&self) -> usize {
        self.0.len()
    }

    #[inline(always)]
    fn put(&self, w: &mut impl Sink) -> Result<(), BufferFull> {
        w.put(self.0)
    }
}

// Out of line: tails are rare, and the hot decoders stay small.
#[inline(never)]
fn validate<O: Observer>(mut r: Reader<'_>, o: &mut O) -> Result<(), WireError> {
    let mut last: Option<u16> = None;
    while !r.rest().is_empty() {
        let at = r.position();
        let (tag, value) = entry(&mut r)?;
        // spec: WIRE-016 034a
        if last.is_some_and(|l| l >= tag) {
            return Err(WireError { class: ErrorClass::Order, at, what: "tag" });
        }
        // spec: WIRE-017 1a53
        if tag % 2 == 0 {
            return Err(WireError { class: ErrorClass::UnknownCritical, at, what: "tag" });
        }
        // spec: WIRE-018 dbe1
        last = Some(tag);
        o.open("extension", at);
        o.leaf("tag", at..at + 2, Value::Uint(u64::from(tag)));
        o.leaf("value", at + 2..r.position(), Value::Bytes(value));
        o.close();
    }
    Ok(())
}
