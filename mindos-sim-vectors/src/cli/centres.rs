//! `mindos sim five-centres`.

use std::io;

use super::{
    Clock, CommonArgs, EXIT_REFUSED, Streams,
    output::{complain, table},
};
use crate::{
    centres::{
        figures::{figures, headline},
        result::CentresResult,
        scenario::{Centres, load},
    },
    report::render_centres,
    scenario::ScenarioError,
    world,
};

const EXAMPLES: &str = "\
Examples:
  mindos sim five-centres --report centres.html       with a report to look at
  mindos sim five-centres --liars 0,0.3 --json        two shares of liars, figures for a machine
  mindos sim five-centres my-centres.toml             a world of your own: see scenarios/five-centres.toml

The world is made up: how much of a region's state its province has in common, how fast it changes and how good
a signal is decide which side is ahead where. They are keys of the scenario, to be changed.";

/// What `mindos sim five-centres` is asked for.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct CentresArgs {
    /// A scenario file [default: the experiment that ships]
    #[arg(value_name = "FILE.toml")]
    pub file: Option<String>,
    /// Shares of agents that lie, 0 to 0.6, rising, with commas between
    #[arg(long, value_name = "SHARES", value_delimiter = ',')]
    pub liars: Option<Vec<f64>>,
    /// Questions about each region, 1 to 100
    #[arg(long, value_name = "N")]
    pub rounds: Option<u32>,
    /// Regions, 1 to 200
    #[arg(long, value_name = "N")]
    pub regions: Option<u32>,
    /// What every simulation takes.
    #[command(flatten)]
    pub run: CommonArgs,
}

impl CentresArgs {
    /// The experiment with what the command line changes.
    fn centres(&self) -> Result<Centres, ScenarioError> {
        let mut c = load(self.file.as_deref())?;
        c.liars = self.liars.clone().unwrap_or(c.liars);
        c.rounds = self.rounds.unwrap_or(c.rounds);
        c.regions = self.regions.unwrap_or(c.regions);
        c.seed = self.run.seed.unwrap_or(c.seed);
        c.check().map_err(ScenarioError::in_arguments)?;
        Ok(c)
    }
}

/// Runs the experiment and tells of it; gives the exit code.
pub(super) fn centres(args: &CentresArgs, streams: &mut Streams<'_>) -> u8 {
    let clock = Clock::start();
    let c = match args.centres().map_err(|refusal| refusal.to_string()).and_then(|c| {
        args.run.check()?;
        Ok(c)
    }) {
        Ok(c) => c,
        Err(refusal) => return complain(streams, &refusal, EXIT_REFUSED),
    };
    let outcome = args.run.watch(streams, |tell| world::centres::run(&c, tell));
    let mut result = match outcome {
        Ok(result) => result,
        Err(refusal) => return complain(streams, &refusal, EXIT_REFUSED),
    };
    result.wall_s = clock.seconds();
    args.run.deliver(streams, &result, || render_centres(&c, &result), |out| tell(&result, out))
}

fn tell(result: &CentresResult, out: &mut dyn io::Write) -> io::Result<()> {
    table(&figures(result), out)?;
    writeln!(out, "\n{}", headline(result))?;
    Ok(())
}
