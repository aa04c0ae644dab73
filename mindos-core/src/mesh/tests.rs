//! One member's view, fed with genuine and forged statements of the others.

use mindos_wire::{Accuse, Bytes8, Bytes16, Certificate, Deny, Endorsement, List, Member as MemberFrame, Tail, Tier};

use super::*;
use crate::crypto::DEFAULT;
use crate::identity::Statement;
use crate::outbox::PersistKey;

const N: usize = 40;

/// The view of member 0 of a leaf whose keys this test holds.
struct Rig {
    keys: Vec<Identity>,
    mesh: Mesh,
    timers: Timers,
    out: Effects,
    now: Instant,
}

impl Rig {
    fn new() -> Self {
        let keys: Vec<Identity> = (0..N).map(|n| Identity::new(&DEFAULT, [n as u8 + 1; 32], 7)).collect();
        let config = Config { epoch: 0, interval: Duration::from_secs(1), quorum: QUORUM, max_members: N };
        let entropy = Entropy::new(&DEFAULT, &[7; 32], "test");
        let numbers = Reserve::new(PersistKey::Incarnation, 10, None);
        let mesh = Mesh::new(config, Instant(0), &keys[0], entropy, numbers, Vec::new());
        let mut rig = Self { keys, mesh, timers: Timers::default(), out: Effects::new(), now: Instant(1_000_000) };
        for n in 0..N {
            let beacon = Beacon::sign(&rig.keys[n], 1, u64::MAX, 1, Tier::Home, 0).into_inner();
            if n == 0 {
                rig.with(|m, ctx| m.set_beacon(ctx, beacon, Bytes::from_static(b"\x01x")));
            } else {
                let frame =
                    MemberFrame { locator: Bytes8(b""), beacon: Bytes16(&beacon.record), tail: Tail::default() };
                assert_eq!(rig.hear(1, Frame::Member(frame)), Ok(()));
            }
        }
        rig.out.clear();
        rig
    }

    fn with<R>(&mut self, f: impl FnOnce(&mut Mesh, &mut Ctx<'_>) -> R) -> R {
        let mut ctx = Ctx { now: self.now, identity: &self.keys[0], timers: &mut self.timers, out: &mut self.out };
        f(&mut self.mesh, &mut ctx)
    }

    fn hear(&mut self, from: usize, frame: Frame<'_>) -> Result<(), DropReason> {
        let from = self.keys[from].id;
        self.with(|m, ctx| m.frame(ctx, &from, &frame))
    }

    fn slot(&self, n: usize) -> Slot {
        self.mesh.table.slot(&self.keys[n].id).unwrap()
    }

    fn alias(&self, n: usize) -> u32 {
        self.mesh.table.get(self.slot(n)).unwrap().alias
    }

    fn state(&self, n: usize) -> MemberState {
        self.mesh.state(&self.keys[n].id).unwrap().0
    }

    /// The first successors on the rings, each once, this node excepted.
    fn monitors(&self, subject: usize) -> Vec<usize> {
        let mut found: Vec<usize> = Vec::new();
        for ring in 0..table::K {
            let seat = self.mesh.table.seat(self.slot(subject), ring, true).unwrap();
            let n = (0..N).find(|n| self.slot(*n) == seat).unwrap();
            if n != 0 && !found.contains(&n) {
                found.push(n);
            }
        }
        found
    }

    fn signature(&self, accuser: usize, subject: usize, incarnation: u32) -> [u8; 64] {
        self.keys[accuser].sign(&Statement::Accuse { epoch: 0, subject: self.keys[subject].id, incarnation })
    }

    fn accuse(&mut self, accuser: usize, subject: usize) -> Result<(), DropReason> {
        let signature = self.signature(accuser, subject, 1);
        let accuse =
            Accuse { subject: self.alias(subject), incarnation: 1, signature: &signature, tail: Tail::default() };
        self.hear(accuser, Frame::Accuse(accuse))
    }

    fn deny(&mut self, from: usize, subject: usize) -> Result<(), DropReason> {
        let deny = Deny { subject: self.alias(subject), incarnation: 1, tail: Tail::default() };
        self.hear(from, Frame::Deny(deny))
    }

    /// A certificate with these signatures, told by member 1.
    fn certificate(&mut self, subject: usize, signed: &[(usize, [u8; 64])]) -> Result<(), DropReason> {
        let mut accusers: Vec<Endorsement> = signed
            .iter()
            .map(|(n, signature)| Endorsement { accuser: self.alias(*n), signature: *signature })
            .collect();
        accusers.sort_by_key(|e| (e.accuser, e.signature));
        let (subject, accusers) = (self.alias(subject), List::new(&accusers));
        self.hear(1, Frame::Certificate(Certificate { subject, incarnation: 1, accusers, tail: Tail::default() }))
    }

    fn certified_by(&mut self, subject: usize, accusers: &[usize]) -> Result<(), DropReason> {
        let signed: Vec<(usize, [u8; 64])> = accusers.iter().map(|n| (*n, self.signature(*n, subject, 1))).collect();
        self.certificate(subject, &signed)
    }

    fn accusers(&self, subject: usize) -> usize {
        self.mesh.table.get(self.slot(subject)).unwrap().accusers.len()
    }
}

#[test]
fn a_denial_takes_back_its_authors_accusation_and_no_other() {
    let mut rig = Rig::new();
    let monitors = rig.monitors(9);
    for m in &monitors[..3] {
        rig.accuse(*m, 9).unwrap();
    }
    assert_eq!(rig.accusers(9), 3);
    rig.deny(monitors[3], 9).unwrap();
    assert_eq!(rig.accusers(9), 3, "it had said nothing");
    rig.deny(monitors[0], 9).unwrap();
    rig.deny(monitors[0], 9).unwrap();
    assert_eq!(rig.accusers(9), 2);
}

#[test]
fn four_monitors_suffice_for_down_and_three_do_not() {
    let mut rig = Rig::new();
    let monitors = rig.monitors(9);
    for m in &monitors[..3] {
        rig.accuse(*m, 9).unwrap();
    }
    assert_ne!(rig.state(9), MemberState::Down);
    rig.accuse(monitors[3], 9).unwrap();
    assert_eq!(rig.state(9), MemberState::Down);
}

#[test]
fn an_accusation_counts_for_four_seconds() {
    let mut rig = Rig::new();
    let monitors = rig.monitors(9);
    for m in &monitors[..3] {
        rig.accuse(*m, 9).unwrap();
    }
    rig.now = rig.now + Duration::from_secs(4);
    rig.accuse(monitors[3], 9).unwrap();
    assert_ne!(rig.state(9), MemberState::Down);
    rig.accuse(monitors[0], 9).unwrap();
    rig.accuse(monitors[1], 9).unwrap();
    rig.accuse(monitors[2], 9).unwrap();
    assert_eq!(rig.state(9), MemberState::Down, "said anew, it counts anew");
}

#[test]
fn a_forged_certificate_is_dropped_and_changes_nothing() {
    let mut rig = Rig::new();
    let monitors = rig.monitors(9);
    let view = rig.mesh.view();
    let bad: Vec<(usize, [u8; 64])> = monitors[..4].iter().map(|n| (*n, [*n as u8; 64])).collect();
    assert_eq!(rig.certificate(9, &bad), Err(DropReason::BadSignature));
    // Genuine signatures under wrong names, of another subject, of another incarnation.
    let of = |rig: &Rig, n: usize, subject, incarnation| rig.signature(n, subject, incarnation);
    let swapped: Vec<_> = (0..4).map(|i| (monitors[i], of(&rig, monitors[(i + 1) % 4], 9, 1))).collect();
    let other: Vec<_> = (0..4).map(|i| (monitors[i], of(&rig, monitors[i], 10, 1))).collect();
    let later: Vec<_> = (0..4).map(|i| (monitors[i], of(&rig, monitors[i], 9, 2))).collect();
    for signed in [swapped, other, later] {
        assert_eq!(rig.certificate(9, &signed), Err(DropReason::BadSignature));
    }
    assert_eq!((rig.accusers(9), rig.mesh.view()), (0, view));
}

#[test]
fn a_genuine_certificate_convinces_at_once_and_one_of_members_without_seats_does_not() {
    let mut rig = Rig::new();
    let monitors = rig.monitors(9);
    let others: Vec<usize> = (1..N).filter(|n| *n != 9 && !monitors.contains(n)).take(6).collect();
    rig.certified_by(9, &others).unwrap();
    assert_eq!(rig.state(9), MemberState::Alive);
    let mut rig = Rig::new();
    rig.certified_by(9, &monitors[..4]).unwrap();
    assert_eq!(rig.state(9), MemberState::Down);
}

#[test]
fn who_accuses_in_anothers_name_is_dropped() {
    let mut rig = Rig::new();
    let monitors = rig.monitors(9);
    let signature = rig.signature(monitors[0], 9, 1);
    let accuse = |alias| Accuse { subject: alias, incarnation: 1, signature: &signature, tail: Tail::default() };
    let alias = rig.alias(9);
    assert_eq!(rig.hear(monitors[1], Frame::Accuse(accuse(alias))), Err(DropReason::BadSignature));
    assert_eq!(rig.hear(monitors[0], Frame::Accuse(accuse(alias.wrapping_add(1)))), Err(DropReason::BadSignature));
    assert_eq!(rig.accusers(9), 0);
}

/// A member and a ring whose second to fourth successors there are far from it on all other rings.
fn lonely_ring(rig: &Rig) -> (usize, Vec<Slot>) {
    let near = |subject, ring| rig.mesh.table.around(subject, ring, true).take(4).collect::<Vec<Slot>>();
    for (n, ring) in (1..N).flat_map(|n| (0..table::K).map(move |ring| (n, ring))) {
        let here = near(rig.slot(n), ring);
        let elsewhere: Vec<Slot> = (0..table::K).filter(|r| *r != ring).flat_map(|r| near(rig.slot(n), r)).collect();
        if here.iter().all(|s| *s != ME) && here[1..].iter().all(|s| !elsewhere.contains(s)) {
            return (n, here);
        }
    }
    panic!("no such ring")
}

#[test]
fn seats_pass_two_suspects_on_a_ring_but_not_three() {
    for (suspects, counts) in [(1, true), (2, true), (3, false)] {
        let mut rig = Rig::new();
        let (subject, behind) = lonely_ring(&rig);
        for s in &behind[..suspects] {
            rig.mesh.table.set(*s, MemberState::Suspect, 1);
        }
        let last = (0..N).find(|n| rig.slot(*n) == behind[suspects]).unwrap();
        let others: Vec<usize> = rig.monitors(subject).into_iter().filter(|m| *m != last).take(3).collect();
        for m in others.iter().chain([&last]) {
            rig.accuse(*m, subject).unwrap();
        }
        assert_eq!(rig.state(subject) == MemberState::Down, counts, "behind {suspects} suspects");
    }
}

#[test]
fn at_the_cap_of_members_nobody_new_is_taken_in() {
    let mut rig = Rig::new();
    let stranger = Identity::new(&DEFAULT, [200; 32], 7);
    let beacon = Beacon::sign(&stranger, 1, u64::MAX, 1, Tier::Home, 0).into_inner();
    let frame = MemberFrame { locator: Bytes8(b""), beacon: Bytes16(&beacon.record), tail: Tail::default() };
    assert_eq!(rig.hear(1, Frame::Member(frame)), Err(DropReason::Full));
    assert_eq!(rig.mesh.len(), N);
}

#[test]
fn views_are_compared_though_one_member_never_lets_them_rest() {
    let mut rig = Rig::new();
    let (peer, mut digests) = (rig.keys[1].id, 0);
    for beat in 0..40 {
        rig.now = rig.now + Duration::from_millis(300);
        let slot = rig.slot(9);
        rig.mesh.table.set(slot, MemberState::Alive, 2 + beat);
        rig.mesh.view_changed = rig.now;
        rig.with(|m, ctx| m.compare_views(ctx, &peer, 1));
        digests += rig.out.drain(..).filter(|e| matches!(e, Effect::Send { .. })).count();
    }
    assert_eq!(digests, 2, "in 12 s");
}

#[test]
fn who_has_left_refutes_nothing() {
    for leaves in [false, true] {
        let mut rig = Rig::new();
        rig.with(|m, ctx| {
            m.reserve(ctx);
            m.incarnations_persisted(ctx, &11u64.to_le_bytes());
        });
        if leaves {
            rig.with(|m, ctx| m.leave(ctx)).unwrap();
        }
        let state = rig.state(0);
        rig.certified_by(0, &[1, 2]).unwrap();
        let refutes = |e: &Effect| matches!(e, Effect::Event(Event::Refuted { .. }));
        assert_eq!(rig.out.iter().any(refutes), !leaves);
        assert_eq!(rig.state(0), state);
    }
}

#[test]
fn a_renewed_beacon_passed_on_by_another_does_not_move_its_author() {
    let mut rig = Rig::new();
    let locator = |rig: &Rig| rig.mesh.locator(&rig.keys[9].id);
    let renewed = |rig: &Rig, sequence, incarnation| {
        Beacon::sign(&rig.keys[9], sequence, u64::MAX, incarnation, Tier::Home, 0).into_inner()
    };
    let tell = |rig: &mut Rig, from: usize, beacon: &Beacon, at: &[u8]| {
        let frame = MemberFrame { locator: Bytes8(at), beacon: Bytes16(&beacon.record), tail: Tail::default() };
        assert_eq!(rig.hear(from, Frame::Member(frame)), Ok(()));
    };
    let own = renewed(&rig, 2, 1);
    tell(&mut rig, 9, &own, b"\x01home");
    let later = renewed(&rig, 3, 1);
    tell(&mut rig, 1, &later, b"\x01elsewhere");
    assert_eq!(locator(&rig).as_deref(), Some(&b"\x01home"[..]));
    let restarted = renewed(&rig, 4, 2);
    tell(&mut rig, 1, &restarted, b"\x01moved");
    assert_eq!(locator(&rig).as_deref(), Some(&b"\x01moved"[..]));
}
