//! minicbor 2: CBOR by derive, structs as arrays, byte strings borrowed; lists are `Vec`.

use minicbor::{Decode, Decoder, Encode};

use super::{advert_from_content, from_content, visit_advert, visit_chunk, visit_intent};
use crate::visit::Sink;

#[derive(Encode, Decode)]
#[cbor(array)]
pub(crate) struct Context<'a> {
    #[cbor(b(0), with = "minicbor::bytes")]
    hash: &'a [u8],
    #[n(1)]
    length: u32,
}

#[derive(Encode, Decode)]
#[cbor(array)]
pub(crate) struct Intent<'a> {
    #[n(0)]
    kind: u8,
    #[cbor(b(1), with = "minicbor::bytes")]
    author: &'a [u8],
    #[n(2)]
    sequence: u64,
    #[n(3)]
    expires: u64,
    #[cbor(b(4), with = "minicbor::bytes")]
    capability: &'a [u8],
    #[n(5)]
    context_tokens: u32,
    #[n(6)]
    generated_tokens: u32,
    #[n(7)]
    lifetime_us: u64,
    #[n(8)]
    budget: u64,
    #[n(9)]
    label: u8,
    #[n(10)]
    depth: u8,
    #[n(11)]
    effect: u8,
    #[n(12)]
    stakes: u8,
    #[b(13)]
    contexts: Vec<Context<'a>>,
    #[cbor(b(14), with = "minicbor::bytes")]
    payload: &'a [u8],
    #[cbor(b(15), with = "minicbor::bytes")]
    signature: &'a [u8],
}

#[derive(Encode, Decode)]
#[cbor(array)]
pub(crate) struct Capability {
    #[n(0)]
    id: u32,
    #[n(1)]
    competence: u8,
    #[n(2)]
    price: u16,
}

#[derive(Encode, Decode)]
#[cbor(array)]
pub(crate) struct Advert {
    #[n(0)]
    kind: u8,
    #[n(1)]
    sequence: u32,
    #[n(2)]
    resources: [u16; 8],
    #[n(3)]
    capabilities: Vec<Capability>,
}

#[derive(Encode, Decode)]
#[cbor(array)]
pub(crate) struct Chunk<'a> {
    #[n(0)]
    kind: u8,
    #[cbor(b(1), with = "minicbor::bytes")]
    content: &'a [u8],
    #[n(2)]
    index: u32,
    #[b(3)]
    path: Vec<&'a minicbor::bytes::ByteSlice>,
    #[cbor(b(4), with = "minicbor::bytes")]
    data: &'a [u8],
}

/// A borrowed byte string in either of the crate's two forms.
fn borrowed<'a, const N: usize, T: From<&'a [u8]>>(bytes: &'a [u8; N]) -> T {
    T::from(&bytes[..])
}

from_content!(Intent<'static>, Chunk<'static>; borrowed, borrowed, |b: &'static Vec<u8>| &b[..], Iterator::collect);
advert_from_content!(Advert; Iterator::collect);

pub(crate) fn encode<T: Encode<()>>(value: &T, mut buf: &mut [u8]) -> Option<usize> {
    let room = buf.len();
    minicbor::encode(value, &mut buf).ok()?;
    Some(room - buf.len())
}

/// Exactly one value.
#[inline(always)]
fn decode<'a, T: Decode<'a, ()>>(bytes: &'a [u8]) -> Option<T> {
    let mut decoder = Decoder::new(bytes);
    let value = decoder.decode().ok()?;
    (decoder.position() == bytes.len()).then_some(value)
}

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
