//! The caps of the store.

use super::*;

fn name(n: usize) -> [u8; 32] {
    let mut name = [0; 32];
    name[..8].copy_from_slice(&n.to_le_bytes());
    name
}

#[test]
fn short_contents_are_capped_in_number_and_the_oldest_goes_first() {
    let mut store = Store::default();
    for n in 0..=MAX_CONTENTS {
        store.insert(name(n), Bytes::from_static(b"x"));
    }
    assert_eq!((store.contents.len(), store.order.len(), store.bytes), (MAX_CONTENTS, MAX_CONTENTS, MAX_CONTENTS));
    assert!(store.get(&name(0)).is_none() && store.get(&name(1)).is_some());
}

#[test]
fn long_contents_are_capped_in_bytes() {
    let mut store = Store::default();
    for n in 0..100 {
        store.insert(name(n), Bytes::from(vec![0; 60_000]));
    }
    assert!(store.bytes <= MAX_BYTES && store.bytes > MAX_BYTES - 60_000, "{} bytes", store.bytes);
    assert!(store.get(&name(99)).is_some());
}
