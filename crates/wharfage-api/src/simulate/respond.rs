//! Simulates what is asked for, and writes down what came out.

use std::thread::available_parallelism;

use wharfage_core::{Diagnostic, text::Text};
use wharfage_sim::{
    Figures, MOST_INSTANCES, Nanos, Outcome, Policy, Sample, Scenario, Spread, Stop, Study, UNBOUNDED, replicate,
};

use super::{
    Opener, SimulateRequest,
    figures::{ratio, width},
    resolve::{Resolved, resolve, routing_name},
    response::{Ci95Out, ExactOut, InstancesOut, RunOut, SampleOut, SimulateResponse, SpreadOut, UsageOut},
};
use crate::response::{NoteOut, SCHEMA};

/// Simulates a request; `open` opens the files it names.
///
/// # Errors
/// Everything that is wrong with the request, at once, or a queue that grew beyond all bounds.
pub fn respond(request: &SimulateRequest, open: Opener<'_>) -> Result<SimulateResponse, Vec<Diagnostic>> {
    let resolved = resolve(request, open)?;
    let threads = available_parallelism().map_or(1, usize::from);
    let studies: Vec<(&String, &Scenario, Study)> = resolved
        .scenarios
        .iter()
        .map(|(name, scenario)| match replicate(scenario, resolved.replications, threads) {
            Ok(study) => Ok((name, scenario, study)),
            Err(stop) => Err(vec![given_up(name, scenario, stop)]),
        })
        .collect::<Result<_, _>>()?;
    let end = studies.iter().map(|(_, _, s)| s.all.end).max().unwrap_or_default();
    Ok(SimulateResponse {
        schema: SCHEMA,
        seed: resolved.scenarios.first().map_or(0, |(_, s)| s.seed),
        horizon_s: seconds(end),
        method: "simulation".to_owned(),
        events: studies.iter().map(|(_, _, s)| s.all.events).sum(),
        replications: resolved.replications,
        runs: studies.iter().map(|(name, scenario, study)| run(&resolved, name, scenario, study)).collect(),
    })
}

fn given_up(name: &str, scenario: &Scenario, stop: Stop) -> Diagnostic {
    match stop {
        Stop::QueueBeyond(at) => {
            let message = format!("after {} s of {name}, {} requests wait", seconds(at), scenario.max_queue);
            Diagnostic::error("simulate/queue", Text::known(message)).on("max_queue", "more than there may be").help(
                "requests ask for more than the instances can give: add instances or concurrency, or raise --max-queue",
            )
        }
        Stop::ClockBeyond => {
            let message = format!("what {name} has to serve takes longer than 584 years");
            Diagnostic::error("simulate/clock", Text::known(message))
                .on("service", "longer than the clock runs")
                .help("write a shorter --service, or bound the --queue")
        }
        Stop::InstancesBeyond(at) => {
            let message = format!("after {} s of {name}, more than {MOST_INSTANCES} instances are wanted", seconds(at));
            Diagnostic::error("simulate/instances", Text::known(message))
                .on("max_instances", "more than there may be")
                .help("give instances more concurrency, or a --max-instances")
        }
    }
}

/// Seconds without a fraction that says nothing.
fn seconds(Nanos(ns): Nanos) -> String {
    let (whole, fraction) = (ns / 1_000_000_000, format!("{:09}", ns % 1_000_000_000));
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { whole.to_string() } else { format!("{whole}.{fraction}") }
}

fn run(resolved: &Resolved, name: &str, scenario: &Scenario, study: &Study) -> RunOut {
    let o = &study.all;
    RunOut {
        policy: name.to_owned(),
        routing: routing_name(scenario.routing).to_owned(),
        requests: o.requests,
        served: o.served,
        rejected: o.rejected,
        cold_starts: o.cold_starts,
        cold_start_fraction: ratio(o.cold_starts.into(), o.requests.into()),
        latency_ms: spread(&o.latency),
        wait_ms: spread(&o.wait),
        instances: InstancesOut {
            mean_running: ratio(o.ledger.starting_ns + o.ledger.busy_ns, o.span_ns),
            mean_idle: ratio(o.ledger.idle_ns, o.span_ns),
            mean_total: ratio(o.ledger.held_ns, o.span_ns),
            max: o.peak_held,
        },
        usage: usage(o),
        series: o.series.iter().map(sample).collect(),
        ci95: study.ci95.as_ref().map(half_widths),
        assumptions: assumptions(resolved, scenario),
        warnings: overload(scenario, o).into_iter().collect(),
    }
}

/// What was taken for granted for every run, and for this one.
fn assumptions(resolved: &Resolved, scenario: &Scenario) -> Vec<String> {
    let mut all = resolved.assumptions.clone();
    if scenario.cpu.is_none() {
        all.push("requests that share an instance do not slow each other down (--cpu-time)".to_owned());
    }
    if let Policy::Autoscaled { by, .. } = &scenario.policy {
        all.extend(by.assumptions());
    }
    all
}

fn sample(s: &Sample) -> SampleOut {
    SampleOut { at_s: seconds(s.at), running: s.running, idle: s.idle, queued: s.queued }
}

const NS_PER_MS: u128 = 1_000_000;
const NS_PER_US: u128 = 1_000;

fn spread(s: &Spread) -> SpreadOut {
    let ms = |ns: u64| ratio(ns.into(), NS_PER_MS);
    let [p50, p95, p99] = [500, 950, 990].map(|q| ms(s.quantile(q).0));
    SpreadOut { mean: ratio(s.sum_ns, u128::from(s.count) * NS_PER_MS), p50, p95, p99, max: ms(s.max_ns) }
}

/// Whole microseconds; beyond 64 bits, the most there are.
fn us(ns: u128) -> u64 {
    u64::try_from(ns / NS_PER_US).unwrap_or(u64::MAX)
}

fn usage(o: &Outcome) -> UsageOut {
    let [starting_us, busy_us, held_us] = [o.ledger.starting_ns, o.ledger.busy_ns, o.ledger.held_ns].map(us);
    UsageOut {
        starting_us,
        busy_us,
        // What rounding down leaves over is idle, so that the parts add up.
        idle_us: held_us.saturating_sub(starting_us).saturating_sub(busy_us),
        held_us,
        active_us: busy_us,
        busy_periods: o.ledger.busy_periods,
        billed_us: us(o.billed_ns),
        peak_busy: o.peak_busy,
        waited_requests: o.waited,
        latency_us: exact(&o.latency),
        wait_us: exact(&o.wait),
    }
}

fn exact(s: &Spread) -> Option<ExactOut> {
    let q = |thousandths| s.exact(thousandths).map(|Nanos(ns)| us(ns.into()));
    Some(ExactOut { p50: q(500)?, p95: q(950)?, p99: q(990)?, max: us(s.max_ns.into()), sum: us(s.sum_ns) })
}

fn half_widths(f: &Figures) -> Ci95Out {
    let spread = |ns: [f64; 5]| {
        let [mean, p50, p95, p99, max] = ns.map(|x| width(x / 1e6));
        SpreadOut { mean, p50, p95, p99, max }
    };
    Ci95Out {
        cold_start_fraction: width(f.cold_starts),
        rejected_fraction: width(f.rejected),
        latency_ms: spread(f.latency_ns),
        wait_ms: spread(f.wait_ns),
        mean_running: width(f.running),
        mean_idle: width(f.idle),
        mean_total: width(f.total),
    }
}

/// A warning where requests ask for more than all instances can give, and none is rejected.
fn overload(scenario: &Scenario, o: &Outcome) -> Option<NoteOut> {
    let most = match &scenario.policy {
        Policy::AlwaysOn { replicas } => *replicas,
        Policy::ScaleToZero { max_instances, .. } | Policy::Autoscaled { max_instances, .. } => *max_instances,
    };
    let capacity = u128::from(most).saturating_mul(scenario.concurrency.into()).saturating_mul(o.span_ns);
    if scenario.queue != UNBOUNDED || o.asked_ns <= capacity {
        return None;
    }
    let load = ratio(o.asked_ns, capacity);
    Some(NoteOut {
        code: "simulate/overload".to_owned(),
        message: format!(
            "requests ask for {load} times what {most} instances can give: the queue grows as long as they arrive, and waits \
             say more about the horizon than about the service"
        ),
    })
}
