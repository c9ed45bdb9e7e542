//! Platforms: a closed set, one file each.
//!
//! Every file has the same parts in the same order: `Usage`, `Terms`, `RULES`, `terms(ctx, workload)` (every price and
//! threshold for one region and day, before any arithmetic), `meter(workload, period, terms)` (what the platform would
//! meter, or why it can't run the workload) and `bill(usage, terms)` (lines). What several workloads of an account share
//! (cluster fees, credits) is a sixth part, `shared`. A convention, not a trait: the set is closed, and the compiler
//! lists every `match` that a new one must join.
//!
//! # Errors
//! `terms` fails with [`Missing`] where the book lacks a figure that everything else needs; a price that is missing is carried
//! along and named by the estimate. All others fail with [`Overflow`] where a number is too large to be exact. That a platform
//! can't run a workload is an answer, not an error: coded reasons.

pub mod allocatable;
pub mod app_runner;
pub mod autopilot;
pub mod cloud_run;
pub mod compute_engine;
pub mod ec2;
pub mod ecs_ec2;
pub mod ecs_managed_instances;
pub mod eks_auto;
pub mod eks_ec2;
pub mod fargate;
pub mod gke_standard;
pub mod held;
pub mod metering;
pub mod nodes;
pub mod size;

use std::cell::RefCell;

pub use self::held::Held;
pub use self::metering::{MeteredWhat, Metering};

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::{
    book::{GLOBAL, Missing, Price, PriceBook, Region, Term},
    demand::Shape,
    estimate::{Bill, MissingPrice, Quoted, Role},
    money::Overflow,
    note::Note,
    period::Period,
    purchase::Purchase,
    quantity::{Dimension, Mib, Micros},
    rollout,
    rule::Rule,
    text::{Text, both, either},
    workload::{Need, Switch, Workload},
};

macro_rules! platforms {
    ($($(#[$doc:meta])* $name:ident $id:literal $label:literal $provider:literal [$($shape:ident),*];)*) => {
        /// A container platform. Ids are public and stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Platform { $($(#[$doc])* $name),* }

        impl Platform {
            /// Every platform this version prices.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
            /// Their ids, in the same order.
            pub const IDS: &'static [&'static str] = &[$($id),*];

            /// `ecs-fargate`
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id),* }
            }

            /// The name a reader knows.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label),* }
            }

            /// `aws` or `gcp`
            pub const fn provider(self) -> &'static str {
                match self { $(Self::$name => $provider),* }
            }

            /// The shapes of demand it takes.
            pub const fn accepts(self) -> &'static [Shape] {
                match self { $(Self::$name => &[$(Shape::$shape),*]),* }
            }

            /// From its id.
            pub fn from_id(id: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|p| p.id() == id)
            }
        }
    };
}

platforms! {
    /// ECS tasks on Fargate
    EcsFargate "ecs-fargate" "ECS on Fargate" "aws" [Replicas, Traffic, Runs, Metered];
    /// ECS Express Mode: Fargate behind a shared load balancer
    EcsExpress "ecs-express" "ECS Express Mode" "aws" [Replicas, Traffic, Runs, Metered];
    /// EKS pods on Fargate
    EksFargate "eks-fargate" "EKS on Fargate" "aws" [Replicas, Traffic, Runs, Metered];
    /// ECS tasks on EC2 machines
    EcsEc2 "ecs-ec2" "ECS on EC2" "aws" [Replicas, Traffic, Runs, Metered];
    /// ECS tasks on machines that ECS manages
    EcsManagedInstances "ecs-managed-instances" "ECS Managed Instances" "aws" [Replicas, Traffic, Runs, Metered];
    /// EKS pods on EC2 machines
    EksEc2 "eks-ec2" "EKS on EC2" "aws" [Replicas, Traffic, Runs, Metered];
    /// EKS pods on machines that EKS manages
    EksAuto "eks-auto" "EKS Auto Mode" "aws" [Replicas, Traffic, Runs, Metered];
    /// EC2 machines that run containers
    Ec2 "ec2" "EC2" "aws" [Replicas, Traffic, Runs, Metered];
    /// App Runner
    AppRunner "app-runner" "App Runner" "aws" [Replicas, Traffic, Metered];
    /// GKE Autopilot
    GkeAutopilot "gke-autopilot" "GKE Autopilot" "gcp" [Replicas, Traffic, Runs, Metered];
    /// GKE Standard
    GkeStandard "gke-standard" "GKE Standard" "gcp" [Replicas, Traffic, Runs, Metered];
    /// Compute Engine machines that run containers
    ComputeEngine "compute-engine" "Compute Engine" "gcp" [Replicas, Traffic, Runs, Metered];
    /// Cloud Run services billed by request
    CloudRun "cloud-run" "Cloud Run (request-based)" "gcp" [Replicas, Traffic, Metered];
    /// Cloud Run services billed by instance
    CloudRunInstance "cloud-run-instance" "Cloud Run (instance-based)" "gcp" [Replicas, Traffic, Metered];
    /// Cloud Run jobs
    CloudRunJob "cloud-run-job" "Cloud Run jobs" "gcp" [Runs];
    /// Cloud Run worker pools
    CloudRunWorkerPool "cloud-run-worker-pool" "Cloud Run worker pools" "gcp" [Replicas, Metered];
}

/// What every platform needs to know besides the workload.
#[derive(Debug)]
pub struct Context<'c, 'b> {
    /// where prices and terms come from
    pub book: &'c PriceBook<'b>,
    /// the provider's region
    pub region: Region<'b>,
    /// the day prices are taken from
    pub day: Date,
    /// how capacity is bought
    pub purchase: Purchase,
    /// dollars an hour that a commitment is for, where they were said
    pub commit: Option<Decimal>,
    /// what the bill is for
    pub period: &'c Period,
    /// are allowances and credits given
    pub free_tier: Switch,
    /// keys of terms that are from memory and were used
    recalled: RefCell<Vec<&'b str>>,
}

impl<'c, 'b> Context<'c, 'b> {
    /// A context with nothing used yet.
    pub fn new(
        book: &'c PriceBook<'b>,
        region: Region<'b>,
        day: Date,
        purchase: Purchase,
        period: &'c Period,
        free_tier: Switch,
    ) -> Self {
        Self { book, region, day, purchase, commit: None, period, free_tier, recalled: RefCell::default() }
    }

    /// The rate of a key in this region, or in the scopes around it.
    pub fn rate<D: Dimension>(&self, key: &str) -> Quoted<'b, D> {
        match self.region.tier {
            Some(tier) => self.book.rate(key, &[self.region.id, tier, GLOBAL], self.day),
            None => self.book.rate(key, &[self.region.id, GLOBAL], self.day),
        }
    }

    /// The price of a key in this region, or in the scopes around it, whatever it is per.
    pub fn price(&self, key: &str) -> Result<Price<'b>, Missing> {
        match self.region.tier {
            Some(tier) => self.book.price(key, &[self.region.id, tier, GLOBAL], self.day),
            None => self.book.price(key, &[self.region.id, GLOBAL], self.day),
        }
    }

    /// The rate of a compute key as it is bought: `.spot` at its end for Spot.
    pub fn bought<D: Dimension>(&self, key: &str) -> Quoted<'b, D> {
        match self.purchase.key_suffix() {
            "" => self.rate(key),
            suffix => self.rate(&format!("{key}{suffix}")),
        }
    }

    /// A term in force here. Its use is remembered if it is from memory.
    pub fn term(&self, key: &str) -> Result<Term<'b>, Missing> {
        let term = self.book.term(key, &[self.region.id], self.day)?;
        if term.basis == crate::book::Basis::Recalled {
            let mut used = self.recalled.borrow_mut();
            if !used.contains(&term.key) {
                used.push(term.key);
            }
        }
        Ok(term)
    }

    /// A term that is a whole number.
    pub fn whole(&self, key: &str) -> Result<u64, Missing> {
        let term = self.term(key)?;
        term.whole().ok_or_else(|| self.unreadable(key))
    }

    /// A whole number that may turn out not to matter: its use is not remembered.
    pub fn peek(&self, key: &str) -> Result<u64, Missing> {
        let term = self.book.term(key, &[self.region.id], self.day)?;
        term.whole().ok_or_else(|| self.unreadable(key))
    }

    /// Remembers that a term read by [`Context::peek`] made a difference, so that it warns if it is from memory.
    pub fn mattered(&self, key: &str) {
        // A term that is missing has been noticed where it was read.
        let _ = self.term(key);
    }

    /// A term that is a size in GiB.
    pub fn gib(&self, key: &str) -> Result<Mib, Missing> {
        let term = self.term(key)?;
        term.whole_times(1024).map(Mib).ok_or_else(|| self.unreadable(key))
    }

    /// A term that is a time in seconds.
    pub fn seconds(&self, key: &str) -> Result<Micros, Missing> {
        let term = self.term(key)?;
        term.whole_times(1_000_000).map(Micros).ok_or_else(|| self.unreadable(key))
    }

    /// A term whose figures don't mean what its key says.
    pub fn unreadable(&self, key: &str) -> Missing {
        Missing { key: key.to_owned(), region: self.region.id.to_owned(), why: crate::book::Why::Absent }
    }

    /// Is `service` known not to be offered here? Regions nobody has read about count as offering it.
    pub fn offered(&self, service: &str) -> bool {
        self.book
            .term(&format!("{service}/offered"), &[self.region.id], self.day)
            .map_or(true, |t| !t.value().is_zero())
    }
}

/// A bill, or the reasons why the platform can't run the workload.
pub type Outcome<'b> = Result<Bill<'b>, Vec<Note>>;

impl Platform {
    /// Must a workload say its vCPU and memory, or has the platform defaults of its own?
    pub const fn needs_size(self) -> bool {
        matches!(self, Self::EcsFargate | Self::EcsExpress | Self::AppRunner) || self.has_nodes()
    }

    /// Is it made of nodes, which its workloads share?
    pub const fn has_nodes(self) -> bool {
        matches!(
            self,
            Self::EcsEc2
                | Self::EcsManagedInstances
                | Self::EksEc2
                | Self::EksAuto
                | Self::Ec2
                | Self::GkeStandard
                | Self::ComputeEngine
        )
    }

    /// The rules it cites.
    pub const fn rules(self) -> &'static [Rule] {
        match self {
            Self::EcsFargate | Self::EcsExpress | Self::EksFargate => fargate::RULES,
            Self::EcsEc2 => ecs_ec2::RULES,
            Self::EcsManagedInstances => ecs_managed_instances::RULES,
            Self::EksEc2 => eks_ec2::RULES,
            Self::EksAuto => eks_auto::RULES,
            Self::Ec2 => ec2::RULES,
            Self::GkeStandard => gke_standard::RULES,
            Self::ComputeEngine => compute_engine::RULES,
            Self::AppRunner => app_runner::RULES,
            Self::GkeAutopilot => autopilot::RULES,
            Self::CloudRun | Self::CloudRunInstance | Self::CloudRunJob | Self::CloudRunWorkerPool => cloud_run::RULES,
        }
    }

    /// What one workload is billed there, without what several would share.
    pub fn own<'b>(self, ctx: &Context<'_, 'b>, w: &Workload) -> Result<Outcome<'b>, Overflow> {
        let reasons = self.refusals(ctx, w);
        if !reasons.is_empty() {
            return Ok(Err(reasons));
        }
        let outcome = match self {
            Self::EcsFargate | Self::EcsExpress | Self::EksFargate => {
                run(fargate::terms(self, ctx, w), |t| fargate::meter(w, ctx.period, t), fargate::bill)
            }
            Self::EcsEc2 => run(ecs_ec2::terms(ctx), |t| ecs_ec2::meter(ctx, w, t), ecs_ec2::bill),
            Self::EcsManagedInstances => run(
                ecs_managed_instances::terms(ctx),
                |t| ecs_managed_instances::meter(ctx, w, t),
                ecs_managed_instances::bill,
            ),
            Self::EksEc2 => run(eks_ec2::terms(ctx), |t| eks_ec2::meter(ctx, w, t), eks_ec2::bill),
            Self::EksAuto => run(eks_auto::terms(ctx), |t| eks_auto::meter(ctx, w, t), eks_auto::bill),
            Self::Ec2 => run(ec2::terms(ctx), |t| ec2::meter(ctx, w, t), ec2::bill),
            Self::GkeStandard => run(gke_standard::terms(ctx), |t| gke_standard::meter(ctx, w, t), gke_standard::bill),
            Self::ComputeEngine => {
                run(compute_engine::terms(ctx), |t| compute_engine::meter(ctx, w, t), compute_engine::bill)
            }
            Self::AppRunner => run(app_runner::terms(ctx), |t| app_runner::meter(w, ctx.period, t), app_runner::bill),
            Self::GkeAutopilot => {
                run(autopilot::terms(ctx, w), |t| autopilot::meter(w, ctx.period, t), autopilot::bill)
            }
            Self::CloudRun | Self::CloudRunInstance | Self::CloudRunJob | Self::CloudRunWorkerPool => {
                run(cloud_run::terms(self, ctx, w), |t| cloud_run::meter(w, ctx.period, t), cloud_run::bill)
            }
        }?;
        let recalled = ctx.recalled.take();
        Ok(outcome.map(|mut bill| {
            rollout::explain(self, w, &mut bill);
            with_recalled(recalled, bill)
        }))
    }

    /// What the workloads of an account share there: cluster fees, load balancers, credits against `bills`.
    pub fn shared<'b>(self, ctx: &Context<'_, 'b>, on_it: &[(&Workload, &Bill<'b>)]) -> Result<Bill<'b>, Overflow> {
        let bill = match self {
            Self::EcsFargate | Self::AppRunner => Bill::default(),
            Self::EcsExpress | Self::EksFargate => fargate::shared(self, ctx, on_it)?,
            Self::EcsEc2 => on_nodes(ecs_ec2::terms(ctx), |t| ecs_ec2::shared(ctx, t, on_it))?,
            Self::EcsManagedInstances => {
                on_nodes(ecs_managed_instances::terms(ctx), |t| ecs_managed_instances::shared(ctx, t, on_it))?
            }
            Self::EksEc2 => on_nodes(eks_ec2::terms(ctx), |t| eks_ec2::shared(ctx, t, on_it))?,
            Self::EksAuto => on_nodes(eks_auto::terms(ctx), |t| eks_auto::shared(ctx, t, on_it))?,
            Self::Ec2 => on_nodes(ec2::terms(ctx), |t| ec2::shared(ctx, t, on_it))?,
            Self::GkeStandard => on_nodes(gke_standard::terms(ctx), |t| gke_standard::shared(ctx, t, on_it))?,
            Self::ComputeEngine => on_nodes(compute_engine::terms(ctx), |t| compute_engine::shared(ctx, t, on_it))?,
            Self::GkeAutopilot => autopilot::shared(ctx, on_it)?,
            Self::CloudRun | Self::CloudRunInstance | Self::CloudRunJob | Self::CloudRunWorkerPool => {
                cloud_run::shared(self, ctx, on_it)?
            }
        };
        Ok(with_recalled(ctx.recalled.take(), bill))
    }

    /// Why workloads that could each run there can't all run there together.
    pub fn together(self, ctx: &Context<'_, '_>, all: &[&Workload]) -> Result<Option<Note>, Overflow> {
        // A missing term is told on each workload.
        let Some(Ok(terms)) = self.node_terms(ctx) else { return Ok(None) };
        nodes::together(ctx, &terms, all)
    }

    /// Which of the platform's pools of nodes each workload is in; empty where there are none.
    pub fn node_pools(self, ctx: &Context<'_, '_>, all: &[&Workload]) -> Result<Vec<usize>, Overflow> {
        let Some(Ok(terms)) = self.node_terms(ctx) else { return Ok(Vec::new()) };
        nodes::pools_of(ctx, &terms, all)
    }

    /// The thresholds of its nodes; `None` where it is not made of nodes.
    fn node_terms(self, ctx: &Context<'_, '_>) -> Option<Result<nodes::Terms, Missing>> {
        Some(match self {
            Self::EcsEc2 => ecs_ec2::terms(ctx),
            Self::EcsManagedInstances => ecs_managed_instances::terms(ctx),
            Self::EksEc2 => eks_ec2::terms(ctx),
            Self::EksAuto => eks_auto::terms(ctx),
            Self::Ec2 => ec2::terms(ctx),
            Self::GkeStandard => gke_standard::terms(ctx),
            Self::ComputeEngine => compute_engine::terms(ctx),
            _ => return None,
        })
    }

    /// Reasons that need no price: the shape of the demand, and what `--needs` and `--timeout` ask for.
    fn refusals(self, ctx: &Context<'_, '_>, w: &Workload) -> Vec<Note> {
        let mut reasons: Vec<Note> = rollout::refusal(self, w).into_iter().collect();
        let id = self.id();
        if w.hours.is_some() && w.demand.shape() == Shape::Metered {
            let says = "instance time that was metered is all there is: the hours of a fleet mean nothing with it";
            reasons.push(Note::plain(format!("{id}/metered-hours"), says));
        }
        if !self.accepts().contains(&w.demand.shape()) {
            let label = |shape: crate::demand::Shape| Text::from(shape.label());
            let template = "it takes {takes}, not {shape}";
            // What was metered is not expected: it is told as what was asked only.
            let takes = self.accepts().iter().filter(|s| **s != Shape::Metered);
            let args = [("takes", either(takes.map(|s| label(*s)))), ("shape", label(w.demand.shape()))];
            reasons.push(Note::new(format!("{id}/shape"), template, &args));
        }
        for need in &w.needs {
            if !self.offers(ctx, *need) {
                let args = [("need", need.id().to_owned())];
                reasons.push(Note::new(format!("{id}/needs-{}", need.id()), "it does not offer {need}", &args));
            }
        }
        let limit = ctx.seconds(&format!("needs/{id}.timeout-max")).ok();
        if let (Some(wanted), Some(most)) = (w.timeout, limit)
            && wanted > most
        {
            let template = "{wanted} s is longer than the {most} s it allows";
            let args = [("wanted", wanted.as_secs().to_string()), ("most", most.as_secs().to_string())];
            reasons.push(Note::new(format!("{id}/timeout-max"), template, &args));
        }
        reasons
    }

    fn offers(self, ctx: &Context<'_, '_>, need: Need) -> bool {
        ctx.term(&format!("needs/{}.{}", self.id(), need.id())).is_ok_and(|t| !t.value().is_zero())
    }
}

/// Warns of terms from memory that `ctx` has handed out since it was last asked.
pub(crate) fn warn_recalled<'b>(ctx: &Context<'_, 'b>, bill: Bill<'b>) -> Bill<'b> {
    with_recalled(ctx.recalled.take(), bill)
}

fn with_recalled<'b>(recalled: Vec<&'b str>, mut bill: Bill<'b>) -> Bill<'b> {
    bill.warnings.extend(recalled_notes(recalled));
    bill
}

fn recalled_notes(keys: Vec<&str>) -> Vec<Note> {
    let template = "the rule figure {key} is from memory: no source was found for it";
    let note = |key: &str| Note::new("term/recalled", template, &[("key", key.to_owned())]);
    keys.into_iter().map(note).collect()
}

/// Terms, then metering, then the bill. A missing term leaves the platform unpriced.
fn run<'b, T, U>(
    terms: Result<T, Missing>,
    meter: impl FnOnce(&T) -> Result<Result<U, Vec<Note>>, Overflow>,
    bill: impl FnOnce(&U, &T) -> Result<Bill<'b>, Overflow>,
) -> Result<Outcome<'b>, Overflow> {
    match terms {
        Ok(terms) => match meter(&terms)? {
            Ok(usage) => Ok(Ok(bill(&usage, &terms)?)),
            Err(reasons) => Ok(Err(reasons)),
        },
        Err(missing) => {
            let missing = vec![MissingPrice { missing, role: Role::Compute }];
            Ok(Ok(Bill { missing, ..Bill::default() }))
        }
    }
}

/// What workloads on nodes share; a missing term is told on each of them.
fn on_nodes<'b>(
    terms: Result<nodes::Terms, Missing>,
    shared: impl FnOnce(&nodes::Terms) -> Result<Bill<'b>, Overflow>,
) -> Result<Bill<'b>, Overflow> {
    terms.map_or_else(|_| Ok(Bill::default()), |terms| shared(&terms))
}

/// How long a fleet is on: `--hours`, or the whole period.
pub(crate) fn on_time(w: &Workload, period: &Period) -> Micros {
    w.hours.unwrap_or(period.time)
}

/// How a request was raised to a legal size.
pub(crate) fn raised_note(wanted: size::Size, priced: size::Size, id: &str) -> Note {
    let pair = |s: size::Size| both([s.vcpu.to_string(), s.memory.to_string()]);
    let template = "{wanted} is billed as {priced}, the nearest legal size";
    Note::new(format!("{id}/size-raised"), template, &[("wanted", pair(wanted)), ("priced", pair(priced))])
}

/// How traffic became replicas.
pub(crate) fn always_on_note(t: &crate::demand::Traffic, concurrency: u64, replicas: u64) -> Note {
    let template = if replicas == 1 {
        "always on: one replica carries the peak at {concurrency} requests at once, {target} of it used"
    } else {
        "always on: {replicas} replicas carry the peak at {concurrency} requests each, {target} of it used"
    };
    let args =
        [("replicas", replicas.to_string()), ("concurrency", concurrency.to_string()), ("target", percent(t.target))];
    Note::new("demand/always-on", template, &args)
}

/// `60 %` of 6/10.
fn percent((num, den): (u64, u64)) -> String {
    format!("{} %", crate::money::ratio_decimal(u128::from(num) * 100, u128::from(den.max(1))))
}

/// How traffic became busy instance time.
pub(crate) fn active_note(t: &crate::demand::Traffic, concurrency: u64) -> Note {
    let template = "instance time is an upper bound: every request alone, or the instances that carry the mean rate at \
                    {concurrency} requests each ({target} of it used), busy all the time";
    let args = [("concurrency", concurrency.to_string()), ("target", percent(t.target))];
    Note::new("demand/active-time", template, &args)
}

/// What a real bill would have and an estimate of this platform has not.
pub(crate) fn not_priced(platform: Platform) -> Vec<Note> {
    let all: &[(&str, &'static str)] = &[
        ("not-priced/egress", "data sent to the internet, other regions and zones"),
        ("not-priced/logs", "logs and metrics"),
        ("not-priced/images", "container image storage and pulls"),
        ("not-priced/tax", "taxes and support plans"),
    ];
    let mut notes: Vec<Note> = all.iter().map(|(code, says)| Note::plain(*code, says)).collect();
    let networked = match platform {
        _ if platform.has_nodes() => {
            Some(("not-priced/network", "load balancers, NAT gateways and public IPv4 addresses"))
        }
        Platform::EcsFargate | Platform::EksFargate | Platform::GkeAutopilot => {
            Some(("not-priced/network", "load balancers, NAT gateways and public IPv4 addresses"))
        }
        Platform::EcsExpress => Some(("not-priced/network", "NAT gateways and public IPv4 addresses")),
        _ => None,
    };
    if let Some((code, says)) = networked {
        notes.insert(1, Note::plain(code, says));
    }
    notes
}
