//! Requests that were counted by the minute: how many there were is recorded, when they came within it is drawn.
//!
//! The requests of a minute come independently of each other at any time of it, as those of a Poisson process do of which so
//! many came. Their times are drawn in order, each from what is left of the minute, so that none is kept.

use crate::random::Stream;

/// How long is counted at once, in nanoseconds.
const MINUTE: u64 = 60_000_000_000;

/// Where in the counts a run is.
#[derive(Debug, Clone, Default)]
pub struct Spreading {
    /// the minute that comes next
    minute: usize,
    /// requests of the present one that are to come
    left: u64,
    /// since the present one began
    passed: f64,
}

impl Spreading {
    /// The next arrival in nanoseconds; [`u64::MAX`] behind the last.
    pub fn next(&mut self, counts: &[u64], stream: &mut Stream) -> u64 {
        while self.left == 0 {
            let Some(count) = counts.get(self.minute) else { return u64::MAX };
            (self.left, self.passed) = (*count, 0.0);
            self.minute += 1;
        }
        // The least of n uniform shares of what is left is 1 - (1 - U)^(1 / n), and ln (1 - U) an exponential sample.
        let share = -libm::expm1(-stream.exponential() / self.left as f64);
        self.passed += (MINUTE as f64 - self.passed) * share;
        self.left -= 1;
        (self.minute as u64 - 1) * MINUTE + (self.passed as u64).min(MINUTE - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    #[test]
    fn each_minute_has_its_requests_in_order_and_evenly_on_average() {
        let counts = [0, 3, 0, 200_000, 1];
        let (mut spreading, mut stream) = (Spreading::default(), Stream::new(1, 0, Purpose::Arrivals));
        let all: Vec<u64> =
            std::iter::from_fn(|| Some(spreading.next(&counts, &mut stream)).filter(|at| *at != u64::MAX)).collect();
        assert!(all.is_sorted());
        for (minute, count) in counts.iter().enumerate() {
            assert_eq!(all.iter().filter(|at| **at / MINUTE == minute as u64).count() as u64, *count, "{minute}");
        }
        // Tenths of the full minute, each within five standard deviations.
        for tenth in 0..10 {
            let from = 3 * MINUTE + tenth * MINUTE / 10;
            let n = all.iter().filter(|at| (from..from + MINUTE / 10).contains(*at)).count() as f64;
            assert!((n - 20_000.0).abs() < 5.0 * 18_000_f64.sqrt(), "{tenth}: {n}");
        }
    }
}
