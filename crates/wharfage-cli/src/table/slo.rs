//! `simulate --slo`: what was tried, what of it kept the goals, and the cheapest that did.

use std::ops::Range;

use wharfage_api::simulate::{CandidateOut, SimulateResponse, SloOut};
use wharfage_core::{Text, text, tr};

use super::{
    Look,
    cells::{Column, Grid, Tone, page, paragraph},
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
        for goals in blocks(slo, of_it, look) {
            if goals.start > 0 {
                out.push('\n');
            }
            grid(slo, of_it, goals, look).draw(out, look);
        }
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

/// Goals by their places: as many side by side as fit on the page.
fn blocks(slo: &SloOut, of_it: &[CandidateOut], look: &Look) -> Vec<Range<usize>> {
    let n = slo.goals.len();
    let of = |size: usize| (0..n).step_by(size).map(move |from| from..(from + size).min(n));
    let fits = |goals: Range<usize>| page(look).is_none_or(|w| grid(slo, of_it, goals, look).least_width() <= w);
    let size = (1..=n).map(|blocks| n.div_ceil(blocks)).find(|size| of(*size).all(fits)).unwrap_or(1);
    of(size).collect()
}

fn grid(slo: &SloOut, of_it: &[CandidateOut], goals: Range<usize>, look: &Look) -> Grid {
    let word = |text: &'static str| look.say(text).to_owned();
    let fleet = of_it.iter().any(|c| c.replicas.is_some());
    let priced = of_it.iter().any(|c| c.monthly_total.is_some());
    // What tells two rows of one choice apart.
    let regions = of_it.iter().any(|c| c.region != of_it[0].region);
    let purchases = of_it.iter().any(|c| c.purchase != of_it[0].purchase);
    let mut columns = vec![
        (Column::Number, word(tr!("concurrency"))),
        (Column::Number, word(if fleet { tr!("replicas") } else { "least instances" })),
    ];
    columns.extend(regions.then(|| (Column::Name, word(tr!("region")))));
    columns.extend(purchases.then(|| (Column::Name, word(tr!("purchase")))));
    columns.extend(slo.goals[goals.clone()].iter().map(|g| (Column::Number, g.goal.clone())));
    columns.push((Column::Number, if priced { "USD".to_owned() } else { word(tr!("instances, mean")) }));
    columns.push((Column::Name, String::new()));
    let mut grid = Grid::new(columns);
    for c in of_it {
        let mut cells = vec![c.concurrency.to_string(), c.replicas.or(c.min_instances).unwrap_or_default().to_string()];
        cells.extend(regions.then(|| c.region.clone().unwrap_or_default()));
        cells.extend(purchases.then(|| c.purchase.clone().unwrap_or_default()));
        cells.extend(c.values[goals.clone()].iter().map(|value| significant(decimal(value))));
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

#[cfg(test)]
mod tests {
    use wharfage_api::{
        read,
        simulate::{self, SimulateResponse},
    };

    use super::{super::samples::*, *};

    /// A search with more lines at the head and in the table `[simulate]`.
    fn searched(head: &str, goals: &str) -> SimulateResponse {
        let workload = "vcpu = 1\nmemory = '512MiB'\nrequests = '5/s'\nduration = '80ms'\n";
        let text = format!("{head}\n[simulate]\nhorizon = '1m'\nslo = '{goals}'\n[[workload]]\n{workload}");
        let (request, _) = read::request("test.toml", &text).unwrap();
        simulate::respond(&request, &wharfage_prices::book(), &simulate::no_files).unwrap()
    }

    fn drawn(answer: &SimulateResponse, width: u16) -> String {
        let mut out = String::new();
        draw(&mut out, answer, &look(Some(width)));
        out
    }

    #[test]
    fn more_goals_than_fit_stand_below_each_other() {
        let all = ["mean=9s", "p50=9s", "p95=9s", "p99=9s", "max=9s", "wait-p99=9s", "cold=100%", "rejected=1%"];
        let answer = searched("platform = 'cloud-run'\nregion = 'seoul'", &all.join(","));
        for (width, blocks) in [(200, 1), (80, 4), (60, 8)] {
            let page = drawn(&answer, width);
            fits(&page, usize::from(width));
            let heads: Vec<&str> = page.lines().filter(|l| l.contains("concurrency ") && l.contains("USD")).collect();
            assert_eq!(heads.len(), blocks, "{page}");
            assert!(all.iter().all(|goal| heads.iter().any(|head| head.contains(goal))), "{page}");
        }
    }

    #[test]
    fn rows_of_several_regions_say_which() {
        let one = drawn(&searched("platform = 'cloud-run'\nregion = 'seoul'", "p99=9s"), 100);
        assert!(!one.contains("region"), "{one}");
        let two = drawn(&searched("platform = 'cloud-run'\nregion = 'seoul,tokyo'", "p99=9s"), 100);
        assert!(["region", "asia-northeast3", "asia-northeast1"].iter().all(|text| two.contains(text)), "{two}");
    }
}
