//! The coverage map: per hashable frame what is known of it and who reported it, the contiguous prefix
//! and the high-water mark.

use rollscope::frame::Frame;
use rollscope::timeline::CoverageView;
use rollscope::verify::FrameCoverage;

use super::marks;
use super::picture::{Align, Area, Dash, Ink, Pen, Picture, Shape};

/// Width of the names in CSS pixels.
pub const GUTTER: f64 = 78.0;

/// Upper edge and height of the rows: compared, one per peer, invalidated, prefix.
const COMPARED: (f64, f64) = (0.0, 18.0);
const PEER: f64 = 16.0;

/// Height of the whole map in CSS pixels, by the number of peers.
#[must_use]
pub fn height(peers: usize) -> f64 {
    COMPARED.1 + 4.0 + PEER * (peers as f64 + 2.0) + 14.0
}

/// The map.
#[must_use]
pub fn map(view: &CoverageView, at: Option<Frame>, (width, height): (f64, f64)) -> Picture {
    let mut picture = Picture::default();
    let Some(scale) = Scale::of(view, width) else { return picture };
    picture.text((0.0, 10.0), "compared", Ink::Ink2, Align::Left);
    compared(&mut picture, view, &scale);
    let mut y = COMPARED.1 + 4.0;
    // Where height is scarce the frames that were compared and how far stay.
    if height >= self::height(view.peers.len()) {
        y = evidence(&mut picture, view, &scale, y);
    }
    picture.text((0.0, y + 7.0), "prefix", Ink::Ink2, Align::Left);
    prefix(&mut picture, view, &scale, y + 4.0);
    y += PEER;
    if let Some(at) = at {
        picture.rect(Area::new(scale.x(at), 0.0, 1.5, y), Ink::Accent);
    }
    for frame in scale.labels() {
        let x = scale.x(frame).min(scale.right - 10.0).max(scale.left + 4.0);
        picture.text((x, y + 7.0), frame.to_string(), Ink::Ink3, Align::Centre);
    }
    picture
}

/// Who reported hashes, and which of these belong to states that were rolled back; gives the next row's edge.
fn evidence(picture: &mut Picture, view: &CoverageView, scale: &Scale, mut y: f64) -> f64 {
    let name = |picture: &mut Picture, y: f64, text: String| {
        picture.text((0.0, y), text, Ink::Ink2, Align::Left);
    };
    for (peer, hashed) in &view.peers {
        name(picture, y + 7.0, format!("{peer} hashed"));
        let cells = hashed.iter().zip(&view.cells);
        runs(cells.map(|(is_hashed, (frame, _))| (*frame, *is_hashed)), scale, |x, wide, known| {
            let area = Area::new(x, y + 3.0, wide, 8.0);
            if known {
                picture.rect(area, Ink::Resim);
            } else {
                hollow(picture, area);
            }
        });
        y += PEER;
    }
    name(picture, y + 7.0, "invalidated".to_owned());
    picture.rect(Area::new(scale.left, y + 6.0, scale.right - scale.left, 2.0), Ink::Track);
    for (frame, _) in view.cells.iter().filter(|(_, c)| *c == FrameCoverage::Invalidated) {
        let x = scale.x(*frame);
        let slash = vec![(x, y + 12.0), (x + 4.0, y + 1.0)];
        picture.push(Shape::Line(slash, Pen { ink: Ink::Ink, width: 1.5, dash: Dash::Solid }));
    }
    y + PEER
}

/// The hashable frame nearest to a place of the map; `None` in the gutter.
#[must_use]
pub fn frame_at(view: &CoverageView, x: f64, width: f64) -> Option<Frame> {
    let scale = Scale::of(view, width).filter(|scale| x >= scale.left)?;
    let away = |frame: &Frame| (scale.x(*frame) - x).abs();
    view.cells.iter().map(|(frame, _)| *frame).min_by(|a, b| away(a).total_cmp(&away(b)))
}

fn compared(picture: &mut Picture, view: &CoverageView, scale: &Scale) {
    let (top, tall) = COMPARED;
    let low = |x: f64, wide: f64| Area::new(x, top + tall * 0.35, wide, tall * 0.65);
    runs(view.cells.iter().copied(), scale, |x, wide, state| match state {
        FrameCoverage::Mismatched => picture.rect(Area::new(x, top, wide, tall), Ink::Mismatch),
        FrameCoverage::Matched | FrameCoverage::Invalidated => {
            let area = low(x, wide);
            picture.rect(area, Ink::Verified);
            picture.rect(Area::new(x, (area.y + area.h / 2.0).round(), wide, 1.0), Ink::Bg);
        }
        FrameCoverage::Hashed | FrameCoverage::Never => hollow(picture, low(x, wide)),
    });
    let first = view.cells.iter().find(|(_, state)| *state == FrameCoverage::Mismatched);
    if let Some((frame, _)) = first {
        let x = scale.x(*frame).min(scale.right - 7.0).max(scale.left + 7.0);
        marks::diamond(picture, (x, top + tall / 2.0), 7.0);
    }
}

fn prefix(picture: &mut Picture, view: &CoverageView, scale: &Scale, y: f64) {
    picture.rect(Area::new(scale.left, y, scale.right - scale.left, 5.0), Ink::Track);
    let mut label_end = 0.0;
    if let Some(through) = view.sums.contiguous_through {
        let end = scale.x(through) + scale.wide;
        picture.rect(Area::new(scale.left, y, end - scale.left, 5.0), Ink::Verified);
        picture.rect(Area::new(end, y - 3.0, 1.5, 11.0), Ink::Ink);
        let text = format!("agreed to {through}");
        let room = 6.0 * text.len() as f64;
        if end + room < scale.right {
            picture.rect(Area::new(end + 3.0, y - 3.0, room, 12.0), Ink::Bg);
            picture.text((end + 6.0, y + 3.0), text, Ink::Ink2, Align::Left);
            label_end = end + room + 8.0;
        }
    }
    if let Some(seen) = view.sums.seen_through {
        let x = (scale.x(seen) + scale.wide).min(scale.right - 1.5);
        let text = format!("compared up to {seen}");
        let room = 6.0 * text.len() as f64;
        if x - room > label_end.max(scale.left) {
            picture.rect(Area::new(x - room, y - 3.0, room - 3.0, 12.0), Ink::Bg);
            picture.text((x - 6.0, y + 3.0), text, Ink::Ink2, Align::Right);
        }
        picture.rect(Area::new(x, y - 3.0, 1.5, 11.0), Ink::Ink);
    }
}

fn hollow(picture: &mut Picture, area: Area) {
    let inside = Area::new(area.x + 0.5, area.y + 0.5, (area.w - 1.0).max(0.5), area.h - 1.0);
    picture.push(Shape::Outline(inside, Pen::new(Ink::Unchecked, 1.0)));
}

/// Cells where these are wide enough, else runs of equal ones: a rectangle per frame of a long session
/// would cost more than it shows.
fn runs<T: PartialEq + Copy>(
    cells: impl Iterator<Item = (Frame, T)>,
    scale: &Scale,
    mut draw: impl FnMut(f64, f64, T),
) {
    let gap = if scale.wide >= 3.0 { 1.0 } else { 0.0 };
    let mut open: Option<(f64, f64, T)> = None;
    for (frame, state) in cells {
        let (x, end) = (scale.x(frame), scale.x(frame) + scale.wide);
        match &mut open {
            Some((_, to, known)) if gap == 0.0 && *known == state => *to = end,
            _ => {
                if let Some((from, to, known)) = open.replace((x, end, state)) {
                    draw(from, (to - from - gap).max(1.0), known);
                }
            }
        }
    }
    if let Some((from, to, known)) = open {
        draw(from, (to - from - gap).max(1.0), known);
    }
}

struct Scale {
    left: f64,
    right: f64,
    frames: f64,
    /// Width of one cell.
    wide: f64,
}

impl Scale {
    fn of(view: &CoverageView, width: f64) -> Option<Self> {
        let (last, _) = view.cells.last()?;
        let interval = f64::from(view.sums.interval_frames.unwrap_or(1).max(1));
        let frames = f64::from(last.0) + interval;
        let (left, right) = (GUTTER, width - 2.0);
        let wide = (right - left) * interval / frames;
        Some(Self { left, right, frames, wide })
    }

    fn x(&self, frame: Frame) -> f64 {
        self.left + (self.right - self.left) * f64::from(frame.0) / self.frames
    }

    fn labels(&self) -> impl Iterator<Item = Frame> {
        let step = [10_u32, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000]
            .into_iter()
            .find(|step| self.frames / f64::from(*step) <= 9.0)
            .unwrap_or(100_000);
        (0..self.frames as u32).step_by(step as usize).map(Frame)
    }
}

#[cfg(test)]
mod tests {
    use rollscope::verify::Coverage;

    use super::*;

    fn view(states: &[FrameCoverage]) -> CoverageView {
        let cells: Vec<_> =
            states.iter().enumerate().map(|(n, state)| (Frame(n as u32 * 5), *state)).collect();
        let peers = vec![("P1".to_owned(), vec![true; cells.len()])];
        let sums = Coverage { interval_frames: Some(5), ..Coverage::default() };
        CoverageView { sums, cells, peers }
    }

    #[test]
    fn one_mismatch_among_thousands_is_drawn() {
        let mut states = vec![FrameCoverage::Matched; 20_000];
        states[12_345] = FrameCoverage::Mismatched;
        let picture = map(&view(&states), None, (800.0, 120.0));
        let red = picture.shapes.iter().filter(|s| matches!(s, Shape::Rect(_, Ink::Mismatch)));
        assert_eq!(red.count(), 1);
        assert!(picture.shapes.len() < 100);
    }

    #[test]
    fn nothing_hashable_is_an_empty_map() {
        assert!(map(&CoverageView::default(), None, (800.0, 120.0)).shapes.is_empty());
        assert_eq!(frame_at(&CoverageView::default(), 400.0, 800.0), None);
        let some = view(&[FrameCoverage::Matched, FrameCoverage::Never]);
        assert_eq!(frame_at(&some, 799.0, 800.0), Some(Frame(5)));
    }
}
