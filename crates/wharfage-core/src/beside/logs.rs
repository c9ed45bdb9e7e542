//! Logs: what they cost to take in.
//!
//! # Units
//! MiB, uncompressed.
//! # Sources
//! `aws/BILLING-RULES` §7, `gcp/BILLING-RULES` §4.
//! # Not modelled
//! Logs kept beyond the period, whose compressed size a request does not say; queries; the infrequent-access class.

use super::{Says, beyond_free, charge, gib, total};
use crate::{
    estimate::Bill,
    money::Overflow,
    note::Note,
    platform::{Context, Platform},
    quantity::{Data, Mib, Quantity},
    rule::Rule,
    workload::Workload,
};

/// CloudWatch Logs.
pub const CLOUDWATCH: Rule = Rule {
    id: "aws-logs/ingestion",
    says: "logs are billed by the uncompressed GB taken in, once the account's free part of the month is used up",
    source: "https://aws.amazon.com/cloudwatch/pricing/",
};
/// Cloud Logging.
pub const CLOUD_LOGGING: Rule = Rule {
    id: "gcp-logging/ingestion",
    says: "logs are billed by the GiB taken in, once the project's free part of the month is used up",
    source: "https://cloud.google.com/stackdriver/pricing",
};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[CLOUDWATCH, CLOUD_LOGGING];

/// The logs of all workloads together.
pub fn shared<'b>(
    platform: Platform,
    ctx: &Context<'_, 'b>,
    on_it: &[&Workload],
    bill: &mut Bill<'b>,
) -> Result<(), Overflow> {
    let written = total(on_it, |b| b.logs)?;
    // ECS Exec is ECS's own.
    let exec = total(on_it, |b| b.exec_logs)?;
    let of_ecs = platform.id().starts_with("ecs-");
    if exec.is_some() && !of_ecs {
        bill.assumptions
            .push(Note::plain("beside/exec-none", "ECS Exec is there on ECS alone: its logs are none here"));
    }
    let exec = exec.filter(|_| of_ecs);
    if written.is_none() && exec.is_none() {
        return Ok(());
    }
    let data = |part: Option<Mib>| Quantity::<Data>::new(u128::from(part.unwrap_or(Mib(0)).0));
    let (key, free, rule) = match platform.provider() {
        "aws" => ("aws/logs/ingest", "aws/logs/free.ingest", &CLOUDWATCH),
        _ => ("gcp/logging/ingest", "gcp/logging/free", &CLOUD_LOGGING),
    };
    let used = data(written).plus(data(exec))?;
    let left = beyond_free(bill, ctx, free, Says { label: "Logs (free)", rule }, used, gib)?;
    // The free part covers the containers' own logs first.
    let of_exec = Quantity::<Data>::new(left.base().min(data(exec).base()));
    let own = left.minus(of_exec);
    if written.is_some() {
        charge(bill, &ctx.rate(key), Says { label: "Logs", rule }, own, gib(own))?;
    }
    if exec.is_some() {
        charge(bill, &ctx.rate(key), Says { label: "ECS Exec logs", rule }, of_exec, gib(of_exec))?;
    }
    Ok(())
}
