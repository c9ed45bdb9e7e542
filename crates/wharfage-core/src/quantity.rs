//! Quantities and units: what is counted, and the labels bills print.
//!
//! # Units
//! A [`Quantity`] is a whole number of a small base unit, its [`Dimension`] is a type: milli-vCPU × µs, MiB × µs,
//! GPU × µs, things × millionths of a µs, or plain counts. A [`Unit`] is the label a price carries (`vCPU-Hours`, FOCUS style) and
//! knows how many base units it holds.
//! # Invariants
//! Quantities never round: [`Quantity::in_unit`] is for display only (12 places, half-even).
//! # Sources
//! AWS and Google write "GB" for 2^30 bytes in compute, memory and disk prices (`aws/BILLING-RULES` §0).

use std::{fmt, marker::PhantomData};

use rust_decimal::Decimal;

use crate::money::{self, Overflow};

/// Microseconds in an hour.
pub const MICROS_PER_HOUR: u64 = 3_600_000_000;
/// Microseconds in a second.
pub const MICROS_PER_SECOND: u64 = 1_000_000;

/// Base units of [`ThingTime`] in a µs of one thing.
pub const PER_MICRO: u64 = 1_000_000;

/// A span of time in whole microseconds, at most some 584,000 years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Micros(pub u64);

impl Micros {
    /// `n` whole seconds; `None` on overflow.
    pub fn from_secs(n: u64) -> Option<Self> {
        n.checked_mul(MICROS_PER_SECOND).map(Self)
    }

    /// Rounded up to a whole number of `step`; a step of zero changes nothing. Saturates.
    pub fn round_up(self, step: Self) -> Self {
        if step.0 == 0 {
            return self;
        }
        Self(self.0.div_ceil(step.0).saturating_mul(step.0))
    }

    /// Seconds as a decimal, exact.
    pub fn as_secs(self) -> Decimal {
        Decimal::from_i128_with_scale(i128::from(self.0), 6).normalize()
    }

    /// Hours as a decimal, at most 12 places.
    pub fn as_hours(self) -> Decimal {
        money::ratio_decimal(u128::from(self.0), u128::from(MICROS_PER_HOUR))
    }
}

/// Thousandths of a vCPU. 250 is a quarter of a vCPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MilliVcpu(pub u64);

impl MilliVcpu {
    /// In vCPU, exact.
    pub fn as_vcpu(self) -> Decimal {
        Decimal::from_i128_with_scale(i128::from(self.0), 3).normalize()
    }
}

impl fmt::Display for MilliVcpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} vCPU", self.as_vcpu())
    }
}

/// Memory, disk or data in MiB (2^20 bytes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mib(pub u64);

impl Mib {
    /// `n` GiB; `None` on overflow.
    pub fn from_gib(n: u64) -> Option<Self> {
        n.checked_mul(1024).map(Self)
    }

    /// In GiB, exact (1/1024 ends after ten places).
    pub fn as_gib(self) -> Decimal {
        money::ratio_decimal(u128::from(self.0), 1024)
    }
}

impl fmt::Display for Mib {
    /// `512 MiB`, `2 GiB`, `1.5 GiB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1024 || !self.0.is_multiple_of(128) {
            write!(f, "{} MiB", self.0)
        } else {
            write!(f, "{} GiB", self.as_gib())
        }
    }
}

/// What a quantity counts. A closed set of marker types; each says which [`Kind`] of unit prices it.
pub trait Dimension: Copy + fmt::Debug {
    /// The kind of unit that may price this dimension.
    const KIND: Kind;
}

/// The dimensions at run time, as tables know them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// milli-vCPU × µs
    VcpuTime,
    /// MiB × µs
    MemoryTime,
    /// MiB × µs of a standard month of 730 h
    StorageTime,
    /// GPU × µs
    GpuTime,
    /// things (clusters, load balancers, machines, addresses) × millionths of a µs
    ThingTime,
    /// requests
    Requests,
    /// MiB moved
    Data,
    /// millionths of a load balancer's capacity unit × µs
    CapacityTime,
    /// events
    Events,
    /// µs, priced by the minute
    Minutes,
    /// things × µs of a 730-hour month
    ThingMonths,
    /// a dollar credit, in 10^-12 USD
    Credit,
    /// a factor, such as a discount: never multiplies time
    Fraction,
    /// anything only kept as data so far
    Other,
}

macro_rules! dimension {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {}
        impl Dimension for $name { const KIND: Kind = Kind::$name; }
    )*};
}

dimension! {
    /// milli-vCPU × µs
    VcpuTime,
    /// MiB × µs (memory or disk)
    MemoryTime,
    /// MiB × µs of a standard month: storage priced by the month. A whole calendar month is 730 h, however long it is
    StorageTime,
    /// GPU × µs
    GpuTime,
    /// things × millionths of a µs: cluster-hours, machine-hours, load-balancer-hours. A machine-µs can cost more than
    /// 10^-12 USD, so a part of a machine's time is counted finer
    ThingTime,
    /// whole requests
    Requests,
    /// MiB moved over a network
    Data,
    /// millionths of a load balancer's capacity unit × µs
    CapacityTime,
    /// whole events
    Events,
    /// µs of work priced by the minute
    Minutes,
    /// things × µs of a 730-hour month: a fee per application and month
    ThingMonths,
    /// 10^-12 USD given back
    Credit,
}

/// A whole number of base units of `D`.
pub struct Quantity<D> {
    base: u128,
    of: PhantomData<D>,
}

impl<D> Clone for Quantity<D> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<D> Copy for Quantity<D> {}
impl<D> PartialEq for Quantity<D> {
    fn eq(&self, other: &Self) -> bool {
        self.base == other.base
    }
}
impl<D> Eq for Quantity<D> {}
impl<D> fmt::Debug for Quantity<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Quantity({})", self.base)
    }
}

impl<D: Dimension> Quantity<D> {
    /// Nothing.
    pub const ZERO: Self = Self { base: 0, of: PhantomData };

    /// `base` base units (see the dimension for which).
    pub const fn new(base: u128) -> Self {
        Self { base, of: PhantomData }
    }

    /// In base units.
    pub const fn base(self) -> u128 {
        self.base
    }

    /// The sum, refused on overflow.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn plus(self, other: Self) -> Result<Self, Overflow> {
        self.base.checked_add(other.base).map(Self::new).ok_or(Overflow)
    }

    /// `n` times as much, refused on overflow.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn times(self, n: u64) -> Result<Self, Overflow> {
        self.base.checked_mul(u128::from(n)).map(Self::new).ok_or(Overflow)
    }

    /// What is left after `other`, nothing at the least.
    pub fn minus(self, other: Self) -> Self {
        Self::new(self.base.saturating_sub(other.base))
    }

    /// In `unit`, for display: at most 12 places, half-even.
    pub fn in_unit(self, unit: Unit) -> Decimal {
        money::ratio_decimal(self.base, u128::from(unit.base_per_unit()))
    }
}

impl Quantity<VcpuTime> {
    /// `size` of vCPU held for `time`, by `count` instances.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn held(size: MilliVcpu, time: Micros, count: u64) -> Result<Self, Overflow> {
        product(size.0, time.0, count).map(Self::new)
    }
}

impl Quantity<MemoryTime> {
    /// `size` of memory held for `time`, by `count` instances.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn held(size: Mib, time: Micros, count: u64) -> Result<Self, Overflow> {
        product(size.0, time.0, count).map(Self::new)
    }
}

impl Quantity<StorageTime> {
    /// `size` of storage held for `time` (see [`crate::period::Period::of_month`]), `count` times.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn held(size: Mib, time: Micros, count: u64) -> Result<Self, Overflow> {
        product(size.0, time.0, count).map(Self::new)
    }
}

impl Quantity<GpuTime> {
    /// `gpus` held for `time`, by `count` instances.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn held(gpus: u64, time: Micros, count: u64) -> Result<Self, Overflow> {
        product(gpus, time.0, count).map(Self::new)
    }
}

impl Quantity<ThingTime> {
    /// `count` things that exist for `time`.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn held(count: u64, time: Micros) -> Result<Self, Overflow> {
        product(count, time.0, PER_MICRO).map(Self::new)
    }
}

fn product(a: u64, b: u64, c: u64) -> Result<u128, Overflow> {
    (u128::from(a) * u128::from(b)).checked_mul(u128::from(c)).ok_or(Overflow)
}

macro_rules! units {
    ($($name:ident $label:literal $one:literal $kind:ident $per:expr, $sub:expr;)*) => {
        /// A label a price is stated in, in FOCUS's style.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "the label says it all")]
        #[repr(u8)]
        pub enum Unit { $($name),* }

        impl Unit {
            /// Every unit, in the order of its number in compiled tables.
            pub const ALL: &'static [Unit] = &[$(Unit::$name),*];

            /// The label as tables and JSON write it: `vCPU-Hours`.
            pub const fn label(self) -> &'static str {
                match self { $(Unit::$name => $label),* }
            }

            /// One of it, for "per …": `vCPU-Hour`.
            pub const fn one(self) -> &'static str {
                match self { $(Unit::$name => $one),* }
            }

            /// The dimension it measures.
            pub const fn kind(self) -> Kind {
                match self { $(Unit::$name => Kind::$kind),* }
            }

            /// How many base units of its dimension it holds.
            pub const fn base_per_unit(self) -> u64 {
                match self { $(Unit::$name => $per),* }
            }

            /// How many base units make one plain unit (a vCPU-second, a GiB-second) in printed formulas.
            pub const fn base_per_plain(self) -> u64 {
                match self { $(Unit::$name => $sub),* }
            }
        }
    };
}

const H: u64 = MICROS_PER_HOUR;
const S: u64 = MICROS_PER_SECOND;
const FH: u64 = MICROS_PER_HOUR * PER_MICRO;
const FS: u64 = MICROS_PER_SECOND * PER_MICRO;

/// Base units of a month: a calendar month counts as one, other periods by their hours of 730.
pub const MONTH: u64 = 730 * MICROS_PER_HOUR;

units! {
    VcpuHours "vCPU-Hours" "vCPU-Hour" VcpuTime 1000 * H, 1000 * S;
    GibHours "GiB-Hours" "GiB-Hour" MemoryTime 1024 * H, 1024 * S;
    VcpuSeconds "vCPU-Seconds" "vCPU-Second" VcpuTime 1000 * S, 1000 * S;
    GibSeconds "GiB-Seconds" "GiB-Second" MemoryTime 1024 * S, 1024 * S;
    GhzSeconds "GHz-Seconds" "GHz-Second" Other 1, 1;
    GpuSeconds "GPU-Seconds" "GPU-Second" GpuTime S, S;
    GpuHours "GPU-Hours" "GPU-Hour" GpuTime H, S;
    Hours "Hours" "Hour" ThingTime FH, FS;
    ClusterHours "Cluster-Hours" "Cluster-Hour" ThingTime FH, FS;
    InstanceHours "Instance-Hours" "Instance-Hour" ThingTime FH, FS;
    Instance730Hours "730 Instance-Hours" "730 Instance-Hours" ThingTime 730 * FH, FS;
    AddressHours "Address-Hours" "Address-Hour" ThingTime FH, FS;
    RuleHours "Rule-Hours" "Rule-Hour" ThingTime FH, FS;
    VmHours "VM-Hours" "VM-Hour" ThingTime FH, FS;
    LcuHours "LCU-Hours" "LCU-Hour" CapacityTime 1_000_000 * H, 1_000_000 * S;
    NlcuHours "NLCU-Hours" "NLCU-Hour" CapacityTime 1_000_000 * H, 1_000_000 * S;
    CapabilityHours "Capability-Hours" "Capability-Hour" ThingTime FH, FS;
    ResourceHours "Resource-Hours" "Resource-Hour" ThingTime FH, FS;
    ApplicationHours "Application-Hours" "Application-Hour" ThingTime FH, FS;
    ApplicationMonths "Application-Months" "Application-Month" ThingMonths MONTH, MONTH;
    Gib "GiB" "GiB" Data 1024, 1024;
    GibMonths "GiB-Months" "GiB-Month" StorageTime 1024 * MONTH, 1024 * S;
    Tib "TiB" "TiB" Data 1_048_576, 1024;
    MibData "MiB" "MiB" Data 1, 1;
    IopsMonths "IOPS-Months" "IOPS-Month" Other 1, 1;
    GibpsMonths "GiBps-Months" "GiBps-Month" Other 1, 1;
    MillionRequests "1000000 Requests" "1000000 Requests" Requests 1_000_000, 1;
    MillionEvents "1000000 Events" "1000000 Events" Events 1_000_000, 1;
    Minutes "Minutes" "Minute" Minutes 60 * S, S;
    JobMonths "Jobs-Months" "Job-Month" Other 1, 1;
    UsdMonths "USD-Months" "USD-Month" Credit 1_000_000_000_000, 1_000_000_000_000;
    Usd "USD" "USD" Credit 1_000_000_000_000, 1_000_000_000_000;
    Fraction "Fraction" "Fraction" Fraction 1, 1;
}

impl Unit {
    /// The unit with this label.
    pub fn from_label(label: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|u| u.label() == label)
    }

    /// The unit with this number in a compiled table.
    pub(crate) fn from_number(n: u8) -> Option<Self> {
        Self::ALL.get(usize::from(n)).copied()
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_unique_and_lead_back() {
        for unit in Unit::ALL {
            assert_eq!(Unit::from_label(unit.label()), Some(*unit));
        }
    }

    #[test]
    fn a_month_of_a_quarter_vcpu() {
        let month = Micros(730 * MICROS_PER_HOUR);
        let held = Quantity::<VcpuTime>::held(MilliVcpu(250), month, 1).unwrap();
        assert_eq!(held.in_unit(Unit::VcpuHours).to_string(), "182.5");
    }

    #[test]
    fn sizes_print_in_the_shorter_unit() {
        for (mib, text) in [(512, "512 MiB"), (1024, "1 GiB"), (1536, "1.5 GiB"), (1025, "1025 MiB")] {
            assert_eq!(Mib(mib).to_string(), text);
        }
    }
}
