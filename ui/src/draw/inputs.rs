//! Inputs between two peers: arrows from the sender's frame to the receiver's, grey, amber when
//! they caused a rollback, dashed with a cross when lost; at far zoom the latest of each column.

use rollscope::timeline::{ArrowFate, InputArrow, TimelineView};

use super::cells::Strip;
use super::marks;
use super::picture::{Area, Dash, Ink, Pen, Picture, Point, Shape};
use super::scale::{Scale, Zoom};

/// Frames of delay that reach the edge of the band at far zoom.
const FAR_FRAMES: f64 = 24.0;

/// Draws what goes between lane `upper` and the one below it.
pub fn inputs(
    picture: &mut Picture,
    view: &TimelineView,
    upper: usize,
    strips: (Strip<'_>, Strip<'_>),
    scale: Scale,
    area: Area,
) {
    if scale.zoom() == Zoom::Far {
        let middle = area.y + area.h / 2.0;
        picture.rect(Area::new(area.x, middle, area.w, 1.0), Ink::Track);
        far(picture, view, upper, strips.0, scale, (middle, -area.h / 2.0));
        far(picture, view, upper + 1, strips.1, scale, (middle, area.h / 2.0));
        return;
    }
    let first = f64::from(view.query.first);
    let between = |arrow: &&InputArrow| {
        let lanes = (arrow.from_lane, arrow.to_lane);
        lanes == (upper, upper + 1) || lanes == (upper + 1, upper)
    };
    let ends = |arrow: &InputArrow| {
        let down = arrow.from_lane == upper;
        let (from, to) = if down { (area.y, area.bottom()) } else { (area.bottom(), area.y) };
        ((scale.x_from_unit(first + arrow.from), from), (scale.x_from_unit(first + arrow.to), to))
    };
    let mut arrived = Vec::new();
    let mut lost = Vec::new();
    let mut crosses = Vec::new();
    let mut causes = Vec::new();
    for arrow in view.inputs.iter().filter(between) {
        let (from, to) = ends(arrow);
        match arrow.fate {
            ArrowFate::Arrived => arrived.push((from, to)),
            ArrowFate::CausedRollback => causes.push((from, to)),
            ArrowFate::Lost => {
                let towards = if from.1 < to.1 { 1.0 } else { -1.0 };
                let end = (from.0 + scale.px_per_unit.min(8.0), from.1 + towards * area.h * 0.4);
                lost.push((from, end));
                marks::cross(&mut crosses, end, 2.5);
            }
        }
    }
    picture.segments(arrived, Pen::new(Ink::LineStrong, 0.6));
    picture.segments(lost, Pen { ink: Ink::Ink2, width: 1.0, dash: Dash::Dashed });
    picture.segments(crosses, Pen::new(Ink::Ink2, 1.0));
    picture.segments(causes.clone(), Pen::new(Ink::PredictedInk, 1.4));
    let heads = causes.into_iter().map(|(from, to)| head(from, to)).collect();
    picture.polygons(heads, Ink::PredictedInk);
}

/// The head of an arrow that ends at `to`.
fn head(from: Point, to: Point) -> Vec<Point> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy).max(1.0);
    let (ux, uy) = (dx / length, dy / length);
    let at = |back: f64, aside: f64| (to.0 - ux * back - uy * aside, to.1 - uy * back + ux * aside);
    vec![to, at(5.0, 2.2), at(5.0, -2.2)]
}

/// The latest input that arrived at lane `to` in each column, as a bar from the middle line.
fn far(
    picture: &mut Picture,
    view: &TimelineView,
    to: usize,
    strip: Strip<'_>,
    scale: Scale,
    (middle, reach): (f64, f64),
) {
    let Some(lane) = view.lanes.get(to) else { return };
    let mut bar = |x: f64, width: f64, frames: f64, caused: bool| {
        let h = (frames / FAR_FRAMES).sqrt().min(1.0) * reach;
        let (y, h) = if h < 0.0 { (middle + h, -h) } else { (middle, h) };
        let ink = if caused { Ink::PredictedInk } else { Ink::Reply };
        if h >= 0.5 {
            picture.push(Shape::Rect(Area::new(x, y, width, h), ink));
        }
    };
    for (column, input) in lane.arrivals.iter().enumerate() {
        let (x, width) = strip.place(scale, column);
        bar(x, width, f64::from(input.latest_frames), input.caused_rollback);
    }
    if lane.arrivals.is_empty() {
        let of_lane = view.inputs.iter().filter(|arrow| arrow.to_lane == to);
        for arrow in of_lane {
            let Some(arrived) = arrow.arrived_at else { continue };
            let x = scale.x_from_unit(f64::from(view.query.first) + arrow.to);
            let caused = arrow.fate == ArrowFate::CausedRollback;
            bar(x, 1.0, f64::from(arrived.since(arrow.sent_at)), caused);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::Range;
    use rollscope::frame::Frame;
    use rollscope::timeline::PeerLane;

    fn view(fates: &[ArrowFate]) -> TimelineView {
        let arrow = |(place, fate): (usize, &ArrowFate)| InputArrow {
            from_lane: 0,
            to_lane: 1,
            sent_at: Frame(place as u32),
            arrived_at: Some(Frame(place as u32 + 3)),
            from: place as f64,
            to: place as f64 + 3.0,
            fate: *fate,
        };
        TimelineView {
            lanes: vec![PeerLane::default(), PeerLane::default()],
            inputs: fates.iter().enumerate().map(arrow).collect(),
            ..TimelineView::default()
        }
    }

    fn draw(view: &TimelineView, frames: f64) -> Vec<Shape> {
        let scale = Scale::new(Range { first: 0.0, frames }, 0.0, 600.0);
        let strip = Strip { cells: &[], edges: &[], first: 0.0, width: 1.0 };
        let mut picture = Picture::default();
        let area = Area::new(0.0, 0.0, 600.0, 40.0);
        inputs(&mut picture, view, 0, (strip, strip), scale, area);
        picture.shapes
    }

    #[test]
    fn fates_differ_by_more_than_colour() {
        let view = view(&[ArrowFate::Arrived, ArrowFate::CausedRollback, ArrowFate::Lost]);
        let shapes = draw(&view, 60.0);
        let pens: Vec<(Ink, usize)> = shapes
            .iter()
            .filter_map(|shape| match shape {
                Shape::Segments(lines, pen) => Some((pen.ink, lines.len())),
                _ => None,
            })
            .collect();
        assert_eq!(
            pens,
            [(Ink::LineStrong, 1), (Ink::Ink2, 1), (Ink::Ink2, 2), (Ink::PredictedInk, 1)]
        );
        assert!(
            shapes
                .iter()
                .any(|shape| matches!(shape, Shape::Polygons(heads, _) if heads.len() == 1))
        );
    }

    #[test]
    fn far_away_bars_stand_for_arrows() {
        let view = view(&[ArrowFate::Arrived; 3]);
        let bars = draw(&view, 600.0);
        let bars = bars.iter().filter(|shape| matches!(shape, Shape::Rect(_, Ink::Reply)));
        assert_eq!(bars.count(), 3);
    }
}
