use super::{Setup, SetupError};
use crate::{
    data,
    input::LatencyMatrix,
    scenario::{EventKind, Scenario, builtin, parse},
};

fn blackout() -> Scenario {
    builtin("city-blackout").unwrap()
}

#[test]
fn city_blackout_is_ready_to_run() {
    let setup = Setup::new(blackout()).unwrap();
    assert_eq!((setup.geography.nodes(), setup.workload.tasks.len(), setup.liars.len()), (490, 16_462, 5));
    let cut = setup.blackout().unwrap();
    assert_eq!(cut.dead.len(), 49);
    assert!(setup.city_radius_us().unwrap() <= 25_000);
    assert!(setup.liars.iter().all(|liar| !cut.dead.contains(liar)));
    let third = setup.workload.duration_us / 3;
    assert!(cut.at_us.abs_diff(setup.workload.warmup_us + third) < 1_000_000);
    assert!(cut.return_us.unwrap().abs_diff(setup.workload.warmup_us + 2 * third) < 1_000_000);
    assert_eq!(setup.events[1].nodes, setup.events[0].nodes);
    assert_eq!(setup.notes, ["Played the first 16462 of the trace's 19366 requests."]);
}

#[test]
fn without_a_number_there_is_one_mind_per_host() {
    let square = |hosts: u32| {
        let rtts = (0..hosts * hosts).map(|cell| u32::from(cell / hosts != cell % hosts) * 20_000).collect();
        LatencyMatrix::from_rtts(hosts as usize, rtts).unwrap()
    };
    let trace = data::azure_conv().unwrap();
    let few = Scenario { liars: 2, stretch: 0.01, ..blackout() };
    let setup = Setup::from_data(few.clone(), square(12), &trace).unwrap();
    assert_eq!((setup.scenario.nodes, setup.geography.nodes(), setup.workload.speeds_q16.len()), (12, 12, 12));
    assert_eq!(setup.notes.len(), 1, "only the stretch is told");
    let refusal = Setup::from_data(few.clone(), square(3), &trace).unwrap_err().to_string();
    assert_eq!(refusal, "with one mind per host, nodes: found 3; expected at least 4 hosts");
    let liars = Setup::from_data(Scenario { liars: 5, ..few }, square(8), &trace).unwrap_err().to_string();
    assert!(liars.contains("liars: found 5"), "{liars}");
}

#[test]
fn other_sizes_and_stretches_are_told() {
    let setup = Setup::new(Scenario { nodes: 50, stretch: 0.1, ..blackout() }).unwrap();
    assert_eq!(setup.notes.len(), 2);
    assert!(setup.notes[0].starts_with("50 minds stand on 490"), "{:?}", setup.notes);
    assert!(setup.notes[1].contains("first 1937 of the trace's 19366"), "{:?}", setup.notes);
}

#[test]
fn every_kind_finds_its_minds() {
    let begin = |kind: &str, at: f64| format!("[[event]]\nkind = \"{kind}\"\nat = {at}\nshare = 0.1\n");
    let end = |kind: &str, at: f64| format!("[[event]]\nkind = \"{kind}\"\nat = {at}\n");
    let text = ["name = \"all\"\n".to_owned(), begin("freeze", 0.1), end("wake", 0.2), begin("kill", 0.3)]
        .into_iter()
        .chain([end("return", 0.4), begin("partition", 0.5), end("heal", 0.6)]);
    let setup = Setup::new(parse("s", &text.collect::<String>()).unwrap()).unwrap();
    assert!(setup.events.iter().all(|event| event.nodes.len() == 49));
    assert!(setup.events.is_sorted_by_key(|event| event.at_us));
    assert_eq!(setup.events[4].kind, EventKind::Partition);
    assert!(setup.events[4].radius_us.is_some() && setup.events[0].radius_us.is_none());
    assert_ne!(setup.events[0].nodes, setup.events[2].nodes);
    assert!(setup.blackout().is_none());
}

#[test]
fn refuses_more_liars_than_untouched_minds() {
    let mut scenario = Scenario { liars: 245, ..blackout() };
    scenario.events[0].share = Some(0.6);
    assert!(matches!(Setup::new(scenario), Err(SetupError::TooManyLiars { liars: 245, untouched: 196 })));
    let missing = Scenario { tasks: "no/such.csv".to_owned().into(), ..blackout() };
    assert!(matches!(Setup::new(missing), Err(SetupError::Input(_))));
}
