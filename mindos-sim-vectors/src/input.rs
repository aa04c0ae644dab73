//! Reading other people's measurements: round-trip matrices, request traces, tables of reports and ratings.
//!
//! All parsers stream line by line, hold no more than what they have accepted and refuse anything malformed with
//! file, line, field, what stood there and what was expected. Those of matrices and traces bound the length of a line.

mod error;
mod latency;
mod lines;
mod table;
mod tasks;

pub use error::InputError;
pub use latency::{Filled, LatencyMatrix, LatencyUnit, MAX_HOSTS, MAX_RTT_US, load_latency, parse_latency};
pub use table::{MAX_ROWS, Name};
pub(crate) use table::{open, rows};
pub use tasks::{MAX_REQUESTS, Request, TASKS_HEADER, Trace, load_tasks, parse_tasks};
