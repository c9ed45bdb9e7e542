//! What is said for the year, in parts for its months.
//!
//! What is a quantity of the period (runs, hours, data, events, minutes) is spread over the months by their hours; what is
//! a rate or exists all the time is each month as it is.

use super::Year;
use crate::{
    demand::Demand,
    quantity::{MICROS_PER_SECOND, Mib, Micros},
    workload::Workload,
};

/// Data is spread in 1/16 GiB where it is a whole number of them: costs then end within 12 places.
const DATA_STEP: u64 = 64;

impl Year {
    /// A quantity of the year in parts for its months: up to the end of each month, the same share of the quantity as of
    /// the year's hours, rounded down. Parts are whole steps if the quantity is. They add up to it, and a time's part is
    /// never longer than its month.
    pub(super) fn split(&self, total: u64, step: u64) -> Vec<u64> {
        let step = if total.is_multiple_of(step) { step } else { 1 };
        let (mut hours, mut given) = (0, 0);
        let mut parts = Vec::with_capacity(self.months.len());
        for month in &self.months {
            hours += month.time.0;
            let share = u128::from(total / step) * u128::from(hours) / u128::from(self.whole.time.0.max(1));
            // At most `total`, as `hours` are at most the year's.
            let so_far = u64::try_from(share).map_or(total, |n| n * step);
            parts.push(so_far - given);
            given = so_far;
        }
        parts
    }

    /// The workloads with each month's part of what they are said to use over the year.
    pub(super) fn parts(&self, workloads: &[Workload]) -> Vec<Vec<Workload>> {
        let mut months = vec![workloads.to_vec(); self.months.len()];
        for (n, w) in workloads.iter().enumerate() {
            let mut spread = |total: u64, step: u64, set: fn(&mut Workload, u64)| {
                for (month, part) in months.iter_mut().zip(self.split(total, step)) {
                    month.get_mut(n).into_iter().for_each(|w| set(w, part));
                }
            };
            for Quantity { get, set, step, .. } in QUANTITIES {
                if let Some(total) = get(w) {
                    spread(total, *step, *set);
                }
            }
        }
        months
    }
}

/// A quantity of the period that a workload may state.
struct Quantity {
    what: &'static str,
    step: u64,
    get: fn(&Workload) -> Option<u64>,
    set: fn(&mut Workload, u64),
}

/// Data that something beside the workload moves or keeps.
macro_rules! data {
    ($what:literal, $field:ident) => {
        Quantity {
            what: $what,
            step: DATA_STEP,
            get: |w| w.beside.$field.map(|d| d.0),
            set: |w, n| w.beside.$field = Some(Mib(n)),
        }
    };
}

const QUANTITIES: &[Quantity] = &[
    Quantity {
        what: "runs",
        step: 1,
        get: |w| if let Demand::Runs(runs) = &w.demand { Some(runs.runs) } else { None },
        set: |w, n| {
            if let Demand::Runs(runs) = &mut w.demand {
                runs.runs = n;
            }
        },
    },
    Quantity {
        what: "hours",
        step: MICROS_PER_SECOND,
        get: |w| w.hours.map(|h| h.0),
        set: |w, n| w.hours = Some(Micros(n)),
    },
    Quantity {
        what: "canary hours",
        step: MICROS_PER_SECOND,
        get: |w| w.canary.map(|c| c.time.0),
        set: |w, n| w.canary.iter_mut().for_each(|c| c.time = Micros(n)),
    },
    Quantity { what: "image pulls", step: 1, get: |w| w.beside.pulls, set: |w, n| w.beside.pulls = Some(n) },
    Quantity { what: "build minutes", step: 1, get: |w| w.build_minutes, set: |w, n| w.build_minutes = Some(n) },
    Quantity { what: "events", step: 1, get: |w| w.beside.events, set: |w, n| w.beside.events = Some(n) },
    data!("egress", egress),
    data!("data between zones", inter_zone),
    data!("data through NAT", nat),
    data!("logs", logs),
    data!("ECS Exec's logs", exec_logs),
    data!("data of events", event_data),
];

/// What of a workload is spread over the months, by name.
pub(super) fn spread(w: &Workload) -> Vec<&'static str> {
    QUANTITIES.iter().filter(|q| (q.get)(w).is_some()).map(|q| q.what).collect()
}
