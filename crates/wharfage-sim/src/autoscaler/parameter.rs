//! Parameters of autoscalers that a user can set: each autoscaler has a table of them beside its rule.
//!
//! # Invariants
//! A value within its bounds makes no autoscaler panic or run without end: windows are bounded, and nothing is looked at more often
//! than once a second.

use std::ops::RangeInclusive;

use super::{Autoscaler, Change};
use crate::{law::Law, time::Nanos};

/// A parameter of an autoscaler.
#[derive(Debug)]
pub struct Parameter {
    /// its name, as far as possible the provider's own
    pub name: &'static str,
    /// what it is, in a line
    pub help: &'static str,
    /// what it can be, and where it stands
    pub kind: Kind,
}

/// Where a parameter stands; `None` in an autoscaler that has none of the kind.
pub type At<T> = fn(&mut Autoscaler) -> Option<&mut T>;

/// What a parameter can be, and where it stands.
#[derive(Debug)]
pub enum Kind {
    /// a length of time
    Time(RangeInclusive<Nanos>, At<Nanos>),
    /// a length of time in whole seconds
    Seconds(RangeInclusive<Nanos>, At<Nanos>),
    /// a length of time, drawn each time
    Law(At<Law>),
    /// a whole number
    Whole(RangeInclusive<u64>, At<u64>),
    /// a number
    Number(RangeInclusive<f64>, At<f64>),
    /// a number of hundredths, as providers write it: 200 for the double
    Percent(RangeInclusive<f64>, At<f64>),
    /// a share above 0 and at most 1
    Share(At<f64>),
    /// limits of change within a period
    Limits(At<Vec<Change>>),
}

/// What a parameter is set to.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// a length of time
    Time(Nanos),
    /// a length of time, drawn each time
    Law(Law),
    /// a whole number
    Whole(u64),
    /// a number, a share or a ratio
    Number(f64),
    /// limits of change within a period
    Limits(Vec<Change>),
}

impl Parameter {
    /// What it is now; `None` in an autoscaler that does not have it.
    pub fn get(&self, by: &Autoscaler) -> Option<Value> {
        let by = &mut by.clone();
        match &self.kind {
            Kind::Time(_, at) | Kind::Seconds(_, at) => at(by).map(|time| Value::Time(*time)),
            Kind::Law(at) => at(by).map(|law| Value::Law(law.clone())),
            Kind::Whole(_, at) => at(by).map(|n| Value::Whole(*n)),
            Kind::Number(_, at) | Kind::Percent(_, at) | Kind::Share(at) => at(by).map(|x| Value::Number(*x)),
            Kind::Limits(at) => at(by).map(|limits| Value::Limits(limits.clone())),
        }
    }

    /// Sets it. An autoscaler that does not have it, and a value of another kind, change nothing.
    pub fn set(&self, by: &mut Autoscaler, value: Value) {
        match (&self.kind, value) {
            (Kind::Time(_, at) | Kind::Seconds(_, at), Value::Time(time)) => put(at(by), time),
            (Kind::Law(at), Value::Law(law)) => put(at(by), law),
            (Kind::Whole(_, at), Value::Whole(n)) => put(at(by), n),
            (Kind::Number(_, at) | Kind::Percent(_, at) | Kind::Share(at), Value::Number(x)) => put(at(by), x),
            (Kind::Limits(at), Value::Limits(limits)) => put(at(by), limits),
            _ => {}
        }
    }
}

fn put<T>(place: Option<&mut T>, value: T) {
    if let Some(place) = place {
        *place = value;
    }
}

/// From one length of time to another, in seconds.
pub(super) const fn seconds(from: u64, to: u64) -> RangeInclusive<Nanos> {
    Nanos::from_secs(from)..=Nanos::from_secs(to)
}

/// How often something is looked at: once a second at most, once an hour at least.
pub(super) const INTERVAL: RangeInclusive<Nanos> = seconds(1, HOUR);
/// How long what was seen is remembered at most.
pub(super) const HOUR: u64 = 3_600;
/// How long anything is waited for at most.
pub(super) const DAY: u64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    /// Another value than the one it is given, within the bounds.
    fn another(parameter: &Parameter, now: &Value) -> Value {
        let other = |bounds: [Value; 2]| bounds.into_iter().find(|bound| bound != now).unwrap();
        match &parameter.kind {
            Kind::Time(r, _) | Kind::Seconds(r, _) => other([*r.start(), *r.end()].map(Value::Time)),
            Kind::Law(_) => Value::Law(Law::Uniform { from: Nanos(0), to: Nanos::from_secs(900) }),
            Kind::Whole(r, _) => other([*r.start(), *r.end()].map(Value::Whole)),
            Kind::Number(r, _) => other([*r.start(), *r.end()].map(Value::Number)),
            Kind::Percent(r, _) => other([*r.start(), *r.end()].map(|x| Value::Number(x / 100.0))),
            Kind::Share(_) => Value::Number(0.123),
            Kind::Limits(_) => Value::Limits(vec![Change::Pods(1, Nanos::from_secs(60))]),
        }
    }

    #[test]
    fn each_parameter_of_each_autoscaler_changes_it_and_nothing_else() {
        for (id, default) in Autoscaler::defaults() {
            let parameters: Vec<&Parameter> = default.parameters().collect();
            for parameter in &parameters {
                let name = parameter.name;
                let before = parameter.get(&default).unwrap_or_else(|| panic!("{id} has no {name}"));
                let value = another(parameter, &before);
                let mut by = default.clone();
                parameter.set(&mut by, value.clone());
                assert_ne!(by, default, "{id}: {name}");
                assert_eq!(parameter.get(&by), Some(value), "{id}: {name}");
                for other in parameters.iter().filter(|p| p.name != name) {
                    assert_eq!(other.get(&by), other.get(&default), "{id}: {name} changes {}", other.name);
                }
            }
        }
    }

    #[test]
    fn defaults_are_within_their_bounds_and_names_are_told_apart() {
        for (id, by) in Autoscaler::defaults() {
            let mut names: Vec<&str> = by.parameters().map(|p| p.name).collect();
            for parameter in by.parameters() {
                let within = match (&parameter.kind, parameter.get(&by).unwrap()) {
                    (Kind::Time(r, _) | Kind::Seconds(r, _), Value::Time(time)) => r.contains(&time),
                    (Kind::Whole(r, _), Value::Whole(n)) => r.contains(&n),
                    (Kind::Number(r, _), Value::Number(x)) => r.contains(&x),
                    (Kind::Percent(r, _), Value::Number(x)) => r.contains(&(x * 100.0)),
                    (Kind::Share(_), Value::Number(x)) => x > 0.0 && x <= 1.0,
                    _ => true,
                };
                assert!(within, "{id}: {}", parameter.name);
            }
            names.sort_unstable();
            assert!(!names.is_empty() && names.windows(2).all(|w| w[0] != w[1]), "{id}: {names:?}");
        }
    }

    #[test]
    fn a_parameter_of_another_autoscaler_changes_nothing() {
        let [(_, cloud_run), (_, knative), ..] = Autoscaler::defaults();
        let mut by = cloud_run.clone();
        for parameter in knative.parameters() {
            assert_eq!(parameter.get(&by), None);
            parameter.set(&mut by, parameter.get(&knative).unwrap());
        }
        assert_eq!(by, cloud_run);
    }
}
