//! Container images: keeping, pulling and building them.
//!
//! # Units
//! MiB × µs of a 730-hour month; MiB pulled; microseconds of builds.
//! # Sources
//! `aws/BILLING-RULES` §6, `gcp/BILLING-RULES` §4.
//! # Not modelled
//! Layers that a machine has already, public repositories, scanning. Google's price of pulls from other regions was not found:
//! it is missing, not free.

use super::{PullFrom, Says, beyond_free, charge, nat, total};
use crate::{
    estimate::{Bill, Factor, Item, Quoted, Role},
    money::{Overflow, ratio_decimal},
    note::Note,
    platform::{Context, Platform},
    quantity::{Data, MICROS_PER_SECOND, Minutes, Quantity, StorageTime, Unit},
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
/// Pulls from ECR.
pub const PULLS: Rule = Rule {
    id: "aws-ecr/pulls",
    says: "pulls within a region are free; pulls from another one pay for the data that leaves it",
    source: "https://aws.amazon.com/ecr/pricing/",
};
/// Pulls from Artifact Registry.
pub const GOOGLE_PULLS: Rule = Rule {
    id: "gcp-artifact-registry/pulls",
    says: "pulls within a region are free; pulls from another one pay for the data that leaves it",
    source: "https://cloud.google.com/artifact-registry/pricing",
};
/// Builds.
pub const BUILDS: Rule = Rule {
    id: "gcp-cloud-build/minutes",
    says: "builds are billed by the minute, once the account's free minutes of the month are used up",
    source: "https://cloud.google.com/build/pricing",
};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[ECR, ARTIFACT_REGISTRY, PULLS, GOOGLE_PULLS, BUILDS];

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
    if on_it.iter().any(|w| w.beside.image.is_some() && w.beside.pulls.is_none()) {
        bill.assumptions.push(Note::plain("beside/image-pulls", "images are pulled within the region, which is free"));
    }
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

/// Does `w` pull its images through a NAT gateway there? Where the platform pulls them itself, it needs none.
pub(super) fn through_nat(platform: Platform, w: &Workload) -> bool {
    let itself = matches!(
        platform,
        Platform::AppRunner
            | Platform::CloudRun
            | Platform::CloudRunInstance
            | Platform::CloudRunJob
            | Platform::CloudRunWorkerPool
    );
    w.beside.pulls.is_some() && w.beside.pull_from == Some(PullFrom::Nat) && !itself
}

/// A workload's pulls: within the region, out of another one, or through a NAT gateway.
pub fn pulls<'b>(platform: Platform, ctx: &Context<'_, 'b>, w: &Workload, bill: &mut Bill<'b>) -> Result<(), Overflow> {
    let (Some(pulls), Some(image)) = (w.beside.pulls, w.beside.image) else { return Ok(()) };
    bill.assumptions.push(Note::plain("beside/whole-pulls", "each pull takes all of the images, as they are kept"));
    let aws = platform.provider() == "aws";
    let rule = if aws { &PULLS } else { &GOOGLE_PULLS };
    let pulled = |rate: &Quoted<'b, Data>, label, rule, bill: &mut Bill<'b>| {
        let data = Quantity::<Data>::new(u128::from(image.0)).times(pulls)?;
        let factors = vec![Factor::new(pulls, "pulls"), Factor::new(image.as_gib(), "GiB")];
        bill.charge(rate, Item { label, rule, consumed: data, priced: data, factors, role: Role::Beside })
    };
    match &w.beside.pull_from {
        Some(PullFrom::Other { place, aws: there, gcp }) => {
            let Some(source) = (if aws { there } else { gcp }) else {
                let says = "image pulls from {place}, where the provider has no region";
                bill.not_priced.push(Note::new("not-priced/pulls-from", says, &[("place", place.clone())]));
                return Ok(());
            };
            if source != ctx.region.id {
                let key = if aws { "aws/egress/inter-region" } else { "gcp/egress/inter-region" };
                let rate = ctx.book.rate(key, &[source], ctx.day);
                return pulled(&rate, "Image pulls (other region)", rule, bill);
            }
        }
        Some(PullFrom::Nat) if through_nat(platform, w) => {
            let (key, rule) = if aws { ("aws/nat/data", &nat::AWS_DATA) } else { ("gcp/nat/data", &nat::GOOGLE_DATA) };
            pulled(&ctx.rate(key), "Image pulls (NAT)", rule, bill)?;
        }
        Some(PullFrom::Nat) => {
            let says = "the platform pulls images itself, without a NAT gateway";
            bill.assumptions.push(Note::plain("beside/pulls-itself", says));
        }
        Some(PullFrom::Region) | None => {}
    }
    if aws {
        return pulled(&ctx.rate("aws/ecr/pull"), "Image pulls", rule, bill);
    }
    bill.assumptions.push(Note::plain("beside/image-pulls", "images are pulled within the region, which is free"));
    Ok(())
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
