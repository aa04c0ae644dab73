//! The experiment in words.

use super::result::CentresResult;
use crate::figures::{Figure, count, number};

fn told(name: String, value: String) -> Figure {
    Figure { name, value, target: None, met: None }
}

fn pct(value: f64) -> String {
    format!("{} %", number(value, 1))
}

/// Every figure. None has a target: whichever side is ahead is what the experiment is to show.
pub fn figures(r: &CentresResult) -> Vec<Figure> {
    let mut all = vec![
        told("Questions".to_owned(), format!("{} about {} regions", count(r.questions.into()), r.regions)),
        told("One honest report alone".to_owned(), pct(r.agent_accuracy_pct)),
    ];
    for run in &r.mesh {
        all.push(told(
            format!("Mesh, {} of agents lie", pct(run.liars_pct)),
            format!(
                "{}, Brier {}; at close {}; plain majority {}",
                pct(run.accuracy_pct),
                number(run.brier, 3),
                pct(run.at_close_pct),
                pct(run.majority_pct)
            ),
        ));
    }
    for at in &r.models {
        let ahead = match at.overtake_at_liars_pct {
            Some(share) if share <= 0.0 => "ahead of the mesh without any liar".to_owned(),
            Some(share) => format!("ahead of the mesh from {} liars on", pct(share)),
            None => "never ahead of the mesh".to_owned(),
        };
        all.push(told(
            format!("Five models, data {} s old", count(at.age_s.into())),
            format!("{}, Brier {}; {ahead}", pct(at.accuracy_pct), number(at.brier, 3)),
        ));
    }
    let undecided: u32 = r.mesh.iter().map(|m| m.without_majority).sum();
    all.extend([
        told("Questions without a majority of holders".to_owned(), count(undecided.into())),
        told("Traffic of a node, all shares together".to_owned(), format!("{} B/s", number(r.bytes_per_node_s, 0))),
        told("Wall time".to_owned(), format!("{} s", number(r.wall_s, 1))),
    ]);
    all
}

/// In two sentences.
pub fn headline(r: &CentresResult) -> String {
    let (Some(clean), Some(worst), Some(fresh)) = (r.mesh.first(), r.mesh.last(), r.models.first()) else {
        return String::new();
    };
    let line = match fresh.overtake_at_liars_pct {
        Some(share) if share <= 0.0 => "the five are ahead from the start".to_owned(),
        Some(share) => format!("the five overtake the mesh at {} liars", pct(share)),
        None => format!("the mesh stays ahead up to {} liars", pct(worst.liars_pct)),
    };
    format!(
        "{} local agents are right in {} of the questions with {} liars among them and in {} with {}; five models with \
         fresh public data in {}: {line}.",
        count(r.agents.into()),
        pct(clean.accuracy_pct),
        pct(clean.liars_pct),
        pct(worst.accuracy_pct),
        pct(worst.liars_pct),
        pct(fresh.accuracy_pct),
    )
}
