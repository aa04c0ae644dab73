//! The scenario of a flood: its file format (TOML) and its bounds.

use crate::scenario::{ScenarioError, checks::OutOfBounds, read};

const FLOOD: &str = include_str!("../../scenarios/flood.toml");

/// A flood, checked. Every key but `name` and `machine` has a default.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flood {
    /// Short name: 1 to 64 characters of `a-z`, `0-9` and `-`.
    pub name: String,
    /// One line for people, at most 200 characters; empty if none.
    #[serde(default)]
    pub title: String,
    /// Seed of everything random.
    #[serde(default = "defaults::seed")]
    pub seed: u64,
    /// Nodes with a session, 2 to 256.
    #[serde(default = "defaults::peers")]
    pub peers: u32,
    /// Forged packets a second, 1 to 1,000,000.
    #[serde(default = "defaults::rate")]
    pub rate: u32,
    /// Length of the flood in s, 1 to 600.
    #[serde(default = "defaults::seconds")]
    pub seconds: u32,
    /// Time before it in s, 5 to 600.
    #[serde(default = "defaults::seconds")]
    pub settle_s: u32,
    /// Between two probes of a peer in ms, 10 to 10,000.
    #[serde(default = "defaults::ping_ms")]
    pub ping_ms: u32,
    /// Between two pieces of work of a peer in ms, 10 to 60,000.
    #[serde(default = "defaults::intent_ms")]
    pub intent_ms: u32,
    /// Nodes a second that look for a way in through the flooded one, 0 to 20.
    #[serde(default = "defaults::newcomers_per_s")]
    pub newcomers_per_s: u32,
    /// What happens, a run each; at least one.
    #[serde(default = "Attack::all")]
    pub attacks: Vec<Attack>,
    /// Addresses of [`Attack::ProvenPaths`], 1 to 65,536.
    #[serde(default = "defaults::proven_paths")]
    pub proven_paths: u32,
    /// The machine under attack.
    pub machine: Machine,
}

/// Who sends what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attack {
    /// Nobody: what the other runs are held against.
    Calm,
    /// First packets with keys of their own, each from another false address.
    Spoofed,
    /// The same from one address, at which nobody answers.
    OnePath,
    /// First packets whose key is a point of low order, from false addresses: refused, but only after a multiplication.
    LowOrder,
    /// First packets of another network.
    OtherNetwork,
    /// First packets of the node's own peers, recorded and sent again from false addresses.
    Replayed,
    /// First packets from one address, at which the attacker hears and takes the cookie.
    ProvenPath,
    /// The same from many addresses.
    ProvenPaths,
    /// A yardstick, modelled and no MindOS: as [`Attack::Spoofed`], and every first packet that the machine takes is
    /// charged with what the answer to the first one took. The node sees none of them.
    NoCookies,
}

impl Attack {
    /// Every one.
    pub fn all() -> Vec<Self> {
        use Attack::*;
        vec![Calm, Spoofed, OnePath, LowOrder, OtherNetwork, Replayed, ProvenPath, ProvenPaths, NoCookies]
    }

    /// Its name in a scenario file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Spoofed => "spoofed",
            Self::OnePath => "one-path",
            Self::LowOrder => "low-order",
            Self::OtherNetwork => "other-network",
            Self::Replayed => "replayed",
            Self::ProvenPath => "proven-path",
            Self::ProvenPaths => "proven-paths",
            Self::NoCookies => "no-cookies",
        }
    }

    /// In a few words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Calm => "no flood",
            Self::Spoofed => "false addresses, a new one each",
            Self::OnePath => "one false address",
            Self::LowOrder => "keys of low order",
            Self::OtherNetwork => "another network's packets",
            Self::Replayed => "recorded first packets again",
            Self::ProvenPath => "one address, cookie in hand",
            Self::ProvenPaths => "many addresses, cookies in hand",
            Self::NoCookies => "yardstick: every one answered",
        }
    }

    /// Whether a real node met it.
    pub fn is_measured(self) -> bool {
        self != Self::NoCookies
    }
}

/// A processor core and a socket. Times in ns, each up to a second; their sources stand in `scenarios/flood.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// To receive a datagram, without cryptography.
    pub datagram_in_ns: u64,
    /// To send one.
    pub datagram_out_ns: u64,
    /// Datagrams that wait; more are lost. At least 1.
    pub queue: usize,
    /// A Diffie-Hellman multiplication.
    pub dh_ns: u64,
    /// A Diffie-Hellman public key.
    pub key_ns: u64,
    /// A signature, or a public key of signatures.
    pub sign_ns: u64,
    /// A verification.
    pub verify_ns: u64,
    /// 64 bytes hashed.
    pub hash_ns: u64,
    /// A packet sealed or opened.
    pub aead_ns: u64,
    /// And each KiB of it.
    pub aead_kib_ns: u64,
    /// An operation of the KEM.
    pub kem_ns: u64,
    /// Bytes of an unfinished handshake; only for the figure of memory.
    pub half_open_bytes: u64,
    /// Bytes of a session; only for the figure of memory.
    pub session_bytes: u64,
}

fn check(ok: bool, key: &str, found: impl ToString, expected: &'static str) -> Result<(), OutOfBounds> {
    if ok { Ok(()) } else { Err(OutOfBounds { key: key.to_owned(), found: found.to_string(), expected }) }
}

impl Flood {
    /// Checks every value; the first one out of bounds is named.
    ///
    /// # Errors
    /// [`OutOfBounds`], naming the key.
    pub fn check(&self) -> Result<(), OutOfBounds> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let name_ok = (1..=64).contains(&self.name.len()) && self.name.chars().all(plain);
        check(name_ok, "name", format!("{:?}", self.name), "1 to 64 characters of a-z, 0-9 and -")?;
        check(self.title.chars().count() <= 200, "title", "more", "at most 200 characters")?;
        check((2..=256).contains(&self.peers), "peers", self.peers, "2 to 256")?;
        check((1..=1_000_000).contains(&self.rate), "rate", self.rate, "1 to 1000000")?;
        check((1..=600).contains(&self.seconds), "seconds", self.seconds, "1 to 600")?;
        check((5..=600).contains(&self.settle_s), "settle_s", self.settle_s, "5 to 600")?;
        check((10..=10_000).contains(&self.ping_ms), "ping_ms", self.ping_ms, "10 to 10000")?;
        check((10..=60_000).contains(&self.intent_ms), "intent_ms", self.intent_ms, "10 to 60000")?;
        check(self.newcomers_per_s <= 20, "newcomers_per_s", self.newcomers_per_s, "0 to 20")?;
        check((1..=9).contains(&self.attacks.len()), "attacks", self.attacks.len(), "1 to 9 of them")?;
        check((1..=65_536).contains(&self.proven_paths), "proven_paths", self.proven_paths, "1 to 65536")?;
        self.machine.check()
    }
}

impl Machine {
    fn check(&self) -> Result<(), OutOfBounds> {
        let times = [
            ("machine.datagram_in_ns", self.datagram_in_ns),
            ("machine.datagram_out_ns", self.datagram_out_ns),
            ("machine.dh_ns", self.dh_ns),
            ("machine.key_ns", self.key_ns),
            ("machine.sign_ns", self.sign_ns),
            ("machine.verify_ns", self.verify_ns),
            ("machine.hash_ns", self.hash_ns),
            ("machine.aead_ns", self.aead_ns),
            ("machine.aead_kib_ns", self.aead_kib_ns),
            ("machine.kem_ns", self.kem_ns),
        ];
        for (key, ns) in times {
            check(ns <= 1_000_000_000, key, ns, "at most 1000000000")?;
        }
        check((1..=1_000_000).contains(&self.queue), "machine.queue", self.queue, "1 to 1000000")?;
        for (key, bytes) in
            [("machine.half_open_bytes", self.half_open_bytes), ("machine.session_bytes", self.session_bytes)]
        {
            check(bytes <= 1 << 30, key, bytes, "at most 1073741824")?;
        }
        Ok(())
    }
}

/// The flood that ships with the lab, or that of a file.
///
/// # Errors
/// [`ScenarioError`] if the file cannot be read or is refused.
pub fn load(file: Option<&str>) -> Result<Flood, ScenarioError> {
    match file {
        Some(name) => parse(name, &read(name)?),
        None => parse("flood (built in)", FLOOD),
    }
}

/// Reads a flood; `file` is its name in messages.
///
/// # Errors
/// [`ScenarioError`] if it is no TOML, has an unknown key, or a value is of a wrong type or out of bounds.
pub fn parse(file: &str, text: &str) -> Result<Flood, ScenarioError> {
    let flood: Flood = toml::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| ScenarioError::Syntax {
        file: file.to_owned(),
        reason: error.to_string().trim_end().to_owned(),
    })?;
    flood.check().map_err(|error| ScenarioError::out_of_bounds(file, error))?;
    Ok(flood)
}

mod defaults {
    pub(super) fn seed() -> u64 {
        1
    }
    pub(super) fn peers() -> u32 {
        32
    }
    pub(super) fn rate() -> u32 {
        100_000
    }
    pub(super) fn seconds() -> u32 {
        10
    }
    pub(super) fn ping_ms() -> u32 {
        100
    }
    pub(super) fn intent_ms() -> u32 {
        500
    }
    pub(super) fn newcomers_per_s() -> u32 {
        2
    }
    pub(super) fn proven_paths() -> u32 {
        1_024
    }
}

#[cfg(test)]
mod tests;
