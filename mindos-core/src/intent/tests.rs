//! What a worker makes of seeks, leases and cancels, genuine and otherwise.

use mindos_wire::{
    Bytes16, Cancel, CancelOutcome, DeclineReason, Effect as EffectClass, IntentBody, Label, Lease, List, RecordBody,
    ResultStatus, Seek, Stakes, Tail, frames,
};

use super::*;
use crate::IntentId;
use crate::crypto::{Crypto, DEFAULT};
use crate::identity::{Statement, sign_record};
use crate::outbox::PersistKey;
use crate::{Capability, Capacity, Duration, Event, LeaseId};

const MS: u64 = 1_000;
const S: u64 = 1_000_000;

/// A worker of one slot, and an origin that says what the test wants.
struct Rig {
    worker: Identity,
    origin: Identity,
    intents: Intents,
    timers: Timers,
    out: Effects,
    sequences: Reserve,
    now: u64,
}

/// What an origin states; two seconds of work.
#[derive(Clone)]
struct Offer {
    capability: [u8; 32],
    context_tokens: u32,
    label: Label,
    stakes: Stakes,
    effect: EffectClass,
    budget: u64,
    epoch: u64,
    price_limit: u64,
    finish_limit_us: u64,
    remaining_us: u64,
    payload: &'static [u8],
}

fn capability() -> [u8; 32] {
    DEFAULT.hash(&[b"test.echo/1"])
}

fn offer() -> Offer {
    Offer {
        capability: capability(),
        context_tokens: 4_000,
        label: Label::Public,
        stakes: Stakes::Low,
        effect: EffectClass::Pure,
        budget: 1_000,
        epoch: 1,
        price_limit: 1_000,
        finish_limit_us: 10 * S,
        remaining_us: 60 * S,
        payload: b"x",
    }
}

/// What the worker did.
#[derive(Debug, PartialEq)]
enum Done {
    Quoted(u64),
    Declined(DeclineReason, bool),
    Accepted,
    Executes(LeaseId),
    Stops,
    Receipt,
    Result,
    Cancelled(CancelOutcome),
}

impl Rig {
    fn new() -> Self {
        let entropy = || Entropy::new(&DEFAULT, &[7; 32], "test");
        let mut rig = Self {
            worker: Identity::new(&DEFAULT, [1; 32], 7),
            origin: Identity::new(&DEFAULT, [2; 32], 7),
            intents: Intents::new(entropy(), Reserve::new(PersistKey::Epoch, 10, None)),
            timers: Timers::default(),
            out: Effects::new(),
            sequences: Reserve::new(PersistKey::Sequence, 10, None),
            now: 0,
        };
        rig.capacity(Capacity {
            slots: 1,
            context_rate: 2_000_000,
            generated_rate: 20_000,
            context_free: 100_000,
            stakes: Some(Stakes::Moderate),
            clearance: Some(Label::Household),
            capabilities: vec![Capability { name: capability(), competence: 9, price: 10 }],
            credit: u64::MAX,
        });
        rig
    }

    fn with<R>(&mut self, f: impl FnOnce(&mut Intents, &mut Ctx<'_>) -> R) -> R {
        let mut ctx = Ctx {
            now: Instant(self.now),
            identity: &self.worker,
            timers: &mut self.timers,
            out: &mut self.out,
            sequences: &mut self.sequences,
            unix_s: None,
            trust: &crate::trust::Trust::default(),
        };
        f(&mut self.intents, &mut ctx)
    }

    fn capacity(&mut self, capacity: Capacity) {
        self.with(|i, ctx| i.worker.set_capacity(ctx, capacity));
        self.done();
    }

    /// What came out since.
    fn done(&mut self) -> Vec<Done> {
        let mut done = Vec::new();
        for effect in self.out.drain(..) {
            match effect {
                Effect::Event(Event::Execute { lease, .. }) => done.push(Done::Executes(lease)),
                Effect::Event(Event::Stop { .. }) => done.push(Done::Stops),
                Effect::Send { frames: bytes, .. } => done.extend(frames(&bytes).map(|f| match f.unwrap() {
                    Frame::Quote(q) => Done::Quoted(q.nonce),
                    Frame::Decline(d) => Done::Declined(d.reason, d.nonce != 0),
                    Frame::Progress(_) => Done::Accepted,
                    Frame::Receipt(_) => Done::Receipt,
                    Frame::Result(_) => Done::Result,
                    Frame::Cancelled(c) => Done::Cancelled(c.outcome),
                    other => panic!("{other:?}"),
                })),
                _ => {}
            }
        }
        done
    }

    fn record(&self, o: &Offer) -> bytes::Bytes {
        let body = RecordBody::Intent(IntentBody {
            capability: &o.capability,
            context_tokens: o.context_tokens,
            generated_tokens: 0,
            lifetime_us: 60 * S,
            budget: o.budget,
            label: o.label,
            depth: 0,
            effect: o.effect,
            stakes: o.stakes,
            contexts: List::new(&[]),
            payload: Bytes16(o.payload),
            tail: Tail::default(),
        });
        sign_record(&self.origin, 5, u64::MAX, &body).unwrap()
    }

    fn intent(&self, o: &Offer) -> IntentId {
        IntentId(DEFAULT.hash(&[&self.record(o)]))
    }

    fn seek(&mut self, o: &Offer) -> Done {
        let (intent, from) = (self.intent(o), self.origin.id);
        let seek = Seek {
            intent: &intent.0,
            capability: &o.capability,
            context_tokens: o.context_tokens,
            generated_tokens: 0,
            context_bytes: 0,
            label: o.label,
            remaining_us: o.remaining_us,
            tail: Tail::default(),
        };
        self.with(|i, ctx| i.frame(ctx, &from, &Frame::Seek(seek))).unwrap();
        self.done().remove(0)
    }

    fn quote(&mut self, o: &Offer) -> u64 {
        match self.seek(o) {
            Done::Quoted(nonce) => nonce,
            other => panic!("{other:?}"),
        }
    }

    /// A lease as `change` leaves it, from `from`.
    fn lease_changed(
        &mut self,
        o: &Offer,
        nonce: u64,
        from: NodeId,
        change: impl FnOnce(&mut [u8; 32], &mut [u8; 64]),
    ) -> Result<Vec<Done>, DropReason> {
        let (record, intent) = (self.record(o), self.intent(o));
        let (price_limit, finish_limit_us, epoch) = (o.price_limit, o.finish_limit_us, o.epoch);
        let mut worker = self.worker.id.0;
        let statement =
            Statement::Lease { intent: &intent.0, worker: self.worker.id, epoch, nonce, price_limit, finish_limit_us };
        let mut signature = self.origin.sign(&statement);
        change(&mut worker, &mut signature);
        let lease = Lease {
            worker: &worker,
            epoch,
            nonce,
            price_limit,
            finish_limit_us,
            signature: &signature,
            remaining_us: o.remaining_us,
            intent: Bytes16(&record),
            tail: Tail::default(),
        };
        self.with(|i, ctx| i.frame(ctx, &from, &Frame::Lease(lease)))?;
        Ok(self.done())
    }

    fn lease(&mut self, o: &Offer, nonce: u64) -> Vec<Done> {
        let from = self.origin.id;
        self.lease_changed(o, nonce, from, |_, _| {}).unwrap()
    }

    fn cancel(&mut self, o: &Offer, from: NodeId) -> Result<Vec<Done>, DropReason> {
        let intent = self.intent(o);
        let cancel = Cancel { intent: &intent.0, epoch: o.epoch, tail: Tail::default() };
        self.with(|i, ctx| i.frame(ctx, &from, &Frame::Cancel(cancel)))?;
        Ok(self.done())
    }

    fn finish(&mut self, o: &Offer) -> Vec<Done> {
        let lease = LeaseId { intent: self.intent(o), epoch: o.epoch };
        let output = bytes::Bytes::from_static(b"y");
        self.with(|i, ctx| i.worker.finish(ctx, lease, ResultStatus::Done, output)).unwrap();
        self.done()
    }

    fn executes(&self, o: &Offer) -> Vec<Done> {
        vec![Done::Accepted, Done::Executes(LeaseId { intent: self.intent(o), epoch: o.epoch })]
    }
}

#[test]
fn a_lease_on_a_quote_is_accepted_and_executed() {
    let (mut rig, o) = (Rig::new(), offer());
    let nonce = rig.quote(&o);
    assert_eq!(rig.lease(&o, nonce), rig.executes(&o));
    assert_eq!(rig.finish(&o), [Done::Receipt, Done::Result]);
}

#[test]
fn a_lease_that_comes_again_executes_nothing_and_tells_how_it_stands() {
    let (mut rig, o) = (Rig::new(), offer());
    let nonce = rig.quote(&o);
    rig.lease(&o, nonce);
    assert_eq!(rig.lease(&o, nonce), [Done::Accepted], "it runs");
    rig.finish(&o);
    for _ in 0..3 {
        assert_eq!(rig.lease(&o, nonce), [Done::Receipt, Done::Result], "it is done");
    }
}

#[test]
fn a_lease_replayed_after_its_cancel_executes_nothing() {
    let (mut rig, o) = (Rig::new(), offer());
    let nonce = rig.quote(&o);
    rig.lease(&o, nonce);
    let from = rig.origin.id;
    assert_eq!(rig.cancel(&o, from), Ok(vec![Done::Stops, Done::Cancelled(CancelOutcome::Stopped)]));
    assert_eq!(rig.lease(&o, nonce), [Done::Declined(DeclineReason::Load, true)]);
}

#[test]
fn a_lease_that_a_cancel_overtook_executes_nothing() {
    // Messages of a session may overtake each other, and the origin was told that the work had stopped.
    let (mut rig, o) = (Rig::new(), offer());
    let nonce = rig.quote(&o);
    let from = rig.origin.id;
    assert_eq!(rig.cancel(&o, from), Ok(vec![Done::Cancelled(CancelOutcome::Stopped)]));
    assert!(matches!(rig.lease(&o, nonce)[..], [Done::Declined(..)]));
}

#[test]
fn a_cancel_after_the_end_says_finished_and_a_strangers_cancel_does_nothing() {
    let (mut rig, o) = (Rig::new(), offer());
    let nonce = rig.quote(&o);
    rig.lease(&o, nonce);
    assert_eq!(rig.cancel(&o, NodeId([9; 32])), Err(DropReason::UnexpectedFrame));
    rig.finish(&o);
    let from = rig.origin.id;
    assert_eq!(rig.cancel(&o, from), Ok(vec![Done::Cancelled(CancelOutcome::Finished)]));
}

#[test]
fn leases_of_another_worker_another_signature_or_another_sender_are_dropped() {
    let (mut rig, o) = (Rig::new(), offer());
    let nonce = rig.quote(&o);
    let from = rig.origin.id;
    let bad = Err(DropReason::BadSignature);
    assert_eq!(rig.lease_changed(&o, nonce, from, |worker, _| *worker = [9; 32]), bad);
    assert_eq!(rig.lease_changed(&o, nonce, from, |_, signature| signature[10] ^= 1), bad);
    assert_eq!(rig.lease_changed(&o, nonce, NodeId([9; 32]), |_, _| {}), bad);
    assert_eq!(rig.lease(&o, nonce), rig.executes(&o), "the quote is still good");
}

#[test]
fn a_nonce_serves_one_lease_and_a_made_up_one_none() {
    let (mut rig, o) = (Rig::new(), offer());
    let nonce = rig.quote(&o);
    rig.lease(&o, nonce);
    rig.finish(&o);
    let again = Offer { epoch: 2, ..offer() };
    assert_eq!(rig.lease(&again, nonce), [Done::Declined(DeclineReason::Load, true)]);
    assert_eq!(rig.lease(&again, 12_345), [Done::Declined(DeclineReason::Load, true)]);
}

#[test]
fn a_quote_runs_out() {
    let (mut rig, o) = (Rig::new(), offer());
    let nonce = rig.quote(&o);
    rig.now = 10 * S;
    assert_eq!(rig.lease(&o, nonce), [Done::Declined(DeclineReason::Load, true)]);
}

#[test]
fn a_quote_of_one_intent_serves_no_other() {
    let (mut rig, o) = (Rig::new(), offer());
    let nonce = rig.quote(&o);
    let other = Offer { payload: b"other", ..offer() };
    assert_eq!(rig.lease(&other, nonce), [Done::Declined(DeclineReason::Load, true)]);
}

#[test]
fn a_queue_that_grew_since_the_quote_declines_with_a_new_quote_that_holds() {
    let (mut rig, o, first) = (Rig::new(), offer(), Offer { payload: b"first", ..offer() });
    let (nonce, first_nonce) = (rig.quote(&o), rig.quote(&first));
    assert_eq!(rig.lease(&first, first_nonce), rig.executes(&first));
    rig.now = 100 * MS;
    assert_eq!(rig.lease(&o, nonce), [Done::Declined(DeclineReason::Load, true)]);
    let nonce = rig.quote(&o);
    assert_eq!(rig.lease(&o, nonce), [Done::Accepted], "it waits for its turn");
    let turn = rig.finish(&first);
    assert!(turn.contains(&Done::Executes(LeaseId { intent: rig.intent(&o), epoch: 1 })), "{turn:?}");
}

#[test]
fn a_later_epoch_replaces_an_earlier_one() {
    let (mut rig, o, later) = (Rig::new(), offer(), Offer { epoch: 2, ..offer() });
    let nonce = rig.quote(&o);
    rig.lease(&o, nonce);
    rig.now = 1_900 * MS;
    let nonce = rig.quote(&later);
    let done = rig.lease(&later, nonce);
    assert!(done.contains(&Done::Stops), "{done:?}");
    assert!(done.contains(&Done::Executes(LeaseId { intent: rig.intent(&later), epoch: 2 })), "{done:?}");
}

#[test]
fn an_earlier_epoch_that_comes_late_does_not_replace_a_later_one() {
    let mut rig = Rig::new();
    let later = Offer { epoch: 2, ..offer() };
    let nonce = rig.quote(&later);
    rig.lease(&later, nonce);
    let nonce = rig.quote(&offer());
    assert_eq!(rig.lease(&offer(), nonce), [Done::Declined(DeclineReason::Trust, false)]);
    assert_eq!(rig.finish(&later), [Done::Receipt, Done::Result]);
    let nonce = rig.quote(&offer());
    assert_eq!(rig.lease(&offer(), nonce), [Done::Declined(DeclineReason::Trust, false)], "nor after its end");
}

#[test]
fn what_a_worker_does_not_take_it_declines_with_the_reason() {
    let cases = [
        (Offer { capability: [3; 32], ..offer() }, DeclineReason::Policy),
        (Offer { effect: EffectClass::Fenced, ..offer() }, DeclineReason::Policy),
        (Offer { stakes: Stakes::High, ..offer() }, DeclineReason::Policy),
        (Offer { label: Label::Private, ..offer() }, DeclineReason::Label),
        (Offer { price_limit: 1, ..offer() }, DeclineReason::Budget),
        (Offer { budget: 1, ..offer() }, DeclineReason::Budget),
        (Offer { remaining_us: S, ..offer() }, DeclineReason::Deadline),
    ];
    for (o, reason) in cases {
        let mut rig = Rig::new();
        let nonce = match rig.seek(&o) {
            Done::Quoted(nonce) => nonce,
            Done::Declined(early, false) => {
                assert_eq!(early, reason);
                1
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(rig.lease(&o, nonce), [Done::Declined(reason, false)]);
    }
}

#[test]
fn a_worker_without_slots_or_without_room_for_the_context_declines_for_load() {
    let mut rig = Rig::new();
    assert_eq!(rig.seek(&Offer { context_tokens: 100_001, ..offer() }), Done::Declined(DeclineReason::Load, false));
    rig.capacity(Capacity::default());
    assert_eq!(rig.seek(&offer()), Done::Declined(DeclineReason::Load, false));
}

#[test]
fn work_whose_lifetime_ends_is_stopped_and_given_back() {
    let (mut rig, o) = (Rig::new(), Offer { remaining_us: 5 * S, ..offer() });
    let nonce = rig.quote(&o);
    rig.lease(&o, nonce);
    rig.now = 5 * S;
    let due = rig.timers.pop_due(Instant(rig.now));
    let Some(crate::timer::Timer::Task(number)) = due else { panic!("{due:?}") };
    rig.with(|i, ctx| i.worker.timer(ctx, number));
    assert_eq!(rig.done(), [Done::Stops, Done::Declined(DeclineReason::Deadline, false)]);
}

#[test]
fn work_of_a_lost_origin_is_stopped_and_leaves_nothing_behind() {
    let (mut rig, o, next) = (Rig::new(), offer(), Offer { payload: b"next", ..offer() });
    let nonce = rig.quote(&o);
    rig.lease(&o, nonce);
    let nonce = rig.quote(&next);
    assert_eq!(rig.lease(&next, nonce), [Done::Accepted]);
    let origin = rig.origin.id;
    rig.with(|i, ctx| i.worker.lost(ctx, &origin));
    let done = rig.done();
    let starts = done.iter().filter(|d| matches!(d, Done::Executes(_))).count();
    let stops = done.iter().filter(|d| **d == Done::Stops).count();
    assert_eq!(stops, starts + 1, "what ran, and whatever began instead");
    assert!(rig.timers.next().is_none(), "nothing is left");
    assert_eq!(rig.intents.worker.load(Instant(rig.now)).backlog, Duration(0));
}
