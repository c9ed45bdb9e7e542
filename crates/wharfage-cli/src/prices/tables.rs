//! What the tables hold, for people: drawn from the responses alone.

use std::collections::BTreeSet;

use wharfage_api::{
    prices::{
        Accounting, CoverageResponse, DataOnlyOut, Figure, Figures, Held, ListResponse, PlatformCoverage,
        RegionsResponse, ShapeOut, ShowResponse,
    },
    response::Prices,
};

use wharfage_core::{
    Text, text,
    text::{either, listed},
    tr,
};

use crate::table::{
    Look,
    cells::{Column, Grid, Tone, line, page, paragraph},
};

use Column::{Name, Number};

pub fn grid<const N: usize>(look: Look, columns: [(Column, &str); N]) -> Grid {
    Grid::new(columns.map(|(c, title)| (c, look.say(title).to_owned())))
}

fn or_dash(text: Option<&str>) -> String {
    text.unwrap_or("-").to_owned()
}

fn title(out: &mut String, look: Look, what: impl Into<Text>, prices: &Prices) {
    let (day, edition) = (&prices.as_of, &prices.edition);
    let text = text!("{what}, as of {day} (edition {edition})", what = what.into(), day, edition);
    paragraph(out, &look, Tone::Strong, "", &look.tell(&text));
    out.push('\n');
}

/// `1 key`, `2 keys`.
fn keys(n: usize) -> Text {
    if n == 1 { text!("{n} key", n) } else { text!("{n} keys", n = thousands(n)) }
}

/// `1 row`, `2 rows`.
pub fn rows(n: usize) -> Text {
    if n == 1 { text!("{n} row", n) } else { text!("{n} rows", n = thousands(n)) }
}

pub fn thousands(n: impl ToString) -> String {
    crate::table::figures::grouped(&n.to_string())
}

/// The prices in force, or an overview of the services.
pub fn list(answer: &ListResponse, look: Look) -> String {
    let mut out = String::new();
    title(&mut out, look, "Prices in force in USD", &answer.prices);
    if !answer.services.is_empty() {
        overview(&mut out, answer, look);
    } else if answer.figures.is_empty() {
        paragraph(&mut out, &look, Tone::Plain, "", look.say("No such price is in force."));
    } else {
        figures(&mut out, &answer.figures, look);
    }
    if answer.other_days > 0 {
        let text = if answer.other_days == 1 {
            Text::from("1 more price known on other days only: `wharfage prices show KEY --history` has every day.")
        } else {
            let n = thousands(answer.other_days);
            text!("{n} more prices known on other days only: `wharfage prices show KEY --history` has every day.", n)
        };
        out.push('\n');
        paragraph(&mut out, &look, Tone::Quiet, "", &look.tell(&text));
    }
    out
}

fn overview(out: &mut String, answer: &ListResponse, look: Look) {
    let columns = [
        (Name, tr!("service")),
        (Number, tr!("keys")),
        (Number, tr!("regions")),
        (Number, tr!("prices")),
        (Name, tr!("newest")),
    ];
    let mut all = grid(look, columns);
    for s in &answer.services {
        let counts = [s.keys, s.regions, s.figures].map(thousands);
        let cells = [s.service.clone()].into_iter().chain(counts).chain([or_dash(s.newest.as_deref())]);
        all.row(Tone::Plain, cells.collect());
    }
    all.draw(out, &look);
    out.push('\n');
    let hint = "Narrow it to see the prices: `wharfage prices list fargate spot`, `wharfage prices list --region seoul`, \
                or `wharfage prices show KEY` for one key and its sources.";
    paragraph(out, &look, Tone::Quiet, "", look.say(hint));
}

fn figures(out: &mut String, all: &[Figure], look: Look) {
    let columns = [
        (Name, tr!("key")),
        (Name, tr!("region")),
        (Number, tr!("price")),
        (Name, tr!("per")),
        (Name, tr!("basis")),
        (Name, "valid from"),
    ];
    let mut wide = grid(look, columns);
    for f in all {
        let from = or_dash(f.valid_from.as_deref());
        let cells = [&f.key, &f.region, &f.price, &f.unit, look.say(&f.basis), &from];
        wide.row(Tone::Plain, cells.map(str::to_owned).to_vec());
    }
    if page(&look).is_none_or(|w| wide.natural_width() <= w) {
        wide.draw(out, &look);
    } else {
        all.chunk_by(|a, b| a.key == b.key).for_each(|of_key| narrow(out, of_key, look));
    }
}

/// A key on a line of its own, its regions below.
fn narrow(out: &mut String, of_key: &[Figure], look: Look) {
    if let Some(first) = of_key.first() {
        line(out, &look, Tone::Strong, &first.key);
    }
    for f in of_key {
        let from = or_dash(f.valid_from.as_deref());
        let figure = text!(
            "{price} per {unit}, {basis} {from}",
            price = format!("{:>14}", f.price),
            unit = &f.unit,
            basis = Text::known(&f.basis),
            from
        );
        line(out, &look, Tone::Plain, &format!("  {:<24} {}", f.region, look.tell(&figure)));
    }
}

/// Regions and their names.
pub fn regions(answer: &RegionsResponse, look: Look) -> String {
    let mut out = String::new();
    title(&mut out, look, "Regions and their names", &answer.prices);
    let columns = [
        (Name, tr!("region")),
        (Name, tr!("cloud")),
        (Name, tr!("city")),
        (Name, "도시"),
        (Name, tr!("tier")),
        (Column::Text, tr!("also")),
    ];
    let mut all = grid(look, columns);
    for r in &answer.regions {
        let tier = r.tier.as_deref().map(|t| t.trim_start_matches("tier-"));
        let cells = [r.id.as_str(), &r.provider, &r.city, &r.city_ko, tier.unwrap_or(""), &r.aliases.join(", ")];
        all.row(Tone::Plain, cells.map(str::to_owned).to_vec());
    }
    all.draw(&mut out, &look);
    out
}

/// One key: what is in force, and where nothing is, what was last.
pub fn show(answer: &ShowResponse, look: Look) -> String {
    let mut current = answer.clone();
    for series in &mut current.regions {
        let last = series.values.len().saturating_sub(1);
        let any = series.values.iter().any(|v| v.in_force);
        let mut n = 0..;
        series.values.retain(|v| (n.next() == Some(last) && !any) || v.in_force);
        series.values.iter_mut().for_each(|v| v.percent = None);
    }
    let mut out = history(&current, look);
    let earlier = every(answer).count() - every(&current).count();
    if earlier > 0 {
        let text = if earlier == 1 {
            text!("{n} reading of another day: --history", n = earlier)
        } else {
            text!("{n} readings of other days: --history", n = thousands(earlier))
        };
        paragraph(&mut out, &look, Tone::Quiet, "", &look.tell(&text));
    }
    out
}

/// One key: every reading over time.
pub fn history(answer: &ShowResponse, look: Look) -> String {
    let mut out = String::new();
    let units: BTreeSet<&str> = every(answer).map(|(_, v)| v.unit.as_str()).collect();
    let units: Vec<&str> = units.into_iter().collect();
    let what = match answer.kind.as_str() {
        "price" => text!("{key}: USD per {units}", key = &answer.key, units = either(units)),
        "term" => text!("{key}: {units}", key = &answer.key, units = either(units)),
        _ => text!("{key}: no price", key = &answer.key),
    };
    title(&mut out, look, what, &answer.prices);
    if let Some(s) = &answer.shape {
        paragraph(&mut out, &look, Tone::Plain, &format!("{}    ", look.say(tr!("shape"))), &shape(s));
        out.push('\n');
    }
    let sources: BTreeSet<&str> = every(answer).map(|(_, v)| v.source_id.as_str()).collect();
    let sources: Vec<&str> = sources.into_iter().collect();
    values(&mut out, answer, &sources, look);
    for (n, id) in (1..).zip(&sources) {
        let cited = every(answer).find(|(_, v)| v.source_id == *id);
        let url = cited.and_then(|(_, v)| v.url.as_deref()).map_or_else(String::new, |u| format!(" <{u}>"));
        let title = cited.map_or("", |(_, v)| v.source.as_str());
        paragraph(&mut out, &look, Tone::Quiet, &format!("[{n}] "), &format!("{id}: {title}{url}"));
    }
    out
}

fn every(answer: &ShowResponse) -> impl Iterator<Item = (&str, &Held)> {
    answer.regions.iter().flat_map(|s| s.values.iter().map(|v| (s.region.as_str(), v)))
}

fn shape(s: &ShapeOut) -> String {
    let gpu = match (&s.gpu, &s.gpu_count) {
        (Some(gpu), Some(n)) => format!(", {n} {gpu}"),
        (Some(gpu), None) => format!(", {gpu}"),
        _ => String::new(),
    };
    let arch = if s.arch.is_empty() { String::new() } else { format!(", {}", s.arch) };
    format!("{}: {} vCPU, {} GiB{arch}{gpu} ({})", s.name, s.vcpu, s.memory_gib, s.source_id)
}

fn values(out: &mut String, answer: &ShowResponse, sources: &[&str], look: Look) {
    let figure = if answer.kind == "term" { tr!("value") } else { tr!("price") };
    let columns = [
        (Name, tr!("region")),
        (Name, tr!("from")),
        (Name, tr!("until")),
        (Name, ""),
        (Number, figure),
        (Number, if every(answer).any(|(_, v)| v.percent.is_some()) { "%" } else { "" }),
        (Name, tr!("basis")),
        (Name, tr!("confirmed")),
        (Name, tr!("source")),
        (Column::Text, tr!("note")),
    ];
    let number_of = |v: &Held| sources.iter().position(|s| *s == v.source_id).map_or(0, |n| n + 1);
    let mut wide = grid(look, columns);
    for (region, v) in every(answer) {
        let cells = [
            region.to_owned(),
            or_dash(v.from.as_deref()),
            or_dash(v.until.as_deref()),
            if v.in_force { look.say("in force") } else { "" }.to_owned(),
            look.tell(&number(v)),
            percent(v),
            look.say(&v.basis).to_owned(),
            or_dash(v.confirmed.as_deref()),
            format!("[{}]", number_of(v)),
            v.note.clone().unwrap_or_default(),
        ];
        wide.row(if v.in_force { Tone::Plain } else { Tone::Quiet }, cells.to_vec());
    }
    if page(&look).is_some_and(|w| w < wide.natural_width()) {
        answer.regions.iter().for_each(|s| in_words(out, &s.region, &s.values, number_of, look));
    } else if every(answer).next().is_some() {
        wide.draw(out, &look);
    }
    for (region, v) in every(answer).filter(|(_, v)| v.rows.len() > 1) {
        let rows: Vec<String> = v.rows.iter().map(|r| r.join("/")).collect();
        out.push('\n');
        paragraph(out, &look, Tone::Plain, &format!("{region}  "), &rows.join("  "));
    }
    out.push('\n');
}

/// A region on a line of its own, its values below: for narrow pages.
fn in_words(out: &mut String, region: &str, values: &[Held], source: impl Fn(&Held) -> usize, look: Look) {
    line(out, &look, Tone::Strong, region);
    for v in values {
        let days = match (&v.from, &v.until) {
            (Some(from), Some(until)) => text!("from {from} until {until}", from, until),
            (Some(from), None) => text!("from {from}", from),
            (None, Some(until)) => text!("until {until}", until),
            (None, None) => tr!("always").into(),
        };
        let now = v.in_force.then(|| Text::from("in force"));
        let more = v.percent.as_ref().map(|_| Text::plain(percent(v) + " %"));
        let confirmed = v.confirmed.as_ref().map(|day| text!("confirmed {day}", day));
        let said = [Some(days), now, more, Some(Text::known(&v.basis)), confirmed].into_iter().flatten();
        let note = v.note.as_deref().map_or_else(String::new, |n| format!("; {n}"));
        let text = format!("{} [{}]{note}", look.tell(&listed(said)), source(v));
        let tone = if v.in_force { Tone::Plain } else { Tone::Quiet };
        paragraph(out, &look, tone, &format!("  {:>12}  ", look.tell(&number(v))), &text);
    }
}

/// How much more it is than the reading before, where it differs.
fn percent(v: &Held) -> String {
    v.percent.as_deref().map_or_else(String::new, |p| if p.starts_with('-') { p.to_owned() } else { format!("+{p}") })
}

fn number(v: &Held) -> Text {
    match (&v.price, v.rows.as_slice()) {
        (Some(price), _) => Text::plain(price),
        (None, [one]) => Text::plain(one.join("/")),
        (None, many) => rows(many.len()),
    }
}

/// Where platforms have their prices, and what the tables leave out.
pub fn coverage(answer: &CoverageResponse, look: Look) -> String {
    let mut out = String::new();
    title(&mut out, look, "Where each platform has its prices, for a standard Linux workload", &answer.prices);
    platforms(&mut out, &answer.platforms, look);
    out.push('\n');
    answer.platforms.iter().for_each(|p| gaps(&mut out, p, look));
    out.push('\n');
    let figures = look.tell(&all_figures(&answer.figures));
    paragraph(&mut out, &look, Tone::Plain, &format!("{}: ", look.say(tr!("figures"))), &figures);
    let keys = &answer.keys;
    let text = text!("{cited} cited, {others} data only", cited = keys.cited, others = keys.data_only);
    paragraph(&mut out, &look, Tone::Plain, &format!("{}: ", look.say(tr!("keys"))), &look.tell(&text));
    out.push('\n');
    data_only(&mut out, &answer.data_only, look);
    out.push('\n');
    accounting(&mut out, &answer.accounting, look);
    out
}

fn platforms(out: &mut String, all: &[PlatformCoverage], look: Look) {
    let columns = [
        (Name, tr!("platform")),
        (Number, tr!("complete")),
        (Number, tr!("partial")),
        (Number, tr!("absent")),
        (Number, tr!("days")),
        (Number, tr!("recalled")),
        (Number, tr!("derived")),
        (Number, tr!("old")),
    ];
    let mut rows = grid(look, columns);
    for p in all {
        let sum = |of: fn(&Figures) -> usize| p.regions.iter().map(|r| of(&r.figures)).sum::<usize>();
        let age = p.regions.iter().filter_map(|r| r.figures.newest_age_days).min();
        let counts = [p.complete, p.partial, p.absent].map(thousands);
        let bases = [sum(|f| f.recalled), sum(|f| f.derived), sum(|f| f.old)].map(thousands);
        let cells = [bought(p)].into_iter().chain(counts).chain([age.map_or("-".to_owned(), thousands)]).chain(bases);
        rows.row(Tone::Plain, cells.collect());
    }
    rows.draw(out, &look);
    out.push('\n');
    let what = "complete, partial and absent count regions; days is the age of the newest figure; recalled, derived and \
                old (last confirmed more than 90 days before) count the figures that the lines cite";
    paragraph(out, &look, Tone::Quiet, "", look.say(what));
}

/// `ecs-fargate`, or `ecs-fargate spot`.
fn bought(p: &PlatformCoverage) -> String {
    if p.purchase == "on-demand" { p.platform.clone() } else { format!("{} {}", p.platform, p.purchase) }
}

/// Regions that are not complete, by what is missing there.
fn gaps(out: &mut String, p: &PlatformCoverage, look: Look) {
    let mut kinds: Vec<(String, Vec<&str>)> = Vec::new();
    for r in p.regions.iter().filter(|r| r.state != "complete") {
        let missing = r.missing.iter().map(|key| text!("no {key}", key));
        let why = missing.chain(r.reasons.iter().map(Text::plain));
        let kind = look.tell(&listed([Text::known(&r.state)].into_iter().chain(why)));
        match kinds.iter_mut().find(|(k, _)| *k == kind) {
            Some((_, regions)) => regions.push(&r.region),
            None => kinds.push((kind, vec![&r.region])),
        }
    }
    for (kind, regions) in kinds {
        let text = format!("{}: {kind}: {}", bought(p), regions.join(", "));
        paragraph(out, &look, Tone::Quiet, "  ", &text);
    }
}

fn all_figures(f: &Figures) -> Text {
    text!(
        "{n} in force, the newest seen on {day}; {recalled} recalled, {derived} derived, {old} last confirmed more than 90 days before",
        n = thousands(f.count),
        day = or_dash(f.newest.as_deref()),
        recalled = thousands(f.recalled),
        derived = thousands(f.derived),
        old = thousands(f.old),
    )
}

fn data_only(out: &mut String, all: &[DataOnlyOut], look: Look) {
    line(out, &look, Tone::Strong, look.say("Keys that no line of an estimate cites yet"));
    let groups: BTreeSet<Option<&str>> = all.iter().map(|e| e.until.as_deref()).collect();
    for until in groups {
        let of_group = || all.iter().filter(|e| e.until.as_deref() == until);
        let n = keys(of_group().map(|e| e.count).sum());
        let what = until.map_or_else(|| "never priced".into(), |until| text!("come with {until}", until));
        line(out, &look, Tone::Plain, &look.tell(&text!("{n}: {what}", n, what)));
        for e in of_group() {
            let text = format!("{}: {}", e.keys.join(" "), e.reason);
            paragraph(out, &look, Tone::Quiet, &format!("{:>7}  ", thousands(e.count)), &text);
        }
    }
}

fn accounting(out: &mut String, a: &Accounting, look: Look) {
    line(out, &look, Tone::Strong, look.say("What became of the collected facts"));
    let columns = [
        (Name, tr!("file")),
        (Number, tr!("rows")),
        (Number, tr!("in")),
        (Number, tr!("merged")),
        (Number, tr!("superseded")),
        (Number, "left out"),
    ];
    let mut rows = grid(look, columns);
    let mut row = |tone, name: &str, counts: [u64; 5]| {
        rows.row(tone, [name.to_owned()].into_iter().chain(counts.map(thousands)).collect());
    };
    for f in &a.files {
        row(Tone::Plain, &f.name, [f.rows, f.kept, f.merged, f.superseded, f.left_out]);
    }
    row(Tone::Strong, look.say(tr!("all")), [a.rows, a.kept, a.merged, a.superseded, a.left_out]);
    rows.draw(out, &look);
    out.push('\n');
    let merged = "merged rows say the same as another row, whose figure is in the tables";
    paragraph(out, &look, Tone::Quiet, "  ", look.say(merged));
    for r in &a.not_kept {
        let (file, lines, why) = (&r.file, r.lines.join(", "), &r.reason);
        let text = text!("{file} rows {lines} {outcome}: {why}", file, lines, outcome = Text::known(&r.outcome), why);
        paragraph(out, &look, Tone::Quiet, "  ", &look.tell(&text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_parted() {
        for (n, want) in [(0, "0"), (999, "999"), (1000, "1,000"), (62_177, "62,177"), (1_000_000, "1,000,000")] {
            assert_eq!(thousands(n), want);
        }
        assert_eq!((keys(1).to_string(), keys(1200).to_string()), ("1 key".to_owned(), "1,200 keys".to_owned()));
    }
}
