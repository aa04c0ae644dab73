//! The scenario of liars: its file format (TOML) and its bounds.

use std::collections::BTreeMap;

use crate::input::LatencyUnit;
use crate::rng::Stream;
use crate::scenario::{Scenario, ScenarioError, Source, checks::OutOfBounds, read};
use crate::world::Kind;

const LIARS: &str = include_str!("../../scenarios/liars.toml");

/// A world of liars, checked.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Liars {
    /// Short name: 1 to 64 characters of `a-z`, `0-9` and `-`.
    pub name: String,
    /// One line for people, at most 200 characters; empty if none.
    #[serde(default)]
    pub title: String,
    /// Number of minds, 20 to 100,000; 0 means one per measured host.
    #[serde(default)]
    pub nodes: u32,
    /// Seed of everything random.
    pub seed: u64,
    /// Share of the trace that is played, above 0 to 1.
    pub stretch: f64,
    /// Work at speed 1 over (sum of all speeds × duration), 0.01 to 2.
    pub load: f64,
    /// Seconds before the first request, 20 to 3,600.
    pub warmup_s: u32,
    /// Share of minds that lie, 0 to 0.45.
    pub dishonest: f64,
    /// An honest host checks one result in so many, 1 to 1,000.
    pub check_one_in: u64,
    /// A result of an honest mind is wrong by accident one time in so many; 0: never.
    #[serde(default)]
    pub errs_one_in: u64,
    /// Share of requests whose context is sent, 0 to 1; of the others it is counted as work alone.
    pub contexts: f64,
    /// Share of the time of the work that a made-up result takes, 0.01 to 1.
    pub lie_takes: f64,
    /// Milli-credits per second of reference work, 1 to 65,535.
    pub price: u16,
    /// Share of each kind among those who lie; the shares add up to 1.
    pub kinds: BTreeMap<String, f64>,
}

fn check(ok: bool, key: &str, found: impl ToString, expected: &'static str) -> Result<(), OutOfBounds> {
    if ok { Ok(()) } else { Err(OutOfBounds { key: key.to_owned(), found: found.to_string(), expected }) }
}

/// The kind as a scenario file writes it.
fn key(kind: Kind) -> String {
    serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

impl Liars {
    /// Checks every value; the first one out of bounds is named.
    ///
    /// # Errors
    /// [`OutOfBounds`], naming the key.
    pub fn check(&self) -> Result<(), OutOfBounds> {
        check(self.nodes == 0 || (20..=100_000).contains(&self.nodes), "nodes", self.nodes, "20 to 100000, or 0")?;
        check((20..=3_600).contains(&self.warmup_s), "warmup_s", self.warmup_s, "20 to 3600")?;
        check((0.0..=0.45).contains(&self.dishonest), "dishonest", self.dishonest, "a share from 0 to 0.45")?;
        check((1..=1_000).contains(&self.check_one_in), "check_one_in", self.check_one_in, "1 to 1000")?;
        check((0.0..=1.0).contains(&self.contexts), "contexts", self.contexts, "a share from 0 to 1")?;
        check((0.01..=1.0).contains(&self.lie_takes), "lie_takes", self.lie_takes, "a share from 0.01 to 1")?;
        check(self.price > 0, "price", self.price, "1 to 65535")?;
        let known: Vec<String> = Kind::ALL.into_iter().skip(1).map(key).collect();
        for (name, share) in &self.kinds {
            check(known.contains(name), "kinds", name, "a kind of liar, as in scenarios/liars.toml")?;
            check((0.0..=1.0).contains(share), name, share, "a share from 0 to 1")?;
        }
        let sum: f64 = self.kinds.values().sum();
        check((0.999..=1.001).contains(&sum), "kinds", sum, "shares that add up to 1")?;
        self.world().check()
    }

    /// The world without its liars.
    pub fn world(&self) -> Scenario {
        Scenario {
            name: self.name.clone(),
            title: self.title.clone(),
            nodes: self.nodes,
            seed: self.seed,
            latency: Source::PlanetLab,
            latency_unit: LatencyUnit::default(),
            tasks: Source::AzureConv,
            stretch: self.stretch,
            load: self.load,
            loss: 0.0,
            jitter: 0.02,
            duplicate: 0.0,
            reorder: 0.0,
            liars: 0,
            warmup_s: self.warmup_s,
            events: Vec::new(),
        }
    }

    /// Who is what, by host, drawn by seed. The first host is honest: others come in through it.
    pub fn cast(&self, nodes: u32) -> Vec<Kind> {
        let mut hosts: Vec<u32> = (1..nodes).collect();
        Stream::new(self.seed, "liars of all kinds").shuffle(&mut hosts);
        let liars = libm::round(self.dishonest * f64::from(nodes)) as usize;
        let mut kinds = vec![Kind::Honest; nodes as usize];
        let (mut from, mut sum) = (0, 0.0);
        for kind in Kind::ALL.into_iter().skip(1) {
            sum += self.kinds.get(&key(kind)).copied().unwrap_or(0.0);
            let to = (libm::round(sum * liars as f64) as usize).min(liars);
            for host in hosts.iter().take(to).skip(from) {
                if let Some(place) = kinds.get_mut(*host as usize) {
                    *place = kind;
                }
            }
            from = to;
        }
        kinds
    }
}

/// The scenario that ships, or a file.
///
/// # Errors
/// [`ScenarioError`] if it cannot be read or is refused.
pub fn load(file: Option<&str>) -> Result<Liars, ScenarioError> {
    let (name, text) = match file {
        Some(name) => (name, read(name)?),
        None => ("liars (built in)", LIARS.to_owned()),
    };
    let syntax = |e: toml::de::Error| ScenarioError::Syntax {
        file: name.to_owned(),
        reason: e.to_string().trim_end().to_owned(),
    };
    let liars: Liars = toml::from_str(text.trim_start_matches('\u{feff}')).map_err(syntax)?;
    liars.check().map_err(|e| ScenarioError::out_of_bounds(name, e))?;
    Ok(liars)
}

#[cfg(test)]
mod tests;
