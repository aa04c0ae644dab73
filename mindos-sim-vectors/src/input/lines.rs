//! Lines of a text file, bounded in length, with byte order mark and line ends removed.

use std::io::{BufRead, Read};

use super::InputError;

/// Reads a text line by line without ever holding more than one bounded line.
pub(super) struct Lines<'f, R> {
    file: &'f str,
    reader: R,
    limit: usize,
    number: u64,
    bytes: Vec<u8>,
}

impl<'f, R: BufRead> Lines<'f, R> {
    /// Lines of `reader`, which is called `file` in messages, of at most `limit` bytes each.
    pub(super) fn new(file: &'f str, reader: R, limit: usize) -> Self {
        Self { file, reader, limit, number: 0, bytes: Vec::new() }
    }

    /// The next line and its number from 1; `None` at the end. A byte order mark before the first line, and `\r\n`
    /// for `\n`, are tolerated. Empty lines are given out as such.
    pub(super) fn next_line(&mut self) -> Result<Option<(u64, &str)>, InputError> {
        self.bytes.clear();
        let io = |source| InputError::Io { file: self.file.to_owned(), source };
        let most = self.limit as u64 + 2;
        self.reader.by_ref().take(most).read_until(b'\n', &mut self.bytes).map_err(io)?;
        if self.bytes.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        if self.bytes.last() == Some(&b'\n') {
            self.bytes.pop();
            if self.bytes.last() == Some(&b'\r') {
                self.bytes.pop();
            }
        }
        if self.number == 1 && self.bytes.starts_with(b"\xef\xbb\xbf") {
            self.bytes.drain(..3);
        }
        if self.bytes.len() > self.limit {
            return Err(self.malformed("a longer line", &format!("at most {} bytes", self.limit)));
        }
        match std::str::from_utf8(&self.bytes) {
            Ok(text) => Ok(Some((self.number, text))),
            Err(_) => Err(self.malformed("bytes that are no UTF-8 text", "plain text")),
        }
    }

    /// Checks that nothing but empty lines follows, after an empty line was met.
    pub(super) fn only_empty_lines_left(&mut self) -> Result<(), InputError> {
        let after = self.number;
        while let Some((number, text)) = self.next_line()? {
            if !text.is_empty() {
                let found = "an empty line before more data".to_owned();
                return Err(InputError::Malformed {
                    file: self.file.to_owned(),
                    line: after,
                    field: None,
                    found,
                    expected: format!("data on every line up to line {number}"),
                });
            }
        }
        Ok(())
    }

    fn malformed(&self, found: &str, expected: &str) -> InputError {
        InputError::Malformed {
            file: self.file.to_owned(),
            line: self.number,
            field: None,
            found: found.to_owned(),
            expected: expected.to_owned(),
        }
    }
}
