//! Citations in Rust sources and in vectors.

use std::fs;
use std::path::Path;

use super::sentences::is_id;

/// Where a citation counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// A line of the protocol's code: meets the requirement.
    Code,
    /// A test: exercises it.
    Test,
    /// A vector: exercises it.
    Vector,
}

/// One citation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Citation {
    /// The requirement.
    pub(crate) id: String,
    /// Digits of the sentence that its author read; none in a vector.
    pub(crate) hash: Option<String>,
    /// Path from the root of the repository.
    pub(crate) file: String,
    /// Line, for messages only; 0 in a vector.
    pub(crate) line: usize,
    /// Where it stands.
    pub(crate) place: Place,
}

/// What a file cites, and what is wrong with how it does.
#[derive(Debug, Default)]
pub(crate) struct Citations {
    /// In file order.
    pub(crate) list: Vec<Citation>,
    /// Complaints, each with its place.
    pub(crate) problems: Vec<String>,
}

/// Crates whose `src` is the protocol.
const CODE: [&str; 2] = ["mindos-wire/src/", "mindos-core/src/"];
/// Where else citations may stand.
const ROOTS: [&str; 4] = ["mindos-wire", "mindos-core", "mindos-sim-vectors", "fuzz"];
/// This checker's own examples are not citations.
const SELF: &str = "mindos-sim-vectors/tests/requirements/";
const MARK: &str = "// spec:";

/// Reads one Rust file; `file` is its path from the root of the repository.
pub(crate) fn scan(file: &str, text: &str, out: &mut Citations) {
    let test_file = file.ends_with("/tests.rs") || file.contains("/tests/");
    let mut in_tests = false;
    let mut previous = "";
    for (i, line) in text.lines().enumerate() {
        in_tests |=
            previous.trim_start().starts_with("#[cfg(") && previous.contains("test") && line.trim_end().ends_with('{');
        previous = line;
        let Some((before, cited)) = line.split_once(MARK) else { continue };
        let place = if test_file || in_tests { Place::Test } else { Place::Code };
        let at = format!("{file}:{}", i + 1);
        if before.ends_with('/') {
            out.problems.push(format!("{at}: a citation is a plain comment, `// spec: …`, not a doc comment"));
        }
        if place == Place::Code && !CODE.iter().any(|c| file.starts_with(c)) {
            out.problems.push(format!("{at}: a citation outside tests counts only in {}", CODE.join(" and ")));
        }
        for part in cited.split(',') {
            match part.split_whitespace().collect::<Vec<_>>()[..] {
                [id, hash] if is_id(id) && hash.len() == 4 => {
                    let (id, hash) = (id.to_string(), Some(hash.to_string()));
                    out.list.push(Citation { id, hash, file: file.into(), line: i + 1, place });
                }
                _ => out.problems.push(format!("{at}: malformed citation {part:?}: expected `// spec: AREA-NNN hash`")),
            }
        }
    }
}

/// Reads one vector file.
pub(crate) fn vectors(file: &str, text: &str, out: &mut Citations) {
    let Ok(json) = serde_json::from_str::<serde_json::Value>(text) else {
        out.problems.push(format!("{file}: not JSON"));
        return;
    };
    let empty = Vec::new();
    let groups = json["testGroups"].as_array().unwrap_or(&empty);
    let grouped = groups.iter().flat_map(|g| g["tests"].as_array().unwrap_or(&empty));
    // A handshake file keeps the flat list of its Noise model.
    for case in grouped.chain(json["vectors"].as_array().unwrap_or(&empty)) {
        for id in case["reqs"].as_array().unwrap_or(&empty) {
            let id = id.as_str().unwrap_or_default().to_string();
            out.list.push(Citation { id, hash: None, file: file.into(), line: 0, place: Place::Vector });
        }
    }
}

/// Reads the whole repository.
pub(crate) fn repository(root: &Path) -> Citations {
    let mut out = Citations::default();
    for start in ROOTS {
        walk(root, start, &mut |file, text| match file.rsplit_once('.') {
            Some((_, "rs")) if !file.starts_with(SELF) => scan(file, text, &mut out),
            Some((_, "json")) if file.starts_with("mindos-sim-vectors/vectors/") => vectors(file, text, &mut out),
            _ => {}
        });
    }
    out
}

/// Calls `f` with path and text of every UTF-8 file below `dir`, in order of name.
fn walk(root: &Path, dir: &str, f: &mut impl FnMut(&str, &str)) {
    let Ok(entries) = fs::read_dir(root.join(dir)) else { return };
    let mut names: Vec<String> = entries.filter_map(|e| e.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    for name in names.iter().filter(|n| *n != "target") {
        let path = format!("{dir}/{name}");
        if root.join(&path).is_dir() {
            walk(root, &path, f);
        } else if [".rs", ".json"].iter().any(|e| name.ends_with(e)) {
            f(&path, &fs::read_to_string(root.join(&path)).unwrap_or_default());
        }
    }
}
