//! Handshakes and sealed packets between two tables of sessions.

use mindos_wire::{Established, Tail, Tier, encode_frame};

use super::*;
use crate::crypto::DEFAULT;

const CONFIG: Config = Config { max_sessions: 8, max_half_open: 4 };
const LOCATOR: Bytes = Bytes::from_static(b"\x01x");

/// A node's sessions with what they need.
struct Side {
    identity: Identity,
    beacon: Beacon,
    sessions: Sessions,
    timers: Timers,
    out: Effects,
}

impl Side {
    fn new(number: u8, config: Config, network: u32) -> Self {
        let identity = Identity::new(&DEFAULT, [number; 32], network);
        let beacon = Beacon::sign(&identity, 1, u64::MAX, 1, Tier::Home, 0).into_inner();
        let entropy = Entropy::new(&DEFAULT, &[number; 32], "test");
        let sessions = Sessions::new(config, &identity, entropy);
        Self { identity, beacon, sessions, timers: Timers::default(), out: Effects::new() }
    }

    fn with<R>(&mut self, now: u64, f: impl FnOnce(&mut Sessions, &mut Ctx<'_>) -> R) -> R {
        let mut ctx = Ctx {
            now: Instant(now),
            identity: &self.identity,
            beacon: &self.beacon,
            unix_s: None,
            timers: &mut self.timers,
            out: &mut self.out,
        };
        f(&mut self.sessions, &mut ctx)
    }

    /// What it sent since.
    fn sent(&mut self) -> Vec<(PathId, Bytes)> {
        let sent = |e| match e {
            Effect::Transmit { path, bytes, .. } => Some((path, bytes)),
            _ => None,
        };
        self.out.drain(..).filter_map(sent).collect()
    }

    fn one(&mut self) -> Bytes {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1);
        sent.remove(0).1
    }

    /// Begins a session: the first packet.
    fn hello(&mut self, now: u64, expected: Option<NodeId>) -> Bytes {
        self.with(now, |s, ctx| s.connect(ctx, expected, LOCATOR));
        let path = PathId(self.sessions.next_path - 1);
        self.with(now, |s, ctx| s.path_ready(ctx, path, 1_200)).unwrap();
        self.one()
    }

    fn take(&mut self, now: u64, path: u32, bytes: &[u8]) -> Result<Option<Opened>, DropReason> {
        self.with(now, |s, ctx| s.datagram(ctx, PathId(path), bytes))
    }

    /// A sealed packet to the only peer, with one frame in it.
    fn packet(&mut self, now: u64, peer: &Side) -> Bytes {
        let session = self.sessions.route(Instant(now), &peer.identity.id).unwrap();
        let mut packet = vec![0; SEALED_HEADER];
        encode_frame(&Established { tail: Tail::default() }, &mut packet).unwrap();
        self.with(now, |s, ctx| s.seal(ctx, session, packet, Class::Probe)).unwrap();
        self.one()
    }

    fn is_connected(&self, peer: &Side) -> bool {
        self.sessions.peers().any(|p| *p == peer.identity.id)
    }

    /// Fires what is due.
    fn wait(&mut self, until: u64) {
        while let Some((at, _)) = self.timers.next().filter(|(at, _)| at.0 <= until) {
            if let Some(Timer::Session(index)) = self.timers.pop_due(at) {
                self.with(at.0, |s, ctx| s.timer(ctx, index));
            }
        }
    }
}

/// Two sides with a session, begun by the first.
fn pair() -> (Side, Side) {
    let (mut a, mut b) = (Side::new(1, CONFIG, 7), Side::new(2, CONFIG, 7));
    connect(&mut a, &mut b, 0);
    (a, b)
}

fn connect(a: &mut Side, b: &mut Side, now: u64) {
    let hello = a.hello(now, None);
    b.take(now, 100, &hello).unwrap();
    let reply = b.one();
    a.take(now, 0, &reply).unwrap();
    let finish = a.one();
    b.take(now, 100, &finish).unwrap();
    let established = b.one();
    assert!(a.take(now, 0, &established).unwrap().is_some());
}

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
fn a_flood_of_first_packets_displaces_the_oldest_of_them_and_no_session() {
    let (mut a, mut b) = pair();
    let mut flooders: Vec<Side> = (10..40).map(|n| Side::new(n, CONFIG, 7)).collect();
    let hellos: Vec<Bytes> = flooders.iter_mut().map(|f| f.hello(5, None)).collect();
    for (n, hello) in hellos.iter().enumerate() {
        b.take(10 + n as u64, 200 + n as u32, hello).unwrap();
    }
    let replies = b.sent();
    assert_eq!(b.sessions.links.len(), 1 + CONFIG.max_half_open);
    let packet = a.packet(50, &b);
    assert!(b.take(50, 100, &packet).is_ok(), "the session lives");
    // The last of them can still finish, the first cannot.
    for (index, survives) in [(0, false), (29, true)] {
        flooders[index].take(51, 0, &replies[index].1).unwrap();
        let finish = flooders[index].one();
        assert_eq!(b.take(51, 200 + index as u32, &finish).is_ok(), survives);
    }
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
