//! Instructions of decode and visit, counted by callgrind: a number that other work on the machine does not
//! touch. The gate fails if ours are more than 2 % above the recorded ones.
//!
//! The bench runs itself under valgrind with two numbers of repetitions; the difference has neither start-up nor
//! preparation in it.

use std::process::{Command, exit};

use crate::measure::Suite;

/// `--repeat MESSAGE CODEC TIMES`: what runs under valgrind.
pub(crate) const REPEAT: &str = "--repeat";

/// `message = instructions`, of one compiler and one architecture.
const RECORDED: &str = include_str!("instructions.txt");
/// Above the recorded number, in percent.
const SLACK: u64 = 2;
const FEW: u64 = 1_000;
const MANY: u64 = 3_000;

pub(crate) fn repeat(mut suites: Vec<Suite>, message: &str, codec: &str, times: u32) {
    suites.iter_mut().find(|s| s.title == message).unwrap().visit(codec, times);
}

/// Counts ours and compares, with `all` the peers too; ends the process if one of ours is over.
pub(crate) fn gate(suites: &[Suite], all: bool) {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("valgrind is not installed: instructions were not counted, nothing was compared");
        return;
    }
    let compiler =
        Command::new("rustc").arg("--version").output().map(|o| String::from_utf8_lossy(&o.stdout).into_owned());
    let here =
        format!("{} {}", std::env::consts::ARCH, compiler.as_deref().unwrap_or("").split(" (").next().unwrap_or(""));
    let recorded = |key: &str| {
        RECORDED.lines().find_map(|line| line.split_once(" = ").filter(|(k, _)| *k == key).map(|(_, v)| v.trim()))
    };
    let same = recorded("measured with") == Some(here.trim());
    if !same {
        println!("recorded with {}, this is {here}: counted, not compared", recorded("measured with").unwrap_or("?"));
    }
    let mut over = false;
    for suite in suites {
        for codec in suite.codecs().take(if all { usize::MAX } else { 1 }) {
            let count = (total(&suite.title, codec, MANY) - total(&suite.title, codec, FEW)) / (MANY - FEW);
            print!("{}, {codec}: {count} instructions", suite.title);
            if codec == "mindos" && same {
                let most: u64 = recorded(&suite.title).expect("recorded").parse().expect("a number");
                let bad = count * 100 > most * (100 + SLACK);
                over |= bad;
                print!(", recorded {most}: {}", if bad { "OVER" } else { "within 2 %" });
            }
            println!();
        }
    }
    if over {
        exit(1);
    }
}

/// Instructions of a whole run.
fn total(message: &str, codec: &str, times: u64) -> u64 {
    let own = std::env::current_exe().expect("the path of this bench");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(own)
        .args([REPEAT, message, codec, &times.to_string()])
        .output()
        .expect("valgrind runs");
    let text = String::from_utf8_lossy(&output.stderr);
    let count = text.lines().find_map(|line| line.split_once("Collected : "));
    count.and_then(|(_, n)| n.trim().parse().ok()).unwrap_or_else(|| panic!("valgrind counted nothing:\n{text}"))
}
