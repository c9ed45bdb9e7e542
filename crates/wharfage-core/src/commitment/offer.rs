//! What a commitment pays for a line instead of the list price.
//!
//! A rate of its own where the book has one; else the list price less a share that the book has. Of Google's machines,
//! resource commitments pay the vCPU and memory, each at a rate of its family; what else a machine has (GPUs, local
//! disks) stays at list price. A rate that is missing is said: no other option's stands in for it.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::{
    book::{Basis, Missing, Price, Shape, Why},
    estimate::{Factor, LineItem},
    money::{Money, Overflow},
    platform::{Context, nodes::family},
    purchase::{Commitment, Kind as What},
    quantity::{Kind, MICROS_PER_HOUR, Mib, MilliVcpu, PER_MICRO},
    rate::{self, product},
};

/// What a commitment pays for a line.
pub struct Offer<'b> {
    pub parts: Vec<Part<'b>>,
}

/// A line that the line becomes where it is covered.
pub struct Part<'b> {
    pub sku: Cow<'b, str>,
    pub label: &'static str,
    pub price: Price<'b>,
    /// its base units for so many of the line's
    pub per: (u64, u64),
    /// what each of the line's things has of it
    pub each: Option<Factor>,
    /// at the commitment's rate; else at list price
    pub is_committed: bool,
}

impl Part<'_> {
    /// Base units for so many of the line's.
    pub fn of(&self, line: u128) -> Result<u128, Overflow> {
        let (num, den) = self.per;
        Ok(line.checked_mul(u128::from(num)).ok_or(Overflow)? / u128::from(den.max(1)))
    }

    /// What so many of its base units cost.
    pub fn cost(&self, base: u128) -> Result<Money, Overflow> {
        let amount = self.price.amount;
        rate::charge(amount.mantissa(), amount.scale(), base, self.price.unit.base_per_unit())
    }
}

impl Offer<'_> {
    /// What so many base units of the line cost at the commitment's rates; what stays at list price is no part of it.
    pub fn cost(&self, line: u128) -> Result<Money, Overflow> {
        self.sum(line, true)
    }

    /// What of the line's list price stays as it is when so much of it is covered.
    pub fn rest(&self, line: u128) -> Result<Money, Overflow> {
        self.sum(line, false)
    }

    fn sum(&self, line: u128, committed: bool) -> Result<Money, Overflow> {
        let parts = self.parts.iter().filter(|p| p.is_committed == committed);
        parts.map(|p| p.cost(p.of(line)?)).try_fold(Money::ZERO, |sum, cost| sum.plus(cost?))
    }
}

/// The offer for a line; `None` where such a commitment never reaches it.
pub fn offer<'b>(
    ctx: &Context<'_, 'b>,
    commitment: Commitment,
    line: &LineItem<'b>,
) -> Result<Option<Result<Offer<'b>, Missing>>, Overflow> {
    let sku = line.price.key;
    if line.price.unit.kind() == Kind::Credit || !reaches(commitment, sku) {
        return Ok(None);
    }
    if let (What::ResourceCud, Some(machine)) = (commitment.kind(), sku.strip_prefix(GOOGLE_MACHINES)) {
        return by_resource(ctx, commitment, &line.price, machine).map(Some);
    }
    let committed = match committed(ctx, commitment, &line.price) {
        Ok(Some(price)) => price,
        Ok(None) => return Ok(None),
        Err(missing) => return Ok(Some(Err(missing))),
    };
    let sku = Cow::Owned(format!("{sku}.{}", commitment.id()));
    let label = covered_label(line.label);
    let part = Part { sku, label, price: committed, per: (1, 1), each: None, is_committed: true };
    Ok(Some(Ok(Offer { parts: vec![part] })))
}

const AWS_MACHINES: &str = "aws/ec2/";
const GOOGLE_MACHINES: &str = "gcp/compute-engine/";

/// May such a commitment cover a meter? Storage, licences, fees and requests are no compute.
fn reaches(commitment: Commitment, sku: &str) -> bool {
    let compute = |service: &str, meters: &[&str]| {
        sku.strip_prefix(service).and_then(|meter| meter.rsplit_once('.')).is_some_and(|(_, m)| meters.contains(&m))
    };
    // Autopilot's premiums on machines are fees: a commitment is for the machine.
    let premium = || ["accelerator.", "performance."].iter().any(|c| sku.starts_with(&format!("gcp/autopilot/{c}")));
    let google = || {
        sku.starts_with(GOOGLE_MACHINES)
            || (compute("gcp/autopilot/", &["cpu", "memory"]) && !premium())
            || compute("gcp/cloud-run/", &["cpu", "memory"])
    };
    match commitment.kind() {
        What::SavingsPlan => sku.starts_with(AWS_MACHINES) || compute("aws/fargate/", &["vcpu", "memory"]),
        What::Reserved => sku.starts_with(AWS_MACHINES),
        // Cloud Run's own covered its requests too.
        What::ResourceCud => google() || sku == "gcp/cloud-run/requests",
        What::FlexCud => google(),
    }
}

/// What a covered line is called.
fn covered_label(label: &str) -> &'static str {
    match label {
        "vCPU" => "vCPU, committed",
        "Memory" => "Memory, committed",
        "Machine" => "Machine, committed",
        "vCPU (canary)" => "vCPU (canary), committed",
        "Memory (canary)" => "Memory (canary), committed",
        "Machine (canary)" => "Machine (canary), committed",
        "Requests" => "Requests, committed",
        "vCPU (idle)" => "vCPU (idle), committed",
        "Memory (idle)" => "Memory (idle), committed",
        "vCPU (DaemonSets)" => "vCPU (DaemonSets), committed",
        "Memory (DaemonSets)" => "Memory (DaemonSets), committed",
        _ => "Committed use",
    }
}

/// The price of a meter or of an AWS machine under a commitment, per the unit of its list price.
///
/// `None` where Google's flexible commitments leave it out by rule.
fn committed<'b>(
    ctx: &Context<'_, 'b>,
    commitment: Commitment,
    list: &Price<'b>,
) -> Result<Option<Price<'b>>, Missing> {
    let id = commitment.id();
    match commitment.kind() {
        What::Reserved => ctx.price(&format!("{}.{id}", list.key)).map(Some),
        What::SavingsPlan => {
            let rate = ctx.price(&format!("{}.{id}", list.key));
            let family = list.key.strip_prefix("aws/fargate/").and_then(|meter| meter.rsplit_once('.'));
            match (rate, family) {
                (Err(missing), Some((family, _))) => {
                    let share = ctx.price(&format!("aws/fargate/{family}.discount.{id}"));
                    share.ok().and_then(|share| less(list, &share, share.amount)).ok_or(missing).map(Some)
                }
                (rate, _) => rate.map(Some),
            }
        }
        What::ResourceCud => {
            let service = if list.key.starts_with("gcp/autopilot/") { "autopilot" } else { "cloud-run" };
            let share = ctx.price(&format!("gcp/commitment/{service}-{id}"))?;
            less(list, &share, share.amount).ok_or_else(|| absent(ctx, list.key, id)).map(Some)
        }
        What::FlexCud => {
            let general = ctx.price(&format!("gcp/commitment/{id}"))?;
            let share = match of_its_own(list.key) {
                Of::Machine(machine) => machine_share(ctx, id, machine)?,
                Of::Class(class) => match ctx.term(&format!("gcp/commitment/flex-cud.autopilot.{class}")) {
                    Ok(sold) if !sold.value().is_zero() => None,
                    _ => return Err(absent(ctx, list.key, id)),
                },
                Of::Mode(mode) => {
                    let mode = mode.strip_suffix("-idle").unwrap_or(mode);
                    ctx.term(&format!("gcp/commitment/{id}.cloud-run-{mode}")).ok().map(|t| t.value())
                }
            };
            let share = share.unwrap_or(general.amount);
            if share.is_zero() {
                return Err(absent(ctx, list.key, id));
            }
            less(list, &general, share).ok_or_else(|| absent(ctx, list.key, id)).map(Some)
        }
    }
}

fn absent(ctx: &Context<'_, '_>, key: &str, id: &str) -> Missing {
    Missing { key: format!("{key}.{id}"), region: ctx.region.id.to_owned(), why: Why::Absent }
}

/// What a key of Google's is of.
enum Of<'k> {
    Machine(&'k str),
    Class(&'k str),
    Mode(&'k str),
}

fn of_its_own(key: &str) -> Of<'_> {
    let name = |prefix: &str| key.strip_prefix(prefix);
    if let Some(machine) = name(GOOGLE_MACHINES) {
        Of::Machine(machine)
    } else if let Some(meter) = name("gcp/autopilot/") {
        Of::Class(meter.rsplit_once('.').map_or(meter, |(class, _)| class))
    } else {
        let meter = name("gcp/cloud-run/").unwrap_or(key);
        Of::Mode(meter.split_once('.').map_or(meter, |(mode, _)| mode))
    }
}

/// The share that a machine's family saves where it is not the general one; an error where it can't be committed to.
fn machine_share(ctx: &Context<'_, '_>, id: &str, machine: &str) -> Result<Option<Decimal>, Missing> {
    let not_sold = || Missing {
        key: format!("{GOOGLE_MACHINES}{machine}.{id}"),
        region: ctx.region.id.to_owned(),
        why: Why::Absent,
    };
    let shape = ctx.book.shape("gcp", machine).ok_or_else(not_sold)?;
    let says = |key: String| ctx.term(&key).ok().map(|t| t.value());
    let is_out = says(format!("gcp/commitment/none.{machine}")).is_some_and(|v| !v.is_zero());
    let family = family(&shape);
    let gpu_is_in = || says(format!("gcp/commitment/flex-cud.gpu.{family}")).is_some_and(|v| !v.is_zero());
    if is_out || (!shape.gpu.is_empty() && !gpu_is_in()) {
        return Err(not_sold());
    }
    Ok(says(format!("gcp/commitment/{id}.{family}")))
}

/// A list price less a share: exact, with the share's source.
fn less<'b>(list: &Price<'b>, from: &Price<'b>, share: Decimal) -> Option<Price<'b>> {
    let amount = product(list.amount, Decimal::ONE.checked_sub(share)?)?;
    Some(Price { amount, unit: list.unit, basis: worse(list.basis, from.basis), ..*from })
}

/// The basis of a figure made of two.
fn worse(a: Basis, b: Basis) -> Basis {
    match (a, b) {
        (Basis::Recalled, _) | (_, Basis::Recalled) => Basis::Recalled,
        (Basis::User, _) | (_, Basis::User) => Basis::User,
        _ => Basis::Derived,
    }
}

/// A machine's vCPU and memory at the family's rates, and the rest of it at list price.
fn by_resource<'b>(
    ctx: &Context<'_, 'b>,
    commitment: Commitment,
    list: &Price<'b>,
    machine: &str,
) -> Result<Result<Offer<'b>, Missing>, Overflow> {
    let id = commitment.id();
    let Some(shape) = ctx.book.shape("gcp", machine) else { return Ok(Err(absent(ctx, list.key, id))) };
    let (vcpu, memory) = resources(ctx, &shape);
    let mut parts = Vec::new();
    let mut rest = Some(list.amount);
    let hours = Decimal::from(list.unit.base_per_unit() / (MICROS_PER_HOUR * PER_MICRO));
    let each: [(&str, &'static str, u64, Decimal, &'static str); 2] = [
        ("vcpu", "vCPU, committed", vcpu.0, vcpu.as_vcpu(), "vCPU"),
        ("memory", "Memory, committed", memory.0, memory.as_gib(), "GiB"),
    ];
    for (meter, label, base, amount, what) in each {
        let key = format!("{GOOGLE_MACHINES}{}.{meter}", family(&shape));
        let (at_list, committed) = match (ctx.price(&key), ctx.price(&format!("{key}.{id}"))) {
            (Ok(at_list), Ok(committed)) => (at_list, committed),
            (_, Err(missing)) | (Err(missing), _) => return Ok(Err(missing)),
        };
        let of_it = product(at_list.amount, amount).and_then(|a| product(a, hours)).ok_or(Overflow)?;
        rest = rest.and_then(|rest| rest.checked_sub(of_it));
        let sku = Cow::Borrowed(committed.key);
        let each = Some(Factor::new(amount, what));
        parts.push(Part { sku, label, price: committed, per: (base, PER_MICRO), each, is_committed: true });
    }
    let rest = rest.ok_or(Overflow)?.normalize();
    if rest > Decimal::ZERO {
        let price = Price { amount: rest, basis: worse(list.basis, list.basis), ..*list };
        let sku = Cow::Borrowed(list.key);
        let label = "GPUs and local disks";
        parts.push(Part { sku, label, price, per: (1, 1), each: None, is_committed: false });
    }
    Ok(Ok(Offer { parts }))
}

/// The vCPU and memory a machine is billed for: types that share a core are billed for part of what they show.
fn resources(ctx: &Context<'_, '_>, shape: &Shape<'_>) -> (MilliVcpu, Mib) {
    let key = format!("{GOOGLE_MACHINES}{}.billed-vcpu", shape.name);
    let billed = ctx.term(&key).ok().and_then(|t| t.whole_times(1000)).map(MilliVcpu);
    (billed.unwrap_or(shape.vcpu), shape.memory)
}

/// What a machine costs an hour with all of it covered, per the unit of its list price: to choose a type by.
pub fn effective<'b>(
    ctx: &Context<'_, 'b>,
    commitment: Commitment,
    list: &Price<'b>,
) -> Result<Option<Price<'b>>, Overflow> {
    if let (What::ResourceCud, Some(machine)) = (commitment.kind(), list.key.strip_prefix(GOOGLE_MACHINES)) {
        let Ok(offer) = by_resource(ctx, commitment, list, machine)? else { return Ok(None) };
        let unit = u128::from(list.unit.base_per_unit());
        let sum = offer.parts.iter().try_fold(Money::ZERO, |sum, p| sum.plus(p.cost(p.of(unit)?)?))?;
        return Ok(Some(Price { amount: sum.to_decimal(), ..*list }));
    }
    if !reaches(commitment, list.key) {
        return Ok(None);
    }
    Ok(committed(ctx, commitment, list).ok().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_commitment_reaches_its_own_meters_only() {
        use Commitment::{Cud1y, FlexCud1y, Ri1yStandard, Sp1yNoUpfront};
        #[rustfmt::skip]
        let cases = [
            (Sp1yNoUpfront, "aws/fargate/linux-x86.vcpu",      true),
            (Sp1yNoUpfront, "aws/fargate/windows.memory",      true),
            (Sp1yNoUpfront, "aws/fargate/windows.os",          false), // the licence
            (Sp1yNoUpfront, "aws/fargate/ephemeral",           false),
            (Sp1yNoUpfront, "aws/ec2/m7g.large",               true),
            (Sp1yNoUpfront, "aws/eks/auto.m7g.large",          false),
            (Sp1yNoUpfront, "aws/eks/cluster",                 false),
            (Sp1yNoUpfront, "aws/apprunner/active.vcpu",       false),
            (Ri1yStandard,  "aws/fargate/linux-x86.vcpu",      false),
            (Ri1yStandard,  "aws/ec2/m7g.large",               true),
            (Cud1y,         "gcp/compute-engine/e2-medium",    true),
            (Cud1y,         "gcp/cloud-run/requests",          true),
            (FlexCud1y,     "gcp/cloud-run/requests",          false),
            (FlexCud1y,     "gcp/cloud-run/request-idle.cpu",  true),
            (FlexCud1y,     "gcp/cloud-run/instance.gpu",      false),
            (FlexCud1y,     "gcp/autopilot/general.ephemeral", false),
            (FlexCud1y,     "gcp/autopilot/general.cpu",       true),
            (FlexCud1y,     "gcp/autopilot/accelerator.l4.cpu", false), // a premium
            (FlexCud1y,     "gcp/gke/cluster",                 false),
            (FlexCud1y,     "gcp/disk/pd-balanced",            false),
        ];
        for (commitment, sku, want) in cases {
            assert_eq!(reaches(commitment, sku), want, "{} {sku}", commitment.id());
        }
    }
}
