//! AWS Fargate, as ECS tasks (plain or behind Express Mode's shared load balancer) and as EKS pods.
//!
//! A task pays for the vCPU and memory it *reserves*, from image pull to termination, busy or idle. Prices and
//! thresholds come from [`Terms`]; this module is only the arithmetic between them.
//!
//! # Units
//! Milli-vCPU, MiB, microseconds. The pricing page writes "GB" and means GiB.
//! # Invariants
//! `billable(t) >= t`, and splitting a run never lowers its billable time.
//! # Sources
//! `aws/BILLING-RULES` §1 (pricing page, task sizes, EKS user guide) and §2 (cluster fees).
//! # Not modelled
//! Spot interruptions, image-pull time (state it in `--duration`), sidecar init containers.

use super::{Context, Held, Platform, metering::Steps, not_priced, on_time, size};
use crate::{
    book::{Missing, Term},
    demand::Demand,
    estimate::{Bill, Factor, Item, Quoted, Role},
    money::Overflow,
    note::Note,
    period::Period,
    platform::size::Size,
    purchase::Purchase,
    quantity::{MICROS_PER_HOUR, MemoryTime, Mib, Micros, MilliVcpu, Quantity, ThingTime, VcpuTime},
    rollout::{self, Fleet},
    rule::Rule,
    tr,
    workload::{Arch, K8sSupport, Os, Workload},
};

/// What Fargate would meter for one workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// what each asked for
    pub wanted: Size,
    /// what each is billed as
    pub size: Size,
    /// how long the tasks or pods run
    pub time: Held,
    /// whole GiB of disk each asked for, if any
    pub disk: Option<Mib>,
    /// tasks or pods of a canary
    pub canary: Option<Fleet>,
    /// what was assumed on the way
    pub assumptions: Vec<Note>,
}

/// Prices and thresholds of one region and day.
#[derive(Debug)]
pub struct Terms<'b> {
    platform: Platform,
    vcpu: Quoted<'b, VcpuTime>,
    memory: Quoted<'b, MemoryTime>,
    /// the Windows licence, where the tasks are Windows
    licence: Option<Quoted<'b, VcpuTime>>,
    disk: Quoted<'b, MemoryTime>,
    sizes: Term<'b>,
    minimum: Micros,
    increment: Micros,
    disk_free: Mib,
    disk_max: Mib,
    /// memory the kubelet and its helpers take (EKS)
    overhead: Mib,
    /// requests an instance serves at once unless the workload says
    concurrency: u64,
}

/// The pod or task size.
pub const SIZE: Rule = Rule {
    id: "fargate/size",
    says: "a task is billed as the cheapest size on the menu that holds its vCPU and memory",
    source: "https://aws.amazon.com/fargate/pricing/",
};
/// The pod size under EKS.
pub const POD: Rule = Rule {
    id: "fargate/pod",
    says: "a pod is billed as the smallest size that holds its requests and 256 MiB for the kubelet",
    source: "https://docs.aws.amazon.com/eks/latest/userguide/fargate-pod-configuration.html",
};
/// Time.
pub const MINIMUM: Rule = Rule {
    id: "fargate/minimum",
    says: "a run is billed in whole seconds, and never under the minimum (longer on Windows)",
    source: "https://aws.amazon.com/fargate/pricing/",
};
/// The Windows licence.
pub const LICENCE: Rule = Rule {
    id: "fargate/windows-licence",
    says: "Windows tasks pay a licence per vCPU for the same seconds",
    source: "https://aws.amazon.com/fargate/pricing/",
};
/// Disk.
pub const EPHEMERAL: Rule = Rule {
    id: "fargate/ephemeral-storage",
    says: "the first 20 GB of a task's disk are free; whole GB above them are billed for the same seconds",
    source: "https://aws.amazon.com/fargate/pricing/",
};
/// The cluster fee.
pub const CLUSTER: Rule = Rule {
    id: "eks/cluster",
    says: "a cluster is billed for every hour it exists, with a surcharge under extended support or a provisioned control plane",
    source: "https://aws.amazon.com/eks/pricing/",
};
/// Express Mode's load balancer.
pub const EXPRESS: Rule = Rule {
    id: "ecs-express/load-balancer",
    says: "Express Mode services share a load balancer, billed by whole hours like any other",
    source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-overview.html",
};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[SIZE, POD, MINIMUM, LICENCE, EPHEMERAL, CLUSTER, EXPRESS];

/// Resolves every price and threshold, before any arithmetic.
pub fn terms<'b>(platform: Platform, ctx: &Context<'_, 'b>, w: &Workload) -> Result<Terms<'b>, Missing> {
    let eks = platform == Platform::EksFargate;
    let family = match (w.os, w.arch) {
        (Os::Windows, _) => "windows",
        (Os::Linux, Arch::Arm) => "linux-arm",
        (Os::Linux, Arch::X86) => "linux-x86",
    };
    let os = w.os.id();
    let sizes = if eks { "aws/fargate/sizes.eks.linux".to_owned() } else { format!("aws/fargate/sizes.ecs.{os}") };
    let disk_max = if eks { "aws/fargate/ephemeral.max.eks" } else { "aws/fargate/ephemeral.max.ecs" };
    Ok(Terms {
        platform,
        vcpu: if eks { pod_rate(ctx, "vcpu") } else { ctx.bought(&format!("aws/fargate/{family}.vcpu")) },
        memory: if eks { pod_rate(ctx, "memory") } else { ctx.bought(&format!("aws/fargate/{family}.memory")) },
        licence: (w.os == Os::Windows).then(|| ctx.bought("aws/fargate/windows.os")),
        disk: ctx.rate("aws/fargate/ephemeral"),
        sizes: ctx.term(&sizes)?,
        minimum: minimum(ctx, w)?,
        increment: ctx.seconds("aws/fargate/increment")?,
        disk_free: ctx.gib("aws/fargate/ephemeral.free")?,
        disk_max: ctx.gib(disk_max)?,
        overhead: if eks { Mib(ctx.whole("aws/fargate/eks.overhead-memory")?) } else { Mib(0) },
        concurrency: ctx.whole("wharfage/concurrency")?,
    })
}

/// The least time a run is billed. Spot's is from memory: it counts as used, and so warns, only where it binds.
fn minimum(ctx: &Context<'_, '_>, w: &Workload) -> Result<Micros, Missing> {
    let listed = ctx.seconds(&format!("aws/fargate/minimum.{}", w.os.id()))?;
    match &w.demand {
        Demand::Runs(runs) if ctx.purchase == Purchase::Spot && runs.duration < listed => {
            ctx.seconds("aws/fargate/spot.minimum")
        }
        _ => Ok(listed),
    }
}

/// How a service's tasks and pods are metered: each from its image pull to its end.
pub(super) fn steps(ctx: &Context<'_, '_>, w: &Workload) -> Result<Steps, Missing> {
    Steps::read(ctx, "aws/fargate/increment", &format!("aws/fargate/minimum.{}", w.os.id()))
}

/// EKS pods have rates of their own in some regions, else those of ECS; Spot is never offered to them.
fn pod_rate<'b, D: crate::quantity::Dimension>(ctx: &Context<'_, 'b>, meter: &str) -> Quoted<'b, D> {
    let own = ctx.bought(&format!("aws/fargate/eks-linux-x86.{meter}"));
    if own.is_err() && ctx.purchase != Purchase::Spot {
        ctx.rate(&format!("aws/fargate/linux-x86.{meter}"))
    } else {
        own
    }
}

/// What the platform would meter, or why it can't run the workload.
pub fn meter(w: &Workload, period: &Period, terms: &Terms<'_>) -> Result<Result<Usage, Vec<Note>>, Overflow> {
    let id = terms.platform.id();
    let eks = terms.platform == Platform::EksFargate;
    let mut reasons = Vec::new();
    let mut refuse = |when: bool, what: &str, says: &'static str| {
        if when {
            reasons.push(Note::plain(format!("{id}/{what}"), says));
        }
    };
    refuse(w.gpu.is_some(), "gpu", "Fargate has no GPUs");
    refuse(eks && w.arch == Arch::Arm, "arch", "EKS runs no Arm pods on Fargate");
    refuse(eks && w.os == Os::Windows, "os", "EKS runs no Windows pods on Fargate");
    refuse(!eks && w.os == Os::Windows && w.arch == Arch::Arm, "arch", "Windows tasks run on x86 only");
    refuse(eks && !w.daemonsets.is_empty(), "daemonset", "EKS runs no DaemonSets on Fargate");
    refuse(!eks && (w.vcpu.is_none() || w.memory.is_none()), "size-missing", "a task needs --vcpu and --memory");
    let disk = w.ephemeral.map(|d| Mib(d.0.div_ceil(1024) * 1024));
    if disk.is_some_and(|d| d > terms.disk_max) {
        let args = [("most", terms.disk_max.to_string())];
        reasons.push(Note::new(
            format!("{id}/ephemeral-max"),
            "{most} of ephemeral storage is the most it takes",
            &args,
        ));
    }
    let asked = Size { vcpu: w.vcpu.unwrap_or(MilliVcpu(0)), memory: w.memory.unwrap_or(Mib(0)) };
    // ECS bills the size of the task, whatever its containers ask for one after the other.
    let init = w.init_memory.filter(|_| eks).unwrap_or(Mib(0));
    let memory = asked.memory.max(init);
    // A pod without any request gets the smallest size whole: the overhead is added to requests only.
    let nothing_asked = eks && w.vcpu.is_none() && memory.0 == 0;
    let overhead = if nothing_asked { 0 } else { terms.overhead.0 };
    let wanted = Size { memory: Mib(memory.0.checked_add(overhead).ok_or(Overflow)?), ..asked };
    let size = if eks {
        size::menu(&terms.sizes).filter(|s| s.holds(wanted)).min()
    } else {
        size::cheapest(size::menu(&terms.sizes), wanted, &terms.vcpu, &terms.memory)
    };
    if size.is_none() {
        let args = [("vcpu", wanted.vcpu.to_string()), ("memory", wanted.memory.to_string())];
        reasons.push(Note::new(format!("{id}/size-max"), "no size on its menu holds {vcpu} and {memory}", &args));
    }
    let Some(size) = size.filter(|_| reasons.is_empty()) else { return Ok(Err(reasons)) };

    let on = on_time(w, period);
    let mut assumptions = Vec::new();
    let time = match &w.demand {
        Demand::Replicas { count } => lives(*count, on, terms),
        Demand::Runs(runs) => lives(runs.executions()?, runs.duration, terms),
        Demand::Traffic(t) => {
            let concurrency = w.concurrency.unwrap_or(terms.concurrency);
            let n = t.always_on(concurrency, on, period)?;
            assumptions.push(super::always_on_note(t, concurrency, n));
            lives(n, on, terms)
        }
        Demand::Metered(m) => Held::metered(m, &mut assumptions)?,
    };
    let wanted = Size { memory, ..asked };
    if size != wanted {
        assumptions.push(super::raised_note(wanted, size, id));
    }
    let canary = rollout::beside(w, terms.concurrency, period)?;
    Ok(Ok(Usage { wanted, size, time, disk, canary, assumptions }))
}

/// The time of tasks or pods that each ran so long.
fn lives(count: u64, ran: Micros, terms: &Terms<'_>) -> Held {
    let what = if terms.platform == Platform::EksFargate { "pods" } else { "tasks" };
    Held::each(count, what, ran, billable(ran, terms))
}

/// The time a run is billed for. See [`MINIMUM`]. A task that never started is not billed.
fn billable(ran: Micros, terms: &Terms<'_>) -> Micros {
    if ran.0 == 0 { ran } else { ran.round_up(terms.increment).max(terms.minimum) }
}

/// The lines.
pub fn bill<'b>(usage: &Usage, terms: &Terms<'b>) -> Result<Bill<'b>, Overflow> {
    let Usage { wanted, size, time, .. } = usage;
    let eks = terms.platform == Platform::EksFargate;
    let size_rule = if eks { &POD } else { &SIZE };
    let rule = if time.is_whole() && size != wanted { size_rule } else { &MINIMUM };
    let mut bill = Bill { assumptions: usage.assumptions.clone(), ..Bill::default() };
    let vcpu = |label, rule| -> Result<Item<VcpuTime>, Overflow> {
        time.item(label, rule, (wanted.vcpu.0, size.vcpu.0), (size.vcpu.as_vcpu(), "vCPU"), Role::Compute)
    };
    let memory = |label, rule, consumed: Mib, priced: Mib, role| -> Result<Item<MemoryTime>, Overflow> {
        time.item(label, rule, (consumed.0, priced.0), (priced.as_gib(), "GiB"), role)
    };
    bill.charge(&terms.vcpu, vcpu("vCPU", rule)?)?;
    bill.charge(&terms.memory, memory(tr!("Memory"), rule, wanted.memory, size.memory, Role::Compute)?)?;
    if let Some(licence) = &terms.licence {
        bill.charge(licence, vcpu("Windows licence", &LICENCE)?)?;
    }
    if let Some(disk) = usage.disk {
        let above = Mib(disk.0.saturating_sub(terms.disk_free.0));
        bill.charge(&terms.disk, memory("Ephemeral storage", &EPHEMERAL, disk, above, Role::Beside)?)?;
    }
    bill.not_priced = not_priced(terms.platform);
    if let Some(Fleet { count, time }) = usage.canary {
        let canary = Usage { time: lives(count, time, terms), canary: None, ..usage.clone() };
        rollout::append(&mut bill, self::bill(&canary, terms)?, if eks { &rollout::PODS } else { &rollout::TASKS });
    }
    Ok(bill)
}

/// What the account's workloads share: EKS's cluster, Express Mode's load balancer.
pub fn shared<'b>(
    platform: Platform,
    ctx: &Context<'_, 'b>,
    on_it: &[(&Workload, &Bill<'b>)],
) -> Result<Bill<'b>, Overflow> {
    let mut bill = Bill::default();
    if on_it.is_empty() {
        return Ok(bill);
    }
    if platform == Platform::EcsExpress {
        let per_balancer = ctx.whole("aws/ecs/express.services-per-load-balancer").unwrap_or(1).max(1);
        let balancers = u64::try_from(on_it.len()).map_err(|_| Overflow)?.div_ceil(per_balancer);
        let hours = ctx.period.time.round_up(Micros(MICROS_PER_HOUR));
        things(
            &mut bill,
            ctx,
            "aws/alb/hour",
            "Load balancer",
            &EXPRESS,
            (balancers, "load balancers"),
            (ctx.period.time, hours),
        )?;
        bill.not_priced.push(Note::plain("not-priced/alb-lcu", "load balancer capacity units (LCU)"));
    }
    if platform == Platform::EksFargate {
        cluster(&mut bill, ctx, on_it)?;
    }
    Ok(bill)
}

/// An EKS cluster: its fee, extended support, and the control plane.
pub(super) fn cluster<'b>(
    bill: &mut Bill<'b>,
    ctx: &Context<'_, 'b>,
    on_it: &[(&Workload, &Bill<'b>)],
) -> Result<(), Overflow> {
    let whole = (ctx.period.time, ctx.period.time);
    let one = (1, "clusters");
    things(bill, ctx, "aws/eks/cluster", tr!("Cluster"), &CLUSTER, one, whole)?;
    if on_it.iter().any(|(w, _)| w.k8s_support == K8sSupport::Extended) {
        things(bill, ctx, "aws/eks/extended-support", "Extended support", &CLUSTER, one, whole)?;
    }
    // One cluster has one control plane: the largest that any workload asks for.
    if let Some(size) = on_it.iter().filter_map(|(w, _)| w.control_plane).max() {
        let key = format!("aws/eks/control-plane.{}", size.id());
        things(bill, ctx, &key, "Provisioned control plane", &CLUSTER, one, whole)?;
    }
    Ok(())
}

/// A line for `count` things that exist for a time: (ran, billed).
pub(super) fn things<'b>(
    bill: &mut Bill<'b>,
    ctx: &Context<'_, 'b>,
    key: &str,
    label: &'static str,
    rule: &'static Rule,
    (count, what): (u64, &'static str),
    (ran, billed): (Micros, Micros),
) -> Result<(), Overflow> {
    let item = Item {
        label,
        rule,
        consumed: Quantity::<ThingTime>::held(count, ran)?,
        priced: Quantity::<ThingTime>::held(count, billed)?,
        factors: vec![Factor::new(count, what), Factor::new(billed.as_secs(), "s")],
        role: Role::Beside,
    };
    bill.charge(&ctx.rate(key), item)
}
