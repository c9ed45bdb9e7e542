//! What the tables hold: the prices in force, one key's whole history, and which platform has its prices where.
//!
//! Like [`crate::respond`], each function answers with plain structs whose decimals are texts; terminals and pages draw
//! from these alone.
//!
//! ```
//! use wharfage_api::prices::{self, Filter};
//! let filter = Filter { text: Some("linux-x86.vcpu"), region: Some("서울"), as_of: None };
//! let answer = prices::list(&wharfage_prices::book(), &filter).unwrap();
//! assert_eq!(answer.figures[0].price, "0.04656"); // USD per vCPU-hour in Seoul
//! ```

mod check;
mod coverage;
mod data_only;
mod diff;
mod list;
mod show;

use jiff::civil::Date;
use wharfage_core::{
    PriceBook,
    book::{GLOBAL, Price, Region, Term},
    diagnostic::Diagnostic,
    pricing::Place,
    text,
    text::Text,
};

pub use self::{
    check::{CheckResponse, check, checked},
    coverage::{
        Accounting, CoverageResponse, CoverageTexts, DataOnlyOut, FactFile, Figures, Keys, NotKept, PlatformCoverage,
        RegionCoverage, coverage,
    },
    data_only::{DataOnly, data_only},
    diff::{Change, Counts, PricesDiffResponse, Reading, Side, SideOut, TotalChange, TotalThen, diff, totals},
    list::{Figure, ListResponse, RegionOut, RegionsResponse, Service, list, regions},
    show::{Held, Series, ShapeOut, ShowResponse, show},
};
use crate::{
    grammar,
    resolve::{place, unknown_region},
    response::Prices,
};

/// What to look at, as flags and forms have it; what is absent does not narrow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter<'f> {
    /// words that must all occur, whatever their case
    pub text: Option<&'f str>,
    /// a region by id, city or alias
    pub region: Option<&'f str>,
    /// prices in force on this day; the edition's own day where absent
    pub as_of: Option<&'f str>,
}

impl Filter<'_> {
    fn words(&self) -> Vec<String> {
        self.text.unwrap_or_default().split_whitespace().map(str::to_lowercase).collect()
    }
}

fn tables(book: &PriceBook<'_>, day: Date) -> Prices {
    let edition = book.edition();
    Prices { edition: edition.name.clone(), digest: edition.digest.clone(), as_of: day.to_string() }
}

/// Both answers, or both mistakes.
fn both<A, B>(a: Result<A, Diagnostic>, b: Result<B, Diagnostic>) -> Result<(A, B), Vec<Diagnostic>> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (a, b) => Err(a.err().into_iter().chain(b.err()).collect()),
    }
}

fn day(book: &PriceBook<'_>, as_of: Option<&str>) -> Result<Date, Diagnostic> {
    let edition = book.edition().date;
    let Some(text) = as_of else { return Ok(edition) };
    let on_flag =
        |code, message: Text, label: Text, help: Text| Diagnostic::error(code, message).on("as_of", label).help(help);
    let day = grammar::day(text).map_err(|f| on_flag("request/value", f.message, f.label, f.help))?;
    if day > edition {
        let help = text!("the tables end on {day}; use that day or an earlier one", day = edition);
        let message = text!("prices of {day} are not known", day);
        return Err(on_flag("request/as-of-future", message, "after the tables end".into(), help));
    }
    Ok(day)
}

/// A day that the tables know, for [`Side`].
///
/// # Errors
/// A text that is no day, or a day after the tables end.
pub fn on_day(book: &PriceBook<'_>, text: &str) -> Result<Date, Diagnostic> {
    day(book, Some(text)).map_err(|d| Diagnostic { labels: Vec::new(), ..d })
}

fn named<'b>(book: &PriceBook<'b>, region: Option<&str>) -> Result<Option<Place<'b>>, Diagnostic> {
    let Some(text) = region else { return Ok(None) };
    place(book, text).map(Some).ok_or_else(|| unknown_region(book, text, "region"))
}

/// A place's regions that a key may have figures in: one provider's, or both where the key is of neither.
fn regions_for<'b>(place: &Place<'b>, key: &str) -> impl Iterator<Item = Region<'b>> + use<'b> {
    let (aws, gcp) = (place.aws, place.gcp);
    let provider = key.split('/').next().filter(|p| ["aws", "gcp"].contains(p)).map(str::to_owned);
    aws.into_iter().chain(gcp).filter(move |r| provider.as_deref().is_none_or(|p| p == r.provider))
}

/// Does an estimate in this place look there for the key?
fn in_place(region: &str, key: &str, place: &Place<'_>) -> bool {
    regions_for(place, key).any(|r| scopes(&r).contains(&region))
}

/// A region and the scopes around it, in the order prices are looked up.
fn scopes<'b>(region: &Region<'b>) -> Vec<&'b str> {
    [Some(region.id), region.tier, Some(GLOBAL)].into_iter().flatten().collect()
}

/// A term's numbers: one row of one number, or a menu.
fn term_rows(term: &Term<'_>) -> Vec<Vec<String>> {
    let row = |r| (0..term.columns).map(|c| term.at(r, c).to_string()).collect();
    (0..term.rows()).map(row).collect()
}

/// The last day somebody saw it, or the first.
fn seen(price: &Price<'_>) -> Option<Date> {
    price.confirmed.or(price.valid_from)
}
