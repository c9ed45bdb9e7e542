//! The request: what a person writes in a file, in flags or in a page, as plain texts.
//!
//! Every value is a text in the grammar of [`crate::grammar`], so that no number passes through binary floating point,
//! and one reader serves TOML, JSON, flags and forms. Keys are the flags' names with underscores.

use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::simulate::SimulateRequest;

/// How a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// one text
    One,
    /// a list, or one text with commas
    List,
    /// a list, one text with commas, or a table: each is a key and its value
    Table,
    /// `true` or `false`; a flag without a value
    Flag,
}

/// A field of a request, as files, flags and help know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// `ephemeral_storage`; the flag is `--ephemeral-storage`
    pub name: &'static str,
    /// how it is written
    pub kind: FieldKind,
    /// what stands for the value in help: `GiB`
    pub value: &'static str,
    /// the heading it stands under in help
    pub heading: &'static str,
    /// one line of help
    pub help: &'static str,
}

macro_rules! kind {
    (one) => {
        FieldKind::One
    };
    (list) => {
        FieldKind::List
    };
    (table) => {
        FieldKind::Table
    };
    (flag) => {
        FieldKind::Flag
    };
}

macro_rules! field_type {
    (one) => { Option<String> };
    (list) => { Vec<String> };
    (table) => { Vec<String> };
    (flag) => { Option<String> };
}

/// What the schema says of a field: readers take a number or `true` as the text it is written in.
macro_rules! schema {
    (one) => {
        value_schema
    };
    (flag) => {
        value_schema
    };
    (list) => {
        list_schema
    };
    (table) => {
        table_schema
    };
}

/// Sets a schema's `type`; its description stays.
pub(crate) fn value_schema(schema: &mut Schema) {
    schema.insert("type".to_owned(), json!(["string", "number", "boolean"]));
}

pub(crate) fn list_schema(schema: &mut Schema) {
    schema.insert("type".to_owned(), json!(["string", "number", "boolean", "array"]));
    schema.insert("items".to_owned(), json!({ "type": ["string", "number", "boolean"] }));
}

/// As [`list_schema`], or a table of values and of tables of them.
pub(crate) fn table_schema(schema: &mut Schema) {
    list_schema(schema);
    schema.insert("type".to_owned(), json!(["string", "array", "object"]));
    let table = json!({ "type": ["string", "number", "boolean", "object"] });
    schema.insert("additionalProperties".to_owned(), table);
}

macro_rules! set {
    (one, $place:expr, $texts:expr) => {
        $place = $texts.into_iter().next()
    };
    (flag, $place:expr, $texts:expr) => {
        $place = $texts.into_iter().next()
    };
    (list, $place:expr, $texts:expr) => {
        $place = $texts
    };
    (table, $place:expr, $texts:expr) => {
        $place = $texts
    };
}

macro_rules! texts {
    (one, $place:expr) => {
        $place.as_deref().into_iter().collect()
    };
    (flag, $place:expr) => {
        $place.as_deref().into_iter().collect()
    };
    (list, $place:expr) => {
        $place.iter().map(String::as_str).collect()
    };
    (table, $place:expr) => {
        $place.iter().map(String::as_str).collect()
    };
}

macro_rules! fields {
    (
        $(#[$doc:meta])* $name:ident { $($extra:tt)* }
        $($field:ident $kind:ident $value:literal $heading:literal $help:literal;)*
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $(
                #[doc = $help]
                #[serde(skip_serializing_if = "is_empty")]
                #[schemars(transform = schema!($kind))]
                pub $field: field_type!($kind),
            )*
            $($extra)*
        }

        impl $name {
            /// Its fields, in the order of help.
            pub const FIELDS: &'static [Field] = &[$(Field {
                name: stringify!($field),
                kind: kind!($kind),
                value: $value,
                heading: $heading,
                help: $help,
            }),*];

            /// Sets a field by name; `false` if there is none of that name.
            pub fn set(&mut self, name: &str, texts: Vec<String>) -> bool {
                match name {
                    $(stringify!($field) => set!($kind, self.$field, texts),)*
                    _ => return false,
                }
                true
            }

            /// Lays the fields that `over` has on top.
            pub fn lay(&mut self, over: &Self) {
                for field in Self::FIELDS.iter().filter(|f| !over.get(f.name).is_empty()) {
                    self.set(field.name, over.get(field.name).into_iter().map(str::to_owned).collect());
                }
            }

            /// A field's texts by name; empty where unset or unknown.
            pub fn get(&self, name: &str) -> Vec<&str> {
                match name {
                    $(stringify!($field) => texts!($kind, self.$field),)*
                    _ => Vec::new(),
                }
            }
        }
    };
}

/// Is there nothing to write of a field?
pub(crate) trait Emptiness {
    fn nothing(&self) -> bool;
}
impl<T> Emptiness for Option<T> {
    fn nothing(&self) -> bool {
        self.is_none()
    }
}
impl<T> Emptiness for Vec<T> {
    fn nothing(&self) -> bool {
        self.is_empty()
    }
}
pub(crate) fn is_empty<T: Emptiness>(t: &T) -> bool {
    t.nothing()
}

fields! {
    /// What to price, and how.
    EstimateRequest {
        /// How the workload is simulated; only `simulate` reads it.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub simulate: Option<Box<SimulateRequest>>,
        /// The workloads.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        pub workload: Vec<WorkloadRequest>,
    }
    schema one "1" "Request" "version of the request's form: 1";
    command one "COMMAND" "Request" "estimate (default) or compare";
    platform list "ID,…" "Where" "platforms to price on; compare takes all of them by default";
    region list "NAME,…|all" "Where" "regions by id, city or alias, in English or Korean";
    purchase list "P,…" "Price" "how capacity is bought, one row per option: on-demand (default), spot, sp-1y-no-upfront, sp-1y-all-upfront, sp-3y-…, ri-1y-standard, ri-1y-convertible, ri-3y-…, cud-1y, cud-3y, flex-cud-1y, flex-cud-3y, best";
    commit one "USD/h" "Price" "dollars an hour that a commitment is for, such as 1.50USD/h [default: the period's lowest hourly usage]";
    period one "P" "Price" "what the bill is for: 730h (default), 720h, 30d, a month such as 2026-02, or a year such as 2027, month by month";
    as_of one "DATE" "Price" "price with what was in force that day [default: the edition's own date]";
    as_of_first_seen flag "" "Price" "accept prices first seen after --as-of, with a warning on each";
    free_tier one "on|off" "Price" "free allowances and credits [default: on]";
    rounding one "invoice|exact" "Price" "totals from cents per sku (default), or from the exact sum";
    fx list "CUR=RATE" "Price" "show a second currency at your rate, such as KRW=1385.20";
    explain flag "" "Output" "add formula, rule and source to each line";
    sensitivity flag "" "Output" "say which inputs move the bill most: each up and down by 10 % or a step";
}

fields! {
    /// One workload.
    WorkloadRequest {}
    name one "NAME" "Workload" "the workload's name, unique in a file";
    vcpu one "N" "Workload" "vCPU of an instance, such as 0.5 or 500m";
    memory one "SIZE" "Workload" "memory of an instance, such as 512MiB or 1GiB";
    arch one "x86|arm" "Workload" "processor architecture [default: x86]";
    os one "linux|windows" "Workload" "operating system [default: linux]";
    ephemeral_storage one "SIZE" "Workload" "local disk of an instance, such as 30GiB";
    gpu one "MODEL:N" "Workload" "GPUs of an instance, such as l4:1";
    gpu_zonal_redundancy one "on|off" "Workload" "hold a GPU ready in a second zone (Cloud Run) [default: off]";
    replicas one "N" "Demand" "instances that run all the time";
    requests one "RATE" "Demand" "requests, such as 100/s or 5M/month";
    runs one "N" "Demand" "executions in the period, such as jobs";
    instance_time one "TIME" "Demand" "instance time that was metered or simulated, over all instances, such as 500h: billed as it stands";
    idle_time one "TIME" "Demand" "instance time beside it at the idle rate: Cloud Run's kept warm, App Runner's that wait [default: 0]";
    request_count one "N" "Demand" "requests in that time, such as 5M [default: 0]";
    most_instances one "N" "Demand" "most instances at once in that time [default: what carries it]";
    duration one "TIME" "Demand" "how long a request or a task takes, such as 80ms or 10m";
    tasks one "N" "Demand" "equal tasks of each run [default: 1]";
    concurrency one "N" "Demand" "requests an instance serves at once [default: 80]";
    min_instances one "N" "Demand" "instances kept warm without requests [default: 0]";
    peak one "RATE" "Demand" "highest request rate, which always-on fleets are sized for [default: the mean]";
    target_utilisation one "SHARE" "Demand" "share of an instance's concurrency meant to be used [default: 0.6]";
    hours one "H" "Demand" "hours of the period the fleet is on, such as 176 [default: all]";
    canary one "SHARE" "Demand" "share of the traffic that a second revision takes, such as 10%; needs canary_hours";
    canary_hours one "H" "Demand" "hours of the period that the canary runs beside the stable revision, such as 2";
    class one "CLASS" "Kubernetes" "Autopilot's compute class: general, balanced, scale-out, scale-out-arm, performance, accelerator";
    k8s_bursting one "on|off" "Kubernetes" "may Autopilot pods burst beyond their requests [default: on]";
    k8s_support one "standard|extended" "Kubernetes" "support of the cluster's Kubernetes version [default: standard]";
    control_plane one "SIZE" "Kubernetes" "EKS's provisioned control plane: XL, 2XL, 4XL or 8XL";
    init_memory one "SIZE" "Kubernetes" "largest memory of an init container";
    daemonset list "CPU/MEMORY" "Kubernetes" "what each DaemonSet asks for, such as 100m/128MiB";
    gke_location one "zonal|regional" "Kubernetes" "where a GKE Standard cluster is; regional ones have the same nodes in each zone [default: zonal]";
    node_type one "TYPE" "Nodes" "a machine type by name, such as m7g.large [default: the cheapest that holds the workload]";
    nodes one "N" "Nodes" "how many nodes there are, and DaemonSets land on [default: as many as are needed]";
    node_disk one "none|TYPE:SIZE" "Nodes" "boot disk of a node, such as gp3:20GiB or pd-balanced:100GiB [default: the platform's]";
    zones one "N" "Nodes" "zones with at least one node each [default: 1]";
    burstable one "on|off" "Nodes" "may burstable machine types be chosen (t*, -flex, e2-micro to e2-medium) [default: off]";
    egress one "SIZE" "Beside" "data sent to the internet in the period, such as 100GiB";
    inter_zone one "SIZE" "Beside" "data that crosses zones in the period";
    load_balancer one "alb|nlb|on|off" "Beside" "what stands before it; on is the provider's own";
    lb_rules one "N" "Beside" "rules of the load balancer";
    lb_connections one "RATE" "Beside" "new connections to the load balancer, such as 1/s";
    lb_active one "N" "Beside" "connections open at a time";
    lb_bytes one "RATE" "Beside" "bytes through the load balancer, both ways, such as 300kB/s (kB is 1000 bytes)";
    public_ipv4 one "N" "Beside" "public IPv4 addresses";
    nat one "SIZE" "Beside" "data through NAT gateways in the period, both ways";
    image one "SIZE" "Beside" "container images kept in the registry";
    pulls one "N" "Beside" "pulls of the images in the period, each of all of them; needs image";
    pull_from one "region|nat|REGION" "Beside" "where images are pulled from: their region's registry, the same through NAT, or another region [default: region]";
    logs one "SIZE" "Beside" "logs taken in over the period, such as 10GiB";
    events one "N" "Beside" "events delivered in the period, such as 1M";
    event_data one "SIZE" "Beside" "data of events that Pub/Sub carries, published and delivered (Google Cloud)";
    exec_logs one "SIZE" "Beside" "logs of ECS Exec sessions taken in over the period (ECS)";
    service_connect one "on|off" "Beside" "ECS Service Connect [default: off]";
    with one "network" "Beside" "switch on a load balancer and public addresses where they are needed";
    builds one "MINUTES" "Beside" "build minutes in the period (App Runner, Google Cloud)";
    auto_deploy one "on|off" "Beside" "automatic deployments (App Runner) [default: off]";
    needs list "NEED,…" "Requirements" "what a platform must offer: kubernetes, privileged, gpu, vpc, daemonset, kernel, events, scale-to-zero";
    timeout one "TIME" "Requirements" "longest request or task the platform must allow, such as 30m";
}

impl WorkloadRequest {
    /// The fields of which exactly one says what is expected: the shape of the demand.
    pub const SHAPES: [&'static str; 4] = ["replicas", "requests", "runs", "instance_time"];
    /// The fields that only make sense with some of the shapes.
    pub const SHAPED: [(&'static str, &'static [&'static str]); 11] = [
        ("idle_time", &["instance_time"]),
        ("request_count", &["instance_time"]),
        ("most_instances", &["instance_time"]),
        ("hours", &["replicas", "requests", "runs"]),
        ("duration", &["requests", "runs"]),
        ("tasks", &["runs"]),
        ("min_instances", &["requests"]),
        ("peak", &["requests"]),
        ("target_utilisation", &["requests"]),
        ("canary", &["replicas", "requests"]),
        ("canary_hours", &["replicas", "requests"]),
    ];

    /// Lays `over` on top. A demand in another shape replaces the demand below whole.
    pub fn overrule(&mut self, over: &Self) {
        self.drop_other_shapes(over);
        self.lay(over);
    }

    /// Forgets a demand in another shape than `over`'s, if that has one.
    fn drop_other_shapes(&mut self, over: &Self) {
        let given = |r: &Self, f: &str| !r.get(f).is_empty();
        if let Some(shape) = Self::SHAPES.into_iter().find(|s| given(over, s)) {
            let dropped = Self::SHAPES.into_iter().filter(|s| *s != shape);
            let orphaned = Self::SHAPED.iter().filter(|(_, with)| !with.contains(&shape)).map(|(f, _)| *f);
            for field in dropped.chain(orphaned) {
                self.set(field, Vec::new());
            }
        }
    }
}

/// How flags go with the workloads of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlay {
    /// a demand in another shape replaces the file's
    Replacing,
    /// both hold: a simulation has requests, and replicas that serve them
    Beside,
}

impl EstimateRequest {
    /// Lays flags on top of a file: `over`'s own fields, and its workload's fields on every workload.
    pub fn overrule(&mut self, over: &Self, overlay: Overlay) {
        self.lay(over);
        if let Some(flags) = &over.simulate {
            self.simulate.get_or_insert_default().lay(flags);
        }
        let Some(flags) = over.workload.first() else { return };
        if self.workload.is_empty() {
            self.workload.push(flags.clone());
            return;
        }
        for w in &mut self.workload {
            match overlay {
                Overlay::Replacing => w.overrule(flags),
                Overlay::Beside => w.lay(flags),
            }
        }
    }
}
