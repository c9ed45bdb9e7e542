//! EKS Auto Mode: EKS picks, starts and replaces the machines, for a fee per machine on top of EC2 and the cluster.
//!
//! # Invariants
//! The fee follows from the on-demand price, also on Spot; a type without one has no fee, and the estimate no price.
//! # Sources
//! `aws/BILLING-RULES` §2, `AUDIT` §4.7.
//! # Not modelled
//! Which machine types Auto Mode leaves out, and that a node lives 21 days at most.

use super::{
    Context, Platform,
    fargate::{CLUSTER, cluster},
    nodes::{self, BootDisk, DISKS, MACHINES, fee},
};
use crate::{book::Missing, estimate::Bill, money::Overflow, rule::Rule, workload::Workload};

pub use super::nodes::{Terms, Usage, bill, meter};

/// The fee.
pub const FEE: Rule = Rule {
    id: "eks-auto/fee",
    says: "each machine pays a fee per second by its type, a share of its on-demand price: no discount lowers it",
    source: "https://aws.amazon.com/eks/pricing/",
};
/// Where it stands in the book.
const SERVICE: fee::Service = fee::Service {
    key: "aws/eks/auto.",
    ratio: "aws/eks/auto-ratio.",
    class: "aws/eks/auto.class.",
    places: Some("aws/eks/auto.round-places"),
    label: "Auto Mode fee",
    rule: &FEE,
};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[MACHINES, DISKS, FEE, CLUSTER];

/// The boot disk that a node has unless another is asked for.
const DISK: BootDisk = BootDisk { kind: "gp3", size: "aws/eks/auto.boot-disk" };

/// Resolves the thresholds.
pub fn terms(ctx: &Context<'_, '_>) -> Result<Terms, Missing> {
    nodes::terms(Platform::EksAuto, ctx, nodes::eks(ctx)?, DISK)
}

/// The machines of all workloads, and the fee for each, beside the cluster.
pub fn shared<'b>(
    ctx: &Context<'_, 'b>,
    terms: &Terms,
    on_it: &[(&Workload, &Bill<'b>)],
) -> Result<Bill<'b>, Overflow> {
    let (mut bill, fleets) = nodes::machines(ctx, terms, on_it)?;
    for (pool, fleet) in &fleets {
        fee::charge(&mut bill, ctx, SERVICE, pool, fleet)?;
    }
    cluster(&mut bill, ctx, on_it)?;
    Ok(bill)
}
