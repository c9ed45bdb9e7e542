//! The free tier: dollar credits that all workloads of a billing account share.

use super::{Context, FREE_TIER, Platform, mode};
use crate::{
    book::GLOBAL,
    estimate::{Bill, LineItem},
    money::{Money, Overflow},
    note::Note,
    purchase::Purchase,
    rate,
    workload::{Switch, Workload},
};

/// What a bill calls every credit.
const SKU: &str = "gcp/cloud-run/credit";

/// The meter that is not of a way of billing.
const REQUESTS_METER: &str = "requests";

/// A meter with a credit of its own.
struct Meter {
    /// the end of the credit's key
    id: &'static str,
    label: &'static str,
}

const METERS: [Meter; 3] = [
    Meter { id: "cpu", label: "Free tier, vCPU" },
    Meter { id: "memory", label: "Free tier, Memory" },
    Meter { id: "requests", label: "Free tier, Requests" },
];

impl Meter {
    /// Does it cover a line of this sku? Warm instances share the services' credit; GPUs have none. However it is bought:
    /// the credit comes off what is left after discounts.
    fn covers(&self, mode: &str, sku: &str) -> bool {
        let Some(meter) = sku.strip_prefix("gcp/cloud-run/") else { return false };
        let mut parts = meter.split('.');
        let (first, second) = (parts.next().unwrap_or_default(), parts.next());
        match second.filter(|_| first != REQUESTS_METER) {
            Some(meter) => first.strip_suffix("-idle").unwrap_or(first) == mode && meter == self.id,
            None => first == self.id,
        }
    }
}

/// What the account's workloads share: the month's credits, each at most what its meter costs over all of them.
pub fn shared<'b>(
    platform: Platform,
    ctx: &Context<'_, 'b>,
    on_it: &[(&Workload, &Bill<'b>)],
) -> Result<Bill<'b>, Overflow> {
    let mut bill = Bill::default();
    if ctx.free_tier == Switch::Off {
        return Ok(bill);
    }
    let mode = mode(platform);
    // What a commitment covers costs less, and is not less used: a meter's credit is measured by its list price, and all
    // of them give back what there is to pay at most.
    let mut left = cost(on_it, |line| METERS.iter().any(|m| m.covers(mode, &line.sku)), |line| Ok(line.cost))?;
    for meter in &METERS {
        let cost = cost(on_it, |line| meter.covers(mode, &line.sku), |line| at_list(ctx, line))?.min(left);
        if cost <= Money::ZERO {
            continue;
        }
        let key = format!("{SKU}.{mode}.{}", meter.id);
        // A credit that is not in the book is not given: the estimate is then too high rather than too low.
        let Ok(price) = ctx.book.price(&key, &[GLOBAL], ctx.day) else {
            let says = "no free-tier credit {key} is known on this day: none is given";
            bill.warnings.push(Note::new("cloud-run/free-tier-unknown", says, &[("key", key)]));
            continue;
        };
        let available = ctx.period.scale(price.amount)?;
        bill.credit(price, SKU, meter.label, &FREE_TIER, available, cost)?;
        left = left.minus(available.min(cost))?;
    }
    if !bill.lines.is_empty() {
        let says = "the free tier is once per billing account and month: nothing else is taken to use it";
        bill.assumptions.push(Note::plain("cloud-run/free-tier-shared", says));
    }
    Ok(bill)
}

fn cost<'b>(
    on_it: &[(&Workload, &Bill<'b>)],
    wanted: impl Fn(&LineItem<'b>) -> bool,
    cost: impl Fn(&LineItem<'b>) -> Result<Money, Overflow>,
) -> Result<Money, Overflow> {
    let lines = on_it.iter().flat_map(|(_, bill)| &bill.lines).filter(|line| wanted(line));
    lines.map(cost).try_fold(Money::ZERO, |sum, cost| sum.plus(cost?))
}

/// What a line would cost without a commitment.
fn at_list(ctx: &Context<'_, '_>, line: &LineItem<'_>) -> Result<Money, Overflow> {
    let Purchase::Committed(commitment) = ctx.purchase else { return Ok(line.cost) };
    let list = line.sku.strip_suffix(commitment.id()).and_then(|sku| ctx.price(sku.trim_end_matches('.')).ok());
    list.map_or(Ok(line.cost), |list| {
        rate::charge(list.amount.mantissa(), list.amount.scale(), line.priced, list.unit.base_per_unit())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        book::{PriceBook, compile, parse, tables::Tables},
        demand::Demand,
        estimate::{Factor, Item, Role},
        period::Period,
        platform::cloud_run::{ACTIVE, REQUESTS},
        purchase::Purchase,
        quantity::{Dimension, MICROS_PER_HOUR, MemoryTime, Micros, Quantity, Requests, VcpuTime},
        rule::Rule,
    };

    const BOOK: &str = r#"
        edition = "2026-11-22"
        month_hours = 730
        source = [{ id = "page", title = "a frozen page" }]
        region = [{ id = "here", provider = "gcp", city = "Here", city_ko = "여기" }]
        price = [
            { key = "gcp/cloud-run/credit.request.cpu", unit = "USD-Months", region = "global", values = [{ price = "4", basis = "observed", source = "page" }] },
            { key = "gcp/cloud-run/credit.request.requests", unit = "USD-Months", region = "global", values = [{ price = "0.8", basis = "observed", source = "page" }] },
            { key = "gcp/cloud-run/request-idle.cpu", unit = "vCPU-Seconds", region = "here", values = [{ price = "0.000002", basis = "observed", source = "page" }] },
            { key = "gcp/cloud-run/request.cpu", unit = "vCPU-Seconds", region = "here", values = [{ price = "0.00002", basis = "observed", source = "page" }] },
            { key = "gcp/cloud-run/request.memory", unit = "GiB-Seconds", region = "here", values = [{ price = "0.000003", basis = "observed", source = "page" }] },
            { key = "gcp/cloud-run/requests", unit = "1000000 Requests", region = "here", values = [{ price = "0.4", basis = "observed", source = "page" }] },
        ]
    "#;

    /// Seconds at the busy and idle CPU rates, seconds of memory, and requests.
    type Used = [u64; 4];

    fn charge<'b, D: Dimension>(
        ctx: &Context<'_, 'b>,
        bill: &mut Bill<'b>,
        key: &str,
        rule: &'static Rule,
        base: u128,
    ) {
        let n = Quantity::<D>::new(base);
        let factors = vec![Factor::new(1, "")];
        let item = Item { label: "", rule, consumed: n, priced: n, factors, role: Role::Compute };
        bill.charge(&ctx.rate(key), item).unwrap();
    }

    fn used<'b>(ctx: &Context<'_, 'b>, [cpu, idle, memory, requests]: Used) -> Bill<'b> {
        let mut bill = Bill::default();
        let vcpu = |seconds: u64| u128::from(seconds) * 1_000_000_000;
        charge::<VcpuTime>(ctx, &mut bill, "gcp/cloud-run/request.cpu", &ACTIVE, vcpu(cpu));
        charge::<VcpuTime>(ctx, &mut bill, "gcp/cloud-run/request-idle.cpu", &ACTIVE, vcpu(idle));
        let memory = u128::from(memory) * 1_024_000_000;
        charge::<MemoryTime>(ctx, &mut bill, "gcp/cloud-run/request.memory", &ACTIVE, memory);
        charge::<Requests>(ctx, &mut bill, "gcp/cloud-run/requests", &REQUESTS, u128::from(requests));
        bill
    }

    /// The workloads' bills and what they share, in a period of so many hours.
    fn shared_by(all: &[Used], hours: u64, free_tier: Switch, check: impl Fn(&[Bill<'_>], &Bill<'_>)) {
        let mut tables = Tables::default();
        assert!(parse::file("book.toml", BOOK, parse::Owner::Book, &mut tables).is_empty());
        let compiled = compile::compile(&tables).unwrap();
        let book = PriceBook::new(&compiled.bytes, compiled.digest.clone()).unwrap();
        let time = Micros(hours * MICROS_PER_HOUR);
        let period = Period { label: String::new(), time, month_hours: 730, whole_month_hours: (672, 744) };
        let (day, region) = (book.edition().date, book.region("here").unwrap());
        let ctx = Context::new(&book, region, day, Purchase::OnDemand, &period, free_tier);
        let bills: Vec<Bill<'_>> = all.iter().map(|u| used(&ctx, *u)).collect();
        let w = Workload::new("w", Demand::Replicas { count: 1 });
        let on_it: Vec<_> = bills.iter().map(|b| (&w, b)).collect();
        check(&bills, &shared(Platform::CloudRun, &ctx, &on_it).unwrap());
    }

    fn lines(bill: &Bill<'_>) -> Vec<(&'static str, String)> {
        bill.lines.iter().map(|l| (l.label, l.cost.to_string())).collect()
    }

    #[test]
    fn a_credit_is_given_once_over_busy_and_idle_time_of_all_workloads() {
        // 2 + 1 dollars of busy and 2 of idle time: 4 of 5 are given. No memory credit is in the book.
        shared_by(&[[100_000, 0, 1, 1_000_000], [50_000, 1_000_000, 0, 0]], 730, Switch::On, |_, shared| {
            assert_eq!(
                lines(shared),
                [("Free tier, vCPU", "-4".to_owned()), ("Free tier, Requests", "-0.4".to_owned())]
            );
            assert_eq!(shared.warnings.len(), 1, "the unknown memory credit is said");
        });
    }

    #[test]
    fn half_a_months_credit_comes_with_half_a_month_and_none_without_the_free_tier() {
        let all = [[1_000_000, 0, 0, 0]];
        shared_by(&all, 365, Switch::On, |_, s| assert_eq!(lines(s), [("Free tier, vCPU", "-2".to_owned())]));
        shared_by(&all, 730, Switch::Off, |_, s| assert!(s.lines.is_empty() && s.assumptions.is_empty()));
        shared_by(&[[0; 4]], 730, Switch::On, |_, s| assert!(s.lines.is_empty() && s.assumptions.is_empty()));
    }

    proptest! {
        #[test]
        fn a_credit_never_exceeds_what_its_meter_costs(
            all in prop::collection::vec([0..500_000_u64, 0..500_000, 0..500_000, 0..5_000_000], 0..4),
            hours in 1..3000_u64,
        ) {
            shared_by(&all, hours, Switch::On, |bills, shared| {
                for meter in &METERS {
                    let covered = |l: &LineItem<'_>| meter.covers("request", &l.sku);
                    let costs = bills.iter().map(|b| b.cost_of(covered).unwrap());
                    let given = shared.cost_of(|l| l.label == meter.label).unwrap();
                    assert!(given <= Money::ZERO, "{}", meter.label);
                    assert!(-given <= Money::sum(costs).unwrap(), "{}", meter.label);
                }
            });
        }
    }

    fn label(mode: &str, sku: &str) -> Option<&'static str> {
        METERS.iter().find(|m| m.covers(mode, sku)).map(|m| m.label)
    }

    #[test]
    fn each_line_has_the_credit_of_its_own_mode_and_meter() {
        #[rustfmt::skip]
        let cases = [
            ("request",     "gcp/cloud-run/request.cpu",          Some("Free tier, vCPU")),
            ("request",     "gcp/cloud-run/request-idle.cpu",     Some("Free tier, vCPU")),
            ("request",     "gcp/cloud-run/request-idle.memory",  Some("Free tier, Memory")),
            ("request",     "gcp/cloud-run/requests",             Some("Free tier, Requests")),
            ("request",     "gcp/cloud-run/instance.cpu",         None),
            ("instance",    "gcp/cloud-run/instance.cpu.spot",    Some("Free tier, vCPU")),
            ("worker-pool", "gcp/cloud-run/worker-pool.cpu.flex-cud-3y", Some("Free tier, vCPU")),
            ("request",     "gcp/cloud-run/requests.cud-1y",      Some("Free tier, Requests")),
            ("instance",    "gcp/cloud-run/instance.gpu",         None),
            ("instance",    "gcp/cloud-run/instances-preview.cpu", None),
            ("job",         "gcp/cloud-run/job.memory",           Some("Free tier, Memory")),
            ("job",         "gcp/cloud-run/instance.gpu",         None),
            ("worker-pool", "gcp/cloud-run/worker-pool.cpu",      Some("Free tier, vCPU")),
            ("worker-pool", "gcp/cloud-run/credit",               None),
        ];
        for (mode, sku, want) in cases {
            assert_eq!(label(mode, sku), want, "{mode}: {sku}");
        }
    }
}
