//! All methods on one set under one plan.

use std::collections::BTreeMap;

use mindos_core::trust::truth::{Refused, WINDOW};

use super::{
    Attack, Form, Method, Plan, Scene, Score, Seconds, Set,
    engine::{Run, run},
    judged::accuracy,
};

/// In `baselines`, what the engine believes in batch form.
pub(crate) const BATCH: &str = "mindos_batch";

/// What came of it. Shares are 0 to 1.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Trial {
    /// Name of the set.
    pub set: String,
    /// `mindos online` or `mindos batch`.
    pub method: &'static str,
    #[serde(skip)]
    pub(super) online: bool,
    /// How liars lied.
    pub attack: Option<Attack>,
    /// Share of the agents that were to lie.
    pub fraction: f64,
    /// Per cent of the questions that were to be anchored.
    pub anchors: f64,
    /// Seed of everything random.
    pub seed: u64,
    /// Share of right labels on the questions that count.
    pub accuracy: Option<f64>,
    /// The same with each label as it stood when its question closed; none in batch form.
    pub frozen_accuracy: Option<f64>,
    /// As in [`Score`].
    pub log_loss: Option<f64>,
    /// As in [`Score`].
    pub brier: Option<f64>,
    /// Of the belief in option 1; none with more than two options.
    pub auc: Option<f64>,
    /// Reports of the set.
    pub reports: usize,
    /// How often the engine looked at a report.
    pub visits_per_report: f64,
    /// By the machine's clock, around the engine alone; not part of the digest.
    pub reports_per_s: Option<f64>,
    /// Bytes of the engine's state by agent.
    pub bytes_per_agent_domain: f64,
    /// Bytes of the engine's window with its pairs.
    pub window_bytes: usize,
    /// BLAKE3 of all beliefs.
    pub digest: String,
    /// Questions of the set.
    pub questions: usize,
    /// Agents of the set.
    pub agents: usize,
    /// Options of each question.
    pub options: usize,
    /// Questions that count.
    pub scored: usize,
    /// Questions whose truth became known.
    pub anchored: usize,
    /// Agents that lied.
    pub liars: usize,
    /// Share of the reports that were theirs.
    pub liars_reports: f64,
    /// What others make of the same, by name.
    pub baselines: BTreeMap<&'static str, Score>,
}

/// Steps that a trial takes.
pub(super) const STEPS: usize = Method::ALL.len() + 2;

/// Lets the engine and the yardsticks judge a set; `progress` hears how many steps are done.
///
/// # Errors
/// As [`run`].
pub fn trial(
    set: &Set,
    plan: &Plan,
    form: Form,
    seconds: Seconds<'_>,
    progress: &mut dyn FnMut(usize),
) -> Result<Trial, Refused> {
    let scene = Scene::new(set, plan);
    let own = run(&scene, form, seconds)?;
    progress(1);
    let score = own.judged.score(&scene);
    // Until questions leave the window, the last settlement is the batch form.
    let batch = if form == Form::Batch || scene.reports() <= WINDOW {
        score
    } else {
        run(&scene, Form::Batch, seconds)?.judged.score(&scene)
    };
    let mut baselines = BTreeMap::from([(BATCH, batch)]);
    for (done, method) in Method::ALL.into_iter().enumerate() {
        progress(done + 2);
        baselines.insert(method.name(), method.judge(&scene).score(&scene));
    }
    progress(STEPS);
    Ok(tell(set, plan, form, &scene, &own, score, baselines))
}

fn tell(
    set: &Set,
    plan: &Plan,
    form: Form,
    scene: &Scene,
    own: &Run,
    score: Score,
    baselines: BTreeMap<&'static str, Score>,
) -> Trial {
    let reports = scene.reports();
    let lied = scene.questions.iter().flatten().filter(|r| scene.liars[r.0 as usize]).count();
    Trial {
        set: set.name.clone(),
        method: if form == Form::Online { "mindos online" } else { "mindos batch" },
        online: form == Form::Online,
        attack: plan.attack,
        fraction: if plan.attack.is_some() { plan.fraction } else { 0.0 },
        anchors: plan.anchors,
        seed: plan.seed,
        accuracy: score.accuracy,
        frozen_accuracy: if form == Form::Online { accuracy(scene, &own.frozen) } else { None },
        log_loss: score.log_loss,
        brier: score.brier,
        auc: own.judged.auc(scene),
        reports,
        visits_per_report: own.visits as f64 / reports.max(1) as f64,
        reports_per_s: (own.seconds > 0.0).then(|| reports as f64 / own.seconds),
        bytes_per_agent_domain: own.bytes.0 as f64 / own.agents.max(1) as f64,
        window_bytes: own.bytes.1,
        digest: own.digest.to_hex().to_string(),
        questions: scene.questions.len(),
        agents: scene.agents,
        options: scene.options,
        scored: scene.scored.iter().filter(|scored| **scored).count(),
        anchored: scene.anchors.iter().flatten().count(),
        liars: scene.liars.iter().filter(|liar| **liar).count(),
        liars_reports: lied as f64 / reports.max(1) as f64,
        baselines,
    }
}

#[cfg(test)]
mod tests;
