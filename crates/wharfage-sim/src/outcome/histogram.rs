//! Counts of times in bins whose width grows with the time: any length of time, in the same room, to a known error.
//!
//! Up to 1,024 ns each nanosecond has a bin of its own; above, each octave has 512.

/// Bins of an octave, as a power of two.
const OCTAVE: u32 = 9;
/// Largest relative error of a bin's middle: half a bin's width of 2^-9.
pub const ERROR: f64 = 1.0 / (2 << OCTAVE) as f64;
/// As many as 64 bits of nanoseconds need.
const BINS: usize = (64 - OCTAVE as usize + 1) << OCTAVE;

/// Counts of times.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Histogram {
    /// none until the first time is added
    counts: Vec<u64>,
}

/// The bin of a time.
#[inline]
fn bin(ns: u64) -> usize {
    let width = (ns | ((2 << OCTAVE) - 1)).ilog2() - OCTAVE;
    ((width as usize) << OCTAVE) + (ns >> width) as usize
}

/// The middle of a bin, rounded down.
fn middle(bin: usize) -> u64 {
    let width = (bin >> OCTAVE).saturating_sub(1);
    let from = ((bin - (width << OCTAVE)) as u64) << width;
    from + (1 << width) / 2
}

impl Histogram {
    /// One more.
    #[inline]
    pub fn add(&mut self, ns: u64) {
        let bin = bin(ns);
        match self.counts.get_mut(bin) {
            Some(count) => *count += 1,
            None => self.first(bin),
        }
    }

    /// The first time: memory that is never written to costs nothing.
    #[cold]
    fn first(&mut self, bin: usize) {
        self.counts = vec![0; BINS];
        self.counts[bin] += 1;
    }

    /// Those of another.
    pub fn merge(&mut self, other: &Self) {
        if self.counts.is_empty() {
            self.counts.clone_from(&other.counts);
            return;
        }
        self.counts.iter_mut().zip(&other.counts).for_each(|(a, b)| *a += b);
    }

    /// The time of this rank, from 1, within [`ERROR`]; `None` where there are fewer.
    pub fn ranked(&self, rank: u64) -> Option<u64> {
        let mut left = rank;
        for (bin, count) in self.counts.iter().enumerate() {
            if left <= *count {
                return Some(middle(bin));
            }
            left -= count;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_follow_each_other_and_their_middles_are_near() {
        let mut last = 0;
        let near =
            (0..5_000).chain((13..64).flat_map(|bit| [(1_u64 << bit) - 1, 1 << bit, (1 << bit) + (1 << (bit - 3))]));
        for ns in near.chain([u64::MAX]) {
            let bin = bin(ns);
            assert!(bin == last || bin == last + 1 || ns > 5_000, "{ns}: {bin} after {last}");
            assert!(bin >= last && bin < BINS);
            assert!(middle(bin).abs_diff(ns) as f64 <= ERROR * ns as f64, "{ns} is not near {}", middle(bin));
            last = bin;
        }
        assert_eq!(last, BINS - 1);
    }

    #[test]
    fn ranks_count_through_the_bins_of_both_parts() {
        let mut all = Histogram::default();
        let mut more = Histogram::default();
        assert_eq!(all.ranked(1), None);
        [7, 9].into_iter().for_each(|ns| more.add(ns));
        all.merge(&more);
        all.merge(&Histogram::default());
        all.add(8);
        all.merge(&more);
        assert_eq!(
            [1, 2, 3, 4, 5, 6].map(|rank| all.ranked(rank)),
            [Some(7), Some(7), Some(8), Some(9), Some(9), None]
        );
    }
}
