//! Names, numbers and hashes of the files.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::case::{Numbers, RETIRED};
use super::session::{cookie, keys, transport};
use super::{
    SUITE, VectorError, cost, forecasts, handshake, incentives, question, ratings, signature, succession, trace, truth,
    wire,
};

/// Every file of the suite with its text, the manifest last.
pub(super) type Texts = BTreeMap<String, String>;

/// Name of the manifest.
pub(crate) const MANIFEST: &str = "MANIFEST.json";

/// Makes all files. The numbers of published cases are read from `dir`.
pub(super) fn make(dir: &Path) -> Result<Texts, VectorError> {
    let mut texts = Texts::new();
    for file in wire::files() {
        let name = format!("{}_test.json", file.name);
        let text = file.text(&numbers(&dir.join(&name))?)?;
        texts.insert(name, text);
    }
    for (name, text) in handshake::texts(&numbers(&dir.join(handshake::REFUSALS))?)? {
        texts.insert(name.into(), text);
    }
    let runs = texts.get(handshake::Pattern::Xx.file()).and_then(|t| serde_json::from_str(t).ok()).unwrap_or_default();
    texts.insert(keys::FILE.into(), keys::text(&numbers(&dir.join(keys::FILE))?, &runs)?);
    texts.insert(transport::FILE.into(), transport::text(&numbers(&dir.join(transport::FILE))?)?);
    texts.insert(cookie::FILE.into(), cookie::text(&numbers(&dir.join(cookie::FILE))?)?);
    texts.insert(signature::FILE.into(), signature::text(&numbers(&dir.join(signature::FILE))?)?);
    texts.insert(trace::FILE.into(), trace::text(&numbers(&dir.join(trace::FILE))?)?);
    texts.insert(cost::FILE.into(), cost::text(&numbers(&dir.join(cost::FILE))?)?);
    texts.insert(succession::FILE.into(), succession::text(&numbers(&dir.join(succession::FILE))?)?);
    texts.insert(truth::FILE.into(), truth::text(&numbers(&dir.join(truth::FILE))?)?);
    texts.insert(ratings::FILE.into(), ratings::text(&numbers(&dir.join(ratings::FILE))?)?);
    texts.insert(forecasts::FILE.into(), forecasts::text(&numbers(&dir.join(forecasts::FILE))?)?);
    texts.insert(question::FILE.into(), question::text(&numbers(&dir.join(question::FILE))?)?);
    for (name, text) in incentives::texts(|name| numbers(&dir.join(name)))? {
        texts.insert(name.into(), text);
    }
    let manifest = manifest(&texts);
    texts.insert(MANIFEST.into(), manifest);
    Ok(texts)
}

/// The list of files with the BLAKE3 of each, and of the cases that no longer hold.
fn manifest(texts: &Texts) -> String {
    let files: BTreeMap<&str, Json> = texts
        .iter()
        .map(|(name, text)| (name.as_str(), json!({ "blake3": blake3::hash(text.as_bytes()).to_hex().as_str() })))
        .collect();
    let retired: Vec<Json> = RETIRED
        .iter()
        .map(|(file, id, number, why)| {
            let mut case = json!({ "file": format!("{file}_test.json"), "id": id, "why": why });
            if *number > 0 {
                case["tcId"] = json!(number);
            }
            case
        })
        .collect();
    format!("{:#}\n", json!({ "suite": SUITE, "files": files, "retired": retired }))
}

/// Numbers of the published cases of a file; none if it does not exist yet.
fn numbers(path: &Path) -> Result<Numbers, VectorError> {
    let Some(json) = read_json(path)? else { return Ok(Numbers::new()) };
    let cases = json["testGroups"].as_array().into_iter().flatten().filter_map(|g| g["tests"].as_array()).flatten();
    let numbered = cases.filter_map(|c| Some((c["id"].as_str()?.to_string(), c["tcId"].as_u64()?)));
    Ok(numbered.collect())
}

/// A file as JSON, or `None` if there is none.
pub(crate) fn read_json(path: &Path) -> Result<Option<Json>, VectorError> {
    let Some(text) = read(path)? else { return Ok(None) };
    let json = serde_json::from_str(&text).map_err(|e| VectorError::Json(path.display().to_string(), e))?;
    Ok(Some(json))
}

/// A file as text, or `None` if there is none.
pub(crate) fn read(path: &Path) -> Result<Option<String>, VectorError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(VectorError::Io(path.display().to_string(), e)),
    }
}

/// Writes all files to `dir` and returns their names. Nothing is written if one cannot be made.
///
/// # Errors
/// If the code does not do what a case states, if a published case would vanish, or on input and output.
pub fn generate(dir: &Path) -> Result<Vec<String>, VectorError> {
    let texts = make(dir)?;
    let io = |path: &Path| {
        let path = path.display().to_string();
        move |e| VectorError::Io(path, e)
    };
    fs::create_dir_all(dir).map_err(io(dir))?;
    for (name, text) in &texts {
        let path = dir.join(name);
        fs::write(&path, text).map_err(io(&path))?;
    }
    Ok(texts.into_keys().collect())
}
