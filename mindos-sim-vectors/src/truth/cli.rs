//! The subcommand `truth`.

mod output;

use std::{
    fmt::Display,
    fs, io,
    io::Write,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use super::{Attack, Form, Graph, Plan, Record, Roots, Set, SweepPlan, gains, sweep, trial, trial::STEPS};
use crate::{
    cli::{Clock, EXIT_DONE, EXIT_FAILED, EXIT_REFUSED, Steps, Streams, complain},
    data::{self, Crowd},
    input::{InputError, Name},
};

const EXAMPLES: &str = "\
Examples:
  mindos truth                                              the built-in set rte, nobody lies
  mindos truth --attack collude --fraction 0.4              40 % of the agents say the same lies
  mindos truth --set bluebirds --attack sleeper --anchors 5 honest until half time; 5 % become known
  mindos truth my/reports.csv --truth my/truth.csv --json   figures for a machine
  mindos truth --ratings --roots 1,35 --sybils 200          who is honest among traders; newcomers praise frauds
  mindos truth --forecasts my/forecasts.csv                 probabilities, pooled before each outcome is told
  mindos truth --gains --seed 7                             what a signal, a copy, a repetition and a lie earn
  mindos truth --sweep --seeds 1..3 --report truth.html     every attack on the built-in sets, drawn
  mindos truth --sweep my/sets                              each folder in it that has reports.csv and truth.csv

Reports: CSV with the header task,worker,label; labels are 0 to 15, names are any text. Truth: task,label.
Ratings: src,dst,rating,time, ratings -10 to 10; their truth: node,label, 1 for a good node, 0 or -1 for a bad one.
Forecasts: time,question,forecaster,p_yes_permille; beside them outcomes.csv: question,outcome,resolved, 1 for yes.
Times are 2008-06-20 03:46:16 or seconds. Of each forecaster the last word before the question was resolved counts.
Gains: 1000 questions of two options, all answered by 8 agents with own signals, right in 62 to 83 %; one, right in
75 %, and 2 that copy it; 1 that repeats what most of those nine say; 2 that see 80 % and lie on a quarter of the
questions; and 1 that always does. A gain is the quadratic score of the belief with a report, less without it.
Counted are questions with a truth that are no anchors. Yardsticks are told the anchors too, where they can use them.";

/// What `mindos truth` is asked for.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct TruthArgs {
    /// Reports; with --ratings, ratings; with --sweep, folders or files of reports [default: a built-in set]
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// A built-in set [default: rte]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["files", "truth", "ratings", "sweep", "forecasts", "gains"])]
    pub set: Option<Crowd>,
    /// What was true [default: truth.csv, of forecasts outcomes.csv, beside the file, if there is one]
    #[arg(long, value_name = "FILE", requires = "files", conflicts_with = "sweep")]
    pub truth: Option<PathBuf>,
    /// Chance in per cent that a question's truth becomes known once it has closed
    #[arg(long, value_name = "PCT", default_value_t = 0.0, value_parser = per_cent,
        conflicts_with_all = ["ratings", "sweep", "forecasts", "gains"])]
    pub anchors: f64,
    /// Questions whose truth becomes known at least; with --sweep, where it anchors at all
    #[arg(long, value_name = "N", default_value_t = 0,
        conflicts_with_all = ["ratings", "forecasts", "gains"])]
    pub min_anchors: usize,
    /// How liars lie
    #[arg(long, value_name = "KIND", conflicts_with_all = ["ratings", "sweep", "forecasts", "gains"])]
    pub attack: Option<Attack>,
    /// Share of agents that lie, who write about this share of the reports
    #[arg(long, value_name = "F", default_value_t = 0.4, value_parser = share, requires = "attack")]
    pub fraction: f64,
    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with_all = ["ratings", "sweep", "forecasts"])]
    pub seed: u64,
    /// One pass, settling on the way (the default)
    #[arg(long, conflicts_with_all = ["batch", "ratings", "sweep", "forecasts", "gains"])]
    pub online: bool,
    /// All questions first, then judged; of a set that is larger than the window, those that left it twice
    #[arg(long, conflicts_with_all = ["ratings", "sweep", "forecasts", "gains"])]
    pub batch: bool,
    /// Nodes that rate each other, without questions [default: the built-in bitcoin_otc]
    #[arg(long, conflicts_with_all = ["sweep", "forecasts", "gains"])]
    pub ratings: bool,
    /// Nodes whose word counts by itself [default: the two that rated first]
    #[arg(long, value_name = "A,B", value_delimiter = ',', requires = "ratings")]
    pub roots: Vec<String>,
    /// Newcomers that praise the first 90 bad nodes and each other, after all ratings
    #[arg(long, value_name = "N", default_value_t = 0, requires = "ratings",
        value_parser = clap::value_parser!(u32).range(0..=2_000))]
    pub sybils: u32,
    /// Probabilities of questions with two outcomes
    #[arg(long, requires = "files", conflicts_with_all = ["sweep", "gains"])]
    pub forecasts: bool,
    /// What reports earn, by kind, on a drawn stream
    #[arg(long, conflicts_with_all = ["files", "truth", "sweep"])]
    pub gains: bool,
    /// Every attack at five shares of liars, with and without anchors, on many sets
    #[arg(long)]
    pub sweep: bool,
    /// First and last seed of a sweep [default: 1..3]
    #[arg(long, value_name = "A..B", value_parser = seeds, requires = "sweep")]
    pub seeds: Option<Seeds>,
    /// Draw a sweep into one HTML file
    #[arg(long, value_name = "FILE", requires = "sweep")]
    pub report: Option<PathBuf>,
    /// Print one JSON object, and nothing else
    #[arg(long)]
    pub json: bool,
}

/// First and last seed.
pub type Seeds = RangeInclusive<u64>;

fn number(text: &str, range: RangeInclusive<f64>, expected: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|value| range.contains(value));
    value.ok_or_else(|| format!("expected {expected}"))
}

fn per_cent(text: &str) -> Result<f64, String> {
    number(text, 0.0..=100.0, "per cent from 0 to 100")
}

fn share(text: &str) -> Result<f64, String> {
    number(text, 0.0..=1.0, "a share from 0 to 1")
}

fn seeds(text: &str) -> Result<Seeds, String> {
    let ends = text.split_once("..").unwrap_or((text, text));
    match (ends.0.parse::<u64>(), ends.1.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last && last - first < 10_000 => Ok(first..=last),
        _ => Err("expected the first and the last seed, as 1..3, at most 10000 of them".to_owned()),
    }
}

/// Why nothing was judged.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error("{0}")]
    Asked(String),
    #[error("the engine refused a question: {0}")]
    Engine(#[from] mindos_core::trust::truth::Refused),
    #[error(transparent)]
    Write(#[from] io::Error),
}

/// Runs the subcommand; gives the exit code.
pub fn truth(args: &TruthArgs, streams: &mut Streams<'_>) -> u8 {
    let done = match () {
        () if args.ratings => of_ratings(args, streams),
        () if args.forecasts => of_forecasts(args, streams),
        () if args.gains => of_gains(args, streams),
        () if args.sweep => of_sweep(args, streams),
        () => of_set(args, streams),
    };
    match done {
        Ok(()) => EXIT_DONE,
        // What is left is output; if nobody reads it any more, that is all right.
        Err(Refusal::Write(failure)) if failure.kind() == io::ErrorKind::BrokenPipe => EXIT_DONE,
        Err(refusal) => {
            let code = if matches!(refusal, Refusal::Write(_)) { EXIT_FAILED } else { EXIT_REFUSED };
            complain(streams, &refusal, code)
        }
    }
}

fn asked(text: impl Display) -> Refusal {
    Refusal::Asked(text.to_string())
}

fn of_set(args: &TruthArgs, streams: &mut Streams<'_>) -> Result<(), Refusal> {
    let set = match args.files.as_slice() {
        [] => args.set.unwrap_or_default().set()?,
        [file] => load(file, args.truth.as_deref())?,
        [_, other, ..] => return Err(asked(format!("{}: expected one file; --sweep takes more", other.display()))),
    };
    let told = set.truth.iter().any(Option::is_some);
    if !told && (args.attack.is_some() || args.anchors > 0.0 || args.min_anchors > 0) {
        return Err(asked("--attack and --anchors need to know what was true; expected --truth FILE"));
    }
    let plan = Plan {
        attack: args.attack,
        fraction: args.fraction,
        anchors: args.anchors,
        min_anchors: args.min_anchors,
        seed: args.seed,
    };
    let form = if args.batch { Form::Batch } else { Form::Online };
    let (clock, mut bar) = (Clock::start(), Steps::new(streams.progress, "methods"));
    let result = trial(&set, &plan, form, &|| clock.seconds(), &mut |done| bar.advance(done, STEPS));
    bar.finish();
    let result = result?;
    if args.json {
        json(&result, streams.out)?
    } else {
        output::trial(&result, &set, streams.out)?
    }
    Ok(())
}

fn of_ratings(args: &TruthArgs, streams: &mut Streams<'_>) -> Result<(), Refusal> {
    let graph = match args.files.as_slice() {
        [] => data::bitcoin_otc()?,
        [file] => {
            let truth = beside(file, args.truth.as_deref(), "truth.csv");
            let truth = truth.ok_or_else(|| asked("--ratings needs to know who is good; expected --truth FILE"))?;
            Graph::load(&set_name(file), file, &truth)?
        }
        [_, other, ..] => return Err(asked(format!("{}: expected one file of ratings", other.display()))),
    };
    let named = |text: &String| Name::new(text).ok_or_else(|| asked("--roots: expected names of nodes, as 1,35"));
    let roots = match args.roots.as_slice() {
        [] => Roots::Earliest,
        roots => Roots::Named(roots.iter().map(named).collect::<Result<_, _>>()?),
    };
    let clock = Clock::start();
    let result = graph.trial(&roots, args.sybils, &|| clock.seconds());
    let result =
        result.map_err(|root| asked(format!("--roots: there is no node {root}; expected nodes of the file")))?;
    if args.json {
        json(&result, streams.out)?
    } else {
        output::ratings(&result, streams.out)?
    }
    Ok(())
}

fn of_forecasts(args: &TruthArgs, streams: &mut Streams<'_>) -> Result<(), Refusal> {
    let [file] = args.files.as_slice() else { return Err(asked("--forecasts: expected one file of forecasts")) };
    let outcomes = beside(file, args.truth.as_deref(), "outcomes.csv");
    let outcomes = outcomes.ok_or_else(|| asked("--forecasts needs to know what came true; expected --truth FILE"))?;
    let clock = Clock::start();
    let result = Record::load(&set_name(file), file, &outcomes)?.trial(&|| clock.seconds());
    if args.json {
        json(&result, streams.out)?
    } else {
        output::forecasts(&result, streams.out)?
    }
    Ok(())
}

fn of_gains(args: &TruthArgs, streams: &mut Streams<'_>) -> Result<(), Refusal> {
    let result = gains(args.seed)?;
    if args.json {
        json(&result, streams.out)?
    } else {
        output::gains(&result, streams.out)?
    }
    Ok(())
}

fn of_sweep(args: &TruthArgs, streams: &mut Streams<'_>) -> Result<(), Refusal> {
    if let Some(path) = &args.report {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if path.is_dir() || folder.is_some_and(|folder| !folder.is_dir()) {
            return Err(asked(format!("--report {}: expected a file in an existing folder", path.display())));
        }
    }
    let mut sets = Vec::new();
    for path in &args.files {
        for file in reports_in(path)? {
            sets.push(load(&file, None)?);
        }
    }
    if args.files.is_empty() {
        sets = Crowd::ALL.into_iter().map(Crowd::set).collect::<Result<_, _>>()?;
    }
    if let Some(set) = sets.iter().find(|set| set.truth.iter().all(Option::is_none)) {
        return Err(asked(format!("{}: a sweep needs to know what was true; expected truth.csv beside it", set.name)));
    }
    let plan = SweepPlan { sets, seeds: args.seeds.clone().unwrap_or(1..=3), min_anchors: args.min_anchors };
    let (clock, mut bar) = (Clock::start(), Steps::new(streams.progress, "runs"));
    let result = sweep(&plan, &|| clock.seconds(), &mut |done, all| bar.advance(done, all));
    bar.finish();
    let result = result?;
    if let Some(path) = &args.report {
        fs::write(path, crate::report::truth(&result, &plan)).map_err(|failure| {
            io::Error::new(failure.kind(), format!("{}: cannot be written: {failure}", path.display()))
        })?;
    }
    if args.json {
        json(&result, streams.out)?;
    } else {
        output::sweep(&result, streams.out)?;
        if let Some(path) = &args.report {
            writeln!(streams.out, "\nReport: {}", path.display())?;
        }
    }
    Ok(())
}

fn json(result: &impl serde::Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, result)?;
    writeln!(out)?;
    out.flush()
}

fn load(file: &Path, truth: Option<&Path>) -> Result<Set, InputError> {
    Set::load(&set_name(file), file, beside(file, truth, "truth.csv").as_deref())
}

/// The file of truths that was named, else the one of the usual name beside the reports, if there is one.
fn beside(file: &Path, truth: Option<&Path>, usual: &str) -> Option<PathBuf> {
    let beside = || Some(file.with_file_name(usual)).filter(|path| path.is_file());
    truth.map(Path::to_owned).or_else(beside)
}

/// The folder's name, as its files have the same name in all folders; else the file's.
fn set_name(file: &Path) -> String {
    let usual = file
        .file_name()
        .is_some_and(|name| ["reports.csv", "ratings.csv", "forecasts.csv"].iter().any(|usual| name == *usual));
    let folder = file.parent().and_then(Path::file_name).filter(|_| usual);
    let name = folder.or_else(|| file.file_stem()).unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The files of reports that a path means: itself, the one in it, or those in its folders, in order of their names.
fn reports_in(path: &Path) -> Result<Vec<PathBuf>, Refusal> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let both = |folder: &Path| folder.join("reports.csv").is_file() && folder.join("truth.csv").is_file();
    if both(path) {
        return Ok(vec![path.join("reports.csv")]);
    }
    let unread = |source| InputError::Io { file: path.display().to_string(), source };
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(unread)? {
        let folder = entry.map_err(unread)?.path();
        if both(&folder) {
            files.push(folder.join("reports.csv"));
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(asked(format!("{}: has no folder with reports.csv and truth.csv", path.display())));
    }
    Ok(files)
}

#[cfg(test)]
mod tests;
