//! Simulations for tests.

use wharfage_api::{
    read,
    simulate::{self, SimulateResponse},
};

/// An answer to lines of the table `[simulate]`.
pub fn answer(policies: &[&str], lines: &str) -> SimulateResponse {
    let policies = policies.join(",");
    let replicas = if policies.contains("always-on") { "[[workload]]\nreplicas = 4\n" } else { "" };
    let text = format!("[simulate]\npolicy = '{policies}'\n{lines}\n{replicas}");
    let (request, _) = read::request("test.toml", &text).unwrap();
    simulate::respond(&request, &wharfage_prices::book(), &simulate::no_files).unwrap()
}

/// Instances that follow bursts, counted.
pub fn bursts(policies: &[&str], horizon: &str) -> SimulateResponse {
    let lines = format!("service = 'const:2s'\nidle_after = '30m'\nhorizon = '{horizon}'\nevery = 'auto'");
    answer(policies, &format!("arrivals = 'burst:base=1/s,factor=8,every=8h,for=2h'\n{lines}"))
}
