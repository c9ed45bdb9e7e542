//! Rollouts: a canary revision that takes part of the traffic beside the stable one, for part of the period.
//!
//! Cloud Run divides the traffic (worker pools: the instances) between two revisions, and each scales by itself and keeps
//! its own minimum. ECS tasks and Kubernetes pods of a canary come on top of the stable ones, which stay as many, so that
//! all traffic can go back to them at once. A canary's lines have the skus of the stable revision's, so that an invoice
//! rounds both together.
//!
//! # Invariants
//! A canary never makes a bill smaller, and one of no time changes nothing.
//! # Sources
//! The pages that the rules name. Two target groups of a load balancer cost no more than one (`aws/BILLING-RULES` §5): a
//! weighted action stands in a listener's default rule, so neither hours, capacity units nor rules change.
//! # Not modelled
//! Canaries on platforms made of nodes, the hours in which a stable revision on Cloud Run is smaller, where a commitment is
//! sized by it, the steps of a rollout after the first, test traffic.

use crate::{
    beside::{load_balancer, nat},
    demand::{Demand, hours},
    estimate::{Bill, LineItem},
    money::{Overflow, ratio_decimal},
    note::Note,
    period::Period,
    platform::{Platform, on_time},
    quantity::Micros,
    rule::Rule,
    workload::Workload,
};

/// A second revision beside the stable one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Canary {
    /// the share of the traffic that it takes, above 0 and below 1, as a ratio
    pub share: (u64, u64),
    /// how long of the period
    pub time: Micros,
}

impl Canary {
    /// What the stable revision keeps.
    pub const fn rest(&self) -> (u64, u64) {
        (self.share.1.saturating_sub(self.share.0), self.share.1)
    }
}

/// Instances of a canary: how many, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fleet {
    /// tasks, pods or instances
    pub count: u64,
    /// how long each runs
    pub time: Micros,
}

/// Cloud Run.
pub const REVISIONS: Rule = Rule {
    id: "rollout/revisions",
    says: "revisions that divide the traffic are billed each for its own instances, and each keeps its own minimum of them",
    source: "https://docs.cloud.google.com/run/docs/rollouts-rollbacks-traffic-migration",
};
/// ECS.
pub const TASKS: Rule = Rule {
    id: "rollout/tasks",
    says: "a canary's tasks run behind a target group of their own, beside the stable ones, and are billed like them",
    source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html",
};
/// Kubernetes.
pub const PODS: Rule = Rule {
    id: "rollout/pods",
    says: "a canary's pods are a Deployment of their own beside the stable one, and are billed like them",
    source: "https://kubernetes.io/docs/concepts/workloads/management/#canary-deployments",
};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[REVISIONS, TASKS, PODS];

/// `⌈share × count⌉`
pub fn part(count: u64, (num, den): (u64, u64)) -> u64 {
    let part = (u128::from(count) * u128::from(num)).div_ceil(u128::from(den.max(1)));
    u64::try_from(part).unwrap_or(u64::MAX)
}

/// The instances of a workload's canary that come on top of its stable ones: its share of the replicas, or as many as
/// carry its share of the peak, and never below the minimum.
///
/// # Errors
/// [`Overflow`] where a number is too large to be exact.
pub fn beside(w: &Workload, concurrency: u64, period: &Period) -> Result<Option<Fleet>, Overflow> {
    let Some(canary) = &w.canary else { return Ok(None) };
    let on = on_time(w, period);
    let count = match &w.demand {
        Demand::Replicas { count } => part(*count, canary.share),
        Demand::Traffic(t) => t.always_on_part(canary.share, w.concurrency.unwrap_or(concurrency), on, period)?,
        Demand::Runs(_) | Demand::Metered(_) => return Ok(None),
    };
    Ok(Some(Fleet { count, time: canary.time.min(on) }))
}

/// Adds the lines of a canary behind those of the stable revision.
pub fn append<'b>(bill: &mut Bill<'b>, mut canary: Bill<'b>, rule: &'static Rule) {
    for line in &mut canary.lines {
        line.label = label(line.label);
        line.rule = rule;
    }
    canary.missing.retain(|m| !bill.missing.contains(m));
    bill.append(canary);
}

/// How long a line of a canary runs; `None` of other lines.
pub fn time(w: &Workload, line: &LineItem<'_>) -> Option<Micros> {
    w.canary.map(|c| c.time).filter(|_| RULES.iter().any(|r| r.id == line.rule.id))
}

fn label(stable: &'static str) -> &'static str {
    match stable {
        "vCPU" => "vCPU (canary)",
        "Memory" => "Memory (canary)",
        "vCPU (idle)" => "vCPU (canary, idle)",
        "Memory (idle)" => "Memory (canary, idle)",
        "vCPU (DaemonSets)" => "vCPU (canary, DaemonSets)",
        "Memory (DaemonSets)" => "Memory (canary, DaemonSets)",
        "vCPU premium" => "vCPU premium (canary)",
        "Memory premium" => "Memory premium (canary)",
        "GPU premium" => "GPU premium (canary)",
        "Machine" => "Machine (canary)",
        "GPU" => "GPU (canary)",
        "Windows licence" => "Windows licence (canary)",
        "Ephemeral storage" => "Ephemeral storage (canary)",
        "Public IPv4 addresses" => "Public IPv4 addresses (canary)",
        other => other,
    }
}

/// Why a platform can't run a canary.
pub fn refusal(platform: Platform, w: &Workload) -> Option<Note> {
    w.canary?;
    if platform == Platform::AppRunner {
        let says = "an App Runner service has one version at a time: it can't divide the traffic";
        return Some(Note::plain("app-runner/canary", says));
    }
    let says = "what of the metered time was a canary's is not known: meter each revision by itself";
    matches!(w.demand, Demand::Metered(_)).then(|| Note::plain(format!("{}/metered-canary", platform.id()), says))
}

/// Says what the canary is there, and what of it has no line.
pub fn explain(platform: Platform, w: &Workload, bill: &mut Bill<'_>) {
    let Some(canary) = &w.canary else { return };
    if platform.has_nodes() {
        let says = "the canary's pods: the nodes are packed for the stable ones alone";
        bill.not_priced.push(Note::plain("not-priced/canary", says));
        return;
    }
    let (num, den) = canary.share;
    let share = ratio_decimal(u128::from(num) * 100, u128::from(den.max(1))).normalize();
    let args = [("hours", hours(canary.time)), ("share", format!("{share} %"))];
    bill.assumptions.push(match platform {
        Platform::CloudRun | Platform::CloudRunInstance | Platform::CloudRunJob => Note::new(
            "rollout/revisions",
            "for {hours} h a canary revision takes {share} of the traffic, with instances and minimum instances of its \
             own (minimums set on the service as a whole would be shared)",
            &args,
        ),
        Platform::CloudRunWorkerPool => {
            Note::new("rollout/instance-split", "for {hours} h a canary revision has {share} of the instances", &args)
        }
        Platform::EcsFargate | Platform::EcsExpress => Note::new(
            "rollout/tasks",
            "for {hours} h a canary takes {share} of the traffic, with tasks for that share; the stable tasks stay as \
             many (ECS's own canary deployments start a whole second fleet, which costs more)",
            &args,
        ),
        _ => Note::new(
            "rollout/pods",
            "for {hours} h a canary takes {share} of the traffic, with pods for that share; the stable pods stay as many",
            &args,
        ),
    });
    beyond_the_lines(platform, w, bill);
}

/// What a canary needs or takes that no line of its own counts.
fn beyond_the_lines(platform: Platform, w: &Workload, bill: &mut Bill<'_>) {
    if platform == Platform::EcsFargate && load_balancer::of(platform, w).is_none() {
        let says = "the load balancer whose weighted target groups divide the traffic: --load-balancer on adds it";
        bill.not_priced.push(Note::plain("not-priced/canary-load-balancer", says));
    }
    if platform.provider() == "gcp" && nat::behind(platform, w) {
        let says = "Cloud NAT's fee for the machines of the canary";
        bill.not_priced.push(Note::plain("not-priced/canary-nat", says));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        demand::{Per, RequestRate, Traffic},
        quantity::MICROS_PER_HOUR,
    };

    fn month() -> Period {
        let time = Micros(730 * MICROS_PER_HOUR);
        Period { label: "730h".into(), time, month_hours: 730, whole_month_hours: (672, 744) }
    }

    fn canary(demand: Demand, percent: u64) -> Workload {
        let time = Micros(2 * MICROS_PER_HOUR);
        Workload { canary: Some(Canary { share: (percent, 100), time }), ..Workload::new("web", demand) }
    }

    #[test]
    fn a_share_of_replicas_is_rounded_up_to_whole_ones() {
        for (count, percent, want) in [(1, 10, 1), (2, 10, 1), (10, 10, 1), (11, 10, 2), (4, 50, 2), (5, 50, 3)] {
            let fleet = beside(&canary(Demand::Replicas { count }, percent), 80, &month());
            let want = Fleet { count: want, time: Micros(2 * MICROS_PER_HOUR) };
            assert_eq!(fleet, Ok(Some(want)), "{percent} % of {count}");
        }
    }

    #[test]
    fn tasks_for_traffic_carry_their_share_of_the_peak_and_keep_the_minimum() {
        let rate = |n: u128| RequestRate { micro_requests: n * 1_000_000, per: Per::Time(Micros(1_000_000)) };
        #[rustfmt::skip]
        let cases = [
            // peak/s, minimum, percent, tasks
            (   1, 0, 10, 1),
            (1000, 0, 10, 1),  // 8 in flight over 48
            (1000, 3, 10, 3),
            (9000, 0, 10, 2),  // 72 in flight over 48
            (9000, 0, 50, 8),  // 360 over 48
        ];
        for (peak, min_instances, percent, want) in cases {
            let traffic = Traffic {
                requests: rate(1),
                peak: Some(rate(peak)),
                duration: Micros(80_000),
                min_instances,
                target: (6, 10),
            };
            let fleet = beside(&canary(Demand::Traffic(traffic), percent), 80, &month());
            assert_eq!(fleet.map(|f| f.map(|f| f.count)), Ok(Some(want)), "{percent} % of {peak}/s");
        }
    }

    #[test]
    fn no_canary_has_no_fleet() {
        assert_eq!(beside(&Workload::new("web", Demand::Replicas { count: 2 }), 80, &month()), Ok(None));
    }
}
