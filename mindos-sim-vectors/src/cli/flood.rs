//! `mindos sim flood`.

use std::io;

use super::{
    Clock, CommonArgs, EXIT_REFUSED, Streams,
    output::{complain, table},
};
use crate::{
    flood::{
        figures::{figures, headline},
        result::FloodResult,
        scenario::{Flood, load},
    },
    report::render_flood,
    scenario::ScenarioError,
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
    /// What every simulation takes.
    #[command(flatten)]
    pub run: CommonArgs,
}

impl FloodArgs {
    /// The flood with what the command line changes.
    fn flood(&self) -> Result<Flood, ScenarioError> {
        let mut flood = load(self.file.as_deref())?;
        flood.rate = self.rate.unwrap_or(flood.rate);
        flood.seconds = self.seconds.unwrap_or(flood.seconds);
        flood.seed = self.run.seed.unwrap_or(flood.seed);
        flood.check().map_err(ScenarioError::in_arguments)?;
        Ok(flood)
    }
}

/// Floods a node and tells of it; gives the exit code.
pub(super) fn flood(args: &FloodArgs, streams: &mut Streams<'_>) -> u8 {
    let clock = Clock::start();
    let flood = match args.flood().map_err(|refusal| refusal.to_string()).and_then(|flood| {
        args.run.check()?;
        Ok(flood)
    }) {
        Ok(flood) => flood,
        Err(refusal) => return complain(streams, &refusal, EXIT_REFUSED),
    };
    let mut result = args.run.watch(streams, |tell| world::flood::run(&flood, tell));
    result.wall_s = clock.seconds();
    args.run.deliver(streams, &result, || render_flood(&flood, &result), |out| tell(&result, out))
}

fn tell(result: &FloodResult, out: &mut dyn io::Write) -> io::Result<()> {
    table(&figures(result), out)?;
    writeln!(out, "\n{}", headline(result))?;
    Ok(())
}

#[cfg(test)]
mod tests;
