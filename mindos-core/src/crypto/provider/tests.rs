mod strict;
mod wycheproof;

use alloc::vec::Vec;

use super::super::Crypto;
use super::{DEFAULT, is_reduced};

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn array<const N: usize>(hex: &str) -> [u8; N] {
    bytes(hex).try_into().unwrap()
}

#[test]
fn blake3_of_nothing_and_of_parts() {
    let empty = array("af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262");
    assert_eq!(DEFAULT.hash(&[]), empty);
    assert_eq!(DEFAULT.hash(&[b"", b""]), empty);
    assert_eq!(DEFAULT.hash(&[b"ab", b"", b"c"]), DEFAULT.hash(&[b"abc"]));
}

#[test]
fn blake3_modes_are_those_of_the_crate() {
    let context = "MindOS 2026 test of derive";
    assert_eq!(DEFAULT.derive(context, &[b"key", b" material"]), blake3::derive_key(context, b"key material"));
    assert_ne!(DEFAULT.derive(context, &[b"abc"]), DEFAULT.hash(&[b"abc"]));

    let (key, counter) = ([7; 32], 0x0102_0304_0506_0708);
    let mut long = [0; 200];
    DEFAULT.expand(&key, counter, &mut long);
    let mut expected = [0; 200];
    let mut keyed = blake3::Hasher::new_keyed(&key);
    keyed.update(&[8, 7, 6, 5, 4, 3, 2, 1]);
    keyed.finalize_xof().fill(&mut expected);
    assert_eq!(long, expected);

    let mut short = [0; 33];
    DEFAULT.expand(&key, counter, &mut short);
    assert_eq!(short, expected[..33], "a shorter output is a prefix");
}

/// RFC 7748, sections 5.2 and 6.1.
#[test]
fn x25519_of_the_rfc() {
    let product = DEFAULT.dh(
        &array("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
        &array("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"),
    );
    let expected = array("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
    assert_eq!(product, Some(expected));

    let alice = array("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    let alice_public = array("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    let bob = array("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    let bob_public = array("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    let shared = array("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    assert_eq!(DEFAULT.dh_public(&alice), alice_public);
    assert_eq!(DEFAULT.dh_public(&bob), bob_public);
    assert_eq!(DEFAULT.dh(&alice, &bob_public), Some(shared));
    assert_eq!(DEFAULT.dh(&bob, &alice_public), Some(shared));
}

#[test]
fn x25519_refuses_points_of_low_order() {
    let secret = [0x5a; 32];
    for point in [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ] {
        let mut public: [u8; 32] = array(point);
        assert_eq!(DEFAULT.dh(&secret, &public), None, "{point}");
        public[31] |= 0x80;
        assert_eq!(DEFAULT.dh(&secret, &public), None, "{point} with the ignored bit");
    }
}

/// RFC 8439, appendix A.5: the one whose nonce starts with four zero bytes.
#[test]
fn aead_of_the_rfc() {
    let key = array("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0");
    let nonce = u64::from_le_bytes([1, 2, 3, 4, 5, 6, 7, 8]);
    let ad = bytes("f33388860000000000004e91");
    let tag = array("eead9d67890cbb22392336fea1851f38");
    let ciphertext = bytes(concat!(
        "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb2",
        "4c6cfc18755d43eea09ee94e382d26b0bdb7b73c321b0100d4f03b7f355894cf",
        "332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c855",
        "9797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4",
        "b9166c767b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523e",
        "af4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a",
        "0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a10",
        "49e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29",
        "a6ad5cb4022b02709b",
    ));

    let mut buf = ciphertext.clone();
    assert!(DEFAULT.open(&key, nonce, &ad, &mut buf, &tag));
    assert!(buf.starts_with(b"Internet-Drafts are draft documents valid for a maximum of six"));
    assert_eq!(DEFAULT.seal(&key, nonce, &ad, &mut buf), tag);
    assert_eq!(buf, ciphertext);

    assert!(!DEFAULT.open(&key, nonce + 1, &ad, &mut buf, &tag));
    assert!(!DEFAULT.open(&key, nonce, &ad[1..], &mut buf, &tag));
    for at in 0..16 {
        let mut forged: [u8; 16] = tag;
        forged[at] ^= 1;
        assert!(!DEFAULT.open(&key, nonce, &ad, &mut buf, &forged));
    }
    assert_eq!(buf, ciphertext, "a refusal decrypts nothing");
}

/// RFC 8032, section 7.1, tests 1 and 3.
#[test]
fn ed25519_of_the_rfc() {
    let cases = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            concat!(
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155",
                "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
            ),
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            concat!(
                "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac",
                "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
            ),
        ),
    ];
    for (seed, public, message, signature) in cases {
        let (seed, public, message) = (array(seed), array(public), bytes(message));
        let signature: [u8; 64] = array(signature);
        assert_eq!(DEFAULT.sign_public(&seed), public);
        assert_eq!(DEFAULT.sign(&seed, &message), signature);
        assert!(DEFAULT.verify(&public, &message, &signature));
        assert!(!DEFAULT.verify(&public, b"another", &signature));
        for at in 0..64 {
            let mut forged = signature;
            forged[at] ^= 1;
            assert!(!DEFAULT.verify(&public, &message, &forged));
        }
    }
}

// spec: ID-008 2c94
#[test]
fn ed25519_keys_have_one_encoding() {
    // p - 1 is the last reduced value; p, p + 1 and 2^255 - 1 are not, whatever the sign bit says.
    let mut point = [0xff; 32];
    for (low, high, reduced) in [
        (0xec, 0x7f, true),
        (0xec, 0xff, true),
        (0xed, 0x7f, false),
        (0xed, 0xff, false),
        (0xee, 0x7f, false),
        (0xff, 0xff, false),
        (0xff, 0x7e, true),
    ] {
        (point[0], point[31]) = (low, high);
        assert_eq!(is_reduced(&point), reduced, "{low:02x}..{high:02x}");
    }
    point = [0xff; 32];
    point[17] = 0xfe;
    assert!(is_reduced(&point));
}
