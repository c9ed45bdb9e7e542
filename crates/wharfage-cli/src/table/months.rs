//! The months of a calendar year: as columns where a page is wide enough, else as rows of a table of their own.

use rust_decimal::Decimal;
use wharfage_api::response::{EstimateResponse, LineOut, MonthOut};
use wharfage_core::tr;

use super::{
    Group, Look, SHARED,
    cells::{Column, Grid, Tone, line, page},
    figures::{cents, decimal, money},
};

#[rustfmt::skip]
const NAMES: [&str; 12] = [
    tr!("Jan"), tr!("Feb"), tr!("Mar"), tr!("Apr"), tr!("May"), tr!("Jun"),
    tr!("Jul"), tr!("Aug"), tr!("Sep"), tr!("Oct"), tr!("Nov"), tr!("Dec"),
];

/// Titles of the months' columns; none where the period is one bill.
pub fn titles(look: &Look, response: &EstimateResponse) -> Vec<(Column, String)> {
    let months = response.period.months.iter().zip(NAMES);
    months.map(|(_, name)| (Column::Number, look.say(name).to_owned())).collect()
}

/// What a line is billed, to the cent: each month of a year on its own.
pub fn billed(l: &LineOut) -> Decimal {
    if l.months.is_empty() { decimal(&l.cost_rounded) } else { of_line(l).iter().sum() }
}

/// What a line is billed in each month, to the cent.
pub fn of_line(l: &LineOut) -> Vec<Decimal> {
    l.months.iter().map(|cost| cents(decimal(cost))).collect()
}

/// A month's total, or its subtotal; `None` where it has no price.
pub fn figure(m: &MonthOut) -> Option<Decimal> {
    m.sums.cents().map(|text| decimal(text))
}

/// Cells of months.
pub fn cells(look: &Look, months: &[MonthOut]) -> Vec<String> {
    months.iter().map(|m| figure(m).map_or_else(|| look.say("no price").to_owned(), money)).collect()
}

/// A row per month of a group, with a column for each of several workloads where they fit.
pub fn rows(out: &mut String, look: &Look, response: &EstimateResponse, group: &Group<'_>) {
    if group.total.months.is_empty() {
        return;
    }
    let fits = |grid: &Grid| page(look).is_none_or(|w| grid.natural_width() <= w);
    let several = Some(grid(look, response, group, true)).filter(|g| group.estimates.len() > 1 && fits(g));
    out.push('\n');
    line(out, look, Tone::Strong, look.say("By month"));
    several.unwrap_or_else(|| grid(look, response, group, false)).draw(out, look);
}

fn grid(look: &Look, response: &EstimateResponse, group: &Group<'_>, workloads: bool) -> Grid {
    let estimates = if workloads { group.estimates } else { &[] };
    let totals = &group.total.months;
    let own = |n: usize| estimates.iter().map(move |e| e.months.get(n).and_then(figure));
    let gap = |n: usize| {
        let total = totals.get(n).and_then(figure)?;
        Some(total - own(n).flatten().sum::<Decimal>()).filter(|gap| workloads && !gap.is_zero())
    };
    let gaps = (0..totals.len()).any(|n| gap(n).is_some());
    let mut titles =
        vec![(Column::Name, look.say(tr!("month")).to_owned()), (Column::Number, look.say(tr!("hours")).to_owned())];
    let name =
        |workload: &str| if workload == SHARED { look.say(tr!("shared")).to_owned() } else { workload.to_owned() };
    titles.extend(estimates.iter().map(|e| (Column::Number, name(&e.workload))));
    titles.extend(gaps.then(|| (Column::Number, look.say(tr!("rounding")).to_owned())));
    titles.push((Column::Number, response.currency.clone()));
    let mut grid = Grid::new(titles);
    for (n, (month, period)) in totals.iter().zip(&response.period.months).enumerate() {
        let mut row = vec![period.label.clone(), period.hours.clone()];
        row.extend(own(n).map(|f| f.map_or_else(String::new, money)));
        row.extend(gaps.then(|| gap(n).map_or_else(String::new, money)));
        row.extend(cells(look, std::slice::from_ref(month)));
        grid.row(Tone::Plain, row);
    }
    grid
}
