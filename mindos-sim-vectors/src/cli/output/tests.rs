use super::table;
use crate::figures::Figure;

#[test]
fn columns_stand_in_line() {
    let figure = |name: &str, value: &str, met: Option<bool>| Figure {
        name: name.to_owned(),
        value: value.to_owned(),
        target: met.map(|_| "≤ 6".to_owned()),
        met,
    };
    let figures =
        [figure("a longer name", "5", Some(true)), figure("b", "7 — much", Some(false)), figure("told", "1", None)];
    let mut out = anstream::StripStream::new(Vec::new());
    table(&figures, &mut out).unwrap();
    let text = String::from_utf8(out.into_inner()).unwrap();
    assert_eq!(text, "  a longer name  5         ≤ 6  ✓\n  b              7 — much  ≤ 6  ✗\n  told           1\n");
}
