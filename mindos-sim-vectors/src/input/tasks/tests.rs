use super::{Request, TASKS_HEADER, Trace, load_tasks, parse_tasks};
use crate::input::InputError;

fn trace(lines: &str) -> Result<Trace, InputError> {
    parse_tasks("t.csv", format!("{TASKS_HEADER}\n{lines}").as_bytes())
}

fn refusal(lines: &str) -> String {
    trace(lines).unwrap_err().to_string()
}

#[test]
fn reads_dates_and_seconds() {
    let dates = trace("2023-11-16 18:15:46.6805900,374,44\n2023-11-16 18:15:50.9951690,396,109\n").unwrap();
    assert_eq!(dates.requests[1], Request { at_us: 4_314_579, context_tokens: 396, generated_tokens: 109 });
    let seconds = trace("10.5,1,2\n12,3,4").unwrap();
    assert_eq!((seconds.requests[0].at_us, seconds.span_us()), (0, 1_500_000));
}

#[test]
fn puts_requests_in_order() {
    let order = trace("5,1,1\n3,2,2\n5,3,3\n3,4,4\n").unwrap();
    let tokens: Vec<u32> = order.requests.iter().map(|request| request.context_tokens).collect();
    assert_eq!(tokens, [2, 4, 1, 3]);
}

#[test]
fn tolerates_mark_line_ends_and_trailing_lines() {
    let text = format!("\u{feff}{TASKS_HEADER}\r\n1,2,3\r\n\r\n\n");
    assert_eq!(parse_tasks("t", text.as_bytes()).unwrap(), trace("1,2,3").unwrap());
}

#[test]
fn refuses_fields_with_line_and_column() {
    for (line, column, part) in [
        ("x,1,1", "TIMESTAMP", "\"x\""),
        ("NaN,1,1", "TIMESTAMP", "\"NaN\""),
        ("-1,1,1", "TIMESTAMP", "\"-1\""),
        (",1,1", "TIMESTAMP", "\"\""),
        ("1,-1,1", "ContextTokens", "\"-1\""),
        ("1,1.5,1", "ContextTokens", "\"1.5\""),
        ("1,+1,1", "ContextTokens", "\"+1\""),
        ("1,4294967296,1", "ContextTokens", "\"4294967296\""),
        ("1,1,inf", "GeneratedTokens", "\"inf\""),
        ("1,1, 1", "GeneratedTokens", "\" 1\""),
        ("1,1,", "GeneratedTokens", "\"\""),
        ("2023-11-16 18:15:46,1,1", "TIMESTAMP", "2023"),
    ] {
        let message = refusal(&format!("0,1,1\n{line}\n"));
        assert!(message.starts_with(&format!("t.csv, line 3, column {column}: found ")), "{line}: {message}");
        assert!(message.contains(part) && message.contains("; expected "), "{line}: {message}");
    }
}

#[test]
fn refuses_shapes() {
    assert_eq!(
        refusal("0,1,1,1"),
        "t.csv, line 2: found 4 fields; expected 3 fields: TIMESTAMP,ContextTokens,GeneratedTokens"
    );
    assert!(refusal("0,1").contains("found 2 fields"));
    assert!(refusal("").contains("has no request"));
    assert!(refusal("0,1,1\n\n0,1,1\n").contains("line 3: found an empty line before more data"));
    let other = parse_tasks("t", "1,2,3\n".as_bytes()).unwrap_err().to_string();
    assert!(other.starts_with("t, line 1: found \"1,2,3\"; expected the header TIMESTAMP,"), "{other}");
    assert!(parse_tasks("t", "".as_bytes()).unwrap_err().to_string().contains("is empty"));
    let endless = std::io::BufReader::new(std::io::repeat(b'1'));
    assert!(parse_tasks("t", endless).unwrap_err().to_string().contains("longer line"));
    assert!(matches!(load_tasks("no/such.csv".as_ref()), Err(InputError::Io { .. })));
}

#[test]
fn accepts_the_largest_counts() {
    let trace = trace("0,4294967295,0").unwrap();
    assert_eq!(trace.requests[0].context_tokens, u32::MAX);
}
