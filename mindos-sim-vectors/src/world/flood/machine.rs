//! The machine under attack: one core, which takes one thing at a time, and a socket of limited size.

use std::collections::VecDeque;

use bytes::Bytes;
use mindos_core::Input;

/// Who sent a datagram.
#[derive(Clone, Debug)]
pub(super) enum From {
    /// A node on this host.
    Host(u32),
    /// The attacker, from the address of this number.
    Forged {
        address: u32,
        /// It shows a cookie that this address was given.
        proven: bool,
    },
}

/// What the core has to do.
#[derive(Debug)]
pub(super) enum Job {
    /// The host's own: a timer that is due, or something that the host wants.
    Own(Input),
    /// Out of the socket.
    Datagram(From, Bytes),
}

/// Core and socket. The host looks at its own jobs before it reads the next datagram.
#[derive(Debug)]
pub(super) struct Core {
    free_at: u64,
    room: usize,
    own: VecDeque<Input>,
    socket: VecDeque<(From, Bytes)>,
    pub(super) busy_ns: u64,
}

impl Core {
    pub(super) fn new(room: usize) -> Self {
        Self { free_at: 0, room, own: VecDeque::new(), socket: VecDeque::new(), busy_ns: 0 }
    }

    /// Something for the host itself to do.
    pub(super) fn want(&mut self, input: Input) {
        self.own.push_back(input);
    }

    /// A datagram arrives. `false`: the socket is full, and it is lost.
    pub(super) fn arrive(&mut self, from: From, bytes: Bytes) -> bool {
        let fits = self.socket.len() < self.room;
        if fits {
            self.socket.push_back((from, bytes));
        }
        fits
    }

    /// When the next job begins, if there is one.
    pub(super) fn next_at(&self, now: u64) -> Option<u64> {
        (!self.own.is_empty() || !self.socket.is_empty()).then_some(self.free_at.max(now))
    }

    pub(super) fn take(&mut self) -> Option<Job> {
        let own = self.own.pop_front().map(Job::Own);
        own.or_else(|| self.socket.pop_front().map(|(from, bytes)| Job::Datagram(from, bytes)))
    }

    /// The job taken at `now` takes so long. Returns when it is done.
    pub(super) fn spend(&mut self, now: u64, ns: u64) -> u64 {
        self.busy_ns += ns;
        self.free_at = now + ns;
        self.free_at
    }

    /// Datagrams that wait.
    pub(super) fn waiting(&self) -> usize {
        self.socket.len()
    }
}
