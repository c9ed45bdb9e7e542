//! Turns a request's texts into what the core prices, gathering every mistake.

use rust_decimal::Decimal;
use wharfage_core::{
    PriceBook,
    beside::{Beside, PullFrom},
    book::Region,
    calendar::Year,
    demand::{Demand, Metered, Runs, Spent, Traffic},
    diagnostic::{Diagnostic, did_you_mean, quoted},
    estimate::{Rounding, SHARED},
    period::Period,
    platform::Platform,
    pricing::{Place, Settings},
    purchase::{Choice, Purchase},
    quantity::Micros,
    rollout::Canary,
    text,
    text::{Text, both, either},
    tr,
    workload::{Arch, Class, ControlPlane, GkeLocation, K8sSupport, LoadBalancer, Need, Os, Switch, With, Workload},
};

use crate::{
    grammar::{self, Fault},
    read::unindexed,
    request::{EstimateRequest, WorkloadRequest},
};

/// What is asked of the workloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// every line of some platforms
    Estimate,
    /// all platforms, cheapest first
    Compare,
}

/// A request that can be priced.
#[derive(Debug, Clone)]
pub struct Resolved<'b> {
    /// what is asked
    pub command: Command,
    /// where
    pub platforms: Vec<Platform>,
    /// in which places
    pub places: Vec<Place<'b>>,
    /// are the places each provider's own regions, one by one (`--region all`)
    pub every_region: bool,
    /// bought how
    pub purchases: Vec<Choice>,
    /// for which day and period
    pub settings: Settings,
    /// the period's months, if it is a calendar year
    pub year: Option<Year>,
    /// what
    pub workloads: Vec<Workload>,
    /// second currencies, with what a dollar costs in them
    pub fx: Vec<(String, Decimal)>,
    /// formula, rule and source on each line
    pub explain: bool,
    /// which inputs move the bill most
    pub sensitivity: bool,
    /// the book accepts prices first seen after the day asked for
    pub as_of_first_seen: bool,
}

/// Everything of `request` as the core takes it, or everything wrong with it.
pub fn resolve<'b>(request: &EstimateRequest, book: &PriceBook<'b>) -> Result<Resolved<'b>, Vec<Diagnostic>> {
    let mut r = Resolver { book, found: Vec::new() };
    let resolved = r.all(request);
    if r.found.is_empty() { Ok(resolved.expect("nothing was wrong")) } else { Err(r.found) }
}

struct Resolver<'r, 'b> {
    book: &'r PriceBook<'b>,
    found: Vec<Diagnostic>,
}

impl<'b> Resolver<'_, 'b> {
    /// `label` says in a few words what is wrong where the field stands.
    fn error(
        &mut self,
        code: &'static str,
        field: &str,
        label: impl Into<Text>,
        message: impl Into<Text>,
        help: impl Into<Text>,
    ) {
        self.found.push(Diagnostic::error(code, message).on(field, label).help(help));
    }

    /// A text through its grammar.
    fn parse<T>(&mut self, text: Option<&str>, field: &str, grammar: fn(&str) -> Result<T, Fault>) -> Option<T> {
        let text = text?;
        match grammar::legible(text).and_then(|()| grammar(text)) {
            Ok(value) => Some(value),
            Err(f) => {
                self.error("request/value", field, f.label, f.message, f.help);
                None
            }
        }
    }

    /// One of a closed set of words.
    fn choose<T>(
        &mut self,
        text: &str,
        field: &str,
        ids: &[&'static str],
        from: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = text.trim();
        let chosen =
            from(text).or_else(|| from(&text.to_ascii_lowercase())).or_else(|| from(&text.to_ascii_uppercase()));
        if chosen.is_none() {
            let name = unindexed(field.rsplit('.').next().unwrap_or(field));
            let help = did_you_mean(text, ids.iter().copied(), text!("it is one of {words}", words = ids.join(", ")));
            self.error(
                "request/unknown-word",
                field,
                "not one of its words",
                text!("`{name}` can't be `{text}`", name, text = quoted(text)),
                help,
            );
        }
        chosen
    }

    fn word<T>(
        &mut self,
        text: Option<&str>,
        field: &str,
        ids: &[&'static str],
        from: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        self.choose(text?, field, ids, from)
    }

    fn flag(&mut self, text: Option<&str>, field: &str) -> bool {
        self.word(text, field, &["true", "false"], |t| match t {
            "true" | "on" => Some(true),
            "false" | "off" => Some(false),
            _ => None,
        })
        .unwrap_or(false)
    }

    fn all(&mut self, q: &EstimateRequest) -> Option<Resolved<'b>> {
        if let Some(schema) = q.schema.as_deref().filter(|s| *s != "1") {
            let help = "this program reads schema 1";
            let message = text!("`{schema}` is not a version of requests", schema = quoted(schema));
            self.error("request/schema", "schema", "another version", message, help);
        }
        let command = self.word(q.command.as_deref(), "command", &["estimate", "compare"], |t| match t {
            "estimate" => Some(Command::Estimate),
            "compare" => Some(Command::Compare),
            _ => None,
        });
        let command = command.unwrap_or(Command::Estimate);
        let platforms = self.platforms(q, command);
        let places = self.places(q);
        let purchases = self.purchases(q);
        let settings = self.settings(q);
        let fx = items("fx", &q.fx).filter_map(|(at, t)| self.parse(Some(t), &at, grammar::fx)).collect();
        let explain = self.flag(q.explain.as_deref(), "explain");
        let sensitivity = self.flag(q.sensitivity.as_deref(), "sensitivity");
        let as_of_first_seen = self.flag(q.as_of_first_seen.as_deref(), "as_of_first_seen");
        let workloads = self.workloads(q, &platforms, settings.as_ref().map(|s| &s.period));
        Some(Resolved {
            command,
            platforms,
            places,
            every_region: q.region.iter().flat_map(|t| grammar::parts(t)).any(|t| t == "all"),
            purchases,
            year: settings.as_ref().and_then(|s| Year::new(grammar::year(&s.period.label)?, &s.period)),
            settings: settings?,
            workloads,
            fx,
            explain,
            sensitivity,
            as_of_first_seen,
        })
    }

    fn platforms(&mut self, q: &EstimateRequest, command: Command) -> Vec<Platform> {
        let asked: Vec<(String, &str)> = items("platform", &q.platform).collect();
        if asked.is_empty() {
            if command == Command::Estimate {
                let help =
                    text!("name one or more of {ids}; or use compare for all of them", ids = Platform::IDS.join(", "));
                self.error("request/missing", "platform", "no platform", "no platform is named", help);
            }
            return Platform::ALL.to_vec();
        }
        let mut all = Vec::new();
        for (at, text) in asked {
            if let Some(p) = self.choose(text, &at, Platform::IDS, Platform::from_id)
                && !all.contains(&p)
            {
                all.push(p);
            }
        }
        all
    }

    fn purchases(&mut self, q: &EstimateRequest) -> Vec<Choice> {
        let ids = Choice::ids();
        let mut all = Vec::new();
        for (at, text) in items("purchase", &q.purchase) {
            if let Some(p) = self.choose(text, &at, &ids, Choice::from_id)
                && !all.contains(&p)
            {
                all.push(p);
            }
        }
        if all.is_empty() { vec![Choice::Of(Purchase::OnDemand)] } else { all }
    }

    fn places(&mut self, q: &EstimateRequest) -> Vec<Place<'b>> {
        let asked: Vec<(String, &str)> = items("region", &q.region).collect();
        if asked.is_empty() {
            let help = "name a region by id, city or alias, such as seoul or us-east-1; or all";
            self.error("request/missing", "region", "no region", "no region is named", help);
        }
        if asked.iter().any(|(_, text)| *text == "all") {
            return self.book.regions().map(only).collect();
        }
        let mut all: Vec<Place<'b>> = Vec::new();
        for (at, text) in asked {
            match place(self.book, text) {
                Some(p) if all.iter().any(|other| same(other, &p)) => {}
                Some(p) => all.push(p),
                None => self.found.push(unknown_region(self.book, text, &at)),
            }
        }
        all
    }

    fn settings(&mut self, q: &EstimateRequest) -> Option<Settings> {
        let edition = self.book.edition();
        let day = match q.as_of.as_deref() {
            Some(text) => self.parse(Some(text), "as_of", grammar::day),
            None => Some(edition.date),
        };
        if let Some(day) = day.filter(|day| *day > edition.date) {
            let help = text!("the tables end on {day}; use that day or an earlier one", day = edition.date);
            self.error(
                "request/as-of-future",
                "as_of",
                "after the tables end",
                text!("prices of {day} are not known", day),
                help,
            );
        }
        let month = edition.month_hours;
        let label = q.period.clone().unwrap_or_else(|| format!("{month}h"));
        let time = self.parse(Some(&label), "period", grammar::period);
        let free_tier = self.switch(q.free_tier.as_deref(), "free_tier", Switch::On);
        let ids = Rounding::ALL.map(Rounding::id);
        let rounding =
            self.word(q.rounding.as_deref(), "rounding", &ids, Rounding::from_id).unwrap_or(Rounding::Invoice);
        let commit = self.parse(q.commit.as_deref(), "commit", grammar::hourly);
        // Only now that each has told its mistakes.
        let (day, time) = (day?, time?);
        let bound = |key: &str| {
            let term = self.book.term(key, &[], day).ok().and_then(|t| t.whole());
            term.and_then(|n| u32::try_from(n).ok()).unwrap_or(month)
        };
        let whole_month_hours = (bound("wharfage/allowance-whole-from"), bound("wharfage/allowance-whole-to"));
        let period = Period { label: label.trim().to_owned(), time, month_hours: month, whole_month_hours };
        Some(Settings { day, period, free_tier, rounding, commit })
    }

    fn switch(&mut self, text: Option<&str>, field: &str, default: Switch) -> Switch {
        self.word(text, field, Switch::IDS, Switch::from_id).unwrap_or(default)
    }

    fn workloads(&mut self, q: &EstimateRequest, platforms: &[Platform], period: Option<&Period>) -> Vec<Workload> {
        if q.workload.is_empty() {
            let help = "say what a container needs, such as --vcpu 0.5 --memory 1GiB --replicas 1, or write a [[workload]] in a file";
            self.found.push(Diagnostic::error("request/no-workload", "no workload is given").help(help));
        }
        let alone = q.workload.len() == 1;
        let mut all: Vec<Workload> = Vec::new();
        let mut names = std::collections::BTreeSet::new();
        for (n, w) in q.workload.iter().enumerate() {
            let path = |field: &str| format!("workload[{n}].{field}");
            let name = match w.name.as_deref().map(str::trim) {
                Some(name) if !name.is_empty() => name.to_owned(),
                _ if alone => "workload".to_owned(),
                _ => format!("workload-{}", n + 1),
            };
            self.nameable(&name, &path("name"));
            if !names.insert(name.clone()) {
                let help = "give each workload a name of its own";
                let message = text!("two workloads are named `{name}`", name = quoted(&name));
                self.error("request/duplicate-workload", &path("name"), "again here", message, help);
            }
            if let Some(w) = self.workload(w, name, &path, platforms, period) {
                all.push(w);
            }
        }
        all
    }

    /// Names stand in tables and beside the estimate of what workloads share.
    fn nameable(&mut self, name: &str, field: &str) {
        let (label, message) = if name == SHARED {
            (tr!("taken"), text!("`{name}` is the name of what workloads share", name = SHARED))
        } else if name.contains(char::is_control) {
            (
                "more than a name",
                text!("the name `{name}` has a line break or another control character", name = quoted(name)),
            )
        } else if name.chars().count() > NAME_MAX {
            (
                "too long",
                text!("the name `{name}` is longer than {max} characters", name = quoted(name), max = NAME_MAX),
            )
        } else {
            return;
        };
        self.error("request/name", field, label, message, "name it after what it does, such as web");
    }

    fn workload(
        &mut self,
        w: &WorkloadRequest,
        name: String,
        path: &dyn Fn(&str) -> String,
        platforms: &[Platform],
        period: Option<&Period>,
    ) -> Option<Workload> {
        let before = self.found.len();
        let demand = self.demand(w, path);
        let vcpu = self.parse(w.vcpu.as_deref(), &path("vcpu"), grammar::vcpu);
        let memory = self.parse(w.memory.as_deref(), &path("memory"), grammar::some_mib);
        self.size_stated(w, path, platforms);
        let arch = self.word(w.arch.as_deref(), &path("arch"), Arch::IDS, Arch::from_id);
        let os = self.word(w.os.as_deref(), &path("os"), Os::IDS, Os::from_id);
        let ephemeral = self.parse(w.ephemeral_storage.as_deref(), &path("ephemeral_storage"), grammar::some_mib);
        let gpu = self.parse(w.gpu.as_deref(), &path("gpu"), grammar::gpu);
        let zonal = self.switch(w.gpu_zonal_redundancy.as_deref(), &path("gpu_zonal_redundancy"), Switch::Off);
        let concurrency = self.parse(w.concurrency.as_deref(), &path("concurrency"), grammar::positive);
        let hours = self.hours(w, path, period);
        let canary = self.canary(w, path, hours.or(period.map(|p| p.time)));
        let class = self.word(w.class.as_deref(), &path("class"), Class::IDS, Class::from_id);
        let bursting = self.switch(w.k8s_bursting.as_deref(), &path("k8s_bursting"), Switch::On);
        let support = self.word(w.k8s_support.as_deref(), &path("k8s_support"), K8sSupport::IDS, K8sSupport::from_id);
        let control =
            self.word(w.control_plane.as_deref(), &path("control_plane"), ControlPlane::IDS, ControlPlane::from_id);
        let init_memory = self.parse(w.init_memory.as_deref(), &path("init_memory"), grammar::some_mib);
        let daemonsets: Vec<_> = items(&path("daemonset"), &w.daemonset)
            .filter_map(|(at, t)| self.parse(Some(t), &at, grammar::daemonset))
            .collect();
        let node_type = self.parse(w.node_type.as_deref(), &path("node_type"), grammar::machine);
        let nodes = self.parse(w.nodes.as_deref(), &path("nodes"), grammar::positive);
        let node_disk = self.parse(w.node_disk.as_deref(), &path("node_disk"), grammar::node_disk);
        let zones = self.parse(w.zones.as_deref(), &path("zones"), grammar::positive);
        let burstable = self.switch(w.burstable.as_deref(), &path("burstable"), Switch::Off);
        let location =
            self.word(w.gke_location.as_deref(), &path("gke_location"), GkeLocation::IDS, GkeLocation::from_id);
        let build_minutes = self.parse(w.builds.as_deref(), &path("builds"), grammar::count);
        let auto_deploy = self.switch(w.auto_deploy.as_deref(), &path("auto_deploy"), Switch::Off);
        let beside = self.beside(w, path);
        let needs: Vec<_> = items(&path("needs"), &w.needs)
            .filter_map(|(at, t)| self.choose(t, &at, Need::IDS, Need::from_id))
            .collect();
        let timeout = self.parse(w.timeout.as_deref(), &path("timeout"), grammar::some_time);
        if self.found.len() > before {
            return None;
        }
        Some(Workload {
            vcpu,
            memory,
            arch: arch.unwrap_or(Arch::X86),
            os: os.unwrap_or(Os::Linux),
            ephemeral,
            gpu,
            gpu_zonal_redundancy: zonal,
            concurrency,
            hours,
            canary,
            class: class.unwrap_or(Class::General),
            bursting,
            k8s_support: support.unwrap_or(K8sSupport::Standard),
            control_plane: control,
            daemonsets,
            init_memory,
            node_type,
            nodes,
            node_disk,
            zones,
            burstable,
            gke_location: location.unwrap_or(GkeLocation::Zonal),
            build_minutes,
            auto_deploy,
            beside,
            needs,
            timeout,
            ..Workload::new(name, demand?)
        })
    }

    /// What stands beside the compute.
    fn beside(&mut self, w: &WorkloadRequest, path: &dyn Fn(&str) -> String) -> Beside {
        Beside {
            egress: self.parse(w.egress.as_deref(), &path("egress"), grammar::mib),
            inter_zone: self.parse(w.inter_zone.as_deref(), &path("inter_zone"), grammar::mib),
            logs: self.parse(w.logs.as_deref(), &path("logs"), grammar::mib),
            image: self.parse(w.image.as_deref(), &path("image"), grammar::mib),
            pulls: self.pulls(w, path),
            pull_from: self.pull_from(w, path),
            event_data: self.parse(w.event_data.as_deref(), &path("event_data"), grammar::mib),
            exec_logs: self.parse(w.exec_logs.as_deref(), &path("exec_logs"), grammar::mib),
            load_balancer: self.word(
                w.load_balancer.as_deref(),
                &path("load_balancer"),
                LoadBalancer::IDS,
                LoadBalancer::from_id,
            ),
            lb_rules: self.parse(w.lb_rules.as_deref(), &path("lb_rules"), grammar::count),
            lb_connections: self.parse(w.lb_connections.as_deref(), &path("lb_connections"), grammar::rate),
            lb_active: self.parse(w.lb_active.as_deref(), &path("lb_active"), grammar::count),
            lb_bytes: self.parse(w.lb_bytes.as_deref(), &path("lb_bytes"), grammar::byte_rate),
            public_ipv4: self.parse(w.public_ipv4.as_deref(), &path("public_ipv4"), grammar::count),
            nat: self.parse(w.nat.as_deref(), &path("nat"), grammar::mib),
            events: self.parse(w.events.as_deref(), &path("events"), grammar::count),
            service_connect: self.word(
                w.service_connect.as_deref(),
                &path("service_connect"),
                Switch::IDS,
                Switch::from_id,
            ),
            with: self.word(w.with.as_deref(), &path("with"), With::IDS, With::from_id),
        }
    }

    fn pulls(&mut self, w: &WorkloadRequest, path: &dyn Fn(&str) -> String) -> Option<u64> {
        for (field, text, needed) in [("pulls", &w.pulls, "image"), ("pull_from", &w.pull_from, "pulls")] {
            if text.is_some() && w.get(needed).is_empty() {
                let example = if needed == "image" { "--image 1GiB" } else { "--pulls 100" };
                let help = text!("write both, such as {example}", example);
                let message = text!("`{field}` needs `{needed}`", field, needed);
                self.error("request/missing", &path(needed), text!("has no `{needed}`", needed), message, help);
            }
        }
        self.parse(w.pulls.as_deref(), &path("pulls"), grammar::count)
    }

    fn pull_from(&mut self, w: &WorkloadRequest, path: &dyn Fn(&str) -> String) -> Option<PullFrom> {
        let name = self.parse(w.pull_from.as_deref(), &path("pull_from"), |text| Ok(text.trim().to_owned()))?;
        match name.as_str() {
            "region" => Some(PullFrom::Region),
            "nat" => Some(PullFrom::Nat),
            name => {
                let Some(there) = place(self.book, name) else {
                    self.found.push(unknown_region(self.book, name, &path("pull_from")));
                    return None;
                };
                let id = |r: Option<Region<'b>>| r.map(|r| r.id.to_owned());
                Some(PullFrom::Other { aws: id(there.aws), gcp: id(there.gcp), place: there.name })
            }
        }
    }

    /// Comparing a platform's default size with another's stated one would compare unlike things.
    fn size_stated(&mut self, w: &WorkloadRequest, path: &dyn Fn(&str) -> String, platforms: &[Platform]) {
        let Some(strict) = platforms.iter().find(|p| p.needs_size()) else { return };
        for (field, text, example) in [("vcpu", &w.vcpu, "0.5"), ("memory", &w.memory, "1GiB")] {
            if text.is_none() {
                let help = text!("say how much an instance has, such as {example}", example);
                let label = text!("has no `{field}`", field);
                self.error(
                    "request/missing",
                    &path(field),
                    label,
                    text!("{platform} has no default for `{field}`", platform = strict.id(), field),
                    help,
                );
            }
        }
    }

    fn hours(&mut self, w: &WorkloadRequest, path: &dyn Fn(&str) -> String, period: Option<&Period>) -> Option<Micros> {
        let hours = self.parse(w.hours.as_deref(), &path("hours"), grammar::hours)?;
        if let Some(p) = period.filter(|p| hours > p.time) {
            let help = text!("the period has {hours} h", hours = wharfage_core::demand::hours(p.time));
            self.error("request/hours", &path("hours"), "too long", "`hours` are more than the period has", help);
        }
        Some(hours)
    }

    /// A canary's share and hours, which go together; `on` is how long there is something beside which it can run.
    fn canary(&mut self, w: &WorkloadRequest, path: &dyn Fn(&str) -> String, on: Option<Micros>) -> Option<Canary> {
        let fields = [("canary", &w.canary, "10%"), ("canary_hours", &w.canary_hours, "2")];
        for ((field, text, example), (other, given, _)) in [(fields[0], fields[1]), (fields[1], fields[0])] {
            if text.is_none() && given.is_some() {
                let help = text!("write both, such as --{flag} {example}", flag = field.replace('_', "-"), example);
                let message = text!("`{other}` needs `{field}`", other, field);
                self.error("request/missing", &path(field), text!("has no `{field}`", field), message, help);
            }
        }
        let share = self.parse(w.canary.as_deref(), &path("canary"), grammar::part);
        let time = self.parse(w.canary_hours.as_deref(), &path("canary_hours"), grammar::hours);
        if let (Some(time), Some(on)) = (time, on)
            && time > on
        {
            let help = text!("the stable revision is on for {hours} h", hours = wharfage_core::demand::hours(on));
            let message = "`canary_hours` are more than the hours of the fleet";
            self.error("request/canary-hours", &path("canary_hours"), "too long", message, help);
        }
        Some(Canary { share: share?, time: time? })
    }

    fn demand(&mut self, w: &WorkloadRequest, path: &dyn Fn(&str) -> String) -> Option<Demand> {
        let given = |f: &str| !w.get(f).is_empty();
        let shapes: Vec<&str> = WorkloadRequest::SHAPES.into_iter().filter(|s| given(s)).collect();
        let [shape] = shapes.as_slice() else {
            let (code, label, message) = match shapes.as_slice() {
                [] => ("request/missing", "has no demand", "nothing says how much of it is expected".into()),
                many => (
                    "request/conflict",
                    "more than one demand",
                    text!("{fields} are given together", fields = both(many.iter().map(|f| format!("`{f}`")))),
                ),
            };
            let at = path(shapes.last().unwrap_or(&"replicas"));
            let help = "say one of replicas (always running), requests (traffic), runs (jobs) or instance_time (metered usage)";
            self.error(code, &at, label, message, help);
            return None;
        };
        for (field, with) in WorkloadRequest::SHAPED.iter().filter(|(f, with)| given(f) && !with.contains(shape)) {
            let help = text!("it goes with {fields}", fields = either(with.iter().copied()));
            let label = text!("no use with `{shape}`", shape);
            self.error(
                "request/conflict",
                &path(field),
                label,
                text!("`{field}` means nothing with `{shape}`", field, shape),
                help,
            );
        }
        match *shape {
            "replicas" => {
                let count = self.parse(w.replicas.as_deref(), &path("replicas"), grammar::positive)?;
                Some(Demand::Replicas { count })
            }
            "runs" => self.runs(w, path),
            "instance_time" => self.metered(w, path),
            _ => self.traffic(w, path),
        }
    }

    fn runs(&mut self, w: &WorkloadRequest, path: &dyn Fn(&str) -> String) -> Option<Demand> {
        let runs = self.parse(w.runs.as_deref(), &path("runs"), grammar::positive);
        let tasks = w.tasks.as_deref().or(Some("1"));
        let tasks = self.parse(tasks, &path("tasks"), grammar::positive);
        if w.duration.is_none() {
            let help = "say how long a task takes, such as 10m";
            self.error("request/missing", &path("duration"), "has no `duration`", "runs need a duration", help);
        }
        let duration = self.parse(w.duration.as_deref(), &path("duration"), grammar::some_time);
        Some(Demand::Runs(Runs { runs: runs?, tasks: tasks?, duration: duration? }))
    }

    /// Usage as a person typed it: all of it ran, and all of it is billed.
    fn metered(&mut self, w: &WorkloadRequest, path: &dyn Fn(&str) -> String) -> Option<Demand> {
        let active = self.parse(w.instance_time.as_deref(), &path("instance_time"), grammar::instance_time);
        let idle = self.parse(w.idle_time.as_deref().or(Some("0s")), &path("idle_time"), grammar::instance_time);
        let requests = self.parse(w.request_count.as_deref().or(Some("0")), &path("request_count"), grammar::count);
        let most = self.parse(w.most_instances.as_deref().or(Some("0")), &path("most_instances"), grammar::count);
        let spent = |time: Micros| Spent::whole(u128::from(time.0));
        Some(Demand::Metered(Metered { active: spent(active?), idle: spent(idle?), requests: requests?, most: most? }))
    }

    fn traffic(&mut self, w: &WorkloadRequest, path: &dyn Fn(&str) -> String) -> Option<Demand> {
        let requests = self.parse(w.requests.as_deref(), &path("requests"), grammar::rate);
        let none = requests.is_some_and(|r| r.micro_requests == 0);
        if w.duration.is_none() && !none {
            let help = "say how long a request takes, such as 80ms";
            self.error("request/missing", &path("duration"), "has no `duration`", "requests need a duration", help);
        }
        let duration = match w.duration.as_deref() {
            Some(text) => self.parse(Some(text), &path("duration"), grammar::some_time),
            None => none.then_some(Micros(0)),
        };
        let min_instances =
            self.parse(w.min_instances.as_deref().or(Some("0")), &path("min_instances"), grammar::count);
        let peak = self.parse(w.peak.as_deref(), &path("peak"), grammar::rate);
        let default = self.book.term("wharfage/target-utilisation", &[], self.book.edition().date);
        let default = default.map_or_else(|_| "1".to_owned(), |t| t.value().to_string());
        let target = w.target_utilisation.as_deref().unwrap_or(&default);
        let target = self.parse(Some(target), &path("target_utilisation"), grammar::share);
        let traffic =
            Traffic { requests: requests?, peak, duration: duration?, min_instances: min_instances?, target: target? };
        Some(Demand::Traffic(traffic))
    }
}

/// Longest name of a workload, in characters.
const NAME_MAX: usize = 200;

/// The values of a list, each with the path of the text it is in; a text may hold several, with commas.
fn items<'t>(path: &str, texts: &'t [String]) -> impl Iterator<Item = (String, &'t str)> {
    let each = texts.iter().enumerate().flat_map(|(n, text)| grammar::parts(text).map(move |part| (n, part)));
    each.map(move |(n, part)| (format!("{path}[{n}]"), part))
}

fn same(a: &Place<'_>, b: &Place<'_>) -> bool {
    let ids = |p: &Place<'_>| (p.aws.map(|r| r.id.to_owned()), p.gcp.map(|r| r.id.to_owned()));
    ids(a) == ids(b)
}

fn only(region: Region<'_>) -> Place<'_> {
    let (aws, gcp) = if region.provider == "aws" { (Some(region), None) } else { (None, Some(region)) };
    Place { name: region.id.to_owned(), aws, gcp }
}

/// A name that means no place, with the nearest that does.
pub(crate) fn unknown_region(book: &PriceBook<'_>, text: &str, field: &str) -> Diagnostic {
    let capitals = text.contains(char::is_uppercase);
    let as_typed = |name: &str| if capitals { name.to_owned() } else { name.to_lowercase() };
    let mut names: Vec<String> = book.regions().flat_map(|r| r.names().map(as_typed).collect::<Vec<_>>()).collect();
    names.sort();
    names.dedup();
    let otherwise = "`wharfage prices list --regions` has every id, city and alias";
    let help = did_you_mean(text, names.iter().map(String::as_str), otherwise);
    let message = text!("`{text}` is not a region", text = quoted(text));
    Diagnostic::error("request/unknown-region", message).on(field, "no such place").help(help)
}

/// The place a name means: an id means its city, for the other cloud too.
pub fn place<'b>(book: &PriceBook<'b>, name: &str) -> Option<Place<'b>> {
    let wanted = name.trim().to_lowercase();
    let find =
        |provider: &str, fits: &dyn Fn(&Region<'b>) -> bool| book.regions().find(|r| r.provider == provider && fits(r));
    if let Some(by_id) = book.regions().find(|r| r.id == wanted) {
        let city = |r: &Region<'b>| r.city == by_id.city;
        let mut place = only(by_id);
        place.aws = place.aws.or_else(|| find("aws", &city));
        place.gcp = place.gcp.or_else(|| find("gcp", &city));
        return Some(place);
    }
    let named = |r: &Region<'b>| r.names().any(|n| n.to_lowercase() == wanted);
    let (aws, gcp) = (find("aws", &named), find("gcp", &named));
    (aws.is_some() || gcp.is_some()).then(|| Place { name: name.trim().to_owned(), aws, gcp })
}
