//! A responder with much to do.

use super::*;

/// Begins from a path of its own and answers a retry, if one comes. Gives the reply.
pub(super) fn begin(from: &mut Side, to: &mut Side, now: u64, path: u32) -> Bytes {
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

// spec: SES-024 a4e1, SES-025 4fab
#[test]
fn a_flood_of_first_packets_displaces_the_oldest_of_them_and_no_session() {
    let (mut a, mut b) = pair();
    let mut flooders: Vec<Side> = (10..40).map(|n| Side::new(n, CONFIG, 7)).collect();
    let replies: Vec<Bytes> =
        flooders.iter_mut().zip(0..).map(|(f, n)| begin(f, &mut b, 10_000 * n, 200 + n as u32)).collect();
    assert_eq!(b.sessions.links.len(), 1 + CONFIG.max_half_open);
    let packet = a.packet(300_000, &b);
    assert!(b.take(300_000, 100, &packet).is_ok(), "the session lives");
    // The last of them can still finish, the first cannot.
    for (index, survives) in [(0, false), (29, true)] {
        flooders[index].take(300_001, 0, &replies[index]).unwrap();
        let finish = flooders[index].one();
        assert_eq!(b.take(300_001, 200 + index as u32, &finish).is_ok(), survives);
    }
}

// spec: SES-024 a4e1
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
        begin(asker, &mut b, n * 300_000, 200);
        begin(asker, &mut b, n * 300_000, 300 + n as u32);
    }
    assert_eq!(b.sessions.links.values().filter(|l| l.path == PathId(200)).count(), 4);
    assert_eq!(b.sessions.links.len(), 14);
    // And who only claims the address displaces nobody there.
    let mut stranger = Side::new(30, CONFIG, 7);
    let hello = stranger.hello(4_000_000, None);
    b.take(4_000_000, 200, &hello).unwrap();
    assert!(matches!(Packet::decode(&b.one()), Ok(Packet::Retry(_))));
}

// spec: SES-041 dce9
#[test]
fn a_cookie_buys_two_handshakes_more_a_second_and_no_burst() {
    let mut b = Side::new(2, Config { max_half_open: 600, ..CONFIG }, 7);
    let mut asker = Side::new(10, CONFIG, 7);
    let mut ask = |now: u64, path: u32| {
        let hello = asker.hello(now, None);
        b.take(now, path, &hello).unwrap();
        let answer = b.one();
        if !matches!(Packet::decode(&answer), Ok(Packet::Retry(_))) {
            return Ok(false);
        }
        asker.take(now, 0, &answer).unwrap();
        let again = asker.one();
        b.take(now, path, &again)?;
        assert!(matches!(Packet::decode(&b.one()), Ok(Packet::Reply(_))));
        Ok(true)
    };
    // Two for nothing, two for a cookie, a fifth not at all; a second later the next.
    let five: Vec<_> = (0..5).map(|n| ask(n, 200)).collect();
    assert_eq!(five, [Ok(false), Ok(false), Ok(true), Ok(true), Err(DropReason::Full)]);
    assert_eq!(ask(999_999, 200), Err(DropReason::Full));
    assert!(ask(1_000_000, 200).is_ok());
    // And of all addresses 16 within 62,500 µs, half of them for nothing.
    for now in [3_000_000, 3_062_500] {
        let all: Vec<_> = (0..30).map(|n| ask(now, now as u32 + n)).collect();
        let count = |what| all.iter().filter(|a| **a == what).count();
        assert_eq!((count(Ok(false)), count(Ok(true)), count(Err(DropReason::Full))), (8, 8, 14));
    }
}

// spec: SES-024 a4e1, SES-041 dce9
#[test]
fn first_packets_that_are_refused_after_a_multiplication_are_counted_as_the_others() {
    let mut b = Side::new(2, CONFIG, 7);
    // A point of low order: the multiplication gives nothing, and nothing is kept.
    let low = |path: u32, b: &mut Side| {
        let (noise, cookie) = (&[0; 32], &[0; 16]);
        let hello = crate::session::handshake::encode(Packet::Hello(Hello {
            version: VERSION,
            suite: SUITE,
            network: 7,
            sender: 1,
            noise,
            cookie,
        }));
        b.take(0, path, &hello).err()
    };
    let refused = (0..300).filter(|n| low(200 + n, &mut b) == Some(DropReason::NotAuthentic)).count();
    assert_eq!((refused, b.sessions.links.len()), (8, 0));
    b.sent();
    // Who hears at its address gets in.
    let mut honest = Side::new(3, CONFIG, 7);
    assert!(matches!(Packet::decode(&begin(&mut honest, &mut b, 1, 900)), Ok(Packet::Reply(_))));
}
