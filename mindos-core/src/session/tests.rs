//! Behaviour of sessions is tested through whole nodes in `node/tests.rs`.
