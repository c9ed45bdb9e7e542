//! Turns the texts of a simulation into scenarios, gathering every mistake.

mod demand;
mod instances;

use wharfage_core::{
    Diagnostic, PriceBook,
    diagnostic::{did_you_mean, quoted},
    text,
    text::Text,
    tr,
};
use wharfage_sim::{Arrivals, Law, Meter, Nanos, Policy, Routing, Scenario};

pub use self::instances::Given;
use super::{
    Opener, SimulateRequest, files,
    length::{Expected, Work},
    models, moments,
};
use crate::{
    grammar::{self, Parsed},
    request::{EstimateRequest, WorkloadRequest},
    resolve::Resolved as Pricing,
};

/// What a request asks to be simulated, before any platform has its say.
#[derive(Debug, Clone)]
pub struct Asked {
    /// everything that no policy changes; the policy itself stands for none
    pub base: Scenario,
    /// policies by name; none: the platforms' own
    pub policies: Vec<&'static str>,
    /// what policies take
    pub given: Given,
    /// was a start-up stated
    pub starts_stated: bool,
    /// how often each
    pub replications: u64,
    /// how much that is; none where it may take as long as it does
    pub work: Option<Work>,
    /// what was taken for granted for all runs
    pub assumptions: Vec<Text>,
}

/// The policy of instances that are there all the time.
pub const ALWAYS_ON: &str = "always-on";
/// The policy of an instance per request that stops when it has been idle for long.
pub const SCALE_TO_ZERO: &str = "scale-to-zero";
/// Both, and the autoscalers.
pub const POLICIES: [&str; 8] =
    [SCALE_TO_ZERO, ALWAYS_ON, "cloud-run", "knative", "hpa", "keda", "ecs-target-tracking", "app-runner"];
const ROUTINGS: [(&str, Routing); 3] =
    [("mru", Routing::MostRecent), ("newest", Routing::Newest), ("lru", Routing::LeastRecent)];

/// The name of a routing.
pub fn routing_name(routing: Routing) -> &'static str {
    ROUTINGS.iter().find(|(_, r)| *r == routing).map_or("", |(name, _)| name)
}

/// Most counts of instances in an answer.
const MOST_SAMPLES: u64 = 1_000_000;

/// What `request` asks to be simulated, or everything wrong with it.
pub fn resolve(request: &EstimateRequest, open: Opener<'_>) -> Result<Asked, Vec<Diagnostic>> {
    let mut r = Resolver { found: Vec::new(), open };
    let asked = r.all(request);
    if r.found.is_empty() { Ok(asked.expect("nothing was wrong")) } else { Err(r.found) }
}

/// How a request's workload is priced, whatever its demand is simulated as; or everything wrong with it.
pub fn pricing<'b>(request: &EstimateRequest, book: &PriceBook<'b>) -> Result<Pricing<'b>, Vec<Diagnostic>> {
    let mut sized = request.clone();
    sized.command = None;
    sized.workload.truncate(1);
    if sized.workload.is_empty() {
        sized.workload.push(WorkloadRequest::default());
    }
    // What is expected is the simulation's to say.
    for w in &mut sized.workload {
        let demands = WorkloadRequest::SHAPES.into_iter().chain(WorkloadRequest::SHAPED.map(|(field, _)| field));
        for field in demands.chain(["hours", "concurrency"]) {
            w.set(field, Vec::new());
        }
        w.replicas = Some("1".to_owned());
    }
    let mut pricing = crate::resolve::resolve(&sized, book)?;
    let stated = request.workload.first().and_then(|w| w.concurrency.as_deref());
    if let (Some(w), Some(stated)) = (pricing.workloads.first_mut(), stated) {
        w.concurrency = models::concurrency(stated).ok().map(u64::from);
    }
    Ok(pricing)
}

struct Resolver<'o> {
    found: Vec<Diagnostic>,
    open: Opener<'o>,
}

/// Where a field of the simulation stands in a request.
fn own(field: &str) -> String {
    format!("simulate.{field}")
}

/// Where a field of the workload stands in a request.
fn of_workload(field: &str) -> String {
    format!("workload[0].{field}")
}

/// A field's own name.
fn name_of(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

impl Resolver<'_> {
    fn error(
        &mut self,
        code: &'static str,
        path: &str,
        label: impl Into<Text>,
        message: impl Into<Text>,
        help: impl Into<Text>,
    ) {
        self.found.push(Diagnostic::error(code, message).on(path, label).help(help));
    }

    fn missing(&mut self, path: &str, message: &'static str, help: &'static str) {
        self.error("request/missing", path, tr!("missing"), message, help);
    }

    fn conflict(&mut self, path: &str, label: impl Into<Text>, message: impl Into<Text>, help: impl Into<Text>) {
        self.error("request/conflict", path, label, message, help);
    }

    /// A text through its grammar.
    fn parse<T>(&mut self, text: Option<&str>, path: &str, grammar: fn(&str) -> Parsed<T>) -> Option<T> {
        match grammar(text?) {
            Ok(value) => Some(value),
            Err(f) => {
                self.found.push(Diagnostic::error("request/value", f.message).on(path, f.label).help(f.help));
                None
            }
        }
    }

    /// A law from the file that a text names, or the text through its grammar.
    fn law<T>(
        &mut self,
        text: Option<&str>,
        field: &str,
        grammar: fn(&str) -> Parsed<T>,
        of: fn(Law) -> T,
    ) -> Option<T> {
        match text.and_then(|text| text.trim().strip_prefix(models::EMPIRICAL)) {
            Some(file) => self.filed(files::empirical(self.open, file, field)).map(of),
            None => self.parse(text, &own(field), grammar),
        }
    }

    fn or<T>(&mut self, text: Option<&str>, path: &str, grammar: fn(&str) -> Parsed<T>, otherwise: T) -> Option<T> {
        if text.is_some() { self.parse(text, path, grammar) } else { Some(otherwise) }
    }

    /// One of a closed set of words.
    fn word<'w>(&mut self, text: &str, path: &str, words: &[&'w str]) -> Option<&'w str> {
        let found = words.iter().find(|w| **w == text.trim()).copied();
        if found.is_none() {
            let otherwise = text!("it is one of {words}", words = words.join(", "));
            let help = did_you_mean(text, words.iter().copied(), otherwise);
            let message = text!("`{name}` can't be `{text}`", name = name_of(path), text = quoted(text));
            self.error("request/unknown-word", path, "not one of its words", message, help);
        }
        found
    }

    fn flag(&mut self, text: Option<&str>, path: &str) -> bool {
        text.is_some_and(|text| self.word(text, path, &["true", "false"]) == Some("true"))
    }

    fn all(&mut self, request: &EstimateRequest) -> Option<Asked> {
        let nothing = (SimulateRequest::default(), WorkloadRequest::default());
        let q = request.simulate.as_deref().unwrap_or(&nothing.0);
        let w = request.workload.first().unwrap_or(&nothing.1);
        self.one_workload(request);
        let priced = !request.platform.is_empty();
        let mut assumptions = Vec::new();
        let demand = self.demand(q, w, &mut assumptions);
        let service = self.service(q, w, demand.as_ref());
        let start_up = self.start_up(q);
        let arrivals = self.arrivals(q, demand, service.as_ref(), start_up.as_ref());
        let policies = self.policies(q, w, priced);
        let given = self.given(request, q, w);
        let routing =
            self.word(q.routing.as_deref().unwrap_or("mru"), &own("routing"), &ROUTINGS.map(|(name, _)| name));
        let max_queue = self.or(q.max_queue.as_deref(), &own("max_queue"), grammar::count, 10_000_000);
        let cpu = self.cpu(q, w, priced);
        let every = self.parse(q.every.as_deref(), &own("every"), models::every);
        let horizon = self.parse(q.horizon.as_deref(), &own("horizon"), models::some_time);
        let warm_up = self.or(q.warm_up.as_deref(), &own("warm_up"), models::time, Nanos(0));
        let seed = self.or(q.seed.as_deref(), &own("seed"), grammar::count, 1);
        let replications = self.or(q.replications.as_deref(), &own("replications"), grammar::positive, 1);
        let quantum = Nanos::from_micros(100_000);
        let quantum = self.or(q.bill_quantum.as_deref(), &own("bill_quantum"), models::some_time, quantum);
        let (arrivals, given) = (arrivals?, given?);
        assumptions.extend(service.as_ref().and_then(|(service, _)| moments::of_service(service, &arrivals)));
        assumptions.extend(moments::of_counts(&arrivals));
        let horizon = if horizon.is_none() && !matches!(arrivals, Arrivals::Trace(_)) && q.horizon.is_none() {
            assumptions.push("arrivals stop after 24 h".into());
            Some(Nanos::from_secs(86_400))
        } else {
            horizon
        };
        let every = every.map(|every| every.over(horizon.unwrap_or_else(|| end_of(&arrivals))));
        self.check_times(horizon, every, warm_up?, &given, &policies);
        let run = Expected {
            arrivals: &arrivals,
            horizon,
            replications: replications?,
            runs: policies.len().max(request.platform.len()),
            decides: policies.is_empty() || policies.iter().any(|name| ![ALWAYS_ON, SCALE_TO_ZERO].contains(name)),
        };
        let work = Some(run.work()).filter(|_| !self.flag(q.yes.as_deref(), &own("yes")));
        self.found.extend(work.and_then(Work::too_long));
        Some(Asked {
            base: Scenario {
                arrivals,
                service: service?.0,
                cpu: cpu?,
                start_up: start_up?.0,
                policy: Policy::AlwaysOn { replicas: 1 },
                concurrency: 1,
                routing: ROUTINGS.iter().find(|(name, _)| Some(*name) == routing)?.1,
                queue: 0,
                max_queue: max_queue?,
                horizon,
                warm_up: warm_up?,
                meter: Meter::Requests { quantum: quantum? },
                pre_started: 0,
                nodes: None,
                sample_every: every,
                seed: seed?,
            },
            policies,
            given,
            starts_stated: q.cold_start.is_some() || q.cold_service.is_some(),
            replications: replications?,
            work,
            assumptions,
        })
    }

    /// A simulation is of one workload.
    fn one_workload(&mut self, request: &EstimateRequest) {
        if request.workload.len() > 1 {
            let message = text!("{n} workloads are given, and one is simulated at a time", n = request.workload.len());
            let help = "write a request with one [[workload]]; others would meet other traffic";
            self.error("simulate/workloads", "workload[1]", "one too many", message, help);
        }
        let w = request.workload.first();
        for field in ["runs", "tasks", "canary", "canary_hours", "hours"] {
            if w.is_some_and(|w| !w.get(field).is_empty()) {
                let message = text!("`{field}` is not simulated", field);
                let help = "a simulation is of requests that arrive, all the time";
                self.conflict(&of_workload(field), "no use here", message, help);
            }
        }
    }

    fn check_times(
        &mut self,
        horizon: Option<Nanos>,
        every: Option<Nanos>,
        warm_up: Nanos,
        given: &Given,
        policies: &[&str],
    ) {
        if horizon.is_some_and(|h| warm_up >= h) {
            let message = "the warm-up is as long as the run: nothing would count";
            self.conflict(&own("warm_up"), "too long", message, "write a shorter one, or a longer --horizon");
        }
        let endless = given.idle_after == Some(Law::Constant(Nanos::NEVER));
        if horizon.is_none() && endless && policies.contains(&SCALE_TO_ZERO) {
            let message = "a trace whose instances never stop does not end";
            self.conflict(&own("idle_after"), "without end", message, "write a --horizon");
        }
        if let (Some(every), Some(horizon)) = (every, horizon)
            && horizon.0 / every.0 > MOST_SAMPLES
        {
            let message = "instances would be counted more than a million times";
            self.conflict(&own("every"), "too often", message, "write a longer time");
        }
    }
}

/// About when a run without a horizon ends: its instances are held a while after the last request of its trace.
fn end_of(arrivals: &Arrivals) -> Nanos {
    let last = if let Arrivals::Trace(trace) = arrivals { trace.last() } else { 0 };
    Nanos(last.saturating_add(Nanos::from_secs(600).0))
}
