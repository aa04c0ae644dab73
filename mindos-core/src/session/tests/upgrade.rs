//! The hybrid upgrade, and who begins it.

use super::*;

fn begin_hybrid() -> (Side, Side) {
    let (mut a, b) = (Side::new(1, HYBRID, 7), Side::new(2, CONFIG, 7));
    a.with(0, |s, ctx| s.connect(ctx, None, LOCATOR));
    a.with(0, |s, ctx| s.path_ready(ctx, PathId(0), 1_200)).unwrap();
    (a, b)
}

// spec: SES-031 bab3, SES-033 0e89, SES-034 3391
#[test]
fn a_hybrid_session_carries_frames_in_epoch_1_whatever_packet_is_lost() {
    for lost in [&[][..], &[0], &[1], &[2], &[3], &[0, 1], &[2, 3], &[1, 3], &[0, 1, 2]] {
        for from_a in [true, false] {
            let (mut a, mut b) = begin_hybrid();
            let (mut n, mut up) = (0, (0, 0));
            for step in 0..40 {
                let now = step * 400_000;
                exchange(&mut a, &mut b, now, |direction| {
                    n += usize::from(direction == from_a);
                    direction == from_a && lost.contains(&(n - 1))
                });
                let ups = |s: &Side| s.sessions.peers().count();
                up = (ups(&a), ups(&b));
                if up == (1, 1) {
                    break;
                }
                a.wait(now + 400_000);
                b.wait(now + 400_000);
            }
            assert_eq!(up, (1, 1), "lost {lost:?} from a: {from_a}");
            let (to_b, to_a) = (a.packet(20_000_000, &b), b.packet(20_000_000, &a));
            for (side, bytes) in [(&mut b, &to_b), (&mut a, &to_a)] {
                assert!(matches!(Packet::decode(bytes), Ok(Packet::Sealed(s)) if s.counter >= 65_536));
                let path = if side.identity.id == a_id() { 0 } else { 100 };
                assert!(side.take(20_000_001, path, bytes).unwrap().is_some());
            }
        }
    }
}

fn a_id() -> NodeId {
    Identity::new(&DEFAULT, [1; 32], 7).id
}

// spec: SES-032 6f99
#[test]
fn before_the_upgrade_a_hybrid_session_takes_nothing_else() {
    let (mut a, mut b) = begin_hybrid();
    let hello = a.one();
    b.take(0, 100, &hello).unwrap();
    let reply = b.one();
    a.take(0, 0, &reply).unwrap();
    let mut sent = a.sent();
    assert_eq!(sent.len(), 3, "finish and two halves of a key");
    b.take(0, 100, &sent.remove(0).1).unwrap();
    // The peer skips the upgrade: its frames are refused, and the session is not used.
    let index = *a.sessions.links.keys().next().unwrap();
    let ping = crate::outbox::frame(&mindos_wire::Ping { nonce: 1, view: 1, tail: Tail::default() });
    a.with(0, |s, ctx| s.seal_frame(ctx, index, &ping));
    let early = a.one();
    assert_eq!(b.take(0, 100, &early).err(), Some(DropReason::UnexpectedFrame));
    assert!(!b.is_connected(&a) && !a.is_connected(&b));
    // Nor does a packet of epoch 1 without the secret open.
    let Stage::Established(keys) = &mut a.sessions.links.get_mut(&index).unwrap().stage else { panic!() };
    keys.send.advance(&DEFAULT, &[]);
    a.with(0, |s, ctx| s.seal_frame(ctx, index, &ping));
    let stripped = a.one();
    assert_eq!(b.take(0, 100, &stripped).err(), Some(DropReason::NotAuthentic));
    b.wait(8_000_000);
    assert!(b.sessions.links.is_empty(), "and it is forgotten like any unfinished handshake");
}

/// A hybrid session whose handshake is done and whose upgrade is not: the last packets of both are held back.
fn upgrading() -> (Side, Side, Vec<(PathId, Bytes)>, Bytes) {
    let (mut a, mut b) = begin_hybrid();
    let hello = a.one();
    b.take(0, 100, &hello).unwrap();
    let reply = b.one();
    a.take(0, 0, &reply).unwrap();
    let keys = a.sent();
    let finish = keys[0].1.clone();
    (a, b, keys, finish)
}

#[test]
fn nobody_who_repeats_or_invents_a_finish_moves_the_counters() {
    let (mut a, mut b, _, finish) = upgrading();
    b.take(0, 100, &finish).unwrap();
    let mut invented = finish.to_vec();
    invented[9] ^= 1;
    assert_eq!(b.take(1, 100, &invented).err(), Some(DropReason::UnknownSession));
    let confirmed = (0..100).filter(|_| b.take(1, 100, &finish).is_ok()).count();
    assert_eq!(confirmed, TRIES as usize);
    // The initiator answers none at all.
    let mut to_a = finish.to_vec();
    let index = *a.sessions.links.keys().next().unwrap();
    to_a[1..5].copy_from_slice(&index.to_le_bytes());
    assert_eq!(a.take(1, 0, &to_a).err(), Some(DropReason::UnknownSession));
}

// spec: SES-034 3391
#[test]
fn a_sender_of_suite_2_does_not_leave_epoch_0_without_the_secret() {
    let (mut a, _, _, _) = upgrading();
    let index = *a.sessions.links.keys().next().unwrap();
    let sent = (0..70_000)
        .filter(|_| a.with(200_000_000, |s, ctx| s.seal(ctx, index, vec![0; SEALED_HEADER], Class::Probe)).is_some());
    assert_eq!(sent.count(), 65_536 - 2, "two halves of the key have left");
}

// spec: SES-032 6f99, SES-033 0e89
#[test]
fn frames_of_epoch_0_stay_refused_and_the_last_step_is_repeated_on_request() {
    let (mut a, mut b, keys, _) = upgrading();
    let index = *a.sessions.links.keys().next().unwrap();
    let ping = crate::outbox::frame(&mindos_wire::Ping { nonce: 1, view: 1, tail: Tail::default() });
    a.with(0, |s, ctx| s.seal_frame(ctx, index, &ping));
    let early = a.one();
    for (_, bytes) in &keys {
        b.take(0, 100, bytes).unwrap();
    }
    for (_, bytes) in b.sent() {
        let _ = a.take(0, 0, &bytes);
    }
    let last = a.one();
    assert!(b.take(0, 100, &last).is_ok() && b.is_connected(&a));
    b.sent();
    assert_eq!(b.take(1, 100, &early).err(), Some(DropReason::UnexpectedFrame));
    // What b said last was lost.
    a.wait(400_000);
    let again = a.one();
    assert!(b.take(400_000, 100, &again).unwrap().is_some());
    let told = b.one();
    assert!(a.take(400_000, 0, &told).unwrap().is_some());
    a.wait(100_000_000);
    assert!(a.is_connected(&b), "nothing is missing");
}

// spec: SES-002 f2ca
#[test]
fn suites_are_begun_and_answered_as_configured() {
    use Hybrid::{Accept, Never, Require};
    for (from, to, meets) in [
        (Never, Never, true),
        (Never, Accept, true),
        (Never, Require, false),
        (Accept, Require, false),
        (Require, Never, false),
        (Require, Accept, true),
        (Require, Require, true),
    ] {
        let mut a = Side::new(1, Config { hybrid: from, ..CONFIG }, 7);
        let mut b = Side::new(2, Config { hybrid: to, ..CONFIG }, 7);
        let hello = a.hello(0, None);
        let outcome = b.take(0, 100, &hello).err();
        assert_eq!(outcome, (!meets).then_some(DropReason::OtherNetwork), "{from:?} to {to:?}");
        if meets {
            exchange(&mut a, &mut b, 0, |_| false);
            assert!(a.is_connected(&b) && b.is_connected(&a));
        }
    }
    // The suite is in the prologue: changed on the way, nothing comes of it.
    let (mut a, mut b) = (Side::new(1, HYBRID, 7), Side::new(2, CONFIG, 7));
    let mut hello = a.hello(0, None).to_vec();
    hello[2] = 1;
    b.take(0, 100, &hello).unwrap();
    let reply = b.one();
    assert_eq!(a.take(0, 0, &reply).err(), Some(DropReason::NotAuthentic));
}

// spec: SES-046 953d
#[test]
fn an_encapsulation_key_that_is_none_ends_the_session() {
    let (mut a, mut b, keys, finish) = upgrading();
    b.take(0, 100, &finish).unwrap();
    b.sent();
    let index = *a.sessions.links.keys().next().unwrap();
    for second in [false, true] {
        // The first coefficient is 4,095.
        let mut bytes = [0; 592];
        bytes[..2].fill(if second { 0 } else { 0xff });
        let half = mindos_wire::KemKey { second: mindos_wire::Flag(second), bytes: &bytes, tail: Tail::default() };
        a.with(0, |s, ctx| s.seal_frame(ctx, index, &crate::outbox::frame(&half)));
        let packet = a.one();
        assert!(b.take(1, 100, &packet).unwrap().is_none());
    }
    let told = b.one();
    a.take(1, 0, &told).unwrap();
    assert!(a.sessions.links.is_empty() && b.sessions.links.is_empty(), "both know");
    assert_eq!(b.take(2, 100, &keys[1].1).err(), Some(DropReason::UnknownSession));
}
