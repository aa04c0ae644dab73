//! Many storms between two sides.

use super::*;

/// A network that loses, doubles, delays and overtakes, drawn from a seed.
struct Storm {
    state: u64,
    /// Arrival, order of sending, whether it goes to the second side, bytes.
    flying: Vec<(u64, u64, bool, Bytes)>,
    sent: u64,
}

impl Storm {
    fn draw(&mut self, n: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % n
    }

    fn take(&mut self, side: &mut Side, to_second: bool, now: u64) {
        for (_, bytes) in side.sent() {
            let copies = [0, 0, 1, 1, 1, 1, 1, 2][self.draw(8) as usize];
            for _ in 0..copies {
                self.sent += 1;
                let at = now + self.draw(900_000);
                self.flying.push((at, self.sent, to_second, bytes.clone()));
            }
        }
    }
}

/// Through every storm: two sides that hold the session good hold the same keys. That one has given up cannot be
/// excluded where the last packet of any exchange may be lost; then the other finds out by silence.
#[test]
fn through_loss_reordering_and_doubling_both_ends_agree_on_keys_or_one_has_given_up() {
    let (mut met, mut alone) = (0, 0);
    for seed in 1..=400_u64 {
        let hybrid = if seed % 2 == 0 { Hybrid::Require } else { Hybrid::Accept };
        let config = Config { hybrid, ..CONFIG };
        let (mut a, mut b) = (Side::new(1, config, 7), Side::new(2, config, 7));
        let mut storm = Storm { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), flying: Vec::new(), sent: 0 };
        let open = |side: &mut Side, peer: NodeId| {
            side.with(0, |s, ctx| s.connect(ctx, Some(peer), LOCATOR));
            side.with(0, |s, ctx| s.path_ready(ctx, PathId(0), 1_200)).unwrap();
        };
        open(&mut a, b.identity.id);
        if seed % 3 == 0 {
            open(&mut b, a.identity.id);
        }
        for now in (0..40_000_000).step_by(100_000) {
            a.wait(now);
            b.wait(now);
            storm.take(&mut a, true, now);
            storm.take(&mut b, false, now);
            storm.flying.sort_unstable_by_key(|f| (f.0, f.1));
            let due = storm.flying.iter().take_while(|f| f.0 <= now).count();
            for (_, _, to_second, bytes) in storm.flying.drain(..due).collect::<Vec<_>>() {
                let side = if to_second { &mut b } else { &mut a };
                let _ = side.take(now, 100, &bytes);
            }
        }
        let now = 40_000_000;
        let seals = |from: &Side, to: &Side| {
            from.sessions.route(Instant(now), &to.identity.id).is_some_and(|i| from.sessions.is_established(i))
        };
        alone += usize::from(seals(&a, &b) != seals(&b, &a));
        if seals(&a, &b) && seals(&b, &a) {
            met += 1;
            let (to_b, to_a) = (a.packet(now, &b), b.packet(now, &a));
            assert!(b.take(now, 100, &to_b).is_ok_and(|o| o.is_some()), "seed {seed}");
            assert!(a.take(now, 100, &to_a).is_ok_and(|o| o.is_some()), "seed {seed}");
        }
    }
    assert!(met > 370 && alone < 8, "{met} met, {alone} were left alone");
}
