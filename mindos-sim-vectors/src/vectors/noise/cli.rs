//! The subcommand `vectors noise`.

use std::io::{self, Write};
use std::path::PathBuf;

use super::{NoiseFailure, NoiseReport, noise_vectors};
use crate::runner::RunError;
use crate::vectors::VectorError;

const EXAMPLES: &str = "\
Examples:
  mindos vectors noise mindos-core/tests/data/noise_25519_chachapoly.json
  mindos vectors noise cacophony.txt                  many protocols: others than ours are skipped
  mindos vectors noise --json snow.txt

Checked are XX and IK with 25519, ChaChaPoly, and BLAKE2s or SHA256: every message as it is
written and as it is read, those of the handshake and those after it, and the handshake hash.
Exit code: 0 all that were checked passed, 1 one failed, 2 the file is of no use or none was checked.";

/// Holds this implementation of Noise against public vectors in the form of cacophony.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct NoiseArgs {
    /// A JSON file: an object with the list `vectors`, or the list alone.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print the report as one JSON object, and nothing else.
    #[arg(long)]
    pub json: bool,
}

/// Runs the subcommand. `Ok(false)` means that a vector failed. A reader that closes the pipe changes nothing.
///
/// # Errors
/// If the file is of no use, if all of it was skipped, or if the report cannot be written.
pub fn noise(args: &NoiseArgs, out: &mut dyn Write) -> Result<bool, RunError> {
    let name = args.file.display().to_string();
    let text = std::fs::read_to_string(&args.file).map_err(|error| VectorError::Io(name.clone(), error))?;
    let report = noise_vectors(&name, &text).map_err(RunError::Refused)?;
    let told = match args.json {
        true => serde_json::to_writer(&mut *out, &report).map_err(io::Error::from).and_then(|()| writeln!(out)),
        false => print(&report, out),
    };
    match told.and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            return Err(RunError::Write("output".to_owned(), error));
        }
        _ => {}
    }
    match report.vectors == report.skipped {
        true => Err(RunError::Refused(format!("{name}: nothing was checked: all vectors were skipped"))),
        false => Ok(report.ok),
    }
}

fn print(report: &NoiseReport, out: &mut dyn Write) -> io::Result<()> {
    for failure in &report.failures {
        writeln!(out, "{}", told(failure))?;
    }
    for (reason, count) in &report.reasons {
        writeln!(out, "skipped {count}: {reason}")?;
    }
    let NoiseReport { vectors, passed, failed, skipped, .. } = report;
    let (handshake, transport) = (report.handshake_messages, report.transport_messages);
    let hashes = report.handshake_hashes;
    writeln!(out, "held: {handshake} handshake messages, {hashes} handshake hashes, {transport} transport messages")?;
    writeln!(out, "{vectors} vectors: {passed} passed, {failed} failed, {skipped} skipped")
}

fn told(failure: &NoiseFailure) -> String {
    let message = failure.message.map(|index| format!(", messages[{index}]")).unwrap_or_default();
    let at = failure.at.map(|at| format!(" from byte {at}")).unwrap_or_default();
    let (expected, got) = (shown(&failure.expected, failure.at), shown(&failure.got, failure.at));
    let (vector, name, what) = (failure.vector, &failure.protocol_name, failure.what);
    format!("vectors[{vector}] ({name}){message}: {what}{at}: expected {expected}, got {got}")
}

/// What matters of a text: 16 bytes of hex from the difference on, or the whole of a refusal.
fn shown(text: &str, at: Option<usize>) -> String {
    const DIGITS: usize = 32;
    let tail = text.get(2 * at.unwrap_or(0)..).unwrap_or_default();
    match (at, tail.get(..DIGITS)) {
        _ if tail.is_empty() => "nothing".to_owned(),
        (Some(_), Some(head)) if tail.len() > DIGITS => format!("{head}…"),
        _ => tail.to_owned(),
    }
}
