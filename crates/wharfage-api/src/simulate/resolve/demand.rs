//! When requests arrive, what they need, and what a start adds.

use wharfage_core::{
    Diagnostic,
    diagnostic::{Place, quoted},
    quantity::MilliVcpu,
    text,
    text::Text,
};
use wharfage_sim::{Arrivals, Cpu, Durations, Format, Law, Nanos, Service, StartUp, Step};

use super::{Resolver, of_workload, own};
use crate::{
    grammar,
    request::WorkloadRequest,
    simulate::{
        SimulateRequest, files,
        models::{self, Demand, Length, PRESETS},
    },
};

impl Resolver<'_> {
    /// When requests arrive: a model, a preset, or what an estimate of the workload takes.
    pub(super) fn demand(
        &mut self,
        q: &SimulateRequest,
        w: &WorkloadRequest,
        assumptions: &mut Vec<Text>,
    ) -> Option<Demand> {
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
    pub(super) fn service(
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
    pub(super) fn start_up(&mut self, q: &SimulateRequest) -> Option<(StartUp, bool)> {
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
    pub(super) fn cpu(&mut self, q: &SimulateRequest, w: &WorkloadRequest, priced: bool) -> Option<Option<Cpu>> {
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
    pub(super) fn arrivals(
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
    pub(super) fn filed<T>(&mut self, read: Result<T, Diagnostic>) -> Option<T> {
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
}
