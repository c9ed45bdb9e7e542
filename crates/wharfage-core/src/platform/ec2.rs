//! EC2: virtual machines that run the containers themselves, without an orchestrator.
//!
//! Machines and their disks are all there is: see [`super::nodes`].
//! # Sources
//! `aws/BILLING-RULES` §7 and §8.
//! # Not modelled
//! CPU credits of burstable types, Windows and commercial Linux licences.

use super::{
    Context, Platform,
    nodes::{self, BootDisk, DISKS, MACHINES, Reserve},
};
use crate::{book::Missing, estimate::Bill, money::Overflow, rule::Rule, workload::Workload};

pub use super::nodes::{Terms, Usage, bill, meter};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[MACHINES, DISKS];

/// The boot disk that a node has unless another is asked for.
const DISK: BootDisk = BootDisk { kind: "gp3", size: "aws/ec2/boot-disk" };

/// Resolves the thresholds.
pub fn terms(ctx: &Context<'_, '_>) -> Result<Terms, Missing> {
    nodes::terms(Platform::Ec2, ctx, Reserve::Nothing, DISK)
}

/// The machines of all workloads.
pub fn shared<'b>(
    ctx: &Context<'_, 'b>,
    terms: &Terms,
    on_it: &[(&Workload, &Bill<'b>)],
) -> Result<Bill<'b>, Overflow> {
    Ok(nodes::machines(ctx, terms, on_it)?.0)
}
