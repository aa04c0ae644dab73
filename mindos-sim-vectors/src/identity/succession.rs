//! Keys that are given up: records made and checked from the command line.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use mindos_core::crypto::DEFAULT;
use mindos_core::{NodeId, Retired, Succession};
use serde_json::json;

use super::cli::{Told, print, warn};
use super::{IdentityError, file};
use crate::cli::Streams;
use crate::inspect::{hex, unhex};

pub(super) const EXAMPLES_SUCCEED: &str = "\
Examples:
  mindos identity succeed old.key new.key --network 7 --out old.succession

Both keys sign. The file is for everybody: give it to the host of the new node, or of any member.
After a theft use `mindos identity revoke`: a thief can name a successor too.";

pub(super) const EXAMPLES_REVOKE: &str = "\
Examples:
  mindos identity revoke home.key --network 7 --out home.revocation

Make it when the key is made, and keep it off-line and apart from the key: whoever has it can end
the key, and nothing else. Nobody can take it back once it is out. The file is made for its owner
alone (mode 0600).";

pub(super) const EXAMPLES_CHECK: &str = "\
Examples:
  mindos identity check old.succession --network 7
  mindos identity check one.succession other.succession --network 7    no successor, if they differ
  mindos identity check old.succession --network 7 --json

Exit code: 0 if all hold and are of one key, 1 if not, 2 if the question makes no sense.";

/// Which key is given up, and for which.
#[derive(Clone, Debug, clap::Args)]
pub struct SucceedArgs {
    /// The key file of the key that is given up.
    pub old: PathBuf,
    /// The key file of the key that takes its place.
    pub new: PathBuf,
    /// What is written and where.
    #[command(flatten)]
    pub to: Written,
}

/// Which key is given up for good.
#[derive(Clone, Debug, clap::Args)]
pub struct RevokeArgs {
    /// The key file of the key that is given up.
    pub old: PathBuf,
    /// What is written and where.
    #[command(flatten)]
    pub to: Written,
}

/// Where a record goes.
#[derive(Clone, Debug, clap::Args)]
pub struct Written {
    /// The network in which the key is given up.
    #[arg(long, value_name = "N")]
    pub network: u32,
    /// The file that is written: the record as hex digits. One that exists is not overwritten.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// What to check.
#[derive(Clone, Debug, clap::Args)]
pub struct CheckArgs {
    /// Files as `succeed` and `revoke` write them.
    #[arg(required = true, value_name = "FILE")]
    pub records: Vec<PathBuf>,
    /// The network in which the key is given up.
    #[arg(long, value_name = "N")]
    pub network: u32,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// Signs and writes a succession, or without `new` a revocation.
pub(super) fn write(
    old: &Path,
    new: Option<&Path>,
    to: &Written,
    streams: &mut Streams<'_>,
) -> Result<bool, IdentityError> {
    let mut read = |path: &Path| {
        let seed = file::read(path)?;
        warn(path, streams);
        Ok::<_, IdentityError>(seed)
    };
    let seed = read(old)?;
    let successor = new.map(&mut read).transpose()?;
    let made = Succession::sign(&DEFAULT, to.network, &seed, successor.as_ref());
    if made.successor() == Some(made.node()) {
        return Err(IdentityError::Itself);
    }
    let told = || to.out.display().to_string();
    // A succession is for everybody; whoever reads a revocation can end the key.
    let mode = if new.is_some() { 0o644 } else { 0o600 };
    file::write_new(&to.out, mode, &format!("{}\n", hex(made.record()))).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => IdentityError::Taken(told()),
        _ => IdentityError::Io(told(), error),
    })?;
    let mut lines = outcome(made.node(), to.network, made.successor());
    lines.insert(0, ("file", json!(told())));
    print(&lines, to.json, streams)?;
    Ok(true)
}

/// Checks records and tells what they come to together.
pub(super) fn check(args: &CheckArgs, streams: &mut Streams<'_>) -> Result<bool, IdentityError> {
    let mut all: Option<(NodeId, Retired)> = None;
    for path in &args.records {
        let told = || path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| IdentityError::Io(told(), error))?;
        let bytes = unhex(text.trim()).ok_or_else(|| IdentityError::NoRecord(told()))?;
        let holds = match Succession::verify(&DEFAULT, args.network, &bytes) {
            Ok(s) if all.as_ref().is_none_or(|(node, _)| *node == s.node()) => {
                match &mut all {
                    Some((_, retired)) => _ = retired.add(&s),
                    None => all = Some((s.node(), Retired::by(&s))),
                }
                continue;
            }
            Ok(s) => format!("of another key, {}", hex(&s.node().0)),
            Err(why) => why.to_string(),
        };
        print(&vec![("file", json!(told())), ("holds", json!(false)), ("why", json!(holds))], args.json, streams)?;
        return Ok(false);
    }
    let Some((node, retired)) = all else { return Ok(false) };
    let mut lines = outcome(node, args.network, retired.successor());
    lines.push(("holds", json!(true)));
    print(&lines, args.json, streams)?;
    Ok(true)
}

fn outcome(node: NodeId, network: u32, successor: Option<NodeId>) -> Told {
    let successor = successor.map_or("none".to_owned(), |s| hex(&s.0));
    vec![("node", json!(hex(&node.0))), ("network", json!(network.to_string())), ("successor", json!(successor))]
}
