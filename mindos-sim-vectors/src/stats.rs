//! Order statistics on integers.

/// The value at a percentile by the nearest-rank rule: the smallest element with at least `per_mille` thousandths of
/// all elements at or below it. `None` for an empty slice. The slice must be sorted; `per_mille` above 1000 counts as
/// 1000 and 0 gives the minimum.
pub fn percentile<T: Copy>(sorted: &[T], per_mille: u32) -> Option<T> {
    let rank = (sorted.len() as u64 * u64::from(per_mille.min(1000))).div_ceil(1000).max(1);
    sorted.get(rank as usize - 1).copied()
}

/// The median by the nearest-rank rule of a slice in any order; reorders it. `None` if it is empty.
pub fn median<T: Copy + Ord>(values: &mut [T]) -> Option<T> {
    values.sort_unstable();
    percentile(values, 500)
}

/// A share of a whole number, rounded up. The share counts in millionths (0 to 1), so that 0.07 of 100 is 7.
pub fn part_of(share: f64, whole: u64) -> u64 {
    let millionths = libm::round(share.clamp(0.0, 1.0) * 1e6) as u128;
    (millionths * u128::from(whole)).div_ceil(1_000_000) as u64
}

/// `part` of `whole` in percent; `None` if there is no whole.
pub fn percent(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 * 100.0 / whole as f64)
}

/// `numerator / denominator`; `None` if the denominator is 0.
pub fn ratio(numerator: u64, denominator: u64) -> Option<f64> {
    (denominator > 0).then(|| numerator as f64 / denominator as f64)
}

/// The standard deviation of a sample, of two values at least.
pub fn deviation(values: &[f64]) -> Option<f64> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    (values.len() > 1).then(|| libm::sqrt(squares / (values.len() - 1) as f64))
}

#[cfg(test)]
mod tests;
