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
    platform::{Context, Platform},
    quantity::{Data, Quantity},
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
    let Some(taken_in) = total(on_it, |b| b.logs)? else { return Ok(()) };
    let (key, free, rule) = match platform.provider() {
        "aws" => ("aws/logs/ingest", "aws/logs/free.ingest", &CLOUDWATCH),
        _ => ("gcp/logging/ingest", "gcp/logging/free", &CLOUD_LOGGING),
    };
    let used = Quantity::<Data>::new(u128::from(taken_in.0));
    let left = beyond_free(bill, ctx, free, Says { label: "Logs (free)", rule }, used, gib)?;
    charge(bill, &ctx.rate(key), Says { label: "Logs", rule }, left, gib(left))
}
