//! Instances over time as a picture in a file: a panel per run, as SVG or PNG.
//!
//! What is drawn is the whole horizon, not a day of it: many stretches of time, what ran and what
//! was idle stacked, with a line at the most that there were at once. Words are in English, so that the font is small.
//!
//! # Units
//! Dots of the SVG; the PNG has [`SHARP`] times as many.

use std::path::Path;

use plotters::{
    chart::ChartBuilder,
    coord::{
        Shift,
        ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter},
    },
    drawing::DrawingAreaErrorKind,
    element::{PathElement, Polygon, Rectangle, Text as Words},
    prelude::{BitMapBackend, DrawingArea, DrawingBackend, IntoDrawingArea, SVGBackend},
    style::{
        Color, FontStyle, IntoFont, RGBColor, TextStyle, WHITE,
        text_anchor::{HPos, Pos, VPos},
    },
};
use wharfage_api::simulate::{RunOut, SimulateResponse};
use wharfage_core::{Diagnostic, Text, text};

use crate::{
    series::{Counts, DAY, Stretch, ceiling, covered, step},
    table::{
        figures::grouped,
        simulate::{names, span},
    },
};

/// What a picture is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// lines and letters
    Svg,
    /// dots
    Png,
}

impl Kind {
    /// As the ending of a file's name says.
    ///
    /// # Errors
    /// Where it says something else, or nothing.
    pub fn of(path: &Path) -> Result<Self, Diagnostic> {
        match path.extension().map(|e| e.to_ascii_lowercase()).as_ref().and_then(|e| e.to_str()) {
            Some("svg") => Ok(Self::Svg),
            Some("png") => Ok(Self::Png),
            _ => {
                let message =
                    text!("`{path}` does not say what a picture is written as", path = path.display().to_string());
                Err(Diagnostic::error("output/ending", message).help("end the file's name in .svg or .png"))
            }
        }
    }
}

/// Dots of a PNG per dot of an SVG.
const SHARP: u32 = 2;
const WIDTH: u32 = 960;
const HEAD: u32 = 64;
const PANEL: u32 = 220;
const QUEUE: u32 = 80;
const FOOT: u32 = 20;
const MARGIN: u32 = 20;
/// Dots at the right, where half of the last number hangs over.
const RIGHT: u32 = 32;
/// Dots of a stretch of time, at least.
const STRETCH: u32 = 3;
/// Dots for the numbers at an axis.
const NUMBERS: u32 = 56;

/// A viewer without the first takes the next; the widths of letters are the first's.
const FAMILY: &str = "Roboto,Helvetica,Arial,sans-serif";
/// Roboto, cut down to the letters of this page: see the licence beside it.
const ROBOTO: &[u8] = include_bytes!("plot/Roboto-Latin.ttf");

const INK: RGBColor = RGBColor(31, 41, 55);
const FAINT: RGBColor = RGBColor(107, 114, 128);
const GRID: RGBColor = RGBColor(229, 231, 235);
const RUNNING: RGBColor = RGBColor(14, 116, 144);
const IDLE: RGBColor = RGBColor(186, 224, 235);
const MOST: RGBColor = RGBColor(217, 119, 6);
const QUEUED: RGBColor = RGBColor(190, 24, 93);

/// The bytes of a picture.
///
/// # Errors
/// Where the library can't draw.
pub fn draw(answer: &SimulateResponse, kind: Kind) -> Result<Vec<u8>, Diagnostic> {
    // A second time it is there already.
    let _ = plotters::style::register_font(FAMILY, FontStyle::Normal, ROBOTO);
    let page = Page::new(answer);
    let size = (WIDTH, page.height());
    match kind {
        Kind::Svg => {
            let mut svg = String::new();
            page.draw(&SVGBackend::with_string(&mut svg, size).into_drawing_area(), Scale::SVG)
                .map_err(|e| undrawn(&e))?;
            Ok(svg.into_bytes())
        }
        Kind::Png => {
            let size = (size.0 * SHARP, size.1 * SHARP);
            let mut dots = vec![0; size.0 as usize * size.1 as usize * 3];
            let area = BitMapBackend::with_buffer(&mut dots, size).into_drawing_area();
            page.draw(&area, Scale::PNG).map_err(|e| undrawn(&e))?;
            drop(area);
            encoded(&dots, size).map_err(|e| undrawn(&e))
        }
    }
}

fn undrawn(why: &dyn std::fmt::Display) -> Diagnostic {
    let message = text!("the picture can't be drawn: {why}", why = Text::known(why.to_string()));
    Diagnostic::error("output/undrawn", message).help("write the numbers with --series instead")
}

fn encoded(dots: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(dots)?;
    Ok(bytes)
}

/// What all panels have in common.
struct Page<'a> {
    answer: &'a SimulateResponse,
    runs: Vec<(&'a RunOut, Counts)>,
    names: Vec<String>,
    time: Time,
    /// instances at the upper end
    top: u64,
    /// waiting requests at the upper end
    queue: u64,
}

/// The axis of time.
struct Time {
    /// seconds of it
    end: f64,
    /// what it counts in, and how many seconds that is
    unit: (&'static str, f64),
    /// seconds between two numbers
    every: f64,
    /// seconds of a stretch
    step: f64,
}

type Area<B> = DrawingArea<B, Shift>;
type Drawn<B> = Result<(), DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;

impl<'a> Page<'a> {
    fn new(answer: &'a SimulateResponse) -> Self {
        let runs: Vec<(&RunOut, Counts)> = answer.runs.iter().map(|r| (r, Counts::new(&r.series))).collect();
        let most = runs.iter().flat_map(|(run, _)| &run.series).map(|s| s.running + s.idle).max().unwrap_or(0);
        let queue = runs.iter().map(|(run, _)| queued(run)).max().unwrap_or(0);
        let time = Time::new(runs.iter().map(|(_, c)| c.end()).fold(0.0, f64::max));
        Self { answer, runs, names: names(answer), time, top: ceiling(most), queue: ceiling(queue) }
    }

    fn height(&self) -> u32 {
        HEAD + self.runs.iter().map(|(run, _)| panel(run)).sum::<u32>() + FOOT
    }

    fn draw<B: DrawingBackend>(&self, page: &Area<B>, scale: Scale) -> Drawn<B> {
        page.fill(&WHITE)?;
        let (head, mut rest) = page.split_vertically(scale.dots(HEAD));
        self.head(&head, scale)?;
        for (name, (run, counts)) in self.names.iter().zip(&self.runs) {
            let (own, below) = rest.split_vertically(scale.dots(panel(run)));
            scale.say(&own, name, (MARGIN + NUMBERS, 14), (15, &INK))?;
            self.run(&own, run, counts, scale)?;
            rest = below;
        }
        page.present()
    }

    fn head<B: DrawingBackend>(&self, head: &Area<B>, scale: Scale) -> Drawn<B> {
        let title =
            format!("Instances over {}", span(&covered(&self.answer.horizon_s, self.runs.iter().map(|(_, c)| c))));
        scale.say(head, &title, (MARGIN, 20), (20, &INK))?;
        let every = self.runs.iter().find_map(|(_, c)| c.every()).unwrap_or_default();
        let (seed, every) = (self.answer.seed, span(&every.to_string()));
        let mut basis = format!("means and the most at once, counted every {every}; wharfage simulate, seed {seed}");
        if self.answer.replications > 1 {
            basis += &format!(", first replication of {}", self.answer.replications);
        }
        scale.say(head, &basis, (MARGIN, 44), (13, &FAINT))?;
        self.legend(head, scale)
    }

    /// What the colours mean, at the right; with room for letters wider than ours.
    fn legend<B: DrawingBackend>(&self, head: &Area<B>, scale: Scale) -> Drawn<B> {
        const WIDER: u32 = 115;
        let queue = self.runs.iter().any(|(run, _)| queued(run) > 0).then_some(("queued", QUEUED, false));
        let entries = [("running", RUNNING, true), ("idle", IDLE, true), ("most", MOST, false)];
        let mut right = WIDTH - RIGHT;
        for (name, colour, area) in entries.into_iter().chain(queue).rev() {
            let wide = head.estimate_text_size(name, &scale.words(13, &INK))?.0 / scale.k;
            right -= wide * WIDER / 100;
            scale.say(head, name, (right, 20), (13, &INK))?;
            let (upper, lower) = if area { (14, 26) } else { (19, 21) };
            let corners = [(right - 20, upper), (right - 6, lower)].map(|(x, y)| scale.at(x, y));
            head.draw(&Rectangle::new(corners, colour.filled()))?;
            right -= 36;
        }
        Ok(())
    }

    fn run<B: DrawingBackend>(&self, panel: &Area<B>, run: &RunOut, counts: &Counts, scale: Scale) -> Drawn<B> {
        let n = (self.time.end / self.time.step).ceil().max(1.0) as usize;
        let stretches: Vec<Stretch> = counts.stretches(n, self.time.step, false).into_iter().map_while(|s| s).collect();
        let (instances, queue) = panel.split_vertically(scale.dots(PANEL));
        let steps = |of: fn(&Stretch) -> f64| self.time.steps(&stretches, of);
        let areas = [(steps(|s| s.running + s.idle), IDLE), (steps(|s| s.running), RUNNING)];
        let most = Series { areas: &areas, line: steps(|s| s.most as f64), colour: MOST, top: self.top };
        self.plot(&instances, 28, parts(self.top), most, scale)?;
        if queued(run) > 0 {
            let waiting = Series { areas: &[], line: steps(|s| s.queued as f64), colour: QUEUED, top: self.queue };
            self.plot(&queue, 8, vec![0.0, self.queue as f64], waiting, scale)?;
        }
        Ok(())
    }

    /// One pair of axes; `above` dots are left over them.
    fn plot<B: DrawingBackend>(
        &self,
        area: &Area<B>,
        above: u32,
        numbers: Vec<f64>,
        series: Series<'_>,
        scale: Scale,
    ) -> Drawn<B> {
        let (unit, long) = self.time.unit;
        let mut chart = ChartBuilder::on(area)
            .margin_top(scale.dots(above))
            .margin_right(scale.dots(RIGHT))
            .margin_left(scale.dots(MARGIN))
            .x_label_area_size(scale.dots(26))
            .y_label_area_size(scale.dots(NUMBERS))
            .build_cartesian_2d(
                Axis { end: self.time.end / long, numbers: self.time.numbers(), unit },
                Axis { end: series.top as f64, numbers, unit: "" },
            )?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .max_light_lines(0)
            .bold_line_style(GRID.stroke_width(scale.k))
            .axis_style(FAINT.stroke_width(scale.k))
            .label_style(scale.words(13, &FAINT))
            .y_label_offset(scale.sink(13))
            .set_all_tick_mark_size(scale.dots(5))
            .draw()?;
        if series.line.is_empty() {
            return Ok(());
        }
        for (points, colour) in series.areas {
            let ends = [points.last(), points.first()].map(|p| p.map(|(x, _)| (*x, 0.0)));
            let around: Vec<(f64, f64)> = points.iter().copied().chain(ends.into_iter().flatten()).collect();
            chart.draw_series(std::iter::once(Polygon::new(around, colour.filled())))?;
        }
        let line = PathElement::new(series.line, series.colour.stroke_width(scale.k));
        chart.draw_series(std::iter::once(line))?;
        Ok(())
    }
}

/// Areas and a line over time, by their corners.
struct Series<'a> {
    areas: &'a [(Vec<(f64, f64)>, RGBColor)],
    line: Vec<(f64, f64)>,
    colour: RGBColor,
    /// at the upper end
    top: u64,
}

/// Most requests that waited at once.
fn queued(run: &RunOut) -> u64 {
    run.series.iter().map(|s| s.queued).max().unwrap_or(0)
}

/// Dots of a run's panel.
fn panel(run: &RunOut) -> u32 {
    PANEL + if queued(run) > 0 { QUEUE } else { 0 }
}

/// From dots of an SVG to those of the picture.
#[derive(Debug, Clone, Copy)]
struct Scale {
    /// dots for one
    k: u32,
    /// how much too high letters are set, in hundredths of their size
    sinks: u32,
}

impl Scale {
    const SVG: Self = Self { k: 1, sinks: 0 };
    /// The library centres lines of letters in dots with room for what hangs below them.
    const PNG: Self = Self { k: SHARP, sinks: 22 };

    fn dots(self, n: u32) -> u32 {
        n * self.k
    }

    fn at(self, x: u32, y: u32) -> (i32, i32) {
        (self.dots(x) as i32, self.dots(y) as i32)
    }

    fn sink(self, size: u32) -> i32 {
        (self.dots(size) * self.sinks / 100) as i32
    }

    fn words(self, size: u32, colour: &'static RGBColor) -> TextStyle<'static> {
        // The library's sizes are those of lines, 1.24 times the letters'.
        let size = f64::from(self.dots(size)) * 1.24;
        TextStyle::from((FAMILY, size).into_font()).color(colour).pos(Pos::new(HPos::Left, VPos::Center))
    }

    /// Sets a text that begins at `x`, its middle at `y`.
    fn say<B: DrawingBackend>(
        self,
        area: &Area<B>,
        text: &str,
        (x, y): (u32, u32),
        (size, colour): (u32, &'static RGBColor),
    ) -> Drawn<B> {
        let (x, y) = self.at(x, y);
        area.draw(&Words::new(text.to_owned(), (x, y + self.sink(size)), self.words(size, colour)))
    }
}

impl Time {
    fn new(end: f64) -> Self {
        let end = if end > 0.0 { end } else { 1.0 };
        let units = [("d", 2.0 * DAY, DAY), ("h", 7_200.0, 3_600.0), ("min", 120.0, 60.0), ("s", 1.0, 1.0)];
        let (name, _, long) = units.into_iter().find(|(_, from, _)| end > *from).unwrap_or(("ms", 0.0, 0.001));
        let dots = f64::from((WIDTH - NUMBERS - MARGIN - RIGHT) / STRETCH);
        Self { end, unit: (name, long), every: step(end / 12.0, 0.0), step: step(end / dots, 0.0) }
    }

    /// Where numbers stand, in its unit.
    fn numbers(&self) -> Vec<f64> {
        let n = (self.end / self.every * (1.0 + 1e-9)) as usize;
        (0..=n).map(|n| n as f64 * self.every / self.unit.1).collect()
    }

    /// The corners of a line that keeps its height for each stretch.
    fn steps(&self, stretches: &[Stretch], of: fn(&Stretch) -> f64) -> Vec<(f64, f64)> {
        let at = |n: usize| (n as f64 * self.step).min(self.end) / self.unit.1;
        let corners = |(n, s): (usize, &Stretch)| [(at(n), of(s)), (at(n + 1), of(s))];
        let mut all: Vec<(f64, f64)> = stretches.iter().enumerate().flat_map(corners).collect();
        // Corners within a level line show nothing.
        all.dedup_by(|b, a| a == b);
        all
    }
}

/// Numbers at an axis up to a round number.
fn parts(top: u64) -> Vec<f64> {
    let n = [4, 3, 5, 2].into_iter().find(|n| top.is_multiple_of(*n)).unwrap_or(1);
    (0..=n).map(|part| (top / n * part) as f64).collect()
}

/// An axis from zero, with numbers where we want them.
struct Axis {
    end: f64,
    numbers: Vec<f64>,
    unit: &'static str,
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (from, to): (i32, i32)) -> i32 {
        from + (f64::from(to - from) * value / self.end).round() as i32
    }

    fn key_points<H: KeyPointHint>(&self, hint: H) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.numbers.clone() }
    }

    fn range(&self) -> std::ops::Range<f64> {
        0.0..self.end
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        let text = format!("{value:.3}");
        let number = grouped(text.trim_end_matches('0').trim_end_matches('.'));
        if self.unit.is_empty() { number } else { format!("{number} {}", self.unit) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::samples::{answer, bursts};

    #[test]
    fn an_svg_has_title_axes_legend_and_a_panel_per_run() {
        let svg = String::from_utf8(draw(&bursts(&["scale-to-zero", "knative"], "24h"), Kind::Svg).unwrap()).unwrap();
        let texts: Vec<&str> = svg.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('<')).collect();
        for text in ["Instances over 24 h", "scale-to-zero", "knative", "running", "idle", "most", "12 h", "24 h"] {
            assert!(texts.contains(&text), "{text} is not among {texts:?}");
        }
        assert_eq!(svg.matches("<polygon").count(), 4, "what runs and what is idle, of each run");
    }

    #[test]
    fn a_queue_is_drawn_where_there_is_one() {
        let drawn = |policies: &[&str]| String::from_utf8(draw(&bursts(policies, "24h"), Kind::Svg).unwrap()).unwrap();
        assert!(drawn(&["scale-to-zero", "always-on"]).contains("queued"));
        assert!(!drawn(&["scale-to-zero"]).contains("queued"));
    }

    #[test]
    fn a_run_of_one_count_or_of_nothing_is_a_panel_all_the_same() {
        for lines in ["arrivals = 'constant:1/s'\nevery = '2h'", "arrivals = 'poisson:1/d'\nevery = '10s'"] {
            let answer = answer(&["scale-to-zero"], &format!("{lines}\nservice = 'const:2s'\nhorizon = '1m'"));
            for kind in [Kind::Svg, Kind::Png] {
                assert!(!draw(&answer, kind).unwrap().is_empty(), "{lines}");
            }
        }
    }

    #[test]
    fn a_png_has_twice_the_dots_and_all_colours() {
        let answer = bursts(&["scale-to-zero"], "24h");
        let bytes = draw(&answer, Kind::Png).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut dots = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut dots).unwrap();
        assert_eq!((info.width, info.height), (WIDTH * SHARP, Page::new(&answer).height() * SHARP));
        for colour in [WHITE, RUNNING, IDLE, MOST, GRID] {
            assert!(dots.chunks(3).any(|dot| dot == [colour.0, colour.1, colour.2]), "{colour:?}");
        }
    }

    #[test]
    fn the_ending_says_what_is_written() {
        assert_eq!(Kind::of(Path::new("a.b/run.SVG")).ok(), Some(Kind::Svg));
        assert_eq!(Kind::of(Path::new("run.png")).ok(), Some(Kind::Png));
        for path in ["run.pdf", "run", ".svg", "png"] {
            assert_eq!(Kind::of(Path::new(path)).unwrap_err().code, "output/ending", "{path}");
        }
    }
}
