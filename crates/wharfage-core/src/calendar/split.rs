//! What is said for the year, in parts for its months.
//!
//! What is a quantity of the period (runs, hours, data, events, minutes) is spread over the months by their hours; what is
//! a rate or exists all the time is each month as it is.

use super::Year;
use crate::{
    demand::{Demand, Metered, Spent},
    quantity::{MICROS_PER_SECOND, Mib, Micros},
    workload::Workload,
};

/// Data is spread in 1/16 GiB where it is a whole number of them: costs then end within 12 places.
const DATA_STEP: u128 = 64;
const SECOND: u128 = MICROS_PER_SECOND as u128;

impl Year {
    /// A quantity of the year in parts for its months: up to the end of each month, the same share of the quantity as of
    /// the year's hours, rounded down. Parts are whole steps if the quantity is. They add up to it, and a time's part is
    /// never longer than its month.
    pub(super) fn split(&self, total: u128, step: u128) -> Vec<u128> {
        let step = if total.is_multiple_of(step) { step } else { 1 };
        let (mut hours, mut given) = (0_u128, 0);
        let mut parts = Vec::with_capacity(self.months.len());
        let year = u128::from(self.whole.time.0.max(1));
        let steps = total / step;
        for month in &self.months {
            hours += u128::from(month.time.0);
            // ⌊steps × hours ÷ year⌋, at most `steps`, as `hours` are at most the year's.
            let share = (steps / year).saturating_mul(hours) + (steps % year).saturating_mul(hours) / year;
            let so_far = share.min(steps) * step;
            parts.push(so_far - given);
            given = so_far;
        }
        parts
    }

    /// The workloads with each month's part of what they are said to use over the year.
    pub(super) fn parts(&self, workloads: &[Workload]) -> Vec<Vec<Workload>> {
        let mut months = vec![workloads.to_vec(); self.months.len()];
        for (n, w) in workloads.iter().enumerate() {
            let mut spread = |total: u128, step: u128, set: fn(&mut Workload, u128)| {
                for (month, part) in months.iter_mut().zip(self.split(total, step)) {
                    month.get_mut(n).into_iter().for_each(|w| set(w, part));
                }
            };
            for Quantity { get, set, step, .. } in quantities() {
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
    step: u128,
    get: fn(&Workload) -> Option<u128>,
    set: fn(&mut Workload, u128),
}

/// A part of what fits into 64 bits fits too.
fn whole(part: u128) -> u64 {
    u64::try_from(part).unwrap_or(u64::MAX)
}

/// Data that something beside the workload moves or keeps.
macro_rules! data {
    ($what:literal, $field:ident) => {
        Quantity {
            what: $what,
            step: DATA_STEP,
            get: |w| w.beside.$field.map(|d| u128::from(d.0)),
            set: |w, n| w.beside.$field = Some(Mib(whole(n))),
        }
    };
}

/// A time of all instances that was metered: what is billed, and what ran where that is another.
macro_rules! metered {
    ($what:literal, $state:ident) => {
        [
            Quantity {
                what: $what,
                step: SECOND,
                get: |w| metered(w).map(|m| m.$state.billed).filter(|n| *n > 0),
                set: |w, n| change(w, |m| m.$state = Spent::whole(n)),
            },
            Quantity {
                what: $what,
                step: SECOND,
                get: |w| metered(w).map(|m| m.$state).filter(|s| s.ran != s.billed).map(|s| s.ran),
                set: |w, n| change(w, |m| m.$state.ran = n),
            },
        ]
    };
}

fn metered(w: &Workload) -> Option<&Metered> {
    if let Demand::Metered(m) = &w.demand { Some(m) } else { None }
}

fn change(w: &mut Workload, by: impl FnOnce(&mut Metered)) {
    if let Demand::Metered(m) = &mut w.demand {
        by(m);
    }
}

static METERED: [[Quantity; 2]; 2] = [metered!("instance time", active), metered!("idle time", idle)];

const QUANTITIES: &[Quantity] = &[
    Quantity {
        what: "runs",
        step: 1,
        get: |w| if let Demand::Runs(runs) = &w.demand { Some(u128::from(runs.runs)) } else { None },
        set: |w, n| {
            if let Demand::Runs(runs) = &mut w.demand {
                runs.runs = whole(n);
            }
        },
    },
    Quantity {
        what: "requests",
        step: 1,
        get: |w| metered(w).map(|m| u128::from(m.requests)).filter(|n| *n > 0),
        set: |w, n| change(w, |m| m.requests = whole(n)),
    },
    Quantity {
        what: "hours",
        step: SECOND,
        get: |w| w.hours.map(|h| u128::from(h.0)),
        set: |w, n| w.hours = Some(Micros(whole(n))),
    },
    Quantity {
        what: "canary hours",
        step: SECOND,
        get: |w| w.canary.map(|c| u128::from(c.time.0)),
        set: |w, n| w.canary.iter_mut().for_each(|c| c.time = Micros(whole(n))),
    },
    Quantity {
        what: "image pulls",
        step: 1,
        get: |w| w.beside.pulls.map(u128::from),
        set: |w, n| w.beside.pulls = Some(whole(n)),
    },
    Quantity {
        what: "build minutes",
        step: 1,
        get: |w| w.build_minutes.map(u128::from),
        set: |w, n| w.build_minutes = Some(whole(n)),
    },
    Quantity {
        what: "events",
        step: 1,
        get: |w| w.beside.events.map(u128::from),
        set: |w, n| w.beside.events = Some(whole(n)),
    },
    data!("egress", egress),
    data!("data between zones", inter_zone),
    data!("data through NAT", nat),
    data!("logs", logs),
    data!("ECS Exec's logs", exec_logs),
    data!("data of events", event_data),
];

fn quantities() -> impl Iterator<Item = &'static Quantity> {
    METERED.as_flattened().iter().chain(QUANTITIES)
}

/// What of a workload is spread over the months, by name.
pub(super) fn spread(w: &Workload) -> Vec<&'static str> {
    let mut all: Vec<&str> = quantities().filter(|q| (q.get)(w).is_some()).map(|q| q.what).collect();
    all.dedup();
    all
}
