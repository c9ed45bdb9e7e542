//! NAT: what lets instances without public addresses reach the internet.
//!
//! # Units
//! MiB of data both ways, microseconds of gateways.
//! # Sources
//! `aws/BILLING-RULES` §6, `gcp/BILLING-RULES` §4.
//! # Not modelled
//! Further addresses of a gateway, private NAT, nodes that no workload's NAT serves. The data also pays for egress where it
//! leaves for the internet.

use super::{Says, charge, fleet, gib, images, known, things, total};
use crate::{
    demand::Demand,
    estimate::{Bill, Factor, LineItem},
    money::{Overflow, ratio_decimal},
    note::Note,
    platform::{Context, Platform, nodes, on_time},
    quantity::{Data, Micros, PER_MICRO, Quantity, ThingTime, Unit},
    rule::Rule,
    workload::Workload,
};

/// AWS's gateways.
pub const GATEWAY: Rule = Rule {
    id: "aws-nat/gateway",
    says: "a NAT gateway is billed for every hour it exists, and a partial hour is a whole one",
    source: "https://aws.amazon.com/vpc/pricing/",
};
/// Google's gateways.
pub const MACHINES: Rule = Rule {
    id: "gcp-nat/machines",
    says: "Cloud NAT is billed for each machine it serves, and by one flat fee where they are many",
    source: "https://cloud.google.com/nat/pricing",
};
/// Data through AWS's gateways.
pub const AWS_DATA: Rule = Rule {
    id: "aws-nat/data",
    says: "data through a NAT gateway is billed by the GB, both ways; egress to the internet comes on top",
    source: "https://aws.amazon.com/vpc/pricing/",
};
/// Data through Google's.
pub const GOOGLE_DATA: Rule = Rule {
    id: "gcp-nat/data",
    says: "data through Cloud NAT is billed by the GiB, both ways; egress to the internet comes on top",
    source: "https://cloud.google.com/nat/pricing",
};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[GATEWAY, MACHINES, AWS_DATA, GOOGLE_DATA];

/// Is a workload behind NAT: with data of its own through it, or for its images?
pub fn behind(platform: Platform, w: &Workload) -> bool {
    w.beside.nat.is_some() || images::through_nat(platform, w)
}

/// The gateways that workloads share, and the data through them. `lines` are what the platform bills, nodes among it.
pub fn shared<'b>(
    platform: Platform,
    ctx: &Context<'_, 'b>,
    on_it: &[&Workload],
    lines: &[LineItem<'b>],
    bill: &mut Bill<'b>,
) -> Result<(), Overflow> {
    let through = total(on_it, |b| b.nat)?;
    let behind: Vec<&Workload> = on_it.iter().copied().filter(|w| behind(platform, w)).collect();
    if behind.is_empty() {
        return Ok(());
    }
    let aws = platform.provider() == "aws";
    if aws {
        gateways(ctx, bill)?
    } else {
        machines(ctx, &behind, on_it, lines, bill)?
    }
    // Images that are pulled through it have lines of their own.
    let Some(through) = through else { return Ok(()) };
    let data = Quantity::<Data>::new(u128::from(through.0));
    let (key, rule) = if aws { ("aws/nat/data", &AWS_DATA) } else { ("gcp/nat/data", &GOOGLE_DATA) };
    charge(bill, &ctx.rate(key), Says { label: "NAT data", rule }, data, gib(data))
}

fn gateways<'b>(ctx: &Context<'_, 'b>, bill: &mut Bill<'b>) -> Result<(), Overflow> {
    let Some(count) = known(bill, ctx.whole("aws/nat/gateways-per-zone")) else { return Ok(()) };
    let Some(increment) = known(bill, ctx.seconds("aws/nat/increment")) else { return Ok(()) };
    bill.assumptions.push(Note::plain("beside/nat-one-zone", "the NAT gateways are those of one zone"));
    let hours = (ctx.period.time, ctx.period.time.round_up(increment));
    let says = Says { label: "NAT gateway", rule: &GATEWAY };
    things(bill, &ctx.rate("aws/nat/hour"), says, (count, "gateways"), hours)
}

/// How many nodes there are at once and how long they are on, together, as their lines have it; `None` without any.
fn on_nodes(lines: &[LineItem<'_>]) -> Result<Option<(u64, Quantity<ThingTime>)>, Overflow> {
    let mut all = None;
    for line in lines.iter().filter(|l| l.rule.id == nodes::VMS.id) {
        let (count, time) = all.unwrap_or((0_u64, Quantity::ZERO));
        let here = match line.factors.first().filter(|f| f.what == "machines") {
            Some(machines) => u64::try_from(machines.value).map_err(|_| Overflow)?,
            None => 0,
        };
        all = Some((count.checked_add(here).ok_or(Overflow)?, time.plus(Quantity::new(line.priced))?));
    }
    Ok(all)
}

/// What a gateway of Google's serves.
struct Served {
    /// machines at once
    machines: u64,
    /// how long the gateway is there
    time: Micros,
    /// the machines' time, where it is not all of them for all of that
    held: Option<Quantity<ThingTime>>,
}

/// The nodes, or the instances of the workloads that use it.
fn served(
    ctx: &Context<'_, '_>,
    behind: &[&Workload],
    on_it: &[&Workload],
    lines: &[LineItem<'_>],
) -> Result<Served, Overflow> {
    let (mut machines, mut time) = (0_u64, Micros(0));
    // Tasks of runs, and what was metered, are there only while they run.
    let (mut held, mut varies) = (Quantity::ZERO, false);
    for w in behind {
        let (instances, on) = (fleet(ctx, w)?, on_time(w, ctx.period));
        machines = machines.checked_add(instances).ok_or(Overflow)?;
        time = time.max(on);
        varies |= matches!(w.demand, Demand::Runs(_) | Demand::Metered(_));
        held = held.plus(match &w.demand {
            Demand::Runs(runs) => Quantity::<ThingTime>::held(runs.executions()?, runs.duration)?,
            Demand::Metered(m) => Quantity::new(m.held()?.billed).times(PER_MICRO)?,
            _ => Quantity::<ThingTime>::held(instances, on)?,
        })?;
    }
    let Some((nodes, on_nodes)) = on_nodes(lines)? else {
        return Ok(Served { machines, time, held: varies.then_some(held) });
    };
    // A line of machines that were metered does not say how many there were at once.
    let machines = on_it.iter().try_fold(nodes, |sum, w| match &w.demand {
        Demand::Metered(m) => sum.checked_add(m.instances(ctx.period)?).ok_or(Overflow),
        _ => Ok(sum),
    })?;
    Ok(Served { machines, time, held: Some(on_nodes) })
}

/// Google's: by the machines it serves, and one address.
fn machines<'b>(
    ctx: &Context<'_, 'b>,
    behind: &[&Workload],
    on_it: &[&Workload],
    lines: &[LineItem<'b>],
    bill: &mut Bill<'b>,
) -> Result<(), Overflow> {
    let Some(most) = known(bill, ctx.whole("gcp/nat/vms-at-vm-rate")) else { return Ok(()) };
    let Served { machines: count, time, held } = served(ctx, behind, on_it, lines)?;
    let template = if count == 1 {
        "Cloud NAT serves one machine, the node or instance, and has one address"
    } else {
        "Cloud NAT serves {count} machines, one for each node or instance, and has one address"
    };
    bill.assumptions.push(Note::new("beside/nat-machines", template, &[("count", count.to_string())]));
    let says = Says { label: "NAT gateway", rule: &MACHINES };
    if count > most {
        things(bill, &ctx.rate("gcp/nat/hour-cap"), says, (1, "gateways"), (time, time))?;
    } else if let Some(held) = held {
        let seconds = ratio_decimal(held.base(), u128::from(Unit::VmHours.base_per_plain()));
        let factors = vec![Factor::new(seconds, "VM-seconds")];
        charge(bill, &ctx.rate("gcp/nat/hour"), says, held, factors)?;
    } else {
        things(bill, &ctx.rate("gcp/nat/hour"), says, (count, "machines"), (time, time))?;
    }
    let whole = (ctx.period.time, ctx.period.time);
    let says = Says { label: "NAT address", rule: &MACHINES };
    things(bill, &ctx.rate("gcp/nat/ip"), says, (1, "addresses"), whole)
}
