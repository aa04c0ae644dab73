//! Agents that speak with one voice (spec 09, "Blocs").

use alloc::vec;
use alloc::vec::Vec;

use super::fixed::ONE;
use super::pairs::Pairs;

/// Blocs of one domain.
const MAX_BLOCS: usize = 64;
/// Evidence, in comparisons, below which nobody is put into a bloc.
const ENOUGH: i64 = 3 * ONE;
/// One comparison without agreement is assumed.
const DOUBT: i64 = ONE;
/// Agreement beyond chance from which agents count as one voice.
const AS_ONE: i64 = ONE * 85 / 100;

/// No bloc.
pub(super) const ALONE: u8 = u8::MAX;

fn agreement(agreed: i64, possible: i64) -> Option<i64> {
    let share = agreed * ONE / (possible + DOUBT);
    (possible >= ENOUGH && share >= AS_ONE).then_some(share)
}

/// The bloc of every agent, by index; [`ALONE`] is none.
///
/// Agents in falling order of the agreement that they share with all others (then by index) join the
/// bloc with which they agree best, or open one with the partner with whom they do.
pub(super) fn blocs(pairs: &Pairs, agents: usize) -> Vec<u8> {
    let mut bloc = vec![ALONE; agents];
    let (starts, partners) = adjacency(pairs, agents);
    let of = |agent: usize| &partners[starts[agent] as usize..starts[agent + 1] as usize];
    let mut order: Vec<(i64, usize)> = (0..agents)
        .map(|a| (of(a).iter().map(|p| i64::from(p.1.max(0))).sum::<i64>(), a))
        .filter(|o| o.0 >= AS_ONE)
        .collect();
    order.sort_unstable_by_key(|o| (-o.0, o.1));
    let mut count = 0;
    for &(_, agent) in &order {
        if bloc[agent] != ALONE {
            continue;
        }
        let mut sums = [(0i64, 0i64); MAX_BLOCS];
        for &(other, agreed, possible) in of(agent) {
            if let Some(s) = sums.get_mut(usize::from(bloc[usize::from(other)])) {
                *s = (s.0 + i64::from(agreed), s.1 + i64::from(possible));
            }
        }
        // The first of equals.
        let join = (0..count).filter_map(|b| agreement(sums[b].0, sums[b].1).map(|r| (r, core::cmp::Reverse(b)))).max();
        if let Some((_, core::cmp::Reverse(b))) = join {
            bloc[agent] = b as u8;
        } else if count < MAX_BLOCS {
            let partner = of(agent)
                .iter()
                .filter(|p| bloc[usize::from(p.0)] == ALONE)
                .filter_map(|p| agreement(i64::from(p.1), i64::from(p.2)).map(|r| (r, core::cmp::Reverse(p.0))))
                .max();
            if let Some((_, core::cmp::Reverse(p))) = partner {
                bloc[agent] = count as u8;
                bloc[usize::from(p)] = count as u8;
                count += 1;
            }
        }
    }
    bloc
}

/// Partners of every agent: (index, agreed, possible).
fn adjacency(pairs: &Pairs, agents: usize) -> (Vec<u32>, Vec<(u16, i32, i32)>) {
    let mut starts = vec![0u32; agents + 1];
    for p in pairs.iter() {
        starts[usize::from(p.a) + 1] += 1;
        starts[usize::from(p.b) + 1] += 1;
    }
    for i in 0..agents {
        starts[i + 1] += starts[i];
    }
    let mut next = starts.clone();
    let mut partners = vec![(0, 0, 0); starts[agents] as usize];
    for p in pairs.iter() {
        for (x, y) in [(p.a, p.b), (p.b, p.a)] {
            let at = &mut next[usize::from(x)];
            partners[*at as usize] = (y, p.agreed, p.possible);
            *at += 1;
        }
    }
    (starts, partners)
}
