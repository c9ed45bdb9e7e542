//! Reference cases: models of queueing theory with values that were worked out in 30 digits and cross-checked by an independent
//! simulation, for this project.

use wharfage_sim::queueing::Goal;

/// How a length of time varies about its mean.
#[derive(Debug, Clone, Copy)]
pub enum Times {
    /// not at all
    Constant,
    Exponential,
    /// between nothing and the double
    Uniform,
    /// by its standard deviation over the mean
    Lognormal(f64),
    /// by its shape
    Gamma(f64),
    /// of balanced means, by its standard deviation over the mean
    Hyperexponential(f64),
}

/// A model. Rates per second, times in seconds; exponential where nothing else is said.
#[derive(Debug, Clone, Copy)]
#[rustfmt::skip]
pub enum Model {
    Loss { rate: f64, service: f64, servers: u64 },
    Queue { rate: f64, service: f64, servers: u64 },
    Bounded { rate: f64, service: f64, servers: u64, capacity: u64 },
    OneServer { rate: f64, service: Times, mean: f64 },
    Shared { rate: f64, service: f64 },
    NeverFull { rate: f64, service: f64 },
    PerRequest { rate: f64, service: f64, idle: f64, max: u64, min: u64 },
    OneInstance { rate: f64, warm: f64, cold: f64, idle: f64 },
    Rounded { service: Times, mean: f64, quantum: f64 },
    Renewal { gaps: Times, rate: f64, service: f64 },
    Bursts { rates: [f64; 2], stays: [f64; 2], service: f64, idle: f64, max: u64, min: u64 },
    BurstsOneServer { rates: [f64; 2], stays: [f64; 2], service: f64 },
    Varying { mean: f64, amplitude: f64, period: f64, service: f64, at: f64 },
    Hawkes { base: f64, jump: f64, decay: f64 },
    Servers { rate: f64, service: f64, goal: Goal },
}

/// A model and what is known of it.
#[derive(Debug)]
pub struct Case {
    pub name: &'static str,
    pub model: Model,
    /// by name; means in numbers or seconds, probabilities per request
    pub expected: &'static [(&'static str, f64)],
}

#[rustfmt::skip]
pub const CASES: [Case; 57] = [
    // losses
    Case {
        name: "A1",
        model: Model::Loss { rate: 5.0, service: 1.0, servers: 8 },
        expected: &[("p_block", 0.070047852209567), ("busy_mean", 4.64976073895216), ("throughput_per_s", 4.64976073895216)],
    },
    Case {
        name: "A2",
        model: Model::Loss { rate: 90.0, service: 0.1, servers: 15 },
        expected: &[("p_block", 0.0198684813850694), ("busy_mean", 8.82118366753438), ("throughput_per_s", 88.2118366753438)],
    },
    Case {
        name: "A3",
        model: Model::Loss { rate: 0.5, service: 12.0, servers: 10 },
        expected: &[("p_block", 0.0431418384104393), ("busy_mean", 5.74114896953736), ("throughput_per_s", 0.47842908079478)],
    },
    Case {
        name: "A4",
        model: Model::Loss { rate: 1000.0, service: 0.05, servers: 60 },
        expected: &[("p_block", 0.0216684730578062), ("busy_mean", 48.9165763471097), ("throughput_per_s", 978.331526942194)],
    },
    // queues
    Case {
        name: "B1",
        model: Model::Queue { rate: 0.7, service: 1.0, servers: 1 },
        expected: &[
            ("rho", 0.7), ("p_wait", 0.7), ("Wq_mean", 2.33333333333333), ("W_mean", 3.33333333333333),
            ("Lq_mean", 1.63333333333333), ("busy_mean", 0.7), ("wait_p50", 1.12157412207071), ("sojourn_p50", 2.31049060186648),
            ("wait_p90", 6.48636716351771), ("sojourn_p90", 7.67528364331349), ("wait_p95", 8.7968577653842), ("sojourn_p95", 9.98577424517997),
            ("wait_p99", 14.1616508068312), ("sojourn_p99", 15.350567286627), ("wait_p999", 21.8369344501447), ("sojourn_p999", 23.0258509299405),
        ],
    },
    Case {
        name: "B2",
        model: Model::Queue { rate: 8.0, service: 1.0, servers: 10 },
        expected: &[
            ("rho", 0.8), ("p_wait", 0.409180150796444), ("Wq_mean", 0.204590075398222), ("W_mean", 1.20459007539822),
            ("Lq_mean", 1.63672060318577), ("busy_mean", 8.0), ("wait_p50", 0.0), ("sojourn_p50", 0.912144610606978),
            ("wait_p90", 0.704492669786396), ("sojourn_p90", 2.62432003760708), ("wait_p95", 1.05106626006637), ("sojourn_p95", 3.32827467856012),
            ("wait_p99", 1.85578521628342), ("sojourn_p99", 4.94611132761145), ("wait_p999", 3.00707776278044), ("sojourn_p999", 7.25055724298525),
        ],
    },
    Case {
        name: "B3",
        model: Model::Queue { rate: 100.0, service: 0.2, servers: 25 },
        expected: &[
            ("rho", 0.8), ("p_wait", 0.209102826598837), ("Wq_mean", 0.00836411306395346), ("W_mean", 0.208364113063953),
            ("Lq_mean", 0.836411306395346), ("busy_mean", 20.0), ("wait_p50", 0.0), ("sojourn_p50", 0.14830811562758),
            ("wait_p90", 0.0295062375313428), ("sojourn_p90", 0.470707239924871), ("wait_p95", 0.0572321247537406), ("sojourn_p95", 0.60933743577141),
            ("wait_p99", 0.121609641251105), ("sojourn_p99", 0.93122506882524), ("wait_p999", 0.213713044970866), ("sojourn_p999", 1.39174208750508),
        ],
    },
    Case {
        name: "B4",
        model: Model::Queue { rate: 40.0, service: 0.05, servers: 3 },
        expected: &[
            ("rho", 0.666666666666667), ("p_wait", 0.444444444444444), ("Wq_mean", 0.0222222222222222), ("W_mean", 0.0722222222222222),
            ("Lq_mean", 0.888888888888889), ("busy_mean", 2.0), ("wait_p50", 0.0), ("sojourn_p50", 0.0543706443111584),
            ("wait_p90", 0.0745827438388858), ("sojourn_p90", 0.159220244836746), ("wait_p95", 0.109240102866883), ("sojourn_p95", 0.201034408020575),
            ("wait_p99", 0.189711998488588), ("sojourn_p99", 0.294558720830162), ("wait_p999", 0.30484125313829), ("sojourn_p999", 0.423441338462618),
        ],
    },
    // bounded queues
    Case {
        name: "C1",
        model: Model::Bounded { rate: 8.0, service: 1.0, servers: 10, capacity: 15 },
        expected: &[
            ("p_block", 0.0300380336524195), ("throughput", 7.75969573078064), ("L_mean", 8.39155046210205), ("Lq_mean", 0.631854731321403),
            ("busy_mean", 7.75969573078064), ("W_mean_accepted", 1.08142777155746), ("Wq_mean_accepted", 0.0814277715574599), ("p_wait_accepted", 0.317696839447026),
        ],
    },
    Case {
        name: "C2",
        model: Model::Bounded { rate: 30.0, service: 0.1, servers: 3, capacity: 10 },
        expected: &[
            ("p_block", 0.101123595505618), ("throughput", 26.9662921348315), ("L_mean", 5.52808988764045), ("Lq_mean", 2.8314606741573),
            ("busy_mean", 2.69662921348315), ("W_mean_accepted", 0.205), ("Wq_mean_accepted", 0.105), ("p_wait_accepted", 0.7875),
        ],
    },
    Case {
        name: "C3",
        model: Model::Bounded { rate: 1.5, service: 1.0, servers: 1, capacity: 5 },
        expected: &[
            ("p_block", 0.365413533834586), ("throughput", 0.95187969924812), ("L_mean", 3.57744360902256), ("Lq_mean", 2.62556390977444),
            ("busy_mean", 0.95187969924812), ("W_mean_accepted", 3.75829383886256), ("Wq_mean_accepted", 2.75829383886256), ("p_wait_accepted", 0.924170616113744),
        ],
    },
    // one server by the variation of its service
    Case {
        name: "D1",
        model: Model::OneServer { rate: 0.8, service: Times::Constant, mean: 1.0 },
        expected: &[("rho", 0.8), ("p_wait", 0.8), ("Wq_mean", 2.0), ("W_mean", 3.0), ("Lq_mean", 1.6), ("L_mean", 2.4)],
    },
    Case {
        name: "D2",
        model: Model::OneServer { rate: 6.0, service: Times::Gamma(2.0), mean: 0.1 },
        expected: &[("rho", 0.6), ("p_wait", 0.6), ("Wq_mean", 0.1125), ("W_mean", 0.2125), ("Lq_mean", 0.675), ("L_mean", 1.275)],
    },
    Case {
        name: "D3",
        model: Model::OneServer { rate: 0.5, service: Times::Lognormal(1.5), mean: 1.0 },
        expected: &[("rho", 0.5), ("p_wait", 0.5), ("Wq_mean", 1.625), ("W_mean", 2.625), ("Lq_mean", 0.8125), ("L_mean", 1.3125)],
    },
    Case {
        name: "D4",
        model: Model::OneServer { rate: 0.6, service: Times::Uniform, mean: 1.0 },
        expected: &[("rho", 0.6), ("p_wait", 0.6), ("Wq_mean", 1.0), ("W_mean", 2.0), ("Lq_mean", 0.6), ("L_mean", 1.2)],
    },
    // a shared processor
    Case {
        name: "E1",
        model: Model::Shared { rate: 0.6, service: 1.0 },
        expected: &[("sojourn_mean", 2.5), ("L_mean", 1.5), ("p_empty", 0.4), ("conditional_sojourn_per_unit_work", 2.5)],
    },
    Case {
        name: "E2",
        model: Model::Shared { rate: 40.0, service: 0.02 },
        expected: &[("sojourn_mean", 0.1), ("L_mean", 4.0), ("p_empty", 0.2), ("conditional_sojourn_per_unit_work", 5.0)],
    },
    // an instance that never fills
    Case {
        name: "F1",
        model: Model::NeverFull { rate: 0.9, service: 1.991 },
        expected: &[
            ("N_mean", 1.7919), ("N_var", 1.7919), ("p_empty", 0.166643246517007), ("active_fraction", 0.833356753482993),
            ("busy_period_mean", 5.55649249320127), ("busy_periods_per_s", 0.149978921865306),
        ],
    },
    Case {
        name: "F2",
        model: Model::NeverFull { rate: 10.0, service: 0.05 },
        expected: &[
            ("N_mean", 0.5), ("N_var", 0.5), ("p_empty", 0.606530659712633), ("active_fraction", 0.393469340287367),
            ("busy_period_mean", 0.0648721270700128), ("busy_periods_per_s", 6.06530659712633),
        ],
    },
    Case {
        name: "F3",
        model: Model::NeverFull { rate: 0.02, service: 3.0 },
        expected: &[
            ("N_mean", 0.06), ("N_var", 0.06), ("p_empty", 0.941764533584249), ("active_fraction", 0.0582354664157513),
            ("busy_period_mean", 3.09182732726798), ("busy_periods_per_s", 0.018835290671685),
        ],
    },
    Case {
        name: "F4",
        model: Model::NeverFull { rate: 2.0, service: 0.5 },
        expected: &[
            ("N_mean", 1.0), ("N_var", 1.0), ("p_empty", 0.367879441171442), ("active_fraction", 0.632120558828558),
            ("busy_period_mean", 0.859140914229523), ("busy_periods_per_s", 0.735758882342885),
        ],
    },
    // an instance per request, those idle most recently first
    Case {
        name: "G1",
        model: Model::PerRequest { rate: 0.9, service: 2.0, idle: 600.0, max: u64::MAX, min: 0 },
        expected: &[
            ("p_cold", 0.00133135031570538), ("p_rej", 0.0), ("run", 1.8), ("idle", 5.90803441315739),
            ("total", 7.70803441315739), ("life", 6432.92947036883),
        ],
    },
    Case {
        name: "G2",
        model: Model::PerRequest { rate: 1.0, service: 1.0, idle: 10.0, max: u64::MAX, min: 0 },
        expected: &[
            ("p_cold", 0.0773738268956424), ("p_rej", 0.0), ("run", 1.0), ("idle", 2.27807540693283),
            ("total", 3.27807540693283), ("life", 42.366721906545),
        ],
    },
    Case {
        name: "G3",
        model: Model::PerRequest { rate: 5.0, service: 1.0, idle: 5.0, max: 8, min: 0 },
        expected: &[
            ("p_cold", 0.0225217734612295), ("p_rej", 0.070047852209567), ("run", 4.64976073895216), ("idle", 3.01533680420338),
            ("total", 7.66509754315554), ("life", 68.068330021619),
        ],
    },
    Case {
        name: "G4",
        model: Model::PerRequest { rate: 5.0, service: 1.0, idle: 5.0, max: u64::MAX, min: 3 },
        expected: &[
            ("p_cold", 0.0582851469163165), ("p_rej", 0.0), ("run", 5.0), ("idle", 4.08610379294416),
            ("total", 9.08610379294416), ("life", 31.1781106290755),
        ],
    },
    Case {
        name: "G5",
        model: Model::PerRequest { rate: 0.01, service: 2.0, idle: 600.0, max: u64::MAX, min: 0 },
        expected: &[
            ("p_cold", 0.0197619808395074), ("p_rej", 0.0), ("run", 0.02), ("idle", 1.08794005075274),
            ("total", 1.10794005075274), ("life", 5606.42204721597),
        ],
    },
    Case {
        name: "G6",
        model: Model::PerRequest { rate: 0.1, service: 0.5, idle: 60.0, max: 3, min: 0 },
        expected: &[
            ("p_cold", 0.0381202318479389), ("p_rej", 1.98172846356592e-05), ("run", 0.0499990091357682), ("idle", 1.19471443952459),
            ("total", 1.24471344866036), ("life", 326.523053066808),
        ],
    },
    // one instance with an idle limit
    Case {
        name: "H1",
        model: Model::OneInstance { rate: 0.1, warm: 2.0, cold: 5.0, idle: 10.0 },
        expected: &[
            ("p_cold_over_all", 0.280746028002991), ("p_cold_over_accepted", 0.367879441171442), ("p_reject", 0.236853173667414), ("run_mean", 0.236853173667414),
            ("idle_mean", 0.482400798329594), ("total_mean", 0.719253971997009), ("lifespan_mean", 25.6193819415085),
        ],
    },
    Case {
        name: "H2",
        model: Model::OneInstance { rate: 0.002, warm: 1.9, cold: 2.4, idle: 600.0 },
        expected: &[
            ("p_cold_over_all", 0.299964001286345), ("p_cold_over_accepted", 0.301194211912202), ("p_reject", 0.00408444311744007), ("run_mean", 0.00408444311744007),
            ("idle_mean", 0.695951555596215), ("total_mean", 0.700035998713655), ("lifespan_mean", 1166.86668352147),
        ],
    },
    Case {
        name: "H3",
        model: Model::OneInstance { rate: 3.0, warm: 0.2, cold: 1.0, idle: 1.0 },
        expected: &[
            ("p_cold_over_all", 0.0289545727875136), ("p_cold_over_accepted", 0.0497870683678639), ("p_reject", 0.41843185918127), ("run_mean", 0.41843185918127),
            ("idle_mean", 0.552613568031216), ("total_mean", 0.971045427212486), ("lifespan_mean", 11.1789530257001),
        ],
    },
    // requests rounded up
    Case {
        name: "I1",
        model: Model::Rounded { service: Times::Exponential, mean: 0.25, quantum: 0.1 },
        expected: &[("mean_billed_s", 0.303324478171974), ("overhead_ratio", 1.21329791268789)],
    },
    Case {
        name: "I2",
        model: Model::Rounded { service: Times::Exponential, mean: 0.02, quantum: 0.1 },
        expected: &[("mean_billed_s", 0.10067836549063), ("overhead_ratio", 5.03391827453152)],
    },
    Case {
        name: "I3",
        model: Model::Rounded { service: Times::Lognormal(1.0), mean: 0.25, quantum: 0.1 },
        expected: &[("mean_billed_s", 0.299391658285592), ("overhead_ratio", 1.19756663314237)],
    },
    Case {
        name: "I4",
        model: Model::Rounded { service: Times::Uniform, mean: 0.15, quantum: 0.1 },
        expected: &[("mean_billed_s", 0.2), ("overhead_ratio", 1.33333333333333)],
    },
    Case {
        name: "I5",
        model: Model::Rounded { service: Times::Exponential, mean: 40.0, quantum: 1.0 },
        expected: &[("mean_billed_s", 40.5020833116323), ("overhead_ratio", 1.01255208279081)],
    },
    // one server by the variation of its gaps
    Case {
        name: "J1",
        model: Model::Renewal { gaps: Times::Constant, rate: 0.8, service: 1.0 },
        expected: &[
            ("rho", 0.8), ("p_wait", 0.628629796496947), ("W_mean", 2.6927308399199), ("Wq_mean", 1.6927308399199),
            ("L_mean", 2.15418467193592), ("sojourn_p50", 1.86645878969729), ("sojourn_p95", 8.06670068114218), ("sojourn_p99", 12.4004837828898),
        ],
    },
    Case {
        name: "J2",
        model: Model::Renewal { gaps: Times::Gamma(3.0), rate: 0.7, service: 1.0 },
        expected: &[
            ("rho", 0.7), ("p_wait", 0.575862747448592), ("W_mean", 2.35772734883455), ("Wq_mean", 1.35772734883455),
            ("L_mean", 1.65040914418418), ("sojourn_p50", 1.63425206437374), ("sojourn_p95", 7.06311991114454), ("sojourn_p99", 10.8577356935416),
        ],
    },
    Case {
        name: "J3",
        model: Model::Renewal { gaps: Times::Hyperexponential(2.0), rate: 0.6, service: 1.0 },
        expected: &[
            ("rho", 0.6), ("p_wait", 0.774423588078006), ("W_mean", 4.43308762418744), ("Wq_mean", 3.43308762418744),
            ("L_mean", 2.65985257451246), ("sojourn_p50", 3.07278218788071), ("sojourn_p95", 13.2803436672711), ("sojourn_p99", 20.4151229587808),
        ],
    },
    // an instance per request, arrivals in bursts
    Case {
        name: "K1",
        model: Model::Bursts { rates: [1.0, 10.0], stays: [300.0, 30.0], service: 0.5, idle: 60.0, max: 40, min: 0 },
        expected: &[
            ("rate_mean", 1.8181818181818181), ("p_block", 0.0), ("busy_mean", 0.9090909090909188), ("p_cold", 0.014910610060588789),
            ("idle_mean", 4.573003902630717), ("total_mean", 5.482094811721636),
        ],
    },
    Case {
        name: "K2",
        model: Model::Bursts { rates: [100.0, 1000.0], stays: [600.0, 20.0], service: 0.02, idle: 30.0, max: 60, min: 0 },
        expected: &[
            ("rate_mean", 129.03225806451613), ("p_block", 7.109615992366369e-14), ("busy_mean", 2.580645161289639), ("p_cold", 0.0005068469639979464),
            ("idle_mean", 8.975944733955536), ("total_mean", 11.556589895245175),
        ],
    },
    Case {
        name: "K3",
        model: Model::Bursts { rates: [5.0, 25.0], stays: [120.0, 40.0], service: 0.3, idle: 20.0, max: 15, min: 2 },
        expected: &[
            ("rate_mean", 10.0), ("p_block", 0.0034872752549795737), ("busy_mean", 2.9895381742350517), ("p_cold", 0.00732905218600709),
            ("idle_mean", 5.969053031892731), ("total_mean", 8.958591206127782),
        ],
    },
    // one server, arrivals in bursts
    Case {
        name: "L1",
        model: Model::BurstsOneServer { rates: [0.5, 3.0], stays: [20.0, 2.0], service: 0.5 },
        expected: &[
            ("rate_mean", 0.7272727272727273), ("rho", 0.36363636363636365), ("p_empty", 0.6363636363636364), ("L_mean", 1.0243823469195585),
            ("W_mean", 1.408525727014393), ("Wq_mean", 0.9085257270143929),
        ],
    },
    Case {
        name: "L2",
        model: Model::BurstsOneServer { rates: [10.0, 40.0], stays: [60.0, 5.0], service: 0.03 },
        expected: &[
            ("rate_mean", 12.307692307692308), ("rho", 0.36923076923076925), ("p_empty", 0.6307692307692352), ("L_mean", 4.357015326221488),
            ("W_mean", 0.35400749525549585), ("Wq_mean", 0.3240074952554959),
        ],
    },
    // a rate that varies through the day
    Case {
        name: "M1t0",
        model: Model::Varying { mean: 100.0, amplitude: 0.8, period: 86400.0, service: 30.0, at: 0.0 },
        expected: &[
            ("m(t)", 2994.76403716535), ("m_max", 5399.99428844377), ("m_min", 600.005711556232), ("peak_lag_s", 29.9999524036641),
        ],
    },
    Case {
        name: "M1t21600",
        model: Model::Varying { mean: 100.0, amplitude: 0.8, period: 86400.0, service: 30.0, at: 21600.0 },
        expected: &[("m(t)", 5399.98857690113)],
    },
    Case {
        name: "M1t64800",
        model: Model::Varying { mean: 100.0, amplitude: 0.8, period: 86400.0, service: 30.0, at: 64800.0 },
        expected: &[("m(t)", 600.011423098872)],
    },
    Case {
        name: "M2t0",
        model: Model::Varying { mean: 2.0, amplitude: 0.5, period: 600.0, service: 60.0, at: 0.0 },
        expected: &[
            ("m(t)", 92.9713653978967), ("m_max", 170.80398095789), ("m_min", 69.1960190421102), ("peak_lag_s", 53.5698460589034),
        ],
    },
    Case {
        name: "M2t150",
        model: Model::Varying { mean: 2.0, amplitude: 0.5, period: 600.0, service: 60.0, at: 150.0 },
        expected: &[("m(t)", 163.017408019494)],
    },
    Case {
        name: "M2t300",
        model: Model::Varying { mean: 2.0, amplitude: 0.5, period: 600.0, service: 60.0, at: 300.0 },
        expected: &[("m(t)", 147.028634602103)],
    },
    // arrivals that bring others
    Case {
        name: "N1",
        model: Model::Hawkes { base: 0.5, jump: 0.8, decay: 1.0 },
        expected: &[("rate_mean", 2.5), ("fano_asymptotic", 25.0), ("branching_ratio", 0.8), ("cluster_size_mean", 5.0)],
    },
    Case {
        name: "N2",
        model: Model::Hawkes { base: 10.0, jump: 1.0, decay: 2.0 },
        expected: &[("rate_mean", 20.0), ("fano_asymptotic", 4.0), ("branching_ratio", 0.5), ("cluster_size_mean", 2.0)],
    },
    // servers that are enough
    Case {
        name: "P1",
        model: Model::Servers { rate: 10.0, service: 1.0, goal: Goal::Blocked(0.01) },
        expected: &[("min_servers", 18.0)],
    },
    Case {
        name: "P2",
        model: Model::Servers { rate: 100.0, service: 0.2, goal: Goal::Waiting(0.05) },
        expected: &[("min_servers", 29.0)],
    },
    Case {
        name: "P3",
        model: Model::Servers { rate: 100.0, service: 0.2, goal: Goal::WaitingBeyond { seconds: 0.1, share: 0.01 } },
        expected: &[("min_servers", 26.0)],
    },
    Case {
        name: "P4",
        model: Model::Servers { rate: 50.0, service: 0.1, goal: Goal::SojournWithin { seconds: 0.35, share: 0.95 } },
        expected: &[("min_servers", 7.0)],
    },
    Case {
        name: "P5",
        model: Model::Servers { rate: 500.0, service: 0.08, goal: Goal::SojournWithin { seconds: 0.4, share: 0.99 } },
        expected: &[("min_servers", 43.0)],
    },
    Case {
        name: "P6",
        model: Model::Servers { rate: 1000.0, service: 0.05, goal: Goal::Blocked(0.001) },
        expected: &[("min_servers", 71.0)],
    },
];
