//! `wharfage queue`: the closed forms of queueing theory, chosen by arrivals, service, servers and waiting places.
//!
//! ```
//! use wharfage_api::queue::{QueueRequest, respond};
//! let request = QueueRequest {
//!     arrivals: Some("poisson:8/s".into()),
//!     service: Some("exp:1s".into()),
//!     servers: Some("10".into()),
//!     ..Default::default()
//! };
//! let answer = respond(&request).unwrap();
//! assert_eq!(answer.model, "M/M/c");
//! assert_eq!(answer.figure("p_wait"), Some("0.4091801508"));
//! ```

mod forms;
mod request;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use forms::respond;
pub use request::QueueRequest;

/// The answer to a [`QueueRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QueueResponse {
    /// version of this form: 1
    pub schema: u32,
    /// `closed form`: nothing is simulated
    pub method: String,
    /// the model in Kendall's notation, such as `M/M/c`
    pub model: String,
    /// what the formulas say
    pub figures: Vec<FigureOut>,
    /// what is taken for granted
    pub assumptions: Vec<String>,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FigureOut {
    /// stable, such as `wait_mean`
    pub name: String,
    /// ten significant digits
    pub value: String,
    /// `ms`, `1/s`, or empty for numbers and shares
    pub unit: String,
    /// what it is
    pub says: String,
}

impl QueueResponse {
    /// A figure's value by name.
    pub fn figure(&self, name: &str) -> Option<&str> {
        self.figures.iter().find(|f| f.name == name).map(|f| f.value.as_str())
    }
}

/// The JSON Schema of [`QueueResponse`].
pub fn json_schema() -> String {
    crate::response::to_json(&schemars::schema_for!(QueueResponse))
}
