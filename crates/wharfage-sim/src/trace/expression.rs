//! Service times from columns of a trace: `20ms+30us*context_tokens+20ms*generated_tokens`.

use super::decimal::{Decimal, unit_ns};

/// A sum of products, each of one time and any plain numbers and columns.
///
/// ```
/// use wharfage_sim::Expression;
/// assert!(Expression::read("20ms + 1.5 * 30us * tokens").is_ok());
/// assert!(Expression::read("20 + tokens").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    /// the product of its time and numbers
    ns: u64,
    columns: Vec<String>,
}

/// What is wrong with an expression, and the part of it that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misread {
    /// this product multiplies two times
    TwoTimes(String),
    /// this factor is neither a time, a number nor a column
    Factor(String),
    /// this product has no time
    NoTime(String),
    /// this product is too long a time
    TooLong(String),
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// The first product or factor without a meaning.
    pub fn read(text: &str) -> Result<Self, Misread> {
        let terms = text.split('+').map(|term| read_term(term.trim())).collect::<Result<_, _>>()?;
        Ok(Self { terms })
    }

    /// The columns it takes.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().flat_map(|t| &t.columns).map(String::as_str)
    }

    /// Its value in nanoseconds, each product rounded down; the values stand in the order of [`Expression::columns`].
    pub(super) fn value(&self, values: &[Decimal]) -> Option<u64> {
        let mut rest = values;
        let mut sum: u64 = 0;
        for term in &self.terms {
            let (own, others) = rest.split_at_checked(term.columns.len())?;
            sum = sum.checked_add(Decimal::product(term.ns, own.iter().copied())?)?;
            rest = others;
        }
        Some(sum)
    }
}

fn read_term(term: &str) -> Result<Term, Misread> {
    let (mut time, mut numbers, mut columns) = (None, Vec::new(), Vec::new());
    for factor in term.split('*').map(str::trim) {
        let end = factor.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(factor.len());
        let (digits, unit) = (&factor[..end], factor[end..].trim());
        match (Decimal::read(digits), unit_ns(unit)) {
            (Some(number), Some(ns)) if time.is_none() => {
                numbers.push(number);
                time = Some(ns);
            }
            (Some(_), Some(_)) => return Err(Misread::TwoTimes(term.to_owned())),
            (Some(number), None) if unit.is_empty() => numbers.push(number),
            (None, _) if digits.is_empty() && is_name(factor) => columns.push(factor.to_owned()),
            _ => return Err(Misread::Factor(factor.to_owned())),
        }
    }
    let time = time.ok_or_else(|| Misread::NoTime(term.to_owned()))?;
    let ns = Decimal::product(time, numbers).ok_or_else(|| Misread::TooLong(term.to_owned()))?;
    Ok(Term { ns, columns })
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_added() {
        let e = Expression::read("20ms+30us*context_tokens + 0.5*20ms*generated_tokens").unwrap();
        assert_eq!(e.columns().collect::<Vec<_>>(), ["context_tokens", "generated_tokens"]);
        let values = ["4808", "10.5"].map(|t| Decimal::read(t).unwrap());
        assert_eq!(e.value(&values), Some(20_000_000 + 30_000 * 4808 + 105_000_000));
    }

    #[test]
    fn what_has_no_meaning_is_refused() {
        for bad in ["", "20", "ms", "20ms*3s", "20ms+", "20ms*", "20ms-3ms", "20 parsecs", "x*y"] {
            assert!(Expression::read(bad).is_err(), "{bad}");
        }
    }
}
