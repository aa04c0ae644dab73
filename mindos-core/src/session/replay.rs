//! The replay window: which packet counters of a session were already seen (spec 04).
//!
//! Laid out as in RFC 6479: a ring of 64-bit blocks, one more than the window needs, so that moving
//! forward clears whole blocks and never shifts bits.

/// Counters this far below the highest one seen, or further, are refused unseen.
pub const WINDOW: u64 = 1024;

const BLOCKS: usize = (WINDOW / 64) as usize + 1;

/// A sliding window over the packet counters of one receiving key.
///
/// Ask [`check`](Self::check) before opening a packet and call [`mark`](Self::mark) only after its
/// tag was verified: a forger must not be able to move the window.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ReplayWindow {
    highest: u64,
    /// Bit `c % 64` of block `c / 64 % BLOCKS` is set once counter `c` was seen.
    blocks: [u64; BLOCKS],
}

impl ReplayWindow {
    /// A window that has seen nothing: it accepts every counter.
    pub const fn new() -> Self {
        Self { highest: 0, blocks: [0; BLOCKS] }
    }

    /// Whether a packet of this counter would be accepted: neither seen nor too old.
    pub fn check(&self, counter: u64) -> bool {
        if counter > self.highest {
            return true;
        }
        let (block, bit) = place(counter);
        self.highest - counter < WINDOW && self.blocks[block] & bit == 0
    }

    /// Records a counter as seen and returns what [`check`](Self::check) would have said before; a
    /// counter that it refuses changes nothing.
    pub fn mark(&mut self, counter: u64) -> bool {
        if !self.check(counter) {
            return false;
        }
        if counter > self.highest {
            let passed = counter / 64 - self.highest / 64;
            for ahead in 0..passed.min(BLOCKS as u64) {
                self.blocks[place(counter - ahead * 64).0] = 0;
            }
            self.highest = counter;
        }
        let (block, bit) = place(counter);
        self.blocks[block] |= bit;
        true
    }

    /// The highest counter seen; 0 at the start.
    pub fn highest(&self) -> u64 {
        self.highest
    }
}

/// The block in the ring and the bit in it of a counter.
const fn place(counter: u64) -> (usize, u64) {
    ((counter / 64 % BLOCKS as u64) as usize, 1 << (counter % 64))
}

#[cfg(test)]
mod tests;
