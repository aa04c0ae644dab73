//! A leaf of two dozen: deaths, lies, goodbyes, returns, partitions.

use mindos_wire::{Accuse, Bytes8, Bytes16, Certificate, Endorsement, List, Member as MemberFrame, Tail};

use super::super::*;
use super::net::{Link, MS, Net, S};
use super::{alias, monitors};
use crate::identity::Statement;
use crate::outbox::frame;

const N: usize = 24;

fn leaf(seed: u64) -> Net {
    let net = Net::joined(N, seed, Link { jitter_us: 5 * MS, ..Link::CLEAN }, 12);
    assert!(net.agree() && net.node(0).leaf().members() == N);
    net
}

fn downs(net: &Net) -> usize {
    (0..net.hosts.len()).map(|h| net.count(h, |e| matches!(e, Event::MemberDown { .. }))).sum()
}

fn suspicions(net: &Net) -> usize {
    (0..net.hosts.len()).map(|h| net.count(h, |e| matches!(e, Event::MemberSuspect { .. }))).sum()
}

/// All running nodes hold `of` to be in this state.
fn all_hold(net: &Net, of: usize, state: MemberState) -> bool {
    net.up().into_iter().all(|h| net.state(of, h).is_some_and(|s| s.0 == state))
}

/// The signature of an accusation of `subject`, by a liar.
fn accusation(net: &Net, liar: usize, subject: usize) -> (u32, [u8; 64]) {
    let incarnation = net.node(subject).leaf().incarnation();
    let statement = Statement::Accuse { epoch: 0, subject: net.hosts[subject].id, incarnation };
    (incarnation, net.node(liar).identity.sign(&statement))
}

/// Liars accuse to everybody, each for itself and together by certificate.
fn lie(net: &mut Net, liars: &[usize], subject: usize) {
    let mut accusers = Vec::new();
    let subject_alias = alias(&net.hosts[subject].id);
    let mut incarnation = 0;
    for liar in liars {
        let (at, signature) = accusation(net, *liar, subject);
        incarnation = at;
        accusers.push(Endorsement { accuser: alias(&net.hosts[*liar].id), signature });
        let accuse = Accuse { subject: subject_alias, incarnation, signature: &signature, tail: Tail::default() };
        (0..N).filter(|to| to != liar).for_each(|to| net.send_raw(*liar, to, frame(&accuse)));
    }
    accusers.sort_by_key(|e| (e.accuser, e.signature));
    let certificate =
        Certificate { subject: subject_alias, incarnation, accusers: List::new(&accusers), tail: Tail::default() };
    (0..N).filter(|to| *to != liars[0]).for_each(|to| net.send_raw(liars[0], to, frame(&certificate)));
}

#[test]
fn a_death_is_known_to_all_within_six_intervals_and_provable_to_a_newcomer() {
    let mut net = Net::new(N + 1, 41, Link::CLEAN);
    for host in 0..N {
        net.start(host);
        net.join(host, 0);
    }
    net.run(12 * S);
    net.kill(5);
    assert!(net.run_until(net.now + 6 * S, |n| all_hold(n, 5, MemberState::Down)));
    net.start(N);
    net.join(N, 3);
    assert!(net.run_until(net.now + 12 * S, |n| n.state(5, N).is_some_and(|s| s.0 == MemberState::Down)));
    assert_eq!(downs(&net), N, "and nobody else was declared");
}

#[test]
fn four_deaths_at_once_are_known_to_all() {
    let mut net = leaf(42);
    [3, 9, 14, 20].into_iter().for_each(|h| net.kill(h));
    let known = |n: &Net| [3, 9, 14, 20].into_iter().all(|h| all_hold(n, h, MemberState::Down));
    assert!(net.run_until(net.now + 8 * S, known));
    net.run(10 * S);
    assert!(net.agree());
    assert_eq!(downs(&net), 4 * (N - 4));
}

#[test]
fn two_lying_monitors_make_a_healthy_node_suspect_at_most_until_it_refutes() {
    let mut net = leaf(43);
    let liars = monitors(&net, 7)[..2].to_vec();
    for _ in 0..3 {
        lie(&mut net, &liars, 7);
        assert!(net.run_until(net.now + 3 * S, |n| n.node(7).leaf().incarnation() > 1));
        assert!(net.run_until(net.now + 3 * S, |n| all_hold(n, 7, MemberState::Alive) && n.agree()));
    }
    assert!(suspicions(&net) > 0, "two suffice for a suspicion");
    assert_eq!(downs(&net), 0);
}

#[test]
fn three_lying_monitors_cannot_make_a_healthy_node_down() {
    let mut net = leaf(44);
    let liars = monitors(&net, 7)[..3].to_vec();
    for _ in 0..4 {
        lie(&mut net, &liars, 7);
        net.run(S);
    }
    assert!(net.run_until(net.now + 5 * S, |n| all_hold(n, 7, MemberState::Alive) && n.agree()));
    assert_eq!(downs(&net), 0);
}

#[test]
fn accusations_of_members_that_are_no_monitors_make_nobody_suspect() {
    let mut net = leaf(45);
    let seats = monitors(&net, 7);
    let others: Vec<usize> = (0..N).filter(|h| *h != 7 && !seats.contains(h)).take(6).collect();
    assert!(others.len() >= 5);
    lie(&mut net, &others, 7);
    net.run(5 * S);
    assert_eq!((suspicions(&net), downs(&net)), (0, 0));
}

#[test]
fn a_goodbye_is_known_to_all_and_an_old_beacon_does_not_undo_it() {
    let mut net = leaf(46);
    let record = net.node(4).beacon.as_ref().unwrap().record.clone();
    net.command(4, Command::Leave);
    let left = |n: &Net| (0..N).filter(|h| *h != 4).all(|h| n.state(4, h).is_some_and(|s| s.0 == MemberState::Left));
    assert!(net.run_until(net.now + 4 * S, left));
    let member = MemberFrame { locator: Bytes8(b""), beacon: Bytes16(&record), tail: Tail::default() };
    (0..N).filter(|h| *h != 4 && *h != 8).for_each(|to| net.send_raw(8, to, frame(&member)));
    net.kill(4);
    net.run(15 * S);
    assert!(left(&net));
    assert!(net.agree());
    assert_eq!(downs(&net), 0, "who said goodbye is not accused");
}

#[test]
fn who_left_comes_back_under_a_higher_incarnation() {
    let mut net = leaf(47);
    net.command(4, Command::Leave);
    net.run(3 * S);
    net.kill(4);
    net.run(S);
    net.start(4);
    net.join(4, 9);
    assert!(net.run_until(net.now + 10 * S, |n| all_hold(n, 4, MemberState::Alive) && n.agree()));
}

#[test]
fn a_restart_before_anybody_noticed_raises_the_incarnation_in_all_views() {
    let mut net = leaf(48);
    let before = net.node(5).leaf().incarnation();
    net.kill(5);
    net.run(300 * MS);
    net.start(5);
    net.join(5, 0);
    let known = |n: &Net| all_hold(n, 5, MemberState::Alive) && n.agree() && n.node(5).leaf().incarnation() > before;
    assert!(net.run_until(net.now + 12 * S, known));
    assert_eq!(downs(&net), 0);
}

#[test]
fn a_node_that_was_down_returns_to_all_views() {
    let mut net = leaf(49);
    net.kill(5);
    net.run(8 * S);
    net.start(5);
    net.join(5, 0);
    assert!(net.run_until(net.now + 12 * S, |n| all_hold(n, 5, MemberState::Alive) && n.agree()));
    assert_eq!(net.count(0, |e| matches!(e, Event::MemberUp { node } if *node == n_id(&net, 5))), 2);
}

fn n_id(net: &Net, host: usize) -> NodeId {
    net.hosts[host].id
}

/// Kills a node that has refuted `refutations` times, takes its disk, and starts it anew.
fn lose_storage(seed: u64, refutations: u32, goodbye: bool, away_us: u64) -> (Net, u32) {
    let mut net = leaf(seed);
    let liars = monitors(&net, 5)[..2].to_vec();
    for _ in 0..refutations {
        lie(&mut net, &liars, 5);
        net.run(3 * S);
    }
    let before = net.node(5).leaf().incarnation();
    if goodbye {
        net.command(5, Command::Leave);
        net.run(3 * S);
    }
    net.kill(5);
    net.run(away_us);
    net.hosts[5].disk.clear();
    net.start(5);
    net.join(5, 0);
    (net, before)
}

#[test]
fn a_node_that_lost_its_storage_outruns_its_former_incarnation() {
    for (refutations, away_us) in [(0, 8 * S), (2, 8 * S), (2, 200 * MS)] {
        let (mut net, before) = lose_storage(50, refutations, false, away_us);
        let known =
            |n: &Net| all_hold(n, 5, MemberState::Alive) && n.agree() && n.node(5).leaf().incarnation() > before;
        assert!(net.run_until(net.now + 15 * S, known), "after {refutations} refutations and {away_us} µs");
    }
}

#[test]
fn a_node_that_said_goodbye_and_lost_its_storage_can_return() {
    for refutations in [0, 2] {
        let (mut net, _) = lose_storage(51, refutations, true, S);
        let back = net.run_until(net.now + 15 * S, |n| all_hold(n, 5, MemberState::Alive) && n.agree());
        assert!(back, "after {refutations} refutations");
    }
}

#[test]
fn a_frozen_node_accuses_nobody_when_it_wakes_and_refutes_what_was_said() {
    for seconds in [2, 8] {
        let mut net = leaf(52);
        net.freeze(5);
        net.run(seconds * S);
        let before = (suspicions(&net), downs(&net));
        net.thaw(5);
        let well = |n: &Net| all_hold(n, 5, MemberState::Alive) && n.agree();
        assert!(net.run_until(net.now + 12 * S, well), "after {seconds} s");
        net.run(5 * S);
        assert_eq!(net.count(5, |e| matches!(e, Event::MemberSuspect { .. } | Event::MemberDown { .. })), 0);
        assert_eq!(net.count(5, |e| matches!(e, Event::Refuted { .. })), usize::from(before.1 > 0));
        let others = (0..N).filter(|h| *h != 5);
        let of_others =
            others.map(|h| net.count(h, |e| matches!(e, Event::MemberDown { node, .. } if *node != n_id(&net, 5))));
        assert_eq!(of_others.sum::<usize>(), 0);
    }
}

#[test]
fn a_node_that_joins_during_a_blackout_learns_of_the_dead_and_is_known_to_the_living() {
    let mut net = Net::new(N + 1, 53, Link::CLEAN);
    for host in 0..N {
        net.start(host);
        net.join(host, 0);
    }
    net.run(12 * S);
    let dead = [2, 6, 11, 15, 19, 22];
    dead.into_iter().for_each(|h| net.kill(h));
    net.run(S);
    net.start(N);
    net.join(N, 3);
    let known = |n: &Net| dead.into_iter().all(|h| all_hold(n, h, MemberState::Down)) && n.agree();
    assert!(net.run_until(net.now + 20 * S, known));
    assert!(all_hold(&net, N, MemberState::Alive));
}

#[test]
fn after_a_partition_heals_all_views_agree_and_all_are_alive() {
    for seconds in [3, 30] {
        let mut net = leaf(54);
        let halves: (Vec<usize>, Vec<usize>) = (0..N).partition(|h| h % 2 == 0);
        net.partition(&halves.0, &halves.1);
        net.run(seconds * S);
        net.cut.clear();
        let healed = |n: &Net| (0..N).all(|h| all_hold(n, h, MemberState::Alive)) && n.agree();
        assert!(net.run_until(net.now + 60 * S, healed), "after {seconds} s");
    }
}

// spec: WIRE-013 5007
#[test]
fn members_send_each_other_frames_that_nobody_knows_and_are_not_troubled() {
    let mut net = leaf(3);
    net.run(30 * S);
    let ignored: u64 = (0..N).map(|h| net.node(h).stats().frames_ignored).sum();
    assert!(ignored > 10, "{ignored}");
    assert_eq!(downs(&net), 0);
}
