//! Handshakes and sealed packets between two tables of sessions.

use mindos_wire::{Established, Tail, Tier, encode_frame};

use super::*;
use crate::crypto::DEFAULT;

const CONFIG: Config = Config { max_sessions: 8, max_half_open: 4, hybrid: Hybrid::Accept };
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
    // A session that gives way is told so behind it.
    let established = b.sent().remove(0).1;
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

/// Begins from a path of its own and answers a retry, if one comes. Gives the reply.
fn begin(from: &mut Side, to: &mut Side, now: u64, path: u32) -> Bytes {
    let hello = from.hello(now, None);
    to.take(now, path, &hello).unwrap();
    let answer = to.one();
    if !matches!(Packet::decode(&answer), Ok(Packet::Retry(_))) {
        return answer;
    }
    from.take(now, 0, &answer).unwrap();
    let again = from.one();
    to.take(now, path, &again).unwrap();
    to.one()
}

// spec: SES-024 dbea, SES-025 4fab
#[test]
fn a_flood_of_first_packets_displaces_the_oldest_of_them_and_no_session() {
    let (mut a, mut b) = pair();
    let mut flooders: Vec<Side> = (10..40).map(|n| Side::new(n, CONFIG, 7)).collect();
    let replies: Vec<Bytes> =
        flooders.iter_mut().zip(0..).map(|(f, n)| begin(f, &mut b, 10 + n, 200 + n as u32)).collect();
    assert_eq!(b.sessions.links.len(), 1 + CONFIG.max_half_open);
    let packet = a.packet(50, &b);
    assert!(b.take(50, 100, &packet).is_ok(), "the session lives");
    // The last of them can still finish, the first cannot.
    for (index, survives) in [(0, false), (29, true)] {
        flooders[index].take(51, 0, &replies[index]).unwrap();
        let finish = flooders[index].one();
        assert_eq!(b.take(51, 200 + index as u32, &finish).is_ok(), survives);
    }
}

// spec: SES-024 dbea
#[test]
fn a_busy_responder_keeps_nothing_of_a_hello_without_the_cookie_of_its_path() {
    let mut b = Side::new(2, CONFIG, 7);
    let mut askers: Vec<Side> = (10..13).map(|n| Side::new(n, CONFIG, 7)).collect();
    for (n, asker) in askers.iter_mut().take(2).enumerate() {
        begin(asker, &mut b, 0, 200 + n as u32);
    }
    let hello = askers[2].hello(0, None);
    b.take(0, 300, &hello).unwrap();
    let retry = b.one();
    assert!(retry.len() < hello.len() && matches!(Packet::decode(&retry), Ok(Packet::Retry(_))));
    assert_eq!(b.sessions.links.len(), 2);
    askers[2].take(0, 0, &retry).unwrap();
    let proved = askers[2].one();
    // From another address, after the cookie's time, or with a bit of it changed: asked again.
    let mut forged = proved.to_vec();
    forged[44] ^= 2;
    for (now, path, bytes) in [(0, 301, &proved[..]), (240_000_000, 300, &proved), (0, 300, &forged)] {
        b.take(now, path, bytes).unwrap();
        assert!(matches!(Packet::decode(&b.one()), Ok(Packet::Retry(_))), "{now} {path}");
    }
    b.take(119_999_999, 300, &proved).unwrap();
    assert!(matches!(Packet::decode(&b.one()), Ok(Packet::Reply(_))));
    // The same retry again, and one for nobody, change nothing; another makes nothing leave before the next try.
    assert_eq!(askers[2].take(1, 0, &retry).err(), Some(DropReason::Replayed));
    let mut other = retry.to_vec();
    other[20] ^= 1;
    assert!(askers[2].take(1, 0, &other).is_ok() && askers[2].sent().is_empty());
    assert_eq!(b.take(1, 0, &retry).err(), Some(DropReason::UnknownSession));
}

// spec: SES-030 8be8
#[test]
fn one_address_holds_four_unfinished_handshakes() {
    let mut b = Side::new(2, Config { max_half_open: 100, ..CONFIG }, 7);
    let mut askers: Vec<Side> = (10..20).map(|n| Side::new(n, CONFIG, 7)).collect();
    for (asker, n) in askers.iter_mut().zip(0..) {
        begin(asker, &mut b, n, 200);
        begin(asker, &mut b, n, 300 + n as u32);
    }
    assert_eq!(b.sessions.links.values().filter(|l| l.path == PathId(200)).count(), 4);
    assert_eq!(b.sessions.links.len(), 14);
    // And who only claims the address displaces nobody there.
    let mut stranger = Side::new(30, CONFIG, 7);
    let hello = stranger.hello(100, None);
    b.take(100, 200, &hello).unwrap();
    assert!(matches!(Packet::decode(&b.one()), Ok(Packet::Retry(_))));
}

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

const HYBRID: Config = Config { hybrid: Hybrid::Require, ..CONFIG };

/// Carries packets between two sides until none are left; `lose` says which are lost, by number and direction.
fn exchange(a: &mut Side, b: &mut Side, now: u64, mut lose: impl FnMut(bool) -> bool) {
    loop {
        let (from_a, from_b) = (a.sent(), b.sent());
        if from_a.is_empty() && from_b.is_empty() {
            return;
        }
        for (_, bytes) in from_a {
            if !lose(true) {
                let _ = b.take(now, 100, &bytes);
            }
        }
        for (_, bytes) in from_b {
            if !lose(false) {
                let _ = a.take(now, 0, &bytes);
            }
        }
    }
}

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

/// A network that loses, doubles, delays and overtakes, drawn from a seed.
struct Storm {
    state: u64,
    /// Arrival, order of sending, whether it goes to the second side, bytes.
    flying: Vec<(u64, u64, bool, Bytes)>,
    sent: u64,
}

impl Storm {
    fn draw(&mut self, n: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % n
    }

    fn take(&mut self, side: &mut Side, to_second: bool, now: u64) {
        for (_, bytes) in side.sent() {
            let copies = [0, 0, 1, 1, 1, 1, 1, 2][self.draw(8) as usize];
            for _ in 0..copies {
                self.sent += 1;
                let at = now + self.draw(900_000);
                self.flying.push((at, self.sent, to_second, bytes.clone()));
            }
        }
    }
}

/// Through every storm: two sides that hold the session good hold the same keys. That one has given up cannot be
/// excluded where the last packet of any exchange may be lost; then the other finds out by silence.
#[test]
fn through_loss_reordering_and_doubling_both_ends_agree_on_keys_or_one_has_given_up() {
    let (mut met, mut alone) = (0, 0);
    for seed in 1..=400_u64 {
        let hybrid = if seed % 2 == 0 { Hybrid::Require } else { Hybrid::Accept };
        let config = Config { hybrid, ..CONFIG };
        let (mut a, mut b) = (Side::new(1, config, 7), Side::new(2, config, 7));
        let mut storm = Storm { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15), flying: Vec::new(), sent: 0 };
        let open = |side: &mut Side, peer: NodeId| {
            side.with(0, |s, ctx| s.connect(ctx, Some(peer), LOCATOR));
            side.with(0, |s, ctx| s.path_ready(ctx, PathId(0), 1_200)).unwrap();
        };
        open(&mut a, b.identity.id);
        if seed % 3 == 0 {
            open(&mut b, a.identity.id);
        }
        for now in (0..40_000_000).step_by(100_000) {
            a.wait(now);
            b.wait(now);
            storm.take(&mut a, true, now);
            storm.take(&mut b, false, now);
            storm.flying.sort_unstable_by_key(|f| (f.0, f.1));
            let due = storm.flying.iter().take_while(|f| f.0 <= now).count();
            for (_, _, to_second, bytes) in storm.flying.drain(..due).collect::<Vec<_>>() {
                let side = if to_second { &mut b } else { &mut a };
                let _ = side.take(now, 100, &bytes);
            }
        }
        let now = 40_000_000;
        let seals = |from: &Side, to: &Side| {
            from.sessions.route(Instant(now), &to.identity.id).is_some_and(|i| from.sessions.is_established(i))
        };
        alone += usize::from(seals(&a, &b) != seals(&b, &a));
        if seals(&a, &b) && seals(&b, &a) {
            met += 1;
            let (to_b, to_a) = (a.packet(now, &b), b.packet(now, &a));
            assert!(b.take(now, 100, &to_b).is_ok_and(|o| o.is_some()), "seed {seed}");
            assert!(a.take(now, 100, &to_a).is_ok_and(|o| o.is_some()), "seed {seed}");
        }
    }
    assert!(met > 370 && alone < 8, "{met} met, {alone} were left alone");
}
