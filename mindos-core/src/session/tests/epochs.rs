//! Keys change by time and by count.

use super::*;

/// `n` packets of `a` that never arrive.
fn skip(a: &mut Side, peer: &Side, now: u64, n: usize) {
    for _ in 0..n {
        a.packet(now, peer);
    }
}

// spec: SES-026 95ec, SES-027 5e66, SES-029 16d0
#[test]
fn keys_change_after_two_minutes_and_packets_of_both_epochs_open_for_ten_seconds() {
    let counter = |bytes: &Bytes| match Packet::decode(bytes) {
        Ok(Packet::Sealed(s)) => s.counter,
        other => panic!("{other:?}"),
    };
    let (mut a, mut b) = pair();
    let s = 1_000_000;
    let first = a.packet(s, &b);
    let heard = b.packet(60 * s, &a);
    a.take(60 * s, 0, &heard).unwrap();
    let (late, too_late) = (a.packet(120 * s, &b), a.packet(120 * s, &b));
    b.take(120 * s, 100, &first).unwrap();
    let next = a.packet(121 * s, &b);
    assert_eq!((counter(&too_late), counter(&next)), (2, 65_536));
    b.take(121 * s, 100, &next).unwrap();
    assert_eq!(b.take(121 * s, 100, &next).err(), Some(DropReason::Replayed));
    b.take(130 * s, 100, &late).unwrap();
    assert_eq!(b.take(130 * s, 100, &late).err(), Some(DropReason::Replayed));
    assert_eq!(b.take(131 * s, 100, &too_late).err(), Some(DropReason::Replayed), "the key is gone");
    // The other direction has its own epochs.
    let back = b.packet(131 * s, &a);
    assert_eq!(counter(&back), 65_536);
    assert!(a.take(131 * s, 0, &back).is_ok());
}

// spec: SES-027 5e66, SES-028 ac0e
#[test]
fn keys_change_after_65536_packets_and_are_followed_two_epochs_ahead() {
    let (mut a, mut b) = pair();
    skip(&mut a, &b, 1, 65_535);
    let (last, first) = (a.packet(1, &b), a.packet(1, &b));
    assert!(b.take(2, 100, &first).is_ok() && b.take(2, 100, &last).is_ok());
    skip(&mut a, &b, 3, 2 * 65_536 - 1);
    let two_ahead = a.packet(3, &b);
    assert!(b.take(3, 100, &two_ahead).is_ok());
    skip(&mut a, &b, 4, 3 * 65_536 - 1);
    let three_ahead = a.packet(4, &b);
    assert_eq!(b.take(4, 100, &three_ahead).err(), Some(DropReason::NotAuthentic));
}

#[test]
fn a_forged_packet_of_a_later_epoch_changes_nothing() {
    let (mut a, mut b) = pair();
    let mut forged = a.packet(1, &b).to_vec();
    forged[7] = 1;
    assert_eq!(b.take(1, 100, &forged).err(), Some(DropReason::NotAuthentic));
    let genuine = a.packet(1, &b);
    assert!(b.take(1, 100, &genuine).is_ok());
}

// spec: SES-029 16d0
#[test]
fn an_old_key_goes_though_nothing_more_comes() {
    let (mut a, mut b) = pair();
    let first = a.packet(1_000_000, &b);
    b.take(1_000_000, 100, &first).unwrap();
    let heard = b.packet(60_000_000, &a);
    a.take(60_000_000, 0, &heard).unwrap();
    let second = a.packet(121_000_000, &b);
    b.take(121_000_000, 100, &second).unwrap();
    let holds = |b: &Side| {
        b.sessions.links.values().any(|l| matches!(&l.stage, Stage::Established(k) if k.receive.holds_previous()))
    };
    assert!(holds(&b));
    b.wait(130_999_999);
    assert!(holds(&b));
    b.wait(131_000_000);
    assert!(!holds(&b));
}
