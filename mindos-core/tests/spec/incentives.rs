//! Chapter 10: advice, evidence, quarantine, appeal.

use mindos_core::wire::*;
use mindos_core::{Command, Duration, Event, Handled, Input, NodeId};

use crate::admission::NOW;
use crate::bench::{Bench, request, skill};
use crate::intents::hire;
use crate::peer::{Deal, Peer, Wish, frame, hash};

const S: u64 = 1_000_000;
const NEUTRAL: u16 = 1 << 15;

fn alias(node: NodeId) -> u32 {
    u32::from_le_bytes(*hash(&[&0u32.to_le_bytes(), &node.0]).first_chunk().unwrap())
}

fn domain() -> u32 {
    u32::from_le_bytes(*skill().first_chunk().unwrap())
}

fn standing(b: &Bench, i: usize) -> u16 {
    b.node.standing(b.now, &b.id(i), &skill())
}

/// Entries of the digests that peer `i` got, in order.
fn advice(b: &Bench, i: usize) -> Vec<(u32, u16)> {
    let frames = b.peers[i].log.iter().map(|raw| Frame::decode(raw).unwrap().0);
    let digests = frames.filter_map(|f| match f {
        Frame::StandingDigest(d) if d.domain == domain() => Some(d.entries.iter().collect::<Vec<_>>()),
        _ => None,
    });
    digests.flatten().map(|e| (e.alias, e.standing)).collect()
}

fn say_of(b: &mut Bench, adviser: usize, subject: usize, standing: u16) -> Handled {
    let entries = [StandingEntry { alias: alias(b.id(subject)), standing }];
    let digest = StandingDigest { domain: domain(), entries: List::new(&entries), tail: Tail::default() };
    b.tell(adviser, &frame(&digest))
}

/// Peer 0 accepts a lease and gives it back, or keeps it.
fn experience(b: &mut Bench, kept: bool) {
    b.clear();
    let intent = b.submit(request());
    let sought = b.sought(intent);
    sought.iter().for_each(|i| b.quote(*i, intent, if *i == 0 { S / 1_000 } else { 50 * S }, 1));
    let epoch = b.leased(0).unwrap();
    b.accept(0, intent, 9 * S);
    if kept {
        return b.result(0, intent, epoch);
    }
    let (reason, tail) = (DeclineReason::Load, Tail::default());
    let intent = &intent.0;
    let decline = Decline { intent, epoch, reason, nonce: 0, start_us: 0, finish_us: 0, price: 0, tail };
    b.tell(0, &frame(&decline));
}

// spec: INC-003 5eda, INC-004 ec0e
#[test]
fn partners_are_warned_at_once_and_then_no_more_than_every_ten_seconds() {
    let mut b = Bench::market(4, &[0; 3]);
    b.clear();
    experience(&mut b, true);
    experience(&mut b, false);
    b.run_ms(1);
    // One kept promise and one broken: 512 · 2^16 / (256 + 4 · 256 + 512).
    let first = [(alias(b.id(0)), 18_724)];
    assert_eq!((advice(&b, 1), advice(&b, 2)), (first.to_vec(), first.to_vec()));
    assert_eq!(advice(&b, 3), [], "it is no partner");
    b.run_ms(1_000);
    b.clear();
    // Seven kept ones make good for it: partners hear of that later, and once.
    for _ in 0..7 {
        experience(&mut b, true);
    }
    assert_eq!(advice(&b, 1), []);
    b.run_ms(10_000);
    assert_eq!(advice(&b, 1), [(alias(b.id(0)), NEUTRAL)]);
}

#[test]
fn who_learned_nothing_tells_nothing() {
    let mut b = Bench::market(4, &[0; 3]);
    b.clear();
    experience(&mut b, true);
    b.run_ms(60_000);
    assert!((0..4).all(|i| advice(&b, i).is_empty()));
}

// spec: INC-005 e46d
#[test]
fn advice_counts_from_partners_alone() {
    let mut b = Bench::market(4, &[0; 3]);
    b.connect(3);
    say_of(&mut b, 3, 0, 0);
    assert_eq!(standing(&b, 0), NEUTRAL);
    say_of(&mut b, 1, 0, 0);
    // 32 of 256 of a broken promise: 256 · 2^16 / (4 · 32 + 512).
    assert_eq!(standing(&b, 0), 26_214);
    say_of(&mut b, 1, 0, 60_000);
    assert_eq!(standing(&b, 0), NEUTRAL, "taken back, and no praise");
}

// spec: INC-007 e8a6
#[test]
fn slander_costs_the_slanderer_its_word_and_good_warnings_raise_it() {
    let mut b = Bench::market(4, &[0; 3]);
    say_of(&mut b, 1, 0, 0);
    experience(&mut b, true);
    // One bad warning: weight 32 · 51 / 256 = 6; one kept promise leaves 7/8 of it.
    assert_eq!(standing(&b, 0), ((512u64 << 16) / (256 + 4 * 5 + 512)) as u16);
    say_of(&mut b, 1, 2, 0);
    assert_eq!(standing(&b, 2), ((256u64 << 16) / (4 * 6 + 512)) as u16, "of somebody else it says as little");
    let mut b = Bench::market(4, &[0; 3]);
    say_of(&mut b, 1, 0, 0);
    experience(&mut b, false);
    say_of(&mut b, 1, 2, 0);
    // One good warning: 512 · 256 / 2,304 = 56.
    assert_eq!(standing(&b, 2), ((256u64 << 16) / (4 * 56 + 512)) as u16);
}

/// Evidence of one peer against another.
struct Made {
    intent: Vec<u8>,
    /// Those that are shown.
    contexts: Vec<Vec<u8>>,
    output: Vec<u8>,
    receipt: Vec<u8>,
    evidence: Vec<u8>,
}

impl Made {
    fn name(&self) -> [u8; 32] {
        hash(&[&self.evidence])
    }

    /// As it answers a `trust-want`.
    fn frames(&self) -> Vec<u8> {
        let content = |b: &[u8]| frame(&ContextData { bytes: Bytes16(b), tail: Tail::default() });
        let record = |r: &[u8]| frame(&TrustRecord { record: Bytes16(r), tail: Tail::default() });
        let contexts = self.contexts.iter().flat_map(|c| content(c)).collect();
        let records = [record(&self.receipt), record(&self.evidence)].concat();
        [content(&self.intent), contexts, content(&self.output), records].concat()
    }
}

fn evidence_record(p: &Peer, subject: NodeId, domain: u32, kind: EvidenceKind, proof: &[u8; 32]) -> Vec<u8> {
    p.record(&RecordBody::Evidence(EvidenceBody { subject: &subject.0, domain, kind, proof, tail: Tail::default() }))
}

/// Peer `accuser` shows what peer `worker` signed; `change` may spoil it.
fn made_with(b: &mut Bench, accuser: usize, worker: usize, wish: &Wish, change: impl FnOnce(&mut Deal)) -> Made {
    let output = b"wrong".to_vec();
    made_until(b, (accuser, worker), wish, (NOW + 3_000, output), change)
}

fn made_until(
    b: &mut Bench,
    (accuser, worker): (usize, usize),
    wish: &Wish,
    (expires, output): (u64, Vec<u8>),
    change: impl FnOnce(&mut Deal),
) -> Made {
    let of_beacons = core::mem::replace(&mut b.peers[accuser].expires, expires);
    b.peers[accuser].sequence += 10;
    let intent = b.peers[accuser].intent(wish);
    let mut deal = Deal { intent: hash(&[&intent]), origin: b.id(accuser), worker: b.id(worker), epoch: 1, price: 1 };
    let signature = b.peers[worker].deal_signature(&deal, &output);
    change(&mut deal);
    b.peers[accuser].sequence += 1;
    let receipt = b.peers[accuser].receipt_record(&deal, &output, &signature);
    b.peers[accuser].sequence += 1;
    let kind = EvidenceKind::ResultRefuted;
    let evidence = evidence_record(&b.peers[accuser], b.id(worker), domain(), kind, &hash(&[&receipt]));
    b.peers[accuser].expires = of_beacons;
    Made { intent, contexts: wish.contexts.clone(), output, receipt, evidence }
}

fn made(b: &mut Bench, accuser: usize, worker: usize) -> Made {
    made_with(b, accuser, worker, &Wish::new(skill()), |_| {})
}

fn have(b: &mut Bench, from: usize, about: NodeId, name: [u8; 32]) {
    let records = [Hash { value: name }];
    let (about, root) = (&about.0, &hash(&[&name]));
    b.tell(from, &frame(&TrustHave { about, root, records: List::new(&records), tail: Tail::default() }));
}

/// Peer `from` tells of it, and gives it when it is asked.
fn offer(b: &mut Bench, from: usize, about: usize, made: &Made) {
    have(b, from, b.id(about), made.name());
    b.tell(from, &made.frames());
}

fn checks(b: &Bench) -> Vec<u64> {
    b.events.iter().filter_map(|e| if let Event::Check { check, .. } = e { Some(*check) } else { None }).collect()
}

fn answer(b: &mut Bench, right: bool) {
    let (check, right) = (*checks(b).last().unwrap(), Some(right));
    b.command(Command::Checked { check, right });
}

/// Names that peer `i` was told or asked for.
fn names(b: &Bench, i: usize, asked: bool) -> Vec<[u8; 32]> {
    let frames = b.peers[i].log.iter().map(|raw| Frame::decode(raw).unwrap().0);
    let lists = frames.filter_map(|f| match f {
        Frame::TrustHave(h) if !asked => Some(h.records),
        Frame::TrustWant(w) if asked => Some(w.records),
        _ => None,
    });
    lists.flat_map(|l| l.iter().map(|h| h.value).collect::<Vec<_>>()).collect()
}

fn quarantined(b: &Bench, i: usize) -> bool {
    b.node.quarantined(b.now).any(|q| q.0 == b.id(i))
}

/// Peers become load partners of the node: its host is asked about their results.
fn befriend(b: &mut Bench, peers: core::ops::Range<usize>) {
    peers.for_each(|i| {
        b.tell(i, &frame(&Subscribe { tail: Tail::default() }));
    });
}

/// A node whose host checks the skill, among peers with sessions; the first 18 are its load partners.
fn court(n: u32) -> Bench {
    let mut b = Bench::leaf(n);
    (1..n as usize).for_each(|i| b.connect(i));
    befriend(&mut b, 0..18.min(n as usize));
    b.input(Input::WallClock { unix_s: NOW });
    b.command(Command::SetChecks(vec![skill()]));
    b.clear();
    b
}

/// A court that convicted peer 0 by peers 1 and 2.
pub(crate) fn convicted() -> Bench {
    let mut b = court(4);
    for accuser in [1, 2] {
        let made = made(&mut b, accuser, 0);
        offer(&mut b, accuser, 0, &made);
        answer(&mut b, false);
    }
    b
}

// spec: INC-010 2062, INC-011 276f, INC-017 aa82, INC-019 5a24
#[test]
fn two_accusers_convict_once_the_own_host_agrees() {
    let mut b = court(4);
    let first = made(&mut b, 1, 0);
    offer(&mut b, 1, 0, &first);
    assert_eq!(names(&b, 1, true), [first.name()], "it asks for what it lacks");
    b.run_ms(500);
    assert_eq!((checks(&b).len(), names(&b, 3, false).len()), (1, 0), "its own host first");
    answer(&mut b, false);
    b.run_ms(300);
    assert_eq!(names(&b, 3, false), [first.name()]);
    // The same accuser again, about other work, is no second one.
    let again = made_with(&mut b, 1, 0, &Wish { generated_tokens: 9, ..Wish::new(skill()) }, |_| {});
    offer(&mut b, 1, 0, &again);
    assert_eq!((checks(&b).len(), quarantined(&b, 0)), (1, false));
    let second = made(&mut b, 2, 0);
    offer(&mut b, 2, 0, &second);
    assert!(!quarantined(&b, 0));
    answer(&mut b, false);
    assert!(quarantined(&b, 0));
    assert_eq!(b.node.accusers(&b.id(0)), 2);
    let told = |e: &&Event| matches!(e, Event::Quarantined { node, .. } if *node == b.id(0));
    assert_eq!(b.events.iter().filter(told).count(), 1);
}

// spec: INC-012 b447
#[test]
fn nothing_more_is_wanted_about_whom_it_keeps_out() {
    let mut b = convicted();
    b.run_ms(300);
    b.clear();
    let third = made(&mut b, 3, 0);
    offer(&mut b, 3, 0, &third);
    b.run_ms(5_000);
    assert!(names(&b, 3, true).is_empty() && checks(&b).is_empty() && names(&b, 1, false).is_empty());
}

// spec: INC-021 934f
#[test]
fn who_is_kept_out_is_declined() {
    let mut b = convicted();
    b.serve(skill());
    b.clear();
    hire(&mut b, &Wish::new(skill()), 1);
    let declined = b.peers[0].last(|f| match f {
        Frame::Decline(d) => Some(d.reason),
        _ => None,
    });
    assert_eq!(declined, Some(DeclineReason::Trust));
    assert!(!b.events.iter().any(|e| matches!(e, Event::Execute { .. })));
}

// spec: INC-020 1816
#[test]
fn who_is_kept_out_gets_no_lease_and_loses_what_it_has() {
    let mut b = Bench::market(4, &[0; 3]);
    b.connect(3);
    b.input(Input::WallClock { unix_s: NOW });
    b.command(Command::SetChecks(vec![skill()]));
    b.clear();
    let intent = b.submit(request());
    b.quote(0, intent, S / 1_000, 1);
    [1, 2].into_iter().for_each(|i| b.quote(i, intent, 5 * S, 1));
    b.accept(0, intent, 9 * S);
    for accuser in [1, 2] {
        let made = made(&mut b, accuser, 0);
        offer(&mut b, accuser, 0, &made);
        answer(&mut b, false);
    }
    assert!(b.events.iter().any(|e| matches!(e, Event::Redispatched { worker, .. } if *worker == b.id(0))));
    b.clear();
    let next = b.submit(request());
    assert!(!b.sought(next).is_empty() && !b.sought(next).contains(&0));
}

// spec: INC-022 483e
#[test]
fn a_quarantine_ends_after_an_hour() {
    let mut b = convicted();
    // These peers change no keys.
    b.peers.iter_mut().for_each(|p| p.mute = true);
    b.run(Duration::from_secs(3_599));
    assert!(quarantined(&b, 0));
    b.run(Duration::from_secs(2));
    assert!(!quarantined(&b, 0));
    assert!(b.events.contains(&Event::Released { node: b.id(0) }));
}

// spec: INC-018 6989, INC-016 7729
#[test]
fn a_false_accuser_is_heard_no_more() {
    let mut b = court(5);
    let false_one = made(&mut b, 1, 0);
    offer(&mut b, 1, 0, &false_one);
    answer(&mut b, true);
    b.run_ms(500);
    assert_eq!(names(&b, 3, false).len(), 0, "it goes no further");
    assert_eq!(standing(&b, 1), 10_922, "a broken promise");
    for accuser in [1, 2] {
        b.clear();
        let made = made(&mut b, accuser, 3);
        offer(&mut b, 4, 3, &made);
        assert_eq!(checks(&b).len(), usize::from(accuser == 2), "accuser {accuser}");
    }
}

// spec: INC-015 810a
#[test]
fn evidence_that_does_not_hold_together_is_not_looked_at() {
    let easy = || Wish::new(skill());
    let refused = |b: &mut Bench, made: Made, about: usize| {
        offer(b, 1, about, &made);
        assert!(checks(b).is_empty());
    };
    let mut b = court(4);
    let unasked = made(&mut b, 1, 0);
    b.tell(1, &unasked.frames());
    assert_eq!(checks(&b).len(), 0);
    // Another price, epoch or origin than the worker signed.
    for change in [|d: &mut Deal| d.price = 2, |d: &mut Deal| d.epoch = 2, |d: &mut Deal| d.intent = [1; 32]] {
        let mut b = court(4);
        let made = made_with(&mut b, 1, 0, &easy(), change);
        refused(&mut b, made, 0);
    }
    // Work that is not for everybody's eyes.
    let private = made_with(&mut b, 1, 0, &Wish { label: Label::Community, ..easy() }, |_| {});
    refused(&mut b, private, 0);
    // Another subject, domain, kind or proof than the receipt's.
    let (subject, other, kind) = (b.id(0), b.id(2), EvidenceKind::ResultRefuted);
    for (subject, domain, kind, proof) in [
        (other, domain(), kind, None),
        (subject, 7, kind, None),
        (subject, domain(), EvidenceKind::QuoteBroken, None),
        (subject, domain(), kind, Some([3; 32])),
    ] {
        let mut b = court(4);
        let mut spoilt = made(&mut b, 1, 0);
        let proof = proof.unwrap_or(hash(&[&spoilt.receipt]));
        spoilt.evidence = evidence_record(&b.peers[1], subject, domain, kind, &proof);
        refused(&mut b, spoilt, 0);
    }
    // Somebody else's receipt.
    let mut b = court(4);
    let mut stolen = made(&mut b, 2, 0);
    b.peers[1].sequence = 50;
    stolen.evidence = evidence_record(&b.peers[1], b.id(0), domain(), kind, &hash(&[&stolen.receipt]));
    refused(&mut b, stolen, 0);
    let mut b = court(4);
    let good = made(&mut b, 1, 0);
    offer(&mut b, 1, 0, &good);
    assert_eq!(checks(&b).len(), 1, "and all of this was why");
}

fn appeal(b: &mut Bench, author: usize, from: usize) {
    b.peers[author].sequence += 1;
    let body = AppealBody { quarantine: &[0; 32], evidence: List::new(&[]), tail: Tail::default() };
    let record = b.peers[author].record(&RecordBody::Appeal(body));
    b.events.clear();
    b.tell(from, &frame(&TrustRecord { record: Bytes16(&record), tail: Tail::default() }));
}

// spec: INC-023 5206, INC-024 4df9
#[test]
fn an_appeal_has_the_evidence_checked_again_once_an_hour() {
    let mut b = convicted();
    appeal(&mut b, 0, 3);
    assert_eq!(checks(&b).len(), 0, "another sends it");
    appeal(&mut b, 0, 0);
    let asked = checks(&b);
    assert_eq!(asked.len(), 2);
    b.command(Command::Checked { check: asked[0], right: Some(false) });
    b.command(Command::Checked { check: asked[1], right: Some(false) });
    assert!(quarantined(&b, 0), "it still holds");
    appeal(&mut b, 0, 0);
    assert_eq!(checks(&b).len(), 0, "once an hour");
    let mut b = convicted();
    appeal(&mut b, 0, 0);
    let asked = checks(&b);
    b.command(Command::Checked { check: asked[0], right: Some(true) });
    b.command(Command::Checked { check: asked[1], right: Some(false) });
    assert!(!quarantined(&b, 0));
    assert!(b.events.contains(&Event::Released { node: b.id(0) }));
    // What still holds needs one more accuser, once it is a partner again.
    befriend(&mut b, 0..1);
    let third = made(&mut b, 3, 0);
    offer(&mut b, 3, 0, &third);
    answer(&mut b, false);
    assert!(quarantined(&b, 0));
}

// spec: INC-014 6bd4
#[test]
fn a_newcomer_is_told_of_all_evidence() {
    let mut b = Bench::new(5);
    b.gather_first(4);
    befriend(&mut b, 0..1);
    [1, 2].into_iter().for_each(|i| b.connect(i));
    b.input(Input::WallClock { unix_s: NOW });
    b.command(Command::SetChecks(vec![skill()]));
    for accuser in [1, 2] {
        let made = made(&mut b, accuser, 0);
        offer(&mut b, accuser, 0, &made);
        answer(&mut b, false);
    }
    b.run_ms(10_000);
    let newcomer = b.member(4);
    b.tell(1, &newcomer);
    b.run_ms(6_000);
    assert_eq!(names(&b, 4, false).len(), 2);
}

// spec: INC-008 57cb, INC-013 7715
#[test]
fn a_refuted_result_becomes_evidence_that_others_can_check() {
    let mut b = Bench::market(4, &[0; 3]);
    b.connect(3);
    b.input(Input::WallClock { unix_s: NOW });
    experience(&mut b, true);
    let lease = b.events.iter().find_map(|e| if let Event::Completed { lease, .. } = e { Some(*lease) } else { None });
    let lease = lease.unwrap();
    b.clear();
    b.command(Command::Judge { lease, right: false });
    b.run_ms(300);
    let told = names(&b, 3, false);
    assert_eq!(told.len(), 1);
    b.tell(3, &frame(&TrustWant { records: List::new(&[Hash { value: told[0] }]), tail: Tail::default() }));
    let mut records: Vec<Vec<u8>> = Vec::new();
    let mut contents: Vec<[u8; 32]> = Vec::new();
    for raw in &b.peers[3].log {
        match Frame::decode(raw).unwrap().0 {
            Frame::TrustRecord(r) => records.push(r.record.0.to_vec()),
            Frame::ContextData(c) if records.is_empty() => contents.push(hash(&[c.bytes.0])),
            _ => {}
        }
    }
    let receipt = Record::<ReceiptBody<'_>>::decode_as(&records[0]).unwrap();
    let evidence = Record::<EvidenceBody<'_>>::decode_as(&records[1]).unwrap();
    assert_eq!(contents, [*receipt.body.intent, *receipt.body.output]);
    assert_eq!((receipt.body.worker, evidence.body.subject), (&b.id(0).0, &b.id(0).0));
    assert_eq!(*evidence.body.proof, hash(&[&records[0]]));
    assert_ne!(receipt.head.sequence, evidence.head.sequence);
}

// spec: INC-009 9929
#[test]
fn work_that_is_not_public_is_shown_to_nobody() {
    let mut b = Bench::market(4, &[0; 3]);
    b.connect(3);
    b.input(Input::WallClock { unix_s: NOW });
    b.clear();
    let intent = b.submit(mindos_core::IntentRequest { label: Label::Community, ..request() });
    (0..3).for_each(|i| b.quote(i, intent, (1 + i as u64) * S, 1));
    let epoch = b.leased(0).unwrap();
    b.accept(0, intent, 9 * S);
    b.result(0, intent, epoch);
    b.command(Command::Judge { lease: mindos_core::LeaseId { intent, epoch }, right: false });
    b.run_ms(1_000);
    assert!((0..4).all(|i| names(&b, i, false).is_empty()));
    assert!(standing(&b, 0) < NEUTRAL, "this node knows");
}

// spec: INC-019 5a24, INC-029 99d4
#[test]
fn two_records_under_one_sequence_convict_by_themselves() {
    let mut b = court(4);
    b.peers[1].sequence = 77;
    let records: Vec<Vec<u8>> =
        [4u32, 5].map(|d| evidence_record(&b.peers[1], b.id(0), d, EvidenceKind::ResultRefuted, &[d as u8; 32])).into();
    let both: Vec<u8> =
        records.iter().flat_map(|r| frame(&TrustRecord { record: Bytes16(r), tail: Tail::default() })).collect();
    b.tell(2, &both);
    assert!(quarantined(&b, 1) && !quarantined(&b, 0));
    b.run_ms(300);
    let mut expected = [hash(&[&records[0]]), hash(&[&records[1]])];
    expected.sort_unstable();
    assert_eq!(names(&b, 3, false), expected);
    // An hour later the same two convict no more, and others do.
    b.peers.iter_mut().for_each(|p| p.mute = true);
    b.run(Duration::from_secs(3_601));
    b.peers.iter_mut().for_each(|p| p.mute = false);
    assert!(!quarantined(&b, 1));
    b.connect(2);
    b.tell(2, &both);
    assert!(!quarantined(&b, 1));
    let others = equivocation(&mut b, 1, 78, 10);
    b.tell(2, &others);
    assert!(quarantined(&b, 1));
}

/// Two records of a peer under one sequence, longer by what they list.
fn equivocation(b: &mut Bench, author: usize, sequence: u64, contexts: u8) -> Vec<u8> {
    b.peers[author].sequence = sequence;
    let contexts: Vec<Vec<u8>> = (0..contexts).map(|n| vec![n]).collect();
    let records = [1, 2].map(|generated_tokens| {
        b.peers[author].intent(&Wish { generated_tokens, contexts: contexts.clone(), ..Wish::new(skill()) })
    });
    records.iter().flat_map(|r| frame(&TrustRecord { record: Bytes16(r), tail: Tail::default() })).collect()
}

// spec: INC-006 0f33, INC-016 7729
#[test]
fn the_word_of_the_unvouched_is_worth_nothing() {
    let mut b = crate::admission::half_vouched();
    b.command(Command::SetChecks(vec![skill()]));
    befriend(&mut b, 0..1);
    // Peer 3 is a guest, the others are vouched for.
    let by_guest = made(&mut b, 3, 0);
    offer(&mut b, 1, 0, &by_guest);
    assert_eq!(checks(&b).len(), 0);
    say_of(&mut b, 3, 0, 0);
    assert_eq!(standing(&b, 0), NEUTRAL);
    let by_member = made(&mut b, 2, 0);
    offer(&mut b, 1, 0, &by_member);
    assert_eq!(checks(&b).len(), 1);
    say_of(&mut b, 1, 0, 0);
    assert_eq!(standing(&b, 0), 26_214);
}

// spec: INC-028 5ad8
#[test]
fn evidence_that_the_host_cannot_judge_harms_neither_side() {
    let mut b = court(5);
    let first = made(&mut b, 1, 0);
    offer(&mut b, 1, 0, &first);
    b.command(Command::Checked { check: checks(&b)[0], right: None });
    b.run_ms(500);
    assert_eq!((b.node.accusers(&b.id(0)), standing(&b, 1)), (0, NEUTRAL));
    assert_eq!(names(&b, 3, false), [first.name()], "others may know more");
    // Its accuser is heard about others; a question that nobody answers is forgotten in ten minutes.
    let other = made(&mut b, 1, 3);
    offer(&mut b, 1, 3, &other);
    let asked = *checks(&b).last().unwrap();
    b.peers.iter_mut().for_each(|p| p.mute = true);
    b.run_ms(601_000);
    assert!(matches!(b.command(Command::Checked { check: asked, right: Some(false) }), Handled::Dropped(_)));
    assert_eq!((b.node.accusers(&b.id(3)), standing(&b, 1)), (0, NEUTRAL));
}

// spec: INC-026 f8f2, INC-027 8a26
#[test]
fn evidence_is_refused_that_nobody_could_check_or_that_is_not_of_now() {
    let heard = |b: &mut Bench, made: &Made, about: usize| {
        b.clear();
        offer(b, 1, about, made);
        checks(b).len()
    };
    let wish = || Wish::new(skill());
    let mut b = court(4);
    // With contexts that are not there, or too long: the record has 300 bytes or so, the output 5.
    for (length, shown, taken) in [(9, false, 0), (16_384, true, 0), (16_000, true, 1)] {
        let listing = Wish { contexts: vec![vec![7; length]], ..wish() };
        let mut made = made_with(&mut b, 1, 0, &listing, |_| {});
        made.contexts.retain(|_| shown);
        assert_eq!(heard(&mut b, &made, 0), taken, "{length}");
    }
    let seen = |e: &Event| matches!(e, Event::Check { work, .. } if work.contexts == [vec![7; 16_000]]);
    assert!(b.events.iter().any(seen), "the host sees all of the work");
    let mut b = court(4);
    for (expires, taken) in [(NOW - 60, 0), (NOW + 3_700, 0), (u64::MAX, 0), (NOW + 3_500, 1)] {
        let made = made_until(&mut b, (1, 0), &wish(), (expires, b"wrong".to_vec()), |_| {});
        assert_eq!(heard(&mut b, &made, 0), taken, "{expires}");
    }
    // Asked about one member, told of another.
    let mut b = court(4);
    let of_another = made(&mut b, 1, 0);
    assert_eq!(heard(&mut b, &of_another, 2), 0);
    // Without a clock.
    let mut b = Bench::leaf(4);
    (1..4).for_each(|i| b.connect(i));
    b.command(Command::SetChecks(vec![skill()]));
    let timeless = made(&mut b, 1, 0);
    assert_eq!(heard(&mut b, &timeless, 0), 0);
}

#[test]
fn what_no_host_can_check_gives_way_to_what_it_can() {
    let mut b = court(20);
    b.command(Command::SetChecks(vec![]));
    let mut all = Vec::new();
    for friend in 1..17 {
        let made = made(&mut b, friend, 0);
        offer(&mut b, friend, 0, &made);
        all.push(made.name());
    }
    b.run_ms(300);
    let late = made(&mut b, 17, 0);
    offer(&mut b, 17, 0, &late);
    b.run_ms(300);
    let told: Vec<[u8; 32]> = (0..20).flat_map(|i| names(&b, i, false)).collect();
    assert!(!told.contains(&late.name()) && all.iter().all(|name| told.contains(name)));
    // Of other work, which this host can check.
    let mut b = court(20);
    let other = Wish { capability: [7; 32], ..Wish::new(skill()) };
    for friend in 1..17 {
        let mut made = made_with(&mut b, friend, 0, &other, |_| {});
        b.peers[friend].sequence += 1;
        let of_beacons = core::mem::replace(&mut b.peers[friend].expires, NOW + 3_000);
        let (kind, proof) = (EvidenceKind::ResultRefuted, hash(&[&made.receipt]));
        made.evidence = evidence_record(&b.peers[friend], b.id(0), 0x0707_0707, kind, &proof);
        b.peers[friend].expires = of_beacons;
        offer(&mut b, friend, 0, &made);
    }
    assert_eq!(checks(&b).len(), 0);
    for accuser in [17, 18] {
        let made = made(&mut b, accuser, 0);
        offer(&mut b, accuser, 0, &made);
        answer(&mut b, false);
    }
    assert!(quarantined(&b, 0));
}

#[test]
fn one_accuser_is_heard_about_eight_at_a_time() {
    let mut b = court(12);
    for subject in (2..12).chain([0]) {
        let made = made(&mut b, 1, subject);
        offer(&mut b, 1, subject, &made);
    }
    assert_eq!(checks(&b).len(), 8);
}

#[test]
fn long_records_prove_no_equivocation() {
    let mut b = court(4);
    let long = equivocation(&mut b, 1, 70, 28);
    b.tell(2, &long);
    assert!(!quarantined(&b, 1));
    let short = equivocation(&mut b, 1, 71, 20);
    b.tell(2, &short);
    assert!(quarantined(&b, 1));
}

#[test]
fn a_question_that_an_appeal_asks_and_nobody_answers_changes_nothing() {
    let mut b = convicted();
    appeal(&mut b, 0, 0);
    assert_eq!(checks(&b).len(), 2);
    b.peers.iter_mut().for_each(|p| p.mute = true);
    b.run_ms(601_000);
    assert!(quarantined(&b, 0));
    assert_eq!(b.node.accusers(&b.id(0)), 2);
}

// spec: INC-025 a914
#[test]
fn evidence_shows_contexts_that_fit_and_there_is_none_about_longer_work() {
    let b = refuted_with_context(17_000);
    assert!((0..4).all(|i| names(&b, i, false).is_empty()));
    assert!(standing(&b, 0) < NEUTRAL && suspended(&b, 0), "this node knows");
    let mut b = refuted_with_context(15_000);
    let name = *(1..4).flat_map(|i| names(&b, i, false)).collect::<Vec<_>>().first().unwrap();
    b.peers[3].log.clear();
    b.tell(3, &frame(&TrustWant { records: List::new(&[Hash { value: name }]), tail: Tail::default() }));
    b.run_ms(100);
    let shows =
        |raw: &Vec<u8>| matches!(Frame::decode(raw).unwrap().0, Frame::ContextData(c) if c.bytes.0 == [9; 15_000]);
    assert!(b.peers[3].log.iter().any(shows));
}

/// This node judged a result of work with a context of so many bytes wrong.
fn refuted_with_context(bytes: usize) -> Bench {
    let mut b = Bench::market(4, &[0; 3]);
    b.connect(3);
    b.input(Input::WallClock { unix_s: NOW });
    b.clear();
    let intent = b.submit(mindos_core::IntentRequest { contexts: vec![vec![9; bytes].into()], ..request() });
    (0..3).for_each(|i| b.quote(i, intent, (1 + i as u64) * S, 1));
    let epoch = b.leased(0).unwrap();
    b.accept(0, intent, 9 * S);
    b.result(0, intent, epoch);
    assert!(b.events.iter().any(|e| matches!(e, Event::Completed { .. })));
    b.command(Command::Judge { lease: mindos_core::LeaseId { intent, epoch }, right: false });
    b.run_ms(1_000);
    b
}

fn suspended(b: &Bench, i: usize) -> bool {
    b.node.suspended(b.now).any(|s| s.0 == b.id(i))
}

/// A market whose host checks, with a lease that peer 0 holds.
fn at_work() -> (Bench, mindos_core::LeaseId) {
    let mut b = Bench::market(4, &[0; 3]);
    b.connect(3);
    b.input(Input::WallClock { unix_s: NOW });
    b.command(Command::SetChecks(vec![skill()]));
    b.clear();
    let intent = b.submit(request());
    b.quote(0, intent, S / 1_000, 1);
    [1, 2].into_iter().for_each(|i| b.quote(i, intent, 5 * S, 1));
    let epoch = b.leased(0).unwrap();
    b.accept(0, intent, 9 * S);
    (b, mindos_core::LeaseId { intent, epoch })
}

fn asks(b: &mut Bench, i: usize) -> bool {
    b.clear();
    let intent = b.submit(request());
    b.sought(intent).contains(&i)
}

// spec: INC-046 3b61, INC-047 b5f2, INC-048 c4ff
#[test]
fn one_result_that_the_own_host_finds_wrong_costs_ten_minutes_of_leases() {
    let (mut b, lease) = at_work();
    let made = made(&mut b, 1, 0);
    offer(&mut b, 1, 0, &made);
    assert!(!asks(&mut b, 0), "while the host looks");
    let check = 0;
    b.command(Command::Checked { check, right: Some(false) });
    assert!(suspended(&b, 0) && !quarantined(&b, 0) && !asks(&mut b, 0));
    // What runs goes on, and its own leases are taken.
    assert!(!b.events.iter().any(|e| matches!(e, Event::Redispatched { .. })));
    b.result(0, lease.intent, lease.epoch);
    assert!(b.events.iter().any(|e| matches!(e, Event::Completed { lease: l, .. } if *l == lease)));
    b.serve(skill());
    hire(&mut b, &Wish::new(skill()), 1);
    assert!(b.events.iter().any(|e| matches!(e, Event::Execute { .. })));
}

#[test]
fn false_evidence_holds_a_worker_off_for_one_check() {
    let (mut b, _) = at_work();
    let made = made(&mut b, 1, 0);
    offer(&mut b, 1, 0, &made);
    assert!(!asks(&mut b, 0));
    b.command(Command::Checked { check: 0, right: Some(true) });
    assert!(asks(&mut b, 0) && !suspended(&b, 0));
}

// spec: INC-007 e8a6
#[test]
fn advisers_that_were_never_right_exclude_nobody_and_repeat_nothing() {
    let mut b = Bench::market(8, &[0; 8]);
    b.clear();
    let before = b.node.stats().frames_dropped;
    (1..8).for_each(|i| {
        say_of(&mut b, i, 0, 0);
    });
    assert!(b.node.stats().frames_dropped - before < 2, "more than five are partners");
    // 160 of 256 of a broken promise, whatever their number: 256 · 2^16 / (4 · 160 + 512).
    assert_eq!(standing(&b, 0), 14_563);
    let mut b = Bench::market(4, &[0; 3]);
    say_of(&mut b, 1, 0, 0);
    experience(&mut b, true);
    // Taken back, and given again before the next lease.
    say_of(&mut b, 1, 0, NEUTRAL);
    say_of(&mut b, 1, 0, 0);
    experience(&mut b, true);
    say_of(&mut b, 1, 2, 0);
    assert_eq!(standing(&b, 2), ((256u64 << 16) / (4 * 6 + 512)) as u16, "one bad warning, not two");
}

// spec: INT-027 868a
#[test]
fn an_unjudged_result_of_who_is_kept_out_is_not_paid() {
    let mut b = Bench::market(4, &[0; 3]);
    b.connect(3);
    b.input(Input::WallClock { unix_s: NOW });
    b.command(Command::SetChecks(vec![skill()]));
    experience(&mut b, true);
    let lease = b.events.iter().find_map(|e| if let Event::Completed { lease, .. } = e { Some(*lease) } else { None });
    for accuser in [1, 2] {
        let made = made(&mut b, accuser, 0);
        offer(&mut b, accuser, 0, &made);
        answer(&mut b, false);
    }
    b.run_ms(12_000);
    let paid = |b: &Bench| b.count(0, |f| matches!(f, Frame::Receipt(_)));
    assert!(quarantined(&b, 0));
    assert_eq!(paid(&b), 0);
    b.command(Command::Judge { lease: lease.unwrap(), right: true });
    assert_eq!(paid(&b), 1, "what is right is paid for");
}
