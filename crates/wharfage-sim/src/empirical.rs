//! Lengths of time as they were measured.

use crate::{random::Stream, time::Nanos};

/// Lengths of time, each as likely as its weight.
///
/// ```
/// use wharfage_sim::Empirical;
/// let measured = Empirical::new(&[(10, 3.0), (50, 1.0)]).unwrap();
/// assert_eq!(measured.mean().0, 20);
/// assert_eq!(Empirical::new(&[]), None);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Empirical {
    lengths: Vec<u64>,
    /// the weights up to each length; none where all are the same
    up_to: Vec<f64>,
    mean: f64,
    scv: f64,
}

impl Empirical {
    /// Lengths in nanoseconds with their weights; none where no weight is above zero.
    pub fn new(weighted: &[(u64, f64)]) -> Option<Self> {
        let first = weighted.first()?.1;
        let total: f64 = weighted.iter().map(|(_, w)| w).sum();
        if !(total > 0.0 && total.is_finite()) || weighted.iter().any(|(_, w)| *w < 0.0) {
            return None;
        }
        let mean = weighted.iter().map(|(ns, w)| *ns as f64 * w).sum::<f64>() / total;
        let squares = weighted.iter().map(|(ns, w)| (*ns as f64 - mean) * (*ns as f64 - mean) * w).sum::<f64>();
        let mut sum = 0.0;
        let sums = weighted.iter().map(|(_, w)| {
            sum += w;
            sum
        });
        Some(Self {
            lengths: weighted.iter().map(|(ns, _)| *ns).collect(),
            up_to: if weighted.iter().all(|(_, w)| *w == first) { Vec::new() } else { sums.collect() },
            mean,
            scv: if mean > 0.0 { squares / total / (mean * mean) } else { 0.0 },
        })
    }

    /// The mean.
    pub fn mean(&self) -> Nanos {
        Nanos((self.mean + 0.5) as u64)
    }

    /// Variance over the square of the mean.
    pub fn scv(&self) -> f64 {
        self.scv
    }

    /// One of the lengths.
    pub(crate) fn sample(&self, stream: &mut Stream) -> u64 {
        let unit = stream.unit();
        let place = match self.up_to.last() {
            None => (unit * self.lengths.len() as f64) as usize,
            Some(total) => {
                let share = unit * total;
                self.up_to.partition_point(|sum| *sum <= share)
            }
        };
        self.lengths[place.min(self.lengths.len() - 1)]
    }

    /// The Laplace transform at `s`, per second.
    pub(crate) fn transform(&self, s: f64) -> f64 {
        let (mut sum, mut before) = (0.0, 0.0);
        for (n, ns) in self.lengths.iter().enumerate() {
            let up_to = self.up_to.get(n).copied().unwrap_or(n as f64 + 1.0);
            sum += (up_to - before) * libm::exp(-s * *ns as f64 / 1e9);
            before = up_to;
        }
        sum / before
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    #[test]
    fn each_length_comes_as_often_as_its_weight() {
        for weighted in [vec![(1, 1.0), (2, 1.0), (5, 1.0)], vec![(1, 5.0), (2, 0.0), (5, 3.5), (9, 1.5)]] {
            let measured = Empirical::new(&weighted).unwrap();
            let mut stream = Stream::new(1, 0, Purpose::Service);
            let n = 200_000;
            let all: Vec<u64> = (0..n).map(|_| measured.sample(&mut stream)).collect();
            let total: f64 = weighted.iter().map(|(_, w)| w).sum();
            for (ns, w) in weighted {
                let p = w / total;
                let got = all.iter().filter(|x| **x == ns).count() as f64 / f64::from(n);
                assert!((got - p).abs() <= 5.0 * (p * (1.0 - p) / f64::from(n)).sqrt(), "{ns}: {got} is not {p}");
            }
        }
    }

    #[test]
    fn weights_that_say_nothing_are_no_law() {
        for bad in [vec![], vec![(1, 0.0)], vec![(1, -1.0), (2, 3.0)], vec![(1, f64::INFINITY)], vec![(1, f64::NAN)]] {
            assert_eq!(Empirical::new(&bad), None, "{bad:?}");
        }
    }
}
