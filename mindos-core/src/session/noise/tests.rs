use alloc::format;
use alloc::vec::Vec;

use blake2::{Blake2s256, Digest};
use serde_json::Value;

use super::{Blake3, Handshake, Hash, KeyPair, MAX_MESSAGE, MAX_PAYLOAD, NoiseError, TransportKey};
use crate::crypto::{Crypto, DEFAULT};

/// The hash of the public vectors and of the oracle.
enum Blake2s {}

impl Hash for Blake2s {
    const NAME: &'static str = "BLAKE2s";
    const BLOCK: usize = 64;

    fn hash(_: &dyn Crypto, parts: &[&[u8]]) -> [u8; 32] {
        let mut hasher = Blake2s256::new();
        parts.iter().for_each(|part| hasher.update(part));
        hasher.finalize().into()
    }
}

/// A labelled stream of test bytes: fixed seeds, the same cases on every run.
struct Stream(u64);

impl Stream {
    fn bytes(&mut self, len: usize) -> Vec<u8> {
        let mut bytes = Vec::from_iter((0..len).map(|_| 0));
        DEFAULT.expand(&[0x6e; 32], self.0, &mut bytes);
        self.0 += 1;
        bytes
    }

    fn key(&mut self) -> [u8; 32] {
        self.bytes(32).try_into().unwrap()
    }

    fn below(&mut self, bound: usize) -> usize {
        u32::from_le_bytes(self.bytes(4).try_into().unwrap()) as usize % bound
    }
}

fn hex(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap();
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn write<H: Hash>(side: &mut Handshake<H>, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::from(*b"kept");
    side.write(payload, &mut out).unwrap();
    assert_eq!(out[..4], *b"kept", "write appends");
    out.split_off(4)
}

fn seal(key: &TransportKey, counter: u64, payload: &[u8]) -> Vec<u8> {
    let mut packet = payload.to_vec();
    let tag = key.seal(&DEFAULT, counter, &[], &mut packet);
    packet.extend(tag);
    packet
}

fn open(key: &TransportKey, counter: u64, packet: &[u8]) -> Option<Vec<u8>> {
    let (body, tag) = packet.split_last_chunk()?;
    let mut buf = body.to_vec();
    key.open(&DEFAULT, counter, &[], &mut buf, tag).then_some(buf)
}

fn pair<H: Hash>(stream: &mut Stream, ik: bool) -> [Handshake<H>; 2] {
    let (ours, theirs) = (KeyPair::new(&DEFAULT, stream.key()), KeyPair::new(&DEFAULT, stream.key()));
    let (e, f, prologue): (_, _, &[&[u8]]) = (stream.key(), stream.key(), &[b"pro", b"", b"logue"]);
    if ik {
        let initiator = Handshake::ik_initiator(&DEFAULT, prologue, &ours, e, theirs.public());
        [initiator, Handshake::ik_responder(&DEFAULT, prologue, &theirs, f)]
    } else {
        let initiator = Handshake::initiator_with(&DEFAULT, prologue, &ours, e);
        [initiator, Handshake::responder_with(&DEFAULT, prologue, &theirs, f)]
    }
}

#[test]
fn public_vectors() {
    let file = include_str!("../../../tests/data/noise_25519_chachapoly.json");
    let file: Value = serde_json::from_str(file).unwrap();
    let mut patterns = Vec::new();
    for vector in file["vectors"].as_array().unwrap() {
        let key = |name: &str| -> [u8; 32] { hex(&vector[name]).try_into().unwrap() };
        let (ours, theirs) = (hex(&vector["init_prologue"]), hex(&vector["resp_prologue"]));
        let (ours, theirs) = ([&*ours], [&*theirs]);
        let statics = ["init_static", "resp_static"].map(|name| KeyPair::new(&DEFAULT, key(name)));
        let (e, f) = (key("init_ephemeral"), key("resp_ephemeral"));
        let mut sides: [Handshake<Blake2s>; 2] = match vector["protocol_name"].as_str().unwrap() {
            "Noise_XX_25519_ChaChaPoly_BLAKE2s" => [
                Handshake::initiator(&DEFAULT, &ours, key("init_static"), e),
                Handshake::responder(&DEFAULT, &theirs, key("resp_static"), f),
            ],
            "Noise_IK_25519_ChaChaPoly_BLAKE2s" => [
                Handshake::ik_initiator(&DEFAULT, &ours, &statics[0], e, key("init_remote_static")),
                Handshake::ik_responder(&DEFAULT, &theirs, &statics[1], f),
            ],
            name => panic!("unknown suite {name}"),
        };
        patterns.push(sides[0].pattern.name);

        let mut messages = vector["messages"].as_array().unwrap().iter();
        let mut sender = 0;
        while !sides[0].is_finished() {
            let message = messages.next().unwrap();
            let (payload, ciphertext) = (hex(&message["payload"]), hex(&message["ciphertext"]));
            assert_eq!(write(&mut sides[sender], &payload), ciphertext);
            assert_eq!(sides[1 - sender].read(&ciphertext), Ok(payload));
            sender = 1 - sender;
        }
        assert_eq!(sides[0].remote_static(), Some(statics[1].public()));
        assert_eq!(sides[1].remote_static(), Some(statics[0].public()));
        for side in &sides {
            assert_eq!(side.handshake_hash().as_slice(), hex(&vector["handshake_hash"]));
        }

        let keys = sides.map(|side| side.split().unwrap());
        let mut counters = [0; 2];
        for message in messages {
            let (payload, ciphertext) = (hex(&message["payload"]), hex(&message["ciphertext"]));
            let (send, receive) = (&keys[sender].0, &keys[1 - sender].1);
            assert_eq!(seal(send, counters[sender], &payload), ciphertext);
            assert_eq!(open(receive, counters[sender], &ciphertext), Some(payload));
            counters[sender] += 1;
            sender = 1 - sender;
        }
    }
    patterns.sort_unstable();
    assert_eq!(patterns, ["IK", "XX"]);
}

/// Any split of the prologue into parts is the same prologue; another prologue is another handshake.
#[test]
fn the_prologue_binds() {
    let mut stream = Stream(100);
    let (s, e, f) = (stream.key(), stream.key(), stream.key());
    let mut initiator: Handshake<Blake3> = Handshake::initiator(&DEFAULT, &[b"prologue"], s, e);
    let mut same: Handshake<Blake3> = Handshake::responder(&DEFAULT, &[b"pro", b"logue"], s, f);
    let mut other: Handshake<Blake3> = Handshake::responder(&DEFAULT, &[b"prologuE"], s, f);
    let first = write(&mut initiator, b"");
    same.read(&first).unwrap();
    other.read(&first).unwrap();
    assert_eq!(initiator.read(&write(&mut other, b"")), Err(NoiseError::Decrypt));
    assert_eq!(initiator.read(&write(&mut same, b"to you")), Ok(b"to you".to_vec()));
}

/// One handshake and ten transport messages against snow. The case alone decides the pattern, who initiates, every
/// secret, and all payloads, which are of at most `longest` bytes. Returns how many payload bytes went through.
fn against_snow(case: u64, longest: usize) -> usize {
    let (mut stream, we_initiate, ik) = (Stream(10_000 + case * 100), case.is_multiple_of(2), case % 4 < 2);
    let [s, e, t, f] = [stream.key(), stream.key(), stream.key(), stream.key()];
    let prologue_len = stream.below(100);
    let prologue = stream.bytes(prologue_len);
    let (ours, theirs) = (KeyPair::new(&DEFAULT, s), DEFAULT.dh_public(&t));
    let suite = format!("Noise_{}_25519_ChaChaPoly_BLAKE2s", if ik { "IK" } else { "XX" });

    let builder = snow::Builder::new(suite.parse().unwrap()).fixed_ephemeral_key_for_testing_only(&f);
    let builder = builder.prologue(&prologue).unwrap().local_private_key(&t).unwrap();
    let public = ours.public();
    let mut snow = match (we_initiate, ik) {
        (true, _) => builder.build_responder(),
        (false, true) => builder.remote_public_key(&public).unwrap().build_initiator(),
        (false, false) => builder.build_initiator(),
    }
    .unwrap();
    let parts = [&*prologue];
    let mut us: Handshake<Blake2s> = match (we_initiate, ik) {
        (true, true) => Handshake::ik_initiator(&DEFAULT, &parts, &ours, e, theirs),
        (true, false) => Handshake::initiator_with(&DEFAULT, &parts, &ours, e),
        (false, true) => Handshake::ik_responder(&DEFAULT, &parts, &ours, e),
        (false, false) => Handshake::responder_with(&DEFAULT, &parts, &ours, e),
    };

    let mut through = 0;
    let mut payload = || {
        let len = stream.below(longest + 1);
        through += len;
        stream.bytes(len)
    };
    let (mut buf, mut our_turn) = ([0; MAX_MESSAGE], we_initiate);
    while !us.is_finished() {
        let payload = payload();
        if our_turn {
            let message = write(&mut us, &payload);
            let len = snow.read_message(&message, &mut buf).unwrap();
            assert_eq!(buf[..len], payload, "case {case}");
        } else {
            let len = snow.write_message(&payload, &mut buf).unwrap();
            assert_eq!(us.read(&buf[..len]), Ok(payload), "case {case}");
        }
        our_turn = !our_turn;
    }
    assert!(snow.is_handshake_finished());
    assert_eq!(us.handshake_hash(), snow.get_handshake_hash(), "case {case}");
    assert_eq!(us.remote_static(), Some(theirs));
    assert_eq!(snow.get_remote_static(), Some(&public[..]));

    let (send, receive) = us.split().unwrap();
    let mut snow = snow.into_transport_mode().unwrap();
    for counter in 0..5 {
        let (there, back) = (payload(), payload());
        let len = snow.read_message(&seal(&send, counter, &there), &mut buf).unwrap();
        assert_eq!(buf[..len], there, "case {case}");
        let len = snow.write_message(&back, &mut buf).unwrap();
        assert_eq!(open(&receive, counter, &buf[..len]), Some(back), "case {case}");
    }
    through
}

/// Both patterns, both roles.
#[test]
fn interoperates_with_snow() {
    for case in 0..400 {
        against_snow(case, 1_000);
    }
    // Up to the longest payload, 65,439 bytes, which a transport message has room for, too.
    for case in 1_000_000..1_000_008 {
        against_snow(case, MAX_PAYLOAD);
    }
}

/// The campaign of CONTRIBUTING.md.
#[test]
#[ignore = "takes minutes"]
fn a_hundred_thousand_handshakes_against_snow() {
    let bytes: usize = (0..100_000).map(|case| against_snow(2_000_000 + case, 1_000)).sum();
    std::println!("100,000 handshakes, 1,000,000 transport messages, {bytes} bytes of payload");
}

/// What a refusal must not touch.
fn state<H: Hash>(side: &Handshake<H>) -> impl PartialEq + core::fmt::Debug + use<H> {
    let secrets = side.dangerous_intermediates();
    (secrets.h, secrets.ck, secrets.k, side.done, side.remote_static(), side.progress.remote_ephemeral)
}

/// Every truncation and every flipped bit of every message of both patterns. Only the payload of the
/// first XX message is not authenticated when it is read: there the next message is what fails.
#[test]
fn damaged_messages_are_refused_and_change_nothing() {
    for (ik, seed) in [(false, 1_000), (true, 2_000)] {
        let mut sides: [Handshake<Blake3>; 2] = pair(&mut Stream(seed), ik);
        let mut sender = 0;
        while !sides[0].is_finished() {
            let message = write(&mut sides[sender], b"payload");
            let clear = !ik && sides[sender].done == 1;
            let reader = &mut sides[1 - sender];
            let before = state(reader);
            for len in 0..if clear { 32 } else { message.len() } {
                let refusal = reader.read(&message[..len]).unwrap_err();
                assert!(matches!(refusal, NoiseError::ShortMessage | NoiseError::Decrypt));
                assert_eq!(state(reader), before);
            }
            for bit in 0..if clear { 0 } else { message.len() * 8 } {
                let mut forged = message.clone();
                forged[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(reader.read(&forged), Err(NoiseError::Decrypt), "bit {bit}");
                assert_eq!(state(reader), before);
            }
            let mut longer = message.clone();
            longer.push(0);
            if !clear {
                assert_eq!(reader.read(&longer), Err(NoiseError::Decrypt));
            }
            assert_eq!(reader.read(&message), Ok(b"payload".to_vec()), "the genuine one passes");
            sender = 1 - sender;
        }
        let [ours, theirs] = sides.map(|side| side.split().unwrap());
        assert_eq!(open(&theirs.1, 7, &seal(&ours.0, 7, b"through")), Some(b"through".to_vec()));
        assert_eq!(open(&ours.1, 7, &seal(&theirs.0, 7, b"back")), Some(b"back".to_vec()));
        assert_eq!(open(&ours.1, 7, &seal(&ours.0, 7, b"echo")), None, "a reflected packet");
    }
}

#[test]
fn a_damaged_first_message_ends_in_refusal() {
    let length = write(&mut pair::<Blake3>(&mut Stream(3_000), false)[0], b"payload").len();
    for at in 0..length {
        let [mut initiator, mut responder] = pair::<Blake3>(&mut Stream(3_000), false);
        let mut message = write(&mut initiator, b"payload");
        message[at] ^= 0x80;
        responder.read(&message).unwrap();
        let before = state(&initiator);
        assert_eq!(initiator.read(&write(&mut responder, b"")), Err(NoiseError::Decrypt));
        assert_eq!(state(&initiator), before);
    }
}

/// A third party that saw the first message answers it, quite properly, as itself.
#[test]
fn an_answer_by_somebody_else_changes_nothing() {
    let [mut initiator, mut responder] = pair::<Blake3>(&mut Stream(3_500), false);
    let expected = responder.local_static.public();
    let first = write(&mut initiator, b"");
    responder.read(&first).unwrap();
    let genuine = write(&mut responder, b"it is me");
    let [_, mut other] = pair::<Blake3>(&mut Stream(3_600), false);
    other.read(&first).unwrap();
    let forged = write(&mut other, b"it is me");

    let verify = |key: Option<[u8; 32]>, payload| {
        if key == Some(expected) { Ok(payload) } else { Err(NoiseError::Decrypt) }
    };
    let before = state(&initiator);
    assert_eq!(initiator.read_with(&forged, verify), Err(NoiseError::Decrypt));
    assert_eq!(state(&initiator), before);
    assert_eq!(initiator.read_with(&genuine, verify), Ok(b"it is me".to_vec()));
    assert_eq!(responder.read(&write(&mut initiator, b"")), Ok(Vec::new()));
}

#[test]
fn keys_of_low_order_are_refused() {
    let [mut initiator, mut responder] = pair::<Blake3>(&mut Stream(4_000), false);
    write(&mut initiator, b"");
    responder.read(&[0; 32]).unwrap();
    let (before, mut out) = (state(&responder), Vec::from(*b"kept"));
    assert_eq!(responder.write(b"", &mut out), Err(NoiseError::LowOrder));
    assert_eq!((out.as_slice(), state(&responder)), (b"kept".as_slice(), before));

    let mut reply = Vec::from([0; 32]);
    reply.extend([0; 64]);
    let before = state(&initiator);
    assert_eq!(initiator.read(&reply), Err(NoiseError::LowOrder));
    assert_eq!(state(&initiator), before);
}

#[test]
fn steps_out_of_turn_and_too_long_are_refused() {
    let [mut initiator, mut responder] = pair::<Blake3>(&mut Stream(5_000), false);
    let mut out = Vec::new();
    assert_eq!(initiator.read(&[0; 64]), Err(NoiseError::WrongTurn));
    assert_eq!(responder.write(b"", &mut out), Err(NoiseError::WrongTurn));
    let long = Vec::from_iter((0..=MAX_MESSAGE).map(|_| 0));
    assert_eq!(initiator.write(&long[..MAX_PAYLOAD + 1], &mut out), Err(NoiseError::TooLong));
    assert_eq!(responder.read(&long), Err(NoiseError::TooLong));
    assert!(out.is_empty());

    responder.read(&write(&mut initiator, b"")).unwrap();
    assert_eq!(initiator.write(b"", &mut out), Err(NoiseError::WrongTurn));
    let largest = write(&mut responder, &long[..MAX_PAYLOAD]);
    assert_eq!(largest.len(), MAX_MESSAGE);
    assert!(initiator.read(&largest).is_ok());
    let [unfinished, _] = pair::<Blake3>(&mut Stream(5_000), false);
    assert_eq!(unfinished.split().unwrap_err(), NoiseError::WrongTurn);
    responder.read(&write(&mut initiator, b"")).unwrap();
    assert_eq!(responder.read(&[0; 64]), Err(NoiseError::WrongTurn));
    assert_eq!(responder.write(b"", &mut out), Err(NoiseError::WrongTurn));
}

#[test]
fn derived_keys_differ_by_direction_context_and_material() {
    let key = || TransportKey::from_bytes([9; 32]);
    let next = key().derive(&DEFAULT, "MindOS 2026 test of rekeying", b"");
    let packet = seal(&next, 1, b"payload");
    assert_eq!(open(&next, 1, &packet), Some(b"payload".to_vec()));
    assert_eq!(open(&key(), 1, &packet), None);
    assert_eq!(open(&key().derive(&DEFAULT, "MindOS 2026 another test", b""), 1, &packet), None);
    let mixed = key().derive(&DEFAULT, "MindOS 2026 test of rekeying", b"secret");
    assert_eq!(open(&mixed, 1, &packet), None);
}

#[test]
fn debug_prints_no_secret() {
    let secret = KeyPair::new(&DEFAULT, [0x77; 32]);
    let side: Handshake<Blake3> = Handshake::initiator_with(&DEFAULT, &[], &secret, [0x77; 32]);
    let text =
        format!("{side:?}{secret:?}{:?}{:?}", TransportKey::from_bytes([0x77; 32]), side.dangerous_intermediates());
    assert!(!text.contains("119, 119") && !text.contains("77"), "{text}");
}
