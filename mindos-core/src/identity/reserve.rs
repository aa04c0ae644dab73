//! Numbers that are never used twice, even across a crash: reserved in blocks, persisted before use.

use bytes::Bytes;

use crate::outbox::{Effect, Effects, PersistKey};

/// A rising counter. Numbers below `end` are persisted as used; the next block is asked for when half
/// of one is left, so that nobody waits in normal running.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Reserve {
    key: PersistKey,
    block: u64,
    next: u64,
    end: u64,
    /// The end that is being persisted.
    asked: Option<u64>,
}

impl Reserve {
    /// Continues after what was persisted; the first number ever is 1.
    pub(crate) fn new(key: PersistKey, block: u64, restored: Option<&[u8]>) -> Self {
        let end = restored.and_then(|b| b.first_chunk::<8>()).map_or(1, |b| u64::from_le_bytes(*b).max(1));
        Self { key, block, next: end, end, asked: None }
    }

    /// The next number, or `None` while a block is being persisted: the caller waits.
    pub(crate) fn take(&mut self, out: &mut Effects) -> Option<u64> {
        // spec: ID-002 5581, ID-003 45ac
        let n = (self.next < self.end).then_some(self.next);
        self.next += u64::from(n.is_some());
        self.refill(out);
        n
    }

    /// The number that the next `take` returns, if one is ready.
    pub(crate) fn peek(&self) -> Option<u64> {
        (self.next < self.end).then_some(self.next)
    }

    /// Asks for a block if half of one or less is left.
    pub(crate) fn refill(&mut self, out: &mut Effects) {
        if self.asked.is_none() && (self.end - self.next) * 2 <= self.block {
            let end = self.end.saturating_add(self.block);
            self.asked = Some(end);
            out.push_back(Effect::Persist { key: self.key, bytes: Bytes::copy_from_slice(&end.to_le_bytes()) });
        }
    }

    /// Continues at `to` or above: others know of numbers that this node lost.
    pub(crate) fn raise(&mut self, to: u64, out: &mut Effects) {
        if to > self.next {
            self.next = to.max(self.end);
            self.end = self.next;
            self.asked = None;
            self.refill(out);
        }
    }

    /// This record is safe. One that was asked for before `raise` asked for another frees no numbers.
    pub(crate) fn persisted(&mut self, record: &[u8]) {
        // spec: ID-003 45ac
        let end = record.first_chunk::<8>().map(|b| u64::from_le_bytes(*b));
        if let Some(end) = self.asked.take_if(|asked| end == Some(*asked)) {
            self.end = end;
        }
    }
}
