//! `recommend`: what suits, best first, with the reasons; what else fits, by price; why not the others.

use wharfage_api::recommend::{Fit, Other, RecommendResponse, Why};
use wharfage_core::{Text, text, tr};

use super::{
    Look,
    cells::{Column, Grid, Tone, line, paragraph},
    figures::{decimal, money},
    notes::{section, section_in},
};

/// Draws a recommendation.
pub fn draw(r: &RecommendResponse, look: &Look) -> String {
    let mut out = String::new();
    let title: Text = match r.fitting.first() {
        None => "nothing fits".into(),
        Some(first) => {
            let price = price(first, &r.currency);
            let platform = format!("{} [{}]", look.say(&first.label), first.platform);
            if first.suits > 0 {
                text!("best suited: {platform}, {price}", platform, price)
            } else {
                text!("fits at the lowest price: {platform}, {price}", platform, price)
            }
        }
    };
    paragraph(&mut out, look, Tone::Strong, "", &look.tell(&title));
    let basis = super::basis(&r.currency, &r.period, &r.prices, &r.rounding);
    paragraph(&mut out, look, Tone::Quiet, "", &look.tell(&basis));
    let wanted: Vec<String> = r
        .wanted
        .iter()
        .map(|w| match &w.because {
            Some(because) => format!("{}: {} ({because})", w.word, look.say(&w.means)),
            None => format!("{}: {}", w.word, look.say(&w.means)),
        })
        .collect();
    section(&mut out, look, tr!("wanted"), &wanted);
    if !look.quiet {
        section(&mut out, look, tr!("assumed"), &r.assumed.iter().map(|n| n.message.clone()).collect::<Vec<_>>());
    }
    let suited: Vec<&Fit> = r.fitting.iter().take_while(|f| f.suits > 0).collect();
    if !suited.is_empty() {
        out.push('\n');
        line(&mut out, look, Tone::Strong, look.say("What suits, best first"));
        suited.iter().enumerate().for_each(|(n, f)| suits(&mut out, look, n + 1, f, &r.currency));
    }
    let rest = &r.fitting[suited.len()..];
    if !rest.is_empty() {
        out.push('\n');
        let title = if suited.is_empty() { "What fits" } else { "What fits as well" };
        line(&mut out, look, Tone::Strong, look.say(title));
        also(&mut out, look, rest);
    }
    if !r.others.is_empty() {
        out.push('\n');
        line(&mut out, look, Tone::Strong, look.say("What does not fit"));
        others(&mut out, look, &r.others);
    }
    section_in(
        &mut out,
        look,
        Tone::Plain,
        tr!("beware"),
        &r.notes.iter().map(|n| n.message.clone()).collect::<Vec<_>>(),
    );
    out
}

/// `24.98 USD`, `at least 621.11 USD`, `no price`
fn price(f: &Fit, currency: &str) -> Text {
    match (&f.total, f.status.as_str()) {
        (Some(total), "priced") => Text::plain(format!("{} {currency}", money(decimal(total)))),
        (Some(total), _) => text!("at least {figure}", figure = format!("{} {currency}", money(decimal(total)))),
        (None, _) => "no price".into(),
    }
}

fn suits(out: &mut String, look: &Look, n: usize, f: &Fit, currency: &str) {
    let tone = if n == 1 { Tone::Good } else { Tone::Plain };
    let place = format!("{} [{}], {}, {}", look.say(&f.label), f.platform, f.region, f.purchase);
    paragraph(out, look, tone, &format!("{n:2}  "), &format!("{place}: {}", look.tell(&price(f, currency))));
    for w in &f.why {
        let mark = if w.suits < 0 { "-" } else { "+" };
        paragraph(out, look, Tone::Plain, &format!("    {mark} "), &sentence(look, w));
    }
}

/// A reason, and who says so.
fn sentence(look: &Look, w: &Why) -> String {
    match &w.source {
        Some(source) => format!("{} ({})", look.say(&w.says), look.say(source)),
        None => look.say(&w.says).to_owned(),
    }
}

fn also(out: &mut String, look: &Look, rest: &[Fit]) {
    let bought = rest.iter().any(|f| f.purchase != rest[0].purchase);
    let columns = [(Column::Name, tr!("platform")), (Column::Name, tr!("region")), (Column::Name, tr!("purchase"))];
    let columns = columns.into_iter().filter(|(_, title)| bought || *title != "purchase");
    let columns = columns.chain([(Column::Number, "USD"), (Column::Text, tr!("but"))]);
    let mut grid = Grid::new(columns.map(|(column, title)| (column, look.say(title).to_owned())));
    for f in rest {
        let against: Vec<String> = f.why.iter().filter(|w| w.suits < 0).map(|w| sentence(look, w)).collect();
        let total = match (&f.total, f.status.as_str()) {
            (Some(total), "priced") => money(decimal(total)),
            (Some(total), _) => format!("≥ {}", money(decimal(total))),
            (None, _) => look.say("no price").to_owned(),
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
        let says: Vec<String> = o.why.iter().map(|w| sentence(look, w)).collect();
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
