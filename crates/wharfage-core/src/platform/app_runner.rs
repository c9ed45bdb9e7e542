//! AWS App Runner: instances that pay for memory while they wait, and for vCPU and memory while they work.
//!
//! A service keeps at least one instance provisioned. An instance that serves a request is active; one that waits is
//! provisioned only. Prices and thresholds come from [`Terms`]; this module is only the arithmetic between them.
//!
//! # Units
//! Milli-vCPU, MiB, microseconds of instance time (128 bits). The pricing page writes "GB" and means GiB.
//! # Invariants
//! Active and provisioned instance time add up to at least the provisioned instances' time: memory is never unpaid.
//! # Sources
//! `aws/BILLING-RULES` §4 (pricing page, API reference, Seoul documents).
//! # Not modelled
//! Old and new instances side by side during a deployment, the autoscaler's lag (`simulate` has it), VPC connectors.

use super::{Context, Held, Platform, active_note, held, not_priced, on_time, raised_note, size};
use crate::{
    book::{Missing, Region, Term},
    demand::{Demand, Metered, Spent, Traffic},
    estimate::{Bill, Factor, Item, Quoted, Role},
    money::{Overflow, ratio_decimal},
    note::Note,
    period::Period,
    platform::size::Size,
    quantity::{
        MICROS_PER_SECOND, MONTH, MemoryTime, Mib, Micros, MilliVcpu, Minutes, Quantity, ThingMonths, VcpuTime,
    },
    rule::Rule,
    text::{Value, either},
    workload::{Arch, Os, Switch, Workload},
};

/// What App Runner would meter for one workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// what an instance asked for
    pub wanted: Size,
    /// what it is billed as
    pub size: Size,
    /// instance time with a request in flight
    pub active: Spent,
    /// instance time provisioned and waiting
    pub idle: Spent,
    /// build minutes, if any
    pub build_minutes: Option<u64>,
    /// months of automatic deployments, in [`MONTH`]ths, if they are on
    pub deployment: Option<u128>,
    /// what was assumed on the way
    pub assumptions: Vec<Note>,
    /// caveats
    pub warnings: Vec<Note>,
    /// what was asked for and has no price
    pub not_priced: Vec<Note>,
}

/// Prices and thresholds of one region and day.
#[derive(Debug)]
pub struct Terms<'b> {
    vcpu: Quoted<'b, VcpuTime>,
    memory: Quoted<'b, MemoryTime>,
    provisioned: Quoted<'b, MemoryTime>,
    build: Quoted<'b, Minutes>,
    deployment: Quoted<'b, ThingMonths>,
    /// where it is known not to be offered
    absent_from: Option<Region<'b>>,
    sizes: Term<'b>,
    /// vCPU, each time an instance becomes active
    minimum: Micros,
    increment: Micros,
    provisioned_min: u64,
    /// instances of a service, a limit that can be raised
    instances_max: u64,
    concurrency: u64,
    concurrency_max: u64,
    /// days it closed to new customers, as different pages have it: 20260331
    closed: Term<'b>,
}

/// The instance size.
pub const SIZE: Rule = Rule {
    id: "app-runner/size",
    says: "an instance is billed as the cheapest size on the menu that holds its vCPU and memory",
    source: "https://aws.amazon.com/apprunner/pricing/",
};
/// Active instances.
pub const ACTIVE: Rule = Rule {
    id: "app-runner/active",
    says: "an instance with a request in flight pays for vCPU and memory by the second, with a minimum each time it becomes active",
    source: "https://aws.amazon.com/apprunner/pricing/",
};
/// Provisioned instances.
pub const PROVISIONED: Rule = Rule {
    id: "app-runner/provisioned",
    says: "an instance that waits pays for its memory only; a service keeps at least one provisioned",
    source: "https://aws.amazon.com/apprunner/pricing/",
};
/// Builds from source.
pub const BUILD: Rule = Rule {
    id: "app-runner/build",
    says: "a build from source code is billed by the minute",
    source: "https://aws.amazon.com/apprunner/pricing/",
};
/// Automatic deployments.
pub const DEPLOYMENT: Rule = Rule {
    id: "app-runner/deployment",
    says: "automatic deployments are billed per application and month",
    source: "https://aws.amazon.com/apprunner/pricing/",
};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[SIZE, ACTIVE, PROVISIONED, BUILD, DEPLOYMENT];

/// Resolves every price and threshold, before any arithmetic.
pub fn terms<'b>(ctx: &Context<'_, 'b>) -> Result<Terms<'b>, Missing> {
    Ok(Terms {
        vcpu: ctx.bought("aws/apprunner/active.vcpu"),
        memory: ctx.bought("aws/apprunner/active.memory"),
        provisioned: ctx.bought("aws/apprunner/provisioned.memory"),
        build: ctx.rate("aws/apprunner/build"),
        deployment: ctx.rate("aws/apprunner/deployment"),
        absent_from: (!ctx.offered("aws/apprunner")).then_some(ctx.region),
        sizes: ctx.term("aws/apprunner/sizes")?,
        minimum: ctx.seconds("aws/apprunner/minimum")?,
        increment: ctx.seconds("aws/apprunner/increment")?,
        provisioned_min: ctx.whole("aws/apprunner/provisioned-min")?,
        instances_max: ctx.whole("aws/apprunner/instances.max")?,
        concurrency: ctx.whole("wharfage/concurrency")?,
        concurrency_max: ctx.whole("aws/apprunner/concurrency.max")?,
        closed: ctx.term("aws/apprunner/closed-to-new-customers")?,
    })
}

/// What the platform would meter, or why it can't run the workload.
pub fn meter(w: &Workload, period: &Period, terms: &Terms<'_>) -> Result<Result<Usage, Vec<Note>>, Overflow> {
    let wanted = Size { vcpu: w.vcpu.unwrap_or(MilliVcpu(0)), memory: w.memory.unwrap_or(Mib(0)) };
    let mut reasons = refusals(w, terms);
    reasons.extend(too_large(wanted, terms));
    let size = size::cheapest(size::menu(&terms.sizes), wanted, &terms.vcpu, &terms.memory);
    let Some(size) = size.filter(|_| reasons.is_empty()) else { return Ok(Err(reasons)) };

    let on = on_time(w, period);
    let mut assumptions = Vec::new();
    if size != wanted {
        assumptions.push(raised_note(wanted, size, Platform::AppRunner.id()));
    }
    if on < period.time {
        let says = "the service is paused while it is off; a paused service costs nothing";
        assumptions.push(Note::plain("app-runner/paused", says));
    }
    let Instances { active, idle, most } = instances(w, on, period, terms, &mut assumptions)?;
    let mut not_priced = not_priced(Platform::AppRunner);
    if w.ephemeral.is_some() {
        let says = "local disk: an instance has a fixed, small one; whether yours fits is not checked";
        not_priced.push(Note::plain("app-runner/ephemeral", says));
    }
    Ok(Ok(Usage {
        wanted,
        size,
        active,
        idle,
        build_minutes: w.build_minutes,
        deployment: if w.auto_deploy == Switch::On { Some(period.in_month_base()?) } else { None },
        assumptions,
        warnings: warnings(most, terms),
        not_priced,
    }))
}

/// Reasons that need no size.
fn refusals(w: &Workload, terms: &Terms<'_>) -> Vec<Note> {
    let mut reasons = Vec::new();
    let mut refuse = |when: bool, what: &str, says: &'static str| {
        if when {
            reasons.push(Note::plain(format!("app-runner/{what}"), says));
        }
    };
    refuse(w.gpu.is_some(), "gpu", "App Runner has no GPUs");
    refuse(w.arch == Arch::Arm, "arch", "App Runner runs x86 images only");
    refuse(w.os == Os::Windows, "os", "App Runner runs Linux containers only");
    refuse(w.vcpu.is_none() || w.memory.is_none(), "size-missing", "an instance needs --vcpu and --memory");
    if let Some(region) = terms.absent_from {
        let city = Value::City { en: region.city.to_owned(), ko: region.city_ko.to_owned() };
        reasons.push(Note::new("app-runner/region", "it is not offered in {city}", &[("city", city)]));
    }
    if let (Demand::Traffic(_) | Demand::Metered(_), Some(wanted)) = (&w.demand, w.concurrency)
        && wanted > terms.concurrency_max
    {
        let template = "{wanted} requests at once are more than the {most} an instance takes";
        let args = [("wanted", wanted.to_string()), ("most", terms.concurrency_max.to_string())];
        reasons.push(Note::new("app-runner/concurrency-max", template, &args));
    }
    reasons
}

/// How a request goes beyond the menu.
fn too_large(wanted: Size, terms: &Terms<'_>) -> Vec<Note> {
    let most_vcpu = size::menu(&terms.sizes).map(|s| s.vcpu).max().unwrap_or(MilliVcpu(0));
    let most_memory = size::menu(&terms.sizes).map(|s| s.memory).max().unwrap_or(Mib(0));
    let mut reasons = Vec::new();
    let mut refuse = |when: bool, what: &str, wanted: String, most: String| {
        if when {
            let template = "{wanted} is more than the {most} of its largest size";
            reasons.push(Note::new(format!("app-runner/{what}"), template, &[("wanted", wanted), ("most", most)]));
        }
    };
    refuse(wanted.vcpu > most_vcpu, "vcpu-max", wanted.vcpu.to_string(), most_vcpu.to_string());
    refuse(wanted.memory > most_memory, "memory-max", wanted.memory.to_string(), most_memory.to_string());
    if reasons.is_empty() && !size::menu(&terms.sizes).any(|s| s.holds(wanted)) {
        let args = [("vcpu", wanted.vcpu.to_string()), ("memory", wanted.memory.to_string())];
        reasons.push(Note::new("app-runner/size-max", "no size on its menu holds {vcpu} and {memory}", &args));
    }
    reasons
}

/// What a demand makes of instances.
struct Instances {
    active: Spent,
    /// provisioned and waiting
    idle: Spent,
    /// at the peak
    most: u64,
}

fn instances(
    w: &Workload,
    on: Micros,
    period: &Period,
    terms: &Terms<'_>,
    assumptions: &mut Vec<Note>,
) -> Result<Instances, Overflow> {
    match &w.demand {
        Demand::Traffic(t) => serving(t, w, on, period, terms, assumptions),
        Demand::Metered(m) => metered(m, period, terms, assumptions),
        Demand::Replicas { count } => {
            let active = fleet(*count, on, terms);
            Ok(Instances { active, idle: waiting(terms.provisioned_min, active, on, terms), most: *count })
        }
        Demand::Runs(_) => Ok(Instances { active: Spent::default(), idle: Spent::default(), most: 0 }),
    }
}

/// The time of so many instances.
fn fleet(count: u64, on: Micros, terms: &Terms<'_>) -> Spent {
    let time = |on: Micros| u128::from(count) * u128::from(on.0);
    Spent { ran: time(on), billed: time(on.round_up(terms.increment)) }
}

/// What `active` leaves of the time of instances that are always provisioned.
fn waiting(kept: u64, active: Spent, on: Micros, terms: &Terms<'_>) -> Spent {
    let all = fleet(kept, on, terms);
    Spent { ran: all.ran.saturating_sub(active.ran), billed: all.billed.saturating_sub(active.billed) }
}

/// Time that was metered; of the instance that is always provisioned at least what was not active.
fn metered(
    m: &Metered,
    period: &Period,
    terms: &Terms<'_>,
    assumptions: &mut Vec<Note>,
) -> Result<Instances, Overflow> {
    assumptions.push(held::metered_note());
    let least = waiting(terms.provisioned_min, m.active, period.time, terms);
    let idle = Spent { ran: m.idle.ran.max(least.ran), billed: m.idle.billed.max(least.billed) };
    if idle != m.idle {
        let says = "a service keeps an instance provisioned: for what is not active of the period it waits";
        assumptions.push(Note::plain("app-runner/provisioned-min", says));
    }
    Ok(Instances { active: m.active, idle, most: m.instances(period)? })
}

fn serving(
    t: &Traffic,
    w: &Workload,
    on: Micros,
    period: &Period,
    terms: &Terms<'_>,
    assumptions: &mut Vec<Note>,
) -> Result<Instances, Overflow> {
    let concurrency = w.concurrency.unwrap_or(terms.concurrency);
    let each = active_each(t.duration, terms);
    let active = Spent {
        ran: t.active(t.duration, concurrency, on, period)?,
        billed: t.active(each, concurrency, on.round_up(terms.increment), period)?,
    };
    if active.billed > 0 {
        assumptions.push(active_note(t, concurrency));
        assumptions.push(wakes_note(terms));
    }
    let most = t.always_on(concurrency, on, period)?;
    let kept = terms.provisioned_min.max(t.min_instances);
    Ok(Instances { active, idle: waiting(kept, active, on, terms), most })
}

/// The active time a request that wakes an instance is billed for. See [`ACTIVE`].
fn active_each(duration: Micros, terms: &Terms<'_>) -> Micros {
    duration.round_up(terms.increment).max(terms.minimum)
}

fn wakes_note(terms: &Terms<'_>) -> Note {
    let template =
        "an upper bound: every request is counted as waking an instance, which is then active for at least {minimum} s";
    Note::new("app-runner/active-minimum", template, &[("minimum", terms.minimum.as_secs().to_string())])
}

fn warnings(instances: u64, terms: &Terms<'_>) -> Vec<Note> {
    let mut warnings = vec![closed_note(&terms.closed)];
    if instances > terms.instances_max {
        let template = "{instances} instances are more than the {most} a service has unless AWS raises its limit";
        let args = [("instances", instances.to_string()), ("most", terms.instances_max.to_string())];
        warnings.push(Note::new("app-runner/instances-max", template, &args));
    }
    warnings
}

fn closed_note(closed: &Term<'_>) -> Note {
    let dates: Vec<String> = (0..closed.rows()).map(|row| dashed(&closed.at(row, 0).to_string())).collect();
    let template = "App Runner takes no new customers since {date}";
    Note::new("app-runner/closed", template, &[("date", either(dates))])
}

/// `2026-03-31` of `20260331`.
fn dashed(date: &str) -> String {
    match (date.get(..4), date.get(4..6), date.get(6..)) {
        (Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}"),
        _ => date.to_owned(),
    }
}

/// The lines.
pub fn bill<'b>(usage: &Usage, terms: &Terms<'b>) -> Result<Bill<'b>, Overflow> {
    let Usage { wanted, size, active, idle, .. } = *usage;
    let mut bill = Bill {
        assumptions: usage.assumptions.clone(),
        warnings: usage.warnings.clone(),
        not_priced: usage.not_priced.clone(),
        ..Bill::default()
    };
    let sized = |spent: Spent, by_time| if spent.ran == spent.billed && size != wanted { &SIZE } else { by_time };
    if active != Spent::default() {
        let (asked, each) = ((wanted.vcpu.0, size.vcpu.0), (size.vcpu.as_vcpu(), "vCPU"));
        bill.charge(&terms.vcpu, Held::of(active).item("vCPU", sized(active, &ACTIVE), asked, each, Role::Compute)?)?;
        bill.charge(&terms.memory, memory("Memory", sized(active, &ACTIVE), (wanted, size), active)?)?;
    }
    if idle != Spent::default() {
        let item = memory("Memory (provisioned)", sized(idle, &PROVISIONED), (wanted, size), idle)?;
        bill.charge(&terms.provisioned, item)?;
    }
    beside(usage, terms, &mut bill)?;
    Ok(bill)
}

fn memory(
    label: &'static str,
    rule: &'static Rule,
    (wanted, size): (Size, Size),
    spent: Spent,
) -> Result<Item<MemoryTime>, Overflow> {
    let (asked, each) = ((wanted.memory.0, size.memory.0), (size.memory.as_gib(), "GiB"));
    Held::of(spent).item(label, rule, asked, each, Role::Compute)
}

/// Builds and automatic deployments.
fn beside<'b>(usage: &Usage, terms: &Terms<'b>, bill: &mut Bill<'b>) -> Result<(), Overflow> {
    if let Some(minutes) = usage.build_minutes {
        let time = Quantity::<Minutes>::new(u128::from(60 * MICROS_PER_SECOND)).times(minutes)?;
        let factors = vec![Factor::new(minutes, "min"), Factor::new(60, "s")];
        bill.charge(
            &terms.build,
            Item { label: "Builds", rule: &BUILD, consumed: time, priced: time, factors, role: Role::Beside },
        )?;
    }
    if let Some(base) = usage.deployment {
        let months = Quantity::<ThingMonths>::new(base);
        let factors =
            vec![Factor::new(1, "applications"), Factor::new(ratio_decimal(base, u128::from(MONTH)), "months")];
        let label = "Automatic deployments";
        bill.charge(
            &terms.deployment,
            Item { label, rule: &DEPLOYMENT, consumed: months, priced: months, factors, role: Role::Beside },
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_reads_as_one() {
        for (figure, date) in [("20260331", "2026-03-31"), ("2026", "2026"), ("", "")] {
            assert_eq!(dashed(figure), date);
        }
    }
}
