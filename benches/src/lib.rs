//! MindOS benches.
