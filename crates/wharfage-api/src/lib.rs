//! wharfage's one request and response model: `respond(request, &book)` is what every front end calls.
//!
//! A request is plain texts ([`request::EstimateRequest`]), however it was written: TOML, JSON, flags, a form. A response
//! is plain structs ([`response::EstimateResponse`]) with decimals as strings. Tables, Markdown and pages are drawn from
//! the response alone, so whatever a person can see, a script can read.
//!
//! # Price a task
//!
//! ```
//! let (request, _) = wharfage_api::read::request("inline.toml", r#"
//!     platform = "ecs-fargate"
//!     region = "seoul"
//!     [[workload]]
//!     name = "web"
//!     vcpu = 0.5
//!     memory = "1GiB"
//!     replicas = 2
//! "#).unwrap();
//! let response = wharfage_api::respond(&request, &wharfage_prices::book()).unwrap();
//! assert_eq!(response.estimates[0].sums.total.as_deref(), Some("41.45"));
//! ```
//!
//! # Compare
//!
//! The command `compare` prices every platform and sorts: priced, partial, unpriced, infeasible, each by money.
//!
//! ```
//! # use wharfage_api::{read, respond};
//! let text = r#"{ "command": "compare", "region": "서울", "purchase": ["on-demand", "spot"],
//!                 "workload": [{ "name": "batch", "vcpu": 1, "memory": "2GiB", "runs": 150, "duration": "10m" }] }"#;
//! let (request, _) = read::request("request.json", text).unwrap();
//! let response = respond(&request, &wharfage_prices::book()).unwrap();
//! let first = &response.estimates[0];
//! assert_eq!((first.platform.as_str(), first.status.as_str()), ("cloud-run-job", "priced"));
//! let last = response.estimates.last().unwrap();
//! assert_eq!(last.status, "infeasible");
//! assert!(!last.reasons.is_empty());
//! ```
//!
//! # Bring your own table
//!
//! A table holds what differs from the built-in one; lines that use it say so.
//!
//! ```
//! use wharfage_core::book::{check, compile, parse, tables::Tables};
//! # use wharfage_api::{read, respond};
//! let text = r#"
//! [[price]]
//! key = "aws/fargate/linux-x86.vcpu"
//! unit = "vCPU-Hours"
//! region = "ap-northeast-2"
//! values = [{ from = 2026-01-01, price = "0.04" }]
//! "#;
//! let built_in = wharfage_prices::book();
//! let mut tables = Tables::default();
//! assert_eq!(parse::file("contract.toml", text, parse::Owner::User, &mut tables), []);
//! assert_eq!(check::tables(&tables, Some(&built_in)), []);
//! let contract = compile::compile(&tables).unwrap();
//! let book = built_in.with_user_tables("contract", &contract.bytes, &contract.digest).unwrap();
//!
//! # let (request, _) = read::request("inline.toml", r#"
//! #     platform = "ecs-fargate"
//! #     region = "seoul"
//! #     [[workload]]
//! #     vcpu = 0.5
//! #     memory = "1GiB"
//! #     replicas = 2
//! # "#).unwrap();
//! let response = respond(&request, &book).unwrap();
//! assert_eq!(response.prices.edition, "2026-11-22+contract");
//! assert_eq!(response.estimates[0].lines[0].basis, "user");
//! assert_eq!(response.estimates[0].sums.total.as_deref(), Some("36.66"));
//! ```
//!
//! # Serve it
//!
//! `examples/handler.rs` is a web handler's worth of code: JSON in, a status and JSON out.
//!
//! # Units and errors
//!
//! Money and fractions are texts with all their digits, in USD unless a field says otherwise; counts are numbers. A request
//! that cannot be answered gives every mistake at once as [`wharfage_core::Diagnostic`]s, which [`diagnostics`] turns into what JSON
//! holds. A price that is missing is no error: the estimate is `partial` or `unpriced` and names it.

#![forbid(unsafe_code)]

pub mod csv;
pub mod diff;
pub mod grammar;
pub mod groups;
pub mod language;
pub mod prices;
pub mod read;
pub mod recommend;
#[macro_use]
pub mod request;
pub mod break_even;
pub mod queue;
pub mod resolve;
mod respond;
pub mod response;
mod sensitivity;
pub mod settings;
pub mod simulate;

pub use respond::{diagnostics, respond, respond_in};
