//! The pictures in words, for those who do not see them.

use rollscope::fixed::Fixed;
use rollscope::frame::Frame;
use rollscope::timeline::{Axis, Became, TimelineView};

use super::hit::became_word;
use crate::format;
use crate::range::Range;

/// The timeline in one or two sentences: what is visible, and what is bad in it.
#[must_use]
pub fn timeline(view: &TimelineView, range: Range) -> String {
    let peers = format::counted(view.lanes.len() as u64, "peer");
    let what = match view.query.axis {
        Axis::Frame => {
            format!("frames {} to {}", Fixed(range.first.floor()), Fixed(range.end().floor()))
        }
        Axis::Time => {
            let seconds = |unit: f64| Fixed(unit * view.tick_micros as f64 / 1e6);
            format!("seconds {:.1} to {:.1}", seconds(range.first), seconds(range.end()))
        }
    };
    let mut text = format!("Timeline, {what}, {peers}");
    let arcs: usize = view.lanes.iter().map(|lane| lane.arcs.len()).sum();
    if arcs > 0 {
        text.push_str(&format!(", {} in view", format::counted(arcs as u64, "rollback")));
    }
    for lane in &view.lanes {
        let bad = |of: fn(&rollscope::timeline::Cell) -> bool| {
            let columns = lane.cells.iter().enumerate();
            columns.filter(|(_, cell)| of(cell)).map(|(column, _)| column).next()
        };
        let mut say = |name: &str, column: Option<usize>| {
            if let Some(column) = column {
                let (frame, _) = view.frames_of(lane, column);
                text.push_str(&format!("; {}: first {name} at frame {frame}", lane.name));
            }
        };
        say("mismatch", bad(|cell| cell.became == Became::Mismatch));
        say("missed rollback", bad(|cell| cell.missed_rollback));
        say("stall", bad(|cell| cell.stalled));
    }
    text.push('.');
    text
}

/// The selected frame in a sentence; empty without one.
#[must_use]
pub fn selection(view: &TimelineView, selected: Option<Frame>) -> String {
    let Some(frame) = selected else { return String::new() };
    let mut text = format!("Frame {frame} is selected");
    for lane in &view.lanes {
        let column = view.column_of(lane, frame);
        let Some(cell) = column.and_then(|column| lane.cells.get(column)) else { continue };
        text.push_str(&format!("; {} {}", lane.name, became_word(cell.became)));
        if cell.rollback_depth_frames > 0 {
            text.push_str(&format!(", rollback of depth {}", cell.rollback_depth_frames));
        }
        if cell.missed_rollback {
            text.push_str(", missed rollback");
        }
        if cell.stalled {
            text.push_str(", stalled before it");
        }
    }
    text.push('.');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use rollscope::timeline::{Cell, LaneQuery, PeerLane};

    fn view() -> TimelineView {
        let bad = Cell { became: Became::Mismatch, rollback_depth_frames: 3, ..Cell::default() };
        let lane = PeerLane { name: "P1".to_owned(), cells: vec![bad], ..PeerLane::default() };
        TimelineView {
            query: LaneQuery { axis: Axis::Frame, first: 7, units_per_column: 1, columns: 1 },
            lanes: vec![lane],
            ..TimelineView::default()
        }
    }

    #[test]
    fn what_is_visible_names_the_first_bad_frame() {
        let text = timeline(&view(), Range { first: 7.0, frames: 1.0 });
        assert_eq!(text, "Timeline, frames 7 to 8, 1 peer; P1: first mismatch at frame 7.");
    }

    #[test]
    fn selected_frame_is_named_with_its_state() {
        let text = selection(&view(), Some(Frame(7)));
        assert_eq!(text, "Frame 7 is selected; P1 mismatch, rollback of depth 3.");
        assert_eq!(selection(&view(), None), "");
    }
}
