//! MindOS benches: see the targets beside this crate and `RESULTS.md` for recorded runs.
