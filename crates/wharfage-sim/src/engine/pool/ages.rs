//! The youngest of the instances that have room, whatever their number.
//!
//! # Invariants
//! Instances have a rank each, in the order of their starts. The lowest level has a bit for each rank, set where the instance has room; a
//! bit of a higher level is set where the word below it has any. So each step takes as long as the ranks have powers of 64.

use super::Slot;

/// Instances by age.
#[derive(Debug, Default)]
pub struct Ages {
    /// whose rank it is, or was
    slots: Vec<Slot>,
    levels: Vec<Vec<u64>>,
}

impl Ages {
    /// No instance yet, and room for as many as these and as many again.
    pub fn for_some(instances: usize) -> Self {
        let mut words = (2 * instances).div_ceil(64).max(1);
        let mut levels = vec![vec![0; words]];
        while words > 1 {
            words = words.div_ceil(64);
            levels.push(vec![0; words]);
        }
        Self { slots: Vec::new(), levels }
    }

    /// Is there no rank left?
    pub fn is_full(&self) -> bool {
        self.levels.first().is_none_or(|bits| self.slots.len() == 64 * bits.len())
    }

    /// Instances in the order of their starts, and the rank of each; those that stopped since too.
    pub fn ranked(&self) -> impl Iterator<Item = (u32, Slot)> {
        (0..).zip(self.slots.iter().copied())
    }

    /// Gives the next rank to an instance, which has no room yet.
    pub fn push(&mut self, slot: Slot) -> u32 {
        self.slots.push(slot);
        (self.slots.len() - 1) as u32
    }

    /// An instance has room.
    #[inline]
    pub fn set(&mut self, rank: u32) {
        let mut bit = rank as usize;
        for level in &mut self.levels {
            let word = &mut level[bit / 64];
            let was = *word;
            *word |= 1 << (bit % 64);
            if was != 0 {
                return;
            }
            bit /= 64;
        }
    }

    /// An instance has no room.
    #[inline]
    pub fn clear(&mut self, rank: u32) {
        let mut bit = rank as usize;
        for level in &mut self.levels {
            let word = &mut level[bit / 64];
            *word &= !(1 << (bit % 64));
            if *word != 0 {
                return;
            }
            bit /= 64;
        }
    }

    /// The youngest instance that has room.
    #[inline]
    pub fn youngest(&self) -> Option<Slot> {
        let mut place = 0;
        for level in self.levels.iter().rev() {
            place = 64 * place + level[place].checked_ilog2()? as usize;
        }
        self.slots.get(place).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    #[test]
    fn the_youngest_is_the_last_that_has_room_among_few_and_many() {
        let mut random = Stream::new(6, 0, Purpose::Service);
        for instances in [1, 64, 65, 3_000, 70_000] {
            let mut ages = Ages::for_some(instances);
            let ranks: Vec<u32> = (0..instances).map(|n| ages.push(n as Slot)).collect();
            let mut has_room = std::collections::BTreeSet::new();
            for _ in 0..20_000 {
                // Mostly few have room, and sometimes none.
                let rank = ranks[((random.unit() * instances as f64) as usize).min(instances - 1)];
                if random.unit() < 0.3 {
                    ages.set(rank);
                    has_room.insert(rank);
                } else if let Some(rank) = has_room.iter().copied().find(|r| *r >= rank).or(has_room.last().copied()) {
                    ages.clear(rank);
                    has_room.remove(&rank);
                }
                assert_eq!(ages.youngest(), has_room.last().copied());
            }
        }
    }

    #[test]
    fn there_are_ranks_for_twice_as_many() {
        let mut ages = Ages::default();
        assert!(ages.is_full() && ages.youngest().is_none());
        ages = Ages::for_some(33);
        (0..128).for_each(|slot| {
            assert!(!ages.is_full());
            ages.push(slot);
        });
        assert!(ages.is_full());
        assert_eq!(ages.ranked().last(), Some((127, 127)));
    }
}
