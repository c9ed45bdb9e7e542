//! A calendar year: twelve bills, one for each real month.
//!
//! Every month is priced as a period of its own, with its hours, its allowances, credits and tiers, and each rounded on its
//! own; what comes of it is joined into one group whose lines are those of the months added up.
//!
//! # Invariants
//! A month's totals are those of the month priced alone with its part of the year's quantities; the parts add up to the
//! year's quantities; the year's totals are the sums of the months', under [`Rounding::Exact`] the exact sum rounded once.
//! Of a line, what is billed is the sum over the months, and its cost follows from that; where a month's cost does not end
//! within 12 places, the months' costs differ from it in the last.
//! # Sources
//! The design's own: providers bill calendar months.

mod join;
mod split;

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::{
    book::PriceBook,
    estimate::{Rounding, Status, Totals},
    money::{Money, Overflow},
    note::Note,
    period::Period,
    platform::{Context, Platform},
    pricing::{self, Group, Place, Settings},
    purchase::{Choice, Purchase},
    quantity::{MICROS_PER_HOUR, Micros},
    text::both,
    workload::Workload,
};

/// A year and its months.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Year {
    /// all of it: `2027`, 8,760 h
    pub whole: Period,
    /// January to December: `2027-01`, 744 h
    pub months: Vec<Period>,
}

impl Year {
    /// A year whose months scale and count as `like` does; `None` where there is no such year.
    pub fn new(year: i16, like: &Period) -> Option<Self> {
        let month = |n: i8| {
            let days = Date::new(year, n, 1).ok()?.days_in_month().unsigned_abs();
            let time = Micros(u64::from(days) * 24 * MICROS_PER_HOUR);
            Some(Period { label: format!("{year:04}-{n:02}"), time, ..like.clone() })
        };
        let months = (1..=12).map(month).collect::<Option<Vec<Period>>>()?;
        let time = Micros(months.iter().map(|m| m.time.0).sum());
        Some(Self { whole: Period { label: format!("{year:04}"), time, ..like.clone() }, months })
    }
}

/// How far a month got, and what it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    /// how far
    pub status: Status,
    /// total, or subtotal where something is missing
    pub totals: Totals,
}

/// What an estimate comes to in each month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByMonth {
    /// all of it
    pub sums: Vec<Sum>,
    /// each of its lines
    pub lines: Vec<Vec<Money>>,
}

/// A group's year; without months where a bill is for one period.
#[derive(Debug, Clone)]
pub struct YearGroup<'b> {
    /// the months joined
    pub group: Group<'b>,
    /// what the group comes to in each month
    pub months: Vec<Sum>,
    /// what each of its estimates comes to in each month
    pub estimates: Vec<ByMonth>,
}

impl<'b> From<Group<'b>> for YearGroup<'b> {
    /// A group of one bill: no months.
    fn from(group: Group<'b>) -> Self {
        Self { group, months: Vec::new(), estimates: Vec::new() }
    }
}

impl<'b> AsRef<Group<'b>> for YearGroup<'b> {
    fn as_ref(&self) -> &Group<'b> {
        &self.group
    }
}

impl<'b> AsMut<Group<'b>> for YearGroup<'b> {
    fn as_mut(&mut self) -> &mut Group<'b> {
        &mut self.group
    }
}

/// Prices a group for each month of a year, bought as asked: one way all year, which of several costs least over it.
///
/// # Errors
/// [`Overflow`] where a quantity or a cost is too large to be exact.
pub fn chosen<'b>(
    book: &PriceBook<'b>,
    settings: &Settings,
    year: &Year,
    platform: Platform,
    place: &Place<'b>,
    choice: Choice,
    workloads: &[Workload],
) -> Result<YearGroup<'b>, Overflow> {
    let price = |purchase| group(book, settings, year, platform, place, purchase, workloads);
    pricing::cheapest(platform, choice, price)
}

/// Prices a group for each month of a year.
///
/// The machine type of nodes is the same all year: where months would choose differently, it is that of their choices that
/// costs least over the year.
///
/// # Errors
/// [`Overflow`] where a quantity or a cost is too large to be exact.
pub fn group<'b>(
    book: &PriceBook<'b>,
    settings: &Settings,
    year: &Year,
    platform: Platform,
    place: &Place<'b>,
    purchase: Purchase,
    workloads: &[Workload],
) -> Result<YearGroup<'b>, Overflow> {
    let settings_of = |period: &Period| Settings { period: period.clone(), ..settings.clone() };
    let price = |period, all: &[Workload]| pricing::group(book, &settings_of(period), platform, place, purchase, all);
    let priced = |all: &[Workload]| -> Result<Vec<Group<'b>>, Overflow> {
        let parts = year.parts(all);
        year.months.iter().zip(&parts).map(|(month, part)| price(month, part)).collect()
    };
    let months = priced(workloads)?;
    let mut choices: Vec<Vec<String>> = Vec::new();
    for choice in months.iter().map(chosen_types) {
        if !choices.contains(&choice) {
            choices.push(choice);
        }
    }
    // Whose machines months choose: a committed one is no line of its own rule.
    let choosing: BTreeSet<&str> = months
        .iter()
        .flat_map(|g| &g.estimates)
        .filter(|e| e.bill.assumptions.iter().any(is_choice))
        .map(|e| e.workload.as_str())
        .collect();
    let Some(region) = place.region(platform).filter(|_| choices.len() > 1) else {
        let mut joined = join::groups(year, settings.rounding, &months)?;
        join::assume(&mut joined.group, workloads, None);
        return Ok(joined);
    };
    let ctx = Context::new(book, region, settings.day, purchase, &year.whole, settings.free_tier);
    let mut best: Option<YearGroup<'b>> = None;
    for types in &choices {
        let months = priced(&with_types(&ctx, platform, workloads, types)?)?;
        let mut joined = join::groups(year, settings.rounding, &months)?;
        let rank = |g: &Group<'_>| (g.status, g.totals.exact);
        if best.as_ref().is_none_or(|b| rank(&joined.group) < rank(&b.group)) {
            join::assume(&mut joined.group, workloads, Some((one_type_note(types), &choosing)));
            best = Some(joined);
        }
    }
    best.ok_or(Overflow)
}

/// The machine types that were chosen for nodes, in the order of the nodes' pools.
fn chosen_types(group: &Group<'_>) -> Vec<String> {
    let notes = group.estimates.iter().flat_map(|e| &e.bill.assumptions).filter(|n| is_choice(n));
    notes.filter_map(|n| n.value("type")).map(str::to_owned).collect()
}

/// Does a note say that a machine type was chosen?
fn is_choice(note: &Note) -> bool {
    note.code.ends_with("/chosen")
}

/// The workloads with the machine types of their pools by name; as they are where the types are not those of the pools.
fn with_types(
    ctx: &Context<'_, '_>,
    platform: Platform,
    workloads: &[Workload],
    types: &[String],
) -> Result<Vec<Workload>, Overflow> {
    let free: Vec<&Workload> = workloads.iter().filter(|w| w.node_type.is_none()).collect();
    let pools = platform.node_pools(ctx, &free)?;
    let mut named = workloads.to_vec();
    if pools.iter().max().is_some_and(|last| last + 1 == types.len()) {
        for (w, pool) in named.iter_mut().filter(|w| w.node_type.is_none()).zip(pools) {
            w.node_type = types.get(pool).cloned();
        }
    }
    Ok(named)
}

fn one_type_note(types: &[String]) -> Note {
    let template = "months alone would choose different machine types: {types} all year costs least of those";
    Note::new("period/one-machine-type", template, &[("types", both(types))])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn year(n: i16) -> Year {
        let like = Period { label: String::new(), time: Micros(0), month_hours: 730, whole_month_hours: (672, 744) };
        Year::new(n, &like).unwrap()
    }

    #[test]
    fn a_year_is_twelve_real_months() {
        let hours = |y: &Year| y.months.iter().map(|m| m.time.0 / MICROS_PER_HOUR).collect::<Vec<_>>();
        let y = year(2027);
        assert_eq!(hours(&y), [744, 672, 744, 720, 744, 720, 744, 744, 720, 744, 720, 744]);
        assert_eq!((y.whole.label.as_str(), y.whole.time), ("2027", Micros(8760 * MICROS_PER_HOUR)));
        assert_eq!((y.months[1].label.as_str(), hours(&year(2028))[1]), ("2027-02", 696));
        assert!(y.months.iter().all(Period::is_whole_month));
    }

    #[test]
    fn parts_of_a_year_add_up_to_it_and_follow_the_hours() {
        for (total, step) in [(0, 1), (1, 1), (11, 1), (150, 1), (8760, 1), (8760, 24), (102_400, 64), (u128::MAX, 1)] {
            let parts = year(2028).split(total, step);
            assert_eq!(parts.iter().sum::<u128>(), total, "{total}");
            assert!(parts.iter().all(|p| p.is_multiple_of(step)), "{total} by {step}: {parts:?}");
        }
        let nearly = year(2027);
        let parts = nearly.split(u128::from(nearly.whole.time.0) - 500_000, 1_000_000);
        assert!(parts.iter().zip(&nearly.months).all(|(part, month)| *part <= u128::from(month.time.0)), "{parts:?}");
        assert_eq!(year(2027).split(150, 1), [12, 12, 12, 13, 13, 12, 13, 12, 13, 12, 13, 13]);
        assert_eq!(year(2027).split(8760, 1), [744, 672, 744, 720, 744, 720, 744, 744, 720, 744, 720, 744]);
    }
}
