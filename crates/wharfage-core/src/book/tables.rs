//! Price tables as rows, between the parser and the compiler. Only build scripts and user tables pass through here;
//! the program itself reads the compiled form.

use std::ops::Range;

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::quantity::Unit;
use crate::tr;

/// How a figure is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Basis {
    /// The provider stated the day it took effect.
    Published,
    /// Somebody saw it on a stated day.
    Observed,
    /// Exact arithmetic on other figures.
    Derived,
    /// From memory; no source was found. Warns on every estimate that uses it.
    Recalled,
    /// The user's own table.
    User,
}

impl Basis {
    pub(crate) const ALL: [Self; 5] = [Self::Published, Self::Observed, Self::Derived, Self::Recalled, Self::User];

    /// As tables and JSON write it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Published => tr!("published"),
            Self::Observed => tr!("observed"),
            Self::Derived => tr!("derived"),
            Self::Recalled => tr!("recalled"),
            Self::User => tr!("user"),
        }
    }

    /// From its label.
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|b| b.label() == label)
    }
}

/// Where a row stands, for messages about it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct At {
    /// number of the file in [`Tables::files`]
    pub file: usize,
    /// its bytes
    pub span: Range<usize>,
}

/// Where the parts of a price stand that its figures share.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowAt {
    /// the key
    pub key: At,
    /// the unit
    pub unit: At,
    /// the region
    pub region: At,
}

/// Everything parsed so far.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    /// names of the files, in the order read
    pub files: Vec<String>,
    /// the edition, if one of the files declares it
    pub edition: Option<EditionRow>,
    /// where figures come from
    pub sources: Vec<SourceRow>,
    /// one row per price and date
    pub prices: Vec<PriceRow>,
    /// one row per threshold and date
    pub terms: Vec<TermRow>,
    /// machine shapes
    pub shapes: Vec<ShapeRow>,
    /// regions
    pub regions: Vec<RegionRow>,
    /// ids of scopes wider than a region (`global`, `tier-1`)
    pub scopes: Vec<String>,
}

/// An edition of the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditionRow {
    /// its name, a date for the built-in one
    pub name: String,
    /// the day it stands for
    pub date: Date,
    /// hours of its month where a request states no period
    pub month_hours: u32,
}

/// Where a figure comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// short id
    pub id: String,
    /// what it is
    pub title: String,
    /// where it can be read, if anywhere
    pub url: Option<String>,
    /// place in the tables
    pub at: At,
}

/// What prices and terms have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// first day in force; `None`: from the beginning
    pub from: Option<Date>,
    /// first day no longer in force
    pub until: Option<Date>,
    /// how it is known
    pub basis: Basis,
    /// id of its source
    pub source: String,
    /// last day somebody saw it
    pub confirmed: Option<Date>,
    /// a caveat, such as `disputed: …`
    pub note: Option<String>,
    /// place in the tables
    pub at: At,
}

/// A price of a key in a region, from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceRow {
    /// where its parts stand
    pub at: RowAt,
    /// `provider/service/meter`
    pub key: String,
    /// region or scope
    pub region: String,
    /// what the price is per
    pub unit: Unit,
    /// the price, digits as in the source
    pub price: Decimal,
    /// when, whence
    pub dated: Dated,
}

/// A threshold, menu or list, from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermRow {
    /// `provider/service/name`
    pub key: String,
    /// region or scope
    pub region: String,
    /// a free label of what the numbers are
    pub unit: String,
    /// numbers per row; 1 for a single value
    pub columns: usize,
    /// the numbers, row by row
    pub values: Vec<Decimal>,
    /// when, whence
    pub dated: Dated,
}

/// A machine type's shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShapeRow {
    /// `aws` or `gcp`
    pub provider: String,
    /// `c6g.large`
    pub name: String,
    /// thousandths of a vCPU
    pub vcpu_milli: u64,
    /// whole MiB
    pub memory_mib: u64,
    /// `x86`, `arm`, or empty
    pub arch: String,
    /// thousandths of a GPU; `None` where unknown
    pub gpu_milli: Option<u64>,
    /// the accelerator's name, or empty
    pub gpu: String,
    /// milli-vCPU, MiB and pods left for workloads, as one published table has them
    pub allocatable: Option<[u64; 3]>,
    /// id of its source
    pub source: String,
    /// how it is known
    pub basis: Basis,
    /// place in the tables
    pub at: At,
}

/// A region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionRow {
    /// `ap-northeast-2`
    pub id: String,
    /// `aws` or `gcp`
    pub provider: String,
    /// English city
    pub city: String,
    /// Korean city
    pub city_ko: String,
    /// other names, lower case
    pub aliases: Vec<String>,
    /// Cloud Run's tier: a scope
    pub tier: Option<String>,
    /// continent for Cloud Run's egress prices
    pub egress_area: Option<String>,
    /// a caveat
    pub note: Option<String>,
    /// place in the tables
    pub at: At,
}
