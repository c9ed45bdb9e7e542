//! Kinds of runs, so that a run does not pay for what it has not.

/// What a run makes use of: an engine is compiled for each kind, and what a kind has not costs it nothing.
pub trait Kind: std::fmt::Debug {
    /// do instances serve several requests at once
    const SHARED: bool;
    /// is there an autoscaler
    const SCALED: bool;
    /// are there processors to share, or nodes
    const MORE: bool;
}

/// Neither processors nor nodes.
#[derive(Debug)]
pub struct Plain<const SHARED: bool, const SCALED: bool>;

impl<const SHARED: bool, const SCALED: bool> Kind for Plain<SHARED, SCALED> {
    const SHARED: bool = SHARED;
    const SCALED: bool = SCALED;
    const MORE: bool = false;
}

/// Everything there is.
#[derive(Debug)]
pub struct Any;

impl Kind for Any {
    const SHARED: bool = true;
    const SCALED: bool = true;
    const MORE: bool = true;
}
