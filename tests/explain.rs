//! The printed numbers give the printed costs: every formula, every line and every sum of the goldens, in exact fractions.

use std::collections::BTreeMap;

use wharfage_api::response::{EstimateOut, EstimateResponse, LineOut, MonthOut, Sums};
use wharfage_tests::{
    exact::Exact,
    golden::{request, requests, response},
};

/// Every golden's response, its lines explained.
fn explained() -> impl Iterator<Item = (String, EstimateResponse)> {
    requests().into_iter().map(|file| {
        let mut request = request(&file);
        request.explain = Some("true".to_owned());
        (file.display().to_string(), response(&request))
    })
}

fn each_line(check: impl Fn(&str, &LineOut)) {
    let mut lines = 0;
    for (file, response) in explained() {
        for line in response.estimates.iter().flat_map(|e| &e.lines) {
            check(&format!("{file}: {}", line.label), line);
            lines += 1;
        }
    }
    assert!(lines > 300, "{lines} lines in all");
}

/// The number a term of a formula starts with: 0.5 of `0.5 vCPU`.
fn leading(term: &str) -> Exact {
    Exact::parse(term.split_whitespace().next().unwrap_or_default())
}

/// What the left side of a formula comes to: factors joined by `×`, each of which may be divided by others with `÷`.
fn value(left: &str) -> Exact {
    left.split(" × ").fold(Exact::new(1, 1), |product, factor| {
        let mut parts = factor.split(" ÷ ").map(leading);
        let first = parts.next().unwrap_or(Exact::ZERO);
        parts.fold(product * first, |quotient, by| quotient / by)
    })
}

#[test]
fn fractions_compute_and_round_exactly() {
    let exact = |text: &str| Exact::parse(text);
    assert_eq!(value("2 tasks × 0.5 vCPU × 3600 s × 0.1 USD ÷ 7200 s/h"), exact("0.05"));
    assert_eq!(exact("-1") / exact("3") + exact("1") / exact("3"), Exact::ZERO);
    #[rustfmt::skip]
    let cases = [
        // number, half-even at two places, half-up
        ("0.125",  "0.12",  "0.13"),
        ("0.135",  "0.14",  "0.14"),
        ("-0.125", "-0.12", "-0.13"),
        ("0.1249", "0.12",  "0.12"),
        ("-0.126", "-0.13", "-0.13"),
    ];
    for (number, even, up) in cases {
        assert_eq!((exact(number).half_even(2), exact(number).half_up(2)), (exact(even), exact(up)), "{number}");
    }
}

#[test]
fn every_formula_gives_its_cost() {
    each_line(|at, line| {
        let formula = &line.explanation.as_ref().unwrap_or_else(|| panic!("{at}: explained")).formula;
        let (left, right) = formula.split_once(" = ").unwrap_or_else(|| panic!("{at}: {formula}"));
        assert_eq!(value(left).half_even(12), leading(right), "{at}: {formula}");
        assert_eq!(leading(right), Exact::parse(&line.cost), "{at}: {formula}");
    });
}

#[test]
fn a_lines_price_times_its_quantity_is_its_cost() {
    each_line(|at, line| {
        let [price, base, per, cost] =
            [&line.unit_price, &line.priced_base, &line.base_per_unit, &line.cost].map(|text| Exact::parse(text));
        assert_eq!((price * base / per).half_even(12), cost, "{at}");
        assert_eq!(Exact::parse(&line.priced), (base / per).half_even(12), "{at}: priced");
        assert_eq!(Exact::parse(&line.cost_rounded), cost.half_up(2), "{at}: cents");
    });
}

#[test]
fn lines_sum_to_their_estimate_and_estimates_to_their_group() {
    for (file, response) in explained().filter(|(_, r)| r.period.months.is_empty()) {
        for e in &response.estimates {
            sums_to(&file, &response, [e].into_iter(), &e.sums);
        }
        for t in &response.totals {
            let of = |e: &&EstimateOut| (&e.platform, &e.region, &e.purchase) == (&t.platform, &t.region, &t.purchase);
            let group = response.estimates.iter().filter(of);
            sums_to(&file, &response, group, &t.sums);
        }
    }
}

/// The exact sum is that of the lines; the total is the sum of each sku's cents, or the rounded exact sum, and nothing is
/// never rounded to less than nothing.
fn sums_to<'e>(file: &str, response: &EstimateResponse, estimates: impl Iterator<Item = &'e EstimateOut>, sums: &Sums) {
    let (Some(total), Some(exact)) = (sums.cents(), sums.exact()) else { return };
    let mut by_sku: BTreeMap<&str, Exact> = BTreeMap::new();
    for line in estimates.flat_map(|e| &e.lines) {
        let sum = by_sku.entry(&line.sku).or_insert(Exact::ZERO);
        *sum = *sum + Exact::parse(&line.cost);
    }
    let sum: Exact = by_sku.values().copied().sum();
    assert_eq!(sum, Exact::parse(exact), "{file}");
    let cents: Exact = match response.rounding.as_str() {
        "invoice" => by_sku.values().map(|sum| sum.half_up(2)).sum(),
        _ => sum.half_up(2),
    };
    let cents = if sum.is_negative() || !cents.is_negative() { cents } else { Exact::ZERO };
    assert_eq!(cents, Exact::parse(total), "{file}");
}

/// Each month's cents and exact sum are those of its lines, and the year's are the months' added up; an exact sum is
/// rounded once.
#[test]
fn a_years_months_sum_to_it_and_each_is_rounded_on_its_own() {
    let mut years = 0;
    for (file, response) in explained().filter(|(_, r)| !r.period.months.is_empty()) {
        years += 1;
        for e in &response.estimates {
            adds_up(&file, &response, &e.sums, &e.months, &[e]);
        }
        for t in &response.totals {
            let of = |e: &&EstimateOut| (&e.platform, &e.region, &e.purchase) == (&t.platform, &t.region, &t.purchase);
            let group: Vec<&EstimateOut> = response.estimates.iter().filter(of).collect();
            adds_up(&file, &response, &t.sums, &t.months, &group);
        }
    }
    assert!(years >= 7, "{years} years");
}

fn adds_up(file: &str, response: &EstimateResponse, year: &Sums, months: &[MonthOut], from: &[&EstimateOut]) {
    let parsed = |sums: &Sums| Some((Exact::parse(sums.cents()?), Exact::parse(sums.exact()?)));
    let Some((total, exact)) = parsed(year) else { return assert!(months.is_empty(), "{file}") };
    let mut sums = (Exact::ZERO, Exact::ZERO);
    for (n, m) in months.iter().enumerate() {
        let of_month = |e: &&EstimateOut| {
            let mut e = (*e).clone();
            e.lines.iter_mut().for_each(|l| l.cost = l.months[n].clone());
            e
        };
        let lines: Vec<EstimateOut> = from.iter().map(of_month).collect();
        sums_to(&format!("{file}: {}", m.period), response, lines.iter(), &m.sums);
        let (total, exact) = parsed(&m.sums).unwrap_or_else(|| panic!("{file}: {m:?}"));
        sums = (sums.0 + total, sums.1 + exact);
    }
    assert_eq!(months.len(), 12, "{file}");
    assert_eq!(exact, sums.1, "{file}");
    assert_eq!(total, if response.rounding == "invoice" { sums.0 } else { exact.half_up(2) }, "{file}");
}

#[test]
fn what_explains_a_line_moves_no_number() {
    for file in requests() {
        let mut request = request(&file);
        request.explain = None;
        let plain = response(&request);
        request.explain = Some("true".to_owned());
        let mut explained = response(&request);
        for line in explained.estimates.iter_mut().flat_map(|e| &mut e.lines) {
            assert!(line.explanation.take().is_some());
        }
        assert_eq!(plain, explained, "{}", file.display());
    }
}
