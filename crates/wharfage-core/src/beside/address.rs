//! Public IPv4 addresses, in use or idle.
//!
//! # Units
//! Addresses × microseconds.
//! # Sources
//! `aws/BILLING-RULES` §6, `gcp/BILLING-RULES` §4.
//! # Not modelled
//! Offers of a new account's first year; Google's disputed free hours; Google's price of reserved addresses not in use.

use super::{Says, fleet, known, load_balancer, nat, spent, things};
use crate::{
    book::Missing,
    demand::{Demand, Spent},
    estimate::Bill,
    money::Overflow,
    note::Note,
    platform::{Context, Held, Platform, on_time},
    quantity::Micros,
    rollout::{self, Fleet},
    rule::Rule,
    workload::{With, Workload},
};

/// AWS's addresses.
pub const AWS: Rule = Rule {
    id: "aws-ipv4/address",
    says: "a public IPv4 address is billed by the second for as long as it is held, in use or idle",
    source: "https://aws.amazon.com/vpc/pricing/",
};
/// Google's addresses.
pub const GOOGLE: Rule = Rule {
    id: "gcp-ipv4/address",
    says: "a public IPv4 address in use is billed for as long as it is held",
    source: "https://cloud.google.com/vpc/network-pricing",
};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[AWS, GOOGLE];

/// A workload's public addresses: those it asks for, else those that its network defaults take.
pub fn own<'b>(platform: Platform, ctx: &Context<'_, 'b>, w: &Workload, bill: &mut Bill<'b>) -> Result<(), Overflow> {
    let Addresses { count, tasks } = match (w.beside.public_ipv4, w.beside.with) {
        (Some(count), _) => Addresses { count, tasks: None },
        (None, Some(With::Network)) => by_default(platform, ctx, w, bill)?,
        (None, None) => return Ok(()),
    };
    if count == 0 && tasks.is_none() {
        return Ok(());
    }
    let aws = platform.provider() == "aws";
    let Some(time) = known(bill, held(aws, ctx, on_time(w, ctx.period))) else { return Ok(()) };
    let (key, rule) = if aws { ("aws/ipv4/hour", &AWS) } else { ("gcp/ipv4/hour", &GOOGLE) };
    let says = Says { label: "Public IPv4 addresses", rule };
    if let Some(tasks) = tasks {
        let all = Held::each(count, "addresses", on_time(w, ctx.period), time).plus(Held::of(tasks))?;
        return spent(bill, &ctx.rate(key), says, all);
    }
    things(bill, &ctx.rate(key), says, (count, "addresses"), (on_time(w, ctx.period), time))?;
    canary(platform, ctx, w, bill)
}

/// Addresses of a workload.
struct Addresses {
    /// held all the time
    count: u64,
    /// of tasks whose time was metered, each for as long as it runs
    tasks: Option<Spent>,
}

/// An address for each task of a canary, where the stable ones have theirs by default.
fn canary<'b>(platform: Platform, ctx: &Context<'_, 'b>, w: &Workload, bill: &mut Bill<'b>) -> Result<(), Overflow> {
    if w.beside.public_ipv4.is_some() || !exposed(platform, w) {
        return Ok(());
    }
    let Some(concurrency) = known(bill, ctx.whole("wharfage/concurrency")) else { return Ok(()) };
    let Some(Fleet { count, time }) = rollout::beside(w, concurrency, ctx.period)? else { return Ok(()) };
    let Some(billed) = known(bill, held(true, ctx, time)) else { return Ok(()) };
    let mut lines = Bill::default();
    let says = Says { label: "Public IPv4 addresses", rule: &AWS };
    things(&mut lines, &ctx.rate("aws/ipv4/hour"), says, (count, "addresses"), (time, billed))?;
    rollout::append(bill, lines, &rollout::TASKS);
    Ok(())
}

/// Has each of its tasks a public address by default?
fn exposed(platform: Platform, w: &Workload) -> bool {
    matches!(platform, Platform::EcsFargate | Platform::EcsExpress)
        && !matches!(w.demand, Demand::Runs(_))
        && !nat::behind(platform, w)
}

/// How long an address is billed: while the fleet is on, in whole steps and never under the minimum.
fn held(aws: bool, ctx: &Context<'_, '_>, on: Micros) -> Result<Micros, Missing> {
    if !aws {
        return Ok(on);
    }
    Ok(on.round_up(ctx.seconds("aws/ipv4/increment")?).max(ctx.seconds("aws/ipv4/minimum")?))
}

/// On AWS an address in each zone of the load balancer, and one for each ECS task that runs all the time: without one it
/// needs a NAT gateway to pull its image. Google's platforms hold none that are billed.
fn by_default(
    platform: Platform,
    ctx: &Context<'_, '_>,
    w: &Workload,
    bill: &mut Bill<'_>,
) -> Result<Addresses, Overflow> {
    let before = known(bill, load_balancer::addresses(platform, ctx, w)).unwrap_or(0);
    let tasks = if exposed(platform, w) { fleet(ctx, w)? } else { 0 };
    let count = before.checked_add(tasks).ok_or(Overflow)?;
    let metered = match &w.demand {
        Demand::Metered(m) if tasks > 0 => Some(m.held()?),
        _ => None,
    };
    if !nat::behind(platform, w) {
        bill.assumptions.push(Note::plain("beside/nat-default", "no NAT gateway"));
    }
    if count == 0 {
        return Ok(Addresses { count, tasks: None });
    }
    let template = "public IPv4 addresses by default: {balancers} of the load balancer, {tasks} of tasks";
    let args = [("balancers", before.to_string()), ("tasks", tasks.to_string())];
    bill.assumptions.push(Note::new("beside/ipv4-default", template, &args));
    Ok(match metered {
        Some(time) => Addresses { count: before, tasks: Some(time) },
        None => Addresses { count, tasks: None },
    })
}
