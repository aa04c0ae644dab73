use super::*;
use crate::rng::Stream;

fn record(forecasts: &str, outcomes: &str) -> Result<Record, String> {
    let forecasts = format!("time,question,forecaster,p_yes_permille\n{forecasts}");
    let outcomes = format!("question,outcome,resolved\n{outcomes}");
    Record::parse("tiny", ("f", forecasts.as_bytes()), ("o", outcomes.as_bytes())).map_err(|error| error.to_string())
}

/// Three forecasters: one knows, one says what is usual, one guesses.
fn drawn(questions: u32) -> Record {
    let mut rng = Stream::new(1, "truth forecasts test");
    let (mut forecasts, mut outcomes) = (String::new(), String::new());
    for q in 0..questions {
        let outcome = u32::from(rng.happens(0.3));
        let knows = if rng.happens(0.9) { outcome } else { 1 - outcome };
        forecasts += &format!("{q},{q},knows,{}\n", 100 + 800 * knows);
        forecasts += &format!("{q},{q},usual,300\n{q},{q},guesses,{}\n", rng.below(1_001));
        outcomes += &format!("{q},{outcome},{}\n", q + 1);
    }
    record(&forecasts, &outcomes).unwrap()
}

#[test]
fn times_are_seconds_since_1970() {
    assert_eq!(time("1970-01-01 00:00:00"), Some(0));
    assert_eq!(time("2008-06-20 03:46:16"), Some(1_213_933_576));
    assert_eq!(time("2000-02-29T23:59:59"), Some(951_868_799));
    assert_eq!(time("-7"), Some(-7));
    assert!(["2008-13-01 00:00:00", "2008-06-20", "soon", "2008-06-20 24:00:00"].iter().all(|t| time(t).is_none()));
}

#[test]
fn the_last_word_before_the_outcome_counts() {
    let told = record("1,a,x,900\n3,a,x,200\n2,a,x,500\n9,a,x,1000\n1,b,x,5\n", "a,0,9\n").unwrap();
    assert_eq!(told.questions, [Question { said: vec![(0, 200)], outcome: 0 }]);
    assert_eq!((told.late, told.open, told.forecasters), (1, 1, 1));
}

#[test]
fn who_knows_is_found_and_the_pool_is_better_than_the_simple_ones() {
    let told = drawn(600).trial(&|| 0.0);
    let of = |name: &str| told.baselines[name].brier;
    assert!(told.pool.brier < of("mean") && told.pool.brier < of("log_pool"), "{told:?}");
    assert!(told.strangers.brier < of("mean") && (1..=2).contains(&told.proved), "{told:?}");
    assert_eq!(told.forecasts_per_s, None);
}

// The same in every build: integers alone are in it.
#[test]
fn the_digest_is_pinned() {
    assert_eq!(drawn(200).trial(&|| 0.0).digest, "5bd8a05f9674f84e8d1ec72fa9d27336395aa427dbb188116f450b1e053bb268");
}

#[test]
fn refusals_name_file_line_and_what_was_expected() {
    for (forecasts, outcomes, part) in [
        ("1,a,x,1001\n", "a,1,2\n", "f, line 2, column p_yes_permille: found \"1001\"; expected a whole number"),
        ("soon,a,x,1\n", "a,1,2\n", "f, line 2, column time: found \"soon\"; expected a time as 2008-06-20 03:46:16"),
        ("1,a,x,1\n", "a,2,2\n", "o, line 2, column outcome: found \"2\"; expected 1 for yes or 0 for no"),
        ("1,a,x,1\n", "a,1,2\na,1,3\n", "o, line 3, column question: found \"a\"; expected each question once"),
        ("3,a,x,1\n", "a,1,2\n", "f: has no forecast on a question before it was resolved"),
    ] {
        let refusal = record(forecasts, outcomes).unwrap_err();
        assert!(refusal.contains(part), "{refusal}");
    }
}
