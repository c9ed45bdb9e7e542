//! What is due: completions, turns on processors and finished start-ups, in the order of their times.
//!
//! # Invariants
//! At equal times completions come before turns, turns before start-ups, and of equals the older instance before the
//! younger. Nothing is ever due before what was taken last. Both agendas give the same order.

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

/// An event as a number that compares by time, kind and age.
type Key = u128;
/// Later than any event.
const NONE: Key = Key::MAX;

fn key(at: u64, event: Event, id: u64, slot: Slot) -> Key {
    let low = ((event as u64) << (SLOT_BITS + ID_BITS))
        | ((id & ((1 << ID_BITS) - 1)) << SLOT_BITS)
        | u64::from(slot & ((1 << SLOT_BITS) - 1));
    u128::from(at) << 64 | u128::from(low)
}

fn time(key: Key) -> u64 {
    (key >> 64) as u64
}

fn read(key: Key) -> (u64, Event, Slot) {
    let low = key as u64;
    let event = match low >> (SLOT_BITS + ID_BITS) {
        0 => Event::Completion,
        1 => Event::Turn,
        _ => Event::Ready,
    };
    (time(key), event, (low & ((1 << SLOT_BITS) - 1)) as Slot)
}

/// Events in the order of time, kind and age.
pub trait Agenda: Default + std::fmt::Debug {
    /// Adds an event.
    fn push(&mut self, key: Key);
    /// The next event, `NONE` where there is none.
    fn next(&self) -> Key;
    /// Takes the next event off, if there is one.
    fn pop(&mut self);

    /// Adds an event of the instance at `slot`, the `id`-th that was started.
    #[inline]
    fn add(&mut self, at: u64, event: Event, id: u64, slot: Slot) {
        self.push(key(at, event, id, slot));
    }

    /// When the next event is due; [`u64::MAX`] where there is none.
    #[inline]
    fn next_at(&self) -> u64 {
        time(self.next())
    }

    /// Takes the next event.
    #[inline]
    fn take(&mut self) -> Option<(u64, Event, Slot)> {
        let next = self.next();
        self.pop();
        (next != NONE).then(|| read(next))
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

/// Days of the calendar's year.
const DAYS: usize = 2048;
const WORDS: usize = DAYS / 64;
/// The length of a day is looked at again after so many events.
const REVIEW: u32 = 4096;
/// So few events need no calendar.
const FEW: usize = 8;
/// So many of them do.
const MANY: usize = 64;

/// A calendar: the next events lie in a small heap, those after them in days of equal length, far ones in a heap of their own.
///
/// The length of a day follows the rate of events, so that a day holds a few: adding and taking one then takes much the same
/// time however many are due. Where all fall on one day it is no worse than a heap.
#[derive(Debug)]
pub struct Calendar {
    /// all events before the day `until`; empty only where nothing is due
    soon: BinaryHeap<Reverse<Key>>,
    until: u64,
    days: Vec<Vec<Key>>,
    /// a bit per day: is anything due
    busy: [u64; WORDS],
    /// a day is `2^shift` nanoseconds
    shift: u32,
    /// the day that was opened last, counted from time 0; the year begins with it
    today: u64,
    /// events in days
    near: usize,
    far: BinaryHeap<Reverse<Key>>,
    taken: u32,
    reviewed_at: u64,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            soon: BinaryHeap::new(),
            until: 0,
            days: vec![Vec::new(); DAYS],
            busy: [0; WORDS],
            shift: 20,
            today: 0,
            near: 0,
            far: BinaryHeap::new(),
            taken: 0,
            reviewed_at: 0,
        }
    }
}

impl Calendar {
    fn day(&self, key: Key) -> u64 {
        time(key) >> self.shift
    }

    fn later(&self) -> usize {
        self.near + self.far.len()
    }

    /// Writes an event into its day.
    fn place(&mut self, key: Key) {
        let day = self.day(key);
        if day - self.today >= DAYS as u64 {
            self.far.push(Reverse(key));
            return;
        }
        let place = day as usize % DAYS;
        self.days[place].push(key);
        self.busy[place / 64] |= 1 << (place % 64);
        self.near += 1;
    }

    /// The first busy day of the year, which begins today.
    fn first_busy(&self) -> Option<u64> {
        if self.near == 0 {
            return None;
        }
        let today = self.today as usize % DAYS;
        let (word, bit) = (today / 64, today % 64);
        let rest = self.busy[word] & (u64::MAX << bit);
        let place = if rest != 0 {
            word * 64 + rest.trailing_zeros() as usize
        } else {
            // The last word looked at is the first one again: its days before today are the year's last.
            let busy = (1..=WORDS).map(|n| (word + n) % WORDS).find(|w| self.busy[*w] != 0)?;
            busy * 64 + self.busy[busy].trailing_zeros() as usize
        };
        Some(self.today + ((place + DAYS - today) % DAYS) as u64)
    }

    /// Opens the next day on which something is due.
    fn open(&mut self) {
        let near = self.first_busy();
        let far = self.far.peek().map(|Reverse(key)| self.day(*key));
        let Some(day) = near.into_iter().chain(far).min() else { return };
        (self.today, self.until) = (day, day.saturating_add(1));
        if near == Some(day) {
            let place = day as usize % DAYS;
            self.near -= self.days[place].len();
            self.soon.extend(self.days[place].drain(..).map(Reverse));
            self.busy[place / 64] &= !(1 << (place % 64));
        }
        while let Some(Reverse(key)) = self.far.peek().copied().filter(|Reverse(key)| self.day(*key) <= day) {
            self.far.pop();
            self.soon.push(Reverse(key));
        }
    }

    /// Chooses the length of a day anew: about as long as between two events, and a year for nearly all that is due.
    #[cold]
    fn review(&mut self, now: u64) {
        let due = (self.soon.len() + self.later()) as u64;
        let gap = ((now - self.reviewed_at) / u64::from(REVIEW)).max(1);
        let year = gap.saturating_mul(due.saturating_mul(8) / DAYS as u64);
        let shift = gap.max(year).ilog2().min(62);
        (self.taken, self.reviewed_at) = (0, now);
        let crowded = self.soon.len() > MANY && self.until > self.today + 1;
        if shift.abs_diff(self.shift) < 2 && !crowded {
            return;
        }
        let mut all: Vec<Key> = self.soon.drain().chain(self.far.drain()).map(|Reverse(key)| key).collect();
        all.extend(self.days.iter_mut().flat_map(|day| day.drain(..)));
        (self.busy, self.near, self.shift, self.today) = ([0; WORDS], 0, shift, now >> shift);
        self.until = self.today;
        all.into_iter().for_each(|key| self.place(key));
        self.open();
    }
}

impl Agenda for Calendar {
    #[inline]
    fn push(&mut self, key: Key) {
        let day = self.day(key);
        if day < self.until {
            self.soon.push(Reverse(key));
        } else if self.soon.len() < FEW && self.later() == 0 {
            self.soon.push(Reverse(key));
            self.until = day.saturating_add(1);
        } else {
            self.place(key);
        }
    }

    #[inline]
    fn next(&self) -> Key {
        self.soon.peek().map_or(NONE, |Reverse(key)| *key)
    }

    #[inline]
    fn pop(&mut self) {
        let Some(Reverse(key)) = self.soon.pop() else { return };
        if self.soon.is_empty() && self.later() > 0 {
            self.open();
        }
        self.taken += 1;
        if self.taken == REVIEW {
            self.review(time(key));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    #[test]
    fn events_come_by_time_then_kind_then_age() {
        let mut agenda = Calendar::default();
        agenda.add(5, Event::Ready, 0, 9);
        agenda.add(5, Event::Turn, 9, 4);
        agenda.add(5, Event::Completion, 7, 1);
        agenda.add(5, Event::Completion, 3, 2);
        agenda.add(4, Event::Ready, 8, 3);
        let order: Vec<_> = std::iter::from_fn(|| agenda.take()).collect();
        let (done, turn, up) = (Event::Completion, Event::Turn, Event::Ready);
        assert_eq!(order, [(4, up, 3), (5, done, 2), (5, done, 1), (5, turn, 4), (5, up, 9)]);
        assert_eq!(agenda.next_at(), u64::MAX);
    }

    #[test]
    fn a_calendar_gives_the_order_of_a_heap_at_any_rate() {
        let mut random = Stream::new(4, 0, Purpose::Service);
        let (mut calendar, mut heap) = (Calendar::default(), Heap::default());
        let mut now = 0;
        for n in 0..200_000_u64 {
            // The rate changes by thousands, and some events lie far ahead.
            let scale = 10_f64.powi(3 + (n / 40_000) as i32 % 4) * if n % 97 == 0 { 1e6 } else { 1.0 };
            let at = now + (random.exponential() * scale) as u64;
            for agenda in [&mut calendar as &mut dyn FnAdd, &mut heap] {
                agenda.call(at, n);
            }
            while heap.keys.len() > 50 + (n / 1_000) as usize {
                let want = heap.take();
                assert_eq!(calendar.take(), want);
                now = want.unwrap().0;
            }
        }
        while let Some(want) = heap.take() {
            assert_eq!(calendar.take(), Some(want));
        }
        assert_eq!(calendar.take(), None);
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
