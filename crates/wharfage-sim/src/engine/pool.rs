//! The instances: which have room, which are idle, and which takes the next request.
//!
//! # Invariants
//! An instance that is up and has room is in exactly one list: `idle` if nothing is in flight on it, else `roomy`. Both are
//! sorted by last use, then by age; an instance is used when it is given a request and when it finishes one, so that it
//! always moves to the end. Hence every choice takes the same time whatever the number of instances.

mod ages;

use std::collections::VecDeque;

use ages::Ages;

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
const NONE: Slot = Slot::MAX;

/// Where an instance is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listed {
    No,
    Idle,
    Roomy,
}

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
    listed: Listed,
    /// by age, for [`Routing::Newest`]
    rank: u32,
    before: Slot,
    behind: Slot,
}

impl Instance {
    /// Its present or last stretch of activity.
    #[inline]
    pub fn stretch(&self) -> Stretch {
        Stretch { paid_from: self.paid_from, from: self.active_from, to: self.busy_to }
    }
}

#[derive(Debug, Clone, Copy)]
struct List {
    first: Slot,
    last: Slot,
}

const EMPTY: List = List { first: NONE, last: NONE };

/// All instances.
#[derive(Debug)]
pub struct Pool {
    all: Vec<Instance>,
    free: Vec<Slot>,
    idle: List,
    roomy: List,
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
            idle: EMPTY,
            roomy: EMPTY,
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
                    listed: Listed::No,
                    rank: u32::MAX,
                    before: NONE,
                    behind: NONE,
                });
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
                    if instance.listed != Listed::No {
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
        let slot = match self.routing {
            // With one request at a time, who is not idle has no room.
            Routing::MostRecent if !K::SHARED => self.idle.last,
            Routing::LeastRecent if !K::SHARED => self.idle.first,
            Routing::MostRecent => self.later(self.idle.last, self.roomy.last),
            Routing::LeastRecent => self.earlier(self.idle.first, self.roomy.first),
            Routing::Newest => self.ages.as_ref().and_then(Ages::youngest).unwrap_or(NONE),
        };
        (slot != NONE).then_some(slot)
    }

    fn order(&self, slot: Slot) -> (u64, u64) {
        let instance = &self.all[slot as usize];
        (instance.last_used, instance.id)
    }

    fn later(&self, a: Slot, b: Slot) -> Slot {
        if b == NONE || (a != NONE && self.order(a) > self.order(b)) { a } else { b }
    }

    fn earlier(&self, a: Slot, b: Slot) -> Slot {
        if b == NONE || (a != NONE && self.order(a) < self.order(b)) { a } else { b }
    }

    /// One more request is in flight on an instance that has room.
    #[inline]
    pub fn take<K: Kind>(&mut self, slot: Slot, now: u64) {
        self.unlist(slot);
        self.get(slot).in_flight += 1;
        if K::SHARED && self.concurrency > 1 {
            self.used::<K>(slot, now);
        }
    }

    /// One request less is in flight.
    #[inline]
    pub fn release<K: Kind>(&mut self, slot: Slot, now: u64) {
        self.get(slot).in_flight -= 1;
        if K::SHARED && self.concurrency > 1 {
            self.unlist(slot);
        }
        self.used::<K>(slot, now);
    }

    /// The instance stops: it must be idle.
    pub fn stop(&mut self, slot: Slot) {
        self.unlist(slot);
        let instance = self.get(slot);
        // No later instance has this number: what still points here is out of date.
        (instance.id, instance.up, instance.draining, instance.rank) = (u64::MAX, false, false, u32::MAX);
        self.free.push(slot);
        self.alive -= 1;
    }

    /// The instance takes no more requests.
    pub fn drain(&mut self, slot: Slot) {
        self.unlist(slot);
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
    pub fn has_room(&self, slot: Slot) -> bool {
        self.see(slot).listed != Listed::No
    }

    /// Is the instance up, with nothing in flight, and not on its way out?
    pub fn is_idle(&self, slot: Slot) -> bool {
        self.see(slot).listed == Listed::Idle
    }

    /// The instance that has been idle longest, and since when.
    #[inline]
    pub fn longest_idle(&self) -> Option<(Slot, u64)> {
        let slot = self.idle.first;
        (slot != NONE).then(|| (slot, self.all[slot as usize].last_used))
    }

    /// Since when the shortest idle instance is idle.
    pub fn last_idled(&self) -> Option<u64> {
        (self.idle.last != NONE).then(|| self.all[self.idle.last as usize].last_used)
    }

    /// Lists an instance anew after it was used.
    #[inline(always)]
    fn used<K: Kind>(&mut self, slot: Slot, now: u64) {
        let concurrency = self.concurrency;
        let instance = &mut self.all[slot as usize];
        instance.last_used = now;
        if instance.draining {
            return;
        }
        instance.listed = match instance.in_flight {
            _ if !K::SHARED => Listed::Idle,
            0 => Listed::Idle,
            n if n < concurrency => Listed::Roomy,
            _ => return,
        };
        let (order, listed) = ((now, instance.id), instance.listed);
        if let Some(ages) = &mut self.ages {
            ages.set(instance.rank);
        }
        let mut before = self.list(listed).last;
        while before != NONE && self.order(before) > order {
            before = self.all[before as usize].before;
        }
        self.insert(slot, listed, before);
    }

    fn list(&mut self, listed: Listed) -> &mut List {
        if listed == Listed::Idle { &mut self.idle } else { &mut self.roomy }
    }

    #[inline]
    fn insert(&mut self, slot: Slot, listed: Listed, before: Slot) {
        let list = self.list(listed);
        let behind = if before == NONE {
            std::mem::replace(&mut list.first, slot)
        } else {
            std::mem::replace(&mut self.all[before as usize].behind, slot)
        };
        if behind == NONE {
            self.list(listed).last = slot;
        } else {
            self.all[behind as usize].before = slot;
        }
        let instance = &mut self.all[slot as usize];
        (instance.before, instance.behind) = (before, behind);
    }

    #[inline(always)]
    fn unlist(&mut self, slot: Slot) {
        let instance = &mut self.all[slot as usize];
        let (listed, before, behind) = (instance.listed, instance.before, instance.behind);
        if listed == Listed::No {
            return;
        }
        instance.listed = Listed::No;
        if let Some(ages) = &mut self.ages {
            ages.clear(instance.rank);
        }
        if before == NONE {
            self.list(listed).first = behind;
        } else {
            self.all[before as usize].behind = behind;
        }
        if behind == NONE {
            self.list(listed).last = before;
        } else {
            self.all[behind as usize].before = before;
        }
    }
}
