use std::collections::BTreeSet;

use super::{CITY_RADIUS_US, choose_city, draw_share};
use crate::{data, geography::Geography, input::LatencyMatrix};

fn planetlab() -> Geography {
    Geography::new(data::planetlab().unwrap(), 490, 1)
}

#[test]
fn a_tenth_of_planetlab_is_a_city_within_25_ms() {
    let geography = planetlab();
    let mut centres = BTreeSet::new();
    for seed in 1..=20 {
        let city = choose_city(&geography, 0.1, seed);
        assert_eq!(city.members.len(), 49);
        assert!(city.members.contains(&city.centre) && city.members.is_sorted());
        let radius = city.members.iter().map(|&node| geography.rtt_us(city.centre, node)).max().unwrap();
        assert_eq!(radius, city.radius_us);
        let outside = (0..490).filter(|node| city.members.binary_search(node).is_err());
        assert!(outside.map(|node| geography.rtt_us(city.centre, node)).min().unwrap() >= city.radius_us);
        centres.insert(city.centre);
        assert!(city.radius_us <= CITY_RADIUS_US, "seed {seed}: {}", city.radius_us);
        assert_eq!(city, choose_city(&geography, 0.1, seed));
    }
    assert!(centres.len() > 5, "{centres:?}");
}

#[test]
fn without_a_qualifying_centre_the_smallest_radius_is_taken() {
    // 0 - 100 ms - 1 - 40 ms - 2, longer in one direction.
    let rtts = vec![0, 100_000, 140_000, 100_000, 0, 40_000, 140_000, 41_000, 0];
    let geography = Geography::new(LatencyMatrix::from_rtts(3, rtts).unwrap(), 3, 1);
    for seed in 0..10 {
        let city = choose_city(&geography, 0.5, seed);
        assert_eq!((city.centre, city.members, city.radius_us), (1, vec![1, 2], 41_000));
    }
}

#[test]
fn shares_are_drawn_by_seed_and_purpose() {
    let drawn = draw_share(100, 0.07, 1, "freeze");
    assert_eq!(drawn.len(), 7);
    assert!(drawn.is_sorted());
    assert_eq!(drawn, draw_share(100, 0.07, 1, "freeze"));
    assert_ne!(drawn, draw_share(100, 0.07, 1, "kill"));
    assert_ne!(drawn, draw_share(100, 0.07, 2, "freeze"));
    assert_eq!(draw_share(10, 0.001, 1, "x").len(), 1);
}
