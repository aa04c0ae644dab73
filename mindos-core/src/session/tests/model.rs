//! The production machine of two nodes, model-checked: every order of arrival, every loss, copies, timers, both opening
//! at once, an attacker who strips the upgrade.
//!
//! A packet that never arrives is lost, so that every loss is covered without a step of its own. Each node has its own
//! clock: a timer may fire before or after any packet of the other side. What a run may spend (timers, copies, frames)
//! is bounded, which makes the states finitely many; all of them are visited. What the symbolic provider abstracts from
//! stands with it.

mod broken;
mod node;
mod properties;
mod runs;
mod scenario;
mod symbolic;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mindos_wire::Tier;
use stateright::{Model, Property};

use super::super::*;
use node::{Member, Node, Step};
use scenario::{Budget, Scenario};
use symbolic::sealed_by;

struct World {
    scenario: Scenario,
    members: [Member; 2],
    start: State,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    nodes: [Arc<Node>; 2],
    /// To whom, what, how often.
    flying: BTreeMap<(usize, Bytes), u8>,
    left: Budget,
    /// What was sealed, by key and nonce.
    seals: BTreeMap<[u8; 32], [u8; 32]>,
    /// Numbers of the application frames that each has taken.
    taken: [BTreeSet<u32>; 2],
    /// What happened at any time.
    seen: Seen,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Seen {
    nonce_reuse: bool,
    taken_twice: bool,
    /// A frame was ascribed to somebody who did not send it.
    misattributed: bool,
    /// Somebody whose policy asks for suite 2 took or sent a frame without it.
    downgrade: bool,
    too_early: bool,
}

/// A packet is named by its place among those under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Open(usize),
    Send(usize),
    Fire(usize),
    Wait(usize),
    Deliver(usize),
    DeliverCopy(usize),
    Reflect(usize),
    RewriteSuite(usize),
    RewriteSender(usize),
    AnswerWithCookie(usize),
}

impl World {
    fn new(scenario: Scenario) -> Self {
        let member = |number| {
            let identity = Identity::new(scenario.crypto, [number; 32], 7);
            let beacon = Beacon::sign(&identity, 1, u64::MAX, 1, Tier::Home, 0).into_inner();
            Member { identity, beacon }
        };
        let members = [member(1), member(2)];
        let start = State {
            nodes: scenario.begin(&members).map(Arc::new),
            flying: BTreeMap::new(),
            left: scenario.budget,
            seals: BTreeMap::new(),
            taken: Default::default(),
            seen: Seen::default(),
        };
        Self { scenario, members, start }
    }

    fn id(&self, i: usize) -> NodeId {
        self.members[i].identity.id
    }

    /// Whom a node looks for.
    fn expected(&self, i: usize) -> Option<NodeId> {
        (i == 1 || !self.scenario.joins).then(|| self.id(1 - i))
    }

    /// A node acts, and what follows is under way.
    fn step(&self, state: &mut State, i: usize, act: impl FnOnce(&mut Node, &Member) -> Option<Step>) -> Option<()> {
        let (step, sealed) = sealed_by(|| act(Arc::make_mut(&mut state.nodes[i]), &self.members[i]));
        let step = step?;
        for (once, text) in sealed {
            state.seen.nonce_reuse |= state.seals.insert(once, text).is_some_and(|before| before != text);
        }
        for bytes in step.sent {
            *state.flying.entry((1 - i, bytes)).or_default() += 1;
        }
        for (from, number, hybrid) in step.taken {
            let spent = self.scenario.budget.frames[1 - i] - state.left.frames[1 - i];
            state.seen.misattributed |= from != self.id(1 - i) || number > u32::from(spent);
            state.seen.taken_twice |= !state.taken[i].insert(number);
            state.seen.downgrade |= !hybrid && self.scenario.hybrid[i] == Hybrid::Require;
        }
        state.seen.too_early |= step.too_early;
        Some(())
    }

    /// The packet of that place arrives at `to`, its addressee or not.
    fn deliver(&self, state: &mut State, place: usize, stays: bool, reflected: bool) -> Option<()> {
        let (addressee, bytes) = state.flying.keys().nth(place)?.clone();
        if !stays {
            let key = (addressee, bytes.clone());
            let copies = state.flying.get_mut(&key)?;
            *copies -= 1;
            if *copies == 0 {
                state.flying.remove(&key);
            }
        }
        let to = if reflected { 1 - addressee } else { addressee };
        self.step(state, to, |node, member| Some(node.take(member, &bytes, self.scenario.broken)))
    }

    /// The first packet at that place, and to whom it goes.
    fn hello(state: &State, place: usize) -> Option<(usize, Hello<'_>)> {
        let ((to, bytes), _) = state.flying.iter().nth(place)?;
        match Packet::decode(bytes) {
            Ok(Packet::Hello(hello)) => Some((*to, hello)),
            _ => None,
        }
    }

    fn act(&self, state: &mut State, action: Action) -> Option<()> {
        match action {
            Action::Open(i) => {
                state.left.opens[i] = state.left.opens[i].checked_sub(1)?;
                let peer = self.id(1 - i);
                state.nodes[i].sessions.route(state.nodes[i].now, &peer).is_none().then_some(())?;
                self.step(state, i, |node, member| Some(node.open(member, self.expected(i))))
            }
            Action::Send(i) => {
                state.left.frames[i] = state.left.frames[i].checked_sub(1)?;
                let number = u32::from(self.scenario.budget.frames[i] - state.left.frames[i]);
                let mut without = false;
                self.step(state, i, |node, member| {
                    let (step, hybrid) = node.send(member, &self.id(1 - i), number, self.scenario.broken)?;
                    without = !hybrid;
                    Some(step)
                })?;
                state.seen.downgrade |= without && self.scenario.hybrid[i] == Hybrid::Require;
                Some(())
            }
            Action::Fire(i) => {
                state.left.timers[i] = state.left.timers[i].checked_sub(1)?;
                self.step(state, i, Node::fire)
            }
            Action::Wait(i) => {
                state.left.waits = state.left.waits.checked_sub(1)?;
                Arc::make_mut(&mut state.nodes[i]).wait(Duration::from_secs(60))
            }
            Action::Deliver(place) => self.deliver(state, place, false, false),
            Action::DeliverCopy(place) => {
                state.left.copies = state.left.copies.checked_sub(1)?;
                self.deliver(state, place, true, false)
            }
            Action::Reflect(place) => {
                state.left.reflected = state.left.reflected.checked_sub(1)?;
                self.deliver(state, place, true, true)
            }
            Action::RewriteSuite(place) | Action::RewriteSender(place) => {
                state.left.rewritten = state.left.rewritten.checked_sub(1)?;
                let (to, hello) = Self::hello(state, place)?;
                let other = if hello.suite == SUITE { SUITE_HYBRID } else { SUITE };
                let rewritten = match action {
                    Action::RewriteSuite(_) => Hello { suite: other, ..hello },
                    _ => Hello { sender: !hello.sender, ..hello },
                };
                let bytes = handshake::encode(Packet::Hello(rewritten));
                *state.flying.entry((to, bytes)).or_default() += 1;
                Some(())
            }
            Action::AnswerWithCookie(place) => {
                state.left.false_retries = state.left.false_retries.checked_sub(1)?;
                let (to, hello) = Self::hello(state, place)?;
                let retry = mindos_wire::Retry { receiver: hello.sender, cookie: &[9; 16] };
                let bytes = handshake::encode(Packet::Retry(retry));
                *state.flying.entry((1 - to, bytes)).or_default() += 1;
                Some(())
            }
        }
    }
}

impl Model for World {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![self.start.clone()]
    }

    /// Also those that lead nowhere: the step says so.
    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let left = &state.left;
        for i in 0..2 {
            let own = [(left.opens[i], Action::Open(i)), (left.frames[i], Action::Send(i))];
            let clock = [(left.timers[i], Action::Fire(i)), (left.waits, Action::Wait(i))];
            actions.extend(own.into_iter().chain(clock).filter(|(budget, _)| *budget > 0).map(|(_, action)| action));
        }
        for place in 0..state.flying.len() {
            actions.push(Action::Deliver(place));
            let attacks = [
                (left.copies, Action::DeliverCopy(place)),
                (left.reflected, Action::Reflect(place)),
                (left.rewritten, Action::RewriteSuite(place)),
                (left.rewritten, Action::RewriteSender(place)),
                (left.false_retries, Action::AnswerWithCookie(place)),
            ];
            actions.extend(attacks.into_iter().filter(|(budget, _)| *budget > 0).map(|(_, action)| action));
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        self.act(&mut state, action)?;
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::of(&self.scenario)
    }
}
