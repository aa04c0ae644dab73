use super::headline;
use crate::result::RunResult;

#[test]
fn says_success_and_failure() {
    let mut result = RunResult {
        nodes: 490,
        killed: 49,
        probe_interval_ms: 1_000,
        detect_all_intervals: Some(4.2),
        ..RunResult::default()
    };
    result.intents.submitted = 17_402;
    result.intents.within_60s_pct = Some(99.75);
    result.intents.omniscient_within_60s_pct = Some(100.0);
    assert_eq!(
        headline(&result),
        "49 of 490 minds lost power at once; every survivor knew all of them within 4.2 s. Of 17,402 intents of the \
         survivors none was lost; around the cut 99.8 % came back within a minute (100 % under a scheduler that knows \
         everything)."
    );
    result.detect_all_intervals = None;
    result.intents.lost = 3;
    let bad = headline(&result);
    assert!(bad.contains("not every survivor came to know") && bad.contains("3 were lost"), "{bad}");
    assert_eq!(headline(&RunResult::default()), "");
}
