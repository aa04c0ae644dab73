//! What origins owe (spec 10).

use alloc::collections::BTreeMap;

use crate::NodeId;

#[cfg(test)]
mod tests;

/// What one origin owes this node, in milli-credits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// By whole receipts.
    pub owed: u64,
    /// For leases in work, and for results whose receipt is not whole.
    pub open: u64,
    /// Paid before it was owed.
    pub ahead: u64,
}

impl Account {
    /// What it owes in all: 0 if more was paid ahead.
    pub fn total(&self) -> u64 {
        self.owed.saturating_add(self.open).saturating_sub(self.ahead)
    }

    /// What is owed is taken from what was paid ahead.
    fn balance(&mut self) {
        let both = self.owed.min(self.ahead);
        self.owed -= both;
        self.ahead -= both;
    }

    /// What gives way first: accounts of nothing paid ahead, and of these the one that owes least.
    fn worth(&self) -> (u64, u64) {
        (self.ahead.saturating_sub(self.open), self.total())
    }
}

/// What shows to others that an origin owes a worker: with lease and price, the statement `mindos/receipt/1` and both
/// signatures over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WholeReceipt {
    /// Who owes.
    pub origin: NodeId,
    /// BLAKE3 of the output.
    pub output: [u8; 32],
    /// This node's signature.
    pub worker_half: [u8; 64],
    /// The origin's.
    pub origin_half: [u8; 64],
}

/// Accounts by origin. At the cap the one that owes least gives way, before any with something paid ahead.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    accounts: BTreeMap<NodeId, Account>,
}

const MAX_ACCOUNTS: usize = 4_096;

impl Ledger {
    pub(super) fn iter(&self) -> impl Iterator<Item = (&NodeId, &Account)> {
        self.accounts.iter()
    }

    /// Whether a lease of this price is within the credit of an origin.
    pub(super) fn allows(&self, origin: &NodeId, price: u64, credit: u64) -> bool {
        let Account { owed, open, ahead } = self.accounts.get(origin).copied().unwrap_or_default();
        owed.saturating_add(open).saturating_add(price) <= credit.saturating_add(ahead)
    }

    /// A lease was taken on.
    pub(super) fn lend(&mut self, origin: NodeId, price: u64) {
        if price == 0 {
            return;
        }
        self.make_room(&origin);
        let account = self.accounts.entry(origin).or_default();
        account.open = account.open.saturating_add(price);
    }

    fn make_room(&mut self, origin: &NodeId) {
        if self.accounts.len() >= MAX_ACCOUNTS && !self.accounts.contains_key(origin) {
            let least = self.accounts.iter().min_by_key(|(_, a)| a.worth()).map(|(n, _)| *n);
            least.and_then(|n| self.accounts.remove(&n));
        }
    }

    /// A lease ended without a result that could be paid.
    pub(super) fn release(&mut self, origin: &NodeId, price: u64) {
        self.change(origin, |a| a.open = a.open.saturating_sub(price));
    }

    /// A receipt is whole.
    pub(super) fn earn(&mut self, origin: &NodeId, price: u64) {
        self.change(origin, |a| {
            a.open = a.open.saturating_sub(price);
            a.owed = a.owed.saturating_add(price);
            a.balance();
        });
    }

    /// The origin made up for so much, whole receipts first; what is above is ahead.
    pub(super) fn settle(&mut self, origin: &NodeId, amount: u64) {
        self.make_room(origin);
        self.accounts.entry(*origin).or_default();
        self.change(origin, |a| {
            a.ahead = a.ahead.saturating_add(amount);
            a.balance();
        });
    }

    fn change(&mut self, origin: &NodeId, by: impl FnOnce(&mut Account)) {
        if let Some(account) = self.accounts.get_mut(origin) {
            by(account);
            if *account == Account::default() {
                self.accounts.remove(origin);
            }
        }
    }
}
