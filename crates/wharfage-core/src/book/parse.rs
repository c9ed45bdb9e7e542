//! Turns price tables (TOML and CSV) into rows, with a diagnostic per mistake.
//!
//! The formats are described in CONTRIBUTING.md. Every figure is a string: a TOML or JSON number would pass through
//! binary floating point.

use std::{borrow::Cow, ops::Range, str::FromStr};

use jiff::civil::Date;
use rust_decimal::Decimal;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::tables::{At, Basis, Dated, EditionRow, PriceRow, RegionRow, RowAt, ShapeRow, SourceRow, Tables, TermRow};
use crate::{
    diagnostic::{Diagnostic, did_you_mean, quoted},
    quantity::Unit,
    text,
    text::Text,
};

/// How a file's rows are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// one of the book's own tables: every row has a source and a basis
    Book,
    /// a user's table: source and basis may be left out
    User,
}

/// Reads one table file into `tables`, and says what is wrong with it.
///
/// `name` is used in messages and decides the format by its ending: `.toml` or `.csv`.
pub fn file(name: &str, text: &str, owner: Owner, tables: &mut Tables) -> Vec<Diagnostic> {
    let mut reader = Reader { name, owner, file: tables.files.len(), tables, found: Vec::new() };
    reader.tables.files.push(name.to_owned());
    if name.ends_with(".csv") {
        reader.csv(text);
    } else {
        reader.toml(text);
    }
    reader.found
}

struct Reader<'a> {
    name: &'a str,
    owner: Owner,
    file: usize,
    tables: &'a mut Tables,
    found: Vec<Diagnostic>,
}

type Value<'i> = Spanned<DeValue<'i>>;

impl Reader<'_> {
    fn error(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<Text>,
        label: impl Into<Text>,
        help: impl Into<Text>,
    ) {
        self.found.push(Diagnostic::error(code, message).at(self.name, span, label).help(help));
    }

    fn at(&self, span: Range<usize>) -> At {
        At { file: self.file, span }
    }

    // ---- TOML

    fn toml(&mut self, text: &str) {
        let (root, errors) = DeTable::parse_recoverable(text);
        for e in errors {
            let (what, expected) = e.message().split_once(", expected ").unwrap_or((e.message(), ""));
            let label =
                if expected.is_empty() { "not understood".into() } else { text!("expected {what}", what = expected) };
            let help = "tables are TOML: [[price]] above each key's lines, as in CONTRIBUTING.md";
            self.error("table/syntax", e.span().unwrap_or(0..0), Text::known(what.replace('\n', "; ")), label, help);
        }
        for (key, value) in root.get_ref() {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("edition" | "month_hours" | "title", _) => {}
                ("price", DeValue::Array(rows)) => rows.iter().for_each(|r| self.price(r)),
                ("term", DeValue::Array(rows)) => rows.iter().for_each(|r| self.term(r)),
                ("source", DeValue::Array(rows)) => rows.iter().for_each(|r| self.source(r)),
                ("region", DeValue::Array(rows)) => rows.iter().for_each(|r| self.region(r)),
                ("scope", DeValue::Array(rows)) => rows.iter().for_each(|r| self.scope(r)),
                (other, _) => {
                    let help =
                        did_you_mean(other, ["price", "term", "source", "region", "scope", "edition"], "remove it");
                    self.error(
                        "table/unknown-key",
                        key.span(),
                        text!("unknown key `{key}`", key = quoted(other)),
                        "not a table of prices",
                        help,
                    );
                }
            }
        }
        if let Some(edition) = root.get_ref().get("edition") {
            self.edition(edition, root.get_ref().get("month_hours"));
        }
    }

    fn edition(&mut self, name: &Value<'_>, month_hours: Option<&Value<'_>>) {
        let text = text_of(name.get_ref()).unwrap_or_default();
        let hours = month_hours.and_then(|v| text_of(v.get_ref())).and_then(|t| t.parse().ok());
        let Some(month_hours) = hours.filter(|h| (1..=8784).contains(h)) else {
            self.error(
                "table/edition",
                name.span(),
                "an edition needs `month_hours`",
                "has none",
                "write month_hours = 730",
            );
            return;
        };
        let date = Date::from_str(&text).unwrap_or(Date::MAX);
        self.tables.edition = Some(EditionRow { name: text.into_owned(), date, month_hours });
    }

    fn fields<'t, 'i>(&mut self, row: &'t Value<'i>, allowed: &[&str]) -> Option<&'t DeTable<'i>> {
        let DeValue::Table(table) = row.get_ref() else {
            self.error(
                "table/shape",
                row.span(),
                "a row is a table of fields",
                "not a table",
                "write { price = \"0.04\", … } or lines below [[price]]",
            );
            return None;
        };
        for key in table.keys() {
            let name = key.get_ref().as_ref();
            if !allowed.contains(&name) {
                let help =
                    did_you_mean(name, allowed.iter().copied(), text!("known here: {keys}", keys = allowed.join(", ")));
                self.error(
                    "table/unknown-key",
                    key.span(),
                    text!("unknown key `{key}`", key = quoted(name)),
                    "not known here",
                    help,
                );
            }
        }
        Some(table)
    }

    fn required(&mut self, row: &Value<'_>, table: &DeTable<'_>, key: &str) -> Option<String> {
        let found = table.get(key).and_then(|v| text_of(v.get_ref())).map(Cow::into_owned).filter(|s| !s.is_empty());
        if found.is_none() {
            self.error(
                "table/missing-field",
                row.span(),
                text!("`{key}` is missing", key),
                "from this row",
                text!("write {key} = \"…\"", key),
            );
        }
        found
    }

    fn source(&mut self, row: &Value<'_>) {
        let Some(t) = self.fields(row, &["id", "title", "url", "quote", "read"]) else { return };
        let (Some(id), Some(title)) = (self.required(row, t, "id"), self.required(row, t, "title")) else { return };
        let url = optional(t, "url");
        let at = self.at(row.span());
        self.tables.sources.push(SourceRow { id, title, url, at });
    }

    fn scope(&mut self, row: &Value<'_>) {
        let Some(t) = self.fields(row, &["id", "says"]) else { return };
        if let Some(id) = self.required(row, t, "id") {
            self.tables.scopes.push(id);
        }
    }

    fn region(&mut self, row: &Value<'_>) {
        let allowed = ["id", "provider", "city", "city_ko", "aliases", "tier", "egress_area", "note"];
        let Some(t) = self.fields(row, &allowed) else { return };
        let mut get = |k| self.required(row, t, k);
        let (Some(id), Some(provider), Some(city), Some(city_ko)) =
            (get("id"), get("provider"), get("city"), get("city_ko"))
        else {
            return;
        };
        let aliases = match t.get("aliases").map(Spanned::get_ref) {
            Some(DeValue::Array(a)) => a.iter().filter_map(|v| text_of(v.get_ref())).map(Cow::into_owned).collect(),
            _ => Vec::new(),
        };
        let at = self.at(row.span());
        self.tables.regions.push(RegionRow {
            id,
            provider,
            city,
            city_ko,
            aliases,
            tier: optional(t, "tier"),
            egress_area: optional(t, "egress_area"),
            note: optional(t, "note"),
            at,
        });
    }

    fn price(&mut self, row: &Value<'_>) {
        let Some(t) = self.fields(row, &["key", "unit", "region", "values", "published_as"]) else { return };
        let Some(key) = self.required(row, t, "key") else { return };
        let Some(unit) = self.unit(row, t) else { return };
        let region = optional(t, "region").unwrap_or_else(|| "global".to_owned());
        let stands = |field: &str| self.at(t.get(field).map_or_else(|| row.span(), Spanned::span));
        let at = RowAt { key: stands("key"), unit: stands("unit"), region: stands("region") };
        for value in self.values(row, t) {
            let allowed = ["from", "until", "price", "basis", "source", "confirmed", "note"];
            let Some(v) = self.fields(value, &allowed) else { continue };
            let price = v.get("price").and_then(|p| self.decimal(p));
            if v.get("price").is_none() {
                self.error(
                    "table/missing-field",
                    value.span(),
                    "`price` is missing",
                    "from this value",
                    "write price = \"0.04\"",
                );
            }
            if let (Some(price), Some(dated)) = (price, self.dated(value, v)) {
                let (key, region) = (key.clone(), region.clone());
                self.tables.prices.push(PriceRow { key, region, unit, price, dated, at: at.clone() });
            }
        }
    }

    fn unit(&mut self, row: &Value<'_>, t: &DeTable<'_>) -> Option<Unit> {
        let label = self.required(row, t, "unit")?;
        let span = t.get("unit").map_or(row.span(), Spanned::span);
        self.unit_label(&label, span)
    }

    fn unit_label(&mut self, label: &str, span: Range<usize>) -> Option<Unit> {
        let unit = Unit::from_label(label);
        if unit.is_none() {
            let help =
                did_you_mean(label, Unit::ALL.iter().map(|u| u.label()), "the units are listed in CONTRIBUTING.md");
            self.error(
                "price/unknown-unit",
                span,
                text!("unknown unit `{unit}`", unit = quoted(label)),
                "not a unit prices are stated in",
                help,
            );
        }
        unit
    }

    fn values<'t, 'i>(&mut self, row: &Value<'_>, t: &'t DeTable<'i>) -> Vec<&'t Value<'i>> {
        match t.get("values").map(Spanned::get_ref) {
            Some(DeValue::Array(rows)) if !rows.is_empty() => rows.iter().collect(),
            _ => {
                self.error(
                    "table/missing-field",
                    row.span(),
                    "`values` is missing",
                    "from this row",
                    "values = [{ price = \"…\", … }]",
                );
                Vec::new()
            }
        }
    }

    fn decimal(&mut self, value: &Value<'_>) -> Option<Decimal> {
        let DeValue::String(text) = value.get_ref() else {
            let help = "put the digits in quotes: a TOML number is binary floating point";
            self.error("price/not-a-string", value.span(), "a figure must be a string", "not a string", help);
            return None;
        };
        self.decimal_text(text, value.span())
    }

    fn decimal_text(&mut self, text: &str, span: Range<usize>) -> Option<Decimal> {
        let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
        match Decimal::from_str_exact(text) {
            Ok(d) if plain && d.mantissa().unsigned_abs() <= u128::from(u64::MAX / 2) && !d.is_sign_negative() => {
                Some(d)
            }
            _ => {
                let message = text!("`{text}` is not a price", text = quoted(text));
                self.error(
                    "price/not-a-decimal",
                    span,
                    message,
                    "not digits",
                    "write at most 18 digits, without sign or exponent, such as 12.50",
                );
                None
            }
        }
    }

    fn dated(&mut self, value: &Value<'_>, v: &DeTable<'_>) -> Option<Dated> {
        let mut date = |key: &str| -> Result<Option<Date>, ()> {
            let Some(found) = v.get(key) else { return Ok(None) };
            let text = text_of(found.get_ref()).unwrap_or_default();
            self.date(&text, found.span()).map(Some).ok_or(())
        };
        let (from, until, confirmed) = (date("from").ok()?, date("until").ok()?, date("confirmed").ok()?);
        let basis = optional(v, "basis");
        let source = optional(v, "source");
        self.make_dated(value.span(), from, until, confirmed, basis.as_deref(), source, optional(v, "note"))
    }

    #[expect(clippy::too_many_arguments, reason = "the fields both formats share, joined in one place")]
    fn make_dated(
        &mut self,
        span: Range<usize>,
        from: Option<Date>,
        until: Option<Date>,
        confirmed: Option<Date>,
        basis: Option<&str>,
        source: Option<String>,
        note: Option<String>,
    ) -> Option<Dated> {
        let basis = match (basis, self.owner) {
            (_, Owner::User) => Basis::User,
            (Some(label), Owner::Book) => match Basis::from_label(label) {
                Some(b) => b,
                None => {
                    let help = "published, observed, derived or recalled";
                    self.error(
                        "price/basis",
                        span,
                        text!("unknown basis `{basis}`", basis = quoted(label)),
                        "not a basis",
                        help,
                    );
                    return None;
                }
            },
            (None, Owner::Book) => {
                self.error(
                    "price/basis",
                    span,
                    "a figure needs a basis",
                    "has none",
                    "published, observed, derived or recalled",
                );
                return None;
            }
        };
        let source = match (source, self.owner) {
            (Some(s), _) => s,
            (None, Owner::User) => self.name.to_owned(),
            (None, Owner::Book) => {
                self.error(
                    "price/no-source",
                    span,
                    "a figure needs a source",
                    "has none",
                    "source = \"an id of sources.toml\"",
                );
                return None;
            }
        };
        if let (Some(f), Some(u)) = (from, until)
            && u <= f
        {
            self.error(
                "price/dates",
                span,
                text!("`until` {until} is not after `from` {from}", until = u, from = f),
                "holds on no day",
                "`until` is the first day on which it no longer holds",
            );
            return None;
        }
        let at = self.at(span);
        Some(Dated { from, until, basis, source, confirmed, note, at })
    }

    fn date(&mut self, text: &str, span: Range<usize>) -> Option<Date> {
        let date = Date::from_str(text).ok().filter(|d| (2000..=2150).contains(&d.year()) && text.len() == 10);
        if date.is_none() {
            self.error(
                "price/date",
                span,
                text!("`{text}` is not a day", text = quoted(text)),
                "not a day",
                "write a day such as 2026-11-22",
            );
        }
        date
    }

    fn term(&mut self, row: &Value<'_>) {
        let Some(t) = self.fields(row, &["key", "unit", "region", "values", "says"]) else { return };
        let (Some(key), Some(unit)) = (self.required(row, t, "key"), self.required(row, t, "unit")) else { return };
        let region = optional(t, "region").unwrap_or_else(|| "global".to_owned());
        for value in self.values(row, t) {
            let allowed = ["from", "until", "value", "rows", "basis", "source", "confirmed", "note"];
            let Some(v) = self.fields(value, &allowed) else { continue };
            let Some((columns, values)) = self.term_values(value, v) else { continue };
            if let Some(dated) = self.dated(value, v) {
                let (key, region, unit) = (key.clone(), region.clone(), unit.clone());
                self.tables.terms.push(TermRow { key, region, unit, columns, values, dated });
            }
        }
    }

    fn term_values(&mut self, value: &Value<'_>, v: &DeTable<'_>) -> Option<(usize, Vec<Decimal>)> {
        if let Some(one) = v.get("value") {
            return Some((1, vec![self.decimal(one)?]));
        }
        let Some(DeValue::Array(rows)) = v.get("rows").map(Spanned::get_ref) else {
            self.error(
                "table/missing-field",
                value.span(),
                "`value` or `rows` is missing",
                "from this value",
                "write value = \"20\"",
            );
            return None;
        };
        let mut columns = None;
        let mut all = Vec::new();
        for row in rows.iter() {
            let DeValue::Array(cells) = row.get_ref() else {
                self.error(
                    "term/rows",
                    row.span(),
                    "a row is a list of figures",
                    "not a list",
                    "write [\"0.25\", \"0.5\"]",
                );
                return None;
            };
            if *columns.get_or_insert(cells.len()) != cells.len() || cells.is_empty() {
                self.error(
                    "term/rows",
                    row.span(),
                    "all rows have the same length",
                    "this one differs",
                    "write as many figures in each row",
                );
                return None;
            }
            for cell in cells.iter() {
                all.push(self.decimal(cell)?);
            }
        }
        Some((columns?, all))
    }

    // ---- CSV

    fn csv(&mut self, text: &str) {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let header = match reader.headers() {
            Ok(h) => h.clone(),
            Err(e) => {
                return self.error(
                    "table/syntax",
                    0..0,
                    Text::known(e.to_string()),
                    "not understood",
                    "the first line names the columns",
                );
            }
        };
        let shapes = header.iter().next() == Some("type");
        let known: &[&str] = if shapes {
            &[
                "type",
                "vcpu",
                "memory_gib",
                "arch",
                "gpu_count",
                "gpu",
                "allocatable_cpu_m",
                "allocatable_memory_mib",
                "max_pods",
                "basis",
                "source",
            ]
        } else {
            &["key", "unit", "region", "from", "until", "price", "basis", "source", "confirmed", "note"]
        };
        let before = self.found.len();
        for name in header.iter().filter(|h| !known.contains(h)) {
            let help =
                did_you_mean(name, known.iter().copied(), text!("columns are {columns}", columns = known.join(", ")));
            self.error(
                "table/unknown-key",
                0..header_len(text),
                text!("unknown column `{name}`", name = quoted(name)),
                "in this header",
                help,
            );
        }
        let required: &[&str] = if shapes { &["vcpu", "memory_gib"] } else { &["key", "unit", "price"] };
        let misnamed = self.found.len() > before;
        for name in required.iter().filter(|r| !misnamed && !header.iter().any(|h| h == **r)) {
            let help = text!("columns are {columns}", columns = known.join(", "));
            self.error(
                "table/missing-field",
                0..header_len(text),
                text!("there is no column `{name}`", name),
                "in this header",
                help,
            );
        }
        if self.found.len() > before {
            return;
        }
        let columns: Vec<Option<usize>> = known.iter().map(|k| header.iter().position(|h| h == *k)).collect();
        let mut record = csv::StringRecord::new();
        loop {
            let start = usize::try_from(reader.position().byte()).unwrap_or(0);
            match reader.read_record(&mut record) {
                Ok(false) => break,
                Err(e) => {
                    self.error(
                        "table/syntax",
                        start..start + 1,
                        Text::known(e.to_string()),
                        "in this record",
                        "write one record in each line",
                    );
                    break;
                }
                Ok(true) => {
                    let end = usize::try_from(reader.position().byte()).unwrap_or(start);
                    let start = start + text[start..].len() - text[start..].trim_start_matches(['\r', '\n']).len();
                    let span = start..end.max(start + 1).min(text.len()).max(start);
                    if record.len() != header.len() {
                        let message =
                            text!("{n} fields where the header has {wanted}", n = record.len(), wanted = header.len());
                        self.error(
                            "table/syntax",
                            span,
                            message,
                            "in this record",
                            "write a comma for each column, empty or not",
                        );
                        continue;
                    }
                    let cell =
                        |c: &Option<usize>| c.map_or(("", span.clone()), |i| (&record[i], cell_span(text, &span, i)));
                    let cells: Vec<Cell<'_>> = columns.iter().map(cell).collect();
                    if shapes { self.csv_shape(&cells, span) } else { self.csv_price(&cells, span) }
                }
            }
        }
    }

    fn csv_price(&mut self, cells: &[Cell<'_>], span: Range<usize>) {
        let [key, unit, region, from, until, price, basis, source, confirmed, note] = cells else { return };
        for (name, cell) in [("key", key), ("price", price)] {
            if cell.0.is_empty() {
                return self.error(
                    "table/missing-field",
                    span,
                    text!("`{name}` is empty", name),
                    "in this record",
                    "write it, or remove the record",
                );
            }
        }
        let mut date =
            |t: &Cell<'_>| if t.0.is_empty() { Ok(None) } else { self.date(t.0, t.1.clone()).map(Some).ok_or(()) };
        let (Ok(from), Ok(until), Ok(confirmed)) = (date(from), date(until), date(confirmed)) else { return };
        let at =
            RowAt { key: self.at(key.1.clone()), unit: self.at(unit.1.clone()), region: self.at(region.1.clone()) };
        let Some(unit) = self.unit_label(unit.0, unit.1.clone()) else { return };
        let Some(price) = self.decimal_text(price.0, price.1.clone()) else { return };
        let some = |t: &str| (!t.is_empty()).then(|| t.to_owned());
        let (key, region, source, note) = (key.0, region.0, source.0, note.0);
        let basis = (!basis.0.is_empty()).then_some(basis.0);
        let Some(dated) = self.make_dated(span, from, until, confirmed, basis, some(source), some(note)) else {
            return;
        };
        let region = if region.is_empty() { "global" } else { region };
        self.tables.prices.push(PriceRow { key: key.to_owned(), region: region.to_owned(), unit, price, dated, at });
    }

    fn csv_shape(&mut self, cells: &[Cell<'_>], span: Range<usize>) {
        let texts: Vec<&str> = cells.iter().map(|c| c.0).collect();
        let [name, vcpu, memory, arch, gpu_count, gpu, cpu_m, mem_mib, pods, basis, source] = texts[..] else { return };
        let scaled = |t: &str, by: u64| {
            Decimal::from_str_exact(t).ok()?.checked_mul(Decimal::from(by))?.normalize().to_string().parse::<u64>().ok()
        };
        // Some machines have a fraction of a MiB more (1.8 GiB): what fits is judged by the whole ones.
        let whole_mib = |t: &str| {
            Decimal::from_str_exact(t)
                .ok()?
                .checked_mul(Decimal::from(1024))?
                .trunc()
                .normalize()
                .to_string()
                .parse::<u64>()
                .ok()
        };
        let (Some(vcpu_milli), Some(memory_mib)) = (scaled(vcpu, 1000), whole_mib(memory)) else {
            return self.error(
                "shape/size",
                span,
                text!("`{name}`: vCPU or memory is not a size", name = quoted(name)),
                "in this record",
                "write vCPU and GiB, such as 2 and 7.5",
            );
        };
        let basis = Basis::from_label(basis).unwrap_or(Basis::Observed);
        let allocatable = match (cpu_m.parse(), mem_mib.parse(), pods.parse()) {
            (Ok(c), Ok(m), Ok(p)) => Some([c, m, p]),
            _ => None,
        };
        let at = self.at(span);
        self.tables.shapes.push(ShapeRow {
            provider: if self.name.contains("gcp/") { "gcp" } else { "aws" }.to_owned(),
            name: name.to_owned(),
            vcpu_milli,
            memory_mib,
            arch: arch.to_owned(),
            gpu_milli: scaled(gpu_count, 1000),
            gpu: gpu.to_owned(),
            allocatable,
            source: source.to_owned(),
            basis,
            at,
        });
    }
}

/// A cell of a record, with its bytes.
type Cell<'t> = (&'t str, Range<usize>);

/// The bytes of a record's `n`th cell. Where cells are in quotes, those of the record.
fn cell_span(text: &str, record: &Range<usize>, n: usize) -> Range<usize> {
    let whole = text[record.clone()].trim_end_matches(['\r', '\n']);
    let Some(cell) = whole.split(',').nth(n).filter(|_| !whole.contains('"')) else {
        return record.start..record.start + whole.len();
    };
    let start = record.start + whole.split(',').take(n).map(|c| c.len() + 1).sum::<usize>();
    start..start + cell.len()
}

fn header_len(text: &str) -> usize {
    text.find('\n').unwrap_or(text.len())
}

/// The text of a scalar: strings as they are, numbers and days as written.
fn text_of<'v>(value: &'v DeValue<'_>) -> Option<Cow<'v, str>> {
    match value {
        DeValue::String(s) => Some(Cow::Borrowed(s.as_ref())),
        DeValue::Integer(i) => Some(Cow::Borrowed(i.as_str())),
        DeValue::Float(f) => Some(Cow::Borrowed(f.as_str())),
        DeValue::Datetime(d) => Some(Cow::Owned(d.to_string())),
        DeValue::Boolean(b) => Some(Cow::Borrowed(if *b { "true" } else { "false" })),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

fn optional(table: &DeTable<'_>, key: &str) -> Option<String> {
    table.get(key).and_then(|v| text_of(v.get_ref())).map(Cow::into_owned).filter(|s| !s.is_empty())
}
