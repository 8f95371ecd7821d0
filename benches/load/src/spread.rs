//! The median of some numbers, with the least and the largest.

use std::fmt;

/// Of each round one number.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    pub low: f64,
    pub median: f64,
    pub high: f64,
}

impl Spread {
    /// Of nothing it is NaN, which meets no goal.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (Some(&low), Some(&high)) = (values.first(), values.last()) else {
            return Self { low: f64::NAN, median: f64::NAN, high: f64::NAN };
        };
        Self { low, median: (values[(values.len() - 1) / 2] + values[values.len() / 2]) / 2.0, high }
    }
}

/// The median of the numbers alone.
pub fn median(values: &[f64]) -> f64 {
    Spread::of(values.iter().copied()).median
}

/// A spread of seconds.
pub struct Time(pub Spread);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Spread { low, median, high } = self.0;
        if median.is_nan() {
            return f.write_str("-");
        }
        let (unit, scale) = if median < 1e-3 {
            ("µs", 1e6)
        } else if median < 1.0 {
            ("ms", 1e3)
        } else {
            ("s", 1.0)
        };
        let [low, median, high] = [low, median, high].map(|value| digits(value * scale));
        write!(f, "{median} {unit} ({low} to {high})")
    }
}

/// A spread of ratios.
pub struct Ratio(pub Spread);

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Spread { low, median, high } = self.0;
        if median.is_nan() {
            return f.write_str("-");
        }
        write!(f, "{} ({} to {})", digits(median), digits(low), digits(high))
    }
}

/// Three digits that count.
pub fn digits(value: f64) -> String {
    let magnitude = if value == 0.0 { 0.0 } else { value.abs().log10().floor() };
    format!("{value:.*}", (2.0 - magnitude).clamp(0.0, 5.0) as usize)
}

/// Bytes as MB.
pub fn megabytes(bytes: f64) -> String {
    format!("{} MB", digits(bytes / 1e6))
}
