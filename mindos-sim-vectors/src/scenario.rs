//! What happens in a run: the scenario, its file format (TOML) and its bounds.
//!
//! Every key has a default but `name`. Unknown keys and values out of bounds are refused with file, key, what stood
//! there and what was expected. Command-line flags override a file and pass the same checks.

pub mod checks;
mod file;

use std::path::PathBuf;

pub use file::{ScenarioError, builtin, load, parse, read};

use crate::input::LatencyUnit;

/// Names of the scenarios that ship with the lab.
pub const BUILTIN: [&str; 1] = ["city-blackout"];

/// A scenario, checked.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Short name: 1 to 64 characters of `a-z`, `0-9` and `-`.
    pub name: String,
    /// One line for people, at most 200 characters; empty if none.
    #[serde(default)]
    pub title: String,
    /// Number of minds, 4 to 1,000,000; 0, the default, means one per measured host and is replaced by their number
    /// in [`crate::setup::Setup`].
    #[serde(default)]
    pub nodes: u32,
    /// Seed of everything random, any number up to 2^63 - 1 in a file (TOML's bound).
    #[serde(default = "defaults::seed")]
    pub seed: u64,
    /// Where round trips come from.
    #[serde(default = "defaults::latency")]
    pub latency: Source,
    /// Unit of a latency file; means nothing for the built-in matrix.
    #[serde(default)]
    pub latency_unit: LatencyUnit,
    /// Where requests come from.
    #[serde(default = "defaults::tasks")]
    pub tasks: Source,
    /// Share of the trace that is played, from its start, above 0 to 1.
    #[serde(default = "defaults::stretch")]
    pub stretch: f64,
    /// Work at speed 1 over (sum of speeds × duration), 0.01 to 2.
    #[serde(default = "defaults::load")]
    pub load: f64,
    /// Share of packets that are lost, 0 to 0.9.
    #[serde(default)]
    pub loss: f64,
    /// Mean of the exponential extra delay as a share of the one-way delay, 0 to 10.
    #[serde(default = "defaults::jitter")]
    pub jitter: f64,
    /// Share of packets that arrive twice, 0 to 0.9.
    #[serde(default)]
    pub duplicate: f64,
    /// Share of packets that are held back so that later ones overtake them, 0 to 0.9.
    #[serde(default)]
    pub reorder: f64,
    /// Number of minds that advertise more than they keep, 0 to half of all.
    #[serde(default)]
    pub liars: u32,
    /// Seconds before the first request, 0 to 3,600.
    #[serde(default = "defaults::warmup_s")]
    pub warmup_s: u32,
    /// What befalls the mesh, in any order.
    #[serde(default, rename = "event")]
    pub events: Vec<Event>,
}

/// Built-in data or a file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(from = "String")]
pub enum Source {
    /// The round trips that ship with the lab: `planetlab`.
    PlanetLab,
    /// The requests that ship with the lab: `azure-conv`.
    AzureConv,
    /// A file. Relative paths in a scenario file are relative to the working directory.
    File(PathBuf),
}

impl From<String> for Source {
    fn from(name: String) -> Self {
        match name.as_str() {
            crate::data::PLANETLAB => Self::PlanetLab,
            crate::data::AZURE_CONV => Self::AzureConv,
            _ => Self::File(name.into()),
        }
    }
}

/// One thing that befalls the mesh.
#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// When, as a share of the time from the first request to the last, 0 to 1. Either this or `at_s`.
    #[serde(default)]
    pub at: Option<f64>,
    /// When, in seconds after the first request, 0 to 1,000,000. Either this or `at`.
    #[serde(default)]
    pub at_s: Option<f64>,
    /// What.
    pub kind: EventKind,
    /// Share of all minds that it befalls, above 0 to 0.9; only for kinds that begin something.
    #[serde(default)]
    pub share: Option<f64>,
}

/// What can befall the mesh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// A city loses power: its minds stop and lose their memory.
    KillCity,
    /// The dark city returns; its minds restart from what they persisted.
    ReturnCity,
    /// Minds all over the world lose power, drawn by seed.
    Kill,
    /// They return.
    Return,
    /// A city is cut off: nothing passes between it and the rest.
    Partition,
    /// The cut is mended.
    Heal,
    /// Minds drawn by seed stop for a while, as a suspended phone does, and keep their memory.
    Freeze,
    /// They go on.
    Wake,
}

impl EventKind {
    /// The kind as a scenario file writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::KillCity => "kill-city",
            Self::ReturnCity => "return-city",
            Self::Kill => "kill",
            Self::Return => "return",
            Self::Partition => "partition",
            Self::Heal => "heal",
            Self::Freeze => "freeze",
            Self::Wake => "wake",
        }
    }

    /// For a kind that ends something, the kind that it ends.
    pub fn ends(self) -> Option<Self> {
        match self {
            Self::ReturnCity => Some(Self::KillCity),
            Self::Return => Some(Self::Kill),
            Self::Heal => Some(Self::Partition),
            Self::Wake => Some(Self::Freeze),
            Self::KillCity | Self::Kill | Self::Partition | Self::Freeze => None,
        }
    }
}

impl Event {
    /// When it happens in µs from the start of the run, where requests come from `first_us` on for `duration_us`.
    pub fn at_us(&self, first_us: u64, duration_us: u64) -> u64 {
        let offset = match (self.at, self.at_s) {
            (Some(share), _) => share * duration_us as f64,
            (None, Some(seconds)) => seconds * 1e6,
            (None, None) => 0.0,
        };
        first_us + libm::round(offset.max(0.0)) as u64
    }
}

impl Scenario {
    /// A mesh of so many minds on the built-in round trips, where nothing happens: for worlds that bring events of
    /// their own.
    pub fn quiet(name: &str, nodes: u32, seed: u64) -> Self {
        Self {
            name: name.to_owned(),
            title: String::new(),
            nodes,
            seed,
            latency: defaults::latency(),
            latency_unit: LatencyUnit::default(),
            tasks: defaults::tasks(),
            stretch: 0.01,
            load: defaults::load(),
            loss: 0.0,
            jitter: defaults::jitter(),
            duplicate: 0.0,
            reorder: 0.0,
            liars: 0,
            warmup_s: defaults::warmup_s(),
            events: Vec::new(),
        }
    }

    /// The events with their times in µs from the start of the run, in order of time, at equal times as written.
    pub fn timed_events(&self, first_us: u64, duration_us: u64) -> Vec<(u64, Event)> {
        let mut events: Vec<_> = self.events.iter().map(|event| (event.at_us(first_us, duration_us), *event)).collect();
        events.sort_by_key(|&(at, _)| at);
        events
    }
}

mod defaults {
    use super::Source;

    pub(super) fn seed() -> u64 {
        1
    }
    pub(super) fn latency() -> Source {
        Source::PlanetLab
    }
    pub(super) fn tasks() -> Source {
        Source::AzureConv
    }
    pub(super) fn stretch() -> f64 {
        1.0
    }
    pub(super) fn load() -> f64 {
        0.5
    }
    pub(super) fn jitter() -> f64 {
        0.02
    }
    pub(super) fn warmup_s() -> u32 {
        60
    }
}

#[cfg(test)]
mod tests;
