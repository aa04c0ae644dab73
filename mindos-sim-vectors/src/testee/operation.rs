//! What a testee can be asked for.

/// An operation of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// Decode bytes as one frame.
    DecodeFrame,
    /// Decode bytes as a sequence of frames.
    DecodeFrames,
    /// Decode bytes as one record.
    DecodeRecord,
    /// Decode bytes as one packet.
    DecodePacket,
    /// Encode a quantity and read the code.
    Minifloat,
    /// Play one side of a handshake.
    Handshake,
    /// Say whether a signature holds.
    VerifySignature,
    /// Replay the inputs of a node.
    NodeTrace,
    /// Verify a cost proof.
    VerifyCost,
    /// Derive the keys of a session.
    SessionKeys,
    /// Open and seal the packets of a session.
    Transport,
    /// Begin a session with a responder that asks for a cookie.
    Cookie,
    /// Believe reports.
    Truth,
    /// Say which successions hold, and what comes of them.
    Succession,
    /// Weigh ratings.
    Ratings,
    /// Pool forecasts.
    Forecasts,
    /// Hold questions, and believe their holders.
    Questions,
    /// Weigh advice, take payments, judge evidence.
    Incentives,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::DecodeFrame,
        Self::DecodeFrames,
        Self::DecodeRecord,
        Self::DecodePacket,
        Self::Minifloat,
        Self::Handshake,
        Self::VerifySignature,
        Self::NodeTrace,
        Self::VerifyCost,
        Self::SessionKeys,
        Self::Transport,
        Self::Cookie,
        Self::Truth,
        Self::Succession,
        Self::Ratings,
        Self::Forecasts,
        Self::Questions,
        Self::Incentives,
    ];

    /// Name in `op`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DecodeFrame => "DecodeFrame",
            Self::DecodeFrames => "DecodeFrames",
            Self::DecodeRecord => "DecodeRecord",
            Self::DecodePacket => "DecodePacket",
            Self::Minifloat => "Minifloat",
            Self::Handshake => "Handshake",
            Self::VerifySignature => "VerifySignature",
            Self::NodeTrace => "NodeTrace",
            Self::VerifyCost => "VerifyCost",
            Self::SessionKeys => "SessionKeys",
            Self::Transport => "Transport",
            Self::Cookie => "Cookie",
            Self::Truth => "Truth",
            Self::Succession => "Succession",
            Self::Ratings => "Ratings",
            Self::Forecasts => "Forecasts",
            Self::Questions => "Questions",
            Self::Incentives => "Incentives",
        }
    }

    /// The operation of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|op| op.name() == name)
    }

    /// Members of an answer that may be left out, wherever they stand. They help to find a fault; the others
    /// prove that there is none. A library that hides its intermediate secrets can be tested, too.
    pub const fn optional(self) -> &'static [&'static str] {
        match self {
            Self::Handshake => &["h", "ck", "k"],
            Self::NodeTrace => &["timer"],
            _ => &[],
        }
    }
}
