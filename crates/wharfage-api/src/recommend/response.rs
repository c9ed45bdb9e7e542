//! The answer to `recommend`: plain structs, money as strings, keys in reading order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::response::{NoteOut, PeriodOut, Prices};

/// The fitting platforms, best first, and the others, each with why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecommendResponse {
    /// version of this form: 1
    pub schema: u32,
    /// the tables the prices are from
    pub prices: Prices,
    /// what the bills are for
    pub period: PeriodOut,
    /// `USD`
    pub currency: String,
    /// `invoice` or `exact`
    pub rounding: String,
    /// what is wanted, and how that is known
    pub wanted: Vec<Wanted>,
    /// what nobody said and prices need
    pub assumed: Vec<NoteOut>,
    /// platforms that fit: those that suit best first, then the cheapest first
    pub fitting: Vec<Fit>,
    /// platforms that do not fit
    pub others: Vec<Other>,
    /// what the order does not tell
    pub notes: Vec<NoteOut>,
}

/// A word for what is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Wanted {
    /// `kubernetes`, `serverless`, …
    pub word: String,
    /// what it means
    pub means: String,
    /// what of the workload it follows from; absent where it was said
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// A platform that fits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fit {
    /// platform id
    pub platform: String,
    /// the name a reader knows
    pub label: String,
    /// the provider's region that its price is of
    pub region: String,
    /// purchase option that its price is of
    pub purchase: String,
    /// how well it suits: the sum of its rules
    pub suits: i32,
    /// `priced`, `partial` or `unpriced`
    pub status: String,
    /// to the cent; of a partial one without what is missing
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// the exact sum
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_exact: Option<String>,
    /// the rules that speak for it, and against it
    pub why: Vec<Why>,
}

/// A rule, and what it does to a platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Why {
    /// the rule's id, or the code of a reason
    pub rule: String,
    /// by how much it suits better or worse; 0 where it is out
    pub suits: i32,
    /// why
    pub says: String,
    /// who says so; absent where the platform can't run the workload
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A platform that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Other {
    /// platform id
    pub platform: String,
    /// the name a reader knows
    pub label: String,
    /// why not
    pub why: Vec<Why>,
}
