//! What changed between two answers: by total, by workload and by line, `before → after`.
//!
//! Totals are matched by platform, region and purchase option, estimates by workload, lines by sku and label. Where each
//! answer has a single total, the two are compared wherever they are: that is a move.
//!
//! # Units
//! Money is in dollars: to the cent as an answer prints it, and exact. A fraction is exact change ÷ exact cost before, half-even
//! at 12 places.
//! # Invariants
//! A difference is stated only where both sides are known: a platform that can't run a workload any more, or whose price is
//! missing, has a status and no change. `before + change = after`, to the cent and exactly.
//!
//! ```
//! use wharfage_api::{diff::{self, Side}, read, respond};
//! let ask = |replicas: u32| {
//!     let workload = format!("name = 'web'\nvcpu = 0.5\nmemory = '1GiB'\nreplicas = {replicas}");
//!     let text = format!("platform = 'ecs-fargate'\nregion = 'seoul'\n[[workload]]\n{workload}");
//!     respond(&read::request("inline.toml", &text).unwrap().0, &wharfage_prices::book()).unwrap()
//! };
//! let answer = diff::diff(Side::request("before", &ask(2)), Side::request("after", &ask(4)), None);
//! assert_eq!(answer.totals[0].cost.change.as_deref(), Some("41.45"));
//! assert_eq!(answer.totals[0].cost.fraction.as_deref(), Some("1"));
//! ```

mod cost;
mod lines;
pub mod read;
mod response;
mod threshold;

use wharfage_core::{note::Note, text::Catalogue};

pub use self::{
    response::{
        Amounts, Change, Cost, Counts, DiffResponse, EstimateDiff, LineDiff, Place, SideOut, State, Texts,
        ThresholdOut, TotalDiff,
    },
    threshold::{Threshold, threshold},
};
use crate::{
    groups::{Group, groups},
    response::{EstimateOut, EstimateResponse, LineOut, NoteOut, SCHEMA},
};

/// An answer, and where it is from.
#[derive(Debug, Clone, Copy)]
pub struct Side<'r> {
    /// what messages call it: a file's name
    pub name: &'r str,
    /// was it priced now, or read as it was
    pub kind: Kind,
    /// the flags that were given for requests, as they were written: `--region tokyo`
    pub flags: &'r [String],
    /// the answer
    pub response: &'r EstimateResponse,
}

/// Where an answer is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// a request, priced for this comparison
    Request,
    /// an answer that was kept
    Response,
}

impl<'r> Side<'r> {
    /// The answer to a request without flags.
    pub fn request(name: &'r str, response: &'r EstimateResponse) -> Self {
        Self { name, kind: Kind::Request, flags: &[], response }
    }

    fn out(&self) -> SideOut {
        let r = self.response;
        let (kind, flags) = match self.kind {
            Kind::Request => ("request", self.flags.to_vec()),
            Kind::Response => ("response", Vec::new()),
        };
        SideOut {
            name: self.name.to_owned(),
            kind: kind.to_owned(),
            flags,
            prices: r.prices.clone(),
            period: r.period.clone(),
            rounding: r.rounding.clone(),
        }
    }
}

/// Compares two answers, and with a threshold says which totals rose beyond it.
pub fn diff(before: Side<'_>, after: Side<'_>, limit: Option<&Threshold>) -> DiffResponse {
    diff_in(&Catalogue::ENGLISH, before, after, limit)
}

/// [`diff`] for people who read a language: its notes are in it.
pub fn diff_in(words: &Catalogue, before: Side<'_>, after: Side<'_>, limit: Option<&Threshold>) -> DiffResponse {
    let told = |note: Note| NoteOut { code: note.code.to_string(), message: words.tell(&note.text) };
    let (old, new) = (groups(before.response), groups(after.response));
    let totals: Vec<TotalDiff> = if let ([a], [b]) = (old.as_slice(), new.as_slice()) {
        vec![total(Some(a), Some(b))]
    } else {
        let key = |g: &Group<'_>| (g.total.platform.clone(), g.total.region.clone(), g.total.purchase.clone());
        matched(&old, &new, key).into_iter().map(|(a, b)| total(a, b)).collect()
    };
    DiffResponse {
        schema: SCHEMA,
        before: before.out(),
        after: after.out(),
        currency: after.response.currency.clone(),
        counts: Counts::of(totals.iter().map(|t| t.change)),
        threshold: limit.map(|l| l.judge(&totals)),
        notes: [before, after]
            .iter()
            .filter_map(unused)
            .chain(notes(before.response, after.response))
            .map(told)
            .collect(),
        totals,
    }
}

/// Pairs of equal keys in the order of `new`, then what is only in `old`. Where a key repeats, its first is paired with
/// the first, and so on.
fn matched<'t, T, K: PartialEq>(
    old: &'t [T],
    new: &'t [T],
    key: impl Fn(&T) -> K,
) -> Vec<(Option<&'t T>, Option<&'t T>)> {
    let mut rest: Vec<Option<&T>> = old.iter().map(Some).collect();
    let mut pairs: Vec<_> = new
        .iter()
        .map(|b| {
            let found = rest.iter_mut().find(|a| a.is_some_and(|a| key(a) == key(b)));
            (found.and_then(Option::take), Some(b))
        })
        .collect();
    pairs.extend(rest.into_iter().flatten().map(|a| (Some(a), None)));
    pairs
}

fn total(old: Option<&Group<'_>>, new: Option<&Group<'_>>) -> TotalDiff {
    let (a, b) = (old.map_or(&[][..], |g| g.estimates), new.map_or(&[][..], |g| g.estimates));
    let estimates: Vec<EstimateDiff> =
        matched(a, b, |e| e.workload.clone()).into_iter().map(|(a, b)| estimate(a, b)).collect();
    let place = |g: &Group<'_>| Place {
        platform: g.total.platform.clone(),
        region: g.total.region.clone(),
        purchase: g.total.purchase.clone(),
    };
    let (from, to) = (old.map(place), new.map(place));
    let moved = from.is_some() && to.is_some() && from != to;
    let state = |g: &Group<'_>| cost::of_total(g.total, g.estimates);
    let cost = cost::cost(old.map(state), new.map(state));
    let changed = moved || cost.changed() || estimates.iter().any(|e| e.change != Change::Unchanged);
    TotalDiff {
        change: Change::of(old.is_some(), new.is_some(), changed),
        place: to.or_else(|| from.clone()).expect("a pair has a side"),
        moved_from: from.filter(|_| moved),
        cost,
        estimates,
    }
}

fn estimate(old: Option<&EstimateOut>, new: Option<&EstimateOut>) -> EstimateDiff {
    // What is not run or not priced on one side has no lines to set beside those of the other.
    let figures = |e: &EstimateOut| e.status == "priced" || e.status == "partial";
    let all = if [old, new].into_iter().flatten().all(figures) { lines(old, new) } else { Vec::new() };
    let unchanged = all.iter().filter(|l| l.change == Change::Unchanged).count();
    let lines: Vec<LineDiff> = all.into_iter().filter(|l| l.change != Change::Unchanged).collect();
    let cost = cost::cost(old.map(cost::of_estimate), new.map(cost::of_estimate));
    let changed = cost.changed() || !lines.is_empty();
    EstimateDiff {
        change: Change::of(old.is_some(), new.is_some(), changed),
        workload: new.or(old).expect("a pair has a side").workload.clone(),
        cost,
        lines,
        unchanged_lines: unchanged,
        reasons: new.map_or_else(Vec::new, |e| e.reasons.clone()),
        missing: new.map_or_else(Vec::new, |e| e.missing.clone()),
    }
}

/// Every line, changed or not.
fn lines(old: Option<&EstimateOut>, new: Option<&EstimateOut>) -> Vec<LineDiff> {
    let (a, b) = (old.map_or(&[][..], |e| &e.lines), new.map_or(&[][..], |e| &e.lines));
    let missing = |e: Option<&EstimateOut>, sku: &str| e.is_some_and(|e| e.missing.iter().any(|m| m.key == sku));
    let pairs = matched(a, b, |l| (l.sku.clone(), l.label.clone())).into_iter();
    let each = |(a, b): (Option<&LineOut>, Option<&LineOut>)| {
        let unknown = match (a, b) {
            (Some(a), None) if missing(new, &a.sku) => Some("after"),
            (None, Some(b)) if missing(old, &b.sku) => Some("before"),
            _ => None,
        };
        lines::line(a, b, unknown)
    };
    pairs.map(each).collect()
}

/// Flags mean nothing to an answer that was kept.
fn unused(side: &Side<'_>) -> Option<Note> {
    (side.kind == Kind::Response && !side.flags.is_empty()).then(|| {
        let args = [("flags", side.flags.join(" ")), ("name", side.name.to_owned())];
        Note::new("diff/flags", "{flags} does not change {name}, an answer that was kept", &args)
    })
}

/// What else differs between the answers, and so may be why figures do.
fn notes(before: &EstimateResponse, after: &EstimateResponse) -> Vec<Note> {
    let mut all = Vec::new();
    let mut differ = |code: &'static str, template: &'static str, a: &str, b: &str| {
        if a != b {
            all.push(Note::new(code, template, &[("before", a.to_owned()), ("after", b.to_owned())]));
        }
    };
    let period = |r: &EstimateResponse| format!("{} ({} h)", r.period.label, r.period.hours);
    differ("diff/period", "the periods differ: {before} → {after}", &period(before), &period(after));
    differ("diff/rounding", "totals are rounded differently: {before} → {after}", &before.rounding, &after.rounding);
    differ("diff/currency", "the currencies differ: {before} → {after}", &before.currency, &after.currency);
    let (a, b) = (&before.prices, &after.prices);
    differ("diff/as-of", "prices are of different days: {before} → {after}", &a.as_of, &b.as_of);
    differ("diff/edition", "the price tables are different editions: {before} → {after}", &a.edition, &b.edition);
    if a.edition == b.edition {
        let short = |digest: &str| digest.chars().take("sha256:".len() + 12).collect::<String>();
        let says = "the price tables of one edition differ: {before} → {after}";
        differ("diff/tables", says, &short(&a.digest), &short(&b.digest));
    }
    all
}
