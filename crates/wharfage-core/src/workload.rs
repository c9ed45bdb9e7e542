//! A workload: what a container asks for, and what is expected of it.

use crate::{
    beside::Beside,
    demand::Demand,
    quantity::{Mib, Micros, MilliVcpu},
    rollout::Canary,
};

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $id:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// Every choice.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// Their names, in the same order.
            pub const IDS: &'static [&'static str] = &[$($id),*];

            /// As requests write it.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),* }
            }

            /// From its name.
            pub fn from_id(id: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|c| c.id() == id)
            }
        }
    };
}

choice! {
    /// Processor architecture.
    Arch {
        /// x86-64
        X86 = "x86",
        /// 64-bit Arm
        Arm = "arm",
    }
}

choice! {
    /// Operating system of the container.
    Os {
        /// Linux
        Linux = "linux",
        /// Windows Server
        Windows = "windows",
    }
}

choice! {
    /// GKE Autopilot's compute class.
    Class {
        /// general-purpose, the default
        General = "general",
        /// Balanced
        Balanced = "balanced",
        /// Scale-Out on x86
        ScaleOut = "scale-out",
        /// Scale-Out on Arm
        ScaleOutArm = "scale-out-arm",
        /// Performance: a machine a pod
        Performance = "performance",
        /// Accelerator: a machine with GPUs a pod
        Accelerator = "accelerator",
    }
}

choice! {
    /// Support of a cluster's Kubernetes version.
    K8sSupport {
        /// within the provider's standard support
        Standard = "standard",
        /// extended support or channel, at a surcharge
        Extended = "extended",
    }
}

choice! {
    /// EKS's provisioned control-plane sizes.
    ControlPlane {
        /// XL
        Xl = "XL",
        /// 2XL
        Xl2 = "2XL",
        /// 4XL
        Xl4 = "4XL",
        /// 8XL
        Xl8 = "8XL",
    }
}

choice! {
    /// Where a GKE cluster's control plane and nodes are.
    GkeLocation {
        /// in one zone
        Zonal = "zonal",
        /// in several zones of a region, the same nodes in each
        Regional = "regional",
    }
}

choice! {
    /// A yes-or-no option.
    Switch {
        /// on
        On = "on",
        /// off
        Off = "off",
    }
}

choice! {
    /// What stands before a workload.
    LoadBalancer {
        /// an Application Load Balancer, or the other provider's own
        Alb = "alb",
        /// a Network Load Balancer, or the other provider's own
        Nlb = "nlb",
        /// the provider's own
        On = "on",
        /// none
        Off = "off",
    }
}

choice! {
    /// A set of things beside the compute, switched on together.
    With {
        /// a load balancer before what serves requests, and the public addresses it takes to be reached
        Network = "network",
    }
}

choice! {
    /// Something a platform must offer, for `--needs`.
    Need {
        /// the Kubernetes API
        Kubernetes = "kubernetes",
        /// privileged containers
        Privileged = "privileged",
        /// GPUs
        Gpu = "gpu",
        /// a place in a VPC
        Vpc = "vpc",
        /// DaemonSets
        Daemonset = "daemonset",
        /// a kernel of one's own
        Kernel = "kernel",
        /// events as triggers
        Events = "events",
        /// no cost without traffic
        ScaleToZero = "scale-to-zero",
    }
}

/// GPUs of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gpu {
    /// `l4`, `a100`, … in lower case
    pub model: String,
    /// how many
    pub count: u64,
}

/// A node's boot disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeDisk {
    /// none, or not to be priced
    None,
    /// of a kind and size
    Of {
        /// `gp3`, `pd-balanced`, …
        kind: String,
        /// how large
        size: Mib,
    },
}

/// What one DaemonSet asks for on each node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Daemonset {
    /// vCPU
    pub vcpu: MilliVcpu,
    /// memory
    pub memory: Mib,
}

/// What a container asks for, and what is expected of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// its name, unique in a request
    pub name: String,
    /// what is expected of it
    pub demand: Demand,
    /// vCPU of an instance (task, pod); each platform has its own default
    pub vcpu: Option<MilliVcpu>,
    /// memory of an instance; each platform has its own default
    pub memory: Option<Mib>,
    /// processor architecture
    pub arch: Arch,
    /// operating system
    pub os: Os,
    /// local disk of an instance, if asked for
    pub ephemeral: Option<Mib>,
    /// GPUs of an instance
    pub gpu: Option<Gpu>,
    /// a second zone's GPU held ready (Cloud Run)
    pub gpu_zonal_redundancy: Switch,
    /// requests an instance serves at once, if the user said
    pub concurrency: Option<u64>,
    /// how long of the period the fleet is on; the whole of it where absent
    pub hours: Option<Micros>,
    /// a second revision beside it for part of that time
    pub canary: Option<Canary>,
    /// Autopilot's compute class
    pub class: Class,
    /// may Autopilot pods burst beyond their requests
    pub bursting: Switch,
    /// support of the cluster's Kubernetes version
    pub k8s_support: K8sSupport,
    /// EKS's provisioned control plane
    pub control_plane: Option<ControlPlane>,
    /// DaemonSets that run beside it
    pub daemonsets: Vec<Daemonset>,
    /// largest memory of an init container
    pub init_memory: Option<Mib>,
    /// a machine type by name
    pub node_type: Option<String>,
    /// how many nodes
    pub nodes: Option<u64>,
    /// a node's boot disk; each platform has its own default
    pub node_disk: Option<NodeDisk>,
    /// zones the nodes are spread over
    pub zones: Option<u64>,
    /// may burstable machine types be chosen
    pub burstable: Switch,
    /// where a GKE cluster is
    pub gke_location: GkeLocation,
    /// build minutes in the period
    pub build_minutes: Option<u64>,
    /// App Runner's automatic deployments
    pub auto_deploy: Switch,
    /// what stands beside the compute
    pub beside: Beside,
    /// what the platform must offer
    pub needs: Vec<Need>,
    /// longest request or task the platform must allow
    pub timeout: Option<Micros>,
}

impl Workload {
    /// A workload of this demand that asks for nothing else.
    pub fn new(name: impl Into<String>, demand: Demand) -> Self {
        Self {
            name: name.into(),
            demand,
            vcpu: None,
            memory: None,
            arch: Arch::X86,
            os: Os::Linux,
            ephemeral: None,
            gpu: None,
            gpu_zonal_redundancy: Switch::Off,
            concurrency: None,
            hours: None,
            canary: None,
            class: Class::General,
            bursting: Switch::On,
            k8s_support: K8sSupport::Standard,
            control_plane: None,
            daemonsets: Vec::new(),
            init_memory: None,
            node_type: None,
            nodes: None,
            node_disk: None,
            zones: None,
            burstable: Switch::Off,
            gke_location: GkeLocation::Zonal,
            build_minutes: None,
            auto_deploy: Switch::Off,
            beside: Beside::default(),
            needs: Vec::new(),
            timeout: None,
        }
    }
}
