//! What to simulate, as plain texts: the table `[simulate]` of a request, and the flags of `wharfage simulate` that no other
//! command has. Sizes, concurrency, replicas and the least number of instances are the workload's own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::request::{Field, FieldKind, is_empty, list_schema, table_schema, value_schema};

fields! {
    /// How a request's workload is simulated.
    SimulateRequest {}
    policy list "POLICY,…" "Instances" "which instances there are: scale-to-zero, always-on (with --replicas), or as an autoscaler wants: cloud-run, knative, hpa, keda, ecs-target-tracking, app-runner [default: the platform's own]";
    arrivals one "MODEL" "Demand" "when requests arrive: constant:10/s, poisson:100/s, diurnal:mean=100/s,amplitude=0.5,period=24h,peak-at=14:00, burst:base=100/s,factor=10,every=1h,for=60s, mmpp:100/s,1000/s,600s,20s, hawkes:base=1/s,alpha=0.5,beta=1, gamma:rate=10/s,cv=2, hyperexp:rate=10/s,cv=2, weekly:FILE, weekly:FILE,rate=100/s, trace:FILE.csv or trace:FILE.csv#FUNCTION [default: --requests, with bursts up to --peak]";
    preset one "NAME" "Demand" "a kind of demand instead: rare, per-minute, steady, api, spiky or cron";
    service one "LAW" "Demand" "how long a request takes: const:80ms, exp:80ms, lognormal:mean=80ms,cv=1, gamma:mean=80ms,cv=2, uniform:from=0s,to=160ms, pareto:from=10ms,to=10s,alpha=1.5, weibull:mean=80ms,shape=0.7, empirical:FILE.csv, trace, or expr:20ms+30us*COLUMN from columns of the trace [default: --duration]";
    cpu_time one "TIME|LAW|all" "Demand" "how much of --service needs a processor, which requests on an instance then share: 20ms, exp:20ms, or all";
    sort flag "" "Demand" "put the rows of a trace in the order of arrival";
    cold_start one "LAW" "Instances" "how long an instance starts before it serves, written like --service [default: as the platform starts, else const:0s]";
    cold_service one "LAW" "Instances" "instead: the whole time of a request that starts an instance; trace takes cold_duration_us";
    idle_after one "TIME" "Instances" "scale-to-zero: how long an idle instance is held, or never to stop none [default: 600s]";
    autoscaler table "KEY=VALUE,…" "Instances" "parameters of the autoscalers, each for those that have it, or for one: stable-window=120s,hpa.tolerance=0.2; they overrule --target-utilisation and --idle-after";
    max_instances one "N" "Instances" "never more [default: the platform's own limit, else none]";
    node_start one "LAW" "Instances" "how long a machine takes until it is ready, on platforms made of nodes [default: as the platform starts them]";
    node_idle_after one "TIME" "Instances" "how long a machine without work stays [default: as the platform's node autoscaler has it]";
    pull_rate one "SIZE/s" "Instances" "how fast --image is pulled by an instance that starts, on platforms that pull each time [default: 50MB/s]";
    slo list "GOAL,…" "Instances" "find the cheapest --concurrency, --min-instances or --replicas, each a range such as 1..80 or a list, that keeps goals: p99=300ms, p95, p50, mean, max, wait-p99, cold=1%, rejected=0.1%";
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
