//! Chapter 03: who is taken into a leaf with roots.

use mindos_core::cost::{self, CostProof};
use mindos_core::crypto::DEFAULT;
use mindos_core::wire::{Record, RecordBody};
use mindos_core::{Command, DropReason, Handled, Input, NodeId, Restored, Voucher};

use crate::bench::{Bench, NODE, skill};
use crate::peer::{NETWORK, Peer, Service, hash, signed};

pub(crate) const ROOT: [u8; 32] = [9; 32];
const BITS: u8 = 8;
/// In 2026; expiry dates of these peers lie later.
pub(crate) const NOW: u64 = 1_795_000_000;
pub(crate) const UNTIL: u64 = NOW + 1_000;

pub(crate) fn root() -> NodeId {
    Peer::with_seed(0, ROOT).id()
}

/// A node with one root, on its own vouched for, that knows the time.
pub(crate) fn rooted(n: u32) -> Bench {
    rooted_with(n, &Restored::new())
}

/// The same, with what an earlier run persisted.
pub(crate) fn rooted_with(n: u32, restored: &Restored) -> Bench {
    let mut b = started(n, restored);
    b.input(Input::WallClock { unix_s: NOW });
    b
}

fn clockless(n: u32) -> Bench {
    started(n, &Restored::new())
}

fn started(n: u32, restored: &Restored) -> Bench {
    placed(n, restored, 1_024)
}

/// The same as [`rooted_with`], with room for so many members.
pub(crate) fn rooted_in(n: u32, restored: &Restored, places: usize) -> Bench {
    let mut b = placed(n, restored, places);
    b.input(Input::WallClock { unix_s: NOW });
    b
}

fn placed(n: u32, restored: &Restored, places: usize) -> Bench {
    Bench::configured(n, restored, true, |config| {
        (config.roots, config.cost_bits, config.max_members) = (vec![root()], BITS, places);
        let myself = Peer::with_seed(0, NODE).id();
        config.voucher = Some(Voucher::sign(&DEFAULT, &ROOT, NETWORK, myself, u64::MAX));
    })
}

fn extension(tag: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).unwrap().to_le_bytes();
    [&tag.to_le_bytes()[..], &length, value].concat()
}

/// The extension of a voucher for a peer, from the spec alone.
pub(crate) fn voucher(by: [u8; 32], network: u32, subject: NodeId, expires: u64) -> Vec<u8> {
    let by = Peer::with_seed(0, by);
    let signature = {
        let fields: [&[u8]; 2] = [&subject.0, &expires.to_le_bytes()];
        mindos_core::crypto::Crypto::sign(&DEFAULT, &by.seed, &signed("mindos/vouch/1", network, &fields))
    };
    extension(3, &[&by.id().0[..], &expires.to_le_bytes(), &signature].concat())
}

/// The extension of a proof for a node with at least, or with fewer than, these bits.
fn proof_of(node: NodeId, epoch: u32, segment: u64, holds: bool) -> CostProof {
    let solves = |nonce: &u64| {
        let fields: [&[u8]; 4] = [&node.0, &epoch.to_le_bytes(), &segment.to_le_bytes(), &nonce.to_le_bytes()];
        (hash(&[&signed("mindos/cost/1", NETWORK, &fields)])[0] == 0) == holds
    };
    CostProof { epoch, segment, nonce: (0..).find(solves).unwrap() }
}

fn cost_of(proof: CostProof) -> Vec<u8> {
    let fields = [&proof.epoch.to_le_bytes()[..], &proof.segment.to_le_bytes(), &proof.nonce.to_le_bytes()];
    extension(1, &fields.concat())
}

fn today() -> u32 {
    cost::epoch(NOW)
}

/// Four load partners: three vouched for, and a guest who paid.
pub(crate) fn half_vouched() -> Bench {
    let mut b = rooted(4);
    (0..3).for_each(|i| b.vouch(i));
    b.pay(3);
    b.peers.iter_mut().for_each(|p| p.service = Some(Service { capability: skill(), backlog_ms: 0 }));
    b.gather();
    b.run_ms(12_000);
    b.clear();
    b
}

impl Bench {
    fn vouch(&mut self, i: usize) {
        self.peers[i].tail = voucher(ROOT, NETWORK, self.id(i), UNTIL);
    }

    fn pay(&mut self, i: usize) {
        self.peers[i].tail = cost_of(proof_of(self.id(i), today(), 0, true));
    }

    /// Peer 0 brings in peer `i`, and it is taken or not.
    pub(crate) fn bring(&mut self, i: usize) -> bool {
        let (member, before) = (self.member(i), self.node.stats().frames_dropped);
        self.tell(0, &member);
        let taken = self.state(i).is_some();
        assert_eq!(self.node.stats().frames_dropped - before, u64::from(!taken), "peer {i}");
        taken
    }
}

#[test]
fn without_roots_nobody_is_asked() {
    let mut b = Bench::new(9);
    b.peers[3].roles = 3;
    b.gather();
    assert_eq!(b.node.leaf().members(), 10);
    let leaf = b.node.leaf();
    assert_eq!((leaf.is_vouched(&b.id(3)), leaf.roles(&b.id(3))), (true, Some(1)), "named bits only");
}

// spec: ID-012 9be7, ID-013 4a24, ID-014 bd97, ID-020 028e
#[test]
fn an_unvouched_newcomer_needs_a_proof_of_today_or_yesterday() {
    let (d, other) = (today(), Peer::new(99).id());
    for (epoch, segment, holds, mine, clock, taken) in [
        (d, 0, true, true, true, true),
        (d - 1, 0, true, true, true, true),
        (d - 2, 0, true, true, true, false),
        (d + 1, 0, true, true, true, false),
        (d, 1, true, true, true, false),
        (d, 0, false, true, true, false),
        (d, 0, true, false, true, false),
        (d - 2, 0, true, true, false, true),
        (d, 0, false, true, false, false),
    ] {
        let mut b = if clock { rooted(2) } else { clockless(2) };
        b.connect(0);
        assert!(!b.bring(1), "nothing was paid");
        let node = if mine { b.id(1) } else { other };
        let proof = proof_of(node, epoch, segment, holds);
        // A proof of somebody else holds for this one in one of 256 cases: not here.
        b.peers[1].tail = cost_of(proof);
        assert_eq!(b.bring(1), taken, "epoch {epoch}, segment {segment}, {holds} {mine} {clock}");
        assert!(!b.node.leaf().is_vouched(&b.id(1)));
    }
}

// spec: ID-018 0a83, ID-019 4e64
#[test]
fn a_voucher_counts_by_signature_of_a_root_and_until_its_date() {
    let stranger = [8; 32];
    for (by, network, mine, expires, clock, taken) in [
        (ROOT, NETWORK, true, NOW, true, true),
        (ROOT, NETWORK, true, NOW - 1, true, false),
        (ROOT, NETWORK, true, NOW - 1, false, true),
        (ROOT, NETWORK + 1, true, UNTIL, true, false),
        (ROOT, NETWORK, false, UNTIL, true, false),
        (stranger, NETWORK, true, UNTIL, true, false),
    ] {
        let mut b = if clock { rooted(2) } else { clockless(2) };
        b.connect(0);
        let subject = if mine { b.id(1) } else { b.id(0) };
        b.peers[1].tail = voucher(by, network, subject, expires);
        assert_eq!(b.bring(1), taken, "network {network}, own {mine}, expires {expires}, clock {clock}");
    }
    let mut b = rooted(2);
    b.connect(0);
    b.peers[1].tail = voucher(ROOT, NETWORK, b.id(1), UNTIL);
    b.peers[1].tail[20] ^= 1;
    assert!(!b.bring(1), "another voucher's name");
    b.peers[1] = Peer::with_seed(1, ROOT);
    assert!(b.bring(1) && b.node.leaf().is_vouched(&root()), "a root needs none");
}

// spec: ID-016 afad, ID-017 6525
#[test]
fn extensions_of_another_length_make_no_beacon() {
    for roots in [true, false] {
        let mut b = if roots { rooted(1) } else { Bench::new(1) };
        for (tag, right) in [(1, 20), (3, 104)] {
            // One address holds four unfinished handshakes.
            for (address, length) in [0, right - 1, right + 1].into_iter().enumerate() {
                let address = 100 * right + address;
                b.peers[0].tail = extension(tag, &vec![0; length]);
                b.peers[0].mute = true;
                let hello = b.peers[0].hello();
                b.datagram(address, &hello);
                let (reply, beacon) = (b.sent.last().unwrap().1.clone(), b.peers[0].beacon());
                let finish = b.peers[0].finish(&reply, &beacon);
                let Handled::Dropped(DropReason::Malformed(e)) = b.datagram(address, &finish) else {
                    panic!("{length}")
                };
                assert_eq!((e.class.name(), e.at), ("range", beacon.len() - 64));
            }
        }
    }
}

// spec: ID-021 c646
#[test]
fn the_unvouched_are_one_or_a_quarter() {
    let mut b = rooted(14);
    b.connect(0);
    (0..14).for_each(|i| b.pay(i));
    assert!(b.bring(0), "one always");
    assert!(!b.bring(1), "no second of two");
    // With the node and peer 0, five vouched members make seven: the eighth may be a guest again.
    for i in 2..7 {
        b.vouch(i);
        assert!(b.bring(i));
        assert_eq!(b.bring(1), i == 6, "{} members", b.node.leaf().members());
    }
    b.vouch(7);
    assert!(!b.bring(8) && b.bring(7) && !b.bring(8), "two of eight, and no third of ten");
    // Who is counted already may renew its beacon; who was vouched for may not take a place that is not there.
    b.peers[1].sequence = 2;
    assert!(b.bring(1));
    let tail = cost_of(proof_of(b.id(2), today(), 0, true));
    (b.peers[2].tail, b.peers[2].sequence, b.peers[2].incarnation) = (tail, 2, 5);
    let (member, before) = (b.member(2), b.node.stats().frames_dropped);
    b.tell(0, &member);
    assert_eq!(b.node.stats().frames_dropped, before + 1);
    assert_eq!(b.node.leaf().state(&b.id(2)).unwrap().1, 1, "it stays under its old beacon");
    // Vouchers end: then their nodes are guests too, and no further one comes in.
    b.input(Input::WallClock { unix_s: UNTIL + 1 });
    assert!(!b.node.leaf().is_vouched(&b.id(3)));
    for i in 9..14 {
        assert!(!b.bring(i));
    }
}

// spec: ID-022 66bc
#[test]
fn role_bits_of_the_unvouched_count_for_nothing() {
    let mut b = rooted(3);
    b.connect(0);
    b.peers.iter_mut().for_each(|p| p.roles = 1);
    b.pay(1);
    b.vouch(2);
    assert!(b.bring(1) && b.bring(2));
    let leaf = b.node.leaf();
    assert_eq!((leaf.roles(&b.id(1)), leaf.roles(&b.id(2)), leaf.roles(&b.id(0))), (Some(0), Some(1), None));
}

/// The tail of the beacon that the node shows in a handshake.
fn shown(b: &mut Bench) -> Vec<u8> {
    b.peers[0].mute = true;
    // Two of an address are answered within a second for nothing.
    b.run_ms(1_000);
    // The same first packet again would get the same answer.
    b.peers[0].ephemeral = hash(&[&b.peers[0].ephemeral]);
    let hello = b.peers[0].hello();
    b.datagram(0, &hello);
    let reply = b.sent.last().unwrap().1.clone();
    let bytes = b.peers[0].payload_of_reply(&reply, &hello);
    assert!(bytes.len() <= 512);
    let RecordBody::Beacon(body) = Record::decode(&bytes).unwrap().body else { panic!("not a beacon") };
    body.tail.bytes().to_vec()
}

// spec: ID-015 bbe7
#[test]
fn the_node_shows_what_holds_for_itself_and_nothing_else() {
    let mut b = Bench::configured(1, &Restored::new(), true, |config| {
        (config.roots, config.cost_bits) = (vec![root()], BITS);
        config.voucher = Some(Voucher::sign(&DEFAULT, &ROOT, NETWORK, root(), UNTIL));
    });
    b.input(Input::WallClock { unix_s: NOW });
    let me = b.node.id();
    assert_eq!(shown(&mut b), b"", "a voucher for somebody else");
    let refused = |handled| matches!(handled, Handled::Dropped(DropReason::ApiMisuse(_)));
    let other = Voucher::sign(&DEFAULT, &ROOT, NETWORK + 1, me, UNTIL);
    assert!(refused(b.command(Command::SetVoucher(other))));
    for proof in [proof_of(me, today(), 0, false), proof_of(me, today() - 2, 0, true), proof_of(me, today(), 1, true)] {
        assert!(refused(b.command(Command::SetCost(proof))));
    }
    assert_eq!(shown(&mut b), b"");
    let proof = proof_of(me, today(), 0, true);
    assert_eq!(b.command(Command::SetCost(proof)), Handled::Accepted);
    assert_eq!(shown(&mut b), cost_of(proof));
    let mine = Voucher::sign(&DEFAULT, &ROOT, NETWORK, me, UNTIL);
    assert_eq!(b.command(Command::SetVoucher(mine)), Handled::Accepted);
    assert_eq!(shown(&mut b), [cost_of(proof), voucher(ROOT, NETWORK, me, UNTIL)].concat());
}
