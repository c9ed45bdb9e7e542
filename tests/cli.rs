//! The program as scripts see it: exit codes, the standard output and error, files, days, and what the first release
//! promises.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use wharfage_api::response::{EstimateOut, EstimateResponse};
use wharfage_tests::{
    program::{self, Ran, program, run, run_with, scratch},
    root,
};

const SIZE: &str = "--vcpu 1 --memory 2GiB --replicas 1";

#[track_caller]
fn with(args: &str) -> Ran {
    let all: Vec<&str> = args.split_whitespace().collect();
    run(&root(), &all)
}

/// The answer to arguments, and the exit code.
#[track_caller]
fn answer(args: &str) -> (EstimateResponse, Option<i32>) {
    let ran = with(&format!("{args} --format json"));
    let response =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{args}: {e}\n{}{}", ran.stdout, ran.stderr));
    (response, ran.code)
}

/// The one estimate of an answer that is done.
#[track_caller]
fn only(args: &str) -> EstimateOut {
    let (mut response, code) = answer(args);
    assert_eq!(code, Some(0), "{args}");
    assert_eq!(response.estimates.len(), 1, "{args}");
    response.estimates.remove(0)
}

fn exact(e: &EstimateOut) -> rust_decimal::Decimal {
    e.sums.total_exact.as_deref().unwrap().parse().unwrap()
}

fn dec(text: &str) -> rust_decimal::Decimal {
    text.parse().unwrap()
}

fn costs(e: &EstimateOut) -> Vec<&str> {
    e.lines.iter().map(|l| l.cost_rounded.as_str()).collect()
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

const REQUEST: &str = "region = \"seoul\"\nplatform = \"ecs-fargate\"\n\n[[workload]]\nname = \"web\"\nvcpu = 0.5\nmemory = \"1GiB\"\nreplicas = 2\n";

#[test]
fn exit_codes_are_those_of_the_help() {
    #[rustfmt::skip]
    let cases = [
        (0, format!("estimate --platform ecs-fargate --region seoul {SIZE}"), "priced"),
        (0, format!("compare --region seoul {SIZE}"), "some platform is feasible"),
        (0, "--help".to_owned(), "help was asked for"),
        (0, "estimate --help".to_owned(), "help was asked for"),
        (0, "--version".to_owned(), "the version was asked for"),
        (1, format!("estimate --platform app-runner --region seoul {SIZE}"), "nothing is feasible"),
        (1, format!("compare --platform cloud-run-job --region seoul {SIZE}"), "nothing is feasible"),
        (2, format!("estimate --platform ecs-fargate --region atlantis {SIZE}"), "bad input"),
        (2, "estimate --platfrom ecs-fargate".to_owned(), "bad usage"),
        (2, String::new(), "no command"),
        (3, format!("estimate --platform ecs-fargate --region ap-northeast-3 --purchase spot {SIZE}"), "unpriced"),
        (0, format!("compare --platform ecs-fargate --region ap-northeast-3 --purchase on-demand,spot {SIZE}"), "compare goes on"),
    ];
    for (code, args, why) in cases {
        assert_eq!(with(&args).code, Some(code), "{args}: {why}");
    }
}

#[test]
fn answers_go_to_the_standard_output_and_messages_to_the_standard_error() {
    for format in ["", "--format json"] {
        let good = with(&format!("estimate --platform ecs-fargate --region seoul {SIZE} {format}"));
        assert!(!good.stdout.is_empty(), "{format}");
        assert_eq!(good.stderr, "", "{format}");
        let bad = with(&format!("estimate --platform ecs-fargate --region atlantis {SIZE} {format}"));
        assert_eq!(bad.stdout.is_empty(), format.is_empty(), "{format}: JSON tells scripts what is wrong, too");
        assert!(bad.stderr.contains("error[request/unknown-region]"), "{format}");
        assert_eq!(bad.code, Some(2));
    }
}

#[test]
fn an_answer_is_the_same_bytes_each_time_and_has_the_tables_it_is_from() {
    let args = format!("compare --region seoul,tokyo {SIZE} --format json");
    let (first, second) = (with(&args).stdout, with(&args).stdout);
    assert_eq!(first, second);
    let response: EstimateResponse = serde_json::from_str(&first).unwrap();
    assert_eq!(response.prices.edition, wharfage_prices::book().edition().name);
    assert!(response.prices.digest.starts_with("sha256:"));
}

#[test]
fn an_answer_goes_to_a_file_whole_and_never_over_another() {
    let folder = scratch("cli/output");
    write(&folder, "request.toml", REQUEST);
    let to = |args: &str| run(&folder, &args.split(' ').collect::<Vec<_>>());
    let done = to("estimate request.toml --format json -o answer.json");
    assert_eq!((done.code, done.stdout.as_str(), done.stderr.as_str()), (Some(0), "", ""));
    let written = fs::read_to_string(folder.join("answer.json")).unwrap();
    assert_eq!(written, to("estimate request.toml --format json").stdout);

    let refused = to("estimate request.toml --vcpu 1 --memory 2GiB --format json -o answer.json");
    assert_eq!(refused.code, Some(2));
    assert_eq!(fs::read_to_string(folder.join("answer.json")).unwrap(), written);
    let forced = to("estimate request.toml --vcpu 1 --memory 2GiB --format json -o answer.json --force");
    assert_eq!(forced.code, Some(0));
    assert_ne!(fs::read_to_string(folder.join("answer.json")).unwrap(), written);

    // An answer without a price is an answer: the file is written, the code tells.
    let unpriced = to("estimate request.toml --region ap-northeast-3 --purchase spot -o unpriced.txt");
    assert_eq!(unpriced.code, Some(3));
    let mut names: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["answer.json", "request.toml", "unpriced.txt"], "nothing else is left behind");
}

#[cfg(unix)]
#[test]
fn an_answer_in_a_file_can_be_read_by_all_that_new_files_can() {
    use std::os::unix::fs::PermissionsExt;
    let folder = scratch("cli/rights");
    write(&folder, "request.toml", REQUEST);
    let mode = |name: &str| fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(run(&folder, &["estimate", "request.toml", "-o", "answer.txt"]).code, Some(0));
    assert_eq!(mode("answer.txt"), mode("request.toml"));
    assert_eq!(run(&folder, &["estimate", "request.toml", "-o", "/dev/null"]).code, Some(0), "a device is written to");
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_quiet() {
    use std::io::{BufRead, BufReader};
    for args in ["compare --region all --vcpu 1 --memory 2GiB --replicas 1 --format json", "estimate --help"] {
        let args: Vec<&str> = args.split(' ').collect();
        let mut child = program::command(&root(), &args).spawn().unwrap();
        let mut line = String::new();
        // Reads one line and closes the pipe, as `head -1` does.
        BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(!line.is_empty());
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_closed_standard_error_and_a_full_disk_change_no_exit_code_and_panic_nowhere() {
    let shell = |script: &str| {
        let script = script.replace("wharfage", &program().display().to_string());
        let output = Command::new("sh").args(["-c", &script]).stdin(Stdio::null()).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(shell("wharfage estimate 2>&-"), (Some(2), String::new()));
    assert_eq!(shell("wharfage estimate 2>/dev/full"), (Some(2), String::new()));
    if Path::new("/dev/full").exists() {
        let (code, said) = shell(&format!("wharfage estimate --platform ecs-fargate --region seoul {SIZE} >/dev/full"));
        assert_eq!(code, Some(2));
        assert!(said.starts_with("error[output/failed]: the answer can't be written"), "{said}");
    }
}

#[test]
fn what_cannot_be_written_is_said_in_words_and_leaves_nothing_behind() {
    let folder = scratch("cli/refused");
    write(&folder, "request.toml", REQUEST);
    write(&folder, "pages/wharfage-compare.1/kept.txt", "kept");
    let to = |args: &str| run(&folder, &args.split(' ').collect::<Vec<_>>());
    let said = |args: &str, what: &str| {
        let ran = to(args);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{args}");
        assert!(ran.stderr.starts_with(what), "{args}: {}", ran.stderr);
        assert!(!ran.stderr.contains("os error"), "{args}: {}", ran.stderr);
    };
    said("man -o request.toml", "error[output/failed]: `request.toml` can't be written: it is a file, not a folder");
    said("man -o pages --force", "error[output/directory]: `pages/wharfage-compare.1` is a directory");
    said("man -o request.toml/new", "error[output/failed]: `request.toml/new` can't be written: a part of its path");
    if Path::new("/dev/full").exists() {
        let full = "error[output/failed]: `/dev/full` can't be written: no space is left there";
        said("compare request.toml -o /dev/full", full);
    }
    let mut left: Vec<_> = ["", "pages"]
        .iter()
        .flat_map(|f| fs::read_dir(folder.join(f)).unwrap())
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["pages", "request.toml", "wharfage-compare.1"]);
}

#[cfg(unix)]
#[test]
fn own_tables_are_found_once_past_links_in_circles_and_hidden_copies() {
    use std::os::unix::fs::symlink;
    let folder = scratch("cli/links");
    let row = "[[price]]\nkey = \"aws/fargate/linux-x86.vcpu\"\nunit = \"vCPU-Hours\"\nregion = \"ap-northeast-2\"\nvalues = [{ price = \"0.04\" }]\n";
    write(&folder, "own/..data/mounted.toml", row);
    symlink("..data/mounted.toml", folder.join("own/mounted.toml")).unwrap();
    for name in ["one", "two"] {
        symlink(".", folder.join("own").join(name)).unwrap();
    }
    let checked = run(&folder, &["prices", "check", "own"]);
    assert_eq!((checked.code, checked.stdout.as_str()), (Some(0), "own: 1 row in 1 file, fine\n"), "{checked:?}");
}

#[test]
fn flags_overrule_a_file_for_every_workload() {
    let folder = scratch("cli/overrule");
    write(
        &folder,
        "request.toml",
        &format!(
            "{REQUEST}\n[[workload]]\nname = \"api\"\nvcpu = 1\nmemory = \"2GiB\"\nrequests = \"10/s\"\nduration = \"80ms\"\n"
        ),
    );
    let asked = |args: &str| {
        let args: Vec<&str> = args.split(' ').chain(["--format", "json"]).collect();
        serde_json::from_str::<EstimateResponse>(&run(&folder, &args).stdout).unwrap()
    };
    let response = asked("estimate request.toml --region tokyo --vcpu 2 --memory 4GiB --replicas 3 --period 1h");
    let each: Vec<_> = response
        .estimates
        .iter()
        .map(|e| (e.workload.as_str(), e.region.as_str(), e.lines[0].priced.as_str()))
        .collect();
    assert_eq!(
        each,
        [("web", "ap-northeast-1", "6"), ("api", "ap-northeast-1", "6")],
        "3 replicas of 2 vCPU for an hour each"
    );
    assert_eq!(
        asked("estimate request.toml --period 1h").estimates[0].lines[0].priced,
        "1",
        "the file alone: 2 of 0.5"
    );
}

#[test]
fn a_request_may_come_from_the_standard_input_in_either_format() {
    let toml = run_with(&root(), &["estimate", "-", "--format", "json"], REQUEST.as_bytes());
    let json = r#"{"region": "seoul", "platform": "ecs-fargate", "workload": [{"name": "web", "vcpu": 0.5, "memory": "1GiB", "replicas": 2}]}"#;
    let json = run_with(&root(), &["estimate", "-", "--format", "json"], json.as_bytes());
    assert_eq!(toml.code, Some(0), "{}", toml.stderr);
    assert_eq!(toml.stdout, json.stdout);
}

#[test]
fn byte_order_marks_windows_line_ends_and_tabs_are_read_like_any_text() {
    let plain = run_with(&root(), &["estimate", "-", "--format", "json"], REQUEST.as_bytes()).stdout;
    let variants = [
        format!("\u{feff}{REQUEST}"),
        REQUEST.replace('\n', "\r\n"),
        REQUEST.replace(" = ", "\t=\t"),
        format!("{REQUEST}\n\n# 끝"),
    ];
    for text in variants {
        let ran = run_with(&root(), &["estimate", "-", "--format", "json"], text.as_bytes());
        assert_eq!(ran.stdout, plain, "{text:?}: {}", ran.stderr);
    }
    let json = "\u{feff}{\"region\": \"seoul\", \"platform\": \"ecs-fargate\", \"workload\": {\"name\": \"web\", \"vcpu\": 0.5, \"memory\": \"1GiB\", \"replicas\": 2}}";
    assert_eq!(run_with(&root(), &["estimate", "-", "--format", "json"], json.as_bytes()).stdout, plain);
}

#[test]
fn zero_requests_bill_only_what_is_kept_warm() {
    let warm = only(
        "estimate --platform app-runner --region us-east-1 --vcpu 1 --memory 2GiB --requests 0/s --min-instances 1",
    );
    assert_eq!(warm.sums.total.as_deref(), Some("10.22"));
    let cold = only("estimate --platform cloud-run --region us-central1 --vcpu 1 --memory 512MiB --requests 0/s");
    assert_eq!(cold.sums.total.as_deref(), Some("0.00"));
}

#[test]
fn spot_in_ireland_differs_between_two_days() {
    let on = |day: &str| {
        only(&format!(
            "estimate --platform ecs-fargate --region ireland --purchase spot --vcpu 4 --memory 8GiB --replicas 1 --as-of {day}"
        ))
    };
    let (before, after) = (on("2026-09-10"), on("2026-10-01"));
    assert_ne!(before.sums.total_exact, after.sums.total_exact);
    assert!(before.lines[0].valid_from.as_deref() <= Some("2026-09-10"), "{:?}", before.lines[0]);
    assert!(after.lines[0].valid_from.as_deref() > Some("2026-09-10"), "{:?}", after.lines[0]);
}

#[test]
fn a_day_before_the_first_sighting_names_that_day_unless_it_is_accepted() {
    let args = "estimate --platform ecs-fargate --region ireland --purchase spot --vcpu 4 --memory 8GiB --replicas 1 --as-of 2015-01-01";
    let (response, code) = answer(args);
    assert_eq!(code, Some(3));
    let missing = &response.estimates[0].missing[0];
    assert!(missing.key.ends_with(".spot") && missing.message.starts_with("first seen on 20"), "{missing:?}");
    let accepted = only(&format!("{args} --as-of-first-seen"));
    assert_eq!(accepted.status, "priced");
    for line in &accepted.lines {
        let first = line.valid_from.as_deref().unwrap();
        let warned = accepted
            .warnings
            .iter()
            .any(|w| w.code == "price/first-seen" && w.message.contains(&line.sku) && w.message.contains(first));
        assert!(warned, "{} is used before {first} without a word: {:?}", line.sku, accepted.warnings);
    }
}

#[test]
fn a_price_that_is_missing_is_said_and_never_zero() {
    let args = format!("--platform ecs-fargate --region ap-northeast-3 --purchase spot {SIZE}");
    let (estimate, code) = answer(&format!("estimate {args}"));
    let e = &estimate.estimates[0];
    assert_eq!((code, e.status.as_str(), e.feasible), (Some(3), "unpriced", true));
    assert_eq!((&e.sums.total, &e.sums.total_exact, &e.sums.subtotal), (&None, &None, &None));
    let missing: Vec<_> = e.missing.iter().map(|m| (m.key.as_str(), m.region.as_str())).collect();
    assert_eq!(
        missing,
        [
            ("aws/fargate/linux-x86.vcpu.spot", "ap-northeast-3"),
            ("aws/fargate/linux-x86.memory.spot", "ap-northeast-3")
        ]
    );

    let (compare, code) = answer(&format!("compare --region osaka --purchase on-demand,spot {SIZE}"));
    assert_eq!(code, Some(0));
    let spot = compare.totals.iter().find(|t| t.platform == "ecs-fargate" && t.purchase == "spot").unwrap();
    assert_eq!((spot.status.as_str(), &spot.sums.total), ("unpriced", &None));
    let ranks: Vec<usize> = compare
        .totals
        .iter()
        .map(|t| ["priced", "partial", "unpriced", "infeasible"].iter().position(|s| *s == t.status).unwrap())
        .collect();
    assert!(ranks.is_sorted(), "{ranks:?}");
}

#[test]
fn own_tables_mark_their_lines_and_change_the_digest() {
    let folder = scratch("cli/tables");
    write(
        &folder,
        "own/osaka.csv",
        "key,unit,region,price\naws/fargate/linux-x86.vcpu.spot,vCPU-Hours,ap-northeast-3,0.0155\naws/fargate/linux-x86.memory.spot,GiB-Hours,ap-northeast-3,0.0017\n",
    );
    let asked = |more: &[&str]| {
        let args = format!("estimate --platform ecs-fargate --region osaka --purchase spot {SIZE} --format json");
        let args: Vec<&str> = args.split(' ').chain(more.iter().copied()).collect();
        let ran = run(&folder, &args);
        (serde_json::from_str::<EstimateResponse>(&ran.stdout).unwrap(), ran.code)
    };
    let ((without, _), (own, code)) = (asked(&[]), asked(&["--prices", "own"]));
    assert_eq!(code, Some(0));
    assert_ne!(without.prices.digest, own.prices.digest);
    assert_eq!(own.prices.edition, format!("{}+own", without.prices.edition));
    let e = &own.estimates[0];
    assert_eq!(e.sums.total_exact.as_deref().map(dec), Some(dec("13.797")));
    assert!(e.lines.iter().all(|l| l.basis == "user"), "{:?}", e.lines);
    assert!(e.warnings.iter().any(|w| w.code == "price/user"));
}

#[test]
fn the_lesson_has_its_figures_to_the_cent() {
    let work = "--prices lesson --region seoul --vcpu 0.5 --memory 1GB --replicas 1 --period 24h";
    let fargate = only(&format!("estimate --platform ecs-fargate {work}"));
    assert_eq!(costs(&fargate), ["0.49", "0.11"]);
    assert_eq!((fargate.sums.total.as_deref(), exact(&fargate)), (Some("0.60"), dec("0.59244")));
    let autopilot = only(&format!("estimate --platform gke-autopilot {work}"));
    assert_eq!(costs(&autopilot), ["0.53", "0.12", "2.40"], "vCPU and memory make 0.65, beside the cluster's fee");
}

#[test]
fn jobs_are_billed_to_the_last_digit() {
    let jobs = |args: &str| exact(&only(&format!("estimate --platform ecs-fargate --vcpu 1 --memory 2GiB {args}")));
    assert_eq!(jobs("--region us-east-1 --ephemeral-storage 30GiB --runs 150 --duration 600s"), dec("1.262"));
    assert_eq!(jobs("--region ireland --runs 7200 --duration 45s"), dec("5.9244"), "45 s are billed as 60 s");
    let pool = |tier: &str| {
        let args = "--platform cloud-run-worker-pool --region europe-west1 --vcpu 1 --memory 512MiB --replicas 1";
        exact(&only(&format!("estimate {args} --free-tier {tier}")))
    };
    assert_eq!((pool("off"), pool("on")), (dec("31.172022"), dec("25.952033384")));
}

#[test]
fn the_lessons_microservice_is_compared_on_every_platform() {
    let (response, code) = answer("compare examples/lesson-microservice.toml --region seoul");
    assert_eq!(code, Some(0));
    let mut platforms: Vec<&str> = response.totals.iter().map(|t| t.platform.as_str()).collect();
    platforms.sort();
    let mut all = wharfage_core::platform::Platform::IDS.to_vec();
    all.sort();
    platforms.dedup();
    assert_eq!(platforms, all);
    let app_runner = response.estimates.iter().find(|e| e.platform == "app-runner").unwrap();
    assert_eq!(app_runner.status, "infeasible");
    assert!(app_runner.reasons.iter().all(|r| !r.message.is_empty()) && !app_runner.reasons.is_empty());
}

#[test]
fn a_year_is_columns_of_months_in_a_wide_terminal_and_rows_in_a_narrow_one() {
    let drawn = |args: &str, columns: &str| {
        let all: Vec<&str> = args.split_whitespace().collect();
        let output = program::command(&root(), &all).env("COLUMNS", columns).output().unwrap();
        assert!(output.status.success(), "{args}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let estimate = format!("estimate --platform ecs-fargate --region seoul --period 2027 {SIZE}");
    let wide = drawn(&estimate, "160");
    assert!(wide.lines().any(|l| l.contains("Jan") && l.contains("Dec") && l.ends_with("USD")), "{wide}");
    assert!(!wide.contains("By month"), "{wide}");
    let narrow = drawn(&estimate, "80");
    assert!(!narrow.contains("Jan"), "{narrow}");
    assert!(narrow.contains("\nBy month\nmonth    hours    USD\n"), "{narrow}");
    let total = only(&estimate).sums.total.unwrap();
    let closes = |text: &str| text.lines().any(|l| l.starts_with("total") && l.ends_with(&total));
    assert!(closes(&wide) && closes(&narrow), "{total} in {wide}{narrow}");
    let compare = format!("compare --platform ecs-fargate,cloud-run --region seoul --period 2027 {SIZE}");
    assert!(drawn(&compare, "160").lines().any(|l| l.starts_with("platform") && l.contains("Jan")));
    assert!(drawn(&compare, "80").contains(&total));
}

#[test]
fn quiet_programs_still_say_what_is_wrong() {
    let ran = with("estimate --quiet");
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.starts_with("error["), "{}", ran.stderr);
}

#[test]
fn colour_is_only_where_it_is_wanted() {
    let escape = '\u{1b}';
    assert!(!with("estimate").stderr.contains(escape), "a pipe is no terminal");
    assert!(with("estimate --color always").stderr.contains(escape));
    let mut unwanted = program::command(&root(), &["estimate"]);
    let output = unwanted.env("NO_COLOR", "1").stdin(Stdio::null()).output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains(escape));
    std::io::stderr().flush().unwrap();
}

#[test]
fn a_comparison_ends_by_its_limit_and_refuses_bad_input() {
    let folder = scratch("cli/diff");
    write(&folder, "before.toml", REQUEST);
    write(&folder, "after.toml", &REQUEST.replace("replicas = 2", "replicas = 3"));
    write(&folder, "kept.json", &run(&folder, &["estimate", "before.toml", "--format", "json"]).stdout);
    #[rustfmt::skip]
    let cases = [
        (0, "diff before.toml after.toml"),
        (0, "diff before.toml after.toml --fail-above 50%"),
        (1, "diff before.toml after.toml --fail-above 49.9%"),
        (1, "diff kept.json after.toml --fail-above 20USD --format markdown"),
        (0, "diff after.toml kept.json --fail-above 0% --format json"),
        (2, "diff before.toml after.toml --fail-above much"),
        (2, "diff before.toml missing.toml"),
        (2, "diff before.toml"),
        (2, "diff - -"),
    ];
    for (code, args) in cases {
        let ran = run(&folder, &args.split(' ').collect::<Vec<_>>());
        assert_eq!(ran.code, Some(code), "{args}: {}{}", ran.stdout, ran.stderr);
        assert_eq!((ran.stdout.is_empty(), ran.stderr.is_empty()), (code == 2, code != 2), "{args}");
    }
    let again = || run(&folder, &["diff", "before.toml", "after.toml", "--format", "json"]).stdout;
    assert_eq!(again(), again(), "the same bytes each time");
}

#[test]
fn flags_are_laid_over_both_requests_of_a_comparison_and_over_no_kept_answer() {
    let folder = scratch("cli/diff-flags");
    write(&folder, "request.toml", REQUEST);
    write(&folder, "kept.json", &run(&folder, &["estimate", "request.toml", "--format", "json"]).stdout);
    let asked = |args: &str| {
        let ran = run(&folder, &args.split(' ').chain(["--format", "json"]).collect::<Vec<_>>());
        serde_json::from_str::<wharfage_api::diff::DiffResponse>(&ran.stdout).unwrap_or_else(|e| panic!("{args}: {e}"))
    };
    let both = asked("diff request.toml request.toml --region tokyo --prices lesson");
    assert_eq!(both.before.flags, ["--region tokyo", "--prices lesson"]);
    assert_eq!(both.totals[0].place.region, "ap-northeast-1");
    assert_eq!((both.counts.unchanged, both.notes.len()), (1, 0));
    let one = asked("diff kept.json request.toml --region tokyo");
    assert_eq!(one.totals[0].moved_from.as_ref().map(|p| p.region.as_str()), Some("ap-northeast-2"));
    assert_eq!(one.notes[0].message, "--region tokyo does not change kept.json, an answer that was kept");
    let everywhere = asked("diff request.toml request.toml --platform ecs-fargate,cloud-run");
    assert_eq!(everywhere.counts.unchanged, 2);
}

#[test]
fn a_recommendation_fits_or_ends_with_one_and_asks_nothing_outside_a_terminal() {
    #[rustfmt::skip]
    let cases = [
        (0, "recommend"),
        (0, "recommend --needs serverless,simple --region seoul"),
        (0, "recommend examples/shop.toml --format json"),
        (1, "recommend --needs gpu --platform ecs-fargate"),
        (1, "recommend --needs scale-to-zero --platform app-runner"),
        (2, "recommend --needs serverles"),
        (2, "recommend --region atlantis"),
    ];
    for (code, args) in cases {
        let ran = with(args);
        assert_eq!(ran.code, Some(code), "{args}: {}{}", ran.stdout, ran.stderr);
        assert_eq!((ran.stdout.is_empty(), ran.stderr.is_empty()), (code == 2, code != 2), "{args}");
    }
}
