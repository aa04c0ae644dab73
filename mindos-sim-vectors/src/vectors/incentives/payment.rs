//! Payments (section 7): what a payee takes, what counts when, and what an issuer sees.

mod doubles;
mod issuer;
mod issuers;
mod ranges;
mod times;

use serde_json::{Value as Json, json};

use super::Groups;
use super::records::{DEPOSIT, Draft, NOW_S, PAYMENT, hash, key, succession};
use super::story::{Story, fine, name};
use crate::inspect::hex;

/// The reader; the root, which issues; who pays; another member, and another issuer.
const ME: u8 = 0x70;
const ROOT: u8 = 0x71;
const PAYER: u8 = 0x72;
const OTHER: u8 = 0x73;
const NAMED: u8 = 0x74;
/// Who takes the root's place.
const HEIR: u8 = 0x75;
const UNITS: u64 = 1_000;
const ENDS: u64 = NOW_S + 3_600;
const DAY: u64 = 86_400;

fn story(id: &str, flag: &'static str, reqs: &'static [&'static str], comment: &'static str) -> Story {
    let members = [ROOT, PAYER, OTHER, NAMED, HEIR];
    let story = Story::new(("payment", id), flag, reqs, (ME, &members), comment);
    let story = members.into_iter().fold(story, |s, seed| s.but(seed, "partner", "0"));
    story.given("roots", json!([name(ROOT)]))
}

/// A deposit for the payer.
fn deposit_of(issuer: u8, units: u64, expires: u64) -> Draft {
    Draft::new(DEPOSIT, issuer, 5, expires, [&key(PAYER)[..], &units.to_le_bytes()].concat())
}

fn deposit() -> Draft {
    deposit_of(ROOT, UNITS, ENDS)
}

/// So many units of a deposit to a payee.
fn payment_of(deposit: &[u8], payee: u8, from: u64, to: u64) -> Draft {
    let body = [&hash(&[deposit])[..], &key(payee), &from.to_le_bytes(), &to.to_le_bytes()].concat();
    // Two of one sequence would exclude each other.
    let sequence = hash(&[&body]).first_chunk::<4>().map_or(0, |b| u32::from_le_bytes(*b));
    Draft::new(PAYMENT, PAYER, sequence.into(), ENDS, body)
}

fn payment(from: u64, to: u64) -> Draft {
    payment_of(&deposit().bytes(), ME, from, to)
}

fn written() -> Json {
    json!({ "writes": "1" })
}

/// Neither refused nor new.
fn nothing() -> Json {
    json!({ "writes": [] })
}

impl Story {
    /// A payment behind its deposit, from the payer.
    fn pays(self, deposit: &Draft, payment: &Draft, expect: Json) -> Self {
        self.message(PAYER, &[], &[deposit.bytes(), payment.bytes()], expect)
    }

    fn range(self, from: u64, to: u64, expect: Json) -> Self {
        self.pays(&deposit(), &payment(from, to), expect)
    }

    /// What was taken is on stable storage: so much is new, and the account has fallen by so much in all.
    fn stored(self, units: &[u64], all: u64) -> Self {
        let paid: Vec<String> = units.iter().map(|u| format!("{} {u}", name(PAYER))).collect();
        let ahead = [format!("{} {all}", name(PAYER))];
        self.step(json!({ "type": "stored" }), json!({ "paid": paid, "ahead": ahead }))
    }

    fn succeeds(self, old: u8, new: Option<u8>) -> Self {
        self.step(json!({ "type": "succession", "record": hex(&succession(old, new)) }), fine())
    }
}

/// The groups of the file.
pub(super) fn groups() -> Groups {
    let payee =
        [issuers::issuers(), issuers::addresses(), ranges::ranges(), times::times(), times::forms(), times::counting()];
    vec![("payee", payee.concat()), ("issuer", issuer::issuer()), ("double-spend", doubles::doubles())]
}
