//! The response: what JSON holds, and all that tables and pages are drawn from.
//!
//! Money, quantities and fractions are strings, counts are numbers. Keys are in reading order; the same request and
//! tables give the same bytes from every front end.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The form's version.
pub const SCHEMA: u32 = 1;

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EstimateResponse {
    /// version of this form: 1
    pub schema: u32,
    /// the tables the prices are from
    pub prices: Prices,
    /// what the bills are for
    pub period: PeriodOut,
    /// `USD`: the currency of every table
    pub currency: String,
    /// `invoice` or `exact`
    pub rounding: String,
    /// second currencies at the user's own rates
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fx: Vec<Fx>,
    /// one per workload, platform, region and purchase option; in a group, what workloads share comes last
    pub estimates: Vec<EstimateOut>,
    /// one per platform, region and purchase option
    pub totals: Vec<TotalOut>,
}

/// The tables the prices are from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Prices {
    /// `2026-11-22`, `lesson`, …
    pub edition: String,
    /// `sha256:…` of the compiled tables
    pub digest: String,
    /// the day prices are taken from
    pub as_of: String,
}

/// What the bills are for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PeriodOut {
    /// as asked: `730h`, `2026-02`, `2027`
    pub label: String,
    /// its hours
    pub hours: String,
    /// its months, if it is a calendar year
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub months: Vec<PeriodMonth>,
}

/// A month of a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PeriodMonth {
    /// `2027-01`
    pub label: String,
    /// its hours
    pub hours: String,
}

/// What something comes to, to the cent and exactly; none of it where nothing has a price.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Sums {
    /// to the cent; only where everything is priced
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// the exact sum; only where everything is priced
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_exact: Option<String>,
    /// to the cent, without what is missing
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtotal: Option<String>,
    /// the exact sum without what is missing
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtotal_exact: Option<String>,
}

impl Sums {
    /// The total to the cent, or the subtotal where a price is missing.
    pub fn cents(&self) -> Option<&String> {
        self.total.as_ref().or(self.subtotal.as_ref())
    }

    /// The exact total, or the exact subtotal where a price is missing.
    pub fn exact(&self) -> Option<&String> {
        self.total_exact.as_ref().or(self.subtotal_exact.as_ref())
    }

    /// The four by their keys, in reading order.
    pub(crate) fn each(&self) -> [(&'static str, Option<&String>); 4] {
        [
            ("total", self.total.as_ref()),
            ("total_exact", self.total_exact.as_ref()),
            ("subtotal", self.subtotal.as_ref()),
            ("subtotal_exact", self.subtotal_exact.as_ref()),
        ]
    }
}

/// What a month of a year comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MonthOut {
    /// `2027-01`
    pub period: String,
    /// what it comes to
    #[serde(flatten)]
    pub sums: Sums,
}

/// A second currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fx {
    /// three letters
    pub currency: String,
    /// what a dollar costs in it, as the user stated
    pub rate: String,
}

/// An amount in a second currency, rounded half-up to its smallest unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FxAmount {
    /// three letters
    pub currency: String,
    /// total (or subtotal) times the rate
    pub total: String,
}

/// What one workload costs on one platform, or why that is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EstimateOut {
    /// the workload's name, or `(shared)`
    pub workload: String,
    /// platform id
    pub platform: String,
    /// the provider's region
    pub region: String,
    /// purchase option
    pub purchase: String,
    /// `priced`, `partial`, `unpriced` or `infeasible`
    pub status: String,
    /// can the platform run it
    pub feasible: bool,
    /// what it comes to
    #[serde(flatten)]
    pub sums: Sums,
    /// in second currencies
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fx: Vec<FxAmount>,
    /// of a year, what each month comes to, rounded on its own; only where the year has a figure
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub months: Vec<MonthOut>,
    /// the lines, in reading order; of a year, each is the sum over its months
    pub lines: Vec<LineOut>,
    /// why it is infeasible
    pub reasons: Vec<NoteOut>,
    /// prices that were needed and are not in the tables
    pub missing: Vec<MissingOut>,
    /// what was assumed
    pub assumptions: Vec<NoteOut>,
    /// what a real bill would have and this estimate has not
    pub not_priced: Vec<NoteOut>,
    /// caveats
    pub warnings: Vec<NoteOut>,
    /// with `sensitivity`: which inputs move the total of all workloads most
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<SensitivityOut>,
}

/// Which inputs of a workload move the total of all workloads there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct SensitivityOut {
    /// the inputs that move it, the greatest difference first
    pub inputs: Vec<InputOut>,
    /// numeric inputs that do not
    pub without_effect: Vec<String>,
}

/// An input that moves a total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InputOut {
    /// the field
    pub input: String,
    /// its value
    pub value: String,
    /// is it a default that nobody stated
    pub default: bool,
    /// with less of it; absent where there is no less, or no difference
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<VariationOut>,
    /// with more of it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up: Option<VariationOut>,
}

/// A total with another value of one input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VariationOut {
    /// the value: 10 % or one step away; further where sizes come from a menu and that makes no difference
    pub value: String,
    /// `priced`, `partial`, `unpriced` or `infeasible`
    pub status: String,
    /// to the cent
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// difference to the total, to the cent; absent where the status is another
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// the exact difference
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_exact: Option<String>,
}

/// One line of a bill. `unit_price` × `priced_base` ÷ `base_per_unit`, half-even at 12 places, is `cost`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LineOut {
    /// stable key: `aws/fargate/linux-x86.vcpu`
    pub sku: String,
    /// English, whatever the language
    pub label: String,
    /// what ran, in `unit`s
    pub consumed: String,
    /// what is billed, in `unit`s
    pub priced: String,
    /// `vCPU-Hours`
    pub unit: String,
    /// what is billed, in whole base units
    pub priced_base: String,
    /// base units in one `unit`
    pub base_per_unit: String,
    /// dollars per `unit`; -1 for a credit
    pub unit_price: String,
    /// exact to 12 places
    pub cost: String,
    /// half-up to the cent
    pub cost_rounded: String,
    /// of a year, what each month is billed, in the order of the period's months; `cost` is their sum, but for the 12th
    /// place where a month's cost does not end within it
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub months: Vec<String>,
    /// id of the rule that shaped `priced`
    pub rule: String,
    /// where the price is from
    pub source: String,
    /// `published`, `observed`, `derived`, `recalled` or `user`
    pub basis: String,
    /// first day the price was in force or seen; absent where it holds from the beginning
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// last day somebody saw the price
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<String>,
    /// with `explain`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
}

/// How a line came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Explanation {
    /// the arithmetic: `1 tasks × 0.5 vCPU × 2628000 s × 0.04656 USD ÷ 3600 = 16.9944 USD`
    pub formula: String,
    /// what the rule says
    pub says: String,
    /// where the rule is from
    pub rule_source: String,
    /// short id of the price's source
    pub source_id: String,
    /// where the price can be read
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A coded sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoteOut {
    /// stable, such as `app-runner/memory-max`
    pub code: String,
    /// English
    pub message: String,
}

/// A price that was needed and is not in the tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MissingOut {
    /// the key looked for
    pub key: String,
    /// the region looked in
    pub region: String,
    /// what the tables do know
    pub message: String,
}

/// The sum of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TotalOut {
    /// platform id
    pub platform: String,
    /// the provider's region
    pub region: String,
    /// purchase option
    pub purchase: String,
    /// the worst status of the group's estimates
    pub status: String,
    /// what it comes to
    #[serde(flatten)]
    pub sums: Sums,
    /// in second currencies
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fx: Vec<FxAmount>,
    /// of a year, what each month comes to, rounded on its own; only where the year has a figure
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub months: Vec<MonthOut>,
}

/// What JSON holds where a request could not be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiagnosticsResponse {
    /// version of this form: 1
    pub schema: u32,
    /// everything that is wrong
    pub diagnostics: Vec<DiagnosticOut>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiagnosticOut {
    /// `error` or `warning`
    pub severity: String,
    /// stable, such as `request/unknown-key`
    pub code: String,
    /// what is wrong
    pub message: String,
    /// where
    pub labels: Vec<LabelOut>,
    /// what to do
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// A place and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LabelOut {
    /// the file, if it stands in one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// its bytes there: first, and first behind it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<[usize; 2]>,
    /// the field of the request, if it stands in no file
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// what is wrong there
    pub text: String,
}

/// JSON of a response, with line breaks, as every front end prints it.
pub fn to_json<T: Serialize>(response: &T) -> String {
    serde_json::to_string_pretty(response).expect("responses are plain structs with text keys") + "\n"
}

/// The JSON Schema of a response.
pub fn schema_of<T: JsonSchema>() -> String {
    to_json(&schemars::schema_for!(T))
}

/// The JSON Schema of [`EstimateResponse`].
pub fn json_schema() -> String {
    to_json(&schemars::schema_for!(EstimateResponse))
}

/// The JSON Schema of [`DiagnosticsResponse`].
pub fn diagnostics_json_schema() -> String {
    to_json(&schemars::schema_for!(DiagnosticsResponse))
}

/// The JSON Schema of [`crate::request::EstimateRequest`].
pub fn request_json_schema() -> String {
    to_json(&schemars::schema_for!(crate::request::EstimateRequest))
}
