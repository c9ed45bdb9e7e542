//! What all charts of an answer have in common, their size and both scales; and each of them drawn in it.

use unicode_width::UnicodeWidthStr;
use wharfage_api::simulate::RunOut;
use wharfage_core::tr;

use super::glyphs::{Glyphs, Ink, Inked};
use crate::{
    series::{Counts, DAY, Stretch, ceiling, step},
    table::{Look, figures::grouped},
};

/// Columns between two times at the foot of a chart.
const BETWEEN_TIMES: f64 = 9.0;

/// Of a hundred columns, how many may be beyond the scale, where they are more than
const BEYOND: usize = 5;
/// this many times as high as all others.
const STEEP: u64 = 2;

/// What all charts of an answer have in common: their size and both scales.
pub struct Frame {
    /// columns of a whole chart
    pub width: usize,
    /// lines of its bars
    height: usize,
    /// stretches of time, each a column
    columns: usize,
    /// seconds of a stretch
    step: f64,
    /// do days lie over each other
    pub folded: bool,
    /// seconds of the longest run
    pub end: f64,
    /// instances at the upper end
    top: u64,
    /// most instances at once of all runs
    most: u64,
    glyphs: Glyphs,
}

impl Frame {
    /// The frame of runs whose charts are so many columns wide.
    pub fn new(runs: &[(&RunOut, Counts)], width: usize, glyphs: Glyphs) -> Self {
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

    /// What the characters mean.
    pub fn legend(&self, look: &Look) -> Inked {
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

    /// One run under its name.
    pub fn chart(&self, name: &str, counts: &Counts) -> Vec<Inked> {
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
mod tests {
    use super::*;

    #[test]
    fn a_moment_of_very_many_does_not_press_down_the_rest() {
        let usual = vec![10; 100];
        assert_eq!(fair(usual.clone(), 15), 15);
        assert_eq!(fair([usual, vec![500]].concat(), 500), 10);
        assert_eq!(fair(vec![0; 100], 3), 3);
    }
}
