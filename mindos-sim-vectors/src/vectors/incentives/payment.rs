//! Payments (section 7): what a payee takes, what counts when, and what an issuer sees.

use serde_json::{Value as Json, json};

use super::records::{DEPOSIT, Draft, NOW_S, PAYMENT, clash, hash, key, succession};
use super::story::{S, Story, fine, name, refused};
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

fn issuers() -> Vec<Story> {
    let reqs: &[&str] = &["INC-034"];
    let by = |issuer| {
        let deposit = deposit_of(issuer, UNITS, ENDS);
        let payment = payment_of(&deposit.bytes(), ME, 0, 100);
        (deposit, payment)
    };
    let ((root, of_root), (named, of_named)) = (by(ROOT), by(NAMED));
    let ((own, of_own), (heir, of_heir)) = (by(ME), by(HEIR));
    vec![
        story("issuer/root", "Normal", reqs, "a root of the leaf").pays(&root, &of_root, written()).stored(&[100], 100),
        story("issuer/stranger", "Stranger", reqs, "a member that is no root").pays(
            &named,
            &of_named,
            refused("issuer"),
        ),
        story("issuer/named", "Normal", reqs, "the same, named by the host")
            .given("issuers", json!([name(NAMED)]))
            .pays(&named, &of_named, written()),
        story("issuer/itself", "Normal", reqs, "the payee itself").pays(&own, &of_own, written()).stored(&[100], 100),
        story("issuer/root-retired", "Stranger", reqs, "a root whose key was given up, and who takes its place")
            .pays(&heir, &of_heir, refused("issuer"))
            .succeeds(ROOT, Some(HEIR))
            .pays(&root, &of_root, refused("issuer"))
            .pays(&heir, &of_heir, written()),
        story("issuer/named-retired", "Stranger", reqs, "an issuer that the host named, and whose key was given up")
            .given("issuers", json!([name(NAMED)]))
            .succeeds(NAMED, None)
            .pays(&named, &of_named, refused("issuer")),
    ]
}

fn addresses() -> Vec<Story> {
    let reqs: &[&str] = &["INC-035"];
    let (d, p) = (deposit(), payment(0, 100));
    let records = [d.bytes(), p.bytes()];
    let elsewhere = payment_of(&d.bytes(), OTHER, 0, 100);
    let by_other = Draft { by: OTHER, signer: OTHER, ..p.clone() };
    let other = Draft { sequence: 6, ..d.clone() };
    let own = Draft::new(DEPOSIT, PAYER, 5, ENDS, d.body.clone());
    vec![
        story("address/other-payee", "Fields", reqs, "another payee is named")
            .pays(&d, &elsewhere, refused("address"))
            .pays(&d, &p, written()),
        story("address/other-sender", "Forged", reqs, "another member sends it")
            .message(OTHER, &[], &records, refused("address"))
            .message(PAYER, &[], &records, written()),
        story("address/other-payer", "Forged", reqs, "the deposit is for another payer").message(
            OTHER,
            &[],
            &[d.bytes(), by_other.bytes()],
            refused("deposit"),
        ),
        story("address/other-deposit", "Fields", reqs, "the deposit before it is another one")
            .pays(&other, &p, refused("deposit"))
            .pays(&d, &p, written()),
        story("address/own-deposit", "Fields", reqs, "a payer that is its issuer")
            .given("issuers", json!([name(PAYER)]))
            .pays(&own, &payment_of(&own.bytes(), ME, 0, 100), refused("deposit")),
        story("address/alone", "Fields", reqs, "no deposit right before it, of the same sender in the same message")
            .message(PAYER, &[], &records[1..], refused("alone"))
            .message(
                PAYER,
                &[],
                &[d.bytes(), p.bytes(), payment(100, 200).bytes()],
                json!({
                    "refused": "alone", "writes": "1",
                }),
            )
            .stored(&[100], 100),
        story("address/no-member", "Stranger", reqs, "a payer that is no member").but(PAYER, "node", &name(0x7f)).pays(
            &d,
            &p,
            refused("member"),
        ),
    ]
}

fn ranges() -> Vec<Story> {
    let ends: &[&str] = &["INC-036"];
    let narrow: &[&str] = &["INC-052"];
    let new: &[&str] = &["INC-039", "INC-040"];
    let small = |units: u64, from: u64, to: u64| {
        let deposit = deposit_of(ROOT, units, ENDS);
        let payment = payment_of(&deposit.bytes(), ME, from, to);
        (deposit, payment)
    };
    let least = |id, units, width: u64, comment| {
        let ((d, p), (_, less)) = (small(units, 0, width), small(units, 0, width - 1));
        story(id, "Boundary", narrow, comment).pays(&d, &less, refused("narrow")).pays(&d, &p, written())
    };
    let ((one, all), (tall, top)) = (small(1, 0, 1), small(u64::MAX, u64::MAX - (1 << 58), u64::MAX));
    vec![
        story("range/last", "Boundary", ends, "the last unit of the deposit").range(900, 1_000, written()),
        story("range/above", "Boundary", ends, "one unit above it").range(900, 1_001, refused("units")),
        story("range/whole", "Boundary", ends, "all units").range(0, 1_000, written()).stored(&[1_000], 1_000),
        least("range/64th", 1_000, 16, "a 64th of 1,000, rounded up, and one less"),
        least("range/64th-65", 65, 2, "a 64th of 65"),
        story("range/64th-64", "Boundary", narrow, "a 64th of 64").pays(
            &small(64, 63, 64).0,
            &small(64, 63, 64).1,
            written(),
        ),
        story("range/one", "Boundary", narrow, "the only unit").pays(&one, &all, written()).stored(&[1], 1),
        story("range/most", "Boundary", narrow, "a 64th of 2^64 - 1").pays(&tall, &top, written()),
        story("range/grows", "Normal", new, "a later payment counts what is new, however little")
            .range(0, 100, written())
            .stored(&[100], 100)
            .range(0, 101, written())
            .stored(&[1], 101)
            .range(0, 500, written())
            .stored(&[399], 500),
        story("range/grows-unstored", "Normal", new, "the same before the first is on stable storage")
            .range(0, 100, written())
            .range(0, 150, written())
            .stored(&[100, 50], 150),
        story("range/again", "Twice", new, "what is known changes nothing")
            .range(0, 100, written())
            .stored(&[100], 100)
            .range(0, 100, nothing())
            .range(0, 50, nothing())
            .step(json!({ "type": "stored" }), json!({ "paid": [] })),
        story("range/beside", "Normal", new, "ranges beside each other")
            .range(100, 200, written())
            .range(200, 300, written())
            .range(0, 100, written())
            .stored(&[100, 100, 100], 300),
        story("range/inside", "Twice", new, "a part of what is held, from another unit on")
            .range(100, 200, written())
            .range(120, 180, refused("overlap"))
            .range(120, 220, refused("overlap"))
            .stored(&[100], 100),
        story("range/first-unit", "Boundary", new, "the first unit of what is held, and none of it")
            .range(100, 200, written())
            .range(50, 101, refused("overlap"))
            .range(50, 100, written())
            .stored(&[100, 50], 150),
        story("range/last-unit", "Boundary", new, "the last unit of what is held, and none of it")
            .range(100, 200, written())
            .range(199, 300, refused("overlap"))
            .range(200, 300, written())
            .stored(&[100, 100], 200),
        story("range/into-next", "Boundary", new, "a payment that grows into the next one")
            .range(0, 100, written())
            .range(200, 300, written())
            .range(0, 201, refused("overlap"))
            .range(0, 200, written())
            .stored(&[100, 100, 100], 300),
        story("range/other-deposit", "Normal", new, "the same units of another deposit")
            .range(0, 100, written())
            .pays(
                &Draft { sequence: 6, ..deposit() },
                &payment_of(&Draft { sequence: 6, ..deposit() }.bytes(), ME, 0, 100),
                written(),
            )
            .stored(&[100, 100], 200),
    ]
}

fn times() -> Vec<Story> {
    let reqs: &[&str] = &["INC-037"];
    let far: &[&str] = &["INC-054"];
    let until = |expires| {
        let deposit = deposit_of(ROOT, UNITS, expires);
        let payment = Draft { expires, ..payment_of(&deposit.bytes(), ME, 0, 100) };
        (deposit, payment)
    };
    let last = until(NOW_S + 400 * DAY);
    let later = until(NOW_S + 400 * DAY + 1);
    let short = Draft { expires: ENDS - 1, ..payment(0, 100) };
    let long = Draft { expires: u64::MAX, ..payment(0, 100) };
    vec![
        story("time/last-second", "Boundary", reqs, "the last second of the deposit").at(3_600 * S).range(
            0,
            100,
            written(),
        ),
        story("time/expired", "Boundary", reqs, "the second after it").at(3_601 * S).range(0, 100, refused("expired")),
        story("time/known-expired", "Boundary", reqs, "what was counted in time and grows too late")
            .range(0, 100, written())
            .at(3_601 * S)
            .range(0, 200, refused("expired"))
            .stored(&[100], 100),
        story("time/outlives", "Boundary", reqs, "a payment that ends a second before its deposit")
            .pays(&deposit(), &short, refused("outlives"))
            .pays(&deposit(), &long, written()),
        story("time/no-clock", "Boundary", reqs, "a payee that does not know the time, and is told")
            .given("unix_s", json!(""))
            .range(0, 100, refused("clock"))
            .step(json!({ "type": "clock", "unix_s": NOW_S.to_string() }), fine())
            .range(0, 100, written()),
        story("time/400-days", "Boundary", far, "a deposit of 400 days").pays(&last.0, &last.1, written()),
        story("time/far", "Boundary", far, "one second more, until it has passed")
            .pays(&later.0, &later.1, refused("far"))
            .at(S)
            .pays(&later.0, &later.1, written()),
    ]
}

fn forms() -> Vec<Story> {
    let reqs: &[&str] = &["INC-038"];
    let (d, p) = (deposit(), payment(0, 100));
    let bad = |id, comment, d: &Draft, p: &Draft| {
        story(id, "BadSignature", reqs, comment).pays(d, p, refused("signature")).range(0, 100, written())
    };
    let forged = Draft { signer: OTHER, ..d.clone() };
    let elsewhere = Draft { network: 8, ..d.clone() };
    let of = |d: &Draft| payment_of(&d.bytes(), ME, 0, 100);
    let long = |length: usize| {
        let deposit = d.filled(length);
        let payment = of(&deposit);
        (deposit, payment)
    };
    let (fits, over) = (long(256), long(257));
    vec![
        bad("form/payment-forged", "another key signed the payment", &d, &Draft { signer: OTHER, ..p.clone() }),
        bad(
            "form/payment-network",
            "the payment is signed for another network",
            &d,
            &Draft { network: 8, ..p.clone() },
        ),
        bad("form/deposit-forged", "another key signed the deposit", &forged, &of(&forged)),
        bad("form/deposit-network", "the deposit is signed for another network", &elsewhere, &of(&elsewhere)),
        story("form/payment-256", "Boundary", reqs, "a payment of 256 bytes").pays(&d, &p.filled(256), written()),
        story("form/payment-257", "Boundary", reqs, "a payment of 257 bytes").pays(
            &d,
            &p.filled(257),
            refused("length"),
        ),
        story("form/deposit-256", "Boundary", reqs, "a deposit of 256 bytes").pays(&fits.0, &fits.1, written()),
        story("form/deposit-257", "Boundary", reqs, "a deposit of 257 bytes").pays(&over.0, &over.1, refused("length")),
    ]
}

fn counting() -> Vec<Story> {
    let reqs: &[&str] = &["INC-041", "INC-042"];
    let sent = |payments: &[Draft]| {
        let records = |p: &Draft| json!([hex(&deposit().bytes()), hex(&p.bytes())]);
        let records: Vec<Json> = payments.iter().map(records).collect();
        let flat: Vec<Json> = records.into_iter().flat_map(|r| r.as_array().cloned().unwrap_or_default()).collect();
        json!({ "sent": [{ "to": name(ROOT), "contents": [], "records": flat }] })
    };
    let silent = || json!({ "sent": [], "paid": [], "ahead": [] });
    vec![
        story("counts/stored", "Normal", reqs, "a payment counts when it is on stable storage, and goes to the issuer")
            .range(0, 100, json!({ "writes": "1", "sent": [], "paid": [], "ahead": [] }))
            .wait(S, silent())
            .step(json!({ "type": "stored" }), sent(&[payment(0, 100)])),
        story("counts/issuer-down", "Normal", reqs, "an issuer that is down is told 5 s after it returned")
            .member(ROOT, "down", fine())
            .range(0, 100, fine())
            .range(100, 200, fine())
            .step(json!({ "type": "stored" }), json!({ "sent": [] }))
            .at(60 * S)
            .member(ROOT, "alive", json!({ "sent": [] }))
            .wait(65 * S - 1, json!({ "sent": [] }))
            .wait(65 * S, sent(&[payment(0, 100), payment(100, 200)])),
        story("counts/payer-kept-out", "Silenced", &["INC-045"], "a payer that is kept out")
            .range(0, 100, written())
            .message(OTHER, &[], &clash(PAYER, 1), json!({ "kept_out": [name(PAYER)] }))
            .range(0, 200, refused("payer"))
            .wait(3_599 * S, fine())
            .range(0, 200, refused("payer"))
            .at(3_600 * S)
            .range(0, 200, written()),
        story(
            "counts/payer-kept-out-before",
            "Line",
            &["INC-045", "INC-030"],
            "a payer in the place of a key that is kept out",
        )
        .message(OTHER, &[], &clash(NAMED, 1), fine())
        .range(0, 100, written())
        .succeeds(NAMED, Some(PAYER))
        .range(0, 200, refused("payer")),
    ]
}

/// What a payee makes of payments.
pub(super) fn payee() -> Vec<Story> {
    [issuers(), addresses(), ranges(), times(), forms(), counting()].concat()
}

/// What an issuer makes of what payees show.
pub(super) fn issuer() -> Vec<Story> {
    let both: &[&str] = &["INC-043", "INC-044"];
    let (deposit, later) = (deposit_of(ME, UNITS, ENDS), Draft { sequence: 6, ..deposit_of(ME, UNITS, ENDS) });
    let to = |payee, from, to| payment_of(&deposit.bytes(), payee, from, to);
    let shows =
        |s: Story, payee: u8, p: &Draft, expect: Json| s.message(payee, &[], &[deposit.bytes(), p.bytes()], expect);
    let new = |id, flag, comment| story(id, flag, both, comment);
    let holds = |s: Story| shows(s, OTHER, &to(OTHER, 100, 200), fine());
    let kept_out = || {
        json!({
            "refused": "double", "kept_out": [name(PAYER)],
            "quarantined": [format!("{} {}", name(PAYER), 3_600 * S)],
        })
    };
    let safe = || json!({ "kept_out": [] });
    let proof = |a: &Draft, b: &Draft| {
        let mut names = [a, b].map(|r| hex(&hash(&[&r.bytes()])));
        names.sort();
        names
    };
    let twice = |id, comment, from, end| {
        let (a, b) = (to(OTHER, 100, 200), to(NAMED, from, end));
        let names = proof(&a, &b);
        let story = shows(holds(new(id, "TwoFaced", comment)), NAMED, &b, kept_out());
        story.step(
            json!({ "type": "want", "from": name(OTHER), "names": [names[0]] }),
            json!({ "sent": [{ "to": name(OTHER), "contents": [], "records": [hex(&a.bytes()), hex(&b.bytes())] }] }),
        )
    };
    let once =
        |id, comment, from, end| shows(holds(new(id, "Boundary", comment)), NAMED, &to(NAMED, from, end), safe());
    let of_later = payment_of(&later.bytes(), NAMED, 100, 200);
    let mine = payment_of(&deposit.bytes(), ME, 150, 250);
    let paid_me = |s: Story, expect| s.pays(&deposit, &mine, expect);
    let timed = |id, at: u64, word: Option<&str>, comment| {
        let s = story(id, "Boundary", &["INC-043"], comment).at(at * S);
        shows(s, OTHER, &to(OTHER, 100, 200), word.map_or_else(fine, refused))
    };
    let small = deposit_of(ME, 64, ENDS);
    let unit = |payee, n| payment_of(&small.bytes(), payee, n, n + 1);
    let show = |s: Story, payee, n, expect| s.message(payee, &[], &[small.bytes(), unit(payee, n).bytes()], expect);
    let reqs: &[&str] = &["INC-043", "INC-044", "INC-052"];
    let all =
        story("issuer/64", "Boundary", reqs, "all 64 payments of a deposit, and one of them again to another payee");
    let all = (0..64).fold(all, |s, n| show(s, OTHER, n, safe()));
    vec![
        twice("issuer/same-range", "the same range to two", 100, 200),
        twice("issuer/first-unit", "one unit to two, the first", 50, 101),
        twice("issuer/last-unit", "one unit to two, the last", 199, 300),
        twice("issuer/within", "a part of what another has", 140, 160),
        twice("issuer/around", "all that another has, and more", 0, 1_000),
        once("issuer/before", "ranges that touch", 50, 100),
        once("issuer/behind", "ranges that touch, on the other side", 200, 300),
        shows(
            shows(
                holds(new("issuer/grown", "TwoFaced", "of a payment that grew the later one is held")),
                OTHER,
                &to(OTHER, 100, 300),
                safe(),
            ),
            NAMED,
            &to(NAMED, 250, 350),
            kept_out(),
        ),
        shows(
            shows(
                holds(new("issuer/shrunk", "Twice", "an earlier one changes nothing")),
                OTHER,
                &to(OTHER, 100, 120),
                safe(),
            ),
            NAMED,
            &to(NAMED, 190, 290),
            kept_out(),
        ),
        shows(
            holds(new("issuer/one-payee", "TwoFaced", "two ranges of one payee that overlap are no double spend")),
            OTHER,
            &to(OTHER, 150, 250),
            json!({ "refused": "overlap", "kept_out": [] }),
        ),
        holds(new("issuer/other-deposit", "Normal", "the same range of two deposits")).message(
            NAMED,
            &[],
            &[later.bytes(), of_later.bytes()],
            safe(),
        ),
        paid_me(holds(new("issuer/payee-itself", "TwoFaced", "what a payee showed, paid to the issuer")), kept_out()),
        shows(
            paid_me(new("issuer/payee-itself-first", "TwoFaced", "the same in the other order"), fine()),
            OTHER,
            &to(OTHER, 100, 200),
            kept_out(),
        ),
        shows(
            holds(new("issuer/forged", "BadSignature", "a payment that the payer did not sign")),
            NAMED,
            &Draft { signer: NAMED, ..to(NAMED, 100, 200) },
            json!({ "refused": "signature", "kept_out": [] }),
        ),
        story("issuer/not-the-payee", "Forged", &["INC-043"], "shown by somebody else").message(
            NAMED,
            &[],
            &[deposit.bytes(), to(OTHER, 100, 200).bytes()],
            refused("address"),
        ),
        timed("issuer/five-minutes", 3_900, None, "five minutes after the end of the deposit"),
        timed("issuer/expired", 3_901, Some("expired"), "a second later"),
        show(all, NAMED, 37, kept_out()),
    ]
}

/// Two payments, seen by whoever is neither payee nor issuer.
pub(super) fn doubles() -> Vec<Story> {
    let d = deposit_of(NAMED, UNITS, ENDS).bytes();
    let to = |payee, from, to| payment_of(&d, payee, from, to);
    let (a, b) = (to(OTHER, 100, 200), to(ROOT, 150, 250));
    let see = |id, flag, comment, a: &Draft, b: &Draft, kept_out: bool| {
        let kept_out: Vec<String> = kept_out.then(|| name(PAYER)).into_iter().collect();
        let story = story(id, flag, &["INC-044", "INC-019"], comment);
        let expect = if kept_out.is_empty() {
            json!({ "refused": "alone", "kept_out": [] })
        } else {
            json!({ "kept_out": kept_out })
        };
        story.message(HEIR, &[], &[a.bytes(), b.bytes()], expect)
    };
    let no = |id, flag, comment, b: &Draft| see(id, flag, comment, &a, b, false);
    vec![
        see("double/overlap", "TwoFaced", "one unit to two", &a, &b, true),
        see("double/turned", "TwoFaced", "in the other order", &b, &a, true),
        no("double/touch", "Boundary", "ranges that touch", &to(ROOT, 200, 300)),
        see("double/last-unit", "Boundary", "one unit in common", &a, &to(ROOT, 199, 300), true),
        no("double/one-payee", "TwoFaced", "one payee has both", &to(OTHER, 150, 250)),
        no("double/other-deposit", "TwoFaced", "of another deposit", &payment_of(&[0], ROOT, 150, 250)),
        no("double/other-payer", "TwoFaced", "of another payer", &Draft { by: OTHER, signer: OTHER, ..b.clone() }),
        no("double/forged", "BadSignature", "the payer did not sign the second", &Draft { signer: OTHER, ..b.clone() }),
        see("double/long", "Boundary", "records of 256 bytes", &a.filled(256), &b.filled(256), true),
    ]
}
