//! wincode 0.4, fixed integers, lengths in 2 bytes, byte strings borrowed; twice: *plain* keeps its lists in `Vec`,
//! *in place* declares items without alignment, so that lists are borrowed too.

use wincode::SchemaRead;
use wincode::config::{Configuration, DEFAULT_PREALLOCATION_SIZE_LIMIT as LIMIT};
use wincode::len::FixIntLen;

/// The default but for lengths, which take 8 bytes there.
type Config = Configuration<true, LIMIT, FixIntLen<u16>>;

const CONFIG: Config = Configuration::default().with_length_encoding();

pub(crate) fn encode<T>(value: &T, mut buf: &mut [u8]) -> Option<usize>
where
    T: wincode::SchemaWrite<Config, Src = T>,
{
    let room = buf.len();
    wincode::config::serialize_into(&mut buf, value, CONFIG).ok()?;
    Some(room - buf.len())
}

/// Exactly one value.
#[inline(always)]
fn decode<'a, T: SchemaRead<'a, Config, Dst = T>>(mut bytes: &'a [u8]) -> Option<T> {
    let value = T::get(&mut bytes).ok()?;
    bytes.is_empty().then_some(value)
}

/// A hash of its own, or a reference to one: what the place asks for.
trait Hash {
    fn of(bytes: &'static [u8; 32]) -> Self;
}

impl Hash for [u8; 32] {
    fn of(bytes: &'static [u8; 32]) -> Self {
        *bytes
    }
}

impl Hash for &'static [u8; 32] {
    fn of(bytes: &'static [u8; 32]) -> Self {
        bytes
    }
}

/// Lists in `Vec`.
pub(crate) mod plain {
    use wincode::{SchemaRead, SchemaWrite};

    use super::{Hash, decode};
    use crate::peers::{advert_from_content, from_content, visit_advert, visit_chunk, visit_intent};
    use crate::visit::Sink;

    #[derive(SchemaRead, SchemaWrite)]
    pub(crate) struct Context<'a> {
        hash: &'a [u8; 32],
        length: u32,
    }

    #[derive(SchemaRead, SchemaWrite)]
    pub(crate) struct Intent<'a> {
        kind: u8,
        author: &'a [u8; 32],
        sequence: u64,
        expires: u64,
        capability: &'a [u8; 32],
        context_tokens: u32,
        generated_tokens: u32,
        lifetime_us: u64,
        budget: u64,
        label: u8,
        depth: u8,
        effect: u8,
        stakes: u8,
        contexts: Vec<Context<'a>>,
        payload: &'a [u8],
        signature: &'a [u8; 64],
    }

    #[derive(SchemaRead, SchemaWrite)]
    pub(crate) struct Capability {
        id: u32,
        competence: u8,
        price: u16,
    }

    #[derive(SchemaRead, SchemaWrite)]
    pub(crate) struct Advert {
        kind: u8,
        sequence: u32,
        resources: [u16; 8],
        capabilities: Vec<Capability>,
    }

    #[derive(SchemaRead, SchemaWrite)]
    pub(crate) struct Chunk<'a> {
        kind: u8,
        content: &'a [u8; 32],
        index: u32,
        path: Vec<[u8; 32]>,
        data: &'a [u8],
    }

    from_content!(Intent<'static>, Chunk<'static>; Hash::of, |s| s, |b: &'static Vec<u8>| &b[..], Iterator::collect);
    advert_from_content!(Advert; Iterator::collect);

    pub(crate) fn intent<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
        visit_intent!(decode::<Intent<'_>>(bytes)?, s)
    }

    pub(crate) fn advert<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
        let advert = decode::<Advert>(bytes)?;
        visit_advert!(&advert, advert.resources, s)
    }

    pub(crate) fn chunk<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
        visit_chunk!(decode::<Chunk<'_>>(bytes)?, s)
    }
}

/// Lists in place.
pub(crate) mod in_place {
    use wincode::{SchemaRead, SchemaWrite};

    use super::{Hash, decode};
    use crate::peers::{advert_from_content, from_content, visit_advert, visit_chunk, visit_intent};
    use crate::visit::Sink;

    /// Bytes of an integer: what has no alignment may be read in place.
    #[derive(Clone, Copy, SchemaRead, SchemaWrite)]
    #[repr(transparent)]
    pub(crate) struct Le32([u8; 4]);

    impl From<u32> for Le32 {
        fn from(v: u32) -> Self {
            Self(v.to_le_bytes())
        }
    }

    impl From<Le32> for u32 {
        fn from(v: Le32) -> Self {
            Self::from_le_bytes(v.0)
        }
    }

    /// Like [`Le32`].
    #[derive(Clone, Copy, SchemaRead, SchemaWrite)]
    #[repr(transparent)]
    pub(crate) struct Le16([u8; 2]);

    impl From<u16> for Le16 {
        fn from(v: u16) -> Self {
            Self(v.to_le_bytes())
        }
    }

    impl From<Le16> for u16 {
        fn from(v: Le16) -> Self {
            Self::from_le_bytes(v.0)
        }
    }

    #[derive(SchemaRead, SchemaWrite)]
    #[repr(C)]
    pub(crate) struct Context {
        hash: [u8; 32],
        length: Le32,
    }

    #[derive(SchemaRead, SchemaWrite)]
    pub(crate) struct Intent<'a> {
        kind: u8,
        author: &'a [u8; 32],
        sequence: u64,
        expires: u64,
        capability: &'a [u8; 32],
        context_tokens: u32,
        generated_tokens: u32,
        lifetime_us: u64,
        budget: u64,
        label: u8,
        depth: u8,
        effect: u8,
        stakes: u8,
        contexts: &'a [Context],
        payload: &'a [u8],
        signature: &'a [u8; 64],
    }

    #[derive(SchemaRead, SchemaWrite)]
    #[repr(C)]
    pub(crate) struct Capability {
        id: Le32,
        competence: u8,
        price: Le16,
    }

    #[derive(SchemaRead, SchemaWrite)]
    pub(crate) struct Advert<'a> {
        kind: u8,
        sequence: u32,
        resources: [u16; 8],
        capabilities: &'a [Capability],
    }

    #[derive(SchemaRead, SchemaWrite)]
    pub(crate) struct Chunk<'a> {
        kind: u8,
        content: &'a [u8; 32],
        index: u32,
        path: &'a [[u8; 32]],
        data: &'a [u8],
    }

    fn kept<T: 'static>(items: impl Iterator<Item = T>) -> &'static [T] {
        items.collect::<Vec<_>>().leak()
    }

    from_content!(Intent<'static>, Chunk<'static>; Hash::of, |s| s, |b: &'static Vec<u8>| &b[..], kept);
    advert_from_content!(Advert<'static>; kept);

    pub(crate) fn intent<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
        visit_intent!(decode::<Intent<'_>>(bytes)?, s)
    }

    pub(crate) fn advert<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
        let advert = decode::<Advert<'_>>(bytes)?;
        visit_advert!(&advert, advert.resources, s)
    }

    pub(crate) fn chunk<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
        visit_chunk!(decode::<Chunk<'_>>(bytes)?, s)
    }
}
