//! Questions to the program, written as data: a price, a term, or a command line and what to measure in its answer.

use std::{collections::BTreeSet, fs};

use rust_decimal::Decimal;
use serde::Deserialize;
use wharfage_api::{
    read,
    request::{EstimateRequest, Overlay, WorkloadRequest},
    respond,
    response::{EstimateOut, EstimateResponse, LineOut},
};
use wharfage_core::{
    PriceBook,
    book::{GLOBAL, Price, Source, Term},
};
use wharfage_tests::root;

use crate::markdown::Cited;

/// One question.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Ask {
    /// a price in force in a region or scope
    Price { price: String, region: String },
    /// by how many percent a key's Spot price lies below its own, to one place
    Saving { saving: String, region: String },
    /// a term's number, or the one at a row and column of its menu
    Term { term: String, region: Option<String>, at: Option<[usize; 2]> },
    /// a command line of the program, and what to measure: `total`, `cents:SKU`, … (see `measure`)
    Run { run: String, figure: String },
}

/// The program's answer.
#[derive(Debug)]
pub struct Answer {
    /// the figure or word
    pub text: String,
    /// what it rests on
    pub cited: Vec<Cited>,
    /// how it is known, where that is not from a page: `recalled`, `derived`
    pub basis: BTreeSet<String>,
}

impl Ask {
    /// As a reader can ask it.
    pub fn shown(&self) -> String {
        match self {
            Self::Price { price, region } | Self::Saving { saving: price, region } => format!("`{price}`, {region}"),
            Self::Term { term, region, .. } => match region {
                Some(region) => format!("`{term}`, {region}"),
                None => format!("`{term}`"),
            },
            Self::Run { run, .. } => format!("`wharfage {run}`"),
        }
    }

    /// Asks the program.
    pub fn answer(&self) -> Result<Answer, String> {
        let book = wharfage_prices::book();
        let price = |key: &str, region: &str| -> Result<Price<'static>, String> {
            book.price(key, &[region], book.edition().date).map_err(|e| format!("{e:?}"))
        };
        match self {
            Self::Price { price: key, region } => {
                let p = price(key, region)?;
                Ok(Answer { text: p.amount.to_string(), cited: vec![cited(&p.source)], basis: noted(p.basis.label()) })
            }
            Self::Saving { saving: key, region } => {
                let (full, spot) = (price(key, region)?, price(&format!("{key}.spot"), region)?);
                let percent = (Decimal::ONE - spot.amount / full.amount) * Decimal::ONE_HUNDRED;
                let cited = vec![cited(&full.source), cited(&spot.source)];
                Ok(Answer { text: percent.round_dp(1).to_string(), cited, basis: noted(spot.basis.label()) })
            }
            Self::Term { term: key, region, at } => {
                let t = term(&book, key, region.as_deref().unwrap_or(GLOBAL));
                let [row, column] = at.unwrap_or_default();
                let text = in_words(t.at(row, column).normalize(), t.unit);
                Ok(Answer { text, cited: vec![cited(&t.source)], basis: noted(t.basis.label()) })
            }
            Self::Run { run, figure } => measure(&answer(run), figure),
        }
    }
}

/// A term's number as a reader wants it: a flag as a word, a day as a date.
pub fn in_words(number: Decimal, unit: &str) -> String {
    let digits = number.to_string();
    match unit {
        "Flag" if number.is_zero() => "no".to_owned(),
        "Flag" => "yes".to_owned(),
        "Date" if digits.len() == 8 => [&digits[..4], &digits[4..6], &digits[6..]].join("-"),
        _ => digits,
    }
}

/// The term in force in a region on the edition's day.
pub fn term<'b>(book: &PriceBook<'b>, key: &str, region: &str) -> Term<'b> {
    book.term(key, &[region], book.edition().date).unwrap_or_else(|e| panic!("{e:?}"))
}

/// A source as a page cites it.
pub fn cited(source: &Source<'_>) -> Cited {
    Cited::new(source.id, source.title, source.url)
}

fn noted(basis: &str) -> BTreeSet<String> {
    ["recalled", "derived"].into_iter().filter(|b| *b == basis).map(str::to_owned).collect()
}

/// What the library answers to a command line, with every line explained.
fn answer(run: &str) -> EstimateResponse {
    let mut words = run.split_whitespace();
    let mut request = EstimateRequest { command: words.next().map(str::to_owned), ..EstimateRequest::default() };
    let (mut flags, mut workload) = (EstimateRequest::default(), WorkloadRequest::default());
    let mut book = wharfage_prices::book();
    while let Some(word) = words.next() {
        let Some(flag) = word.strip_prefix("--") else {
            let text = fs::read_to_string(root().join(word)).unwrap_or_else(|e| panic!("{run}: {word}: {e}"));
            let command = request.command.take();
            request = read::request(word, &text).unwrap_or_else(|found| panic!("{run}: {found:?}")).0;
            request.command = command;
            continue;
        };
        let value = words.next().unwrap_or_else(|| panic!("{run}: --{flag} what?")).to_owned();
        let field = flag.replace('-', "_");
        if (flag, value.as_str()) == ("prices", "lesson") {
            book = wharfage_prices::lesson();
        } else if !flags.set(&field, vec![value.clone()]) {
            assert!(workload.set(&field, vec![value]), "{run}: no flag --{flag}");
        }
    }
    flags.workload.push(workload);
    request.overrule(&flags, Overlay::Replacing);
    request.explain = Some("true".to_owned());
    respond(&request, &book).unwrap_or_else(|found| panic!("{run}: {found:#?}"))
}

/// Measures an answer: `[PLATFORM ]WHAT`, where WHAT is `total`, `total_exact`, `status`, `reasons`, or `cents:`,
/// `cost:`, `priced:` and a sku. `first` is the platform that comes first.
fn measure(response: &EstimateResponse, figure: &str) -> Result<Answer, String> {
    if figure == "first" {
        let first = response.estimates.first().ok_or("nothing was estimated")?;
        return Ok(Answer { text: first.platform.clone(), cited: sources(&first.lines), basis: BTreeSet::new() });
    }
    let (platform, what) = figure.split_once(' ').map_or((None, figure), |(p, w)| (Some(p), w));
    let mut all = response.estimates.iter().filter(|e| platform.is_none_or(|p| p == e.platform));
    let (Some(e), None) = (all.next(), all.next()) else { return Err("one estimate is measured".to_owned()) };
    let total = |text: &Option<String>| text.clone().ok_or_else(|| format!("the estimate is {}", e.status));
    let text = match what.split_once(':') {
        Some((field, sku)) => return of_lines(e, field, sku),
        None if what == "total" => total(&e.sums.total)?,
        None if what == "total_exact" => total(&e.sums.total_exact)?,
        None if what == "status" => e.status.clone(),
        None if what == "reasons" => e.reasons.iter().map(|r| r.code.as_str()).collect::<Vec<_>>().join(", "),
        None => return Err(format!("`{what}` is no measure")),
    };
    Ok(Answer { text, cited: sources(&e.lines), basis: bases(&e.lines) })
}

/// Of the lines of one sku, the sum of a field.
fn of_lines(e: &EstimateOut, field: &str, sku: &str) -> Result<Answer, String> {
    let field: fn(&LineOut) -> &str = match field {
        "cents" => |l| &l.cost_rounded,
        "cost" => |l| &l.cost,
        "priced" => |l| &l.priced,
        other => return Err(format!("`{other}` is no measure of a line")),
    };
    let lines: Vec<LineOut> = e.lines.iter().filter(|l| l.sku == sku).cloned().collect();
    if lines.is_empty() {
        return Err(format!("no line has the sku {sku}"));
    }
    let sum: Decimal = lines.iter().map(|l| Decimal::from_str_exact(field(l)).expect("a decimal")).sum();
    Ok(Answer { text: sum.to_string(), cited: sources(&lines), basis: bases(&lines) })
}

fn sources(lines: &[LineOut]) -> Vec<Cited> {
    let mut all: Vec<Cited> = Vec::new();
    for l in lines {
        let x = l.explanation.as_ref().expect("explained");
        let cited = Cited::new(&x.source_id, &l.source, x.url.as_deref());
        if !all.contains(&cited) {
            all.push(cited);
        }
    }
    all
}

fn bases(lines: &[LineOut]) -> BTreeSet<String> {
    lines.iter().flat_map(|l| noted(&l.basis)).collect()
}
