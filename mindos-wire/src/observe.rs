//! Watching a decoder at work: where each field stands and what it holds.
//!
//! There is one decoder. Inspection and vectors run it with an observer; the machines run it with
//! [`NoObserver`], which compiles to nothing.

use core::ops::Range;

/// The value of a leaf field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// An integer.
    Uint(u64),
    /// A code point with its name in the registry.
    Code(u64, &'static str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Text of a checked grammar.
    Text(&'a str),
}

/// Told of each field as it is read. Positions are offsets into the decoded input.
pub trait Observer {
    /// A field without parts.
    fn leaf(&mut self, _name: &'static str, _span: Range<usize>, _value: Value<'_>) {}
    /// A list begins; `span` is that of its count. `count` items follow, each as an `item`.
    fn list(&mut self, _name: &'static str, _span: Range<usize>, _count: usize) {}
    /// An item of the innermost list or a part of a message begins.
    fn open(&mut self, _name: &'static str, _at: usize) {}
    /// What was opened, or the list, ends.
    fn close(&mut self) {}
}

/// Watches nothing, at no cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl Observer for NoObserver {}
