//! The foot of a page: what was assumed, what to beware of, what is not priced; each sentence once.

use unicode_width::UnicodeWidthStr;
use wharfage_api::response::{EstimateOut, NoteOut};
use wharfage_core::{Text, text, tr};

use super::{
    Look, SHARED,
    cells::{Tone, paragraph},
    markdown,
};

/// A sentence, and whom it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said<'r> {
    code: &'r str,
    message: String,
    subjects: Vec<&'r str>,
}

/// How much of the notes a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// a few sentences of each kind; notes of one code become one
    Short,
    /// every sentence
    Full,
}

/// Estimates, each with what it is called where notes differ: its platform, or its workload.
pub type Named<'r> = [(&'r str, &'r EstimateOut)];

/// Most sentences of a kind where they are kept short.
const SHORT: usize = 4;

/// Adds the foot of some estimates.
pub fn draw(out: &mut String, look: &Look, named: &Named<'_>, detail: Detail) {
    let mut subjects: Vec<&str> = Vec::new();
    for (name, _) in named.iter().filter(|(_, e)| e.feasible && e.workload != SHARED) {
        if !subjects.contains(name) {
            subjects.push(name);
        }
    }
    if !look.quiet {
        section(out, look, tr!("assumed"), &sentences(look, gather(named, |e| &e.assumptions), &subjects, detail));
        section(out, look, tr!("warnings"), &sentences(look, gather(named, |e| &e.warnings), &subjects, detail));
    }
    let mut missing = gather(named, |e| &e.not_priced);
    missing.sort_by_key(|said| std::cmp::Reverse(said.subjects.len()));
    let missing: Vec<String> = missing.iter().map(|said| sentence(look, said, &subjects)).collect();
    if !missing.is_empty() {
        section_in(out, look, Tone::Plain, "not priced", &[missing.join("; ")]);
    }
}

/// Columns of a section's title.
const LEAD: usize = 12;

/// Adds sentences under a title; none, no title.
pub fn section(out: &mut String, look: &Look, title: &str, sentences: &[String]) {
    section_in(out, look, Tone::Quiet, title, sentences);
}

/// Adds sentences under a title, in a tone.
pub fn section_in(out: &mut String, look: &Look, tone: Tone, title: &str, sentences: &[String]) {
    if look.markdown {
        return markdown::section(out, look.say(title), sentences);
    }
    let title = look.say(title);
    let bullet = if sentences.len() > 1 { "- " } else { "" };
    for (n, text) in sentences.iter().enumerate() {
        let title = if n == 0 { title } else { "" };
        let lead = format!("{title}{}{bullet}", " ".repeat(LEAD.saturating_sub(title.width())));
        paragraph(out, look, tone, &lead, text);
    }
}

fn gather<'r>(named: &Named<'r>, notes: impl Fn(&'r EstimateOut) -> &'r Vec<NoteOut>) -> Vec<Said<'r>> {
    let mut all: Vec<Said<'r>> = Vec::new();
    for (name, estimate) in named {
        for note in notes(estimate) {
            match all.iter_mut().find(|s| s.message == note.message) {
                Some(said) if said.subjects.contains(name) => {}
                Some(said) => said.subjects.push(name),
                None => all.push(Said { code: &note.code, message: note.message.clone(), subjects: vec![name] }),
            }
        }
    }
    all
}

fn sentences(look: &Look, mut all: Vec<Said<'_>>, subjects: &[&str], detail: Detail) -> Vec<String> {
    if detail == Detail::Short {
        all = collapsed(look, all);
        all.sort_by_key(|said| std::cmp::Reverse(said.subjects.len()));
    }
    let mut texts: Vec<String> = all.iter().map(|said| sentence(look, said, subjects)).collect();
    // A line in the place of a single sentence would save nothing.
    if detail == Detail::Short && texts.len() > SHORT + 1 {
        let hidden = texts.split_off(SHORT);
        texts.push(look.tell(&text!("{n} more: `wharfage estimate` has them all", n = hidden.len())));
    }
    texts
}

/// Notes whose sentence names a price, said once for all of them.
#[rustfmt::skip]
const COUNTED: [(&str, &str); 5] = [
    ("price/old", "{n} prices were not seen again in the 90 days before this edition"),
    ("price/recalled", "{n} prices are from memory: no source was found for them"),
    ("price/first-seen", "{n} prices were first seen after the day asked for"),
    ("price/user", "{n} prices come from your own tables"),
    ("term/recalled", "{n} rule figures are from memory: no source was found for them"),
];

/// Notes of one code as one: counted, or the first and how many are like it.
fn collapsed<'r>(look: &Look, all: Vec<Said<'r>>) -> Vec<Said<'r>> {
    let mut by_code: Vec<(usize, Said<'r>)> = Vec::new();
    for said in all {
        match by_code.iter_mut().find(|(_, s)| s.code == said.code) {
            Some((n, first)) => {
                *n += 1;
                let new = said.subjects.into_iter().filter(|s| !first.subjects.contains(s)).collect::<Vec<_>>();
                first.subjects.extend(new);
            }
            None => by_code.push((1, said)),
        }
    }
    let all = by_code.into_iter().map(|(n, said)| {
        let counted = COUNTED.iter().find(|(code, _)| *code == said.code);
        let message = match (n, counted) {
            (1, _) => said.message,
            (_, Some((_, many))) => look.tell(&Text::new(many, vec![("n", n.into())])),
            (_, None) => look.tell(&text!("{sentence}; and {n} of the same kind", sentence = said.message, n = n - 1)),
        };
        Said { message, ..said }
    });
    all.collect()
}

/// All of a few names; the first of many, and how many more.
pub fn listed(names: &[&str]) -> Text {
    match names.len() {
        0..=6 => Text::plain(names.join(", ")),
        n => text!("{names} and {n} more", names = names[..5].join(", "), n = n - 5),
    }
}

/// A sentence with its subjects, where it is not about all of them.
fn sentence(look: &Look, said: &Said<'_>, subjects: &[&str]) -> String {
    let others: Vec<&str> = subjects.iter().filter(|s| !said.subjects.contains(s)).copied().collect();
    match others.len() {
        0 => said.message.clone(),
        1 if said.subjects.len() > 2 => {
            look.tell(&text!("{sentence} (all but {name})", sentence = &said.message, name = others[0]))
        }
        _ => format!("{} ({})", said.message, look.tell(&listed(&said.subjects))),
    }
}

/// What sentences about a platform or an autoscaler may begin with.
const LEADS: [&str; 9] =
    ["App Runner", "Autopilot", "Cloud Run", "EKS on Fargate", "Fargate", "HPA", "KEDA", "Knative", "target tracking"];

/// The name that a sentence begins with.
fn lead(look: &Look, sentence: &str) -> Option<&'static str> {
    let (name, _) = sentence.split_once(": ")?;
    LEADS.into_iter().find(|lead| look.say(lead) == name)
}

/// Sentences, each behind whom it is about, unless that is everyone, or it begins with a name that nobody else's do.
pub fn with_subjects(look: &Look, all: &[(&str, Vec<&str>)], everyone: usize) -> Vec<String> {
    let told = |(sentence, about): &(&str, Vec<&str>)| {
        let named = lead(look, sentence).is_some_and(|name| {
            let alike = all.iter().filter(|(other, _)| lead(look, other) == Some(name));
            alike.flat_map(|(_, about)| about).all(|subject| about.contains(subject))
        });
        if named || about.len() == everyone {
            return look.say(sentence).to_owned();
        }
        let mut about = about.clone();
        about.dedup();
        format!("{}: {}", about.join(", "), look.say(sentence))
    };
    all.iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::{super::samples::*, *};

    fn said<'r>(code: &'r str, message: &str, subjects: &[&'r str]) -> Said<'r> {
        Said { code, message: message.to_owned(), subjects: subjects.to_vec() }
    }

    #[test]
    fn a_sentence_names_its_subjects_only_where_they_differ() {
        #[rustfmt::skip]
        let cases: [(&[&str], &str); 4] = [
            (&["a", "b", "c", "d"], "so"),
            (&["a", "b", "c"], "so (all but d)"),
            (&["a", "b"], "so (a, b)"),
            (&["d"], "so (d)"),
        ];
        for (subjects, want) in cases {
            assert_eq!(sentence(&look(None), &said("x", "so", subjects), &["a", "b", "c", "d"]), want);
        }
    }

    #[test]
    fn a_sentence_that_begins_with_a_name_needs_no_other() {
        #[rustfmt::skip]
        let all = [
            ("Cloud Run: idle for 900 s", vec!["cloud-run", "cloud-run-instance"]),
            ("Cloud Run: a start of 2 s", vec!["cloud-run"]),
            ("HPA: no behavior",          vec!["eks-fargate"]),
            ("so: it is",                 vec!["eks-fargate", "eks-fargate"]),
            ("everyone",                  vec!["cloud-run", "cloud-run-instance", "eks-fargate", "eks-fargate"]),
        ];
        let want = [
            "Cloud Run: idle for 900 s",
            "cloud-run: Cloud Run: a start of 2 s",
            "HPA: no behavior",
            "eks-fargate: so: it is",
            "everyone",
        ];
        assert_eq!(with_subjects(&look(None), &all, 4), want);
    }

    #[test]
    fn notes_of_one_code_become_one_and_many_become_a_few() {
        let all = || {
            vec![
                said("price/old", "k was seen", &["a"]),
                said("price/old", "l was seen", &["b"]),
                said("x", "y", &["a"]),
            ]
        };
        let short = sentences(&look(None), all(), &["a", "b"], Detail::Short);
        assert_eq!(short, ["2 prices were not seen again in the 90 days before this edition", "y (a)"]);
        assert_eq!(sentences(&look(None), all(), &["a", "b"], Detail::Full).len(), 3);
        let codes: Vec<String> = (0..9).map(|n| format!("code/{n}")).collect();
        let many: Vec<Said<'_>> = codes.iter().map(|c| said(c, c, &["a"])).collect();
        let short = sentences(&look(None), many, &["a"], Detail::Short);
        assert_eq!(short.len(), SHORT + 1);
        assert_eq!(short.last().unwrap(), "5 more: `wharfage estimate` has them all");
    }

    #[test]
    fn days_that_count_as_old_are_those_of_the_library() {
        assert!(COUNTED[0].1.contains(&format!("{} days", wharfage_core::estimate::OLD_AFTER_DAYS)));
    }

    #[test]
    fn quiet_leaves_only_what_is_not_priced() {
        let response = response(&format!("command = 'compare'\nregion = 'seoul'\n{TRAFFIC}"));
        let named: Vec<(&str, &EstimateOut)> = response.estimates.iter().map(|e| (e.platform.as_str(), e)).collect();
        let text = |quiet| {
            let mut out = String::new();
            draw(&mut out, &Look { quiet, ..look(Some(80)) }, &named, Detail::Short);
            out
        };
        assert!(text(true).starts_with("not priced  data sent to the internet"), "{}", text(true));
        assert!(text(false).starts_with("assumed     - "), "{}", text(false));
        assert!(text(false).ends_with(&text(true)));
    }
}
