//! What lies under the pointer on the timeline, and its words for the tooltip.

use rollscope::frame::Frame;
use rollscope::timeline::{Arc, Became, Cell, PeerLane, Shown, TimelineView};

use super::arcs;
use super::layout::Layout;
use super::picture::Point;
use super::scale::{Scale, Zoom};
use super::timeline::{arc_lane, column_of};

/// A tooltip: one bold line and up to four pairs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tip {
    /// The bold line.
    pub title: String,
    /// Name and value.
    pub pairs: Vec<(&'static str, String)>,
}

/// The frame at an x, if it lies in the plot.
#[must_use]
pub fn frame_at(layout: &Layout, scale: Scale, x: f64) -> Option<Frame> {
    let inside = x >= layout.gutter && x <= layout.right;
    inside.then(|| Frame(scale.frame_from_x(x).max(0.0) as u32))
}

/// The words for what lies at a point; `None` over nothing.
#[must_use]
pub fn tip(view: &TimelineView, layout: &Layout, scale: Scale, at: Point) -> Option<Tip> {
    let frame = frame_at(layout, scale, at.0)?;
    for (lane, places) in view.lanes.iter().zip(&layout.peers) {
        if places.frames.holds(at) {
            let cell = lane.cells.get(column_of(view, frame)?)?;
            return Some(frame_tip(view, lane, frame, *cell));
        }
        if places.arcs.holds(at) {
            return arc(view, layout, scale, at).map(|arc| Tip {
                title: format!("Rollback on {}, depth {}", lane.name, arcs::depth(&arc)),
                pairs: vec![
                    ("found at", format!("frame {}", arc.current)),
                    ("first incorrect", format!("frame {}", arc.target)),
                    ("ran again", ran_again(arc.snapshot, arc.current)),
                ],
            });
        }
        for (queue, area) in &places.queues {
            if area.holds(at) {
                let queue = lane.queues.get(*queue)?;
                let value = queue.values.get(column_of(view, frame)?)?;
                return Some(Tip {
                    title: format!("{} {}: {value}", lane.name, queue.name),
                    pairs: vec![
                        ("frame", frame.to_string()),
                        ("meaning", queue.explanation.to_owned()),
                    ],
                });
            }
        }
    }
    None
}

/// The rollback whose crown is nearest to a point, if one is near.
#[must_use]
pub fn arc(view: &TimelineView, layout: &Layout, scale: Scale, at: Point) -> Option<Arc> {
    if scale.zoom() == Zoom::Far {
        return None;
    }
    let mut lanes = view.lanes.iter().zip(&layout.peers);
    let (lane, places) = lanes.find(|(_, places)| places.arcs.holds(at))?;
    let arc_lane = arc_lane(lane, places);
    let distance = |arc: &Arc| {
        let (x, y) = arc_lane.crown(arc, scale);
        (x - at.0).hypot(y - at.1)
    };
    let nearest = lane.arcs.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    (distance(nearest) < 24.0).then_some(*nearest)
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

fn frame_tip(view: &TimelineView, lane: &PeerLane, frame: Frame, cell: Cell) -> Tip {
    let title = if view.frames_per_column > 1 {
        let first = frame.0 - frame.0 % view.frames_per_column;
        format!("{} frames {first} to {}, the worst", lane.name, first + view.frames_per_column - 1)
    } else {
        format!("{} frame {frame}", lane.name)
    };
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

fn ran_again(snapshot: Frame, current: Frame) -> String {
    let last = current.previous().unwrap_or(current);
    format!("{snapshot} to {last}, {} steps", current.since(snapshot))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::layout::layout;
    use crate::range::Range;

    #[test]
    fn a_frame_answers_with_its_state() {
        let cells =
            vec![Cell { shown: Shown::Predicted, became: Became::Verified, ..Cell::default() }; 20];
        let lane = PeerLane { name: "P1".to_owned(), cells, ..PeerLane::default() };
        let view =
            TimelineView { first: Frame(0), frames_per_column: 1, columns: 20, lanes: vec![lane] };
        let layout = layout(800.0, 300.0, &[Some(0)]);
        let scale = Scale::new(Range { first: 0.0, frames: 20.0 }, layout.gutter, layout.right);
        let place = layout.peers[0].frames;
        let tip = tip(&view, &layout, scale, (scale.centre_of(Frame(3)), place.y + 2.0)).unwrap();
        assert_eq!(tip.title, "P1 frame 3");
        assert_eq!(tip.pairs[1], ("became", "verified".to_owned()));
    }

    #[test]
    fn names_at_the_left_are_no_frame() {
        let layout = layout(800.0, 300.0, &[Some(0)]);
        let scale = Scale::new(Range::default(), layout.gutter, layout.right);
        assert_eq!(frame_at(&layout, scale, 10.0), None);
    }
}
