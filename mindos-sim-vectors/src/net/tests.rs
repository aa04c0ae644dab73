use super::{NetConfig, Network};
use crate::{geography::Geography, input::LatencyMatrix, rng::Stream};

const QUIET: NetConfig = NetConfig { jitter: 0.0, loss: 0.0, duplicate: 0.0, reorder: 0.0, uplink_bytes_per_s: 0 };

fn network(config: NetConfig) -> Network {
    let rtts = vec![0, 100_000, 200_000, 120_000, 0, 1, 200_000, 1, 0];
    Network::new(Geography::new(LatencyMatrix::from_rtts(3, rtts).unwrap(), 3, 1), config)
}

/// Arrivals of many packets sent at 0 from 0 to 1, whose one-way time is 50 ms.
fn sample(config: NetConfig) -> Vec<Vec<u64>> {
    let (network, mut stream) = (network(config), Stream::new(1, "net"));
    (0..40_000).map(|_| network.transmit(&mut stream, 0, 0, 1, 100).times().to_vec()).collect()
}

fn share(sample: &[Vec<u64>], test: impl Fn(&[u64]) -> bool) -> f64 {
    sample.iter().filter(|times| test(times)).count() as f64 / sample.len() as f64
}

#[test]
fn a_quiet_network_takes_half_of_the_round_trip_of_that_direction() {
    let network = network(QUIET);
    let mut stream = Stream::new(1, "net");
    assert_eq!(network.transmit(&mut stream, 7, 0, 1, 1).times(), [50_007]);
    assert_eq!(network.transmit(&mut stream, 7, 1, 0, 1).times(), [60_007]);
    assert_eq!(network.transmit(&mut stream, 7, 1, 2, 1).times(), [8], "never in no time");
}

#[test]
fn bytes_take_time_on_a_slow_uplink() {
    let network = network(NetConfig { uplink_bytes_per_s: 1_000_000, ..QUIET });
    assert_eq!(network.transmit(&mut Stream::new(1, "net"), 0, 0, 1, 1_200).times(), [51_200]);
}

#[test]
fn jitter_is_exponential_with_its_mean() {
    let times: Vec<u64> = sample(NetConfig { jitter: 0.02, ..QUIET }).concat();
    assert!(times.iter().all(|&at| at >= 50_000));
    let mean = times.iter().map(|at| at - 50_000).sum::<u64>() as f64 / times.len() as f64;
    assert!((mean - 1_000.0).abs() < 20.0, "{mean}");
    let beyond = times.iter().filter(|&&at| at > 53_000).count() as f64 / times.len() as f64;
    assert!((beyond - 0.0498).abs() < 0.005, "e^-3: {beyond}");
}

#[test]
fn loss_and_duplication_have_their_shares_and_are_independent() {
    let lossy = sample(NetConfig { loss: 0.05, ..QUIET });
    assert!((share(&lossy, <[u64]>::is_empty) - 0.05).abs() < 0.005);
    let twice = sample(NetConfig { duplicate: 0.1, jitter: 0.02, ..QUIET });
    assert!((share(&twice, |times| times.len() == 2) - 0.1).abs() < 0.006);
    assert!(share(&twice, |times| times.len() == 2 && times[0] != times[1]) > 0.09, "a jitter of its own");
    let both = sample(NetConfig { loss: 0.5, duplicate: 0.5, ..QUIET });
    assert!((share(&both, |times| times.len() == 2) - 0.125).abs() < 0.01);
    assert!((share(&both, <[u64]>::is_empty) - 0.375).abs() < 0.01);
    assert!(share(&sample(NetConfig { loss: 1.0, ..QUIET }), <[u64]>::is_empty) == 1.0);
}

#[test]
fn reordering_holds_back_by_up_to_a_round_trip() {
    let held = sample(NetConfig { reorder: 0.2, ..QUIET });
    assert!((share(&held, |times| times[0] > 50_000) - 0.2).abs() < 0.01);
    assert!(held.iter().all(|times| times[0] <= 150_000));
    assert!(held.iter().any(|times| times[0] > 140_000));
}

#[test]
fn nothing_crosses_a_partition() {
    let mut network = network(QUIET);
    let mut stream = Stream::new(1, "net");
    network.set_group(&[1, 99], 1);
    assert!(!network.connected(0, 1) && network.connected(0, 2));
    assert!(network.transmit(&mut stream, 0, 0, 1, 1).times().is_empty());
    assert_eq!(network.transmit(&mut stream, 0, 0, 2, 1).times().len(), 1);
    network.heal();
    assert_eq!(network.transmit(&mut stream, 0, 0, 1, 1).times().len(), 1);
}

#[test]
fn one_stream_gives_one_future() {
    let config = NetConfig { jitter: 0.1, loss: 0.1, duplicate: 0.1, reorder: 0.1, uplink_bytes_per_s: 0 };
    assert_eq!(sample(config), sample(config));
}
