//! What a break-even by simulation needs besides: a range that is worth simulating, and a request whose input matters.

use rust_decimal::Decimal;
use wharfage_core::{Diagnostic, text, tr};

use super::axis::Axis;
use crate::request::EstimateRequest;

/// How far a range reaches from where the closed forms cross, as a factor.
const REACH: u64 = 4;

/// A range around a crossing of the closed forms, in whole steps from one step on, and not beyond `last`.
pub fn range(at: &str, step: &str, last: &str) -> (Decimal, Decimal) {
    let [at, step, last] = [at, step, last].map(|text| text.parse::<Decimal>().unwrap_or(Decimal::ONE));
    let reach = Decimal::from(REACH);
    let lowest = (at / reach / step).floor().max(Decimal::ONE) * step;
    let highest = (at * reach).min(last).max(lowest + step);
    (lowest.normalize(), highest.normalize())
}

/// What keeps a request from being simulated with another value of its input.
pub fn unfit(request: &EstimateRequest, axis: &Axis) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let Some(simulate) = &request.simulate else { return found };
    let models = [("arrivals", simulate.arrivals.is_some()), ("preset", simulate.preset.is_some())];
    for (field, _) in models.into_iter().filter(|(_, given)| *given && ["requests", "peak"].contains(&axis.input)) {
        let message = text!("`{field}` says when requests arrive, whatever `{input}` is", field, input = axis.input);
        let help = "leave it out, or vary another input";
        found.push(
            Diagnostic::error("break-even/input", message).on(format!("simulate.{field}"), "no use here").help(help),
        );
    }
    let service = simulate.service.is_some() && axis.input == "duration";
    if service {
        let message = text!(
            "`{field}` says how long requests take, whatever `{input}` is",
            field = "service",
            input = axis.input
        );
        let help = "leave it out, or vary another input";
        found.push(Diagnostic::error("break-even/input", message).on("simulate.service", "no use here").help(help));
    }
    if simulate.policy.iter().flat_map(|texts| texts.split(',')).count() > 1 {
        let d = Diagnostic::error("break-even/input", "bills of one policy are compared at a time");
        found.push(d.on("simulate.policy", tr!("several")).help("name one policy, or none for each platform's own"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_reaches_four_times_either_way_in_whole_steps() {
        #[rustfmt::skip]
        let cases = [
            ("2.48", "0.01", "1000", "0.62", "9.92"),
            ("2", "1", "100", "1", "8"),
            ("90", "1", "100", "22", "100"),
            ("1", "1", "1", "1", "2"),
        ];
        for (at, step, last, lowest, highest) in cases {
            let (from, to) = range(at, step, last);
            assert_eq!((from.to_string(), to.to_string()), (lowest.to_owned(), highest.to_owned()), "{at}");
        }
    }
}
