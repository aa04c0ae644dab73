//! Chapter 03.

use bytes::Bytes;
use mindos_core::crypto::{Crypto, DEFAULT};
use mindos_core::wire::{Alive, Frame, Packet, Record, RecordBody, Tail, Want};
use mindos_core::{Command, DropReason, Event, Handled, Input, PersistKey, Restored};

use crate::bench::{Bench, NODE};
use crate::peer::{Peer, frame, hash, signed};

/// The beacon in the node's reply to peer `i`.
fn beacon_of_node(b: &mut Bench, i: usize) -> Vec<u8> {
    b.peers[i].mute = true;
    let hello = b.peers[i].hello();
    b.datagram(i, &hello);
    let reply = b.sent.last().unwrap().1.clone();
    b.peers[i].mute = false;
    b.peers[i].payload_of_reply(&reply, &hello)
}

fn alias(id: &[u8; 32]) -> u32 {
    u32::from_le_bytes(*hash(&[&0u32.to_le_bytes(), id]).first_chunk().unwrap())
}

// spec: ID-001 1df4, ID-006 ba30, ID-007 d9b4
#[test]
fn the_node_signs_its_beacon_over_label_network_and_bytes_and_tells_no_address() {
    let mut b = Bench::new(1);
    let bytes = beacon_of_node(&mut b, 0);
    let record = Record::decode(&bytes).unwrap();
    assert_eq!(*record.head.author, DEFAULT.sign_public(&NODE));
    let statement = signed("mindos/record/1", 7, &[record.signed]);
    assert!(DEFAULT.verify(record.head.author, &statement, record.signature));
    let RecordBody::Beacon(body) = record.body else { panic!("not a beacon") };
    assert_eq!((body.roles, body.tail.bytes()), (0, &[][..]));
    assert!(!bytes.windows(5).any(|w| w == b"\xf0node"));
}

/// Everything that a host stored, as the last write of each key.
fn stored(b: &Bench) -> Restored {
    b.persisted.iter().cloned().collect()
}

fn numbers(b: &mut Bench) -> (u64, u32) {
    let bytes = beacon_of_node(b, 0);
    let record = Record::decode(&bytes).unwrap();
    let RecordBody::Beacon(body) = record.body else { panic!("not a beacon") };
    (record.head.sequence, body.incarnation)
}

// spec: ID-002 5581, ID-004 720d
#[test]
fn a_new_run_starts_behind_every_number_of_the_last() {
    let mut first = Bench::new(1);
    let before = numbers(&mut first);
    let mut second = Bench::restored(1, &stored(&first), true);
    let after = numbers(&mut second);
    assert!(after.0 > before.0 && after.1 > before.1, "{before:?} {after:?}");
    // The beacon is renewed under a new sequence, in the same incarnation.
    second.run_ms(2_800_000);
    let renewed = numbers(&mut second);
    assert!(renewed.0 > after.0 && renewed.1 == after.1, "{after:?} {renewed:?}");
    // A crash between asking and storing: nothing of the lost block was used.
    let third = Bench::restored(1, &stored(&second), false);
    let end = |b: &Bench, key| u64::from_le_bytes(*stored(b)[&key].first_chunk().unwrap());
    assert!(end(&third, PersistKey::Sequence) > renewed.0);
}

// spec: ID-003 45ac
#[test]
fn nothing_leaves_a_node_whose_numbers_are_not_stored() {
    let mut b = Bench::restored(1, &Restored::new(), false);
    assert_eq!(b.persisted.len(), 3, "sequence, incarnation and epoch are asked for");
    let hello = b.peers[0].hello();
    assert_eq!(b.datagram(0, &hello), Handled::Dropped(DropReason::NotReady));
    b.run_ms(5_000);
    assert!(b.sent.is_empty() && b.events.is_empty());
    (0..3).for_each(|token| {
        b.input(Input::Persisted { token });
    });
    assert_eq!(b.events, [Event::Ready]);
}

// spec: ID-005 8167
#[test]
fn a_node_that_lost_its_storage_goes_on_above_what_it_once_signed() {
    let mut b = Bench::leaf(2);
    let myself = Peer::with_seed(9, NODE);
    let id = myself.id();
    let signature = myself.member_signature("mindos/alive/1", id, 70_000);
    let old = Alive { subject: alias(&id.0), incarnation: 70_000, signature: &signature, tail: Tail::default() };
    b.tell(0, &frame(&old));
    b.run_ms(200);
    let told = b.peers[0].last(|f| match f {
        Frame::Alive(a) if a.subject == alias(&id.0) => Some((a.incarnation, *a.signature)),
        _ => None,
    });
    let (incarnation, signature) = told.unwrap();
    assert!(incarnation > 70_000);
    let fields: [&[u8]; 3] = [&0u32.to_le_bytes(), &id.0, &incarnation.to_le_bytes()];
    assert!(DEFAULT.verify(&id.0, &signed("mindos/alive/1", 7, &fields), &signature));
}

// spec: ID-009 39dd
#[test]
fn a_record_counts_only_in_the_network_it_was_signed_for_and_unchanged() {
    let mut b = Bench::leaf(1);
    let mut stranger = Peer::new(50);
    for (network, flip, member) in [(8, false, false), (7, true, false), (7, false, true)] {
        stranger.network = network;
        let mut beacon = stranger.beacon();
        if flip {
            beacon[60] ^= 1;
        }
        let m = mindos_core::wire::Member {
            locator: mindos_core::wire::Bytes8(&[]),
            beacon: mindos_core::wire::Bytes16(&beacon),
            tail: Tail::default(),
        };
        b.tell(0, &frame(&m));
        assert_eq!(b.node.leaf().state(&stranger.id()).is_some(), member, "network {network}, flipped {flip}");
    }
}

// spec: ID-010 2bf2
#[test]
fn an_expired_beacon_is_refused_by_who_knows_the_time() {
    for (clock, taken) in [(None, true), (Some(2_000_000_000), true), (Some(2_000_000_001), false)] {
        let mut b = Bench::new(2);
        b.connect(0);
        if let Some(unix_s) = clock {
            b.input(Input::WallClock { unix_s });
        }
        let member = b.member(1);
        b.tell(0, &member);
        assert_eq!(b.state(1).is_some(), taken, "{clock:?}");
    }
}

// spec: ID-011 7bea
#[test]
fn of_two_beacons_the_higher_sequence_stays() {
    let mut b = Bench::leaf(2);
    let id = b.id(1);
    b.peers[1].sequence = 5;
    let newer = b.member(1);
    b.peers[1].sequence = 4;
    let older = b.member(1);
    b.tell(0, &newer);
    b.tell(0, &older);
    b.run_ms(100);
    b.clear();
    let aliases = [alias(&id.0)];
    let list = mindos_core::wire::List::new(&aliases);
    b.tell(0, &frame(&Want { aliases: list, tail: Tail::default() }));
    let sequence = b.peers[0].last(|f| match f {
        Frame::Member(m) => Some(Record::decode(m.beacon.0).unwrap().head.sequence),
        _ => None,
    });
    assert_eq!(sequence, Some(5));
}

#[test]
fn a_beacon_of_another_type_of_record_is_no_beacon() {
    let mut b = Bench::new(1);
    let hello = b.peers[0].hello();
    b.peers[0].mute = true;
    b.datagram(0, &hello);
    let reply = b.sent.last().unwrap().1.clone();
    let finish = b.peers[0].finish(&reply, b"not a record");
    assert!(matches!(b.datagram(0, &finish), Handled::Dropped(DropReason::Malformed(_))));
    assert!(matches!(Packet::decode(&finish), Ok(Packet::Finish(_))));
    assert_eq!(
        b.command(Command::Join { locator: Bytes::new() }),
        Handled::Dropped(DropReason::ApiMisuse("locator of 1 to 255 bytes"))
    );
}
