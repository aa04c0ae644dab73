//! Handshakes: who is met, what is refused on the way, what is repeated.

use super::*;

#[test]
fn an_answer_by_the_wrong_node_does_not_end_the_handshake() {
    let (mut a, mut b, mut wrong) = (Side::new(1, CONFIG, 7), Side::new(2, CONFIG, 7), Side::new(3, CONFIG, 7));
    let hello = a.hello(0, Some(b.identity.id));
    wrong.take(0, 100, &hello).unwrap();
    let false_reply = wrong.one();
    assert_eq!(a.take(1, 0, &false_reply).err(), Some(DropReason::WrongIdentity));
    assert!(a.sent().is_empty() && !a.is_connected(&wrong));
    b.take(1, 100, &hello).unwrap();
    let reply = b.one();
    assert!(a.take(2, 0, &reply).is_ok());
    assert!(a.is_connected(&b));
}

#[test]
fn a_damaged_answer_does_not_end_the_handshake() {
    let (mut a, mut b) = (Side::new(1, CONFIG, 7), Side::new(2, CONFIG, 7));
    let hello = a.hello(0, None);
    b.take(0, 100, &hello).unwrap();
    let reply = b.one();
    for at in 9..reply.len() {
        let mut forged = reply.to_vec();
        forged[at] ^= 1;
        assert!(a.take(1, 0, &forged).is_err(), "byte {at}");
    }
    a.take(1, 0, &reply).unwrap();
    let finish = a.one();
    for at in 5..finish.len() {
        let mut forged = finish.to_vec();
        forged[at] ^= 1;
        assert!(b.take(1, 100, &forged).is_err(), "byte {at}");
    }
    b.take(1, 100, &finish).unwrap();
    assert!(a.is_connected(&b) && b.is_connected(&a));
}

#[test]
fn nodes_of_different_networks_do_not_meet() {
    let (mut a, mut b) = (Side::new(1, CONFIG, 7), Side::new(2, CONFIG, 8));
    let hello = a.hello(0, None);
    assert_eq!(b.take(0, 100, &hello).err(), Some(DropReason::OtherNetwork));
    // Nor does it help to claim the other network: it is part of the prologue.
    let mut claimed = hello.to_vec();
    claimed[4] = 8;
    b.take(0, 100, &claimed).unwrap();
    let reply = b.one();
    assert_eq!(a.take(0, 0, &reply).err(), Some(DropReason::NotAuthentic));
}

#[test]
fn a_node_does_not_make_a_session_with_itself() {
    let mut a = Side::new(1, CONFIG, 7);
    let hello = a.hello(0, None);
    a.take(0, 100, &hello).unwrap();
    let reply = a.one();
    assert_eq!(a.take(0, 0, &reply).err(), Some(DropReason::WrongIdentity));
}

#[test]
fn a_repeated_first_packet_gets_the_same_answer_and_no_second_handshake() {
    let (mut a, mut b) = (Side::new(1, CONFIG, 7), Side::new(2, CONFIG, 7));
    let hello = a.hello(0, None);
    b.take(0, 100, &hello).unwrap();
    let first = b.one();
    b.take(1, 100, &hello).unwrap();
    assert_eq!(b.one(), first);
    assert_eq!(b.sessions.links.len(), 1);
}

// spec: SES-039 f13d
#[test]
fn who_changes_a_copy_of_a_first_packet_on_the_way_keeps_nobody_from_an_answer() {
    for at in [2, 8] {
        let (mut a, mut b) = (Side::new(1, CONFIG, 7), Side::new(2, CONFIG, 7));
        let hello = a.hello(0, None);
        let mut changed = hello.to_vec();
        changed[at] ^= 3;
        // It overtakes the genuine one.
        b.take(0, 100, &changed).unwrap();
        let other = b.one();
        b.take(1, 100, &hello).unwrap();
        let reply = b.one();
        assert!(a.take(2, 0, &other).is_err() && a.take(2, 0, &reply).is_ok(), "byte {at}");
        let finish = a.one();
        b.take(3, 100, &finish).unwrap();
        assert!(a.is_connected(&b) && b.is_connected(&a));
    }
}

// spec: SES-040 833e
#[test]
fn a_session_is_confirmed_where_the_initiator_is_though_a_copy_came_first_from_elsewhere() {
    let (mut a, mut b) = (Side::new(1, CONFIG, 7), Side::new(2, CONFIG, 7));
    let hello = a.hello(0, None);
    b.take(0, 666, &hello).unwrap();
    b.sent();
    b.take(1, 100, &hello).unwrap();
    let reply = b.one();
    a.take(2, 0, &reply).unwrap();
    let finish = a.one();
    for (at, path) in [(3, 100), (4, 667), (5, 100)] {
        b.take(at, path, &finish).unwrap();
        let sent = b.sent();
        assert!(sent.iter().all(|(to, _)| *to == PathId(path)), "{sent:?}");
    }
    let confirmed = b.packet(6, &a);
    a.take(7, 0, &confirmed).unwrap();
    assert!(a.is_connected(&b) && b.is_connected(&a));
    // Later a copy moves nothing: it is answered where it came from, and the session lives where it lived.
    b.take(8, 668, &finish).unwrap();
    assert!(b.sent().iter().all(|(to, _)| *to == PathId(668)));
    let session = b.sessions.route(Instant(9), &a.identity.id).unwrap();
    b.with(9, |s, ctx| s.seal(ctx, session, vec![0; SEALED_HEADER], Class::Probe)).unwrap();
    let to: Vec<PathId> = b.sent().into_iter().map(|(to, _)| to).collect();
    assert_eq!(to, [PathId(100)]);
}

#[test]
fn an_unanswered_first_packet_leaves_five_times_and_then_the_session_is_forgotten() {
    let mut a = Side::new(1, CONFIG, 7);
    let hello = a.hello(0, None);
    a.wait(60_000_000);
    let lost = a.out.iter().any(|e| matches!(e, Effect::SessionLost { peer: None, .. }));
    assert!(lost, "and that is said");
    let again = a.sent();
    assert_eq!(again.len(), 4);
    assert!(again.iter().all(|(_, bytes)| *bytes == hello));
    assert!(a.sessions.links.is_empty() && a.sessions.paths.is_empty());
}

#[test]
fn an_unfinished_answer_is_forgotten_after_eight_seconds() {
    let (mut a, mut b) = (Side::new(1, CONFIG, 7), Side::new(2, CONFIG, 7));
    let hello = a.hello(0, None);
    b.take(0, 100, &hello).unwrap();
    b.wait(7_999_999);
    assert_eq!(b.sessions.links.len(), 1);
    b.wait(8_000_000);
    assert!(b.sessions.links.is_empty());
}

#[test]
fn simultaneous_handshakes_both_finish_and_packets_of_both_sessions_open() {
    let (mut a, mut b) = (Side::new(1, CONFIG, 7), Side::new(2, CONFIG, 7));
    let (from_a, from_b) = (a.hello(0, Some(b.identity.id)), b.hello(0, Some(a.identity.id)));
    a.take(1, 100, &from_b).unwrap();
    b.take(1, 100, &from_a).unwrap();
    let (reply_a, reply_b) = (a.one(), b.one());
    a.take(2, 0, &reply_b).unwrap();
    b.take(2, 0, &reply_a).unwrap();
    let (finish_a, finish_b) = (a.one(), b.one());
    b.take(3, 100, &finish_a).unwrap();
    a.take(3, 100, &finish_b).unwrap();
    let (last_a, last_b) = (a.one(), b.one());
    assert!(a.take(4, 100, &last_b).is_ok() && b.take(4, 100, &last_a).is_ok());
    for n in 5..8 {
        let (to_b, to_a) = (a.packet(n, &b), b.packet(n, &a));
        assert!(b.take(n, 100, &to_b).is_ok() && a.take(n, 100, &to_a).is_ok());
    }
}
