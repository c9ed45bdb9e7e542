//! `wharfage recommend`: the decision guide, by flags or by a short dialogue.
//!
//! It asks only where both ends are a terminal and nothing was said; questions go to the standard error, so that the answer alone is
//! on the standard output.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::ArgMatches;
use wharfage_api::{
    csv,
    recommend::{QUESTIONS, Question, recommend_in},
    request::WorkloadRequest,
    response::to_json,
};

use wharfage_core::{text, text::Catalogue};

use crate::{
    Exit, book,
    format::{Format, sheet},
    input::{self, Texts},
    language,
    run::Answer,
    table,
};

/// Runs `recommend`.
pub fn run(matches: &ArgMatches, texts: &mut Texts) -> Answer {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let choice = book::choose(text("prices"), texts);
    let input = input::request("recommend", matches, texts);
    // Mistakes in the tables and in the request are one trip.
    let (choice, mut input) = match (choice, input) {
        (Ok(c), Ok(i)) => (c, i),
        (c, i) => {
            let asked = i.map_or_else(|found| found, |i| i.mistakes(Vec::new()));
            return Err(c.err().into_iter().flatten().chain(asked).collect());
        }
    };
    if text("file").is_none() && input.read.request.workload.is_empty() && is_dialogue() {
        let words = ask(language::chosen(matches), &mut io::stdin().lock(), &mut io::stderr().lock());
        let needs = words.into_iter().map(str::to_owned).collect();
        input.read.request.workload.push(WorkloadRequest { needs, ..WorkloadRequest::default() });
    }
    let response = match recommend_in(Format::of(matches).words(matches), &input.read.request, &choice.book()) {
        Ok(response) if input.read.found.is_empty() => response,
        asked => return Err(input.mistakes(asked.err().unwrap_or_default())),
    };
    let text = match Format::of(matches) {
        Format::Json => to_json(&response),
        Format::Csv => sheet(matches, csv::recommendation(&response)),
        Format::Table | Format::Markdown => table::recommend::draw(&response, &table::Look::new(matches)),
    };
    Ok((text, if response.fitting.is_empty() { Exit::Nothing } else { Exit::Done }))
}

fn is_dialogue() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Asks what applies, and gathers the words of the answers. At the end of the input, all that is left means no preference.
fn ask(language: &Catalogue, answers: &mut impl BufRead, questions: &mut impl Write) -> Vec<&'static str> {
    let mut words = Vec::new();
    // A closed standard error is no reason to stop: answers are still read.
    let how = "Press Enter where you have no preference, Ctrl-D to skip the rest.";
    let _ = writeln!(questions, "{}", language.say(how));
    for question in QUESTIONS {
        if !question.applies(&words) {
            continue;
        }
        match one(language, question, answers, questions) {
            Some(word) => words.extend(word),
            None => break,
        }
    }
    let _ = writeln!(questions);
    words
}

/// One answer's word, if it has one; nothing at the end of the input.
fn one(
    language: &Catalogue,
    q: &Question,
    answers: &mut impl BufRead,
    questions: &mut impl Write,
) -> Option<Option<&'static str>> {
    let choices: Vec<&str> = q.answers.iter().map(|(answer, _)| *answer).collect();
    loop {
        let _ = write!(questions, "{} [{}] ", language.say(q.asks), choices.join("/"));
        let _ = questions.flush();
        let mut line = String::new();
        match answers.read_line(&mut line) {
            Ok(n) if n > 0 => {}
            _ => return None,
        }
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            return Some(None);
        }
        // The first letters of an answer are enough: no two begin alike.
        if let Some((_, word)) = q.answers.iter().find(|(answer, _)| answer.starts_with(&line)) {
            return Some(*word);
        }
        let again = text!("It is one of {words}, or nothing.", words = choices.join(", "));
        let _ = writeln!(questions, "  {}", language.tell(&again));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialogue(input: &str) -> (Vec<&'static str>, String) {
        let mut asked = Vec::new();
        let words = ask(&Catalogue::ENGLISH, &mut input.as_bytes(), &mut asked);
        (words, String::from_utf8(asked).unwrap())
    }

    #[test]
    fn answers_become_words_and_later_questions_depend_on_them() {
        let (words, asked) = dialogue("\nno\nyes\nyes\nmicro\n\n\n\n\n\n\n\n");
        assert_eq!(words, ["own-nodes", "kubernetes", "full-control", "microservices"]);
        assert!(asked.contains("control over the cluster's nodes"), "{asked}");
        let (words, asked) = dialogue("\ny\nn\nbatch\n");
        assert_eq!(words, ["serverless", "no-kubernetes", "batch"]);
        assert!(!asked.contains("control over the cluster's nodes") && !asked.contains("privileged"), "{asked}");
    }

    #[test]
    fn nothing_and_the_end_of_the_input_mean_no_preference() {
        assert_eq!(dialogue("").0, [""; 0]);
        assert_eq!(dialogue(&"\n".repeat(20)).0, [""; 0]);
    }

    #[test]
    fn what_is_no_answer_is_asked_again() {
        let (words, asked) = dialogue("perhaps\nno\ny\n");
        assert_eq!(words, ["serverless"]);
        assert!(asked.contains("It is one of yes, no, or nothing."), "{asked}");
    }

    #[test]
    fn no_two_answers_of_a_question_begin_alike() {
        for q in QUESTIONS {
            let mut firsts: Vec<char> = q.answers.iter().filter_map(|(a, _)| a.chars().next()).collect();
            firsts.sort_unstable();
            firsts.dedup();
            assert_eq!(firsts.len(), q.answers.len(), "{}", q.id);
        }
    }
}
