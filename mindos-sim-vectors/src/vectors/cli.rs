//! The subcommand `vectors`.

use std::io::{self, Write};
use std::path::PathBuf;

use super::noise::cli::{NoiseArgs, noise};
use super::{VectorError, check, directory, generate};
use crate::runner::RunError;
use crate::runner::cli::{RunArgs, run};

const EXAMPLES: &str = "\
Examples:
  mindos vectors check                         the files are what the code generates, and hold
  mindos vectors run -- python3 my_testee.py   another implementation against them
  mindos vectors noise cacophony.txt           this implementation against others' Noise vectors
  mindos vectors generate                      write the files";

const EXAMPLES_GENERATE: &str = "\
Examples:
  mindos vectors generate
  mindos vectors generate --dir out/v1";

const EXAMPLES_CHECK: &str = "\
Examples:
  mindos vectors check
  mindos vectors check --dir out/v1";

/// Makes or checks the conformance vectors, or runs them against an implementation.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct VectorsArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: VectorsAction,
}

/// What to do with the vectors.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum VectorsAction {
    /// Writes all files; published cases keep their ids and numbers.
    #[command(after_help = EXAMPLES_GENERATE)]
    Generate(VectorsDir),
    /// Makes the files again, compares byte for byte, and decides every case on disk.
    #[command(after_help = EXAMPLES_CHECK)]
    Check(VectorsDir),
    /// Drives any program over standard input and output, case by case.
    Run(RunArgs),
    /// Holds this implementation of Noise against public vectors.
    Noise(NoiseArgs),
}

/// Where the vectors lie.
#[derive(Clone, Debug, clap::Args)]
pub struct VectorsDir {
    /// The folder of the files; by default that of the source tree.
    #[arg(long, value_name = "FOLDER")]
    pub dir: Option<PathBuf>,
}

/// Runs the subcommand. `Ok(false)` means that the check found something, or that a case failed. `progress`: whether
/// a bar may be drawn on standard error.
///
/// # Errors
/// If a file cannot be read or written or is of no use, if the generator contradicts the code, or if there is nothing to
/// run.
pub fn vectors(args: &VectorsArgs, out: &mut impl Write, progress: bool) -> Result<bool, RunError> {
    let io = |e: io::Error| VectorError::Io("output".into(), e);
    match &args.action {
        VectorsAction::Generate(at) => {
            let dir = at.dir.clone().unwrap_or_else(directory);
            for name in generate(&dir)? {
                writeln!(out, "wrote {name}").map_err(io)?;
            }
            Ok(true)
        }
        VectorsAction::Check(at) => {
            let report = check(&at.dir.clone().unwrap_or_else(directory))?;
            for problem in &report.problems {
                writeln!(out, "{problem}").map_err(io)?;
            }
            let total = report.valid + report.invalid;
            let (files, valid, invalid, bad) = (report.files, report.valid, report.invalid, report.problems.len());
            writeln!(out, "{files} files, {total} cases ({valid} valid, {invalid} invalid), {bad} problems")
                .map_err(io)?;
            Ok(report.problems.is_empty())
        }
        VectorsAction::Run(args) => run(args, out, progress),
        VectorsAction::Noise(args) => noise(args, out),
    }
}
