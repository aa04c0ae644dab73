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
    let mut book = Book::new(deposit());
    paid.iter().for_each(|(payee, from, to)| book.put(payment(*payee, *from, *to)));
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

// spec: INC-052 6a77
#[test]
fn a_payment_has_a_64th_of_its_deposit_at_least() {
    let narrow = |from, to| fits(&deposit(), &payment(1, from, to), 9).is_ok();
    assert_eq!(deposit().least(), 16, "of 1,000");
    assert!(narrow(0, 16) && narrow(984, 1_000));
    assert!(!narrow(0, 15) && !narrow(985, 1_000) && !narrow(0, 1));
    for units in [1, 2, 63, 64, 65, 100, 1_000, u64::MAX - 1, u64::MAX] {
        let least = u128::from(Deposit { units, ..deposit() }.least());
        let units = u128::from(units);
        assert!(least >= 1 && 65 * least > units, "65 beside each other of {units}");
        assert!(64 * (least - 1) < units, "no more than needed of {units}");
    }
}

#[test]
fn the_places_of_a_till_are_shared_among_issuers_and_payers() {
    let numbered = |n: u16, issuer: u16, payer: u16, expires: u64| {
        let name = |n: u16| core::array::from_fn(|i| if i < 2 { n.to_le_bytes()[i] } else { 0 });
        Deposit {
            id: DepositId(name(n)),
            issuer: NodeId(name(issuer)),
            payer: NodeId(name(payer)),
            expires,
            ..deposit()
        }
    };
    let mut till: BTreeMap<DepositId, Book> = BTreeMap::new();
    let put = |till: &mut BTreeMap<DepositId, Book>, d: Deposit| till.insert(d.id, Book::new(d));
    let now = 10_000;
    // 256 of each of four issuers, eight of each payer.
    for n in 0..1_024 {
        let new = numbered(n, n / 256, 1_000 + n / 8, now + u64::from(n));
        assert_eq!(take::place(&till, &new, now), Ok(None), "{n}");
        put(&mut till, new);
        if n == 7 {
            let ninth = numbered(2_000, 0, 1_000, now);
            assert_eq!(take::place(&till, &ninth, now), Err(DropReason::Full), "of one payer");
        } else if n == 255 {
            let more = numbered(2_000, 0, 3_000, now);
            assert_eq!(take::place(&till, &more, now), Err(DropReason::Full), "of one issuer");
        }
    }
    let new = numbered(2_000, 9, 3_000, now);
    assert_eq!(take::place(&till, &new, now), Err(DropReason::Full), "of all");
    // What has only just expired holds its place, for its payer and issuer too.
    assert_eq!(take::place(&till, &new, now + 300), Err(DropReason::Full));
    let again = numbered(2_000, 0, 1_000, now + 900);
    assert_eq!(take::place(&till, &again, now + 300), Err(DropReason::Full));
    let first = Some(numbered(0, 0, 0, 0).id);
    assert_eq!((take::place(&till, &new, now + 301), take::place(&till, &again, now + 301)), (Ok(first), Ok(first)));
}

#[test]
fn a_book_is_read_back_as_far_as_it_was_written() {
    let book = book(&[(1, 0, 10), (2, 10, 20)]);
    let bytes = book.to_bytes();
    assert_eq!(bytes.len(), 155 + 2 * 195);
    assert_eq!(Book::from_bytes(&DEFAULT, &bytes), Some(book.clone()));
    let cut = Book::from_bytes(&DEFAULT, &bytes.slice(..bytes.len() - 1)).unwrap();
    assert_eq!((cut.spent(), book.spent()), (10, 20));
    assert_eq!(Book::from_bytes(&DEFAULT, &bytes.slice(155..)), None, "it begins with a deposit");
    assert_eq!(Book::from_bytes(&DEFAULT, &Bytes::new()), None);
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
            let (till, sum) = tills.entry(payee).or_insert_with(|| (Book::new(deposit()), 0));
            if let (Fit::New(units), true) = (till.fit(&p), p.to <= UNITS) {
                *sum += units;
                till.put(p.clone());
                taken.push(p);
            }
        }
        let proof = taken.iter().any(|a| taken.iter().any(|b| a.is_double(b)));
        let sum: u64 = tills.values().map(|t| t.1).sum();
        prop_assert!(proof || sum <= UNITS, "{sum}");
    }
}
