//! Load balancers: AWS's by hours and capacity units, Google's by forwarding rules and data.
//!
//! # Units
//! Capacity units are counted in millionths, times microseconds. A gigabyte is 10^9 bytes here, as in the page's example.
//! # Invariants
//! A capacity unit's dimensions are not added: the largest is billed.
//! # Sources
//! `aws/BILLING-RULES` §5, `gcp/BILLING-RULES` §4.
//! # Not modelled
//! Mutual TLS, Lambda targets, UDP and TLS listeners, trust stores.

use super::{Says, charge, gib, known, things};
use crate::{
    book::Missing,
    demand::{Demand, Per, RequestRate},
    estimate::{Bill, Factor, Quoted},
    money::{Overflow, divide_half_even, ratio_decimal},
    note::Note,
    platform::{Context, Platform, on_time},
    quantity::{CapacityTime, Data, MICROS_PER_HOUR, Micros, Quantity, ThingTime, Unit},
    rule::Rule,
    text,
    text::{Text, listed},
    tr,
    workload::{LoadBalancer, With, Workload},
};

/// Hours.
pub const HOURS: Rule = Rule {
    id: "load-balancer/hours",
    says: "a load balancer is billed for every hour it exists, and a partial hour is a whole one",
    source: "https://aws.amazon.com/elasticloadbalancing/pricing/",
};
/// Capacity units.
pub const CAPACITY: Rule = Rule {
    id: "load-balancer/capacity",
    says: "a capacity unit is the largest of new connections, active connections, bytes and rule evaluations, each in its own measure",
    source: "https://aws.amazon.com/elasticloadbalancing/pricing/",
};
/// Forwarding rules.
pub const RULE: Rule = Rule {
    id: "load-balancer/forwarding-rules",
    says: "a project's first five forwarding rules cost one flat fee together, each further one its own",
    source: "https://cloud.google.com/vpc/network-pricing",
};
/// Data.
pub const PROCESSED: Rule = Rule {
    id: "load-balancer/data",
    says: "data through a Google load balancer is billed by the GiB",
    source: "https://cloud.google.com/vpc/network-pricing",
};

/// Every rule this module cites.
pub const RULES: &[Rule] = &[HOURS, CAPACITY, RULE, PROCESSED];

/// Code of the note that capacity units are not priced.
pub const NOT_PRICED: &str = "not-priced/alb-lcu";

/// What stands before a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// an Application Load Balancer of its own
    Alb,
    /// a Network Load Balancer of its own
    Nlb,
    /// Express Mode's load balancer, whose hours the platform bills
    Express,
    /// a forwarding rule of Google's
    Google,
}

/// What stands before `w` on a platform, if anything: what was asked for, else what its traffic needs there.
pub fn of(platform: Platform, w: &Workload) -> Option<Kind> {
    let asked = w.beside.load_balancer;
    if platform == Platform::EcsExpress {
        return Some(Kind::Express);
    }
    let never = matches!(platform, Platform::AppRunner | Platform::CloudRunJob | Platform::CloudRunWorkerPool);
    let built_in = matches!(platform, Platform::CloudRun | Platform::CloudRunInstance);
    let served = match &w.demand {
        Demand::Traffic(_) => true,
        Demand::Metered(m) => m.requests > 0,
        Demand::Replicas { .. } | Demand::Runs(_) => false,
    };
    let network = w.beside.with == Some(With::Network) && served;
    let implied = !built_in && (w.beside.carries() || network);
    if never || asked == Some(LoadBalancer::Off) || !(asked.is_some() || implied) {
        return None;
    }
    match (platform.provider(), asked) {
        ("aws", Some(LoadBalancer::Nlb)) => Some(Kind::Nlb),
        ("aws", _) => Some(Kind::Alb),
        _ => Some(Kind::Google),
    }
}

/// Prices and thresholds of one kind of AWS load balancer.
#[derive(Debug)]
struct Terms<'b> {
    hour: Quoted<'b, ThingTime>,
    unit: Quoted<'b, CapacityTime>,
    increment: Micros,
    new_per_second: u64,
    active: u64,
    bytes_per_hour: u64,
    /// evaluations a second, and rules that cost none; `None` where rules don't count
    evaluations: Option<(u64, u64)>,
}

fn terms<'b>(kind: Kind, ctx: &Context<'_, 'b>) -> Result<Terms<'b>, Missing> {
    let nlb = kind == Kind::Nlb;
    let pick = |alb, of_nlb| if nlb { of_nlb } else { alb };
    let evaluations =
        if nlb { None } else { Some((ctx.whole("aws/alb/lcu.rule-evaluations")?, ctx.whole("aws/alb/rules-free")?)) };
    Ok(Terms {
        hour: ctx.rate(pick("aws/alb/hour", "aws/nlb/hour")),
        unit: ctx.rate(pick("aws/alb/lcu", "aws/nlb/nlcu")),
        increment: ctx.seconds(pick("aws/alb/increment", "aws/nlb/increment"))?,
        new_per_second: ctx.whole(pick("aws/alb/lcu.new-connections", "aws/nlb/nlcu.new-flows"))?,
        active: ctx.whole(pick("aws/alb/lcu.active-connections", "aws/nlb/nlcu.active-flows"))?,
        bytes_per_hour: ctx.whole(pick("aws/alb/lcu.bytes", "aws/nlb/nlcu.bytes"))?,
        evaluations,
    })
}

/// A workload's own load balancer.
pub fn own<'b>(platform: Platform, ctx: &Context<'_, 'b>, w: &Workload, bill: &mut Bill<'b>) -> Result<(), Overflow> {
    bill.assumptions.extend(notes(platform, w));
    let Some(kind @ (Kind::Alb | Kind::Nlb)) = of(platform, w) else { return Ok(()) };
    let Some(terms) = known(bill, terms(kind, ctx)) else { return Ok(()) };
    let hours = (ctx.period.time, ctx.period.time.round_up(terms.increment));
    let says = Says { label: "Load balancer", rule: &HOURS };
    things(bill, &terms.hour, says, (1, "load balancers"), hours)?;
    capacity(ctx, &terms, &[w], bill)
}

/// What the defaults and the platform make of what was asked.
fn notes(platform: Platform, w: &Workload) -> Option<Note> {
    let b = &w.beside;
    let asked = b.load_balancer.is_some_and(|lb| lb != LoadBalancer::Off) || b.carries();
    match (of(platform, w), platform) {
        (None, Platform::AppRunner | Platform::CloudRun | Platform::CloudRunInstance) if asked => {
            Some(Note::plain("beside/lb-built-in", "requests reach the service without a load balancer of one's own"))
        }
        (None, Platform::CloudRunJob | Platform::CloudRunWorkerPool) if asked => {
            Some(Note::plain("beside/lb-none", "it takes no requests, so no load balancer stands before it"))
        }
        (Some(Kind::Google), _) => {
            let says = "one forwarding rule; rules by host and path cost nothing";
            Some(Note::plain("beside/lb-forwarding-rule", says))
        }
        (Some(_), _) if b.load_balancer.is_none() && !b.carries() && platform != Platform::EcsExpress => {
            Some(Note::plain("beside/lb-default", "an Application Load Balancer of its own stands before it"))
        }
        _ => None,
    }
}

/// What workloads share: Express Mode's capacity units, Google's forwarding rules and data.
pub fn shared<'b>(
    platform: Platform,
    ctx: &Context<'_, 'b>,
    on_it: &[&Workload],
    bill: &mut Bill<'b>,
) -> Result<(), Overflow> {
    let behind = |kind| -> Vec<&Workload> { on_it.iter().copied().filter(|w| of(platform, w) == Some(kind)).collect() };
    let express: Vec<&Workload> = behind(Kind::Express).into_iter().filter(|w| w.beside.carries()).collect();
    if !express.is_empty()
        && let Some(terms) = known(bill, terms(Kind::Express, ctx))
    {
        capacity(ctx, &terms, &express, bill)?;
    }
    let google = behind(Kind::Google);
    if google.is_empty() { Ok(()) } else { forwarding(ctx, &google, bill) }
}

/// A line of capacity units: the largest dimension of what all of `before` it carry.
fn capacity<'b>(
    ctx: &Context<'_, 'b>,
    terms: &Terms<'b>,
    before: &[&Workload],
    bill: &mut Bill<'b>,
) -> Result<(), Overflow> {
    let mut sums: Vec<(&'static str, Quantity<CapacityTime>)> = Vec::new();
    for w in before {
        for (what, units) in dimensions(ctx, terms, w, bill)? {
            match sums.iter_mut().find(|(other, _)| *other == what) {
                Some((_, sum)) => *sum = sum.plus(units)?,
                None => sums.push((what, units)),
            }
        }
    }
    let Some((_, largest)) = sums.iter().copied().max_by_key(|(_, units)| units.base()) else {
        bill.not_priced.push(Note::plain(NOT_PRICED, "load balancer capacity units (LCU)"));
        return Ok(());
    };
    let on = before.iter().map(|w| on_time(w, ctx.period)).max().unwrap_or(ctx.period.time);
    bill.assumptions.push(dimensions_note(&sums, on));
    charge(bill, &terms.unit, Says { label: "Capacity units", rule: &CAPACITY }, largest, factors(largest, on))
}

/// Capacity units × time of each dimension that is stated.
fn dimensions(
    ctx: &Context<'_, '_>,
    terms: &Terms<'_>,
    w: &Workload,
    bill: &mut Bill<'_>,
) -> Result<Vec<(&'static str, Quantity<CapacityTime>)>, Overflow> {
    let b = &w.beside;
    let on = on_time(w, ctx.period);
    let mut all = Vec::new();
    if let Some(rate) = &b.lb_connections {
        let (num, den) = per_second(rate, on, ctx)?;
        all.push(("new connections", units((num, den), terms.new_per_second, on)?));
    }
    if let Some(n) = b.lb_active {
        all.push(("active connections", units((u128::from(n), 1), terms.active, on)?));
    }
    if let Some(rate) = b.lb_bytes {
        let hourly = u128::from(rate.bytes).checked_mul(u128::from(MICROS_PER_HOUR)).ok_or(Overflow)?;
        all.push((tr!("bytes"), units((hourly, u128::from(rate.per.0.max(1))), terms.bytes_per_hour, on)?));
    }
    if let (Some(rules), Some((per_second_each, free))) = (b.lb_rules, terms.evaluations)
        && let Some(rate) = requests(w, ctx, bill)
    {
        let (num, den) = per_second(&rate, on, ctx)?;
        let evaluated = num.checked_mul(u128::from(rules.saturating_sub(free))).ok_or(Overflow)?;
        all.push(("rule evaluations", units((evaluated, den), per_second_each, on)?));
    }
    Ok(all)
}

/// The requests whose rules are evaluated: the workload's, else one on every new connection.
fn requests(w: &Workload, ctx: &Context<'_, '_>, bill: &mut Bill<'_>) -> Option<RequestRate> {
    match &w.demand {
        Demand::Traffic(t) => return Some(t.requests),
        Demand::Metered(m) if m.requests > 0 => return Some(m.rate(ctx.period)),
        _ => {}
    }
    let (code, says) = match w.beside.lb_connections {
        Some(_) => ("beside/lb-requests", "rule evaluations: one request on each new connection"),
        None => ("beside/lb-no-requests", "rule evaluations are not counted: nothing says how many requests there are"),
    };
    bill.assumptions.push(Note::plain(code, says));
    w.beside.lb_connections
}

/// A rate per second, as a ratio.
fn per_second(rate: &RequestRate, on: Micros, ctx: &Context<'_, '_>) -> Result<(u128, u128), Overflow> {
    // Millionths per microseconds are ones per second.
    match rate.per {
        Per::Time(per) => Ok((rate.micro_requests, u128::from(per.0.max(1)))),
        Per::Month => {
            let millionths = rate.requests(on, ctx.period)?.checked_mul(1_000_000).ok_or(Overflow)?;
            Ok((millionths, u128::from(on.0.max(1))))
        }
    }
}

/// `num ÷ den` of what one unit carries `each` of, for `on`: half-even at a millionth of a unit and microsecond.
fn units((num, den): (u128, u128), each: u64, on: Micros) -> Result<Quantity<CapacityTime>, Overflow> {
    let den = den.checked_mul(u128::from(each.max(1))).ok_or(Overflow)?;
    let common = gcd(num, den).max(1);
    let (num, den) = (num / common, den / common);
    let product = num.checked_mul(u128::from(on.0)).and_then(|n| n.checked_mul(1_000_000)).ok_or(Overflow)?;
    let signed = |n: u128| i128::try_from(n).map_err(|_| Overflow);
    let base = divide_half_even(signed(product)?, signed(den)?);
    u128::try_from(base).map(Quantity::new).map_err(|_| Overflow)
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Units and seconds where the units end within six places, else the product.
fn factors(largest: Quantity<CapacityTime>, on: Micros) -> Vec<Factor> {
    let micros = u128::from(on.0.max(1));
    if largest.base().is_multiple_of(micros) {
        let units = ratio_decimal(largest.base() / micros, 1_000_000);
        return vec![Factor::new(units, "capacity units"), Factor::new(on.as_secs(), "s")];
    }
    let plain = u128::from(Unit::LcuHours.base_per_plain());
    vec![Factor::new(ratio_decimal(largest.base(), plain), "capacity unit-seconds")]
}

fn dimensions_note(sums: &[(&'static str, Quantity<CapacityTime>)], on: Micros) -> Note {
    let per = u128::from(on.0.max(1)).saturating_mul(1_000_000);
    let number = |units: &Quantity<CapacityTime>| ratio_decimal(units.base(), per).round_dp(6);
    let each = sums.iter().map(|(what, units)| text!("{what} {n}", what = Text::from(*what), n = number(units)));
    let template = "capacity units by dimension: {each}; the largest is billed, what is not stated counts as none";
    Note::new("beside/lb-capacity", template, &[("each", listed(each))])
}

/// Google's forwarding rules, one for each workload, and the data through them.
fn forwarding<'b>(ctx: &Context<'_, 'b>, before: &[&Workload], bill: &mut Bill<'b>) -> Result<(), Overflow> {
    let Some(included) = known(bill, ctx.whole("gcp/lb/rules-included")) else { return Ok(()) };
    let rules = u64::try_from(before.len()).map_err(|_| Overflow)?;
    let time = (ctx.period.time, ctx.period.time);
    things(bill, &ctx.rate("gcp/lb/rule"), Says { label: "Load balancer", rule: &RULE }, (1, "flat fees"), time)?;
    if rules > included {
        let says = Says { label: "Load balancer (further rules)", rule: &RULE };
        things(bill, &ctx.rate("gcp/lb/rule-additional"), says, (rules - included, "rules"), time)?;
    }
    let mut bytes: u128 = 0;
    for (w, rate) in before.iter().filter_map(|w| w.beside.lb_bytes.map(|rate| (w, rate))) {
        let sent = u128::from(rate.bytes).checked_mul(u128::from(on_time(w, ctx.period).0)).ok_or(Overflow)?;
        bytes = bytes.checked_add(sent / u128::from(rate.per.0.max(1))).ok_or(Overflow)?;
    }
    if bytes == 0 {
        let says = "data through the load balancer";
        bill.not_priced.push(Note::plain("not-priced/lb-data", says));
        return Ok(());
    }
    let data = Quantity::<Data>::new(bytes.div_ceil(1 << 20));
    charge(bill, &ctx.rate("gcp/lb/data"), Says { label: "Load balancer data", rule: &PROCESSED }, data, gib(data))
}

/// Public addresses a workload's load balancer takes on AWS: one in each of its zones.
pub(super) fn addresses(platform: Platform, ctx: &Context<'_, '_>, w: &Workload) -> Result<u64, Missing> {
    let (zones, each) = match of(platform, w) {
        Some(Kind::Alb | Kind::Express) => ("aws/alb/zones-min", "aws/alb/addresses-per-zone"),
        Some(Kind::Nlb) => ("aws/nlb/zones-min", "aws/nlb/addresses-per-zone"),
        Some(Kind::Google) | None => return Ok(0),
    };
    Ok(ctx.whole(zones)?.saturating_mul(ctx.whole(each)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Micros = Micros(MICROS_PER_HOUR);

    #[test]
    fn units_are_exact_where_they_end_and_never_far_off_where_they_do_not() {
        #[rustfmt::skip]
        let cases = [
            // per second, each, capacity units × hours in 12 places
            ((1, 1),       25, "0.04"),
            ((120, 1),   3000, "0.04"),
            ((1000, 1),  3000, "0.333333333333"),
            ((0, 1),       25, "0"),
        ];
        for (rate, each, want) in cases {
            let got = units(rate, each, HOUR).unwrap();
            assert_eq!(got.in_unit(Unit::LcuHours).to_string(), want, "{rate:?} by {each}");
        }
    }

    #[test]
    fn a_formula_shows_units_and_seconds_where_they_are_exact() {
        assert_eq!(factors(units((1, 1), 25, HOUR).unwrap(), HOUR).len(), 2);
        assert_eq!(factors(units((1, 1), 3000, HOUR).unwrap(), HOUR).len(), 1);
    }
}
