//! Why advice, evidence, appeals and payments are not taken (spec 10): one word for each rule.

use crate::DropReason;

/// What a peer sent and why it does not count. Nothing changed, but for what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// This node does not know the time (INC-027, INC-037).
    Clock,
    /// Of or about a node that is no member.
    Member,
    /// Advice of a node that is no load partner (INC-005).
    Partner,
    /// Of a node that no root vouches for (INC-006, INC-016).
    Unvouched,
    /// Of a node that is kept out, or whose evidence was false (INC-006, INC-016).
    Unheard,
    /// Of an accuser whose key was given up (INC-016).
    Retired,
    /// Over by this node's clock (INC-027, INC-037).
    Expired,
    /// Ends too far ahead (INC-027, INC-054).
    Far,
    /// A record or contents are too long (INC-026, INC-038).
    Length,
    /// Evidence that this node did not ask for (INC-015).
    Unasked,
    /// Evidence about another member than the one asked about (INC-026).
    Subject,
    /// Evidence about a member that is kept out already.
    Settled,
    /// Evidence whose parts do not belong together (INC-015).
    Parts,
    /// The intent of evidence, a context of it or the output is not here (INC-015, INC-026).
    Missing,
    /// The intent of evidence is not public (INC-026).
    Label,
    /// Evidence about an intent whose result the own host found right.
    Cleared,
    /// Evidence on which a quarantine rested that ended (INC-029).
    Spent,
    /// An appeal that its author did not send (INC-024).
    Author,
    /// A second appeal within an hour (INC-023).
    Early,
    /// An appeal of a node that is neither suspended nor kept out.
    Unconcerned,
    /// A payment that is not right behind its deposit.
    Alone,
    /// A payment neither of its author to this node, nor of its payee to this issuer (INC-035).
    Address,
    /// A payment that is not one of the payer under the deposit before it (INC-035).
    Deposit,
    /// A deposit of an issuer that is worth nothing here (INC-034).
    Issuer,
    /// A payment of a payer that is kept out (INC-045).
    Payer,
    /// A payment above the units of its deposit (INC-036).
    Units,
    /// A payment of less than a 64th of its deposit (INC-052).
    Narrow,
    /// A deposit that outlives its payment (INC-037).
    Outlives,
    /// A payment with a unit in common with one that is held (INC-039).
    Overlap,
    /// A payment that gives to a second payee what the first one has (INC-043).
    Double,
}

impl Refusal {
    /// Its word, as the vectors write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Member => "member",
            Self::Partner => "partner",
            Self::Unvouched => "unvouched",
            Self::Unheard => "unheard",
            Self::Retired => "retired",
            Self::Expired => "expired",
            Self::Far => "far",
            Self::Length => "length",
            Self::Unasked => "unasked",
            Self::Subject => "subject",
            Self::Settled => "settled",
            Self::Parts => "parts",
            Self::Missing => "missing",
            Self::Label => "label",
            Self::Cleared => "cleared",
            Self::Spent => "spent",
            Self::Author => "author",
            Self::Early => "early",
            Self::Unconcerned => "unconcerned",
            Self::Alone => "alone",
            Self::Address => "address",
            Self::Deposit => "deposit",
            Self::Issuer => "issuer",
            Self::Payer => "payer",
            Self::Units => "units",
            Self::Narrow => "narrow",
            Self::Outlives => "outlives",
            Self::Overlap => "overlap",
            Self::Double => "double",
        }
    }

    /// Whether a payment that is not taken may be half of a proof all the same: it is not for this node.
    pub(crate) const fn may_prove(self) -> bool {
        matches!(self, Self::Alone | Self::Address | Self::Length)
    }
}

impl core::fmt::Display for Refusal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

impl From<Refusal> for DropReason {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
