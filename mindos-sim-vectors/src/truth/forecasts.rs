//! Probabilities of questions with two outcomes, pooled by spec 09, "Forecasts", and by simpler means.

use std::{collections::BTreeMap, io::Read, path::Path};

use mindos_core::{
    NodeId,
    trust::forecast::{Forecast, Forecasts},
};

use super::Seconds;
use crate::input::{InputError, Name, open, rows};

const FORECASTS_HEADER: [&str; 4] = ["time", "question", "forecaster", "p_yes_permille"];
const OUTCOMES_HEADER: [&str; 3] = ["question", "outcome", "resolved"];
const EXPECTED_TIME: &str = "a time as 2008-06-20 03:46:16, or whole seconds";
/// Probabilities count as at least this much, and at most one less it, where logarithms are taken.
const LEAST: f64 = 1.0 / 1_024.0;

/// A question that was resolved, with what was said before.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Question {
    /// Forecaster and permille of yes: of each its last word, in order of time.
    said: Vec<(u32, u16)>,
    outcome: u8,
}

/// Forecasts on questions in the order in which these were resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it is called.
    pub name: String,
    questions: Vec<Question>,
    forecasters: usize,
    late: usize,
    open: usize,
}

/// How good probabilities were, over all questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Loss {
    /// Mean of (p − outcome)², 0 to 1.
    pub brier: f64,
    /// Mean of −ln of the outcome's probability, which counts as at least 1/1024.
    pub log_loss: f64,
}

/// What came of it. Each question was pooled before its outcome was told.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ForecastsTrial {
    /// Name of the set.
    pub set: String,
    /// Resolved questions on which somebody had said something.
    pub questions: usize,
    /// Forecasts that counted: the last of each forecaster before the question was resolved.
    pub forecasts: usize,
    /// Who made them.
    pub forecasters: usize,
    /// Left out: forecasts when a question was resolved already.
    pub late: usize,
    /// Left out: forecasts on questions without an outcome.
    pub open: usize,
    /// The engine's pool, with everybody vouched for.
    pub pool: Loss,
    /// The engine's pool, with nobody vouched for: each has to prove itself.
    pub strangers: Loss,
    /// Strangers that had a voice at the end.
    pub proved: usize,
    /// Exponent of the pool at the end.
    pub exponent: f64,
    /// By the machine's clock, around the engine alone; not part of the digest.
    pub forecasts_per_s: Option<f64>,
    /// BLAKE3 of the engine's shares of yes, of both pools, question by question.
    pub digest: String,
    /// What simpler means make of it, by name.
    pub baselines: BTreeMap<&'static str, Loss>,
}

impl Record {
    /// Reads forecasts and outcomes from files.
    ///
    /// # Errors
    /// [`InputError`] if a file cannot be read or [`Record::parse`] refuses it.
    pub fn load(name: &str, forecasts: &Path, outcomes: &Path) -> Result<Self, InputError> {
        let ((file, forecasts), (truth, outcomes)) = (open(forecasts)?, open(outcomes)?);
        Self::parse(name, (&file, forecasts), (&truth, outcomes))
    }

    /// Reads forecasts and outcomes; the texts are the names of the files in messages.
    ///
    /// # Errors
    /// [`InputError`] if reading fails, a line is malformed, or no question has both.
    pub fn parse(
        name: &str,
        (file, forecasts): (&str, impl Read),
        (truth, outcomes): (&str, impl Read),
    ) -> Result<Self, InputError> {
        let mut resolved: BTreeMap<Name, (i64, u8)> = BTreeMap::new();
        rows(truth, outcomes, &OUTCOMES_HEADER, |row| {
            let outcome = row.value(1, "1 for yes or 0 for no", |text| match text {
                "0" => Some(0),
                "1" => Some(1),
                _ => None,
            })?;
            let at = row.value(2, EXPECTED_TIME, time)?;
            if resolved.insert(row.name(0)?, (at, outcome)).is_some() {
                return Err(row.refused(0, "each question once"));
            }
            Ok(())
        })?;
        let mut numbers: BTreeMap<Name, u32> = BTreeMap::new();
        let mut said: BTreeMap<Name, BTreeMap<u32, (i64, usize, u16)>> = BTreeMap::new();
        let (mut late, mut open, mut place) = (0, 0, 0);
        rows(file, forecasts, &FORECASTS_HEADER, |row| {
            let permille = row.value(3, "a whole number from 0 to 1000", |text| {
                text.parse().ok().filter(|permille: &u16| *permille <= 1_000)
            })?;
            let at = row.value(0, EXPECTED_TIME, time)?;
            let (question, who) = (row.name(1)?, row.name(2)?);
            place += 1;
            match resolved.get(&question) {
                None => open += 1,
                Some((end, _)) if at >= *end => late += 1,
                Some(_) => {
                    let next = numbers.len() as u32;
                    let who = *numbers.entry(who).or_insert(next);
                    let word = said.entry(question).or_default().entry(who).or_insert((at, place, permille));
                    *word = (*word).max((at, place, permille));
                }
            }
            Ok(())
        })?;
        let mut order: Vec<(i64, Name, Question)> = Vec::new();
        for (question, said) in said {
            let Some((at, outcome)) = resolved.get(&question).copied() else { continue };
            let mut said: Vec<_> = said.into_iter().map(|(who, (at, place, p))| (at, place, who, p)).collect();
            said.sort_unstable();
            let said = said.into_iter().map(|(_, _, who, p)| (who, p)).collect();
            order.push((at, question, Question { said, outcome }));
        }
        if order.is_empty() {
            let reason = "has no forecast on a question before it was resolved; expected some".to_owned();
            return Err(InputError::Unusable { file: file.to_owned(), reason });
        }
        order.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        let questions = order.into_iter().map(|o| o.2).collect();
        Ok(Self { name: name.to_owned(), questions, forecasters: numbers.len(), late, open })
    }

    /// Lets the engine and the yardsticks pool every question before its outcome is told.
    pub fn trial(&self, seconds: Seconds<'_>) -> ForecastsTrial {
        let vouched = self.pooled(true, seconds);
        let alone = self.pooled(false, seconds);
        let mut hasher = blake3::Hasher::new();
        for share in vouched.shares.iter().chain(&alone.shares) {
            hasher.update(&share.to_le_bytes());
        }
        let forecasts: usize = self.questions.iter().map(|q| q.said.len()).sum();
        let loss = |shares: &[i64]| self.loss(|n| shares[n] as f64 / 65_536.0);
        let proved = (0..self.forecasters as u32)
            .filter(|&who| alone.engine.forecaster(&node(who)).is_some_and(|f| f.voice > 0));
        let spent = vouched.seconds + alone.seconds;
        ForecastsTrial {
            set: self.name.clone(),
            questions: self.questions.len(),
            forecasts,
            forecasters: self.forecasters,
            late: self.late,
            open: self.open,
            pool: loss(&vouched.shares),
            strangers: loss(&alone.shares),
            proved: proved.count(),
            exponent: f64::from(vouched.engine.boldness()) / 8.0,
            forecasts_per_s: (spent > 0.0).then(|| 2.0 * forecasts as f64 / spent),
            digest: hasher.finalize().to_hex().to_string(),
            baselines: BTreeMap::from([
                ("mean", self.loss(|n| mean(self.questions[n].said.iter().map(|s| yes(s.1))))),
                ("log_pool", self.loss(|n| log_pool(&self.questions[n].said))),
                ("best_by_past", self.best_by_past()),
            ]),
        }
    }

    fn pooled(&self, vouched: bool, seconds: Seconds<'_>) -> Pooled {
        let mut engine = Forecasts::new();
        if vouched {
            (0..self.forecasters as u32).for_each(|who| engine.admit(node(who), 256));
        }
        let (mut shares, mut spent) = (Vec::with_capacity(self.questions.len()), 0.0);
        for q in &self.questions {
            let now: Vec<Forecast> = q.said.iter().map(|&(who, permille)| forecast(who, permille)).collect();
            let start = seconds();
            shares.push(engine.pool(2, &now).get(1).copied().unwrap_or_default());
            engine.resolve(2, &now, q.outcome);
            spent += seconds() - start;
        }
        Pooled { engine, shares, seconds: spent }
    }

    /// The loss of a probability of yes for each question, by its number.
    fn loss(&self, p: impl Fn(usize) -> f64) -> Loss {
        let mut sum = Loss::default();
        for (n, q) in self.questions.iter().enumerate() {
            let p = if q.outcome == 1 { p(n) } else { 1.0 - p(n) };
            sum.brier += (1.0 - p) * (1.0 - p);
            sum.log_loss -= libm::log(p.clamp(LEAST, 1.0));
        }
        let n = self.questions.len() as f64;
        Loss { brier: sum.brier / n, log_loss: sum.log_loss / n }
    }

    /// On each question the one whose past was best: its mean loss, with eight guesses of a half assumed.
    fn best_by_past(&self) -> Loss {
        let mut past = vec![(0.0, 0.0); self.forecasters];
        let mut chosen = Vec::with_capacity(self.questions.len());
        for q in &self.questions {
            let record = |who: u32| {
                let (sum, n): (f64, f64) = past[who as usize];
                (sum + 8.0 * 0.25) / (n + 8.0)
            };
            // The first of equals.
            let best = q.said.iter().copied().reduce(|a, b| if record(b.0) < record(a.0) { b } else { a });
            chosen.push(best.map_or(0.5, |b| yes(b.1)));
            for &(who, permille) in &q.said {
                let off = yes(permille) - f64::from(q.outcome);
                let (sum, n) = &mut past[who as usize];
                (*sum, *n) = (*sum + off * off, *n + 1.0);
            }
        }
        self.loss(|n| chosen[n])
    }
}

/// What the engine made of a record.
struct Pooled {
    engine: Forecasts,
    /// Of yes, by question.
    shares: Vec<i64>,
    seconds: f64,
}

fn node(number: u32) -> NodeId {
    let mut id = [0; 32];
    id[..4].copy_from_slice(&number.to_be_bytes());
    NodeId(id)
}

fn forecast(who: u32, permille: u16) -> Forecast {
    let yes = (u32::from(permille) * 65_535 + 500) / 1_000;
    Forecast { agent: node(who), weights: vec![(65_535 - yes) as u16, yes as u16] }
}

fn yes(permille: u16) -> f64 {
    f64::from(permille) / 1_000.0
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len().max(1) as f64;
    values.sum::<f64>() / n
}

/// The mean of the log-odds.
fn log_pool(said: &[(u32, u16)]) -> f64 {
    let odds = |p: f64| libm::log(p / (1.0 - p));
    let all = mean(said.iter().map(|s| odds(yes(s.1).clamp(LEAST, 1.0 - LEAST))));
    1.0 / (1.0 + libm::exp(-all))
}

/// Seconds since 1970 of a time of day, or a number of seconds as it is.
fn time(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(seconds);
    }
    let (date, clock) = text.split_once([' ', 'T'])?;
    let numbers = |text: &str, by: char| -> Option<[i64; 3]> {
        let parts: Option<Vec<i64>> = text.split(by).map(|part| part.parse::<u16>().ok().map(i64::from)).collect();
        parts?.try_into().ok()
    };
    let ([year, month, day], [hour, minute, second]) = (numbers(date, '-')?, numbers(clock, ':')?);
    let fits = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    // Days of the civil calendar, March being the first month of the year.
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (153 * m + 2) / 5 + day - 719_469;
    fits.then_some(days * 86_400 + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests;
