use super::{CommonArgs, SimArgs, peak_rss_mib};
use crate::{input::LatencyUnit, scenario::Source};

fn args() -> SimArgs {
    SimArgs { scenario: "city-blackout".to_owned(), ..SimArgs::default() }
}

#[test]
fn flags_override_the_scenario() {
    let args = SimArgs {
        nodes: Some(100),
        run: CommonArgs { seed: Some(7), ..CommonArgs::default() },
        latency: Some("a.tsv".into()),
        latency_unit: Some(LatencyUnit::Seconds),
        tasks: Some("b.csv".into()),
        load: Some(0.7),
        loss: Some(0.05),
        liars: Some(0),
        ..args()
    };
    let scenario = args.scenario().unwrap();
    assert_eq!((scenario.nodes, scenario.seed, scenario.liars), (100, 7, 0));
    assert_eq!((scenario.load, scenario.loss), (0.7, 0.05));
    assert_eq!((scenario.latency, scenario.tasks), (Source::File("a.tsv".into()), Source::File("b.csv".into())));
    assert_eq!(scenario.latency_unit, LatencyUnit::Seconds);
}

#[test]
fn names_of_the_shipped_data_are_not_files() {
    let args = SimArgs { latency: Some("planetlab".into()), tasks: Some("azure-conv".into()), ..args() };
    let scenario = args.scenario().unwrap();
    assert_eq!((scenario.latency, scenario.tasks), (Source::PlanetLab, Source::AzureConv));
}

#[test]
fn a_small_mesh_has_fewer_liars_unless_told() {
    let liars = |nodes, liars| SimArgs { nodes: Some(nodes), liars, ..args() }.scenario().unwrap().liars;
    assert_eq!((liars(490, None), liars(20, None), liars(8, None), liars(20, Some(5))), (5, 2, 0, 5));
}

#[test]
fn memory_is_told_where_proc_tells_it() {
    if cfg!(target_os = "linux") {
        assert!(peak_rss_mib().unwrap() > 1.0);
    }
}
