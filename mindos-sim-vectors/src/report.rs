//! The report of a run, and that of a sweep of truth scoring: one HTML page that needs nothing else.
//!
//! No script, nothing fetched (a content security policy in the page forbids it), light and dark by the reader's
//! preference, drawings in two sizes of which the style sheet shows one. All text goes through the markup macro, which
//! escapes it.

mod centres;
mod detection;
mod flood;
mod headline;
mod latency;
mod layout;
mod liars;
mod mesh;
mod page;
mod svg;
mod timeline;
mod truth;

pub use centres::render_centres;
pub use flood::render_flood;
pub use headline::headline;
pub use layout::{MAX_POINTS, Point, layout};
pub use liars::render_liars;
pub use page::render;
pub use truth::truth;
