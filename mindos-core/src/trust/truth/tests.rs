use super::window::{MAX_IDLE, MEMORY};
use super::*;
use alloc::string::ToString;
use proptest::prelude::*;

fn name(n: u32) -> [u8; 32] {
    let mut id = [0; 32];
    id[..4].copy_from_slice(&n.to_be_bytes());
    id
}

fn agent(n: u32) -> NodeId {
    NodeId(name(n))
}

fn report(n: u32, label: u8) -> Report<'static> {
    Report { agent: agent(n), label, lineage: &[] }
}

/// A domain in which agents 0 to `agents` are vouched for.
fn domain(options: usize, agents: u32) -> Truth {
    let mut truth = Truth::new(options);
    for a in 0..agents {
        truth.admit(agent(a), Admission::Vouched(256)).unwrap();
    }
    truth
}

/// A number below `below` that depends on all of `of`, as noise that every run repeats.
fn noise(below: u32, of: &[u32]) -> u32 {
    let mut x = 0x9e37_79b9u32;
    for o in of {
        x = (x ^ o).wrapping_mul(0x85eb_ca6b);
        x = (x ^ (x >> 13)).wrapping_mul(0xc2b2_ae35) ^ (x >> 16);
    }
    x % below
}

/// The truth of question `q` among `k`.
fn fact(q: u32, k: u8) -> u8 {
    noise(u32::from(k), &[q, 7]) as u8
}

/// An honest report that is right in `right` of 100 cases.
fn honest(a: u32, q: u32, k: u8, right: u32) -> Report<'static> {
    let wrong = 1 + noise(u32::from(k) - 1, &[a, q, 3]) as u8;
    let label = if noise(100, &[a, q, 1]) < right { fact(q, k) } else { (fact(q, k) + wrong) % k };
    report(a, label)
}

fn right(truth: &Truth, questions: u32, k: u8) -> u32 {
    (0..questions).filter(|&q| truth.belief(&name(q)).is_some_and(|b| b.label == fact(q, k))).count() as u32
}

#[test]
fn good_agents_outweigh_more_that_guess() {
    let mut truth = domain(3, 12);
    for q in 0..200 {
        let mut reports: Vec<Report<'_>> = (0..4).map(|a| honest(a, q, 3, 85)).collect();
        reports.extend((4..12).map(|a| report(a, noise(3, &[a, q]) as u8)));
        truth.close(q.into(), name(q), &reports).unwrap();
    }
    truth.settle();
    assert!(right(&truth, 200, 3) >= 180);
    let informed = |a| truth.competence(&agent(a)).unwrap().informed;
    assert!((0..4).all(|a| informed(a) > 40_000) && (4..12).all(|a| informed(a) < 12_000));
}

#[test]
fn colluders_who_always_lie_do_not_win_with_two_in_five() {
    let mut truth = domain(2, 20);
    for q in 0..150 {
        let mut reports: Vec<Report<'_>> = (0..12).map(|a| honest(a, q, 2, 70)).collect();
        reports.extend((12..20).map(|a| report(a, 1 - fact(q, 2))));
        truth.close(q.into(), name(q), &reports).unwrap();
    }
    truth.settle();
    assert!(right(&truth, 150, 2) >= 130);
    assert!((12..20).all(|a| truth.competence(&agent(a)).unwrap().informed == 0));
}

#[test]
fn anchors_tell_which_of_two_camps_is_right() {
    let run = |anchors: u32| {
        let mut truth = domain(2, 20);
        for q in 0..150 {
            let mut reports: Vec<Report<'_>> = (0..9).map(|a| honest(a, q, 2, 85)).collect();
            // Eleven liars, each for itself, lie in nine of ten cases.
            reports
                .extend((9..20).map(|a| report(a, if noise(10, &[a, q]) < 9 { 1 - fact(q, 2) } else { fact(q, 2) })));
            truth.close(q.into(), name(q), &reports).unwrap();
        }
        (0..anchors).for_each(|q| truth.anchor(name(q), fact(q, 2)).unwrap());
        truth.settle();
        right(&truth, 150, 2)
    };
    assert!(run(0) < 30, "{}: a majority of independent liars cannot be seen without anchors", run(0));
    assert!(run(8) > 140, "{}", run(8));
}

#[test]
fn an_agent_that_turns_is_judged_by_what_it_is_now() {
    let mut truth = domain(2, 10);
    for q in 0..200 {
        let mut reports: Vec<Report<'_>> = (0..9).map(|a| honest(a, q, 2, 80)).collect();
        reports.push(report(9, if q < 100 { fact(q, 2) } else { 1 - fact(q, 2) }));
        truth.close(q.into(), name(q), &reports).unwrap();
    }
    truth.settle();
    let turned = truth.competence(&agent(9)).unwrap();
    assert!(turned.turned && turned.informed == 0);
}

// spec: TRUST-004 2e4e
#[test]
fn a_perfect_liar_is_not_inverted() {
    let run = |liar: bool| {
        let mut truth = domain(2, 6);
        for q in 0..100 {
            let mut reports: Vec<Report<'_>> = (0..5).map(|a| honest(a, q, 2, 75)).collect();
            if liar {
                reports.push(report(5, 1 - fact(q, 2)));
            }
            truth.close(q.into(), name(q), &reports).unwrap();
        }
        truth.settle();
        (0..100).map(|q| truth.belief(&name(q)).unwrap().label).collect::<Vec<_>>()
    };
    assert_eq!(run(true), run(false));
}

// What nobody vouches for changes nothing, to the bit, and hurries no settlement.
// spec: TRUST-003 732f
#[test]
fn newcomers_weigh_exactly_zero() {
    let run = |strangers: u32| {
        let mut truth = domain(2, 6);
        let mut at_once = Vec::new();
        for q in 0..200 {
            let mut reports: Vec<Report<'_>> = (0..5).map(|a| honest(a, q, 2, 70)).collect();
            // One that turns, so that the ends of the blocks matter.
            reports.push(report(5, if q < 90 { fact(q, 2) } else { 1 - fact(q, 2) }));
            // Strangers come in crowds, and not evenly.
            reports.extend((100..100 + strangers * (q % 3)).map(|a| report(a, 1)));
            at_once.push(truth.close(q.into(), name(q), &reports).unwrap());
        }
        truth.settle();
        let told: Vec<_> = (0..6).map(|a| truth.competence(&agent(a)).unwrap()).collect();
        (at_once, truth.held, truth.published, told)
    };
    let alone = run(0);
    assert!(alone.3[5].turned);
    assert_eq!(alone, run(200));
}

#[test]
fn strangers_fill_at_most_their_part_of_the_window() {
    let mut truth = domain(2, 1);
    for q in 0..2_000 {
        let mut reports: Vec<Report<'_>> = vec![honest(0, q, 2, 90)];
        reports.extend((0..20).map(|a| report(1_000 + (q * 20 + a) % 9_000, 0)));
        truth.close(q.into(), name(q), &reports).unwrap();
    }
    truth.settle();
    assert_eq!(truth.voiced(), 2_000, "nothing of those with a voice is pushed out");
    assert_eq!(truth.filed.len(), 2_000 + strangers::WINDOW);
    let counted: usize = truth.questions.iter().map(|q| q.reports as usize).sum();
    assert_eq!(counted, truth.filed.len());
    assert!(truth.belief(&name(0)).is_some());
}

#[test]
fn an_admitted_agent_that_falls_silent_outlasts_strangers() {
    let mut truth = domain(2, 3);
    truth.close(0, name(0), &[report(0, 1), report(1, 1), report(2, 0)]).unwrap();
    for q in 1..4_000 {
        let mut reports: Vec<Report<'_>> = vec![report(0, 1)];
        reports.extend((0..8).map(|a| report(1_000 + q * 8 + a, 0)));
        truth.close(q.into(), name(q), &reports).unwrap();
    }
    // Out of the window by number of questions, with thousands of silent strangers since.
    for q in 4_000..22_000 {
        truth.close(q.into(), name(q), &[]).unwrap();
    }
    truth.settle();
    assert!(truth.belief(&name(0)).is_none());
    assert!(truth.names.len() >= MAX_IDLE && !truth.names.contains_key(&agent(1_008)));
    assert_eq!(truth.agents[usize::from(truth.names[&agent(1)])].admission, Admission::Vouched(256));
}

#[test]
fn a_stranger_is_heard_when_anchors_have_proved_it_to_know() {
    let run = |anchors: u32| {
        let mut truth = domain(2, 3);
        for q in 0..60 {
            let mut reports: Vec<Report<'_>> = (0..3).map(|a| honest(a, q, 2, 60)).collect();
            reports.push(report(50, fact(q, 2)));
            truth.close(q.into(), name(q), &reports).unwrap();
        }
        truth.settle();
        let before = right(&truth, 60, 2);
        (0..anchors).for_each(|q| truth.anchor(name(q), fact(q, 2)).unwrap());
        // The first settlement counts the anchors, the second hears who they speak for.
        truth.settle();
        let voice = truth.cap(truth.names[&agent(50)]);
        truth.settle();
        (voice, before, right(&truth, 60, 2))
    };
    let (voice, before, after) = run(45);
    assert!(voice > 200 && after > before && after >= 58, "{voice}: {before} to {after}");
    assert_eq!(run(8).0, 0, "eight of eight is luck of one in 256");
}

#[test]
fn copies_that_prove_themselves_together_are_one_voice_from_their_first_word() {
    let mut truth = domain(2, 3);
    for q in 0..80 {
        let mut reports: Vec<Report<'_>> = (0..3).map(|a| honest(a, q, 2, 60)).collect();
        let said = honest(50, q, 2, 90).label;
        reports.extend((50..57).map(|a| report(a, said)));
        truth.close(q.into(), name(q), &reports).unwrap();
        truth.anchor(name(q), fact(q, 2)).unwrap();
    }
    truth.settle();
    truth.settle();
    let blocs: Vec<u8> = (50..57).map(|a| truth.agents[usize::from(truth.names[&agent(a)])].bloc).collect();
    assert!((50..57).all(|a| truth.cap(truth.names[&agent(a)]) > 0));
    assert!(blocs[0] != ALONE && blocs.iter().all(|b| *b == blocs[0]), "{blocs:?}");
}

#[test]
fn a_copy_and_a_shared_source_add_nothing() {
    let source = [[9; 32]];
    let run = |copies: u32, lineage: &'static [[u8; 32]]| {
        let mut truth = domain(2, 20);
        for q in 0..80 {
            let mut reports: Vec<Report<'_>> = (0..5).map(|a| honest(a, q, 2, 70)).collect();
            let label = reports[4].label;
            reports[4].lineage = lineage;
            reports.extend((10..10 + copies).map(|a| Report { agent: agent(a), label, lineage }));
            truth.close(q.into(), name(q), &reports).unwrap();
        }
        truth.settle();
        truth
    };
    let (alone, copied) = (run(0, &[]), run(6, Box::leak(Box::new(source))));
    for q in 0..80 {
        let (a, b) = (alone.belief(&name(q)).unwrap(), copied.belief(&name(q)).unwrap());
        assert!(a.weights[0].abs_diff(b.weights[0]) < 6_600, "question {q}: {a:?} {b:?}");
    }
    // Without a word about the source, agreement shows it.
    let caught = run(6, &[]);
    let same = (0..80).filter(|&q| caught.belief(&name(q)).unwrap().label == alone.belief(&name(q)).unwrap().label);
    assert!(same.count() >= 76);
}

#[test]
fn a_report_earns_what_it_adds() {
    // 0-4 see poorly; 5 sees well; 6 copies 0; 7 says what most of these say; 8 lies.
    let run = |with: &[u32]| {
        let mut truth = domain(2, 12);
        for q in 0..400 {
            let mut reports: Vec<Report<'_>> = (0..5).map(|a| honest(a, q, 2, 65)).collect();
            let (first, most) = (reports[0].label, u8::from(reports.iter().filter(|r| r.label == 1).count() > 2));
            let lie = 1 - fact(q, 2);
            let more = [honest(5, q, 2, 92), report(6, first), report(7, most), report(8, lie)];
            reports.extend(more.into_iter().filter(|r| with.contains(&noise_name(r))));
            truth.close(q.into(), name(q), &reports).unwrap();
        }
        truth.settle();
        let mut sums = [0i64; 9];
        for q in 0..400 {
            for (id, gain) in truth.gains(&name(q), fact(q, 2)).unwrap() {
                let a = (0..9).find(|&a| agent(a) == id).unwrap();
                sums[a as usize] += i64::from(gain) / 400;
            }
        }
        sums
    };
    let sums = run(&[5, 6, 7, 8]);
    assert!(sums[5] > 1_000, "a true signal of one's own: {sums:?}");
    assert_eq!((sums[0], sums[6]), (0, 0), "a copy, and what it copies: {sums:?}");
    assert!(sums[7] <= 0, "what most say already: {sums:?}");
    assert!(sums[8] < -100, "a lie: {sums:?}");
}

fn noise_name(r: &Report<'_>) -> u32 {
    (0..64).find(|&a| agent(a) == r.agent).unwrap()
}

// spec: TRUST-005 74f3
// spec: TRUST-006 52b0
#[test]
fn refusals_change_nothing() {
    let mut truth = domain(2, 3);
    truth.close(0, name(0), &[report(0, 1), report(1, 1)]).unwrap();
    let before = truth.clone();
    assert_eq!(truth.close(1, name(0), &[report(2, 1)]), Err(Refused::Closed));
    assert_eq!(truth.close(1, name(1), &[report(2, 2)]), Err(Refused::Option));
    let many: Vec<Report<'_>> = (0..1_025).map(|a| report(a, 0)).collect();
    assert_eq!(truth.close(1, name(1), &many), Err(Refused::TooMany));
    assert_eq!(truth.anchor(name(5), 0), Err(Refused::Gone));
    assert_eq!(truth.anchor(name(0), 2), Err(Refused::Option));
    assert_eq!(truth.gains(&name(5), 0), Err(Refused::Gone));
    assert_eq!(truth, before);
    assert!(Refused::Gone.to_string().contains("window"));
}

#[test]
fn state_stays_bounded_and_what_left_the_window_is_remembered() {
    let mut truth = domain(2, 0);
    for q in 0..9_000 {
        // Eight new names on every question, and two that stay.
        let mut reports: Vec<Report<'_>> = (0..8).map(|a| report(1_000 + 8 * q + a, 0)).collect();
        for a in 0..2 {
            truth.admit(agent(a), Admission::Vouched(256)).unwrap();
            reports.push(honest(a, q, 2, 90));
        }
        truth.close(q.into(), name(q), &reports).unwrap();
    }
    truth.settle();
    assert!(truth.filed.len() <= WINDOW + strangers::WINDOW && truth.agents.len() <= WINDOW + MAX_IDLE);
    assert_eq!(truth.agents.len(), truth.names.len());
    assert_eq!(truth.belief(&name(0)), None);
    let i = usize::from(truth.names[&agent(0)]);
    let memory: u32 = truth.memory[i * 4..][..4].iter().map(|c| u32::from(*c)).sum();
    assert!((9_000..=MEMORY).contains(&memory), "{memory}");
    let (agents, _) = truth.bytes();
    assert!(agents / truth.agents.len() <= 256);
}

#[test]
fn neither_empty_questions_nor_admissions_pile_up() {
    let mut truth = domain(2, 0);
    for q in 0..20_000 {
        truth.close(q.into(), name(q), &[]).unwrap();
    }
    truth.settle();
    assert!(truth.pending.is_empty() && truth.questions.len() <= WINDOW && truth.numbers.len() <= WINDOW);
    for a in 0..MAX_AGENTS as u32 {
        truth.admit(agent(a), Admission::Vouched(256)).unwrap();
    }
    assert_eq!(truth.admit(agent(99_999), Admission::Vouched(256)), Err(Refused::Full));
    truth.settle();
    assert_eq!(truth.admit(agent(99_999), Admission::Vouched(256)), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    // Any order of closing, any order of reports: the same state but for the order of names.
    // spec: TRUST-001 39d9
    #[test]
    fn order_within_an_epoch_is_nothing(order in Just((0u32..12).collect::<Vec<_>>()).prop_shuffle()) {
        let run = |order: &[u32]| {
            let mut truth = domain(3, 5);
            for &q in order {
                let mut reports: Vec<Report<'_>> = (0..5).map(|a| honest(a, q, 3, 70)).collect();
                reports.rotate_left(order[0] as usize % 5);
                truth.close(q.into(), name(q), &reports).unwrap();
            }
            truth.settle();
            truth
        };
        prop_assert_eq!(run(&order), run(&(0..12).collect::<Vec<_>>()));
    }

    // One agent more can say what it likes: it moves no estimate by more than its ten bits.
    #[test]
    fn one_agent_has_bounded_influence(labels in proptest::collection::vec(0u8..2, 1)) {
        let mut truth = domain(2, 8);
        for q in 0..40 {
            let reports: Vec<Report<'_>> = (0..7).map(|a| honest(a, q, 2, 80)).collect();
            truth.close(q.into(), name(q), &reports).unwrap();
        }
        truth.settle();
        let reports: Vec<Report<'_>> = (0..7).map(|a| honest(a, 99, 2, 80)).collect();
        let told = |agent: NodeId, label| Told { agent, index: truth.names.get(&agent).copied(), label, lineage: 0 };
        let mut with: Vec<Told> = reports.iter().map(|r| told(r.agent, r.label)).collect();
        let without = truth.at_once(&with);
        with.push(told(agent(7), labels[0]));
        let with = truth.at_once(&with);
        prop_assert!(without.weights[0].abs_diff(with.weights[0]) < 20_000);
    }

    // spec: TRUST-002 c4be
    #[test]
    fn weights_add_up(shares in proptest::collection::vec(0i64..=65_536, 2..=16)) {
        let belief = Belief::of(&shares);
        prop_assert_eq!(belief.weights.iter().map(|w| u32::from(*w)).sum::<u32>(), 65_535);
    }
}

#[test]
fn a_stranger_cannot_push_the_source_that_two_copies_share_out_of_sight() {
    let believed = |many: &[[u8; 32]]| {
        let mut domain = Truth::new(2);
        let agent = |n: u8| NodeId([n; 32]);
        (0..4).for_each(|n| domain.admit(agent(n), Admission::Vouched(256)).unwrap());
        let shared = [[0xff; 32]];
        let mut reports: Vec<Report<'_>> = (0..4u8)
            .map(|n| Report { agent: agent(n), label: u8::from(n > 1), lineage: if n < 2 { &shared } else { &[] } })
            .collect();
        reports.push(Report { agent: agent(9), label: 0, lineage: many });
        domain.close(1, [1; 32], &reports).unwrap()
    };
    let many: Vec<[u8; 32]> = (0..64).map(|n| [n; 32]).collect();
    assert_eq!(believed(&many), believed(&[]));
}
