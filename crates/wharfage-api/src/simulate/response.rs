//! What a simulation answers: counts and integers are numbers, fractions and means are texts.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::response::{LineOut, MissingOut, NoteOut, PeriodOut, Prices};

/// The answer to a simulation.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
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
    /// the tables the prices are from, where platforms are priced
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices: Option<Prices>,
    /// what `monthly_total` is for, where platforms are priced
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<PeriodOut>,
    /// `USD`, where platforms are priced
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// `invoice` or `exact`, where platforms are priced
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounding: Option<String>,
    /// one per policy; with platforms one per platform, policy, region and purchase option
    pub runs: Vec<RunOut>,
    /// what was searched for, with `--slo`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slo: Option<SloOut>,
    /// platforms that can't run the workload, and were not simulated
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedOut>,
}

impl SimulateResponse {
    /// Adds the runs of another platform or policy. Of a trace, the longest run says when it ended.
    pub(super) fn join(&mut self, other: Self) {
        let seconds = |of: &Self| of.horizon_s.parse::<Decimal>().ok();
        if seconds(&other) > seconds(self) {
            self.horizon_s = other.horizon_s;
        }
        self.events += other.events;
        self.runs.extend(other.runs);
        self.refused.extend(other.refused);
    }
}

/// A search for the cheapest choice that keeps goals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SloOut {
    /// what should be kept
    pub goals: Vec<GoalOut>,
    /// what was tried, by concurrency and instances; the chosen ones have their runs in `runs`
    pub candidates: Vec<CandidateOut>,
}

/// A goal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GoalOut {
    /// as it was written: `p99=300ms`
    pub goal: String,
    /// milliseconds, or a share of requests
    pub at_most: String,
}

/// A choice that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CandidateOut {
    /// platform id, where one is priced
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// the provider's region
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// purchase option
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase: Option<String>,
    /// which instances there were
    pub policy: String,
    /// requests that an instance served at once
    pub concurrency: u32,
    /// never fewer instances
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_instances: Option<u64>,
    /// always as many instances
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u64>,
    /// what it had of each goal, in their order; with replications the upper end of the interval
    pub values: Vec<String>,
    /// mean number of instances
    pub mean_total: String,
    /// what it costs in the period
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_total: Option<String>,
    /// did it keep every goal
    pub keeps: bool,
    /// is it the cheapest that did
    pub chosen: bool,
}

/// A platform that can't run the workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefusedOut {
    /// platform id
    pub platform: String,
    /// the provider's region
    pub region: String,
    /// `infeasible`, or `unpriced` where a rule's figure is missing
    pub status: String,
    /// why it can't run it
    pub reasons: Vec<NoteOut>,
    /// figures that were needed and are not in the tables
    pub missing: Vec<MissingOut>,
}

/// One policy's run, or all of its replications together: counts and times are then added.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct RunOut {
    /// platform id, where one is priced
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// the provider's region
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// purchase option
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase: Option<String>,
    /// which instances there were
    pub policy: String,
    /// which instance took a request
    pub routing: String,
    /// requests that an instance served at once
    pub concurrency: u32,
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
    /// what it costs, where a platform is priced
    #[serde(flatten)]
    pub bill: Option<BillOut>,
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

/// What a run costs: the bill of the simulated time, and what it comes to in the period.
///
/// With replications, both are of the mean usage of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BillOut {
    /// `priced`, `partial` or `unpriced`
    pub status: String,
    /// of the simulated time, to the cent; only where everything is priced
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// the exact sum
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_exact: Option<String>,
    /// without what is missing
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtotal: Option<String>,
    /// the usage scaled to the period, with its allowances and credits once; to the cent
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_total: Option<String>,
    /// the exact sum
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_total_exact: Option<String>,
    /// without what is missing
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monthly_subtotal: Option<String>,
    /// what was handed to the billing rules, of the simulated time
    pub metered: MeteredOut,
    /// the lines of `total`
    pub lines: Vec<LineOut>,
    /// the lines of `monthly_total`
    pub monthly_lines: Vec<LineOut>,
    /// prices that were needed and are not in the tables
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<MissingOut>,
    /// what a real bill would have and this one has not
    pub not_priced: Vec<NoteOut>,
}

/// Usage as an estimate takes it: `--instance-time`, `--idle-time`, `--request-count`, `--most-instances`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MeteredOut {
    /// `active`: busy and starting instances; `life`: whole lives of instances; `nodes`: whole lives of machines
    pub of: String,
    /// instance time at the full rate, as it ran, in µs
    pub instance_us: u64,
    /// the same after the platform's increments and minimums
    pub billed_us: u64,
    /// instance time at the idle rate, as it ran, in µs
    pub idle_us: u64,
    /// the same as it is billed
    pub idle_billed_us: u64,
    /// requests that were served
    pub requests: u64,
    /// most instances (or machines) at once
    pub most: u64,
    /// the machine type, on platforms made of nodes
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_type: Option<String>,
}

/// How times are spread, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
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
    /// machines, on platforms made of nodes
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<u64>,
}

/// What was used, in microseconds of instances where not said otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
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
    /// start-up and service of each request, rounded up; or what the platform bills at the full rate
    pub billed_us: u64,
    /// instance time kept warm by the least number of instances, in which they had nothing to do
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_us: Option<u64>,
    /// machine time, on platforms made of nodes
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_us: Option<u64>,
    /// most machines at once, on platforms made of nodes
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_nodes: Option<u64>,
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
