//! What fits into a book, and what remains of it.

use mindos_wire::{RecordBody, Tail};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::book::Fit;
use super::*;
use crate::crypto::DEFAULT;
use crate::identity::{Identity, sign_record};

fn payer() -> Identity {
    Identity::new(&DEFAULT, [2; 32], 7)
}

fn deposit() -> Deposit {
    let issuer = Identity::new(&DEFAULT, [1; 32], 7);
    let body = RecordBody::Deposit(DepositBody { payer: &payer().id.0, units: 1_000, tail: Tail::default() });
    Deposit::decode(&DEFAULT, &sign_record(&issuer, 1, 9, &body).unwrap()).unwrap()
}

fn payment(payee: u8, from: u64, to: u64) -> Payment {
    let deposit = deposit().id;
    let body = PaymentBody { deposit: &deposit.0, payee: &[payee; 32], from, to, tail: Tail::default() };
    Payment::decode(&sign_record(&payer(), 1, 9, &RecordBody::Payment(body)).unwrap()).unwrap()
}

fn book(paid: &[(u8, u64, u64)]) -> Book {
    let mut book = Book::new(deposit(), Instant(0));
    paid.iter().for_each(|(payee, from, to)| book.put_last(payment(*payee, *from, *to), 8));
    book
}

// spec: INC-039 9ecf, INC-040 2048
#[test]
fn a_payment_gives_what_is_new_overlaps_or_is_known() {
    let book = book(&[(1, 0, 10), (2, 10, 20), (1, 30, 40)]);
    let fit = |payee, from, to| match book.fit(&payment(payee, from, to)) {
        Fit::New(units) => Ok(Some(units)),
        Fit::Known => Ok(None),
        Fit::Overlaps(held) => Err((held.payee.0[0], held.from)),
    };
    assert_eq!(fit(1, 0, 10), Ok(None));
    assert_eq!(fit(1, 0, 3), Ok(None));
    assert_eq!(fit(1, 30, 31), Ok(None));
    assert_eq!(fit(1, 30, 45), Ok(Some(5)));
    assert_eq!(fit(3, 20, 30), Ok(Some(10)), "between two");
    assert_eq!(fit(1, 40, 41), Ok(Some(1)));
    assert_eq!(fit(1, 0, 11), Err((2, 10)));
    assert_eq!(fit(2, 9, 20), Err((1, 0)), "another's before one's own");
    assert_eq!(fit(2, 0, 10), Err((1, 0)), "the same range of another");
    assert_eq!(fit(1, 5, 6), Err((1, 0)), "a part of one's own");
    assert_eq!(fit(1, 25, 31), Err((1, 30)));
}

#[test]
fn two_payments_are_a_double_spend_if_one_unit_has_two_owners() {
    let double = |a: (u8, u64, u64), b: (u8, u64, u64)| {
        let of = |p: (u8, u64, u64)| payment(p.0, p.1, p.2).record;
        assert_eq!(is_double_spend(&of(a), &of(b)), is_double_spend(&of(b), &of(a)));
        is_double_spend(&of(a), &of(b))
    };
    assert!(double((1, 0, 10), (2, 9, 10)));
    assert!(double((1, 0, u64::MAX), (2, 0, 1)));
    assert!(!double((1, 0, 10), (2, 10, 11)));
    assert!(!double((1, 0, 10), (1, 5, 11)), "one payee has it either way");
    assert!(!is_double_spend(&deposit().record, &deposit().record));
    // Neither of another payer, nor of another deposit.
    let signed = |seed, deposit: [u8; 32]| {
        let body = PaymentBody { deposit: &deposit, payee: &[2; 32], from: 0, to: 9, tail: Tail::default() };
        sign_record(&Identity::new(&DEFAULT, [seed; 32], 7), 1, 9, &RecordBody::Payment(body)).unwrap()
    };
    let held = payment(1, 0, 10).record;
    assert!(is_double_spend(&held, &signed(2, deposit().id.0)));
    assert!(!is_double_spend(&held, &signed(3, deposit().id.0)));
    assert!(!is_double_spend(&held, &signed(2, [0; 32])));
}

#[test]
fn the_lowest_or_the_narrowest_gives_way() {
    let all: Vec<(u8, u64, u64)> = (0..8).map(|n| (1, n * 20, n * 20 + 10)).collect();
    let starts = |b: &Book| b.paid.keys().copied().collect::<Vec<_>>();
    let mut last = book(&all);
    last.put_last(payment(2, 500, 501), 8);
    assert_eq!(starts(&last), [20, 40, 60, 80, 100, 120, 140, 500]);
    assert_eq!(last.spent(), 501);
    let mut wide = book(&all);
    wide.put_wide(payment(2, 500, 600), 8);
    wide.put_wide(payment(2, 40, 59), 8);
    wide.put_wide(payment(2, 700, 701), 8);
    assert_eq!(starts(&wide), [20, 40, 60, 80, 100, 120, 140, 500]);
    assert_eq!(wide.paid[&40].to, 59);
}

#[test]
fn a_book_is_read_back_as_far_as_it_was_written() {
    let book = book(&[(1, 0, 10), (2, 10, 20)]);
    let bytes = book.to_bytes();
    assert_eq!(bytes.len(), 155 + 2 * 195);
    assert_eq!(Book::from_bytes(&DEFAULT, &bytes, Instant(0)), Some(book.clone()));
    let cut = Book::from_bytes(&DEFAULT, &bytes.slice(..bytes.len() - 1), Instant(0)).unwrap();
    assert_eq!((cut.spent(), book.spent()), (10, 20));
    assert_eq!(Book::from_bytes(&DEFAULT, &bytes.slice(155..), Instant(0)), None, "it begins with a deposit");
    assert_eq!(Book::from_bytes(&DEFAULT, &Bytes::new(), Instant(0)), None);
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(0x7061_7973), failure_persistence: None, ..Default::default() })]

    /// Whatever a payer signs: what honest payees count, and no pair of it proves a lie, is no more than there is.
    #[test]
    fn more_than_there_is_cannot_be_given_without_a_proof(offers in prop::collection::vec((1u8..4, 0u64..60, 1u64..30), 1..40)) {
        const UNITS: u64 = 80;
        let mut tills: BTreeMap<u8, (Book, u64)> = BTreeMap::new();
        let mut taken: Vec<Payment> = Vec::new();
        for (payee, from, width) in offers {
            let p = payment(payee, from, from + width);
            let (till, sum) = tills.entry(payee).or_insert_with(|| (Book::new(deposit(), Instant(0)), 0));
            if let (Fit::New(units), true) = (till.fit(&p), p.to <= UNITS) {
                *sum += units;
                till.put_last(p.clone(), usize::MAX);
                taken.push(p);
            }
        }
        let proof = taken.iter().any(|a| taken.iter().any(|b| a.is_double(b)));
        let sum: u64 = tills.values().map(|t| t.1).sum();
        prop_assert!(proof || sum <= UNITS, "{sum}");
    }
}
