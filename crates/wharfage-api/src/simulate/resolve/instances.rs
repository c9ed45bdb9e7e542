//! Which instances there are, and what is said of them.

use wharfage_core::{text, text::Text};
use wharfage_sim::{Law, Nanos};

use super::{ALWAYS_ON, POLICIES, Resolver, SCALE_TO_ZERO, name_of, of_workload, own};
use crate::{
    grammar,
    request::{EstimateRequest, WorkloadRequest},
    simulate::{
        SimulateRequest, models,
        parameters::{self, Setting},
    },
};

/// What a request says of instances; each policy and platform has defaults of its own.
#[derive(Debug, Clone)]
pub struct Given {
    /// how long an idle instance is held
    pub idle_after: Option<Law>,
    /// never fewer
    pub min: Option<u64>,
    /// never more
    pub max: Option<u64>,
    /// always as many
    pub replicas: Option<u64>,
    /// share of an instance's concurrency that is aimed at
    pub target: Option<(u64, u64)>,
    /// parameters of autoscalers
    pub settings: Vec<Setting>,
    /// requests at once
    pub concurrency: Option<u32>,
    /// waiting places
    pub queue: Option<u64>,
    /// until a machine is ready
    pub node_start: Option<Law>,
    /// how long a machine without work stays
    pub node_idle_after: Option<Nanos>,
    /// time that a start takes to pull the image
    pub pull: Option<Nanos>,
}

impl Resolver<'_> {
    /// Policies by name.
    pub(super) fn policies(&mut self, q: &SimulateRequest, w: &WorkloadRequest, priced: bool) -> Vec<&'static str> {
        if q.policy.is_empty() && !priced {
            let help = "write --platform, or --policy scale-to-zero, always-on --replicas N, or an autoscaler such as cloud-run";
            self.missing(&own("policy"), "nothing says which instances there are", help);
        }
        let texts = q.policy.iter().flat_map(|text| grammar::parts(text));
        let names: Vec<_> = texts.filter_map(|name| self.word(name, &own("policy"), &POLICIES)).collect();
        self.out_of_place(q, w, &names, priced);
        names
    }

    /// What was said of instances.
    pub(super) fn given(
        &mut self,
        request: &EstimateRequest,
        q: &SimulateRequest,
        w: &WorkloadRequest,
    ) -> Option<Given> {
        let (settings, found) = parameters::settings(request);
        self.found.extend(found);
        let given = Given {
            idle_after: self.law(q.idle_after.as_deref(), "idle_after", models::idle_after, |law| law),
            min: self.parse(w.min_instances.as_deref(), &of_workload("min_instances"), grammar::count),
            max: self.parse(q.max_instances.as_deref(), &own("max_instances"), grammar::positive),
            replicas: self.parse(w.replicas.as_deref(), &of_workload("replicas"), models::replicas),
            target: self.parse(w.target_utilisation.as_deref(), &of_workload("target_utilisation"), grammar::share),
            settings,
            concurrency: self.parse(w.concurrency.as_deref(), &of_workload("concurrency"), models::concurrency),
            queue: self.parse(q.queue.as_deref(), &own("queue"), models::places),
            node_start: self.law(q.node_start.as_deref(), "node_start", models::law, |law| law),
            node_idle_after: self.parse(q.node_idle_after.as_deref(), &own("node_idle_after"), models::time),
            pull: self.pull(q, w),
        };
        if let (Some(min), Some(max)) = (given.min, given.max)
            && min > max
        {
            let message = "`min_instances` is above `max_instances`";
            self.conflict(&of_workload("min_instances"), "too many", message, "write a smaller one");
        }
        Some(given)
    }

    /// How long an image takes to be pulled.
    fn pull(&mut self, q: &SimulateRequest, w: &WorkloadRequest) -> Option<Nanos> {
        let image = self.parse(w.image.as_deref(), &of_workload("image"), grammar::mib)?;
        let rate =
            self.parse(Some(q.pull_rate.as_deref().unwrap_or("50MB/s")), &own("pull_rate"), grammar::byte_rate)?;
        let ns = u128::from(image.0) * (1 << 20) * u128::from(rate.per.0) * 1_000 / u128::from(rate.bytes.max(1));
        u64::try_from(ns).ok().map(Nanos)
    }

    /// Fields that mean nothing to any of the policies, and those that one needs.
    fn out_of_place(&mut self, q: &SimulateRequest, w: &WorkloadRequest, names: &[&str], priced: bool) {
        if names.is_empty() {
            return;
        }
        let always = names.contains(&ALWAYS_ON);
        let scaled = names.iter().any(|name| POLICIES[2..].contains(name));
        let held = names.contains(&SCALE_TO_ZERO);
        let homes = [
            (
                own("idle_after"),
                q.idle_after.is_some(),
                held || names.contains(&"cloud-run"),
                "scale-to-zero and cloud-run",
            ),
            (
                of_workload("min_instances"),
                w.min_instances.is_some(),
                held || scaled,
                "scale-to-zero and the autoscalers",
            ),
            (own("max_instances"), q.max_instances.is_some(), held || scaled, "scale-to-zero and the autoscalers"),
            (of_workload("target_utilisation"), w.target_utilisation.is_some(), scaled || priced, "the autoscalers"),
        ];
        let all = names.join(", ");
        for (path, given, at_home, home) in homes {
            if given && !at_home {
                let message = text!("`{field}` means nothing with {policies}", field = name_of(&path), policies = &all);
                self.conflict(
                    &path,
                    "no use with these",
                    message,
                    text!("it goes with {home}", home = Text::from(home)),
                );
            }
        }
        if !always && w.replicas.is_some() {
            let message = text!("`{field}` means nothing with {policies}", field = "replicas", policies = all);
            let help = "it goes with always-on; --max-instances bounds the others";
            self.conflict(&of_workload("replicas"), "no use with these", message, help);
        } else if always && w.replicas.is_none() && !priced {
            self.missing(&of_workload("replicas"), "always-on does not say how many", "write --replicas 2");
        }
    }
}
