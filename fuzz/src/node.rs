//! Bytes as a story: each step is an operation and its arguments.

use bytes::Bytes;
use mindos_core::wire::{
    Bytes16, Effect, Fragment, Label, MAX_PACKET, ResultStatus, SEALED_OVERHEAD, Stakes, encode_frame,
};
use mindos_core::{
    Capability, Capacity, Command, Duration, Input, IntentId, IntentRequest, LeaseId, PathId, QuestionRequest, Report,
};

use crate::pair::{HOSTILE, Pair, locator};
use crate::script::Script;

/// What all nodes can do.
const CAPABILITY: [u8; 32] = [0xca; 32];
/// Steps of one story.
const STEPS: usize = 128;
/// Virtual time of one story, in ms.
const STORY_MS: u64 = 120_000;
/// A frame of a fragment without its data, and the rest of a packet.
const FRAGMENT_ROOM: usize = MAX_PACKET - SEALED_OVERHEAD - 16;

/// A live pair of nodes in a session, and whatever `data` lets happen to them: datagrams dropped, doubled,
/// held back and changed; bytes from strangers; authentic frames from a member that means harm; commands,
/// broken paths, sleep and power loss. Returns a hash over everything that the nodes did, the same for the
/// same bytes.
///
/// # Panics
/// If a node does, sends a datagram of a wrong size, or keeps its host busy without end.
pub fn node(data: &[u8]) -> u64 {
    let mut story = Story::begin();
    let mut script = Script(data);
    for _ in 0..STEPS {
        let Some(step) = script.byte() else { break };
        story.step(step, &mut script);
    }
    story.wait(2_000);
    story.pair.trace()
}

struct Story {
    pair: Pair,
    left_ms: u64,
    intents: Vec<IntentId>,
    /// Messages of the hostile peer, by victim.
    messages: [u32; 2],
}

impl Story {
    /// Two nodes that know each other and can work, and a hostile member.
    fn begin() -> Self {
        let mut pair = Pair::new();
        for host in 0..2 {
            pair.input(host, Input::Command(Command::SetCapacity(capacity())));
        }
        if let Some(hello) = pair.hostile.hello(0) {
            pair.throw(0, hello);
        }
        pair.wait(50_000);
        let mut story = Self { pair, left_ms: STORY_MS, intents: Vec::new(), messages: [0; 2] };
        let introduction = story.pair.hostile.introduction();
        story.message(0, &introduction);
        story.pair.wait(50_000);
        story
    }

    fn step(&mut self, step: u8, script: &mut Script<'_>) {
        let host = usize::from(step >> 7);
        match step & 0x1f {
            0 => self.wait(u64::from(script.short())),
            1 => self.wait(u64::from(script.short() & 0xff)),
            2 => drop(self.pair.wire.pop_front()),
            3 => {
                if let Some(copy) = self.pair.wire.front().map(|d| d.bytes.clone()) {
                    self.pair.arrive(1 - host, host, copy);
                }
            }
            4 => {
                let (at, mask) = (usize::from(script.short()), script.byte().unwrap_or(1));
                if let Some(datagram) = self.pair.wire.front_mut() {
                    let at = at % datagram.bytes.len().max(1);
                    datagram.bytes.iter_mut().skip(at).take(1).for_each(|b| *b ^= mask);
                }
            }
            5 => {
                let len = usize::from(script.short());
                if let Some(datagram) = self.pair.wire.front_mut() {
                    datagram.bytes.truncate(len % (datagram.bytes.len() + 1));
                }
            }
            6 => {
                let bytes = script.bytes();
                self.pair.arrive(HOSTILE, host, bytes.to_vec());
            }
            7 => self.hostile(host, script.bytes()),
            8 => self.message(host, script.bytes()),
            9 => {
                if let Some(hello) = self.pair.hostile.hello(host) {
                    self.pair.throw(host, hello);
                }
            }
            10 => {
                let ms = u64::from(script.short()).min(self.left_ms);
                self.left_ms -= ms;
                self.pair.sleep(ms * 1_000);
            }
            11 => self.pair.restart(host),
            12 => self.submit(host, script),
            13 => self.finish(host, script.byte().unwrap_or_default()),
            14 => {
                self.command(host, Command::Join { locator: locator(usize::from(script.byte().unwrap_or_default())) })
            }
            15 => {
                let node = self.pair.node(1 - host).0.id();
                self.command(host, Command::Ping { node });
            }
            16 => {
                let intent = self.intent(script);
                self.command(host, Command::Cancel { intent });
            }
            17 => self.command(host, Command::Leave),
            18 => self.command(host, Command::SetCapacity(Capacity::default())),
            19 => self.pair.input(host, Input::PathFailed { path: PathId(u32::from(script.short())) }),
            20 => self.pair.input(host, Input::PathReady { path: PathId(u32::from(script.short())), mtu: 1_152 }),
            21 => self.pair.input(host, Input::Persisted { token: u64::from(script.short()) }),
            22 => self.pair.input(host, Input::WallClock { unix_s: 1_800_000_000 + u64::from(script.short()) }),
            23 => {
                let lease = LeaseId { intent: self.intent(script), epoch: u64::from(script.short()) };
                self.command(host, Command::Progress { lease, done: 9 });
            }
            24 => self.pair.input(host, Input::Timeout),
            25 => {
                let closes = 1_800_000_000 + u64::from(script.short() & 0x7f);
                let (options, reveals) = (script.byte().unwrap_or(2) % 18, closes + u64::from(script.short()));
                let (domain, statement) = ([step; 32], [options; 32]);
                let request = QuestionRequest {
                    domain,
                    statement,
                    options,
                    forecasts: options % 2 == 1,
                    closes,
                    reveals,
                    rule: [0; 32],
                };
                self.command(host, Command::Ask(request));
            }
            26 => {
                let (question, yes) = (self.question(script), script.short());
                let report = Report { weights: vec![u16::MAX - yes, yes], lineage: vec![[step; 32]] };
                self.command(host, Command::Report { question, report });
            }
            27 => {
                let (question, option) = (self.question(script), script.byte().unwrap_or_default());
                self.command(host, Command::Anchor { question, option, source: [1; 32] });
            }
            28 => {
                let question = self.question(script);
                self.command(host, Command::Believe { question });
            }
            _ => self.wait(1_000),
        }
    }

    fn wait(&mut self, ms: u64) {
        let ms = ms.min(self.left_ms);
        self.left_ms -= ms;
        self.pair.wait(ms * 1_000);
    }

    fn command(&mut self, host: usize, command: Command) {
        self.pair.input(host, Input::Command(command));
    }

    /// Authentic frames from the hostile peer.
    fn hostile(&mut self, victim: usize, frames: &[u8]) {
        if let Some(packet) = self.pair.hostile.seal(victim, frames) {
            self.pair.throw(victim, packet);
        }
    }

    /// The same as a message of `delivery`.
    fn message(&mut self, victim: usize, frames: &[u8]) {
        let total = frames.len() as u16;
        for (i, part) in frames.chunks(FRAGMENT_ROOM).enumerate() {
            let offset = (i * FRAGMENT_ROOM) as u16;
            let message = self.messages[victim];
            let fragment = Fragment { message, offset, total, data: Bytes16(part), tail: Default::default() };
            let mut bytes = Vec::new();
            if encode_frame(&fragment, &mut bytes).is_ok() {
                self.hostile(victim, &bytes);
            }
        }
        self.messages[victim] += 1;
    }

    fn submit(&mut self, host: usize, script: &mut Script<'_>) {
        let (size, kind) = (usize::from(script.short()), script.byte().unwrap_or_default());
        let request = IntentRequest {
            capability: CAPABILITY,
            context_tokens: 10,
            generated_tokens: u32::from(kind),
            lifetime: Duration::from_secs(60),
            budget: u64::MAX,
            label: Label::ALL[usize::from(kind) % Label::ALL.len()],
            depth: 0,
            effect: Effect::ALL[usize::from(kind >> 2) % Effect::ALL.len()],
            stakes: Stakes::ALL[usize::from(kind >> 4) % Stakes::ALL.len()],
            contexts: if size == 0 { Vec::new() } else { vec![vec![kind; size].into()] },
            payload: vec![kind; usize::from(kind)].into(),
        };
        let (node, now) = self.pair.node(host);
        self.intents.extend(node.submit(now, request));
        self.pair.drain(host);
    }

    fn finish(&mut self, host: usize, kind: u8) {
        let Some(lease) = self.pair.tasks[host].pop_front() else { return };
        let status = ResultStatus::ALL[usize::from(kind) % ResultStatus::ALL.len()];
        let output = vec![kind; usize::from(kind) << 6].into();
        self.command(host, Command::Finish { lease, status, output });
    }

    /// A question that was asked, or bytes that are none.
    fn question(&self, script: &mut Script<'_>) -> Bytes {
        let index = usize::from(script.byte().unwrap_or_default());
        let asked = self.pair.questions.get(index % self.pair.questions.len().max(1));
        asked.cloned().unwrap_or_else(|| script.bytes().to_vec().into())
    }

    fn intent(&self, script: &mut Script<'_>) -> IntentId {
        let index = usize::from(script.byte().unwrap_or_default());
        self.intents.get(index % self.intents.len().max(1)).copied().unwrap_or(IntentId([7; 32]))
    }
}

fn capacity() -> Capacity {
    Capacity {
        slots: 1,
        context_rate: 2_000_000,
        generated_rate: 20_000,
        context_free: 1_000_000,
        stakes: Some(Stakes::Moderate),
        clearance: Some(Label::Household),
        capabilities: vec![Capability { name: CAPABILITY, competence: 200, price: 1 }],
        credit: u64::MAX,
    }
}

#[cfg(test)]
mod tests;
