use super::*;

#[test]
fn the_scenario_that_ships_casts_every_kind_and_its_share() {
    let liars = load(None).unwrap();
    let cast = liars.cast(490);
    let of = |kind: Kind| cast.iter().filter(|k| **k == kind).count();
    assert_eq!(of(Kind::Honest), 490 - 147);
    assert_eq!(Kind::ALL.map(of)[1..].iter().sum::<usize>(), 147);
    for kind in Kind::ALL.into_iter().skip(1) {
        let wanted = liars.kinds[&key(kind)] * 147.0;
        assert!((of(kind) as f64 - wanted).abs() <= 1.0, "{kind:?}");
    }
    assert_eq!(cast[0], Kind::Honest);
    assert_eq!(cast, liars.cast(490), "by seed");
    assert_ne!(cast, Liars { seed: 2, ..liars }.cast(490));
}

#[test]
fn values_out_of_bounds_are_named() {
    let good = load(None).unwrap();
    let refused = |liars: Liars| liars.check().unwrap_err().key;
    assert_eq!(refused(Liars { nodes: 19, ..good.clone() }), "nodes");
    assert_eq!(refused(Liars { dishonest: 0.5, ..good.clone() }), "dishonest");
    assert_eq!(refused(Liars { check_one_in: 0, ..good.clone() }), "check_one_in");
    assert_eq!(refused(Liars { contexts: 1.1, ..good.clone() }), "contexts");
    assert_eq!(refused(Liars { lie_takes: 0.0, ..good.clone() }), "lie_takes");
    assert_eq!(refused(Liars { price: 0, ..good.clone() }), "price");
    assert_eq!(refused(Liars { warmup_s: 19, ..good.clone() }), "warmup_s");
    assert_eq!(refused(Liars { stretch: 0.0, ..good.clone() }), "stretch");
    let mut other = good.clone();
    other.kinds.insert("honest".to_owned(), 0.0);
    assert_eq!(refused(other), "kinds");
    let mut other = good;
    other.kinds.insert("wrong".to_owned(), 0.3);
    assert_eq!(refused(other), "kinds");
}
