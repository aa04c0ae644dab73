//! Sessions between whole nodes: lost, repeated and simultaneous handshakes, restarts.

use mindos_wire::{Close, Packet, SUITE_HYBRID, Tail};

use super::super::*;
use super::net::{Link, MS, Net, S, capacity, locator};
use crate::outbox::frame;

/// Both ends have the session, and pings pass both ways.
fn talk(net: &mut Net) {
    net.run(3 * S);
    for (from, to) in [(0, 1), (1, 0)] {
        assert!(net.is_connected(from, to));
        let before = net.count(from, |e| matches!(e, Event::Pong { .. }));
        let node = net.hosts[to].id;
        assert_eq!(net.command(from, Command::Ping { node }), Handled::Accepted);
        net.run(2 * S);
        assert!(net.count(from, |e| matches!(e, Event::Pong { .. })) > before);
    }
}

#[test]
fn the_loss_of_each_handshake_message_is_recovered() {
    for kind in 1..=4 {
        for losses in 1..=3 {
            let mut net = Net::new(2, 31, Link::CLEAN);
            let mut left = losses;
            net.filter = Some(Box::new(move |_, _, bytes| {
                let hit = left > 0 && bytes[0] == kind;
                left -= u32::from(hit);
                hit
            }));
            net.join_all();
            assert!(net.run_until(12 * S, |n| n.is_connected(0, 1) && n.is_connected(1, 0)), "{kind}, {losses} times");
            talk(&mut net);
        }
    }
}

#[test]
fn repeated_handshake_messages_make_one_session() {
    let mut net = Net::new(2, 32, Link { duplication: 1_000, jitter_us: 50_000, ..Link::CLEAN });
    net.join_all();
    net.run(5 * S);
    talk(&mut net);
    assert_eq!(net.count(0, |e| matches!(e, Event::Connected { .. })), 1);
    assert_eq!(net.count(1, |e| matches!(e, Event::Connected { .. })), 1);
}

#[test]
fn two_nodes_that_open_at_once_understand_each_other() {
    let mut net = Net::new(2, 33, Link::CLEAN);
    net.start(0);
    net.start(1);
    net.join(0, 1);
    net.join(1, 0);
    net.run(5 * S);
    talk(&mut net);
    assert!(net.agree());
}

#[test]
fn a_close_ends_its_session_and_no_other() {
    let mut net = Net::new(2, 33, Link::CLEAN);
    net.start(0);
    net.start(1);
    net.join(0, 1);
    net.join(1, 0);
    net.run(5 * S);
    net.send_raw(1, 0, frame(&Close { tail: Tail::default() }));
    net.run(20 * MS);
    assert_eq!(net.node(0).leaf().sessions().count(), 1, "the other one stands");
}

#[test]
fn a_configuration_out_of_range_is_moved_into_it() {
    let mut net = Net::new(1, 38, Link::CLEAN);
    net.hosts[0].run = 1;
    let config = NodeConfig { probe_interval: Duration(0), max_members: 0, max_events: 0, ..net.config(0) };
    let mut node = Node::new(config, Instant(0), &Restored::new());
    let (mut buf, mut now) = ([0; 1152], Instant(0));
    for _ in 0..50 {
        match node.poll(&mut buf) {
            Output::Persist { token, .. } => {
                assert_eq!(node.handle(now, Input::Persisted { token }), Handled::Accepted)
            }
            Output::Idle { deadline, .. } => {
                now = deadline.unwrap();
                assert_eq!(node.handle(now, Input::Timeout), Handled::Accepted);
            }
            _ => {}
        }
    }
    assert!(now > Instant(500_000), "it ticks at the shortest interval");
}

#[test]
fn a_restarted_node_is_known_again_by_its_peer() {
    let mut net = Net::new(2, 34, Link::CLEAN);
    net.join_all();
    net.run(8 * S);
    let before = net.node(1).leaf().incarnation();
    net.kill(1);
    net.run(S);
    net.start(1);
    net.run(8 * S);
    talk(&mut net);
    assert!(net.agree());
    let after = net.node(1).leaf().incarnation();
    assert!(after > before);
    assert_eq!(net.state(1, 0), Some((MemberState::Alive, after)));
}

#[test]
fn a_restarted_node_finds_its_way_back_by_persisted_contacts_alone() {
    let mut net = Net::new(3, 35, Link::CLEAN);
    net.join_all();
    net.run(10 * S);
    net.kill(2);
    net.start(2);
    assert!(net.run_until(net.now + 8 * S, |n| n.node(2).leaf().alive().count() == 2), "no `Join` was given");
}

#[test]
fn a_path_that_cannot_be_opened_is_tried_again_and_harms_nobody() {
    let mut net = Net::new(2, 36, Link::CLEAN);
    net.start(0);
    let handled = net.command(0, Command::Join { locator: Bytes::from_static(b"\x07nowhere") });
    assert_eq!(handled, Handled::Accepted);
    net.run(10 * S);
    assert!(net.hosts[0].outputs.iter().filter(|o| o.contains("OpenPath")).count() > 2);
    net.start(1);
    net.command(0, Command::Join { locator: locator(1) });
    net.run(5 * S);
    talk(&mut net);
}

#[test]
fn commands_out_of_range_are_refused() {
    let mut net = Net::new(1, 37, Link::CLEAN);
    net.start(0);
    for locator in [Bytes::new(), Bytes::from(vec![1; 256])] {
        assert!(matches!(net.command(0, Command::Join { locator }), Handled::Dropped(DropReason::ApiMisuse(_))));
    }
    let mut many = capacity(1);
    many.capabilities.resize(256, many.capabilities[0]);
    assert!(matches!(net.command(0, Command::SetCapacity(many)), Handled::Dropped(DropReason::ApiMisuse(_))));
    assert_eq!(net.command(0, Command::Leave), Handled::Dropped(DropReason::NotReady));
    net.run(S);
    let node = NodeId([1; 32]);
    assert!(matches!(net.command(0, Command::Ping { node }), Handled::Dropped(DropReason::ApiMisuse(_))));
    assert_eq!(net.command(0, Command::Leave), Handled::Accepted);
    assert_eq!(net.command(0, Command::Leave), Handled::Dropped(DropReason::NotReady));
}

// spec: SES-036 8c37, SES-037 329a
#[test]
fn nodes_that_require_suite_2_and_pad_do_all_that_others_do() {
    for link in [Link::CLEAN, Link::ROUGH] {
        let mut net = Net::new(3, 34, link);
        net.configure = |c| (c.hybrid, c.padding) = (Hybrid::Require, true);
        net.keep_wire = true;
        net.join_all();
        assert!(net.run_until(60 * S, |n| n.is_connected(0, 1) && n.is_connected(1, 0)));
        net.run(20 * S);
        assert!(net.agree());
        let mut padded = 0;
        for (_, _, _, bytes) in &net.wire {
            match Packet::decode(bytes) {
                Ok(Packet::Hello(h)) => assert_eq!(h.suite, SUITE_HYBRID),
                // Before the secret is shared there are confirmations, and halves of it.
                Ok(Packet::Sealed(s)) if s.counter < 65_536 => {
                    assert!([32, 625, 577].contains(&bytes.len()), "{}", bytes.len())
                }
                Ok(Packet::Sealed(_)) => padded += u32::from([128, 256, 512, 1_024, 1_152].contains(&bytes.len())),
                _ => {}
            }
        }
        assert!(padded > 10, "{padded} packets were padded");
    }
}
