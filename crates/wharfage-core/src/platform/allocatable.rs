//! GKE nodes: what is left of a machine for pods after the system's reserve.
//!
//! # Units
//! Milli-vCPU and whole MiB.
//! # Invariants
//! What is left is never more than the machine has, and never negative.
//! # Sources
//! `gcp/BILLING-RULES` §2.3 (GKE's node sizes page; Karpenter's port, which cuts each memory step to whole MiB).
//! # Not modelled
//! The kernel sees 1 to 3 % less memory than the nominal size. System pods (kube-proxy on Standard nodes) and the boot
//! disk's reserve are the caller's.

use rust_decimal::Decimal;

use super::Context;
use crate::{
    book::{Missing, Term, whole_times},
    platform::size::Size,
    quantity::{Mib, MilliVcpu},
};

/// Machine types whose vCPUs are a share of a core. Autoscalers don't choose them unless they are named.
pub const SHARED_CORE: [&str; 5] = ["e2-micro", "e2-small", "e2-medium", "f1-micro", "g1-small"];
/// Those of them that GKE reserves a fixed part of.
const FIXED_RESERVE: [&str; 3] = ["e2-micro", "e2-small", "e2-medium"];

/// From an amount on, the share of what lies above it (up to the next step) that is reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    from: u64,
    share: Decimal,
}

impl Step {
    /// From an amount on, `digits × 10^-places` of it.
    #[cfg(test)]
    pub(crate) fn whole(from: u64, digits: i64, places: u32) -> Self {
        Self { from, share: Decimal::new(digits, places) }
    }
}

/// What GKE keeps of a machine, as the terms of one day have it.
#[derive(Debug, Clone)]
pub struct Reserve {
    memory: Vec<Step>,
    cpu: Vec<Step>,
    eviction: Mib,
    shared_core: MilliVcpu,
    small_memory: Mib,
    small_memory_below: Mib,
}

/// Resolves the thresholds.
pub fn terms(ctx: &Context<'_, '_>) -> Result<Reserve, Missing> {
    let steps = |key: &str, per: u64| {
        let term = ctx.term(key)?;
        steps(&term, per).ok_or_else(|| ctx.unreadable(key))
    };
    Ok(Reserve {
        memory: steps("gcp/gke/allocatable.memory-steps", 1024)?,
        cpu: steps("gcp/gke/allocatable.cpu-steps", 1000)?,
        eviction: Mib(ctx.whole("gcp/gke/allocatable.eviction")?),
        shared_core: MilliVcpu(ctx.whole("gcp/gke/allocatable.shared-core-reserve")?),
        small_memory: Mib(ctx.whole("gcp/gke/allocatable.small-memory")?),
        small_memory_below: Mib(ctx.whole("gcp/gke/allocatable.small-memory-below")?),
    })
}

/// The steps of a term, their amounts in `per`ths.
pub(crate) fn steps(term: &Term<'_>, per: u64) -> Option<Vec<Step>> {
    if term.columns < 2 {
        return None;
    }
    (0..term.rows())
        .map(|row| Some(Step { from: whole_times(term.at(row, 0), per)?, share: term.at(row, 1) }))
        .collect()
}

impl Reserve {
    /// What the kubelet and the system keep of a machine, without the eviction threshold.
    pub fn reserved(&self, machine: &str, nominal: Size) -> Size {
        let vcpu = if FIXED_RESERVE.contains(&machine) {
            self.shared_core
        } else {
            MilliVcpu(stepped(nominal.vcpu.0, &self.cpu))
        };
        let memory = if nominal.memory <= self.small_memory_below {
            self.small_memory
        } else {
            Mib(stepped(nominal.memory.0, &self.memory))
        };
        Size { vcpu, memory }
    }

    /// What is left for pods.
    pub fn allocatable(&self, machine: &str, nominal: Size) -> Size {
        let reserved = self.reserved(machine, nominal);
        let memory = nominal.memory.0.saturating_sub(reserved.memory.0).saturating_sub(self.eviction.0);
        Size { vcpu: MilliVcpu(nominal.vcpu.0.saturating_sub(reserved.vcpu.0)), memory: Mib(memory) }
    }
}

/// The sum over the steps of each one's share, cut to whole units step by step.
pub(crate) fn stepped(amount: u64, steps: &[Step]) -> u64 {
    let ends = steps.iter().skip(1).map(|s| s.from).chain([u64::MAX]);
    let bands = steps.iter().zip(ends).map(|(step, end)| (amount.min(end).saturating_sub(step.from), step.share));
    bands.map(|(band, share)| part(band, share)).fold(0, u64::saturating_add)
}

/// `amount × share`, cut to a whole number; all of it where the share is one or more.
fn part(amount: u64, share: Decimal) -> u64 {
    let product = u128::try_from(share.mantissa()).ok().and_then(|m| m.checked_mul(u128::from(amount)));
    let cut = product.map(|p| p / 10_u128.pow(share.scale()));
    cut.and_then(|p| u64::try_from(p).ok()).unwrap_or(amount).min(amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[(u64, &str)]) -> Vec<Step> {
        rows.iter().map(|(from, share)| Step { from: *from, share: Decimal::from_str_exact(share).unwrap() }).collect()
    }

    fn reserve() -> Reserve {
        Reserve {
            memory: of(&[(0, "0.25"), (4096, "0.2"), (8192, "0.1"), (16_384, "0.06"), (131_072, "0.02")]),
            cpu: of(&[(0, "0.06"), (1000, "0.01"), (2000, "0.005"), (4000, "0.0025")]),
            eviction: Mib(100),
            shared_core: MilliVcpu(1060),
            small_memory: Mib(255),
            small_memory_below: Mib(1024),
        }
    }

    #[test]
    fn what_is_left_is_less_the_reserve_and_the_eviction_threshold() {
        #[rustfmt::skip]
        let cases = [
            // machine, nominal, reserved, left
            ("n2-standard-4", (4000, 16_384), (  80, 2_662), (3_920, 13_622)),
            ("e2-medium",     (2000,  4_096), (1060, 1_024), (  940,  2_972)),
            ("e2-micro",      (2000,  1_024), (1060,   255), (  940,    669)),
            ("tiny",          (   0,     64), (   0,   255), (    0,      0)),
        ];
        let size = |(vcpu, memory)| Size { vcpu: MilliVcpu(vcpu), memory: Mib(memory) };
        for (machine, nominal, reserved, left) in cases {
            assert_eq!(reserve().reserved(machine, size(nominal)), size(reserved), "{machine}");
            assert_eq!(reserve().allocatable(machine, size(nominal)), size(left), "{machine}");
        }
    }

    #[test]
    fn each_step_of_memory_is_cut_to_whole_mib() {
        let steps = reserve().memory;
        #[rustfmt::skip]
        let cases = [
            // MiB, reserved
            (      0,      0),
            (  4_096,  1_024),
            ( 16_384,  2_662), // 1,024 + 819.2 + 819.2
            (131_072,  9_543), // + 6,881.28
            (200_000, 10_921), // + 1,378.56
        ];
        for (nominal, want) in cases {
            assert_eq!(stepped(nominal, &steps), want, "{nominal} MiB");
        }
    }

    #[test]
    fn vcpus_are_reserved_step_by_step() {
        let steps = reserve().cpu;
        for (cores, want) in [(1, 60), (2, 70), (4, 80), (8, 90), (96, 310)] {
            assert_eq!(stepped(cores * 1000, &steps), want, "{cores} vCPU");
        }
    }

    #[test]
    fn a_share_never_takes_more_than_there_is() {
        for (share, want) in [("0", 0), ("1", 7), ("2", 7), ("-1", 7), ("0.9999999999999999999999999999", 6)] {
            assert_eq!(part(7, Decimal::from_str_exact(share).unwrap()), want, "{share}");
        }
    }
}
