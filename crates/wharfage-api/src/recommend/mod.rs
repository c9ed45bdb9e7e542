//! The decision guide: which platforms suit, in order, why, why not the others, and what each would cost.
//!
//! What is wanted are words: of `--needs`, of a dialogue, or what follows from the workload. Rules ([`RULES`]) lead from
//! words to platforms and add up. What a platform can't do is not theirs to say: the core's reasons come first, so nothing is
//! recommended that can't run the workload. Where no workload or region is stated, one is assumed and said.
//!
//! ```
//! use wharfage_api::{read, recommend};
//! let text = "platform = ['ecs-fargate', 'eks-fargate']\n[[workload]]\nneeds = ['serverless', 'kubernetes']";
//! let (request, _) = read::request("inline.toml", text).unwrap();
//! let answer = recommend::recommend(&request, &wharfage_prices::book()).unwrap();
//! assert_eq!(answer.fitting[0].platform, "eks-fargate");
//! assert_eq!(answer.others[0].why[0].rule, "ecs-fargate/needs-kubernetes");
//! ```

mod assume;
mod response;
mod rules;

use wharfage_core::{
    Diagnostic, Money, PriceBook,
    diagnostic::{did_you_mean, quoted},
    note::Note,
    platform::Platform,
    text,
    text::Catalogue,
    workload::Need,
};

pub use self::{
    response::{Fit, Other, RecommendResponse, Wanted, Why},
    rules::{Effect, QUESTIONS, Question, RULES, Rule, WISHES, words},
};
use crate::{
    grammar,
    groups::{Group, groups},
    request::EstimateRequest,
    respond_in,
    response::{EstimateResponse, NoteOut, SCHEMA},
};

/// Recommends platforms for a request whose `needs` may hold any of [`words`].
///
/// # Errors
/// Everything that is wrong with the request, at once.
pub fn recommend(request: &EstimateRequest, book: &PriceBook<'_>) -> Result<RecommendResponse, Vec<Diagnostic>> {
    recommend_in(&Catalogue::ENGLISH, request, book)
}

/// [`recommend`] for people who read a language: sentences with values are in it, those without are for
/// [`Catalogue::say`].
///
/// # Errors
/// As [`recommend`].
pub fn recommend_in(
    words: &Catalogue,
    request: &EstimateRequest,
    book: &PriceBook<'_>,
) -> Result<RecommendResponse, Vec<Diagnostic>> {
    let language = words;
    let mut request = request.clone();
    let (mut wanted, mut found) = said(&mut request);
    for w in &request.workload {
        for (word, because) in assume::implied(w, &request.purchase, book) {
            if !wanted.iter().any(|w| w.word == word) {
                wanted.push(Wanted {
                    word: word.to_owned(),
                    means: means(word),
                    because: Some(language.tell(&because)),
                });
            }
        }
    }
    let words: Vec<&str> = wanted.iter().map(|w| w.word.as_str()).collect();
    let assumed = assume::fill(&mut request, &words).iter().map(|note| note_out(language, note)).collect();
    request.command = Some("compare".to_owned());
    let response = match respond_in(language, &request, book) {
        Ok(response) if found.is_empty() => response,
        asked => {
            found.extend(asked.err().unwrap_or_default());
            return Err(found);
        }
    };
    let (mut fitting, mut others) = (Vec::new(), Vec::new());
    for platform in Platform::ALL {
        match judge(&response, *platform, &words) {
            Some(Ok(fit)) => fitting.push(fit),
            Some(Err(other)) => others.push(other),
            None => {}
        }
    }
    favour_the_cheapest(&mut fitting, &words);
    fitting.sort_by_key(|f| (std::cmp::Reverse(f.suits), rank(&f.status), cost(f)));
    Ok(RecommendResponse {
        schema: SCHEMA,
        notes: not_the_cheapest(&fitting).iter().map(|note| note_out(language, note)).collect(),
        prices: response.prices,
        period: response.period,
        currency: response.currency,
        rounding: response.rounding,
        wanted,
        assumed,
        fitting,
        others,
    })
}

/// Takes the words out of `needs` that only rules know, and refuses those that nobody does.
fn said(request: &mut EstimateRequest) -> (Vec<Wanted>, Vec<Diagnostic>) {
    let (mut wanted, mut found): (Vec<Wanted>, Vec<Diagnostic>) = (Vec::new(), Vec::new());
    for (n, w) in request.workload.iter_mut().enumerate() {
        let mut needs = Vec::new();
        for (at, text) in w.needs.iter().enumerate() {
            for word in grammar::parts(text) {
                let word = word.to_ascii_lowercase();
                if !words().contains(&word.as_str()) {
                    found.push(unknown(&word, &format!("workload[{n}].needs[{at}]")));
                    continue;
                }
                if Need::from_id(&word).is_some() {
                    needs.push(word.clone());
                }
                if !wanted.iter().any(|w| w.word == word) {
                    wanted.push(Wanted { means: means(&word), word, because: None });
                }
            }
        }
        w.needs = needs;
    }
    (wanted, found)
}

fn unknown(word: &str, field: &str) -> Diagnostic {
    let words = words();
    let help = did_you_mean(word, words.iter().copied(), text!("it is one of {words}", words = words.join(", ")));
    let d = Diagnostic::error(
        "request/unknown-word",
        text!("`{name}` can't be `{text}`", name = "needs", text = quoted(word)),
    );
    d.on(field, "not one of its words").help(help)
}

fn means(word: &str) -> String {
    let wish = WISHES.iter().find(|(w, _)| *w == word).map(|(_, means)| *means);
    let need = |n: Need| match n {
        Need::Kubernetes => "the Kubernetes API",
        Need::Privileged => "privileged containers",
        Need::Gpu => "GPUs",
        Need::Vpc => "a place in a VPC",
        Need::Daemonset => "agents on every machine",
        Need::Kernel => "a kernel of one's own",
        Need::Events => "events as triggers",
        Need::ScaleToZero => "no cost without traffic",
    };
    wish.or_else(|| Need::from_id(word).map(need)).unwrap_or_default().to_owned()
}

/// What is to be said of a platform; nothing where it was not asked about.
fn judge(response: &EstimateResponse, platform: Platform, words: &[&str]) -> Option<Result<Fit, Other>> {
    let all = groups(response);
    let mut on_it: Vec<&Group<'_>> = all.iter().filter(|g| g.total.platform == platform.id()).collect();
    on_it.sort_by_key(|g| (rank(&g.total.status), money(g.total.sums.total.as_ref()), g.total.purchase != "on-demand"));
    let best = on_it.first()?;
    let (id, label) = (platform.id().to_owned(), platform.label().to_owned());
    let rules: Vec<&Rule> = RULES.iter().filter(|r| r.platforms.contains(&platform) && r.applies(words)).collect();
    let why = |r: &Rule, suits| Why {
        rule: r.id.to_owned(),
        suits,
        says: r.says.to_owned(),
        source: Some(r.source.to_owned()),
    };
    let excluded = rules.iter().filter(|r| r.effect == Effect::Excludes).map(|r| why(r, 0));
    let against: Vec<Why> = reasons(best).into_iter().chain(excluded).collect();
    if !against.is_empty() {
        return Some(Err(Other { platform: id, label, why: against }));
    }
    let why: Vec<Why> = rules
        .iter()
        .filter_map(|r| match r.effect {
            Effect::Suits(by) => Some(why(r, by)),
            Effect::Excludes | Effect::Cheapest(_) => None,
        })
        .collect();
    let t = best.total;
    Some(Ok(Fit {
        platform: id,
        label,
        region: t.region.clone(),
        purchase: t.purchase.clone(),
        suits: why.iter().map(|w| w.suits).sum(),
        status: t.status.clone(),
        total: t.sums.cents().cloned(),
        total_exact: t.sums.exact().cloned(),
        why,
    }))
}

/// Why a platform can't run the workloads, each reason once.
fn reasons(group: &Group<'_>) -> Vec<Why> {
    let mut all: Vec<Why> = Vec::new();
    for r in group.estimates.iter().flat_map(|e| &e.reasons) {
        let why = Why { rule: r.code.clone(), suits: 0, says: r.message.clone(), source: None };
        if !all.contains(&why) {
            all.push(why);
        }
    }
    all
}

/// Rules about whichever is the cheapest of those that fit and have a price.
fn favour_the_cheapest(fitting: &mut [Fit], words: &[&str]) {
    for rule in RULES.iter().filter(|r| r.applies(words)) {
        let Effect::Cheapest(by) = rule.effect else { continue };
        let priced = fitting.iter_mut().filter(|f| f.status == "priced");
        if let Some(cheapest) = priced.min_by_key(|f| cost(f)) {
            cheapest.suits += by;
            let (says, source) = (rule.says.to_owned(), Some(rule.source.to_owned()));
            cheapest.why.push(Why { rule: rule.id.to_owned(), suits: by, says, source });
        }
    }
}

/// The best status first.
fn rank(status: &str) -> usize {
    ["priced", "partial", "unpriced"].iter().position(|s| *s == status).unwrap_or(usize::MAX)
}

fn cost(f: &Fit) -> Option<Money> {
    money(f.total_exact.as_ref())
}

fn money(text: Option<&String>) -> Option<Money> {
    text?.parse().ok()
}

fn note_out(words: &Catalogue, note: &Note) -> NoteOut {
    NoteOut { code: note.code.to_string(), message: words.tell(&note.text) }
}

/// Suiting best is not being cheapest: where they differ, both figures are said.
fn not_the_cheapest(fitting: &[Fit]) -> Option<Note> {
    let first = fitting.first()?;
    let cheapest = fitting.iter().filter(|f| f.status == "priced").min_by_key(|f| cost(f));
    let note = |c: &Fit| {
        let args = [
            ("first", first.label.clone()),
            ("costs", first.total.clone().unwrap_or_default()),
            ("cheapest", c.label.clone()),
            ("least", c.total.clone().unwrap_or_default()),
        ];
        let says = "suiting best is not being cheapest: {first} costs {costs} USD, {cheapest} {least} USD";
        Note::new("recommend/not-the-cheapest", says, &args)
    };
    let dearer = cheapest.filter(|c| first.status == "priced" && cost(c) < cost(first));
    dearer.map(note)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_rules_and_questions_is_known_and_leads_somewhere() {
        let known = words();
        let asked = QUESTIONS
            .iter()
            .flat_map(|q| q.answers.iter().filter_map(|(_, word)| *word).chain(q.when.iter().chain(q.unless).copied()));
        let ruled = RULES.iter().flat_map(|r| r.when.iter().chain(r.unless).copied());
        for word in asked.chain(ruled) {
            assert!(known.contains(&word), "{word}");
        }
        for (word, _) in WISHES {
            assert!(RULES.iter().any(|r| r.when.contains(&word)), "no rule is about {word}");
        }
        for (n, rule) in RULES.iter().enumerate() {
            assert!(RULES[n + 1..].iter().all(|r| r.id != rule.id), "{} is there twice", rule.id);
            assert!(!rule.platforms.is_empty() && !rule.source.is_empty() && !rule.says.ends_with('.'), "{}", rule.id);
        }
    }
}
