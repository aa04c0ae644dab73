//! The subcommand `testee`.

use std::io::{self, BufRead, Write};

const EXAMPLES: &str = "\
Examples:
  mindos testee
  mindos vectors run -- mindos testee
  echo '{\"id\":\"1\",\"op\":\"DecodeFrame\",\"bytes\":\"060000\"}' | mindos testee

The protocol is told in mindos-sim-vectors/vectors/README.md.";

/// Answers requests of `mindos vectors run`, one JSON object a line, until the input ends.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct TesteeArgs {}

/// Runs the subcommand on streams. A runner that closes them ends it, too.
///
/// # Errors
/// As reading and writing do.
pub fn testee(input: &mut dyn BufRead, out: &mut dyn Write) -> io::Result<bool> {
    match super::serve(input, out) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(true),
    }
}
