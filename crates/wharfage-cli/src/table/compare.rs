//! `compare`: a row per platform, region and purchase option, cheapest first, and its parts as columns.

use rust_decimal::Decimal;
use wharfage_api::response::{EstimateOut, EstimateResponse, Sums, TotalOut};
use wharfage_core::{Text, platform::Platform, text, text::both, tr};

use super::{
    Group, Look, SHARED,
    cells::{Column, Grid, Tone, line, page, paragraph},
    figures::{bound, decimal, grouped, money},
    groups, months, named,
    notes::{self, Detail},
    obstacles,
    parts::{Kind, Parts},
    terms,
};

/// Draws a comparison.
pub fn draw(response: &EstimateResponse, look: &Look) -> String {
    let page = Page::new(response);
    let mut out = String::new();
    page.title(&mut out, look);
    terms(&mut out, response, look);
    page.totals(&mut out, look);
    page.workloads(&mut out, look);
    page.foot(&mut out, look);
    out
}

/// A group that has a figure, and what it is made of.
struct Row<'r> {
    group: Group<'r>,
    parts: Parts,
    cheapest: bool,
}

struct Page<'r> {
    response: &'r EstimateResponse,
    groups: Vec<Group<'r>>,
    rows: Vec<Row<'r>>,
    unpriced: Vec<Group<'r>>,
    /// each provider's region, where each has one
    regions: Option<Vec<(&'static str, &'r str)>>,
    purchases: usize,
}

/// How finely a total's parts are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fineness {
    Kinds,
    Halves,
    Total,
}

/// How many columns a page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    region: bool,
    fineness: Fineness,
    /// a column for each month of a year
    months: bool,
}

impl<'r> Page<'r> {
    fn new(response: &'r EstimateResponse) -> Self {
        let groups = groups(response);
        let row = |g: &Group<'r>| {
            let total = figure(&g.total.sums)?;
            let parts = Parts::new(g.estimates.iter().flat_map(|e| &e.lines), total);
            Some(Row { group: *g, parts, cheapest: false })
        };
        let mut rows: Vec<Row<'r>> = groups.iter().filter_map(row).collect();
        mark_cheapest(&mut rows);
        let mut purchases: Vec<&str> = groups.iter().map(|g| g.total.purchase.as_str()).collect();
        purchases.sort_unstable();
        purchases.dedup();
        let unpriced = groups.iter().filter(|g| g.total.status == "unpriced").copied().collect();
        Self { response, regions: single_regions(&groups), purchases: purchases.len(), groups, rows, unpriced }
    }

    fn title(&self, out: &mut String, look: &Look) {
        let mut platforms: Vec<&str> = self.groups.iter().map(|g| g.total.platform.as_str()).collect();
        platforms.sort_unstable();
        platforms.dedup();
        let on = match platforms.len() {
            1 => Text::plain(platforms[0]),
            n => text!("{n} platforms", n),
        };
        let workloads = listed(&workloads(&self.groups));
        let title = if self.rows.len() > 1 {
            text!("{workloads} on {platforms}, cheapest first", workloads, platforms = on)
        } else {
            text!("{workloads} on {platforms}", workloads, platforms = on)
        };
        paragraph(out, look, Tone::Strong, "", &look.tell(&title));
        if let Some(regions) = &self.regions {
            let named: Vec<String> = regions.iter().map(|(provider, region)| format!("{provider} {region}")).collect();
            paragraph(out, look, Tone::Quiet, "", &look.tell(&text!("in {regions}", regions = both(named))));
        }
    }

    fn totals(&self, out: &mut String, look: &Look) {
        if self.rows.is_empty() && self.unpriced.is_empty() {
            return;
        }
        out.push('\n');
        let several = self.regions.is_none();
        let shape = |region, fineness, months| Shape { region, fineness, months };
        let shapes = [
            shape(several, Fineness::Total, true),
            shape(true, Fineness::Kinds, false),
            shape(several, Fineness::Kinds, false),
            shape(several, Fineness::Halves, false),
            shape(several, Fineness::Total, false),
        ];
        let year = !self.response.period.months.is_empty();
        let fits = |shape: &Shape| page(look).is_none_or(|w| self.grid(look, *shape).natural_width() <= w);
        let shape = shapes.into_iter().filter(|s| year || !s.months).find(fits).unwrap_or(shapes[4]);
        self.grid(look, shape).draw(out, look);
        if !self.lists_unpriced() {
            line(out, look, Tone::Bad, &look.tell(&text!("and {n} without a price", n = self.unpriced.len())));
        }
    }

    /// Many rows without a price would bury those with one; the foot names them all the same.
    fn lists_unpriced(&self) -> bool {
        self.rows.is_empty() || self.unpriced.len() <= MOST_UNPRICED
    }

    fn grid(&self, look: &Look, shape: Shape) -> Grid {
        let mut titles = self.id_titles(look, shape.region);
        let columns = self.part_columns(shape.fineness);
        titles.extend(columns.iter().map(|c| (Column::Number, look.say(c.title()).to_owned())));
        titles.extend(months::titles(look, self.response).into_iter().filter(|_| shape.months));
        titles.push((Column::Number, look.say(tr!("total")).to_owned()));
        titles.extend(self.response.fx.iter().map(|fx| (Column::Number, fx.currency.clone())));
        if self.rows.iter().any(|r| r.cheapest) {
            titles.push((Column::Name, String::new()));
        }
        let width = titles.len();
        let mut grid = Grid::new(titles);
        for row in &self.rows {
            let total = row.group.total;
            let mut cells = self.id_cells(total, shape.region);
            cells.extend(columns.iter().map(|c| c.cell(&row.parts).map_or_else(String::new, money)));
            cells.extend(months::cells(look, &total.months).into_iter().filter(|_| shape.months));
            cells.push(at_least(total, money(row.parts.total)));
            cells.extend(total.fx.iter().map(|fx| at_least(total, grouped(&fx.total))));
            cells.extend(row.cheapest.then(|| look.say(CHEAPEST).to_owned()));
            cells.resize(width, String::new());
            grid.row(if row.cheapest { Tone::Good } else { Tone::Plain }, cells);
        }
        for g in self.unpriced.iter().filter(|_| self.lists_unpriced()) {
            let mut cells = self.id_cells(g.total, shape.region);
            let months = if shape.months { self.response.period.months.len() } else { 0 };
            cells.resize(cells.len() + columns.len() + months, String::new());
            cells.push(look.say(NO_PRICE).to_owned());
            cells.resize(width, String::new());
            grid.row(Tone::Bad, cells);
        }
        grid
    }

    fn id_titles(&self, look: &Look, region: bool) -> Vec<(Column, String)> {
        let all = [(true, tr!("platform")), (region, tr!("region")), (self.purchases > 1, tr!("purchase"))];
        let shown = all.into_iter().filter(|(shown, _)| *shown);
        shown.map(|(_, title)| (Column::Name, look.say(title).to_owned())).collect()
    }

    fn id_cells(&self, total: &TotalOut, region: bool) -> Vec<String> {
        let all = [(true, &total.platform), (region, &total.region), (self.purchases > 1, &total.purchase)];
        all.into_iter().filter(|(shown, _)| *shown).map(|(_, text)| text.clone()).collect()
    }

    fn part_columns(&self, fineness: Fineness) -> Vec<PartColumn> {
        let all: Vec<PartColumn> = match fineness {
            Fineness::Kinds => Kind::ALL.into_iter().map(PartColumn::Kind).chain([PartColumn::Rounding]).collect(),
            Fineness::Halves => vec![PartColumn::Kind(Kind::Compute), PartColumn::Rest],
            Fineness::Total => Vec::new(),
        };
        all.into_iter().filter(|c| self.rows.iter().any(|r| c.cell(&r.parts).is_some())).collect()
    }

    /// What each of several workloads costs, where a column for each fits.
    fn workloads(&self, out: &mut String, look: &Look) {
        let names = workloads(&self.groups);
        if names.len() < 2 {
            return;
        }
        out.push('\n');
        let grid = (names.len() <= MOST_WORKLOADS).then(|| self.by_workload(look, &names));
        match grid.filter(|g| page(look).is_none_or(|w| g.natural_width() <= w)) {
            Some(grid) => {
                line(out, look, Tone::Strong, look.say("By workload"));
                grid.draw(out, look);
            }
            None => {
                let text = "Each workload by itself: wharfage estimate, or a wider terminal";
                paragraph(out, look, Tone::Quiet, "", look.say(text));
            }
        }
    }

    fn by_workload(&self, look: &Look, names: &[&str]) -> Grid {
        let has = |name: &str| self.groups.iter().any(|g| g.estimates.iter().any(|e| e.workload == name));
        let shared = has(SHARED).then_some(SHARED);
        let gaps = self.groups.iter().any(|g| workload_gap(g).is_some());
        let mut titles = self.id_titles(look, self.regions.is_none());
        let columns: Vec<&str> = names.iter().copied().chain(shared).collect();
        titles.extend(columns.iter().map(|n| (Column::Number, named(look, n).to_owned())));
        titles.extend(gaps.then(|| (Column::Number, look.say(tr!("rounding")).to_owned())));
        titles.push((Column::Number, look.say(tr!("total")).to_owned()));
        let mut grid = Grid::new(titles);
        let own_figure = |e: &EstimateOut| e.workload != SHARED && figure(&e.sums).is_some();
        for g in self.groups.iter().filter(|g| g.estimates.iter().any(own_figure)) {
            let mut cells = self.id_cells(g.total, self.regions.is_none());
            let own = |n: &&str| g.estimates.iter().find(|e| e.workload == **n).map(|e| own(look, e));
            cells.extend(columns.iter().map(|n| own(n).unwrap_or_default()));
            cells.extend(gaps.then(|| workload_gap(g).map_or_else(String::new, money)));
            let total = figure(&g.total.sums);
            cells.push(total.map_or_else(|| "–".to_owned(), |t| at_least(g.total, money(t))));
            grid.row(Tone::Plain, cells);
        }
        grid
    }

    fn foot(&self, out: &mut String, look: &Look) {
        let estimates = self.groups.iter().flat_map(|g| g.estimates);
        let named: Vec<(&str, &EstimateOut)> = estimates.map(|e| (e.platform.as_str(), e)).collect();
        out.push('\n');
        obstacles::draw(out, look, &self.groups);
        notes::draw(out, look, &named, Detail::Short);
        let first = self.groups.iter().find(|g| g.estimates.iter().any(|e| e.feasible));
        if let (false, Some(first)) = (look.quiet, first) {
            let hint = format!("wharfage estimate … --platform {} --explain", first.total.platform);
            notes::section(out, look, "every line", &[hint]);
        }
    }
}

/// The mark of the cheapest row: a word too, since colour and arrows may be lost.
const CHEAPEST: &str = "◀ cheapest";
/// What stands for a total that is not known.
const NO_PRICE: &str = "no price";
/// Most rows without a price beside rows with one.
const MOST_UNPRICED: usize = 8;
/// Most workloads that get a column each.
const MOST_WORKLOADS: usize = 12;

/// A column of the comparison's parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PartColumn {
    Kind(Kind),
    Rounding,
    Rest,
}

impl PartColumn {
    const fn title(self) -> &'static str {
        match self {
            Self::Kind(kind) => kind.title(),
            Self::Rounding => tr!("rounding"),
            Self::Rest => tr!("other"),
        }
    }

    fn cell(self, parts: &Parts) -> Option<Decimal> {
        match self {
            Self::Kind(kind) => parts.of(kind),
            Self::Rounding => Some(parts.gap).filter(|gap| !gap.is_zero()),
            Self::Rest => parts.beside_compute(),
        }
    }
}

/// A total, or a subtotal in its place.
fn figure(sums: &Sums) -> Option<Decimal> {
    sums.cents().map(|text| decimal(text))
}

/// A partial total is a lower bound.
fn at_least(total: &TotalOut, text: String) -> String {
    if total.status == "partial" { format!("≥ {text}") } else { text }
}

/// What a workload costs by itself.
fn own(look: &Look, e: &EstimateOut) -> String {
    let none = if e.feasible { look.say(NO_PRICE) } else { "–" };
    bound(e.sums.total.as_ref(), e.sums.subtotal.as_ref()).unwrap_or_else(|| none.to_owned())
}

/// What rounding leaves between a group's total and its estimates' totals.
fn workload_gap(g: &Group<'_>) -> Option<Decimal> {
    let total = figure(&g.total.sums)?;
    let sum: Decimal = g.estimates.iter().filter_map(|e| figure(&e.sums)).sum();
    Some(total - sum).filter(|gap| !gap.is_zero())
}

/// Marks the priced rows that cost the least, where there is a choice.
fn mark_cheapest(rows: &mut [Row<'_>]) {
    let priced = |r: &Row<'_>| r.group.total.status == "priced";
    let least = rows.iter().filter(|r| priced(r)).map(|r| r.parts.total).min();
    if rows.len() > 1 {
        rows.iter_mut().for_each(|r| r.cheapest = priced(r) && Some(r.parts.total) == least);
    }
}

/// Each provider's region, if no provider has two.
fn single_regions<'r>(groups: &[Group<'r>]) -> Option<Vec<(&'static str, &'r str)>> {
    let mut regions: Vec<(&'static str, &'r str)> = Vec::new();
    let nowhere = |g: &&Group<'_>| g.estimates.iter().all(|e| e.reasons.iter().any(|r| r.code == "no-region"));
    for g in groups.iter().filter(|g| !nowhere(g)) {
        let provider = match Platform::from_id(&g.total.platform).map(Platform::provider) {
            Some("aws") => "AWS",
            _ => "Google Cloud",
        };
        match regions.iter().find(|(p, _)| *p == provider) {
            Some((_, region)) if *region == g.total.region => {}
            Some(_) => return None,
            None => regions.push((provider, &g.total.region)),
        }
    }
    regions.sort_unstable();
    Some(regions)
}

/// The workloads' names, without what they share.
fn workloads<'r>(groups: &[Group<'r>]) -> Vec<&'r str> {
    let first = groups.first().map_or(&[][..], |g| g.estimates);
    first.iter().map(|e| e.workload.as_str()).filter(|n| *n != SHARED).collect()
}

/// `a`, `a and b`, `a, b, c and 4 more`.
fn listed(names: &[&str]) -> Text {
    match names {
        [all @ .., last] if (2..=4).contains(&names.len()) => both([all.join(", ").as_str(), last]),
        _ if names.len() > 4 => text!("{names} and {n} more", names = names[..3].join(", "), n = names.len() - 3),
        _ => Text::plain(names.join("")),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::samples::*, *};

    /// Money in a line, `≥` and separators left out.
    fn figures(line: &str) -> Vec<Decimal> {
        let money = |w: &&str| w.len() > 3 && w.as_bytes()[w.len() - 3] == b'.';
        line.split_whitespace().filter(money).filter_map(|w| w.replace(',', "").parse().ok()).collect()
    }

    /// Lines under a table's rule, up to the next empty one.
    fn table(text: &str) -> Vec<&str> {
        text.lines().skip_while(|l| !l.starts_with('─')).skip(1).take_while(|l| !l.is_empty()).collect()
    }

    #[test]
    fn printed_cells_of_each_row_add_up_to_the_printed_total() {
        for response in comparisons().iter().filter(|r| r.fx.is_empty()) {
            let page = Page::new(response);
            for width in [None, Some(80), Some(160)] {
                let text = draw(response, &look(width));
                let rows = table(&text);
                for (row, group) in rows.iter().zip(&page.rows) {
                    let mut cells = figures(row);
                    let total = cells.pop().unwrap();
                    assert_eq!(total, group.parts.total, "{row}");
                    if !cells.is_empty() {
                        assert_eq!(cells.iter().sum::<Decimal>(), total, "{row}");
                    }
                }
            }
        }
    }

    #[test]
    fn workloads_and_rounding_add_up_to_the_printed_total() {
        let response = response(&format!("command = 'compare'\nregion = 'frankfurt'\n{TRAFFIC}{REPLICAS}{RUNS}"));
        let text = draw(&response, &look(Some(120)));
        let rows = table(text.split("By workload").nth(1).unwrap());
        for row in rows.iter().filter(|r| !r.ends_with('–')) {
            let mut cells = figures(row);
            let total = cells.pop().unwrap();
            assert_eq!(cells.iter().sum::<Decimal>(), total, "{row}");
        }
        assert!(rows.len() > 3, "{text}");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for response in comparisons() {
            for width in [60_u16, 80, 100, 160] {
                fits(&draw(&response, &look(Some(width))), usize::from(width));
            }
        }
    }

    #[test]
    fn every_platform_of_the_response_appears() {
        for response in comparisons() {
            let text = draw(&response, &look(Some(80)));
            for total in &response.totals {
                assert!(text.contains(&total.platform), "{} in:\n{text}", total.platform);
            }
        }
    }

    #[test]
    fn what_is_not_priced_is_always_said() {
        for response in comparisons() {
            for quiet in [true, false] {
                let text = draw(&response, &Look { quiet, ..look(Some(80)) });
                assert!(text.contains("\nnot priced  "), "{text}");
            }
        }
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
        for response in comparisons() {
            let plain = draw(&response, &look(Some(80)));
            let coloured = draw(&response, &Look { colour: true, ..look(Some(80)) });
            let mut stripped = String::new();
            for part in coloured.split('\u{1b}') {
                stripped
                    .push_str(part.strip_prefix('[').map_or(part, |p| p.split_once('m').map_or(p, |(_, rest)| rest)));
            }
            assert_eq!(stripped, plain);
        }
    }

    #[test]
    fn the_cheapest_rows_are_marked_with_a_word_where_there_is_a_choice() {
        let text = |head: &str| draw(&response(&format!("command = 'compare'\n{head}{REPLICAS}")), &look(Some(80)));
        let several = text("region = 'seoul'\n");
        assert_eq!(several.matches("◀ cheapest").count(), 1, "{several}");
        assert!(table(&several)[0].ends_with("◀ cheapest"), "{several}");
        let tied = text("region = 'us-east-1,us-west-2'\nplatform = 'ecs-fargate'\n");
        assert_eq!(tied.matches("◀ cheapest").count(), 2, "{tied}");
        let alone = text("region = 'seoul'\nplatform = 'ecs-fargate'\n");
        assert!(!alone.contains('◀'), "{alone}");
    }

    #[test]
    fn a_missing_price_is_a_row_and_names_its_key_and_region() {
        let text = draw(
            &response(&format!(
                "command = 'compare'\nplatform = 'ecs-fargate,ecs-express'\nregion = 'osaka'\npurchase = 'on-demand,spot'\n{REPLICAS}"
            )),
            &look(None),
        );
        assert!(table(&text).iter().any(|r| r.starts_with("ecs-fargate") && r.ends_with("no price")), "{text}");
        let says = "ecs-fargate, ecs-express spot in ap-northeast-3: aws/fargate/linux-x86.vcpu.spot, aws/fargate/linux-x86.memory.spot: ";
        assert!(text.contains(says), "{text}");
    }

    #[test]
    fn the_region_is_a_column_where_a_provider_has_several() {
        let text = |region: &str| {
            draw(&response(&format!("command = 'compare'\nregion = '{region}'\n{TRAFFIC}")), &look(Some(80)))
        };
        assert!(text("seoul").contains("in AWS ap-northeast-2 and Google Cloud asia-northeast3"));
        assert!(text("seoul,tokyo").contains("platform               region "));
    }

    #[test]
    fn partial_totals_are_lower_bounds() {
        let mut response = response(&format!("command = 'compare'\nregion = 'seoul'\n{REPLICAS}"));
        let total = &mut response.totals[0];
        total.status = "partial".to_owned();
        total.sums = Sums { subtotal: total.sums.total.take(), ..Sums::default() };
        let text = draw(&response, &look(Some(80)));
        let row = table(&text)[0];
        assert!(row.contains("≥ ") && !row.contains('◀'), "{row}");
    }

    #[test]
    fn lists_of_names_stay_short() {
        #[rustfmt::skip]
        let cases: [(&[&str], &str); 4] = [(&["a"], "a"), (&["a", "b"], "a and b"), (&["a", "b", "c", "d"], "a, b, c and d"), (&["a", "b", "c", "d", "e"], "a, b, c and 2 more")];
        for (names, want) in cases {
            assert_eq!(listed(names).to_string(), want);
        }
    }
}
