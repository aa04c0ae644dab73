//! Quotes: what a worker would do, when, and for how much.

use mindos_wire::{DeclineReason, Quote, Seek, Tail};

use super::{MAX_TASKS, Worker, refusal};
use crate::identity::{IntentId, NodeId};
use crate::intent::{Ctx, send};
use crate::routing::work_time;
use crate::{Capability, DropReason, Duration, Instant};

/// A quote holds for 2 s at its reader; here it is kept for the ways there and back too.
const QUOTE: Duration = Duration::from_secs(4);
const MAX_QUOTES: usize = 1_024;
/// Of one asker.
const MAX_QUOTES_EACH: usize = 32;

/// A quote that was given.
#[derive(Debug)]
pub(super) struct Issued {
    pub(super) nonce: u64,
    pub(super) to: NodeId,
    pub(super) intent: IntentId,
    /// When the work would have begun.
    pub(super) start: Instant,
    pub(super) expires: Instant,
}

impl Worker {
    /// Somebody asks.
    pub(in crate::intent) fn on_seek(
        &mut self,
        ctx: &mut Ctx<'_>,
        from: &NodeId,
        s: &Seek<'_>,
    ) -> Result<(), DropReason> {
        let takes =
            work_time(s.context_tokens, s.generated_tokens, self.capacity.context_rate, self.capacity.generated_rate);
        let offered = self.offers(s.capability).copied();
        let start = self.backlog(ctx.now, self.queue.len());
        let reason = match (offered, takes) {
            // spec: INC-021 934f
            _ if ctx.trust.is_quarantined(ctx.now, from) => Some(DeclineReason::Trust),
            _ if self.capacity.slots == 0 => Some(DeclineReason::Load),
            (None, _) | (_, None) => Some(DeclineReason::Policy),
            _ if self.capacity.clearance.is_none_or(|c| c < s.label) => Some(DeclineReason::Label),
            _ if u64::from(s.context_tokens) > self.capacity.context_free || self.tasks.len() >= MAX_TASKS => {
                Some(DeclineReason::Load)
            }
            (Some(c), _) if !self.credits(from, price(&c, s.context_tokens, s.generated_tokens)) => {
                Some(DeclineReason::Budget)
            }
            (_, Some(t)) if start.0.saturating_add(t.0) > s.remaining_us => Some(DeclineReason::Deadline),
            _ => None,
        };
        if let Some(reason) = reason {
            send(ctx, *from, &refusal(s.intent, 0, reason));
            return Ok(());
        }
        let (Some(c), Some(takes)) = (offered, takes) else { return Ok(()) };
        let price = price(&c, s.context_tokens, s.generated_tokens);
        let nonce = self.issue(ctx.now, *from, IntentId(*s.intent), start);
        let (start_us, finish_us) = (start.0, (start + takes).0);
        send(
            ctx,
            *from,
            &Quote {
                intent: s.intent,
                nonce,
                start_us,
                finish_us,
                price,
                quality: c.competence,
                tail: Tail::default(),
            },
        );
        Ok(())
    }

    pub(super) fn issue(&mut self, now: Instant, to: NodeId, intent: IntentId, start_in: Duration) -> u64 {
        let nonce = self.entropy.next_u64().max(1);
        // Nobody pushes out the quotes of others.
        if self.issued.iter().filter(|q| q.to == to).count() >= MAX_QUOTES_EACH
            && let Some(i) = self.issued.iter().position(|q| q.to == to)
        {
            self.issued.remove(i);
        }
        if self.issued.len() == MAX_QUOTES {
            self.issued.pop_front();
        }
        self.issued.push_back(Issued { nonce, to, intent, start: now + start_in, expires: now + QUOTE });
        nonce
    }
}

/// In milli-credits.
pub(super) fn price(c: &Capability, context_tokens: u32, generated_tokens: u32) -> u64 {
    // Reference work: 2,000 context tokens or 20 generated tokens a second.
    let reference = work_time(context_tokens, generated_tokens, 2_000_000, 20_000).unwrap_or_default();
    u64::from(c.price).saturating_mul(reference.0) / 1_000_000
}
