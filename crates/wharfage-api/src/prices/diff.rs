//! Two sets of tables, or one on two days: which figures differ, and what that does to a request's totals.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wharfage_core::{PriceBook, diagnostic::Diagnostic, pricing::Place};

use super::{Filter, in_place, list::no_key, named, tables, term_rows};
use crate::{
    request::EstimateRequest,
    respond,
    response::{EstimateResponse, Prices, SCHEMA, TotalOut},
};

/// One of the two: tables, on a day.
#[derive(Debug, Clone, Copy)]
pub struct Side<'s, 'b> {
    /// as the user named it
    pub name: &'s str,
    /// the tables
    pub book: &'s PriceBook<'b>,
    /// what is in force on it is compared
    pub day: Date,
}

/// Which figures differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PricesDiffResponse {
    /// version of this form: 1
    pub schema: u32,
    /// `USD`: the currency of every table
    pub currency: String,
    /// what is compared
    pub before: SideOut,
    /// with what
    pub after: SideOut,
    /// figures in force on one side or both
    pub counts: Counts,
    /// the figures that differ, prices first, by key and region
    pub changes: Vec<Change>,
    /// what the difference does to a request, where one was given
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub totals: Vec<TotalChange>,
}

/// One of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SideOut {
    /// as the user named it
    pub name: String,
    /// its tables and their day
    pub prices: Prices,
}

/// How many figures are the same, and how many not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// in force after, not before
    pub added: usize,
    /// in force before, not after
    pub removed: usize,
    /// another value or unit
    pub changed: usize,
    /// the same
    pub same: usize,
}

/// A figure that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// `added`, `removed` or `changed`
    pub change: String,
    /// `price` (USD) or `term` (a threshold or a menu)
    pub kind: String,
    /// its key
    pub key: String,
    /// region or scope
    pub region: String,
    /// absent where it is added
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Reading>,
    /// absent where it is removed
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Reading>,
    /// after less before, for prices in one unit
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<String>,
    /// the difference in percent of before, half-up to two places
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<String>,
}

/// A figure in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reading {
    /// a price's own digits; a menu's numbers have `/` between them, its rows a space
    pub value: String,
    /// what the number is, or is per
    pub unit: String,
    /// `published`, `observed`, `derived`, `recalled` or `user`
    pub basis: String,
    /// first day in force or seen, for prices; absent where it holds from the beginning
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// short id of its source
    pub source_id: String,
}

/// What the difference does to a total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TotalChange {
    /// platform id
    pub platform: String,
    /// the provider's region
    pub region: String,
    /// with the figures before
    pub before: TotalThen,
    /// with the figures after
    pub after: TotalThen,
    /// after less before, to the cent; only where both are priced whole
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<String>,
    /// the difference in percent of before, half-up to two places
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<String>,
}

/// A total on one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TotalThen {
    /// purchase option; the best one may differ
    pub purchase: String,
    /// `priced`, `partial`, `unpriced` or `infeasible`
    pub status: String,
    /// to the cent; only where everything is priced
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// to the cent, without what is missing
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtotal: Option<String>,
}

impl TotalChange {
    /// `spot`; `ri-1y-standard → sp-1y-no-upfront` where the best option is another one.
    pub fn purchase(&self) -> String {
        let (before, after) = (&self.before.purchase, &self.after.purchase);
        if before == after { after.clone() } else { format!("{before} → {after}") }
    }
}

impl TotalThen {
    /// Is there a total or a subtotal?
    pub fn has_figure(&self) -> bool {
        self.total.is_some() || self.subtotal.is_some()
    }
}

/// Which figures in force differ between two sides, of the keys and the region that `filter` names; its day is not used.
/// What that does to a request's totals is left open: see [`totals`].
///
/// # Errors
/// A region or a text that neither side knows.
pub fn diff(
    before: &Side<'_, '_>,
    after: &Side<'_, '_>,
    filter: &Filter<'_>,
) -> Result<PricesDiffResponse, Vec<Diagnostic>> {
    let place = named(after.book, filter.region).map_err(|d| vec![d])?;
    let words = filter.words();
    let mut counts = Counts::default();
    let prices = pairs(before.book.series(), after.book.series(), &words, place.as_ref());
    let terms = pairs(before.book.term_series(), after.book.term_series(), &words, place.as_ref());
    if !words.is_empty() && prices.is_empty() && terms.is_empty() {
        return Err(vec![no_key(&after.book.series(), &words)]);
    }
    let mut changes = Vec::new();
    for (key, region) in &prices {
        changes.extend(change("price", key, region, before.price(key, region), after.price(key, region), &mut counts));
    }
    for (key, region) in &terms {
        changes.extend(change("term", key, region, before.term(key, region), after.term(key, region), &mut counts));
    }
    let (before, after) = (before.out(), after.out());
    let (currency, totals) = ("USD".to_owned(), Vec::new());
    Ok(PricesDiffResponse { schema: SCHEMA, currency, before, after, counts, changes, totals })
}

type Pairs<'b> = BTreeSet<(&'b str, &'b str)>;

/// The (key, region) pairs of either side that are asked for.
fn pairs<'b>(
    before: Vec<(&'b str, &'b str)>,
    after: Vec<(&'b str, &'b str)>,
    words: &[String],
    place: Option<&Place<'_>>,
) -> Pairs<'b> {
    let wanted = |(key, region): &(&str, &str)| {
        let key_fits = words.is_empty() || words.iter().all(|w| key.to_lowercase().contains(w));
        key_fits && place.is_none_or(|p| in_place(region, key, p))
    };
    before.into_iter().chain(after).filter(wanted).collect()
}

impl Side<'_, '_> {
    fn out(&self) -> SideOut {
        SideOut { name: self.name.to_owned(), prices: tables(self.book, self.day) }
    }

    fn price(&self, key: &str, region: &str) -> Option<Reading> {
        let p = self.book.price(key, &[region], self.day).ok()?;
        Some(Reading {
            value: p.amount.to_string(),
            unit: p.unit.label().to_owned(),
            basis: p.basis.label().to_owned(),
            valid_from: p.valid_from.map(|d| d.to_string()),
            source_id: p.source.id.to_owned(),
        })
    }

    fn term(&self, key: &str, region: &str) -> Option<Reading> {
        let t = self.book.term(key, &[region], self.day).ok()?;
        let rows: Vec<String> = term_rows(&t).iter().map(|r| r.join("/")).collect();
        Some(Reading {
            value: rows.join(" "),
            unit: t.unit.to_owned(),
            basis: t.basis.label().to_owned(),
            valid_from: None,
            source_id: t.source.id.to_owned(),
        })
    }
}

/// What differs; values that are equal as numbers are the same, whatever their digits.
fn change(
    kind: &str,
    key: &str,
    region: &str,
    before: Option<Reading>,
    after: Option<Reading>,
    counts: &mut Counts,
) -> Option<Change> {
    let (change, count) = match (&before, &after) {
        (None, None) => return None,
        (None, Some(_)) => ("added", &mut counts.added),
        (Some(_), None) => ("removed", &mut counts.removed),
        (Some(b), Some(a)) if b.unit == a.unit && same(&b.value, &a.value) => {
            counts.same += 1;
            return None;
        }
        _ => ("changed", &mut counts.changed),
    };
    *count += 1;
    let in_one_unit = before.as_ref().zip(after.as_ref()).filter(|(b, a)| b.unit == a.unit);
    let (difference, percent) = in_one_unit.map_or((None, None), |(b, a)| between(&b.value, &a.value));
    let [change, kind, key, region] = [change, kind, key, region].map(str::to_owned);
    Some(Change { change, kind, key, region, before, after, difference, percent })
}

fn same(a: &str, b: &str) -> bool {
    a == b || matches!((decimal(a), decimal(b)), (Some(a), Some(b)) if a == b)
}

fn decimal(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text).ok()
}

/// `after − before`, and that in percent of `before`.
fn between(before: &str, after: &str) -> (Option<String>, Option<String>) {
    let difference = || decimal(after)?.checked_sub(decimal(before)?);
    (difference().map(|d| d.to_string()), percent(before, after))
}

/// How much more `after` is than `before`, in percent; none of nothing.
pub(super) fn percent(before: &str, after: &str) -> Option<String> {
    let (before, after) = (decimal(before)?, decimal(after)?);
    let exact = after.checked_sub(before)?.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(before)?;
    let mut shown = exact.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    shown.rescale(2);
    Some(shown.to_string())
}

/// What the difference does to a request's totals: it is priced on both sides' days.
///
/// # Errors
/// Everything that is wrong with the request.
pub fn totals(
    request: &EstimateRequest,
    before: &Side<'_, '_>,
    after: &Side<'_, '_>,
) -> Result<Vec<TotalChange>, Vec<Diagnostic>> {
    let mut request = request.clone();
    if request.platform.is_empty() && request.command.is_none() {
        request.command = Some("compare".to_owned());
    }
    let mut on = |side: &Side<'_, '_>| -> Result<EstimateResponse, Vec<Diagnostic>> {
        request.as_of = Some(side.day.to_string());
        respond(&request, side.book)
    };
    let (before, after) = (on(before)?, on(after)?);
    let (before, after) = (&before.totals, &after.totals);
    Ok(after.iter().filter_map(|a| Some(total_change(counterpart(a, before, after)?, a))).collect())
}

/// The same group before; for the best of several options the one of its platform and region, whichever option it was.
fn counterpart<'t>(of: &TotalOut, before: &'t [TotalOut], after: &[TotalOut]) -> Option<&'t TotalOut> {
    let place = |a: &TotalOut, b: &TotalOut| (&a.platform, &a.region) == (&b.platform, &b.region);
    let group = |a: &TotalOut, b: &TotalOut| place(a, b) && a.purchase == b.purchase;
    let taken = |b: &TotalOut| after.iter().any(|a| group(a, b));
    before.iter().find(|b| group(of, b)).or_else(|| before.iter().find(|b| place(of, b) && !taken(b)))
}

fn total_change(before: &TotalOut, after: &TotalOut) -> TotalChange {
    let then = |t: &TotalOut| TotalThen {
        purchase: t.purchase.clone(),
        status: t.status.clone(),
        total: t.sums.total.clone(),
        subtotal: t.sums.subtotal.clone(),
    };
    let (difference, percent) = match (&before.sums.total, &after.sums.total) {
        (Some(b), Some(a)) => between(b, a),
        _ => (None, None),
    };
    TotalChange {
        platform: after.platform.clone(),
        region: after.region.clone(),
        before: then(before),
        after: then(after),
        difference,
        percent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{prices::on_day, read};

    fn between_days(a: &str, b: &str, filter: &Filter<'_>, request: Option<&str>) -> PricesDiffResponse {
        let book = wharfage_prices::book();
        let side = |name| Side { name, book: &book, day: on_day(&book, name).unwrap() };
        let request = request.map(|text| read::request("r.toml", text).unwrap().0);
        let (a, b) = (side(a), side(b));
        let of_request = request.map_or_else(Vec::new, |r| totals(&r, &a, &b).unwrap());
        PricesDiffResponse { totals: of_request, ..diff(&a, &b, filter).unwrap() }
    }

    #[test]
    fn the_price_of_spot_in_ireland_rose_in_september() {
        let filter = Filter { text: Some("linux-x86.vcpu.spot"), region: Some("ireland"), as_of: None };
        let request = "platform = 'ecs-fargate'\nregion = 'ireland'\npurchase = 'spot'\n[[workload]]\nvcpu = 1\nmemory = '2GiB'\nreplicas = 3\n";
        let answer = between_days("2026-09-10", "2026-10-01", &filter, Some(request));
        let [one] = answer.changes.as_slice() else { panic!("{:?}", answer.changes) };
        let value = |r: &Option<Reading>| decimal(&r.as_ref().unwrap().value).unwrap();
        assert_eq!(value(&one.after) - value(&one.before), decimal(one.difference.as_ref().unwrap()).unwrap());
        assert_eq!((one.change.as_str(), answer.counts.changed), ("changed", 1));
        assert!(one.percent.as_ref().is_some_and(|p| !p.starts_with('-')));
        let [total] = answer.totals.as_slice() else { panic!("{:?}", answer.totals) };
        let sum = decimal(total.before.total.as_ref().unwrap()).unwrap()
            + decimal(total.difference.as_ref().unwrap()).unwrap();
        assert_eq!(sum, decimal(total.after.total.as_ref().unwrap()).unwrap());
    }

    #[test]
    fn a_day_differs_from_itself_in_nothing_and_from_the_past_in_much() {
        let none = between_days("2026-11-22", "2026-11-22", &Filter::default(), None);
        assert!(none.changes.is_empty() && none.counts.same > 50_000, "{:?}", none.counts);
        let past = between_days("2019-01-01", "2026-11-22", &Filter::default(), None);
        assert_eq!(past.counts.added + past.counts.removed + past.counts.changed, past.changes.len());
        assert!(past.counts.added > 10_000, "{:?}", past.counts);
    }

    #[test]
    fn percents_are_rounded_half_up_and_of_nothing_there_is_none() {
        #[rustfmt::skip]
        let cases = [
            ("0.04", "0.05", Some("25.00")), ("3", "4", Some("33.33")), ("800", "800.04", Some("0.01")), ("2", "1", Some("-50.00")), ("0", "1", None), ("0.25/0.5", "1", None),
        ];
        for (before, after, want) in cases {
            assert_eq!(percent(before, after).as_deref(), want, "{before} {after}");
        }
    }
}
