//! What origins owe (spec 10).

use alloc::collections::BTreeMap;

use crate::NodeId;

/// What one origin owes this node, in milli-credits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// By whole receipts.
    pub owed: u64,
    /// For leases in work, and for results whose receipt is not whole.
    pub open: u64,
}

impl Account {
    /// Both.
    pub fn total(&self) -> u64 {
        self.owed.saturating_add(self.open)
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

/// Accounts by origin. At the cap the one that owes least gives way.
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
        self.accounts.get(origin).map_or(0, Account::total).saturating_add(price) <= credit
    }

    /// A lease was taken on.
    pub(super) fn lend(&mut self, origin: NodeId, price: u64) {
        if price == 0 {
            return;
        }
        if self.accounts.len() >= MAX_ACCOUNTS && !self.accounts.contains_key(&origin) {
            let least = self.accounts.iter().min_by_key(|(_, a)| a.total()).map(|(n, _)| *n);
            least.and_then(|n| self.accounts.remove(&n));
        }
        let account = self.accounts.entry(origin).or_default();
        account.open = account.open.saturating_add(price);
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
        });
    }

    /// The origin made up for so much, whole receipts first.
    pub(super) fn settle(&mut self, origin: &NodeId, amount: u64) {
        self.change(origin, |a| {
            let rest = amount.saturating_sub(a.owed);
            a.owed = a.owed.saturating_sub(amount);
            a.open = a.open.saturating_sub(rest);
        });
    }

    fn change(&mut self, origin: &NodeId, by: impl FnOnce(&mut Account)) {
        if let Some(account) = self.accounts.get_mut(origin) {
            by(account);
            if account.total() == 0 {
                self.accounts.remove(origin);
            }
        }
    }
}
