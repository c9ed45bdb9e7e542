//! How long idle instances are held: all for the same time, or each for a time that is drawn when it falls idle.
//!
//! # Invariants
//! An idle instance with a time of its own has an entry in the heap at that time or an earlier one, so that none is missed;
//! one that was used since is passed over or put off. So the heap grows with the instances, not with the requests.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::pool::{Pool, Slot};
use crate::{
    law::{Draws, Law},
    random::Stream,
};

/// How long idle instances are held.
#[derive(Debug)]
pub struct Hold {
    times: Times,
    /// no idle instance's time is over before
    quiet_until: u64,
}

#[derive(Debug)]
enum Times {
    /// all for so long: that which has been idle longest goes first
    Same(u64),
    /// each for a time of its own
    Own {
        /// the times
        times: Box<Draws>,
        /// when to look at an instance: its time, number and place
        due: BinaryHeap<Reverse<(u64, u64, Slot)>>,
    },
}

impl Hold {
    /// By a law; a constant one draws no number.
    pub fn new(law: &Law, stream: Stream) -> Self {
        let times = match law {
            Law::Constant(time) => Times::Same(time.0),
            law => Times::Own { times: Box::new(Draws::new(law, stream)), due: BinaryHeap::new() },
        };
        Self { times, quiet_until: 0 }
    }

    /// An instance falls idle now.
    #[inline(always)]
    pub fn begin(&mut self, pool: &mut Pool, slot: Slot, now: u64) {
        if let Times::Own { .. } = self.times {
            self.begin_own(pool, slot, now);
        }
    }

    #[inline(never)]
    fn begin_own(&mut self, pool: &mut Pool, slot: Slot, now: u64) {
        if let Times::Own { times, due } = &mut self.times {
            let instance = pool.get(slot);
            instance.held_until = now.saturating_add(times.next());
            if instance.held_until < instance.looked_at {
                instance.looked_at = instance.held_until;
                due.push(Reverse((instance.held_until, instance.id, slot)));
                self.quiet_until = self.quiet_until.min(instance.held_until);
            }
        }
    }

    /// Is it known that no instance's time is over before `now`?
    #[inline]
    pub fn is_quiet(&self, now: u64) -> bool {
        now <= self.quiet_until
    }

    /// The instance whose time was over first before `now`, and when that was.
    pub fn over(&mut self, pool: &mut Pool, now: u64) -> Option<(Slot, u64)> {
        match &mut self.times {
            Times::Same(time) => {
                let (slot, since) = pool.longest_idle()?;
                // Who falls idle later goes later.
                self.quiet_until = since.saturating_add(*time);
                (self.quiet_until < now).then_some((slot, self.quiet_until))
            }
            Times::Own { due, .. } => {
                while let Some(Reverse((at, id, slot))) = due.peek().copied().filter(|Reverse((at, ..))| *at < now) {
                    let (current, idle) =
                        (pool.see(slot).id == id && pool.see(slot).looked_at == at, pool.is_idle(slot));
                    let instance = pool.get(slot);
                    if current && idle && instance.held_until == at {
                        return Some((slot, at));
                    }
                    due.pop();
                    if current && idle {
                        instance.looked_at = instance.held_until;
                        due.push(Reverse((instance.held_until, id, slot)));
                    } else if current {
                        instance.looked_at = u64::MAX;
                    }
                }
                self.quiet_until = due.peek().map_or(0, |Reverse((at, ..))| *at);
                None
            }
        }
    }

    /// When the last of the idle instances would go.
    pub fn last(&self, pool: &Pool) -> Option<u64> {
        match &self.times {
            Times::Same(time) => pool.last_idled().map(|since| since.saturating_add(*time)),
            Times::Own { due, .. } => {
                let held = |&Reverse((_, id, slot)): &Reverse<(u64, u64, Slot)>| {
                    (pool.see(slot).id == id && pool.is_idle(slot)).then(|| pool.see(slot).held_until)
                };
                due.iter().filter_map(held).max()
            }
        }
    }
}
