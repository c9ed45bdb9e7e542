//! ECS Managed Instances: ECS picks, starts and replaces the machines, for a fee per machine on top of EC2.
//!
//! # Invariants
//! The fee follows from the on-demand price, also on Spot; a type without one has no fee, and the estimate no price.
//! # Sources
//! `aws/BILLING-RULES` §3, `AUDIT` §4.8.
//! # Not modelled
//! Which machine types it leaves out, and what its agent keeps of a machine.

use super::{
    Context, Platform,
    nodes::{self, BootDisk, DISKS, MACHINES, Reserve, fee},
};
use crate::{book::Missing, estimate::Bill, money::Overflow, rule::Rule, workload::Workload};

pub use super::nodes::{Terms, Usage, bill, meter};

/// The fee.
pub const FEE: Rule = Rule {
    id: "ecs-managed-instances/fee",
    says: "each machine pays a fee per second by its type, a share of its on-demand price: no discount lowers it",
    source: "https://aws.amazon.com/ecs/pricing/",
};
/// Where it stands in the book.
const SERVICE: fee::Service = fee::Service {
    key: "aws/ecs/managed-instances.",
    ratio: "aws/ecs/managed-instances-ratio.",
    class: "aws/ecs/managed-instances.class.",
    places: None,
    label: "Managed Instances fee",
    rule: &FEE,
};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[MACHINES, DISKS, FEE];

/// The boot disk that a node has unless another is asked for.
const DISK: BootDisk = BootDisk { kind: "gp3", size: "aws/ecs/managed-instances.boot-disk" };

/// Resolves the thresholds.
pub fn terms(ctx: &Context<'_, '_>) -> Result<Terms, Missing> {
    nodes::terms(Platform::EcsManagedInstances, ctx, Reserve::Nothing, DISK)
}

/// The machines of all workloads, and the fee for each.
pub fn shared<'b>(
    ctx: &Context<'_, 'b>,
    terms: &Terms,
    on_it: &[(&Workload, &Bill<'b>)],
) -> Result<Bill<'b>, Overflow> {
    let (mut bill, fleets) = nodes::machines(ctx, terms, on_it)?;
    for (pool, fleet) in &fleets {
        fee::charge(&mut bill, ctx, SERVICE, pool, fleet)?;
    }
    Ok(bill)
}
