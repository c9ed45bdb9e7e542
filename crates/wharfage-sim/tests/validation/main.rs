//! The closed forms and the simulator against reference values, model by model.

mod cases;
mod closed_forms;
#[path = "../common/mod.rs"]
mod common;
mod simulated;
