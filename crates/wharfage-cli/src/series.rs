//! Counts of instances over time, brought together to as many stretches as a picture has columns.
//!
//! # Units
//! Seconds, and numbers of instances. Floats are fit for pictures; every figure that is printed is from the response itself.

use wharfage_api::simulate::SampleOut;

/// Seconds of a day.
pub const DAY: f64 = 86_400.0;

/// Horizons longer than this many days are laid over each other, by the time of day.
const FOLDED_BEYOND: f64 = 2.0;

/// A count of instances.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Count {
    at: f64,
    running: u64,
    idle: u64,
    queued: u64,
}

/// Counts of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    all: Vec<Count>,
}

/// What the counts within a stretch of time say.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stretch {
    /// mean of instances starting or busy
    pub running: f64,
    /// mean of idle instances
    pub idle: f64,
    /// most of both at once
    pub most: u64,
    /// most requests that waited at once
    pub queued: u64,
    counts: u64,
}

impl Stretch {
    fn add(&mut self, c: &Count) {
        let n = self.counts as f64;
        self.running = (self.running * n + c.running as f64) / (n + 1.0);
        self.idle = (self.idle * n + c.idle as f64) / (n + 1.0);
        self.most = self.most.max(c.running + c.idle);
        self.queued = self.queued.max(c.queued);
        self.counts += 1;
    }
}

impl Counts {
    /// The counts of a response.
    pub fn new(series: &[SampleOut]) -> Self {
        let count = |s: &SampleOut| {
            let at = s.at_s.parse().ok()?;
            Some(Count { at, running: s.running, idle: s.idle, queued: s.queued })
        };
        Self { all: series.iter().filter_map(count).collect() }
    }

    /// Seconds from one count to the next, where there are two.
    pub fn every(&self) -> Option<f64> {
        Some(self.all.get(1)?.at - self.all.first()?.at)
    }

    /// When the last count was.
    pub fn end(&self) -> f64 {
        self.all.last().map_or(0.0, |c| c.at)
    }

    /// Are they long enough to be laid over each other by the time of day?
    pub fn folds(&self) -> bool {
        self.end() > FOLDED_BEYOND * DAY
    }

    /// `n` stretches of `step` seconds; days lie over each other where `folded`. A stretch without a count has the one
    /// before it, and none after the last.
    pub fn stretches(&self, n: usize, step: f64, folded: bool) -> Vec<Option<Stretch>> {
        let mut all: Vec<Option<Stretch>> = vec![None; n];
        for c in &self.all {
            let at = if folded { c.at % DAY } else { c.at };
            if let Some(place) = all.get_mut((at / step) as usize) {
                place.get_or_insert_default().add(c);
            }
        }
        let last = if folded { n } else { (self.end() / step) as usize };
        let mut held = None;
        for (_, place) in all.iter_mut().enumerate().filter(|(k, _)| *k <= last) {
            held = place.or(held);
            *place = held;
        }
        all
    }
}

/// Seconds that counts of runs cover, as a response writes them: until its end, or until the last count where that is
/// more than a count earlier, as where instances are held after a trace has ended.
pub fn covered<'c>(horizon_s: &str, runs: impl Iterator<Item = &'c Counts>) -> String {
    let (end, every) =
        runs.fold((0.0_f64, 0.0_f64), |(end, every), c| (end.max(c.end()), every.max(c.every().unwrap_or_default())));
    let whole = horizon_s.parse().unwrap_or(end);
    if whole - end < every { horizon_s.to_owned() } else { end.to_string() }
}

/// Steps of time that people count in, in milliseconds.
const STEPS_MS: [u32; 26] = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 30_000, 60_000, 120_000, 300_000,
    600_000, 900_000, 1_200_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000,
];

/// The shortest step that people count in, at least this long and a multiple of `of` (0: any).
pub fn step(at_least: f64, of: f64) -> f64 {
    let long = (1..).map(|n| f64::from(n) * DAY / 4.0);
    let multiple = |s: f64| of == 0.0 || ((s / of).round() * of - s).abs() < s * 1e-6;
    let fits = |s: &f64| *s >= at_least * 0.999_999 && multiple(*s);
    STEPS_MS.iter().map(|ms| f64::from(*ms) / 1e3).chain(long.take(4_000_000)).find(fits).unwrap_or(at_least)
}

/// The least round number from `most` up, even where it can be halved in the axis.
pub fn ceiling(most: u64) -> u64 {
    /// Tenths of powers of ten.
    const ROUND: [u64; 9] = [10, 12, 16, 20, 30, 40, 50, 60, 80];
    let powers = std::iter::successors(Some(1_u64), |p| p.checked_mul(10));
    let mut round =
        powers.flat_map(|power| ROUND.map(|tenths| tenths.saturating_mul(power))).filter(|n| n % 20 == 0 || *n == 10);
    round.find(|n| *n >= most.saturating_mul(10)).map_or(most, |n| n / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(at_s: &str, running: u64, idle: u64) -> SampleOut {
        SampleOut { at_s: at_s.to_owned(), running, idle, queued: 0, nodes: None }
    }

    #[test]
    fn stretches_have_means_and_the_most_and_hold_what_was_counted_last() {
        let counts = Counts::new(&[sample("0", 1, 1), sample("5", 3, 0), sample("20", 4, 2)]);
        let got = counts.stretches(4, 10.0, false);
        let shown: Vec<_> = got.iter().map(|s| s.map(|s| (s.running, s.idle, s.most))).collect();
        assert_eq!(shown, [Some((2.0, 0.5, 3)), Some((2.0, 0.5, 3)), Some((4.0, 2.0, 6)), None]);
    }

    #[test]
    fn counts_cover_the_horizon_or_end_with_their_trace() {
        let counts = Counts::new(&[sample("0", 1, 0), sample("7", 1, 0), sample("14", 1, 0)]);
        for (horizon, covers) in [("14", "14"), ("20.5", "20.5"), ("21", "14"), ("614", "14")] {
            assert_eq!(covered(horizon, [&counts].into_iter()), covers);
        }
    }

    #[test]
    fn days_lie_over_each_other() {
        let counts =
            Counts::new(&[sample("0", 1, 0), sample("43200", 5, 0), sample("86400", 3, 0), sample("259200", 8, 0)]);
        assert!(counts.folds());
        let got = counts.stretches(2, DAY / 2.0, true);
        let shown: Vec<_> = got.iter().flatten().map(|s| (s.running, s.most)).collect();
        assert_eq!(shown, [(4.0, 8), (5.0, 5)]);
    }

    #[test]
    fn steps_are_those_of_clocks() {
        for (at_least, of, want) in [
            (1_167.0, 0.0, 1_200.0),
            (1_201.0, 1.0, 1_800.0),
            (7.0, 2.0, 10.0),
            (40_000.0, 1.0, 43_200.0),
            (25.0, 15.0, 30.0),
        ] {
            assert_eq!(step(at_least, of), want);
        }
    }

    #[test]
    fn the_scale_ends_at_a_round_number() {
        for (most, top) in [
            (0, 1),
            (1, 1),
            (2, 2),
            (3, 4),
            (5, 6),
            (9, 10),
            (11, 12),
            (13, 16),
            (101, 120),
            (2_500, 3_000),
            (u64::MAX, u64::MAX),
        ] {
            assert_eq!(ceiling(most), top, "{most}");
        }
    }
}
