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
mod pool;
mod processor;

use std::collections::VecDeque;

use crate::{
    arrivals::{Arrivals, Source},
    autoscaler::OnDemand,
    law::Sampler,
    outcome::{Outcome, Sample},
    random::{Purpose, Stream},
    scenario::{Policy, Scenario, Service, StartUp},
    time::Nanos,
    trace::Trace,
};
use agenda::{Agenda, Calendar, Event, Heap};
use books::{Books, Window};
use control::Control;
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
}

/// Most instances at once.
pub const MOST_INSTANCES: u64 = 1_000_000;

/// Most counts of instances that are kept.
const MOST_SAMPLES: usize = 1_000_000;

/// Simulates every request of one replication (from 0) of a scenario.
///
/// # Errors
/// Where the queue grows beyond the scenario's `max_queue`, instances beyond [`MOST_INSTANCES`], or time beyond the clock.
///
/// # Panics
/// Where the scenario asks for more replicas than those, takes from a trace what it does not have, or has neither a horizon nor a trace.
pub fn simulate(scenario: &Scenario, replication: u64) -> Result<Outcome, Stop> {
    Engine::<Calendar>::new(scenario, replication).run()
}

/// The same with a plain heap of events: slower, and what [`simulate`] is compared with.
///
/// # Errors
/// As [`simulate`].
///
/// # Panics
/// As [`simulate`].
pub fn simulate_plainly(scenario: &Scenario, replication: u64) -> Result<Outcome, Stop> {
    Engine::<Heap>::new(scenario, replication).run()
}

/// How long requests take, in the order of arrival.
#[derive(Debug)]
enum Services<'s> {
    Law(Sampler, Stream),
    Trace(&'s Trace),
}

/// What a start adds, drawn in the order of starts.
#[derive(Debug)]
enum Starts<'s> {
    Before(Sampler, Stream),
    Within(Sampler, Stream),
    WithinTrace(&'s Trace),
}

/// Processors that requests share, one per place in the pool.
#[derive(Debug)]
struct Processors {
    /// `None`: all of a request's service
    time: Option<(Sampler, Stream)>,
    milli_vcpus: u64,
    each: Vec<Processor>,
}

#[derive(Debug)]
struct Engine<'s, A> {
    arrivals: Source,
    services: Services<'s>,
    starts: Starts<'s>,
    processors: Option<Processors>,
    /// requests that arrived, in the warm-up too
    arrived: u64,
    pool: Pool,
    agenda: A,
    queue: VecDeque<Waiting>,
    queue_limit: u64,
    max_queue: u64,
    idle_after: u64,
    min_instances: u64,
    /// a request may start an instance while there are fewer
    max_instances: u64,
    books: Books,
    horizon: u64,
    /// is the end of a run without horizon that of the last idle instance
    ends_idle: bool,
    /// when a request starts an instance itself
    on_demand: OnDemand,
    /// how long a request waits in the queue at most
    pending_limit: u64,
    control: Option<Control>,
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
    /// when something other than the model is to be done: the end of the warm-up
    mark: u64,
    last_event: u64,
    events: u64,
}

/// The trace of a scenario that takes times from it.
fn trace_of(arrivals: &Arrivals) -> &Trace {
    let trace = if let Arrivals::Trace(trace) = arrivals { Some(trace) } else { None };
    trace.expect("a scenario that takes times from a trace has one")
}

/// What a policy comes to.
struct Terms {
    idle_after: u64,
    min: u64,
    max: u64,
    replicas: u64,
    on_demand: OnDemand,
    pending_limit: u64,
    control: Option<Control>,
}

impl Terms {
    fn of(policy: &Policy, milli_vcpus: Option<u64>) -> Self {
        let never = u64::MAX;
        let plain = |idle_after, min, max, replicas, on_demand| Self {
            idle_after,
            min,
            max,
            replicas,
            on_demand,
            pending_limit: never,
            control: None,
        };
        match policy {
            Policy::ScaleToZero { idle_after, min_instances, max_instances } => {
                plain(idle_after.0, *min_instances, *max_instances, 0, OnDemand::Always)
            }
            Policy::AlwaysOn { replicas } => plain(never, *replicas, *replicas, *replicas, OnDemand::Never),
            Policy::Autoscaled { by, min_instances, max_instances } => Self {
                pending_limit: by.pending_limit().0,
                control: Some(Control::new(by.clone(), milli_vcpus)),
                ..plain(by.idle_after().0, *min_instances, *max_instances, 0, by.on_demand())
            },
        }
    }
}

impl<'s, A: Agenda> Engine<'s, A> {
    fn new(s: &'s Scenario, replication: u64) -> Self {
        let stream = |purpose| Stream::new(s.seed, replication, purpose);
        let is_trace = matches!(s.arrivals, Arrivals::Trace(_));
        let terms = Terms::of(&s.policy, s.cpu.as_ref().map(|cpu| cpu.milli_vcpus.max(1)));
        let horizon = s.horizon.map_or(u64::MAX, |h| h.0);
        let window = Window { from: s.warm_up.0, to: horizon };
        let mut engine = Self {
            arrivals: s.arrivals.source(s.seed, replication),
            services: match &s.service {
                Service::Law(law) => Services::Law(law.sampler(), stream(Purpose::Service)),
                Service::Trace => Services::Trace(trace_of(&s.arrivals)),
            },
            starts: match &s.start_up {
                StartUp::Before(law) => Starts::Before(law.sampler(), stream(Purpose::StartUp)),
                StartUp::Within(law) => Starts::Within(law.sampler(), stream(Purpose::StartUp)),
                StartUp::WithinTrace => Starts::WithinTrace(trace_of(&s.arrivals)),
            },
            processors: s.cpu.as_ref().map(|cpu| Processors {
                time: cpu.time.as_ref().map(|law| (law.sampler(), stream(Purpose::Cpu))),
                milli_vcpus: cpu.milli_vcpus.max(1),
                each: Vec::new(),
            }),
            arrived: 0,
            pool: Pool::new(s.routing, s.concurrency),
            agenda: A::default(),
            queue: VecDeque::new(),
            queue_limit: s.queue,
            max_queue: s.max_queue,
            idle_after: terms.idle_after,
            min_instances: terms.min,
            max_instances: terms.max,
            books: Books::new(window, s.bill_quantum.0.max(1), is_trace),
            horizon,
            ends_idle: matches!(s.policy, Policy::ScaleToZero { .. }),
            on_demand: terms.on_demand,
            pending_limit: terms.pending_limit,
            control: terms.control,
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
            last_event: 0,
            events: 0,
        };
        assert!(terms.replicas <= MOST_INSTANCES, "more replicas than can be simulated");
        for _ in 0..terms.replicas {
            let slot = engine.pool.start(0);
            engine.pool.ready(slot, 0);
        }
        engine.peak_held = terms.replicas;
        engine
    }

    fn run(mut self) -> Result<Outcome, Stop> {
        let mut arrival = self.arrivals.next_at().min(self.horizon);
        loop {
            let due = self.agenda.next_at();
            let now = due.min(arrival);
            if now >= self.mark && now != u64::MAX {
                self.cross_warm_up();
            }
            let look = self.tick_at.min(self.sample_at);
            // Beyond the horizon instances change no more, unless requests still wait for some.
            if look < now && ((now != u64::MAX && look <= self.horizon) || self.waits_for_a_decision()) {
                self.decide_or_sample();
                continue;
            }
            if due <= arrival {
                let Some((now, event, slot)) = self.agenda.take() else { break };
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
        Ok(self.finish())
    }

    /// What counts begins now, with the instances as they are.
    fn cross_warm_up(&mut self) {
        self.expire(self.mark);
        self.mark = u64::MAX;
        self.peak_busy = self.running;
        self.peak_held = self.pool.alive();
    }

    fn arrive(&mut self, now: u64) -> Result<(), Stop> {
        let n = self.arrived as usize;
        self.arrived += 1;
        let service = match &mut self.services {
            Services::Law(law, stream) => law.whole(stream),
            Services::Trace(trace) => trace.service(n),
        };
        let counts = self.books.counts(now);
        self.books.requests += u64::from(counts);
        if counts {
            self.books.asked_ns += u128::from(service);
        }
        self.expire(now);
        self.give_up_waiting(now);
        let request = Waiting { arrived: now, service, start_up: 0 };
        if let Some(slot) = self.pool.choose() {
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
                self.start_for(now, n, request);
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

    /// A request is there that was not.
    #[inline]
    fn came(&mut self, now: u64) {
        if let Some(control) = &mut self.control {
            control.gauge.at(now).present += 1;
        }
    }

    /// Rejects what has waited for too long before `now`.
    #[inline]
    fn give_up_waiting(&mut self, now: u64) {
        if self.pending_limit == u64::MAX {
            return;
        }
        while let Some(first) = self.queue.front().filter(|w| w.arrived.saturating_add(self.pending_limit) < now) {
            self.books.rejected += u64::from(self.books.counts(first.arrived));
            self.queue.pop_front();
            if let Some(control) = &mut self.control {
                control.gauge.at(now).present -= 1;
            }
        }
    }

    /// Counts one more instance.
    fn add_instance(&mut self, now: u64) -> Slot {
        let slot = self.pool.start(now);
        self.peak_held = self.peak_held.max(self.pool.alive());
        slot
    }

    /// Starts an instance that no request waits for yet.
    fn start_ahead(&mut self, now: u64) {
        let slot = self.add_instance(now);
        let start_up = match &mut self.starts {
            Starts::Before(law, stream) => law.whole(stream),
            // Only a request that starts an instance itself takes longer.
            Starts::Within(..) | Starts::WithinTrace(_) => 0,
        };
        self.begin_running(now);
        let id = self.pool.get(slot).id;
        self.agenda.add(now.saturating_add(start_up), Event::Ready, id, slot);
    }

    /// Starts an instance for a request.
    fn start_for(&mut self, now: u64, n: usize, request: Waiting) {
        let slot = self.add_instance(now);
        let (up_at, start_up, service) = match &mut self.starts {
            Starts::Before(law, stream) => {
                let start_up = law.whole(stream);
                (now.saturating_add(start_up), start_up, request.service)
            }
            Starts::Within(law, stream) => (now, 0, law.whole(stream)),
            Starts::WithinTrace(trace) => (now, 0, trace.cold(n)),
        };
        let request = Waiting { service, start_up, ..request };
        if up_at == now {
            self.up(slot, now);
            self.serve(slot, now, request);
            return;
        }
        self.begin_running(now);
        let instance = self.pool.get(slot);
        instance.waiting.push_back(request);
        self.agenda.add(up_at, Event::Ready, instance.id, slot);
    }

    /// An instance is up from now on.
    fn up(&mut self, slot: Slot, now: u64) {
        self.pool.ready(slot, now);
        if let Some(control) = &mut self.control {
            control.gauge.at(now).ready += 1;
        }
    }

    /// An instance is up: what waits for it is served, then what waits in the queue.
    fn ready(&mut self, slot: Slot, now: u64) {
        let born = self.pool.get(slot).born;
        self.books.ledger.starting_ns += u128::from(self.books.window.part(born, now));
        self.running -= 1;
        self.up(slot, now);
        while let Some(request) = self.pool.get(slot).waiting.pop_front() {
            self.serve(slot, now, request);
        }
        self.give_up_waiting(now);
        while self.pool.has_room(slot)
            && let Some(request) = self.queue.pop_front()
        {
            self.serve(slot, now, request);
        }
    }

    /// Serves a request on an instance with room.
    #[inline]
    fn serve(&mut self, slot: Slot, now: u64, request: Waiting) {
        self.pool.take(slot, now);
        let instance = self.pool.get(slot);
        let id = instance.id;
        if instance.in_flight == 1 {
            // Intervals that touch are one.
            if now > instance.busy_to || instance.busy_from == instance.busy_to {
                let (from, to) = (instance.busy_from, instance.busy_to);
                instance.busy_from = now;
                self.books.cycle(from, to, now);
            }
            self.begin_running(now);
        }
        if let Some(control) = &mut self.control {
            control.gauge.at(now).in_flight += 1;
        }
        if self.processors.is_some() {
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
        let Some(processors) = &mut self.processors else { return };
        let cpu = match &mut processors.time {
            Some((law, stream)) => law.whole(stream).min(request.service),
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
        let Some(processors) = &self.processors else { return };
        let used: u64 = processors.each[slot as usize].in_use(processors.milli_vcpus);
        let before = self.pool.get(slot).cpu_in_use;
        self.pool.get(slot).cpu_in_use = used;
        if let Some(control) = &mut self.control {
            let gauge = control.gauge.at(now);
            gauge.milli_vcpus = gauge.milli_vcpus + used - before;
        }
        if let Some(at) = processors.each[slot as usize].next_at {
            let id = self.pool.get(slot).id;
            self.agenda.add(at, Event::Turn, id, slot);
        }
    }

    /// A request may need its processor no longer: if its turn was not put off since, it takes the rest of its service.
    fn turn(&mut self, slot: Slot, now: u64) {
        let Some(processors) = &mut self.processors else { return };
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
    }

    fn complete(&mut self, slot: Slot, now: u64) {
        if let Some(control) = &mut self.control {
            let gauge = control.gauge.at(now);
            gauge.present -= 1;
            gauge.in_flight -= 1;
        }
        self.pool.release(slot, now);
        let instance = self.pool.get(slot);
        if instance.in_flight == 0 {
            instance.busy_to = now;
            self.running -= 1;
        }
        if instance.draining {
            if instance.in_flight == 0 {
                self.draining -= 1;
                self.stop(slot, now);
            }
            return;
        }
        if !self.queue.is_empty() {
            self.give_up_waiting(now);
        }
        if let Some(request) = self.queue.pop_front() {
            self.serve(slot, now, request);
        }
    }

    /// Would a queue be served only if an autoscaler wanted more instances?
    fn waits_for_a_decision(&self) -> bool {
        let patient =
            self.tick_at.saturating_sub(self.last_event) < control::PATIENCE.0 && self.late < control::MOST_LATE;
        self.tick_at != u64::MAX && !self.queue.is_empty() && patient
    }

    /// Takes whichever is due first of a decision and a count of instances.
    fn decide_or_sample(&mut self) {
        let now = self.tick_at.min(self.sample_at);
        self.expire(now);
        if now == self.tick_at {
            self.decide(now);
            self.events += 1;
            return;
        }
        self.sample_at = now.saturating_add(self.sample_every);
        if now > self.horizon {
            self.sample_at = u64::MAX;
            return;
        }
        let (running, queued) = (self.running, self.queue.len() as u64);
        self.series.push(Sample { at: Nanos(now), running, idle: self.pool.alive() - running, queued });
        if self.series.len() > MOST_SAMPLES {
            self.thin_out();
        }
    }

    /// Keeps every second count, and counts half as often from now on: the end of a trace is not known beforehand.
    fn thin_out(&mut self) {
        let mut keep = false;
        self.series.retain(|_| {
            keep = !keep;
            keep
        });
        let last = self.series.last().map_or(0, |s| s.at.0);
        self.sample_every = self.sample_every.saturating_mul(2);
        self.sample_at = last.saturating_add(self.sample_every);
    }

    fn decide(&mut self, now: u64) {
        // Beyond the horizon decisions go on where events do.
        let late = now > self.horizon;
        self.late += u32::from(late);
        let now = if late { now.max(self.last_event) } else { now };
        self.give_up_waiting(now);
        let alive = self.pool.alive() - self.draining;
        let Some(control) = &mut self.control else { return };
        let wanted = control.decide(now, alive, self.pool.concurrency()).unwrap_or(alive);
        self.tick_at = now.saturating_add(control.tick());
        let most = self.max_instances.min(MOST_INSTANCES - self.draining);
        let wanted = wanted.clamp(self.min_instances.min(most), most);
        for _ in alive..wanted {
            self.start_ahead(now);
        }
        self.remove(alive.saturating_sub(wanted), now);
    }

    /// Stops those that have been idle longest; where there are not enough, the youngest others stop when their requests are
    /// done. What is starting is left to start.
    fn remove(&mut self, mut n: u64, now: u64) {
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

    fn no_longer_ready(&mut self, now: u64) {
        if let Some(control) = &mut self.control {
            control.gauge.at(now).ready -= 1;
        }
    }

    /// Stops what has been idle for too long before `now`.
    #[inline]
    fn expire(&mut self, now: u64) {
        while let Some((slot, since)) = self.pool.longest_idle() {
            let until = since.saturating_add(self.idle_after);
            if until >= now || self.pool.alive() <= self.min_instances {
                return;
            }
            self.stop(slot, until);
            self.events += 1;
        }
    }

    fn stop(&mut self, slot: Slot, now: u64) {
        let instance = self.pool.get(slot);
        let (born, from, to) = (instance.born, instance.busy_from, instance.busy_to);
        if !instance.draining {
            self.no_longer_ready(now);
        }
        if let Some(processors) = &mut self.processors
            && let Some(processor) = processors.each.get_mut(slot as usize)
        {
            processor.reset();
        }
        self.books.cycle(from, to, now);
        self.books.ledger.held_ns += u128::from(self.books.window.part(born, now));
        self.pool.stop(slot);
    }

    /// When a run without horizon ends.
    fn end(&self) -> u64 {
        if self.horizon != u64::MAX {
            self.horizon
        } else if self.ends_idle {
            self.pool.last_idled().map_or(self.last_event, |since| since.saturating_add(self.idle_after))
        } else {
            self.last_event
        }
    }

    fn finish(mut self) -> Outcome {
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
        while let Some((slot, since)) = self.pool.longest_idle() {
            // What is served beyond the horizon ends there.
            self.stop(slot, end.max(since));
        }
        let mut books = self.books;
        books.latency.sort();
        books.wait.sort();
        Outcome {
            requests: books.requests,
            served: books.latency.count,
            rejected: books.rejected,
            cold_starts: books.cold_starts,
            waited: books.waited,
            billed_ns: books.billed_ns,
            asked_ns: books.asked_ns,
            latency: books.latency,
            wait: books.wait,
            ledger: books.ledger,
            peak_busy: self.peak_busy,
            peak_held: self.peak_held,
            span_ns: books.window.part(0, end).into(),
            end: Nanos(end),
            events: self.events,
            series: self.series,
        }
    }
}
