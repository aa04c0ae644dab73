//! Standing follows evidence, and forgets it.

use super::*;

fn outcome(kept: bool) -> Outcome {
    Outcome { node: NodeId([1; 32]), capability: [2; 32], kept, promised: Duration(1), took: Duration(1) }
}

fn standing(t: &Trust, s: u64) -> u16 {
    t.standing(Instant(s * 1_000_000), &NodeId([1; 32]), &[2; 32])
}

// spec: ROUTE-011 5d4b
#[test]
fn unknown_nodes_are_neutral() {
    assert_eq!(standing(&Trust::default(), 0), NEUTRAL);
}

// spec: ROUTE-011 5d4b
#[test]
fn kept_quotes_raise_and_one_broken_quote_costs_four() {
    let mut t = Trust::default();
    (0..4).for_each(|_| t.evidence(Instant(0), &outcome(true)));
    let high = standing(&t, 0);
    assert!(high > NEUTRAL);
    t.evidence(Instant(0), &outcome(false));
    assert_eq!(standing(&t, 0), NEUTRAL);
}

#[test]
fn one_broken_quote_of_a_stranger_sinks_it_below_a_quarter() {
    let mut t = Trust::default();
    t.evidence(Instant(0), &outcome(false));
    assert!(standing(&t, 0) < 1 << 14);
}

// spec: ROUTE-011 5d4b
#[test]
fn evidence_halves_in_half_an_hour_and_fades() {
    let mut t = Trust::default();
    t.evidence(Instant(0), &outcome(false));
    let (now, later, much_later) = (standing(&t, 0), standing(&t, 1_800), standing(&t, 40_000));
    assert!(now < later && later < much_later && much_later <= NEUTRAL);
    assert_eq!(u32::from(later), (256 << 16) / (4 * 126 + 512), "126 of 256 parts are left");
}
