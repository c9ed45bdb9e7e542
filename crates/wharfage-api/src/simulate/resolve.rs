//! Turns the texts of a simulation into scenarios, gathering every mistake.

use wharfage_core::{
    Diagnostic, PriceBook,
    diagnostic::{Place, did_you_mean, quoted},
    quantity::MilliVcpu,
    text,
    text::Text,
    tr,
};
use wharfage_sim::{
    Arrivals, Cpu, Durations, Format, Law, Meter, Nanos, Policy, Routing, Scenario, Service, StartUp, Step,
};

use super::{
    Opener, SimulateRequest, files,
    length::Expected,
    models::{self, Demand, Length, PRESETS},
    moments,
    parameters::{self, Setting},
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
    /// what was taken for granted for all runs
    pub assumptions: Vec<Text>,
}

/// What a request says of instances; each policy and platform has defaults of its own.
#[derive(Debug, Clone)]
pub struct Given {
    /// how long an idle instance is held
    pub idle_after: Option<Law>,
    /// never fewer
    pub min: Option<u64>,
    /// never more
    pub max: Option<u64>,
    /// always as many
    pub replicas: Option<u64>,
    /// share of an instance's concurrency that is aimed at
    pub target: Option<(u64, u64)>,
    /// parameters of autoscalers
    pub settings: Vec<Setting>,
    /// requests at once
    pub concurrency: Option<u32>,
    /// waiting places
    pub queue: Option<u64>,
    /// until a machine is ready
    pub node_start: Option<Law>,
    /// how long a machine without work stays
    pub node_idle_after: Option<Nanos>,
    /// time that a start takes to pull the image
    pub pull: Option<Nanos>,
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
        };
        if !self.flag(q.yes.as_deref(), &own("yes")) {
            self.found.extend(run.too_long());
        }
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

    /// When requests arrive: a model, a preset, or what an estimate of the workload takes.
    fn demand(&mut self, q: &SimulateRequest, w: &WorkloadRequest, assumptions: &mut Vec<Text>) -> Option<Demand> {
        match (q.arrivals.as_deref(), q.preset.as_deref()) {
            (Some(_), Some(_)) => {
                let message = "`arrivals` and `preset` are given together";
                self.conflict(&own("preset"), "more than one demand", message, "say one of them");
                None
            }
            (Some(text), None) => self.parse(Some(text), &own("arrivals"), models::arrivals),
            (None, Some(name)) => {
                let name = self.word(name, &own("preset"), &PRESETS.map(|(name, _)| name))?;
                let (_, text) = PRESETS.iter().find(|(n, _)| *n == name)?;
                self.parse(Some(text), &own("preset"), models::arrivals)
            }
            (None, None) if w.requests.is_some() => self.traffic(w, assumptions).map(Demand::Model),
            (None, None) => {
                let help = "write --arrivals poisson:100/s, or --preset api";
                self.missing(&own("arrivals"), "nothing says when requests arrive", help);
                None
            }
        }
    }

    /// Requests at their rate, with a burst to the peak for a minute each hour.
    fn traffic(&mut self, w: &WorkloadRequest, assumptions: &mut Vec<Text>) -> Option<Arrivals> {
        let rate = self.parse(w.requests.as_deref(), &of_workload("requests"), models::rate);
        let peak = self.parse(w.peak.as_deref(), &of_workload("peak"), models::rate);
        let (rate, requests) = (rate?, w.requests.as_deref().unwrap_or_default().to_owned());
        let Some(peak) = peak.filter(|p| p.per_second() > rate.per_second()) else {
            assumptions.push(text!("requests arrive independently of each other, {requests} (--arrivals)", requests));
            return Some(Arrivals::Poisson(rate));
        };
        let text = w.peak.as_deref().unwrap_or_default();
        let says =
            "{requests} arrive independently of each other, and {peak} in the first minute of every hour (--arrivals)";
        assumptions.push(Text::new(says, vec![("requests", requests.into()), ("peak", text.into())]));
        let step = |seconds, rate| Step { lasts: Nanos::from_secs(seconds), rate };
        Some(Arrivals::Steps(vec![step(60, peak), step(3_540, rate)]))
    }

    /// How long requests take, and what to read of a trace for that.
    fn service(
        &mut self,
        q: &SimulateRequest,
        w: &WorkloadRequest,
        demand: Option<&Demand>,
    ) -> Option<(Service, Durations)> {
        let is_trace = matches!(demand, Some(Demand::Trace(_)));
        let Some(text) = q.service.as_deref() else {
            if is_trace {
                return Some((Service::Trace, Durations::Recorded));
            }
            if let Some(text) = w.duration.as_deref() {
                let time = self.parse(Some(text), &of_workload("duration"), models::some_time)?;
                return Some((Service::Law(Law::Constant(time)), Durations::None));
            }
            self.missing(&own("service"), "nothing says how long a request takes", "write --service exp:80ms");
            return None;
        };
        match self.law(Some(text), "service", models::length, Length::Law)? {
            Length::Law(law) => Some((Service::Law(law), Durations::None)),
            Length::Trace(_) if !is_trace && demand.is_some() => {
                self.without_trace("service", text);
                None
            }
            Length::Trace(durations) => Some((Service::Trace, durations)),
        }
    }

    fn without_trace(&mut self, field: &str, text: &str) {
        let message = text!("`{text}` takes times from a trace, and there is none", text = quoted(text));
        self.conflict(&own(field), "no trace", message, "give --arrivals trace:FILE.csv, or a law");
    }

    /// What a start adds, and whether to read it from a trace.
    fn start_up(&mut self, q: &SimulateRequest) -> Option<(StartUp, bool)> {
        match (q.cold_start.as_deref(), q.cold_service.as_deref()) {
            (Some(_), Some(_)) => {
                let message = "`cold_start` and `cold_service` are given together";
                let help = "say the start-up alone, or the whole time of a request that starts an instance";
                self.conflict(&own("cold_service"), "two start-ups", message, help);
                None
            }
            (None, None) => Some((StartUp::Before(Law::Constant(Nanos(0))), false)),
            (text @ Some(_), None) => {
                Some((StartUp::Before(self.law(text, "cold_start", models::law, |law| law)?), false))
            }
            (None, Some("trace")) => Some((StartUp::WithinTrace, true)),
            (None, text) => Some((StartUp::Within(self.law(text, "cold_service", models::law, |law| law)?), false)),
        }
    }

    /// What requests need of a processor; `Some(None)` where that is not modelled.
    fn cpu(&mut self, q: &SimulateRequest, w: &WorkloadRequest, priced: bool) -> Option<Option<Cpu>> {
        let vcpu = self.or(w.vcpu.as_deref(), &of_workload("vcpu"), grammar::vcpu, MilliVcpu(1_000));
        if q.cpu_time.is_none() {
            if w.vcpu.is_some() && !priced {
                let help = "say how much of it a request needs, such as --cpu-time 20ms";
                let message = "`vcpu` means nothing without `cpu_time` or a platform";
                self.conflict(&of_workload("vcpu"), "no use without cpu_time", message, help);
            }
            return Some(None);
        }
        let time = self.law(q.cpu_time.as_deref(), "cpu_time", models::cpu_time, Some);
        Some(Some(Cpu { time: time?, milli_vcpus: vcpu?.0 }))
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
        let sort = self.flag(q.sort.as_deref(), &own("sort"));
        match demand {
            Demand::Model(model) => Some(model),
            Demand::Trace(name) => {
                let durations = service.map_or(Durations::None, |(_, d)| d.clone());
                let format = Format { durations, colds: from_trace, sort, function: None };
                self.filed(files::trace(self.open, &name, &format))
            }
            Demand::Weekly(name, of) => self.filed(files::weekly(self.open, &name, of)),
        }
    }

    /// What a file gave; its mistakes are the field's that names it.
    fn filed<T>(&mut self, read: Result<T, Diagnostic>) -> Option<T> {
        let on_own = |mut d: Diagnostic| {
            for label in &mut d.labels {
                if let Place::Field(field) = &label.place {
                    label.place = Place::Field(own(field));
                }
            }
            d
        };
        read.map_err(|d| self.found.push(on_own(d))).ok()
    }

    /// Policies by name.
    fn policies(&mut self, q: &SimulateRequest, w: &WorkloadRequest, priced: bool) -> Vec<&'static str> {
        if q.policy.is_empty() && !priced {
            let help = "write --platform, or --policy scale-to-zero, always-on --replicas N, or an autoscaler such as cloud-run";
            self.missing(&own("policy"), "nothing says which instances there are", help);
        }
        let texts = q.policy.iter().flat_map(|text| text.split(',')).filter(|text| !text.trim().is_empty());
        let names: Vec<_> = texts.filter_map(|name| self.word(name, &own("policy"), &POLICIES)).collect();
        self.out_of_place(q, w, &names, priced);
        names
    }

    /// What was said of instances.
    fn given(&mut self, request: &EstimateRequest, q: &SimulateRequest, w: &WorkloadRequest) -> Option<Given> {
        let (settings, found) = parameters::settings(request);
        self.found.extend(found);
        let given = Given {
            idle_after: self.law(q.idle_after.as_deref(), "idle_after", models::idle_after, |law| law),
            min: self.parse(w.min_instances.as_deref(), &of_workload("min_instances"), grammar::count),
            max: self.parse(q.max_instances.as_deref(), &own("max_instances"), grammar::positive),
            replicas: self.parse(w.replicas.as_deref(), &of_workload("replicas"), models::replicas),
            target: self.parse(w.target_utilisation.as_deref(), &of_workload("target_utilisation"), grammar::share),
            settings,
            concurrency: self.parse(w.concurrency.as_deref(), &of_workload("concurrency"), models::concurrency),
            queue: self.parse(q.queue.as_deref(), &own("queue"), models::places),
            node_start: self.law(q.node_start.as_deref(), "node_start", models::law, |law| law),
            node_idle_after: self.parse(q.node_idle_after.as_deref(), &own("node_idle_after"), models::time),
            pull: self.pull(q, w),
        };
        if let (Some(min), Some(max)) = (given.min, given.max)
            && min > max
        {
            let message = "`min_instances` is above `max_instances`";
            self.conflict(&of_workload("min_instances"), "too many", message, "write a smaller one");
        }
        Some(given)
    }

    /// How long an image takes to be pulled.
    fn pull(&mut self, q: &SimulateRequest, w: &WorkloadRequest) -> Option<Nanos> {
        let image = self.parse(w.image.as_deref(), &of_workload("image"), grammar::mib)?;
        let rate =
            self.parse(Some(q.pull_rate.as_deref().unwrap_or("50MB/s")), &own("pull_rate"), grammar::byte_rate)?;
        let ns = u128::from(image.0) * (1 << 20) * u128::from(rate.per.0) * 1_000 / u128::from(rate.bytes.max(1));
        u64::try_from(ns).ok().map(Nanos)
    }

    /// Fields that mean nothing to any of the policies, and those that one needs.
    fn out_of_place(&mut self, q: &SimulateRequest, w: &WorkloadRequest, names: &[&str], priced: bool) {
        if names.is_empty() {
            return;
        }
        let always = names.contains(&ALWAYS_ON);
        let scaled = names.iter().any(|name| POLICIES[2..].contains(name));
        let held = names.contains(&SCALE_TO_ZERO);
        let homes = [
            (
                own("idle_after"),
                q.idle_after.is_some(),
                held || names.contains(&"cloud-run"),
                "scale-to-zero and cloud-run",
            ),
            (
                of_workload("min_instances"),
                w.min_instances.is_some(),
                held || scaled,
                "scale-to-zero and the autoscalers",
            ),
            (own("max_instances"), q.max_instances.is_some(), held || scaled, "scale-to-zero and the autoscalers"),
            (of_workload("target_utilisation"), w.target_utilisation.is_some(), scaled || priced, "the autoscalers"),
        ];
        let all = names.join(", ");
        for (path, given, at_home, home) in homes {
            if given && !at_home {
                let message = text!("`{field}` means nothing with {policies}", field = name_of(&path), policies = &all);
                self.conflict(
                    &path,
                    "no use with these",
                    message,
                    text!("it goes with {home}", home = Text::from(home)),
                );
            }
        }
        if !always && w.replicas.is_some() {
            let message = text!("`{field}` means nothing with {policies}", field = "replicas", policies = all);
            let help = "it goes with always-on; --max-instances bounds the others";
            self.conflict(&of_workload("replicas"), "no use with these", message, help);
        } else if always && w.replicas.is_none() && !priced {
            self.missing(&of_workload("replicas"), "always-on does not say how many", "write --replicas 2");
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
