//! Chapter 06.

use mindos_core::routing::{PROBES, choose};
use mindos_core::wire::{Decline, DeclineReason, Flag, Frame, LoadDelta, Minifloat, Subscribe, Subscribed, Tail};
use mindos_core::{Capability, Capacity, Command, Duration, Event, IntentId};

use crate::bench::{Bench, request, skill};
use crate::peer::{Offer, Service, Wish, frame, hash};

fn subscribe() -> Vec<u8> {
    frame(&Subscribe { tail: Tail::default() })
}

fn adverts(b: &Bench, i: usize) -> usize {
    b.count(i, |f| matches!(f, Frame::LoadAdvert(_)))
}

/// What the node answered to the last subscription of peer `i`.
fn subscribed(b: &Bench, i: usize) -> Option<bool> {
    b.peers[i].last(|f| match f {
        Frame::Subscribed(s) => Some(s.accepted.0),
        _ => None,
    })
}

// spec: ROUTE-001 4b9f, ROUTE-003 1d05
#[test]
fn partners_are_told_and_nobody_else() {
    let mut b = Bench::leaf(4);
    b.connect(1);
    b.tell(1, &subscribe());
    assert_eq!((subscribed(&b, 1), adverts(&b, 1)), (Some(true), 1));
    b.serve(skill());
    assert_eq!(adverts(&b, 1), 2, "the full form again when it changes");
    // A partner's own advertisement goes no further.
    let advert = b.peers[1].advert(Service { capability: skill(), backlog_ms: 0 }, 9);
    b.tell(1, &advert);
    b.run_ms(15_000);
    assert!([0, 2, 3].into_iter().all(|i| adverts(&b, i) == 0));
}

// spec: ROUTE-012 3b6d
#[test]
fn of_two_capabilities_of_one_short_form_the_lower_hash_is_listed() {
    let mut b = Bench::leaf(2);
    b.connect(1);
    b.tell(1, &subscribe());
    let (mut low, mut high, mut other) = ([7; 32], [7; 32], [7; 32]);
    (low[31], high[4], other[0]) = (1, 9, 6);
    let capability = |name, competence| Capability { name, competence, price: 1 };
    for order in [[high, low, other], [other, low, high]] {
        let competence = |name: [u8; 32]| if name == low { 50 } else { 200 };
        let capabilities = order.map(|name| capability(name, competence(name))).into();
        let capacity = Capacity { slots: 1, capabilities, ..Capacity::default() };
        b.command(Command::SetCapacity(capacity));
        let listed = b.peers[1].last(|f| match f {
            Frame::LoadAdvert(a) => Some(a.capabilities.iter().map(|c| (c.id, c.competence)).collect::<Vec<_>>()),
            _ => None,
        });
        assert_eq!(listed, Some(vec![(0x0707_0706, 200), (0x0707_0707, 50)]));
    }
}

// spec: ROUTE-002 b7b2
#[test]
fn partners_are_fourteen_of_its_own_and_eighteen_of_theirs() {
    let mut b = Bench::market(45, &[0; 45]);
    b.run_ms(20_000);
    b.serve(skill());
    let own: Vec<usize> = (0..45).filter(|i| adverts(&b, *i) > 0).collect();
    assert_eq!(own.len(), 14);
    let others: Vec<usize> = (0..45).filter(|i| !own.contains(i)).collect();
    for i in &others {
        if !b.peers[*i].is_up() {
            b.connect(*i);
        }
        b.tell(*i, &subscribe());
    }
    assert_eq!(others.iter().filter(|i| subscribed(&b, **i) == Some(true)).count(), 18);
    assert_eq!(others.iter().filter(|i| subscribed(&b, **i) == Some(false)).count(), 13);
}

// spec: ROUTE-004 a1d9
#[test]
fn deltas_come_at_most_every_ten_seconds() {
    let mut b = Bench::leaf(2);
    b.serve(skill());
    b.tell(0, &subscribe());
    b.clear();
    let deltas = |b: &Bench| b.count(0, |f| matches!(f, Frame::LoadDelta(_)));
    // The queue grows by a long task every other second.
    for n in 0..20 {
        let wish = Wish { generated_tokens: 200 + n, ..Wish::new(skill()) };
        let record = b.peers[0].intent(&wish);
        let seek = b.peers[0].seek(&record, &wish);
        b.tell(0, &seek);
        let nonce = b.peers[0].last(|f| match f {
            Frame::Quote(q) => Some(q.nonce),
            _ => None,
        });
        let offer = Offer {
            record,
            worker: b.node.id(),
            epoch: 1,
            nonce: nonce.unwrap(),
            price_limit: u64::MAX,
            finish_limit_us: u64::MAX,
            remaining_us: 600_000_000,
        };
        let lease = b.peers[0].lease(&offer);
        b.tell(0, &lease);
        b.run_ms(2_000);
    }
    assert!((3..=5).contains(&deltas(&b)), "{} deltas in 40 s", deltas(&b));
}

/// Expected times of the candidates of the last choice, by peer.
fn considered(b: &Bench) -> Vec<(usize, Duration)> {
    let explanation = b.node.explanations().last().unwrap();
    let peer = |id| (0..b.peers.len()).find(|i| b.id(*i) == id).unwrap();
    explanation.candidates.iter().map(|c| (peer(c.node), c.expected)).collect()
}

// spec: ROUTE-005 613b, ROUTE-006 9622
#[test]
fn only_partners_count_and_only_newer_deltas() {
    let mut b = Bench::market(3, &[9_000]);
    if !b.peers[1].is_up() {
        b.connect(1);
    }
    // Peer 1 does not want to be a partner, and advertises all the same.
    b.tell(1, &frame(&Subscribed { accepted: Flag(false), tail: Tail::default() }));
    let advert = b.peers[1].advert(Service { capability: skill(), backlog_ms: 0 }, 9);
    b.tell(1, &advert);
    let delta = |sequence| {
        let (slots, backlog_ms) = (Minifloat(1), Minifloat::floor(60_000));
        frame(&LoadDelta { sequence, slots, backlog_ms, tail: Tail::default() })
    };
    for (sequence, longer) in [(1, false), (2, true)] {
        b.say(0, &delta(sequence));
        b.submit(request());
        b.run_ms(2_000);
        let considered = considered(&b);
        assert!(matches!(considered[..], [(0, _)]), "{considered:?}");
        assert_eq!(considered[0].1 > Duration::from_secs(30), longer, "{considered:?}");
    }
}

// spec: ROUTE-007 fc05
#[test]
fn three_are_asked_and_no_more() {
    let mut b = Bench::market(12, &[0; 12]);
    let intent = b.submit(request());
    assert_eq!(b.sought(intent).len(), PROBES);
    b.run_ms(900);
    assert_eq!(b.sought(intent).len(), PROBES);
    let mut b = Bench::market(4, &[0; 2]);
    let intent = b.submit(request());
    assert_eq!(b.sought(intent), [0, 1]);
}

/// Three quotes, and who got the lease.
fn winner(quotes: [(u64, u64); 3]) -> (Bench, IntentId, Option<usize>) {
    let mut b = Bench::market(3, &[0; 3]);
    let intent = b.submit(request());
    for (i, (finish_us, price)) in quotes.into_iter().enumerate() {
        b.quote(i, intent, finish_us, price);
    }
    let winner = (0..3).find(|i| b.leased(*i).is_some());
    (b, intent, winner)
}

// spec: ROUTE-008 82b9, ROUTE-009 8001
#[test]
fn the_best_quote_within_the_budget_wins_and_the_choice_replays() {
    let s = 1_000_000;
    let (b, intent, won) = winner([(9 * s, 1), (4 * s, 1), (5 * s, 1)]);
    assert_eq!(won, Some(1));
    let explanation = b.node.explanations().last().unwrap();
    assert_eq!((explanation.intent, explanation.quotes.len()), (intent, 3));
    assert_eq!(choose(&explanation.quotes).map(|q| q.node), explanation.chosen);
    assert_eq!(explanation.chosen, Some(b.id(1)));
    // The best is too dear.
    assert_eq!(winner([(9 * s, 1), (4 * s, 1_001), (5 * s, 1_000)]).2, Some(2));
    assert_eq!(winner([(9 * s, 1_001), (4 * s, 1_001), (5 * s, 1_001)]).2, None);
    let (b, _, won) = winner([(4 * s, 1); 3]);
    let lowest = (0..3).min_by_key(|i| b.id(*i));
    assert_eq!(won, lowest, "of equals the lowest NodeId");
}

fn judged(b: &Bench) -> Vec<bool> {
    let kept = |e: &Event| match e {
        Event::Judged { kept, .. } => Some(*kept),
        _ => None,
    };
    b.events.iter().filter_map(kept).collect()
}

// spec: ROUTE-010 6be5
#[test]
fn only_accepted_leases_are_evidence() {
    let quotes = [(2_000_000, 1), (3_000_000, 1), (9_000_000, 1)];
    // Declined, and silent until given up.
    let (mut b, intent, won) = winner(quotes);
    assert_eq!(won, Some(0));
    let decline = |b: &Bench, i: usize| {
        let epoch = b.leased(i).unwrap();
        let (reason, tail) = (DeclineReason::Load, Tail::default());
        frame(&Decline { intent: &intent.0, epoch, reason, nonce: 0, start_us: 0, finish_us: 0, price: 0, tail })
    };
    let no = decline(&b, 0);
    b.tell(0, &no);
    assert!(b.leased(1).is_some(), "the next best");
    b.run_ms(20_000);
    assert!(judged(&b).is_empty());
    // Accepted and kept, or late.
    for (late_ms, kept) in [(2_000, true), (3_400, true), (3_700, false)] {
        let (mut b, intent, _) = winner(quotes);
        b.accept(0, intent, 2_000_000);
        b.run_ms(late_ms);
        let epoch = b.leased(0).unwrap();
        b.result(0, intent, epoch);
        assert_eq!(judged(&b), [kept], "after {late_ms} ms");
        let standing = b.node.standing(b.now, &b.id(0), &skill());
        assert_eq!(standing > 32_768, kept);
    }
}

// spec: ROUTE-011 5d4b
#[test]
fn standing_is_computed_as_written() {
    let (mut b, intent, _) = winner([(2_000_000, 1), (3_000_000, 1), (9_000_000, 1)]);
    let standing = |b: &Bench| u32::from(b.node.standing(b.now, &b.id(0), &skill()));
    assert_eq!(standing(&b), 32_768);
    b.accept(0, intent, 2_000_000);
    let epoch = b.leased(0).unwrap();
    b.result(0, intent, epoch);
    assert_eq!(standing(&b), (512 << 16) / (256 + 512));
}

#[test]
fn the_answer_of_a_stranger_to_no_question_is_not_used() {
    let mut b = Bench::leaf(2);
    let before = b.node.stats().frames_dropped;
    b.tell(0, &frame(&Subscribed { accepted: Flag(true), tail: Tail::default() }));
    b.quote(0, IntentId(hash(&[b"nothing"])), 1, 1);
    assert_eq!(b.node.stats().frames_dropped, before + 2);
}
