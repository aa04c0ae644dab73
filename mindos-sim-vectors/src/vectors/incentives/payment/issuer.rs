//! What an issuer makes of what payees show.

use serde_json::{Value as Json, json};

use super::super::records::{Draft, hash};
use super::super::story::{S, Story, fine, name, refused};
use super::{ENDS, ME, NAMED, OTHER, PAYER, UNITS, deposit_of, payment_of, story};
use crate::inspect::hex;

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
