//! Simulates what is asked for, and writes down what came out.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};

use wharfage_core::{
    Diagnostic, Overflow, PriceBook,
    estimate::Status,
    text,
    text::{Catalogue, Text},
};
use wharfage_sim::{
    Figures, MOST_INSTANCES, Nanos, Outcome, Policy, Sample, Scenario, Spread, Stop, Study, UNBOUNDED, Watch, replicate,
};

use super::{
    Opener,
    bill::{Till, bill},
    figures::{ratio, seconds, width},
    plan::{self, Planned, Refused},
    resolve::{self, Asked, resolve, routing_name},
    response::{Ci95Out, ExactOut, InstancesOut, RefusedOut, RunOut, SampleOut, SimulateResponse, SpreadOut, UsageOut},
    slo,
};
use crate::{
    request::EstimateRequest,
    resolve::Resolved as Pricing,
    respond as estimates,
    response::{NoteOut, SCHEMA},
};

/// Simulates a request; `open` opens the files it names.
///
/// # Errors
/// Everything that is wrong with the request, at once, or a queue that grew beyond all bounds.
pub fn respond(
    request: &EstimateRequest,
    book: &PriceBook<'_>,
    open: Opener<'_>,
) -> Result<SimulateResponse, Vec<Diagnostic>> {
    respond_in(&Catalogue::ENGLISH, request, book, open, &Watch::new())
}

/// Simulates a request for people who read a language: its notes are in it. JSON is made of [`respond`]'s answer.
///
/// Whoever holds the watch sees how far it is, and can ask it to end: the answer then has the runs that had begun, each with a
/// warning `simulate/cut` that says which time it covers.
///
/// # Errors
/// As [`respond`]; and `simulate/cut` where no run had begun when it was asked to end.
pub fn respond_in(
    words: &Catalogue,
    request: &EstimateRequest,
    book: &PriceBook<'_>,
    open: Opener<'_>,
    watch: &Watch,
) -> Result<SimulateResponse, Vec<Diagnostic>> {
    let task = Task { words, request, book, open, watch, alike: 1 };
    if request.simulate.as_ref().is_some_and(|s| !s.slo.is_empty()) { slo::search(task) } else { simulated(task) }
}

/// A request, and all that it is answered with.
#[derive(Clone, Copy)]
pub struct Task<'t, 'b> {
    /// the language that notes are in
    pub words: &'t Catalogue,
    /// what is asked
    pub request: &'t EstimateRequest,
    /// prices and terms
    pub book: &'t PriceBook<'b>,
    /// opens the files that the request names
    pub open: Opener<'t>,
    /// how far it is, and whether it should end
    pub watch: &'t Watch,
    /// how many tasks as long as this one the watch is told to expect with it
    pub alike: u64,
}

/// The runs of one request, without a search.
pub fn simulated(task: Task<'_, '_>) -> Result<SimulateResponse, Vec<Diagnostic>> {
    let Task { words, request, book, open, watch, alike } = task;
    let (asked, pricing) = understood(request, book, open)?;
    if let Some(long) = asked.work.and_then(|work| work.times(alike).too_long()) {
        return Err(vec![long]);
    }
    let first_seen = pricing.as_ref().is_some_and(|p| p.as_of_first_seen);
    let book = if first_seen { &book.clone().accepting_first_seen() } else { book };
    let (planned, refused) = match &pricing {
        None => (plan::bare(&asked), Vec::new()),
        Some(pricing) => plan::priced(&asked, pricing, book)?,
    };
    let studies = studies(&asked, &planned, watch, alike)?;
    let writer = Writer { words, asked: &asked, till: pricing.as_ref().map(|pricing| Till { words, pricing, book }) };
    let begun = || studies.iter().flatten();
    let end = begun().map(|s| s.all.end).max().unwrap_or(asked.base.horizon.unwrap_or_default());
    let run = |(p, study): (_, &Option<Arc<Study>>)| study.as_ref().map(|study| writer.run(p, study));
    let mut runs = planned.iter().zip(&studies).filter_map(run).collect::<Result<Vec<_>, _>>()?;
    let unbegun: Vec<&str> =
        planned.iter().zip(&studies).filter(|(_, s)| s.is_none()).map(|(p, _)| name_of(p)).collect();
    if let Some(last) = runs.last_mut().filter(|_| !unbegun.is_empty()) {
        let message = text!("it was stopped before {names} began", names = unbegun.join(", "));
        last.warnings.push(NoteOut { code: "simulate/cut".to_owned(), message: words.tell(&message) });
    }
    let events: BTreeMap<*const Study, u64> = begun().map(|s| (Arc::as_ptr(s), s.all.events)).collect();
    Ok(SimulateResponse {
        schema: SCHEMA,
        seed: asked.base.seed,
        horizon_s: seconds(end.0),
        method: "simulation".to_owned(),
        events: events.values().sum(),
        replications: asked.replications,
        prices: pricing.as_ref().map(|p| estimates::prices(p, book)),
        period: pricing.as_ref().map(estimates::period),
        currency: pricing.as_ref().map(|_| "USD".to_owned()),
        rounding: pricing.as_ref().map(|p| p.settings.rounding.id().to_owned()),
        runs,
        slo: None,
        refused: refused.iter().map(|r| writer.refused(r)).collect(),
    })
}

/// Everything that is wrong with a request, without simulating it.
pub fn check(request: &EstimateRequest, book: &PriceBook<'_>, open: Opener<'_>) -> Vec<Diagnostic> {
    understood(request, book, open).err().unwrap_or_default()
}

/// What is asked, and with platforms how it is priced; all mistakes at once.
fn understood<'b>(
    request: &EstimateRequest,
    book: &PriceBook<'b>,
    open: Opener<'_>,
) -> Result<(Asked, Option<Pricing<'b>>), Vec<Diagnostic>> {
    let asked = resolve(request, open);
    let pricing = if request.platform.is_empty() { Ok(None) } else { resolve::pricing(request, book).map(Some) };
    match (asked, pricing) {
        (Ok(asked), Ok(pricing)) => Ok((asked, pricing)),
        (asked, pricing) => {
            let mut found = asked.err().unwrap_or_default();
            for d in pricing.err().into_iter().flatten() {
                if !found.contains(&d) {
                    found.push(d);
                }
            }
            Err(found)
        }
    }
}

/// A study per run. Runs that differ only in where they are priced are simulated once.
/// `None` for runs that had not begun when they were asked to end.
fn studies(
    asked: &Asked,
    planned: &[Planned<'_, '_>],
    watch: &Watch,
    alike: u64,
) -> Result<Vec<Option<Arc<Study>>>, Vec<Diagnostic>> {
    let firsts: Vec<usize> = (0..planned.len()).map(|n| first_alike(planned, n)).collect();
    let mut alone: Vec<usize> = firsts.clone();
    alone.dedup();
    alone.sort_unstable();
    alone.dedup();
    if alike > 0 {
        alone.iter().for_each(|n| watch.expect(&planned[*n].scenario, asked.replications.saturating_mul(alike)));
    }
    let threads = available_parallelism().map_or(1, usize::from);
    // Replications share the processors, or else runs do.
    let (outside, inside) = if asked.replications >= threads as u64 { (1, threads) } else { (threads, 1) };
    let simulate = |n: usize| {
        let p = &planned[n];
        // What has not begun by then has nothing to tell.
        if watch.is_stopped() {
            return Ok(None);
        }
        let study = replicate(&p.scenario, asked.replications, inside, watch);
        study.map(|study| Some(Arc::new(study))).map_err(|stop| given_up(name_of(p), &p.scenario, stop))
    };
    let done = on_threads(outside, &alone, simulate);
    let done = done.into_iter().collect::<Result<Vec<_>, _>>().map_err(|stop| vec![stop])?;
    if done.iter().all(Option::is_none) && !done.is_empty() {
        return Err(vec![not_begun()]);
    }
    let of = |first: &usize| done[alone.binary_search(first).expect("the first of its kind is among them")].clone();
    Ok(firsts.iter().map(of).collect())
}

/// The first run of the same scenario.
fn first_alike(planned: &[Planned<'_, '_>], n: usize) -> usize {
    planned[..n].iter().position(|before| before.scenario == planned[n].scenario).unwrap_or(n)
}

/// What `work` makes of each, in their order, on as many threads.
pub fn on_threads<E: Copy + Sync, T: Send>(threads: usize, each: &[E], work: impl Fn(E) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let Some(which) = each.get(n) else { return done };
            done.push((n, work(*which)));
        }
    };
    if threads.min(each.len()) <= 1 {
        return worker().into_iter().map(|(_, t)| t).collect();
    }
    let mut all: Vec<(usize, T)> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads.min(each.len())).map(|_| scope.spawn(worker)).collect();
        handles.into_iter().flat_map(|h| h.join().expect("a simulation does not panic")).collect()
    });
    all.sort_by_key(|(n, _)| *n);
    all.into_iter().map(|(_, t)| t).collect()
}

/// What a run is called in messages.
fn name_of<'p>(p: &'p Planned<'_, '_>) -> &'p str {
    p.on.as_ref().map_or(p.policy, |on| on.platform.id())
}

/// Nothing is known yet of what was asked to end.
pub fn not_begun() -> Diagnostic {
    Diagnostic::error("simulate/cut", "it was stopped before anything was known")
}

/// Was a run given up for what its instances can't do, so that other instances might?
pub fn is_given_up(found: &[Diagnostic]) -> bool {
    matches!(found, [d] if ["simulate/queue", "simulate/clock", "simulate/instances"].contains(&d.code))
}

fn given_up(name: &str, scenario: &Scenario, stop: Stop) -> Diagnostic {
    match stop {
        Stop::QueueBeyond(at) => {
            let (time, most) = (seconds(at.0), scenario.max_queue);
            let message = text!("after {time} s of {name}, {most} requests wait", time, name, most);
            Diagnostic::error("simulate/queue", message).on("simulate.max_queue", "more than there may be").help(
                "requests ask for more than the instances can give: add instances or concurrency, or raise --max-queue",
            )
        }
        Stop::ClockBeyond => {
            let message = text!("what {name} has to serve takes longer than 584 years", name);
            Diagnostic::error("simulate/clock", message)
                .on("simulate.service", "longer than the clock runs")
                .help("write a shorter --service, or bound the --queue")
        }
        Stop::TraceChanged => Diagnostic::error("simulate/trace", "the trace was another one when it was read again")
            .on("simulate.arrivals", "changed meanwhile")
            .help("simulate it when nothing writes to it, or give it as the standard input, trace:-"),
        Stop::InstancesBeyond(at) => {
            let (time, most) = (seconds(at.0), MOST_INSTANCES);
            let message = text!("after {time} s of {name}, more than {most} instances are wanted", time, name, most);
            Diagnostic::error("simulate/instances", message)
                .on("simulate.max_instances", "more than there may be")
                .help("give instances more concurrency, or a --max-instances")
        }
    }
}

struct Writer<'w, 'r, 'b> {
    words: &'w Catalogue,
    asked: &'r Asked,
    till: Option<Till<'r, 'b>>,
}

impl Writer<'_, '_, '_> {
    fn run(&self, p: &Planned<'_, '_>, study: &Study) -> Result<RunOut, Vec<Diagnostic>> {
        let (o, scenario) = (&study.all, &p.scenario);
        let billed = match (&self.till, &p.on) {
            (Some(till), Some(on)) => {
                let billed = bill(*till, on, o, self.asked.replications);
                Some(billed.map_err(|Overflow| vec![plan::too_large(on.platform)])?)
            }
            _ => None,
        };
        let mut assumptions = self.assumptions(p);
        if scenario.arrivals.requests().is_some() && o.latency.exact(500).is_none() {
            let says = "quantiles are within 0.1 %: those of traces are exact up to 10 million requests, replications together";
            assumptions.push(self.words.say(says).to_owned());
        }
        let mut warnings: Vec<NoteOut> = self.cut(o).into_iter().chain(self.overload(scenario, o)).collect();
        if let Some(till) = &self.till {
            warnings.extend(estimates::refusal(self.words, till.pricing, &p.warnings, &[]).0);
        }
        let mut purchase = None;
        let bill = billed.map(|b| {
            purchase = Some(b.purchase);
            assumptions.extend(b.assumptions);
            for warning in b.warnings {
                if !warnings.contains(&warning) {
                    warnings.push(warning);
                }
            }
            b.out
        });
        let on = p.on.as_ref();
        Ok(RunOut {
            platform: on.map(|on| on.platform.id().to_owned()),
            region: on
                .map(|on| on.place.region(on.platform).map_or_else(|| on.place.name.clone(), |r| r.id.to_owned())),
            purchase,
            policy: p.policy.to_owned(),
            routing: routing_name(scenario.routing).to_owned(),
            concurrency: scenario.concurrency,
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
            usage: usage(scenario, o),
            bill,
            series: o.series.iter().map(|s| sample(scenario, s)).collect(),
            ci95: study.ci95.as_ref().map(half_widths),
            assumptions,
            warnings,
        })
    }

    /// What was taken for granted for every run, and for this one.
    fn assumptions(&self, p: &Planned<'_, '_>) -> Vec<String> {
        let told = self.asked.assumptions.iter().chain(&p.assumptions);
        let mut all: Vec<String> = told.map(|text| self.words.tell(text)).collect();
        if p.scenario.cpu.is_none() {
            let says = "requests that share an instance do not slow each other down (--cpu-time)";
            all.push(self.words.say(says).to_owned());
        }
        if let Policy::Autoscaled { by, .. } = &p.scenario.policy {
            all.extend(by.assumptions().iter().map(|assumption| self.words.tell(&plan::assumed(assumption))));
        }
        all
    }

    fn refused(&self, r: &Refused<'_, '_>) -> RefusedOut {
        let region = r.place.region(r.platform).map_or_else(|| r.place.name.clone(), |region| region.id.to_owned());
        let status = if r.reasons.is_empty() { Status::Unpriced } else { Status::Infeasible };
        let (reasons, missing) = match &self.till {
            Some(till) => estimates::refusal(self.words, till.pricing, &r.reasons, &r.missing),
            None => (Vec::new(), Vec::new()),
        };
        RefusedOut { platform: r.platform.id().to_owned(), region, status: status.label().to_owned(), reasons, missing }
    }
}

fn sample(scenario: &Scenario, s: &Sample) -> SampleOut {
    let nodes = scenario.nodes.as_ref().map(|_| s.nodes);
    SampleOut { at_s: seconds(s.at.0), running: s.running, idle: s.idle, queued: s.queued, nodes }
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

fn usage(scenario: &Scenario, o: &Outcome) -> UsageOut {
    let on_nodes = scenario.nodes.is_some();
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
        warm_us: (o.warm_ns > 0).then(|| us(o.warm_ns)),
        node_us: on_nodes.then(|| us(o.node_ns)),
        peak_nodes: on_nodes.then_some(o.peak_nodes),
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

impl Writer<'_, '_, '_> {
    /// A warning where a run was asked to end early.
    fn cut(&self, o: &Outcome) -> Option<NoteOut> {
        let reached = o.end.0 / Nanos::from_secs(1).0;
        let message = text!("it was stopped: all figures are of the first {reached} s alone", reached);
        o.cut.then(|| NoteOut { code: "simulate/cut".to_owned(), message: self.words.tell(&message) })
    }

    /// A warning where requests ask for more than all instances can give, and none is rejected.
    fn overload(&self, scenario: &Scenario, o: &Outcome) -> Option<NoteOut> {
        let most = match &scenario.policy {
            Policy::AlwaysOn { replicas } => *replicas,
            Policy::ScaleToZero { max_instances, .. } | Policy::Autoscaled { max_instances, .. } => *max_instances,
        };
        let capacity = u128::from(most).saturating_mul(scenario.concurrency.into()).saturating_mul(o.span_ns);
        if scenario.queue != UNBOUNDED || o.asked_ns <= capacity {
            return None;
        }
        let says = "requests ask for {load} times what {most} instances can give: the queue grows as long as they arrive, and waits \
                    say more about the horizon than about the service";
        let args = vec![("load", ratio(o.asked_ns, capacity).into()), ("most", most.into())];
        let message = self.words.tell(&Text::new(says, args));
        Some(NoteOut { code: "simulate/overload".to_owned(), message })
    }
}
