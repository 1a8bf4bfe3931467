//! What lies under the pointer on the timeline, and its words for the tooltip.

use rollscope::frame::Frame;
use rollscope::timeline::{
    Arc, ArrowFate, Became, Cell, InputArrow, PeerLane, Shown, TimelineView, WorkerBar,
};

use super::arcs;
use super::lanes::LaneKind;
use super::layout::{Layout, Row};
use super::lines;
use super::picture::Point;
use super::scale::{Scale, Zoom};
use super::timeline::arc_lane;
use crate::format;

/// A tooltip: one bold line and up to four pairs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tip {
    /// The bold line.
    pub title: String,
    /// Name and value.
    pub pairs: Vec<(&'static str, String)>,
}

/// The place in units from the first one of the view at an x, if it lies in the plot.
#[must_use]
pub fn place_at(view: &TimelineView, layout: &Layout, scale: Scale, x: f64) -> Option<f64> {
    let inside = x >= layout.gutter && x <= layout.right;
    inside.then(|| scale.unit_from_x(x) - f64::from(view.query.first))
}

/// The frame at a point, if it lies in the plot: on the time axis, that of the lane under it.
#[must_use]
pub fn frame_at(view: &TimelineView, layout: &Layout, scale: Scale, at: Point) -> Option<Frame> {
    let place = place_at(view, layout, scale, at.0)?;
    let peer = layout.row_at(at.1).map_or(0, |row| row.lane.peer);
    let lane = view.lanes.get(peer)?;
    let column = view.column_at(lane, place)?;
    let (first, end) = view.frames_of(lane, column);
    let (left, width) = view.place_of(lane, column);
    let count = f64::from(end.saturating_sub(first).max(1));
    let inside = ((place - left) / width.max(1e-9) * count).min(count - 1.0).max(0.0);
    Some(Frame(first.saturating_add(inside as u32)))
}

/// The words for what lies at a point; `None` over nothing.
#[must_use]
pub fn tip(view: &TimelineView, layout: &Layout, scale: Scale, at: Point) -> Option<Tip> {
    let row = layout.row_at(at.1)?;
    let lane = view.lanes.get(row.lane.peer)?;
    let place = place_at(view, layout, scale, at.0)?;
    let column = view.column_at(lane, place);
    match row.lane.kind {
        LaneKind::Frames => {
            let column = column?;
            Some(frame_tip(view, lane, column, *lane.cells.get(column)?))
        }
        LaneKind::Rollbacks => arc(view, layout, scale, at).map(|arc| rollback_tip(lane, &arc)),
        LaneKind::Queue(queue) => {
            let queue = lane.queues.get(queue)?;
            let value = (*queue.values.get(column?)?)?;
            Some(Tip {
                title: format!("{} {}: {value}", lane.name, queue.name),
                pairs: vec![
                    ("at", frames_text(view, lane, column?)),
                    ("meaning", queue.explanation.to_owned()),
                ],
            })
        }
        LaneKind::Inputs => arrow(view, &row, scale, at).map(|arrow| arrow_tip(view, &arrow)),
        LaneKind::Worker => worker_tip(view, lane, scale, place, column),
        kind => {
            let values = view.lanes.iter().filter_map(|lane| {
                let column = view.column_at(lane, place);
                let value = lines::value_at(kind, view, lane, column)?;
                Some(format!("{} {value}", lane.name))
            });
            let values: Vec<String> = values.collect();
            Some(Tip {
                title: format!("{}: {}", kind.name(), values.join(", ")),
                pairs: vec![("meaning", kind.meaning().to_owned())],
            })
        }
    }
}

/// The rollback whose crown is nearest to a point, if one is near.
#[must_use]
pub fn arc(view: &TimelineView, layout: &Layout, scale: Scale, at: Point) -> Option<Arc> {
    if scale.zoom() == Zoom::Far {
        return None;
    }
    let row = layout.row_at(at.1).filter(|row| row.lane.kind == LaneKind::Rollbacks)?;
    let lane = view.lanes.get(row.lane.peer)?;
    let arc_lane = arc_lane(view, lane, &row);
    let distance = |arc: &Arc| {
        let (x, y) = arc_lane.crown(arc, scale);
        (x - at.0).hypot(y - at.1)
    };
    let nearest = lane.arcs.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    (distance(nearest) < 24.0).then_some(*nearest)
}

/// The arrow nearest to a point in a lane of inputs, causes of rollbacks first.
fn arrow(view: &TimelineView, row: &Row, scale: Scale, (x, y): Point) -> Option<InputArrow> {
    let first = f64::from(view.query.first);
    let share = (y - row.area.y) / row.area.h.max(1.0);
    let between = [row.lane.peer, row.lane.peer + 1];
    let distance = |arrow: &InputArrow| {
        let along = if arrow.from_lane == row.lane.peer { share } else { 1.0 - share };
        let at = scale.x_from_unit(first + arrow.from + (arrow.to - arrow.from) * along);
        (at - x).abs() + if arrow.fate == ArrowFate::Arrived { 2.0 } else { 0.0 }
    };
    let arrows = view
        .inputs
        .iter()
        .filter(|arrow| between.contains(&arrow.from_lane) && between.contains(&arrow.to_lane));
    let nearest = arrows.min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    (distance(nearest) < 8.0).then_some(*nearest)
}

/// A state in one word.
#[must_use]
pub const fn became_word(became: Became) -> &'static str {
    match became {
        Became::Nothing => "not checked",
        Became::Verified => "verified",
        Became::Confirmed => "confirmed",
        Became::Predicted => "still predicted",
        Became::Mismatch => "mismatch",
    }
}

fn frames_text(view: &TimelineView, lane: &PeerLane, column: usize) -> String {
    let (first, end) = view.frames_of(lane, column);
    if end > first.saturating_add(1) {
        format!("frames {first} to {}, the worst", end - 1)
    } else {
        format!("frame {first}")
    }
}

fn frame_tip(view: &TimelineView, lane: &PeerLane, column: usize, cell: Cell) -> Tip {
    let title = format!("{} {}", lane.name, frames_text(view, lane, column));
    let shown = match cell.shown {
        Shown::Nothing => "not seen",
        Shown::Real => "real inputs",
        Shown::Predicted => "predicted",
    };
    let mut pairs =
        vec![("shown with", shown.to_owned()), ("became", became_word(cell.became).to_owned())];
    if cell.resimulated > 0 {
        pairs.push(("ran again", format!("{} ×", cell.resimulated)));
    }
    if cell.missed_rollback {
        pairs.push(("rollback", "missed".to_owned()));
    } else if cell.stalled {
        pairs.push(("stalled", "before this frame".to_owned()));
    } else if cell.rollback_depth_frames > 0 {
        pairs.push(("rollback", format!("depth {}", cell.rollback_depth_frames)));
    }
    Tip { title, pairs }
}

fn rollback_tip(lane: &PeerLane, arc: &Arc) -> Tip {
    let last = arc.current.previous().unwrap_or(arc.current);
    let steps = format::counted(u64::from(arc.current.since(arc.snapshot)), "step");
    Tip {
        title: format!("Rollback on {}, depth {}", lane.name, arcs::depth(arc)),
        pairs: vec![
            ("found at", format!("frame {}", arc.current)),
            ("first incorrect", format!("frame {}", arc.target)),
            ("ran again", format!("{} to {last}, {steps}", arc.snapshot)),
            ("took", arc.micros.map_or("was not measured".to_owned(), format::duration)),
        ],
    }
}

fn arrow_tip(view: &TimelineView, arrow: &InputArrow) -> Tip {
    let name = |lane: usize| view.lanes.get(lane).map_or("", |lane| lane.name.as_str());
    let fate = match arrow.fate {
        ArrowFate::Arrived => "in time, or as guessed",
        ArrowFate::CausedRollback => "caused a rollback",
        ArrowFate::Lost => "never arrived",
    };
    let mut pairs = vec![("sent at", format!("frame {}", arrow.sent_at))];
    if let Some(arrived) = arrow.arrived_at {
        let late = i64::from(arrived.0) - i64::from(arrow.sent_at.0);
        pairs.push(("arrived at", format!("frame {arrived}, {late:+} frames")));
    }
    pairs.push(("fate", fate.to_owned()));
    Tip { title: format!("Inputs of {} to {}", name(arrow.from_lane), name(arrow.to_lane)), pairs }
}

fn worker_tip(
    view: &TimelineView,
    lane: &PeerLane,
    scale: Scale,
    place: f64,
    column: Option<usize>,
) -> Option<Tip> {
    let slack = 3.0 / scale.px_per_unit;
    let under = |bar: &&WorkerBar| place >= bar.at[0] - slack && place <= bar.at[3] + slack;
    let micros = |micros: u64| format::duration(micros);
    // A rollback hides small requests beside it.
    let bars = || lane.worker.iter().filter(under);
    if let Some(bar) = bars().find(|bar| bar.is_rollback).or_else(|| bars().next()) {
        let what = if bar.is_rollback { "Rollback" } else { "Request" };
        let total = bar.total_micros.map_or("no reply yet".to_owned(), micros);
        let mut pairs = vec![("operations", operations(bar))];
        match bar.split_micros {
            Some([wait, execute, reply]) => {
                pairs.push(("wait", micros(wait)));
                pairs.push(("execute", micros(execute)));
                pairs.push(("reply", micros(reply)));
            }
            None => {
                pairs.push(("split", "was not measured: the worker does not say it".to_owned()));
            }
        }
        return Some(Tip {
            title: format!("{what} to the worker of {}, {total}", lane.name),
            pairs,
        });
    }
    let peak = lane.worker_peaks.get(column?)?;
    (peak.longest_micros > 0).then(|| Tip {
        title: format!("Longest request of {}, {}", lane.name, micros(peak.longest_micros.into())),
        pairs: vec![
            ("posted in", frames_text(view, lane, column.unwrap_or_default())),
            ("longest rollback", micros(peak.longest_rollback_micros.into())),
        ],
    })
}

/// `setState, 8 × step, getState`.
fn operations(bar: &WorkerBar) -> String {
    let mut runs: Vec<(&str, u32)> = Vec::new();
    for name in &bar.operations {
        match runs.last_mut() {
            Some((last, count)) if last == name => *count += 1,
            _ => runs.push((name, 1)),
        }
    }
    let text = |(name, count): &(&str, u32)| {
        if *count == 1 { (*name).to_owned() } else { format!("{count} × {name}") }
    };
    let mut texts: Vec<String> = runs.iter().take(6).map(text).collect();
    if runs.len() > 6 || bar.operation_count as usize > bar.operations.len() {
        texts.push(format!("… {} in all", bar.operation_count));
    }
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::lanes::Choices;
    use crate::draw::layout::layout;
    use crate::range::Range;
    use rollscope::timeline::{Axis, LaneQuery};

    fn view() -> TimelineView {
        let cells =
            vec![Cell { shown: Shown::Predicted, became: Became::Verified, ..Cell::default() }; 20];
        let lane =
            PeerLane { name: "P1".to_owned(), is_observed: true, cells, ..PeerLane::default() };
        TimelineView {
            query: LaneQuery { axis: Axis::Frame, first: 0, units_per_column: 1, columns: 20 },
            lanes: vec![lane],
            ..TimelineView::default()
        }
    }

    #[test]
    fn a_frame_answers_with_its_state() {
        let view = view();
        let layout = layout((800.0, 300.0), &view, &Choices::default());
        let scale = Scale::new(Range { first: 0.0, frames: 20.0 }, layout.gutter, layout.right);
        let (_, place) = layout.frames().next().unwrap();
        let at = (scale.x_from_unit(3.5), place.y + 2.0);
        let tip = tip(&view, &layout, scale, at).unwrap();
        assert_eq!(tip.title, "P1 frame 3");
        assert_eq!(tip.pairs[1], ("became", "verified".to_owned()));
        assert_eq!(frame_at(&view, &layout, scale, at), Some(Frame(3)));
    }

    #[test]
    fn names_at_the_left_are_no_frame() {
        let view = view();
        let layout = layout((800.0, 300.0), &view, &Choices::default());
        let scale = Scale::new(Range::default(), layout.gutter, layout.right);
        assert_eq!(frame_at(&view, &layout, scale, (10.0, 60.0)), None);
    }

    #[test]
    fn on_the_time_axis_columns_are_as_wide_as_their_frames_took() {
        let mut view = view();
        view.query.axis = Axis::Time;
        let lane = &mut view.lanes[0];
        lane.cells.truncate(3);
        lane.frames = vec![7, 8, 9, 10];
        lane.edges = vec![0.0, 1.0, 5.0, 6.0];
        let layout = layout((800.0, 300.0), &view, &Choices::default());
        let scale = Scale::new(Range { first: 0.0, frames: 12.0 }, layout.gutter, layout.right);
        let frame = |unit: f64| frame_at(&view, &layout, scale, (scale.x_from_unit(unit), 40.0));
        assert_eq!([0.5, 4.5, 5.5].map(frame), [Some(Frame(7)), Some(Frame(8)), Some(Frame(9))]);
        assert_eq!(view.place_of_frame(Frame(8)), Some((1.0, 4.0)));
    }

    #[test]
    fn equal_operations_are_counted() {
        let bar = WorkerBar {
            operations: vec!["setState", "step", "step", "getState"],
            operation_count: 4,
            ..WorkerBar::default()
        };
        assert_eq!(operations(&bar), "setState, 2 × step, getState");
    }
}
