//! Cookies (spec 04, section 1.3): a responder with much to do asks for proof of the address before it computes.

use crate::crypto::Crypto;
use crate::{Instant, PathId};
use mindos_wire::COOKIE_LEN;
use zeroize::Zeroize;

/// A cookie holds for one to two of these, in µs.
const PERIOD: u64 = 120_000_000;

/// Makes and checks cookies; remembers none.
#[cfg_attr(feature = "model", derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Cookies {
    secret: [u8; 32],
}

impl Cookies {
    pub(super) fn new(secret: [u8; 32]) -> Self {
        Self { secret }
    }

    /// Whether the sender has received on this path lately. `Err` is the cookie that it should have sent: a hash,
    /// and another if `cookie` claims to be of the period before.
    pub(super) fn check(
        &self,
        crypto: &dyn Crypto,
        now: Instant,
        path: PathId,
        cookie: &[u8; COOKIE_LEN],
    ) -> Result<(), [u8; COOKIE_LEN]> {
        let period = now.0 / PERIOD;
        let present = self.of(crypto, period, path);
        // The first bit tells of two neighbouring periods which; without a cookie all bits are zero.
        let is_older = (cookie[0] ^ present[0]) & 1 == 1 && *cookie != [0; COOKIE_LEN];
        let expected = match period.checked_sub(1).filter(|_| is_older) {
            Some(before) => self.of(crypto, before, path),
            None => present,
        };
        // Every byte, so that time does not tell how many are right.
        let difference = expected.iter().zip(cookie).fold(0, |d, (a, b)| d | a ^ b);
        if difference == 0 { Ok(()) } else { Err(present) }
    }

    fn of(&self, crypto: &dyn Crypto, period: u64, path: PathId) -> [u8; COOKIE_LEN] {
        // One block of BLAKE3: the secret first, everything of fixed width.
        let digest = crypto.hash(&[&self.secret, &period.to_le_bytes(), &path.0.to_le_bytes()]);
        let mut cookie = [0; COOKIE_LEN];
        cookie.iter_mut().zip(digest).for_each(|(c, d)| *c = d);
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
