//! The hybrid upgrade of suite 2 (spec 04, section 1.6): ML-KEM-768 inside the new session, mixed into the keys
//! of its epoch 1. Until then nothing else is sent on it.

use alloc::boxed::Box;

use mindos_wire::{Close, Frame, KemCiphertext, KemKey, SUITE_HYBRID, Tail, encode_frame, frames};
use zeroize::Zeroizing;

use super::epoch::COUNTERS;
use super::link::Stage;
use super::{Ctx, HALF_OPEN, IDLE, Sessions};
use crate::crypto::{Crypto, KEM_CIPHERTEXT, KEM_PUBLIC};
use crate::identity::{Beacon, Verified};
use crate::outbox::frame;
use crate::timer::Timer;
use crate::{DropReason, Duration};

const KEY_HALF: usize = KEM_PUBLIC / 2;
const CIPHERTEXT_HALF: usize = KEM_CIPHERTEXT / 2;

/// What epoch 1 takes in: the KEM's secret, and the hash of key and ciphertext.
pub(super) type Material = Zeroizing<[u8; 64]>;

/// Where the upgrade of a session stands.
#[cfg_attr(feature = "model", derive(Clone, PartialEq, Eq))]
pub(super) enum Upgrade {
    /// It is not part of the suite, or is done.
    None,
    /// Initiator: its key left.
    Offered { seed: Zeroizing<[u8; 64]>, public: Box<[u8; KEM_PUBLIC]>, ciphertext: Halves<CIPHERTEXT_HALF> },
    /// Initiator: sends in epoch 1, and has not heard the peer there.
    Confirming { material: Material },
    /// Responder: waits for the key.
    Awaited { key: Halves<KEY_HALF> },
    /// Responder: the ciphertext left.
    Answered { ciphertext: Box<[u8; KEM_CIPHERTEXT]>, material: Material },
}

// Not derived: `Zeroizing` has no hash.
#[cfg(feature = "model")]
impl core::hash::Hash for Upgrade {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        core::mem::discriminant(self).hash(state);
        match self {
            Self::None => {}
            Self::Offered { seed, public, ciphertext } => (&**seed, public, ciphertext).hash(state),
            Self::Confirming { material } => material[..].hash(state),
            Self::Awaited { key } => key.hash(state),
            Self::Answered { ciphertext, material } => (ciphertext, &**material).hash(state),
        }
    }
}

/// Two halves of one value, in any order.
#[cfg_attr(feature = "model", derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Halves<const N: usize>([Option<Box<[u8; N]>>; 2]);

impl<const N: usize> Default for Halves<N> {
    fn default() -> Self {
        Self([None, None])
    }
}

impl<const N: usize> Halves<N> {
    /// Keeps a half; the first of its kind stays. Both together, once they are there.
    pub(super) fn take<const M: usize>(&mut self, second: bool, bytes: &[u8; N]) -> Option<Box<[u8; M]>> {
        let [first_half, second_half] = &mut self.0;
        let place = if second { &mut *second_half } else { &mut *first_half };
        place.get_or_insert_with(|| Box::new(*bytes));
        let (a, b) = (first_half.as_ref()?, second_half.as_ref()?);
        let mut whole = Box::new([0; M]);
        whole.iter_mut().zip(a.iter().chain(b.iter())).for_each(|(w, b)| *w = *b);
        Some(whole)
    }
}

impl Upgrade {
    /// Whether the session carries everything.
    pub(super) fn is_ready(&self) -> bool {
        matches!(self, Self::None | Self::Confirming { .. })
    }

    /// Whether this side's next epoch cannot begin yet.
    pub(super) fn holds(&self) -> bool {
        !self.is_ready()
    }

    /// What the next epoch of the peer takes in; `None` if it cannot begin yet.
    pub(super) fn material(&self) -> Option<&[u8]> {
        match self {
            Self::None => Some(&[]),
            Self::Confirming { material } | Self::Answered { material, .. } => Some(&material[..]),
            Self::Offered { .. } | Self::Awaited { .. } => None,
        }
    }

    /// Frames that this side repeats until the peer goes on, a packet each.
    pub(super) fn frames(&self) -> [Option<alloc::vec::Vec<u8>>; 2] {
        let halves = |i: usize| {
            let mut frame = alloc::vec::Vec::new();
            let second = mindos_wire::Flag(i == 1);
            // A `Vec` takes every frame.
            let _ = match self {
                Self::Offered { public, .. } => {
                    let bytes = public.as_chunks::<KEY_HALF>().0.get(i)?;
                    encode_frame(&KemKey { second, bytes, tail: Tail::default() }, &mut frame)
                }
                Self::Answered { ciphertext, .. } => {
                    let bytes = ciphertext.as_chunks::<CIPHERTEXT_HALF>().0.get(i)?;
                    encode_frame(&KemCiphertext { second, bytes, tail: Tail::default() }, &mut frame)
                }
                _ => return None,
            };
            Some(frame)
        };
        [halves(0), halves(1)]
    }
}

impl Sessions {
    /// The peer has proved who it is. In suite 2 the session is not used before the upgrade is done.
    pub(super) fn proved(
        &mut self,
        ctx: &mut Ctx<'_>,
        index: u32,
        beacon: Verified<Beacon>,
        rtt: Option<Duration>,
        initiator: bool,
    ) {
        let Some(link) = self.links.get_mut(&index) else { return };
        let (joined, Stage::Established(keys)) = (link.joining, &mut link.stage) else { return };
        if link.suite != SUITE_HYBRID {
            return self.up(ctx, index, beacon, rtt, joined);
        }
        keys.arrived = Some(Box::new((beacon, rtt)));
        if initiator {
            let mut seed = Zeroizing::new([0; 64]);
            let halves = [Zeroizing::new(self.entropy.secret()), Zeroizing::new(self.entropy.secret())];
            seed.iter_mut().zip(halves.iter().flat_map(|h| h.iter())).for_each(|(s, h)| *s = *h);
            // A provider without ML-KEM cannot begin in suite 2.
            let Some(public) = ctx.identity.crypto.kem_public(&seed) else { return self.remove(ctx, index) };
            // spec: SES-031 bab3
            keys.upgrade = Upgrade::Offered { seed, public, ciphertext: Default::default() };
            self.repeat_upgrade(ctx, index);
        } else {
            keys.upgrade = Upgrade::Awaited { key: Default::default() };
            ctx.timers.set(Timer::Session(index), ctx.now + HALF_OPEN);
        }
    }

    /// Sends the present step of the upgrade, again or for the first time.
    pub(super) fn repeat_upgrade(&mut self, ctx: &mut Ctx<'_>, index: u32) {
        let Some(Stage::Established(keys)) = self.links.get(&index).map(|l| &l.stage) else { return };
        if matches!(keys.upgrade, Upgrade::Confirming { .. }) {
            return self.confirm(ctx, index);
        }
        for frame in keys.upgrade.frames().into_iter().flatten() {
            self.seal_frame(ctx, index, &frame);
        }
    }

    /// An authentic packet came: takes the next step of the upgrade. Whether its frames are for the node.
    pub(super) fn upgraded(
        &mut self,
        ctx: &mut Ctx<'_>,
        index: u32,
        counter: u64,
        bytes: &[u8],
    ) -> Result<bool, DropReason> {
        let crypto = ctx.identity.crypto;
        let link = self.links.get_mut(&index).ok_or(DropReason::UnknownSession)?;
        let (joined, Stage::Established(keys)) = (link.joining, &mut link.stage) else {
            return Err(DropReason::UnknownSession);
        };
        if link.suite != SUITE_HYBRID {
            return Ok(true);
        }
        // Only the peer's key of epoch 1 shows that both sides have the secret.
        if counter >= COUNTERS {
            match core::mem::replace(&mut keys.upgrade, Upgrade::None) {
                // spec: SES-033 0e89
                Upgrade::Answered { material, .. } => {
                    keys.send.advance(crypto, &material[..]);
                    let arrived = keys.arrived.take();
                    ctx.timers.set(Timer::Session(index), ctx.now + IDLE);
                    self.confirm(ctx, index);
                    if let Some((beacon, rtt)) = arrived.map(|a| *a) {
                        self.up(ctx, index, beacon, rtt, joined);
                    }
                }
                // The initiator did not hear that yet.
                Upgrade::None if keys.finished.is_some() && is_established_alone(bytes) => self.confirm(ctx, index),
                _ => {}
            }
            return Ok(true);
        }
        for next in frames(bytes) {
            let step = match (next.map_err(DropReason::Malformed)?, &mut keys.upgrade) {
                (Frame::KemKey(half), Upgrade::Awaited { key }) => {
                    let Some(public) = key.take(half.second.0, half.bytes) else { continue };
                    let random = Zeroizing::new(self.entropy.secret());
                    // spec: SES-046 953d
                    let Some((ciphertext, secret)) = crypto.kem_encapsulate(&public, &random) else {
                        // Nobody is known to have arrived: `close` would end it without a word.
                        self.seal_frame(ctx, index, &frame(&Close { tail: Tail::default() }));
                        self.remove(ctx, index);
                        return Ok(false);
                    };
                    let material = material(crypto, secret, &public, &ciphertext);
                    Upgrade::Answered { ciphertext, material }
                }
                // The answer was lost.
                (Frame::KemKey(half), Upgrade::Answered { .. }) if half.second.0 => {
                    self.repeat_upgrade(ctx, index);
                    return Ok(false);
                }
                (Frame::KemCiphertext(half), Upgrade::Offered { seed, public, ciphertext }) => {
                    let Some(whole) = ciphertext.take(half.second.0, half.bytes) else { continue };
                    let secret = crypto.kem_decapsulate(seed, &whole).ok_or(DropReason::NotAuthentic)?;
                    Upgrade::Confirming { material: material(crypto, secret, public, &whole) }
                }
                (
                    Frame::KemKey(_)
                    | Frame::KemCiphertext(_)
                    | Frame::Established(_)
                    | Frame::Padding(_)
                    | Frame::Ignored { .. },
                    _,
                ) => {
                    continue;
                }
                (Frame::Close(_), _) => {
                    self.remove(ctx, index);
                    return Ok(false);
                }
                // spec: SES-032 6f99
                _ => return Err(DropReason::UnexpectedFrame),
            };
            let mut arrived = None;
            if let Upgrade::Confirming { material } = &step {
                keys.send.advance(crypto, &material[..]);
                keys.tries = 0;
                arrived = keys.arrived.take();
            }
            keys.upgrade = step;
            self.repeat_upgrade(ctx, index);
            if let Some((beacon, rtt)) = arrived.map(|a| *a) {
                self.up(ctx, index, beacon, rtt, joined);
            }
            return Ok(false);
        }
        Ok(false)
    }
}

fn is_established_alone(bytes: &[u8]) -> bool {
    let mut all = frames(bytes);
    matches!((all.next(), all.next()), (Some(Ok(Frame::Established(_))), None))
}

/// What both sides mix in.
// spec: SES-034 3391
pub(super) fn material(
    crypto: &dyn Crypto,
    secret: [u8; 32],
    public: &[u8; KEM_PUBLIC],
    ciphertext: &[u8; KEM_CIPHERTEXT],
) -> Material {
    let mut material = Zeroizing::new([0; 64]);
    let secret = Zeroizing::new(secret);
    let hash = crypto.hash(&[public, ciphertext]);
    material.iter_mut().zip(secret.iter().chain(&hash)).for_each(|(m, b)| *m = *b);
    material
}
