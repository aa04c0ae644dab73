//! The runner finds faults: `mindos vectors run` drives this very program, which is then a testee that answers as the
//! library does, but for one planted fault.
//!
//! A test of libtest prints to the standard output on which a testee speaks; hence a `main` of its own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test fails by panicking")]

mod faults;
mod run;
mod tests;

use std::process::ExitCode;

/// Names the fault of a testee.
const FAULT: &str = "MINDOS_TEST_FAULT";

fn main() -> ExitCode {
    if let Ok(fault) = std::env::var(FAULT) {
        return faults::testee(&fault);
    }
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|arg| arg == "--list") {
        tests::ALL.iter().for_each(|(name, _)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    let filters: Vec<&String> = args.iter().filter(|arg| !arg.starts_with('-')).collect();
    let wanted = |name: &str| filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()));
    let mut failed = 0;
    for (name, test) in tests::ALL.iter().filter(|(name, _)| wanted(name)) {
        let passed = std::panic::catch_unwind(test).is_ok();
        println!("test {name} ... {}", if passed { "ok" } else { "FAILED" });
        failed += u8::from(!passed);
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
