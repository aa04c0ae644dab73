//! What somebody else's program said, so that it can be kept and shown: bounded, on one line, and without anything that
//! a terminal obeys.

use std::fmt::{self, Display, Write};

/// Bytes of one text that are kept.
pub(super) const MOST: usize = 4_096;

/// The beginning of a text, and the length of the rest. Whatever is written to it, it holds no more than that.
#[derive(Default)]
struct Beginning {
    text: String,
    cut: usize,
}

impl Write for Beginning {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        for c in part.chars() {
            let shown = plain(c);
            // Once something is cut, so is all that follows.
            if self.cut == 0 && self.text.len() + shown.len_utf8() <= MOST {
                self.text.push(shown);
            } else {
                self.cut += c.len_utf8();
            }
        }
        Ok(())
    }
}

/// A text of which at most [`MOST`] bytes are kept, and how much was cut.
pub(super) fn quote(said: impl Display) -> String {
    let mut kept = Beginning::default();
    // It takes whatever is written.
    let _ = write!(kept, "{said}");
    if kept.cut > 0 { format!("{}… ({} bytes cut)", kept.text, kept.cut) } else { kept.text }
}

/// A text of several lines, none of which is cut.
pub(super) fn lines(said: &str) -> String {
    said.lines().map(|line| line.chars().map(plain).collect()).collect::<Vec<String>>().join("\n")
}

/// Controls, old and new, and what turns the direction of writing have a sign put in their place.
pub(super) fn plain(c: char) -> char {
    match c {
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => char::REPLACEMENT_CHARACTER,
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}
