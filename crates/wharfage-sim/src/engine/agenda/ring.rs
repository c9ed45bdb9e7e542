//! A few events in the order of their keys, or many that come nearly in order.

use super::{Key, NONE};

/// Events in order, around a ring.
///
/// A new event goes to its place from the behind. Where each new one is later than all others, as with services that all take the
/// same time, that is no work at all; among a few it is less than a heap's.
#[derive(Debug)]
pub struct Ring {
    /// a power of two of places
    places: Vec<Key>,
    first: usize,
    len: usize,
}

impl Default for Ring {
    fn default() -> Self {
        Self { places: vec![NONE; 64], first: 0, len: 0 }
    }
}

impl Ring {
    /// How many events there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The first event; `NONE` where there is none.
    #[inline]
    pub fn first(&self) -> Key {
        if self.len == 0 { NONE } else { self.places[self.first & (self.places.len() - 1)] }
    }

    /// Takes the first event off, if there is one.
    #[inline]
    pub fn pop(&mut self) -> Key {
        let key = self.first();
        let taken = usize::from(self.len > 0);
        self.first = (self.first + taken) & (self.places.len() - 1);
        self.len -= taken;
        key
    }

    /// Adds an event: how many others had to make room for it.
    #[inline]
    pub fn push(&mut self, key: Key) -> usize {
        if self.len == self.places.len() {
            self.grow();
        }
        let places = &mut self.places[..];
        let around = places.len() - 1;
        let last = self.first + self.len;
        let mut place = last;
        while place != self.first {
            let before = places[(place - 1) & around];
            if before <= key {
                break;
            }
            places[place & around] = before;
            place -= 1;
        }
        places[place & around] = key;
        self.len += 1;
        last - place
    }

    #[cold]
    fn grow(&mut self) {
        let more = vec![NONE; self.places.len()];
        self.places.rotate_left(self.first);
        self.places.extend(more);
        self.first = 0;
    }

    /// Replaces what is there by events in any order.
    pub fn fill(&mut self, mut events: Vec<Key>) {
        events.sort_unstable();
        self.len = events.len();
        self.first = 0;
        let places = events.len().next_power_of_two().max(self.places.len());
        events.resize(places, NONE);
        self.places = events;
    }

    /// All events, which leave the ring.
    pub fn drain(&mut self) -> impl Iterator<Item = Key> {
        std::iter::from_fn(|| (self.len > 0).then(|| self.pop()))
    }
}
