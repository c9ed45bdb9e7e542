//! The answer to `break-even`: plain structs, money and values as strings, keys in reading order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    diff::Place,
    response::{MissingOut, NoteOut, PeriodOut, Prices},
};

/// Where one platform's bill overtakes another's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BreakEvenResponse {
    /// version of this form: 1
    pub schema: u32,
    /// `closed form` or `simulation`
    pub method: String,
    /// the tables the prices are from
    pub prices: Prices,
    /// what the bills are for
    pub period: PeriodOut,
    /// `USD`
    pub currency: String,
    /// `invoice` or `exact`
    pub rounding: String,
    /// the input that is varied
    pub vary: VaryOut,
    /// who is compared: all with a bill somewhere in the range, in the order asked for; numbers elsewhere count from here, from 0
    pub rivals: Vec<RivalOut>,
    /// who is the cheapest where, in the order of values
    pub cheapest: Vec<StretchOut>,
    /// where one takes over from another
    pub crossings: Vec<CrossingOut>,
    /// bills over the range
    pub curve: Vec<PointOut>,
    /// who has no bill that could be compared, at some or all values of the curve
    pub others: Vec<OtherOut>,
    /// how crossings were looked for
    pub search: SearchOut,
    /// what is taken for granted
    pub assumptions: Vec<NoteOut>,
    /// what to beware of: `simulate/cut` where it was asked to end, and has what was known by then
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<NoteOut>,
}

/// The input that is varied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VaryOut {
    /// the workload's name
    pub workload: String,
    /// the field, such as `requests`
    pub input: String,
    /// what stands behind each value, such as `/s`; empty for counts
    pub unit: String,
    /// what the request states, where it does
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated: Option<String>,
    /// the lowest value
    pub from: String,
    /// the highest
    pub to: String,
    /// what values are apart
    pub step: String,
}

/// One that is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RivalOut {
    /// where, and how it is bought
    #[serde(flatten)]
    pub place: Place,
    /// the name a reader knows, as far as it tells rivals apart
    pub name: String,
    /// what its bills take for granted at the value that `noted_at` names
    pub assumptions: Vec<NoteOut>,
    /// what to beware of
    pub warnings: Vec<NoteOut>,
    /// what a real bill has besides
    pub not_priced: Vec<NoteOut>,
    /// the value that these notes are of
    pub noted_at: String,
}

/// Values at which the same rivals are the cheapest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StretchOut {
    /// the first value
    pub from: String,
    /// the last
    pub to: String,
    /// who: several where their bills are equal, nobody where none has one
    pub rivals: Vec<usize>,
}

/// Where one takes over from another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CrossingOut {
    /// the first value at which `to` is not dearer than `from`
    pub at: String,
    /// the first value at which `to` is cheaper: another than `at` only where both are equal in between
    pub cheaper_from: String,
    /// who is cheaper at one step less
    pub from: usize,
    /// who is from there on
    pub to: usize,
    /// `crosses`: the bills swap order; `ends`: `from` can't be had any more; `begins`: `to` could not be had before
    pub kind: String,
    /// is it between those that are the cheapest of all
    pub of_the_cheapest: bool,
    /// both bills below, at the crossing and above, as far as the range goes
    pub bills: Vec<PairOut>,
    /// what those values are apart: a step, or more where chance decides who is cheaper so close to a simulated crossing
    pub apart: String,
    /// is `from` cheaper below, and `to` not dearer above as well as at the crossing
    pub holds: bool,
    /// the same in a sentence
    pub says: String,
}

/// Both bills at a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PairOut {
    /// the value
    pub value: String,
    /// the bill of `from`
    pub from: BillOut,
    /// the bill of `to`
    pub to: BillOut,
    /// `from`, `to` or `equal`, by the exact sums; `none` where neither has a bill
    pub cheaper: String,
}

/// A bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BillOut {
    /// `priced`, `partial`, `unpriced` or `infeasible`
    pub status: String,
    /// to the cent; absent where it has no whole bill
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// the exact sum, which decides
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_exact: Option<String>,
}

/// The bills at a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PointOut {
    /// the value
    pub value: String,
    /// one a rival, in their order
    pub bills: Vec<BillOut>,
    /// who is the cheapest
    pub cheapest: Vec<usize>,
}

/// One that has no bill that could be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OtherOut {
    /// where, and how it is bought
    #[serde(flatten)]
    pub place: Place,
    /// `partial`, `unpriced` or `infeasible`
    pub status: String,
    /// the lowest value of the curve at which it is so
    pub from: String,
    /// the highest
    pub to: String,
    /// why it can't run the workload, at the lowest
    pub reasons: Vec<NoteOut>,
    /// prices that are needed and not in the tables, at the lowest
    pub missing: Vec<MissingOut>,
}

/// How crossings were looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SearchOut {
    /// values in the range
    pub values: u64,
    /// bills that were worked out
    pub bills: u64,
    /// arrivals, completions and the like that were simulated, where bills are simulated
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<u64>,
    /// was every value looked at
    pub every_value: bool,
    /// rivals whose bill was seen to rise and to fall: theirs can cross again between values that were looked at
    pub turning: Vec<usize>,
    /// the same in a sentence
    pub says: String,
}
