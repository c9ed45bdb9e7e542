//! `break-even`: who is the cheapest where, each crossing with the bills around it, and the curve.

use wharfage_api::{
    break_even::{BillOut, BreakEvenResponse, CrossingOut, OtherOut, PointOut},
    response::NoteOut,
};
use wharfage_core::{Text, text, text::both, tr};

use super::{
    Look,
    cells::{Column, Grid, Tone, line, page, paragraph},
    figures::{decimal, grouped, money},
    notes::{section, section_in, with_subjects},
};

/// Crossings whose bills are drawn; all are in the other formats.
const CROSSINGS: usize = 6;
/// Columns of bills that a curve has where nothing limits the page.
const WIDEST: usize = 8;

/// Draws an answer.
pub fn draw(r: &BreakEvenResponse, look: &Look) -> String {
    let mut out = String::new();
    paragraph(&mut out, look, Tone::Strong, "", &look.tell(&title(r, look)));
    let basis = super::basis(&r.currency, &r.period, &r.prices, &r.rounding);
    paragraph(&mut out, look, Tone::Quiet, "", &look.tell(&basis));
    if !r.rivals.is_empty() {
        winners(&mut out, r, look);
        crossings(&mut out, r, look);
        curve(&mut out, r, look);
    }
    others(&mut out, r, look);
    foot(&mut out, r, look);
    out
}

/// `microservice: from 2.48/s on ECS on Fargate is the cheapest, below Cloud Run`
fn title(r: &BreakEvenResponse, look: &Look) -> Text {
    let workload = &r.vary.workload;
    let names = |stretch: usize| both(r.cheapest[stretch].rivals.iter().map(|n| r.rivals[*n].name.as_str()));
    let valued = |value: &str| match r.vary.unit.as_str() {
        "" => format!("{} {}", look.say(&r.vary.input).replace('_', " "), grouped(value)),
        _ => valued(r, value),
    };
    // Of what was stopped, less than the whole range is known.
    let ends = r.cheapest.first().zip(r.cheapest.last()).map_or((&r.vary.from, &r.vary.to), |(a, b)| (&a.from, &b.to));
    let (from, to) = (valued(ends.0), valued(ends.1));
    let changes = r.crossings.iter().filter(|c| c.of_the_cheapest).count();
    match r.cheapest.as_slice() {
        _ if r.rivals.is_empty() => text!("{workload}: nobody has a bill from {from} to {to}", workload, from, to),
        [_] => {
            text!("{workload}: {name} is the cheapest from {from} to {to}", workload, name = names(0), from, to)
        }
        [.., last] if changes == 1 && r.cheapest.len() == 2 => {
            let (before, name) = (names(0), names(1));
            let at = valued(&last.from);
            text!("{workload}: from {at} on {name} is the cheapest, below {before}", workload, at, name, before)
        }
        _ => {
            let input = look.say(&r.vary.input).replace('_', " ");
            text!("{workload}: who is the cheapest from {from} to {to} changes with {input}", workload, from, to, input)
        }
    }
}

fn valued(r: &BreakEvenResponse, value: &str) -> String {
    format!("{}{}", grouped(value), r.vary.unit)
}

/// Where each is the cheapest.
fn winners(out: &mut String, r: &BreakEvenResponse, look: &Look) {
    out.push('\n');
    let titles = [(Column::Number, tr!("from")), (Column::Number, tr!("to")), (Column::Text, tr!("cheapest"))];
    let mut grid = Grid::new(titles.map(|(column, title)| (column, look.say(title).to_owned())));
    for s in r.cheapest.iter().take(MOST_STRETCHES) {
        let names: Vec<&str> = s.rivals.iter().map(|n| r.rivals[*n].name.as_str()).collect();
        let who = if names.is_empty() { look.say(tr!("nobody")).to_owned() } else { look.tell(&both(names)) };
        grid.row(Tone::Plain, vec![valued(r, &s.from), valued(r, &s.to), who]);
    }
    grid.draw(out, look);
    more(out, look, r.cheapest.len(), MOST_STRETCHES);
}

/// Stretches that are drawn.
const MOST_STRETCHES: usize = 20;

/// Says that not all is drawn.
fn more(out: &mut String, look: &Look, all: usize, drawn: usize) {
    if all > drawn {
        let text = text!("{n} more: --format json and --format csv have them all", n = all - drawn);
        paragraph(out, look, Tone::Quiet, "", &look.tell(&text));
    }
}

/// Each crossing, with both bills one step below, at it and one step above.
fn crossings(out: &mut String, r: &BreakEvenResponse, look: &Look) {
    for c in r.crossings.iter().take(CROSSINGS) {
        out.push('\n');
        paragraph(out, look, Tone::Strong, "", &format!("{}.", c.says));
        let titles =
            [look.say(&r.vary.input).replace('_', " "), r.rivals[c.from].name.clone(), r.rivals[c.to].name.clone()];
        let mut grid = Grid::new(titles.map(|title| (Column::Number, title)));
        for pair in &c.bills {
            let cheaper = |side: &str| pair.cheaper == side || pair.cheaper == "equal";
            let cell = |bill: &BillOut, side: &str| marked(look, &figure(bill, needs_digits(c)), cheaper(side));
            let cells = vec![valued(r, &pair.value), cell(&pair.from, "from"), cell(&pair.to, "to")];
            grid.row(Tone::Plain, cells);
        }
        grid.draw(out, look);
    }
    if r.crossings.len() > CROSSINGS {
        out.push('\n');
        more(out, look, r.crossings.len(), CROSSINGS);
    }
}

/// Do cents not tell two bills apart as they are?
fn needs_digits(c: &CrossingOut) -> bool {
    let order = |a: &Option<String>, b: &Option<String>| Some(decimal(a.as_deref()?).cmp(&decimal(b.as_deref()?)));
    c.bills.iter().any(|b| order(&b.from.total, &b.to.total) != order(&b.from.total_exact, &b.to.total_exact))
}

/// A bill as it is shown, or nothing.
fn figure(bill: &BillOut, exactly: bool) -> Option<String> {
    let exact = bill.total_exact.as_deref().filter(|_| exactly);
    exact.map(grouped).or_else(|| bill.total.as_deref().map(|total| money(decimal(total))))
}

/// A figure with a place for the mark of the cheapest, so that figures stay in line.
fn marked(look: &Look, figure: &Option<String>, cheapest: bool) -> String {
    let text = figure.as_deref().unwrap_or(look.say("no bill"));
    if look.markdown {
        return format!("{text}{}", if cheapest { " ◀" } else { "" });
    }
    // A space that is no break keeps the place.
    format!("{text}{}", if cheapest { " ◀" } else { "\u{a0}\u{a0}" })
}

/// The bills over the range, of as many as fit: those that are the cheapest somewhere first.
fn curve(out: &mut String, r: &BreakEvenResponse, look: &Look) {
    out.push('\n');
    line(out, look, Tone::Strong, look.say("Bills over the range"));
    let order = order(r);
    let widest = if look.width.is_none() && !look.markdown { order.len().min(WIDEST) } else { order.len() };
    let fits = |n: &usize| page(look).is_none_or(|w| grid(r, look, &order[..*n]).natural_width() <= w);
    let shown = (1..=widest).rev().find(fits).unwrap_or(1);
    grid(r, look, &order[..shown]).draw(out, look);
    let hidden: Vec<&str> = order[shown..].iter().map(|n| r.rivals[*n].name.as_str()).collect();
    if !hidden.is_empty() {
        let text = text!("not shown, for want of room: {names}", names = hidden.join("; "));
        paragraph(out, look, Tone::Quiet, "", &look.tell(&text));
    }
}

/// Rivals, those that are the cheapest somewhere first, then those with the lowest bill at the end of the range.
fn order(r: &BreakEvenResponse) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::new();
    for n in r.cheapest.iter().flat_map(|s| &s.rivals) {
        if !order.contains(n) {
            order.push(*n);
        }
    }
    let last = |n: &usize| r.curve.last().and_then(|p| p.bills[*n].total_exact.as_deref()).map(decimal);
    let mut rest: Vec<usize> = (0..r.rivals.len()).filter(|n| !order.contains(n)).collect();
    rest.sort_by_key(|n| (last(n).is_none(), last(n)));
    order.extend(rest);
    order
}

fn grid(r: &BreakEvenResponse, look: &Look, rivals: &[usize]) -> Grid {
    let first = (Column::Number, look.say(&r.vary.input).replace('_', " "));
    let names = rivals.iter().map(|n| (Column::Number, r.rivals[*n].name.clone()));
    let mut grid = Grid::new(std::iter::once(first).chain(names));
    for point in &r.curve {
        let cell = |n: &usize| marked(look, &figure(&point.bills[*n], level(point, *n)), point.cheapest.contains(n));
        grid.row(Tone::Plain, std::iter::once(valued(r, &point.value)).chain(rivals.iter().map(cell)).collect());
    }
    grid
}

/// Is it the same as another's to the cent, and yet dearer or cheaper, next to the cheapest?
fn level(point: &PointOut, n: usize) -> bool {
    let Some(least) = point.cheapest.first().map(|n| &point.bills[*n]) else { return false };
    let like_least = |bill: &BillOut| bill.total.is_some() && bill.total == least.total;
    let dearer = |bill: &BillOut| bill.total_exact != least.total_exact;
    like_least(&point.bills[n]) && point.bills.iter().any(|bill| like_least(bill) && dearer(bill))
}

/// Those without a bill, each reason once.
fn others(out: &mut String, r: &BreakEvenResponse, look: &Look) {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for o in &r.others {
        let why = why(r, o, look);
        let alike = r.others.iter().filter(|p| p.place.platform == o.place.platform);
        let several = |of: fn(&OtherOut) -> &String| alike.clone().any(|p| of(p) != of(o));
        let mut name = vec![o.place.platform.clone()];
        name.extend(several(|o| &o.place.region).then(|| o.place.region.clone()));
        name.extend(several(|o| &o.place.purchase).then(|| o.place.purchase.clone()));
        let name = name.join(" ");
        match reasons.iter_mut().find(|(w, _)| *w == why) {
            Some((_, names)) => names.push(name),
            None => reasons.push((why, vec![name])),
        }
    }
    if reasons.is_empty() {
        return;
    }
    let title = tr!("Without a bill to compare");
    let told: Vec<String> = reasons.into_iter().map(|(why, names)| format!("{}: {why}", names.join(", "))).collect();
    if look.markdown {
        return section(out, look, title, &told);
    }
    out.push('\n');
    line(out, look, Tone::Strong, look.say(title));
    told.iter().for_each(|text| paragraph(out, look, Tone::Plain, "  - ", text));
}

fn why(r: &BreakEvenResponse, o: &OtherOut, look: &Look) -> String {
    let reasons = o.reasons.iter().map(|n| n.message.clone());
    let missing =
        o.missing.iter().map(|m| look.tell(&text!("no price for {key} in {region}", key = &m.key, region = &m.region)));
    let why: Vec<String> = reasons.chain(missing).collect();
    let why = if why.is_empty() { look.say(&o.status).to_owned() } else { why.join("; ") };
    if (&o.from, &o.to) == (&r.vary.from, &r.vary.to) {
        return why;
    }
    look.tell(&text!("{why} (from {from} to {to})", why, from = valued(r, &o.from), to = valued(r, &o.to)))
}

/// What is assumed, to beware of and not priced.
fn foot(out: &mut String, r: &BreakEvenResponse, look: &Look) {
    out.push('\n');
    if !look.quiet {
        let mut assumed: Vec<String> = r.assumptions.iter().map(|n| n.message.clone()).collect();
        assumed.push(r.search.says.clone());
        let of_bills = gathered(r, look, |n| &r.rivals[n].assumptions);
        if !(of_bills.is_empty() || r.crossings.is_empty()) {
            assumed.push(look.say("what follows is of each platform's bill where it first crosses another").to_owned());
        }
        assumed.extend(of_bills);
        section(out, look, tr!("assumed"), &assumed);
        let mut warnings: Vec<String> = r.warnings.iter().map(|n| n.message.clone()).collect();
        warnings.extend(gathered(r, look, |n| &r.rivals[n].warnings));
        section(out, look, tr!("warnings"), &warnings);
    }
    let missing = gathered(r, look, |n| &r.rivals[n].not_priced);
    if !missing.is_empty() {
        section_in(out, look, Tone::Plain, "not priced", &[missing.join("; ")]);
    }
}

/// Notes of the rivals, each sentence once, with whom it is about where it is not about all; of those that take part in a
/// crossing, or of all where nobody does.
fn gathered<'r>(r: &'r BreakEvenResponse, look: &Look, notes: impl Fn(usize) -> &'r Vec<NoteOut>) -> Vec<String> {
    let crossing = |n: &usize| r.crossings.is_empty() || r.crossings.iter().any(|c| c.from == *n || c.to == *n);
    let about: Vec<usize> = (0..r.rivals.len()).filter(crossing).collect();
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    for n in &about {
        for note in notes(*n) {
            let name = r.rivals[*n].place.platform.as_str();
            match all.iter_mut().find(|(says, _)| *says == note.message) {
                Some((_, names)) => names.push(name),
                None => all.push((&note.message, vec![name])),
            }
        }
    }
    with_subjects(look, &all, about.len())
}
