//! Benchmarks of wharfage: see `benches/pricing.rs`.
