//! Power loss at any moment, also between a write and its acknowledgement: no sequence, incarnation or
//! lease epoch is ever signed twice for different things.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use mindos_wire::{Certificate, Endorsement, List, Tail};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::super::*;
use super::net::{Link, MS, Net, S};
use super::{alias, capacity, request};
use crate::crypto::{Crypto, DEFAULT};
use crate::identity::{Identity, Statement};
use crate::outbox::frame;

/// The default provider; writes down what is signed, and in which run of the node that crashes.
struct Notary {
    run: AtomicU32,
    signed: Mutex<Vec<Signed>>,
}

/// Run, signer, message.
type Signed = (u32, [u8; 32], Vec<u8>);

impl Notary {
    fn leak() -> &'static Self {
        Box::leak(Box::new(Self { run: AtomicU32::new(0), signed: Mutex::default() }))
    }
}

impl Crypto for Notary {
    fn hash(&self, parts: &[&[u8]]) -> [u8; 32] {
        DEFAULT.hash(parts)
    }

    fn derive(&self, context: &'static str, material: &[&[u8]]) -> [u8; 32] {
        DEFAULT.derive(context, material)
    }

    fn expand(&self, key: &[u8; 32], counter: u64, out: &mut [u8]) {
        DEFAULT.expand(key, counter, out);
    }

    fn dh_public(&self, secret: &[u8; 32]) -> [u8; 32] {
        DEFAULT.dh_public(secret)
    }

    fn dh(&self, secret: &[u8; 32], public: &[u8; 32]) -> Option<[u8; 32]> {
        DEFAULT.dh(secret, public)
    }

    fn seal(&self, key: &[u8; 32], nonce: u64, ad: &[u8], buf: &mut [u8]) -> [u8; 16] {
        DEFAULT.seal(key, nonce, ad, buf)
    }

    fn open(&self, key: &[u8; 32], nonce: u64, ad: &[u8], buf: &mut [u8], tag: &[u8; 16]) -> bool {
        DEFAULT.open(key, nonce, ad, buf, tag)
    }

    fn sign_public(&self, seed: &[u8; 32]) -> [u8; 32] {
        DEFAULT.sign_public(seed)
    }

    fn sign(&self, seed: &[u8; 32], message: &[u8]) -> [u8; 64] {
        let signer = DEFAULT.sign_public(seed);
        self.signed.lock().unwrap().push((self.run.load(Ordering::Relaxed), signer, message.to_vec()));
        DEFAULT.sign(seed, message)
    }

    fn verify(&self, public: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        DEFAULT.verify(public, message, signature)
    }
}

fn u32_at(message: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(message[at..at + 4].try_into().unwrap())
}

fn u64_at(message: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(message[at..at + 8].try_into().unwrap())
}

/// What one node signed over all its runs: numbers of each kind, each with what it was used for.
#[derive(Default)]
struct Used {
    sequences: BTreeMap<u64, Vec<u8>>,
    epochs: BTreeMap<u64, Vec<u8>>,
    incarnations: BTreeMap<u32, u32>,
}

/// Reads the statements of a signer (spec 03; its X25519 key begins the body of its beacons) and refuses a number used for two things.
fn used(notary: &Notary, signer: &Identity) -> Result<Used, String> {
    const LABEL: usize = 16 + 4;
    const RECORD_BODY: usize = LABEL + 3 + 32 + 8 + 8;
    let mut used = Used::default();
    for (run, by, message) in notary.signed.lock().unwrap().iter().filter(|s| s.1 == signer.id.0) {
        let label = String::from_utf8_lossy(&message[..16]).into_owned();
        let mut incarnation = None;
        if label.starts_with("mindos/record/1") {
            assert_eq!(message[LABEL + 3..LABEL + 35], by[..], "the author");
            let sequence = u64_at(message, LABEL + 35);
            let before = used.sequences.insert(sequence, message.clone());
            if before.is_some_and(|b| b != *message) {
                return Err(format!("sequence {sequence} is used twice"));
            }
            let is_beacon = message[RECORD_BODY..].starts_with(&signer.x25519_public);
            incarnation = is_beacon.then(|| u32_at(message, RECORD_BODY + 32));
        } else if label.starts_with("mindos/alive/1") {
            incarnation = Some(u32_at(message, LABEL + 4 + 32));
        } else if label.starts_with("mindos/lease/1") {
            let epoch = u64_at(message, LABEL + 64);
            let before = used.epochs.insert(epoch, message.clone());
            if before.is_some_and(|b| b != *message) {
                return Err(format!("epoch {epoch} is used twice"));
            }
        }
        if let Some(incarnation) = incarnation {
            let before = used.incarnations.insert(incarnation, *run);
            if before.is_some_and(|b| b != *run) {
                return Err(format!("incarnation {incarnation} is used in two runs"));
            }
        }
    }
    Ok(used)
}

/// Two members say that node 0 is down: it refutes.
fn provoke(net: &mut Net) {
    let incarnation = net.node(0).leaf().incarnation();
    let subject = net.hosts[0].id;
    let statement = Statement::Accuse { epoch: 0, subject, incarnation };
    let mut accusers: Vec<Endorsement> = [1, 2]
        .map(|h| Endorsement { accuser: alias(&net.hosts[h].id), signature: net.node(h).identity.sign(&statement) })
        .to_vec();
    accusers.sort_by_key(|e| (e.accuser, e.signature));
    let accusers = List::new(&accusers);
    let frames = frame(&Certificate { subject: alias(&subject), incarnation, accusers, tail: Tail::default() });
    net.send_raw(1, 0, frames);
}

#[derive(Clone, Debug)]
struct Run {
    lives_ms: u64,
    provoked: bool,
    /// Of the writes under way at the power loss, this many reach the disk.
    kept: usize,
    away_ms: u64,
}

fn runs() -> impl Strategy<Value = (Vec<Run>, u64, u64)> {
    let lives = prop_oneof![0u64..120, 100u64..3_000, 2_000u64..7_000];
    let run = (lives, any::<bool>(), 0usize..4, 1u64..4_000).prop_map(|(lives_ms, provoked, kept, away_ms)| Run {
        lives_ms,
        provoked,
        kept,
        away_ms,
    });
    (prop::collection::vec(run, 2..6), 1u64..200, any::<u64>())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 40,
        rng_seed: RngSeed::Fixed(0x6d65_7368),
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn a_node_that_crashes_anywhere_reuses_no_sequence_incarnation_or_epoch((runs, disk_ms, seed) in runs()) {
        let notary = Notary::leak();
        let mut net = Net::with_crypto(4, seed, Link::CLEAN, notary);
        net.disk_us = 1 + disk_ms * MS;
        net.join_all();
        net.run(4 * S);
        for host in 1..4 {
            net.command(host, Command::SetCapacity(capacity(1)));
        }
        for run in &runs {
            let end = net.now + run.lives_ms * MS;
            while net.now < end {
                let _ = net.submit(0, request(b"abc"));
                if run.provoked && net.node(0).leaf().incarnation() > 0 && net.is_connected(1, 0) {
                    provoke(&mut net);
                }
                net.run((end - net.now).min(700 * MS));
            }
            net.kill_while_writing(0, run.kept);
            net.run(run.away_ms * MS);
            notary.run.fetch_add(1, Ordering::Relaxed);
            net.start(0);
            net.join(0, 1);
        }
        net.run(10 * S);
        let used = used(notary, &Identity::new(&DEFAULT, net.secret(0), 7));
        prop_assert!(used.is_ok(), "{:?}", used.err());
        let used = used.unwrap_or_default();
        prop_assert!(used.sequences.len() >= runs.len(), "{} sequences", used.sequences.len());
        prop_assert!(!used.incarnations.is_empty());
        prop_assert!(net.node(0).leaf().incarnation() > 0, "it is back");
    }
}

#[test]
fn the_notary_sees_leases_refutations_and_beacons() {
    let notary = Notary::leak();
    let mut net = Net::with_crypto(4, 5, Link::CLEAN, notary);
    net.join_all();
    net.run(4 * S);
    for host in 1..4 {
        net.command(host, Command::SetCapacity(capacity(1)));
    }
    net.run(8 * S);
    net.submit(0, request(b"abc")).unwrap();
    provoke(&mut net);
    net.run(5 * S);
    let used = used(notary, &Identity::new(&DEFAULT, net.secret(0), 7)).unwrap();
    assert_eq!(used.sequences.len(), 2, "a beacon and an intent");
    assert_eq!(used.epochs.keys().collect::<Vec<_>>(), [&1]);
    assert_eq!(used.incarnations.keys().collect::<Vec<_>>(), [&1, &2]);
}
