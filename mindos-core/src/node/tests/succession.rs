//! Keys that change in a leaf of a dozen.

use super::super::*;
use super::net::{Link, MS, Net, S};
use super::{capacity, request};
use crate::crypto::DEFAULT;
use crate::{PublicKeys, Secret, Succession};

const N: usize = 12;

/// A leaf; the last host has not started.
fn leaf(seed: u64, link: Link) -> Net {
    let mut net = Net::new(N + 1, seed, link);
    for host in 0..N {
        net.start(host);
        net.join(host, 0);
    }
    net.run(10 * S);
    assert!(net.agree());
    net
}

fn succession(net: &Net, old: usize, new: Option<usize>) -> Bytes {
    let new = new.map(|n| Secret::from(net.secret(n)));
    Succession::sign(net.crypto, 7, &net.secret(old).into(), new.as_ref()).record().clone()
}

fn succeed(net: &mut Net, at: usize, record: Bytes) {
    assert_eq!(net.command(at, Command::Succeed { record }), Handled::Accepted);
}

/// All running nodes but the retired itself hold this outcome, and the same of everybody.
fn all_hold(net: &Net, of: usize, successor: Option<usize>) -> bool {
    let successor = successor.map(|s| net.hosts[s].id);
    let of = net.hosts[of].id;
    let hosts: Vec<usize> = net.up().into_iter().filter(|h| net.hosts[*h].id != of).collect();
    let views = hosts.iter().map(|h| net.node(*h).leaf().view()).collect::<BTreeSet<_>>();
    let outcome = |h: &usize| net.node(*h).leaf().retired(&of).map(crate::Retired::successor);
    views.len() == 1 && hosts.iter().all(|h| outcome(h) == Some(successor))
}

fn downs(net: &Net) -> usize {
    (0..N).map(|h| net.count(h, |e| matches!(e, Event::MemberSuspect { .. } | Event::MemberDown { .. }))).sum()
}

#[test]
fn a_rotation_reaches_all_and_nobody_is_accused() {
    for link in [Link::CLEAN, Link { loss: 50, jitter_us: 5 * MS, ..Link::CLEAN }] {
        let mut net = leaf(71, link);
        let before = downs(&net);
        // The new key's host brings the record; the old one still runs and hears of it.
        net.start(N);
        let record = succession(&net, 4, Some(N));
        succeed(&mut net, N, record);
        net.join(N, 0);
        assert!(net.run_until(net.now + 15 * S, |n| all_hold(n, 4, Some(N))));
        assert!(net.run_until(net.now + 15 * S, |n| n.count(4, |e| matches!(e, Event::Retired { .. })) == 1));
        net.run(10 * S);
        if link.loss == 0 {
            assert_eq!(downs(&net), before);
        }
        assert!((0..N).filter(|h| *h != 4).all(|h| net.state(N, h).is_some_and(|s| s.0 == MemberState::Alive)));
        assert!((0..N).filter(|h| *h != 4).all(|h| !net.node(h).leaf().sessions().any(|n| *n == net.hosts[4].id)));
    }
}

#[test]
fn a_thief_and_an_owner_on_two_sides_of_a_partition_end_in_nobody() {
    let mut net = leaf(72, Link::CLEAN);
    net.kill(4);
    let halves: (Vec<usize>, Vec<usize>) = (0..N).partition(|h| h % 2 == 0);
    net.partition(&halves.0, &halves.1);
    let (owners, thiefs) = (succession(&net, 4, Some(N)), succession(&net, 4, Some(5)));
    succeed(&mut net, 0, owners);
    succeed(&mut net, 1, thiefs);
    net.run(3 * S);
    net.cut.clear();
    assert!(net.run_until(net.now + 60 * S, |n| all_hold(n, 4, None)));
}

#[test]
fn a_key_that_returns_after_its_revocation_is_a_member_to_nobody() {
    let mut net = leaf(73, Link::CLEAN);
    net.kill(4);
    let record = succession(&net, 4, None);
    succeed(&mut net, 2, record);
    assert!(net.run_until(net.now + 15 * S, |n| all_hold(n, 4, None)));
    // The thief has the key and no storage of the owner; a newcomer and a restarted member know of it too.
    net.kill(7);
    net.start(7);
    net.join(7, 0);
    net.start(N);
    net.join(N, 3);
    net.hosts[4].disk.clear();
    net.start(4);
    net.join(4, 3);
    assert!(net.run_until(net.now + 20 * S, |n| all_hold(n, 4, None)));
    net.run(5 * S);
    assert!(all_hold(&net, 4, None));
    let serves = (0..=N).filter(|h| *h != 4).all(|h| !net.node(h).leaf().alive().any(|n| n == net.hosts[4].id));
    assert!(serves);
}

#[test]
fn standing_is_read_through_a_succession_and_not_after_a_second_one() {
    let mut net = leaf(74, Link::CLEAN);
    net.command(4, Command::SetCapacity(capacity(1)));
    net.work_us = Some(10 * MS);
    net.run(12 * S);
    net.submit(0, request(b"once")).unwrap();
    net.run(10 * S);
    let standing =
        |net: &Net, host: usize| net.node(0).standing(Instant(net.now), &net.hosts[host].id, &super::net::capability());
    let earned = standing(&net, 4);
    assert!(earned > crate::trust::NEUTRAL && standing(&net, N) == crate::trust::NEUTRAL);
    let record = succession(&net, 4, Some(N));
    succeed(&mut net, 3, record);
    assert!(net.run_until(net.now + 15 * S, |n| all_hold(n, 4, Some(N))));
    assert_eq!(standing(&net, N), earned);
    let record = succession(&net, 4, Some(8));
    succeed(&mut net, 3, record);
    assert!(net.run_until(net.now + 15 * S, |n| all_hold(n, 4, None)));
    assert_eq!((standing(&net, N), standing(&net, 8)), (crate::trust::NEUTRAL, crate::trust::NEUTRAL));
}

const ROOT: [u8; 32] = [0xee; 32];
const NEXT: [u8; 32] = [0xef; 32];

/// A voucher for the key of a seed.
fn vouched(by: &[u8; 32], seed: &Secret) -> Voucher {
    Voucher::sign(&DEFAULT, by, 7, PublicKeys::of(&DEFAULT, seed).node, u64::MAX)
}

fn with_root(config: &mut NodeConfig, by: &[u8; 32]) {
    config.roots = vec![PublicKeys::of(&DEFAULT, &ROOT.into()).node];
    config.voucher = Some(vouched(by, &config.identity));
}

#[test]
fn who_joins_after_a_root_was_changed_agrees_on_those_who_retired_before_and_since() {
    let mut net = Net::new(N + 1, 75, Link::CLEAN);
    net.configure = |config| with_root(config, &ROOT);
    for host in 0..N {
        net.start(host);
        net.join(host, 0);
    }
    net.run(10 * S);
    assert!(net.agree() && net.node(0).leaf().members() == N);
    net.kill(4);
    let record = succession(&net, 4, None);
    succeed(&mut net, 0, record);
    assert!(net.run_until(net.now + 15 * S, |n| all_hold(n, 4, None)));

    let changed = Succession::sign(net.crypto, 7, &ROOT.into(), Some(&NEXT.into()));
    succeed(&mut net, 1, changed.record().clone());
    let known = |n: &Net| n.up().into_iter().all(|h| n.node(h).leaf().retired(&changed.node()).is_some());
    assert!(net.run_until(net.now + 15 * S, known));
    for host in net.up().into_iter().filter(|h| *h != 6) {
        let voucher = vouched(&NEXT, &net.secret(host).into());
        assert_eq!(net.command(host, Command::SetVoucher(voucher)), Handled::Accepted);
    }
    // One who never got a new voucher gives up its key later.
    net.kill(6);
    let record = succession(&net, 6, Some(7));
    succeed(&mut net, 7, record);
    assert!(net.run_until(net.now + 15 * S, |n| all_hold(n, 6, Some(7))));

    net.configure = |config| with_root(config, &NEXT);
    net.start(N);
    net.join(N, 3);
    let agree = |n: &Net| n.agree() && all_hold(n, 4, None) && all_hold(n, 6, Some(7));
    assert!(net.run_until(net.now + 20 * S, agree));
    assert_eq!(net.node(N).leaf().members(), N + 1);
    net.run(5 * S);
    assert!(agree(&net), "and it stays so");
}
