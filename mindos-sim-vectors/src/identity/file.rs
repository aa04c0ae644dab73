//! Key files: text, one seed, for one user's eyes.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use mindos_core::Secret;

use super::IdentityError;
use crate::inspect::hex;

/// What a person sees who opens one.
const HEAD: &str = "\
# MindOS identity, version 1. SECRET: whoever reads the seed below can act as this node. Never share this file.
# `mindos identity show` prints the names that may be shared.
";
/// What every error asks for.
pub(super) const EXPECTED: &str = "comments, which begin with #, and one line `seed = ` with 64 lower-case hex digits";

/// Draws a seed and writes it to a new file.
pub(super) fn create(path: &Path) -> Result<Secret, IdentityError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(IdentityError::Randomness)?;
    let told = || path.display().to_string();
    write_new(path, 0o600, &format!("{HEAD}seed = {}\n", hex(&seed))).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => IdentityError::Exists(told()),
        _ => IdentityError::Io(told(), error),
    })?;
    Ok(Secret::from(seed))
}

/// Writes a file that was not there, with this mode where there are modes.
pub(super) fn write_new(path: &Path, mode: u32, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // Before a byte is in it: nobody else may open it in between.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let mut file = options.open(path)?;
    // Half of it is of no use, and would be in the way of the next try.
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).inspect_err(|_| _ = fs::remove_file(path))
}

/// Reads the seed of a file.
pub(super) fn read(path: &Path) -> Result<Secret, IdentityError> {
    let told = || path.display().to_string();
    let bytes = fs::read(path).map_err(|error| IdentityError::Io(told(), error))?;
    let no_key = |what: String| IdentityError::NoKey(told(), what);
    let text = std::str::from_utf8(&bytes).map_err(|_| no_key("which is no text".to_owned()))?;
    let mut found = None;
    for (i, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let at = |what: &str| no_key(format!("line {}: {what}", i + 1));
        let value = line.strip_prefix("seed").and_then(|rest| rest.trim_start().strip_prefix('='));
        let digits = value.ok_or_else(|| at("neither a comment nor a seed"))?.trim();
        let seed = data_encoding::HEXLOWER.decode(digits.as_bytes()).ok().and_then(|b| <[u8; 32]>::try_from(b).ok());
        let seed = seed.ok_or_else(|| at(&format!("a seed of {} characters that is none", digits.chars().count())))?;
        if found.replace(Secret::from(seed)).is_some() {
            return Err(at("a second seed"));
        }
    }
    found.ok_or_else(|| no_key("in which there is no seed".to_owned()))
}

/// The permissions of a file if others than its owner have any.
pub(super) fn too_open(path: &Path) -> Option<u32> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).ok()?.permissions()) & 0o777;
        (mode & 0o177 != 0).then_some(mode)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}
