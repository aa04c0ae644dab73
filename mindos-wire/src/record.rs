//! Records: what third parties may relay (spec 02, 03). Signed by their author, named by the BLAKE3 of
//! their bytes, superseded by sequence, ended by expiry.

use crate::message::{before, item, least, message};
use crate::segment::Cosignature;
use crate::{
    BufferFull, Bytes16, Effect, ErrorClass, Field, FieldShape, Label, List, Message, NoObserver, Observer, Reader,
    RecordMessage, Sink, Stakes, Tier, Value, WireError, intent, record, segment, trust,
};

/// Bytes of a record around its body: head, then signature.
pub const RECORD_OVERHEAD: usize = HEAD + 64;
const HEAD: usize = 1 + 2 + 32 + 8 + 8;

/// A record type of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordType {
    /// Code point in `registry/records.toml`.
    pub code: u8,
    /// Name in the registry.
    pub name: &'static str,
    /// Fields of the body, without the tail.
    pub fields: &'static [FieldShape],
}

/// What every record begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHead<'a> {
    /// NodeId of the author: its Ed25519 public key.
    pub author: &'a [u8; 32],
    /// Rises with every record that the author ever signs; a higher one supersedes a lower of its type.
    pub sequence: u64,
    /// Unix seconds after which the record is void.
    pub expires: u64,
}

/// Reads what stands around the body: head, a reader of the body, signature, and what it signs.
macro_rules! around {
    ($bytes:ident, $o:ident) => {{
        let mut r = Reader::new($bytes);
        u8::get(&mut r, "type", $o)?;
        let len = usize::from(u16::from_le_bytes(*r.array("length")?));
        $o.leaf("length", 1..3, Value::Uint(len as u64));
        let rest = r.take(len, "record")?;
        // spec: WIRE-024 0587, WIRE-034 286a
        r.finish("record")?;
        // spec: WIRE-026 56df
        let Some((unsigned, signature)) = rest.split_last_chunk::<64>() else {
            return Err(WireError { class: ErrorClass::Truncated, at: 3, what: "signature" });
        };
        let signed = $bytes.get(..$bytes.len() - 64).unwrap_or_default();
        let mut r = Reader::at(unsigned, 3);
        let author = <&[u8; 32]>::get(&mut r, "author", $o)?;
        let sequence = u64::get(&mut r, "sequence", $o)?;
        let expires = u64::get(&mut r, "expires", $o)?;
        (author, sequence, expires, r, signature, signed)
    }};
}

macro_rules! bodies {
    ($($name:ident = $module:ident::$ty:ident,)*) => {
        /// A body, by record type.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum RecordBody<'a> {
            $(#[doc = concat!("See [`", stringify!($ty), "`](crate::", stringify!($ty), ").")] $name($module::$ty<'a>),)*
        }

        impl RecordType {
            /// All of them, rising by code point.
            pub const ALL: &'static [Self] = &[$(Self {
                code: <$module::$ty as Message>::TYPE,
                name: <$module::$ty as Message>::NAME,
                fields: <$module::$ty as Message>::FIELDS,
            },)*];
        }

        $(impl<'a> crate::RecordMessage<'a> for $module::$ty<'a> {})*

        // One for each type, as with frames.
        #[allow(non_snake_case, reason = "named like the variants")]
        mod read {
            use super::*;

            $(#[inline(never)]
            pub(super) fn $name<'a, O: Observer>(bytes: &'a [u8], o: &mut O) -> Result<Record<'a>, WireError> {
                let (author, sequence, expires, mut r, signature, signed) = around!(bytes, o);
                let head = || RecordHead { author, sequence, expires };
                let body = |m| Record { head: head(), body: RecordBody::$name(m), signature, signed };
                let record = $module::$ty::get_as(&mut r, o, body);
                if record.is_ok() {
                    o.leaf("signature", signed.len()..bytes.len(), Value::Bytes(signature));
                }
                record
            })*
        }

        impl<'a> Record<'a> {
            /// Decodes exactly one record, telling `o` of each field.
            #[inline(always)]
            pub fn read<O: Observer>(bytes: &'a [u8], o: &mut O) -> Result<Self, WireError> {
                match bytes.first() {
                    $(Some(&<$module::$ty as Message>::TYPE) => read::$name(bytes, o),)*
                    _ => unknown(bytes, o),
                }
            }
        }

        impl<'a> RecordBody<'a> {
            const fn code(&self) -> u8 {
                match self { $(Self::$name(_) => <$module::$ty as Message>::TYPE,)* }
            }

            fn size(&self) -> usize {
                match self { $(Self::$name(m) => m.size(),)* }
            }

            fn put(&self, w: &mut impl Sink) -> Result<(), BufferFull> {
                match self { $(Self::$name(m) => m.put(w),)* }
            }
        }
    };
}

bodies! {
    Beacon = record::BeaconBody,
    Intent = record::IntentBody,
    Digest = segment::DigestBody,
    LeafEpoch = segment::LeafEpochBody,
    Receipt = intent::ReceiptBody,
    Succession = record::SuccessionBody,
    Question = trust::QuestionBody,
    Commit = trust::CommitBody,
    Reveal = trust::RevealBody,
    Anchor = trust::AnchorBody,
    Belief = trust::BeliefBody,
    Evidence = trust::EvidenceBody,
    Quarantine = trust::QuarantineBody,
    Appeal = trust::AppealBody,
    Deposit = trust::DepositBody,
    Payment = trust::PaymentBody,
    Merit = trust::MeritBody,
    ForecastQuestion = trust::ForecastQuestionBody,
}

/// A record as bytes and as values. **Not verified**: its signature is checked in `mindos-core`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a, B = RecordBody<'a>> {
    /// The head.
    pub head: RecordHead<'a>,
    /// The body: [`RecordBody`], or the one that the reader expects.
    pub body: B,
    /// Ed25519 signature by the author over label, network and `signed`.
    pub signature: &'a [u8; 64],
    /// Everything before the signature.
    pub signed: &'a [u8],
}

item! {
    /// Content that an intent needs.
    ContextRef [36, false] rising(|a, b| before(&a.hash, &b.hash)) {
        /// BLAKE3 of the content.
        hash: [u8; 32],
        /// Its length in bytes.
        length: u32,
    }
}

message! {
    /// Who a node is: binds its session key, place and power to its NodeId. Never carries an address.
    0x02 BeaconBody "beacon" {
        /// X25519 public key that the node's handshakes prove.
        x25519: &'a [u8; 32],
        /// First incarnation of this run of the node: a higher one proves a restart.
        incarnation: u32,
        /// Geographic cell, 4 bits a step, coarse city at most; 0 if not told.
        cell: u32,
        /// Tier of complexity that it serves.
        tier: Tier,
        /// Role bits (`registry/roles.toml`).
        roles: u16,
    }
    /// What an origin wants done, and the terms.
    0x04 IntentBody "intent" {
        /// BLAKE3 of the capability's name, such as `text.summarize/1`.
        capability: &'a [u8; 32],
        /// Complexity: context tokens of reference work.
        context_tokens: u32,
        /// Complexity: generated tokens of reference work.
        generated_tokens: u32,
        /// Terms: lifetime in µs from submission.
        lifetime_us: u64,
        /// Terms: budget in milli-credits.
        budget: u64,
        /// Terms: privacy label.
        label: Label,
        /// Terms: how many more times it may be delegated.
        depth: u8,
        /// What a second execution would do.
        effect: Effect,
        /// What a wrong result would cost.
        stakes: Stakes,
        /// Context, rising by hash.
        contexts: List<'a, ContextRef>,
        /// Input for the capability.
        payload: Bytes16<'a>,
    }
    /// The author gives up its key: for the key that it names, or for none.
    // spec: WIRE-046 cf05
    0x0e SuccessionBody "succession" where "successor" |m| m.successor.len() <= 1, Range; {
        /// NodeId of the successor and its signature that it agrees; empty if there is none.
        successor: List<'a, Cosignature>,
    }
}

impl<'a> Record<'a> {
    /// Decodes exactly one record.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, WireError> {
        Self::read(bytes, &mut NoObserver)
    }

    /// Writes everything before the signature: what the author signs, after label and network.
    pub fn put_signed(head: &RecordHead<'_>, body: &RecordBody<'_>, w: &mut impl Sink) -> Result<(), BufferFull> {
        let len = u16::try_from(RECORD_OVERHEAD - 3 + body.size()).map_err(|_| BufferFull)?;
        w.put(&[body.code()])?;
        w.put(&len.to_le_bytes())?;
        w.put(head.author)?;
        w.put(&head.sequence.to_le_bytes())?;
        w.put(&head.expires.to_le_bytes())?;
        body.put(w)
    }

    /// Appends the whole record.
    pub fn encode(&self, w: &mut impl Sink) -> Result<(), BufferFull> {
        Self::put_signed(&self.head, &self.body, w)?;
        w.put(self.signature)
    }
}

impl<'a, B: RecordMessage<'a>> Record<'a, B> {
    /// Decodes exactly one record for a reader that expects a `B`.
    ///
    /// # Errors
    /// Those of [`Record::decode`]; a record of another type, known or not, is [`ErrorClass::UnknownCritical`] at 0.
    #[inline(always)]
    pub fn decode_as(bytes: &'a [u8]) -> Result<Self, WireError> {
        // One comparison, as in the body.
        if bytes.len() < const { RECORD_OVERHEAD + least(B::FIELDS) } {
            return Err(Self::short(bytes));
        }
        Self::fields(bytes)
    }

    /// Why a record is refused that is shorter than any.
    #[cold]
    #[inline(never)]
    fn short(bytes: &'a [u8]) -> WireError {
        Self::fields(bytes).err().unwrap_or(WireError { class: ErrorClass::Truncated, at: bytes.len(), what: B::NAME })
    }

    #[inline(always)]
    fn fields(bytes: &'a [u8]) -> Result<Self, WireError> {
        let o = &mut NoObserver;
        let (author, sequence, expires, mut r, signature, signed) = around!(bytes, o);
        if bytes.first() != Some(&B::TYPE) {
            return Err(WireError { class: ErrorClass::UnknownCritical, at: 0, what: "record type" });
        }
        Ok(Self { head: RecordHead { author, sequence, expires }, body: B::get(&mut r, o)?, signature, signed })
    }
}

#[inline(never)]
fn unknown<'a, O: Observer>(bytes: &'a [u8], o: &mut O) -> Result<Record<'a>, WireError> {
    around!(bytes, o);
    // spec: WIRE-025 0e32
    Err(WireError { class: ErrorClass::UnknownCritical, at: 0, what: "record type" })
}
