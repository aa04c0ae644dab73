//! Truth scoring on public data: the engine of spec 09 and what others would make of the same reports, clean and under
//! attack.
//!
//! In the order in which the data flows: `set` reads reports and truths · `scene` lets agents lie and closes questions
//! in an order · `engine` feeds them to `mindos_core` and `methods` to the yardsticks · `judged` scores what they say ·
//! `trial` is all of it on one set, `sweep` on many sets, attacks and seeds · `ratings` does without questions,
//! `forecasts` with probabilities · `gains` asks what reports earned on a drawn stream.

pub mod cli;
mod engine;
mod forecasts;
mod gains;
mod judged;
mod methods;
mod ratings;
mod scene;
mod set;
mod sweep;
mod trial;

pub use engine::{Form, Run, run};
pub use forecasts::{ForecastsTrial, Loss, Record};
pub use gains::{Earned, Gains, Kind, gains};
pub use judged::{Judged, Score};
pub use methods::Method;
pub use ratings::{Graph, Rating, RatingsTrial, Roots};
pub use scene::{Attack, Plan, Scene};
pub use set::{REPORTS_HEADER, Set, TRUTH_HEADER};
pub(crate) use sweep::ENGINE;
pub use sweep::{Point, Sweep, SweepPlan, sweep};
pub(crate) use trial::BATCH;
pub use trial::{Trial, trial};

/// Seconds since some moment, for the speed of the engine; no result depends on it.
pub type Seconds<'a> = &'a dyn Fn() -> f64;
