//! Project Wycheproof's vectors (tests/data/SOURCES.md), every case of them.

use chacha20poly1305::Nonce;
use serde_json::Value;

use super::super::super::Crypto;
use super::super::{DEFAULT, noise_nonce, open_under, seal_under};
use super::bytes;

/// Calls `decide` with every group and case of a file, and returns how many there were.
fn each(file: &str, mut decide: impl FnMut(&Value, &Value)) -> usize {
    let file: Value = serde_json::from_str(file).unwrap();
    let mut count = 0;
    for group in file["testGroups"].as_array().unwrap() {
        for case in group["tests"].as_array().unwrap() {
            decide(group, case);
            count += 1;
        }
    }
    assert_eq!(file["numberOfTests"], count);
    count
}

fn field(case: &Value, name: &str) -> alloc::vec::Vec<u8> {
    bytes(case[name].as_str().unwrap())
}

/// What Wycheproof calls acceptable has one meaning here: a result of zero is refused, whatever the key; every other
/// is computed, be the key on the twist or not reduced.
#[test]
fn x25519() {
    let (mut shared, mut refused) = (0, 0);
    each(include_str!("../../../../tests/data/wycheproof_x25519_test.json"), |_, case| {
        let [secret, public, expected] = ["private", "public", "shared"].map(|name| field(case, name));
        let expected: [u8; 32] = expected.try_into().unwrap();
        let got = DEFAULT.dh(&secret.try_into().unwrap(), &public.try_into().unwrap());
        let zero = expected == [0; 32];
        assert_eq!(got, (!zero).then_some(expected), "{}", case["tcId"]);
        assert!(!zero || case["result"] == "acceptable");
        *if zero { &mut refused } else { &mut shared } += 1;
    });
    assert_eq!((shared, refused), (487, 31));
}

// spec: ID-008 2c94
#[test]
fn ed25519() {
    let (mut accepted, mut refused, mut no_signature) = (0, 0, 0);
    each(include_str!("../../../../tests/data/wycheproof_ed25519_test.json"), |group, case| {
        let public = field(&group["publicKey"], "pk").try_into().unwrap();
        // A signature of another length cannot be asked about: the type refuses it.
        let Ok(signature) = field(case, "sig").try_into() else {
            assert_eq!(case["result"], "invalid");
            no_signature += 1;
            return;
        };
        let holds = DEFAULT.verify(&public, &field(case, "msg"), &signature);
        assert_eq!(holds, case["result"] == "valid", "{}", case["tcId"]);
        *if holds { &mut accepted } else { &mut refused } += 1;
    });
    assert_eq!((accepted, refused, no_signature), (88, 51, 12));
}

#[test]
fn chacha20_poly1305() {
    let (mut opened, mut refused, mut no_nonce) = (0, 0, 0);
    each(include_str!("../../../../tests/data/wycheproof_chacha20_poly1305_test.json"), |_, case| {
        let [key, iv, ad, text, sealed, tag] = ["key", "iv", "aad", "msg", "ct", "tag"].map(|name| field(case, name));
        let Ok(nonce) = <[u8; 12]>::try_from(iv) else {
            assert_eq!(case["result"], "invalid");
            no_nonce += 1;
            return;
        };
        let (key, nonce): ([u8; 32], Nonce) = (key.try_into().unwrap(), nonce.into());
        let mut buf = sealed.clone();
        // All tags that are wrong have the right length.
        let tag: [u8; 16] = tag.try_into().unwrap();
        if case["result"] == "valid" {
            assert!(open_under(&key, &nonce, &ad, &mut buf, &tag), "{}", case["tcId"]);
            assert_eq!(buf, text, "{}", case["tcId"]);
            assert_eq!(seal_under(&key, &nonce, &ad, &mut buf), tag, "{}", case["tcId"]);
            assert_eq!(buf, sealed, "{}", case["tcId"]);
            opened += 1;
        } else {
            assert!(!open_under(&key, &nonce, &ad, &mut buf, &tag), "{}", case["tcId"]);
            assert_eq!(buf, sealed, "a refusal decrypts nothing");
            refused += 1;
        }
    });
    assert_eq!((opened, refused, no_nonce), (256, 60, 9));
    assert_eq!(noise_nonce(0x0102), Nonce::from([0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0]));
}

/// Seeds and ciphertexts of another length cannot be handed in.
#[test]
fn mlkem_768() {
    let (mut decided, mut of_another_length) = (0, 0);
    each(include_str!("../../../../tests/data/wycheproof_mlkem_768_test.json"), |_, case| {
        let (Ok(seed), Ok(ciphertext)) = (field(case, "seed").try_into(), field(case, "c").try_into()) else {
            assert_eq!(case["result"], "invalid", "{}", case["tcId"]);
            of_another_length += 1;
            return;
        };
        decided += 1;
        assert_eq!(case["result"], "valid", "{}", case["tcId"]);
        assert_eq!(DEFAULT.kem_public(&seed).unwrap()[..], field(case, "ek"), "{}", case["tcId"]);
        assert_eq!(DEFAULT.kem_decapsulate(&seed, &ciphertext).unwrap()[..], field(case, "K"), "{}", case["tcId"]);
    });
    assert_eq!((decided, of_another_length), (153, 40));
}

#[test]
fn a_kem_secret_is_shared_and_a_key_that_is_none_is_refused() {
    let public = DEFAULT.kem_public(&[7; 64]).unwrap();
    let (ciphertext, secret) = DEFAULT.kem_encapsulate(&public, &[9; 32]).unwrap();
    assert_eq!(DEFAULT.kem_decapsulate(&[7; 64], &ciphertext), Some(secret));
    assert_ne!(DEFAULT.kem_decapsulate(&[8; 64], &ciphertext), Some(secret));
    // A coefficient above the modulus (FIPS 203, section 7.2).
    let mut wrong = public;
    wrong[..2].fill(0xff);
    assert!(DEFAULT.kem_encapsulate(&wrong, &[9; 32]).is_none());
}
