//! A peer by the book: what chapters 02 to 05 say, and no more.

use std::collections::BTreeMap;

use mindos_core::NodeId;
use mindos_core::crypto::{Crypto, DEFAULT};
use mindos_core::session::noise::{Blake3, Handshake, TransportKey};
use mindos_core::wire::*;

/// Network of all tests.
pub(crate) const NETWORK: u32 = 7;

/// BLAKE3 of the concatenation of `parts`.
pub(crate) fn hash(parts: &[&[u8]]) -> [u8; 32] {
    DEFAULT.hash(parts)
}

/// One frame as bytes.
pub(crate) fn frame<'a>(m: &impl FrameMessage<'a>) -> Vec<u8> {
    let mut out = Vec::new();
    encode_frame(m, &mut out).unwrap();
    out
}

/// The signed bytes of a statement: label, network, fields (spec 03).
pub(crate) fn signed(label: &str, network: u32, fields: &[&[u8]]) -> Vec<u8> {
    let mut out = label.as_bytes().to_vec();
    out.resize(16, 0);
    out.extend(network.to_le_bytes());
    fields.iter().for_each(|f| out.extend(*f));
    out
}

struct Session {
    send: TransportKey,
    receive: TransportKey,
    counter: u64,
    message: u32,
    partial: BTreeMap<u32, Vec<Option<u8>>>,
}

/// What a peer advertises as a worker.
#[derive(Clone, Copy)]
pub(crate) struct Service {
    pub(crate) capability: [u8; 32],
    pub(crate) backlog_ms: u64,
}

/// A hand-driven peer. It answers handshakes, pings and subscriptions by itself unless told otherwise.
pub(crate) struct Peer {
    pub(crate) seed: [u8; 32],
    pub(crate) x25519: [u8; 32],
    pub(crate) network: u32,
    pub(crate) incarnation: u32,
    pub(crate) sequence: u64,
    pub(crate) expires: u64,
    pub(crate) roles: u16,
    /// Extensions of its beacon.
    pub(crate) tail: Vec<u8>,
    pub(crate) index: u32,
    pub(crate) ephemeral: [u8; 32],
    /// Hears and says nothing.
    pub(crate) mute: bool,
    /// Acknowledges packets with fragments.
    pub(crate) acks: bool,
    /// Answers pings and hellos.
    pub(crate) answers: bool,
    pub(crate) service: Option<Service>,
    /// Every frame that came, out of packets and messages, in order.
    pub(crate) log: Vec<Vec<u8>>,
    /// Every packet that came.
    pub(crate) packets: Vec<Vec<u8>>,
    /// The other side's index.
    pub(crate) remote: u32,
    handshake: Option<Handshake<Blake3>>,
    session: Option<Session>,
}

impl Peer {
    pub(crate) fn new(n: u32) -> Self {
        let seed = hash(&[b"peer", &n.to_le_bytes()]);
        Self::with_seed(n, seed)
    }

    pub(crate) fn with_seed(n: u32, seed: [u8; 32]) -> Self {
        Self {
            seed,
            x25519: hash(&[b"static", &seed]),
            network: NETWORK,
            incarnation: 1,
            sequence: 1,
            expires: 2_000_000_000,
            roles: 0,
            tail: Vec::new(),
            index: 1_000 + n,
            ephemeral: hash(&[b"ephemeral", &seed]),
            mute: false,
            acks: true,
            answers: true,
            service: None,
            log: Vec::new(),
            packets: Vec::new(),
            remote: 0,
            handshake: None,
            session: None,
        }
    }

    pub(crate) fn id(&self) -> NodeId {
        NodeId(DEFAULT.sign_public(&self.seed))
    }

    pub(crate) fn sign(&self, label: &str, fields: &[&[u8]]) -> [u8; 64] {
        DEFAULT.sign(&self.seed, &signed(label, self.network, fields))
    }

    /// A record of this peer.
    pub(crate) fn record(&self, body: &RecordBody<'_>) -> Vec<u8> {
        let head = RecordHead { author: &self.id().0, sequence: self.sequence, expires: self.expires };
        let mut out = Vec::new();
        Record::put_signed(&head, body, &mut out).unwrap();
        out.extend(self.sign("mindos/record/1", &[&out]));
        out
    }

    pub(crate) fn beacon(&self) -> Vec<u8> {
        self.beacon_of(&DEFAULT.dh_public(&self.x25519))
    }

    pub(crate) fn beacon_of(&self, x25519: &[u8; 32]) -> Vec<u8> {
        let tail = Tail::new(&self.tail).unwrap();
        let (incarnation, roles) = (self.incarnation, self.roles);
        self.record(&RecordBody::Beacon(BeaconBody { x25519, incarnation, cell: 0, tier: Tier::Home, roles, tail }))
    }

    /// Signature of a statement about a member: epoch 0, subject, incarnation.
    pub(crate) fn member_signature(&self, label: &str, subject: NodeId, incarnation: u32) -> [u8; 64] {
        self.sign(label, &[&0u32.to_le_bytes(), &subject.0, &incarnation.to_le_bytes()])
    }

    fn prologue(&self) -> Vec<u8> {
        [&b"MindOS"[..], &[1, 1, 0], &self.network.to_le_bytes()].concat()
    }

    pub(crate) fn hello(&mut self) -> Vec<u8> {
        let mut handshake = Handshake::initiator(&DEFAULT, &[&self.prologue()], self.x25519, self.ephemeral);
        let mut noise = Vec::new();
        handshake.write(&[], &mut noise).unwrap();
        self.handshake = Some(handshake);
        let noise = noise.first_chunk().unwrap();
        packet(Packet::Hello(Hello {
            version: 1,
            suite: 1,
            network: self.network,
            sender: self.index,
            noise,
            cookie: &[0; 16],
        }))
    }

    /// Answers a hello, with `beacon` as the payload.
    pub(crate) fn reply(&mut self, hello: &[u8], beacon: &[u8]) -> Vec<u8> {
        let Ok(Packet::Hello(h)) = Packet::decode(hello) else { panic!("no hello") };
        let mut handshake = Handshake::responder(&DEFAULT, &[&self.prologue()], self.x25519, self.ephemeral);
        handshake.read(h.noise).unwrap();
        let mut noise = Vec::new();
        handshake.write(beacon, &mut noise).unwrap();
        self.handshake = Some(handshake);
        self.session = None;
        let out = packet(Packet::Reply(Reply { receiver: h.sender, sender: self.index, noise: &noise }));
        self.ephemeral = hash(&[&self.ephemeral]);
        self.remote = h.sender;
        out
    }

    /// Reads a reply and answers it; the session is up on this side.
    pub(crate) fn finish(&mut self, reply: &[u8], beacon: &[u8]) -> Vec<u8> {
        let Ok(Packet::Reply(r)) = Packet::decode(reply) else { panic!("no reply") };
        let mut handshake = self.handshake.take().unwrap();
        handshake.read(r.noise).unwrap();
        let mut noise = Vec::new();
        handshake.write(beacon, &mut noise).unwrap();
        self.remote = r.sender;
        self.split(handshake);
        self.ephemeral = hash(&[&self.ephemeral]);
        packet(Packet::Finish(Finish { receiver: r.sender, noise: &noise }))
    }

    /// Payload of the reply in hand, for a look at it.
    pub(crate) fn payload_of_reply(&self, reply: &[u8], hello: &[u8]) -> Vec<u8> {
        let Ok(Packet::Reply(r)) = Packet::decode(reply) else { panic!("no reply") };
        let mut handshake = Handshake::<Blake3>::initiator(&DEFAULT, &[&self.prologue()], self.x25519, self.ephemeral);
        let mut again = Vec::new();
        handshake.write(&[], &mut again).unwrap();
        assert_eq!(again[..], hello[12..44], "the same ephemeral key");
        handshake.read(r.noise).unwrap()
    }

    fn split(&mut self, handshake: Handshake<Blake3>) {
        let (send, receive) = handshake.split().unwrap();
        self.session = Some(Session { send, receive, counter: 0, message: 0, partial: BTreeMap::new() });
    }

    pub(crate) fn is_up(&self) -> bool {
        self.session.is_some()
    }

    /// Seals frames under the next counter.
    pub(crate) fn seal(&mut self, frames: &[u8]) -> Vec<u8> {
        let counter = self.session.as_ref().unwrap().counter;
        self.session.as_mut().unwrap().counter += 1;
        self.seal_at(counter, frames)
    }

    /// Seals frames under any counter.
    pub(crate) fn seal_at(&mut self, counter: u64, frames: &[u8]) -> Vec<u8> {
        let session = self.session.as_ref().unwrap();
        let header = [&[4][..], &self.remote.to_le_bytes(), &counter.to_le_bytes()].concat();
        let mut text = frames.to_vec();
        let tag = session.send.seal(&DEFAULT, counter, &header, &mut text);
        [&header[..], &text, &tag].concat()
    }

    /// Frames as a message, cut into packets.
    pub(crate) fn message(&mut self, frames: &[u8]) -> Vec<Vec<u8>> {
        let session = self.session.as_mut().unwrap();
        let message = session.message;
        session.message += 1;
        let total = u16::try_from(frames.len()).unwrap();
        let part = |(i, data): (usize, &[u8])| {
            let offset = u16::try_from(i * 1_000).unwrap();
            frame(&Fragment { message, offset, total, data: Bytes16(data), tail: Tail::default() })
        };
        let parts: Vec<Vec<u8>> = frames.chunks(1_000).enumerate().map(part).collect();
        parts.iter().map(|p| self.seal(p)).collect()
    }

    /// Opens a sealed packet and logs its frames; answers go out at once.
    fn opened(&mut self, bytes: &[u8], counter: u64) -> Vec<Vec<u8>> {
        let session = self.session.as_mut().unwrap();
        let mut text = bytes[13..bytes.len() - 16].to_vec();
        let tag = bytes.last_chunk().unwrap();
        assert!(session.receive.open(&DEFAULT, counter, &bytes[..13], &mut text, tag), "a packet does not open");
        let mut whole = Vec::new();
        let mut eliciting = false;
        for f in frames(&text) {
            match f.unwrap() {
                Frame::Fragment(f) => {
                    eliciting = true;
                    let partial = session.partial.entry(f.message).or_insert_with(|| vec![None; usize::from(f.total)]);
                    f.data.0.iter().enumerate().for_each(|(i, b)| partial[usize::from(f.offset) + i] = Some(*b));
                    if let Some(all) = partial.iter().copied().collect::<Option<Vec<u8>>>().filter(|p| !p.is_empty()) {
                        // Handed out once: what comes again meets an empty message.
                        partial.clear();
                        partial.resize(65_536, None);
                        whole.extend(all);
                    }
                    let mut raw = Vec::new();
                    Frame::Fragment(f).encode(&mut raw).unwrap();
                    self.log.push(raw);
                }
                f => f.encode(&mut whole).unwrap(),
            }
        }
        let mut out = Vec::new();
        if eliciting && self.acks {
            let ranges = [AckRange { first: counter, more: 0 }];
            out.push(self.seal(&frame(&Ack { delay_us: 0, ranges: List::new(&ranges), tail: Tail::default() })));
        }
        for f in frames(&whole) {
            let f = f.unwrap();
            let mut raw = Vec::new();
            f.encode(&mut raw).unwrap();
            self.log.push(raw);
            out.extend(self.react(&f));
        }
        out
    }

    fn react(&mut self, f: &Frame<'_>) -> Vec<Vec<u8>> {
        let tail = Tail::default();
        match (f, self.service) {
            (Frame::Ping(p), _) if self.answers => {
                vec![self.seal(&frame(&PingAck { nonce: p.nonce, view: p.view, tail }))]
            }
            (Frame::Subscribe(_), Some(s)) => {
                let accepted = frame(&Subscribed { accepted: Flag(true), tail });
                let advert = self.advert(s, 1);
                [self.message(&accepted), self.message(&advert)].concat()
            }
            _ => Vec::new(),
        }
    }

    /// A load advertisement for a service at the reference speed.
    pub(crate) fn advert(&self, s: Service, sequence: u32) -> Vec<u8> {
        let id = u32::from_le_bytes(*s.capability.first_chunk().unwrap());
        let capabilities = [CapabilityLoad { id, competence: 200, price: 1 }];
        let m = Minifloat::floor;
        frame(&LoadAdvert {
            sequence,
            slots: m(1),
            backlog_ms: m(s.backlog_ms),
            context_rate: m(2_000_000),
            generated_rate: m(20_000),
            context_free: m(100_000),
            memory_kib: m(0),
            link: m(0),
            energy: m(u64::MAX),
            capabilities: List::new(&capabilities),
            tail: Tail::default(),
        })
    }

    /// A datagram came: what this peer sends at once.
    pub(crate) fn receive(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        if self.mute {
            return Vec::new();
        }
        self.packets.push(bytes.to_vec());
        let beacon = self.beacon();
        match Packet::decode(bytes).unwrap() {
            Packet::Hello(_) if self.answers => vec![self.reply(bytes, &beacon)],
            Packet::Reply(_) if self.handshake.is_some() => vec![self.finish(bytes, &beacon)],
            Packet::Finish(f) if self.handshake.is_some() => {
                let mut handshake = self.handshake.take().unwrap();
                handshake.read(f.noise).unwrap();
                self.split(handshake);
                vec![self.seal(&frame(&Established { tail: Tail::default() }))]
            }
            Packet::Sealed(s) if self.session.is_some() && s.receiver == self.index => self.opened(bytes, s.counter),
            _ => Vec::new(),
        }
    }

    /// How many frames of the log `is` says yes to.
    pub(crate) fn count(&self, is: impl Fn(&Frame<'_>) -> bool) -> usize {
        self.log.iter().filter(|raw| is(&Frame::decode(raw).unwrap().0)).count()
    }

    /// The last frame of the log that `pick` makes something of.
    pub(crate) fn last<T>(&self, pick: impl Fn(&Frame<'_>) -> Option<T>) -> Option<T> {
        self.log.iter().rev().find_map(|raw| pick(&Frame::decode(raw).unwrap().0))
    }
}

fn packet(p: Packet<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    p.encode(&mut out).unwrap();
    out
}

/// An intent as a peer states it.
#[derive(Clone)]
pub(crate) struct Wish {
    pub(crate) capability: [u8; 32],
    pub(crate) generated_tokens: u32,
    pub(crate) budget: u64,
    pub(crate) label: Label,
    pub(crate) effect: Effect,
    pub(crate) stakes: Stakes,
    pub(crate) contexts: Vec<Vec<u8>>,
}

impl Wish {
    /// One second of work at the reference speed, on easy terms.
    pub(crate) fn new(capability: [u8; 32]) -> Self {
        Self {
            capability,
            generated_tokens: 20,
            budget: 1_000_000,
            label: Label::Public,
            effect: Effect::Pure,
            stakes: Stakes::Low,
            contexts: Vec::new(),
        }
    }
}

/// A lease as a peer gives it.
pub(crate) struct Offer {
    pub(crate) record: Vec<u8>,
    pub(crate) worker: NodeId,
    pub(crate) epoch: u64,
    pub(crate) nonce: u64,
    pub(crate) price_limit: u64,
    pub(crate) finish_limit_us: u64,
    pub(crate) remaining_us: u64,
}

impl Peer {
    /// The record of an intent.
    pub(crate) fn intent(&self, w: &Wish) -> Vec<u8> {
        let mut contexts: Vec<ContextRef> =
            w.contexts.iter().map(|c| ContextRef { hash: hash(&[c]), length: c.len() as u32 }).collect();
        contexts.sort_by_key(|c| c.hash);
        self.record(&RecordBody::Intent(IntentBody {
            capability: &w.capability,
            context_tokens: 0,
            generated_tokens: w.generated_tokens,
            lifetime_us: 600_000_000,
            budget: w.budget,
            label: w.label,
            depth: 0,
            effect: w.effect,
            stakes: w.stakes,
            contexts: List::new(&contexts),
            payload: Bytes16(b"please"),
            tail: Tail::default(),
        }))
    }

    /// Asks the node about an intent.
    pub(crate) fn seek(&self, record: &[u8], w: &Wish) -> Vec<u8> {
        frame(&Seek {
            intent: &hash(&[record]),
            capability: &w.capability,
            context_tokens: 0,
            generated_tokens: w.generated_tokens,
            context_bytes: 0,
            label: w.label,
            remaining_us: 600_000_000,
            tail: Tail::default(),
        })
    }

    /// The frame of a lease, signed by this peer.
    pub(crate) fn lease(&self, o: &Offer) -> Vec<u8> {
        let intent = hash(&[&o.record]);
        let numbers = [o.epoch, o.nonce, o.price_limit, o.finish_limit_us].map(u64::to_le_bytes);
        let signature = self.sign("mindos/lease/1", &[&intent, &o.worker.0, &numbers.concat()]);
        frame(&Lease {
            worker: &o.worker.0,
            epoch: o.epoch,
            nonce: o.nonce,
            price_limit: o.price_limit,
            finish_limit_us: o.finish_limit_us,
            signature: &signature,
            remaining_us: o.remaining_us,
            intent: Bytes16(&o.record),
            tail: Tail::default(),
        })
    }
}

/// What both sides sign about a result.
#[derive(Clone, Copy)]
pub(crate) struct Deal {
    pub(crate) intent: [u8; 32],
    pub(crate) origin: NodeId,
    pub(crate) worker: NodeId,
    pub(crate) epoch: u64,
    pub(crate) price: u64,
}

/// The frame of a result.
pub(crate) fn result(d: &Deal, output: &[u8]) -> Vec<u8> {
    let (status, output) = (ResultStatus::Done, Bytes16(output));
    frame(&ResultFrame { intent: &d.intent, epoch: d.epoch, status, output, tail: Tail::default() })
}

impl Peer {
    /// This peer's signature under a deal.
    pub(crate) fn deal_signature(&self, d: &Deal, output: &[u8]) -> [u8; 64] {
        let numbers = [d.epoch.to_le_bytes(), d.price.to_le_bytes()].concat();
        self.sign("mindos/receipt/1", &[&d.intent, &d.origin.0, &d.worker.0, &numbers, &hash(&[output])])
    }

    /// The frame of this peer's half.
    pub(crate) fn receipt(&self, d: &Deal, output: &[u8]) -> Vec<u8> {
        let (signature, output) = (&self.deal_signature(d, output), &hash(&[output]));
        frame(&Receipt { intent: &d.intent, epoch: d.epoch, price: d.price, output, signature, tail: Tail::default() })
    }

    /// The `receipt` record of this peer as origin, over what a worker signed.
    pub(crate) fn receipt_record(&self, d: &Deal, output: &[u8], worker_signature: &[u8; 64]) -> Vec<u8> {
        self.record(&RecordBody::Receipt(ReceiptBody {
            intent: &d.intent,
            worker: &d.worker.0,
            epoch: d.epoch,
            price: d.price,
            output: &hash(&[output]),
            worker_signature,
            tail: Tail::default(),
        }))
    }
}
