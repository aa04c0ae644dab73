//! The runs, each over all states of its scenario. Their results stand in `MODEL.md`.

use stateright::{Checker, Model};

use super::scenario::{NOTHING, PLAIN, Start};
use super::*;

/// Visits every state. What is violated, or is not reached, fails with the way that leads there.
fn check(name: &str, scenario: Scenario, threads: usize) {
    let checker = World::new(scenario).checker().threads(threads).spawn_dfs().join();
    let (states, steps, depth) = (checker.unique_state_count(), checker.state_count(), checker.max_depth());
    println!("{name}: {states} states, {steps} steps, {depth} deep");
    checker.assert_properties();
}

const HYBRID: Scenario = Scenario { hybrid: [Hybrid::Require; 2], ..PLAIN };

const ONE: Budget = Budget { opens: [1, 0], frames: [1, 1], ..NOTHING };
const BOTH: Budget = Budget { opens: [1, 1], ..ONE };

/// The name of a scenario, its way to begin, and what it may spend: by `cargo test`, and in depth.
fn scenarios() -> [(&'static str, Scenario, Budget, Budget); 10] {
    let busy = Scenario { start: Start::Busy, ..PLAIN };
    let asked = Budget { timers: [1, 0], copies: 1, false_retries: 1, ..ONE };
    // Two packets before the end of an epoch's counters.
    let late = Start::Session(65_533);
    let talk = Budget { opens: [0; 2], frames: [5, 2], copies: 1, ..NOTHING };
    let minutes = Budget { frames: [4, 2], timers: [1, 0], waits: 4, ..talk };
    [
        ("one opens", PLAIN, Budget { timers: [2, 1], copies: 1, ..ONE }, Budget { timers: [3, 2], copies: 1, ..ONE }),
        (
            "one joins",
            Scenario { joins: true, ..PLAIN },
            Budget { copies: 1, ..ONE },
            Budget { timers: [2, 2], copies: 1, ..ONE },
        ),
        ("both open", PLAIN, Budget { copies: 1, ..BOTH }, Budget { copies: 2, ..BOTH }),
        (
            "both open, a packet is late",
            PLAIN,
            Budget { frames: [1, 0], timers: [1, 0], ..BOTH },
            Budget { timers: [1, 1], ..BOTH },
        ),
        ("one opens, suite 2", HYBRID, Budget { timers: [1, 1], ..ONE }, Budget { timers: [1, 0], copies: 1, ..ONE }),
        ("both open, suite 2", HYBRID, BOTH, Budget { frames: [1, 0], copies: 1, ..BOTH }),
        ("cookies", busy, asked, Budget { timers: [2, 1], reflected: 1, ..asked }),
        ("epochs by count", Scenario { start: late, ..PLAIN }, talk, Budget { copies: 2, timers: [1, 1], ..talk }),
        (
            "epochs by count, suite 2",
            Scenario { start: late, ..HYBRID },
            talk,
            Budget { copies: 2, timers: [1, 1], ..talk },
        ),
        (
            "epochs by time",
            Scenario { start: Start::Session(1), ..PLAIN },
            minutes,
            Budget { timers: [1, 1], waits: 5, ..minutes },
        ),
    ]
}

/// Every pair of policies before an attacker who rewrites first packets.
fn attacked(budget: Budget) -> impl Iterator<Item = (String, Scenario)> {
    use Hybrid::{Accept, Never, Require};
    let pairs = [Never, Accept, Require].map(|from| [Never, Accept, Require].map(|to| [from, to]));
    pairs.into_iter().flatten().map(move |hybrid| {
        (format!("attacked, {:?} to {:?}", hybrid[0], hybrid[1]), Scenario { hybrid, budget, ..PLAIN })
    })
}

// spec: SES-008 cbfa, SES-011 7eb2, SES-013 8a2c, SES-025 4fab, SES-026 95ec, SES-034 3391, SES-037 329a
#[test]
fn through_loss_overtaking_and_copies_both_ends_agree_on_keys_or_neither_sends() {
    for (name, scenario, budget, _) in scenarios() {
        check(name, Scenario { budget, ..scenario }, 1);
    }
}

// spec: SES-001 887f, SES-002 f2ca, SES-032 6f99, SES-039 f13d
#[test]
fn who_rewrites_first_packets_neither_weakens_a_session_nor_prevents_it() {
    for (name, scenario) in attacked(Budget { reflected: 1, rewritten: 1, ..ONE }) {
        check(&name, scenario, 1);
    }
}

#[test]
#[ignore = "takes half an hour"]
fn the_same_in_depth() {
    let threads = std::thread::available_parallelism().unwrap().get();
    for (name, scenario, _, budget) in scenarios() {
        check(name, Scenario { budget, ..scenario }, threads);
    }
    for (name, scenario) in attacked(Budget { copies: 1, reflected: 1, rewritten: 2, ..ONE }) {
        check(&name, scenario, threads);
    }
}
