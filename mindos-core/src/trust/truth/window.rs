//! What comes into the window and what leaves it (spec 09, "Settlement").

use alloc::vec;
use alloc::vec::Vec;

use super::fixed::ONE;
use super::strangers;
use super::{Filed, Pending, Question, Told, Truth, WINDOW};

/// Agents without a report in the window that are remembered.
pub(super) const MAX_IDLE: usize = 4_096;
/// Reports of an agent that its memory counts, and of all that the memory of the options counts.
pub(super) const MEMORY: u32 = 40 * 256;
const CLASS_MEMORY: i64 = 2_000 * ONE;

impl Truth {
    /// Compares what agents said before they had a voice with what others said, as soon as they have one: copies
    /// must not be heard as many even once.
    pub(super) fn meet(&mut self) {
        let new: Vec<bool> =
            self.agents.iter().enumerate().map(|(i, a)| !a.met && a.last > 0 && self.cap(i as u16) > 0).collect();
        if !new.contains(&true) {
            return;
        }
        let mut start = 0;
        for q in &self.questions {
            let reports = self.filed.range(start..).take(q.reports as usize);
            start += q.reports as usize;
            let heard: Vec<(u16, u8)> = reports.filter(|r| self.cap(r.agent) > 0).map(|r| (r.agent, r.label)).collect();
            self.pairs.compare(&heard, |agent| new[usize::from(agent)]);
        }
        for (agent, new) in self.agents.iter_mut().zip(new) {
            agent.met |= new;
        }
    }

    /// Reports in the window that had a voice when they were put there.
    pub(super) fn voiced(&self) -> usize {
        self.filed.iter().filter(|r| !r.stranger).count()
    }

    /// Moves the pending questions into the window, in the order of time, then name.
    pub(super) fn file(&mut self) {
        let mut pending: Vec<([u8; 32], Pending)> = core::mem::take(&mut self.pending).into_iter().collect();
        self.waiting = 0;
        pending.sort_by_key(|(id, p)| (p.at, *id));
        for (id, p) in pending {
            let mut compared = Vec::with_capacity(p.reports.len());
            let mut reports = 0;
            for &Told { agent, index, label, lineage } in &p.reports {
                let Some(agent) = index.or_else(|| self.agent(agent)) else { continue };
                reports += 1;
                self.came += 1;
                let stranger = self.cap(agent) == 0;
                self.filed.push_back(Filed { agent, label, stranger, lineage });
                let state = &mut self.agents[usize::from(agent)];
                state.last = self.came;
                if !stranger {
                    state.met = true;
                    compared.push((agent, label));
                }
            }
            self.pairs.compare(&compared, |_| true);
            self.numbers.insert(id, self.left + self.questions.len() as u64);
            self.questions.push_back(Question { id, reports, anchor: p.anchor });
            self.held.extend(core::iter::repeat_n((ONE / self.options as i64) as i32, self.options));
            self.published.extend(core::iter::repeat_n((ONE / self.options as i64) as i32, self.options));
        }
    }

    /// Drops the oldest reports of strangers beyond their part of the window.
    pub(super) fn thin(&mut self) {
        let mut excess = (self.filed.len() - self.voiced()).saturating_sub(strangers::WINDOW);
        if excess == 0 {
            return;
        }
        let mut old = core::mem::take(&mut self.filed).into_iter();
        for q in &mut self.questions {
            for r in old.by_ref().take(q.reports as usize) {
                if r.stranger && excess > 0 {
                    excess -= 1;
                    q.reports -= 1;
                } else {
                    self.filed.push_back(r);
                }
            }
        }
    }

    /// Takes the oldest questions out of the window and into memory.
    pub(super) fn slide(&mut self) {
        let k = self.options;
        let mut moved = false;
        let mut voiced = self.voiced();
        while voiced > WINDOW || self.questions.len() > WINDOW {
            let Some(q) = self.questions.pop_front() else { break };
            self.numbers.remove(&q.id);
            self.left += 1;
            let truth: Vec<i32> = self.held.drain(..k).collect();
            self.published.drain(..k);
            for r in self.filed.drain(..q.reports as usize) {
                voiced -= usize::from(!r.stranger);
                let counts = &mut self.memory[usize::from(r.agent) * k * k..][..k * k];
                for (c, t) in counts[usize::from(r.label) * k..].iter_mut().zip(&truth) {
                    *c = c.saturating_add((*t >> 8) as u16);
                }
                // At the cap, what is old fades.
                let sum: u32 = counts.iter().map(|c| u32::from(*c)).sum();
                if sum > MEMORY {
                    for c in counts {
                        *c = (u32::from(*c) * MEMORY / sum) as u16;
                    }
                }
            }
            for (c, t) in self.class.iter_mut().zip(&truth) {
                *c += i64::from(*t);
            }
            moved = true;
        }
        let sum: i64 = self.class.iter().sum();
        if moved && sum > CLASS_MEMORY {
            for c in &mut self.class {
                *c = *c * CLASS_MEMORY / sum;
            }
        }
    }

    /// Forgets agents that have no report in the window, beyond [`MAX_IDLE`]: those without a voice first, then the
    /// longest silent.
    pub(super) fn forget(&mut self) {
        let mut present = vec![false; self.agents.len()];
        self.filed.iter().for_each(|r| present[usize::from(r.agent)] = true);
        let mut idle: Vec<(bool, u64, u16)> = (0..self.agents.len() as u16)
            .filter(|&i| !present[usize::from(i)])
            .map(|i| (self.cap(i) > 0, self.agents[usize::from(i)].last, i))
            .collect();
        let Some(more) = idle.len().checked_sub(MAX_IDLE).filter(|&more| more > 0) else { return };
        idle.sort_unstable();
        let mut names = vec![None; self.agents.len()];
        let gone: alloc::collections::BTreeSet<u16> = idle.iter().take(more).map(|i| i.2).collect();
        let mut next = 0;
        for (i, name) in names.iter_mut().enumerate() {
            if !gone.contains(&(i as u16)) {
                *name = Some(next);
                next += 1;
            }
        }
        let k = self.options * self.options;
        keep(&mut self.agents, 1, &names);
        keep(&mut self.memory, k, &names);
        keep(&mut self.tables, k, &names);
        self.pairs.rename(&names);
        self.names = self.agents.iter().enumerate().map(|(i, a)| (a.id, i as u16)).collect();
        for r in &mut self.filed {
            r.agent = names[usize::from(r.agent)].unwrap_or_default();
        }
    }
}

/// Keeps the rows of `width` that have a new name.
fn keep<T: Clone>(rows: &mut Vec<T>, width: usize, names: &[Option<u16>]) {
    *rows = rows
        .chunks_exact(width)
        .zip(names)
        .filter(|(_, name)| name.is_some())
        .flat_map(|(row, _)| row.iter().cloned())
        .collect();
}
