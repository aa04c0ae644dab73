//! Resource quantities in 16 bits (spec 02): 5 bits of exponent, 11 of fraction, with bias.

use crate::{BufferFull, Field, Observer, Reader, Shape, Sink, Value, WireError};

/// `((2048 | m) << e) - 2048`. Codes compare as the quantities do; exact up to 2,048, relative error
/// at most 1/2049 by rounding down (0.049 %), largest value 8,793,945,536,512.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minifloat(pub u16);

impl Minifloat {
    /// The largest quantity.
    pub const MAX: u64 = (4095 << 31) - 2048;

    /// The largest code whose quantity is not above `quantity`; saturates at [`MAX`](Self::MAX).
    pub const fn floor(quantity: u64) -> Self {
        // spec: WIRE-007 e1d4
        let q = if quantity > Self::MAX { Self::MAX } else { quantity } + 2048;
        // 2048 <= q, so the leading one is at bit 11 or above.
        let e = 52 - q.leading_zeros();
        let m = (q >> e) & 2047;
        Self(((e as u16) << 11) + m as u16)
    }

    /// The quantity.
    pub const fn quantity(self) -> u64 {
        // spec: WIRE-008 8610
        ((2048 + (self.0 & 2047) as u64) << (self.0 >> 11)) - 2048
    }
}

impl<'a> Field<'a> for Minifloat {
    const SHAPE: Shape = Shape::Minifloat;

    #[inline(always)]
    fn get<O: Observer>(r: &mut Reader<'a>, name: &'static str, o: &mut O) -> Result<Self, WireError> {
        let at = r.position();
        let v = Self(u16::from_le_bytes(*r.array(name)?));
        o.leaf(name, at..r.position(), Value::Uint(v.quantity()));
        Ok(v)
    }

    fn size(&self) -> usize {
        2
    }

    #[inline(always)]
    fn put(&self, w: &mut impl Sink) -> Result<(), BufferFull> {
        w.put(&self.0.to_le_bytes())
    }
}
