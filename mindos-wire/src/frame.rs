//! Frames: `(type u8, length u16, body)`, hop by hop, inside sealed packets or delivered messages.

use crate::{
    BufferFull, ErrorClass, FieldShape, FrameMessage, Message, NoObserver, Observer, Reader, Sink, Value, WireError,
};
use crate::{context, delivery, intent, link, load, membership, segment, trust};

/// Code points that never get a meaning. A sender adds frames of them now and then, so that a receiver that
/// breaks on the unknown is found early.
pub const GREASE: [u8; 5] = [0x0f, 0x2f, 0x4f, 0x6f, 0x8f];

/// Bytes before the body.
const HEAD: usize = 3;

macro_rules! frames {
    ($($name:ident = $module:ident::$ty:ident,)*) => {
        /// Every frame of this version, and the frames of others that may be ignored.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Frame<'a> {
            $(#[doc = concat!("See [`", stringify!($ty), "`](crate::", stringify!($ty), ").")] $name($module::$ty<'a>),)*
            /// An odd type that this version does not know: ignored, kept so that it re-encodes.
            Ignored {
                /// The type, odd.
                ty: u8,
                /// The body, not looked into.
                body: &'a [u8],
            },
        }

        /// A frame type of this version.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct FrameType {
            /// Code point.
            pub code: u8,
            /// Name in the registry.
            pub name: &'static str,
            /// Fields of the body, without the tail.
            pub fields: &'static [FieldShape],
        }

        impl FrameType {
            /// All of them, rising by code point.
            pub const ALL: &'static [Self] = &[$(Self { code: <$module::$ty as Message>::TYPE, name: <$module::$ty as Message>::NAME, fields: <$module::$ty as Message>::FIELDS },)*];
        }

        $(impl<'a> crate::FrameMessage<'a> for $module::$ty<'a> {})*

        // Each message has a decoder of its own that writes its frame where the caller wants it. In one function for
        // all, the frames of all types meet in registers, and pointers are put together from their bytes.
        #[allow(non_snake_case, reason = "named like the variants")]
        mod decode {
            use super::*;

            $(#[inline(never)]
            pub(super) fn $name(bytes: &[u8]) -> Result<(Frame<'_>, &[u8]), WireError> {
                let mut r = Reader::new(bytes);
                let (_, body) = split(&mut r)?;
                $module::$ty::get_as(&mut Reader::at(body, HEAD), &mut NoObserver, |m| (Frame::$name(m), r.rest()))
            })*
        }

        #[allow(non_snake_case, reason = "named like the variants")]
        mod body {
            use super::*;

            $(#[inline(never)]
            pub(super) fn $name<'a, O: Observer>(body: &'a [u8], at: usize, o: &mut O) -> Result<Frame<'a>, WireError> {
                $module::$ty::get_as(&mut Reader::at(body, at), o, Frame::$name)
            })*
        }

        impl<'a> Frame<'a> {
            /// Decodes the first frame of `bytes`; returns it and what follows.
            pub fn decode(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), WireError> {
                match bytes.first() {
                    $(Some(&<$module::$ty as Message>::TYPE) => decode::$name(bytes),)*
                    _ => first_unknown(bytes),
                }
            }

            #[inline(always)]
            fn body<O: Observer>(ty: u8, body: &'a [u8], at: usize, o: &mut O) -> Result<Self, WireError> {
                match ty {
                    $(<$module::$ty as Message>::TYPE => body::$name(body, at, o),)*
                    _ => Self::unknown(ty, body, at, o),
                }
            }

            /// Name in the registry; `"ignored"` for an unknown odd type.
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => <$module::$ty as Message>::NAME,)* Self::Ignored { .. } => "ignored" }
            }

            /// Appends the frame. Fails if the buffer or the u16 length is too small; what was written is void.
            pub fn encode(&self, w: &mut impl Sink) -> Result<(), BufferFull> {
                match self {
                    $(Self::$name(m) => encode_frame(m, w).map(|_| ()),)*
                    Self::Ignored { ty, body } => head(*ty, body.len(), w).and_then(|()| w.put(body)),
                }
            }
        }
    };
}

frames! {
    Padding = link::Padding,
    Ping = link::Ping,
    PingAck = link::PingAck,
    KemKey = link::KemKey,
    Established = link::Established,
    KemCiphertext = link::KemCiphertext,
    Close = link::Close,
    ObservedAddress = link::ObservedAddress,
    Relay = link::Relay,
    Punch = link::Punch,
    PathChallenge = link::PathChallenge,
    PathResponse = link::PathResponse,
    Ack = delivery::Ack,
    Fragment = delivery::Fragment,
    Member = membership::Member,
    Accuse = membership::Accuse,
    Certificate = membership::Certificate,
    Alive = membership::Alive,
    Leave = membership::Leave,
    Deny = membership::Deny,
    ViewDigest = membership::ViewDigest,
    Have = membership::Have,
    Want = membership::Want,
    Succession = membership::Succession,
    SegmentWant = segment::SegmentWant,
    SegmentRecord = segment::SegmentRecord,
    Subscribe = load::Subscribe,
    Subscribed = load::Subscribed,
    LoadAdvert = load::LoadAdvert,
    LoadDelta = load::LoadDelta,
    Capability = load::Capability,
    CapabilityWant = load::CapabilityWant,
    Seek = intent::Seek,
    Quote = intent::Quote,
    Lease = intent::Lease,
    Progress = intent::Progress,
    Result = intent::ResultFrame,
    Decline = intent::Decline,
    Cancel = intent::Cancel,
    Cancelled = intent::Cancelled,
    Receipt = intent::Receipt,
    ContextData = context::ContextData,
    ContextWant = context::ContextWant,
    ContextHave = context::ContextHave,
    ContextChunk = context::ContextChunk,
    TrustRecord = trust::TrustRecord,
    TrustWant = trust::TrustWant,
    StandingDigest = trust::StandingDigest,
    TrustHave = trust::TrustHave,
}

impl<'a> Frame<'a> {
    /// Decodes the next frame, telling `o` of each field.
    #[inline(always)]
    pub fn read<O: Observer>(r: &mut Reader<'a>, o: &mut O) -> Result<Self, WireError> {
        let at = r.position();
        let (ty, body) = split(r)?;
        o.leaf("type", at..at + 1, Value::Uint(u64::from(ty)));
        o.leaf("length", at + 1..at + HEAD, Value::Uint(body.len() as u64));
        Self::body(ty, body, at + HEAD, o)
    }

    #[inline(never)]
    fn unknown<O: Observer>(ty: u8, body: &'a [u8], at: usize, o: &mut O) -> Result<Self, WireError> {
        // spec: WIRE-012 672b
        if ty.is_multiple_of(2) {
            return Err(WireError { class: ErrorClass::UnknownCritical, at: at - HEAD, what: "frame type" });
        }
        // spec: WIRE-013 5007
        o.leaf("body", at..at + body.len(), Value::Bytes(body));
        Ok(Self::Ignored { ty, body })
    }
}

/// Type and body of the next frame.
#[inline(always)]
fn split<'a>(r: &mut Reader<'a>) -> Result<(u8, &'a [u8]), WireError> {
    let &[ty, lo, hi] = r.array("frame head")?;
    // spec: WIRE-011 c93e, WIRE-034 286a
    let body = r.take(usize::from(u16::from_le_bytes([lo, hi])), "frame body")?;
    Ok((ty, body))
}

#[inline(never)]
fn first_unknown(bytes: &[u8]) -> Result<(Frame<'_>, &[u8]), WireError> {
    let mut r = Reader::new(bytes);
    let (ty, body) = split(&mut r)?;
    Ok((Frame::unknown(ty, body, HEAD, &mut NoObserver)?, r.rest()))
}

/// Decodes the first frame of `bytes` for a reader that expects an `M`; returns it and what follows. Where the type
/// is known before, this saves the way through [`Frame`], which has room for every type.
///
/// # Errors
/// Those of [`Frame::decode`]; a frame of any other type, also one that may be ignored, is
/// [`ErrorClass::UnknownCritical`] at 0.
#[inline(always)]
pub fn decode_frame<'a, M: FrameMessage<'a>>(bytes: &'a [u8]) -> Result<(M, &'a [u8]), WireError> {
    let mut r = Reader::new(bytes);
    let (ty, body) = split(&mut r)?;
    if ty != M::TYPE {
        return Err(WireError { class: ErrorClass::UnknownCritical, at: 0, what: "frame type" });
    }
    Ok((M::get(&mut Reader::at(body, HEAD), &mut NoObserver)?, r.rest()))
}

fn head(ty: u8, len: usize, w: &mut impl Sink) -> Result<(), BufferFull> {
    // spec: WIRE-005 ab9c
    let [lo, hi] = u16::try_from(len).map_err(|_| BufferFull)?.to_le_bytes();
    w.put(&[ty, lo, hi])
}

/// Appends `m` as a frame and returns its length in bytes.
#[inline(always)]
pub fn encode_frame<'a, M: FrameMessage<'a>>(m: &M, w: &mut impl Sink) -> Result<usize, BufferFull> {
    let len = m.size();
    head(M::TYPE, len, w)?;
    m.put(w)?;
    Ok(HEAD + len)
}

/// The frames of a packet or message, in order. Stops after the first refusal.
pub fn frames(bytes: &[u8]) -> impl Iterator<Item = Result<Frame<'_>, WireError>> {
    let mut r = Reader::new(bytes);
    let mut failed = false;
    core::iter::from_fn(move || {
        if failed || r.rest().is_empty() {
            return None;
        }
        let frame = Frame::read(&mut r, &mut NoObserver);
        // spec: WIRE-014 1e33
        failed = frame.is_err();
        Some(frame)
    })
}
