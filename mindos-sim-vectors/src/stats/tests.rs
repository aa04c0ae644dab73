use super::{deviation, median, part_of, percent, percentile, ratio};

#[test]
fn nearest_rank() {
    let ten: Vec<u32> = (1..=10).collect();
    assert_eq!(percentile(&ten, 500), Some(5));
    assert_eq!(percentile(&ten, 990), Some(10));
    assert_eq!(percentile(&ten, 900), Some(9));
    assert_eq!(percentile(&ten, 0), Some(1));
    assert_eq!(percentile(&ten, 5000), Some(10));
    assert_eq!(percentile::<u32>(&[], 500), None);
    let thousand: Vec<u32> = (1..=1000).collect();
    assert_eq!(percentile(&thousand, 990), Some(990));
}

#[test]
fn medians_and_shares() {
    assert_eq!(median(&mut [3, 1, 2]), Some(2));
    assert_eq!(median::<u8>(&mut []), None);
    assert_eq!(percent(1, 4), Some(25.0));
    assert_eq!(percent(0, 0), None);
    assert_eq!(ratio(3, 2), Some(1.5));
    assert_eq!(ratio(3, 0), None);
}

#[test]
fn parts_round_up_without_binary_surprises() {
    assert_eq!(part_of(0.07, 100), 7);
    assert_eq!(part_of(0.1, 490), 49);
    assert_eq!(part_of(0.1, 491), 50);
    assert_eq!(part_of(1.0, u64::MAX), u64::MAX);
    assert_eq!((part_of(0.0, 10), part_of(f64::NAN, 10)), (0, 0));
}

#[test]
fn deviations_of_samples() {
    assert_eq!(deviation(&[1.0, 3.0]), Some(libm::sqrt(2.0)));
    assert_eq!(deviation(&[2.0; 5]), Some(0.0));
    assert_eq!(deviation(&[2.0]), None);
}
