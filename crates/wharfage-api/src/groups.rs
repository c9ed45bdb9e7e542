//! A response's groups: a total and the estimates it adds.

use crate::response::{EstimateOut, EstimateResponse, TotalOut};

/// A total and the estimates it adds: all workloads on one platform in one region, bought one way.
#[derive(Debug, Clone, Copy)]
pub struct Group<'r> {
    /// the sum
    pub total: &'r TotalOut,
    /// what it adds; what workloads share comes last
    pub estimates: &'r [EstimateOut],
}

/// The response's groups, in its order. A workload appears once in a group, so its second appearance starts the next.
pub fn groups(response: &EstimateResponse) -> Vec<Group<'_>> {
    let mut rest = response.estimates.as_slice();
    let mut all = Vec::with_capacity(response.totals.len());
    for total in &response.totals {
        let belongs = |e: &EstimateOut| {
            (&e.platform, &e.region, &e.purchase) == (&total.platform, &total.region, &total.purchase)
        };
        let ends = |(n, e): (usize, &EstimateOut)| !belongs(e) || (n > 0 && e.workload == rest[0].workload);
        let end = rest.iter().enumerate().position(ends).unwrap_or(rest.len());
        let (estimates, behind) = rest.split_at(end);
        all.push(Group { total, estimates });
        rest = behind;
    }
    all
}
