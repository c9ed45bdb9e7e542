//! What containers cost, exactly: money, price tables, billing rules and estimates.

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
