//! The model: requests arrive, instances start, serve, idle and stop.
//!
//! Time jumps from event to event. Of events at one time, completions come first, then finished start-ups, arrivals,
//! expiries: so an instance that is idle for exactly as long as it is held is still warm.
//!
//! A request goes to an instance with room, chosen by the routing; else to a starting instance with room, whose start it
//! then awaits; else it starts an instance, where the policy lets it; else it waits in the queue, first in first out; else
//! it is rejected.

mod agenda;
mod books;
mod control;
mod fleet;
mod idle;
mod kind;
mod meter;
mod pool;
mod processor;

use std::{collections::VecDeque, marker::PhantomData};

use crate::{
    arrivals::Source,
    autoscaler::OnDemand,
    law::{Draws, Law},
    outcome::{MOST_EXACT, Outcome, Sample},
    random::{Purpose, Stream},
    scenario::{Policy, Scenario, Service, StartUp},
    time::Nanos,
    watch::Watch,
};
use agenda::{Agenda, Calendar, Event, Heap};
use books::{Books, Window};
use control::Control;
use fleet::{Fleet, Placed};
use idle::Hold;
use kind::{Any, Kind, Plain};
use meter::Warm;
use pool::{Pool, Slot, Waiting};
use processor::Processor;

/// Why a run was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// more requests waited than `max_queue`, at this time
    QueueBeyond(Nanos),
    /// more instances were wanted than [`MOST_INSTANCES`], at this time
    InstancesBeyond(Nanos),
    /// what is to be served takes longer than the clock runs, some 584 years
    ClockBeyond,
    /// the file of a trace was another one when it was read again
    TraceChanged,
}

/// A watch is told after so many events: some milliseconds.
const EVENTS_UNTOLD: u64 = 1 << 15;

/// Most instances at once.
pub const MOST_INSTANCES: u64 = 1_000_000;

/// Simulates every request of one replication (from 0) of a scenario.
///
/// # Errors
/// Where the queue grows beyond the scenario's `max_queue`, instances beyond [`MOST_INSTANCES`], or time beyond the clock.
///
/// # Panics
/// Where the scenario asks for more replicas than those, takes from a trace what it does not have, or has neither a horizon nor a trace.
pub fn simulate(scenario: &Scenario, replication: u64) -> Result<Outcome, Stop> {
    simulate_watched(scenario, replication, &Watch::new())
}

/// The same, told to `watch`, which can end it.
pub(crate) fn simulate_watched(scenario: &Scenario, replication: u64, watch: &Watch) -> Result<Outcome, Stop> {
    let shared = scenario.concurrency > 1;
    let scaled = matches!(scenario.policy, Policy::Autoscaled { .. });
    if scenario.cpu.is_some() || scenario.nodes.is_some() {
        return Engine::<Calendar, Any>::new(scenario, replication, watch).run();
    }
    match (shared, scaled) {
        (false, false) => Engine::<Calendar, Plain<false, false>>::new(scenario, replication, watch).run(),
        (false, true) => Engine::<Calendar, Plain<false, true>>::new(scenario, replication, watch).run(),
        (true, false) => Engine::<Calendar, Plain<true, false>>::new(scenario, replication, watch).run(),
        (true, true) => Engine::<Calendar, Plain<true, true>>::new(scenario, replication, watch).run(),
    }
}

/// The same with a plain heap of events: slower, and what [`simulate`] is compared with.
///
/// # Errors
/// As [`simulate`].
///
/// # Panics
/// As [`simulate`].
pub fn simulate_plainly(scenario: &Scenario, replication: u64) -> Result<Outcome, Stop> {
    Engine::<Heap, Any>::new(scenario, replication, &Watch::new()).run()
}

/// How long requests take, in the order of arrival.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one, and it is asked for each request")]
enum Services {
    Law(Draws),
    /// as the last arrival says
    Trace,
}

/// What a start adds, drawn in the order of starts.
#[derive(Debug)]
enum Starts {
    Before(Draws),
    Within(Draws),
    /// as the last arrival says
    WithinTrace,
}

/// Processors that requests share, one per place in the pool.
#[derive(Debug)]
struct Processors {
    /// `None`: all of a request's service
    time: Option<Draws>,
    milli_vcpus: u64,
    each: Vec<Processor>,
}

#[derive(Debug)]
struct Engine<'s, A, K> {
    kind: PhantomData<K>,
    arrivals: Source,
    services: Services,
    starts: Starts,
    processors: Option<Processors>,
    /// requests that arrived, in the warm-up too
    arrived: u64,
    pool: Pool,
    agenda: A,
    queue: VecDeque<Waiting>,
    queue_limit: u64,
    max_queue: u64,
    hold: Hold,
    min_instances: u64,
    /// when there was last one more instance
    grew_at: u64,
    warm: Warm,
    /// a request may start an instance while there are fewer
    max_instances: u64,
    books: Books,
    horizon: u64,
    /// is the end of a run without horizon that of the last idle instance
    ends_idle: bool,
    /// when a request starts an instance itself
    on_demand: OnDemand,
    /// how long a request waits at most, for an instance that starts or in the queue
    pending_limit: u64,
    control: Option<Control>,
    fleet: Option<Fleet>,
    /// instances that take no more requests
    draining: u64,
    /// decisions beyond the horizon
    late: u32,
    /// the next decision
    tick_at: u64,
    /// the next count of instances
    sample_at: u64,
    sample_every: u64,
    series: Vec<Sample>,
    /// instances that are starting or busy
    running: u64,
    peak_busy: u64,
    peak_held: u64,
    /// the end of the warm-up; [`u64::MAX`] after it
    mark: u64,
    /// nothing is to be done beside requests before
    aside_at: u64,
    last_event: u64,
    events: u64,
    watch: &'s Watch,
    /// after so many events the watch is told
    tell_at: u64,
    /// simulated time and requests that it was told
    told: (u64, u64),
    /// how long the run is, if it is not ended early
    length: u64,
    cut: bool,
}

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
    fn new(s: &Scenario, replication: u64, watch: &'s Watch) -> Self {
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

    fn run(mut self) -> Result<Outcome, Stop> {
        let mut arrival = self.arrivals.next_at().min(self.horizon);
        loop {
            let next = self.agenda.next();
            let due = agenda::time(next);
            let now = due.min(arrival);
            if self.events >= self.tell_at && self.tell(now) {
                // What comes later is not simulated; what is in flight is served to its end.
                arrival = u64::MAX;
                continue;
            }
            if now >= self.aside_at && self.step_aside(now)? {
                continue;
            }
            if due <= arrival {
                let Some((event, slot)) = agenda::read(next) else { break };
                self.agenda.pop();
                if now == u64::MAX {
                    return Err(Stop::ClockBeyond);
                }
                self.last_event = now;
                match event {
                    Event::Completion => self.complete(slot, now),
                    Event::Turn => self.turn(slot, now),
                    Event::Ready => self.ready(slot, now),
                }
            } else if arrival < self.horizon {
                self.arrive(arrival)?;
                arrival = self.arrivals.next_at().min(self.horizon);
            } else {
                // Arrivals stop at the horizon; what is in flight is served to its end.
                arrival = u64::MAX;
                continue;
            }
            self.events += 1;
        }
        if self.arrivals.changed() {
            return Err(Stop::TraceChanged);
        }
        Ok(self.finish())
    }

    /// Tells the watch how far the run is: is it to end?
    #[cold]
    fn tell(&mut self, now: u64) -> bool {
        self.tell_at = self.events + EVENTS_UNTOLD;
        // A decision may lie before what is due next.
        let reached = now.min(self.length).max(self.told.0);
        self.watch.add(reached - self.told.0, self.arrived - self.told.1);
        self.told = (reached, self.arrived);
        if self.cut || !self.watch.is_stopped() || now >= self.horizon {
            return false;
        }
        self.cut = true;
        (self.horizon, self.books.window.to) = (now, now);
        true
    }

    /// Does what is due before `now` beside requests: the end of the warm-up, decisions, counts of instances, nodes; false
    /// where there is nothing.
    #[cold]
    fn step_aside(&mut self, now: u64) -> Result<bool, Stop> {
        let (look, nodes_at) = (self.tick_at.min(self.sample_at), self.nodes_at());
        if self.mark <= now.min(look).min(nodes_at) && now != u64::MAX {
            self.cross_warm_up();
            return Ok(true);
        }
        // Beyond the horizon instances change no more, unless requests still wait for some.
        let counts = look <= self.horizon && self.horizon.min(now) != u64::MAX;
        if look < now && look <= nodes_at && (counts || self.waits_for_a_decision()) {
            self.decide_or_sample();
            return Ok(true);
        }
        if nodes_at < now {
            self.look_at_nodes(nodes_at)?;
            return Ok(true);
        }
        // Where nodes are, any event may ask for some.
        let first = if K::MORE && self.fleet.is_some() { 0 } else { self.mark.min(look.saturating_add(1)) };
        // What is left undone beyond the horizon stays so until something waits.
        self.aside_at = if first <= now { 0 } else { first };
        Ok(false)
    }

    /// What counts begins now, with the instances as they are.
    fn cross_warm_up(&mut self) {
        self.expire(self.mark);
        self.mark = u64::MAX;
        self.peak_busy = self.running;
        self.peak_held = self.pool.alive();
        if let Some(fleet) = &mut self.fleet {
            fleet.remove_idle(self.books.window.from, &mut self.books);
            fleet.peak = fleet.count();
        }
    }

    fn arrive(&mut self, now: u64) -> Result<(), Stop> {
        self.arrived += 1;
        let service = match &mut self.services {
            Services::Law(draws) => draws.next(),
            Services::Trace => self.arrivals.service(),
        };
        let counts = self.books.counts(now);
        self.books.requests += u64::from(counts);
        if counts {
            self.books.asked_ns += u128::from(service);
        }
        self.expire(now);
        self.give_up_waiting(now);
        let request = Waiting { arrived: now, service, start_up: 0 };
        if let Some(slot) = self.pool.choose::<K>() {
            self.came(now);
            self.serve(slot, now, request);
            return Ok(());
        }
        if self.on_demand == OnDemand::Always {
            if let Some(slot) = self.pool.starting_with_room() {
                self.came(now);
                self.pool.get(slot).waiting.push_back(request);
                return Ok(());
            }
            if self.pool.alive() < self.max_instances {
                if self.pool.alive() >= MOST_INSTANCES {
                    return Err(Stop::InstancesBeyond(Nanos(now)));
                }
                self.came(now);
                self.books.cold_starts += u64::from(counts);
                self.start_for(now, request);
                return Ok(());
            }
        }
        if self.queue.len() as u64 >= self.queue_limit {
            self.books.rejected += u64::from(counts);
            return Ok(());
        }
        if self.queue.len() as u64 >= self.max_queue {
            return Err(Stop::QueueBeyond(Nanos(now)));
        }
        self.came(now);
        self.queue.push_back(request);
        if self.on_demand == OnDemand::FromZero && self.pool.alive() == self.draining {
            self.books.cold_starts += u64::from(counts);
            self.start_ahead(now);
        }
        Ok(())
    }

    /// The autoscaler.
    #[inline]
    fn control(&mut self) -> Option<&mut Control> {
        if K::SCALED { self.control.as_mut() } else { None }
    }

    /// A request is there that was not.
    #[inline]
    fn came(&mut self, now: u64) {
        if let Some(control) = self.control() {
            control.gauge.present.rise(1, now);
        }
    }

    /// Rejects what has waited for too long before `now`.
    #[inline]
    fn give_up_waiting(&mut self, now: u64) {
        if self.pending_limit == u64::MAX {
            return;
        }
        while let Some(first) = self.queue.front().copied()
            && self.is_overdue(&first, now)
        {
            self.queue.pop_front();
            self.give_up(&first);
        }
    }

    fn is_overdue(&self, request: &Waiting, now: u64) -> bool {
        request.arrived.saturating_add(self.pending_limit) < now
    }

    /// Rejects what has waited for too long.
    fn give_up(&mut self, request: &Waiting) {
        self.books.rejected += u64::from(self.books.counts(request.arrived));
        let then = request.arrived.saturating_add(self.pending_limit);
        if let Some(control) = self.control() {
            control.gauge.present.fell(1, then);
        }
    }

    /// Counts one more instance.
    fn add_instance(&mut self, now: u64) -> Slot {
        let slot = self.pool.start(now);
        self.grew_at = now;
        if now < self.horizon {
            self.peak_held = self.peak_held.max(self.pool.alive());
        }
        slot
    }

    /// Starts an instance that no request waits for yet.
    fn start_ahead(&mut self, now: u64) {
        let slot = self.add_instance(now);
        let start_up = match &mut self.starts {
            Starts::Before(draws) => draws.next(),
            // Only a request that starts an instance itself takes longer.
            Starts::Within(_) | Starts::WithinTrace => 0,
        };
        self.begin_running(now);
        if self.place(slot, start_up, now) {
            self.begin_start((slot, start_up), now);
        }
    }

    /// Gives an instance a place on a node; false if it waits for one.
    fn place(&mut self, slot: Slot, start_up: u64, now: u64) -> bool {
        !K::MORE || self.fleet.as_mut().is_none_or(|fleet| fleet.place(slot, start_up, now, &mut self.books))
    }

    /// An instance that has its place starts from now on.
    fn begin_start(&mut self, (slot, start_up): Placed, now: u64) {
        let id = self.pool.get(slot).id;
        self.agenda.add(now.saturating_add(start_up), Event::Ready, id, slot);
    }

    /// Starts an instance for a request.
    fn start_for(&mut self, now: u64, request: Waiting) {
        let slot = self.add_instance(now);
        let (start_up, service) = match &mut self.starts {
            Starts::Before(draws) => (draws.next(), request.service),
            Starts::Within(draws) => (0, draws.next()),
            Starts::WithinTrace => (0, self.arrivals.cold()),
        };
        let request = Waiting { service, start_up, ..request };
        let placed = self.place(slot, start_up, now);
        if placed && start_up == 0 {
            self.up(slot, now);
            self.serve_next(slot, now, request);
            return;
        }
        self.begin_running(now);
        self.pool.get(slot).waiting.push_back(request);
        if placed {
            self.begin_start((slot, start_up), now);
        }
    }

    /// An instance is up from now on.
    fn up(&mut self, slot: Slot, now: u64) {
        self.pool.ready::<K>(slot, now);
        if let Some(control) = self.control() {
            control.gauge.ready.rise(1, now);
        }
    }

    /// An instance is up: what waits for it is served, then what waits in the queue.
    fn ready(&mut self, slot: Slot, now: u64) {
        let born = self.pool.get(slot).born;
        self.books.ledger.starting_ns += u128::from(self.books.window.part(born, now));
        self.running -= 1;
        self.running_changed(now);
        self.up(slot, now);
        while let Some(request) = self.pool.get(slot).waiting.pop_front() {
            if self.is_overdue(&request, now) {
                self.give_up(&request);
            } else {
                self.serve_next(slot, now, request);
            }
        }
        self.give_up_waiting(now);
        while self.pool.has_room(slot)
            && let Some(request) = self.queue.pop_front()
        {
            self.serve_next(slot, now, request);
        }
        if self.pool.is_idle(slot) {
            self.hold.begin(&mut self.pool, slot, now);
        }
    }

    /// Serves a request that waited, or that an instance started for.
    #[inline(never)]
    fn serve_next(&mut self, slot: Slot, now: u64, request: Waiting) {
        self.serve(slot, now, request);
    }

    /// Serves a request on an instance with room.
    #[inline(always)]
    fn serve(&mut self, slot: Slot, now: u64, request: Waiting) {
        self.pool.take::<K>(slot, now);
        let instance = self.pool.get(slot);
        let id = instance.id;
        if !K::SHARED || instance.in_flight == 1 {
            // Intervals that touch are one.
            if now > instance.busy_to {
                let (stretch, busy_from) = (instance.stretch(), instance.busy_from);
                (instance.active_from, instance.busy_from) = (now, now);
                if self.books.cycle(&stretch, busy_from, now, now) {
                    instance.paid_from = now;
                }
            }
            self.begin_running(now);
        }
        if let Some(control) = self.control() {
            control.gauge.in_flight.rise(1, now);
        }
        if K::MORE && self.processors.is_some() {
            self.share(slot, now, &request);
            return;
        }
        if self.books.counts(request.arrived) {
            self.books.served(now - request.arrived, request.service, request.start_up);
        }
        self.agenda.add(now.saturating_add(request.service), Event::Completion, id, slot);
    }

    /// A request begins on a processor that it shares.
    fn share(&mut self, slot: Slot, now: u64, request: &Waiting) {
        let Some(processors) = self.processors.as_mut().filter(|_| K::MORE) else { return };
        let cpu = match &mut processors.time {
            Some(draws) => draws.next().min(request.service),
            None => request.service,
        };
        let place = slot as usize;
        if processors.each.len() <= place {
            processors.each.resize_with(place + 1, Processor::default);
        }
        processors.each[place].begin(now, processors.milli_vcpus, cpu, request);
        self.expect_turn(slot, now);
    }

    /// Plans for the moment when the next request needs its processor no longer, as things are.
    fn expect_turn(&mut self, slot: Slot, now: u64) {
        let Some(processors) = self.processors.as_ref().filter(|_| K::MORE) else { return };
        let used: u64 = processors.each[slot as usize].in_use(processors.milli_vcpus);
        let before = self.pool.get(slot).cpu_in_use;
        self.pool.get(slot).cpu_in_use = used;
        if let Some(control) = &mut self.control {
            control.gauge.milli_vcpus.rise(used, now);
            control.gauge.milli_vcpus.fall(before, now);
        }
        if let Some(at) = processors.each[slot as usize].next_at {
            let id = self.pool.get(slot).id;
            self.agenda.add(at, Event::Turn, id, slot);
        }
    }

    /// A request may need its processor no longer: if its turn was not put off since, it takes the rest of its service.
    fn turn(&mut self, slot: Slot, now: u64) {
        let Some(processors) = self.processors.as_mut().filter(|_| K::MORE) else { return };
        let processor = &mut processors.each[slot as usize];
        if processor.next_at != Some(now) {
            return;
        }
        let Some(job) = processor.done(now, processors.milli_vcpus) else { return };
        if self.books.counts(job.arrived) {
            let took = now.saturating_add(job.beside) - job.began;
            self.books.served(job.began - job.arrived, took, job.start_up);
        }
        self.expect_turn(slot, now);
        let id = self.pool.get(slot).id;
        self.agenda.add(now.saturating_add(job.beside), Event::Completion, id, slot);
    }

    #[inline]
    fn begin_running(&mut self, now: u64) {
        self.running += 1;
        if self.running > self.peak_busy && now < self.horizon {
            self.peak_busy = self.running;
        }
        self.running_changed(now);
    }

    #[inline]
    fn running_changed(&mut self, now: u64) {
        let window = self.books.window;
        self.warm.change(now, self.pool.alive(), self.running, |from, to| window.part(from, to));
    }

    fn complete(&mut self, slot: Slot, now: u64) {
        if let Some(control) = self.control() {
            control.gauge.present.fall(1, now);
            control.gauge.in_flight.fall(1, now);
        }
        self.pool.release::<K>(slot, now);
        let instance = self.pool.get(slot);
        if !K::SHARED || instance.in_flight == 0 {
            instance.busy_to = now;
            self.running -= 1;
        }
        if instance.draining {
            if instance.in_flight == 0 {
                self.running_changed(now);
                self.draining -= 1;
                self.stop(slot, now);
            }
            return;
        }
        if !self.queue.is_empty() {
            self.give_up_waiting(now);
        }
        if let Some(request) = self.queue.pop_front() {
            self.serve_next(slot, now, request);
        } else if !K::SHARED || self.pool.is_idle(slot) {
            self.running_changed(now);
            self.hold.begin(&mut self.pool, slot, now);
        }
    }

    /// Would a queue be served only if an autoscaler wanted more instances?
    fn waits_for_a_decision(&self) -> bool {
        let patient =
            self.tick_at.saturating_sub(self.last_event) < control::PATIENCE.0 && self.late < control::MOST_LATE;
        self.tick_at != u64::MAX && !self.queue.is_empty() && patient
    }

    /// When nodes, or what waits for them, are to be looked at.
    #[inline]
    fn nodes_at(&mut self) -> u64 {
        let Some(fleet) = &self.fleet else { return u64::MAX };
        let at = fleet.next_at();
        if !fleet.has_pending() || self.pool.alive() <= self.min_instances {
            return at;
        }
        // The room that an expiry leaves is taken at once.
        self.hold.over(&mut self.pool, u64::MAX).map_or(at, |(_, until)| at.min(until.max(self.grew_at)))
    }

    /// Nodes are ready or asked for, or an expiry leaves room.
    fn look_at_nodes(&mut self, now: u64) -> Result<(), Stop> {
        self.expire(now.saturating_add(1));
        let Some(fleet) = &mut self.fleet else { return Ok(()) };
        let placed = fleet.look(now, &mut self.books).ok_or(Stop::ClockBeyond)?;
        placed.into_iter().for_each(|placed| self.begin_start(placed, now));
        self.events += 1;
        Ok(())
    }

    /// Takes whichever is due first of a decision and a count of instances.
    fn decide_or_sample(&mut self) {
        let now = self.tick_at.min(self.sample_at);
        if now == self.tick_at {
            self.decide(now);
            self.events += 1;
            return;
        }
        self.expire(now);
        self.sample_at = now.saturating_add(self.sample_every);
        if now > self.horizon {
            self.sample_at = u64::MAX;
            return;
        }
        let (running, queued) = (self.running, self.queue.len() as u64);
        let nodes = self.fleet.as_mut().map_or(0, |fleet| {
            fleet.remove_idle(now, &mut self.books);
            fleet.count()
        });
        self.series.push(Sample { at: Nanos(now), running, idle: self.pool.alive() - running, queued, nodes });
    }

    fn decide(&mut self, now: u64) {
        // Beyond the horizon decisions go on where events do.
        let late = now > self.horizon;
        self.late += u32::from(late);
        let looked_at = self.fleet.as_ref().map_or(0, |fleet| fleet.looked_at);
        let now = if late { now.max(self.last_event).max(looked_at) } else { now };
        self.expire(now);
        self.give_up_waiting(now);
        let alive = self.pool.alive() - self.draining;
        let most = self.max_instances.min(MOST_INSTANCES - self.draining);
        let least = self.min_instances.min(most);
        let Some(control) = &mut self.control else { return };
        let wanted = control.decide(now, alive, self.pool.concurrency(), (least, most)).unwrap_or(alive);
        self.tick_at = now.saturating_add(control.tick());
        let wanted = wanted.clamp(least, most);
        for _ in alive..wanted {
            self.start_ahead(now);
        }
        self.remove(alive.saturating_sub(wanted), now);
    }

    /// Stops those that have been idle longest; where there are not enough, the youngest others stop when their requests are
    /// done. What is starting is left to start.
    fn remove(&mut self, mut n: u64, now: u64) {
        n -= self.withdraw(n, now);
        while n > 0
            && let Some((slot, _)) = self.pool.longest_idle()
        {
            self.stop(slot, now);
            n -= 1;
        }
        if n > 0 {
            for slot in self.pool.youngest_up(n) {
                self.pool.drain(slot);
                self.draining += 1;
                self.no_longer_ready(now);
            }
        }
    }

    /// Stops up to `n` instances that wait for a node and that no request waits for.
    fn withdraw(&mut self, n: u64, now: u64) -> u64 {
        let Some(fleet) = &mut self.fleet else { return 0 };
        let slots = fleet.withdraw(n, |slot| self.pool.see(slot).waiting.is_empty());
        for slot in &slots {
            let born = self.pool.get(*slot).born;
            self.books.never_placed(born, now);
            self.running -= 1;
            self.pool.stop(*slot);
        }
        self.running_changed(now);
        slots.len() as u64
    }

    fn no_longer_ready(&mut self, now: u64) {
        if let Some(control) = self.control() {
            control.gauge.ready.fell(1, now);
        }
    }

    /// Stops what has been idle for too long before `now`.
    #[inline]
    fn expire(&mut self, now: u64) {
        if self.hold.is_quiet(now) {
            return;
        }
        while let Some((slot, until)) = self.hold.over(&mut self.pool, now) {
            if self.pool.alive() <= self.min_instances {
                return;
            }
            // What the minimum kept goes when there is one more.
            self.stop(slot, until.max(self.grew_at));
            self.events += 1;
        }
    }

    fn stop(&mut self, slot: Slot, now: u64) {
        let instance = self.pool.get(slot);
        let (born, stretch, busy_from) = (instance.born, instance.stretch(), instance.busy_from);
        if !instance.draining {
            self.no_longer_ready(now);
        }
        if let Some(processors) = self.processors.as_mut().filter(|_| K::MORE)
            && let Some(processor) = processors.each.get_mut(slot as usize)
        {
            processor.reset();
        }
        self.books.cycle(&stretch, busy_from, now, u64::MAX);
        let placed = self.fleet.as_ref().map_or(born, |fleet| fleet.placed_at(slot));
        self.books.gone(born, placed, now);
        self.pool.stop(slot);
        if let Some(fleet) = &mut self.fleet {
            fleet.leave(slot, now).into_iter().for_each(|placed| self.begin_start(placed, now));
        }
    }

    /// When a run without horizon ends.
    fn end(&self) -> u64 {
        if self.horizon != u64::MAX {
            self.horizon
        } else if self.ends_idle {
            self.hold.last(&self.pool).unwrap_or(self.last_event)
        } else {
            self.last_event
        }
    }

    fn finish(mut self) -> Outcome {
        self.tell(u64::MAX);
        // What no instance would ever take is rejected.
        while let Some(waiting) = self.queue.pop_front() {
            self.books.rejected += u64::from(self.books.counts(waiting.arrived));
        }
        let end = self.end();
        self.books.window.to = end;
        if self.mark <= end && self.mark != u64::MAX {
            self.cross_warm_up();
        }
        self.expire(end);
        let window = self.books.window;
        self.warm.change(end, 0, 0, |from, to| window.part(from, to));
        while let Some((slot, since)) = self.pool.longest_idle() {
            // What is served beyond the horizon ends there.
            self.stop(slot, end.max(since));
        }
        if let Some(fleet) = &mut self.fleet {
            fleet.close(end, &mut self.books);
        }
        let mut books = self.books;
        let waited = books.wait.count;
        books.wait.add_zeros(books.latency.count - waited);
        books.latency.sort();
        books.wait.sort();
        Outcome {
            requests: books.requests,
            served: books.latency.count,
            rejected: books.rejected,
            cold_starts: books.cold_starts,
            waited,
            metered_ns: books.metered.metered_ns,
            billed_ns: books.metered.billed_ns,
            billed_periods: books.metered.periods,
            warm_ns: self.warm.ns,
            node_ns: books.node_ns,
            peak_nodes: self.fleet.map_or(0, |fleet| fleet.peak),
            asked_ns: books.asked_ns,
            latency: books.latency,
            wait: books.wait,
            ledger: books.ledger,
            peak_busy: self.peak_busy,
            peak_held: self.peak_held,
            span_ns: books.window.part(0, end).into(),
            end: Nanos(end),
            cut: self.cut,
            events: self.events,
            series: self.series,
        }
    }
}
