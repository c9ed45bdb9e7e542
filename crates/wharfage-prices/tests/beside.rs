//! What stands beside the compute, against the built-in prices: the worked examples to the last digit.

use wharfage_core::{
    PriceBook,
    beside::{Beside, ByteRate},
    demand::{Demand, Per, RequestRate, Runs},
    estimate::{Estimate, Factor, LineItem, Rounding, SHARED, Status},
    period::Period,
    platform::Platform,
    pricing::{Group, Place, Settings, group},
    purchase::Purchase,
    quantity::{
        Data, Dimension, MICROS_PER_HOUR, MONTH, MemoryTime, Mib, Micros, MilliVcpu, PER_MICRO, Quantity, StorageTime,
        ThingTime, VcpuTime,
    },
    workload::{LoadBalancer, Switch, With, Workload},
};

struct Case {
    book: PriceBook<'static>,
    platform: Platform,
    region: &'static str,
    hours: u64,
    free_tier: Switch,
}

fn on(platform: Platform, region: &'static str, hours: u64) -> Case {
    Case { book: wharfage_prices::book(), platform, region, hours, free_tier: Switch::On }
}

impl Case {
    fn without_free_tier(self) -> Self {
        Self { free_tier: Switch::Off, ..self }
    }

    fn group(&self, workloads: &[Workload]) -> Group<'static> {
        let time = Micros(self.hours * MICROS_PER_HOUR);
        let settings = Settings {
            day: self.book.edition().date,
            period: Period { label: String::new(), time, month_hours: 730, whole_month_hours: (672, 744) },
            free_tier: self.free_tier,
            rounding: Rounding::Invoice,
            commit: None,
        };
        let region = self.book.region(self.region);
        let (aws, gcp) = if self.platform.provider() == "aws" { (region, None) } else { (None, region) };
        let place = Place { name: "here".into(), aws, gcp };
        group(&self.book, &settings, self.platform, &place, Purchase::OnDemand, workloads).unwrap()
    }

    fn estimate(&self, beside: Beside) -> Estimate<'static> {
        self.group(&[workload(beside)]).estimates.remove(0)
    }
}

fn workload(beside: Beside) -> Workload {
    replicas(1, beside)
}

fn replicas(count: u64, beside: Beside) -> Workload {
    Workload {
        vcpu: Some(MilliVcpu(250)),
        memory: Some(Mib(512)),
        beside,
        ..Workload::new("web", Demand::Replicas { count })
    }
}

fn gib(n: u64) -> Option<Mib> {
    Some(Mib(n * 1024))
}

/// The exact sum of the lines whose sku starts so.
fn cost(e: &Estimate<'_>, sku: &str) -> String {
    e.bill.cost_of(|l| l.sku.starts_with(sku)).unwrap().to_string()
}

fn line<'e>(e: &'e Estimate<'static>, sku: &str) -> Option<&'e LineItem<'static>> {
    e.bill.lines.iter().find(|l| l.sku == sku)
}

fn codes(e: &Estimate<'_>) -> Vec<String> {
    e.bill.assumptions.iter().chain(&e.bill.not_priced).map(|n| n.code.to_string()).collect()
}

fn missing(e: &Estimate<'_>) -> Vec<String> {
    e.bill.missing.iter().map(|m| m.missing.key.clone()).collect()
}

/// The load of the load-balancing page's first example, but for its requests.
fn balanced() -> Beside {
    Beside {
        lb_rules: Some(60),
        lb_connections: Some(RequestRate { micro_requests: 1_000_000, per: Per::Time(Micros(1_000_000)) }),
        lb_active: Some(120),
        lb_bytes: Some(ByteRate { bytes: 300_000, per: Micros(1_000_000) }),
        ..Beside::default()
    }
}

/// Quantities of a real bill, in thousandths, at Singapore's prices of that month.
fn billed<D: Dimension>(key: &str, thousandths: u128, base_per_unit: u128) -> String {
    let book = wharfage_prices::book();
    let day = book.edition().date;
    let rate = book.rate::<D>(key, &["ap-southeast-1", "global"], day).unwrap();
    assert_eq!(thousandths * base_per_unit % 1000, 0, "{key}: not a whole number of base units");
    rate.charge(Quantity::new(thousandths * base_per_unit / 1000)).unwrap().to_string()
}

const HOUR: u128 = MICROS_PER_HOUR as u128;
/// Of things.
const FINE_HOUR: u128 = HOUR * PER_MICRO as u128;

#[test]
fn a_real_bill_of_singapore_to_the_last_digit() {
    assert_eq!(billed::<VcpuTime>("aws/fargate/linux-x86.vcpu", 364_673, 1000 * HOUR), "18.43786688");
    assert_eq!(billed::<MemoryTime>("aws/fargate/linux-x86.memory", 729_347, 1024 * HOUR), "4.03328891");
    assert_eq!(billed::<ThingTime>("aws/nat/hour", 106_000, FINE_HOUR), "6.254");
    assert_eq!(billed::<ThingTime>("aws/ipv4/hour", 12_604_376, FINE_HOUR), "63.02188");
    assert_eq!(billed::<ThingTime>("aws/ipv4/hour", 95, FINE_HOUR), "0.000475");
    assert_eq!(billed::<StorageTime>("aws/ebs/gp3", 363_772, 1024 * u128::from(MONTH)), "34.922112");
}

#[test]
fn a_real_bill_s_data_is_printed_finer_than_a_mib() {
    // 301.134 GB and 0.975 GB are no whole MiB: a thousandth of the bill's price stands for a thousandth of its data.
    let book = wharfage_prices::book();
    let day = book.edition().date;
    let thousand = |key: &str, thousandths: u128| {
        let rate = book.rate::<Data>(key, &["ap-southeast-1"], day).unwrap();
        let cost = rate.charge(Quantity::new(thousandths * 1024)).unwrap().picos();
        assert_eq!(cost % 1000, 0);
        (cost / 1000).to_string()
    };
    assert_eq!(thousand("aws/nat/data", 301_134), "17766906000000");
    assert_eq!(thousand("aws/logs/ingest", 975), "682500000000");
}

#[test]
fn the_load_balancing_page_s_first_example() {
    for (region, hours, total) in [("us-west-2", "16.2", "22.4208"), ("eu-central-1", "19.44", "25.6608")] {
        let e = on(Platform::EcsFargate, region, 720).estimate(balanced());
        assert_eq!((e.status, cost(&e, "aws/alb/hour")), (Status::Priced, hours.into()));
        assert_eq!(cost(&e, "aws/alb/lcu"), "6.2208");
        assert_eq!(cost(&e, "aws/alb/"), total);
    }
}

#[test]
fn express_mode_has_its_hours_already_and_its_units_from_all_services() {
    let case = on(Platform::EcsExpress, "us-west-2", 720);
    let alone = case.estimate(balanced());
    assert_eq!(cost(&alone, "aws/alb/"), "22.4208");
    assert!(!codes(&alone).contains(&"not-priced/alb-lcu".to_owned()), "{:?}", codes(&alone));
    let other = Workload { name: "other".into(), ..workload(balanced()) };
    let both = case.group(&[workload(balanced()), other]);
    let shared = both.estimates.iter().find(|e| e.workload == SHARED).unwrap();
    assert_eq!(cost(shared, "aws/alb/hour"), "16.2");
    assert_eq!(cost(shared, "aws/alb/lcu"), "12.4416");
}

#[test]
fn a_partial_hour_of_a_load_balancer_is_a_whole_one() {
    let mut w = workload(Beside { load_balancer: Some(LoadBalancer::Alb), ..Beside::default() });
    w.hours = Some(Micros(MICROS_PER_HOUR));
    let e = on(Platform::EcsFargate, "us-west-2", 730).group(&[w]).estimates.remove(0);
    assert_eq!(cost(&e, "aws/alb/hour"), "16.425");
    assert!(codes(&e).contains(&"not-priced/alb-lcu".to_owned()));
}

#[test]
fn a_network_load_balancer_counts_no_rules() {
    let e = on(Platform::EcsFargate, "us-east-1", 730)
        .estimate(Beside { load_balancer: Some(LoadBalancer::Nlb), ..balanced() });
    assert_eq!((cost(&e, "aws/alb/"), cost(&e, "aws/nlb/hour")), ("0".into(), "16.425".into()));
    assert_eq!(cost(&e, "aws/nlb/nlcu"), "4.7304"); // 1.08 × 730 × 0.006
}

#[test]
fn google_s_first_five_forwarding_rules_have_one_fee() {
    let beside = Beside { load_balancer: Some(LoadBalancer::On), ..Beside::default() };
    let named = |n: usize| Workload { name: format!("web-{n}"), ..workload(beside.clone()) };
    let case = on(Platform::GkeAutopilot, "us-central1", 730);
    for (count, first, further) in [(1, "18.25", "0"), (5, "18.25", "0"), (7, "18.25", "14.6")] {
        let all: Vec<Workload> = (0..count).map(named).collect();
        let group = case.group(&all);
        let shared = group.estimates.last().unwrap();
        let sum = |sku: &str| shared.bill.cost_of(|l| l.sku == sku).unwrap().to_string();
        assert_eq!(
            (sum("gcp/lb/rule"), sum("gcp/lb/rule-additional")),
            (first.into(), further.into()),
            "{count} rules"
        );
    }
}

#[test]
fn tokyo_behind_nat_with_an_address() {
    let e = on(Platform::EcsFargate, "ap-northeast-1", 730).estimate(Beside {
        nat: gib(10),
        public_ipv4: Some(1),
        ..Beside::default()
    });
    assert_eq!((e.status, e.totals.exact.to_string()), (Status::Priced, "60.77565".into()));
    let mut hours = workload(Beside { public_ipv4: Some(1), ..Beside::default() });
    hours.hours = Some(Micros(60 * MICROS_PER_HOUR));
    let e = on(Platform::EcsFargate, "ap-northeast-1", 730).group(&[hours]).estimates.remove(0);
    assert_eq!(e.totals.exact.to_string(), "1.2243");
}

#[test]
fn a_month_of_a_nat_gateway() {
    let e = on(Platform::EcsFargate, "us-east-1", 730).estimate(Beside { nat: gib(100), ..Beside::default() });
    assert_eq!((cost(&e, "aws/nat/hour"), cost(&e, "aws/nat/data")), ("32.85".into(), "4.5".into()));
}

#[test]
fn cloud_nat_for_fourteen_machines_and_the_step_at_thirty_three() {
    let beside = Beside { nat: gib(100), ..Beside::default() };
    let case = on(Platform::GkeAutopilot, "us-central1", 720);
    let nat = |count| {
        let e = case.group(&[replicas(count, beside.clone())]).estimates.remove(0);
        let hours = e.bill.cost_of(|l| l.sku.starts_with("gcp/nat/hour")).unwrap();
        (hours.to_string(), hours.plus(e.bill.cost_of(|l| l.sku == "gcp/nat/data").unwrap()).unwrap().to_string())
    };
    assert_eq!(nat(14).1, "18.612");
    assert_eq!(nat(32).0, "32.256"); // 0.0448 an hour
    assert_eq!(nat(33).0, "31.68"); // 0.044 an hour
}

#[test]
fn cloud_nat_serves_a_task_only_while_it_runs() {
    let runs = Runs { runs: 720, tasks: 1, duration: Micros(MICROS_PER_HOUR / 60) };
    let job = Workload { demand: Demand::Runs(runs), ..workload(Beside { nat: gib(1), ..Beside::default() }) };
    let e = on(Platform::CloudRunJob, "us-central1", 720).group(&[job]).estimates.remove(0);
    assert_eq!(cost(&e, "gcp/nat/hour"), "0.0168"); // twelve hours in all
}

#[test]
fn tiers_of_singapore_after_the_free_part() {
    let e =
        on(Platform::EcsFargate, "ap-southeast-1", 730).estimate(Beside { egress: gib(134_281), ..Beside::default() });
    let tier = |bound: &str| line(&e, bound).map(|l| l.cost.to_string());
    assert_eq!(tier("aws/egress/internet@0"), Some("1228.8".into()));
    assert_eq!(tier("aws/egress/internet@10240"), Some("3481.6".into()));
    assert_eq!(tier("aws/egress/internet@51200"), Some("6804.442".into()));
    assert_eq!(cost(&e, "aws/egress/internet"), "11514.842");
    let free = line(&e, "aws/egress/free").unwrap();
    assert_eq!((free.cost.to_string(), free.in_unit(free.priced).to_string()), ("0".into(), "100".into()));
}

#[test]
fn tiers_of_seoul_without_the_free_part() {
    let e = on(Platform::EcsFargate, "ap-northeast-2", 730)
        .without_free_tier()
        .estimate(Beside { egress: gib(157_000), ..Beside::default() });
    let costs: Vec<String> =
        e.bill.lines.iter().filter(|l| l.sku.starts_with("aws/egress/")).map(|l| l.cost.to_string()).collect();
    assert_eq!(costs, ["1290.24", "4997.12", "11980.8", "367.2"]);
    assert_eq!(cost(&e, "aws/egress/internet"), "18635.36");
}

#[test]
fn workloads_share_tiers_and_the_free_part() {
    let case = on(Platform::EcsFargate, "ap-southeast-1", 730);
    let part = |name: &str, n| Workload {
        name: name.into(),
        ..workload(Beside { egress: gib(n), logs: gib(3), ..Beside::default() })
    };
    let both = case.group(&[part("a", 34_281), part("b", 100_000)]);
    let shared = both.estimates.iter().find(|e| e.workload == SHARED).unwrap();
    assert_eq!(cost(shared, "aws/egress/internet"), "11514.842");
    assert_eq!(cost(shared, "aws/logs/ingest"), "0.7"); // 6 GB, 5 of them free
    assert!(both.estimates[..2].iter().all(|e| cost(e, "aws/egress/") == "0"));
}

#[test]
fn cloud_run_has_its_continents_and_a_free_gib_in_one_of_them() {
    let egress =
        |region, n| on(Platform::CloudRun, region, 730).estimate(Beside { egress: gib(n), ..Beside::default() });
    let seoul = egress("asia-northeast3", 200);
    assert_eq!(cost(&seoul, "gcp/cloud-run/egress."), "24");
    // 1 free, 10,240 at the first price, 1,000 at the second.
    let iowa = egress("us-central1", 11_241);
    assert_eq!(cost(&iowa, "gcp/cloud-run/egress."), "1155.2");
    assert_eq!(line(&iowa, "gcp/cloud-run/egress.north-america.free").map(|l| l.priced), Some(1024));
    let africa = egress("africa-south1", 1);
    assert_eq!((africa.status, missing(&africa)), (Status::Partial, vec!["gcp/cloud-run/egress.africa@0".to_owned()]));
}

#[test]
fn a_byte_between_zones_is_billed_twice_on_aws_and_once_on_google() {
    let beside = Beside { inter_zone: gib(100), ..Beside::default() };
    let aws = on(Platform::EcsFargate, "us-east-1", 730).estimate(beside.clone());
    let gcp = on(Platform::GkeAutopilot, "us-central1", 730).estimate(beside);
    assert_eq!((cost(&aws, "aws/egress/inter-az"), cost(&gcp, "gcp/egress/inter-zone")), ("2".into(), "1".into()));
}

#[test]
fn images_are_kept_by_the_month_whatever_its_length() {
    let beside = Beside { image: gib(150), ..Beside::default() };
    for hours in [672, 730, 744] {
        let e = on(Platform::GkeAutopilot, "us-east1", hours).without_free_tier().estimate(beside.clone());
        assert_eq!(cost(&e, "gcp/artifact-registry/storage"), "15", "{hours} h");
        let e = on(Platform::GkeAutopilot, "us-east1", hours).estimate(beside.clone());
        assert_eq!(cost(&e, "gcp/artifact-registry/storage"), "14.95", "{hours} h");
    }
    let e = on(Platform::EcsFargate, "ap-northeast-2", 73).estimate(beside);
    assert_eq!(cost(&e, "aws/ecr/storage"), "1.5");
}

#[test]
fn an_event_without_a_price_is_missing_and_not_free() {
    let beside = Beside { events: Some(1_000_000), ..Beside::default() };
    let aws = on(Platform::EcsFargate, "us-east-1", 730).estimate(beside.clone());
    assert_eq!((aws.status, missing(&aws)), (Status::Partial, vec!["aws/eventbridge/events".to_owned()]));
    let gcp = on(Platform::CloudRun, "us-central1", 730).estimate(beside);
    assert_eq!(
        (gcp.status, line(&gcp, "gcp/eventarc/events").map(|l| l.cost.to_string())),
        (Status::Priced, Some("0".into()))
    );
}

#[test]
fn builds_beyond_the_free_minutes() {
    let w = Workload { build_minutes: Some(3000), ..workload(Beside::default()) };
    let e = on(Platform::CloudRun, "us-central1", 730).group(&[w]).estimates.remove(0);
    assert_eq!(cost(&e, "gcp/cloud-build/"), "3");
}

#[test]
fn the_network_default_shows_what_it_switched_on() {
    let beside = Beside { with: Some(With::Network), ..Beside::default() };
    let e = on(Platform::EcsExpress, "ap-northeast-2", 730).estimate(beside.clone());
    // two of the load balancer, one of the task
    assert_eq!(cost(&e, "aws/ipv4/hour"), "10.95");
    assert!(
        codes(&e).contains(&"beside/ipv4-default".to_owned()) && codes(&e).contains(&"beside/nat-default".to_owned())
    );
    let e = on(Platform::CloudRun, "asia-northeast3", 730).estimate(beside);
    assert!(e.bill.lines.iter().all(|l| l.sku.starts_with("gcp/cloud-run/")));
}

#[test]
fn what_is_priced_is_no_longer_listed_as_not_priced() {
    let all = Beside {
        egress: gib(1),
        inter_zone: gib(1),
        logs: gib(1),
        image: gib(1),
        nat: gib(1),
        public_ipv4: Some(1),
        ..balanced()
    };
    let e = on(Platform::EcsFargate, "us-east-1", 730).estimate(all);
    let left: Vec<&str> = e.bill.not_priced.iter().map(|n| n.code.as_ref()).collect();
    assert_eq!(left, ["not-priced/inter-region", "not-priced/logs-kept", "not-priced/image-pulls", "not-priced/tax"]);
}

#[test]
fn every_formula_comes_to_its_cost() {
    let all = Beside {
        egress: gib(20_000),
        inter_zone: gib(7),
        logs: gib(60),
        image: gib(3),
        nat: gib(5),
        public_ipv4: Some(2),
        events: Some(3),
        load_balancer: Some(LoadBalancer::On),
        service_connect: Some(Switch::On),
        ..balanced()
    };
    for (platform, region) in [(Platform::EcsFargate, "us-west-2"), (Platform::GkeAutopilot, "us-central1")] {
        for hours in [24, 100, 720, 730, 1000] {
            let e = on(platform, region, hours).estimate(all.clone());
            for l in &e.bill.lines {
                let product = l.factors.iter().map(|f| f.value).reduce(|a, b| a * b).unwrap();
                let per = Factor::new(l.unit.base_per_unit() / l.unit.base_per_plain(), "").value;
                let off = (product * l.unit_price / per - l.cost.to_decimal()).abs();
                assert!(off < "0.000000001".parse().unwrap(), "{} over {hours} h: off by {off}", l.sku);
            }
        }
    }
}
