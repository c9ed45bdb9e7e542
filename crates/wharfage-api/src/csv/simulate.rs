//! Simulations as a row per run, queues as a row per figure.

use super::{Cell, sheet};
use crate::{
    queue::QueueResponse,
    simulate::{RunOut, SimulateResponse, SpreadOut},
};

const COLUMNS: [&str; 30] = [
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
    cells
}

/// A row per run and time: how many instances there were.
pub fn series(answer: &SimulateResponse) -> String {
    let rows = answer.runs.iter().flat_map(|run| {
        run.series.iter().map(move |s| {
            let counts = [s.running, s.idle, s.queued].map(|n| Cell::number(n.to_string()));
            [Cell::text(run.policy.as_str()), Cell::number(s.at_s.as_str())].into_iter().chain(counts).collect()
        })
    });
    sheet(&["policy", "at_s", "running", "idle", "queued"], rows)
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
