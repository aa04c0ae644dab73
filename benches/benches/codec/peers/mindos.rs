//! MindOS: the decoder that nodes run. It has made the checks; bytes to encode are written as nodes write them.

use mindos_wire::{
    Bytes16, CapabilityLoad, ContextChunk, ContextRef, Effect, IntentBody, Label, List, LoadAdvert, Minifloat, Record,
    RecordBody, RecordHead, Sibling, Stakes, Tail, decode_frame, encode_frame,
};

use crate::content;
use crate::visit::{self, Sink, words};

/// Code points of the content.
const CODES: (Label, Effect, Stakes) = (Label::Community, Effect::Idempotent, Stakes::Low);

pub(crate) fn make_intent(i: &'static content::Intent) -> Record<'static> {
    assert_eq!((CODES.0 as u8, CODES.1 as u8, CODES.2 as u8), (i.label, i.effect, i.stakes));
    let contexts = i.contexts.iter().map(|&(hash, length)| ContextRef { hash, length }).collect::<Vec<_>>();
    Record {
        head: RecordHead { author: &i.author, sequence: i.sequence, expires: i.expires },
        body: RecordBody::Intent(IntentBody {
            capability: &i.capability,
            context_tokens: i.context_tokens,
            generated_tokens: i.generated_tokens,
            lifetime_us: i.lifetime_us,
            budget: i.budget,
            label: CODES.0,
            depth: i.depth,
            effect: CODES.1,
            stakes: CODES.2,
            contexts: List::new(contexts.leak()),
            payload: Bytes16(&i.payload),
            tail: Tail::default(),
        }),
        signature: &i.signature,
        signed: &[],
    }
}

pub(crate) fn make_advert(a: &'static content::Advert) -> LoadAdvert<'static> {
    let capabilities =
        a.capabilities.iter().map(|c| CapabilityLoad { id: c.id, competence: c.competence, price: c.price });
    let [slots, backlog_ms, context_rate, generated_rate, context_free, memory_kib, link, energy] =
        a.resources.map(Minifloat);
    LoadAdvert {
        sequence: a.sequence,
        slots,
        backlog_ms,
        context_rate,
        generated_rate,
        context_free,
        memory_kib,
        link,
        energy,
        capabilities: List::new(capabilities.collect::<Vec<_>>().leak()),
        tail: Tail::default(),
    }
}

pub(crate) fn make_chunk(c: &'static content::Chunk) -> ContextChunk<'static> {
    let path = c.path.iter().map(|&value| Sibling { value }).collect::<Vec<_>>();
    ContextChunk {
        content: &c.content,
        index: c.index,
        path: List::new(path.leak()),
        data: Bytes16(&c.data),
        tail: Tail::default(),
    }
}

pub(crate) fn encode_intent(record: &Record<'_>, mut buf: &mut [u8]) -> Option<usize> {
    let room = buf.len();
    record.encode(&mut buf).ok()?;
    Some(room - buf.len())
}

pub(crate) fn encode_advert(advert: &LoadAdvert<'_>, mut buf: &mut [u8]) -> Option<usize> {
    encode_frame(advert, &mut buf).ok()
}

pub(crate) fn encode_chunk(chunk: &ContextChunk<'_>, mut buf: &mut [u8]) -> Option<usize> {
    encode_frame(chunk, &mut buf).ok()
}

pub(crate) fn intent<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
    let record = Record::<IntentBody<'_>>::decode_as(bytes).ok()?;
    let i = record.body;
    let parts = visit::Intent {
        kind: content::INTENT,
        author: words(record.head.author)?,
        sequence: record.head.sequence,
        expires: record.head.expires,
        capability: words(i.capability)?,
        context_tokens: i.context_tokens,
        generated_tokens: i.generated_tokens,
        lifetime_us: i.lifetime_us,
        budget: i.budget,
        label: i.label as u8,
        depth: i.depth,
        effect: i.effect as u8,
        stakes: i.stakes as u8,
        count: i.contexts.len(),
        contexts: i.contexts.iter(),
        payload: i.payload.0,
        signature: words(record.signature)?,
    };
    visit::intent::<true, _>(parts, |c| Some((words(&c.hash)?, c.length)), s)
}

pub(crate) fn advert<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
    let (a, []) = decode_frame::<LoadAdvert<'_>>(bytes).ok()? else { return None };
    let resources =
        [a.slots, a.backlog_ms, a.context_rate, a.generated_rate, a.context_free, a.memory_kib, a.link, a.energy];
    let parts = visit::Advert {
        kind: content::ADVERT,
        sequence: a.sequence,
        resources: resources.map(|r| r.0),
        count: a.capabilities.len(),
        capabilities: a.capabilities.iter(),
    };
    visit::advert::<true, _>(parts, |c| Some((c.id, c.competence, c.price)), s)
}

pub(crate) fn chunk<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
    let (c, []) = decode_frame::<ContextChunk<'_>>(bytes).ok()? else { return None };
    let parts = visit::Chunk {
        kind: content::CHUNK,
        content: words(c.content)?,
        index: c.index,
        count: c.path.len(),
        path: c.path.iter(),
        data: c.data.0,
    };
    visit::chunk::<true, _>(parts, |sibling| words(&sibling.value), s)
}
