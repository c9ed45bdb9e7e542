//! Crossings and curves as a row per bill.

use super::{Cell, sheet};
use crate::break_even::{BillOut, BreakEvenResponse};

#[rustfmt::skip]
const COLUMNS: [&str; 12] = [
    "row", "crossing", "input", "value", "unit", "platform", "region", "purchase", "status", "total", "total_exact", "cheapest",
];

/// The bills around each crossing, numbered from 1, and then the curve's.
pub fn break_even(answer: &BreakEvenResponse) -> String {
    let mut rows = Vec::new();
    for (n, c) in (1..).zip(&answer.crossings) {
        for (name, pair) in ["below", "at", "above"].into_iter().zip(&c.bills) {
            let both = [(c.from, &pair.from, "from"), (c.to, &pair.to, "to")];
            for (rival, bill, side) in both {
                let cheapest = pair.cheaper == side || pair.cheaper == "equal";
                let number: usize = n;
                rows.push(row(answer, (name, number.to_string()), &pair.value, rival, bill, cheapest));
            }
        }
    }
    for point in &answer.curve {
        for (rival, bill) in point.bills.iter().enumerate() {
            rows.push(row(
                answer,
                ("curve", String::new()),
                &point.value,
                rival,
                bill,
                point.cheapest.contains(&rival),
            ));
        }
    }
    sheet(&COLUMNS, rows)
}

fn row<'r>(
    answer: &'r BreakEvenResponse,
    (name, crossing): (&'r str, String),
    value: &'r str,
    rival: usize,
    bill: &'r BillOut,
    cheapest: bool,
) -> Vec<Cell<'r>> {
    let place = &answer.rivals[rival].place;
    vec![
        Cell::text(name),
        Cell::number(crossing),
        Cell::text(&answer.vary.input),
        Cell::number(value),
        Cell::text(&answer.vary.unit),
        Cell::text(&place.platform),
        Cell::text(&place.region),
        Cell::text(&place.purchase),
        Cell::text(&bill.status),
        Cell::maybe(bill.total.as_ref()),
        Cell::maybe(bill.total_exact.as_ref()),
        Cell::text(if cheapest { "true" } else { "false" }),
    ]
}
