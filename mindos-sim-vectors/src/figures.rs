//! Every figure of a run in words, with its target and whether it was met: the closing table and the report's.

use crate::result::RunResult;

/// One figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// What it is, in a few words.
    pub name: String,
    /// Its value with its unit.
    pub value: String,
    /// What it has to reach; `None` if it is only told.
    pub target: Option<String>,
    /// Whether it does; `None` without a target.
    pub met: Option<bool>,
}

/// A number with at most `decimals` decimals and thousands separated.
pub fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), ""), |(whole, fraction)| (whole, fraction));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut out = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    let fraction = fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A count with thousands separated.
pub fn count(value: u64) -> String {
    number(value as f64, 0)
}

/// Milliseconds in a unit that suits them.
pub fn duration_ms(ms: f64) -> String {
    match ms {
        ms if ms < 10.0 => format!("{} ms", number(ms, 2)),
        ms if ms < 1_000.0 => format!("{} ms", number(ms, 0)),
        ms if ms < 100_000.0 => format!("{} s", number(ms / 1_000.0, 2)),
        ms => format!("{} s", number(ms / 1_000.0, 0)),
    }
}

fn or_dash(value: Option<String>) -> String {
    value.unwrap_or_else(|| "—".to_owned())
}

fn told(name: &str, value: String) -> Figure {
    Figure { name: name.to_owned(), value, target: None, met: None }
}

/// A figure that must not exceed a bound; one that never came exceeds it.
fn at_most(name: &str, value: Option<f64>, bound: f64, unit: &str, never: &str) -> Figure {
    Figure {
        name: name.to_owned(),
        value: value.map_or_else(|| never.to_owned(), |value| format!("{}{unit}", number(value, 2))),
        target: Some(if bound == 0.0 { "0".to_owned() } else { format!("≤ {}{unit}", number(bound, 2)) }),
        met: Some(value.is_some_and(|value| value <= bound)),
    }
}

/// Every figure of a run in which the network lost the share `loss` of its packets. Targets that only a blackout can
/// test are left out of a run without one.
pub fn figures(result: &RunResult, loss: f64) -> Vec<Figure> {
    let mut figures = Vec::new();
    if result.killed > 0 {
        detection(result, loss, &mut figures);
    }
    figures.push(at_most("False downs", Some(result.false_downs as f64), 0.0, "", ""));
    work(result, &mut figures);
    routing(result, &mut figures);
    machinery(result, &mut figures);
    figures
}

fn detection(result: &RunResult, loss: f64, figures: &mut Vec<Figure>) {
    let bound = if loss > 0.0 { 8.0 } else { 6.0 };
    let radius = result.city_radius_ms.map(|radius| format!("{} ms round trip", number(radius, 1)));
    figures.extend([
        told("Minds that lost power", format!("{} of {}", count(result.killed.into()), count(result.nodes.into()))),
        told("Radius of the city", or_dash(radius)),
        at_most("Every survivor knows every dead mind", result.detect_all_intervals, bound, " intervals", "never"),
        at_most("Pairs still unknown after 12 intervals", Some(result.detection_holes as f64), 0.0, "", ""),
        at_most("All views equal again after the return", result.heal_intervals, 12.0, " intervals", "never"),
    ]);
}

fn work(result: &RunResult, figures: &mut Vec<Figure>) {
    let intents = &result.intents;
    let ms = |value: Option<f64>| or_dash(value.map(duration_ms));
    figures.extend([
        told("Intents of surviving origins", count(intents.submitted)),
        told("— with a result", count(intents.completed)),
        at_most("— lost", Some(intents.lost as f64), 0.0, "", ""),
        at_most("Effects that happened twice", Some(intents.duplicate_effects as f64), 0.0, "", ""),
    ]);
    if let (Some(ours), Some(omniscient)) = (intents.within_60s_pct, intents.omniscient_within_60s_pct) {
        figures.push(Figure {
            name: "Back within 60 s, around the cut".to_owned(),
            value: format!("{} %", number(ours, 2)),
            target: Some(format!("≥ {} % (omniscient − 1)", number(omniscient - 1.0, 2))),
            met: Some(ours >= omniscient - 1.0),
        });
        figures.push(told("In flight at the cut", count(intents.in_flight_at_cut)));
        figures.push(told("Handed out again", count(intents.redispatched)));
    }
    figures.push(told("Latency, median", ms(result.latency_ms.p50)));
    figures.push(told("Latency, 99th percentile", ms(result.latency_ms.p99)));
    if result.intents.redispatched > 0 {
        let again = &result.redispatched_latency_ms;
        figures.push(told(
            "Latency when handed out again",
            format!("{} median, {} at most", ms(again.p50), ms(again.max)),
        ));
    }
}

fn routing(result: &RunResult, figures: &mut Vec<Figure>) {
    figures.push(at_most("99th percentile over the omniscient's", result.p99_vs_omniscient, 2.0, "×", "—"));
    for (name, baseline) in &result.baselines {
        figures.push(Figure {
            name: format!("— of {}", name.replace('_', " ")),
            value: or_dash(baseline.p99_vs_omniscient.map(|ratio| format!("{}×", number(ratio, 2)))),
            target: result.p99_vs_omniscient.map(|ours| format!("> {}×", number(ours, 2))),
            met: Some(baseline.p99_vs_omniscient > result.p99_vs_omniscient),
        });
    }
    figures.push(at_most("Live probes per intent", result.probes_per_intent, 3.2, "", "—"));
    let liars = &result.liars;
    if liars.nodes > 0 {
        figures.push(told("Minds that lie", count(liars.nodes.into())));
        figures.push(told("— leases they got, first third", count(liars.leases_first_third)));
        figures.push(Figure {
            name: "— leases they got, last third".to_owned(),
            value: count(liars.leases_last_third),
            target: Some(format!("≤ {}", number(liars.leases_first_third as f64 / 4.0, 2))),
            met: Some(liars.leases_last_third * 4 <= liars.leases_first_third),
        });
    }
}

fn machinery(result: &RunResult, figures: &mut Vec<Figure>) {
    let sessions = &result.sessions_per_node;
    figures.push(at_most("Control traffic per mind", Some(result.control_bytes_per_node_s), 240.0, " B/s", "—"));
    figures.push(told("All traffic per mind", format!("{} B/s", number(result.bytes_per_node_s, 0))));
    figures.push(told("Sessions per mind", format!("{} median, {} at most", sessions.p50, sessions.max)));
    figures.push(told("Simulated events", count(result.events)));
    figures.push(told("Wall time", format!("{} s", number(result.wall_s, 1))));
    if let Some(mib) = result.peak_rss_mib {
        figures.push(told("Peak memory", format!("{} MiB", number(mib, 0))));
    }
}

#[cfg(test)]
mod tests;
