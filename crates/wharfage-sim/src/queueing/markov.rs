//! Poisson arrivals and exponential service on several servers: loss (Erlang B), queue (Erlang C), and a queue of limited
//! length.

use super::{NoAnswer, crossing, positive};

/// Probability that a request finds all servers busy and is lost, at this offered load. Holds for any service law.
///
/// ```
/// assert!((wharfage_sim::queueing::erlang_b(5.0, 8) - 0.070_047_852_209_567).abs() < 1e-12);
/// ```
pub fn erlang_b(load: f64, servers: u64) -> f64 {
    (1..=servers).fold(1.0, |b, n| load * b / (n as f64 + load * b))
}

/// M/M/c: a queue without limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mmc {
    rate: f64,
    service: f64,
    servers: u64,
    p_wait: f64,
}

impl Mmc {
    /// Arrivals per second, mean service in seconds, servers.
    ///
    /// # Errors
    /// Where the load is not below the number of servers, or a value is not above zero.
    pub fn new(rate: f64, service: f64, servers: u64) -> Result<Self, NoAnswer> {
        positive(&[rate, service, servers as f64])?;
        let load = rate * service;
        let rho = load / servers as f64;
        if rho >= 1.0 {
            return Err(NoAnswer::Unstable);
        }
        let b = erlang_b(load, servers);
        Ok(Self { rate, service, servers, p_wait: b / (1.0 - rho * (1.0 - b)) })
    }

    /// Share of time that a server is busy.
    pub fn rho(&self) -> f64 {
        self.busy_mean() / self.servers as f64
    }

    /// Probability that a request waits (Erlang C).
    pub fn p_wait(&self) -> f64 {
        self.p_wait
    }

    /// Mean number of busy servers.
    pub fn busy_mean(&self) -> f64 {
        self.rate * self.service
    }

    /// How fast the wait's tail falls, per second.
    fn drain(&self) -> f64 {
        self.servers as f64 / self.service - self.rate
    }

    /// Mean wait of a request.
    pub fn wait_mean(&self) -> f64 {
        self.p_wait / self.drain()
    }

    /// Mean time from arrival to completion.
    pub fn sojourn_mean(&self) -> f64 {
        self.wait_mean() + self.service
    }

    /// Mean number of requests that wait.
    pub fn queue_mean(&self) -> f64 {
        self.rate * self.wait_mean()
    }

    /// Probability that a request waits longer than this.
    pub fn p_wait_beyond(&self, seconds: f64) -> f64 {
        self.p_wait * libm::exp(-self.drain() * seconds)
    }

    /// Probability that a request takes longer than this in all.
    pub fn p_sojourn_beyond(&self, seconds: f64) -> f64 {
        let (mu, t) = (1.0 / self.service, seconds);
        let delta = self.drain() - mu;
        let over = if delta == 0.0 { t } else { -libm::expm1(-delta * t) / delta };
        libm::exp(-mu * t) * (1.0 + self.p_wait * mu * over)
    }

    /// The wait that a share `q` of requests does not exceed.
    pub fn wait_quantile(&self, q: f64) -> f64 {
        if 1.0 - self.p_wait >= q { 0.0 } else { libm::log(self.p_wait / (1.0 - q)) / self.drain() }
    }

    /// The time from arrival to completion that a share `q` of requests does not exceed.
    pub fn sojourn_quantile(&self, q: f64) -> f64 {
        let slowest = self.drain().min(1.0 / self.service);
        crossing(0.0, 60.0 / slowest - 2.0 * libm::log(1.0 - q) / slowest, |t| self.p_sojourn_beyond(t) - (1.0 - q))
    }
}

/// M/M/c/K: at most `capacity` requests in service and waiting; who finds more is lost.
#[derive(Debug, Clone, PartialEq)]
pub struct Mmck {
    rate: f64,
    servers: u64,
    /// probability of each number of requests present
    states: Vec<f64>,
}

impl Mmck {
    /// Most requests present that are worked out state by state.
    pub const LARGEST: u64 = 10_000_000;

    /// Arrivals per second, mean service in seconds, servers, and requests that can be present at once.
    ///
    /// # Errors
    /// Where a value is not above zero, or the capacity is below the servers or beyond [`Mmck::LARGEST`].
    pub fn new(rate: f64, service: f64, servers: u64, capacity: u64) -> Result<Self, NoAnswer> {
        positive(&[rate, service, servers as f64])?;
        if capacity < servers || capacity > Self::LARGEST {
            return Err(NoAnswer::Value);
        }
        let load = rate * service;
        let mut states = vec![1.0];
        let mut last = 1.0_f64;
        for n in 1..=capacity {
            last *= load / n.min(servers) as f64;
            states.push(last);
            // Weights are kept in range; only their ratios count.
            if last > 1e250 {
                states.iter_mut().for_each(|p| *p *= 1e-250);
                last *= 1e-250;
            }
        }
        let sum: f64 = states.iter().sum();
        states.iter_mut().for_each(|p| *p /= sum);
        Ok(Self { rate, servers, states })
    }

    /// Probability that a request is lost.
    pub fn p_block(&self) -> f64 {
        self.states.last().copied().unwrap_or(0.0)
    }

    /// Requests per second that are served.
    pub fn throughput(&self) -> f64 {
        self.rate * (1.0 - self.p_block())
    }

    fn mean(&self, of: impl Fn(u64) -> u64) -> f64 {
        (0..).zip(&self.states).map(|(n, p)| of(n) as f64 * p).sum()
    }

    /// Mean number of requests present.
    pub fn number_mean(&self) -> f64 {
        self.mean(|n| n)
    }

    /// Mean number of busy servers.
    pub fn busy_mean(&self) -> f64 {
        self.mean(|n| n.min(self.servers))
    }

    /// Mean number of requests that wait.
    pub fn queue_mean(&self) -> f64 {
        self.mean(|n| n.saturating_sub(self.servers))
    }

    /// Mean wait of a request that is served.
    pub fn wait_mean(&self) -> f64 {
        self.queue_mean() / self.throughput()
    }

    /// Mean time from arrival to completion of a request that is served.
    pub fn sojourn_mean(&self) -> f64 {
        self.number_mean() / self.throughput()
    }

    /// Probability that a request that is served waits.
    pub fn p_wait(&self) -> f64 {
        let served = 1.0 - self.p_block();
        let full = self.states.len() - 1;
        self.states[..full].iter().skip(self.servers as usize).sum::<f64>() / served
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{near, near_by},
        *,
    };

    #[test]
    fn losses_are_those_of_erlang() {
        near(erlang_b(9.0, 15), 0.0198684813850694);
        near(erlang_b(6.0, 10), 0.0431418384104393);
        near(erlang_b(50.0, 60), 0.0216684730578062);
    }

    #[test]
    fn one_server_at_seven_tenths() {
        let q = Mmc::new(0.7, 1.0, 1).unwrap();
        near(q.p_wait(), 0.7);
        near(q.wait_mean(), 2.33333333333333);
        near(q.sojourn_mean(), 3.33333333333333);
        near(q.queue_mean(), 1.63333333333333);
        for (p, wait, sojourn) in [
            (0.5, 1.12157412207071, 2.31049060186648),
            (0.9, 6.48636716351771, 7.67528364331349),
            (0.95, 8.7968577653842, 9.98577424517997),
            (0.99, 14.1616508068312, 15.350567286627),
            (0.999, 21.8369344501447, 23.0258509299405),
        ] {
            near(q.wait_quantile(p), wait);
            near(q.sojourn_quantile(p), sojourn);
        }
    }

    #[test]
    fn a_tail_with_two_equal_rates_is_that_of_its_limit() {
        // c μ − λ = μ for two servers at one half.
        let (at, beside) = (Mmc::new(1.0, 1.0, 2).unwrap(), Mmc::new(1.0 + 1e-9, 1.0, 2).unwrap());
        near_by(at.p_sojourn_beyond(3.0), beside.p_sojourn_beyond(3.0), 1e-8);
    }

    #[test]
    fn a_bounded_queue_loses_what_does_not_fit() {
        let q = Mmck::new(8.0, 1.0, 10, 15).unwrap();
        near(q.p_block(), 0.0300380336524195);
        near(q.throughput(), 7.75969573078064);
        near(q.number_mean(), 8.39155046210205);
        near(q.queue_mean(), 0.631854731321403);
        near(q.busy_mean(), 7.75969573078064);
        near(q.sojourn_mean(), 1.08142777155746);
        near(q.wait_mean(), 0.0814277715574599);
        near(q.p_wait(), 0.317696839447026);
        let overloaded = Mmck::new(1.5, 1.0, 1, 5).unwrap();
        near(overloaded.p_block(), 0.365413533834586);
        near(overloaded.p_wait(), 0.924170616113744);
        // Weights beyond the largest number are scaled.
        let deep = Mmck::new(1e6, 1.0, 2, 100_000).unwrap();
        near(deep.throughput(), 2.0);
    }

    #[test]
    fn a_queue_that_grows_without_end_has_no_answer() {
        assert_eq!(Mmc::new(10.0, 1.0, 10), Err(NoAnswer::Unstable));
        assert_eq!(Mmc::new(0.0, 1.0, 10), Err(NoAnswer::Value));
        assert_eq!(Mmck::new(1.0, 1.0, 3, 2), Err(NoAnswer::Value));
    }
}
