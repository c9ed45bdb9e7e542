//! Commitments: what they cover of a bill, what stays at list price, and what is paid for and not used.
//!
//! Lines are made at list price first; [`cover`] then splits those that the commitment reaches into a covered and an
//! uncovered part, and adds what is wasted. A commitment is account-wide: all workloads share it. It is billed for every
//! hour of the period, so what matters is the usage of each hour: a line's [`Spread`] says when it ran.
//!
//! # Units
//! A commitment is dollars an hour; of reserved instances, whole machines.
//! # Invariants
//! Covered and uncovered quantities add up to the line's; where something is wasted, covered and wasted cost are what
//! was committed, to the last digit.
//! # Sources
//! `aws/BILLING-RULES` §8, `gcp/BILLING-RULES` §1 and §3, `AUDIT` §4.3.
//! # Not modelled
//! The order of AWS's kinds of commitment against each other (one is priced at a time), size flexibility of reserved
//! instances, partial upfront payment, commitments an account holds already.

mod offer;
mod size;
mod told;

use rust_decimal::Decimal;

pub use self::offer::effective;
use self::{
    offer::{Offer, offer},
    size::{Covered, Want},
    told::{notes, waste},
};
use crate::{
    book::{Missing, Why},
    demand::Demand,
    estimate::{Bill, Factor, LineItem, MissingPrice, Role, plain_name},
    money::{Money, Overflow, gcd},
    period::Period,
    platform::{Context, on_time},
    purchase::{Commitment, Kind, Purchase},
    quantity::{MICROS_PER_HOUR, Micros},
    rule::Rule,
    workload::Workload,
};

/// When what a line bills for ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Spread {
    /// at one level all the time
    #[default]
    Always,
    /// at one level for so long in all, and not at all the rest of the period
    For(Micros),
    /// here and there: in some hours not at all
    Scattered,
}

impl Spread {
    /// Of one workload's own lines.
    pub fn of(w: &Workload, period: &Period) -> Self {
        match w.demand {
            Demand::Runs(_) | Demand::Metered(_) => Self::Scattered,
            _ => Self::on(on_time(w, period), period),
        }
    }

    /// Of something that is on for so long.
    pub fn on(time: Micros, period: &Period) -> Self {
        if time >= period.time { Self::Always } else { Self::For(time) }
    }
}

/// Savings Plans.
pub const SAVINGS_PLAN: Rule = Rule {
    id: "commitment/savings-plan",
    says: "a Compute Savings Plan is dollars an hour at its own rates, billed every hour; it covers EC2 and Fargate \
           compute, what saves most first, and no ephemeral storage, Windows licence, service fee or Spot",
    source: "https://aws.amazon.com/savingsplans/compute-pricing/",
};
/// Reserved instances.
pub const RESERVED: Rule = Rule {
    id: "commitment/reserved-instance",
    says: "a reserved instance is one machine of a type, billed every hour of its term, used or not",
    source: "https://aws.amazon.com/ec2/pricing/reserved-instances/",
};
/// Resource commitments.
pub const RESOURCE_CUD: Rule = Rule {
    id: "commitment/resource-cud",
    says: "a resource-based commitment is vCPU and memory of a machine family, billed every hour at its own prices; GPUs \
           and local disks stay at list price",
    source: "https://cloud.google.com/compute/docs/instances/signing-up-committed-use-discounts",
};
/// Flexible commitments.
pub const FLEX_CUD: Rule = Rule {
    id: "commitment/flexible-cud",
    says: "a compute flexible commitment is dollars an hour, billed every hour; what it covers costs a share less than list",
    source: "https://docs.cloud.google.com/run/docs/cud",
};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[SAVINGS_PLAN, RESERVED, RESOURCE_CUD, FLEX_CUD];

/// The rule of a commitment.
pub const fn rule(commitment: Commitment) -> &'static Rule {
    match commitment.kind() {
        Kind::SavingsPlan => &SAVINGS_PLAN,
        Kind::Reserved => &RESERVED,
        Kind::ResourceCud => &RESOURCE_CUD,
        Kind::FlexCud => &FLEX_CUD,
    }
}

/// A line that the commitment reaches.
struct Reached<'b> {
    bill: usize,
    line: usize,
    offer: Offer<'b>,
    /// what all of it costs at list price, and committed
    want: Want,
}

/// What stays at list price of a line, of how much, in base units.
pub type Left = (u128, u128);

/// The part of a quantity that goes with what is left, down.
///
/// # Errors
/// [`Overflow`] where a number is too large to be exact.
pub fn left_of(quantity: u128, (left, all): Left) -> Result<u128, Overflow> {
    if left == all {
        return Ok(quantity);
    }
    let common = gcd(left, all).max(1);
    let (num, den) = (left / common, (all / common).max(1));
    let common = gcd(quantity, den).max(1);
    let (quantity, den) = (quantity / common, den / common);
    // What divides evenly and the rest apart, so that many machines fit.
    let even = (quantity / den).checked_mul(num).ok_or(Overflow)?;
    let rest = (quantity % den).checked_mul(num).ok_or(Overflow)? / den;
    even.checked_add(rest).ok_or(Overflow)
}

/// Splits the lines of an account's bills by what the context's commitment covers.
///
/// What is wasted, and what is to be said, comes back as a bill of its own, with what is left at list price of each line
/// that was there; of none where nothing is committed to. `discounts` is what the lines, one after the other, would
/// cost less without a commitment (sustained use); none where it ends.
///
/// # Errors
/// [`Overflow`] where a quantity or a cost is too large to be exact.
pub fn cover<'b>(
    ctx: &Context<'_, 'b>,
    bills: &mut [&mut Bill<'b>],
    discounts: &[Money],
) -> Result<(Bill<'b>, Vec<Left>), Overflow> {
    let mut told = Bill::default();
    let Purchase::Committed(commitment) = ctx.purchase else { return Ok((told, Vec::new())) };
    let mut left: Vec<Left> = bills.iter().flat_map(|b| b.lines.iter().map(|l| (l.priced, l.priced))).collect();
    let starts: Vec<usize> = bills.iter().scan(0, |n, b| Some(std::mem::replace(n, *n + b.lines.len()))).collect();
    let mut reached = reached(ctx, commitment, bills)?;
    for r in &mut reached {
        r.want.discount = discounts.get(starts[r.bill] + r.line).copied().unwrap_or(Money::ZERO);
    }
    // A bill with a price missing is unpriced as a whole: nothing is split on the way.
    if reached.is_empty() || bills.iter().any(|b| b.missing.iter().any(|m| m.role == Role::Compute)) {
        return Ok((told, left));
    }
    let wants: Vec<&Want> = reached.iter().map(|r| &r.want).collect();
    let stated = ctx.commit.map(|hourly| over(hourly, ctx.period.time)).transpose()?;
    let covered = size::cover(commitment, &wants, stated, ctx.period.time)?;
    let mut paid = Money::ZERO;
    // From the last line to the first, so that the places of those before stay what they are.
    for (r, quantity) in reached.iter().zip(&covered.quantities).rev() {
        left[starts[r.bill] + r.line].0 -= quantity;
        paid = paid.plus(split(commitment, r, *quantity, bills[r.bill])?)?;
    }
    waste(commitment, &reached, &covered, paid, &mut told)?;
    notes(ctx, commitment, &reached, &covered, paid, &mut told)?;
    Ok((told, left))
}

/// What so many dollars an hour come to over a time.
fn over(hourly: Decimal, time: Micros) -> Result<Money, Overflow> {
    crate::rate::charge(hourly.mantissa(), hourly.scale(), u128::from(time.0), MICROS_PER_HOUR)
}

fn reached<'b>(
    ctx: &Context<'_, 'b>,
    commitment: Commitment,
    bills: &mut [&mut Bill<'b>],
) -> Result<Vec<Reached<'b>>, Overflow> {
    let mut all = Vec::new();
    for (at, bill) in bills.iter_mut().enumerate() {
        let mut missing: Vec<Missing> = Vec::new();
        let before = all.len();
        for (n, line) in bill.lines.iter().enumerate() {
            match offer(ctx, commitment, line)? {
                None => {}
                Some(Err(price)) if missing.contains(&price) => {}
                Some(Err(price)) => missing.push(price),
                Some(Ok(offer)) => {
                    let want = Want {
                        quantity: line.priced,
                        spread: line.spread,
                        // A GPU saves nothing: a machine with one is not covered first because it costs much.
                        list: line.cost.minus(offer.rest(line.priced)?)?,
                        discount: Money::ZERO,
                        committed: offer.cost(line.priced)?,
                        machines: machines(line, ctx.period),
                    };
                    all.push(Reached { bill: at, line: n, offer, want });
                }
            }
        }
        // Nothing in it that could be bought so: there is no such price, and list price is not it.
        if all.len() == before && missing.is_empty() {
            missing.extend(bill.lines.first().map(|line| Missing {
                key: format!("{}.{}", line.sku, commitment.id()),
                region: ctx.region.id.to_owned(),
                why: Why::Absent,
            }));
        }
        bill.missing.extend(missing.into_iter().map(|missing| MissingPrice { missing, role: Role::Compute }));
    }
    Ok(all)
}

/// How many machines a line's time is of at once, rounded up.
fn machines(line: &LineItem<'_>, period: &Period) -> u128 {
    let time = match line.spread {
        Spread::For(on) => on,
        Spread::Always | Spread::Scattered => period.time,
    };
    // A line of another kind than machines is never counted in them.
    line.priced.div_ceil((u128::from(time.0) * u128::from(crate::quantity::PER_MICRO)).max(1))
}

/// Replaces a line by its covered parts and what is left at list price; what the covered parts cost.
fn split<'b>(
    commitment: Commitment,
    reached: &Reached<'b>,
    quantity: u128,
    bill: &mut Bill<'b>,
) -> Result<Money, Overflow> {
    let line = bill.lines[reached.line].clone();
    let mut parts = Vec::new();
    let mut paid = Money::ZERO;
    if quantity > 0 {
        let whole = quantity == line.priced;
        for part in &reached.offer.parts {
            let priced = part.of(quantity)?;
            let mut factors = if whole { line.factors.clone() } else { plain(&line, quantity) };
            factors.extend(part.each);
            let consumed = if whole { part.of(line.consumed)? } else { priced };
            let cost = part.cost(priced)?;
            if part.is_committed {
                paid = paid.plus(cost)?;
            }
            parts.push(LineItem {
                sku: part.sku.clone(),
                label: part.label,
                consumed,
                priced,
                unit: part.price.unit,
                unit_price: part.price.amount,
                cost,
                rule: if part.is_committed { rule(commitment) } else { line.rule },
                price: part.price,
                factors,
                spread: line.spread,
            });
        }
    }
    if quantity < line.priced {
        let left = line.priced - quantity;
        let (amount, unit) = (line.price.amount, line.unit);
        let factors = if quantity == 0 { line.factors.clone() } else { plain(&line, left) };
        parts.push(LineItem {
            priced: left,
            consumed: line.consumed.saturating_sub(quantity),
            cost: crate::rate::charge(amount.mantissa(), amount.scale(), left, unit.base_per_unit())?,
            factors,
            ..line
        });
    }
    bill.lines.splice(reached.line..=reached.line, parts);
    Ok(paid)
}

/// The one factor of a part of a line: how many plain units it has.
fn plain(line: &LineItem<'_>, quantity: u128) -> Vec<Factor> {
    let plain = crate::money::ratio_decimal(quantity, u128::from(line.unit.base_per_plain()));
    vec![Factor::new(plain, plain_name(line.unit))]
}
