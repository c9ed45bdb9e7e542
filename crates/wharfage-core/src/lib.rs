//! What containers cost, exactly: money, price tables, billing rules and estimates.
//!
//! This crate holds the arithmetic and knows no price: tables are an argument ([`PriceBook`]). It is pure: no I/O, clock,
//! randomness or floating point, so it gives the same digits on every machine and in WebAssembly. The crate `wharfage-prices`
//! has the built-in tables, `wharfage-api` the request and response that front ends speak; start there unless you want to
//! hold the pieces in your own hands.
//!
//! # In one line
//!
//! ```text
//! Demand ──closed form──▶ Usage ──billing rules × Terms──▶ LineItems ──▶ Estimate
//! what the user           what the provider   ▲
//! expects                 would meter         PriceBook, on a day
//! ```
//!
//! | to … | read |
//! | --- | --- |
//! | say what is to be priced | [`workload`], [`demand`], [`period`], [`purchase`] |
//! | get tables, and look figures up | [`book`] |
//! | price it | [`pricing`], and for the rules [`platform`], [`beside`], [`commitment`], [`rollout`] |
//! | read the answer | [`estimate`], [`note`], [`rule`] |
//! | count and pay | [`quantity`], [`rate`], [`money`] |
//!
//! # Price a task
//!
//! A quantity knows its dimension, and a rate takes no other: memory times a price of CPU does not compile.
//!
//! ```
//! use wharfage_core::{
//!     PriceBook,
//!     book::{compile, parse, tables::Tables},
//!     quantity::{Micros, MilliVcpu, Quantity, VcpuTime},
//! };
//!
//! let table = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own-table.toml"));
//! let mut tables = Tables::default();
//! assert_eq!(parse::file("own-table.toml", table, parse::Owner::Book, &mut tables), []);
//! let compiled = compile::compile(&tables).unwrap();
//! let book = PriceBook::new(&compiled.bytes, compiled.digest).unwrap();
//!
//! let day = book.edition().date;
//! let rate = book.rate::<VcpuTime>("aws/fargate/linux-x86.vcpu", &["ap-northeast-2"], day).unwrap();
//! // 150 runs of half a vCPU for ten minutes, at 0.04 USD a vCPU-hour.
//! let used = Quantity::<VcpuTime>::held(MilliVcpu(500), Micros::from_secs(600).unwrap(), 150).unwrap();
//! let cost = rate.charge(used).unwrap();
//! assert_eq!(cost.to_decimal().to_string(), "0.5");
//! assert_eq!(rate.price().source.title, "our contract of 2026, annex B");
//! ```
//!
//! # Compare
//!
//! [`pricing::group`] puts workloads on one platform in one region, bought one way. What cannot run there says why; what
//! has no price says which is missing.
//!
//! ```
//! # use wharfage_core::{
//! #     PriceBook,
//! #     book::{compile, parse, tables::Tables},
//! #     demand::Demand,
//! #     estimate::{Rounding, Status},
//! #     period::Period,
//! #     platform::Platform,
//! #     pricing::{Place, Settings, group},
//! #     purchase::Purchase,
//! #     quantity::{MICROS_PER_HOUR, Mib, Micros, MilliVcpu},
//! #     workload::{Switch, Workload},
//! # };
//! # let table = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own-table.toml"));
//! # let mut tables = Tables::default();
//! # parse::file("own-table.toml", table, parse::Owner::Book, &mut tables);
//! # let compiled = compile::compile(&tables).unwrap();
//! # let book = PriceBook::new(&compiled.bytes, compiled.digest).unwrap();
//! let month = Period {
//!     label: "730h".to_owned(),
//!     time: Micros(730 * MICROS_PER_HOUR),
//!     month_hours: 730,
//!     whole_month_hours: (672, 744),
//! };
//! let settings = Settings {
//!     day: book.edition().date,
//!     period: month,
//!     free_tier: Switch::On,
//!     rounding: Rounding::Invoice,
//!     commit: None,
//! };
//! let seoul = Place { name: "seoul".to_owned(), aws: book.region("ap-northeast-2"), gcp: None };
//! let web = Workload {
//!     vcpu: Some(MilliVcpu(500)),
//!     memory: Mib::from_gib(1),
//!     ..Workload::new("web", Demand::Replicas { count: 2 })
//! };
//! let on = |platform, purchase| group(&book, &settings, platform, &seoul, purchase, &[web.clone()]).unwrap();
//!
//! let fargate = on(Platform::EcsFargate, Purchase::OnDemand);
//! assert_eq!(fargate.totals.total.to_cents().to_string(), "36.50");
//!
//! let spot = on(Platform::EcsFargate, Purchase::Spot);
//! assert_eq!(spot.status, Status::Unpriced); // the table has no Spot prices, and none is guessed
//!
//! let job = on(Platform::CloudRunJob, Purchase::OnDemand);
//! assert_eq!(job.status, Status::Infeasible);
//! ```
//!
//! # Bring your own table
//!
//! `examples/own_table.rs` is a whole program: a price list of one's own, checked, compiled and priced with. Laid over
//! the built-in tables instead, it need only hold what differs: [`PriceBook::with_user_tables`].
//!
//! # Units
//!
//! Dollars in 10^-12 ([`Money`]); milli-vCPU, MiB (2^20 bytes) and microseconds; quantities are whole numbers of their
//! products ([`quantity`]). A public name carries its unit where its type does not. Money is divided once per line, in
//! [`rate::Rate::charge`], half-even at 12 places.
//!
//! # Errors
//!
//! Three, which mean the same everywhere: [`Overflow`] (a number too large to be exact; nothing is ever rounded to fit),
//! [`book::Missing`] (the book has no such figure on that day; which key, which region, and what it has instead), and
//! [`Diagnostic`]s (an input that is wrong: where, why, and what to do, all mistakes at once). Nothing panics on any input.
//!
//! # Sources
//!
//! Every price and term names one ([`book::Source`]), and so does every [`rule::Rule`]; `docs/rules.md` lists them with
//! today's figures.

#![forbid(unsafe_code)]
#![deny(clippy::float_arithmetic, clippy::iter_over_hash_type)]

pub mod beside;
pub mod book;
pub mod calendar;
pub mod commitment;
pub mod demand;
pub mod diagnostic;
pub mod estimate;
pub mod money;
pub mod note;
pub mod packing;
pub mod period;
pub mod platform;
pub mod pricing;
pub mod purchase;
pub mod quantity;
pub mod rate;
pub mod rollout;
pub mod rule;
pub mod text;
pub mod workload;

pub use book::PriceBook;
pub use diagnostic::Diagnostic;
pub use money::{Money, Overflow};
pub use text::Text;
