//! `Times`: what one contender took, round by round, and what can be said of two of them.

use std::time::{Duration, Instant};

#[derive(Debug, Default)]
pub(crate) struct Times {
    milliseconds: Vec<f64>,
}

/// A ratio of means and its standard error: how far another run of the same length may well lie from this one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ratio {
    pub(crate) value: f64,
    pub(crate) error: f64,
}

impl Times {
    /// Adds what `work` takes.
    pub(crate) fn measure<T>(&mut self, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
        let begun = Instant::now();
        let result = work()?;
        self.add(begun.elapsed());
        Ok(result)
    }

    fn add(&mut self, time: Duration) {
        self.milliseconds.push(time.as_secs_f64() * 1_000.0);
    }

    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.milliseconds.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        match sorted.get(middle) {
            None => f64::NAN,
            Some(upper) if sorted.len() % 2 == 1 => *upper,
            Some(upper) => f64::midpoint(sorted[middle - 1], *upper),
        }
    }

    pub(crate) fn least(&self) -> f64 {
        self.milliseconds.iter().copied().fold(f64::NAN, f64::min)
    }

    pub(crate) fn mean(&self) -> f64 {
        self.milliseconds.iter().sum::<f64>() / self.count()
    }

    /// The mean's own relative error; unknown for a single round.
    fn relative_error(&self) -> f64 {
        let mean = self.mean();
        let squares: f64 = self.milliseconds.iter().map(|time| (time - mean).powi(2)).sum();
        (squares / (self.count() - 1.0) / self.count()).sqrt() / mean
    }

    pub(crate) fn over(&self, other: &Self) -> Ratio {
        let value = self.mean() / other.mean();
        // The rounds of both are independent: relative errors add as squares.
        Ratio { value, error: value * self.relative_error().hypot(other.relative_error()) }
    }

    fn count(&self) -> f64 {
        self.milliseconds.iter().map(|_| 1.0).sum()
    }
}
