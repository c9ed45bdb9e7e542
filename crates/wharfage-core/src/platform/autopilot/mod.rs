//! GKE Autopilot: pods billed by what they request, or by the machine they have to themselves.
//!
//! General-purpose, Balanced and Scale-Out pods pay for their requests, busy or idle ([`pods`]). Pods with GPUs and those
//! of the Performance class pay for a whole Compute Engine machine and a premium on it ([`machine`]). Every cluster has a
//! management fee, which a monthly credit covers once per account.
//!
//! # Units
//! Milli-vCPU, MiB, microseconds.
//! # Invariants
//! `billed >= ran`; a request is raised, never lowered.
//! # Sources
//! `gcp/BILLING-RULES` §2 (pricing page, Autopilot resource requests, Google's calculator), audit §4.
//! # Not modelled
//! Committed use, sustained use on whole machines, several pods on one machine, persistent disks and their premium.

pub mod machine;
pub mod pods;
mod requests;

use super::{Context, Held, Platform, always_on_note, fargate::things, metering::Steps, on_time};
use crate::{
    book::Missing,
    demand::Demand,
    estimate::Bill,
    money::Overflow,
    note::Note,
    period::Period,
    quantity::{Credit, Micros},
    rule::Rule,
    workload::{Arch, Class, K8sSupport, Os, Switch, Workload},
};

/// What Autopilot would meter for one workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Usage {
    /// requests of pods
    Pods(pods::Usage),
    /// machines
    Machines(machine::Usage),
}

/// Prices and thresholds of one region and day.
#[derive(Debug)]
pub enum Terms<'b> {
    /// of pods billed by their requests
    Pods(Box<pods::Terms<'b>>),
    /// of pods billed by their machine
    Machines(machine::Terms<'b>),
}

/// What a pod's requests become.
pub const REQUESTS: Rule = Rule {
    id: "autopilot/requests",
    says: "a pod is billed for its requests, raised to its class's minimum, step and ratio of memory to vCPU",
    source: "https://docs.cloud.google.com/kubernetes-engine/docs/concepts/autopilot-resource-requests",
};
/// Time.
pub const SECONDS: Rule = Rule {
    id: "autopilot/seconds",
    says: "a pod's requests are billed by the second while it is scheduled, busy or idle",
    source: "https://cloud.google.com/kubernetes-engine/pricing",
};
/// Ephemeral storage.
pub const EPHEMERAL: Rule = Rule {
    id: "autopilot/ephemeral-storage",
    says: "a pod's ephemeral storage is billed whole, and never under the minimum",
    source: "https://cloud.google.com/kubernetes-engine/pricing",
};
/// DaemonSets.
pub const DAEMONSETS: Rule = Rule {
    id: "autopilot/daemonsets",
    says: "a DaemonSet's pods are billed like others, one on each node they land on, with a minimum of their own",
    source: "https://docs.cloud.google.com/kubernetes-engine/docs/concepts/autopilot-resource-requests",
};
/// Whole machines.
pub const MACHINE: Rule = Rule {
    id: "autopilot/machine",
    says: "Accelerator and Performance pods pay for the Compute Engine machine they run on, by the second with its minimum",
    source: "https://cloud.google.com/kubernetes-engine/pricing",
};
/// The premium on them.
pub const PREMIUM: Rule = Rule {
    id: "autopilot/premium",
    says: "a premium per GPU, vCPU and GiB of the machine comes on top",
    source: "https://cloud.google.com/kubernetes-engine/pricing",
};
/// The cluster fee.
pub const CLUSTER: Rule = Rule {
    id: "gke/cluster",
    says: "a cluster is billed for all the time it exists, with a surcharge while its version is in extended support",
    source: "https://cloud.google.com/kubernetes-engine/pricing",
};
/// The free tier.
pub const CREDIT: Rule = Rule {
    id: "gke/credit",
    says: "a monthly credit per billing account pays for the management fee of zonal and Autopilot clusters, and nothing else",
    source: "https://cloud.google.com/kubernetes-engine/pricing",
};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[REQUESTS, SECONDS, EPHEMERAL, DAEMONSETS, MACHINE, PREMIUM, CLUSTER, CREDIT];

/// Resolves every price and threshold, before any arithmetic.
pub fn terms<'b>(ctx: &Context<'_, 'b>, w: &Workload) -> Result<Terms<'b>, Missing> {
    match class_of(w) {
        class @ (Class::Accelerator | Class::Performance) => machine::terms(ctx, w, class).map(Terms::Machines),
        class => pods::terms(ctx, w, class).map(|t| Terms::Pods(Box::new(t))),
    }
}

/// How its pods are metered: by their own time, or by that of the machines they have to themselves.
pub(super) fn steps(ctx: &Context<'_, '_>, w: &Workload) -> Result<Steps, Missing> {
    match class_of(w) {
        Class::Accelerator | Class::Performance => {
            Steps::read(ctx, "gcp/compute-engine/increment", "gcp/compute-engine/minimum")
        }
        _ => Ok(Steps { increment: ctx.seconds("gcp/autopilot/increment")?, minimum: Micros(0) }),
    }
}

/// The class it runs as: pods with GPUs leave the default class.
fn class_of(w: &Workload) -> Class {
    if w.class == Class::General && w.gpu.is_some() { Class::Accelerator } else { w.class }
}

/// What the platform would meter, or why it can't run the workload.
pub fn meter(w: &Workload, period: &Period, terms: &Terms<'_>) -> Result<Result<Usage, Vec<Note>>, Overflow> {
    Ok(match terms {
        Terms::Pods(terms) => pods::meter(w, period, terms)?.map(Usage::Pods),
        Terms::Machines(terms) => machine::meter(w, period, terms)?.map(Usage::Machines),
    })
}

/// The lines.
pub fn bill<'b>(usage: &Usage, terms: &Terms<'b>) -> Result<Bill<'b>, Overflow> {
    match (usage, terms) {
        (Usage::Pods(usage), Terms::Pods(terms)) => pods::bill(usage, terms),
        (Usage::Machines(usage), Terms::Machines(terms)) => machine::bill(usage, terms),
        _ => unreachable!("usage is metered with the terms that bill it"),
    }
}

/// Reasons that need no size.
fn refusals(w: &Workload, class: Class) -> Vec<Note> {
    let by_pod = !matches!(class, Class::Accelerator | Class::Performance);
    let mut reasons = Vec::new();
    let mut refuse = |when: bool, what: &str, says: &'static str| {
        if when {
            reasons.push(Note::plain(format!("gke-autopilot/{what}"), says));
        }
    };
    refuse(w.os == Os::Windows, "os", "Autopilot runs Linux containers only");
    let arm = w.arch == Arch::Arm && by_pod && class != Class::ScaleOutArm;
    refuse(arm, "arch", "Arm pods need --class scale-out-arm (or performance)");
    let gpu = w.gpu.is_some() && class != Class::Accelerator;
    refuse(gpu, "gpu", "of Autopilot's classes only accelerator has GPUs");
    let none = w.gpu.is_none() && w.node_type.is_none() && class == Class::Accelerator;
    refuse(none, "gpu-missing", "the accelerator class needs --gpu, or --node-type with a machine that has GPUs");
    reasons
}

/// The time of a workload's pods (or executions): `lives` is that of so many which each run so long.
fn time_of(
    w: &Workload,
    period: &Period,
    concurrency: u64,
    assumptions: &mut Vec<Note>,
    lives: impl Fn(u64, Micros) -> Held,
) -> Result<Held, Overflow> {
    let on = on_time(w, period);
    Ok(match &w.demand {
        Demand::Replicas { count } => lives(*count, on),
        Demand::Runs(runs) => lives(runs.executions()?, runs.duration),
        Demand::Traffic(t) => {
            let concurrency = w.concurrency.unwrap_or(concurrency);
            let n = t.always_on(concurrency, on, period)?;
            assumptions.push(always_on_note(t, concurrency, n));
            lives(n, on)
        }
        Demand::Metered(m) => Held::metered(m, assumptions)?,
    })
}

/// What the account's workloads share: one cluster, and the credit for its fee.
pub fn shared<'b>(ctx: &Context<'_, 'b>, on_it: &[(&Workload, &Bill<'b>)]) -> Result<Bill<'b>, Overflow> {
    let mut bill = Bill::default();
    if on_it.is_empty() {
        return Ok(bill);
    }
    let step = ctx.seconds("gcp/gke/cluster.increment").unwrap_or_default();
    let time = (ctx.period.time, ctx.period.time.round_up(step));
    let one = (1, "clusters");
    things(&mut bill, ctx, "gcp/gke/cluster", "Cluster", &CLUSTER, one, time)?;
    let fee = bill.cost_of(|_| true)?;
    if on_it.iter().any(|(w, _)| w.k8s_support == K8sSupport::Extended) {
        things(&mut bill, ctx, "gcp/gke/extended-channel", "Extended support", &CLUSTER, one, time)?;
    }
    let covers = ctx.whole("gcp/gke/credit.autopilot").is_ok_and(|flag| flag != 0);
    if let (Switch::On, true, Ok(credit)) = (ctx.free_tier, covers, ctx.rate::<Credit>("gcp/gke/credit")) {
        let price = *credit.price();
        bill.credit(price, price.key, "GKE free tier", &CREDIT, ctx.period.scale(price.amount)?, fee)?;
    }
    Ok(bill)
}

/// Its id, as codes begin with it.
const ID: &str = Platform::GkeAutopilot.id();
