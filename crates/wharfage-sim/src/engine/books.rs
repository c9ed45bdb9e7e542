//! What a run writes down: times of instances inside the window that counts, and waiting and latency of requests.

use super::meter::{Metered, Stretch};
use crate::{
    outcome::{Ledger, Spread},
    scenario::Meter,
};

/// The part of a run that counts: from the end of the warm-up to the horizon.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// when it begins
    pub from: u64,
    /// when it ends; [`u64::MAX`] while that is not known
    pub to: u64,
}

impl Window {
    /// How much of an interval lies inside.
    #[inline]
    pub fn part(&self, from: u64, to: u64) -> u64 {
        to.min(self.to).saturating_sub(from.max(self.from))
    }
}

/// What is written down.
#[derive(Debug)]
pub struct Books {
    /// what counts
    pub window: Window,
    /// times of instances
    pub ledger: Ledger,
    /// arrival to completion
    pub latency: Spread,
    /// arrival to start of service, of those that waited at all until the run is over
    pub wait: Spread,
    /// requests that arrived
    pub requests: u64,
    /// requests that found no room
    pub rejected: u64,
    /// requests that started an instance
    pub cold_starts: u64,
    /// what is billed
    pub metered: Metered,
    /// time of nodes
    pub node_ns: u128,
    /// service that requests asked for, rejected ones too
    pub asked_ns: u128,
}

impl Books {
    /// Nothing yet; `exact` keeps every latency and wait.
    pub fn new(window: Window, meter: Meter, exact: bool) -> Self {
        Self {
            window,
            ledger: Ledger::default(),
            latency: Spread::new(exact),
            wait: Spread::new(exact),
            requests: 0,
            rejected: 0,
            cold_starts: 0,
            metered: Metered::new(meter),
            node_ns: 0,
            asked_ns: 0,
        }
    }

    /// Does a request count that arrived then?
    #[inline]
    pub fn counts(&self, arrived: u64) -> bool {
        arrived >= self.window.from
    }

    /// A request is served that waited and took so long, and is billed for a start-up too.
    #[inline(always)]
    pub fn served(&mut self, wait: u64, service: u64, start_up: u64) {
        // That the others did not wait is written down at the end.
        if wait > 0 {
            self.wait.add(wait);
        }
        self.latency.add(wait.saturating_add(service));
        self.metered.request(start_up.saturating_add(service));
    }

    /// An instance was active, at first perhaps only starting and then busy from `busy_from` on, and then idle up to `now`, when
    /// it is active again (`next` is `now`) or stops (`next` is [`u64::MAX`]). False where it has paid for `now` already.
    #[inline]
    pub fn cycle(&mut self, stretch: &Stretch, busy_from: u64, now: u64, next: u64) -> bool {
        let window = self.window;
        let busy = window.part(busy_from, stretch.to);
        self.ledger.busy_ns += u128::from(busy);
        self.ledger.busy_periods += u64::from(busy > 0);
        self.ledger.idle_ns += u128::from(window.part(stretch.to, now));
        self.metered.stretch(stretch, next, |from, to| window.part(from, to))
    }

    /// An instance stops that began so long ago to wait for a node, and then to be on it.
    pub fn gone(&mut self, born: u64, placed: u64, now: u64) {
        self.ledger.held_ns += u128::from(self.window.part(born, now));
        self.metered.life(self.window.part(placed, now));
    }

    /// An instance stops that waited for a node all the time.
    pub fn never_placed(&mut self, born: u64, now: u64) {
        let waited = self.window.part(born, now);
        self.ledger.starting_ns += u128::from(waited);
        self.ledger.held_ns += u128::from(waited);
        let stretch = Stretch { paid_from: born, from: born, to: now };
        let window = self.window;
        self.metered.stretch(&stretch, u64::MAX, |from, to| window.part(from, to));
    }

    /// A node was there.
    pub fn node(&mut self, from: u64, to: u64) {
        let life = self.window.part(from, to);
        self.node_ns += u128::from(life);
        self.metered.node(life);
    }
}
