//! Instances over time as characters: a picture under the figures of `simulate`, one per run, as wide as the terminal.
//!
//! A column is a stretch of time: what ran is a bar from the ground, what was idle stands on it, and a mark is at the most
//! that there were at once. All runs have one scale, so that their heights can be compared. A moment of very many instances
//! does not press all others to the ground: its mark then says that it is beyond the scale.

mod frame;
mod glyphs;

use unicode_width::UnicodeWidthStr;
use wharfage_api::simulate::{RunOut, SimulateResponse};
use wharfage_core::text;

use crate::{
    series::{Counts, DAY, covered},
    table::{
        Look,
        cells::{Tone, line, page, paragraph},
        markdown,
        simulate::{names, span},
    },
};

use frame::Frame;
pub use glyphs::{BLOCKS, Glyphs};
use glyphs::{Ink, Inked};

/// Columns of a page that has no width of its own.
const NO_PAGE: usize = 80;
/// Columns from which two charts stand side by side.
const TWO_ABREAST: usize = 130;
/// Columns between two charts.
const GAP: usize = 4;

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
        let time = span(&covered(&answer.horizon_s, runs.iter().map(|(_, counts)| counts)));
        text!("Instances over {time}: mean and most, counted every {every}", time, every)
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

    use super::{glyphs::ASCII, *};

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
    fn a_run_without_requests_is_empty_even_where_there_is_no_room() {
        let quiet = "arrivals = 'poisson:1/d'\nservice = 'const:2s'\nhorizon = '1m'\nevery = '10s'";
        let answer = samples::answer(&["scale-to-zero"], quiet);
        assert_eq!((answer.runs[0].requests, answer.runs[0].instances.max), (0, 0));
        check(
            &answer,
            &look(40),
            &ASCII,
            expect![[r#"

                Instances over 1 min: mean and most,
                counted every 10 s
                   scale-to-zero
                1 +
                  |
                  |
                  |
                  |
                  |
                  |
                  |
                  |
                  |
                0 +---------+---------+---------+
                 0 s      20 s      40 s      60 s
                   # running   : idle   ' most at once
            "#]],
        );
        let drawn = |width| {
            let mut out = String::new();
            draw(&mut out, &answer, &look(width), &ASCII);
            out
        };
        assert_eq!(drawn(1), drawn(40), "a page is never narrower");
    }

    #[test]
    fn one_count_is_no_chart() {
        let once = "arrivals = 'constant:1/s'\nservice = 'const:2s'\nhorizon = '1m'\nevery = '2h'";
        let answer = samples::answer(&["scale-to-zero"], once);
        assert_eq!(answer.runs[0].series.len(), 1);
        let mut out = String::new();
        draw(&mut out, &answer, &look(80), &BLOCKS);
        assert_eq!(out, "");
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
}
