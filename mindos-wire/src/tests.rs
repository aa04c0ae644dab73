//! Properties that hold for every message.

use super::*;
use proptest::prelude::*;

/// A canonical sample of every frame type, with extensions on some.
fn samples() -> Vec<Vec<u8>> {
    let tail = Tail::new(&[1, 0, 2, 0, 9, 9, 3, 0, 0, 0]).unwrap();
    let none = Tail::default();
    let (h, s) = (&[7; 32], &[8; 64]);
    let entries = [
        ViewEntry { alias: 1, incarnation: 2, state: MemberState::Alive },
        ViewEntry { alias: 9, incarnation: 1, state: MemberState::Down },
    ];
    let accusers = [Endorsement { accuser: 1, signature: [1; 64] }, Endorsement { accuser: 2, signature: [2; 64] }];
    let ranges = [AckRange { first: 3, more: 2 }, AckRange { first: 9, more: 0 }];
    let caps =
        [CapabilityLoad { id: 4, competence: 200, price: 3 }, CapabilityLoad { id: 5, competence: 1, price: 65_535 }];
    let m = Minifloat::floor;
    let list: Vec<Frame<'_>> = vec![
        Frame::Ping(Ping { nonce: 1, view: 2, tail }),
        Frame::PingAck(PingAck { nonce: 1, view: 2, tail: none }),
        Frame::Established(Established { tail: none }),
        Frame::Close(Close { tail }),
        Frame::Ack(Ack { delay_us: 20, ranges: List::new(&ranges), tail: none }),
        Frame::Fragment(Fragment { message: 1, offset: 2, total: 7, data: Bytes16(b"hello"), tail: none }),
        Frame::Member(Member { locator: Bytes8(&[1, 2, 3]), beacon: Bytes16(&[4; 20]), tail }),
        Frame::Accuse(Accuse { subject: 1, incarnation: 2, signature: s, tail: none }),
        Frame::Certificate(Certificate { subject: 1, incarnation: 2, accusers: List::new(&accusers), tail: none }),
        Frame::Alive(Alive { subject: 1, incarnation: 2, signature: s, tail: none }),
        Frame::Leave(Leave { subject: 1, incarnation: 2, signature: s, tail: none }),
        Frame::Deny(Deny { subject: 1, incarnation: 2, tail: none }),
        Frame::ViewDigest(ViewDigest { entries: List::new(&entries), tail }),
        Frame::Have(Have { entries: List::new(&entries), tail: none }),
        Frame::Want(Want { aliases: List::new(&[3, 4, 5]), tail: none }),
        Frame::Subscribe(Subscribe { tail: none }),
        Frame::Subscribed(Subscribed { accepted: Flag(false), tail: none }),
        Frame::LoadAdvert(LoadAdvert {
            sequence: 1,
            slots: m(1),
            backlog_ms: m(12_345),
            context_rate: m(2_000),
            generated_rate: m(20),
            context_free: m(15_000),
            memory_kib: m(1 << 20),
            link: m(1_000_000),
            energy: m(u64::MAX),
            capabilities: List::new(&caps),
            tail: none,
        }),
        Frame::LoadDelta(LoadDelta { sequence: 2, slots: m(1), backlog_ms: m(0), tail }),
        Frame::Seek(Seek {
            intent: h,
            capability: h,
            context_tokens: 1,
            generated_tokens: 2,
            context_bytes: 4,
            label: Label::Public,
            remaining_us: 9,
            tail: none,
        }),
        Frame::Quote(Quote { intent: h, nonce: 1, start_us: 2, finish_us: 3, price: 4, quality: 5, tail: none }),
        Frame::Lease(Lease {
            worker: h,
            epoch: 1,
            nonce: 2,
            price_limit: 3,
            finish_limit_us: 4,
            signature: s,
            remaining_us: 5,
            intent: Bytes16(&[6; 300]),
            tail: none,
        }),
        Frame::Progress(Progress { intent: h, epoch: 1, number: 0, done: 3, finish_us: 4, tail: none }),
        Frame::Result(ResultFrame { intent: h, epoch: 1, status: ResultStatus::Done, output: Bytes16(b"42"), tail }),
        Frame::Decline(Decline {
            intent: h,
            epoch: 1,
            reason: DeclineReason::Load,
            nonce: 2,
            start_us: 3,
            finish_us: 4,
            price: 5,
            tail: none,
        }),
        Frame::Cancel(Cancel { intent: h, epoch: 1, tail: none }),
        Frame::Cancelled(Cancelled { intent: h, epoch: 1, outcome: CancelOutcome::Stopped, tail: none }),
        Frame::ContextData(ContextData { bytes: Bytes16(&[1; 40]), tail: none }),
        Frame::Ignored { ty: 0xe1, body: &[1, 2] },
    ];
    let encode = |f: &Frame<'_>| {
        let mut buf = [0; 2_000];
        let mut w = &mut buf[..];
        f.encode(&mut w).unwrap();
        let n = 2_000 - w.len();
        buf[..n].to_vec()
    };
    assert_eq!(list.len(), FrameType::ALL.len() + 1, "a sample of every type");
    list.iter().map(encode).collect()
}

fn record(body: RecordBody<'_>) -> Vec<u8> {
    let head = RecordHead { author: &[3; 32], sequence: 5, expires: 1_800_000_000 };
    let mut buf = [0; 1_000];
    let mut w = &mut buf[..];
    Record { head, body, signature: &[9; 64], signed: &[] }.encode(&mut w).unwrap();
    let n = 1_000 - w.len();
    buf[..n].to_vec()
}

fn records() -> Vec<Vec<u8>> {
    let refs = [ContextRef { hash: [1; 32], length: 10 }, ContextRef { hash: [2; 32], length: 20 }];
    vec![
        record(RecordBody::Beacon(BeaconBody {
            x25519: &[1; 32],
            incarnation: 1024,
            cell: 0x4a,
            tier: Tier::Home,
            roles: 1,
            tail: Tail::default(),
        })),
        record(RecordBody::Intent(IntentBody {
            capability: &[2; 32],
            context_tokens: 374,
            generated_tokens: 44,
            lifetime_us: 600_000_000,
            budget: 1_000,
            label: Label::Community,
            depth: 2,
            effect: Effect::Idempotent,
            stakes: Stakes::Low,
            contexts: List::new(&refs),
            payload: Bytes16(b"summarize"),
            tail: Tail::new(&[5, 0, 1, 0, 0]).unwrap(),
        })),
    ]
}

fn reencode_frame(bytes: &[u8]) -> Option<Vec<u8>> {
    let (frame, rest) = Frame::decode(bytes).ok()?;
    rest.is_empty().then_some(())?;
    let mut buf = vec![0; bytes.len() + 8];
    let mut w = &mut buf[..];
    frame.encode(&mut w).unwrap();
    let n = bytes.len() + 8 - w.len();
    buf.truncate(n);
    Some(buf)
}

fn reencode_record(bytes: &[u8]) -> Option<Vec<u8>> {
    let record = Record::decode(bytes).ok()?;
    let mut buf = vec![0; bytes.len() + 8];
    let mut w = &mut buf[..];
    record.encode(&mut w).unwrap();
    let n = bytes.len() + 8 - w.len();
    buf.truncate(n);
    Some(buf)
}

/// Refused, or re-encoded to itself.
// spec: WIRE-006 2e6d
fn canonical(bytes: &[u8], reencode: fn(&[u8]) -> Option<Vec<u8>>) -> bool {
    reencode(bytes).is_none_or(|again| again == bytes)
}

#[test]
fn samples_reencode_to_themselves() {
    for s in samples() {
        assert_eq!(reencode_frame(&s).as_deref(), Some(&s[..]));
    }
    for r in records() {
        assert_eq!(reencode_record(&r).as_deref(), Some(&r[..]));
    }
}

#[test]
fn every_truncation_is_refused() {
    for s in samples() {
        (0..s.len()).for_each(|n| assert!(reencode_frame(&s[..n]).is_none(), "{n} of {s:?}"));
    }
    for r in records() {
        (0..r.len()).for_each(|n| assert!(Record::decode(&r[..n]).is_err()));
    }
}

#[test]
fn every_single_byte_change_is_refused_or_canonical() {
    let all = samples().into_iter().map(|s| (s, reencode_frame as fn(&[u8]) -> _));
    for (good, reencode) in all.chain(records().into_iter().map(|r| (r, reencode_record as fn(&[u8]) -> _))) {
        let mut bytes = good.clone();
        for i in 0..bytes.len() {
            for delta in 1..=255 {
                bytes[i] = good[i].wrapping_add(delta);
                assert!(canonical(&bytes, reencode), "byte {i} of {good:?} set to {}", bytes[i]);
            }
            bytes[i] = good[i];
        }
    }
}

#[test]
fn a_cut_at_a_tag_boundary_is_seen() {
    let ping = &samples()[0];
    assert_eq!(Frame::decode(&ping[..ping.len() - 4]).unwrap_err().class, ErrorClass::Truncated);
}

#[test]
fn unknown_even_types_and_tags_are_refused_and_odd_ones_kept() {
    assert_eq!(Frame::decode(&[0xe0, 0, 0]).unwrap_err().class, ErrorClass::UnknownCritical);
    assert!(matches!(Frame::decode(&[0xe1, 0, 0]).unwrap().0, Frame::Ignored { ty: 0xe1, .. }));
    assert_eq!(Tail::new(&[2, 0, 0, 0]).unwrap_err().class, ErrorClass::UnknownCritical);
    assert_eq!(Tail::new(&[3, 0, 0, 0, 1, 0, 0, 0]).unwrap_err().class, ErrorClass::Order);
    assert_eq!(Tail::new(&[3, 0, 0, 0, 3, 0, 0, 0]).unwrap_err().class, ErrorClass::Order);
    assert_eq!(Tail::new(&[3, 0, 1, 0]).unwrap_err().class, ErrorClass::Truncated);
    let tail = Tail::new(&[3, 0, 1, 0, 7]).unwrap();
    assert!(tail.iter().eq([(3, &[7][..])]));
}

#[test]
fn lists_must_rise() {
    let want = |a: u32, b: u32| {
        let mut bytes = vec![0x30, 10, 0, 2, 0];
        bytes.extend(a.to_le_bytes());
        bytes.extend(b.to_le_bytes());
        bytes
    };
    assert!(Frame::decode(&want(1, 2)).is_ok());
    for (a, b) in [(2, 2), (2, 1)] {
        assert_eq!(
            Frame::decode(&want(a, b)).unwrap_err(),
            WireError { class: ErrorClass::Order, at: 9, what: "aliases" }
        );
    }
}

// spec: WIRE-005 ab9c
#[test]
fn what_a_length_or_count_cannot_state_is_not_encoded() {
    let mut buf = vec![0; 200_000];
    let tail = Tail::default();
    let (locator, ranges) = ([0; 256], [0; 256].map(|_| AckRange { first: 0, more: 0 }));
    let (long, aliases) = (vec![0; 65_536], vec![0; 65_536]);
    let frames = [
        Frame::Member(Member { locator: Bytes8(&locator), beacon: Bytes16(&[]), tail }),
        Frame::Ack(Ack { delay_us: 0, ranges: List::new(&ranges), tail }),
        Frame::ContextData(ContextData { bytes: Bytes16(&long), tail }),
        Frame::Want(Want { aliases: List::new(&aliases), tail }),
        // Fits its own length, not the frame's.
        Frame::ContextData(ContextData { bytes: Bytes16(&long[..65_534]), tail }),
        Frame::Ignored { ty: 1, body: &long },
    ];
    for frame in frames {
        assert_eq!(frame.encode(&mut &mut buf[..]), Err(BufferFull), "{}", frame.name());
    }
}

// spec: WIRE-014 1e33
#[test]
fn a_sequence_ends_at_its_first_refusal() {
    let bytes = [6, 0, 0, 0xe0, 0, 0, 6, 0, 0];
    let read: Vec<_> = frames(&bytes).collect();
    assert!(matches!(read[..], [Ok(Frame::Established(_)), Err(WireError { at: 3, .. })]), "{read:?}");
}

// spec: WIRE-026 56df
#[test]
fn the_signature_is_the_last_64_bytes_and_all_before_it_is_signed() {
    for bytes in records() {
        let record = Record::decode(&bytes).unwrap();
        assert_eq!((record.signed, &record.signature[..]), bytes.split_at(bytes.len() - 64));
    }
}

// spec: WIRE-020 5bf2
#[test]
fn an_ack_range_ends_at_the_last_counter_at_most() {
    let ack = |first: u64, more: u32| {
        let body = [&[0; 4][..], &[1], &first.to_le_bytes(), &more.to_le_bytes()].concat();
        Frame::decode(&[&[0x10, 17, 0][..], &body].concat()).map(|_| ()).map_err(|e| (e.class, e.at))
    };
    assert_eq!(ack(u64::MAX - 3, 3), Ok(()));
    assert_eq!(ack(u64::MAX - 3, 4), Err((ErrorClass::Range, 20)));
}

#[test]
fn a_load_advert_with_six_capabilities_takes_66_bytes() {
    let caps: Vec<_> = (0..6).map(|id| CapabilityLoad { id, competence: 1, price: 1 }).collect();
    let z = Minifloat(0);
    let advert = LoadAdvert {
        sequence: 1,
        slots: z,
        backlog_ms: z,
        context_rate: z,
        generated_rate: z,
        context_free: z,
        memory_kib: z,
        link: z,
        energy: z,
        capabilities: List::new(&caps),
        tail: Tail::default(),
    };
    assert_eq!(encode_frame(&advert, &mut &mut [0; 100][..]), Ok(66));
}

#[test]
fn packets_reencode_and_refuse() {
    let noise = [5; 32];
    let hello = Packet::Hello(Hello { version: VERSION, suite: SUITE, network: 9, sender: 4, noise: &noise });
    let mut bytes = [0; HELLO_LEN];
    hello.encode(&mut &mut bytes[..]).unwrap();
    assert_eq!(Packet::decode(&bytes), Ok(hello));
    let mut longer = bytes.to_vec();
    longer.push(0);
    assert_eq!(Packet::decode(&longer).unwrap_err().class, ErrorClass::Trailing);
    assert_eq!(Packet::decode(&bytes[..100]).unwrap_err().class, ErrorClass::Truncated);
    bytes[HELLO_LEN - 1] = 1;
    let e = Packet::decode(&bytes).unwrap_err();
    assert_eq!((e.class, e.at), (ErrorClass::Reserved, HELLO_LEN - 1));
    bytes[1] = 2;
    assert_eq!(Packet::decode(&bytes).unwrap_err().class, ErrorClass::UnknownCritical);
    assert_eq!(Packet::decode(&[]).unwrap_err().class, ErrorClass::Truncated);
    assert_eq!(Packet::decode(&[9; 40]).unwrap_err().class, ErrorClass::UnknownCritical);
    assert_eq!(Packet::decode(&[4; MIN_SEALED - 1]).unwrap_err().class, ErrorClass::Truncated);
    assert_eq!(Packet::decode(&[4; MAX_PACKET + 1]).unwrap_err().class, ErrorClass::Trailing);
    assert!(Packet::decode(&[4; MIN_SEALED]).is_ok());
}

/// Uniform in bit length, with the edges.
fn by_bit_length() -> impl Strategy<Value = u64> {
    prop_oneof![(0u32..64, any::<u64>()).prop_map(|(b, v)| v >> b), Just(0), Just(1), Just(u64::MAX)]
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_canonical(ty in any::<u8>(), body in proptest::collection::vec(any::<u8>(), 0..120)) {
        let mut bytes = vec![ty, body.len() as u8, 0];
        bytes.extend(&body);
        prop_assert!(canonical(&bytes, reencode_frame));
        prop_assert!(canonical(&bytes, reencode_record));
    }

    #[test]
    fn quotes_of_every_magnitude_survive(nonce in by_bit_length(), start_us in by_bit_length(), price in by_bit_length()) {
        let quote = Quote { intent: &[1; 32], nonce, start_us, finish_us: start_us, price, quality: 3, tail: Tail::default() };
        let mut buf = [0; 200];
        let n = encode_frame(&quote, &mut &mut buf[..]).unwrap();
        prop_assert_eq!(Frame::decode(&buf[..n]).unwrap().0, Frame::Quote(quote));
    }

    #[test]
    fn minifloats_are_monotone_and_close(q in by_bit_length()) {
        let f = Minifloat::floor(q).quantity();
        let q = q.min(Minifloat::MAX);
        prop_assert!(f <= q && (q - f) * 2048 <= q + 2048);
    }
}

#[test]
fn every_minifloat_code_is_its_own_floor() {
    for code in 0..=u16::MAX {
        assert_eq!(Minifloat::floor(Minifloat(code).quantity()), Minifloat(code));
    }
    assert!((0..=2048).all(|q| Minifloat::floor(q).quantity() == q), "exact up to 2,048");
    assert_eq!(Minifloat(u16::MAX).quantity(), Minifloat::MAX);
}
