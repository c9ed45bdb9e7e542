//! Pods billed by what they request: the general-purpose, Balanced and Scale-Out classes.

use super::{
    Context, DAEMONSETS, EPHEMERAL, Held, ID, Micros, Missing, Note, Overflow, Period, Platform, REQUESTS, Rule,
    SECONDS, Workload, refusals,
    requests::{Limits, either},
    time_of,
};
use crate::{
    estimate::{Bill, Factor, Item, Quoted, Role},
    platform::{not_priced, on_time, raised_note, size::Size},
    quantity::{MemoryTime, Mib, MilliVcpu, VcpuTime},
    rollout::{self, Fleet},
    workload::Class,
};

/// Equal pods: what each asked for and is billed as, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pods {
    /// what each asked for
    pub wanted: Size,
    /// what each is billed as
    pub size: Size,
    /// how long they are scheduled
    pub time: Held,
}

/// What Autopilot would meter for pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// the workload's pods
    pub pods: Pods,
    /// ephemeral storage of each (asked, billed), if asked for
    pub ephemeral: Option<(Mib, Mib)>,
    /// all DaemonSets together, on each node they land on
    pub daemonsets: Option<Pods>,
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
    let time =
        time_of(w, period, terms.concurrency, &mut assumptions, |count, ran| lives((count, "pods"), ran, terms))?;
    let pods = Pods { wanted, size, time };
    let ephemeral = w.ephemeral.map(|asked| (asked, asked.max(terms.ephemeral_least)));
    let daemonsets = daemonsets(w, period, &pods.time, terms, &mut assumptions)?;
    let mut usage = Usage { pods, ephemeral, daemonsets, canary: None, assumptions, not_priced: beside(w, terms) };
    if let Some(Fleet { count, time }) = rollout::beside(w, terms.concurrency, period)? {
        let mut canary = usage.clone();
        canary.pods.time = lives((count, "pods"), time, terms);
        // DaemonSets land on nodes of the canary's pods only where each pod counts as one.
        canary.daemonsets = canary.daemonsets.filter(|_| w.nodes.is_none());
        canary.daemonsets.iter_mut().for_each(|d| d.time = lives((count, "nodes"), time, terms));
        usage.canary = Some(Box::new(canary));
    }
    Ok(Ok(usage))
}

/// The time of pods, or of what is on so many nodes, that each ran so long.
fn lives((count, what): (u64, &'static str), ran: Micros, terms: &Terms<'_>) -> Held {
    Held::each(count, what, ran, ran.round_up(terms.increment))
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
    pods: &Held,
    terms: &Terms<'_>,
    assumptions: &mut Vec<Note>,
) -> Result<Option<Pods>, Overflow> {
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
    let time = match (w.nodes, pods.factors.as_slice()) {
        (Some(nodes), _) => lives((nodes, "nodes"), on_time(w, period), terms),
        (None, [count, seconds]) => {
            let template = "DaemonSets are billed on {nodes} nodes, as if each pod had one to itself: an upper bound; \
                            --nodes says how many there are";
            let args = [("nodes", count.value.to_string())];
            assumptions.push(Note::new("gke-autopilot/daemonset-nodes", template, &args));
            Held { factors: vec![Factor::new(count.value, "nodes"), *seconds], ..*pods }
        }
        (None, _) => {
            let says = "DaemonSets are billed for as long as the pods, as if each had a node to itself: an upper bound; \
                        --nodes says how many there are";
            assumptions.push(Note::plain("gke-autopilot/daemonset-nodes", says));
            pods.clone()
        }
    };
    Ok(Some(Pods { wanted, size, time }))
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
    let rule = if pods.time.is_whole() && pods.size != pods.wanted { &REQUESTS } else { &SECONDS };
    bill.charge(&terms.cpu, vcpu("vCPU", rule, pods)?)?;
    bill.charge(&terms.memory, memory("Memory", rule, pods)?)?;
    if let Some((asked, priced)) = *ephemeral {
        let each = (priced.as_gib(), "GiB");
        let item = pods.time.item("Ephemeral storage", &EPHEMERAL, (asked.0, priced.0), each, Role::Beside)?;
        bill.charge(&terms.ephemeral, item)?;
    }
    if let Some(all) = daemonsets {
        // A class without prices is noted once, by the pods' own lines.
        if terms.cpu.is_ok() {
            bill.charge(&terms.cpu, vcpu("vCPU (DaemonSets)", &DAEMONSETS, all)?)?;
        }
        if terms.memory.is_ok() {
            bill.charge(&terms.memory, memory("Memory (DaemonSets)", &DAEMONSETS, all)?)?;
        }
    }
    if let Some(canary) = &usage.canary {
        rollout::append(&mut bill, self::bill(canary, terms)?, &rollout::PODS);
    }
    Ok(bill)
}

fn vcpu(label: &'static str, rule: &'static Rule, pods: &Pods) -> Result<Item<VcpuTime>, Overflow> {
    let (wanted, size) = (pods.wanted.vcpu, pods.size.vcpu);
    pods.time.item(label, rule, (wanted.0, size.0), (size.as_vcpu(), "vCPU"), Role::Compute)
}

fn memory(label: &'static str, rule: &'static Rule, pods: &Pods) -> Result<Item<MemoryTime>, Overflow> {
    let (wanted, size) = (pods.wanted.memory, pods.size.memory);
    pods.time.item(label, rule, (wanted.0, size.0), (size.as_gib(), "GiB"), Role::Compute)
}
