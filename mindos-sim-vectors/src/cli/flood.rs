//! `mindos sim flood`.

use std::{io, path::PathBuf};

use super::{
    Clock, EXIT_REFUSED, Streams,
    output::{Bar, Teller, table},
    sim::{complain, deliver, report_fits},
};
use crate::{
    flood::{
        figures::{figures, headline},
        result::FloodResult,
        scenario::{Flood, load},
    },
    report::render_flood,
    scenario::ScenarioError,
    story::Progress,
    world,
};

const EXAMPLES: &str = "\
Examples:
  mindos sim flood                               every kind of flood, 100,000 forged packets a second
  mindos sim flood --report flood.html           with a report to look at
  mindos sim flood --rate 20000 --seconds 3 --json
  mindos sim flood my-flood.toml                 a scenario of your own: see scenarios/flood.toml";

/// What `mindos sim flood` is asked for.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct FloodArgs {
    /// A scenario file [default: the flood that ships]
    #[arg(value_name = "FILE.toml")]
    pub file: Option<String>,
    /// Forged packets a second, 1 to 1,000,000
    #[arg(long, value_name = "N")]
    pub rate: Option<u32>,
    /// Length of each flood in simulated seconds, 1 to 600
    #[arg(long, value_name = "N")]
    pub seconds: Option<u32>,
    /// Seed of everything random
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Print the figures as one JSON object, and nothing else
    #[arg(long)]
    pub json: bool,
    /// Write a report as one HTML file
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// No story and no progress, only the closing table
    #[arg(long, short)]
    pub quiet: bool,
}

impl FloodArgs {
    /// The flood with what the command line changes.
    fn flood(&self) -> Result<Flood, ScenarioError> {
        let mut flood = load(self.file.as_deref())?;
        flood.rate = self.rate.unwrap_or(flood.rate);
        flood.seconds = self.seconds.unwrap_or(flood.seconds);
        flood.seed = self.seed.unwrap_or(flood.seed);
        flood.check().map_err(|mut error| {
            error.key = format!("--{}", error.key);
            ScenarioError::out_of_bounds("command line", error)
        })?;
        Ok(flood)
    }
}

/// Floods a node and tells of it; gives the exit code.
pub(super) fn flood(args: &FloodArgs, streams: &mut Streams<'_>) -> u8 {
    let clock = Clock::start();
    let flood = match args.flood().map_err(|refusal| refusal.to_string()).and_then(|flood| {
        report_fits(args.report.as_deref())?;
        Ok(flood)
    }) {
        Ok(flood) => flood,
        Err(refusal) => return complain(streams, &refusal, EXIT_REFUSED),
    };
    let bar = Bar::new(streams.progress && !args.quiet);
    let mut teller = Teller::new(streams.out, args.report.is_some());
    let silent = args.json || args.quiet;
    let mut result = world::flood::run(&flood, &mut |progress| match progress {
        Progress::Time { now_us, end_us } => bar.advance(now_us, end_us),
        Progress::Story(line) if !silent => bar.suspended(|| teller.line(line)),
        Progress::Story(_) => {}
    });
    bar.finish();
    result.wall_s = clock.seconds();
    let page = || render_flood(&flood, &result);
    let report = args.report.as_deref().map(|path| (path, &page as &dyn Fn() -> String));
    deliver(streams, report, &|out| tell(args, &result, out))
}

fn tell(args: &FloodArgs, result: &FloodResult, out: &mut dyn io::Write) -> io::Result<()> {
    if args.json {
        serde_json::to_writer(&mut *out, result)?;
        writeln!(out)?;
        return out.flush();
    }
    writeln!(out)?;
    table(&figures(result), out)?;
    writeln!(out, "\n{}", headline(result))?;
    if let Some(path) = &args.report {
        writeln!(out, "\nReport: {}", path.display())?;
    }
    out.flush()
}

#[cfg(test)]
mod tests;
