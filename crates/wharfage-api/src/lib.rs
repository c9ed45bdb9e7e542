//! wharfage's one request and response model: `respond(request, &book)` is what every front end calls.
//!
//! A request is plain texts ([`request::EstimateRequest`]), however it was written: TOML, JSON, flags, a form. A response
//! is plain structs ([`response::EstimateResponse`]) with decimals as strings. Tables, Markdown and pages are drawn from
//! the response alone, so whatever a person can see, a script can read.
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
//! assert_eq!(response.estimates[0].total.as_deref(), Some("41.45"));
//! ```

pub mod csv;
pub mod grammar;
pub mod groups;
pub mod prices;
pub mod read;
#[macro_use]
pub mod request;
pub mod queue;
pub mod resolve;
mod respond;
pub mod response;
pub mod settings;
pub mod simulate;

pub use respond::{diagnostics, respond};
