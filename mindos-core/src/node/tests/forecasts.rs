//! Questions whose reports are forecasts: pooled by skill, resolved by outcomes, alike at each holder.

use bytes::Bytes;

use super::super::*;
use super::net::{Net, S};
use super::questions::{N, SAY_1, TO_CLOSE, alike, ask, ask_for, holders, others, request, say, vouched_leaf};

const EXPERT: usize = 3;
/// Nobody vouches for it.
const STRANGER: usize = N - 1;

fn is_true(n: usize) -> bool {
    n.is_multiple_of(3)
}

/// A forecast of so many parts of 65,535 for what is true, or is not.
fn weights(parts: u16, truth: bool) -> [u16; 2] {
    if truth { [65_535 - parts, parts] } else { [parts, 65_535 - parts] }
}

/// Twelve questions on which the expert knows, the others guess, and the stranger is always wrong; then one more, on
/// which the expert and the others contradict each other. The first twelve are closed first.
fn asked(net: &mut Net) -> (Vec<Bytes>, Bytes) {
    let question = |net: &mut Net, n: u8| {
        let request = QuestionRequest { forecasts: true, ..request(net, n) };
        ask_for(net, 1 + usize::from(n % 8), request)
    };
    let questions: Vec<Bytes> = (0..12).map(|n| question(net, n)).collect();
    for (n, asked) in questions.iter().enumerate() {
        for host in 0..N {
            let parts = match host {
                EXPERT => 60_000,
                STRANGER => 0,
                // As often right as wrong.
                _ => 20_000 + 25_000 * ((n * 7 + host * 5 + n * host) % 2) as u16,
            };
            assert_eq!(say(net, host, asked, weights(parts, is_true(n))), Handled::Accepted);
        }
    }
    net.run(2 * S);
    let last = question(net, 12);
    for host in 0..N {
        say(net, host, &last, weights(if host == EXPERT { 60_000 } else { 25_000 }, true));
    }
    net.run(TO_CLOSE);
    (questions, last)
}

fn resolve(net: &mut Net, questions: &[Bytes]) {
    for (n, question) in questions.iter().enumerate() {
        let (question, option) = (question.clone(), u8::from(is_true(n)));
        assert_eq!(net.command(0, Command::Anchor { question, option, source: [3; 32] }), Handled::Accepted);
    }
    net.run(5 * S);
}

fn name(question: &Bytes) -> crate::QuestionId {
    crate::QuestionId(crate::crypto::Crypto::hash(&crate::crypto::DEFAULT, &[question]))
}

// spec: TRUST-008 cb83, TRUST-021 f01e, TRUST-022 d2ff
#[test]
fn who_forecast_well_weighs_more_in_the_next_pool_and_earns() {
    let mut net = vouched_leaf(68);
    let (questions, last) = asked(&mut net);
    let before = alike(&mut net, &last).unwrap();
    let first = alike(&mut net, &questions[0]).unwrap();
    assert_eq!((before.reports, first.reports), (12, 12));
    assert!(before.weights[1] < 40_000, "nobody is known yet: {before:?}");
    resolve(&mut net, &questions);
    // Outcomes that come late have the pools behind them made anew, at every holder alike.
    let after = alike(&mut net, &last).unwrap();
    assert!(after.weights[1] > before.weights[1] + 1_000, "{before:?} {after:?}");
    assert_eq!((after.evidence, after.reports), (before.evidence, 12));
    assert_eq!(net.node(holders(&net)[0]).gains(&name(&last)), None, "it is not resolved");
    let mut sums = [0i64; N];
    for question in &questions {
        let all: Vec<_> = holders(&net).iter().map(|h| net.node(*h).gains(&name(question)).unwrap()).collect();
        assert!(all.iter().all(|gains| *gains == all[0]));
        assert_eq!(all[0].len(), N);
        for (node, gain) in &all[0] {
            sums[(0..N).find(|h| net.hosts[*h].id == *node).unwrap()] += i64::from(*gain);
        }
    }
    assert_eq!((sums[STRANGER], (0..N).max_by_key(|h| sums[*h])), (0, Some(EXPERT)), "{sums:?}");
    let (holder, now) = (holders(&net)[0], Instant(net.now));
    let merit = net.node_mut(holder).states_merit(now, 0x0707_0707).unwrap();
    assert_eq!(merit.earned.iter().max_by_key(|e| e.1).map(|e| e.0), Some(net.hosts[EXPERT].id));
}

// spec: TRUST-008 cb83
#[test]
fn strangers_forecast_in_vain_and_a_reader_believes_the_pool() {
    let (mut net, mut alone) = (vouched_leaf(68), vouched_leaf(68));
    let mut believed = Vec::new();
    for (net, strangers) in [(&mut net, true), (&mut alone, false)] {
        let request = QuestionRequest { forecasts: true, ..request(net, 1) };
        let question = ask_for(net, 1, request);
        for host in 2..7 {
            say(net, host, &question, weights(50_000, true));
        }
        if strangers {
            say(net, STRANGER, &question, [65_535, 0]);
        }
        net.run(TO_CLOSE);
        let reader = others(net)[0];
        believed.push(super::questions::believe(net, reader, &question));
    }
    assert_eq!((believed[0].reports, believed[1].reports), (6, 5));
    assert_eq!(believed[0].weights, believed[1].weights);
    // Five that say the same are pooled to what they say, but for rounding.
    assert!(believed[0].weights[1].abs_diff(50_000) < 8, "{believed:?}");
}

// spec: TRUST-021 f01e
#[test]
fn labels_and_forecasts_of_one_name_are_domains_apart_and_a_late_holder_computes_both() {
    let mut net = vouched_leaf(68);
    let (questions, last) = asked(&mut net);
    let label = ask(&mut net, 1, 20);
    for host in 2..7 {
        say(&mut net, host, &label, SAY_1);
    }
    net.run(TO_CLOSE);
    let before = alike(&mut net, &label).unwrap();
    resolve(&mut net, &questions);
    assert_eq!(alike(&mut net, &label), Some(before.clone()), "forecasts teach nothing about labels");
    let pool = alike(&mut net, &last).unwrap();
    let dead = *holders(&net).iter().find(|h| **h != 0).unwrap();
    net.kill(dead);
    net.run(40 * S);
    assert!(!holders(&net).contains(&dead));
    assert_eq!((alike(&mut net, &label), alike(&mut net, &last)), (Some(before), Some(pool)));
}
