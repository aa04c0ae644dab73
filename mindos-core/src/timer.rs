//! Named timers: a table that says what is due next. A machine sets and cancels its own by name.

use alloc::collections::{BTreeMap, BTreeSet};

use crate::Instant;

/// Every timer of a node, by name. The number says which session, member or intent it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub(crate) enum Timer {
    /// A handshake answer is overdue, or a session has been idle for long.
    Session(u32),
    /// Acknowledgements and delayable frames of a session are due.
    Flush(u32),
    /// A packet of a session is overdue.
    Recovery(u32),
    /// The next probe of the mesh.
    Tick,
    /// A member's answer to a probe is overdue.
    Probe(u32),
    /// A member accused by two waits to become suspect.
    Suspect(u32),
    /// News wait to be told.
    Rumour,
    /// News heard of wait to be pulled.
    Pull,
    /// The node's own beacon is to be renewed.
    Beacon,
    /// Known nodes are to be asked again for a way in.
    Join,
    /// Contacts are to be persisted.
    Contacts,
    /// Partners and load advertisements are to be looked after.
    Routing,
    /// Quotes for an intent are overdue.
    Quotes(u64),
    /// An intent's lifetime, or its lease, is over.
    Intent(u64),
    /// A leased task has waited too long for its context.
    Task(u64),
    /// Results wait to be paid for, or have waited long enough to be judged.
    Receipts,
    /// Advice waits to be told.
    Advice,
    /// News of faults wait to be told, or a quarantine ends.
    Immune,
    /// Issuers that returned wait to be told of payments.
    Payments,
    /// A question goes on: it closes, is to be revealed, or was not answered.
    Question(u64),
}

impl Timer {
    /// The name without its number.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Session(_) => "session",
            Self::Flush(_) => "flush",
            Self::Recovery(_) => "recovery",
            Self::Tick => "tick",
            Self::Probe(_) => "probe",
            Self::Suspect(_) => "suspect",
            Self::Rumour => "rumour",
            Self::Pull => "pull",
            Self::Beacon => "beacon",
            Self::Join => "join",
            Self::Contacts => "contacts",
            Self::Routing => "routing",
            Self::Quotes(_) => "quotes",
            Self::Intent(_) => "intent",
            Self::Task(_) => "task",
            Self::Receipts => "receipts",
            Self::Advice => "advice",
            Self::Immune => "immune",
            Self::Payments => "payments",
            Self::Question(_) => "question",
        }
    }
}

/// The table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Timers {
    at: BTreeMap<Timer, Instant>,
    order: BTreeSet<(Instant, Timer)>,
}

impl Timers {
    /// Sets or moves a timer.
    pub(crate) fn set(&mut self, timer: Timer, at: Instant) {
        if let Some(old) = self.at.insert(timer, at) {
            self.order.remove(&(old, timer));
        }
        self.order.insert((at, timer));
    }

    /// Sets a timer, or moves it forward; never later than it stands.
    pub(crate) fn set_no_later(&mut self, timer: Timer, at: Instant) {
        if self.at.get(&timer).is_none_or(|old| at < *old) {
            self.set(timer, at);
        }
    }

    /// Cancels a timer. No effect if it is not set.
    pub(crate) fn cancel(&mut self, timer: Timer) {
        if let Some(old) = self.at.remove(&timer) {
            self.order.remove(&(old, timer));
        }
    }

    /// Whether the timer is set.
    pub(crate) fn is_set(&self, timer: Timer) -> bool {
        self.at.contains_key(&timer)
    }

    /// The next timer and its time.
    pub(crate) fn next(&self) -> Option<(Instant, Timer)> {
        self.order.first().copied()
    }

    /// Takes the next timer that is due at `now`.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<Timer> {
        let (at, timer) = self.next().filter(|(at, _)| *at <= now)?;
        self.order.remove(&(at, timer));
        self.at.remove(&timer);
        Some(timer)
    }
}
