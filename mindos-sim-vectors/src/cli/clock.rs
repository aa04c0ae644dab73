//! The machine's own clock, for figures about the machine.

/// The wall clock, for `wall_s` and `reports_per_s` only.
#[allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "these figures are about the machine's speed")]
pub(crate) struct Clock(std::time::Instant);

#[allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "as above")]
impl Clock {
    pub(crate) fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// Since its start.
    pub(crate) fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}
