//! MindOS fuzz.
