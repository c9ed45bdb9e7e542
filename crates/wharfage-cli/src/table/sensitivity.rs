//! `estimate --sensitivity`: what to measure first, because it moves the total most.

use wharfage_api::response::{InputOut, SensitivityOut, VariationOut};

use super::{
    Look,
    cells::{Column, Grid, Tone, paragraph},
    figures::{decimal, money},
};

/// Adds a table of a workload's inputs; `together` where the total is of several workloads.
pub fn draw(out: &mut String, look: &Look, s: &SensitivityOut, together: bool) {
    if s.inputs.is_empty() && s.without_effect.is_empty() {
        return;
    }
    out.push('\n');
    let total = if together { "the total of all workloads" } else { "the total" };
    let title = format!("What moves {total} most: 10 % or a step; sizes as far as makes a difference");
    paragraph(out, look, Tone::Strong, "", &title);
    if !s.inputs.is_empty() {
        let titles = [
            (Column::Name, "input"),
            (Column::Name, "now"),
            (Column::Name, "less"),
            (Column::Number, "USD"),
            (Column::Name, "more"),
            (Column::Number, "USD"),
        ];
        let mut grid = Grid::new(titles.map(|(column, title)| (column, title.to_owned())));
        s.inputs.iter().for_each(|i| grid.row(Tone::Plain, cells(i)));
        grid.draw(out, look);
    }
    if s.inputs.iter().any(|i| i.default) {
        paragraph(out, look, Tone::Quiet, "* ", "a default that nobody stated");
    }
    if !s.without_effect.is_empty() {
        let names: Vec<String> = s.without_effect.iter().map(|n| named(n)).collect();
        paragraph(out, look, Tone::Quiet, "", &format!("no difference here: {}", names.join(", ")));
    }
}

fn named(field: &str) -> String {
    field.replace('_', " ")
}

fn cells(i: &InputOut) -> Vec<String> {
    let mark = if i.default { " *" } else { "" };
    let side = |v: &Option<VariationOut>| match v {
        None => [String::new(), String::new()],
        Some(v) => [v.value.clone(), change(v)],
    };
    let ([less, fall], [more, rise]) = (side(&i.down), side(&i.up));
    vec![format!("{}{mark}", named(&i.input)), i.value.clone(), less, fall, more, rise]
}

/// `+4.53`, or why there is no difference to state.
fn change(v: &VariationOut) -> String {
    match (&v.change, v.status.as_str()) {
        (Some(change), _) => {
            let change = decimal(change);
            // Less than half a cent is not nothing.
            let exact = v.change_exact.as_deref().map(decimal).unwrap_or(change);
            match (change.is_zero(), exact.is_zero()) {
                (true, false) => "≈ 0.00".to_owned(),
                _ => format!("{}{}", if change.is_sign_negative() { "" } else { "+" }, money(change)),
            }
        }
        (None, "infeasible") => "infeasible".to_owned(),
        (None, _) => "no price".to_owned(),
    }
}
