//! Scalars and byte strings: the parts that messages are made of.

use crate::{BufferFull, ErrorClass, Observer, Shape, Value, WireError};

/// A cursor over input bytes. All integers are little-endian and of fixed width (spec 02).
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    buf: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Reads `buf` from its start.
    pub const fn new(buf: &'a [u8]) -> Self {
        Self { buf, at: 0 }
    }

    /// Reads a part of a larger input that starts at `base`, so that positions in errors are whole.
    pub const fn at(buf: &'a [u8], base: usize) -> Self {
        Self { buf, at: base }
    }

    /// Offset of the next byte from the start of the whole input.
    pub const fn position(&self) -> usize {
        self.at
    }

    /// What has not been read.
    pub const fn rest(&self) -> &'a [u8] {
        self.buf
    }

    /// A refusal at the current position.
    pub const fn error(&self, class: ErrorClass, what: &'static str) -> WireError {
        WireError { class, at: self.at, what }
    }

    /// Takes the next `n` bytes.
    #[inline(always)]
    pub fn take(&mut self, n: usize, what: &'static str) -> Result<&'a [u8], WireError> {
        // spec: WIRE-002 b6cd
        let (head, rest) = self.buf.split_at_checked(n).ok_or(self.error(ErrorClass::Truncated, what))?;
        self.buf = rest;
        self.at += n;
        Ok(head)
    }

    /// Takes the next `N` bytes as an array.
    #[inline(always)]
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<&'a [u8; N], WireError> {
        // spec: WIRE-002 b6cd
        let (head, rest) = self.buf.split_first_chunk::<N>().ok_or(self.error(ErrorClass::Truncated, what))?;
        self.buf = rest;
        self.at += N;
        Ok(head)
    }

    /// Refuses what is left over.
    pub fn finish(&self, what: &'static str) -> Result<(), WireError> {
        if self.buf.is_empty() { Ok(()) } else { Err(self.error(ErrorClass::Trailing, what)) }
    }
}

/// Where encoded bytes go: a slice (advancing as it fills) or, with `alloc`, a `Vec<u8>`.
pub trait Sink {
    /// Appends `bytes`, or fails with nothing written.
    fn put(&mut self, bytes: &[u8]) -> Result<(), BufferFull>;
}

impl Sink for &mut [u8] {
    #[inline(always)]
    fn put(&mut self, bytes: &[u8]) -> Result<(), BufferFull> {
        let (head, rest) = core::mem::take(self).split_at_mut_checked(bytes.len()).ok_or(BufferFull)?;
        head.copy_from_slice(bytes);
        *self = rest;
        Ok(())
    }
}

#[cfg(feature = "alloc")]
impl Sink for alloc::vec::Vec<u8> {
    #[inline(always)]
    fn put(&mut self, bytes: &[u8]) -> Result<(), BufferFull> {
        self.extend_from_slice(bytes);
        Ok(())
    }
}

/// Anything that has a place in a message.
pub trait Field<'a>: Sized {
    /// How it lies in the bytes.
    const SHAPE: Shape;

    /// Reads and validates one value. Refuses everything that would not re-encode to the same bytes.
    // spec: WIRE-006 2e6d
    fn get<O: Observer>(r: &mut Reader<'a>, name: &'static str, o: &mut O) -> Result<Self, WireError>;

    /// The number of bytes that [`put`](Self::put) writes.
    fn size(&self) -> usize;

    /// Writes the value.
    fn put(&self, w: &mut impl Sink) -> Result<(), BufferFull>;
}

macro_rules! scalars {
    ($($t:ty)*) => {$(
        impl<'a> Field<'a> for $t {
            const SHAPE: Shape = Shape::Uint(size_of::<$t>());

            #[inline(always)]
            fn get<O: Observer>(r: &mut Reader<'a>, name: &'static str, o: &mut O) -> Result<Self, WireError> {
                let at = r.position();
                let v = <$t>::from_le_bytes(*r.array(name)?);
                o.leaf(name, at..r.position(), Value::Uint(v as u64));
                Ok(v)
            }

            #[inline(always)]
            fn size(&self) -> usize {
                size_of::<$t>()
            }

            #[inline(always)]
            fn put(&self, w: &mut impl Sink) -> Result<(), BufferFull> {
                // spec: WIRE-001 572f
                w.put(&self.to_le_bytes())
            }
        }
    )*};
}
scalars! { u8 u16 u32 u64 }

impl<'a, const N: usize> Field<'a> for &'a [u8; N] {
    const SHAPE: Shape = Shape::Bytes(N);

    #[inline(always)]
    fn get<O: Observer>(r: &mut Reader<'a>, name: &'static str, o: &mut O) -> Result<Self, WireError> {
        let at = r.position();
        let v = r.array(name)?;
        o.leaf(name, at..r.position(), Value::Bytes(v));
        Ok(v)
    }

    #[inline(always)]
    fn size(&self) -> usize {
        N
    }

    #[inline(always)]
    fn put(&self, w: &mut impl Sink) -> Result<(), BufferFull> {
        w.put(&self[..])
    }
}

macro_rules! byte_strings {
    ($(#[$doc:meta])* $name:ident, $len:ty, $shape:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name<'a>(pub &'a [u8]);

        impl<'a> Field<'a> for $name<'a> {
            const SHAPE: Shape = Shape::$shape;

            #[inline(always)]
            fn get<O: Observer>(r: &mut Reader<'a>, name: &'static str, o: &mut O) -> Result<Self, WireError> {
                let at = r.position();
                let n = <$len>::from_le_bytes(*r.array(name)?);
                let v = r.take(usize::from(n), name)?;
                o.leaf(name, at..r.position(), Value::Bytes(v));
                Ok(Self(v))
            }

            fn size(&self) -> usize {
                size_of::<$len>() + self.0.len()
            }

            #[inline(always)]
            fn put(&self, w: &mut impl Sink) -> Result<(), BufferFull> {
                // spec: WIRE-005 ab9c
                let n = <$len>::try_from(self.0.len()).map_err(|_| BufferFull)?;
                w.put(&n.to_le_bytes())?;
                w.put(self.0)
            }
        }
    };
}
byte_strings! {
    /// A byte string of at most 255 bytes: a u8 length, then the bytes.
    Bytes8, u8, Bytes8
}
byte_strings! {
    /// A byte string of at most 65,535 bytes: a u16 length, then the bytes.
    Bytes16, u16, Bytes16
}

/// Yes or no in one byte, 1 or 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flag(pub bool);

impl<'a> Field<'a> for Flag {
    const SHAPE: Shape = Shape::Flag;

    #[inline(always)]
    fn get<O: Observer>(r: &mut Reader<'a>, name: &'static str, o: &mut O) -> Result<Self, WireError> {
        let at = r.position();
        let v = match r.array(name)? {
            [0] => false,
            [1] => true,
            // spec: WIRE-004 13ce
            _ => return Err(WireError { class: ErrorClass::Range, at, what: name }),
        };
        o.leaf(name, at..at + 1, Value::Uint(u64::from(v)));
        Ok(Self(v))
    }

    fn size(&self) -> usize {
        1
    }

    #[inline(always)]
    fn put(&self, w: &mut impl Sink) -> Result<(), BufferFull> {
        w.put(&[u8::from(self.0)])
    }
}
