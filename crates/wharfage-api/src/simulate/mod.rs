//! `wharfage simulate`: from texts to scenarios, and from outcomes to a response.
//!
//! ```
//! use wharfage_api::simulate::{self, SimulateRequest};
//! let request = SimulateRequest {
//!     policy: vec!["scale-to-zero".into()],
//!     arrivals: Some("constant:1/min".into()),
//!     service: Some("const:80ms".into()),
//!     idle_after: Some("30s".into()),
//!     horizon: Some("1h".into()),
//!     ..Default::default()
//! };
//! let answer = simulate::respond(&request, &simulate::no_files).unwrap();
//! assert_eq!((answer.runs[0].requests, answer.runs[0].cold_starts), (60, 60));
//! ```

mod figures;
pub(crate) mod models;
mod request;
mod resolve;
mod respond;
mod response;

use std::io::Read;

use wharfage_core::{Diagnostic, text::Text};

pub use request::SimulateRequest;
pub use respond::respond;
pub use response::{Ci95Out, ExactOut, InstancesOut, RunOut, SampleOut, SimulateResponse, SpreadOut, UsageOut};

/// Everything that is wrong with a request, without simulating it.
pub fn check(request: &SimulateRequest, open: Opener<'_>) -> Vec<Diagnostic> {
    resolve::resolve(request, open).err().unwrap_or_default()
}

/// Opens a file that a request names, such as a trace.
pub type Opener<'o> = &'o dyn Fn(&str) -> Result<Box<dyn Read>, Diagnostic>;

/// An opener where there are no files.
///
/// # Errors
/// Always.
pub fn no_files(name: &str) -> Result<Box<dyn Read>, Diagnostic> {
    Err(Diagnostic::error("file/unreadable", Text::plain(format!("`{name}` can't be read here")))
        .help(Text::plain("give a model instead")))
}

/// The JSON Schema of [`SimulateResponse`].
pub fn json_schema() -> String {
    crate::response::to_json(&schemars::schema_for!(SimulateResponse))
}
