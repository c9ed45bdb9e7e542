//! What nobody said: words that follow from a workload, and a workload to price where there is none.

use wharfage_core::{PriceBook, Text, note::Note, period::Period, text};

use crate::{
    grammar,
    request::{EstimateRequest, WorkloadRequest},
};

/// A peak of this many times the mean is bursts.
const BURST: u128 = 5;

/// Words that follow from a workload, each with what it follows from.
pub fn implied(w: &WorkloadRequest, purchases: &[String], book: &PriceBook<'_>) -> Vec<(&'static str, Text)> {
    let given = |field: &str| {
        w.get(field).first().map(|t| text!("{field} is {value}", field = field.replace('_', " "), value = *t))
    };
    let mut all: Vec<(&'static str, Text)> = Vec::new();
    let fields = [("runs", "batch"), ("gpu", "gpu"), ("node_type", "machine-type"), ("daemonset", "daemonset")];
    all.extend(fields.into_iter().filter_map(|(field, word)| Some((word, given(field)?))));
    if w.service_connect.as_deref() == Some("on") {
        all.push(("microservices", "service connect is on".into()));
    }
    if purchases.iter().any(|p| p.contains("spot")) {
        all.push(("low-cost", "it may be bought as spot".into()));
    }
    all.extend(bursts(w, book).map(|says| ("bursty", says)));
    all
}

/// Is the peak many times the mean?
fn bursts(w: &WorkloadRequest, book: &PriceBook<'_>) -> Option<Text> {
    let month = book.edition().month_hours;
    let time = grammar::period(&format!("{month}h")).ok()?;
    let whole_month_hours = (month, month);
    let period = Period { label: String::new(), time, month_hours: month, whole_month_hours };
    let per_month =
        |text: Option<&str>| grammar::rate(text?).ok()?.requests(time, &period).ok().filter(|requests| *requests > 0);
    let (mean, peak) = (per_month(w.requests.as_deref())?, per_month(w.peak.as_deref())?);
    let times = peak / mean;
    (times >= BURST).then(|| text!("the peak is {n} times the mean", n = times))
}

/// Fills in what prices need, and says each.
pub fn fill(request: &mut EstimateRequest, wanted: &[&str]) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |code: &'static str, text: Text| notes.push(Note { code: code.into(), text });
    if request.region.is_empty() {
        request.region = vec!["us-east-1,us-central1".to_owned()];
        note(
            "recommend/region",
            "no region was named: prices are of us-east-1 and us-central1, whichever is cheaper".into(),
        );
    }
    if request.workload.is_empty() {
        request.workload.push(WorkloadRequest::default());
    }
    for w in &mut request.workload {
        if WorkloadRequest::SHAPES.iter().all(|shape| w.get(shape).is_empty()) {
            note("recommend/demand", demand(w, wanted));
        }
        let gpu = wanted.contains(&"gpu");
        if gpu && w.gpu.is_none() {
            w.gpu = Some("l4:1".to_owned());
            note("recommend/gpu", "no GPU was named: one L4".into());
        }
        let (vcpu, memory) = if gpu { ("4", "16GiB") } else { ("0.5", "1GiB") };
        if w.vcpu.is_none() {
            w.vcpu = Some(vcpu.to_owned());
            note("recommend/vcpu", text!("no vCPU was stated: {vcpu}", vcpu));
        }
        if w.memory.is_none() {
            w.memory = Some(memory.to_owned());
            note("recommend/memory", text!("no memory was stated: {memory}", memory));
        }
    }
    let cheap = wanted.contains(&"low-cost") && request.purchase.is_empty();
    if cheap {
        request.purchase = vec!["on-demand,spot".to_owned()];
        note("recommend/purchase", "it may be interrupted: spot where that is cheaper".into());
    }
    notes
}

/// The lesson's examples of a job and a service.
fn demand(w: &mut WorkloadRequest, wanted: &[&str]) -> Text {
    let set = |field: &mut Option<String>, text: &str| *field = Some(text.to_owned());
    if wanted.contains(&"batch") {
        set(&mut w.runs, "30");
        w.duration.get_or_insert_with(|| "1h".to_owned());
        return "nothing says how much of it is expected: 30 runs of an hour".into();
    }
    set(&mut w.requests, "100/s");
    w.duration.get_or_insert_with(|| "80ms".to_owned());
    if wanted.contains(&"bursty") {
        w.peak.get_or_insert_with(|| "1000/s".to_owned());
        return "nothing says how much of it is expected: 100 requests a second of 80 ms, 1000 at the peak".into();
    }
    "nothing says how much of it is expected: 100 requests a second of 80 ms".into()
}
