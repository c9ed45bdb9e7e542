//! A few events in the order of their keys, or many that come nearly in order.

use super::{Key, NONE};

/// Among so few events a new one is put by comparing it with all of them: no branch to be guessed wrong.
const FEW: usize = 4;

/// Events in order.
///
/// Among many, a new event goes to its place from behind: where each new one is later than all others, as with services that all
/// take the same time, that is no work at all.
///
/// # Invariants
/// The events are `places[first..end]`; behind them come `NONE`s, at least [`FEW`] of them.
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

    /// Adds an event, if there are few others.
    #[inline(always)]
    pub fn push_among_few(&mut self, key: Key) -> bool {
        if self.end + FEW == self.places.len() {
            self.make_room();
        }
        if self.len() >= FEW {
            return false;
        }
        let Some([others @ .., last]) = self.places[self.first..].first_chunk_mut::<FEW>() else { return false };
        let mut later = key;
        for place in others {
            (*place, later) = (later.min(*place), later.max(*place));
        }
        *last = later;
        self.end += 1;
        true
    }

    /// Adds an event that is later than all others.
    #[inline]
    pub fn append(&mut self, key: Key) {
        if self.end + FEW == self.places.len() {
            self.make_room();
        }
        self.places[self.end] = key;
        self.end += 1;
    }

    /// Adds an event behind others: how many had to make room for it.
    pub fn push_among_many(&mut self, key: Key) -> usize {
        if self.end + FEW == self.places.len() {
            self.make_room();
        }
        self.end += 1;
        let places = &mut self.places[self.first..self.end];
        let mut place = places.len() - 1;
        while place > 0 && places[place - 1] > key {
            places[place] = places[place - 1];
            place -= 1;
        }
        places[place] = key;
        places.len() - 1 - place
    }

    /// Moves all to the front, where half of the places or more are free; else doubles them.
    #[cold]
    fn make_room(&mut self) {
        if self.len() < self.places.len() / 2 {
            self.places.copy_within(self.first..self.end, 0);
            (self.first, self.end) = (0, self.len());
            self.places[self.end..].fill(NONE);
        } else {
            self.places.resize(2 * self.places.len(), NONE);
        }
    }

    /// Replaces what is there by events in any order.
    pub fn fill(&mut self, mut events: Vec<Key>) {
        events.sort_unstable();
        (self.first, self.end) = (0, events.len());
        let places = (events.len() + FEW + 1).max(self.places.len());
        events.resize(places, NONE);
        self.places = events;
    }

    /// All events, which leave.
    pub fn drain(&mut self) -> Vec<Key> {
        let all = self.places[self.first..self.end].to_vec();
        self.places[..self.end].fill(NONE);
        (self.first, self.end) = (0, 0);
        all
    }
}
