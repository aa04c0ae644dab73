//! boringtun's tunnel between two ends on this machine.

use boringtun::noise::{Tunn, TunnResult};
use boringtun::x25519::{PublicKey, StaticSecret};

use super::black_box;

/// Bytes of its header and tag.
const OVERHEAD: usize = 32;

/// Two ends after their handshake. It takes IP packets only, so that the payload is one of the same length.
pub(super) struct Tunnel {
    near: Tunn,
    far: Tunn,
    packet: Vec<u8>,
    sealed: Vec<u8>,
    opened: Vec<u8>,
}

impl Tunnel {
    pub(super) fn new(size: usize) -> Self {
        let secrets = [[1; 32], [2; 32]].map(StaticSecret::from);
        let publics = secrets.each_ref().map(PublicKey::from);
        let [near, far] = secrets;
        // IPv4, no options, its own length, nothing behind the header.
        let mut packet = vec![0x55; size];
        packet[..4].copy_from_slice(&[0x45, 0, (size >> 8) as u8, size as u8]);
        let room = size.max(148) + OVERHEAD;
        let mut tunnel = Self {
            near: Tunn::new(near, publics[1], None, None, 1, None),
            far: Tunn::new(far, publics[0], None, None, 2, None),
            packet,
            sealed: vec![0; room],
            opened: vec![0; room],
        };
        tunnel.shake_hands();
        tunnel
    }

    /// The first packet waits for the handshake; an empty one of the initiator ends it.
    fn shake_hands(&mut self) {
        let first = to_network(self.near.encapsulate(&[], &mut self.sealed)).to_vec();
        let second = to_network(self.far.decapsulate(None, &first, &mut self.sealed)).to_vec();
        let third = to_network(self.near.decapsulate(None, &second, &mut self.sealed)).to_vec();
        assert!(matches!(self.far.decapsulate(None, &third, &mut self.opened), TunnResult::Done));
    }

    /// Seals the packet into one buffer and opens it into another: it has no other form.
    pub(super) fn round_trip(&mut self) {
        let sealed = to_network(self.near.encapsulate(black_box(&self.packet), &mut self.sealed));
        let opened = self.far.decapsulate(None, black_box(sealed), &mut self.opened);
        assert!(matches!(opened, TunnResult::WriteToTunnelV4(packet, _) if packet.len() == self.packet.len()));
    }
}

fn to_network<'a>(result: TunnResult<'a>) -> &'a mut [u8] {
    match result {
        TunnResult::WriteToNetwork(bytes) => bytes,
        other => panic!("{other:?}"),
    }
}
