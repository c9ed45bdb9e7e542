//! Simulations as a row per run, queues as a row per figure.

use super::{Cell, sheet};
use crate::{
    queue::QueueResponse,
    simulate::{RunOut, SimulateResponse, SpreadOut},
};

const COLUMNS: [&str; 42] = [
    "policy",
    "routing",
    "seed",
    "horizon_s",
    "replications",
    "requests",
    "served",
    "rejected",
    "cold_starts",
    "cold_start_fraction",
    "latency_ms_mean",
    "latency_ms_p50",
    "latency_ms_p95",
    "latency_ms_p99",
    "latency_ms_max",
    "wait_ms_mean",
    "wait_ms_p50",
    "wait_ms_p95",
    "wait_ms_p99",
    "wait_ms_max",
    "mean_running",
    "mean_idle",
    "mean_total",
    "max",
    "starting_us",
    "busy_us",
    "idle_us",
    "held_us",
    "billed_us",
    "busy_periods",
    "concurrency",
    "platform",
    "region",
    "purchase",
    "currency",
    "status",
    "total",
    "total_exact",
    "subtotal",
    "monthly_total",
    "monthly_total_exact",
    "monthly_subtotal",
];

/// A row per run.
pub fn runs(answer: &SimulateResponse) -> String {
    sheet(&COLUMNS, answer.runs.iter().map(|run| row(answer, run)))
}

fn row<'r>(answer: &'r SimulateResponse, run: &'r RunOut) -> Vec<Cell<'r>> {
    let count = |n: u64| Cell::number(n.to_string());
    let number = |text: &'r str| Cell::number(text);
    let spread = |s: &'r SpreadOut| [&s.mean, &s.p50, &s.p95, &s.p99, &s.max].map(|t| number(t));
    let (instances, usage) = (&run.instances, &run.usage);
    let mut cells = vec![
        Cell::text(run.policy.as_str()),
        Cell::text(run.routing.as_str()),
        count(answer.seed),
        number(&answer.horizon_s),
        count(answer.replications),
        count(run.requests),
        count(run.served),
        count(run.rejected),
        count(run.cold_starts),
        number(&run.cold_start_fraction),
    ];
    cells.extend(spread(&run.latency_ms));
    cells.extend(spread(&run.wait_ms));
    cells.extend([&instances.mean_running, &instances.mean_idle, &instances.mean_total].map(|t| number(t)));
    let counts = [usage.starting_us, usage.busy_us, usage.idle_us, usage.held_us, usage.billed_us, usage.busy_periods];
    cells.push(count(instances.max));
    cells.extend(counts.map(count));
    cells.push(count(run.concurrency.into()));
    cells.extend(priced_on(run));
    let bill = run.bill.as_ref();
    cells.extend([answer.currency.as_ref(), bill.map(|b| &b.status)].map(word));
    let sums = bill.map_or([None; 6], |b| {
        [&b.total, &b.total_exact, &b.subtotal, &b.monthly_total, &b.monthly_total_exact, &b.monthly_subtotal]
            .map(Option::as_ref)
    });
    cells.extend(sums.map(Cell::maybe));
    cells
}

/// What tells a run from others of the same policy; nothing where none is priced.
fn priced_on(run: &RunOut) -> [Cell<'_>; 3] {
    [&run.platform, &run.region, &run.purchase].map(|text| word(text.as_ref()))
}

fn word(text: Option<&String>) -> Cell<'_> {
    text.map_or(Cell::EMPTY, |text| Cell::text(text.as_str()))
}

/// A row per run and time: how many instances there were.
pub fn series(answer: &SimulateResponse) -> String {
    let rows = answer.runs.iter().flat_map(|run| {
        run.series.iter().map(move |s| {
            let counts = [Some(s.running), Some(s.idle), Some(s.queued), s.nodes];
            let counts = counts.map(|n| n.map_or(Cell::EMPTY, |n| Cell::number(n.to_string())));
            let at = [Cell::text(run.policy.as_str()), Cell::number(s.at_s.as_str())];
            at.into_iter().chain(counts).chain(priced_on(run)).collect()
        })
    });
    sheet(&["policy", "at_s", "running", "idle", "queued", "nodes", "platform", "region", "purchase"], rows)
}

/// A row per figure.
pub fn figures(answer: &QueueResponse) -> String {
    let row = |f: &'_ crate::queue::FigureOut| {
        vec![
            Cell::text(answer.model.clone()),
            Cell::text(f.name.clone()),
            Cell::number(f.value.clone()),
            Cell::text(f.unit.clone()),
            Cell::text(f.says.clone()),
        ]
    };
    sheet(&["model", "name", "value", "unit", "says"], answer.figures.iter().map(row))
}
