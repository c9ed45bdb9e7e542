//! Turns the texts of a simulation into scenarios, gathering every mistake.

use std::sync::Arc;

use wharfage_core::{
    Diagnostic,
    diagnostic::{did_you_mean, quoted},
    quantity::MilliVcpu,
    text::Text,
};
use wharfage_sim::{
    Arrivals, Cpu, Durations, Format, Law, Nanos, Policy, Rate, Routing, Scenario, Service, StartUp, Step, Trace,
    TraceFault, UNBOUNDED, Wrong, autoscaler::Autoscaler,
};

use super::{
    Opener, SimulateRequest,
    models::{self, Demand, Length, PRESETS},
};
use crate::grammar::{self, Fault, Parsed};

/// Scenarios to simulate.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// one per policy, with its name
    pub scenarios: Vec<(String, Scenario)>,
    /// how often each
    pub replications: u64,
    /// what was taken for granted for all of them
    pub assumptions: Vec<String>,
}

const POLICIES: [&str; 8] =
    ["scale-to-zero", "always-on", "cloud-run", "knative", "hpa", "keda", "ecs-target-tracking", "app-runner"];
const ROUTINGS: [(&str, Routing); 3] =
    [("mru", Routing::MostRecent), ("newest", Routing::Newest), ("lru", Routing::LeastRecent)];

/// The name of a routing.
pub fn routing_name(routing: Routing) -> &'static str {
    ROUTINGS.iter().find(|(_, r)| *r == routing).map_or("", |(name, _)| name)
}

/// Most requests that are simulated without being asked twice, some ten minutes.
const MANY: f64 = 5e9;
/// Nanoseconds of a simulated request, for estimates of how long a run takes.
const NS_PER_REQUEST: f64 = 100.0;

/// Most counts of instances in an answer.
const MOST_SAMPLES: u64 = 1_000_000;

/// Every scenario of `request`, or everything wrong with it.
pub fn resolve(request: &SimulateRequest, open: Opener<'_>) -> Result<Resolved, Vec<Diagnostic>> {
    let mut r = Resolver { found: Vec::new(), open };
    let resolved = r.all(request);
    if r.found.is_empty() { Ok(resolved.expect("nothing was wrong")) } else { Err(r.found) }
}

struct Resolver<'o> {
    found: Vec<Diagnostic>,
    open: Opener<'o>,
}

impl Resolver<'_> {
    fn error(&mut self, code: &'static str, field: &str, label: &str, message: String, help: impl Into<String>) {
        let d = Diagnostic::error(code, Text::known(message)).on(field, Text::known(label));
        self.found.push(d.help(Text::known(help)));
    }

    fn missing(&mut self, field: &str, message: &str, help: &str) {
        self.error("request/missing", field, "missing", message.to_owned(), help);
    }

    /// A text through its grammar.
    fn parse<T>(&mut self, text: Option<&str>, field: &str, grammar: fn(&str) -> Parsed<T>) -> Option<T> {
        match grammar(text?) {
            Ok(value) => Some(value),
            Err(f) => {
                self.refuse(field, f);
                None
            }
        }
    }

    fn refuse(&mut self, field: &str, f: Fault) {
        self.found.push(Diagnostic::error("request/value", f.message).on(field, f.label).help(f.help));
    }

    fn or<T>(&mut self, text: Option<&str>, field: &str, grammar: fn(&str) -> Parsed<T>, otherwise: T) -> Option<T> {
        if text.is_some() { self.parse(text, field, grammar) } else { Some(otherwise) }
    }

    /// One of a closed set of words.
    fn word<'w>(&mut self, text: &str, field: &str, words: &[&'w str]) -> Option<&'w str> {
        let found = words.iter().find(|w| **w == text.trim()).copied();
        if found.is_none() {
            let otherwise = Text::plain(format!("it is one of {}", words.join(", ")));
            let help = did_you_mean(text, words.iter().copied(), otherwise);
            let message = Text::plain(format!("`{field}` can't be `{}`", quoted(text)));
            let d = Diagnostic::error("request/unknown-word", message);
            self.found.push(d.on(field, Text::plain("not one of its words")).help(help));
        }
        found
    }

    fn all(&mut self, q: &SimulateRequest) -> Option<Resolved> {
        let mut assumptions = Vec::new();
        let demand = self.demand(q);
        let service = self.service(q, demand.as_ref());
        let start_up = self.start_up(q, &mut assumptions);
        let arrivals = self.arrivals(q, demand, service.as_ref(), start_up.as_ref());
        let policies = self.policies(q);
        let routing = self.word(q.routing.as_deref().unwrap_or("mru"), "routing", &ROUTINGS.map(|(name, _)| name));
        let concurrency = self.or(q.concurrency.as_deref(), "concurrency", models::concurrency, 1);
        let queue = self.parse(q.queue.as_deref(), "queue", models::places);
        let max_queue = self.or(q.max_queue.as_deref(), "max_queue", grammar::count, 10_000_000);
        let cpu_time = self.parse(q.cpu_time.as_deref(), "cpu_time", models::cpu_time);
        let vcpu = self.or(q.vcpu.as_deref(), "vcpu", grammar::vcpu, MilliVcpu(1_000));
        if q.vcpu.is_some() && q.cpu_time.is_none() {
            let message = "`vcpu` means nothing without `cpu_time`".to_owned();
            let help = "say how much of it a request needs, such as --cpu-time 20ms";
            self.error("request/conflict", "vcpu", "no use without cpu_time", message, help);
        }
        let every = self.parse(q.every.as_deref(), "every", models::every);
        let horizon = self.parse(q.horizon.as_deref(), "horizon", models::some_time);
        let warm_up = self.or(q.warm_up.as_deref(), "warm_up", models::time, Nanos(0));
        let seed = self.or(q.seed.as_deref(), "seed", grammar::count, 1);
        let replications = self.or(q.replications.as_deref(), "replications", grammar::positive, 1);
        let bill_quantum =
            self.or(q.bill_quantum.as_deref(), "bill_quantum", models::some_time, Nanos::from_micros(100_000));
        let arrivals = arrivals?;
        let is_trace = matches!(arrivals, Arrivals::Trace(_));
        let horizon = if horizon.is_none() && !is_trace && q.horizon.is_none() {
            assumptions.push("arrivals stop after 24 h".to_owned());
            Some(Nanos::from_secs(86_400))
        } else {
            horizon
        };
        self.check_times(q, horizon, warm_up?, &policies);
        let every = every.map(|every| every.over(horizon.unwrap_or_else(|| end_of(&arrivals))));
        if let (Some(every), Some(horizon)) = (every, horizon)
            && horizon.0 / every.0 > MOST_SAMPLES
        {
            let message = "instances would be counted more than a million times".to_owned();
            self.error("request/conflict", "every", "too often", message, "write a longer time");
        }
        self.check_length(q, &arrivals, horizon, replications?, &policies);
        let base = Scenario {
            arrivals,
            service: service?.0,
            cpu: match (cpu_time, vcpu) {
                (Some(time), Some(MilliVcpu(milli_vcpus))) => Some(Cpu { time, milli_vcpus }),
                _ => None,
            },
            start_up: start_up?.0,
            policy: Policy::AlwaysOn { replicas: 1 },
            concurrency: concurrency?,
            routing: ROUTINGS.iter().find(|(name, _)| Some(*name) == routing)?.1,
            queue: 0,
            max_queue: max_queue?,
            horizon,
            warm_up: warm_up?,
            bill_quantum: bill_quantum?,
            sample_every: every,
            seed: seed?,
        };
        let scenario = |(name, policy): (String, Policy)| {
            let default = if matches!(policy, Policy::ScaleToZero { .. }) { 0 } else { UNBOUNDED };
            (name, Scenario { policy, queue: queue.unwrap_or(default), ..base.clone() })
        };
        Some(Resolved {
            scenarios: policies.into_iter().map(scenario).collect(),
            replications: replications?,
            assumptions,
        })
    }

    fn demand(&mut self, q: &SimulateRequest) -> Option<Demand> {
        match (q.arrivals.as_deref(), q.preset.as_deref()) {
            (Some(_), Some(_)) => {
                let message = "`arrivals` and `preset` are given together".to_owned();
                self.error("request/conflict", "preset", "more than one demand", message, "say one of them");
                None
            }
            (None, None) => {
                let help = "write --arrivals poisson:100/s, or --preset api";
                self.missing("arrivals", "nothing says when requests arrive", help);
                None
            }
            (Some(text), None) => self.parse(Some(text), "arrivals", models::arrivals),
            (None, Some(name)) => {
                let name = self.word(name, "preset", &PRESETS.map(|(name, _)| name))?;
                let (_, text) = PRESETS.iter().find(|(n, _)| *n == name)?;
                self.parse(Some(text), "preset", models::arrivals)
            }
        }
    }

    /// How long requests take, and what to read of a trace for that.
    fn service(&mut self, q: &SimulateRequest, demand: Option<&Demand>) -> Option<(Service, Durations)> {
        let is_trace = matches!(demand, Some(Demand::Trace(_)));
        let Some(text) = q.service.as_deref() else {
            if is_trace {
                return Some((Service::Trace, Durations::Recorded));
            }
            self.missing("service", "nothing says how long a request takes", "write --service exp:80ms");
            return None;
        };
        match self.parse(Some(text), "service", models::length)? {
            Length::Law(law) => Some((Service::Law(law), Durations::None)),
            Length::Trace(_) if !is_trace && demand.is_some() => {
                self.without_trace("service", text);
                None
            }
            Length::Trace(durations) => Some((Service::Trace, durations)),
        }
    }

    fn without_trace(&mut self, field: &str, text: &str) {
        let message = format!("`{}` takes times from a trace, and there is none", quoted(text));
        self.error("request/conflict", field, "no trace", message, "give --arrivals trace:FILE.csv, or a law");
    }

    /// What a start adds, and whether to read it from a trace.
    fn start_up(&mut self, q: &SimulateRequest, assumptions: &mut Vec<String>) -> Option<(StartUp, bool)> {
        match (q.cold_start.as_deref(), q.cold_service.as_deref()) {
            (Some(_), Some(_)) => {
                let message = "`cold_start` and `cold_service` are given together".to_owned();
                let help = "say the start-up alone, or the whole time of a request that starts an instance";
                self.error("request/conflict", "cold_service", "two start-ups", message, help);
                None
            }
            (None, None) => {
                if q.policy.iter().any(|p| p != POLICIES[1]) {
                    assumptions.push("instances start in no time (--cold-start)".to_owned());
                }
                Some((StartUp::Before(Law::Constant(Nanos(0))), false))
            }
            (text @ Some(_), None) => Some((StartUp::Before(self.parse(text, "cold_start", models::law)?), false)),
            (None, Some("trace")) => Some((StartUp::WithinTrace, true)),
            (None, text) => Some((StartUp::Within(self.parse(text, "cold_service", models::law)?), false)),
        }
    }

    /// The model of arrivals, files read.
    fn arrivals(
        &mut self,
        q: &SimulateRequest,
        demand: Option<Demand>,
        service: Option<&(Service, Durations)>,
        start_up: Option<&(StartUp, bool)>,
    ) -> Option<Arrivals> {
        let demand = demand?;
        let from_trace = start_up.is_some_and(|(_, from_trace)| *from_trace);
        if from_trace && !matches!(demand, Demand::Trace(_)) {
            self.without_trace("cold_service", "trace");
        }
        let sort = self.word(q.sort.as_deref().unwrap_or("false"), "sort", &["true", "false"])? == "true";
        match demand {
            Demand::Model(model) => Some(model),
            Demand::Trace(name) => {
                let durations = service.map_or(Durations::None, |(_, d)| d.clone());
                self.trace(&name, &Format { durations, colds: from_trace, sort })
            }
            Demand::Weekly(name) => self.weekly(&name),
        }
    }

    fn opened(&mut self, name: &str) -> Option<Box<dyn std::io::Read>> {
        (self.open)(name).map_err(|d| self.found.push(d)).ok()
    }

    fn trace(&mut self, name: &str, format: &Format) -> Option<Arrivals> {
        let file = self.opened(name)?;
        match Trace::read(file, format) {
            Ok(trace) => Some(Arrivals::Trace(Arc::new(trace))),
            Err(fault) => {
                self.found.push(trace_fault(name, &fault));
                None
            }
        }
    }

    /// A file of 168 hourly rates in requests per second, under a header.
    fn weekly(&mut self, name: &str) -> Option<Arrivals> {
        let file = self.opened(name)?;
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(file);
        let mut steps = Vec::new();
        for record in reader.records() {
            let cell = record.ok().and_then(|r| r.iter().next_back().map(str::to_owned)).unwrap_or_default();
            match grammar::rate(&format!("{cell}/s")) {
                Ok(rate) => {
                    let rate = Rate::micro(rate.micro_requests, Nanos::from_secs(1));
                    steps.push(Step { lasts: Nanos::from_secs(3_600), rate });
                }
                Err(f) => {
                    let message = Text::plain(format!("`{name}`, line {}: {}", steps.len() + 2, f.message));
                    self.found.push(Diagnostic::error("simulate/trace", message).on("arrivals", f.label).help(f.help));
                    return None;
                }
            }
        }
        if steps.len() != 168 || steps.iter().all(|s| s.rate.per_second() == 0.0) {
            let message = format!("`{name}` has {} hours of rates, or none above zero", steps.len());
            let help = "a week is a header and 168 lines, Monday's first hour first, with requests per second last";
            self.error("simulate/trace", "arrivals", "not a week", message, help);
            return None;
        }
        Some(Arrivals::Steps(steps))
    }

    fn policies(&mut self, q: &SimulateRequest) -> Vec<(String, Policy)> {
        if q.policy.is_empty() {
            self.missing(
                "policy",
                "nothing says which instances there are",
                "write --policy scale-to-zero, always-on --replicas N, or an autoscaler such as cloud-run",
            );
        }
        let names: Vec<_> = q.policy.iter().filter_map(|name| self.word(name, "policy", &POLICIES)).collect();
        self.out_of_place(q, &names);
        let idle_after = self.or(q.idle_after.as_deref(), "idle_after", models::time_or_never, Nanos::from_secs(600));
        let min = self.parse(q.min_instances.as_deref(), "min_instances", grammar::count);
        let max = self.or(q.max_instances.as_deref(), "max_instances", grammar::positive, u64::MAX);
        let replicas = self.parse(q.replicas.as_deref(), "replicas", models::replicas);
        let target = self.parse(q.target_utilisation.as_deref(), "target_utilisation", grammar::share);
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            let message = "`min_instances` is above `max_instances`".to_owned();
            self.error("request/conflict", "min_instances", "too many", message, "write a smaller one");
        }
        let autoscaled = |name: &str| {
            let (_, mut by) = Autoscaler::defaults().into_iter().find(|(id, _)| *id == name)?;
            if let Some((num, den)) = target {
                by.aim_at(num as f64 / den as f64);
            }
            let max_instances = max?;
            let min_instances = min.unwrap_or(by.least().min(max_instances)).max(by.least());
            Some(Policy::Autoscaled { by, min_instances, max_instances })
        };
        let policy = |name: &str| match name {
            "always-on" => Some(Policy::AlwaysOn { replicas: replicas? }),
            "scale-to-zero" => Some(Policy::ScaleToZero {
                idle_after: idle_after?,
                min_instances: min.unwrap_or(0),
                max_instances: max?,
            }),
            other => autoscaled(other),
        };
        names.iter().filter_map(|name| Some(((*name).to_owned(), policy(name)?))).collect()
    }

    /// Fields that mean nothing to any of the policies, and those that one needs.
    fn out_of_place(&mut self, q: &SimulateRequest, names: &[&str]) {
        if names.is_empty() {
            return;
        }
        let always = names.contains(&POLICIES[1]);
        let scaled = names.iter().any(|name| POLICIES[2..].contains(name));
        let held = names.contains(&POLICIES[0]);
        let homes = [
            ("idle_after", held, "scale-to-zero"),
            ("min_instances", held || scaled, "scale-to-zero and the autoscalers"),
            ("max_instances", held || scaled, "scale-to-zero and the autoscalers"),
            ("target_utilisation", scaled, "the autoscalers"),
        ];
        for (field, at_home, home) in homes {
            if !at_home && !q.get(field).is_empty() {
                let message = format!("`{field}` means nothing with {}", names.join(", "));
                self.error("request/conflict", field, "no use with these", message, format!("it goes with {home}"));
            }
        }
        if !always && q.replicas.is_some() {
            let message = format!("`replicas` means nothing with {}", names.join(", "));
            let help = "it goes with always-on; --max-instances bounds the others";
            self.error("request/conflict", "replicas", "no use with these", message, help);
        } else if always && q.replicas.is_none() {
            self.missing("replicas", "always-on does not say how many", "write --replicas 2");
        }
    }

    fn check_times(
        &mut self,
        q: &SimulateRequest,
        horizon: Option<Nanos>,
        warm_up: Nanos,
        policies: &[(String, Policy)],
    ) {
        if horizon.is_some_and(|h| warm_up >= h) {
            let message = "the warm-up is as long as the run: nothing would count".to_owned();
            self.error(
                "request/conflict",
                "warm_up",
                "too long",
                message,
                "write a shorter one, or a longer --horizon",
            );
        }
        let endless = |p: &Policy| matches!(p, Policy::ScaleToZero { idle_after: Nanos::NEVER, .. });
        if horizon.is_none() && q.horizon.is_none() && policies.iter().any(|(_, p)| endless(p)) {
            let message = "a trace whose instances never stop does not end".to_owned();
            self.error("request/conflict", "idle_after", "without end", message, "write a --horizon");
        }
    }

    /// A run that takes long is asked for twice.
    fn check_length(
        &mut self,
        q: &SimulateRequest,
        arrivals: &Arrivals,
        horizon: Option<Nanos>,
        replications: u64,
        policies: &[(String, Policy)],
    ) {
        let Some(horizon) = horizon else { return };
        let requests = arrivals.mean_per_second().unwrap_or(0.0);
        let decisions = policies.iter().map(|(_, policy)| match policy {
            Policy::Autoscaled { by, .. } => 1e9 / by.tick().as_f64(),
            _ => 0.0,
        });
        let each = policies.len() as f64 * (requests + arrivals.changes_per_second());
        let steps = (each + decisions.sum::<f64>()) * (horizon.as_f64() / 1e9) * replications as f64;
        if steps > MANY && q.yes.as_deref() != Some("true") {
            let minutes = steps * NS_PER_REQUEST / 60e9;
            let message = format!(
                "some {:.0} million requests, changes of rate and decisions would take about {minutes:.0} minutes",
                steps / 1e6
            );
            let help = "write a shorter --horizon, or --yes to simulate them all";
            self.error("simulate/too-long", "horizon", "long", message, help);
        }
    }
}

/// About when a run without a horizon ends: its instances are held a while after the last request of its trace.
fn end_of(arrivals: &Arrivals) -> Nanos {
    let last = if let Arrivals::Trace(trace) = arrivals { trace.last() } else { Nanos::default() };
    Nanos(last.0.saturating_add(Nanos::from_secs(600).0))
}

fn trace_fault(name: &str, fault: &TraceFault) -> Diagnostic {
    let TraceFault { line, column, wrong } = fault;
    let at = format!("`{name}`, line {line}");
    let there = |names: &[String]| {
        let shown: Vec<String> = names.iter().take(12).map(|n| quoted(n)).collect();
        format!("it has the columns {}", shown.join(", "))
    };
    let (message, label, help) = match wrong {
        Wrong::NoArrivals(names) => (
            format!("`{name}` does not say when requests arrive"),
            "no arrivals",
            format!("{}; name one arrival_us, _ms or _s, or timestamp", there(names)),
        ),
        Wrong::NoColumn(names) => {
            (format!("`{name}` has no column `{}`", quoted(column)), "a column is missing", there(names))
        }
        Wrong::NotANumber(text) => (
            format!("{at}: `{}` in `{}` is not a number", quoted(text), quoted(column)),
            "not a number",
            "write digits, such as 1500 or 0.5".to_owned(),
        ),
        Wrong::TooLarge(text) => (
            format!("{at}: `{}` in `{}` is beyond 584 years", quoted(text), quoted(column)),
            "too large",
            "check the unit in the column's name".to_owned(),
        ),
        Wrong::Backwards => (
            format!("{at}: the request arrives before the one above it"),
            "goes back in time",
            "sort the file, or write --sort".to_owned(),
        ),
        Wrong::Malformed(what) => {
            (format!("{at}: {}", quoted(what)), "not a row", "each line has as many cells as the first".to_owned())
        }
        Wrong::Empty => {
            (format!("`{name}` holds no request"), "empty", "write a line for each request under the header".to_owned())
        }
    };
    let (message, help) = (Text::known(message), Text::known(help));
    Diagnostic::error("simulate/trace", message).on("arrivals", Text::known(label)).help(help)
}
