//! Says what a demand leaves open: how long requests take on average and how much that varies, and when they came within a minute.

use wharfage_core::{text, text::Text};
use wharfage_sim::{Arrivals, Service};

/// The mean of service times, and their variance over its square (SCV); none where a trace does not say.
pub fn of_service(service: &Service, arrivals: &Arrivals) -> Option<Text> {
    let (mean_ns, scv) = match (service, arrivals) {
        (Service::Law(law), _) => (law.mean().as_f64(), law.scv()),
        (Service::Trace, Arrivals::Trace(trace)) => trace.services()?,
        (Service::Trace, _) => return None,
    };
    let (mean, scv) = (significant(mean_ns / 1e6), significant(scv));
    Some(text!(
        "requests take {mean} ms on average, with a squared coefficient of variation of {scv} (--service)",
        mean,
        scv
    ))
}

/// How requests are spread that are only counted.
pub fn of_counts(arrivals: &Arrivals) -> Option<Text> {
    let Arrivals::Trace(trace) = arrivals else { return None };
    (!trace.is_exact()).then(|| "requests that are counted by the minute arrive at independent times within it".into())
}

/// A number of four digits, or all before its point.
fn significant(x: f64) -> String {
    let places = if x >= 1_000.0 || x <= 0.0 { 0 } else { 3 - magnitude(x).max(-6) };
    let text = format!("{x:.places$}", places = usize::try_from(places).unwrap_or(0));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// The power of ten that a number begins at.
fn magnitude(x: f64) -> i32 {
    format!("{x:e}").split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use wharfage_sim::{Format, Law, Nanos, Rate, Trace};

    use super::*;

    #[test]
    fn a_law_is_quoted_with_its_mean_and_variation() {
        let arrivals = Arrivals::Poisson(Rate::new(1, Nanos::from_secs(1)));
        let mean = Nanos::from_micros(80_000);
        #[rustfmt::skip]
        let cases = [
            (Law::Exponential(mean),                                     "80", "1"),
            (Law::Constant(Nanos::from_micros(1_234_567)),               "1235", "0"),
            (Law::lognormal(mean, 1.5),                                  "80", "2.25"),
            (Law::Uniform { from: Nanos(0), to: Nanos::from_micros(2) }, "0.001", "0.3333"),
        ];
        for (law, mean, scv) in cases {
            let said = of_service(&Service::Law(law), &arrivals).unwrap().to_string();
            let want = format!(
                "requests take {mean} ms on average, with a squared coefficient of variation of {scv} (--service)"
            );
            assert_eq!(said, want);
        }
        assert_eq!(of_service(&Service::Trace, &arrivals), None);
    }

    #[test]
    fn only_of_counts_it_is_said_how_they_are_spread() {
        let read = |text: &str| Arrivals::Trace(Arc::new(Trace::read(text.into(), &Format::default()).unwrap()));
        assert!(of_counts(&read("HashFunction,1,2\nf,0,3\n")).is_some());
        assert!(of_counts(&read("arrival_us\n5\n")).is_none());
    }
}
