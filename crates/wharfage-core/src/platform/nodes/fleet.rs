//! Which machine type, and how many: pods that may share nodes are packed together.

use super::{Asked, Context, Note, Overflow, Platform, Pods, Room, Terms, Workload, asked, room, sustained};
use crate::{
    book::{Price, Shape},
    commitment,
    demand::Demand,
    estimate::Quoted,
    money::Money,
    packing::{self, Packing},
    purchase::Purchase,
    quantity::{Micros, ThingTime},
    text::{Text, Value},
    workload::{Daemonset, GkeLocation, Gpu},
};

/// Pods that may share nodes, and what was said of those nodes.
#[derive(Debug)]
pub struct Pool<'w> {
    /// the first of its workloads: all agree on machine type, processor, GPUs and disk
    pub lead: &'w Workload,
    /// their pods
    pub pods: Vec<Pods>,
    /// what DaemonSets take of every node
    pub every_node: Room,
    /// how often the nodes are made: once, or for each run
    pub times: u64,
    /// how long each time
    pub ran: Micros,
    /// how long each time is billed
    pub billed: Micros,
    /// how many nodes there are, if that was said
    pub nodes: Option<u64>,
    /// zones with a node at least
    pub zones: u64,
    /// zones with the same nodes in each; 1 where nodes may be anywhere
    pub same_in: u64,
}

/// Nodes of one type.
#[derive(Debug)]
pub struct Fleet<'b> {
    /// their machine type
    pub shape: Shape<'b>,
    /// how many
    pub nodes: u64,
    /// how many hold the pods
    pub needed: u64,
    /// how many no packing can do without
    pub bound: u64,
    /// what of a node is left for pods and DaemonSets
    pub room: Room,
    /// what a node costs
    pub rate: Quoted<'b, ThingTime>,
}

/// Workloads by the nodes they may share. Runs have nodes of their own, which go when they end, and so has what was metered.
pub fn pools<'w>(ctx: &Context<'_, '_>, terms: &Terms, all: &[&'w Workload]) -> Result<Vec<Pool<'w>>, Overflow> {
    let every_node = every_node(all)?;
    let mut pools: Vec<Pool<'w>> = Vec::new();
    for &w in all {
        let Asked { pods, times, ran, billed, .. } = asked(ctx, w, terms)?;
        let metered = matches!(w.demand, Demand::Metered(_));
        let regional = terms.platform == Platform::GkeStandard && w.gke_location == GkeLocation::Regional;
        let zones = w.zones.unwrap_or(if regional { terms.regional_zones } else { 1 }).max(1);
        let same_in = if regional { zones } else { 1 };
        // What was metered says how many machines there were.
        let (nodes, zones, same_in) = if metered { (None, 1, 1) } else { (w.nodes, zones, same_in) };
        match pools.iter_mut().find(|p| p.takes(w, ran)) {
            Some(pool) => {
                pool.pods.push(pods);
                pool.nodes = pool.nodes.max(nodes);
                pool.zones = pool.zones.max(zones);
                pool.same_in = pool.same_in.max(same_in);
            }
            None => {
                pools.push(Pool { lead: w, pods: vec![pods], every_node, times, ran, billed, nodes, zones, same_in })
            }
        }
    }
    Ok(pools)
}

fn may_share(a: &Workload, b: &Workload) -> bool {
    let apart = |w: &Workload| matches!(w.demand, Demand::Runs(_) | Demand::Metered(_));
    let model = |w: &Workload| w.gpu.as_ref().map(|Gpu { model, .. }| model.clone());
    !apart(a)
        && !apart(b)
        && a.node_type == b.node_type
        && a.arch == b.arch
        && model(a) == model(b)
        && a.burstable == b.burstable
        && a.node_disk == b.node_disk
}

/// What DaemonSets take of each node of a cluster: each kind as often as the workload that has it most.
fn every_node(all: &[&Workload]) -> Result<Room, Overflow> {
    let count = |w: &Workload, d: &Daemonset| w.daemonsets.iter().filter(|e| *e == d).count();
    let mut kinds: Vec<(Daemonset, usize)> = Vec::new();
    for (w, d) in all.iter().flat_map(|w| w.daemonsets.iter().map(move |d| (w, d))) {
        match kinds.iter_mut().find(|(kind, _)| kind == d) {
            Some((_, most)) => *most = (*most).max(count(w, d)),
            None => kinds.push((*d, count(w, d))),
        }
    }
    let add = |sum: u64, each: u64, n: u64| each.checked_mul(n).and_then(|all| sum.checked_add(all)).ok_or(Overflow);
    kinds.into_iter().try_fold(Room::default(), |sum, (d, n)| {
        let n = u64::try_from(n).map_err(|_| Overflow)?;
        Ok(Room {
            vcpu: add(sum.vcpu, d.vcpu.0, n)?,
            memory: add(sum.memory, d.memory.0, n)?,
            pods: add(sum.pods, 1, n)?,
            gpus: 0,
        })
    })
}

impl Pool<'_> {
    /// May pods of a workload that is on for so long be on its nodes?
    pub fn takes(&self, w: &Workload, ran: Micros) -> bool {
        self.ran == ran && may_share(self.lead, w)
    }

    /// Is it one workload's machine time as it was metered, which counts as that of one machine?
    pub fn is_metered(&self) -> bool {
        matches!(self.lead.demand, Demand::Metered(_))
    }

    /// Nodes for a packing that needs so many: what was said if it is enough, or as many as zones ask for.
    fn count(&self, needed: u64) -> Option<u64> {
        match self.nodes {
            Some(said) => (said >= needed.max(self.zones)).then_some(said),
            None => Some(needed.max(self.zones).div_ceil(self.same_in).saturating_mul(self.same_in)),
        }
    }

    /// What is left of a node beside DaemonSets, if every pod fits into it.
    pub fn left(&self, room: Room) -> Option<Room> {
        let every = self.every_node;
        let holds = room.vcpu >= every.vcpu && room.memory >= every.memory && room.pods >= every.pods;
        let left = room.without(every, 1);
        (holds && self.pods.iter().all(|p| left.holds(p.each) > 0)).then_some(left)
    }

    /// Nodes that it can't do without: all it asks for over a node's room.
    fn least(&self, left: Room) -> u64 {
        let sum = |part: &dyn Fn(Room) -> u64| -> u128 {
            self.pods.iter().map(|p| u128::from(part(p.each)) * u128::from(p.count)).fold(0, u128::saturating_add)
        };
        let parts: [(u128, u64); 3] =
            [(sum(&|r| r.vcpu), left.vcpu), (sum(&|r| r.memory), left.memory), (sum(&|r| r.pods), left.pods)];
        let most = parts.into_iter().map(|(ask, have)| ask.div_ceil(u128::from(have.max(1)))).max().unwrap_or(1);
        u64::try_from(most).unwrap_or(u64::MAX)
    }
}

/// Why no machine can run these pods, if none can. Looks at prices only where a type or a number of nodes was said.
pub fn possible(ctx: &Context<'_, '_>, terms: &Terms, pool: &Pool<'_>) -> Result<Result<(), Note>, Overflow> {
    let plain = pool.lead.node_type.is_none() && pool.nodes.is_none();
    if plain && candidates(ctx, terms, pool).next().is_some() {
        return Ok(Ok(()));
    }
    Ok(choose(ctx, terms, pool, Money::ZERO)?.map(|_| ()))
}

/// The named type, or the one whose nodes and their disks cost least in all; how many nodes; or why there is none.
pub fn choose<'b>(
    ctx: &Context<'_, 'b>,
    terms: &Terms,
    pool: &Pool<'_>,
    disk: Money,
) -> Result<Result<Fleet<'b>, Note>, Overflow> {
    if let Some(name) = &pool.lead.node_type {
        return named(ctx, terms, pool, name);
    }
    if let Some(fleet) = cheapest(ctx, terms, pool, ctx.purchase, disk)? {
        return Ok(Ok(fleet));
    }
    if ctx.purchase != Purchase::OnDemand
        && let Some(fleet) = cheapest(ctx, terms, pool, Purchase::OnDemand, disk)?
    {
        let rate = ctx.bought(&key(terms, fleet.shape.name));
        return Ok(Ok(Fleet { rate, ..fleet }));
    }
    without_price(ctx, terms, pool)
}

fn key(terms: &Terms, name: &str) -> String {
    format!("{}{name}", terms.prefix())
}

/// Types that may be chosen and have room for each of the pods, with what they leave for pods in all and beside DaemonSets.
fn candidates<'c, 'b: 'c>(
    ctx: &'c Context<'_, 'b>,
    terms: &'c Terms,
    pool: &'c Pool<'_>,
) -> impl Iterator<Item = (Shape<'b>, Room, Room)> + 'c {
    let shapes = ctx.book.shapes(terms.platform.provider()).filter(|s| room::eligible(s, pool.lead));
    shapes.filter_map(|shape| {
        let room = terms.reserve.room(&shape);
        Some((shape, room, pool.left(room)?))
    })
}

/// The type whose nodes cost least in all, of those with a price when bought so; of equals the one with fewest nodes.
fn cheapest<'b>(
    ctx: &Context<'_, 'b>,
    terms: &Terms,
    pool: &Pool<'_>,
    purchase: Purchase,
    disk: Money,
) -> Result<Option<Fleet<'b>>, Overflow> {
    let mut best: Option<((Money, u64), Fleet<'b>)> = None;
    let mut key = String::from(terms.prefix());
    let mut paid = Paid::new(terms, pool, purchase, disk);
    for (shape, room, left) in candidates(ctx, terms, pool) {
        key.truncate(terms.prefix().len());
        key.push_str(shape.name);
        key.push_str(purchase.key_suffix());
        let rate = ctx.rate::<ThingTime>(&key);
        let Ok(list) = &rate else { continue };
        if is_elsewhere(&rate) {
            continue;
        }
        let Some(each) = as_bought(ctx, purchase, pool, list.price())? else { continue };
        let cost = |nodes: u64, paid: &mut Paid<'b>| Ok((paid.cost(ctx, pool, &shape, &each, nodes)?, nodes));
        let beaten = |cost: (Money, u64)| best.as_ref().is_some_and(|(least, _)| cost >= *least);
        if let Some(least) = pool.count(pool.least(left))
            && beaten(cost(least, &mut paid)?)
        {
            continue;
        }
        let Some((nodes, packing)) = packed(pool, left)? else { continue };
        let cost = cost(nodes, &mut paid)?;
        if !beaten(cost) {
            let Packing { nodes: needed, bound, .. } = packing;
            best = Some((cost, Fleet { shape, nodes, needed, bound, room, rate }));
        }
    }
    Ok(best.map(|(_, fleet)| fleet))
}

/// What a machine costs bought so, to choose by; `None` where it can't be. A commitment counts for nodes that always run,
/// which it covers; of others only that it could cover them.
fn as_bought<'b>(
    ctx: &Context<'_, 'b>,
    purchase: Purchase,
    pool: &Pool<'_>,
    list: &Price<'b>,
) -> Result<Option<Price<'b>>, Overflow> {
    let Purchase::Committed(commitment) = purchase else { return Ok(Some(*list)) };
    let always = pool.times == 1 && pool.ran >= ctx.period.time && !pool.is_metered();
    let committed = commitment::effective(ctx, commitment, list)?;
    Ok(if always { committed } else { committed.map(|_| *list) })
}

/// The time that one node of a pool is paid for at the full price, by the machine family it was last asked for.
struct Paid<'b> {
    discounted: bool,
    /// what the disk of one costs
    disk: Money,
    family: &'b str,
    /// µs × 10^-8
    time: u128,
}

impl<'b> Paid<'b> {
    fn new(terms: &Terms, pool: &Pool<'_>, purchase: Purchase, disk: Money) -> Self {
        let time = u128::from(pool.times) * u128::from(pool.billed.0);
        let discounted = purchase == Purchase::OnDemand && !super::is_aws(terms.platform);
        Self { discounted, disk, family: "", time: time.saturating_mul(sustained::PARTS) }
    }

    /// What so many nodes cost with their disks, less what sustained use saves.
    fn cost(
        &mut self,
        ctx: &Context<'_, 'b>,
        pool: &Pool<'_>,
        shape: &Shape<'b>,
        each: &Price<'b>,
        nodes: u64,
    ) -> Result<Money, Overflow> {
        let family = sustained::family(shape);
        if self.discounted && self.family != family {
            self.family = family;
            let on = u128::from(pool.times) * u128::from(pool.billed.0);
            let whole = on.checked_mul(sustained::PARTS).ok_or(Overflow)?;
            self.time = whole.saturating_sub(sustained::saved_by(ctx, pool, shape)?);
        }
        let time = self.time.checked_mul(u128::from(nodes)).ok_or(Overflow)?;
        sustained::charge(each, time)?.plus(self.disk.times(nodes)?)
    }
}

/// Nodes and packing, if the pods fit and the nodes that were said are enough.
fn packed(pool: &Pool<'_>, left: Room) -> Result<Option<(u64, Packing)>, Overflow> {
    let Some(packing) = packing::pack(&pool.pods, left)? else { return Ok(None) };
    Ok(pool.count(packing.nodes).map(|nodes| (nodes, packing)))
}

/// Part of the note on a price of a machine type that the region's own list does not have.
const NOT_THERE: &str = "has no such machine type";

fn is_elsewhere(rate: &Quoted<'_, ThingTime>) -> bool {
    rate.as_ref().is_ok_and(|r| r.price().note.is_some_and(|note| note.contains(NOT_THERE)))
}

/// The smallest type that would do, where none has a price; or why none would.
fn without_price<'b>(
    ctx: &Context<'_, 'b>,
    terms: &Terms,
    pool: &Pool<'_>,
) -> Result<Result<Fleet<'b>, Note>, Overflow> {
    let mut smallest: Option<Fleet<'b>> = None;
    let mut fewest: Option<u64> = None;
    for (shape, room, left) in candidates(ctx, terms, pool) {
        let rate = ctx.bought(&key(terms, shape.name));
        let size = |s: &Shape<'_>| (s.vcpu, s.memory);
        if is_elsewhere(&rate) || smallest.as_ref().is_some_and(|f| size(&f.shape) <= size(&shape)) {
            continue;
        }
        let Some(packing) = packing::pack(&pool.pods, left)? else { continue };
        fewest = Some(fewest.map_or(packing.nodes, |n| n.min(packing.nodes)));
        if let Some(nodes) = pool.count(packing.nodes) {
            smallest = Some(Fleet { shape, nodes, needed: packing.nodes, bound: packing.bound, room, rate });
        }
    }
    Ok(match (smallest, fewest) {
        (Some(fleet), _) => Ok(fleet),
        (None, Some(needed)) => Err(too_few(terms, pool, needed.max(pool.zones), "any one type".into())),
        (None, None) => Err(none_fits(ctx, terms, pool)),
    })
}

/// The type that was named.
fn named<'b>(
    ctx: &Context<'_, 'b>,
    terms: &Terms,
    pool: &Pool<'_>,
    name: &str,
) -> Result<Result<Fleet<'b>, Note>, Overflow> {
    let refused = |what: &str, template: &'static str| {
        let args =
            [("type", name.to_owned()), ("region", ctx.region.id.to_owned()), ("arch", pool.lead.arch.id().to_owned())];
        Ok(Err(Note::new(format!("{}/{what}", terms.platform.id()), template, &args)))
    };
    let Some(shape) = ctx.book.shape(terms.platform.provider(), name) else {
        return refused("node-type", "no machine type {type} is known there");
    };
    if shape.arch != pool.lead.arch.id() {
        return refused("arch", "{type} has not the processor that {arch} containers need");
    }
    if !room::suits(&shape, pool.lead) {
        return refused("gpu", "{type} has not the GPUs that the containers ask for");
    }
    let rate = ctx.bought(&key(terms, name));
    if is_elsewhere(&rate) || is_elsewhere(&ctx.rate(&key(terms, name))) {
        return refused("node-type", "{region} has no machine type {type}");
    }
    let room = terms.reserve.room(&shape);
    let Some(left) = pool.left(room) else { return Ok(Err(none_fits(ctx, terms, pool))) };
    let Some(Packing { nodes: needed, bound, .. }) = packing::pack(&pool.pods, left)? else {
        return Ok(Err(none_fits(ctx, terms, pool)));
    };
    Ok(match pool.count(needed) {
        Some(nodes) => Ok(Fleet { shape, nodes, needed, bound, room, rate }),
        None => Err(too_few(terms, pool, needed.max(pool.zones), Text::plain(name))),
    })
}

fn too_few(terms: &Terms, pool: &Pool<'_>, needed: u64, of: Text) -> Note {
    let said = pool.nodes.unwrap_or(0);
    let args = [("said", Value::from(said)), ("needed", needed.into()), ("type", of.into())];
    let template = "{said} nodes are too few: the pods, DaemonSets and zones need {needed} of {type}";
    Note::new(format!("{}/nodes-too-few", terms.platform.id()), template, &args)
}

/// No type has the processor and the GPUs, or none has the room.
fn none_fits(ctx: &Context<'_, '_>, terms: &Terms, pool: &Pool<'_>) -> Note {
    let id = terms.platform.id();
    let lead = pool.lead;
    if let (Some(gpu), None) = (&lead.gpu, &lead.node_type)
        && !ctx.book.shapes(terms.platform.provider()).any(|s| room::eligible(&s, lead))
    {
        let args = [("arch", lead.arch.id().to_owned()), ("gpu", format!("{} {}", gpu.count, gpu.model))];
        return Note::new(format!("{id}/gpu"), "no {arch} machine type with {gpu} is known", &args);
    }
    let most = |part: fn(&Pods) -> u64| pool.pods.iter().map(part).max().unwrap_or(0);
    let args = [
        ("vcpu", crate::quantity::MilliVcpu(most(|p| p.each.vcpu)).to_string()),
        ("memory", crate::quantity::Mib(most(|p| p.each.memory)).to_string()),
        ("type", lead.node_type.clone().unwrap_or_default()),
    ];
    let template = match lead.node_type {
        Some(_) => "{type} has no room for a pod of {vcpu} and {memory} beside what the system and DaemonSets take",
        None => "no machine type has room for a pod of {vcpu} and {memory} beside what the system and DaemonSets take",
    };
    Note::new(format!("{id}/machine-max"), template, &args)
}
