//! EKS on EC2: pods on a managed group of machines that the account keeps, beside the cluster's fee.
//!
//! What the kubelet keeps of a machine follows EKS's formula: see [`super::nodes`].
//! # Sources
//! `aws/BILLING-RULES` §2 and §7.
//! # Not modelled
//! The system's pods (state them as DaemonSets).

use super::{
    Context, Platform,
    fargate::{CLUSTER, cluster},
    nodes::{self, BootDisk, DISKS, MACHINES},
};
use crate::{book::Missing, estimate::Bill, money::Overflow, rule::Rule, workload::Workload};

pub use super::nodes::{Terms, Usage, bill, meter};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[MACHINES, DISKS, CLUSTER];

/// The boot disk that a node has unless another is asked for.
const DISK: BootDisk = BootDisk { kind: "gp3", size: "aws/eks/ec2.boot-disk" };

/// Resolves the thresholds.
pub fn terms(ctx: &Context<'_, '_>) -> Result<Terms, Missing> {
    nodes::terms(Platform::EksEc2, ctx, nodes::eks(ctx)?, DISK)
}

/// The machines of all workloads, and their cluster.
pub fn shared<'b>(
    ctx: &Context<'_, 'b>,
    terms: &Terms,
    on_it: &[(&Workload, &Bill<'b>)],
) -> Result<Bill<'b>, Overflow> {
    let (mut bill, _) = nodes::machines(ctx, terms, on_it)?;
    cluster(&mut bill, ctx, on_it)?;
    Ok(bill)
}
