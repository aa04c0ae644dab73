//! The simulated world: production nodes on a simulated network, driven by one queue of events.
//!
//! `queue` orders events, `host` is a machine with a node on it, `sim` lets time pass, `observe`
//! watches without touching, and [`run`] tells what happened. `cast` says who lies how, [`liars`] runs worlds of such.
//! [`flood`] is a smaller world around one node under attack, [`centres`] lets agents report on questions.

mod cast;
pub mod centres;
mod crypto;
pub mod flood;
mod host;
pub mod liars;
mod observe;
mod queue;
mod run;
mod sim;

#[cfg(test)]
mod tests;

pub use cast::Kind;
pub use crypto::Memo;
pub use run::run;
pub use sim::{Join, Sim, SimConfig};
