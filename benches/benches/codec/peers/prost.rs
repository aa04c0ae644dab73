//! prost 0.14: protocol buffers by derive. Byte strings are `bytes::Bytes`, which share the received buffer.

use bytes::Bytes;
use prost::Message;

use super::{from_content, visit_advert, visit_chunk, visit_intent};
use crate::visit::Sink;

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Context {
    #[prost(bytes = "bytes", tag = "1")]
    hash: Bytes,
    #[prost(uint32, tag = "2")]
    length: u32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Intent {
    #[prost(uint32, tag = "1")]
    kind: u32,
    #[prost(bytes = "bytes", tag = "2")]
    author: Bytes,
    #[prost(uint64, tag = "3")]
    sequence: u64,
    #[prost(uint64, tag = "4")]
    expires: u64,
    #[prost(bytes = "bytes", tag = "5")]
    capability: Bytes,
    #[prost(uint32, tag = "6")]
    context_tokens: u32,
    #[prost(uint32, tag = "7")]
    generated_tokens: u32,
    #[prost(uint64, tag = "8")]
    lifetime_us: u64,
    #[prost(uint64, tag = "9")]
    budget: u64,
    #[prost(uint32, tag = "10")]
    label: u32,
    #[prost(uint32, tag = "11")]
    depth: u32,
    #[prost(uint32, tag = "12")]
    effect: u32,
    #[prost(uint32, tag = "13")]
    stakes: u32,
    #[prost(message, repeated, tag = "14")]
    contexts: Vec<Context>,
    #[prost(bytes = "bytes", tag = "15")]
    payload: Bytes,
    #[prost(bytes = "bytes", tag = "16")]
    signature: Bytes,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Capability {
    #[prost(uint32, tag = "1")]
    id: u32,
    #[prost(uint32, tag = "2")]
    competence: u32,
    #[prost(uint32, tag = "3")]
    price: u32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Advert {
    #[prost(uint32, tag = "1")]
    kind: u32,
    #[prost(uint32, tag = "2")]
    sequence: u32,
    #[prost(uint32, tag = "3")]
    slots: u32,
    #[prost(uint32, tag = "4")]
    backlog_ms: u32,
    #[prost(uint32, tag = "5")]
    context_rate: u32,
    #[prost(uint32, tag = "6")]
    generated_rate: u32,
    #[prost(uint32, tag = "7")]
    context_free: u32,
    #[prost(uint32, tag = "8")]
    memory_kib: u32,
    #[prost(uint32, tag = "9")]
    link: u32,
    #[prost(uint32, tag = "10")]
    energy: u32,
    #[prost(message, repeated, tag = "11")]
    capabilities: Vec<Capability>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Chunk {
    #[prost(uint32, tag = "1")]
    kind: u32,
    #[prost(bytes = "bytes", tag = "2")]
    content: Bytes,
    #[prost(uint32, tag = "3")]
    index: u32,
    #[prost(bytes = "bytes", repeated, tag = "4")]
    path: Vec<Bytes>,
    #[prost(bytes = "bytes", tag = "5")]
    data: Bytes,
}

fn shared(bytes: &'static [u8]) -> Bytes {
    Bytes::from_static(bytes)
}

from_content!(Intent, Chunk; |h: &'static [u8; 32]| shared(h), |s: &'static [u8; 64]| shared(s), shared, Iterator::collect);

pub(crate) fn make_advert(a: &crate::content::Advert) -> Advert {
    let [slots, backlog_ms, context_rate, generated_rate, context_free, memory_kib, link, energy] =
        a.resources.map(u32::from);
    Advert {
        kind: crate::content::ADVERT.into(),
        sequence: a.sequence,
        slots,
        backlog_ms,
        context_rate,
        generated_rate,
        context_free,
        memory_kib,
        link,
        energy,
        capabilities: a
            .capabilities
            .iter()
            .map(|c| Capability { id: c.id, competence: c.competence.into(), price: c.price.into() })
            .collect(),
    }
}

pub(crate) fn encode<T: Message>(value: &T, mut buf: &mut [u8]) -> Option<usize> {
    let room = buf.len();
    value.encode(&mut buf).ok()?;
    Some(room - buf.len())
}

pub(crate) fn intent<S: Sink>(bytes: &Bytes, s: &mut S) -> Option<()> {
    visit_intent!(Intent::decode(bytes.clone()).ok()?, s)
}

pub(crate) fn advert<S: Sink>(bytes: &Bytes, s: &mut S) -> Option<()> {
    let a = Advert::decode(bytes.clone()).ok()?;
    let resources =
        [a.slots, a.backlog_ms, a.context_rate, a.generated_rate, a.context_free, a.memory_kib, a.link, a.energy];
    // Codes are 16 bits wide.
    resources.iter().all(|r| *r <= u32::from(u16::MAX)).then_some(())?;
    visit_advert!(&a, resources.map(|r| r as u16), s)
}

pub(crate) fn chunk<S: Sink>(bytes: &Bytes, s: &mut S) -> Option<()> {
    visit_chunk!(Chunk::decode(bytes.clone()).ok()?, s)
}
