//! Messages arrive whole and once over any network that lets enough through.

use std::collections::BTreeMap;

use mindos_wire::{Bytes16, Frame, MAX_PACKET, SEALED_HEADER, SEALED_OVERHEAD, Tail, frames};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;

const ROOM: usize = MAX_PACKET - SEALED_OVERHEAD;
const BYTES: usize = MAX_PACKET;

/// SplitMix64.
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n.max(1)
    }
}

/// Chances in 1,000, and the longest extra delay.
#[derive(Clone, Copy, Debug)]
struct Weather {
    loss: u64,
    duplication: u64,
    jitter_ms: u64,
}

#[derive(Default)]
struct End {
    delivery: Delivery,
    counter: u64,
    delivered: Vec<Vec<u8>>,
    given_up: bool,
}

impl End {
    /// What a node does with a packet.
    fn receive(&mut self, now: Instant, counter: u64, packet: &[u8]) {
        let (mut eliciting, mut kept) = (false, true);
        for frame in frames(&packet[SEALED_HEADER..]) {
            match frame.unwrap() {
                Frame::Fragment(f) => {
                    eliciting = true;
                    match self.delivery.fragment(&f) {
                        Ok(message) => self.delivered.extend(message),
                        Err(_) => kept = false,
                    }
                }
                Frame::Ack(a) => self.delivery.ack(now, &a),
                other => panic!("{other:?}"),
            }
        }
        if kept {
            self.delivery.received(now, counter, eliciting);
        }
    }

    /// What leaves now.
    fn send(&mut self, now: Instant, flush: bool) -> Vec<(u64, Vec<u8>)> {
        let mut packets = Vec::new();
        while let Some(mut outgoing) = self.delivery.next_packet(now, SEALED_HEADER, ROOM, flush) {
            let packet = core::mem::take(&mut outgoing.packet);
            assert!(packet.len() <= SEALED_HEADER + ROOM, "a packet of {} bytes", packet.len());
            self.delivery.sent(now, self.counter, packet.len() + 16, outgoing);
            packets.push((self.counter, packet));
            self.counter += 1;
        }
        packets
    }
}

/// Carries packets both ways, each 20 ms, until nobody waits for anything.
fn carry(ends: &mut [End; 2], weather: Weather, seed: u64) -> Instant {
    let (mut rng, mut now, mut order) = (Rng(seed), Instant(0), 0);
    let mut sky: BTreeMap<(Instant, u64), (usize, u64, Vec<u8>)> = BTreeMap::new();
    for _ in 0..100_000 {
        for (from, end) in ends.iter_mut().enumerate() {
            let flush = end.delivery.flush_at(now).is_some_and(|at| at <= now);
            for (counter, packet) in end.send(now, flush) {
                let copies = 1 + u64::from(rng.below(1_000) < weather.duplication);
                for _ in 0..copies {
                    let delay = Duration::from_millis(20 + rng.below(weather.jitter_ms + 1));
                    order += 1;
                    if rng.below(1_000) >= weather.loss {
                        sky.insert((now + delay, order), (1 - from, counter, packet.clone()));
                    }
                }
            }
        }
        let timers = ends.iter().flat_map(|e| [e.delivery.flush_at(now), e.delivery.recovery_at()]).flatten();
        let arrival = sky.first_key_value().map(|(k, _)| k.0);
        let Some(next) = timers.chain(arrival).min() else { return now };
        now = now.max(next);
        while let Some(entry) = sky.first_entry().filter(|e| e.key().0 <= now) {
            let (to, counter, packet) = entry.remove();
            ends[to].receive(now, counter, &packet);
        }
        for end in ends.iter_mut() {
            if end.delivery.recovery_at().is_some_and(|at| at <= now) && !end.delivery.overdue(now) {
                end.given_up = true;
                return now;
            }
        }
    }
    panic!("no end after 100,000 steps");
}

fn message(number: usize, len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 31 + number * 7) as u8).collect()
}

fn bulk(ends: &mut [End; 2], lens: &[usize]) {
    for (number, len) in lens.iter().enumerate() {
        assert!(ends[0].delivery.queue(How::Reliable(Class::Message), message(number, *len)));
    }
}

fn settings(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(0x6d65_7368), failure_persistence: None, ..Default::default() }
}

proptest! {
    #![proptest_config(settings(96))]

    #[test]
    fn messages_arrive_whole_and_once_in_spite_of_loss_duplication_and_reordering(
        there in prop::collection::vec(prop_oneof![1usize..300, 1usize..=65_535], 1..24),
        back in prop::collection::vec(1usize..5_000, 0..6),
        loss in 0u64..=200,
        duplication in 0u64..=300,
        jitter_ms in 0u64..=60,
        seed in any::<u64>(),
    ) {
        let mut ends: [End; 2] = Default::default();
        let there: Vec<Vec<u8>> = there.iter().enumerate().map(|(n, len)| message(n, *len)).collect();
        let back: Vec<Vec<u8>> = back.iter().enumerate().map(|(n, len)| message(n, *len)).collect();
        let mut expected = [back.clone(), Vec::new()];
        for m in &there {
            // What does not fit is refused whole, and said so.
            if ends[0].delivery.queue(How::Reliable(Class::Message), m.clone()) {
                expected[1].push(m.clone());
            }
        }
        back.iter().for_each(|m| assert!(ends[1].delivery.queue(How::Reliable(Class::Message), m.clone())));
        carry(&mut ends, Weather { loss, duplication, jitter_ms }, seed);
        for (end, mut expected) in ends.into_iter().zip(expected) {
            prop_assert!(!end.given_up);
            let mut delivered = end.delivered;
            delivered.sort();
            expected.sort();
            prop_assert_eq!(delivered.len(), expected.len());
            prop_assert!(delivered == expected);
        }
    }

    #[test]
    fn acknowledgements_name_exactly_what_arrived(counters in prop::collection::vec(0u64..60, 1..60)) {
        let mut acks = Acks::default();
        counters.iter().for_each(|c| acks.received(Instant(0), *c, true));
        let mut packet = Vec::new();
        acks.write(Instant(5), &mut packet);
        let (frame, rest) = Frame::decode(&packet).unwrap();
        let Frame::Ack(ack) = frame else { panic!("{frame:?}") };
        prop_assert!(rest.is_empty());
        let named: Vec<u64> = ack.ranges.iter().flat_map(|r| r.first..=r.last()).collect();
        let mut arrived = counters.clone();
        arrived.sort_unstable();
        arrived.dedup();
        // 24 ranges are told, the newest: what is left out are the lowest counters.
        let gaps = arrived.windows(2).filter(|w| w[1] > w[0] + 1).count();
        prop_assert!(arrived.ends_with(&named));
        prop_assert!(gaps >= 24 || named == arrived);
    }
}

#[test]
fn a_message_of_the_longest_length_arrives_and_a_longer_one_is_refused() {
    let mut ends: [End; 2] = Default::default();
    bulk(&mut ends, &[65_535]);
    assert!(!ends[0].delivery.queue(How::Reliable(Class::Message), message(1, 65_536)));
    assert!(!ends[0].delivery.queue(How::Reliable(Class::Message), Vec::new()));
    carry(&mut ends, Weather { loss: 0, duplication: 0, jitter_ms: 0 }, 1);
    assert_eq!(ends[1].delivered, [message(0, 65_535)]);
}

#[test]
fn a_queue_of_messages_above_a_mebibyte_is_refused_and_takes_more_once_acknowledged() {
    let mut ends: [End; 2] = Default::default();
    bulk(&mut ends, &[65_000; 16]);
    assert!(!ends[0].delivery.queue(How::Reliable(Class::Message), message(16, 65_000)));
    carry(&mut ends, Weather { loss: 0, duplication: 0, jitter_ms: 0 }, 1);
    assert_eq!(ends[1].delivered.len(), 16);
    assert!(ends[0].delivery.queue(How::Reliable(Class::Message), message(16, 65_000)));
}

#[test]
fn urgent_messages_overtake_bulk() {
    let mut ends: [End; 2] = Default::default();
    assert!(ends[0].delivery.queue(How::Reliable(Class::Bulk), message(0, 60_000)));
    assert!(ends[0].delivery.queue(How::Reliable(Class::Message), message(1, 100)));
    carry(&mut ends, Weather { loss: 0, duplication: 0, jitter_ms: 0 }, 1);
    assert_eq!(ends[1].delivered, [message(1, 100), message(0, 60_000)]);
}

/// Whole packets that may be in flight.
fn window(c: &Congestion) -> usize {
    let mut probe = c.clone();
    let mut n = 0;
    while probe.may_send() {
        probe.sent(BYTES);
        n += 1;
    }
    n
}

#[test]
fn the_window_halves_once_per_loss_episode_and_never_below_two_packets() {
    let mut c = Congestion::default();
    assert_eq!(window(&c), 10);
    c.sent(BYTES);
    c.sent(BYTES);
    c.lost(Instant(100), BYTES, Instant(10));
    c.lost(Instant(101), BYTES, Instant(11));
    assert_eq!(window(&c), 5, "both losses belong to one episode");
    for n in 1..20 {
        c.sent(BYTES);
        c.lost(Instant(n * 1_000), BYTES, Instant(n * 1_000 - 1));
        assert!(window(&c) >= 2);
    }
    assert_eq!(window(&c), 2);
}

#[test]
fn the_window_doubles_in_a_round_trip_until_the_first_loss_then_grows_by_a_packet() {
    let mut c = Congestion::default();
    let round = |c: &mut Congestion, at: u64| {
        let n = window(c);
        (0..n).for_each(|_| c.sent(BYTES));
        (0..n).for_each(|_| c.acked(BYTES, Instant(at)));
        (n, window(c))
    };
    assert_eq!(round(&mut c, 1), (10, 20));
    c.sent(BYTES);
    c.lost(Instant(2), BYTES, Instant(2));
    assert_eq!(window(&c), 10);
    let (before, after) = round(&mut c, 3);
    assert_eq!(before, 10);
    assert!((10..=11).contains(&after), "{after}");
}

#[test]
fn an_unanswered_packet_is_probed_with_the_same_data_at_growing_distance() {
    let mut end = End::default();
    assert!(end.delivery.queue(How::Reliable(Class::Message), message(0, 500)));
    let first = end.send(Instant(0), false);
    let data = |packets: &[(u64, Vec<u8>)]| packets[0].1[SEALED_HEADER..].to_vec();
    let (mut last, mut gap) = (Instant(0), Duration(0));
    for probe in 1..=4 {
        let at = end.delivery.recovery_at().unwrap();
        assert!(at.since(last) > gap, "probe {probe} waits longer than the one before");
        (gap, last) = (at.since(last), at);
        assert!(end.delivery.overdue(at));
        let packets = end.send(at, false);
        assert_eq!((packets.len(), data(&packets)), (1, data(&first)));
        assert_eq!(packets[0].0, probe, "under a new counter");
    }
}

#[test]
fn a_silent_peer_is_given_up_after_six_probes() {
    let mut end = End::default();
    assert!(end.delivery.queue(How::Reliable(Class::Message), message(0, 500)));
    end.send(Instant(0), false);
    let mut probes = 0;
    while end.delivery.overdue(end.delivery.recovery_at().unwrap()) {
        probes += 1;
        end.send(Instant(probes), false);
    }
    assert_eq!(probes, 6);
}

#[test]
fn an_acknowledgement_waits_for_company_but_not_beyond_20_ms() {
    let mut ends: [End; 2] = Default::default();
    bulk(&mut ends, &[100]);
    let packets = ends[0].send(Instant(0), false);
    ends[1].receive(Instant(50), packets[0].0, &packets[0].1);
    assert!(ends[1].send(Instant(50), false).is_empty());
    assert_eq!(ends[1].delivery.flush_at(Instant(50)), Some(Instant(20_050)));
    assert_eq!(ends[1].send(Instant(20_050), true).len(), 1);
    assert_eq!(ends[1].delivery.flush_at(Instant(20_050)), None);
}

fn part(message: u32, offset: u16, total: u16, data: &[u8]) -> Fragment<'_> {
    Fragment { message, offset, total, data: Bytes16(data), tail: Tail::default() }
}

#[test]
fn a_declared_total_reserves_nothing() {
    let mut d = Delivery::default();
    for m in 0..4_000 {
        assert_eq!(d.fragment(&part(m, 0, 65_535, &[1; 16])), Ok(None), "64 kB held, 262 MB declared");
    }
}

#[test]
fn unfinished_messages_above_256_kib_are_refused_and_their_packet_is_not_acknowledged() {
    let mut end = End::default();
    for m in 0..4 {
        assert_eq!(end.delivery.fragment(&part(m, 64_535, 65_535, &[1; 1_000])), Ok(None));
    }
    let full = part(4, 0, 65_535, &[1; 1_000]);
    assert_eq!(end.delivery.fragment(&full), Err(DropReason::Full));
    let mut packet = vec![0; SEALED_HEADER];
    mindos_wire::encode_frame(&full, &mut packet).unwrap();
    end.receive(Instant(0), 7, &packet);
    assert!(end.send(Instant(1), true).is_empty(), "no acknowledgement");
    // What is there can still be finished, and makes room.
    for start in (0..64_535u16).step_by(1_000) {
        let len = usize::from(64_535 - start).min(1_000);
        let _ = end.delivery.fragment(&part(0, start, 65_535, &vec![1; len]));
    }
    assert_eq!(end.delivery.fragment(&full), Ok(None));
}

#[test]
fn fragments_that_contradict_each_other_in_their_total_are_refused() {
    let mut d = Delivery::default();
    assert_eq!(d.fragment(&part(0, 0, 100, &[1; 10])), Ok(None));
    assert_eq!(d.fragment(&part(0, 10, 90, &[1; 10])), Err(DropReason::UnexpectedFrame));
    assert_eq!(d.fragment(&part(0, 10, 100, &[2; 90])).map(|m| m.map(|m| m.len())), Ok(Some(100)));
    assert_eq!(d.fragment(&part(0, 0, 100, &[1; 100])), Ok(None), "handed out once");
}

#[test]
fn a_message_far_ahead_of_the_oldest_missing_one_is_refused() {
    let mut d = Delivery::default();
    assert_eq!(d.fragment(&part(4_096, 0, 1, &[1])), Err(DropReason::Full));
    assert_eq!(d.fragment(&part(u32::MAX, 0, 1, &[1])), Err(DropReason::Full));
    assert_eq!(d.fragment(&part(4_095, 0, 1, &[1])), Ok(Some(vec![1])));
}

#[test]
fn the_highest_counters_are_acknowledged_like_any_other() {
    for order in [[u64::MAX, u64::MAX - 1, u64::MAX - 3], [u64::MAX - 1, u64::MAX, u64::MAX - 3]] {
        let mut end = End::default();
        order.iter().for_each(|c| end.delivery.received(Instant(0), *c, true));
        let packets = end.send(Instant(1), true);
        let Ok((Frame::Ack(ack), _)) = Frame::decode(&packets[0].1[SEALED_HEADER..]) else { panic!("no ack") };
        let ranges: Vec<(u64, u64)> = ack.ranges.iter().map(|r| (r.first, r.last())).collect();
        assert_eq!(ranges, [(u64::MAX - 3, u64::MAX - 3), (u64::MAX - 1, u64::MAX)]);
    }
}
