//! `simulate --slo`: what was tried, what of it kept the goals, and the cheapest that did.

use wharfage_api::simulate::{CandidateOut, SimulateResponse, SloOut};
use wharfage_core::{Text, text, tr};

use super::{
    Look,
    cells::{Column, Grid, Tone, paragraph},
    figures::{decimal, money, significant},
};

/// Draws the search, if there was one.
pub fn draw(out: &mut String, answer: &SimulateResponse, look: &Look) {
    let Some(slo) = &answer.slo else { return };
    let mut rest = slo.candidates.as_slice();
    while let Some(first) = rest.first() {
        let (of_it, others) = rest.split_at(rest.iter().position(|c| who(c) != who(first)).unwrap_or(rest.len()));
        out.push('\n');
        paragraph(out, look, Tone::Strong, "", &look.tell(&verdict(slo, of_it)));
        grid(slo, of_it, look).draw(out, look);
        rest = others;
    }
}

/// Did every platform and policy have a choice that kept the goals?
pub fn is_kept(slo: &SloOut) -> bool {
    slo.candidates.iter().all(|c| slo.candidates.iter().any(|other| who(other) == who(c) && other.chosen))
}

fn who(c: &CandidateOut) -> (Option<&str>, &str) {
    (c.platform.as_deref(), &c.policy)
}

fn verdict(slo: &SloOut, of_it: &[CandidateOut]) -> Text {
    let goals: Vec<&str> = slo.goals.iter().map(|g| g.goal.as_str()).collect();
    let goals = goals.join(", ");
    let name = of_it.first().map_or("", |c| c.platform.as_deref().unwrap_or(&c.policy)).to_owned();
    let Some(c) = of_it.iter().find(|c| c.chosen) else {
        return text!("{name}: nothing that was tried keeps {goals}", name, goals);
    };
    let n = c.replicas.or(c.min_instances).unwrap_or_default();
    let concurrency = c.concurrency;
    if c.replicas.is_some() {
        text!(
            "{name}: {n} replicas at concurrency {concurrency} are the cheapest that keep {goals}",
            name,
            n,
            concurrency,
            goals
        )
    } else {
        text!(
            "{name}: {n} instances at least, at concurrency {concurrency}, are the cheapest that keep {goals}",
            name,
            n,
            concurrency,
            goals
        )
    }
}

fn grid(slo: &SloOut, of_it: &[CandidateOut], look: &Look) -> Grid {
    let word = |text: &'static str| look.say(text).to_owned();
    let fleet = of_it.iter().any(|c| c.replicas.is_some());
    let priced = of_it.iter().any(|c| c.monthly_total.is_some());
    let mut columns = vec![
        (Column::Number, word(tr!("concurrency"))),
        (Column::Number, word(if fleet { tr!("replicas") } else { "least instances" })),
    ];
    columns.extend(slo.goals.iter().map(|g| (Column::Number, g.goal.clone())));
    columns.push((Column::Number, if priced { "USD".to_owned() } else { word(tr!("instances, mean")) }));
    columns.push((Column::Name, String::new()));
    let mut grid = Grid::new(columns);
    for c in of_it {
        let mut cells = vec![c.concurrency.to_string(), c.replicas.or(c.min_instances).unwrap_or_default().to_string()];
        cells.extend(c.values.iter().map(|value| significant(decimal(value))));
        cells.push(match &c.monthly_total {
            Some(total) => money(decimal(total)),
            None if priced => "–".to_owned(),
            None => significant(decimal(&c.mean_total)),
        });
        cells.push(word(match (c.chosen, c.keeps) {
            (true, _) => tr!("◀ the cheapest that keeps it"),
            (false, true) => tr!("keeps it"),
            (false, false) => "–",
        }));
        grid.row(if c.chosen { Tone::Good } else { Tone::Plain }, cells);
    }
    grid
}
