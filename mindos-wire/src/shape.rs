//! What a declaration says about its bytes: the source of tables, diagrams, JSON views and generators.

/// How a field lies in the bytes (spec 02, section 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An unsigned integer of this many bytes.
    Uint(usize),
    /// This many opaque bytes.
    Bytes(usize),
    /// A u8 length, then the bytes.
    Bytes8,
    /// A u16 length, then the bytes.
    Bytes16,
    /// One byte: name of the enum in `registry/codes.toml`, and its code points with their names.
    Code(&'static str, &'static [(u8, &'static str)]),
    /// One byte, 0 or 1.
    Flag,
    /// A quantity in two bytes.
    Minifloat,
    /// The name of a capability: a u8 length, then the text.
    Name,
    /// A count, u16 if `wide` and u8 otherwise, then that many items of `width` bytes.
    List {
        /// Whether the count is a u16.
        wide: bool,
        /// Bytes per item.
        width: usize,
        /// Fields of an item.
        fields: &'static [FieldShape],
    },
    /// Extensions up to the end of the body.
    Tail,
}

/// A field of a message or of a list item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldShape {
    /// Name in the spec's table.
    pub name: &'static str,
    /// How it lies in the bytes.
    pub shape: Shape,
}

impl Shape {
    /// Bytes that it takes at least.
    pub const fn least(self) -> usize {
        match self {
            Self::Uint(n) | Self::Bytes(n) => n,
            Self::Code(..) | Self::Flag | Self::Bytes8 | Self::Name | Self::List { wide: false, .. } => 1,
            Self::Minifloat | Self::Bytes16 | Self::List { wide: true, .. } => 2,
            Self::Tail => 0,
        }
    }
}
