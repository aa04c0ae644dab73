//! What reports earn becomes standing: stated by holders, believed by majority, alike at each.

use bytes::Bytes;
use mindos_wire::{Bytes16, Earned, List, MeritBody, RecordBody, Tail, TrustRecord};

use super::super::*;
use super::net::{Net, S};
use super::questions::{N, SAY_0, SAY_1, TO_CLOSE, ask, holders, others, say, vouched_leaf};
use crate::outbox::frame;
use crate::trust::NEUTRAL;
use crate::trust::question::Merit;

/// The domain of the questions here, and the capability of its name.
const NAME: [u8; 32] = [7; 32];
const DOMAIN: u32 = 0x0707_0707;
const EXPERT: usize = 3;

/// A leaf in which the expert is always right, the others as often as not, and the root told all outcomes.
fn resolved(seed: u64, questions: u8) -> (Net, Vec<Bytes>) {
    let mut net = vouched_leaf(seed);
    let asked: Vec<Bytes> = (0..questions).map(|n| ask(&mut net, 1 + usize::from(n % 8), n)).collect();
    let truth = |n: usize| n.is_multiple_of(3);
    for (n, question) in asked.iter().enumerate() {
        for host in 0..N - 1 {
            let right = host == EXPERT || (n * 7 + host * 5 + n * host) % 2 == 0;
            assert_eq!(say(&mut net, host, question, if right == truth(n) { SAY_1 } else { SAY_0 }), Handled::Accepted);
        }
    }
    net.run(TO_CLOSE);
    for (n, question) in asked.iter().enumerate() {
        let anchor = Command::Anchor { question: question.clone(), option: u8::from(truth(n)), source: [3; 32] };
        assert_eq!(net.command(0, anchor), Handled::Accepted);
    }
    net.run(5 * S);
    (net, asked)
}

/// What the holders state, if all state the same.
fn alike(net: &mut Net) -> Option<Merit> {
    let now = Instant(net.now);
    let mut all: Vec<_> = holders(net).into_iter().map(|h| net.node_mut(h).states_merit(now, DOMAIN)).collect();
    all.dedup();
    if all.len() == 1 { all.remove(0) } else { None }
}

fn standing(net: &Net, reader: usize, of: usize, capability: &[u8; 32]) -> u16 {
    net.node(reader).standing(Instant(net.now), &net.hosts[of].id, capability)
}

// spec: TRUST-022 d2ff, TRUST-023 c497
#[test]
fn who_knew_what_others_did_not_starts_higher_at_who_asks() {
    let (mut net, questions) = resolved(68, 16);
    let merit = alike(&mut net).unwrap();
    let [reader, other] = [others(&net)[0], others(&net)[1]];
    let earned = |host: usize| merit.earned.iter().find(|e| e.0 == net.hosts[host].id).map_or(0, |e| e.1);
    let best = (0..N).max_by_key(|h| earned(*h)).unwrap();
    assert_eq!((best, earned(N - 1)), (EXPERT, 0), "{merit:?}");
    let before = standing(&net, reader, EXPERT, &NAME);
    assert_eq!(before, NEUTRAL);
    assert_eq!(net.command(reader, Command::Appraise { domain: NAME }), Handled::Accepted);
    assert_eq!(net.command(other, Command::Believe { question: questions[0].clone() }), Handled::Accepted);
    net.run(4 * S);
    for reader in [reader, other] {
        let now = standing(&net, reader, EXPERT, &NAME);
        assert!(now > NEUTRAL && now <= 43_690, "{now}");
        assert_eq!(standing(&net, reader, EXPERT, &[8; 32]), NEUTRAL, "in no other domain");
        assert_eq!(standing(&net, reader, N - 1, &NAME), NEUTRAL);
    }
    let silent = others(&net)[2];
    assert_eq!(standing(&net, silent, EXPERT, &NAME), NEUTRAL, "who did not ask knows nothing");
    // It is forgotten after an hour.
    let later = Instant(net.now + 3_700 * S);
    assert_eq!(net.node(reader).standing(later, &net.hosts[EXPERT].id, &NAME), NEUTRAL);
}

// spec: TRUST-022 d2ff
#[test]
fn who_takes_a_seat_late_states_the_same_merit() {
    let (mut net, _) = resolved(68, 12);
    let before = alike(&mut net).unwrap();
    assert!(!before.earned.is_empty());
    let dead = *holders(&net).iter().find(|h| **h != 0).unwrap();
    net.kill(dead);
    net.run(40 * S);
    assert!(!holders(&net).contains(&dead));
    assert_eq!(alike(&mut net), Some(before));
}

/// A merit that a host signs by itself.
fn claims(net: &Net, host: usize, sequence: u64, of: usize) -> Vec<u8> {
    let earned = [Earned { node: net.hosts[of].id.0, earned: u32::MAX }];
    let body = RecordBody::Merit(MeritBody {
        domain: DOMAIN,
        questions: 128,
        earned: List::new(&earned),
        tail: Tail::default(),
    });
    let record = crate::identity::sign_record(&net.node(host).identity, sequence, u64::MAX, &body).unwrap();
    frame(&TrustRecord { record: Bytes16(&record), tail: Tail::default() })
}

// spec: TRUST-023 c497
#[test]
fn a_merit_that_fewer_than_three_holders_state_lifts_nobody() {
    let (mut net, _) = resolved(68, 12);
    let (reader, liars) = (others(&net)[0], holders(&net)[..2].to_vec());
    let friend = *others(&net).iter().find(|h| ![0, EXPERT, reader].contains(h)).unwrap();
    // Nobody asked: it is nothing.
    let lie = claims(&net, liars[0], 1, friend);
    net.send_raw(liars[0], reader, lie);
    net.run(S);
    net.command(reader, Command::Appraise { domain: NAME });
    for (liar, sequence) in [(liars[0], 2), (liars[0], 3), (liars[0], 4), (liars[1], 2)] {
        let lie = claims(&net, liar, sequence, friend);
        net.send_raw(liar, reader, lie);
    }
    // One carries what another holder signed.
    let carried = claims(&net, holders(&net)[3], 5, friend);
    net.send_raw(liars[1], reader, carried);
    net.run(4 * S);
    assert!(standing(&net, reader, friend, &NAME) < 40_000, "{}", standing(&net, reader, friend, &NAME));
    assert!(standing(&net, reader, EXPERT, &NAME) > NEUTRAL, "three honest ones are believed");
}

// spec: TRUST-023 c497
#[test]
fn without_a_majority_nobody_is_lifted_and_the_reader_may_ask_again() {
    let (mut net, _) = resolved(68, 12);
    let reader = others(&net)[0];
    let silent = holders(&net)[..3].to_vec();
    net.partition(&silent, &[reader]);
    net.command(reader, Command::Appraise { domain: NAME });
    net.run(4 * S);
    assert_eq!(standing(&net, reader, EXPERT, &NAME), NEUTRAL);
    net.cut.clear();
    net.run(2 * S);
    net.command(reader, Command::Appraise { domain: NAME });
    net.run(4 * S);
    assert!(standing(&net, reader, EXPERT, &NAME) > NEUTRAL);
}

// spec: TRUST-024 7434
#[test]
fn merit_vouches_for_nobody() {
    let mut net = vouched_leaf(68);
    let (now, stranger) = (Instant(net.now), net.hosts[N - 1].id);
    let before = holders(&net);
    for host in 0..N - 1 {
        net.node_mut(host).trust.believe(now, DOMAIN, vec![(stranger, u32::MAX)]);
        assert_eq!(net.node(host).standing(now, &stranger, &NAME), 43_690);
        assert!(!net.node(host).leaf().is_vouched(&stranger));
    }
    // Its reports weigh as little as before.
    let question = ask(&mut net, 1, 1);
    say(&mut net, 2, &question, SAY_1);
    say(&mut net, N - 1, &question, SAY_0);
    net.run(TO_CLOSE);
    let computed = super::questions::alike(&mut net, &question).unwrap();
    assert_eq!((computed.reports, computed.weights[1] > 40_000), (2, true));
    assert_eq!(holders(&net), before);
}
