//! Units of the axis to pixels and back, columns per view model request, and where axis labels
//! stand. A unit is a frame on the frame axis and the length of one on the time axis.

use rollscope::fixed::Fixed;
use rollscope::timeline::{Axis, LaneQuery};

use crate::range::Range;

/// Where the units of a range stand between two x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// First visible unit.
    pub first: f64,
    /// Width of one unit in CSS pixels.
    pub px_per_unit: f64,
    /// Left edge of the plot.
    pub left: f64,
    /// Right edge of the plot.
    pub right: f64,
}

/// How much of a frame can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zoom {
    /// 8 px a frame and more: gaps, dots, arcs with numbers.
    Near,
    /// 3 to 8 px: small holes, arcs.
    Middle,
    /// Below 3 px: worst state of each bucket, fins.
    Far,
}

impl Scale {
    /// The scale that fits `range` between two x.
    #[must_use]
    pub fn new(range: Range, left: f64, right: f64) -> Self {
        let width = (right - left).max(1.0);
        Self { first: range.first, px_per_unit: width / range.frames.max(1.0), left, right }
    }

    /// The x of a place in units.
    #[must_use]
    pub fn x_from_unit(self, unit: f64) -> f64 {
        self.left + (unit - self.first) * self.px_per_unit
    }

    /// The place at `x`, in units with fraction.
    #[must_use]
    pub fn unit_from_x(self, x: f64) -> f64 {
        self.first + (x - self.left) / self.px_per_unit
    }

    /// How much of a frame can be seen.
    #[must_use]
    pub fn zoom(self) -> Zoom {
        if self.px_per_unit >= 8.0 {
            Zoom::Near
        } else if self.px_per_unit >= 3.0 {
            Zoom::Middle
        } else {
            Zoom::Far
        }
    }

    /// The columns to ask for: one unit each from 1 px a unit on, else at least 1 px wide.
    /// Buckets start at multiples of their size, so that panning does not change their content.
    #[must_use]
    pub fn query(self, axis: Axis) -> LaneQuery {
        let units_per_column = (1.0 / self.px_per_unit).ceil().max(1.0) as u32;
        let first = self.first.max(0.0) as u32 / units_per_column * units_per_column;
        let end = self.unit_from_x(self.right).ceil().max(0.0) as u32;
        let columns = end.saturating_sub(first).div_ceil(units_per_column) as usize + 1;
        LaneQuery { axis, first, units_per_column, columns }
    }

    /// Units that get a label on the axis with its text, at least 52 px apart and on round numbers:
    /// frames, or seconds since the first step.
    #[must_use]
    pub fn ticks(self, axis: Axis, tick_micros: u64) -> Vec<(f64, String)> {
        let micros_per_unit = tick_micros.max(1) as f64;
        // On the time axis ticks are counted in milliseconds.
        let per_unit = if axis == Axis::Time { micros_per_unit / 1000.0 } else { 1.0 };
        let step = tick_step(52.0 / self.px_per_unit * per_unit);
        let from = (self.first.max(0.0) * per_unit / f64::from(step)).ceil() as u64;
        let to = self.unit_from_x(self.right) * per_unit;
        let label = |value: u64| match axis {
            Axis::Frame => value.to_string(),
            Axis::Time => seconds(value, step),
        };
        (from..)
            .map(|place| place * u64::from(step))
            .take_while(|value| *value as f64 <= to)
            .map(|value| (value as f64 / per_unit, label(value)))
            .collect()
    }
}

/// Milliseconds as seconds or minutes, as finely as the step between two labels asks.
fn seconds(millis: u64, step_millis: u32) -> String {
    let (minutes, rest) = (millis / 60_000, millis % 60_000);
    let digits = match step_millis {
        1000.. => 0,
        100.. => 1,
        10.. => 2,
        _ => 3,
    };
    let seconds = Fixed(rest as f64 / 1000.0);
    if minutes == 0 {
        return format!("{seconds:.digits$} s");
    }
    let zero = if rest < 10_000 { "0" } else { "" };
    format!("{minutes}:{zero}{seconds:.digits$}")
}

/// Smallest of 1, 2, 5, 10, 20, 50, … that is not below `least`.
#[must_use]
pub fn tick_step(least: f64) -> u32 {
    let mut decade = 1_u32;
    while decade < 100_000_000 {
        for digit in [1, 2, 5] {
            if f64::from(decade * digit) >= least {
                return decade * digit;
            }
        }
        decade *= 10;
    }
    decade
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(first: f64, frames: f64) -> Scale {
        Scale::new(Range { first, frames }, 100.0, 900.0)
    }

    #[test]
    fn units_and_pixels_are_inverse() {
        let scale = scale(40.0, 100.0);
        assert_eq!(scale.x_from_unit(40.0), 100.0);
        assert_eq!(scale.x_from_unit(140.0), 900.0);
        assert_eq!(scale.unit_from_x(scale.x_from_unit(77.0)), 77.0);
    }

    #[test]
    fn zoom_has_three_steps() {
        assert_eq!(scale(0.0, 100.0).zoom(), Zoom::Near);
        assert_eq!(scale(0.0, 200.0).zoom(), Zoom::Middle);
        assert_eq!(scale(0.0, 800.0).zoom(), Zoom::Far);
    }

    #[test]
    fn buckets_stand_on_multiples_and_cover_the_range() {
        let query = scale(1001.0, 8000.0).query(Axis::Frame);
        assert_eq!(query.units_per_column, 10);
        assert_eq!(query.first, 1000);
        assert!(1000 + query.columns * 10 >= 9001);
        assert_eq!(scale(12.5, 100.0).query(Axis::Frame).first, 12);
    }

    #[test]
    fn ticks_are_round_and_apart() {
        let texts = |ticks: Vec<(f64, String)>| -> Vec<String> {
            ticks.into_iter().take(3).map(|(_, text)| text).collect()
        };
        assert_eq!(texts(scale(0.0, 800.0).ticks(Axis::Frame, 0)), ["0", "100", "200"]);
        assert_eq!(tick_step(4.1), 5);
        assert_eq!(tick_step(0.1), 1);
        let time = scale(0.0, 600.0).ticks(Axis::Time, 20_000);
        assert_eq!(time.get(1), Some(&(50.0, "1 s".to_owned())));
        assert_eq!(texts(scale(3000.0, 60.0).ticks(Axis::Time, 20_000))[1], "1:00.1");
    }
}
