//! From texts to the form that fits them, and its figures.

use wharfage_core::{Diagnostic, diagnostic::quoted, text, tr};
use wharfage_sim::{
    Arrivals, Law, Nanos, UNBOUNDED,
    queueing::{GiM1, Goal, Mg1, MgInf, Mmc, Mmck, MmppM1, MtGInf, NoAnswer, erlang_b, min_servers},
};

use super::{FigureOut, QueueRequest, QueueResponse};
use crate::{
    grammar::{self, Parsed, fault},
    response::SCHEMA,
    simulate::models::{self, Demand},
};

/// Works out a queue.
///
/// # Errors
/// Everything that is wrong with the request, a load that is too high, or a model that has no closed form here.
pub fn respond(request: &QueueRequest) -> Result<QueueResponse, Vec<Diagnostic>> {
    let queue = Queue::read(request)?;
    let answer = match queue.goal {
        Some(goal) => queue.fewest(goal),
        None => queue.answer(),
    };
    answer.map_err(|d| vec![d])
}

/// Servers, or as many as there are requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Servers {
    Some(u64),
    Unlimited,
}

#[derive(Debug)]
struct Queue {
    arrivals: Arrivals,
    service: Law,
    servers: Servers,
    places: u64,
    shared: bool,
    goal: Option<Goal>,
}

fn servers(text: &str) -> Parsed<Servers> {
    if text.trim() == "unlimited" { Ok(Servers::Unlimited) } else { grammar::positive(text).map(Servers::Some) }
}

fn switch(text: &str) -> Parsed<bool> {
    match text.trim() {
        "on" => Ok(true),
        "off" => Ok(false),
        other => {
            fault(text!("`{text}` is neither on nor off", text = quoted(other)), "not a switch", "write on or off")
        }
    }
}

fn seconds(t: Nanos) -> f64 {
    t.as_f64() / 1e9
}

/// A share of 0 to 1 as a number.
fn share(text: &str) -> Parsed<f64> {
    grammar::share(text).map(|(num, den)| num as f64 / den as f64)
}

fn goal(text: &str) -> Parsed<Goal> {
    let help = "write blocked=1%, waiting=5%, wait>100ms=1% or p95=350ms";
    let Some((what, value)) = text.split_once('=') else {
        return fault(text!("`{text}` is not a goal", text = quoted(text)), "not a goal", help);
    };
    match what.trim() {
        "blocked" => Ok(Goal::Blocked(share(value)?)),
        "waiting" => Ok(Goal::Waiting(share(value)?)),
        other => {
            if let Some(time) = other.strip_prefix("wait>") {
                return Ok(Goal::WaitingBeyond { seconds: seconds(models::time(time)?), share: share(value)? });
            }
            let share = other.strip_prefix('p').and_then(|p| share(&format!("{p}%")).ok()).filter(|s| *s < 1.0);
            match share {
                Some(share) => Ok(Goal::SojournWithin { seconds: seconds(models::some_time(value)?), share }),
                None => fault(text!("`{text}` is not a goal", text = quoted(text)), "not a goal", help),
            }
        }
    }
}

impl Queue {
    fn read(q: &QueueRequest) -> Result<Self, Vec<Diagnostic>> {
        let mut found = Vec::new();
        let arrivals = required(&mut found, q.arrivals.as_deref(), "arrivals", models::arrivals);
        let service = required(&mut found, q.service.as_deref(), "service", models::law);
        let servers = parsed(&mut found, q.servers.as_deref(), "servers", servers);
        let places = parsed(&mut found, q.queue.as_deref(), "queue", models::places);
        let shared = parsed(&mut found, q.sharing.as_deref(), "sharing", switch);
        let goal = parsed(&mut found, q.meet.as_deref(), "meet", goal);
        let arrivals = match arrivals {
            Some(Demand::Trace(_) | Demand::Weekly(..)) => {
                found.push(no_form("arrivals from a file have no closed form here", "arrivals"));
                None
            }
            Some(Demand::Model(model)) => Some(model),
            None => None,
        };
        if goal.is_some() && (servers.is_some() || places.is_some()) {
            let message = "`meet` finds the servers itself";
            let d = Diagnostic::error("request/conflict", message).on("meet", "given with servers or queue");
            found.push(d.help("leave --servers and --queue out"));
        }
        match (arrivals, service) {
            (Some(arrivals), Some(service)) if found.is_empty() => Ok(Self {
                arrivals,
                service,
                servers: servers.unwrap_or(Servers::Some(1)),
                places: places.unwrap_or(UNBOUNDED),
                shared: shared.unwrap_or(false),
                goal,
            }),
            _ => Err(found),
        }
    }

    fn service_s(&self) -> f64 {
        seconds(self.service.mean())
    }

    fn rate(&self) -> f64 {
        self.arrivals.mean_per_second().unwrap_or(0.0)
    }

    fn exponential(&self) -> bool {
        matches!(self.service, Law::Exponential(_))
    }

    /// The form that fits.
    fn answer(&self) -> Result<QueueResponse, Diagnostic> {
        let (rate, service) = (self.rate(), self.service_s());
        let poisson = matches!(self.arrivals, Arrivals::Poisson(_));
        let unbounded = self.places == UNBOUNDED;
        let said = |e| self.unanswered(e);
        let (model, figures) = match (&self.arrivals, self.servers) {
            (Arrivals::Poisson(_), Servers::Unlimited) => {
                ("M/G/∞", unlimited(&MgInf::new(rate, service).map_err(said)?))
            }
            (Arrivals::Diurnal { amplitude, period, .. }, Servers::Unlimited) if self.exponential() => {
                let q = MtGInf::new(rate, *amplitude, seconds(*period), service).map_err(said)?;
                ("Mt/G/∞", through_the_day(&q))
            }
            (Arrivals::Poisson(_), Servers::Some(1)) if self.shared && unbounded => {
                ("M/G/1-PS", shared(&Mg1::new(rate, service, self.service.scv()).map_err(said)?))
            }
            (Arrivals::Poisson(_), Servers::Some(c)) if self.places == 0 && !self.shared => {
                ("M/G/c/c", loss(rate, service, c))
            }
            (Arrivals::Poisson(_), Servers::Some(c)) if self.exponential() && unbounded && !self.shared => {
                ("M/M/c", waiting(&Mmc::new(rate, service, c).map_err(said)?))
            }
            (Arrivals::Poisson(_), Servers::Some(c)) if self.exponential() && !self.shared => {
                let capacity = c.saturating_add(self.places);
                ("M/M/c/K", bounded(&Mmck::new(rate, service, c, capacity).map_err(said)?))
            }
            (_, Servers::Some(1)) if self.shared || !unbounded => return Err(self.no_form()),
            (Arrivals::Poisson(_), Servers::Some(1)) => {
                ("M/G/1", general(&Mg1::new(rate, service, self.service.scv()).map_err(said)?))
            }
            (Arrivals::Mmpp { rates, stays }, Servers::Some(1)) if self.exponential() => {
                let rates = rates.map(|r| r.per_second());
                ("MMPP(2)/M/1", modulated(&MmppM1::new(rates, stays.map(seconds), service).map_err(said)?))
            }
            (Arrivals::Constant(r), Servers::Some(1)) if self.exponential() => {
                let gaps = Law::Constant(Nanos(r.gap_ns() as u64));
                ("D/M/1", renewal(&GiM1::new(&gaps, service).map_err(said)?))
            }
            (Arrivals::Renewal(gaps), Servers::Some(1)) if self.exponential() => match gaps {
                Law::Lognormal { .. } => return Err(self.no_form()),
                gaps => ("GI/M/1", renewal(&GiM1::new(gaps, service).map_err(said)?)),
            },
            _ => return Err(self.no_form()),
        };
        let mut assumptions = Vec::new();
        if poisson && matches!(model, "M/G/∞" | "M/G/c/c" | "M/G/1-PS") {
            assumptions.push("holds for any law of service with this mean".to_owned());
        }
        Ok(QueueResponse { schema: SCHEMA, method: METHOD.to_owned(), model: model.to_owned(), figures, assumptions })
    }

    /// The fewest servers that meet a goal.
    fn fewest(&self, goal: Goal) -> Result<QueueResponse, Diagnostic> {
        let blocked = matches!(goal, Goal::Blocked(_));
        if !matches!(self.arrivals, Arrivals::Poisson(_)) || self.shared || !(self.exponential() || blocked) {
            return Err(self.no_form());
        }
        let (rate, service) = (self.rate(), self.service_s());
        let Some(c) = min_servers(rate, service, goal).map_err(|e| self.unanswered(e))? else {
            let message = "no number of servers meets this goal";
            let d = Diagnostic::error("queue/goal", message).on("meet", "out of reach");
            return Err(d.help("service alone takes longer for more requests than the goal allows, or the load is beyond 10 million servers"));
        };
        let servers = Servers::Some(c);
        let places = if blocked { 0 } else { UNBOUNDED };
        let with = Self {
            arrivals: self.arrivals.clone(),
            service: self.service.clone(),
            servers,
            places,
            shared: false,
            goal: None,
        };
        let mut answer = with.answer()?;
        answer.figures.insert(0, plain("servers", c as f64, "fewest servers that meet the goal"));
        Ok(answer)
    }

    fn unanswered(&self, e: NoAnswer) -> Diagnostic {
        match e {
            NoAnswer::Unstable => {
                let load = digits(self.rate() * self.service_s());
                let message = text!("requests ask for {load} servers' time, and the queue grows without end", load);
                Diagnostic::error("queue/unstable", message)
                    .on("servers", "too few")
                    .help("add servers, or bound the queue")
            }
            NoAnswer::Value => self.no_form(),
        }
    }

    fn no_form(&self) -> Diagnostic {
        no_form("this combination of arrivals, service, servers and waiting places has no closed form here", "arrivals")
    }
}

const METHOD: &str = "closed form";

fn no_form(message: &'static str, field: &str) -> Diagnostic {
    Diagnostic::error("queue/no-form", message)
        .on(field, "no formula")
        .help("wharfage simulate takes any; formulas are for Poisson arrivals, or one server with exponential service")
}

fn required<T>(
    found: &mut Vec<Diagnostic>,
    text: Option<&str>,
    field: &'static str,
    grammar: fn(&str) -> Parsed<T>,
) -> Option<T> {
    if text.is_none() {
        let message = text!("nothing says the queue's {field}", field);
        let d = Diagnostic::error("request/missing", message).on(field, tr!("missing"));
        found.push(d.help("write, for example, --arrivals poisson:8/s --service exp:1s --servers 10"));
    }
    parsed(found, text, field, grammar)
}

fn parsed<T>(
    found: &mut Vec<Diagnostic>,
    text: Option<&str>,
    field: &'static str,
    grammar: fn(&str) -> Parsed<T>,
) -> Option<T> {
    grammar(text?)
        .map_err(|f| found.push(Diagnostic::error("request/value", f.message).on(field, f.label).help(f.help)))
        .ok()
}

/// Ten significant digits without an exponent or idle zeros.
fn digits(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return "0".to_owned();
    }
    let scientific = format!("{x:.9e}");
    let exponent: i32 = scientific.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    let text = format!("{x:.places$}", places = usize::try_from(9 - exponent).unwrap_or(0));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn figure(name: &str, value: f64, unit: &str, says: &str) -> FigureOut {
    FigureOut { name: name.to_owned(), value: digits(value), unit: unit.to_owned(), says: says.to_owned() }
}

fn plain(name: &str, value: f64, says: &str) -> FigureOut {
    figure(name, value, "", says)
}

fn ms(name: &str, seconds: f64, says: &str) -> FigureOut {
    figure(name, seconds * 1e3, "ms", says)
}

fn per_s(name: &str, value: f64, says: &str) -> FigureOut {
    figure(name, value, "1/s", says)
}

const RHO: &str = "share of time that a server is busy";
const P_WAIT: &str = "share of requests that wait";
const WAIT: &str = "mean wait";
const SOJOURN: &str = "mean time from arrival to completion";
const NUMBER: &str = "mean number of requests present";
const WAITING: &str = "mean number of requests that wait";
const BUSY: &str = "mean number of busy servers";
/// Names of quantiles, and of 1000 requests how many.
const QUANTILES: [(&str, u32); 5] = [("p50", 500), ("p90", 900), ("p95", 950), ("p99", 990), ("p999", 999)];

/// Each quantile as a figure.
fn quantiles(what: &str, says: &str, of: impl Fn(f64) -> f64) -> Vec<FigureOut> {
    let figure = |(name, n): (&str, u32)| ms(&format!("{what}_{name}"), of(f64::from(n) / 1000.0), says);
    QUANTILES.map(figure).into()
}

const WAIT_QUANTILE: &str = "wait that this share does not exceed";
const SOJOURN_QUANTILE: &str = "time in all that this share does not exceed";

fn waiting(q: &Mmc) -> Vec<FigureOut> {
    let mut all = vec![
        plain("rho", q.rho(), RHO),
        plain("p_wait", q.p_wait(), P_WAIT),
        ms("wait_mean", q.wait_mean(), WAIT),
        ms("sojourn_mean", q.sojourn_mean(), SOJOURN),
        plain("queue_mean", q.queue_mean(), WAITING),
        plain("busy_mean", q.busy_mean(), BUSY),
    ];
    all.extend(quantiles("wait", WAIT_QUANTILE, |share| q.wait_quantile(share)));
    all.extend(quantiles("sojourn", SOJOURN_QUANTILE, |share| q.sojourn_quantile(share)));
    all
}

fn loss(rate: f64, service: f64, servers: u64) -> Vec<FigureOut> {
    let blocked = erlang_b(rate * service, servers);
    let throughput = rate * (1.0 - blocked);
    vec![
        plain("p_block", blocked, "share of requests that are lost"),
        per_s("throughput", throughput, "requests that are served"),
        plain("busy_mean", throughput * service, BUSY),
        plain("rho", throughput * service / servers as f64, RHO),
    ]
}

fn bounded(q: &Mmck) -> Vec<FigureOut> {
    vec![
        plain("p_block", q.p_block(), "share of requests that are lost"),
        plain("p_wait", q.p_wait(), "share of served requests that wait"),
        per_s("throughput", q.throughput(), "requests that are served"),
        ms("wait_mean", q.wait_mean(), "mean wait of served requests"),
        ms("sojourn_mean", q.sojourn_mean(), "mean time from arrival to completion of served requests"),
        plain("queue_mean", q.queue_mean(), WAITING),
        plain("number_mean", q.number_mean(), NUMBER),
        plain("busy_mean", q.busy_mean(), BUSY),
    ]
}

fn general(q: &Mg1) -> Vec<FigureOut> {
    vec![
        plain("rho", q.rho(), RHO),
        plain("p_wait", q.rho(), P_WAIT),
        ms("wait_mean", q.wait_mean(), WAIT),
        ms("sojourn_mean", q.sojourn_mean(), SOJOURN),
        plain("queue_mean", q.number_mean(q.wait_mean()), WAITING),
        plain("number_mean", q.number_mean(q.sojourn_mean()), NUMBER),
    ]
}

fn shared(q: &Mg1) -> Vec<FigureOut> {
    vec![
        plain("rho", q.rho(), RHO),
        ms("sojourn_mean", q.shared_sojourn_mean(), SOJOURN),
        plain("number_mean", q.number_mean(q.shared_sojourn_mean()), NUMBER),
        plain("p_empty", 1.0 - q.rho(), "share of time without a request"),
    ]
}

fn unlimited(q: &MgInf) -> Vec<FigureOut> {
    vec![
        plain("number_mean", q.number_mean(), NUMBER),
        plain("p_empty", q.p_empty(), "share of time without a request"),
        plain("active_fraction", q.active_fraction(), "share of time with a request: what billing by request charges"),
        ms("busy_period_mean", q.busy_period_mean(), "mean length of an interval with requests"),
        per_s("busy_periods_per_s", q.busy_periods_per_s(), "intervals that begin"),
    ]
}

fn through_the_day(q: &MtGInf) -> Vec<FigureOut> {
    vec![
        plain("number_mean", q.mean(), NUMBER),
        plain("number_max", q.max(), "the same at the peak"),
        plain("number_min", q.min(), "the same at the trough"),
        ms("peak_lag", q.peak_lag(), "how much later it peaks than the rate"),
    ]
}

fn renewal(q: &GiM1) -> Vec<FigureOut> {
    let mut all = vec![
        plain("rho", q.rho(), RHO),
        plain("p_wait", q.p_wait(), P_WAIT),
        ms("wait_mean", q.wait_mean(), WAIT),
        ms("sojourn_mean", q.sojourn_mean(), SOJOURN),
        plain("number_mean", q.number_mean(), NUMBER),
    ];
    all.extend(quantiles("sojourn", SOJOURN_QUANTILE, |share| q.sojourn_quantile(share)));
    all
}

fn modulated(q: &MmppM1) -> Vec<FigureOut> {
    vec![
        per_s("rate_mean", q.rate_mean(), "requests that arrive"),
        plain("rho", q.rho(), RHO),
        plain("p_empty", q.p_empty(), "share of time without a request"),
        ms("wait_mean", q.wait_mean(), WAIT),
        ms("sojourn_mean", q.sojourn_mean(), SOJOURN),
        plain("number_mean", q.number_mean(), NUMBER),
    ]
}
