//! A service's fee per machine, on top of the machine: as published for the type, or a share of its on-demand price.
//!
//! # Invariants
//! The fee follows from the on-demand price however the machine is bought.
//! # Sources
//! `AUDIT` §4.7 and §4.8 (16,361 and 12,292 published fees).

use std::borrow::Cow;

use rust_decimal::RoundingStrategy;

use super::{Context, Fleet, Missing, Overflow, Pool, lines};
use crate::{
    book::{Basis, Price, Why},
    estimate::{Bill, MissingPrice, Quoted, Role},
    quantity::ThingTime,
    rate::{self, Rate},
    rule::Rule,
};

/// Which service's fee.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// `aws/eks/auto.`, before a type
    pub key: &'static str,
    /// `aws/eks/auto-ratio.`, before a class
    pub ratio: &'static str,
    /// `aws/eks/auto.class.`, before the start of a type's name
    pub class: &'static str,
    /// the term with the decimals a derived fee is rounded to; exact where absent
    pub places: Option<&'static str>,
    /// what a reader calls it
    pub label: &'static str,
    /// the rule
    pub rule: &'static Rule,
}

/// Starts of type names that may be a class of their own, the longest first.
const STARTS: [&str; 3] = ["trn", "g", "p"];

/// The fee for a pool's machines.
pub fn charge<'b>(
    bill: &mut Bill<'b>,
    ctx: &Context<'_, 'b>,
    service: Service,
    pool: &Pool<'_>,
    fleet: &Fleet<'b>,
) -> Result<(), Overflow> {
    let key = format!("{}{}", service.key, fleet.shape.name);
    let rate = match ctx.rate::<ThingTime>(&key) {
        Ok(rate) => Ok(rate),
        Err(_) => derived(ctx, service, fleet.shape.name)?,
    };
    match rate {
        Ok(_) => {
            bill.charge(&rate, lines::time(pool, fleet, service.label, service.rule)?)?;
            if let Some(line) = bill.lines.last_mut() {
                line.sku = Cow::Owned(key);
            }
        }
        Err(missing) if bill.missing.iter().any(|m| m.missing == missing) => {}
        Err(missing) => bill.missing.push(MissingPrice { missing, role: Role::Compute }),
    }
    Ok(())
}

/// The share of the on-demand price, as a price that says whose it is.
fn derived<'b>(ctx: &Context<'_, 'b>, service: Service, machine: &str) -> Result<Quoted<'b, ThingTime>, Overflow> {
    let list = match ctx.rate::<ThingTime>(&format!("aws/ec2/{machine}")) {
        Ok(list) => *list.price(),
        Err(missing) => return Ok(Err(missing)),
    };
    let class = STARTS.into_iter().find(|start| machine.starts_with(start) && is_class(ctx, service, start));
    let key = format!("{}{}", service.ratio, class.unwrap_or("general"));
    let ratio = match ctx.book.price(&key, &[ctx.region.id, crate::book::GLOBAL], ctx.day) {
        Ok(ratio) => ratio,
        Err(missing) => return Ok(Err(missing)),
    };
    let Some(amount) = rate::product(list.amount, ratio.amount) else { return Err(Overflow) };
    let places = service.places.and_then(|key| ctx.whole(key).ok()).and_then(|n| u32::try_from(n).ok());
    let amount = match places {
        Some(places) => amount.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero),
        None => amount,
    };
    let basis = if ratio.basis == Basis::Recalled { Basis::Recalled } else { Basis::Derived };
    let price = Price { amount, unit: list.unit, basis, ..ratio };
    Ok(Rate::new(price).ok_or_else(|| Missing { key, region: ctx.region.id.to_owned(), why: Why::Absent }))
}

fn is_class(ctx: &Context<'_, '_>, service: Service, start: &str) -> bool {
    ctx.term(&format!("{}{start}", service.class)).is_ok_and(|flag| !flag.value().is_zero())
}
