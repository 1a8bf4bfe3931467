//! The whole timeline: axis, lanes, marks, playhead, names and values in the gutter.

use rollscope::frame::Frame;
use rollscope::timeline::{PeerLane, TimelineView};

use super::arcs::{self, ArcLane};
use super::cells::{self, Strip};
use super::layout::{AXIS_HEIGHT, Layout, PeerPlaces};
use super::picture::{Align, Area, Ink, Pen, Picture, Shape};
use super::queues;
use super::scale::{Scale, Zoom};

/// What is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Selected {
    /// The frame at the playhead.
    pub frame: Option<Frame>,
    /// The rollback, by its row in the table.
    pub rollback: Option<usize>,
}

/// The columns of one peer's lane.
#[must_use]
pub fn strip<'a>(view: &TimelineView, lane: &'a PeerLane) -> Strip<'a> {
    Strip {
        cells: &lane.cells,
        first: view.first.0,
        frames_per_column: view.frames_per_column.max(1),
    }
}

/// Draws the timeline.
#[must_use]
pub fn timeline(view: &TimelineView, layout: &Layout, scale: Scale, selected: Selected) -> Picture {
    let mut picture = Picture::default();
    let plot = Area::new(layout.gutter, 0.0, layout.right - layout.gutter, layout.bottom);
    axis(&mut picture, layout, scale, selected.frame);
    picture.push(Shape::Clip(plot));
    let lanes = || view.lanes.iter().zip(&layout.peers);
    for (lane, places) in lanes() {
        let strip = strip(view, lane);
        for (queue, area) in &places.queues {
            if let Some(queue) = lane.queues.get(*queue) {
                queues::steps(&mut picture, &queue.values, strip, scale, *area);
            }
        }
        cells::frames(&mut picture, strip, scale, places.frames);
    }
    for (lane, places) in lanes() {
        let strip = strip(view, lane);
        let arc_lane = arc_lane(lane, places);
        if places.arcs.h > 0.0 {
            arcs::rollbacks(&mut picture, lane, strip, scale, arc_lane, selected.rollback);
        }
        cells::mark(&mut picture, strip, scale, places.frames);
    }
    if let Some(frame) = selected.frame {
        playhead(&mut picture, layout, scale, frame);
    }
    picture.push(Shape::Unclip);
    if let Some(frame) = selected.frame {
        axis_label(&mut picture, layout, scale, frame);
    }
    for (lane, places) in lanes() {
        names(&mut picture, view, lane, places, selected.frame);
    }
    picture
}

/// Where the rollbacks of a peer are drawn.
#[must_use]
pub fn arc_lane(lane: &PeerLane, places: &PeerPlaces) -> ArcLane {
    ArcLane { area: places.arcs, side: places.side, deepest_frames: lane.deepest_frames }
}

fn axis(picture: &mut Picture, layout: &Layout, scale: Scale, selected: Option<Frame>) {
    let width = layout.right + 8.0;
    picture.rect(Area::new(0.0, AXIS_HEIGHT - 1.0, width, 1.0), Ink::Line);
    picture.rect(
        Area::new(layout.gutter - 1.0, AXIS_HEIGHT, 1.0, layout.bottom - AXIS_HEIGHT),
        Ink::Line,
    );
    picture.text((12.0, AXIS_HEIGHT / 2.0), "frame", Ink::Ink3, Align::Left);
    for tick in scale.ticks() {
        let x = scale.centre_of(Frame(tick));
        if x < scale.left || x > scale.right {
            continue;
        }
        let line = Area::new(x.round(), AXIS_HEIGHT, 1.0, layout.bottom - AXIS_HEIGHT);
        picture.rect(line, Ink::Track);
        let hidden = selected.is_some_and(|frame| (scale.centre_of(frame) - x).abs() < 30.0);
        if !hidden {
            let at = (x.clamp(scale.left + 4.0, scale.right - 10.0), AXIS_HEIGHT / 2.0);
            picture.text(at, tick.to_string(), Ink::Ink3, Align::Centre);
        }
    }
}

fn playhead(picture: &mut Picture, layout: &Layout, scale: Scale, frame: Frame) {
    let x = scale.centre_of(frame).round();
    let line = Area::new(x - 0.5, AXIS_HEIGHT, 1.0, layout.bottom - AXIS_HEIGHT);
    picture.rect(line, Ink::Accent);
    if scale.zoom() == Zoom::Near {
        for places in &layout.peers {
            let left = scale.x_from_frame(f64::from(frame.0));
            let cell = Area::new(
                left - 1.0,
                places.frames.y - 1.0,
                scale.px_per_frame + 1.0,
                places.frames.h + 2.0,
            );
            picture.push(Shape::Outline(cell, Pen::new(Ink::Accent, 1.5)));
        }
    }
}

fn axis_label(picture: &mut Picture, layout: &Layout, scale: Scale, frame: Frame) {
    let x = scale.centre_of(frame);
    if x < layout.gutter || x > layout.right {
        return;
    }
    let text = frame.to_string();
    let width = 10.0 + 6.0 * text.len() as f64;
    let left = (x - width / 2.0).clamp(layout.gutter, (layout.right - width).max(layout.gutter));
    picture.rect(Area::new(left, 3.0, width, AXIS_HEIGHT - 6.0), Ink::Accent);
    let at = (left + width / 2.0, AXIS_HEIGHT / 2.0 + 0.5);
    picture.push_text(at, text, Ink::OnAccent, (10.0, true), Align::Centre);
}

fn names(
    picture: &mut Picture,
    view: &TimelineView,
    lane: &PeerLane,
    places: &PeerPlaces,
    selected: Option<Frame>,
) {
    let mut row = |area: Area, name: String, value: String| {
        let y = area.y + area.h / 2.0;
        picture.push_text((12.0, y), name, Ink::Ink2, (11.0, false), Align::Left);
        picture.push_text((area.x - 8.0, y), value, Ink::Ink3, (11.0, false), Align::Right);
    };
    for (index, area) in &places.queues {
        let Some(queue) = lane.queues.get(*index) else {
            continue;
        };
        let name = if *index == 0 {
            format!("{} {}", lane.name, queue.name)
        } else {
            queue.name.to_owned()
        };
        // Without a playhead there is no value at it: the peak of what is visible stands instead.
        let value = match selected {
            Some(frame) => column_of(view, frame)
                .and_then(|column| queue.values.get(column))
                .map(ToString::to_string),
            None => queue.values.iter().max().map(|peak| format!("≤ {peak}")),
        };
        row(*area, name, value.unwrap_or_default());
    }
    if places.arcs.h > 0.0 {
        row(places.arcs, "rollbacks".to_owned(), format!("max {}", lane.deepest_frames));
    }
    let seen = if lane.is_observed { "" } else { "wire only" };
    row(places.frames, format!("{} frames", lane.name), seen.to_owned());
}

/// The column that holds a frame.
#[must_use]
pub fn column_of(view: &TimelineView, frame: Frame) -> Option<usize> {
    let offset = frame.0.checked_sub(view.first.0)?;
    let column = (offset / view.frames_per_column.max(1)) as usize;
    (column < view.columns).then_some(column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::layout::layout;
    use crate::range::Range;

    fn view() -> TimelineView {
        let lane = |name: &str| PeerLane { name: name.to_owned(), ..PeerLane::default() };
        TimelineView {
            first: Frame(100),
            frames_per_column: 5,
            columns: 20,
            lanes: vec![lane("P1"), lane("P2")],
        }
    }

    #[test]
    fn columns_hold_their_frames() {
        assert_eq!(column_of(&view(), Frame(99)), None);
        assert_eq!(column_of(&view(), Frame(104)), Some(0));
        assert_eq!(column_of(&view(), Frame(105)), Some(1));
        assert_eq!(column_of(&view(), Frame(200)), None);
    }

    #[test]
    fn picture_is_a_pure_function_and_names_every_peer() {
        let layout = layout(800.0, 300.0, &[Some(0), None]);
        let scale = Scale::new(Range { first: 100.0, frames: 100.0 }, layout.gutter, layout.right);
        let selected = Selected { frame: Some(Frame(120)), rollback: None };
        let draw = || timeline(&view(), &layout, scale, selected);
        assert_eq!(draw(), draw());
        for name in ["P1 frames", "P2 frames", "120"] {
            let mut shapes = draw().shapes.into_iter();
            assert!(shapes.any(|shape| matches!(shape, Shape::Text { text, .. } if text == name)));
        }
    }

    #[test]
    fn nothing_captured_draws_an_axis_only() {
        let layout = layout(800.0, 300.0, &[]);
        let scale = Scale::new(Range::default(), layout.gutter, layout.right);
        let picture = timeline(&TimelineView::default(), &layout, scale, Selected::default());
        assert!(!picture.shapes.is_empty());
    }
}
