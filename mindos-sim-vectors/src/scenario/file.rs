//! Reading scenario files.

use std::{fs::File, io, io::Read, path::Path};

use super::{Scenario, checks::OutOfBounds};

const CITY_BLACKOUT: &str = include_str!("../../scenarios/city-blackout.toml");
/// Largest scenario file, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// A scenario was refused.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// There is no such scenario.
    #[error(
        "no built-in scenario is called \"{0}\" (there is: city-blackout, and the commands `mindos sim flood` and `mindos sim liars`); a file's name ends in .toml"
    )]
    Unknown(String),
    /// The file could not be read.
    #[error("{file}: cannot be read: {source}")]
    Io {
        /// The file as the user named it.
        file: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is no TOML, has an unknown key or a value of a wrong type.
    #[error("{file}: {reason}")]
    Syntax {
        /// The file as the user named it.
        file: String,
        /// Line, column and what was expected.
        reason: String,
    },
    /// A value is out of bounds.
    #[error("{origin}, {key}: found {found}; expected {expected}")]
    OutOfBounds {
        /// The file, or the command line.
        origin: String,
        /// The key.
        key: String,
        /// The value.
        found: String,
        /// What would have been accepted.
        expected: &'static str,
    },
}

impl ScenarioError {
    /// The error of a value out of bounds, with where it came from.
    pub fn out_of_bounds(origin: &str, error: OutOfBounds) -> Self {
        Self::OutOfBounds { origin: origin.to_owned(), key: error.key, found: error.found, expected: error.expected }
    }

    /// The same of a value that came by the option of that name.
    pub fn in_arguments(mut error: OutOfBounds) -> Self {
        error.key = format!("--{}", error.key.replace('_', "-"));
        Self::out_of_bounds("command line", error)
    }
}

/// A scenario that ships with the lab.
///
/// # Errors
/// [`ScenarioError::Unknown`] if there is none of that name.
pub fn builtin(name: &str) -> Result<Scenario, ScenarioError> {
    match name {
        "city-blackout" => parse("city-blackout (built in)", CITY_BLACKOUT),
        other => Err(ScenarioError::Unknown(other.chars().take(80).flat_map(char::escape_debug).collect())),
    }
}

/// The scenario of that name: a file if the name ends in `.toml` or has a path separator, else one that ships.
///
/// # Errors
/// [`ScenarioError`] if there is none or it is refused.
pub fn load(name: &str) -> Result<Scenario, ScenarioError> {
    if !name.ends_with(".toml") && !name.contains(std::path::is_separator) {
        return builtin(name);
    }
    parse(name, &read(name)?)
}

/// The text of a scenario file.
///
/// # Errors
/// [`ScenarioError::Io`].
pub fn read(name: &str) -> Result<String, ScenarioError> {
    let io = |source| ScenarioError::Io { file: name.to_owned(), source };
    let mut text = String::new();
    File::open(Path::new(name)).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text)).map_err(io)?;
    Ok(text)
}

/// Reads a scenario; `file` is its name in messages.
///
/// # Errors
/// [`ScenarioError`] if it is no TOML, has an unknown key, or a value is of a wrong type or out of bounds.
pub fn parse(file: &str, text: &str) -> Result<Scenario, ScenarioError> {
    let scenario: Scenario = toml::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        ScenarioError::Syntax { file: file.to_owned(), reason: error.to_string().trim_end().to_owned() }
    })?;
    scenario.check().map_err(|error| ScenarioError::out_of_bounds(file, error))?;
    Ok(scenario)
}
