//! The numeric inputs of a workload: those that are stated, and the defaults that stand for those that are not.

use wharfage_core::PriceBook;

use super::step::Kind;
use crate::{request::WorkloadRequest, response::EstimateResponse};

/// Every numeric field that is a quantity, and how it is written. Those with menus may need more than 10 % to make a difference.
#[rustfmt::skip]
pub(crate) const NUMERIC: [(&str, Kind, bool); 39] = [
    ("vcpu", Kind::Vcpu, true),
    ("memory", Kind::Size, true),
    ("gpu", Kind::Gpu, false),
    ("ephemeral_storage", Kind::Size, true),
    ("replicas", Kind::Count, false),
    ("requests", Kind::Rate, false),
    ("runs", Kind::Count, false),
    ("tasks", Kind::Count, false),
    ("instance_time", Kind::Time, false),
    ("idle_time", Kind::Time, false),
    ("request_count", Kind::Count, false),
    ("most_instances", Kind::Count, false),
    ("duration", Kind::Time, false),
    ("concurrency", Kind::Count, false),
    ("min_instances", Kind::Count, false),
    ("peak", Kind::Rate, false),
    ("target_utilisation", Kind::Share, false),
    ("hours", Kind::Hours, false),
    ("canary", Kind::Part, false),
    ("canary_hours", Kind::Hours, false),
    ("init_memory", Kind::Size, true),
    ("nodes", Kind::Count, false),
    ("node_disk", Kind::Disk, false),
    ("zones", Kind::Count, false),
    ("egress", Kind::Size, false),
    ("inter_zone", Kind::Size, false),
    ("lb_rules", Kind::Count, false),
    ("lb_connections", Kind::Rate, false),
    ("lb_active", Kind::Count, false),
    ("lb_bytes", Kind::Bytes, false),
    ("public_ipv4", Kind::Count, false),
    ("nat", Kind::Size, false),
    ("image", Kind::Size, false),
    ("pulls", Kind::Count, false),
    ("logs", Kind::Size, false),
    ("events", Kind::Count, false),
    ("event_data", Kind::Size, false),
    ("exec_logs", Kind::Size, false),
    ("builds", Kind::Count, false),
];

/// An input that can be varied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// the field
    pub name: &'static str,
    /// how it is written
    pub kind: Kind,
    /// its value, as the request has it or would
    pub value: String,
    /// is it a default
    pub default: bool,
    /// may 10 % make no difference because sizes come from a menu
    pub has_menus: bool,
}

/// The numeric inputs of a workload, in the order of its fields.
pub fn of(w: &WorkloadRequest, response: &EstimateResponse, book: &PriceBook<'_>) -> Vec<Input> {
    let each = NUMERIC.into_iter().filter_map(|(name, kind, has_menus)| {
        let stated = w.get(name).first().map(|t| (*t).to_owned());
        let default = stated.is_none();
        let value = stated.or_else(|| implied(name, w, response, book))?;
        Some(Input { name, kind, value, default, has_menus })
    });
    each.collect()
}

/// The default of a field that goes with the demand and is not stated.
fn implied(name: &str, w: &WorkloadRequest, response: &EstimateResponse, book: &PriceBook<'_>) -> Option<String> {
    let term = |key: &str| book.term(key, &[], book.edition().date).ok().map(|t| t.value().to_string());
    let traffic = w.requests.as_ref();
    match name {
        "peak" => traffic.cloned(),
        "concurrency" => traffic.and_then(|_| term("wharfage/concurrency")),
        "target_utilisation" => traffic.and_then(|_| term("wharfage/target-utilisation")),
        "min_instances" => traffic.map(|_| "0".to_owned()),
        "tasks" => w.runs.as_ref().map(|_| "1".to_owned()),
        "hours" if w.runs.is_none() && w.instance_time.is_none() => Some(format!("{}h", response.period.hours)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fields that are words, names or conditions.
    const NO_QUANTITY: &str = "name arch os gpu_zonal_redundancy class k8s_bursting k8s_support control_plane daemonset gke_location \
        node_type burstable load_balancer pull_from service_connect with auto_deploy needs timeout";

    #[test]
    fn every_field_is_a_quantity_or_known_to_be_none() {
        for field in WorkloadRequest::FIELDS {
            let quantity = NUMERIC.iter().any(|(name, ..)| *name == field.name);
            let none = NO_QUANTITY.split_whitespace().any(|name| name == field.name);
            assert!(quantity != none, "{}", field.name);
        }
    }
}
