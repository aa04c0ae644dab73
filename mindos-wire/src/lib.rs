//! The MindOS wire format (spec 02): bytes to values and back.
//!
//! No state, no cryptography, no clock. Decoding borrows from the input and needs no allocator:
//! a message is a *view*, validated once, whose lists are iterated lazily. One value has exactly one
//! byte string, so every input that is accepted re-encodes to itself, and everything else is refused
//! with a position and a class out of a closed registry.
//!
//! ```
//! use mindos_wire::{Frame, Ping, encode_frame};
//!
//! let mut buf = [0; 64];
//! let ping = Ping { nonce: 7, view: 0, tail: Default::default() };
//! let n = encode_frame(&ping, &mut &mut buf[..]).unwrap();
//! let (frame, rest) = Frame::decode(&buf[..n]).unwrap();
//! assert_eq!(frame, Frame::Ping(ping));
//! assert!(rest.is_empty());
//! ```
//!
//! From the ground up: [`Reader`] and [`Sink`] move scalars, a [`Field`] is anything that has a place
//! in a message, one module per family declares its messages as the spec's tables do, [`Frame`] is the
//! sum of them, and [`Record`] is what third parties may relay.
#![cfg_attr(not(test), no_std)]
#[cfg(feature = "alloc")]
extern crate alloc;

mod codec;
mod codes;
mod error;
mod frame;
#[cfg(feature = "serde")]
mod json;
mod list;
mod message;
mod minifloat;
mod name;
mod observe;
#[cfg(feature = "alloc")]
mod owned;
mod packet;
mod record;
mod shape;
mod tail;

mod context;
mod delivery;
mod intent;
mod link;
mod load;
mod membership;
mod segment;
mod trust;

#[cfg(test)]
mod tests;

pub use codec::{Bytes8, Bytes16, Field, Flag, Reader, Sink};
pub use codes::{
    CancelOutcome, DeclineReason, Effect, EvidenceKind, Label, MemberState, QuarantineScope, ResultStatus, Stakes, Tier,
};
pub use context::{ContextChunk, ContextData, ContextHave, ContextWant, Sibling};
pub use delivery::{Ack, AckRange, Fragment};
pub use error::{BufferFull, ErrorClass, WireError};
pub use frame::{Frame, FrameType, GREASE, decode_frame, encode_frame, frames};
pub use intent::{Cancel, Cancelled, Decline, Lease, Progress, Quote, Receipt, ReceiptBody, ResultFrame, Seek};
#[cfg(feature = "serde")]
pub use json::JsonView;
pub use link::{
    Close, Established, KemCiphertext, KemKey, ObservedAddress, Padding, PathChallenge, PathResponse, Ping, PingAck,
    Punch, Relay,
};
pub use list::{Item, List};
pub use load::{Capability, CapabilityLoad, CapabilityWant, LoadAdvert, LoadDelta, Subscribe, Subscribed};
pub use membership::{
    Accuse, Alive, Certificate, Deny, Endorsement, Have, Leave, Member, Succession, ViewDigest, ViewEntry, Want,
};
pub use message::{FrameMessage, Message, RecordMessage};
pub use minifloat::Minifloat;
pub use name::Name;
pub use observe::{NoObserver, Observer, Value};
#[cfg(feature = "alloc")]
pub use owned::{FrameBuf, RecordBuf};
pub use packet::{
    COOKIE_LEN, Finish, HELLO_LEN, Hello, MAX_PACKET, MIN_SEALED, Packet, Reply, Retry, SEALED_HEADER, SEALED_OVERHEAD,
    Sealed,
};
pub use record::{
    BeaconBody, ContextRef, IntentBody, RECORD_OVERHEAD, Record, RecordBody, RecordHead, RecordType, SuccessionBody,
};
pub use segment::{Cosignature, DigestBody, LeafEpochBody, SegmentLoad, SegmentRecord, SegmentWant};
pub use shape::{FieldShape, Shape};
pub use tail::{TAG_COST, TAG_VOUCHER, Tail};
pub use trust::{
    AnchorBody, AppealBody, BeliefBody, CommitBody, DepositBody, Earned, EvidenceBody, ForecastQuestionBody, Hash,
    MeritBody, PaymentBody, QuarantineBody, QuestionBody, RevealBody, StandingDigest, StandingEntry, TrustHave,
    TrustRecord, TrustWant, Weight,
};

/// Protocol version: first byte after the kind of a first packet, and part of every prologue.
pub const VERSION: u8 = 1;

/// Suite 1: Noise XX, X25519, ChaCha20-Poly1305, BLAKE3, Ed25519.
pub const SUITE: u16 = 1;

/// Suite 2: suite 1, and ML-KEM-768 mixed into its keys before anything else is sent (spec 04).
pub const SUITE_HYBRID: u16 = 2;

/// A message carried by `delivery` is a sequence of frames of at most this many bytes.
pub const MAX_MESSAGE: usize = 65_535;
