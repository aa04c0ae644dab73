//! Times of a trace, as nanoseconds of an arbitrary origin.

/// What a message says was expected.
pub(super) const EXPECTED_TIMESTAMP: &str =
    "a time like 2023-11-16 18:15:46.6805900, or seconds from 0 to 1000000000000";

/// How a file writes its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Date and time of day.
    Date,
    /// Seconds.
    Seconds,
}

/// Nanoseconds and kind of a timestamp; `None` if it is neither a date nor seconds in range.
pub(super) fn parse_timestamp(text: &str) -> Option<(i128, Kind)> {
    match text.as_bytes() {
        [_, _, _, _, b'-', ..] => date(text).map(|at| (at, Kind::Date)),
        _ => seconds(text, 1_000_000_000_000).map(|at| (at, Kind::Seconds)),
    }
}

/// A decimal number of seconds up to `most`, in ns; up to nine decimals count, further ones are checked and dropped.
fn seconds(text: &str, most: u64) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let whole = whole.parse::<u64>().ok().filter(|&whole| whole <= most)?;
    let nanos = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    let nanos = nanos.fold(0i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
    Some(i128::from(whole) * 1_000_000_000 + nanos)
}

/// `YYYY-MM-DD[ T]hh:mm:ss[.fraction][Z|±hh:mm]` in ns.
fn date(text: &str) -> Option<i128> {
    let (day, clock) = (text.get(..10)?, text.get(11..)?);
    if !matches!(text.as_bytes().get(10)?, b' ' | b'T') {
        return None;
    }
    let [year, month, day] = numbers(day, '-', [4, 2, 2])?;
    let (clock, offset) = split_offset(clock)?;
    let [hour, minute] = numbers(clock.get(..5)?, ':', [2, 2])?;
    let rest = clock.get(5..)?.strip_prefix(':')?;
    if rest.split('.').next()?.len() != 2 || hour > 23 || minute > 59 {
        return None;
    }
    let second = seconds(rest, 60)?;
    let minutes = (days(year, month, day)? * 24 + i128::from(hour)) * 60 + i128::from(minute) - offset;
    Some(minutes * 60_000_000_000 + second)
}

/// Splits the time of day from its distance to UTC in minutes; no distance counts as 0.
fn split_offset(clock: &str) -> Option<(&str, i128)> {
    if let Some(clock) = clock.strip_suffix('Z') {
        return Some((clock, 0));
    }
    let Some(at) = clock.find(['+', '-']) else { return Some((clock, 0)) };
    let [hours, minutes] = numbers(clock.get(at + 1..)?, ':', [2, 2])?;
    let east = i128::from(hours * 60 + minutes);
    let valid = hours <= 23 && minutes <= 59;
    valid.then(|| (&clock[..at], if clock[at..].starts_with('+') { east } else { -east }))
}

/// `N` numbers of exactly the given widths.
fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[u32; N]> {
    let mut parts = text.split(separator);
    let mut values = [0; N];
    for (value, width) in values.iter_mut().zip(widths) {
        let part = parts.next().filter(|part| part.len() == width)?;
        if !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *value = part.parse().ok()?;
    }
    parts.next().is_none().then_some(values)
}

/// Days from 0000-03-01 in the Gregorian calendar; `None` if there is no such day.
fn days(year: u32, month: u32, day: u32) -> Option<i128> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // A year that starts in March has its leap day at the end; months then start at (153 m + 2) / 5.
    let (year, month) = if month > 2 { (i128::from(year), month - 3) } else { (i128::from(year) - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(year * 365 + leap_days + i128::from((153 * month + 2) / 5 + day - 1))
}

#[cfg(test)]
mod tests;
