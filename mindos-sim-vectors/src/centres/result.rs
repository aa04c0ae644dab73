//! What came out of the experiment, as `mindos sim five-centres --json` prints it. Field names and their order are a
//! contract. Shares are in percent; a Brier score is the mean of (1 − p)² for the probability p of what was true.

use serde::Serialize;

/// Every figure.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CentresResult {
    /// Name of the scenario.
    pub scenario: String,
    /// Seed of everything.
    pub seed: u64,
    /// Agents, each a node.
    pub agents: u32,
    /// Regions.
    pub regions: u32,
    /// Questions in all.
    pub questions: u32,
    /// The mesh, by share of liars.
    pub mesh: Vec<MeshRun>,
    /// The five models, by age of their data.
    pub models: Vec<ModelsAt>,
    /// The same agents without the mesh: the share of single reports of honest agents that are right.
    pub agent_accuracy_pct: f64,
    /// Bytes that a node sent a second from the first question on, for all shares of liars together.
    pub bytes_per_node_s: f64,
    /// Hash over everything that happened, in hexadecimal.
    pub trace_hash: String,
    /// Wall time of the whole command in seconds.
    pub wall_s: f64,
}

/// The mesh with a share of liars.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MeshRun {
    /// Share of agents that lie.
    pub liars_pct: f64,
    /// Questions of which a majority of holders, asked at the end, believed what is true.
    pub accuracy_pct: f64,
    /// Brier score of these beliefs; a belief that no majority stated counts as a half.
    pub brier: f64,
    /// The same as `accuracy_pct`, asked when each question had just closed.
    pub at_close_pct: f64,
    /// Questions that a plain majority of the same reports gets right; a tie counts half.
    pub majority_pct: f64,
    /// Questions for which no majority of holders stated one belief at the end.
    pub without_majority: u32,
    /// Reports that the holders used, mean of a question.
    pub reports: f64,
}

/// Five models with public data of an age.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ModelsAt {
    /// Age of the data in s.
    pub age_s: u32,
    /// Questions that the five get right together.
    pub accuracy_pct: f64,
    /// Their Brier score.
    pub brier: f64,
    /// Share of liars above which the five are right more often than the mesh, between the shares that were run;
    /// null if the mesh is ahead at all of them.
    pub overtake_at_liars_pct: Option<f64>,
}

/// Where, going up in the share of liars, the mesh falls below `accuracy`: straight lines between the runs.
pub fn overtaken(mesh: &[MeshRun], accuracy: f64) -> Option<f64> {
    let first = mesh.first()?;
    if first.accuracy_pct < accuracy {
        return Some(first.liars_pct);
    }
    let (a, b) = mesh.iter().zip(mesh.iter().skip(1)).find(|(_, b)| b.accuracy_pct < accuracy)?;
    let along = (a.accuracy_pct - accuracy) / (a.accuracy_pct - b.accuracy_pct).max(1e-9);
    Some(a.liars_pct + along * (b.liars_pct - a.liars_pct))
}
