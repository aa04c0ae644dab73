//! JSON views of frames and records, for people and tools (feature `serde`); never what peers exchange.
//!
//! A view is an object of the fields in their order: integers as decimal strings, quantities as what they
//! state, bytes as lower-case hex, codes by name, lists as arrays, extensions under `tail`. Lengths, counts
//! and padding are no part of a value. Every view that is read becomes the canonical bytes of its value.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use data_encoding::HEXLOWER;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};

use crate::{
    FieldShape, Frame, FrameBuf, FrameType, Minifloat, Name, Observer, Reader, Record, RecordBuf, RecordType, Shape,
    Value, WireError,
};

/// A JSON value as far as views need one.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tree {
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(Cow<'static, str>, Tree)>),
}

/// Why a view is not one of this version's values.
#[derive(Debug, thiserror::Error)]
enum JsonError {
    /// Where in the view, and what was expected there.
    #[error("{at}: expected {expected}")]
    Expected { at: String, expected: Cow<'static, str> },
    /// The fields are well-formed, and their bytes are refused.
    #[error("the value is refused: {0}")]
    Refused(#[from] WireError),
}

fn expected<T>(at: &str, expected: impl Into<Cow<'static, str>>) -> Result<T, JsonError> {
    Err(JsonError::Expected { at: at.to_string(), expected: expected.into() })
}

// From bytes to a view: the decoder runs with this observer.

/// An observer that builds the JSON view of whatever is decoded: one frame, record or packet.
#[derive(Debug)]
pub struct JsonView(Vec<(&'static str, Tree)>);

impl Default for JsonView {
    fn default() -> Self {
        // What is open is on the stack, the whole at its bottom.
        Self([("", Tree::Map(Vec::new()))].into())
    }
}

impl JsonView {
    fn put(&mut self, name: &'static str, tree: Tree) {
        match self.0.last_mut() {
            Some((_, Tree::List(list))) => list.push(tree),
            Some((_, Tree::Map(map))) if name == "extension" => match map.last_mut() {
                Some((last, Tree::List(tail))) if last == "tail" => tail.push(tree),
                _ => map.push((Cow::Borrowed("tail"), Tree::List([tree].into()))),
            },
            Some((_, Tree::Map(map))) => map.push((Cow::Borrowed(name), tree)),
            Some((_, Tree::Text(_))) | None => {}
        }
    }
}

impl Observer for JsonView {
    fn leaf(&mut self, name: &'static str, _: Range<usize>, value: Value<'_>) {
        if self.0.len() == 1 && matches!(name, "length" | "padding") {
            return;
        }
        let text = match value {
            Value::Code(_, name) => name.to_string(),
            Value::Bytes(bytes) => HEXLOWER.encode(bytes),
            Value::Text(text) => text.to_string(),
            Value::Uint(v) => v.to_string(),
        };
        self.put(name, Tree::Text(text));
    }

    fn list(&mut self, name: &'static str, _: Range<usize>, _: usize) {
        self.0.push((name, Tree::List(Vec::new())));
    }

    fn open(&mut self, name: &'static str, _: usize) {
        self.0.push((name, Tree::Map(Vec::new())));
    }

    fn close(&mut self) {
        let Some((name, mut tree)) = self.0.pop() else { return };
        if let Tree::Map(map) = &mut tree {
            // An item that is a bare scalar is written as the scalar.
            if map.first().is_some_and(|(key, _)| key == "value") && name == "item" {
                tree = map.remove(0).1;
            }
        }
        self.put(name, tree);
    }
}

impl Serialize for JsonView {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.0.first().map(|(_, tree)| tree).serialize(s)
    }
}

impl Serialize for FrameBuf {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut view = JsonView::default();
        Frame::read(&mut Reader::new(self.as_bytes()), &mut view).map_err(S::Error::custom)?;
        view.serialize(s)
    }
}

impl Serialize for RecordBuf {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut view = JsonView::default();
        Record::read(self.as_bytes(), &mut view).map_err(S::Error::custom)?;
        view.serialize(s)
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => s.serialize_str(text),
            Self::List(list) => s.collect_seq(list),
            Self::Map(map) => s.collect_map(map.iter().map(|(k, v)| (k, v))),
        }
    }
}

// From a view to bytes: the shapes say what stands where.

/// No message has so many. Fields are compared with each other.
const MAX_FIELDS: usize = 64;

/// The fields of an object that are not yet used.
struct Fields<'t> {
    at: String,
    left: Vec<(&'t str, &'t Tree)>,
}

impl<'t> Fields<'t> {
    fn of(tree: &'t Tree, at: String) -> Result<Self, JsonError> {
        let Tree::Map(map) = tree else { return expected(&at, "an object") };
        if map.len() > MAX_FIELDS {
            return expected(&at, alloc::format!("at most {MAX_FIELDS} fields"));
        }
        let left: Vec<_> = map.iter().map(|(k, v)| (k.as_ref(), v)).collect();
        match left.iter().enumerate().find(|(i, (key, _))| left.iter().take(*i).any(|(k, _)| k == key)) {
            Some((_, (key, _))) => expected(&path(&at, key), "this field once"),
            None => Ok(Self { at, left }),
        }
    }

    fn take(&mut self, name: &str) -> Option<&'t Tree> {
        let i = self.left.iter().position(|(k, _)| *k == name)?;
        Some(self.left.remove(i).1)
    }

    /// A field that must be there, as text.
    fn text(&mut self, name: &str) -> Result<&'t str, JsonError> {
        text(self.take(name), &path(&self.at, name))
    }

    /// Writes fields, then the tail, and refuses what is left over.
    fn put(mut self, fields: &[FieldShape], tail: bool, w: &mut Vec<u8>) -> Result<(), JsonError> {
        for f in fields {
            put(f.shape, self.take(f.name), &path(&self.at, f.name), w)?;
        }
        if tail && let Some(tree) = self.take("tail") {
            if matches!(tree, Tree::List(list) if list.is_empty()) {
                return expected(&path(&self.at, "tail"), "no tail, or one with extensions");
            }
            put(Shape::Tail, Some(tree), &path(&self.at, "tail"), w)?;
        }
        match self.left.first() {
            Some((key, _)) => expected(&path(&self.at, key), "no such field"),
            None => Ok(()),
        }
    }
}

fn path(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_string() } else { [at, ".", name].concat() }
}

fn text<'t>(tree: Option<&'t Tree>, at: &str) -> Result<&'t str, JsonError> {
    match tree {
        Some(Tree::Text(text)) => Ok(text),
        _ => expected(at, "a string"),
    }
}

/// A decimal without sign or leading zeros, of at most `width` bytes.
fn integer(text: &str, width: usize, at: &str) -> Result<u64, JsonError> {
    let max = if width >= 8 { u64::MAX } else { (1 << (8 * width)) - 1 };
    match text.parse::<u64>() {
        Ok(v) if v <= max && v.to_string() == text => Ok(v),
        _ => expected(at, alloc::format!("a decimal integer from 0 to {max} as a string")),
    }
}

fn bytes(text: &str, at: &str) -> Result<Vec<u8>, JsonError> {
    HEXLOWER.decode(text.as_bytes()).or_else(|_| expected(at, "bytes in lower-case hex"))
}

/// Writes a length or count of `width` bytes.
fn count(n: usize, width: usize, at: &str, w: &mut Vec<u8>) -> Result<(), JsonError> {
    if n >= 1 << (8 * width) {
        return expected(at, alloc::format!("at most {} bytes or items", (1 << (8 * width)) - 1));
    }
    w.extend_from_slice(n.to_le_bytes().get(..width).unwrap_or_default());
    Ok(())
}

fn put(shape: Shape, tree: Option<&Tree>, at: &str, w: &mut Vec<u8>) -> Result<(), JsonError> {
    match shape {
        Shape::Uint(width) => {
            let v = integer(text(tree, at)?, width, at)?;
            w.extend_from_slice(v.to_le_bytes().get(..width).unwrap_or_default());
        }
        Shape::Bytes(width) => {
            let v = bytes(text(tree, at)?, at)?;
            if v.len() != width {
                return expected(at, alloc::format!("{width} bytes in lower-case hex"));
            }
            w.extend_from_slice(&v);
        }
        Shape::Bytes8 | Shape::Bytes16 => {
            let v = bytes(text(tree, at)?, at)?;
            count(v.len(), if shape == Shape::Bytes8 { 1 } else { 2 }, at, w)?;
            w.extend_from_slice(&v);
        }
        Shape::Code(_, points) => {
            let name = text(tree, at)?;
            let Some((code, _)) = points.iter().find(|(_, n)| *n == name) else {
                let names: Vec<&str> = points.iter().map(|p| p.1).collect();
                return expected(at, alloc::format!("one of {}", names.join(", ")));
            };
            w.push(*code);
        }
        Shape::Flag => match text(tree, at)? {
            "0" => w.push(0),
            "1" => w.push(1),
            _ => return expected(at, "\"0\" or \"1\""),
        },
        Shape::Minifloat => {
            let v = integer(text(tree, at)?, 8, at)?;
            let code = Minifloat::floor(v);
            if code.quantity() != v {
                return expected(at, "a quantity that a minifloat states exactly");
            }
            w.extend_from_slice(&code.0.to_le_bytes());
        }
        Shape::Name => {
            let Some(name) = Name::new(text(tree, at)?) else {
                return expected(at, "a capability's name with its version");
            };
            count(name.as_str().len(), 1, at, w)?;
            w.extend_from_slice(name.as_str().as_bytes());
        }
        Shape::List { wide, fields, .. } => {
            let Some(Tree::List(items)) = tree else { return expected(at, "an array") };
            count(items.len(), if wide { 2 } else { 1 }, at, w)?;
            for (i, item) in items.iter().enumerate() {
                let at = alloc::format!("{at}[{i}]");
                match fields {
                    [FieldShape { name: "value", shape }] => put(*shape, Some(item), &at, w)?,
                    _ => Fields::of(item, at)?.put(fields, false, w)?,
                }
            }
        }
        Shape::Tail => {
            let Some(Tree::List(items)) = tree else { return expected(at, "an array") };
            for (i, item) in items.iter().enumerate() {
                let extension = Fields::of(item, alloc::format!("{at}[{i}]"))?;
                extension.put(EXTENSION, false, w)?;
            }
        }
    }
    Ok(())
}

const EXTENSION: &[FieldShape] =
    &[FieldShape { name: "tag", shape: Shape::Uint(2) }, FieldShape { name: "value", shape: Shape::Bytes16 }];

/// Type, length and what `body` writes.
fn typed(code: u64, body: impl FnOnce(&mut Vec<u8>) -> Result<(), JsonError>) -> Result<Vec<u8>, JsonError> {
    let mut inner = Vec::new();
    body(&mut inner)?;
    let mut out = Vec::new();
    out.extend_from_slice(code.to_le_bytes().get(..1).unwrap_or_default());
    count(inner.len(), 2, "", &mut out)?;
    out.extend_from_slice(&inner);
    Ok(out)
}

fn frame(tree: &Tree) -> Result<FrameBuf, JsonError> {
    let mut fields = Fields::of(tree, String::new())?;
    let code = integer(fields.text("type")?, 1, "type")?;
    let known = FrameType::ALL.iter().find(|t| u64::from(t.code) == code);
    let out = typed(code, |w| match known {
        Some(ty) => fields.put(ty.fields, true, w),
        None => {
            let body = bytes(fields.text("body")?, "body")?;
            w.extend_from_slice(&body);
            fields.put(&[], false, w)
        }
    })?;
    Ok(FrameBuf::from_bytes(out)?)
}

const HEAD: &[FieldShape] = &[
    FieldShape { name: "author", shape: Shape::Bytes(32) },
    FieldShape { name: "sequence", shape: Shape::Uint(8) },
    FieldShape { name: "expires", shape: Shape::Uint(8) },
];

fn record(tree: &Tree) -> Result<RecordBuf, JsonError> {
    let mut fields = Fields::of(tree, String::new())?;
    let code = integer(fields.text("type")?, 1, "type")?;
    let Some(ty) = RecordType::ALL.iter().find(|t| u64::from(t.code) == code) else {
        return expected("type", "a record type of this version");
    };
    let out = typed(code, |w| {
        for f in HEAD {
            put(f.shape, fields.take(f.name), f.name, w)?;
        }
        let signature = fields.take("signature");
        fields.put(ty.fields, true, w)?;
        put(Shape::Bytes(64), signature, "signature", w)
    })?;
    Ok(RecordBuf::from_bytes(out)?)
}

impl<'de> Deserialize<'de> for FrameBuf {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        frame(&Tree::deserialize(d)?).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for RecordBuf {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        record(&Tree::deserialize(d)?).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Tree;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, an array or an object (integers are decimal strings)")
            }

            fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
                Ok(Tree::Text(text.to_string()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
                let mut list = Vec::new();
                while let Some(tree) = seq.next_element()? {
                    list.push(tree);
                }
                Ok(Tree::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
                let mut map = Vec::new();
                while let Some((key, tree)) = entries.next_entry::<String, Tree>()? {
                    map.push((Cow::Owned(key), tree));
                }
                Ok(Tree::Map(map))
            }
        }

        d.deserialize_any(Any)
    }
}
