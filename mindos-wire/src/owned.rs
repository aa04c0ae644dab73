//! Owned forms (feature `alloc`): a value as its canonical bytes.
//!
//! One value has one byte string, so the bytes are the owned form: equal bytes are equal values, and the
//! borrowed view costs one decoding.

use alloc::vec::Vec;

use crate::{BufferFull, ErrorClass, Frame, Record, WireError};

macro_rules! owned {
    ($($(#[$doc:meta])* $name:ident of $view:ident, $decode:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Vec<u8>);

        impl $name {
            /// Takes over the bytes of exactly one value.
            ///
            /// # Errors
            /// The refusal of the decoder; the bytes are dropped.
            pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, WireError> {
                let decode: fn(&[u8]) -> Result<$view<'_>, WireError> = $decode;
                decode(&bytes)?;
                Ok(Self(bytes))
            }

            /// Encodes a view.
            ///
            /// # Errors
            /// If a length or count of it cannot be stated, or no decoder would give it back.
            pub fn new(view: &$view<'_>) -> Result<Self, BufferFull> {
                let mut bytes = Vec::new();
                view.encode(&mut bytes)?;
                // A view that was made by hand may break a rule of its message, or claim to be of an unknown type.
                // spec: WIRE-044 0087
                let decode: fn(&[u8]) -> Result<$view<'_>, WireError> = $decode;
                if decode(&bytes) == Ok(*view) { Ok(Self(bytes)) } else { Err(BufferFull) }
            }

            /// The view of it.
            ///
            /// # Errors
            /// None: the bytes were decoded before. The type says so because nothing here may panic.
            pub fn view(&self) -> Result<$view<'_>, WireError> {
                let decode: fn(&[u8]) -> Result<$view<'_>, WireError> = $decode;
                decode(&self.0)
            }

            /// The canonical bytes.
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }

            /// The canonical bytes, taken out.
            pub fn into_bytes(self) -> Vec<u8> {
                self.0
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }
    )*};
}

owned! {
    /// A frame that owns its bytes.
    FrameBuf of Frame, |bytes| match Frame::decode(bytes)? {
        (frame, []) => Ok(frame),
        (_, rest) => Err(WireError { class: ErrorClass::Trailing, at: bytes.len() - rest.len(), what: "frame" }),
    };
    /// A record that owns its bytes. **Not verified**, like [`Record`].
    RecordBuf of Record, |bytes| Record::decode(bytes);
}
