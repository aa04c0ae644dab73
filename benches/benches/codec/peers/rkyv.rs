//! rkyv 0.8: read in place after validation by bytecheck; little-endian, no alignment needed.

use rkyv::rancor::Failure;
use rkyv::{Archive, Serialize};

use super::{advert_from_content, from_content, visit_advert, visit_chunk, visit_intent};
use crate::visit::Sink;

#[derive(Archive, Serialize)]
pub(crate) struct Context {
    hash: [u8; 32],
    length: u32,
}

#[derive(Archive, Serialize)]
pub(crate) struct Intent {
    kind: u8,
    author: [u8; 32],
    sequence: u64,
    expires: u64,
    capability: [u8; 32],
    context_tokens: u32,
    generated_tokens: u32,
    lifetime_us: u64,
    budget: u64,
    label: u8,
    depth: u8,
    effect: u8,
    stakes: u8,
    contexts: Vec<Context>,
    payload: Vec<u8>,
    signature: [u8; 64],
}

#[derive(Archive, Serialize)]
pub(crate) struct Capability {
    id: u32,
    competence: u8,
    price: u16,
}

#[derive(Archive, Serialize)]
pub(crate) struct Advert {
    kind: u8,
    sequence: u32,
    resources: [u16; 8],
    capabilities: Vec<Capability>,
}

#[derive(Archive, Serialize)]
pub(crate) struct Chunk {
    kind: u8,
    content: [u8; 32],
    index: u32,
    path: Vec<[u8; 32]>,
    data: Vec<u8>,
}

from_content!(Intent, Chunk; |h: &[u8; 32]| *h, |s: &[u8; 64]| *s, |b: &[u8]| b.to_vec(), Iterator::collect);
advert_from_content!(Advert; Iterator::collect);

/// Into the same buffer each time.
pub(crate) fn encode<T>(value: &T, buf: &mut Vec<u8>) -> Option<usize>
where
    T: for<'a> Serialize<rkyv::api::high::HighSerializer<Vec<u8>, rkyv::ser::allocator::ArenaHandle<'a>, Failure>>,
{
    buf.clear();
    *buf = rkyv::api::high::to_bytes_in::<_, Failure>(value, std::mem::take(buf)).ok()?;
    Some(buf.len())
}

pub(crate) fn intent<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
    visit_intent!(rkyv::access::<ArchivedIntent, Failure>(bytes).ok()?, s)
}

pub(crate) fn advert<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
    let advert = rkyv::access::<ArchivedAdvert, Failure>(bytes).ok()?;
    visit_advert!(advert, advert.resources.map(u16::from), s)
}

pub(crate) fn chunk<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
    visit_chunk!(rkyv::access::<ArchivedChunk, Failure>(bytes).ok()?, s)
}
