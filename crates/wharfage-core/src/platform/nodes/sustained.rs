//! Google's discount for sustained use, per machine family.
//!
//! Each part of the month that a machine is on costs less than the part before. The period's pattern is taken to last all
//! month: a machine on for a quarter of the period is on for a quarter of the month.
//!
//! # Units
//! Shares of the month and of the price are counted in ten-thousandths.
//! # Not modelled
//! Machines of different pools that follow one another, which Google would count as one.

use rust_decimal::Decimal;

use super::{Context, Fleet, Overflow, Pool};
use crate::{
    book::{Price, Shape, Term, whole_times},
    commitment,
    estimate::Bill,
    money::Money,
    rate,
    rule::Rule,
};

/// Sustained use.
pub const SUSTAINED_USE: Rule = Rule {
    id: "nodes/sustained-use",
    says: "of some families, each part of the month that a machine is on costs less than the part before; not on Spot",
    source: "https://cloud.google.com/compute/docs/sustained-use-discounts",
};

/// One line per family that has the discount.
///
/// `uncovered` is what a commitment leaves of each fleet: committed use has no such discount.
pub fn discounts<'b>(
    bill: &mut Bill<'b>,
    ctx: &Context<'_, 'b>,
    fleets: &[(Pool<'_>, Fleet<'b>)],
    uncovered: impl Fn(usize) -> commitment::Left,
) -> Result<(), Overflow> {
    let mut families: Vec<(Term<'b>, Price<'b>, Money)> = Vec::new();
    for (n, (pool, fleet)) in fleets.iter().enumerate() {
        let (Ok(rate), Some((term, _))) = (&fleet.rate, bands_of(ctx, &fleet.shape)) else { continue };
        let price = *rate.price();
        let amount = of_fleet(ctx, pool, fleet, uncovered(n))?;
        match families.iter_mut().find(|(t, ..)| t.key == term.key) {
            Some((_, _, sum)) => *sum = sum.plus(amount)?,
            None => families.push((term, price, amount)),
        }
    }
    for (term, price, amount) in families.into_iter().filter(|(_, _, amount)| *amount > Money::ZERO) {
        bill.credit(price, term.key, "Sustained-use discount", &SUSTAINED_USE, amount, amount)?;
    }
    Ok(())
}

/// What a fleet saves on what is left of it.
pub fn of_fleet(
    ctx: &Context<'_, '_>,
    pool: &Pool<'_>,
    fleet: &Fleet<'_>,
    left: commitment::Left,
) -> Result<Money, Overflow> {
    let Ok(rate) = &fleet.rate else { return Ok(Money::ZERO) };
    let saved = saved_by(ctx, pool, &fleet.shape)?.checked_mul(u128::from(fleet.nodes)).ok_or(Overflow)?;
    charge(rate.price(), commitment::left_of(saved, left)?)
}

/// How many of the counted parts a µs at the full price has.
pub const PARTS: u128 = 100_000_000;

/// What so much time (µs × 10^-8) costs.
pub fn charge(price: &Price<'_>, time: u128) -> Result<Money, Overflow> {
    // A µs has a million base units: what is counted here is a hundredth of one.
    rate::charge(price.amount.mantissa(), price.amount.scale() + 2, time, price.unit.base_per_unit())
}

/// `n1` of `n1-standard-16`.
pub fn family<'b>(shape: &Shape<'b>) -> &'b str {
    shape.name.split('-').next().unwrap_or_default()
}

/// What one node of a pool saves on such a machine, as µs × 10^-8.
pub fn saved_by(ctx: &Context<'_, '_>, pool: &Pool<'_>, shape: &Shape<'_>) -> Result<u128, Overflow> {
    let Some((_, bands)) = bands_of(ctx, shape) else { return Ok(0) };
    saved(&bands, pool.times, pool.billed.0, ctx.period.time.0)
}

fn bands_of<'b>(ctx: &Context<'_, 'b>, shape: &Shape<'_>) -> Option<(Term<'b>, Vec<Band>)> {
    let term = ctx.term(&format!("gcp/compute-engine/{}.sustained-use", family(shape))).ok()?;
    Some((term, bands(&term)?))
}

/// Up to this part of the month, the share of the price that is saved; both in ten-thousandths.
type Band = (u64, u64);

fn bands(term: &Term<'_>) -> Option<Vec<Band>> {
    if term.columns < 2 {
        return None;
    }
    let of = |d: Decimal| whole_times(d, 10_000);
    (0..term.rows()).map(|row| Some((of(term.at(row, 0))?, 10_000_u64.checked_sub(of(term.at(row, 1))?)?))).collect()
}

/// What one machine saves, as µs × 10^-8: on `times` × `each` µs of a period.
///
/// More time than the period has are several machines at once: as many whole ones as there are, and what is left.
fn saved(bands: &[Band], times: u64, each: u64, period: u64) -> Result<u128, Overflow> {
    let on = u128::from(times) * u128::from(each);
    let period = u128::from(period.max(1));
    let whole = (on / period).checked_mul(of_one(bands, period, period)?).ok_or(Overflow)?;
    whole.checked_add(of_one(bands, on % period, period)?).ok_or(Overflow)
}

fn of_one(bands: &[Band], on: u128, period: u128) -> Result<u128, Overflow> {
    let on = on.checked_mul(10_000).ok_or(Overflow)?;
    let (mut from, mut sum) = (0_u128, 0_u128);
    for (to, share) in bands {
        let to = period.checked_mul(u128::from(*to)).ok_or(Overflow)?;
        let band = on.min(to).saturating_sub(from);
        sum = band.checked_mul(u128::from(*share)).and_then(|s| sum.checked_add(s)).ok_or(Overflow)?;
        from = to;
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    const N1: &[Band] = &[(2500, 0), (5000, 2000), (7500, 4000), (10_000, 6000)];
    const N2: &[Band] = &[(2500, 0), (5000, 1322), (7500, 2670), (10_000, 4000)];

    #[test]
    fn each_quarter_of_the_month_saves_more() {
        #[rustfmt::skip]
        let cases = [
            // family, times, each, of a period of 100, saved, in ten-thousandths of what is counted
            (N1, 1, 100, 300_000), // 30 %
            (N1, 1,  75, 150_000), // 20 % of three quarters
            (N1, 1,  50,  50_000), // 10 % of a half
            (N1, 1,  25,       0),
            (N1, 1,   0,       0),
            (N1, 2, 100, 600_000), // two at once
            (N1, 3,  50, 350_000), // one whole and a half
            (N2, 1, 100, 199_800), // 19.98 %
        ];
        for (bands, times, each, want) in cases {
            assert_eq!(saved(bands, times, each, 100), Ok(want * 10_000), "{times} × {each}");
        }
    }
}
