//! Handshakes: who is met, what is refused on the way, what is repeated.

use super::meter::Meter;
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

/// A `finish` by the initiator's own rules, under a static key and with a payload of its choice.
fn finish_by(hello_secret: [u8; 32], reply: &[u8], own: [u8; 32], payload: &[u8]) -> Vec<u8> {
    let Ok(Packet::Reply(reply)) = Packet::decode(reply) else { panic!("no reply") };
    let prologue = *b"MindOS\x01\x01\0\x07\0\0\0";
    let mut handshake = Handshake::<Blake3>::initiator(&DEFAULT, &[&prologue], own, hello_secret);
    handshake.write(&[], &mut Vec::new()).unwrap();
    handshake.read(reply.noise).unwrap();
    let mut noise = Vec::new();
    handshake.write(payload, &mut noise).unwrap();
    super::super::handshake::encode(Packet::Finish(mindos_wire::Finish { receiver: reply.sender, noise: &noise }))
        .to_vec()
}

/// A responder, its answer to an initiator of this ephemeral secret, and the genuine `finish`.
fn answered(b: &mut Side) -> ([u8; 32], Bytes, Vec<u8>) {
    let secret = [0x42; 32];
    let noise = &DEFAULT.dh_public(&secret);
    let hello = Hello { version: VERSION, suite: SUITE, network: 7, sender: 9, noise, cookie: &[0; 16] };
    b.take(0, 100, &super::super::handshake::encode(Packet::Hello(hello))).unwrap();
    let reply = b.one();
    let a = Side::new(1, CONFIG, 7);
    let genuine = finish_by(secret, &reply, a.identity.x25519_secret(), &a.beacon.record);
    (secret, reply, genuine)
}

// spec: SES-042 c552
#[test]
fn finishes_of_one_handshake_make_a_responder_multiply_four_times_at_most() {
    let meter = Meter::new();
    let mut b = Side::on(meter, 2, CONFIG, 7);
    let (secret, reply, genuine) = answered(&mut b);
    let mut cost = |bytes: &[u8]| {
        let before = meter.products();
        assert!(b.take(1, 100, bytes).is_err());
        meter.products() - before
    };
    // By who sees the packets: the static key is damaged, or what follows it is.
    for at in 5..53 {
        let mut forged = genuine.clone();
        forged[at] ^= 1;
        assert_eq!(cost(&forged), 0, "byte {at}");
    }
    let costs: usize = (53..genuine.len())
        .map(|at| {
            let mut forged = genuine.clone();
            forged[at] ^= 1;
            cost(&forged)
        })
        .sum();
    assert_eq!(costs, 1, "however many copies");
    // By the initiator itself: three more keys, of low order among them, and then none.
    let spoilt = |n: u8| {
        let mut finish = finish_by(secret, &reply, [n; 32], b"");
        *finish.last_mut().unwrap() ^= 1;
        finish
    };
    let costs: Vec<usize> = (50..60).map(|n| cost(&spoilt(n))).collect();
    assert_eq!(costs, [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]);
    assert!(b.take(2, 100, &genuine).is_err(), "the initiator has used up its own handshake");
}

// spec: SES-047 59e5
#[test]
fn nobody_who_sees_a_finish_can_end_the_handshake_by_copies_of_it() {
    let mut b = Side::new(2, CONFIG, 7);
    let (_, _, genuine) = answered(&mut b);
    for n in 0..1_000 {
        let mut forged = genuine.clone();
        let at = 5 + n % (genuine.len() - 5);
        forged[at] ^= 1 + (n / 256) as u8;
        assert!(b.take(1, 100, &forged).is_err());
    }
    assert!(b.take(2, 100, &genuine).is_ok());
}

// spec: SES-043 1cb9
#[test]
fn a_responder_looks_at_four_false_beacons_of_a_handshake() {
    for (false_ones, taken) in [(3, true), (4, false)] {
        let meter = Meter::new();
        let mut b = Side::on(meter, 2, CONFIG, 7);
        let (secret, reply, genuine) = answered(&mut b);
        let own = Side::new(1, CONFIG, 7).identity.x25519_secret();
        let mut beacon = Side::new(1, CONFIG, 7).beacon.record.to_vec();
        *beacon.last_mut().unwrap() ^= 1;
        for n in 0..false_ones {
            assert_eq!(b.take(n, 100, &finish_by(secret, &reply, own, &beacon)).err(), Some(DropReason::BadSignature));
        }
        let before = meter.verified();
        assert_eq!(b.take(9, 100, &genuine).is_ok(), taken);
        assert_eq!(meter.verified() - before, usize::from(taken));
    }
}
