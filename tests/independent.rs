//! The goldens computed a second time, in another language: `independent/price.py` reads each request and the frozen
//! book's tables, follows the providers' rules and must come to the same lines and totals, to the last digit.

use std::{collections::BTreeMap, fs, path::PathBuf, process::Command};

use serde::Deserialize;
use wharfage_api::response::EstimateResponse;
use wharfage_tests::{exact::Exact, golden::requests, root};

/// What the script says of one workload on one platform.
#[derive(Debug, Deserialize)]
struct Independent {
    workload: String,
    platform: String,
    region: String,
    purchase: String,
    status: String,
    lines: Vec<Line>,
    total: Option<String>,
    total_exact: Option<String>,
    /// of a year
    #[serde(default)]
    months: Vec<Month>,
}

/// What it says of one month of a year.
#[derive(Debug, Deserialize)]
struct Month {
    lines: Vec<Line>,
    total: Option<String>,
    total_exact: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Line {
    sku: String,
    cost: String,
}

/// The script's estimates of each request.
fn computed(files: &[PathBuf]) -> Vec<Vec<Independent>> {
    let script = root().join("tests/independent/price.py");
    let mut python = Command::new("python3");
    python.arg("-B").arg(script).args(files);
    let output = python.output().unwrap_or_else(|e| panic!("this test needs python3 (3.11 or later): {e}"));
    assert!(output.status.success(), "price.py failed:\n{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("price.py prints JSON")
}

fn key(texts: [&String; 4]) -> [&str; 4] {
    texts.map(String::as_str)
}

#[track_caller]
fn agrees(folder: &str) {
    let below = root().join("tests/golden").join(folder);
    let files: Vec<PathBuf> = requests().into_iter().filter(|file| file.starts_with(&below)).collect();
    assert!(files.len() >= 5, "{folder} has {} cases", files.len());
    for (file, computed) in files.iter().zip(computed(&files)) {
        let json = fs::read_to_string(file.with_file_name("expected.json")).expect("a golden has its expected.json");
        let expected: EstimateResponse = serde_json::from_str(&json).expect("expected.json is a response");
        compare(&file.display().to_string(), &expected, &computed);
    }
}

fn compare(file: &str, expected: &EstimateResponse, computed: &[Independent]) {
    let by_key: BTreeMap<_, _> =
        computed.iter().map(|c| (key([&c.workload, &c.platform, &c.region, &c.purchase]), c)).collect();
    assert_eq!(by_key.len(), expected.estimates.len(), "{file}: as many estimates");
    for e in &expected.estimates {
        let c = by_key[&key([&e.workload, &e.platform, &e.region, &e.purchase])];
        let at = format!("{file}: {} on {} in {}", e.workload, e.platform, e.region);
        assert_eq!(e.status, c.status, "{at}");
        let parsed = |text: Option<&String>| text.map(|t| Exact::parse(t));
        if expected.period.months.is_empty() {
            assert_eq!(costs(e.lines.iter().map(|l| (&l.sku, &l.cost))), theirs(&c.lines), "{at}");
        }
        assert_eq!(e.months.len(), c.months.len(), "{at}: months");
        for (n, (month, computed)) in e.months.iter().zip(&c.months).enumerate() {
            let at = format!("{at}: {}", month.period);
            assert_eq!(costs(e.lines.iter().map(|l| (&l.sku, &l.months[n]))), theirs(&computed.lines), "{at}");
            assert_eq!(parsed(month.sums.cents()), parsed(computed.total.as_ref()), "{at}: total");
            assert_eq!(parsed(month.sums.exact()), parsed(computed.total_exact.as_ref()), "{at}: exact total");
        }
        assert_eq!(parsed(e.sums.cents()), parsed(c.total.as_ref()), "{at}: total");
        assert_eq!(parsed(e.sums.exact()), parsed(c.total_exact.as_ref()), "{at}: exact total");
    }
}

fn theirs(lines: &[Line]) -> Vec<(&str, Exact)> {
    costs(lines.iter().map(|l| (&l.sku, &l.cost)))
}

/// Costs with their skus, in order. Whether nothing is a line of 0.00 or no line is a matter of display.
fn costs<'l>(lines: impl Iterator<Item = (&'l String, &'l String)>) -> Vec<(&'l str, Exact)> {
    let all = lines.map(|(sku, cost)| (sku.as_str(), Exact::parse(cost)));
    all.filter(|(_, cost)| *cost != Exact::ZERO).collect()
}

macro_rules! folders {
    ($($test:ident $folder:literal)*) => {$(
        #[test]
        fn $test() {
            agrees($folder);
        }
    )*};
}

folders! {
    ecs_fargate_comes_to_the_same "ecs-fargate"
    ecs_express_comes_to_the_same "ecs-express"
    eks_fargate_comes_to_the_same "eks-fargate"
    app_runner_comes_to_the_same "app-runner"
    cloud_run_comes_to_the_same "cloud-run"
    cloud_run_instance_comes_to_the_same "cloud-run-instance"
    cloud_run_job_comes_to_the_same "cloud-run-job"
    cloud_run_worker_pool_comes_to_the_same "cloud-run-worker-pool"
    gke_autopilot_comes_to_the_same "gke-autopilot"
    ec2_comes_to_the_same "ec2"
    ecs_ec2_comes_to_the_same "ecs-ec2"
    ecs_managed_instances_comes_to_the_same "ecs-managed-instances"
    eks_ec2_comes_to_the_same "eks-ec2"
    eks_auto_comes_to_the_same "eks-auto"
    gke_standard_comes_to_the_same "gke-standard"
    compute_engine_comes_to_the_same "compute-engine"
    commitments_come_to_the_same "commitment"
    what_stands_beside_comes_to_the_same "beside"
    comparisons_come_to_the_same "compare"
    calendar_years_come_to_the_same "calendar"
    metered_usage_comes_to_the_same "metered"
}
