use super::{OURS, compare};
use crate::{
    baselines::{Conditions, Policy, run},
    outcome::summarise,
    result::RunResult,
    scenario::{Scenario, builtin},
    setup::Setup,
};

#[test]
fn every_policy_is_compared_to_the_omniscient() {
    let scenario = Scenario { stretch: 0.2, ..builtin("city-blackout").unwrap() };
    let setup = Setup::new(scenario).unwrap();
    let conditions = Conditions { advert_period_us: 10_000_000, detect_us: 4_000_000 };
    let blackout = setup.blackout().unwrap();
    let outcomes = run(Policy::Omniscient, &setup.workload, &setup.geography, Some(&blackout), conditions, 1);
    let ours = summarise(&outcomes, &blackout.dead, Some(blackout.at_us));
    let mut result = RunResult::default();
    let all = compare(&setup, conditions, ours.clone(), &mut result);
    assert_eq!(all.len(), 6);
    assert_eq!((all[0].name.as_str(), all[1].name.as_str()), (OURS, "omniscient"));
    assert_eq!(all[1].summary, ours);
    assert_eq!(result.p99_vs_omniscient, Some(1.0));
    assert_eq!(result.intents.within_60s_pct, result.intents.omniscient_within_60s_pct);
    assert_eq!(result.baselines.len(), 4);
    assert!(result.baselines.values().all(|baseline| baseline.p99_vs_omniscient > Some(1.0)));
}
