use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value as Json;

use super::run::{Ran, cases, command, file, ran, run};

type Test = (&'static str, fn());

macro_rules! tests {
    ($($name:ident),* $(,)?) => { &[$((stringify!($name), $name as fn())),*] };
}

pub(crate) const ALL: &[Test] = tests![
    the_reference_passes_with_none_skipped,
    a_testee_without_fault_passes_with_none_skipped,
    acceptance_of_a_second_encoding_is_found,
    a_wrong_class_or_position_is_found,
    a_wrong_value_or_encoding_is_found,
    forgeries_and_wrong_traces_are_found,
    secrets_and_timer_names_may_be_left_out,
    a_skip_of_what_was_declared_fails,
    a_partial_implementation_runs_its_groups_and_the_others_are_skipped,
    a_broken_off_answer_fails_its_case_and_no_other,
    a_hang_ends_with_the_timeout_and_leaves_no_process,
    words_in_between_do_not_stop_the_clock,
    what_a_testee_started_ends_with_it,
    what_a_testee_said_is_kept_in_part,
    what_a_testee_said_cannot_command_a_terminal,
    an_answer_given_twice_fails,
    the_runner_gives_up_a_testee_that_always_crashes,
    a_testee_must_end_well_with_its_input,
    without_hello_nothing_runs,
    what_cannot_run_exits_with_2,
    known_failures_are_excused_and_unexpected_passes_are_not,
    people_see_a_table_and_why,
    a_closed_pipe_ends_quietly,
    the_testee_of_the_document_passes,
];

/// The case at which faults show that show once.
const ONCE: &str = "wire/minifloat/2047";
const SOME: [&str; 2] = ["--only", "wire/minifloat"];

fn one(id: &str) -> BTreeSet<String> {
    [id.to_owned()].into()
}

/// The only failure of a run.
fn failure(ran: &Ran) -> Json {
    let report = ran.report();
    assert_eq!((ran.code, report["failures"].as_array().unwrap().len()), (1, 1), "{}", ran.out);
    report["failures"][0].clone()
}

fn the_reference_passes_with_none_skipped() {
    let mindos = env!("CARGO_BIN_EXE_mindos");
    let output = std::process::Command::new(mindos).args(["vectors", "run", "--json", "--", mindos, "testee"]).output();
    passes_whole(&ran(output.unwrap()));
}

fn a_testee_without_fault_passes_with_none_skipped() {
    passes_whole(&run("none", &[]));
}

fn passes_whole(ran: &Ran) {
    let report = ran.report();
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert_eq!(report["passed"], cases(|_, _| true).len());
    assert_eq!((&report["failed"], &report["skipped"], &report["ok"]), (&0.into(), &0.into(), &true.into()));
    assert_eq!(report["requirements"]["not_exercised"].as_array().unwrap().len(), 0);
    let kinds: BTreeSet<&str> =
        report["groups"].as_array().unwrap().iter().map(|g| g["type"].as_str().unwrap()).collect();
    assert!(kinds.len() >= 8, "{kinds:?}");
}

fn acceptance_of_a_second_encoding_is_found() {
    let ran = run("accepts-trailing", &[]);
    let expected = cases(|group, case| group["type"] == "DecodeFrame" && case["error"] == "trailing");
    assert!(expected.len() > 20);
    assert_eq!((ran.code, ran.failed()), (1, expected));
}

fn a_wrong_class_or_position_is_found() {
    for (fault, class) in [("wrong-class", "order"), ("wrong-position", "range")] {
        let (ran, expected) = (run(fault, &[]), cases(|_, case| case["error"] == class));
        assert!(expected.len() > 10);
        assert_eq!((ran.code, ran.failed()), (1, expected), "{fault}");
    }
    let ran = run("refuses-all", &[]);
    let valid = |group: &Json, case: &Json| {
        group["type"] != "Minifloat" && case["result"] == "valid" && case.get("bytes").is_some()
    };
    assert_eq!((ran.code, ran.failed()), (1, cases(valid)));
    // What only those cases exercise is told.
    assert!(ran.report()["requirements"]["not_exercised"].as_array().unwrap().iter().any(|id| id == "WIRE-018"));
}

fn a_wrong_value_or_encoding_is_found() {
    let failed = |fault: &str| {
        let ran = run(fault, &[]);
        assert_eq!(ran.code, 1, "{fault}");
        ran.failed()
    };
    assert_eq!(failed("wrong-value"), cases(|_, case| case["value"]["nonce"] == "1"));
    let tail = |case: &Json| case["value"].get("tail").is_some();
    assert_eq!(failed("lost-extension"), cases(|_, case| tail(case)));
    let starts =
        |case: &Json| case["bytes"].as_str().unwrap_or_default().starts_with("02") && case["result"] == "valid";
    assert_eq!(failed("wrong-again"), cases(|_, case| starts(case)));
    assert_eq!(failed("numbers"), one(ONCE));
    assert!(failed("upper-case").len() > 100);
}

fn forgeries_and_wrong_traces_are_found() {
    let ran = run("takes-forgeries", &[]);
    assert_eq!((ran.code, ran.failed()), (1, cases(|group, _| group["type"] == "HandshakeRefuse")));
    let ran = run("takes-signatures", &[]);
    let forged = cases(|group, case| group["type"] == "VerifySignature" && case["result"] == "invalid");
    assert_eq!((ran.code, forged.len() > 40, ran.failed()), (1, true, forged));
    let ran = run("takes-successions", &[]);
    let refused = cases(|group, case| group["type"] == "Succession" && case["result"] == "invalid");
    assert_eq!((ran.code, refused.len() > 20, ran.failed()), (1, true, refused));
    let ran = run("forgets-an-output", &[]);
    let stepped = |group: &Json, _: &Json| {
        let stepped = ["NodeTrace", "Transport", "Cookie", "Truth", "Ratings", "Forecasts", "Questions", "Incentives"];
        stepped.iter().any(|t| group["type"] == *t)
    };
    assert_eq!((ran.code, ran.failed()), (1, cases(stepped)));
    let ran = run("opens-twice", &[]);
    let replayed = |group: &Json, case: &Json| group["type"] == "Transport" && case["flags"][0] == "Replayed";
    assert_eq!((ran.code, ran.failed().is_superset(&cases(replayed))), (1, true));
}

fn secrets_and_timer_names_may_be_left_out() {
    passes_whole(&run("hides-secrets", &[]));
}

fn a_skip_of_what_was_declared_fails() {
    let ran = run("skips", &[]);
    assert_eq!((ran.code, ran.failed(), &ran.report()["passed"]), (1, cases(|_, _| true), &0.into()));
    assert_eq!(run("skips-once", &[]).failed(), one(ONCE));
}

fn a_partial_implementation_runs_its_groups_and_the_others_are_skipped() {
    let ran = run("hello-partial", &[]);
    let own = cases(|group, _| {
        let message = group["message"].as_str().unwrap_or_default();
        message == "load-advert" || (group["type"] == "DecodeRecord" && ["intent", "beacon"].contains(&message))
    });
    let report = ran.report();
    assert_eq!((ran.code, &report["passed"], &report["failed"]), (0, &own.len().into(), &0.into()));
    assert_eq!(report["skipped"], cases(|_, _| true).len() - own.len());
    let missing = report["requirements"]["not_exercised"].as_array().unwrap();
    assert!(missing.contains(&"SES-001".into()) && !missing.contains(&"WIRE-002".into()), "{missing:?}");
}

fn a_broken_off_answer_fails_its_case_and_no_other() {
    for (fault, what, got) in [
        ("exits", "answer", "the testee ended: exit"),
        ("aborts", "answer", "the testee ended: "),
        ("closes", "answer", "the testee ended"),
        ("wrong-id", "id", "\"x\""),
        ("id-is-a-number", "id", ""),
        ("no-id", "id", "null"),
        ("garbage", "answer", "a line that is no JSON object: \"Traceback"),
        ("no-object", "answer", "a line that is no JSON object: \"[]\""),
        ("empty-line", "answer", "a line that is no JSON object: \"\""),
        ("too-long", "answer", "a line of more than 1048576 bytes"),
    ] {
        let ran = run(fault, &SOME);
        let (failure, report) = (failure(&ran), ran.report());
        assert_eq!((&failure["id"], &failure["what"]), (&ONCE.into(), &what.into()), "{fault}");
        assert!(failure["got"].as_str().unwrap().starts_with(got), "{fault}: {failure}");
        assert_eq!(failure["request"]["quantity"], "2047", "{fault}");
        assert_eq!(report["restarts"], 1, "{fault}");
    }
    let failure = failure(&run("exits", &SOME));
    assert!(failure["stderr"].as_str().unwrap().contains("terrible"), "{failure}");
    // In step again without a restart.
    let ran = run("no-status", &SOME);
    assert_eq!((ran.failed(), &ran.report()["restarts"]), (one(ONCE), &0.into()));
}

fn a_hang_ends_with_the_timeout_and_leaves_no_process() {
    let ran = run("hangs", &[&SOME[..], &["--timeout-ms", "2000"]].concat());
    let failure = failure(&ran);
    assert_eq!((&failure["id"], &failure["got"]), (&ONCE.into(), &"nothing within 2000 ms".into()));
    let pid = failure["stderr"].as_str().unwrap().strip_prefix("pid ").unwrap().to_owned();
    assert!(!Path::new("/proc").join(pid).exists());
}

fn words_in_between_do_not_stop_the_clock() {
    let timely = ["--only", ONCE, "--timeout-ms", "2000"];
    assert_eq!(failure(&run("stalls", &timely))["got"], "nothing within 2000 ms");
    let report = run("lingers-in-words", &timely).report();
    assert_eq!(report["faults"][0], "it did not end within 2000 ms of its input");
}

#[cfg(target_os = "linux")]
fn what_a_testee_started_ends_with_it() {
    /// Whether a process runs; one that nobody waits for may be left as a zombie.
    fn runs(pid: &str) -> bool {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with(['Z', 'X']))
    }
    for fault in ["hangs-with-child", "exits-with-child"] {
        let failure = failure(&run(fault, &[&SOME[..], &["--timeout-ms", "2000"]].concat()));
        let said = failure["stderr"].as_str().unwrap();
        let pid = said.lines().find_map(|line| line.strip_prefix("child ")).unwrap();
        // It was told to end, and may need a moment for it.
        let ended = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            !runs(pid)
        });
        assert!(ended, "{fault}: {failure}");
    }
}

#[cfg(not(target_os = "linux"))]
fn what_a_testee_started_ends_with_it() {}

fn what_a_testee_said_is_kept_in_part() {
    // The beginning, and how much is missing.
    let most = 4_096 + "… (1000000 bytes cut)".len();
    let kept = |text: &Json, cut: &str| {
        let text = text.as_str().unwrap();
        assert!(text.len() <= most && text.ends_with(cut), "{text}");
    };
    let ran = run("floods", &SOME);
    let report = ran.report();
    assert_eq!(ran.failed(), cases(|group, _| group["type"] == "Minifloat"));
    // A quotation mark at either end of them.
    report["failures"].as_array().unwrap().iter().for_each(|f| kept(&f["got"], "x… (895906 bytes cut)"));
    for (fault, key) in [("floods-names", "got"), ("floods-garbage", "got"), ("floods-ids", "got")] {
        kept(&failure(&run(fault, &SOME))[key], " bytes cut)");
    }
    let report = run("floods-members", &["--only", "wire/ping"]).report();
    kept(&report["failures"][0]["what"], "x… (85910 bytes cut)");
    kept(&run("floods-hello", &SOME).report()["implementation"], "x… (85904 bytes cut)");
    let refused = run("hello-floods", &SOME);
    assert!(refused.code == 2 && refused.err.len() < 2 * most, "{}", refused.err.len());
    let last = run("chatters-long", &SOME).report();
    kept(&last["faults"][0], " bytes cut)");
}

fn what_a_testee_said_cannot_command_a_terminal() {
    let obeyed = |c: char| {
        (c.is_control() && c != '\n')
            || ('\u{202a}'..='\u{202e}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c)
    };
    for (fault, code) in [("paints", 1), ("paints-its-name", 0), ("hello-paints", 2), ("exits", 1), ("hello-exits", 2)]
    {
        for json in [&["--json"][..], &[]] {
            let ran = ran(command(fault, &[&SOME[..], json].concat()).output().unwrap());
            assert_eq!(ran.code, code, "{fault}: {}", ran.err);
            let said = ran.out + &ran.err;
            assert!(said.contains('\u{fffd}') && !said.contains(obeyed), "{fault}: {said:?}");
        }
    }
}

fn an_answer_given_twice_fails() {
    assert_eq!(failure(&run("twice", &SOME))["id"], ONCE);
    assert_eq!(failure(&run("twice", &["--only", ONCE]))["got"], "the same answer twice");
    let ran = run("twice-always", &[]);
    assert_eq!((ran.code, ran.failed()), (1, cases(|_, _| true)));
    let ran = run("hello-twice", &SOME);
    assert_eq!((ran.code, &ran.report()["faults"][0]), (1, &"hello was answered twice".into()));
}

fn the_runner_gives_up_a_testee_that_always_crashes() {
    let ran = run("exits-always", &[]);
    let report = ran.report();
    assert_eq!((ran.code, ran.failed(), &report["restarts"]), (1, cases(|_, _| true), &10.into()));
    let last = report["failures"].as_array().unwrap().last().unwrap();
    assert_eq!(last["got"], "not asked: given up after 10 restarts without a passed case");
}

fn a_testee_must_end_well_with_its_input() {
    for (fault, said) in [
        ("lingers", "it did not end within 2000 ms of its input\npid "),
        ("ends-badly", "after its last answer: the testee ended: exit"),
        ("chatters", "it went on speaking after its last answer: "),
    ] {
        let ran = run(fault, &[&SOME[..], &["--timeout-ms", "2000"]].concat());
        let report = ran.report();
        assert_eq!((ran.code, &report["failed"], &report["ok"]), (1, &0.into(), &false.into()), "{fault}");
        assert!(report["faults"][0].as_str().unwrap().starts_with(said), "{fault}: {}", report["faults"]);
    }
}

fn without_hello_nothing_runs() {
    for (fault, said) in [
        ("hello-exits", "the testee ended: exit"),
        ("hello-hangs", "nothing within 2000 ms"),
        ("hello-refuses", "\"why\":\"no\""),
        ("hello-misspells", "it declares the unknown operation \"DecodeFrmae\""),
        ("hello-unknown-message", "it declares the message \"pong\" of DecodeFrame, of which there are no vectors"),
        ("hello-nothing", "nothing to run"),
    ] {
        let ran = run(fault, &["--timeout-ms", "500"]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{fault}");
        assert!(ran.err.starts_with("error: ") && ran.err.contains(said), "{fault}: {}", ran.err);
    }
    assert!(run("hello-exits", &[]).err.contains("terrible"));
}

fn what_cannot_run_exits_with_2() {
    let folder = file("empty");
    fs::create_dir_all(&folder).unwrap();
    let empty = folder.to_str().unwrap();
    for (args, said) in [
        (vec!["--only", "no/such"], "--only: no case has such an id"),
        (vec!["--dir", "no/such"], "there is no manifest"),
        (vec!["--dir", empty], "there is no manifest"),
        (vec!["--known-failures", "no/such"], "no/such: cannot be read"),
        (vec!["--report", "no/such/report.json"], "expected a file in an existing folder"),
        (vec!["--timeout-ms", "0"], "invalid value '0'"),
    ] {
        let ran = run("none", &args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}: {}", ran.err);
        assert!(ran.err.contains(said), "{args:?}: {}", ran.err);
    }
    fs::remove_dir(folder).unwrap();
    let mindos = |args: &[&str]| {
        ran(std::process::Command::new(env!("CARGO_BIN_EXE_mindos"))
            .args(["vectors", "run"])
            .args(args)
            .output()
            .unwrap())
    };
    let missing = mindos(&["--", "no/such/program"]);
    assert!(missing.code == 2 && missing.err.contains("no/such/program: cannot be started"), "{}", missing.err);
    let nothing = mindos(&[]);
    assert!(nothing.code == 2 && nothing.err.contains("COMMAND"), "{}", nothing.err);
}

fn known_failures_are_excused_and_unexpected_passes_are_not() {
    let list = file("known");
    let path = list.to_str().unwrap();
    let with = |fault: &str, text: &str| {
        fs::write(&list, text).unwrap();
        run(fault, &["--known-failures", path])
    };
    let order: Vec<String> = cases(|_, case| case["error"] == "order").into_iter().collect();
    let text = format!("# to do\n\n{}  # soon\n", order.join("\n"));
    let excused = with("wrong-class", &text);
    let report = excused.report();
    assert_eq!((excused.code, &report["failed"], &report["known"]), (0, &0.into(), &order.len().into()));
    assert!(report["failures"].as_array().unwrap().iter().all(|failure| failure["known"] == true));
    let mended = with("none", &text);
    assert_eq!((mended.code, mended.failed()), (1, order.iter().cloned().collect()));
    let unknown = with("none", "wire/ping/typical\nwire/no/such\n");
    assert!(unknown.code == 2 && unknown.err.contains("line 2: no case is called \"wire/no/such\""), "{}", unknown.err);
    // What is skipped did not pass.
    assert_eq!(with("hello-partial", "wire/ping/typical\n").code, 0);
    fs::remove_file(list).unwrap();
}

fn people_see_a_table_and_why() {
    let path = file("report.json");
    let told = |fault: &str| ran(command(fault, &["--report", path.to_str().unwrap()]).output().unwrap());
    let good = told("none");
    for part in [
        "passed  failed  skipped",
        "wire_link DecodeFrame ping ",
        "hs_xx Handshake Noise_XX",
        "✓ ",
        " passed, 0 failed\n",
    ] {
        assert!(good.code == 0 && good.out.contains(part), "{part}: {}", good.out);
    }
    let report: Json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!((&report["ok"], &report["implementation"]), (&true.into(), &"mindos-core".into()));
    let bad = told("wrong-class");
    for part in ["expected err, error order", "got      err, error range", "more failures", "✗ "] {
        assert!(bad.code == 1 && bad.out.contains(part), "{part}: {}", bad.out);
    }
    let crashed = told("exits");
    assert!(crashed.out.contains("terrible") && !crashed.out.contains('\u{1b}'), "{}", crashed.out);
    assert!(crashed.out.contains("restarted once"), "{}", crashed.out);
    fs::remove_file(path).unwrap();
}

fn a_closed_pipe_ends_quietly() {
    for (fault, code) in [("none", 0), ("wrong-class", 1)] {
        let mut child = command(fault, &[]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ran = ran(child.wait_with_output().unwrap());
        assert_eq!((ran.code, ran.err.as_str()), (code, ""), "{fault}");
    }
}

/// Where there is Python; the page is for people who may have nothing else.
fn the_testee_of_the_document_passes() {
    let document = fs::read_to_string(mindos_sim_vectors::vectors::directory().join("../README.md")).unwrap();
    let (_, program) = document.split_once("```python\n").unwrap();
    let (program, _) = program.split_once("```").unwrap();
    let python = std::process::Command::new("python3").args(["-c", "pass"]).status();
    if !python.is_ok_and(|status| status.success()) {
        return;
    }
    let mut mindos = std::process::Command::new(env!("CARGO_BIN_EXE_mindos"));
    let ran = ran(mindos.args(["vectors", "run", "--json", "--", "python3", "-c", program]).output().unwrap());
    let minifloats = cases(|group, _| group["type"] == "Minifloat");
    let report = ran.report();
    assert_eq!((ran.code, &report["passed"], &report["failed"]), (0, &minifloats.len().into(), &0.into()));
}
