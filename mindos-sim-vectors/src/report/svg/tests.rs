use super::{Scale, area, line, place, smooth, steps, ticks};

#[test]
fn scales_map_their_ends_and_hold_what_is_beyond() {
    let linear = Scale::linear((0.0, 10.0), (100.0, 0.0));
    assert_eq!((linear.at(0.0), linear.at(5.0), linear.at(11.0)), (100.0, 50.0, 0.0));
    let log = Scale::logarithmic((1.0, 100.0), (0.0, 10.0));
    assert!((log.at(10.0) - 5.0).abs() < 1e-9 && log.at(0.0) == 0.0);
    assert_eq!(Scale::linear((0.0, 0.0), (3.0, 9.0)).at(0.0), 3.0, "an empty range has one place");
}

#[test]
fn ticks_are_round_and_cover_the_top() {
    assert_eq!(ticks(49.0, 5), [0.0, 10.0, 20.0, 30.0, 40.0, 50.0]);
    assert_eq!(ticks(10.0, 4), [0.0, 5.0, 10.0]);
    assert_eq!(ticks(0.0, 4).len(), 2);
    for top in [0.3, 7.0, 33.0, 99.0, 1234.0] {
        let ticks = ticks(top, 5);
        assert!(ticks.last() >= Some(&top) && (3..=9).contains(&ticks.len()), "{top}: {ticks:?}");
    }
}

#[test]
fn paths() {
    assert_eq!(line([(0.0, 1.04), (2.55, 3.0)]), "M0 1L2.5 3".replace("2.5", &place(2.55)));
    assert_eq!(steps(&[(0.0, 0.0), (5.0, 2.0)]), "M0 0L5 0L5 2");
    assert_eq!(area(&[(0.0, 1.0), (4.0, 2.0)], 9.0), "M0 1L4 2L4 9L0 9Z");
    assert_eq!((line([]), area(&[], 1.0)), (String::new(), String::new()));
}

#[test]
fn smoothing_keeps_a_constant() {
    assert_eq!(smooth(&[2.0; 5], 3), [2.0; 5]);
    assert_eq!(smooth(&[0.0, 3.0, 0.0], 3), [1.5, 1.0, 1.5]);
    assert!(smooth(&[], 3).is_empty());
}
