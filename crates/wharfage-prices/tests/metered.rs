//! Instance time that was metered, against the closed forms that come to the same: equal lines, equal totals.

use wharfage_core::{
    Money,
    beside::Beside,
    book::Region,
    demand::{Demand, Metered, Per, RequestRate, Shape, Spent, Traffic},
    estimate::{Estimate, LineItem, Rounding, Status},
    period::Period,
    platform::{Context, MeteredWhat, Platform},
    pricing::{Group, Place, Settings, group},
    purchase::{Choice, Purchase},
    quantity::{MICROS_PER_HOUR, MICROS_PER_SECOND, Mib, Micros, MilliVcpu},
    workload::{Class, Daemonset, GkeLocation, Gpu, Os, Switch, With, Workload},
};

const BOOK: fn() -> wharfage_core::PriceBook<'static> = wharfage_prices::book;

fn period(hours: u64) -> Period {
    let time = Micros(hours * MICROS_PER_HOUR);
    Period { label: format!("{hours}h"), time, month_hours: 730, whole_month_hours: (672, 744) }
}

fn settings(hours: u64, free_tier: Switch) -> Settings {
    let day = BOOK().edition().date;
    Settings { day, period: period(hours), free_tier, rounding: Rounding::Invoice, commit: None }
}

/// Where both a platform and its prices are.
fn region(platform: Platform) -> Region<'static> {
    BOOK().region(if platform.provider() == "aws" { "us-east-1" } else { "us-central1" }).unwrap()
}

fn place(platform: Platform) -> Place<'static> {
    let here = Some(region(platform));
    let (aws, gcp) = if platform.provider() == "aws" { (here, None) } else { (None, here) };
    Place { name: "here".into(), aws, gcp }
}

fn bought(platform: Platform, settings: &Settings, purchase: Purchase, w: &[Workload]) -> Group<'static> {
    group(&BOOK(), settings, platform, &place(platform), purchase, w).unwrap()
}

fn priced(platform: Platform, settings: &Settings, w: &Workload) -> Group<'static> {
    bought(platform, settings, Purchase::OnDemand, std::slice::from_ref(w))
}

fn plan(platform: Platform, hours: u64, w: &Workload) -> wharfage_core::platform::nodes::NodePlan {
    let (book, period) = (BOOK(), period(hours));
    let day = book.edition().date;
    let ctx = Context::new(&book, region(platform), day, Purchase::OnDemand, &period, Switch::On);
    platform.node_plan(&ctx, w).unwrap().unwrap_or_else(|reasons| panic!("{}: {reasons:?}", platform.id()))
}

fn sized(demand: Demand) -> Workload {
    Workload { vcpu: Some(MilliVcpu(500)), memory: Some(Mib(1024)), ..Workload::new("web", demand) }
}

/// The same workload, metered: `active` as it ran.
fn metered(w: &Workload, active: u128, most: u64) -> Workload {
    let demand = Demand::Metered(Metered { active: Spent::whole(active), most, ..Metered::default() });
    Workload { demand, ..w.clone() }
}

/// What a line bills for. How the quantity came about (so many instances, so many seconds) is not part of it.
fn billed<'l>(l: &'l LineItem<'_>) -> impl PartialEq + std::fmt::Debug + 'l {
    (&*l.sku, l.label, l.rule.id, l.consumed, l.priced, l.unit, l.unit_price, l.cost)
}

fn same_bill(a: &Group<'_>, b: &Group<'_>, at: &str) {
    let lines = |g: &Group<'_>| {
        g.estimates.iter().flat_map(|e| e.bill.lines.iter()).map(|l| format!("{:?}", billed(l))).collect::<Vec<_>>()
    };
    assert_eq!(lines(a), lines(b), "{at}");
    assert_eq!((a.status, a.totals), (b.status, b.totals), "{at}");
    assert!(a.status <= Status::Partial, "{at}");
    b.estimates.iter().for_each(adds_up);
}

/// Every line's factors multiply to its quantity, and its quantity to its cost.
fn adds_up(e: &Estimate<'_>) {
    for l in &e.bill.lines {
        let product = l.factors.iter().map(|f| f.value).reduce(|a, b| a * b).unwrap().normalize();
        let base = product.mantissa().unsigned_abs() * u128::from(l.unit.base_per_plain());
        assert_eq!(base, l.priced * 10_u128.pow(product.scale()), "{}: {}", e.platform.id(), l.label);
        // Of a credit no more is given than there is to pay, of free storage less is billed than held, and what rounding adds
        // to active time is not billed as idle too.
        let less = ["storage", "(idle)", "(provisioned)"].iter().any(|part| l.label.contains(part));
        let whole = l.cost < Money::ZERO || less || l.priced >= l.consumed;
        assert!(whole, "{}: {}", e.platform.id(), l.label);
    }
}

fn metering_platforms() -> impl Iterator<Item = Platform> {
    Platform::ALL.iter().copied().filter(|p| p.accepts().contains(&Shape::Metered))
}

#[test]
fn every_platform_that_serves_takes_metered_time() {
    for p in Platform::ALL {
        let serves = [Shape::Replicas, Shape::Traffic].iter().any(|s| p.accepts().contains(s));
        assert_eq!(p.accepts().contains(&Shape::Metered), serves, "{}", p.id());
    }
}

#[test]
fn replicas_cost_what_their_metered_time_costs() {
    for platform in metering_platforms() {
        for count in [1, 2, 7, 40] {
            for hours in [730, 744, 100] {
                for free_tier in [Switch::On, Switch::Off] {
                    let at = format!("{count} on {} for {hours} h", platform.id());
                    let settings = settings(hours, free_tier);
                    let w = sized(Demand::Replicas { count });
                    let (machines, named) = if platform.has_nodes() {
                        let plan = plan(platform, hours, &w);
                        assert_eq!(plan.nodes, count.div_ceil(plan.each), "{at}: {plan:?}");
                        (plan.nodes, Workload { node_type: Some(plan.node_type), ..w.clone() })
                    } else {
                        (count, w.clone())
                    };
                    let time = u128::from(machines) * u128::from(settings.period.time.0);
                    let usage = metered(&named, time, machines);
                    same_bill(&priced(platform, &settings, &w), &priced(platform, &settings, &usage), &at);
                }
            }
        }
    }
}

#[test]
fn what_comes_with_a_workload_follows_its_metered_time() {
    let settings = settings(730, Switch::On);
    let daemonsets = vec![Daemonset { vcpu: MilliVcpu(100), memory: Mib(128) }];
    let network = Beside { with: Some(With::Network), ..Beside::default() };
    let l4 = Some(Gpu { model: "l4".into(), count: 1 });
    let arranged = |w: Workload| -> Vec<(Platform, Workload)> {
        vec![
            (Platform::EcsFargate, Workload { ephemeral: Some(Mib(30 << 10)), ..w.clone() }),
            (
                Platform::EcsFargate,
                Workload { os: Os::Windows, vcpu: Some(MilliVcpu(1000)), memory: Some(Mib(2048)), ..w.clone() },
            ),
            (Platform::EcsFargate, Workload { beside: network.clone(), ..w.clone() }),
            (Platform::EcsExpress, Workload { beside: network.clone(), ..w.clone() }),
            (
                Platform::GkeAutopilot,
                Workload { daemonsets: daemonsets.clone(), ephemeral: Some(Mib(5 << 10)), ..w.clone() },
            ),
            (Platform::GkeAutopilot, Workload { daemonsets, nodes: Some(2), ..w.clone() }),
            (Platform::GkeAutopilot, Workload { gpu: l4.clone(), vcpu: Some(MilliVcpu(2000)), ..w.clone() }),
            (Platform::GkeAutopilot, Workload { class: Class::Performance, ..w.clone() }),
            (
                Platform::GkeAutopilot,
                Workload { beside: Beside { nat: Some(Mib(1024)), ..Beside::default() }, ..w.clone() },
            ),
            (
                Platform::CloudRunInstance,
                Workload { gpu: l4, vcpu: Some(MilliVcpu(4000)), memory: Some(Mib(16 << 10)), ..w },
            ),
        ]
    };
    let time = 3 * u128::from(settings.period.time.0);
    for (platform, w) in arranged(sized(Demand::Replicas { count: 3 })) {
        let at = format!("{w:?} on {}", platform.id());
        same_bill(&priced(platform, &settings, &w), &priced(platform, &settings, &metered(&w, time, 3)), &at);
    }
}

#[test]
fn nat_serves_as_many_machines_as_were_metered_at_once() {
    let settings = settings(730, Switch::On);
    let beside = Beside { nat: Some(Mib(1024)), ..Beside::default() };
    let platform = Platform::GkeStandard;
    for count in [1, 3, 400] {
        let w = Workload { beside: beside.clone(), ..sized(Demand::Replicas { count }) };
        let plan = plan(platform, 730, &w);
        let named = Workload { node_type: Some(plan.node_type), ..w.clone() };
        let usage = metered(&named, u128::from(plan.nodes) * u128::from(settings.period.time.0), plan.nodes);
        same_bill(&priced(platform, &settings, &w), &priced(platform, &settings, &usage), &format!("{count}"));
    }
}

/// What the closed form of traffic on Cloud Run comes to, read off its lines.
fn usage_of(group: &Group<'_>, requests: u64) -> Metered {
    let lines = &group.estimates[0].bill.lines;
    let spent = |label: &str| {
        let line = lines.iter().find(|l| l.label == label);
        line.map_or(Spent::default(), |l| Spent { ran: l.consumed / 1000, billed: l.priced / 1000 })
    };
    Metered { active: spent("vCPU"), idle: spent("vCPU (idle)"), requests, most: 0 }
}

#[test]
fn traffic_on_cloud_run_costs_what_its_own_usage_costs() {
    #[rustfmt::skip]
    let cases = [
        // requests/s, ms, minimum
        (  1,   80, 0),
        (  1,  130, 2),
        ( 20,   75, 3),
        (100,   80, 0),
        (  3, 4000, 1),
    ];
    for (per_second, ms, min_instances) in cases {
        for free_tier in [Switch::On, Switch::Off] {
            let settings = settings(730, free_tier);
            let requests =
                RequestRate { micro_requests: per_second * 1_000_000, per: Per::Time(Micros(MICROS_PER_SECOND)) };
            let traffic = Traffic { requests, peak: None, duration: Micros(ms * 1000), min_instances, target: (6, 10) };
            let w = Workload { vcpu: Some(MilliVcpu(1000)), ..sized(Demand::Traffic(traffic)) };
            let closed = priced(Platform::CloudRun, &settings, &w);
            let count = requests.requests(settings.period.time, &settings.period).unwrap();
            let usage = usage_of(&closed, u64::try_from(count).unwrap());
            let again = priced(Platform::CloudRun, &settings, &Workload { demand: Demand::Metered(usage), ..w });
            same_bill(&closed, &again, &format!("{per_second}/s of {ms} ms, {min_instances} warm"));
        }
    }
}

#[test]
fn time_is_billed_as_it_was_rounded_by_the_meter() {
    let settings = settings(730, Switch::Off);
    let active = Spent { ran: 1, billed: 60_000_000 };
    let demand = Demand::Metered(Metered { active, idle: Spent::whole(7_000_000), requests: 9, most: 1 });
    let w = Workload { vcpu: Some(MilliVcpu(1000)), memory: Some(Mib(2048)), ..Workload::new("web", demand) };
    for platform in metering_platforms() {
        let group = priced(platform, &settings, &w);
        let e = &group.estimates[0];
        adds_up(e);
        let notes: Vec<&str> = e.bill.assumptions.iter().map(|n| n.code.as_ref()).collect();
        assert!(notes.contains(&"usage/metered"), "{}: {notes:?}", platform.id());
        let seconds = |label: &str| {
            let line = e.bill.lines.iter().find(|l| l.label == label);
            line.map(|l| {
                (
                    l.consumed / u128::from(l.unit.base_per_plain() / 1_000_000),
                    l.priced / u128::from(l.unit.base_per_plain() / 1_000_000),
                )
            })
        };
        let (own_rate, all) = ((1, 60_000_000), (7_000_001, 67_000_000));
        match platform {
            Platform::CloudRun => {
                assert_eq!(seconds("vCPU"), Some(own_rate));
                assert_eq!(seconds("vCPU (idle)"), Some((7_000_000, 7_000_000)));
                assert_eq!(e.bill.lines.iter().find(|l| l.label == "Requests").unwrap().priced, 9);
            }
            Platform::AppRunner => assert_eq!(seconds("vCPU"), Some(own_rate)),
            p if p.has_nodes() => assert_eq!(seconds("Machine"), Some(all), "{}", p.id()),
            p => assert_eq!(seconds("vCPU"), Some(all), "{}", p.id()),
        }
    }
}

#[test]
fn app_runner_keeps_an_instance_provisioned_for_what_is_not_active() {
    let settings = settings(730, Switch::On);
    let hours = |n: u64| Spent::whole(u128::from(n * MICROS_PER_HOUR));
    #[rustfmt::skip]
    let cases = [
        // active h, idle h, idle h billed
        (  0,   0,  730),
        (500,   0,  230),
        (500,  20,  230),
        (500, 400,  400), // more than one waits
        (900,   0,    0),
    ];
    for (active, idle, want) in cases {
        let usage = Metered { active: hours(active), idle: hours(idle), ..Metered::default() };
        let w = sized(Demand::Metered(usage));
        let e = priced(Platform::AppRunner, &settings, &w).estimates.remove(0);
        let line = e.bill.lines.iter().find(|l| l.label == "Memory (provisioned)");
        let waits = line.map_or(0, |l| l.priced / 1024 / u128::from(MICROS_PER_HOUR));
        assert_eq!(waits, want, "{active} h active, {idle} h idle");
        assert_eq!(
            e.bill.assumptions.iter().any(|n| n.code == "app-runner/provisioned-min"),
            want != idle.into(),
            "{active}, {idle}"
        );
    }
}

#[test]
fn each_platform_says_how_it_meters() {
    use MeteredWhat::{Active, Life, Nodes};
    let (book, period) = (BOOK(), period(730));
    let plain = sized(Demand::Replicas { count: 1 });
    let windows = Workload { os: Os::Windows, ..plain.clone() };
    let machine = Workload { class: Class::Performance, ..plain.clone() };
    #[rustfmt::skip]
    let cases = [
        // platform, workload, what, increment ms, minimum s, figures from memory
        (Platform::EcsFargate,          &plain,   Life,   1000,  60, 0),
        (Platform::EcsFargate,          &windows, Life,   1000, 300, 0),
        (Platform::EcsExpress,          &plain,   Life,   1000,  60, 0),
        (Platform::EksFargate,          &plain,   Life,   1000,  60, 0),
        (Platform::AppRunner,           &plain,   Active, 1000,  60, 0),
        (Platform::GkeAutopilot,        &plain,   Life,   1000,   0, 0),
        (Platform::GkeAutopilot,        &machine, Life,   1000,  60, 0),
        (Platform::CloudRun,            &plain,   Active,  100,   0, 0),
        (Platform::CloudRunInstance,    &plain,   Life,    100,  60, 0),
        (Platform::CloudRunWorkerPool,  &plain,   Life,    100,  60, 1),
        (Platform::EcsEc2,              &plain,   Nodes,  1000,  60, 2),
        (Platform::EcsManagedInstances, &plain,   Nodes,  1000,  60, 2),
        (Platform::EksEc2,              &plain,   Nodes,  1000,  60, 2),
        (Platform::EksAuto,             &plain,   Nodes,  1000,  60, 2),
        (Platform::Ec2,                 &plain,   Nodes,  1000,  60, 2),
        (Platform::GkeStandard,         &plain,   Nodes,  1000,  60, 0),
        (Platform::ComputeEngine,       &plain,   Nodes,  1000,  60, 0),
    ];
    for (platform, w, what, increment, minimum, recalled) in cases {
        let day = book.edition().date;
        let ctx = Context::new(&book, region(platform), day, Purchase::OnDemand, &period, Switch::On);
        let m = platform.metering(&ctx, w).unwrap();
        let got = (m.what, m.increment.0 / 1000, m.minimum.0 / MICROS_PER_SECOND, m.warnings.len());
        assert_eq!(got, (what, increment, minimum, recalled), "{}", platform.id());
    }
}

#[test]
fn a_plan_counts_pods_beside_the_reserve_and_daemonsets() {
    let pods = |count| Workload { node_type: Some("m5.large".into()), ..sized(Demand::Replicas { count }) };
    let alone = plan(Platform::Ec2, 730, &pods(9));
    assert_eq!((alone.node_type.as_str(), alone.each, alone.nodes), ("m5.large", 4, 3));
    let kept = plan(Platform::EksEc2, 730, &pods(9));
    assert_eq!((kept.each, kept.nodes), (3, 3), "{} vCPU are left of two", kept.vcpu);
    let daemonsets = vec![Daemonset { vcpu: MilliVcpu(500), memory: Mib(512) }];
    let beside = plan(Platform::EksEc2, 730, &Workload { daemonsets, ..pods(9) });
    assert_eq!((beside.each, beside.nodes), (2, 5));
}

#[test]
fn a_plan_says_why_there_is_none() {
    let (book, period) = (BOOK(), period(730));
    let plain = sized(Demand::Replicas { count: 1 });
    let huge = Workload { vcpu: Some(MilliVcpu(5_000_000)), ..plain.clone() };
    #[rustfmt::skip]
    let cases = [
        (Platform::Ec2,      &huge,  "ec2/machine-max"),
        (Platform::CloudRun, &plain, "cloud-run/no-nodes"),
    ];
    for (platform, w, code) in cases {
        let day = book.edition().date;
        let ctx = Context::new(&book, region(platform), day, Purchase::OnDemand, &period, Switch::On);
        let reasons = platform.node_plan(&ctx, w).unwrap().unwrap_err();
        assert_eq!(reasons.iter().map(|n| n.code.as_ref()).collect::<Vec<_>>(), [code]);
    }
}

#[test]
fn what_means_nothing_with_metered_time_is_refused() {
    let w = metered(&sized(Demand::Replicas { count: 1 }), 1, 1);
    let settings = settings(730, Switch::On);
    let canary = Some(wharfage_core::rollout::Canary { share: (1, 10), time: Micros(MICROS_PER_HOUR) });
    let cases = [
        (Platform::CloudRun, Workload { canary, ..w.clone() }, "cloud-run/metered-canary"),
        (Platform::Ec2, Workload { canary, ..w.clone() }, "ec2/metered-canary"),
        (Platform::EcsFargate, Workload { hours: Some(Micros(1)), ..w.clone() }, "ecs-fargate/metered-hours"),
        (Platform::CloudRunJob, w, "cloud-run-job/shape"),
    ];
    for (platform, w, code) in cases {
        let e = priced(platform, &settings, &w).estimates.remove(0);
        assert_eq!(e.reasons.iter().map(|n| n.code.as_ref()).collect::<Vec<_>>(), [code]);
    }
}

#[test]
fn several_metered_workloads_have_machines_of_their_own() {
    let settings = settings(730, Switch::On);
    let one = metered(
        &Workload { node_type: Some("m5.large".into()), ..sized(Demand::Replicas { count: 1 }) },
        3_600_000_000,
        1,
    );
    let other = Workload { name: "other".into(), node_type: Some("c5.large".into()), ..one.clone() };
    let regional = Workload { gke_location: GkeLocation::Regional, name: "third".into(), ..one.clone() };
    let group = bought(Platform::Ec2, &settings, Purchase::OnDemand, &[one, other, regional]);
    let shared = group.estimates.last().unwrap();
    let machines: Vec<(&str, u128)> = shared
        .bill
        .lines
        .iter()
        .filter(|l| l.label == "Machine")
        .map(|l| (&*l.sku, l.priced / 1_000_000 / 3_600_000_000))
        .collect();
    assert_eq!(machines, [("aws/ec2/m5.large", 1), ("aws/ec2/c5.large", 1), ("aws/ec2/m5.large", 1)]);
}

#[test]
fn a_commitment_covers_metered_time_only_where_it_is_said_how_much() {
    let w = metered(&sized(Demand::Replicas { count: 1 }), u128::from(730 * MICROS_PER_HOUR), 1);
    let Some(Choice::Of(plan)) = Choice::from_id("sp-1y-no-upfront") else { panic!("no such option") };
    let mut settings = settings(730, Switch::On);
    let lines = |settings: &Settings| {
        let group = bought(Platform::EcsFargate, settings, plan, std::slice::from_ref(&w));
        let notes: Vec<String> = group.estimates[0].bill.assumptions.iter().map(|n| n.code.to_string()).collect();
        (group.estimates[0].bill.lines.iter().any(|l| l.sku.contains(".sp-1y")), notes)
    };
    let (covered, notes) = lines(&settings);
    assert!(!covered && notes.contains(&"commitment/size".to_owned()), "{notes:?}");
    settings.commit = Some("0.01".parse().unwrap());
    let (covered, notes) = lines(&settings);
    assert!(covered && notes.contains(&"commitment/runs-spread".to_owned()), "{notes:?}");
}
