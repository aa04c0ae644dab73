//! The subcommand `inspect`.

use std::io::{Read, Write};
use std::path::Path;

use super::{Kind, decode, detect, render, to_json, unhex};

const EXAMPLES: &str = "\
Examples:
  mindos inspect 0208000700000001000000       a frame
  mindos inspect datagram.bin --as packet     a file, raw or in hex
  xxd -p record.bin | mindos inspect - --json";

/// Prints every field of a packet, a record or frames with its offset, or the exact refusal.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct InspectArgs {
    /// The bytes in hex, or a file that holds them (raw or in hex), or `-` for the standard input.
    pub input: String,
    /// Decode as this; by default record, frames and packet are tried in that order.
    #[arg(long = "as", value_enum)]
    pub kind: Option<Kind>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Why there was nothing to inspect.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// The input could not be read, or the output not written.
    #[error("{0}: {1}")]
    Io(String, #[source] std::io::Error),
    /// Neither hex nor a file.
    #[error("{0}: neither hex of whole bytes nor a file")]
    NoInput(String),
}

/// Runs the subcommand. `Ok(false)` means that the input was refused.
///
/// # Errors
/// If there is no input or the output cannot be written.
pub fn inspect(args: &InspectArgs, out: &mut impl Write) -> Result<bool, InspectError> {
    let bytes = input(&args.input)?;
    let result = match args.kind {
        Some(kind) => decode(kind, &bytes),
        None => detect(&bytes),
    };
    let mut text = if args.json { format!("{:#}\n", to_json(&result)) } else { render(&result) };
    if args.kind.is_none() && result.is_err() && !args.json {
        text.push_str("(tried as record, frames and packet; this is the one that was read furthest: `--as` decides)\n");
    }
    out.write_all(text.as_bytes()).map_err(|e| InspectError::Io("output".into(), e))?;
    Ok(result.is_ok())
}

fn input(arg: &str) -> Result<Vec<u8>, InspectError> {
    let mut raw = Vec::new();
    if arg == "-" {
        std::io::stdin().read_to_end(&mut raw).map_err(|e| InspectError::Io("standard input".into(), e))?;
    } else if Path::new(arg).is_file() {
        raw = std::fs::read(arg).map_err(|e| InspectError::Io(arg.into(), e))?;
    } else {
        return unhex(arg).ok_or_else(|| InspectError::NoInput(arg.into()));
    }
    // A file of hex digits and white space is taken for hex.
    Ok(std::str::from_utf8(&raw).ok().and_then(unhex).unwrap_or(raw))
}
