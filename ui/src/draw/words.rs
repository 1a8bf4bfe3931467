//! The pictures in words, for those who do not see them.

use rollscope::frame::Frame;
use rollscope::timeline::TimelineView;

use super::hit::became_word;
use super::timeline::column_of;
use crate::range::Range;

/// The timeline in one or two sentences: what is visible, and the state of the selected frame.
#[must_use]
pub fn timeline(view: &TimelineView, range: Range, selected: Option<Frame>) -> String {
    let arcs: usize = view.lanes.iter().map(|lane| lane.arcs.len()).sum();
    let mut text = format!(
        "Timeline, frames {} to {}, {} peers",
        range.first.floor(),
        range.end().floor(),
        view.lanes.len()
    );
    if arcs > 0 {
        text.push_str(&format!(", {arcs} rollbacks in view"));
    }
    if let Some(frame) = selected {
        text.push_str(&format!(". Frame {frame} is selected"));
        let column = column_of(view, frame);
        for lane in &view.lanes {
            if let Some(cell) = column.and_then(|column| lane.cells.get(column)) {
                text.push_str(&format!("; {} {}", lane.name, became_word(cell.became)));
            }
        }
    }
    text.push('.');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use rollscope::timeline::{Became, Cell, PeerLane};

    #[test]
    fn selected_frame_is_named_with_its_state() {
        let cells = vec![Cell { became: Became::Mismatch, ..Cell::default() }];
        let lane = PeerLane { name: "P1".to_owned(), cells, ..PeerLane::default() };
        let view =
            TimelineView { first: Frame(7), frames_per_column: 1, columns: 1, lanes: vec![lane] };
        let text = timeline(&view, Range { first: 7.0, frames: 1.0 }, Some(Frame(7)));
        assert_eq!(text, "Timeline, frames 7 to 8, 1 peers. Frame 7 is selected; P1 mismatch.");
    }
}
