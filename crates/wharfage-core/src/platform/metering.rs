//! How each platform meters instance time: what it counts, in which steps, and what the least is that counts.
//!
//! The figures are terms of the book. What an estimate does with time that was metered is in
//! [`Metered`](crate::demand::Metered).
//!
//! # Units
//! Microseconds.
//! # Sources
//! `aws/BILLING-RULES` §1, §4 and §7, `gcp/BILLING-RULES` §1 to §3: those of the platforms' own rules.

use super::{Context, Platform, autopilot, cloud_run, fargate, nodes};
use crate::{book::Missing, note::Note, quantity::Micros, workload::Workload};

/// What of instances is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeteredWhat {
    /// an instance's unbroken stretches in which it starts or has a request in flight
    Active,
    /// an instance's, task's or pod's whole life
    Life,
    /// the whole lives of the machines under the instances
    Nodes,
}

/// How instance time is metered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metering {
    /// what is counted
    pub what: MeteredWhat,
    /// each time is rounded up to a whole number of these; zero rounds nothing
    pub increment: Micros,
    /// and is never less than this, where there was any
    pub minimum: Micros,
    /// figures among these that are from memory
    pub warnings: Vec<Note>,
}

/// Steps of billed time, and the least there is.
pub(super) struct Steps {
    pub increment: Micros,
    pub minimum: Micros,
}

impl Steps {
    /// From two terms in seconds.
    pub fn read(ctx: &Context<'_, '_>, increment: &str, minimum: &str) -> Result<Self, Missing> {
        Ok(Self { increment: ctx.seconds(increment)?, minimum: ctx.seconds(minimum)? })
    }
}

impl Platform {
    /// How the platform meters this workload.
    ///
    /// # Errors
    /// [`Missing`] where the book lacks an increment or a minimum.
    pub fn metering(self, ctx: &Context<'_, '_>, w: &Workload) -> Result<Metering, Missing> {
        let (what, steps) = match self {
            Self::EcsFargate | Self::EcsExpress | Self::EksFargate => (MeteredWhat::Life, fargate::steps(ctx, w)?),
            Self::AppRunner => {
                (MeteredWhat::Active, Steps::read(ctx, "aws/apprunner/increment", "aws/apprunner/minimum")?)
            }
            Self::GkeAutopilot => (MeteredWhat::Life, autopilot::steps(ctx, w)?),
            Self::CloudRun => (MeteredWhat::Active, cloud_run::steps(self, ctx)?),
            Self::CloudRunInstance | Self::CloudRunJob | Self::CloudRunWorkerPool => {
                (MeteredWhat::Life, cloud_run::steps(self, ctx)?)
            }
            Self::EcsEc2
            | Self::EcsManagedInstances
            | Self::EksEc2
            | Self::EksAuto
            | Self::Ec2
            | Self::GkeStandard
            | Self::ComputeEngine => (MeteredWhat::Nodes, nodes::steps(self, ctx)?),
        };
        let Steps { increment, minimum } = steps;
        Ok(Metering { what, increment, minimum, warnings: super::recalled_notes(ctx.recalled.take()) })
    }
}
