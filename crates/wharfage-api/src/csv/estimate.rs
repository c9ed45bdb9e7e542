//! Estimates and comparisons: a row per line of a bill, and rows for what rounding leaves and for totals.
//!
//! `row` tells them apart: `line`; `rounding` (what lies between the rounded lines and their total); `total` of one
//! workload; `all`, the total of several workloads on one platform. In a group, lines and roundings add up to the last total,
//! to the cent; of a calendar year each month has a column, whose lines and roundings add up likewise. An infeasible or unpriced estimate has its `total` row, whose `status`, `reasons` and `missing` say why.

use rust_decimal::{Decimal, RoundingStrategy};
use wharfage_core::platform::Platform;

use super::{Cell, sheet};
use crate::{
    groups::groups,
    response::{EstimateOut, EstimateResponse, FxAmount, LineOut, MissingOut, MonthOut, NoteOut, TotalOut},
};

const COLUMNS: [&str; 32] = [
    "row",
    "workload",
    "provider",
    "platform",
    "region",
    "purchase",
    "status",
    "sku",
    "label",
    "consumed",
    "priced",
    "unit",
    "unit_price",
    "cost",
    "cost_rounded",
    "currency",
    "rule",
    "basis",
    "valid_from",
    "confirmed",
    "source",
    "reasons",
    "missing",
    "not_priced",
    "assumptions",
    "warnings",
    "period",
    "hours",
    "rounding",
    "edition",
    "digest",
    "as_of",
];

/// Columns that `explain` adds.
const EXPLAINED: [&str; 4] = ["formula", "says", "rule_source", "url"];

/// An answer to `estimate` or `compare`.
pub fn estimates(response: &EstimateResponse) -> String {
    let explained = response.estimates.iter().flat_map(|e| &e.lines).any(|l| l.explanation.is_some());
    let sheet_of = Rows { response, explained };
    let rates = response.fx.iter().flat_map(|fx| [format!("rate_{}", fx.currency), format!("total_{}", fx.currency)]);
    let rates: Vec<String> = rates.collect();
    let mut columns = COLUMNS.to_vec();
    columns.extend(EXPLAINED.iter().filter(|_| explained));
    columns.extend(rates.iter().map(String::as_str));
    columns.extend(response.period.months.iter().map(|m| m.label.as_str()));
    sheet(&columns, sheet_of.all())
}

struct Rows<'r> {
    response: &'r EstimateResponse,
    explained: bool,
}

/// Whom a row is about.
#[derive(Clone, Copy)]
struct Whom<'r> {
    workload: &'r str,
    platform: &'r str,
    region: &'r str,
    purchase: &'r str,
    status: &'r str,
}

/// What a row says, in the columns' order.
#[derive(Default)]
struct What<'r> {
    line: Option<&'r LineOut>,
    cost: Option<&'r String>,
    cost_rounded: Option<String>,
    notes: [String; 5],
    fx: &'r [FxAmount],
    /// of a year, to the cent
    months: Vec<Option<Decimal>>,
}

impl<'r> Rows<'r> {
    fn all(&self) -> Vec<Vec<Cell<'r>>> {
        let mut rows = Vec::new();
        for group in groups(self.response) {
            for e in group.estimates {
                self.estimate(e, &mut rows);
            }
            if group.estimates.len() > 1 {
                self.sum(group.total, group.estimates, &mut rows);
            }
        }
        rows
    }

    fn estimate(&self, e: &'r EstimateOut, rows: &mut Vec<Vec<Cell<'r>>>) {
        let whom = Whom {
            workload: &e.workload,
            platform: &e.platform,
            region: &e.region,
            purchase: &e.purchase,
            status: &e.status,
        };
        let line = |l: &'r LineOut| What {
            line: Some(l),
            cost: Some(&l.cost),
            cost_rounded: Some(billed(l).map_or_else(|| l.cost_rounded.clone(), |cents| cents.to_string())),
            months: of_line(l),
            ..What::default()
        };
        rows.extend(e.lines.iter().map(|l| self.row("line", whom, line(l))));
        let total = e.sums.cents();
        let lines = e.lines.iter().map(|l| (billed(l).or_else(|| decimal(&l.cost_rounded)), of_line(l)));
        rows.extend(self.rounding(whom, total, &e.months, lines.collect()));
        let what = What {
            cost: e.sums.exact(),
            cost_rounded: total.cloned(),
            notes: [
                notes(&e.reasons),
                missing(&e.missing),
                notes(&e.not_priced),
                notes(&e.assumptions),
                notes(&e.warnings),
            ],
            fx: &e.fx,
            months: of_total(&e.months),
            ..What::default()
        };
        rows.push(self.row("total", whom, what));
    }

    fn sum(&self, t: &'r TotalOut, estimates: &'r [EstimateOut], rows: &mut Vec<Vec<Cell<'r>>>) {
        let whom =
            Whom { workload: "", platform: &t.platform, region: &t.region, purchase: &t.purchase, status: &t.status };
        let total = t.sums.cents();
        let own = estimates.iter().map(|e| (e.sums.cents().and_then(|t| decimal(t)), of_total(&e.months)));
        rows.extend(self.rounding(whom, total, &t.months, own.collect()));
        let cost = t.sums.exact();
        let months = of_total(&t.months);
        rows.push(self.row(
            "all",
            whom,
            What { cost, cost_rounded: total.cloned(), fx: &t.fx, months, ..What::default() },
        ));
    }

    /// What lies between a total and the parts above it, in all and in each month of a year; nothing where they add up.
    fn rounding(
        &self,
        whom: Whom<'r>,
        total: Option<&String>,
        months: &[MonthOut],
        parts: Vec<(Option<Decimal>, Vec<Option<Decimal>>)>,
    ) -> Option<Vec<Cell<'r>>> {
        let gap = decimal(total?)? - parts.iter().filter_map(|(cents, _)| *cents).sum::<Decimal>();
        let of_month = |(n, total): (usize, Option<Decimal>)| {
            let parts = parts.iter().filter_map(|(_, months)| months.get(n).copied().flatten());
            total.map(|t| t - parts.sum::<Decimal>())
        };
        let months: Vec<Option<Decimal>> = of_total(months).into_iter().enumerate().map(of_month).collect();
        let any = !gap.is_zero() || months.iter().flatten().any(|m| !m.is_zero());
        let what = || What { cost_rounded: Some(gap.to_string()), months, ..What::default() };
        any.then(|| self.row("rounding", whom, what()))
    }

    fn row(&self, row: &'static str, whom: Whom<'r>, what: What<'r>) -> Vec<Cell<'r>> {
        let (l, r) = (what.line, self.response);
        let text = |of: fn(&LineOut) -> &String| l.map_or(Cell::EMPTY, |l| Cell::text(of(l)));
        let number = |of: fn(&LineOut) -> &String| l.map_or(Cell::EMPTY, |l| Cell::number(of(l)));
        let mut cells = vec![
            Cell::text(row),
            Cell::text(whom.workload),
            Cell::text(Platform::from_id(whom.platform).map_or("", Platform::provider)),
            Cell::text(whom.platform),
            Cell::text(whom.region),
            Cell::text(whom.purchase),
            Cell::text(whom.status),
            text(|l| &l.sku),
            text(|l| &l.label),
            number(|l| &l.consumed),
            number(|l| &l.priced),
            text(|l| &l.unit),
            number(|l| &l.unit_price),
            Cell::maybe(what.cost),
            what.cost_rounded.map_or(Cell::EMPTY, Cell::number),
            Cell::text(&r.currency),
            text(|l| &l.rule),
            text(|l| &l.basis),
            Cell::maybe(l.and_then(|l| l.valid_from.as_ref())),
            Cell::maybe(l.and_then(|l| l.confirmed.as_ref())),
            text(|l| &l.source),
        ];
        cells.extend(what.notes.map(Cell::text));
        cells.extend([&r.period.label, &r.period.hours, &r.rounding].map(Cell::text));
        cells.extend([&r.prices.edition, &r.prices.digest, &r.prices.as_of].map(Cell::text));
        if self.explained {
            cells.extend(explanation(l));
        }
        cells.extend(r.fx.iter().flat_map(|fx| {
            let amount = what.fx.iter().find(|a| a.currency == fx.currency);
            let rate = amount.map(|_| &fx.rate);
            [Cell::maybe(rate), Cell::maybe(amount.map(|a| &a.total))]
        }));
        let month = |n: usize| what.months.get(n).copied().flatten();
        let months = (0..r.period.months.len()).map(month);
        cells.extend(months.map(|m| m.map_or(Cell::EMPTY, |m| Cell::number(m.to_string()))));
        cells
    }
}

fn explanation(l: Option<&LineOut>) -> [Cell<'_>; 4] {
    let Some(x) = l.and_then(|l| l.explanation.as_ref()) else { return [const { Cell::EMPTY }; 4] };
    [Some(&x.formula), Some(&x.says), Some(&x.rule_source), x.url.as_ref()]
        .map(|t| t.map_or(Cell::EMPTY, |t| Cell::text(t.as_str())))
}

fn decimal(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text).ok()
}

/// What a line is billed in each month of a year, to the cent.
fn of_line(l: &LineOut) -> Vec<Option<Decimal>> {
    let cents = |d: Decimal| {
        let mut rounded = d.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        rounded.rescale(2);
        rounded
    };
    l.months.iter().map(|cost| decimal(cost).map(cents)).collect()
}

/// Of a year, what a line is billed: each month is rounded on its own.
fn billed(l: &LineOut) -> Option<Decimal> {
    if l.months.is_empty() { None } else { of_line(l).into_iter().sum() }
}

fn of_total(months: &[MonthOut]) -> Vec<Option<Decimal>> {
    months.iter().map(|m| m.sums.cents().and_then(|t| decimal(t))).collect()
}

fn notes(all: &[NoteOut]) -> String {
    all.iter().map(|n| n.message.as_str()).collect::<Vec<_>>().join("; ")
}

fn missing(all: &[MissingOut]) -> String {
    all.iter().map(|m| format!("{} in {}: {}", m.key, m.region, m.message)).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{read, respond};

    fn answer(text: &str) -> (EstimateResponse, Vec<Vec<String>>) {
        let (request, _) = read::request("test.toml", text).unwrap();
        let response = respond(&request, &wharfage_prices::book()).unwrap();
        let text = estimates(&response);
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let rows = reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
        (response, rows)
    }

    fn column(rows: &[Vec<String>], name: &str) -> usize {
        rows[0].iter().position(|c| c == name).unwrap_or_else(|| panic!("{name}"))
    }

    const TWO: &str = "[[workload]]\nname = '=cmd'\nvcpu = 0.5\nmemory = '1GiB'\nreplicas = 1\n[[workload]]\nname = 'api'\nvcpu = 0.25\nmemory = '512MiB'\nreplicas = 3\n";

    #[test]
    fn lines_and_roundings_add_up_to_the_total_of_each_platform() {
        for head in ["region = 'seoul'\n", "region = 'us-east-1'\nrounding = 'exact'\nperiod = '24h'\n"] {
            let (response, rows) = answer(&format!("command = 'compare'\n{head}{TWO}"));
            let (kind, platform, cost) =
                (column(&rows, "row"), column(&rows, "platform"), column(&rows, "cost_rounded"));
            for t in response.totals.iter().filter(|t| t.sums.total.is_some()) {
                let own = rows
                    .iter()
                    .filter(|r| r[platform] == t.platform && ["line", "rounding"].contains(&r[kind].as_str()));
                let sum: Decimal = own.map(|r| r[cost].parse::<Decimal>().unwrap()).sum();
                assert_eq!(sum, t.sums.total.as_ref().unwrap().parse().unwrap(), "{}", t.platform);
            }
            let all = rows.iter().filter(|r| r[kind] == "all").count();
            assert_eq!(all, response.totals.len());
        }
    }

    #[test]
    fn a_year_has_a_column_for_each_month_that_adds_up_like_the_total() {
        let (response, rows) =
            answer(&format!("platform = 'cloud-run-instance,gke-autopilot'\nregion = 'seoul'\nperiod = '2027'\n{TWO}"));
        let (kind, platform) = (column(&rows, "row"), column(&rows, "platform"));
        let columns = ["2027-01", "2027-02", "2027-12", "cost_rounded"].map(|c| column(&rows, c));
        for t in &response.totals {
            let own = |what: &[&str]| {
                rows.iter()
                    .filter(|r| r[platform] == t.platform && what.contains(&r[kind].as_str()))
                    .cloned()
                    .collect::<Vec<_>>()
            };
            for c in columns {
                let sum: Decimal = own(&["line", "rounding"]).iter().filter_map(|r| decimal(&r[c])).sum();
                assert_eq!(Some(sum), decimal(&own(&["all"])[0][c]), "{} {}", t.platform, rows[0][c]);
            }
        }
    }

    #[test]
    fn a_row_has_every_column_and_names_are_no_formulas() {
        let (_, rows) =
            answer(&format!("platform = 'eks-fargate'\nregion = 'seoul'\nexplain = true\nfx = 'KRW=1385.20'\n{TWO}"));
        assert!(rows.iter().all(|r| r.len() == rows[0].len()));
        assert!(rows[1..].iter().any(|r| r[1] == "'=cmd"));
        let (kind, krw) = (column(&rows, "row"), column(&rows, "total_KRW"));
        assert!(rows.iter().filter(|r| r[kind] == "line").all(|r| r[krw].is_empty()));
        assert!(rows.iter().filter(|r| r[kind] == "total").all(|r| !r[krw].is_empty()));
        assert!(rows.iter().any(|r| r[column(&rows, "formula")].contains(" × ")));
    }

    #[test]
    fn what_can_not_be_priced_keeps_a_row_that_says_why() {
        let (_, rows) = answer(
            "platform = 'cloud-run-job,ecs-fargate'\nregion = 'osaka'\npurchase = 'spot'\n[[workload]]\nvcpu = 1\nmemory = '2GiB'\nreplicas = 1\n",
        );
        let (platform, status) = (column(&rows, "platform"), column(&rows, "status"));
        let of = |p: &str| rows.iter().find(|r| r[platform] == p && r[0] == "total").unwrap().clone();
        assert_eq!(of("cloud-run-job")[status], "infeasible");
        assert!(!of("cloud-run-job")[column(&rows, "reasons")].is_empty());
        assert_eq!(of("ecs-fargate")[status], "unpriced");
        assert!(
            of("ecs-fargate")[column(&rows, "missing")]
                .starts_with("aws/fargate/linux-x86.vcpu.spot in ap-northeast-3: ")
        );
        assert_eq!(of("ecs-fargate")[column(&rows, "cost_rounded")], "");
    }
}
