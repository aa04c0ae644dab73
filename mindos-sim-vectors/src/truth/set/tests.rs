use super::Set;

fn set(reports: &str, truth: Option<&str>) -> Result<Set, String> {
    let truth = truth.map(|truth| ("truth.csv", truth.as_bytes()));
    Set::parse("tiny", ("reports.csv", reports.as_bytes()), truth).map_err(|error| error.to_string())
}

#[test]
fn names_are_any_text_and_the_order_of_rows_changes_nothing() {
    let one = set("task,worker,label\n9,x,1\n10,\"a, b\",0\n9,\"a, b\",1\n", Some("task,label\n10,2\n")).unwrap();
    let other = set("task,worker,label\n9,\"a, b\",1\n10,\"a, b\",0\n9,x,1\n", Some("task,label\n10,2\n")).unwrap();
    assert_eq!(one, other);
    assert_eq!((one.options, one.agents, one.reports()), (3, 2, 3));
    assert_eq!(one.questions, [vec![(0, 1), (1, 1)], vec![(0, 0)]]);
    assert_eq!(one.truth, [None, Some(2)]);
}

#[test]
fn an_agent_reports_once_on_a_question() {
    let set = set("task,worker,label\nq,w,1\nq,w,0\n", Some("task,label\nq,1\nelsewhere,0\n")).unwrap();
    assert_eq!((set.questions, set.repeated, set.foreign), (vec![vec![(0, 1)]], 1, 1));
}

#[test]
fn refusals_name_file_line_and_what_was_expected() {
    for (reports, truth, part) in [
        ("", None, "reports.csv: is empty; expected the header task,worker,label"),
        ("task,worker\n", None, "reports.csv, line 1: found \"task,worker\"; expected the header task,worker,label"),
        ("task,worker,label\n", None, "reports.csv: has no row below its header"),
        ("task,worker,label\n1,2\n", None, "reports.csv, line 2: found 2 fields; expected 3 fields"),
        (
            "task,worker,label\n1,2,0\n\n1,3,16\n",
            None,
            "reports.csv, line 4, column label: found \"16\"; expected an option, 0 to 15",
        ),
        ("task,worker,label\n1,2,-1\n", None, "line 2, column label: found \"-1\""),
        ("task,worker,label\n,2,1\n", None, "line 2, column task: found \"\"; expected a name of 1 to 256 bytes"),
        (
            "task,worker,label\n1,2,1\n",
            Some("task,label\n1,1\n1,0\n"),
            "truth.csv, line 3, column task: found \"1\"; expected one truth for each question",
        ),
        (
            "task,worker,label\n1,2,1\n",
            Some("task,label\n2,1\n"),
            "truth.csv: has no truth of a question that was reported on",
        ),
    ] {
        let refusal = set(reports, truth).unwrap_err();
        assert!(refusal.contains(part), "{refusal}");
    }
    let bytes = Set::parse("tiny", ("r", b"task,worker,label\n1,\xff,1\n".as_slice()), None::<(&str, &[u8])>);
    assert!(bytes.unwrap_err().to_string().contains("r, line 2: found bytes that are no UTF-8 text"));
}

#[test]
fn a_crowd_on_one_question_is_refused() {
    let rows: String = (0..1_025).map(|worker| format!("q,{worker},0\n")).collect();
    let refusal = set(&format!("task,worker,label\n{rows}"), None).unwrap_err();
    assert_eq!(refusal, "reports.csv: has 1025 reports on question \"q\"; expected at most 1024");
}
