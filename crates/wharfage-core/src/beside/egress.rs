//! Data on its way out: to the internet in tiers, and between zones.
//!
//! # Units
//! MiB; tiers and allowances are in GiB ("GB" on the pages means GiB).
//! # Invariants
//! Tiers are cumulative over the workloads of a group. The allowance comes off first; the tiers' bounds count from the
//! first paid unit.
//! # Sources
//! `aws/BILLING-RULES` §6, `gcp/BILLING-RULES` §4.
//! # Not modelled
//! Traffic between regions, Google's standard tier, destinations with prices of their own (China, Australia).

use super::{Says, beyond_free, charge, gib, known, monthly, total};
use crate::{
    book::{GLOBAL, Missing, Term, Why},
    estimate::{Bill, Factor, Item, Quoted, Role},
    money::Overflow,
    note::Note,
    platform::{Context, Platform},
    quantity::{Data, Mib, Quantity, Unit},
    rule::Rule,
    workload::Workload,
};

/// To the internet from AWS.
pub const AWS: Rule = Rule {
    id: "aws-egress/internet",
    says: "data to the internet is billed by the GB in tiers of the month's sum, once the account's free part is used up",
    source: "https://aws.amazon.com/ec2/pricing/on-demand/",
};
/// To the internet from Google's network.
pub const GOOGLE: Rule = Rule {
    id: "gcp-egress/internet",
    says: "data to the internet is billed by the GiB in tiers of the month's sum, once the free part is used up",
    source: "https://cloud.google.com/vpc/network-pricing",
};
/// To the internet from Cloud Run.
pub const CLOUD_RUN: Rule = Rule {
    id: "cloud-run/egress",
    says: "data to the internet within a continent is billed by the GiB in tiers of the month's sum, at Cloud Run's own prices",
    source: "https://cloud.google.com/run/pricing",
};
/// Between zones of AWS.
pub const INTER_AZ: Rule = Rule {
    id: "aws-egress/inter-az",
    says: "data between zones is billed by the GB on its way out and again on its way in",
    source: "https://aws.amazon.com/ec2/pricing/on-demand/",
};
/// Between zones of Google's.
pub const INTER_ZONE: Rule = Rule {
    id: "gcp-egress/inter-zone",
    says: "data between zones is billed by the GiB, once",
    source: "https://cloud.google.com/vpc/network-pricing",
};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[AWS, GOOGLE, CLOUD_RUN, INTER_AZ, INTER_ZONE];

/// Where the prices of a platform's internet egress are, and what is free of it.
struct Terms<'b> {
    /// `aws/egress/internet`: tiers are `KEY@LOWER-BOUND`
    key: String,
    /// key of the allowance, where there is one
    free: Option<String>,
    /// the tiers' lower bounds in GiB, a row each
    bounds: Term<'b>,
    /// a continent, as a scope of prices
    area: Option<&'b str>,
    rule: &'static Rule,
}

fn terms<'b>(platform: Platform, ctx: &Context<'_, 'b>) -> Result<Terms<'b>, Missing> {
    let area = area(platform, ctx);
    let rule = match (area, platform.provider()) {
        (Some(_), _) => &CLOUD_RUN,
        (None, "aws") => &AWS,
        (None, _) => &GOOGLE,
    };
    let (key, free) = match (area, platform.provider()) {
        (Some(area), _) => {
            let key = format!("gcp/cloud-run/egress.{area}");
            let free = format!("{key}.free");
            let given = ctx.term(&free).is_ok();
            (key, given.then_some(free))
        }
        (None, provider) => (format!("{provider}/egress/internet"), Some(format!("{provider}/egress/free"))),
    };
    // A continent without tiers has no price: the key that is missing is that of its first tier.
    let bounds =
        ctx.term(&format!("{key}.tiers")).map_err(|m| Missing { key: format!("{key}@0"), why: Why::Absent, ..m })?;
    Ok(Terms { key, free, bounds, area, rule })
}

/// The continent whose prices Cloud Run's egress has.
fn area<'b>(platform: Platform, ctx: &Context<'_, 'b>) -> Option<&'b str> {
    let cloud_run = matches!(
        platform,
        Platform::CloudRun | Platform::CloudRunInstance | Platform::CloudRunJob | Platform::CloudRunWorkerPool
    );
    ctx.region.egress_area.filter(|_| cloud_run)
}

/// Internet egress of all workloads together.
pub fn internet<'b>(
    platform: Platform,
    ctx: &Context<'_, 'b>,
    on_it: &[&Workload],
    bill: &mut Bill<'b>,
) -> Result<(), Overflow> {
    let Some(sent) = total(on_it, |b| b.egress)? else { return Ok(()) };
    let Some(terms) = known(bill, terms(platform, ctx)) else { return Ok(()) };
    if terms.area.is_some() {
        let says = "egress stays within the continent: Cloud Run has its own prices for that";
        bill.assumptions.push(Note::plain("beside/egress-continent", says));
    }
    let mut left = Quantity::<Data>::new(u128::from(sent.0));
    if let Some(free) = &terms.free {
        left = beyond_free(bill, ctx, free, Says { label: "Egress (free)", rule: terms.rule }, left, gib)?;
    }
    tiers(ctx, &terms, left, bill)
}

/// The paid tiers, from the first paid unit on.
fn tiers<'b>(
    ctx: &Context<'_, 'b>,
    terms: &Terms<'b>,
    paid: Quantity<Data>,
    bill: &mut Bill<'b>,
) -> Result<(), Overflow> {
    let bound = |row: usize| monthly(ctx, terms.bounds.at(row, 0), Unit::Gib.base_per_unit());
    for row in 0..terms.bounds.rows() {
        let from = if row == 0 { Some(0) } else { bound(row)? };
        let to = if row + 1 < terms.bounds.rows() { bound(row + 1)? } else { None };
        let reached = to.map_or(paid.base(), |to| paid.base().min(to));
        let within = Quantity::<Data>::new(reached.saturating_sub(from.unwrap_or(0)));
        if within != Quantity::ZERO {
            let key = format!("{}@{}", terms.key, terms.bounds.at(row, 0).normalize());
            charge(
                bill,
                &rate(ctx, &key, terms.area),
                Says { label: "Egress", rule: terms.rule },
                within,
                gib(within),
            )?;
        }
    }
    Ok(())
}

/// The price of a tier in this region, on its continent, or everywhere.
fn rate<'b>(ctx: &Context<'_, 'b>, key: &str, area: Option<&str>) -> Quoted<'b, Data> {
    match area {
        Some(area) => ctx.book.rate(key, &[ctx.region.id, area, GLOBAL], ctx.day),
        None => ctx.rate(key),
    }
}

/// Data that crosses zones.
pub fn inter_zone<'b>(
    platform: Platform,
    ctx: &Context<'_, 'b>,
    w: &Workload,
    bill: &mut Bill<'b>,
) -> Result<(), Overflow> {
    let Some(Mib(sent)) = w.beside.inter_zone else { return Ok(()) };
    let (key, directions, rule) = match platform.provider() {
        "aws" => ("aws/egress/inter-az", "aws/egress/inter-az.directions", &INTER_AZ),
        _ => ("gcp/egress/inter-zone", "gcp/egress/inter-zone.directions", &INTER_ZONE),
    };
    let Some(directions) = known(bill, ctx.whole(directions)) else { return Ok(()) };
    let crossed = Quantity::<Data>::new(u128::from(sent));
    let factors = vec![Factor::new(directions, "directions"), Factor::new(Mib(sent).as_gib(), "GiB")];
    let item = Item {
        label: "Between zones",
        rule,
        consumed: crossed,
        priced: crossed.times(directions)?,
        factors,
        role: Role::Beside,
    };
    bill.charge(&ctx.rate(key), item)
}
