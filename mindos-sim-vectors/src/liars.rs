//! Many minds lie: the scenario, what came of it, and its figures in words. [`crate::world::liars`] runs it.

pub mod figures;
pub mod result;
pub mod scenario;
