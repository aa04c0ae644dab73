//! Cases that follow from a sample by the general rules of the wire format.

use std::ops::Range;

use mindos_wire::ErrorClass as C;

use super::super::case::Case;
use crate::inspect::{Event, Kind, Leaf, decode};

/// Code points of each field that holds one; stated here, not taken from the decoder.
const CODES: &[(&str, u8)] = &[
    ("state", 5),
    ("label", 4),
    ("status", 2),
    ("reason", 6),
    ("outcome", 2),
    ("tier", 5),
    ("effect", 3),
    ("stakes", 3),
    ("kind", 7),
    ("scope", 3),
];

/// Lists whose order is their sender's.
const AS_THEY_COME: &[&str] = &["path", "weights"];

/// A body with the place of its fields, and how it is put back into its frame or record.
struct Body<'a> {
    name: &'a str,
    /// The whole input.
    whole: &'a [u8],
    /// Where the body starts and ends.
    body: Range<usize>,
    events: Vec<Event>,
}

impl Body<'_> {
    /// The input with another body, its length put right.
    fn with(&self, body: &[u8]) -> Vec<u8> {
        let rest = &self.whole[self.body.end..];
        let mut out = [&self.whole[..self.body.start], body, rest].concat();
        let length = u16::try_from(out.len() - 3).unwrap_or(u16::MAX).to_le_bytes();
        out[1..3].copy_from_slice(&length);
        out
    }

    fn bytes(&self) -> &[u8] {
        &self.whole[self.body.clone()]
    }

    /// The input whose body ends before offset `end` of the whole.
    fn cut(&self, end: usize) -> Vec<u8> {
        self.with(&self.whole[self.body.start..end])
    }

    fn id(&self, case: &str) -> String {
        format!("wire/{}/{case}", self.name)
    }

    fn invalid(
        &self,
        case: &str,
        flag: &'static str,
        class: C,
        reqs: &[&'static str],
        bytes: Vec<u8>,
        why: &str,
    ) -> Case {
        Case::invalid(self.id(case), flag, class, reqs, bytes, why)
    }
}

/// Cases from a sample of a frame.
pub(super) fn frame(name: &str, whole: &[u8]) -> Vec<Case> {
    let body = Body { name, whole, body: 3..whole.len(), events: events(Kind::Frame, whole) };
    let mut out = general(&body);
    if !body.bytes().is_empty() {
        let short = whole[..whole.len() - 1].to_vec();
        let why = "the length promises one byte more than there is";
        out.push(body.invalid("short", "Cut", C::Truncated, &["WIRE-002", "WIRE-011"], short, why));
    }
    let long = [whole, &[0]].concat();
    out.push(body.invalid("trailing", "Trailing", C::Trailing, &["WIRE-006"], long, "one byte follows the frame"));
    out
}

/// Cases from a sample of a record.
pub(super) fn record(name: &str, whole: &[u8]) -> Vec<Case> {
    let body = Body { name, whole, body: 3..whole.len() - 64, events: events(Kind::Record, whole) };
    general(&body)
}

fn events(kind: Kind, whole: &[u8]) -> Vec<Event> {
    decode(kind, whole).map(|d| d.traces.into_iter().flat_map(|t| t.events).collect()).unwrap_or_default()
}

fn general(body: &Body<'_>) -> Vec<Case> {
    let mut out = cuts(body);
    out.extend(codes(body));
    out.extend(lists(body));
    out.extend(tails(body));
    out
}

/// The body ends inside each field.
fn cuts(body: &Body<'_>) -> Vec<Case> {
    let mut out = Vec::new();
    let mut depth = 0;
    for event in &body.events {
        match event {
            Event::Leaf { name, span, .. } if depth == 0 && body.body.contains(&span.start) => {
                let (case, why) = (format!("cut-{name}"), format!("the body ends inside `{name}`"));
                out.push(body.invalid(&case, "Cut", C::Truncated, &["WIRE-002"], body.cut(span.end - 1), &why));
            }
            Event::List { name, span, .. } => {
                let (case, why) = (format!("cut-count-{name}"), format!("the body ends inside the count of `{name}`"));
                out.push(body.invalid(&case, "Cut", C::Truncated, &["WIRE-002"], body.cut(span.end - 1), &why));
                depth += 1;
            }
            Event::Open { .. } => depth += 1,
            Event::Close => depth -= 1,
            Event::Leaf { .. } => {}
        }
    }
    out
}

/// Every code point once, the first unknown one, and the last of all.
fn codes(body: &Body<'_>) -> Vec<Case> {
    let mut out = Vec::new();
    let mut done = Vec::new();
    for event in &body.events {
        let Event::Leaf { name, span, value: Leaf::Code(now, _) } = event else { continue };
        let Some((_, count)) = CODES.iter().find(|(n, _)| n == name) else { continue };
        if done.contains(name) {
            continue;
        }
        done.push(*name);
        let set = |code: u8| {
            let mut whole = body.whole.to_vec();
            whole[span.start] = code;
            whole
        };
        for code in (0..*count).filter(|c| u64::from(*c) != *now) {
            let id = body.id(&format!("{name}-{code}"));
            out.push(Case::valid(id, "Code", &["WIRE-003"], set(code), &format!("`{name}` has code {code}")));
        }
        for code in [*count, u8::MAX] {
            let (case, why) = (format!("{name}-{code}"), format!("`{name}` has code {code}, which has no name"));
            out.push(body.invalid(&case, "BadCode", C::Range, &["WIRE-003"], set(code), &why));
        }
    }
    out
}

/// Lists whose items are out of order, doubled, or fewer than the count.
fn lists(body: &Body<'_>) -> Vec<Case> {
    let mut out = Vec::new();
    for (i, event) in body.events.iter().enumerate() {
        let Event::List { name, span, count } = event else { continue };
        let opens = body.events[i..].iter().filter_map(|e| match e {
            Event::Open { name: "item", at } => Some(*at),
            _ => None,
        });
        let starts: Vec<usize> = opens.take(*count).collect();
        if let [first, second, ..] = starts[..]
            && !AS_THEY_COME.contains(name)
        {
            let width = second - first;
            let (a, b) = (&body.whole[first..second], &body.whole[second..second + width]);
            let set = |one: &[u8], two: &[u8]| {
                let mut whole = body.whole.to_vec();
                whole[first..second].copy_from_slice(one);
                whole[second..second + width].copy_from_slice(two);
                whole
            };
            let reqs: &[&str] = if body.name == "ack" { &["WIRE-019"] } else { &["WIRE-009", "WIRE-006"] };
            let (case, why) = (format!("{name}-swapped"), format!("two items of `{name}` are swapped"));
            out.push(body.invalid(&case, "Unsorted", C::Order, reqs, set(b, a), &why));
            let (case, why) = (format!("{name}-doubled"), format!("an item of `{name}` stands twice"));
            out.push(body.invalid(&case, "Unsorted", C::Order, reqs, set(a, a), &why));
        }
        let mut whole = body.whole.to_vec();
        whole[span.clone()].fill(u8::MAX);
        let (case, why) =
            (format!("{name}-without-items"), format!("the count of `{name}` promises more than there is"));
        out.push(body.invalid(&case, "Count", C::Truncated, &["WIRE-002", "WIRE-010"], whole, &why));
    }
    out
}

/// What may and may not follow the last field.
fn tails(body: &Body<'_>) -> Vec<Case> {
    let with = |tail: &[u8]| body.with(&[body.bytes(), tail].concat());
    let valid = |case: &str, tail: &[u8], why: &str| {
        let reqs = ["WIRE-006", "WIRE-015", "WIRE-018"];
        Case::valid(body.id(case), "Extension", &reqs, with(tail), why)
    };
    let bad = |case: &str, flag, class, req, tail: &[u8], why: &str| {
        body.invalid(case, flag, class, &[req, "WIRE-015"], with(tail), why)
    };
    vec![
        valid("extension", &[1, 0, 2, 0, 0xab, 0xcd], "an odd extension that nobody knows"),
        valid("extension-empty", &[0xff, 0xff, 0, 0], "the highest tag, without a value"),
        bad("tail-cut", "Cut", C::Truncated, "WIRE-002", &[1], "half a tag follows the last field"),
        bad(
            "tail-even",
            "Critical",
            C::UnknownCritical,
            "WIRE-017",
            &[2, 0, 0, 0],
            "an even extension that nobody knows",
        ),
        bad("tail-order", "Unsorted", C::Order, "WIRE-016", &[3, 0, 0, 0, 1, 0, 0, 0], "two extensions fall"),
    ]
}
