//! What a run costs: its usage handed to the core's rules, for the simulated time and for the period.
//!
//! # Units
//! Nanoseconds of the simulator become whole microseconds, rounded up.
//! # Invariants
//! Usage is scaled by exact ratios of whole numbers; allowances, tiers and credits are applied once, to the scaled usage, and never
//! to an average of bills.

use wharfage_core::{
    Overflow, PriceBook,
    demand::{Demand, Metered, Spent},
    period::Period,
    platform::{MeteredWhat, Platform},
    quantity::Micros,
    text::Catalogue,
};
use wharfage_sim::Outcome;

use super::{
    figures::seconds,
    plan::On,
    response::{BillOut, MeteredOut},
};
use crate::{
    resolve::Resolved,
    respond::bill_of,
    response::{EstimateOut, NoteOut, TotalOut},
};

/// A run's bill, and what its estimates say.
pub struct Billed {
    /// the bill
    pub out: BillOut,
    /// how it was bought
    pub purchase: String,
    /// what was assumed
    pub assumptions: Vec<String>,
    /// caveats
    pub warnings: Vec<NoteOut>,
}

/// What everything is priced with.
#[derive(Debug, Clone, Copy)]
pub struct Till<'r, 'b> {
    /// the language that notes are in
    pub words: &'r Catalogue,
    /// settings, and the period that `monthly_total` is for
    pub pricing: &'r Resolved<'b>,
    /// prices and terms
    pub book: &'r PriceBook<'b>,
}

/// The bill of a run, of the mean of its replications.
///
/// # Errors
/// [`Overflow`] where a quantity or a cost is too large to be exact.
pub fn bill(till: Till<'_, '_>, on: &On<'_, '_>, o: &Outcome, replications: u64) -> Result<Billed, Overflow> {
    let all = metered(on, o);
    let span_us = o.span_ns.div_ceil(NS_PER_US).max(1);
    let times = u128::from(replications.max(1));
    let own = all.scaled(1, times)?;
    let span = Micros(u64::try_from(span_us.div_ceil(times)).map_err(|_| Overflow)?);
    let period = &till.pricing.settings.period;
    let monthly = all.scaled(period.time.0.into(), span_us)?;
    let label = format!("{} s", seconds(span.0.saturating_mul(1_000)));
    let mut during = till.pricing.clone();
    during.settings.period = Period { label, time: span, ..period.clone() };
    during.year = None;
    let (total, estimates) = priced(Till { pricing: &during, ..till }, on, own)?;
    let (monthly_total, monthly_estimates) = priced(till, on, monthly)?;
    let notes = |get: fn(&EstimateOut) -> &Vec<NoteOut>| {
        let mut all: Vec<NoteOut> = Vec::new();
        for note in estimates.iter().chain(&monthly_estimates).flat_map(get) {
            if !all.contains(note) {
                all.push(note.clone());
            }
        }
        all
    };
    Ok(Billed {
        purchase: total.purchase,
        // The meter has rounded what the bill would not.
        assumptions: notes(|e| &e.assumptions)
            .into_iter()
            .filter(|n| n.code != "usage/metered")
            .map(|n| n.message)
            .collect(),
        warnings: notes(|e| &e.warnings),
        out: BillOut {
            status: total.status,
            total: total.sums.total,
            total_exact: total.sums.total_exact,
            subtotal: total.sums.subtotal,
            monthly_total: monthly_total.sums.total,
            monthly_total_exact: monthly_total.sums.total_exact,
            monthly_subtotal: monthly_total.sums.subtotal,
            metered: metered_out(on, &own),
            not_priced: notes(|e| &e.not_priced),
            missing: estimates.iter().flat_map(|e| e.missing.clone()).collect(),
            lines: lines(estimates),
            monthly_lines: lines(monthly_estimates),
        },
    })
}

fn lines(estimates: Vec<EstimateOut>) -> Vec<crate::response::LineOut> {
    estimates.into_iter().flat_map(|e| e.lines).collect()
}

fn priced(till: Till<'_, '_>, on: &On<'_, '_>, usage: Metered) -> Result<(TotalOut, Vec<EstimateOut>), Overflow> {
    let mut workload = on.workload.clone();
    workload.demand = Demand::Metered(usage);
    let asked = (on.platform, on.place, on.choice);
    bill_of(till.words, till.pricing, till.book, asked, std::slice::from_ref(&workload))
}

const NS_PER_US: u128 = 1_000;

/// What the platform would meter, of all replications together.
fn metered(on: &On<'_, '_>, o: &Outcome) -> Metered {
    let spent = |ran_ns: u128, billed_ns: u128| Spent {
        ran: ran_ns.div_ceil(NS_PER_US),
        billed: billed_ns.div_ceil(NS_PER_US),
    };
    let idle = match on.platform {
        Platform::CloudRun => spent(o.warm_ns, o.warm_ns),
        // An instance that waits is provisioned: it pays for its memory, except where the minimum of its active time covers it.
        Platform::AppRunner => {
            let held = o.ledger.held_ns;
            spent(held.saturating_sub(o.metered_ns), held.saturating_sub(o.billed_ns))
        }
        _ => Spent::default(),
    };
    let most = if on.what == MeteredWhat::Nodes { o.peak_nodes } else { o.peak_held };
    Metered { active: spent(o.metered_ns, o.billed_ns), idle, requests: o.served, most }
}

fn metered_out(on: &On<'_, '_>, usage: &Metered) -> MeteredOut {
    let us = |us: u128| u64::try_from(us).unwrap_or(u64::MAX);
    let of = match on.what {
        MeteredWhat::Active => "active",
        MeteredWhat::Life => "life",
        MeteredWhat::Nodes => "nodes",
    };
    MeteredOut {
        of: of.to_owned(),
        instance_us: us(usage.active.ran),
        billed_us: us(usage.active.billed),
        idle_us: us(usage.idle.ran),
        idle_billed_us: us(usage.idle.billed),
        requests: usage.requests,
        most: usage.most,
        node_type: (on.what == MeteredWhat::Nodes).then(|| on.workload.node_type.clone()).flatten(),
    }
}
