//! Local agents report on questions through real nodes, some of them lying, and readers ask what is believed.
//!
//! All shares of liars are run in one mesh: each has domains of its own, whose evidence and engines have nothing in
//! common with the others', and an agent may lie in one and be honest in another.

use std::collections::BTreeMap;

use bytes::Bytes;
use mindos_core::{Believed, Command, Event, QuestionId, QuestionRequest, Report};

use super::sim::{EPOCH_S, Sim};
use crate::centres::nature::{Question, pooled, questions};
use crate::centres::result::{CentresResult, MeshRun, ModelsAt, overtaken};
use crate::centres::scenario::Centres;
use crate::rng::Stream;
use crate::scenario::Scenario;
use crate::setup::{Setup, SetupError};
use crate::story::{Progress, StoryLine};

const SECOND: u64 = 1_000_000;
/// After the last start, before the first question.
const SETTLE_US: u64 = 30 * SECOND;
/// Seconds for commits, and for reveals.
const COMMITS_S: u64 = 6;
const REVEALS_S: u64 = 10;
/// Agents report within so long after the question, one after the other.
const REPORTS_US: u64 = 3 * SECOND;
/// From the question until a reader asks: it is closed then.
const CLOSED_US: u64 = (1 + COMMITS_S + REVEALS_S + 6) * SECOND;
/// Between two readings at the end.
const READING_US: u64 = 5_000;
/// How sure a liar says that it is, in parts per 65,535.
const LIE: u16 = 60_000;
/// What an agent does next, each about one question in the domain of one share of liars.
#[derive(Clone, Copy, Debug)]
enum Act {
    Ask(Place),
    Report(Place, u32),
    Read(Place),
}

/// Index of a share of liars, and of a question.
type Place = (usize, usize);

/// Runs the experiment for every share of liars.
///
/// # Errors
/// [`SetupError`] if the world cannot be made.
pub fn run(c: &Centres, tell: &mut dyn FnMut(Progress<'_>)) -> Result<CentresResult, SetupError> {
    let all = questions(c);
    let setup = Setup::new(Scenario::quiet(&c.name, c.agents(), c.seed))?;
    let mut sim = Sim::new(&setup, true);
    let start = sim.joined_us() + SETTLE_US;
    let acts = acts(c, &all, start);
    let last = acts.last().map_or(start, |a| a.0) + 5 * SECOND;
    let places = (0..c.liars.len()).flat_map(|s| (0..all.len()).map(move |i| (s, i)));
    let at_the_end: Vec<(u64, Act)> =
        places.enumerate().map(|(n, place)| (last + n as u64 * READING_US, Act::Read(place))).collect();
    let end = at_the_end.last().map_or(last, |a| a.0) + 5 * SECOND;

    let mut world = World::new(c, &all);
    let (mut told, mut before) = (0, None);
    for (when, act) in acts.into_iter().chain(at_the_end) {
        while sim.now_us() < when {
            sim.run_until(when.min(told + SECOND));
            told = sim.now_us();
            tell(Progress::Time { now_us: told, end_us: end });
        }
        let _ = before.get_or_insert(sim.observer.bytes);
        world.hear(&mut sim, when > last);
        world.act(&mut sim, act);
    }
    sim.run_until(end);
    world.hear(&mut sim, true);
    let seconds = (end - start) as f64 / SECOND as f64;
    let sent = sim.observer.bytes - before.unwrap_or(0);
    let mesh: Vec<MeshRun> = (0..c.liars.len()).map(|s| world.figures(s)).collect();
    for run in &mesh {
        let text = format!(
            "{:.0} % lie: the mesh is right in {:.1} % of {} questions, a plain majority in {:.1} %.",
            run.liars_pct,
            run.accuracy_pct,
            all.len(),
            run.majority_pct
        );
        tell(Progress::Story(&StoryLine { at_us: end, text }));
    }
    let honest = all.iter().flat_map(|q| q.signals.iter().map(|p| score(*p, q.truth).0));
    Ok(CentresResult {
        scenario: c.name.clone(),
        seed: c.seed,
        agents: c.agents(),
        regions: c.regions,
        questions: all.len() as u32,
        models: (0..c.ages_s.len()).map(|age| models(c, &all, age, &mesh)).collect(),
        agent_accuracy_pct: 100.0 * mean(honest),
        mesh,
        bytes_per_node_s: sent as f64 / seconds / f64::from(c.agents()),
        trace_hash: sim.trace_hash(),
        wall_s: 0.0,
    })
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0.0), |(sum, n), v| (sum + v, n + 1.0));
    if n > 0.0 { sum / n } else { 0.0 }
}

/// Whether the probability of "above" names the truth, half for an even one; and the Brier score.
fn score(above: f64, truth: bool) -> (f64, f64) {
    let p = if truth { above } else { 1.0 - above };
    let right = if p > 0.5 { 1.0 } else { f64::from(p == 0.5) / 2.0 };
    (right, (1.0 - p) * (1.0 - p))
}

fn models(c: &Centres, all: &[Question], age: usize, mesh: &[MeshRun]) -> ModelsAt {
    let scores: Vec<(f64, f64)> = all.iter().map(|q| score(pooled(&q.models[age]), q.truth)).collect();
    let accuracy = 100.0 * mean(scores.iter().map(|s| s.0));
    ModelsAt {
        age_s: c.ages_s[age],
        accuracy_pct: accuracy,
        brier: mean(scores.iter().map(|s| s.1)),
        overtake_at_liars_pct: overtaken(mesh, accuracy),
    }
}

/// Everything that happens until the last question is closed and read once, in order of time.
fn acts(c: &Centres, all: &[Question], start: u64) -> Vec<(u64, Act)> {
    let mut acts: Vec<(u64, Act)> = Vec::new();
    for (i, q) in all.iter().enumerate() {
        for share in 0..c.liars.len() {
            // The shares follow each other within a second.
            let asked = start + u64::from(q.at_s) * SECOND + share as u64 * SECOND / c.liars.len() as u64;
            acts.push((asked, Act::Ask((share, i))));
            for agent in 0..c.agents_per_region {
                let wait = SECOND + u64::from(agent) * REPORTS_US / u64::from(c.agents_per_region);
                acts.push((asked + wait, Act::Report((share, i), agent)));
            }
            acts.push((asked + CLOSED_US, Act::Read((share, i))));
        }
    }
    acts.sort_by_key(|a| a.0);
    acts
}

/// The hosts' side of the experiment.
struct World<'a> {
    c: &'a Centres,
    all: &'a [Question],
    /// By share, by agent.
    lies: Vec<Vec<bool>>,
    /// A question's record, which its asker's host passes to the region.
    records: BTreeMap<Place, Bytes>,
    ids: BTreeMap<QuestionId, Place>,
    /// Whether at the end, and what a reader was told.
    beliefs: BTreeMap<(bool, Place), Believed>,
}

impl<'a> World<'a> {
    fn new(c: &'a Centres, all: &'a [Question]) -> Self {
        let mut order: Vec<u32> = (0..c.agents()).collect();
        // One order for every share, so that who lies among few lies among many, too.
        Stream::new(c.seed, "liars").shuffle(&mut order);
        let lies = c.liars.iter().map(|share| {
            let mut lies = vec![false; order.len()];
            let n = libm::round(share * f64::from(c.agents())) as usize;
            order.iter().take(n).for_each(|agent| lies[*agent as usize] = true);
            lies
        });
        let lies = lies.collect();
        Self { c, all, lies, records: BTreeMap::new(), ids: BTreeMap::new(), beliefs: BTreeMap::new() }
    }

    /// What an agent of the question's region says: the probability of "above" in parts per 65,535.
    fn said(&self, (share, i): Place, agent: u32) -> u16 {
        let q = &self.all[i];
        let host = q.region * self.c.agents_per_region + agent;
        match self.lies[share][host as usize] {
            true if q.truth => 65_535 - LIE,
            true => LIE,
            false => libm::round(q.signals[agent as usize] * 65_535.0) as u16,
        }
    }

    fn act(&mut self, sim: &mut Sim, act: Act) {
        let c = self.c;
        match act {
            Act::Ask(place) => {
                let q = &self.all[place.1];
                let asker = q.region * c.agents_per_region + q.at_s / c.round_s % c.agents_per_region;
                let hash = |text: String| *blake3::hash(text.as_bytes()).as_bytes();
                let closes = EPOCH_S + sim.now_us() / SECOND + 1 + COMMITS_S;
                let request = QuestionRequest {
                    domain: hash(format!("five-centres/region-{}/{}/1", q.region, place.0)),
                    statement: hash(format!("{}: above the long-run median?", place.1)),
                    options: 2,
                    forecasts: false,
                    closes,
                    reveals: closes + REVEALS_S,
                    rule: hash("the state of the region when it was asked".to_owned()),
                };
                sim.command(asker, Command::Ask(request));
                for (_, event) in sim.answers.drain(..) {
                    if let Event::Asked { question, record } = event {
                        self.records.insert(place, record);
                        self.ids.insert(question, place);
                    }
                }
            }
            Act::Report(place, agent) => {
                let above = self.said(place, agent);
                let report = Report { weights: vec![65_535 - above, above], lineage: Vec::new() };
                if let Some(question) = self.records.get(&place).cloned() {
                    let host = self.all[place.1].region * c.agents_per_region + agent;
                    sim.command(host, Command::Report { question, report });
                }
            }
            Act::Read(place) => {
                // Somebody from anywhere wants to know.
                let reader = (place.1 as u32).wrapping_mul(7_919) % c.agents();
                if let Some(question) = self.records.get(&place).cloned() {
                    sim.command(reader, Command::Believe { question });
                }
            }
        }
    }

    fn hear(&mut self, sim: &mut Sim, at_the_end: bool) {
        for (_, event) in sim.answers.drain(..) {
            if let Event::Believed(believed) = event
                && let Some(place) = self.ids.get(&believed.question)
            {
                self.beliefs.insert((at_the_end, *place), believed);
            }
        }
    }

    fn figures(&self, share: usize) -> MeshRun {
        let questions = || (0..self.all.len()).map(|i| (share, i));
        let scores = |end: bool| -> Vec<(f64, f64)> {
            let above = |place| {
                let belief = self.beliefs.get(&(end, place));
                belief.and_then(|b| b.weights.get(1)).map_or(0.5, |w| f64::from(*w) / 65_535.0)
            };
            questions().map(|place| score(above(place), self.all[place.1].truth)).collect()
        };
        let majority = questions().map(|place| {
            let yes = (0..self.c.agents_per_region).filter(|a| self.said(place, *a) > 32_767).count() as f64;
            score(yes / f64::from(self.c.agents_per_region), self.all[place.1].truth).0
        });
        let agreed = || questions().filter_map(|p| self.beliefs.get(&(true, p))).filter(|b| !b.weights.is_empty());
        let (end, close) = (scores(true), scores(false));
        MeshRun {
            liars_pct: self.c.liars[share] * 100.0,
            accuracy_pct: 100.0 * mean(end.iter().map(|s| s.0)),
            brier: mean(end.iter().map(|s| s.1)),
            at_close_pct: 100.0 * mean(close.iter().map(|s| s.0)),
            majority_pct: 100.0 * mean(majority),
            without_majority: (self.all.len() - agreed().count()) as u32,
            reports: mean(agreed().map(|b| f64::from(b.reports))),
        }
    }
}

#[cfg(test)]
mod tests;
