//! Content named by its hash (spec 07), kept while there is room.

#[cfg(test)]
mod tests;

use alloc::collections::{BTreeMap, VecDeque};
use bytes::Bytes;

/// Bytes kept; the oldest content gives way first.
const MAX_BYTES: usize = 4 << 20;
/// Contents kept, however short.
const MAX_CONTENTS: usize = 4_096;

/// Verified content: the name is computed here, never believed.
#[derive(Debug, Default)]
pub(crate) struct Store {
    contents: BTreeMap<[u8; 32], Bytes>,
    order: VecDeque<[u8; 32]>,
    bytes: usize,
}

impl Store {
    pub(crate) fn insert(&mut self, name: [u8; 32], content: Bytes) {
        if self.contents.contains_key(&name) {
            return;
        }
        self.bytes += content.len();
        self.contents.insert(name, content);
        self.order.push_back(name);
        while self.bytes > MAX_BYTES || self.order.len() > MAX_CONTENTS {
            let Some(oldest) = self.order.pop_front() else { return };
            self.bytes -= self.contents.remove(&oldest).map_or(0, |c| c.len());
        }
    }

    pub(crate) fn get(&self, name: &[u8; 32]) -> Option<&Bytes> {
        self.contents.get(name)
    }
}
