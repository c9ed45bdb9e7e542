//! Prints diagnostics: where, what, why, and the way out.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use clap::ArgMatches;
use unicode_width::UnicodeWidthStr;
use wharfage_api::{diagnostics, response::to_json};
use wharfage_core::{
    Diagnostic,
    diagnostic::{Place, Severity, line_column},
};

use crate::{Exit, input::Texts, output, table::Look};

/// Says what is wrong: as JSON on the standard output where JSON was asked for, and for people on the standard error.
pub fn refuse(found: &[Diagnostic], texts: &Texts, matches: &ArgMatches) -> Exit {
    if matches.get_one::<String>("format").is_some_and(|f| f == "json") {
        let _ = output::to_stdout(&to_json(&diagnostics(found)));
    }
    eprint!("{}", text(found, texts, Look::for_messages(matches).colour));
    Exit::BadInput
}

/// Says what clap found wrong with the arguments, or prints the help that was asked for.
pub fn usage(e: &clap::Error, json: bool) -> Exit {
    if e.use_stderr() && json {
        let shown = e.to_string();
        let message = shown.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let d = Diagnostic::error("usage", message).help("see --help");
        let _ = output::to_stdout(&to_json(&diagnostics(&[d])));
    }
    let _ = e.print();
    if e.use_stderr() { Exit::BadInput } else { Exit::Done }
}

/// Diagnostics as text, one after the other.
pub fn text(found: &[Diagnostic], texts: &Texts, colour: bool) -> String {
    let mut out = String::new();
    for d in found {
        one(&mut out, d, texts, colour);
        out.push('\n');
    }
    out
}

fn one(out: &mut String, d: &Diagnostic, texts: &Texts, colour: bool) {
    let hue = if d.severity == Severity::Error { AnsiColor::Red } else { AnsiColor::Yellow };
    let strong = if colour { Style::new().bold().fg_color(Some(hue.into())) } else { Style::new() };
    let _ = writeln!(out, "{strong}{}[{}]{strong:#}: {}", d.severity.label(), d.code, d.message);
    for label in &d.labels {
        match &label.place {
            Place::File { name, span } => {
                let text = texts.iter().find(|(n, _)| n == name).map_or("", |(_, t)| t.as_str());
                excerpt(out, name, text, span.clone(), &label.text, strong);
            }
            Place::Field(_) => {
                let _ = writeln!(out, "  --> {}", label.text);
            }
            Place::Nowhere => {}
        }
    }
    if let Some(help) = &d.help {
        let _ = writeln!(out, "  = help: {help}");
    }
}

/// Widest part of a line that is quoted.
const QUOTE: usize = 100;

fn excerpt(out: &mut String, name: &str, text: &str, span: std::ops::Range<usize>, label: &str, strong: Style) {
    let (line, column) = line_column(text, span.start);
    let _ = writeln!(out, "  --> {name}:{line}:{column}");
    let Some(quoted) = text.lines().nth(line - 1) else { return };
    let before: String = quoted.chars().take(column - 1).collect();
    // A line too long for a terminal is quoted from a little before the place that is meant.
    let skip = column.saturating_sub(1).saturating_sub(QUOTE / 2);
    let shown: String = quoted.chars().skip(skip).take(QUOTE).collect();
    let lead: String = before.chars().skip(skip).collect();
    let rest = quoted.get(before.len()..).unwrap_or("");
    let meant = rest.get(..span.len()).unwrap_or(rest);
    let width = meant.width().clamp(1, QUOTE.saturating_sub(lead.width()).max(1));
    let gutter = line.to_string();
    let _ = writeln!(out, "{gutter} | {}", shown.replace('\t', " "));
    let pad = " ".repeat(gutter.len());
    let _ = writeln!(out, "{pad} | {}{strong}{} {label}{strong:#}", " ".repeat(lead.width()), "^".repeat(width));
}
