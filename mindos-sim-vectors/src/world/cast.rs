//! Who lies how. Nodes are those of production; what makes a liar is its host, and frames that it adds.

use bytes::Bytes;
use mindos_core::crypto::Crypto;
use mindos_core::trust::Reliance;
use mindos_core::wire::{List, StandingDigest, StandingEntry, Tail, encode_frame};
use mindos_core::{NodeConfig, NodeId, Voucher, cost};

use super::host::NETWORK;
use super::liars::Watch;
use super::sim::capability;
use crate::liars::scenario::Liars;

/// Leading zero bits of the cost proof of who is not vouched for: little, so that sybils are cheap.
const COST_BITS: u8 = 8;
/// Length of a padded result: evidence has at most 16,384 bytes.
const PADDED: usize = 17_000;
/// Seed of the genesis key of the scenario.
const GENESIS: &str = "mindos lab 2026 genesis key";

/// What a mind does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Works, checks some results, tells the truth.
    Honest,
    /// Advertises three times its speed.
    Boaster,
    /// Accepts leases and never finishes.
    Breaker,
    /// Returns wrong results.
    Wrong,
    /// Returns wrong results, praises its like and slanders others in advice and evidence.
    Colluder,
    /// Honest until half-time, then as [`Kind::Wrong`].
    Sleeper,
    /// As [`Kind::Colluder`], and nobody vouches for it.
    Sybil,
    /// As [`Kind::Wrong`], and comes back under a fresh key when it is found out.
    Whitewasher,
    /// Works honestly and slanders.
    Slanderer,
    /// Returns wrong results only of work whose contexts are too long for evidence.
    Hider,
    /// Returns wrong results that are too long for evidence.
    Padder,
    /// As [`Kind::Wrong`], and leaves its key by succession when it is found out.
    Mover,
    /// As [`Kind::Colluder`], and accuses its like of what they did right: that fills the places of true evidence.
    Stuffer,
}

impl Kind {
    /// All of them, honest first.
    pub const ALL: [Self; 13] = [
        Self::Honest,
        Self::Boaster,
        Self::Breaker,
        Self::Wrong,
        Self::Colluder,
        Self::Sleeper,
        Self::Sybil,
        Self::Whitewasher,
        Self::Slanderer,
        Self::Hider,
        Self::Padder,
        Self::Mover,
        Self::Stuffer,
    ];

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Honest => "honest",
            Self::Boaster => "boasters",
            Self::Breaker => "breakers of promises",
            Self::Wrong => "wrong results",
            Self::Colluder => "colluders",
            Self::Sleeper => "sleepers",
            Self::Sybil => "sybils",
            Self::Whitewasher => "whitewashers",
            Self::Slanderer => "slanderers",
            Self::Hider => "liars on long work",
            Self::Padder => "padders",
            Self::Mover => "movers to a new key",
            Self::Stuffer => "fillers of places",
        }
    }

    /// Whether it warns of good workers.
    pub(super) fn slanders(self) -> bool {
        matches!(self, Self::Colluder | Self::Sybil | Self::Slanderer | Self::Stuffer)
    }

    /// Whether its result of work is wrong.
    fn errs(self, half_over: bool, work: Given) -> bool {
        match self {
            Self::Wrong | Self::Sybil | Self::Whitewasher | Self::Padder | Self::Mover => true,
            Self::Colluder | Self::Stuffer => !work.of_stuffer,
            Self::Sleeper => half_over,
            Self::Hider => work.unseen,
            Self::Honest | Self::Boaster | Self::Breaker | Self::Slanderer => false,
        }
    }
}

/// What a liar looks at before it lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given {
    /// The work's contexts are too long for evidence.
    pub(super) unseen: bool,
    /// A friend gave it that needs a right result, to call it wrong.
    pub(super) of_stuffer: bool,
}

/// Who is who, and on what terms.
#[derive(Clone, Debug)]
pub(super) struct Cast {
    /// By host.
    kinds: Vec<Kind>,
    /// In milli-credits per second of reference work.
    pub(super) price: u16,
    /// An honest host checks one result in so many.
    pub(super) check_one_in: u64,
    /// A result of an honest mind is wrong one time in so many; 0: never.
    errs_one_in: u64,
    /// Of 256 requests so many send their context.
    pub(super) contexts: u8,
    pub(super) reliance: Reliance,
    /// A genesis key vouches for members.
    pub(super) rooted: bool,
    pub(super) half_us: u64,
    /// A made-up result takes this share of the time of the work, in parts of 256.
    lie_takes: u64,
    /// A kind whose minds are honest this once.
    turned: Option<Kind>,
    /// Whether hosts check and liars are watched.
    pub(super) watched: bool,
}

/// The right result of work: what it is matters little, as long as everybody can compute it.
pub(super) fn right_output(payload: &[u8]) -> Bytes {
    Bytes::copy_from_slice(blake3::hash(payload).as_bytes())
}

impl Cast {
    /// A world in which some boast and nobody does anything about results.
    pub(super) fn boasters(nodes: u32, liars: &[u32]) -> Self {
        let kind = |host: u32| if liars.contains(&host) { Kind::Boaster } else { Kind::Honest };
        Self {
            kinds: (0..nodes).map(kind).collect(),
            price: 0,
            check_one_in: 1,
            errs_one_in: 0,
            contexts: 0,
            reliance: Reliance::Everything,
            rooted: false,
            half_us: 0,
            lie_takes: 256,
            turned: None,
            watched: false,
        }
    }

    /// The minds of a scenario, whose half-time is at `half_us`.
    pub(super) fn of(liars: &Liars, kinds: Vec<Kind>, half_us: u64, reliance: Reliance) -> Self {
        let &Liars { price, check_one_in, errs_one_in, .. } = liars;
        let contexts = libm::round(liars.contexts * 255.0) as u8;
        let lie_takes = libm::round(liars.lie_takes * 256.0) as u64;
        Self {
            kinds,
            price,
            check_one_in,
            errs_one_in,
            contexts,
            reliance,
            rooted: true,
            half_us,
            lie_takes,
            turned: None,
            watched: true,
        }
    }

    /// The same minds, of which those of one kind do as honest ones do.
    pub(super) fn turning(self, kind: Kind) -> Self {
        Self { turned: Some(kind), ..self }
    }

    /// How a mind behaves.
    pub(super) fn kind(&self, host: u32) -> Kind {
        let kind = self.kinds.get(host as usize).copied().unwrap_or(Kind::Honest);
        if self.turned == Some(kind) { Kind::Honest } else { kind }
    }

    /// Who was cast as what, by host.
    pub(super) fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The result of work that takes so long, and the time to it. What a liar returns instead is the same for all of
    /// them, but for its length, and takes less.
    pub(super) fn result(&self, host: u32, now: u64, payload: &[u8], work: Given, takes: u64) -> (Bytes, u64) {
        let slips = self.kind(host) == Kind::Honest && self.slips(payload);
        let lies = self.kind(host).errs(now >= self.half_us, work);
        if !slips && !lies {
            return (right_output(payload), takes);
        }
        let mut wrong = blake3::hash(&right_output(payload)).as_bytes().to_vec();
        if self.kind(host) == Kind::Padder {
            wrong.resize(PADDED, 0);
        }
        (Bytes::from(wrong), if lies { (takes * self.lie_takes / 256).max(1) } else { takes })
    }

    /// Whether an honest mind errs in this work by accident.
    fn slips(&self, payload: &[u8]) -> bool {
        let drawn = blake3::Hasher::new().update(b"slip").update(payload).finalize();
        let drawn = drawn.as_bytes().first_chunk().map_or(1, |b| u64::from_le_bytes(*b));
        drawn.checked_rem(self.errs_one_in) == Some(0)
    }

    /// Whether a worker is of those who help each other.
    pub(super) fn is_friend(&self, watch: &Watch, worker: &NodeId) -> bool {
        watch.host(worker).is_some_and(|h| self.kind(h).slanders())
    }

    fn is_vouched(&self, host: u32, key: u32) -> bool {
        match self.kind(host) {
            Kind::Sybil => false,
            // What was signed for its first key holds for its successors.
            Kind::Mover => true,
            _ => key == 0,
        }
    }

    /// What the genesis key signed for a key.
    pub(super) fn voucher(crypto: &'static dyn Crypto, id: NodeId) -> Voucher {
        Voucher::sign(crypto, &crypto.derive(GENESIS, &[]), NETWORK, id, u64::MAX)
    }

    pub(super) fn configure(
        &self,
        crypto: &'static dyn Crypto,
        config: &mut NodeConfig,
        id: NodeId,
        host: u32,
        key: u32,
    ) {
        config.reliance = self.reliance;
        if !self.rooted {
            return;
        }
        let genesis = crypto.derive(GENESIS, &[]);
        config.roots = vec![NodeId(crypto.sign_public(&genesis))];
        config.cost_bits = COST_BITS;
        config.voucher = (key == 0 && self.is_vouched(host, key)).then(|| Self::voucher(crypto, id));
    }

    /// What somebody paid whom nobody vouches for.
    pub(super) fn cost(
        &self,
        crypto: &'static dyn Crypto,
        id: NodeId,
        host: u32,
        key: u32,
        unix_s: u64,
    ) -> Option<cost::CostProof> {
        let needed = self.rooted && !self.is_vouched(host, key);
        needed
            .then(|| cost::Puzzle::new(NETWORK, &id, cost::epoch(unix_s), 0).search(crypto, COST_BITS, 0..1 << 20))
            .flatten()
    }
}

/// Slander of some nodes, and praise of those who are friends.
pub(super) fn digest(nodes: &[NodeId], is_friend: impl Fn(&NodeId) -> bool) -> Vec<u8> {
    let alias = |n: &NodeId| {
        let hash = blake3::Hasher::new().update(&0_u32.to_le_bytes()).update(&n.0).finalize();
        hash.as_bytes().first_chunk::<4>().map_or(0, |b| u32::from_le_bytes(*b))
    };
    let entry = |n: &NodeId| StandingEntry { alias: alias(n), standing: if is_friend(n) { u16::MAX } else { 0 } };
    let mut entries: Vec<StandingEntry> = nodes.iter().map(entry).collect();
    entries.sort_by_key(|e| e.alias);
    entries.dedup_by_key(|e| e.alias);
    let name = capability();
    let domain = name.first_chunk::<4>().map_or(0, |b| u32::from_le_bytes(*b));
    let mut frames = Vec::new();
    // A short list fits.
    let _ = encode_frame(&StandingDigest { domain, entries: List::new(&entries), tail: Tail::default() }, &mut frames);
    frames
}
