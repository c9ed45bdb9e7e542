//! Crossings of real bills, checked against requests that are priced one by one.

use std::sync::atomic::{AtomicUsize, Ordering};

use wharfage_api::{
    break_even::{BillOut, BreakEvenRequest, BreakEvenResponse, respond, respond_in},
    read,
    request::EstimateRequest,
    respond as estimate,
    simulate::{self, Input, SimulateRequest, Watch},
};
use wharfage_core::{Diagnostic, Money, text::Catalogue};

const LESSON: &str = include_str!("../../../examples/lesson-microservice.toml");

fn request(text: &str, platforms: &[&str]) -> EstimateRequest {
    let (mut request, _) = read::request("test.toml", text).unwrap();
    request.platform = platforms.iter().map(|p| (*p).to_owned()).collect();
    request
}

fn asked(request: EstimateRequest, flags: &[(&str, &str)]) -> BreakEvenRequest {
    let mut q = BreakEvenRequest { request, ..BreakEvenRequest::default() };
    flags.iter().for_each(|(name, text)| assert!(q.set(name, vec![(*text).to_owned()]), "{name}"));
    q
}

fn answered(q: &BreakEvenRequest) -> BreakEvenResponse {
    respond(q, &wharfage_prices::book()).unwrap_or_else(|found| panic!("{found:#?}"))
}

/// Each platform's exact bill, priced on its own.
fn bills(request: &EstimateRequest, set: &[(&str, Option<&str>)]) -> Vec<Option<Money>> {
    let mut request = request.clone();
    for (field, text) in set {
        request.workload[0].set(field, text.iter().map(|t| (*t).to_owned()).collect());
    }
    let response = estimate(&request, &wharfage_prices::book()).unwrap();
    response.totals.iter().map(|t| t.sums.total_exact.as_ref().map(|exact| exact.parse().unwrap())).collect()
}

/// Who is the cheapest at a value, by the answer's stretches.
fn cheapest_at(answer: &BreakEvenResponse, value: f64) -> &[usize] {
    let number = |text: &str| text.parse::<f64>().unwrap();
    let stretch = answer.cheapest.iter().find(|s| number(&s.from) <= value && value <= number(&s.to));
    &stretch.unwrap().rivals
}

#[test]
fn fargate_overtakes_cloud_run_at_the_steady_rate_that_pricing_one_by_one_finds() {
    let lesson = request(LESSON, &["cloud-run", "ecs-fargate"]);
    let at = |hundredths: u32| {
        let rate = format!("{}.{:02}/s", hundredths / 100, hundredths % 100);
        let bills = bills(&lesson, &[("requests", Some(&rate)), ("peak", None)]);
        (bills[0].unwrap(), bills[1].unwrap())
    };
    let first = (1..1_000).find(|n| at(*n).1 <= at(*n).0).unwrap();
    let answer = answered(&asked(lesson.clone(), &[("steady", "true")]));
    let [crossing] = answer.crossings.as_slice() else { panic!("{:#?}", answer.crossings) };
    assert_eq!(crossing.at, format!("{}.{:02}", first / 100, first % 100));
    assert_eq!((crossing.kind.as_str(), crossing.from, crossing.to), ("crosses", 0, 1));
    for (n, pair) in (first - 1..).zip(&crossing.bills) {
        let exact = |bill: &BillOut| bill.total_exact.as_ref().unwrap().parse::<Money>().unwrap();
        assert_eq!((exact(&pair.from), exact(&pair.to)), at(n), "{}", pair.value);
        assert_eq!(pair.cheaper, if n < first { "from" } else { "to" });
    }
    assert!(!answer.search.every_value && answer.search.bills < 200, "{:?}", answer.search);
}

#[test]
fn who_wins_where_is_what_pricing_each_value_finds() {
    let lesson = request(LESSON, &["cloud-run", "ecs-fargate", "compute-engine", "ec2"]);
    let flags = [("from", "0.5/s"), ("to", "300/s"), ("step", "0.01/s")];
    let answer = answered(&asked(lesson.clone(), &flags));
    assert!(!answer.search.every_value);
    let mut winners = std::collections::BTreeSet::new();
    for n in 1..120 {
        let rate = f64::from(n) * 2.5;
        let (requests, peak) = (format!("{rate}/s"), format!("{}/s", rate * 10.0));
        let bills = bills(&lesson, &[("requests", Some(&requests)), ("peak", Some(&peak))]);
        let least = bills.iter().flatten().min();
        let cheapest: Vec<usize> = (0..bills.len()).filter(|i| bills[*i].as_ref() == least).collect();
        assert_eq!(cheapest_at(&answer, rate), cheapest, "{requests}: {bills:?}");
        winners.extend(cheapest);
    }
    assert!(winners.len() >= 3, "{winners:?}");
}

#[test]
fn a_fleet_that_is_off_part_of_the_time_is_searched_hour_by_hour() {
    let text = "region = 'seoul'\npurchase = ['on-demand', 'ri-1y-standard']\n[[workload]]\nvcpu = 2\nmemory = '4GiB'\nreplicas = 3\n";
    let answer = answered(&asked(request(text, &["ec2"]), &[("vary", "hours"), ("from", "650")]));
    assert_eq!((answer.vary.from.as_str(), answer.vary.to.as_str(), answer.vary.unit.as_str()), ("650", "730", "h"));
    assert!(answer.search.every_value);
    assert_eq!(
        answer.rivals.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(),
        ["EC2, on-demand", "EC2, ri-1y-standard"]
    );
    // The commitment is for the lowest hour's usage: nothing before the fleet is on all the time.
    let last = answer.cheapest.last().unwrap();
    assert_eq!((last.from.as_str(), last.rivals.as_slice()), ("730", [1].as_slice()));
    let before = &answer.cheapest[answer.cheapest.len() - 2];
    assert!(before.rivals.contains(&0), "{before:?}");
}

#[test]
fn what_ends_within_the_range_is_told_with_its_reason() {
    let text = "region = 'seoul'\n[[workload]]\nvcpu = 8\nmemory = '64GiB'\nreplicas = 1\n";
    let flags = [("vary", "vcpu"), ("from", "8"), ("to", "40"), ("step", "8")];
    let answer = answered(&asked(request(text, &["ecs-fargate", "gke-autopilot"]), &flags));
    let ended = answer.crossings.iter().find(|c| c.kind == "ends").unwrap();
    assert_eq!((ended.at.as_str(), ended.from, ended.to), ("32", 1, 0));
    let cheaper: Vec<&str> = ended.bills.iter().map(|pair| pair.cheaper.as_str()).collect();
    assert_eq!(cheaper, ["from", "to", "none"]);
    let other = answer.others.iter().find(|o| o.place.platform == "gke-autopilot").unwrap();
    assert_eq!((other.status.as_str(), other.from.as_str(), other.to.as_str()), ("infeasible", "32", "40"));
    assert!(!other.reasons.is_empty());
    assert_eq!(answer.cheapest.last().unwrap().rivals, [0; 0], "nobody is left at the end");
}

#[test]
fn every_pair_has_the_crossings_of_the_cheapest_among_its_own() {
    let lesson = request(LESSON, &["cloud-run", "ecs-fargate", "gke-autopilot"]);
    let few = answered(&asked(lesson.clone(), &[("steady", "true")]));
    let all = answered(&asked(lesson, &[("steady", "true"), ("all_pairs", "true")]));
    assert!(all.crossings.len() > few.crossings.len());
    assert_eq!(all.crossings[..few.crossings.len()], few.crossings);
    assert!(all.crossings[few.crossings.len()..].iter().all(|c| !c.of_the_cheapest));
}

/// The lesson's service, simulated for a few minutes at each value.
fn simulated(flags: &[(&str, &str)]) -> BreakEvenRequest {
    let mut lesson = request(LESSON, &["cloud-run", "ecs-fargate"]);
    lesson.simulate = Some(Box::new(SimulateRequest { horizon: Some("10m".to_owned()), ..Default::default() }));
    asked(lesson, &[&[("steady", "true"), ("by", "simulation")], flags].concat())
}

#[test]
fn simulated_bills_swap_order_at_a_crossing_and_are_those_of_a_simulation() {
    let q = simulated(&[("from", "0.5/s"), ("to", "20/s"), ("step", "0.1/s"), ("points", "4")]);
    let answer = answered(&q);
    assert_eq!(answer.method, "simulation");
    let [crossing] = answer.crossings.as_slice() else { panic!("{:#?}", answer.crossings) };
    let cheaper: Vec<&str> = crossing.bills.iter().map(|pair| pair.cheaper.as_str()).collect();
    assert_eq!((cheaper.as_slice(), crossing.holds), (["from", "to", "to"].as_slice(), true));
    for pair in &crossing.bills {
        let mut alone = q.request.clone();
        alone.workload[0].requests = Some(format!("{}/s", pair.value));
        alone.workload[0].peak = None;
        let runs = simulate::respond(&alone, &wharfage_prices::book(), &simulate::no_files).unwrap().runs;
        let monthly = |n: usize| runs[n].bill.as_ref().unwrap().monthly_total.clone();
        assert_eq!([&pair.from.total, &pair.to.total], [&monthly(0), &monthly(1)], "{}", pair.value);
    }
    assert_eq!(answered(&q), answer, "the same random numbers");
}

#[test]
fn a_simulation_looks_around_where_the_closed_forms_cross() {
    let answer = answered(&simulated(&[]));
    let formulas = answered(&asked(request(LESSON, &["cloud-run", "ecs-fargate"]), &[("steady", "true")]));
    let number = |text: &str| text.parse::<f64>().unwrap();
    let at = number(&formulas.crossings[0].at);
    assert!(number(&answer.vary.from) <= at / 4.0 && number(&answer.vary.to) >= at * 4.0 - 0.01, "{:?}", answer.vary);
    assert!(answer.assumptions.iter().any(|n| n.code == "break-even/around"));
    assert_eq!(answer.curve.len(), 5);
    assert!(answer.search.events.is_some_and(|n| n > 1_000));
}

#[test]
fn what_a_simulation_has_no_use_for_is_refused() {
    let mut q = simulated(&[("from", "1/s"), ("to", "9/s")]);
    let simulation = q.request.simulate.as_mut().unwrap();
    simulation.arrivals = Some("poisson:1/s".to_owned());
    simulation.policy = vec!["cloud-run,always-on".to_owned()];
    let found = respond(&q, &wharfage_prices::book()).unwrap_err();
    assert_eq!(found.iter().map(|d| d.code).collect::<Vec<_>>(), ["break-even/input"; 2]);
    let mut long = simulated(&[("from", "1/s"), ("to", "9000/s")]);
    long.request.simulate.as_mut().unwrap().horizon = Some("9000d".to_owned());
    assert_eq!(respond(&long, &wharfage_prices::book()).unwrap_err()[0].code, "simulate/long");
}

#[test]
fn every_mistake_is_told_at_once() {
    let mut lesson = request(LESSON, &["cloud-run", "ecs-fargate"]);
    lesson.workload[0].memory = Some("1".to_owned());
    let q = asked(lesson, &[("from", "x"), ("points", "0"), ("steady", "perhaps"), ("to", "-1/s")]);
    let found = respond(&q, &wharfage_prices::book()).unwrap_err();
    let fields: Vec<String> = found.iter().map(|d| format!("{:?}", d.labels[0].place)).collect();
    for field in ["from", "to", "points", "steady", "memory"] {
        assert!(fields.iter().any(|f| f.contains(field)), "{field}: {fields:?}");
    }
}

#[test]
fn ranges_that_lead_nowhere_are_refused() {
    let lesson = request(LESSON, &["cloud-run", "ecs-fargate"]);
    #[rustfmt::skip]
    let cases: [(&[(&str, &str)], &str); 9] = [
        (&[("vary", "price")], "request/unknown-word"),
        (&[("vary", "runs")], "break-even/input"),
        (&[("of", "web")], "break-even/workload"),
        (&[("from", "9/s"), ("to", "9/s")], "break-even/range"),
        (&[("step", "0/s")], "break-even/range"),
        (&[("from", "1/s"), ("to", "2/s"), ("step", "5/s")], "break-even/range"),
        (&[("from", "1/s"), ("to", "100000000/s"), ("step", "0.000001/s")], "break-even/range"),
        (&[("from", "1/s"), ("to", "100/min")], "break-even/range"),
        (&[("from", "1M/month"), ("to", "9M/month")], "break-even/range"),
    ];
    for (flags, code) in cases {
        let found = respond(&asked(lesson.clone(), flags), &wharfage_prices::book()).unwrap_err();
        assert_eq!(found.iter().map(|d| d.code).collect::<Vec<_>>(), [code], "{flags:?}: {found:#?}");
    }
    let alone = request(LESSON, &["cloud-run"]);
    assert_eq!(respond(&asked(alone, &[]), &wharfage_prices::book()).unwrap_err()[0].code, "break-even/rivals");
}

#[test]
fn a_rate_that_nobody_stated_can_be_varied() {
    let text = "region = 'seoul'\n[[workload]]\nvcpu = 0.5\nmemory = '1GiB'\nduration = '80ms'\n";
    let answer = answered(&asked(request(text, &["cloud-run", "ecs-fargate"]), &[]));
    assert_eq!((answer.vary.input.as_str(), answer.vary.stated.as_deref()), ("requests", None));
    assert_eq!(answer.crossings.len(), 1);
}

#[test]
fn round_values_grow_and_keep_both_ends() {
    let lesson = request(LESSON, &["cloud-run", "ecs-fargate"]);
    let curve = |flags: &[(&str, &str)]| -> Vec<String> {
        answered(&asked(lesson.clone(), flags)).curve.into_iter().map(|p| p.value).collect()
    };
    let wide = curve(&[]);
    assert_eq!((wide.len(), wide[0].as_str(), wide[15].as_str()), (16, "0.01", "1000"));
    assert_eq!(curve(&[("from", "3/s"), ("to", "700/s"), ("points", "8")]), ["3", "10", "30", "100", "300", "700"]);
    assert_eq!(curve(&[("from", "10/s"), ("to", "20/s"), ("step", "1/s"), ("points", "3")]), ["10", "15", "20"]);
    assert_eq!(curve(&[("from", "0/s"), ("to", "2/s"), ("step", "1/s")]), ["0", "1", "2"]);
}

/// What is known where a simulation is asked to end when it opens its file for the nth time.
fn cut_at(nth: usize) -> Result<BreakEvenResponse, Vec<Diagnostic>> {
    let mut q = simulated(&[("from", "0.5/s"), ("to", "20/s"), ("step", "0.1/s"), ("points", "4")]);
    q.request.simulate.as_mut().unwrap().service = Some("empirical:times.csv".to_owned());
    let (watch, opened) = (Watch::new(), AtomicUsize::new(0));
    let open = |_: &str| {
        if opened.fetch_add(1, Ordering::Relaxed) + 1 == nth {
            watch.stop();
        }
        Ok(Input::from(b"duration_us\n80000\n".to_vec()))
    };
    respond_in(&Catalogue::ENGLISH, &q, &wharfage_prices::book(), (&open, &watch))
}

#[test]
fn a_simulation_that_is_stopped_answers_with_the_values_it_has() {
    let whole = cut_at(usize::MAX).unwrap();
    assert!(whole.warnings.is_empty());
    // Both ends are checked first.
    assert_eq!(cut_at(3).unwrap_err()[0].code, "simulate/cut");
    for values in 1..4 {
        let part = cut_at(3 + values).unwrap();
        assert_eq!(part.warnings[0].code, "simulate/cut");
        assert!(part.warnings[0].message.starts_with(&format!("it was stopped after {values} values")));
        assert_eq!(part.curve, whole.curve[..values]);
        assert_eq!(part.cheapest.last().unwrap().to, whole.curve[values - 1].value);
        assert_eq!(part.crossings, []);
    }
    // A crossing that is told is the one that would be, with the bills that are known around it.
    let parts = (8..).map_while(|n| cut_at(n).ok().filter(|part| !part.warnings.is_empty()));
    let told: Vec<BreakEvenResponse> = parts.filter(|part| !part.crossings.is_empty()).collect();
    assert!(!told.is_empty());
    for part in told {
        let (crossing, wanted) = (&part.crossings[0], &whole.crossings[0]);
        assert_eq!((&crossing.at, crossing.from, crossing.to), (&wanted.at, wanted.from, wanted.to));
        assert_eq!(crossing.bills, wanted.bills[..2]);
    }
}
