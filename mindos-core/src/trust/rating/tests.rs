use super::*;
use proptest::prelude::*;

fn node(n: u32) -> NodeId {
    let mut id = [0; 32];
    id[..4].copy_from_slice(&n.to_be_bytes());
    NodeId(id)
}

/// Ratings of root 0 after a settlement.
fn heard(ratings: &[(u32, u32, i8)]) -> Ratings {
    let mut r = Ratings::new([node(0)]);
    ratings.iter().for_each(|&(from, to, rating)| r.rate(node(from), node(to), rating));
    r.settle();
    r
}

// spec: TRUST-007 4636
#[test]
fn newcomers_change_nothing_whatever_they_say() {
    let mut ratings = heard(&[(0, 1, 8), (1, 2, -10)]);
    let before = ratings.rated.clone();
    for n in 100..300 {
        ratings.rate(node(n), node(2), 10);
        ratings.rate(node(n), node(n - 1), 10);
    }
    ratings.settle();
    assert_eq!(ratings.rated, before);
    assert!(ratings.standing(&node(2)) < 1 << 15 && ratings.standing(&node(1)) > 1 << 15);
    assert_eq!(ratings.standing(&node(150)), 1 << 15);
}

#[test]
fn who_is_rated_down_loses_its_word() {
    assert_eq!(heard(&[(0, 1, 5), (0, 3, 9), (3, 1, -10), (1, 2, 10)]).standing(&node(2)), 1 << 15);
}

#[test]
fn nobody_praises_itself() {
    let before = heard(&[(0, 1, 1)]);
    assert_eq!(heard(&[(0, 1, 1), (1, 1, 10)]), before);
}

// spec: TRUST-009 b609
#[test]
fn saying_it_again_adds_nothing_and_the_newest_word_counts() {
    let once = heard(&[(0, 1, 2), (1, 2, 10)]);
    let often: Vec<(u32, u32, i8)> = [(0, 1, 2)].into_iter().chain(core::iter::repeat_n((1, 2, 10), 1_000)).collect();
    assert_eq!(heard(&often).rated, once.rated, "a crumb of weight stays a crumb");
    assert_eq!(heard(&[(0, 1, 2), (1, 2, -7), (1, 2, 10)]).rated, once.rated);
}

#[test]
fn weight_does_not_go_round_in_circles() {
    // Two that praise each other have no more than the root gave one of them.
    let mut circle = vec![(0, 1, 3)];
    circle.extend((1..40).flat_map(|a| (1..40).map(move |b| (a, b, 10))));
    let r = heard(&circle);
    assert!((1..40).all(|n| r.standing(&node(n)) < 65_535));
    circle.remove(0);
    assert!(heard(&circle).rated.is_empty());
}

#[test]
fn what_is_kept_is_bounded_and_the_weightless_give_way() {
    let mut r = Ratings::new([node(0)]);
    r.rate(node(0), node(1), 9);
    r.rate(node(1), node(2), 9);
    for from in 0..200u32 {
        (0..700).for_each(|to| r.rate(node(1_000 + from), node(100_000 + to), 10));
    }
    r.settle();
    assert!(r.pairs.len() <= MAX_PAIRS);
    assert!(r.standing(&node(2)) > 1 << 15 && r.pairs.contains_key(&(node(1), node(2))));
    // One of weight does not fill the table either.
    (0..5_000).for_each(|to| r.rate(node(1), node(200_000 + to), 1));
    r.settle();
    assert_eq!(r.pairs.keys().filter(|(from, _)| *from == node(1)).count(), MAX_OF_ONE);
    assert!(!r.pairs.contains_key(&(node(1), node(2))), "its oldest words are gone");
}

proptest! {
    // The newest word of each pair decides, not who spoke first.
    // spec: TRUST-009 b609
    #[test]
    fn order_is_nothing(
        ratings in proptest::collection::btree_map((0u32..8, 0u32..8), -10i8..=10, 0..120),
        seed in any::<proptest::sample::Index>(),
    ) {
        let mut list: Vec<(u32, u32, i8)> = ratings.iter().map(|(&(from, to), &r)| (from, to, r)).collect();
        let before = heard(&list).rated;
        if !list.is_empty() {
            let n = seed.index(list.len());
            list.rotate_left(n);
            list.reverse();
        }
        prop_assert_eq!(heard(&list).rated, before);
    }
}
