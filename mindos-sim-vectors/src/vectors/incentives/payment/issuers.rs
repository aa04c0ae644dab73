//! Whose deposits are worth something, and from whom payments come.

use serde_json::json;

use super::super::records::{DEPOSIT, Draft};
use super::super::story::{Story, name, refused};
use super::{
    ENDS, HEIR, ME, NAMED, OTHER, PAYER, ROOT, UNITS, deposit, deposit_of, payment, payment_of, story, written,
};

pub(super) fn issuers() -> Vec<Story> {
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

pub(super) fn addresses() -> Vec<Story> {
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
