//! Sealed packets, their paths, and the table of sessions.

use super::*;

#[test]
fn packets_are_opened_by_the_peer_and_by_nobody_else() {
    let (mut a, mut b) = pair();
    let packet = a.packet(1, &b);
    let opened = b.take(1, 100, &packet).unwrap().unwrap();
    assert_eq!((opened.peer, opened.counter), (a.identity.id, 0));
    assert_eq!(opened.frames.len(), packet.len() - SEALED_OVERHEAD);
    let mut stranger = Side::new(3, CONFIG, 7);
    assert_eq!(stranger.take(1, 100, &packet).err(), Some(DropReason::UnknownSession));
}

#[test]
fn a_sealed_packet_is_opened_once_and_not_at_all_if_a_bit_changed() {
    let (mut a, mut b) = pair();
    let packet = a.packet(1, &b);
    for at in 5..packet.len() {
        let mut forged = packet.to_vec();
        forged[at] ^= 1;
        assert_eq!(b.take(1, 100, &forged).err(), Some(DropReason::NotAuthentic), "byte {at}");
    }
    assert!(b.take(1, 100, &packet).is_ok());
    assert_eq!(b.take(1, 100, &packet).err(), Some(DropReason::Replayed));
}

#[test]
fn a_session_without_packets_is_not_sent_on_after_120_s_and_is_forgotten_after_180_s() {
    let (mut a, b) = pair();
    let route = |a: &Side, s: u64| a.sessions.route(Instant(s * 1_000_000), &b.identity.id).is_some();
    assert!(route(&a, 119) && !route(&a, 120));
    a.wait(179_999_999);
    assert!(a.is_connected(&b));
    a.wait(180_000_000);
    assert!(!a.is_connected(&b));
    assert!(a.out.iter().any(|e| matches!(e, Effect::SessionLost { peer: Some(p), .. } if *p == b.identity.id)));
}

#[test]
fn packets_from_the_peer_keep_a_session() {
    let (mut a, mut b) = pair();
    for s in 1..10 {
        let packet = b.packet(s * 100_000_000, &a);
        a.take(s * 100_000_000, 0, &packet).unwrap();
        a.wait(s * 100_000_000);
        b.sessions.links.values_mut().for_each(|l| l.last_received = Instant(s * 100_000_000));
    }
    assert!(a.is_connected(&b));
}

#[test]
fn at_the_cap_of_sessions_the_one_unheard_for_longest_gives_way() {
    let config = Config { max_sessions: 3, ..CONFIG };
    let mut b = Side::new(2, config, 7);
    let mut peers: Vec<Side> = (10..14).map(|n| Side::new(n, CONFIG, 7)).collect();
    for (n, peer) in peers.iter_mut().take(3).enumerate() {
        connect(peer, &mut b, n as u64);
    }
    // The first one speaks: now the second is the oldest.
    let packet = peers[0].packet(10, &b);
    b.take(10, 100, &packet).unwrap();
    let fourth = &mut peers[3];
    connect(fourth, &mut b, 20);
    let connected: Vec<bool> = peers.iter().map(|p| b.is_connected(p)).collect();
    assert_eq!(connected, [true, false, true, true]);
}

// spec: SES-035 3abd
#[test]
fn a_session_that_gives_way_is_closed_aloud() {
    let mut b = Side::new(2, Config { max_sessions: 2, ..CONFIG }, 7);
    let mut peers: Vec<Side> = (10..13).map(|n| Side::new(n, CONFIG, 7)).collect();
    for (n, peer) in peers.iter_mut().take(2).enumerate() {
        connect(peer, &mut b, n as u64);
    }
    let hello = peers[2].hello(5, None);
    b.take(5, 102, &hello).unwrap();
    let reply = b.one();
    peers[2].take(5, 0, &reply).unwrap();
    let finish = peers[2].one();
    b.take(5, 102, &finish).unwrap();
    let told = b.sent();
    assert_eq!(told.len(), 2);
    let opened = peers[0].take(5, 0, &told[1].1).unwrap().unwrap();
    assert_eq!(opened.frames, crate::outbox::frame(&mindos_wire::Close { tail: Tail::default() }));
}

#[test]
fn answers_follow_the_peer_to_a_new_path_but_not_back_to_an_old_one() {
    let (mut a, mut b) = pair();
    let (old, new) = (a.packet(1, &b), a.packet(1, &b));
    b.take(2, 300, &new).unwrap();
    b.take(3, 100, &old).unwrap();
    let session = b.sessions.route(Instant(3), &a.identity.id).unwrap();
    let mut packet = vec![0; SEALED_HEADER];
    encode_frame(&Established { tail: Tail::default() }, &mut packet).unwrap();
    b.with(3, |s, ctx| s.seal(ctx, session, packet, Class::Probe)).unwrap();
    let (path, _) = b.sent().remove(0);
    assert_eq!(path, PathId(300), "the newest authentic packet came from there");
}

#[test]
fn a_path_that_breaks_or_is_too_narrow_ends_its_sessions_aloud() {
    let mut a = Side::new(1, CONFIG, 7);
    let peer = NodeId([9; 32]);
    a.with(0, |s, ctx| s.connect(ctx, Some(peer), LOCATOR));
    assert!(a.with(0, |s, ctx| s.path_ready(ctx, PathId(0), 1_151)).is_ok());
    assert!(a.out.iter().any(|e| matches!(e, Effect::SessionLost { peer: Some(p), .. } if *p == peer)));
    assert!(a.sessions.links.is_empty());
    let misuse = a.with(0, |s, ctx| s.path_ready(ctx, PathId(0), 1_200));
    assert!(matches!(misuse, Err(DropReason::ApiMisuse(_))));
}

#[test]
fn who_comes_under_many_names_displaces_strangers_and_no_member() {
    let mut b = Side::new(2, Config { max_sessions: 3, ..CONFIG }, 7);
    let mut members: Vec<Side> = (10..12).map(|n| Side::new(n, CONFIG, 7)).collect();
    b.members = Known(members.iter().map(|m| m.identity.id).collect());
    // The two members are the ones unheard for longest.
    for (n, m) in members.iter_mut().enumerate() {
        connect(m, &mut b, n as u64 * 1_000_000);
    }
    for n in 0..6 {
        let mut stranger = Side::new(20 + n, CONFIG, 7);
        connect(&mut stranger, &mut b, (10 + u64::from(n)) * 1_000_000);
        assert!(b.is_connected(&stranger), "the newest of the strangers");
        assert!(members.iter().all(|m| b.is_connected(m)), "stranger {n}");
        assert!(b.sessions.peers().count() <= 3);
    }
    // A third member: the last stranger gives way, and the next one, who finds members alone, gives way at once.
    let mut third = Side::new(12, CONFIG, 7);
    b.members.0.push(third.identity.id);
    connect(&mut third, &mut b, 20_000_000);
    members.push(third);
    let mut stranger = Side::new(30, CONFIG, 7);
    connect(&mut stranger, &mut b, 21_000_000);
    assert!(!b.is_connected(&stranger) && members.iter().all(|m| b.is_connected(m)));
    let up = |e: &Effect| matches!(e, Effect::SessionUp { peer, .. } if *peer == stranger.identity.id);
    assert!(!b.out.iter().any(up), "and is told to nobody");
    // Among members the one unheard for longest gives way, as among strangers.
    let mut fourth = Side::new(13, CONFIG, 7);
    b.members.0.push(fourth.identity.id);
    connect(&mut fourth, &mut b, 22_000_000);
    assert!(b.is_connected(&fourth) && !b.is_connected(&members[0]) && b.is_connected(&members[2]));
}
