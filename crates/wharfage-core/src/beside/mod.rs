//! What stands beside the compute: load balancers, NAT, public addresses, data on its way out, images, logs, events.
//!
//! A file for each service, with its rules, its terms and its lines. What belongs to one workload (its load balancer, its
//! addresses, its traffic between zones) is a line of its estimate; what an account shares (allowances and tiers of
//! egress and logs, NAT gateways, images) is counted once for all workloads of a group.
//!
//! # Invariants
//! Nothing is here unless a request asks for it. An allowance is a line of 0.00, never a subtraction in silence.
//! # Sources
//! `aws/BILLING-RULES` §5 to §7, `gcp/BILLING-RULES` §4.
//! # Not modelled
//! Interface endpoints, flow logs, traffic between regions other than image pulls, query and retention of logs.

pub mod address;
pub mod egress;
pub mod events;
pub mod images;
pub mod load_balancer;
pub mod logs;
pub mod nat;

use rust_decimal::Decimal;

use crate::{
    book::{GLOBAL, Missing, Origin, Price, Term, whole_times},
    commitment::Spread,
    demand::{Demand, RequestRate},
    estimate::{Bill, Factor, Item, LineItem, MissingPrice, Quoted, Role},
    money::{Money, Overflow},
    note::Note,
    platform::{Context, Held, Platform, on_time, warn_recalled},
    quantity::{Data, Dimension, Mib, Micros, PER_MICRO, Quantity, ThingTime, Unit},
    rule::Rule,
    text::{Text, both},
    workload::{LoadBalancer, Switch, With, Workload},
};

/// Bytes per time; a kilobyte is 1,000 of them here, as in capacity units of load balancers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRate {
    /// bytes
    pub bytes: u64,
    /// per how long
    pub per: Micros,
}

/// Where images are pulled from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullFrom {
    /// the registry of the region where they run
    Region,
    /// the same, through a NAT gateway
    Nat,
    /// each provider's registry in another place, by its region there
    Other {
        /// the place, as it was asked for
        place: String,
        /// AWS's region there
        aws: Option<String>,
        /// Google's region there
        gcp: Option<String>,
    },
}

/// What a workload has beside its compute. Data, events and minutes are those of the period; absent is not zero: what is
/// absent is listed as not priced.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Beside {
    /// data sent to the internet
    pub egress: Option<Mib>,
    /// data that crosses zones
    pub inter_zone: Option<Mib>,
    /// logs taken in
    pub logs: Option<Mib>,
    /// container images kept
    pub image: Option<Mib>,
    /// pulls of the images in the period
    pub pulls: Option<u64>,
    /// where they are pulled from, if not from the registry of their region
    pub pull_from: Option<PullFrom>,
    /// what stands before it
    pub load_balancer: Option<LoadBalancer>,
    /// rules of the load balancer
    pub lb_rules: Option<u64>,
    /// new connections to the load balancer
    pub lb_connections: Option<RequestRate>,
    /// connections open at a time
    pub lb_active: Option<u64>,
    /// bytes through the load balancer, both ways
    pub lb_bytes: Option<ByteRate>,
    /// public IPv4 addresses
    pub public_ipv4: Option<u64>,
    /// data through NAT gateways, both ways
    pub nat: Option<Mib>,
    /// events delivered
    pub events: Option<u64>,
    /// data of events that Pub/Sub carries, published and delivered
    pub event_data: Option<Mib>,
    /// logs of ECS Exec's sessions
    pub exec_logs: Option<Mib>,
    /// ECS Service Connect
    pub service_connect: Option<Switch>,
    /// a set switched on together
    pub with: Option<With>,
}

impl Beside {
    /// Is anything said about what a load balancer carries?
    pub fn carries(&self) -> bool {
        self.lb_rules.is_some() || self.lb_connections.is_some() || self.lb_active.is_some() || self.lb_bytes.is_some()
    }
}

/// Rules of everything beside the compute.
pub const RULES: &[&[Rule]] =
    &[address::RULES, egress::RULES, events::RULES, images::RULES, load_balancer::RULES, logs::RULES, nat::RULES];

/// Adds the lines that belong to one workload, and strikes what is now priced off the list of what is not.
pub fn own<'b>(platform: Platform, ctx: &Context<'_, 'b>, w: &Workload, bill: &mut Bill<'b>) -> Result<(), Overflow> {
    if w.beside == Beside::default() {
        return Ok(());
    }
    let mut lines = Bill::default();
    load_balancer::own(platform, ctx, w, &mut lines)?;
    address::own(platform, ctx, w, &mut lines)?;
    egress::inter_zone(platform, ctx, w, &mut lines)?;
    images::pulls(platform, ctx, w, &mut lines)?;
    events::own(platform, ctx, w, &mut lines)?;
    strike(platform, w, bill);
    bill.append(warn_recalled(ctx, lines));
    Ok(())
}

/// Adds the lines that workloads on one platform share.
pub fn shared<'b>(
    platform: Platform,
    ctx: &Context<'_, 'b>,
    on_it: &[&Workload],
    bill: &mut Bill<'b>,
) -> Result<(), Overflow> {
    let mut lines = Bill::default();
    load_balancer::shared(platform, ctx, on_it, &mut lines)?;
    nat::shared(platform, ctx, on_it, &bill.lines, &mut lines)?;
    egress::internet(platform, ctx, on_it, &mut lines)?;
    images::storage(platform, ctx, on_it, &mut lines)?;
    images::builds(platform, ctx, on_it, &mut lines)?;
    logs::shared(platform, ctx, on_it, &mut lines)?;
    events::transport(platform, ctx, on_it, &mut lines)?;
    if on_it.iter().any(|w| w.beside.carries()) {
        bill.not_priced.retain(|n| n.code != load_balancer::NOT_PRICED);
    }
    bill.append(warn_recalled(ctx, lines));
    Ok(())
}

/// Rewrites the list of what is not priced to what a request still says nothing about.
fn strike(platform: Platform, w: &Workload, bill: &mut Bill<'_>) {
    let b = &w.beside;
    let mut replace = |when: bool, code: &'static str, with: Option<Note>| {
        if let Some(at) = bill.not_priced.iter().position(|n| when && n.code == code) {
            bill.not_priced.splice(at..=at, with);
        }
    };
    let elsewhere = |code, says| Some(Note::plain(code, says));
    let far = match (b.egress, b.inter_zone) {
        (Some(_), Some(_)) => elsewhere("not-priced/inter-region", "data sent to other regions"),
        (Some(_), None) => elsewhere("not-priced/inter-zone", "data sent to other regions and zones"),
        (None, _) => elsewhere("not-priced/egress", "data sent to the internet and other regions"),
    };
    replace(b.egress.is_some() || b.inter_zone.is_some(), "not-priced/egress", far);
    replace(
        b.logs.is_some(),
        "not-priced/logs",
        elsewhere("not-priced/logs-kept", "metrics, and logs kept beyond the period"),
    );
    replace(
        b.image.is_some(),
        "not-priced/images",
        if b.pulls.is_some() { None } else { elsewhere("not-priced/image-pulls", "image pulls from other regions") },
    );
    let left = unstated(platform, w);
    let all = if platform == Platform::EcsExpress { 2 } else { 3 };
    let note = (!left.is_empty()).then(|| Note::new("not-priced/network", "{what}", &[("what", both(left.clone()))]));
    replace(left.len() < all, "not-priced/network", note);
}

/// What a request says nothing about of the things between a workload and the internet.
fn unstated(platform: Platform, w: &Workload) -> Vec<Text> {
    let b = &w.beside;
    let balanced =
        platform == Platform::EcsExpress || b.load_balancer.is_some() || load_balancer::of(platform, w).is_some();
    let all = [
        (balanced, "load balancers"),
        (nat::behind(platform, w), "NAT gateways"),
        (b.public_ipv4.is_some() || b.with.is_some(), "public IPv4 addresses"),
    ];
    all.into_iter().filter(|(stated, _)| !stated).map(|(_, what)| what.into()).collect()
}

/// How many instances of a workload stand side by side: its nodes where they are stated.
fn fleet(ctx: &Context<'_, '_>, w: &Workload) -> Result<u64, Overflow> {
    match &w.demand {
        _ if w.nodes.is_some() => Ok(w.nodes.unwrap_or(1)),
        Demand::Replicas { count } => Ok(*count),
        Demand::Runs(runs) => Ok(runs.tasks),
        Demand::Metered(m) => m.instances(ctx.period),
        Demand::Traffic(t) => {
            let concurrency = w.concurrency.or(ctx.whole("wharfage/concurrency").ok()).unwrap_or(1);
            t.always_on(concurrency, on_time(w, ctx.period), ctx.period)
        }
    }
}

/// What a line is called, and the rule behind it.
#[derive(Debug, Clone, Copy)]
struct Says {
    label: &'static str,
    rule: &'static Rule,
}

/// A line whose quantity is billed as it is.
fn charge<'b, D: Dimension>(
    bill: &mut Bill<'b>,
    rate: &Quoted<'b, D>,
    Says { label, rule }: Says,
    quantity: Quantity<D>,
    factors: Vec<Factor>,
) -> Result<(), Overflow> {
    bill.charge(rate, Item { label, rule, consumed: quantity, priced: quantity, factors, role: Role::Beside })
}

/// A line for `count` things that exist for a time: (ran, billed).
fn things<'b>(
    bill: &mut Bill<'b>,
    rate: &Quoted<'b, ThingTime>,
    Says { label, rule }: Says,
    (count, what): (u64, &'static str),
    (ran, billed): (Micros, Micros),
) -> Result<(), Overflow> {
    let consumed = Quantity::<ThingTime>::held(count, ran)?;
    let priced = Quantity::<ThingTime>::held(count, billed)?;
    let factors = vec![Factor::new(count, what), Factor::new(billed.as_secs(), "s")];
    bill.charge(rate, Item { label, rule, consumed, priced, factors, role: Role::Beside })
}

/// A line for things whose time was counted over all of them.
fn spent<'b>(
    bill: &mut Bill<'b>,
    rate: &Quoted<'b, ThingTime>,
    Says { label, rule }: Says,
    time: Held,
) -> Result<(), Overflow> {
    let consumed = Quantity::new(time.ran).times(PER_MICRO)?;
    let priced = Quantity::new(time.billed).times(PER_MICRO)?;
    bill.charge(rate, Item { label, rule, consumed, priced, factors: time.factors, role: Role::Beside })
}

/// Notes that a figure is missing beside the compute, or hands it on.
fn known<T>(bill: &mut Bill<'_>, figure: Result<T, Missing>) -> Option<T> {
    figure.map_err(|missing| bill.missing.push(MissingPrice { missing, role: Role::Beside })).ok()
}

/// What a monthly figure of a term comes to in this period, rounded up to a whole base unit.
fn monthly(ctx: &Context<'_, '_>, value: Decimal, base: u64) -> Result<Option<u128>, Overflow> {
    let Some(whole) = whole_times(value, base) else { return Ok(None) };
    let (months, per) = ctx.period.months();
    Ok(Some(u128::from(whole).checked_mul(months).ok_or(Overflow)?.div_ceil(per.max(1))))
}

/// Takes the account's monthly allowance off `used`: what it covers is a line of 0.00, the rest is handed back.
fn beyond_free<'b, D: Dimension>(
    bill: &mut Bill<'b>,
    ctx: &Context<'_, 'b>,
    key: &str,
    says: Says,
    used: Quantity<D>,
    factors: impl Fn(Quantity<D>) -> Vec<Factor>,
) -> Result<Quantity<D>, Overflow> {
    if ctx.free_tier == Switch::Off || used == Quantity::ZERO {
        return Ok(used);
    }
    let Some(term) = known(bill, ctx.term(key)) else { return Ok(used) };
    let Some(unit) = Unit::from_label(term.unit).filter(|u| u.kind() == D::KIND) else { return Ok(used) };
    let Some(free) = monthly(ctx, term.value(), unit.base_per_unit())? else { return Ok(used) };
    let covered = Quantity::<D>::new(free.min(used.base()));
    bill.lines.push(LineItem {
        sku: std::borrow::Cow::Borrowed(term.key),
        label: says.label,
        consumed: covered.base(),
        priced: covered.base(),
        unit,
        unit_price: Decimal::ZERO,
        cost: Money::ZERO,
        rule: says.rule,
        price: free_price(&term, unit),
        factors: factors(covered),
        spread: Spread::Always,
    });
    Ok(used.minus(covered))
}

/// An allowance as a price of nothing, with the term's source.
fn free_price<'b>(term: &Term<'b>, unit: Unit) -> Price<'b> {
    Price {
        key: term.key,
        region: GLOBAL,
        amount: Decimal::ZERO,
        unit,
        basis: term.basis,
        source: term.source,
        valid_from: None,
        confirmed: None,
        note: None,
        origin: Origin::Book,
        before_first_sighting: false,
    }
}

/// The sum of a field over workloads that state it; `None` where none does.
fn total(on_it: &[&Workload], field: impl Fn(&Beside) -> Option<Mib>) -> Result<Option<Mib>, Overflow> {
    let stated: Vec<Mib> = on_it.iter().filter_map(|w| field(&w.beside)).collect();
    let sum = stated.iter().try_fold(0_u64, |sum, m| sum.checked_add(m.0)).ok_or(Overflow)?;
    Ok((!stated.is_empty()).then_some(Mib(sum)))
}

/// `n` GiB of data, as a formula prints it.
fn gib(data: Quantity<Data>) -> Vec<Factor> {
    vec![Factor::new(data.in_unit(Unit::Gib), "GiB")]
}
