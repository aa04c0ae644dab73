//! The subcommand `identity`.

use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use mindos_core::cost::{self, CostProof, Puzzle};
use mindos_core::crypto::DEFAULT;
use mindos_core::{NodeId, PublicKeys, Secret};
use serde_json::{Value as Json, json};

use super::succession::{self, CheckArgs, EXAMPLES_CHECK, EXAMPLES_REVOKE, EXAMPLES_SUCCEED, RevokeArgs, SucceedArgs};
use super::{IdentityError, file};
use crate::cli::Streams;
use crate::inspect::{hex, unhex};

const EXAMPLES: &str = "\
Examples:
  mindos identity new home.key                               a new key, in a file of its own
  mindos identity show home.key                              its names, never the key
  mindos identity prove home.key --network 7 --bits 20       work for today
  mindos identity verify NODEID --network 7 --bits 20 --epoch 20778 --nonce 81
  mindos identity revoke home.key --network 7 --out home.revocation    for the day it is stolen
  mindos identity succeed old.key new.key --network 7 --out old.succession
  mindos identity check old.succession --network 7

A key file is text with one secret seed: whoever reads it can act as that node. `new` makes it for
its owner alone (mode 0600). No command overwrites a file, and none prints a seed.";

const EXAMPLES_NEW: &str = "\
Examples:
  mindos identity new home.key
  mindos identity new home.key --json

The file is made for its owner alone (mode 0600). One that exists is never overwritten.";

const EXAMPLES_SHOW: &str = "\
Examples:
  mindos identity show home.key
  mindos identity show home.key --json";

const EXAMPLES_PROVE: &str = "\
Examples:
  mindos identity prove home.key --network 7 --bits 20
  mindos identity prove home.key --network 7 --bits 20 --epoch 20779   tomorrow's, on day 20778
  mindos identity prove home.key --network 7 --bits 16 --json

Each bit doubles the work: 2^BITS tries on average. A proof counts on its day and the next.";

const EXAMPLES_VERIFY: &str = "\
Examples:
  mindos identity verify 1f1e…(64 hex digits) --network 7 --bits 20 --epoch 20778 --nonce 81

Exit code: 0 if the proof holds, 1 if it does not, 2 if the question makes no sense.";

/// Nonces between two looks at the progress bar.
const STEP: u64 = 1 << 14;

/// Makes, shows and gives up identities, and proves their cost.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct IdentityArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: IdentityAction,
}

/// What to do with an identity.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum IdentityAction {
    /// Draws a new identity and writes it to a file of its own.
    #[command(after_help = EXAMPLES_NEW)]
    New(KeyArgs),
    /// Prints the public names of an identity.
    #[command(after_help = EXAMPLES_SHOW)]
    Show(KeyArgs),
    /// Finds a cost proof (spec 03).
    #[command(after_help = EXAMPLES_PROVE)]
    Prove(ProveArgs),
    /// Checks a cost proof.
    #[command(after_help = EXAMPLES_VERIFY)]
    Verify(VerifyArgs),
    /// Gives up a key for another one (spec 03).
    #[command(after_help = EXAMPLES_SUCCEED)]
    Succeed(SucceedArgs),
    /// Gives up a key for good.
    #[command(after_help = EXAMPLES_REVOKE)]
    Revoke(RevokeArgs),
    /// Checks successions and revocations, and tells what they come to together.
    #[command(after_help = EXAMPLES_CHECK)]
    Check(CheckArgs),
}

/// Which key file.
#[derive(Clone, Debug, clap::Args)]
pub struct KeyArgs {
    /// The key file. It is secret.
    pub file: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// What to prove.
#[derive(Clone, Debug, clap::Args)]
pub struct ProveArgs {
    /// The key file.
    pub file: PathBuf,
    /// The network that the proof is for.
    #[arg(long, value_name = "N")]
    pub network: u32,
    /// Leading zero bits, 0 to 48.
    #[arg(long, value_name = "BITS", value_parser = clap::value_parser!(u8).range(0..=48))]
    pub bits: u8,
    /// The day, in days since 1970 [default: today, by this machine's clock]
    #[arg(long, value_name = "DAY")]
    pub epoch: Option<u32>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// What to check.
#[derive(Clone, Debug, clap::Args)]
pub struct VerifyArgs {
    /// The node that claims the proof: 64 hex digits.
    #[arg(value_name = "NODEID", value_parser = node)]
    pub node: NodeId,
    /// The network that the proof is for.
    #[arg(long, value_name = "N")]
    pub network: u32,
    /// Leading zero bits asked for.
    #[arg(long, value_name = "BITS")]
    pub bits: u8,
    /// The day that the proof states.
    #[arg(long, value_name = "DAY")]
    pub epoch: u32,
    /// The nonce.
    #[arg(long, value_name = "N")]
    pub nonce: u64,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

fn node(text: &str) -> Result<NodeId, String> {
    let bytes = unhex(text).and_then(|b| b.try_into().ok()).map(NodeId);
    bytes.ok_or_else(|| format!("found {} characters; expected the 64 hex digits of a NodeId", text.chars().count()))
}

/// Runs the subcommand. `Ok(false)` means that a proof does not hold.
///
/// # Errors
/// If a file cannot be read or made, or the output cannot be written.
pub fn identity(args: &IdentityArgs, streams: &mut Streams<'_>) -> Result<bool, IdentityError> {
    match &args.action {
        IdentityAction::New(args) => {
            let seed = file::create(&args.file)?;
            print(&keys(&args.file, &seed), args.json, streams)?;
            Ok(true)
        }
        IdentityAction::Show(args) => {
            let seed = file::read(&args.file)?;
            warn(&args.file, streams);
            print(&keys(&args.file, &seed), args.json, streams)?;
            Ok(true)
        }
        IdentityAction::Prove(args) => {
            let seed = file::read(&args.file)?;
            warn(&args.file, streams);
            let node = PublicKeys::of(&DEFAULT, &seed).node;
            let proof = prove(args, &node, streams.progress && !args.json)?;
            print(&claim(&proof, args.network, &node, args.bits), args.json, streams)?;
            Ok(true)
        }
        IdentityAction::Verify(args) => {
            let proof = CostProof { epoch: args.epoch, segment: cost::SEGMENT, nonce: args.nonce };
            let holds = proof.verify(&DEFAULT, args.network, &args.node, args.bits, None).is_ok();
            let mut told = claim(&proof, args.network, &args.node, args.bits);
            told.push(("holds", json!(holds)));
            print(&told, args.json, streams)?;
            Ok(holds)
        }
        IdentityAction::Succeed(args) => succession::write(&args.old, Some(&args.new), &args.to, streams),
        IdentityAction::Revoke(args) => succession::write(&args.old, None, &args.to, streams),
        IdentityAction::Check(args) => succession::check(args, streams),
    }
}

/// What is told, in order.
pub(super) type Told = Vec<(&'static str, Json)>;

fn keys(path: &Path, seed: &Secret) -> Told {
    let keys = PublicKeys::of(&DEFAULT, seed);
    vec![
        ("file", json!(path.display().to_string())),
        ("node", json!(hex(&keys.node.0))),
        ("x25519", json!(hex(&keys.x25519))),
    ]
}

fn claim(proof: &CostProof, network: u32, node: &NodeId, bits: u8) -> Told {
    let hash = proof.puzzle(network, node).hash(&DEFAULT, proof.nonce);
    vec![
        ("node", json!(hex(&node.0))),
        ("network", json!(network.to_string())),
        ("bits", json!(bits.to_string())),
        ("epoch", json!(proof.epoch.to_string())),
        ("segment", json!(proof.segment.to_string())),
        ("nonce", json!(proof.nonce.to_string())),
        ("hash", json!(hex(&hash))),
        ("zeros", json!(cost::leading_zeros(&hash).to_string())),
    ]
}

/// A line each, or one object.
pub(super) fn print(told: &Told, as_json: bool, streams: &mut Streams<'_>) -> Result<(), IdentityError> {
    let text = match as_json {
        true => {
            let object = told.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
            format!("{}\n", Json::Object(object.collect()))
        }
        false => {
            let plain = |value: &Json| match value {
                Json::String(text) => text.clone(),
                Json::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
                other => other.to_string(),
            };
            told.iter().map(|(name, value)| format!("{name:<9} {}\n", plain(value))).collect()
        }
    };
    match streams.out.write_all(text.as_bytes()).and_then(|()| streams.out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(IdentityError::Output(error)),
        _ => Ok(()),
    }
}

pub(super) fn warn(path: &Path, streams: &mut Streams<'_>) {
    if let Some(mode) = file::too_open(path) {
        let path = path.display();
        let _ = writeln!(
            streams.err,
            "warning: {path}: its mode is {mode:04o}; expected 0600, for others can read the key (chmod 600 {path})"
        );
    }
}

fn prove(args: &ProveArgs, node: &NodeId, progress: bool) -> Result<CostProof, IdentityError> {
    let puzzle = Puzzle::new(args.network, node, args.epoch.unwrap_or_else(today), cost::SEGMENT);
    let target = if progress { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    // A proof has no end that is known: the bar ends where half of them are found, and stays there.
    let bar = ProgressBar::with_draw_target(Some(1 << args.bits), target);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {human_pos} tries, {human_len} on average") {
        bar.set_style(style.progress_chars("━╸─"));
    }
    let mut from = 0u64;
    let found = loop {
        let to = from.saturating_add(STEP);
        if let Some(proof) = puzzle.search(&DEFAULT, args.bits, from..to) {
            break Ok(proof);
        }
        if to == u64::MAX {
            break Err(IdentityError::Exhausted);
        }
        bar.set_position(to);
        from = to;
    };
    bar.finish_and_clear();
    found
}

/// The day, by this machine's clock.
#[allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "a person at a terminal means the real day")]
fn today() -> u32 {
    let since = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH);
    cost::epoch(since.map_or(0, |span| span.as_secs()))
}
