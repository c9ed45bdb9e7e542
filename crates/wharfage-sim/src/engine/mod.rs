//! The model: requests arrive, instances start, serve, idle and stop.
//!
//! Time jumps from event to event. Of events at one time, completions come first, then finished start-ups, arrivals,
//! expiries: so an instance that is idle for exactly as long as it is held is still warm.
//!
//! A request goes to an instance with room, chosen by the routing; else to a starting instance with room, whose start it
//! then awaits; else it starts an instance, where the policy lets it; else it waits in the queue, first in first out; else
//! it is rejected.

mod agenda;
mod aside;
mod books;
mod control;
mod ending;
mod fleet;
mod idle;
mod kind;
mod meter;
mod pool;
mod processor;
mod setup;
mod shared;

use std::{collections::VecDeque, marker::PhantomData};

use crate::{
    arrivals::Source,
    autoscaler::OnDemand,
    law::Draws,
    outcome::{Outcome, Sample},
    scenario::{Policy, Scenario},
    time::Nanos,
    watch::Watch,
};
use agenda::{Agenda, Calendar, Event, Heap};
use books::Books;
use control::Control;
use fleet::{Fleet, Placed};
use idle::Hold;
use kind::{Any, Kind, Plain};
use meter::Warm;
use pool::{Pool, Slot, Waiting};
use shared::Processors;

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

impl<'s, A: Agenda, K: Kind> Engine<'s, A, K> {
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
        // None is there only because a minimum keeps it, where there is no minimum.
        if self.min_instances == 0 {
            return;
        }
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
}
