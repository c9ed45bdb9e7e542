//! Which inputs move a bill most: each up and down by 10 %, or by a step, and priced again.
//!
//! # Units
//! Differences are of the group's total: of all its workloads and what they share, because nodes, fees and credits are.
//! # Invariants
//! Every figure is the answer to a request that can be made: the values are printed as that request writes them. A default is varied
//! only where stating it changes nothing.
//! # Not modelled
//! Inputs that are words (`arch`, `class`), what a request leaves to the platform (its default size), and inputs together.

mod inputs;
mod step;

use std::cmp::Reverse;

use wharfage_core::{Diagnostic, Money, PriceBook, text};

use self::inputs::Input;
pub(crate) use self::{inputs::NUMERIC, step::Kind};
use crate::{
    groups::groups,
    request::EstimateRequest,
    respond,
    response::{EstimateResponse, InputOut, SensitivityOut, TotalOut, VariationOut},
};

/// Most workloads: each input of each is priced several times, with all of them.
const WORKLOADS_MAX: usize = 20;

/// Percentages tried, downwards and upwards. Sizes go on to the next where menus make the first no difference.
const STEPS: [(i64, i64); 4] = [(-10, 10), (-25, 25), (-50, 50), (-75, 100)];

/// What each estimate of a response is sensitive to, in their order.
///
/// # Errors
/// Where there are too many workloads.
pub fn sensitivity(
    request: &EstimateRequest,
    response: &EstimateResponse,
    book: &PriceBook<'_>,
) -> Result<Vec<Option<SensitivityOut>>, Vec<Diagnostic>> {
    if request.workload.len() > WORKLOADS_MAX {
        let message = text!("the sensitivity of {n} workloads takes too long", n = request.workload.len());
        let d = Diagnostic::error("request/sensitivity", message).on("sensitivity", "too many workloads");
        return Err(vec![d.help(text!("ask about {n} at a time", n = WORKLOADS_MAX))]);
    }
    let plain = EstimateRequest { sensitivity: None, explain: None, ..request.clone() };
    let groups = groups(response);
    let mut found: Vec<Vec<SensitivityOut>> =
        groups.iter().map(|_| vec![SensitivityOut::default(); request.workload.len()]).collect();
    for (n, w) in plain.workload.iter().enumerate() {
        for input in inputs::of(w, response, book) {
            let tried = Tried { request: &plain, base: response, book, workload: n, input: &input };
            for (group, out) in tried.all().into_iter().enumerate() {
                match out {
                    Outcome::Moves(moved) => found[group][n].inputs.push(*moved),
                    Outcome::Still => found[group][n].without_effect.push(input.name.to_owned()),
                    Outcome::NotHere => {}
                }
            }
        }
    }
    let mut all = Vec::with_capacity(response.estimates.len());
    for (group, found) in groups.iter().zip(found) {
        let figures = group.total.status == "priced" || group.total.status == "partial";
        let mut found = found.into_iter();
        // What workloads share comes last and has no inputs of its own.
        all.extend(group.estimates.iter().map(|_| found.next().filter(|_| figures).map(sorted)));
    }
    Ok(all)
}

/// The greatest difference first; then what makes a total unknown.
fn sorted(mut s: SensitivityOut) -> SensitivityOut {
    s.inputs.sort_by_key(|i| Reverse(effect(i)));
    s
}

fn effect(input: &InputOut) -> Option<Money> {
    let change = |v: &Option<VariationOut>| {
        let change: Money = v.as_ref()?.change_exact.as_ref()?.parse().ok()?;
        Some(change.max(-change))
    };
    change(&input.down).max(change(&input.up))
}

/// One input of one workload.
struct Tried<'r, 'b> {
    request: &'r EstimateRequest,
    base: &'r EstimateResponse,
    book: &'r PriceBook<'b>,
    workload: usize,
    input: &'r Input,
}

/// What an input does to a group.
enum Outcome {
    Moves(Box<InputOut>),
    Still,
    /// the default is another there, or there is no figure
    NotHere,
}

impl Tried<'_, '_> {
    /// What it does to each group.
    fn all(&self) -> Vec<Outcome> {
        let stated = self.input.default.then(|| self.answer(&self.input.value));
        let steps = if self.input.has_menus { &STEPS[..] } else { &STEPS[..1] };
        let (mut downs, mut ups) = (vec![None; self.base.totals.len()], vec![None; self.base.totals.len()]);
        for (down, up) in steps {
            for (percent, kept) in [(*down, &mut downs), (*up, &mut ups)] {
                // Groups that a smaller step has moved already need no greater one.
                if kept.iter().all(Option::is_some) {
                    continue;
                }
                let Some(value) = step::varied(self.input.kind, &self.input.value, percent) else { continue };
                let Some(answer) = self.answer(&value) else { continue };
                for (group, slot) in kept.iter_mut().enumerate().filter(|(_, slot)| slot.is_none()) {
                    *slot = self.variation(group, &value, &answer);
                }
            }
        }
        let outcome = |(group, (down, up)): (usize, (Option<VariationOut>, Option<VariationOut>))| {
            let same = |answer: &Option<EstimateResponse>| {
                answer.as_ref().is_some_and(|a| exact(a.totals.get(group)) == exact(self.base.totals.get(group)))
            };
            if exact(self.base.totals.get(group)).is_none() || stated.as_ref().is_some_and(|s| !same(s)) {
                return Outcome::NotHere;
            }
            if down.is_none() && up.is_none() {
                return Outcome::Still;
            }
            let (input, value) = (self.input.name.to_owned(), self.input.value.clone());
            Outcome::Moves(Box::new(InputOut { input, value, default: self.input.default, down, up }))
        };
        downs.into_iter().zip(ups).enumerate().map(outcome).collect()
    }

    /// The answer with another value; nothing where that is no request.
    fn answer(&self, value: &str) -> Option<EstimateResponse> {
        let mut request = self.request.clone();
        request.workload[self.workload].set(self.input.name, vec![value.to_owned()]);
        // Groups are matched by their place, so there must be as many of them.
        respond(&request, self.book).ok().filter(|r| r.totals.len() == self.base.totals.len())
    }

    /// What a value does to a group; nothing where it does nothing.
    fn variation(&self, group: usize, value: &str, answer: &EstimateResponse) -> Option<VariationOut> {
        let (before, after) = (self.base.totals.get(group)?, answer.totals.get(group)?);
        let (from, to) = (exact(Some(before))?, exact(Some(after)));
        if to == Some(from) && before.status == after.status {
            return None;
        }
        let cents = |t: &TotalOut| t.sums.cents()?.parse::<Money>().ok();
        let comparable = before.status == after.status;
        let change = |a: Option<Money>, b: Option<Money>| {
            let by = if comparable { b?.minus(a?).ok()? } else { return None };
            Some(by.to_decimal_at(2).to_string())
        };
        Some(VariationOut {
            value: value.to_owned(),
            status: after.status.clone(),
            total: after.sums.cents().cloned(),
            change: change(cents(before), cents(after)),
            change_exact: change(Some(from), to),
        })
    }
}

/// A total, or a subtotal where a price is missing.
fn exact(t: Option<&TotalOut>) -> Option<Money> {
    t.and_then(|t| t.sums.exact()?.parse().ok())
}
