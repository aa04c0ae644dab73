//! Properties that hold for every message.

mod arbitrary;
#[cfg(feature = "serde")]
mod json;

use arbitrary::by_bit_length;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;

/// A few of what a strategy makes, always the same.
fn some(strategy: impl Strategy<Value = Vec<u8>>) -> Vec<Vec<u8>> {
    let mut runner = TestRunner::deterministic();
    (0..4).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// Samples of every frame type and of one that nobody knows.
fn samples() -> Vec<Vec<u8>> {
    let known = FrameType::ALL.iter().flat_map(|ty| some(arbitrary::frame(*ty)));
    known.chain([vec![0xe1, 2, 0, 1, 2]]).collect()
}

/// Samples of every record type.
fn records() -> Vec<Vec<u8>> {
    RecordType::ALL.iter().flat_map(|ty| some(arbitrary::record(*ty))).collect()
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
    let tail = Tail::new(&[1, 0, 2, 0, 9, 9, 3, 0, 0, 0]).unwrap();
    let mut ping = [0; 21];
    assert_eq!(encode_frame(&Ping { nonce: 1, view: 2, tail }, &mut &mut ping[..]), Ok(21));
    assert_eq!(Frame::decode(&ping[..17]).unwrap_err().class, ErrorClass::Truncated);
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
    let hello =
        Packet::Hello(Hello { version: VERSION, suite: SUITE, network: 9, sender: 4, noise: &noise, cookie: &[7; 16] });
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

proptest! {
    #[test]
    fn any_bytes_are_refused_or_canonical(ty in any::<u8>(), body in proptest::collection::vec(any::<u8>(), 0..120)) {
        let mut bytes = vec![ty, body.len() as u8, 0];
        bytes.extend(&body);
        prop_assert!(canonical(&bytes, reencode_frame));
        prop_assert!(canonical(&bytes, reencode_record));
    }

    #[test]
    fn minifloats_are_monotone_and_close(q in by_bit_length(8)) {
        let f = Minifloat::floor(q).quantity();
        let q = q.min(Minifloat::MAX);
        prop_assert!(f <= q && (q - f) * 2048 <= q + 2048);
    }
}

/// One property for each message: what its declaration can state is accepted and re-encodes to itself.
fn holds_for_all<S: Strategy<Value = Vec<u8>>>(name: &str, strategy: S, reencode: fn(&[u8]) -> Option<Vec<u8>>) {
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&strategy, |bytes| {
        prop_assert_eq!(reencode(&bytes), Some(bytes.clone()));
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            prop_assert_eq!(reencode(&bytes[..at]), None);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|e| panic!("{name}: {e}"));
}

#[test]
fn every_value_of_every_frame_survives() {
    FrameType::ALL.iter().for_each(|ty| holds_for_all(ty.name, arbitrary::frame(*ty), reencode_frame));
}

#[test]
fn every_value_of_every_record_survives() {
    RecordType::ALL.iter().for_each(|ty| holds_for_all(ty.name, arbitrary::record(*ty), reencode_record));
}

#[test]
fn no_field_is_named_like_a_part_around_it() {
    let around = ["type", "length", "body", "author", "sequence", "expires", "signature", "tail", "item"];
    let records = RecordType::ALL.iter().flat_map(|t| t.fields.iter().map(|f| (t.name, f.name)));
    let frames = FrameType::ALL.iter().flat_map(|t| t.fields.iter().map(|f| (t.name, f.name)));
    let taken: Vec<_> = records.filter(|(_, field)| around.contains(field)).collect();
    assert_eq!(taken, []);
    let around = ["type", "length", "body", "tail", "item"];
    let taken: Vec<_> = frames.filter(|(_, field)| around.contains(field)).collect();
    assert_eq!(taken, []);
}

#[test]
fn names_of_capabilities_have_one_spelling() {
    let name = Name::new("text.summarize/12").unwrap();
    assert_eq!((name.path(), name.version()), ("text.summarize", 12));
    for good in ["a/1", "a-b.c0/65535", "0.1.2/3"] {
        assert!(Name::new(good).is_some(), "{good}");
    }
    let long = [&"a".repeat(254), "/1"].concat();
    for bad in [
        "", "a", "/1", "a/", "a/0", "a/01", "a/+1", "a/65536", "A/1", "a..b/1", ".a/1", "a-/1", "-a/1", "a/1/2",
        "a b/1", &long,
    ] {
        assert!(Name::new(bad).is_none(), "{bad}");
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

// spec: WIRE-044 0087
#[cfg(feature = "alloc")]
#[test]
fn a_view_that_breaks_a_rule_is_not_taken_over() {
    let tail = Tail::default();
    let rising = [3, 4];
    let want = |aliases| FrameBuf::new(&Frame::Want(Want { aliases, tail }));
    assert!(want(List::new(&rising)).is_ok());
    assert_eq!(want(List::new(&[4, 3])), Err(BufferFull));
    let certificate = Certificate { subject: 1, incarnation: 1, accusers: List::default(), tail };
    assert_eq!(FrameBuf::new(&Frame::Certificate(certificate)), Err(BufferFull));
    assert_eq!(FrameBuf::new(&Frame::Ignored { ty: 2, body: &[0; 8] }), Err(BufferFull), "that is a ping");
    let mut frame = want(List::new(&rising)).unwrap().into_bytes();
    frame.push(0);
    assert_eq!(FrameBuf::from_bytes(frame).map_err(|e| (e.class, e.at)), Err((ErrorClass::Trailing, 13)));
}

#[test]
fn a_broken_rule_is_told_at_the_end_of_the_body_behind_its_tail() {
    let empty = [&[0x12, 14, 0][..], &[0; 10], &[1, 0, 0, 0]].concat();
    assert_eq!(
        Frame::decode(&empty).map_err(|e| (e.class, e.at, e.what)),
        Err((ErrorClass::Range, 17, "fragment bounds"))
    );
}

#[test]
fn an_array_lies_alike_borrowed_and_owned() {
    let mut out = [0; 8];
    assert!(Field::put(&&[7_u8; 4], &mut &mut out[..]).is_ok() && Field::put(&[9_u8; 4], &mut &mut out[4..]).is_ok());
    assert_eq!((out, Field::size(&&[7_u8; 4]), Field::size(&[9_u8; 4])), ([7, 7, 7, 7, 9, 9, 9, 9], 4, 4));
}

#[test]
fn a_shape_knows_its_least_width() {
    let fixed = [Shape::Uint(4), Shape::Bytes(32), Shape::Flag, Shape::Minifloat, Tier::SHAPE].map(Shape::least);
    assert_eq!(fixed, [4, 32, 1, 2, 1]);
    let open = [Shape::Bytes8, Shape::Bytes16, Shape::Name, Shape::Tail, <List<'_, u32>>::SHAPE].map(Shape::least);
    assert_eq!(open, [1, 2, 1, 0, 2]);
    assert_eq!(<List<'_, ContextRef>>::SHAPE.least(), 1);
    assert_eq!(crate::message::least(LoadAdvert::FIELDS), 21);
}

#[test]
fn a_list_shows_its_items() {
    assert_eq!(format!("{:?}", List::new(&[1, 2])), "[1, 2]");
}

#[test]
fn hashes_are_ordered_by_their_bytes() {
    let (zero, mut other) = ([0; 32], [0; 32]);
    assert!(!message::before(&zero, &other));
    for i in 0..32 {
        other[i] = 1;
        assert!(message::before(&zero, &other) && !message::before(&other, &zero), "byte {i}");
        let mut third = [255; 32];
        third[..=i].copy_from_slice(&zero[..=i]);
        assert!(message::before(&third, &other) && !message::before(&other, &third), "byte {i}");
        other[i] = 0;
    }
}
