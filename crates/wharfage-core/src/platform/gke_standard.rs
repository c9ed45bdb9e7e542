//! GKE Standard: pods on a pool of machines that the account keeps, beside the cluster's fee.
//!
//! What the kubelet keeps of a machine follows GKE's formula, and the monthly credit pays for a zonal cluster's fee only:
//! see [`super::nodes`].
//! # Sources
//! `gcp/BILLING-RULES` §2, §2.3 and §3.
//! # Not modelled
//! The system's pods other than kube-proxy (state them as DaemonSets), several clusters.

use super::{
    Context, Platform,
    autopilot::{CLUSTER, CREDIT},
    fargate::things,
    nodes::{self, BootDisk, PERSISTENT_DISKS, SUSTAINED_USE, VMS},
};
use crate::{
    book::Missing,
    estimate::Bill,
    money::Overflow,
    note::Note,
    quantity::Credit,
    rule::Rule,
    workload::{GkeLocation, K8sSupport, Switch, Workload},
};

pub use super::nodes::{Terms, Usage, bill, meter};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[VMS, SUSTAINED_USE, PERSISTENT_DISKS, CLUSTER, CREDIT];

/// The boot disk that a node has unless another is asked for.
const DISK: BootDisk = BootDisk { kind: "pd-balanced", size: "gcp/gke/boot-disk" };

/// Resolves the thresholds.
pub fn terms(ctx: &Context<'_, '_>) -> Result<Terms, Missing> {
    let zones = ctx.peek("gcp/gke/regional.zones")?;
    Ok(Terms { regional_zones: zones, ..nodes::terms(Platform::GkeStandard, ctx, nodes::gke(ctx)?, DISK)? })
}

/// Where the cluster is: regional if any workload says so.
fn location(on_it: &[(&Workload, &Bill<'_>)]) -> GkeLocation {
    on_it.iter().map(|(w, _)| w.gke_location).max().unwrap_or(GkeLocation::Zonal)
}

/// The machines of all workloads, their cluster, and the credit for its fee.
pub fn shared<'b>(
    ctx: &Context<'_, 'b>,
    terms: &Terms,
    on_it: &[(&Workload, &Bill<'b>)],
) -> Result<Bill<'b>, Overflow> {
    let (mut bill, _) = nodes::machines(ctx, terms, on_it)?;
    if location(on_it) == GkeLocation::Regional {
        // That many zones are from memory: said only where it matters.
        if on_it.iter().any(|(w, _)| w.zones.is_none()) {
            ctx.mattered("gcp/gke/regional.zones");
        }
        let says = "the nodes are the same in each zone of a regional cluster; --nodes counts all of them";
        bill.assumptions.push(Note::plain("gke-standard/regional", says));
    }
    cluster(&mut bill, ctx, on_it)?;
    Ok(bill)
}

/// The cluster's fee and what the credit gives back of it: the surcharge of extended support is not covered.
fn cluster<'b>(bill: &mut Bill<'b>, ctx: &Context<'_, 'b>, on_it: &[(&Workload, &Bill<'b>)]) -> Result<(), Overflow> {
    let step = ctx.seconds("gcp/gke/cluster.increment").unwrap_or_default();
    let time = (ctx.period.time, ctx.period.time.round_up(step));
    let one = (1, "clusters");
    things(bill, ctx, "gcp/gke/cluster", "Cluster", &CLUSTER, one, time)?;
    let fee = bill.cost_of(|line| line.sku == "gcp/gke/cluster")?;
    if on_it.iter().any(|(w, _)| w.k8s_support == K8sSupport::Extended) {
        things(bill, ctx, "gcp/gke/extended-channel", "Extended support", &CLUSTER, one, time)?;
    }
    let covers = ctx.whole(&format!("gcp/gke/credit.{}", location(on_it).id())).is_ok_and(|flag| flag != 0);
    if let (Switch::On, true, Ok(credit)) = (ctx.free_tier, covers, ctx.rate::<Credit>("gcp/gke/credit")) {
        let price = *credit.price();
        bill.credit(price, price.key, "GKE free tier", &CREDIT, ctx.period.scale(price.amount)?, fee)?;
    }
    Ok(())
}
