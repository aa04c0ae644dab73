//! Chapter 07, receipts, and what chapter 10 makes of them.

use mindos_core::crypto::{Crypto, DEFAULT};
use mindos_core::wire::{Bytes16, DeclineReason, Frame, ResultFrame, ResultStatus, Tail};
use mindos_core::{Command, Event, IntentId, LeaseId};

use crate::bench::{Bench, skill};
use crate::intents::{hire, origin, worker};
use crate::peer::{Deal, NETWORK, Wish, frame, hash, result, signed};

const S: u64 = 1_000_000;

/// What peer 0 wants of the node, and what of it the node answers for.
fn deal(b: &Bench, lease: LeaseId, price: u64) -> Deal {
    Deal { intent: lease.intent.0, origin: b.id(0), worker: b.node.id(), epoch: lease.epoch, price }
}

/// Frames of receipts and results that peer `i` got, in order: price, and what the receipt is signed for.
fn halves(b: &Bench, i: usize) -> Vec<(u64, [u8; 32], [u8; 64])> {
    let frames = b.peers[i].log.iter().map(|raw| Frame::decode(raw).unwrap().0);
    let receipts = frames.filter_map(|f| match f {
        Frame::Receipt(r) => Some((r.price, *r.output, *r.signature)),
        _ => None,
    });
    receipts.collect()
}

fn finish(b: &mut Bench, lease: LeaseId, status: ResultStatus) {
    b.command(Command::Finish { lease, status, output: b"done".to_vec().into() });
}

// spec: INT-022 4cc1, INT-026 fee9
#[test]
fn a_worker_answers_for_its_result_and_signs_no_failure() {
    for status in [ResultStatus::Done, ResultStatus::Failed] {
        let price = 1_000;
        let mut b = worker();
        let lease = hire(&mut b, &Wish::new(skill()), 1);
        finish(&mut b, lease, status);
        let order: Vec<&str> = b.peers[0]
            .log
            .iter()
            .filter_map(|raw| match Frame::decode(raw).unwrap().0 {
                Frame::Receipt(_) => Some("receipt"),
                Frame::Result(_) => Some("result"),
                _ => None,
            })
            .collect();
        if status == ResultStatus::Failed {
            assert_eq!((order, account(&b)), (vec!["result"], (0, 0)));
            continue;
        }
        assert_eq!(order, ["receipt", "result"]);
        let (told, output, signature) = halves(&b, 0)[0];
        assert_eq!((told, output), (price, hash(&[b"done"])));
        let d = deal(&b, lease, price);
        let numbers = [d.epoch.to_le_bytes(), price.to_le_bytes()].concat();
        let fields: [&[u8]; 5] = [&d.intent, &d.origin.0, &d.worker.0, &numbers, &output];
        assert!(DEFAULT.verify(&d.worker.0, &signed("mindos/receipt/1", NETWORK, &fields), &signature));
    }
}

fn completed(b: &Bench) -> usize {
    b.events.iter().filter(|e| matches!(e, Event::Completed { .. })).count()
}

// spec: INT-023 172b
#[test]
fn no_result_counts_that_its_worker_does_not_answer_for() {
    let (mut b, intent) = origin();
    let epoch = b.leased(0).unwrap();
    b.accept(0, intent, 9 * S);
    let good = Deal { intent: intent.0, origin: b.node.id(), worker: b.id(0), epoch, price: 1 };
    let others = [
        Deal { epoch: epoch + 1, ..good },
        Deal { price: 2, ..good },
        Deal { origin: b.id(1), ..good },
        Deal { worker: b.id(1), ..good },
    ];
    b.tell(0, &result(&good, b"done"));
    for other in others {
        // The frame states the epoch and price of the lease but for the price above it; the signature is another's.
        let half = b.peers[0].receipt(&other, b"done");
        b.tell(0, &[half, result(&good, b"done")].concat());
    }
    let of_another_output = b.peers[0].receipt(&good, b"something else");
    b.tell(0, &[of_another_output, result(&good, b"done")].concat());
    let of_another = b.peers[1].receipt(&good, b"done");
    b.tell(0, &[of_another, result(&good, b"done")].concat());
    assert_eq!(completed(&b), 0);
    b.result(0, intent, epoch);
    assert_eq!(completed(&b), 1);
}

#[test]
fn a_failure_is_taken_without_a_receipt_and_owes_nothing() {
    let (mut b, intent) = origin();
    let epoch = b.leased(0).unwrap();
    b.accept(0, intent, 9 * S);
    let (status, output) = (ResultStatus::Failed, Bytes16(b""));
    let failed = ResultFrame { intent: &intent.0, epoch, status, output, tail: Tail::default() };
    b.tell(0, &frame(&failed));
    assert!(b.events.iter().any(|e| matches!(e, Event::Completed { status: ResultStatus::Failed, .. })));
    assert!(matches!(
        b.command(Command::Judge { lease: LeaseId { intent, epoch }, right: false }),
        mindos_core::Handled::Dropped(_)
    ));
    b.run_ms(20_000);
    assert_eq!(halves(&b, 0), []);
}

/// A node whose lease at peer 0 was kept.
fn served() -> (Bench, LeaseId) {
    let (mut b, intent) = origin();
    let epoch = b.leased(0).unwrap();
    b.accept(0, intent, 9 * S);
    b.result(0, intent, epoch);
    (b, LeaseId { intent, epoch })
}

// spec: INT-024 f862
#[test]
fn what_was_kept_is_paid_at_once_when_it_is_right_and_else_in_ten_seconds() {
    let (mut b, lease) = served();
    b.run_ms(9_900);
    assert_eq!(halves(&b, 0), []);
    b.run_ms(200);
    let d = Deal { intent: lease.intent.0, origin: b.node.id(), worker: b.id(0), epoch: lease.epoch, price: 1 };
    let numbers = [d.epoch.to_le_bytes(), d.price.to_le_bytes()].concat();
    let fields: [&[u8]; 5] = [&d.intent, &d.origin.0, &d.worker.0, &numbers, &hash(&[b"done"])];
    let [(1, _, signature)] = halves(&b, 0)[..] else { panic!("not paid once") };
    assert!(DEFAULT.verify(&d.origin.0, &signed("mindos/receipt/1", NETWORK, &fields), &signature));
    let (mut b, lease) = served();
    b.command(Command::Judge { lease, right: true });
    assert_eq!(halves(&b, 0).len(), 1);
    b.run_ms(70_000);
    assert_eq!(halves(&b, 0).len(), 1, "once");
}

// spec: INT-025 2a45
#[test]
fn neither_wrong_nor_broken_work_is_paid() {
    let (mut b, lease) = served();
    b.command(Command::Judge { lease, right: false });
    b.run_ms(70_000);
    assert_eq!(halves(&b, 0), []);
    // Accepted for one second, and back after five.
    let (mut b, intent) = origin();
    let epoch = b.leased(0).unwrap();
    b.accept(0, intent, S);
    b.run_ms(4_000);
    b.result(0, intent, epoch);
    assert_eq!(completed(&b), 1);
    b.run_ms(20_000);
    assert_eq!(halves(&b, 0), []);
}

#[test]
fn a_judgement_comes_within_a_minute_and_once() {
    let (mut b, lease) = served();
    let dropped = |h| matches!(h, mindos_core::Handled::Dropped(_));
    let other = LeaseId { intent: IntentId([9; 32]), epoch: lease.epoch };
    assert!(dropped(b.command(Command::Judge { lease: other, right: true })));
    b.run_ms(59_000);
    assert!(!dropped(b.command(Command::Judge { lease, right: true })));
    assert!(dropped(b.command(Command::Judge { lease, right: true })));
    let (mut b, lease) = served();
    b.run_ms(60_100);
    assert!(dropped(b.command(Command::Judge { lease, right: true })));
}

fn earned(b: &Bench) -> Vec<u64> {
    b.events.iter().filter_map(|e| if let Event::Earned { price, .. } = e { Some(*price) } else { None }).collect()
}

/// Owed and open of peer 0.
fn account(b: &Bench) -> (u64, u64) {
    b.node.accounts().next().map_or((0, 0), |(_, a)| (a.owed, a.open))
}

// spec: INC-002 c7bc
#[test]
fn a_receipt_is_whole_with_the_origins_half_for_the_same() {
    let mut b = worker();
    let lease = hire(&mut b, &Wish::new(skill()), 1);
    assert_eq!(account(&b), (0, 1_000), "from the lease on");
    finish(&mut b, lease, ResultStatus::Done);
    let good = deal(&b, lease, 1_000);
    let others = [
        b.peers[0].receipt(&Deal { price: 999, ..good }, b"done"),
        b.peers[0].receipt(&good, b"else"),
        b.peers[1].receipt(&good, b"done"),
    ];
    for half in others {
        b.tell(0, &half);
    }
    let half = b.peers[0].receipt(&good, b"done");
    b.tell(1, &half);
    assert_eq!((earned(&b), account(&b)), (vec![], (0, 1_000)));
    b.tell(0, &half);
    b.tell(0, &half);
    assert_eq!((earned(&b), account(&b)), (vec![1_000], (1_000, 0)));
    // What shows the debt to others: both signatures over the same statement.
    let whole =
        b.events.iter().find_map(|e| if let Event::Earned { receipt, .. } = e { Some(**receipt) } else { None });
    let whole = whole.unwrap();
    let numbers = [lease.epoch.to_le_bytes(), 1_000u64.to_le_bytes()].concat();
    let fields: [&[u8]; 5] = [&lease.intent.0, &whole.origin.0, &b.node.id().0, &numbers, &whole.output];
    let statement = signed("mindos/receipt/1", NETWORK, &fields);
    assert_eq!((whole.origin, whole.output), (b.id(0), hash(&[b"done"])));
    assert!(DEFAULT.verify(&b.node.id().0, &statement, &whole.worker_half));
    assert!(DEFAULT.verify(&whole.origin.0, &statement, &whole.origin_half));
    b.command(Command::Settle { node: b.id(0), amount: 400 });
    assert_eq!(account(&b), (600, 0));
}

// spec: INC-001 f913
#[test]
fn one_origin_owes_no_more_than_its_credit() {
    let declined = |b: &Bench| {
        b.peers[0].last(|f| match f {
            Frame::Decline(d) => Some(d.reason),
            _ => None,
        })
    };
    let mut b = worker();
    b.serve_on_credit(skill(), 1_500);
    let lease = hire(&mut b, &Wish::new(skill()), 1);
    assert_eq!(declined(&b), None);
    finish(&mut b, lease, ResultStatus::Done);
    // Not asked about, but leased: the quote was of another intent.
    hire(&mut b, &Wish { generated_tokens: 19, ..Wish::new(skill()) }, 2);
    assert_eq!(declined(&b), Some(DeclineReason::Budget));
    let half = b.peers[0].receipt(&deal(&b, lease, 1_000), b"done");
    b.tell(0, &half);
    hire(&mut b, &Wish { generated_tokens: 18, ..Wish::new(skill()) }, 3);
    assert_eq!(declined(&b), Some(DeclineReason::Budget), "a receipt is no payment");
    b.command(Command::Settle { node: b.id(0), amount: 1_000 });
    b.clear();
    hire(&mut b, &Wish { generated_tokens: 17, ..Wish::new(skill()) }, 4);
    assert_eq!((declined(&b), account(&b)), (None, (0, 850)));
}
