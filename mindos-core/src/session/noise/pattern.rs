//! Handshake patterns as tables of tokens (Noise, section 7).

/// One step of a message, named as in the Noise specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Token {
    /// The sender's ephemeral public key, in the clear.
    E,
    /// The sender's static public key, sealed once there is a key.
    S,
    /// DH of both ephemeral keys.
    Ee,
    /// DH of the initiator's ephemeral and the responder's static key.
    Es,
    /// DH of the initiator's static and the responder's ephemeral key.
    Se,
    /// DH of both static keys.
    Ss,
}

/// A handshake pattern. The initiator writes the first message, then the sides take turns.
#[cfg_attr(feature = "model", derive(PartialEq, Eq, Hash))]
pub(super) struct Pattern {
    /// Its name within the protocol name.
    pub(super) name: &'static str,
    /// Whether the responder's static key is a pre-message: known to both before the first one.
    pub(super) responder_known: bool,
    /// The tokens of each message, before its payload.
    pub(super) messages: &'static [&'static [Token]],
}

/// Neither side knows the other; both learn and prove their static keys.
pub(super) static XX: Pattern = Pattern {
    name: "XX",
    responder_known: false,
    messages: &[&[Token::E], &[Token::E, Token::Ee, Token::S, Token::Es], &[Token::S, Token::Se]],
};

/// The initiator knows the responder's static key: one round trip, a payload in the first message.
pub(super) static IK: Pattern = Pattern {
    name: "IK",
    responder_known: true,
    messages: &[&[Token::E, Token::Es, Token::S, Token::Ss], &[Token::E, Token::Ee, Token::Se]],
};
