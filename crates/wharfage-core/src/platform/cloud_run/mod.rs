//! Cloud Run: services billed by request, services billed by instance, jobs and worker pools.
//!
//! A request-billed service pays while a request is in flight, and at a lower rate for instances kept warm; the other
//! three pay for the whole life of an instance, busy or idle. Allocation is billed, not use. Prices and thresholds come
//! from [`Terms`]; this module is only the arithmetic between them.
//!
//! # Units
//! Milli-vCPU, MiB, microseconds of instance time. The pricing page writes "GB" and means GiB.
//! # Invariants
//! Billed time is never under the time that ran, and a credit never exceeds what its meter costs.
//! # Sources
//! `gcp/BILLING-RULES` §1 (pricing page, CPU and memory limits, GPU page), completed by the audit's §4.1.
//! # Not modelled
//! Startup and shutdown (state them in `--duration`), the idle tail of instance-billed services, sidecars, CUDs.

mod credit;
mod gpu;
mod sizes;
mod time;

pub use self::credit::shared;
use self::{
    gpu::{Gpu, Model},
    sizes::Menu,
};
use super::{Context, Held, Platform, metering::Steps, not_priced, on_time, size};
use crate::{
    book::{Missing, Term},
    demand::Demand,
    estimate::{Bill, Factor, Item, Quoted, Role},
    money::Overflow,
    note::Note,
    period::Period,
    platform::size::Size,
    quantity::{MemoryTime, Mib, Micros, MilliVcpu, Quantity, Requests, VcpuTime},
    rollout,
    rule::Rule,
    workload::{Arch, Os, Workload},
};

/// What Cloud Run would meter for one workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// what each instance asked for
    pub wanted: Size,
    /// what each is billed as
    pub size: Size,
    /// GPUs of each
    pub gpus: u64,
    /// instance time at the full rate: with a request in flight, or the whole life
    pub active: Held,
    /// instance time at the idle rate, where some is
    pub warm: Option<Held>,
    /// a second revision
    pub canary: Option<Revision>,
    /// requests, where they are billed
    pub requests: Option<u64>,
    /// what was assumed on the way
    pub assumptions: Vec<Note>,
    /// what was asked for and is not billed as such
    pub not_priced: Vec<Note>,
}

/// Instance time of a canary revision, of the same size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// at the full rate
    pub active: Held,
    /// at the idle rate, where some is
    pub warm: Option<Held>,
}

/// Prices and thresholds of one region and day.
#[derive(Debug)]
pub struct Terms<'b> {
    platform: Platform,
    vcpu: Quoted<'b, VcpuTime>,
    memory: Quoted<'b, MemoryTime>,
    /// what only request-billed services pay
    serving: Option<Serving<'b>>,
    /// where the workload asks for a GPU that this kind of instance may have
    gpu: Option<Gpu<'b>>,
    menu: Menu,
    default: Size,
    increment: Micros,
    minimum: Micros,
    /// requests an instance serves at once unless the workload says, and at most
    concurrency: u64,
    concurrency_max: u64,
    /// requests an instance of less than a whole vCPU serves at once
    concurrency_small: u64,
    /// the longest a request or task may take
    longest: Option<Micros>,
    tasks_max: u64,
}

/// What only request-billed services pay.
#[derive(Debug)]
struct Serving<'b> {
    idle_vcpu: Quoted<'b, VcpuTime>,
    idle_memory: Quoted<'b, MemoryTime>,
    requests: Quoted<'b, Requests>,
}

/// The instance size.
pub const SIZE: Rule = Rule {
    id: "cloud-run/size",
    says: "an instance is billed as the cheapest legal size that holds its vCPU and memory; a fraction of a vCPU is \
           legal only under request-based billing, one request at a time",
    source: "https://docs.cloud.google.com/run/docs/configuring/cpu",
};
/// Time under request-based billing.
pub const ACTIVE: Rule = Rule {
    id: "cloud-run/active-time",
    says: "an instance is billed while at least one request is in flight, in whole increments; requests served \
           together share its clock",
    source: "https://cloud.google.com/run/pricing",
};
/// Warm instances.
pub const IDLE: Rule = Rule {
    id: "cloud-run/idle-time",
    says: "instances kept warm are billed at the idle rate while they have no request",
    source: "https://cloud.google.com/run/pricing",
};
/// The request fee.
pub const REQUESTS: Rule = Rule {
    id: "cloud-run/requests",
    says: "every request of a request-billed service has a fee, by the million",
    source: "https://cloud.google.com/run/pricing",
};
/// Time of everything billed by instance.
pub const LIFE: Rule = Rule {
    id: "cloud-run/instance-life",
    says: "an instance or task is billed for its whole life, busy or idle, in whole increments and never under the minimum",
    source: "https://cloud.google.com/run/pricing",
};
/// GPUs.
pub const GPU: Rule = Rule {
    id: "cloud-run/gpu",
    says: "a GPU is billed for as long as its instance, dearer with zonal redundancy, and needs instance-based billing",
    source: "https://docs.cloud.google.com/run/docs/configuring/services/gpu",
};
/// The free tier.
pub const FREE_TIER: Rule = Rule {
    id: "cloud-run/free-tier",
    says: "each meter has a dollar credit per billing account and month, worth its free units at tier-1 prices",
    source: "https://cloud.google.com/run/pricing",
};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[SIZE, ACTIVE, IDLE, REQUESTS, LIFE, GPU, FREE_TIER];

/// The part of price keys and terms that names a way of billing.
fn mode(platform: Platform) -> &'static str {
    match platform {
        Platform::CloudRunInstance => "instance",
        Platform::CloudRunJob => "job",
        Platform::CloudRunWorkerPool => "worker-pool",
        _ => "request",
    }
}

/// Resolves every price and threshold, before any arithmetic.
pub fn terms<'b>(platform: Platform, ctx: &Context<'_, 'b>, w: &Workload) -> Result<Terms<'b>, Missing> {
    let mode = mode(platform);
    let by_request = platform == Platform::CloudRun;
    let model = w.gpu.as_ref().filter(|_| !by_request).and_then(|g| gpu::model(&g.model));
    let default =
        Size { vcpu: vcpu(ctx, "gcp/cloud-run/default.vcpu")?, memory: mib(ctx, "gcp/cloud-run/default.memory")? };
    Ok(Terms {
        platform,
        vcpu: ctx.bought(&format!("gcp/cloud-run/{mode}.cpu")),
        memory: ctx.bought(&format!("gcp/cloud-run/{mode}.memory")),
        serving: by_request.then(|| Serving {
            idle_vcpu: ctx.bought("gcp/cloud-run/request-idle.cpu"),
            idle_memory: ctx.bought("gcp/cloud-run/request-idle.memory"),
            requests: ctx.rate("gcp/cloud-run/requests"),
        }),
        gpu: model.map(|m| gpu::terms(ctx, m, w.gpu_zonal_redundancy)).transpose()?,
        menu: menu(ctx, platform, model)?,
        default,
        increment: increment(ctx)?,
        minimum: minimum(platform, ctx, w)?,
        concurrency: ctx.whole("gcp/cloud-run/concurrency.default")?,
        concurrency_max: ctx.whole("gcp/cloud-run/concurrency.max")?,
        concurrency_small: ctx.whole("gcp/cloud-run/small.concurrency")?,
        longest: match platform {
            Platform::CloudRunJob if model.is_some() => Some(ctx.seconds("gcp/cloud-run/job.timeout.max-gpu")?),
            Platform::CloudRunJob => Some(ctx.seconds("gcp/cloud-run/job.timeout.max")?),
            Platform::CloudRunWorkerPool => None,
            _ => Some(ctx.seconds("gcp/cloud-run/timeout.max")?),
        },
        tasks_max: ctx.whole("gcp/cloud-run/job.tasks.max")?,
    })
}

/// The legal sizes of this way of billing, with this GPU if any.
fn menu(ctx: &Context<'_, '_>, platform: Platform, model: Option<&Model>) -> Result<Menu, Missing> {
    let by_request = platform == Platform::CloudRun;
    let mode = mode(platform);
    let least_vcpu =
        if by_request { "gcp/cloud-run/small.vcpu-min".to_owned() } else { format!("gcp/cloud-run/vcpu-min.{mode}") };
    let mut least =
        Size { vcpu: vcpu(ctx, &least_vcpu)?, memory: mib(ctx, &format!("gcp/cloud-run/memory-min.{mode}"))? };
    if let Some(model) = model {
        let at = format!("gcp/cloud-run/gpu.{}", model.name);
        least.vcpu = least.vcpu.max(vcpu(ctx, &format!("{at}.vcpu-min"))?);
        least.memory = least.memory.max(ctx.gib(&format!("{at}.memory-min"))?);
    }
    Ok(Menu {
        rows: sizes::rows(&rows(ctx, model.map_or("gcp/cloud-run/sizes", |m| m.sizes), 3)?),
        small: if by_request { sizes::small_rows(&rows(ctx, "gcp/cloud-run/small.memory", 2)?) } else { Vec::new() },
        step: vcpu(ctx, "gcp/cloud-run/small.vcpu-step")?,
        least,
    })
}

/// A menu term with this many numbers a row.
fn rows<'b>(ctx: &Context<'_, 'b>, key: &str, columns: usize) -> Result<Term<'b>, Missing> {
    ctx.term(key).and_then(|t| if t.columns == columns { Ok(t) } else { Err(ctx.unreadable(key)) })
}

/// A term that is a number of vCPU.
fn vcpu(ctx: &Context<'_, '_>, key: &str) -> Result<MilliVcpu, Missing> {
    ctx.term(key)?.whole_times(1000).map(MilliVcpu).ok_or_else(|| ctx.unreadable(key))
}

/// A term that is a size in MiB.
fn mib(ctx: &Context<'_, '_>, key: &str) -> Result<Mib, Missing> {
    ctx.whole(key).map(Mib)
}

fn increment(ctx: &Context<'_, '_>) -> Result<Micros, Missing> {
    let key = "gcp/cloud-run/increment";
    ctx.term(key)?.whole_times(1000).map(Micros).ok_or_else(|| ctx.unreadable(key))
}

/// How instances are metered.
pub(super) fn steps(platform: Platform, ctx: &Context<'_, '_>) -> Result<Steps, Missing> {
    let minimum = match platform {
        Platform::CloudRun => Micros(0),
        _ => ctx.seconds(&format!("gcp/cloud-run/minimum.{}", mode(platform)))?,
    };
    Ok(Steps { increment: increment(ctx)?, minimum })
}

/// The least time an instance is billed; none under request-based billing.
///
/// The worker pools' is from memory. It counts as used, and so warns, only where it makes a difference.
fn minimum(platform: Platform, ctx: &Context<'_, '_>, w: &Workload) -> Result<Micros, Missing> {
    if platform == Platform::CloudRun {
        return Ok(Micros(0));
    }
    let key = format!("gcp/cloud-run/minimum.{}", mode(platform));
    if platform == Platform::CloudRunWorkerPool {
        let least = Micros::from_secs(ctx.peek(&key)?).ok_or_else(|| ctx.unreadable(&key))?;
        if on_time(w, ctx.period) >= least {
            return Ok(Micros(0));
        }
    }
    ctx.seconds(&key)
}

/// What the platform would meter, or why it can't run the workload.
pub fn meter(w: &Workload, period: &Period, terms: &Terms<'_>) -> Result<Result<Usage, Vec<Note>>, Overflow> {
    let id = terms.platform.id();
    let concurrency = concurrency(w, terms);
    let wanted = Size { vcpu: w.vcpu.unwrap_or(terms.default.vcpu), memory: w.memory.unwrap_or(terms.default.memory) };
    let one_by_one = concurrency <= terms.concurrency_small;
    let size = size::cheapest(terms.menu.holding(wanted, one_by_one), wanted, &terms.vcpu, &terms.memory);
    let mut reasons = refusals(w, terms);
    if size.is_none() {
        let args = [("vcpu", wanted.vcpu.to_string()), ("memory", wanted.memory.to_string())];
        reasons.push(Note::new(format!("{id}/size-max"), "no legal size holds {vcpu} and {memory}", &args));
    }
    let Some(size) = size.filter(|_| reasons.is_empty()) else { return Ok(Err(reasons)) };

    let mut usage = Usage {
        wanted,
        size,
        gpus: w.gpu.as_ref().map_or(0, |g| g.count),
        active: Held::NONE,
        warm: None,
        canary: None,
        requests: None,
        assumptions: Vec::new(),
        not_priced: Vec::new(),
    };
    time::fill(&mut usage, w, period, terms)?;
    size_notes(&mut usage, w, terms, concurrency);
    usage.assumptions.extend(gpu::price_note(terms));
    if let Some(disk) = w.ephemeral {
        let says = "the {disk} of disk asked for: files live in the instance's memory here (from memory, no source was \
                    found), so they belong in --memory";
        usage.not_priced.push(Note::new("not-priced/disk", says, &[("disk", disk.to_string())]));
    }
    Ok(Ok(usage))
}

/// Requests an instance serves at once.
fn concurrency(w: &Workload, terms: &Terms<'_>) -> u64 {
    w.concurrency.unwrap_or(terms.concurrency)
}

/// Why Cloud Run can't run the workload, sizes apart.
fn refusals(w: &Workload, terms: &Terms<'_>) -> Vec<Note> {
    let mut reasons = gpu::refusals(w, terms);
    let mut refuse = |when: bool, what: &str, template: &'static str, args: &[(&'static str, String)]| {
        if when {
            reasons.push(Note::new(format!("{}/{what}", terms.platform.id()), template, args));
        }
    };
    refuse(w.arch == Arch::Arm, "arch", "Cloud Run runs x86 containers only", &[]);
    refuse(w.os == Os::Windows, "os", "Cloud Run runs Linux containers only", &[]);
    let longer = |than: Option<Micros>, t: Micros| than.is_some_and(|most| t > most);
    let most = ("most", terms.longest.unwrap_or_default().as_secs().to_string());
    if matches!(w.demand, Demand::Traffic(_) | Demand::Metered(_)) {
        let asked = concurrency(w, terms);
        let args = [("asked", asked.to_string()), ("most", terms.concurrency_max.to_string())];
        let template = "{asked} requests at a time are more than the {most} an instance takes";
        refuse(asked > terms.concurrency_max, "concurrency-max", template, &args);
    }
    match &w.demand {
        Demand::Traffic(t) => {
            let args = [("takes", t.duration.as_secs().to_string()), most];
            let template = "a request of {takes} s is cut off: the timeout is {most} s at most";
            refuse(longer(terms.longest, t.duration), "request-max", template, &args);
        }
        Demand::Runs(runs) => {
            let args = [("takes", runs.duration.as_secs().to_string()), most.clone()];
            let template = "a task of {takes} s is longer than the {most} s it allows";
            refuse(longer(terms.longest, runs.duration), "task-max", template, &args);
            // Without a GPU, `needs/` has judged the timeout already.
            let asked = w.timeout.filter(|_| terms.gpu.is_some()).unwrap_or_default();
            let args = [("wanted", asked.as_secs().to_string()), most];
            let template = "{wanted} s is longer than the {most} s it allows with a GPU";
            refuse(longer(terms.longest, asked), "timeout-max", template, &args);
            let args = [("asked", runs.tasks.to_string()), ("most", terms.tasks_max.to_string())];
            let template = "{asked} tasks are more than the {most} an execution has";
            refuse(runs.tasks > terms.tasks_max, "tasks-max", template, &args);
        }
        Demand::Replicas { .. } | Demand::Metered(_) => {}
    }
    reasons
}

/// Says which size was taken where none was asked for, and how it was raised.
fn size_notes(usage: &mut Usage, w: &Workload, terms: &Terms<'_>, concurrency: u64) {
    let id = terms.platform.id();
    let notes = &mut usage.assumptions;
    if w.vcpu.is_none() || w.memory.is_none() {
        let args = [("vcpu", terms.default.vcpu.to_string()), ("memory", terms.default.memory.to_string())];
        let template = "where no size is asked for, it is Cloud Run's own: {vcpu} and {memory}";
        notes.push(Note::new(format!("{id}/size-default"), template, &args));
    }
    let fraction = !terms.menu.small.is_empty() && terms.menu.whole().is_some_and(|one| usage.wanted.vcpu < one);
    if fraction && concurrency > terms.concurrency_small {
        let args = [("least", terms.concurrency_small.to_string()), ("concurrency", concurrency.to_string())];
        let template =
            "a fraction of a vCPU serves {least} request at a time; for {concurrency} it must be a whole one";
        notes.push(Note::new(format!("{id}/concurrency-vcpu"), template, &args));
    }
    if usage.size != usage.wanted {
        notes.push(super::raised_note(usage.wanted, usage.size, id));
    }
}

/// The lines.
pub fn bill<'b>(usage: &Usage, terms: &Terms<'b>) -> Result<Bill<'b>, Overflow> {
    let Usage { wanted, size, active, warm, .. } = usage;
    let mut bill = Bill { assumptions: usage.assumptions.clone(), ..Bill::default() };
    let time_rule = if terms.serving.is_some() { &ACTIVE } else { &LIFE };
    let rule = if active.is_whole() && size != wanted { &SIZE } else { time_rule };
    // Where only warm instances are billed, lines of nothing would hide them.
    if active.billed > 0 || warm.is_none() {
        bill.charge(&terms.vcpu, vcpu_item("vCPU", rule, usage, active)?)?;
        bill.charge(&terms.memory, memory_item("Memory", rule, usage, active)?)?;
    }
    if let Some(gpu) = terms.gpu.as_ref().filter(|_| usage.gpus > 0) {
        let gpus = (usage.gpus, "GPUs");
        bill.charge(&gpu.rate, active.item("GPU", &GPU, (usage.gpus, usage.gpus), gpus, Role::Compute)?)?;
    }
    if let Some(serving) = &terms.serving {
        if let Some(warm) = warm {
            bill.charge(&serving.idle_vcpu, vcpu_item("vCPU (idle)", &IDLE, usage, warm)?)?;
            bill.charge(&serving.idle_memory, memory_item("Memory (idle)", &IDLE, usage, warm)?)?;
        }
        if let Some(requests) = usage.requests.filter(|n| *n > 0 || warm.is_none()) {
            bill.charge(&serving.requests, requests_item(requests))?;
        }
    }
    bill.not_priced = not_priced(terms.platform);
    bill.not_priced.extend(usage.not_priced.iter().cloned());
    if let Some(Revision { active, warm }) = usage.canary.clone() {
        let canary = Usage { active, warm, requests: None, canary: None, ..usage.clone() };
        rollout::append(&mut bill, self::bill(&canary, terms)?, &rollout::REVISIONS);
    }
    Ok(bill)
}

fn vcpu_item(label: &'static str, rule: &'static Rule, usage: &Usage, held: &Held) -> Result<Item<VcpuTime>, Overflow> {
    let (wanted, size) = (usage.wanted.vcpu, usage.size.vcpu);
    held.item(label, rule, (wanted.0, size.0), (size.as_vcpu(), "vCPU"), Role::Compute)
}

fn memory_item(
    label: &'static str,
    rule: &'static Rule,
    usage: &Usage,
    held: &Held,
) -> Result<Item<MemoryTime>, Overflow> {
    let (wanted, size) = (usage.wanted.memory, usage.size.memory);
    held.item(label, rule, (wanted.0, size.0), (size.as_gib(), "GiB"), Role::Compute)
}

fn requests_item(requests: u64) -> Item<Requests> {
    let n = Quantity::new(u128::from(requests));
    let factors = vec![Factor::new(requests, "requests")];
    Item { label: "Requests", rule: &REQUESTS, consumed: n, priced: n, factors, role: Role::Beside }
}
