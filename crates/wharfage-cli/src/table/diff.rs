//! `diff`: what changed, by total and by line, with `+`, `-` and `~` before what is new, gone and different.

use unicode_width::UnicodeWidthStr;
use wharfage_api::diff::{Change, DiffResponse, EstimateDiff, TotalDiff};
use wharfage_core::{text, tr};

use super::{
    Look,
    cells::{Column, Grid, Tone, line, paragraph},
    notes::{section, section_in},
    obstacles::missing_prices,
};
use crate::diff::words;

/// Draws a comparison of two answers.
pub fn draw(d: &DiffResponse, look: &Look) -> String {
    let mut out = String::new();
    paragraph(&mut out, look, Tone::Strong, "", &words::headline(look, d));
    for (name, says) in words::sides(look, d) {
        paragraph(
            &mut out,
            look,
            Tone::Quiet,
            &format!("{name}{}", " ".repeat(8_usize.saturating_sub(name.width()))),
            &says,
        );
    }
    let changed: Vec<&TotalDiff> = d.totals.iter().filter(|t| t.change != Change::Unchanged).collect();
    if d.totals.len() > 1 && !changed.is_empty() {
        out.push('\n');
        totals(&mut out, look, &changed);
    }
    for total in &changed {
        for e in total.estimates.iter().filter(|e| e.change != Change::Unchanged) {
            out.push('\n');
            block(&mut out, look, total, e);
        }
        if total.estimates.len() > 1 {
            let [before, after, change, percent] = words::cost_cells(look, &total.cost);
            let cells = [format!("{before} → {after}"), change, percent];
            let cells: Vec<&str> = cells.iter().map(String::as_str).filter(|c| !c.is_empty()).collect();
            out.push('\n');
            let text = text!("all on {place}: {figure}", place = words::places(total), figure = cells.join("  "));
            paragraph(&mut out, look, Tone::Strong, "", &look.tell(&text));
        }
    }
    foot(&mut out, look, d);
    out
}

fn foot(out: &mut String, look: &Look, d: &DiffResponse) {
    if !look.quiet {
        let notes: Vec<String> = d.notes.iter().map(|n| n.message.clone()).collect();
        section(out, look, tr!("beware"), &notes);
    }
    if let (Some(says), Some(t)) = (words::limit(look, d), &d.threshold) {
        let tone = if t.crossed.is_empty() { Tone::Good } else { Tone::Bad };
        section_in(out, look, tone, tr!("limit"), &[says]);
    }
}

const FIGURES: [(Column, &str); 4] = [
    (Column::Number, tr!("before")),
    (Column::Number, tr!("after")),
    (Column::Number, tr!("change")),
    (Column::Number, "%"),
];

fn grid(look: &Look, lead: &[(Column, &str)]) -> Grid {
    Grid::new(lead.iter().chain(&FIGURES).map(|(column, title)| (*column, look.say(title).to_owned())))
}

fn totals(out: &mut String, look: &Look, changed: &[&TotalDiff]) {
    let several = changed.iter().any(|t| t.place.purchase != changed[0].place.purchase);
    let lead = [
        (Column::Name, ""),
        (Column::Name, tr!("platform")),
        (Column::Name, tr!("region")),
        (Column::Name, tr!("purchase")),
    ];
    let shown = if several { 4 } else { 3 };
    let mut grid = grid(look, &lead[..shown]);
    for t in changed {
        let lead = [t.change.mark(), &t.place.platform, &t.place.region, &t.place.purchase].map(str::to_owned);
        let cells = lead.into_iter().take(shown).chain(words::cost_cells(look, &t.cost));
        grid.row(tone(t.change), cells.collect());
    }
    grid.draw(out, look);
}

const fn tone(change: Change) -> Tone {
    match change {
        Change::Added | Change::Changed => Tone::Plain,
        Change::Removed | Change::Unchanged => Tone::Quiet,
    }
}

/// A workload's lines that changed, and its total.
fn block(out: &mut String, look: &Look, total: &TotalDiff, e: &EstimateDiff) {
    let title = text!("{workload} on {place}", workload = &e.workload, place = words::places(total));
    paragraph(out, look, Tone::Strong, "", &format!("{} {}", e.change.mark(), look.tell(&title)));
    let mut grid = grid(look, &[(Column::Name, ""), (Column::Text, tr!("line")), (Column::Text, tr!("quantity"))]);
    for l in &e.lines {
        let lead = [l.change.mark().to_owned(), look.say(&l.label).to_owned(), words::quantity(look, l)];
        grid.row(tone(l.change), lead.into_iter().chain(words::line_cells(look, l)).collect());
    }
    if let Some(gap) = words::rounding(&e.cost, &e.lines) {
        let cells = ["", look.say(tr!("rounding")), "", "", "", &words::signed(&gap), ""];
        grid.row(Tone::Plain, cells.map(str::to_owned).to_vec());
    }
    let lead = [e.change.mark(), look.say(tr!("total")), ""].map(str::to_owned);
    grid.row(Tone::Strong, lead.into_iter().chain(words::cost_cells(look, &e.cost)).collect());
    let set = grid.set(look);
    set.draw_head(out, look);
    for (tone, texts) in &set.rows {
        if *tone == Tone::Strong && set.rows.len() > 1 {
            set.draw_rule(out, look);
        }
        texts.iter().for_each(|t| line(out, look, *tone, t));
    }
    match e.unchanged_lines {
        0 => {}
        1 => line(out, look, Tone::Quiet, look.say("1 line is the same")),
        n => line(out, look, Tone::Quiet, &look.tell(&text!("{n} lines are the same", n))),
    }
    let reasons: Vec<String> = e.reasons.iter().map(|r| r.message.clone()).collect();
    section_in(out, look, Tone::Bad, tr!("infeasible"), &reasons);
    let missing = missing_prices(&e.missing.iter().collect::<Vec<_>>());
    let missing: Vec<String> = missing
        .iter()
        .map(|(keys, region, why)| look.tell(&text!("{keys} in {region}: {why}", keys = keys.join(", "), region, why)))
        .collect();
    section_in(out, look, Tone::Bad, "no price", &missing);
}
