//! planus 1.3: FlatBuffers, read in place; each access checks its own bounds.
//!
//! `planus_generated.rs` comes from `codec.fbs` by planus-translation and planus-codegen 1.3.0
//! (`planus rust codec.fbs`), with the builders, `Debug`, comparisons and serde derives cut out, which nothing
//! here uses. planus has no arrays of fixed length: hashes are structs of u64.

use planus::{Builder, ReadAsRoot, WriteAsOffset};

use crate::content;
use crate::visit::{self, Hash, Sink};

#[allow(unsafe_code, dead_code, unreachable_pub, missing_docs, clippy::all, reason = "generated")]
#[path = "planus_generated.rs"]
mod generated;

use generated::{Advert, AdvertRef, Capability, Chunk, ChunkRef, Context, H32, H32Ref, H64, Intent, IntentRef};

fn h32(bytes: &[u8]) -> H32 {
    let [a, b, c, d] = visit::words(bytes).expect("32 bytes");
    H32 { a, b, c, d }
}

#[inline(always)]
fn hash(h: H32Ref<'_>) -> Hash {
    [h.a(), h.b(), h.c(), h.d()]
}

pub(crate) fn make_intent(i: &content::Intent) -> Intent {
    Intent {
        kind: content::INTENT,
        author: h32(&i.author),
        sequence: i.sequence,
        expires: i.expires,
        capability: h32(&i.capability),
        context_tokens: i.context_tokens,
        generated_tokens: i.generated_tokens,
        lifetime_us: i.lifetime_us,
        budget: i.budget,
        label: i.label,
        depth: i.depth,
        effect: i.effect,
        stakes: i.stakes,
        contexts: i.contexts.iter().map(|(hash, length)| Context { hash: h32(hash), length: *length }).collect(),
        payload: i.payload.clone(),
        signature: H64 { a: h32(&i.signature[..32]), b: h32(&i.signature[32..]) },
    }
}

pub(crate) fn make_advert(a: &content::Advert) -> Advert {
    let [slots, backlog_ms, context_rate, generated_rate, context_free, memory_kib, link, energy] = a.resources;
    let capabilities = &a.capabilities;
    Advert {
        kind: content::ADVERT,
        sequence: a.sequence,
        slots,
        backlog_ms,
        context_rate,
        generated_rate,
        context_free,
        memory_kib,
        link,
        energy,
        capabilities: capabilities
            .iter()
            .map(|c| Capability { id: c.id, price: c.price, competence: c.competence })
            .collect(),
    }
}

pub(crate) fn make_chunk(c: &content::Chunk) -> Chunk {
    Chunk {
        kind: content::CHUNK,
        content: h32(&c.content),
        index: c.index,
        path: c.path.iter().map(|hash| h32(hash)).collect(),
        data: c.data.clone(),
    }
}

/// Into the builder's own buffer, the same each time.
pub(crate) fn encode<T>(value: impl WriteAsOffset<T>, builder: &mut Builder) -> &[u8] {
    builder.clear();
    builder.finish(value, None)
}

pub(crate) fn intent<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
    let x = IntentRef::read_as_root(bytes).ok()?;
    let contexts = x.contexts().ok()?;
    let signature = x.signature().ok()?;
    let ([a, b, c, d], [e, f, g, h]) = (hash(signature.a()), hash(signature.b()));
    let parts = visit::Intent {
        kind: x.kind().ok()?,
        author: hash(x.author().ok()?),
        sequence: x.sequence().ok()?,
        expires: x.expires().ok()?,
        capability: hash(x.capability().ok()?),
        context_tokens: x.context_tokens().ok()?,
        generated_tokens: x.generated_tokens().ok()?,
        lifetime_us: x.lifetime_us().ok()?,
        budget: x.budget().ok()?,
        label: x.label().ok()?,
        depth: x.depth().ok()?,
        effect: x.effect().ok()?,
        stakes: x.stakes().ok()?,
        count: contexts.len(),
        contexts: contexts.iter(),
        payload: x.payload().ok()?,
        signature: [a, b, c, d, e, f, g, h],
    };
    visit::intent::<false, _>(parts, |c| Some((hash(c.hash()), c.length())), s)
}

pub(crate) fn advert<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
    let x = AdvertRef::read_as_root(bytes).ok()?;
    let capabilities = x.capabilities().ok()?;
    let parts = visit::Advert {
        kind: x.kind().ok()?,
        sequence: x.sequence().ok()?,
        resources: [
            x.slots().ok()?,
            x.backlog_ms().ok()?,
            x.context_rate().ok()?,
            x.generated_rate().ok()?,
            x.context_free().ok()?,
            x.memory_kib().ok()?,
            x.link().ok()?,
            x.energy().ok()?,
        ],
        count: capabilities.len(),
        capabilities: capabilities.iter(),
    };
    visit::advert::<false, _>(parts, |c| Some((c.id(), c.competence(), c.price())), s)
}

pub(crate) fn chunk<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
    let x = ChunkRef::read_as_root(bytes).ok()?;
    let path = x.path().ok()?;
    let parts = visit::Chunk {
        kind: x.kind().ok()?,
        content: hash(x.content().ok()?),
        index: x.index().ok()?,
        count: path.len(),
        path: path.iter(),
        data: x.data().ok()?,
    };
    visit::chunk::<false, _>(parts, |h| Some(hash(*h)), s)
}
