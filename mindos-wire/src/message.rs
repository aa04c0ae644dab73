//! Declaring messages so that the file reads like the spec's table.

use crate::{BufferFull, FieldShape, Observer, Reader, Shape, Sink, WireError};

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
                use $crate::Field;
                $(let $field = <$ty>::get(r, stringify!($field), o)?;)*
                let m = Self { $($field,)* tail: $crate::Tail::get(r, "tail", o)? };
                $(let check: fn(&$name<'_>) -> bool = $check;
                if !check(&m) {
                    return Err(r.error($crate::ErrorClass::$class, $what));
                })*
                Ok(m)
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
    )*};
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
            fn put(&self, w: &mut impl $crate::Sink) -> Result<(), $crate::BufferFull> {
                $($crate::message::Plain::put(&self.$field, w)?;)*
                Ok(())
            }

            $(fn precedes(&self, next: &Self) -> bool {
                let precedes: fn(&Self, &Self) -> bool = $precedes;
                precedes(self, next)
            })?
        }
    )*};
}

/// A field of a list item: like a [`Field`](crate::Field), but owned, so that items outlive the input.
pub(crate) trait Plain: Sized {
    const SHAPE: Shape;
    fn get<O: Observer>(r: &mut Reader<'_>, name: &'static str, o: &mut O) -> Result<Self, WireError>;
    fn put(&self, w: &mut impl Sink) -> Result<(), BufferFull>;
}

impl<T> Plain for T
where
    T: for<'b> crate::Field<'b>,
{
    const SHAPE: Shape = <T as crate::Field>::SHAPE;

    #[inline(always)]
    fn get<O: Observer>(r: &mut Reader<'_>, name: &'static str, o: &mut O) -> Result<Self, WireError> {
        <T as crate::Field>::get(r, name, o)
    }

    #[inline(always)]
    fn put(&self, w: &mut impl Sink) -> Result<(), BufferFull> {
        crate::Field::put(self, w)
    }
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
