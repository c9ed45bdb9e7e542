//! Instance time: how long instances run, and how long they are billed.
//!
//! # Units
//! Microseconds, summed over instances (128 bits).
//! # Invariants
//! `billed >= ran`, and the factors multiply to the billed seconds.

use rust_decimal::Decimal;

use crate::{
    demand::{Metered, Spent},
    estimate::{Factor, Item, Role},
    money::{Overflow, ratio_decimal},
    note::Note,
    quantity::{Dimension, MICROS_PER_SECOND, Micros, Quantity},
    rule::Rule,
};

/// Instance time in microseconds, summed over instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// as it ran
    pub ran: u128,
    /// after increments and minimums
    pub billed: u128,
    /// numbers whose product is the billed time in seconds, seconds last
    pub factors: Vec<Factor>,
}

/// The billed seconds of all instances together.
pub(crate) fn seconds(time: u128) -> Factor {
    Factor::new(ratio_decimal(time, u128::from(MICROS_PER_SECOND)), "s")
}

impl Held {
    /// No time at all.
    pub(crate) const NONE: Self = Self { ran: 0, billed: 0, factors: Vec::new() };

    /// `count` things that each ran and are billed for a time.
    pub(crate) fn each(count: u64, what: &'static str, ran: Micros, billed: Micros) -> Self {
        let total = |t: Micros| u128::from(count) * u128::from(t.0);
        let factors = vec![Factor::new(count, what), Factor::new(billed.as_secs(), "s")];
        Self { ran: total(ran), billed: total(billed), factors }
    }

    /// Time that was counted over all instances.
    pub(crate) fn of(Spent { ran, billed }: Spent) -> Self {
        Self { ran, billed, factors: vec![seconds(billed)] }
    }

    /// All time of a meter that has one rate: what is idle is billed like any other.
    pub(crate) fn metered(metered: &Metered, notes: &mut Vec<Note>) -> Result<Self, Overflow> {
        notes.push(metered_note());
        if metered.idle.billed > 0 {
            let says = "there is no idle rate here: idle instance time is billed like any other";
            notes.push(Note::plain("usage/idle", says));
        }
        Ok(Self::of(metered.held()?))
    }

    /// Both times together.
    pub(crate) fn plus(self, other: Self) -> Result<Self, Overflow> {
        let ran = self.ran.checked_add(other.ran).ok_or(Overflow)?;
        let billed = self.billed.checked_add(other.billed).ok_or(Overflow)?;
        let factors = match (self.factors.as_slice(), other.factors.as_slice()) {
            _ if other.billed == 0 => self.factors,
            _ if self.billed == 0 => other.factors,
            ([n, time], [m, more]) if n == m => vec![*n, Factor::new(time.value + more.value, "s")],
            ([n, time], [m, same]) if n.what == m.what && time == same => {
                vec![Factor::new(n.value + m.value, n.what), *time]
            }
            _ => vec![seconds(billed)],
        };
        Ok(Self { ran, billed, factors })
    }

    /// Was it billed as it ran?
    pub(crate) const fn is_whole(&self) -> bool {
        self.ran == self.billed
    }

    /// The factors with `size` before the seconds.
    pub(crate) fn factors_with(&self, size: Factor) -> Vec<Factor> {
        let mut all = self.factors.clone();
        all.insert(all.len().saturating_sub(1), size);
        all
    }

    /// What `(asked, billed)` base units of something come to, each instance having so much of it.
    pub(crate) fn item<D: Dimension>(
        &self,
        label: &'static str,
        rule: &'static Rule,
        (asked, billed): (u64, u64),
        (each, unit): (impl Into<Decimal>, &'static str),
        role: Role,
    ) -> Result<Item<D>, Overflow> {
        Ok(Item {
            label,
            rule,
            consumed: Quantity::new(self.ran).times(asked)?,
            priced: Quantity::new(self.billed).times(billed)?,
            factors: self.factors_with(Factor::new(each, unit)),
            role,
        })
    }
}

/// How metered time is taken.
pub(crate) fn metered_note() -> Note {
    let says = "instance time is billed as it was metered: no increment and no minimum comes on top";
    Note::plain("usage/metered", says)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_of_one_rate_is_billed_whether_idle_or_not() {
        let metered =
            Metered { active: Spent { ran: 1, billed: 1_500_000 }, idle: Spent::whole(500_000), ..Metered::default() };
        let mut notes = Vec::new();
        let held = Held::metered(&metered, &mut notes).unwrap();
        assert_eq!((held.ran, held.billed), (500_001, 2_000_000));
        assert_eq!(held.factors, [Factor::new(2, "s")]);
        assert_eq!(notes.iter().map(|n| n.code.as_ref()).collect::<Vec<_>>(), ["usage/metered", "usage/idle"]);
    }
}
