//! `simulate`: the runs side by side, a figure a line; in blocks where a page is too narrow for all of them.
//!
//! # Units
//! Waits and latencies in milliseconds, times of instances in seconds, shares in percent: four significant digits, since
//! quantiles are exact to one thousandth. A figure with a half-width has as many places as that has.

use rust_decimal::Decimal;
use wharfage_api::simulate::{Ci95Out, RefusedOut, RunOut, SimulateResponse};
use wharfage_core::{Text, text, tr};

use super::{
    Look,
    cells::{Column, Grid, Tone, page, paragraph},
    figures::{bound, decimal, estimated, grouped, significant},
    notes::{section, section_in, with_subjects},
    slo,
};

/// Draws the figures; `chart` adds what stands between them and the notes.
pub fn draw(answer: &SimulateResponse, look: &Look, chart: impl FnOnce(&mut String)) -> String {
    let mut out = String::new();
    paragraph(&mut out, look, Tone::Strong, "", &look.tell(&title(answer)));
    if let (Some(currency), Some(period), Some(prices), Some(rounding)) =
        (&answer.currency, &answer.period, &answer.prices, &answer.rounding)
    {
        paragraph(&mut out, look, Tone::Quiet, "", &look.tell(&super::basis(currency, period, prices, rounding)));
    }
    slo::draw(&mut out, answer, look);
    let runs: Vec<(String, &RunOut)> = names(answer).into_iter().zip(&answer.runs).collect();
    let rows: Vec<&Row> = ROWS.iter().filter(|row| answer.runs.iter().any(|run| (row.cell)(run).is_some())).collect();
    for runs in blocks(&runs, look, &rows) {
        out.push('\n');
        grid(runs, look, &rows).draw(&mut out, look);
    }
    chart(&mut out);
    notes(&mut out, answer, look);
    out
}

fn title(answer: &SimulateResponse) -> Text {
    let (events, time, seed) = (grouped(&answer.events.to_string()), span(&answer.horizon_s), answer.seed);
    match answer.replications {
        1 => text!("{events} events simulated over {time}, seed {seed}", events, time, seed),
        n => text!("{events} events simulated over {time} in {n} replications, seed {seed}", events, time, n, seed),
    }
}

/// What each run is called: its platform, else its policy, and what else tells it from the others of that name.
pub fn names(answer: &SimulateResponse) -> Vec<String> {
    let name = |run: &RunOut| {
        let Some(platform) = &run.platform else { return run.policy.clone() };
        let others = || answer.runs.iter().filter(|other| other.platform.as_ref() == Some(platform));
        let mut parts = vec![platform.as_str()];
        parts.extend(others().any(|other| other.policy != run.policy).then_some(run.policy.as_str()));
        parts.extend(run.region.as_deref().filter(|_| others().any(|other| other.region != run.region)));
        parts.extend(run.purchase.as_deref().filter(|_| others().any(|other| other.purchase != run.purchase)));
        parts.join(" ")
    };
    answer.runs.iter().map(name).collect()
}

/// Seconds as `30 d`, `1 d 6 h`, `12.5 s`, `8 us`: to the millisecond, or what is shorter to the nanosecond.
pub fn span(seconds: &str) -> String {
    let (whole, fraction) = seconds.split_once('.').map_or((seconds, None), |(w, f)| (w, Some(f)));
    let Ok(mut rest) = whole.parse::<u64>() else { return format!("{seconds} s") };
    let fraction = fraction.map(|fraction| fraction.trim_end_matches('0')).filter(|fraction| !fraction.is_empty());
    if let (0, Some(below)) = (rest, fraction.and_then(|f| f.strip_prefix("000"))) {
        let micros = decimal(&format!("0.{below}")) * Decimal::ONE_THOUSAND;
        return format!("{} us", micros.normalize());
    }
    // A longer time does not end in what rounds to nothing.
    let fraction = fraction.map(|f| f[..f.len().min(3)].trim_end_matches('0')).filter(|f| !f.is_empty());
    let mut parts = Vec::new();
    for (unit, long) in [("d", 86_400), ("h", 3_600), ("min", 60)] {
        // A single day reads better in hours.
        if rest >= long && !(unit == "d" && rest < 2 * long) {
            parts.push(format!("{} {unit}", rest / long));
            rest %= long;
        }
    }
    match fraction {
        Some(fraction) => parts.push(format!("{rest}.{fraction} s")),
        None if rest > 0 || parts.is_empty() => parts.push(format!("{rest} s")),
        None => {}
    }
    parts.join(" ")
}

/// A figure of every run.
struct Row {
    name: &'static str,
    unit: &'static str,
    tone: Tone,
    /// `None` where a run has no such figure
    cell: fn(&RunOut) -> Option<String>,
}

const fn row(name: &'static str, unit: &'static str, cell: fn(&RunOut) -> Option<String>) -> Row {
    Row { name, unit, tone: Tone::Plain, cell }
}

/// The figures, in order. A row without a cell in any run is left out.
#[rustfmt::skip]
const ROWS: [Row; 19] = [
    row(tr!("requests"), "", |r| count(r.requests)),
    row(tr!("rejected"), "", |r| count(r.rejected)),
    row(tr!("cold starts"), "", |r| count(r.cold_starts)),
    row("cold starts per request", "%", |r| percent(&r.cold_start_fraction, half(r, |c| &c.cold_start_fraction))),
    row(tr!("latency, mean"), "ms", |r| figure(&r.latency_ms.mean, half(r, |c| &c.latency_ms.mean))),
    row(tr!("latency, p50"), "ms", |r| figure(&r.latency_ms.p50, half(r, |c| &c.latency_ms.p50))),
    row(tr!("latency, p95"), "ms", |r| figure(&r.latency_ms.p95, half(r, |c| &c.latency_ms.p95))),
    row(tr!("latency, p99"), "ms", |r| figure(&r.latency_ms.p99, half(r, |c| &c.latency_ms.p99))),
    row(tr!("latency, longest"), "ms", |r| figure(&r.latency_ms.max, None)),
    row(tr!("wait, mean"), "ms", |r| figure(&r.wait_ms.mean, half(r, |c| &c.wait_ms.mean))),
    row(tr!("wait, p99"), "ms", |r| figure(&r.wait_ms.p99, half(r, |c| &c.wait_ms.p99))),
    row(tr!("instances running, mean"), "", |r| figure(&r.instances.mean_running, half(r, |c| &c.mean_running))),
    row(tr!("instances idle, mean"), "", |r| figure(&r.instances.mean_idle, half(r, |c| &c.mean_idle))),
    row(tr!("instances, mean"), "", |r| figure(&r.instances.mean_total, half(r, |c| &c.mean_total))),
    row(tr!("instances, most"), "", |r| count(r.instances.max)),
    row("instance time", "s", |r| figure(&seconds(r.usage.held_us), None)),
    row("billed time", "s", |r| figure(&seconds(r.usage.billed_us), None)),
    row("cost of what was simulated", "USD", |r| r.bill.as_ref().map(|b| cost(&b.total, &b.subtotal))),
    Row { tone: Tone::Strong, ..row("cost in the whole period", "USD", |r| r.bill.as_ref().map(|b| cost(&b.monthly_total, &b.monthly_subtotal))) },
];

/// A total, or at least what has a price.
fn cost(total: &Option<String>, subtotal: &Option<String>) -> String {
    bound(total.as_ref(), subtotal.as_ref()).unwrap_or_else(|| "–".to_owned())
}

fn half<'r>(run: &'r RunOut, get: fn(&'r Ci95Out) -> &'r String) -> Option<&'r String> {
    run.ci95.as_ref().map(get)
}

fn seconds(us: u64) -> String {
    format!("{}.{:06}", us / 1_000_000, us % 1_000_000)
}

fn count(n: u64) -> Option<String> {
    Some(grouped(&n.to_string()))
}

fn figure(number: &str, half_width: Option<&String>) -> Option<String> {
    Some(match half_width {
        Some(half) => estimated(decimal(number), decimal(half)),
        None => significant(decimal(number)),
    })
}

fn percent(fraction: &str, half_width: Option<&String>) -> Option<String> {
    let hundred = |text: &str| decimal(text) * decimal("100");
    Some(match half_width {
        Some(half) => estimated(hundred(fraction), hundred(half)),
        None => significant(hundred(fraction)),
    })
}

fn grid(runs: &[(String, &RunOut)], look: &Look, rows: &[&Row]) -> Grid {
    let head = [(Column::Name, String::new()), (Column::Name, String::new())];
    let mut grid = Grid::new(head.into_iter().chain(runs.iter().map(|(name, _)| (Column::Number, name.clone()))));
    for row in rows {
        let lead = [look.say(row.name).to_owned(), row.unit.to_owned()];
        let cells = runs.iter().map(|(_, run)| (row.cell)(run).unwrap_or_default());
        grid.row(row.tone, lead.into_iter().chain(cells).collect());
    }
    grid
}

/// The runs in as few blocks of about the same size as fit side by side.
fn blocks<'r>(
    runs: &'r [(String, &'r RunOut)],
    look: &Look,
    rows: &[&Row],
) -> impl Iterator<Item = &'r [(String, &'r RunOut)]> {
    let fits = |part: &[(String, &RunOut)]| page(look).is_none_or(|w| grid(part, look, rows).natural_width() <= w);
    let mut sizes = (1..=runs.len()).map(|blocks| runs.len().div_ceil(blocks));
    let size = sizes.find(|size| runs.chunks(*size).all(fits)).unwrap_or(1);
    runs.chunks(size)
}

fn notes(out: &mut String, answer: &SimulateResponse, look: &Look) {
    let names = names(answer);
    let named: Vec<(&str, &RunOut)> = names.iter().map(String::as_str).zip(&answer.runs).collect();
    let warned = said(look, &named, |r| r.warnings.iter().map(|w| w.message.as_str()).collect());
    let refused: Vec<String> = answer.refused.iter().map(|r| refusal(look, r)).collect();
    let not_priced =
        said(look, &named, |r| r.bill.iter().flat_map(|b| &b.not_priced).map(|note| note.message.as_str()).collect());
    let mut assumed = said(look, &named, |r| r.assumptions.iter().map(String::as_str).collect());
    if let Some(run) = answer.runs.first() {
        assumed.push(look.say(routed(&run.routing)).to_owned());
    }
    if !(look.quiet && warned.is_empty() && refused.is_empty() && not_priced.is_empty()) {
        out.push('\n');
    }
    section_in(out, look, Tone::Bad, tr!("warnings"), &warned);
    section_in(out, look, Tone::Plain, tr!("infeasible"), &refused);
    section_in(out, look, Tone::Plain, "not priced", &not_priced);
    if look.quiet {
        return;
    }
    section(out, look, tr!("assumed"), &assumed);
    if answer.runs.iter().any(|r| r.ci95.is_some()) {
        let text = look.say("± is the half-width of the 95 % confidence interval over replications");
        paragraph(out, look, Tone::Quiet, "", text);
    }
}

/// Sentences of all runs, each once; with the runs it is about, where it is not about all of them.
fn said<'r>(look: &Look, runs: &[(&'r str, &'r RunOut)], of: impl Fn(&'r RunOut) -> Vec<&'r str>) -> Vec<String> {
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    for (name, run) in runs {
        for text in of(run) {
            match all.iter_mut().find(|(said, _)| *said == text) {
                Some((_, about)) if about.contains(name) => {}
                Some((_, about)) => about.push(name),
                None => all.push((text, vec![name])),
            }
        }
    }
    with_subjects(look, &all, runs.len())
}

/// A platform, and why it was not simulated.
fn refusal(look: &Look, r: &RefusedOut) -> String {
    let reasons = r.reasons.iter().map(|note| look.say(&note.message).to_owned());
    let missing = r.missing.iter().map(|m| format!("{} ({})", m.key, m.region));
    format!("{}, {}: {}", r.platform, r.region, reasons.chain(missing).collect::<Vec<_>>().join("; "))
}

fn routed(routing: &str) -> &'static str {
    match routing {
        "newest" => "a request goes to the newest instance that has room (--routing newest)",
        "lru" => "a request goes to the least recently used instance that has room (--routing lru)",
        _ => "a request goes to the most recently used instance that has room (--routing mru)",
    }
}

#[cfg(test)]
mod tests {
    use crate::chart::samples::answer;

    use super::{super::samples::*, *};

    fn runs(policies: &[&str], replications: u64) -> SimulateResponse {
        answer(
            policies,
            &format!(
                "arrivals = 'poisson:2/s'\nservice = 'exp:800ms'\nhorizon = '30min'\nreplications = {replications}"
            ),
        )
    }

    const SIX: [&str; 6] = ["scale-to-zero", "always-on", "cloud-run", "knative", "ecs-target-tracking", "app-runner"];

    #[test]
    fn runs_stand_side_by_side_as_far_as_they_fit() {
        for (n, width, blocks) in [(1, 80, 1), (2, 80, 1), (4, 80, 1), (4, 60, 2), (6, 80, 2), (6, 160, 1), (6, 40, 6)]
        {
            let page = draw(&runs(&SIX[..n], 1), &look(Some(width)), |_| {});
            fits(&page, usize::from(width));
            assert_eq!(page.matches("\nrequests ").count(), blocks, "{n} runs in {width} columns:\n{page}");
        }
    }

    #[test]
    fn markdown_has_one_table_and_quiet_no_notes() {
        let answer = runs(&SIX, 1);
        let page = draw(&answer, &markdown(), |_| {});
        assert_eq!(page.matches("| requests |").count(), 1, "{page}");
        assert!(page.contains("<details><summary>assumed ("), "{page}");
        assert!(!draw(&answer, &Look { quiet: true, ..look(None) }, |_| {}).contains("assumed"));
    }

    #[test]
    fn figures_of_several_replications_have_their_half_widths() {
        let page = draw(&runs(&["always-on"], 3), &look(Some(80)), |_| {});
        assert!(
            page.starts_with(&format!(
                "{} events simulated over 30 min in 3 replications, seed 1\n",
                grouped(&runs(&["always-on"], 3).events.to_string())
            )),
            "{page}"
        );
        assert!(page.lines().any(|l| l.starts_with("latency, mean") && l.contains(" ± ")), "{page}");
        assert!(page.contains("± is the half-width"), "{page}");
    }

    #[test]
    fn times_are_told_in_days_hours_minutes_and_seconds() {
        #[rustfmt::skip]
        let cases = [
            ("2592000", "30 d"), ("86400", "24 h"), ("93600", "26 h"), ("1000000", "11 d 13 h 46 min 40 s"), ("0", "0 s"), ("12.5", "12.5 s"),
            ("60", "1 min"), ("3600.25", "1 h 0.25 s"), ("0.0124", "0.012 s"), ("0.001", "0.001 s"), ("0.000010", "10 us"),
            ("0.000999999", "999.999 us"), ("0.00000001", "0.01 us"), ("12.0004", "12 s"), ("60.0000001", "1 min"), ("0.000", "0 s"),
        ];
        for (seconds, want) in cases {
            assert_eq!(span(seconds), want);
        }
    }
}
