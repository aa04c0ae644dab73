//! Cases of the truth engine (spec 09): evidence in, beliefs out. The bits are those of production; what keeps them
//! from being wrong together is a second implementation, written from the chapter alone, in `testees/python`.

use mindos_core::NodeId;
use mindos_core::trust::truth::{Admission, Belief, Refused, Report, Truth};
use serde_json::{Map, Value as Json, json};

use super::VectorError;
use super::case::Numbers;
use super::group::{Plain, PlainGroup};
use super::read::number;
use crate::inspect::unhex;

/// The file.
pub(super) const FILE: &str = "truth_test.json";
/// Type of its groups.
pub(super) const PROCEDURE: &str = "Truth";
/// What a case gives, besides its steps.
pub(crate) const INPUTS: &[&str] = &["options"];

/// A case in the making.
struct Story {
    id: &'static str,
    comment: &'static str,
    flag: &'static str,
    reqs: &'static [&'static str],
    options: u32,
    steps: Vec<Json>,
}

/// Noise that every run repeats: a number below `below`, from 1 on.
pub(super) fn noise(below: u32, of: [u32; 3]) -> u32 {
    let mut x = 0x9e37_79b9u32;
    for o in of {
        x = (x ^ o).wrapping_mul(0x85eb_ca6b);
        x = (x ^ (x >> 13)).wrapping_mul(0xc2b2_ae35) ^ (x >> 16);
    }
    x % below
}

/// What is true of question `q`.
fn fact(q: u32, k: u32) -> u32 {
    noise(k, [q, 7, 0])
}

/// A report that is right in `right` of 100 cases.
fn honest(a: u32, q: u32, k: u32, right: u32) -> Option<u32> {
    let wrong = 1 + noise(k - 1, [a, q, 3]);
    Some(if noise(100, [a, q, 1]) < right { fact(q, k) } else { (fact(q, k) + wrong) % k })
}

fn lie(q: u32, k: u32) -> Option<u32> {
    Some((fact(q, k) + 1) % k)
}

impl Story {
    fn new(id: &'static str, flag: &'static str, options: u32, comment: &'static str) -> Self {
        Self { id, comment, flag, reqs: &["TRUST-001", "TRUST-002"], options, steps: Vec::new() }
    }

    fn of(self, reqs: &'static [&'static str]) -> Self {
        Self { reqs, ..self }
    }

    fn step(mut self, input: Json) -> Self {
        self.steps.push(json!({ "in": input }));
        self
    }

    fn admit(self, agents: std::ops::Range<u32>, parts: u32) -> Self {
        agents.fold(self, |s, a| s.step(json!({ "type": "admit", "agent": a.to_string(), "parts": parts.to_string() })))
    }

    fn close(self, q: u32, agents: u32, k: u32, label: impl Fn(u32, u32, u32) -> Option<u32>) -> Self {
        self.close_with(q, agents, k, label, &json!({}))
    }

    fn close_with(
        self,
        q: u32,
        agents: u32,
        k: u32,
        label: impl Fn(u32, u32, u32) -> Option<u32>,
        sources: &Json,
    ) -> Self {
        let digit = |a| label(a, q, k).and_then(|l| char::from_digit(l, 16)).unwrap_or('.');
        let reports: String = (0..agents).map(digit).collect();
        let mut input =
            json!({ "type": "close", "at": (100 + q).to_string(), "question": format!("{q:08x}"), "reports": reports });
        if sources.as_object().is_some_and(|s| !s.is_empty()) {
            input["sources"] = sources.clone();
        }
        self.step(input)
    }

    fn anchors(self, questions: impl Iterator<Item = u32>) -> Self {
        let k = self.options;
        questions.fold(self, |s, q| {
            s.step(json!({ "type": "anchor", "question": format!("{q:08x}"), "outcome": fact(q, k).to_string() }))
        })
    }

    fn settle(self) -> Self {
        self.step(json!({ "type": "settle" }))
    }

    fn gains(self, q: u32) -> Self {
        let outcome = fact(q, self.options).to_string();
        self.step(json!({ "type": "gains", "question": format!("{q:08x}"), "outcome": outcome }))
    }

    /// The case, with what production makes of its steps.
    fn json(self) -> Result<Json, String> {
        let mut case = json!({
            "id": format!("truth/{}", self.id), "comment": self.comment, "reqs": self.reqs, "flags": [self.flag],
            "result": "valid", "options": self.options.to_string(), "steps": self.steps,
        });
        let made = play(&case)?;
        if made.iter().any(|step| step["out"].get("refused").is_some()) {
            case["result"] = json!("invalid");
        }
        for (step, made) in case["steps"].as_array_mut().into_iter().flatten().zip(made) {
            step["out"] = made["out"].clone();
        }
        Ok(case)
    }
}

fn stories() -> Vec<Story> {
    let story = Story::new;
    let run = |s: Story, questions: u32, agents: u32, label: fn(u32, u32, u32) -> Option<u32>| {
        let k = s.options;
        (0..questions).fold(s, |s, q| s.close(q, agents, k, label))
    };
    let plain = run(
        story("plain", "Normal", 2, "seven agents of different skill, two settlements").admit(0..7, 256),
        24,
        7,
        |a, q, k| honest(a, q, k, 60 + 5 * a),
    );
    let four = run(story("four-options", "Normal", 4, "four options").admit(0..8, 256), 30, 8, |a, q, k| {
        honest(a, q, k, 55 + 4 * a)
    });
    let sixteen = run(
        story("sixteen-options", "Boundary", 16, "as many options as there can be").admit(0..6, 256),
        14,
        6,
        |a, q, k| honest(a, q, k, 70),
    );
    let missing =
        run(story("gaps", "Normal", 3, "not everybody reports on everything").admit(0..9, 256), 30, 9, |a, q, k| {
            if (a + q) % 3 == 0 { None } else { honest(a, q, k, 75) }
        });
    let colluders = run(
        story("colluders", "Copies", 2, "eight honest agents and five that always lie together").admit(0..13, 256),
        40,
        13,
        |a, q, k| if a < 8 { honest(a, q, k, 72) } else { lie(q, k) },
    );
    let turned = run(
        story("turned", "Turned", 2, "two agents turn at half time; outcomes of some questions are known")
            .admit(0..9, 256),
        48,
        9,
        |a, q, k| match a {
            0..7 => honest(a, q, k, 78),
            _ if q < 24 => honest(a, q, k, 97),
            _ => lie(q, k),
        },
    )
    .anchors((0..48).step_by(6));
    let coin = run(
        story("one-coin", "Normal", 3, "enough anchors that the one-coin form is tried").admit(0..6, 256),
        36,
        6,
        |a, q, k| honest(a, q, k, 45 + 8 * a),
    )
    .anchors((0..36).step_by(3));
    let camps = run(
        story("camps", "Normal", 2, "liars in the majority, each for itself, and six anchors").admit(0..12, 256),
        40,
        12,
        |a, q, k| if a < 5 { honest(a, q, k, 88) } else { honest(a, q, k, 12) },
    )
    .anchors((0..40).step_by(7));
    let strangers = run(
        story("strangers", "Stranger", 2, "strangers have no voice until anchors prove that they know")
            .of(&["TRUST-001", "TRUST-003"])
            .admit(0..3, 256),
        48,
        24,
        |a, q, k| match a {
            0..3 => honest(a, q, k, 62),
            3..6 => Some(fact(q, k)),
            // More than there are seats, on some questions.
            _ if q % 4 == 0 => lie(q, k),
            _ => None,
        },
    )
    .anchors(0..30);
    let staked = run(
        story("half-voices", "Normal", 2, "agents with a part of a voice").admit(0..3, 256).admit(3..8, 60),
        24,
        8,
        |a, q, k| honest(a, q, k, if a < 3 { 80 } else { 40 }),
    );
    let sources = |a: [&str; 3]| json!({ a[0]: ["aa"], a[1]: ["aa", "bb"], a[2]: ["bb"] });
    let lineage = (0..20)
        .fold(story("sources", "Copies", 2, "three agents draw on common sources").admit(0..7, 256), |s, q| {
            s.close_with(q, 7, 2, |a, q, k| honest(if a < 3 { 0 } else { a }, q, k, 66), &sources(["0", "1", "2"]))
        });
    let below = run(
        story("below-chance", "Copies", 2, "a perfect liar is not turned round")
            .of(&["TRUST-001", "TRUST-004"])
            .admit(0..6, 256),
        30,
        6,
        |a, q, k| if a < 5 { honest(a, q, k, 76) } else { lie(q, k) },
    );
    let window = run(
        story("window", "Boundary", 2, "more reports than the window holds").admit(0..32, 256),
        530,
        32,
        |a, q, k| honest(a, q, k, 52 + a),
    );
    let refused = story("refused", "Refused", 2, "what is refused changes nothing")
        .of(&["TRUST-005", "TRUST-006"])
        .admit(0..3, 256)
        .close(0, 3, 2, |a, q, k| honest(a, q, k, 80))
        .close(0, 3, 2, |a, q, k| honest(a, q, k, 20))
        .close(1, 3, 4, |_, _, _| Some(2))
        .step(json!({ "type": "anchor", "question": "00000009", "outcome": "0" }))
        .step(json!({ "type": "anchor", "question": "00000000", "outcome": "2" }))
        .step(json!({ "type": "gains", "question": "00000009", "outcome": "0" }));
    let empty =
        story("empty", "Boundary", 2, "a question without reports").admit(0..1, 256).close(0, 0, 2, |_, _, _| None);
    vec![
        plain.settle().gains(0).gains(5),
        four.settle().gains(7),
        sixteen.settle(),
        missing.settle(),
        colluders.settle().gains(3),
        turned.settle(),
        coin.settle(),
        camps.settle(),
        strangers.settle().settle().gains(21),
        staked.settle().gains(1),
        lineage.settle().gains(2),
        below.settle().gains(4),
        window.settle(),
        refused.settle(),
        empty.settle(),
    ]
}

/// The file.
pub(super) fn text(known: &Numbers) -> Result<String, VectorError> {
    let tests: Result<Vec<Json>, String> = stories().into_iter().map(Story::json).collect();
    let header = ["What is true and who knows, from reports."];
    let groups = vec![PlainGroup::about(PROCEDURE, "truth", tests.map_err(VectorError::Wrong)?)];
    Plain { name: FILE, algorithm: "mindos-trust", header: &header, groups }.text(known)
}

pub(super) fn name(n: u32) -> [u8; 32] {
    let mut name = [0; 32];
    name[..4].copy_from_slice(&n.to_be_bytes());
    name
}

fn question(input: &Json) -> Result<[u8; 32], String> {
    let text = input["question"].as_str().unwrap_or_default();
    let number = (text.len() == 8).then(|| u32::from_str_radix(text, 16).ok()).flatten();
    number.map(name).ok_or_else(|| "`question` is not 8 hex digits".to_owned())
}

fn belief(belief: &Belief) -> String {
    let weights: Vec<String> = belief.weights.iter().map(u16::to_string).collect();
    format!("{} {}", belief.label, weights.join(" "))
}

fn refused(refused: Refused) -> Json {
    let name = match refused {
        Refused::Closed => "closed",
        Refused::Gone => "gone",
        Refused::TooMany => "too-many",
        _ => "option",
    };
    json!({ "refused": name })
}

/// What the engine says at each step of a case or request.
pub(crate) fn play(request: &Json) -> Result<Vec<Json>, String> {
    let options: usize = number(request, "options")?;
    let mut truth = Truth::new(options);
    let (mut closed, mut agents) = (Vec::new(), 0u32);
    let mut made = Vec::new();
    for step in request["steps"].as_array().ok_or("`steps` is no list")? {
        let input = &step["in"];
        let out = match input["type"].as_str().unwrap_or_default() {
            "admit" => {
                let agent: u32 = number(input, "agent")?;
                agents = agents.max(agent + 1);
                truth
                    .admit(NodeId(name(agent)), Admission::Vouched(number(input, "parts")?))
                    .map_or_else(refused, |()| json!({}))
            }
            "close" => {
                let labels = input["reports"].as_str().ok_or("`reports` is no string")?;
                let mut sources: Vec<Vec<[u8; 32]>> = Vec::new();
                for agent in 0..labels.len() {
                    let named = input["sources"][agent.to_string()].as_array();
                    let mut of = Vec::new();
                    for source in named.into_iter().flatten() {
                        let bytes = source.as_str().and_then(unhex).ok_or("a source is no hex")?;
                        let mut full = [0; 32];
                        full.iter_mut().zip(bytes).for_each(|(f, b)| *f = b);
                        of.push(full);
                    }
                    sources.push(of);
                }
                let mut reports = Vec::new();
                for (agent, (label, lineage)) in labels.chars().zip(&sources).enumerate() {
                    let agent = u32::try_from(agent).map_err(|_| "too many agents")?;
                    agents = agents.max(agent + 1);
                    if label != '.' {
                        let label = label.to_digit(16).ok_or("a label is no hex digit")? as u8;
                        reports.push(Report { agent: NodeId(name(agent)), label, lineage });
                    }
                }
                let id = question(input)?;
                match truth.close(number(input, "at")?, id, &reports) {
                    Ok(b) => {
                        closed.push(id);
                        json!({ "belief": belief(&b) })
                    }
                    Err(e) => refused(e),
                }
            }
            "anchor" => truth.anchor(question(input)?, number(input, "outcome")?).map_or_else(refused, |()| json!({})),
            "settle" => {
                truth.settle();
                settled(&truth, &closed, agents)
            }
            "gains" => match truth.gains(&question(input)?, number(input, "outcome")?) {
                Ok(gains) => {
                    let of = |id: &NodeId| u32::from_be_bytes([id.0[0], id.0[1], id.0[2], id.0[3]]);
                    let gains: Vec<String> = gains.iter().map(|(id, gain)| format!("{} {gain}", of(id))).collect();
                    json!({ "gains": gains })
                }
                Err(e) => refused(e),
            },
            other => return Err(format!("no step is of type {other:?}")),
        };
        made.push(json!({ "out": out }));
    }
    Ok(made)
}

/// Beliefs on every question of the window, and what is thought of every agent.
fn settled(truth: &Truth, closed: &[[u8; 32]], agents: u32) -> Json {
    let beliefs: Map<String, Json> = closed
        .iter()
        .filter_map(|id| {
            let name = format!("{:08x}", u32::from_be_bytes([id[0], id[1], id[2], id[3]]));
            Some((name, json!(belief(&truth.belief(id)?))))
        })
        .collect();
    let competence: Map<String, Json> = (0..agents)
        .filter_map(|a| {
            let c = truth.competence(&NodeId(name(a)))?;
            Some((a.to_string(), json!(format!("{} {} {}", c.informed, c.reports, u8::from(c.turned)))))
        })
        .collect();
    json!({ "beliefs": beliefs, "agents": competence })
}

/// Whether the steps of a case say what was made of them.
pub(super) fn compare(case: &Json, made: &[Json]) -> Result<(), String> {
    for (i, (step, made)) in case["steps"].as_array().into_iter().flatten().zip(made).enumerate() {
        if step["out"] != made["out"] {
            return Err(format!("step {i}: out is {}, expected {}", made["out"], step["out"]));
        }
    }
    Ok(())
}

/// Decides one case from what the file says alone.
pub(super) fn decide(case: &Json) -> Result<(), String> {
    let made = play(case)?;
    compare(case, &made)?;
    let refuses = made.iter().any(|step| step["out"].get("refused").is_some());
    if refuses == (case["result"] == "valid") {
        return Err("`result` is not what the steps say".to_owned());
    }
    Ok(())
}
