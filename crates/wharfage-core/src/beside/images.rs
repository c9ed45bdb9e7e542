//! Container images: keeping and building them.
//!
//! # Units
//! MiB × µs of a 730-hour month; microseconds of builds.
//! # Sources
//! `aws/BILLING-RULES` §6, `gcp/BILLING-RULES` §4.
//! # Not modelled
//! Pulls from other regions, public repositories, scanning.

use super::{Says, beyond_free, charge, total};
use crate::{
    estimate::{Bill, Factor},
    money::{Overflow, ratio_decimal},
    note::Note,
    platform::{Context, Platform},
    quantity::{MICROS_PER_SECOND, Minutes, Quantity, StorageTime, Unit},
    rule::Rule,
    workload::Workload,
};

/// ECR.
pub const ECR: Rule = Rule {
    id: "aws-ecr/storage",
    says: "images are billed by the GB of compressed layers and month",
    source: "https://aws.amazon.com/ecr/pricing/",
};
/// Artifact Registry.
pub const ARTIFACT_REGISTRY: Rule = Rule {
    id: "gcp-artifact-registry/storage",
    says: "images are billed by the GiB and month, once the billing account's free half GiB is used up",
    source: "https://cloud.google.com/artifact-registry/pricing",
};
/// Builds.
pub const BUILDS: Rule = Rule {
    id: "gcp-cloud-build/minutes",
    says: "builds are billed by the minute, once the account's free minutes of the month are used up",
    source: "https://cloud.google.com/build/pricing",
};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[ECR, ARTIFACT_REGISTRY, BUILDS];

/// The images of all workloads, kept for the period.
pub fn storage<'b>(
    platform: Platform,
    ctx: &Context<'_, 'b>,
    on_it: &[&Workload],
    bill: &mut Bill<'b>,
) -> Result<(), Overflow> {
    let Some(kept) = total(on_it, |b| b.image)? else { return Ok(()) };
    let months = ctx.period.in_month_base()?;
    let mut left = Quantity::<StorageTime>::new(u128::from(kept.0).checked_mul(months).ok_or(Overflow)?);
    let aws = platform.provider() == "aws";
    if !aws {
        let says = Says { label: "Images (free)", rule: &ARTIFACT_REGISTRY };
        left = beyond_free(bill, ctx, "gcp/artifact-registry/free", says, left, |q| factors(q, months))?;
    }
    bill.assumptions.push(Note::plain("beside/image-pulls", "images are pulled within the region, which is free"));
    let (key, rule) =
        if aws { ("aws/ecr/storage", &ECR) } else { ("gcp/artifact-registry/storage", &ARTIFACT_REGISTRY) };
    charge(bill, &ctx.rate(key), Says { label: "Images", rule }, left, factors(left, months))
}

/// GiB and the seconds of a 730-hour month where both are short, else their product.
fn factors(kept: Quantity<StorageTime>, months: u128) -> Vec<Factor> {
    let months = months.max(1);
    let second = u128::from(MICROS_PER_SECOND);
    if kept.base().is_multiple_of(months) && months.is_multiple_of(second) {
        let gib = ratio_decimal(kept.base() / months, 1024);
        let seconds = ratio_decimal(months, second);
        return vec![Factor::new(gib, "GiB"), Factor::new(seconds, "s")];
    }
    let plain = u128::from(Unit::GibMonths.base_per_plain());
    vec![Factor::new(ratio_decimal(kept.base(), plain), "GiB-seconds")]
}

/// Cloud Build's minutes of all workloads. App Runner builds by itself; other builds on AWS have no price here.
pub fn builds<'b>(
    platform: Platform,
    ctx: &Context<'_, 'b>,
    on_it: &[&Workload],
    bill: &mut Bill<'b>,
) -> Result<(), Overflow> {
    let stated: Vec<u64> = on_it.iter().filter_map(|w| w.build_minutes).collect();
    if stated.is_empty() || platform == Platform::AppRunner {
        return Ok(());
    }
    if platform.provider() == "aws" {
        bill.not_priced.push(Note::plain("not-priced/builds", "builds of images"));
        return Ok(());
    }
    let minutes = stated.iter().try_fold(0_u64, |sum, n| sum.checked_add(*n)).ok_or(Overflow)?;
    let used = Quantity::<Minutes>::new(u128::from(Unit::Minutes.base_per_unit())).times(minutes)?;
    let seconds = |q: Quantity<Minutes>| vec![Factor::new(ratio_decimal(q.base(), u128::from(MICROS_PER_SECOND)), "s")];
    let says = Says { label: "Builds (free)", rule: &BUILDS };
    let left = beyond_free(bill, ctx, "gcp/cloud-build/free", says, used, seconds)?;
    charge(bill, &ctx.rate("gcp/cloud-build/minutes"), Says { label: "Builds", rule: &BUILDS }, left, seconds(left))
}
