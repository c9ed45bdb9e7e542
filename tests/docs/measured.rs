//! What was measured on AWS Lambda (`docs/lambda.toml`), and the command lines of the program that simulate it.

use std::fs;

use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::Deserialize;
use wharfage_api::simulate::SimulateResponse;
use wharfage_tests::{program, root};

/// What was measured.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lambda {
    pub source: Origin,
    pub experiment: Vec<Experiment>,
    pub recording: Vec<Recording>,
}

/// Where it is from: addresses, and the licence.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    pub repository: String,
    /// how cold starts were counted
    pub counted: String,
    /// how instances were counted
    pub instances: String,
    pub licence: String,
}

/// 28 hours of requests at one rate.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    pub id: String,
    /// requests a second
    pub rate: String,
    /// cold starts per request
    pub cold: f64,
    pub cold_se: f64,
    /// their mean number
    pub instances: f64,
    /// of those that serve a request
    pub running: f64,
    pub model_cold: f64,
    pub model_instances: f64,
}

/// Counts of a recording of such hours, and of its replay.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// the day it began
    pub of: String,
    /// the experiment it was made in, where that is one of these
    pub experiment: Option<String>,
    pub requests: u64,
    /// cold starts that were measured
    pub cold: u64,
    /// mean and standard deviation of a warm request
    pub warm_us: [u64; 2],
    /// of a cold one
    pub cold_us: [u64; 2],
    pub replayed: Replayed,
}

/// Cold starts of a replay, by routing.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Replayed {
    pub newest: u64,
    pub mru: u64,
    pub lru: u64,
}

/// What was measured, as the file has it.
pub fn measured() -> Lambda {
    let text = fs::read_to_string(root().join("docs/lambda.toml")).unwrap();
    toml::from_str(&text).unwrap_or_else(|e| panic!("docs/lambda.toml: {e}"))
}

/// What every run has in common: how an instance is held, and the measured means of warm and of cold requests.
pub const HELD: &str = "simulate --policy scale-to-zero --idle-after 600s";
const MODEL: &str = "--service const:1.981s --cold-service const:2.304s --horizon 29h --warm-up 1h";
/// Seconds that count of a run.
const SPAN: u32 = 28 * 3_600;

/// What the program gives.
pub struct Simulated {
    /// cold starts per request, and the half-width of its interval
    pub cold: f64,
    pub cold_ci95: f64,
    pub instances: f64,
    pub running: f64,
}

impl Experiment {
    /// Requests a second, to the millionth.
    pub fn rate(&self) -> Decimal {
        Decimal::from_str_exact(&self.rate).expect("a number").round_dp(6)
    }

    /// So many runs that a million requests are simulated: at least 20, at most 1000.
    pub fn runs(&self) -> u64 {
        let requests = (self.rate() * Decimal::from(SPAN)).to_u64().expect("a number of requests");
        (1_000_000 / requests.max(1)).clamp(20, 1_000)
    }

    /// The arguments of the program.
    pub fn command(&self, routing: &str) -> String {
        let (rate, runs) = (self.rate(), self.runs());
        format!("{HELD} {MODEL} --arrivals poisson:{rate}/s --routing {routing} --replications {runs} --seed 1")
    }

    pub fn simulated(&self, routing: &str) -> Simulated {
        let answer = ask(self.command(routing).split(' '));
        let run = &answer.runs[0];
        let number = |text: &str| text.parse::<f64>().expect("a number");
        Simulated {
            cold: number(&run.cold_start_fraction),
            cold_ci95: number(&run.ci95.as_ref().expect("there are several runs").cold_start_fraction),
            instances: number(&run.instances.mean_total),
            running: number(&run.instances.mean_running),
        }
    }
}

/// The program's answer to some arguments.
pub fn ask<'a>(arguments: impl Iterator<Item = &'a str>) -> SimulateResponse {
    let all: Vec<&str> = arguments.chain(["--format", "json"]).collect();
    let ran = program::run(&root(), &all);
    assert_eq!(ran.code, Some(0), "{all:?}\n{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{all:?}: {e}"))
}
