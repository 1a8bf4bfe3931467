//! The visible range of the axis, shared by minimap and timeline: pure arithmetic, no pixels kept.
//! Places are in units: frames on the frame axis, lengths of a frame on the time axis.

/// Fewest frames that zooming in leaves visible.
const FEWEST_FRAMES: f64 = 12.0;

/// Part of the episode that is on screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// First visible frame; a fraction while panning.
    pub first: f64,
    /// Number of visible frames, above 0.
    pub frames: f64,
}

impl Default for Range {
    fn default() -> Self {
        Self::whole(0)
    }
}

impl Range {
    /// The whole episode of `total` frames; a little room while it is short.
    #[must_use]
    pub fn whole(total: u32) -> Self {
        Self { first: 0.0, frames: f64::from(total).max(60.0) }
    }

    /// Frame after the last visible one.
    #[must_use]
    pub fn end(self) -> f64 {
        self.first + self.frames
    }

    /// Zoomed by `factor` (below 1 shows fewer frames) so that frame `around` keeps its place.
    #[must_use]
    pub fn zoomed(self, around: f64, factor: f64, total: u32) -> Self {
        let most = Self::whole(total).frames;
        let frames = (self.frames * factor).min(most).max(FEWEST_FRAMES);
        let share = (around - self.first) / self.frames;
        Self { first: around - share * frames, frames }.kept_inside(total)
    }

    /// Moved later by `frames`, which may be negative.
    #[must_use]
    pub fn panned(self, frames: f64, total: u32) -> Self {
        Self { first: self.first + frames, ..self }.kept_inside(total)
    }

    /// Moved as little as needed to show the place `frame` with a margin of a tenth.
    #[must_use]
    pub fn showing(self, frame: f64, total: u32) -> Self {
        let margin = self.frames / 10.0;
        let first = if frame < self.first + margin {
            frame - margin
        } else if frame > self.end() - margin {
            frame + margin - self.frames
        } else {
            return self;
        };
        Self { first, ..self }.kept_inside(total)
    }

    /// Centred on `frame`, showing at most `frames` frames.
    #[must_use]
    pub fn around(self, frame: f64, frames: f64, total: u32) -> Self {
        let frames = self.frames.min(frames).max(FEWEST_FRAMES);
        Self { first: frame - frames / 2.0, frames }.kept_inside(total)
    }

    /// With the newest frame at the right edge.
    #[must_use]
    pub fn following(self, total: u32) -> Self {
        Self { first: f64::from(total) - self.frames, ..self }.kept_inside(total)
    }

    /// From frame `from` to frame `to`, in whichever order the brush drew them.
    #[must_use]
    pub fn between(from: f64, to: f64, total: u32) -> Self {
        let frames = (to - from).abs().max(FEWEST_FRAMES);
        Self { first: from.min(to), frames }.kept_inside(total)
    }

    fn kept_inside(self, total: u32) -> Self {
        let last = (f64::from(total) - self.frames).max(0.0);
        Self { first: self.first.min(last).max(0.0), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zoom_keeps_the_frame_under_the_pointer() {
        let range = Range { first: 100.0, frames: 200.0 };
        let zoomed = range.zoomed(150.0, 0.5, 1000);
        assert_eq!(zoomed, Range { first: 125.0, frames: 100.0 });
    }

    #[test]
    fn range_stays_inside_the_episode() {
        let range = Range { first: 0.0, frames: 100.0 };
        assert_eq!(range.panned(-50.0, 1000).first, 0.0);
        assert_eq!(range.panned(5000.0, 1000).first, 900.0);
        assert_eq!(range.zoomed(0.0, 100.0, 1000), Range::whole(1000));
        assert_eq!(Range::whole(7).frames, 60.0);
    }

    #[test]
    fn showing_moves_only_when_needed() {
        let range = Range { first: 100.0, frames: 100.0 };
        assert_eq!(range.showing(150.5, 1000), range);
        assert!(range.showing(300.5, 1000).end() > 300.0);
        assert!(range.showing(20.5, 1000).first < 20.0);
    }

    #[test]
    fn brush_may_be_drawn_backwards() {
        assert_eq!(Range::between(300.0, 200.0, 1000), Range::between(200.0, 300.0, 1000));
    }
}
