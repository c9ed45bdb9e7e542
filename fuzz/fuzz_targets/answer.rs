//! Any bytes read as a kept answer: refused with a place, or compared with itself, where nothing differs, and both ways with an answer
//! that is known. Nothing panics.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use wharfage_api::{
    csv,
    diff::{self, Change, DiffResponse, Kind, Side, Threshold, read},
    response::{EstimateResponse, to_json},
};
use wharfage_core::diagnostic::Place;

const KEPT: &str = include_str!("../seeds/answer/kept.json");

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = read::is_response(text);
    match read::response("answer.json", text) {
        Ok(answer) => {
            let same = compared(&answer, &answer);
            assert!(
                same.totals.iter().all(|t| t.change == Change::Unchanged),
                "an answer differs from itself: {same:?}"
            );
            compared(kept(), &answer);
            compared(&answer, kept());
        }
        Err(d) => {
            assert!(!d.message.is_empty() && d.help.is_some(), "{d:?}");
            for label in &d.labels {
                let Place::File { span, .. } = &label.place else { continue };
                assert!(text.get(span.clone()).is_some(), "{d:?} points outside the text");
            }
        }
    }
});

fn compared(before: &EstimateResponse, after: &EstimateResponse) -> DiffResponse {
    let side = |name, response| Side { name, kind: Kind::Response, flags: &[], response };
    let limits: [Option<Threshold>; 2] = ["10%", "0.01USD"].map(|text| diff::threshold(text).ok());
    let answers = limits.map(|l| diff::diff(side("before", before), side("after", after), l.as_ref()));
    for answer in &answers {
        assert!(!to_json(answer).is_empty() && !csv::comparison(answer).is_empty());
    }
    let [answer, _] = answers;
    answer
}

fn kept() -> &'static EstimateResponse {
    static ANSWER: OnceLock<EstimateResponse> = OnceLock::new();
    ANSWER.get_or_init(|| read::response("kept.json", KEPT).expect("the seed is an answer"))
}
