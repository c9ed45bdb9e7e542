//! Makes an axis of what a request says of its range, with defaults for what it does not say.

use wharfage_core::{
    Diagnostic,
    demand::{Per, RequestRate},
    diagnostic::{did_you_mean, quoted},
    quantity::{MICROS_PER_HOUR, Micros},
    text,
    text::Text,
};

use super::{super::request::BreakEvenRequest, Axis, MILLION, Peak, PeakIs};
use crate::{
    grammar::{self, Parsed},
    request::WorkloadRequest,
    sensitivity::{Kind, NUMERIC},
};

/// Units, coarsest first, with their base units.
type Units = &'static [(&'static str, u128)];

const HOUR: u128 = MICROS_PER_HOUR as u128;
const SECOND: u128 = MILLION;
const TIMES: Units = &[("h", HOUR), ("s", SECOND), ("ms", 1_000), ("us", 1)];
const HOURS: Units = &[("h", HOUR), ("m", 60 * SECOND), ("s", SECOND), ("us", 1)];
const SIZES: Units = &[("GiB", 1024), ("MiB", 1)];
const VCPU: Units = &[("", 1000)];
const COUNTS: Units = &[("", 1)];
const RATES: [(&str, Per, u128); 5] = [
    // The last is the default of steps, in millionths of a request.
    ("/s", Per::Time(Micros(SECOND as u64)), MILLION / 100),
    ("/min", Per::Time(Micros(60 * SECOND as u64)), MILLION),
    ("/h", Per::Time(Micros(MICROS_PER_HOUR)), 10 * MILLION),
    ("/day", Per::Time(Micros(24 * MICROS_PER_HOUR)), 1_000 * MILLION),
    ("/month", Per::Month, 10_000 * MILLION),
];

/// A value in base units, and what it is per if it is a rate.
type Value = (u128, Option<Per>);

fn value(kind: Kind, text: &str) -> Parsed<Value> {
    grammar::legible(text)?;
    let rate = |RequestRate { micro_requests, per }| (micro_requests, Some(per));
    match kind {
        Kind::Rate => grammar::rate(text).map(rate),
        Kind::Time => grammar::time(text).map(|t| (t.0.into(), None)),
        Kind::Hours => grammar::hours(text).map(|t| (t.0.into(), None)),
        Kind::Size => grammar::mib(text).map(|m| (m.0.into(), None)),
        Kind::Vcpu => grammar::vcpu(text).map(|v| (v.0.into(), None)),
        _ => grammar::count(text).map(|n| (n.into(), None)),
    }
}

/// The inputs that can be varied: numbers that a range can be told of.
fn inputs() -> impl Iterator<Item = (&'static str, Kind)> {
    let ranges = [Kind::Rate, Kind::Time, Kind::Hours, Kind::Size, Kind::Vcpu, Kind::Count];
    NUMERIC.into_iter().map(|(name, kind, _)| (name, kind)).filter(move |(_, kind)| ranges.contains(kind))
}

/// Makes an axis of a request, gathering every mistake.
pub fn axis(q: &BreakEvenRequest, steady: bool, period: Micros) -> Result<Axis, Vec<Diagnostic>> {
    let mut found = Vec::new();
    let workload = workload(q).map_err(|d| found.push(d)).unwrap_or(0);
    let none = WorkloadRequest::default();
    let w = q.request.workload.get(workload).unwrap_or(&none);
    let input = input(q, w).map_err(|d| found.push(d)).ok();
    let made =
        input.and_then(|(input, kind)| Making { q, w, input, kind, steady, found: &mut found }.axis(workload, period));
    match made {
        Some(axis) if found.is_empty() => Ok(axis),
        _ => Err(found),
    }
}

fn workload(q: &BreakEvenRequest) -> Result<usize, Diagnostic> {
    let all = &q.request.workload;
    let names = || all.iter().filter_map(|w| w.name.as_deref());
    match q.of.as_deref().map(str::trim) {
        None if all.len() <= 1 => Ok(0),
        None => {
            let help = text!("name one with --of: {names}", names = names().collect::<Vec<_>>().join(", "));
            Err(Diagnostic::error("break-even/workload", "an input of one workload is varied, and there are several")
                .on("of", "which one?")
                .help(help))
        }
        Some(name) => all.iter().position(|w| w.name.as_deref() == Some(name)).ok_or_else(|| {
            let d =
                Diagnostic::error("break-even/workload", text!("no workload is named `{name}`", name = quoted(name)));
            let otherwise = text!("it is one of {words}", words = names().collect::<Vec<_>>().join(", "));
            d.on("of", "no such workload").help(did_you_mean(name, names(), otherwise))
        }),
    }
}

fn input(q: &BreakEvenRequest, w: &WorkloadRequest) -> Result<(&'static str, Kind), Diagnostic> {
    let given = |field: &str| !w.get(field).is_empty();
    let shape = WorkloadRequest::SHAPES.into_iter().find(|s| given(s));
    let name = q.vary.as_deref().map_or(shape.unwrap_or("requests"), str::trim);
    let word = name.replace('-', "_").to_ascii_lowercase();
    let Some((input, kind)) = inputs().find(|(input, _)| *input == word) else {
        let words: Vec<&str> = inputs().map(|(input, _)| input).collect();
        let help = did_you_mean(&word, words.iter().copied(), text!("it is one of {words}", words = words.join(", ")));
        let message = text!("`{name}` can't be `{text}`", name = "vary", text = quoted(name));
        return Err(Diagnostic::error("request/unknown-word", message).on("vary", "not one of its words").help(help));
    };
    let of_another = |shape: &str| {
        let with = WorkloadRequest::SHAPED.iter().find(|(field, _)| *field == input);
        (WorkloadRequest::SHAPES.contains(&input) && shape != input)
            || with.is_some_and(|(_, with)| !with.contains(&shape))
    };
    match shape.filter(|shape| of_another(shape)) {
        None => Ok((input, kind)),
        Some(shape) => {
            let message = text!("`{input}` can't be varied with `{shape}`", input, shape);
            let help = text!("vary `{shape}`, or another number that goes with it", shape);
            Err(Diagnostic::error("break-even/input", message)
                .on("vary", text!("no use with `{shape}`", shape))
                .help(help))
        }
    }
}

/// An axis in the making.
struct Making<'q, 'f> {
    q: &'q BreakEvenRequest,
    w: &'q WorkloadRequest,
    input: &'static str,
    kind: Kind,
    steady: bool,
    found: &'f mut Vec<Diagnostic>,
}

impl Making<'_, '_> {
    fn axis(&mut self, workload: usize, period: Micros) -> Option<Axis> {
        let stated = self.w.get(self.input).first().map(|t| t.trim().to_owned());
        // Its own mistakes are told where it is resolved.
        let now = stated.as_deref().and_then(|t| value(self.kind, t).ok());
        let (from, to, step) = (self.given("from"), self.given("to"), self.given("step"));
        if !self.found.is_empty() {
            return None;
        }
        let per = self.per([from, to, step], now)?;
        let number = |v: Option<Value>| v.map(|(n, _)| n);
        let now_here = number(now.filter(|(_, p)| *p == per));
        let defaults = self.defaults(per, now_here, number(from), period);
        let by = number(step).unwrap_or(defaults.step);
        let from = number(from).unwrap_or(by);
        let to = number(to).unwrap_or_else(|| defaults.to.max(from.saturating_mul(10)).min(defaults.most));
        let last = self.range(from, to, by)?;
        let (unit, scale) = self.unit(per, from, by);
        let peak = self.peak(per, from + u128::from(last) * by)?;
        Some(Axis { workload, input: self.input, unit, stated, last, scale, from, by, peak })
    }

    /// A value that the request gives, or its mistake.
    fn given(&mut self, field: &'static str) -> Option<Value> {
        let q = self.q;
        let text = match field {
            "from" => q.from.as_deref(),
            "to" => q.to.as_deref(),
            _ => q.step.as_deref(),
        }?;
        match value(self.kind, text) {
            Ok(value) => Some(value),
            Err(f) => {
                self.found.push(Diagnostic::error("request/value", f.message).on(field, f.label).help(f.help));
                None
            }
        }
    }

    /// What all of the rates are per.
    fn per(&mut self, given: [Option<Value>; 3], now: Option<Value>) -> Option<Option<Per>> {
        if self.kind != Kind::Rate {
            return Some(None);
        }
        let pers: Vec<Per> = given.into_iter().flatten().filter_map(|(_, per)| per).collect();
        let per = pers.first().copied().or(now.and_then(|(_, per)| per)).unwrap_or(RATES[0].1);
        if pers.iter().any(|p| *p != per) {
            self.error(
                "from, to and step are rates per different times",
                "another time",
                "write all of them per the same time, such as 1/s, 200/s and 1/s",
            );
            return None;
        }
        Some(Some(per))
    }

    fn error(&mut self, message: impl Into<Text>, label: impl Into<Text>, help: impl Into<Text>) {
        let field = if self.q.step.is_some() { "step" } else { "from" };
        let field = if self.q.to.is_some() { "to" } else { field };
        self.found.push(Diagnostic::error("break-even/range", message).on(field, label).help(help));
    }

    /// The last step of a range.
    fn range(&mut self, from: u128, to: u128, by: u128) -> Option<u64> {
        if by == 0 {
            let d = Diagnostic::error("break-even/range", "a step of nothing leads nowhere").on("step", "zero");
            self.found.push(d.help("say the unit that crossings are found to, such as 0.01/s"));
            return None;
        }
        if to <= from {
            self.error(
                "the range ends where it begins, or before",
                "not above the lowest value",
                "say a --to that is above --from",
            );
            return None;
        }
        let last = (to - from) / by;
        if last == 0 {
            self.error("one step leads beyond the range", "too near", "say a smaller --step, or a --to further away");
            return None;
        }
        let last = u64::try_from(last).ok().filter(|last| *last <= STEPS_MAX);
        if last.is_none() {
            let help = "say a greater --step, or a narrower range";
            self.error(text!("the range has more than {most} steps", most = STEPS_MAX), "too many steps", help);
        }
        last
    }

    /// The coarsest unit in which the first value and the step are written exactly.
    fn unit(&self, per: Option<Per>, from: u128, by: u128) -> (&'static str, u128) {
        let units = match self.kind {
            Kind::Rate => return (unit_of(per), MILLION),
            Kind::Time => TIMES,
            Kind::Hours => HOURS,
            Kind::Size => SIZES,
            Kind::Vcpu => VCPU,
            _ => COUNTS,
        };
        let exact = |scale: u128| from.is_multiple_of(scale) && by.is_multiple_of(scale);
        let last = units[units.len() - 1];
        units.iter().copied().find(|(_, scale)| exact(*scale)).unwrap_or(last)
    }

    fn defaults(&self, per: Option<Per>, now: Option<u128>, from: Option<u128>, period: Micros) -> Defaults {
        let far = |to: u128| to.max(now.unwrap_or(0).saturating_mul(10));
        let open = |step: u128, to: u128| Defaults { step, to: far(to), most: u128::MAX };
        let known = now.or(from).unwrap_or(0);
        match self.kind {
            Kind::Rate => {
                let step = RATES.iter().find(|(_, p, _)| Some(*p) == per).map_or(MILLION, |(.., step)| *step);
                open(step, step * 100_000)
            }
            Kind::Hours => Defaults { step: HOUR, to: period.0.into(), most: period.0.into() },
            Kind::Time if known >= HOUR => open(60 * SECOND, 24 * HOUR),
            Kind::Time if known >= SECOND => open(SECOND, 3_600 * SECOND),
            Kind::Time => open(1_000, 10 * SECOND),
            Kind::Size if self.input == "memory" => open(128, 16 * 1024),
            Kind::Size => open(1024, 1024 * 1024),
            Kind::Vcpu => open(250, 16_000),
            _ => {
                // A hundredth of what is stated, as a power of ten.
                let step = 10_u128.pow((known / 100).checked_ilog10().unwrap_or(0));
                open(step, step * 100)
            }
        }
    }

    /// What becomes of a stated peak; nothing where it can't grow.
    fn peak(&mut self, per: Option<Per>, highest: u128) -> Option<PeakIs> {
        let stated = |text: &Option<String>| text.as_deref().and_then(|t| grammar::rate(t).ok());
        if self.steady {
            return Some(PeakIs::Dropped);
        }
        let (Some(peak), Some(now), "requests") = (stated(&self.w.peak), stated(&self.w.requests), self.input) else {
            return Some(PeakIs::AsStated);
        };
        let times = match (per, now.per) {
            (Some(Per::Month), Per::Month) => Some((1, 1)),
            (Some(Per::Time(per)), Per::Time(stated)) => Some((u128::from(stated.0), u128::from(per.0))),
            _ => None,
        };
        let growing = times.filter(|_| now.micro_requests > 0).and_then(|(num, den)| {
            let den = now.micro_requests.checked_mul(den)?;
            peak.micro_requests.checked_mul(highest)?.checked_mul(num)?;
            Some(Peak { micro: peak.micro_requests, unit: unit_of(Some(peak.per)), num, den })
        });
        if growing.is_none() {
            let d = Diagnostic::error("break-even/range", "the stated peak can't grow with these requests");
            let help = "write the range per the same time as the requests, or drop the peak with --steady";
            self.found.push(d.on("steady", "a peak of other requests").help(help));
        }
        growing.map(PeakIs::Growing)
    }
}

/// What is taken where nothing is said, in base units.
struct Defaults {
    step: u128,
    to: u128,
    /// no value is beyond
    most: u128,
}

/// Most steps of a range: their numbers stay exact, and a search stays quick.
const STEPS_MAX: u64 = 1_000_000_000_000;

fn unit_of(per: Option<Per>) -> &'static str {
    RATES.iter().find(|(_, p, _)| Some(*p) == per).map_or("/s", |(unit, ..)| *unit)
}
