//! `docs/schema` describes what the program reads and writes: it is generated from the types (re-bless with
//! `cargo xtask bless`), and real requests and answers fit it.

use std::{fs, path::PathBuf};

use boon::{Compiler, SchemaIndex, Schemas};
use expect_test::expect_file;
use serde_json::Value;
use wharfage_api::{
    break_even::BreakEvenResponse,
    diff::DiffResponse,
    prices::{CheckResponse, PricesDiffResponse},
    queue, read,
    recommend::RecommendResponse,
    response,
    settings::SettingsResponse,
    simulate,
};
use wharfage_tests::{golden, program, root, texts};

/// Writes a schema.
type Generate = fn() -> String;

/// Each schema's file and how it is generated.
const SCHEMAS: [(&str, Generate); 11] = [
    ("request", response::request_json_schema),
    ("response", response::json_schema),
    ("diagnostics", response::diagnostics_json_schema),
    ("diff", response::schema_of::<DiffResponse>),
    ("recommend", response::schema_of::<RecommendResponse>),
    ("break-even", response::schema_of::<BreakEvenResponse>),
    ("prices-diff", response::schema_of::<PricesDiffResponse>),
    ("prices-check", response::schema_of::<CheckResponse>),
    ("settings", response::schema_of::<SettingsResponse>),
    ("simulate", simulate::json_schema),
    ("queue", queue::json_schema),
];

#[test]
fn the_schemas_are_those_of_the_types() {
    for (name, generate) in SCHEMAS {
        let file = root().join("docs/schema").join(format!("{name}.schema.json"));
        expect_file![file].assert_eq(&generate());
    }
}

/// A schema that judges texts.
struct Judge {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Judge {
    fn new(generate: Generate) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("schema.json", serde_json::from_str(&generate()).unwrap()).unwrap();
        let index = compiler.compile("schema.json", &mut schemas).unwrap_or_else(|e| panic!("{e:#}"));
        Self { schemas, index }
    }

    #[track_caller]
    fn accepts(&self, what: &str, text: &str) {
        let value: Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{what}: {e}"));
        if let Err(e) = self.schemas.validate(&value, self.index) {
            panic!("{what} does not fit: {e:#}");
        }
    }

    fn refuses(&self, text: &str) -> bool {
        self.schemas.validate(&serde_json::from_str(text).unwrap(), self.index).is_err()
    }
}

#[test]
fn answers_fit_the_schema_whether_priced_or_not() {
    let judge = Judge::new(response::json_schema);
    for file in golden::requests() {
        let response = golden::response(&golden::request(&file));
        judge.accepts(&file.display().to_string(), &response::to_json(&response));
    }
    const SIZE: &str = "--vcpu 1 --memory 2GiB --replicas 1";
    for args in [
        "compare --region seoul --fx KRW=1385.20 --explain",
        "compare --region all --purchase on-demand,spot",
        "compare --region osaka --purchase spot --rounding exact --period 24h",
        "estimate --platform cloud-run-job --region seoul",
        "estimate --platform ecs-fargate --region ap-northeast-3 --purchase spot",
    ] {
        let args: Vec<&str> = args.split(' ').chain(SIZE.split(' ')).chain(["--format", "json"]).collect();
        judge.accepts(&args.join(" "), &program::run(&root(), &args).stdout);
    }
    assert!(judge.refuses(r#"{"schema": 1, "estimates": []}"#), "an answer without totals is none");
}

#[test]
fn simulations_fit_their_schema_with_and_without_intervals() {
    let judge = Judge::new(simulate::json_schema);
    const DEMAND: &str = "--arrivals poisson:1/s --service exp:1s --horizon 100s --format json";
    for args in [
        "simulate --policy scale-to-zero",
        "simulate --policy scale-to-zero,always-on --replicas 2 --replications 3",
        "simulate --policy always-on --replicas 1 --arrivals trace:examples/requests.csv --service trace --format json",
    ] {
        let demand = if args.contains("--arrivals") { "" } else { DEMAND };
        let args: Vec<&str> = args.split(' ').chain(demand.split_whitespace()).collect();
        judge.accepts(&args.join(" "), &program::run(&root(), &args).stdout);
    }
    assert!(judge.refuses(r#"{"schema": 1, "runs": []}"#));
}

#[test]
fn queues_fit_their_schema() {
    let judge = Judge::new(queue::json_schema);
    for rest in ["--servers 10", "--servers 10 --queue 5", "--servers unlimited", "--meet p95=3s"] {
        let args = format!("queue --arrivals poisson:8/s --service exp:1s {rest} --format json");
        let args: Vec<&str> = args.split(' ').collect();
        judge.accepts(rest, &program::run(&root(), &args).stdout);
    }
}

#[test]
fn break_evens_fit_their_schema_with_crossings_and_without() {
    let judge = Judge::new(response::schema_of::<BreakEvenResponse>);
    for rest in [
        "--vary requests --duration 80ms",
        "--vary replicas",
        "--vary replicas --platform app-runner,ecs-fargate --all-pairs",
    ] {
        let size = "break-even --region seoul --vcpu 1 --memory 2GiB --platform cloud-run,ecs-fargate --to";
        let to = if rest.contains("requests") { "50/s" } else { "50" };
        let args: Vec<&str> = size.split(' ').chain([to]).chain(rest.split(' ')).chain(["--format", "json"]).collect();
        judge.accepts(rest, &program::run(&root(), &args).stdout);
    }
    assert!(judge.refuses(r#"{"schema": 1, "crossings": []}"#));
}

#[test]
fn comparisons_and_recommendations_fit_their_schemas() {
    for (folder, generate) in [
        ("diff", response::schema_of::<DiffResponse> as Generate),
        ("recommend", response::schema_of::<RecommendResponse>),
        ("break-even", response::schema_of::<BreakEvenResponse>),
    ] {
        let judge = Judge::new(generate);
        for (name, text) in texts(&format!("tests/golden/{folder}"), &["expected.json"], &[]) {
            judge.accepts(&name, &text);
        }
        assert!(judge.refuses(r#"{"schema": 1, "totals": [], "fitting": []}"#), "{folder}");
    }
}

#[test]
fn diagnostics_fit_the_schema() {
    let judge = Judge::new(response::diagnostics_json_schema);
    for args in
        ["estimate", "estimate --platfrom x", "compare --region seol --vcpu -1 --memory 1", "estimate missing.toml"]
    {
        let args: Vec<&str> = args.split(' ').chain(["--format", "json"]).collect();
        judge.accepts(&args.join(" "), &program::run(&root(), &args).stdout);
    }
    assert!(judge.refuses(r#"{"schema": 1}"#));
}

#[test]
fn answers_about_tables_and_settings_fit_their_schemas() {
    let cases: [(Generate, &str, Option<i32>); 5] = [
        (response::schema_of::<PricesDiffResponse>, "prices diff 2026-09-10 2026-11-22 fargate", Some(0)),
        (
            response::schema_of::<PricesDiffResponse>,
            "prices diff 2026-10-01 2026-11-22 spot --request examples/lesson-microservice.toml",
            Some(0),
        ),
        (response::schema_of::<CheckResponse>, "prices check tests/errors/price/unit-mismatch", Some(1)),
        (response::schema_of::<SettingsResponse>, "config show --region seoul", Some(0)),
        (response::schema_of::<SettingsResponse>, "config show examples/lesson-microservice.toml", Some(0)),
    ];
    for (generate, args, code) in cases {
        let all: Vec<&str> = args.split(' ').chain(["--format", "json"]).collect();
        let ran = program::run(&root(), &all);
        assert_eq!(ran.code, code, "{args}: {}", ran.stderr);
        Judge::new(generate).accepts(args, &ran.stdout);
    }
}

#[test]
fn requests_fit_the_schema_as_they_are_read_and_as_they_are_written() {
    let judge = Judge::new(response::request_json_schema);
    for file in golden::requests() {
        judge.accepts(&file.display().to_string(), &serde_json::to_string(&golden::request(&file)).unwrap());
    }
    // Numbers and `true` may stand without quotes, and one text for a list of one.
    let text = r#"{ "region": "seoul", "platform": ["ecs-fargate"], "explain": true,
                    "workload": [{ "vcpu": 0.5, "memory": "1GiB", "replicas": 2 }] }"#;
    judge.accepts("a request with numbers", text);
    assert!(read::request("request.json", text).is_ok());
    for bad in [r#"{ "regions": "seoul" }"#, r#"{ "workload": [{ "vcpu": [1] }] }"#] {
        assert!(judge.refuses(bad) && read::request("request.json", bad).is_err(), "{bad}");
    }
}

#[test]
fn examples_of_requests_fit_the_schema() {
    let judge = Judge::new(response::request_json_schema);
    let paths: Vec<_> = fs::read_dir(root().join("examples")).unwrap().map(|e| e.unwrap().path()).collect();
    let request = |p: &&PathBuf| p.extension().is_some_and(|e| e == "toml" || e == "json");
    for path in paths.iter().filter(request) {
        let name = path.display().to_string();
        let (request, _) =
            read::request(&name, &fs::read_to_string(path).unwrap()).unwrap_or_else(|e| panic!("{name}: {e:?}"));
        judge.accepts(&name, &serde_json::to_string(&request).unwrap());
    }
}
