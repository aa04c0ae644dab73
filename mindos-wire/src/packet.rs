//! Packets: what a datagram holds (spec 04). The first byte is the kind.

use crate::{BufferFull, ErrorClass, Observer, Reader, Sink, VERSION, Value, WireError};

/// A datagram is never longer than this, so that it fits every path we know.
pub const MAX_PACKET: usize = 1_152;
/// A first packet is padded with zeros to exactly this, so that answering it amplifies less than three times.
pub const HELLO_LEN: usize = 192;
/// Bytes of a sealed packet before the ciphertext: kind, receiver index, counter.
pub const SEALED_HEADER: usize = 13;
/// Bytes that sealing adds to the frames.
pub const SEALED_OVERHEAD: usize = SEALED_HEADER + 16;
/// Bytes of a cookie.
pub const COOKIE_LEN: usize = 16;
/// A sealed packet has at least its header and tag.
pub const MIN_SEALED: usize = SEALED_OVERHEAD;

/// First handshake message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello<'a> {
    /// Protocol version.
    pub version: u8,
    /// Cipher suite.
    pub suite: u16,
    /// Network: nodes of different networks never meet.
    pub network: u32,
    /// The initiator's index for packets sent to it.
    pub sender: u32,
    /// Noise message: the ephemeral key.
    pub noise: &'a [u8; 32],
    /// What a [`Retry`] gave; zeros before.
    pub cookie: &'a [u8; COOKIE_LEN],
}

/// Second handshake message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply<'a> {
    /// The initiator's index.
    pub receiver: u32,
    /// The responder's index for packets sent to it.
    pub sender: u32,
    /// Noise message.
    pub noise: &'a [u8],
}

/// Third handshake message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finish<'a> {
    /// The responder's index.
    pub receiver: u32,
    /// Noise message.
    pub noise: &'a [u8],
}

/// Asks the sender of a [`Hello`] to prove its address: the answer of a responder that has much to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry<'a> {
    /// The initiator's index.
    pub receiver: u32,
    /// To be sent in the same hello again.
    pub cookie: &'a [u8; COOKIE_LEN],
}

/// A sealed packet, not yet opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed<'a> {
    /// The receiver's index of the session.
    pub receiver: u32,
    /// Rises with every packet of this direction; the AEAD's nonce.
    pub counter: u64,
    /// Ciphertext and tag, at least 16 bytes.
    pub ciphertext: &'a [u8],
}

/// Any packet. Every field is clear text; what is in a sealed packet is authenticated by its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// Kind 1.
    Hello(Hello<'a>),
    /// Kind 2.
    Reply(Reply<'a>),
    /// Kind 3.
    Finish(Finish<'a>),
    /// Kind 4.
    Sealed(Sealed<'a>),
    /// Kind 5.
    Retry(Retry<'a>),
}

impl<'a> Packet<'a> {
    /// Decodes a whole datagram.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, WireError> {
        Self::read(bytes, &mut crate::NoObserver)
    }

    /// Decodes a whole datagram, telling `o` of each field.
    pub fn read<O: Observer>(bytes: &'a [u8], o: &mut O) -> Result<Self, WireError> {
        use crate::Field;
        // spec: WIRE-027 8dbd, WIRE-034 286a
        if bytes.len() > MAX_PACKET {
            return Err(WireError { class: ErrorClass::Trailing, at: MAX_PACKET, what: "packet" });
        }
        let mut r = Reader::new(bytes);
        let r = &mut r;
        let kind = u8::get(r, "kind", o)?;
        match kind {
            1 => {
                let version = u8::get(r, "version", o)?;
                // spec: WIRE-029 8344
                if version != VERSION {
                    return Err(WireError { class: ErrorClass::UnknownCritical, at: 1, what: "version" });
                }
                let suite = u16::get(r, "suite", o)?;
                let network = u32::get(r, "network", o)?;
                let sender = u32::get(r, "sender", o)?;
                let noise = <&[u8; 32]>::get(r, "noise", o)?;
                let cookie = <&[u8; COOKIE_LEN]>::get(r, "cookie", o)?;
                let at = r.position();
                // spec: WIRE-033 6072
                let padding = r.take(HELLO_LEN - at, "padding")?;
                o.leaf("padding", at..HELLO_LEN, Value::Bytes(padding));
                // All bytes at once first: a flood is made of these.
                // spec: WIRE-031 face
                if padding.iter().fold(0, |any, b| any | b) != 0 {
                    let i = padding.iter().position(|b| *b != 0).unwrap_or_default();
                    return Err(WireError { class: ErrorClass::Reserved, at: at + i, what: "padding" });
                }
                // spec: WIRE-032 92c9
                r.finish("packet")?;
                Ok(Self::Hello(Hello { version, suite, network, sender, noise, cookie }))
            }
            2 => {
                let receiver = u32::get(r, "receiver", o)?;
                let sender = u32::get(r, "sender", o)?;
                Ok(Self::Reply(Reply { receiver, sender, noise: to_end(r, "noise", 96, o)? }))
            }
            3 => {
                let receiver = u32::get(r, "receiver", o)?;
                Ok(Self::Finish(Finish { receiver, noise: to_end(r, "noise", 64, o)? }))
            }
            4 => {
                let receiver = u32::get(r, "receiver", o)?;
                let counter = u64::get(r, "counter", o)?;
                Ok(Self::Sealed(Sealed { receiver, counter, ciphertext: to_end(r, "ciphertext", 16, o)? }))
            }
            5 => {
                let receiver = u32::get(r, "receiver", o)?;
                let cookie = <&[u8; COOKIE_LEN]>::get(r, "cookie", o)?;
                // spec: WIRE-045 f3de
                r.finish("packet")?;
                Ok(Self::Retry(Retry { receiver, cookie }))
            }
            // spec: WIRE-028 ee35
            _ => Err(WireError { class: ErrorClass::UnknownCritical, at: 0, what: "packet kind" }),
        }
    }

    /// Appends the packet. Neither version nor sizes are checked: the caller keeps them within what
    /// [`decode`](Self::decode) accepts.
    ///
    /// # Errors
    /// If the buffer is too small; what was written is void.
    pub fn encode(&self, w: &mut impl Sink) -> Result<(), BufferFull> {
        match self {
            Self::Hello(p) => {
                w.put(&[1, p.version])?;
                w.put(&p.suite.to_le_bytes())?;
                w.put(&p.network.to_le_bytes())?;
                w.put(&p.sender.to_le_bytes())?;
                w.put(p.noise)?;
                w.put(p.cookie)?;
                // spec: WIRE-030 d313
                w.put(&[0; HELLO_LEN - 60])
            }
            Self::Reply(p) => {
                w.put(&[2])?;
                w.put(&p.receiver.to_le_bytes())?;
                w.put(&p.sender.to_le_bytes())?;
                w.put(p.noise)
            }
            Self::Finish(p) => {
                w.put(&[3])?;
                w.put(&p.receiver.to_le_bytes())?;
                w.put(p.noise)
            }
            Self::Sealed(p) => {
                w.put(&[4])?;
                w.put(&p.receiver.to_le_bytes())?;
                w.put(&p.counter.to_le_bytes())?;
                w.put(p.ciphertext)
            }
            Self::Retry(p) => {
                w.put(&[5])?;
                w.put(&p.receiver.to_le_bytes())?;
                w.put(p.cookie)
            }
        }
    }
}

/// The rest of the packet, of at least `min` bytes.
fn to_end<'a, O: Observer>(
    r: &mut Reader<'a>,
    name: &'static str,
    min: usize,
    o: &mut O,
) -> Result<&'a [u8], WireError> {
    let at = r.position();
    let n = r.rest().len();
    // spec: WIRE-033 6072
    let bytes = r.take(n.max(min), name)?;
    o.leaf(name, at..r.position(), Value::Bytes(bytes));
    Ok(bytes)
}
