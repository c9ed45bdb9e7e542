//! What is said of a commitment: the line of what is paid for and not used, how large it is and why, and whether it pays.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::{Covered, Reached, SAVINGS_PLAN, Spread, rule};
use crate::{
    book::{Basis, Price},
    estimate::{Bill, Factor, LineItem},
    money::{Money, Overflow},
    note::Note,
    platform::Context,
    purchase::{Commitment, Kind},
    quantity::{MICROS_PER_HOUR, Micros, Unit},
    text,
    text::Value,
};

/// What is paid for and not used.
pub fn waste<'b>(
    commitment: Commitment,
    reached: &[Reached<'b>],
    covered: &Covered,
    paid: Money,
    told: &mut Bill<'b>,
) -> Result<(), Overflow> {
    let rule = rule(commitment);
    for (r, unused) in reached.iter().zip(&covered.unused).filter(|(_, unused)| **unused > 0) {
        for part in r.offer.parts.iter().filter(|p| p.is_committed) {
            let priced = part.of(*unused)?;
            let factors = vec![Factor::new(
                crate::money::ratio_decimal(priced, u128::from(part.price.unit.base_per_plain())),
                "machine-seconds",
            )];
            told.lines.push(LineItem {
                sku: part.sku.clone(),
                label: "Reserved, unused",
                consumed: 0,
                priced,
                unit: part.price.unit,
                unit_price: part.price.amount,
                cost: part.cost(priced)?,
                rule,
                price: part.price,
                factors,
                spread: Spread::Always,
            });
        }
    }
    let Some(budget) = covered.budget else { return Ok(()) };
    let unused = budget.minus(paid)?;
    let Some(price) = reached.first().and_then(|r| r.offer.parts.first()).map(|p| p.price) else { return Ok(()) };
    if !covered.is_wasted || unused <= Money::ZERO {
        return Ok(());
    }
    let picos = u128::try_from(unused.picos()).map_err(|_| Overflow)?;
    let service = if rule.id == SAVINGS_PLAN.id { "aws/savings-plan" } else { "gcp/commitment" };
    told.lines.push(LineItem {
        sku: Cow::Owned(format!("{service}/{}.unused", commitment.id())),
        label: "Commitment, unused",
        consumed: 0,
        priced: picos,
        unit: Unit::Usd,
        unit_price: Decimal::ONE,
        cost: unused,
        rule,
        price: Price { unit: Unit::Usd, amount: Decimal::ONE, basis: Basis::Derived, ..price },
        factors: vec![Factor::new(unused.to_decimal(), "USD")],
        spread: Spread::Always,
    });
    Ok(())
}

/// What was committed and why, and whether it pays.
pub fn notes<'b>(
    ctx: &Context<'_, 'b>,
    commitment: Commitment,
    reached: &[Reached<'b>],
    covered: &Covered,
    paid: Money,
    told: &mut Bill<'b>,
) -> Result<(), Overflow> {
    let wasted = told.cost_of(|_| true)?;
    let committed = paid.plus(wasted)?;
    let hourly = per_hour(committed, ctx.period.time);
    let id = ("commitment", Value::from(commitment.id()));
    let years = if commitment.years() == 1 { "1 year".into() } else { text!("{n} years", n = commitment.years()) };
    let args = [id.clone(), ("years", years.into()), ("hourly", hourly.into())];
    let template = match (committed == Money::ZERO, ctx.commit.is_some()) {
        (true, false) => {
            "{commitment} commits nothing here: the lowest hourly usage of the period is none; --commit says how much an hour"
        }
        (true, true) => "{commitment}: --commit is less than one machine an hour, so nothing is reserved",
        (false, false) => {
            "{commitment} commits {hourly} USD an hour for {years}, the lowest hourly usage of the period"
        }
        (false, true) => "{commitment} commits {hourly} USD an hour for {years}, as --commit says",
    };
    told.assumptions.push(Note::new("commitment/size", template, &args));
    if commitment.is_paid_upfront() && committed > Money::ZERO {
        let says = "all of the commitment is paid on its first day: what is shown is the period's share";
        told.assumptions.push(Note::plain("commitment/upfront", says));
    }
    if commitment.kind() == Kind::FlexCud && ctx.commit.is_some() {
        let says = "--commit is in discounted dollars, as accounts made since 2025-07-15 commit";
        told.assumptions.push(Note::plain("commitment/flex-dollars", says));
    }
    if ctx.commit.is_some() && reached.iter().any(|r| r.want.spread == Spread::Scattered) {
        let says =
            "runs and metered time are taken to be spread evenly over the hours that the commitment is billed for";
        told.assumptions.push(Note::plain("commitment/runs-spread", says));
    }
    if wasted > Money::ZERO {
        let args = [("wasted", wasted.to_cents().to_string()), ("committed", committed.to_cents().to_string())];
        let template = "{wasted} of the {committed} USD that are committed for the period are not used";
        told.warnings.push(Note::new("commitment/unused", template, &args));
    }
    let saved = covered.list_of(reached.iter().map(|r| &r.want))?;
    if committed > saved {
        let args = [
            ("committed", committed.to_cents().to_string()),
            ("list", saved.to_cents().to_string()),
            ("more", committed.minus(saved)?.to_cents().to_string()),
        ];
        let template = "the commitment loses: it costs {committed} USD, what it covers would cost {list} USD on demand, \
                        {more} USD less";
        told.warnings.push(Note::new("commitment/loses", template, &args));
    }
    Ok(())
}

/// Dollars an hour, at most 12 places.
fn per_hour(total: Money, time: Micros) -> String {
    let hourly = total.share(u128::from(MICROS_PER_HOUR), u128::from(time.0.max(1)));
    hourly.unwrap_or(Money::ZERO).to_decimal().normalize().to_string()
}
