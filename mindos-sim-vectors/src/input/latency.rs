//! Round-trip matrices: a square table of tab-separated numbers, row = from, column = to, no header.
//!
//! - A number is a round-trip time, in milliseconds unless the caller says seconds, from 0 to 60 s.
//! - The diagonal says how far a host is from itself and is ignored.
//! - Zero off the diagonal means *not measured*. Such a cell takes the value of the opposite direction; if that was
//!   not measured either, the median of what is known of its row; for a host nobody measured, the median of all.
//!   [`LatencyMatrix::filled`] counts each kind.
//! - Both directions are kept: a matrix may be asymmetric.

use std::{fs::File, io::BufRead, io::BufReader, path::Path};

use super::{InputError, error::quoted, lines::Lines};
use crate::stats::median;

/// Most hosts that a matrix may have (a matrix of that size takes 256 MiB).
pub const MAX_HOSTS: usize = 8_192;
/// Longest accepted round trip, in µs: one minute.
pub const MAX_RTT_US: u32 = 60_000_000;
/// Longest accepted cell, in bytes.
const MAX_CELL: usize = 32;

/// Unit of the numbers in a matrix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, clap::ValueEnum)]
pub enum LatencyUnit {
    /// Milliseconds.
    #[default]
    #[serde(rename = "ms")]
    #[value(name = "ms")]
    Milliseconds,
    /// Seconds.
    #[serde(rename = "s")]
    #[value(name = "s")]
    Seconds,
}

impl LatencyUnit {
    fn in_us(self) -> f64 {
        match self {
            Self::Milliseconds => 1e3,
            Self::Seconds => 1e6,
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Self::Milliseconds => "a round-trip time in ms, 0 to 60000 (0: not measured)",
            Self::Seconds => "a round-trip time in s, 0 to 60 (0: not measured)",
        }
    }
}

/// How many cells were not measured, by where their value was taken from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// From the opposite direction.
    pub opposite: u64,
    /// From the median of the row.
    pub row_median: u64,
    /// From the median of the whole matrix.
    pub overall_median: u64,
}

impl Filled {
    /// All cells that were not measured.
    pub fn total(&self) -> u64 {
        self.opposite + self.row_median + self.overall_median
    }
}

/// Round-trip times between hosts, complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatencyMatrix {
    hosts: usize,
    rtt_us: Vec<u32>,
    filled: Filled,
}

impl LatencyMatrix {
    /// A matrix from row-major round trips in µs, where 0 off the diagonal means not measured. `None` if there are
    /// fewer than 2 or more than [`MAX_HOSTS`] hosts, if `rtt_us` is not their square, if a value exceeds
    /// [`MAX_RTT_US`], or if nothing is measured at all.
    pub fn from_rtts(hosts: usize, rtt_us: Vec<u32>) -> Option<Self> {
        let fits = (2..=MAX_HOSTS).contains(&hosts) && rtt_us.len() == hosts * hosts;
        if !fits || rtt_us.iter().any(|&rtt| rtt > MAX_RTT_US) {
            return None;
        }
        let mut matrix = Self { hosts, rtt_us, filled: Filled::default() };
        for host in 0..hosts {
            matrix.rtt_us[host * hosts + host] = 0;
        }
        matrix.fill().then_some(matrix)
    }

    /// Number of hosts.
    pub fn hosts(&self) -> usize {
        self.hosts
    }

    /// Round trip from one host to another as the first measured it, in µs: 1 to [`MAX_RTT_US`], 0 to itself.
    ///
    /// # Panics
    /// If a host is out of range, as indexing does.
    pub fn rtt_us(&self, from: usize, to: usize) -> u32 {
        self.row(from)[to]
    }

    /// Round trips from one host to all, in µs.
    ///
    /// # Panics
    /// If the host is out of range, as indexing does.
    pub fn row(&self, from: usize) -> &[u32] {
        &self.rtt_us[from * self.hosts..(from + 1) * self.hosts]
    }

    /// How many cells were not measured and how they were filled.
    pub fn filled(&self) -> Filled {
        self.filled
    }

    /// Fills what was not measured; false if nothing was measured.
    fn fill(&mut self) -> bool {
        let n = self.hosts;
        let measured = self.rtt_us.clone();
        for from in 0..n {
            for to in (0..n).filter(|&to| to != from) {
                let opposite = measured[to * n + from];
                if measured[from * n + to] == 0 && opposite > 0 {
                    self.rtt_us[from * n + to] = opposite;
                    self.filled.opposite += 1;
                }
            }
        }
        let has_hole = |row: &[u32]| row.iter().filter(|&&rtt| rtt == 0).count() > 1;
        if !self.rtt_us.chunks(n).any(has_hole) {
            return true;
        }
        let known = |cells: &[u32]| cells.iter().copied().filter(|&rtt| rtt > 0).collect::<Vec<_>>();
        let Some(overall) = median(&mut known(&self.rtt_us)) else { return false };
        for from in 0..n {
            let row = &mut self.rtt_us[from * n..(from + 1) * n];
            let of_row = median(&mut known(row));
            for to in (0..n).filter(|&to| to != from) {
                if row[to] == 0 {
                    row[to] = of_row.unwrap_or(overall);
                    match of_row {
                        Some(_) => self.filled.row_median += 1,
                        None => self.filled.overall_median += 1,
                    }
                }
            }
        }
        true
    }
}

/// Reads a matrix from a file.
///
/// # Errors
/// [`InputError`] if the file cannot be read or [`parse_latency`] refuses it.
pub fn load_latency(path: &Path, unit: LatencyUnit) -> Result<LatencyMatrix, InputError> {
    let name = path.display().to_string();
    match File::open(path) {
        Ok(file) => parse_latency(&name, BufReader::new(file), unit),
        Err(source) => Err(InputError::Io { file: name, source }),
    }
}

/// Reads a matrix; `file` is its name in messages.
///
/// # Errors
/// [`InputError`] if reading fails, the table is empty, not square, smaller than 2 × 2 or larger than [`MAX_HOSTS`],
/// nothing in it is measured, or a cell is no number from 0 to 60 s.
pub fn parse_latency(file: &str, reader: impl BufRead, unit: LatencyUnit) -> Result<LatencyMatrix, InputError> {
    let unusable = |reason: String| InputError::Unusable { file: file.to_owned(), reason };
    let mut lines = Lines::new(file, reader, MAX_HOSTS * (MAX_CELL + 1));
    let mut rtt_us: Vec<u32> = Vec::new();
    let (mut hosts, mut rows) = (0, 0);
    while let Some((line, text)) = lines.next_line()? {
        if text.is_empty() {
            lines.only_empty_lines_left()?;
            break;
        }
        let row = Row { file, line, unit };
        if rows == 0 {
            hosts = text.split('\t').count();
            if !(2..=MAX_HOSTS).contains(&hosts) {
                return Err(row.wrong_width(hosts, &format!("2 to {MAX_HOSTS}, separated by tabs")));
            }
        } else if rows == hosts {
            return Err(unusable(format!(
                "has more than {hosts} lines; expected a square, and line 1 has {hosts} cells"
            )));
        }
        let columns = row.read(text, rows, hosts, &mut rtt_us)?;
        if columns != hosts {
            return Err(row.wrong_width(columns, &format!("{hosts} as in line 1")));
        }
        rows += 1;
    }
    if rows == 0 {
        return Err(unusable("is empty; expected a square table of round-trip times".to_owned()));
    }
    if rows != hosts {
        return Err(unusable(format!("has {rows} lines; expected a square, and line 1 has {hosts} cells")));
    }
    LatencyMatrix::from_rtts(hosts, rtt_us)
        .ok_or_else(|| unusable("has no measured round trip off its diagonal; expected at least one".to_owned()))
}

/// One line being read.
struct Row<'f> {
    file: &'f str,
    line: u64,
    unit: LatencyUnit,
}

impl Row<'_> {
    /// Appends the cells of a line, at most `hosts` of them; gives the number of cells that the line has.
    fn read(&self, text: &str, row: usize, hosts: usize, into: &mut Vec<u32>) -> Result<usize, InputError> {
        let mut columns = 0;
        for (column, cell) in text.split('\t').enumerate() {
            columns = column + 1;
            if column < hosts {
                let rtt = self.cell(cell, columns)?;
                into.push(if column == row { 0 } else { rtt });
            }
        }
        Ok(columns)
    }

    /// One cell in µs. What is measured never rounds to 0.
    fn cell(&self, cell: &str, column: usize) -> Result<u32, InputError> {
        let refused = || InputError::Malformed {
            file: self.file.to_owned(),
            line: self.line,
            field: Some(column.to_string()),
            found: if cell.is_empty() { "nothing".to_owned() } else { quoted(cell) },
            expected: self.unit.expected().to_owned(),
        };
        let text = cell.trim_matches(' ');
        if text.len() > MAX_CELL {
            return Err(refused());
        }
        let value: f64 = text.parse().map_err(|_| refused())?;
        let us = value * self.unit.in_us();
        if !(0.0..=f64::from(MAX_RTT_US)).contains(&us) || (value == 0.0 && value.is_sign_negative()) {
            return Err(refused());
        }
        if value == 0.0 { Ok(0) } else { Ok((libm::round(us) as u32).max(1)) }
    }

    fn wrong_width(&self, columns: usize, expected: &str) -> InputError {
        InputError::Malformed {
            file: self.file.to_owned(),
            line: self.line,
            field: None,
            found: format!("{columns} cells"),
            expected: expected.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
