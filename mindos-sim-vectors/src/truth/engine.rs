//! The truth engine of `mindos_core` on a scene.

use mindos_core::{
    NodeId,
    trust::truth::{Admission, Refused, Report, Truth},
};

use super::{Judged, Scene, Seconds};

/// How questions come to the engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// In one pass; what counts is what was believed last before a question left the window.
    #[default]
    Online,
    /// All, then once more those that had left the window, so that each is judged by what all taught.
    Batch,
}

/// What the engine made of a scene.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What it believes.
    pub judged: Judged,
    /// Labels at each question's close, before its settlement.
    pub frozen: Vec<u8>,
    /// How often a report was looked at.
    pub visits: u64,
    /// Time in the engine, in s. The machine's, so never part of the digest.
    pub seconds: f64,
    /// Bytes of state: by agent, and of the window.
    pub bytes: (usize, usize),
    /// Agents that the engine remembers at the end.
    pub agents: usize,
    /// BLAKE3 of label and weights of every question, in the set's order.
    pub digest: blake3::Hash,
}

/// Gives the scene to an engine whose roots vouch for every agent.
///
/// # Errors
/// As the engine refuses; a scene of a [`super::Set`] has nothing to refuse.
pub fn run(scene: &Scene, form: Form, seconds: Seconds<'_>) -> Result<Run, Refused> {
    let mut feed = Feed {
        scene,
        seconds,
        engine: Truth::new(scene.options),
        closed: Vec::new(),
        oldest: 0,
        judged: Judged::unknown(scene),
        weights: vec![Vec::new(); scene.questions.len()],
        spent: 0.0,
    };
    let frozen = feed.close_all(&scene.order)?;
    if form == Form::Batch {
        let left = feed.closed[..feed.oldest].to_vec();
        feed.close_all(&left)?;
    }
    let agents = (0..scene.agents as u32).filter(|&agent| feed.engine.competence(&NodeId(name(agent))).is_some());
    Ok(Run {
        frozen,
        visits: feed.engine.visits(),
        seconds: feed.spent,
        bytes: feed.engine.bytes(),
        agents: agents.count(),
        digest: feed.digest(),
        judged: feed.judged,
    })
}

/// An agent's or a question's name: any 32 bytes do, these keep the set's order.
fn name(number: u32) -> [u8; 32] {
    let mut name = [0; 32];
    name[..4].copy_from_slice(&number.to_be_bytes());
    name
}

struct Feed<'a> {
    scene: &'a Scene,
    seconds: Seconds<'a>,
    engine: Truth,
    /// Questions in the order in which they were closed, and the place of the oldest that is in the window.
    closed: Vec<u32>,
    oldest: usize,
    judged: Judged,
    /// By question, what was believed last.
    weights: Vec<Vec<u16>>,
    spent: f64,
}

impl Feed<'_> {
    /// Closes questions in this order and settles. Gives by question what was believed at once.
    fn close_all(&mut self, order: &[u32]) -> Result<Vec<u8>, Refused> {
        let mut frozen = vec![0; self.scene.questions.len()];
        for &question in order {
            let settled = self.engine.visits();
            frozen[question as usize] = self.close(question)?;
            if self.engine.visits() != settled {
                self.read();
            }
        }
        let start = (self.seconds)();
        self.engine.settle();
        self.spent += (self.seconds)() - start;
        self.read();
        Ok(frozen)
    }

    fn close(&mut self, question: u32) -> Result<u8, Refused> {
        let filed = &self.scene.questions[question as usize];
        let reports: Vec<Report<'_>> =
            filed.iter().map(|&(agent, label)| Report { agent: NodeId(name(agent)), label, lineage: &[] }).collect();
        // Again each time: the engine may have forgotten who was silent for long.
        for report in &reports {
            self.engine.admit(report.agent, Admission::Vouched(256))?;
        }
        let at = self.closed.len() as u64;
        let start = (self.seconds)();
        let belief = self.engine.close(at, name(question), &reports)?;
        if let Some(outcome) = self.scene.anchors[question as usize] {
            self.engine.anchor(name(question), outcome)?;
        }
        self.spent += (self.seconds)() - start;
        self.closed.push(question);
        Ok(belief.label)
    }

    /// Takes down what is believed after a settlement: what leaves the window at the next one was read before.
    fn read(&mut self) {
        for place in self.oldest..self.closed.len() {
            let question = self.closed[place];
            match self.engine.belief(&name(question)) {
                Some(belief) => {
                    let weights: Vec<f64> = belief.weights.iter().map(|&weight| f64::from(weight)).collect();
                    self.judged.set(question as usize, &weights, belief.label);
                    self.weights[question as usize] = belief.weights;
                }
                None => self.oldest = place + 1,
            }
        }
    }

    fn digest(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for (question, weights) in self.weights.iter().enumerate() {
            hasher.update(&[self.judged.label(question)]);
            weights.iter().for_each(|weight| {
                hasher.update(&weight.to_le_bytes());
            });
        }
        hasher.finalize()
    }
}

#[cfg(test)]
mod tests;
