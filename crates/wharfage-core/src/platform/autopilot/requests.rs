//! What Autopilot makes of a pod's requests: minimum, step, and the ratio of memory to vCPU.
//!
//! # Units
//! Milli-vCPU, whole MiB; ratios in MiB per milli-vCPU, as fractions.
//! # Invariants
//! A request is never lowered, and repairing a repaired request changes nothing unless its step breaks the ratio.
//! # Sources
//! `gcp/BILLING-RULES` §2.2 (Autopilot resource requests; Google's own calculator).

use rust_decimal::Decimal;

use crate::{
    book::Missing,
    money::Overflow,
    note::Note,
    platform::{Context, size::Size},
    quantity::{Mib, MilliVcpu},
    workload::{Class, Switch},
};

/// Numerator and denominator.
type Fraction = (u128, u128);

/// What one compute class allows a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Limits {
    least: Size,
    vcpu_most: Option<MilliVcpu>,
    memory_most: Option<Mib>,
    vcpu_step: u64,
    /// least and most MiB per milli-vCPU; any, where the class has no bounds
    ratio: Option<(Fraction, Fraction)>,
}

impl Limits {
    /// Those of a class, with or without bursting. A class without a figure for bursting has one for both.
    pub(super) fn read(ctx: &Context<'_, '_>, class: Class, bursting: Switch) -> Result<Self, Missing> {
        let key = |what: &str| format!("gcp/autopilot/{}.{what}", class.id());
        let whole = |what: &str| either(ctx, &key(what), bursting);
        let ratio = |what: &str| ctx.term(&key(what)).ok().and_then(|t| per_milli(t.value()));
        Ok(Self {
            least: Size { vcpu: MilliVcpu(whole("cpu-min")?), memory: Mib(whole("memory-min")?) },
            vcpu_most: whole("cpu-max").ok().map(MilliVcpu),
            memory_most: whole("memory-max").ok().map(Mib),
            vcpu_step: whole("cpu-step")?,
            ratio: ratio("ratio-min").zip(ratio("ratio-max")),
        })
    }

    /// What a request is billed as: minimum and step, then the ratio.
    pub(super) fn size(&self, asked: Size) -> Result<Size, Overflow> {
        self.in_ratio(self.stepped(asked)?)
    }

    /// Raised to the minimum, vCPU up to a whole number of steps.
    fn stepped(&self, asked: Size) -> Result<Size, Overflow> {
        let vcpu = self.whole_steps(asked.vcpu.max(self.least.vcpu).0.into())?;
        Ok(Size { vcpu, memory: asked.memory.max(self.least.memory) })
    }

    /// vCPU too small for the memory is raised (in whole steps), then memory too small for the vCPU.
    ///
    /// Google's page has it the other way round; raising vCPU first comes to the same, and never counts the MiB that
    /// rounding added as if they had been asked for.
    fn in_ratio(&self, size: Size) -> Result<Size, Overflow> {
        let Some((least, most)) = self.ratio else { return Ok(size) };
        let needed = times_up(size.memory.0, (most.1, most.0))?;
        let vcpu = if needed > u128::from(size.vcpu.0) { self.whole_steps(needed)? } else { size.vcpu };
        let memory = u64::try_from(times_up(vcpu.0, least)?).map_err(|_| Overflow)?;
        Ok(Size { vcpu, memory: size.memory.max(Mib(memory)) })
    }

    fn whole_steps(&self, milli: u128) -> Result<MilliVcpu, Overflow> {
        let step = u128::from(self.vcpu_step.max(1));
        let up = milli.div_ceil(step).checked_mul(step).ok_or(Overflow)?;
        u64::try_from(up).map(MilliVcpu).map_err(|_| Overflow)
    }

    /// Why a pod of this size is rejected, if it is.
    pub(super) fn refusals(&self, size: Size) -> Vec<Note> {
        let mut reasons = Vec::new();
        let mut refuse = |what: &str, wanted: String, most: String| {
            let template = "{wanted} is more than the {most} its class allows a pod";
            reasons.push(Note::new(format!("gke-autopilot/{what}"), template, &[("wanted", wanted), ("most", most)]));
        };
        if let Some(most) = self.vcpu_most.filter(|most| size.vcpu > *most) {
            refuse("cpu-max", size.vcpu.to_string(), most.to_string());
        }
        if let Some(most) = self.memory_most.filter(|most| size.memory > *most) {
            refuse("memory-max", size.memory.to_string(), most.to_string());
        }
        reasons
    }
}

/// `KEY.bursting` in clusters that support bursting, where there is one; else `KEY`.
pub(super) fn either(ctx: &Context<'_, '_>, key: &str, bursting: Switch) -> Result<u64, Missing> {
    match bursting {
        Switch::On => ctx.whole(&format!("{key}.bursting")).or_else(|_| ctx.whole(key)),
        Switch::Off => ctx.whole(key),
    }
}

/// GiB per vCPU as MiB per milli-vCPU; `None` where it isn't a ratio.
fn per_milli(ratio: Decimal) -> Option<Fraction> {
    let mantissa = u128::try_from(ratio.mantissa()).ok().filter(|m| *m > 0)?;
    Some((mantissa.checked_mul(1024)?, 10_u128.checked_pow(ratio.scale())?.checked_mul(1000)?))
}

/// `n × ratio`, rounded up.
fn times_up(n: u64, (num, den): Fraction) -> Result<u128, Overflow> {
    Ok(u128::from(n).checked_mul(num).ok_or(Overflow)?.div_ceil(den))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(vcpu: u64, memory: u64) -> Size {
        Size { vcpu: MilliVcpu(vcpu), memory: Mib(memory) }
    }

    fn limits(least: Size, vcpu_step: u64, ratio: Option<(&str, &str)>) -> Limits {
        let per = |s| per_milli(Decimal::from_str_exact(s).unwrap()).unwrap();
        let (vcpu_most, memory_most) = (Some(MilliVcpu(30_000)), Some(Mib(112_640)));
        Limits { least, vcpu_most, memory_most, vcpu_step, ratio: ratio.map(|(a, b)| (per(a), per(b))) }
    }

    #[test]
    fn googles_calculator_raises_to_the_minimum_and_the_step() {
        let general = limits(size(50, 52), 50, Some(("1", "6.5")));
        assert_eq!(general.stepped(size(249, 49)), Ok(size(250, 52)));
        let general = limits(size(250, 512), 250, Some(("1", "6.5")));
        assert_eq!(general.stepped(size(249, 49)), Ok(size(250, 512)));
    }

    #[test]
    fn requests_outside_the_ratio_are_raised() {
        let general = || limits(size(50, 52), 50, Some(("1", "6.5")));
        let coarse = || limits(size(250, 512), 250, Some(("1", "6.5")));
        let scale_out = || limits(size(250, 1024), 50, Some(("4", "4")));
        let free = || limits(size(0, 0), 1, None);
        #[rustfmt::skip]
        let cases = [
            // limits, asked, billed, why
            (general(),   size( 500,  2_048), size( 500,  2_048), "within the ratio"),
            (general(),   size(   0,      0), size(  50,     52), "nothing asked; 51.2 MiB would be in ratio"),
            (general(),   size(4000,  2_048), size(4000,  4_096), "memory is raised to 1 GiB per vCPU"),
            (general(),   size( 250,     52), size( 250,    256), "memory follows vCPU"),
            (general(),   size(1000,  6_656), size(1000,  6_656), "exactly 6.5"),
            (general(),   size(1000,  6_657), size(1050,  6_657), "a MiB more takes a step more"),
            (general(),   size( 250, 13_312), size(2000, 13_312), "vCPU is raised to memory / 6.5"),
            (coarse(),    size( 300,    512), size( 500,    512), "a quarter of a vCPU at a time"),
            (coarse(),    size(1000,  6_657), size(1250,  6_657), "likewise when memory asks for it"),
            (scale_out(), size( 250,  1_024), size( 250,  1_024), "exactly 4"),
            (scale_out(), size( 500,  1_024), size( 500,  2_048), "memory is raised to 4 GiB per vCPU"),
            (scale_out(), size( 250,  2_038), size( 500,  2_048), "vCPU, and then memory again"),
            (scale_out(), size( 350,  1_024), size( 350,  1_434), "1,433.6 MiB rounded up does not ask for more vCPU"),
            (free(),      size( 123,    999), size( 123,    999), "no bounds"),
        ];
        for (limits, asked, billed, why) in cases {
            assert_eq!(limits.size(asked), Ok(billed), "{why}");
        }
    }

    #[test]
    fn absurd_requests_are_refused_not_wrapped() {
        let general = limits(size(50, 52), 50, Some(("1", "6.5")));
        assert_eq!(general.size(size(u64::MAX, 1)), Err(Overflow));
        assert!(general.size(size(1, u64::MAX)).is_ok_and(|s| s.memory == Mib(u64::MAX)));
    }

    #[test]
    fn a_pod_above_the_maximum_is_rejected() {
        let general = limits(size(50, 52), 50, Some(("1", "6.5")));
        let codes = |s| general.refusals(s).into_iter().map(|n| n.code).collect::<Vec<_>>();
        assert!(codes(size(30_000, 112_640)).is_empty());
        assert_eq!(codes(size(30_050, 112_640)), ["gke-autopilot/cpu-max"]);
        assert_eq!(codes(size(30_050, 112_641)), ["gke-autopilot/cpu-max", "gke-autopilot/memory-max"]);
    }
}
