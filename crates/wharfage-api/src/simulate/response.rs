//! What a simulation answers: counts and integers are numbers, fractions and means are texts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::response::NoteOut;

/// The answer to a [`super::SimulateRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SimulateResponse {
    /// version of this form: 1
    pub schema: u32,
    /// chose the random numbers
    pub seed: u64,
    /// seconds until arrivals stopped, or until a trace ended
    pub horizon_s: String,
    /// `simulation`: no figure is from a formula
    pub method: String,
    /// arrivals, completions, start-ups and expiries that were simulated
    pub events: u64,
    /// how many runs with other random numbers each figure is from
    pub replications: u64,
    /// one per policy
    pub runs: Vec<RunOut>,
}

/// One policy's run, or all of its replications together: counts and times are then added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunOut {
    /// which instances there were
    pub policy: String,
    /// which instance took a request
    pub routing: String,
    /// requests that arrived
    pub requests: u64,
    /// requests that were served
    pub served: u64,
    /// requests that found no room
    pub rejected: u64,
    /// requests that started an instance
    pub cold_starts: u64,
    /// cold starts per request
    pub cold_start_fraction: String,
    /// arrival to completion of served requests
    pub latency_ms: SpreadOut,
    /// arrival to start of service of served requests
    pub wait_ms: SpreadOut,
    /// how many instances there were
    pub instances: InstancesOut,
    /// what was used
    pub usage: UsageOut,
    /// instances through the run, where that was asked for; of the first replication
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<SampleOut>,
    /// half-widths of 95 % confidence intervals, where there are replications
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci95: Option<Ci95Out>,
    /// what was taken for granted
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumptions: Vec<String>,
    /// what to know before these figures are used
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<NoteOut>,
}

/// How times are spread, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SpreadOut {
    /// the mean, exactly rounded
    pub mean: String,
    /// half are at most this long
    pub p50: String,
    /// 95 of 100
    pub p95: String,
    /// 99 of 100
    pub p99: String,
    /// the longest
    pub max: String,
}

/// How many instances there were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InstancesOut {
    /// starting, or up with a request in flight
    pub mean_running: String,
    /// up without one
    pub mean_idle: String,
    /// both
    pub mean_total: String,
    /// most at once
    pub max: u64,
}

/// Instances at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SampleOut {
    /// seconds since the start
    pub at_s: String,
    /// starting, or up with a request in flight
    pub running: u64,
    /// up without one
    pub idle: u64,
    /// requests that wait in the queue
    pub queued: u64,
}

/// What was used, in microseconds of instances where not said otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UsageOut {
    /// from start to readiness
    pub starting_us: u64,
    /// up with a request in flight
    pub busy_us: u64,
    /// up without one
    pub idle_us: u64,
    /// their sum
    pub held_us: u64,
    /// per instance, the union of the intervals with a request in flight
    pub active_us: u64,
    /// how many such intervals
    pub busy_periods: u64,
    /// start-up and service of each request, rounded up
    pub billed_us: u64,
    /// most instances at once that were starting or busy
    pub peak_busy: u64,
    /// requests that waited at all
    pub waited_requests: u64,
    /// exact latencies, for traces
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_us: Option<ExactOut>,
    /// exact waits, for traces
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_us: Option<ExactOut>,
}

/// Exact nearest-rank quantiles in microseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExactOut {
    /// half are at most this long
    pub p50: u64,
    /// 95 of 100
    pub p95: u64,
    /// 99 of 100
    pub p99: u64,
    /// the longest
    pub max: u64,
    /// all together
    pub sum: u64,
}

/// Half-widths of 95 % confidence intervals over replications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ci95Out {
    /// of `cold_start_fraction`
    pub cold_start_fraction: String,
    /// of rejected requests per request
    pub rejected_fraction: String,
    /// of `latency_ms`
    pub latency_ms: SpreadOut,
    /// of `wait_ms`
    pub wait_ms: SpreadOut,
    /// of `instances.mean_running`
    pub mean_running: String,
    /// of `instances.mean_idle`
    pub mean_idle: String,
    /// of `instances.mean_total`
    pub mean_total: String,
}
