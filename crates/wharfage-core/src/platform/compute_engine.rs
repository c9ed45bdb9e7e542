//! Compute Engine: virtual machines that run the containers themselves, without an orchestrator.
//!
//! Machines, their disks, and the discount for sustained use: see [`super::nodes`].
//! # Sources
//! `gcp/BILLING-RULES` §3.
//! # Not modelled
//! GPUs attached to N1 machines, custom machine types, premium images.

use super::{
    Context, Platform,
    nodes::{self, BootDisk, PERSISTENT_DISKS, Reserve, SUSTAINED_USE, VMS},
};
use crate::{book::Missing, estimate::Bill, money::Overflow, rule::Rule, workload::Workload};

pub use super::nodes::{Terms, Usage, bill, meter};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[VMS, SUSTAINED_USE, PERSISTENT_DISKS];

/// The boot disk that a node has unless another is asked for.
const DISK: BootDisk = BootDisk { kind: "pd-balanced", size: "gcp/compute-engine/boot-disk" };

/// Resolves the thresholds.
pub fn terms(ctx: &Context<'_, '_>) -> Result<Terms, Missing> {
    nodes::terms(Platform::ComputeEngine, ctx, Reserve::Nothing, DISK)
}

/// The machines of all workloads.
pub fn shared<'b>(
    ctx: &Context<'_, 'b>,
    terms: &Terms,
    on_it: &[(&Workload, &Bill<'b>)],
) -> Result<Bill<'b>, Overflow> {
    Ok(nodes::machines(ctx, terms, on_it)?.0)
}
