//! The cheapest concurrency, least number of instances or replicas that keeps a goal: `--slo p99=300ms`.
//!
//! Every candidate is simulated with the same seed, so that all of them meet the same requests. Of one concurrency, more instances
//! never wait longer and never cost less: the fewest that keep the goals are found by halving the range. Concurrencies are tried one
//! by one. With replications a goal is kept only if the upper end of its 95 % confidence interval keeps it.

use std::{cell::RefCell, collections::BTreeMap, io::Read};

use rust_decimal::Decimal;
use wharfage_core::{
    Diagnostic, PriceBook,
    diagnostic::{did_you_mean, quoted},
    text,
    text::{Catalogue, Text},
    tr,
};

use super::{
    Input, Opener, SimulateRequest, Watch, parameters,
    resolve::ALWAYS_ON,
    respond::{not_begun, simulated},
    response::{CandidateOut, GoalOut, RunOut, SimulateResponse, SloOut},
};
use crate::{
    grammar::{self, Parsed, fault},
    request::EstimateRequest,
};

/// What should be kept, such as `p99=300ms`.
#[derive(Debug, Clone, PartialEq)]
struct Goal {
    /// as it was written
    text: String,
    what: What,
    /// milliseconds, or a share
    most: Decimal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Mean,
    P50,
    P95,
    P99,
    Max,
    WaitP99,
    Cold,
    Rejected,
}

const WHATS: [(&str, What); 8] = [
    ("mean", What::Mean),
    ("p50", What::P50),
    ("p95", What::P95),
    ("p99", What::P99),
    ("max", What::Max),
    ("wait-p99", What::WaitP99),
    ("cold", What::Cold),
    ("rejected", What::Rejected),
];

/// Reads a goal: a quantile of latency and a time, or a share of requests.
fn goal(text: &str) -> Parsed<Goal> {
    let example = "write it like p99=300ms or cold=1%";
    let Some((name, most)) = text.split_once('=') else {
        return fault(text!("`{text}` is not a goal", text = text.trim()), "not a goal", example);
    };
    let name = name.trim();
    let Some((_, what)) = WHATS.iter().find(|(known, _)| *known == name) else {
        let known = WHATS.map(|(known, _)| known);
        let message = text!("`{name}` is not what a goal can be about", name = quoted(name));
        let otherwise = text!("it is one of {words}", words = known.join(", "));
        return fault(message, tr!("unknown"), did_you_mean(name, known.iter().copied(), otherwise));
    };
    let most = match what {
        What::Cold | What::Rejected if most.trim() == "0" => Decimal::ZERO,
        What::Cold | What::Rejected => {
            let (num, den) = grammar::share(most)?;
            Decimal::from(num) / Decimal::from(den)
        }
        _ => Decimal::from(grammar::some_time(most)?.0) / Decimal::from(1_000),
    };
    Ok(Goal { text: text.trim().to_owned(), what: *what, most })
}

impl Goal {
    /// What a run has of it, with the half-width of its interval where there is one.
    fn of(&self, run: &RunOut) -> Option<Decimal> {
        let ci = run.ci95.as_ref();
        let rejected = || Decimal::from(run.rejected).checked_div(Decimal::from(run.requests.max(1)));
        let number = |text: &str| text.parse::<Decimal>().ok();
        let (value, width) = match self.what {
            What::Mean => (number(&run.latency_ms.mean), ci.map(|c| &c.latency_ms.mean)),
            What::P50 => (number(&run.latency_ms.p50), ci.map(|c| &c.latency_ms.p50)),
            What::P95 => (number(&run.latency_ms.p95), ci.map(|c| &c.latency_ms.p95)),
            What::P99 => (number(&run.latency_ms.p99), ci.map(|c| &c.latency_ms.p99)),
            What::Max => (number(&run.latency_ms.max), None),
            What::WaitP99 => (number(&run.wait_ms.p99), ci.map(|c| &c.wait_ms.p99)),
            What::Cold => (number(&run.cold_start_fraction), ci.map(|c| &c.cold_start_fraction)),
            What::Rejected => (rejected(), ci.map(|c| &c.rejected_fraction)),
        };
        Some(value? + width.and_then(|w| number(w)).unwrap_or_default())
    }
}

/// Numbers to try: one, a list `1,10,80`, or a range `1..80` with both ends.
fn numbers(text: &str) -> Parsed<Vec<u64>> {
    let mut all = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match part.split_once("..") {
            None => all.push(grammar::count(part)?),
            Some((from, to)) => {
                let (from, to) = (grammar::count(from)?, grammar::count(to.trim_start_matches('='))?);
                if from > to {
                    return fault(
                        text!("`{part}` ends before it begins", part),
                        "the wrong way round",
                        "write the smaller number first",
                    );
                }
                if to - from >= MOST_NUMBERS {
                    return fault(
                        text!("`{part}` is more numbers than can be tried", part),
                        "too many",
                        "write at most 10000",
                    );
                }
                all.extend(from..=to);
            }
        }
    }
    all.sort_unstable();
    all.dedup();
    if all.is_empty() {
        fault("there is no number to try", tr!("empty"), "write a range such as 1..80")
    } else {
        Ok(all)
    }
}

/// Most numbers in a range.
const MOST_NUMBERS: u64 = 10_000;
/// Most concurrencies that are tried: of more, as many that are spread evenly by ratio.
const MOST_CONCURRENCIES: usize = 12;

/// Simulates candidates of every platform and policy until the cheapest is known that keeps all goals; its runs are the answer's.
///
/// # Errors
/// As [`super::respond`], and where a goal or a range is not understood.
pub fn search(
    words: &Catalogue,
    request: &EstimateRequest,
    book: &PriceBook<'_>,
    open: Opener<'_>,
    watch: &Watch,
) -> Result<SimulateResponse, Vec<Diagnostic>> {
    let asked = Asked::read(request)?;
    parameters::check(request)?;
    let kept = RefCell::new(BTreeMap::new());
    let open = |name: &str| opened_once(&kept, open, name);
    let simulate = |candidate: &Candidate, part: &EstimateRequest| {
        let answer = simulated(words, &candidate.of(part), book, &open, watch)?;
        // A part of a search would name what is not the cheapest.
        if watch.is_stopped() { Err(vec![not_begun()]) } else { Ok(answer) }
    };
    let mut whole: Option<SimulateResponse> = None;
    let mut tried = Vec::new();
    for part in parts(request) {
        let searched = asked.search(&part, &simulate)?;
        tried.extend(searched.tried);
        match &mut whole {
            None => whole = Some(searched.answer),
            Some(whole) => whole.join(searched.answer),
        }
    }
    let mut answer = whole.expect("a request has one part at least");
    let goals = asked.goals.iter().map(|g| GoalOut { goal: g.text.clone(), at_most: g.most.normalize().to_string() });
    answer.slo = Some(SloOut { goals: goals.collect(), candidates: tried });
    Ok(answer)
}

/// A file, kept if it can be read only once.
fn opened_once(kept: &RefCell<BTreeMap<String, Vec<u8>>>, open: Opener<'_>, name: &str) -> Result<Input, Diagnostic> {
    if let Some(bytes) = kept.borrow().get(name) {
        return Ok(Input::from(bytes.clone()));
    }
    match open(name)? {
        Input::Once(mut from) => {
            let mut bytes = Vec::new();
            let read = from.read_to_end(&mut bytes);
            read.map_err(|e| {
                Diagnostic::error("file/unreadable", Text::known(e.to_string())).on("arrivals", "can't be read")
            })?;
            kept.borrow_mut().insert(name.to_owned(), bytes.clone());
            Ok(Input::from(bytes))
        }
        again => Ok(again),
    }
}

/// The request of each platform and policy alone.
fn parts(request: &EstimateRequest) -> Vec<EstimateRequest> {
    let split = |texts: &[String]| -> Vec<String> {
        let each = texts.iter().flat_map(|t| t.split(',')).map(str::trim).filter(|t| !t.is_empty());
        each.map(str::to_owned).collect()
    };
    let platforms = split(&request.platform);
    let policies = request.simulate.as_ref().map_or_else(Vec::new, |s| split(&s.policy));
    let or_none = |all: Vec<String>| if all.is_empty() { vec![None] } else { all.into_iter().map(Some).collect() };
    let policies: Vec<Option<String>> = or_none(policies);
    let mut all = Vec::new();
    for platform in or_none(platforms) {
        for policy in &policies {
            let mut part = request.clone();
            part.platform = platform.iter().cloned().collect();
            part.simulate.get_or_insert_default().policy = policy.iter().cloned().collect();
            parameters::keep_own(&mut part);
            all.push(part);
        }
    }
    all
}

/// One choice of what may be varied, each as it is written; `None` where it is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Candidate {
    concurrency: Option<u64>,
    /// replicas of a fleet that is always on, else the least number of instances
    instances: Option<u64>,
    always_on: bool,
}

impl Candidate {
    fn of(&self, part: &EstimateRequest) -> EstimateRequest {
        let mut request = part.clone();
        if request.workload.is_empty() {
            request.workload.push(Default::default());
        }
        let w = &mut request.workload[0];
        let text = |n: Option<u64>| n.map(|n| n.to_string());
        w.concurrency = text(self.concurrency).or(w.concurrency.take());
        if self.always_on {
            (w.replicas, w.min_instances) = (text(self.instances), None);
        } else {
            (w.min_instances, w.replicas) = (text(self.instances), None);
        }
        if let Some(simulate) = &mut request.simulate {
            simulate.slo = Vec::new();
        }
        request
    }
}

/// Goals and ranges.
struct Asked {
    goals: Vec<Goal>,
    concurrency: Option<Vec<u64>>,
    min_instances: Option<Vec<u64>>,
    replicas: Option<Vec<u64>>,
}

/// Runs of the cheapest candidate, and what else was tried.
struct Searched {
    answer: SimulateResponse,
    tried: Vec<CandidateOut>,
}

type Simulate<'s> = &'s dyn Fn(&Candidate, &EstimateRequest) -> Result<SimulateResponse, Vec<Diagnostic>>;

impl Asked {
    fn read(request: &EstimateRequest) -> Result<Self, Vec<Diagnostic>> {
        let mut found = Vec::new();
        let none = SimulateRequest::default();
        let texts = &request.simulate.as_deref().unwrap_or(&none).slo;
        let parts = texts.iter().flat_map(|t| t.split(',')).filter(|t| !t.trim().is_empty());
        let mut told = |f: grammar::Fault, path: &str| {
            found.push(Diagnostic::error("request/value", f.message).on(path, f.label).help(f.help));
        };
        let goals: Vec<Goal> = parts.filter_map(|t| goal(t).map_err(|f| told(f, "simulate.slo")).ok()).collect();
        let w = request.workload.first();
        let mut range =
            |text: Option<&String>, path: &str| text.and_then(|text| numbers(text).map_err(|f| told(f, path)).ok());
        let asked = Self {
            goals,
            concurrency: range(w.and_then(|w| w.concurrency.as_ref()), "workload[0].concurrency"),
            min_instances: range(w.and_then(|w| w.min_instances.as_ref()), "workload[0].min_instances"),
            replicas: range(w.and_then(|w| w.replicas.as_ref()), "workload[0].replicas"),
        };
        if found.is_empty() { Ok(asked) } else { Err(found) }
    }

    /// The cheapest candidate of one platform and policy that keeps the goals, else the one that comes nearest.
    fn search(&self, part: &EstimateRequest, simulate: Simulate<'_>) -> Result<Searched, Vec<Diagnostic>> {
        let policy = part.simulate.as_ref().and_then(|s| s.policy.first()).map(String::as_str);
        let always_on = policy == Some(ALWAYS_ON) || (policy.is_none() && self.replicas.is_some());
        let given = if always_on { &self.replicas } else { &self.min_instances };
        // A fleet of none serves nobody.
        let default = if always_on { (1..=DEFAULT_MOST).collect() } else { (0..=DEFAULT_MOST).collect() };
        let instances: Vec<u64> = given.clone().unwrap_or(default);
        let concurrencies: Vec<Option<u64>> = match &self.concurrency {
            None => vec![None],
            Some(all) => spread(all).into_iter().map(Some).collect(),
        };
        let mut best: Option<(bool, SimulateResponse)> = None;
        let mut tried = Vec::new();
        for concurrency in concurrencies {
            let mut look = |n: usize| -> Result<(bool, SimulateResponse), Vec<Diagnostic>> {
                let candidate = Candidate { concurrency, instances: Some(instances[n]), always_on };
                let answer = simulate(&candidate, part)?;
                let keeps = !answer.runs.is_empty() && answer.runs.iter().all(|run| self.keeps(run));
                tried.extend(answer.runs.iter().map(|run| self.told(run, &candidate)));
                Ok((keeps, answer))
            };
            let found = fewest(instances.len(), &mut look)?;
            if best.as_ref().is_none_or(|best| better(&found, best)) {
                best = Some(found);
            }
        }
        let (_, answer) = best.expect("a range has one number at least");
        let mut chosen: Vec<&mut CandidateOut> = tried.iter_mut().collect();
        for run in &answer.runs {
            let same = |c: &&mut &mut CandidateOut| c.is_of(run);
            if let Some(candidate) = chosen.iter_mut().rev().find(same) {
                candidate.chosen = candidate.keeps;
            }
        }
        tried.sort_by_key(|c: &CandidateOut| (c.concurrency, c.replicas.or(c.min_instances)));
        Ok(Searched { answer, tried })
    }

    fn keeps(&self, run: &RunOut) -> bool {
        self.goals.iter().all(|goal| goal.of(run).is_some_and(|value| value <= goal.most))
    }

    fn told(&self, run: &RunOut, candidate: &Candidate) -> CandidateOut {
        let instances = candidate.instances;
        CandidateOut {
            platform: run.platform.clone(),
            region: run.region.clone(),
            purchase: run.purchase.clone(),
            policy: run.policy.clone(),
            concurrency: run.concurrency,
            min_instances: instances.filter(|_| !candidate.always_on),
            replicas: instances.filter(|_| candidate.always_on),
            values: self
                .goals
                .iter()
                .map(|g| g.of(run).map_or_else(String::new, |v| v.normalize().to_string()))
                .collect(),
            mean_total: run.instances.mean_total.clone(),
            monthly_total: run.bill.as_ref().and_then(|b| b.monthly_total.clone()),
            keeps: self.keeps(run),
            chosen: false,
        }
    }
}

/// Most instances that are tried where nobody says.
const DEFAULT_MOST: u64 = 100;

/// The first of `n` candidates that keeps the goals, by halving; the last where none does.
fn fewest(
    n: usize,
    look: &mut dyn FnMut(usize) -> Result<(bool, SimulateResponse), Vec<Diagnostic>>,
) -> Result<(bool, SimulateResponse), Vec<Diagnostic>> {
    let first = look(0)?;
    if first.0 || n == 1 || first.1.runs.is_empty() {
        return Ok(first);
    }
    // Steps that double first: most services need few instances.
    let (mut below, mut step) = (0, 1);
    let mut found = loop {
        let at = (below + step).min(n - 1);
        let here = look(at)?;
        if here.0 {
            break (at, here);
        }
        if at == n - 1 {
            return Ok(here);
        }
        (below, step) = (at, step * 2);
    };
    while found.0 - below > 1 {
        let middle = below + (found.0 - below) / 2;
        let here = look(middle)?;
        if here.0 { found = (middle, here) } else { below = middle }
    }
    Ok(found.1)
}

/// Keeping the goals beats cost, and cost beats instance time.
fn better(a: &(bool, SimulateResponse), b: &(bool, SimulateResponse)) -> bool {
    (!a.0, cost(&a.1)) < (!b.0, cost(&b.1))
}

/// What the first run costs in a month, or how many instances it has on average.
fn cost(answer: &SimulateResponse) -> Decimal {
    let text = answer.runs.first().map(|run| match &run.bill {
        Some(bill) => bill.monthly_total_exact.as_deref().unwrap_or_default(),
        None => run.instances.mean_total.as_str(),
    });
    text.and_then(|t| t.parse().ok()).unwrap_or(Decimal::MAX)
}

/// Not more than can be tried, spread evenly by ratio; the first and the last are among them.
fn spread(all: &[u64]) -> Vec<u64> {
    if all.len() <= MOST_CONCURRENCIES {
        return all.to_vec();
    }
    let last = all.len() - 1;
    let mut picked = vec![0];
    let mut at = 1;
    while at < last {
        picked.push(at);
        at += (at / 2).max(1);
    }
    picked.push(last);
    while picked.len() > MOST_CONCURRENCIES {
        // The small ones stand closest.
        let closest = (1..picked.len() - 1).min_by_key(|n| (picked[n + 1] - picked[n - 1], *n)).unwrap_or(1);
        picked.remove(closest);
    }
    picked.into_iter().map(|n| all[n]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_and_ranges_are_read() {
        let g = goal("p99=300ms").unwrap();
        assert_eq!((g.what, g.most), (What::P99, Decimal::from(300)));
        assert_eq!(goal("cold=1%").unwrap().most, Decimal::new(1, 2));
        assert_eq!(goal("rejected=0").unwrap().most, Decimal::ZERO);
        assert_eq!(numbers("1..3,10, 2").unwrap(), [1, 2, 3, 10]);
        for bad in ["p99", "p98=1s", "p99=300", "p99=", "cold=2"] {
            assert!(goal(bad).is_err(), "{bad}");
        }
        for bad in ["", "3..1", "1..100000", "a..b", "1.."] {
            assert!(numbers(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn many_concurrencies_are_thinned_and_keep_both_ends() {
        let all: Vec<u64> = (1..=80).collect();
        let some = spread(&all);
        assert!(some.len() <= MOST_CONCURRENCIES);
        assert_eq!((some[0], *some.last().unwrap()), (1, 80));
        assert!(some.is_sorted_by(|a, b| a < b));
        assert_eq!(spread(&[1, 80]), [1, 80]);
    }

    #[test]
    fn the_fewest_that_keep_a_goal_are_found_in_few_looks() {
        let answer =
            |n: usize| SimulateResponse { seed: n as u64, runs: vec![RunOut::default()], ..Default::default() };
        for n in 1..40 {
            for least in 0..=n {
                let mut looks = 0;
                let found = fewest(n, &mut |at| {
                    looks += 1;
                    Ok((at >= least, answer(at)))
                })
                .unwrap();
                let want = least.min(n - 1);
                assert_eq!((found.0, found.1.seed), (least < n, want as u64), "{least} of {n}");
                assert!(looks <= 12, "{looks} looks for {least} of {n}");
            }
        }
    }
}
