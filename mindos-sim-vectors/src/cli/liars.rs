//! `mindos sim liars`.

use std::io;

use super::{
    Clock, CommonArgs, EXIT_REFUSED, Streams,
    output::{DIM, complain, table},
};
use crate::{
    data,
    liars::{
        figures::{figures, headline},
        result::LiarsResult,
        scenario::{Liars, load},
    },
    report::render_liars,
    scenario::ScenarioError,
    setup::Setup,
    world::{self, Kind},
};

const EXAMPLES: &str = "\
Examples:
  mindos sim liars                               three in ten of 490 minds lie
  mindos sim liars --report liars.html           with a report to look at
  mindos sim liars --dishonest 0.1 --seed 3 --json
  mindos sim liars --nodes 60 --stretch 0.1      a small one, in seconds
  mindos sim liars --honest-in-turn              and what each kind would have earned honestly: seven times as long
  mindos sim liars --honest-in-turn hider,wrong --lie-takes 1      where a lie takes as long as the work
  mindos sim liars my-liars.toml                 a scenario of your own: see scenarios/liars.toml

Who is given no lease by any honest mind: each of them holds evidence of an honest accuser against it. A load partner of
the liar gives it none while its host does the work again, and none for 10 minutes (suspension) or an hour (quarantine)
when it was wrong; who is no partner leases to it no earlier than after such a check. Both figures are shown.

A check is the work done again at the speed of the mind, beside its work, one check after another; whoever checks a
result comes to the right one. Only a share of the requests sends its contexts. Liars do not act together beyond
slander, false evidence and filling the places of evidence. A liar that some honest mind misses by the end is in none
of the times.";

/// What `mindos sim liars` is asked for.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct LiarsArgs {
    /// A scenario file [default: the built-in one]
    #[arg(value_name = "FILE.toml")]
    pub file: Option<String>,
    /// Number of minds [default: one per host of the latencies]
    #[arg(long, value_name = "N")]
    pub nodes: Option<u32>,
    /// Share of minds that lie, 0 to 0.45
    #[arg(long, value_name = "SHARE")]
    pub dishonest: Option<f64>,
    /// An honest host checks one result in so many
    #[arg(long, value_name = "N")]
    pub check_one_in: Option<u64>,
    /// A result of an honest mind is wrong by accident one time in so many; 0: never
    #[arg(long, value_name = "N")]
    pub errs_one_in: Option<u64>,
    /// Share of the trace that is played, from its start
    #[arg(long, value_name = "SHARE")]
    pub stretch: Option<f64>,
    /// Work over capacity, 0.01 to 2
    #[arg(long, value_name = "SHARE")]
    pub load: Option<f64>,
    /// Share of the time of the work that a made-up result takes, 0.01 to 1
    #[arg(long, value_name = "SHARE")]
    pub lie_takes: Option<f64>,
    /// Run it once more for each of these kinds, or of all, with its minds honest: what lying brought them
    #[arg(long, value_name = "KINDS", value_delimiter = ',', num_args = 0.., hide_possible_values = true)]
    pub honest_in_turn: Option<Vec<Kind>>,
    /// What every simulation takes.
    #[command(flatten)]
    pub run: CommonArgs,
}

impl LiarsArgs {
    /// The scenario with what the command line changes.
    fn liars(&self) -> Result<Liars, ScenarioError> {
        let mut liars = load(self.file.as_deref())?;
        liars.nodes = self.nodes.unwrap_or(liars.nodes);
        liars.dishonest = self.dishonest.unwrap_or(liars.dishonest);
        liars.check_one_in = self.check_one_in.unwrap_or(liars.check_one_in);
        liars.errs_one_in = self.errs_one_in.unwrap_or(liars.errs_one_in);
        liars.stretch = self.stretch.unwrap_or(liars.stretch);
        liars.load = self.load.unwrap_or(liars.load);
        liars.lie_takes = self.lie_takes.unwrap_or(liars.lie_takes);
        liars.seed = self.run.seed.unwrap_or(liars.seed);
        liars.check().map_err(ScenarioError::in_arguments)?;
        Ok(liars)
    }

    /// Everything that can be refused before a long run.
    fn prepare(&self) -> Result<(Liars, Setup), String> {
        let liars = self.liars().map_err(|refusal| refusal.to_string())?;
        self.run.check()?;
        let setup = Setup::new(liars.world()).map_err(|refusal| refusal.to_string())?;
        Ok((liars, setup))
    }
}

/// Runs the world and tells of it; gives the exit code.
pub(super) fn liars(args: &LiarsArgs, streams: &mut Streams<'_>) -> u8 {
    let clock = Clock::start();
    let (liars, setup) = match args.prepare() {
        Ok(prepared) => prepared,
        Err(refusal) => return complain(streams, &refusal, EXIT_REFUSED),
    };
    let mut result = args.run.watch(streams, |tell| {
        let mut result = world::liars::run(&liars, &setup, tell);
        if let Some(kinds) = &args.honest_in_turn {
            let all = if kinds.is_empty() { &Kind::ALL[1..] } else { kinds };
            world::liars::turn(&liars, &setup, all, &mut result, tell);
        }
        result
    });
    result.wall_s = clock.seconds();
    args.run.deliver(streams, &result, || render_liars(&liars, &setup, &result), |out| tell(&setup, &result, out))
}

fn tell(setup: &Setup, result: &LiarsResult, out: &mut dyn io::Write) -> io::Result<()> {
    table(&figures(result), out)?;
    writeln!(out, "\n{}\n", headline(result))?;
    for line in data::attribution(&setup.scenario) {
        writeln!(out, "{DIM}{line}{DIM:#}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
