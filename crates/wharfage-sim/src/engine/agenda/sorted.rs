//! A few events in the order of their keys, or many that come nearly in order.

use super::{Key, NONE};

/// Events in order.
///
/// A new event goes to its place from behind. Where each new one is later than all others, as with services that all take the
/// same time, that is no work at all; among a few it is less than a heap's.
///
/// # Invariants
/// The events are `places[first..end]`, and `NONE` lies behind them.
#[derive(Debug)]
pub struct Sorted {
    places: Vec<Key>,
    first: usize,
    end: usize,
}

impl Default for Sorted {
    fn default() -> Self {
        Self { places: vec![NONE; 64], first: 0, end: 0 }
    }
}

impl Sorted {
    /// How many events there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.end - self.first
    }

    /// The first event; `NONE` where there is none.
    #[inline]
    pub fn first(&self) -> Key {
        self.places[self.first]
    }

    /// Takes the first event off, if there is one.
    #[inline]
    pub fn pop(&mut self) {
        self.first += usize::from(self.first < self.end);
    }

    /// Adds an event: how many others had to make room for it.
    #[inline]
    pub fn push(&mut self, key: Key) -> usize {
        if self.end + 1 == self.places.len() {
            self.make_room();
        }
        let places = &mut self.places[self.first..self.end + 2];
        let mut place = places.len() - 2;
        places[place + 1] = NONE;
        while place > 0 && places[place - 1] > key {
            places[place] = places[place - 1];
            place -= 1;
        }
        places[place] = key;
        let moved = self.end - self.first - place;
        self.end += 1;
        moved
    }

    /// Moves all to the front, where half of the places or more are free; else doubles them.
    #[cold]
    fn make_room(&mut self) {
        if self.len() < self.places.len() / 2 {
            self.places.copy_within(self.first..=self.end, 0);
            (self.first, self.end) = (0, self.len());
        } else {
            self.places.resize(2 * self.places.len(), NONE);
        }
    }

    /// Replaces what is there by events in any order.
    pub fn fill(&mut self, mut events: Vec<Key>) {
        events.sort_unstable();
        (self.first, self.end) = (0, events.len());
        let places = (events.len() + 2).max(self.places.len());
        events.resize(places, NONE);
        self.places = events;
    }

    /// All events, which leave.
    pub fn drain(&mut self) -> Vec<Key> {
        let all = self.places[self.first..self.end].to_vec();
        (self.first, self.end, self.places[0]) = (0, 0, NONE);
        all
    }
}
