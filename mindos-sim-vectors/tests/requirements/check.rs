//! Holds requirements and citations against each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::cite::{self, Citation, Citations, Place};
use super::sentences::{self, Requirement};

/// All that is compared.
#[derive(Debug, Default)]
pub(crate) struct Corpus {
    /// In reading order.
    pub(crate) requirements: Vec<Requirement>,
    /// In order of file.
    pub(crate) citations: Vec<Citation>,
    /// What was found wrong while reading.
    pub(crate) problems: Vec<String>,
}

impl Corpus {
    /// Reads the repository.
    pub(crate) fn load(root: &Path) -> Self {
        let mut corpus = Self::default();
        let entries = fs::read_dir(root.join("spec")).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        for name in names.iter().filter(|n| n.ends_with(".md") && *n != "coverage.md") {
            corpus.chapter(name, &fs::read_to_string(root.join("spec").join(name)).unwrap());
        }
        corpus.cite(cite::repository(root));
        corpus
    }

    /// Adds a chapter.
    pub(crate) fn chapter(&mut self, name: &str, text: &str) {
        let chapter = sentences::parse(name, text);
        self.requirements.extend(chapter.requirements);
        self.problems.extend(chapter.problems);
    }

    /// Adds citations.
    pub(crate) fn cite(&mut self, citations: Citations) {
        self.citations.extend(citations.list);
        self.problems.extend(citations.problems);
    }

    /// The citations of `id` in `place`.
    pub(crate) fn of<'a>(&'a self, id: &'a str, place: Place) -> impl Iterator<Item = &'a Citation> {
        self.citations.iter().filter(move |c| c.id == id && c.place == place)
    }
}

/// Everything that is wrong, in words.
pub(crate) fn check(corpus: &Corpus) -> Vec<String> {
    let mut out = corpus.problems.clone();
    let mut known: BTreeMap<&str, &Requirement> = BTreeMap::new();
    for r in &corpus.requirements {
        if let Some(first) = known.insert(&r.id, r) {
            out.push(format!("spec/{}: [{}] is taken already, in spec/{}", r.chapter, r.id, first.chapter));
        }
    }
    numbering(&known, &mut out);
    for c in &corpus.citations {
        citation(c, &known, &mut out);
    }
    for r in corpus.requirements.iter().filter(|r| !r.withdrawn) {
        let form = format!("`// spec: {} {}`", r.id, r.hash());
        if corpus.of(&r.id, Place::Code).next().is_none() {
            out.push(format!("spec/{}: no code line cites [{}]: expected {form} where it is met", r.chapter, r.id));
        }
        if corpus.of(&r.id, Place::Test).chain(corpus.of(&r.id, Place::Vector)).next().is_none() {
            let what = format!("no test cites [{}] and no vector lists it", r.id);
            out.push(format!("spec/{}: {what}: expected {form} in a test, or the id in a vector's `reqs`", r.chapter));
        }
    }
    out
}

fn citation(c: &Citation, known: &BTreeMap<&str, &Requirement>, out: &mut Vec<String>) {
    let at = format!("{}:{}", c.file, c.line);
    match known.get(c.id.as_str()) {
        None => out.push(format!("{at}: cites {}, which no chapter has", c.id)),
        Some(r) if r.withdrawn => out.push(format!("{at}: cites {}, which is withdrawn", c.id)),
        Some(r) => {
            if let Some(hash) = c.hash.as_ref().filter(|h| **h != r.hash()) {
                out.push(format!(
                    "{at}: cites {} as {hash}, but its sentence is {} now: read both again. It says: {}",
                    c.id,
                    r.hash(),
                    r.sentence
                ));
            }
        }
    }
}

/// Numbers of an area run from 1 without a gap.
fn numbering(known: &BTreeMap<&str, &Requirement>, out: &mut Vec<String>) {
    let mut areas: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
    for (area, number) in known.keys().filter_map(|id| id.split_once('-')) {
        areas.entry(area).or_default().insert(number.parse().unwrap_or_default());
    }
    for (area, numbers) in areas {
        for missing in (1..numbers.last().copied().unwrap_or_default()).filter(|n| !numbers.contains(n)) {
            out.push(format!(
                "spec: [{area}-{missing:03}] is missing: expected the requirement, or `[{area}-{missing:03}] withdrawn`"
            ));
        }
    }
}
