//! The instances: which have room, which are idle, and which takes the next request.
//!
//! # Invariants
//! An instance that is up and has room is in exactly one row: `Idle` if nothing is in flight on it, else `Roomy`. Both are
//! sorted by last use, then by age; an instance is used when it is given a request and when it finishes one, so that it
//! always moves to the end. Hence every choice takes the same time whatever the number of instances.

mod ages;
mod rows;

use std::collections::VecDeque;

use ages::Ages;
use rows::{Place, Row, Rows};

use super::{kind::Kind, meter::Stretch};
use crate::scenario::Routing;

/// A request that waits.
#[derive(Debug, Clone, Copy)]
pub struct Waiting {
    /// when it arrived
    pub arrived: u64,
    /// how long it will take
    pub service: u64,
    /// start-up that it is billed for, where it starts an instance
    pub start_up: u64,
}

/// Position of an instance in the pool; taken again when it stops.
pub type Slot = u32;

/// One instance.
#[derive(Debug)]
pub struct Instance {
    /// how many were started before it
    pub id: u64,
    /// when it was started
    pub born: u64,
    /// when its present or last busy interval began
    pub busy_from: u64,
    /// when its last busy interval ended
    pub busy_to: u64,
    /// when that interval began, or the start that it follows at once
    pub active_from: u64,
    /// since when what it is billed for goes on without a break
    pub paid_from: u64,
    /// how long it is held when it is idle, where it has a time of its own
    pub held_until: u64,
    /// when it is next looked at for that; [`u64::MAX`]: never
    pub looked_at: u64,
    /// requests in flight
    pub in_flight: u32,
    /// is it up
    pub up: bool,
    /// does it take no more requests, and stop with its last
    pub draining: bool,
    /// requests that wait for it to start
    pub waiting: VecDeque<Waiting>,
    last_used: u64,
    /// by age, for [`Routing::Newest`]
    rank: u32,
}

impl Instance {
    /// Its present or last stretch of activity.
    #[inline]
    pub fn stretch(&self) -> Stretch {
        Stretch { paid_from: self.paid_from, from: self.active_from, to: self.busy_to }
    }

    /// Is it up and not on its way out, with fewer than so many requests in flight?
    #[inline]
    fn has_room(&self, concurrency: u32) -> bool {
        self.up && !self.draining && self.in_flight < concurrency
    }
}

/// All instances.
#[derive(Debug)]
pub struct Pool {
    all: Vec<Instance>,
    free: Vec<Slot>,
    rows: Rows,
    /// when any of them was last used
    latest: u64,
    /// for [`Routing::Newest`] only
    ages: Option<Ages>,
    starting: VecDeque<(u64, Slot)>,
    routing: Routing,
    concurrency: u32,
    started: u64,
    alive: u64,
}

impl Pool {
    /// No instance yet.
    pub fn new(routing: Routing, concurrency: u32) -> Self {
        Self {
            all: Vec::new(),
            free: Vec::new(),
            rows: Rows::new(),
            latest: 0,
            ages: (routing == Routing::Newest).then(Ages::default),
            starting: VecDeque::new(),
            routing,
            concurrency,
            started: 0,
            alive: 0,
        }
    }

    /// Instances that are starting or up.
    pub fn alive(&self) -> u64 {
        self.alive
    }

    /// Requests that an instance serves at once.
    pub fn concurrency(&self) -> u32 {
        self.concurrency
    }

    /// An instance, to look at.
    pub fn see(&self, slot: Slot) -> &Instance {
        &self.all[slot as usize]
    }

    /// An instance.
    pub fn get(&mut self, slot: Slot) -> &mut Instance {
        &mut self.all[slot as usize]
    }

    /// Adds an instance that starts now.
    pub fn start(&mut self, now: u64) -> Slot {
        let id = self.started;
        self.started += 1;
        self.alive += 1;
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.all.push(Instance {
                    id,
                    born: now,
                    busy_from: now,
                    busy_to: now,
                    active_from: now,
                    paid_from: now,
                    held_until: u64::MAX,
                    looked_at: u64::MAX,
                    in_flight: 0,
                    up: false,
                    draining: false,
                    waiting: VecDeque::new(),
                    last_used: now,
                    rank: u32::MAX,
                });
                self.rows.grow();
                (self.all.len() - 1) as Slot
            }
        };
        let instance = self.get(slot);
        (instance.id, instance.born, instance.in_flight, instance.up) = (id, now, 0, false);
        (instance.active_from, instance.paid_from) = (now, now);
        (instance.held_until, instance.looked_at) = (u64::MAX, u64::MAX);
        self.starting.push_back((id, slot));
        self.rank(slot);
        slot
    }

    /// Gives a new instance its rank by age, and all others new ones where there is none left.
    fn rank(&mut self, slot: Slot) {
        let Some(ages) = &mut self.ages else { return };
        if ages.is_full() {
            let old = std::mem::replace(ages, Ages::for_some(self.alive as usize));
            for (rank, slot) in old.ranked() {
                let instance = &mut self.all[slot as usize];
                if instance.rank == rank {
                    instance.rank = ages.push(slot);
                    if instance.has_room(self.concurrency) {
                        ages.set(instance.rank);
                    }
                }
            }
        }
        self.all[slot as usize].rank = ages.push(slot);
    }

    /// The instance is up now, with nothing in flight.
    pub fn ready<K: Kind>(&mut self, slot: Slot, now: u64) {
        let instance = self.get(slot);
        (instance.up, instance.busy_from, instance.busy_to) = (true, now, now);
        self.used::<K>(slot, now);
    }

    /// The longest starting instance with room for one more waiting request.
    pub fn starting_with_room(&mut self) -> Option<Slot> {
        while let Some((id, slot)) = self.starting.front().copied() {
            let concurrency = self.concurrency as usize;
            let instance = self.get(slot);
            if instance.id == id && !instance.up && instance.waiting.len() < concurrency {
                return Some(slot);
            }
            self.starting.pop_front();
        }
        None
    }

    /// The instance that takes a request now, if one has room.
    #[inline]
    pub fn choose<K: Kind>(&mut self) -> Option<Slot> {
        match self.routing {
            // With one request at a time, who is not idle has no room.
            Routing::MostRecent if !K::SHARED => rows::slot(self.rows.last(Row::Idle)),
            Routing::LeastRecent if !K::SHARED => rows::slot(self.rows.first(Row::Idle)),
            Routing::MostRecent => [Row::Idle, Row::Roomy]
                .into_iter()
                .filter_map(|row| rows::slot(self.rows.last(row)))
                .max_by_key(|slot| self.order(*slot)),
            Routing::LeastRecent => [Row::Idle, Row::Roomy]
                .into_iter()
                .filter_map(|row| rows::slot(self.rows.first(row)))
                .min_by_key(|slot| self.order(*slot)),
            Routing::Newest => self.ages.as_ref().and_then(Ages::youngest),
        }
    }

    #[inline]
    fn order(&self, slot: Slot) -> (u64, u64) {
        let instance = &self.all[slot as usize];
        (instance.last_used, instance.id)
    }

    /// One more request is in flight on an instance that has room.
    #[inline(always)]
    pub fn take<K: Kind>(&mut self, slot: Slot, now: u64) {
        self.step_out(slot);
        self.get(slot).in_flight += 1;
        if K::SHARED && self.concurrency > 1 {
            self.used::<K>(slot, now);
        }
    }

    /// One request less is in flight.
    #[inline(always)]
    pub fn release<K: Kind>(&mut self, slot: Slot, now: u64) {
        if K::SHARED && self.concurrency > 1 && self.has_room(slot) {
            self.step_out(slot);
        }
        self.get(slot).in_flight -= 1;
        self.used::<K>(slot, now);
    }

    /// The instance stops: it must be idle.
    pub fn stop(&mut self, slot: Slot) {
        if self.has_room(slot) {
            self.step_out(slot);
        }
        let instance = self.get(slot);
        // No later instance has this number: what still points here is out of date.
        (instance.id, instance.up, instance.draining, instance.rank) = (u64::MAX, false, false, u32::MAX);
        self.free.push(slot);
        self.alive -= 1;
    }

    /// The instance takes no more requests.
    pub fn drain(&mut self, slot: Slot) {
        if self.has_room(slot) {
            self.step_out(slot);
        }
        self.get(slot).draining = true;
    }

    /// The youngest instances that are up and not on their way out, up to `n` of them.
    pub fn youngest_up(&self, n: u64) -> Vec<Slot> {
        let up = (0..).zip(&self.all).filter(|(_, i)| i.id != u64::MAX && i.up && !i.draining);
        let mut all: Vec<(u64, Slot)> = up.map(|(slot, i)| (i.id, slot)).collect();
        all.sort_unstable_by(|a, b| b.cmp(a));
        all.into_iter().take(usize::try_from(n).unwrap_or(usize::MAX)).map(|(_, slot)| slot).collect()
    }

    /// Has the instance room for one more request?
    #[inline]
    pub fn has_room(&self, slot: Slot) -> bool {
        self.see(slot).has_room(self.concurrency)
    }

    /// Is the instance up, with nothing in flight, and not on its way out?
    #[inline]
    pub fn is_idle(&self, slot: Slot) -> bool {
        self.has_room(slot) && self.see(slot).in_flight == 0
    }

    /// The instance that has been idle longest, and since when.
    #[inline]
    pub fn longest_idle(&self) -> Option<(Slot, u64)> {
        rows::slot(self.rows.first(Row::Idle)).map(|slot| (slot, self.see(slot).last_used))
    }

    /// Since when the shortest idle instance is idle.
    pub fn last_idled(&self) -> Option<u64> {
        rows::slot(self.rows.last(Row::Idle)).map(|slot| self.see(slot).last_used)
    }

    /// Puts an instance where it belongs after it was used.
    #[inline(always)]
    fn used<K: Kind>(&mut self, slot: Slot, now: u64) {
        let instance = &mut self.all[slot as usize];
        instance.last_used = now;
        if instance.draining {
            return;
        }
        let row = match instance.in_flight {
            _ if !K::SHARED => Row::Idle,
            0 => Row::Idle,
            n if n < self.concurrency => Row::Roomy,
            _ => return,
        };
        if let Some(ages) = &mut self.ages {
            ages.set(instance.rank);
        }
        let before = if now > self.latest { self.rows.last(row) } else { self.place_among_equals(row, slot) };
        self.latest = now;
        self.rows.step_in(slot, before);
    }

    /// The place behind which an instance belongs that was used when others were.
    #[cold]
    fn place_among_equals(&self, row: Row, slot: Slot) -> Place {
        let mut before = self.rows.last(row);
        while rows::slot(before).is_some_and(|other| self.order(other) > self.order(slot)) {
            before = self.rows.before(before);
        }
        before
    }

    #[inline(always)]
    fn step_out(&mut self, slot: Slot) {
        if let Some(ages) = &mut self.ages {
            ages.clear(self.all[slot as usize].rank);
        }
        self.rows.step_out(slot);
    }
}
