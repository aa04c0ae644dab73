//! Seeded randomness of the lab: one labelled stream per purpose.
//!
//! A stream is the extended output of BLAKE3 over a seed and a label, so two purposes never share numbers and adding
//! a purpose changes none of the others. Logarithm, exponential and cosine come from `libm`, so a draw has the same
//! bits on every machine.

use std::fmt;

/// Bytes expanded at once: large enough for BLAKE3 to use its wide code paths.
const BUFFER: usize = 512;

/// A stream of random numbers, named by a seed and a label.
pub struct Stream {
    reader: blake3::OutputReader,
    buffer: [u8; BUFFER],
    used: usize,
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("position", &self.reader.position()).finish_non_exhaustive()
    }
}

impl Stream {
    /// The stream of `seed` for the purpose `label`. Equal arguments give equal streams.
    pub fn new(seed: u64, label: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("MindOS lab 2026 random stream");
        hasher.update(&seed.to_le_bytes());
        hasher.update(label.as_bytes());
        Self { reader: hasher.finalize_xof(), buffer: [0; BUFFER], used: BUFFER }
    }

    /// 64 uniform bits.
    pub fn next_u64(&mut self) -> u64 {
        if self.used + 8 > BUFFER {
            self.reader.fill(&mut self.buffer);
            self.used = 0;
        }
        let mut word = [0; 8];
        word.copy_from_slice(&self.buffer[self.used..self.used + 8]);
        self.used += 8;
        u64::from_le_bytes(word)
    }

    /// A uniform integer in `0..bound`, without bias; 0 if `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        let reject_under = bound.wrapping_neg() % bound;
        loop {
            let wide = u128::from(self.next_u64()) * u128::from(bound);
            if wide as u64 >= reject_under {
                return (wide >> 64) as u64;
            }
        }
    }

    /// A uniform index in `0..len`; 0 if `len` is 0.
    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// A uniform number in (0, 1], a multiple of 2^-53.
    pub fn unit(&mut self) -> f64 {
        ((self.next_u64() >> 11) + 1) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Whether an event of this probability happens. Draws nothing when it is certain either way.
    pub fn happens(&mut self, probability: f64) -> bool {
        if probability <= 0.0 {
            false
        } else if probability >= 1.0 {
            true
        } else {
            self.unit() <= probability
        }
    }

    /// An exponentially distributed number of mean 1.
    pub fn exponential(&mut self) -> f64 {
        -libm::log(self.unit())
    }

    /// A normally distributed number of mean 0 and deviation 1.
    pub fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(self.unit()));
        radius * libm::cos(core::f64::consts::TAU * self.unit())
    }

    /// Puts a slice into random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.index(last + 1);
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests;
