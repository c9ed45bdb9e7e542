//! Rules: what a line item cites, what `docs/rules.md` lists.

/// A billing rule: a shape of arithmetic with a source. Its figures are terms of the price book.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// stable, such as `fargate/minimum`
    pub id: &'static str,
    /// one sentence
    pub says: &'static str,
    /// where the provider states it
    pub source: &'static str,
}
