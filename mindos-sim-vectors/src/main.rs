//! The `mindos` command.

use std::process::ExitCode;

use mindos_sim_vectors::{cli, world};

fn main() -> ExitCode {
    let (mut out, mut err) = (anstream::stdout(), anstream::stderr());
    let mut streams = cli::Streams { out: &mut out, err: &mut err, progress: true };
    cli::run(std::env::args_os(), &mut streams, world::run).into()
}
