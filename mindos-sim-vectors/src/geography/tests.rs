use std::collections::BTreeSet;

use super::{ACCESS_US, Geography};
use crate::input::LatencyMatrix;

/// Four hosts on a line, 10 ms apart, measured 1 ms longer leftwards.
fn line() -> LatencyMatrix {
    let rtt = |from: u32, to: u32| from.abs_diff(to) * 10_000 + if to < from { 1_000 } else { 0 };
    LatencyMatrix::from_rtts(4, (0..16).map(|cell| rtt(cell / 4, cell % 4)).collect()).unwrap()
}

#[test]
fn as_many_minds_as_hosts_are_the_hosts() {
    let geography = Geography::new(line(), 4, 1);
    assert_eq!(geography.rtt_us(0, 3), 30_000);
    assert_eq!(geography.rtt_us(3, 0), 31_000);
    assert_eq!(geography.one_way_us(1, 0), 5_500);
    assert_eq!((geography.rtt_us(2, 2), geography.one_way_us(2, 2)), (0, 0));
    assert_eq!((0..4).map(|node| geography.host(node)).collect::<Vec<_>>(), [0, 1, 2, 3]);
}

#[test]
fn fewer_minds_get_different_hosts_and_an_access_delay() {
    let geography = Geography::new(line(), 3, 1);
    let hosts: BTreeSet<u32> = (0..3).map(|node| geography.host(node)).collect();
    assert_eq!(hosts.len(), 3);
    let bare = geography.matrix().rtt_us(geography.host(0) as usize, geography.host(1) as usize);
    let access = geography.rtt_us(0, 1) - bare;
    assert!((2 * ACCESS_US.0..=2 * ACCESS_US.1).contains(&access));
}

#[test]
fn more_minds_share_hosts_evenly() {
    let geography = Geography::new(line(), 10, 5);
    for host in 0..4 {
        let here = (0..10).filter(|&node| geography.host(node) == host).count();
        assert!((2..=3).contains(&here));
    }
    let neighbours = (geography.host(0), geography.host(4));
    assert_eq!(neighbours.0, neighbours.1);
    assert!(geography.rtt_us(0, 4) >= 2_000);
    let again = Geography::new(line(), 10, 5);
    assert!((0..10).all(|node| again.rtt_us(0, node) == geography.rtt_us(0, node)));
}
