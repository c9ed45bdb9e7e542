//! `recommend`: what suits, best first, with the reasons; what else fits, by price; why not the others.

use wharfage_api::recommend::{Fit, Other, RecommendResponse, Why};

use super::{
    Look,
    cells::{Column, Grid, Tone, line, paragraph},
    figures::{decimal, money},
    notes::{section, section_in},
};

/// Draws a recommendation.
pub fn draw(r: &RecommendResponse, look: &Look) -> String {
    let mut out = String::new();
    let title = match r.fitting.first() {
        None => "nothing fits".to_owned(),
        Some(first) => {
            let what = if first.suits > 0 { "best suited" } else { "fits at the lowest price" };
            format!("{what}: {} [{}], {}", first.label, first.platform, price(first, &r.currency))
        }
    };
    paragraph(&mut out, look, Tone::Strong, "", &title);
    let basis = super::basis(&r.period, &r.prices, &r.rounding);
    paragraph(&mut out, look, Tone::Quiet, "", &format!("{} {basis}", r.currency));
    let wanted: Vec<String> = r
        .wanted
        .iter()
        .map(|w| match &w.because {
            Some(because) => format!("{}: {} ({because})", w.word, w.means),
            None => format!("{}: {}", w.word, w.means),
        })
        .collect();
    section(&mut out, look, "wanted", &wanted);
    if !look.quiet {
        section(&mut out, look, "assumed", &r.assumed.iter().map(|n| n.message.clone()).collect::<Vec<_>>());
    }
    let suited: Vec<&Fit> = r.fitting.iter().take_while(|f| f.suits > 0).collect();
    if !suited.is_empty() {
        out.push('\n');
        line(&mut out, look, Tone::Strong, "What suits, best first");
        suited.iter().enumerate().for_each(|(n, f)| suits(&mut out, look, n + 1, f, &r.currency));
    }
    let rest = &r.fitting[suited.len()..];
    if !rest.is_empty() {
        out.push('\n');
        let title = if suited.is_empty() { "What fits" } else { "What fits as well" };
        line(&mut out, look, Tone::Strong, title);
        also(&mut out, look, rest);
    }
    if !r.others.is_empty() {
        out.push('\n');
        line(&mut out, look, Tone::Strong, "What does not fit");
        others(&mut out, look, &r.others);
    }
    section_in(&mut out, look, Tone::Plain, "beware", &r.notes.iter().map(|n| n.message.clone()).collect::<Vec<_>>());
    out
}

/// `24.98 USD`, `at least 621.11 USD`, `no price`
fn price(f: &Fit, currency: &str) -> String {
    match (&f.total, f.status.as_str()) {
        (Some(total), "priced") => format!("{} {currency}", money(decimal(total))),
        (Some(total), _) => format!("at least {} {currency}", money(decimal(total))),
        (None, _) => "no price".to_owned(),
    }
}

fn suits(out: &mut String, look: &Look, n: usize, f: &Fit, currency: &str) {
    let tone = if n == 1 { Tone::Good } else { Tone::Plain };
    let place = format!("{} [{}], {}, {}", f.label, f.platform, f.region, f.purchase);
    paragraph(out, look, tone, &format!("{n:2}  "), &format!("{place}: {}", price(f, currency)));
    for w in &f.why {
        let mark = if w.suits < 0 { "-" } else { "+" };
        paragraph(out, look, Tone::Plain, &format!("    {mark} "), &sentence(w));
    }
}

/// A reason, and who says so.
fn sentence(w: &Why) -> String {
    match &w.source {
        Some(source) => format!("{} ({source})", w.says),
        None => w.says.clone(),
    }
}

fn also(out: &mut String, look: &Look, rest: &[Fit]) {
    let bought = rest.iter().any(|f| f.purchase != rest[0].purchase);
    let columns = [(Column::Name, "platform"), (Column::Name, "region"), (Column::Name, "purchase")];
    let columns = columns.into_iter().filter(|(_, title)| bought || *title != "purchase");
    let columns = columns.chain([(Column::Number, "USD"), (Column::Text, "but")]);
    let mut grid = Grid::new(columns.map(|(column, title)| (column, title.to_owned())));
    for f in rest {
        let against: Vec<String> = f.why.iter().filter(|w| w.suits < 0).map(sentence).collect();
        let total = match (&f.total, f.status.as_str()) {
            (Some(total), "priced") => money(decimal(total)),
            (Some(total), _) => format!("≥ {}", money(decimal(total))),
            (None, _) => "no price".to_owned(),
        };
        let mut cells = vec![f.platform.clone(), f.region.clone()];
        cells.extend(bought.then(|| f.purchase.clone()));
        cells.extend([total, against.join("; ")]);
        grid.row(Tone::Plain, cells);
    }
    grid.draw(out, look);
}

/// Reasons, each once with the platforms that it keeps out.
fn others(out: &mut String, look: &Look, all: &[Other]) {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for o in all {
        let says: Vec<String> = o.why.iter().map(sentence).collect();
        let says = says.join("; ");
        match reasons.iter_mut().find(|(s, _)| *s == says) {
            Some((_, platforms)) => platforms.push(&o.platform),
            None => reasons.push((says, vec![&o.platform])),
        }
    }
    for (says, platforms) in reasons {
        paragraph(out, look, Tone::Plain, "    - ", &format!("{}: {says}", platforms.join(", ")));
    }
}
