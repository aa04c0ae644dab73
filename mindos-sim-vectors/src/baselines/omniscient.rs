//! Greedy earliest completion with exact state.

use super::Field;
use crate::outcome::Outcome;

/// A promise: which mind, and when it will be done there.
#[derive(Clone, Copy)]
struct Promise {
    node: u32,
    finish_us: u64,
}

struct State<'a> {
    field: Field<'a>,
    /// When each mind has done all that it was promised.
    free_us: Vec<u64>,
    promises: Vec<Option<Promise>>,
    outcomes: Vec<Option<Outcome>>,
}

/// Schedules every request in order of submission.
pub(super) fn run(field: Field<'_>) -> Vec<Outcome> {
    let tasks = field.workload.tasks.len();
    let free_us = vec![0; field.nodes() as usize];
    let mut state = State { field, free_us, promises: vec![None; tasks], outcomes: field.open() };
    let mut cut = field.blackout;
    for task in 0..tasks {
        let now = field.workload.tasks[task].at_us;
        if let Some(blackout) = cut.take_if(|blackout| blackout.at_us <= now) {
            state.cut(task, blackout.at_us);
        }
        if state.outcomes[task].is_some() {
            state.promise(task, now);
        }
    }
    if let Some(blackout) = cut {
        state.cut(tasks, blackout.at_us);
    }
    state.outcomes.into_iter().flatten().collect()
}

impl State<'_> {
    /// Promises a request to the mind that will have its result back first.
    fn promise(&mut self, task: usize, now: u64) {
        let origin = self.field.origin(task);
        let finish = |node: u32| {
            let arrival = now + self.field.one_way_us(origin, node);
            arrival.max(self.free_us[node as usize]).saturating_add(self.field.run_us(task, node))
        };
        let best = (0..self.field.nodes())
            .filter(|&node| !self.field.is_dark(node, now))
            .map(|node| {
                let finish_us = finish(node);
                (finish_us.saturating_add(self.field.one_way_us(node, origin)), Promise { node, finish_us })
            })
            .min_by_key(|&(back, promise)| (back, promise.node));
        if let (Some((back, promise)), Some(outcome)) = (best, self.outcomes[task].as_mut()) {
            self.free_us[promise.node as usize] = promise.finish_us;
            self.promises[task] = Some(promise);
            outcome.completed_us = Some(back);
        }
    }

    /// At the cut, what the dead had not finished goes to others at once, in order of submission. Dead minds have
    /// nothing to do when they return.
    fn cut(&mut self, submitted: usize, at_us: u64) {
        let Some(blackout) = self.field.blackout else { return };
        for &node in &blackout.dead {
            if let Some(free) = self.free_us.get_mut(node as usize) {
                *free = 0;
            }
        }
        for task in 0..submitted {
            let broken = self.promises[task]
                .is_some_and(|promise| promise.finish_us > at_us && blackout.dead.contains(&promise.node));
            let Some(outcome) = self.outcomes[task].as_mut().filter(|_| broken) else { continue };
            outcome.completed_us = None;
            if !blackout.dead.contains(&outcome.origin) {
                outcome.redispatched = true;
                self.promise(task, at_us);
            }
        }
    }
}
