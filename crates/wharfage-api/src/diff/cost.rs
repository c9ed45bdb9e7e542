//! Costs before and after, and their difference where both are known.

use rust_decimal::{Decimal, RoundingStrategy};
use wharfage_core::Money;

use super::{Cost, State};
use crate::response::{EstimateOut, Sums, TotalOut};

/// An estimate's total as one answer has it.
pub fn of_estimate(e: &EstimateOut) -> State {
    state(&e.status, &e.sums, e.missing.iter().map(|m| m.key.clone()).collect())
}

/// A group's total as one answer has it.
pub fn of_total(t: &TotalOut, estimates: &[EstimateOut]) -> State {
    let mut missing: Vec<String> = estimates.iter().flat_map(|e| &e.missing).map(|m| m.key.clone()).collect();
    missing.sort();
    missing.dedup();
    state(&t.status, &t.sums, missing)
}

fn state(status: &str, sums: &Sums, missing: Vec<String>) -> State {
    State { status: status.to_owned(), cost: sums.cents().cloned(), cost_exact: sums.exact().cloned(), missing }
}

/// Both sides and the difference. Absent is nothing and so 0; known to be infeasible or unpriced is not 0.
pub fn cost(before: Option<State>, after: Option<State>) -> Cost {
    let known = comparable(before.as_ref(), after.as_ref());
    let amounts = |text: fn(&State) -> Option<&String>| {
        let of = |s: Option<&State>| s.map_or(Some(Money::ZERO), |s| money(text(s)));
        known.then(|| Some((of(before.as_ref())?, of(after.as_ref())?))).flatten()
    };
    let cents = amounts(|s| s.cost.as_ref());
    let exact = amounts(|s| s.cost_exact.as_ref());
    Cost {
        change: cents.and_then(|(a, b)| difference(a, b, 2)),
        change_exact: exact.and_then(|(a, b)| difference(a, b, 2)),
        fraction: exact.filter(|_| before.is_some() && after.is_some()).and_then(|(a, b)| fraction(a, b)),
        before,
        after,
    }
}

/// Are both sides figures of the same things? Two partial ones are where the same prices are missing.
fn comparable(before: Option<&State>, after: Option<&State>) -> bool {
    let priced = |s: Option<&State>| s.is_none_or(|s| s.status == "priced");
    match (before, after) {
        (Some(a), Some(b)) if a.status == "partial" && b.status == "partial" => a.missing == b.missing,
        _ => priced(before) && priced(after),
    }
}

impl Cost {
    /// Is anything about it different?
    pub(super) fn changed(&self) -> bool {
        let of = |s: &Option<State>| {
            let exact = |s: &State| s.cost_exact.as_ref().map(|t| money(Some(t)));
            s.as_ref().map(|s| (s.status.clone(), exact(s), s.missing.clone()))
        };
        of(&self.before) != of(&self.after)
    }
}

/// An amount of an answer; [`super::read`] has seen to it that there is one.
pub fn money(text: Option<&String>) -> Option<Money> {
    text?.parse().ok()
}

/// `after − before` with at least so many places; absent where it is too large to be exact.
pub fn difference(before: Money, after: Money, places: u32) -> Option<String> {
    Some(after.minus(before).ok()?.to_decimal_at(places).to_string())
}

/// Places of a fraction.
const PLACES: u32 = 12;

/// `(after − before) ÷ before`, half-even at 12 places; absent where nothing comes before.
pub fn fraction(before: Money, after: Money) -> Option<String> {
    let (from, by) = (before.to_decimal(), after.minus(before).ok()?.to_decimal());
    let exact = if from.is_zero() { None } else { by.checked_div(from.abs()) }?;
    let rounded = exact.round_dp_with_strategy(PLACES, RoundingStrategy::MidpointNearestEven).normalize();
    Some(if rounded.is_zero() { Decimal::ZERO } else { rounded }.to_string())
}
