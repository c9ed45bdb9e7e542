//! `diff`: what changed, by total and by line, with `+`, `-` and `~` before what is new, gone and different.

use wharfage_api::diff::{Change, DiffResponse, EstimateDiff, TotalDiff};

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
    paragraph(&mut out, look, Tone::Strong, "", &words::headline(d));
    for (name, says) in words::sides(d) {
        paragraph(&mut out, look, Tone::Quiet, &format!("{name:8}"), &says);
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
            let [before, after, change, percent] = words::cost_cells(&total.cost);
            let cells = [format!("{before} → {after}"), change, percent];
            let cells: Vec<&str> = cells.iter().map(String::as_str).filter(|c| !c.is_empty()).collect();
            out.push('\n');
            paragraph(
                &mut out,
                look,
                Tone::Strong,
                "",
                &format!("all on {}: {}", words::places(total), cells.join("  ")),
            );
        }
    }
    foot(&mut out, look, d);
    out
}

fn foot(out: &mut String, look: &Look, d: &DiffResponse) {
    if !look.quiet {
        let notes: Vec<String> = d.notes.iter().map(|n| n.message.clone()).collect();
        section(out, look, "beware", &notes);
    }
    if let (Some(says), Some(t)) = (words::limit(d), &d.threshold) {
        let tone = if t.crossed.is_empty() { Tone::Good } else { Tone::Bad };
        section_in(out, look, tone, "limit", &[says]);
    }
}

const FIGURES: [(Column, &str); 4] =
    [(Column::Number, "before"), (Column::Number, "after"), (Column::Number, "change"), (Column::Number, "%")];

fn grid(lead: &[(Column, &str)]) -> Grid {
    Grid::new(lead.iter().chain(&FIGURES).map(|(column, title)| (*column, (*title).to_owned())))
}

fn totals(out: &mut String, look: &Look, changed: &[&TotalDiff]) {
    let several = changed.iter().any(|t| t.place.purchase != changed[0].place.purchase);
    let lead = [(Column::Name, ""), (Column::Name, "platform"), (Column::Name, "region"), (Column::Name, "purchase")];
    let shown = if several { 4 } else { 3 };
    let mut grid = grid(&lead[..shown]);
    for t in changed {
        let lead = [t.change.mark(), &t.place.platform, &t.place.region, &t.place.purchase].map(str::to_owned);
        let cells = lead.into_iter().take(shown).chain(words::cost_cells(&t.cost));
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
    let title = format!("{} {} on {}", e.change.mark(), e.workload, words::places(total));
    paragraph(out, look, Tone::Strong, "", &title);
    let mut grid = grid(&[(Column::Name, ""), (Column::Text, "line"), (Column::Text, "quantity")]);
    for l in &e.lines {
        let lead = [l.change.mark().to_owned(), l.label.clone(), words::quantity(l)];
        grid.row(tone(l.change), lead.into_iter().chain(words::line_cells(l)).collect());
    }
    if let Some(gap) = words::rounding(&e.cost, &e.lines) {
        let cells = ["", "rounding", "", "", "", &words::signed(&gap), ""];
        grid.row(Tone::Plain, cells.map(str::to_owned).to_vec());
    }
    let lead = [e.change.mark(), "total", ""].map(str::to_owned);
    grid.row(Tone::Strong, lead.into_iter().chain(words::cost_cells(&e.cost)).collect());
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
        1 => line(out, look, Tone::Quiet, "1 line is the same"),
        n => line(out, look, Tone::Quiet, &format!("{n} lines are the same")),
    }
    let reasons: Vec<String> = e.reasons.iter().map(|r| r.message.clone()).collect();
    section_in(out, look, Tone::Bad, "infeasible", &reasons);
    let missing = missing_prices(&e.missing.iter().collect::<Vec<_>>());
    let missing: Vec<String> =
        missing.iter().map(|(keys, region, says)| format!("{} in {region}: {says}", keys.join(", "))).collect();
    section_in(out, look, Tone::Bad, "no price", &missing);
}
