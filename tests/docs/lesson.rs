//! `docs/lesson.md`: every number and claim of the lesson about services, limits and prices, ours beside it.
//!
//! The rows are `docs/lesson.toml`: the claim in our own words, what the lesson gives, what to ask the program, what it
//! answered when a person looked, and the verdict. The lesson's own text is somebody else's and is not kept here.

use std::{collections::BTreeSet, fmt::Write, fs};

use rust_decimal::Decimal;
use serde::Deserialize;
use wharfage_tests::root;

use crate::{
    ask::{Answer, Ask},
    markdown::{Cited, GENERATED, References, table},
};

const VERDICTS: [&str; 4] = ["same", "different", "out of date", "not checkable"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lesson {
    section: Vec<Section>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    id: String,
    title: String,
    title_ko: String,
    row: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// what the lesson says, in our words
    claim: String,
    claim_ko: String,
    /// the figure or word it gives; `60..91` is a range
    gives: Option<String>,
    unit: Option<String>,
    /// what the program says; the first is what `gives` is compared with
    #[serde(default)]
    ours: Vec<Ours>,
    verdict: String,
    why: Option<String>,
    /// pages, where the figures' own sources do not say it
    #[serde(default)]
    sources: Vec<String>,
    /// a sentence for the top of the page
    headline: Option<String>,
}

#[derive(Deserialize)]
struct Ours {
    #[serde(flatten)]
    ask: Ask,
    is: String,
    label: Option<String>,
}

fn lesson() -> Lesson {
    let text = fs::read_to_string(root().join("docs/lesson.toml")).unwrap();
    toml::from_str(&text).unwrap_or_else(|e| panic!("docs/lesson.toml: {e}"))
}

impl Row {
    /// What the program says. Panics where it can't: the page's data is ours.
    fn answers(&self) -> Vec<(&Ours, Answer)> {
        let answer = |o: &Ours| o.ask.answer().unwrap_or_else(|why| panic!("{}: {why}", o.ask.shown()));
        self.ours.iter().map(|o| (o, answer(o))).collect()
    }

    fn given(&self) -> String {
        let text = self.gives.as_deref().unwrap_or("").replace("..", "–");
        self.unit.as_ref().map_or(text.clone(), |unit| format!("{text} {unit}"))
    }
}

/// The page.
pub fn page() -> String {
    let lesson = lesson();
    let mut refs = References::default();
    let mut body = String::new();
    for s in &lesson.section {
        let _ = write!(body, "## {}. {} · {}\n\n", s.id, s.title, s.title_ko);
        let rows: Vec<[String; 5]> = s.row.iter().map(|r| cells(r, &mut refs)).collect();
        let heads = ["The lesson says", "It gives", "wharfage", "Verdict", "Why, and sources"];
        body.push_str(&table(heads, &rows));
        body.push('\n');
    }
    format!("{GENERATED}{}{}{body}{}", intro(), summary(&lesson), refs.list())
}

fn intro() -> String {
    let edition = wharfage_prices::book().edition().name.clone();
    format!(
        "# The lesson, checked\n\n\
         wharfage grew from a lesson in Korean, “컨테이너 서비스 (ECS/EKS/Fargate vs GKE/Cloud Run)”. This page holds every claim \
         of it about services, limits and prices against the price book of {edition}. Claims are in our own words, in English \
         and Korean. Figures in the third column are the program's own, asked in the way that stands below each of them; a \
         test compares each with what stood here when a person last looked. `wharfage prices show KEY` has a figure's history.\n\n\
         Verdicts: *same*; *different*: it was not so, or is not so in the lesson's own region, Seoul; *out of date*: it was so \
         once; *not checkable*: advice, or nothing that was found says it. How-to commands without a claim \
         (sections 2, 3.4, 9.1 and 9.2, exercise 3) are left out, and so is what containers are (1.1). Pages were read as stored public copies, not live.\n\n"
    )
}

fn summary(lesson: &Lesson) -> String {
    let rows = || lesson.section.iter().flat_map(|s| s.row.iter().map(move |r| (s, r)));
    let mut text = "## In short\n\n".to_owned();
    for (s, r) in rows() {
        let Some(headline) = &r.headline else { continue };
        let answers = r.answers();
        let figures = answers.first().map(|(o, a)| format!(": {} → {}", r.given(), figure(o, a)));
        let _ = writeln!(text, "- {headline}{} ({})", figures.unwrap_or_default(), s.id);
    }
    let counted = VERDICTS.map(|v| format!("{} {v}", rows().filter(|(_, r)| r.verdict == v).count()));
    let _ = write!(text, "\n{} claims: {}.\n\n", rows().count(), counted.join(", "));
    text
}

fn cells(row: &Row, refs: &mut References) -> [String; 5] {
    let answers = row.answers();
    let mut cited: Vec<Cited> = row.sources.iter().map(|url| Cited::page(url)).collect();
    cited.extend(answers.iter().flat_map(|(_, a)| a.cited.clone()));
    let mut seen = BTreeSet::new();
    let marks: Vec<String> = cited.iter().filter(|c| seen.insert(c.id.clone())).map(|c| refs.cite(c)).collect();
    let why = [row.why.clone().unwrap_or_default(), marks.concat()].into_iter().filter(|t| !t.is_empty());
    [
        format!("{}<br>{}", row.claim, row.claim_ko),
        row.given(),
        figures(&answers),
        row.verdict.clone(),
        why.collect::<Vec<_>>().join(" "),
    ]
}

/// `**0.04656** Seoul (derived)`
fn figure(ours: &Ours, answer: &Answer) -> String {
    let label = ours.label.as_ref().map(|l| format!(" {l}")).unwrap_or_default();
    let basis: Vec<&str> = answer.basis.iter().map(String::as_str).collect();
    let basis = if basis.is_empty() { String::new() } else { format!(" ({})", basis.join(", ")) };
    format!("**{}**{label}{basis}", answer.text)
}

/// Figures and how they were asked for, each question once.
fn figures(all: &[(&Ours, Answer)]) -> String {
    let alike = all.chunk_by(|(a, _), (b, _)| a.ask.shown() == b.ask.shown());
    let lines = alike.map(|asked| {
        let figures: Vec<String> = asked.iter().map(|(o, a)| figure(o, a)).collect();
        format!("{}<br>{}", figures.join("<br>"), asked.first().map_or(String::new(), |(o, _)| o.ask.shown()))
    });
    lines.collect::<Vec<_>>().join("<br>")
}

/// Is what the lesson gives what we say?
fn agrees(gives: &str, ours: &str) -> bool {
    let number = |text: &str| Decimal::from_str_exact(text).ok();
    if let Some((low, high)) = gives.split_once("..") {
        return number(ours).is_some_and(|n| number(low) <= Some(n) && Some(n) <= number(high));
    }
    match (number(gives), number(ours)) {
        (Some(a), Some(b)) => a == b,
        _ => gives == ours,
    }
}

#[track_caller]
fn none(found: &[String]) {
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Every row with its section's id.
fn each(check: impl Fn(&Row) -> Option<String>) {
    let mut found = Vec::new();
    for s in &lesson().section {
        found.extend(s.row.iter().filter_map(|r| Some(format!("{}, {}: {}", s.id, r.claim, check(r)?))));
    }
    none(&found);
}

#[test]
fn every_figure_of_the_lessons_page_is_the_programs() {
    each(|row| {
        let off = row.ours.iter().filter_map(|o| match o.ask.answer() {
            Ok(a) if a.text == o.is => None,
            Ok(a) => Some(format!("{} is {}, not {}", o.ask.shown(), a.text, o.is)),
            Err(why) => Some(format!("{}: {why}", o.ask.shown())),
        });
        let off: Vec<String> = off.collect();
        (!off.is_empty()).then(|| off.join("; "))
    });
}

#[test]
fn every_row_has_a_verdict_that_its_figures_bear_out() {
    each(|row| {
        let same = row.verdict == "same";
        if !VERDICTS.contains(&row.verdict.as_str()) {
            return Some(format!("`{}` is no verdict", row.verdict));
        }
        if !same && row.why.is_none() {
            return Some("a verdict other than `same` needs its reason".to_owned());
        }
        let checked = row.verdict != "not checkable";
        match (&row.gives, row.ours.first()) {
            (Some(gives), Some(ours)) if checked && agrees(gives, &ours.is) != same => {
                Some(format!("{gives} and {}: not {}", ours.is, row.verdict))
            }
            (Some(_), None) if checked && row.sources.is_empty() => Some("checked against what?".to_owned()),
            _ => None,
        }
    });
}

#[test]
fn every_verdict_has_a_source_and_the_lesson_does_not_confirm_itself() {
    each(|row| {
        if row.verdict == "not checkable" {
            return None;
        }
        let cited = row.answers().into_iter().flat_map(|(_, a)| a.cited).map(|c| c.id);
        let cited: Vec<String> = cited.chain(row.sources.iter().cloned()).collect();
        let own = |id: &String| id == "term-needs-lesson" || id.contains("recalled");
        cited.iter().all(own).then(|| format!("nothing but {cited:?} says so"))
    });
}

#[test]
fn a_range_and_a_number_are_compared_as_numbers() {
    assert!(agrees("0.40", "0.4") && agrees("60..91", "70.1") && agrees("no", "no"));
    assert!(!agrees("60..91", "40") && !agrees("0.4", "0.41") && !agrees("no", "0"));
}

/// Where the lesson lies beside the project, no number of the sections on services, limits and prices was forgotten.
#[test]
fn every_number_of_the_lesson_stands_in_a_row_of_its_section() {
    let Ok(text) = fs::read_to_string(root().join("../shared/lesson.ko.md")) else {
        println!("left out: the lesson is not beside this project (../shared/lesson.ko.md)");
        return;
    };
    let lesson = lesson();
    let mut found = Vec::new();
    for (id, line) in claims(&text) {
        let rows = lesson.section.iter().filter(|s| s.id == id).flat_map(|s| &s.row);
        let said: String = rows.map(|r| format!(" {} {} {}", r.claim, r.claim_ko, r.given())).collect();
        let said: BTreeSet<Decimal> = numbers(&said).collect();
        let missing = numbers(&line).filter(|n| !said.contains(n));
        found.extend(missing.map(|n| format!("{id}: {n} of: {}", line.trim())));
    }
    none(&found);
}

/// The lines that may hold claims, each with its section's id: prose and tables, and the figures of section 8.
fn claims(text: &str) -> Vec<(String, String)> {
    let (mut id, mut fenced, mut all) = (String::new(), false, Vec::new());
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
            continue;
        }
        let heading = line.trim_start_matches('#').trim_start();
        if !fenced && line.starts_with("###") {
            let exercise = heading.strip_prefix("연습 문제 ").map(|rest| format!("exercise {}", first_word(rest)));
            id = exercise.unwrap_or_else(|| first_word(heading).to_owned());
        } else if !fenced && line.starts_with('#') {
            id.clear();
        } else if !fenced || id.starts_with('8') {
            all.push((id.clone(), line.to_owned()));
        }
    }
    let bearing = ["1.2", "3.1", "4.2", "5.2", "6.", "7.", "8."];
    all.retain(|(id, _)| bearing.iter().any(|b| id.starts_with(b)) || id.starts_with("exercise"));
    // Exercise 3 has commands only, and lists number their items.
    all.retain(|(id, line)| id != "exercise 3" && !line.is_empty());
    all.into_iter().map(|(id, line)| (id, without_code(unnumbered(&line)))).collect()
}

fn first_word(text: &str) -> &str {
    text.split([' ', ':']).next().unwrap_or_default()
}

/// A line without what stands between backquotes.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// A line without its number in a list.
fn unnumbered(line: &str) -> &str {
    let rest = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
    rest.strip_prefix(". ").unwrap_or(line)
}

/// The numbers in a text that are no part of a word: 0.04048, 360,000.
fn numbers(text: &str) -> impl Iterator<Item = Decimal> {
    let is_part = |c: char| c.is_ascii_digit() || c == '.' || c == ',' || c.is_ascii_alphabetic() || c == '_';
    let tokens = text.split(move |c: char| !is_part(c)).map(|t| t.trim_matches(['.', ',']).replace(',', ""));
    let parts = tokens.flat_map(|t| t.split("..").map(str::to_owned).collect::<Vec<_>>());
    let starts = parts.map(|t| t.trim_end_matches(|c: char| c.is_ascii_alphabetic()).to_owned());
    starts.filter_map(|t| Decimal::from_str_exact(&t).ok()).map(|d| d.normalize())
}
