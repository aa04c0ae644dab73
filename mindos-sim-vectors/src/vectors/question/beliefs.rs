//! A reader: of what holders answer, what is believed, or nothing.

use serde_json::{Value as Json, json};

use super::Case;
use super::records::{BELIEF, Draft, NETWORK, belief_body, key};
use crate::inspect::hex;

const NAME: [u8; 32] = [0x11; 32];
/// Seeds of the holders, and of somebody else.
const HOLDERS: [u8; 5] = [0x21, 0x22, 0x23, 0x24, 0x25];
const OTHER: u8 = 0x26;

/// What holders may state: evidence, reports, weights.
type Stated = (u8, u32, [u16; 2]);
const TRUE: Stated = (0xe0, 12, [5_535, 60_000]);
const FALSE: Stated = (0xe0, 12, [65_535, 0]);

struct Story {
    id: &'static str,
    flag: &'static str,
    comment: &'static str,
    holders: Vec<u8>,
    members: u32,
    over: bool,
    /// Who sends which record, and whether it counts.
    records: Vec<(u8, Vec<u8>, bool)>,
}

fn belief(by: u8, stated: Stated) -> Draft {
    Draft::new(BELIEF, by, &belief_body(&NAME, stated.0, stated.1, &stated.2))
}

impl Story {
    fn new(id: &'static str, flag: &'static str, comment: &'static str) -> Self {
        Self { id, flag, comment, holders: HOLDERS.to_vec(), members: 12, over: true, records: Vec::new() }
    }

    fn of(self, holders: &[u8], members: u32) -> Self {
        Self { holders: holders.to_vec(), members, ..self }
    }

    fn waiting(self) -> Self {
        Self { over: false, ..self }
    }

    fn states(self, by: &[u8], stated: Stated) -> Self {
        by.iter().fold(self, |s, h| s.sent(*h, belief(*h, stated).bytes(), true))
    }

    fn sent(mut self, from: u8, record: Vec<u8>, counts: bool) -> Self {
        self.records.push((from, record, counts));
        self
    }

    /// The case, in which so many agree; on what, if it is believed.
    fn ends(self, agreeing: usize, believed: Option<Stated>) -> Case {
        self.case(agreeing, believed, "belief")
    }

    fn case(self, agreeing: usize, believed: Option<Stated>, group: &str) -> Case {
        let taken: Vec<&str> = self.records.iter().map(|r| if r.2 { "1" } else { "0" }).collect();
        let told = |r: &(u8, Vec<u8>, bool)| json!({ "from": hex(&key(r.0)), "record": hex(&r.1) });
        let records: Vec<Json> = self.records.iter().map(told).collect();
        let input = json!({
            "type": "belief", "question": hex(&NAME), "options": "2", "members": self.members.to_string(),
            "holders": self.holders.iter().map(|h| hex(&key(*h))).collect::<Vec<_>>(),
            "records": records, "over": if self.over { "1" } else { "0" },
        });
        let out = match believed {
            _ if !self.over && believed.is_none() => json!({ "taken": taken, "waits": "1" }),
            None => json!({ "taken": taken, "agreeing": agreeing.to_string(), "weights": [] }),
            Some((evidence, reports, weights)) => json!({
                "taken": taken, "agreeing": agreeing.to_string(), "weights": weights.map(|w| w.to_string()),
                "evidence": hex(&[evidence; 32]), "reports": reports.to_string(),
            }),
        };
        let invalid = taken.contains(&"0") || believed.is_none() && self.over;
        let reqs = &["TRUST-020"];
        let id = format!("{group}/{}", self.id);
        Case { id, comment: self.comment, flag: self.flag, reqs, invalid, steps: vec![(input, out)] }
    }
}

pub(super) fn cases() -> Vec<Case> {
    let new = Story::new;
    let h = &HOLDERS[..];
    let third = (0xe0, 12, [0, 65_535]);
    let liar = |body: Vec<u8>| Draft::new(BELIEF, HOLDERS[0], &body).bytes();
    vec![
        new("five-alike", "Normal", "five state the same").states(h, TRUE).ends(5, Some(TRUE)),
        new("three-of-five", "Boundary", "two lie").states(&h[..2], FALSE).states(&h[2..], TRUE).ends(3, Some(TRUE)),
        new("three-liars", "Copies", "three liars are believed: a majority is all that a reader has")
            .states(&h[..3], FALSE)
            .states(&h[3..], TRUE)
            .ends(3, Some(FALSE)),
        new("two-two-one", "Contradiction", "no majority")
            .states(&h[..2], FALSE)
            .states(&h[2..4], TRUE)
            .states(&h[4..], third)
            .ends(2, None),
        new("two-answer", "Boundary", "three are silent, and count as others").states(&h[..2], TRUE).ends(2, None),
        new("three-answer", "Boundary", "two are silent").states(&h[..3], TRUE).ends(3, Some(TRUE)),
        new("nobody", "Boundary", "nobody answers").ends(0, None),
        new("evidence", "Contradiction", "the same weights of other evidence are something else")
            .states(&h[..2], TRUE)
            .states(&h[2..], (0xe1, 12, TRUE.2))
            .ends(3, Some((0xe1, 12, TRUE.2))),
        new("evidence-split", "Contradiction", "so that nobody may be believed")
            .states(&h[..2], TRUE)
            .states(&h[2..4], (0xe1, 12, TRUE.2))
            .states(&h[4..], (0xe0, 11, TRUE.2))
            .ends(2, None),
        new("one-part", "Contradiction", "weights that differ by one part are others")
            .states(&h[..2], TRUE)
            .states(&h[2..4], (TRUE.0, TRUE.1, [5_536, 59_999]))
            .ends(2, None),
        new("waits", "Normal", "two alike decide nothing while others may answer")
            .states(&h[..2], TRUE)
            .waiting()
            .ends(2, None),
        new("early", "Normal", "three alike decide before the time is over")
            .states(&h[..3], TRUE)
            .waiting()
            .ends(3, Some(TRUE)),
        new("twice", "Copies", "a holder has one word: its first")
            .states(&h[..1], FALSE)
            .sent(h[0], Draft { sequence: 10, ..belief(h[0], FALSE) }.bytes(), false)
            .sent(h[0], belief(h[0], TRUE).bytes(), false)
            .states(&h[1..3], TRUE)
            .ends(2, None),
        new("carried", "Copies", "what one says for others does not count")
            .states(&h[..1], FALSE)
            .sent(h[0], belief(h[1], FALSE).bytes(), false)
            .sent(h[0], belief(h[2], FALSE).bytes(), false)
            .states(&h[1..4], TRUE)
            .ends(3, Some(TRUE)),
        new("not-asked", "Stranger", "who does not hold the domain has no word")
            .states(&h[..2], TRUE)
            .sent(OTHER, belief(OTHER, TRUE).bytes(), false)
            .ends(2, None),
        new("other-question", "Fields", "a belief about another question")
            .states(&h[1..3], TRUE)
            .sent(h[0], liar(belief_body(&[0x12; 32], 0xe0, 12, &TRUE.2)), false)
            .ends(2, None),
        new("three-weights", "Fields", "more weights than options")
            .states(&h[1..3], TRUE)
            .sent(h[0], liar(belief_body(&NAME, 0xe0, 12, &[5_535, 60_000, 0])), false)
            .ends(2, None),
        new("four-holders", "Boundary", "two of four are no majority")
            .of(&h[..4], 12)
            .states(&h[..2], TRUE)
            .ends(2, None),
        new("three-holders", "Boundary", "two of three are").of(&h[..3], 12).states(&h[..2], TRUE).ends(2, Some(TRUE)),
        new("two-holders", "Stranger", "who knows two holders in a larger leaf may be kept from the others")
            .of(&h[..2], 12)
            .states(&h[..2], TRUE)
            .ends(2, None),
        new("leaf-of-two", "Boundary", "a leaf of two").of(&h[..2], 2).states(&h[..2], TRUE).ends(2, Some(TRUE)),
        new("leaf-of-one", "Boundary", "a leaf of one").of(&h[..1], 1).states(&h[..1], TRUE).ends(1, Some(TRUE)),
        new("no-holders", "Boundary", "nobody holds the domain").of(&[], 12).ends(0, None),
    ]
}

/// Beliefs whose signatures do not hold.
pub(super) fn forged() -> Vec<Case> {
    let h = HOLDERS;
    let forge = |draft: Draft| draft.signed_by(OTHER);
    let mut flipped = belief(h[0], FALSE).bytes();
    flipped[51 + 72] ^= 1;
    let story = |id, comment| Story::new(id, "BadSignature", comment).states(&h[1..3], TRUE);
    vec![
        story("signed-by-other", "another key signed").sent(h[0], forge(belief(h[0], TRUE)), false),
        story("other-network", "signed for another network").sent(
            h[0],
            Draft { network: NETWORK + 1, ..belief(h[0], TRUE) }.bytes(),
            false,
        ),
        story("flipped", "one bit of what it used is another").sent(h[0], flipped, false),
        story("again", "and the holder's own word still counts")
            .sent(h[0], forge(belief(h[0], FALSE)), false)
            .states(&h[..1], TRUE),
    ]
    .into_iter()
    .map(|s| {
        let alike = s.records.iter().filter(|r| r.2).count();
        let believed = (alike == 3).then_some(TRUE);
        s.case(alike, believed, "forged-belief")
    })
    .collect()
}
