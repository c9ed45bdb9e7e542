//! What is due: completions, turns on processors and finished start-ups, in the order of their times.
//!
//! # Invariants
//! At equal times completions come before turns, turns before start-ups, and of equals the older instance before the
//! younger. Nothing is ever due before what was taken last. Both agendas give the same order.

mod calendar;
mod sorted;

use std::{cmp::Reverse, collections::BinaryHeap};

use super::pool::Slot;
pub use calendar::Calendar;

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

/// An event as a number that compares by time, kind and age.
pub type Key = u128;
/// Later than any event.
const NONE: Key = Key::MAX;

fn key(at: u64, event: Event, id: u64, slot: Slot) -> Key {
    let low = ((event as u64) << (SLOT_BITS + ID_BITS))
        | ((id & ((1 << ID_BITS) - 1)) << SLOT_BITS)
        | u64::from(slot & ((1 << SLOT_BITS) - 1));
    u128::from(at) << 64 | u128::from(low)
}

/// When an event is due; [`u64::MAX`] for none.
#[inline]
pub fn time(key: Key) -> u64 {
    (key >> 64) as u64
}

/// What an event is, and at which slot; `None` for none.
#[inline]
pub fn read(key: Key) -> Option<(Event, Slot)> {
    let low = key as u64;
    let event = match low >> (SLOT_BITS + ID_BITS) {
        0 => Event::Completion,
        1 => Event::Turn,
        2 => Event::Ready,
        _ => return None,
    };
    Some((event, (low & ((1 << SLOT_BITS) - 1)) as Slot))
}

/// Events in the order of time, kind and age.
pub trait Agenda: Default + std::fmt::Debug {
    /// Adds an event.
    fn push(&mut self, key: Key);
    /// The next event, for [`time`] and [`read`].
    fn next(&self) -> Key;
    /// Takes the next event off, if there is one.
    fn pop(&mut self);

    /// Adds an event of the instance at `slot`, the `id`-th that was started.
    #[inline(always)]
    fn add(&mut self, at: u64, event: Event, id: u64, slot: Slot) {
        self.push(key(at, event, id, slot));
    }
}

/// A plain heap: slower, and what the calendar is compared with.
#[derive(Debug, Default)]
pub struct Heap {
    keys: BinaryHeap<Reverse<Key>>,
}

impl Agenda for Heap {
    fn push(&mut self, key: Key) {
        self.keys.push(Reverse(key));
    }

    fn next(&self) -> Key {
        self.keys.peek().map_or(NONE, |Reverse(key)| *key)
    }

    fn pop(&mut self) {
        self.keys.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    fn take(agenda: &mut impl Agenda) -> Option<(u64, Event, Slot)> {
        let next = agenda.next();
        agenda.pop();
        read(next).map(|(event, slot)| (time(next), event, slot))
    }

    #[test]
    fn events_come_by_time_then_kind_then_age() {
        let mut agenda = Calendar::default();
        agenda.add(5, Event::Ready, 0, 9);
        agenda.add(5, Event::Turn, 9, 4);
        agenda.add(5, Event::Completion, 7, 1);
        agenda.add(5, Event::Completion, 3, 2);
        agenda.add(4, Event::Ready, 8, 3);
        let order: Vec<_> = std::iter::from_fn(|| take(&mut agenda)).collect();
        let (done, turn, up) = (Event::Completion, Event::Turn, Event::Ready);
        assert_eq!(order, [(4, up, 3), (5, done, 2), (5, done, 1), (5, turn, 4), (5, up, 9)]);
        assert_eq!(time(agenda.next()), u64::MAX);
    }

    /// Adds to both agendas and takes from both, leaving so many of them due.
    fn compare(events: u64, due: impl Fn(u64) -> usize, ahead: impl Fn(u64, &mut Stream) -> u64) {
        let mut random = Stream::new(4, 0, Purpose::Service);
        let (mut calendar, mut heap) = (Calendar::default(), Heap::default());
        let mut now = 0;
        for n in 0..events {
            let at = u64::saturating_add(now, ahead(n, &mut random));
            for agenda in [&mut calendar as &mut dyn FnAdd, &mut heap] {
                agenda.call(at, n);
            }
            while heap.keys.len() > due(n) {
                let want = take(&mut heap);
                assert_eq!(take(&mut calendar), want);
                now = want.unwrap().0;
            }
        }
        while let Some(want) = take(&mut heap) {
            assert_eq!(time(calendar.next()), want.0);
            assert_eq!(take(&mut calendar), Some(want));
        }
        assert_eq!(take(&mut calendar), None);
    }

    #[test]
    fn a_calendar_gives_the_order_of_a_heap_at_any_rate() {
        // The rate changes by thousands, and some events lie far ahead.
        let ahead = |n: u64, random: &mut Stream| {
            let scale = 10_f64.powi(3 + (n / 40_000) as i32 % 4) * if n.is_multiple_of(97) { 1e6 } else { 1.0 };
            (random.exponential() * scale) as u64
        };
        compare(200_000, |n| 50 + (n / 1_000) as usize, ahead);
        // From many to none and back, so that plans are made and given up.
        compare(200_000, |n| [3, 400, 0, 20][(n / 25_000) as usize % 4], ahead);
    }

    #[test]
    fn a_calendar_gives_the_order_of_a_heap_where_many_events_are_equal() {
        compare(50_000, |n| (n % 20_000) as usize, |n, _| n / 30_000 * 1_000);
        compare(50_000, |_| 2_000, |n, random| if n % 3 == 0 { 5 } else { (random.unit() * 4.0) as u64 });
        compare(20_000, |_| 300, |_, _| 1_000_000_000);
    }

    #[test]
    fn the_last_moment_of_the_clock_can_be_due() {
        compare(1_000, |_| 500, |n, _| if n % 2 == 0 { u64::MAX } else { 7 * n });
        compare(3, |_| 3, |_, _| u64::MAX);
    }

    /// Adding alone, so that both agendas can stand in one list.
    trait FnAdd {
        fn call(&mut self, at: u64, n: u64);
    }

    impl<A: Agenda> FnAdd for A {
        fn call(&mut self, at: u64, n: u64) {
            self.add(at, if n.is_multiple_of(5) { Event::Ready } else { Event::Completion }, n, (n % 1_000) as Slot);
        }
    }
}
