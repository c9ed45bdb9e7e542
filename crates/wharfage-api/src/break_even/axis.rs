//! The input that is varied: its values on a grid of whole steps, and how a request writes them.

mod make;

use rust_decimal::Decimal;
use wharfage_core::note::Note;

pub use self::make::axis;
use crate::request::WorkloadRequest;

/// An input of one workload, and the values it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    /// which workload, from 0
    pub workload: usize,
    /// the field
    pub input: &'static str,
    /// what stands behind each value: `/s`
    pub unit: &'static str,
    /// what the request states
    pub stated: Option<String>,
    /// the last step; the first is 0
    pub last: u64,
    /// base units of the unit
    scale: u128,
    /// the first value, in base units
    from: u128,
    /// what values are apart, in base units
    by: u128,
    /// what becomes of a peak
    peak: PeakIs,
}

/// What becomes of a workload's peak while an input is varied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PeakIs {
    /// it stays as it is stated, or there is none
    AsStated,
    /// it is dropped: as many requests all the time
    Dropped,
    /// it grows with the requests
    Growing(Peak),
}

/// A stated peak of a stated rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Peak {
    /// millionths of a request
    micro: u128,
    unit: &'static str,
    /// what the peak and the rate it was stated with are multiplied and divided by
    num: u128,
    den: u128,
}

impl Axis {
    /// A value as a plain number.
    pub fn number(&self, step: u64) -> String {
        decimal(self.from + u128::from(step) * self.by, self.scale)
    }

    /// A value as a request writes it.
    pub fn text(&self, step: u64) -> String {
        format!("{}{}", self.number(step), self.unit)
    }

    /// So many steps as a plain number.
    pub fn number_of(&self, steps: u64) -> String {
        decimal(u128::from(steps) * self.by, self.scale)
    }

    /// So many steps as a request writes them.
    pub fn text_of(&self, steps: u64) -> String {
        format!("{}{}", self.number_of(steps), self.unit)
    }

    /// Writes a value into a workload.
    pub fn set(&self, step: u64, w: &mut WorkloadRequest) {
        w.set(self.input, vec![self.text(step)]);
        match self.peak {
            PeakIs::AsStated => {}
            PeakIs::Dropped => w.peak = None,
            PeakIs::Growing(peak) => {
                let rate = self.from + u128::from(step) * self.by;
                // That it fits at the last step was looked at when the axis was made.
                let micro = (peak.micro * rate * peak.num).div_ceil(peak.den);
                w.peak = Some(format!("{}{}", decimal(micro, MILLION), peak.unit));
            }
        }
    }

    /// What is taken of the peak, if there is something to say.
    pub fn peak_note(&self) -> Option<Note> {
        match self.peak {
            PeakIs::AsStated => None,
            PeakIs::Dropped => Some(Note::plain("break-even/steady", "as many requests all the time: no peak")),
            PeakIs::Growing(_) => {
                let says = "the stated peak grows with the requests; --steady drops it";
                Some(Note::plain("break-even/peak", says))
            }
        }
    }

    /// Steps to look at, at most so many but always both ends: even, or where the range is wide at round values that grow
    /// by about the same factor.
    pub fn looks(&self, points: u64) -> Vec<u64> {
        let first = self.from.max(self.by);
        let wide = (self.from + u128::from(self.last) * self.by) / first >= WIDE;
        let choices = PER_TEN.iter().filter(|_| wide).map(|tenths| self.with_ends(self.round_values(first, tenths)));
        let fitting = choices.filter(|all| all.len() as u64 <= points).max_by_key(Vec::len);
        fitting.unwrap_or_else(|| self.with_ends(self.even(points)))
    }

    fn with_ends(&self, mut steps: Vec<u64>) -> Vec<u64> {
        steps.extend([0, self.last]);
        steps.sort_unstable();
        steps.dedup();
        steps
    }

    fn even(&self, points: u64) -> Vec<u64> {
        let gaps = u128::from(points.max(2) - 1).min(u128::from(self.last));
        // A part of the last step is not more than it.
        (0..=gaps).filter_map(|n| u64::try_from(u128::from(self.last) * n / gaps).ok()).collect()
    }

    /// The steps at or below the round values from `first` on: some tenths of each power of ten.
    fn round_values(&self, first: u128, tenths: &[u128]) -> Vec<u64> {
        let powers = (0..MAGNITUDES).map(|n| self.scale * 10_u128.pow(n) / MILLION);
        let values =
            powers.flat_map(|power| tenths.iter().map(move |tenth| tenth * power / 10)).filter(|v| *v >= first);
        let steps = values.filter_map(|v| v.checked_sub(self.from)).map(|v| v / self.by);
        steps.filter_map(|step| u64::try_from(step).ok()).filter(|step| *step <= self.last).collect()
    }
}

/// From this ratio of the last value to the first on, values grow by a factor.
const WIDE: u128 = 20;
/// Magnitudes of values, from a millionth of the unit on.
const MAGNITUDES: u32 = 24;
/// Tenths of a power of ten that are round.
const PER_TEN: [&[u128]; 6] = [
    &[10],
    &[10, 30],
    &[10, 20, 50],
    &[10, 15, 20, 30, 50, 70],
    &[10, 12, 15, 18, 20, 25, 30, 35, 40, 50, 60, 70, 80, 90],
    &[
        10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 24, 26, 28, 30, 32, 35, 38, 40, 45, 50, 55, 60, 65, 70, 75, 80,
        85, 90, 95,
    ],
];

const MILLION: u128 = 1_000_000;

/// `base ÷ scale`, which ends within 28 digits, since units are chosen so.
fn decimal(base: u128, scale: u128) -> String {
    let (base, scale) = (i128::try_from(base).unwrap_or(i128::MAX), i128::try_from(scale).unwrap_or(1));
    let part = |n| Decimal::try_from_i128_with_scale(n, 0).unwrap_or(Decimal::MAX);
    (part(base) / part(scale)).normalize().to_string()
}
