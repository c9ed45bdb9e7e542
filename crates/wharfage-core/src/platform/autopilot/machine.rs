//! Pods billed by the machine they have to themselves: GPU pods (the Accelerator class) and the Performance class.
//!
//! # Not modelled
//! Several pods on one machine; GPUs attached to N1 machines, which the shapes table does not list.

use super::{
    Arch, Context, Held, ID, MACHINE, Micros, Missing, Note, Overflow, PREMIUM, Period, Platform, Workload, refusals,
    time_of,
};
use crate::{
    book::{Price, Shape, Why},
    estimate::{Bill, Item, Quoted, Role},
    platform::{
        allocatable::{self, Reserve, SHARED_CORE},
        nodes::bare,
        not_priced,
        size::Size,
    },
    purchase::Purchase,
    quantity::{GpuTime, MemoryTime, Mib, MilliVcpu, PER_MICRO, Quantity, ThingTime, Unit, VcpuTime},
    rollout::{self, Fleet},
    text::{Text, Value},
    workload::{Class, Gpu},
};

/// A machine type that could run the pod, with its prices.
#[derive(Debug)]
struct Machine<'b> {
    name: &'b str,
    nominal: Size,
    /// what is left for pods
    room: Size,
    gpu_milli: u64,
    /// at list price, to choose by
    list: Quoted<'b, ThingTime>,
    /// as it is bought
    rate: Quoted<'b, ThingTime>,
    gpu: Quoted<'b, GpuTime>,
    cpu: Quoted<'b, VcpuTime>,
    memory: Quoted<'b, MemoryTime>,
    /// its family gets a discount for sustained use, which is not modelled
    sustained_use: bool,
}

/// What Autopilot would meter for pods with machines of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// which of the terms' machines
    machine: usize,
    /// how long the machines are on: each pod, or execution, has one
    pub time: Held,
    /// what each asked for; all of the machine where it did not say
    pub wanted: Size,
    /// thousandths of a GPU each asked for
    pub wanted_gpu_milli: u64,
    /// the pods of a canary
    pub canary: Option<Fleet>,
    /// what was assumed on the way
    pub assumptions: Vec<Note>,
}

/// Prices and thresholds of one region and day.
#[derive(Debug)]
pub struct Terms<'b> {
    class: Class,
    /// those with the processor and the GPUs asked for, or the one that was named
    machines: Vec<Machine<'b>>,
    /// what is wrong with the one that was named
    refused: Vec<Note>,
    minimum: Micros,
    increment: Micros,
    concurrency: u64,
}

/// Part of the note on a price of a machine type that the region's own list does not have.
const NOT_THERE: &str = "has no such machine type";

/// Resolves every price and threshold, before any arithmetic.
pub fn terms<'b>(ctx: &Context<'_, 'b>, w: &Workload, class: Class) -> Result<Terms<'b>, Missing> {
    let reserve = allocatable::terms(ctx)?;
    let shapes = match &w.gpu {
        Some(gpu) if class == Class::Accelerator => with_model(ctx, &gpu.model)?,
        _ => ctx.book.shapes("gcp").collect(),
    };
    let named = |s: &Shape<'_>| w.node_type.as_deref().is_none_or(|name| name == s.name);
    let fitting = shapes.into_iter().filter(|s| named(s) && eligible(s, w, class));
    let mut machines: Vec<Machine<'b>> = Vec::new();
    let mut not_there = false;
    for shape in fitting {
        match machine(ctx, &shape, class, &reserve) {
            Some(m) => machines.push(m),
            None => not_there = true,
        }
    }
    Ok(Terms {
        class,
        refused: if machines.is_empty() { wrong_name(ctx, w, not_there) } else { Vec::new() },
        machines,
        minimum: ctx.seconds("gcp/compute-engine/minimum")?,
        increment: ctx.seconds("gcp/compute-engine/increment")?,
        concurrency: ctx.whole("wharfage/concurrency")?,
    })
}

/// Machine types with this GPU: `l4` is `nvidia-l4`, `a100` is `nvidia-tesla-a100`, and `h100`, where no GPU is called
/// just that, every `nvidia-h100-…`.
///
/// A GPU that Autopilot knows and no machine type has built in is one whose price is missing.
fn with_model<'b>(ctx: &Context<'_, 'b>, model: &str) -> Result<Vec<Shape<'b>>, Missing> {
    let asked = bare(model);
    let of = |is: &dyn Fn(&str) -> bool| ctx.book.shapes("gcp").filter(|s| is(bare(s.gpu))).collect::<Vec<_>>();
    let exact = of(&|gpu| gpu == asked);
    let found = if exact.is_empty() {
        of(&|gpu| gpu.strip_prefix(asked).is_some_and(|rest| !asked.is_empty() && rest.starts_with('-')))
    } else {
        exact
    };
    if found.is_empty() && ctx.term(&format!("gcp/autopilot/accelerator.{asked}.cpu-min")).is_ok() {
        let key = format!("gcp/autopilot/accelerator.{asked}.gpu");
        return Err(Missing { key, region: ctx.region.id.to_owned(), why: Why::Absent });
    }
    Ok(found)
}

/// Has it the processor and the GPUs for a pod of this class?
fn eligible(shape: &Shape<'_>, w: &Workload, class: Class) -> bool {
    let arch = match w.arch {
        Arch::X86 => shape.arch == "x86",
        Arch::Arm => shape.arch == "arm",
    };
    let named = w.node_type.is_some();
    arch && match (class, &w.gpu) {
        (Class::Accelerator, Some(Gpu { count, .. })) => shape.gpu_milli >= Some(count.saturating_mul(1000)),
        (Class::Accelerator, None) => !shape.gpu.is_empty() && shape.gpu_milli > Some(0),
        _ => shape.gpu_milli == Some(0) && (named || !SHARED_CORE.contains(&shape.name)),
    }
}

/// A machine type with its prices here; `None` where the region's list has no such type.
fn machine<'b>(ctx: &Context<'_, 'b>, shape: &Shape<'b>, class: Class, reserve: &Reserve) -> Option<Machine<'b>> {
    let key = format!("gcp/compute-engine/{}", shape.name);
    let (list, rate) = (ctx.rate::<ThingTime>(&key), ctx.bought::<ThingTime>(&key));
    let there = |price: &Price<'_>| !price.note.is_some_and(|note| note.contains(NOT_THERE));
    if ![&list, &rate].into_iter().flatten().all(|r| there(r.price())) {
        return None;
    }
    let premium = match class {
        Class::Accelerator => format!("gcp/autopilot/accelerator.{}", bare(shape.gpu)),
        _ => format!("gcp/autopilot/{}", class.id()),
    };
    let nominal = Size { vcpu: shape.vcpu, memory: shape.memory };
    let family = shape.name.split('-').next().unwrap_or_default();
    let quarters = ctx.term(&format!("gcp/compute-engine/{family}.sustained-use"));
    Some(Machine {
        name: shape.name,
        nominal,
        room: reserve.allocatable(shape.name, nominal),
        gpu_milli: shape.gpu_milli.unwrap_or(0),
        list,
        rate,
        gpu: ctx.bought(&format!("{premium}.gpu")),
        cpu: ctx.bought(&format!("{premium}.cpu")),
        memory: ctx.bought(&format!("{premium}.memory")),
        sustained_use: ctx.purchase != Purchase::Spot && quarters.is_ok_and(|t| t.rows() > 1),
    })
}

/// Why there is no machine: what was named, or what was asked for.
fn wrong_name(ctx: &Context<'_, '_>, w: &Workload, not_there: bool) -> Vec<Note> {
    let Some(name) = &w.node_type else {
        let named = |g: &crate::workload::Gpu| Text::plain(format!("{} {}", g.count, g.model));
        let gpu = w.gpu.as_ref().map_or_else(|| "no GPU".into(), named);
        let args = [("arch", Value::from(w.arch.id())), ("gpu", gpu.into())];
        return vec![Note::new(format!("{ID}/machine"), "no {arch} machine type with {gpu} is known here", &args)];
    };
    let args = [("type", name.clone()), ("region", ctx.region.id.to_owned())];
    let template = if not_there {
        "{region} has no machine type {type}"
    } else if ctx.book.shape("gcp", name).is_none() {
        "no machine type {type} is known"
    } else {
        "{type} has not the processor or the GPUs that the pod needs"
    };
    vec![Note::new(format!("{ID}/node-type"), template, &args)]
}

/// What the platform would meter, or why it can't run the workload.
pub fn meter(w: &Workload, period: &Period, terms: &Terms<'_>) -> Result<Result<Usage, Vec<Note>>, Overflow> {
    let needed = needed(w)?;
    let mut reasons = refusals(w, terms.class);
    if reasons.is_empty() {
        reasons.extend(terms.refused.iter().cloned());
    }
    let chosen = cheapest(&terms.machines, needed);
    if reasons.is_empty() && chosen.is_none() {
        reasons.push(too_large(needed, w));
    }
    let Some((index, machine)) = chosen.filter(|_| reasons.is_empty()) else { return Ok(Err(reasons)) };

    let mut assumptions = assumptions(w, terms.class, machine);
    let time = time_of(w, period, terms.concurrency, &mut assumptions, |count, ran| lives(count, ran, terms))?;
    let gpus = w.gpu.as_ref().map_or(machine.gpu_milli, |g| g.count.saturating_mul(1000));
    Ok(Ok(Usage {
        machine: index,
        time,
        wanted: Size {
            vcpu: w.vcpu.unwrap_or(machine.nominal.vcpu),
            memory: memory(w).unwrap_or(machine.nominal.memory),
        },
        wanted_gpu_milli: gpus,
        canary: rollout::beside(w, terms.concurrency, period)?,
        assumptions,
    }))
}

/// Memory a pod asks for, if it does; its largest init container counts where it is more.
fn memory(w: &Workload) -> Option<Mib> {
    w.memory.max(w.init_memory)
}

/// Room that a pod and the DaemonSets beside it need. What a pod leaves open needs none.
fn needed(w: &Workload) -> Result<Size, Overflow> {
    let mut vcpu = w.vcpu.map_or(0, |v| v.0);
    let mut mib = memory(w).map_or(0, |m| m.0);
    for d in &w.daemonsets {
        vcpu = vcpu.checked_add(d.vcpu.0).ok_or(Overflow)?;
        mib = mib.checked_add(d.memory.0).ok_or(Overflow)?;
    }
    Ok(Size { vcpu: MilliVcpu(vcpu), memory: Mib(mib) })
}

/// The cheapest machine at list price that leaves this much room; those without a price come last, the smallest first.
fn cheapest<'m, 'b>(machines: &'m [Machine<'b>], needed: Size) -> Option<(usize, &'m Machine<'b>)> {
    let month = Quantity::<ThingTime>::new(u128::from(Unit::Instance730Hours.base_per_unit()));
    let cost = |m: &Machine<'_>| m.list.as_ref().ok().and_then(|rate| rate.charge(month).ok());
    let fitting = machines.iter().enumerate().filter(|(_, m)| m.room.holds(needed));
    fitting.min_by_key(|(_, m)| {
        let cost = cost(m);
        (cost.is_none(), cost, m.nominal, m.name)
    })
}

fn too_large(needed: Size, w: &Workload) -> Note {
    let args = [
        ("vcpu", needed.vcpu.to_string()),
        ("memory", needed.memory.to_string()),
        ("type", w.node_type.clone().unwrap_or_default()),
    ];
    let template = match w.node_type {
        Some(_) => "{type} does not leave {vcpu} and {memory} to pods after the system's reserve",
        None => "no machine type leaves {vcpu} and {memory} to pods after the system's reserve",
    };
    Note::new(format!("{ID}/machine-max"), template, &args)
}

fn assumptions(w: &Workload, class: Class, machine: &Machine<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    if w.class == Class::General && class == Class::Accelerator {
        notes.push(Note::plain(format!("{ID}/gpu-class"), "pods with GPUs run in the accelerator class"));
    }
    let args = [
        ("type", machine.name.to_owned()),
        ("vcpu", machine.room.vcpu.to_string()),
        ("memory", machine.room.memory.to_string()),
    ];
    let template = match (&w.node_type, &machine.list) {
        (Some(_), _) => "each pod has a machine to itself, {type} as named: {vcpu} and {memory} are left to pods",
        (None, Ok(_)) => {
            "each pod has a machine to itself, the cheapest with room for it, {type}: {vcpu} and {memory} are left to pods"
        }
        (None, Err(_)) => {
            "each pod has a machine to itself; none with room for it has a price here, the smallest is {type}"
        }
    };
    notes.push(Note::new(format!("{ID}/machine-each"), template, &args));
    if class == Class::Performance && w.node_type.is_none() {
        let says = "which machine series the performance class takes is not known: any without GPUs was looked at";
        notes.push(Note::plain(format!("{ID}/performance-series"), says));
    }
    if machine.sustained_use {
        let template = "{type} gets a discount for sustained use, which is not taken off";
        let args = [("type", machine.name.to_owned())];
        notes.push(Note::new(format!("{ID}/sustained-use"), template, &args));
    }
    notes
}

/// The time a machine is billed for. See [`MACHINE`]. One that never started is not billed.
fn billable(ran: Micros, terms: &Terms<'_>) -> Micros {
    if ran.0 == 0 { ran } else { ran.round_up(terms.increment).max(terms.minimum) }
}

/// The time of so many machines that were each on so long.
fn lives(count: u64, ran: Micros, terms: &Terms<'_>) -> Held {
    Held::each(count, "machines", ran, billable(ran, terms))
}

/// The lines.
pub fn bill<'b>(usage: &Usage, terms: &Terms<'b>) -> Result<Bill<'b>, Overflow> {
    let mut bill = Bill { assumptions: usage.assumptions.clone(), ..Bill::default() };
    bill.not_priced = not_priced(Platform::GkeAutopilot);
    bill.not_priced.push(Note::plain("not-priced/boot-disk", "the machines' boot disks"));
    let machine = &terms.machines[usage.machine];
    let Usage { wanted, time, .. } = usage;
    let item = Item {
        label: "Machine",
        rule: &MACHINE,
        consumed: Quantity::<ThingTime>::new(time.ran).times(PER_MICRO)?,
        priced: Quantity::<ThingTime>::new(time.billed).times(PER_MICRO)?,
        factors: time.factors.clone(),
        role: Role::Compute,
    };
    bill.charge(&machine.rate, item)?;
    if machine.gpu_milli > 0 {
        bill.charge(&machine.gpu, gpu_premium(usage, machine)?)?;
    }
    let nominal = machine.nominal;
    let each = (nominal.vcpu.as_vcpu(), "vCPU");
    let amounts = (wanted.vcpu.0, nominal.vcpu.0);
    bill.charge(&machine.cpu, time.item("vCPU premium", &PREMIUM, amounts, each, Role::Beside)?)?;
    let each = (nominal.memory.as_gib(), "GiB");
    let amounts = (wanted.memory.0, nominal.memory.0);
    bill.charge(&machine.memory, time.item("Memory premium", &PREMIUM, amounts, each, Role::Beside)?)?;
    if let Some(Fleet { count, time }) = usage.canary {
        let canary = Usage { time: lives(count, time, terms), canary: None, ..usage.clone() };
        rollout::append(&mut bill, self::bill(&canary, terms)?, &rollout::PODS);
    }
    Ok(bill)
}

fn gpu_premium(usage: &Usage, machine: &Machine<'_>) -> Result<Item<GpuTime>, Overflow> {
    let each = (MilliVcpu(machine.gpu_milli).as_vcpu(), "GPU");
    let amounts = (usage.wanted_gpu_milli, machine.gpu_milli);
    let mut item = usage.time.item("GPU premium", &PREMIUM, amounts, each, Role::Beside)?;
    // Thousandths of a GPU come to whole GPU-microseconds: machines have whole GPUs, or are billed by whole seconds.
    for quantity in [&mut item.consumed, &mut item.priced] {
        *quantity = Quantity::new(quantity.base().div_ceil(1000));
    }
    Ok(item)
}
