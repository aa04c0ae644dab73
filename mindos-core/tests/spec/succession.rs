//! Chapter 03: keys that are given up. The records are made from the chapter, not by the node's own code.

use bytes::Bytes;
use mindos_core::wire::{
    Bytes16, Cosignature, DeclineReason, Frame, List, MemberState, RecordBody, Succession, SuccessionBody, Tail,
};
use mindos_core::{Command, Duration, Event, Handled, Input, NodeId, PersistKey, Restored};

use crate::admission::{NOW, ROOT, UNTIL, root, rooted, rooted_with, voucher};
use crate::bench::{Bench, NODE, skill};
use crate::peer::{NETWORK, Peer, Wish, frame};

const RETIRED: Option<u8> = Some(4);

fn heir(n: u8) -> Peer {
    Peer::with_seed(50 + u32::from(n), [0xc0 + n; 32])
}

/// The record of a key that is given up, for that of another or for none.
fn succession(seed: [u8; 32], successor: Option<&Peer>) -> Vec<u8> {
    let mut old = Peer::with_seed(0, seed);
    let named: Vec<Cosignature> = successor
        .map(|s| Cosignature { member: s.id().0, signature: s.sign("mindos/succeed/1", &[&old.id().0, &s.id().0]) })
        .into_iter()
        .collect();
    (old.sequence, old.expires) = (u64::MAX - named.len() as u64, u64::MAX);
    old.record(&RecordBody::Succession(SuccessionBody { successor: List::new(&named), tail: Tail::default() }))
}

fn news(record: &[u8]) -> Vec<u8> {
    frame(&Succession { record: Bytes16(record), tail: Tail::default() })
}

impl Bench {
    /// Peer `by` brings the news that the key of peer `of` is given up.
    fn retire(&mut self, by: usize, of: usize, successor: Option<&Peer>) {
        let record = succession(self.peers[of].seed, successor);
        self.tell(by, &news(&record));
    }

    fn outcome(&self, i: usize) -> Option<Option<NodeId>> {
        self.node.leaf().retired(&self.id(i)).map(mindos_core::Retired::successor)
    }

    fn shown_to(&self, i: usize) -> usize {
        self.count(i, |f| matches!(f, Frame::Succession(_)))
    }
}

// spec: ID-028 f349, ID-029 87f3, ID-009 39dd
#[test]
fn a_retired_member_has_left_for_good_and_its_sessions_end() {
    for successor in [None, Some(heir(1))] {
        let mut b = Bench::leaf(6);
        b.connect(3);
        assert!(b.node.leaf().sessions().any(|n| *n == b.id(3)));
        b.clear();
        b.retire(0, 3, successor.as_ref());
        assert_eq!((b.state(3), b.outcome(3)), (RETIRED, Some(successor.as_ref().map(Peer::id))));
        assert!(!b.node.leaf().sessions().any(|n| *n == b.id(3)));
        let told = Event::Retired { node: b.id(3), successor: successor.as_ref().map(Peer::id) };
        assert!(b.events.contains(&told) && b.events.len() == 1, "no accusation: {:?}", b.events);
        b.run_ms(100);
        assert!((0..6).any(|i| i != 3 && b.shown_to(i) > 0), "others are told");
        // A new run, a refutation and a goodbye: nothing that the key signs counts.
        (b.peers[3].sequence, b.peers[3].incarnation) = (1 << 40, 1 << 20);
        let member = b.member(3);
        b.tell(0, &member);
        let (id, peer) = (b.id(3), &b.peers[3]);
        let alias = crate::mesh::alias(id);
        let alive = peer.member_signature("mindos/alive/1", id, u32::MAX);
        let leave = peer.member_signature("mindos/leave/1", id, u32::MAX);
        let (subject, incarnation, tail) = (alias, u32::MAX, Tail::default());
        b.tell(0, &frame(&mindos_core::wire::Alive { subject, incarnation, signature: &alive, tail }));
        b.tell(0, &frame(&mindos_core::wire::Leave { subject, incarnation, signature: &leave, tail }));
        assert_eq!(b.state(3), RETIRED);
        let hello = b.peers[3].hello();
        b.datagram(3, &hello);
        assert!(!b.node.leaf().sessions().any(|n| *n == b.id(3)), "a session of it ends at once");
    }
}

// spec: ID-025 ffa0, ID-026 5acf
#[test]
fn what_is_no_succession_retires_nobody() {
    let mut b = Bench::leaf(4);
    let seed = b.peers[2].seed;
    let good = succession(seed, Some(&heir(1)));
    let resigned = |sequence: u64, expires: u64, by: Option<(NodeId, [u8; 64])>, tail: &[u8]| {
        let mut old = Peer::with_seed(0, seed);
        (old.sequence, old.expires) = (sequence, expires);
        let named: Vec<Cosignature> =
            by.map(|(n, signature)| Cosignature { member: n.0, signature }).into_iter().collect();
        let body = SuccessionBody { successor: List::new(&named), tail: Tail::new(tail).unwrap() };
        old.record(&RecordBody::Succession(body))
    };
    let (me, other) = (b.id(2), heir(1));
    let agreed = |by: &Peer, of: NodeId| Some((by.id(), by.sign("mindos/succeed/1", &[&of.0, &by.id().0])));
    let mut forged = good.clone();
    *forged.last_mut().unwrap() ^= 1;
    let long = [&0x7001_u16.to_le_bytes()[..], &400_u16.to_le_bytes(), &[0; 400]].concat();
    for (what, record) in [
        ("signature", forged),
        ("sequence", resigned(u64::MAX, u64::MAX, agreed(&other, me), &[])),
        ("sequence of a revocation", resigned(u64::MAX - 1, u64::MAX, None, &[])),
        ("expiry", resigned(u64::MAX, UNTIL, None, &[])),
        ("length", resigned(u64::MAX, u64::MAX, None, &long)),
        ("itself", resigned(u64::MAX - 1, u64::MAX, agreed(&b.peers[2], me), &[])),
        ("agreed to another", resigned(u64::MAX - 1, u64::MAX, agreed(&other, b.id(1)), &[])),
        ("another agreed", resigned(u64::MAX - 1, u64::MAX, agreed(&heir(2), me).map(|a| (other.id(), a.1)), &[])),
        ("no succession", b.peers[2].beacon()),
    ] {
        let before = b.node.stats().frames_dropped;
        b.tell(0, &news(&record));
        assert_eq!((b.state(2), b.node.stats().frames_dropped), (Some(0), before + 1), "{what}");
        assert!(matches!(b.command(Command::Succeed { record: record.into() }), Handled::Dropped(_)), "{what}");
    }
    b.tell(0, &news(&good));
    assert_eq!(b.state(2), RETIRED);
}

// spec: ID-027 dcec, MESH-020 50d1
#[test]
fn what_contradicts_ends_in_nobody_in_every_order_and_views_agree() {
    let (one, two) = (heir(1), heir(2));
    let all = [None, Some(&one), Some(&two)];
    let mut views = Vec::new();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut b = Bench::leaf(4);
        order.into_iter().for_each(|i| b.retire(0, 2, all[i]));
        assert_eq!((b.outcome(2), b.state(2)), (Some(None), RETIRED), "{order:?}");
        views.push(b.node.leaf().view());
    }
    assert!(views.iter().all(|v| *v == views[0]));
    // One successor alone is another view.
    let mut b = Bench::leaf(4);
    b.retire(0, 2, Some(&one));
    assert_ne!(b.node.leaf().view(), views[0]);
    let head = u32::from_le_bytes(*one.id().0.first_chunk().unwrap());
    assert_eq!(b.node.leaf().state(&b.id(2)), Some((MemberState::Retired, head.min(u32::MAX - 1))));
}

// spec: ID-018 0a83, ID-031 5e6b
#[test]
fn a_voucher_counts_for_the_successor_while_there_is_one() {
    for order in [[0, 1], [1, 0]] {
        let mut b = rooted(3);
        b.connect(0);
        (b.peers[1].tail, b.peers[2].tail) =
            (voucher(ROOT, NETWORK, b.id(1), UNTIL), voucher(ROOT, NETWORK, b.id(1), UNTIL));
        assert!(b.bring(1) && !b.bring(2));
        let new = Peer::with_seed(2, b.peers[2].seed);
        b.retire(0, 1, Some(&new));
        assert!(b.bring(2) && b.node.leaf().is_vouched(&b.id(2)));
        // A thief and the owner both sign on: the voucher is lost to both.
        let (thief, revoked) = (heir(1), None);
        for i in order {
            b.retire(0, 1, [Some(&thief), revoked][i]);
            assert!(!b.node.leaf().is_vouched(&b.id(2)));
        }
        assert_eq!(b.outcome(1), Some(None));
    }
}

#[test]
fn news_that_come_before_the_member_wait_for_it() {
    let mut b = rooted(3);
    b.connect(0);
    b.peers[1].tail = voucher(ROOT, NETWORK, b.id(1), UNTIL);
    b.peers[1].expires = NOW - 1;
    let new = Peer::with_seed(2, b.peers[2].seed);
    b.retire(0, 1, Some(&new));
    assert!(b.events.iter().all(|e| !matches!(e, Event::Retired { .. })) && b.shown_to(0) == 0, "not passed on");
    assert!(b.bring(1), "an expired beacon still says which member it was");
    assert_eq!(b.state(1), RETIRED);
    assert!(b.events.iter().any(|e| matches!(e, Event::Retired { .. })));
}

// spec: ID-030 c8db, ID-031 5e6b
#[test]
fn the_successor_of_a_root_is_a_root_and_the_root_none() {
    for successor in [None, Some(heir(1))] {
        let mut b = rooted(5);
        b.connect(0);
        for (i, by) in [(1, ROOT), (2, ROOT), (3, heir(1).seed)] {
            b.peers[i].tail = voucher(by, NETWORK, b.id(i), UNTIL);
        }
        assert!(b.bring(1) && !b.bring(3), "not yet");
        assert!(b.node.leaf().is_vouched(&b.id(1)));
        b.tell(0, &news(&succession(ROOT, successor.as_ref())));
        assert!(!b.node.leaf().is_vouched(&b.id(1)), "what the old key signed ends, here too");
        assert!(!b.bring(2));
        assert_eq!(b.bring(3), successor.is_some());
        if let Some(mut new) = successor {
            new.expires = UNTIL;
            b.peers[4] = new;
            assert!(b.bring(4) && b.node.leaf().is_vouched(&b.id(4)), "a root needs no voucher");
        }
    }
}

/// What the node had on stable storage in the end.
fn disk(b: &Bench) -> Restored {
    b.persisted.iter().cloned().collect()
}

// spec: ID-032 be04
#[test]
fn a_restart_forgets_no_succession_of_a_member_or_root() {
    let mut b = rooted(3);
    b.connect(0);
    b.peers[1].tail = voucher(ROOT, NETWORK, b.id(1), UNTIL);
    assert!(b.bring(1));
    b.retire(0, 1, Some(&heir(1)));
    b.retire(0, 1, Some(&heir(2)));
    b.tell(0, &news(&succession(ROOT, None)));
    // Of nobody in particular: as many as anybody likes, and none of them is kept.
    for n in 100..200 {
        b.tell(0, &news(&succession([n; 32], None)));
    }
    let restored = disk(&b);
    let stored: Vec<(PersistKey, usize)> = restored
        .iter()
        .filter(|(key, _)| matches!(key, PersistKey::Succession(_)))
        .map(|(key, bytes)| (*key, bytes.len()))
        .collect();
    let mut expected = [(PersistKey::Succession(b.id(1)), 2 * 212), (PersistKey::Succession(root()), 116)];
    expected.sort_unstable();
    assert_eq!(stored, expected);
    let names = restored.keys().map(|key| PersistKey::from_bytes(&key.to_bytes()));
    assert!(names.eq(restored.keys().map(|key| Some(*key))), "a host may store keys as bytes");
    let others: [&[u8]; 5] = [&[], &[5], &[0, 0], &[4], &[4; 34]];
    assert!(others.into_iter().all(|bytes| PersistKey::from_bytes(bytes).is_none()));
    let mut again = rooted_with(3, &restored);
    assert_eq!((again.outcome(1), again.node.leaf().retired(&root()).is_some()), (Some(None), true));
    again.connect(0);
    again.peers[2].tail = voucher(ROOT, NETWORK, again.id(2), UNTIL);
    assert!(!again.bring(2), "the root stays retired");
    let torn = restored[&PersistKey::Succession(b.id(1))].slice(..300);
    let mut cut = restored.clone();
    cut.insert(PersistKey::Succession(b.id(1)), torn);
    assert!(rooted_with(1, &cut).node.leaf().members() <= 1, "half a write is no misfortune");
}

// spec: ID-024 f987
#[test]
fn a_node_whose_own_key_is_given_up_goes_silent_and_stays_so() {
    for by_host in [true, false] {
        let mut b = Bench::leaf(4);
        b.clear();
        let record = succession(NODE, Some(&heir(1)));
        match by_host {
            true => assert_eq!(b.command(Command::Succeed { record: Bytes::from(record) }), Handled::Accepted),
            false => _ = b.tell(0, &news(&record)),
        }
        let told = Event::Retired { node: b.node.id(), successor: Some(heir(1).id()) };
        assert!(b.events.contains(&told));
        assert!((0..4).any(|i| b.shown_to(i) > 0), "its neighbours are told");
        b.clear();
        b.run(Duration::from_secs(5));
        assert_eq!(b.count(0, |f| matches!(f, Frame::Ping(_))), 0);
        assert!(matches!(b.command(Command::Leave), Handled::Dropped(_)));
        let mut again = Bench::restored(1, &disk(&b), true);
        assert_eq!(again.events, [told]);
        assert!(matches!(again.command(Command::Leave), Handled::Dropped(_)));
        again.input(Input::WallClock { unix_s: NOW });
        assert_eq!(again.node.leaf().members(), 0);
    }
}

// spec: ID-015 bbe7
#[test]
fn the_successor_shows_its_predecessors_succession_and_voucher() {
    let mut b = Bench::configured(1, &Restored::new(), true, |config| config.roots = vec![root()]);
    let old = Peer::with_seed(9, [0x77; 32]);
    let mine = mindos_core::Voucher::sign(&mindos_core::crypto::DEFAULT, &ROOT, NETWORK, old.id(), UNTIL);
    assert!(matches!(b.command(Command::SetVoucher(mine)), Handled::Dropped(_)));
    let record = succession(old.seed, Some(&Peer::with_seed(0, NODE)));
    assert_eq!(b.command(Command::Succeed { record: record.clone().into() }), Handled::Accepted);
    assert_eq!(b.command(Command::SetVoucher(mine)), Handled::Accepted);
    assert!(b.node.leaf().is_vouched(&b.node.id()));
    b.command(Command::Join { locator: crate::bench::locator(0).into() });
    b.run_ms(500);
    let shown = b.peers[0].last(|f| match f {
        Frame::Succession(s) => Some(s.record.0.to_vec()),
        _ => None,
    });
    assert_eq!(shown, Some(record), "ahead of its beacon");
}

// spec: ID-033 83d1
#[test]
fn who_joins_after_a_root_was_changed_holds_who_retired_before_as_everybody_does() {
    for until in [UNTIL, NOW - 1] {
        for successor in [None, Some(heir(1))] {
            let mut b = rooted(4);
            b.connect(0);
            b.tell(0, &news(&succession(ROOT, successor.as_ref())));
            for i in [1, 2, 3] {
                b.peers[i].tail = voucher(ROOT, NETWORK, b.id(i), until);
            }
            assert!(!b.bring(1), "alive, it needs the voucher of a root");
            b.retire(0, 1, None);
            assert!(b.bring(1));
            assert_eq!(b.state(1), RETIRED);
            b.retire(0, 2, Some(&heir(2)));
            b.peers[2].tail = voucher([8; 32], NETWORK, b.id(2), until);
            assert!(!b.bring(2), "nobody who ever was a root");
            b.peers[2].tail = voucher(ROOT, NETWORK, b.id(3), until);
            assert!(!b.bring(2), "for another");
        }
    }
}

// spec: ID-033 83d1
#[test]
fn a_root_that_was_a_member_is_held_as_retired_too() {
    let mut b = rooted(2);
    b.connect(0);
    b.peers[1] = Peer::with_seed(1, ROOT);
    b.tell(0, &news(&succession(ROOT, Some(&heir(1)))));
    assert!(b.bring(1));
    assert_eq!(b.state(1), RETIRED);
}

// spec: ID-034 37b5
#[test]
fn retired_members_of_a_retired_root_take_a_quarter_of_the_places() {
    let mut b = crate::admission::rooted_in(9, &Restored::new(), 12);
    b.connect(0);
    b.tell(0, &news(&succession(ROOT, Some(&heir(1)))));
    for i in 1..6 {
        b.peers[i].tail = voucher(ROOT, NETWORK, b.id(i), UNTIL);
        b.retire(0, i, None);
        assert_eq!(b.bring(i), i < 4, "three of twelve, {i}");
    }
    // Others that are retired are not counted.
    b.peers[6].tail = voucher(heir(1).seed, NETWORK, b.id(6), UNTIL);
    b.retire(0, 6, None);
    assert!(b.bring(6));
    b.peers[7].tail = voucher(heir(1).seed, NETWORK, b.id(7), UNTIL);
    assert!(b.bring(7), "nor are the living kept out");
}

// spec: ID-035 1099
#[test]
fn a_retired_member_holds_no_role() {
    let mut b = rooted(2);
    b.connect(0);
    (b.peers[1].roles, b.peers[1].tail) = (1, voucher(ROOT, NETWORK, b.id(1), UNTIL));
    assert!(b.bring(1));
    assert_eq!(b.node.leaf().roles(&b.id(1)), Some(1));
    b.retire(0, 1, None);
    assert_eq!(b.node.leaf().roles(&b.id(1)), Some(0));
}

// spec: ID-018 0a83
#[test]
fn a_voucher_ends_with_the_succession_that_it_rested_on() {
    let mut b = rooted(4);
    b.connect(0);
    b.peers[3].tail = voucher(ROOT, NETWORK, b.id(3), UNTIL);
    assert!(b.bring(3));
    let stranger = Peer::with_seed(9, [0x50; 32]);
    let (new, member) = (Peer::with_seed(2, b.peers[2].seed), Peer::with_seed(3, b.peers[3].seed));
    b.tell(0, &news(&succession(stranger.seed, Some(&new))));
    b.peers[2].tail = voucher(ROOT, NETWORK, stranger.id(), UNTIL);
    assert!(b.bring(2) && b.node.leaf().is_vouched(&b.id(2)));
    for n in 100..164 {
        assert!(b.node.leaf().is_vouched(&b.id(2)), "{n}");
        b.tell(0, &news(&succession([n; 32], Some(&member))));
    }
    assert!(b.node.leaf().retired(&stranger.id()).is_none(), "64 others are of members too, and younger");
    assert!(!b.node.leaf().is_vouched(&b.id(2)));
}

#[test]
fn a_change_is_stored_in_the_bytes_of_one_key_and_what_gave_way_is_stored_no_more() {
    let mut b = crate::admission::rooted_in(1, &Restored::new(), 4);
    let records: Vec<Vec<u8>> = (100..108).map(|n| succession([n; 32], None)).collect();
    b.persisted.clear();
    for record in &records {
        assert_eq!(b.command(Command::Succeed { record: record.clone().into() }), Handled::Accepted);
    }
    let stored: Vec<(NodeId, usize)> = b
        .persisted
        .iter()
        .filter_map(|(key, bytes)| match key {
            PersistKey::Succession(node) => Some((*node, bytes.len())),
            _ => None,
        })
        .collect();
    // Five places, four members and a root: the first three make room for the last three.
    let id = |n: u8| Peer::with_seed(0, [n; 32]).id();
    let written = stored.iter().filter(|s| s.1 == 116).map(|s| s.0).collect::<Vec<_>>();
    assert_eq!(written, (100..108).map(id).collect::<Vec<_>>());
    let dropped = stored.iter().filter(|s| s.1 == 0).map(|s| s.0).collect::<Vec<_>>();
    assert_eq!(dropped, [id(100), id(101), id(102)]);
    assert_eq!(stored.len(), 11, "and nothing else");
}

#[test]
fn a_renewed_beacon_carries_the_successions_that_its_voucher_rests_on_and_no_others() {
    let old: Vec<Peer> = (0..8).map(|n| Peer::with_seed(60 + n, [0xe0 + n as u8; 32])).collect();
    let mut b = rooted(6);
    b.connect(0);
    for i in 0..6 {
        b.peers[i].tail = voucher(ROOT, NETWORK, b.id(i), UNTIL);
        assert!(b.bring(i));
    }
    let member = Peer::with_seed(1, b.peers[1].seed);
    // Eight keys before it: a line of two, and six beside it.
    b.tell(0, &news(&succession(old[1].seed, Some(&old[0]))));
    for key in old.iter().filter(|key| key.id() != old[1].id()) {
        b.tell(0, &news(&succession(key.seed, Some(&member))));
    }
    b.run_ms(2_000);
    for (sequence, name, expected) in [(2, b.id(1), 0), (3, old[0].id(), 1), (4, old[1].id(), 2)] {
        b.peers[1].tail = voucher(ROOT, NETWORK, name, UNTIL);
        b.peers[1].sequence = sequence;
        let member = b.member(1);
        b.clear();
        b.tell(0, &member);
        b.run_ms(1_000);
        let told: Vec<usize> = (0..6).filter(|i| b.count(*i, |f| matches!(f, Frame::Member(_))) > 0).collect();
        assert_eq!(told.len(), 1, "one neighbour is told in full");
        assert_eq!(b.shown_to(told[0]), expected, "sequence {sequence}");
    }
}

// spec: INC-030 fc74
#[test]
fn a_quarantine_is_not_left_behind_with_a_key() {
    let mut b = crate::incentives::convicted();
    b.serve(skill());
    let declined = |b: &mut Bench| {
        b.peers[3].sequence += 1;
        let wish = Wish::new(skill());
        let seek = b.peers[3].seek(&b.peers[3].intent(&wish), &wish);
        b.clear();
        b.tell(3, &seek);
        b.peers[3].last(|f| match f {
            Frame::Decline(d) => Some(d.reason),
            _ => None,
        })
    };
    assert_eq!(declined(&mut b), None);
    let record = succession(b.peers[0].seed, Some(&b.peers[3]));
    b.tell(1, &news(&record));
    assert_eq!(declined(&mut b), Some(DeclineReason::Trust));
}
