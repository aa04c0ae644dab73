use super::{Filled, LatencyUnit, MAX_HOSTS, load_latency, parse_latency};
use crate::input::{InputError, LatencyMatrix};

fn ms(text: &str) -> Result<LatencyMatrix, InputError> {
    parse_latency("m.tsv", text.as_bytes(), LatencyUnit::Milliseconds)
}

/// The message of a refusal.
fn refusal(text: &str) -> String {
    ms(text).unwrap_err().to_string()
}

#[test]
fn reads_both_units_and_keeps_both_directions() {
    let matrix = ms("0\t1.5\n2\t0\n").unwrap();
    assert_eq!((matrix.rtt_us(0, 1), matrix.rtt_us(1, 0)), (1_500, 2_000));
    let seconds = parse_latency("m", "0\t0.17\n1e-1\t0".as_bytes(), LatencyUnit::Seconds).unwrap();
    assert_eq!((seconds.rtt_us(0, 1), seconds.rtt_us(1, 0)), (170_000, 100_000));
}

#[test]
fn tolerates_mark_line_ends_and_trailing_lines() {
    let plain = ms("0\t1\n1\t0").unwrap();
    for text in ["\u{feff}0\t1\n1\t0\n", "0\t1\r\n1\t0\r\n", "0\t1\n1\t0\n\n\r\n", "0\t 1\n1 \t0"] {
        assert_eq!(ms(text).unwrap(), plain, "{text:?}");
    }
}

#[test]
fn fills_what_was_not_measured() {
    let matrix = ms("0\t7\t0\t9\n0\t0\t0\t3\n0\t0\t0\t5\n9\t3\t5\t0\n").unwrap();
    assert_eq!(matrix.rtt_us(1, 0), 7_000, "opposite direction");
    assert_eq!(matrix.rtt_us(0, 2), 7_000, "median of row 0: 7 9");
    assert_eq!(matrix.rtt_us(1, 2), 3_000, "median of row 1: 3 7");
    assert_eq!(matrix.filled(), Filled { opposite: 1, row_median: 4, overall_median: 0 });
    let unknown_host = ms("0\t4\t0\n4\t0\t0\n0\t0\t0\n").unwrap();
    assert_eq!(unknown_host.rtt_us(2, 0), 4_000);
    assert_eq!(unknown_host.filled(), Filled { opposite: 0, row_median: 2, overall_median: 2 });
    assert_eq!(unknown_host.filled().total(), 4);
}

#[test]
fn diagonal_is_ignored_and_tiny_values_stay_measured() {
    let matrix = ms("5\t0.0001\n60000\t5").unwrap();
    assert_eq!((matrix.rtt_us(0, 0), matrix.rtt_us(0, 1), matrix.rtt_us(1, 0)), (0, 1, 60_000_000));
}

#[test]
fn refuses_values_with_line_and_column() {
    for bad in ["NaN", "nan", "inf", "-inf", "-1", "-0", "60001", "1e300", "x", "1,5", "", "--", "0x10", "1_000"] {
        let message = refusal(&format!("0\t1\n{bad}\t0\n"));
        assert!(message.starts_with("m.tsv, line 2, column 1: found "), "{bad}: {message}");
        assert!(message.ends_with("expected a round-trip time in ms, 0 to 60000 (0: not measured)"), "{message}");
    }
    let long = "1".repeat(200);
    let message = refusal(&format!("0\t{long}\n1\t0\n"));
    assert!(message.contains("line 1, column 2") && message.contains('…') && message.len() < 200, "{message}");
    assert!(!refusal("0\t\u{1b}[31m\n1\t0\n").contains('\u{1b}'));
    let seconds = parse_latency("m", "0\t61\n1\t0".as_bytes(), LatencyUnit::Seconds).unwrap_err().to_string();
    assert!(seconds.contains("in s, 0 to 60"), "{seconds}");
}

#[test]
fn refuses_shapes() {
    assert_eq!(refusal(""), "m.tsv: is empty; expected a square table of round-trip times");
    assert_eq!(refusal("\n\n"), "m.tsv: is empty; expected a square table of round-trip times");
    assert_eq!(refusal("0\n"), "m.tsv, line 1: found 1 cells; expected 2 to 8192, separated by tabs");
    assert_eq!(refusal("0\t1\n"), "m.tsv: has 1 lines; expected a square, and line 1 has 2 cells");
    assert_eq!(refusal("0\t1\n1\t0\t2\n"), "m.tsv, line 2: found 3 cells; expected 2 as in line 1");
    assert_eq!(refusal("0\t1\t2\n1\t0\n"), "m.tsv, line 2: found 2 cells; expected 3 as in line 1");
    assert!(refusal("0\t1\n1\t0\n1\t0\n").contains("more than 2 lines"));
    assert!(refusal("0\t1\n\n1\t0\n").contains("line 2: found an empty line before more data"));
    assert!(refusal("0\t0\n0\t0\n").contains("no measured round trip"));
    assert!(refusal("0 1\n1 0\n").contains("separated by tabs"));
}

#[test]
fn refuses_what_is_no_text_or_too_long() {
    let bytes = parse_latency("m", &b"0\t\xff\n"[..], LatencyUnit::Milliseconds).unwrap_err().to_string();
    assert_eq!(bytes, "m, line 1: found bytes that are no UTF-8 text; expected plain text");
    let endless = std::io::BufReader::new(std::io::repeat(b'1'));
    assert!(parse_latency("m", endless, LatencyUnit::Milliseconds).unwrap_err().to_string().contains("longer line"));
    assert!(refusal(&"1\t".repeat(MAX_HOSTS + 1)).contains("8194 cells"));
}

#[test]
fn refuses_a_missing_file() {
    let error = load_latency("no/such/file.tsv".as_ref(), LatencyUnit::Milliseconds).unwrap_err();
    assert!(matches!(error, InputError::Io { .. }) && error.to_string().starts_with("no/such/file.tsv: "));
}

#[test]
fn from_rtts_checks_its_shape() {
    assert!(LatencyMatrix::from_rtts(2, vec![0, 1, 1]).is_none());
    assert!(LatencyMatrix::from_rtts(1, vec![0]).is_none());
    assert!(LatencyMatrix::from_rtts(2, vec![0, 60_000_001, 1, 0]).is_none());
    assert!(LatencyMatrix::from_rtts(2, vec![0, 1, 1, 0]).is_some());
}
