//! What hosts do beside work, where some lie.

use bytes::Bytes;
use mindos_core::crypto::Crypto;
use mindos_core::wire::{Effect, Label, Stakes};
use mindos_core::{Command, Duration, Event, Input, Instant, IntentRequest, LeaseId, NodeId, Succession};

use super::super::cast::{Cast, Given, Kind, digest, right_output};
use super::super::host::{NETWORK, locator, secret};
use super::super::liars::Watch;
use super::super::queue::{Happening, Verdict};
use super::{EPOCH_S, Sim, capability};
use crate::service::LIFETIME_US;

/// Between two rounds of slander of a liar.
const SLANDER_US: u64 = 20_000_000;
/// From being found out to another key.
const WASH_US: u64 = 5_000_000;
/// A result can be judged for so long by its origin's host, and evidence by a reader's.
const OWN_US: u64 = 60_000_000;
const EVIDENCE_US: u64 = 600_000_000;
/// Longer contexts and output do not fit into evidence beside their intent.
const MAX_SHOWN: usize = 16_000;

impl Sim {
    /// A node has started: its host says what it can check, shows what it paid, and goes about its lies.
    pub(super) fn play(&mut self, host: u32) {
        if self.watch.is_none() {
            return;
        }
        if self.cast.kind(host) == Kind::Honest {
            self.input(host, Input::Command(Command::SetChecks(vec![capability()])));
        }
        let (id, key) = (self.hosts[host as usize].id, self.hosts[host as usize].key);
        if let Some(proof) = self.cast.cost(self.crypto, id, host, key, EPOCH_S + self.now / 1_000_000) {
            self.input(host, Input::Command(Command::SetCost(proof)));
        }
        if self.cast.kind(host).slanders() && key == 0 {
            let first = self.config.join.every_us * self.hosts.len() as u64 + self.luck.below(SLANDER_US);
            self.queue.push(self.now + first, Happening::Slander { host });
        }
    }

    /// What a worker sees of a lease before it lies.
    pub(super) fn given(&self, origin: &NodeId, work: &IntentRequest) -> Given {
        let host = self.watch.as_ref().and_then(|w| w.host(origin));
        let of_stuffer = host.is_some_and(|h| self.cast.kind(h) == Kind::Stuffer);
        let shown: usize = work.contexts.iter().map(Bytes::len).sum();
        Given { unseen: shown > MAX_SHOWN, of_stuffer }
    }

    /// What a host makes of news.
    pub(super) fn react(&mut self, host: u32, event: &Event) {
        let Some(watch) = &mut self.watch else { return };
        let now = self.now;
        watch.event(now, host, event);
        let kind = self.cast.kind(host);
        match event {
            Event::Completed { lease, worker, output, .. } => {
                // Right work of others is called wrong; of whom, depends.
                let slandered = match kind {
                    Kind::Colluder | Kind::Slanderer => Some(!self.cast.is_friend(watch, worker)),
                    Kind::Stuffer => Some(self.cast.is_friend(watch, worker)),
                    _ => None,
                };
                if let Some(task) = self.observer.task(&lease.intent) {
                    let right = output[..] == right_output(&task.to_le_bytes())[..];
                    watch.completed(now, host, task, right);
                    if kind == Kind::Honest {
                        let length = output.len();
                        let provable = self.context_bytes(task) + length <= MAX_SHOWN;
                        self.examine(host, task, *lease, length, Verdict { worker: *worker, right, provable });
                    }
                }
                if let Some(wrong) = slandered
                    && (kind == Kind::Stuffer || self.luck.below(self.cast.check_one_in) == 0)
                {
                    self.again(host, Input::Command(Command::Judge { lease: *lease, right: !wrong }));
                }
            }
            Event::Check { check, work, output, .. } if kind == Kind::Honest => {
                let right = output[..] == right_output(&work.payload)[..];
                let takes = self.takes(host, work.context_tokens, work.generated_tokens);
                match self.check_ends(host, takes, EVIDENCE_US, false) {
                    Some(at) => {
                        self.watch.iter_mut().filter(|_| right).for_each(|w| w.checks_false(at - now));
                        self.queue.push(at, Happening::Checked { host, check: *check, right });
                    }
                    None => self.again(host, Input::Command(Command::Checked { check: *check, right: None })),
                }
            }
            _ => {}
        }
        let Some((liar, known_as)) = self.watch.as_mut().and_then(Watch::found_out) else { return };
        if matches!(self.cast.kind(liar), Kind::Whitewasher | Kind::Mover) {
            self.queue.push(now + WASH_US, Happening::Whitewash { host: liar, known_as });
        }
    }

    /// An honest host looks at a result of its own intent: at one in so many, at each of whom somebody accuses, and at
    /// each that is too long for evidence.
    fn examine(&mut self, host: u32, task: u32, lease: LeaseId, length: usize, verdict: Verdict) {
        let accused = self.hosts[host as usize].node.as_ref().is_some_and(|n| n.accusers(&verdict.worker) > 0);
        let known = accused || length > MAX_SHOWN;
        let drawn = self.luck.below(self.cast.check_one_in) == 0;
        let Some(work) = self.workload.tasks.get(task as usize).filter(|_| known || drawn) else { return };
        let takes = self.takes(host, work.context_tokens, work.generated_tokens);
        if let Some(at) = self.check_ends(host, takes, OWN_US, true) {
            self.queue.push(at, Happening::Looked { host, lease, verdict });
        }
    }

    /// A host knows what a result of its own intent is worth.
    pub(super) fn looked(&mut self, host: u32, lease: LeaseId, verdict: Verdict) {
        if let Some(watch) = self.watch.as_mut().filter(|_| !verdict.right) {
            watch.fault(self.now, host, verdict);
        }
        self.input(host, Input::Command(Command::Judge { lease, right: verdict.right }));
    }

    /// When a host has done some work again: beside its own work, one check after another. `None`: too late for it to
    /// matter, and not begun.
    fn check_ends(&mut self, host: u32, takes: u64, within: u64, own: bool) -> Option<u64> {
        let (now, h) = (self.now, self.hosts.get_mut(host as usize)?);
        let at = h.checking.max(now) + takes;
        let begins = at - now < within;
        if begins {
            h.checking = at;
        }
        self.watch.as_mut()?.check(own, begins.then_some(takes));
        begins.then_some(at)
    }

    /// A liar warns its peers of honest workers, and praises its like.
    pub(super) fn slander(&mut self, host: u32) {
        self.queue.push(self.now + SLANDER_US, Happening::Slander { host });
        let ids: Vec<NodeId> = self.hosts.iter().map(|h| h.id).collect();
        let (cast, luck) = (&self.cast, &mut self.luck);
        let victims: Vec<NodeId> =
            (0..8).map(|_| luck.below(ids.len() as u64) as usize).filter_map(|i| ids.get(i).copied()).collect();
        let friend = |n: &NodeId| ids.iter().position(|i| i == n).is_some_and(|i| cast.kind(i as u32).slanders());
        let frames = digest(&victims, friend);
        let Some(node) = &mut self.hosts[host as usize].node else { return };
        let peers: Vec<NodeId> = node.leaf().sessions().copied().collect();
        peers.into_iter().for_each(|to| node.say(Instant(self.now), to, &frames));
        if self.cast.kind(host) == Kind::Stuffer {
            // Little work, in the hope that a friend gets it.
            let _ = node.submit(Instant(self.now), bait(self.now));
        }
        self.drain(host);
    }

    /// A liar that most keep out comes back as somebody else, or under a key that takes the place of its last.
    pub(super) fn whitewash(&mut self, host: u32, known_as: NodeId) {
        if self.hosts[host as usize].id != known_as {
            return;
        }
        self.hosts[host as usize].stop();
        self.observer.stopped(host);
        self.hosts[host as usize].reborn(self.crypto, self.config.seed, host);
        let id = self.hosts[host as usize].id;
        self.observer.renamed(host, id);
        if let Some(watch) = &mut self.watch {
            watch.renamed(host, id);
        }
        self.power_on(host);
        if self.cast.kind(host) == Kind::Mover {
            let (crypto, seed) = (self.crypto, self.config.seed);
            let key = self.hosts[host as usize].key;
            let of = |key| secret(crypto, seed, host, key).into();
            for key in 0..key {
                let succession = Succession::sign(crypto, NETWORK, &of(key), Some(&of(key + 1)));
                self.input(host, Input::Command(Command::Succeed { record: succession.record().clone() }));
            }
            let first = NodeId(crypto.sign_public(&secret(crypto, seed, host, 0)));
            self.input(host, Input::Command(Command::SetVoucher(Cast::voucher(crypto, first))));
        }
        let known = self.dice.below(self.hosts.len() as u64) as u32;
        self.input(host, Input::Command(Command::Join { locator: locator(known) }));
    }
}

/// The least work there is.
fn bait(now: u64) -> IntentRequest {
    IntentRequest {
        capability: capability(),
        context_tokens: 1,
        generated_tokens: 1,
        lifetime: Duration(LIFETIME_US),
        budget: u64::MAX,
        label: Label::Public,
        depth: 0,
        effect: Effect::Idempotent,
        stakes: Stakes::Low,
        contexts: Vec::new(),
        payload: Bytes::copy_from_slice(&now.to_le_bytes()),
    }
}
