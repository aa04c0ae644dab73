//! Payers, payees and issuers: whole nodes in a leaf with a root.

use mindos_wire::{Bytes16, DepositBody, PaymentBody, Record, RecordBody, Tail, TrustRecord};

use super::super::*;
use super::net::{Link, MS, Net, Rng, S};
use super::{capacity, request};
use crate::Voucher;
use crate::crypto::{Crypto, DEFAULT};
use crate::identity::{Identity, sign_record};
use crate::outbox::frame;

const N: usize = 6;
const SEED: u64 = 91;
const START: u64 = 1_800_000_000;
/// When deposits of these tests are over.
const EXPIRES: u64 = START + 3_600;
/// The root of the leaf, which issues; who pays; who is paid.
const ISSUER: usize = 0;
const PAYER: usize = 1;
const PAYEE: usize = 2;
const OTHER: usize = 3;

/// Host 0 is the root and vouches for everybody.
fn leaf(hosts: usize) -> Net {
    let mut net = Net::new(hosts, SEED, Link::CLEAN);
    net.configure = |config| {
        let root = DEFAULT.derive("mindos test node identity", &[&SEED.to_le_bytes(), &0u64.to_le_bytes()]);
        config.roots = vec![NodeId(DEFAULT.sign_public(&root))];
    };
    (0..hosts).for_each(|host| start(&mut net, host));
    net.run(12 * S);
    assert!(net.agree());
    net
}

/// A run of a host, its first or another.
fn start(net: &mut Net, host: usize) {
    net.start(host);
    let voucher = Voucher::sign(&DEFAULT, &net.secret(0), 7, net.hosts[host].id, u64::MAX);
    net.command(host, Command::SetVoucher(voucher));
    net.input(host, Input::WallClock { unix_s: START + net.now / S });
    if host > 0 {
        net.join(host, 0);
    } else if net.hosts[0].run > 1 {
        net.join(0, PAYEE);
    }
}

/// A deposit for the payer, in its hands.
fn deposit(net: &mut Net, units: u64) -> (DepositId, Bytes) {
    let payer = net.hosts[PAYER].id;
    assert_eq!(net.command(ISSUER, Command::Issue { payer, units, expires: EXPIRES }), Handled::Accepted);
    let issued = net.hosts[ISSUER].events.iter().rev().find_map(|(_, e)| match e {
        Event::Issued { deposit, record } => Some((*deposit, record.clone())),
        _ => None,
    });
    let (id, record) = issued.unwrap();
    assert_eq!(net.command(PAYER, Command::Deposit { record: record.clone() }), Handled::Accepted);
    net.run(100 * MS);
    (id, record)
}

fn pay(net: &mut Net, deposit: DepositId, payee: usize, amount: u64) -> Handled {
    let payee = net.hosts[payee].id;
    net.command(PAYER, Command::Pay { deposit, payee, amount })
}

/// What a host was told that it was paid: units and the range of the record.
fn paid(net: &Net, host: usize) -> Vec<(u64, u64, u64)> {
    let range = |payment: &Bytes| {
        let r = Record::<PaymentBody<'_>>::decode_as(payment).unwrap();
        (r.body.from, r.body.to)
    };
    let told = net.hosts[host].events.iter().filter_map(|(_, e)| match e {
        Event::Paid { units, payment, .. } => Some((*units, range(payment).0, range(payment).1)),
        _ => None,
    });
    told.collect()
}

/// Owed, open, ahead.
fn account(net: &Net, host: usize, of: usize) -> Option<(u64, u64, u64)> {
    let of = net.hosts[of].id;
    net.node(host).accounts().find(|a| *a.0 == of).map(|(_, a)| (a.owed, a.open, a.ahead))
}

fn keeps_out(net: &Net, host: usize, subject: usize) -> bool {
    net.node(host).quarantined(Instant(net.now)).any(|q| q.0 == net.hosts[subject].id)
}

/// A payment as anybody may sign it.
#[derive(Clone)]
struct Forged {
    signer: usize,
    deposit: Bytes,
    payee: usize,
    from: u64,
    to: u64,
    expires: u64,
    sequence: u64,
}

impl Forged {
    fn record(&self, net: &Net) -> Bytes {
        let body = RecordBody::Payment(PaymentBody {
            deposit: &DEFAULT.hash(&[&self.deposit]),
            payee: &net.hosts[self.payee].id.0,
            from: self.from,
            to: self.to,
            tail: Tail::default(),
        });
        sign_record(&identity(net, self.signer), self.sequence, self.expires, &body).unwrap()
    }
}

fn identity(net: &Net, host: usize) -> Identity {
    Identity::new(&DEFAULT, net.secret(host), 7)
}

fn carried(records: &[&Bytes]) -> Vec<u8> {
    let one = |record: &&Bytes| frame(&TrustRecord { record: Bytes16(record), tail: Tail::default() });
    records.iter().flat_map(one).collect()
}

fn signed_deposit(net: &Net, issuer: usize, payer: usize, expires: u64) -> Bytes {
    let body = RecordBody::Deposit(DepositBody { payer: &net.hosts[payer].id.0, units: 100, tail: Tail::default() });
    sign_record(&identity(net, issuer), 1 << 40, expires, &body).unwrap()
}

// spec: INC-033 2b18, INC-040 2048
#[test]
fn an_origin_whose_credit_is_used_up_pays_and_work_goes_on() {
    let mut net = leaf(4);
    net.command(PAYEE, Command::SetCapacity(Capacity { credit: 40, ..capacity(1) }));
    net.run(8 * S);
    let (id, _) = deposit(&mut net, 1_000);
    let work = || IntentRequest { lifetime: Duration::from_secs(30), ..request(b"abc") };
    // Two seconds of reference work at 10 a second, each.
    for owed in [20, 40] {
        let intent = net.submit(PAYER, work()).unwrap();
        net.run(20 * S);
        assert_eq!((net.ends(PAYER, intent), account(&net, PAYEE, PAYER)), ((1, 0), Some((owed, 0, 0))));
    }
    let refused = net.submit(PAYER, work()).unwrap();
    net.run(31 * S);
    assert_eq!(net.ends(PAYER, refused), (0, 1), "its credit is used up");
    // It knows what it owes, pays that and 30 ahead.
    let debts: Vec<(NodeId, u64)> = net.node(PAYER).debts().collect();
    assert_eq!(debts, [(net.hosts[PAYEE].id, 40)]);
    assert_eq!(pay(&mut net, id, PAYEE, 40), Handled::Accepted);
    assert_eq!(net.node(PAYER).debts().count(), 0);
    assert_eq!(pay(&mut net, id, PAYEE, 30), Handled::Accepted);
    net.run(S);
    assert_eq!(account(&net, PAYEE, PAYER), Some((0, 0, 30)));
    assert_eq!(paid(&net, PAYEE), [(40, 0, 40), (30, 0, 70)], "cumulative");
    assert_eq!(net.node(PAYER).deposits().collect::<Vec<_>>(), [(id, 930)]);
    // Three more within what was paid ahead and the credit, one after the other.
    for after in [(0, 0, 10), (10, 0, 0), (30, 0, 0)] {
        let intent = net.submit(PAYER, work()).unwrap();
        net.run(20 * S);
        assert_eq!((net.ends(PAYER, intent), account(&net, PAYEE, PAYER)), ((1, 0), Some(after)));
    }
}

// spec: INC-031 21c9, INC-053 9575
#[test]
fn payees_that_take_turns_get_ranges_of_their_own() {
    let mut net = leaf(4);
    let (id, _) = deposit(&mut net, 100);
    let misuse = |h| matches!(h, Handled::Dropped(DropReason::ApiMisuse(_)));
    for (payee, amount) in [(PAYEE, 10), (PAYEE, 5), (OTHER, 20)] {
        assert_eq!(pay(&mut net, id, payee, amount), Handled::Accepted);
    }
    // A 64th of 100, rounded up, is 2: so much is given and left, unless nothing is.
    for (payee, amount) in [(PAYEE, 1), (PAYEE, 64), (OTHER, 64)] {
        assert!(misuse(pay(&mut net, id, payee, amount)));
    }
    for (payee, amount) in [(PAYEE, 2), (PAYEE, 1), (OTHER, 62)] {
        assert_eq!(pay(&mut net, id, payee, amount), Handled::Accepted);
    }
    for (payee, amount) in [(PAYEE, 1), (OTHER, 1), (OTHER, u64::MAX), (PAYEE, 0), (PAYER, 1)] {
        assert!(misuse(pay(&mut net, id, payee, amount)));
    }
    assert!(misuse(pay(&mut net, DepositId([1; 32]), PAYEE, 1)));
    net.run(S);
    assert_eq!(paid(&net, PAYEE), [(10, 0, 10), (5, 0, 15), (2, 35, 37), (1, 35, 38)]);
    assert_eq!(paid(&net, OTHER), [(20, 15, 35), (62, 38, 100)]);
    assert!((0..4).all(|h| (0..4).all(|s| !keeps_out(&net, h, s))));
}

/// A payer has paid one payee, and signs the same units to another as well.
fn spend_twice(net: &mut Net) {
    let (id, deposit) = deposit(net, 100);
    pay(net, id, PAYEE, 10);
    net.run(S);
    let again = Forged { signer: PAYER, deposit, payee: OTHER, from: 9, to: 20, expires: EXPIRES, sequence: 1 << 41 };
    let frames = carried(&[&again.deposit, &again.record(net)]);
    net.send_raw(PAYER, OTHER, frames);
    net.run(3 * S);
    assert_eq!((paid(net, PAYEE).len(), paid(net, OTHER)), (1, vec![(11, 9, 20)]), "neither can know");
}

// spec: INC-042 093c, INC-043 af3e, INC-044 35dc, INC-045 23ba
#[test]
fn who_gives_one_unit_to_two_is_kept_out_by_all() {
    let mut net = leaf(N);
    spend_twice(&mut net);
    net.run(2 * S);
    for host in (0..N).filter(|h| *h != PAYER) {
        assert!(keeps_out(&net, host, PAYER), "host {host}");
        assert!((0..N).all(|s| s == PAYER || !keeps_out(&net, host, s)), "nobody else");
    }
    let (id, _) = deposit(&mut net, 50);
    assert_eq!(pay(&mut net, id, 4, 10), Handled::Accepted);
    net.run(S);
    assert!(paid(&net, 4).is_empty(), "it has no credit any more");
    // One that forgot everything learns it from the two signatures.
    net.kill(5);
    net.run(S);
    start(&mut net, 5);
    net.run(20 * S);
    assert!(keeps_out(&net, 5, PAYER));
}

// spec: INC-042 093c
#[test]
fn an_issuer_that_was_away_learns_when_it_returns() {
    let mut net = leaf(N);
    let (id, record) = deposit(&mut net, 100);
    net.kill(ISSUER);
    net.run(12 * S);
    pay(&mut net, id, PAYEE, 10);
    let again =
        Forged { signer: PAYER, deposit: record, payee: OTHER, from: 0, to: 2, expires: EXPIRES, sequence: 1 << 41 };
    let frames = carried(&[&again.deposit, &again.record(&net)]);
    net.send_raw(PAYER, OTHER, frames);
    net.run(5 * S);
    assert_eq!((paid(&net, PAYEE).len(), paid(&net, OTHER).len()), (1, 1));
    assert!((1..N).all(|h| !keeps_out(&net, h, PAYER)));
    start(&mut net, ISSUER);
    net.run(15 * S);
    assert!((0..N).filter(|h| *h != PAYER).all(|h| keeps_out(&net, h, PAYER)));
}

// spec: INC-034 a4aa, INC-035 7391, INC-036 7520, INC-037 708d, INC-038 fd80, INC-039 9ecf, INC-052 6a77, INC-054 c524
#[test]
fn what_is_worth_nothing_is_refused() {
    let mut net = leaf(4);
    let good = |net: &Net| Forged {
        signer: PAYER,
        deposit: signed_deposit(net, ISSUER, PAYER, EXPIRES),
        payee: PAYEE,
        from: 10,
        to: 20,
        expires: EXPIRES,
        sequence: 1 << 41,
    };
    let of = |net: &Net, issuer, payer, expires| signed_deposit(net, issuer, payer, expires);
    let g = good(&net);
    let forge = |record: &Bytes| {
        let mut bytes = record.to_vec();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        Bytes::from(bytes)
    };
    // The clock of the payee has gone on since it started.
    let (past, far) = (START - 1, START + 400 * 86_400 + 600);
    let bad = [
        ("an issuer that is no root", Forged { deposit: of(&net, OTHER, PAYER, EXPIRES), ..g.clone() }),
        ("an issuer that pays itself", Forged { deposit: of(&net, PAYER, PAYER, EXPIRES), ..g.clone() }),
        ("a deposit of another", Forged { deposit: of(&net, ISSUER, OTHER, EXPIRES), ..g.clone() }),
        ("a deposit that is over", Forged { deposit: of(&net, ISSUER, PAYER, past), expires: past, ..g.clone() }),
        ("a deposit for too long", Forged { deposit: of(&net, ISSUER, PAYER, far), expires: far, ..g.clone() }),
        ("less than a 64th", Forged { to: 11, ..g.clone() }),
        ("a payment that ends before its deposit", Forged { expires: EXPIRES - 1, ..g.clone() }),
        ("another payee", Forged { payee: OTHER, from: 30, to: 40, ..g.clone() }),
        ("another payer's", Forged { signer: OTHER, ..g.clone() }),
        ("more than there is", Forged { to: 101, ..g.clone() }),
        ("nothing", Forged { to: 10, ..g.clone() }),
        ("a reversed range", Forged { to: 9, ..g.clone() }),
    ];
    // Each under a sequence of its own, as they would convict their author otherwise.
    let numbered = |n: u64, f: &Forged| Forged { sequence: f.sequence + 1 + n, ..f.clone() };
    let mut sent: Vec<(&str, usize, Vec<u8>)> = (0..)
        .zip(&bad)
        .map(|(n, (why, f))| (*why, PAYER, carried(&[&f.deposit, &numbered(n, f).record(&net)])))
        .collect();
    let (deposit, record) = (g.deposit.clone(), g.record(&net));
    sent.push(("a payment that another brings", OTHER, carried(&[&deposit, &record])));
    sent.push(("a forged payment", PAYER, carried(&[&deposit, &forge(&record)])));
    let named = Forged { deposit: forge(&deposit), ..g.clone() };
    sent.push(("a forged deposit", PAYER, carried(&[&named.deposit, &named.record(&net)])));
    sent.push(("no deposit", PAYER, carried(&[&record])));
    sent.push(("the deposit behind", PAYER, carried(&[&record, &deposit])));
    sent.push(("another deposit", PAYER, carried(&[&of(&net, ISSUER, PAYER, EXPIRES + 1), &record])));
    let tail = [9u16.to_le_bytes(), 300u16.to_le_bytes()].concat();
    let tail = [tail, vec![7; 300]].concat();
    let body = PaymentBody {
        deposit: &DEFAULT.hash(&[&deposit]),
        payee: &net.hosts[PAYEE].id.0,
        from: 10,
        to: 20,
        tail: Tail::new(&tail).unwrap(),
    };
    let long = sign_record(&identity(&net, PAYER), 1 << 42, EXPIRES, &RecordBody::Payment(body)).unwrap();
    sent.push(("a record too long for a proof", PAYER, carried(&[&deposit, &long])));
    for (why, by, frames) in sent {
        net.send_raw(by, PAYEE, frames);
        net.run(S);
        assert!(paid(&net, PAYEE).is_empty(), "{why}");
    }
    assert!(net.hosts[PAYEE].disk.keys().all(|k| !matches!(k, PersistKey::Deposit(_))));
    // One that nothing is wrong with; then the same units again, in other ranges.
    net.send_raw(PAYER, PAYEE, carried(&[&deposit, &record]));
    for (from, to) in [(5, 11), (12, 15), (15, 30), (0, 100)] {
        let overlapping = Forged { from, to, ..g.clone() }.record(&net);
        net.send_raw(PAYER, PAYEE, carried(&[&deposit, &overlapping]));
    }
    net.run(S);
    assert_eq!(paid(&net, PAYEE), [(10, 10, 20)]);
}

#[test]
fn without_the_time_nothing_is_taken_and_nothing_given() {
    let mut net = leaf(4);
    let (id, _) = deposit(&mut net, 100);
    for host in [PAYER, PAYEE] {
        net.kill(host);
        net.run(S);
        net.start(host);
        net.join(host, 0);
    }
    net.run(12 * S);
    assert_eq!(pay(&mut net, id, PAYEE, 2), Handled::Dropped(DropReason::NotReady));
    let issue = Command::Issue { payer: net.hosts[OTHER].id, units: 1, expires: EXPIRES };
    assert_eq!(net.command(PAYER, issue), Handled::Dropped(DropReason::NotReady));
    net.input(PAYER, Input::WallClock { unix_s: START });
    assert_eq!(pay(&mut net, id, PAYEE, 2), Handled::Accepted);
    net.run(S);
    assert!(paid(&net, PAYEE).is_empty());
    net.input(PAYER, Input::WallClock { unix_s: EXPIRES + 1 });
    assert!(matches!(pay(&mut net, id, PAYEE, 2), Handled::Dropped(DropReason::ApiMisuse(_))), "it is over");
}

// spec: INC-034 a4aa
#[test]
fn an_issuer_that_the_host_named_is_as_good_as_a_root() {
    let mut net = leaf(4);
    let deposit = signed_deposit(&net, OTHER, PAYER, EXPIRES);
    let id = DepositId(DEFAULT.hash(&[&deposit]));
    assert_eq!(net.command(PAYER, Command::Deposit { record: deposit }), Handled::Accepted);
    net.run(S);
    pay(&mut net, id, PAYEE, 3);
    net.run(S);
    assert!(paid(&net, PAYEE).is_empty());
    net.command(PAYEE, Command::SetIssuers(vec![net.hosts[OTHER].id]));
    pay(&mut net, id, PAYEE, 4);
    net.run(S);
    assert_eq!(paid(&net, PAYEE), [(7, 0, 7)], "the later payment makes up for what was refused");
    // Its own deposits a node takes anyway.
    pay(&mut net, id, OTHER, 5);
    net.run(S);
    assert_eq!(paid(&net, OTHER), [(5, 7, 12)]);
}

// spec: INC-040 2048, INC-041 e7a9
#[test]
fn old_payments_change_nothing_after_a_restart_either() {
    let mut net = leaf(4);
    let (id, deposit) = deposit(&mut net, 100);
    pay(&mut net, id, PAYEE, 10);
    pay(&mut net, id, PAYEE, 10);
    net.run(S);
    let old = Forged { signer: PAYER, deposit, payee: PAYEE, from: 0, to: 10, expires: EXPIRES, sequence: 1 << 41 };
    let replay = |net: &mut Net| {
        for to in [10, 20] {
            let record = Forged { to, ..old.clone() }.record(net);
            net.send_raw(PAYER, PAYEE, carried(&[&old.deposit, &record]));
        }
        net.run(S);
    };
    replay(&mut net);
    assert_eq!((paid(&net, PAYEE).len(), account(&net, PAYEE, PAYER)), (2, Some((0, 0, 20))));
    net.kill(PAYEE);
    net.run(S);
    start(&mut net, PAYEE);
    net.run(15 * S);
    replay(&mut net);
    assert_eq!((paid(&net, PAYEE).len(), account(&net, PAYEE, PAYER)), (2, None), "its account is forgotten");
    // More of the same range still counts, by what is new.
    pay(&mut net, id, PAYEE, 7);
    net.run(S);
    assert_eq!((paid(&net, PAYEE)[2..].to_vec(), account(&net, PAYEE, PAYER)), (vec![(7, 0, 27)], Some((0, 0, 7))));
}

// spec: INC-041 e7a9
#[test]
fn a_payment_counts_when_it_is_on_stable_storage() {
    let mut net = leaf(4);
    let (id, _) = deposit(&mut net, 100);
    net.disk_us = 300 * MS;
    pay(&mut net, id, PAYEE, 10);
    // 300 ms until it leaves, 10 ms on the way, 300 ms until it counts.
    net.run(550 * MS);
    assert!(paid(&net, PAYEE).is_empty() && account(&net, PAYEE, PAYER).is_none());
    net.run(100 * MS);
    assert_eq!((paid(&net, PAYEE).len(), account(&net, PAYEE, PAYER)), (1, Some((0, 0, 10))));
}

#[test]
fn a_payment_that_was_lost_on_the_way_comes_with_the_next_session() {
    let mut net = leaf(4);
    let (id, _) = deposit(&mut net, 100);
    net.partition(&[PAYER], &[PAYEE]);
    pay(&mut net, id, PAYEE, 10);
    net.run(40 * S);
    assert!(paid(&net, PAYEE).is_empty());
    net.cut.clear();
    net.run(90 * S);
    assert_eq!(paid(&net, PAYEE), [(10, 0, 10)]);
}

#[test]
fn all_payments_that_were_lost_on_the_way_come_at_once() {
    let mut net = leaf(4);
    let (id, _) = deposit(&mut net, 640);
    net.partition(&[PAYER], &[PAYEE]);
    for _ in 0..32 {
        for payee in [PAYEE, OTHER] {
            assert_eq!(pay(&mut net, id, payee, 10), Handled::Accepted);
            net.run(10 * MS);
        }
    }
    net.run(40 * S);
    assert_eq!((paid(&net, PAYEE).len(), paid(&net, OTHER).len()), (0, 32));
    net.cut.clear();
    net.run(90 * S);
    let got = paid(&net, PAYEE);
    assert_eq!((got.len(), got.iter().map(|p| p.0).sum::<u64>()), (32, 320));
    assert_eq!(account(&net, PAYEE, PAYER), Some((0, 0, 320)));
}

// spec: INC-031 21c9, INC-032 a8a2
#[test]
fn a_payer_that_loses_power_at_any_moment_gives_no_unit_twice() {
    let (mut lost, mut taken) = (0, 0);
    for seed in 0..12 {
        let mut rng = Rng(seed);
        let mut net = leaf(4);
        let (id, _) = deposit(&mut net, 1_000);
        net.disk_us = 40 * MS;
        for _ in 0..4 {
            for _ in 0..6 {
                let payee = PAYEE + rng.below(2) as usize;
                pay(&mut net, id, payee, 16 + rng.below(20));
                net.run(rng.below(60) * MS);
            }
            net.kill_while_writing(PAYER, rng.below(4) as usize);
            net.run(S);
            net.disk_us = MS;
            start(&mut net, PAYER);
            net.run(4 * S);
            net.disk_us = 40 * MS;
        }
        net.run(5 * S);
        assert!((0..4).all(|h| !keeps_out(&net, h, PAYER)), "seed {seed}");
        let ranges = |host| paid(&net, host).into_iter().map(|(_, from, to)| (from, to));
        for (from, to) in ranges(PAYEE) {
            assert!(ranges(OTHER).all(|(f, t)| t <= from || to <= f), "seed {seed}: {from}..{to}");
        }
        let got: u64 = [PAYEE, OTHER].iter().flat_map(|h| paid(&net, *h)).map(|p| p.0).sum();
        let left = net.node(PAYER).deposits().next().unwrap().1;
        assert!(got <= 1_000 - left);
        taken += got;
        lost += 1_000 - left - got;
    }
    assert!(taken > 1_000, "{taken} units arrived");
    assert_eq!(lost, 0, "what was written down arrives in the end");
}

#[test]
fn what_is_kept_of_payments_is_bounded() {
    let mut net = leaf(3);
    let numbered = |net: &Net, n: u64| {
        let body = DepositBody { payer: &net.hosts[PAYER].id.0, units: 100, tail: Tail::default() };
        sign_record(&identity(net, ISSUER), n, EXPIRES, &RecordBody::Deposit(body)).unwrap()
    };
    let mut ids = Vec::new();
    for n in 0..64 {
        let record = numbered(&net, n);
        ids.push(DepositId(DEFAULT.hash(&[&record])));
        assert_eq!(net.command(PAYER, Command::Deposit { record: record.clone() }), Handled::Accepted);
        assert!(matches!(net.command(PAYER, Command::Deposit { record }), Handled::Dropped(DropReason::ApiMisuse(_))));
    }
    let record = numbered(&net, 64);
    assert_eq!(net.command(PAYER, Command::Deposit { record }), Handled::Dropped(DropReason::Full));
    net.run(S);
    for id in ids.iter().take(9) {
        assert_eq!(pay(&mut net, *id, PAYEE, 2), Handled::Accepted);
    }
    net.run(2 * S);
    assert_eq!(paid(&net, PAYEE).len(), 8, "of one payer");
    // All ranges of one deposit are kept, from whichever end they come, and none counts again.
    let deposit = numbered(&net, 0);
    let at = |from| Forged {
        signer: PAYER,
        deposit: deposit.clone(),
        payee: PAYEE,
        from,
        to: from + 2,
        expires: EXPIRES,
        sequence: (1 << 41) + from,
    };
    let ranges: Vec<u64> = (1..50).rev().map(|n| 2 * n).collect();
    for from in ranges.iter().chain(&ranges).chain(&[0, 5, 11]) {
        let frames = carried(&[&deposit, &at(*from).record(&net)]);
        net.send_raw(PAYER, PAYEE, frames);
        net.run(100 * MS);
    }
    assert_eq!(paid(&net, PAYEE).len(), 8 + 49);
    // A deposit that was over for long gives way.
    net.input(PAYER, Input::WallClock { unix_s: EXPIRES + 301 });
    let body = DepositBody { payer: &net.hosts[PAYER].id.0, units: 100, tail: Tail::default() };
    let record = sign_record(&identity(&net, ISSUER), 65, EXPIRES + 900, &RecordBody::Deposit(body)).unwrap();
    assert_eq!(net.command(PAYER, Command::Deposit { record }), Handled::Accepted);
    net.run(S);
    let (kept, given_up): (Vec<_>, Vec<_>) = net.hosts[PAYER]
        .disk
        .iter()
        .filter(|(k, _)| matches!(k, PersistKey::Deposit(_)))
        .partition(|(_, b)| !b.is_empty());
    assert_eq!((kept.len(), given_up.len()), (64, 1));
    assert_eq!(net.node(PAYER).deposits().count(), 64);
}

// spec: INC-043 af3e, INC-052 6a77
#[test]
fn sixty_four_payments_of_a_deposit_fit_and_the_65th_is_a_proof() {
    let mut net = leaf(N);
    let (_, deposit) = deposit(&mut net, 640);
    let at = |payee, from, to| Forged {
        signer: PAYER,
        deposit: deposit.clone(),
        payee,
        from,
        to,
        expires: EXPIRES,
        sequence: (1 << 41) + from * 1_000 + to,
    };
    let tell = |net: &mut Net, by, to, f: &Forged| {
        let frames = carried(&[&deposit, &f.record(net)]);
        net.send_raw(by, to, frames);
        net.run(100 * MS);
    };
    // Slices that would push the first payment out of the issuer's book, shown by a payee that is in league.
    tell(&mut net, PAYER, PAYEE, &at(PAYEE, 0, 10));
    for n in 0..100 {
        tell(&mut net, OTHER, ISSUER, &at(OTHER, 20 + n, 21 + n));
        tell(&mut net, OTHER, ISSUER, &at(OTHER, 200 + 9 * (n % 40), 209 + 9 * (n % 40)));
    }
    // And as many as there can be.
    (1..64).for_each(|n| tell(&mut net, PAYER, OTHER, &at(OTHER, 10 * n, 10 * n + 10)));
    assert_eq!((paid(&net, PAYEE).len(), paid(&net, OTHER).len()), (1, 63), "the issuer took no slice for a proof");
    assert!((0..N).all(|h| !keeps_out(&net, h, PAYER)));
    tell(&mut net, PAYER, 4, &at(4, 0, 10));
    net.run(3 * S);
    assert!((0..N).filter(|h| *h != PAYER).all(|h| keeps_out(&net, h, PAYER)));
}

// spec: INC-055 4787
#[test]
fn deposits_are_bounded_in_time_and_number() {
    let mut net = leaf(3);
    let payer = net.hosts[PAYER].id;
    let issue = |net: &mut Net, expires| net.command(ISSUER, Command::Issue { payer, units: 64, expires });
    let misuse = |h| matches!(h, Handled::Dropped(DropReason::ApiMisuse(_)));
    let far = START + 400 * 86_400 + 600;
    assert!(misuse(issue(&mut net, far)) && misuse(issue(&mut net, START - 1)));
    for deposit in [far, START - 1].map(|expires| signed_deposit(&net, ISSUER, PAYER, expires)) {
        assert!(misuse(net.command(PAYER, Command::Deposit { record: deposit })));
    }
    for n in 0..256 {
        assert_eq!(issue(&mut net, EXPIRES), Handled::Accepted, "{n}");
        net.run(10 * MS);
    }
    assert_eq!(issue(&mut net, EXPIRES + 900), Handled::Dropped(DropReason::Full));
    // Until one is over for five minutes, when payees can show nothing of it any more.
    net.input(ISSUER, Input::WallClock { unix_s: EXPIRES + 300 });
    assert_eq!(issue(&mut net, EXPIRES + 900), Handled::Dropped(DropReason::Full));
    net.input(ISSUER, Input::WallClock { unix_s: EXPIRES + 301 });
    assert_eq!(issue(&mut net, EXPIRES + 900), Handled::Accepted);
}

#[test]
fn who_is_out_of_service_is_not_paid() {
    let mut net = leaf(4);
    let (id, _) = deposit(&mut net, 100);
    net.kill(OTHER);
    net.run(15 * S);
    let left = |net: &Net| net.node(PAYER).deposits().collect::<Vec<_>>();
    assert!(matches!(pay(&mut net, id, OTHER, 10), Handled::Dropped(DropReason::ApiMisuse(_))));
    assert_eq!(left(&net), [(id, 100)]);
    start(&mut net, OTHER);
    net.run(15 * S);
    assert_eq!(pay(&mut net, id, OTHER, 10), Handled::Accepted);
    net.run(S);
    assert_eq!((paid(&net, OTHER), left(&net)), (vec![(10, 0, 10)], vec![(id, 90)]));
}
