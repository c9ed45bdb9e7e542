//! Size menus: the legal pairs of vCPU and memory, and which of them a request is raised to.

use crate::{
    book::{Price, Term},
    estimate::Quoted,
    quantity::{MICROS_PER_SECOND, MemoryTime, Mib, MilliVcpu, VcpuTime},
};

/// vCPU and memory of one instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size {
    /// vCPU
    pub vcpu: MilliVcpu,
    /// memory
    pub memory: Mib,
}

impl Size {
    /// Is it at least as large as `other` both ways?
    pub fn holds(self, other: Self) -> bool {
        self.vcpu >= other.vcpu && self.memory >= other.memory
    }
}

/// The pairs of a menu term: rows of vCPU and GiB.
pub fn menu<'t>(term: &'t Term<'_>) -> impl Iterator<Item = Size> + 't {
    (0..term.rows()).filter_map(|row| {
        Some(Size { vcpu: MilliVcpu(term.whole_at(row, 0, 1000)?), memory: Mib(term.whole_at(row, 1, 1024)?) })
    })
}

/// Weights that order sizes by cost at two prices: whole numbers proportional to what a milli-vCPU and a MiB cost.
fn weights(vcpu: &Quoted<'_, VcpuTime>, memory: &Quoted<'_, MemoryTime>) -> Option<(i128, i128)> {
    let (Ok(vcpu), Ok(memory)) = (vcpu, memory) else { return None };
    let (v, m) = (vcpu.price(), memory.price());
    let scale = v.amount.scale().max(m.amount.scale());
    let per_base = |p: &Price<'_>, other: &Price<'_>| {
        let digits = p.amount.mantissa().checked_mul(10_i128.checked_pow(scale - p.amount.scale())?)?;
        digits.checked_mul(i128::from(other.unit.base_per_unit() / MICROS_PER_SECOND))
    };
    Some((per_base(v, m)?, per_base(m, v)?))
}

/// The cheapest of `sizes` that holds `wanted`; the smallest where there are no prices to compare, or for ties.
pub fn cheapest(
    sizes: impl Iterator<Item = Size>,
    wanted: Size,
    vcpu: &Quoted<'_, VcpuTime>,
    memory: &Quoted<'_, MemoryTime>,
) -> Option<Size> {
    let (v, m) = weights(vcpu, memory).unwrap_or((0, 0));
    let cost = |s: &Size| {
        let part = |n: u64, weight: i128| i128::from(n).saturating_mul(weight);
        part(s.vcpu.0, v).saturating_add(part(s.memory.0, m))
    };
    sizes.filter(|s| s.holds(wanted)).min_by_key(|s| (cost(s), s.vcpu, s.memory))
}
