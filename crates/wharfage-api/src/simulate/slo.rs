//! The cheapest concurrency, least number of instances or replicas that keeps a goal: `--slo p99=300ms`.
//!
//! Every candidate is simulated with the same seed, so that all of them meet the same requests. Of one concurrency, more instances
//! never wait longer and never cost less: the fewest that keep the goals are found by halving the range. Every concurrency is
//! tried, several at once where there are processors for it. One whose queue grows beyond all bounds keeps no goal, and has no
//! figures to tell. With replications a goal is kept only if the upper end of its 95 % confidence interval keeps it.

mod goal;

use std::{
    collections::BTreeMap,
    io::Read,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::available_parallelism,
};

use rust_decimal::Decimal;
use wharfage_core::{Diagnostic, text::Text};

use goal::{Goal, goals, numbers};

use super::{
    Input, Opener, SimulateRequest, parameters,
    resolve::ALWAYS_ON,
    respond::{Task, is_given_up, not_begun, on_threads, simulated},
    response::{CandidateOut, GoalOut, RunOut, SimulateResponse, SloOut},
};
use crate::{grammar, request::EstimateRequest};

/// Most concurrencies that are tried: of more, as many that are spread evenly by ratio.
const MOST_CONCURRENCIES: usize = 12;

/// Simulates candidates of every platform and policy until the cheapest is known that keeps all goals; its runs are the answer's.
///
/// # Errors
/// As [`super::respond`], and where a goal or a range is not understood.
pub fn search(task: Task<'_, '_>) -> Result<SimulateResponse, Vec<Diagnostic>> {
    let asked = Asked::read(task.request)?;
    parameters::check(task.request)?;
    let kept = Mutex::new(BTreeMap::new());
    let open = |name: &str| opened_once(&kept, task.open, name);
    let parts = parts(task.request);
    // All looks are told with the first that runs, so that what is done never becomes a smaller share.
    let untold = AtomicU64::new(parts.iter().map(|part| asked.choices(part).looks()).sum());
    let simulate = |candidate: &Candidate, part: &EstimateRequest| {
        let alike = untold.swap(0, Ordering::Relaxed);
        let answer = simulated(Task { request: &candidate.of(part), open: &open, alike, ..task });
        if !answer.as_ref().map_or_else(|found| is_given_up(found), |answer| !answer.runs.is_empty()) {
            untold.fetch_max(alike, Ordering::Relaxed);
        }
        // A part of a search would name what is not the cheapest.
        if task.watch.is_stopped() && answer.is_ok() { Err(vec![not_begun()]) } else { answer }
    };
    let mut whole: Option<SimulateResponse> = None;
    let mut tried = Vec::new();
    for part in parts {
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
fn opened_once(kept: &Mutex<BTreeMap<String, Vec<u8>>>, open: Opener<'_>, name: &str) -> Result<Input, Diagnostic> {
    // Whoever comes meanwhile waits until it is kept.
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(bytes) = kept.get(name) {
        return Ok(Input::from(bytes.clone()));
    }
    match open(name)? {
        Input::Once(mut from) => {
            let mut bytes = Vec::new();
            let read = from.read_to_end(&mut bytes);
            read.map_err(|e| {
                Diagnostic::error("file/unreadable", Text::known(e.to_string())).on("arrivals", "can't be read")
            })?;
            kept.insert(name.to_owned(), bytes.clone());
            Ok(Input::from(bytes))
        }
        again => Ok(again),
    }
}

/// The request of each platform and policy alone.
fn parts(request: &EstimateRequest) -> Vec<EstimateRequest> {
    let split = |texts: &[String]| -> Vec<String> {
        texts.iter().flat_map(|text| grammar::parts(text)).map(str::to_owned).collect()
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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

/// What is tried of one platform and policy.
struct Choices {
    /// are instances replicas of a fleet that is always on
    always_on: bool,
    instances: Vec<u64>,
    concurrencies: Vec<Option<u64>>,
}

impl Choices {
    /// Most candidates that are simulated.
    fn looks(&self) -> u64 {
        most_looks(self.instances.len()) * self.concurrencies.len() as u64
    }
}

/// A candidate that was simulated.
struct Look {
    candidate: Candidate,
    /// does every run of it keep every goal
    keeps: bool,
    /// or why it was given up
    answer: Result<SimulateResponse, Vec<Diagnostic>>,
}

/// Runs of the cheapest candidate, and what else was tried.
struct Searched {
    answer: SimulateResponse,
    tried: Vec<CandidateOut>,
}

/// A candidate, and what is said of a run of it.
type Tried = (Candidate, CandidateOut);

type Simulate<'s> = &'s (dyn Fn(&Candidate, &EstimateRequest) -> Result<SimulateResponse, Vec<Diagnostic>> + Sync);

impl Asked {
    fn read(request: &EstimateRequest) -> Result<Self, Vec<Diagnostic>> {
        let mut found = Vec::new();
        let none = SimulateRequest::default();
        let texts = &request.simulate.as_deref().unwrap_or(&none).slo;
        let mut told = |f: grammar::Fault, path: &str| {
            found.push(Diagnostic::error("request/value", f.message).on(path, f.label).help(f.help));
        };
        let goals: Vec<Goal> =
            goals(texts).into_iter().filter_map(|goal| goal.map_err(|f| told(f, "simulate.slo")).ok()).collect();
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

    /// What is tried of one platform and policy.
    fn choices(&self, part: &EstimateRequest) -> Choices {
        let policy = part.simulate.as_ref().and_then(|s| s.policy.first()).map(String::as_str);
        let always_on = policy == Some(ALWAYS_ON) || (policy.is_none() && self.replicas.is_some());
        let given = if always_on { &self.replicas } else { &self.min_instances };
        // A fleet of none serves nobody.
        let default = if always_on { (1..=DEFAULT_MOST).collect() } else { (0..=DEFAULT_MOST).collect() };
        let concurrencies = match &self.concurrency {
            None => vec![None],
            Some(all) => spread(all).into_iter().map(Some).collect(),
        };
        Choices { always_on, instances: given.clone().unwrap_or(default), concurrencies }
    }

    /// The cheapest candidate of one platform and policy that keeps the goals, else the one that comes nearest.
    fn search(&self, part: &EstimateRequest, simulate: Simulate<'_>) -> Result<Searched, Vec<Diagnostic>> {
        let choices = self.choices(part);
        let searched = |concurrency| self.of_concurrency(part, &choices, concurrency, simulate);
        // What is wrong with a request is wrong with its first look: the others do not begin in vain.
        let (first, others) = choices.concurrencies.split_first().expect("a range has one number at least");
        let mut all = vec![searched(*first)?];
        let threads = available_parallelism().map_or(1, usize::from);
        for found in on_threads(threads, others, searched) {
            all.push(found?);
        }
        let mut best: Option<Look> = None;
        let mut tried: Vec<Tried> = Vec::new();
        for (found, looks) in all {
            tried.extend(looks);
            if best.as_ref().is_none_or(|best| better(&found, best)) {
                best = Some(found);
            }
        }
        let best = best.expect("a range has one number at least");
        let answer = best.answer?;
        let told = |(candidate, out): Tried| {
            let chosen = candidate == best.candidate && out.keeps;
            CandidateOut { chosen, ..out }
        };
        let mut tried: Vec<CandidateOut> = tried.into_iter().map(told).collect();
        tried.sort_by_key(|c| (c.concurrency, c.replicas.or(c.min_instances)));
        Ok(Searched { answer, tried })
    }

    /// The fewest instances of a concurrency that keep the goals, and all that was tried to find them.
    fn of_concurrency(
        &self,
        part: &EstimateRequest,
        choices: &Choices,
        concurrency: Option<u64>,
        simulate: Simulate<'_>,
    ) -> Result<(Look, Vec<Tried>), Vec<Diagnostic>> {
        let mut tried = Vec::new();
        let mut look = |n: usize| {
            let candidate =
                Candidate { concurrency, instances: Some(choices.instances[n]), always_on: choices.always_on };
            let answer = match simulate(&candidate, part) {
                Err(found) if !is_given_up(&found) => return Err(found),
                answer => answer,
            };
            let runs = answer.as_ref().map_or(&[][..], |answer| &answer.runs);
            let keeps = !runs.is_empty() && runs.iter().all(|run| self.keeps(run));
            tried.extend(runs.iter().map(|run| (candidate, self.told(run, &candidate))));
            Ok(Look { candidate, keeps, answer })
        };
        let found = fewest(choices.instances.len(), &mut look)?;
        Ok((found, tried))
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

/// Most looks that [`fewest`] takes at `n` candidates.
const fn most_looks(n: usize) -> u64 {
    // As many steps that double as `n - 1` has binary digits, and one fewer that halve.
    if n < 2 { 1 } else { 2 * ((n - 1).ilog2() as u64 + 1) }
}

/// The first of `n` candidates that keeps the goals, by halving; the last where none does.
fn fewest(n: usize, look: &mut dyn FnMut(usize) -> Result<Look, Vec<Diagnostic>>) -> Result<Look, Vec<Diagnostic>> {
    let first = look(0)?;
    if first.keeps || n == 1 || first.answer.as_ref().is_ok_and(|answer| answer.runs.is_empty()) {
        return Ok(first);
    }
    // Steps that double first: most services need few instances.
    let (mut below, mut step) = (0, 1);
    let mut found = loop {
        let at = (below + step).min(n - 1);
        let here = look(at)?;
        if here.keeps {
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
        if here.keeps { found = (middle, here) } else { below = middle }
    }
    Ok(found.1)
}

/// Keeping the goals beats cost, and cost beats instance time.
fn better(a: &Look, b: &Look) -> bool {
    (!a.keeps, cost(&a.answer)) < (!b.keeps, cost(&b.answer))
}

/// What the first run costs in a month, or how many instances it has on average.
fn cost(answer: &Result<SimulateResponse, Vec<Diagnostic>>) -> Decimal {
    let text = answer.iter().flat_map(|answer| &answer.runs).next().map(|run| match &run.bill {
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
    use wharfage_core::text::Catalogue;

    use super::{super::Watch, *};

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
    fn a_fleet_that_is_overrun_does_not_end_the_search() {
        let search = |replicas: &str| {
            let text = format!(
                "[simulate]\npolicy = 'always-on'\narrivals = 'poisson:100/s'\nservice = 'exp:100ms'\nhorizon = '10m'\nmax_queue = '1000'\n\
                 slo = 'p99=1s'\n[[workload]]\nreplicas = '{replicas}'\n"
            );
            let (request, _) = crate::read::request("request.toml", &text).unwrap();
            super::super::respond(&request, &wharfage_prices::book(), &super::super::no_files)
        };
        let slo = search("1..100").unwrap().slo.unwrap();
        let chosen = slo.candidates.iter().find(|c| c.chosen).unwrap();
        assert!((11..15).contains(&chosen.replicas.unwrap()), "{chosen:?}");
        assert!(slo.candidates.iter().all(|c| c.replicas > Some(9)), "{:?}", slo.candidates);
        let none = search("1..3").unwrap_err();
        assert_eq!(none[0].code, "simulate/queue");
    }

    #[test]
    fn a_platform_that_is_refused_first_does_not_say_how_long_the_others_ran() {
        let text = "platform = ['cloud-run', 'ecs-fargate']\nregion = 'seoul'\n[simulate]\narrivals = 'trace:t.csv'\nservice = 'const:80ms'\n\
                    slo = 'p99=1s'\n[[workload]]\nvcpu = 16\nmemory = '32GiB'\n";
        let (request, _) = crate::read::request("request.toml", text).unwrap();
        let trace = |_: &str| Ok(Input::from(b"arrival_s\n0\n7\n".to_vec()));
        let answer = super::super::respond(&request, &wharfage_prices::book(), &trace).unwrap();
        assert_eq!((answer.refused.len(), answer.runs.len(), answer.horizon_s.as_str()), (1, 1, "7.08"));
    }

    #[test]
    fn what_is_done_of_a_search_never_becomes_a_smaller_share() {
        let text = "platform = ['cloud-run', 'ecs-fargate']\nregion = 'seoul'\n[simulate]\nhorizon = '1m'\nslo = 'p99=1s'\n\
                    [[workload]]\nvcpu = 1\nmemory = '1GiB'\nconcurrency = '1,10'\nrequests = '5/s'\nduration = '80ms'\n";
        let (request, _) = crate::read::request("request.toml", text).unwrap();
        let (book, watch) = (wharfage_prices::book(), Watch::new());
        let answer = super::super::respond_in(&Catalogue::ENGLISH, &request, &book, &super::super::no_files, &watch);
        let looked = answer.unwrap().slo.unwrap().candidates.len();
        let all = 2 * 2 * most_looks(101);
        assert!((watch.done() - looked as f64 / all as f64).abs() < 1e-6, "{looked} of {all} are {}", watch.done());
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
                    Ok(Look { candidate: Candidate::default(), keeps: at >= least, answer: Ok(answer(at)) })
                })
                .unwrap();
                let want = least.min(n - 1);
                assert_eq!((found.keeps, found.answer.unwrap().seed), (least < n, want as u64), "{least} of {n}");
                assert!(looks <= most_looks(n), "{looks} looks for {least} of {n}");
            }
        }
    }
}
