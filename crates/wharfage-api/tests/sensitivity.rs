//! What an input moves is what another request would cost.

use wharfage_api::{
    read,
    request::EstimateRequest,
    respond,
    response::{EstimateResponse, InputOut, SensitivityOut},
};
use wharfage_core::Money;

fn request(text: &str) -> EstimateRequest {
    read::request("test.toml", text).unwrap().0
}

fn answer(request: &EstimateRequest) -> EstimateResponse {
    respond(request, &wharfage_prices::book()).unwrap_or_else(|found| panic!("{found:#?}"))
}

/// What the first estimate is sensitive to.
fn asked(text: &str) -> SensitivityOut {
    let answer = answer(&request(&format!("sensitivity = true\n{text}")));
    answer.estimates[0].sensitivity.clone().unwrap()
}

#[track_caller]
fn input<'s>(s: &'s SensitivityOut, name: &str) -> &'s InputOut {
    s.inputs.iter().find(|i| i.input == name).unwrap_or_else(|| panic!("{name} moves nothing: {s:?}"))
}

const WEB: &str =
    "platform = 'ecs-fargate'\nregion = 'seoul'\n[[workload]]\nvcpu = 0.5\nmemory = '1GiB'\nreplicas = 2\n";
const API: &str = "platform = 'cloud-run,ecs-fargate,gke-standard'\nregion = 'tokyo'\n[[workload]]\nvcpu = 1\nmemory = '2GiB'\nrequests = '100/s'\nduration = '80ms'\negress = '50GiB'\n";

#[test]
fn without_the_flag_there_is_none_and_the_answer_is_otherwise_the_same() {
    let plain = answer(&request(WEB));
    assert!(plain.estimates.iter().all(|e| e.sensitivity.is_none()));
    let mut with = answer(&request(&format!("sensitivity = true\n{WEB}")));
    with.estimates.iter_mut().for_each(|e| e.sensitivity = None);
    assert_eq!(with, plain);
    let compare = answer(&request(&format!("command = 'compare'\nsensitivity = true\n{WEB}")));
    assert!(compare.estimates.iter().all(|e| e.sensitivity.is_none()), "it is about estimates");
}

#[test]
fn replicas_move_by_one_and_sizes_to_where_the_menu_makes_a_difference() {
    let s = asked(WEB);
    let replicas = input(&s, "replicas");
    let [down, up] = [&replicas.down, &replicas.up].map(|v| v.as_ref().unwrap());
    // 0.5 vCPU and 1 GiB for a month: 20.7247.
    assert_eq!((down.value.as_str(), down.change_exact.as_deref()), ("1", Some("-20.7247")));
    assert_eq!((up.value.as_str(), up.change_exact.as_deref()), ("3", Some("20.7247")));
    let vcpu = input(&s, "vcpu");
    assert_eq!(vcpu.down.as_ref().unwrap().value, "0.25", "0.45 and 0.375 are billed as 0.5");
    assert_eq!(vcpu.up.as_ref().unwrap().value, "0.55", "billed as 1");
    let hours = input(&s, "hours");
    assert!(hours.default && hours.up.is_none(), "a month has no more of them");
}

#[test]
fn every_figure_is_the_answer_to_a_request_that_can_be_made() {
    let base = request(API);
    let response = answer(&request(&format!("sensitivity = true\n{API}")));
    let mut seen = 0;
    for (n, e) in response.estimates.iter().enumerate() {
        let s = e.sensitivity.as_ref().unwrap();
        for i in &s.inputs {
            for v in [&i.down, &i.up].into_iter().flatten() {
                let mut other = base.clone();
                assert!(other.workload[0].set(&i.input, vec![v.value.clone()]));
                let got = answer(&other);
                assert_eq!(
                    (&got.totals[n].sums.total, &got.totals[n].status),
                    (&v.total, &v.status),
                    "{} {}",
                    i.input,
                    v.value
                );
                let of = |t: &Option<String>| t.as_ref().unwrap().parse::<Money>().unwrap();
                let by = of(&got.totals[n].sums.total_exact).minus(of(&e.sums.total_exact)).unwrap();
                assert_eq!(by, of(&v.change_exact), "{} {}", i.input, v.value);
                seen += 1;
            }
        }
        let change = |i: &InputOut| {
            let of = |t: &Option<String>| t.as_ref().map(|t| t.parse::<Money>().unwrap()).map(|m| m.max(-m));
            let [down, up] = [&i.down, &i.up].map(|v| v.as_ref().and_then(|v| of(&v.change_exact)));
            down.max(up)
        };
        assert!(s.inputs.windows(2).all(|w| change(&w[0]) >= change(&w[1])), "the greatest first: {s:?}");
    }
    assert!(seen > 15, "{seen}");
}

#[test]
fn a_default_that_is_not_the_platforms_is_left_out() {
    // Below one vCPU, a Cloud Run instance serves one request at a time, not the 80 that stand elsewhere.
    let text = "platform = 'cloud-run'\nregion = 'tokyo'\n[[workload]]\nvcpu = 0.5\nmemory = '512MiB'\nrequests = '10/s'\nduration = '80ms'\n";
    let s = asked(text);
    for name in s.inputs.iter().map(|i| &i.input).chain(&s.without_effect) {
        let stated = answer(&request(&format!("{text}concurrency = 80\n")));
        let same = stated.totals[0].sums.total_exact == answer(&request(text)).totals[0].sums.total_exact;
        assert!(name != "concurrency" || same, "{s:?}");
    }
}

#[test]
fn what_turns_infeasible_has_a_status_and_no_difference() {
    let s = asked(
        "platform = 'app-runner'\nregion = 'us-east-1'\n[[workload]]\nvcpu = 4\nmemory = '12GiB'\nreplicas = 1\n",
    );
    let up = input(&s, "memory").up.as_ref().unwrap();
    assert_eq!((up.status.as_str(), &up.change, &up.total), ("infeasible", &None, &None));
}

#[test]
fn where_there_is_no_figure_there_is_no_sensitivity() {
    let text = "sensitivity = true\nplatform = 'ecs-fargate'\nregion = 'osaka'\npurchase = 'spot'\n[[workload]]\nvcpu = 1\nmemory = '2GiB'\nreplicas = 1\n";
    assert_eq!(answer(&request(text)).estimates[0].sensitivity, None);
}
