//! Line items, bills and estimates.
//!
//! `bill` functions return a [`Bill`]: lines, and what could not be priced. Nothing is subtracted in silence: a credit is
//! a line with a negative cost. An [`Estimate`] is a bill with its totals, or the reasons why there is none.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::{
    book::{Basis, Missing, Price},
    commitment::Spread,
    money::{Money, Overflow},
    note::Note,
    platform::Platform,
    purchase::Purchase,
    quantity::{Dimension, Kind, Quantity, Unit},
    rate::Rate,
    rule::Rule,
    tr,
};

/// A rate, or why there is none.
pub type Quoted<'b, D> = Result<Rate<'b, D>, Missing>;

/// What formulas count with: words for the catalogues, and units that are the same in every language.
#[rustfmt::skip]
pub const COUNTED: [&str; 37] = [
    tr!("GPUs"), tr!("VM-seconds"), tr!("addresses"), tr!("applications"), tr!("capacity unit-seconds"),
    tr!("capacity units"), tr!("clusters"), tr!("directions"), tr!("disks"), tr!("events"), tr!("flat fees"),
    tr!("gateways"), tr!("instances"), tr!("load balancers"), tr!("machine-seconds"), tr!("machines"), tr!("months"), tr!("nodes"),
    tr!("pods"), tr!("pulls"), tr!("replicas"), tr!("requests"), tr!("rules"), tr!("runs"), tr!("s of a 730 h month"),
    tr!("seconds"), tr!("services"), tr!("tasks"), tr!("GPU-seconds"), tr!("GiB-seconds"), tr!("vCPU-seconds"),
    "GPU", "GiB", "USD", "min", "s", "vCPU",
];

/// One number of a printed formula: `2 tasks`, `0.5 vCPU`, `2628000 s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Factor {
    /// the number
    pub value: Decimal,
    /// what it counts
    pub what: &'static str,
}

impl Factor {
    /// A factor.
    pub fn new(value: impl Into<Decimal>, what: &'static str) -> Self {
        Self { value: value.into(), what }
    }
}

/// Is a line the compute itself, or something beside it? A price that is missing for compute leaves an estimate unpriced;
/// one that is missing beside it, partial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// without it there is no estimate
    Compute,
    /// an addition
    Beside,
}

/// One line of a bill.
#[derive(Debug, Clone)]
pub struct LineItem<'b> {
    /// what a bill and a script call it
    pub sku: Cow<'b, str>,
    /// what a reader calls it; never changes with the parameters
    pub label: &'static str,
    /// base units that ran
    pub consumed: u128,
    /// base units after minimums, steps and menus
    pub priced: u128,
    /// what the unit price is per
    pub unit: Unit,
    /// dollars per unit; -1 for a credit
    pub unit_price: Decimal,
    /// `unit_price × priced ÷ base units per unit`, half-even at 12 places
    pub cost: Money,
    /// the rule that shaped `priced`
    pub rule: &'static Rule,
    /// where the figure comes from
    pub price: Price<'b>,
    /// numbers whose product is `priced` in plain units (vCPU-seconds, GiB-seconds, requests, dollars)
    pub factors: Vec<Factor>,
    /// when it ran, for what a commitment covers
    pub spread: Spread,
}

impl LineItem<'_> {
    /// `priced` and base units per unit with their common small factor taken out: 2628000 and 3600.
    pub fn printed_base(&self) -> (u128, u64) {
        let plain = u128::from(self.unit.base_per_plain());
        let mut common = (plain, self.priced % plain);
        while common.1 != 0 {
            common = (common.1, common.0 % common.1);
        }
        let common = common.0.max(1);
        (self.priced / common, u64::try_from(u128::from(self.unit.base_per_unit()) / common).unwrap_or(u64::MAX))
    }

    /// Base units in `unit`s, for display.
    pub fn in_unit(&self, base: u128) -> Decimal {
        crate::money::ratio_decimal(base, u128::from(self.unit.base_per_unit()))
    }
}

/// What a line is made of, apart from its price.
#[derive(Debug)]
pub struct Item<D> {
    /// what a reader calls it
    pub label: &'static str,
    /// the rule that shaped `priced`
    pub rule: &'static Rule,
    /// what ran
    pub consumed: Quantity<D>,
    /// what is billed
    pub priced: Quantity<D>,
    /// the printed formula's numbers
    pub factors: Vec<Factor>,
    /// compute, or beside it
    pub role: Role,
}

/// A price that was needed and is not in the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingPrice {
    /// key, region, and what the book knows
    pub missing: Missing,
    /// compute, or beside it
    pub role: Role,
}

/// Lines, and what could not be priced.
#[derive(Debug, Clone, Default)]
pub struct Bill<'b> {
    /// the lines, in reading order
    pub lines: Vec<LineItem<'b>>,
    /// needed prices that the book lacks
    pub missing: Vec<MissingPrice>,
    /// what was assumed
    pub assumptions: Vec<Note>,
    /// what a real bill would have and this one has not
    pub not_priced: Vec<Note>,
    /// caveats
    pub warnings: Vec<Note>,
}

impl<'b> Bill<'b> {
    /// Adds a line, or notes that its price is missing. Nothing to charge needs no price.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn charge<D: Dimension>(&mut self, rate: &Quoted<'b, D>, item: Item<D>) -> Result<(), Overflow> {
        match rate {
            Ok(rate) => self.lines.push(line(rate, item)?),
            Err(_) if item.priced == Quantity::ZERO => {}
            Err(missing) => self.missing.push(MissingPrice { missing: missing.clone(), role: item.role }),
        }
        Ok(())
    }

    /// Gives `available` dollars back, at most `against`, as a negative line.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn credit(
        &mut self,
        price: Price<'b>,
        sku: &'b str,
        label: &'static str,
        rule: &'static Rule,
        available: Money,
        against: Money,
    ) -> Result<(), Overflow> {
        let given = available.min(against).max(Money::ZERO);
        let picos = |m: Money| u128::try_from(m.picos()).map_err(|_| Overflow);
        self.lines.push(LineItem {
            sku: Cow::Borrowed(sku),
            label,
            consumed: picos(available)?,
            priced: picos(given)?,
            unit: Unit::Usd,
            unit_price: Decimal::NEGATIVE_ONE,
            cost: -given,
            rule,
            price,
            factors: vec![Factor::new(given.to_decimal(), "USD")],
            spread: Spread::Always,
        });
        Ok(())
    }

    /// The exact sum of the lines that `wanted` picks.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn cost_of(&self, wanted: impl Fn(&LineItem<'b>) -> bool) -> Result<Money, Overflow> {
        Money::sum(self.lines.iter().filter(|l| wanted(l)).map(|l| l.cost))
    }

    /// Adds all of `other` behind what is here.
    pub fn append(&mut self, mut other: Self) {
        self.lines.append(&mut other.lines);
        self.missing.append(&mut other.missing);
        for (here, there) in [
            (&mut self.assumptions, &mut other.assumptions),
            (&mut self.not_priced, &mut other.not_priced),
            (&mut self.warnings, &mut other.warnings),
        ] {
            for note in there.drain(..) {
                if !here.contains(&note) {
                    here.push(note);
                }
            }
        }
    }
}

fn line<'b, D: Dimension>(rate: &Rate<'b, D>, item: Item<D>) -> Result<LineItem<'b>, Overflow> {
    let price = *rate.price();
    Ok(LineItem {
        sku: Cow::Borrowed(price.key),
        label: item.label,
        consumed: item.consumed.base(),
        priced: item.priced.base(),
        unit: price.unit,
        unit_price: price.amount,
        cost: rate.charge(item.priced)?,
        rule: item.rule,
        price,
        factors: item.factors,
        spread: Spread::Always,
    })
}

/// The plain unit of a formula's product, for `÷ 3600 s`.
pub const fn plain_name(unit: Unit) -> &'static str {
    match unit.kind() {
        Kind::VcpuTime => "vCPU-seconds",
        Kind::MemoryTime | Kind::StorageTime => "GiB-seconds",
        Kind::GpuTime => "GPU-seconds",
        Kind::ThingTime => "seconds",
        Kind::Requests => "requests",
        Kind::Data => "GiB",
        Kind::CapacityTime => "capacity unit-seconds",
        Kind::Events => "events",
        Kind::Minutes => "seconds",
        Kind::ThingMonths => "months",
        Kind::Credit => "USD",
        Kind::Fraction | Kind::Other => "",
    }
}

/// How far an estimate got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// every line has its price
    Priced,
    /// compute is priced, some line beside it is not
    Partial,
    /// compute has no price
    Unpriced,
    /// the platform can't run it
    Infeasible,
}

impl Status {
    /// As JSON writes it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Priced => "priced",
            Self::Partial => "partial",
            Self::Unpriced => "unpriced",
            Self::Infeasible => "infeasible",
        }
    }
}

/// How totals are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// each sku to the cent, half-up; totals add those
    Invoice,
    /// the exact sum to the cent, half-up
    Exact,
}

impl Rounding {
    /// Both ways.
    pub const ALL: [Self; 2] = [Self::Invoice, Self::Exact];

    /// As requests write it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Exact => "exact",
        }
    }

    /// From its name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.id() == id)
    }

    /// The total of lines: each sku's exact sum rounded and added, or the exact sum rounded.
    ///
    /// Credits that give back all of several skus are one sku, and could round to a cent more than those: a bill of
    /// nothing is never rounded to less than nothing.
    ///
    /// # Errors
    /// [`Overflow`] where a number is too large to be exact.
    pub fn total<'l, 'b: 'l>(self, lines: impl Iterator<Item = &'l LineItem<'b>>) -> Result<Totals, Overflow> {
        let mut by_sku: Vec<(&str, Money)> = Vec::new();
        for line in lines {
            match by_sku.iter_mut().find(|(sku, _)| *sku == line.sku) {
                Some((_, sum)) => *sum = sum.plus(line.cost)?,
                None => by_sku.push((&line.sku, line.cost)),
            }
        }
        let exact = Money::sum(by_sku.iter().map(|(_, sum)| *sum))?;
        let total = match self {
            Self::Invoice => Money::sum(by_sku.iter().map(|(_, sum)| sum.round_to_cents()))?,
            Self::Exact => exact.round_to_cents(),
        };
        let total = if exact >= Money::ZERO { total.max(Money::ZERO) } else { total };
        Ok(Totals { total, exact })
    }
}

/// A total to the cent, and the exact sum behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// to the cent
    pub total: Money,
    /// exact
    pub exact: Money,
}

/// What one workload costs on one platform, or why that is not known.
#[derive(Debug, Clone)]
pub struct Estimate<'b> {
    /// the workload's name, or `(shared)`
    pub workload: String,
    /// where it runs
    pub platform: Platform,
    /// the provider's region, or the place asked for where the provider has none
    pub region: String,
    /// how capacity is bought
    pub purchase: Purchase,
    /// how far it got
    pub status: Status,
    /// total, or subtotal where something is missing
    pub totals: Totals,
    /// lines and notes
    pub bill: Bill<'b>,
    /// why it is infeasible
    pub reasons: Vec<Note>,
}

/// Name of the estimate that holds what several workloads share.
pub const SHARED: &str = "(shared)";

/// The status a bill deserves.
pub fn status_of(bill: &Bill<'_>) -> Status {
    if bill.missing.iter().any(|m| m.role == Role::Compute) {
        Status::Unpriced
    } else if bill.missing.is_empty() {
        Status::Priced
    } else {
        Status::Partial
    }
}

/// Days after which a figure that nobody saw again is called old.
pub const OLD_AFTER_DAYS: i32 = 90;

/// Caveats that follow from where the lines' figures come from.
pub fn provenance_warnings(bill: &Bill<'_>, edition: jiff::civil::Date) -> Vec<Note> {
    let mut found = Vec::new();
    let mut push = |code: &'static str, template: &'static str, args: &[(&'static str, String)]| {
        let note = Note::new(code, template, args);
        if !found.contains(&note) {
            found.push(note);
        }
    };
    for line in &bill.lines {
        let p = &line.price;
        let key = || ("key", p.key.to_owned());
        if p.basis == Basis::Recalled {
            push("price/recalled", "{key} is from memory: no source was found for it", &[key()]);
        }
        if let Some(note) = p.note {
            push("price/note", "{key}: {note}", &[key(), ("note", note.to_owned())]);
        }
        if p.before_first_sighting
            && let Some(from) = p.valid_from
        {
            let template = "{key} was first seen on {date}; that price is used for the earlier day asked for";
            push("price/first-seen", template, &[key(), ("date", from.to_string())]);
        }
        if p.basis == Basis::User {
            let template = "{key} comes from your own tables ({source})";
            push("price/user", template, &[key(), ("source", p.source.id.to_owned())]);
        }
        if let Some(seen) = p.confirmed
            && let Ok(span) = edition.since(seen)
            && span.get_days() > OLD_AFTER_DAYS
        {
            let template = "{key} was last confirmed on {date}, {days} days before this edition";
            push("price/old", template, &[key(), ("date", seen.to_string()), ("days", span.get_days().to_string())]);
        }
    }
    found
}
