//! The scenario of five centres: its file format (TOML) and its bounds.

use crate::scenario::{ScenarioError, checks::OutOfBounds, read};

const CENTRES: &str = include_str!("../../scenarios/five-centres.toml");

/// The experiment, checked. Meanings and units stand in `scenarios/five-centres.toml`.
#[derive(Clone, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Centres {
    /// Short name: 1 to 64 characters of `a-z`, `0-9` and `-`.
    pub name: String,
    /// One line for people, at most 200 characters.
    pub title: String,
    /// Seed of everything random.
    pub seed: u64,
    /// Regions, 1 to 200.
    pub regions: u32,
    /// Regions of a province, 1 to 50.
    pub regions_per_province: u32,
    /// Agents of a region, 3 to 200; at most 1,000 in all.
    pub agents_per_region: u32,
    /// Questions about each region, 1 to 100.
    pub rounds: u32,
    /// Between two of them in s, 10 to 600.
    pub round_s: u32,
    /// Share of a region's variance that its province has in common, 0 to 1.
    pub common: f64,
    /// Time in which a correlation falls to 1/e, in s, 10 to 1,000,000.
    pub memory_s: f64,
    /// Median standard deviation of a signal's noise, 0.01 to 100.
    pub signal_noise: f64,
    /// Standard deviation of its logarithm, 0 to 3.
    pub noise_spread: f64,
    /// Of each model's own error in log-odds, 0 to 10.
    pub model_noise: f64,
    /// Shares of agents that lie, 0 to 0.6, rising; 1 to 12 of them.
    pub liars: Vec<f64>,
    /// Ages of the public data in s, 0 to 100,000, rising; 1 to 12 of them.
    pub ages_s: Vec<u32>,
}

fn check(ok: bool, key: &str, found: impl ToString, expected: &'static str) -> Result<(), OutOfBounds> {
    if ok { Ok(()) } else { Err(OutOfBounds { key: key.to_owned(), found: found.to_string(), expected }) }
}

impl Centres {
    /// Agents in all.
    pub fn agents(&self) -> u32 {
        self.regions.saturating_mul(self.agents_per_region)
    }

    /// Checks every value; the first one out of bounds is named.
    ///
    /// # Errors
    /// [`OutOfBounds`], naming the key.
    pub fn check(&self) -> Result<(), OutOfBounds> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let name_ok = (1..=64).contains(&self.name.len()) && self.name.chars().all(plain);
        check(name_ok, "name", format!("{:?}", self.name), "1 to 64 characters of a-z, 0-9 and -")?;
        check(self.title.chars().count() <= 200, "title", "more", "at most 200 characters")?;
        check((1..=200).contains(&self.regions), "regions", self.regions, "1 to 200")?;
        let provinces = (1..=50).contains(&self.regions_per_province);
        check(provinces, "regions_per_province", self.regions_per_province, "1 to 50")?;
        check((3..=200).contains(&self.agents_per_region), "agents_per_region", self.agents_per_region, "3 to 200")?;
        check(self.agents() <= 1_000, "agents_per_region", self.agents(), "at most 1000 agents in all regions")?;
        check((1..=100).contains(&self.rounds), "rounds", self.rounds, "1 to 100")?;
        check((10..=600).contains(&self.round_s), "round_s", self.round_s, "10 to 600")?;
        let within =
            |key, value: f64, low: f64, high: f64, expected| check((low..=high).contains(&value), key, value, expected);
        within("common", self.common, 0.0, 1.0, "0 to 1")?;
        within("memory_s", self.memory_s, 10.0, 1e6, "10 to 1000000")?;
        within("signal_noise", self.signal_noise, 0.01, 100.0, "0.01 to 100")?;
        within("noise_spread", self.noise_spread, 0.0, 3.0, "0 to 3")?;
        within("model_noise", self.model_noise, 0.0, 10.0, "0 to 10")?;
        let shares = (1..=12).contains(&self.liars.len())
            && self.liars.iter().all(|l| (0.0..=0.6).contains(l))
            && self.liars.is_sorted();
        check(shares, "liars", format!("{:?}", self.liars), "1 to 12 rising shares of 0 to 0.6")?;
        let ages = (1..=12).contains(&self.ages_s.len())
            && self.ages_s.iter().all(|a| *a <= 100_000)
            && self.ages_s.is_sorted();
        check(ages, "ages_s", format!("{:?}", self.ages_s), "1 to 12 rising ages of 0 to 100000")
    }
}

/// The experiment that ships with the lab, or that of a file.
///
/// # Errors
/// [`ScenarioError`] if the file cannot be read or is refused.
pub fn load(file: Option<&str>) -> Result<Centres, ScenarioError> {
    match file {
        Some(name) => parse(name, &read(name)?),
        None => parse("five-centres (built in)", CENTRES),
    }
}

/// Reads an experiment; `file` is its name in messages.
///
/// # Errors
/// [`ScenarioError`] if it is no TOML, has an unknown key or lacks one, or a value is out of bounds.
pub fn parse(file: &str, text: &str) -> Result<Centres, ScenarioError> {
    let centres: Centres = toml::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        ScenarioError::Syntax { file: file.to_owned(), reason: error.to_string().trim_end().to_owned() }
    })?;
    centres.check().map_err(|error| ScenarioError::out_of_bounds(file, error))?;
    Ok(centres)
}
