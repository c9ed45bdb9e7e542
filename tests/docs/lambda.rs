//! `docs/lambda.md`: AWS Lambda as it was measured, and as `wharfage simulate` has it.
//!
//! What was measured is `docs/lambda.toml`. What is simulated is asked of the program itself, by the command line that the
//! page shows; nothing in it was fitted to these measurements.

use std::fmt::Write;

use rust_decimal::Decimal;

use crate::{
    markdown::{Cited, GENERATED, References, table, thousands},
    measured::{Experiment, HELD, Lambda, Origin, Recording, Simulated, measured},
};

/// An experiment beside its simulations.
struct Compared<'m> {
    measured: &'m Experiment,
    newest: Simulated,
    mru: Simulated,
    lru: Simulated,
}

impl Compared<'_> {
    fn more(&self) -> f64 {
        self.newest.cold - self.measured.cold
    }

    /// By how many of the measured standard errors the simulated fraction lies above the measured one.
    fn errors(&self) -> f64 {
        self.more() / self.measured.cold_se
    }

    /// The same by standard deviations of a single simulated run: of so many runs, the half-width is some two of their mean.
    fn deviations(&self) -> f64 {
        let one = self.newest.cold_ci95 / 2.0 * (self.measured.runs() as f64).sqrt();
        self.more() / one
    }
}

/// The page.
pub fn page() -> String {
    let lambda = measured();
    let mut refs = References::default();
    let compared: Vec<Compared<'_>> = lambda.experiment.iter().map(compare).collect();
    borne_out(&compared, &lambda.recording);
    [
        GENERATED.to_owned(),
        intro(&lambda, &mut refs),
        simulated(&lambda, &mut refs),
        cold_starts(&compared),
        instances(&compared, &lambda.source, &mut refs),
        recordings(&lambda.recording),
        agreement(&compared, &lambda.recording),
        again(&lambda),
        refs.list(),
    ]
    .concat()
}

fn compare(measured: &Experiment) -> Compared<'_> {
    let [newest, mru, lru] = ["newest", "mru", "lru"].map(|routing| measured.simulated(routing));
    Compared { measured, newest, mru, lru }
}

fn intro(lambda: &Lambda, refs: &mut References) -> String {
    format!(
        "# AWS Lambda, measured and simulated\n\n\
         In 2020 PACS Lab sent requests to a function on AWS Lambda (Python, 128 MB), some 28 hours each at one rate, and kept which \
         of them started an instance {} ({}). This page holds {} of these experiments against `wharfage simulate`, and replays {} of \
         the recordings. Nothing in the simulator was fitted to them.\n\n",
        refs.cite(&Cited::page(&lambda.source.repository)),
        lambda.source.licence,
        lambda.experiment.len(),
        lambda.recording.len(),
    )
}

fn simulated(lambda: &Lambda, refs: &mut References) -> String {
    let share = |[mean, deviation]: [u64; 2]| 100.0 * deviation as f64 / mean as f64;
    let spread = |of: fn(&Recording) -> [u64; 2]| {
        let mut all: Vec<f64> = lambda.recording.iter().map(|r| share(of(r))).collect();
        all.sort_by(f64::total_cmp);
        (all[0], all[all.len() - 2], all[all.len() - 1])
    };
    let (warm, cold) = (spread(|r| r.warm_us), spread(|r| r.cold_us));
    format!(
        "## What is simulated\n\n\
         - A request that finds no idle instance starts one, an instance serves one request at a time, and one that is idle for more \
         than 600 s stops. Some ten minutes are what the measurements speak for; AWS promises no time.\n\
         - Requests arrive by a Poisson process at the measured rate, to the millionth of a request a second.\n\
         - A warm request takes 1.981 s and one that starts an instance 2.304 s in all, the means of all experiments. They are \
         constant, since they hardly vary: in the recordings, the standard deviation of warm requests is {:.1} to {:.1} % of their \
         mean ({:.1} % in one recording), that of cold ones {:.1} to {:.1} %.\n\
         - 28 hours count, after one that is left out. The measured figures leave out beginnings as well: a recording begins when \
         instances are warm, and its fraction is the mean over ten parts of as many requests, each without the first quarter of \
         its time {}.\n\
         - So many runs that a million requests are simulated, at least 20 and at most 1,000. ± is the half-width of the 95 % \
         confidence interval over them.\n\n\
         Which idle instance takes a request, AWS does not say. All three rules are here: the newest, the most recently used \
         (wharfage's default) and the least recently used one.\n\n",
        warm.0,
        warm.1,
        warm.2,
        cold.0,
        cold.2,
        refs.cite(&Cited::page(&lambda.source.counted)),
    )
}

/// A fraction in percent, to four digits.
fn percent(fraction: f64) -> String {
    let percent = 100.0 * fraction;
    let places = (3 - percent.log10().floor() as i32).clamp(2, 6) as usize;
    format!("{percent:.places$}")
}

/// A fraction and how far it can be trusted, to as many places.
fn give_or_take(fraction: f64, by: f64) -> String {
    let shown = percent(fraction);
    let places = shown.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    format!("{shown} ± {:.places$}", 100.0 * by)
}

fn cold_starts(all: &[Compared<'_>]) -> String {
    let row = |c: &Compared<'_>| {
        let m = c.measured;
        [
            m.id.clone(),
            m.rate().to_string(),
            thousands(m.runs() as usize),
            give_or_take(m.cold, m.cold_se),
            format!("**{}**", give_or_take(c.newest.cold, c.newest.cold_ci95)),
            percent(c.mru.cold),
            percent(c.lru.cold),
            percent(m.model_cold),
            format!("{:+.1}", c.errors()),
            format!("{:+.1}", c.deviations()),
        ]
    };
    let heads = [
        "Experiment",
        "Requests/s",
        "Runs",
        "Measured ± standard error (%)",
        "Newest (%)",
        "Most recent (%)",
        "Least recent (%)",
        "Model (%)",
        "Standard errors apart",
        "Single runs apart",
    ];
    format!(
        "## Cold starts per request\n\n\
         The model is a steady-state formula with the newest instance first and the same means. The last two columns say how far \
         the simulated figure (newest) lies above the measured one: in the measured standard errors, and in standard deviations of a \
         single simulated run of 28 hours, which says how far one experiment would stray if the simulation were right.\n\n{}\n",
        table(heads, &all.iter().map(row).collect::<Vec<_>>())
    )
}

fn instances(all: &[Compared<'_>], source: &Origin, refs: &mut References) -> String {
    let row = |c: &Compared<'_>| {
        let shown = |n: f64| format!("{n:.4}");
        let m = c.measured;
        let simulated = [&c.newest, &c.mru, &c.lru].map(|s| shown(s.instances));
        let [newest, mru, lru] = simulated;
        let measured = shown(m.instances);
        [m.id.clone(), measured, newest, mru, lru, shown(m.model_instances), shown(m.running), shown(c.newest.running)]
    };
    let heads = [
        "Experiment",
        "Measured",
        "Newest",
        "Most recent",
        "Least recent",
        "Model",
        "Running, measured",
        "Running, newest",
    ];
    format!(
        "## Instances\n\n\
         The mean number of instances, and of those that serve a request. Nobody outside sees an instance stop: the measured number \
         takes each for alive from its first request until 600 s after its last {}, so it rests on the same 600 s. \
         Both are counted once a minute, which is coarse where few are running.\n\n{}\n",
        refs.cite(&Cited::page(&source.instances)),
        table(heads, &all.iter().map(row).collect::<Vec<_>>())
    )
}

fn recordings(all: &[Recording]) -> String {
    let row = |r: &Recording| {
        let seconds = |[mean, deviation]: [u64; 2]| format!("{:.3} ± {:.3}", mean as f64 / 1e6, deviation as f64 / 1e6);
        [
            r.of.clone(),
            r.experiment.clone().unwrap_or_default(),
            thousands(r.requests as usize),
            seconds(r.warm_us),
            seconds(r.cold_us),
            r.cold.to_string(),
            format!("**{}**", r.replayed.newest),
            r.replayed.mru.to_string(),
            r.replayed.lru.to_string(),
        ]
    };
    let heads = [
        "Recording",
        "Experiment",
        "Requests",
        "Warm request (s)",
        "Cold request (s)",
        "Measured cold starts",
        "Newest",
        "Most recent",
        "Least recent",
    ];
    format!(
        "## Recordings replayed\n\n\
         The same requests at the same moments, as long as they took (mean ± standard deviation), so that no chance is left: cold \
         starts that were measured, and those of `{HELD} --arrivals trace:FILE --service trace`. A recording began with an \
         instance that was warm and a replay begins with none, so one cold start of each replay is no difference. These counts are \
         kept in `docs/lambda.toml`; the recordings are other people's files, and a test replays them where they lie beside the \
         project.\n\n{}\n",
        table(heads, &all.iter().map(row).collect::<Vec<_>>())
    )
}

/// Experiments and how far they are apart.
fn listed<'c, 'm: 'c>(all: impl Iterator<Item = &'c Compared<'m>>) -> String {
    let named: Vec<String> = all.map(|c| format!("{} ({:+.1})", c.measured.id, c.errors())).collect();
    if named.is_empty() { "none".to_owned() } else { named.join(", ") }
}

/// Mean of relative differences, in percent.
fn off(differences: impl Iterator<Item = f64>) -> f64 {
    let all: Vec<f64> = differences.map(f64::abs).collect();
    100.0 * all.iter().sum::<f64>() / all.len() as f64
}

fn agreement(all: &[Compared<'_>], recordings: &[Recording]) -> String {
    let within = |apart: &dyn Fn(&Compared<'_>) -> f64| all.iter().filter(|c| apart(c).abs() <= 2.0).count();
    let beyond = |sign: f64| listed(all.iter().filter(move |c| sign * c.errors() > 2.0));
    let last = all.last().expect("there are experiments");
    let mut text = "## What agrees, and what does not\n\n".to_owned();
    let _ = write!(
        text,
        "Cold starts are within two standard errors in {} of {} experiments, and within two standard deviations of a single run in {}. \
         Beyond two standard errors the simulator has more cold starts in {}, and fewer in {}. On average the cold starts per \
         request are off by {:.1} % of what was measured and the instances by {:.1} %; the measured standard error alone is {:.1} %.\n\n",
        within(&|c| c.errors()),
        all.len(),
        within(&|c| c.deviations()),
        beyond(1.0),
        beyond(-1.0),
        off(all.iter().map(|c| c.more() / c.measured.cold)),
        off(all.iter().map(|c| c.newest.instances / c.measured.instances - 1.0)),
        off(all.iter().map(|c| c.measured.cold_se / c.measured.cold)),
    );
    let _ = write!(
        text,
        "The newest and the most recently used instance can't be told apart with an idle time of 600 s. The least recently used one is ruled \
         out: at {} requests/s it would make {} % of requests cold, and {} % were measured; at the lowest rates, with one instance \
         at most times, every rule is the same.\n\n",
        last.measured.rate().round_dp(1),
        percent(last.lru.cold),
        percent(last.measured.cold)
    );
    text.push_str(&replays_say(recordings));
    text
}

/// Requests of a recording from which on an instance is in use most of the time: some one in a minute over 28 hours.
const STEADY: u64 = 1_600;

fn replays_say(all: &[Recording]) -> String {
    let sum = |steady: bool, of: fn(&Recording) -> u64| {
        all.iter().filter(|r| (r.requests >= STEADY) == steady).map(of).sum::<u64>()
    };
    let both = |steady| (sum(steady, |r| r.replayed.newest), sum(steady, |r| r.cold));
    let (quiet, steady) = (both(false), both(true));
    let fewer = all.iter().filter(|r| r.replayed.newest < r.cold).count();
    format!(
        "The replays tell a little more. In the recordings of under {} requests they have {} cold starts, and {} were measured (fewer than \
         measured in {fewer} of them); in those with more, {} and {}. That speaks for a platform that keeps instances somewhat longer \
         than 600 s under a steady load. It explains too many simulated cold starts; it does not explain too few of them at the \
         highest rate, of which no recording is here, and nothing that was collected does. The standard error there is smaller than \
         the spread of single runs in the simulation, so that the last column finds less of a difference.\n\n\
         A single idle time is kept all the same: it is what is known of the platform, `--idle-after` changes it, and a simulator \
         fitted to ten points would say less about the eleventh.\n\n",
        thousands(STEADY as usize),
        quiet.0,
        quiet.1,
        steady.0,
        steady.1,
    )
}

fn again(lambda: &Lambda) -> String {
    let last = lambda.experiment.last().expect("there are experiments");
    format!(
        "## Once more\n\n\
         The last row, with the newest instance first:\n\n```sh\nwharfage {}\n```\n\n\
         The other rows differ in rate and runs, as in the table. `cargo xtask docs` makes this page.\n\n",
        last.command("newest")
    )
}

/// What the page says in words. Panics where a figure says otherwise.
fn borne_out(all: &[Compared<'_>], recordings: &[Recording]) {
    for c in all {
        let (id, quiet) = (&c.measured.id, c.measured.rate() < Decimal::new(2, 2));
        assert!(c.errors().abs() < 4.5 && c.deviations().abs() < 3.5, "{id}: {:+.1} standard errors apart", c.errors());
        assert!(quiet || c.lru.cold < c.measured.cold / 10.0, "{id}: the least recently used one is ruled out");
        assert!((c.mru.cold - c.newest.cold).abs() < c.newest.cold_ci95, "{id}: newest and most recent are alike");
    }
    let last = all.last().expect("there are experiments");
    let less = last.deviations().abs() < last.errors().abs();
    assert!(last.errors() < -2.0 && less, "{}: fewer, within a smaller error", last.measured.id);
    for r in recordings.iter().filter(|r| r.requests >= STEADY) {
        assert!(r.replayed.newest > r.cold + 1, "{}: more cold starts than were measured", r.of);
    }
}
