//! The figures of a world of liars in words, with their targets.

use super::result::{KindFigures, LiarsResult, Run};
use crate::figures::{Figure, count, number};
use crate::world::Kind;

/// False quarantines, in percent of pairs of honest minds.
const FALSE_PCT: f64 = 0.1;
/// From the first provable fault found until no honest mind gives its author a lease, in s.
const CONVICTION_S: f64 = 30.0;

/// Every figure.
pub fn figures(r: &LiarsResult) -> Vec<Figure> {
    let mut out = vec![told("Minds that lie", format!("{} of {}", count(r.liars.into()), count(r.nodes.into())))];
    for run in &r.runs {
        out.push(told(
            &format!("Served right, {}", words(run)),
            format!("{} %, last third {} %", number(run.right_pct, 1), number(run.right_last_third_pct, 1)),
        ));
    }
    if let (Some(with), Some(without)) = (r.run("everything"), r.run("nothing")) {
        let value = format!("{} points", number(with.right_last_third_pct - without.right_last_third_pct, 1));
        let met = Some(with.right_last_third_pct > without.right_last_third_pct);
        out.push(Figure { name: "— gained in the last third".into(), value, target: Some("> 0".into()), met });
    }
    out.push(Figure {
        name: "False quarantines, of pairs of honest minds".into(),
        value: format!("{} % ({})", number(r.false_quarantine_pct, 4), count(r.false_quarantines)),
        target: Some(format!("< {} %", number(FALSE_PCT, 1))),
        met: Some(r.false_quarantine_pct < FALSE_PCT),
    });
    out.push(told(
        "Honest minds suspended by honest ones, of such pairs",
        format!("{} % ({})", number(r.false_suspension_pct, 4), count(r.false_suspensions)),
    ));
    out.push(told(
        "Keys found with a wrong result that can be shown: given no lease by any honest mind, missed by some",
        format!("{}: {}, {}", count(r.provable.into()), count(r.convicted.into()), count(r.missed.into())),
    ));
    out.push(told("Keys found with none but wrong results that cannot", count(r.unprovable.into())));
    let seconds = |s: Option<f64>| s.map_or_else(|| "—".to_owned(), |s| format!("{} s", number(s, 2)));
    for (name, value) in [("median", r.conviction_s.p50), ("worst", r.conviction_s.max)] {
        out.push(Figure {
            name: format!("From the first found until no honest mind gives it a lease, those missed left out, {name}"),
            value: seconds(value),
            target: Some(format!("< {} s", number(CONVICTION_S, 0))),
            met: Some(value.is_some_and(|v| v < CONVICTION_S)),
        });
    }
    out.push(told(
        "— honest minds whose own host found it so by the end: load partners check, others hold the evidence",
        format!("{} %", number(r.confirmed_pct, 1)),
    ));
    out.push(told(
        "— of these in quarantine by all; median and worst time to it",
        format!("{}; {}, {}", count(r.quarantined.into()), seconds(r.quarantine_s.p50), seconds(r.quarantine_s.max)),
    ));
    out.extend(r.run("everything").into_iter().flat_map(earnings));
    out.push(told(
        "Advice and evidence, per mind",
        format!("{} kB, {} B/s", number(r.trust_bytes_per_node / 1e3, 1), number(r.trust_bytes_per_node_s, 1)),
    ));
    out.push(told(
        "Checks, per honest mind: own results, evidence",
        format!("{}, {}", number(r.own_checks_per_mind, 1), number(r.evidence_checks_per_mind, 1)),
    ));
    out.push(told(
        "Time of honest minds that own checks, checks of evidence, and work took",
        format!(
            "{} %, {} %, {} %",
            number(r.own_check_load_pct, 1),
            number(r.evidence_check_load_pct, 1),
            number(r.work_load_pct, 1)
        ),
    ));
    out.push(told(
        "Checks of false evidence, per honest mind; longest without a lease for one",
        format!("{}; {} s", number(r.false_evidence_checks_per_mind, 1), number(r.false_evidence_longest_s, 1)),
    ));
    out.push(told(
        "Checks that honest hosts had no time for: own, evidence",
        format!("{}, {}", count(r.own_checks_left), count(r.evidence_checks_left)),
    ));
    out.push(told("Wall time", format!("{} s", number(r.wall_s, 1))));
    out
}

/// What a choice rested on.
pub fn words(run: &Run) -> &'static str {
    match run.reliance.as_str() {
        "nothing" => "choices rest on nothing",
        "own" => "on own experience",
        _ => "on everything",
    }
}

/// What each kind earned, beside an honest mind; where it was run, beside what its own minds earn honestly.
fn earnings(run: &Run) -> Vec<Figure> {
    let honest = run.of(Kind::Honest).map_or(0.0, |h| h.earned);
    let line = |k: &KindFigures| Figure {
        name: format!("Leases and earnings each, {}", k.kind.words()),
        value: format!("{}, {} credits{}", number(k.leases, 1), number(k.earned / 1e3, 2), fate(k)),
        target: (k.kind != Kind::Honest).then(|| format!("≤ {} credits", number(honest / 1e3, 2))),
        met: (k.kind != Kind::Honest).then_some(k.earned <= honest),
    };
    let turned = |k: &KindFigures| {
        let honestly = k.earned_if_honest?;
        let share = match honestly > 0.0 {
            true => format!(" ({} %)", number(k.earned * 100.0 / honestly, 0)),
            false => String::new(),
        };
        Some(Figure {
            name: format!("— of what the same minds earn honestly, {}", k.kind.words()),
            value: format!(
                "{} of {} credits{share}{}",
                number(k.earned / 1e3, 2),
                number(honestly / 1e3, 2),
                chance(k)
            ),
            target: Some(if k.earned_deviation.is_some() { "≤ that, or 2 ± more" } else { "≤ that" }.into()),
            met: Some(k.earned <= honestly + 2.0 * k.earned_deviation.unwrap_or(0.0)),
        })
    };
    run.kinds.iter().filter(|k| k.minds > 0).flat_map(|k| [Some(line(k)), turned(k)]).flatten().collect()
}

/// How far chance moves what a kind earns.
fn chance(k: &KindFigures) -> String {
    k.earned_deviation.map_or_else(String::new, |d| format!("; by chance ± {}", number(d / 1e3, 2)))
}

/// What became of those of a kind that were found.
fn fate(k: &KindFigures) -> String {
    if k.found == 0 && k.kept_out == 0 {
        return String::new();
    }
    let time = k.kept_out_s.map_or_else(String::new, |s| format!(", median {} s", number(s, 1)));
    let (out, after) = (count(k.kept_out.into()), number(k.leases_after, 1));
    format!(
        "; {out} of {} kept out by all, {} found{time}, {after} leases after",
        count(k.minds.into()),
        count(k.found.into())
    )
}

/// What happened in a sentence or two.
pub fn headline(r: &LiarsResult) -> String {
    let last = |name: &str| r.run(name).map_or(0.0, |run| run.right_last_third_pct);
    let time = r.conviction_s.p50.map_or_else(|| "never".to_owned(), |s| format!("{} s", number(s, 1)));
    format!(
        "With {} of {} minds lying, {} % of all intents were served right in the last third of the run; {} % where choices rested on nothing. Of {} liars found with a wrong result that can be shown, no honest mind gave {} a lease any more, in the median {time} after the first was found; honest minds quarantined {} of each other.",
        count(r.liars.into()),
        count(r.nodes.into()),
        number(last("everything"), 1),
        number(last("nothing"), 1),
        count(r.provable.into()),
        count(r.convicted.into()),
        if r.false_quarantines == 0 { "none".to_owned() } else { count(r.false_quarantines) },
    )
}

fn told(name: &str, value: String) -> Figure {
    Figure { name: name.to_owned(), value, target: None, met: None }
}
