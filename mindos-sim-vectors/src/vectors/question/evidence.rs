//! Evidence about a question: what of it holds, the entries that stand for it, and their roots.

use serde_json::json;

use super::Case;
use super::records::{
    ANCHOR, COMMIT, Draft, NETWORK, REVEAL, anchor_body, commit_body, commitment, entry, hash, key, question,
    reveal_body,
};
use crate::inspect::hex;

/// Seeds of reporters, and of roots in the order of their names.
const ONE: u8 = 0x41;
const TWO: u8 = 0x42;

/// A case in the making: records, each with whether it is taken.
struct Story {
    id: &'static str,
    flag: &'static str,
    comment: &'static str,
    reqs: &'static [&'static str],
    late: bool,
    roots: Vec<u8>,
    records: Vec<(Vec<u8>, bool)>,
    entries: Vec<Vec<u8>>,
    /// Author and label of those that count.
    reports: Vec<(u8, u8)>,
    outcome: Option<u8>,
}

fn said(weights: &[u16; 3], salt: u8) -> Vec<u8> {
    reveal_body(&question().1, salt, &[], weights)
}

fn commit(by: u8, body: &[u8]) -> Draft {
    Draft::new(COMMIT, by, &commit_body(&question().1, &commitment(by, body)))
}

impl Story {
    fn new(id: &'static str, flag: &'static str, comment: &'static str) -> Self {
        Self {
            id,
            flag,
            comment,
            reqs: &["TRUST-015", "TRUST-016"],
            late: false,
            roots: Vec::new(),
            records: Vec::new(),
            entries: Vec::new(),
            reports: Vec::new(),
            outcome: None,
        }
    }

    fn taken(mut self, record: Vec<u8>) -> Self {
        self.records.push((record, true));
        self
    }

    fn ignored(mut self, record: Vec<u8>) -> Self {
        self.records.push((record, false));
        self
    }

    fn entry(mut self, kind: u8, by: u8, said: &[u8; 32]) -> Self {
        self.entries.push(entry(kind, by, said));
        self
    }

    /// A report that counts: commit and reveal.
    fn report(self, by: u8, weights: &[u16; 3], label: u8) -> Self {
        let body = said(weights, by);
        let hidden = commitment(by, &body);
        let mut story = self
            .taken(commit(by, &body).bytes())
            .taken(Draft::new(REVEAL, by, &body).bytes())
            .entry(COMMIT, by, &hidden)
            .entry(REVEAL, by, &hidden);
        story.reports.push((by, label));
        story
    }

    fn root_says(self, by: u8, option: u8) -> Self {
        self.taken(anchor(by, option)).entry(ANCHOR, by, &outcome(option))
    }

    fn roots(self, roots: &[u8], outcome: Option<u8>) -> Self {
        Self { roots: roots.to_vec(), outcome, reqs: &["TRUST-016", "TRUST-018"], ..self }
    }

    fn case(mut self) -> Case {
        self.entries.sort();
        self.reports.sort_by_key(|r| key(r.0));
        let flags: Vec<&str> = self.records.iter().map(|r| if r.1 { "1" } else { "0" }).collect();
        let used =
            self.reports.iter().flat_map(|r| self.entries.iter().find(|e| e[0] == REVEAL && e[1..33] == key(r.0)));
        let used: Vec<u8> = used.flatten().copied().collect();
        let input = json!({
            "type": "evidence", "question": hex(&question().0), "late": if self.late { "1" } else { "0" },
            "roots": self.roots.iter().map(|r| hex(&key(*r))).collect::<Vec<_>>(),
            "records": self.records.iter().map(|r| hex(&r.0)).collect::<Vec<_>>(),
        });
        let out = json!({
            "taken": flags, "entries": self.entries.iter().map(|e| hex(e)).collect::<Vec<_>>(),
            "root": hex(&hash(&[&self.entries.concat()])), "evidence": hex(&hash(&[&used])),
            "reports": self.reports.iter().map(|(by, label)| format!("{} {label}", hex(&key(*by)))).collect::<Vec<_>>(),
            "outcome": self.outcome.map(|o| o.to_string()).unwrap_or_default(),
        });
        Case {
            id: format!("evidence/{}", self.id),
            comment: self.comment,
            flag: self.flag,
            reqs: self.reqs,
            invalid: flags.contains(&"0"),
            steps: vec![(input, out)],
        }
    }
}

fn anchor(by: u8, option: u8) -> Vec<u8> {
    Draft::new(ANCHOR, by, &anchor_body(&question().1, option)).bytes()
}

fn outcome(option: u8) -> [u8; 32] {
    std::array::from_fn(|i| if i == 0 { option } else { 0 })
}

const SAY: &[u16; 3] = &[5_535, 60_000, 0];

fn reports() -> Vec<Story> {
    let new = Story::new;
    let (body, other) = (said(SAY, ONE), said(SAY, TWO));
    let hidden = commitment(ONE, &body);
    let reveal = |by: u8, body: &[u8]| Draft::new(REVEAL, by, body);
    let again = |draft: Draft| Draft { sequence: 10, ..draft }.bytes();
    let silent = |story: Story| story.taken(commit(ONE, &body).bytes()).entry(COMMIT, ONE, &hidden);
    let plain = new("plain", "Normal", "two reports").report(ONE, SAY, 1).report(TWO, &[65_535, 0, 0], 0);
    let mut turned = new("turned", "Normal", "the order in which records come makes no difference")
        .report(TWO, &[65_535, 0, 0], 0)
        .report(ONE, SAY, 1);
    turned.records.sort_by_key(|r| (r.0[0], r.0[40]));
    let elsewhere = [&[9; 32], &body[32..]].concat();
    let two_options = reveal_body(&question().1, ONE, &[], &[5_535, 60_000]);
    let mut stories = vec![
        new("nothing", "Boundary", "a root of nothing"),
        plain,
        turned,
        new("equal", "Boundary", "of equal weights the first is the label").report(ONE, &[21_845; 3], 0),
        silent(new("silent", "Normal", "who committed and reveals nothing")),
        new("signed-anew", "Copies", "one report in several records is one entry")
            .report(ONE, SAY, 1)
            .ignored(again(commit(ONE, &body)))
            .ignored(again(reveal(ONE, &body))),
        silent(new("uncommitted", "Copies", "a reveal that does not fit"))
            .ignored(reveal(ONE, &said(SAY, 0x77)).bytes()),
        new("no-commit", "Copies", "a reveal without a commit").ignored(reveal(ONE, &body).bytes()),
        silent(new("copied", "Copies", "a copied commitment cannot be opened, even with the same words"))
            .taken(Draft::new(COMMIT, TWO, &commit_body(&question().1, &hidden)).bytes())
            .entry(COMMIT, TWO, &hidden)
            .ignored(reveal(TWO, &body).bytes()),
        silent(new("options", "Fields", "a reveal with too few weights, to which its author committed"))
            .taken(commit(TWO, &two_options).bytes())
            .entry(COMMIT, TWO, &commitment(TWO, &two_options))
            .ignored(reveal(TWO, &two_options).bytes()),
        silent(new("forged", "BadSignature", "records that others signed"))
            .ignored(commit(TWO, &other).signed_by(ONE))
            .ignored(reveal(ONE, &body).signed_by(TWO))
            .ignored(Draft { network: NETWORK + 1, ..reveal(ONE, &body) }.bytes()),
        silent(new("elsewhere", "Fields", "records about another question"))
            .ignored(Draft::new(COMMIT, TWO, &commit_body(&[9; 32], &hidden)).bytes())
            .ignored(reveal(ONE, &elsewhere).bytes()),
    ];
    // Who commits twice is in the evidence with zeros, and its reveals count for nothing.
    let twice = |id, comment| {
        let second = said(&[65_535, 0, 0], 0x78);
        new(id, "Copies", comment)
            .report(TWO, SAY, 1)
            .taken(commit(ONE, &body).bytes())
            .taken(commit(ONE, &second).bytes())
            .entry(COMMIT, ONE, &[0; 32])
            .ignored(commit(ONE, &said(SAY, 0x79)).bytes())
    };
    stories.push(twice("twice", "two commits of one author; a third proves nothing more"));
    stories.push(
        twice("twice-revealed", "a reveal of one of two commits is taken, and does not count")
            .taken(reveal(ONE, &body).bytes()),
    );
    let late = |mut story: Story| {
        story.late = true;
        story
    };
    let mut behind =
        new("late", "Normal", "of a question that was met late, a reveal ahead of its commit").report(ONE, SAY, 1);
    behind.records.reverse();
    stories.push(late(behind));
    let misfit = new("late-misfit", "Copies", "a reveal that does not fit gives way to the one that does")
        .taken(reveal(ONE, &said(SAY, 0x77)).bytes());
    stories.push(late(misfit.report(ONE, SAY, 1)));
    stories
}

fn anchors() -> Vec<Story> {
    let new = Story::new;
    // Roots in the order of their names.
    let mut roots: Vec<u8> = (0x60..0x69).collect();
    roots.sort_by_key(|seed| key(*seed));
    let [low, high] = [roots[0], roots[1]];
    let eight = roots[1..]
        .iter()
        .fold(new("nine-roots", "Boundary", "eight roots are kept, those of the lowest names"), |s, r| {
            s.taken(anchor(*r, 2))
        });
    let mut nine = eight.root_says(low, 0).roots(&roots, Some(0));
    for r in &roots[1..8] {
        nine = nine.entry(ANCHOR, *r, &outcome(2));
    }
    vec![
        new("anchor", "Normal", "a root says what came true").root_says(low, 2).roots(&[low], Some(2)),
        new("two-roots", "Contradiction", "of two roots the one of the lowest name counts")
            .root_says(high, 1)
            .root_says(low, 2)
            .roots(&[low, high], Some(2)),
        new("two-outcomes", "Contradiction", "of two outcomes by one root the lowest counts")
            .taken(anchor(low, 2))
            .root_says(low, 1)
            .ignored(anchor(low, 2))
            .roots(&[low], Some(1)),
        new("two-outcomes-turned", "Contradiction", "in the other order")
            .root_says(low, 1)
            .ignored(anchor(low, 2))
            .roots(&[low], Some(1)),
        new("no-root", "Stranger", "whoever is no root knows nothing").ignored(anchor(ONE, 1)).roots(&[low], None),
        new("no-option", "Fields", "an option that the question does not have")
            .ignored(anchor(low, 3))
            .root_says(high, 1)
            .roots(&[low, high], Some(1)),
        new("forged-anchor", "BadSignature", "an outcome under a root's name")
            .ignored(Draft::new(ANCHOR, low, &anchor_body(&question().1, 1)).signed_by(ONE))
            .roots(&[low], None),
        nine,
        new("tenth-root", "Boundary", "a ninth root of the highest name is not kept")
            .report(ONE, SAY, 1)
            .roots(&roots, Some(2))
            .all_say(&roots[..8])
            .ignored(anchor(roots[8], 0)),
    ]
}

impl Story {
    fn all_say(self, roots: &[u8]) -> Self {
        roots.iter().fold(self, |s, r| s.root_says(*r, 2))
    }
}

pub(super) fn cases() -> Vec<Case> {
    reports().into_iter().chain(anchors()).map(Story::case).collect()
}
