//! Logarithm and exponential to base 2 in integers (spec 09, "Arithmetic").

/// One, in parts per 2^16.
pub(crate) const ONE: i64 = 1 << 16;

/// `LOG[i]` = round(2^16 · log2(1 + i/256)).
const LOG: [i64; 257] = log_table();
/// `EXP[i]` = round(2^16 · 2^(-i/256)).
const EXP: [i64; 257] = exp_table();

/// Bit by bit: the square of a number has twice its logarithm.
const fn log_table() -> [i64; 257] {
    let mut table = [0; 257];
    let mut i = 0;
    while i < 257 {
        let mut x: u128 = (256 + i as u128) << 54;
        let (mut log, mut bit) = (0i64, 0);
        while bit < 24 {
            // 2^62 is one; x stays in [1, 2] but for i = 256, whose logarithm is 1.
            if x >= 1 << 63 {
                log += 1 << (24 - bit);
                break;
            }
            x = (x * x) >> 62;
            bit += 1;
            if x >= 1 << 63 {
                x >>= 1;
                log += 1 << (24 - bit);
            }
        }
        table[i] = (log + (1 << 7)) >> 8;
        i += 1;
    }
    table
}

/// The product of the roots 2^(-1/2), 2^(-1/4) … that the bits of i name.
const fn exp_table() -> [i64; 257] {
    let mut table = [0; 257];
    let mut i = 0;
    while i < 257 {
        let mut x: u128 = 1 << 62;
        let mut root: u128 = 1 << 61;
        let mut bit = 8;
        while bit > 0 {
            bit -= 1;
            // From 2^-1 to 2^(-1/2), 2^(-1/4) …
            root = (root << 62).isqrt();
            if (i >> bit) & 1 == 1 {
                x = (x * root) >> 62;
            }
        }
        if i == 256 {
            x = 1 << 61;
        }
        table[i] = ((x + (1 << 45)) >> 46) as i64;
        i += 1;
    }
    table
}

/// 2^16 · log2(x), at most 2 below the exact value; log2(0) counts as -64.
pub(crate) const fn log2(x: u64) -> i64 {
    if x == 0 {
        return -64 * ONE;
    }
    let whole = 63 - x.leading_zeros() as i64;
    // The first 24 bits behind the leading one.
    let rest = if whole >= 24 { x >> (whole - 24) } else { x << (24 - whole) };
    let (i, part) = (((rest >> 16) & 255) as usize, (rest & 0xffff) as i64);
    (whole << 16) + LOG[i] + (((LOG[i + 1] - LOG[i]) * part) >> 16)
}

/// 2^16 · log2(a / b).
pub(crate) const fn log2_ratio(a: i64, b: i64) -> i64 {
    log2(a as u64) - log2(b as u64)
}

/// 2^16 · 2^(-y) for `y` in parts per 2^16, not negative; at most 2 off.
pub(crate) const fn exp2_neg(y: i64) -> i64 {
    if y >= 17 << 16 {
        return 0;
    }
    let (i, part) = (((y >> 8) & 255) as usize, y & 255);
    (EXP[i] + (((EXP[i + 1] - EXP[i]) * part) >> 8)) >> (y >> 16)
}

/// Turns logarithms into shares of `ONE` in place. The shares add up to at most `ONE`; rounding falls away.
pub(crate) fn softmax(logs: &mut [i64]) {
    let Some(&top) = logs.iter().max() else { return };
    for l in logs.iter_mut() {
        *l = exp2_neg(top - *l);
    }
    let sum: i64 = logs.iter().sum();
    for l in logs.iter_mut() {
        *l = (*l << 16) / sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_the_rounded_values() {
        for i in 0..=256 {
            let x = i as f64 / 256.0;
            assert_eq!(LOG[i], ((1.0 + x).log2() * 65_536.0).round() as i64, "log {i}");
            assert_eq!(EXP[i], ((-x).exp2() * 65_536.0).round() as i64, "exp {i}");
        }
    }

    #[test]
    fn logarithm_and_exponential_keep_their_stated_error() {
        let mut x = 1u64;
        while x < 1 << 60 {
            let exact = (x as f64).log2() * 65_536.0;
            let off = log2(x) as f64 - exact;
            assert!((-2.0..=1.0).contains(&off), "log2({x}): {off}");
            x += x / 97 + 1;
        }
        for y in 0..(20 << 16) {
            let off = exp2_neg(y) as f64 - (-(y as f64) / 65_536.0).exp2() * 65_536.0;
            assert!(off.abs() <= 2.0, "exp2_neg({y}): {off}");
        }
    }

    #[test]
    fn shares_add_up_to_one_or_little_less() {
        let mut v = [-3 * ONE, 0, -ONE, -40 * ONE];
        softmax(&mut v);
        let sum: i64 = v.iter().sum();
        assert!((ONE - 4..=ONE).contains(&sum) && v[3] == 0 && v[1] > v[2] && v[2] > v[0]);
    }
}
