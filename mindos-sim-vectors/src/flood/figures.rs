//! The figures of a flood in words, with their targets.

use super::result::{FloodResult, FloodRun};
use super::scenario::Attack;
use crate::figures::{Figure, count, duration_ms, number};

/// Of what is served without a flood, this share must be served in it, in percent.
const SERVED: f64 = 99.0;
/// Bytes sent to an address that proved nothing, for each received from it.
const AMPLIFICATION: f64 = 3.0;
/// Unfinished handshakes that a node holds.
const HALF_OPEN: u64 = 128;

/// Every figure of a flood: a line for each run, then the worst of all that a real node met.
pub fn figures(result: &FloodResult) -> Vec<Figure> {
    let mut figures = vec![told(
        "Forged first packets",
        format!("{} a second for {} s", count(result.rate.into()), count(result.seconds.into())),
    )];
    let calm = result.runs.iter().find(|run| run.attack == Attack::Calm);
    figures.extend(result.runs.iter().map(|run| line(run, calm)));
    let measured = || result.runs.iter().filter(|run| run.attack.is_measured());
    let most = |of: fn(&FloodRun) -> u64| measured().map(of).max().unwrap_or(0);
    let worst = measured().map(|run| run.amplification_worst).fold(0.0, f64::max);
    figures.extend([
        bound("Sessions lost, all floods", most(|run| run.sessions_lost.into()), 0),
        bound("Unfinished handshakes, at most", most(|run| run.half_open_peak), HALF_OPEN),
        Figure {
            name: "Bytes sent for one forged, at most".to_owned(),
            value: format!("{}×", number(worst, 2)),
            target: Some(format!("≤ {}×", number(AMPLIFICATION, 0))),
            met: Some(worst <= AMPLIFICATION),
        },
        told(
            "State and waiting packets, at most",
            format!("{} KiB", count(most(|run| run.state_bytes_peak).div_ceil(1_024))),
        ),
    ]);
    for run in measured().filter(|run| run.newcomers.asked > 0) {
        let (asked, answered) = (count(run.newcomers.asked), count(run.newcomers.answered));
        let median = run.newcomers.p50_ms.map_or(String::new(), |ms| format!(", median {}", duration_ms(ms)));
        figures.push(told(&format!("Newcomers in: {}", run.attack.words()), format!("{answered} of {asked}{median}")));
    }
    figures.push(told("Wall time", format!("{} s", number(result.wall_s, 1))));
    figures
}

/// A flood in a sentence or two.
pub fn headline(result: &FloodResult) -> String {
    let floods = || result.runs.iter().filter(|run| run.attack.is_measured() && run.attack != Attack::Calm);
    let worst = floods().filter_map(|run| run.pings.served_pct).fold(100.0, f64::min);
    let lost: u32 = floods().map(|run| run.sessions_lost).sum();
    let yardstick = result.runs.iter().find(|run| run.attack == Attack::NoCookies);
    let without = yardstick.and_then(|run| run.pings.served_pct).map_or(String::new(), |share| {
        format!(" A machine that answered every first packet would serve {} %.", number(share, 1))
    });
    let all_in = floods().filter(|run| run.newcomers.answered == run.newcomers.asked).count();
    format!(
        "Under {} a node on one core served {} % of its peers' probes in the worst of {} floods, and lost {} of their sessions. All newcomers got in under {all_in} of them.{without}",
        forged(result),
        number(worst, 1),
        floods().count(),
        if lost == 0 { "none".to_owned() } else { count(lost.into()) },
    )
}

fn forged(result: &FloodResult) -> String {
    format!("{} forged first packets a second for {} s", count(result.rate.into()), count(result.seconds.into()))
}

fn told(name: &str, value: String) -> Figure {
    Figure { name: name.to_owned(), value, target: None, met: None }
}

fn bound(name: &str, value: u64, most: u64) -> Figure {
    let target = if most == 0 { "0".to_owned() } else { format!("≤ {}", count(most)) };
    Figure { name: name.to_owned(), value: count(value), target: Some(target), met: Some(value <= most) }
}

/// What was served in a run. Its target is a share of what the run without a flood served.
fn line(run: &FloodRun, calm: Option<&FloodRun>) -> Figure {
    let share = |served: Option<f64>| served.map_or_else(|| "—".to_owned(), |pct| format!("{} %", number(pct, 1)));
    let is_held = run.attack.is_measured() && run.attack != Attack::Calm;
    let against = calm.filter(|_| is_held);
    let added = against.and_then(|calm| Some(run.pings.p99_ms? - calm.pings.p99_ms?));
    let added =
        added.map_or(String::new(), |ms| format!(", p99 {}{} ms", if ms < 0.0 { "" } else { "+" }, number(ms, 2)));
    let value = format!(
        "{} of probes, {} of work, core {} %{added}",
        share(run.pings.served_pct),
        share(run.intents.served_pct),
        number(run.cpu_pct, 1)
    );
    let enough = |ours: Option<f64>, calm: Option<f64>| match (ours, calm) {
        (Some(ours), Some(calm)) => ours * 100.0 >= calm * SERVED,
        (ours, calm) => calm.is_none() || ours.is_some(),
    };
    Figure {
        name: format!("— {}", run.attack.words()),
        value,
        target: against.map(|_| format!("≥ {} % of both without a flood", number(SERVED, 0))),
        met: against.map(|calm| {
            enough(run.pings.served_pct, calm.pings.served_pct)
                && enough(run.intents.served_pct, calm.intents.served_pct)
        }),
    }
}

#[cfg(test)]
mod tests;
