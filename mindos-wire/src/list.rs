//! Lists of items of fixed width: validated once, iterated lazily.

use crate::{BufferFull, ErrorClass, Field, FieldShape, Observer, Reader, Shape, Sink, WireError};
use core::slice;

/// A list item of fixed width.
pub trait Item: Copy + PartialEq {
    /// Bytes per item.
    const SIZE: usize;
    /// Whether a list of them has a u16 count; otherwise a u8 count.
    const WIDE: bool = false;
    /// Its fields. A bare scalar is one field named `value`.
    const FIELDS: &'static [FieldShape];
    /// Reads one item.
    fn get<O: Observer>(r: &mut Reader<'_>, o: &mut O) -> Result<Self, WireError>;
    /// Copies `item` or, without one, reads `raw`, which has the width of an item and was validated. Field by
    /// field, so that the two ways do not meet in a register that has to be taken apart again.
    #[doc(hidden)]
    #[inline(always)]
    fn of(item: Option<&Self>, raw: &[u8]) -> Option<Self> {
        item.copied().or_else(|| Self::get(&mut Reader::new(raw), &mut crate::NoObserver).ok())
    }
    /// Writes the item.
    fn put(&self, w: &mut impl Sink) -> Result<(), BufferFull>;
    /// Whether `next` may follow `self`: lists in a stated order override this.
    fn precedes(&self, _next: &Self) -> bool {
        true
    }
}

/// A count (u8, or u16 where [`Item::WIDE`]) and that many items of `T`.
///
/// Borrowed either from decoded bytes or from a slice of items to encode; the two compare equal if
/// their items do.
#[derive(Clone, Copy)]
pub struct List<'a, T> {
    /// Validated bytes; none if the list is to be encoded.
    raw: &'a [u8],
    /// Items to encode; none if the list was decoded.
    items: &'a [T],
}

impl<'a, T: Item> List<'a, T> {
    /// A list to encode. Fails to encode if its count does not fit.
    pub const fn new(items: &'a [T]) -> Self {
        Self { raw: &[], items }
    }

    /// Number of items.
    pub const fn len(&self) -> usize {
        self.raw.len() / T::SIZE + self.items.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The items in order.
    pub fn iter(&self) -> impl Iterator<Item = T> + use<'a, T> {
        Iter { raw: self.raw, items: self.items.iter() }
    }
}

/// One of the two is empty. Plainer than a chain, and half of its instructions.
struct Iter<'a, T> {
    raw: &'a [u8],
    items: slice::Iter<'a, T>,
}

impl<T: Item> Iterator for Iter<'_, T> {
    type Item = T;

    #[inline(always)]
    fn next(&mut self) -> Option<T> {
        let (item, raw) = match self.raw.split_at_checked(T::SIZE) {
            Some((raw, rest)) => {
                self.raw = rest;
                (None, raw)
            }
            None => (Some(self.items.next()?), &[][..]),
        };
        T::of(item, raw)
    }
}

impl<'a, T: Item> Field<'a> for List<'a, T> {
    const SHAPE: Shape = Shape::List { wide: T::WIDE, width: T::SIZE, fields: T::FIELDS };

    #[inline(always)]
    fn get<O: Observer>(r: &mut Reader<'a>, name: &'static str, o: &mut O) -> Result<Self, WireError> {
        let at = r.position();
        let n = if T::WIDE {
            usize::from(u16::from_le_bytes(*r.array(name)?))
        } else {
            usize::from(r.array::<1>(name)?[0])
        };
        let base = r.position();
        // spec: WIRE-010 fd17
        let raw = r.take(n * T::SIZE, name)?;
        o.list(name, at..base, n);
        // An item at a time has its width for the compiler too: nothing in it can be truncated.
        if let Some((first, mut rest)) = raw.split_at_checked(T::SIZE) {
            item::<T, O>(first, base, o)?;
            let mut last = first;
            while let Some((next, after)) = rest.split_at_checked(T::SIZE) {
                let start = base + (raw.len() - rest.len());
                item::<T, O>(next, start, o)?;
                // spec: WIRE-009 ecdd
                if let (Some(a), Some(b)) = (T::of(None, last), T::of(None, next))
                    && !a.precedes(&b)
                {
                    return Err(WireError { class: ErrorClass::Order, at: start, what: name });
                }
                (last, rest) = (next, after);
            }
        }
        o.close();
        Ok(Self { raw, items: &[] })
    }

    fn size(&self) -> usize {
        1 + usize::from(T::WIDE) + self.len() * T::SIZE
    }

    #[inline(always)]
    fn put(&self, w: &mut impl Sink) -> Result<(), BufferFull> {
        // spec: WIRE-005 ab9c
        if T::WIDE {
            w.put(&u16::try_from(self.len()).map_err(|_| BufferFull)?.to_le_bytes())?;
        } else {
            w.put(&[u8::try_from(self.len()).map_err(|_| BufferFull)?])?;
        }
        w.put(self.raw)?;
        self.items.iter().try_for_each(|i| i.put(w))
    }
}

#[inline(always)]
fn item<T: Item, O: Observer>(raw: &[u8], at: usize, o: &mut O) -> Result<(), WireError> {
    o.open("item", at);
    T::get(&mut Reader::at(raw, at), o)?;
    o.close();
    Ok(())
}

impl<T: Item> PartialEq for List<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<T: Item + Eq> Eq for List<'_, T> {}

impl<T: Item + core::fmt::Debug> core::fmt::Debug for List<'_, T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: Item> Default for List<'_, T> {
    fn default() -> Self {
        Self::new(&[])
    }
}

/// A bare u32 is an item (a list of aliases).
impl Item for u32 {
    const SIZE: usize = 4;
    const WIDE: bool = true;
    const FIELDS: &'static [FieldShape] = &[FieldShape { name: "value", shape: Shape::Uint(4) }];

    fn get<O: Observer>(r: &mut Reader<'_>, o: &mut O) -> Result<Self, WireError> {
        <u32 as Field>::get(r, "value", o)
    }

    fn put(&self, w: &mut impl Sink) -> Result<(), BufferFull> {
        Field::put(self, w)
    }

    fn precedes(&self, next: &Self) -> bool {
        self < next
    }
}
