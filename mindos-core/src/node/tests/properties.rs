//! The seven properties of the node's interface. Their names are fixed: ARCHITECTURE.md lists them.

use super::super::*;
use super::net::{Link, MS, Net, S};
use super::{capacity, request};
use crate::crypto::{Crypto, DEFAULT};

/// Five nodes on rough links, three intents, a death and a return.
fn eventful(seed: u64) -> Net {
    let mut net = Net::new(5, seed, Link::ROUGH);
    before(&mut net);
    after(&mut net);
    net
}

fn before(net: &mut Net) {
    net.join_all();
    net.run(2 * S);
    net.command(1, Command::SetCapacity(capacity(1)));
    net.command(2, Command::SetCapacity(capacity(2)));
    net.run(6 * S);
}

fn after(net: &mut Net) {
    let work = IntentRequest { contexts: vec![Bytes::from(vec![9; 30_000])], ..request(b"abc") };
    for payload in [&b"one"[..], b"two", b"three"] {
        let _ = net.submit(0, IntentRequest { payload: Bytes::from_static(payload), ..work.clone() });
    }
    net.run(S);
    net.kill(2);
    net.run(8 * S);
    net.start(2);
    net.run(8 * S);
}

#[test]
fn the_eventful_run_of_these_tests_has_results_deaths_and_returns() {
    let net = eventful(1);
    assert_eq!(net.count(0, |e| matches!(e, Event::Completed { .. })), 3);
    assert!(net.agree(), "everybody is back");
    assert_eq!(net.state(2, 0).map(|s| s.0), Some(MemberState::Alive));
}

/// Feeds a recording to a fresh node; `late`: takes its outputs only when the next input rests on one.
fn replay(net: &Net, host: usize, late: bool) -> Vec<String> {
    let mut node = Node::new(net.config(host), net.hosts[host].recording.lock().unwrap()[0].0, &Restored::new());
    let (mut outputs, mut buf, mut pending) = (Vec::new(), [0; 1152], Vec::new());
    let mut drain = |node: &mut Node, pending: &mut Vec<Instant>| {
        let at = pending.first().copied();
        while let Some(said) = match node.poll(&mut buf) {
            Output::Idle { .. } => None,
            output => Some(format!("{output:?}")),
        } {
            outputs.push(said);
        }
        pending.clear();
        at
    };
    drain(&mut node, &mut pending);
    for (now, input) in net.hosts[host].recording.lock().unwrap().iter() {
        let rests_on_output = matches!(input, Input::Persisted { .. } | Input::PathReady { .. });
        if rests_on_output || pending.len() == 40 {
            drain(&mut node, &mut pending);
        }
        node.handle(*now, input.clone());
        pending.push(*now);
        if !late {
            drain(&mut node, &mut pending);
        }
    }
    drain(&mut node, &mut pending);
    outputs
}

fn said(net: &Net, host: usize) -> Vec<String> {
    net.hosts[host].outputs.iter().map(|o| o.split_once(' ').unwrap().1.to_owned()).collect()
}

#[test]
fn replay_equals_trace() {
    let net = eventful(2);
    for host in [0, 1, 3, 4] {
        assert!(said(&net, host).len() > 100, "something happened");
        assert_eq!(replay(&net, host, false), said(&net, host));
    }
}

#[test]
fn draining_late_changes_nothing() {
    let net = eventful(3);
    for host in [0, 1, 3, 4] {
        assert_eq!(replay(&net, host, true), said(&net, host));
    }
}

#[test]
fn deadline_advances() {
    let mut net = Net::new(3, 4, Link::ROUGH);
    before(&mut net);
    let _ = net.submit(0, request(b"abc"));
    // From here the host of node 0 is alone with its node: everything that was on its way is lost.
    let mut now = Instant(net.now);
    let node = net.node_mut(0);
    let mut buf = [0; 1152];
    for _ in 0..2_000 {
        let deadline = loop {
            if let Output::Idle { deadline, .. } = node.poll(&mut buf) {
                break deadline.expect("a member always has something to do");
            }
        };
        let at = deadline.max(now);
        node.handle(at, Input::Timeout);
        while !matches!(node.poll(&mut buf), Output::Idle { .. }) {}
        let Output::Idle { deadline: Some(next), .. } = node.poll(&mut buf) else { panic!("nothing to do") };
        assert!(next > at, "a timeout at {at:?} left a deadline at {next:?}");
        now = at;
    }
}

#[test]
fn driving_only_at_deadlines_is_complete() {
    let at_deadlines = eventful(5);
    let mut often = Net::new(5, 5, Link::ROUGH);
    often.extra_timeouts_us = Some(3 * MS);
    before(&mut often);
    after(&mut often);
    for host in 0..5 {
        assert_eq!(at_deadlines.hosts[host].outputs, often.hosts[host].outputs);
    }
}

#[test]
fn poll_idle_is_constant() {
    let mut net = eventful(6);
    let (now, stats) = (net.now, net.node(0).stats());
    let before = format!("{:?}", net.node(0).leaf());
    let mut buf = [7; 1152];
    let first = format!("{:?}", net.node_mut(0).poll(&mut buf));
    assert!(first.starts_with("Idle"));
    for _ in 0..10_000 {
        assert_eq!(format!("{:?}", net.node_mut(0).poll(&mut buf)), first);
    }
    assert_eq!(buf, [7; 1152], "idling writes nothing");
    assert_eq!(net.node(0).stats(), stats);
    assert_eq!(format!("{:?}", net.node(0).leaf()), before);
    // And what happens next is what happens without the polls.
    let mut other = eventful(6);
    net.run(10 * S);
    other.run(10 * S);
    assert_eq!(net.now, now + 10 * S);
    assert_eq!(net.trace(), other.trace());
}

#[test]
fn same_seed_same_trace() {
    const CHILD: &str = "MINDOS_TEST_TRACE_CHILD";
    let hex = |t: [u8; 32]| t.iter().map(|b| format!("{b:02x}")).collect::<String>();
    if std::env::var_os(CHILD).is_some() {
        println!("trace={}", hex(eventful(7).trace()));
        return;
    }
    let test = "node::tests::properties::same_seed_same_trace";
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, trace) = text.split_once("trace=").expect("the other process tells its trace");
    assert_eq!(&trace[..64], hex(eventful(7).trace()), "in another process");
    assert_ne!(eventful(7).trace(), eventful(8).trace(), "another seed, another run");
    assert_ne!(eventful(7).trace(), DEFAULT.hash(&[]));
}
