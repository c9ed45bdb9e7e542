//! Platforms made of nodes against the built-in prices: the worked examples to the last digit, and what nodes hold.

use wharfage_core::{
    PriceBook,
    demand::{Demand, Runs},
    estimate::{Estimate, Rounding, SHARED, Status},
    note::Note,
    period::Period,
    platform::{Context, Platform, nodes},
    pricing::{Group, Place, Settings, group},
    purchase::Purchase,
    quantity::{MICROS_PER_HOUR, Mib, Micros, MilliVcpu},
    workload::{Arch, Daemonset, GkeLocation, Gpu, K8sSupport, NodeDisk, Os, Switch, Workload},
};

const NODES: [Platform; 7] = [
    Platform::EcsEc2,
    Platform::EcsManagedInstances,
    Platform::EksEc2,
    Platform::EksAuto,
    Platform::Ec2,
    Platform::GkeStandard,
    Platform::ComputeEngine,
];

fn month() -> Period {
    let time = Micros(730 * MICROS_PER_HOUR);
    Period { label: "730h".into(), time, month_hours: 730, whole_month_hours: (672, 744) }
}

fn bought(platform: Platform, region: &str, purchase: Purchase, workloads: &[Workload]) -> Group<'static> {
    let book = wharfage_prices::book();
    let (day, period) = (book.edition().date, month());
    let settings = Settings { day, period, free_tier: Switch::On, rounding: Rounding::Invoice, commit: None };
    let here = book.region(region);
    let of = |provider: &str| here.filter(|r| r.provider == provider);
    let place = Place { name: "here".into(), aws: of("aws"), gcp: of("gcp") };
    group(&book, &settings, platform, &place, purchase, workloads).unwrap()
}

fn estimate(platform: Platform, region: &str, w: Workload) -> Estimate<'static> {
    bought(platform, region, Purchase::OnDemand, &[w]).estimates.remove(0)
}

/// The region in Seoul.
fn seoul(platform: Platform) -> &'static str {
    if platform.provider() == "aws" { "ap-northeast-2" } else { "asia-northeast3" }
}

fn pods(count: u64, milli: u64, mib: u64) -> Workload {
    let sized = Workload::new("web", Demand::Replicas { count });
    Workload { vcpu: Some(MilliVcpu(milli)), memory: Some(Mib(mib)), node_disk: Some(NodeDisk::None), ..sized }
}

fn on(machine: &str, nodes: u64, w: Workload) -> Workload {
    Workload { node_type: Some(machine.into()), nodes: Some(nodes), ..w }
}

/// Sums of lines by the start of their sku.
fn cost(e: &Estimate<'_>, start: &str) -> String {
    e.bill.cost_of(|l| l.sku.starts_with(start)).unwrap().to_string()
}

fn codes(notes: &[Note]) -> Vec<&str> {
    notes.iter().map(|n| n.code.as_ref()).collect()
}

fn note(e: &Estimate<'_>, code: &str) -> String {
    let found = e.bill.assumptions.iter().find(|n| n.code == code);
    found.map_or_else(|| panic!("{code} is not among {:?}", codes(&e.bill.assumptions)), Note::to_string)
}

#[test]
fn the_worked_examples_to_the_last_digit() {
    let arm = Workload { arch: Arch::Arm, ..pods(1, 500, 1024) };
    let auto = estimate(Platform::EksAuto, "ap-northeast-2", on("c6g.large", 1, arm));
    assert_eq!(cost(&auto, "aws/ec2/"), "56.21");
    assert_eq!(cost(&auto, "aws/eks/auto."), "6.7452");
    assert_eq!(cost(&auto, "aws/eks/cluster"), "73");
    // 13: three e2-medium, 2,190 h
    let small = estimate(Platform::ComputeEngine, "us-central1", on("e2-medium", 3, pods(1, 250, 1024)));
    assert_eq!(cost(&small, "gcp/compute-engine/"), "73.3775049");
    // 14: three n1-standard-16 with the whole month's discount
    let large = estimate(Platform::ComputeEngine, "us-central1", on("n1-standard-16", 3, pods(1, 1000, 1024)));
    assert_eq!(cost(&large, "gcp/compute-engine/"), "1165.073868");
    assert_eq!(cost(&large, "gcp/compute-engine/n1.sustained-use"), "-499.317372");
}

#[test]
fn the_lessons_clusters_in_seoul() {
    let eks = Workload { node_disk: None, ..on("t3.medium", 2, pods(2, 500, 1024)) };
    let eks = estimate(Platform::EksEc2, "ap-northeast-2", eks);
    assert_eq!((eks.status, cost(&eks, "aws/ec2/").as_str()), (Status::Priced, "75.92"));
    assert_eq!(cost(&eks, "aws/eks/cluster"), "73");
    assert_eq!(cost(&eks, "aws/ebs/gp3"), "3.648"); // 2 × 20 GiB × .0912
    let gke = Workload { node_disk: None, ..on("e2-medium", 2, pods(2, 500, 1024)) };
    let gke = estimate(Platform::GkeStandard, "asia-northeast3", gke);
    assert_eq!((gke.status, cost(&gke, "gcp/compute-engine/").as_str()), (Status::Priced, "62.7549756"));
    assert_eq!((cost(&gke, "gcp/gke/cluster").as_str(), cost(&gke, "gcp/gke/credit").as_str()), ("73", "-73"));
    assert!(gke.bill.lines.iter().any(|l| l.sku == "gcp/disk/pd-balanced"));
}

#[test]
fn every_line_is_its_price_times_its_quantity() {
    for platform in NODES {
        let runs = Runs { runs: 7, tasks: 3, duration: Micros(90_000_001) };
        let w = Workload { node_disk: None, demand: Demand::Runs(runs), ..pods(1, 500, 1024) };
        let e = estimate(platform, seoul(platform), w);
        assert_eq!(e.status, Status::Priced, "{platform:?} {:?}", e.bill.missing);
        for line in &e.bill.lines {
            let (base, per) = line.printed_base();
            let product =
                line.unit_price * rust_decimal::Decimal::from_i128_with_scale(i128::try_from(base).unwrap(), 0);
            let exact = (product / rust_decimal::Decimal::from(per)).round_dp(12).normalize();
            assert_eq!(exact, line.cost.to_decimal(), "{}", line.sku);
        }
    }
}

#[test]
fn no_type_that_could_be_named_is_cheaper_than_the_one_chosen() {
    let book = wharfage_prices::book();
    for (platform, arch) in
        [(Platform::EksEc2, Arch::X86), (Platform::EksEc2, Arch::Arm), (Platform::ComputeEngine, Arch::X86)]
    {
        let w = Workload { arch, node_disk: None, ..pods(7, 900, 3000) };
        let chosen = estimate(platform, seoul(platform), w.clone());
        let mut others = 0;
        for shape in book.shapes(platform.provider()) {
            let named = Workload { node_type: Some(shape.name.into()), ..w.clone() };
            let burstable = wharfage_core::platform::nodes::is_burstable(&shape);
            let e = estimate(platform, seoul(platform), named);
            if e.status == Status::Priced && !burstable {
                assert!(chosen.totals.exact <= e.totals.exact, "{} beats {:?}", shape.name, chosen.bill.assumptions);
                others += 1;
            }
        }
        assert!(others > 50, "{others} types were compared");
    }
}

#[test]
fn an_eks_nodes_room_is_near_karpenters_table() {
    let book = wharfage_prices::book();
    let (period, region) = (month(), book.region("us-east-1").unwrap());
    let ctx = Context::new(&book, region, book.edition().date, Purchase::OnDemand, &period, Switch::On);
    let reserve = nodes::eks(&ctx).unwrap();
    let (mut compared, mut vcpu_off, mut most, mut least) = (0, 0, i64::MIN, i64::MAX);
    for shape in book.shapes("aws") {
        let Some([vcpu, memory, _]) = shape.allocatable else { continue };
        let room = reserve.room(&shape);
        vcpu_off += u64::from(room.vcpu != vcpu);
        // The table takes 7.5 % off the nominal size first, for what a virtual machine's guest does not see.
        let guest = i64::try_from(room.memory).unwrap() - i64::try_from(shape.memory.0 * 75 / 1000).unwrap();
        let off = guest - i64::try_from(memory).unwrap();
        (most, least) = (most.max(off), least.min(off));
        compared += 1;
    }
    println!("{compared} types: {least} to {most} MiB from the table beside its 7.5 %; vCPU differs on {vcpu_off}");
    assert!(compared > 1300 && vcpu_off == 0, "{vcpu_off} of {compared}");
    assert!(least >= 0 && most <= 64, "{least} to {most} MiB");
}

#[test]
fn what_does_not_fit_is_refused_with_its_reason() {
    let gpu = |model: &str| Workload { gpu: Some(Gpu { model: model.into(), count: 1 }), ..pods(1, 1000, 2048) };
    #[rustfmt::skip]
    let cases = [
        (Platform::EksEc2,        on("m5.large", 2, pods(9, 1000, 1024)),                       "eks-ec2/nodes-too-few"),
        (Platform::EksEc2,        Workload { zones: Some(3), ..on("m5.large", 2, pods(1, 100, 100)) }, "eks-ec2/nodes-too-few"),
        (Platform::EksEc2,        Workload { nodes: Some(1), ..pods(1000, 4000, 1024) },        "eks-ec2/nodes-too-few"),
        (Platform::EksEc2,        on("m5.large", 2, pods(1, 4000, 1024)),                       "eks-ec2/machine-max"),
        (Platform::GkeStandard,   pods(1, 9_000_000, 1024),                                     "gke-standard/machine-max"),
        (Platform::GkeStandard,   on("m5.large", 2, pods(1, 100, 1024)),                        "gke-standard/node-type"),
        (Platform::Ec2,           on("c6g.large", 2, pods(1, 100, 1024)),                       "ec2/arch"),
        (Platform::Ec2,           Workload { node_type: Some("m5.large".into()), ..gpu("l4") }, "ec2/gpu"),
        (Platform::ComputeEngine, gpu("h9000"),                                                 "compute-engine/gpu"),
        (Platform::EksAuto,       Workload { os: Os::Windows, ..pods(1, 100, 1024) },           "eks-auto/os"),
    ];
    for (platform, w, code) in cases {
        let e = estimate(platform, seoul(platform), w);
        assert_eq!((e.status, codes(&e.reasons)), (Status::Infeasible, vec![code]), "{platform:?}");
    }
    let short = estimate(Platform::EksEc2, "ap-northeast-2", on("m5.large", 2, pods(9, 1000, 1024)));
    assert_eq!(short.reasons[0].to_string(), "2 nodes are too few: the pods, DaemonSets and zones need 9 of m5.large");
    let windows = estimate(Platform::Ec2, "ap-northeast-2", Workload { os: Os::Windows, ..pods(1, 100, 1024) });
    assert_eq!((windows.status, windows.bill.missing[0].missing.key.as_str()), (Status::Unpriced, "aws/ec2/windows"));
}

#[test]
fn workloads_share_nodes_and_their_cluster() {
    let named = |name: &str, w: Workload| Workload { name: name.into(), ..w };
    let web = named("web", Workload { node_type: Some("m5.large".into()), ..pods(2, 900, 1024) });
    let cron = named("cron", Workload { node_type: Some("m5.large".into()), ..pods(1, 900, 1024) });
    let both = bought(Platform::EksEc2, "ap-northeast-2", Purchase::OnDemand, &[web.clone(), cron.clone()]);
    assert_eq!(both.estimates.len(), 3);
    let shared = both.estimates.last().unwrap();
    assert_eq!((shared.workload.as_str(), shared.status), (SHARED, Status::Priced));
    // Two pods of 0.9 vCPU fit on each node: two nodes for three pods, where each alone needs one.
    assert!(note(shared, "eks-ec2/nodes").starts_with("2 × m5.large"), "{}", note(shared, "eks-ec2/nodes"));
    assert_eq!(cost(shared, "aws/eks/cluster"), "73");
    let crowded = bought(
        Platform::EksEc2,
        "ap-northeast-2",
        Purchase::OnDemand,
        &[on("m5.large", 1, web), on("m5.large", 1, cron)],
    );
    assert!(crowded.estimates.iter().all(|e| codes(&e.reasons) == ["eks-ec2/nodes-too-few"]));
}

#[test]
fn daemonsets_zones_and_regions_take_nodes() {
    let web = Workload { node_type: Some("e2-standard-2".into()), ..pods(4, 900, 1024) };
    let nodes = |w: Workload| {
        let e = estimate(Platform::GkeStandard, "us-central1", w);
        (note(&e, "gke-standard/nodes").split(' ').next().unwrap().to_owned(), cost(&e, "gcp/gke/credit"))
    };
    let two = |nodes: &str, credit: &str| (nodes.to_owned(), credit.to_owned());
    // 1,930 less 100 of kube-proxy: two pods on a node, and one beside a DaemonSet.
    assert_eq!(nodes(web.clone()), two("2", "-73"));
    let agent = Daemonset { vcpu: MilliVcpu(100), memory: Mib(128) };
    assert_eq!(nodes(Workload { daemonsets: vec![agent], ..web.clone() }), two("4", "-73"));
    assert_eq!(nodes(Workload { zones: Some(3), ..web.clone() }), two("3", "-73"));
    let regional = Workload { gke_location: GkeLocation::Regional, ..web };
    assert_eq!(nodes(regional.clone()), two("3", "0"));
    assert_eq!(nodes(Workload { zones: Some(2), ..regional }), two("2", "0"));
}

#[test]
fn nodes_of_runs_exist_while_a_run_lasts() {
    let runs = |seconds: u64| {
        let runs = Runs { runs: 100, tasks: 4, duration: Micros(seconds * 1_000_000) };
        let w = Workload { node_type: Some("m5.large".into()), demand: Demand::Runs(runs), ..pods(1, 900, 1024) };
        let e = estimate(Platform::EcsEc2, "ap-northeast-2", w);
        let line = e.bill.lines.iter().find(|l| l.sku == "aws/ec2/m5.large").unwrap();
        (line.in_unit(line.consumed).to_string(), line.in_unit(line.priced).to_string())
    };
    // Two nodes hold four tasks: 200 nodes of 36 s are billed 60 s, and of an hour an hour.
    assert_eq!(runs(36), ("2".into(), "3.333333333333".into()));
    assert_eq!(runs(3600), ("200".into(), "200".into()));
}

#[test]
fn sustained_use_follows_the_hours_a_machine_is_on() {
    let off = |hours: u64, machine: &str, purchase: Purchase| {
        let w = Workload { hours: Some(Micros(hours * MICROS_PER_HOUR)), ..on(machine, 1, pods(1, 1000, 1024)) };
        let e = bought(Platform::ComputeEngine, "us-central1", purchase, &[w]).estimates.remove(0);
        let sum = |wanted: bool| e.bill.cost_of(|l| l.sku.ends_with("sustained-use") == wanted).unwrap().picos();
        if sum(false) == 0 { -1 } else { sum(true) * -10_000 / sum(false) }
    };
    #[rustfmt::skip]
    let cases = [
        // hours, machine, ten-thousandths off
        (730, "n1-standard-4", 3000),
        (365, "n1-standard-4", 1000),
        (100, "n1-standard-4",    0),
        (730, "n2-standard-4", 1998),
        (730, "e2-standard-4",    0),
    ];
    for (hours, machine, want) in cases {
        assert_eq!(off(hours, machine, Purchase::OnDemand), want, "{hours} h of {machine}");
        assert!(off(hours, machine, Purchase::Spot) <= 0, "Spot has no such discount");
    }
}

#[test]
fn fees_follow_the_on_demand_price() {
    let fee = |platform: Platform, region: &str, purchase: Purchase, machine: &str| {
        let arch = if machine.starts_with("c6g") { Arch::Arm } else { Arch::X86 };
        let w = Workload { arch, ..on(machine, 1, pods(1, 500, 1024)) };
        let e = bought(platform, region, purchase, &[w]).estimates.remove(0);
        let skus = ["aws/eks/auto.", "aws/ecs/managed-instances."];
        let line = e.bill.lines.iter().find(|l| skus.iter().any(|s| *l.sku == format!("{s}{machine}")));
        (e.status, line.map_or_else(String::new, |l| l.unit_price.normalize().to_string()))
    };
    let auto = |purchase, machine| fee(Platform::EksAuto, "ap-northeast-2", purchase, machine);
    assert_eq!(auto(Purchase::OnDemand, "c6g.large"), (Status::Priced, "0.00924".into()));
    // Spot prices are not in the book, and the fee is what it was.
    assert_eq!(auto(Purchase::Spot, "c6g.large"), (Status::Unpriced, "0.00924".into()));
    let book: PriceBook<'_> = wharfage_prices::book();
    let day = book.edition().date;
    for (machine, share) in
        [("m5.large", "0.12"), ("g5.xlarge", "0.078"), ("p4d.24xlarge", "0.048"), ("trn1.2xlarge", "0.048")]
    {
        let list = book.price(&format!("aws/ec2/{machine}"), &["us-west-2"], day).unwrap().amount;
        let exact = list * rust_decimal::Decimal::from_str_exact(share).unwrap();
        let half_up = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
        let rounded = exact.round_dp_with_strategy(5, half_up).normalize().to_string();
        let got = fee(Platform::EksAuto, "us-west-2", Purchase::OnDemand, machine);
        assert_eq!(got, (Status::Priced, rounded), "{machine}");
    }
    let managed = fee(Platform::EcsManagedInstances, "us-west-2", Purchase::OnDemand, "trn1.2xlarge");
    assert_eq!(managed, (Status::Unpriced, String::new()), "Trainium's share is not known under Managed Instances");
}

#[test]
fn a_cluster_may_cost_more_than_its_fee() {
    let extended = Workload { k8s_support: K8sSupport::Extended, ..on("m5.large", 1, pods(1, 500, 1024)) };
    assert_eq!(cost(&estimate(Platform::EksEc2, "ap-northeast-2", extended), "aws/eks/"), "438");
    let extended = Workload { k8s_support: K8sSupport::Extended, ..on("e2-standard-2", 1, pods(1, 500, 1024)) };
    assert_eq!(cost(&estimate(Platform::GkeStandard, "us-central1", extended), "gcp/gke/"), "365");
}
