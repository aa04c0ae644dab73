//! Lines of bounded length.

use std::io::{self, BufRead};

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A line without its end, which may be missing at the end of the input.
    Whole(Vec<u8>),
    /// A longer line than allowed; it was read over.
    TooLong,
    /// There is no more.
    End,
}

/// Reads the next line and keeps at most `most` bytes of it, whatever its length.
pub(crate) fn read_line(input: &mut (impl BufRead + ?Sized), most: usize) -> io::Result<Line> {
    let mut line = Vec::new();
    let mut read = 0_usize;
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
        read = read.saturating_add(part.len());
        if read <= most {
            line.extend_from_slice(part);
        }
        let (used, over) = (end.map_or(part.len(), |at| at + 1), end.is_some() || chunk.is_empty());
        let ended = chunk.is_empty() && read == 0;
        input.consume(used);
        match (over, ended) {
            (false, _) => {}
            (true, true) => return Ok(Line::End),
            (true, false) if read > most => return Ok(Line::TooLong),
            (true, false) => return Ok(Line::Whole(line)),
        }
    }
}
