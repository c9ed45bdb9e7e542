//! The answer to `diff`: plain structs, money and fractions as strings, keys in reading order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::response::{MissingOut, NoteOut, PeriodOut, Prices};

/// What changed between two answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiffResponse {
    /// version of this form: 1
    pub schema: u32,
    /// the first answer
    pub before: SideOut,
    /// the second answer
    pub after: SideOut,
    /// `USD`
    pub currency: String,
    /// totals by what became of them
    pub counts: Counts,
    /// one per platform, region and purchase option; in the second answer's order, then those that are gone
    pub totals: Vec<TotalDiff>,
    /// what else differs: periods, prices, rounding
    pub notes: Vec<NoteOut>,
    /// the limit, and what is beyond it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<ThresholdOut>,
}

/// One of two answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SideOut {
    /// its file
    pub name: String,
    /// `request`: priced for this comparison; `response`: read as it was
    pub kind: String,
    /// flags that were laid over the request
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// the tables its prices are from
    pub prices: Prices,
    /// what its bills are for
    pub period: PeriodOut,
    /// `invoice` or `exact`
    pub rounding: String,
}

/// What became of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// only in the second answer
    Added,
    /// only in the first answer
    Removed,
    /// in both, and different
    Changed,
    /// in both, and the same
    Unchanged,
}

impl Change {
    /// By presence in either answer.
    pub(super) const fn of(before: bool, after: bool, differs: bool) -> Self {
        match (before, after) {
            (false, _) => Self::Added,
            (_, false) => Self::Removed,
            _ if differs => Self::Changed,
            _ => Self::Unchanged,
        }
    }

    /// `+`, `-`, `~` or nothing.
    pub const fn mark(self) -> &'static str {
        match self {
            Self::Added => "+",
            Self::Removed => "-",
            Self::Changed => "~",
            Self::Unchanged => "",
        }
    }
}

/// How many of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// only in the second answer
    pub added: usize,
    /// only in the first answer
    pub removed: usize,
    /// in both, and different
    pub changed: usize,
    /// in both, and the same
    pub unchanged: usize,
}

impl Counts {
    pub(super) fn of(all: impl Iterator<Item = Change>) -> Self {
        let mut counts = Self::default();
        for change in all {
            *match change {
                Change::Added => &mut counts.added,
                Change::Removed => &mut counts.removed,
                Change::Changed => &mut counts.changed,
                Change::Unchanged => &mut counts.unchanged,
            } += 1;
        }
        counts
    }
}

/// Where workloads run, and how capacity is bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// platform id
    pub platform: String,
    /// the provider's region
    pub region: String,
    /// purchase option
    pub purchase: String,
}

/// What became of a total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TotalDiff {
    /// what became of it
    pub change: Change,
    /// where it is, or was
    #[serde(flatten)]
    pub place: Place,
    /// where it was, if it is the only one of either answer and elsewhere now
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<Place>,
    /// before, after, and the difference
    pub cost: Cost,
    /// its workloads, and what they share
    pub estimates: Vec<EstimateDiff>,
}

/// What became of a workload's estimate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EstimateDiff {
    /// what became of it
    pub change: Change,
    /// the workload's name, or `(shared)`
    pub workload: String,
    /// before, after, and the difference
    pub cost: Cost,
    /// the lines that are not the same; none where it is infeasible or unpriced on one side
    pub lines: Vec<LineDiff>,
    /// how many lines are the same
    pub unchanged_lines: usize,
    /// why it is infeasible now
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<NoteOut>,
    /// prices that are missing now
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<MissingOut>,
}

/// A cost before and after. The difference is stated where both sides are known, and nothing counts as 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// absent where there was nothing
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<State>,
    /// absent where there is nothing any more
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<State>,
    /// after − before, to the cent
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// after − before, exact
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_exact: Option<String>,
    /// exact change ÷ exact cost before: `0.125` is 12.5 %; absent where the cost before is 0, or one side is absent
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fraction: Option<String>,
}

/// A total as one answer has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct State {
    /// `priced`, `partial`, `unpriced` or `infeasible`
    pub status: String,
    /// to the cent; of a partial one without what is missing
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<String>,
    /// the exact sum
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_exact: Option<String>,
    /// keys of the prices that are missing
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LineDiff {
    /// what became of it
    pub change: Change,
    /// stable key
    pub sku: String,
    /// English
    pub label: String,
    /// what quantities are counted in, and unit prices are per
    pub unit: Texts,
    /// what is billed, in `unit`s
    pub priced: Texts,
    /// dollars per `unit`
    pub unit_price: Texts,
    /// half-up to the cent
    pub cost: Amounts,
    /// exact
    pub cost_exact: Amounts,
    /// exact change ÷ exact cost before, where both sides have it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fraction: Option<String>,
    /// `before` or `after`: the answer that needed this line and has no price for it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_price: Option<String>,
}

/// A text of either answer; absent where the line is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Texts {
    /// in the first answer
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// in the second answer
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Money before and after, and the difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Amounts {
    /// in the first answer
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// in the second answer
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// after − before; absent where a price is missing on one side
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
}

/// A limit, and the totals that rose beyond it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ThresholdOut {
    /// `10%`, `500USD`
    pub limit: String,
    /// totals beyond it; one that had a figure and has none any more counts
    pub crossed: Vec<Place>,
}
