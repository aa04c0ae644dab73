//! Cookies (spec 04, section 1.5): a responder with much to do asks for proof of the address before it computes.

use crate::crypto::Crypto;
use crate::{Instant, PathId};
use mindos_wire::COOKIE_LEN;
use zeroize::Zeroize;

/// A cookie holds for one to two of these, in µs.
const PERIOD: u64 = 120_000_000;

/// Makes and checks cookies; remembers none.
pub(super) struct Cookies {
    secret: [u8; 32],
}

impl Cookies {
    pub(super) fn new(secret: [u8; 32]) -> Self {
        Self { secret }
    }

    /// The cookie of whoever receives on this path.
    pub(super) fn give(&self, crypto: &dyn Crypto, now: Instant, path: PathId) -> [u8; COOKIE_LEN] {
        self.of(crypto, now.0 / PERIOD, path)
    }

    /// Whether the sender has received on this path lately. One hash.
    pub(super) fn holds(&self, crypto: &dyn Crypto, now: Instant, path: PathId, cookie: &[u8; COOKIE_LEN]) -> bool {
        let period = now.0 / PERIOD;
        // The first bit tells of two neighbouring periods which.
        let back = (period ^ u64::from(cookie[0])) & 1;
        let expected = period.checked_sub(back).map(|p| self.of(crypto, p, path));
        // Every byte, so that time does not tell how many are right.
        expected.is_some_and(|e| e.iter().zip(cookie).fold(0, |d, (a, b)| d | a ^ b) == 0)
    }

    fn of(&self, crypto: &dyn Crypto, period: u64, path: PathId) -> [u8; COOKIE_LEN] {
        let mut cookie = [0; COOKIE_LEN];
        // Periods of 2^32 and more lie 16,000 years ahead.
        crypto.expand(&self.secret, u64::from(path.0) << 32 | period & 0xffff_ffff, &mut cookie);
        cookie[0] = cookie[0] & 0xfe | (period & 1) as u8;
        cookie
    }
}

impl Drop for Cookies {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl core::fmt::Debug for Cookies {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Cookies").finish_non_exhaustive()
    }
}
