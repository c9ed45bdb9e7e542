//! Demand: what is expected over a period, and the closed forms that turn traffic into instances without a simulation.
//!
//! # Sources
//! The closed forms are the design's own and are said as assumptions on every estimate that uses them; `simulate` is
//! the sharper answer. Inputs are integers and ratios, so nothing is lost to floating point.

use crate::{
    money::{Overflow, gcd},
    period::Period,
    quantity::{MICROS_PER_HOUR, Micros},
    tr,
};

/// What is expected of a workload over the period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Demand {
    /// instances busy for the whole time
    Replicas {
        /// how many
        count: u64,
    },
    /// requests that arrive over the period
    Traffic(Traffic),
    /// executions that end by themselves
    Runs(Runs),
    /// instance time that was metered, or simulated
    Metered(Metered),
}

/// The name of a demand's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// [`Demand::Replicas`]
    Replicas,
    /// [`Demand::Traffic`]
    Traffic,
    /// [`Demand::Runs`]
    Runs,
    /// [`Demand::Metered`]
    Metered,
}

impl Shape {
    /// As a reader knows it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Replicas => tr!("replicas"),
            Self::Traffic => tr!("traffic"),
            Self::Runs => tr!("runs"),
            Self::Metered => tr!("metered time"),
        }
    }
}

impl Demand {
    /// Its shape.
    pub fn shape(&self) -> Shape {
        match self {
            Self::Replicas { .. } => Shape::Replicas,
            Self::Traffic(_) => Shape::Traffic,
            Self::Runs(_) => Shape::Runs,
            Self::Metered(_) => Shape::Metered,
        }
    }
}

/// N executions, each of some equal tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Runs {
    /// executions in the period
    pub runs: u64,
    /// equal tasks of each
    pub tasks: u64,
    /// how long a task takes
    pub duration: Micros,
}

impl Runs {
    /// Tasks in all.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn executions(&self) -> Result<u64, Overflow> {
        self.runs.checked_mul(self.tasks).ok_or(Overflow)
    }
}

/// Instance time in one state, in µs over all instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// what ran
    pub ran: u128,
    /// what is billed of it: rounded up, or of idle time what rounding leaves
    pub billed: u128,
}

impl Spent {
    /// Time that is billed as it ran.
    pub const fn whole(time: u128) -> Self {
        Self { ran: time, billed: time }
    }

    /// Both together.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn plus(self, other: Self) -> Result<Self, Overflow> {
        let sum = |a: u128, b: u128| a.checked_add(b).ok_or(Overflow);
        Ok(Self { ran: sum(self.ran, other.ran)?, billed: sum(self.billed, other.billed)? })
    }
}

/// Usage that a platform's meter, a simulation of it or a person has counted: it is billed as it stands.
///
/// Increments and minimums are in `billed` already ([`crate::platform::metering`] says which); a platform without an idle rate bills
/// idle time like any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Metered {
    /// at the full rate: with a request in flight or starting; or whole lives of instances, tasks and pods; or of machines,
    /// on platforms made of nodes
    pub active: Spent,
    /// at the idle rate: Cloud Run's instances kept warm, App Runner's that are provisioned and wait
    pub idle: Spent,
    /// requests served
    pub requests: u64,
    /// most instances (or machines) at once; 0 where it is not known
    pub most: u64,
}

impl Metered {
    /// All of its instance time.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn held(&self) -> Result<Spent, Overflow> {
        self.active.plus(self.idle)
    }

    /// Instances at once, at most: as counted, and no fewer than carry the time if each is on for the whole period.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn instances(&self, period: &Period) -> Result<u64, Overflow> {
        let least = self.held()?.ran.div_ceil(u128::from(period.time.0.max(1)));
        Ok(self.most.max(u64::try_from(least).map_err(|_| Overflow)?))
    }

    /// Its requests as a rate over the period.
    pub fn rate(&self, period: &Period) -> RequestRate {
        RequestRate { micro_requests: u128::from(self.requests) * MICRO, per: Per::Time(period.time) }
    }

    /// `num ÷ den` times as much of everything but `most`: what was seen in a day as what a month would have, say. Each
    /// quantity is rounded up by itself, times to a whole µs and requests to a whole one, so nothing that was used is lost.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn scaled(&self, num: u128, den: u128) -> Result<Self, Overflow> {
        let common = gcd(num, den).max(1);
        let (num, den) = (num / common, (den / common).max(1));
        let of = |n: u128| {
            let whole = (n / den).checked_mul(num).ok_or(Overflow)?;
            let rest = (n % den).checked_mul(num).ok_or(Overflow)?.div_ceil(den);
            whole.checked_add(rest).ok_or(Overflow)
        };
        let spent = |s: Spent| Ok(Spent { ran: of(s.ran)?, billed: of(s.billed)? });
        Ok(Self {
            active: spent(self.active)?,
            idle: spent(self.idle)?,
            requests: u64::try_from(of(u128::from(self.requests))?).map_err(|_| Overflow)?,
            most: self.most,
        })
    }
}

/// A rate in millionths of a request per time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestRate {
    /// millionths of a request
    pub micro_requests: u128,
    /// per how long
    pub per: Per,
}

/// What a request rate is per.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// a length of time
    Time(Micros),
    /// a month: whole in a period as long as a month, else scaled by hours
    Month,
}

const MICRO: u128 = 1_000_000;

/// All of the traffic, as a share.
pub const ALL: (u64, u64) = (1, 1);

impl RequestRate {
    /// Requests in `time` of `period`, rounded up to whole ones.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn requests(&self, time: Micros, period: &Period) -> Result<u128, Overflow> {
        let (num, den) = match self.per {
            Per::Time(per) => (u128::from(time.0), u128::from(per.0.max(1))),
            Per::Month => period.months(),
        };
        let micro = self.micro_requests.checked_mul(num).ok_or(Overflow)?;
        Ok(micro.div_ceil(den.checked_mul(MICRO).ok_or(Overflow)?))
    }

    /// Requests in flight on average, as a ratio, if each takes `duration`: Little's law.
    fn in_flight(&self, duration: Micros, time: Micros, period: &Period) -> Result<(u128, u128), Overflow> {
        let (per, micro) = match self.per {
            Per::Time(per) => (u128::from(per.0.max(1)), self.micro_requests),
            Per::Month => (u128::from(time.0.max(1)), self.requests(time, period)?.checked_mul(MICRO).ok_or(Overflow)?),
        };
        let num = micro.checked_mul(u128::from(duration.0)).ok_or(Overflow)?;
        Ok((num, per.checked_mul(MICRO).ok_or(Overflow)?))
    }
}

/// Requests over the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// how many
    pub requests: RequestRate,
    /// the highest rate always-on fleets are sized for; the mean where absent
    pub peak: Option<RequestRate>,
    /// how long a request is in flight
    pub duration: Micros,
    /// instances kept warm
    pub min_instances: u64,
    /// share of an instance's concurrency that is meant to be used, as a ratio
    pub target: (u64, u64),
}

impl Traffic {
    /// `max(1, ⌈share × rate × duration ÷ (concurrency × target)⌉)`
    fn instances(
        &self,
        rate: &RequestRate,
        share: (u64, u64),
        concurrency: u64,
        time: Micros,
        period: &Period,
    ) -> Result<u64, Overflow> {
        let (num, den) = rate.in_flight(self.duration, time, period)?;
        let num = num.checked_mul(u128::from(self.target.1)).ok_or(Overflow)?;
        let num = num.checked_mul(u128::from(share.0)).ok_or(Overflow)?;
        let room = u128::from(concurrency.max(1)) * u128::from(self.target.0.max(1));
        let den = den.checked_mul(room).and_then(|d| d.checked_mul(u128::from(share.1.max(1)))).ok_or(Overflow)?;
        u64::try_from(num.div_ceil(den).max(1)).map_err(|_| Overflow)
    }

    /// Replicas of a fleet that is always on: sized for the peak, and never below the instances kept warm.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn always_on(&self, concurrency: u64, time: Micros, period: &Period) -> Result<u64, Overflow> {
        self.always_on_part(ALL, concurrency, time, period)
    }

    /// The same of a revision that takes a share of the traffic, as a ratio, and keeps the same minimum.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn always_on_part(
        &self,
        share: (u64, u64),
        concurrency: u64,
        time: Micros,
        period: &Period,
    ) -> Result<u64, Overflow> {
        let peak = self.peak.as_ref().unwrap_or(&self.requests);
        Ok(self.instances(peak, share, concurrency, time, period)?.max(self.min_instances))
    }

    /// Instances that carry a share of the mean rate, as a ratio; `time` is what the whole of it arrives in.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn mean_part(
        &self,
        share: (u64, u64),
        concurrency: u64,
        time: Micros,
        period: &Period,
    ) -> Result<u64, Overflow> {
        self.instances(&self.requests, share, concurrency, time, period)
    }

    /// Instance time with a request in flight, at most: every request alone, each lasting `each` (its duration as the
    /// platform rounds it), but never more than the instances that carry the mean rate, busy all the time.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn active(&self, each: Micros, concurrency: u64, time: Micros, period: &Period) -> Result<u128, Overflow> {
        let requests = self.requests.requests(time, period)?;
        let alone = requests.checked_mul(u128::from(each.0)).ok_or(Overflow)?;
        let fleet = self.mean_part(ALL, concurrency, time, period)?;
        Ok(alone.min(u128::from(fleet) * u128::from(time.0)))
    }
}

/// Hours of `time`, for sentences.
pub fn hours(time: Micros) -> String {
    if time.0.is_multiple_of(MICROS_PER_HOUR) {
        (time.0 / MICROS_PER_HOUR).to_string()
    } else {
        time.as_hours().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traffic(per_second: u64, duration_ms: u64) -> Traffic {
        Traffic {
            requests: RequestRate { micro_requests: u128::from(per_second) * MICRO, per: Per::Time(Micros(1_000_000)) },
            peak: None,
            duration: Micros(duration_ms * 1000),
            min_instances: 0,
            target: (6, 10),
        }
    }

    fn month() -> Period {
        let time = Micros(730 * MICROS_PER_HOUR);
        Period { label: "730h".into(), time, month_hours: 730, whole_month_hours: (672, 744) }
    }

    #[test]
    fn a_fleet_is_sized_for_its_peak() {
        let m = month();
        #[rustfmt::skip]
        let cases = [
            // requests/s, peak/s, ms, concurrency, replicas
            ( 100,  100,   80,  80,    1),
            ( 100, 1000,   80,  80,    2), // 80 in flight over 48
            ( 100, 1000,   80,   1,  134),
            (   0,    0,   80,  80,    1),
            (  48,   48, 1000,  80,    1),
            (  49,   49, 1000,  80,    2),
        ];
        for (rps, peak, ms, concurrency, want) in cases {
            let t = Traffic { peak: Some(traffic(peak, ms).requests), ..traffic(rps, ms) };
            assert_eq!(t.always_on(concurrency, m.time, &m), Ok(want), "{rps}/s, {peak}/s, {ms} ms, {concurrency}");
        }
    }

    #[test]
    fn active_time_is_capped_by_the_fleet_that_carries_the_mean() {
        let m = month();
        let each = Micros(100_000);
        assert_eq!(traffic(100, 80).active(each, 80, m.time, &m), Ok(u128::from(m.time.0)));
        assert_eq!(traffic(1, 80).active(each, 80, m.time, &m), Ok(u128::from(m.time.0) / 10));
        assert_eq!(traffic(0, 80).active(each, 80, m.time, &m), Ok(0));
    }

    #[test]
    fn a_days_usage_scales_to_a_month_and_loses_nothing() {
        let day = Metered { active: Spent { ran: 999, billed: 1000 }, idle: Spent::whole(7), requests: 10, most: 3 };
        #[rustfmt::skip]
        let cases = [
            // num, den, active ran, active billed, idle, requests
            ( 1,          1,    999,   1000,   7,  10),
            (30,          1, 29_970, 30_000, 210, 300),
            ( 1,          3,    333,    334,   3,   4), // each rounds up by itself
            (30,          7,   4282,   4286,  30,  43),
            ( 0,          1,      0,      0,   0,   0),
            (60 << 100, 2 << 100, 29_970, 30_000, 210, 300), // the ratio counts, not its terms
        ];
        for (num, den, ran, billed, idle, requests) in cases {
            let want = Metered { active: Spent { ran, billed }, idle: Spent::whole(idle), requests, most: 3 };
            assert_eq!(day.scaled(num, den), Ok(want), "{num}/{den}");
        }
        let all = Metered { active: Spent::whole(u128::MAX), ..day };
        assert_eq!(all.scaled(2, 2), Ok(all));
        assert_eq!(all.scaled(2, 1), Err(Overflow));
    }

    #[test]
    fn instances_are_as_many_as_were_seen_or_carry_the_time() {
        let m = month();
        let hours = |n: u64| Spent::whole(u128::from(n * MICROS_PER_HOUR));
        for (active, idle, most, want) in [(0, 0, 0, 0), (730, 0, 0, 1), (730, 1, 0, 2), (1, 1, 9, 9), (1461, 0, 2, 3)]
        {
            let metered = Metered { active: hours(active), idle: hours(idle), requests: 0, most };
            assert_eq!(metered.instances(&m), Ok(want), "{active} h, {idle} h, {most}");
        }
    }

    #[test]
    fn a_monthly_count_is_whole_in_a_month_and_scaled_up_elsewhere() {
        let rate = RequestRate { micro_requests: 5_000_000 * MICRO, per: Per::Month };
        let m = month();
        assert_eq!(rate.requests(m.time, &m), Ok(5_000_000));
        let day = Period { label: "24h".into(), time: Micros(24 * MICROS_PER_HOUR), ..m };
        assert_eq!(rate.requests(day.time, &day), Ok(164_384)); // 164,383.56…
    }
}
