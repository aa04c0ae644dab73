use super::*;

#[test]
fn a_signal_earns_and_copies_repetitions_and_lies_do_not() {
    for seed in 1..=3 {
        let told = gains(seed).unwrap();
        let of = |kind| told.kinds[&kind].mean;
        let signal = of(Kind::Signal);
        assert!(signal > 0.0004, "{told:?}");
        // The order in which the spec says that they earn.
        assert_eq!((told.kinds[&Kind::Copy].sum, told.kinds[&Kind::Copied].sum), (0, 0), "{told:?}");
        assert!(of(Kind::Repetition) <= 0.0, "{told:?}");
        for lie in [Kind::Lie, Kind::AlwaysLie] {
            assert!(of(lie) < of(Kind::Repetition) - signal, "{lie:?}: {told:?}");
        }
        assert_eq!(told, gains(seed).unwrap());
    }
}
