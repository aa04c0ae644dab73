//! Sentences of a chapter, their keywords and their ids.

/// Longest first, so that a negation is one keyword.
const KEYWORDS: [&str; 10] =
    ["MUST NOT", "SHALL NOT", "SHOULD NOT", "MUST", "SHALL", "REQUIRED", "SHOULD", "RECOMMENDED", "MAY", "OPTIONAL"];

/// A requirement: a sentence with an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Requirement {
    /// Such as `WIRE-001`.
    pub(crate) id: String,
    /// The sentence with single spaces, without its id.
    pub(crate) sentence: String,
    /// File name of the chapter.
    pub(crate) chapter: String,
    /// The number stays taken, nothing is required.
    pub(crate) withdrawn: bool,
}

impl Requirement {
    /// First four hex digits of the BLAKE3 of the sentence; marks of emphasis and code do not count.
    pub(crate) fn hash(&self) -> String {
        let plain: String = self.sentence.chars().filter(|c| !"`*".contains(*c)).collect();
        blake3::hash(plain.as_bytes()).to_hex()[..4].to_string()
    }
}

/// What a chapter holds, and what is wrong with it.
#[derive(Debug, Default)]
pub(crate) struct Chapter {
    /// In reading order.
    pub(crate) requirements: Vec<Requirement>,
    /// Complaints, each with its place.
    pub(crate) problems: Vec<String>,
}

/// Reads one chapter.
pub(crate) fn parse(chapter: &str, text: &str) -> Chapter {
    let mut out = Chapter::default();
    for block in blocks(text) {
        let place = format!("spec/{chapter}:{}", block.line);
        if block.kind != Kind::Prose {
            for k in keywords(&block.text) {
                out.problems
                    .push(format!("{place}: keyword {k} in a {}: requirements are sentences", block.kind.name()));
            }
            continue;
        }
        if let Some((id, "withdrawn")) = block.text.strip_prefix('[').and_then(|t| t.split_once("] ")) {
            let (id, sentence) = (id.to_string(), String::new());
            out.requirements.push(Requirement { id, sentence, chapter: chapter.into(), withdrawn: true });
            continue;
        }
        for (sentence, id) in sentences(&block.text) {
            examine(chapter, &place, sentence, id, &mut out);
        }
    }
    out
}

fn examine(chapter: &str, place: &str, sentence: &str, id: Option<&str>, out: &mut Chapter) {
    let words = keywords(sentence);
    if words.len() > 1 {
        out.problems.push(format!(
            "{place}: {} keywords in one sentence ({}): {sentence}",
            words.len(),
            words.join(", ")
        ));
    }
    let binding = words.iter().find(|w| ["MUST", "SHALL", "REQU"].iter().any(|p| w.starts_with(p)));
    if let (Some(w), None) = (binding, id) {
        out.problems
            .push(format!("{place}: {w} without an id: expected `[AREA-NNN]` after the full stop of: {sentence}"));
    }
    let Some(id) = id else { return };
    if words.is_empty() {
        out.problems.push(format!("{place}: [{id}] ends a sentence without a keyword: {sentence}"));
    }
    let (id, sentence) = (id.to_string(), sentence.to_string());
    out.requirements.push(Requirement { id, sentence, chapter: chapter.into(), withdrawn: false });
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Prose,
    Table,
    Heading,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Prose => "paragraph",
            Self::Table => "table",
            Self::Heading => "heading",
        }
    }
}

struct Block {
    line: usize,
    kind: Kind,
    text: String,
}

/// Paragraphs, list items, table rows and headings, each on one line; fenced code is left out.
fn blocks(text: &str) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::new();
    let (mut fenced, mut open) = (false, false);
    for (i, raw) in text.lines().enumerate() {
        let line = raw.trim();
        if line.starts_with("```") {
            (fenced, open) = (!fenced, false);
            continue;
        }
        if fenced || line.is_empty() {
            open = false;
            continue;
        }
        let kind = match line {
            l if l.starts_with('|') => Kind::Table,
            l if l.starts_with('#') => Kind::Heading,
            _ => Kind::Prose,
        };
        let body = item(line);
        let words = body.split_whitespace().collect::<Vec<_>>().join(" ");
        match out.last_mut() {
            Some(last) if open && kind == Kind::Prose && body.len() == line.len() => {
                last.text.push(' ');
                last.text.push_str(&words);
            }
            _ => out.push(Block { line: i + 1, kind, text: words }),
        }
        open = kind == Kind::Prose;
    }
    out
}

/// The line without its list marker.
fn item(line: &str) -> &str {
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = if digits.len() < line.len() { digits.strip_prefix(". ") } else { None };
    rest.or_else(|| line.strip_prefix("- "))
        .or_else(|| line.strip_prefix("* "))
        .or_else(|| line.strip_prefix("> "))
        .unwrap_or(line)
}

/// Splits a paragraph into sentences, each with the id behind its full stop.
fn sentences(text: &str) -> Vec<(&str, Option<&str>)> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut code = false;
    for (i, c) in text.char_indices() {
        code ^= c == '`';
        let end = i + 1;
        let boundary = ".!?".contains(c) && text[end..].chars().next().is_none_or(|n| n == ' ');
        if code || i < start || !boundary {
            continue;
        }
        let rest = text[end..].trim_start();
        let id = rest.strip_prefix('[').and_then(|r| r.split_once(']')).map(|(id, _)| id).filter(|id| is_id(id));
        out.push((text[start..end].trim(), id));
        start = match id {
            Some(id) => text.len() - rest.len() + id.len() + 2,
            None => end,
        };
    }
    let rest = text[start..].trim();
    if !rest.is_empty() {
        out.push((rest, None));
    }
    out
}

/// `AREA-NNN`.
pub(crate) fn is_id(s: &str) -> bool {
    s.split_once('-').is_some_and(|(area, number)| {
        !area.is_empty()
            && area.bytes().all(|b| b.is_ascii_uppercase())
            && number.len() == 3
            && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// The keywords of RFC 2119 in `text`, code spans left out.
fn keywords(text: &str) -> Vec<&'static str> {
    let plain: String = text.split('`').step_by(2).collect::<Vec<_>>().join(" ");
    let mut out = Vec::new();
    let mut at = 0;
    while at < plain.len() {
        let rest = &plain[at..];
        let fresh = plain[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        let found = KEYWORDS.iter().find(|k| {
            fresh && rest.strip_prefix(**k).is_some_and(|r| r.chars().next().is_none_or(|c| !c.is_alphanumeric()))
        });
        match found {
            Some(k) => {
                out.push(*k);
                at += k.len();
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    out
}
