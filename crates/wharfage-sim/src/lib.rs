//! wharfage's simulator: demand in, usage and waiting times out, never a price.
//!
//! Every request of a run is simulated: when it arrives, which instance takes it or is started for it, how long it waits, and
//! when that instance stops. What comes out is what a platform would meter, to the nanosecond, and how long requests took.
//!
//! ```
//! use wharfage_sim::{Arrivals, Law, Meter, Nanos, Policy, Rate, Routing, Scenario, Service, StartUp, simulate};
//!
//! let second = Nanos::from_secs(1);
//! let outcome = simulate(
//!     &Scenario {
//!         arrivals: Arrivals::Constant(Rate::new(1, Nanos::from_secs(20))),
//!         service: Service::Law(Law::Constant(second)),
//!         cpu: None,
//!         start_up: StartUp::Before(Law::Constant(Nanos::from_secs(2))),
//!         policy: Policy::ScaleToZero {
//!             idle_after: Law::Constant(Nanos::from_secs(10)),
//!             min_instances: 0,
//!             max_instances: 100,
//!         },
//!         pre_started: 0,
//!         nodes: None,
//!         concurrency: 1,
//!         routing: Routing::MostRecent,
//!         queue: 0,
//!         max_queue: 1_000,
//!         horizon: Some(Nanos::from_secs(100)),
//!         warm_up: Nanos(0),
//!         meter: Meter::Requests { quantum: Nanos::from_micros(100_000) },
//!         sample_every: None,
//!         seed: 1,
//!     },
//!     0,
//! )
//! .unwrap();
//! // Every 20 s a request, and instances are held for 10: each is cold, and takes 2 s + 1 s.
//! assert_eq!((outcome.requests, outcome.cold_starts), (5, 5));
//! assert_eq!(outcome.latency.max_ns, 3_000_000_000);
//! assert_eq!(outcome.ledger.idle_ns, 50_000_000_000);
//! ```
//!
//! # Units
//! Whole nanoseconds in 64 bits; sums in 128.
//! # Invariants
//! The same scenario gives the same outcome on every machine: floating point is used in drawing samples only, and only with
//! operations that are the same everywhere. `starting + busy + idle = held` to the nanosecond.
//! # Not modelled
//! Networks and load balancers; nodes of several sizes, and moving instances between nodes; failures.

#![forbid(unsafe_code)]

mod arrivals;
mod assumption;
pub mod autoscaler;
mod empirical;
mod engine;
mod law;
mod nodes;
mod outcome;
pub mod queueing;
mod random;
mod replicate;
mod scenario;
mod time;
mod trace;
mod watch;

pub use arrivals::{Arrivals, Rate, Source, Step};
pub use assumption::Assumption;
pub use empirical::Empirical;
pub use engine::{MOST_INSTANCES, Stop, simulate, simulate_plainly};
pub use law::Law;
pub use nodes::{NODE_PRESETS, NodePreset, Nodes};
pub use outcome::{Ledger, MOST_EXACT, Outcome, Sample, Spread};
pub use random::{Purpose, Stream};
pub use replicate::{Figures, Study, replicate};
pub use scenario::{Cpu, Meter, Policy, Routing, Scenario, Service, StartUp, UNBOUNDED};
pub use time::Nanos;
pub use trace::{Durations, Expression, Format, Input, KEPT, Misfit, Misread, Trace, TraceFault, Wrong};
pub use watch::Watch;
