//! What holds in every state, and what is reached in some.

use stateright::Property;

use super::node::{Node, opens};
use super::scenario::Start;
use super::*;

pub(super) const SAME_KEYS: &str = "both ends hold the same keys, or neither sends";
pub(super) const SAME_SESSION: &str = "both ends agree on the suite and on who the other is";
pub(super) const ONE_TEXT: &str = "no key seals two texts under one nonce";
pub(super) const ONCE: &str = "no frame is taken twice";
pub(super) const NO_DOWNGRADE: &str = "who requires suite 2 neither sends nor takes a frame without it";
const ITS_AUTHOR: &str = "a frame is taken from the node that sent it";
const PROVED: &str = "a session that can be used has a proved peer, the one that was looked for";
const WHOLE: &str = "who only adds packets keeps nobody apart";

/// Those of every scenario, and what it is there to reach.
pub(super) fn of(scenario: &Scenario) -> Vec<Property<World>> {
    let mut all = vec![
        always(SAME_KEYS, |world, state| pairs(state).all(|(i, a, b)| opens(&world.members[i], a, b))),
        always(SAME_SESSION, |world, state| {
            pairs(state).all(|(i, (_, a), (_, b))| {
                let both = matches!((&a.stage, &b.stage), (Stage::Established(_), Stage::Established(_)));
                !both || a.suite == b.suite && a.peer == Some(world.id(1 - i)) && b.peer == Some(world.id(i))
            })
        }),
        always(ONE_TEXT, |_, state| !state.seen.nonce_reuse),
        always(ONCE, |_, state| !state.seen.taken_twice),
        always(NO_DOWNGRADE, |_, state| !state.seen.downgrade),
        always(ITS_AUTHOR, |_, state| !state.seen.misattributed),
        always(PROVED, |world, state| {
            (0..2).all(|i| {
                let peer = Some(world.id(1 - i));
                let mut usable = state.nodes[i].sessions.links.values().filter(|l| l.is_established());
                usable.all(|l| l.peer == peer && (l.expected.is_none() || l.expected == peer))
            })
        }),
        always(WHOLE, |world, state| {
            // What an attacker adds takes nothing away, but for a false cookie, which costs the time to the next try.
            let (budget, left) = (&world.scenario.budget, &state.left);
            let spent = |of: fn(&Budget) -> [u8; 4]| of(budget) != of(left);
            let undisturbed = !spent(|b| [b.timers[0], b.timers[1], b.waits, b.false_retries])
                && state.flying.is_empty()
                && !state.seen.too_early;
            !undisturbed || left.opens == budget.opens || both_usable(world, state)
        }),
    ];
    if !scenario.meets() {
        all.pop();
        all.push(always("without a common suite nobody sends", |_, state| {
            state.nodes.iter().all(|n| n.sessions.links.values().all(|l| !l.is_established()))
        }));
        return all;
    }
    all.push(sometimes("both can send", both_usable));
    if scenario.budget.frames.iter().all(|f| *f > 0) {
        all.push(sometimes("frames arrive in both directions", |_, state| state.taken.iter().all(|t| !t.is_empty())));
    }
    if scenario.budget.opens.iter().all(|o| *o > 0) {
        all.push(sometimes("both open, and both sessions can be used on both ends", |_, state| {
            state.nodes.iter().all(|n| n.sessions.links.values().filter(|l| l.is_established()).count() == 2)
        }));
    }
    if scenario.start == Start::Busy {
        all.push(sometimes("both can send after a cookie", |world, state| {
            state.left.timers == world.scenario.budget.timers && both_usable(world, state)
        }));
    }
    if let Start::Session(_) = scenario.start {
        all.push(sometimes("keys of two epochs open packets", |_, state| {
            state.nodes.iter().any(|n| {
                n.sessions.links.values().any(|l| match &l.stage {
                    Stage::Established(keys) => keys.receive.holds_previous(),
                    _ => false,
                })
            })
        }));
    }
    all
}

fn always(name: &'static str, condition: fn(&World, &State) -> bool) -> Property<World> {
    Property::always(name, condition)
}

fn sometimes(name: &'static str, condition: fn(&World, &State) -> bool) -> Property<World> {
    Property::sometimes(name, condition)
}

fn both_usable(world: &World, state: &State) -> bool {
    (0..2).all(|i| state.nodes[i].usable(&world.id(1 - i)).is_some())
}

type End<'a> = (&'a Node, &'a Link);

/// Every session with keys, beside what the other node holds under the index that it sends to.
fn pairs(state: &State) -> impl Iterator<Item = (usize, End<'_>, End<'_>)> {
    (0..2).flat_map(move |i| {
        let (here, there) = (&*state.nodes[i], &*state.nodes[1 - i]);
        here.sessions.links.values().filter_map(move |link| {
            let Stage::Established(keys) = &link.stage else { return None };
            Some((i, (here, link), (there, there.sessions.links.get(&keys.remote)?)))
        })
    })
}
