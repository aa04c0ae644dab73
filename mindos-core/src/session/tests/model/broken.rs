//! The checker sees what it is there to see: each of these machines is broken in one place, around the production code.

use stateright::{Checker, HasDiscoveries, Model};

use super::properties::{NO_DOWNGRADE, ONCE, ONE_TEXT, SAME_KEYS, SAME_SESSION};
use super::scenario::{Broken, NOTHING, PLAIN};
use super::symbolic::{Flaw, Symbolic};
use super::*;

static SUITE_UNBOUND: Symbolic = Symbolic { flaw: Some(Flaw::SuiteUnbound) };
static SECRETS_DIFFER: Symbolic = Symbolic { flaw: Some(Flaw::SecretsDiffer) };

/// A way to a state in which the property does not hold.
fn counterexample(scenario: Scenario, property: &'static str) -> Option<Vec<Action>> {
    let wanted = HasDiscoveries::AllOf([property].into());
    let checker = World::new(scenario).checker().finish_when(wanted).spawn_bfs().join();
    checker.discovery(property).map(|path| path.into_actions())
}

/// Finds it, and finds nothing in the same scenario with the machine whole.
fn finds(broken: Scenario, whole: Scenario, property: &'static str) -> Vec<Action> {
    assert_eq!(counterexample(whole, property), None);
    let found = counterexample(broken, property);
    println!("{property}: violated by {found:?}");
    found.unwrap()
}

const TALK: Scenario = Scenario { budget: Budget { opens: [1, 0], frames: [2, 0], copies: 1, ..NOTHING }, ..PLAIN };

#[test]
fn a_broken_replay_window_is_found() {
    let ways = finds(Scenario { broken: Some(Broken::Window), ..TALK }, TALK, ONCE);
    assert!(ways.iter().any(|a| matches!(a, Action::DeliverCopy(_))), "without a copy nothing comes twice");
}

#[test]
fn a_nonce_used_twice_is_found() {
    let ways = finds(Scenario { broken: Some(Broken::Counter), ..TALK }, TALK, ONE_TEXT);
    assert_eq!(ways.iter().filter(|a| matches!(a, Action::Send(0))).count(), 2);
}

/// The handshake of a machine that does not bind the suite survives the attacker who changes it: one end takes the
/// session for hybrid, the other for plain.
#[test]
fn a_downgrade_is_found() {
    let attacked = Scenario {
        hybrid: [Hybrid::Require, Hybrid::Accept],
        budget: Budget { opens: [1, 0], frames: [0, 1], rewritten: 1, ..NOTHING },
        ..PLAIN
    };
    let ways = finds(Scenario { crypto: &SUITE_UNBOUND, ..attacked }, attacked, SAME_SESSION);
    assert!(ways.iter().any(|a| matches!(a, Action::RewriteSuite(_))));
}

#[test]
fn keys_that_differ_are_found() {
    let hybrid = Scenario { hybrid: [Hybrid::Require; 2], ..TALK };
    finds(Scenario { crypto: &SECRETS_DIFFER, ..hybrid }, hybrid, SAME_KEYS);
}

#[test]
fn a_fallback_to_suite_1_is_found() {
    let strict = Scenario { hybrid: [Hybrid::Require; 2], ..TALK };
    finds(Scenario { broken: Some(Broken::Policy), ..strict }, strict, NO_DOWNGRADE);
}
