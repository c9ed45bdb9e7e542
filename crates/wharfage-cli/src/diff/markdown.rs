//! A comparison as Markdown, fit for a comment on a pull request: a summary line, a table of totals, the lines folded away.
//!
//! # Invariants
//! It opens with a hidden mark, so that a script can find its comment and replace it; it stays below the length that
//! comments may have; texts from files can't break the table or become markup.

use std::fmt::Write;

use wharfage_api::diff::{Change, DiffResponse, EstimateDiff, TotalDiff};
use wharfage_core::{text, tr};

use super::words;
use crate::table::{Look, markdown::escaped};

/// By this a script finds the comment again.
const MARK: &str = "<!-- wharfage diff -->";
/// Most bytes: GitHub takes 65,536 characters.
const LONGEST: usize = 60_000;

/// Draws a comparison of two answers.
pub fn draw(d: &DiffResponse, look: &Look) -> String {
    let mut out = format!("{MARK}\n**{}**\n", escaped(&words::headline(look, d)));
    if let (Some(says), Some(t)) = (words::limit(look, d), &d.threshold) {
        let sign = if t.crossed.is_empty() { "✅" } else { "❌" };
        let _ = write!(out, "\n{sign} {}\n", escaped(&says));
    }
    let changed: Vec<&TotalDiff> = d.totals.iter().filter(|t| t.change != Change::Unchanged).collect();
    if !changed.is_empty() {
        out.push_str(&totals(look, &changed));
        out.push_str(&details(look, &changed, LONGEST.saturating_sub(out.len())));
    }
    for note in &d.notes {
        let _ = write!(out, "\n⚠️ {}\n", escaped(&note.message));
    }
    let sides: Vec<String> =
        words::sides(look, d).iter().map(|(name, says)| format!("{name}: {}", escaped(says))).collect();
    // Two spaces end a line within a paragraph.
    let _ = write!(out, "\n{}\n", sides.join("  \n"));
    out
}

fn totals(look: &Look, changed: &[&TotalDiff]) -> String {
    let titles = [tr!("platform"), tr!("region"), tr!("purchase"), tr!("before"), tr!("after"), tr!("change")];
    let titles = titles.map(|title| look.say(title)).join(" | ");
    let mut text = format!("\n| | {titles} | % |\n|-|-|-|-|-:|-:|-:|-:|\n");
    for (n, t) in changed.iter().enumerate() {
        // Half of the room is for the lines.
        if text.len() > LONGEST / 2 {
            let _ = write!(text, "\n{}\n", look.tell(&text!("and {n} more", n = changed.len() - n)));
            break;
        }
        let p = &t.place;
        let was = |from: &str, to: &str| if from == to { to.to_owned() } else { format!("{from} → {to}") };
        let [platform, region, purchase] = match &t.moved_from {
            Some(f) => [was(&f.platform, &p.platform), was(&f.region, &p.region), was(&f.purchase, &p.purchase)],
            None => [p.platform.clone(), p.region.clone(), p.purchase.clone()],
        };
        row(
            &mut text,
            [mark(t.change), platform, region, purchase].into_iter().chain(words::cost_cells(look, &t.cost)),
        );
    }
    text
}

/// The lines, folded; what would be too long is counted.
fn details(look: &Look, changed: &[&TotalDiff], room: usize) -> String {
    let all: Vec<(&TotalDiff, &EstimateDiff)> = changed
        .iter()
        .flat_map(|t| t.estimates.iter().filter(|e| e.change != Change::Unchanged).map(move |e| (*t, e)))
        .collect();
    let mut text = format!("\n<details><summary>{}</summary>\n", look.say("By line"));
    for (n, (total, e)) in all.iter().enumerate() {
        let block = block(look, total, e);
        if text.len() + block.len() > room {
            let more = text!("and {n} more, which `wharfage diff --format table` has", n = all.len() - n);
            let _ = write!(text, "\n{}\n", look.tell(&more));
            break;
        }
        text.push_str(&block);
    }
    text.push_str("\n</details>\n");
    text
}

fn block(look: &Look, total: &TotalDiff, e: &EstimateDiff) -> String {
    let title = look.tell(&text!("{workload} on {place}", workload = &e.workload, place = words::places(total)));
    let mut text = format!("\n**{}**\n\n", escaped(&title));
    let titles = [tr!("line"), tr!("quantity"), tr!("before"), tr!("after"), tr!("change")];
    let titles = titles.map(|title| look.say(title)).join(" | ");
    let _ = write!(text, "| | {titles} | % |\n|-|-|-|-:|-:|-:|-:|\n");
    for l in &e.lines {
        let lead = [mark(l.change), look.say(&l.label).to_owned(), words::quantity(look, l)];
        row(&mut text, lead.into_iter().chain(words::line_cells(look, l)));
    }
    if let Some(gap) = words::rounding(&e.cost, &e.lines) {
        row(
            &mut text,
            ["", look.say(tr!("rounding")), "", "", "", &words::signed(&gap), ""].into_iter().map(str::to_owned),
        );
    }
    let lead = [mark(e.change), look.say(tr!("total")).to_owned(), String::new()];
    row(&mut text, lead.into_iter().chain(words::cost_cells(look, &e.cost)));
    for reason in &e.reasons {
        let _ = write!(text, "\n{}: {}\n", look.say(tr!("infeasible")), escaped(&reason.message));
    }
    for m in &e.missing {
        let says = look.tell(&text!("{keys} in {region}: {why}", keys = &m.key, region = &m.region, why = &m.message));
        let _ = write!(text, "\n{}: {}\n", look.say("no price"), escaped(&says));
    }
    text
}

/// Marks that Markdown would take for a list are code.
fn mark(change: Change) -> String {
    match change.mark() {
        "" => String::new(),
        mark => format!("`{mark}`"),
    }
}

fn row(text: &mut String, cells: impl Iterator<Item = String>) {
    text.push('|');
    for cell in cells {
        let cell = if cell.len() == 3 && cell.starts_with('`') { cell } else { escaped(&cell) };
        let _ = write!(text, " {cell} |");
    }
    text.push('\n');
}
