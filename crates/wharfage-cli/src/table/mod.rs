//! What a person sees of an answer in a terminal or as Markdown, drawn from the response alone: whatever stands here, a script can read.
//!
//! # Units
//! Money is shown to the cent with `,` between thousands, quantities and unit prices exactly as the response has them.
//! # Invariants
//! The cells of a row add up to its total (months do not where a year's exact sum is rounded once); no line is wider than [`Look::width`], counting wide characters as two; the
//! same response and look give the same bytes; "not priced" is printed whatever the look.

pub mod break_even;
pub mod cells;
mod compare;
pub mod diff;
mod estimate;
pub mod figures;
pub(crate) mod markdown;
mod months;
mod notes;
mod obstacles;
mod parts;
pub mod recommend;
mod sensitivity;
pub mod simulate;
pub mod slo;

use std::io::IsTerminal;

use clap::ArgMatches;
use wharfage_api::{
    groups::{Group, groups},
    response::{EstimateResponse, Fx, PeriodOut, Prices},
};
use wharfage_core::{Text, platform::Platform, text, text::Catalogue, tr};

use cells::{Tone, paragraph};

use crate::language;

/// How wide, how long, and with which colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// columns of the terminal; `None`: as wide as it needs
    pub width: Option<u16>,
    /// may it use colour
    pub colour: bool,
    /// only the figures and what is not priced, without notes
    pub quiet: bool,
    /// as Markdown instead of lines of a terminal
    pub markdown: bool,
    /// the reader's language
    pub words: &'static Catalogue,
}

impl Look {
    /// As the arguments and the terminal have it, for the answer.
    pub fn new(matches: &ArgMatches) -> Self {
        let (quiet, words) = (matches.get_flag("quiet"), language::chosen(matches));
        if matches.get_one::<String>("format").is_some_and(|f| f == "markdown") {
            return Self { width: None, colour: false, quiet, markdown: true, words };
        }
        let to_file = matches.get_one::<std::path::PathBuf>("output").is_some();
        let terminal = std::io::stdout().is_terminal() && !to_file;
        let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()).filter(|c| *c > 0);
        let width = columns.or_else(|| terminal.then(|| terminal_size::terminal_size().map(|(w, _)| w.0)).flatten());
        Self { width, colour: colour(matches, terminal), quiet, markdown: false, words }
    }

    /// As the arguments and the terminal have it, for messages.
    pub fn for_messages(matches: &ArgMatches) -> Self {
        let colour = colour(matches, std::io::stderr().is_terminal());
        Self { width: None, colour, quiet: false, markdown: false, words: language::chosen(matches) }
    }

    /// A word or a sentence of the program in the reader's language.
    pub fn say<'t>(&self, english: &'t str) -> &'t str {
        self.words.say(english)
    }

    /// A text in the reader's language.
    pub fn tell(&self, text: &Text) -> String {
        self.words.tell(text)
    }
}

fn colour(matches: &ArgMatches, terminal: bool) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    match matches.try_get_one::<String>("color").ok().flatten().map(String::as_str) {
        Some("always") => true,
        Some("never") => false,
        _ => terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|t| t != "dumb"),
    }
}

/// Name of the estimate that holds what several workloads share.
const SHARED: &str = wharfage_core::estimate::SHARED;

/// Draws an answer.
pub fn draw(command: &str, response: &EstimateResponse, look: &Look) -> String {
    match command {
        "compare" => compare::draw(response, look),
        _ => estimate::draw(response, look),
    }
}

/// What bills are for, where prices are from, how totals are rounded and converted: the lines under a title.
fn terms(out: &mut String, response: &EstimateResponse, look: &Look) {
    let text = basis(&response.currency, &response.period, &response.prices, &response.rounding);
    paragraph(out, look, Tone::Quiet, "", &look.tell(&text));
    for Fx { currency, rate } in &response.fx {
        let dollar = &response.currency;
        let text = text!("{currency} at {rate} per {dollar}, the rate you stated", currency, rate, dollar);
        paragraph(out, look, Tone::Quiet, "", &look.tell(&text));
    }
}

/// `USD per 730 h; prices of 2026-11-22 (sha256:…); rounded per sku`
pub(crate) fn basis(currency: &str, period: &PeriodOut, prices: &Prices, rounding: &str) -> Text {
    let (label, hours) = (&period.label, &period.hours);
    let period = match label {
        _ if !period.months.is_empty() => {
            text!("{currency} for {period} ({hours} h, month by month)", currency, period = label, hours)
        }
        _ if *label == format!("{hours}h") => text!("{currency} per {hours} h", currency, hours),
        _ => text!("{currency} for {period} ({hours} h)", currency, period = label, hours),
    };
    let digest: String = prices.digest.chars().take("sha256:".len() + 12).collect();
    let (day, edition) = (&prices.as_of, &prices.edition);
    let from = if edition == day {
        text!("prices of {day} ({digest})", day, digest)
    } else {
        text!("prices as of {day}, edition {edition} ({digest})", day, edition, digest)
    };
    let rounding = match rounding {
        "invoice" => Text::from("rounded per sku"),
        _ => "rounded once".into(),
    };
    text!("{period}; {from}; {rounding}", period, from, rounding)
}

/// A workload's name, or the word for what workloads share.
fn named<'n>(look: &Look, workload: &'n str) -> &'n str {
    if workload == SHARED { look.say(tr!("(shared)")) } else { workload }
}

/// The name a reader knows a platform by.
pub(crate) fn platform_label(id: &str) -> &str {
    match Platform::from_id(id) {
        Some(platform) => platform.label(),
        None => id,
    }
}

#[cfg(test)]
mod samples {
    //! Responses for tests: real requests priced with the built-in tables.

    use unicode_width::UnicodeWidthStr;
    use wharfage_api::{read, respond, response::EstimateResponse};
    use wharfage_core::text::Catalogue;

    use super::Look;

    /// A web service at 100 requests a second.
    pub const TRAFFIC: &str = "[[workload]]\nname = 'web'\nvcpu = 0.5\nmemory = '1GiB'\nrequests = '100/s'\nduration = '80ms'\npeak = '1000/s'\n";
    /// Two instances that never stop, by a Korean name.
    pub const REPLICAS: &str = "[[workload]]\nname = '주문 처리 작업자'\nvcpu = 1\nmemory = '2GiB'\nreplicas = 2\n";
    /// A nightly job with a disk.
    pub const RUNS: &str = "[[workload]]\nname = 'nightly'\nvcpu = 1\nmemory = '2GiB'\nruns = 150\nduration = '600s'\nephemeral_storage = '30GiB'\n";

    /// The response to a request in TOML.
    pub fn response(text: &str) -> EstimateResponse {
        let (request, _) = read::request("test.toml", text).unwrap();
        respond(&request, &wharfage_prices::book()).unwrap()
    }

    /// A look without colour.
    pub fn look(width: Option<u16>) -> Look {
        Look { width, colour: false, quiet: false, markdown: false, words: &Catalogue::ENGLISH }
    }

    /// A look that is Markdown.
    pub fn markdown() -> Look {
        Look { markdown: true, ..look(None) }
    }

    /// Heads of requests, before the workloads: one region and several, Spot, a second currency, other periods.
    #[rustfmt::skip]
    pub const HEADS: [&str; 8] = [
        "region = 'seoul'\n",
        "region = 'seoul,tokyo,frankfurt'\nfx = 'KRW=1385.20'\n",
        "region = 'osaka'\npurchase = 'on-demand,spot'\n",
        "region = 'all'\n",
        "region = 'all'\npurchase = 'on-demand,spot'\nfx = 'KRW=1385.20,EUR=0.91'\n",
        "region = 'us-east-1'\nperiod = '2026-02'\nrounding = 'exact'\nexplain = true\n",
        "region = 'sydney'\nas_of = '2026-10-15'\nas_of_first_seen = true\nfree_tier = 'off'\nexplain = true\n",
        "region = 'seoul'\nperiod = '2027'\n",
    ];

    /// Responses to `compare` for every head, of each workload and of all three.
    pub fn comparisons() -> Vec<EstimateResponse> {
        // Made once for all tests: every region on every platform takes a while without optimisation.
        static MADE: std::sync::LazyLock<Vec<EstimateResponse>> = std::sync::LazyLock::new(|| {
            let all = format!("{TRAFFIC}{REPLICAS}{RUNS}");
            let bodies = [TRAFFIC, REPLICAS, RUNS, &all];
            let texts = HEADS.iter().flat_map(|h| bodies.iter().map(move |b| format!("command = 'compare'\n{h}{b}")));
            texts.map(|t| response(&t)).collect()
        });
        MADE.clone()
    }

    /// No line is wider than `width`, wide characters counted as two.
    #[track_caller]
    pub fn fits(text: &str, width: usize) {
        for line in text.lines() {
            assert!(line.width() <= width, "{} columns: {line}", line.width());
            assert_eq!(line, line.trim_end(), "spaces at the end");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{samples::*, *};

    #[test]
    fn groups_are_the_totals_and_hold_every_estimate_once() {
        for response in comparisons() {
            let groups = groups(&response);
            assert_eq!(groups.len(), response.totals.len());
            assert_eq!(groups.iter().map(|g| g.estimates.len()).sum::<usize>(), response.estimates.len());
            assert!(groups.iter().all(|g| !g.estimates.is_empty()));
        }
    }

    #[test]
    fn the_terms_say_period_prices_rounding_and_rates() {
        let text = |head: &str| {
            let mut out = String::new();
            terms(&mut out, &response(&format!("command = 'compare'\n{head}{REPLICAS}")), &look(None));
            out
        };
        let month = text("region = 'seoul'\nperiod = '2026-02'\nrounding = 'exact'\n");
        assert!(month.starts_with("USD for 2026-02 (672 h); prices of "), "{month}");
        assert!(month.contains("rounded once"), "{month}");
        let dated = text("region = 'seoul'\nas_of = '2026-10-15'\nfx = 'KRW=1385.20'\n");
        assert!(dated.starts_with("USD per 730 h; prices as of 2026-10-15, edition "), "{dated}");
        assert!(dated.contains("KRW at 1385.20 per USD, the rate you stated"), "{dated}");
    }
}
