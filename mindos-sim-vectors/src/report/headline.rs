//! A run in one or two sentences.

use crate::{
    figures::{count, duration_ms, number},
    result::RunResult,
};

/// What happened, in figures, for a reader who reads nothing else. Says failures as plainly as successes.
pub fn headline(result: &RunResult) -> String {
    let mut sentences = Vec::new();
    if result.killed > 0 {
        let knew = match result.detect_all_intervals {
            Some(intervals) => {
                let ms = intervals * f64::from(result.probe_interval_ms);
                format!("every survivor knew all of them within {}", duration_ms(ms))
            }
            None => "not every survivor came to know all of them".to_owned(),
        };
        let (killed, nodes) = (count(result.killed.into()), count(result.nodes.into()));
        sentences.push(format!("{killed} of {nodes} minds lost power at once; {knew}."));
    }
    let intents = &result.intents;
    if intents.submitted > 0 {
        let lost = match intents.lost {
            0 => "none was lost".to_owned(),
            1 => "one was lost".to_owned(),
            lost => format!("{} were lost", count(lost)),
        };
        let within = match (intents.within_60s_pct, intents.omniscient_within_60s_pct) {
            (Some(ours), Some(omniscient)) => format!(
                "; around the cut {} % came back within a minute ({} % under a scheduler that knows everything)",
                number(ours, 1),
                number(omniscient, 1)
            ),
            _ => String::new(),
        };
        sentences.push(format!("Of {} intents of the survivors {lost}{within}.", count(intents.submitted)));
    }
    sentences.join(" ")
}

#[cfg(test)]
mod tests;
