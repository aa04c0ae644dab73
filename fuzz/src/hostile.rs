//! A peer with a valid identity that says whatever the fuzzer wants: what it sends is authentic, so that
//! it reaches the machines behind the session.

use mindos_core::crypto::{Crypto, DEFAULT};
use mindos_core::session::noise::{Blake3, Handshake, KeyPair, TransportKey};
use mindos_wire::{
    BeaconBody, Bytes8, Bytes16, Finish, Hello, Member, Packet, Record, RecordBody, RecordHead, SEALED_HEADER, SUITE,
    Tail, Tier, VERSION, encode_frame,
};

use crate::pair::{HOSTILE, NETWORK, locator};

const SEED: [u8; 32] = [0xba; 32];

/// One end of at most one session at a time, per victim.
pub(crate) struct Hostile {
    keys: KeyPair,
    beacon: Vec<u8>,
    handshakes: u8,
    ends: [End; 2],
}

#[derive(Default)]
enum End {
    #[default]
    None,
    Hello(Box<Handshake<Blake3>>),
    Up {
        key: TransportKey,
        remote: u32,
        counter: u64,
    },
}

impl Hostile {
    pub(crate) fn new() -> Self {
        let keys = KeyPair::new(&DEFAULT, DEFAULT.derive("mindos 2026 x25519 static key", &[&SEED]));
        let beacon = beacon(&keys.public()).unwrap_or_default();
        Self { keys, beacon, handshakes: 0, ends: [End::None, End::None] }
    }

    /// The frame that makes it a member.
    pub(crate) fn introduction(&self) -> Vec<u8> {
        let (locator, beacon) = (locator(HOSTILE), Bytes16(&self.beacon));
        let member = Member { locator: Bytes8(&locator), beacon, tail: Tail::default() };
        let mut bytes = Vec::new();
        // A `Vec` takes every frame of this size.
        let _ = encode_frame(&member, &mut bytes);
        bytes
    }

    /// A first packet for a victim.
    pub(crate) fn hello(&mut self, victim: usize) -> Option<Vec<u8>> {
        let mut prologue = b"MindOS".to_vec();
        prologue.push(VERSION);
        prologue.extend(SUITE.to_le_bytes());
        prologue.extend(NETWORK.to_le_bytes());
        self.handshakes = self.handshakes.wrapping_add(1);
        let ephemeral = DEFAULT.hash(&[b"hostile", &[self.handshakes]]);
        let mut handshake = Handshake::initiator_with(&DEFAULT, &[&prologue], &self.keys, ephemeral);
        let mut message = Vec::new();
        handshake.write(&[], &mut message).ok()?;
        let noise = message.first_chunk()?;
        let hello =
            Hello { version: VERSION, suite: SUITE, network: NETWORK, sender: victim as u32, noise, cookie: &[0; 16] };
        self.ends[victim] = End::Hello(Box::new(handshake));
        packet(&Packet::Hello(hello))
    }

    /// What a victim sent: a reply is answered, anything else only heard.
    pub(crate) fn heard(&mut self, victim: usize, bytes: &[u8]) -> Option<Vec<u8>> {
        let Ok(Packet::Reply(reply)) = Packet::decode(bytes) else { return None };
        let End::Hello(mut handshake) = std::mem::take(&mut self.ends[victim]) else { return None };
        handshake.read(reply.noise).ok()?;
        let mut noise = Vec::new();
        handshake.write(&self.beacon, &mut noise).ok()?;
        let (key, _) = handshake.split().ok()?;
        self.ends[victim] = End::Up { key, remote: reply.sender, counter: 0 };
        packet(&Packet::Finish(Finish { receiver: reply.sender, noise: &noise }))
    }

    /// `frames`, sealed for a victim: authentic whatever they are.
    pub(crate) fn seal(&mut self, victim: usize, frames: &[u8]) -> Option<Vec<u8>> {
        let End::Up { key, remote, counter } = &mut self.ends[victim] else { return None };
        let mut bytes = vec![4];
        bytes.extend(remote.to_le_bytes());
        bytes.extend(counter.to_le_bytes());
        bytes.extend(frames);
        let (header, body) = bytes.split_at_mut(SEALED_HEADER);
        let tag = key.seal(&DEFAULT, *counter, header, body);
        *counter += 1;
        bytes.extend(tag);
        Some(bytes)
    }
}

fn packet(packet: &Packet<'_>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    packet.encode(&mut bytes).ok()?;
    Some(bytes)
}

fn beacon(x25519: &[u8; 32]) -> Option<Vec<u8>> {
    let author = DEFAULT.sign_public(&SEED);
    let head = RecordHead { author: &author, sequence: 1, expires: u64::MAX };
    let body = BeaconBody { x25519, incarnation: 1, cell: 0, tier: Tier::Home, roles: 0, tail: Tail::default() };
    let mut bytes = Vec::new();
    Record::put_signed(&head, &RecordBody::Beacon(body), &mut bytes).ok()?;
    let mut statement = b"mindos/record/1\0".to_vec();
    statement.extend(NETWORK.to_le_bytes());
    statement.extend(&bytes);
    bytes.extend(DEFAULT.sign(&SEED, &statement));
    Some(bytes)
}
