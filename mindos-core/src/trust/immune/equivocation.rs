//! Two records of one author that exclude each other: they convict it by themselves.

use alloc::vec::Vec;
use bytes::Bytes;
use mindos_wire::Record;

use super::{Ctx, Immune, MAX_RECORD};
use crate::identity::{NodeId, Statement};
use crate::trust::payment::is_double_spend;

const SUCCESSION: u8 = 0x0e;

impl Immune {
    /// Records held under the author and sequence of another.
    pub(super) fn twins(&self, record: &Bytes) -> Vec<Bytes> {
        let Some(head_of_it) = head(record) else { return Vec::new() };
        let of_author = self.cases.values().flat_map(|c| c.pieces.values()).filter(|p| p.accuser == head_of_it.0);
        let held = of_author.flat_map(|p| [&p.evidence, &p.receipt]);
        held.filter(|r| head(r) == Some(head_of_it)).cloned().collect()
    }

    /// Whether two records of one author exclude each other, by one sequence or as a double spend: then they convict
    /// it, if there is room.
    // spec: INC-019 5a24, INC-044 35dc
    pub(crate) fn on_equivocation(&mut self, ctx: &mut Ctx<'_>, a: &Bytes, b: &Bytes) -> bool {
        let (Some(one), Some(other)) = (head(a), head(b)) else { return false };
        // Successions are all of one sequence, and exclude each other by a rule of their own.
        let succession = [a, b].iter().any(|r| r.first() == Some(&SUCCESSION));
        let excludes = one == other || is_double_spend(a, b);
        if a == b || !excludes || succession || a.len().max(b.len()) > MAX_RECORD {
            return false;
        }
        let author = one.0;
        // What costs little comes first.
        // spec: INC-029 99d4
        let known = self.is_settled(&author) || [one, other].iter().any(|r| self.spent.contains_key(r));
        if known || ctx.mesh.state(&author).is_none() || author == ctx.identity.id {
            return false;
        }
        let holds = |bytes: &Bytes| {
            Record::decode(bytes).is_ok_and(|r| ctx.identity.verify(&author, &Statement::Record(r.signed), r.signature))
        };
        if !holds(a) || !holds(b) {
            return false;
        }
        if !self.make_room(ctx, &author, a.len() + b.len()) {
            return true;
        }
        let case = self.cases.entry(author).or_default();
        case.at = ctx.now;
        case.equivocation = Some([a, b].map(|r| (ctx.identity.crypto.hash(&[r]), r.clone())));
        self.convict(ctx, author);
        true
    }
}

/// Author and sequence of a record.
pub(super) fn head(record: &Bytes) -> Option<(NodeId, u64)> {
    Record::decode(record).ok().map(|r| (NodeId(*r.head.author), r.head.sequence))
}
