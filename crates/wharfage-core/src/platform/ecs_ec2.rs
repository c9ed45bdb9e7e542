//! ECS on EC2: tasks on machines that the account keeps. ECS itself costs nothing.
//!
//! Machines and their disks are all there is: see [`super::nodes`].
//! # Sources
//! `aws/BILLING-RULES` §3 and §7.
//! # Not modelled
//! What the ECS agent keeps of a machine, network interfaces as a limit on tasks.

use super::{
    Context, Platform,
    nodes::{self, BootDisk, DISKS, MACHINES, Reserve},
};
use crate::{book::Missing, estimate::Bill, money::Overflow, rule::Rule, workload::Workload};

pub use super::nodes::{Terms, Usage, bill, meter};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[MACHINES, DISKS];

/// The boot disk that a node has unless another is asked for.
const DISK: BootDisk = BootDisk { kind: "gp3", size: "aws/ecs/ec2.boot-disk" };

/// Resolves the thresholds.
pub fn terms(ctx: &Context<'_, '_>) -> Result<Terms, Missing> {
    nodes::terms(Platform::EcsEc2, ctx, Reserve::Nothing, DISK)
}

/// The machines of all workloads.
pub fn shared<'b>(
    ctx: &Context<'_, 'b>,
    terms: &Terms,
    on_it: &[(&Workload, &Bill<'b>)],
) -> Result<Bill<'b>, Overflow> {
    Ok(nodes::machines(ctx, terms, on_it)?.0)
}
