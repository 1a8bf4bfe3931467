//! Frames to pixels and back, columns per view model request, and where axis labels stand.

use rollscope::frame::Frame;

use crate::range::Range;

/// Where the frames of a range stand between two x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// First visible frame.
    pub first: f64,
    /// Width of one frame in CSS pixels.
    pub px_per_frame: f64,
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

/// The part of the timeline to ask the analysis for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns {
    /// Frame of the first column.
    pub first: Frame,
    /// Frames in one column.
    pub frames_per_column: u32,
    /// Number of columns.
    pub columns: usize,
}

impl Scale {
    /// The scale that fits `range` between two x.
    #[must_use]
    pub fn new(range: Range, left: f64, right: f64) -> Self {
        let width = (right - left).max(1.0);
        Self { first: range.first, px_per_frame: width / range.frames.max(1.0), left, right }
    }

    /// Left edge of a frame.
    #[must_use]
    pub fn x_from_frame(self, frame: f64) -> f64 {
        self.left + (frame - self.first) * self.px_per_frame
    }

    /// Middle of a frame.
    #[must_use]
    pub fn centre_of(self, frame: Frame) -> f64 {
        self.x_from_frame(f64::from(frame.0) + 0.5)
    }

    /// The place on the frame axis at `x`, in frames with fraction.
    #[must_use]
    pub fn frame_from_x(self, x: f64) -> f64 {
        self.first + (x - self.left) / self.px_per_frame
    }

    /// How much of a frame can be seen.
    #[must_use]
    pub fn zoom(self) -> Zoom {
        if self.px_per_frame >= 8.0 {
            Zoom::Near
        } else if self.px_per_frame >= 3.0 {
            Zoom::Middle
        } else {
            Zoom::Far
        }
    }

    /// The columns to ask for: one frame each from 1 px a frame on, else at least 1 px wide.
    /// Buckets start at multiples of their size, so that panning does not change their content.
    #[must_use]
    pub fn columns(self) -> Columns {
        let frames_per_column = (1.0 / self.px_per_frame).ceil().max(1.0) as u32;
        let first = self.first.max(0.0) as u32 / frames_per_column * frames_per_column;
        let end = self.frame_from_x(self.right).ceil().max(0.0) as u32;
        let columns = end.saturating_sub(first).div_ceil(frames_per_column) as usize + 1;
        Columns { first: Frame(first), frames_per_column, columns }
    }

    /// Frames that get a label on the axis, at least 52 px apart and on round numbers.
    #[must_use]
    pub fn ticks(self) -> Vec<u32> {
        let step = tick_step(52.0 / self.px_per_frame);
        let from = (self.first.max(0.0) as u32).div_ceil(step) * step;
        let to = self.frame_from_x(self.right);
        (from..).step_by(step as usize).take_while(|frame| f64::from(*frame) <= to).collect()
    }
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
    fn frames_and_pixels_are_inverse() {
        let scale = scale(40.0, 100.0);
        assert_eq!(scale.x_from_frame(40.0), 100.0);
        assert_eq!(scale.x_from_frame(140.0), 900.0);
        assert_eq!(scale.frame_from_x(scale.x_from_frame(77.0)), 77.0);
        assert_eq!(scale.centre_of(Frame(40)), 104.0);
    }

    #[test]
    fn zoom_has_three_steps() {
        assert_eq!(scale(0.0, 100.0).zoom(), Zoom::Near);
        assert_eq!(scale(0.0, 200.0).zoom(), Zoom::Middle);
        assert_eq!(scale(0.0, 800.0).zoom(), Zoom::Far);
    }

    #[test]
    fn buckets_stand_on_multiples_and_cover_the_range() {
        let columns = scale(1001.0, 8000.0).columns();
        assert_eq!(columns.frames_per_column, 10);
        assert_eq!(columns.first, Frame(1000));
        assert!(1000 + columns.columns * 10 >= 9001);
        assert_eq!(scale(12.5, 100.0).columns().first, Frame(12));
    }

    #[test]
    fn ticks_are_round_and_apart() {
        assert_eq!(scale(0.0, 800.0).ticks().get(..3), Some(&[0, 100, 200][..]));
        assert_eq!(tick_step(4.1), 5);
        assert_eq!(tick_step(0.1), 1);
    }
}
