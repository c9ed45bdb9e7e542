//! `wharfage break-even`: where one platform's bill overtakes another's while one input of a workload is varied.
//!
//! Bills are the closed forms' that `estimate` and `compare` give, compared exactly; no simulation is run. Each value of the
//! input makes a request that is resolved and priced as if a person had written it.
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
mod write;

use wharfage_core::{
    Diagnostic, PriceBook,
    diagnostic::quoted,
    quantity::{MICROS_PER_HOUR, Micros},
    text,
    text::Catalogue,
};

use self::{
    axis::{Axis, axis},
    bills::{resolved_at, rivals},
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
};

/// Values of a curve, at least, where nothing is said, and at most.
const POINTS: (u64, u64, u64) = (2, 16, 1_000);

/// Finds where bills cross.
///
/// # Errors
/// Everything that is wrong with the request, at once.
pub fn respond(request: &BreakEvenRequest, book: &PriceBook<'_>) -> Result<BreakEvenResponse, Vec<Diagnostic>> {
    respond_in(&Catalogue::ENGLISH, request, book)
}

/// [`respond`] for people who read a language: its sentences are in it.
///
/// # Errors
/// As [`respond`].
pub fn respond_in(
    words: &Catalogue,
    q: &BreakEvenRequest,
    book: &PriceBook<'_>,
) -> Result<BreakEvenResponse, Vec<Diagnostic>> {
    // All platforms are asked where none is named.
    let request = EstimateRequest { command: Some("compare".to_owned()), ..q.request.clone() };
    let (asked, axis, resolved) = understood(q, &request, book)?;
    let book = if resolved.as_of_first_seen { &book.clone().accepting_first_seen() } else { book };
    let all = rivals(&resolved);
    if all.len() < 2 {
        let d = Diagnostic::error("break-even/rivals", "one bill alone has nothing to cross");
        let help = "name two or more platforms, regions or purchase options";
        return Err(vec![d.on("platform", "only one").help(help)]);
    }
    Writer { words, request: &request, axis: &axis, book, resolved: &resolved }.answer(&all, &asked)
}

/// What is asked besides the range.
struct Asked {
    points: u64,
    every_pair: bool,
}

/// The request at the lower end of the range, or everything that is wrong with it.
fn understood<'b>(
    q: &BreakEvenRequest,
    request: &EstimateRequest,
    book: &PriceBook<'b>,
) -> Result<(Asked, Axis, Resolved<'b>), Vec<Diagnostic>> {
    let mut found = Vec::new();
    let steady = flag(q.steady.as_deref(), "steady", &mut found);
    let every_pair = flag(q.all_pairs.as_deref(), "all_pairs", &mut found);
    let points = points(q.points.as_deref()).map_err(|d| found.push(d)).unwrap_or(POINTS.1);
    let axis = axis(q, steady, period(request, book)).map_err(|more| found.extend(more)).ok();
    let resolved = match &axis {
        Some(axis) => resolved_at(request, axis, 0, book).and_then(|lowest| {
            resolved_at(request, axis, axis.last, book)?;
            Ok(lowest)
        }),
        // What states no demand may be missing the input alone.
        None if request.workload.iter().all(states_a_demand) => resolve(request, book),
        None => Err(Vec::new()),
    };
    match (resolved, axis) {
        (Ok(resolved), Some(axis)) if found.is_empty() => Ok((Asked { points, every_pair }, axis, resolved)),
        (resolved, _) => {
            found.extend(resolved.err().unwrap_or_default());
            Err(found)
        }
    }
}

fn states_a_demand(w: &WorkloadRequest) -> bool {
    WorkloadRequest::SHAPES.iter().any(|shape| !w.get(shape).is_empty())
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

fn points(text: Option<&str>) -> Result<u64, Diagnostic> {
    let Some(text) = text else { return Ok(POINTS.1) };
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
