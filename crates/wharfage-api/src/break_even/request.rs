//! What is varied, and how far; the flags of `wharfage break-even` that no other command has are made from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::request::{EstimateRequest, Field, FieldKind, is_empty, value_schema};

fields! {
    /// Which input is varied, and what is priced.
    BreakEvenRequest {
        /// What is priced, on two or more platforms, regions or purchase options.
        pub request: EstimateRequest,
    }
    vary one "INPUT" "Break-even" "the input that is varied: requests, hours (of the period the fleet is on), duration, replicas, runs, concurrency or another number of the workload [default: what the workload states of requests, replicas and runs]";
    of one "NAME" "Break-even" "the workload whose input is varied, where there are several";
    from one "VALUE" "Break-even" "lowest value, such as 1/s [default: one step]";
    to one "VALUE" "Break-even" "highest value, such as 200/s [default: ten times what is stated, or more]";
    step one "VALUE" "Break-even" "the unit that crossings are found to, such as 0.01/s [default: fine for the range]";
    points one "N" "Break-even" "most values that the curve is told at [default: 16]";
    steady flag "" "Break-even" "drop the peak: as many requests all the time [default: a stated peak grows with the requests]";
    by one "formula|simulation" "Break-even" "where bills come from: the closed forms, or a simulation at each value, with the same random numbers [default: formula]";
    all_pairs flag "" "Break-even" "the crossings of any two, not only of those that are the cheapest";
}
