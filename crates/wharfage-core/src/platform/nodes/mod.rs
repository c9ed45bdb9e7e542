//! What the platforms made of nodes have in common: pods are packed onto equal machines, and the machines are billed.
//!
//! A workload on its own is only checked here ([`meter`]): does a pod of it fit some machine? Machines are shared by all
//! workloads of an account, so their lines are made once for all of them ([`machines`]).
//!
//! # Units
//! Milli-vCPU, MiB, microseconds.
//! # Invariants
//! Every pod is on a node; the number of nodes is never below the packing's lower bound.
//! # Sources
//! `aws/BILLING-RULES` §2, §3 and §7, `gcp/BILLING-RULES` §2 and §3.
//! # Not modelled
//! System pods (state them as DaemonSets), what ECS's agent and a plain VM's system keep, which pods must not share a
//! node, autoscaling that follows traffic, which machine types a managed service leaves out.

pub mod fee;
mod fleet;
mod lines;
mod plan;
mod room;
mod sustained;

pub use self::{
    fleet::{Fleet, Pool},
    plan::{NodePlan, plan},
    room::{Reserve, bare, eks, gke, is_burstable},
};
use super::{Context, Platform, always_on_note, held, metering::Steps, not_priced, on_time};
use crate::{
    book::{Missing, Why},
    commitment::{self, Left},
    demand::{Demand, Metered, Spent},
    estimate::{Bill, MissingPrice, Role},
    money::Overflow,
    note::Note,
    packing::{Pods, Room},
    purchase::Purchase,
    quantity::{Mib, Micros},
    rule::Rule,
    workload::{Os, Workload},
};

/// What is asked of machines for one workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// what was assumed on the way
    pub assumptions: Vec<Note>,
    /// a price that no machine of its kind has
    pub missing: Option<Missing>,
}

/// Thresholds of one region and day.
#[derive(Debug)]
pub struct Terms {
    /// whose nodes they are
    pub platform: Platform,
    /// what of a machine is left for pods
    pub reserve: Reserve,
    /// shortest time a machine is billed for
    pub minimum: Micros,
    /// what billed time is a multiple of
    pub increment: Micros,
    /// requests an instance serves at once unless the workload says
    pub concurrency: u64,
    /// zones of a regional cluster, which has the same nodes in each
    pub regional_zones: u64,
    /// the boot disk that a node has unless another is asked for
    pub disk: BootDisk,
}

/// Machines.
pub const MACHINES: Rule = Rule {
    id: "nodes/machine",
    says: "a machine is billed by the second while it is on, with a minimum, however full it is",
    source: "https://aws.amazon.com/ec2/pricing/on-demand/",
};
/// Google's machines.
pub const VMS: Rule =
    Rule { id: "nodes/vm", source: "https://cloud.google.com/compute/vm-instance-pricing", ..MACHINES };
/// Disks.
pub const DISKS: Rule = Rule {
    id: "nodes/boot-disk",
    says: "each machine's boot disk is billed at its whole size for as long as the machine is on, as a share of the month",
    source: "https://aws.amazon.com/ebs/pricing/",
};
/// Google's disks.
pub const PERSISTENT_DISKS: Rule =
    Rule { id: "nodes/persistent-disk", source: "https://cloud.google.com/compute/disks-image-pricing", ..DISKS };
pub use self::sustained::SUSTAINED_USE;
pub(crate) use self::sustained::family;

impl Terms {
    /// Where its machines' prices are: `aws/ec2/`.
    pub fn prefix(&self) -> &'static str {
        prefix(self.platform)
    }

    /// The time a machine is billed for. See [`MACHINES`]. One that never started is not billed.
    fn billable(&self, ran: Micros) -> Micros {
        if ran.0 == 0 { ran } else { ran.round_up(self.increment).max(self.minimum) }
    }
}

const fn is_aws(platform: Platform) -> bool {
    matches!(platform.provider().as_bytes(), b"aws")
}

const fn prefix(platform: Platform) -> &'static str {
    if is_aws(platform) { "aws/ec2/" } else { "gcp/compute-engine/" }
}

/// Resolves the thresholds.
pub fn terms(platform: Platform, ctx: &Context<'_, '_>, reserve: Reserve, disk: BootDisk) -> Result<Terms, Missing> {
    // These may be from memory: they count as used, and so warn, only where they make a difference (`lines::machine`).
    let seconds = |name: &str| {
        let key = format!("{}{name}", prefix(platform));
        Micros::from_secs(ctx.peek(&key)?).ok_or_else(|| ctx.unreadable(&key))
    };
    Ok(Terms {
        platform,
        reserve,
        minimum: seconds("minimum")?,
        increment: seconds("increment")?,
        concurrency: ctx.whole("wharfage/concurrency")?,
        regional_zones: 1,
        disk,
    })
}

/// How machines are metered.
pub(super) fn steps(platform: Platform, ctx: &Context<'_, '_>) -> Result<Steps, Missing> {
    let key = |name: &str| format!("{}{name}", prefix(platform));
    Steps::read(ctx, &key("increment"), &key("minimum"))
}

/// What one workload asks of machines, or why no machine can run it.
pub fn meter(ctx: &Context<'_, '_>, w: &Workload, terms: &Terms) -> Result<Result<Usage, Vec<Note>>, Overflow> {
    let id = terms.platform.id();
    let managed = matches!(terms.platform, Platform::EksAuto | Platform::EcsManagedInstances);
    if w.os == Os::Windows && managed {
        return Ok(Err(vec![Note::plain(format!("{id}/os"), "its machines run Linux containers only")]));
    }
    let pools = fleet::pools(ctx, terms, &[w])?;
    if let Some(pool) = pools.first()
        && let Err(reason) = fleet::possible(ctx, terms, pool)?
    {
        return Ok(Err(vec![reason]));
    }
    let mut assumptions = Vec::new();
    assumptions.extend(asked(ctx, w, terms)?.notes);
    // The tables hold Linux prices only.
    let windows =
        || Missing { key: format!("{}windows", terms.prefix()), region: ctx.region.id.to_owned(), why: Why::Absent };
    Ok(Ok(Usage { assumptions, missing: (w.os == Os::Windows).then(windows) }))
}

/// What is said of one workload; its machines are shared.
pub fn bill<'b>(usage: &Usage, terms: &Terms) -> Result<Bill<'b>, Overflow> {
    let missing = usage.missing.iter().map(|m| MissingPrice { missing: m.clone(), role: Role::Compute }).collect();
    let not_priced = not_priced(terms.platform);
    Ok(Bill { missing, not_priced, assumptions: usage.assumptions.clone(), ..Bill::default() })
}

/// Why all of these together can't run, where each alone could: more nodes are needed than were said.
pub fn together(ctx: &Context<'_, '_>, terms: &Terms, all: &[&Workload]) -> Result<Option<Note>, Overflow> {
    for pool in fleet::pools(ctx, terms, all)? {
        if let Err(reason) = fleet::possible(ctx, terms, &pool)? {
            return Ok(Some(reason));
        }
    }
    Ok(None)
}

/// Which pool each workload is in.
pub fn pools_of(ctx: &Context<'_, '_>, terms: &Terms, all: &[&Workload]) -> Result<Vec<usize>, Overflow> {
    let pools = fleet::pools(ctx, terms, all)?;
    let pool_of = |w: &&Workload| {
        let ran = asked(ctx, w, terms)?.ran;
        // A workload with nodes of its own shares them with none, not even with one like it.
        Ok(pools.iter().position(|p| std::ptr::eq(p.lead, *w) || p.takes(w, ran)).unwrap_or_default())
    };
    all.iter().map(pool_of).collect()
}

/// A boot disk: its kind, and the term with its size.
#[derive(Debug, Clone, Copy)]
pub struct BootDisk {
    /// `gp3`
    pub kind: &'static str,
    /// `aws/eks/ec2.boot-disk`
    pub size: &'static str,
}

/// The machines of all workloads, their discounts and disks; and which they are, for fees that follow from them.
pub fn machines<'w, 'b>(
    ctx: &Context<'_, 'b>,
    terms: &Terms,
    on_it: &[(&'w Workload, &Bill<'b>)],
) -> Result<(Bill<'b>, Vec<(Pool<'w>, Fleet<'b>)>), Overflow> {
    let mut bill = Bill::default();
    let linux: Vec<&Workload> = on_it.iter().map(|(w, _)| *w).filter(|w| w.os == Os::Linux).collect();
    let mut fleets = Vec::new();
    for pool in fleet::pools(ctx, terms, &linux)? {
        let disk_of_one = lines::disk_of_one(ctx, terms, &pool)?;
        match fleet::choose(ctx, terms, &pool, disk_of_one)? {
            Ok(fleet) => fleets.push((pool, fleet)),
            Err(reason) => bill.warnings.push(reason),
        }
    }
    for (pool, fleet) in &fleets {
        lines::machine(&mut bill, ctx, pool, fleet)?;
        bill.assumptions.extend(lines::notes(terms, pool, fleet));
    }
    let has_sustained_use = !is_aws(terms.platform) && ctx.purchase != Purchase::Spot;
    let whole: Left = (1, 1);
    // Of fleets with a price each has one line, in the same order; without one there is no discount either.
    let mut discounts = Vec::new();
    let asked = has_sustained_use && matches!(ctx.purchase, Purchase::Committed(_));
    for (pool, fleet) in fleets.iter().filter(|(_, f)| asked && f.rate.is_ok()) {
        discounts.push(sustained::of_fleet(ctx, pool, fleet, whole)?);
    }
    let (told, uncovered) = commitment::cover(ctx, &mut [&mut bill], &discounts)?;
    if has_sustained_use {
        let nth = |n: usize| fleets.iter().take(n).filter(|(_, f)| f.rate.is_ok()).count();
        sustained::discounts(&mut bill, ctx, &fleets, |n| uncovered.get(nth(n)).copied().unwrap_or(whole))?;
    }
    bill.append(told);
    for (pool, fleet) in &fleets {
        lines::boot_disk(&mut bill, ctx, terms, pool, fleet)?;
    }
    Ok((bill, fleets))
}

/// Pods of a workload: how many at once, how often, and for how long.
struct Asked {
    pods: Pods,
    /// how often nodes are made for them
    times: u64,
    ran: Micros,
    billed: Micros,
    notes: Vec<Note>,
}

fn asked(ctx: &Context<'_, '_>, w: &Workload, terms: &Terms) -> Result<Asked, Overflow> {
    let on = on_time(w, ctx.period);
    let (count, times, ran, notes) = match &w.demand {
        Demand::Replicas { count } => (*count, 1, on, Vec::new()),
        Demand::Runs(runs) => (runs.tasks, runs.runs, runs.duration, Vec::new()),
        Demand::Traffic(t) => {
            let concurrency = w.concurrency.unwrap_or(terms.concurrency);
            let n = t.always_on(concurrency, on, ctx.period)?;
            (n, 1, on, vec![always_on_note(t, concurrency, n)])
        }
        Demand::Metered(m) => return metered(ctx, w, m),
    };
    Ok(Asked { pods: Pods { each: pod(w), count }, times, ran, billed: terms.billable(ran), notes })
}

/// Machine time that was metered is billed like one machine's that is on for all of it: a pod of the workload says which
/// types would do.
fn metered(ctx: &Context<'_, '_>, w: &Workload, m: &Metered) -> Result<Asked, Overflow> {
    let micros = |time: u128| u64::try_from(time).map(Micros).map_err(|_| Overflow);
    let Spent { ran, billed } = m.held()?;
    let args = [("most", m.instances(ctx.period)?.to_string())];
    let template = "the machines were metered: at most {most} were on at once";
    let mut notes = vec![held::metered_note(), Note::new("usage/machines", template, &args)];
    if w.nodes.is_some() || w.zones.is_some() {
        let says = "how many machines there are was metered: --nodes and --zones change nothing";
        notes.push(Note::plain("usage/nodes", says));
    }
    Ok(Asked { pods: Pods { each: pod(w), count: 1 }, times: 1, ran: micros(ran)?, billed: micros(billed)?, notes })
}

/// What a pod asks for; its largest init container counts where that is more memory.
fn pod(w: &Workload) -> Room {
    Room {
        vcpu: w.vcpu.map_or(0, |v| v.0),
        memory: w.memory.max(w.init_memory).unwrap_or(Mib(0)).0,
        gpus: w.gpu.as_ref().map_or(0, |g| g.count),
        pods: 1,
    }
}
