use super::*;

#[test]
fn a_signal_earns_and_copies_repetitions_and_lies_do_not() {
    for seed in 1..=3 {
        let told = gains(seed).unwrap();
        let of = |kind| told.kinds[&kind].mean;
        let signal = of(Kind::Signal);
        assert!(signal > 0.0004, "{told:?}");
        for kind in [Kind::Copy, Kind::Copied] {
            assert!(of(kind) < signal / 3.0 && of(kind) > -signal / 3.0, "{kind:?}: {told:?}");
        }
        assert!(of(Kind::Repetition) < signal / 3.0, "{told:?}");
        assert!(of(Kind::Lie) < -signal / 2.0, "{told:?}");
        assert_eq!(told.kinds[&Kind::AlwaysLie].sum, 0, "who is never heard earns nothing: {told:?}");
        assert_eq!(told, gains(seed).unwrap());
    }
}
