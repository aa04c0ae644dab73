//! Local agents report on questions through real nodes, some of them lying, and readers ask what is believed.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
    mpsc,
};
use std::thread;

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
const READING_US: u64 = 20_000;
/// How sure a liar says that it is, in parts per 65,535.
const LIE: u16 = 60_000;
/// Runs at the same time.
const WORKERS: usize = 2;

/// What an agent does next.
#[derive(Clone, Copy, Debug)]
enum Act {
    Ask(usize),
    Report(usize, u32),
    Read(usize),
}

/// Runs the experiment for every share of liars.
///
/// # Errors
/// [`SetupError`] if the world cannot be made.
pub fn run(c: &Centres, tell: &mut dyn FnMut(Progress<'_>)) -> Result<CentresResult, SetupError> {
    let all = questions(c);
    let setup = Setup::new(Scenario::quiet(&c.name, c.agents(), c.seed))?;
    let (next, runs) = (AtomicUsize::new(0), Mutex::new(vec![MeshRun::default(); c.liars.len()]));
    let (said, heard) = mpsc::channel::<(usize, u64, u64)>();
    thread::scope(|scope| {
        for _ in 0..WORKERS.min(c.liars.len()) {
            let (said, next, runs, all, setup) = (said.clone(), &next, &runs, &all, &setup);
            scope.spawn(move || {
                while let Some((i, share)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| c.liars.get(i).map(|share| (i, *share)))
                {
                    let run = one(c, setup, all, share, &mut |now, end| {
                        // Nobody listens any more only if the other side panicked.
                        let _ = said.send((i, now, end));
                    });
                    runs.lock().unwrap_or_else(PoisonError::into_inner)[i] = run;
                }
            });
        }
        drop(said);
        let mut done = vec![0; c.liars.len()];
        while let Ok((i, now, end)) = heard.recv() {
            done[i] = now;
            tell(Progress::Time { now_us: done.iter().sum(), end_us: end * done.len() as u64 });
        }
    });
    let mesh = runs.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut trace = blake3::Hasher::new();
    for run in &mesh {
        trace.update(run.trace_hash.as_bytes());
        let text = format!(
            "{:.0} % lie: the mesh is right in {:.1} % of {} questions, a plain majority in {:.1} %.",
            run.liars_pct,
            run.accuracy_pct,
            all.len(),
            run.majority_pct
        );
        tell(Progress::Story(&StoryLine { at_us: 0, text }));
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
        trace_hash: trace.finalize().to_hex().to_string(),
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

/// What an agent says: the probability of "above" in parts per 65,535.
fn said(q: &Question, agent: usize, lies: bool) -> u16 {
    match lies {
        true => {
            if q.truth {
                65_535 - LIE
            } else {
                LIE
            }
        }
        false => libm::round(q.signals[agent] * 65_535.0) as u16,
    }
}

fn one(c: &Centres, setup: &Setup, all: &[Question], share: f64, at: &mut dyn FnMut(u64, u64)) -> MeshRun {
    let mut order: Vec<u32> = (0..c.agents()).collect();
    // The same order for every share, so that who lies among few lies among many, too.
    Stream::new(c.seed, "liars").shuffle(&mut order);
    let mut lies = vec![false; order.len()];
    order.iter().take(libm::round(share * f64::from(c.agents())) as usize).for_each(|a| lies[*a as usize] = true);

    let mut sim = Sim::new(setup, true);
    let start = sim.joined_us() + SETTLE_US;
    let mut acts: Vec<(u64, Act)> = Vec::new();
    for (i, q) in all.iter().enumerate() {
        let asked = start + u64::from(q.at_s) * SECOND;
        acts.push((asked, Act::Ask(i)));
        for agent in 0..c.agents_per_region {
            let wait = SECOND + u64::from(agent) * REPORTS_US / u64::from(c.agents_per_region);
            acts.push((asked + wait, Act::Report(i, agent)));
        }
        acts.push((asked + CLOSED_US, Act::Read(i)));
    }
    let last = acts.iter().map(|a| a.0).max().unwrap_or(start) + 5 * SECOND;
    acts.extend((0..all.len()).map(|i| (last + i as u64 * READING_US, Act::Read(i))));
    acts.sort_by_key(|a| a.0);
    let end = acts.last().map_or(last, |a| a.0) + 5 * SECOND;

    let mut world = World { c, all, lies: &lies, records: vec![None; all.len()], ids: Vec::new(), beliefs: Vec::new() };
    let (mut told, mut before) = (0, 0);
    for (when, act) in acts {
        sim.run_until(when);
        if when >= start && before == 0 {
            before = sim.observer.bytes;
        }
        world.hear(&mut sim, when > last);
        world.act(&mut sim, act);
        if when >= told + SECOND {
            told = when;
            at(when, end);
        }
    }
    sim.run_until(end);
    world.hear(&mut sim, true);
    at(end, end);
    let seconds = (end - start) as f64 / SECOND as f64;
    let bytes = (sim.observer.bytes - before) as f64 / seconds / f64::from(c.agents());
    MeshRun { liars_pct: share * 100.0, bytes_per_node_s: bytes, trace_hash: sim.trace_hash(), ..world.figures() }
}

/// The hosts' side of the experiment.
struct World<'a> {
    c: &'a Centres,
    all: &'a [Question],
    lies: &'a [bool],
    /// By question: its record, which its asker's host passes to the region.
    records: Vec<Option<Bytes>>,
    ids: Vec<(QuestionId, usize)>,
    /// Question, whether at the end, and what a reader was told.
    beliefs: Vec<(usize, bool, Believed)>,
}

impl World<'_> {
    fn act(&mut self, sim: &mut Sim, act: Act) {
        let c = self.c;
        match act {
            Act::Ask(i) => {
                let q = &self.all[i];
                let round = q.at_s / c.round_s;
                let asker = q.region * c.agents_per_region + round % c.agents_per_region;
                let closes = EPOCH_S + sim.now_us() / SECOND + 1 + COMMITS_S;
                sim.command(
                    asker,
                    Command::Ask(QuestionRequest {
                        domain: *blake3::hash(format!("five-centres/region-{}/1", q.region).as_bytes()).as_bytes(),
                        statement: *blake3::hash(format!("{i}: above the long-run median?").as_bytes()).as_bytes(),
                        options: 2,
                        closes,
                        reveals: closes + REVEALS_S,
                        rule: *blake3::hash(b"the state of the region when it was asked").as_bytes(),
                    }),
                );
                for (_, event) in sim.answers.drain(..) {
                    if let Event::Asked { question, record } = event {
                        self.records[i] = Some(record);
                        self.ids.push((question, i));
                    }
                }
                self.ids.sort_unstable();
            }
            Act::Report(i, agent) => {
                let q = &self.all[i];
                let host = q.region * c.agents_per_region + agent;
                let above = said(q, agent as usize, self.lies[host as usize]);
                let report = Report { weights: vec![65_535 - above, above], lineage: Vec::new() };
                if let Some(question) = self.records[i].clone() {
                    sim.command(host, Command::Report { question, report });
                }
            }
            Act::Read(i) => {
                // Somebody from another region wants to know.
                let reader = (i as u32).wrapping_mul(7_919) % c.agents();
                if let Some(question) = self.records[i].clone() {
                    sim.command(reader, Command::Believe { question });
                }
            }
        }
    }

    fn hear(&mut self, sim: &mut Sim, at_the_end: bool) {
        for (_, event) in sim.answers.drain(..) {
            if let Event::Believed(believed) = event
                && let Ok(place) = self.ids.binary_search_by_key(&believed.question, |q| q.0)
            {
                self.beliefs.push((self.ids[place].1, at_the_end, believed));
            }
        }
    }

    fn figures(&self) -> MeshRun {
        let above = |b: &Believed| b.weights.get(1).map_or(0.5, |w| f64::from(*w) / 65_535.0);
        let scores = |end: bool| -> Vec<(f64, f64)> {
            let mut of = vec![score(0.5, true); self.all.len()];
            for (i, _, b) in self.beliefs.iter().filter(|b| b.1 == end) {
                of[*i] = score(above(b), self.all[*i].truth);
            }
            of
        };
        let ends = || self.beliefs.iter().filter(|b| b.1);
        let majority = self.all.iter().map(|q| {
            let first = q.region * self.c.agents_per_region;
            let says = |agent: u32| said(q, agent as usize, self.lies[(first + agent) as usize]) > 32_767;
            let yes = (0..self.c.agents_per_region).filter(|a| says(*a)).count() as f64;
            score(yes / f64::from(self.c.agents_per_region), q.truth).0
        });
        MeshRun {
            accuracy_pct: 100.0 * mean(scores(true).iter().map(|s| s.0)),
            brier: mean(scores(true).iter().map(|s| s.1)),
            at_close_pct: 100.0 * mean(scores(false).iter().map(|s| s.0)),
            majority_pct: 100.0 * mean(majority),
            without_majority: self.all.len() as u32 - ends().filter(|b| !b.2.weights.is_empty()).count() as u32,
            reports: mean(ends().map(|b| f64::from(b.2.reports))),
            ..MeshRun::default()
        }
    }
}

#[cfg(test)]
mod tests;
