//! What every codec carries: one intent, one load advertisement, context chunks.

use mindos_wire::Minifloat;

/// Code points that tell the three apart, as on the wire.
pub(crate) const INTENT: u8 = 0x04;
pub(crate) const ADVERT: u8 = 0x54;
pub(crate) const CHUNK: u8 = 0x86;

/// The fields of an intent record: head, body and signature.
pub(crate) struct Intent {
    pub(crate) author: [u8; 32],
    pub(crate) sequence: u64,
    pub(crate) expires: u64,
    pub(crate) capability: [u8; 32],
    pub(crate) context_tokens: u32,
    pub(crate) generated_tokens: u32,
    pub(crate) lifetime_us: u64,
    pub(crate) budget: u64,
    pub(crate) label: u8,
    pub(crate) depth: u8,
    pub(crate) effect: u8,
    pub(crate) stakes: u8,
    pub(crate) contexts: Vec<([u8; 32], u32)>,
    pub(crate) payload: Vec<u8>,
    pub(crate) signature: [u8; 64],
}

/// A load advertisement. Resources are the same u16 codes for all: slots, backlog, context rate, generated
/// rate, context free, memory, link, energy.
pub(crate) struct Advert {
    pub(crate) sequence: u32,
    pub(crate) resources: [u16; 8],
    pub(crate) capabilities: Vec<Capability>,
}

pub(crate) struct Capability {
    pub(crate) id: u32,
    pub(crate) competence: u8,
    pub(crate) price: u16,
}

pub(crate) struct Chunk {
    pub(crate) content: [u8; 32],
    pub(crate) index: u32,
    pub(crate) path: Vec<[u8; 32]>,
    pub(crate) data: Vec<u8>,
}

/// Bytes that look like hashes: xorshift64, the same in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| (self.next() >> 32) as u8)
    }

    fn vec(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| (self.next() >> 32) as u8).collect()
    }
}

/// An input of 512 bytes and three contexts.
pub(crate) fn intent() -> Intent {
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    let mut contexts = [9_000, 9_001, 9_002].map(|length| (noise.array(), length)).to_vec();
    contexts.sort();
    Intent {
        author: noise.array(),
        sequence: 1_025,
        expires: 1_800_000_600,
        capability: noise.array(),
        context_tokens: 2_000,
        generated_tokens: 300,
        lifetime_us: 600_000_000,
        budget: 25_000,
        label: 1,
        depth: 2,
        effect: 1,
        stakes: 0,
        contexts,
        payload: noise.vec(512),
        signature: noise.array(),
    }
}

/// A home server: 4 slots, 1.5 s of work, 2,000 tokens/s in and 20 out, 128,000 tokens free, 16 GiB,
/// 100 Mbit/s, mains. Ids are the first bytes of hashes.
pub(crate) fn advert() -> Advert {
    let mut noise = Noise(0xd1b5_4a32_d192_ed03);
    let quantities = [4, 1_500, 2_000_000, 20_000, 128_000, 16 << 20, 12_500_000, Minifloat::MAX];
    let mut ids: [u32; 6] = std::array::from_fn(|_| noise.next() as u32);
    ids.sort();
    let offers = [(232, 120), (184, 15), (112, 900), (224, 40), (4, 2_500), (255, 64)];
    Advert {
        sequence: 77,
        resources: quantities.map(|q| Minifloat::floor(q).0),
        capabilities: ids
            .iter()
            .zip(offers)
            .map(|(&id, (competence, price))| Capability { id, competence, price })
            .collect(),
    }
}

/// A chunk of `size` bytes whose path has 4 siblings.
pub(crate) fn chunk(size: usize) -> Chunk {
    let mut noise = Noise(0x94d0_49bb_1331_11eb);
    Chunk { content: noise.array(), index: 11, path: (0..4).map(|_| noise.array()).collect(), data: noise.vec(size) }
}
