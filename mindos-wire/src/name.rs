//! Names of capabilities (spec 02, section 2.9): `text.summarize/1`.

use crate::{BufferFull, ErrorClass, Field, Observer, Reader, Shape, Sink, Value, WireError};

/// A capability's name with its version, checked: labels of `a`–`z`, `0`–`9` and inner `-`, joined by
/// dots, then `/` and a version from 1 to 65,535 without leading zeros; at most 255 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name<'a>(&'a str);

impl<'a> Name<'a> {
    /// Checks a name. `None` if it is not one.
    pub fn new(text: &'a str) -> Option<Self> {
        // spec: WIRE-042 efd5
        let (path, version) = text.split_once('/')?;
        let labels = path.split('.').all(|label| {
            let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
            !label.is_empty() && label.bytes().all(|b| inner(&b)) && !label.starts_with('-') && !label.ends_with('-')
        });
        let digits = !version.starts_with(['0', '+']) && version.parse::<u16>().is_ok();
        (labels && digits && text.len() <= 255).then_some(Self(text))
    }

    /// The text, version included. Its BLAKE3 names the capability.
    pub const fn as_str(&self) -> &'a str {
        self.0
    }

    /// The part before the version.
    pub fn path(&self) -> &'a str {
        self.0.split_once('/').map_or("", |(path, _)| path)
    }

    /// The version, from 1.
    pub fn version(&self) -> u16 {
        self.0.split_once('/').and_then(|(_, version)| version.parse().ok()).unwrap_or(0)
    }
}

impl<'a> Field<'a> for Name<'a> {
    const SHAPE: Shape = Shape::Name;

    fn get<O: Observer>(r: &mut Reader<'a>, name: &'static str, o: &mut O) -> Result<Self, WireError> {
        let at = r.position();
        let [n] = *r.array(name)?;
        let text = r.take(usize::from(n), name)?;
        let v = core::str::from_utf8(text).ok().and_then(Self::new);
        let v = v.ok_or(WireError { class: ErrorClass::Range, at, what: name })?;
        o.leaf(name, at..r.position(), Value::Text(v.0));
        Ok(v)
    }

    fn size(&self) -> usize {
        1 + self.0.len()
    }

    fn put(&self, w: &mut impl Sink) -> Result<(), BufferFull> {
        let n = u8::try_from(self.0.len()).map_err(|_| BufferFull)?;
        w.put(&[n])?;
        w.put(self.0.as_bytes())
    }
}
