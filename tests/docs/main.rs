//! The generated pages of `docs/`: what the lesson says and what is so, every rule with its figures, where prices are known.
//!
//! `cargo xtask docs` rewrites them, and these tests fail while one of them is stale. `docs/lesson.toml` and
//! `docs/rules.toml` hold what a person has to say; every figure on a page is the program's own.

mod ask;
mod lesson;
mod markdown;
mod prices;
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
