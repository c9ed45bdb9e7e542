//! What to simulate, as plain texts; the flags of `wharfage simulate` are made from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::request::{Field, FieldKind, is_empty, list_schema, value_schema};

fields! {
    /// What to simulate.
    SimulateRequest {}
    policy list "POLICY,…" "Instances" "which instances there are: scale-to-zero, always-on, or as an autoscaler wants: cloud-run, knative, hpa, keda, ecs-target-tracking, app-runner";
    arrivals one "MODEL" "Demand" "when requests arrive: constant:10/s, poisson:100/s, diurnal:mean=100/s,amplitude=0.5,period=24h,peak-at=14:00, burst:base=100/s,factor=10,every=1h,for=60s, mmpp:100/s,1000/s,600s,20s, hawkes:base=1/s,alpha=0.5,beta=1, gamma:rate=10/s,cv=2, hyperexp:rate=10/s,cv=2, weekly:FILE or trace:FILE.csv";
    preset one "NAME" "Demand" "a kind of demand instead: rare, per-minute, steady, api, spiky or cron";
    service one "LAW" "Demand" "how long a request takes: const:80ms, exp:80ms, lognormal:mean=80ms,cv=1, gamma:mean=80ms,cv=2, uniform:from=0s,to=160ms, trace, or expr:20ms+30us*COLUMN from columns of the trace";
    cpu_time one "TIME|LAW|all" "Demand" "how much of --service needs a processor, which requests on an instance then share: 20ms, exp:20ms, or all";
    sort flag "" "Demand" "put the rows of a trace in the order of arrival";
    cold_start one "LAW" "Instances" "how long an instance starts before it serves, written like --service [default: const:0s]";
    cold_service one "LAW" "Instances" "instead: the whole time of a request that starts an instance; trace takes cold_duration_us";
    replicas one "N" "Instances" "always-on: how many instances";
    vcpu one "N" "Instances" "vCPUs of an instance that requests share, with --cpu-time [default: 1]";
    concurrency one "N" "Instances" "requests that an instance serves at once [default: 1]";
    idle_after one "TIME" "Instances" "scale-to-zero: how long an idle instance is held, or never to stop none [default: 600s]";
    min_instances one "N" "Instances" "never fewer; scale-to-zero keeps them once they are there [default: 0, or 1 where a platform has no zero]";
    max_instances one "N" "Instances" "never more [default: no limit]";
    target_utilisation one "SHARE" "Instances" "share of an instance's concurrency that an autoscaler aims at [default: 0.6, Knative 0.7]";
    routing one "mru|newest|lru" "Instances" "which instance with room takes a request: most recently used (default), newest, least recently used";
    queue one "0|N|unbounded" "Instances" "waiting places for the whole service [default: 0 for scale-to-zero, else unbounded]";
    max_queue one "N" "Run" "give up when more requests wait than this [default: 10M]";
    horizon one "TIME" "Run" "when arrivals stop [default: 24h; a trace ends with its last instance]";
    warm_up one "TIME" "Run" "how much of the beginning is left out of every figure [default: 0s]";
    every one "TIME|auto" "Run" "count instances this often, and list them in the answer; auto chooses by the horizon";
    seed one "N" "Run" "chooses the random numbers [default: 1]";
    replications one "N" "Run" "runs with other random numbers, for confidence intervals [default: 1]";
    bill_quantum one "TIME" "Run" "requests are billed in whole multiples of this [default: 100ms]";
    yes flag "" "Run" "simulate even if it takes long";
}
