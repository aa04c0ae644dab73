use super::{BUILTIN, EventKind, Source, builtin, load, parse};
use crate::input::LatencyUnit;

fn refusal(text: &str) -> String {
    parse("s.toml", &format!("name = \"x\"\n{text}")).unwrap_err().to_string()
}

#[test]
fn built_ins_pass_their_own_checks() {
    for name in BUILTIN {
        assert_eq!(builtin(name).unwrap().name, name);
    }
    let blackout = load("city-blackout").unwrap();
    assert_eq!((blackout.nodes, blackout.liars, blackout.warmup_s), (0, 5, 60));
    let events = blackout.timed_events(60_000_000, 600_000_000);
    assert_eq!(events[0].0, 60_000_000 + 199_980_000);
    assert_eq!((events[0].1.kind, events[1].1.kind), (EventKind::KillCity, EventKind::ReturnCity));
}

#[test]
fn a_name_is_enough() {
    let scenario = parse("s.toml", "name = \"quiet\"").unwrap();
    assert_eq!((scenario.nodes, scenario.seed, scenario.load), (0, 1, 0.5));
    assert_eq!(scenario.latency, Source::PlanetLab);
    assert!(scenario.events.is_empty());
}

#[test]
fn files_and_units() {
    let scenario =
        parse("s.toml", "name = \"x\"\nlatency = \"a.tsv\"\nlatency_unit = \"s\"\ntasks = \"b.csv\"").unwrap();
    assert_eq!(scenario.latency, Source::File("a.tsv".into()));
    assert_eq!(scenario.latency_unit, LatencyUnit::Seconds);
    assert_eq!(scenario.tasks, Source::File("b.csv".into()));
}

#[test]
fn events_in_seconds() {
    let text = "name = \"x\"\n[[event]]\nat_s = 2.5\nkind = \"partition\"\nshare = 0.3\n\
                [[event]]\nat_s = 3\nkind = \"heal\"";
    let scenario = parse("s.toml", text).unwrap();
    assert_eq!(scenario.timed_events(1_000_000, 9)[0].0, 3_500_000);
}

#[test]
fn refuses_values_with_file_key_and_expectation() {
    for (text, message) in [
        ("nodes = 3", "s.toml, nodes: found 3; expected 4 to 1000000, or 0 for one per host"),
        ("nodes = 1000001", "s.toml, nodes: found 1000001; expected 4 to 1000000, or 0 for one per host"),
        ("load = 0.0", "s.toml, load: found 0; expected 0.01 to 2"),
        ("load = nan", "s.toml, load: found NaN; expected 0.01 to 2"),
        ("loss = 1.0", "s.toml, loss: found 1; expected a share from 0 to 0.9"),
        ("reorder = -0.1", "s.toml, reorder: found -0.1; expected a share from 0 to 0.9"),
        ("jitter = inf", "s.toml, jitter: found inf; expected 0 to 10"),
        ("stretch = 0.0", "s.toml, stretch: found 0; expected a share above 0, at most 1"),
        ("nodes = 490\nliars = 246", "s.toml, liars: found 246; expected at most half of the nodes"),
        ("warmup_s = 3601", "s.toml, warmup_s: found 3601; expected 0 to 3600"),
        ("latency = \"azure-conv\"", "s.toml, latency: found azure-conv; expected planetlab or a file"),
        (
            "[[event]]\nkind = \"heal\"\nat = 0.5",
            "s.toml, event \"heal\": found no beginning; expected what it ends to begin earlier",
        ),
        (
            "[[event]]\nkind = \"kill\"\nat = 0.5",
            "s.toml, event 1, share: found nothing; expected the share of minds it befalls, above 0, at most 0.9",
        ),
        (
            "[[event]]\nkind = \"kill\"\nshare = 0.1",
            "s.toml, event 1, at: found nothing; expected at (share of the run) or at_s (seconds)",
        ),
        (
            "[[event]]\nkind = \"kill\"\nshare = 0.1\nat = 0.1\nat_s = 1",
            "s.toml, event 1, at: found at and at_s; expected only one of them",
        ),
        (
            "[[event]]\nkind = \"kill\"\nshare = 0.1\nat = 1.1",
            "s.toml, event 1, at: found 1.1; expected a share of the run from 0 to 1",
        ),
        (
            "[[event]]\nkind = \"kill\"\nshare = 0.91\nat = 0.1",
            "s.toml, event 1, share: found 0.91; expected above 0, at most 0.9",
        ),
    ] {
        assert_eq!(refusal(text), message);
    }
    assert!(parse("s.toml", "name = \"A b\"").unwrap_err().to_string().contains("name: found \"A b\""));
}

#[test]
fn refuses_syntax_with_its_place() {
    let unknown = refusal("lod = 0.5");
    assert!(unknown.contains("line 2") && unknown.contains("unknown field `lod`"), "{unknown}");
    assert!(refusal("[[event]]\nkind = \"kil\"\nat = 0.1").contains("unknown variant"));
    assert!(refusal("nodes = \"many\"").contains("invalid type"));
    assert!(refusal("nodes = -4").contains("line 2"));
    assert!(refusal("nodes = ").contains("line 2"));
    assert!(parse("s.toml", "nodes = 5").unwrap_err().to_string().contains("missing field `name`"));
}

#[test]
fn refuses_what_is_not_there() {
    assert!(load("no-such").unwrap_err().to_string().contains("there is: city-blackout"));
    assert!(load("no/such.toml").unwrap_err().to_string().starts_with("no/such.toml: cannot be read"));
    assert!(!load("\u{1b}[31m").unwrap_err().to_string().contains('\u{1b}'));
}
