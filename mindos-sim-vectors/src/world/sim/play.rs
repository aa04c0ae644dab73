//! What hosts do beside work, where some lie.

use mindos_core::{Command, Event, Input, Instant, NodeId};

use super::super::cast::{Kind, digest, right_output};
use super::super::host::locator;
use super::super::queue::Happening;
use super::{EPOCH_S, Sim, capability};

/// Between two rounds of slander of a liar.
const SLANDER_US: u64 = 20_000_000;
/// From being found out to a fresh key.
const WASH_US: u64 = 5_000_000;

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

    /// What a host makes of news.
    pub(super) fn react(&mut self, host: u32, event: &Event) {
        let Some(watch) = &mut self.watch else { return };
        let now = self.now;
        watch.event(now, host, event);
        let kind = self.cast.kind(host);
        match event {
            Event::Completed { lease, worker, output, .. } => {
                let Some(task) = self.observer.task(&lease.intent) else { return };
                let right = output[..] == right_output(&task.to_le_bytes())[..];
                watch.completed(now, host, task, right);
                let known = self.hosts[host as usize].node.as_ref().is_some_and(|n| n.accusers(worker) > 0);
                let looks = known || self.luck.below(self.cast.check_one_in) == 0;
                let verdict = match kind {
                    Kind::Honest => right,
                    // Right work of others is called wrong.
                    Kind::Colluder | Kind::Slanderer => self.cast.is_friend(watch, worker),
                    _ => return,
                };
                if looks {
                    watch.looked(host);
                    if !verdict && kind == Kind::Honest {
                        watch.fault(now, host, *worker);
                    }
                    self.again(host, Input::Command(Command::Judge { lease: *lease, right: verdict }));
                }
            }
            Event::Check { check, work, output, .. } if kind == Kind::Honest => {
                let right = output[..] == right_output(&work.payload)[..];
                self.again(host, Input::Command(Command::Checked { check: *check, right: Some(right) }));
            }
            Event::Quarantined { node, .. } => {
                if let Some(liar) = watch.found_out(*node)
                    && self.cast.kind(liar) == Kind::Whitewasher
                {
                    self.queue.push(now + WASH_US, Happening::Whitewash { host: liar, known_as: *node });
                }
            }
            _ => {}
        }
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
        self.drain(host);
    }

    /// A liar that most keep out comes back as somebody else.
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
        let known = self.dice.below(self.hosts.len() as u64) as u32;
        self.input(host, Input::Command(Command::Join { locator: locator(known) }));
    }
}
