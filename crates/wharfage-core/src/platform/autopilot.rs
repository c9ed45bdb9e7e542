//! In the making.
use super::*;
use crate::{book::Missing, period::Period};
/// Rules.
pub const RULES: &[Rule] = &[];
/// Terms.
#[derive(Debug)] pub struct Terms;
/// Usage.
#[derive(Debug)] pub struct Usage;
#[allow(missing_docs)]
pub fn meter(_w: &Workload, _p: &Period, _t: &Terms) -> Result<Result<Usage, Vec<Note>>, Overflow> { Ok(Err(vec![])) }
#[allow(missing_docs)]
pub fn bill<'b>(_u: &Usage, _t: &Terms) -> Result<Bill<'b>, Overflow> { Ok(Bill::default()) }
#[allow(missing_docs)] pub fn terms<'b>(_c: &Context<'_, 'b>, _w: &Workload) -> Result<Terms, Missing> { Ok(Terms) }
#[allow(missing_docs)] pub fn shared<'b>(_c: &Context<'_, 'b>, _o: &[(&Workload, &Bill<'b>)]) -> Result<Bill<'b>, Overflow> { Ok(Bill::default()) }
