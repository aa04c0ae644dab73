//! Code points of u8 fields (spec `registry/*.toml`). A value without a name is refused as `range`.

use crate::{BufferFull, ErrorClass, Field, Observer, Reader, Shape, Sink, Value, WireError};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $registry:literal { $($(#[$vdoc:meta])* $variant:ident = $code:literal $label:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$vdoc])* $variant = $code,)* }

        impl $name {
            /// Every code point, rising.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in the registry.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }

        impl<'a> Field<'a> for $name {
            const SHAPE: Shape = Shape::Code($registry, &[$(($code, $label)),*]);

            #[inline(always)]
            fn get<O: Observer>(r: &mut Reader<'a>, name: &'static str, o: &mut O) -> Result<Self, WireError> {
                let at = r.position();
                let [code] = *r.array(name)?;
                let v = match code {
                    $($code => Self::$variant,)*
                    // spec: WIRE-003 9c83
                    _ => return Err(WireError { class: ErrorClass::Range, at, what: name }),
                };
                o.leaf(name, at..at + 1, Value::Code(u64::from(code), v.name()));
                Ok(v)
            }

            fn size(&self) -> usize {
                1
            }

            #[inline(always)]
            fn put(&self, w: &mut impl Sink) -> Result<(), BufferFull> {
                w.put(&[*self as u8])
            }
        }
    )*};
}

codes! {
    /// What a second execution of an intent would do (spec 07).
    Effect "effect" {
        /// No effect but the result: may run any number of times.
        Pure = 0 "pure",
        /// Running twice equals running once.
        Idempotent = 1 "idempotent",
        /// Must run at most once. Has its type; this version declines it.
        Fenced = 2 "fenced",
    }
    /// What a wrong result would cost (spec 07).
    Stakes "stakes" {
        /// Little.
        Low = 0 "low",
        /// Something.
        Moderate = 1 "moderate",
        /// Much.
        High = 2 "high",
    }
    /// Privacy label: a node takes an intent only if its own clearance is at least the label (spec 07).
    Label "label" {
        /// Anyone may see it.
        Public = 0 "public",
        /// Nodes of the community.
        Community = 1 "community",
        /// Nodes of the household or organisation.
        Household = 2 "household",
        /// The origin alone.
        Private = 3 "private",
    }
    /// The band of task complexity that a node can serve (spec 05).
    Tier "tier" {
        /// A sensor or thermostat.
        Sensor = 0 "sensor",
        /// A phone.
        Phone = 1 "phone",
        /// A home server.
        Home = 2 "home",
        /// A neighbourhood hub.
        Hub = 3 "hub",
        /// A datacentre.
        Datacentre = 4 "datacentre",
    }
    /// What a member holds another for (spec 05). A higher value wins at equal incarnation.
    MemberState "member-state" {
        /// Reachable as far as known.
        Alive = 0 "alive",
        /// Two eligible accusers: passes its seats on.
        Suspect = 1 "suspect",
        /// The quorum of accusers: routing no longer selects it.
        Down = 2 "down",
        /// It said goodbye.
        Left = 3 "left",
        /// Its key was given up. Wins at any incarnation.
        Retired = 4 "retired",
    }
    /// Why a worker refuses (spec 07).
    DeclineReason "decline-reason" {
        /// Its queue changed since the quote, or it is full. A new quote may come with it.
        Load = 0 "load",
        /// Its own policy: effect class, stakes or capability.
        Policy = 1 "policy",
        /// The budget is below its price.
        Budget = 2 "budget",
        /// It cannot finish within the lifetime.
        Deadline = 3 "deadline",
        /// Its clearance is below the label.
        Label = 4 "label",
        /// Nonce, epoch or signature do not hold.
        Trust = 5 "trust",
    }
    /// How an execution ended (spec 07).
    ResultStatus "result-status" {
        /// The output is the result.
        Done = 0 "done",
        /// The worker's host failed; the output is its reason, for people.
        Failed = 1 "failed",
    }
    /// What a cancel met (spec 07).
    CancelOutcome "cancel-outcome" {
        /// The work was dropped before it finished, or was never known.
        Stopped = 0 "stopped",
        /// The result had been produced already.
        Finished = 1 "finished",
    }
    /// What evidence says of a node (draft).
    EvidenceKind "evidence-kind" {
        /// It finished within its quote.
        QuoteKept = 0 "quote-kept",
        /// It accepted a lease and finished later than it promised, or never.
        QuoteBroken = 1 "quote-broken",
        /// Others came to the same result.
        ResultConfirmed = 2 "result-confirmed",
        /// Its result was shown to be wrong.
        ResultRefuted = 3 "result-refuted",
        /// It signed a digest that was provably false.
        DigestFalse = 4 "digest-false",
        /// It spent a voucher twice.
        DoubleSpend = 5 "double-spend",
        /// It signed two records that exclude each other.
        Equivocation = 6 "equivocation",
    }
    /// What a quarantine keeps a node out of (draft).
    QuarantineScope "quarantine-scope" {
        /// Its reports weigh nothing.
        Reports = 0 "reports",
        /// It is given no work.
        Work = 1 "work",
        /// It holds no seat and no role.
        Roles = 2 "roles",
    }
}
