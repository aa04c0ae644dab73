//! Chapter 07.

use mindos_core::wire::{
    Bytes16, Cancel, CancelOutcome, ContextData, DeclineReason, Effect, Frame, Label, Leave, Stakes, Tail,
};
use mindos_core::{Command, Duration, EndReason, Event, IntentId, LeaseId};

use crate::bench::{Bench, request, skill};
use crate::peer::{Offer, Wish, frame, hash};

const S: u64 = 1_000_000;

/// A node that serves, and two peers with sessions.
pub(crate) fn worker() -> Bench {
    let mut b = Bench::leaf(3);
    b.serve(skill());
    b.connect(1);
    b.clear();
    b
}

/// Peer 0 asks about a wish: the record, and the nonce of the quote if there is one.
fn ask(b: &mut Bench, wish: &Wish) -> (Vec<u8>, Option<u64>) {
    let record = b.peers[0].intent(wish);
    let seek = b.peers[0].seek(&record, wish);
    b.peers[0].log.clear();
    b.tell(0, &seek);
    let nonce = b.peers[0].last(|f| match f {
        Frame::Quote(q) => Some(q.nonce),
        _ => None,
    });
    (record, nonce)
}

/// A lease on easy terms.
fn offer(b: &Bench, record: &[u8], nonce: Option<u64>) -> Offer {
    Offer {
        record: record.to_vec(),
        worker: b.node.id(),
        epoch: 1,
        nonce: nonce.unwrap_or(1),
        price_limit: u64::MAX,
        finish_limit_us: u64::MAX,
        remaining_us: 600 * S,
    }
}

fn give(b: &mut Bench, from: usize, signer: usize, offer: &Offer) {
    let lease = b.peers[signer].lease(offer);
    b.tell(from, &lease);
}

/// Asks, and leases by the book.
pub(crate) fn hire(b: &mut Bench, wish: &Wish, epoch: u64) -> LeaseId {
    let (record, nonce) = ask(b, wish);
    let offer = Offer { epoch, ..offer(b, &record, nonce) };
    give(b, 0, 0, &offer);
    LeaseId { intent: IntentId(hash(&[&record])), epoch }
}

fn executed(b: &Bench) -> usize {
    b.events.iter().filter(|e| matches!(e, Event::Execute { .. })).count()
}

fn stopped(b: &Bench) -> usize {
    b.events.iter().filter(|e| matches!(e, Event::Stop { .. })).count()
}

/// Reason of the last decline that peer 0 got, and whether a new quote came with it.
fn declined(b: &Bench) -> Option<(DeclineReason, bool)> {
    b.peers[0].last(|f| match f {
        Frame::Decline(d) => Some((d.reason, d.nonce != 0)),
        _ => None,
    })
}

// spec: INT-009 b05b, INT-010 b2e6
#[test]
fn nothing_executes_without_its_authors_lease_for_this_worker() {
    let mut b = worker();
    let wish = Wish::new(skill());
    let (record, nonce) = ask(&mut b, &wish);
    let good = || offer(&b, &record, nonce);
    let elsewhere = Offer { worker: b.id(2), ..good() };
    let good = good();
    give(&mut b, 0, 1, &good);
    give(&mut b, 1, 0, &good);
    give(&mut b, 0, 0, &elsewhere);
    assert_eq!((executed(&b), declined(&b)), (0, None), "by another, through another, for another");
    give(&mut b, 0, 0, &good);
    assert_eq!(executed(&b), 1);
}

// spec: INT-011 d785
#[test]
fn a_lease_rests_on_a_quote_that_is_its_own_fresh_and_unused() {
    let wish = Wish::new(skill());
    let other = Wish { generated_tokens: 21, ..wish.clone() };
    let mut b = worker();
    let (_, foreign) = ask(&mut b, &other);
    let (record, nonce) = ask(&mut b, &wish);
    let own = nonce;
    for nonce in [foreign, Some(12_345)] {
        let offer = offer(&b, &record, nonce);
        give(&mut b, 0, 0, &offer);
        assert_eq!((executed(&b), declined(&b)), (0, Some((DeclineReason::Load, true))));
    }
    let first = offer(&b, &record, own);
    give(&mut b, 0, 0, &first);
    assert_eq!(executed(&b), 1);
    // The same quote under another epoch.
    b.peers[0].log.clear();
    let again = Offer { epoch: 2, ..offer(&b, &record, own) };
    give(&mut b, 0, 0, &again);
    assert_eq!((executed(&b), declined(&b)), (1, Some((DeclineReason::Load, true))));
    let mut b = worker();
    let (record, nonce) = ask(&mut b, &wish);
    b.run_ms(10_000);
    let late = offer(&b, &record, nonce);
    give(&mut b, 0, 0, &late);
    assert_eq!((executed(&b), declined(&b)), (0, Some((DeclineReason::Load, true))));
}

/// A lease of a wish whose seek was of another, easier kind: what the worker says to it.
fn tricked(wish: Wish, change: impl Fn(&mut Offer)) -> Option<DeclineReason> {
    let mut b = worker();
    let record = b.peers[0].intent(&wish);
    let seek = b.peers[0].seek(&record, &Wish::new(skill()));
    b.tell(0, &seek);
    let nonce = b.peers[0].last(|f| match f {
        Frame::Quote(q) => Some(q.nonce),
        _ => None,
    });
    let mut offer = offer(&b, &record, nonce);
    change(&mut offer);
    give(&mut b, 0, 0, &offer);
    assert_eq!(executed(&b) == 0, declined(&b).is_some());
    declined(&b).map(|d| d.0)
}

// spec: INT-012 e252, INT-013 8fd7, INT-014 d7b4, INT-015 3227
#[test]
fn a_worker_declines_what_is_not_for_it_and_says_why() {
    let easy = || Wish::new(skill());
    let same = |_: &mut Offer| {};
    assert_eq!(tricked(easy(), same), None);
    let policy = Some(DeclineReason::Policy);
    assert_eq!(tricked(Wish { capability: hash(&[b"other"]), ..easy() }, same), policy);
    assert_eq!(tricked(Wish { effect: Effect::Fenced, ..easy() }, same), policy);
    assert_eq!(tricked(Wish { effect: Effect::Idempotent, ..easy() }, same), None);
    assert_eq!(tricked(Wish { stakes: Stakes::High, ..easy() }, same), policy);
    assert_eq!(tricked(Wish { stakes: Stakes::Moderate, ..easy() }, same), None);
    assert_eq!(tricked(Wish { label: Label::Household, ..easy() }, same), Some(DeclineReason::Label));
    assert_eq!(tricked(Wish { label: Label::Community, ..easy() }, same), None);
    // One second of work at 1,000 milli-credits a second.
    assert_eq!(tricked(Wish { budget: 999, ..easy() }, same), Some(DeclineReason::Budget));
    assert_eq!(tricked(Wish { budget: 1_000, ..easy() }, |o| o.price_limit = 1_000), None);
    assert_eq!(tricked(easy(), |o| o.price_limit = 999), Some(DeclineReason::Budget));
    assert_eq!(tricked(easy(), |o| o.remaining_us = S - 1), Some(DeclineReason::Deadline));
    assert_eq!(tricked(easy(), |o| o.remaining_us = S), None);
    assert_eq!(tricked(easy(), |o| o.finish_limit_us = S - 1), Some(DeclineReason::Load));
}

// spec: INT-016 57c3
#[test]
fn a_repeated_lease_gets_progress_then_the_result_and_no_second_execution() {
    let mut b = worker();
    let (record, nonce) = ask(&mut b, &Wish::new(skill()));
    let offer = offer(&b, &record, nonce);
    let progress = |b: &Bench| b.count(0, |f| matches!(f, Frame::Progress(_)));
    let results = |b: &Bench| b.count(0, |f| matches!(f, Frame::Result(_)));
    give(&mut b, 0, 0, &offer);
    give(&mut b, 0, 0, &offer);
    assert_eq!((progress(&b), results(&b), executed(&b)), (2, 0, 1));
    let lease = LeaseId { intent: IntentId(hash(&[&record])), epoch: 1 };
    b.command(Command::Finish { lease, status: mindos_core::wire::ResultStatus::Done, output: b"x".to_vec().into() });
    give(&mut b, 0, 0, &offer);
    assert_eq!((progress(&b), results(&b), executed(&b)), (2, 2, 1));
}

// spec: INT-017 0c0b
#[test]
fn a_later_lease_of_an_intent_ends_the_earlier_one() {
    let mut b = worker();
    let wish = Wish::new(skill());
    let first = hire(&mut b, &wish, 1);
    let second = hire(&mut b, &wish, 2);
    assert_eq!(first.intent, second.intent);
    assert!(b.events.contains(&Event::Stop { lease: first }));
    assert_eq!((executed(&b), stopped(&b)), (2, 1));
}

// spec: INT-018 8d50, INT-019 4f26
#[test]
fn work_begins_when_the_right_content_is_there() {
    let mut b = worker();
    let contexts = vec![b"the first".to_vec(), b"the second".to_vec()];
    hire(&mut b, &Wish { contexts: contexts.clone(), ..Wish::new(skill()) }, 1);
    let send = |b: &mut Bench, content: &[u8]| {
        b.tell(0, &frame(&ContextData { bytes: Bytes16(content), tail: Tail::default() }));
    };
    let accepted = |b: &Bench| b.count(0, |f| matches!(f, Frame::Progress(p) if p.number == 0));
    send(&mut b, b"something else");
    send(&mut b, &contexts[1]);
    assert_eq!((executed(&b), accepted(&b)), (0, 0));
    send(&mut b, &contexts[0]);
    assert_eq!((executed(&b), accepted(&b)), (1, 1));
    let work = b.events.iter().find_map(|e| match e {
        Event::Execute { work, .. } => Some(work.contexts.clone()),
        _ => None,
    });
    let mut expected = contexts;
    expected.sort_by_key(|c| hash(&[c]));
    assert_eq!(work.unwrap(), expected);
}

// spec: INT-020 9d4e
#[test]
fn a_cancel_stops_and_is_answered() {
    let mut b = worker();
    let outcomes = |b: &Bench| {
        b.peers[0].last(|f| match f {
            Frame::Cancelled(c) => Some(c.outcome),
            _ => None,
        })
    };
    let lease = hire(&mut b, &Wish::new(skill()), 1);
    let cancel = frame(&Cancel { intent: &lease.intent.0, epoch: 1, tail: Tail::default() });
    b.tell(1, &cancel);
    assert_eq!(stopped(&b), 0, "nobody but the origin");
    b.tell(0, &cancel);
    assert_eq!((stopped(&b), outcomes(&b)), (1, Some(CancelOutcome::Stopped)));
    let lease = hire(&mut b, &Wish { generated_tokens: 21, ..Wish::new(skill()) }, 2);
    b.command(Command::Finish { lease, status: mindos_core::wire::ResultStatus::Done, output: b"x".to_vec().into() });
    b.tell(0, &frame(&Cancel { intent: &lease.intent.0, epoch: 2, tail: Tail::default() }));
    assert_eq!(outcomes(&b), Some(CancelOutcome::Finished));
}

/// Peer `i` leaves, or restarts.
fn lose(b: &mut Bench, i: usize, restart: bool) {
    if restart {
        (b.peers[i].incarnation, b.peers[i].sequence) = (2_000, 2_000);
        let member = b.member(i);
        b.tell(2, &member);
        return;
    }
    let id = b.id(i);
    let subject = u32::from_le_bytes(*hash(&[&0u32.to_le_bytes(), &id.0]).first_chunk().unwrap());
    let signature = &b.peers[i].member_signature("mindos/leave/1", id, 1);
    b.tell(2, &frame(&Leave { subject, incarnation: 1, signature, tail: Tail::default() }));
}

// spec: INT-021 baa5
#[test]
fn the_work_of_an_origin_that_is_gone_is_dropped() {
    for restart in [false, true] {
        let mut b = worker();
        b.connect(2);
        hire(&mut b, &Wish::new(skill()), 1);
        lose(&mut b, 0, restart);
        assert_eq!(stopped(&b), 1, "restart: {restart}");
    }
}

/// A node that gave peer 0 a lease, with peers 1 and 2 in reserve.
pub(crate) fn origin() -> (Bench, IntentId) {
    let mut b = Bench::market(4, &[0; 3]);
    let intent = b.submit(request());
    (0..3).for_each(|i| b.quote(i, intent, (2 + i as u64) * S, 1));
    assert!(b.leased(0).is_some());
    (b, intent)
}

// spec: INT-001 ce2b, INT-002 8c26
#[test]
fn an_intent_is_named_by_its_record_and_its_lifetime_falls() {
    let mut b = Bench::market(4, &[0; 3]);
    let intent = b.submit(request());
    let remaining = |b: &Bench| {
        b.peers[0].last(|f| match f {
            Frame::Seek(s) => Some(s.remaining_us),
            _ => None,
        })
    };
    assert_eq!(remaining(&b), Some(60 * S));
    // Nobody quotes: the search begins anew, with less time.
    b.run_ms(5_000);
    let later = remaining(&b).unwrap();
    assert!((55 * S..=58 * S).contains(&later), "{later}");
    b.clear();
    while b.sought(intent).is_empty() {
        b.run_ms(50);
    }
    (0..3).for_each(|i| b.quote(i, intent, 2 * S, 1));
    let lease = (0..3).find_map(|i| {
        b.peers[i].last(|f| match f {
            Frame::Lease(l) => Some((hash(&[l.intent.0]), l.remaining_us)),
            _ => None,
        })
    });
    let (name, left) = lease.unwrap();
    assert_eq!(name, intent.0);
    assert!(left <= later);
}

// spec: INT-003 055d, INT-006 9da7
#[test]
fn a_lost_lease_goes_elsewhere_under_a_higher_epoch() {
    for restart in [false, true] {
        let (mut b, intent) = origin();
        b.accept(0, intent, 9 * S);
        let first = b.leased(0).unwrap();
        b.clear();
        lose(&mut b, 0, restart);
        assert!(b.events.iter().any(|e| matches!(e, Event::Redispatched { .. })));
        b.run_ms(100);
        [1, 2].into_iter().for_each(|i| b.quote(i, intent, 2 * S, 1));
        let second = b.leased(1).or(b.leased(2));
        assert!(second > Some(first), "{first} {second:?}");
    }
}

// spec: INT-004 42a5, INT-005 ef39
#[test]
fn the_first_result_of_a_lease_counts_and_no_other() {
    let (mut b, intent) = origin();
    let epoch = b.leased(0).unwrap();
    b.accept(0, intent, 9 * S);
    let completed = |b: &Bench| b.events.iter().filter(|e| matches!(e, Event::Completed { .. })).count();
    b.result(1, intent, epoch);
    b.result(0, intent, epoch + 1);
    assert_eq!(completed(&b), 0, "from one that holds no lease, and under another epoch");
    b.result(0, intent, epoch);
    b.result(0, intent, epoch);
    assert_eq!(completed(&b), 1);
}

// spec: INT-007 5848
#[test]
fn an_intent_ends_with_its_lifetime() {
    let (mut b, intent) = origin();
    b.accept(0, intent, 100 * S);
    b.run_ms(58_000);
    let ended = |b: &Bench| b.events.contains(&Event::Ended { intent, reason: EndReason::Expired });
    assert!(!ended(&b));
    b.run_ms(3_000);
    assert!(ended(&b));
    assert_eq!(b.count(0, |f| matches!(f, Frame::Cancel(_))), 1, "and the worker is told");
    let epoch = b.leased(0).unwrap();
    b.result(0, intent, epoch);
    assert!(!b.events.iter().any(|e| matches!(e, Event::Completed { .. })));
}

// spec: INT-008 af17
#[test]
fn a_cancel_that_nobody_confirms_is_told_with_the_workers_name() {
    let (mut b, intent) = origin();
    b.accept(0, intent, 9 * S);
    b.command(Command::Cancel { intent });
    assert_eq!(b.count(0, |f| matches!(f, Frame::Cancel(_))), 1);
    b.run_ms(6_000);
    let worker = b.id(0);
    assert!(b.events.contains(&Event::Ended { intent, reason: EndReason::CancelUnconfirmed { worker } }));
}

#[test]
fn numbers_that_no_clock_reaches_do_no_harm() {
    let mut b = Bench::market(4, &[0; 3]);
    let intent = b.submit(request());
    (0..3).for_each(|i| b.quote(i, intent, u64::MAX, 1));
    let holder = (0..3).find(|i| b.leased(*i).is_some()).unwrap();
    b.accept(holder, intent, u64::MAX);
    b.run(Duration::from_secs(70));
    assert!(b.events.contains(&Event::Ended { intent, reason: EndReason::Expired }));
}
