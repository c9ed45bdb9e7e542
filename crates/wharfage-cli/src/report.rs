//! Prints diagnostics: where, what, why, and the way out.

use std::{fmt::Write, io::Write as _, ops::Range};

use anstyle::{AnsiColor, Style};
use clap::{ArgMatches, error::ErrorKind};
use unicode_width::UnicodeWidthChar;
use wharfage_api::{diagnostics, response::to_json};
use wharfage_core::{
    Diagnostic, Text,
    diagnostic::{Place, Severity, line_column},
    text,
    text::Catalogue,
    tr,
};

use crate::{Exit, input::Texts, output, table::Look, usage};

/// Says what is wrong: as JSON on the standard output where JSON was asked for, and for people on the standard error.
pub fn refuse(found: &[Diagnostic], texts: &Texts, matches: &ArgMatches) -> Exit {
    if matches.try_get_one::<String>("format").is_ok_and(|f| f.is_some_and(|f| f == "json")) {
        let _ = output::to_stdout(&to_json(&diagnostics(found)));
    }
    tell(found, texts, matches);
    if found.iter().any(|d| d.code == "simulate/cut") { Exit::Interrupted } else { Exit::BadInput }
}

/// Says what is wrong for people, on the standard error.
pub fn tell(found: &[Diagnostic], texts: &Texts, matches: &ArgMatches) {
    let shown = text(found, texts, &Look::for_messages(matches));
    // A closed standard error is no reason to fail otherwise: the exit code still tells.
    let _ = std::io::stderr().write_all(shown.as_bytes());
}

/// Says what clap found wrong with the arguments, or prints the help that was asked for.
pub fn usage(e: &clap::Error, json: bool, words: &Catalogue) -> Exit {
    if e.use_stderr() && json {
        let _ = output::to_stdout(&to_json(&diagnostics(&[usage_diagnostic(&e.to_string())])));
    }
    if e.use_stderr() && *words != Catalogue::ENGLISH && !help(e.kind()) {
        let _ = std::io::stderr().write_all(usage::told(e, words).as_bytes());
    } else {
        let _ = e.print();
    }
    if e.use_stderr() { Exit::BadInput } else { Exit::Done }
}

/// Is it help, though nobody asked for it?
fn help(kind: ErrorKind) -> bool {
    kind == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
}

/// Clap's text as a diagnostic: its first line, and its tip where it has one.
fn usage_diagnostic(shown: &str) -> Diagnostic {
    let message = shown.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let tip = shown.lines().find_map(|l| l.trim().strip_prefix("tip: "));
    let help = "`wharfage --help` and `wharfage COMMAND --help` say what can be asked";
    Diagnostic::error("usage", Text::plain(message)).help(tip.map_or_else(|| help.into(), Text::plain))
}

/// Most diagnostics that are told in one go.
const MOST: usize = 100;

/// Diagnostics as text, one after the other.
pub fn text(found: &[Diagnostic], texts: &Texts, look: &Look) -> String {
    let mut out = String::new();
    for d in found.iter().take(MOST) {
        one(&mut out, d, texts, look);
        out.push('\n');
    }
    if found.len() > MOST {
        let more = text!("and {n} more mistakes; --format json lists all", n = found.len() - MOST);
        let _ = writeln!(out, "{}", look.tell(&more));
    }
    out
}

fn one(out: &mut String, d: &Diagnostic, texts: &Texts, look: &Look) {
    let hue = if d.severity == Severity::Error { AnsiColor::Red } else { AnsiColor::Yellow };
    let strong = if look.colour { Style::new().bold().fg_color(Some(hue.into())) } else { Style::new() };
    let (severity, message) = (look.say(d.severity.label()), look.tell(&d.message));
    let _ = writeln!(out, "{strong}{severity}[{}]{strong:#}: {message}", d.code);
    for label in &d.labels {
        match &label.place {
            Place::File { name, span } => {
                let text = texts.iter().find(|(n, _)| n == name).map_or("", |(_, t)| t.as_str());
                excerpt(out, name, text, span.clone(), &look.tell(&label.text), strong);
            }
            Place::Field(_) => {
                let _ = writeln!(out, "  --> {}", look.tell(&label.text));
            }
            // The message says it all.
            Place::Nowhere => {}
        }
    }
    if let Some(help) = &d.help {
        let _ = writeln!(out, "  = {}: {}", look.say(tr!("help")), look.tell(help));
    }
}

/// Most columns of a line that are quoted.
const QUOTE: usize = 100;

fn excerpt(out: &mut String, name: &str, text: &str, span: Range<usize>, label: &str, strong: Style) {
    let (line, column) = line_column(text, span.start);
    let _ = writeln!(out, "  --> {name}:{line}:{column}");
    let Some(whole) = text.lines().nth(line - 1) else { return };
    let quote = Quote::new(whole, column - 1, text.get(span).unwrap_or(""));
    let gutter = line.to_string();
    let pad = " ".repeat(gutter.len());
    let _ = writeln!(out, "{gutter} | {}", quote.shown.trim_end());
    let _ = writeln!(out, "{pad} | {}{strong}{} {label}{strong:#}", " ".repeat(quote.lead), "^".repeat(quote.meant));
}

/// A part of a line, with the columns before what is meant and of what is meant.
struct Quote {
    shown: String,
    lead: usize,
    meant: usize,
}

impl Quote {
    /// Quotes a line from its start, or, where it is long, from a little before the `at`th character.
    fn new(line: &str, at: usize, meant: &str) -> Self {
        let visible: Vec<char> = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let width = |part: &[char]| part.iter().map(|c| c.width().unwrap_or(0)).sum::<usize>();
        let at = at.min(visible.len());
        let mut start = if width(&visible) > QUOTE { at } else { 0 };
        while start > 0 && width(&visible[start - 1..at]) <= QUOTE / 2 {
            start -= 1;
        }
        let mut end = start;
        while end < visible.len() && width(&visible[start..=end]) <= QUOTE {
            end += 1;
        }
        let meant_end = (at + meant.lines().next().unwrap_or("").chars().count()).min(end);
        let mut shown: String = visible[start..end].iter().collect();
        if start > 0 {
            shown.replace_range(..visible[start].len_utf8(), &"…".repeat(visible[start].width().unwrap_or(0)));
        }
        if end < visible.len() {
            shown.push('…');
        }
        Self { shown, lead: width(&visible[start..at]), meant: width(&visible[at..meant_end.max(at)]).max(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(line: &str, at: usize, meant: &str) -> String {
        let q = Quote::new(line, at, meant);
        format!("{}\n{}{}", q.shown, " ".repeat(q.lead), "^".repeat(q.meant))
    }

    #[test]
    fn what_is_meant_is_underlined_in_any_script() {
        assert_eq!(drawn("region = \"x\"", 9, "\"x\""), "region = \"x\"\n         ^^^");
        assert_eq!(drawn("도시 = \"서울이\"", 5, "\"서울이\""), "도시 = \"서울이\"\n       ^^^^^^^^");
        assert_eq!(drawn("a\tb", 2, "b"), "a b\n  ^");
        assert_eq!(drawn("", 0, ""), "\n^");
    }

    #[test]
    fn a_long_line_is_quoted_in_part() {
        let line = format!("{}X{}", "한".repeat(1_000), "글".repeat(1_000));
        let q = Quote::new(&line, 1_000, "X");
        let columns: usize = q.shown.chars().filter_map(UnicodeWidthChar::width).sum();
        assert!(columns <= QUOTE + 1, "{columns}");
        assert_eq!((q.lead, q.meant), (QUOTE / 2, 1));
        assert!(q.shown.starts_with('…') && q.shown.ends_with('…'));
    }
}
