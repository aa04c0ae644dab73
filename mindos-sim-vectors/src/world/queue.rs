//! The queue of events: by time, and at equal times in the order in which they were put in.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use bytes::Bytes;
use mindos_core::{LeaseId, NodeId};

/// What a host finds of a result.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict {
    pub(super) worker: NodeId,
    pub(super) right: bool,
    /// Evidence can be written about it.
    pub(super) provable: bool,
}

/// Something that will happen.
#[derive(Clone, Debug)]
pub(super) enum Happening {
    /// A datagram arrives.
    Datagram { from: u32, to: u32, bytes: Bytes },
    /// A node's deadline comes. Void if the node has another one by then.
    Deadline { host: u32 },
    /// A node starts for the first time.
    Start { host: u32 },
    /// A request appears.
    Submit { task: u32 },
    /// A host finishes an execution of its `run`.
    Done { host: u32, run: u32, lease: LeaseId },
    /// Something befalls the world.
    Befall { index: u32 },
    /// A second is over.
    Second,
    /// A liar slanders.
    Slander { host: u32 },
    /// A liar that is found out takes another key.
    Whitewash { host: u32, known_as: NodeId },
    /// A host has done the work of a result of its own intent again.
    Looked { host: u32, lease: LeaseId, verdict: Verdict },
    /// A host has done the work of somebody's evidence again.
    Checked { host: u32, check: u64, right: bool },
}

#[derive(Debug)]
struct Entry {
    at_us: u64,
    order: u64,
    what: Happening,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        (self.at_us, self.order) == (other.at_us, other.order)
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    /// Reversed: the heap's greatest is the next to come.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at_us, other.order).cmp(&(self.at_us, self.order))
    }
}

/// What will happen, in order.
#[derive(Debug, Default)]
pub(super) struct Queue {
    heap: BinaryHeap<Entry>,
    order: u64,
}

impl Queue {
    pub(super) fn push(&mut self, at_us: u64, what: Happening) {
        self.order += 1;
        self.heap.push(Entry { at_us, order: self.order, what });
    }

    pub(super) fn next_at(&self) -> Option<u64> {
        self.heap.peek().map(|e| e.at_us)
    }

    pub(super) fn pop(&mut self) -> Option<(u64, Happening)> {
        self.heap.pop().map(|e| (e.at_us, e.what))
    }
}
