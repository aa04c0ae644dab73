//! What is owed, and what was paid before it was.

use super::*;

const ORIGIN: NodeId = NodeId([1; 32]);

fn account(ledger: &Ledger) -> Option<(u64, u64, u64)> {
    ledger.accounts.get(&ORIGIN).map(|a| (a.owed, a.open, a.ahead))
}

#[test]
fn whole_receipts_are_paid_first_and_the_rest_is_ahead() {
    let mut ledger = Ledger::default();
    ledger.lend(ORIGIN, 20);
    ledger.earn(&ORIGIN, 20);
    ledger.lend(ORIGIN, 5);
    ledger.settle(&ORIGIN, 50);
    assert_eq!(account(&ledger), Some((0, 5, 30)), "work under way is not paid yet");
    assert!(ledger.allows(&ORIGIN, 25, 0) && !ledger.allows(&ORIGIN, 26, 0));
    assert!(ledger.allows(&ORIGIN, 35, 10) && !ledger.allows(&ORIGIN, 36, 10));
    ledger.release(&ORIGIN, 5);
    assert_eq!(account(&ledger), Some((0, 0, 30)), "what failed costs nothing of it");
    ledger.lend(ORIGIN, 40);
    ledger.earn(&ORIGIN, 40);
    assert_eq!(account(&ledger), Some((10, 0, 0)));
    ledger.settle(&ORIGIN, 10);
    assert_eq!(account(&ledger), None);
    ledger.settle(&ORIGIN, 0);
    assert_eq!(account(&ledger), None);
}

#[test]
fn who_paid_ahead_is_forgotten_last() {
    let node = |n: usize| NodeId(core::array::from_fn(|i| (n >> (8 * i.min(3))) as u8));
    let mut ledger = Ledger::default();
    ledger.settle(&node(0), 1);
    (1..MAX_ACCOUNTS).for_each(|n| ledger.lend(node(n), 10 + n as u64));
    ledger.lend(node(MAX_ACCOUNTS), 9);
    assert_eq!(ledger.accounts.len(), MAX_ACCOUNTS);
    assert!(ledger.accounts.contains_key(&node(0)) && !ledger.accounts.contains_key(&node(1)), "it owed least");
    ledger.settle(&node(MAX_ACCOUNTS + 1), 5);
    assert!(!ledger.accounts.contains_key(&node(MAX_ACCOUNTS)) && ledger.accounts.contains_key(&node(2)));
}
