//! Agents that nobody vouches for: which of their reports are kept, and what gives them a voice
//! (spec 09, "Settlement" and "Voices").

use alloc::vec::Vec;

use super::fixed::{ONE, log2_ratio};
use super::{MAX_OPTIONS, Told};

/// Reports of strangers in the window.
pub(super) const WINDOW: usize = super::WINDOW / 4;
/// Strangers whose reports on one question are kept, if a third of the others is not more.
const SEATS: usize = 8;
/// Bits of proof at which a voice begins; it is whole after 16 more.
const PROOF: i64 = 10 * ONE;

/// Cuts the reports of strangers on a question, which are by agent, and returns how many others there are. Who
/// stays is drawn by everything that was reported, which nobody knew when it chose its name.
pub(super) fn seat(question: &[u8; 32], reports: &mut Vec<Told>, known: impl Fn(&Told) -> bool) -> usize {
    let voices = reports.iter().filter(|r| known(r)).count();
    let seats = SEATS.max(voices / 3);
    if reports.len() <= voices + seats {
        return voices;
    }
    let seed = reports.iter().fold(mix(0, question), |h, r| mix(h ^ u64::from(r.label), &r.agent.0));
    let draw = |r: &Told| (mix(seed, &r.agent.0), r.agent);
    let mut drawn: Vec<_> = reports.iter().filter(|r| !known(r)).map(draw).collect();
    drawn.sort_unstable();
    let last = drawn[seats - 1];
    reports.retain(|r| known(r) || draw(r) <= last);
    voices
}

/// Stirs the four words of a name into `h`, each by the finaliser of SplitMix64.
fn mix(h: u64, name: &[u8; 32]) -> u64 {
    name.chunks_exact(8).fold(h, |h, word| {
        let mut z = word.iter().rev().fold(0, |w, b| w << 8 | u64::from(*b)) ^ h;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

/// Parts per 256 of a voice that so many bits of proof are worth.
pub(in crate::trust) fn voice(bits: i64) -> u16 {
    ((bits - PROOF) >> 12).clamp(0, 256) as u16
}

/// An agent's anchored reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Trial {
    all: u16,
    right: u16,
    outcomes: [u16; MAX_OPTIONS],
}

impl Trial {
    /// One more. The window holds fewer than the counts can.
    pub(super) fn add(&mut self, label: u8, outcome: u8) {
        self.all = self.all.saturating_add(1);
        self.right = self.right.saturating_add(u16::from(label == outcome));
        if let Some(n) = self.outcomes.get_mut(usize::from(outcome)) {
            *n = n.saturating_add(1);
        }
    }

    /// Bits by which these speak against luck: whoever does not know outcomes reaches b bits, ever, with a
    /// probability of at most 2^-b.
    pub(super) fn bits(&self, options: u32) -> i64 {
        let (all, right) = (i64::from(self.all), i64::from(self.right));
        let most = i64::from(self.outcomes.iter().copied().max().unwrap_or_default());
        // What naming the commonest outcome always gets, and no less than guessing does.
        let (luck, of) = if most * i64::from(options) > all { (most, all) } else { (1, i64::from(options)) };
        if right * of <= all * luck {
            return 0;
        }
        let wrong = all - right;
        let missed = if wrong == 0 { 0 } else { wrong * log2_ratio(wrong * of, all * (of - luck)) };
        right * log2_ratio(right * of, all * luck) + missed - log2_ratio(all + 1, 1)
    }
}

#[cfg(test)]
mod tests;
