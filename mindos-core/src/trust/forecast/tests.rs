use super::*;

fn node(n: u32) -> NodeId {
    let mut id = [0; 32];
    id[..4].copy_from_slice(&n.to_be_bytes());
    NodeId(id)
}

fn forecast(n: u32, yes: u16) -> Forecast {
    Forecast { agent: node(n), weights: vec![65_535 - yes, yes] }
}

/// A domain in which forecasters 0 to `agents` are vouched for.
fn domain(agents: u32) -> Forecasts {
    let mut forecasts = Forecasts::new();
    (0..agents).for_each(|n| forecasts.admit(node(n), 256));
    forecasts
}

#[test]
fn who_was_right_before_weighs_more() {
    let mut forecasts = domain(3);
    for n in 0..60u8 {
        let (yes, no) = if n % 3 == 0 { (60_000, 5_000) } else { (5_000, 60_000) };
        forecasts.resolve(2, &[forecast(1, yes), forecast(2, no)], u8::from(n % 3 == 0));
    }
    let pool = forecasts.pool(2, &[forecast(1, 60_000), forecast(2, 5_000)]);
    assert!(pool[1] > ONE * 3 / 4, "{pool:?}");
}

#[test]
fn careful_forecasters_are_made_bolder_and_rash_ones_more_careful() {
    let (mut careful, mut rash) = (domain(3), domain(3));
    for n in 0..200u32 {
        let right = u8::from(n % 8 != 0);
        careful.resolve(2, &[forecast(1, 39_000), forecast(2, 39_000)], right);
        rash.resolve(2, &[forecast(1, 65_400), forecast(2, 65_400)], u8::from(n % 4 != 0));
    }
    assert!(careful.boldness() > 8 && rash.boldness() < 8);
}

#[test]
fn a_pool_of_one_is_that_forecast_and_of_none_says_nothing() {
    let forecasts = domain(3);
    assert!(forecasts.pool(2, &[forecast(1, 50_000)])[1].abs_diff(50_000) < 8);
    assert_eq!(forecasts.pool(2, &[]), [ONE / 2, ONE / 2]);
    assert!(quadratic(&forecasts.pool(2, &[forecast(1, 65_535)]), 1) < 256);
    let twice = [forecast(1, 50_000), forecast(2, 9_000), forecast(1, 60_000)];
    assert_eq!(forecasts.pool(2, &twice), forecasts.pool(2, &twice[..2]), "the first of a node counts");
}

#[test]
fn what_fits_no_question_changes_nothing() {
    let mut forecasts = Forecasts::new();
    forecasts.resolve(2, &[forecast(1, 9)], 2);
    forecasts.resolve(2, &[], 0);
    forecasts.resolve(99, &[forecast(1, 9)], 0);
    let three = Forecast { agent: node(1), weights: vec![1, 2, 3] };
    forecasts.resolve(2, &[three], 0);
    assert_eq!(forecasts, Forecasts::new());
}

// spec: TRUST-008 cb83
#[test]
fn a_strangers_forecast_weighs_exactly_nothing() {
    let run = |strangers: u32| {
        let mut forecasts = domain(2);
        let mut pools = Vec::new();
        for n in 0..200u32 {
            let mut now = vec![forecast(0, 40_000), forecast(1, 20_000)];
            now.extend((100..100 + strangers).map(|s| forecast(s + n * strangers, 65_535)));
            pools.push(forecasts.pool(2, &now));
            forecasts.resolve(2, &now, u8::from(n % 2 == 0));
        }
        (pools, forecasts.lost)
    };
    assert_eq!(run(0), run(100));
}

// spec: TRUST-008 cb83
#[test]
fn who_knows_more_than_the_pool_proves_it_and_who_copies_it_does_not() {
    let mut forecasts = domain(2);
    let voice = |f: &Forecasts, n| f.skill[&node(n)].voice();
    let mut first = None;
    for n in 0..120u32 {
        let outcome = u8::from(n % 3 == 0);
        let knows = if outcome == 1 { 55_000 } else { 10_000 };
        let mut now = vec![forecast(0, 30_000), forecast(1, 30_000)];
        let copy = (forecasts.pool(2, &now)[1] * 65_535 / ONE) as u16;
        now.extend([forecast(7, knows), forecast(8, copy), forecast(9, 65_535 - knows)]);
        forecasts.resolve(2, &now, outcome);
        if voice(&forecasts, 7) > 0 && first.is_none() {
            first = Some(n);
        }
    }
    assert!(first.is_some_and(|n| (10..40).contains(&n)), "{first:?}");
    assert_eq!(voice(&forecasts, 7), 256);
    assert_eq!((voice(&forecasts, 8), voice(&forecasts, 9)), (0, 0));
}

// spec: TRUST-008 cb83
#[test]
fn guessers_hardly_ever_get_a_voice() {
    // The pool says what is so: one of four comes true. Each stranger guesses anew, boldly.
    let mut lucky = 0;
    let mut state = 1u64;
    let mut noise = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..2_000 {
        let mut forecasts = domain(1);
        lucky += u32::from((0..150).any(|_| {
            let outcome = u8::from(noise() % 4 == 0);
            let guess = [500, 8_000, 33_000, 60_000][(noise() % 4) as usize];
            forecasts.resolve(2, &[forecast(0, 16_384), forecast(1, guess)], outcome);
            forecasts.skill[&node(1)].voice() > 0
        }));
    }
    assert!(lucky <= 2, "{lucky} of 2,000, where one in 1,024 is the bound");
}

#[test]
fn strangers_together_weigh_no_more_than_those_who_are_vouched_for() {
    let mut forecasts = domain(1);
    for n in 0..200u32 {
        let outcome = u8::from(n % 2 == 0);
        let knows = if outcome == 1 { 62_000 } else { 3_000 };
        let mut now = vec![forecast(0, 33_000)];
        now.extend((10..50).map(|s| forecast(s, knows)));
        forecasts.resolve(2, &now, outcome);
    }
    let mut now = vec![forecast(0, 6_554)];
    now.extend((10..50).map(|s| forecast(s, 58_981)));
    let pool = forecasts.pool(2, &now);
    assert!(pool[1].abs_diff(ONE / 2) < 600, "{pool:?}");
}

#[test]
fn what_is_known_of_forecasters_is_bounded_and_strangers_are_forgotten_first() {
    let mut forecasts = domain(3);
    (10..MAX_FORECASTERS as u32 + 100).for_each(|n| forecasts.resolve(2, &[forecast(n, 9), forecast(0, 9)], 0));
    assert!(forecasts.skill.len() <= MAX_FORECASTERS);
    assert!((0..3).all(|n| forecasts.skill.contains_key(&node(n))));
}

#[test]
fn a_forecast_earns_what_it_added_to_the_pool() {
    let forecasts = domain(4);
    let said = [forecast(0, 30_000), forecast(1, 60_000), forecast(2, 5_000), forecast(9, 60_000)];
    let gains = forecasts.gains(2, &said, 1);
    assert_eq!(gains.iter().map(|g| g.0).collect::<Vec<_>>(), [0, 1, 2, 9].map(node));
    assert!(gains[1].1 > 0 && gains[2].1 < 0, "{gains:?}");
    assert_eq!(gains[3].1, 0, "nobody vouches for it");
    // By the score, as section 2.8 has it.
    let score = |said: &[Forecast]| {
        let pool = forecasts.pool(2, said);
        2 * pool[1] - pool.iter().map(|p| (p * p) >> 16).sum::<i64>()
    };
    assert_eq!(i64::from(gains[1].1), score(&said) - score(&[said[0].clone(), said[2].clone()]));
    assert!(forecasts.gains(2, &said, 2).is_empty() && forecasts.gains(3, &said, 1).is_empty());
}

#[test]
fn who_forecasts_what_the_pool_says_adds_nothing() {
    let forecasts = domain(3);
    let others = [forecast(0, 20_000), forecast(1, 50_000)];
    let pool = forecasts.pool(2, &others);
    let repeated = Forecast { agent: node(2), weights: pool.iter().map(|p| (p * 65_535 / ONE) as u16).collect() };
    let gains = forecasts.gains(2, &[others[0].clone(), others[1].clone(), repeated], 1);
    assert!(gains[2].1.abs() <= 4, "{gains:?}");
}
