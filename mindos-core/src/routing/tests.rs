//! Partners are few, whatever others want; the choice is a pure function of what is stored with it.

use mindos_wire::{Bytes8, Bytes16, Frame, Member as MemberFrame, Subscribe, Tail, Tier};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::crypto::DEFAULT;
use crate::identity::{Beacon, Identity, Reserve};
use crate::mesh;
use crate::outbox::PersistKey;
use crate::trust::Trust;

/// The routing of member 0 of a leaf of 60.
struct Rig {
    keys: Vec<Identity>,
    mesh: Mesh,
    routing: Routing,
    trust: Trust,
    timers: Timers,
    out: Effects,
    now: Instant,
}

impl Rig {
    fn new() -> Self {
        let keys: Vec<Identity> = (1..=60).map(|n| Identity::new(&DEFAULT, [n; 32], 7)).collect();
        let entropy = |label| Entropy::new(&DEFAULT, &[7; 32], label);
        let config = mesh::Config { epoch: 0, interval: Duration::from_secs(1), quorum: 4, max_members: 100 };
        let numbers = Reserve::new(PersistKey::Incarnation, 10, None);
        let mut mesh = Mesh::new(config, Instant(0), &keys[0], entropy("mesh"), numbers, Vec::new());
        let (mut timers, mut out) = (Timers::default(), Effects::new());
        for (n, key) in keys.iter().enumerate() {
            let beacon = Beacon::sign(key, 1, u64::MAX, 1, Tier::Home, 0).into_inner();
            let ctx = &mut mesh::Ctx { now: Instant(0), identity: &keys[0], timers: &mut timers, out: &mut out };
            if n == 0 {
                mesh.set_beacon(ctx, beacon, bytes::Bytes::from_static(b"\x01x"));
            } else {
                let member =
                    MemberFrame { locator: Bytes8(b"\x01x"), beacon: Bytes16(&beacon.record), tail: Tail::default() };
                mesh.frame(ctx, &keys[1].id, &Frame::Member(member)).unwrap();
            }
        }
        out.clear();
        let routing = Routing::new(entropy("routing"));
        Self { keys, mesh, routing, trust: Trust::default(), timers, out, now: Instant(0) }
    }

    fn with<R>(&mut self, f: impl FnOnce(&mut Routing, &mut Ctx<'_>) -> R) -> R {
        let (timers, out) = (&mut self.timers, &mut self.out);
        let mut ctx = Ctx { now: self.now, timers, out, mesh: &self.mesh, trust: &self.trust };
        f(&mut self.routing, &mut ctx)
    }

    /// To whom frames of a kind were sent since.
    fn sent(&mut self, kind: impl Fn(&Frame<'_>) -> bool) -> Vec<NodeId> {
        let sent = |e: Effect| match e {
            Effect::Send { to, frames, .. } => {
                let (frame, _) = Frame::decode(&frames).unwrap();
                kind(&frame).then_some(to)
            }
            _ => None,
        };
        self.out.drain(..).filter_map(sent).collect()
    }
}

#[test]
fn eighteen_others_become_partners_and_the_rest_is_refused() {
    let mut rig = Rig::new();
    let ids: Vec<NodeId> = rig.keys[1..].iter().map(|k| k.id).collect();
    for id in &ids {
        let subscribe = Frame::Subscribe(Subscribe { tail: Tail::default() });
        rig.with(|r, ctx| r.frame(ctx, id, &subscribe)).unwrap();
    }
    let refused = rig.out.iter().filter(|e| match e {
        Effect::Send { frames, .. } => {
            matches!(Frame::decode(frames).unwrap().0, Frame::Subscribed(s) if !s.accepted.0)
        }
        _ => false,
    });
    assert_eq!(refused.count(), 59 - 18);
    assert_eq!(rig.sent(|f| matches!(f, Frame::LoadAdvert(_))).len(), 18);
    assert_eq!(rig.routing.partners.len(), 18);
}

#[test]
fn a_node_chooses_fourteen_partners_and_others_do_not_displace_them() {
    let mut rig = Rig::new();
    rig.with(|r, ctx| r.start(ctx));
    let mut asked = Vec::new();
    for s in 1..20 {
        rig.now = Instant(s * 1_000_000);
        rig.with(|r, ctx| r.round(ctx));
        let now = rig.sent(|f| matches!(f, Frame::Subscribe(_)));
        for id in &now {
            let subscribed = mindos_wire::Subscribed { accepted: mindos_wire::Flag(true), tail: Tail::default() };
            rig.with(|r, ctx| r.frame(ctx, id, &Frame::Subscribed(subscribed))).unwrap();
        }
        asked.extend(now);
    }
    assert_eq!(asked.len(), 14);
    let ids: Vec<NodeId> = rig.keys[1..].iter().map(|k| k.id).collect();
    for id in &ids {
        let subscribe = Frame::Subscribe(Subscribe { tail: Tail::default() });
        rig.with(|r, ctx| r.frame(ctx, id, &subscribe)).unwrap();
    }
    assert_eq!(rig.routing.partners.len(), 14 + 18);
    assert!(asked.iter().all(|id| rig.routing.partners.contains_key(id)));
}

#[test]
fn strangers_do_not_become_partners() {
    let mut rig = Rig::new();
    let subscribe = Frame::Subscribe(Subscribe { tail: Tail::default() });
    rig.with(|r, ctx| r.frame(ctx, &NodeId([9; 32]), &subscribe)).unwrap();
    assert!(rig.routing.partners.is_empty());
}

fn quoted(node: u8, score: u64) -> Quoted {
    let finish_in = Duration(1);
    Quoted { node: NodeId([node; 32]), nonce: 1, price: 1, finish_in, at: Instant(0), standing: 1, synapse: 1, score }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        rng_seed: RngSeed::Fixed(0x6d65_7368),
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn the_choice_does_not_depend_on_the_order_of_quotes(scores in prop::collection::vec(0u64..4, 1..6), turn in 0usize..6) {
        let quotes: Vec<Quoted> = scores.iter().zip(1..).map(|(s, n)| quoted(n, *s)).collect();
        let mut turned = quotes.clone();
        turned.rotate_left(turn % quotes.len());
        let chosen = choose(&quotes).unwrap();
        prop_assert_eq!(choose(&turned), Some(chosen));
        prop_assert!(quotes.iter().all(|q| (chosen.score, chosen.node) <= (q.score, q.node)));
    }

    #[test]
    fn scores_rise_with_time_and_synapse_and_fall_with_standing(
        time in any::<u64>(), synapse in any::<u32>(), standing in any::<u16>(),
    ) {
        let score = |t, y, s| choice::score(Duration(t), y, s);
        let here = score(time, synapse, standing);
        prop_assert!(score(time.saturating_add(1 << 20), synapse, standing) >= here);
        prop_assert!(score(time, synapse.saturating_add(1 << 10), standing) >= here);
        prop_assert!(score(time, synapse, standing.saturating_add(1 << 8)) <= here);
    }
}

#[test]
fn nobody_is_chosen_from_no_quotes() {
    assert_eq!(choose(&[]), None);
}
