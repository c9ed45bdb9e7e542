//! `estimate`: a block per workload and platform with every line, and with `--explain` how each came about.

use rust_decimal::Decimal;
use wharfage_api::response::{EstimateOut, EstimateResponse, FxAmount, LineOut};
use wharfage_core::{Text, text, tr};

use super::{
    Group, Look, SHARED,
    cells::{Column, Grid, Tone, line, page, paragraph},
    figures::{cents, decimal, grouped, money},
    groups, markdown, months, named,
    notes::{self, Detail},
    obstacles::missing_prices,
    platform_label, sensitivity, terms,
};

/// Draws estimates.
pub fn draw(response: &EstimateResponse, look: &Look) -> String {
    let mut out = String::new();
    terms(&mut out, response, look);
    for group in groups(response) {
        let mut told = Told::default();
        let mut all_months = group.estimates.len() == 1;
        for e in group.estimates {
            out.push('\n');
            all_months &= block(&mut out, look, response, e, &mut told);
            if let Some(s) = &e.sensitivity {
                sensitivity::draw(&mut out, look, s, group.estimates.len() > 1);
            }
        }
        if group.estimates.len() > 1 {
            sum(&mut out, look, response, &group);
        }
        if !all_months {
            months::rows(&mut out, look, response, &group);
        }
        let named: Vec<(&str, &EstimateOut)> = group.estimates.iter().map(|e| (look.say(short_name(e)), e)).collect();
        notes::draw(&mut out, look, &named, Detail::Full);
    }
    out
}

/// An estimate's workload, as notes call it.
fn short_name(e: &EstimateOut) -> &str {
    if e.workload == SHARED { tr!("shared") } else { &e.workload }
}

/// A workload's title and lines, or why there are none. `true` if its lines have columns for months.
fn block<'r>(
    out: &mut String,
    look: &Look,
    response: &EstimateResponse,
    e: &'r EstimateOut,
    told: &mut Told<'r>,
) -> bool {
    let place = place(&e.platform, &e.region, &e.purchase);
    let workload = named(look, &e.workload);
    paragraph(out, look, Tone::Strong, "", &look.tell(&text!("{workload} on {place}", workload, place)));
    let mut has_months = false;
    if !e.lines.is_empty() {
        has_months = lines(out, look, response, e, told);
    } else if let Some(total) = &e.sums.total {
        line(out, look, Tone::Strong, &format!("{}  {}", look.say(tr!("total")), money(decimal(total))));
    }
    obstacles(out, look, e);
    has_months
}

fn place(platform: &str, region: &str, purchase: &str) -> String {
    format!("{} [{platform}], {region}, {purchase}", platform_label(platform))
}

fn obstacles(out: &mut String, look: &Look, e: &EstimateOut) {
    let reasons: Vec<String> = e.reasons.iter().map(|r| r.message.clone()).collect();
    let missing = missing_prices(&e.missing.iter().collect::<Vec<_>>());
    let missing: Vec<String> = missing
        .iter()
        .map(|(keys, region, why)| look.tell(&text!("{keys} in {region}: {why}", keys = keys.join(", "), region, why)))
        .collect();
    notes::section_in(out, look, Tone::Bad, "infeasible", &reasons);
    notes::section_in(out, look, Tone::Bad, "no price", &missing);
}

/// Which columns lines have between their names and what they cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    /// quantity, unit and unit price
    quantities: bool,
    /// a year's months
    months: bool,
}

/// The lines, what rounding leaves, and the total. `true` if they have columns for months.
fn lines<'r>(
    out: &mut String,
    look: &Look,
    response: &EstimateResponse,
    e: &'r EstimateOut,
    told: &mut Told<'r>,
) -> bool {
    let months = !e.months.is_empty();
    let shapes = [
        Shape { quantities: true, months },
        Shape { quantities: !months, months },
        Shape { quantities: true, months: false },
    ];
    let fits = |shape: &Shape| page(look).is_none_or(|w| grid(look, response, e, *shape).natural_width() <= w);
    // A comment has no room for twelve columns more: there the months are rows.
    let shape = shapes.into_iter().find(|s| fits(s) && !(look.markdown && s.months)).unwrap_or(shapes[2]);
    let grid = grid(look, response, e, shape);
    if look.markdown {
        grid.draw(out, look);
        explained(out, look, &e.lines, told);
    } else {
        interleaved(out, look, &grid, &e.lines, told);
    }
    conversions(out, look, response, &e.fx);
    shape.months
}

/// The table, each line's explanation below it.
fn interleaved<'r>(out: &mut String, look: &Look, grid: &Grid, lines: &'r [LineOut], told: &mut Told<'r>) {
    let set = grid.set(look);
    set.draw_head(out, look);
    for (n, (tone, texts)) in set.rows.iter().enumerate() {
        if *tone == Tone::Strong {
            set.draw_rule(out, look);
        }
        texts.iter().for_each(|t| line(out, look, *tone, t));
        if let Some(l) = lines.get(n) {
            explain(out, look, l, told);
        }
    }
}

/// A Markdown table can't be parted: the explanations come after it, folded.
fn explained<'r>(out: &mut String, look: &Look, lines: &'r [LineOut], told: &mut Told<'r>) {
    if lines.iter().all(|l| l.explanation.is_none()) {
        return;
    }
    markdown::fold(out, look.say("how each line comes about"), |out| {
        for l in lines {
            line(out, look, Tone::Strong, look.say(&l.label));
            explain(out, look, l, told);
        }
    });
}

fn grid(look: &Look, response: &EstimateResponse, e: &EstimateOut, shape: Shape) -> Grid {
    let (title, total) = match (&e.sums.total, &e.sums.subtotal) {
        (None, Some(subtotal)) => ("subtotal, without what has no price", Some(decimal(subtotal))),
        (total, _) => (tr!("total"), total.as_deref().map(decimal)),
    };
    let mut titles = vec![(Column::Text, look.say(tr!("line")).to_owned())];
    if shape.quantities {
        let all = [(Column::Number, tr!("quantity")), (Column::Name, tr!("unit")), (Column::Number, "unit price")];
        titles.extend(all.map(|(c, t)| (c, look.say(t).to_owned())));
    }
    titles.extend(months::titles(look, response).into_iter().filter(|_| shape.months));
    titles.push((Column::Number, response.currency.clone()));
    let mut grid = Grid::new(titles);
    let mut row = |tone, label: &str, quantities: [String; 3], of_months: Vec<String>, usd: String| {
        let mut cells = vec![look.say(label).to_owned()];
        cells.extend(quantities.into_iter().filter(|_| shape.quantities));
        cells.extend(of_months.into_iter().filter(|_| shape.months));
        cells.push(usd);
        grid.row(tone, cells);
    };
    for l in &e.lines {
        let of_months = months::of_line(l).into_iter().map(money).collect();
        row(Tone::Plain, &l.label, quantities(look, l), of_months, money(months::billed(l)));
    }
    let printed: Decimal = e.lines.iter().map(months::billed).sum();
    let gap = total.map_or(Decimal::ZERO, |t| t - printed);
    let of_months: Vec<Decimal> = month_gaps(e);
    if !gap.is_zero() || (shape.months && of_months.iter().any(|gap| !gap.is_zero())) {
        row(Tone::Plain, tr!("rounding"), Default::default(), of_months.into_iter().map(money).collect(), money(gap));
    }
    let total = total.map_or_else(|| look.say("no price").to_owned(), money);
    row(Tone::Strong, title, Default::default(), months::cells(look, &e.months), total);
    grid
}

/// What rounding leaves in each month between its lines and its total.
fn month_gaps(e: &EstimateOut) -> Vec<Decimal> {
    let mut gaps: Vec<Decimal> = e.months.iter().map(|m| months::figure(m).unwrap_or_default()).collect();
    for l in &e.lines {
        gaps.iter_mut().zip(months::of_line(l)).for_each(|(gap, cost)| *gap -= cost);
    }
    gaps
}

/// What is billed, in which unit, at which price.
fn quantities(look: &Look, l: &LineOut) -> [String; 3] {
    let credit = l.unit_price.starts_with('-');
    let quantity = match (l.consumed == l.priced, credit) {
        (true, _) => l.priced.clone(),
        (false, true) => look.tell(&text!("{used} of {all}", used = &l.priced, all = &l.consumed)),
        (false, false) => format!("{} → {}", l.consumed, l.priced),
    };
    // `262.8 × 1000000 Requests`: a unit that starts with a number would run into the quantity.
    let unit = if l.unit.starts_with(|c: char| c.is_ascii_digit()) { format!("× {}", l.unit) } else { l.unit.clone() };
    let price = if credit { String::new() } else { l.unit_price.clone() };
    [quantity, unit, price]
}

/// Rules and sources that were printed in full before.
#[derive(Default)]
struct Told<'r> {
    rules: Vec<&'r str>,
    sources: Vec<&'r str>,
}

/// `true` the first time.
fn first<'r>(seen: &mut Vec<&'r str>, id: &'r str) -> bool {
    let new = !seen.contains(&id);
    if new {
        seen.push(id);
    }
    new
}

/// How a line came about: arithmetic, rule, price. A rule or a source is told once per group.
fn explain<'r>(out: &mut String, look: &Look, l: &'r LineOut, told: &mut Told<'r>) {
    let Some(x) = &l.explanation else { return };
    paragraph(out, look, Tone::Quiet, "    ", &x.formula);
    let rule = if first(&mut told.rules, &l.rule) {
        let says = Text::known(&x.says);
        text!("rule {id}: {says} <{source}>", id = &l.rule, says, source = &x.rule_source)
    } else {
        text!("rule {id}, as above", id = &l.rule)
    };
    paragraph(out, look, Tone::Quiet, "    ", &look.tell(&rule));
    let mut price = format!("{}, {}", l.sku, look.say(&l.basis));
    let since = l.valid_from.as_ref().map(|day| text!(", since {day}", day));
    let seen = l.confirmed.as_ref().map(|day| text!(", last seen {day}", day));
    let source = if first(&mut told.sources, &x.source_id) {
        let url = x.url.as_ref().map_or_else(String::new, |url| format!(" <{url}>"));
        text!("; source {id}: {title}", id = &x.source_id, title = l.source.clone() + &url)
    } else {
        text!("; source {id}, as above", id = &x.source_id)
    };
    for part in since.into_iter().chain(seen).chain([source]) {
        price.push_str(&look.tell(&part));
    }
    paragraph(out, look, Tone::Quiet, "    ", &price);
}

/// The total of several workloads, and what rounding leaves between it and theirs.
fn sum(out: &mut String, look: &Look, response: &EstimateResponse, group: &Group<'_>) {
    let t = group.total;
    let Some(total) = t.sums.cents().map(|text| decimal(text)) else { return };
    let (place, figure) = (place(&t.platform, &t.region, &t.purchase), money(total));
    let text = if t.sums.total.is_none() {
        text!("all on {place}: at least {figure}", place, figure)
    } else {
        text!("all on {place}: {figure}", place, figure)
    };
    out.push('\n');
    paragraph(out, look, Tone::Strong, "", &look.tell(&text));
    let own = group.estimates.iter().filter_map(|e| e.sums.cents());
    let gap = cents(total - own.map(|text| decimal(text)).sum::<Decimal>());
    if !gap.is_zero() {
        let text = text!("{gap} of it is rounding: a sku that several of them use is summed before it is rounded", gap);
        paragraph(out, look, Tone::Quiet, "", &look.tell(&text));
    }
    conversions(out, look, response, &t.fx);
}

fn conversions(out: &mut String, look: &Look, response: &EstimateResponse, amounts: &[FxAmount]) {
    for (amount, fx) in amounts.iter().zip(&response.fx) {
        let total = Text::known(grouped(&amount.total));
        let text = text!(
            "≈ {currency} {total} at {rate} per USD, your rate",
            currency = &amount.currency,
            total,
            rate = &fx.rate
        );
        paragraph(out, look, Tone::Strong, "", &look.tell(&text));
    }
}

#[cfg(test)]
mod tests {
    use super::{super::samples::*, *};

    fn estimates() -> Vec<EstimateResponse> {
        let all = format!("{TRAFFIC}{REPLICAS}{RUNS}");
        let platforms = "platform = 'ecs-fargate,eks-fargate,gke-autopilot,cloud-run,cloud-run-job,app-runner'\n";
        let heads = HEADS.iter().filter(|h| !h.contains("all"));
        heads.flat_map(|h| [TRAFFIC, RUNS, &all].map(|b| response(&format!("{platforms}{h}{b}")))).collect()
    }

    /// The last column of the lines between a block's rules, and its total.
    fn costs(block: &str) -> (Vec<Decimal>, Decimal) {
        let money = |l: &str| l.split_whitespace().last().unwrap().replace(',', "").parse::<Decimal>().unwrap();
        let mut parts = block.split_inclusive('\n').skip_while(|l| !l.starts_with('─')).skip(1);
        let lines: Vec<&str> = parts.by_ref().take_while(|l| !l.starts_with('─')).collect();
        let own = lines.iter().filter(|l| !l.starts_with(' ')).map(|l| money(l)).collect();
        (own, parts.next().map_or(Decimal::ZERO, money))
    }

    #[test]
    fn printed_lines_and_rounding_add_up_to_the_printed_total() {
        let mut seen = 0;
        for response in estimates() {
            let text = draw(&response, &look(Some(100)));
            for block in text.split("\n\n").filter(|b| b.contains("\ntotal ") && !b.contains("no price")) {
                let (lines, total) = costs(block);
                assert_eq!(lines.iter().sum::<Decimal>(), total, "{block}");
                seen += 1;
            }
        }
        assert!(seen > 50, "{seen}");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for response in estimates() {
            for width in [60_u16, 80, 160] {
                fits(&draw(&response, &look(Some(width))), usize::from(width));
            }
        }
    }

    #[test]
    fn what_ran_is_shown_where_more_is_billed_and_what_is_left_of_a_credit() {
        let text = |platform: &str| {
            draw(&response(&format!("platform = '{platform}'\nregion = 'seoul'\n{TRAFFIC}")), &look(None))
        };
        assert!(text("eks-fargate").contains("1460 → 2920  GiB-Hours"), "{}", text("eks-fargate"));
        let autopilot = text("gke-autopilot");
        let credit = autopilot.lines().find(|l| l.starts_with("GKE free tier")).unwrap();
        let words: Vec<&str> = credit.split_whitespace().collect();
        assert_eq!(words[3..], ["73", "of", "74.4", "USD", "-73.00"]);
        assert!(text("cloud-run").contains("× 1000000 Requests"));
    }

    #[test]
    fn explanations_name_a_rule_and_a_source_in_full_once() {
        let text = draw(
            &response(&format!("platform = 'ecs-fargate'\nregion = 'seoul'\nexplain = true\n{TRAFFIC}")),
            &look(None),
        );
        assert_eq!(text.matches("rule fargate/minimum: ").count(), 1, "{text}");
        assert_eq!(text.matches("rule fargate/minimum, as above").count(), 1, "{text}");
        assert!(text.contains("    2 tasks × 0.5 vCPU × 2628000 s × "), "{text}");
        assert!(text.contains("aws/fargate/linux-x86.vcpu, observed, since "), "{text}");
    }

    #[test]
    fn a_second_currency_states_the_rate() {
        let text = draw(
            &response(&format!("platform = 'ecs-fargate'\nregion = 'seoul'\nfx = 'KRW=1385.20'\n{TRAFFIC}")),
            &look(None),
        );
        assert!(text.contains("≈ KRW 57,417 at 1385.20 per USD, your rate"), "{text}");
    }

    #[test]
    fn several_workloads_end_with_their_sum() {
        let text = draw(
            &response(&format!("platform = 'eks-fargate'\nregion = 'seoul'\n{TRAFFIC}{REPLICAS}")),
            &look(Some(80)),
        );
        assert!(text.contains("\n(shared) on EKS on Fargate [eks-fargate], ap-northeast-2, on-demand\n"), "{text}");
        assert!(text.contains("\nall on EKS on Fargate [eks-fargate], ap-northeast-2, on-demand: "), "{text}");
    }

    #[test]
    fn a_platform_that_does_not_fit_says_why_and_one_without_a_price_which() {
        let text = draw(&response(&format!("platform = 'app-runner'\nregion = 'seoul'\n{TRAFFIC}")), &look(Some(80)));
        assert!(text.contains("\ninfeasible  it is not offered in Seoul\n"), "{text}");
        let text = draw(
            &response(&format!("platform = 'ecs-fargate'\nregion = 'osaka'\npurchase = 'spot'\n{TRAFFIC}")),
            &look(None),
        );
        assert!(text.contains("\nno price    aws/fargate/linux-x86.vcpu.spot, "), "{text}");
        let text = draw(
            &response(&format!("platform = 'ecs-fargate'\nregion = 'osaka'\npurchase = 'spot'\n{RUNS}")),
            &look(None),
        );
        assert!(text.lines().any(|l| l.starts_with("total ") && l.ends_with("no price")), "{text}");
    }
}
