//! What is due: completions and finished start-ups, in the order of their times.
//!
//! # Invariants
//! At equal times completions come before start-ups, and of equals the older instance before the younger. Nothing is ever
//! due before what was taken last.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::pool::Slot;

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// a request is finished
    Completion,
    /// a request needs the processor no longer
    Turn,
    /// an instance is up
    Ready,
}

const SLOT_BITS: u32 = 24;
const ID_BITS: u32 = 38;

/// Events in the order of time, kind and age: a heap of numbers that compare in that order.
#[derive(Debug, Default)]
pub struct Agenda {
    heap: BinaryHeap<Reverse<u128>>,
}

impl Agenda {
    /// Adds an event of the instance at `slot`, the `id`-th that was started.
    #[inline]
    pub fn add(&mut self, at: u64, event: Event, id: u64, slot: Slot) {
        let low = ((event as u64) << (SLOT_BITS + ID_BITS))
            | ((id & ((1 << ID_BITS) - 1)) << SLOT_BITS)
            | u64::from(slot & ((1 << SLOT_BITS) - 1));
        self.heap.push(Reverse(u128::from(at) << 64 | u128::from(low)));
    }

    /// When the next event is due; [`u64::MAX`] where there is none.
    #[inline]
    pub fn next_at(&self) -> u64 {
        self.heap.peek().map_or(u64::MAX, |Reverse(key)| (key >> 64) as u64)
    }

    /// Takes the next event.
    #[inline]
    pub fn take(&mut self) -> Option<(u64, Event, Slot)> {
        let Reverse(key) = self.heap.pop()?;
        let low = key as u64;
        let event = match low >> (SLOT_BITS + ID_BITS) {
            0 => Event::Completion,
            1 => Event::Turn,
            _ => Event::Ready,
        };
        Some(((key >> 64) as u64, event, (low & ((1 << SLOT_BITS) - 1)) as Slot))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_by_time_then_kind_then_age() {
        let mut agenda = Agenda::default();
        agenda.add(5, Event::Ready, 0, 9);
        agenda.add(5, Event::Completion, 7, 1);
        agenda.add(5, Event::Completion, 3, 2);
        agenda.add(4, Event::Ready, 8, 3);
        let order: Vec<_> = std::iter::from_fn(|| agenda.take()).collect();
        let (done, up) = (Event::Completion, Event::Ready);
        assert_eq!(order, [(4, up, 3), (5, done, 2), (5, done, 1), (5, up, 9)]);
        assert_eq!(agenda.next_at(), u64::MAX);
    }
}
