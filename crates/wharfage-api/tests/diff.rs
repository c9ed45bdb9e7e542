//! Comparisons of real answers: what is matched with what, and what is said where there is no difference to state.

use wharfage_api::{
    diff::{Change, Counts, DiffResponse, Side, TotalDiff, diff, read, threshold},
    read as requests, respond,
    response::{EstimateResponse, MissingOut, to_json},
};
use wharfage_core::diagnostic;

const HEAD: &str = "platform = 'ecs-fargate'\nregion = 'seoul'\n";

fn answer(text: &str) -> EstimateResponse {
    let (request, _) = requests::request("test.toml", text).unwrap();
    respond(&request, &wharfage_prices::book()).unwrap_or_else(|found| panic!("{found:#?}"))
}

fn workload(name: &str, replicas: u32) -> String {
    format!("[[workload]]\nname = '{name}'\nvcpu = 0.5\nmemory = '1GiB'\nreplicas = {replicas}\n")
}

fn between(before: &str, after: &str, limit: Option<&str>) -> DiffResponse {
    let limit = limit.map(|l| threshold(l).unwrap());
    diff(Side::request("a", &answer(before)), Side::request("b", &answer(after)), limit.as_ref())
}

fn changes(d: &TotalDiff) -> Vec<(&str, Change, Option<&str>)> {
    d.estimates.iter().map(|e| (e.workload.as_str(), e.change, e.cost.change.as_deref())).collect()
}

#[test]
fn the_same_request_changes_nothing() {
    let text = format!("{HEAD}{}", workload("web", 2));
    let d = between(&text, &text, Some("0%"));
    assert_eq!(d.counts, Counts { unchanged: 1, ..Counts::default() });
    let [total] = d.totals.as_slice() else { panic!("{:?}", d.totals) };
    assert_eq!(
        (total.change, total.cost.change.as_deref(), total.cost.fraction.as_deref()),
        (Change::Unchanged, Some("0.00"), Some("0"))
    );
    assert_eq!((total.estimates[0].lines.len(), total.estimates[0].unchanged_lines), (0, 2));
    assert_eq!(d.threshold.unwrap().crossed, []);
    assert_eq!(d.notes, []);
}

#[test]
fn workloads_are_matched_by_name_whatever_their_order() {
    let old = format!("{HEAD}{}{}", workload("web", 2), workload("old", 1));
    let new = format!("{HEAD}{}{}", workload("new", 1), workload("web", 3));
    let d = between(&old, &new, None);
    // 0.5 vCPU and 1 GiB for 730 h: 16.9944 + 3.7303 = 20.7247.
    let want = [
        ("new", Change::Added, Some("20.72")),
        ("web", Change::Changed, Some("20.72")),
        ("old", Change::Removed, Some("-20.72")),
    ];
    assert_eq!(changes(&d.totals[0]), want);
    let web = &d.totals[0].estimates[1];
    assert_eq!(web.cost.fraction.as_deref(), Some("0.5"));
    let vcpu = &web.lines[0];
    assert_eq!((vcpu.label.as_str(), vcpu.cost.change.as_deref()), ("vCPU", Some("16.99")));
    assert_eq!(vcpu.cost_exact.change.as_deref(), Some("16.9944"));
    assert_eq!(d.totals[0].estimates[0].cost.fraction, None, "nothing has no percentage");
}

#[test]
fn totals_are_matched_by_place_and_the_only_ones_wherever_they_are() {
    let on = |platforms: &str| format!("platform = '{platforms}'\nregion = 'seoul'\n{}", workload("web", 2));
    let d = between(&on("ecs-fargate,eks-fargate"), &on("eks-fargate,ecs-ec2"), None);
    let all: Vec<_> = d.totals.iter().map(|t| (t.place.platform.as_str(), t.change)).collect();
    assert_eq!(all, [("eks-fargate", Change::Unchanged), ("ecs-ec2", Change::Added), ("ecs-fargate", Change::Removed)]);
    let d = between(&on("ecs-fargate"), &on("eks-fargate"), None);
    let [moved] = d.totals.as_slice() else { panic!("{:?}", d.totals) };
    assert_eq!(moved.moved_from.as_ref().map(|p| p.platform.as_str()), Some("ecs-fargate"));
    assert!(moved.cost.change.is_some());
}

#[test]
fn what_becomes_infeasible_or_unpriced_is_no_saving() {
    let old = format!("platform = 'app-runner'\nregion = 'us-east-1'\n{}", workload("web", 2));
    let gone = between(&old, &old.replace("1GiB", "100GiB"), Some("10%"));
    let [total] = gone.totals.as_slice() else { panic!() };
    assert_eq!(total.cost.after.as_ref().map(|s| s.status.as_str()), Some("infeasible"));
    assert_eq!((&total.cost.change, &total.cost.fraction), (&None, &None));
    let e = &total.estimates[0];
    assert!(e.lines.is_empty() && !e.reasons.is_empty(), "{e:?}");
    assert_eq!(gone.threshold.unwrap().crossed.len(), 1, "nobody can say that it stays within 10 %");

    let spot =
        |p: &str| format!("platform = 'ecs-fargate'\nregion = 'osaka'\npurchase = '{p}'\n{}", workload("web", 2));
    let d = between(&spot("on-demand"), &spot("spot"), None);
    assert_eq!(d.totals[0].cost.after.as_ref().map(|s| s.status.as_str()), Some("unpriced"));
    assert_eq!(d.totals[0].cost.change, None);
    assert!(!d.totals[0].estimates[0].missing.is_empty());
}

#[test]
fn a_line_without_a_price_any_more_has_no_difference() {
    let mut old = answer(&format!("{HEAD}{}", workload("web", 2)));
    let new = old.clone();
    let line = old.estimates[0].lines.remove(1);
    let missing = MissingOut { key: line.sku.clone(), region: "ap-northeast-2".into(), message: "x".into() };
    old.estimates[0].missing.push(missing);
    let d = diff(Side::request("a", &new), Side::request("b", &old), None);
    let lines = &d.totals[0].estimates[0].lines;
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!((lines[0].change, lines[0].no_price.as_deref()), (Change::Changed, Some("after")));
    assert_eq!((&lines[0].cost.change, &lines[0].fraction), (&None, &None));
}

#[test]
fn limits_are_exact_and_a_rise_to_the_limit_is_within() {
    let (old, new) = (format!("{HEAD}{}", workload("web", 2)), format!("{HEAD}{}", workload("web", 3)));
    // 41.4494 becomes 62.1741: 50 %, 20.7247 USD.
    for (limit, crossed) in [
        ("50%", false),
        ("49.9999%", true),
        ("20.7247USD", false),
        ("20.7246 usd", true),
        ("0%", true),
        ("500 USD", false),
    ] {
        let d = between(&old, &new, Some(limit));
        assert_eq!(d.threshold.unwrap().crossed.len(), usize::from(crossed), "{limit}");
    }
    let less = between(&new, &old, Some("0%"));
    assert_eq!(less.threshold.unwrap().crossed, [], "falling is within any limit");
    for bad in ["10", "", "%", "-1%", "5EUR", "0.00000001%", "99999999999%"] {
        assert!(threshold(bad).is_err(), "{bad}");
    }
}

#[test]
fn other_prices_and_periods_are_said() {
    let text = format!("{HEAD}{}", workload("web", 2));
    let d = between(&text, &format!("period = '2026-02'\nas_of = '2026-10-15'\nrounding = 'exact'\n{text}"), None);
    let codes: Vec<&str> = d.notes.iter().map(|n| n.code.as_str()).collect();
    assert_eq!(codes, ["diff/period", "diff/rounding", "diff/as-of"]);
    assert_eq!(d.notes[0].message, "the periods differ: 730h (730 h) → 2026-02 (672 h)");
}

#[test]
fn answers_are_told_from_requests_and_survive_being_kept() {
    let response = answer(&format!("{HEAD}{}", workload("web", 2)));
    let text = to_json(&response);
    assert!(read::is_response(&text) && read::is_response(&text[..text.len() / 2]));
    assert_eq!(read::response("a.json", &text), Ok(response));
    for request in
        ["region = 'seoul'", "{\"region\": \"seoul\"}", "{\"region\": ", "{ // a comment\n \"workload\": [] }"]
    {
        assert!(!read::is_response(request), "{request}");
    }
}

#[test]
fn an_answer_that_nobody_wrote_is_refused_where_it_is_wrong() {
    let text = to_json(&answer(&format!("{HEAD}{}", workload("web", 2))));
    let cases = [
        (text.replace("\"schema\": 1", "\"schema\": 2"), "response/schema", "2"),
        (text.replace("  \"schema\": 1,\n", ""), "response/schema", ""),
        (text.replace("\"total\": \"41.45\"", "\"total\": \"4x\""), "response/value", "\"4x\""),
        (text.replace("\"unit_price\": \"0.0", "\"unit_price\": \"a"), "response/value", "\"a4656\""),
        (text.replacen("\"estimates\": [", "\"estimates\": {", 1), "response/syntax", ""),
        (text.replacen("\"currency\": \"USD\"", "\"currency\": 5", 1), "response/shape", ""),
        ("{\"schema\": 1, \"diagnostics\": []}".to_owned(), "response/refused", "[]"),
    ];
    for (text, code, at) in cases {
        let d = read::response("a.json", &text).unwrap_err();
        assert_eq!(d.code, code, "{d:?}");
        let diagnostic::Place::File { span, .. } = &d.labels[0].place else { panic!("{d:?}") };
        assert_eq!(&text[span.clone()], at, "{d:?}");
    }
}
