//! The grammar of demand: `poisson:100/s`, `lognormal:mean=80ms,cv=1`, `trace:FILE.csv`.

mod arguments;
mod demand;
mod laws;

use wharfage_core::{quantity::Micros, text, tr};
use wharfage_sim::{MOST_INSTANCES, Nanos};

pub use self::{
    demand::{Demand, PRESETS, arrivals, rate},
    laws::{EMPIRICAL, Length, belongs_to_a_law, cpu_time, idle_after, law, length},
};
use crate::grammar::{self, Parsed, fault};

/// A time in nanoseconds.
pub fn time(text: &str) -> Parsed<Nanos> {
    grammar::time(text).map(|Micros(us)| Nanos::from_micros(us))
}

/// A time of more than nothing.
pub fn some_time(text: &str) -> Parsed<Nanos> {
    grammar::some_time(text).map(|Micros(us)| Nanos::from_micros(us))
}

/// How often instances are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// as the horizon suggests
    Auto,
    /// each time this much has passed
    Time(Nanos),
}

impl Every {
    /// Fewest counts that [`Self::Auto`] aims at, and the most it makes.
    const COUNTS: (u64, u64) = (1_440, 50_000);
    /// Seldom enough for [`Self::Auto`] where that makes few enough counts: a minute.
    const SELDOM: u64 = 60_000_000_000;

    /// The time between two counts of a run of this length.
    ///
    /// [`Self::Auto`] counts 1,440 times, or each minute where that is more often, as long as it makes no more than 50,000.
    pub fn over(self, length: Nanos) -> Nanos {
        match self {
            Self::Time(time) => time,
            Self::Auto => {
                let (few, many) = Self::COUNTS;
                let least = (length.0 / few).min(Self::SELDOM).max(length.0 / many).max(1);
                let decades = std::iter::successors(Some(1_u64), |d| d.checked_mul(10));
                let below_a_minute = decades.flat_map(|d| [d, 2 * d, 5 * d]).take_while(|step| *step < Self::SELDOM);
                let minutes = (1..).map(|n| n * Self::SELDOM);
                Nanos(below_a_minute.chain(minutes).find(|step| *step >= least).unwrap_or(least))
            }
        }
    }
}

/// How often instances are counted: a time, or `auto`.
pub fn every(text: &str) -> Parsed<Every> {
    if text.trim() == "auto" { Ok(Every::Auto) } else { some_time(text).map(Every::Time) }
}

/// A plain number of the model.
pub fn number(text: &str) -> Parsed<f64> {
    let d = grammar::decimal(text)?.to_string();
    // Digits and a point are read to the nearest number in binary, on every machine.
    Ok(d.parse().unwrap_or(f64::INFINITY))
}

/// A number above zero.
fn positive(text: &str) -> Parsed<f64> {
    match number(text)? {
        0.0 => fault(text!("`{text}` is zero", text), tr!("zero"), "write a number above 0"),
        n => Ok(n),
    }
}

/// A number of places, or `unbounded`.
pub fn places(text: &str) -> Parsed<u64> {
    if text.trim() == "unbounded" { Ok(wharfage_sim::UNBOUNDED) } else { grammar::count(text) }
}

/// Instances that are there all the time.
pub fn replicas(text: &str) -> Parsed<u64> {
    match grammar::positive(text)? {
        n if n > MOST_INSTANCES => fault(
            text!("`{text}` instances are more than can be simulated", text = text.trim()),
            "too many",
            "write at most 1M; a larger fleet behaves like one of that size under as much less load",
        ),
        n => Ok(n),
    }
}

/// A whole number of one or more that fits 32 bits.
pub fn concurrency(text: &str) -> Parsed<u32> {
    let n = grammar::positive(text)?;
    match u32::try_from(n) {
        Ok(n) => Ok(n),
        Err(_) => fault(
            text!("`{text}` requests at once are beyond any instance", text = text.trim()),
            "too large",
            "write at most 4 thousand million",
        ),
    }
}

#[cfg(test)]
mod tests {
    use wharfage_sim::{Arrivals, Law, Rate, Step};

    use super::*;

    #[test]
    fn models_are_read_by_name_and_in_order() {
        let per_second = |n: u128| Rate::micro(n * 1_000_000, Nanos::from_secs(1));
        let secs = Nanos::from_secs;
        let model = |text: &str| match arrivals(text).unwrap() {
            Demand::Model(m) => m,
            other => panic!("{other:?}"),
        };
        assert_eq!(model("poisson:100/s"), Arrivals::Poisson(per_second(100)));
        let mmpp = Arrivals::Mmpp { rates: [per_second(100), per_second(1000)], stays: [secs(600), secs(20)] };
        assert_eq!(model("mmpp:100/s,1000/s,600s,20s"), mmpp);
        let burst =
            vec![Step { lasts: secs(60), rate: per_second(1000) }, Step { lasts: secs(3540), rate: per_second(100) }];
        assert_eq!(model("burst:base=100/s,factor=10,every=1h,for=60s"), Arrivals::Steps(burst));
        let day =
            Arrivals::Diurnal { mean: per_second(100), amplitude: 0.5, period: secs(86_400), peak_at: secs(50_400) };
        assert_eq!(model("diurnal:mean=100/s,amplitude=0.5,period=24h,peak-at=14:00"), day);
        assert_eq!(law("lognormal:mean=80ms,cv=1"), Ok(Law::lognormal(Nanos::from_micros(80_000), 1.0)));
        assert_eq!(arrivals("trace:a:b.csv"), Ok(Demand::Trace("a:b.csv".to_owned())));
        assert_eq!(arrivals("weekly:a,b.csv"), Ok(Demand::Weekly("a,b.csv".to_owned(), None)));
        let weekly = Demand::Weekly("w.csv".to_owned(), Some(per_second(100)));
        assert_eq!(arrivals("weekly:w.csv,rate=100/s"), Ok(weekly));
        assert_eq!(law("weibull:80ms,0.7"), Ok(Law::Weibull { mean: Nanos::from_micros(80_000), shape: 0.7 }));
        let pareto = Law::Pareto { from: Nanos::from_micros(10_000), to: secs(10), alpha: 1.5 };
        assert_eq!(law("pareto:from=10ms,to=10s,alpha=1.5"), Ok(pareto));
        for (_, preset) in PRESETS {
            assert!(arrivals(preset).is_ok(), "{preset}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_a_way_out() {
        for bad in [
            "",
            "poisson",
            "poisson:",
            "poisson:0/s",
            "poisson:-1/s",
            "poisson:inf/s",
            "poisson:1",
            "poison:1/s",
            "poisson:1/s,2/s",
            "diurnal:mean=1/s,amplitude=2",
            "burst:base=1/s,factor=2,every=1m,for=60s",
            "hawkes:1/s,2,1",
            "mmpp:1/s,2/s,0s,1s",
            "hyperexp:rate=1/s,cv=0.5",
            "burst:base=1/s,factor=0,every=1m,for=6s",
            "diurnal:mean=1/s,mean=2/s",
            "trace:",
        ] {
            let f = arrivals(bad).unwrap_err();
            assert!(!f.message.to_string().is_empty() && !f.help.to_string().is_empty(), "{bad}");
        }
        for bad in [
            "",
            "80ms",
            "exp",
            "exp:80",
            "gamma:mean=1s",
            "uniform:2s,1s",
            "expr:x",
            "exp:1s,cv=2",
            "pareto:1s,1s,1",
            "pareto:0s,1s,1",
            "pareto:1s,2s,0",
            "weibull:1s,0",
            "weibull:1s,1000",
            "empirical:",
        ] {
            assert!(length(bad).is_err(), "{bad}");
        }
    }
}
