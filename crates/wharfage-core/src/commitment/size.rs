//! How much of each line a commitment covers, hour by hour.
//!
//! Hours are alike where the same lines run: lines that are off for part of the period are taken to be off together, so
//! that the hours fall into a few classes, each within the one before.

use std::cmp::Reverse;

use super::Spread;
use crate::{
    money::{Money, Overflow, divide_half_even, gcd},
    purchase::{Commitment, Kind},
    quantity::{Micros, PER_MICRO},
};

/// A line that wants to be covered.
#[derive(Debug, Clone, Copy)]
pub struct Want {
    /// base units
    pub quantity: u128,
    /// when they ran
    pub spread: Spread,
    /// what all of it that can be covered costs at list price
    pub list: Money,
    /// what of that it would not cost anyway, without a commitment
    pub discount: Money,
    /// what it costs at the commitment's rate
    pub committed: Money,
    /// machines at once, where they are counted
    pub machines: u128,
}

/// What is covered.
#[derive(Debug)]
pub struct Covered {
    /// base units of each line
    pub quantities: Vec<u128>,
    /// of reserved instances: base units of each line that are paid for and not used
    pub unused: Vec<u128>,
    /// of commitments in dollars: what was committed for the period, where it was said
    pub budget: Option<Money>,
    /// some of the budget was left over in some hour
    pub is_wasted: bool,
}

impl Covered {
    fn nothing(lines: usize) -> Self {
        Self { quantities: vec![0; lines], unused: vec![0; lines], budget: None, is_wasted: false }
    }

    /// What the covered parts would cost without the commitment.
    pub fn list_of<'w>(&self, wants: impl Iterator<Item = &'w Want>) -> Result<Money, Overflow> {
        wants
            .zip(&self.quantities)
            .try_fold(Money::ZERO, |sum, (w, q)| sum.plus(w.list.minus(w.discount)?.share(*q, w.quantity)?))
    }
}

/// Covers lines by what was stated for the whole period, or else by the period's lowest hourly usage: by the lines that
/// always run, whole.
pub fn cover(
    commitment: Commitment,
    wants: &[&Want],
    stated: Option<Money>,
    period: Micros,
) -> Result<Covered, Overflow> {
    let mut covered = Covered::nothing(wants.len());
    let Some(stated) = stated else {
        for (w, quantity) in wants.iter().zip(&mut covered.quantities).filter(|(w, _)| w.spread == Spread::Always) {
            *quantity = w.quantity;
        }
        return Ok(covered);
    };
    let mut order: Vec<usize> = (0..wants.len()).collect();
    order.sort_by_key(|n| (Reverse(saving(wants[*n])), wants[*n].committed));
    if commitment.kind() == Kind::Reserved {
        reserve(wants, &order, stated, period, &mut covered)?;
    } else {
        covered.budget = Some(stated);
        spend(wants, &order, stated, period, &mut covered)?;
    }
    Ok(covered)
}

/// The share of the list price that is saved, in millionths of a millionth.
fn saving(w: &Want) -> i128 {
    let saved = w.list.minus(w.committed).unwrap_or(Money::ZERO).picos();
    saved.checked_mul(1_000_000_000_000).map_or(0, |n| n / w.list.picos().max(1))
}

/// How long a line runs, of the hours a commitment is billed for.
fn on(w: &Want, period: Micros) -> u64 {
    match w.spread {
        Spread::For(on) => on.0.min(period.0),
        Spread::Always | Spread::Scattered => period.0,
    }
}

/// Dollars an hour, on what saves most first.
fn spend(
    wants: &[&Want],
    order: &[usize],
    budget: Money,
    period: Micros,
    covered: &mut Covered,
) -> Result<(), Overflow> {
    let mut cuts: Vec<u64> = wants.iter().map(|w| on(w, period)).chain([period.0]).filter(|cut| *cut > 0).collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut from = 0;
    for cut in cuts {
        let of_period = |total: Money, all: u64| -> Result<Money, Overflow> {
            total.share(u128::from(cut), u128::from(all))?.minus(total.share(u128::from(from), u128::from(all))?)
        };
        let mut left = of_period(budget, period.0)?;
        for n in order.iter().copied().filter(|n| on(wants[*n], period) >= cut) {
            let w = wants[n];
            let runs = on(w, period);
            let cost = of_period(w.committed, runs)?;
            let quantity = portion(w.quantity, cut, runs)? - portion(w.quantity, from, runs)?;
            if left >= cost {
                covered.quantities[n] += quantity;
                left = left.minus(cost)?;
            } else {
                covered.quantities[n] += part(quantity, left, cost)?;
                left = Money::ZERO;
            }
        }
        covered.is_wasted |= left > Money::ZERO;
        from = cut;
    }
    Ok(())
}

/// Whole machines, of what saves most first; what is left buys more of the last than there is use for.
fn reserve(
    wants: &[&Want],
    order: &[usize],
    budget: Money,
    period: Micros,
    covered: &mut Covered,
) -> Result<(), Overflow> {
    let always = u128::from(period.0).checked_mul(u128::from(PER_MICRO)).ok_or(Overflow)?;
    let mut left = budget;
    for (at, &n) in order.iter().enumerate() {
        let w = wants[n];
        // One machine for all of the period.
        let one = w.committed.share(always, w.quantity)?;
        if one <= Money::ZERO {
            continue;
        }
        let affordable = u128::try_from(left.picos() / one.picos()).map_err(|_| Overflow)?;
        let is_last = at + 1 == order.len();
        let bought = if is_last { affordable } else { affordable.min(w.machines) };
        let times = u64::try_from(bought).map_err(|_| Overflow)?;
        left = left.minus(one.times(times)?)?;
        let paid = bought.checked_mul(always).ok_or(Overflow)?;
        let runs = u128::from(on(w, period)).checked_mul(u128::from(PER_MICRO)).ok_or(Overflow)?;
        let used = bought.min(w.machines).checked_mul(runs).ok_or(Overflow)?.min(w.quantity);
        covered.quantities[n] = used;
        covered.unused[n] = paid - used;
    }
    Ok(())
}

/// Base units up to `cut` of `runs`, down.
fn portion(quantity: u128, cut: u64, runs: u64) -> Result<u128, Overflow> {
    if cut == runs {
        return Ok(quantity);
    }
    Ok(quantity.checked_mul(u128::from(cut)).ok_or(Overflow)? / u128::from(runs.max(1)))
}

/// The part of a quantity that some of its cost pays for, to the nearest base unit.
fn part(quantity: u128, paid: Money, cost: Money) -> Result<u128, Overflow> {
    let picos = |m: Money| u128::try_from(m.picos()).unwrap_or(0);
    let common = gcd(picos(paid), picos(cost)).max(1);
    let part = |m: Money| i128::try_from(picos(m) / common).map_err(|_| Overflow);
    let (num, den) = (part(paid)?, part(cost)?);
    let whole = i128::try_from(quantity).map_err(|_| Overflow)?;
    // What does not fit is split into what divides evenly and the rest.
    let (each, rest) = (whole / den.max(1), whole % den.max(1));
    let even = each.checked_mul(num).ok_or(Overflow)?;
    let more = divide_half_even(rest.checked_mul(num).ok_or(Overflow)?, den.max(1));
    u128::try_from(even.checked_add(more).ok_or(Overflow)?).map_err(|_| Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = crate::quantity::MICROS_PER_HOUR;

    fn usd(text: &str) -> Money {
        let d = rust_decimal::Decimal::from_str_exact(text).unwrap();
        crate::rate::charge(d.mantissa(), d.scale(), 1, 1).unwrap()
    }

    fn want(quantity: u128, spread: Spread, list: &str, committed: &str) -> Want {
        Want { quantity, spread, list: usd(list), discount: Money::ZERO, committed: usd(committed), machines: 0 }
    }

    fn covered(wants: &[Want], stated: Option<&str>, hours: u64) -> Covered {
        let wants: Vec<&Want> = wants.iter().collect();
        cover(Commitment::Sp1yNoUpfront, &wants, stated.map(usd), Micros(hours * HOUR)).unwrap()
    }

    #[test]
    fn without_a_stated_amount_what_always_runs_is_covered_whole() {
        let day = Spread::For(Micros(8 * HOUR));
        let wants =
            [want(100, Spread::Always, "10", "8"), want(50, day, "5", "4"), want(7, Spread::Scattered, "1", "0.8")];
        let c = covered(&wants, None, 24);
        assert_eq!((c.quantities, c.is_wasted), (vec![100, 0, 0], false));
    }

    #[test]
    fn what_saves_most_is_covered_first_and_what_is_not_used_is_wasted() {
        let wants = [want(1000, Spread::Always, "10", "9"), want(1000, Spread::Always, "10", "5")];
        assert_eq!(covered(&wants, Some("5"), 10).quantities, [0, 1000]);
        assert_eq!(covered(&wants, Some("9.5"), 10).quantities, [500, 1000]);
        let c = covered(&wants, Some("15"), 10);
        assert_eq!((c.quantities, c.is_wasted), (vec![1000, 1000], true));
    }

    #[test]
    fn hours_that_a_fleet_is_off_are_paid_and_not_used() {
        // 2 dollars an hour at the commitment's rate, for a quarter of the hours.
        let wants = [want(1000, Spread::For(Micros(25 * HOUR)), "100", "50")];
        let c = covered(&wants, Some("200"), 100);
        assert_eq!((c.quantities, c.is_wasted), (vec![1000], true), "all of it, and three quarters wasted");
        let c = covered(&wants, Some("100"), 100);
        assert_eq!(c.quantities, [500], "1 dollar an hour pays for half of it");
    }

    #[test]
    fn reserved_machines_are_whole() {
        let base = |hours: u64| u128::from(hours * HOUR) * u128::from(PER_MICRO);
        // Three machines for 10 of 100 hours; one costs 2 dollars an hour reserved.
        let w = Want {
            quantity: 3 * base(10),
            spread: Spread::For(Micros(10 * HOUR)),
            list: usd("90"),
            discount: Money::ZERO,
            committed: usd("60"),
            machines: 3,
        };
        let c = cover(Commitment::Ri1yStandard, &[&w], Some(usd("500")), Micros(100 * HOUR)).unwrap();
        assert_eq!((c.quantities[0], c.unused[0]), (2 * base(10), 2 * base(90)), "500 dollars buy two");
        let c = cover(Commitment::Ri1yStandard, &[&w], Some(usd("800")), Micros(100 * HOUR)).unwrap();
        assert_eq!((c.quantities[0], c.unused[0]), (3 * base(10), 3 * base(90) + base(100)), "and one too many");
    }
}
