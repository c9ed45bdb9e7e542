//! The generated pages of `docs/`: what the lesson says and what is so, every rule with its figures, where prices are known,
//! what was measured on AWS Lambda and what is simulated, and what can be set of autoscalers.
//!
//! `cargo xtask docs` rewrites them, and these tests fail while one of them is stale. `docs/lesson.toml`, `docs/rules.toml` and
//! `docs/lambda.toml` hold what a person has to say or measured; every other figure on a page is the program's own.

mod ask;
mod autoscalers;
mod lambda;
mod lesson;
mod markdown;
mod measured;
mod prices;
mod recorded;
mod rules;

use expect_test::expect_file;
use wharfage_tests::root;

#[track_caller]
fn is_up_to_date(page: &str, text: &str) {
    expect_file![root().join("docs").join(page)].assert_eq(text);
}

#[test]
fn the_lessons_page_is_up_to_date() {
    is_up_to_date("lesson.md", &lesson::page());
}

#[test]
fn the_rules_page_is_up_to_date() {
    is_up_to_date("rules.md", &rules::page());
}

#[test]
fn the_prices_page_is_up_to_date() {
    is_up_to_date("prices.md", &prices::page());
}

#[test]
fn the_lambda_page_is_up_to_date() {
    is_up_to_date("lambda.md", &lambda::page());
}

#[test]
fn the_autoscalers_page_is_up_to_date() {
    is_up_to_date("autoscalers.md", &autoscalers::page());
}
