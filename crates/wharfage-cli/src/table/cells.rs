//! Grids and paragraphs: what a page of text is set from.
//!
//! Colour is laid over whole lines after the layout, so that it never changes a width, and the layout needs no terminal.

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Look, markdown};

/// What a line means, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// a figure or a sentence
    Plain,
    /// a title or a total
    Strong,
    /// the cheapest
    Good,
    /// a price is missing
    Bad,
    /// a note
    Quiet,
}

impl Tone {
    const fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Good => AnsiColor::Green.on_default().bold(),
            Self::Bad => AnsiColor::Red.on_default(),
            Self::Quiet => Style::new().dimmed(),
        }
    }
}

/// Adds a line, in its tone's colour if the look has any.
pub fn line(out: &mut String, look: &Look, tone: Tone, text: &str) {
    let text = text.trim_end();
    if look.markdown {
        return markdown::paragraph(out, tone, "", text);
    }
    if look.colour && tone != Tone::Plain && !text.is_empty() {
        let style = tone.style();
        out.push_str(&format!("{style}{text}{style:#}\n"));
    } else {
        out.push_str(text);
        out.push('\n');
    }
}

/// Narrowest page that is set: below, lines run over.
const NARROWEST: u16 = 40;
/// Widest line of a column's title.
const WIDEST_TITLE: usize = 16;
/// Narrowest column of sentences.
const NARROWEST_TEXT: usize = 16;

/// Columns of the page.
pub fn page(look: &Look) -> Option<usize> {
    look.width.map(|w| usize::from(w.max(NARROWEST)))
}

/// Adds a text that wraps behind `lead`; further lines are indented by the lead's width.
pub fn paragraph(out: &mut String, look: &Look, tone: Tone, lead: &str, text: &str) {
    if look.markdown {
        return markdown::paragraph(out, tone, lead, text);
    }
    let indent = lead.width();
    let room = page(look).map_or(usize::MAX, |w| w.saturating_sub(indent).max(1));
    for (n, part) in wrapped(&clean(text), room).iter().enumerate() {
        let before = if n == 0 { lead.to_owned() } else { " ".repeat(indent) };
        line(out, look, tone, &(before + part));
    }
}

/// Lines of at most `room` columns, broken at spaces, and within a word only where it is longer than a line: then behind a
/// hyphen if it has one.
fn wrapped(text: &str, room: usize) -> Vec<String> {
    // The width is kept, not measured: a list of ten thousand names is one line where there is no page.
    let (mut lines, mut current, mut width) = (Vec::new(), String::new(), 0);
    for word in text.split(' ') {
        let glue = usize::from(!current.is_empty());
        let with_word = width + glue + word.width();
        if with_word <= room {
            current.push_str(&" ".repeat(glue));
            current.push_str(word);
            width = with_word;
            continue;
        }
        if !current.is_empty() {
            lines.push(std::mem::take(&mut current));
        }
        for c in word.chars() {
            if !current.is_empty() && current.width() + c.width().unwrap_or(0) > room {
                let rest = current.rfind('-').map_or_else(String::new, |at| current.split_off(at + 1));
                lines.push(std::mem::replace(&mut current, rest));
            }
            current.push(c);
        }
        width = current.width();
    }
    lines.push(current);
    lines
}

/// A text without characters that move the cursor: names come from files.
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// How a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// a name, left, on one line where there is room
    Name,
    /// a number, right, never wrapped
    Number,
    /// sentences, left, wrapped where the page ends
    Text,
}

/// A table without frames: a line under its head, two spaces between its columns.
#[derive(Debug)]
pub struct Grid {
    columns: Vec<Column>,
    head: Vec<String>,
    rows: Vec<(Tone, Vec<String>)>,
}

/// A grid's lines.
#[derive(Debug)]
pub struct Set {
    /// titles, and the line under them
    pub head: Vec<String>,
    /// the lines of each row
    pub rows: Vec<(Tone, Vec<String>)>,
    /// columns it takes
    pub width: usize,
}

/// Parts rows for the reader of the lines below; no cleaned text has it.
const PARTING: char = '\u{1}';
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─')).row_separator(LineStyle::none().fill(PARTING));

impl Grid {
    /// A grid with its titles; a long one takes several lines.
    pub fn new(columns: impl IntoIterator<Item = (Column, String)>) -> Self {
        let folded = |title: String| wrapped(&clean(&title), WIDEST_TITLE).join("\n");
        let (columns, head) = columns.into_iter().map(|(column, title)| (column, folded(title))).unzip();
        Self { columns, head, rows: Vec::new() }
    }

    /// Adds a row of as many cells as there are columns.
    pub fn row(&mut self, tone: Tone, cells: Vec<String>) {
        self.rows.push((tone, cells.iter().map(|c| clean(c)).collect()));
    }

    /// Columns it takes where nothing wraps.
    pub fn natural_width(&self) -> usize {
        self.width_with(|_, widest| widest)
    }

    /// Columns it takes where texts and names wrap.
    pub fn least_width(&self) -> usize {
        self.width_with(|column, w| if column == Column::Number { w } else { w.min(NARROWEST_TEXT) })
    }

    fn width_with(&self, of: impl Fn(Column, usize) -> usize) -> usize {
        let widest = |n: usize| {
            let cells = self.rows.iter().map(|(_, cells)| cells[n].width());
            cells.chain(self.head[n].lines().map(|l| l.width())).max().unwrap_or(0).max(1)
        };
        let widths = self.columns.iter().enumerate().map(|(n, column)| of(*column, widest(n)));
        widths.sum::<usize>() + GAP * self.columns.len().saturating_sub(1)
    }

    /// The columns that have to wrap on a page: texts, and where those would be squeezed to nothing names too.
    fn wrapping(&self, page: Option<usize>) -> &'static [Column] {
        let Some(page) = page else { return &[] };
        let squeezed = self.width_with(|column, w| if column == Column::Text { w.min(NARROWEST_TEXT) } else { w });
        match () {
            () if self.natural_width() <= page => &[],
            () if squeezed <= page => &[Column::Text],
            () => &[Column::Text, Column::Name],
        }
    }

    /// Its lines, at most as wide as the page where only texts have to wrap for that.
    pub fn set(&self, look: &Look) -> Set {
        let wrapping = self.wrapping(page(look));
        let mut table = Table::new();
        table.load_style(STYLE).set_header(self.cells(&self.head));
        table.add_rows(self.rows.iter().map(|(_, cells)| self.cells(cells)));
        if let (false, Some(page)) = (wrapping.is_empty(), look.width) {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(page.max(NARROWEST));
        }
        for (n, (column, kind)) in table.column_iter_mut().zip(&self.columns).enumerate() {
            let gap = if n + 1 < self.columns.len() { 2 } else { 0 };
            column.set_padding((0, gap)).set_constraint(ColumnConstraint::ContentWidth);
            if wrapping.contains(kind) {
                column.remove_constraint();
            }
        }
        self.part(table.lines().map(|l| l.trim_end().to_owned()).collect())
    }

    fn cells(&self, texts: &[String]) -> Vec<Cell> {
        let aligned = |(text, column): (&String, &Column)| {
            let side = if *column == Column::Number { CellAlignment::Right } else { CellAlignment::Left };
            Cell::new(text).set_alignment(side)
        };
        texts.iter().zip(&self.columns).map(aligned).collect()
    }

    /// Sorts lines into the head and the rows they belong to.
    fn part(&self, lines: Vec<String>) -> Set {
        let width = lines.iter().map(|l| l.width()).max().unwrap_or(0);
        let under = lines.iter().position(|l| l.starts_with('─')).map_or(lines.len(), |n| n + 1);
        let (head, body) = lines.split_at(under);
        let parts = body.split(|l| l.starts_with(PARTING)).map(<[String]>::to_vec);
        Set { head: head.to_vec(), rows: self.rows.iter().map(|(tone, _)| *tone).zip(parts).collect(), width }
    }

    /// Adds it whole.
    pub fn draw(&self, out: &mut String, look: &Look) {
        if look.markdown {
            return markdown::grid(out, &self.columns, &self.head, &self.rows);
        }
        let set = self.set(look);
        set.draw_head(out, look);
        for (tone, lines) in &set.rows {
            lines.iter().for_each(|l| line(out, look, *tone, l));
        }
    }
}

/// Spaces between columns.
const GAP: usize = 2;

impl Set {
    /// Adds the titles and the line under them.
    pub fn draw_head(&self, out: &mut String, look: &Look) {
        self.head.iter().for_each(|l| line(out, look, Tone::Quiet, l));
    }

    /// Adds a line across, as above a total.
    pub fn draw_rule(&self, out: &mut String, look: &Look) {
        line(out, look, Tone::Quiet, &"─".repeat(self.width));
    }
}

#[cfg(test)]
mod tests {
    use super::{super::samples::*, *};

    #[test]
    fn words_wrap_and_longer_ones_break() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrapped("ecs-target-tracking", 16), ["ecs-target-", "tracking"]);
        assert_eq!(wrapped("가나다 라", 4), ["가나", "다", "라"]);
        assert_eq!(wrapped("", 4), [""]);
    }

    #[test]
    fn a_paragraph_hangs_behind_its_lead() {
        let mut out = String::new();
        paragraph(
            &mut out,
            &look(Some(40)),
            Tone::Plain,
            "not priced  ",
            "data sent to the internet, other regions and zones",
        );
        assert_eq!(out, "not priced  data sent to the internet,\n            other regions and zones\n");
    }

    #[test]
    fn numbers_line_up_right_and_wide_characters_count_as_two() {
        let mut grid = Grid::new([(Column::Name, "name".into()), (Column::Number, "cost".into())]);
        grid.row(Tone::Plain, vec!["웹".into(), "1,165.07".into()]);
        grid.row(Tone::Strong, vec!["web\u{1b}[2J".into(), "0.50".into()]);
        let mut out = String::new();
        grid.draw(&mut out, &look(None));
        assert_eq!(out, "name         cost\n─────────────────\n웹       1,165.07\nweb [2J      0.50\n");
        assert_eq!(grid.natural_width(), 17);
    }

    #[test]
    fn only_texts_wrap_and_each_row_keeps_its_lines() {
        let titles = [(Column::Name, "platform"), (Column::Text, "why"), (Column::Number, "cost")];
        let mut grid = Grid::new(titles.map(|(c, t)| (c, t.to_owned())));
        let why = "it takes replicas or traffic, not runs, and more words than fit";
        grid.row(Tone::Plain, vec!["cloud-run-worker-pool".into(), why.into(), "1.00".into()]);
        grid.row(Tone::Plain, vec!["cloud-run".into(), "short".into(), "2.00".into()]);
        let set = grid.set(&look(Some(50)));
        assert!(set.rows[0].1.len() > 1 && set.rows[1].1.len() == 1, "{set:?}");
        assert!(set.rows[0].1[0].starts_with("cloud-run-worker-pool  it takes"), "{set:?}");
        assert!(set.width <= 50);
    }

    #[test]
    fn colour_is_laid_over_whole_lines() {
        let mut out = String::new();
        line(&mut out, &Look { colour: true, ..look(None) }, Tone::Strong, "total  1.00  ");
        assert_eq!(out, "\u{1b}[1mtotal  1.00\u{1b}[0m\n");
    }
}
