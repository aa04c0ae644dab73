//! The account of all requirements: `spec/coverage.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::check::Corpus;
use super::cite::Place;

const HEAD: &str = "# Coverage

Written by the test `requirements` (`MINDOS_WRITE=1` renews it); do not edit. For every requirement: the digits
by which citations name its sentence, the code that meets it, the tests and the vectors that exercise it, each
with the number of citations.
";

/// Renders the account.
pub(crate) fn render(corpus: &Corpus) -> String {
    let mut out = format!("{HEAD}\n{}", totals(corpus));
    let mut chapter = "";
    for r in &corpus.requirements {
        if r.chapter != chapter {
            chapter = &r.chapter;
            let _ = write!(out, "\n## {chapter}\n");
        }
        if r.withdrawn {
            let _ = write!(out, "\n**{}** withdrawn\n", r.id);
            continue;
        }
        let _ = write!(out, "\n**{}** `{}` {}\n", r.id, r.hash(), r.sentence);
        for (name, place) in [("code", Place::Code), ("tests", Place::Test), ("vectors", Place::Vector)] {
            let mut files: BTreeMap<&str, usize> = BTreeMap::new();
            corpus.of(&r.id, place).for_each(|c| *files.entry(c.file.as_str()).or_default() += 1);
            if !files.is_empty() {
                let files: Vec<_> = files.iter().map(|(f, n)| format!("{f} ({n})")).collect();
                let _ = writeln!(out, "- {name}: {}", files.join(", "));
            }
        }
    }
    out
}

fn totals(corpus: &Corpus) -> String {
    let mut out = String::from(
        "| chapter | requirements | code lines | test citations | vector cases |\n|---|---|---|---|---|\n",
    );
    let chapters: BTreeSet<&str> = corpus.requirements.iter().map(|r| r.chapter.as_str()).collect();
    let mut sum = [0; 4];
    for chapter in chapters {
        let of: Vec<_> = corpus.requirements.iter().filter(|r| r.chapter == chapter && !r.withdrawn).collect();
        let count = |place| of.iter().map(|r| corpus.of(&r.id, place).count()).sum::<usize>();
        let row = [of.len(), count(Place::Code), count(Place::Test), count(Place::Vector)];
        sum.iter_mut().zip(row).for_each(|(s, r)| *s += r);
        let _ = writeln!(out, "| {chapter} | {} | {} | {} | {} |", row[0], row[1], row[2], row[3]);
    }
    let _ = writeln!(out, "| all | {} | {} | {} | {} |", sum[0], sum[1], sum[2], sum[3]);
    out
}

/// What differs between the committed account and the present one, if anything.
pub(crate) fn difference(committed: &str, rendered: &str) -> Option<String> {
    if committed == rendered {
        return None;
    }
    let (old, new): (Vec<_>, Vec<_>) = (committed.lines().collect(), rendered.lines().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let line = |l: &[&str]| l.get(same).map_or("the end", |s| *s).to_string();
    Some(format!(
        "spec/coverage.md:{}: a citation, a vector or a requirement came or went.\n  committed: {}\n  now:       {}\n  If that is wanted: MINDOS_WRITE=1 cargo test -p mindos-sim-vectors --test requirements",
        same + 1,
        line(&old),
        line(&new)
    ))
}
