//! The subcommand `vectors`.

use std::io::{self, Write};
use std::path::PathBuf;

use super::{VectorError, check, directory, generate};

/// Makes or checks the conformance vectors.
#[derive(Clone, Debug, clap::Args)]
pub struct VectorsArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: VectorsAction,
}

/// What to do with the vectors.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum VectorsAction {
    /// Writes all files; published cases keep their ids and numbers.
    Generate(VectorsDir),
    /// Makes the files again, compares byte for byte, and decides every case on disk.
    Check(VectorsDir),
}

/// Where the vectors lie.
#[derive(Clone, Debug, clap::Args)]
pub struct VectorsDir {
    /// The folder of the files; by default that of the source tree.
    #[arg(long, value_name = "FOLDER")]
    pub dir: Option<PathBuf>,
}

/// Runs the subcommand. `Ok(false)` means that the check found something.
///
/// # Errors
/// If a file cannot be read or written, or if the generator contradicts the code.
pub fn vectors(args: &VectorsArgs, out: &mut impl Write) -> Result<bool, VectorError> {
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
    }
}
