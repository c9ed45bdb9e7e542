//! Commitments against the built-in prices: what they cover, leave and waste, to the last digit.

use rust_decimal::Decimal;
use wharfage_core::{
    demand::{Demand, Runs},
    estimate::{Rounding, Status},
    note::Note,
    period::Period,
    platform::Platform,
    pricing::{Group, Place, Settings, chosen},
    purchase::{Choice, Purchase},
    quantity::{MICROS_PER_HOUR, Mib, Micros, MilliVcpu},
    rollout::Canary,
    workload::{NodeDisk, Os, Switch, Workload},
};

/// What is asked: a platform in a region, bought one way, perhaps with a stated commitment, on a day.
struct Ask {
    platform: Platform,
    region: &'static str,
    purchase: &'static str,
    commit: Option<&'static str>,
    day: &'static str,
}

fn ask(platform: Platform, region: &'static str, purchase: &'static str) -> Ask {
    Ask { platform, region, purchase, commit: None, day: "2026-11-22" }
}

impl Ask {
    fn commit(self, hourly: &'static str) -> Self {
        Self { commit: Some(hourly), ..self }
    }

    fn group(&self, workloads: &[Workload]) -> Group<'static> {
        let book = wharfage_prices::book().accepting_first_seen();
        let time = Micros(730 * MICROS_PER_HOUR);
        let settings = Settings {
            day: self.day.parse().unwrap(),
            period: Period { label: "730h".into(), time, month_hours: 730, whole_month_hours: (672, 744) },
            free_tier: Switch::On,
            rounding: Rounding::Exact,
            commit: self.commit.map(|text| Decimal::from_str_exact(text).unwrap()),
        };
        let here = book.region(self.region);
        let of = |provider: &str| here.filter(|r| r.provider == provider);
        let place = Place { name: "here".into(), aws: of("aws"), gcp: of("gcp") };
        let choice = Choice::from_id(self.purchase).unwrap();
        chosen(&book, &settings, self.platform, &place, choice, workloads).unwrap()
    }

    fn exact(&self, w: &Workload) -> String {
        let group = self.group(std::slice::from_ref(w));
        assert_eq!(group.status, Status::Priced, "{:?}", group.estimates[0].bill.missing);
        group.totals.exact.to_decimal().normalize().to_string()
    }

    /// Labels and costs of the lines.
    fn lines(&self, w: &Workload) -> Vec<(&'static str, String)> {
        let group = self.group(std::slice::from_ref(w));
        group.estimates[0].bill.lines.iter().map(|l| (l.label, l.cost.to_string())).collect()
    }

    fn missing(&self, w: &Workload) -> Vec<String> {
        let group = self.group(std::slice::from_ref(w));
        assert_eq!(group.status, Status::Unpriced);
        group.estimates[0].bill.missing.iter().map(|m| m.missing.key.clone()).collect()
    }
}

fn replicas(count: u64, milli: u64, mib: u64) -> Workload {
    let w = Workload::new("w", Demand::Replicas { count });
    Workload { vcpu: Some(MilliVcpu(milli)), memory: Some(Mib(mib)), node_disk: Some(NodeDisk::None), ..w }
}

fn hours(h: u64, w: Workload) -> Workload {
    Workload { hours: Some(Micros(h * MICROS_PER_HOUR)), ..w }
}

fn codes(notes: &[Note]) -> Vec<&str> {
    notes.iter().map(|n| n.code.as_ref()).collect()
}

/// Example S10: a plan sized for a peak of 50 tasks, bought for a fleet that is on 176 of 730 hours.
#[test]
fn a_plan_for_the_peak_of_a_part_time_fleet_costs_more_than_none() {
    let tasks = || replicas(50, 4000, 8192);
    let plan = || ask(Platform::EcsFargate, "us-east-1", "sp-3y-no-upfront");
    assert_eq!(plan().exact(&tasks()), "3964.411");
    assert_eq!(ask(Platform::EcsFargate, "us-east-1", "on-demand").exact(&hours(176, tasks())), "1737.824");
    let stated = plan().commit("5.4307");
    assert_eq!(stated.exact(&hours(176, tasks())), "3964.411", "the commitment bills every hour");
    let told = stated.group(&[hours(176, tasks())]);
    assert_eq!(codes(&told.estimates[0].bill.warnings)[..2], ["commitment/unused", "commitment/loses"]);
    // Without a stated amount nothing runs in every hour, so nothing is committed.
    assert_eq!(plan().exact(&hours(176, tasks())), "1737.824");
    let none = plan().group(&[hours(176, tasks())]);
    assert_eq!(codes(&none.estimates[0].bill.assumptions), ["commitment/size"]);
}

#[test]
fn a_plan_covers_what_it_pays_for_and_the_rest_is_on_demand() {
    // One hour: 4 vCPU and 8 GB cost 0.108614 committed and 0.19748 on demand. Half of it is committed.
    let half = ask(Platform::EcsFargate, "us-east-1", "sp-3y-no-upfront").commit("0.054307");
    let w = replicas(1, 4000, 8192);
    let lines = half.lines(&w);
    let labels: Vec<&str> = lines.iter().map(|(label, _)| *label).collect();
    // Memory saves 45 % as vCPU does; of equals what costs less comes first.
    assert_eq!(labels, ["vCPU, committed", "vCPU", "Memory, committed"]);
    let sum: Decimal = lines.iter().map(|(_, c)| Decimal::from_str_exact(c).unwrap()).sum();
    let committed = Decimal::from_str_exact("0.054307").unwrap() * Decimal::from(730);
    let uncovered = lines.iter().find(|(label, _)| *label == "vCPU").map(|(_, c)| Decimal::from_str_exact(c).unwrap());
    assert_eq!(sum - uncovered.unwrap(), committed, "all of the commitment is used");
    assert_eq!(uncovered.unwrap().to_string(), "72.0802", "half of 0.19748 an hour");
}

#[test]
fn plans_leave_storage_licences_clusters_and_fees_at_list_price() {
    let with_disk = Workload { ephemeral: Some(Mib(30 * 1024)), ..replicas(1, 1000, 2048) };
    let lines = ask(Platform::EksFargate, "us-east-1", "sp-1y-no-upfront").lines(&with_disk);
    let labels: Vec<&str> = lines.iter().map(|(label, _)| *label).collect();
    assert_eq!(labels, ["vCPU, committed", "Memory, committed", "Ephemeral storage", "Cluster"]);
    let windows = Workload { os: Os::Windows, ..replicas(1, 1000, 2048) };
    let missing = ask(Platform::EcsFargate, "us-east-1", "sp-1y-no-upfront").missing(&windows);
    assert_eq!(missing[0], "aws/fargate/windows.vcpu.sp-1y-no-upfront", "no rate is known, and no other stands in");
    let node = Workload { node_type: Some("c5.large".into()), ..replicas(1, 1000, 2048) };
    let lines = ask(Platform::EksAuto, "ap-northeast-2", "ri-1y-standard").lines(&node);
    assert_eq!(lines[0], ("Machine, committed", "43.8".into()));
    assert_eq!(lines[1].0, "Auto Mode fee");
    let on_demand = ask(Platform::EksAuto, "ap-northeast-2", "on-demand").lines(&node);
    assert_eq!(lines[1], on_demand[1], "no commitment lowers the fee");
}

#[test]
fn an_upfront_rate_is_the_list_price_less_the_published_share_where_it_is_not_printed() {
    // 27 % off 0.04048 and 0.004445.
    let lines = ask(Platform::EcsFargate, "us-east-1", "sp-1y-all-upfront").lines(&replicas(1, 1000, 2048));
    assert_eq!(lines, [("vCPU, committed", "21.571792".into()), ("Memory, committed", "4.737481".into())]);
}

#[test]
fn reserved_instances_are_whole_and_paid_when_unused() {
    let two = Workload { node_type: Some("c5.large".into()), ..replicas(2, 2000, 4096) };
    let reserved = || ask(Platform::EcsEc2, "ap-northeast-2", "ri-1y-standard");
    assert_eq!(reserved().lines(&two), [("Machine, committed", "87.6".into())]);
    // 0.06 an hour each: 0.10 buys one, and the other is on demand.
    let lines = reserved().commit("0.10").lines(&two);
    assert_eq!(lines[0], ("Machine, committed", "43.8".into()));
    assert_eq!(lines[1].0, "Machine");
    // Three reserved for two that are on for 100 hours.
    let lines = reserved().commit("0.18").lines(&hours(100, two));
    assert_eq!(lines, [("Machine, committed", "12".into()), ("Reserved, unused", "119.4".into())]);
}

#[test]
fn a_resource_commitment_pays_vcpu_and_memory_and_ends_sustained_use() {
    let w = Workload { node_type: Some("n1-standard-16".into()), ..replicas(3, 15_000, 30_720) };
    let on_demand = ask(Platform::ComputeEngine, "us-central1", "on-demand");
    assert_eq!(on_demand.exact(&w), "1165.073868", "with the discount for sustained use");
    let lines = ask(Platform::ComputeEngine, "us-central1", "cud-1y").lines(&w);
    assert_eq!(lines, [("vCPU, committed", "697.8216".into()), ("Memory, committed", "350.7066".into())]);
    let half = ask(Platform::ComputeEngine, "us-central1", "cud-1y").commit("0.718170");
    let lines = half.lines(&w);
    let labels: Vec<&str> = lines.iter().map(|(label, _)| *label).collect();
    assert_eq!(labels, ["vCPU, committed", "Memory, committed", "Machine", "Sustained-use discount"]);
    assert_eq!(lines[3].1, "-249.658686", "half of the machines' time is left to it");
}

#[test]
fn a_commitment_that_saves_less_than_sustained_use_is_said_to_lose() {
    let w = Workload { node_type: Some("n1-standard-16".into()), ..replicas(1, 15_000, 30_720) };
    let group = ask(Platform::ComputeEngine, "us-central1", "flex-cud-1y").group(std::slice::from_ref(&w));
    assert!(codes(&group.estimates[0].bill.warnings).contains(&"commitment/loses"));
    let group = ask(Platform::ComputeEngine, "us-central1", "flex-cud-3y").group(std::slice::from_ref(&w));
    assert!(!codes(&group.estimates[0].bill.warnings).contains(&"commitment/loses"));
}

#[test]
fn shared_core_machines_are_committed_by_what_they_are_billed_for() {
    let w = Workload { node_type: Some("e2-medium".into()), ..replicas(1, 500, 1024) };
    let group = ask(Platform::ComputeEngine, "asia-northeast3", "cud-1y").group(&[w]);
    let hours: Vec<String> = group.estimates[0].bill.lines.iter().map(|l| l.in_unit(l.priced).to_string()).collect();
    assert_eq!(hours, ["730", "2920"], "1 vCPU and 4 GiB");
}

#[test]
fn gpus_stay_at_list_price_under_a_resource_commitment() {
    let w = Workload { node_type: Some("a2-highgpu-1g".into()), ..replicas(1, 1000, 1024) };
    let group = ask(Platform::ComputeEngine, "us-central1", "cud-1y").group(std::slice::from_ref(&w));
    if group.status == Status::Priced {
        let labels: Vec<&str> = group.estimates[0].bill.lines.iter().map(|l| l.label).collect();
        assert_eq!(labels, ["vCPU, committed", "Memory, committed", "GPUs and local disks"]);
    }
    let missing = ask(Platform::ComputeEngine, "us-central1", "flex-cud-1y").missing(&w);
    assert_eq!(missing, ["gcp/compute-engine/a2-highgpu-1g.flex-cud-1y"]);
}

/// Google's example 1: the free tier comes off after the discount, whole.
#[test]
fn a_flexible_commitment_on_a_worker_pool_is_googles_own_example() {
    let w = replicas(1, 1000, 512);
    let pool = |purchase| ask(Platform::CloudRunWorkerPool, "europe-west1", purchase);
    assert_eq!(pool("flex-cud-3y").exact(&w), "11.612903264");
    assert_eq!(pool("on-demand").exact(&w), "25.952033384");
}

/// Google's example 3: 1 dollar an hour of list price committed at 17 % off, in an hour that costs 1.50.
#[test]
fn cloud_runs_own_commitment_covered_a_dollar_for_83_cents_until_it_was_retired() {
    let w = replicas(1, 1000, 512);
    let own = ask(Platform::CloudRunInstance, "us-central1", "cud-1y");
    assert_eq!(own.missing(&w), ["gcp/commitment/cloud-run-cud-1y"], "no longer sold");
    let before = Ask { day: "2026-02-01", ..own };
    let lines = before.lines(&w);
    assert_eq!(lines[0], ("vCPU, committed", "39.26232".into()), "0.00001494 a second");
}

#[test]
fn request_billed_services_save_17_percent_under_a_flexible_commitment() {
    let w = Workload { vcpu: Some(MilliVcpu(1000)), ..replicas(1, 1000, 512) };
    let group = |purchase| ask(Platform::CloudRun, "us-central1", purchase).group(std::slice::from_ref(&w));
    let (list, flex) = (group("on-demand"), group("flex-cud-1y"));
    let vcpu = |g: &Group<'_>| g.estimates[0].bill.lines[0].unit_price;
    assert_eq!(vcpu(&flex), vcpu(&list) * Decimal::from_str_exact("0.83").unwrap());
}

#[test]
fn runs_are_not_in_every_hour_and_are_covered_only_by_a_stated_amount() {
    let demand = Demand::Runs(Runs { runs: 100, tasks: 1, duration: Micros(3600 * 1_000_000) });
    let w = Workload { demand, ..replicas(1, 1000, 2048) };
    let plan = ask(Platform::EcsFargate, "us-east-1", "sp-1y-no-upfront");
    assert_eq!(plan.exact(&w), ask(Platform::EcsFargate, "us-east-1", "on-demand").exact(&w));
    let stated = plan.commit("0.001").group(&[w]);
    assert!(codes(&stated.estimates[0].bill.assumptions).contains(&"commitment/runs-spread"));
}

#[test]
fn an_option_of_the_other_provider_has_no_price() {
    let w = replicas(1, 1000, 2048);
    let missing = ask(Platform::EcsFargate, "us-east-1", "cud-1y").missing(&w);
    assert_eq!(missing, ["aws/fargate/linux-x86.vcpu.cud-1y"]);
    let missing = ask(Platform::AppRunner, "us-east-1", "sp-1y-no-upfront").missing(&w);
    assert!(missing[0].starts_with("aws/apprunner/") && missing[0].ends_with(".sp-1y-no-upfront"), "{missing:?}");
}

#[test]
fn the_best_is_the_cheapest_of_all_that_are_priced() {
    let w = replicas(4, 1000, 2048);
    for (platform, region) in [
        (Platform::EcsFargate, "us-east-1"),
        (Platform::EksEc2, "ap-northeast-2"),
        (Platform::GkeAutopilot, "asia-northeast3"),
        (Platform::CloudRunInstance, "us-central1"),
        (Platform::AppRunner, "us-east-1"),
    ] {
        let best = ask(platform, region, "best").group(std::slice::from_ref(&w));
        let all = Purchase::ALL.iter().map(|p| ask(platform, region, p.id()).group(std::slice::from_ref(&w)));
        let least = all.filter(|g| g.status == Status::Priced).map(|g| g.totals.exact).min();
        assert_eq!(Some(best.totals.exact), least, "{}", platform.id());
    }
}

#[test]
fn several_workloads_share_one_commitment() {
    let (web, batch) =
        (replicas(2, 1000, 2048), hours(176, Workload { name: "batch".into(), ..replicas(8, 1000, 2048) }));
    let group = ask(Platform::EcsFargate, "us-east-1", "sp-1y-no-upfront").group(&[web, batch]);
    let labels = |n: usize| group.estimates[n].bill.lines.iter().map(|l| l.label).collect::<Vec<_>>();
    assert_eq!(labels(0), ["vCPU, committed", "Memory, committed"], "the lowest hourly usage");
    assert_eq!(labels(1), ["vCPU", "Memory"]);
}

#[test]
fn a_commitment_never_takes_a_canary_for_something_that_always_runs() {
    let canary = Canary { share: (10, 100), time: Micros(2 * MICROS_PER_HOUR) };
    let w = Workload { canary: Some(canary), ..replicas(1, 1000, 2048) };
    let fargate = ask(Platform::EcsFargate, "us-east-1", "sp-1y-no-upfront").lines(&w);
    let labels: Vec<&str> = fargate.iter().map(|(label, _)| *label).collect();
    assert_eq!(labels, ["vCPU, committed", "Memory, committed", "vCPU (canary)", "Memory (canary)"]);
    // Two hours at list price: 0.04048 a vCPU-hour, 0.004445 a GiB-hour.
    assert_eq!(fargate[2].1, "0.08096");
    assert_eq!(fargate[3].1, "0.01778");
}
