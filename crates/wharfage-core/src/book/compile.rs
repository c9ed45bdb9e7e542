//! Compiles checked rows into the compact form that `packed` reads in place.
//!
//! The bytes depend on the rows alone, so their SHA-256 is the book's digest.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use sha2::{Digest, Sha256};

use super::{
    packed::{self, DAY_NONE, NOTE_NONE, STRING_NONE, day_number},
    tables::{Dated, PriceRow, Tables, TermRow},
};
use crate::{diagnostic::Diagnostic, text};

/// A compiled set of tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    /// the compact form
    pub bytes: Vec<u8>,
    /// `sha256:` and 64 hex digits
    pub digest: String,
}

/// Compiles tables that [`super::check::tables`] found nothing wrong with.
///
/// # Errors
/// A number that does not fit the compact form, and where it stands.
pub fn compile(tables: &Tables) -> Result<Compiled, Diagnostic> {
    let pool = Pool::new(tables);
    let mut sections: Vec<(u32, Vec<u8>)> = Vec::new();
    let mut push = |count: usize, bytes: Vec<u8>| -> Result<(), Diagnostic> {
        sections.push((small(count)?, bytes));
        Ok(())
    };
    let edition = tables.edition.as_ref();
    let mut head = Out::default();
    head.u32(edition.map_or(STRING_NONE, |e| pool.id(&e.name)));
    head.u16(edition.map_or(DAY_NONE, |e| day_number(e.date)));
    head.u16(u16::try_from(edition.map_or(0, |e| e.month_hours)).unwrap_or(0));
    push(1, head.0)?;

    let (offsets, texts) = pool.bytes()?;
    push(pool.strings.len(), offsets)?;
    push(texts.len(), texts)?;
    push_sources(tables, &pool, &mut push)?;
    push_regions(tables, &pool, &mut push)?;
    push_prices(tables, &pool, &mut push)?;
    push_terms(tables, &pool, &mut push)?;
    push_shapes(tables, &pool, &mut push)?;

    let mut out = Out::default();
    out.0.extend_from_slice(packed::MAGIC);
    let mut offset = small(packed::MAGIC.len() + sections.len() * 8)?;
    for (count, bytes) in &sections {
        out.u32(offset);
        out.u32(*count);
        offset += small(bytes.len())?;
    }
    for (_, bytes) in &sections {
        out.0.extend_from_slice(bytes);
    }
    let digest = hex(&Sha256::digest(&out.0));
    Ok(Compiled { bytes: out.0, digest })
}

/// The digest of one book laid over another.
pub fn digest_over(base: &str, top: &str) -> String {
    hex(&Sha256::digest(format!("{base}\n{top}").as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut s = String::from("sha256:");
    for b in bytes {
        let _ = write!(s, "{b:02x}");
    }
    s
}

fn small(n: usize) -> Result<u32, Diagnostic> {
    u32::try_from(n).map_err(|_| Diagnostic::error("table/too-large", "the tables are too large to compile"))
}

#[derive(Default)]
struct Out(Vec<u8>);

impl Out {
    fn u8(&mut self, n: u8) {
        self.0.push(n);
    }
    fn u16(&mut self, n: u16) {
        self.0.extend_from_slice(&n.to_le_bytes());
    }
    fn u32(&mut self, n: u32) {
        self.0.extend_from_slice(&n.to_le_bytes());
    }
    fn u64(&mut self, n: u64) {
        self.0.extend_from_slice(&n.to_le_bytes());
    }
}

/// All texts, sorted, so that ids compare like the texts.
struct Pool<'t> {
    strings: BTreeMap<&'t str, u32>,
    notes: BTreeMap<&'t str, u16>,
    sources: BTreeMap<&'t str, u16>,
}

impl<'t> Pool<'t> {
    fn new(t: &'t Tables) -> Self {
        let mut all: Vec<&str> = t.scopes.iter().map(String::as_str).collect();
        all.extend(t.edition.iter().map(|e| e.name.as_str()));
        for s in &t.sources {
            all.extend([s.id.as_str(), &s.title]);
            all.extend(s.url.as_deref());
        }
        for r in &t.regions {
            all.extend([r.id.as_str(), &r.provider, &r.city, &r.city_ko]);
            all.extend(r.aliases.iter().map(String::as_str));
            all.extend([&r.tier, &r.egress_area, &r.note].into_iter().filter_map(Option::as_deref));
        }
        let dated = t.prices.iter().map(|p| &p.dated).chain(t.terms.iter().map(|t| &t.dated));
        let notes: Vec<&str> = dated.clone().filter_map(|d| d.note.as_deref()).collect();
        all.extend(&notes);
        all.extend(dated.map(|d| d.source.as_str()));
        all.extend(t.prices.iter().flat_map(|p| [p.key.as_str(), &p.region]));
        all.extend(t.terms.iter().flat_map(|p| [p.key.as_str(), &p.region, &p.unit]));
        all.extend(t.shapes.iter().flat_map(|s| [s.name.as_str(), &s.provider, &s.arch, &s.gpu, &s.source]));
        let mut strings: BTreeMap<&str, u32> = all.into_iter().map(|s| (s, 0)).collect();
        for (n, id) in (0..).zip(strings.values_mut()) {
            *id = n;
        }
        let number = |it: Vec<&'t str>| -> BTreeMap<&'t str, u16> {
            let mut map: BTreeMap<&str, u16> = it.into_iter().map(|s| (s, 0)).collect();
            for (n, id) in (0..).zip(map.values_mut()) {
                *id = n;
            }
            map
        };
        let cited =
            t.prices.iter().map(|p| &p.dated).chain(t.terms.iter().map(|t| &t.dated)).map(|d| d.source.as_str());
        let listed = t.sources.iter().map(|s| s.id.as_str()).chain(t.shapes.iter().map(|s| s.source.as_str()));
        let sources = number(listed.chain(cited).collect());
        Self { strings, notes: number(notes), sources }
    }

    fn id(&self, s: &str) -> u32 {
        self.strings.get(s).copied().unwrap_or(STRING_NONE)
    }

    fn maybe(&self, s: Option<&str>) -> u32 {
        s.map_or(STRING_NONE, |s| self.id(s))
    }

    fn bytes(&self) -> Result<(Vec<u8>, Vec<u8>), Diagnostic> {
        let (mut offsets, mut texts) = (Out::default(), Vec::new());
        for s in self.strings.keys() {
            offsets.u32(small(texts.len())?);
            texts.extend_from_slice(s.as_bytes());
        }
        offsets.u32(small(texts.len())?);
        Ok((offsets.0, texts))
    }
}

type Push<'p> = &'p mut dyn FnMut(usize, Vec<u8>) -> Result<(), Diagnostic>;

fn push_sources(t: &Tables, pool: &Pool<'_>, push: Push<'_>) -> Result<(), Diagnostic> {
    let rows: BTreeMap<&str, _> = t.sources.iter().map(|s| (s.id.as_str(), s)).collect();
    let mut out = Out::default();
    for id in pool.sources.keys() {
        let row = rows.get(id);
        out.u32(pool.id(id));
        out.u32(pool.id(row.map_or(id, |r| &r.title)));
        out.u32(pool.maybe(row.and_then(|r| r.url.as_deref())));
    }
    push(pool.sources.len(), out.0)?;
    let mut notes = Out::default();
    for note in pool.notes.keys() {
        notes.u32(pool.id(note));
    }
    push(pool.notes.len(), notes.0)
}

fn push_regions(t: &Tables, pool: &Pool<'_>, push: Push<'_>) -> Result<(), Diagnostic> {
    let (mut out, mut aliases, mut n_aliases) = (Out::default(), Out::default(), 0);
    for r in &t.regions {
        for text in [&r.id, &r.provider, &r.city, &r.city_ko] {
            out.u32(pool.id(text));
        }
        for text in [&r.tier, &r.egress_area, &r.note] {
            out.u32(pool.maybe(text.as_deref()));
        }
        out.u32(small(n_aliases)?);
        out.u32(small(r.aliases.len())?);
        n_aliases += r.aliases.len();
        r.aliases.iter().for_each(|a| aliases.u32(pool.id(a)));
    }
    push(t.regions.len(), out.0)?;
    push(n_aliases, aliases.0)?;
    let mut scopes = Out::default();
    t.scopes.iter().for_each(|s| scopes.u32(pool.id(s)));
    push(t.scopes.len(), scopes.0)
}

fn figure(d: Decimal) -> Result<(u64, u8), Diagnostic> {
    let too_long = || Diagnostic::error("price/not-a-decimal", text!("`{text}` has too many digits", text = d));
    Ok((u64::try_from(d.mantissa()).map_err(|_| too_long())?, u8::try_from(d.scale()).map_err(|_| too_long())?))
}

fn dated(out: &mut Out, d: &Dated, pool: &Pool<'_>) {
    let day = |d: Option<Date>| d.map_or(DAY_NONE, day_number);
    out.u8(d.basis as u8);
    out.u16(pool.sources.get(d.source.as_str()).copied().unwrap_or(0));
    out.u16(d.from.map_or(0, day_number));
    out.u16(day(d.until));
    out.u16(day(d.confirmed));
    out.u16(d.note.as_deref().and_then(|n| pool.notes.get(n)).copied().unwrap_or(NOTE_NONE));
}

/// Rows of one kind grouped by key, then region, then day.
fn grouped<'r, R>(
    rows: &'r [R],
    of: impl Fn(&'r R) -> (&'r str, &'r str, &'r Dated),
) -> BTreeMap<&'r str, BTreeMap<&'r str, Vec<&'r R>>> {
    let mut all: BTreeMap<&str, BTreeMap<&str, Vec<&R>>> = BTreeMap::new();
    for row in rows {
        let (key, region, _) = of(row);
        all.entry(key).or_default().entry(region).or_default().push(row);
    }
    for rows in all.values_mut().flat_map(BTreeMap::values_mut) {
        rows.sort_by_key(|r| of(r).2.from);
    }
    all
}

/// Three sections: keys (name, first series), series (region, first row), and the rows that `row` writes.
fn push_keyed<'r, R>(
    all: &BTreeMap<&'r str, BTreeMap<&'r str, Vec<&'r R>>>,
    pool: &Pool<'_>,
    push: Push<'_>,
    mut row: impl FnMut(&mut Out, &'r R) -> Result<(), Diagnostic>,
) -> Result<(), Diagnostic> {
    let (mut keys, mut series, mut rows) = (Out::default(), Out::default(), Out::default());
    let (mut n_series, mut n_rows) = (0, 0);
    for (key, regions) in all {
        keys.u32(pool.id(key));
        keys.u32(small(n_series)?);
        n_series += regions.len();
        for (region, values) in regions {
            series.u32(pool.id(region));
            series.u32(small(n_rows)?);
            n_rows += values.len();
            for value in values {
                row(&mut rows, value)?;
            }
        }
    }
    keys.u32(STRING_NONE);
    keys.u32(small(n_series)?);
    series.u32(STRING_NONE);
    series.u32(small(n_rows)?);
    push(all.len(), keys.0)?;
    push(n_series, series.0)?;
    push(n_rows, rows.0)
}

fn push_prices(t: &Tables, pool: &Pool<'_>, push: Push<'_>) -> Result<(), Diagnostic> {
    let all = grouped(&t.prices, |p: &PriceRow| (&p.key, &p.region, &p.dated));
    push_keyed(&all, pool, push, |out, p| {
        let (mantissa, scale) = figure(p.price)?;
        out.u64(mantissa);
        out.u8(scale);
        out.u8(p.unit as u8);
        dated(out, &p.dated, pool);
        Ok(())
    })
}

fn push_terms(t: &Tables, pool: &Pool<'_>, push: Push<'_>) -> Result<(), Diagnostic> {
    let all = grouped(&t.terms, |p: &TermRow| (&p.key, &p.region, &p.dated));
    let (mut values, mut n_values) = (Out::default(), 0);
    push_keyed(&all, pool, push, |out, term| {
        out.u32(small(n_values)?);
        out.u32(small(term.values.len())?);
        out.u8(u8::try_from(term.columns).unwrap_or(1));
        out.u32(pool.id(&term.unit));
        dated(out, &term.dated, pool);
        for d in &term.values {
            let (mantissa, scale) = figure(*d)?;
            values.u64(mantissa);
            values.u8(scale);
        }
        n_values += term.values.len();
        Ok(())
    })?;
    push(n_values, values.0)
}

fn push_shapes(t: &Tables, pool: &Pool<'_>, push: Push<'_>) -> Result<(), Diagnostic> {
    let mut rows: Vec<_> = t.shapes.iter().collect();
    rows.sort_by_key(|s| (&s.provider, &s.name));
    let mut out = Out::default();
    for s in rows {
        for text in [&s.provider, &s.name, &s.arch, &s.gpu] {
            out.u32(pool.id(text));
        }
        let number = |n: u64| small(usize::try_from(n).unwrap_or(usize::MAX));
        out.u32(number(s.vcpu_milli)?);
        out.u32(number(s.memory_mib)?);
        out.u32(s.gpu_milli.map_or(Ok(u32::MAX), number)?);
        for n in s.allocatable.unwrap_or([u64::from(u32::MAX); 3]) {
            out.u32(number(n)?);
        }
        out.u16(pool.sources.get(s.source.as_str()).copied().unwrap_or(0));
        out.u8(s.basis as u8);
        out.u8(0);
    }
    push(t.shapes.len(), out.0)
}
