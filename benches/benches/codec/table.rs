//! The table of one message, and what was to be reached.

use crate::measure::Row;

/// At least this many times faster than a peer (a factor below 1 allows to be slower).
const FASTER: &[(&str, &str, f64)] = &[
    ("intent", "rkyv", 1.0 / 0.9),
    ("intent", "wincode", 1.5),
    ("intent", "postcard tuned", 5.0),
    ("intent", "prost", 15.0),
    ("load-advert", "rkyv", 1.0 / 1.1),
    ("load-advert", "postcard tuned", 4.0),
    ("load-advert", "prost", 13.0),
];

pub(crate) fn print(title: &str, rows: &[Row]) {
    let smallest = rows.iter().map(|r| r.size).min().unwrap();
    println!("\n## {title}\n");
    println!("| codec | bytes | vs smallest | encode ns | decode+visit ns | ratio to ours | allocs/decode |");
    println!("|---|---|---|---|---|---|---|");
    for r in rows {
        let over = (r.size as f64 / smallest as f64 - 1.0) * 100.0;
        println!(
            "| {} | {} | +{over:.1} % | {:.1} | {:.1} | {:.2} | {} |",
            r.codec, r.size, r.encode, r.visit, r.ratio, r.allocations
        );
    }
    println!();
    let verdict = |good: bool| if good { "reached" } else { "NOT reached" };
    let ours = &rows[0];
    for (_, peer, factor) in FASTER.iter().filter(|(message, ..)| *message == title) {
        let ratio = rows.iter().find(|r| r.codec == *peer).unwrap().ratio;
        println!("{peer}: {ratio:.2} times ours, to reach {factor:.2}: {}", verdict(ratio >= *factor));
    }
    let size = match title {
        "intent" => Some(smallest * 103 / 100),
        "load-advert" => Some(66),
        _ => None,
    };
    if let Some(most) = size {
        println!("size: {}, to reach {most}: {}", ours.size, verdict(ours.size <= most));
    }
    println!("allocations: {}, to reach 0: {}", ours.allocations, verdict(ours.allocations == 0.0));
}
