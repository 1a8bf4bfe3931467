//! The map of differing paths: a strip per part of the state, a tick per frame that differs.

use rollscope::frame::Frame;
use rollscope::timeline::PathStrip;

use super::picture::{Align, Area, Ink, Picture};

/// Width of the names in CSS pixels.
const GUTTER: f64 = 128.0;
/// Height of a strip.
const STRIP: f64 = 15.0;

/// The map; `frames` are those known on both sides, `at` is the selected one.
#[must_use]
pub fn map(
    frames: &[(Frame, Option<bool>)],
    strips: &[PathStrip],
    at: Option<Frame>,
    (width, height): (f64, f64),
) -> Picture {
    let mut picture = Picture::default();
    let Some(scale) = Scale::of(frames, width) else { return picture };
    let wide = (scale.pitch - 1.0).clamp(1.0, 3.0);
    for (place, strip) in strips.iter().enumerate() {
        let y = place as f64 * STRIP;
        picture.text((0.0, y + 7.0), cut(&strip.path), Ink::Ink2, Align::Left);
        let mut differing = strip.frames.iter().peekable();
        let mut last_x = -1.0;
        for (frame, known) in frames {
            let x = scale.x(*frame);
            while differing.next_if(|next| *next < frame).is_some() {}
            let differs = differing.peek() == Some(&frame);
            // Of frames that share a pixel one that differs is never hidden by one that does not.
            if !differs && x - last_x < 1.0 {
                continue;
            }
            last_x = x;
            match (differs, known) {
                (true, _) => picture.rect(Area::new(x, y + 1.0, wide, 12.0), Ink::Mismatch),
                (false, None) => picture.rect(Area::new(x, y + 5.0, wide, 4.0), Ink::Unchecked),
                (false, _) => picture.rect(Area::new(x, y + 5.0, wide, 4.0), Ink::Line),
            }
        }
    }
    let bottom = strips.len() as f64 * STRIP;
    if let Some(at) = at.filter(|at| *at >= scale.first && *at <= scale.last) {
        picture.rect(Area::new(scale.x(at), 0.0, 1.5, bottom), Ink::Accent);
    }
    for frame in scale.labels() {
        let x = scale.x(frame).min(width - 12.0).max(GUTTER + 8.0);
        picture.text(
            (x, (bottom + 8.0).min(height - 5.0)),
            frame.to_string(),
            Ink::Ink3,
            Align::Centre,
        );
    }
    picture
}

/// The known frame nearest to a place of the map; `None` in the gutter.
#[must_use]
pub fn frame_at(frames: &[(Frame, Option<bool>)], x: f64, width: f64) -> Option<Frame> {
    let scale = Scale::of(frames, width).filter(|_| x >= GUTTER)?;
    let away = |frame: &Frame| (scale.x(*frame) - x).abs();
    let frames = frames.iter().map(|(frame, _)| *frame);
    frames.min_by(|a, b| away(a).total_cmp(&away(b)))
}

struct Scale {
    first: Frame,
    last: Frame,
    pitch: f64,
    per_frame: f64,
}

impl Scale {
    fn of(frames: &[(Frame, Option<bool>)], width: f64) -> Option<Self> {
        let ((first, _), (last, _)) = frames.first().zip(frames.last())?;
        let room = (width - GUTTER - 6.0).max(1.0);
        let span = f64::from(last.0.saturating_sub(first.0).max(1));
        Some(Self {
            first: *first,
            last: *last,
            pitch: room / frames.len() as f64,
            per_frame: room / span,
        })
    }

    fn x(&self, frame: Frame) -> f64 {
        GUTTER + f64::from(frame.0.saturating_sub(self.first.0)) * self.per_frame
    }

    /// Round frames, at most about eight.
    fn labels(&self) -> impl Iterator<Item = Frame> {
        let span = self.last.0.saturating_sub(self.first.0);
        let step = [5_u32, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000]
            .into_iter()
            .find(|step| span / step <= 8)
            .unwrap_or(100_000);
        let from = self.first.0.div_ceil(step) * step;
        (from..=self.last.0).step_by(step as usize).map(Frame)
    }
}

fn cut(path: &str) -> String {
    const LETTERS: usize = 20;
    if path.chars().count() <= LETTERS {
        return path.to_owned();
    }
    let tail: String = path.chars().rev().take(LETTERS - 1).collect();
    format!("…{}", tail.chars().rev().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::super::picture::Shape;
    use super::*;

    #[test]
    fn a_difference_is_drawn_however_many_frames_share_its_pixel() {
        let frames: Vec<_> = (0..5000).map(|n| (Frame(n), Some(n == 2501))).collect();
        let strips = [PathStrip { path: "ball".to_owned(), frames: vec![Frame(2501)] }];
        let picture = map(&frames, &strips, None, (600.0, 60.0));
        let red = picture.shapes.iter().filter(|s| matches!(s, Shape::Rect(_, Ink::Mismatch)));
        assert_eq!(red.count(), 1);
        assert!(picture.shapes.len() < 700);
    }

    #[test]
    fn a_click_finds_the_nearest_known_frame() {
        let frames = [(Frame(0), Some(false)), (Frame(100), Some(true))];
        assert_eq!(frame_at(&frames, 130.0, 600.0), Some(Frame(0)));
        assert_eq!(frame_at(&frames, 580.0, 600.0), Some(Frame(100)));
        assert_eq!(frame_at(&frames, 20.0, 600.0), None);
        assert_eq!(frame_at(&[], 200.0, 600.0), None);
    }
}
