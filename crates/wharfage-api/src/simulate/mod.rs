//! `wharfage simulate`: from texts to scenarios, and from outcomes to a response.
//!
//! Without a platform, a policy alone is simulated, and no money appears.
//!
//! ```
//! use wharfage_api::{request::EstimateRequest, simulate::{self, SimulateRequest}};
//! let simulation = SimulateRequest {
//!     policy: vec!["scale-to-zero".into()],
//!     arrivals: Some("constant:1/min".into()),
//!     service: Some("const:80ms".into()),
//!     idle_after: Some("30s".into()),
//!     horizon: Some("1h".into()),
//!     ..Default::default()
//! };
//! let request = EstimateRequest { simulate: Some(Box::new(simulation)), ..Default::default() };
//! let answer = simulate::respond(&request, &wharfage_prices::book(), &simulate::no_files).unwrap();
//! assert_eq!((answer.runs[0].requests, answer.runs[0].cold_starts), (60, 60));
//! ```
//!
//! With platforms, each is simulated under its own autoscaler, and what it would meter is priced.
//!
//! ```
//! # use wharfage_api::{read, simulate};
//! let (request, _) = read::request("inline.toml", r#"
//!     platform = ["cloud-run", "ecs-fargate"]
//!     region = "seoul"
//!     [simulate]
//!     horizon = "10m"
//!     [[workload]]
//!     vcpu = 1
//!     memory = "512MiB"
//!     requests = "5/s"
//!     duration = "80ms"
//! "#).unwrap();
//! let answer = simulate::respond(&request, &wharfage_prices::book(), &simulate::no_files).unwrap();
//! let bill = answer.runs[1].bill.as_ref().unwrap();
//! // A task in Seoul, all month, as the estimate of one replica: 1 vCPU comes with 2 GiB at least.
//! assert_eq!(bill.monthly_total.as_deref(), Some("41.45"));
//! ```

mod bill;
mod figures;
mod files;
mod habits;
mod length;
pub(crate) mod models;
mod moments;
mod parameters;
mod plan;
mod request;
mod resolve;
mod respond;
mod response;
mod slo;
mod values;

use wharfage_core::{Diagnostic, text::Text};

pub use parameters::{AutoscalerKey, autoscaler_keys};
pub use request::SimulateRequest;
pub use respond::{check, respond, respond_in};
pub use response::{
    BillOut, CandidateOut, Ci95Out, ExactOut, GoalOut, InstancesOut, MeteredOut, RefusedOut, RunOut, SampleOut,
    SimulateResponse, SloOut, SpreadOut, UsageOut,
};

/// What a file that a request names is read from.
pub use wharfage_sim::Input;

/// How far a simulation is, and how it is asked to end.
pub use wharfage_sim::Watch;

/// Opens a file that a request names, such as a trace; several simulations may ask at once.
pub type Opener<'o> = &'o (dyn Fn(&str) -> Result<Input, Diagnostic> + Sync);

/// An opener where there are no files.
///
/// # Errors
/// Always.
pub fn no_files(name: &str) -> Result<Input, Diagnostic> {
    Err(Diagnostic::error("file/unreadable", Text::plain(format!("`{name}` can't be read here")))
        .help(Text::plain("give a model instead")))
}

/// The JSON Schema of [`SimulateResponse`].
pub fn json_schema() -> String {
    crate::response::to_json(&schemars::schema_for!(SimulateResponse))
}
