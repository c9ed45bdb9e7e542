//! From a request to a response.

use rust_decimal::{Decimal, RoundingStrategy};
use wharfage_core::{
    Money, Overflow, PriceBook,
    book::{Missing, Why},
    calendar::{self, ByMonth, Sum, YearGroup},
    diagnostic::{Diagnostic, Place as DiagnosticPlace},
    estimate::{Estimate, LineItem, Status, Totals, plain_name},
    note::Note,
    period::Period,
    platform::Platform,
    pricing::{self, Place},
    purchase::Choice,
    text,
    text::{Catalogue, Text},
    workload::Workload,
};

use crate::{
    request::EstimateRequest,
    resolve::{Command, Resolved, resolve},
    response::{
        DiagnosticOut, DiagnosticsResponse, EstimateOut, EstimateResponse, Explanation, Fx, FxAmount, LabelOut,
        LineOut, MissingOut, MonthOut, NoteOut, PeriodMonth, PeriodOut, Prices, SCHEMA, Sums, TotalOut,
    },
    sensitivity::sensitivity,
};

/// Prices a request.
///
/// # Errors
/// Everything that is wrong with the request, at once.
pub fn respond(request: &EstimateRequest, book: &PriceBook<'_>) -> Result<EstimateResponse, Vec<Diagnostic>> {
    respond_in(&Catalogue::ENGLISH, request, book)
}

/// Prices a request for people who read a language: its notes and formulas are in it. Labels, rules and ids stay as
/// [`respond`] has them, for [`Catalogue::say`]. JSON is made of [`respond`]'s answer.
///
/// # Errors
/// As [`respond`].
pub fn respond_in(
    words: &Catalogue,
    request: &EstimateRequest,
    book: &PriceBook<'_>,
) -> Result<EstimateResponse, Vec<Diagnostic>> {
    let resolved = resolve(request, book)?;
    let book = if resolved.as_of_first_seen { &book.clone().accepting_first_seen() } else { book };
    let mut groups = groups(&resolved, book)?;
    if resolved.command == Command::Compare {
        groups.sort_by_key(|g| (g.group.status, g.group.totals.total, g.group.totals.exact));
    }
    let writer = Writer { resolved: &resolved, words };
    let settings = &resolved.settings;
    let mut response = EstimateResponse {
        schema: SCHEMA,
        prices: prices(&resolved, book),
        period: period(&resolved),
        currency: "USD".to_owned(),
        rounding: settings.rounding.id().to_owned(),
        fx: resolved.fx.iter().map(|(c, r)| Fx { currency: c.clone(), rate: r.to_string() }).collect(),
        totals: Vec::with_capacity(groups.len()),
        estimates: Vec::new(),
    };
    // A group is dropped once it is written: both forms of all of them at once are gigabytes for ten thousand workloads.
    for g in groups {
        response.totals.push(writer.total(&g));
        response.estimates.extend(writer.estimates(&g));
    }
    if resolved.sensitivity && resolved.command == Command::Estimate {
        let found = sensitivity(request, &response, book)?;
        response.estimates.iter_mut().zip(found).for_each(|(e, s)| e.sensitivity = s);
    }
    Ok(response)
}

/// The total and the estimates of workloads on one platform, as a simulation prices them.
pub(crate) fn bill_of<'b>(
    words: &Catalogue,
    resolved: &Resolved<'b>,
    book: &PriceBook<'b>,
    asked: (Platform, &Place<'b>, Choice),
    workloads: &[Workload],
) -> Result<(TotalOut, Vec<EstimateOut>), Overflow> {
    let group = price(resolved, book, asked, workloads)?;
    let writer = Writer { resolved, words };
    Ok((writer.total(&group), writer.estimates(&group)))
}

/// Reasons and missing figures as a response has them.
pub(crate) fn refusal(
    words: &Catalogue,
    resolved: &Resolved<'_>,
    reasons: &[Note],
    missing: &[Missing],
) -> (Vec<NoteOut>, Vec<MissingOut>) {
    let writer = Writer { resolved, words };
    (writer.notes(reasons), missing.iter().map(|m| writer.missing(m)).collect())
}

/// The tables that prices are from.
pub(crate) fn prices(r: &Resolved<'_>, book: &PriceBook<'_>) -> Prices {
    let edition = book.edition();
    Prices { edition: edition.name.clone(), digest: edition.digest.clone(), as_of: r.settings.day.to_string() }
}

/// What the bills are for.
pub(crate) fn period(r: &Resolved<'_>) -> PeriodOut {
    let hours = |p: &Period| p.time.as_hours().to_string();
    let month = |p: &Period| PeriodMonth { label: p.label.clone(), hours: hours(p) };
    let whole = &r.settings.period;
    let months = r.year.iter().flat_map(|y| &y.months).map(month).collect();
    PeriodOut { label: whole.label.clone(), hours: hours(whole), months }
}

/// A group, of a year month by month; else it has no months.
pub(crate) fn price<'b>(
    r: &Resolved<'b>,
    book: &PriceBook<'b>,
    (platform, place, choice): (Platform, &Place<'b>, Choice),
    workloads: &[Workload],
) -> Result<YearGroup<'b>, Overflow> {
    match &r.year {
        Some(year) => calendar::chosen(book, &r.settings, year, platform, place, choice, workloads),
        None => pricing::chosen(book, &r.settings, platform, place, choice, workloads).map(YearGroup::from),
    }
}

fn groups<'b>(r: &Resolved<'b>, book: &PriceBook<'b>) -> Result<Vec<YearGroup<'b>>, Vec<Diagnostic>> {
    let mut all = Vec::new();
    for place in &r.places {
        for platform in &r.platforms {
            // Of all regions, a platform is priced in its own provider's.
            if r.every_region && place.region(*platform).is_none() {
                continue;
            }
            for purchase in &r.purchases {
                let asked = (*platform, place, *purchase);
                let group = price(r, book, asked, &r.workloads);
                all.push(group.map_err(|_| vec![too_large(r, book, asked)])?);
            }
        }
    }
    Ok(all)
}

/// Names the first workload that is too large alone; else it is their sum.
pub(crate) fn too_large<'b>(
    r: &Resolved<'b>,
    book: &PriceBook<'b>,
    asked: (Platform, &Place<'b>, Choice),
) -> Diagnostic {
    let d = Diagnostic::error("request/too-large", "a quantity or a cost is too large to be exact")
        .help("costs are kept exactly up to some 10^16 USD; check the units of the largest numbers");
    let alone = |w: &Workload| price(r, book, asked, std::slice::from_ref(w));
    match r.workloads.iter().position(|w| alone(w).is_err()) {
        Some(n) => d.on(format!("workload[{n}]"), text!("too large on {platform}", platform = asked.0.id())),
        None => d,
    }
}

struct Writer<'r, 'b> {
    resolved: &'r Resolved<'b>,
    words: &'r Catalogue,
}

impl Writer<'_, '_> {
    fn sums<'l, 'b: 'l>(&self, status: Status, totals: Totals, lines: impl Iterator<Item = &'l LineItem<'b>>) -> Sums {
        let places = lines.map(printed_places).max().unwrap_or(2);
        let cents = Some(totals.total.to_cents().to_string());
        let exact = Some(totals.exact.to_decimal_at(places).to_string());
        match status {
            Status::Priced => Sums { total: cents, total_exact: exact, ..Sums::default() },
            Status::Partial => Sums { subtotal: cents, subtotal_exact: exact, ..Sums::default() },
            Status::Unpriced | Status::Infeasible => Sums::default(),
        }
    }

    /// In second currencies, where there is a figure.
    fn fx(&self, status: Status, totals: Totals) -> Vec<FxAmount> {
        let rates = self.resolved.fx.iter().filter(|_| has_figure(status));
        rates.map(|(currency, rate)| fx_amount(currency, *rate, totals.total)).collect()
    }

    /// What each month comes to, where the year has a figure.
    fn months<'l, 'b: 'l>(
        &self,
        status: Status,
        months: &[Sum],
        lines: impl Iterator<Item = &'l LineItem<'b>> + Clone,
    ) -> Vec<MonthOut> {
        let periods = self.resolved.year.iter().flat_map(|y| &y.months).filter(|_| has_figure(status));
        let out = |(period, month): (&Period, &Sum)| MonthOut {
            period: period.label.clone(),
            sums: self.sums(month.status, month.totals, lines.clone()),
        };
        periods.zip(months).map(out).collect()
    }

    fn total(&self, year: &YearGroup<'_>) -> TotalOut {
        let g = &year.group;
        let first = g.estimates.first().expect("a group has an estimate per workload, and a request has workloads");
        TotalOut {
            platform: first.platform.id().to_owned(),
            region: first.region.clone(),
            purchase: first.purchase.id().to_owned(),
            status: g.status.label().to_owned(),
            sums: self.sums(g.status, g.totals, g.estimates.iter().flat_map(|e| &e.bill.lines)),
            fx: self.fx(g.status, g.totals),
            months: self.months(g.status, &year.months, g.estimates.iter().flat_map(|e| &e.bill.lines)),
        }
    }

    fn estimates(&self, g: &YearGroup<'_>) -> Vec<EstimateOut> {
        let by_month = g.estimates.iter().map(Some).chain(std::iter::repeat(None));
        g.group.estimates.iter().zip(by_month).map(|(e, months)| self.estimate(e, months)).collect()
    }

    fn estimate(&self, e: &Estimate<'_>, by_month: Option<&ByMonth>) -> EstimateOut {
        let costs = by_month.iter().flat_map(|m| &m.lines).map(Vec::as_slice).chain(std::iter::repeat(&[][..]));
        EstimateOut {
            workload: e.workload.clone(),
            platform: e.platform.id().to_owned(),
            region: e.region.clone(),
            purchase: e.purchase.id().to_owned(),
            status: e.status.label().to_owned(),
            feasible: e.status != Status::Infeasible,
            sums: self.sums(e.status, e.totals, e.bill.lines.iter()),
            fx: self.fx(e.status, e.totals),
            months: by_month.map_or_else(Vec::new, |m| self.months(e.status, &m.sums, e.bill.lines.iter())),
            lines: e.bill.lines.iter().zip(costs).map(|(l, months)| self.line(l, months)).collect(),
            reasons: self.notes(&e.reasons),
            missing: e.bill.missing.iter().map(|m| self.missing(&m.missing)).collect(),
            assumptions: self.notes(&e.bill.assumptions),
            not_priced: self.notes(&e.bill.not_priced),
            warnings: self.notes(&e.bill.warnings),
            sensitivity: None,
        }
    }

    fn line(&self, l: &LineItem<'_>, months: &[Money]) -> LineOut {
        let (priced_base, base_per_unit) = l.printed_base();
        LineOut {
            sku: l.sku.to_string(),
            label: l.label.to_owned(),
            consumed: l.in_unit(l.consumed).to_string(),
            priced: l.in_unit(l.priced).to_string(),
            unit: l.unit.label().to_owned(),
            priced_base: priced_base.to_string(),
            base_per_unit: base_per_unit.to_string(),
            unit_price: l.unit_price.to_string(),
            cost: l.cost.to_decimal_at(printed_places(l)).to_string(),
            cost_rounded: l.cost.to_cents().to_string(),
            months: months.iter().map(|cost| cost.to_decimal_at(printed_places(l)).to_string()).collect(),
            rule: l.rule.id.to_owned(),
            source: l.price.source.title.to_owned(),
            basis: l.price.basis.label().to_owned(),
            valid_from: l.price.valid_from.map(|d| d.to_string()),
            confirmed: l.price.confirmed.map(|d| d.to_string()),
            explanation: self.resolved.explain.then(|| self.explanation(l)),
        }
    }
}

/// Is there a total or a subtotal?
const fn has_figure(status: Status) -> bool {
    matches!(status, Status::Priced | Status::Partial)
}

/// Places a cost is printed with: its own, and at least the price's.
fn printed_places(l: &LineItem<'_>) -> u32 {
    l.cost.to_decimal().scale().max(l.unit_price.scale()).min(wharfage_core::money::PLACES)
}

impl Writer<'_, '_> {
    fn explanation(&self, l: &LineItem<'_>) -> Explanation {
        Explanation {
            formula: self.formula(l),
            says: l.rule.says.to_owned(),
            rule_source: l.rule.source.to_owned(),
            source_id: l.price.source.id.to_owned(),
            url: l.price.source.url.map(str::to_owned),
        }
    }

    /// `2 tasks × 0.5 vCPU × 2628000 s × 0.04656 USD ÷ 3600 = 33.9888 USD`: the printed numbers give the printed cost.
    fn formula(&self, l: &LineItem<'_>) -> String {
        let mut text = String::new();
        for f in &l.factors {
            text.push_str(&format!("{} {} × ", f.value, self.counted(f.value, f.what)));
        }
        text.push_str(&format!("{} USD", l.unit_price));
        let per = l.unit.base_per_unit() / l.unit.base_per_plain();
        if per != 1 {
            text.push_str(&format!(" ÷ {per} {}/{}", self.words.say(plain_name(l.unit)), l.unit.one()));
        }
        text.push_str(&format!(" = {} USD", l.cost.to_decimal_at(printed_places(l))));
        text
    }

    /// `1 task`, `2 tasks`.
    fn counted<'w>(&self, n: Decimal, what: &'w str) -> &'w str {
        match (self.words.find(what), what.strip_suffix('s')) {
            (Some(word), _) => word,
            (None, Some(one)) if n == Decimal::ONE && !one.is_empty() => one,
            _ => what,
        }
    }

    fn notes(&self, all: &[Note]) -> Vec<NoteOut> {
        let out = |n: &Note| NoteOut { code: n.code.to_string(), message: self.words.tell(&n.text) };
        all.iter().map(out).collect()
    }

    fn missing(&self, m: &Missing) -> MissingOut {
        MissingOut { key: m.key.clone(), region: m.region.clone(), message: self.words.tell(&why_missing(m)) }
    }
}

/// Why a price is missing.
pub(crate) fn why_missing(m: &Missing) -> Text {
    match m.why {
        Why::Absent => "no price in the tables for this key and region".into(),
        Why::BeforeFirstSighting(day) => {
            text!("first seen on {day}; --as-of-first-seen accepts that price for earlier days", day)
        }
        Why::Ended(day) => text!("known until {day}, and not since", day),
    }
}

/// What stands for an amount that has too many digits.
const TOO_LARGE: &str = "too large";
/// Currencies whose smallest unit is the whole one (ISO 4217).
const NO_MINOR_UNIT: [&str; 9] = ["CLP", "ISK", "JPY", "KRW", "PYG", "RWF", "UGX", "VND", "XAF"];

fn fx_amount(currency: &str, rate: Decimal, total: Money) -> FxAmount {
    let places = if NO_MINOR_UNIT.contains(&currency) { 0 } else { 2 };
    let amount = total.to_decimal().checked_mul(rate);
    let rounded = amount.map(|a| {
        let mut a = a.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
        a.rescale(places);
        a.to_string()
    });
    FxAmount { currency: currency.to_owned(), total: rounded.unwrap_or_else(|| TOO_LARGE.to_owned()) }
}

/// What JSON holds where a request could not be answered.
pub fn diagnostics(found: &[Diagnostic]) -> DiagnosticsResponse {
    let label = |l: &wharfage_core::diagnostic::Label| match &l.place {
        DiagnosticPlace::File { name, span } => {
            let span = Some([span.start, span.end]);
            LabelOut { file: Some(name.clone()), span, field: None, text: l.text.to_string() }
        }
        DiagnosticPlace::Field(field) => {
            LabelOut { file: None, span: None, field: Some(field.clone()), text: l.text.to_string() }
        }
        DiagnosticPlace::Nowhere => LabelOut { file: None, span: None, field: None, text: l.text.to_string() },
    };
    let out = |d: &Diagnostic| DiagnosticOut {
        severity: d.severity.label().to_owned(),
        code: d.code.to_owned(),
        message: d.message.to_string(),
        labels: d.labels.iter().map(label).collect(),
        help: d.help.as_ref().map(Text::to_string),
    };
    DiagnosticsResponse { schema: SCHEMA, diagnostics: found.iter().map(out).collect() }
}
