//! Simulated platforms and their bills: what is metered is what an estimate of the same usage prices, to the last digit.

use wharfage_api::{
    csv, read, respond,
    response::{EstimateResponse, LineOut},
    simulate::{self, RunOut, SimulateResponse},
};

/// The lesson's service, smaller, with what is said of the simulation.
fn asked(head: &str, simulate: &str, workload: &str) -> SimulateResponse {
    let text = format!(
        "region = \"us-east-1\"\n{head}\n[simulate]\n{simulate}\n[[workload]]\nvcpu = 0.5\nmemory = \"1GiB\"\n{workload}\n"
    );
    let (request, _) = read::request("inline.toml", &text).unwrap();
    simulate::respond(&request, &wharfage_prices::book(), &simulate::no_files).unwrap()
}

fn estimated(head: &str, workload: &str) -> EstimateResponse {
    let text = format!("region = \"us-east-1\"\n{head}\n[[workload]]\nvcpu = 0.5\nmemory = \"1GiB\"\n{workload}\n");
    let (request, _) = read::request("inline.toml", &text).unwrap();
    respond(&request, &wharfage_prices::book()).unwrap()
}

/// What a bill says in numbers.
fn figures(lines: &[LineOut]) -> Vec<[&str; 4]> {
    lines.iter().map(|l| [l.sku.as_str(), l.priced.as_str(), l.unit_price.as_str(), l.cost.as_str()]).collect()
}

/// Usage of a run as a person types it in.
fn typed(run: &RunOut) -> String {
    let m = &run.bill.as_ref().unwrap().metered;
    let node = m.node_type.as_ref().map_or_else(String::new, |t| format!("node_type = \"{t}\"\n"));
    format!(
        "instance_time = \"{}us\"\nidle_time = \"{}us\"\nrequest_count = {}\nmost_instances = {}\n{node}",
        m.billed_us, m.idle_billed_us, m.requests, m.most
    )
}

const PLATFORMS: &str = "cloud-run,cloud-run-instance,ecs-fargate,ecs-express,eks-fargate,app-runner,gke-autopilot,ecs-ec2,\
                         ecs-managed-instances,eks-ec2,eks-auto,ec2,gke-standard,compute-engine";

#[test]
fn a_simulated_bill_is_that_of_the_same_usage_typed_in_by_hand() {
    let head = format!("platform = \"{PLATFORMS}\"");
    let simulation =
        "horizon = \"6h\"\narrivals = \"burst:base=2/s,factor=30,every=1h,for=60s\"\nservice = \"exp:300ms\"";
    let answer = asked(&head, simulation, "concurrency = 8\nmin_instances = 1");
    assert_eq!(answer.runs.len(), PLATFORMS.split(',').count());
    for run in &answer.runs {
        let platform = run.platform.as_deref().unwrap();
        let bill = run.bill.as_ref().unwrap();
        assert_eq!(run.served + run.rejected, run.requests, "{platform}");
        let by_hand = estimated(&format!("platform = \"{platform}\"\nperiod = \"6h\""), &typed(run));
        let total = &by_hand.totals[0];
        assert_eq!(bill.total_exact, total.sums.total_exact, "{platform}");
        assert_eq!(bill.total, total.sums.total, "{platform}");
        assert_eq!(figures(&bill.lines), figures(&by_hand.estimates[0].lines), "{platform}");
    }
}

#[test]
fn a_fleet_that_is_always_on_costs_what_an_estimate_of_its_replicas_says() {
    let head = "platform = \"ecs-fargate,eks-fargate,gke-autopilot,cloud-run-instance\"\nperiod = \"30d\"";
    let answer =
        asked(head, "horizon = \"30d\"\narrivals = \"poisson:1/min\"\nservice = \"exp:300ms\"", "replicas = 3");
    let estimates = estimated(head, "replicas = 3");
    for (run, total) in answer.runs.iter().zip(&estimates.totals) {
        assert_eq!(run.policy, "always-on");
        let bill = run.bill.as_ref().unwrap();
        assert_eq!(bill.total_exact, total.sums.total_exact, "{}", total.platform);
        assert_eq!(bill.monthly_total_exact, total.sums.total_exact, "{}", total.platform);
    }
}

#[test]
fn a_month_is_the_simulated_time_scaled_and_then_has_its_credits_once() {
    let head = "platform = \"cloud-run\"\nperiod = \"720h\"";
    let answer = asked(
        head,
        "horizon = \"24h\"\narrivals = \"constant:1/s\"\nservice = \"const:100ms\"\ncold_start = \"const:0s\"",
        "concurrency = 1",
    );
    let bill = answer.runs[0].bill.as_ref().unwrap();
    assert_eq!(bill.metered.billed_us, 86_400 * 100_000);
    let monthly = estimated(head, "concurrency = 1\ninstance_time = \"259200s\"\nrequest_count = 2592000");
    assert_eq!(bill.monthly_total_exact, monthly.totals[0].sums.total_exact);
    assert_eq!(figures(&bill.monthly_lines), figures(&monthly.estimates[0].lines));
}

#[test]
fn a_platform_that_cannot_run_the_workload_is_named_with_its_reason() {
    let head = "platform = \"cloud-run-job,app-runner,cloud-run\"";
    let answer = asked(head, "horizon = \"1h\"", "requests = \"1/s\"\nduration = \"80ms\"\narch = \"arm\"");
    let refused: Vec<&str> = answer.refused.iter().map(|r| r.platform.as_str()).collect();
    assert_eq!(refused, ["cloud-run-job", "app-runner", "cloud-run"]);
    assert!(answer.refused.iter().all(|r| !r.reasons.is_empty() && r.status == "infeasible"));
    assert!(answer.runs.is_empty());
}

#[test]
fn sheets_tell_runs_of_one_autoscaler_apart_and_have_their_bills() {
    let head = "platform = \"gke-autopilot,eks-ec2\"\npurchase = \"on-demand,spot\"";
    let simulation = "horizon = \"1h\"\narrivals = \"poisson:2/s\"\nservice = \"exp:300ms\"\nevery = \"30min\"";
    let answer = asked(head, simulation, "concurrency = 8");
    let cells = |sheet: &str, names: &[&str]| -> Vec<Vec<String>> {
        let rows: Vec<Vec<String>> = sheet.lines().map(|l| l.split(',').map(str::to_owned).collect()).collect();
        let at: Vec<usize> = names.iter().map(|name| rows[0].iter().position(|n| n == name).unwrap()).collect();
        rows[1..].iter().map(|row| at.iter().map(|n| row[*n].clone()).collect()).collect()
    };
    let told = |run: &RunOut| [&run.platform, &run.region, &run.purchase].map(|t| t.clone().unwrap_or_default());
    let runs = cells(&csv::runs(&answer), &["platform", "region", "purchase", "total_exact", "monthly_total"]);
    assert_eq!(runs.len(), 4);
    for (row, run) in runs.iter().zip(&answer.runs) {
        let bill = run.bill.as_ref().unwrap();
        assert_eq!(row[..3], told(run));
        assert_eq!(row[3..], [&bill.total_exact, &bill.monthly_total].map(|t| t.clone().unwrap_or_default()));
    }
    let counts = cells(&csv::series(&answer), &["platform", "region", "purchase", "at_s", "nodes"]);
    let want: Vec<Vec<String>> = answer
        .runs
        .iter()
        .flat_map(|run| run.series.iter().map(move |s| (run, s)))
        .map(|(run, s)| {
            let nodes = s.nodes.map_or_else(String::new, |n| n.to_string());
            told(run).into_iter().chain([s.at_s.clone(), nodes]).collect()
        })
        .collect();
    assert_eq!(counts, want);
    assert!(counts.iter().any(|row| row[4].is_empty()) && counts.iter().any(|row| !row[4].is_empty()));
}

#[test]
fn regions_and_purchase_options_share_a_simulation() {
    let head = "platform = \"ecs-fargate\"\npurchase = \"on-demand,spot\"";
    let simulation = "horizon = \"2h\"\narrivals = \"poisson:2/s\"\nservice = \"exp:300ms\"";
    let one = asked("platform = \"ecs-fargate\"", simulation, "concurrency = 8");
    let both = asked(head, simulation, "concurrency = 8");
    assert_eq!(one.events, both.events);
    let total = |run: &RunOut| run.bill.as_ref().unwrap().total_exact.clone();
    assert_eq!(total(&one.runs[0]), total(&both.runs[0]));
    assert_eq!(both.runs[0].usage, both.runs[1].usage);
    assert_ne!(total(&both.runs[0]), total(&both.runs[1]));
}

#[test]
fn an_answer_reads_back_as_it_was_written() {
    let answer = asked("platform = \"cloud-run\"", "horizon = \"10m\"", "requests = \"1/s\"\nduration = \"80ms\"");
    let text = wharfage_api::response::to_json(&answer);
    assert_eq!(serde_json::from_str::<SimulateResponse>(&text).unwrap(), answer);
}

#[test]
fn the_cheapest_choice_that_keeps_a_goal_is_found_among_ranges() {
    let simulation = "horizon = \"30m\"\narrivals = \"poisson:40/s\"\nservice = \"exp:200ms\"\nslo = \"p95=700ms\"";
    let answer = asked("platform = \"ecs-fargate\"", simulation, "replicas = \"1..20\"\nconcurrency = \"1,4\"");
    let slo = answer.slo.as_ref().unwrap();
    let chosen: Vec<_> = slo.candidates.iter().filter(|c| c.chosen).collect();
    assert_eq!(chosen.len(), 1);
    let (chosen, run) = (chosen[0], &answer.runs[0]);
    assert!(chosen.keeps && run.latency_ms.p95.parse::<f64>().unwrap() <= 700.0);
    assert_eq!((chosen.concurrency, chosen.replicas, run.concurrency), (4, Some(3), 4));
    // Brute force: every choice by itself.
    for concurrency in [1, 4] {
        for replicas in 1..=20 {
            let one = asked(
                "platform = \"ecs-fargate\"",
                &simulation.replace("slo", "# slo"),
                &format!("replicas = {replicas}\nconcurrency = {concurrency}"),
            );
            let one = &one.runs[0];
            let cheaper = one.bill.as_ref().unwrap().monthly_total_exact.as_deref().unwrap().parse::<f64>().unwrap()
                < run.bill.as_ref().unwrap().monthly_total_exact.as_deref().unwrap().parse::<f64>().unwrap();
            let keeps = one.latency_ms.p95.parse::<f64>().unwrap() <= 700.0;
            assert!(!(cheaper && keeps), "{replicas} of {concurrency} keep the goal at less");
        }
    }
}

#[test]
fn a_goal_that_nothing_keeps_is_told_with_what_came_nearest() {
    let simulation = "horizon = \"10m\"\narrivals = \"poisson:10/s\"\nservice = \"exp:200ms\"\nslo = \"p50=1ms\"";
    let answer = asked("platform = \"cloud-run\"", simulation, "min_instances = \"0..3\"");
    let slo = answer.slo.unwrap();
    assert!(slo.candidates.iter().all(|c| !c.keeps && !c.chosen));
    assert_eq!(answer.runs.len(), 1);
}

#[test]
fn parameters_of_autoscalers_are_set_by_a_table_and_told() {
    let head = "platform = \"cloud-run,ecs-fargate,eks-fargate\"";
    let model = "horizon = \"2h\"\narrivals = \"burst:base=2/s,factor=30,every=1h,for=10m\"\nservice = \"exp:300ms\"";
    let table = "[simulate.autoscaler]\nidle-after = \"1m\"\nscale_in_cooldown = \"0s\"\n\
                 [simulate.autoscaler.ecs-target-tracking]\nscale-in-datapoints = 3\n\
                 [simulate.autoscaler.hpa]\nscale-down-stabilisation = \"1m\"\n";
    let (plain, set) =
        (asked(head, model, "concurrency = 4"), asked(head, &format!("{model}\n{table}"), "concurrency = 4"));
    let told = [
        "idle-after=1m, as it was set for cloud-run (--autoscaler)",
        "scale-in-datapoints=3, scale-in-cooldown=0s, as it was set for ecs-target-tracking (--autoscaler)",
        "scale-down-stabilisation=1m, as it was set for hpa (--autoscaler)",
    ];
    for ((plain, set), told) in plain.runs.iter().zip(&set.runs).zip(told) {
        let held = |run: &RunOut| run.usage.held_us;
        assert!(held(set) < held(plain), "{told}: {} and {} us", held(set), held(plain));
        assert!(set.assumptions.iter().any(|a| a == told), "{told}: {:?}", set.assumptions);
        assert!(!plain.assumptions.iter().any(|a| a.ends_with("(--autoscaler)")));
    }
}

#[test]
fn a_parameter_of_one_autoscaler_does_not_keep_a_goal_from_the_others() {
    let model = "horizon = \"10m\"\narrivals = \"poisson:5/s\"\nservice = \"exp:300ms\"\nslo = \"p99=60s\"";
    let table = "[simulate.autoscaler]\nidle-after = \"1m\"\nscale-in-cooldown = \"0s\"";
    let answer =
        asked("platform = \"cloud-run,ecs-fargate\"", &format!("{model}\n{table}"), "min_instances = \"1..2\"");
    assert_eq!(answer.runs.len(), 2);
    assert!(answer.runs.iter().all(|run| run.assumptions.iter().any(|a| a.ends_with("(--autoscaler)"))));
}

#[test]
fn requests_share_the_vcpu_that_an_instance_is_billed_as() {
    let model = "horizon = \"10m\"\narrivals = \"constant:1/s\"\nservice = \"const:100ms\"\ncpu_time = \"all\"\ncold_start = \"const:0s\"";
    // Half a vCPU serves one request at a time on Cloud Run; for several it is raised to a whole one.
    for (concurrency, p50, told) in [(1, 200.0, None), (8, 100.0, Some("1 vCPU"))] {
        let answer = asked("platform = \"cloud-run\"", model, &format!("concurrency = {concurrency}"));
        let run = &answer.runs[0];
        assert_eq!(run.latency_ms.p50.parse::<f64>().unwrap().round(), p50, "concurrency {concurrency}");
        let shared = |vcpu| format!("requests share {vcpu} of an instance, as it is billed (--cpu-time)");
        assert_eq!(run.assumptions.iter().find(|a| a.starts_with("requests share")), told.map(shared).as_ref());
    }
}
