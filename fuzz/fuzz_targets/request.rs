//! Any bytes read as a request, TOML and JSON, and as settings: mistakes are told and point into the text; what is accepted is answered
//! or refused, and the answer becomes JSON, with and without a recommendation. Nothing panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wharfage_api::{csv, read, recommend, respond, response, settings};
use wharfage_core::diagnostic::{Diagnostic, Place};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for name in ["request.toml", "request.json"] {
        answer(name, text);
    }
    let set = settings::settings("wharfage.toml", text, &[]);
    if !set.found.is_empty() {
        points_into(&set.found, text);
    }
});

fn answer(name: &str, text: &str) {
    let (request, origins) = match read::request(name, text) {
        Ok(read) => read,
        Err(found) => return points_into(&found, text),
    };
    let book = wharfage_prices::book();
    match respond(&request, &book) {
        Ok(response) => assert!(!response::to_json(&response).is_empty() && !csv::estimates(&response).is_empty()),
        Err(found) => points_into(&origins.resolve(found), text),
    }
    match recommend::recommend(&request, &book) {
        Ok(answer) => assert!(!response::to_json(&answer).is_empty() && !csv::recommendation(&answer).is_empty()),
        Err(found) => points_into(&origins.resolve(found), text),
    }
}

fn points_into(found: &[Diagnostic], text: &str) {
    assert!(!found.is_empty(), "refused without a reason");
    for d in found {
        assert!(!d.message.is_empty());
        for label in &d.labels {
            let Place::File { span, .. } = &label.place else { continue };
            assert!(span.start <= span.end && span.end <= text.len(), "{d:?} points outside the text");
        }
    }
}
