//! Five central models against many local agents: the vision's own claim as an experiment.
//!
//! [`scenario`] says how the world is made, [`nature`] makes it, [`crate::world::centres`] lets the agents report
//! through real nodes, [`result`] holds what came out, and [`figures`] puts it into words.

pub mod figures;
pub mod nature;
pub mod result;
pub mod scenario;
