//! What each machine gets of the node, at `$now`: only the fields that it names.

macro_rules! mesh_ctx {
    ($n:expr, $now:expr) => {
        $crate::mesh::Ctx { now: $now, identity: &$n.identity, timers: &mut $n.timers, out: &mut $n.effects }
    };
}

macro_rules! routing_ctx {
    ($n:expr, $now:expr) => {
        $crate::routing::Ctx {
            now: $now,
            timers: &mut $n.timers,
            out: &mut $n.effects,
            mesh: &$n.mesh,
            trust: &$n.trust,
        }
    };
}

macro_rules! intent_ctx {
    ($n:expr, $now:expr) => {
        $crate::intent::Ctx {
            now: $now,
            identity: &$n.identity,
            timers: &mut $n.timers,
            out: &mut $n.effects,
            sequences: &mut $n.sequences,
            unix_s: $n.unix_s,
            trust: &$n.trust,
        }
    };
}

macro_rules! trust_ctx {
    ($n:expr, $now:expr) => {
        $crate::trust::Ctx {
            now: $now,
            identity: &$n.identity,
            timers: &mut $n.timers,
            out: &mut $n.effects,
            sequences: &mut $n.sequences,
            unix_s: $n.unix_s.map(|s| s.saturating_add($now.since($n.told).0 / 1_000_000)),
            mesh: &$n.mesh,
            content: &|name| $n.intents.content(name),
            partner: &|node| $n.routing.may_lease(node),
        }
    };
}

macro_rules! session_ctx {
    ($n:expr, $beacon:expr, $now:expr) => {
        $crate::session::Ctx {
            now: $now,
            identity: &$n.identity,
            beacon: $beacon,
            unix_s: $n.unix_s,
            members: &$n.mesh,
            timers: &mut $n.timers,
            out: &mut $n.effects,
        }
    };
}

macro_rules! question_ctx {
    ($n:expr, $now:expr) => {
        $crate::trust::question::Ctx {
            now: $now,
            identity: &$n.identity,
            timers: &mut $n.timers,
            out: &mut $n.effects,
            sequences: &mut $n.sequences,
            unix_us: $n.unix_s.map(|s| s.saturating_mul(1_000_000).saturating_add($now.since($n.told).0)),
            mesh: &$n.mesh,
        }
    };
}

pub(super) use {intent_ctx, mesh_ctx, question_ctx, routing_ctx, session_ctx, trust_ctx};
