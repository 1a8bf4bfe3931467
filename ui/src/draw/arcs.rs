//! Rollbacks: arcs from where one was discovered back to the first incorrect frame, or fins where
//! a frame is too narrow for arcs. Height grows with the square root of the depth.

use rollscope::timeline::{Arc, PeerLane};

use super::cells::Strip;
use super::filtered::Arcs;
use super::lanes::Side;
use super::marks;
use super::picture::{Align, Area, Ink, Pen, Picture, Point, Shape};
use super::scale::{Scale, Zoom};

/// Numbers and peaks closer than this are left out, the deeper one stays.
const NUMBER_DISTANCE: f64 = 22.0;
/// Room for the two figures of a peak.
const PEAK_WIDTH: f64 = 14.0;
/// Peaks that are labelled at far zoom; more could not be read.
const MOST_PEAKS: usize = 12;

/// A place for the rollbacks of one peer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ArcLane {
    /// The lane.
    pub area: Area,
    /// Which side of the frames it is on.
    pub side: Side,
    /// Depth that reaches the far edge.
    pub deepest_frames: u16,
    /// Place that the arcs count from, in units.
    pub first: f64,
}

impl ArcLane {
    /// Height of a rollback of `depth` frames.
    #[must_use]
    pub fn height_of(self, depth: u32) -> f64 {
        let deepest = f64::from(self.deepest_frames.max(12)).sqrt();
        let room = (self.area.h - 8.0).max(4.0);
        (f64::from(depth).sqrt() / deepest).min(1.0) * room
    }

    /// The edge at the frames, and the direction away from them.
    fn base(self) -> (f64, f64) {
        match self.side {
            Side::Above => (self.area.bottom(), -1.0),
            Side::Below => (self.area.y, 1.0),
        }
    }

    /// The y of a depth.
    fn y_of(self, depth: u32) -> f64 {
        let (base, away) = self.base();
        base + away * self.height_of(depth)
    }

    /// The crown of an arc: the middle of its top.
    #[must_use]
    pub fn crown(self, arc: &Arc, scale: Scale) -> Point {
        let middle = f64::midpoint(arc.target_at, arc.current_at);
        (self.x(scale, middle), self.y_of(depth(arc)))
    }

    fn x(self, scale: Scale, at: f64) -> f64 {
        scale.x_from_unit(self.first + at)
    }
}

/// Frames from the first incorrect one to where the rollback was discovered.
#[must_use]
pub fn depth(arc: &Arc) -> u32 {
    arc.current.since(arc.target)
}

/// Draws the rollbacks of `peer` into `lane`; the one in row `selected` stands out.
pub fn rollbacks(
    picture: &mut Picture,
    peer: &PeerLane,
    strip: Strip<'_>,
    scale: Scale,
    lane: ArcLane,
    selected: Option<usize>,
    shown: &Arcs<'_>,
) {
    lines(picture, scale, lane);
    if scale.zoom() == Zoom::Far {
        fins(picture, strip, scale, lane);
        numbers(picture, scale, lane);
        return;
    }
    let is_selected = |arc: &&Arc| selected == Some(arc.row);
    for arc in peer.arcs.iter().filter(|arc| !is_selected(arc)) {
        let ink = if shown.shows(arc) { Ink::Ink2 } else { Ink::Line };
        curve(picture, arc, scale, lane, Pen::new(ink, 1.0));
    }
    for arc in peer.arcs.iter().filter(is_selected) {
        let (base, away) = lane.base();
        let y = base + away * 3.0;
        let back = vec![(lane.x(scale, arc.target_at), y), (lane.x(scale, arc.snapshot_at), y)];
        picture.line(back, marks::dashed(Ink::Accent));
        curve(picture, arc, scale, lane, Pen::new(Ink::Accent, 2.0));
    }
    let least = if scale.zoom() == Zoom::Near { 3 } else { 5 };
    let crowns = peer.arcs.iter().filter(|arc| depth(arc) >= least && shown.shows(arc));
    let crowns = crowns.map(|arc| (depth(arc), lane.crown(arc, scale))).collect();
    for (number, at) in spaced_out(crowns) {
        marks::knocked_out(picture, at, number.to_string(), Ink::Ink);
    }
    numbers(picture, scale, lane);
}

/// The deepest first, and of two that are closer than a number is wide only the deeper.
#[must_use]
pub fn spaced_out(mut peaks: Vec<(u32, Point)>) -> Vec<(u32, Point)> {
    peaks.sort_by(|(a, (ax, _)), (b, (bx, _))| b.cmp(a).then(ax.total_cmp(bx)));
    let mut kept: Vec<(u32, Point)> = Vec::new();
    for peak in peaks {
        if kept.iter().all(|(_, (x, _))| (x - peak.1.0).abs() >= NUMBER_DISTANCE) {
            kept.push(peak);
        }
    }
    kept
}

fn curve(picture: &mut Picture, arc: &Arc, scale: Scale, lane: ArcLane, pen: Pen) {
    let (base, away) = lane.base();
    let from = (lane.x(scale, arc.current_at) + scale.px_per_unit * 0.4, base);
    let tip = (lane.x(scale, arc.target_at), base);
    // A cubic curve reaches three quarters of the height of its control points.
    let top = base + away * lane.height_of(depth(arc)) / 0.75;
    let has_head = scale.zoom() == Zoom::Near || depth(arc) >= 4 || pen.ink == Ink::Accent;
    let to = if has_head { (tip.0, base + away * 5.0) } else { tip };
    picture.push(Shape::Curve { from, bend: ((from.0, top), (to.0, top)), to, pen });
    if has_head {
        marks::arrowhead(picture, tip, away, pen.ink);
    }
}

/// Depth in frames from which on a fin is dark and has a number.
const DEEP_FRAMES: u32 = 6;

/// Units under one column from which on a fin is as narrow as a line.
const NARROW_UNITS: f64 = 6.0;

fn fins(picture: &mut Picture, strip: Strip<'_>, scale: Scale, lane: ArcLane) {
    let (base, _) = lane.base();
    let mut peaks = Vec::new();
    // Shallow ones first, so that deep ones stand above them.
    let (mut shallow, mut deep) = (Vec::new(), Vec::new());
    let mut bars: Vec<(bool, Area)> = Vec::new();
    for (index, cell) in strip.cells.iter().enumerate() {
        let depth = u32::from(cell.rollback_depth_frames);
        if depth == 0 {
            continue;
        }
        let (left, width) = strip.place(scale, index);
        let x = left + width / 2.0;
        let y = lane.y_of(depth);
        let is_deep = depth >= DEEP_FRAMES;
        if is_deep {
            peaks.push((depth, (x, y)));
        }
        if strip.width >= NARROW_UNITS {
            bars.push((is_deep, Area::new(x - 0.5, y.min(base), 1.0, (base - y).abs())));
            continue;
        }
        let back = (x - f64::from(depth) * scale.px_per_unit).min(x - 1.5);
        let bend = (f64::midpoint(back, x), f64::midpoint(base, y) - (base - y) * 0.1);
        let fin = vec![(back, base), bend, (x - 0.5, y), (x, y), (x, base)];
        if is_deep { deep.push(fin) } else { shallow.push(fin) }
    }
    bars.sort_by_key(|(is_deep, _)| *is_deep);
    for (is_deep, bar) in bars {
        picture.rect(bar, if is_deep { Ink::Ink } else { Ink::Ink3 });
    }
    picture.polygons(shallow, Ink::Ink3);
    picture.polygons(deep, Ink::Ink);
    for (depth, (x, y)) in spaced_out(peaks).into_iter().take(MOST_PEAKS) {
        let y = y.min(lane.area.bottom() - 6.0).max(lane.area.y + 6.0);
        // At the right edge there is no room beside it, and the scale has its numbers there.
        let edge = scale.right - NUMBER_DISTANCE;
        let (at, align) = if x + 3.0 + PEAK_WIDTH <= edge {
            ((x + 3.0, y), Align::Left)
        } else {
            ((edge.min(x - 3.0), y), Align::Right)
        };
        picture.text(at, depth.to_string(), Ink::Ink2, align);
    }
}

/// Depths of the scale: 10 and 20 mostly; none where the lane is not high enough.
fn scale_marks(lane: ArcLane) -> impl Iterator<Item = u32> {
    let deepest = if lane.area.h < 44.0 { 0 } else { u32::from(lane.deepest_frames) };
    let marks = [1, 2, 5, 10, 20, 50, 100].into_iter();
    marks.filter(move |mark| mark * 3 > deepest && *mark <= deepest)
}

/// The scale's thin lines, below the rollbacks.
fn lines(picture: &mut Picture, scale: Scale, lane: ArcLane) {
    for mark in scale_marks(lane) {
        let area = Area::new(scale.left, lane.y_of(mark), scale.right - scale.left, 1.0);
        picture.rect(area, Ink::Track);
    }
}

/// The scale's numbers at the right edge, above the rollbacks: there is always one where a recording is followed.
fn numbers(picture: &mut Picture, scale: Scale, lane: ArcLane) {
    let (_, away) = lane.base();
    for mark in scale_marks(lane) {
        let (right, y) = (scale.right - 2.0, lane.y_of(mark) - away * 7.0);
        let text = mark.to_string();
        let width = 2.0 + 6.0 * text.len() as f64;
        picture.rect(Area::new(right - width, y - 5.0, width + 2.0, 10.0), Ink::Bg);
        picture.text((right, y), text, Ink::Ink3, Align::Right);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::Range;
    use rollscope::frame::Frame;
    use rollscope::timeline::{Cell, Filter};

    fn lane() -> ArcLane {
        let area = Area::new(0.0, 0.0, 800.0, 48.0);
        ArcLane { area, side: Side::Above, deepest_frames: 16, first: 0.0 }
    }

    #[test]
    fn height_is_the_root_of_the_depth() {
        assert_eq!(lane().height_of(16), 40.0);
        assert_eq!(lane().height_of(4), 20.0);
        assert_eq!(lane().height_of(0), 0.0);
        assert_eq!(lane().height_of(400), 40.0);
    }

    #[test]
    fn deeper_numbers_win_over_their_neighbours() {
        let kept = spaced_out(vec![(3, (0.0, 0.0)), (5, (10.0, 0.0)), (4, (40.0, 0.0))]);
        assert_eq!(kept, [(5, (10.0, 0.0)), (4, (40.0, 0.0))]);
    }

    #[test]
    fn no_number_of_a_peak_leaves_the_lane_or_meets_the_scale() {
        for columns in [3_usize, 400, 797, 800] {
            let mut cells = vec![Cell::default(); columns];
            cells[columns - 1].rollback_depth_frames = 12;
            let strip = Strip { cells: &cells, edges: &[], first: 0.0, width: 1.0 };
            let scale = Scale::new(Range { first: 0.0, frames: 800.0 }, 0.0, 800.0);
            let mut picture = Picture::default();
            fins(&mut picture, strip, scale, lane());
            let ends = picture.shapes.iter().find_map(|shape| match shape {
                Shape::Text { at, text, align, .. } if text == "12" => Some(match align {
                    Align::Left => (at.0, at.0 + PEAK_WIDTH),
                    _ => (at.0 - PEAK_WIDTH, at.0),
                }),
                _ => None,
            });
            let (left, right) = ends.unwrap();
            assert!(left >= 0.0 && right <= 800.0 - NUMBER_DISTANCE, "{columns}: {left} {right}");
            assert!((left - columns as f64).abs() < 50.0, "{columns}: it stands beside its peak");
        }
    }

    #[test]
    fn arcs_are_numbered_near_and_become_fins_far() {
        let arc = Arc {
            target: Frame(5),
            current: Frame(9),
            snapshot: Frame(5),
            target_at: 5.5,
            current_at: 9.5,
            snapshot_at: 5.5,
            row: 0,
            micros: None,
        };
        let peer = PeerLane { arcs: vec![arc], ..PeerLane::default() };
        let cells = [Cell { rollback_depth_frames: 7, ..Cell::default() }];
        let strip = Strip { cells: &cells, edges: &[], first: 9.0, width: 1.0 };
        let draw = |frames| {
            let scale = Scale::new(Range { first: 0.0, frames }, 0.0, 800.0);
            let mut picture = Picture::default();
            let filter = Filter::default();
            let shown = Arcs { filter: &filter, name: "P1" };
            rollbacks(&mut picture, &peer, strip, scale, lane(), None, &shown);
            picture.shapes
        };
        assert!(draw(50.0).iter().any(|shape| matches!(shape, Shape::Curve { .. })));
        assert!(
            draw(50.0).iter().any(|shape| matches!(shape, Shape::Text { text, .. } if text == "4"))
        );
        assert!(!draw(800.0).iter().any(|shape| matches!(shape, Shape::Curve { .. })));
        assert!(
            draw(800.0)
                .iter()
                .any(|shape| matches!(shape, Shape::Text { text, .. } if text == "7"))
        );
    }
}
