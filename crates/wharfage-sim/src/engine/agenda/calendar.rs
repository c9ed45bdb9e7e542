//! The fast agenda: the next events in order, later ones in days of equal length, far ones in a heap.
//!
//! While few events are due, or each new one comes after the others, all of them are the next ones. Otherwise the length of a
//! day follows what is due, so that few days hold more than one event: adding and taking one then takes much the same time however
//! many there are. In the worst case, where all fall on one day, that day is sorted once when it comes.

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{Agenda, Key, sorted::Sorted, time};

/// Days of the calendar's year: a bit of `weeks` for 64 days, a bit of `busy` for each.
const DAYS: usize = 64 * 64;
/// The plan is made anew after so many days, or so many times the events that are due.
const REVIEW: u32 = 16_384;
/// So few events need no calendar.
const FEW: usize = 8;
/// So many steps may each new event cost on average among the next ones; the more is due, the more a new plan costs.
const EFFORT: usize = 4;
/// No event.
const NIL: u32 = u32::MAX;

/// An event in a day, and the next one in the same day.
#[derive(Debug, Clone, Copy)]
struct Entry {
    key: Key,
    next: u32,
}

/// The fast agenda.
///
/// # Invariants
/// `soon` holds all events before the day `until`, and is empty only where nothing is due.
#[derive(Debug)]
pub struct Calendar {
    soon: Sorted,
    until: u64,
    /// steps taken in `soon` since the last review, beyond what is allowed for each event
    effort: usize,
    /// the first entry of each day
    days: Vec<u32>,
    busy: [u64; DAYS / 64],
    weeks: u64,
    /// events in days, and free entries in a list from `free`
    entries: Vec<Entry>,
    free: u32,
    near: usize,
    /// a day is `2^shift` nanoseconds, two or more, so that no day is later than all numbers
    shift: u32,
    /// the day that was opened last, counted from time 0; the year begins with it
    today: u64,
    far: BinaryHeap<Reverse<Key>>,
    /// the day of the first of those; [`u64::MAX`] for none
    far_from: u64,
    until_review: u32,
}

impl Default for Calendar {
    fn default() -> Self {
        Self {
            soon: Sorted::default(),
            until: u64::MAX,
            effort: 0,
            days: vec![NIL; DAYS],
            busy: [0; DAYS / 64],
            weeks: 0,
            entries: Vec::new(),
            free: NIL,
            near: 0,
            shift: 1,
            today: 0,
            far: BinaryHeap::new(),
            far_from: u64::MAX,
            until_review: REVIEW,
        }
    }
}

impl Calendar {
    #[inline]
    fn day(&self, key: Key) -> u64 {
        time(key) >> self.shift
    }

    /// Adds an event to the next ones, where they are not few.
    #[inline(never)]
    fn push_among_many(&mut self, key: Key) {
        self.effort = (self.effort + self.soon.push_among_many(key)).saturating_sub(EFFORT);
        if self.effort > DAYS + 4 * self.due() {
            self.review();
        }
    }

    fn due(&self) -> usize {
        self.soon.len() + self.near + self.far.len()
    }

    /// Writes an event into its day.
    #[inline(always)]
    fn place(&mut self, key: Key) {
        let day = self.day(key);
        if day - self.today >= DAYS as u64 {
            self.far.push(Reverse(key));
            self.far_from = self.far_from.min(day);
            return;
        }
        let place = day as usize % DAYS;
        let entry = Entry { key, next: self.days[place] };
        self.days[place] = self.free;
        match self.entries.get_mut(self.free as usize) {
            Some(free) => self.free = std::mem::replace(free, entry).next,
            None => {
                self.days[place] = self.entries.len() as u32;
                self.entries.push(entry);
            }
        }
        self.busy[place / 64] |= 1 << (place % 64);
        self.weeks |= 1 << (place / 64);
        self.near += 1;
    }

    /// The first busy day of the year, which begins today.
    #[inline(always)]
    fn first_busy(&self) -> Option<u64> {
        let today = self.today as usize % DAYS;
        let (week, bit) = (today / 64, today % 64);
        let rest = self.busy[week] & (u64::MAX << bit);
        let place = if rest != 0 {
            week * 64 + rest.trailing_zeros() as usize
        } else if self.weeks == 0 {
            return None;
        } else {
            // The week of today comes last once more: its days before today are the year's last.
            let from = (week as u32 + 1) % 64;
            let busy = ((from + self.weeks.rotate_right(from).trailing_zeros()) % 64) as usize;
            busy * 64 + self.busy[busy].trailing_zeros() as usize
        };
        Some(self.today + ((place + DAYS - today) % DAYS) as u64)
    }

    /// Opens the next day, and plans anew from time to time.
    #[inline(always)]
    fn open_next(&mut self) {
        self.until_review -= 1;
        if self.until_review == 0 {
            self.review();
        } else if self.near + self.far.len() > 0 {
            self.open();
        }
    }

    /// Opens the next day on which something is due.
    #[inline(never)]
    fn open(&mut self) {
        let near = self.first_busy().unwrap_or(u64::MAX);
        let far = self.far_from;
        let day = near.min(far);
        (self.today, self.until) = (day, day + 1);
        if near == day {
            self.open_near(day as usize % DAYS);
        }
        if far == day {
            self.open_far(day);
        }
    }

    #[inline(always)]
    fn open_near(&mut self, place: usize) {
        self.busy[place / 64] &= !(1 << (place % 64));
        self.weeks &= !(u64::from(self.busy[place / 64] == 0) << (place / 64));
        let at = std::mem::replace(&mut self.days[place], NIL);
        let Some(first) = self.release(at) else { return };
        self.soon.append(first.key);
        if first.next != NIL {
            self.open_rest(first.next);
        }
    }

    #[inline(never)]
    fn open_rest(&mut self, mut at: u32) {
        self.add_today(|calendar| {
            let entry = calendar.release(at)?;
            at = entry.next;
            Some(entry.key)
        });
    }

    /// Adds events of today: a few one by one, of many more all at once.
    fn add_today(&mut self, mut next: impl FnMut(&mut Self) -> Option<Key>) {
        let mut many = Vec::new();
        while let Some(key) = next(self) {
            if self.soon.len() < FEW {
                self.soon.push_among_many(key);
            } else {
                many.push(key);
            }
        }
        if !many.is_empty() {
            many.append(&mut self.soon.drain());
            self.soon.fill(many);
        }
    }

    /// Takes an entry out of its day.
    #[inline]
    fn release(&mut self, at: u32) -> Option<Entry> {
        let place = self.entries.get_mut(at as usize)?;
        let entry = *place;
        place.next = std::mem::replace(&mut self.free, at);
        self.near -= 1;
        Some(entry)
    }

    #[cold]
    fn open_far(&mut self, day: u64) {
        self.add_today(|calendar| {
            let Reverse(key) = calendar.far.peek().copied().filter(|Reverse(key)| calendar.day(*key) <= day)?;
            calendar.far.pop();
            Some(key)
        });
        self.far_from = self.far.peek().map_or(u64::MAX, |Reverse(key)| self.day(*key));
    }

    /// Plans anew: whether there are days at all, and how long they are.
    #[cold]
    fn review(&mut self) {
        let due = self.due();
        self.effort = 0;
        self.until_review = REVIEW.max(4 * due as u32);
        let mut all = self.soon.drain();
        all.extend(self.far.drain().map(|Reverse(key)| key));
        for day in &mut self.days {
            let mut at = std::mem::replace(day, NIL);
            while let Some(entry) = self.entries.get(at as usize) {
                all.push(entry.key);
                at = entry.next;
            }
        }
        (self.busy, self.weeks, self.near, self.free) = ([0; DAYS / 64], 0, 0, NIL);
        self.far_from = u64::MAX;
        self.entries.clear();
        if due <= FEW {
            (self.shift, self.until) = (1, u64::MAX);
            self.soon.fill(all);
            return;
        }
        // About a quarter of the time between two events, and a year for nearly all that is due.
        let (_, median, _) = all.select_nth_unstable(due / 2);
        let median = time(*median);
        let now = all.iter().min().map_or(median, |first| time(*first));
        let half = (median - now).max(1);
        let length = (half / (4 * due as u64)).max(half / (DAYS as u64 / 8)).max(2);
        (self.shift, self.today) = (length.ilog2(), now >> length.ilog2());
        self.until = self.today;
        all.into_iter().for_each(|key| self.place(key));
        self.open();
    }
}

impl Agenda for Calendar {
    #[inline(always)]
    fn push(&mut self, key: Key) {
        if self.day(key) < self.until {
            if !self.soon.push_among_few(key) {
                self.push_among_many(key);
            }
        } else if self.soon.len() == 0 {
            // Nothing is due: the day of this event is the next one.
            (self.today, self.until) = (self.day(key), self.day(key) + 1);
            self.soon.append(key);
        } else {
            self.place(key);
        }
    }

    #[inline]
    fn next(&self) -> Key {
        self.soon.first()
    }

    #[inline]
    fn pop(&mut self) {
        self.soon.pop();
        if self.until != u64::MAX && self.soon.len() == 0 {
            self.open_next();
        }
    }
}
