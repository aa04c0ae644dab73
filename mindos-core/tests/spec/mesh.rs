//! Chapter 05.

use std::collections::BTreeSet;

use mindos_core::wire::{
    Accuse, Alive, Certificate, Deny, Endorsement, Frame, Leave, List, Ping, Tail, ViewDigest, ViewEntry, Want,
};
use mindos_core::{Command, DropReason, Duration, Event, NodeId, Restored};

use crate::bench::{Bench, NODE};
use crate::peer::{Peer, frame, hash};

const ALIVE: Option<u8> = Some(0);
const DOWN: Option<u8> = Some(2);
const LEFT: Option<u8> = Some(3);

fn first4(h: [u8; 32]) -> u32 {
    u32::from_le_bytes(*h.first_chunk().unwrap())
}

pub(crate) fn alias(id: NodeId) -> u32 {
    first4(hash(&[&0u32.to_le_bytes(), &id.0]))
}

fn place(id: NodeId, ring: u8) -> u64 {
    u64::from_le_bytes(*hash(&[&0u32.to_le_bytes(), &[ring], &id.0]).first_chunk().unwrap())
}

impl Bench {
    /// Node and peers, the node first.
    fn everybody(&self) -> Vec<NodeId> {
        [self.node.id()].into_iter().chain(self.peers.iter().map(Peer::id)).collect()
    }

    /// The neighbour of `of` on a ring, all alive.
    fn neighbour(&self, of: NodeId, ring: u8, successor: bool) -> NodeId {
        let mut order = self.everybody();
        order.sort_by_key(|id| place(*id, ring));
        let (at, n) = (order.iter().position(|id| *id == of).unwrap(), order.len());
        order[if successor { (at + 1) % n } else { (at + n - 1) % n }]
    }

    fn monitors(&self, of: NodeId) -> BTreeSet<NodeId> {
        (0..8).map(|r| self.neighbour(of, r, true)).collect()
    }

    fn peer(&self, id: NodeId) -> usize {
        self.peers.iter().position(|p| p.id() == id).unwrap()
    }

    /// A peer that the node does or does not monitor.
    fn subject(&self, monitored: bool) -> usize {
        let me = self.node.id();
        (1..self.peers.len()).find(|i| self.monitors(self.id(*i)).contains(&me) == monitored).unwrap()
    }

    /// Peers that monitor `of`.
    fn watchers(&self, of: usize) -> Vec<usize> {
        let me = self.node.id();
        self.monitors(self.id(of)).into_iter().filter(|m| *m != me).map(|m| self.peer(m)).collect()
    }

    fn accuse(&mut self, accuser: usize, subject: usize, incarnation: u32) {
        let id = self.id(subject);
        let signature = &self.peers[accuser].member_signature("mindos/accuse/1", id, incarnation);
        self.tell(accuser, &frame(&Accuse { subject: alias(id), incarnation, signature, tail: Tail::default() }));
    }

    fn alive(&mut self, from: usize, subject: usize, signer: usize, incarnation: u32) {
        let id = self.id(subject);
        let signature = &self.peers[signer].member_signature("mindos/alive/1", id, incarnation);
        self.tell(from, &frame(&Alive { subject: alias(id), incarnation, signature, tail: Tail::default() }));
    }

    /// A certificate against anybody.
    fn certificate(&self, subject: NodeId, incarnation: u32, accusers: &[usize], forged: usize) -> Vec<u8> {
        let endorse = |(n, i): (usize, &usize)| {
            let mut signature = self.peers[*i].member_signature("mindos/accuse/1", subject, incarnation);
            signature[0] ^= u8::from(n < forged);
            Endorsement { accuser: alias(self.id(*i)), signature }
        };
        let mut all: Vec<Endorsement> = accusers.iter().enumerate().map(endorse).collect();
        all.sort_by_key(|e| (e.accuser, e.signature));
        frame(&Certificate { subject: alias(subject), incarnation, accusers: List::new(&all), tail: Tail::default() })
    }

    /// Accusations of peer `i` that were told to peer `to`.
    fn accusations(&self, to: usize, i: usize) -> usize {
        let subject = alias(self.id(i));
        self.count(to, |f| matches!(f, Frame::Accuse(a) if a.subject == subject))
    }

    fn accused(&self, i: usize) -> bool {
        (0..self.peers.len()).any(|to| self.accusations(to, i) > 0)
    }

    fn ping_wanted(&mut self, i: usize) {
        self.command(Command::Ping { node: self.id(i) });
    }

    /// Four monitors certify peer `i` down.
    fn kill(&mut self, i: usize) {
        let four: Vec<usize> = self.watchers(i).into_iter().take(4).collect();
        let certificate = self.certificate(self.id(i), 1, &four, 0);
        self.tell(0, &certificate);
        assert_eq!(self.state(i), DOWN);
    }
}

fn pings(b: &Bench, i: usize) -> usize {
    b.count(i, |f| matches!(f, Frame::Ping(_)))
}

// spec: MESH-020 50d1
#[test]
fn names_places_and_the_view_hash_are_those_of_the_spec() {
    let mut b = Bench::leaf(5);
    let mark = |id: NodeId, incarnation: u32| first4(hash(&[&id.0, &incarnation.to_le_bytes(), &[0]]));
    let mine = b.node.leaf().incarnation();
    let peers = b.peers.iter().fold(0, |x, p| x ^ mark(p.id(), 1));
    let view = peers ^ mark(b.node.id(), mine);
    assert_eq!(b.node.leaf().view(), view);
    b.say(0, &frame(&Ping { nonce: 1, view, tail: Tail::default() }));
    let told = |f: &Frame<'_>| match f {
        Frame::PingAck(a) => Some(a.view),
        _ => None,
    };
    assert_eq!(b.peers[0].last(told), Some(view));
}

// spec: MESH-001 d01f
#[test]
fn each_interval_the_subject_of_the_next_ring_is_probed() {
    let mut b = Bench::leaf(24);
    b.run_ms(9_000);
    b.clear();
    b.run_ms(16_000);
    let me = b.node.id();
    for i in 0..24 {
        let rings = (0..8).filter(|r| b.neighbour(me, *r, false) == b.id(i)).count();
        assert_eq!(pings(&b, i), 2 * rings, "peer {i}");
    }
}

// spec: MESH-002 6b57, MESH-003 a188
#[test]
fn a_ping_is_answered_at_once_until_the_node_has_left() {
    let mut b = Bench::leaf(3);
    b.connect_all();
    b.clear();
    b.say(1, &frame(&Ping { nonce: 77, view: 0, tail: Tail::default() }));
    let acks = |b: &Bench| b.count(1, |f| matches!(f, Frame::PingAck(a) if a.nonce == 77));
    assert_eq!(acks(&b), 1);
    b.command(Command::Leave);
    assert!((0..3).any(|i| b.count(i, |f| matches!(f, Frame::Leave(_))) > 0), "goodbye");
    b.say(1, &frame(&Ping { nonce: 77, view: 0, tail: Tail::default() }));
    b.run_ms(2_000);
    assert_eq!(acks(&b), 1);
}

// spec: MESH-004 5824, MESH-008 8dc2
#[test]
fn a_failed_probe_is_repeated_and_then_told_to_the_monitors_alone() {
    let mut b = Bench::leaf(16);
    b.run_ms(9_000);
    let x = b.subject(true);
    b.peers[x].answers = false;
    b.clear();
    b.ping_wanted(x);
    assert_eq!((pings(&b, x), b.accused(x)), (1, false));
    b.run_ms(900);
    let nonces: Vec<u32> = (0..pings(&b, x) as u32).collect();
    assert!(nonces.len() >= 2, "{} pings", nonces.len());
    let watchers = b.watchers(x);
    for i in (0..16).filter(|i| *i != x) {
        assert_eq!(b.accusations(i, x) > 0, watchers.contains(&i), "peer {i} of {watchers:?}");
    }
    assert_eq!(b.state(x), ALIVE, "one accuser is nobody");
}

// spec: MESH-005 386d
#[test]
fn who_is_no_monitor_does_not_accuse() {
    let mut b = Bench::leaf(24);
    b.connect_all();
    let x = b.subject(false);
    b.peers[x].answers = false;
    b.ping_wanted(x);
    b.run_ms(12_000);
    assert!(pings(&b, x) > 0 && !b.accused(x));
}

// spec: MESH-006 8075
#[test]
fn who_hears_nobody_accuses_nobody() {
    let mut b = Bench::leaf(8);
    b.run_ms(9_000);
    b.clear();
    b.peers.iter_mut().for_each(|p| (p.answers, p.acks) = (false, false));
    // After a nap nobody is accused for two intervals, and by then nobody was heard for two.
    b.now = b.now + Duration::from_secs(5);
    (0..8).for_each(|i| b.ping_wanted(i));
    b.run_ms(10_000);
    assert!((0..8).all(|i| !b.accused(i)));
}

// spec: MESH-007 7329
#[test]
fn who_slept_accuses_nobody_for_two_intervals() {
    for (nap, accuses) in [(0, true), (5_000, false)] {
        let mut b = Bench::leaf(12);
        b.run_ms(9_000);
        let x = b.subject(true);
        b.peers[x].answers = false;
        b.clear();
        b.now = b.now + Duration::from_millis(nap);
        b.ping_wanted(x);
        b.run_ms(1_500);
        assert_eq!(b.accused(x), accuses, "after {nap} ms");
        b.run_ms(12_000);
        assert!(b.accused(x), "in the end it does");
    }
}

// spec: MESH-009 ea89
#[test]
fn strangers_and_forgers_accuse_in_vain() {
    let mut b = Bench::new(14);
    b.gather_first(13);
    b.connect_all();
    let x = b.subject(false).min(12);
    let before = b.node.stats().frames_dropped;
    b.accuse(13, x, 1);
    assert_eq!(b.node.stats().frames_dropped, before + 1, "no member");
    let id = b.id(x);
    let signature = &b.peers[2].member_signature("mindos/accuse/1", id, 1);
    b.tell(3, &frame(&Accuse { subject: alias(id), incarnation: 1, signature, tail: Tail::default() }));
    assert_eq!(b.node.stats().frames_dropped, before + 2, "signed by another");
}

// spec: MESH-010 1b7a
#[test]
fn four_monitors_make_down_and_neither_three_nor_a_crowd_elsewhere_do() {
    let mut b = Bench::leaf(24);
    b.connect_all();
    let x = b.subject(false);
    let watchers = b.watchers(x);
    let others: Vec<usize> = (0..24).filter(|i| *i != x && !watchers.contains(i)).collect();
    assert!(watchers.len() >= 5 && others.len() >= 8);
    others.iter().take(8).for_each(|i| b.accuse(*i, x, 1));
    watchers.iter().take(3).for_each(|i| b.accuse(*i, x, 1));
    assert_eq!(b.state(x), ALIVE);
    b.accuse(watchers[3], x, 1);
    assert_eq!(b.state(x), DOWN);
    assert!(b.events.contains(&Event::MemberDown { node: b.id(x), incarnation: 1 }));
}

// spec: MESH-010 1b7a
#[test]
fn a_certificate_of_seats_unseen_needs_the_own_failed_probe_too() {
    let mut b = Bench::leaf(24);
    b.run_ms(9_000);
    let x = b.subject(false);
    let watchers = b.watchers(x);
    let others: Vec<usize> = (0..24).filter(|i| *i != x && !watchers.contains(i)).take(4).collect();
    let certificate = b.certificate(b.id(x), 1, &others, 0);
    b.tell(0, &certificate);
    b.run_ms(3_000);
    assert_eq!(b.state(x), ALIVE, "it answers");
    b.peers[x].answers = false;
    b.ping_wanted(x);
    b.run_ms(3_000);
    assert_eq!(b.state(x), DOWN);
}

// spec: MESH-011 00be
#[test]
fn an_accusation_counts_for_four_seconds() {
    for (pause, state) in [(3_900, DOWN), (4_100, ALIVE)] {
        let mut b = Bench::leaf(24);
        b.connect_all();
        let x = b.subject(false);
        let watchers = b.watchers(x);
        watchers.iter().take(3).for_each(|i| b.accuse(*i, x, 1));
        b.run_ms(pause);
        b.accuse(watchers[3], x, 1);
        assert_eq!(b.state(x), state, "after {pause} ms");
    }
}

// spec: MESH-012 db34
#[test]
fn a_denial_takes_back_its_authors_accusation_alone() {
    for (from_accuser, state) in [(true, ALIVE), (false, DOWN)] {
        let mut b = Bench::leaf(24);
        b.connect_all();
        let x = b.subject(false);
        let watchers = b.watchers(x);
        watchers.iter().take(3).for_each(|i| b.accuse(*i, x, 1));
        let who = if from_accuser { watchers[0] } else { watchers[4] };
        b.tell(who, &frame(&Deny { subject: alias(b.id(x)), incarnation: 1, tail: Tail::default() }));
        b.accuse(watchers[3], x, 1);
        assert_eq!(b.state(x), state);
    }
}

// spec: MESH-013 38f1
#[test]
fn only_a_member_itself_says_that_it_lives_or_leaves() {
    let mut b = Bench::leaf(6);
    b.connect_all();
    b.alive(1, 2, 1, 9);
    assert_eq!(b.node.leaf().state(&b.id(2)).unwrap().1, 1, "signed by another");
    b.alive(1, 2, 2, 9);
    assert_eq!(b.node.leaf().state(&b.id(2)).unwrap().1, 9);
    let id = b.id(3);
    for (signer, state) in [(1, ALIVE), (3, LEFT)] {
        let signature = &b.peers[signer].member_signature("mindos/leave/1", id, 1);
        b.tell(1, &frame(&Leave { subject: alias(id), incarnation: 1, signature, tail: Tail::default() }));
        assert_eq!(b.state(3), state);
    }
}

// spec: MESH-014 2e30
#[test]
fn a_higher_incarnation_voids_what_was_held_against_lower_ones() {
    let mut b = Bench::leaf(24);
    b.connect_all();
    let x = b.subject(false);
    let watchers = b.watchers(x);
    watchers.iter().take(3).for_each(|i| b.accuse(*i, x, 1));
    b.alive(0, x, x, 2);
    b.accuse(watchers[3], x, 2);
    assert_eq!(b.state(x), ALIVE, "the three spoke of the past");
    b.accuse(watchers[4], x, 1);
    assert_eq!(b.state(x), ALIVE);
    watchers.iter().take(3).for_each(|i| b.accuse(*i, x, 2));
    assert_eq!(b.state(x), DOWN);
    b.alive(0, x, x, 3);
    assert_eq!(b.state(x), ALIVE);
}

// spec: MESH-015 480e
#[test]
fn the_node_refutes_a_certificate_and_nothing_less() {
    let mut b = Bench::leaf(8);
    let me = b.node.id();
    let now = b.node.leaf().incarnation();
    for (forged, incarnation, refutes) in [(1, now, false), (0, now - 1, false), (0, now, true)] {
        let certificate = b.certificate(me, incarnation, &[1, 2], forged);
        b.clear();
        b.tell(0, &certificate);
        b.run_ms(200);
        let refuted = b.events.iter().any(|e| matches!(e, Event::Refuted { .. }));
        assert_eq!(refuted, refutes, "{forged} forged, incarnation {incarnation}");
        let told = (0..8).any(|i| b.count(i, |f| matches!(f, Frame::Alive(a) if a.incarnation > now)) > 0);
        assert_eq!(told, refutes);
    }
}

// Peers 100,343 and 157,977 have one alias.
// spec: MESH-016 b47a
#[test]
fn the_signature_says_who_of_one_alias_is_meant() {
    let mut b = Bench::new(4);
    let (twin, other) = (2, 3);
    b.peers[twin] = Peer::new(100_343);
    b.peers[other] = Peer::new(157_977);
    b.peers[twin].index = 1;
    b.peers[other].index = 2;
    assert_eq!(alias(b.id(twin)), alias(b.id(other)));
    b.gather();
    b.alive(0, other, other, 5);
    let incarnation = |b: &Bench, i| b.node.leaf().state(&b.id(i)).unwrap().1;
    assert_eq!((incarnation(&b, twin), incarnation(&b, other)), (1, 5));
    b.alive(0, twin, twin, 4);
    assert_eq!((incarnation(&b, twin), incarnation(&b, other)), (4, 5));
}

// spec: MESH-017 659f
#[test]
fn what_changed_a_view_is_passed_on_once() {
    let mut b = Bench::leaf(12);
    b.run_ms(3_000);
    b.clear();
    b.alive(0, 5, 5, 2);
    b.run_ms(200);
    let told = |b: &Bench| (0..12).map(|i| b.count(i, |f| matches!(f, Frame::Alive(_)))).sum::<usize>();
    let named = (0..12).filter(|i| b.count(*i, |f| matches!(f, Frame::Have(_))) > 0).count();
    assert!(told(&b) >= 3 && named >= 3, "{} in full, {named} by name", told(&b));
    let before = told(&b);
    b.alive(1, 5, 5, 2);
    b.run_ms(200);
    assert_eq!(told(&b), before, "old news");
    b.clear();
    b.kill(6);
    b.run_ms(200);
    assert!((0..12).any(|i| b.count(i, |f| matches!(f, Frame::Certificate(_))) > 0));
}

// spec: MESH-018 2e2f
#[test]
fn a_view_digest_is_answered_with_what_lacks_on_either_side() {
    let mut b = Bench::leaf(12);
    b.kill(4);
    b.run_ms(200);
    b.clear();
    // Peer 1 knows nobody but itself, a newer peer 2, and somebody new.
    let entry = |alias, incarnation| ViewEntry { alias, incarnation, state: mindos_core::wire::MemberState::Alive };
    let mut entries = [entry(alias(b.id(1)), 1), entry(alias(b.id(2)), 7), entry(0x0101_0101, 1)];
    entries.sort_by_key(|e| e.alias);
    b.tell(1, &frame(&ViewDigest { entries: List::new(&entries), tail: Tail::default() }));
    let wanted: Vec<u32> = b.peers[1]
        .last(|f| match f {
            Frame::Want(w) => Some(w.aliases.iter().collect()),
            _ => None,
        })
        .unwrap();
    let mut expected = vec![alias(b.id(2)), 0x0101_0101];
    expected.sort_unstable();
    assert_eq!(wanted, expected);
    // The node itself and all peers but 1 and 2, the dead one with its certificate.
    assert_eq!(b.count(1, |f| matches!(f, Frame::Member(_))), 11);
    assert_eq!(b.count(1, |f| matches!(f, Frame::Certificate(_))), 1);
}

// spec: MESH-019 6f40
#[test]
fn who_is_wanted_is_told_with_proof() {
    let mut b = Bench::leaf(12);
    b.kill(4);
    b.run_ms(200);
    b.clear();
    let mut aliases = [alias(b.id(3)), alias(b.id(4)), 0x0101_0101];
    aliases.sort_unstable();
    b.tell(1, &frame(&Want { aliases: List::new(&aliases), tail: Tail::default() }));
    assert_eq!(b.count(1, |f| matches!(f, Frame::Member(_))), 2);
    assert_eq!(b.count(1, |f| matches!(f, Frame::Certificate(c) if c.accusers.len() >= 4)), 1);
}

// spec: MESH-021 79a6
#[test]
fn a_full_table_keeps_whom_it_has() {
    let mut b = Bench::with(5, &Restored::new(), true, 4);
    b.gather();
    assert_eq!(b.node.leaf().members(), 4);
    assert_eq!((b.state(2), b.state(3), b.state(4)), (ALIVE, None, None));
    assert_eq!(
        b.command(Command::Ping { node: b.id(4) }),
        mindos_core::Handled::Dropped(DropReason::ApiMisuse("not a member"))
    );
}

#[test]
fn a_node_with_the_benchs_seed_is_the_node() {
    assert_eq!(Peer::with_seed(0, NODE).id(), Bench::new(0).node.id());
}

impl Bench {
    /// Every peer has a session.
    fn connect_all(&mut self) {
        for i in 0..self.peers.len() {
            if !self.peers[i].is_up() {
                self.connect(i);
            }
        }
    }
}
