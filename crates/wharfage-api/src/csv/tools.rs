//! What changed between two answers, and which platforms suit, as sheets.

use super::{Cell, sheet};
use crate::{
    diff::{Change, Cost, DiffResponse, Place, State, TotalDiff},
    recommend::{RecommendResponse, Why},
};

#[rustfmt::skip]
const COMPARISON: [&str; 18] = [
    "row", "change", "platform", "region", "purchase", "workload", "sku", "label", "unit", "priced_before", "priced_after",
    "unit_price_before", "unit_price_after", "status_before", "status_after", "cost_before", "cost_after", "cost_change",
];

/// What changed: a row per line, per workload and per total.
pub fn comparison(d: &DiffResponse) -> String {
    sheet(&COMPARISON, d.totals.iter().flat_map(total))
}

fn total(t: &TotalDiff) -> Vec<Vec<Cell<'_>>> {
    let mut rows = Vec::new();
    for e in &t.estimates {
        for l in &e.lines {
            let mut row = lead("line", l.change, &t.place, &e.workload);
            row.extend([Cell::text(&l.sku), Cell::text(&l.label)]);
            row.push(Cell::text(l.unit.after.as_ref().or(l.unit.before.as_ref()).map_or("", String::as_str)));
            row.extend(
                [&l.priced, &l.unit_price].iter().flat_map(|t| [&t.before, &t.after]).map(|t| Cell::maybe(t.as_ref())),
            );
            row.extend([Cell::EMPTY, Cell::EMPTY]);
            row.extend([&l.cost.before, &l.cost.after, &l.cost.change].map(|t| Cell::maybe(t.as_ref())));
            rows.push(row);
        }
        rows.push(sum("workload", e.change, &t.place, &e.workload, &e.cost));
    }
    rows.push(sum("total", t.change, &t.place, "", &t.cost));
    rows
}

fn lead<'r>(row: &'r str, change: Change, place: &'r Place, workload: &'r str) -> Vec<Cell<'r>> {
    let change = match change {
        Change::Added => "added",
        Change::Removed => "removed",
        Change::Changed => "changed",
        Change::Unchanged => "unchanged",
    };
    [row, change, &place.platform, &place.region, &place.purchase, workload].map(Cell::text).to_vec()
}

fn sum<'r>(row: &'r str, change: Change, place: &'r Place, workload: &'r str, cost: &'r Cost) -> Vec<Cell<'r>> {
    let mut cells = lead(row, change, place, workload);
    cells.resize(COMPARISON.len() - 5, Cell::EMPTY);
    let sides = [cost.before.as_ref(), cost.after.as_ref()];
    cells.extend(sides.map(|s| s.map_or(Cell::EMPTY, |s| Cell::text(&s.status))));
    let figure = |s: Option<&'r State>| Cell::maybe(s.and_then(|s| s.cost.as_ref()));
    cells.extend([figure(sides[0]), figure(sides[1]), Cell::maybe(cost.change.as_ref())]);
    cells
}

const RECOMMENDATION: [&str; 8] = ["rank", "platform", "region", "purchase", "suits", "status", "total", "why"];

/// Which platforms suit: a row per platform, those that do not fit without a rank.
pub fn recommendation(r: &RecommendResponse) -> String {
    let why = |all: &[Why]| {
        let says: Vec<&str> = all.iter().map(|w| w.says.as_str()).collect();
        Cell::text(says.join("; "))
    };
    let fitting = (1..).zip(&r.fitting).map(|(rank, f): (usize, _)| {
        let mut row = vec![Cell::number(rank.to_string())];
        row.extend([&f.platform, &f.region, &f.purchase].map(Cell::text));
        row.extend([
            Cell::number(f.suits.to_string()),
            Cell::text(&f.status),
            Cell::maybe(f.total.as_ref()),
            why(&f.why),
        ]);
        row
    });
    let others = r.others.iter().map(|o| {
        let mut row = vec![Cell::EMPTY, Cell::text(&o.platform), Cell::EMPTY, Cell::EMPTY, Cell::EMPTY];
        row.extend([Cell::text("infeasible"), Cell::EMPTY, why(&o.why)]);
        row
    });
    sheet(&RECOMMENDATION, fitting.chain(others))
}
