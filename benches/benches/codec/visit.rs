//! The one visit that every codec feeds: the same fields in the same order, and the same checks.
//!
//! A codec hands over its fields, and what reads the parts of a list's item where it lies. MindOS's decoder has made the checks before
//! (`CHECKED`), the others make them here. What a visit tells goes to a [`Sink`]: [`Fold`] is timed, [`Whole`]
//! keeps every byte and proves once that all codecs carry the same content.

use crate::content::{ADVERT, CHUNK, INTENT};

/// Told of every field.
pub(crate) trait Sink: Default {
    fn int(&mut self, v: u64);
    /// A field of fixed length, as little-endian words.
    fn fixed<const N: usize>(&mut self, words: [u64; N]);
    fn bytes(&mut self, bytes: &[u8]);
}

/// A digest that depends on order, in two instructions a value: of byte strings the length and both ends.
#[derive(Default)]
pub(crate) struct Fold(pub(crate) u64);

impl Sink for Fold {
    #[inline(always)]
    fn int(&mut self, v: u64) {
        self.0 = self.0.rotate_left(5) ^ v;
    }

    #[inline(always)]
    fn fixed<const N: usize>(&mut self, words: [u64; N]) {
        self.int(words[0] ^ words[N - 1]);
    }

    #[inline(always)]
    fn bytes(&mut self, bytes: &[u8]) {
        self.int(bytes.len() as u64);
        if let (Some(first), Some(last)) = (bytes.first(), bytes.last()) {
            self.int(u64::from(*first) | u64::from(*last) << 8);
        }
    }
}

/// Everything, byte for byte.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Whole(Vec<u8>);

impl Sink for Whole {
    fn int(&mut self, v: u64) {
        self.0.extend(v.to_le_bytes());
    }

    fn fixed<const N: usize>(&mut self, words: [u64; N]) {
        words.iter().for_each(|w| self.0.extend(w.to_le_bytes()));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.int(bytes.len() as u64);
        self.0.extend(bytes);
    }
}

pub(crate) type Hash = [u64; 4];

pub(crate) struct Intent<'a, C> {
    pub(crate) kind: u8,
    pub(crate) author: Hash,
    pub(crate) sequence: u64,
    pub(crate) expires: u64,
    pub(crate) capability: Hash,
    pub(crate) context_tokens: u32,
    pub(crate) generated_tokens: u32,
    pub(crate) lifetime_us: u64,
    pub(crate) budget: u64,
    pub(crate) label: u8,
    pub(crate) depth: u8,
    pub(crate) effect: u8,
    pub(crate) stakes: u8,
    pub(crate) count: usize,
    pub(crate) contexts: C,
    pub(crate) payload: &'a [u8],
    pub(crate) signature: [u64; 8],
}

pub(crate) struct Advert<C> {
    pub(crate) kind: u8,
    pub(crate) sequence: u32,
    pub(crate) resources: [u16; 8],
    pub(crate) count: usize,
    pub(crate) capabilities: C,
}

pub(crate) struct Chunk<'a, P> {
    pub(crate) kind: u8,
    pub(crate) content: Hash,
    pub(crate) index: u32,
    pub(crate) count: usize,
    pub(crate) path: P,
    pub(crate) data: &'a [u8],
}

/// A byte string of exactly `N` words.
#[inline(always)]
pub(crate) fn words<const N: usize>(bytes: &[u8]) -> Option<[u64; N]> {
    let (words, rest) = bytes.as_chunks::<8>();
    let words: &[[u8; 8]; N] = words.try_into().ok()?;
    rest.is_empty().then(|| std::array::from_fn(|i| u64::from_le_bytes(words[i])))
}

/// Whether the bytes of `a` stand before those of `b`: the first eight decide nearly always.
#[inline(always)]
fn rising(a: &Hash, b: &Hash) -> bool {
    match a[0].swap_bytes().cmp(&b[0].swap_bytes()) {
        std::cmp::Ordering::Equal => a.map(u64::swap_bytes) < b.map(u64::swap_bytes),
        order => order.is_lt(),
    }
}

/// A count or a length that the wire format can state.
#[inline(always)]
fn fits(n: usize, most: usize) -> Option<()> {
    (n <= most).then_some(())
}

#[inline(always)]
pub(crate) fn intent<const CHECKED: bool, C: Iterator>(
    i: Intent<'_, C>,
    parts: impl Fn(&C::Item) -> Option<(Hash, u32)>,
    s: &mut impl Sink,
) -> Option<()> {
    if !CHECKED {
        let codes = (i.kind == INTENT) & (i.label <= 3) & (i.effect <= 2) & (i.stakes <= 2);
        codes.then_some(())?;
        fits(i.payload.len(), 65_535)?;
        fits(i.count, 255)?;
    }
    s.fixed(i.author);
    s.int(i.sequence);
    s.int(i.expires);
    s.fixed(i.capability);
    s.int(u64::from(i.context_tokens));
    s.int(u64::from(i.generated_tokens));
    s.int(i.lifetime_us);
    s.int(i.budget);
    s.int(u64::from(i.label));
    s.int(u64::from(i.depth));
    s.int(u64::from(i.effect));
    s.int(u64::from(i.stakes));
    let mut last = None;
    for context in i.contexts {
        let (hash, length) = parts(&context)?;
        if !CHECKED {
            last.is_none_or(|last| rising(&last, &hash)).then_some(())?;
            last = Some(hash);
        }
        s.fixed(hash);
        s.int(u64::from(length));
    }
    s.bytes(i.payload);
    s.fixed(i.signature);
    Some(())
}

#[inline(always)]
pub(crate) fn advert<const CHECKED: bool, C: Iterator>(
    a: Advert<C>,
    parts: impl Fn(&C::Item) -> Option<(u32, u8, u16)>,
    s: &mut impl Sink,
) -> Option<()> {
    if !CHECKED {
        (a.kind == ADVERT).then_some(())?;
        fits(a.count, 255)?;
    }
    s.int(u64::from(a.sequence));
    for r in a.resources {
        s.int(u64::from(r));
    }
    let mut last = None;
    for capability in a.capabilities {
        let (id, competence, price) = parts(&capability)?;
        if !CHECKED {
            last.is_none_or(|last| last < id).then_some(())?;
            last = Some(id);
        }
        s.int(u64::from(id));
        s.int(u64::from(competence));
        s.int(u64::from(price));
    }
    Some(())
}

#[inline(always)]
pub(crate) fn chunk<const CHECKED: bool, P: Iterator>(
    c: Chunk<'_, P>,
    parts: impl Fn(&P::Item) -> Option<Hash>,
    s: &mut impl Sink,
) -> Option<()> {
    if !CHECKED {
        (c.kind == CHUNK && !c.data.is_empty()).then_some(())?;
        fits(c.data.len(), 65_535)?;
        fits(c.count, 255)?;
    }
    s.fixed(c.content);
    s.int(u64::from(c.index));
    for sibling in c.path {
        s.fixed(parts(&sibling)?);
    }
    s.bytes(c.data);
    Some(())
}
