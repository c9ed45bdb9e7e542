//! Size menus: the legal pairs of vCPU and memory, and which of them a request is raised to.

use rust_decimal::Decimal;

use crate::{
    book::{Term, whole_times},
    estimate::Quoted,
    quantity::{Mib, MilliVcpu, MemoryTime, VcpuTime},
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
        let vcpu = MilliVcpu(whole_times(term.at(row, 0), 1000)?);
        let memory = Mib(whole_times(term.at(row, 1), 1024)?);
        Some(Size { vcpu, memory })
    })
}

/// What an hour of `size` costs at two prices per vCPU-hour and GiB-hour: only good for comparing sizes.
pub fn hourly(size: Size, vcpu: Decimal, memory: Decimal) -> Decimal {
    size.vcpu.as_vcpu() * vcpu + size.memory.as_gib() * memory
}

/// The cheapest of `sizes` that holds `wanted`; the smallest where there are no prices to compare, or for ties.
pub fn cheapest(
    sizes: impl Iterator<Item = Size>,
    wanted: Size,
    vcpu: &Quoted<'_, VcpuTime>,
    memory: &Quoted<'_, MemoryTime>,
) -> Option<Size> {
    let per = |amount: Decimal, per: u64| amount / Decimal::from(per);
    let prices = match (vcpu, memory) {
        (Ok(v), Ok(m)) => {
            let (v, m) = (v.price(), m.price());
            let seconds = |p: &crate::book::Price<'_>| p.unit.base_per_unit() / p.unit.base_per_plain();
            Some((per(v.amount, seconds(v)), per(m.amount, seconds(m))))
        }
        _ => None,
    };
    sizes
        .filter(|s| s.holds(wanted))
        .min_by_key(|s| (prices.map_or(Decimal::ZERO, |(v, m)| hourly(*s, v, m)), s.vcpu, s.memory))
}
