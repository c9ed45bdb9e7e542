//! GKE Autopilot against the built-in prices: the worked examples to the last digit.

use wharfage_core::{
    PriceBook,
    demand::{Demand, Per, RequestRate, Runs, Traffic},
    estimate::{Estimate, Factor, Rounding, Status},
    note::Note,
    period::Period,
    platform::Platform,
    pricing::{Group, Place, Settings, group},
    purchase::Purchase,
    quantity::{MICROS_PER_HOUR, Mib, Micros, MilliVcpu, PER_MICRO},
    workload::{Arch, Class, Daemonset, Gpu, K8sSupport, Os, Switch, Workload},
};

struct Case {
    book: PriceBook<'static>,
    region: &'static str,
    hours: u64,
    purchase: Purchase,
    free_tier: Switch,
}

fn here(region: &'static str, hours: u64) -> Case {
    Case { book: wharfage_prices::book(), region, hours, purchase: Purchase::OnDemand, free_tier: Switch::Off }
}

impl Case {
    fn group(&self, workloads: &[Workload]) -> Group<'static> {
        let time = Micros(self.hours * MICROS_PER_HOUR);
        let settings = Settings {
            day: self.book.edition().date,
            period: Period { label: String::new(), time, month_hours: 730, whole_month_hours: (672, 744) },
            free_tier: self.free_tier,
            rounding: Rounding::Invoice,
            commit: None,
        };
        let place = Place { name: "here".into(), aws: None, gcp: self.book.region(self.region) };
        group(&self.book, &settings, Platform::GkeAutopilot, &place, self.purchase, workloads).unwrap()
    }

    fn estimate(&self, w: Workload) -> Estimate<'static> {
        self.group(&[w]).estimates.remove(0)
    }
}

fn pods(count: u64, milli: u64, mib: u64) -> Workload {
    Workload {
        vcpu: Some(MilliVcpu(milli)),
        memory: Some(Mib(mib)),
        ..Workload::new("web", Demand::Replicas { count })
    }
}

fn gpu(model: &str, count: u64) -> Workload {
    let gpu = Some(Gpu { model: model.into(), count });
    Workload { gpu, ..Workload::new("model", Demand::Replicas { count: 1 }) }
}

fn codes(notes: &[Note]) -> Vec<&str> {
    notes.iter().map(|n| n.code.as_ref()).collect()
}

fn cost(e: &Estimate<'_>, label: &str) -> String {
    e.bill.lines.iter().find(|l| l.label == label).map_or("no line".into(), |l| l.cost.to_string())
}

/// The exact sum of what is not the cluster's.
fn own(e: &Estimate<'_>) -> String {
    e.bill.cost_of(|l| !l.sku.starts_with("gcp/gke/")).unwrap().to_string()
}

fn machine(e: &Estimate<'_>) -> String {
    e.bill.lines.first().map_or("none".into(), |l| l.sku.rsplit('/').next().unwrap_or_default().to_owned())
}

#[test]
fn googles_calculator_general_purpose() {
    let w = Workload { ephemeral: Some(Mib(10 * 1024)), ..pods(1, 4000, 16 * 1024) };
    let e = here("europe-west3", 1).estimate(w);
    assert_eq!((e.status, own(&e)), (Status::Priced, "0.3313796".into()));
}

#[test]
fn googles_calculator_balanced() {
    let w = Workload { class: Class::Balanced, ephemeral: Some(Mib(10 * 1024)), ..pods(1, 40_000, 80 * 1024) };
    let e = here("europe-west3", 1).estimate(w);
    assert_eq!((e.status, own(&e)), (Status::Priced, "4.06017".into()));
}

#[test]
fn ten_vcpu_and_a_cluster_for_a_month() {
    let w = Workload { ephemeral: Some(Mib(10 * 1024)), ..pods(10, 1000, 1024) };
    let e = here("us-central1", 730).estimate(w);
    assert_eq!(cost(&e, "vCPU"), "324.85");
    assert_eq!(cost(&e, "Ephemeral storage"), "4.0004");
    assert_eq!(cost(&e, "Cluster"), "73");
}

#[test]
fn a_g2_machine_with_its_premium() {
    let w = Workload { node_type: Some("g2-standard-4".into()), ..gpu("l4", 1) };
    let e = here("us-central1", 1).estimate(w);
    assert_eq!((e.status, own(&e)), (Status::Priced, "0.791432255".into()));
    assert_eq!(cost(&e, "Machine"), "0.706832255");
    assert_eq!(cost(&e, "GPU premium"), "0.067");
    assert_eq!(cost(&e, "vCPU premium"), "0.012");
    assert_eq!(cost(&e, "Memory premium"), "0.0056");
}

#[test]
fn the_lessons_half_vcpu_for_a_day() {
    let case = Case { book: wharfage_prices::lesson(), ..here("asia-northeast3", 24) };
    let e = case.estimate(pods(1, 500, 1024));
    assert_eq!((cost(&e, "vCPU"), cost(&e, "Memory")), ("0.534".into(), "0.1176".into()));
}

#[test]
fn the_credit_pays_for_one_cluster_and_nothing_else() {
    let case = Case { free_tier: Switch::On, ..here("us-central1", 730) };
    assert_eq!(cost(&case.estimate(pods(1, 500, 1024)), "GKE free tier"), "-73");
    let extended = Workload { k8s_support: K8sSupport::Extended, ..pods(1, 500, 1024) };
    let group = case.group(&[pods(1, 500, 1024), extended]);
    let shared = group.estimates.last().unwrap();
    assert_eq!(group.estimates.len(), 3);
    assert_eq!(cost(shared, "Extended support"), "365");
    assert_eq!(cost(shared, "GKE free tier"), "-73");
    let day = Case { free_tier: Switch::On, ..here("us-central1", 24) };
    assert_eq!(cost(&day.estimate(pods(1, 500, 1024)), "GKE free tier"), "-2.4");
    let year = Case { free_tier: Switch::On, ..here("us-central1", 8760) };
    assert_eq!(cost(&year.estimate(pods(1, 500, 1024)), "GKE free tier"), "-876");
    assert_eq!(cost(&here("us-central1", 730).estimate(pods(1, 500, 1024)), "GKE free tier"), "no line");
}

#[test]
fn spot_pods_have_prices_of_their_own_and_their_disk_has_none() {
    let case = Case { purchase: Purchase::Spot, ..here("europe-west3", 1) };
    let e = case.estimate(pods(1, 1000, 1024));
    assert_eq!((e.status, cost(&e, "vCPU")), (Status::Priced, "0.0172".into()));
    let e = case.estimate(Workload { ephemeral: Some(Mib(1)), ..pods(1, 1000, 1024) });
    assert_eq!(e.status, Status::Partial);
    assert_eq!(e.bill.missing[0].missing.key, "gcp/autopilot/general.ephemeral.spot");
}

#[test]
fn requests_have_defaults_and_are_raised() {
    let case = here("us-central1", 1);
    let nothing = Workload::new("web", Demand::Replicas { count: 1 });
    let e = case.estimate(nothing);
    let line = &e.bill.lines[1];
    assert_eq!(line.in_unit(line.priced).to_string(), "2"); // 0.5 vCPU, 2 GiB
    assert_eq!(codes(&e.bill.assumptions)[..1], ["gke-autopilot/default-size"]);

    let e = case.estimate(pods(1, 4000, 2048));
    let line = &e.bill.lines[1];
    assert_eq!(
        (line.in_unit(line.consumed).to_string(), line.in_unit(line.priced).to_string()),
        ("2".into(), "4".into())
    );
    assert_eq!(codes(&e.bill.assumptions)[..1], ["gke-autopilot/size-raised"]);

    let e = case.estimate(Workload { bursting: Switch::Off, ..pods(1, 100, 64) });
    let line = &e.bill.lines[0];
    assert_eq!(line.in_unit(line.priced).to_string(), "0.25");

    let e = case.estimate(Workload { init_memory: Some(Mib(4096)), ..pods(1, 1000, 1024) });
    let line = &e.bill.lines[1];
    assert_eq!(line.in_unit(line.consumed).to_string(), "4");
}

#[test]
fn what_autopilot_does_not_run_is_refused_with_a_reason() {
    let base = || pods(1, 500, 1024);
    let a_gpu = || Some(Gpu { model: "l4".into(), count: 1 });
    let named = |name: &str| Workload { node_type: Some(name.into()), ..gpu("l4", 1) };
    #[rustfmt::skip]
    let cases = [
        (Workload { os: Os::Windows, ..base() },                            "gke-autopilot/os"),
        (Workload { arch: Arch::Arm, ..base() },                            "gke-autopilot/arch"),
        (Workload { arch: Arch::Arm, class: Class::Balanced, ..base() },    "gke-autopilot/arch"),
        (Workload { gpu: a_gpu(), class: Class::Balanced, ..base() },       "gke-autopilot/gpu"),
        (Workload { gpu: a_gpu(), class: Class::Performance, ..base() },    "gke-autopilot/gpu"),
        (Workload { class: Class::Accelerator, ..base() },                  "gke-autopilot/gpu-missing"),
        (pods(1, 31_000, 64 * 1024),                                        "gke-autopilot/cpu-max"),
        (pods(1, 500, 111 * 1024),                                          "gke-autopilot/memory-max"),
        (Workload { ephemeral: Some(Mib(11 * 1024)), ..base() },            "gke-autopilot/ephemeral-max"),
        (gpu("voodoo", 1),                                                  "gke-autopilot/machine"),
        (gpu("l4", 9),                                                      "gke-autopilot/machine"),
        (named("g2-standard-5"),                                            "gke-autopilot/node-type"),
        (named("e2-standard-4"),                                            "gke-autopilot/node-type"),
        (Workload { vcpu: Some(MilliVcpu(4000)), ..named("g2-standard-4") }, "gke-autopilot/machine-max"),
        (Workload { vcpu: Some(MilliVcpu(96_000)), ..gpu("l4", 1) },        "gke-autopilot/machine-max"),
    ];
    for (w, want) in cases {
        let e = here("us-central1", 1).estimate(w.clone());
        assert_eq!((e.status, codes(&e.reasons)), (Status::Infeasible, vec![want]), "{w:?}");
    }
}

#[test]
fn a_gpu_pod_gets_the_cheapest_machine_that_leaves_it_room() {
    let case = here("us-central1", 1);
    let sized = |milli, mib, w: Workload| Workload { vcpu: Some(MilliVcpu(milli)), memory: Some(Mib(mib)), ..w };
    #[rustfmt::skip]
    let cases = [
        (gpu("l4", 1),                            "g2-standard-4"),
        (sized(3920, 13_000, gpu("l4", 1)),       "g2-standard-4"),
        (sized(3921, 13_000, gpu("l4", 1)),       "g2-standard-8"),
        (sized(3000, 14_000, gpu("l4", 1)),       "g2-standard-8"),
        (gpu("nvidia-l4", 2),                     "g2-standard-24"),
        (gpu("a100", 1),                          "a2-highgpu-1g"),
        (gpu("a100-80gb", 1),                     "a2-ultragpu-1g"),
        (gpu("h100", 8),                          "a3-highgpu-8g"),
    ];
    for (w, want) in cases {
        let e = case.estimate(w.clone());
        assert_eq!(machine(&e), want, "{w:?}");
        assert!(codes(&e.bill.assumptions).contains(&"gke-autopilot/gpu-class"));
    }
    let crowded = Workload {
        daemonsets: vec![Daemonset { vcpu: MilliVcpu(100), memory: Mib(128) }],
        ..sized(3900, 8192, gpu("l4", 1))
    };
    assert_eq!(machine(&case.estimate(crowded)), "g2-standard-8");
}

#[test]
fn a_premium_that_is_not_in_the_book_leaves_the_rest() {
    let e = here("us-central1", 1).estimate(gpu("a100", 1));
    let missing: Vec<_> = e.bill.missing.iter().map(|m| m.missing.key.as_str()).collect();
    assert_eq!(e.status, Status::Partial);
    let of = |m| format!("gcp/autopilot/accelerator.a100.{m}");
    assert_eq!(missing, [of("gpu"), of("cpu"), of("memory")]);

    let performance = Workload { class: Class::Performance, ..pods(1, 4000, 8192) };
    let e = here("us-central1", 1).estimate(performance.clone());
    assert_eq!((e.status, e.bill.missing.len()), (Status::Partial, 2));
    assert!(codes(&e.bill.assumptions).contains(&"gke-autopilot/performance-series"));
    let arm = Workload { arch: Arch::Arm, ..performance };
    assert_ne!(machine(&here("us-central1", 1).estimate(arm)), machine(&e));
}

#[test]
fn a_gpu_without_a_machine_of_its_own_is_unpriced_not_infeasible() {
    let e = here("us-central1", 1).estimate(gpu("t4", 1));
    assert_eq!(
        (e.status, e.bill.missing[0].missing.key.as_str()),
        (Status::Unpriced, "gcp/autopilot/accelerator.t4.gpu")
    );
    let e = here("asia-southeast3", 1).estimate(gpu("l4", 1));
    assert_eq!(e.status, Status::Unpriced);
}

#[test]
fn a_machine_the_regions_list_does_not_have_is_not_used() {
    let w = Workload { node_type: Some("c3-standard-4".into()), class: Class::Performance, ..pods(1, 2000, 4096) };
    let e = here("africa-south1", 1).estimate(w);
    assert_eq!(codes(&e.reasons), ["gke-autopilot/node-type"]);
    assert_eq!(e.reasons[0].to_string(), "africa-south1 has no machine type c3-standard-4");
}

#[test]
fn daemonsets_are_billed_on_each_node() {
    let daemonsets =
        vec![Daemonset { vcpu: MilliVcpu(100), memory: Mib(128) }, Daemonset { vcpu: MilliVcpu(0), memory: Mib(0) }];
    let w = Workload { daemonsets, ..pods(10, 1000, 1024) };
    let e = here("us-central1", 1).estimate(w.clone());
    let line = |e: &Estimate<'_>, label| {
        let l = e.bill.lines.iter().find(|l| l.label == label).unwrap();
        (l.consumed, l.priced)
    };
    let hour = u128::from(MICROS_PER_HOUR);
    assert_eq!(line(&e, "vCPU (DaemonSets)"), (10 * 100 * hour, 10 * 101 * hour));
    assert_eq!(line(&e, "Memory (DaemonSets)"), (10 * 128 * hour, 10 * 130 * hour));
    assert!(codes(&e.bill.assumptions).contains(&"gke-autopilot/daemonset-nodes"));
    let e = here("us-central1", 1).estimate(Workload { nodes: Some(3), bursting: Switch::Off, ..w });
    assert_eq!(line(&e, "vCPU (DaemonSets)"), (3 * 100 * hour, 3 * 110 * hour));
    assert!(!codes(&e.bill.assumptions).contains(&"gke-autopilot/daemonset-nodes"));
}

#[test]
fn runs_pay_by_the_second_and_a_machine_for_a_minute() {
    let runs = Demand::Runs(Runs { runs: 3, tasks: 2, duration: Micros(1_500_000) });
    let e = here("us-central1", 1).estimate(Workload { demand: runs.clone(), ..pods(1, 1000, 1024) });
    assert_eq!((e.bill.lines[0].consumed, e.bill.lines[0].priced), (6 * 1000 * 1_500_000, 6 * 1000 * 2_000_000));
    let e = here("us-central1", 1).estimate(Workload { demand: runs, ..gpu("l4", 1) });
    let fine = u128::from(PER_MICRO);
    assert_eq!((e.bill.lines[0].consumed, e.bill.lines[0].priced), (6 * 1_500_000 * fine, 6 * 60_000_000 * fine));
}

#[test]
fn traffic_becomes_pods_that_are_always_on() {
    let requests = RequestRate { micro_requests: 1_000_000_000, per: Per::Time(Micros(1_000_000)) };
    let traffic = Traffic { requests, peak: None, duration: Micros(80_000), min_instances: 0, target: (6, 10) };
    let e = here("us-central1", 1).estimate(Workload { demand: Demand::Traffic(traffic), ..pods(1, 1000, 1024) });
    assert_eq!(e.bill.lines[0].priced, 2 * 1000 * u128::from(MICROS_PER_HOUR)); // 80 in flight over 48
    assert_eq!(codes(&e.bill.assumptions)[..1], ["demand/always-on"]);
}

#[test]
fn every_lines_factors_give_its_cost() {
    let case = here("us-central1", 730);
    let l4 = Workload { hours: Some(Micros(176 * MICROS_PER_HOUR)), ..gpu("l4", 2) };
    let disk = Workload { ephemeral: Some(Mib(10 * 1024)), ..pods(10, 1000, 1500) };
    for w in [l4, disk] {
        for line in case.estimate(w).bill.lines {
            let product = line.factors.iter().map(|f| f.value).reduce(|a, b| a * b).unwrap();
            let plain = Factor::new(line.unit.base_per_plain(), "").value;
            assert_eq!((product * plain).normalize().to_string(), line.priced.to_string(), "{}", line.label);
        }
    }
}

#[test]
fn scale_out_arm_is_arm_and_exactly_four_to_one() {
    let w = Workload { class: Class::ScaleOutArm, ..pods(1, 500, 1024) };
    let e = here("asia-southeast1", 1).estimate(w);
    assert_eq!(e.status, Status::Priced);
    let line = &e.bill.lines[1];
    assert_eq!(line.in_unit(line.priced).to_string(), "2");
    assert!(codes(&e.bill.warnings).contains(&"term/recalled"));
}
