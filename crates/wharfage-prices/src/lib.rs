//! wharfage's dated price tables for AWS and Google Cloud containers, compiled into the program.
//!
//! The tables lie in `pricing-data/`; the build script checks them with [`wharfage_core::book`]'s own parser and compiles
//! them. Nothing is parsed when a program starts: lookups read the compiled bytes in place.
//!
//! ```
//! let book = wharfage_prices::book();
//! let day = book.edition().date;
//! let price = book.price("aws/fargate/linux-x86.vcpu", &["ap-northeast-2"], day).unwrap();
//! assert_eq!(price.amount.to_string(), "0.04656"); // USD per vCPU-hour in Seoul
//! ```
//!
//! Figures are USD per the unit of their key; each has a source, the day it was confirmed and how it is known
//! (`docs/prices.md` counts them, `wharfage prices show KEY` lists one key's history).

#![forbid(unsafe_code)]

use wharfage_core::PriceBook;

static BASE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/base.bin"));
static BASE_DIGEST: &str = include_str!(concat!(env!("OUT_DIR"), "/base.digest"));
static LESSON: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/lesson.bin"));
static LESSON_DIGEST: &str = include_str!(concat!(env!("OUT_DIR"), "/lesson.digest"));

/// What became of every row of the collected facts, as TOML: counts per file, and reasons for rows not in the book.
pub static ACCOUNTING: &str = include_str!("../pricing-data/accounting.toml");

/// Which keys no platform cites yet, and why, as TOML.
pub static COVERAGE: &str = include_str!("../pricing-data/coverage.toml");

/// The built-in book.
pub fn book() -> PriceBook<'static> {
    PriceBook::new(BASE, BASE_DIGEST.to_owned()).expect("the build script compiled these tables")
}

/// The lesson's own figures: its prices in place of the built-in ones, over the same terms and regions.
pub fn lesson() -> PriceBook<'static> {
    book().with_edition(LESSON, LESSON_DIGEST).expect("the build script compiled these tables")
}

/// Names of the editions that `--prices` knows besides the default.
pub const EDITIONS: [&str; 1] = ["lesson"];
