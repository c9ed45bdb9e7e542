//! App Runner against the built-in prices: the worked examples to the last digit.

use wharfage_core::{
    demand::{Demand, Per, RequestRate, Traffic},
    estimate::{Estimate, Rounding, Status},
    period::Period,
    platform::Platform,
    pricing::{Place, Settings, group},
    purchase::Purchase,
    quantity::{MICROS_PER_HOUR, Mib, Micros, MilliVcpu},
    workload::{Arch, Gpu, Os, Switch, Workload},
};

fn estimate(region: &str, w: Workload) -> Estimate<'static> {
    bought(region, Purchase::OnDemand, w)
}

fn bought(region: &str, purchase: Purchase, w: Workload) -> Estimate<'static> {
    let book = wharfage_prices::book();
    let time = Micros(730 * MICROS_PER_HOUR);
    let settings = Settings {
        day: book.edition().date,
        period: Period { label: "730h".into(), time, month_hours: 730, whole_month_hours: (672, 744) },
        free_tier: Switch::On,
        rounding: Rounding::Invoice,
        commit: None,
    };
    let place = Place { name: "here".into(), aws: book.region(region), gcp: None };
    let mut group = group(&book, &settings, Platform::AppRunner, &place, purchase, &[w]).unwrap();
    assert_eq!(group.estimates.len(), 1);
    group.estimates.remove(0)
}

fn sized(demand: Demand, milli: u64, mib: u64) -> Workload {
    Workload { vcpu: Some(MilliVcpu(milli)), memory: Some(Mib(mib)), ..Workload::new("web", demand) }
}

fn traffic(per_second: u128, duration_ms: u64) -> Traffic {
    Traffic {
        requests: RequestRate { micro_requests: per_second * 1_000_000, per: Per::Time(Micros(1_000_000)) },
        peak: None,
        duration: Micros(duration_ms * 1000),
        min_instances: 0,
        target: (6, 10),
    }
}

fn codes(notes: &[wharfage_core::note::Note]) -> Vec<&str> {
    notes.iter().map(|n| n.code.as_ref()).collect()
}

fn labels<'e>(e: &'e Estimate<'_>) -> Vec<(&'e str, String)> {
    e.bill.lines.iter().map(|l| (l.label, l.cost.to_string())).collect()
}

#[test]
fn a_service_that_is_never_called_pays_for_one_instances_memory() {
    for (milli, mib, exact, cents) in [(250, 512, "2.555", "2.56"), (1000, 2048, "10.22", "10.22")] {
        let quiet = Traffic { min_instances: 1, ..traffic(0, 100) };
        for t in [quiet, Traffic { min_instances: 0, ..quiet }] {
            let e = estimate("us-east-1", sized(Demand::Traffic(t), milli, mib));
            assert_eq!(e.status, Status::Priced);
            assert_eq!(e.totals.exact.to_string(), exact);
            assert_eq!(e.totals.total.to_cents().to_string(), cents);
            assert_eq!(labels(&e), [("Memory (provisioned)", exact.to_owned())]);
        }
    }
}

#[test]
fn replicas_are_active_all_the_time_and_none_still_leaves_one_provisioned() {
    let e = estimate("us-east-1", sized(Demand::Replicas { count: 2 }, 1000, 2048));
    assert_eq!(labels(&e), [("vCPU", "93.44".to_owned()), ("Memory", "20.44".to_owned())]);
    let e = estimate("us-east-1", sized(Demand::Replicas { count: 0 }, 1000, 2048));
    assert_eq!(labels(&e), [("Memory (provisioned)", "10.22".to_owned())]);
}

#[test]
fn a_rare_request_keeps_an_instance_active_for_a_minute() {
    // 730 requests of 50 ms, each billed a minute: 43,800 active seconds of 2,628,000.
    let requests = RequestRate { micro_requests: 1_000_000, per: Per::Time(Micros(MICROS_PER_HOUR)) };
    let e = estimate("us-east-1", sized(Demand::Traffic(Traffic { requests, ..traffic(0, 50) }), 1000, 2048));
    let times: Vec<(u128, u128)> = e.bill.lines.iter().map(|l| (l.consumed, l.priced)).collect();
    let second = 1_000_000;
    assert_eq!(times[0], (1000 * 730 * 50_000, 1000 * 43_800 * second));
    assert_eq!(times[1], (2048 * 730 * 50_000, 2048 * 43_800 * second));
    assert_eq!(times[2].1, 2048 * (2_628_000 - 43_800) * second);
    assert_eq!(e.totals.exact.to_string(), "10.998666666667"); // 43,800 s of 0.064, all memory at 0.007
    assert_eq!(codes(&e.bill.assumptions), ["demand/active-time", "app-runner/active-minimum"]);
}

#[test]
fn a_request_off_the_menu_is_raised_or_refused() {
    let one = || Demand::Replicas { count: 1 };
    let e = estimate("us-east-1", sized(one(), 500, 2048));
    assert_eq!(labels(&e), [("vCPU", "46.72".to_owned()), ("Memory", "10.22".to_owned())]);
    assert_eq!(codes(&e.bill.assumptions), ["app-runner/size-raised"]);

    let base = || sized(one(), 1000, 2048);
    let gpu = Some(Gpu { model: "l4".into(), count: 1 });
    let many = Workload { concurrency: Some(201), ..sized(Demand::Traffic(traffic(1, 50)), 1000, 2048) };
    #[rustfmt::skip]
    let cases = [
        (sized(one(), 4000, 12 * 1024),               vec![]),
        (sized(one(), 4000, 12 * 1024 + 1),           vec!["app-runner/memory-max"]),
        (sized(one(), 4001, 12 * 1024),               vec!["app-runner/vcpu-max"]),
        (sized(one(), 8000, 16 * 1024),               vec!["app-runner/vcpu-max", "app-runner/memory-max"]),
        (Workload::new("web", one()),                 vec!["app-runner/size-missing"]),
        (Workload { arch: Arch::Arm, ..base() },      vec!["app-runner/arch"]),
        (Workload { os: Os::Windows, ..base() },      vec!["app-runner/os"]),
        (Workload { gpu, ..base() },                  vec!["app-runner/gpu"]),
        (many,                                        vec!["app-runner/concurrency-max"]),
    ];
    for (w, want) in cases {
        assert_eq!(codes(&estimate("us-east-1", w).reasons), want);
    }
}

#[test]
fn seoul_does_not_have_it_and_elsewhere_it_may_only_lack_a_price() {
    let e = estimate("ap-northeast-2", sized(Demand::Replicas { count: 1 }, 1000, 2048));
    assert_eq!((e.status, codes(&e.reasons)), (Status::Infeasible, vec!["app-runner/region"]));
    let e = estimate("eu-central-1", sized(Demand::Replicas { count: 1 }, 1000, 2048));
    assert_eq!(e.status, Status::Unpriced);
    let e = bought("us-east-1", Purchase::Spot, sized(Demand::Replicas { count: 1 }, 1000, 2048));
    assert_eq!(e.status, Status::Unpriced);
}

#[test]
fn it_always_says_that_it_is_closed_and_when_there_are_more_instances_than_the_limit() {
    let e = estimate("us-east-1", sized(Demand::Replicas { count: 25 }, 1000, 2048));
    let closed = e.bill.warnings.iter().find(|n| n.code == "app-runner/closed").unwrap();
    assert_eq!(closed.to_string(), "App Runner takes no new customers since 2026-03-31 or 2026-04-30");
    assert!(!codes(&e.bill.warnings).contains(&"app-runner/instances-max"));
    let e = estimate("us-east-1", sized(Demand::Replicas { count: 26 }, 1000, 2048));
    assert!(codes(&e.bill.warnings).contains(&"app-runner/instances-max"));
}

#[test]
fn builds_and_automatic_deployments_are_lines_where_they_have_a_price() {
    let w = || Workload {
        build_minutes: Some(40),
        auto_deploy: Switch::On,
        ..sized(Demand::Traffic(traffic(0, 100)), 250, 512)
    };
    let e = estimate("us-east-1", w());
    assert_eq!(e.totals.exact.to_string(), "3.755"); // 2.555 + 40 x 0.005 + 1
    let e = estimate("eu-west-1", w());
    assert_eq!((e.status, e.bill.missing.len()), (Status::Partial, 2));
}
