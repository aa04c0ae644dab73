//! The keys of a session, one of each direction for every 65,536 counters (spec 04, section 1.2).
//!
//! A counter names its epoch, so that no packet has to: whoever moves on skips to the first counter of the
//! next epoch. Each key is derived from the one before, which is then wiped.

use super::noise::TransportKey;
use super::replay::ReplayWindow;
use crate::crypto::Crypto;
use crate::{DropReason, Duration, Instant};

/// Counters of one epoch.
pub(super) const COUNTERS: u64 = 1 << 16;
/// Age at which a sender moves on.
const AGE: Duration = Duration::from_secs(120);
/// How long packets of the epoch before are still opened.
const OVERLAP: Duration = Duration::from_secs(10);
/// Epochs that a receiver follows ahead: what a forged counter costs is bounded.
const AHEAD: u64 = 2;

pub(super) fn next_key(crypto: &dyn Crypto, key: &TransportKey, material: &[u8]) -> TransportKey {
    // spec: SES-026 95ec
    key.derive(crypto, "mindos 2026 session epoch", material)
}

/// Seals.
#[cfg_attr(feature = "model", derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Sender {
    key: TransportKey,
    epoch: u64,
    counter: u64,
    /// When the first packet of the epoch left.
    began: Instant,
}

impl Sender {
    pub(super) fn new(key: TransportKey) -> Self {
        Self { key, epoch: 0, counter: 0, began: Instant(0) }
    }

    /// Moves to the next epoch, whose key takes `material` in.
    pub(super) fn advance(&mut self, crypto: &dyn Crypto, material: &[u8]) {
        self.key = next_key(crypto, &self.key, material);
        self.epoch += 1;
        self.counter = self.epoch * COUNTERS;
    }

    /// The counter of the next packet and its key. `hold`: the next epoch needs material that is not there yet.
    /// `None` at the end of all counters, or of those of the epoch that is held.
    pub(super) fn next(&mut self, crypto: &dyn Crypto, now: Instant, hold: bool) -> Option<(u64, &TransportKey)> {
        let used = self.counter - self.epoch * COUNTERS;
        // spec: SES-027 5e66
        let old = used > 0 && now.since(self.began) >= AGE;
        if used == COUNTERS || old && !hold {
            if hold || self.epoch + 1 == u64::MAX / COUNTERS {
                return None;
            }
            self.advance(crypto, &[]);
        }
        if self.counter == self.epoch * COUNTERS {
            self.began = now;
        }
        let counter = self.counter;
        // spec: SES-011 7eb2
        self.counter += 1;
        Some((counter, &self.key))
    }
}

#[cfg_attr(feature = "model", derive(Clone, PartialEq, Eq, Hash))]
struct Epoch {
    number: u64,
    key: TransportKey,
    replay: ReplayWindow,
}

impl Epoch {
    fn open(
        &mut self,
        crypto: &dyn Crypto,
        counter: u64,
        header: &[u8],
        body: &mut [u8],
        tag: &[u8; 16],
    ) -> Result<(), DropReason> {
        // spec: SES-013 8a2c
        if !self.replay.check(counter) {
            return Err(DropReason::Replayed);
        }
        if !self.key.open(crypto, counter, header, body, tag) {
            return Err(DropReason::NotAuthentic);
        }
        // spec: SES-014 dd4e
        self.replay.mark(counter);
        Ok(())
    }
}

/// Opens, in any order within an epoch and across its end.
#[cfg_attr(feature = "model", derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Receiver {
    newest: Epoch,
    /// The one before, until then.
    previous: Option<(Epoch, Instant)>,
}

impl Receiver {
    pub(super) fn new(key: TransportKey) -> Self {
        Self { newest: Epoch { number: 0, key, replay: ReplayWindow::new() }, previous: None }
    }

    pub(super) fn epoch(&self) -> u64 {
        self.newest.number
    }

    /// Whether this is the highest counter that was opened.
    pub(super) fn is_highest(&self, counter: u64) -> bool {
        self.newest.number == counter / COUNTERS && self.newest.replay.highest() == counter
    }

    /// Forgets what is over; when to ask again.
    pub(super) fn expire(&mut self, now: Instant) -> Option<Instant> {
        // spec: SES-029 16d0
        self.previous.take_if(|(_, until)| *until <= now);
        self.previous.as_ref().map(|p| p.1)
    }

    /// Opens a packet in place. The key of the next epoch takes `material` in; without it there is none yet.
    ///
    /// # Errors
    /// Nothing changed, and `body` holds no plaintext.
    pub(super) fn open(
        &mut self,
        crypto: &dyn Crypto,
        now: Instant,
        counter: u64,
        (header, body, tag): (&[u8], &mut [u8], &[u8; 16]),
        material: Option<&[u8]>,
    ) -> Result<(), DropReason> {
        self.expire(now);
        // spec: SES-015 7593
        if counter == u64::MAX {
            return Err(DropReason::Replayed);
        }
        let number = counter / COUNTERS;
        if number == self.newest.number {
            return self.newest.open(crypto, counter, header, body, tag);
        }
        if number < self.newest.number {
            let (previous, _) =
                self.previous.as_mut().filter(|(p, _)| p.number == number).ok_or(DropReason::Replayed)?;
            return previous.open(crypto, counter, header, body, tag);
        }
        // spec: SES-028 ac0e
        if number - self.newest.number > AHEAD {
            return Err(DropReason::NotAuthentic);
        }
        let material = material.ok_or(DropReason::NotAuthentic)?;
        let mut key = next_key(crypto, &self.newest.key, material);
        for _ in self.newest.number + 1..number {
            key = next_key(crypto, &key, &[]);
        }
        let mut next = Epoch { number, key, replay: ReplayWindow::new() };
        next.open(crypto, counter, header, body, tag)?;
        let previous = core::mem::replace(&mut self.newest, next);
        // spec: SES-045 4e9d
        self.previous = Some((previous, now + OVERLAP));
        Ok(())
    }
}

#[cfg(test)]
impl Receiver {
    pub(super) fn holds_previous(&self) -> bool {
        self.previous.is_some()
    }
}
