//! Methods in which agents judge agents: EigenTrust and Bittensor's rule.

use std::collections::BTreeMap;

use super::{
    super::{Judged, Scene},
    vote,
};

/// Share of EigenTrust's walks that begin anew anywhere.
const ANEW: f64 = 0.1;
const WALKS: usize = 50;

/// Agents trust those with whom they agree more often than not on questions that both judged; whom the trusted trust
/// is trusted. An agent's trust is spread over its reports.
pub(super) fn eigentrust(scene: &Scene) -> Judged {
    let n = scene.agents;
    let disagreed = 1.0 / (scene.options as f64 - 1.0);
    let mut pairs: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    for reports in &scene.questions {
        for (i, a) in reports.iter().enumerate() {
            for b in &reports[..i] {
                *pairs.entry((a.0, b.0)).or_default() += if a.1 == b.1 { 1.0 } else { -disagreed };
            }
        }
    }
    pairs.retain(|_, trust| *trust > 0.0);
    let mut given = vec![0.0; n];
    for (&(a, b), trust) in &pairs {
        given[a as usize] += trust;
        given[b as usize] += trust;
    }
    let even = 1.0 / n as f64;
    let mut trust = vec![even; n];
    for _ in 0..WALKS {
        // Who trusts nobody trusts everybody alike.
        let idle: f64 = trust.iter().zip(&given).filter(|(_, given)| **given == 0.0).map(|(trust, _)| trust).sum();
        let mut next = vec![ANEW * even + (1.0 - ANEW) * idle * even; n];
        for (&(a, b), share) in &pairs {
            let (a, b) = (a as usize, b as usize);
            next[b] += (1.0 - ANEW) * trust[a] * share / given[a];
            next[a] += (1.0 - ANEW) * trust[b] * share / given[b];
        }
        trust = next;
    }
    let mut wrote = vec![0.0f64; n];
    scene.questions.iter().flatten().for_each(|r| wrote[r.0 as usize] += 1.0);
    vote(scene, |agent| trust[agent as usize] / wrote[agent as usize].max(1.0))
}

const EPOCHS: usize = 20;
/// Share of the stake on a question that makes a label the consensus.
const KAPPA: f64 = 0.5;
/// Share of all stake that is paid anew in an epoch.
const PAID: f64 = 0.1;

/// All begin with the same stake. What less than half of the stake on a question says is clipped to nothing; who says
/// what stays is paid in proportion to its stake.
pub(super) fn yuma(scene: &Scene) -> Judged {
    let mut stake = vec![1.0 / scene.agents as f64; scene.agents];
    let mut wrote = vec![0.0f64; scene.agents];
    scene.questions.iter().flatten().for_each(|r| wrote[r.0 as usize] += 1.0);
    for _ in 0..EPOCHS {
        let judged = vote(scene, |agent| stake[agent as usize]);
        let mut kept = vec![0.0; scene.agents];
        for (q, reports) in scene.questions.iter().enumerate() {
            for &(agent, _) in reports.iter().filter(|r| judged.shares(q)[usize::from(r.1)] >= KAPPA) {
                kept[agent as usize] += 1.0;
            }
        }
        let dividends: Vec<f64> = (0..scene.agents).map(|a| stake[a] * kept[a] / wrote[a].max(1.0)).collect();
        let all: f64 = dividends.iter().sum();
        if all > 0.0 {
            for (stake, dividend) in stake.iter_mut().zip(&dividends) {
                *stake = (1.0 - PAID) * *stake + PAID * dividend / all;
            }
        }
    }
    vote(scene, |agent| stake[agent as usize])
}
