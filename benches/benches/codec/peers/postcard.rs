//! postcard 1, twice: *naive* derives over plain owned types, which serde reads byte by byte; *tuned* borrows
//! its byte strings through `serde_bytes` and keeps its lists in place.

/// Borrowed, without allocations.
pub(crate) mod tuned {
    use serde::{Deserialize, Serialize};
    use serde_bytes::{ByteArray, Bytes};

    use crate::peers::{advert_from_content, from_content, visit_advert, visit_chunk, visit_intent};
    use crate::visit::Sink;

    #[derive(Serialize, Deserialize)]
    pub(crate) struct Context<'a> {
        #[serde(borrow)]
        hash: &'a ByteArray<32>,
        length: u32,
    }

    #[derive(Serialize, Deserialize)]
    pub(crate) struct Intent<'a> {
        kind: u8,
        #[serde(borrow)]
        author: &'a ByteArray<32>,
        sequence: u64,
        expires: u64,
        #[serde(borrow)]
        capability: &'a ByteArray<32>,
        context_tokens: u32,
        generated_tokens: u32,
        lifetime_us: u64,
        budget: u64,
        label: u8,
        depth: u8,
        effect: u8,
        stakes: u8,
        #[serde(borrow)]
        contexts: heapless::Vec<Context<'a>, 8>,
        #[serde(borrow)]
        payload: &'a Bytes,
        #[serde(borrow)]
        signature: &'a ByteArray<64>,
    }

    #[derive(Serialize, Deserialize)]
    pub(crate) struct Capability {
        id: u32,
        competence: u8,
        price: u16,
    }

    #[derive(Serialize, Deserialize)]
    pub(crate) struct Advert {
        kind: u8,
        sequence: u32,
        resources: [u16; 8],
        capabilities: heapless::Vec<Capability, 8>,
    }

    #[derive(Serialize, Deserialize)]
    pub(crate) struct Chunk<'a> {
        kind: u8,
        #[serde(borrow)]
        content: &'a ByteArray<32>,
        index: u32,
        #[serde(borrow)]
        path: heapless::Vec<&'a ByteArray<32>, 8>,
        #[serde(borrow)]
        data: &'a Bytes,
    }

    /// Made once, so that it may stay for good.
    fn kept<const N: usize>(bytes: &[u8; N]) -> &'static ByteArray<N> {
        Box::leak(Box::new(ByteArray::new(*bytes)))
    }

    from_content!(Intent<'static>, Chunk<'static>; kept, kept, Bytes::new, Iterator::collect);
    advert_from_content!(Advert; Iterator::collect);

    pub(crate) fn intent<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
        let (intent, []) = postcard::take_from_bytes::<Intent<'_>>(bytes).ok()? else { return None };
        visit_intent!(&intent, s)
    }

    pub(crate) fn advert<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
        let (advert, []) = postcard::take_from_bytes::<Advert>(bytes).ok()? else { return None };
        visit_advert!(&advert, advert.resources, s)
    }

    pub(crate) fn chunk<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
        let (chunk, []) = postcard::take_from_bytes::<Chunk<'_>>(bytes).ok()? else { return None };
        visit_chunk!(&chunk, s)
    }
}

/// As the types come: owned, serde without `serde_bytes`.
pub(crate) mod naive {
    use serde::{Deserialize, Serialize};

    use crate::peers::{advert_from_content, from_content, visit_advert, visit_chunk, visit_intent};
    use crate::visit::Sink;

    #[derive(Serialize, Deserialize)]
    pub(crate) struct Context {
        hash: [u8; 32],
        length: u32,
    }

    #[derive(Serialize, Deserialize)]
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
        // serde derives arrays up to 32.
        signature: Vec<u8>,
    }

    #[derive(Serialize, Deserialize)]
    pub(crate) struct Capability {
        id: u32,
        competence: u8,
        price: u16,
    }

    #[derive(Serialize, Deserialize)]
    pub(crate) struct Advert {
        kind: u8,
        sequence: u32,
        resources: [u16; 8],
        capabilities: Vec<Capability>,
    }

    #[derive(Serialize, Deserialize)]
    pub(crate) struct Chunk {
        kind: u8,
        content: [u8; 32],
        index: u32,
        path: Vec<[u8; 32]>,
        data: Vec<u8>,
    }

    from_content!(Intent, Chunk; |h: &[u8; 32]| *h, |s: &[u8; 64]| s.to_vec(), |b: &[u8]| b.to_vec(), Iterator::collect);
    advert_from_content!(Advert; Iterator::collect);

    pub(crate) fn intent<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
        let (intent, []) = postcard::take_from_bytes::<Intent>(bytes).ok()? else { return None };
        visit_intent!(&intent, s)
    }

    pub(crate) fn advert<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
        let (advert, []) = postcard::take_from_bytes::<Advert>(bytes).ok()? else { return None };
        visit_advert!(&advert, advert.resources, s)
    }

    pub(crate) fn chunk<S: Sink>(bytes: &[u8], s: &mut S) -> Option<()> {
        let (chunk, []) = postcard::take_from_bytes::<Chunk>(bytes).ok()? else { return None };
        visit_chunk!(&chunk, s)
    }
}

pub(crate) fn encode<T: serde::Serialize>(value: &T, buf: &mut [u8]) -> Option<usize> {
    Some(postcard::to_slice(value, buf).ok()?.len())
}
