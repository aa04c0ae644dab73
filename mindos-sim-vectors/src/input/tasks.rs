//! Request traces: CSV with the header `TIMESTAMP,ContextTokens,GeneratedTokens`.
//!
//! - `TIMESTAMP` is a date and time (`2023-11-16 18:15:46.6805900`, `T` for the space and a trailing `Z` or `+hh:mm`
//!   allowed) or plain seconds (`12.5`); one kind per file. Only differences matter: the earliest request is at 0.
//! - Tokens are whole numbers up to 4,294,967,295.
//! - Requests may stand in any order; they are put in order of time, equal times in order of the file.

mod timestamp;

use std::{fs::File, io::BufRead, io::BufReader, path::Path};

use super::{InputError, error::quoted, lines::Lines};
use timestamp::{EXPECTED_TIMESTAMP, Kind, parse_timestamp};

/// First line of a trace.
pub const TASKS_HEADER: &str = "TIMESTAMP,ContextTokens,GeneratedTokens";
/// Most requests that a trace may have.
pub const MAX_REQUESTS: usize = 1 << 24;
const MAX_LINE: usize = 256;

/// One request of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Arrival in µs after the earliest request of the trace.
    pub at_us: u64,
    /// Tokens of context that come with the request.
    pub context_tokens: u32,
    /// Tokens that the answer takes.
    pub generated_tokens: u32,
}

/// Requests in order of time, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The requests; the first is at 0.
    pub requests: Vec<Request>,
}

impl Trace {
    /// Time from the first request to the last, in µs.
    pub fn span_us(&self) -> u64 {
        self.requests.last().map_or(0, |last| last.at_us)
    }
}

/// Reads a trace from a file.
///
/// # Errors
/// [`InputError`] if the file cannot be read or [`parse_tasks`] refuses it.
pub fn load_tasks(path: &Path) -> Result<Trace, InputError> {
    let name = path.display().to_string();
    match File::open(path) {
        Ok(file) => parse_tasks(&name, BufReader::new(file)),
        Err(source) => Err(InputError::Io { file: name, source }),
    }
}

/// Reads a trace; `file` is its name in messages.
///
/// # Errors
/// [`InputError`] if reading fails, the header is missing, there is no request or more than [`MAX_REQUESTS`], or a
/// line has not exactly the three fields in their ranges.
pub fn parse_tasks(file: &str, reader: impl BufRead) -> Result<Trace, InputError> {
    let unusable = |reason: String| InputError::Unusable { file: file.to_owned(), reason };
    let mut lines = Lines::new(file, reader, MAX_LINE);
    match lines.next_line()? {
        Some((_, TASKS_HEADER)) => {}
        Some((line, other)) => {
            return Err(Line { file, line }.refused(None, &quoted(other), &format!("the header {TASKS_HEADER}")));
        }
        None => return Err(unusable(format!("is empty; expected the header {TASKS_HEADER} and requests"))),
    }
    let mut stamped: Vec<(i128, u32, u32)> = Vec::new();
    let mut kind = None;
    while let Some((line, text)) = lines.next_line()? {
        if text.is_empty() {
            lines.only_empty_lines_left()?;
            break;
        }
        if stamped.len() == MAX_REQUESTS {
            return Err(unusable(format!("has more than {MAX_REQUESTS} requests; expected at most that many")));
        }
        stamped.push(Line { file, line }.read(text, &mut kind)?);
    }
    let Some(first) = stamped.iter().map(|request| request.0).min() else {
        return Err(unusable("has no request; expected at least one line after the header".to_owned()));
    };
    stamped.sort_by_key(|request| request.0);
    let requests = stamped.into_iter().map(|(at, context_tokens, generated_tokens)| Request {
        // Both ends lie within the years 0 to 9999, so the difference fits.
        at_us: ((at - first) / 1000) as u64,
        context_tokens,
        generated_tokens,
    });
    Ok(Trace { requests: requests.collect() })
}

/// One line being read.
struct Line<'f> {
    file: &'f str,
    line: u64,
}

impl Line<'_> {
    fn read(&self, text: &str, kind: &mut Option<Kind>) -> Result<(i128, u32, u32), InputError> {
        let mut fields = text.split(',');
        let (Some(stamp), Some(context), Some(generated), None) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            let found = format!("{} fields", text.split(',').count());
            return Err(self.refused(None, &found, &format!("3 fields: {TASKS_HEADER}")));
        };
        let Some((at, this)) = parse_timestamp(stamp) else {
            return Err(self.refused(Some("TIMESTAMP"), &quoted(stamp), EXPECTED_TIMESTAMP));
        };
        if *kind.get_or_insert(this) != this {
            let expected = "the same kind of time as in the lines before (dates or plain seconds, not both)";
            return Err(self.refused(Some("TIMESTAMP"), &quoted(stamp), expected));
        }
        Ok((at, self.tokens(context, "ContextTokens")?, self.tokens(generated, "GeneratedTokens")?))
    }

    fn tokens(&self, text: &str, field: &str) -> Result<u32, InputError> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|_| digits)
            .ok_or_else(|| self.refused(Some(field), &quoted(text), "a whole number of tokens from 0 to 4294967295"))
    }

    fn refused(&self, field: Option<&str>, found: &str, expected: &str) -> InputError {
        InputError::Malformed {
            file: self.file.to_owned(),
            line: self.line,
            field: field.map(str::to_owned),
            found: found.to_owned(),
            expected: expected.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
