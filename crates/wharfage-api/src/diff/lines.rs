//! One line of a bill before and after.

use rust_decimal::Decimal;
use wharfage_core::Money;

use super::{
    Amounts, Change, LineDiff, Texts,
    cost::{difference, fraction, money},
};
use crate::response::LineOut;

/// What became of a line that at least one side has; `unknown` is the side that needs it and has no price for it.
pub fn line(before: Option<&LineOut>, after: Option<&LineOut>, unknown: Option<&str>) -> LineDiff {
    let one = after.or(before).expect("a pair has a side");
    let texts = |of: fn(&LineOut) -> &String| Texts { before: before.map(of).cloned(), after: after.map(of).cloned() };
    let exact = |l: Option<&LineOut>| l.and_then(|l| money(Some(&l.cost))).unwrap_or(Money::ZERO);
    let (unit, priced, unit_price) = (texts(|l| &l.unit), texts(|l| &l.priced), texts(|l| &l.unit_price));
    let differs = exact(before) != exact(after)
        || unit.before != unit.after
        || [&priced, &unit_price].into_iter().any(|t| number(&t.before) != number(&t.after));
    let amounts = |costs: Texts| {
        let change = if unknown.is_some() { None } else { change(&costs) };
        Amounts { change, before: costs.before, after: costs.after }
    };
    let both = before.is_some() && after.is_some();
    LineDiff {
        change: if unknown.is_some() {
            Change::Changed
        } else {
            Change::of(before.is_some(), after.is_some(), differs)
        },
        sku: one.sku.clone(),
        label: one.label.clone(),
        unit,
        priced,
        unit_price,
        cost: amounts(texts(|l| &l.cost_rounded)),
        cost_exact: amounts(texts(|l| &l.cost)),
        fraction: both.then(|| fraction(exact(before), exact(after))).flatten(),
        no_price: unknown.map(str::to_owned),
    }
}

/// `0.50` and `0.5` are one number.
fn number(text: &Option<String>) -> Option<Decimal> {
    Decimal::from_str_exact(text.as_deref()?).ok().map(|d| d.normalize())
}

fn change(costs: &Texts) -> Option<String> {
    let of = |text: &Option<String>| money(text.as_ref()).unwrap_or(Money::ZERO);
    difference(of(&costs.before), of(&costs.after), 2)
}
