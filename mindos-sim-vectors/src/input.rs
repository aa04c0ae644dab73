//! Reading other people's measurements: round-trip matrices and request traces.
//!
//! Both parsers stream line by line, hold no more than what they have accepted, bound the length of a line and refuse
//! anything malformed with file, line, field, what stood there and what was expected.

mod error;
mod latency;
mod lines;
mod tasks;

pub use error::InputError;
pub use latency::{Filled, LatencyMatrix, LatencyUnit, MAX_HOSTS, MAX_RTT_US, load_latency, parse_latency};
pub use tasks::{MAX_REQUESTS, Request, TASKS_HEADER, Trace, load_tasks, parse_tasks};
