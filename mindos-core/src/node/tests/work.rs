//! Work between whole nodes: once, whatever is lost, and never without an end.

use super::super::*;
use super::net::{Link, MS, Net, S};
use super::{capacity, request};
use crate::routing::{PROBES, choose};
use mindos_wire::Effect as EffectClass;

/// One origin and workers of one slot each; partners know each other's load.
fn workers(n: usize, seed: u64, link: Link) -> Net {
    let mut net = Net::new(n + 1, seed, link);
    net.join_all();
    net.run(3 * S);
    for host in 1..=n {
        net.command(host, Command::SetCapacity(capacity(1)));
    }
    net.run(8 * S);
    net
}

fn leases(net: &Net, intent: IntentId) -> Vec<(u64, NodeId)> {
    let leased = |e: &Event| match e {
        Event::Leased { lease, worker, .. } if lease.intent == intent => Some((lease.epoch, *worker)),
        _ => None,
    };
    net.hosts[0].events.iter().filter_map(|(_, e)| leased(e)).collect()
}

fn host_of(net: &Net, node: NodeId) -> usize {
    net.hosts.iter().position(|h| h.id == node).unwrap()
}

#[test]
fn results_come_exactly_once_in_spite_of_loss_and_duplication() {
    let rough = Link { loss: 200, duplication: 200, ..Link::ROUGH };
    let mut net = workers(3, 61, rough);
    let work = || IntentRequest { contexts: vec![Bytes::from(vec![3; 9_000])], ..request(b"olleh") };
    let intents: Vec<IntentId> = (0..6).map(|_| net.submit(0, work()).unwrap()).collect();
    assert_eq!(intents.iter().collect::<BTreeSet<_>>().len(), 6, "equal requests are different intents");
    net.run(121 * S);
    for intent in intents {
        assert_eq!(net.ends(0, intent), (1, 0));
    }
    let outputs = net.hosts[0].events.iter().filter_map(|(_, e)| match e {
        Event::Completed { output, .. } => Some(output.clone()),
        _ => None,
    });
    assert!(outputs.into_iter().all(|o| &o[..] == b"hello"));
}

#[test]
fn no_host_executes_a_lease_twice() {
    let mut net = workers(3, 62, Link { loss: 250, duplication: 300, ..Link::ROUGH });
    for _ in 0..8 {
        net.submit(0, request(b"x")).unwrap();
    }
    net.run(121 * S);
    for host in &net.hosts {
        let once: BTreeSet<&LeaseId> = host.executed.iter().collect();
        assert_eq!(once.len(), host.executed.len());
    }
}

#[test]
fn work_of_a_dead_worker_goes_elsewhere_under_a_higher_epoch_and_completes_once() {
    let mut net = workers(7, 63, Link::CLEAN);
    net.work_us = Some(4 * S);
    let intent = net.submit(0, request(b"abc")).unwrap();
    assert!(net.run_until(net.now + 3 * S, |n| !leases(n, intent).is_empty()));
    let (epoch, worker) = leases(&net, intent)[0];
    net.kill(host_of(&net, worker));
    net.run(30 * S);
    assert_eq!(net.ends(0, intent), (1, 0));
    let (again, other) = *leases(&net, intent).last().unwrap();
    assert!(again > epoch && other != worker);
    assert_eq!(net.count(0, |e| matches!(e, Event::Redispatched { lease, .. } if lease.epoch == epoch)), 1);
}

#[test]
fn a_worker_that_restarts_within_the_lease_loses_it_and_the_work_completes() {
    let mut net = workers(2, 64, Link::CLEAN);
    net.work_us = Some(4 * S);
    let intent = net.submit(0, request(b"abc")).unwrap();
    assert!(net.run_until(net.now + 3 * S, |n| !leases(n, intent).is_empty()));
    let worker = host_of(&net, leases(&net, intent)[0].1);
    net.kill(worker);
    net.run(200 * MS);
    net.start(worker);
    net.join(worker, 0);
    net.run(40 * S);
    assert_eq!(net.ends(0, intent), (1, 0));
}

#[test]
fn a_cancel_stops_the_worker_and_is_confirmed() {
    let mut net = workers(1, 65, Link::CLEAN);
    net.work_us = None;
    let intent = net.submit(0, request(b"abc")).unwrap();
    assert!(net.run_until(net.now + 5 * S, |n| !n.hosts[1].executed.is_empty()));
    net.run(100 * MS);
    assert_eq!(net.command(0, Command::Cancel { intent }), Handled::Accepted);
    net.run(S);
    assert_eq!(net.hosts[1].stopped, net.hosts[1].executed);
    let cancelled = |e: &Event| matches!(e, Event::Ended { intent: i, reason: EndReason::Cancelled } if *i == intent);
    assert_eq!(net.count(0, cancelled), 1);
    assert!(matches!(net.command(0, Command::Cancel { intent }), Handled::Dropped(DropReason::ApiMisuse(_))));
}

#[test]
fn a_cancel_that_does_not_reach_the_worker_names_it() {
    let mut net = workers(1, 66, Link::CLEAN);
    net.work_us = None;
    let intent = net.submit(0, request(b"abc")).unwrap();
    assert!(net.run_until(net.now + 5 * S, |n| !leases(n, intent).is_empty()));
    net.partition(&[0], &[1]);
    net.command(0, Command::Cancel { intent });
    net.run(10 * S);
    let worker = net.hosts[1].id;
    let reason = EndReason::CancelUnconfirmed { worker };
    assert_eq!(net.count(0, |e| *e == Event::Ended { intent, reason }), 1);
    assert_eq!(net.ends(0, intent), (0, 1));
}

#[test]
fn a_cancel_before_any_lease_ends_at_once() {
    let mut net = workers(0, 67, Link::CLEAN);
    let intent = net.submit(0, request(b"abc")).unwrap();
    net.command(0, Command::Cancel { intent });
    assert_eq!(net.count(0, |e| *e == Event::Ended { intent, reason: EndReason::Cancelled }), 1);
}

#[test]
fn an_intent_that_nobody_serves_ends_as_expired_when_its_lifetime_is_over() {
    let mut net = workers(1, 68, Link::CLEAN);
    let lifetime = Duration::from_secs(20);
    let nobody = net.submit(0, IntentRequest { capability: [1; 32], lifetime, ..request(b"a") }).unwrap();
    net.work_us = None;
    let slow = net.submit(0, IntentRequest { lifetime, ..request(b"b") }).unwrap();
    net.run(19 * S);
    assert_eq!((net.ends(0, nobody), net.ends(0, slow)), ((0, 0), (0, 0)));
    net.run(2 * S);
    for intent in [nobody, slow] {
        assert_eq!(net.count(0, |e| *e == Event::Ended { intent, reason: EndReason::Expired }), 1);
    }
    assert_eq!(net.hosts[1].stopped, net.hosts[1].executed, "the worker stops too");
}

#[test]
fn requests_out_of_range_are_refused_and_change_nothing() {
    let mut net = workers(1, 69, Link::CLEAN);
    let context = |n: u8, len| Bytes::from(vec![n; len]);
    let good = || request(b"abc");
    let bad = [
        IntentRequest { effect: EffectClass::Fenced, ..good() },
        IntentRequest { lifetime: Duration(0), ..good() },
        IntentRequest { lifetime: Duration(86_400_000_001), ..good() },
        IntentRequest { contexts: (0..17).map(|n| context(n, 9)).collect(), ..good() },
        IntentRequest { contexts: vec![context(1, 60_001)], ..good() },
        IntentRequest { contexts: vec![context(1, 5), context(1, 5)], ..good() },
        IntentRequest { payload: context(1, 32_001), ..good() },
    ];
    let outputs = net.hosts[0].outputs.len();
    let next = net.node(0).sequences.peek();
    for request in bad {
        assert!(matches!(net.submit(0, request), Err(DropReason::ApiMisuse(_))));
    }
    assert_eq!((net.hosts[0].outputs.len(), net.node(0).sequences.peek()), (outputs, next));
    let largest = IntentRequest {
        lifetime: Duration::from_secs(86_400),
        contexts: (0..16).map(|n| context(n, 60_000)).collect(),
        payload: context(1, 32_000),
        ..good()
    };
    let intent = net.submit(0, largest).unwrap();
    net.run(60 * S);
    assert_eq!(net.ends(0, intent), (1, 0));
}

#[test]
fn fenced_effects_are_refused_with_their_reason() {
    let mut net = workers(1, 70, Link::CLEAN);
    let Err(DropReason::ApiMisuse(why)) = net.submit(0, IntentRequest { effect: EffectClass::Fenced, ..request(b"a") })
    else {
        panic!("taken")
    };
    assert!(why.contains("commit"));
}

#[test]
fn every_choice_is_explained_and_replays_from_its_explanation() {
    let mut net = workers(8, 71, Link { jitter_us: 20 * MS, ..Link::CLEAN });
    let mut intents = Vec::new();
    for _ in 0..12 {
        intents.push(net.submit(0, request(b"abc")).unwrap());
        net.run(300 * MS);
    }
    net.run(60 * S);
    assert!(intents.iter().all(|i| net.ends(0, *i) == (1, 0)));
    let explained: BTreeSet<IntentId> = net.node(0).explanations().map(|e| e.intent).collect();
    assert_eq!(explained, intents.iter().copied().collect());
    for e in net.node(0).explanations() {
        assert_eq!(choose(&e.quotes).map(|q| q.node), e.chosen);
        assert!(e.candidates.iter().filter(|c| c.probed).count() <= PROBES);
        let probed = |n: &NodeId| e.candidates.iter().any(|c| c.probed && c.node == *n);
        assert!(e.quotes.iter().all(|q| probed(&q.node)));
    }
    assert!(net.node(0).stats().probes <= 12 * PROBES as u64 + 6, "a search asks at most three");
}

#[test]
fn a_worker_above_the_budget_gets_nothing() {
    let mut net = workers(1, 72, Link::CLEAN);
    // Two seconds of reference work at 10 a second.
    let affordable = net.submit(0, IntentRequest { budget: 20, ..request(b"a") }).unwrap();
    let dear = net.submit(0, IntentRequest { budget: 19, lifetime: Duration::from_secs(20), ..request(b"b") }).unwrap();
    net.run(30 * S);
    assert_eq!(net.ends(0, affordable), (1, 0));
    assert_eq!(net.ends(0, dear), (0, 1));
    assert_eq!(net.hosts[1].executed.len(), 1);
}
