//! Tables for people.

use std::io::{self, Write};

use anstyle::Style;

use super::super::{
    ForecastsTrial, Gains, Loss, Method, RatingsTrial, Score, Set, Sweep, Trial, sweep::ENGINE, trial::BATCH,
};
use crate::{
    data::truth_attribution,
    figures::{count, number},
};

const DIM: Style = Style::new().dimmed();
const STRONG: Style = Style::new().bold();

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "—".to_owned(), |share| format!("{:.1} %", share * 100.0))
}

fn decimals(value: Option<f64>, places: usize) -> String {
    value.map_or_else(|| "—".to_owned(), |value| format!("{value:.places$}"))
}

/// At the left of a column.
fn left(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.chars().count())))
}

/// At its right.
fn right(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.chars().count())))
}

pub(super) fn trial(trial: &Trial, set: &Set, out: &mut dyn Write) -> io::Result<()> {
    let (questions, agents) = (count(trial.questions as u64), count(trial.agents as u64));
    let (reports, options, seed) = (count(trial.reports as u64), trial.options, trial.seed);
    writeln!(
        out,
        "{}: {questions} questions, {agents} agents, {reports} reports, {options} options; seed {seed}",
        trial.set
    )?;
    if let Some(attack) = trial.attack {
        let (name, liars) = (attack.name(), count(trial.liars as u64));
        writeln!(
            out,
            "Attack {name}: {liars} agents lie, {} of the reports are theirs",
            percent(Some(trial.liars_reports))
        )?;
    }
    if trial.anchored > 0 {
        writeln!(out, "Anchors: the truth of {} questions becomes known", count(trial.anchored as u64))?;
    }
    if set.repeated > 0 {
        writeln!(
            out,
            "Left out: {} reports by agents that had already reported on the question",
            count(set.repeated as u64)
        )?;
    }
    if set.foreign > 0 {
        writeln!(out, "Left out: {} truths of questions without reports", count(set.foreign as u64))?;
    }
    let row = |name: &str, cells: [&str; 3]| {
        format!("{} {} {} {}", left(name, 26), right(cells[0], 9), right(cells[1], 9), right(cells[2], 7))
    };
    writeln!(out, "\n{DIM}{}{DIM:#}", row("method", ["accuracy", "log-loss", "Brier"]))?;
    let mut line = |name: &str, style: Style, score: Score| {
        let (loss, brier) = (decimals(score.log_loss, 3), decimals(score.brier, 3));
        writeln!(out, "{style}{}{style:#}", row(name, [&percent(score.accuracy), &loss, &brier]))
    };
    let of = |name: &str| trial.baselines.get(name).copied().unwrap_or_default();
    let own = Score { accuracy: trial.accuracy, log_loss: trial.log_loss, brier: trial.brier };
    if trial.online {
        line("MindOS, one pass", STRONG, own)?;
        line("— as each question closed", DIM, Score { accuracy: trial.frozen_accuracy, ..Score::default() })?;
        line("— batch", Style::new(), of(BATCH))?;
    } else {
        line("MindOS, batch", STRONG, own)?;
    }
    for method in Method::ALL {
        line(method.words(), Style::new(), of(method.name()))?;
    }
    let scored = count(trial.scored as u64);
    writeln!(out, "\n{scored} questions count{}", trial.auc.map_or_else(String::new, |auc| format!("; AUC {auc:.4}")))?;
    let speed = trial.reports_per_s.map_or_else(|| "—".to_owned(), |speed| number(speed, 0));
    let (visits, bytes) = (number(trial.visits_per_report, 1), number(trial.bytes_per_agent_domain, 0));
    let window = number(trial.window_bytes as f64 / 1_000.0, 0);
    writeln!(
        out,
        "Engine: {visits} visits per report, {speed} reports/s, {bytes} bytes per agent, {window} kB of window"
    )?;
    writeln!(out, "Beliefs: {DIM}{}{DIM:#}", trial.digest)?;
    thanks([trial.set.as_str()], out)
}

pub(super) fn ratings(trial: &RatingsTrial, out: &mut dyn Write) -> io::Result<()> {
    let (good, bad) = trial.labelled;
    writeln!(out, "{}: {} ratings; {good} good and {bad} bad nodes are known", trial.set, count(trial.ratings as u64))?;
    writeln!(out, "Roots: {}", trial.roots.join(", "))?;
    let row =
        |name: &str, cells: [&str; 2]| format!("{} {} {}", left(name, 20), right(cells[0], 9), right(cells[1], 14));
    let with = format!("{} sybils", count(trial.sybils.into()));
    writeln!(out, "\n{DIM}{}{DIM:#}", row("AUC", ["clean", &with]))?;
    let mut line = |name: &str, style: Style, [with, without]: [Option<f64>; 2]| {
        writeln!(out, "{style}{}{style:#}", row(name, [&decimals(without, 4), &decimals(with, 4)]))
    };
    line("MindOS", STRONG, [trial.auc, trial.auc_without_sybils])?;
    for (name, auc) in &trial.baselines {
        line(&format!("{name} of all ratings"), Style::new(), *auc)?;
    }
    let speed = trial.ratings_per_s.map_or_else(|| "—".to_owned(), |speed| number(speed, 0));
    writeln!(out, "\nEngine: {speed} ratings/s\nStandings: {DIM}{}{DIM:#}", trial.digest)?;
    thanks([trial.set.as_str()], out)
}

pub(super) fn forecasts(trial: &ForecastsTrial, out: &mut dyn Write) -> io::Result<()> {
    let (questions, forecasts) = (count(trial.questions as u64), count(trial.forecasts as u64));
    let forecasters = count(trial.forecasters as u64);
    writeln!(out, "{}: {questions} questions, {forecasters} forecasters, {forecasts} forecasts", trial.set)?;
    for (left, why) in [(trial.late, "after the outcome"), (trial.open, "on questions without an outcome")] {
        if left > 0 {
            writeln!(out, "Left out: {} forecasts {why}", count(left as u64))?;
        }
    }
    let row =
        |name: &str, cells: [&str; 2]| format!("{} {} {}", left(name, 34), right(cells[0], 9), right(cells[1], 9));
    writeln!(out, "\n{DIM}{}{DIM:#}", row("each pooled before its outcome", ["Brier", "log-loss"]))?;
    let mut line = |name: &str, style: Style, loss: &Loss| {
        let (brier, log_loss) = (decimals(Some(loss.brier), 4), decimals(Some(loss.log_loss), 4));
        writeln!(out, "{style}{}{style:#}", row(name, [&brier, &log_loss]))
    };
    line("MindOS, all vouched for", STRONG, &trial.pool)?;
    line("MindOS, strangers that prove it", STRONG, &trial.strangers)?;
    for (name, words) in
        [("log_pool", "plain logarithmic pool"), ("mean", "mean"), ("best_by_past", "best single by past")]
    {
        if let Some(loss) = trial.baselines.get(name) {
            line(words, Style::new(), loss)?;
        }
    }
    let proved = count(trial.proved as u64);
    writeln!(out, "\nExponent {}; {proved} strangers had proved themselves at the end", number(trial.exponent, 2))?;
    let speed = trial.forecasts_per_s.map_or_else(|| "—".to_owned(), |speed| number(speed, 0));
    writeln!(out, "Engine: {speed} forecasts/s\nPools: {DIM}{}{DIM:#}", trial.digest)?;
    out.flush()
}

pub(super) fn gains(gains: &Gains, out: &mut dyn Write) -> io::Result<()> {
    let accuracy = percent(Some(gains.accuracy));
    writeln!(out, "{} drawn questions, {accuracy} right; seed {}", count(gains.questions.into()), gains.seed)?;
    let row =
        |name: &str, cells: [&str; 2]| format!("{} {} {}", left(name, 34), right(cells[0], 9), right(cells[1], 10));
    writeln!(out, "\n{DIM}{}{DIM:#}", row("what a report earned", ["reports", "mean gain"]))?;
    for (kind, earned) in &gains.kinds {
        let (reports, mean) = (count(earned.reports.into()), decimals(Some(earned.mean), 5));
        writeln!(out, "{}", row(kind.words(), [&reports, &mean]))?;
    }
    writeln!(out, "\nGains: {DIM}{}{DIM:#}", gains.digest)?;
    out.flush()
}

pub(super) fn sweep(sweep: &Sweep, out: &mut dyn Write) -> io::Result<()> {
    let (first, last) = sweep.seeds;
    writeln!(out, "Accuracy in %, means over {} and seeds {first} to {last}", sweep.sets.join(", "))?;
    let names: Vec<&str> = [ENGINE, BATCH].into_iter().chain(Method::ALL.map(Method::name)).collect();
    let heads = ["MindOS", "batch", "majority", "D.–S.", "one-coin", "Beta", "EigenT.", "Yuma", "oracle"];
    let heads: Vec<String> = heads.iter().map(|head| right(head, 8)).collect();
    writeln!(out, "\n{DIM}{}  liars anchors {} collapsed{DIM:#}", left("attack", 9), heads.join(" "))?;
    for point in &sweep.points {
        let attack = point.attack.map_or("none", |attack| attack.name());
        let share = format!("{} %", number(point.fraction * 100.0, 0));
        let anchors = format!("{} %", number(point.anchors, 1));
        write!(out, "{} {} {}", left(attack, 9), right(&share, 6), right(&anchors, 7))?;
        for name in &names {
            let value = point.methods.get(name).map(|means| means.accuracy * 100.0);
            let style = if *name == ENGINE { STRONG } else { Style::new() };
            write!(out, " {style}{}{style:#}", right(&decimals(value, 1), 8))?;
        }
        writeln!(out, " {}", right(&format!("{}/{}", point.collapses, point.runs), 9))?;
    }
    writeln!(out, "\nCollapsed: runs in which MindOS was more than 20 points below the oracle.")?;
    writeln!(out, "All beliefs: {DIM}{}{DIM:#}", sweep.digest)?;
    thanks(sweep.sets.iter().map(String::as_str), out)
}

/// Where shipped data comes from.
fn thanks<'a>(sets: impl IntoIterator<Item = &'a str>, out: &mut dyn Write) -> io::Result<()> {
    for line in sets.into_iter().filter_map(truth_attribution) {
        writeln!(out, "{DIM}{line}{DIM:#}")?;
    }
    out.flush()
}
