//! How many servers are enough.

use super::{Mmc, NoAnswer, erlang_b, positive};

/// What must hold, each with a share of requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// at most this share is lost where none can wait
    Blocked(f64),
    /// at most this share waits
    Waiting(f64),
    /// at most this share waits longer than so many seconds
    WaitingBeyond {
        /// seconds
        seconds: f64,
        /// the share
        share: f64,
    },
    /// this share takes at most so many seconds in all
    SojournWithin {
        /// seconds
        seconds: f64,
        /// the share, such as 0.95
        share: f64,
    },
}

/// Most servers that are tried.
const MOST: u64 = 10_000_000;

/// The smallest number of servers that meets a goal, for Poisson arrivals and exponential service; `None` where none does.
///
/// ```
/// use wharfage_sim::queueing::{Goal, min_servers};
/// assert_eq!(min_servers(10.0, 1.0, Goal::Blocked(0.01)), Ok(Some(18)));
/// ```
///
/// # Errors
/// Where a rate or a time is not above zero.
pub fn min_servers(rate: f64, service: f64, goal: Goal) -> Result<Option<u64>, NoAnswer> {
    positive(&[rate, service])?;
    let load = rate * service;
    if load >= MOST as f64 {
        return Ok(None);
    }
    if let Goal::SojournWithin { seconds, share } = goal
        && libm::exp(-seconds / service) > 1.0 - share
    {
        // Service alone takes longer, however many servers there are.
        return Ok(None);
    }
    let meets = |servers: u64| match (goal, Mmc::new(rate, service, servers)) {
        (Goal::Blocked(share), _) => erlang_b(load, servers) <= share,
        (_, Err(_)) => false,
        (Goal::Waiting(share), Ok(q)) => q.p_wait() <= share,
        (Goal::WaitingBeyond { seconds, share }, Ok(q)) => q.p_wait_beyond(seconds) <= share,
        (Goal::SojournWithin { seconds, share }, Ok(q)) => q.p_sojourn_beyond(seconds) <= 1.0 - share,
    };
    // More servers are never worse, so that doubling and halving finds the first that is enough.
    let mut high = 1;
    while !meets(high) {
        if high >= MOST {
            return Ok(None);
        }
        high = (high * 2).min(MOST);
    }
    let mut low = high / 2;
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if meets(middle) { high = middle } else { low = middle }
    }
    Ok(Some(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_servers_as_are_needed_and_not_one_more() {
        let within = |seconds, share| Goal::SojournWithin { seconds, share };
        for (rate, service, goal, servers) in [
            (10.0, 1.0, Goal::Blocked(0.01), 18),
            (100.0, 0.2, Goal::Waiting(0.05), 29),
            (100.0, 0.2, Goal::WaitingBeyond { seconds: 0.1, share: 0.01 }, 26),
            (50.0, 0.1, within(0.35, 0.95), 7),
            (500.0, 0.08, within(0.4, 0.99), 43),
            (1000.0, 0.05, Goal::Blocked(0.001), 71),
        ] {
            assert_eq!(min_servers(rate, service, goal), Ok(Some(servers)), "{goal:?}");
        }
        assert_eq!(min_servers(1.0, 1.0, within(1.0, 0.95)), Ok(None), "service alone is longer");
    }
}
