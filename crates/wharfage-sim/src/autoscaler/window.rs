//! Means over the last readings.

use std::collections::VecDeque;

/// The last few readings, the newest last.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Window {
    values: VecDeque<f64>,
}

impl Window {
    /// Adds a reading, and forgets those before the last `most`.
    pub fn add(&mut self, value: f64, most: usize) {
        self.values.push_back(value);
        while self.values.len() > most {
            self.values.pop_front();
        }
    }

    /// The mean of the last `n` readings, or of as many as there are.
    pub fn mean(&self, n: usize) -> f64 {
        let taken = n.min(self.values.len()).max(1);
        self.values.iter().rev().take(taken).sum::<f64>() / taken as f64
    }
}
