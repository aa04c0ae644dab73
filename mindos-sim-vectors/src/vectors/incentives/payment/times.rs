//! When payments are taken, in what form, and what counts.

use serde_json::{Value as Json, json};

use super::super::records::{Draft, NOW_S, equivocation};
use super::super::story::{S, Story, fine, name, refused};
use super::{
    DAY, ENDS, ME, NAMED, OTHER, PAYER, ROOT, UNITS, deposit, deposit_of, payment, payment_of, story, written,
};
use crate::inspect::hex;

pub(super) fn times() -> Vec<Story> {
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

pub(super) fn forms() -> Vec<Story> {
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

pub(super) fn counting() -> Vec<Story> {
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
            .message(OTHER, &[], &equivocation(PAYER, 1), json!({ "kept_out": [name(PAYER)] }))
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
        .message(OTHER, &[], &equivocation(NAMED, 1), fine())
        .range(0, 100, written())
        .succeeds(NAMED, Some(PAYER))
        .range(0, 200, refused("payer")),
    ]
}
