use super::*;
use crate::NodeId;
use alloc::collections::BTreeMap;

/// SplitMix64 from a number: noise that every run repeats.
fn noise(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mix(*state, &[0; 32])
}

fn name(n: u32) -> [u8; 32] {
    let mut name = [0; 32];
    name[..4].copy_from_slice(&n.to_be_bytes());
    name
}

fn told(agent: u32, label: u8) -> Told {
    Told { agent: NodeId(name(agent)), index: None, label, lineage: 0 }
}

#[test]
fn seats_are_drawn_and_no_name_is_better_than_another() {
    let mut sat: BTreeMap<NodeId, u32> = BTreeMap::new();
    for q in 0..1_000u32 {
        let mut reports: Vec<Told> = (0..100).map(|a| told(a, u8::from((a * 7 + q) % 3 == 0))).collect();
        assert_eq!(seat(&name(q), &mut reports, |r| r.agent.0[3] < 3), 3);
        assert_eq!(reports.len(), 3 + SEATS);
        assert!(reports.is_sorted_by_key(|r| r.agent) && reports[2].agent.0[3] == 2, "voices stay, and the order");
        reports.iter().skip(3).for_each(|r| *sat.entry(r.agent).or_default() += 1);
    }
    // 82 of 1,000 are expected for each of 97; five standard deviations are 43.
    assert_eq!(sat.len(), 97);
    assert!(sat.values().all(|n| (39..=125).contains(n)), "{sat:?}");
}

#[test]
fn one_report_of_another_draws_other_seats() {
    let draw = |first: u8| {
        let mut reports: Vec<Told> = (0..40).map(|a| told(a, 0)).collect();
        reports[0].label = first;
        seat(&name(9), &mut reports, |r| r.agent.0[3] == 0);
        reports.iter().skip(1).map(|r| r.agent).collect::<Vec<_>>()
    };
    assert_ne!(draw(0), draw(1));
}

#[test]
fn a_third_of_many_voices_is_more_than_eight_seats() {
    let mut reports: Vec<Told> = (0..200).map(|a| told(a, 0)).collect();
    assert_eq!(seat(&name(1), &mut reports, |r| r.agent.0[3] < 60), 60);
    assert_eq!(reports.len(), 80);
}

fn proof(labels: impl Iterator<Item = (u8, u8)>, options: u32) -> i64 {
    let mut trial = Trial::default();
    labels.for_each(|(label, outcome)| trial.add(label, outcome));
    trial.bits(options)
}

// The bound that the chapter states: 2^-10 for each guesser, however long it goes on.
// spec: TRUST-003 732f
#[test]
fn guessers_hardly_ever_get_a_voice() {
    let mut state = 1;
    for (options, label) in [(2, None), (4, None), (2, Some(1))] {
        let mut lucky = 0;
        for _ in 0..10_000 {
            let mut trial = Trial::default();
            lucky += u32::from((0..200).any(|_| {
                // With a label of its own, it says always the same where two of three outcomes are that.
                let outcome = if label.is_some() { u8::from(!noise(&mut state).is_multiple_of(3)) } else { 0 };
                let outcome = if label.is_some() { outcome } else { (noise(&mut state) % u64::from(options)) as u8 };
                let guess = label.unwrap_or((noise(&mut state) % u64::from(options)) as u8);
                trial.add(guess, outcome);
                voice(trial.bits(options)) > 0
            }));
        }
        assert!(lucky <= 10, "{options} options: {lucky} of 10,000");
    }
}

#[test]
fn proof_grows_with_evidence_and_who_knows_is_heard() {
    let right = |n: u32| proof((0..n).map(|i| ((i % 2) as u8, (i % 2) as u8)), 2);
    assert_eq!([0, 8, 13, 14, 20, 34].map(|n| voice(right(n))), [0, 0, 0, 1, 89, 256]);
    // Three of four right: heard after some hundred.
    let mostly =
        |n: u32| proof((0..n).map(|i| (if i % 4 == 0 { i / 4 + 1 } else { i / 4 } as u8 % 2, (i / 4 % 2) as u8)), 2);
    assert_eq!(voice(mostly(48)), 0);
    assert_eq!(voice(mostly(240)), 256);
}

#[test]
fn who_always_says_the_commonest_outcome_proves_nothing() {
    assert_eq!(proof((0..1_000).map(|i| (0, u8::from(i % 10 == 0))), 2), 0);
    assert_eq!(proof((0..50).map(|_| (0, 0)), 2), 0);
    assert!(proof((0..500).map(|i| (u8::from(i % 10 == 0), u8::from(i % 10 == 0))), 2) > 26 * ONE);
}
