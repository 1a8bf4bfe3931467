//! The whole timeline: axis, lanes, marks, markers, playhead, names and values in the gutter.

use rollscope::frame::Frame;
use rollscope::timeline::{Axis, Filter, PeerLane, TimelineView};

use super::arcs::{self, ArcLane};
use super::cells::{self, Strip};
use super::filtered;
use super::lanes::LaneKind;
use super::layout::{AXIS_HEIGHT, Layout, Row};
use super::picture::{Align, Area, Ink, Pen, Picture, Shape};
use super::scale::{Scale, Zoom};
use super::{inputs, lines, marks, queues, worker};
use crate::format;

/// What is selected, marked and filtered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selected {
    /// The frame at the playhead.
    pub frame: Option<Frame>,
    /// The rollback, by its row in the table.
    pub rollback: Option<usize>,
    /// Frames that the user marked.
    pub markers: Vec<Frame>,
    /// What stays bright.
    pub filter: Filter,
}

/// The columns of one peer's lane.
#[must_use]
pub fn strip<'a>(view: &TimelineView, lane: &'a PeerLane) -> Strip<'a> {
    Strip {
        cells: &lane.cells,
        edges: &lane.edges,
        first: f64::from(view.query.first),
        width: f64::from(view.query.units_per_column.max(1)),
    }
}

/// Draws the timeline.
#[must_use]
pub fn timeline(
    view: &TimelineView,
    layout: &Layout,
    scale: Scale,
    selected: &Selected,
) -> Picture {
    let mut picture = Picture::default();
    let plot = Area::new(layout.gutter, 0.0, layout.right - layout.gutter, layout.bottom);
    let playhead = selected.frame.and_then(|frame| place(view, scale, frame));
    axis(&mut picture, view, layout, scale, playhead.map(|(x, _)| x));
    picture.push(Shape::Clip(plot));
    for row in &layout.rows {
        lane(&mut picture, view, row, scale, selected);
    }
    // Marks stand above their neighbours.
    for (peer, area) in layout.frames() {
        if let Some(lane) = view.lanes.get(peer) {
            filtered::veil(&mut picture, view, lane, scale, area, &selected.filter);
            cells::mark(&mut picture, strip(view, lane), scale, area);
        }
    }
    for frame in &selected.markers {
        if let Some((x, _)) = place(view, scale, *frame) {
            let line = Area::new(x - 0.5, AXIS_HEIGHT, 1.0, layout.bottom - AXIS_HEIGHT);
            picture.push(Shape::Line(
                vec![(line.x, line.y), (line.x, line.bottom())],
                marks::dashed(Ink::Accent),
            ));
            marks::flag(&mut picture, (x, AXIS_HEIGHT - 10.0), 7.0);
        }
    }
    if let Some((x, width)) = playhead {
        draw_playhead(&mut picture, layout, scale, (x, width));
    }
    picture.push(Shape::Unclip);
    if let (Some(frame), Some((x, _))) = (selected.frame, playhead) {
        axis_label(&mut picture, layout, x, frame);
    }
    for row in &layout.rows {
        names(&mut picture, view, row, selected.frame);
    }
    if layout.missing > 0 && layout.bottom > AXIS_HEIGHT + 4.0 {
        let text = format!("+{} lanes", layout.missing);
        picture.text((layout.gutter - 8.0, AXIS_HEIGHT / 2.0), text, Ink::Ink3, Align::Right);
    }
    picture
}

/// Centre and width of a frame in pixels; `None` where it stands outside of the view.
fn place(view: &TimelineView, scale: Scale, frame: Frame) -> Option<(f64, f64)> {
    let (left, width) = view.place_of_frame(frame)?;
    let centre = scale.x_from_unit(f64::from(view.query.first) + left + width / 2.0);
    (centre >= scale.left && centre <= scale.right).then_some((centre, width * scale.px_per_unit))
}

fn lane(picture: &mut Picture, view: &TimelineView, row: &Row, scale: Scale, selected: &Selected) {
    let Some(lane) = view.lanes.get(row.lane.peer) else { return };
    let of = |lane| strip(view, lane);
    match row.lane.kind {
        LaneKind::Frames => cells::frames(picture, of(lane), scale, row.area),
        LaneKind::Rollbacks => {
            let place = arc_lane(view, lane, row);
            let shown = filtered::Arcs { filter: &selected.filter, name: &lane.name };
            arcs::rollbacks(picture, lane, of(lane), scale, place, selected.rollback, &shown);
        }
        LaneKind::Queue(queue) => {
            if let Some(queue) = lane.queues.get(queue) {
                queues::steps(picture, &queue.values, of(lane), scale, row.area);
            }
        }
        LaneKind::Inputs => {
            if let Some(below) = view.lanes.get(row.lane.peer + 1) {
                let strips = (of(lane), of(below));
                inputs::inputs(picture, view, row.lane.peer, strips, scale, row.area);
            }
        }
        LaneKind::Worker => worker::worker(picture, view, lane, of(lane), scale, row.area),
        kind => lines::lane(picture, kind, view, of, scale, row.area),
    }
}

/// Where the rollbacks of a peer are drawn.
#[must_use]
pub fn arc_lane(view: &TimelineView, lane: &PeerLane, row: &Row) -> ArcLane {
    ArcLane {
        area: row.area,
        side: row.lane.side,
        deepest_frames: lane.deepest_frames,
        first: f64::from(view.query.first),
    }
}

fn axis(
    picture: &mut Picture,
    view: &TimelineView,
    layout: &Layout,
    scale: Scale,
    playhead: Option<f64>,
) {
    let width = layout.right + 8.0;
    picture.rect(Area::new(0.0, AXIS_HEIGHT - 1.0, width, 1.0), Ink::Line);
    picture.rect(
        Area::new(layout.gutter - 1.0, AXIS_HEIGHT, 1.0, layout.bottom - AXIS_HEIGHT),
        Ink::Line,
    );
    let (name, offset) = match view.query.axis {
        Axis::Frame => ("frame", 0.5),
        Axis::Time => ("time", 0.0),
    };
    picture.text((12.0, AXIS_HEIGHT / 2.0), name, Ink::Ink3, Align::Left);
    for (unit, text) in scale.ticks(view.query.axis, view.tick_micros) {
        let x = scale.x_from_unit(unit + offset);
        if x < scale.left || x > scale.right {
            continue;
        }
        let line = Area::new(x.round(), AXIS_HEIGHT, 1.0, layout.bottom - AXIS_HEIGHT);
        picture.rect(line, Ink::Track);
        let hidden = playhead.is_some_and(|playhead| (playhead - x).abs() < 30.0);
        if !hidden {
            let at = (x.min(scale.right - 10.0).max(scale.left + 4.0), AXIS_HEIGHT / 2.0);
            picture.text(at, text, Ink::Ink3, Align::Centre);
        }
    }
}

fn draw_playhead(picture: &mut Picture, layout: &Layout, scale: Scale, (x, width): (f64, f64)) {
    let line = Area::new(x.round() - 0.5, AXIS_HEIGHT, 1.0, layout.bottom - AXIS_HEIGHT);
    picture.rect(line, Ink::Accent);
    if scale.zoom() == Zoom::Near {
        for (_, frames) in layout.frames() {
            let left = x - width / 2.0;
            let cell = Area::new(left - 1.0, frames.y - 1.0, width + 1.0, frames.h + 2.0);
            picture.push(Shape::Outline(cell, Pen::new(Ink::Accent, 1.5)));
        }
    }
}

fn axis_label(picture: &mut Picture, layout: &Layout, x: f64, frame: Frame) {
    let text = frame.to_string();
    let width = 10.0 + 6.0 * text.len() as f64;
    let left = (x - width / 2.0).min(layout.right - width).max(layout.gutter);
    picture.rect(Area::new(left, 3.0, width, AXIS_HEIGHT - 6.0), Ink::Accent);
    let at = (left + width / 2.0, AXIS_HEIGHT / 2.0 + 0.5);
    picture.push_text(at, text, Ink::OnAccent, (10.0, true), Align::Centre);
}

fn names(picture: &mut Picture, view: &TimelineView, row: &Row, selected: Option<Frame>) {
    let Some(lane) = view.lanes.get(row.lane.peer) else { return };
    let column = |lane: &PeerLane| selected.and_then(|frame| view.column_of(lane, frame));
    let kind = row.lane.kind;
    let name = match kind {
        LaneKind::Queue(0) | LaneKind::Frames | LaneKind::Worker => {
            format!("{} {}", lane.name, kind.name())
        }
        // Of more than two peers every rollback lane looks alike.
        LaneKind::Rollbacks if view.lanes.len() > 2 => format!("{} {}", lane.name, kind.name()),
        _ => kind.name().to_owned(),
    };
    let value = match kind {
        LaneKind::Queue(place) => lane.queues.get(place).and_then(|queue| match column(lane) {
            Some(column) => Some((*queue.values.get(column)?)?.to_string()),
            // Without a playhead there is no value at it: the peak of what is visible stands.
            None => queue.values.iter().flatten().max().map(|peak| format!("≤ {peak}")),
        }),
        LaneKind::Rollbacks => Some(format!("max {}", lane.deepest_frames)),
        LaneKind::Frames => (!lane.is_observed).then(|| "wire only".to_owned()),
        LaneKind::Inputs => {
            let lanes = [view.lanes.get(row.lane.peer), view.lanes.get(row.lane.peer + 1)];
            let lost = lanes.into_iter().flatten().filter_map(|lane| lane.lost_messages);
            Some(format!("{} lost", lost.map(|(lost, _)| lost).sum::<u32>()))
        }
        LaneKind::Worker => Some(format!("≤{}", format::duration(lane.longest_micros.into()))),
        // Without long tasks only animation frames say that a page was slow.
        LaneKind::Page => {
            view.lanes.iter().any(|lane| lane.lacks_long_tasks).then(|| "frames only".to_owned())
        }
        _ => {
            let values = view.lanes.iter().filter(|lane| lane.is_observed);
            let values: Vec<String> = values
                .map(|lane| {
                    lines::value_at(kind, view, lane, column(lane))
                        .unwrap_or_else(|| "–".to_owned())
                })
                .collect();
            (values.iter().any(|value| value != "–") && values.len() <= 3)
                .then(|| values.join(" | "))
        }
    };
    let y = row.area.y + row.area.h / 2.0;
    let at = (row.area.x - 8.0, y);
    let value = value.and_then(|value| beside(&name, value, row.area.x));
    picture.push_text((12.0, y), name, Ink::Ink2, (11.0, false), Align::Left);
    picture.push_text(at, value.unwrap_or_default(), Ink::Ink3, (11.0, false), Align::Right);
}

/// Width of a text of 11 px in the widest of the usual fonts, in CSS pixels: values that have room in it have room in all.
fn width(text: &str) -> f64 {
    let letter = |letter: char| match letter {
        'i' | 'j' | 'l' => 3.1,
        ' ' | '|' | '.' | ',' => 3.7,
        'f' | 't' | 'r' => 4.5,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' => 6.5,
        'm' | '…' => 11.0,
        'w' | '≤' => 9.2,
        _ => 7.0,
    };
    text.chars().map(letter).sum()
}

/// A value in the widest form that has room beside a name; `None` where none has: the name stays
/// readable, and the tooltip says the value.
fn beside(name: &str, value: String, gutter: f64) -> Option<String> {
    let room = gutter - 12.0 - 8.0 - 4.0 - width(name);
    let narrower = value.replace("wire only", "wire").replace(" | ", "|").replace("≤ ", "≤");
    let narrowest = narrower.replace('≤', "");
    [value, narrower, narrowest].into_iter().find(|text| width(text) <= room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_never_touches_the_name_of_its_lane() {
        let fits = |name: &str, value: &str, gutter| beside(name, value.to_owned(), gutter);
        assert_eq!(fits("P2 frames", "wire only", 118.0).as_deref(), Some("wire"));
        assert_eq!(fits("frames", "wire only", 126.0).as_deref(), Some("wire only"));
        assert_eq!(fits("advantage", "1 | 2", 118.0).as_deref(), Some("1 | 2"));
        assert_eq!(fits("round trip", "1240 | 1380", 118.0), None);
        assert_eq!(fits("round trip", "262 | 188", 126.0).as_deref(), Some("262|188"));
        assert_eq!(fits("rollbacks", "max 20", 118.0).as_deref(), Some("max 20"));
        assert_eq!(fits("P2 worker", "≤802 ms", 126.0).as_deref(), Some("802 ms"));
    }
    use crate::draw::lanes::Choices;
    use crate::draw::layout::layout;
    use crate::range::Range;
    use rollscope::timeline::{Cell, LaneQuery};

    fn view() -> TimelineView {
        let lane = |name: &str| PeerLane {
            name: name.to_owned(),
            is_observed: true,
            cells: vec![Cell::default(); 20],
            ..PeerLane::default()
        };
        TimelineView {
            query: LaneQuery { axis: Axis::Frame, first: 100, units_per_column: 5, columns: 20 },
            lanes: vec![lane("P1"), lane("P2")],
            ..TimelineView::default()
        }
    }

    #[test]
    fn columns_hold_their_frames() {
        let view = view();
        let column = |frame| view.column_of(&view.lanes[0], Frame(frame));
        assert_eq!(column(99), None);
        assert_eq!(column(104), Some(0));
        assert_eq!(column(105), Some(1));
        assert_eq!(column(200), None);
    }

    #[test]
    fn picture_is_a_pure_function_and_names_every_peer() {
        let layout = layout((800.0, 300.0), &view(), &Choices::default());
        let scale = Scale::new(Range { first: 100.0, frames: 100.0 }, layout.gutter, layout.right);
        let selected = Selected { frame: Some(Frame(120)), ..Selected::default() };
        let draw = || timeline(&view(), &layout, scale, &selected);
        assert_eq!(draw(), draw());
        for name in ["P1 frames", "P2 frames", "120"] {
            let mut shapes = draw().shapes.into_iter();
            assert!(shapes.any(|shape| matches!(shape, Shape::Text { text, .. } if text == name)));
        }
    }

    #[test]
    fn nothing_captured_draws_an_axis_only() {
        let view = TimelineView::default();
        let layout = layout((800.0, 300.0), &view, &Choices::default());
        let scale = Scale::new(Range::default(), layout.gutter, layout.right);
        let picture = timeline(&view, &layout, scale, &Selected::default());
        assert!(!picture.shapes.is_empty());
    }
}
