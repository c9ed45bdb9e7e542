//! The closed forms: as exact as the reference values are written.

use wharfage_sim::{
    Law, Nanos,
    queueing::{GiM1, Mg1, MgInf, Mmc, Mmck, MmppM1, MtGInf, NoAnswer, erlang_b, min_servers},
};

use crate::cases::{CASES, Case, Model, Times};

fn scv(times: Times) -> f64 {
    match times {
        Times::Constant => 0.0,
        Times::Exponential => 1.0,
        Times::Uniform => 1.0 / 3.0,
        Times::Lognormal(cv) | Times::Hyperexponential(cv) => cv * cv,
        Times::Gamma(shape) => 1.0 / shape,
    }
}

/// A distribution with a mean in seconds.
pub fn law(times: Times, mean: f64) -> Law {
    let nanos = |s: f64| Nanos((s * 1e9).round() as u64);
    let (cv, mean) = (scv(times).sqrt(), nanos(mean));
    match times {
        Times::Constant => Law::Constant(mean),
        Times::Exponential => Law::Exponential(mean),
        Times::Uniform => Law::Uniform { from: Nanos(0), to: Nanos(2 * mean.0) },
        Times::Lognormal(_) => Law::lognormal(mean, cv),
        Times::Gamma(_) => Law::Gamma { mean, cv },
        Times::Hyperexponential(_) => Law::Hyperexponential { mean, cv },
    }
}

/// What `name_pNN` or `name_pNNN` asks for: the share.
pub fn quantile(metric: &str, name: &str) -> Option<f64> {
    let digits = metric.strip_prefix(name)?.strip_prefix("_p")?;
    digits.parse::<f64>().ok().map(|n| n / 10_f64.powi(digits.len() as i32))
}

fn of_a_queue(q: &Mmc, metric: &str) -> Option<f64> {
    Some(match metric {
        "rho" => q.rho(),
        "p_wait" => q.p_wait(),
        "Wq_mean" => q.wait_mean(),
        "W_mean" => q.sojourn_mean(),
        "Lq_mean" => q.queue_mean(),
        "busy_mean" => q.busy_mean(),
        other => match (quantile(other, "wait"), quantile(other, "sojourn")) {
            (Some(share), _) => q.wait_quantile(share),
            (_, share) => q.sojourn_quantile(share?),
        },
    })
}

fn of_a_bounded_queue(q: &Mmck, metric: &str) -> Option<f64> {
    Some(match metric {
        "p_block" => q.p_block(),
        "throughput" => q.throughput(),
        "L_mean" => q.number_mean(),
        "Lq_mean" => q.queue_mean(),
        "busy_mean" => q.busy_mean(),
        "W_mean_accepted" => q.sojourn_mean(),
        "Wq_mean_accepted" => q.wait_mean(),
        "p_wait_accepted" => q.p_wait(),
        _ => return None,
    })
}

fn of_renewals(q: &GiM1, metric: &str) -> Option<f64> {
    Some(match metric {
        "rho" => q.rho(),
        "p_wait" => q.p_wait(),
        "W_mean" => q.sojourn_mean(),
        "Wq_mean" => q.wait_mean(),
        "L_mean" => q.number_mean(),
        other => q.sojourn_quantile(quantile(other, "sojourn")?),
    })
}

/// What a formula says; `None` where there is none.
fn formula(model: Model, metric: &str) -> Result<Option<f64>, NoAnswer> {
    Ok(match (model, metric) {
        (Model::Loss { rate, service, servers }, _) => {
            let block = erlang_b(rate * service, servers);
            let served = rate * (1.0 - block);
            Some(if metric == "p_block" { block } else { served * if metric == "busy_mean" { service } else { 1.0 } })
        }
        (Model::Queue { rate, service, servers }, _) => of_a_queue(&Mmc::new(rate, service, servers)?, metric),
        (Model::Bounded { rate, service, servers, capacity }, _) => {
            of_a_bounded_queue(&Mmck::new(rate, service, servers, capacity)?, metric)
        }
        (Model::OneServer { rate, service, mean }, _) => {
            let q = Mg1::new(rate, mean, scv(service))?;
            Some(match metric {
                "Wq_mean" => q.wait_mean(),
                "W_mean" => q.sojourn_mean(),
                "Lq_mean" => q.number_mean(q.wait_mean()),
                "L_mean" => q.number_mean(q.sojourn_mean()),
                _ => q.rho(),
            })
        }
        (Model::Shared { rate, service }, _) => {
            let q = Mg1::new(rate, service, 1.0)?;
            Some(match metric {
                "sojourn_mean" => q.shared_sojourn_mean(),
                "L_mean" => q.number_mean(q.shared_sojourn_mean()),
                "p_empty" => 1.0 - q.rho(),
                _ => q.shared_sojourn_mean() / service,
            })
        }
        (Model::NeverFull { rate, service }, _) => {
            let q = MgInf::new(rate, service)?;
            Some(match metric {
                "p_empty" => q.p_empty(),
                "active_fraction" => q.active_fraction(),
                "busy_period_mean" => q.busy_period_mean(),
                "busy_periods_per_s" => q.busy_periods_per_s(),
                _ => q.number_mean(),
            })
        }
        (Model::Renewal { gaps, rate, service }, _) => {
            of_renewals(&GiM1::new(&law(gaps, 1.0 / rate), service)?, metric)
        }
        (Model::BurstsOneServer { rates, stays, service }, _) => {
            let q = MmppM1::new(rates, stays, service)?;
            Some(match metric {
                "rate_mean" => q.rate_mean(),
                "rho" => q.rho(),
                "p_empty" => q.p_empty(),
                "L_mean" => q.number_mean(),
                "W_mean" => q.sojourn_mean(),
                _ => q.wait_mean(),
            })
        }
        (Model::Varying { mean, amplitude, period, service, at }, _) => {
            let q = MtGInf::new(mean, amplitude, period, service)?;
            Some(match metric {
                "m_max" => q.max(),
                "m_min" => q.min(),
                "peak_lag_s" => q.peak_lag(),
                _ => q.mean_at(at),
            })
        }
        (Model::Hawkes { base, jump, decay }, "rate_mean") => Some(base / (1.0 - jump / decay)),
        (Model::Servers { rate, service, goal }, _) => min_servers(rate, service, goal)?.map(|n| n as f64),
        _ => None,
    })
}

#[test]
fn closed_forms_agree_with_the_reference_to_its_last_digits() {
    let mut compared = 0;
    for Case { name, model, expected } in &CASES {
        // The reference of arrivals in bursts was worked out to six digits; gaps are whole nanoseconds.
        let within = match model {
            Model::BurstsOneServer { .. } => 1e-6,
            Model::Renewal { .. } => 3e-9,
            _ => 1e-9,
        };
        for (metric, want) in *expected {
            let Some(got) = formula(*model, metric).unwrap() else { continue };
            assert!((got - want).abs() <= within * want.abs(), "{name} {metric}: {got} is not {want}");
            compared += 1;
        }
    }
    assert_eq!(compared, 212);
}
