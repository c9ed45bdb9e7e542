//! When requests arrive: models of demand, each an endless sequence of times, and recorded traces.
//!
//! # Units
//! Times are whole nanoseconds. A gap's fraction of a nanosecond is carried to the next, to 2^-16 ns, so that a mean rate holds however
//! dense the arrivals are.
//! # Sources
//! Hawkes processes are drawn without bias by the method of Dassios and Zhao (2013), sinusoids by thinning; steps and
//! modulated rates use that an exponential gap has no memory.

use std::sync::Arc;

use crate::{
    law::{Law, Sampler},
    random::{Purpose, Stream},
    time::{Nanos, rounded},
    trace::{Cursor, Trace},
};

/// Requests per time, as a ratio of whole numbers.
///
/// ```
/// use wharfage_sim::{Nanos, Rate};
/// assert_eq!(Rate::new(100, Nanos::from_secs(1)).gap_ns(), 1e7);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    requests: u128,
    per_ns: u128,
}

impl Rate {
    /// So many requests per so long.
    pub const fn new(requests: u64, per: Nanos) -> Self {
        Self { requests: requests as u128, per_ns: per.0 as u128 }
    }

    /// Millionths of requests per so long.
    pub const fn micro(micro_requests: u128, per: Nanos) -> Self {
        Self { requests: micro_requests, per_ns: per.0 as u128 * 1_000_000 }
    }

    /// Mean time between two requests, in nanoseconds; infinite where there are none.
    pub fn gap_ns(&self) -> f64 {
        self.per_ns as f64 / self.requests as f64
    }

    /// Requests per nanosecond.
    pub fn per_ns(&self) -> f64 {
        self.requests as f64 / self.per_ns as f64
    }

    /// Requests per second.
    pub fn per_second(&self) -> f64 {
        self.per_ns() * 1e9
    }

    /// So many millionths of it; `None` beyond what can be written.
    pub(crate) fn times_micro(self, micro: u64) -> Option<Self> {
        let requests = self.requests.checked_mul(u128::from(micro))?;
        Some(Self { requests, per_ns: self.per_ns.checked_mul(1_000_000)? })
    }

    /// When request `n` (from 0) of evenly spaced ones arrives.
    fn nth(&self, n: u64) -> u64 {
        let at = u128::from(n).checked_mul(self.per_ns).and_then(|ns| ns.checked_div(self.requests));
        at.and_then(|ns| u64::try_from(ns).ok()).unwrap_or(u64::MAX)
    }
}

/// A rate that holds for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// how long
    pub lasts: Nanos,
    /// requests meanwhile
    pub rate: Rate,
}

/// A model of arrivals.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrivals {
    /// evenly spaced, the first at 0
    Constant(Rate),
    /// independent of each other
    Poisson(Rate),
    /// independent gaps of any law
    Renewal(Law),
    /// a sinusoid: `mean · (1 + amplitude · cos(2π (t − peak_at) ÷ period))`
    Diurnal {
        /// mean rate
        mean: Rate,
        /// 0 to 1
        amplitude: f64,
        /// from peak to peak
        period: Nanos,
        /// when the first peak is
        peak_at: Nanos,
    },
    /// Poisson at rates that change in steps, over and over
    Steps(Vec<Step>),
    /// Poisson at one of two rates; each state lasts an exponential time, and the first is drawn as in the long run
    Mmpp {
        /// both rates
        rates: [Rate; 2],
        /// mean length of a stay in each state
        stays: [Nanos; 2],
    },
    /// each arrival raises the rate by `jump`, and that fades at the rate `decay`
    Hawkes {
        /// rate without any arrival before
        base: Rate,
        /// what an arrival adds, per second
        jump: f64,
        /// how fast it fades, per second
        decay: f64,
    },
    /// as recorded
    Trace(Arc<Trace>),
}

impl Arrivals {
    /// How many requests there are in all; `None` where there is no end to them.
    pub fn requests(&self) -> Option<u64> {
        if let Self::Trace(trace) = self { Some(trace.len()) } else { None }
    }

    /// Mean requests per second in the long run; `None` for a trace.
    pub fn mean_per_second(&self) -> Option<f64> {
        Some(match self {
            Self::Constant(rate) | Self::Poisson(rate) | Self::Diurnal { mean: rate, .. } => rate.per_second(),
            Self::Renewal(law) => 1e9 / law.mean().as_f64(),
            Self::Steps(steps) => {
                let length: f64 = steps.iter().map(|s| s.lasts.as_f64()).sum();
                steps.iter().map(|s| s.rate.per_ns() * s.lasts.as_f64()).sum::<f64>() / length * 1e9
            }
            Self::Mmpp { rates: [a, b], stays: [s, t] } => {
                let (s, t) = (s.as_f64(), t.as_f64());
                (a.per_second() * s + b.per_second() * t) / (s + t)
            }
            Self::Hawkes { base, jump, decay } => base.per_second() / (1.0 - jump / decay),
            Self::Trace(_) => return None,
        })
    }

    /// How often per second the rate changes, where it changes at points in time.
    pub fn changes_per_second(&self) -> f64 {
        match self {
            Self::Steps(steps) => steps.len() as f64 * 1e9 / steps.iter().map(|s| s.lasts.as_f64()).sum::<f64>(),
            Self::Mmpp { stays: [s, t], .. } => 2e9 / (s.as_f64() + t.as_f64()),
            _ => 0.0,
        }
    }

    /// The arrivals of one replication of a seed.
    pub fn source(&self, seed: u64, replication: u64) -> Source {
        let mut source = Source {
            ahead: [0; BLOCK],
            filled: 1,
            taken: 1,
            at: 0,
            carry: 0,
            stream: Stream::new(seed, replication, Purpose::Arrivals),
            modulation: Stream::new(seed, replication, Purpose::Modulation),
            kind: Kind::Constant { rate: Rate::new(0, Nanos(1)), n: 0 },
        };
        source.kind = source.kind_of(self);
        source
    }
}

/// Most arrivals worked out ahead.
const BLOCK: usize = 64;

/// Binary places of a nanosecond that are carried from gap to gap.
const PLACES: u32 = 16;
const PART: f64 = (1 << PLACES) as f64;

/// A sequence of arrivals, worked out ahead in blocks.
#[derive(Debug)]
pub struct Source {
    ahead: [u64; BLOCK],
    /// how many of them there are; twice as many in each next block, so that rare arrivals are not worked out in vain
    filled: usize,
    taken: usize,
    /// the last arrival worked out, or a later time up to which there is none
    at: u64,
    /// what the last arrival was later than `at`, in `2^-PLACES` ns
    carry: u64,
    stream: Stream,
    modulation: Stream,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Constant { rate: Rate, n: u64 },
    Poisson { gap: f64 },
    Renewal(Sampler),
    Diurnal { gap: f64, amplitude: f64, period: u64, peak_at: u64 },
    Steps { steps: Vec<(u64, f64)>, now: usize, ends: u64 },
    Mmpp { gaps: [f64; 2], stays: [f64; 2], state: usize, ends: u64 },
    Hawkes { base: f64, jump: f64, decay: f64, excess: f64 },
    Trace(Box<Cursor>),
}

impl Source {
    fn kind_of(&mut self, model: &Arrivals) -> Kind {
        match model {
            Arrivals::Constant(rate) => Kind::Constant { rate: *rate, n: 0 },
            Arrivals::Poisson(rate) => Kind::Poisson { gap: rate.gap_ns() },
            Arrivals::Renewal(law) => Kind::Renewal(law.sampler()),
            Arrivals::Diurnal { mean, amplitude, period, peak_at } => Kind::Diurnal {
                gap: mean.gap_ns() / (1.0 + amplitude),
                amplitude: *amplitude,
                period: period.0.max(1),
                peak_at: peak_at.0 % period.0.max(1),
            },
            Arrivals::Steps(steps) => {
                let all: Vec<_> = steps.iter().map(|s| (s.lasts.0, s.rate.per_ns())).collect();
                Kind::Steps { ends: all[0].0, steps: all, now: 0 }
            }
            Arrivals::Mmpp { rates, stays } => {
                let stays = stays.map(Nanos::as_f64);
                let state = usize::from(self.modulation.unit() * (stays[0] + stays[1]) >= stays[0]);
                let ends = rounded(stays[state] * self.modulation.exponential());
                Kind::Mmpp { gaps: rates.map(|r| r.gap_ns()), stays, state, ends }
            }
            Arrivals::Hawkes { base, jump, decay } => {
                Kind::Hawkes { base: base.per_second(), jump: *jump, decay: *decay, excess: 0.0 }
            }
            Arrivals::Trace(trace) => Kind::Trace(Box::new(Cursor::new(Arc::clone(trace)))),
        }
    }

    /// The next arrival; [`u64::MAX`] when there is none.
    #[inline]
    pub fn next_at(&mut self) -> u64 {
        if self.taken == self.filled {
            self.refill();
        }
        self.taken += 1;
        self.ahead[(self.taken - 1) % BLOCK]
    }

    #[inline(never)]
    fn refill(&mut self) {
        // What a trace says of a request is known while it is the last one.
        let most = if matches!(self.kind, Kind::Trace(_)) { 1 } else { BLOCK };
        (self.filled, self.taken) = ((2 * self.filled).min(most), 0);
        let mut ahead = self.ahead;
        let block = &mut ahead[..self.filled];
        // The most common one in a loop of its own, which then runs at the speed of the random numbers.
        if let (Kind::Poisson { gap }, BLOCK) = (&self.kind, self.filled) {
            let (mut stream, gap) = (self.stream.clone(), *gap);
            stream.exponentials::<BLOCK>(|n, x| block[n] = self.advance(gap * x));
            self.stream = stream;
        } else {
            block.iter_mut().for_each(|at| *at = self.following());
        }
        self.ahead = ahead;
    }

    /// Works out one more arrival.
    fn following(&mut self) -> u64 {
        match &mut self.kind {
            Kind::Poisson { gap } => {
                let gap = *gap * self.stream.exponential();
                self.advance(gap)
            }
            Kind::Constant { rate, n } => {
                *n += 1;
                rate.nth(*n - 1)
            }
            Kind::Trace(cursor) => cursor.next_at(&mut self.stream),
            Kind::Renewal(law) => {
                let gap = law.sample(&mut self.stream);
                self.advance(gap)
            }
            Kind::Diurnal { .. } => self.next_of_sinusoid(),
            Kind::Steps { .. } => self.next_of_steps(),
            Kind::Mmpp { .. } => self.next_of_modulated(),
            Kind::Hawkes { .. } => self.next_of_hawkes(),
        }
    }

    /// How long the request takes that arrived last; 0 where no trace says.
    #[inline]
    pub(crate) fn service(&self) -> u64 {
        self.recorded().map_or(0, |(trace, n)| trace.service(n))
    }

    /// How long it takes where it starts an instance.
    #[inline]
    pub(crate) fn cold(&self) -> u64 {
        self.recorded().map_or(0, |(trace, n)| trace.cold(n))
    }

    /// Was the file of a trace another one when it was read again?
    pub(crate) fn changed(&self) -> bool {
        self.recorded().is_some_and(|(trace, _)| trace.changed())
    }

    /// The trace, and which of its requests arrived last.
    #[inline]
    fn recorded(&self) -> Option<(&Cursor, u64)> {
        let Kind::Trace(trace) = &self.kind else { return None };
        Some((trace, trace.passed().wrapping_sub(1)))
    }

    /// Goes on by a gap in nanoseconds.
    #[inline]
    fn advance(&mut self, gap: f64) -> u64 {
        /// Some 39 hours: gaps are seldom longer, and then a part of a nanosecond is nothing.
        const LONG: f64 = (1_u64 << (63 - PLACES)) as f64;
        if gap >= LONG {
            self.at = self.at.saturating_add(gap as u64);
            return self.at;
        }
        let parts = (gap * PART) as i64 as u64 + self.carry;
        self.carry = parts % (1 << PLACES);
        self.at = self.at.saturating_add(parts >> PLACES);
        self.at
    }

    fn next_of_sinusoid(&mut self) -> u64 {
        let Kind::Diurnal { gap, amplitude, period, peak_at } = self.kind else { return u64::MAX };
        loop {
            let step = gap * self.stream.exponential();
            let at = self.advance(step);
            let share = self.stream.unit() * (1.0 + amplitude);
            // Below the trough there is nothing to compare.
            if share < 1.0 - amplitude || at == u64::MAX {
                return at;
            }
            let since_peak = (at % period + (period - peak_at)) % period;
            let angle = 2.0 * std::f64::consts::PI * (since_peak as f64 / period as f64);
            if share < 1.0 + amplitude * libm::cos(angle) {
                return at;
            }
        }
    }

    /// Waits for `ends` if the gap at this rate is longer: `None` then.
    fn within(&mut self, rate: f64, ends: u64, due: &mut f64) -> Option<u64> {
        let left = ends.saturating_sub(self.at) as f64 - self.carry as f64 / PART;
        if *due >= left * rate {
            *due -= left * rate;
            (self.at, self.carry) = (ends, 0);
            return None;
        }
        Some(self.advance(*due / rate))
    }

    fn next_of_steps(&mut self) -> u64 {
        let mut due = self.stream.exponential();
        loop {
            let Kind::Steps { steps, now, ends } = &self.kind else { return u64::MAX };
            let (rate, ends) = (steps[*now].1, *ends);
            if ends == u64::MAX && rate == 0.0 {
                return u64::MAX;
            }
            if let Some(at) = self.within(rate, ends, &mut due) {
                return at;
            }
            let Kind::Steps { steps, now, ends } = &mut self.kind else { return u64::MAX };
            *now = (*now + 1) % steps.len();
            *ends = ends.saturating_add(steps[*now].0);
            if self.at == u64::MAX {
                return u64::MAX;
            }
        }
    }

    fn next_of_modulated(&mut self) -> u64 {
        let mut due = self.stream.exponential();
        loop {
            let Kind::Mmpp { gaps, state, ends, .. } = &self.kind else { return u64::MAX };
            let (rate, ends) = (1.0 / gaps[*state], *ends);
            if let Some(at) = self.within(rate, ends, &mut due) {
                return at;
            }
            if self.at == u64::MAX {
                return u64::MAX;
            }
            let stay = self.modulation.exponential();
            let Kind::Mmpp { stays, state, ends, .. } = &mut self.kind else { return u64::MAX };
            *state = 1 - *state;
            *ends = ends.saturating_add(rounded(stays[*state] * stay).max(1));
        }
    }

    fn next_of_hawkes(&mut self) -> u64 {
        let Kind::Hawkes { base, jump, decay, excess } = self.kind else { return u64::MAX };
        let of_base = self.stream.exponential() / base;
        let left = if excess > 0.0 { 1.0 - decay * self.stream.exponential() / excess } else { 0.0 };
        let of_excess = if left > 0.0 { -libm::log(left) / decay } else { f64::INFINITY };
        let gap = of_base.min(of_excess);
        let excess = excess * libm::exp(-decay * gap) + jump;
        self.kind = Kind::Hawkes { base, jump, decay, excess };
        self.advance(gap * 1e9)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Nanos = Nanos::from_secs(1);

    fn per_second(n: u64) -> Rate {
        Rate::new(n, SECOND)
    }

    /// How many arrive in each of `bins` parts of `each`.
    fn counts(model: &Arrivals, each: Nanos, bins: usize) -> Vec<u64> {
        let (mut source, mut counts) = (model.source(5, 0), vec![0; bins]);
        loop {
            let bin = (source.next_at() / each.0) as usize;
            match counts.get_mut(bin) {
                Some(count) => *count += 1,
                None => return counts,
            }
        }
    }

    #[track_caller]
    fn near(got: f64, want: f64, share: f64) {
        assert!((got - want).abs() <= share * want, "{got} is not {want}");
    }

    #[test]
    fn evenly_spaced_arrivals_are_exact_for_any_rate() {
        assert_eq!(counts(&Arrivals::Constant(per_second(3)), SECOND, 5), [3; 5]);
        let mut thirds = Arrivals::Constant(per_second(3)).source(1, 0);
        let times: Vec<u64> = (0..4).map(|_| thirds.next_at()).collect();
        assert_eq!(times, [0, 333_333_333, 666_666_666, 1_000_000_000]);
    }

    #[test]
    fn each_model_has_its_mean_rate() {
        let models = [
            Arrivals::Poisson(per_second(1_000_000)),
            Arrivals::Poisson(per_second(7)),
            Arrivals::Renewal(Law::Gamma { mean: Nanos::from_micros(10_000), cv: 2.0 }),
            Arrivals::Renewal(Law::Hyperexponential { mean: Nanos::from_micros(10_000), cv: 2.0 }),
            Arrivals::Diurnal { mean: per_second(50), amplitude: 0.8, period: Nanos::from_secs(60), peak_at: SECOND },
            Arrivals::Steps(vec![
                Step { lasts: Nanos::from_secs(2), rate: per_second(100) },
                Step { lasts: Nanos::from_secs(8), rate: per_second(5) },
            ]),
            Arrivals::Mmpp { rates: [per_second(10), per_second(100)], stays: [Nanos::from_secs(3), SECOND] },
            Arrivals::Hawkes { base: per_second(10), jump: 1.0, decay: 2.0 },
        ];
        for model in models {
            let mean = model.mean_per_second().unwrap();
            let seconds = (2_000_000.0 / mean) as u64;
            let n = counts(&model, Nanos::from_secs(seconds), 1)[0];
            near(n as f64 / seconds as f64, mean, 0.015);
        }
    }

    #[test]
    fn a_sinusoid_peaks_when_it_should_and_steps_change_at_their_edges() {
        let day = Arrivals::Diurnal {
            mean: per_second(500),
            amplitude: 0.5,
            period: Nanos::from_secs(240),
            peak_at: Nanos::from_secs(140),
        };
        let hours = counts(&day, Nanos::from_secs(10), 24);
        near(hours[13] as f64, 7_500.0, 0.04);
        near(hours[2] as f64, 2_500.0, 0.06);
        let steps = Arrivals::Steps(vec![
            Step { lasts: SECOND, rate: per_second(10_000) },
            Step { lasts: Nanos::from_secs(3), rate: per_second(0) },
        ]);
        let seconds = counts(&steps, SECOND, 8);
        near(seconds[0] as f64, 10_000.0, 0.05);
        near(seconds[4] as f64, 10_000.0, 0.05);
        assert_eq!((&seconds[1..4], &seconds[5..]), (&[0; 3][..], &[0; 3][..]));
    }

    #[test]
    fn hawkes_arrivals_come_in_clusters_of_the_known_size() {
        // Reference: fano factor 1 / (1 - 0.5)^2 = 4.
        let counts =
            counts(&Arrivals::Hawkes { base: per_second(10), jump: 1.0, decay: 2.0 }, Nanos::from_secs(100), 3000);
        let n = counts.len() as f64;
        let mean = counts.iter().sum::<u64>() as f64 / n;
        let variance = counts.iter().map(|c| (*c as f64 - mean).powi(2)).sum::<f64>() / (n - 1.0);
        near(mean, 2_000.0, 0.01);
        near(variance / mean, 4.0, 0.12);
    }
}
