//! `wharfage break-even`: where one platform's bill overtakes another's while one input of a workload is varied.
//!
//! Bills are the closed forms' that `estimate` and `compare` give, or what simulated usage comes to in the period (`by`); they are
//! compared exactly. Each value of the input makes a request that is resolved and priced as if a person had written it.
//!
//! ```
//! use wharfage_api::{break_even::{self, BreakEvenRequest}, read};
//! let text = "region = 'seoul'\nplatform = ['cloud-run', 'ecs-fargate']\n[[workload]]\nvcpu = 0.5\nmemory = '1GiB'\nduration = '80ms'";
//! let (request, _) = read::request("inline.toml", text).unwrap();
//! let asked = BreakEvenRequest { vary: Some("requests".into()), request, ..Default::default() };
//! let answer = break_even::respond(&asked, &wharfage_prices::book()).unwrap();
//! let crossing = &answer.crossings[0];
//! assert_eq!(crossing.bills[0].cheaper, "from");
//! assert_eq!(crossing.bills[1].cheaper, "to");
//! ```
//!
//! # Invariants
//! At a crossing the bills swap order from one step to the next. Who has no bill is told with the reason, never left out.
//! # Not modelled
//! Several inputs together; bills in second currencies.

mod axis;
mod bills;
mod request;
mod response;
mod search;
mod simulation;
mod write;

use wharfage_core::{
    Diagnostic, PriceBook,
    diagnostic::{did_you_mean, quoted},
    quantity::{MICROS_PER_HOUR, Micros},
    text,
    text::Catalogue,
};

use self::{
    axis::{Axis, axis},
    bills::{Bills, Formulas, Simulations, Varied, rivals},
    write::Writer,
};
pub use self::{
    request::BreakEvenRequest,
    response::{
        BillOut, BreakEvenResponse, CrossingOut, OtherOut, PairOut, PointOut, RivalOut, SearchOut, StretchOut, VaryOut,
    },
};
use crate::{
    grammar,
    request::{EstimateRequest, WorkloadRequest},
    resolve::{Resolved, resolve},
    simulate::{Opener, Watch, no_files},
};

/// Values of a curve, at least, where nothing is said, and at most.
const POINTS: (u64, u64, u64) = (2, 16, 1_000);
/// Values of a curve where each is simulated and nothing is said.
const SIMULATED_POINTS: u64 = 5;

/// Finds where bills cross, by the closed forms or where a simulation needs no file.
///
/// # Errors
/// Everything that is wrong with the request, at once.
pub fn respond(request: &BreakEvenRequest, book: &PriceBook<'_>) -> Result<BreakEvenResponse, Vec<Diagnostic>> {
    respond_in(&Catalogue::ENGLISH, request, book, (&no_files, &Watch::new()))
}

/// [`respond`] for people who read a language: its sentences are in it. `simulation` is what opens the files that a simulation
/// names, and what it is watched with.
///
/// # Errors
/// As [`respond`]; and `simulate/cut` where a simulation was asked to end before any value was. Where some were, the answer has
/// their bills, and a warning of that code.
pub fn respond_in(
    words: &Catalogue,
    q: &BreakEvenRequest,
    book: &PriceBook<'_>,
    simulation: (Opener<'_>, &Watch),
) -> Result<BreakEvenResponse, Vec<Diagnostic>> {
    // All platforms are asked where none is named.
    let request = EstimateRequest { command: Some("compare".to_owned()), ..q.request.clone() };
    let (asked, axis, resolved) = understood(words, q, &request, book)?;
    let book = if resolved.as_of_first_seen { &book.clone().accepting_first_seen() } else { book };
    let all = rivals(&resolved);
    if all.len() < 2 {
        let d = Diagnostic::error("break-even/rivals", "one bill alone has nothing to cross");
        let help = "name two or more platforms, regions or purchase options";
        return Err(vec![d.on("platform", "only one").help(help)]);
    }
    let varied = Varied { words, request: &request, axis: &axis, book };
    let writer = Writer { words, axis: &axis, book, resolved: &resolved, asked: &asked };
    match asked.by {
        By::Formula => writer.answer(&mut Bills::Formulas(Formulas::new(varied, &all)), &all),
        By::Simulation => {
            // A simulation without platforms is one of policies, which have no bills.
            let platform = resolved.platforms.iter().map(|p| p.id().to_owned()).collect();
            let request = EstimateRequest { platform, ..request.clone() };
            let varied = Varied { request: &request, ..varied };
            writer.answer(&mut Bills::Simulations(Simulations::new(varied, &all, simulation)?), &all)
        }
    }
}

/// Where bills come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Formula,
    Simulation,
}

/// What is asked besides the range.
struct Asked {
    by: By,
    points: u64,
    every_pair: bool,
    /// where the closed forms cross, if that made the range
    formulas_cross_at: Option<String>,
}

/// The request at the lower end of the range, or everything that is wrong with it.
fn understood<'b>(
    words: &Catalogue,
    q: &BreakEvenRequest,
    request: &EstimateRequest,
    book: &PriceBook<'b>,
) -> Result<(Asked, Axis, Resolved<'b>), Vec<Diagnostic>> {
    let mut found = Vec::new();
    let steady = flag(q.steady.as_deref(), "steady", &mut found);
    let every_pair = flag(q.all_pairs.as_deref(), "all_pairs", &mut found);
    let by = by(q.by.as_deref()).map_err(|d| found.push(d)).unwrap_or(By::Formula);
    let points = points(q.points.as_deref(), by).map_err(|d| found.push(d)).unwrap_or(POINTS.1);
    let (q, formulas_cross_at) = match by {
        By::Simulation if q.from.is_none() && q.to.is_none() && found.is_empty() => around(words, q, book)?,
        _ => (q.clone(), None),
    };
    let axis = axis(&q, steady, period(request, book)).map_err(|more| found.extend(more)).ok();
    if let (By::Simulation, Some(axis)) = (by, &axis) {
        found.extend(simulation::unfit(request, axis));
    }
    let resolved = match &axis {
        Some(axis) => {
            let varied = Varied { words, request, axis, book };
            varied.resolved(0).and_then(|lowest| varied.resolved(axis.last).map(|_| lowest))
        }
        // What states no demand may be missing the input alone.
        None if request.workload.iter().all(states_a_demand) => resolve(request, book),
        None => Err(Vec::new()),
    };
    match (resolved, axis) {
        (Ok(resolved), Some(axis)) if found.is_empty() => {
            Ok((Asked { by, points, every_pair, formulas_cross_at }, axis, resolved))
        }
        (resolved, _) => {
            found.extend(resolved.err().unwrap_or_default());
            Err(found)
        }
    }
}

fn states_a_demand(w: &WorkloadRequest) -> bool {
    WorkloadRequest::SHAPES.iter().any(|shape| !w.get(shape).is_empty())
}

/// The same with a range around the first crossing of the closed forms, which is told too.
fn around(
    words: &Catalogue,
    q: &BreakEvenRequest,
    book: &PriceBook<'_>,
) -> Result<(BreakEvenRequest, Option<String>), Vec<Diagnostic>> {
    let formulas = BreakEvenRequest { by: None, points: Some(POINTS.0.to_string()), ..q.clone() };
    let answer = respond_in(words, &formulas, book, (&no_files, &Watch::new()))?;
    let Some(crossing) = answer.crossings.iter().find(|c| c.kind == "crosses") else {
        let d = Diagnostic::error("break-even/range", "the closed forms do not cross: nothing says where to simulate");
        return Err(vec![d.on("from", "no range").help("say a range with --from and --to")]);
    };
    let unit = &answer.vary.unit;
    let (from, to) = simulation::range(&crossing.at, &answer.vary.step, &answer.vary.to);
    let range = [from, to].map(|value| Some(format!("{value}{unit}")));
    let [from, to] = range;
    let step = Some(format!("{}{unit}", answer.vary.step));
    Ok((BreakEvenRequest { from, to, step, ..q.clone() }, Some(format!("{}{unit}", crossing.at))))
}

/// The bill's period, which no fleet is on for longer than; what is wrong with it is told where it is resolved.
fn period(request: &EstimateRequest, book: &PriceBook<'_>) -> Micros {
    let month = Micros(u64::from(book.edition().month_hours) * MICROS_PER_HOUR);
    request.period.as_deref().map_or(month, |text| grammar::period(text).unwrap_or(month))
}

fn flag(text: Option<&str>, field: &str, found: &mut Vec<Diagnostic>) -> bool {
    match text.map(str::trim) {
        None | Some("false" | "off") => false,
        Some("true" | "on") => true,
        Some(other) => {
            let message = text!("`{name}` can't be `{text}`", name = field, text = quoted(other));
            let d = Diagnostic::error("request/unknown-word", message).on(field, "not one of its words");
            found.push(d.help(text!("it is one of {words}", words = ["true", "false"].join(", "))));
            false
        }
    }
}

fn by(text: Option<&str>) -> Result<By, Diagnostic> {
    match text.map(str::trim) {
        None | Some("formula") => Ok(By::Formula),
        Some("simulation") => Ok(By::Simulation),
        Some(other) => {
            let words = ["formula", "simulation"];
            let message = text!("`{name}` can't be `{text}`", name = "by", text = quoted(other));
            let d = Diagnostic::error("request/unknown-word", message).on("by", "not one of its words");
            Err(d.help(did_you_mean(other, words, text!("it is one of {words}", words = words.join(", ")))))
        }
    }
}

fn points(text: Option<&str>, by: By) -> Result<u64, Diagnostic> {
    let Some(text) = text else { return Ok(if by == By::Formula { POINTS.1 } else { SIMULATED_POINTS }) };
    let fault = match grammar::legible(text).and_then(|()| grammar::count(text)) {
        Ok(n) if (POINTS.0..=POINTS.2).contains(&n) => return Ok(n),
        Ok(_) => {
            let (least, most) = (POINTS.0, POINTS.2);
            let message = text!("`{text}` is no number of points for a curve", text = quoted(text));
            let d = Diagnostic::error("request/value", message).on("points", "too few or too many");
            return Err(d.help(text!("write a number from {least} to {most}", least, most)));
        }
        Err(fault) => fault,
    };
    Err(Diagnostic::error("request/value", fault.message).on("points", fault.label).help(fault.help))
}
