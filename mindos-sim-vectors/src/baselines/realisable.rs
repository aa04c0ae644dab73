//! Policies that choose by adverts, which are old, and learn of deaths late.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{Conditions, Field, Policy};
use crate::{outcome::Outcome, rng::Stream, service::LIFETIME_US};

/// What happens to a request at a moment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// Its origin chooses a mind.
    Choose,
    /// It reaches that mind.
    Arrive(u32),
    /// Its origin learns that the mind is dead and chooses again.
    Lose,
}

/// One mind.
struct Mind {
    /// When it has done all that has arrived.
    free_us: u64,
    /// `free_us` over time: what an advert of any moment said.
    history: Vec<(u64, u64)>,
    /// When it first advertises.
    phase_us: u64,
}

struct State<'a> {
    field: Field<'a>,
    policy: Policy,
    conditions: Conditions,
    minds: Vec<Mind>,
    outcomes: Vec<Option<Outcome>>,
    queue: BinaryHeap<Reverse<(u64, u64, usize, Step)>>,
    pushed: u64,
    stream: Stream,
}

/// Plays every request through.
pub(super) fn run(field: Field<'_>, policy: Policy, conditions: Conditions, seed: u64) -> Vec<Outcome> {
    let mut phases = Stream::new(seed, "advert phases");
    let mind = |_| Mind { free_us: 0, history: Vec::new(), phase_us: phases.below(conditions.advert_period_us.max(1)) };
    let mut state = State {
        field,
        policy,
        conditions,
        minds: (0..field.nodes()).map(mind).collect(),
        outcomes: field.open(),
        queue: BinaryHeap::new(),
        pushed: 0,
        stream: Stream::new(seed, policy.name()),
    };
    for task in 0..state.outcomes.len() {
        if state.outcomes[task].is_some() {
            state.push(field.workload.tasks[task].at_us, task, Step::Choose);
        }
    }
    while let Some(Reverse((now, _, task, step))) = state.queue.pop() {
        match step {
            Step::Choose => state.choose(now, task),
            Step::Arrive(node) => state.arrive(now, task, node),
            Step::Lose => {
                if let Some(outcome) = state.outcomes[task].as_mut() {
                    outcome.redispatched = true;
                }
                state.choose(now, task);
            }
        }
    }
    state.outcomes.into_iter().flatten().collect()
}

impl State<'_> {
    fn push(&mut self, at_us: u64, task: usize, step: Step) {
        self.queue.push(Reverse((at_us, self.pushed, task, step)));
        self.pushed += 1;
    }

    fn choose(&mut self, now: u64, task: usize) {
        let origin = self.field.origin(task);
        let chosen = match self.policy {
            Policy::Random => self.believed_alive(now),
            Policy::PowerOfTwo => {
                let (first, second) = (self.believed_alive(now), self.believed_alive(now));
                self.earliest(now, task, first.into_iter().chain(second))
            }
            Policy::StaleLeastLoaded => self.least_loaded(now),
            Policy::StaleEarliestFinish | Policy::Omniscient => self.earliest(now, task, 0..self.field.nodes()),
        };
        if let Some(node) = chosen {
            self.push(now + self.field.one_way_us(origin, node), task, Step::Arrive(node));
        }
    }

    /// A random mind that is believed alive; `None` if none turns up in many draws.
    fn believed_alive(&mut self, now: u64) -> Option<u32> {
        let nodes = u64::from(self.field.nodes());
        for _ in 0..1_000 {
            let node = self.stream.below(nodes) as u32;
            if self.believes_alive(now, node) {
                return Some(node);
            }
        }
        None
    }

    /// The mind of the earliest promised finish among those believed alive.
    fn earliest(&self, now: u64, task: usize, nodes: impl Iterator<Item = u32>) -> Option<u32> {
        let origin = self.field.origin(task);
        nodes.filter(|&node| self.believes_alive(now, node)).min_by_key(|&node| {
            let arrival = now + self.field.one_way_us(origin, node);
            let finish = arrival.max(self.advertised_free_us(now, node)) + self.field.run_us(task, node);
            (finish + self.field.one_way_us(node, origin), node)
        })
    }

    /// The mind of the shortest advertised queue among those believed alive; one of them by seed if there are several.
    fn least_loaded(&mut self, now: u64) -> Option<u32> {
        let (mut best, mut ties) = (u64::MAX, Vec::new());
        for node in (0..self.field.nodes()).filter(|&node| self.believes_alive(now, node)) {
            let waiting = self.advertised_free_us(now, node).saturating_sub(now);
            if waiting < best {
                best = waiting;
                ties.clear();
            }
            if waiting == best {
                ties.push(node);
            }
        }
        let drawn = self.stream.index(ties.len());
        ties.get(drawn).copied()
    }

    fn arrive(&mut self, now: u64, task: usize, node: u32) {
        let (origin, run_us) = (self.field.origin(task), self.field.run_us(task, node));
        let dead = self.field.blackout.filter(|blackout| blackout.dead.contains(&node));
        let expires_us = self.outcomes[task].map_or(0, |outcome| outcome.submitted_us + LIFETIME_US);
        let mind = &mut self.minds[node as usize];
        if let Some(back) = dead.and_then(|blackout| blackout.return_us).filter(|&back| back <= now) {
            // It forgot its queue in the blackout.
            if mind.history.last().is_some_and(|&(at, _)| at < back) {
                mind.free_us = 0;
            }
        }
        let dark = dead.is_some_and(|blackout| blackout.is_dark(node, now));
        let start = mind.free_us.max(now);
        if !dark && start > expires_us {
            return;
        }
        let finish = start.saturating_add(run_us);
        let cut = dead.map(|blackout| blackout.at_us).filter(|&cut| dark || (now < cut && finish > cut));
        if !dark {
            mind.free_us = finish;
            mind.history.push((now, finish));
        }
        match cut {
            None => {
                if let Some(outcome) = self.outcomes[task].as_mut() {
                    outcome.completed_us = Some(finish.saturating_add(self.field.one_way_us(node, origin)));
                }
            }
            Some(cut) => {
                let origin_lives = self.field.blackout.is_some_and(|blackout| !blackout.dead.contains(&origin));
                let learns = (cut + self.conditions.detect_us).max(now);
                if origin_lives && learns < expires_us {
                    self.push(learns, task, Step::Lose);
                }
            }
        }
    }

    /// When a mind's last advert before `now` was sent; `None` before the first. Dark minds send none.
    fn last_advert_us(&self, now: u64, node: u32) -> Option<u64> {
        let (phase, period) = (self.minds[node as usize].phase_us, self.conditions.advert_period_us.max(1));
        let last = |at: u64| Some(phase + at.checked_sub(phase)? / period * period);
        let sent = last(now)?;
        match self.field.blackout {
            Some(blackout) if blackout.is_dark(node, sent) => last(blackout.at_us.checked_sub(1)?),
            _ => Some(sent),
        }
    }

    /// When a mind will be free, as its last advert says. One that has never advertised counts as free, and so does
    /// one that has been restarted since the work that it had.
    fn advertised_free_us(&self, now: u64, node: u32) -> u64 {
        let Some(sent) = self.last_advert_us(now, node) else { return 0 };
        let history = &self.minds[node as usize].history;
        let known = history.partition_point(|&(at, _)| at <= sent);
        let Some(&(at, free)) = known.checked_sub(1).and_then(|last| history.get(last)) else { return 0 };
        let restarted = self.field.blackout.filter(|blackout| blackout.dead.contains(&node));
        let back = restarted.and_then(|blackout| blackout.return_us).filter(|&back| at < back && back <= sent);
        if back.is_some() { 0 } else { free }
    }

    /// Whether origins believe a mind alive: until the deaths are known, and from its first advert after its return.
    fn believes_alive(&self, now: u64, node: u32) -> bool {
        let Some(blackout) = self.field.blackout.filter(|blackout| blackout.dead.contains(&node)) else { return true };
        let unknown_yet = now < blackout.at_us.saturating_add(self.conditions.detect_us);
        let has_returned =
            blackout.return_us.is_some_and(|back| self.last_advert_us(now, node).is_some_and(|sent| sent >= back));
        unknown_yet || has_returned
    }
}
