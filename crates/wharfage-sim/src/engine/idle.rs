//! How long idle instances are held: all for the same time, or each for a time that is drawn when it falls idle.
//!
//! # Invariants
//! An idle instance with a time of its own has an entry in the heap at that time or an earlier one, so that none is missed;
//! one that was used since is passed over or put off. So the heap grows with the instances, not with the requests.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::pool::{Pool, Slot};
use crate::{
    law::{Law, Sampler},
    random::Stream,
};

/// How long idle instances are held.
#[derive(Debug)]
pub enum Hold {
    /// all for so long: that which has been idle longest goes first
    Same(u64),
    /// each for a time of its own
    Own {
        /// what its time is drawn from
        law: Sampler,
        /// the numbers it is drawn with
        stream: Stream,
        /// when to look at an instance: its time, number and place
        due: BinaryHeap<Reverse<(u64, u64, Slot)>>,
    },
}

impl Hold {
    /// By a law; a constant one draws no number.
    pub fn new(law: &Law, stream: Stream) -> Self {
        match law {
            Law::Constant(time) => Self::Same(time.0),
            law => Self::Own { law: law.sampler(), stream, due: BinaryHeap::new() },
        }
    }

    /// An instance falls idle now.
    #[inline]
    pub fn begin(&mut self, pool: &mut Pool, slot: Slot, now: u64) {
        if let Self::Own { law, stream, due } = self {
            let instance = pool.get(slot);
            instance.held_until = now.saturating_add(law.whole(stream));
            if instance.held_until < instance.looked_at {
                instance.looked_at = instance.held_until;
                due.push(Reverse((instance.held_until, instance.id, slot)));
            }
        }
    }

    /// The instance whose time was over first before `now`, and when that was.
    #[inline]
    pub fn over(&mut self, pool: &mut Pool, now: u64) -> Option<(Slot, u64)> {
        match self {
            Self::Same(time) => {
                let (slot, since) = pool.longest_idle()?;
                let until = since.saturating_add(*time);
                (until < now).then_some((slot, until))
            }
            Self::Own { due, .. } => {
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
                None
            }
        }
    }

    /// When the last of the idle instances would go.
    pub fn last(&self, pool: &Pool) -> Option<u64> {
        match self {
            Self::Same(time) => pool.last_idled().map(|since| since.saturating_add(*time)),
            Self::Own { due, .. } => {
                let held = |&Reverse((_, id, slot)): &Reverse<(u64, u64, Slot)>| {
                    (pool.see(slot).id == id && pool.is_idle(slot)).then(|| pool.see(slot).held_until)
                };
                due.iter().filter_map(held).max()
            }
        }
    }
}
