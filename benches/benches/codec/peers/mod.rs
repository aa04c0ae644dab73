//! The codecs. Each module declares the three messages as its documentation advises, makes them from the
//! [content](crate::content), and has a function per message that decodes bytes and visits the parts.
//!
//! All refuse bytes that follow the value, which some codecs accept by default.

pub(crate) mod mindos;
pub(crate) mod minicbor;
pub(crate) mod planus;
pub(crate) mod postcard;
pub(crate) mod prost;
pub(crate) mod rkyv;
pub(crate) mod wincode;

/// `from_content!(Intent, Chunk; hash, signature, bytes, list)`: functions that make these two of a module, with
/// what makes its hashes, signatures, byte strings and lists.
macro_rules! from_content {
    ($intent:ty, $chunk:ty; $hash:expr, $signature:expr, $bytes:expr, $list:path) => {
        pub(crate) fn make_intent(i: &'static crate::content::Intent) -> $intent {
            Intent {
                kind: crate::content::INTENT.into(),
                author: $hash(&i.author),
                sequence: i.sequence,
                expires: i.expires,
                capability: $hash(&i.capability),
                context_tokens: i.context_tokens,
                generated_tokens: i.generated_tokens,
                lifetime_us: i.lifetime_us,
                budget: i.budget,
                label: i.label.into(),
                depth: i.depth.into(),
                effect: i.effect.into(),
                stakes: i.stakes.into(),
                contexts: $list(
                    i.contexts.iter().map(|(hash, length)| Context { hash: $hash(hash), length: (*length).into() }),
                ),
                payload: $bytes(&i.payload),
                signature: $signature(&i.signature),
            }
        }

        pub(crate) fn make_chunk(c: &'static crate::content::Chunk) -> $chunk {
            Chunk {
                kind: crate::content::CHUNK.into(),
                content: $hash(&c.content),
                index: c.index,
                path: $list(c.path.iter().map(|hash| $hash(hash))),
                data: $bytes(&c.data),
            }
        }
    };
}

/// The same for its `Advert`.
macro_rules! advert_from_content {
    ($advert:ty; $list:path) => {
        pub(crate) fn make_advert(a: &'static crate::content::Advert) -> $advert {
            Advert {
                kind: crate::content::ADVERT.into(),
                sequence: a.sequence,
                resources: a.resources,
                capabilities: $list(a.capabilities.iter().map(|c| Capability {
                    id: c.id.into(),
                    competence: c.competence.into(),
                    price: c.price.into(),
                })),
            }
        }
    };
}

/// The parts of a decoded intent, whatever its integers and byte strings are.
macro_rules! visit_intent {
    ($x:expr, $s:expr) => {{
        let x = $x;
        let parts = crate::visit::Intent {
            kind: x.kind.try_into().ok()?,
            author: crate::visit::words(&x.author[..])?,
            sequence: x.sequence.into(),
            expires: x.expires.into(),
            capability: crate::visit::words(&x.capability[..])?,
            context_tokens: x.context_tokens.into(),
            generated_tokens: x.generated_tokens.into(),
            lifetime_us: x.lifetime_us.into(),
            budget: x.budget.into(),
            label: x.label.try_into().ok()?,
            depth: x.depth.try_into().ok()?,
            effect: x.effect.try_into().ok()?,
            stakes: x.stakes.try_into().ok()?,
            count: x.contexts.len(),
            contexts: x.contexts.iter(),
            payload: &x.payload[..],
            signature: crate::visit::words(&x.signature[..])?,
        };
        crate::visit::intent::<false, _>(parts, |c| Some((crate::visit::words(&c.hash[..])?, c.length.into())), $s)
    }};
}

macro_rules! visit_advert {
    ($x:expr, $resources:expr, $s:expr) => {{
        let x = $x;
        let parts = crate::visit::Advert {
            kind: x.kind.try_into().ok()?,
            sequence: x.sequence.into(),
            resources: $resources,
            count: x.capabilities.len(),
            capabilities: x.capabilities.iter(),
        };
        crate::visit::advert::<false, _>(
            parts,
            |c| Some((c.id.into(), c.competence.try_into().ok()?, c.price.try_into().ok()?)),
            $s,
        )
    }};
}

macro_rules! visit_chunk {
    ($x:expr, $s:expr) => {{
        let x = $x;
        let parts = crate::visit::Chunk {
            kind: x.kind.try_into().ok()?,
            content: crate::visit::words(&x.content[..])?,
            index: x.index.into(),
            count: x.path.len(),
            path: x.path.iter(),
            data: &x.data[..],
        };
        crate::visit::chunk::<false, _>(parts, |hash| crate::visit::words(&hash[..]), $s)
    }};
}

pub(crate) use {advert_from_content, from_content, visit_advert, visit_chunk, visit_intent};
