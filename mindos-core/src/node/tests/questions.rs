//! Questions over whole nodes: asked, reported on in secret, held by five, believed by majority.

use bytes::Bytes;
use mindos_wire::{Bytes16, Tail, TrustRecord};

use super::super::*;
use super::net::{Link, Net, S};
use crate::crypto::{Crypto, DEFAULT};
use crate::outbox::frame;

pub(super) const N: usize = 12;
const START: u64 = 1_800_000_000;
pub(super) const SAY_1: [u16; 2] = [5_535, 60_000];
pub(super) const SAY_0: [u16; 2] = [60_000, 5_535];

fn tell_time(net: &mut Net) {
    for host in net.up() {
        net.input(host, Input::WallClock { unix_s: START + net.now / S });
    }
}

/// A leaf that knows the time.
fn leaf(seed: u64) -> Net {
    let mut net = Net::joined(N, seed, Link::CLEAN, 12);
    assert!(net.agree());
    tell_time(&mut net);
    net
}

pub(super) fn request(net: &Net, n: u8) -> QuestionRequest {
    let closes = START + net.now / S + 5;
    let reveals = closes + 10;
    QuestionRequest {
        domain: [7; 32],
        statement: [n; 32],
        options: 2,
        forecasts: false,
        closes,
        reveals,
        rule: [0; 32],
    }
}

/// A question of host `host`, which closes in 5 s and takes reveals for 10 s more.
pub(super) fn ask(net: &mut Net, host: usize, n: u8) -> Bytes {
    let request = request(net, n);
    ask_for(net, host, request)
}

/// This question of a host.
pub(super) fn ask_for(net: &mut Net, host: usize, request: QuestionRequest) -> Bytes {
    assert_eq!(net.command(host, Command::Ask(request)), Handled::Accepted);
    let asked = net.hosts[host].events.iter().rev().find_map(|(_, e)| match e {
        Event::Asked { record, .. } => Some(record.clone()),
        _ => None,
    });
    asked.unwrap()
}

pub(super) fn say(net: &mut Net, host: usize, question: &Bytes, weights: [u16; 2]) -> Handled {
    let report = Report { weights: weights.to_vec(), lineage: Vec::new() };
    net.command(host, Command::Report { question: question.clone(), report })
}

/// Until the holders have closed it.
pub(super) const TO_CLOSE: u64 = 20 * S;

pub(super) fn believe(net: &mut Net, host: usize, question: &Bytes) -> Believed {
    assert_eq!(net.command(host, Command::Believe { question: question.clone() }), Handled::Accepted);
    net.run(4 * S);
    let believed = net.hosts[host].events.iter().rev().find_map(|(_, e)| match e {
        Event::Believed(b) => Some(b.clone()),
        _ => None,
    });
    believed.unwrap()
}

/// Hosts of the holders of domain 7, by spec 09.
pub(super) fn holders(net: &Net) -> Vec<usize> {
    let rank = |h: usize| DEFAULT.hash(&[b"mindos/holder/1\0", &[7; 4], &net.hosts[h].id.0]);
    let mut all = net.up();
    let view = net.node(all[0]).leaf();
    all.retain(|h| view.is_vouched(&net.hosts[*h].id));
    all.sort_by_key(|h| rank(*h));
    all.truncate(5);
    all
}

/// What the holders computed, if they all computed the same.
pub(super) fn alike(net: &mut Net, question: &Bytes) -> Option<crate::trust::question::Computed> {
    let (id, now) = (crate::QuestionId(DEFAULT.hash(&[question])), Instant(net.now));
    let mut all: Vec<_> = holders(net).into_iter().map(|h| net.node_mut(h).computes(now, id)).collect();
    all.dedup();
    if all.len() == 1 { all.remove(0) } else { None }
}

pub(super) fn others(net: &Net) -> Vec<usize> {
    let holders = holders(net);
    net.up().into_iter().filter(|h| !holders.contains(h)).collect()
}

// spec: TRUST-010 c0a1, TRUST-019 055e
#[test]
fn five_holders_compute_alike_what_eleven_reported_in_secret() {
    let mut net = leaf(61);
    let question = ask(&mut net, 0, 1);
    for host in 1..N {
        let weights = if host % 4 == 0 { SAY_0 } else { SAY_1 };
        assert_eq!(say(&mut net, host, &question, weights), Handled::Accepted);
    }
    net.run(TO_CLOSE);
    assert!(alike(&mut net, &question).is_some());
    for reader in [others(&net)[0], holders(&net)[2]] {
        let believed = believe(&mut net, reader, &question);
        assert!(believed.agreeing >= 3);
        assert_eq!((believed.asked, believed.reports), (5, 11));
        assert!(believed.weights[1] > 40_000, "{believed:?}");
        assert_eq!(believed.weights.iter().map(|w| u32::from(*w)).sum::<u32>(), 65_535);
    }
}

// spec: TRUST-016 b5f3
#[test]
fn what_one_holder_missed_comes_from_its_fellows() {
    let mut net = leaf(62);
    let (cut, reporters) = (holders(&net)[0], others(&net));
    let question = ask(&mut net, reporters[0], 1);
    net.run(S);
    net.partition(&[cut], &reporters[1..]);
    for host in &reporters[1..] {
        say(&mut net, *host, &question, SAY_1);
    }
    net.run(TO_CLOSE);
    assert_eq!(alike(&mut net, &question).unwrap().reports as usize, reporters.len() - 1);
}

// spec: TRUST-010 c0a1, TRUST-021 f01e
#[test]
fn who_takes_a_dead_holders_seat_computes_the_same() {
    let mut net = leaf(63);
    let questions: Vec<Bytes> = (0..2).map(|n| ask(&mut net, 0, n)).collect();
    for question in &questions {
        for host in 1..N {
            say(&mut net, host, question, if host < 4 { SAY_0 } else { SAY_1 });
        }
    }
    net.run(TO_CLOSE);
    let dead = holders(&net)[1];
    let before = alike(&mut net, &questions[0]).unwrap();
    net.kill(dead);
    net.run(30 * S);
    tell_time(&mut net);
    assert!(!holders(&net).contains(&dead));
    assert_eq!(alike(&mut net, &questions[0]), Some(before));
}

// spec: TRUST-020 e9b8
#[test]
fn a_lying_holder_is_outvoted_and_counts_once() {
    let mut net = leaf(64);
    let (reader, liars) = (others(&net)[0], holders(&net)[..2].to_vec());
    let question = ask(&mut net, reader, 1);
    for host in 0..N {
        say(&mut net, host, &question, SAY_1);
    }
    net.run(TO_CLOSE);
    let name = DEFAULT.hash(&[&question]);
    // Before the honest ones can answer, two say the contrary, one of them in three records.
    net.command(reader, Command::Believe { question: question.clone() });
    for (liar, n) in [(liars[0], 0u8), (liars[0], 1), (liars[0], 2), (liars[1], 0)] {
        let weights = [mindos_wire::Weight { value: 65_535 }, mindos_wire::Weight { value: 0 }];
        let body = mindos_wire::RecordBody::Belief(mindos_wire::BeliefBody {
            question: &name,
            evidence: &[9; 32],
            reports: 12,
            weights: mindos_wire::List::new(&weights),
            tail: Tail::default(),
        });
        let record = crate::identity::sign_record(&net.node(liar).identity, u64::from(n) + 1, u64::MAX, &body).unwrap();
        net.send_raw(liar, reader, frame(&TrustRecord { record: Bytes16(&record), tail: Tail::default() }));
    }
    net.run(4 * S);
    let believed = net.hosts[reader].events.iter().rev().find_map(|(_, e)| match e {
        Event::Believed(b) => Some(b.clone()),
        _ => None,
    });
    let believed = believed.unwrap();
    assert_eq!((believed.agreeing, believed.asked), (3, 5));
    assert!(believed.weights[1] > 50_000, "{believed:?}");
}

// spec: TRUST-020 e9b8
#[test]
fn without_a_majority_nothing_is_believed() {
    let mut net = leaf(65);
    let reader = others(&net)[0];
    let question = ask(&mut net, reader, 1);
    for host in 0..N {
        say(&mut net, host, &question, SAY_1);
    }
    net.run(TO_CLOSE);
    let silent = holders(&net)[..3].to_vec();
    net.partition(&silent, &[reader]);
    let believed = believe(&mut net, reader, &question);
    assert_eq!((believed.agreeing, believed.answered, believed.asked), (2, 2, 5));
    assert!(believed.weights.is_empty() && believed.evidence.is_none());
}

/// Frames that a liar sends to all holders on its own account.
fn shout(net: &mut Net, from: usize, record: &[u8]) {
    for holder in holders(net) {
        if holder != from {
            net.send_raw(from, holder, frame(&TrustRecord { record: Bytes16(record), tail: Tail::default() }));
        }
    }
}

/// Sequences for records that a host makes by itself, from `first` on.
fn sequences(first: u64) -> crate::identity::Reserve {
    let mut effects = crate::outbox::Effects::new();
    let mut sequences =
        crate::identity::Reserve::new(PersistKey::Sequence, 1 << 40, Some(&((1 << 50) + first).to_le_bytes()));
    sequences.refill(&mut effects);
    sequences.persisted(&((1u64 << 50) + first + (1 << 40)).to_le_bytes());
    sequences
}

/// The records of a commit and reveal that a host makes by itself.
fn records(net: &Net, host: usize, question: &Bytes, salt: u8, weights: [u16; 2]) -> (Bytes, Bytes) {
    numbered(net, host, question, salt, weights, 0)
}

fn numbered(net: &Net, host: usize, question: &Bytes, salt: u8, weights: [u16; 2], first: u64) -> (Bytes, Bytes) {
    let (mut sequences, mut effects) = (sequences(first), crate::outbox::Effects::new());
    let identity = &net.node(host).identity;
    crate::trust::question::sign(identity, &mut sequences, &mut effects, question, &[salt; 16], &weights).unwrap()
}

fn id(question: &Bytes) -> crate::QuestionId {
    crate::QuestionId(DEFAULT.hash(&[question]))
}

// spec: TRUST-012 a266, TRUST-014 479e
#[test]
fn what_comes_too_early_or_too_late_is_not_counted() {
    let mut net = leaf(66);
    let (reader, late, early) = (others(&net)[0], others(&net)[1], others(&net)[2]);
    let question = ask(&mut net, reader, 1);
    for host in [reader, holders(&net)[0]] {
        assert_eq!(say(&mut net, host, &question, SAY_1), Handled::Accepted);
    }
    // One shows what it said before the question closed, one commits after.
    let (commit, reveal) = records(&net, early, &question, 1, SAY_0);
    shout(&mut net, early, &commit);
    shout(&mut net, early, &reveal);
    net.run(8 * S);
    assert_eq!(
        say(&mut net, late, &question, SAY_0),
        Handled::Dropped(DropReason::ApiMisuse("the question is closed"))
    );
    let (commit, reveal) = records(&net, late, &question, 2, SAY_0);
    shout(&mut net, late, &commit);
    net.run(2 * S);
    shout(&mut net, late, &reveal);
    net.run(TO_CLOSE);
    assert_eq!(alike(&mut net, &question).unwrap().reports, 2);
}

// spec: TRUST-015 246c
#[test]
fn what_was_never_committed_to_and_what_was_twice_is_no_report() {
    let mut net = leaf(67);
    let o = others(&net);
    let question = ask(&mut net, o[0], 1);
    say(&mut net, o[0], &question, SAY_1);
    // One commits twice, to choose later.
    let (first, second) = (records(&net, o[1], &question, 1, SAY_0), records(&net, o[1], &question, 2, SAY_1));
    [&first.0, &second.0].into_iter().for_each(|r| shout(&mut net, o[1], r));
    // One reveals what it never committed to.
    let unheard = records(&net, o[2], &question, 3, SAY_0);
    let heard = records(&net, o[2], &question, 4, SAY_1);
    shout(&mut net, o[2], &heard.0);
    net.run(12 * S);
    shout(&mut net, o[1], &first.1);
    shout(&mut net, o[2], &unheard.1);
    net.run(TO_CLOSE);
    assert_eq!(alike(&mut net, &question).unwrap().reports, 1);
}

// spec: TRUST-015 246c
#[test]
fn a_copied_commitment_cannot_be_opened() {
    let mut net = leaf(70);
    let o = others(&net);
    let question = ask(&mut net, o[0], 1);
    let (commit, reveal) = records(&net, o[0], &question, 5, SAY_1);
    shout(&mut net, o[0], &commit);
    // The copier signs the same commitment, and later the same words.
    let body = mindos_wire::RecordBody::Commit(mindos_wire::CommitBody {
        question: &id(&question).0,
        commitment: commit[83..115].try_into().unwrap(),
        tail: Tail::default(),
    });
    let copied = crate::identity::sign_record(&net.node(o[1]).identity, 9, u64::MAX, &body).unwrap();
    shout(&mut net, o[1], &copied);
    net.run(12 * S);
    shout(&mut net, o[0], &reveal);
    let repeated = records(&net, o[1], &question, 5, SAY_1).1;
    shout(&mut net, o[1], &repeated);
    net.run(TO_CLOSE);
    assert_eq!(alike(&mut net, &question).unwrap().reports, 1);
}

// spec: TRUST-011 d627
#[test]
fn two_runs_of_a_node_hide_the_same_words_behind_different_commitments() {
    let commitments: Vec<Vec<u8>> = [71, 71 + (1 << 32)]
        .into_iter()
        .map(|seed| {
            let mut net = leaf(seed);
            let question = ask(&mut net, 0, 1);
            net.keep_wire = true;
            say(&mut net, 1, &question, SAY_1);
            net.run(S);
            net.trace().to_vec()
        })
        .collect();
    assert_ne!(commitments[0], commitments[1]);
}

// spec: TRUST-016 b5f3
#[test]
fn a_report_signed_anew_for_each_holder_splits_none() {
    let mut net = leaf(72);
    let o = others(&net);
    let question = ask(&mut net, o[0], 1);
    say(&mut net, o[0], &question, SAY_1);
    let commit = records(&net, o[1], &question, 1, SAY_0).0;
    shout(&mut net, o[1], &commit);
    net.run(12 * S);
    for (n, holder) in holders(&net).into_iter().enumerate() {
        let reveal = numbered(&net, o[1], &question, 1, SAY_0, 10 * n as u64).1;
        net.send_raw(o[1], holder, frame(&TrustRecord { record: Bytes16(&reveal), tail: Tail::default() }));
    }
    net.run(TO_CLOSE);
    assert_eq!(alike(&mut net, &question).unwrap().reports, 2);
}

// spec: TRUST-013 9660
#[test]
fn times_that_no_question_has_are_refused() {
    let mut net = leaf(73);
    let author = others(&net)[0];
    let now = START + net.now / S;
    for (closes, reveals) in
        [(u64::MAX, u64::MAX), (now + 5, u64::MAX), (now + 5, now + 6), (now + (1 << 40), now + (1 << 40) + 20)]
    {
        let body = mindos_wire::RecordBody::Question(mindos_wire::QuestionBody {
            domain: u32::from_le_bytes([7; 4]),
            statement: &[1; 32],
            options: 2,
            closes,
            reveals,
            rule: &[0; 32],
            tail: Tail::default(),
        });
        let record = crate::identity::sign_record(&net.node(author).identity, closes ^ 7, u64::MAX, &body).unwrap();
        shout(&mut net, author, &record);
        net.run(S);
        let question = Bytes::copy_from_slice(&record);
        assert!(matches!(say(&mut net, author, &question, SAY_1), Handled::Dropped(DropReason::ApiMisuse(_))));
        let all = (0..N).filter(|h| net.node_mut(*h).questions.holds(&id(&question))).count();
        assert_eq!(all, 0, "{closes} {reveals}");
    }
}

// spec: TRUST-012 a266
#[test]
fn nothing_is_shown_within_four_seconds_and_a_clock_that_is_put_right_is_followed() {
    let mut net = leaf(74);
    let o = others(&net);
    let question = ask(&mut net, o[0], 1);
    let closes = net.now / S + 5;
    // One host is a minute slow, and learns of it before the question closes.
    net.input(o[1], Input::WallClock { unix_s: START + net.now / S - 60 });
    for host in [o[0], o[1]] {
        assert_eq!(say(&mut net, host, &question, SAY_1), Handled::Accepted);
    }
    net.run(S);
    net.input(o[1], Input::WallClock { unix_s: START + net.now / S });
    net.run((closes + 4) * S - net.now - 1);
    let shown = |net: &Net| holders(net).iter().map(|h| net.node(*h).questions.revealed(&id(&question))).max();
    assert_eq!(shown(&net), Some(0));
    net.run(3 * S);
    assert_eq!(shown(&net), Some(2));
}

/// A leaf whose root is host 0, which vouches for all but the last.
pub(super) fn vouched_leaf(seed: u64) -> Net {
    let mut net = Net::new(N, seed, Link::CLEAN);
    net.configure = |config| {
        // Host 0 of this seed.
        let root = DEFAULT.derive("mindos test node identity", &[&68u64.to_le_bytes(), &0u64.to_le_bytes()]);
        config.roots = vec![NodeId(DEFAULT.sign_public(&root))];
        config.cost_bits = 0;
    };
    for host in 0..N {
        net.start(host);
        let id = net.hosts[host].id;
        if host < N - 1 {
            let voucher = Voucher::sign(&DEFAULT, &net.secret(0), 7, id, u64::MAX);
            net.command(host, Command::SetVoucher(voucher));
        } else {
            let proof = crate::cost::CostProof { epoch: (START / 86_400) as u32, segment: 0, nonce: 0 };
            net.command(host, Command::SetCost(proof));
        }
        if host > 0 {
            net.join(host, 0);
        }
    }
    tell_time(&mut net);
    net.run(15 * S);
    assert!(net.agree());
    net
}

// spec: TRUST-021 f01e, TRUST-010 c0a1
#[test]
fn outcomes_and_seats_that_come_late_leave_no_trace_in_what_is_computed() {
    let mut net = vouched_leaf(68);
    // Questions of one second, enough reports for a settlement.
    let questions: Vec<Bytes> = (0..8).map(|n| ask(&mut net, 1 + usize::from(n), n)).collect();
    for (n, question) in questions.iter().enumerate() {
        for host in 0..N - 1 {
            say(&mut net, host, question, if (host + n) % 4 == 0 { SAY_0 } else { SAY_1 });
        }
    }
    net.run(TO_CLOSE);
    let all = |net: &mut Net| questions.iter().map(|q| alike(net, q)).collect::<Option<Vec<_>>>();
    let settled = all(&mut net).unwrap();
    for question in &questions[..3] {
        net.command(0, Command::Anchor { question: question.clone(), option: 0, source: [3; 32] });
        net.run(2 * S);
    }
    let known = all(&mut net).unwrap();
    assert_ne!(settled, known, "outcomes count");
    let dead = *holders(&net).iter().find(|h| **h != 0).unwrap();
    net.kill(dead);
    net.run(40 * S);
    assert!(!holders(&net).contains(&dead));
    assert_eq!(all(&mut net), Some(known), "who took the seat read everything at once");
}

// spec: TRUST-013 9660, TRUST-017 3a25, TRUST-018 e103
#[test]
fn strangers_ask_nothing_and_weigh_nothing_and_only_roots_know_outcomes() {
    let mut net = vouched_leaf(68);
    let stranger = N - 1;
    assert!(!net.node(1).leaf().is_vouched(&net.hosts[stranger].id));
    let theirs = ask(&mut net, stranger, 9);
    let question = ask(&mut net, 1, 1);
    say(&mut net, 2, &question, SAY_1);
    say(&mut net, stranger, &question, SAY_0);
    say(&mut net, 3, &theirs, SAY_1);
    net.run(TO_CLOSE);
    assert_eq!(believe(&mut net, 4, &theirs).answered, 0, "nobody holds it");
    let believed = believe(&mut net, 4, &question);
    // It is counted as evidence, and weighs nothing.
    assert_eq!(believed.reports, 2);
    assert!(believed.weights[1] > 40_000, "{believed:?}");
    // An outcome that anybody claims changes nothing; one that the root knows does, with the next settlement.
    let name = crate::QuestionId(DEFAULT.hash(&[&question]));
    let holder = (1..N).find(|h| net.node(*h).gains(&name).is_some());
    assert_eq!(holder, None, "no outcome is known");
    let anchor = |net: &mut Net, host| {
        net.command(host, Command::Anchor { question: question.clone(), option: 1, source: [3; 32] });
        net.run(S);
        let holders: Vec<usize> = (0..N).filter(|h| net.node(*h).knows_outcome(&name) == Some(1)).collect();
        holders.len()
    };
    assert_eq!(anchor(&mut net, 5), 0);
    assert_eq!(anchor(&mut net, 0), 5);
}

// spec: TRUST-016 b5f3, TRUST-021 f01e
#[test]
fn a_question_of_more_reports_than_a_message_names_is_handed_over_whole() {
    // With 130 reports a holder has 260 records of it; a frame names 255.
    let mut net = Net::joined(131, 76, Link::CLEAN, 40);
    tell_time(&mut net);
    let question = ask(&mut net, 0, 1);
    for host in 1..131 {
        assert_eq!(say(&mut net, host, &question, if host % 3 == 0 { SAY_0 } else { SAY_1 }), Handled::Accepted);
    }
    net.run(TO_CLOSE);
    let before = alike(&mut net, &question).unwrap();
    assert_eq!(before.reports, 130);
    let dead = *holders(&net).iter().find(|h| **h != 0).unwrap();
    net.kill(dead);
    net.run(30 * S);
    tell_time(&mut net);
    assert!(!holders(&net).contains(&dead));
    assert_eq!(alike(&mut net, &question), Some(before));
}

// spec: TRUST-013 9660
#[test]
fn one_author_has_sixteen_open_questions_at_a_holder_and_then_more() {
    let mut net = leaf(77);
    let (author, held) = (others(&net)[0], holders(&net));
    let count = |net: &Net, questions: &[Bytes]| {
        let holds = |h: &usize, q: &Bytes| net.node(*h).questions.holds(&id(q));
        questions.iter().map(|q| held.iter().filter(|h| holds(h, q)).count()).collect::<Vec<_>>()
    };
    let questions: Vec<Bytes> = (0..18).map(|n| ask(&mut net, author, n)).collect();
    net.run(S);
    assert_eq!(count(&net, &questions), [[5; 16].as_slice(), &[0, 0]].concat());
    // Another author is not in its way, nor is it itself once these are closed.
    let second = others(&net)[1];
    let other = ask(&mut net, second, 40);
    net.run(TO_CLOSE);
    let again = ask(&mut net, author, 41);
    net.run(S);
    assert_eq!(count(&net, &[other, again]), [5, 5]);
}

/// A host that nobody vouches for any more.
fn drop_voucher(net: &mut Net, host: usize, seen_by: usize) {
    net.kill(host);
    net.run(S);
    net.start(host);
    let proof = crate::cost::CostProof { epoch: (START / 86_400) as u32, segment: 0, nonce: 0 };
    net.command(host, Command::SetCost(proof));
    net.input(host, Input::WallClock { unix_s: START + net.now / S });
    net.join(host, if host == 1 { 2 } else { 1 });
    net.run(15 * S);
    assert!(!net.node(seen_by).leaf().is_vouched(&net.hosts[host].id));
}

// spec: TRUST-017 3a25
#[test]
fn reporters_that_lose_their_voucher_behind_the_close_split_no_holders() {
    let mut net = vouched_leaf(68);
    let (o, held) = (others(&net), holders(&net));
    let question = ask(&mut net, o[0], 1);
    let gone: Vec<usize> = o.iter().rev().copied().filter(|h| *h != 0 && *h != N - 1).take(2).collect();
    for host in 0..N - 1 {
        say(&mut net, host, &question, if gone.contains(&host) { SAY_0 } else { SAY_1 });
    }
    net.run(TO_CLOSE);
    // Engines read when somebody asks, so that whoever leaves could choose what each of them sees.
    let computes = |net: &mut Net, h: usize| {
        let now = Instant(net.now);
        net.node_mut(h).computes(now, id(&question)).unwrap()
    };
    let first = computes(&mut net, held[0]);
    drop_voucher(&mut net, gone[0], held[0]);
    assert_eq!(computes(&mut net, held[1]), first);
    drop_voucher(&mut net, gone[1], held[0]);
    assert_eq!(holders(&net), held);
    // An outcome has the engines made anew.
    net.command(0, Command::Anchor { question: question.clone(), option: 1, source: [3; 32] });
    net.run(5 * S);
    let all: Vec<_> = held.iter().map(|h| computes(&mut net, *h)).collect();
    assert!(all.iter().all(|c| *c == all[0]), "{all:?}");
    let believed = believe(&mut net, o[0], &question);
    assert_eq!(believed.reports, 11);
    assert!(believed.agreeing >= 3 && believed.weights == all[0].weights, "{believed:?}");
}

// spec: TRUST-013 9660
#[test]
fn an_author_asks_on_when_it_asked_a_hundred_questions() {
    let mut net = leaf(78);
    let (author, held) = (others(&net)[0], holders(&net));
    for n in 0..7 {
        let questions: Vec<Bytes> = (0..15).map(|i| ask(&mut net, author, n * 15 + i)).collect();
        net.run(TO_CLOSE);
        for question in &questions {
            assert!(held.iter().all(|h| net.node(*h).questions.holds(&id(question))), "round {n}");
        }
    }
}

/// A host names records of a question to another, and sends them.
fn tell(net: &mut Net, from: usize, to: usize, question: &Bytes, records: &[Bytes]) {
    let mut names: Vec<_> = records.iter().map(|r| mindos_wire::Hash { value: DEFAULT.hash(&[r]) }).collect();
    names.sort_by_key(|h| h.value);
    let (about, records_named) = (id(question), mindos_wire::List::new(&names));
    let have =
        mindos_wire::TrustHave { about: &about.0, root: &[9; 32], records: records_named, tail: Tail::default() };
    net.send_raw(from, to, frame(&have));
    for r in records {
        net.send_raw(from, to, frame(&TrustRecord { record: Bytes16(r), tail: Tail::default() }));
    }
}

// spec: TRUST-025 dc2b
#[test]
fn what_one_fellow_tells_in_hindsight_is_in_nobodys_evidence() {
    let mut net = vouched_leaf(68);
    let o = others(&net);
    let question = ask(&mut net, o[0], 1);
    let friends: Vec<usize> = o.iter().rev().copied().filter(|h| *h != 0 && *h != N - 1).take(2).collect();
    for host in (0..N - 1).filter(|h| !friends.contains(h)) {
        say(&mut net, host, &question, if host % 2 == 0 { SAY_0 } else { SAY_1 });
    }
    // One friend commits, and waits for the outcome with its reveal; the other says nothing at all.
    let (commit, waits) = records(&net, friends[0], &question, 8, SAY_1);
    shout(&mut net, friends[0], &commit);
    net.run(TO_CLOSE);
    let before = alike(&mut net, &question).unwrap();
    assert_eq!(before.reports as usize, N - 3);
    let (commit, reveal) = records(&net, friends[1], &question, 9, SAY_1);
    let forged = [commit, reveal, waits];
    let held = holders(&net);
    let liar = *held.iter().find(|h| **h != 0).unwrap();
    for host in held.iter().copied().filter(|h| *h != 0 && *h != liar).take(3) {
        net.kill(host);
        net.run(S);
        net.start(host);
        let voucher = Voucher::sign(&DEFAULT, &net.secret(0), 7, net.hosts[host].id, u64::MAX);
        net.command(host, Command::SetVoucher(voucher));
        net.input(host, Input::WallClock { unix_s: START + net.now / S });
        net.join(host, 0);
        let mut most = 0;
        for _ in 0..70 {
            net.run(S);
            tell(&mut net, liar, host, &question, &forged);
            most = most.max(net.node(host).questions.late_names());
        }
        assert!(net.node(host).questions.holds(&id(&question)));
        assert!(most > 0 && net.node(host).questions.late_names() == 0, "kept for as long as it is taken");
    }
    assert_eq!(holders(&net), held);
    assert_eq!(alike(&mut net, &question), Some(before));
}
