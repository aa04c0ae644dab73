//! Reports of agents on questions, and what was true.

use std::{collections::BTreeMap, io::Read, path::Path};

use mindos_core::trust::truth::{MAX_OPTIONS, MAX_REPORTS};

use crate::input::{InputError, Name, open, rows};

/// Header of a file of reports.
pub const REPORTS_HEADER: [&str; 3] = ["task", "worker", "label"];
/// Header of a file of truths.
pub const TRUTH_HEADER: [&str; 2] = ["task", "label"];

/// A set of questions with the same options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// What it is called.
    pub name: String,
    /// Options of each question, 2 to [`MAX_OPTIONS`].
    pub options: usize,
    /// Number of agents.
    pub agents: usize,
    /// By question, in the order of the names: agent and label, one report an agent, agents rising.
    pub questions: Vec<Vec<(u32, u8)>>,
    /// By question, where it is known.
    pub truth: Vec<Option<u8>>,
    /// Reports that were left out because their agent had already reported on the question.
    pub repeated: usize,
    /// Truths that were left out because nobody reported on the question.
    pub foreign: usize,
}

impl Set {
    /// Number of reports.
    pub fn reports(&self) -> usize {
        self.questions.iter().map(Vec::len).sum()
    }

    /// Reads a set from a file of reports and, if there is one, a file of truths.
    ///
    /// # Errors
    /// [`InputError`] if a file cannot be read or [`Set::parse`] refuses it.
    pub fn load(name: &str, reports: &Path, truth: Option<&Path>) -> Result<Self, InputError> {
        let (file, reader) = open(reports)?;
        let truth = truth.map(open).transpose()?;
        Self::parse(name, (&file, reader), truth.as_ref().map(|(file, reader)| (file.as_str(), reader)))
    }

    /// Reads a set; the texts are the names of the files in messages.
    ///
    /// # Errors
    /// [`InputError`] if reading fails, a line is malformed, a label is above 15, a question has more than
    /// [`MAX_REPORTS`] reports or two truths, or none of the truths is of a question with reports.
    pub fn parse(
        name: &str,
        (file, reports): (&str, impl Read),
        truth: Option<(&str, impl Read)>,
    ) -> Result<Self, InputError> {
        let (mut tasks, mut workers) = (Names::default(), Names::default());
        let mut filed: BTreeMap<(u32, u32), u8> = BTreeMap::new();
        let (mut repeated, mut highest) = (0, 1);
        let label = |text: &str| text.parse().ok().filter(|&label: &u8| usize::from(label) < MAX_OPTIONS);
        rows(file, reports, &REPORTS_HEADER, |row| {
            let at = (tasks.number(row.name(0)?), workers.number(row.name(1)?));
            let label = row.value(2, EXPECTED_LABEL, label)?;
            highest = highest.max(label);
            match filed.entry(at) {
                std::collections::btree_map::Entry::Occupied(_) => repeated += 1,
                std::collections::btree_map::Entry::Vacant(place) => {
                    place.insert(label);
                }
            }
            Ok(())
        })?;
        let (tasks, order) = tasks.sorted();
        let (_, agents) = workers.sorted();
        let mut questions = vec![Vec::new(); order.len()];
        for ((task, worker), label) in filed {
            questions[order[task as usize] as usize].push((agents[worker as usize], label));
        }
        for (question, name) in questions.iter_mut().zip(tasks.keys()) {
            question.sort_unstable();
            if question.len() > MAX_REPORTS {
                let found = format!("{} reports on question {name}", question.len());
                let reason = format!("has {found}; expected at most {MAX_REPORTS}");
                return Err(InputError::Unusable { file: file.to_owned(), reason });
            }
        }
        let mut set = Self {
            name: name.to_owned(),
            options: usize::from(highest) + 1,
            agents: agents.len(),
            truth: vec![None; questions.len()],
            questions,
            repeated,
            foreign: 0,
        };
        if let Some((file, reader)) = truth {
            set.learn(file, reader, &tasks, label)?;
        }
        Ok(set)
    }

    fn learn(
        &mut self,
        file: &str,
        reader: impl Read,
        tasks: &BTreeMap<Name, u32>,
        label: impl Fn(&str) -> Option<u8>,
    ) -> Result<(), InputError> {
        rows(file, reader, &TRUTH_HEADER, |row| {
            let label = row.value(1, EXPECTED_LABEL, &label)?;
            let Some(&question) = tasks.get(&row.name(0)?) else {
                self.foreign += 1;
                return Ok(());
            };
            self.options = self.options.max(usize::from(label) + 1);
            match self.truth[question as usize].replace(label) {
                Some(_) => Err(row.refused(0, "one truth for each question")),
                None => Ok(()),
            }
        })?;
        if self.truth.iter().all(Option::is_none) {
            let reason = "has no truth of a question that was reported on; expected the same names of questions";
            return Err(InputError::Unusable { file: file.to_owned(), reason: reason.to_owned() });
        }
        Ok(())
    }
}

const EXPECTED_LABEL: &str = "an option, 0 to 15 (questions have 16 options at most)";

/// Names, numbered as they come.
#[derive(Default)]
struct Names(BTreeMap<Name, u32>);

impl Names {
    fn number(&mut self, name: Name) -> u32 {
        let next = self.0.len() as u32;
        *self.0.entry(name).or_insert(next)
    }

    /// The names with their places in order, and the place of each number given before.
    fn sorted(mut self) -> (BTreeMap<Name, u32>, Vec<u32>) {
        let mut places = vec![0; self.0.len()];
        for (place, number) in self.0.values_mut().enumerate() {
            places[*number as usize] = place as u32;
            *number = place as u32;
        }
        (self.0, places)
    }
}

#[cfg(test)]
mod tests;
