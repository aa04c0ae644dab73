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
    for _ in 0..4 {
        t.evidence(Instant(0), &outcome(true));
    }
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

// spec: ROUTE-011 5d4b
#[test]
fn a_refuted_result_weighs_four_broken_promises_and_a_confirmed_one_a_kept_one() {
    let mut wrong = Trust::default();
    wrong.verdict(Instant(0), NodeId([1; 32]), [2; 32], false);
    let mut broken = Trust::default();
    for _ in 0..4 {
        broken.evidence(Instant(0), &outcome(false));
    }
    assert_eq!(standing(&wrong, 0), standing(&broken, 0));
    let (mut right, mut kept) = (Trust::default(), Trust::default());
    right.verdict(Instant(0), NodeId([1; 32]), [2; 32], true);
    kept.evidence(Instant(0), &outcome(true));
    assert_eq!(standing(&right, 0), standing(&kept, 0));
}

fn node(n: u16) -> NodeId {
    let mut id = [7; 32];
    id[..2].copy_from_slice(&n.to_be_bytes());
    NodeId(id)
}

fn warn(t: &mut Trust, adviser: u16, about: u16) {
    t.advice.on_advice(Instant(0), node(adviser), node(about), domain(&[2; 32]), 0);
}

fn stands(t: &Trust, about: u16) -> u16 {
    t.standing(Instant(0), &node(about), &[2; 32])
}

#[test]
fn a_flood_of_warnings_pushes_out_its_own_authors_and_no_more() {
    let mut t = Trust::default();
    (0..200).for_each(|about| warn(&mut t, 1, about));
    let remembered = (0..200).filter(|about| stands(&t, *about) < NEUTRAL).count();
    assert_eq!(remembered, 128, "of one adviser");
    let mut t = Trust::default();
    for adviser in 0..130 {
        (0..40).for_each(|about| warn(&mut t, adviser, 1_000 + 40 * adviser + about));
    }
    let remembered = (1_000..1_000 + 40 * 130).filter(|about| stands(&t, *about) < NEUTRAL).count();
    assert!((1..=4_096).contains(&remembered), "{remembered}");
}

#[test]
fn no_number_of_warnings_outweighs_eight_outcomes_of_ones_own() {
    let mut t = Trust::default();
    let about = node(0);
    let good = Outcome { node: about, ..outcome(true) };
    for _ in 0..8 {
        t.evidence(Instant(0), &good);
    }
    let before = stands(&t, 0);
    (1..100).for_each(|adviser| warn(&mut t, adviser, 0));
    assert_eq!(stands(&t, 0), before);
    assert_eq!(stands(&t, 1), NEUTRAL, "nobody is praised by the fall of another");
}

#[test]
fn warnings_fade() {
    let mut t = Trust::default();
    warn(&mut t, 1, 0);
    let later = |s: u64| t.standing(Instant(s * 1_000_000), &node(0), &[2; 32]);
    assert!(later(0) < later(1_800) && later(1_800) < later(5_400) && later(40_000) == NEUTRAL);
}

// spec: INC-004 ec0e
#[test]
fn a_telling_has_sixteen_entries_and_the_rest_waits() {
    let mut t = Trust::default();
    let mut at = None;
    for n in 0..20 {
        at = t.evidence(Instant(0), &Outcome { node: node(n), ..outcome(false) });
    }
    assert_eq!(at, Some(Instant(0)), "at once");
    let entries = |frames: &[u8]| match mindos_wire::Frame::decode(frames) {
        Ok((mindos_wire::Frame::StandingDigest(d), _)) => d.entries.len(),
        _ => 0,
    };
    let (frames, next) = t.tell(Instant(0), |n| Some(u32::from(n.0[1])));
    assert_eq!((entries(&frames), next), (16, Some(Instant(10_000_000))));
    let (frames, next) = t.tell(Instant(10_000_000), |n| Some(u32::from(n.0[1])));
    assert_eq!((entries(&frames), next), (4, None));
}

// spec: ROUTE-011 5d4b, TRUST-024 7434
#[test]
fn what_reports_earned_lifts_a_stranger_and_one_broken_promise_ends_it() {
    let earned = |earned| {
        let mut t = Trust::default();
        t.believe(Instant(0), domain(&[2; 32]), vec![(NodeId([1; 32]), earned)]);
        t
    };
    let lifted = |e: u64| (((256 + e) << 16) / (512 + e)) as u16;
    assert_eq!([0, 15, 16, 1_600].map(|e| standing(&earned(e), 0)), [0, 0, 1, 100].map(lifted));
    assert_eq!([4_096, 4_112, u32::MAX].map(|e| standing(&earned(e), 0)), [43_690; 3]);
    let (mut t, mut stranger) = (earned(u32::MAX), Trust::default());
    assert_eq!(standing(&t, 3_599), 43_690);
    assert_eq!(standing(&t, 3_600), NEUTRAL, "it is forgotten after an hour");
    t.evidence(Instant(0), &outcome(true));
    let left = 256 * 7 / 8;
    assert_eq!(u64::from(standing(&t, 0)), ((512 + left) << 16) / (768 + left), "own experience counts beside it");
    stranger.evidence(Instant(0), &outcome(true));
    t.evidence(Instant(0), &outcome(false));
    stranger.evidence(Instant(0), &outcome(false));
    assert_eq!(standing(&t, 0), standing(&stranger, 0));
    // Nobody stands on it who relies on own leases alone.
    let mut alone = Trust::new(Reliance::Own);
    alone.believe(Instant(0), domain(&[2; 32]), vec![(NodeId([1; 32]), u32::MAX)]);
    assert_eq!(standing(&alone, 0), NEUTRAL);
}

// spec: ROUTE-011 5d4b
#[test]
fn merit_of_a_key_counts_for_its_successor_and_of_too_many_domains_the_oldest_goes() {
    let mut t = Trust::default();
    t.believe(Instant(0), domain(&[2; 32]), vec![(NodeId([9; 32]), 1_600)]);
    assert_eq!(standing(&t, 0), NEUTRAL);
    t.succeed(NodeId([9; 32]), Some(NodeId([1; 32])));
    assert!(standing(&t, 0) > NEUTRAL);
    for n in 0..256 {
        t.believe(Instant(1), n, Vec::new());
    }
    assert_eq!(standing(&t, 0), NEUTRAL);
}
