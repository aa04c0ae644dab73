//! `mindos sim`.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use super::{
    CentresArgs, Clock, CommonArgs, EXIT_REFUSED, FloodArgs, LiarsArgs, Streams, World,
    output::{DIM, complain, table},
};
use crate::{
    data,
    figures::figures,
    input::LatencyUnit,
    report::{headline, render},
    result::RunResult,
    scenario::{self, Scenario, ScenarioError, Source},
    setup::Setup,
};

const EXAMPLES: &str = "\
Examples:
  mindos sim city-blackout --report out.html        with a report to look at
  mindos sim city-blackout --seed 3 --json          figures for a machine, on standard output
  mindos sim city-blackout --loss 0.05 --load 0.7   a worse network, busier minds
  mindos sim my.toml --latency rtt.tsv --tasks requests.csv
  mindos sim flood --help                           one node under a flood of forged packets
  mindos sim five-centres --help                    local agents against central models
  mindos sim liars --help                           three in ten minds lie

FILE of --latency: a square table of round-trip times, tab-separated, no header; zero off the diagonal
means not measured. FILE of --tasks: CSV with the header TIMESTAMP,ContextTokens,GeneratedTokens.
Scenario files: see scenarios/city-blackout.toml.";

/// What `mindos sim` is asked for.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct SimArgs {
    /// A world of another kind.
    #[command(subcommand)]
    pub other: Option<Other>,
    /// A built-in scenario (city-blackout) or a file ending in .toml
    #[arg(default_value = "city-blackout", value_name = "SCENARIO|FILE.toml")]
    pub scenario: String,
    /// Number of minds [default: the scenario's, or one per host of the latencies]
    #[arg(long, value_name = "N")]
    pub nodes: Option<u32>,
    /// Round-trip times: `planetlab` or a file
    #[arg(long, value_name = "FILE")]
    pub latency: Option<PathBuf>,
    /// Unit of the latency file
    #[arg(long, value_name = "UNIT")]
    pub latency_unit: Option<LatencyUnit>,
    /// Requests: `azure-conv` or a file
    #[arg(long, value_name = "FILE")]
    pub tasks: Option<PathBuf>,
    /// Work over capacity, 0.01 to 2
    #[arg(long, value_name = "SHARE")]
    pub load: Option<f64>,
    /// Share of the trace that is played, from its start
    #[arg(long, value_name = "SHARE")]
    pub stretch: Option<f64>,
    /// Share of packets that are lost, 0 to 0.9
    #[arg(long, value_name = "SHARE")]
    pub loss: Option<f64>,
    /// Minds that advertise more than they keep
    #[arg(long, value_name = "N")]
    pub liars: Option<u32>,
    /// What every simulation takes.
    #[command(flatten)]
    pub run: CommonArgs,
}

/// Worlds that have questions of their own.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Other {
    /// Flood one node with forged first packets and see whom it still serves.
    Flood(FloodArgs),
    /// Let a thousand local agents, some of them liars, answer what five central models answer from public data.
    FiveCentres(CentresArgs),
    /// Let three in ten minds lie, each kind in its own way, and see who finds out.
    Liars(LiarsArgs),
}

impl SimArgs {
    /// What `mindos` without arguments does.
    pub fn newcomer() -> Self {
        Self {
            scenario: "city-blackout".to_owned(),
            run: CommonArgs { report: Some(PathBuf::from("city-blackout.html")), ..CommonArgs::default() },
            ..Self::default()
        }
    }

    /// The scenario with what the command line changes.
    ///
    /// # Errors
    /// [`ScenarioError`] if there is no such scenario, it is refused, or a change is out of bounds.
    pub fn scenario(&self) -> Result<Scenario, ScenarioError> {
        let mut scenario = scenario::load(&self.scenario)?;
        fn set<T: Copy>(place: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *place = value;
            }
        }
        set(&mut scenario.nodes, self.nodes);
        set(&mut scenario.seed, self.run.seed);
        set(&mut scenario.latency_unit, self.latency_unit);
        set(&mut scenario.load, self.load);
        set(&mut scenario.stretch, self.stretch);
        set(&mut scenario.loss, self.loss);
        set(&mut scenario.liars, self.liars);
        if let Some(nodes) = self.nodes.filter(|&nodes| nodes > 0 && self.liars.is_none()) {
            // A handful of liars would be most of a small mesh.
            scenario.liars = scenario.liars.min(nodes / 10);
        }
        if let Some(path) = &self.latency {
            scenario.latency = source(path, data::PLANETLAB, Source::PlanetLab);
        }
        if let Some(path) = &self.tasks {
            scenario.tasks = source(path, data::AZURE_CONV, Source::AzureConv);
        }
        let checked = scenario.check();
        checked.map_err(ScenarioError::in_arguments)?;
        Ok(scenario)
    }
}

fn source(path: &Path, name: &str, own: Source) -> Source {
    if path == Path::new(name) { own } else { Source::File(path.to_owned()) }
}

/// Runs a scenario and tells of it; gives the exit code.
pub(super) fn sim(args: &SimArgs, streams: &mut Streams<'_>, world: World) -> u8 {
    let clock = Clock::start();
    let setup = match prepare(args) {
        Ok(setup) => setup,
        Err(refusal) => return complain(streams, &refusal, EXIT_REFUSED),
    };
    let (mut result, story) = args.run.watch(streams, |tell| world(&setup, tell));
    result.wall_s = clock.seconds();
    result.peak_rss_mib = peak_rss_mib();

    args.run.deliver(streams, &result, || render(&setup, &result, &story), |out| tell(&setup, &result, out))
}

/// Everything that can be refused before a long run.
fn prepare(args: &SimArgs) -> Result<Setup, String> {
    let scenario = args.scenario().map_err(|refusal| refusal.to_string())?;
    args.run.check()?;
    Setup::new(scenario).map_err(|refusal| refusal.to_string())
}

fn tell(setup: &Setup, result: &RunResult, out: &mut dyn Write) -> io::Result<()> {
    table(&figures(result, setup.scenario.loss), out)?;
    writeln!(out, "\n{}", headline(result))?;
    for note in &setup.notes {
        writeln!(out, "{note}")?;
    }
    writeln!(out)?;
    for line in data::attribution(&setup.scenario) {
        writeln!(out, "{DIM}{line}{DIM:#}")?;
    }
    Ok(())
}

/// Largest resident memory of this process so far in MiB, where `/proc` tells.
fn peak_rss_mib() -> Option<f64> {
    let mut status = String::new();
    File::open("/proc/self/status").ok()?.take(1 << 16).read_to_string(&mut status).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1_024.0)
}

#[cfg(test)]
mod tests;
