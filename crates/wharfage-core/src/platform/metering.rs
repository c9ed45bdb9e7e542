//! How each platform meters instance time: what it counts, in which steps, and what the least is that counts.
//!
//! The figures are terms of the book. What an estimate does with time that was metered is in
//! [`Metered`](crate::demand::Metered).
//!
//! # Units
//! Microseconds.
//! # Sources
//! `aws/BILLING-RULES` §1, §4 and §7, `gcp/BILLING-RULES` §1 to §3: those of the platforms' own rules.

use super::{Context, Platform, app_runner, autopilot, cloud_run, fargate, nodes};
use crate::{
    Overflow,
    book::Missing,
    note::Note,
    quantity::{Micros, MilliVcpu},
    workload::Workload,
};

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

    /// vCPU of an instance as it is billed, which can be more than was asked for, where the platform has sizes of its own; `None` on
    /// others, and where the workload can't run.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn billed_vcpu(self, ctx: &Context<'_, '_>, w: &Workload) -> Result<Option<MilliVcpu>, Overflow> {
        let size = match self {
            Self::CloudRun | Self::CloudRunInstance | Self::CloudRunJob | Self::CloudRunWorkerPool => {
                match cloud_run::terms(self, ctx, w) {
                    Ok(terms) => cloud_run::meter(w, ctx.period, &terms)?.ok().map(|usage| usage.size),
                    Err(_) => None,
                }
            }
            Self::EcsFargate | Self::EcsExpress | Self::EksFargate => match fargate::terms(self, ctx, w) {
                Ok(terms) => fargate::meter(w, ctx.period, &terms)?.ok().map(|usage| usage.size),
                Err(_) => None,
            },
            Self::AppRunner => match app_runner::terms(ctx) {
                Ok(terms) => app_runner::meter(w, ctx.period, &terms)?.ok().map(|usage| usage.size),
                Err(_) => None,
            },
            Self::GkeAutopilot => match autopilot::terms(ctx, w) {
                Ok(terms) => match autopilot::meter(w, ctx.period, &terms)?.ok() {
                    Some(autopilot::Usage::Pods(usage)) => Some(usage.pods.size),
                    _ => None,
                },
                Err(_) => None,
            },
            _ => None,
        };
        // What is from memory is told on the bill.
        ctx.recalled.take();
        Ok(size.map(|size| size.vcpu))
    }
}
