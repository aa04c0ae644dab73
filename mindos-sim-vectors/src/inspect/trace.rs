//! What a decoder read, field by field: the one observer behind `mindos inspect` and the vectors.

use std::ops::Range;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use mindos_wire::{JsonView, Observer, Value};
use serde_json::Value as Json;

/// One step of the decoder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A field without parts.
    Leaf {
        /// Name of the field.
        name: &'static str,
        /// Where it stands in the input.
        span: Range<usize>,
        /// What it holds.
        value: Leaf,
    },
    /// The count of a list.
    List {
        /// Name of the field.
        name: &'static str,
        /// Where its count stands.
        span: Range<usize>,
        /// Number of items.
        count: usize,
    },
    /// A list item or an extension begins.
    Open {
        /// `"item"` or `"extension"`.
        name: &'static str,
        /// Its first byte.
        at: usize,
    },
    /// The innermost list, item or extension ends.
    Close,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaf {
    /// An integer.
    Uint(u64),
    /// A code point with its name.
    Code(u64, &'static str),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Text of a checked grammar.
    Text(String),
}

impl Leaf {
    /// As vectors write it: integers in decimal, bytes in hex, codes by name.
    pub fn text(&self) -> String {
        match self {
            Self::Uint(v) => v.to_string(),
            Self::Code(_, name) => (*name).to_string(),
            Self::Bytes(b) => hex(b),
            Self::Text(text) => text.clone(),
        }
    }

    fn borrow(&self) -> Value<'_> {
        match self {
            Self::Uint(v) => Value::Uint(*v),
            Self::Code(v, name) => Value::Code(*v, name),
            Self::Bytes(b) => Value::Bytes(b),
            Self::Text(text) => Value::Text(text),
        }
    }
}

/// Records every event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// In reading order.
    pub events: Vec<Event>,
}

impl Observer for Trace {
    fn leaf(&mut self, name: &'static str, span: Range<usize>, value: Value<'_>) {
        let value = match value {
            Value::Uint(v) => Leaf::Uint(v),
            Value::Code(v, name) => Leaf::Code(v, name),
            Value::Bytes(b) => Leaf::Bytes(b.to_vec()),
            Value::Text(text) => Leaf::Text(text.to_string()),
        };
        self.events.push(Event::Leaf { name, span, value });
    }

    fn list(&mut self, name: &'static str, span: Range<usize>, count: usize) {
        self.events.push(Event::List { name, span, count });
    }

    fn open(&mut self, name: &'static str, at: usize) {
        self.events.push(Event::Open { name, at });
    }

    fn close(&mut self) {
        self.events.push(Event::Close);
    }
}

impl Trace {
    /// The value as the vectors write it: its JSON view.
    pub fn json(&self) -> Json {
        let mut view = JsonView::default();
        for event in &self.events {
            match event {
                Event::Leaf { name, span, value } => view.leaf(name, span.clone(), value.borrow()),
                Event::List { name, span, count } => view.list(name, span.clone(), *count),
                Event::Open { name, at } => view.open(name, *at),
                Event::Close => view.close(),
            }
        }
        serde_json::to_value(view).unwrap_or_default()
    }
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Bytes of hex in either case; white space is skipped.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: String = text.split_whitespace().collect();
    HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()
}
