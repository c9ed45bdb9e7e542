//! What holds for every request: proptest makes requests over all platforms and prices them with the real book.
//!
//! Costs may fall where usage grows in two documented ways, which are kept apart here: a period of 672 h or more has its
//! monthly allowances whole, a shorter one in part; and a size may be raised to a menu's next one. Neither is a step of
//! the usage that is grown below.

#[path = "properties/commitments.rs"]
mod commitments;

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use jiff::{ToSpan, civil::Date};
use proptest::{
    option,
    prelude::*,
    sample::{Index, select},
};
use rust_decimal::{Decimal, RoundingStrategy};
use wharfage_api::{
    read,
    request::{EstimateRequest, WorkloadRequest},
    respond,
    response::{EstimateOut, EstimateResponse, LineOut, Sums},
};
use wharfage_core::{estimate::SHARED, platform::Platform, purchase::Purchase};
use wharfage_tests::{parse, table_texts};

const REGIONS: [&str; 8] = ["seoul", "tokyo", "osaka", "ireland", "frankfurt", "us-east-1", "us-central1", "singapore"];
const PERIODS: [&str; 6] = ["730h", "720h", "24h", "1h", "2026-02", "8760h"];

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, max_global_rejects: 1 << 20, ..ProptestConfig::default() }
}

fn some(text: impl ToString) -> Option<String> {
    Some(text.to_string())
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A workload in one of the four shapes.
fn workload() -> impl Strategy<Value = WorkloadRequest> {
    let size = (1_u32..=320, 1_u32..=256, option::weighted(0.2, 1_u32..=200));
    let rest = (option::weighted(0.3, select(vec!["x86", "arm"])), option::weighted(0.2, 1_u32..=24), 0_u32..=3);
    (size, shape(), rest).prop_map(|((steps, quarters, disk), shape, (arch, hours, class))| WorkloadRequest {
        vcpu: some(format!("{}m", steps * 50)),
        memory: some(format!("{}MiB", quarters * 256)),
        ephemeral_storage: disk.map(|g| format!("{g}GiB")),
        arch: arch.map(str::to_owned),
        hours: hours.filter(|_| shape.instance_time.is_none()).map(|h| format!("{h}h")),
        class: ["balanced", "scale-out"].get(class as usize).map(|c| (*c).to_owned()),
        ..shape
    })
}

fn shape() -> impl Strategy<Value = WorkloadRequest> {
    let replicas = (1_u32..=200).prop_map(|n| WorkloadRequest { replicas: some(n), ..WorkloadRequest::default() });
    let runs = (1_u32..=10_000, 1_u32..=20_000, 1_u32..=4).prop_map(|(n, seconds, tasks)| WorkloadRequest {
        runs: some(n),
        duration: some(format!("{seconds}s")),
        tasks: some(tasks),
        ..WorkloadRequest::default()
    });
    let traffic = (0_u32..=500, 1_u32..=5_000, 1_u32..=200, 0_u32..=3, 1_u32..=10);
    let traffic = traffic.prop_map(|(rate, ms, concurrency, warm, peak)| WorkloadRequest {
        requests: some(format!("{rate}/s")),
        duration: some(format!("{ms}ms")),
        concurrency: some(concurrency),
        min_instances: some(warm),
        peak: some(format!("{}/s", rate * peak)),
        ..WorkloadRequest::default()
    });
    let metered = (0_u64..=10_000_000_000_000, 0_u32..=1_000, 0_u32..=100_000_000, 0_u32..=50);
    let metered = metered.prop_map(|(active, idle, requests, most)| WorkloadRequest {
        instance_time: some(format!("{active}us")),
        idle_time: some(format!("{idle}h")),
        request_count: some(requests),
        most_instances: some(most),
        ..WorkloadRequest::default()
    });
    prop_oneof![replicas, runs, traffic, metered]
}

/// A request with one to three named workloads.
fn request() -> impl Strategy<Value = EstimateRequest> {
    let where_and_how = (select(Platform::IDS), select(&REGIONS[..]), any::<Index>(), select(&PERIODS[..]));
    let commit = option::weighted(0.2, 1_u32..=20);
    let settings = (select(vec!["on", "off"]), select(vec!["invoice", "exact"]), commit);
    (where_and_how, settings, prop::collection::vec(workload(), 1..=3)).prop_map(
        |((platform, region, purchase, period), (free, rounding, commit), mut all)| {
            for (n, w) in all.iter_mut().enumerate() {
                w.name = some(format!("w{n}"));
                w.hours = w.hours.take().filter(|_| period != "1h");
            }
            EstimateRequest {
                platform: vec![platform.to_owned()],
                region: vec![region.to_owned()],
                purchase: vec![commitments::bought(Platform::from_id(platform).unwrap(), purchase).to_owned()],
                commit: commit.map(|n| format!("{n}.5USD/h")),
                period: some(period),
                as_of: some("2026-11-22"),
                free_tier: some(free),
                rounding: some(rounding),
                workload: all,
                ..EstimateRequest::default()
            }
        },
    )
}

/// The same with things beside the compute, others for each workload.
fn beside() -> impl Strategy<Value = EstimateRequest> {
    let data = prop::collection::vec(option::weighted(0.5, 0_u32..=200_000), 15);
    (request(), data, select(vec!["alb", "nlb", "on", "off"])).prop_map(|(mut request, data, balancer)| {
        for (w, data) in request.workload.iter_mut().zip(data.chunks(5)) {
            let gib = |n: usize| data[n].map(|g| format!("{g}GiB"));
            w.egress = gib(0);
            w.logs = gib(1);
            w.image = gib(2);
            w.nat = gib(3);
            w.inter_zone = gib(4);
            w.exec_logs = gib(3);
            w.event_data = gib(4);
            w.pulls = data[2].map(|n| n.to_string());
            w.pull_from = data[2].map(|n| ["region", "nat", "us-east-1"][n as usize % 3].to_owned());
            w.load_balancer = data[0].map(|_| balancer.to_owned());
            w.lb_bytes = data[1].map(|n| format!("{n}kB/s"));
            w.lb_active = data[2].map(|n| n.to_string());
            w.lb_connections = data[3].map(|n| format!("{n}/min"));
            w.lb_rules = data[4].map(|n| n.to_string());
            w.public_ipv4 = data[0].map(|n| n.to_string());
            w.with = data[1].map(|_| "network".to_owned());
        }
        request
    })
}

/// The same for a calendar year, which is twelve bills.
fn year() -> impl Strategy<Value = EstimateRequest> {
    (prop_oneof![request(), beside()], select(vec!["2027", "2028"]))
        .prop_map(|(request, year)| EstimateRequest { period: some(year), ..request })
}

/// The answer; what is refused (a size without hours enough, …) is no case.
fn answer(request: &EstimateRequest) -> Result<EstimateResponse, TestCaseError> {
    respond(request, &wharfage_prices::book()).map_err(|found| TestCaseError::reject(format!("{found:?}")))
}

/// The one group's exact total, where all of it is priced.
fn total(request: &EstimateRequest) -> Result<Decimal, TestCaseError> {
    let response = answer(request)?;
    let [total] = response.totals.as_slice() else { panic!("one platform in one place is one group") };
    let exact = total.sums.total_exact.as_deref().filter(|_| total.status == "priced");
    exact.map(dec).ok_or_else(|| TestCaseError::reject(total.status.clone()))
}

/// Do two answers come to the same, but for the last digit of each line?
fn is_close(a: &EstimateResponse, b: &EstimateResponse) -> bool {
    let exact =
        |r: &EstimateResponse| r.totals.iter().filter_map(|t| t.sums.total_exact.as_deref().map(dec)).sum::<Decimal>();
    let lines = |r: &EstimateResponse| r.estimates.iter().map(|e| e.lines.len()).sum::<usize>();
    let most = Decimal::new(i64::try_from(lines(a).max(lines(b))).unwrap(), 12);
    (exact(a) - exact(b)).abs() <= most
}

/// `unit_price × priced_base ÷ base_per_unit`, half-even at 12 places, in whole 10^-12 dollars.
fn cost_by_identity(l: &LineOut) -> i128 {
    let price = dec(&l.unit_price);
    let (base, per): (i128, i128) = (l.priced_base.parse().unwrap(), l.base_per_unit.parse().unwrap());
    // A share of a price may have more than 12 decimals.
    let (up, down) = (12_u32.saturating_sub(price.scale()), price.scale().saturating_sub(12));
    let (product, per) = (price.mantissa() * base * 10_i128.pow(up), per * 10_i128.pow(down));
    let (quotient, rest) = (product.div_euclid(per), product.rem_euclid(per));
    match (2 * rest).cmp(&per) {
        Ordering::Greater => quotient + 1,
        Ordering::Equal => quotient + quotient.rem_euclid(2),
        Ordering::Less => quotient,
    }
}

fn picos(d: Decimal) -> i128 {
    (d * Decimal::from(1_000_000_000_000_u64)).normalize().to_string().parse().unwrap()
}

fn cents(d: Decimal) -> Decimal {
    d.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// Exact cost by sku.
fn by_sku<'l>(lines: impl Iterator<Item = &'l LineOut>) -> BTreeMap<&'l str, Decimal> {
    let mut all = BTreeMap::new();
    for l in lines {
        *all.entry(l.sku.as_str()).or_default() += dec(&l.cost);
    }
    all
}

/// Total to the cent and exactly, or the subtotals where something is missing.
fn sums(of: &Sums) -> Option<(Decimal, Decimal)> {
    Some((dec(of.cents()?), dec(of.exact()?)))
}

fn expected(lines: &[&LineOut], rounding: &str) -> (Decimal, Decimal) {
    let each = by_sku(lines.iter().copied());
    let exact: Decimal = each.values().sum();
    let total = if rounding == "exact" { cents(exact) } else { each.values().map(|c| cents(*c)).sum() };
    (total, exact)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_printed_numbers_of_a_line_give_its_printed_cost(request in prop_oneof![request(), beside(), year()]) {
        for line in answer(&request)?.estimates.iter().flat_map(|e| &e.lines) {
            prop_assert_eq!(picos(dec(&line.cost)), cost_by_identity(line), "{:?}", line);
            prop_assert_eq!(cents(dec(&line.cost)), dec(&line.cost_rounded), "{:?}", line);
        }
    }

    #[test]
    fn lines_sum_to_totals_exactly_and_by_the_cents_of_their_skus(request in prop_oneof![request(), beside()]) {
        let response = answer(&request)?;
        for e in &response.estimates {
            if let Some(got) = sums(&e.sums) {
                prop_assert_eq!(got, expected(&e.lines.iter().collect::<Vec<_>>(), &response.rounding), "{}", e.workload);
            }
        }
        let all: Vec<&LineOut> = response.estimates.iter().flat_map(|e| &e.lines).collect();
        for t in &response.totals {
            if let Some(got) = sums(&t.sums) {
                prop_assert_eq!(got, expected(&all, &response.rounding));
            }
        }
    }

    #[test]
    fn a_years_lines_and_totals_are_those_of_its_months(request in year()) {
        let response = answer(&request)?;
        let most = |lines: usize| Decimal::new(i64::try_from(lines).unwrap(), 12);
        for e in &response.estimates {
            // A month's cost may end beyond the 12th place: then it is rounded there, and so is the line's.
            for l in &e.lines {
                let months: Decimal = l.months.iter().map(|c| dec(c)).sum();
                prop_assert!((months - dec(&l.cost)).abs() <= most(l.months.len()), "{:?}", l);
            }
            let Some((total, exact)) = sums(&e.sums) else { continue };
            let each: Vec<(Decimal, Decimal)> = e.months.iter().filter_map(|m| sums(&m.sums)).collect();
            prop_assert_eq!(each.len(), 12);
            prop_assert_eq!(exact, each.iter().map(|(_, exact)| exact).sum::<Decimal>());
            let cents = if response.rounding == "exact" { cents(exact) } else { each.iter().map(|(total, _)| total).sum() };
            prop_assert_eq!(total, cents);
        }
    }

    #[test]
    fn a_years_always_on_fleet_costs_what_its_months_cost_alone(request in request(), replicas in 1_u32..50) {
        let always_on = |w: &WorkloadRequest| WorkloadRequest {
            name: w.name.clone(),
            vcpu: w.vcpu.clone(),
            memory: w.memory.clone(),
            replicas: some(replicas),
            ..WorkloadRequest::default()
        };
        let workload: Vec<WorkloadRequest> = request.workload.iter().map(always_on).collect();
        let asked = |period: &str| EstimateRequest { period: some(period), workload: workload.clone(), ..request.clone() };
        let year = answer(&asked("2027"))?;
        // Where months alone would choose different machines, they are not what the year has.
        let one_type = |e: &EstimateOut| e.assumptions.iter().any(|a| a.code == "period/one-machine-type");
        prop_assume!(!year.estimates.iter().any(one_type));
        for (n, month) in year.period.months.iter().enumerate() {
            let alone = answer(&asked(&month.label))?;
            for (e, alone) in year.estimates.iter().zip(&alone.estimates).filter(|(e, _)| !e.months.is_empty()) {
                let m = &e.months[n];
                prop_assert_eq!((&m.sums.total, &m.sums.subtotal), (&alone.sums.total, &alone.sums.subtotal), "{} {}", e.workload, month.label);
                prop_assert_eq!(m.sums.exact().map(|t| dec(t)), alone.sums.exact().map(|t| dec(t)));
            }
        }
    }

    #[test]
    fn a_status_says_which_figures_there_are(request in prop_oneof![3 => request(), 1 => year()]) {
        for e in answer(&request)?.estimates {
            let has = (e.sums.total.is_some(), e.sums.subtotal.is_some(), !e.missing.is_empty(), !e.reasons.is_empty());
            let wanted = match e.status.as_str() {
                "priced" => (true, false, false, false),
                "partial" => (false, true, true, false),
                "unpriced" => (false, false, true, false),
                _ => (false, false, false, true),
            };
            prop_assert_eq!(has, wanted, "{:?}", e);
            prop_assert_eq!(e.feasible, e.status != "infeasible");
            prop_assert!(!e.feasible || e.workload == SHARED || !e.not_priced.is_empty(), "what is not priced is always said");
        }
    }

    #[test]
    fn cost_never_falls_when_usage_grows(request in request(), which in any::<Index>(), what in any::<Index>(), much in any::<bool>()) {
        let mut more = request.clone();
        let count = more.workload.len();
        let grown = grow(&mut more.workload[which.index(count)], what, much);
        // What runs in every hour is committed to, and then costs less: a documented step of commitments.
        prop_assume!(grown != "hours" || ["on-demand", "spot"].contains(&request.purchase[0].as_str()));
        let (before, after) = (total(&request)?, total(&more)?);
        // First-fit decreasing may find a better packing of larger pods: a documented step of platforms made of nodes.
        let packed = Platform::from_id(&request.platform[0]).is_some_and(Platform::has_nodes);
        prop_assert!(packed || after >= before, "{} fell to {} with more {}", before, after, grown);
    }

    #[test]
    fn a_canary_never_saves(request in request(), percent in 1_u32..=99, minutes in 1_u32..=59) {
        let mut with = request.clone();
        for w in with.workload.iter_mut().filter(|w| w.runs.is_none() && w.instance_time.is_none()) {
            w.canary = some(format!("{percent}%"));
            w.canary_hours = some(format!("{minutes}m"));
        }
        let (before, after) = (total(&request)?, total(&with)?);
        prop_assert!(after >= before, "{} fell to {} with a canary of {} %", before, after, percent);
    }

    #[test]
    fn credits_are_at_most_what_they_are_for_and_the_free_tiers_whole_effect(request in request()) {
        let tier = |t: &str| EstimateRequest { free_tier: some(t), ..request.clone() };
        let (on, off) = (answer(&tier("on"))?, answer(&tier("off"))?);
        let lines = |r: &EstimateResponse| r.estimates.iter().flat_map(|e| e.lines.clone()).collect::<Vec<_>>();
        let (on, off) = (lines(&on), lines(&off));
        let sum = |lines: &[LineOut]| lines.iter().map(|l| dec(&l.cost)).sum::<Decimal>();
        // Sustained use is a discount of the price, not a gift of the free tier.
        let given = |l: &LineOut| dec(&l.cost) < Decimal::ZERO && !l.sku.ends_with(".sustained-use");
        let (credits, charges): (Vec<_>, Vec<_>) = on.iter().cloned().partition(given);
        prop_assert!(sum(&on) >= Decimal::ZERO, "credits give back at most what there is");
        prop_assert!(!off.iter().any(given), "without the free tier nothing is given");
        prop_assert_eq!(sum(&charges), sum(&off));
        prop_assert_eq!(sum(&on) - sum(&off), sum(&credits));
    }

    #[test]
    fn the_order_of_workloads_does_not_matter(request in prop_oneof![request(), beside()], by in 0_usize..3) {
        let mut turned = request.clone();
        let count = turned.workload.len();
        turned.workload.rotate_left(by % count);
        let (straight, turned) = (answer(&request)?, answer(&turned)?);
        if request.commit.is_some() {
            // Of lines that save the same it is the first that is covered, and each part is rounded at 12 places.
            prop_assert!(is_close(&straight, &turned), "{:?} {:?}", straight.totals, turned.totals);
        } else {
            prop_assert_eq!(straight.totals, turned.totals);
        }
    }

    #[test]
    fn twice_the_replicas_cost_as_much_as_two_workloads(request in request(), replicas in 1_u32..200) {
        let one = |n: u32, name: &str| WorkloadRequest {
            name: some(name),
            vcpu: request.workload[0].vcpu.clone(),
            memory: request.workload[0].memory.clone(),
            replicas: some(n),
            ..WorkloadRequest::default()
        };
        let with = |workload: Vec<WorkloadRequest>| EstimateRequest { workload, ..request.clone() };
        let (whole, halves) = (with(vec![one(2 * replicas, "all")]), with(vec![one(replicas, "a"), one(replicas, "b")]));
        let (one, two) = (total(&whole)?, total(&halves)?);
        // Each line is exact to 12 places: where a cost does not end within them, its halves are rounded each.
        let lines = answer(&halves)?.estimates.iter().map(|e| e.lines.len()).sum::<usize>();
        prop_assert!((one - two).abs() <= Decimal::new(i64::try_from(lines).unwrap(), 12), "{} and {}", one, two);
        if one == two {
            prop_assert_eq!(&answer(&whole)?.totals[0].sums.total, &answer(&halves)?.totals[0].sums.total);
        }
    }

    #[test]
    fn nothing_changes_between_two_days_on_which_a_figure_does(request in request(), at in any::<Index>(), on in any::<Index>()) {
        let days = days_of_change();
        let n = at.index(days.len() - 1);
        let (from, to) = (days[n], days[n + 1]);
        let apart = from.until(to).unwrap().get_days();
        let within = from + i64::try_from(on.index(usize::try_from(apart).unwrap())).unwrap().days();
        let asked = |day: Date| answer(&EstimateRequest { as_of: some(day), ..request.clone() });
        let (first, other) = (asked(from)?, asked(within)?);
        prop_assert_eq!(first.estimates, other.estimates, "{} and {}", from, within);
    }

    #[test]
    fn a_request_survives_json_and_so_does_its_answer(request in request()) {
        let json = serde_json::to_string(&request).unwrap();
        let (read, _) = read::request("request.json", &json).map_err(|found| TestCaseError::fail(format!("{found:?}")))?;
        prop_assert_eq!(&read, &request);
        let response = answer(&request)?;
        prop_assert_eq!(&answer(&read)?, &response);
        let text = wharfage_api::response::to_json(&response);
        prop_assert_eq!(serde_json::from_str::<EstimateResponse>(&text).unwrap(), response);
    }

    #[test]
    fn any_text_in_any_field_is_priced_or_refused_with_a_reason(request in request(), which in any::<Index>(), text in odd_text()) {
        let mut odd = request;
        let fields: Vec<_> = EstimateRequest::FIELDS.iter().chain(WorkloadRequest::FIELDS).collect();
        let field = which.get(&fields).name;
        let set = odd.set(field, vec![text.clone()]) || odd.workload[0].set(field, vec![text.clone()]);
        prop_assert!(set);
        if let Err(found) = respond(&odd, &wharfage_prices::book()) {
            prop_assert!(!found.is_empty());
            for d in found {
                let message = d.message.to_string();
                prop_assert!(!message.is_empty() && d.help.is_some_and(|h| !h.is_empty()), "{field} = {text:?}");
                prop_assert!(!message.contains(char::is_control), "{field} = {text:?}: {message:?}");
                prop_assert!(message.chars().count() < 200, "{field} = {text:?}: {message}");
            }
        }
    }
}

/// Fields that say how much is used.
const GROWING: [&str; 14] = [
    "vcpu",
    "memory",
    "ephemeral_storage",
    "replicas",
    "runs",
    "tasks",
    "duration",
    "requests",
    "min_instances",
    "instance_time",
    "idle_time",
    "request_count",
    "most_instances",
    "hours",
];

/// Makes one of a workload's fields a little more, or half as much again, and says which.
fn grow(w: &mut WorkloadRequest, which: Index, much: bool) -> &'static str {
    let set: Vec<&'static str> = GROWING.into_iter().filter(|f| !w.get(f).is_empty()).collect();
    let field = *which.get(&set);
    let text = w.get(field)[0].to_owned();
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let digits = if field == "requests" { text.trim_end_matches("/s") } else { digits };
    let unit = &text[digits.len()..];
    let n: u64 = digits.parse().unwrap();
    let step = match field {
        "vcpu" => 50,
        "memory" => 256,
        _ => 1,
    };
    let grown = n + step + if much { n / 2 / step * step } else { 0 };
    w.set(field, vec![format!("{grown}{unit}")]);
    // The peak stays above the mean.
    if field == "requests" && w.peak.is_some() {
        let peak: u64 = w.peak.as_deref().unwrap().trim_end_matches("/s").parse().unwrap();
        w.peak = some(format!("{}/s", peak.max(grown)));
    }
    field
}

/// Days on which some figure of the tables begins or ends, sorted.
fn days_of_change() -> &'static [Date] {
    static DAYS: OnceLock<Vec<Date>> = OnceLock::new();
    DAYS.get_or_init(|| {
        let (tables, _) = parse(&table_texts());
        let edition = wharfage_prices::book().edition().date;
        let dated = tables.prices.iter().map(|r| &r.dated).chain(tables.terms.iter().map(|r| &r.dated));
        let days: BTreeSet<Date> = dated.flat_map(|d| [d.from, d.until]).flatten().filter(|d| *d <= edition).collect();
        days.into_iter().collect()
    })
}

/// Texts that people and programs write where a value belongs.
fn odd_text() -> impl Strategy<Value = String> {
    let words = select(vec![
        "",
        " ",
        "0",
        "-0",
        "-1",
        "1e9",
        "1e400",
        "NaN",
        "inf",
        "0x10",
        "1_000",
        "1,000",
        "１２",
        "½",
        "٣",
        "∞",
        "99999999999999999999",
        "0.000000000000000001",
        "1GiB",
        "-1GiB",
        "9999999TiB",
        "1ms",
        "1/s",
        "1/",
        "/s",
        "5M/month",
        "999999999999999B/s",
        "on",
        "true",
        "l4:1",
        "l4:999999999999",
        "100m/128MiB",
        "/",
        "all",
        "서울",
        "a,b,,c",
        "2026-02-30",
        "0000-00-00",
        "9999-12-31",
        "KRW=1",
        "=",
        "\u{0}",
        "\n",
        "{}",
        "1h1h1h",
        "100%",
        "1/3",
        "best",
        "2027",
        "876600h",
        "(shared)",
    ]);
    prop_oneof![3 => words.prop_map(str::to_owned), 1 => "\\PC{0,40}", 1 => "[0-9.,+-]{1,30}[a-zA-Z%/=:]{0,6}", 1 => "(?s).{0,300}"]
}

#[test]
fn the_requests_above_reach_every_platform_and_status() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for _ in 0..1_500 {
        let request = request().new_tree(&mut runner).unwrap().current();
        let Ok(response) = respond(&request, &wharfage_prices::book()) else { continue };
        for EstimateOut { platform, status, .. } in response.estimates {
            seen.entry(platform).or_default().insert(status);
        }
    }
    assert_eq!(seen.keys().map(String::as_str).collect::<BTreeSet<_>>(), Platform::IDS.iter().copied().collect());
    for (platform, statuses) in &seen {
        assert!(statuses.contains("priced"), "{platform} is never priced: {statuses:?}");
    }
}
