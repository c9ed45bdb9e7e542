//! Twelve months' groups as one: lines, sums and sentences.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{ByMonth, Rounding, Sum, Year, YearGroup, split};
use crate::{
    estimate::{Bill, Estimate, Factor, LineItem, SHARED, Status, Totals, plain_name},
    money::{Money, Overflow, ratio_decimal},
    note::Note,
    pricing::Group,
    rate, text,
    text::{Text, listed},
    workload::Workload,
};

/// Joins the months' groups, which are in the year's order.
pub fn groups<'b>(year: &Year, rounding: Rounding, months: &[Group<'b>]) -> Result<YearGroup<'b>, Overflow> {
    let mut names: Vec<&str> = Vec::new();
    for e in months.iter().flat_map(|m| &m.estimates) {
        if !names.contains(&e.workload.as_str()) {
            names.push(&e.workload);
        }
    }
    // In a month where nothing is shared there is no such estimate.
    names.sort_by_key(|name| *name == SHARED);
    let mut joined: Vec<(Estimate<'b>, ByMonth)> = Vec::with_capacity(names.len());
    for name in names {
        let of: Vec<Option<&Estimate<'b>>> =
            months.iter().map(|m| m.estimates.iter().find(|e| e.workload == name)).collect();
        joined.extend(estimate(year, rounding, &of)?);
    }
    let (estimates, by_month): (Vec<_>, Vec<_>) = joined.into_iter().unzip();
    let sums: Vec<Sum> = months.iter().map(|m| Sum { status: m.status, totals: m.totals }).collect();
    let Sum { status, totals } = whole(rounding, &sums)?;
    Ok(YearGroup { group: Group { estimates, status, totals }, months: sums, estimates: by_month })
}

/// The worst status and the totals of all months.
fn whole(rounding: Rounding, months: &[Sum]) -> Result<Sum, Overflow> {
    let status = months.iter().map(|m| m.status).max().unwrap_or(Status::Infeasible);
    if status == Status::Infeasible {
        return Ok(Sum { status, totals: Totals::default() });
    }
    let exact = Money::sum(months.iter().map(|m| m.totals.exact))?;
    let total = match rounding {
        Rounding::Invoice => Money::sum(months.iter().map(|m| m.totals.total))?,
        Rounding::Exact => exact.round_to_cents(),
    };
    Ok(Sum { status, totals: Totals { total, exact } })
}

fn estimate<'b>(
    year: &Year,
    rounding: Rounding,
    months: &[Option<&Estimate<'b>>],
) -> Result<Option<(Estimate<'b>, ByMonth)>, Overflow> {
    let Some(first) = months.iter().flatten().next() else { return Ok(None) };
    let nothing = Sum { status: Status::Priced, totals: Totals::default() };
    let sum = |e: &Option<&Estimate<'b>>| e.map_or(nothing, |e| Sum { status: e.status, totals: e.totals });
    let sums: Vec<Sum> = months.iter().map(sum).collect();
    let Sum { status, totals } = whole(rounding, &sums)?;
    let mut joined: Estimate<'b> = (*first).clone();
    (joined.status, joined.totals) = (status, totals);
    joined.reasons = notes(year, months, |e| &e.reasons);
    let (mut bill, mut costs) = (Bill::default(), Vec::new());
    // What can't run in some month can't run all year.
    if status != Status::Infeasible {
        (bill.lines, costs) = lines(months)?;
        for missing in months.iter().flatten().flat_map(|e| &e.bill.missing) {
            if !bill.missing.contains(missing) {
                bill.missing.push(missing.clone());
            }
        }
        bill.assumptions = notes(year, months, |e| &e.bill.assumptions);
        bill.not_priced = notes(year, months, |e| &e.bill.not_priced);
        bill.warnings = notes(year, months, |e| &e.bill.warnings);
    }
    joined.bill = bill;
    Ok(Some((joined, ByMonth { sums, lines: costs })))
}

/// A line over the months: what each adds to it.
struct Joined<'l, 'b> {
    months: Vec<(usize, &'l LineItem<'b>)>,
}

fn same(a: &LineItem<'_>, b: &LineItem<'_>) -> bool {
    (&a.sku, a.label, a.unit, a.unit_price, a.rule.id) == (&b.sku, b.label, b.unit, b.unit_price, b.rule.id)
}

/// The lines of all months with each month's cost. Two like lines of one month stay two.
fn lines<'b>(months: &[Option<&Estimate<'b>>]) -> Result<(Vec<LineItem<'b>>, Vec<Vec<Money>>), Overflow> {
    let mut all: Vec<Joined<'_, 'b>> = Vec::new();
    for (n, e) in months.iter().enumerate() {
        let mut at = 0;
        for line in e.iter().flat_map(|e| &e.bill.lines) {
            let fits = |j: &Joined<'_, 'b>| {
                j.months.iter().all(|(month, _)| *month != n) && j.months.iter().any(|(_, l)| same(l, line))
            };
            match all.iter().position(fits) {
                Some(found) => {
                    all[found].months.push((n, line));
                    at = found + 1;
                }
                None => {
                    // A tier that only some months reach stands behind the line it follows there.
                    all.insert(at, Joined { months: vec![(n, line)] });
                    at += 1;
                }
            }
        }
    }
    let mut joined = Vec::with_capacity(all.len());
    let mut costs = Vec::with_capacity(all.len());
    for Joined { months: parts } in &all {
        joined.push(line(parts)?);
        let cost = |n: usize| parts.iter().find(|(month, _)| *month == n).map_or(Money::ZERO, |(_, l)| l.cost);
        costs.push((0..months.len()).map(cost).collect());
    }
    Ok((joined, costs))
}

/// One line of all that is billed in the months; its cost follows from its own numbers.
fn line<'b>(parts: &[(usize, &LineItem<'b>)]) -> Result<LineItem<'b>, Overflow> {
    let (_, first) = parts.first().ok_or(Overflow)?;
    let sum = |of: fn(&LineItem<'b>) -> u128| {
        parts.iter().try_fold(0_u128, |sum, (_, l)| sum.checked_add(of(l))).ok_or(Overflow)
    };
    let mut line: LineItem<'b> = (*first).clone();
    line.consumed = sum(|l| l.consumed)?;
    line.priced = sum(|l| l.priced)?;
    let price = line.unit_price;
    line.cost = rate::charge(price.mantissa(), price.scale(), line.priced, line.unit.base_per_unit())?;
    line.factors = factors(parts, &line);
    Ok(line)
}

/// Numbers whose product is what is billed: the months' own where one of them is the sum over the months, or so many equal
/// months; else the quantity itself.
fn factors(parts: &[(usize, &LineItem<'_>)], line: &LineItem<'_>) -> Vec<Factor> {
    let own = |at: usize| -> Option<Vec<Factor>> {
        let mut factors = parts.first()?.1.factors.clone();
        let values = parts.iter().map(|(_, l)| l.factors.get(at).map(|f| f.value));
        let sum = values.into_iter().try_fold(Decimal::ZERO, |sum, value| sum.checked_add(value?))?;
        factors.get_mut(at)?.value = sum.normalize();
        Some(factors)
    };
    let plain = ratio_decimal(line.priced, u128::from(line.unit.base_per_plain()));
    let right = |factors: &Vec<Factor>| {
        let product = factors.iter().try_fold(Decimal::ONE, |product, f| product.checked_mul(f.value));
        product.is_some_and(|p| p == plain)
    };
    // The last factor that varies is the time where time does.
    let count = parts.first().map_or(0, |(_, l)| l.factors.len());
    let summed = (0..count).rev().filter_map(own).find(right);
    summed.unwrap_or_else(|| vec![Factor::new(plain, plain_name(line.unit))])
}

/// Each sentence once; one that only some of the months have says which.
fn notes<'e, 'b>(
    year: &Year,
    months: &[Option<&'e Estimate<'b>>],
    of: fn(&'e Estimate<'b>) -> &'e Vec<Note>,
) -> Vec<Note> {
    let mut all: Vec<(Note, Vec<&str>)> = Vec::new();
    for (e, month) in months.iter().zip(&year.months) {
        for note in e.iter().copied().flat_map(of) {
            match all.iter_mut().find(|(known, _)| known == note) {
                Some((_, labels)) => labels.push(&month.label),
                None => all.push((note.clone(), vec![&month.label])),
            }
        }
    }
    let present = months.iter().flatten().count();
    let said = |(note, labels): (Note, Vec<&str>)| match labels.len() {
        n if n >= present => note,
        n => {
            let named = || Text::plain(labels.join(", "));
            let which = if n <= MOST_NAMED { named() } else { text!("{n} of the months", n) };
            let args = [("message", note.text), ("months", which)];
            Note::new(note.code, "{message} (in {months})", &args)
        }
    };
    all.into_iter().map(said).collect()
}

/// Most months that a sentence names.
const MOST_NAMED: usize = 3;

/// Says on each estimate what of its workload is spread over the months; and what is said of the machines of some on those.
pub fn assume(group: &mut Group<'_>, workloads: &[Workload], of_machines: Option<(Note, &BTreeSet<&str>)>) {
    for e in group.estimates.iter_mut().filter(|e| e.status != Status::Infeasible) {
        let spread = workloads.iter().find(|w| w.name == e.workload).map(split::spread).unwrap_or_default();
        if !spread.is_empty() {
            let template = "{what} of the year are spread over its months by their hours";
            e.bill.assumptions.push(Note::new(
                "period/spread",
                template,
                &[("what", listed(spread.into_iter().map(Text::from)))],
            ));
        }
        let said = of_machines.as_ref().filter(|(_, of)| of.contains(e.workload.as_str()));
        e.bill.assumptions.extend(said.map(|(note, _)| note.clone()));
    }
}
