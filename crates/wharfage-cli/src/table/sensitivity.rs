//! `estimate --sensitivity`: what to measure first, because it moves the total most.

use wharfage_api::response::{InputOut, SensitivityOut, VariationOut};
use wharfage_core::{text, tr};

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
    let title = if together {
        "What moves the total of all workloads most: 10 % or a step; sizes as far as makes a difference"
    } else {
        "What moves the total most: 10 % or a step; sizes as far as makes a difference"
    };
    paragraph(out, look, Tone::Strong, "", look.say(title));
    if !s.inputs.is_empty() {
        let titles = [
            (Column::Name, tr!("input")),
            (Column::Name, tr!("now")),
            (Column::Name, tr!("less")),
            (Column::Number, "USD"),
            (Column::Name, tr!("more")),
            (Column::Number, "USD"),
        ];
        let mut grid = Grid::new(titles.map(|(column, title)| (column, look.say(title).to_owned())));
        s.inputs.iter().for_each(|i| grid.row(Tone::Plain, cells(look, i)));
        grid.draw(out, look);
    }
    if s.inputs.iter().any(|i| i.default) {
        paragraph(out, look, Tone::Quiet, "* ", look.say("a default that nobody stated"));
    }
    if !s.without_effect.is_empty() {
        let names: Vec<String> = s.without_effect.iter().map(|n| named(n)).collect();
        let text = text!("no difference here: {names}", names = names.join(", "));
        paragraph(out, look, Tone::Quiet, "", &look.tell(&text));
    }
}

fn named(field: &str) -> String {
    field.replace('_', " ")
}

fn cells(look: &Look, i: &InputOut) -> Vec<String> {
    let mark = if i.default { " *" } else { "" };
    let side = |v: &Option<VariationOut>| match v {
        None => [String::new(), String::new()],
        Some(v) => [v.value.clone(), change(look, v)],
    };
    let ([less, fall], [more, rise]) = (side(&i.down), side(&i.up));
    vec![format!("{}{mark}", named(&i.input)), i.value.clone(), less, fall, more, rise]
}

/// `+4.53`, or why there is no difference to state.
fn change(look: &Look, v: &VariationOut) -> String {
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
        (None, "infeasible") => look.say(tr!("infeasible")).to_owned(),
        (None, _) => look.say("no price").to_owned(),
    }
}
