//! CSV with a fixed header, row by row; fields may be quoted.

use std::{fs::File, io::Read, path::Path};

use csv::{ErrorKind, ReaderBuilder, StringRecord, Trim};

use super::{InputError, error::quoted};

/// Most rows that a file may have.
pub const MAX_ROWS: usize = 1 << 24;
/// Longest name of a question, an agent or a node, in bytes.
const MAX_NAME: usize = 256;

/// What names a question, an agent or a node in a file. Numbers come before other texts and in their own order, so
/// that the order of rows changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// A whole number as it is usually written.
    Number(u64),
    /// Anything else.
    Text(String),
}

impl Name {
    /// The name that a text is; none if it is empty or longer than 256 bytes.
    pub fn new(text: &str) -> Option<Self> {
        let number = text.parse().ok().filter(|number: &u64| number.to_string() == text);
        let fits = !text.is_empty() && text.len() <= MAX_NAME;
        fits.then(|| number.map_or_else(|| Self::Text(text.to_owned()), Self::Number))
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{}", quoted(text)),
        }
    }
}

/// One row below the header.
pub(crate) struct Row<'a> {
    file: &'a str,
    line: u64,
    header: &'a [&'a str],
    record: &'a StringRecord,
}

impl Row<'_> {
    pub(crate) fn name(&self, column: usize) -> Result<Name, InputError> {
        Name::new(self.text(column)).ok_or_else(|| self.refused(column, "a name of 1 to 256 bytes"))
    }

    /// What a column's text means, or a refusal that says what was expected.
    pub(crate) fn value<T>(
        &self,
        column: usize,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, InputError> {
        read(self.text(column)).ok_or_else(|| self.refused(column, expected))
    }

    pub(crate) fn refused(&self, column: usize, expected: &str) -> InputError {
        let field = self.header.get(column).map(|name| (*name).to_owned());
        malformed(self.file, self.line, field, &quoted(self.text(column)), expected)
    }

    fn text(&self, column: usize) -> &str {
        self.record.get(column).unwrap_or_default()
    }
}

/// A file with its name in messages.
pub(crate) fn open(path: &Path) -> Result<(String, File), InputError> {
    let file = path.display().to_string();
    match File::open(path) {
        Ok(opened) => Ok((file, opened)),
        Err(source) => Err(InputError::Io { file, source }),
    }
}

/// Hands every row below `header` to `each`; `file` is its name in messages.
///
/// # Errors
/// If reading fails, the header is another, a row has another number of fields, there is no row or more than
/// [`MAX_ROWS`], or as `each` does.
pub(crate) fn rows(
    file: &str,
    reader: impl Read,
    header: &[&str],
    mut each: impl FnMut(&Row<'_>) -> Result<(), InputError>,
) -> Result<(), InputError> {
    let unusable = |reason: String| InputError::Unusable { file: file.to_owned(), reason };
    let names = header.join(",");
    let mut csv = ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(reader);
    let mut record = StringRecord::new();
    if !read(file, &mut csv, &mut record)? {
        return Err(unusable(format!("is empty; expected the header {names}")));
    }
    if !record.iter().eq(header.iter().copied()) {
        let found = quoted(&record.iter().collect::<Vec<_>>().join(","));
        return Err(malformed(file, 1, None, &found, &format!("the header {names}")));
    }
    let mut count = 0;
    while read(file, &mut csv, &mut record)? {
        // A record's own position is before the empty lines that it follows.
        let line = record.position().map_or(0, csv::Position::line).max(csv.position().line().saturating_sub(1));
        if record.len() != header.len() {
            let (found, expected) = (format!("{} fields", record.len()), format!("{} fields: {names}", header.len()));
            return Err(malformed(file, line, None, &found, &expected));
        }
        count += 1;
        if count > MAX_ROWS {
            return Err(unusable(format!("has more than {MAX_ROWS} rows; expected at most that many")));
        }
        each(&Row { file, line, header, record: &record })?;
    }
    if count == 0 {
        return Err(unusable(format!("has no row below its header; expected at least one of {names}")));
    }
    Ok(())
}

fn read<R: Read>(file: &str, csv: &mut csv::Reader<R>, record: &mut StringRecord) -> Result<bool, InputError> {
    csv.read_record(record).map_err(|error| {
        let line = error.position().map_or(0, csv::Position::line);
        match error.into_kind() {
            ErrorKind::Io(source) => InputError::Io { file: file.to_owned(), source },
            _ => malformed(file, line, None, "bytes that are no UTF-8 text", "plain text"),
        }
    })
}

fn malformed(file: &str, line: u64, field: Option<String>, found: &str, expected: &str) -> InputError {
    InputError::Malformed { file: file.to_owned(), line, field, found: found.to_owned(), expected: expected.to_owned() }
}
