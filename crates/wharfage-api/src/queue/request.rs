//! What queue is meant, as plain texts; the flags of `wharfage queue` are made from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::request::{Field, FieldKind, is_empty, value_schema};

fields! {
    /// Which queue.
    QueueRequest {}
    arrivals one "MODEL" "Queue" "when requests arrive: poisson:100/s, constant:10/s, gamma:rate=10/s,cv=0.5, hyperexp:rate=10/s,cv=2, mmpp:100/s,1000/s,600s,20s or diurnal:mean=100/s,amplitude=0.5,period=24h";
    service one "LAW" "Queue" "how long a request takes: exp:80ms, const:80ms, lognormal:mean=80ms,cv=1, gamma:mean=80ms,cv=2 or uniform:from=0s,to=160ms";
    servers one "N|unlimited" "Queue" "requests that are served at once: instances times their concurrency [default: 1]";
    queue one "0|N|unbounded" "Queue" "waiting places [default: unbounded]";
    sharing one "on|off" "Queue" "one server that all requests share, instead of one after another [default: off]";
    meet one "GOAL" "Queue" "find the fewest servers instead: blocked=1%, waiting=5%, wait>100ms=1%, p95=350ms";
}
