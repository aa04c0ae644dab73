use super::{Crowd, azure_conv, bitcoin_otc, planetlab, truth_attribution};
use crate::stats::percentile;

#[test]
fn planetlab_is_what_its_source_says() {
    let matrix = planetlab().unwrap();
    assert_eq!(matrix.hosts(), 490);
    assert_eq!(matrix.filled().total(), 0);
    let mut all: Vec<u32> = Vec::new();
    for a in 0..490 {
        for b in 0..490 {
            assert_eq!(matrix.rtt_us(a, b), matrix.rtt_us(b, a));
            if a != b {
                all.push(matrix.rtt_us(a, b));
            }
        }
    }
    all.sort_unstable();
    assert_eq!(percentile(&all, 500).unwrap() / 1000, 135);
    assert_eq!(percentile(&all, 1000).unwrap() / 1000, 2984);
}

#[test]
fn azure_conv_is_what_its_source_says() {
    let trace = azure_conv().unwrap();
    assert_eq!(trace.requests.len(), 19_366);
    assert_eq!(trace.requests[0].at_us, 0);
    assert_eq!((trace.requests[0].context_tokens, trace.requests[0].generated_tokens), (374, 44));
    assert_eq!(trace.span_us() / 60_000_000, 58);
    let last = trace.requests.last().unwrap();
    assert_eq!((last.context_tokens, last.generated_tokens), (197, 183));
}

#[test]
fn crowds_are_what_their_sources_say() {
    for (crowd, name, questions, agents, reports) in [
        (Crowd::Rte, "rte", 800, 164, 8_000),
        (Crowd::Bluebirds, "bluebirds", 108, 39, 4_212),
        (Crowd::BarzanTweets, "barzan_tweets", 1_000, 83, 5_000),
    ] {
        let set = crowd.set().unwrap();
        assert_eq!(
            (set.name.as_str(), set.questions.len(), set.agents, set.reports()),
            (name, questions, agents, reports)
        );
        assert_eq!((set.options, set.repeated, set.foreign), (2, 0, 0));
        assert!(set.truth.iter().all(Option::is_some) && truth_attribution(name).is_some());
    }
    let otc = bitcoin_otc().unwrap();
    assert_eq!((otc.ratings.len(), otc.labels.len()), (35_592, 158));
    assert!(truth_attribution("bitcoin_otc").is_some());
}
