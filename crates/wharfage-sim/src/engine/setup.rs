//! What a run begins with: streams of random numbers, what the policy comes to, instances that are up at time 0.

use std::{collections::VecDeque, marker::PhantomData};

use super::{
    EVENTS_UNTOLD, Engine, MOST_INSTANCES, Processors, Services, Starts,
    agenda::Agenda,
    books::{Books, Window},
    control::Control,
    fleet::Fleet,
    idle::Hold,
    kind::Kind,
    meter::Warm,
    pool::Pool,
};
use crate::{
    autoscaler::OnDemand,
    law::{Draws, Law},
    outcome::MOST_EXACT,
    random::{Purpose, Stream},
    scenario::{Policy, Scenario, Service, StartUp},
    time::Nanos,
    watch::Watch,
};

/// Does a scenario take times from a trace?
fn takes_times(s: &Scenario) -> bool {
    s.service == Service::Trace || s.start_up == StartUp::WithinTrace
}

/// What a policy comes to.
struct Terms {
    idle_after: Law,
    min: u64,
    max: u64,
    replicas: u64,
    on_demand: OnDemand,
    pending_limit: u64,
    control: Option<Control>,
}

impl Terms {
    fn of(s: &Scenario) -> Self {
        let milli_vcpus = s.cpu.as_ref().map(|cpu| cpu.milli_vcpus.max(1));
        let start_up = if let StartUp::Before(law) = &s.start_up { law.mean() } else { Nanos(0) };
        let plain = |idle_after, min, max, replicas, on_demand| Self {
            idle_after,
            min,
            max,
            replicas,
            on_demand,
            pending_limit: u64::MAX,
            control: None,
        };
        match &s.policy {
            Policy::ScaleToZero { idle_after, min_instances, max_instances } => {
                plain(idle_after.clone(), *min_instances, *max_instances, 0, OnDemand::Always)
            }
            Policy::AlwaysOn { replicas } => {
                plain(Law::Constant(Nanos::NEVER), *replicas, *replicas, *replicas, OnDemand::Never)
            }
            Policy::Autoscaled { by, min_instances, max_instances } => Self {
                pending_limit: by.pending_limit(start_up).0,
                control: Some(Control::new(by.clone(), milli_vcpus)),
                ..plain(by.idle_after(), *min_instances, *max_instances, 0, by.on_demand())
            },
        }
    }
}

impl<'s, A: Agenda, K: Kind> Engine<'s, A, K> {
    /// One replication of a scenario, before its first event.
    pub(super) fn new(s: &Scenario, replication: u64, watch: &'s Watch) -> Self {
        let stream = |purpose| Stream::new(s.seed, replication, purpose);
        let recorded = s.arrivals.requests();
        assert!(recorded.is_some() || !takes_times(s), "a scenario that takes times from a trace has one");
        let terms = Terms::of(s);
        let horizon = s.horizon.map_or(u64::MAX, |h| h.0);
        let started = terms.replicas.max(s.pre_started.min(terms.max));
        assert!(started <= MOST_INSTANCES, "more replicas than can be simulated");
        let window = Window { from: s.warm_up.0, to: horizon };
        let mut engine = Self {
            kind: PhantomData,
            arrivals: s.arrivals.source(s.seed, replication),
            services: match &s.service {
                Service::Law(law) => Services::Law(Draws::new(law, stream(Purpose::Service))),
                Service::Trace => Services::Trace,
            },
            starts: match &s.start_up {
                StartUp::Before(law) => Starts::Before(Draws::new(law, stream(Purpose::StartUp))),
                StartUp::Within(law) => Starts::Within(Draws::new(law, stream(Purpose::StartUp))),
                StartUp::WithinTrace => Starts::WithinTrace,
            },
            processors: s.cpu.as_ref().map(|cpu| Processors {
                time: cpu.time.as_ref().map(|law| Draws::new(law, stream(Purpose::Cpu))),
                milli_vcpus: cpu.milli_vcpus.max(1),
                each: Vec::new(),
            }),
            arrived: 0,
            pool: Pool::new(s.routing, s.concurrency),
            agenda: A::default(),
            queue: VecDeque::new(),
            queue_limit: s.queue,
            max_queue: s.max_queue,
            hold: Hold::new(&terms.idle_after, stream(Purpose::Idle)),
            min_instances: terms.min,
            grew_at: 0,
            warm: Warm::new(terms.min),
            max_instances: terms.max,
            books: Books::new(window, s.meter, recorded.is_some_and(|n| n <= MOST_EXACT)),
            horizon,
            ends_idle: matches!(s.policy, Policy::ScaleToZero { .. }),
            on_demand: terms.on_demand,
            pending_limit: terms.pending_limit,
            control: terms.control,
            fleet: s.nodes.as_ref().map(|nodes| Fleet::new(nodes, stream(Purpose::Nodes), started)),
            draining: 0,
            late: 0,
            tick_at: if matches!(s.policy, Policy::Autoscaled { .. }) { 0 } else { u64::MAX },
            sample_at: if s.sample_every.is_some() { 0 } else { u64::MAX },
            sample_every: s.sample_every.map_or(u64::MAX, |every| every.0.max(1)),
            series: Vec::new(),
            running: 0,
            peak_busy: 0,
            peak_held: 0,
            mark: s.warm_up.0,
            aside_at: 0,
            last_event: 0,
            events: 0,
            watch,
            tell_at: EVENTS_UNTOLD,
            told: (0, 0),
            length: s.length(),
            cut: false,
        };
        for _ in 0..started {
            let slot = engine.add_instance(0);
            engine.place(slot, 0, 0);
            engine.up(slot, 0);
            engine.hold.begin(&mut engine.pool, slot, 0);
        }
        engine.running_changed(0);
        engine
    }
}
