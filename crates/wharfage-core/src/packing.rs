//! Packing: how many equal nodes hold a set of pods, and how good that answer is.
//!
//! First-fit decreasing over groups of equal pods, in several orders of "decreasing", the best of them kept; and a lower
//! bound that no packing can beat, so that the gap is known. Ten thousand equal pods cost no more than one: equal nodes
//! are kept as one row with a count.
//!
//! # Units
//! Milli-vCPU, MiB, pods.
//! # Invariants
//! `bound <= nodes`; every pod is on a node; no node holds more than its room. Brute force agrees on small instances
//! as far as first-fit decreasing can (see the tests).
//! # Sources
//! First-fit decreasing and the bounds L1 and L2 are those of the bin-packing literature (Martello and Toth 1990, ch. 8),
//! taken per dimension.

use std::collections::BTreeMap;

use crate::money::Overflow;

/// What a pod asks for, or what a node has room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Room {
    /// milli-vCPU
    pub vcpu: u64,
    /// MiB
    pub memory: u64,
    /// GPUs
    pub gpus: u64,
    /// pods
    pub pods: u64,
}

impl Room {
    /// How many times `one` fits; none where it asks for nothing at all.
    pub fn holds(self, one: Self) -> u64 {
        let times = |have: u64, ask: u64| have.checked_div(ask).unwrap_or(u64::MAX);
        let all = [(self.vcpu, one.vcpu), (self.memory, one.memory), (self.gpus, one.gpus), (self.pods, one.pods)];
        let most = all.into_iter().map(|(have, ask)| times(have, ask)).min().unwrap_or(0);
        if most == u64::MAX { 0 } else { most }
    }

    /// What is left after `n` times `one`, nothing at the least.
    #[must_use]
    pub fn without(self, one: Self, n: u64) -> Self {
        let less = |have: u64, ask: u64| have.saturating_sub(ask.saturating_mul(n));
        Self {
            vcpu: less(self.vcpu, one.vcpu),
            memory: less(self.memory, one.memory),
            gpus: less(self.gpus, one.gpus),
            pods: less(self.pods, one.pods),
        }
    }

    fn parts(self) -> [u64; 4] {
        [self.vcpu, self.memory, self.gpus, self.pods]
    }
}

/// Equal pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pods {
    /// what each asks for
    pub each: Room,
    /// how many
    pub count: u64,
}

/// Nodes with the same pods on them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nodes {
    /// how many
    pub count: u64,
    /// what each has left
    pub left: Room,
}

/// Pods on nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packing {
    /// nodes in all
    pub nodes: u64,
    /// nodes that no packing can do without
    pub bound: u64,
    /// the nodes, fullest first as they were opened
    pub groups: Vec<Nodes>,
}

/// Packs `pods` onto nodes with `room` each; `None` where one of them fits on no node.
///
/// # Errors
/// [`Overflow`] where there are more pods or nodes than 64 bits count.
pub fn pack(pods: &[Pods], room: Room) -> Result<Option<Packing>, Overflow> {
    if pods.iter().any(|p| p.count > 0 && room.holds(p.each) == 0) {
        return Ok(None);
    }
    let pods = &alike(pods)?;
    let bound = bound(pods, room)?;
    let mut best: Option<Packing> = None;
    for order in Order::ALL {
        let packing = first_fit(&order.sorted(pods, room), room, bound)?;
        if best.as_ref().is_none_or(|b| packing.nodes < b.nodes) {
            best = Some(packing);
        }
        if best.as_ref().is_some_and(|b| b.nodes == bound) {
            break;
        }
    }
    Ok(best)
}

/// Each kind of pod once, however many workloads have it.
fn alike(pods: &[Pods]) -> Result<Vec<Pods>, Overflow> {
    let mut kinds: BTreeMap<Room, u64> = BTreeMap::new();
    for p in pods.iter().filter(|p| p.count > 0) {
        let count = kinds.entry(p.each).or_default();
        *count = count.checked_add(p.count).ok_or(Overflow)?;
    }
    Ok(kinds.into_iter().map(|(each, count)| Pods { each, count }).collect())
}

/// What "larger" means of two pods.
#[derive(Clone, Copy)]
enum Order {
    /// the larger share of any one dimension of a node
    Dominant,
    /// the sum of the shares
    Sum,
    Vcpu,
    Memory,
}

impl Order {
    const ALL: [Self; 4] = [Self::Dominant, Self::Sum, Self::Vcpu, Self::Memory];

    fn sorted(self, pods: &[Pods], room: Room) -> Vec<Pods> {
        // Shares in millionths: only the order matters. Ties are broken by size, so that the order of a request does not.
        let share = |ask: u64, have: u64| u128::from(ask) * 1_000_000 / u128::from(have.max(1));
        let key = |p: &Pods| {
            let shares = p.each.parts().into_iter().zip(room.parts()).map(|(ask, have)| share(ask, have));
            match self {
                Self::Dominant => shares.max().unwrap_or(0),
                Self::Sum => shares.sum(),
                Self::Vcpu => u128::from(p.each.vcpu),
                Self::Memory => u128::from(p.each.memory),
            }
        };
        let mut sorted = pods.to_vec();
        sorted.sort_by_key(|p| std::cmp::Reverse((key(p), p.each)));
        sorted
    }
}

fn first_fit(pods: &[Pods], room: Room, bound: u64) -> Result<Packing, Overflow> {
    let mut groups: Vec<Nodes> = Vec::new();
    for p in pods {
        let mut left = p.count;
        let mut after = Vec::with_capacity(groups.len() + 2);
        for group in groups.drain(..) {
            left = fill(group, p.each, left, &mut after);
        }
        let fits = room.holds(p.each).max(1);
        if left > 0 {
            let fresh = Nodes { count: left.div_ceil(fits), left: room };
            fill(fresh, p.each, left, &mut after);
        }
        groups = after;
    }
    let nodes = groups.iter().try_fold(0_u64, |n, g| n.checked_add(g.count)).ok_or(Overflow)?;
    Ok(Packing { nodes, bound, groups })
}

/// Puts up to `pods` equal pods onto a group, each node filled before the next; what is left of them comes back.
fn fill(group: Nodes, each: Room, pods: u64, out: &mut Vec<Nodes>) -> u64 {
    let fits = group.left.holds(each);
    if fits == 0 || pods == 0 {
        out.push(group);
        return pods;
    }
    let full = (pods / fits).min(group.count);
    let mut push = |count: u64, on_each: u64| {
        if count > 0 {
            out.push(Nodes { count, left: group.left.without(each, on_each) });
        }
    };
    push(full, fits);
    let rest = pods - full.saturating_mul(fits);
    if full == group.count {
        return rest;
    }
    push(u64::from(rest > 0), rest);
    push(group.count - full - u64::from(rest > 0), 0);
    0
}

/// Nodes that no packing can do without: per dimension, the whole of it over a node's, and pods that can't share a node.
fn bound(pods: &[Pods], room: Room) -> Result<u64, Overflow> {
    let mut least = 0_u128;
    for d in 0..4 {
        let have = u128::from(room.parts()[d]);
        let ask = |p: &Pods| u128::from(p.each.parts()[d]);
        let sum = |wanted: &dyn Fn(u128) -> bool| -> Option<(u128, u128)> {
            pods.iter().filter(|p| wanted(ask(p))).try_fold((0_u128, 0_u128), |(n, total), p| {
                let count = u128::from(p.count);
                Some((n.checked_add(count)?, total.checked_add(ask(p).checked_mul(count)?)?))
            })
        };
        let (_, all) = sum(&|_| true).ok_or(Overflow)?;
        if all == 0 {
            continue;
        }
        least = least.max(all.div_ceil(have.max(1)));
        // Martello and Toth's L2: for each size t at most half, pods above have - t are alone, pods above half share with
        // none of their kind, and pods from t to half fill what those leave.
        for t in pods.iter().map(ask).filter(|t| *t > 0 && t * 2 <= have) {
            let (alone, _) = sum(&|s| s > have - t).ok_or(Overflow)?;
            let (large, large_total) = sum(&|s| s <= have - t && s * 2 > have).ok_or(Overflow)?;
            let (_, small_total) = sum(&|s| s >= t && s * 2 <= have).ok_or(Overflow)?;
            let room_left = large.checked_mul(have).ok_or(Overflow)?.saturating_sub(large_total);
            least = least.max(alone + large + small_total.saturating_sub(room_left).div_ceil(have));
        }
        let (large, _) = sum(&|s| s * 2 > have).ok_or(Overflow)?;
        least = least.max(large);
    }
    u64::try_from(least).map_err(|_| Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(vcpu: u64, memory: u64) -> Room {
        Room { vcpu, memory, gpus: 0, pods: 1 }
    }

    fn node(vcpu: u64, memory: u64, pods: u64) -> Room {
        Room { vcpu, memory, gpus: 0, pods }
    }

    /// A small generator of our own: tests of the core draw no random numbers from outside.
    struct Draw(u64);

    impl Draw {
        fn below(&mut self, n: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % n
        }
    }

    /// The fewest nodes, by trying every node for every pod.
    fn fewest(pods: &[Room], room: Room, nodes: &mut Vec<Room>, best: &mut usize) {
        if nodes.len() >= *best {
            return;
        }
        let Some((first, rest)) = pods.split_first() else {
            *best = nodes.len();
            return;
        };
        for n in 0..nodes.len() {
            if nodes[n].holds(*first) > 0 {
                let before = nodes[n];
                nodes[n] = before.without(*first, 1);
                fewest(rest, room, nodes, best);
                nodes[n] = before;
            }
        }
        nodes.push(room.without(*first, 1));
        fewest(rest, room, nodes, best);
        nodes.pop();
    }

    #[test]
    fn a_thousand_small_instances_agree_with_brute_force() {
        let (mut draw, mut off) = (Draw(7), 0);
        for n in 0..1000 {
            let room = node(4000, 16_384, 8);
            let count = 1 + draw.below(8);
            let pods: Vec<Room> = (0..count).map(|_| pod(50 + draw.below(2500), 64 + draw.below(10_000))).collect();
            let mut best = pods.len() + 1;
            fewest(&pods, room, &mut Vec::new(), &mut best);
            let groups: Vec<Pods> = pods.iter().map(|each| Pods { each: *each, count: 1 }).collect();
            let packing = pack(&groups, room).unwrap().unwrap();
            let best = u64::try_from(best).unwrap();
            assert!(packing.bound <= best, "instance {n}: the bound {} is above the optimum {best}", packing.bound);
            assert!(packing.nodes >= best, "instance {n}: {} nodes can't hold them", packing.nodes);
            assert!(packing.nodes <= best + 1, "instance {n}: {} nodes where {best} do", packing.nodes);
            off += u64::from(packing.nodes > best);
        }
        assert!(off <= 20, "{off} of 1000 are not optimal");
    }

    #[test]
    fn every_pod_is_on_a_node_and_no_node_overflows() {
        let mut draw = Draw(11);
        for _ in 0..300 {
            let room = node(8000, 32_768, 20);
            let groups: Vec<Pods> = (0..1 + draw.below(6))
                .map(|_| Pods { each: pod(10 + draw.below(4000), 16 + draw.below(16_000)), count: draw.below(500) })
                .collect();
            let packing = pack(&groups, room).unwrap().unwrap();
            assert!(packing.bound <= packing.nodes);
            let asked: u64 = groups.iter().map(|g| g.each.vcpu * g.count).sum();
            let used: u64 = packing.groups.iter().map(|g| (room.vcpu - g.left.vcpu) * g.count).sum();
            assert_eq!(used, asked);
            let pods: u64 = groups.iter().map(|g| g.count).sum();
            let placed: u64 = packing.groups.iter().map(|g| (room.pods - g.left.pods) * g.count).sum();
            assert_eq!(placed, pods);
        }
    }

    #[test]
    fn what_fits_nowhere_is_said_and_a_million_equal_pods_are_one_row() {
        assert_eq!(pack(&[Pods { each: pod(5000, 1), count: 1 }], node(4000, 4096, 10)), Ok(None));
        let packing = pack(&[Pods { each: pod(500, 1024), count: 1_000_001 }], node(4000, 4096, 110)).unwrap().unwrap();
        assert_eq!((packing.nodes, packing.bound, packing.groups.len()), (250_001, 250_001, 2));
    }
}
