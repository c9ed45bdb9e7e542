//! Pods billed by what they request: the general-purpose, Balanced and Scale-Out classes.

use super::{
    Context, DAEMONSETS, EPHEMERAL, ID, Micros, Missing, Note, Overflow, Period, Platform, REQUESTS, Rule, SECONDS,
    Workload, pods_of, refusals,
    requests::{Limits, either},
};
use crate::{
    estimate::{Bill, Factor, Item, Quoted, Role},
    platform::{not_priced, on_time, raised_note, size::Size},
    quantity::{MemoryTime, Mib, MilliVcpu, Quantity, VcpuTime},
    rollout::{self, Fleet},
    workload::Class,
};

/// Equal pods: what each asked for and is billed as, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// pods, or executions
    pub count: u64,
    /// what each asked for
    pub wanted: Size,
    /// what each is billed as
    pub size: Size,
    /// how long each ran
    pub ran: Micros,
    /// how long each is billed
    pub billed: Micros,
}

/// What Autopilot would meter for pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// the workload's pods
    pub pods: Held,
    /// ephemeral storage of each (asked, billed), if asked for
    pub ephemeral: Option<(Mib, Mib)>,
    /// all DaemonSets together, on each node they land on
    pub daemonsets: Option<Held>,
    /// the pods of a canary
    pub canary: Option<Box<Self>>,
    /// what was assumed on the way
    pub assumptions: Vec<Note>,
    /// what has no price here
    pub not_priced: Vec<Note>,
}

/// Prices and thresholds of one class, region and day.
#[derive(Debug)]
pub struct Terms<'b> {
    class: Class,
    cpu: Quoted<'b, VcpuTime>,
    memory: Quoted<'b, MemoryTime>,
    ephemeral: Quoted<'b, MemoryTime>,
    limits: Limits,
    /// of a pod that asks for nothing
    default: Size,
    default_ephemeral: Mib,
    ephemeral_least: Mib,
    ephemeral_most: Mib,
    daemonset_least: Size,
    increment: Micros,
    concurrency: u64,
}

/// Resolves every price and threshold, before any arithmetic.
pub fn terms<'b>(ctx: &Context<'_, 'b>, w: &Workload, class: Class) -> Result<Terms<'b>, Missing> {
    let of_daemonset = |what: &str| either(ctx, &format!("gcp/autopilot/daemonset.{what}"), w.bursting);
    Ok(Terms {
        class,
        cpu: ctx.bought(&format!("gcp/autopilot/{}.cpu", class.id())),
        memory: ctx.bought(&format!("gcp/autopilot/{}.memory", class.id())),
        ephemeral: ctx.bought("gcp/autopilot/general.ephemeral"),
        limits: Limits::read(ctx, class, w.bursting)?,
        default: Size {
            vcpu: MilliVcpu(ctx.whole("gcp/autopilot/default.cpu")?),
            memory: Mib(ctx.whole("gcp/autopilot/default.memory")?),
        },
        default_ephemeral: ctx.gib("gcp/autopilot/default.ephemeral")?,
        ephemeral_least: Mib(ctx.whole("gcp/autopilot/ephemeral-min")?),
        ephemeral_most: ctx.gib("gcp/autopilot/ephemeral-max")?,
        daemonset_least: if w.daemonsets.is_empty() {
            Size { vcpu: MilliVcpu(0), memory: Mib(0) }
        } else {
            Size { vcpu: MilliVcpu(of_daemonset("cpu-min")?), memory: Mib(of_daemonset("memory-min")?) }
        },
        increment: ctx.seconds("gcp/autopilot/increment")?,
        concurrency: ctx.whole("wharfage/concurrency")?,
    })
}

/// What the platform would meter, or why it can't run the workload.
pub fn meter(w: &Workload, period: &Period, terms: &Terms<'_>) -> Result<Result<Usage, Vec<Note>>, Overflow> {
    let wanted = wanted(w, terms);
    let size = terms.limits.size(wanted)?;
    let mut reasons = refusals(w, terms.class);
    reasons.extend(terms.limits.refusals(size));
    if w.ephemeral.is_some_and(|asked| asked > terms.ephemeral_most) {
        let template = "{most} of ephemeral storage is the most a pod takes";
        reasons.push(Note::new("gke-autopilot/ephemeral-max", template, &[("most", terms.ephemeral_most.to_string())]));
    }
    if !reasons.is_empty() {
        return Ok(Err(reasons));
    }
    let mut assumptions = default_note(w, terms);
    if size != wanted {
        assumptions.push(raised_note(wanted, size, ID));
    }
    let (count, ran) = pods_of(w, period, terms.concurrency, &mut assumptions)?;
    let pods = Held { count, wanted, size, ran, billed: ran.round_up(terms.increment) };
    let ephemeral = w.ephemeral.map(|asked| (asked, asked.max(terms.ephemeral_least)));
    let daemonsets = daemonsets(w, period, pods, terms, &mut assumptions)?;
    let mut usage = Usage { pods, ephemeral, daemonsets, canary: None, assumptions, not_priced: beside(w, terms) };
    if let Some(Fleet { count, time }) = rollout::beside(w, terms.concurrency, period)? {
        let of = |held: Held| Held { count, ran: time, billed: time.round_up(terms.increment), ..held };
        // DaemonSets land on nodes of the canary's pods only where each pod counts as one.
        let daemonsets = daemonsets.filter(|_| w.nodes.is_none()).map(of);
        usage.canary = Some(Box::new(Usage { pods: of(pods), daemonsets, ..usage.clone() }));
    }
    Ok(Ok(usage))
}

/// What a pod asks for, with the defaults of what it leaves open; its largest init container counts where it is more.
fn wanted(w: &Workload, terms: &Terms<'_>) -> Size {
    let memory = w.memory.unwrap_or(terms.default.memory).max(w.init_memory.unwrap_or(Mib(0)));
    Size { vcpu: w.vcpu.unwrap_or(terms.default.vcpu), memory }
}

fn default_note(w: &Workload, terms: &Terms<'_>) -> Vec<Note> {
    if w.vcpu.is_some() && w.memory.is_some() {
        return Vec::new();
    }
    let template = "a pod that leaves its requests open asks for {vcpu} and {memory}";
    let args = [("vcpu", terms.default.vcpu.to_string()), ("memory", terms.default.memory.to_string())];
    vec![Note::new("gke-autopilot/default-size", template, &args)]
}

/// All DaemonSets of the workload as one pod on each node.
fn daemonsets(
    w: &Workload,
    period: &Period,
    pods: Held,
    terms: &Terms<'_>,
    assumptions: &mut Vec<Note>,
) -> Result<Option<Held>, Overflow> {
    if w.daemonsets.is_empty() {
        return Ok(None);
    }
    let none = Size { vcpu: MilliVcpu(0), memory: Mib(0) };
    let (mut wanted, mut size) = (none, none);
    for d in &w.daemonsets {
        let least = terms.daemonset_least;
        wanted = plus(wanted, Size { vcpu: d.vcpu, memory: d.memory })?;
        size = plus(size, Size { vcpu: d.vcpu.max(least.vcpu), memory: d.memory.max(least.memory) })?;
    }
    let (count, ran) = w.nodes.map_or((pods.count, pods.ran), |nodes| (nodes, on_time(w, period)));
    if w.nodes.is_none() {
        let template = "DaemonSets are billed on {nodes} nodes, as if each pod had one to itself: an upper bound; \
                        --nodes says how many there are";
        assumptions.push(Note::new("gke-autopilot/daemonset-nodes", template, &[("nodes", count.to_string())]));
    }
    Ok(Some(Held { count, wanted, size, ran, billed: ran.round_up(terms.increment) }))
}

fn plus(a: Size, b: Size) -> Result<Size, Overflow> {
    let vcpu = a.vcpu.0.checked_add(b.vcpu.0).ok_or(Overflow)?;
    let memory = a.memory.0.checked_add(b.memory.0).ok_or(Overflow)?;
    Ok(Size { vcpu: MilliVcpu(vcpu), memory: Mib(memory) })
}

fn beside(w: &Workload, terms: &Terms<'_>) -> Vec<Note> {
    let mut notes = not_priced(Platform::GkeAutopilot);
    if w.ephemeral.is_none() {
        let template = "the default {size} of each pod's ephemeral storage";
        let args = [("size", terms.default_ephemeral.to_string())];
        notes.push(Note::new("not-priced/ephemeral-storage", template, &args));
    }
    notes
}

/// The lines.
pub fn bill<'b>(usage: &Usage, terms: &Terms<'b>) -> Result<Bill<'b>, Overflow> {
    let Usage { pods, ephemeral, daemonsets, .. } = usage;
    let mut bill =
        Bill { assumptions: usage.assumptions.clone(), not_priced: usage.not_priced.clone(), ..Bill::default() };
    let rule = if pods.billed == pods.ran && pods.size != pods.wanted { &REQUESTS } else { &SECONDS };
    bill.charge(&terms.cpu, vcpu("vCPU", rule, *pods, "pods")?)?;
    bill.charge(&terms.memory, memory("Memory", rule, *pods, "pods")?)?;
    if let Some((asked, priced)) = *ephemeral {
        let disk = |memory| Size { memory, ..pods.size };
        let held = Held { wanted: disk(asked), size: disk(priced), ..*pods };
        let item = memory("Ephemeral storage", &EPHEMERAL, held, "pods")?;
        bill.charge(&terms.ephemeral, Item { role: Role::Beside, ..item })?;
    }
    if let Some(held) = *daemonsets {
        // A class without prices is noted once, by the pods' own lines.
        if terms.cpu.is_ok() {
            bill.charge(&terms.cpu, vcpu("vCPU (DaemonSets)", &DAEMONSETS, held, "nodes")?)?;
        }
        if terms.memory.is_ok() {
            bill.charge(&terms.memory, memory("Memory (DaemonSets)", &DAEMONSETS, held, "nodes")?)?;
        }
    }
    if let Some(canary) = &usage.canary {
        rollout::append(&mut bill, self::bill(canary, terms)?, &rollout::PODS);
    }
    Ok(bill)
}

fn vcpu(label: &'static str, rule: &'static Rule, h: Held, what: &'static str) -> Result<Item<VcpuTime>, Overflow> {
    Ok(Item {
        label,
        rule,
        consumed: Quantity::<VcpuTime>::held(h.wanted.vcpu, h.ran, h.count)?,
        priced: Quantity::<VcpuTime>::held(h.size.vcpu, h.billed, h.count)?,
        factors: vec![
            Factor::new(h.count, what),
            Factor::new(h.size.vcpu.as_vcpu(), "vCPU"),
            Factor::new(h.billed.as_secs(), "s"),
        ],
        role: Role::Compute,
    })
}

fn memory(label: &'static str, rule: &'static Rule, h: Held, what: &'static str) -> Result<Item<MemoryTime>, Overflow> {
    Ok(Item {
        label,
        rule,
        consumed: Quantity::<MemoryTime>::held(h.wanted.memory, h.ran, h.count)?,
        priced: Quantity::<MemoryTime>::held(h.size.memory, h.billed, h.count)?,
        factors: vec![
            Factor::new(h.count, what),
            Factor::new(h.size.memory.as_gib(), "GiB"),
            Factor::new(h.billed.as_secs(), "s"),
        ],
        role: Role::Compute,
    })
}
