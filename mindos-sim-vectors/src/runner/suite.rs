//! The vectors as the runner needs them: what is asked, and what is expected.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value as Json, json};

use crate::testee::Operation;
use crate::vectors::{
    MANIFEST, VectorError, cookie, forecasts, incentives, keys, question, ratings, read, read_json, succession,
    transport, truth,
};

/// All cases of a folder, in the order of its files.
pub(super) struct Suite {
    pub(super) name: String,
    /// Cases that are gone, by id, with the reason.
    pub(super) retired: BTreeMap<String, String>,
    pub(super) groups: Vec<Group>,
}

/// Cases of one file that are asked by one operation about one message.
pub(super) struct Group {
    pub(super) file: String,
    /// Type in the file.
    pub(super) kind: String,
    /// Message, packet, record or protocol: what a testee can restrict itself to.
    pub(super) message: String,
    pub(super) operation: Operation,
    pub(super) cases: Vec<Case>,
}

/// A case passes if every answer is as expected.
pub(super) struct Case {
    pub(super) id: String,
    pub(super) reqs: Vec<String>,
    pub(super) asks: Vec<Ask>,
}

/// A request without its id, and the answer.
pub(super) struct Ask {
    pub(super) request: Map<String, Json>,
    pub(super) expect: Expect,
}

/// What an answer must hold.
pub(super) struct Expect {
    /// `ok` or `err`.
    pub(super) status: &'static str,
    pub(super) members: Map<String, Json>,
}

impl Suite {
    /// Reads the files that the manifest of `dir` lists, and no others.
    pub(super) fn read(dir: &Path) -> Result<Self, VectorError> {
        let path = dir.join(MANIFEST);
        let lacks = |what: String| VectorError::Wrong(format!("{}: {what}", path.display()));
        let manifest = read_json(&path)?.ok_or_else(|| lacks("there is no manifest".to_owned()))?;
        let name = text(&manifest, "suite").map_err(&lacks)?;
        let files = manifest["files"].as_object().ok_or_else(|| lacks("`files` is no object".to_owned()))?;
        let mut groups = Vec::new();
        for (file, entry) in files {
            let bytes = read(&dir.join(file))?.ok_or_else(|| lacks(format!("{file} is listed and missing")))?;
            if entry["blake3"] != blake3::hash(bytes.as_bytes()).to_hex().as_str() {
                return Err(lacks(format!(
                    "{file} has another hash than listed; `mindos vectors generate` makes both"
                )));
            }
            let json: Json = serde_json::from_str(&bytes).map_err(|e| VectorError::Json(file.clone(), e))?;
            let wrong = |what: String| VectorError::Wrong(format!("{file}: {what}"));
            if json["suite"] != name.as_str() {
                return Err(wrong(format!("is of suite {}, the manifest of {name:?}", json["suite"])));
            }
            groups.extend(groups_of(file, &json).map_err(wrong)?);
        }
        let gone = list(&manifest, "retired").unwrap_or_default().iter();
        let retired = gone.map(|case| Ok((text(case, "id")?, text(case, "why")?))).collect::<Result<_, _>>();
        let suite = Self { name, retired: retired.map_err(lacks)?, groups };
        suite.check_ids()?;
        Ok(suite)
    }

    /// Every case.
    pub(super) fn cases(&self) -> impl Iterator<Item = &Case> {
        self.groups.iter().flat_map(|group| &group.cases)
    }

    /// An id is what known failures and reports name: it must mean one case.
    fn check_ids(&self) -> Result<(), VectorError> {
        let mut ids: Vec<&str> = self.cases().map(|case| case.id.as_str()).collect();
        ids.sort_unstable();
        match ids.iter().zip(ids.iter().skip(1)).find(|(a, b)| a == b) {
            Some((id, _)) => Err(VectorError::Wrong(format!("{id}: two cases of this id"))),
            None => Ok(()),
        }
    }
}

fn groups_of(file: &str, json: &Json) -> Result<Vec<Group>, String> {
    let mut groups: Vec<Group> = Vec::new();
    for run in list(json, "vectors").unwrap_or_default() {
        let message = text(run, "protocol_name")?;
        let id = text(run, "name")?;
        let count = list(run, "messages")?.len();
        let asks = ["initiator", "responder"].map(|role| handshake(run, role, &Given::genuine(count)));
        let asks = asks.into_iter().collect::<Result<_, _>>().map_err(|what| format!("{id}: {what}"))?;
        let case = Case { reqs: reqs(run, &id)?, id, asks };
        match groups.last_mut().filter(|group| group.message == message) {
            Some(group) => group.cases.push(case),
            None => groups.push(Group {
                file: file.to_owned(),
                kind: Operation::Handshake.name().to_owned(),
                message,
                operation: Operation::Handshake,
                cases: vec![case],
            }),
        }
    }
    for group in list(json, "testGroups").unwrap_or_default() {
        let kind = text(group, "type")?;
        let refusals = kind == "HandshakeRefuse";
        let operation = if refusals { Some(Operation::Handshake) } else { Operation::named(&kind) };
        let operation = operation.ok_or_else(|| format!("unknown group type {kind:?}"))?;
        let message = text(group, if refusals { "protocol_name" } else { "message" })?;
        let mut cases = Vec::new();
        for case in list(group, "tests")? {
            let id = text(case, "id")?;
            let ask = ask(operation, group, case).map_err(|what| format!("{id}: {what}"))?;
            cases.push(Case { reqs: reqs(case, &id)?, id, asks: vec![ask] });
        }
        groups.push(Group { file: file.to_owned(), kind, message, operation, cases });
    }
    Ok(groups)
}

/// What a case asks. The result, and whatever would tell it, stays here.
fn ask(operation: Operation, group: &Json, case: &Json) -> Result<Ask, String> {
    let valid = match case["result"].as_str() {
        Some("valid") => true,
        Some("invalid") => false,
        _ => return Err("`result` is neither valid nor invalid".to_owned()),
    };
    let plain = |inputs: &[&str], outputs: &[&str]| -> Result<Ask, String> {
        let mut request = members(case, inputs)?;
        request.insert("op".to_owned(), json!(operation.name()));
        let status = if valid { "ok" } else { "err" };
        Ok(Ask { request, expect: Expect { status, members: members(case, outputs)? } })
    };
    match operation {
        Operation::Minifloat => plain(&["quantity"], &["code", "reads"]),
        // A signature that does not hold is an answer, not a refusal to answer.
        Operation::VerifySignature => {
            let mut ask = plain(&["key", "message", "signature"], &[])?;
            ask.expect.status = "ok";
            ask.expect.members.insert("holds".to_owned(), json!(if valid { "1" } else { "0" }));
            Ok(ask)
        }
        Operation::VerifyCost => {
            let claim = ["network", "node", "unix_s", "bits", "epoch", "segment", "nonce"];
            plain(&claim, if valid { &["hash"] } else { &["error"] })
        }
        // A record that does not hold is told among the others.
        Operation::Succession => {
            let mut ask = plain(succession::INPUTS, succession::OUTPUTS)?;
            ask.expect.status = "ok";
            Ok(ask)
        }
        Operation::SessionKeys => plain(keys::INPUTS, keys::OUTPUTS),
        // Packets that are refused are told among the others.
        Operation::Transport => stepped(plain(transport::INPUTS, &[])?, case, &["at_us", "in"]),
        Operation::Cookie => stepped(plain(cookie::INPUTS, &[])?, case, &["in"]),
        Operation::Truth => stepped(plain(truth::INPUTS, &[])?, case, &["in"]),
        Operation::Ratings => stepped(plain(ratings::INPUTS, &[])?, case, &["in"]),
        Operation::Forecasts => stepped(plain(forecasts::INPUTS, &[])?, case, &["in"]),
        Operation::Questions => stepped(plain(question::INPUTS, &[])?, case, &["in"]),
        Operation::Incentives => stepped(plain(incentives::INPUTS, &[])?, case, &["at_us", "in"]),
        Operation::NodeTrace => {
            let steps = list(case, "steps")?;
            let mut ask = plain(&["node"], &[])?;
            let only = |keys: &[&str]| -> Result<Json, String> {
                Ok(Json::Array(
                    steps.iter().map(|s| Ok(Json::Object(members(s, keys)?))).collect::<Result<_, String>>()?,
                ))
            };
            ask.request.insert("steps".to_owned(), only(&["at_us", "in"])?);
            let said = only(&["handled", "error", "out", "next_timer_us", "timer"])?;
            ask.expect.members.insert("steps".to_owned(), said);
            Ok(ask)
        }
        Operation::Handshake => {
            let at: usize = text(case, "message")?.parse().map_err(|_| "`message` is no number".to_owned())?;
            let role = if at.is_multiple_of(2) { "responder" } else { "initiator" };
            handshake(group, role, &Given { forged: Some((at, text(case, "ciphertext")?)), count: at + 1 })
        }
        _ if valid => {
            let mut ask = plain(&["bytes"], &["value"])?;
            ask.expect.members.insert("again".to_owned(), case["bytes"].clone());
            Ok(ask)
        }
        _ => plain(&["bytes"], &["error", "at"]),
    }
}

/// A request of steps: of each these members are told, and `out` is asked for.
fn stepped(mut ask: Ask, case: &Json, told: &[&str]) -> Result<Ask, String> {
    let only = |keys: &[&str]| -> Result<Json, String> {
        let steps = list(case, "steps")?.iter().map(|s| Ok(Json::Object(members(s, keys)?)));
        Ok(Json::Array(steps.collect::<Result<_, String>>()?))
    };
    ask.request.insert("steps".to_owned(), only(told)?);
    ask.expect.status = "ok";
    ask.expect.members.insert("steps".to_owned(), only(&["out"])?);
    Ok(ask)
}

/// How many messages of a run one side exchanges, and what stands before one of them.
struct Given {
    count: usize,
    forged: Option<(usize, String)>,
}

impl Given {
    fn genuine(count: usize) -> Self {
        Self { count, forged: None }
    }
}

/// One side of a run: the payloads of its own messages and the ciphertexts of its peer's go in; the ciphertexts of its
/// own and the payloads of its peer's come out.
fn handshake(run: &Json, role: &str, given: &Given) -> Result<Ask, String> {
    let mut request = members(run, &["protocol_name"])?;
    request.insert("op".to_owned(), json!(Operation::Handshake.name()));
    request.insert("role".to_owned(), json!(role));
    let initiator = role == "initiator";
    let side = if initiator { "init" } else { "resp" };
    for name in ["prologue", "static", "ephemeral"] {
        request.insert(name.to_owned(), json!(text(run, &format!("{side}_{name}"))?));
    }
    // In IK the initiator knows it beforehand.
    if let Some(known) = run.get("init_remote_static").filter(|_| initiator) {
        request.insert("remote_static".to_owned(), known.clone());
    }
    let (mut told, mut expected) = (Vec::new(), Vec::new());
    for (i, message) in list(run, "messages")?.iter().take(given.count).enumerate() {
        if let Some((_, forged)) = given.forged.as_ref().filter(|(at, _)| *at == i) {
            told.push(json!({ "ciphertext": forged }));
            expected.push(json!({ "refused": "1" }));
        }
        let writes = initiator == i.is_multiple_of(2);
        let (input, output) = if writes { ("payload", "ciphertext") } else { ("ciphertext", "payload") };
        told.push(Json::Object(members(message, &[input])?));
        let mut answer = members(message, &[output])?;
        for secret in ["h", "ck", "k"].into_iter().filter(|key| message.get(key).is_some()) {
            answer.insert(secret.to_owned(), message[secret].clone());
        }
        expected.push(Json::Object(answer));
    }
    request.insert("messages".to_owned(), Json::Array(told));
    let members = [("messages".to_owned(), Json::Array(expected))].into_iter().collect();
    Ok(Ask { request, expect: Expect { status: "ok", members } })
}

fn text(json: &Json, key: &str) -> Result<String, String> {
    json[key].as_str().map(str::to_owned).ok_or_else(|| format!("`{key}` is no string"))
}

fn list<'a>(json: &'a Json, key: &str) -> Result<&'a [Json], String> {
    json[key].as_array().map(Vec::as_slice).ok_or_else(|| format!("`{key}` is no list"))
}

fn members(json: &Json, keys: &[&str]) -> Result<Map<String, Json>, String> {
    let member = |key: &&str| {
        let value = json.get(key).ok_or_else(|| format!("there is no `{key}`"))?;
        Ok(((*key).to_owned(), value.clone()))
    };
    keys.iter().map(member).collect()
}

fn reqs(case: &Json, id: &str) -> Result<Vec<String>, String> {
    let all = list(case, "reqs").map_err(|what| format!("{id}: {what}"))?.iter();
    all.map(|req| req.as_str().map(str::to_owned).ok_or_else(|| format!("{id}: `reqs` holds no strings"))).collect()
}
