//! Chapter 04.

use mindos_core::wire::{
    Ack, AckRange, Bytes16, Capability, ContextHave, Fragment, Frame, List, Name, Packet, PathChallenge, Ping, Record,
    Tail, TrustRecord,
};
use mindos_core::{Command, DropReason, Event, Handled};

use crate::bench::{Bench, locator, way};
use crate::peer::{Peer, frame};

fn ping(nonce: u32) -> Vec<u8> {
    frame(&Ping { nonce, view: 0, tail: Tail::default() })
}

fn fragment(message: u32, offset: u16, total: u16, data: &[u8]) -> Vec<u8> {
    frame(&Fragment { message, offset, total, data: Bytes16(data), tail: Tail::default() })
}

/// Whether peer `i` got an answer to this ping.
fn answered(b: &Bench, i: usize, nonce: u32) -> bool {
    b.count(i, |f| matches!(f, Frame::PingAck(a) if a.nonce == nonce)) > 0
}

/// A bench whose node has answered the hello of peer 0, which has not read the reply yet: (hello, reply).
fn half() -> (Bench, Vec<u8>, Vec<u8>) {
    let mut b = Bench::new(2);
    b.peers[0].mute = true;
    let hello = b.peers[0].hello();
    b.datagram(0, &hello);
    let reply = b.sent.last().unwrap().1.clone();
    b.peers[0].mute = false;
    (b, hello, reply)
}

// spec: SES-001 887f, SES-003 402c, SES-009 54d3, SES-012 1813
#[test]
fn a_peer_by_the_book_gets_a_session_in_either_role() {
    let (mut b, hello, reply) = half();
    let payload = b.peers[0].payload_of_reply(&reply, &hello);
    assert_eq!(*Record::decode(&payload).unwrap().head.author, b.node.id().0);
    let beacon = b.peers[0].beacon();
    let finish = b.peers[0].finish(&reply, &beacon);
    b.datagram(0, &finish);
    assert_eq!(b.count(0, |f| matches!(f, Frame::Established(_))), 1, "the finish is confirmed");
    assert!(b.events.contains(&Event::Connected { node: b.id(0) }));
    // The other way round: the node begins.
    b.command(Command::Join { locator: locator(1).into() });
    assert!(b.peers[1].is_up());
    assert!(b.events.contains(&Event::Connected { node: b.id(1) }));
    b.say(1, &ping(5));
    assert!(answered(&b, 1, 5));
}

// spec: SES-002 f2ca
#[test]
fn a_hello_of_another_network_or_suite_is_not_answered() {
    let mut b = Bench::new(2);
    b.peers[0].network = 8;
    let foreign = b.peers[0].hello();
    let mut suite = b.peers[1].hello();
    suite[2] = 3;
    for hello in [foreign, suite] {
        assert_eq!(b.datagram(0, &hello), Handled::Dropped(DropReason::OtherNetwork));
    }
    assert!(b.sent.is_empty());
}

// spec: SES-004 131c, SES-007 265d
#[test]
fn a_beacon_must_name_the_key_that_the_handshake_proved_and_not_be_the_nodes_own() {
    let mut b = Bench::new(3);
    let other = b.peers[1].beacon();
    let unproved = b.peers[0].beacon_of(&[9; 32]);
    for beacon in [other, unproved] {
        let hello = b.peers[0].hello();
        b.peers[0].mute = true;
        b.datagram(0, &hello);
        let reply = b.sent.last().unwrap().1.clone();
        let finish = b.peers[0].finish(&reply, &beacon);
        assert_eq!(b.datagram(0, &finish), Handled::Dropped(DropReason::WrongIdentity));
    }
    b.peers[2] = Peer::with_seed(2, crate::bench::NODE);
    b.command(Command::Join { locator: locator(2).into() });
    assert_eq!(b.events, [Event::Ready], "no session with a second self");
}

// spec: SES-005 cb6d, SES-006 c310
#[test]
fn an_answer_by_the_wrong_node_or_a_forger_does_not_end_the_handshake() {
    // Another node answers at the locator of peer 2, first of all.
    let mut b = Bench::new(3);
    b.peers[2].mute = true;
    b.gather();
    b.clear();
    b.command(Command::Ping { node: b.id(2) });
    b.run_ms(3_000);
    let (path, hello) =
        b.sent.iter().find(|(_, p)| matches!(Packet::decode(p), Ok(Packet::Hello(_)))).cloned().unwrap();
    let impostor = b.peers[1].beacon();
    let mut second = Peer::new(1);
    let wrong = second.reply(&hello, &impostor);
    let beacon = b.peers[2].beacon();
    let genuine = b.peers[2].reply(&hello, &beacon);
    let mut forged = genuine.clone();
    *forged.last_mut().unwrap() ^= 1;
    let input =
        |b: &mut Bench, bytes: &[u8]| b.input(mindos_core::Input::Datagram { path, bytes: bytes.to_vec().into() });
    assert_eq!(input(&mut b, &wrong), Handled::Dropped(DropReason::WrongIdentity));
    assert_eq!(input(&mut b, &forged), Handled::Dropped(DropReason::NotAuthentic));
    b.peers[2].mute = false;
    assert_eq!(input(&mut b, &genuine), Handled::Accepted);
    assert!(b.peers[2].is_up() && b.events.contains(&Event::Connected { node: b.id(2) }));
}

// spec: SES-008 cbfa
#[test]
fn the_same_hello_gets_the_same_reply() {
    let (mut b, hello, reply) = half();
    b.peers[0].mute = true;
    b.datagram(0, &hello);
    assert_eq!(b.sent.last().unwrap().1, reply);
    b.peers[0].mute = false;
    let beacon = b.peers[0].beacon();
    let finish = b.peers[0].finish(&reply, &beacon);
    assert_eq!(b.datagram(0, &finish), Handled::Accepted);
}

// spec: SES-010 4255, SES-024 a4e1
#[test]
fn a_flood_of_hellos_from_false_addresses_costs_nobody_a_session_or_a_handshake() {
    let (mut b, _, reply) = half();
    b.connect(1);
    b.run_ms(1);
    for n in 0..200 {
        let hello = Peer::new(1_000 + n).hello();
        b.datagram(500 + n as usize, &hello);
        b.run_ms(10);
    }
    let sent = |kind: fn(&Packet<'_>) -> bool| {
        b.sent.iter().filter(|(path, p)| path.0 >= way(500).0 && Packet::decode(p).is_ok_and(|p| kind(&p))).count()
    };
    let (replies, retries) = (sent(|p| matches!(p, Packet::Reply(_))), sent(|p| matches!(p, Packet::Retry(_))));
    assert_eq!((replies, retries), (63, 137), "half of 128, one of which is the peer's");
    let beacon = b.peers[0].beacon();
    let finish = b.peers[0].finish(&reply, &beacon);
    assert_eq!(b.datagram(0, &finish), Handled::Accepted);
    b.say(1, &ping(1));
    assert!(answered(&b, 1, 1), "the session did not");
}

// spec: SES-011 7eb2
#[test]
fn counters_rise_from_zero_by_one() {
    let mut b = Bench::new(1);
    b.connect(0);
    (0..5).for_each(|n| {
        b.say(0, &ping(n));
    });
    let counter = |p: &Vec<u8>| match Packet::decode(p) {
        Ok(Packet::Sealed(s)) => Some(s.counter),
        _ => None,
    };
    let counters: Vec<u64> = b.peers[0].packets.iter().filter_map(counter).collect();
    assert_eq!(counters, (0..counters.len() as u64).collect::<Vec<_>>());
    assert!(counters.len() > 5);
}

// spec: SES-013 8a2c, SES-014 dd4e, SES-015 7593
#[test]
fn a_counter_counts_once_and_a_forged_one_not_at_all() {
    let mut b = Bench::new(1);
    b.connect(0);
    let again = b.peers[0].seal_at(5, &ping(1));
    assert_eq!(b.datagram(0, &again), Handled::Accepted);
    assert_eq!(b.datagram(0, &again), Handled::Dropped(DropReason::Replayed));
    let mut forged = b.peers[0].seal_at(5_000, &ping(2));
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(b.datagram(0, &forged), Handled::Dropped(DropReason::NotAuthentic));
    let next = b.peers[0].seal_at(6, &ping(3));
    assert_eq!(b.datagram(0, &next), Handled::Accepted, "the forged packet did not move the window");
    for (counter, good) in [(2_000, true), (977, true), (976, false), (u64::MAX, false), (2_001, true)] {
        let packet = b.peers[0].seal_at(counter, &ping(4));
        assert_eq!(b.datagram(0, &packet) == Handled::Accepted, good, "counter {counter}");
    }
}

// spec: SES-016 324d
#[test]
fn answers_follow_the_newest_authentic_packet() {
    let mut b = Bench::new(2);
    b.connect(0);
    let moved = b.peers[0].seal(&ping(1));
    b.datagram(7, &moved);
    assert_eq!(b.sent.last().unwrap().0, way(7));
    let mut forged = b.peers[0].seal(&ping(2));
    *forged.last_mut().unwrap() ^= 1;
    b.datagram(8, &forged);
    let next = b.peers[0].seal(&ping(3));
    b.datagram(0, &next);
    assert_eq!(b.sent.last().unwrap().0, way(0));
}

// spec: SES-017 1068, SES-018 a002
#[test]
fn a_message_is_handed_out_once_whole_and_of_one_total() {
    let mut b = Bench::new(1);
    b.connect(0);
    let whole = ping(1);
    let (head, tail) = whole.split_at(4);
    let total = u16::try_from(whole.len()).unwrap();
    b.say(0, &fragment(0, 4, total, tail));
    assert!(!answered(&b, 0, 1));
    b.say(0, &fragment(0, 0, total + 1, head));
    assert!(!answered(&b, 0, 1), "another total is another message");
    b.say(0, &fragment(0, 0, total, head));
    assert!(answered(&b, 0, 1));
    b.say(0, &fragment(0, 0, total, &whole));
    assert_eq!(b.count(0, |f| matches!(f, Frame::PingAck(_))), 1);
}

/// Counters that the last ack of the node names.
fn acked(b: &Bench) -> Vec<u64> {
    let ranges = |f: &Frame<'_>| match f {
        Frame::Ack(a) => Some(a.ranges.iter().flat_map(|r| r.first..=r.last()).collect()),
        _ => None,
    };
    b.peers[0].last(ranges).unwrap_or_default()
}

// spec: SES-019 f0b8, SES-020 b9d8
#[test]
fn what_was_kept_is_acknowledged_within_20_ms_and_nothing_else() {
    let mut b = Bench::new(1);
    b.connect(0);
    b.run_ms(500);
    b.clear();
    let far = b.peers[0].seal_at(100, &fragment(5_000, 0, 9, b"a"));
    b.datagram(0, &far);
    let near = b.peers[0].seal_at(101, &fragment(1, 0, 9, b"a"));
    b.datagram(0, &near);
    b.run_ms(20);
    let acked = acked(&b);
    assert!(acked.contains(&101) && !acked.contains(&100), "{acked:?}");
}

// spec: SES-021 b9a9
#[test]
fn an_ack_or_fragment_inside_a_message_ends_it() {
    let mut b = Bench::new(1);
    b.connect(0);
    let ack = frame(&Ack { delay_us: 0, ranges: List::new(&[AckRange { first: 0, more: 0 }]), tail: Tail::default() });
    for (n, bad) in [(1, ack), (3, fragment(9, 0, 1, b"a"))] {
        b.tell(0, &[ping(n), bad, ping(n + 1)].concat());
        assert!(answered(&b, 0, n) && !answered(&b, 0, n + 1));
    }
}

// spec: SES-022 c373
#[test]
fn what_is_not_acknowledged_comes_again() {
    let mut b = Bench::new(2);
    b.connect(0);
    b.peers[0].acks = false;
    b.clear();
    let member = b.member(1);
    b.tell(0, &member);
    let digest = frame(&mindos_core::wire::ViewDigest { entries: List::new(&[]), tail: Tail::default() });
    b.tell(0, &digest);
    let parts = |b: &Bench| b.count(0, |f| matches!(f, Frame::Fragment(_)));
    let first = parts(&b);
    assert!(first > 0);
    b.run_ms(3_000);
    assert!(parts(&b) > first, "sent again");
    b.peers[0].acks = true;
    b.run_ms(8_000);
    let settled = parts(&b);
    b.run_ms(5_000);
    assert_eq!(parts(&b), settled, "and no more once acknowledged");
}

// spec: SES-023 ab74
#[test]
fn the_first_flight_is_ten_packets_at_most() {
    let mut b = Bench::new(1);
    b.connect(0);
    b.peers[0].acks = false;
    // A leaf so large that telling of it takes more than ten packets.
    for n in 0..80 {
        let member = Peer::new(5_000 + n);
        let beacon = member.beacon();
        let m = mindos_core::wire::Member {
            locator: mindos_core::wire::Bytes8(&[]),
            beacon: Bytes16(&beacon),
            tail: Tail::default(),
        };
        b.tell(0, &frame(&m));
    }
    b.clear();
    b.tell(0, &frame(&mindos_core::wire::ViewDigest { entries: List::new(&[]), tail: Tail::default() }));
    let fragments = |p: &Vec<u8>| p.len() > 200;
    let flight = b.peers[0].packets.iter().filter(|p| fragments(p)).count();
    assert!((5..=10).contains(&flight), "{flight} packets");
}

// spec: WIRE-043 a289
#[test]
fn what_a_node_has_no_use_for_is_dropped_and_what_follows_is_read() {
    let mut b = Bench::new(1);
    b.connect(0);
    let tail = Tail::default();
    let hash = &[7; 32];
    let drafts = [
        frame(&PathChallenge { nonce: 1, tail }),
        frame(&Capability { name: Name::new("text.echo/1").unwrap(), input: hash, output: hash, tail }),
        frame(&ContextHave { content: hash, size: 9, tail }),
        frame(&TrustRecord { record: Bytes16(&[1; 99]), tail }),
    ];
    for (nonce, draft) in (1..).zip(drafts) {
        b.say(0, &[draft.clone(), ping(nonce)].concat());
        assert!(answered(&b, 0, nonce), "in a packet, before a ping");
        b.tell(0, &[draft, ping(100 + nonce)].concat());
        assert!(answered(&b, 0, 100 + nonce), "in a message");
    }
}
