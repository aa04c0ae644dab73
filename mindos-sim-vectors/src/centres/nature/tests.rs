//! The made-up world keeps the laws that it states.

use super::*;
use crate::centres::scenario::load;

fn right(say: impl Iterator<Item = (f64, bool)>) -> f64 {
    let (mut n, mut right) = (0.0, 0.0);
    for (p, truth) in say {
        n += 1.0;
        right += f64::from((p > 0.5) == truth);
    }
    right / n
}

#[test]
fn models_know_less_the_older_their_data_are_and_agents_the_noisier_they_see() {
    let mut c = load(None).unwrap();
    c.rounds = 100;
    let all = questions(&c);
    let by_age = |age: usize| right(all.iter().map(|q| (pooled(&q.models[age]), q.truth)));
    let (fresh, old) = (by_age(0), by_age(c.ages_s.len() - 1));
    // By the law of two normal variables with correlation r: 1/2 + asin(r)/pi.
    assert!((fresh - 0.83).abs() < 0.03, "{fresh}");
    assert!((old - 0.5).abs() < 0.05, "{old}");
    let agents = right(all.iter().flat_map(|q| q.signals.iter().map(|p| (*p, q.truth))));
    assert!((agents - 0.75).abs() < 0.03, "{agents}");
}

#[test]
fn the_same_seed_makes_the_same_world_and_another_one_another() {
    let c = load(None).unwrap();
    let other = Centres { seed: 2, ..c.clone() };
    assert_eq!(questions(&c), questions(&c));
    assert_ne!(questions(&c), questions(&other));
}
