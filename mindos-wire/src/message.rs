//! Declaring messages so that the file reads like the spec's table.

use crate::{BufferFull, FieldShape, MemberState, Minifloat, NoObserver, Observer, Reader, Shape, Sink, WireError};

/// A message, the body of a frame or of a record: a fixed order of fields and an extension tail.
pub trait Message<'a>: Sized {
    /// Code point in `registry/frames.toml` or `registry/records.toml`. An odd frame may be ignored.
    const TYPE: u8;
    /// Name in the registry, in vectors and in output.
    const NAME: &'static str;
    /// Its fields in order, without the tail.
    const FIELDS: &'static [FieldShape];
    /// Reads the body, which ends where `r` does.
    fn get<O: Observer>(r: &mut Reader<'a>, o: &mut O) -> Result<Self, WireError>;
    /// Bytes of the body.
    fn size(&self) -> usize;
    /// Writes the body.
    fn put(&self, w: &mut impl Sink) -> Result<(), BufferFull>;
}

/// A [`Message`] that is the body of a frame: frames and records have code points of their own.
pub trait FrameMessage<'a>: Message<'a> {}

/// A [`Message`] that is the body of a record.
pub trait RecordMessage<'a>: Message<'a> {}

/// `message! { 0x02 Ping "ping" { nonce: u32, … } }` declares a view with its codec. Every message ends
/// in a `tail`; `where "what" |m| …, Class;` states a rule of the message, in this order.
macro_rules! message {
    ($($(#[$doc:meta])* $code:literal $name:ident $label:literal $(where $what:literal $check:expr, $class:ident;)* { $($(#[$fdoc:meta])* $field:ident: $ty:ty,)* })*) => {$(
        $(#[$doc])*
        ///
        #[doc = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/diagrams/", stringify!($code), "-", $label, ".txt"))]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name<'a> {
            $($(#[$fdoc])* pub $field: $ty,)*
            /// Extensions.
            pub tail: $crate::Tail<'a>,
        }

        impl<'a> $crate::Message<'a> for $name<'a> {
            const TYPE: u8 = $code;
            const NAME: &'static str = $label;
            const FIELDS: &'static [$crate::FieldShape] =
                &[$($crate::FieldShape { name: stringify!($field), shape: <$ty as $crate::Field>::SHAPE },)*];

            #[inline(always)]
            fn get<O: $crate::Observer>(r: &mut $crate::Reader<'a>, o: &mut O) -> Result<Self, $crate::WireError> {
                Self::get_as(r, o, |m| m)
            }

            fn size(&self) -> usize {
                use $crate::Field;
                0 $(+ self.$field.size())* + self.tail.size()
            }

            #[inline(always)]
            fn put(&self, w: &mut impl $crate::Sink) -> Result<(), $crate::BufferFull> {
                use $crate::Field;
                $(self.$field.put(w)?;)*
                self.tail.put(w)
            }
        }

        impl<'a> $name<'a> {
            /// Reads the body and gives it to `wrap`, so that what is wanted is written once, in its place.
            #[inline(always)]
            pub(crate) fn get_as<O: $crate::Observer, T>(r: &mut $crate::Reader<'a>, o: &mut O, wrap: impl FnOnce(Self) -> T) -> Result<T, $crate::WireError> {
                // One comparison in place of one for each field up to the first of variable width.
                if r.rest().len() < const { $crate::message::least(<Self as $crate::Message>::FIELDS) } {
                    return Err(Self::short(r.clone(), o));
                }
                Self::fields(r, o, wrap)
            }

            /// Why a body is refused that is shorter than any: read again, so that class and position have one source.
            #[cold]
            #[inline(never)]
            fn short<O: $crate::Observer>(mut r: $crate::Reader<'a>, o: &mut O) -> $crate::WireError {
                let end = r.error($crate::ErrorClass::Truncated, $label);
                Self::fields(&mut r, o, |_| ()).err().unwrap_or(end)
            }

            #[inline(always)]
            fn fields<O: $crate::Observer, T>(r: &mut $crate::Reader<'a>, o: &mut O, wrap: impl FnOnce(Self) -> T) -> Result<T, $crate::WireError> {
                use $crate::Field;
                $(let $field = <$ty>::get(r, stringify!($field), o)?;)*
                let m = Self { $($field,)* tail: $crate::Tail::get(r, "tail", o)? };
                $(let check: fn(&$name<'_>) -> bool = $check;
                if !check(&m) {
                    return Err(r.error($crate::ErrorClass::$class, $what));
                })*
                Ok(wrap(m))
            }
        }
    )*};
}

/// Bytes that a body has at least.
pub(crate) const fn least(fields: &[FieldShape]) -> usize {
    let (mut i, mut bytes) = (0, 0);
    while i < fields.len() {
        bytes += fields[i].shape.least();
        i += 1;
    }
    bytes
}

/// `item! { Name [size, wide] rising(|a, b| a.id < b.id) { field: u32, … } }` declares a list item.
macro_rules! item {
    ($($(#[$doc:meta])* $name:ident [$size:literal, $wide:literal] $(rising($precedes:expr))? { $($(#[$fdoc:meta])* $field:ident: $ty:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name {
            $($(#[$fdoc])* pub $field: $ty,)*
        }

        impl $crate::Item for $name {
            const SIZE: usize = $size;
            const WIDE: bool = $wide;
            const FIELDS: &'static [$crate::FieldShape] =
                &[$($crate::FieldShape { name: stringify!($field), shape: <$ty as $crate::message::Plain>::SHAPE },)*];

            #[inline(always)]
            fn get<O: $crate::Observer>(r: &mut $crate::Reader<'_>, o: &mut O) -> Result<Self, $crate::WireError> {
                $(let $field = <$ty as $crate::message::Plain>::get(r, stringify!($field), o)?;)*
                Ok(Self { $($field,)* })
            }

            #[inline(always)]
            fn of(item: Option<&Self>, raw: &[u8]) -> Option<Self> {
                let mut r = $crate::Reader::new(raw);
                $(let $field = match item {
                    Some(item) => item.$field,
                    None => <$ty as $crate::message::Plain>::read(&mut r)?,
                };)*
                Some(Self { $($field,)* })
            }

            #[inline(always)]
            fn put(&self, w: &mut impl $crate::Sink) -> Result<(), $crate::BufferFull> {
                $($crate::message::Plain::put(&self.$field, w)?;)*
                Ok(())
            }

            $(#[inline(always)]
            fn precedes(&self, next: &Self) -> bool {
                $crate::message::compare(self, next, $precedes)
            })?
        }
    )*};
}

/// A field of a list item: like a [`Field`](crate::Field), but owned, so that items outlive the input.
pub(crate) trait Plain: Sized {
    const SHAPE: Shape;
    fn get<O: Observer>(r: &mut Reader<'_>, name: &'static str, o: &mut O) -> Result<Self, WireError>;
    /// The same where it is not asked what is wrong.
    fn read(r: &mut Reader<'_>) -> Option<Self>;
    fn put(&self, w: &mut impl Sink) -> Result<(), BufferFull>;
}

macro_rules! plain {
    ($([$($n:ident)*] $t:ty: |$r:ident| $read:expr;)*) => {$(
        impl<$(const $n: usize)*> Plain for $t {
            const SHAPE: Shape = <$t as crate::Field>::SHAPE;

            #[inline(always)]
            fn get<O: Observer>(r: &mut Reader<'_>, name: &'static str, o: &mut O) -> Result<Self, WireError> {
                <$t as crate::Field>::get(r, name, o)
            }

            #[inline(always)]
            fn read($r: &mut Reader<'_>) -> Option<Self> {
                $read
            }

            #[inline(always)]
            fn put(&self, w: &mut impl Sink) -> Result<(), BufferFull> {
                crate::Field::put(self, w)
            }
        }
    )*};
}
plain! {
    [] u8: |r| scalar(r);
    [] u16: |r| scalar(r);
    [] u32: |r| scalar(r);
    [] u64: |r| scalar(r);
    [] Minifloat: |r| scalar(r);
    [] MemberState: |r| scalar(r);
    [N] [u8; N]: |r| r.array("").ok().copied();
}

#[inline(always)]
fn scalar<'a, T: crate::Field<'a>>(r: &mut Reader<'a>) -> Option<T> {
    T::get(r, "", &mut NoObserver).ok()
}

/// Gives a closure its types, and nothing to call at run time.
#[inline(always)]
pub(crate) fn compare<T>(a: &T, b: &T, precedes: impl FnOnce(&T, &T) -> bool) -> bool {
    precedes(a, b)
}

/// Whether `a` comes before `b`. The first eight bytes of hashes and keys decide nearly always.
#[inline(always)]
pub(crate) fn before(a: &[u8; 32], b: &[u8; 32]) -> bool {
    let words = |bytes: &[u8; 32]| {
        let mut words = [0; 4];
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
            *word = u64::from_be_bytes(*bytes);
        }
        words
    };
    let (a, b) = (words(a), words(b));
    if a[0] != b[0] { a[0] < b[0] } else { a < b }
}

impl<'a, const N: usize> crate::Field<'a> for [u8; N] {
    const SHAPE: Shape = Shape::Bytes(N);

    #[inline(always)]
    fn get<O: Observer>(r: &mut Reader<'a>, name: &'static str, o: &mut O) -> Result<Self, WireError> {
        <&[u8; N] as crate::Field>::get(r, name, o).copied()
    }

    fn size(&self) -> usize {
        N
    }

    #[inline(always)]
    fn put(&self, w: &mut impl Sink) -> Result<(), BufferFull> {
        w.put(self)
    }
}

pub(crate) use {item, message};
