//! From what is asked to runs: a policy alone, or each platform under its own autoscaler, metered as it meters.

use wharfage_core::{
    Diagnostic, Overflow, PriceBook,
    book::Missing,
    demand::{Demand, Per, RequestRate, Traffic},
    note::Note,
    platform::{Context, MeteredWhat, Metering, Platform},
    pricing::Place,
    purchase::{Choice, Purchase},
    quantity::{Micros, MilliVcpu},
    text,
    text::Text,
    workload::Workload,
};
use wharfage_sim::{
    Arrivals, Assumption, Cpu, Law, Meter, Nanos, NodePreset, Nodes, Policy, Scenario, Service, StartUp, UNBOUNDED,
    autoscaler::{Autoscaler, TargetTracking},
};

use super::{
    habits::{self, Habits, Pulls},
    models, parameters,
    resolve::{ALWAYS_ON, Asked, SCALE_TO_ZERO},
};
use crate::resolve::Resolved;

/// A run to simulate, and what it is billed as.
#[derive(Debug, Clone)]
pub struct Planned<'r, 'b> {
    /// the policy's name
    pub policy: &'static str,
    /// what is simulated
    pub scenario: Scenario,
    /// what was taken for granted for this run
    pub assumptions: Vec<Text>,
    /// figures of its metering that are from memory
    pub warnings: Vec<Note>,
    /// where it is priced
    pub on: Option<On<'r, 'b>>,
}

/// A platform in a place, bought in one way.
#[derive(Debug, Clone)]
pub struct On<'r, 'b> {
    /// where
    pub platform: Platform,
    /// in which place
    pub place: &'r Place<'b>,
    /// bought how
    pub choice: Choice,
    /// what is metered
    pub what: MeteredWhat,
    /// what is priced, once its demand is what was metered
    pub workload: Workload,
}

/// A platform that can't run the workload, in a place.
#[derive(Debug, Clone)]
pub struct Refused<'r, 'b> {
    /// which
    pub platform: Platform,
    /// where
    pub place: &'r Place<'b>,
    /// why it can't
    pub reasons: Vec<Note>,
    /// what the tables lack
    pub missing: Vec<Missing>,
}

/// Runs, and platforms that have none.
pub type Plan<'r, 'b> = (Vec<Planned<'r, 'b>>, Vec<Refused<'r, 'b>>);

/// One run per policy, without a platform.
pub fn bare<'r, 'b>(asked: &Asked) -> Vec<Planned<'r, 'b>> {
    asked.policies.iter().map(|policy| bare_run(asked, policy)).collect()
}

fn bare_run<'r, 'b>(asked: &Asked, policy: &'static str) -> Planned<'r, 'b> {
    let mut assumptions = Vec::from_iter(parameters::told(&asked.given.settings, policy));
    let scenario = Scenario {
        policy: policy_of(asked, policy, &Limits::NONE),
        concurrency: asked.given.concurrency.unwrap_or(1),
        queue: asked.given.queue.unwrap_or(if policy == SCALE_TO_ZERO { 0 } else { UNBOUNDED }),
        ..asked.base.clone()
    };
    if !asked.starts_stated && policy != ALWAYS_ON {
        assumptions.push("instances start in no time (--cold-start)".into());
    }
    Planned { policy, scenario, assumptions, warnings: Vec::new(), on: None }
}

/// What a platform bounds.
struct Limits {
    /// never fewer
    least: u64,
    /// never more, unless that is asked for
    most: u64,
    /// instances of a fleet that is always on, where nobody says
    replicas: u64,
    /// the lower alarm's share of the target, where it is the platform's own
    low: Option<f64>,
}

impl Limits {
    const NONE: Self = Self { least: 0, most: u64::MAX, replicas: 1, low: None };
}

fn policy_of(asked: &Asked, name: &str, limits: &Limits) -> Policy {
    let given = &asked.given;
    let max_instances = given.max.unwrap_or(limits.most);
    match name {
        ALWAYS_ON => Policy::AlwaysOn { replicas: given.replicas.unwrap_or(limits.replicas) },
        SCALE_TO_ZERO => Policy::ScaleToZero {
            idle_after: given.idle_after.clone().unwrap_or(Law::Constant(Nanos::from_secs(600))),
            min_instances: given.min.unwrap_or(0),
            max_instances,
        },
        name => {
            let mut by = autoscaler(name);
            if let Some((num, den)) = given.target {
                by.aim_at(num as f64 / den as f64);
            }
            if let (Autoscaler::CloudRun(scaler), Some(idle_after)) = (&mut by, &given.idle_after) {
                scaler.idle_after = idle_after.clone();
            }
            if let (Autoscaler::TargetTracking(scaler), Some(low)) = (&mut by, limits.low) {
                scaler.low = low;
            }
            given.settings.iter().filter(|s| s.autoscaler == name).for_each(|s| s.apply(&mut by));
            let least = by.least().max(limits.least);
            let min_instances = given.min.unwrap_or(least.min(max_instances)).max(least);
            Policy::Autoscaled { by, min_instances, max_instances }
        }
    }
}

fn autoscaler(name: &str) -> Autoscaler {
    let known = Autoscaler::defaults().into_iter().find(|(id, _)| *id == name);
    known.map_or_else(|| Autoscaler::TargetTracking(TargetTracking::default()), |(_, by)| by)
}

/// What the simulator assumes, as a text.
pub fn assumed(assumption: &Assumption) -> Text {
    let values = assumption.values.iter().map(|(name, value)| (*name, value.into()));
    Text::new(assumption.template, values.collect())
}

/// One run per platform, policy, place and purchase option.
///
/// # Errors
/// Where a quantity is too large to be exact.
pub fn priced<'r, 'b>(
    asked: &Asked,
    pricing: &'r Resolved<'b>,
    book: &'r PriceBook<'b>,
) -> Result<Plan<'r, 'b>, Vec<Diagnostic>> {
    let planner = Planner { asked, pricing, book };
    let mut plan = (Vec::new(), Vec::new());
    for place in &pricing.places {
        for platform in &pricing.platforms {
            if pricing.every_region && place.region(*platform).is_none() {
                continue;
            }
            planner.add(&mut plan, place, *platform).map_err(|Overflow| vec![too_large(*platform)])?;
        }
    }
    Ok(plan)
}

/// What is told where a number is beyond what can be exact.
pub fn too_large(platform: Platform) -> Diagnostic {
    Diagnostic::error("request/too-large", "a quantity or a cost is too large to be exact")
        .on("workload[0]", text!("too large on {platform}", platform = platform.id()))
        .help("costs are kept exactly up to some 10^16 USD; check the units of the largest numbers")
}

struct Planner<'a, 'r, 'b> {
    asked: &'a Asked,
    pricing: &'r Resolved<'b>,
    book: &'r PriceBook<'b>,
}

impl<'r, 'b> Planner<'_, 'r, 'b> {
    fn add(&self, plan: &mut Plan<'r, 'b>, place: &'r Place<'b>, platform: Platform) -> Result<(), Overflow> {
        let refuse = |reasons, missing| Refused { platform, place, reasons, missing };
        let Some(region) = place.region(platform) else {
            let reasons = self.estimated(platform, place, &self.pricing.workloads[0])?;
            plan.1.push(refuse(reasons, Vec::new()));
            return Ok(());
        };
        let mut workload = self.pricing.workloads[0].clone();
        let concurrency = self.concurrency(&workload);
        workload.concurrency = Some(concurrency.into());
        workload.demand = Demand::Traffic(self.traffic());
        let reasons = self.estimated(platform, place, &workload)?;
        if !reasons.is_empty() {
            plan.1.push(refuse(reasons, Vec::new()));
            return Ok(());
        }
        let settings = &self.pricing.settings;
        let purchase = Purchase::OnDemand;
        let ctx = Context::new(self.book, region, settings.day, purchase, &settings.period, settings.free_tier);
        let metering = match platform.metering(&ctx, &workload) {
            Ok(metering) => metering,
            Err(missing) => {
                plan.1.push(refuse(Vec::new(), vec![missing]));
                return Ok(());
            }
        };
        let vcpu = platform.billed_vcpu(&ctx, &workload)?;
        let habits = habits::of(platform);
        let mut assumptions = Vec::new();
        let nodes = match habits.nodes {
            None => None,
            Some(preset) => match self.nodes(&ctx, platform, &mut workload, preset, &mut assumptions)? {
                Ok(nodes) => Some(nodes),
                Err(reason) => {
                    plan.1.push(refuse(reason, Vec::new()));
                    return Ok(());
                }
            },
        };
        let limits = self.limits(&ctx, platform, &workload, concurrency)?;
        let own = self.asked.given.replicas.map_or(habits.policy, |_| None).unwrap_or(ALWAYS_ON);
        let policies = if self.asked.policies.is_empty() { vec![own] } else { self.asked.policies.clone() };
        for policy in policies {
            let (limits, metering, nodes) = (&limits, &metering, nodes.clone());
            let run = Run { policy, concurrency, vcpu, habits, limits, metering, nodes };
            let planned = self.run(&run, assumptions.clone());
            for choice in &self.pricing.purchases {
                let on = On { platform, place, choice: *choice, what: metering.what, workload: workload.clone() };
                plan.0.push(Planned { on: Some(on), ..planned.clone() });
            }
        }
        Ok(())
    }

    /// Requests that an instance serves at once.
    fn concurrency(&self, workload: &Workload) -> u32 {
        let default =
            self.book.term("wharfage/concurrency", &[], self.pricing.settings.day).ok().and_then(|t| t.whole());
        let stated = workload.concurrency.or(default).unwrap_or(1);
        u32::try_from(stated).unwrap_or(u32::MAX)
    }

    /// The traffic that a closed form would see: whether the platform can run it does not depend on when requests arrive.
    fn traffic(&self) -> Traffic {
        let micro = |per_second: f64| RequestRate {
            micro_requests: (per_second * 1e6) as u128,
            per: Per::Time(Micros(1_000_000)),
        };
        let (mean, peak) = rates(&self.asked.base.arrivals);
        let duration = match &self.asked.base.service {
            Service::Law(law) => Micros(law.mean().0.div_ceil(1_000)),
            Service::Trace => Micros(0),
        };
        let given = &self.asked.given;
        Traffic {
            requests: micro(mean),
            peak: Some(micro(peak)),
            duration,
            min_instances: given.min.unwrap_or(0),
            target: given.target.unwrap_or((6, 10)),
        }
    }

    /// Why the platform can't run a workload.
    fn estimated(&self, platform: Platform, place: &Place<'b>, workload: &Workload) -> Result<Vec<Note>, Overflow> {
        let settings = &self.pricing.settings;
        let workloads = std::slice::from_ref(workload);
        let group = wharfage_core::pricing::group(self.book, settings, platform, place, Purchase::OnDemand, workloads)?;
        Ok(group.estimates.into_iter().next().map_or_else(Vec::new, |e| e.reasons))
    }

    /// The machines that an account would have for it; the workload then names their type.
    fn nodes(
        &self,
        ctx: &Context<'_, 'b>,
        platform: Platform,
        workload: &mut Workload,
        preset: &str,
        assumptions: &mut Vec<Text>,
    ) -> Result<Result<Nodes, Vec<Note>>, Overflow> {
        let plan = match platform.node_plan(ctx, workload)? {
            Ok(plan) => plan,
            Err(reasons) => return Ok(Err(reasons)),
        };
        let args = vec![("each", plan.each.into()), ("type", plan.node_type.clone().into())];
        assumptions.push(Text::new("{each} instances fit a machine of type {type} (--node-type)", args));
        let given = &self.asked.given;
        let preset = NodePreset::named(preset).expect("a test names the presets of every platform");
        if given.node_start.is_none() || given.node_idle_after.is_none() {
            assumptions.extend(preset.assumptions().iter().map(assumed));
        }
        let mut nodes = preset.nodes(plan.each);
        nodes.min = workload.nodes.unwrap_or(0);
        if let Some(start_up) = &given.node_start {
            nodes.start_up = start_up.clone();
        }
        nodes.idle_after = given.node_idle_after.unwrap_or(nodes.idle_after);
        workload.node_type = Some(plan.node_type);
        Ok(Ok(nodes))
    }

    fn limits(
        &self,
        ctx: &Context<'_, 'b>,
        platform: Platform,
        workload: &Workload,
        concurrency: u32,
    ) -> Result<Limits, Overflow> {
        let whole = |key: &str| ctx.whole(key).ok();
        let most = match platform {
            Platform::CloudRun | Platform::CloudRunInstance => whole("gcp/cloud-run/instances.max-default"),
            Platform::AppRunner => whole("aws/apprunner/instances.max"),
            _ => None,
        };
        let least = if platform == Platform::AppRunner { whole("aws/apprunner/provisioned-min") } else { None };
        let period = &self.pricing.settings.period;
        let replicas = match &workload.demand {
            Demand::Traffic(t) => t.always_on(concurrency.into(), period.time, period)?,
            _ => 1,
        };
        Ok(Limits {
            least: least.unwrap_or(0),
            most: most.unwrap_or(u64::MAX),
            replicas,
            low: (platform == Platform::Ec2).then_some(TargetTracking::LOW_OF_GROUPS),
        })
    }

    /// What requests share of an instance: the vCPU that it is billed as.
    fn cpu(&self, billed: Option<MilliVcpu>, assumptions: &mut Vec<Text>) -> Option<Cpu> {
        let mut cpu = self.asked.base.cpu.clone()?;
        if let Some(billed) = billed.filter(|billed| billed.0 != cpu.milli_vcpus) {
            let says = "requests share {vcpu} of an instance, as it is billed (--cpu-time)";
            assumptions.push(Text::new(says, vec![("vcpu", billed.to_string().into())]));
            cpu.milli_vcpus = billed.0;
        }
        Some(cpu)
    }

    fn run(&self, run: &Run<'_>, mut assumptions: Vec<Text>) -> Planned<'r, 'b> {
        let asked = self.asked;
        let policy = policy_of(asked, run.policy, run.limits);
        assumptions.extend(parameters::told(&asked.given.settings, run.policy));
        let start_up = if asked.starts_stated || run.policy == ALWAYS_ON {
            asked.base.start_up.clone()
        } else {
            assumptions.push(run.habits.says.into());
            StartUp::Before(law(run.habits.start))
        };
        let start_up = match (start_up, asked.given.pull) {
            (StartUp::Before(law), Some(pull)) if run.habits.pulls == Pulls::Yes => {
                assumptions.push("an instance pulls its image when it starts (--pull-rate)".into());
                StartUp::Before(law.later_by(pull))
            }
            (start_up, _) => start_up,
        };
        if run.policy == ALWAYS_ON && asked.given.replicas.is_none() {
            let says = "a fleet that is always on, sized for the peak: {n} instances (--replicas)";
            assumptions.push(Text::new(says, vec![("n", run.limits.replicas.into())]));
        }
        let pre_started = match &policy {
            Policy::ScaleToZero { min_instances, .. } | Policy::Autoscaled { min_instances, .. } => *min_instances,
            Policy::AlwaysOn { .. } => 0,
        };
        let scenario = Scenario {
            policy,
            start_up,
            concurrency: run.concurrency,
            queue: asked.given.queue.unwrap_or(if run.policy == SCALE_TO_ZERO { 0 } else { UNBOUNDED }),
            cpu: self.cpu(run.vcpu, &mut assumptions),
            meter: meter(run.metering),
            pre_started,
            nodes: run.nodes.clone(),
            ..asked.base.clone()
        };
        Planned { policy: run.policy, scenario, assumptions, warnings: run.metering.warnings.clone(), on: None }
    }
}

/// A platform's run under one policy.
struct Run<'p> {
    policy: &'static str,
    concurrency: u32,
    /// of an instance as it is billed, where that is known
    vcpu: Option<MilliVcpu>,
    habits: Habits,
    limits: &'p Limits,
    metering: &'p Metering,
    nodes: Option<Nodes>,
}

fn law(text: &str) -> Law {
    models::law(text).expect("a test reads the laws of every platform")
}

fn meter(metering: &Metering) -> Meter {
    let [increment, minimum] = [metering.increment, metering.minimum].map(|Micros(us)| Nanos::from_micros(us));
    match metering.what {
        MeteredWhat::Active => Meter::Active { increment, minimum },
        MeteredWhat::Life => Meter::Life { increment, minimum },
        MeteredWhat::Nodes => Meter::Nodes { increment, minimum },
    }
}

/// Mean and highest requests a second, as far as the model knows.
fn rates(arrivals: &Arrivals) -> (f64, f64) {
    let mean = arrivals.mean_per_second().unwrap_or(0.0);
    let peak = match arrivals {
        Arrivals::Steps(steps) => steps.iter().map(|s| s.rate.per_second()).fold(mean, f64::max),
        Arrivals::Mmpp { rates, .. } => rates.iter().map(|r| r.per_second()).fold(mean, f64::max),
        Arrivals::Diurnal { amplitude, .. } => mean * (1.0 + amplitude),
        _ => mean,
    };
    (mean, peak)
}
