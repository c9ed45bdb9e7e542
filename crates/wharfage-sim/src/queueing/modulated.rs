//! MMPP(2)/M/1: Poisson arrivals at one of two rates, exponential service, one server.

use super::{NoAnswer, positive};

type Matrix = [[f64; 2]; 2];

/// MMPP(2)/M/1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MmppM1 {
    rate: f64,
    service: f64,
    number: f64,
    p_empty: f64,
}

/// Most steps towards the matrix of rates; each halves what is left, and more at lower load.
const STEPS: usize = 10_000_000;

impl MmppM1 {
    /// Arrivals per second in each state, mean stays in seconds, and mean service in seconds.
    ///
    /// # Errors
    /// Where the load is not below one, or a value is not above zero.
    pub fn new(rates: [f64; 2], stays: [f64; 2], service: f64) -> Result<Self, NoAnswer> {
        positive(&[rates[0], rates[1], stays[0], stays[1], service])?;
        let rate = (rates[0] * stays[0] + rates[1] * stays[1]) / (stays[0] + stays[1]);
        if rate * service >= 1.0 {
            return Err(NoAnswer::Unstable);
        }
        let mu = 1.0 / service;
        let leave = [1.0 / stays[0], 1.0 / stays[1]];
        let up = [[rates[0], 0.0], [0.0, rates[1]]];
        let stay = |down: f64| [[-leave[0] - rates[0] - down, leave[0]], [leave[1], -leave[1] - rates[1] - down]];
        let r = rate_matrix(&up, &inverse(&stay(mu)), mu);
        // The states without a request: π₀ (B + R μ) = 0, and all probabilities add up to one.
        let empty = add(&stay(0.0), &scaled(&r, mu));
        let rest = inverse(&[[1.0 - r[0][0], -r[0][1]], [-r[1][0], 1.0 - r[1][1]]]);
        let weights = [empty[1][0], -empty[0][0]];
        let total = sum(&times_row(&weights, &rest));
        let none = [weights[0] / total, weights[1] / total];
        let number = sum(&times_row(&times_row(&times_row(&none, &r), &rest), &rest));
        Ok(Self { rate, service, number, p_empty: sum(&none) })
    }

    /// Mean arrivals per second.
    pub fn rate_mean(&self) -> f64 {
        self.rate
    }

    /// Share of time that the server is busy.
    pub fn rho(&self) -> f64 {
        self.rate * self.service
    }

    /// Share of time without a request.
    pub fn p_empty(&self) -> f64 {
        self.p_empty
    }

    /// Mean number of requests present.
    pub fn number_mean(&self) -> f64 {
        self.number
    }

    /// Mean time from arrival to completion.
    pub fn sojourn_mean(&self) -> f64 {
        self.number / self.rate
    }

    /// Mean wait.
    pub fn wait_mean(&self) -> f64 {
        self.sojourn_mean() - self.service
    }
}

/// The least solution of `Λ + R A + μ R² = 0`: expected visits one level up, per visit of a level.
fn rate_matrix(up: &Matrix, inverse_of_stay: &Matrix, mu: f64) -> Matrix {
    let mut r = [[0.0; 2]; 2];
    for _ in 0..STEPS {
        let next = scaled(&times(&add(up, &scaled(&times(&r, &r), mu)), inverse_of_stay), -1.0);
        let change = (0..4).map(|n| (next[n / 2][n % 2] - r[n / 2][n % 2]).abs()).fold(0.0, f64::max);
        r = next;
        if change < 1e-16 {
            break;
        }
    }
    r
}

fn times(a: &Matrix, b: &Matrix) -> Matrix {
    [times_row(&a[0], b), times_row(&a[1], b)]
}

fn times_row(a: &[f64; 2], b: &Matrix) -> [f64; 2] {
    [a[0] * b[0][0] + a[1] * b[1][0], a[0] * b[0][1] + a[1] * b[1][1]]
}

fn add(a: &Matrix, b: &Matrix) -> Matrix {
    [[a[0][0] + b[0][0], a[0][1] + b[0][1]], [a[1][0] + b[1][0], a[1][1] + b[1][1]]]
}

fn scaled(a: &Matrix, by: f64) -> Matrix {
    a.map(|row| row.map(|x| x * by))
}

fn inverse(a: &Matrix) -> Matrix {
    let determinant = a[0][0] * a[1][1] - a[0][1] * a[1][0];
    scaled(&[[a[1][1], -a[0][1]], [-a[1][0], a[0][0]]], 1.0 / determinant)
}

fn sum(row: &[f64; 2]) -> f64 {
    row[0] + row[1]
}

#[cfg(test)]
mod tests {
    use super::{
        super::{near, near_by},
        *,
    };

    #[test]
    fn bursts_fill_the_queue() {
        let q = MmppM1::new([0.5, 3.0], [20.0, 2.0], 0.5).unwrap();
        near(q.rate_mean(), 0.7272727272727273);
        near(q.p_empty(), 1.0 - q.rho());
        near_by(q.number_mean(), 1.0243823469195585, 1e-9);
        near_by(q.wait_mean(), 0.9085257270143929, 1e-9);
        let q = MmppM1::new([10.0, 40.0], [60.0, 5.0], 0.03).unwrap();
        near_by(q.sojourn_mean(), 0.35400749525549585, 1e-7);
    }

    #[test]
    fn equal_rates_are_plain_poisson_arrivals() {
        let q = MmppM1::new([0.7, 0.7], [5.0, 3.0], 1.0).unwrap();
        near_by(q.sojourn_mean(), 1.0 / 0.3, 1e-9);
        assert_eq!(MmppM1::new([1.0, 1.0], [1.0, 1.0], 1.0), Err(NoAnswer::Unstable));
    }
}
