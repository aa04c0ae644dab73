//! Nodes that rate each other, without questions: standing by spec 09, "Ratings", and by simpler means.

use std::{collections::BTreeMap, io::Read, path::Path};

use mindos_core::{
    NodeId,
    trust::rating::{MAX_RATING, Ratings},
};

use super::{Seconds, judged::auc};
use crate::input::{InputError, Name, open, rows};

const RATINGS_HEADER: [&str; 4] = ["src", "dst", "rating", "time"];
const LABELS_HEADER: [&str; 2] = ["node", "label"];
/// Full marks.
const FULL: i8 = MAX_RATING;
/// Nodes that are known to be bad and that sybils praise.
const PRAISED: usize = 90;

/// One rating.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rating {
    /// Who rates.
    pub from: u32,
    /// Who is rated.
    pub to: u32,
    /// −10 to 10.
    pub rating: i8,
}

/// Ratings in order of time, and who turned out to be good.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    /// What it is called.
    pub name: String,
    names: BTreeMap<Name, u32>,
    /// In order of time, equal times in that of the file.
    pub ratings: Vec<Rating>,
    /// Whether a node is good, in the order of the file.
    pub labels: Vec<(u32, bool)>,
}

/// Whose word counts by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Roots {
    /// The two that rated first.
    #[default]
    Earliest,
    /// These.
    Named(Vec<Name>),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct RatingsTrial {
    /// Name of the set.
    pub set: String,
    /// Whose word counts by itself.
    pub roots: Vec<String>,
    /// Newcomers that praise the bad and each other.
    pub sybils: u32,
    /// Ratings without theirs.
    pub ratings: usize,
    /// Nodes with a label, good and bad.
    pub labelled: (usize, usize),
    /// How well standing tells the good from the bad, after all ratings.
    pub auc: Option<f64>,
    /// The same without the sybils.
    pub auc_without_sybils: Option<f64>,
    /// The difference.
    pub change: Option<f64>,
    /// By the machine's clock, around the engine alone; not part of the digest.
    pub ratings_per_s: Option<f64>,
    /// BLAKE3 of the standings of all nodes with a label, in the order of the file.
    pub digest: String,
    /// What simpler means make of it, by name: AUC with and without sybils.
    pub baselines: BTreeMap<&'static str, [Option<f64>; 2]>,
}

impl Graph {
    /// Reads ratings and labels from files.
    ///
    /// # Errors
    /// [`InputError`] if a file cannot be read or [`Graph::parse`] refuses it.
    pub fn load(name: &str, ratings: &Path, labels: &Path) -> Result<Self, InputError> {
        let ((file, ratings), (truth, labels)) = (open(ratings)?, open(labels)?);
        Self::parse(name, (&file, ratings), (&truth, labels))
    }

    /// Reads ratings and labels; the texts are the names of the files in messages.
    ///
    /// # Errors
    /// [`InputError`] if reading fails or a line is malformed.
    pub fn parse(
        name: &str,
        (file, ratings): (&str, impl Read),
        (truth, labels): (&str, impl Read),
    ) -> Result<Self, InputError> {
        let mut names = BTreeMap::new();
        let mut number = |name: Name| {
            let next = names.len() as u32;
            *names.entry(name).or_insert(next)
        };
        let mut timed: Vec<(f64, Rating)> = Vec::new();
        rows(file, ratings, &RATINGS_HEADER, |row| {
            let within = |text: &str| text.parse().ok().filter(|rating: &i8| (-FULL..=FULL).contains(rating));
            let rating = row.value(2, "a whole number from -10 to 10", within)?;
            let time = row.value(3, "seconds", |text| text.parse().ok().filter(|time: &f64| time.is_finite()))?;
            timed.push((time, Rating { from: number(row.name(0)?), to: number(row.name(1)?), rating }));
            Ok(())
        })?;
        timed.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut labelled = Vec::new();
        rows(truth, labels, &LABELS_HEADER, |row| {
            let good = row.value(1, "1 for a good node, 0 or -1 for a bad one", |text| match text {
                "0" | "-1" => Some(false),
                "1" => Some(true),
                _ => None,
            })?;
            labelled.push((number(row.name(0)?), good));
            Ok(())
        })?;
        let ratings = timed.into_iter().map(|(_, rating)| rating).collect();
        Ok(Self { name: name.to_owned(), names, ratings, labels: labelled })
    }

    /// Numbers of the roots. The name that nobody has, otherwise.
    fn roots(&self, roots: &Roots) -> Result<Vec<u32>, Name> {
        match roots {
            Roots::Named(names) => names.iter().map(|name| self.names.get(name).copied().ok_or(name.clone())).collect(),
            Roots::Earliest => {
                let mut first = Vec::new();
                for rating in &self.ratings {
                    if first.len() < 2 && !first.contains(&rating.from) {
                        first.push(rating.from);
                    }
                }
                Ok(first)
            }
        }
    }

    /// Ratings by newcomers, each of which gives full marks to the bad and to the others.
    fn praise(&self, sybils: u32) -> Vec<Rating> {
        let bad: Vec<u32> = self.labels.iter().filter(|l| !l.1).map(|l| l.0).take(PRAISED).collect();
        let own = self.names.len() as u32..self.names.len() as u32 + sybils;
        let praised = |from: u32| bad.iter().copied().chain(own.clone().filter(move |&to| to != from));
        own.clone().flat_map(|from| praised(from).map(move |to| Rating { from, to, rating: FULL })).collect()
    }

    /// Lets the engine and the yardsticks rank the labelled nodes.
    ///
    /// # Errors
    /// A root that is not among the nodes.
    pub fn trial(&self, roots: &Roots, sybils: u32, seconds: Seconds<'_>) -> Result<RatingsTrial, Name> {
        let roots = self.roots(roots)?;
        let praise = self.praise(sybils);
        let mut engine = Ratings::new(roots.iter().map(|&root| node(root)));
        let mut hear = |ratings: &[Rating]| {
            let start = seconds();
            ratings.iter().for_each(|r| engine.rate(node(r.from), node(r.to), r.rating));
            engine.settle();
            let spent = seconds() - start;
            (spent, self.labels.iter().map(|&(labelled, _)| engine.standing(&node(labelled))).collect::<Vec<u16>>())
        };
        let (spent, before) = hear(&self.ratings);
        let (more, after) = hear(&praise);
        let rank = |standing: &[u16]| self.auc(|place, _| f64::from(standing[place]));
        let (ours, without) = (rank(&after), rank(&before));
        let mut hasher = blake3::Hasher::new();
        after.iter().for_each(|standing| {
            hasher.update(&standing.to_le_bytes());
        });
        let simple = |sum: fn(&[f64]) -> f64| {
            let with: Vec<Rating> = self.ratings.iter().chain(&praise).copied().collect();
            [self.simple(&with, sum), self.simple(&self.ratings, sum)]
        };
        let called =
            |number: u32| self.names.iter().find(|n| *n.1 == number).map_or_else(String::new, |n| n.0.to_string());
        let good = self.labels.iter().filter(|l| l.1).count();
        let heard = (self.ratings.len() + praise.len()) as f64;
        Ok(RatingsTrial {
            set: self.name.clone(),
            roots: roots.into_iter().map(called).collect(),
            sybils,
            ratings: self.ratings.len(),
            labelled: (good, self.labels.len() - good),
            auc: ours,
            auc_without_sybils: without,
            change: ours.zip(without).map(|(ours, without)| ours - without),
            ratings_per_s: (spent + more > 0.0).then(|| heard / (spent + more)),
            digest: hasher.finalize().to_hex().to_string(),
            baselines: BTreeMap::from([("sum", simple(sum)), ("mean", simple(mean)), ("beta", simple(beta))]),
        })
    }

    fn auc(&self, score: impl Fn(usize, u32) -> f64) -> Option<f64> {
        auc(self.labels.iter().enumerate().map(|(place, &(node, good))| (score(place, node), good)).collect())
    }

    /// The AUC of a number that follows from what a node was rated, by whomever.
    fn simple(&self, ratings: &[Rating], number: fn(&[f64]) -> f64) -> Option<f64> {
        let mut got: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        for r in ratings {
            got.entry(r.to).or_default().push(f64::from(r.rating));
        }
        self.auc(|_, node| got.get(&node).map_or(0.0, |got| number(got)))
    }
}

fn sum(got: &[f64]) -> f64 {
    got.iter().sum()
}

fn mean(got: &[f64]) -> f64 {
    sum(got) / got.len() as f64
}

/// The expected share of good, each rating being as many tenths of a case; less a half, as all others are 0 at first.
fn beta(got: &[f64]) -> f64 {
    let good: f64 = got.iter().map(|r| r.max(0.0) / 10.0).sum();
    let bad: f64 = got.iter().map(|r| (-r).max(0.0) / 10.0).sum();
    (good + 1.0) / (good + bad + 2.0) - 0.5
}

fn node(number: u32) -> NodeId {
    let mut id = [0; 32];
    id[..4].copy_from_slice(&number.to_be_bytes());
    NodeId(id)
}

#[cfg(test)]
mod tests;
