//! The grammar of demand: `poisson:100/s`, `lognormal:mean=80ms,cv=1`, `trace:FILE.csv`.

use wharfage_core::{
    demand::Per,
    diagnostic::{did_you_mean, quoted},
    quantity::{MICROS_PER_HOUR, Micros},
    text,
    text::Text,
    tr,
};
use wharfage_sim::{Arrivals, Durations, Expression, Law, MOST_INSTANCES, Misread, Nanos, Rate, Step};

use crate::grammar::{self, Parsed, fault};

/// When requests arrive, before files are read.
#[derive(Debug, Clone, PartialEq)]
pub enum Demand {
    /// a model
    Model(Arrivals),
    /// a recorded trace in this file
    Trace(String),
    /// 168 hourly rates in this file, or multiples of this rate
    Weekly(String, Option<Rate>),
}

/// A month of a rate, in hours.
const MONTH_HOURS: u64 = 730;

/// Longest description of a model.
const LONGEST: usize = 400;

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

/// How long an idle instance is held: a time, `never`, or a law that is drawn from each time.
pub fn idle_after(text: &str) -> Parsed<Law> {
    match text.trim() {
        "never" => Ok(Law::Constant(Nanos::NEVER)),
        t if t.contains(':') => law(t),
        t => time(t).map(Law::Constant),
    }
}

/// Requests per time, more than none.
pub fn rate(text: &str) -> Parsed<Rate> {
    let r = grammar::rate(text)?;
    if r.micro_requests == 0 {
        return fault("a rate of zero brings no request", tr!("zero"), "write more, such as 1/h or 100/s");
    }
    let per = match r.per {
        Per::Time(Micros(us)) => us,
        Per::Month => MONTH_HOURS * MICROS_PER_HOUR,
    };
    Ok(Rate::micro(r.micro_requests, Nanos::from_micros(per)))
}

/// A plain number of the model.
pub fn number(text: &str) -> Parsed<f64> {
    let d = grammar::decimal(text)?.to_string();
    // Digits and a point are read to the nearest number in binary, on every machine.
    Ok(d.parse().unwrap_or(f64::INFINITY))
}

fn positive(text: &str) -> Parsed<f64> {
    match number(text)? {
        0.0 => fault(text!("`{text}` is zero", text), tr!("zero"), "write a number above 0"),
        n => Ok(n),
    }
}

/// A time of day, `14:00`, or a time since the start.
fn time_of_day(text: &str) -> Parsed<Nanos> {
    let Some((hours, minutes)) = text.split_once(':') else { return time(text) };
    match (hours.parse::<u64>(), minutes.parse::<u64>()) {
        (Ok(h), Ok(m)) if h < 24 && m < 60 => Ok(Nanos::from_secs(h * 3_600 + m * 60)),
        _ => fault(text!("`{text}` is not a time of day", text), "not a time of day", "write it like 14:00"),
    }
}

/// What stands behind a model's name: values by name, or in order.
struct Arguments<'t> {
    model: &'t str,
    all: Vec<(Option<&'t str>, &'t str)>,
    known: &'static [&'static str],
}

impl<'t> Arguments<'t> {
    fn new(model: &'t str, text: &'t str, known: &'static [&'static str]) -> Parsed<Self> {
        let split = |part: &'t str| match part.split_once('=') {
            Some((name, value)) => (Some(name.trim()), value.trim()),
            None => (None, part.trim()),
        };
        let all: Vec<_> = text.split(',').filter(|part| !part.trim().is_empty()).map(split).collect();
        let arguments = Self { model, all, known };
        for (n, (name, _)) in arguments.all.iter().enumerate() {
            let stranger = name.is_some_and(|name| !known.contains(&name)) || n >= known.len();
            let twice = name.is_some() && arguments.all[..n].iter().any(|(before, _)| before == name);
            if stranger || twice {
                return fault(
                    text!("`{model}` does not take `{name}`", model, name = quoted(name.unwrap_or(arguments.all[n].1))),
                    if twice { tr!("given twice") } else { tr!("unknown") },
                    text!("write {example}", example = arguments.form()),
                );
            }
        }
        Ok(arguments)
    }

    /// `gamma:mean=…,cv=…`
    fn form(&self) -> String {
        let parts: Vec<String> = self.known.iter().map(|name| format!("{name}=…")).collect();
        format!("{}:{}", self.model, parts.join(","))
    }

    fn text(&self, name: &str) -> Option<&'t str> {
        let place = self.known.iter().position(|k| *k == name)?;
        let named = self.all.iter().find(|(n, _)| *n == Some(name));
        named.or_else(|| self.all.get(place).filter(|(n, _)| n.is_none())).map(|(_, value)| *value)
    }

    fn get<T>(&self, name: &str, grammar: fn(&str) -> Parsed<T>) -> Parsed<T> {
        match self.text(name) {
            Some(text) => grammar(text),
            None => fault(
                text!("`{model}` needs `{name}`", model = self.model, name),
                "something is missing",
                text!("write {example}", example = self.form()),
            ),
        }
    }

    fn or<T>(&self, name: &str, grammar: fn(&str) -> Parsed<T>, otherwise: T) -> Parsed<T> {
        if self.text(name).is_some() { self.get(name, grammar) } else { Ok(otherwise) }
    }
}

fn legible(text: &str) -> Parsed<&str> {
    if text.trim().is_empty() || text.contains(char::is_control) || text.len() > LONGEST {
        return fault("this is not a model", "not a model", "write a name and its values, such as poisson:100/s");
    }
    Ok(text.trim())
}

const ARRIVALS: [&str; 11] =
    ["constant", "poisson", "diurnal", "burst", "mmpp", "hawkes", "gamma", "lognormal", "hyperexp", "weekly", "trace"];

/// When requests arrive.
pub fn arrivals(text: &str) -> Parsed<Demand> {
    let text = legible(text)?;
    let (name, rest) = text.split_once(':').unwrap_or((text, ""));
    let args = |known| Arguments::new(name, rest, known);
    let model = match name {
        "constant" => Arrivals::Constant(args(&["rate"])?.get("rate", rate)?),
        "poisson" => Arrivals::Poisson(args(&["rate"])?.get("rate", rate)?),
        "diurnal" => diurnal(&args(&["mean", "amplitude", "period", "peak-at"])?)?,
        "burst" => burst(&args(&["base", "factor", "every", "for"])?)?,
        "mmpp" => {
            let a = args(&["quiet", "busy", "quiet-for", "busy-for"])?;
            let rates = [a.get("quiet", rate)?, a.get("busy", rate)?];
            Arrivals::Mmpp { rates, stays: [a.get("quiet-for", some_time)?, a.get("busy-for", some_time)?] }
        }
        "hawkes" => hawkes(&args(&["base", "alpha", "beta"])?)?,
        "gamma" | "lognormal" | "hyperexp" => {
            let a = args(&["rate", "cv"])?;
            Arrivals::Renewal(varied(name, gap(a.get("rate", rate)?)?, a.get("cv", positive)?)?)
        }
        "weekly" | "trace" if rest.trim().is_empty() => {
            return fault(
                text!("`{name}` names no file", name),
                "which file?",
                text!("write {example}", example = format!("{name}:FILE.csv")),
            );
        }
        "weekly" => return weekly(rest),
        "trace" => return Ok(Demand::Trace(rest.to_owned())),
        other => return unknown(other, &ARRIVALS, text!("arrivals")),
    };
    Ok(Demand::Model(model))
}

/// A file, and behind it the rate that its hours are multiples of, if they are.
fn weekly(rest: &str) -> Parsed<Demand> {
    match rest.rsplit_once(",rate=") {
        Some((file, of)) => Ok(Demand::Weekly(file.to_owned(), Some(rate(of)?))),
        None => Ok(Demand::Weekly(rest.to_owned(), None)),
    }
}

fn unknown<T>(name: &str, known: &[&'static str], what: Text) -> Parsed<T> {
    let otherwise = text!("it is one of {words}", words = known.join(", "));
    let message = text!("`{name}` is not a model of {what}", name = quoted(name), what);
    fault(message, "unknown model", did_you_mean(name, known.iter().copied(), otherwise))
}

/// The mean gap of a rate, to the nanosecond.
fn gap(rate: Rate) -> Parsed<Nanos> {
    match rate.gap_ns() as u64 {
        0 => fault("more than 1000 million requests a second", "too large", "check the rate and its unit"),
        ns => Ok(Nanos(ns)),
    }
}

fn diurnal(a: &Arguments<'_>) -> Parsed<Arrivals> {
    let amplitude = a.or("amplitude", number, 0.5)?;
    if amplitude > 1.0 {
        return fault("an amplitude above 1 would be negative rates", "above 1", "write a number from 0 to 1");
    }
    let day = Nanos::from_secs(86_400);
    Ok(Arrivals::Diurnal {
        mean: a.get("mean", rate)?,
        amplitude,
        period: a.or("period", some_time, day)?,
        peak_at: a.or("peak-at", time_of_day, Nanos::from_secs(14 * 3_600))?,
    })
}

fn burst(a: &Arguments<'_>) -> Parsed<Arrivals> {
    let base_text = a.get("base", |t| Ok(t.to_owned()))?;
    let (base, factor) =
        (grammar::rate(&base_text)?, grammar::decimal(a.get("factor", |t| Ok(t.to_owned()))?.as_str())?);
    let (every, lasts) = (a.get("every", some_time)?, a.get("for", some_time)?);
    if lasts >= every {
        return fault("a burst is as long as the time between two", "too long", "write a shorter `for`");
    }
    let quiet = rate(&base_text)?;
    let micro = wharfage_core::book::whole_times(factor, 1_000_000).map(u128::from);
    let Some(raised) = micro.and_then(|m| base.micro_requests.checked_mul(m)).filter(|m| *m > 0) else {
        return fault(
            "the factor of the burst is zero, too fine or too large",
            "not a factor",
            "write a number such as 10 or 2.5",
        );
    };
    let per = match base.per {
        Per::Time(Micros(us)) => us,
        Per::Month => MONTH_HOURS * MICROS_PER_HOUR,
    };
    let busy = Rate::micro(raised.div_ceil(1_000_000), Nanos::from_micros(per));
    let rest = Nanos(every.0 - lasts.0);
    Ok(Arrivals::Steps(vec![Step { lasts, rate: busy }, Step { lasts: rest, rate: quiet }]))
}

fn hawkes(a: &Arguments<'_>) -> Parsed<Arrivals> {
    let (base, jump, decay) = (a.get("base", rate)?, a.get("alpha", number)?, a.get("beta", positive)?);
    if jump >= decay {
        return fault(
            "each arrival brings one more on average, without end",
            "alpha is not below beta",
            "write an alpha below beta",
        );
    }
    Ok(Arrivals::Hawkes { base, jump, decay })
}

fn varied(name: &str, mean: Nanos, cv: f64) -> Parsed<Law> {
    if cv > 1_000.0 {
        return fault(
            text!("a variation of {cv} is beyond use", cv = cv.to_string()),
            "too large",
            "write a cv of at most 1000",
        );
    }
    match name {
        "gamma" => Ok(Law::Gamma { mean, cv }),
        "lognormal" => Ok(Law::lognormal(mean, cv)),
        _ if cv < 1.0 => {
            fault("a hyperexponential law varies more than an exponential one", "below 1", "write a cv of 1 or more")
        }
        _ => Ok(Law::Hyperexponential { mean, cv }),
    }
}

const LAWS: [&str; 11] =
    ["const", "exp", "lognormal", "gamma", "hyperexp", "uniform", "pareto", "weibull", "empirical", "trace", "expr"];

/// Does a part between commas belong to the law before it?
pub fn belongs_to_a_law(part: &str) -> bool {
    let words = ["time", "mean", "cv", "from", "to", "alpha", "shape"];
    part.split_once('=').is_none_or(|(name, _)| words.contains(&name.trim()))
}

/// What stands before the name of a file of measured times.
pub const EMPIRICAL: &str = "empirical:";

/// How long something takes: a law, or what the trace says.
#[derive(Debug, Clone, PartialEq)]
pub enum Length {
    /// drawn
    Law(Law),
    /// from the trace
    Trace(Durations),
}

/// How long something takes.
pub fn length(text: &str) -> Parsed<Length> {
    let text = legible(text)?;
    let (name, rest) = text.split_once(':').unwrap_or((text, ""));
    if name == "trace" && rest.is_empty() {
        return Ok(Length::Trace(Durations::Recorded));
    }
    if name == "expr" {
        return match Expression::read(rest) {
            Ok(e) => Ok(Length::Trace(Durations::Expression(e))),
            Err(part) => fault(misread(&part), "not an expression", "write it like expr:20ms+30us*COLUMN"),
        };
    }
    law(text).map(Length::Law)
}

fn misread(part: &Misread) -> Text {
    match part {
        Misread::TwoTimes(term) => text!("`{term}` multiplies two times", term),
        Misread::Factor(factor) => text!("`{factor}` is neither a time, a number nor a column", factor),
        Misread::NoTime(term) => text!("`{term}` has no time", term),
        Misread::TooLong(term) => text!("`{term}` is too long a time", term),
    }
}

/// A distribution of lengths of time.
pub fn law(text: &str) -> Parsed<Law> {
    let text = legible(text)?;
    let (name, rest) = text.split_once(':').unwrap_or((text, ""));
    let args = |known| Arguments::new(name, rest, known);
    Ok(match name {
        "const" => Law::Constant(args(&["time"])?.get("time", time)?),
        "exp" => Law::Exponential(args(&["mean"])?.get("mean", time)?),
        "lognormal" | "gamma" | "hyperexp" => {
            let a = args(&["mean", "cv"])?;
            varied(name, a.get("mean", time)?, a.get("cv", positive)?)?
        }
        "uniform" => {
            let a = args(&["from", "to"])?;
            let (from, to) = (a.get("from", time)?, a.get("to", time)?);
            if from > to {
                return fault("`from` is longer than `to`", "the wrong way round", "write the shorter time first");
            }
            Law::Uniform { from, to }
        }
        "pareto" => pareto(&args(&["from", "to", "alpha"])?)?,
        "weibull" => {
            let a = args(&["mean", "shape"])?;
            let (mean, shape) = (a.get("mean", time)?, a.get("shape", positive)?);
            if !(0.1..=100.0).contains(&shape) {
                return fault(
                    text!("a shape of {shape} is beyond use", shape = shape.to_string()),
                    "not a shape",
                    "write a number from 0.1 to 100",
                );
            }
            Law::Weibull { mean, shape }
        }
        "empirical" => return fault("no file of measured times is read here", "not here", "write a law instead"),
        other => return unknown(other, &LAWS, text!("lengths of time")),
    })
}

fn pareto(a: &Arguments<'_>) -> Parsed<Law> {
    let (from, to, alpha) = (a.get("from", some_time)?, a.get("to", some_time)?, a.get("alpha", positive)?);
    if from >= to {
        return fault("`from` is not shorter than `to`", "the wrong way round", "write the shorter time first");
    }
    if !(0.01..=100.0).contains(&alpha) {
        return fault(
            text!("an alpha of {alpha} is beyond use", alpha = alpha.to_string()),
            "not an alpha",
            "write a number from 0.01 to 100",
        );
    }
    Ok(Law::Pareto { from, to, alpha })
}

/// Processor time of a request: a time, a law, or all of its service (`None`).
pub fn cpu_time(text: &str) -> Parsed<Option<Law>> {
    match text.trim() {
        "all" => Ok(None),
        t if t.starts_with(|c: char| c.is_ascii_digit()) => Ok(Some(Law::Constant(time(t)?))),
        t => law(t).map(Some),
    }
}

/// Presets of demand, after what functions in production look like.
pub const PRESETS: [(&str, &str); 6] = [
    ("rare", "poisson:1/h"),
    ("per-minute", "poisson:1/min"),
    ("steady", "poisson:5/s"),
    ("api", "diurnal:mean=100/s,amplitude=0.5,period=24h,peak-at=14:00"),
    ("spiky", "mmpp:100/s,1000/s,600s,20s"),
    ("cron", "constant:12/h"),
];

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
