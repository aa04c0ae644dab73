//! What can be wrong with bytes: a closed set of classes (spec 02, `registry/errors.toml`).

use core::fmt;

/// Why an input was refused. The set is closed: a new class is a new protocol version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorClass {
    /// The input ends before the value does.
    Truncated,
    /// Bytes follow the end of the value.
    Trailing,
    /// A code, flag or name is none, or a rule of the message is broken.
    Range,
    /// A list or a tail is not in its stated order (this includes duplicates).
    Order,
    /// A reserved field or padding is not zero.
    Reserved,
    /// A type, kind, version or tag that must be understood is unknown.
    UnknownCritical,
}

impl ErrorClass {
    /// Every class, in the order of the registry.
    pub const ALL: [ErrorClass; 6] =
        [Self::Truncated, Self::Trailing, Self::Range, Self::Order, Self::Reserved, Self::UnknownCritical];

    /// The name that spec, vectors and output use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::Trailing => "trailing",
            Self::Range => "range",
            Self::Order => "order",
            Self::Reserved => "reserved",
            Self::UnknownCritical => "unknown-critical",
        }
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A refusal: the class, where in the input, and what stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{class} at byte {at}: {what}")]
pub struct WireError {
    /// The class.
    pub class: ErrorClass,
    /// Offset in bytes from the start of the decoded input.
    pub at: usize,
    /// The field that was being read, or what was expected.
    pub what: &'static str,
}

/// The output buffer is too small for the value, or a length does not fit its field. What was
/// already written is void.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value does not fit")]
pub struct BufferFull;
