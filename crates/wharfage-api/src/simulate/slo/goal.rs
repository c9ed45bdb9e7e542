//! Goals such as `p99=300ms`, and the numbers that are tried for them, as they are written.

use rust_decimal::Decimal;
use wharfage_core::{
    diagnostic::{did_you_mean, quoted},
    text, tr,
};

use crate::{
    grammar::{self, Parsed, fault},
    simulate::response::RunOut,
};

/// What should be kept, such as `p99=300ms`.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    /// as it was written
    pub text: String,
    what: What,
    /// milliseconds, or a share
    pub most: Decimal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Mean,
    P50,
    P95,
    P99,
    Max,
    WaitP99,
    Cold,
    Rejected,
}

const WHATS: [(&str, What); 8] = [
    ("mean", What::Mean),
    ("p50", What::P50),
    ("p95", What::P95),
    ("p99", What::P99),
    ("max", What::Max),
    ("wait-p99", What::WaitP99),
    ("cold", What::Cold),
    ("rejected", What::Rejected),
];

/// How a goal is written.
const EXAMPLE: &str = "write it like p99=300ms or cold=1%";

/// Reads goals with commas between them: one at least.
pub fn goals(texts: &[String]) -> Vec<Parsed<Goal>> {
    let parts: Vec<&str> = texts.iter().flat_map(|text| grammar::parts(text)).collect();
    if parts.is_empty() {
        return vec![fault("there is no goal to keep", tr!("empty"), EXAMPLE)];
    }
    parts.into_iter().map(goal).collect()
}

/// Reads a goal: a quantile of latency and a time, or a share of requests.
fn goal(text: &str) -> Parsed<Goal> {
    let Some((name, most)) = text.split_once('=') else {
        return fault(text!("`{text}` is not a goal", text = text.trim()), "not a goal", EXAMPLE);
    };
    let name = name.trim();
    let Some((_, what)) = WHATS.iter().find(|(known, _)| *known == name) else {
        let known = WHATS.map(|(known, _)| known);
        let message = text!("`{name}` is not what a goal can be about", name = quoted(name));
        let otherwise = text!("it is one of {words}", words = known.join(", "));
        return fault(message, tr!("unknown"), did_you_mean(name, known.iter().copied(), otherwise));
    };
    let most = match what {
        What::Cold | What::Rejected if most.trim() == "0" => Decimal::ZERO,
        What::Cold | What::Rejected => {
            let (num, den) = grammar::share(most)?;
            Decimal::from(num) / Decimal::from(den)
        }
        _ => Decimal::from(grammar::some_time(most)?.0) / Decimal::from(1_000),
    };
    Ok(Goal { text: text.trim().to_owned(), what: *what, most })
}

impl Goal {
    /// What a run has of it, with the half-width of its interval where there is one.
    pub fn of(&self, run: &RunOut) -> Option<Decimal> {
        let ci = run.ci95.as_ref();
        let rejected = || Decimal::from(run.rejected).checked_div(Decimal::from(run.requests.max(1)));
        let number = |text: &str| text.parse::<Decimal>().ok();
        let (value, width) = match self.what {
            What::Mean => (number(&run.latency_ms.mean), ci.map(|c| &c.latency_ms.mean)),
            What::P50 => (number(&run.latency_ms.p50), ci.map(|c| &c.latency_ms.p50)),
            What::P95 => (number(&run.latency_ms.p95), ci.map(|c| &c.latency_ms.p95)),
            What::P99 => (number(&run.latency_ms.p99), ci.map(|c| &c.latency_ms.p99)),
            What::Max => (number(&run.latency_ms.max), None),
            What::WaitP99 => (number(&run.wait_ms.p99), ci.map(|c| &c.wait_ms.p99)),
            What::Cold => (number(&run.cold_start_fraction), ci.map(|c| &c.cold_start_fraction)),
            What::Rejected => (rejected(), ci.map(|c| &c.rejected_fraction)),
        };
        Some(value? + width.and_then(|w| number(w)).unwrap_or_default())
    }
}

/// Numbers to try: one, a list `1,10,80`, or a range `1..80` with both ends.
pub fn numbers(text: &str) -> Parsed<Vec<u64>> {
    let mut all = Vec::new();
    for part in grammar::parts(text) {
        match part.split_once("..") {
            None => all.push(grammar::count(part)?),
            Some((from, to)) => {
                let (from, to) = (grammar::count(from)?, grammar::count(to.trim_start_matches('='))?);
                if from > to {
                    return fault(
                        text!("`{part}` ends before it begins", part),
                        "the wrong way round",
                        "write the smaller number first",
                    );
                }
                if to - from >= MOST_NUMBERS {
                    return fault(
                        text!("`{part}` is more numbers than can be tried", part),
                        "too many",
                        "write at most 10000",
                    );
                }
                all.extend(from..=to);
            }
        }
    }
    all.sort_unstable();
    all.dedup();
    if all.is_empty() {
        fault("there is no number to try", tr!("empty"), "write a range such as 1..80")
    } else {
        Ok(all)
    }
}

/// Most numbers in a range.
const MOST_NUMBERS: u64 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_and_ranges_are_read() {
        let g = goal("p99=300ms").unwrap();
        assert_eq!((g.what, g.most), (What::P99, Decimal::from(300)));
        assert_eq!(goal("cold=1%").unwrap().most, Decimal::new(1, 2));
        assert_eq!(goal("rejected=0").unwrap().most, Decimal::ZERO);
        assert_eq!(numbers("1..3,10, 2").unwrap(), [1, 2, 3, 10]);
        for none in [&[][..], &[" ,".to_owned()], &[String::new()]] {
            assert!(goals(none).iter().all(Result::is_err) && goals(none).len() == 1, "{none:?}");
        }
        for bad in ["p99", "p98=1s", "p99=300", "p99=", "cold=2"] {
            assert!(goal(bad).is_err(), "{bad}");
        }
        for bad in ["", "3..1", "1..100000", "a..b", "1.."] {
            assert!(numbers(bad).is_err(), "{bad}");
        }
    }
}
