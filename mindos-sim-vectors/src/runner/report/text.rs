//! The report for people.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde_json::Value as Json;

use super::super::quote::plain;
use super::{Counts, Failed, Report};

/// Failures that are told in full; a report as JSON has all.
const SHOWN: usize = 10;
/// Characters of a value that are told.
const WIDTH: usize = 240;

const BAD: Style = AnsiColor::Red.on_default();
const GOOD: Style = AnsiColor::Green.on_default();

/// Prints table, failures and requirements.
pub(crate) fn print(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{} {}, vectors {}", line(&report.implementation), line(&report.version), report.suite)?;
    writeln!(out)?;
    table(report, out)?;
    let unexpected: Vec<&Failed> = report.failures.iter().filter(|failed| !failed.known).collect();
    for failed in unexpected.iter().take(SHOWN) {
        failure(failed, out)?;
    }
    if unexpected.len() > SHOWN {
        writeln!(out, "\nand {} more failures: --json or --report tell all", unexpected.len() - SHOWN)?;
    }
    for fault in &report.faults {
        writeln!(out, "\n{BAD}failed{BAD:#} outside of all cases\n  {}", block(fault))?;
    }
    requirements(report, out)?;
    if report.restarts > 0 {
        let times = if report.restarts == 1 { "once".to_owned() } else { format!("{} times", report.restarts) };
        writeln!(out, "the testee was restarted {times}")?;
    }
    let Counts { passed, failed, known, skipped } = report.all;
    let (mark, style) = if report.ok { ("✓", GOOD) } else { ("✗", BAD) };
    write!(out, "{style}{mark} {passed} passed, {failed} failed{style:#}")?;
    for (count, word) in [(known, "known to fail"), (skipped, "skipped")].into_iter().filter(|(count, _)| *count > 0) {
        write!(out, ", {count} {word}")?;
    }
    writeln!(out)
}

fn table(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = vec![["group", "passed", "failed", "known", "skipped"].map(str::to_owned)];
    let cells = |name: String, c: Counts| {
        let [passed, failed, known, skipped] = [c.passed, c.failed, c.known, c.skipped].map(|n| n.to_string());
        [name, passed, failed, known, skipped]
    };
    for row in &report.groups {
        rows.push(cells(format!("{} {} {}", row.file, row.kind, row.message), row.counts));
    }
    rows.push(cells("all".to_owned(), report.all));
    // Without a list nothing is known to fail.
    let known = report.all.known > 0;
    let width = rows.iter().map(|row| row[0].chars().count()).max().unwrap_or(0);
    for [name, passed, failed, known_cell, skipped] in &rows {
        write!(out, "  {name:width$}  {passed:>6}  ")?;
        match failed.as_str() {
            "0" | "failed" => write!(out, "{failed:>6}")?,
            _ => write!(out, "{BAD}{failed:>6}{BAD:#}")?,
        }
        if known {
            write!(out, "  {known_cell:>5}")?;
        }
        writeln!(out, "  {skipped:>7}")?;
    }
    Ok(())
}

fn failure(failed: &Failed, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{BAD}failed{BAD:#} {}: {}", failed.id, line(&failed.what))?;
    writeln!(out, "  expected {}", line(&failed.expected))?;
    writeln!(out, "  got      {}", line(&failed.got))?;
    if failed.request != Json::Null {
        writeln!(out, "  asked    {}", line(&failed.request.to_string()))?;
    }
    if !failed.stderr.is_empty() {
        writeln!(out, "  stderr   {}", block(&failed.stderr))?;
    }
    Ok(())
}

fn requirements(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let (done, missing) = (&report.requirements.exercised, &report.requirements.not_exercised);
    writeln!(out)?;
    if missing.is_empty() {
        return writeln!(out, "cases that passed exercised all {} requirements of the vectors", done.len());
    }
    let names: Vec<&str> = missing.iter().map(String::as_str).collect();
    writeln!(out, "no case that passed exercised {} of {} requirements:", missing.len(), done.len() + missing.len())?;
    for names in names.chunks(10) {
        writeln!(out, "  {}", names.join(" "))?;
    }
    Ok(())
}

/// What somebody else's program said, on one line and not too long for one.
fn line(text: &str) -> String {
    let count = text.chars().count();
    let shown: String = text.chars().map(plain).take(WIDTH).collect();
    if count > WIDTH { format!("{shown}… ({count} characters)") } else { shown }
}

/// The same, line by line.
fn block(text: &str) -> String {
    text.lines().map(line).collect::<Vec<_>>().join("\n           ")
}
