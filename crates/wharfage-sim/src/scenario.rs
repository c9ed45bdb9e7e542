//! What is simulated: demand, instances and the policy that starts and stops them.

use crate::{arrivals::Arrivals, autoscaler::Autoscaler, law::Law, nodes::Nodes, time::Nanos};

/// Everything a run depends on: two runs of one scenario give the same outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// when requests arrive
    pub arrivals: Arrivals,
    /// how long a request takes on an instance
    pub service: Service,
    /// how much of that needs a processor, which requests on an instance then share
    pub cpu: Option<Cpu>,
    /// what starting an instance adds
    pub start_up: StartUp,
    /// which instances there are
    pub policy: Policy,
    /// instances that are up when the run begins, as far as the policy allows as many; always-on ones are up anyway
    pub pre_started: u64,
    /// what instances are placed on; `None`: there is always room
    pub nodes: Option<Nodes>,
    /// requests that an instance serves at once
    pub concurrency: u32,
    /// which instance takes a request
    pub routing: Routing,
    /// waiting places for the whole service; [`UNBOUNDED`]: as many as are needed
    pub queue: u64,
    /// most waiting requests before the run is given up
    pub max_queue: u64,
    /// when arrivals stop; `None`: when the trace ends
    pub horizon: Option<Nanos>,
    /// how much of the beginning is left out of every count, mean and quantile
    pub warm_up: Nanos,
    /// what is billed
    pub meter: Meter,
    /// how often instances are counted for [`crate::Outcome::series`]; `None`: never
    pub sample_every: Option<Nanos>,
    /// chooses the random numbers
    pub seed: u64,
}

impl Scenario {
    /// How long a run is, if it is not ended early: its horizon, or the last arrival of its trace.
    pub(crate) fn length(&self) -> u64 {
        match (&self.horizon, &self.arrivals) {
            (Some(horizon), _) => horizon.0,
            (None, Arrivals::Trace(trace)) => trace.last(),
            _ => 0,
        }
    }
}

/// As many waiting places as are needed.
pub const UNBOUNDED: u64 = u64::MAX;

/// What is billed, and how it is rounded.
///
/// A stretch or life that crosses the end of the warm-up or the horizon counts with the part between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meter {
    /// each request by itself: its start-up and service
    Requests {
        /// rounded up to whole ones of these
        quantum: Nanos,
    },
    /// of each instance, every unbroken stretch in which it is starting or has a request in flight; those that touch are one
    Active {
        /// rounded up to whole ones of these
        increment: Nanos,
        /// and never less than this; what begins within the minimum of another stretch goes on with it, and pays no time twice
        minimum: Nanos,
    },
    /// each instance's whole life, from its start (on its node, where there are nodes) to its stop
    Life {
        /// rounded up to whole ones of these
        increment: Nanos,
        /// and never less than this
        minimum: Nanos,
    },
    /// each node's whole life, from when it is asked for to its removal
    Nodes {
        /// rounded up to whole ones of these
        increment: Nanos,
        /// and never less than this
        minimum: Nanos,
    },
}

/// How long a request takes on an instance.
#[derive(Debug, Clone, PartialEq)]
pub enum Service {
    /// drawn for each request, in the order of arrival
    Law(Law),
    /// as the trace says
    Trace,
}

/// What requests need of an instance's processor.
///
/// A request uses it first, sharing it with the others that do, and takes the rest of its service beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Cpu {
    /// processor time of a request; `None`: all of its service
    pub time: Option<Law>,
    /// vCPUs of an instance, in thousandths
    pub milli_vcpus: u64,
}

/// What starting an instance adds.
#[derive(Debug, Clone, PartialEq)]
pub enum StartUp {
    /// the instance starts for so long, then serves
    Before(Law),
    /// the request that starts an instance takes so long in all; nothing counts as starting
    Within(Law),
    /// the same, as the trace says
    WithinTrace,
}

/// Which instances there are.
#[derive(Debug, Clone, PartialEq)]
pub enum Policy {
    /// a request that finds no room starts an instance; one that is idle for longer than `idle_after` stops
    ScaleToZero {
        /// how long an idle instance is held, drawn each time it falls idle
        idle_after: Law,
        /// as few as these are left idle without end
        min_instances: u64,
        /// as many as there can be
        max_instances: u64,
    },
    /// as many instances as these, all the time
    AlwaysOn {
        /// how many
        replicas: u64,
    },
    /// as many as an autoscaler wants; nothing is there before the run begins
    Autoscaled {
        /// decides
        by: Autoscaler,
        /// never fewer
        min_instances: u64,
        /// never more
        max_instances: u64,
    },
}

/// Which instance with room takes a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Routing {
    /// the one that took or finished a request last; of equals the newest
    MostRecent,
    /// the one that was started last
    Newest,
    /// the one that took or finished a request longest ago; of equals the oldest
    LeastRecent,
}
