//! Calendar years against the built-in prices: a year is what its twelve months are, one by one.

use wharfage_core::{
    Money, PriceBook,
    calendar::{self, Year, YearGroup},
    demand::{Demand, Per, RequestRate, Traffic},
    estimate::{Rounding, Status},
    period::Period,
    platform::Platform,
    pricing::{Group, Place, Settings, group},
    purchase::Purchase,
    quantity::{Mib, Micros, MilliVcpu},
    workload::{NodeDisk, Switch, Workload},
};

fn year(n: i16) -> Year {
    let like = Period { label: String::new(), time: Micros(0), month_hours: 730, whole_month_hours: (672, 744) };
    Year::new(n, &like).unwrap()
}

fn settings(book: &PriceBook<'_>, period: &Period, rounding: Rounding) -> Settings {
    Settings { day: book.edition().date, period: period.clone(), free_tier: Switch::On, rounding, commit: None }
}

fn seoul(book: &PriceBook<'static>) -> Place<'static> {
    let region = |id| book.region(id);
    Place { name: "seoul".into(), aws: region("ap-northeast-2"), gcp: region("asia-northeast3") }
}

fn of_year(platform: Platform, rounding: Rounding, year: &Year, all: &[Workload]) -> YearGroup<'static> {
    let book = wharfage_prices::book();
    let settings = settings(&book, &year.whole, rounding);
    calendar::group(&book, &settings, year, platform, &seoul(&book), Purchase::OnDemand, all).unwrap()
}

fn alone(platform: Platform, rounding: Rounding, month: &Period, all: &[Workload]) -> Group<'static> {
    let book = wharfage_prices::book();
    group(&book, &settings(&book, month, rounding), platform, &seoul(&book), Purchase::OnDemand, all).unwrap()
}

fn sized(demand: Demand) -> Workload {
    Workload { vcpu: Some(MilliVcpu(500)), memory: Some(Mib(1024)), ..Workload::new("web", demand) }
}

/// Requests that come so many a month.
fn monthly(requests: u128, seconds: u64, concurrency: u64) -> Workload {
    let requests = RequestRate { micro_requests: requests * 1_000_000, per: Per::Month };
    let duration = Micros(seconds * 1_000_000);
    let traffic = Traffic { requests, peak: None, duration, min_instances: 0, target: (6, 10) };
    Workload { concurrency: Some(concurrency), ..sized(Demand::Traffic(traffic)) }
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

/// Each month's cost of the line with a label.
fn months_of(g: &YearGroup<'_>, label: &str) -> Vec<Money> {
    let lines = &g.group.estimates[0].bill.lines;
    let at = lines.iter().position(|l| l.label == label).unwrap_or_else(|| panic!("{label} in {lines:?}"));
    g.estimates[0].lines[at].clone()
}

#[test]
fn a_year_of_a_task_is_its_twelve_months_priced_alone() {
    let tasks = [sized(Demand::Replicas { count: 3 })];
    for rounding in Rounding::ALL {
        for n in [2027, 2028] {
            let y = year(n);
            let whole = of_year(Platform::EcsFargate, rounding, &y, &tasks);
            let months: Vec<_> =
                y.months.iter().map(|m| alone(Platform::EcsFargate, rounding, m, &tasks).totals).collect();
            assert_eq!(whole.months.iter().map(|m| m.totals).collect::<Vec<_>>(), months);
            let exact = Money::sum(months.iter().map(|m| m.exact)).unwrap();
            let total = Money::sum(months.iter().map(|m| m.total)).unwrap();
            let total = if rounding == Rounding::Exact { exact.round_to_cents() } else { total };
            assert_eq!((whole.group.totals.exact, whole.group.totals.total), (exact, total), "{n}");
        }
    }
    // 3 × (0.5 × 0.04656 + 0.00511) an hour for 8,760 hours.
    let whole = of_year(Platform::EcsFargate, Rounding::Invoice, &year(2027), &tasks);
    assert_eq!(whole.group.totals.exact, money("746.0892"));
    // Cents by month: 7 × (51.96 + 11.41) + 4 × (50.28 + 11.04) + 46.93 + 10.30.
    assert_eq!(whole.group.totals.total, money("746.10"));
}

#[test]
fn the_credit_of_a_cluster_is_given_month_by_month() {
    let pods = [sized(Demand::Replicas { count: 1 })];
    let whole = of_year(Platform::GkeAutopilot, Rounding::Invoice, &year(2027), &pods);
    let credit = whole.group.estimates[0].bill.lines.iter().find(|l| l.label == "GKE free tier").unwrap();
    assert_eq!((credit.in_unit(credit.consumed).to_string(), credit.cost), ("892.8".into(), money("-876")));
    let given = months_of(&whole, "GKE free tier");
    assert_eq!(given[..4], [money("-74.4"), money("-67.2"), money("-74.4"), money("-72")]);
    let fees = months_of(&whole, "Cluster");
    assert!(given.iter().zip(fees).all(|(credit, fee)| *credit == -fee));
}

#[test]
fn a_free_part_that_one_month_leaves_over_is_not_the_next_ones() {
    // The free part of a month is whole in each of them, and a monthly count is too.
    let service = [monthly(5_000_000, 1, 80)];
    let whole = of_year(Platform::CloudRun, Rounding::Invoice, &year(2027), &service);
    let given = months_of(&whole, "Free tier, vCPU");
    assert!(given.iter().all(|g| *g == given[0] && *g < Money::ZERO), "{given:?}");
    let requests = months_of(&whole, "Requests");
    assert!(requests.iter().all(|r| *r == money("2")), "{requests:?}");
}

#[test]
fn nodes_are_of_one_type_all_year_and_the_cheapest_of_what_months_would_choose() {
    // February's mean rate needs a fifth replica, and alone another machine.
    let service = [monthly(8_000_000, 3, 4)];
    let y = year(2027);
    let whole = of_year(Platform::Ec2, Rounding::Invoice, &y, &service);
    let bill = &whole.group.estimates[0].bill;
    let machines: Vec<&str> = bill.lines.iter().filter(|l| l.label == "Machine").map(|l| &*l.sku).collect();
    assert_eq!(machines, ["aws/ec2/c5a.large"]);
    assert!(bill.assumptions.iter().any(|n| n.code == "period/one-machine-type"), "{:?}", bill.assumptions);
    let choice = |m: &Period| alone(Platform::Ec2, Rounding::Invoice, m, &service).estimates.remove(0);
    let mut types: Vec<String> = y.months.iter().map(|m| choice(m).bill.lines[0].sku.to_string()).collect();
    types.sort();
    types.dedup();
    assert!(types.len() > 1, "{types:?}");
    for sku in types {
        let named = Workload { node_type: sku.rsplit('/').next().map(str::to_owned), ..service[0].clone() };
        let other = of_year(Platform::Ec2, Rounding::Invoice, &y, &[named]);
        assert!(whole.group.totals.exact <= other.group.totals.exact, "{sku}");
    }
}

#[test]
fn one_type_all_year_is_told_of_committed_machines_too() {
    // One large machine and its one disk cost less than two smaller ones in February only.
    let book = wharfage_prices::book();
    let tokyo = Place { name: "tokyo".into(), aws: book.region("ap-northeast-1"), gcp: book.region("asia-northeast1") };
    let demand = Demand::Replicas { count: 10 };
    let pods = [Workload { vcpu: Some(MilliVcpu(10_600)), memory: Some(Mib(24_320)), ..Workload::new("web", demand) }];
    let (y, purchase) = (year(2027), Purchase::from_id("flex-cud-1y").unwrap());
    let settings = settings(&book, &y.whole, Rounding::Invoice);
    let whole = calendar::group(&book, &settings, &y, Platform::GkeStandard, &tokyo, purchase, &pods).unwrap();
    let notes = &whole.group.estimates[0].bill.assumptions;
    assert!(notes.iter().any(|n| n.code == "period/one-machine-type"), "{notes:?}");
}

#[test]
fn what_can_not_run_in_one_month_can_not_run_all_year() {
    let too_few = Workload {
        node_type: Some("c5a.large".into()),
        nodes: Some(1),
        node_disk: Some(NodeDisk::None),
        ..monthly(8_000_000, 3, 4)
    };
    let whole = of_year(Platform::Ec2, Rounding::Invoice, &year(2027), &[too_few]);
    let e = &whole.group.estimates[0];
    assert_eq!((e.status, e.bill.lines.len(), e.totals.exact), (Status::Infeasible, 0, Money::ZERO));
    assert!(e.reasons.iter().any(|r| r.to_string().ends_with("(in 2027-02)")), "{:?}", e.reasons);
}
