//! Two payments, seen by whoever is neither payee nor issuer.

use serde_json::json;

use super::super::records::Draft;
use super::super::story::{Story, name};
use super::{ENDS, HEIR, NAMED, OTHER, PAYER, ROOT, UNITS, deposit_of, payment_of, story};

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
