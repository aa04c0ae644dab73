//! The command `mindos`.
//!
//! Exit codes: 0 when the command did what it was asked (a missed target is told, not punished), 1 when a
//! write failed, a check or a run of vectors found something, or inspected bytes do not decode, 2 when the input
//! was refused. A reader that closes the pipe ends the command quietly.

mod centres;
mod clock;
mod flood;
mod liars;
mod output;
mod progress;
mod run;
mod sim;

use std::{ffi::OsString, io::Write};

use clap::{Parser, Subcommand};

pub use centres::CentresArgs;
pub(crate) use clock::Clock;
pub use flood::FloodArgs;
pub use liars::LiarsArgs;
pub(crate) use output::complain;
pub(crate) use progress::Progress as Steps;
pub use run::CommonArgs;
pub use sim::{Other, SimArgs};

use crate::{
    identity::cli::{IdentityArgs, identity},
    inspect::cli::{InspectArgs, inspect},
    result::RunResult,
    setup::Setup,
    story::{Progress, RunStory},
    testee::cli::{TesteeArgs, testee},
    truth::cli::{TruthArgs, truth},
    vectors::cli::{VectorsArgs, vectors},
};

/// Everything was done.
pub const EXIT_DONE: u8 = 0;
/// A write failed, a check found something, or inspected bytes do not decode.
pub const EXIT_FAILED: u8 = 1;
/// The input was refused.
pub const EXIT_REFUSED: u8 = 2;

const EXAMPLES: &str = "\
Examples:
  mindos                                   a city goes dark; report in city-blackout.html
  mindos sim city-blackout --seed 7        the same with other luck
  mindos sim flood                         forged first packets, 100,000 a second
  mindos sim five-centres                  a thousand local agents against five central models
  mindos sim liars                         three in ten minds lie, each in its own way
  mindos sim --help                        everything that can be changed
  mindos truth --attack collude            whom to believe when 40 % lie
  mindos inspect 0208000700000001000000    every field of a frame, or why it is refused
  mindos vectors check                     the conformance vectors still hold
  mindos vectors run -- ./my_testee        another implementation against them
  mindos identity new home.key             a key of your own";

/// The MindOS lab: real nodes in a simulated world.
///
/// Without a command: `mindos sim city-blackout --report city-blackout.html`.
#[derive(Debug, Parser)]
#[command(name = "mindos", version, after_help = EXAMPLES, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a scenario and tell what happened.
    Sim(Box<SimArgs>),
    /// Let the truth engine and others judge reports, clean or under attack.
    Truth(Box<TruthArgs>),
    /// Make or check the conformance vectors, or run them against an implementation.
    Vectors(VectorsArgs),
    /// Answer the requests of `mindos vectors run` for this implementation.
    Testee(TesteeArgs),
    /// Make and show identities, and prove or check what one cost.
    Identity(IdentityArgs),
    /// Print every field of a packet, record or frames with its offset, or the exact refusal.
    Inspect(InspectArgs),
}

/// Where a command writes.
pub struct Streams<'a> {
    /// What was asked for.
    pub out: &'a mut dyn Write,
    /// Everything else.
    pub err: &'a mut dyn Write,
    /// Whether to draw a progress bar on the process's standard error if that is a terminal.
    pub progress: bool,
}

impl std::fmt::Debug for Streams<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streams").field("progress", &self.progress).finish_non_exhaustive()
    }
}

/// Runs a setup to its end and tells of it on the way, as [`crate::world::run`] does.
pub type World = fn(&Setup, &mut dyn FnMut(Progress<'_>)) -> (RunResult, RunStory);

/// The command line `args`, the first of which is the program's name, in a world. Gives the exit code.
pub fn run(args: impl IntoIterator<Item = OsString>, streams: &mut Streams<'_>, world: World) -> u8 {
    let command = match Cli::try_parse_from(args) {
        Ok(cli) => cli.command.unwrap_or_else(|| Command::Sim(Box::new(SimArgs::newcomer()))),
        Err(refusal) => {
            let text = refusal.render();
            // A closed pipe is no reason to complain.
            let _ = match refusal.use_stderr() {
                true => write!(streams.err, "{}", text.ansi()),
                false => write!(streams.out, "{}", text.ansi()),
            };
            return u8::try_from(refusal.exit_code()).unwrap_or(EXIT_REFUSED);
        }
    };
    match command {
        Command::Sim(args) => match &args.other {
            Some(Other::Flood(args)) => flood::flood(args, streams),
            Some(Other::FiveCentres(args)) => centres::centres(args, streams),
            Some(Other::Liars(args)) => liars::liars(args, streams),
            None => sim::sim(&args, streams, world),
        },
        Command::Truth(args) => truth(&args, streams),
        Command::Vectors(args) => verdict(vectors(&args, &mut streams.out, streams.progress), streams),
        Command::Testee(_) => verdict(testee(&mut std::io::stdin().lock(), streams.out), streams),
        Command::Identity(args) => verdict(identity(&args, streams), streams),
        Command::Inspect(args) => verdict(inspect(&args, &mut streams.out), streams),
    }
}

/// The exit code of a command that answers yes or no.
fn verdict<E: std::fmt::Display>(answer: Result<bool, E>, streams: &mut Streams<'_>) -> u8 {
    match answer {
        Ok(true) => EXIT_DONE,
        Ok(false) => EXIT_FAILED,
        Err(error) => {
            let _ = writeln!(streams.err, "error: {error}");
            EXIT_REFUSED
        }
    }
}

#[cfg(test)]
mod tests;
