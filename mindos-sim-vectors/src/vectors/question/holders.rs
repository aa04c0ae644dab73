//! Who holds a domain: members in service that are vouched for, in an order of its own.

use serde_json::{Value as Json, json};

use super::Case;
use super::records::{hash, key};
use crate::inspect::hex;

const DOMAIN: u32 = 0x0403_0201;

/// A member: seed, state, whether somebody vouches for it.
type Member = (u8, &'static str, bool);

/// The holders and those next in order, by the text of the chapter.
fn seated(domain: u32, members: &[Member]) -> (Vec<String>, Vec<String>) {
    let serves = |m: &&Member| m.2 && (m.1 == "alive" || m.1 == "suspect");
    let rank = |seed: u8| hash(&[b"mindos/holder/1\0", &domain.to_le_bytes(), &key(seed)]);
    let mut all: Vec<u8> = members.iter().filter(serves).map(|m| m.0).collect();
    all.sort_by_key(|seed| rank(*seed));
    let mut names = all.into_iter().take(7).map(|seed| hex(&key(seed)));
    let holders = names.by_ref().take(5).collect();
    (holders, names.collect())
}

fn case(id: &'static str, flag: &'static str, domain: u32, members: &[Member], comment: &'static str) -> Case {
    let (holders, next) = seated(domain, members);
    let told = |m: &Member| json!({ "node": hex(&key(m.0)), "state": m.1, "vouched": if m.2 { "1" } else { "0" } });
    let members: Vec<Json> = members.iter().map(told).collect();
    let input = json!({ "type": "holders", "domain": domain.to_string(), "members": members });
    let steps = vec![(input, json!({ "holders": holders, "next": next }))];
    Case { id: format!("holders/{id}"), comment, flag, reqs: &["TRUST-010"], invalid: false, steps }
}

pub(super) fn cases() -> Vec<Case> {
    let of = |seeds: std::ops::Range<u8>| seeds.map(|s| (s, "alive", true)).collect::<Vec<Member>>();
    let twelve = of(1..13);
    let order = |members: &[Member]| {
        let rank = |seed: u8| hash(&[b"mindos/holder/1\0", &DOMAIN.to_le_bytes(), &key(seed)]);
        let mut seeds: Vec<u8> = members.iter().map(|m| m.0).collect();
        seeds.sort_by_key(|seed| rank(*seed));
        seeds
    };
    // What befalls the first in order, so that it shows.
    let first: Vec<u8> = order(&twelve);
    let with = |state: &'static str, vouched: bool, places: &[usize]| {
        let hit = |m: &Member| places.iter().any(|p| first[*p] == m.0);
        twelve.iter().map(|m| if hit(m) { (m.0, state, vouched) } else { *m }).collect::<Vec<Member>>()
    };
    let turned: Vec<Member> = twelve.iter().rev().copied().collect();
    vec![
        case("twelve", "Normal", DOMAIN, &twelve, "twelve members: five hold the domain, two are next"),
        case("twelve-turned", "Normal", DOMAIN, &turned, "the order in which members are known makes no difference"),
        case("other-domain", "Normal", 0x0102_0304, &twelve, "another domain, whose bytes are the same turned round"),
        case("domain-0", "Boundary", 0, &twelve, "the domain 0"),
        case("domain-last", "Boundary", u32::MAX, &twelve, "the domain 2^32 - 1"),
        case("seven", "Boundary", DOMAIN, &of(1..8), "seven members"),
        case("six", "Boundary", DOMAIN, &of(1..7), "one is next"),
        case("five", "Boundary", DOMAIN, &of(1..6), "nobody is next"),
        case("two", "Boundary", DOMAIN, &of(1..3), "fewer members than holders"),
        case("nobody", "Boundary", DOMAIN, &[], "no member"),
        case("suspect", "Normal", DOMAIN, &with("suspect", true, &[0, 1, 4]), "suspects keep their seats"),
        case("down", "Normal", DOMAIN, &with("down", true, &[0, 3]), "who is down gives its seat to the next"),
        case("left", "Normal", DOMAIN, &with("left", true, &[1]), "who left does"),
        case("retired", "Normal", DOMAIN, &with("retired", true, &[2]), "a key that was given up does"),
        case("unvouched", "Stranger", DOMAIN, &with("alive", false, &[0, 1, 2]), "nobody vouches for the first three"),
        case("unvouched-suspect", "Stranger", DOMAIN, &with("suspect", false, &[0]), "nor for a suspect"),
        case("nobody-serves", "Boundary", DOMAIN, &with("down", true, &(0..12).collect::<Vec<_>>()), "all are down"),
    ]
}
