//! GPUs: which models there are, what they need, and where they can't be had.

use super::{Context, Platform, Terms};
use crate::{
    book::Missing,
    estimate::Quoted,
    note::Note,
    quantity::GpuTime,
    text::{Value, both},
    workload::{Switch, Workload},
};

/// A GPU model's price and limits.
#[derive(Debug)]
pub(super) struct Gpu<'b> {
    pub rate: Quoted<'b, GpuTime>,
    per_instance: u64,
    offered: bool,
}

/// A GPU model that Cloud Run has: its name, the end of its price key, its size menu.
#[derive(Debug)]
pub(super) struct Model {
    pub name: &'static str,
    suffix: &'static str,
    pub sizes: &'static str,
}

const MODELS: [Model; 2] = [
    Model { name: "l4", suffix: "", sizes: "gcp/cloud-run/sizes" },
    Model { name: "rtx-pro-6000", suffix: ".rtx-pro-6000", sizes: "gcp/cloud-run/gpu.rtx-pro-6000.sizes" },
];

/// The model of this name, with or without its maker's.
pub(super) fn model(name: &str) -> Option<&'static Model> {
    let name = name.strip_prefix("nvidia-").unwrap_or(name);
    MODELS.iter().find(|m| m.name == name)
}

/// Its price and limits in this region.
pub(super) fn terms<'b>(ctx: &Context<'_, 'b>, model: &Model, zonal: Switch) -> Result<Gpu<'b>, Missing> {
    let meter = if zonal == Switch::On { "gpu-zonal" } else { "gpu" };
    Ok(Gpu {
        rate: ctx.bought(&format!("gcp/cloud-run/instance.{meter}{}", model.suffix)),
        per_instance: ctx.whole("gcp/cloud-run/gpu.per-instance")?,
        offered: ctx.offered(&format!("gcp/cloud-run/gpu.{}", model.name)),
    })
}

/// Where the price was listed for services, says so.
pub(super) fn price_note(terms: &Terms<'_>) -> Option<Note> {
    let service = terms.platform == Platform::CloudRunInstance;
    let says = "the GPU's price is the one listed for instance-based billing: no other was found";
    let code = format!("{}/gpu-price", terms.platform.id());
    (terms.gpu.is_some() && !service).then(|| Note::plain(code, says))
}

/// Why the workload's GPUs can't be had.
pub(super) fn refusals(w: &Workload, terms: &Terms<'_>) -> Vec<Note> {
    let id = terms.platform.id();
    let Some(asked) = &w.gpu else { return Vec::new() };
    if terms.platform == Platform::CloudRun {
        let says = "a GPU needs instance-based billing: see cloud-run-instance";
        return vec![Note::plain(format!("{id}/gpu"), says)];
    }
    let Some(gpu) = &terms.gpu else {
        let args = [("model", Value::from(&asked.model)), ("has", both(MODELS.iter().map(|m| m.name)).into())];
        return vec![Note::new(format!("{id}/gpu-model"), "it has no {model}, only {has}", &args)];
    };
    let mut reasons = Vec::new();
    if asked.count > gpu.per_instance {
        let args = [("asked", asked.count.to_string()), ("most", gpu.per_instance.to_string())];
        reasons.push(Note::new(format!("{id}/gpu-max"), "an instance has {most} GPU at most, not {asked}", &args));
    }
    if !gpu.offered {
        let args = [("model", asked.model.clone())];
        reasons.push(Note::new(format!("{id}/gpu-region"), "{model} is not offered in this region", &args));
    }
    reasons
}
