use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use quickcheck::{QuickCheck, TestResult};

use super::{ReplayWindow, WINDOW};

/// The definition: everything seen is remembered for ever, the window is a comparison.
#[derive(Default)]
struct Model {
    seen: BTreeSet<u64>,
}

impl Model {
    fn check(&self, counter: u64) -> bool {
        let highest = self.seen.last().copied().unwrap_or(0);
        !self.seen.contains(&counter) && highest.saturating_sub(counter) < WINDOW
    }
}

fn agrees(counters: impl IntoIterator<Item = u64>) -> bool {
    let (mut window, mut model) = (ReplayWindow::new(), Model::default());
    counters.into_iter().all(|counter| {
        let expected = model.check(counter);
        let before = window.clone();
        let answers = window.check(counter) == expected && window.mark(counter) == expected;
        if expected {
            model.seen.insert(counter);
        }
        let near = [1, 63, 64, WINDOW - 1, WINDOW, WINDOW + 1, WINDOW + 64]
            .into_iter()
            .flat_map(|step| [counter.saturating_sub(step), counter.saturating_add(step)]);
        answers
            && (expected || window == before)
            && near.into_iter().all(|other| window.check(other) == model.check(other))
    })
}

#[test]
fn any_counters_agree_with_the_model() {
    QuickCheck::new().tests(2_000).quickcheck((|counters: Vec<u64>| agrees(counters)) as fn(_) -> _);
}

#[test]
fn counters_near_each_other_agree_with_the_model() {
    fn property(base: u8, offsets: Vec<u16>) -> TestResult {
        let base = match base % 4 {
            0 => 0,
            1 => u64::from(u32::MAX) - 1_000,
            2 => u64::MAX / 2,
            _ => u64::MAX - 3_000,
        };
        TestResult::from_bool(agrees(offsets.iter().map(|offset| base + u64::from(offset % 3_001))))
    }
    QuickCheck::new().tests(5_000).quickcheck(property as fn(_, _) -> _);
}

#[test]
fn steps_forward_and_back_agree_with_the_model() {
    fn property(start: u64, steps: Vec<i16>) -> bool {
        agrees(steps.iter().scan(start, |at, step| {
            *at = at.saturating_add_signed(i64::from(*step) / 16);
            Some(*at)
        }))
    }
    QuickCheck::new().tests(5_000).quickcheck(property as fn(_, _) -> _);
}

#[test]
fn a_fresh_window_accepts_each_counter_once() {
    for counter in [0, 1, 63, 64, WINDOW, u64::MAX - 1, u64::MAX] {
        let mut window = ReplayWindow::new();
        assert!(window.mark(counter));
        assert!(!window.check(counter) && !window.mark(counter));
        assert_eq!(window.highest(), counter);
    }
}

#[test]
fn the_edge_of_the_window_is_exact() {
    let mut window = ReplayWindow::new();
    assert!(window.mark(5_000));
    assert!(!window.check(5_000 - WINDOW));
    assert!(window.check(5_000 - WINDOW + 1));
    assert!(window.mark(u64::MAX));
    assert!(!window.check(5_001));
    assert!(window.check(u64::MAX - WINDOW + 1) && !window.check(u64::MAX - WINDOW));
}

#[test]
fn every_order_of_a_full_window_is_accepted_once() {
    let mut window = ReplayWindow::new();
    let base = 1 << 40;
    assert!((base..base + WINDOW).rev().all(|counter| window.mark(counter)));
    assert!((base..base + WINDOW).all(|counter| !window.check(counter)));
    assert!((base + WINDOW..base + 3 * WINDOW).all(|counter| window.mark(counter)));
    assert!((base..base + 3 * WINDOW).all(|counter| !window.check(counter)));
}
