//! Machine types: which may be chosen, and what each leaves for pods.

use super::{Context, Mib, Missing, Room};
use crate::{
    book::Shape,
    platform::{
        allocatable::{self, SHARED_CORE, Step},
        size::Size,
    },
    workload::{Switch, Workload},
};

/// What a node keeps for itself.
#[derive(Debug, Clone)]
pub enum Reserve {
    /// nothing is known
    Nothing,
    /// EKS's formula
    Eks(Eks),
    /// GKE's formula
    Gke(Box<Gke>),
}

/// EKS's formula: memory by the most pods a node takes, vCPU by steps.
#[derive(Debug, Clone)]
pub struct Eks {
    cpu: Vec<Step>,
    base: u64,
    per_pod: u64,
    eviction: u64,
    pods: u64,
}

/// GKE's formula, and what runs on every node beside it.
#[derive(Debug, Clone)]
pub struct Gke {
    reserve: allocatable::Reserve,
    kube_proxy: u64,
    pods: u64,
}

/// The thresholds of EKS's nodes.
pub fn eks(ctx: &Context<'_, '_>) -> Result<Reserve, Missing> {
    let key = "aws/eks/allocatable.cpu-steps";
    let cpu = allocatable::steps(&ctx.term(key)?, 1000).ok_or_else(|| ctx.unreadable(key))?;
    Ok(Reserve::Eks(Eks {
        cpu,
        base: ctx.whole("aws/eks/allocatable.memory-base-mib")?,
        per_pod: ctx.whole("aws/eks/allocatable.memory-per-pod-mib")?,
        eviction: ctx.whole("aws/eks/allocatable.eviction-mib")?,
        pods: ctx.peek("aws/eks/pods-max")?,
    }))
}

/// The thresholds of GKE's nodes.
pub fn gke(ctx: &Context<'_, '_>) -> Result<Reserve, Missing> {
    Ok(Reserve::Gke(Box::new(Gke {
        reserve: allocatable::terms(ctx)?,
        kube_proxy: ctx.whole("gcp/gke/allocatable.kube-proxy")?,
        pods: ctx.whole("gcp/gke/pods-max")?,
    })))
}

/// More pods than any machine holds: a plain VM has no limit of its own.
const MANY: u64 = 1 << 32;

impl Reserve {
    /// What is left of a machine for pods.
    pub fn room(&self, shape: &Shape<'_>) -> Room {
        let gpus = shape.gpu_milli.unwrap_or(0) / 1000;
        let (vcpu, memory) = (shape.vcpu.0, shape.memory.0);
        match self {
            Self::Nothing => Room { vcpu, memory, gpus, pods: MANY },
            Self::Eks(eks) => {
                let pods = shape.allocatable.map_or(eks.pods, |[_, _, pods]| pods);
                let kept = eks.base.saturating_add(eks.per_pod.saturating_mul(pods)).saturating_add(eks.eviction);
                let vcpu = vcpu.saturating_sub(allocatable::stepped(vcpu, &eks.cpu));
                Room { vcpu, memory: memory.saturating_sub(kept), gpus, pods }
            }
            Self::Gke(gke) => {
                let nominal = Size { vcpu: shape.vcpu, memory: shape.memory };
                let Size { vcpu, memory: Mib(memory) } = gke.reserve.allocatable(shape.name, nominal);
                Room { vcpu: vcpu.0.saturating_sub(gke.kube_proxy), memory, gpus, pods: gke.pods }
            }
        }
    }
}

/// Has a machine the processor and the GPUs that a workload asks for?
pub fn suits(shape: &Shape<'_>, w: &Workload) -> bool {
    shape.arch == w.arch.id()
        && match &w.gpu {
            None => true,
            Some(gpu) => {
                shape.gpu_milli >= Some(gpu.count.saturating_mul(1000)) && is_model(bare(shape.gpu), bare(&gpu.model))
            }
        }
}

/// May a machine be chosen for a workload that names none? GPUs only where asked for, burstable ones only where allowed.
pub fn eligible(shape: &Shape<'_>, w: &Workload) -> bool {
    let burstable = w.burstable == Switch::On || !is_burstable(shape);
    let idle_gpu = w.gpu.is_none() && shape.gpu_milli != Some(0);
    burstable && !idle_gpu && !shape.name.starts_with("mac") && suits(shape, w)
}

/// vCPUs that are a share of a core, or have a budget.
pub fn is_burstable(shape: &Shape<'_>) -> bool {
    if shape.provider == "aws" {
        let t = shape.name.strip_prefix('t').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        return t || shape.name.contains("-flex.");
    }
    SHARED_CORE.contains(&shape.name)
}

/// `h100` is every `h100-…` too.
fn is_model(gpu: &str, asked: &str) -> bool {
    gpu.strip_prefix(asked).is_some_and(|rest| !asked.is_empty() && (rest.is_empty() || rest.starts_with('-')))
}

/// `l4` of `nvidia-l4`, `a100` of `nvidia-tesla-a100`.
pub fn bare(gpu: &str) -> &str {
    let gpu = gpu.strip_prefix("nvidia-").unwrap_or(gpu);
    gpu.strip_prefix("tesla-").unwrap_or(gpu)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        demand::Demand,
        quantity::MilliVcpu,
        workload::{Arch, Gpu},
    };

    fn shape(
        provider: &'static str,
        name: &'static str,
        arch: &'static str,
        gpu: &'static str,
        gpus: u64,
    ) -> Shape<'static> {
        let (vcpu, memory) = (MilliVcpu(2000), Mib(4096));
        Shape { provider, name, arch, gpu, vcpu, memory, gpu_milli: Some(gpus * 1000), allocatable: None, source: "" }
    }

    #[test]
    fn burstable_and_gpu_machines_are_not_chosen_unasked() {
        let plain = Workload::new("web", Demand::Replicas { count: 1 });
        let arm = Workload { arch: Arch::Arm, ..plain.clone() };
        let burstable = Workload { burstable: Switch::On, ..plain.clone() };
        let l4 = Workload { gpu: Some(Gpu { model: "l4".into(), count: 1 }), ..plain.clone() };
        let h100 = Workload { gpu: Some(Gpu { model: "h100".into(), count: 1 }), ..plain.clone() };
        #[rustfmt::skip]
        let cases = [
            (&plain,     shape("aws", "m7i.large",      "x86", "",                 0), true),
            (&plain,     shape("aws", "m7g.large",      "arm", "",                 0), false),
            (&arm,       shape("aws", "m7g.large",      "arm", "",                 0), true),
            (&plain,     shape("aws", "t3.medium",      "x86", "",                 0), false),
            (&burstable, shape("aws", "t3.medium",      "x86", "",                 0), true),
            (&plain,     shape("aws", "m7i-flex.large", "x86", "",                 0), false),
            (&plain,     shape("aws", "trn1.2xlarge",   "x86", "trainium",         1), false),
            (&plain,     shape("aws", "mac1.metal",     "x86", "",                 0), false),
            (&plain,     shape("gcp", "t2d-standard-1", "x86", "",                 0), true),
            (&plain,     shape("gcp", "e2-medium",      "x86", "",                 0), false),
            (&l4,        shape("gcp", "g2-standard-4",  "x86", "nvidia-l4",        1), true),
            (&l4,        shape("aws", "g6.xlarge",      "x86", "l4",               1), true),
            (&l4,        shape("aws", "g6e.xlarge",     "x86", "l40s",             1), false),
            (&h100,      shape("gcp", "a3-megagpu-8g",  "x86", "nvidia-h100-mega", 8), true),
        ];
        for (w, shape, want) in cases {
            assert_eq!(eligible(&shape, w), want, "{}", shape.name);
        }
    }

    #[test]
    fn an_eks_node_keeps_memory_for_each_pod_it_may_run() {
        let cpu = vec![Step::whole(0, 6, 2), Step::whole(1000, 1, 2)];
        let eks = Reserve::Eks(Eks { cpu, base: 255, per_pod: 11, eviction: 100, pods: 110 });
        let known = Shape { allocatable: Some([0, 0, 29]), ..shape("aws", "m7i.large", "x86", "", 0) };
        let room = eks.room(&known);
        assert_eq!((room.vcpu, room.memory, room.pods), (1930, 4096 - 255 - 319 - 100, 29));
        assert_eq!(eks.room(&shape("aws", "new.large", "x86", "", 0)).pods, 110);
    }
}
