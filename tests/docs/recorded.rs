//! `docs/lambda.toml` held against what it was taken from, where that lies beside the project (`../shared/facts`): the collected
//! rows, and the recordings, which are other people's files and stay out of the project.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use wharfage_tests::root;

use crate::measured::{HELD, Recording, Replayed, ask, measured};

/// The collected facts; `None` where they are not beside the project.
fn facts() -> Option<PathBuf> {
    let folder = root().join("../shared/facts/autoscaling");
    if !folder.is_dir() {
        println!("left out: the facts are not beside this project (../shared/facts)");
        return None;
    }
    Some(folder)
}

/// A request that was recorded.
struct Request {
    arrival_us: u64,
    duration_us: u64,
    cold: bool,
}

fn file(folder: &Path, r: &Recording) -> PathBuf {
    folder.join("traces").join(format!("aws-lambda-{}.csv", r.of))
}

fn requests(folder: &Path, r: &Recording) -> Vec<Request> {
    let mut reader = csv::Reader::from_path(file(folder, r)).unwrap();
    let row = |row: Result<(u64, u64, u8), csv::Error>| {
        let (arrival_us, duration_us, cold) = row.unwrap();
        Request { arrival_us, duration_us, cold: cold == 1 }
    };
    reader.deserialize().map(row).collect()
}

#[test]
fn every_measured_row_is_as_it_was_collected() {
    let Some(folder) = facts() else { return };
    let text = fs::read_to_string(folder.join("aws-lambda-measured.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    let lambda = measured();
    assert_eq!(rows.len(), lambda.experiment.len());
    for (row, e) in rows.iter().zip(&lambda.experiment) {
        assert_eq!((&row["experiment"], &row["arrival_rate_per_s"]), (&e.id, &e.rate));
        for (name, ours) in [
            ("measured_p_cold", e.cold),
            ("measured_p_cold_se", e.cold_se),
            ("measured_instances_mean", e.instances),
            ("measured_running_mean", e.running),
            ("newest_first_model_p_cold", e.model_cold),
            ("newest_first_model_instances_mean", e.model_instances),
        ] {
            assert_eq!(row[name].parse(), Ok(ours), "{}: {name}", e.id);
        }
        let settings = ["warm_mean_s", "cold_mean_s"].map(|name| format!("{:.3}", row[name].parse::<f64>().unwrap()));
        assert_eq!((settings[0].as_str(), settings[1].as_str()), ("1.981", "2.304"));
        assert_eq!(row["idle_expiry_s"], "600");
    }
}

#[test]
fn every_recording_has_the_counts_of_its_file() {
    let Some(folder) = facts() else { return };
    for r in measured().recording {
        let all = requests(&folder, &r);
        let cold = all.iter().filter(|q| q.cold).count();
        assert_eq!((all.len() as u64, cold as u64), (r.requests, r.cold), "{}", r.of);
        assert!(!all[0].cold, "{} begins warm", r.of);
        for (want, cold) in [(r.warm_us, false), (r.cold_us, true)] {
            let times = all.iter().filter(|q| q.cold == cold).map(|q| q.duration_us as f64);
            assert_eq!(mean_and_deviation(&times.collect::<Vec<_>>()), want, "{}", r.of);
        }
    }
}

fn mean_and_deviation(all: &[f64]) -> [u64; 2] {
    let n = all.len() as f64;
    let mean = all.iter().sum::<f64>() / n;
    let squares: f64 = all.iter().map(|x| (x - mean) * (x - mean)).sum();
    [mean, (squares / (n - 1.0)).sqrt()].map(|x| x.round() as u64)
}

#[test]
fn recordings_replayed_have_the_cold_starts_of_the_page() {
    let Some(folder) = facts() else { return };
    for r in measured().recording {
        let trace = file(&folder, &r);
        let cold = |routing: &str| {
            let line = format!("{HELD} --service trace --routing {routing} --arrivals");
            let trace = format!("trace:{}", trace.display());
            let answer = ask(line.split(' ').chain([trace.as_str()]));
            assert_eq!(answer.runs[0].requests, r.requests);
            answer.runs[0].cold_starts
        };
        let replayed = Replayed { newest: cold("newest"), mru: cold("mru"), lru: cold("lru") };
        assert_eq!(replayed, r.replayed, "{}", r.of);
    }
}

/// What the page says of the measured fractions: they are means over ten parts, each without the first quarter of its time.
#[test]
fn measured_fractions_follow_from_the_recordings() {
    let Some(folder) = facts() else { return };
    let lambda = measured();
    for r in &lambda.recording {
        let Some(e) = r.experiment.as_ref().map(|id| lambda.experiment.iter().find(|e| e.id == *id).unwrap()) else {
            continue;
        };
        let all = requests(&folder, r);
        let tenth = all.len() / 10;
        // The script that counted them leaves out the last request of each part.
        let parts: Vec<f64> = (0..10).map(|n| later_cold(&all[n * tenth..(n + 1) * tenth - 1])).collect();
        let mean = parts.iter().sum::<f64>() / 10.0;
        let variance = parts.iter().map(|p| (p - mean) * (p - mean)).sum::<f64>() / 10.0;
        // Arrivals are kept to the microsecond, and a request at a boundary may fall to its other side.
        let near = |got: f64, want: f64| (got / want - 1.0).abs() < 1e-3;
        assert!(near(mean, e.cold), "{}: {mean} is not {}", e.id, e.cold);
        assert!(near((variance / 10.0).sqrt(), e.cold_se), "{}: its standard error", e.id);
    }
}

/// Cold starts per request, after the first quarter of the time.
fn later_cold(part: &[Request]) -> f64 {
    let (first, last) = (part[0].arrival_us, part[part.len() - 1].arrival_us);
    let begins = first + (last - first) / 1_000_000 * 1_000_000 / 4;
    let later: Vec<&Request> = part.iter().filter(|q| q.arrival_us > begins).collect();
    later.iter().filter(|q| q.cold).count() as f64 / later.len() as f64
}
