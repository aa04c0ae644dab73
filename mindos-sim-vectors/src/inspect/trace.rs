//! What a decoder read, field by field: the one observer behind `mindos inspect` and the vectors.

use std::ops::Range;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use mindos_wire::{Observer, Value};
use serde_json::{Map, Value as Json};

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
}

impl Leaf {
    /// As vectors write it: integers in decimal, bytes in hex, codes by name.
    pub fn text(&self) -> String {
        match self {
            Self::Uint(v) => v.to_string(),
            Self::Code(_, name) => (*name).to_string(),
            Self::Bytes(b) => hex(b),
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
    /// The value as the vectors write it: an object of fields, lists as arrays, extensions under `tail`.
    /// Lengths and counts are not part of a value, and neither is padding.
    pub fn json(&self) -> Json {
        let mut stack = vec![Node::new("")];
        for event in &self.events {
            match event {
                Event::Leaf { name: "length" | "padding", .. } if stack.len() == 1 => {}
                Event::Leaf { name, value, .. } => put(&mut stack, name, Json::String(value.text())),
                Event::List { name, .. } => stack.push(Node { name, list: Some(Vec::new()), ..Node::new("") }),
                Event::Open { name, .. } => stack.push(Node::new(name)),
                Event::Close => {
                    let Some(node) = stack.pop() else { continue };
                    let (name, json) = node.finish();
                    put(&mut stack, name, json);
                }
            }
        }
        stack.into_iter().next().map_or(Json::Null, |n| n.finish().1)
    }
}

/// An object or a list under construction.
struct Node {
    name: &'static str,
    list: Option<Vec<Json>>,
    object: Map<String, Json>,
}

impl Node {
    fn new(name: &'static str) -> Self {
        Self { name, list: None, object: Map::new() }
    }

    fn finish(mut self) -> (&'static str, Json) {
        if let Some(list) = self.list {
            return (self.name, Json::Array(list));
        }
        // An item that is a bare scalar is written as the scalar.
        let bare = self.name == "item" && self.object.len() == 1;
        let bare = if bare { self.object.remove("value") } else { None };
        (self.name, bare.unwrap_or(Json::Object(self.object)))
    }
}

fn put(stack: &mut [Node], name: &'static str, json: Json) {
    let Some(top) = stack.last_mut() else { return };
    match (&mut top.list, name) {
        (Some(list), _) => list.push(json),
        (None, "extension") => {
            let tail = top.object.entry("tail").or_insert_with(|| Json::Array(Vec::new()));
            if let Json::Array(tail) = tail {
                tail.push(json);
            }
        }
        (None, _) => {
            top.object.insert(name.to_string(), json);
        }
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
