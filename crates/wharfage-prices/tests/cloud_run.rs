//! Cloud Run against the built-in tables: worked examples to the last digit, and what is refused or missing.

use wharfage_core::{
    PriceBook,
    demand::{Demand, Per, RequestRate, Runs, Traffic},
    estimate::{Estimate, Rounding, Status},
    period::Period,
    platform::Platform,
    pricing::{Group, Place, Settings, group},
    purchase::Purchase,
    quantity::{MICROS_PER_HOUR, MICROS_PER_SECOND, Mib, Micros, MilliVcpu},
    workload::{Arch, Gpu, Os, Switch, Workload},
};

const SECOND: Micros = Micros(MICROS_PER_SECOND);

/// A request with the defaults of the command line.
struct Ask {
    platform: Platform,
    region: &'static str,
    hours: u64,
    purchase: Purchase,
    free_tier: Switch,
}

impl Ask {
    fn new(platform: Platform, region: &'static str) -> Self {
        Self { platform, region, hours: 730, purchase: Purchase::OnDemand, free_tier: Switch::Off }
    }

    fn free(self) -> Self {
        Self { free_tier: Switch::On, ..self }
    }

    fn hours(self, hours: u64) -> Self {
        Self { hours, ..self }
    }

    fn group<'b>(&self, book: &PriceBook<'b>, workloads: &[Workload]) -> Group<'b> {
        let settings = Settings {
            day: book.edition().date,
            period: Period {
                label: format!("{}h", self.hours),
                time: Micros(self.hours * MICROS_PER_HOUR),
                month_hours: 730,
                whole_month_hours: (672, 744),
            },
            free_tier: self.free_tier,
            rounding: Rounding::Invoice,
            commit: None,
        };
        let region = book.region(self.region);
        let place = Place { name: self.region.into(), aws: None, gcp: region };
        let group = group(book, &settings, self.platform, &place, self.purchase, workloads).unwrap();
        group.estimates.iter().for_each(adds_up);
        group
    }

    fn estimate(&self, workload: Workload) -> Estimate<'static> {
        self.group(&wharfage_prices::book(), &[workload]).estimates.remove(0)
    }
}

/// Every line's factors multiply to its quantity.
fn adds_up(e: &Estimate<'_>) {
    for l in &e.bill.lines {
        let product = l.factors.iter().map(|f| f.value).reduce(|a, b| a * b).unwrap().normalize();
        let plain = u128::from(l.unit.base_per_plain());
        let base = product.mantissa().unsigned_abs() * plain;
        assert_eq!(base, l.priced * 10_u128.pow(product.scale()), "{}: {}", e.platform.id(), l.label);
    }
}

fn workload(demand: Demand, vcpu: u64, mib: u64) -> Workload {
    Workload { vcpu: Some(MilliVcpu(vcpu)), memory: Some(Mib(mib)), ..Workload::new("w", demand) }
}

fn replicas(count: u64) -> Demand {
    Demand::Replicas { count }
}

fn runs(runs: u64, seconds: u64) -> Demand {
    Demand::Runs(Runs { runs, tasks: 1, duration: Micros(seconds * MICROS_PER_SECOND) })
}

fn traffic(requests: u128, per: Per, ms: u64) -> Traffic {
    Traffic {
        requests: RequestRate { micro_requests: requests * 1_000_000, per },
        peak: None,
        duration: Micros(ms * 1000),
        min_instances: 0,
        target: (6, 10),
    }
}

fn l4(demand: Demand) -> Workload {
    Workload { gpu: Some(Gpu { model: "l4".into(), count: 1 }), ..workload(demand, 4000, 16 * 1024) }
}

fn lines(e: &Estimate<'_>) -> Vec<(&'static str, String)> {
    e.bill.lines.iter().map(|l| (l.label, l.cost.to_string())).collect()
}

fn codes(e: &Estimate<'_>) -> Vec<String> {
    e.reasons.iter().map(|n| n.code.to_string()).collect()
}

fn missing(e: &Estimate<'_>) -> Vec<String> {
    e.bill.missing.iter().map(|m| m.missing.key.clone()).collect()
}

fn check(e: &Estimate<'_>, want: &[(&'static str, &str)]) {
    let want: Vec<_> = want.iter().map(|(label, cost)| (*label, (*cost).to_owned())).collect();
    assert_eq!(lines(e), want, "{:?} {:?}", e.bill.missing, e.reasons);
    assert_eq!(e.status, Status::Priced);
}

/// gcp/worked-examples 1 and 15.
#[test]
fn a_worker_pool_for_a_month_before_and_after_its_credit() {
    for region in ["europe-west1", "us-west1"] {
        let ask = Ask::new(Platform::CloudRunWorkerPool, region);
        let e = ask.estimate(workload(replicas(1), 1000, 512));
        assert_eq!(e.totals.exact.to_string(), "31.172022");
        let e = ask.free().estimate(workload(replicas(1), 1000, 512));
        check(
            &e,
            &[
                ("vCPU", "29.549232"),
                ("Memory", "1.62279"),
                ("Free tier, vCPU", "-4.319989776"),
                ("Free tier, Memory", "-0.89999884"),
            ],
        );
        assert_eq!(e.totals.exact.to_string(), "25.952033384");
        assert!(e.bill.warnings.iter().all(|n| n.code != "term/recalled"), "{:?}", e.bill.warnings);
    }
}

/// gcp/worked-examples 2.
#[test]
fn an_hourly_job_of_a_minute_is_free() {
    let e =
        Ask::new(Platform::CloudRunJob, "europe-west1").hours(720).free().estimate(workload(runs(720, 60), 1000, 512));
    check(
        &e,
        &[("vCPU", "0.7776"), ("Memory", "0.0432"), ("Free tier, vCPU", "-0.7776"), ("Free tier, Memory", "-0.0432")],
    );
    assert_eq!(e.totals.exact.to_string(), "0");
}

/// gcp/worked-examples 11: 1,800,000 vCPU-s, 900,000 GiB-s and 500,000 requests in a tier-2 region.
#[test]
fn a_request_billed_service_in_a_tier_2_region() {
    let demand = Demand::Traffic(traffic(500_000, Per::Month, 3600));
    let e = Ask::new(Platform::CloudRun, "asia-northeast3").estimate(workload(demand, 1000, 512));
    check(&e, &[("vCPU", "60.48"), ("Memory", "3.15"), ("Requests", "0.2")]);
}

/// gcp/worked-examples 16.
#[test]
fn an_l4_for_an_hour() {
    let e = Ask::new(Platform::CloudRunInstance, "us-central1").hours(1).estimate(l4(replicas(1)));
    check(&e, &[("vCPU", "0.2592"), ("Memory", "0.1152"), ("GPU", "0.67212")]);
    assert_eq!(e.totals.exact.to_string(), "1.04652");
    let zonal = Workload { gpu_zonal_redundancy: Switch::On, ..l4(replicas(1)) };
    let e = Ask::new(Platform::CloudRunWorkerPool, "us-central1").hours(1).estimate(zonal);
    assert_eq!(lines(&e)[2], ("GPU", "1.04724".to_owned()));
}

#[test]
fn warm_instances_pay_the_idle_rate_for_what_requests_leave_of_their_time() {
    let ask = Ask::new(Platform::CloudRun, "us-central1").hours(1);
    let second = Per::Time(SECOND);
    let kept = |requests, ms| Demand::Traffic(Traffic { min_instances: 2, ..traffic(requests, second, ms) });
    let e = ask.estimate(workload(kept(0, 100), 1000, 1024));
    check(&e, &[("vCPU (idle)", "0.018"), ("Memory (idle)", "0.018")]);
    // 250 ms is billed as 300: 1080 s of 7200 are busy.
    let e = ask.estimate(workload(kept(1, 250), 1000, 1024));
    check(
        &e,
        &[
            ("vCPU", "0.02592"),
            ("Memory", "0.0027"),
            ("vCPU (idle)", "0.0153"),
            ("Memory (idle)", "0.0153"),
            ("Requests", "0.00144"),
        ],
    );
    let none = Demand::Traffic(traffic(0, second, 100));
    check(&ask.estimate(workload(none, 1000, 1024)), &[("vCPU", "0"), ("Memory", "0"), ("Requests", "0")]);
}

#[test]
fn a_credit_covers_busy_and_idle_time_and_is_shared_by_all_workloads() {
    let busy =
        Workload { name: "busy".into(), ..workload(Demand::Traffic(traffic(500_000, Per::Month, 300)), 1000, 512) };
    let warm = Traffic { min_instances: 1, ..traffic(0, Per::Month, 300) };
    let warm = Workload { name: "warm".into(), ..workload(Demand::Traffic(warm), 1000, 512) };
    let group = Ask::new(Platform::CloudRun, "us-central1").free().group(&wharfage_prices::book(), &[busy, warm]);
    assert_eq!(
        lines(&group.estimates[0]),
        [("vCPU", "3.6".to_owned()), ("Memory", "0.1875".to_owned()), ("Requests", "0.2".to_owned())]
    );
    assert_eq!(lines(&group.estimates[1]), [("vCPU (idle)", "6.57".to_owned()), ("Memory (idle)", "3.285".to_owned())]);
    assert_eq!(group.estimates[2].workload, "(shared)");
    assert_eq!(
        lines(&group.estimates[2]),
        [
            ("Free tier, vCPU", "-4.32".to_owned()),
            ("Free tier, Memory", "-0.9".to_owned()),
            ("Free tier, Requests", "-0.2".to_owned())
        ]
    );
}

#[test]
fn sizes_are_raised_to_legal_ones() {
    let second = Per::Time(SECOND);
    let traffic = || Demand::Traffic(traffic(1, second, 100));
    let (one, many) = (Some(1), None);
    #[rustfmt::skip]
    let cases = [
        // platform, demand, concurrency, milli-vCPU, MiB, billed as
        (Platform::CloudRun,           traffic(),   one,  250,   256, ( 250,   256)),
        (Platform::CloudRun,           traffic(),   one,   10,   512, (  80,   512)),
        (Platform::CloudRun,           traffic(),   one,  250,   768, ( 500,   768)),
        (Platform::CloudRun,           traffic(),   one,  250,  2048, (1000,  2048)),
        (Platform::CloudRun,           traffic(),   many, 250,   256, (1000,   256)),
        (Platform::CloudRun,           replicas(1), many,  500,   256, (1000,   256)),
        (Platform::CloudRun,           replicas(1), one,   500,   256, ( 500,   256)),
        (Platform::CloudRun,           replicas(1), many, 2000,    64, (2000,   128)),
        (Platform::CloudRunInstance,   traffic(),   many, 250,   256, (1000,   512)),
        (Platform::CloudRunInstance,   replicas(1), many, 3000,   256, (4000,  2048)),
        (Platform::CloudRunWorkerPool, replicas(1), many, 1000,  8192, (2000,  8192)),
        (Platform::CloudRunJob,        runs(1, 60), many, 8000, 32768, (8000, 32768)),
    ];
    for (platform, demand, concurrency, vcpu, mib, want) in cases {
        let e = Ask::new(platform, "us-central1").estimate(Workload { concurrency, ..workload(demand, vcpu, mib) });
        let size = |line: usize, what: &str| {
            e.bill.lines[line].factors.iter().find(|f| f.what == what).unwrap().value.normalize().to_string()
        };
        let want = (MilliVcpu(want.0).as_vcpu().to_string(), Mib(want.1).as_gib().to_string());
        assert_eq!((size(0, "vCPU"), size(1, "GiB")), want, "{} {vcpu}m {mib} MiB", platform.id());
    }
}

#[test]
fn instances_and_tasks_pay_for_a_minute_at_least() {
    let seconds = |e: &Estimate<'_>| e.bill.lines[0].factors.last().unwrap().value.to_string();
    let job = |ms: u64| Demand::Runs(Runs { runs: 2, tasks: 3, duration: Micros(ms * 1000) });
    let ask = Ask::new(Platform::CloudRunJob, "us-central1");
    for (ms, want) in [(0, "0"), (1, "60"), (60_000, "60"), (60_001, "60.1")] {
        let e = ask.estimate(workload(job(ms), 1000, 512));
        assert_eq!(seconds(&e), want, "{ms} ms");
        assert_eq!(e.bill.lines[0].factors[0].value.to_string(), "6");
    }
    // The worker pools' minimum is from memory, which is said only where it counts.
    let ask = Ask::new(Platform::CloudRunWorkerPool, "us-central1");
    for (ms, want, said) in [(30_000, "60", true), (60_000, "60", false), (3_600_000, "3600", false)] {
        let w = Workload { hours: Some(Micros(ms * 1000)), ..workload(replicas(1), 1000, 512) };
        let e = ask.estimate(w);
        assert_eq!(seconds(&e), want, "{ms} ms");
        assert_eq!(e.bill.warnings.iter().any(|n| n.code == "term/recalled"), said, "{ms} ms");
    }
}

#[test]
fn instance_billing_keeps_the_fleet_for_the_peak_and_has_no_request_fee() {
    let second = Per::Time(SECOND);
    let peak = Some(RequestRate { micro_requests: 1_000_000_000, per: second });
    let demand = Demand::Traffic(Traffic { peak, ..traffic(100, second, 80) });
    let e = Ask::new(Platform::CloudRunInstance, "us-central1").hours(1).estimate(workload(demand, 1000, 512));
    check(&e, &[("vCPU", "0.1296"), ("Memory", "0.0072")]); // two instances
}

#[test]
fn what_cloud_run_cannot_run_is_refused_with_a_reason() {
    let second = Per::Time(SECOND);
    let plain = |demand| workload(demand, 1000, 512);
    let gpu = |model: &str, count, demand| Workload { gpu: Some(Gpu { model: model.into(), count }), ..plain(demand) };
    let many = || Workload { concurrency: Some(1001), ..plain(Demand::Traffic(traffic(1, second, 100))) };
    let endless = Demand::Traffic(traffic(1, second, 3_600_001));
    let tasks = Demand::Runs(Runs { runs: 1, tasks: 10_001, duration: SECOND });
    let (service, instance, job) = (Platform::CloudRun, Platform::CloudRunInstance, Platform::CloudRunJob);
    #[rustfmt::skip]
    let cases = [
        (service,  "us-central1", l4(replicas(1)), "cloud-run/gpu"),
        (service,  "us-central1", many(), "cloud-run/concurrency-max"),
        (instance, "us-central1", many(), "cloud-run-instance/concurrency-max"),
        (service,  "us-central1", plain(endless), "cloud-run/request-max"),
        (service,  "us-central1", workload(replicas(1), 8001, 512), "cloud-run/size-max"),
        (service,  "us-central1", workload(replicas(1), 1000, 32769), "cloud-run/size-max"),
        (service,  "us-central1", Workload { arch: Arch::Arm, ..plain(replicas(1)) }, "cloud-run/arch"),
        (service,  "us-central1", Workload { os: Os::Windows, ..plain(replicas(1)) }, "cloud-run/os"),
        (instance, "asia-northeast3", l4(replicas(1)), "cloud-run-instance/gpu-region"),
        (instance, "us-central1", gpu("a100", 1, replicas(1)), "cloud-run-instance/gpu-model"),
        (instance, "us-central1", gpu("nvidia-l4", 2, replicas(1)), "cloud-run-instance/gpu-max"),
        (job,      "us-central1", plain(runs(1, 604_801)), "cloud-run-job/task-max"),
        (job,      "us-central1", l4(runs(1, 3601)), "cloud-run-job/task-max"),
        (job,      "us-central1", Workload { timeout: Some(Micros(3_601 * MICROS_PER_SECOND)), ..l4(runs(1, 60)) }, "cloud-run-job/timeout-max"),
        (job,      "us-central1", plain(tasks), "cloud-run-job/tasks-max"),
        (job,      "us-central1", plain(replicas(1)), "cloud-run-job/shape"),
        (Platform::CloudRunWorkerPool, "us-central1", plain(runs(1, 60)), "cloud-run-worker-pool/shape"),
    ];
    for (platform, region, w, reason) in cases {
        let e = Ask::new(platform, region).estimate(w);
        assert_eq!((e.status, codes(&e)), (Status::Infeasible, vec![reason.to_owned()]));
    }
}

#[test]
fn a_price_that_is_not_in_the_book_is_said() {
    let spot = Ask { purchase: Purchase::Spot, ..Ask::new(Platform::CloudRunJob, "us-central1") };
    let e = spot.estimate(workload(runs(10, 60), 1000, 512));
    assert_eq!(e.status, Status::Unpriced);
    assert_eq!(missing(&e), ["gcp/cloud-run/job.cpu.spot", "gcp/cloud-run/job.memory.spot"]);

    let e = Ask::new(Platform::CloudRunInstance, "asia-southeast1").estimate(l4(replicas(1)));
    assert_eq!((e.status, missing(&e)), (Status::Unpriced, vec!["gcp/cloud-run/instance.gpu".to_owned()]));

    let rtx = Workload { gpu: Some(Gpu { model: "nvidia-rtx-pro-6000".into(), count: 1 }), ..l4(replicas(1)) };
    let e = Ask::new(Platform::CloudRunInstance, "us-central1").estimate(rtx);
    assert_eq!((e.status, missing(&e)), (Status::Unpriced, vec!["gcp/cloud-run/instance.gpu.rtx-pro-6000".to_owned()]));
    assert_eq!(e.bill.lines[0].factors[1].value.to_string(), "20");
}

#[test]
fn the_lesson_prices_a_service_by_request() {
    let demand = Demand::Traffic(traffic(3_000_000, Per::Month, 100));
    let group = Ask::new(Platform::CloudRun, "asia-northeast3")
        .free()
        .group(&wharfage_prices::lesson(), &[workload(demand, 1000, 512)]);
    check(
        &group.estimates[0],
        &[
            ("vCPU", "7.2"),
            ("Memory", "0.375"),
            ("Requests", "1.2"),
            ("Free tier, vCPU", "-4.32"),
            ("Free tier, Memory", "-0.375"),
            ("Free tier, Requests", "-0.8"),
        ],
    );
}

#[test]
fn a_disk_asked_for_is_said_to_be_memory() {
    let e = Ask::new(Platform::CloudRun, "us-central1")
        .estimate(Workload { ephemeral: Some(Mib(30 * 1024)), ..workload(replicas(1), 1000, 512) });
    assert!(e.bill.not_priced.iter().any(|n| n.code == "not-priced/disk" && n.to_string().contains("30 GiB")));
}
