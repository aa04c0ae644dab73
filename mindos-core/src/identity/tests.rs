//! Numbers that are never used twice.

use super::*;
use crate::outbox::{Effect, Effects, PersistKey};

/// Records that a reserve asked to be persisted since.
fn asked(out: &mut Effects) -> Vec<Vec<u8>> {
    let record = |e| match e {
        Effect::Persist { key: PersistKey::Epoch, bytes } => Some(bytes.to_vec()),
        _ => None,
    };
    out.drain(..).filter_map(record).collect()
}

fn reserve(restored: Option<&[u8]>) -> (Reserve, Vec<Vec<u8>>) {
    let (mut r, mut out) = (Reserve::new(PersistKey::Epoch, 10, restored), Effects::new());
    r.refill(&mut out);
    let records = asked(&mut out);
    (r, records)
}

#[test]
fn no_number_is_given_before_its_block_is_persisted() {
    let (mut r, records) = reserve(None);
    let mut out = Effects::new();
    assert_eq!((records.len(), r.take(&mut out), r.peek()), (1, None, None));
    r.persisted(&records[0]);
    assert_eq!((r.peek(), r.take(&mut out), r.take(&mut out)), (Some(1), Some(1), Some(2)));
}

#[test]
fn the_next_block_is_asked_for_in_time_and_given_numbers_rise_without_gaps() {
    let (mut r, records) = reserve(None);
    r.persisted(&records[0]);
    let mut out = Effects::new();
    let mut given = Vec::new();
    for _ in 0..100 {
        given.extend(r.take(&mut out));
        asked(&mut out).iter().for_each(|record| r.persisted(record));
    }
    assert_eq!(given, (1..=100).collect::<Vec<u64>>());
}

#[test]
fn a_restart_continues_above_every_number_that_could_have_been_given() {
    let (mut r, records) = reserve(None);
    r.persisted(&records[0]);
    let mut out = Effects::new();
    let last = std::iter::from_fn(|| r.take(&mut out)).last().unwrap();
    let (mut again, records) = reserve(Some(&records[0]));
    assert_eq!(again.take(&mut out), None, "not from the old block");
    again.persisted(&records[0]);
    assert_eq!(again.take(&mut out), Some(last + 1));
}

#[test]
fn an_older_record_frees_no_numbers_above_it() {
    let (mut r, first) = reserve(None);
    let mut out = Effects::new();
    r.raise(5_000, &mut out);
    let second = asked(&mut out);
    r.persisted(&first[0]);
    assert_eq!(r.take(&mut out), None, "a crash now would lose the numbers from 5,000 on");
    r.persisted(&second[0]);
    assert_eq!(r.take(&mut out), Some(5_000));
}

#[test]
fn damaged_records_are_read_as_a_beginning_and_the_highest_as_the_end() {
    for restored in [&[][..], &[1, 2, 3], &[0; 8]] {
        let (mut r, records) = reserve(Some(restored));
        r.persisted(&records[0]);
        assert_eq!(r.take(&mut Effects::new()), Some(1));
    }
    let (mut r, records) = reserve(Some(&[0xff; 8]));
    r.persisted(&records[0]);
    assert_eq!(r.take(&mut Effects::new()), None, "there is none left");
}

#[test]
fn a_search_tries_the_nonces_it_is_given_and_goes_on_where_it_ended() {
    let crypto = &crate::crypto::DEFAULT;
    let node = NodeId([0x31; 32]);
    let puzzle = cost::Puzzle::new(7, &node, 20_778, cost::SEGMENT);
    let whole = puzzle.search(crypto, 10, 0..1 << 20).unwrap();
    let steps = (0..).map(|i| puzzle.search(crypto, 10, i * 16..(i + 1) * 16));
    assert_eq!(steps.take(1 << 16).flatten().next(), Some(whole));
    assert_eq!(puzzle.search(crypto, 10, 0..whole.nonce), None);
    assert_eq!(puzzle.search(crypto, 0, 5..5), None);
    assert_eq!(cost::CostProof::from_bytes(&whole.to_bytes()), whole);
    assert_eq!(whole.verify(crypto, 7, &node, 10, None), Ok(()));
    let later = Some(cost::epoch(20_780 * cost::EPOCH_S));
    assert_eq!(whole.verify(crypto, 7, &node, 10, later), Err(cost::CostError::Epoch));
    assert_eq!(cost::epoch(u64::MAX), u32::MAX);
}
