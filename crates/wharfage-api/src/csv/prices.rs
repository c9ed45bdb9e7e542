//! What the tables hold: a row per figure, region or value.

use wharfage_core::diagnostic::line_column;

use super::{Cell, sheet};
use crate::{
    prices::{
        CheckResponse, CoverageResponse, Held, ListResponse, PricesDiffResponse, Reading, RegionsResponse, ShowResponse,
    },
    response::LabelOut,
    settings::SettingsResponse,
};

/// Prices in force, or the services where nothing narrowed the question.
pub fn list(answer: &ListResponse) -> String {
    if answer.services.is_empty() { figures(answer) } else { services(answer) }
}

fn figures(answer: &ListResponse) -> String {
    let columns =
        ["key", "region", "price", "currency", "unit", "basis", "valid_from", "confirmed", "note", "edition", "as_of"];
    let rows = answer.figures.iter().map(|f| {
        vec![
            Cell::text(&f.key),
            Cell::text(&f.region),
            Cell::number(&f.price),
            Cell::text(&answer.currency),
            Cell::text(&f.unit),
            Cell::text(&f.basis),
            Cell::maybe(f.valid_from.as_ref()),
            Cell::maybe(f.confirmed.as_ref()),
            f.note.as_ref().map_or(Cell::EMPTY, Cell::text),
            Cell::text(&answer.prices.edition),
            Cell::text(&answer.prices.as_of),
        ]
    });
    sheet(&columns, rows)
}

fn services(answer: &ListResponse) -> String {
    let columns = ["service", "keys", "regions", "figures", "newest", "edition", "as_of"];
    let rows = answer.services.iter().map(|s| {
        let mut row = vec![Cell::text(&s.service)];
        row.extend([s.keys, s.regions, s.figures].map(|n| Cell::number(n.to_string())));
        row.push(Cell::maybe(s.newest.as_ref()));
        row.extend([&answer.prices.edition, &answer.prices.as_of].map(Cell::text));
        row
    });
    sheet(&columns, rows)
}

/// Regions; other names are parted by a space.
pub fn regions(answer: &RegionsResponse) -> String {
    let columns = ["region", "provider", "city", "city_ko", "tier", "aliases", "note"];
    let rows = answer.regions.iter().map(|r| {
        let mut row: Vec<Cell<'_>> = [&r.id, &r.provider, &r.city, &r.city_ko].map(Cell::text).into();
        row.push(r.tier.as_ref().map_or(Cell::EMPTY, Cell::text));
        row.push(Cell::text(r.aliases.join(", ")));
        row.push(r.note.as_ref().map_or(Cell::EMPTY, Cell::text));
        row
    });
    sheet(&columns, rows)
}

/// Every value of one key. A menu's numbers have `/` between them, its rows a space.
pub fn show(answer: &ShowResponse) -> String {
    let columns = [
        "key",
        "kind",
        "region",
        "from",
        "until",
        "in_force",
        "value",
        "unit",
        "basis",
        "confirmed",
        "source_id",
        "source",
        "url",
        "note",
    ];
    let values = answer.regions.iter().flat_map(|s| s.values.iter().map(move |v| (s, v)));
    let rows = values.map(|(series, v)| {
        vec![
            Cell::text(&answer.key),
            Cell::text(&answer.kind),
            Cell::text(&series.region),
            Cell::maybe(v.from.as_ref()),
            Cell::maybe(v.until.as_ref()),
            Cell::number(v.in_force.to_string()),
            value(v),
            Cell::text(&v.unit),
            Cell::text(&v.basis),
            Cell::maybe(v.confirmed.as_ref()),
            Cell::text(&v.source_id),
            Cell::text(&v.source),
            v.url.as_ref().map_or(Cell::EMPTY, Cell::text),
            v.note.as_ref().map_or(Cell::EMPTY, Cell::text),
        ]
    });
    sheet(&columns, rows)
}

fn value(v: &Held) -> Cell<'_> {
    let rows = || v.rows.iter().map(|r| r.join("/")).collect::<Vec<_>>().join(" ");
    v.price.as_ref().map_or_else(|| Cell::number(rows()), Cell::number)
}

/// Where each platform has its prices: a row per platform, purchase option and region.
pub fn coverage(answer: &CoverageResponse) -> String {
    let columns = [
        "platform",
        "purchase",
        "region",
        "state",
        "missing",
        "reasons",
        "figures",
        "recalled",
        "derived",
        "old",
        "newest",
        "newest_age_days",
    ];
    let regions = answer.platforms.iter().flat_map(|p| p.regions.iter().map(move |r| (p, r)));
    let rows = regions.map(|(p, r)| {
        let mut row: Vec<Cell<'_>> = [&p.platform, &p.purchase, &r.region, &r.state].map(Cell::text).into();
        row.extend([&r.missing, &r.reasons].map(|all| Cell::text(all.join("; "))));
        let f = &r.figures;
        row.extend([f.count, f.recalled, f.derived, f.old].map(|n| Cell::number(n.to_string())));
        row.push(Cell::maybe(f.newest.as_ref()));
        row.push(f.newest_age_days.map_or(Cell::EMPTY, |n| Cell::number(n.to_string())));
        row
    });
    sheet(&columns, rows)
}

/// Figures that differ, then what that does to a request's totals: `row` is `price`, `term` or `total`.
pub fn diff(answer: &PricesDiffResponse) -> String {
    let columns = [
        "row",
        "change",
        "key",
        "region",
        "before",
        "after",
        "unit",
        "difference",
        "percent",
        "before_basis",
        "after_basis",
        "before_valid_from",
        "after_valid_from",
        "before_source",
        "after_source",
        "platform",
        "purchase",
        "currency",
    ];
    let changes = answer.changes.iter().map(|c| {
        let sides = [c.before.as_ref(), c.after.as_ref()];
        let of = |get: fn(&Reading) -> Option<&String>| sides.map(|r| Cell::maybe(r.and_then(get)));
        let mut row: Vec<Cell<'_>> = [&c.kind, &c.change, &c.key, &c.region].map(Cell::text).into();
        row.extend(of(|r| Some(&r.value)));
        let units: Vec<&str> = sides.iter().flatten().map(|r| r.unit.as_str()).collect();
        row.push(Cell::text(if units.first() == units.last() { units[0].to_owned() } else { units.join(" → ") }));
        row.extend([&c.difference, &c.percent].map(|n| Cell::maybe(n.as_ref())));
        row.extend(of(|r| Some(&r.basis)));
        row.extend(of(|r| r.valid_from.as_ref()));
        row.extend(of(|r| Some(&r.source_id)));
        row.extend([Cell::EMPTY, Cell::EMPTY, Cell::text(&answer.currency)]);
        row
    });
    let totals = answer.totals.iter().map(|t| {
        let sums = [&t.before, &t.after].map(|s| s.total.as_ref().or(s.subtotal.as_ref()));
        let mut row = vec![Cell::text("total"), Cell::text(format!("{} → {}", t.before.status, t.after.status))];
        row.extend([Cell::EMPTY, Cell::text(&t.region)]);
        row.extend(sums.map(Cell::maybe));
        row.push(Cell::EMPTY);
        row.extend([&t.difference, &t.percent].map(|n| Cell::maybe(n.as_ref())));
        row.extend([const { Cell::EMPTY }; 6]);
        row.push(Cell::text(&t.platform));
        row.push(Cell::text(t.purchase()));
        row.push(Cell::text(&answer.currency));
        row
    });
    sheet(&columns, changes.chain(totals))
}

/// What is wrong with a folder of tables, whose texts are given by name.
pub fn check(answer: &CheckResponse, texts: &[(String, String)]) -> String {
    let place = |label: Option<&LabelOut>| {
        let (file, [start, _]) = label.and_then(|l| l.file.as_ref().zip(l.span))?;
        texts.iter().find(|(name, _)| name == file).map(|(_, text)| line_column(text, start))
    };
    let rows = answer.diagnostics.iter().map(|d| {
        let label = d.labels.first();
        let (line, column) = place(label).unzip();
        vec![
            Cell::text(&d.severity),
            Cell::text(&d.code),
            Cell::text(&d.message),
            label.and_then(|l| l.file.as_ref()).map_or(Cell::EMPTY, Cell::text),
            line.map_or(Cell::EMPTY, |n| Cell::number(n.to_string())),
            column.map_or(Cell::EMPTY, |n| Cell::number(n.to_string())),
            label.map_or(Cell::EMPTY, |l| Cell::text(&l.text)),
            d.help.as_ref().map_or(Cell::EMPTY, Cell::text),
        ]
    });
    sheet(&["severity", "code", "message", "file", "line", "column", "label", "help"], rows)
}

/// What is set, and where. A list's texts have a `,` between them.
pub fn settings(answer: &SettingsResponse) -> String {
    let rows = answer.settings.iter().map(|s| {
        let mut row = vec![Cell::text(&s.name), Cell::text(s.value.join(",")), Cell::text(&s.origin)];
        row.push(s.place.as_ref().map_or(Cell::EMPTY, Cell::text));
        row.extend([s.line, s.column].map(|n| n.map_or(Cell::EMPTY, |n| Cell::number(n.to_string()))));
        row
    });
    sheet(&["name", "value", "origin", "place", "line", "column"], rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prices::{self, Filter};

    #[test]
    fn figures_have_the_tables_digits_and_their_day() {
        let filter = Filter { text: Some("linux-x86.vcpu"), region: Some("서울"), as_of: None };
        let text = list(&prices::list(&wharfage_prices::book(), &filter).unwrap());
        let first = text.lines().nth(1).unwrap();
        assert!(
            first.starts_with("aws/fargate/linux-x86.vcpu,ap-northeast-2,0.04656,USD,vCPU-Hours,observed,"),
            "{first}"
        );
    }

    #[test]
    fn a_menu_is_one_cell_and_services_are_counted() {
        let book = wharfage_prices::book();
        let text = show(&prices::show(&book, "aws/fargate/sizes.ecs.linux", None).unwrap());
        assert!(text.lines().nth(1).unwrap().contains("0.25/0.5"), "{text}");
        let text = list(&prices::list(&book, &Filter::default()).unwrap());
        assert!(text.contains("\r\naws/fargate,"), "{text}");
    }

    #[test]
    fn regions_have_their_korean_names() {
        let filter = Filter { text: Some("seoul"), ..Filter::default() };
        let text = regions(&prices::regions(&wharfage_prices::book(), &filter).unwrap());
        assert!(text.contains("ap-northeast-2,aws,Seoul,서울,,"), "{text}");
    }
}
