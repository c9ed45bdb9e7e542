//! Parameters of autoscalers: `--autoscaler stable-window=120s,hpa.tolerance=0.2`.
//!
//! Which there are, and what they can be, is said beside each autoscaler in the simulator; this is the one reader of all of them. A key
//! goes to every autoscaler of the request that has it, or to the one that stands before it.

use wharfage_core::{
    Diagnostic,
    diagnostic::{did_you_mean, quoted},
    platform::Platform,
    text,
    text::Text,
    tr,
};
use wharfage_sim::autoscaler::{Autoscaler, Parameter, Value};

use super::{
    habits, models,
    values::{self, written},
};
use crate::{grammar, request::EstimateRequest};

/// A parameter of an autoscaler, and what it is set to.
#[derive(Debug, Clone)]
pub struct Setting {
    /// which autoscaler
    pub autoscaler: &'static str,
    parameter: &'static Parameter,
    value: Value,
    /// the value as it is written
    text: String,
}

impl Setting {
    /// Sets it.
    pub fn apply(&self, by: &mut Autoscaler) {
        self.parameter.set(by, self.value.clone());
    }
}

/// What was set of an autoscaler, for a report; nothing where nothing was.
pub fn told(settings: &[Setting], autoscaler: &str) -> Option<Text> {
    let own = settings.iter().filter(|s| s.autoscaler == autoscaler);
    let each: Vec<String> = own.map(|s| format!("{}={}", s.parameter.name, s.text)).collect();
    let values = vec![("autoscaler", autoscaler.into()), ("settings", each.join(", ").into())];
    (!each.is_empty()).then(|| Text::new("{settings}, as it was set for {autoscaler} (--autoscaler)", values))
}

/// What a request sets, and everything that is wrong with it.
pub fn settings(request: &EstimateRequest) -> (Vec<Setting>, Vec<Diagnostic>) {
    let mut reader = Reader { chosen: Chosen::of(request), settings: Vec::new(), found: Vec::new() };
    let all = pieces(request);
    if !all.is_empty() && reader.chosen.known && reader.chosen.all.is_empty() {
        let help = "write --policy knative or another autoscaler, or a --platform without --replicas";
        let d = Diagnostic::error("request/conflict", "`autoscaler` means nothing where none decides");
        return (Vec::new(), vec![d.on("simulate.autoscaler", "no use here").help(help)]);
    }
    all.iter().for_each(|piece| reader.read(piece));
    (reader.settings, reader.found)
}

/// Everything that is wrong with what a request sets.
///
/// # Errors
/// If there is any.
pub fn check(request: &EstimateRequest) -> Result<(), Vec<Diagnostic>> {
    let (_, found) = settings(request);
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// Drops what a part of a request has no autoscaler for.
pub fn keep_own(part: &mut EstimateRequest) {
    let chosen = Chosen::of(part);
    let own = |piece: &Piece| {
        let scoped = |(id, _): &&Known| piece.scope.as_ref().is_none_or(|scope| scope == id);
        chosen.all.iter().filter(scoped).any(|(_, by)| by.parameters().any(|p| p.name == piece.key))
    };
    let kept = pieces(part).into_iter().filter(own).map(|piece| piece.text).collect();
    if let Some(simulate) = &mut part.simulate {
        simulate.autoscaler = kept;
    }
}

/// A key that can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutoscalerKey {
    /// whose
    pub autoscaler: &'static str,
    /// its name
    pub key: &'static str,
    /// what it is where nobody says
    pub default: String,
    /// what it can be
    pub range: Text,
    /// what it is
    pub help: &'static str,
}

/// Every key that can be set, by autoscaler.
pub fn autoscaler_keys() -> Vec<AutoscalerKey> {
    let of = |(autoscaler, by): Known| -> Vec<AutoscalerKey> {
        let listed = |p: &'static Parameter| AutoscalerKey {
            autoscaler,
            key: p.name,
            default: p.get(&by).map_or_else(String::new, |value| written(&p.kind, &value)),
            range: values::range(&p.kind),
            help: p.help,
        };
        by.parameters().map(listed).collect()
    };
    Autoscaler::defaults().into_iter().flat_map(of).collect()
}

/// An autoscaler and its name.
type Known = (&'static str, Autoscaler);

/// The autoscalers of a request.
struct Chosen {
    all: Vec<Known>,
    /// is it known for certain that there are no others
    known: bool,
}

impl Chosen {
    /// Those of its policies, else those of its platforms. Where a name is not understood, all there are.
    fn of(request: &EstimateRequest) -> Self {
        let split = |texts: &[String]| -> Vec<String> {
            texts.iter().flat_map(|text| grammar::parts(text)).map(str::to_owned).collect()
        };
        let mut policies = split(request.simulate.as_ref().map_or(&[], |s| &s.policy));
        let platforms = split(&request.platform);
        let mut known = !policies.is_empty() || !platforms.is_empty();
        known &= policies.iter().all(|name| super::resolve::POLICIES.contains(&name.as_str()));
        let fleet = request.workload.first().is_some_and(|w| w.replicas.is_some());
        if policies.is_empty() && !fleet {
            for id in &platforms {
                match Platform::from_id(id) {
                    Some(platform) => policies.extend(habits::of(platform).policy.map(str::to_owned)),
                    None => known = false,
                }
            }
        }
        let is_chosen = |(id, _): &Known| !known || policies.iter().any(|name| name == id);
        Self { all: Autoscaler::defaults().into_iter().filter(is_chosen).collect(), known }
    }
}

/// A key, whose it is, and what it is set to, as it is written.
struct Piece {
    /// where it stands
    path: String,
    scope: Option<String>,
    key: String,
    value: Option<String>,
    text: String,
}

/// The pieces of every text. A law has commas too: what belongs to the one before it is no piece.
fn pieces(request: &EstimateRequest) -> Vec<Piece> {
    let texts = request.simulate.as_ref().map_or(&[][..], |s| &s.autoscaler);
    let mut all = Vec::new();
    for (n, text) in texts.iter().enumerate() {
        let mut parts: Vec<String> = Vec::new();
        for part in text.split(',').filter(|part| !part.trim().is_empty()) {
            match parts.last_mut() {
                Some(law) if law.contains(':') && models::belongs_to_a_law(part) => {
                    law.push(',');
                    law.push_str(part);
                }
                _ => parts.push(part.trim().to_owned()),
            }
        }
        all.extend(parts.into_iter().map(|text| piece(format!("simulate.autoscaler[{n}]"), text)));
    }
    all
}

fn piece(path: String, text: String) -> Piece {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name.trim(), Some(value.trim().to_owned())),
        None => (text.as_str(), None),
    };
    let (scope, key) = match name.split_once('.') {
        Some((scope, key)) => (Some(scope), key),
        None => (None, name),
    };
    // Keys of files have underscores.
    let [scope, key] = [scope, Some(key)].map(|name| name.map(|name| name.trim().replace('_', "-")));
    Piece { path, scope, key: key.unwrap_or_default(), value, text }
}

struct Reader {
    chosen: Chosen,
    settings: Vec<Setting>,
    found: Vec<Diagnostic>,
}

impl Reader {
    fn error(
        &mut self,
        code: &'static str,
        piece: &Piece,
        message: Text,
        label: impl Into<Text>,
        help: impl Into<Text>,
    ) {
        let d = Diagnostic::error(code, message).on(&piece.path, label).help(help);
        if !self.found.contains(&d) {
            self.found.push(d);
        }
    }

    fn read(&mut self, piece: &Piece) {
        let Some(value) = &piece.value else {
            let message = text!("`{text}` sets nothing", text = quoted(&piece.text));
            self.error("request/value", piece, message, "a value is missing", "write it like stable-window=120s");
            return;
        };
        let Some(scoped) = self.scoped(piece) else { return };
        let having: Vec<(&'static str, &'static Parameter)> =
            scoped.iter().filter_map(|(id, by)| Some((*id, by.parameters().find(|p| p.name == piece.key)?))).collect();
        if having.is_empty() {
            return self.unknown_key(piece, &scoped);
        }
        for (autoscaler, parameter) in having {
            self.set(piece, autoscaler, parameter, value);
        }
    }

    fn set(&mut self, piece: &Piece, autoscaler: &'static str, parameter: &'static Parameter, value: &str) {
        let same = |s: &Setting| s.autoscaler == autoscaler && s.parameter.name == parameter.name;
        if self.settings.iter().any(same) {
            let message = text!("`{key}` is set twice", key = &piece.key);
            return self.error("request/conflict", piece, message, tr!("given twice"), "keep one");
        }
        match values::value(&parameter.kind, value) {
            Ok(read) => {
                self.settings.push(Setting { autoscaler, parameter, value: read, text: quoted(value) });
            }
            Err(f) => {
                let message = text!("`{key}`: {why}", key = &piece.key, why = f.message);
                self.error("request/value", piece, message, f.label, f.help);
            }
        }
    }

    /// The autoscalers that a key goes to.
    fn scoped(&mut self, piece: &Piece) -> Option<Vec<Known>> {
        let Some(scope) = &piece.scope else { return Some(self.chosen.all.clone()) };
        let here: Vec<Known> = self.chosen.all.iter().filter(|(id, _)| id == scope).cloned().collect();
        if !here.is_empty() {
            return Some(here);
        }
        let ids = Autoscaler::defaults().map(|(id, _)| id);
        if ids.contains(&scope.as_str()) {
            let message = text!("nothing here is scaled by {autoscaler}", autoscaler = scope);
            let here = self.chosen.all.iter().map(|(id, _)| *id).collect::<Vec<_>>().join(", ");
            self.error("request/conflict", piece, message, "no use here", text!("there is {words}", words = here));
        } else {
            let message = text!("`{name}` is not an autoscaler", name = quoted(scope));
            let otherwise = text!("it is one of {words}", words = ids.join(", "));
            let help = did_you_mean(scope, ids, otherwise);
            self.error("request/unknown-word", piece, message, tr!("unknown"), help);
        }
        None
    }

    fn unknown_key(&mut self, piece: &Piece, scoped: &[Known]) {
        let names = |by: &Autoscaler| by.parameters().map(|p| p.name).collect::<Vec<_>>();
        let listed = |(id, by): &Known| format!("{id}: {}", names(by).join(", "));
        let all = scoped.iter().map(listed).collect::<Vec<_>>().join("; ");
        let elsewhere: Vec<&str> = Autoscaler::defaults()
            .iter()
            .filter(|(_, by)| names(by).contains(&piece.key.as_str()))
            .map(|(id, _)| *id)
            .collect();
        let help = if elsewhere.is_empty() {
            did_you_mean(&piece.key, scoped.iter().flat_map(|(_, by)| names(by)), text!("keys are {keys}", keys = &all))
        } else {
            text!("it is a key of {others}; those here are {keys}", others = elsewhere.join(", "), keys = &all)
        };
        let ids = scoped.iter().map(|(id, _)| *id).collect::<Vec<_>>().join(", ");
        let message = text!("`{key}` is not a key of {autoscalers}", key = quoted(&piece.key), autoscalers = ids);
        self.error("request/unknown-word", piece, message, "unknown key", help);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::SimulateRequest;

    fn asked(policy: &str, texts: &[&str]) -> EstimateRequest {
        let simulate = SimulateRequest {
            policy: vec![policy.to_owned()],
            autoscaler: texts.iter().map(|&t| t.to_owned()).collect(),
            ..Default::default()
        };
        EstimateRequest { simulate: Some(Box::new(simulate)), ..Default::default() }
    }

    fn set(policy: &str, texts: &[&str]) -> Vec<String> {
        let (settings, found) = settings(&asked(policy, texts));
        assert_eq!(found, []);
        settings.iter().map(|s| format!("{}.{}={}", s.autoscaler, s.parameter.name, s.text)).collect()
    }

    fn wrong(policy: &str, text: &str) -> Vec<String> {
        settings(&asked(policy, &[text])).1.iter().map(|d| d.message.to_string()).collect()
    }

    #[test]
    fn a_key_goes_to_each_autoscaler_that_has_it_or_to_the_one_named() {
        let all = "knative,hpa,keda,ecs-target-tracking";
        assert_eq!(set(all, &["stable-window=120s"]), ["knative.stable-window=120s"]);
        assert_eq!(set(all, &["tolerance=0.2"]), ["hpa.tolerance=0.2", "keda.tolerance=0.2"]);
        assert_eq!(set(all, &["keda.tolerance=0.2,hpa.tolerance=0"]), ["keda.tolerance=0.2", "hpa.tolerance=0"]);
        assert_eq!(set("hpa", &["scale_down_policies=10%/60s+4/60s"]), ["hpa.scale-down-policies=10%/60s+4/60s"]);
    }

    #[test]
    fn a_law_keeps_its_commas() {
        let both = ["cloud-run.idle-after=uniform:from=0s,to=900s", "cloud-run.pending-limit=5s"];
        let short = ["cloud-run.idle-after=uniform:0s,900s", "cloud-run.pending-limit=5s"];
        assert_eq!(set("cloud-run", &["idle-after=uniform:from=0s,to=900s,pending-limit=5s"]), both);
        assert_eq!(set("cloud-run", &["idle-after=uniform:0s,900s,pending-limit=5s"]), short);
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        assert_eq!(
            wrong(
                "knative",
                "stable-windw=1m,tick-interval=0s,initial-scale=x,panic-threshold-percentage,hpa.tolerance=1,kpa.a=1"
            ),
            [
                "`stable-windw` is not a key of knative",
                "`tick-interval`: `0s` is out of bounds",
                "`initial-scale`: `x` is not a number",
                "`panic-threshold-percentage` sets nothing",
                "nothing here is scaled by hpa",
                "`kpa` is not an autoscaler",
            ]
        );
        assert_eq!(wrong("hpa", "tolerance=0.1,tolerance=0.2"), ["`tolerance` is set twice"]);
        assert_eq!(wrong("always-on", "tolerance=0.1"), ["`autoscaler` means nothing where none decides"]);
    }

    #[test]
    fn what_an_autoscaler_can_t_do_is_refused() {
        for (policy, text) in [
            ("cloud-run", "cpu-target=0"),
            ("cloud-run", "cpu-target=60"),
            ("cloud-run", "evaluation-interval=1ms"),
            ("cloud-run", "averaging-window=2h"),
            ("cloud-run", "idle-after=soon"),
            ("cloud-run", "pending-start-ups=-1"),
            ("knative", "stable-window=60.5s"),
            ("knative", "max-scale-down-rate=1"),
            ("knative", "activation-scale=0"),
            ("hpa", "tolerance=-0.1"),
            ("hpa", "scale-up-policies="),
            ("hpa", "scale-up-policies=4"),
            ("hpa", "scale-up-policies=0/15s"),
            ("hpa", "scale-up-policies=4/0s"),
            ("hpa", "sync-period=99999999999999999999d"),
            ("ecs-target-tracking", "scale-out-datapoints=0"),
        ] {
            assert_eq!(wrong(policy, text).len(), 1, "{policy}: {text}");
        }
    }

    #[test]
    fn defaults_are_written_as_they_are_read() {
        for (id, by) in Autoscaler::defaults() {
            for p in by.parameters() {
                let value = p.get(&by).unwrap();
                assert_eq!(values::value(&p.kind, &written(&p.kind, &value)), Ok(value), "{id}: {}", p.name);
            }
        }
    }

    #[test]
    fn a_part_of_a_request_keeps_what_is_its_own() {
        let mut part = asked("hpa", &["stable-window=1m,tolerance=0.2", "keda.tolerance=0.3,hpa.sync-period=30s"]);
        keep_own(&mut part);
        assert_eq!(part.simulate.unwrap().autoscaler, ["tolerance=0.2", "hpa.sync-period=30s"]);
    }
}
