//! Instances over time as characters: a picture under the figures of `simulate`, one per run, as wide as the terminal.
//!
//! A column is a stretch of time: what ran is a bar from the ground, what was idle stands on it, and a mark is at the most
//! that there were at once. All runs have one scale, so that their heights can be compared. A moment of very many instances
//! does not press all others to the ground: its mark then says that it is beyond the scale.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;
use wharfage_api::simulate::{RunOut, SimulateResponse};
use wharfage_core::{text, tr};

use crate::{
    series::{Counts, DAY, Stretch, ceiling, step},
    table::{
        Look,
        cells::{Tone, line, page, paragraph},
        figures::grouped,
        markdown,
        simulate::{names, span},
    },
};

/// Columns of a page that has no width of its own.
const NO_PAGE: usize = 80;
/// Columns from which two charts stand side by side.
const TWO_ABREAST: usize = 130;
/// Columns between two charts.
const GAP: usize = 4;
/// Columns between two times at the foot of a chart.
const BETWEEN_TIMES: f64 = 9.0;

/// Of a hundred columns, how many may be beyond the scale, where they are more than
const BEYOND: usize = 5;
/// this many times as high as all others.
const STEEP: u64 = 2;

/// The characters that a chart is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    /// nothing to a whole cell
    running: [char; 9],
    idle: char,
    most: char,
    /// the most is beyond the scale
    beyond: char,
    /// an upright axis, the same at a number, the corner, an axis along the foot, the same at a time
    axis: [char; 5],
}

/// Eighths of cells.
pub const BLOCKS: Glyphs = Glyphs {
    running: [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
    idle: '░',
    most: '·',
    beyond: '▴',
    axis: ['│', '┤', '└', '─', '┴'],
};

/// For terminals that know no more.
pub const ASCII: Glyphs = Glyphs {
    running: [' ', '_', '_', '_', '#', '#', '#', '#', '#'],
    idle: ':',
    most: '\'',
    beyond: '^',
    axis: ['|', '+', '+', '-', '+'],
};

impl Glyphs {
    /// As the locale says: one that names another character set than UTF-8, or a dumb terminal, gets ASCII.
    pub fn of_environment() -> Self {
        let set = |name: &&str| std::env::var(name).ok().filter(|v| !v.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set);
        let unicode = locale.is_none_or(|l| l.to_ascii_lowercase().replace('-', "").contains("utf8"));
        let dumb = std::env::var_os("TERM").is_some_and(|t| t == "dumb");
        if unicode && !dumb { BLOCKS } else { ASCII }
    }
}

/// What a character shows, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ink {
    Running,
    Idle,
    Most,
    Axis,
    Title,
}

impl Ink {
    const fn style(self) -> Style {
        match self {
            Self::Running => AnsiColor::Cyan.on_default(),
            Self::Idle => AnsiColor::Blue.on_default(),
            Self::Most => AnsiColor::Yellow.on_default(),
            Self::Axis => Style::new().dimmed(),
            Self::Title => Style::new().bold(),
        }
    }
}

/// A line of a chart: texts in their colours.
type Inked = Vec<(Ink, String)>;

/// Adds a chart of every run that instances were counted in.
pub fn draw(out: &mut String, answer: &SimulateResponse, look: &Look, glyphs: &Glyphs) {
    let named = names(answer).into_iter().zip(&answer.runs).filter(|(_, run)| run.series.len() > 1);
    let (names, runs): (Vec<String>, Vec<(&RunOut, Counts)>) =
        named.map(|(name, run)| (name, (run, Counts::new(&run.series)))).unzip();
    if look.quiet || runs.is_empty() {
        return;
    }
    let page = if look.markdown { NO_PAGE } else { page(look).unwrap_or(NO_PAGE) };
    let abreast = if page >= TWO_ABREAST && runs.len() > 1 { 2 } else { 1 };
    let frame = Frame::new(&runs, (page - GAP * (abreast - 1)) / abreast, *glyphs);
    out.push('\n');
    paragraph(out, look, Tone::Strong, "", &caption(answer, look, &runs, &frame));
    let charts: Vec<Vec<Inked>> =
        names.iter().zip(&runs).map(|(name, (_, counts))| frame.chart(name, counts)).collect();
    let mut lines: Vec<Inked> = charts.chunks(abreast).flat_map(|row| beside(row, frame.width)).collect();
    lines.push(frame.legend(look));
    if look.markdown {
        let plain = lines.iter().map(|l| l.iter().map(|(_, text)| text.as_str()).collect::<String>());
        return markdown::fenced(out, plain);
    }
    for inked in &lines {
        line(out, look, Tone::Plain, &coloured(inked, look.colour));
    }
}

fn caption(answer: &SimulateResponse, look: &Look, runs: &[(&RunOut, Counts)], frame: &Frame) -> String {
    let every = runs.iter().find_map(|(_, c)| c.every()).unwrap_or_default();
    let every = span(&every.to_string());
    let caption = if frame.folded {
        let days = (frame.end / DAY).ceil();
        text!(
            "Instances by time of day over {days} days: mean and most, counted every {every}",
            days = days.to_string(),
            every
        )
    } else {
        text!("Instances over {time}: mean and most, counted every {every}", time = span(&answer.horizon_s), every)
    };
    match answer.replications {
        1 => look.tell(&caption),
        _ => look.tell(&text!("{caption}; of the first replication", caption)),
    }
}

/// Charts side by side, as far as they are; each padded to `width`.
fn beside(charts: &[Vec<Inked>], width: usize) -> Vec<Inked> {
    let height = charts.iter().map(Vec::len).max().unwrap_or(0);
    let line = |n: usize| {
        let mut all: Inked = Vec::new();
        for (place, chart) in charts.iter().enumerate() {
            let wide: usize = all.iter().map(|(_, text)| text.width()).sum();
            all.push((Ink::Axis, " ".repeat((place * (width + GAP)).saturating_sub(wide))));
            all.extend(chart.get(n).into_iter().flatten().cloned());
        }
        all
    };
    (0..height).map(line).collect()
}

/// One line as text, without spaces at its end.
fn coloured(inked: &Inked, colour: bool) -> String {
    let mut out = String::new();
    let last = inked.iter().rposition(|(_, text)| !text.trim().is_empty());
    for (n, (ink, text)) in inked.iter().enumerate().take(last.map_or(0, |n| n + 1)) {
        let text = if Some(n) == last { text.trim_end() } else { text };
        if colour && !text.trim().is_empty() {
            let style = ink.style();
            out.push_str(&format!("{style}{text}{style:#}"));
        } else {
            out.push_str(text);
        }
    }
    out
}

/// What all charts of an answer have in common: their size and both scales.
struct Frame {
    /// columns of a whole chart
    width: usize,
    /// lines of its bars
    height: usize,
    /// stretches of time, each a column
    columns: usize,
    /// seconds of a stretch
    step: f64,
    folded: bool,
    /// seconds of the longest run
    end: f64,
    /// instances at the upper end
    top: u64,
    /// most instances at once of all runs
    most: u64,
    glyphs: Glyphs,
}

impl Frame {
    fn new(runs: &[(&RunOut, Counts)], width: usize, glyphs: Glyphs) -> Self {
        let end = runs.iter().map(|(_, c)| c.end()).fold(0.0, f64::max);
        let folded = runs.iter().any(|(_, c)| c.folds());
        let whole = if folded { DAY } else { end };
        let most = runs.iter().flat_map(|(r, _)| &r.series).map(|s| s.running + s.idle).max().unwrap_or(0);
        // The scale may turn out shorter, its numbers never longer.
        let room = width - label(ceiling(most)).width() - 3;
        let step = step(whole / room as f64, 0.0);
        let columns = ((whole / step).ceil() as usize).clamp(1, room);
        let stretches = runs.iter().flat_map(|(_, c)| c.stretches(columns, step, folded)).flatten();
        let top = ceiling(fair(stretches.map(|s| s.most).collect(), most));
        let height = match runs.len() {
            1 => 10,
            2 | 3 => 8,
            _ => 6,
        };
        Self { width, height, columns, step, folded, end, top, most, glyphs }
    }

    fn legend(&self, look: &Look) -> Inked {
        let entry = |ink, glyph: char, word: &str| (ink, format!("{glyph} {}   ", look.say(word)));
        let mut all = vec![
            (Ink::Axis, " ".repeat(label(self.top).width() + 2)),
            entry(Ink::Running, self.glyphs.running[8], tr!("running")),
            entry(Ink::Idle, self.glyphs.idle, tr!("idle")),
            entry(Ink::Most, self.glyphs.most, "most at once"),
        ];
        all.extend((self.most > self.top).then(|| entry(Ink::Most, self.glyphs.beyond, "more than the scale")));
        all
    }

    fn chart(&self, name: &str, counts: &Counts) -> Vec<Inked> {
        let stretches = counts.stretches(self.columns, self.step, self.folded);
        let mut lines = vec![vec![(Ink::Title, format!("{}{name}", " ".repeat(label(self.top).width() + 2)))]];
        lines.extend((0..self.height).rev().map(|row| self.row(row, &stretches)));
        lines.extend(self.foot());
        lines
    }

    /// Bars between `row` and `row + 1` of `height`.
    fn row(&self, row: usize, stretches: &[Option<Stretch>]) -> Inked {
        let middle = self.top.is_multiple_of(2).then_some(self.height / 2);
        let number = match () {
            () if row + 1 == self.height => label(self.top),
            () if Some(row + 1) == middle => label(self.top / 2),
            () => String::new(),
        };
        let axis = self.glyphs.axis[usize::from(!number.is_empty())];
        let mut line = vec![(Ink::Axis, format!("{number:>width$} {axis}", width = label(self.top).width()))];
        for cell in stretches.iter().map(|s| s.map_or((Ink::Axis, ' '), |s| self.cell(row, &s))) {
            match line.last_mut() {
                Some((ink, text)) if *ink == cell.0 || cell.1 == ' ' => text.push(cell.1),
                _ => line.push((cell.0, cell.1.to_string())),
            }
        }
        line
    }

    fn cell(&self, row: usize, s: &Stretch) -> (Ink, char) {
        let eighths = |n: f64| {
            let exact = n / self.top as f64 * self.height as f64 * 8.0;
            // What is more than nothing is seen.
            if n > 0.0 { exact.round().max(1.0) as usize } else { 0 }
        };
        let within = |n: f64| eighths(n).saturating_sub(row * 8).min(8);
        let ground = usize::from(row == 0);
        match (within(s.running), within(s.running + s.idle), within(s.most as f64)) {
            _ if s.most > self.top && row + 1 == self.height => (Ink::Most, self.glyphs.beyond),
            (running, _, _) if running > 0 => (Ink::Running, self.glyphs.running[running]),
            (_, both, _) if both >= 4 || both * ground > 0 => (Ink::Idle, self.glyphs.idle),
            (_, _, most) if most > 0 && s.most <= self.top && eighths(s.most as f64) <= (row + 1) * 8 => {
                (Ink::Most, self.glyphs.most)
            }
            _ => (Ink::Axis, ' '),
        }
    }

    /// The axis of time and the times at it.
    fn foot(&self) -> [Inked; 2] {
        let every = step(BETWEEN_TIMES * self.step, self.step);
        let margin = label(self.top).width();
        let [_, _, corner, along, at] = self.glyphs.axis;
        let mut axis = format!("{:>margin$} {corner}", 0);
        let mut times = String::new();
        for column in 0..=self.columns {
            let seconds = column as f64 * self.step;
            let marked = (seconds / every).fract() < 1e-6 || (seconds / every).fract() > 1.0 - 1e-6;
            if column > 0 {
                axis.push(if marked { at } else { along });
            }
            if marked {
                let text = self.time(seconds, every);
                let from = (margin + 1 + column).saturating_sub(text.width() / 2);
                let from = from.min(self.width.saturating_sub(text.width()));
                if times.is_empty() || from > times.width() {
                    times.push_str(&" ".repeat(from - times.width()));
                    times.push_str(&text);
                }
            }
        }
        [vec![(Ink::Axis, axis)], vec![(Ink::Axis, times)]]
    }

    /// `06:00` of a day, else what has passed: `30 min`.
    fn time(&self, seconds: f64, every: f64) -> String {
        if self.folded {
            let minutes = (seconds / 60.0).round() as u64;
            return format!("{:02}:{:02}", minutes / 60, minutes % 60);
        }
        let (unit, long) = [("h", 3_600.0), ("min", 60.0), ("s", 1.0)]
            .into_iter()
            .find(|(_, long)| every >= *long)
            .unwrap_or(("ms", 0.001));
        let number = format!("{:.2}", seconds / long);
        format!("{} {unit}", number.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// How high a scale is fair to most columns: up to the highest, or less where that is steep.
fn fair(mut heights: Vec<u64>, most: u64) -> u64 {
    heights.sort_unstable();
    let usual = heights.get(heights.len().saturating_sub(1) * (100 - BEYOND) / 100).copied().unwrap_or(most);
    if usual > 0 && most > STEEP * usual { usual } else { most }
}

fn label(n: u64) -> String {
    grouped(&n.to_string())
}

#[cfg(test)]
pub(crate) mod samples {
    //! Simulations for tests.

    use wharfage_api::{
        read,
        simulate::{self, SimulateResponse},
    };

    /// An answer to lines of the table `[simulate]`.
    pub fn answer(policies: &[&str], lines: &str) -> SimulateResponse {
        let policies = policies.join(",");
        let replicas = if policies.contains("always-on") { "[[workload]]\nreplicas = 4\n" } else { "" };
        let text = format!("[simulate]\npolicy = '{policies}'\n{lines}\n{replicas}");
        let (request, _) = read::request("test.toml", &text).unwrap();
        simulate::respond(&request, &wharfage_prices::book(), &simulate::no_files).unwrap()
    }

    /// Instances that follow bursts, counted.
    pub fn bursts(policies: &[&str], horizon: &str) -> SimulateResponse {
        let lines = format!("service = 'const:2s'\nidle_after = '30m'\nhorizon = '{horizon}'\nevery = 'auto'");
        answer(policies, &format!("arrivals = 'burst:base=1/s,factor=8,every=8h,for=2h'\n{lines}"))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use wharfage_core::text::Catalogue;

    use super::*;

    fn answer(horizon: &str) -> SimulateResponse {
        samples::bursts(&["scale-to-zero", "always-on"], horizon)
    }

    fn look(width: u16) -> Look {
        Look { width: Some(width), colour: false, quiet: false, markdown: false, words: &Catalogue::ENGLISH }
    }

    #[track_caller]
    fn check(answer: &SimulateResponse, look: &Look, glyphs: &Glyphs, expected: Expect) {
        let mut out = String::new();
        draw(&mut out, answer, look, glyphs);
        let widest = out.lines().map(UnicodeWidthStr::width).max().unwrap();
        assert!(look.colour || look.width.is_none_or(|w| widest <= usize::from(w)), "{widest} columns");
        expected.assert_eq(&out);
    }

    #[test]
    fn a_day_is_drawn_as_wide_as_the_terminal() {
        check(
            &answer("24h"),
            &look(60),
            &BLOCKS,
            expect![[r#"

                Instances over 24 h: mean and most, counted every 1 min
                    scale-to-zero
                40 ┤                 ··
                   │ ░░░·           ·░░░·           ·░░░·
                   │░░░░░           ░░░░░           ░░░░░
                   │░░░░░           ░░░░░           ░░░░░
                20 ┤░▂▁░░           ░▃▁▂░·          ▁▄▂▂░·
                   │▇███░·          ████░           ████░       ··
                   │████░░░░░░░░░░░░████░░░░░░░░░░░░████░░░░░░░░░░░░
                   │████▄▃▃▄▃▄▄▃▃▃▃▃████▄▄▃▃▃▄▃▃▃▂▄▃████▄▃▄▃▃▃▃▃▄▃▃▃
                 0 └───────────┴───────────┴───────────┴───────────┴
                  0 h         6 h        12 h        18 h        24 h
                    always-on
                40 ┤
                   │
                   │
                   │
                20 ┤
                   │
                   │
                   │▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆
                 0 └───────────┴───────────┴───────────┴───────────┴
                  0 h         6 h        12 h        18 h        24 h
                    █ running   ░ idle   · most at once
            "#]],
        );
    }

    #[test]
    fn a_terminal_without_blocks_gets_other_signs() {
        check(
            &answer("90min"),
            &look(50),
            &ASCII,
            expect![[r#"

                Instances over 1 h 30 min: mean and most, counted
                every 5 s
                    scale-to-zero
                40 +
                   |                 ':::::::::::::::''''''::::::
                   |'::::::::::::::::::::::::::::::::::::::::::::
                   |:::::::::::::::::::::::::::::::::::::::::::::
                20 +_____#____#____:__#:_______:_:__:_#______:__#
                   |#############################################
                   |#############################################
                   |#############################################
                 0 +---------+---------+---------+---------+-----
                 0 min    20 min    40 min    60 min    80 min
                    always-on
                40 +
                   |
                   |
                   |
                20 +
                   |
                   |
                   |#############################################
                 0 +---------+---------+---------+---------+-----
                 0 min    20 min    40 min    60 min    80 min
                    # running   : idle   ' most at once
            "#]],
        );
    }

    #[test]
    fn many_days_lie_over_each_other_and_charts_side_by_side() {
        check(
            &answer("4d"),
            &look(130),
            &BLOCKS,
            expect![[r#"

                Instances by time of day over 4 days: mean and most, counted every 1 min
                    scale-to-zero                                                      always-on
                40 ┤·····            ··                ··                          40 ┤
                   │ ░░░░           ·░░░·           ·░░░                              │
                   │░░░░░           ░░░░░           ░░░░░                             │
                   │░░░░░           ░░░░░·          ░░░░░                             │
                20 ┤░▂▂▁░           ░▂▂▂░           ▁▂▁▃░·                         20 ┤
                   │████░····      ·████░    ···    ████░ ··    ··                    │
                   │████░░░░░░░░░░░░████░░░░░░░░░░░░████░░░░░░░░░░░░                  │
                   │████▄▃▃▄▃▃▃▃▃▃▃▄████▄▃▃▃▃▃▃▃▃▃▃▃████▄▃▃▃▃▃▃▃▃▃▃▃                  │▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆
                 0 └───────────┴───────────┴───────────┴───────────┴                0 └───────────┴───────────┴───────────┴───────────┴
                 00:00       06:00       12:00       18:00       24:00              00:00       06:00       12:00       18:00       24:00
                    █ running   ░ idle   · most at once
            "#]],
        );
    }

    #[test]
    fn markdown_keeps_the_lines_as_they_are() {
        let markdown = Look { width: None, markdown: true, ..look(0) };
        let mut answer = answer("12h");
        answer.runs.pop();
        check(
            &answer,
            &markdown,
            &BLOCKS,
            expect![[r#"
                ### Instances over 12 h: mean and most, counted every 50 s

                ```text
                    scale-to-zero
                40 ┤
                   │   ···········                                      ·░░░░░░░
                   │·░░░░░░░░░░░░░·                                 ·░░░░░░░░░░░░░·
                   │░░░░░░░░░░░░░░░                                 ░░░░░░░░░░░░░░░
                   │░░░░░░░░░░░░░░░                                 ░░░░░░░░░░░░░░░
                20 ┤░▁░▂▄░▁░░░░▁░░░                                 ░▅░▁▃▂▃░▂░░░░░░·
                   │▆████▇█▇█▄██░░░·                                ▅█▇████▆██▇█░░░
                   │████████████░░░ ····· ····   ····  ·░░········· ████████████░░░ ········
                   │████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░████████████░░░░░░░░░░░░
                   │████████████▆▄▄▃▆▃▅▄▆▅▅▃▄▄▄▅▅▆▃▆▅▅▄▄▄▄▃▄▄▄▄▃▃▄▃▄█████████████▄▄▅▄▅▃▃▄▄▄▆
                 0 └───────────┴───────────┴───────────┴───────────┴───────────┴───────────┴
                  0 h         2 h         4 h         6 h         8 h        10 h        12 h
                    █ running   ░ idle   · most at once
                ```
            "#]],
        );
    }

    #[test]
    fn colour_changes_no_place() {
        let mut answer = answer("12h");
        answer.runs.pop();
        let drawn = |colour| {
            let mut out = String::new();
            draw(&mut out, &answer, &Look { colour, ..look(60) }, &BLOCKS);
            out
        };
        let coloured = drawn(true);
        assert!(coloured.contains("\u{1b}[36m"), "{coloured}");
        let bare = coloured
            .split('\u{1b}')
            .map(|part| part.split_once('m').filter(|(code, _)| code.starts_with('[')).map_or(part, |(_, rest)| rest));
        assert_eq!(bare.collect::<String>(), drawn(false));
    }

    #[test]
    fn a_moment_of_very_many_does_not_press_down_the_rest() {
        let usual = vec![10; 100];
        assert_eq!(fair(usual.clone(), 15), 15);
        assert_eq!(fair([usual, vec![500]].concat(), 500), 10);
        assert_eq!(fair(vec![0; 100], 3), 3);
    }
}
