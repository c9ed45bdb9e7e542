//! The price book: dated prices, terms (thresholds and menus), machine shapes, regions and sources.
//!
//! A book is a stack of compiled tables: the built-in ones, and over them an edition or a user's own. A lookup answers
//! with the price in force on a day, or says why there is none; it never answers with zero, another region or another day.
//!
//! # Invariants
//! As a function of the day, a price is piecewise constant. A row is in force from its `from` (the first sighting, for
//! observed rows) until its `until` or the next row's `from`.
//! # Sources
//! Every row names one; [`Price::source`] leads to its title and address.

pub mod check;
pub mod compile;
mod packed;
pub mod parse;
pub mod tables;

use jiff::civil::Date;
use rust_decimal::Decimal;

use self::packed::{Part, RowDates, Series, TermRecord, day_date, day_number};
pub use self::{packed::Packed, tables::Basis};
use crate::{
    diagnostic::nearest,
    quantity::{Mib, MilliVcpu, Unit},
    rate::Rate,
};

/// Scope of figures that hold in every region of their provider.
pub const GLOBAL: &str = "global";

/// Which of the stacked tables a figure came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// the book's own tables (or the edition asked for)
    Book,
    /// tables the user laid over them
    User,
}

/// Where a figure can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source<'b> {
    /// short id, as `docs` list it
    pub id: &'b str,
    /// what it is
    pub title: &'b str,
    /// where it can be read, if anywhere
    pub url: Option<&'b str>,
}

/// A price in force on the day asked for.
#[derive(Debug, Clone, Copy)]
pub struct Price<'b> {
    /// its key, `provider/service/meter`
    pub key: &'b str,
    /// the region or scope it was found under
    pub region: &'b str,
    /// dollars per [`Price::unit`]
    pub amount: Decimal,
    /// what it is per
    pub unit: Unit,
    /// how it is known
    pub basis: Basis,
    /// where from
    pub source: Source<'b>,
    /// first day in force; `None`: from the beginning
    pub valid_from: Option<Date>,
    /// last day somebody saw it
    pub confirmed: Option<Date>,
    /// a caveat
    pub note: Option<&'b str>,
    /// which tables
    pub origin: Origin,
    /// the day asked for lies before `valid_from`, and the caller accepted that
    pub before_first_sighting: bool,
}

/// Why there is no price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// the key looked for
    pub key: String,
    /// the region looked in
    pub region: String,
    /// what the book does know
    pub why: Why,
}

/// What the book knows instead of a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// nothing for that key and region, on any day
    Absent,
    /// the first day it was seen is later
    BeforeFirstSighting(Date),
    /// it ended, and nothing is known since
    Ended(Date),
}

/// A term in force on the day asked for: a threshold, or a menu row by row.
#[derive(Debug, Clone, Copy)]
pub struct Term<'b> {
    packed: Packed<'b>,
    first: u32,
    len: u32,
    /// numbers per row
    pub columns: usize,
    /// what the numbers are
    pub unit: &'b str,
    /// how it is known
    pub basis: Basis,
    /// where from
    pub source: Source<'b>,
    /// a caveat
    pub note: Option<&'b str>,
    /// its key
    pub key: &'b str,
}

impl Term<'_> {
    /// The single value, or the first.
    pub fn value(&self) -> Decimal {
        self.packed.term_value(self.first)
    }

    /// The single value as a whole number, if it is one.
    pub fn whole(&self) -> Option<u64> {
        let d = self.value().normalize();
        (d.scale() == 0).then(|| u64::try_from(d.mantissa()).ok()).flatten()
    }

    /// The value times `by` as a whole number, if it is one: GiB to MiB, vCPU to milli-vCPU.
    pub fn whole_times(&self, by: u64) -> Option<u64> {
        whole_times(self.value(), by)
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.len as usize / self.columns
    }

    /// The number at a row and column. Panics beyond either, like a slice.
    pub fn at(&self, row: usize, column: usize) -> Decimal {
        self.packed.term_value(self.number(row, column))
    }

    /// The number at a row and column times `by`, if that is whole: GiB to MiB, vCPU to milli-vCPU.
    pub fn whole_at(&self, row: usize, column: usize, by: u64) -> Option<u64> {
        let (digits, places) = self.packed.term_digits(self.number(row, column));
        let (product, scale) = (digits.checked_mul(by)?, 10_u64.checked_pow(places)?);
        product.is_multiple_of(scale).then(|| product / scale)
    }

    fn number(&self, row: usize, column: usize) -> u32 {
        assert!(row < self.rows() && column < self.columns, "a term's rows and columns are known");
        let n = row * self.columns + column;
        self.first + u32::try_from(n).expect("within the rows just checked")
    }
}

/// A term and the days it holds.
#[derive(Debug, Clone, Copy)]
pub struct TermSpan<'b> {
    /// the figures
    pub term: Term<'b>,
    /// first day in force; `None`: from the beginning
    pub from: Option<Date>,
    /// first day no longer in force
    pub until: Option<Date>,
    /// last day somebody saw it
    pub confirmed: Option<Date>,
}

/// `d × by` as a whole number, if it is one.
pub fn whole_times(d: Decimal, by: u64) -> Option<u64> {
    // Terms are short numbers: 64 bits, where division is cheap, nearly always do.
    if let (Ok(mantissa), Some(scale)) = (u64::try_from(d.mantissa()), 10_u64.checked_pow(d.scale()))
        && let Some(product) = mantissa.checked_mul(by)
    {
        return product.is_multiple_of(scale).then(|| product / scale);
    }
    let product = d.mantissa().checked_mul(i128::from(by))?;
    let scale = 10_i128.checked_pow(d.scale())?;
    (product % scale == 0).then(|| u64::try_from(product / scale).ok()).flatten()
}

/// A machine type's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape<'b> {
    /// `aws` or `gcp`
    pub provider: &'b str,
    /// `c6g.large`
    pub name: &'b str,
    /// `x86`, `arm` or empty
    pub arch: &'b str,
    /// the accelerator's name, or empty
    pub gpu: &'b str,
    /// vCPU the guest sees
    pub vcpu: MilliVcpu,
    /// nominal memory
    pub memory: Mib,
    /// thousandths of a GPU; `None` where unknown
    pub gpu_milli: Option<u64>,
    /// milli-vCPU, MiB and pods left for workloads, as one published table has them
    pub allocatable: Option<[u64; 3]>,
    /// id of its source
    pub source: &'b str,
}

/// A region of one provider.
#[derive(Debug, Clone, Copy)]
pub struct Region<'b> {
    /// `ap-northeast-2`
    pub id: &'b str,
    /// `aws` or `gcp`
    pub provider: &'b str,
    /// English city
    pub city: &'b str,
    /// Korean city
    pub city_ko: &'b str,
    /// Cloud Run's tier, a scope of prices
    pub tier: Option<&'b str>,
    /// continent for Cloud Run's egress prices
    pub egress_area: Option<&'b str>,
    /// a caveat
    pub note: Option<&'b str>,
    aliases: Aliases<'b>,
}

impl<'b> Region<'b> {
    /// Other names, lower case.
    pub fn aliases(&self) -> impl Iterator<Item = &'b str> + use<'b> {
        let a = self.aliases;
        (a.first..a.first + a.len).map(move |n| a.packed.alias(n))
    }

    /// Every name it answers to.
    pub fn names(&self) -> impl Iterator<Item = &'b str> + use<'b> {
        [self.id, self.city, self.city_ko].into_iter().chain(self.aliases())
    }
}

#[derive(Debug, Clone, Copy)]
struct Aliases<'b> {
    packed: Packed<'b>,
    first: u32,
    len: u32,
}

/// Name and digest of what an estimate was priced with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    /// `2026-11-22`, `lesson`, …
    pub name: String,
    /// `sha256:…` of the compiled tables
    pub digest: String,
    /// the day prices are taken from unless a request says otherwise
    pub date: Date,
    /// hours of a month where a request states no period
    pub month_hours: u32,
}

/// A stack of compiled tables.
///
/// ```
/// # use wharfage_core::book::{self, PriceBook};
/// let text = r#"
/// edition = "2026-11-22"
/// month_hours = 730
/// [[source]]
/// id = "page"
/// title = "the pricing page"
/// [[region]]
/// id = "ap-northeast-2"
/// provider = "aws"
/// city = "Seoul"
/// city_ko = "서울"
/// [[price]]
/// key = "aws/fargate/linux-x86.vcpu"
/// unit = "vCPU-Hours"
/// region = "ap-northeast-2"
/// values = [{ from = 2026-09-11, price = "0.04656", basis = "observed", source = "page" }]
/// "#;
/// let mut tables = book::tables::Tables::default();
/// assert!(book::parse::file("fargate.toml", text, book::parse::Owner::Book, &mut tables).is_empty());
/// let compiled = book::compile::compile(&tables).unwrap();
/// let book = PriceBook::new(&compiled.bytes, compiled.digest).unwrap();
/// let day = book.edition().date;
/// let price = book.price("aws/fargate/linux-x86.vcpu", &["ap-northeast-2"], day).unwrap();
/// assert_eq!(price.amount.to_string(), "0.04656");
/// ```
#[derive(Debug, Clone)]
pub struct PriceBook<'b> {
    /// tables with prices, topmost first
    prices: Vec<(Packed<'b>, Origin)>,
    /// tables with terms, topmost first; the last also holds regions and shapes
    terms: Vec<Packed<'b>>,
    edition: Edition,
    accept_first_seen: bool,
}

impl<'b> PriceBook<'b> {
    /// A book of one set of compiled tables; `None` if the bytes are something else or declare no edition.
    pub fn new(bytes: &'b [u8], digest: String) -> Option<Self> {
        let packed = Packed::new(bytes)?;
        let (name, date, month_hours) = packed.edition()?;
        let edition = Edition { name: name.to_owned(), digest, date, month_hours };
        Some(Self { prices: vec![(packed, Origin::Book)], terms: vec![packed], edition, accept_first_seen: false })
    }

    /// Another edition's prices in place of this one's; its terms lie over this one's, whose regions and shapes stay.
    pub fn with_edition(mut self, bytes: &'b [u8], digest: &str) -> Option<Self> {
        let packed = Packed::new(bytes)?;
        let (name, _, month_hours) = packed.edition()?;
        self.prices = vec![(packed, Origin::Book)];
        self.terms.insert(0, packed);
        self.edition.name = name.to_owned();
        self.edition.digest = compile::digest_over(&self.edition.digest, digest);
        self.edition.month_hours = month_hours;
        Some(self)
    }

    /// A user's tables laid over it.
    pub fn with_user_tables(mut self, name: &str, bytes: &'b [u8], digest: &str) -> Option<Self> {
        let packed = Packed::new(bytes)?;
        self.prices.insert(0, (packed, Origin::User));
        self.terms.insert(0, packed);
        self.edition.name = format!("{}+{name}", self.edition.name);
        self.edition.digest = compile::digest_over(&self.edition.digest, digest);
        Some(self)
    }

    /// Accept a price on a day before it was first seen, marked as such, instead of answering with none.
    #[must_use]
    pub fn accepting_first_seen(mut self) -> Self {
        self.accept_first_seen = true;
        self
    }

    /// What an estimate cites.
    pub fn edition(&self) -> &Edition {
        &self.edition
    }

    /// The price of `key` in the first of `regions` (a region and the scopes around it) that has one in force on `day`.
    ///
    /// # Errors
    /// [`Missing`] says which key and region, and whether the day lies before the first sighting or after the last.
    pub fn price(&self, key: &str, regions: &[&str], day: Date) -> Result<Price<'b>, Missing> {
        let number = day_number(day);
        let mut why = Why::Absent;
        let mut first_row: Option<Price<'b>> = None;
        for region in regions {
            for (packed, origin) in &self.prices {
                let Some(series) = packed.find(Part::Prices, key, region) else { continue };
                for n in (series.first..series.end).rev() {
                    let dates = packed.price_row(n).dates;
                    if dates.in_force(number) {
                        return Ok(price(*packed, series, n, *origin, false));
                    }
                    if dates.from <= number {
                        if let Some(ended) = day_date(dates.until) {
                            why = Why::Ended(ended);
                        }
                        break;
                    }
                    if n == series.first && why == Why::Absent {
                        let earliest = price(*packed, series, n, *origin, true);
                        if first_row.is_none_or(|p| earliest.valid_from < p.valid_from) {
                            first_row = Some(earliest);
                        }
                    }
                }
            }
        }
        if let (Why::Absent, Some(first)) = (why, first_row) {
            if self.accept_first_seen {
                return Ok(first);
            }
            why = first.valid_from.map_or(Why::Absent, Why::BeforeFirstSighting);
        }
        Err(Missing { key: key.to_owned(), region: (*regions.first().unwrap_or(&GLOBAL)).to_owned(), why })
    }

    /// Like [`PriceBook::price`], as a rate for one dimension.
    ///
    /// # Errors
    /// [`Missing`] names the key and region, and what the book has instead.
    pub fn rate<D: crate::quantity::Dimension>(
        &self,
        key: &str,
        regions: &[&str],
        day: Date,
    ) -> Result<Rate<'b, D>, Missing> {
        let price = self.price(key, regions, day)?;
        Rate::new(price).ok_or_else(|| Missing {
            key: key.to_owned(),
            region: price.region.to_owned(),
            why: Why::Absent,
        })
    }

    /// The term in force on `day`, in the first of `regions` that has it.
    ///
    /// # Errors
    /// [`Missing`] names the key: a book without it can't price the platform.
    pub fn term(&self, key: &str, regions: &[&str], day: Date) -> Result<Term<'b>, Missing> {
        let number = day_number(day);
        for packed in &self.terms {
            for region in regions.iter().chain(&[GLOBAL]) {
                let Some(series) = packed.find(Part::Terms, key, region) else { continue };
                for n in (series.first..series.end).rev() {
                    let row = packed.term_row(n);
                    if row.dates.in_force(number) {
                        return Ok(term(*packed, series.key, row));
                    }
                }
            }
        }
        Err(Missing { key: key.to_owned(), region: (*regions.first().unwrap_or(&GLOBAL)).to_owned(), why: Why::Absent })
    }

    /// Every region, in the tables' order.
    pub fn regions(&self) -> impl Iterator<Item = Region<'b>> {
        self.base().regions()
    }

    /// The region of a provider with this id.
    pub fn region(&self, id: &str) -> Option<Region<'b>> {
        self.regions().find(|r| r.id == id)
    }

    /// The shape of a machine type.
    pub fn shape(&self, provider: &str, name: &str) -> Option<Shape<'b>> {
        let base = self.base();
        let (mut low, mut high) = (0, base.shape_count());
        while low < high {
            let middle = low + (high - low) / 2;
            let shape = base.shape(middle);
            match (shape.provider, shape.name).cmp(&(provider, name)) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(shape),
            }
        }
        None
    }

    /// Every machine type of a provider, by name.
    pub fn shapes(&self, provider: &str) -> impl Iterator<Item = Shape<'b>> {
        let base = self.base();
        (0..base.shape_count()).map(move |n| base.shape(n)).filter(move |s| s.provider == provider)
    }

    /// Every (key, region) with a price in any of the stacked tables, sorted, each once.
    pub fn series(&self) -> Vec<(&'b str, &'b str)> {
        let mut all: Vec<_> =
            self.prices.iter().flat_map(|(p, _)| p.all(Part::Prices)).map(|s| (s.key, s.region)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Every price of a key and region on any day, oldest first; the user's tables after the book's.
    pub fn history(&self, key: &str, region: &str) -> Vec<(Price<'b>, Option<Date>)> {
        let mut all = Vec::new();
        for (packed, origin) in self.prices.iter().rev() {
            let Some(series) = packed.find(Part::Prices, key, region) else { continue };
            for n in series.first..series.end {
                let until = day_date(packed.price_row(n).dates.until);
                all.push((price(*packed, series, n, *origin, false), until));
            }
        }
        all
    }

    /// Every (key, region) with a term, sorted, each once.
    pub fn term_series(&self) -> Vec<(&'b str, &'b str)> {
        let mut all: Vec<_> = self.terms.iter().flat_map(|p| p.all(Part::Terms)).map(|s| (s.key, s.region)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Every value of a term in a region on any day, oldest first; those of tables laid over the book's come after.
    pub fn term_history(&self, key: &str, region: &str) -> Vec<TermSpan<'b>> {
        let mut all = Vec::new();
        for packed in self.terms.iter().rev() {
            let Some(series) = packed.find(Part::Terms, key, region) else { continue };
            all.extend((series.first..series.end).map(|n| {
                let row = packed.term_row(n);
                let next = (n + 1 < series.end).then(|| packed.term_row(n + 1).dates.from);
                let until = next.map_or(row.dates.until, |from| row.dates.until.min(from));
                let [from, until, confirmed] = [row.dates.from, until, row.dates.confirmed].map(day_date);
                TermSpan { term: term(*packed, series.key, row), from, until, confirmed }
            }));
        }
        all
    }

    /// Every source of the built-in tables.
    pub fn sources(&self) -> impl Iterator<Item = Source<'b>> {
        self.base().sources().map(|(id, title, url)| Source { id, title, url })
    }

    fn base(&self) -> Packed<'b> {
        *self.terms.last().expect("a book is made with one set of tables")
    }
}

impl check::Known for PriceBook<'_> {
    fn has_region(&self, id: &str) -> bool {
        self.regions().any(|r| r.id == id) || self.base().scopes().any(|s| s == id)
    }

    fn regions_like(&self, name: &str) -> Vec<String> {
        let wanted = name.trim().to_lowercase();
        let named = |name: &str| -> Vec<String> {
            let it = |r: &Region<'_>| r.names().any(|n| n.to_lowercase() == name);
            self.regions().filter(it).map(|r| r.id.to_owned()).collect()
        };
        let exactly = named(&wanted);
        if exactly.is_empty() {
            let near = nearest(&wanted, self.regions().flat_map(|r| r.names().collect::<Vec<_>>()));
            return near.map_or_else(Vec::new, |n| named(&n.to_lowercase()));
        }
        exactly
    }

    fn has_source(&self, id: &str) -> bool {
        self.sources().any(|s| s.id == id)
    }
}

fn source(packed: Packed<'_>, dates: RowDates) -> Source<'_> {
    let (id, title, url) = packed.source(dates.source);
    Source { id, title, url }
}

fn term<'b>(packed: Packed<'b>, key: &'b str, row: TermRecord<'b>) -> Term<'b> {
    Term {
        packed,
        first: row.first,
        len: row.len,
        columns: row.columns,
        unit: row.unit,
        basis: row.dates.basis,
        source: source(packed, row.dates),
        note: packed.note(row.dates.note),
        key,
    }
}

fn price<'b>(packed: Packed<'b>, series: Series<'b>, n: u32, origin: Origin, before_first_sighting: bool) -> Price<'b> {
    let row = packed.price_row(n);
    Price {
        key: series.key,
        region: series.region,
        amount: row.amount,
        unit: row.unit,
        basis: row.dates.basis,
        source: source(packed, row.dates),
        valid_from: day_date(row.dates.from),
        confirmed: day_date(row.dates.confirmed),
        note: packed.note(row.dates.note),
        origin,
        before_first_sighting,
    }
}
