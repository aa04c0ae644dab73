//! Inputs in: to the machine that each is for.

use mindos_wire::{Frame, StandingDigest, frames};

use super::ctx::{intent_ctx, mesh_ctx, question_ctx, routing_ctx, session_ctx, trust_ctx};
use super::{BEACON_LIFE_S, BEACON_RENEWAL, Command, DropReason, Event, Input, Node, PathId, PersistKey};
use crate::identity::Beacon;
use crate::outbox::Effect;
use crate::timer::Timer;
use crate::trust::{Refusal, Standing, payment, question};
use crate::{Duration, Instant, NodeId, cost};

/// Between two tries to find a way in.
const JOIN: Duration = Duration::from_secs(2);

impl Node {
    /// The wake gate: the first thing that any input does. Timers that are late mean that the node slept,
    /// and then what it believes about others is void.
    pub(super) fn wake(&mut self, now: Instant) {
        let late = self.timers.next().map_or(Duration(0), |(at, _)| now.since(at));
        if late.0 > self.config.probe_interval.0 / 2 {
            self.mesh.woke(&mut mesh_ctx!(self, now));
        }
    }

    /// Asks for the first blocks of numbers.
    pub(super) fn reserve(&mut self, now: Instant) {
        self.mesh.reserve(&mut mesh_ctx!(self, now));
        self.sequences.refill(&mut self.effects);
        self.intents.origin.epochs().refill(&mut self.effects);
        self.conduct(now);
    }

    pub(super) fn input(&mut self, now: Instant, input: Input) -> Result<(), DropReason> {
        match input {
            Input::Datagram { path, bytes } => self.datagram(now, path, &bytes),
            Input::Timeout => {
                // Those that this work sets for now are due too; those that `flush` sets wait for the next input.
                while let Some(timer) = self.timers.pop_due(now) {
                    self.timer(now, timer);
                    self.conduct(now);
                }
                Ok(())
            }
            Input::PathReady { path, mtu } => {
                let beacon = self.beacon.as_ref().ok_or(DropReason::NotReady)?;
                self.sessions.path_ready(&mut session_ctx!(self, beacon, now), path, mtu)
            }
            Input::PathFailed { path } => {
                let beacon = self.beacon.as_ref().ok_or(DropReason::NotReady)?;
                self.sessions.path_failed(&mut session_ctx!(self, beacon, now), path)
            }
            Input::Persisted { token } => self.persisted(now, token),
            Input::WallClock { unix_s } => {
                (self.unix_s, self.told) = (Some(unix_s), now);
                self.mesh.set_wall_clock(unix_s);
                self.questions.clock_set(&mut question_ctx!(self, now));
                Ok(())
            }
            Input::Command(command) => self.command(now, command),
        }
    }

    fn datagram(&mut self, now: Instant, path: PathId, bytes: &[u8]) -> Result<(), DropReason> {
        let beacon = self.beacon.as_ref().ok_or(DropReason::NotReady)?;
        let Some(opened) = self.sessions.datagram(&mut session_ctx!(self, beacon, now), path, bytes)? else {
            return Ok(());
        };
        // A session that this packet made usable is known before its frames are read.
        self.conduct(now);
        self.mesh.heard(now, &opened.peer);
        let (mut eliciting, mut kept, mut malformed) = (false, true, None);
        for frame in frames(&opened.frames) {
            let frame = match frame {
                Ok(frame) => frame,
                Err(e) => {
                    malformed = Some(e);
                    break;
                }
            };
            let outcome = match &frame {
                // A frame before it ended the session.
                _ if !self.sessions.is_established(opened.session) => break,
                Frame::Fragment(f) => {
                    eliciting = true;
                    let message = self.deliveries.entry(opened.session).or_default().fragment(f);
                    match message {
                        Ok(Some(message)) => self.message(now, opened.session, &opened.peer, &message),
                        Ok(None) => Ok(()),
                        Err(reason) => {
                            // spec: SES-019 f0b8
                            kept = false;
                            Err(reason)
                        }
                    }
                }
                Frame::Ack(ack) => {
                    self.deliveries.entry(opened.session).or_default().ack(now, ack);
                    Ok(())
                }
                frame => self.frame(now, opened.session, &opened.peer, frame),
            };
            self.stats.frames_dropped += u64::from(outcome.is_err());
            // Frame by frame: what one packet asks for never piles up.
            self.conduct(now);
        }
        if !self.sessions.is_established(opened.session) {
            self.deliveries.remove(&opened.session);
            return malformed.map_or(Ok(()), |e| Err(DropReason::Malformed(e)));
        }
        if kept && malformed.is_none() {
            self.deliveries.entry(opened.session).or_default().received(now, opened.counter, eliciting);
        }
        self.dirty.insert(opened.session);
        malformed.map_or(Ok(()), |e| Err(DropReason::Malformed(e)))
    }

    /// A delivered message: frames in order. The first bad one ends it.
    fn message(&mut self, now: Instant, session: u32, from: &NodeId, message: &[u8]) -> Result<(), DropReason> {
        for frame in frames(message) {
            match frame.map_err(DropReason::Malformed)? {
                // spec: SES-021 b9a9
                Frame::Fragment(_) | Frame::Ack(_) => return Err(DropReason::UnexpectedFrame),
                frame => {
                    let outcome = self.frame(now, session, from, &frame);
                    self.stats.frames_dropped += u64::from(outcome.is_err());
                }
            }
            // In order: what follows may rest on it.
            self.conduct(now);
        }
        Ok(())
    }

    /// One frame, which came on `session`, to the machine of its family.
    pub(super) fn frame(
        &mut self,
        now: Instant,
        session: u32,
        from: &NodeId,
        frame: &Frame<'_>,
    ) -> Result<(), DropReason> {
        match frame {
            // An upgrade that is over may be repeated late.
            Frame::Established(_) | Frame::Padding(_) | Frame::KemKey(_) | Frame::KemCiphertext(_) => Ok(()),
            // spec: WIRE-013 5007
            Frame::Ignored { .. } => {
                self.stats.frames_ignored += 1;
                Ok(())
            }
            Frame::Close(_) => {
                if let Some(beacon) = &self.beacon {
                    self.sessions.remove(&mut session_ctx!(self, beacon, now), session);
                }
                Ok(())
            }
            Frame::Quote(_)
            | Frame::Subscribe(_)
            | Frame::Subscribed(_)
            | Frame::LoadAdvert(_)
            | Frame::LoadDelta(_) => self.routing.frame(&mut routing_ctx!(self, now), from, frame),
            Frame::Decline(d) if d.epoch == 0 => self.routing.frame(&mut routing_ctx!(self, now), from, frame),
            Frame::Seek(_)
            | Frame::Lease(_)
            | Frame::Progress(_)
            | Frame::Result(_)
            | Frame::Receipt(_)
            | Frame::Decline(_)
            | Frame::Cancel(_)
            | Frame::Cancelled(_)
            | Frame::ContextData(_) => self.intents.frame(&mut intent_ctx!(self, now), from, frame),
            // Probes belong to the family link, and to failure detection.
            Frame::Ping(_)
            | Frame::PingAck(_)
            | Frame::Member(_)
            | Frame::Accuse(_)
            | Frame::Certificate(_)
            | Frame::Alive(_)
            | Frame::Leave(_)
            | Frame::Succession(_)
            | Frame::Deny(_)
            | Frame::ViewDigest(_)
            | Frame::Have(_)
            | Frame::Want(_) => self.mesh.frame(&mut mesh_ctx!(self, now), from, frame),
            Frame::StandingDigest(f) => self.advice(now, from, f),
            // Records, contents and names say themselves whether they are about questions, faults or payments.
            Frame::TrustRecord(f) if question::is_about(f.record.0) => {
                self.questions.frame(&mut question_ctx!(self, now), from, frame)
            }
            Frame::TrustRecord(f) if payment::is_about(f.record.0) => self.payment(now, from, f.record.0),
            Frame::TrustRecord(f) => {
                self.trust.immune.on_record(&mut trust_ctx!(self, now), from, f.record.0).map(|_| ())
            }
            Frame::TrustHave(f) if self.mesh.state(&NodeId(*f.about)).is_some() => {
                self.trust.immune.on_have(&mut trust_ctx!(self, now), from, f)
            }
            Frame::TrustHave(_) => self.questions.frame(&mut question_ctx!(self, now), from, frame),
            Frame::TrustWant(f) => {
                let names: alloc::vec::Vec<[u8; 32]> = f.records.iter().map(|h| h.value).collect();
                self.trust.immune.on_want(&mut trust_ctx!(self, now), from, &names);
                self.questions.frame(&mut question_ctx!(self, now), from, frame)
            }
            // Drafts: they have bytes, and no machine yet.
            // spec: WIRE-043 a289
            _ => Err(DropReason::UnexpectedFrame),
        }
    }

    /// What a partner thinks of members.
    fn advice(&mut self, now: Instant, from: &NodeId, f: &StandingDigest<'_>) -> Result<(), DropReason> {
        // Who is kept out is no partner any more: what is said of it is why.
        // spec: INC-006 0f33
        if self.trust.immune.is_unheard(now, &self.mesh, from) {
            return Err(Refusal::Unheard.into());
        }
        // spec: INC-005 e46d
        if !self.routing.is_partner(from) {
            return Err(Refusal::Partner.into());
        }
        if !self.mesh.is_vouched_for(from) {
            return Err(Refusal::Unvouched.into());
        }
        for entry in f.entries.iter() {
            if let Some(node) = self.mesh.named(entry.alias).filter(|n| n != from && *n != self.identity.id) {
                self.trust.advice.on_advice(now, *from, node, f.domain, entry.standing);
            }
        }
        Ok(())
    }

    /// A deposit, a payment, or one of two that prove a double spend.
    fn payment(&mut self, now: Instant, from: &NodeId, record: &[u8]) -> Result<(), DropReason> {
        // spec: INC-045 23ba
        let counts = !self.trust.is_quarantined(now, from);
        let taken = self.payments.on_record(&mut trust_ctx!(self, now), from, record, counts);
        match taken {
            Err(DropReason::Refused(refusal)) if refusal.may_prove() => {
                match self.trust.immune.on_record(&mut trust_ctx!(self, now), from, record)? {
                    true => Ok(()),
                    false => taken,
                }
            }
            taken => taken,
        }
    }

    pub(super) fn timer(&mut self, now: Instant, timer: Timer) {
        match timer {
            Timer::Session(index) => {
                if let Some(beacon) = &self.beacon {
                    self.sessions.timer(&mut session_ctx!(self, beacon, now), index);
                }
            }
            Timer::Flush(session) => self.flush_session(now, session, true),
            Timer::Recovery(session) => {
                let alive = self.deliveries.get_mut(&session).is_none_or(|d| d.overdue(now));
                if alive {
                    self.dirty.insert(session);
                } else if let Some(beacon) = &self.beacon {
                    self.sessions.remove(&mut session_ctx!(self, beacon, now), session);
                }
            }
            Timer::Join => self.look_for_a_way_in(now),
            Timer::Beacon => self.renew_beacon(now),
            Timer::Routing => self.routing.round(&mut routing_ctx!(self, now)),
            Timer::Quotes(number) => self.routing.quotes_due(&mut routing_ctx!(self, now), number),
            Timer::Intent(number) => self.intents.origin.timer(&mut intent_ctx!(self, now), number),
            Timer::Receipts => self.intents.origin.receipts_due(&mut intent_ctx!(self, now)),
            Timer::Advice => self.tell_advice(now),
            Timer::Immune => self.trust.immune.due(&mut trust_ctx!(self, now)),
            Timer::Payments => self.payments.due(&mut trust_ctx!(self, now)),
            Timer::Task(number) => self.intents.worker.timer(&mut intent_ctx!(self, now), number),
            Timer::Question(number) => self.questions.timer(&mut question_ctx!(self, now), number),
            timer => self.mesh.timer(&mut mesh_ctx!(self, now), timer),
        }
    }

    fn command(&mut self, now: Instant, command: Command) -> Result<(), DropReason> {
        if self.left {
            return Err(DropReason::NotReady);
        }
        match command {
            Command::Join { locator } if locator.is_empty() || locator.len() > 255 => {
                Err(DropReason::ApiMisuse("locator of 1 to 255 bytes"))
            }
            Command::Join { locator } => {
                if !self.joins.contains(&locator) {
                    self.joins.push(locator);
                }
                self.timers.set_no_later(Timer::Join, now);
                if self.beacon.is_some() {
                    self.look_for_a_way_in(now);
                }
                Ok(())
            }
            Command::SetCapacity(capacity) if capacity.capabilities.len() > 255 => {
                Err(DropReason::ApiMisuse("more than 255 capabilities"))
            }
            Command::SetCapacity(capacity) => {
                self.intents.worker.set_capacity(&mut intent_ctx!(self, now), capacity);
                Ok(())
            }
            Command::SetCost(proof) => {
                let (identity, present) = (&self.identity, self.unix_s.map(cost::epoch));
                // spec: ID-015 bbe7
                proof
                    .verify(identity.crypto, identity.network, &identity.id, self.config.cost_bits, present)
                    .map_err(|_| DropReason::ApiMisuse("a cost proof that does not hold"))?;
                self.credentials.cost = Some(proof);
                self.renew_beacon(now);
                Ok(())
            }
            Command::SetVoucher(voucher) => {
                // spec: ID-015 bbe7
                if !self.is_for_me(&voucher) {
                    return Err(DropReason::ApiMisuse("a voucher that does not hold"));
                }
                self.credentials.voucher = Some(voucher);
                self.renew_beacon(now);
                Ok(())
            }
            Command::Succeed { record } => self.mesh.succeed(&mut mesh_ctx!(self, now), &record),
            _ if self.beacon.is_none() => Err(DropReason::NotReady),
            Command::Leave => {
                self.mesh.leave(&mut mesh_ctx!(self, now))?;
                self.stop();
                Ok(())
            }
            Command::Ping { node } => self.mesh.ping_wanted(&mut mesh_ctx!(self, now), &node),
            Command::Submit(request) => {
                let intent = self.intents.origin.submit(&mut intent_ctx!(self, now), request)?;
                self.submitted = Some(intent);
                Ok(())
            }
            Command::Cancel { intent } => self.intents.origin.cancel(&mut intent_ctx!(self, now), intent),
            Command::Progress { lease, done } => self.intents.worker.progress(&mut intent_ctx!(self, now), lease, done),
            Command::Finish { lease, status, output } => {
                self.intents.worker.finish(&mut intent_ctx!(self, now), lease, status, output)
            }
            Command::Ask(request) => self.questions.ask(&mut question_ctx!(self, now), &request).map(drop),
            Command::Report { question, report } => {
                self.questions.report(&mut question_ctx!(self, now), (&question, &report)).map(drop)
            }
            Command::Anchor { question, option, source } => {
                self.questions.anchor(&mut question_ctx!(self, now), &question, option, &source)
            }
            Command::Believe { question } => self.questions.believe(&mut question_ctx!(self, now), &question).map(drop),
            Command::Appraise { domain } => {
                self.questions.appraise(&mut question_ctx!(self, now), crate::trust::domain(&domain))
            }
            Command::Judge { lease, right } => self.intents.origin.judge(&mut intent_ctx!(self, now), lease, right),
            Command::Issue { payer, units, expires } => {
                self.payments.issue(&mut trust_ctx!(self, now), payer, units, expires)
            }
            Command::Deposit { record } => self.payments.deposit(&mut trust_ctx!(self, now), &record),
            Command::Pay { deposit, payee, amount } => {
                self.payments.pay(&mut trust_ctx!(self, now), (deposit, payee), amount)
            }
            Command::SetIssuers(issuers) if issuers.len() > 255 => Err(DropReason::ApiMisuse("more than 255 issuers")),
            Command::SetIssuers(issuers) => {
                self.payments.set_issuers(issuers);
                Ok(())
            }
            Command::Settle { node, amount } => {
                self.intents.worker.settled(&node, amount);
                Ok(())
            }
            Command::SetChecks(checks) if checks.len() > 255 => {
                Err(DropReason::ApiMisuse("more than 255 capabilities"))
            }
            Command::SetChecks(checks) => {
                self.trust.immune.set_checks(&mut trust_ctx!(self, now), checks);
                Ok(())
            }
            Command::Checked { check, right } => self.trust.immune.checked(&mut trust_ctx!(self, now), check, right),
            Command::Appeal { to } => self.trust.immune.appeal(&mut trust_ctx!(self, now), to),
        }
    }

    fn persisted(&mut self, now: Instant, token: u64) -> Result<(), DropReason> {
        let (key, record) = self.persist_tokens.remove(&token).ok_or(DropReason::ApiMisuse("unknown token"))?;
        match key {
            PersistKey::Sequence => self.sequences.persisted(&record),
            PersistKey::Epoch => self.intents.origin.epochs().persisted(&record),
            PersistKey::Incarnation => self.mesh.incarnations_persisted(&mut mesh_ctx!(self, now), &record),
            PersistKey::Deposit(id) if !record.is_empty() => self.payments.persisted(&mut trust_ctx!(self, now), &id),
            PersistKey::Contacts | PersistKey::Succession(_) | PersistKey::Deposit(_) => {}
        }
        let ready = self.sequences.peek().is_some() && self.intents.origin.epochs().peek().is_some();
        if self.beacon.is_none() && ready && !self.left {
            self.begin(now);
        }
        Ok(())
    }

    /// All numbers are safe: the node enters service under a new incarnation.
    fn begin(&mut self, now: Instant) {
        // spec: ID-024 f987
        if let Some(retired) = self.mesh.retired(&self.identity.id) {
            let successor = retired.successor();
            self.effects.push_back(Effect::Event(Event::Retired { node: self.identity.id, successor }));
            return self.stop();
        }
        let Some(incarnation) = self.mesh.first_incarnation(&mut mesh_ctx!(self, now)) else { return };
        self.sign_beacon(now, incarnation);
        self.routing.start(&mut routing_ctx!(self, now));
        self.effects.push_back(Effect::Event(Event::Ready));
        if !self.joins.is_empty() || self.mesh.contacts().next().is_some() {
            self.look_for_a_way_in(now);
        }
    }

    /// Takes no further part.
    pub(super) fn stop(&mut self) {
        self.left = true;
        self.questions.stop(&mut self.timers);
        [Timer::Join, Timer::Beacon, Timer::Routing].into_iter().for_each(|t| self.timers.cancel(t));
    }

    fn sign_beacon(&mut self, now: Instant, incarnation: u32) {
        let Some(sequence) = self.sequences.take(&mut self.effects) else {
            return self.timers.set(Timer::Beacon, now + Duration::from_secs(1));
        };
        let expires = self.unix_s.map_or(u64::MAX, |s| s.saturating_add(BEACON_LIFE_S));
        let (tier, cell) = (self.config.tier, self.config.cell);
        let beacon = Beacon::sign_with(&self.identity, sequence, expires, incarnation, tier, cell, self.credentials)
            .into_inner();
        self.mesh.set_beacon(&mut mesh_ctx!(self, now), beacon.clone(), self.config.locator.clone());
        self.beacon = Some(beacon);
        self.timers.set(Timer::Beacon, now + BEACON_RENEWAL);
    }

    fn renew_beacon(&mut self, now: Instant) {
        // Before the node is ready there is nothing to renew.
        let Some(incarnation) = self.beacon.as_ref().map(|b| b.incarnation) else { return };
        self.sign_beacon(now, incarnation);
    }

    /// Asks known nodes for a way in, until somebody lives.
    fn look_for_a_way_in(&mut self, now: Instant) {
        if !self.mesh.is_alone() {
            return self.timers.cancel(Timer::Join);
        }
        self.timers.set(Timer::Join, now + JOIN);
        let Some(beacon) = &self.beacon else { return };
        let contacts = self.mesh.contacts().map(|c| &c.1).filter(|l| !self.joins.contains(l));
        let locators: alloc::vec::Vec<_> = self.joins.iter().chain(contacts).take(8).cloned().collect();
        let open = self.sessions.joining();
        for locator in locators.into_iter().skip(open.min(8)) {
            self.sessions.connect(&mut session_ctx!(self, beacon, now), None, locator);
        }
    }
}
