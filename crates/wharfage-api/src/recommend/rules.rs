//! The decision guide as data: words for what is wanted, questions that lead to them, and rules from words to platforms.
//!
//! # Sources
//! `lesson 7.1`, `exercise 2` and the like are the container lesson's decision tree, table of use cases and exercises. What the
//! lesson has wrong (GPUs on Fargate, App Runner scaling to zero) is not here: what a platform can't do is the core's to say.
//! # Not modelled
//! A team's skills, what it runs already, and which cloud it is in: `--platform` narrows the choice.

use wharfage_core::{
    platform::Platform::{self, *},
    workload::Need,
};

/// Words besides those of [`Need`]: wishes that no platform lacks or has, but some suit better.
#[rustfmt::skip]
pub const WISHES: [(&str, &str); 12] = [
    ("serverless", "no servers or nodes of one's own to run"),
    ("own-nodes", "machines of one's own"),
    ("no-kubernetes", "no Kubernetes"),
    ("full-control", "control over a cluster's nodes"),
    ("portable", "the same manifests on several clouds"),
    ("simple", "a simple web application or API, with HTTPS and scaling set up"),
    ("microservices", "many services that call each other"),
    ("batch", "jobs that start, process and end"),
    ("bursty", "short bursts of many times the usual traffic"),
    ("low-cost", "as cheap as can be, and may be interrupted"),
    ("machine-type", "a special machine type"),
    ("no-container", "full access to the operating system, or software that no container takes"),
];

/// Every word that `--needs` takes for a recommendation.
pub fn words() -> Vec<&'static str> {
    Need::IDS.iter().copied().chain(WISHES.iter().map(|(word, _)| *word)).collect()
}

/// A question of the dialogue. An empty answer means no word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// stable
    pub id: &'static str,
    /// the question
    pub asks: &'static str,
    /// what can be answered, and the word that it stands for
    pub answers: &'static [(&'static str, Option<&'static str>)],
    /// asked only if all of these are wanted
    pub when: &'static [&'static str],
    /// and none of these
    pub unless: &'static [&'static str],
}

macro_rules! yes {
    ($word:literal) => {
        &[("yes", Some($word)), ("no", None)]
    };
}

/// The questions, in the order they are asked.
#[rustfmt::skip]
pub const QUESTIONS: &[Question] = &[
    Question { id: "container", asks: "Does it need full access to the operating system, or can't it be put into a container?", answers: yes!("no-container"), when: &[], unless: &[] },
    Question { id: "serverless", asks: "Should there be no servers or nodes of your own to run?", answers: &[("yes", Some("serverless")), ("no", Some("own-nodes"))], when: &[], unless: &["no-container"] },
    Question { id: "kubernetes", asks: "Does it need Kubernetes (its API, custom resources, admission controllers)?", answers: &[("yes", Some("kubernetes")), ("no", Some("no-kubernetes"))], when: &[], unless: &["no-container"] },
    Question { id: "control", asks: "Do you need full control over the cluster's nodes?", answers: yes!("full-control"), when: &["kubernetes"], unless: &["serverless"] },
    Question { id: "use", asks: "What is it?", answers: &[("web", Some("simple")), ("microservices", Some("microservices")), ("batch", Some("batch")), ("events", Some("events")), ("other", None)], when: &[], unless: &["no-container"] },
    Question { id: "gpu", asks: "Does it need GPUs?", answers: yes!("gpu"), when: &[], unless: &[] },
    Question { id: "privileged", asks: "Does it need privileged containers?", answers: yes!("privileged"), when: &[], unless: &["serverless", "no-container"] },
    Question { id: "kernel", asks: "Does it need a kernel, modules or drivers of its own?", answers: yes!("kernel"), when: &[], unless: &["serverless"] },
    Question { id: "machine", asks: "Does it need a special machine type?", answers: yes!("machine-type"), when: &[], unless: &["serverless"] },
    Question { id: "bursts", asks: "Does its traffic come in short bursts of many times the usual?", answers: yes!("bursty"), when: &[], unless: &["batch"] },
    Question { id: "zero", asks: "Must it cost nothing while there is no traffic?", answers: yes!("scale-to-zero"), when: &[], unless: &["batch", "own-nodes", "no-container"] },
    Question { id: "cost", asks: "Must it be as cheap as can be, and may it be interrupted?", answers: yes!("low-cost"), when: &[], unless: &[] },
];

impl Question {
    /// Is it asked where these words are wanted already?
    pub fn applies(&self, wanted: &[&str]) -> bool {
        applies(self.when, self.unless, wanted)
    }
}

fn applies(when: &[&str], unless: &[&str], wanted: &[&str]) -> bool {
    when.iter().all(|w| wanted.contains(w)) && !unless.iter().any(|w| wanted.contains(w))
}

/// What a rule does to its platforms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// they suit better (or, below zero, worse) by so much
    Suits(i32),
    /// they do not suit at all
    Excludes,
    /// the cheapest of those that fit suits better by so much, whichever it is
    Cheapest(i32),
}

/// From words to platforms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// stable
    pub id: &'static str,
    /// holds if all of these are wanted
    pub when: &'static [&'static str],
    /// and none of these
    pub unless: &'static [&'static str],
    /// what it does
    pub effect: Effect,
    /// to which platforms
    pub platforms: &'static [Platform],
    /// why
    pub says: &'static str,
    /// who says so
    pub source: &'static str,
}

impl Rule {
    /// Does it hold where these words are wanted?
    pub fn applies(&self, wanted: &[&str]) -> bool {
        applies(self.when, self.unless, wanted)
    }
}

const NODES: &[Platform] = &[EcsEc2, EcsManagedInstances, EksEc2, EksAuto, Ec2, GkeStandard, ComputeEngine];
const KUBERNETES: &[Platform] = &[EksFargate, EksEc2, EksAuto, GkeAutopilot, GkeStandard];
const SERVERLESS: &[Platform] =
    &[EcsFargate, EcsExpress, AppRunner, CloudRun, CloudRunInstance, CloudRunJob, CloudRunWorkerPool];
const NO_MACHINE_CHOICE: &[Platform] =
    &[EcsFargate, EcsExpress, EksFargate, AppRunner, CloudRun, CloudRunInstance, CloudRunJob, CloudRunWorkerPool];
const CONTAINERS_ONLY: &[Platform] = &[
    EcsFargate,
    EcsExpress,
    EksFargate,
    EcsEc2,
    EcsManagedInstances,
    EksEc2,
    EksAuto,
    AppRunner,
    GkeAutopilot,
    GkeStandard,
    CloudRun,
    CloudRunInstance,
    CloudRunJob,
    CloudRunWorkerPool,
];

use Effect::{Cheapest, Excludes, Suits};

/// Every rule. Those that hold add up; what can't run the workload is out whatever they say.
#[rustfmt::skip]
pub const RULES: &[Rule] = &[
    // The decision tree.
    Rule { id: "serverless/nodes", when: &["serverless"], unless: &[], effect: Excludes, platforms: NODES, says: "it is made of machines: not serverless", source: "lesson 7.1" },
    Rule { id: "serverless/plain", when: &["serverless"], unless: &["kubernetes"], effect: Suits(2), platforms: SERVERLESS, says: "serverless without Kubernetes: billed is what tasks reserve or requests take, not machines", source: "lesson 7.1, exercise 1" },
    Rule { id: "serverless/kubernetes", when: &["serverless", "kubernetes"], unless: &[], effect: Suits(3), platforms: &[EksFargate], says: "Kubernetes on serverless pods: Fargate on EKS", source: "lesson 7.1" },
    Rule { id: "serverless/autopilot", when: &["serverless", "kubernetes"], unless: &[], effect: Suits(3), platforms: &[GkeAutopilot], says: "Kubernetes whose nodes Google runs: pods are what is billed", source: "lesson 5.2" },
    Rule { id: "nodes/kubernetes", when: &["own-nodes", "kubernetes"], unless: &[], effect: Suits(3), platforms: &[EksEc2, EksAuto, GkeAutopilot, GkeStandard], says: "a managed Kubernetes cluster", source: "lesson 7.1" },
    Rule { id: "nodes/plain", when: &["own-nodes"], unless: &["kubernetes"], effect: Suits(3), platforms: &[EcsEc2, ComputeEngine], says: "containers on your own machines, without Kubernetes", source: "lesson 7.1" },
    Rule { id: "kubernetes/not-asked", when: &["no-kubernetes"], unless: &[], effect: Suits(-2), platforms: KUBERNETES, says: "it brings Kubernetes, which nobody asked for", source: "lesson 7.1" },
    // Use cases.
    Rule { id: "use/simple", when: &["simple"], unless: &[], effect: Suits(3), platforms: &[AppRunner, CloudRun, CloudRunInstance], says: "a simple web application: no cluster, no load balancer, HTTPS and scaling included", source: "lesson 7.2, exercise 2" },
    Rule { id: "use/simple-express", when: &["simple"], unless: &[], effect: Suits(3), platforms: &[EcsExpress], says: "a simple web application, open to new customers: Fargate with load balancer and HTTPS set up", source: "in App Runner's place" },
    Rule { id: "app-runner/closed", when: &[], unless: &[], effect: Suits(-1), platforms: &[AppRunner], says: "it takes no new customers", source: "the estimate's warning" },
    Rule { id: "use/microservices", when: &["microservices"], unless: &[], effect: Suits(3), platforms: &[EcsFargate], says: "microservices: Service Connect finds services and balances between them", source: "lesson 7.2, 3.3" },
    Rule { id: "use/microservices-cloud-run", when: &["microservices"], unless: &[], effect: Suits(3), platforms: &[CloudRun, CloudRunInstance], says: "microservices: one service each, with traffic split by revision", source: "lesson 7.2, exercise 5" },
    Rule { id: "kubernetes/simple", when: &["kubernetes"], unless: &["full-control"], effect: Suits(2), platforms: &[EksAuto, GkeAutopilot], says: "Kubernetes made simple: nodes are looked after", source: "lesson 7.2, 4.2" },
    Rule { id: "kubernetes/full-control", when: &["kubernetes", "full-control"], unless: &[], effect: Suits(3), platforms: &[EksEc2, GkeStandard], says: "Kubernetes under full control", source: "lesson 7.2, 5.2" },
    Rule { id: "kubernetes/portable", when: &["portable"], unless: &[], effect: Suits(3), platforms: KUBERNETES, says: "the same manifests run on any Kubernetes", source: "exercise 2" },
    Rule { id: "gpu/kubernetes", when: &["gpu"], unless: &[], effect: Suits(3), platforms: &[EksEc2, EksAuto, GkeAutopilot], says: "GPU workloads: Kubernetes with GPU nodes or pods", source: "lesson 7.2, exercise 2" },
    Rule { id: "gpu/ecs", when: &["gpu"], unless: &["kubernetes"], effect: Suits(2), platforms: &[EcsEc2, EcsManagedInstances], says: "ECS runs GPU tasks on machines with GPUs", source: "exercise 2" },
    Rule { id: "batch/plain", when: &["batch"], unless: &[], effect: Suits(3), platforms: &[EcsFargate, CloudRunJob], says: "it starts, processes and ends: an ECS task or a Cloud Run job", source: "lesson 7.2, exercise 2" },
    Rule { id: "batch/kubernetes", when: &["batch"], unless: &["no-kubernetes"], effect: Suits(1), platforms: KUBERNETES, says: "it starts, processes and ends: a Kubernetes Job", source: "exercise 2" },
    Rule { id: "events/fargate", when: &["events"], unless: &[], effect: Suits(3), platforms: &[EcsFargate], says: "events: EventBridge starts tasks", source: "lesson 7.2" },
    Rule { id: "events/cloud-run", when: &["events"], unless: &[], effect: Suits(3), platforms: &[CloudRun, CloudRunInstance], says: "events: Eventarc calls it", source: "lesson 7.2, 6.2" },
    Rule { id: "low-cost/spot", when: &["low-cost"], unless: &[], effect: Suits(3), platforms: &[EcsFargate, GkeAutopilot], says: "may be interrupted: Fargate Spot or Autopilot's Spot Pods", source: "lesson 7.2, 5.2" },
    Rule { id: "low-cost/cheapest", when: &["low-cost"], unless: &[], effect: Cheapest(2), platforms: Platform::ALL, says: "the cheapest that fits", source: "the prices below" },
    // Traffic.
    Rule { id: "bursts/cloud-run", when: &["bursty"], unless: &[], effect: Suits(3), platforms: &[CloudRun, CloudRunInstance], says: "bursts: it scales out with requests, and nothing is kept for the peak", source: "exercise 5" },
    Rule { id: "bursts/app-runner", when: &["bursty"], unless: &[], effect: Suits(2), platforms: &[AppRunner], says: "bursts: AWS's nearest in simplicity, scaling with requests", source: "exercise 5" },
    Rule { id: "scale-to-zero/cloud-run", when: &["scale-to-zero"], unless: &[], effect: Suits(1), platforms: &[CloudRun, CloudRunInstance], says: "no traffic, no instance", source: "lesson 6.2, exercise 5" },
    Rule { id: "vpc/fargate", when: &["vpc"], unless: &[], effect: Suits(1), platforms: &[EcsFargate, EcsExpress], says: "fine-grained networking: security groups and private subnets for each task", source: "exercise 5" },
    // What only machines can do.
    Rule { id: "kernel/machines", when: &["kernel"], unless: &[], effect: Suits(2), platforms: &[Ec2, ComputeEngine], says: "a kernel, modules or drivers of one's own: a virtual machine", source: "exercise 1" },
    Rule { id: "kernel/gke-standard", when: &["kernel"], unless: &[], effect: Suits(1), platforms: &[GkeStandard], says: "special kernels: nodes of one's own", source: "lesson 5.2" },
    Rule { id: "privileged/gke-standard", when: &["privileged"], unless: &[], effect: Suits(1), platforms: &[GkeStandard], says: "privileged pods are allowed", source: "lesson 5.2" },
    Rule { id: "machine/none", when: &["machine-type"], unless: &[], effect: Excludes, platforms: NO_MACHINE_CHOICE, says: "its machines can't be chosen", source: "exercise 2" },
    Rule { id: "machine/ecs", when: &["machine-type"], unless: &["kubernetes"], effect: Suits(3), platforms: &[EcsEc2], says: "you choose the machines, ECS places the containers", source: "exercise 2" },
    Rule { id: "machine/nodes", when: &["machine-type"], unless: &[], effect: Suits(2), platforms: &[EksEc2, GkeStandard, ComputeEngine], says: "you choose the machines", source: "lesson 7.2" },
    Rule { id: "container/none", when: &["no-container"], unless: &[], effect: Excludes, platforms: CONTAINERS_ONLY, says: "it runs containers, with no operating system of one's own", source: "exercise 1" },
    Rule { id: "container/machines", when: &["no-container"], unless: &[], effect: Suits(3), platforms: &[Ec2, ComputeEngine], says: "a virtual machine: the whole operating system, and no container needed", source: "exercise 1" },
];
