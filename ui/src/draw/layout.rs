//! Where each lane of the timeline stands.

use rollscope::timeline::TimelineView;

use super::lanes::{Choices, Lane, LaneKind, Side, Tall, fitting, gap, lanes};
use super::picture::Area;

/// Height of the axis.
pub const AXIS_HEIGHT: f64 = 22.0;
/// Canvas height from which lanes are tall.
pub const TALL: f64 = 380.0;

/// A lane and its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// The lane.
    pub lane: Lane,
    /// Its place.
    pub area: Area,
}

/// The lanes of a timeline.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Layout {
    /// Width of the names at the left.
    pub gutter: f64,
    /// Right edge of the plot.
    pub right: f64,
    /// From top to bottom.
    pub rows: Vec<Row>,
    /// Lower end of the last lane.
    pub bottom: f64,
    /// Lanes that did not fit.
    pub missing: usize,
}

/// Width of the names at the left: the longest name and the longest value side by side.
pub const GUTTER: f64 = 126.0;
/// The same where width is scarce.
pub const NARROW_GUTTER: f64 = 118.0;

/// Width of the names for a canvas of this size.
#[must_use]
pub fn gutter(height: f64) -> f64 {
    if height >= TALL { GUTTER } else { NARROW_GUTTER }
}

/// Lays out the lanes of a view.
#[must_use]
pub fn layout((width, height): (f64, f64), view: &TimelineView, choices: &Choices) -> Layout {
    let tall = if height >= TALL { Tall::Yes } else { Tall::No };
    let gutter = gutter(height);
    let right = (width - 8.0).max(gutter + 1.0);
    let all = lanes(view, choices);
    let top = AXIS_HEIGHT + 3.0;
    let (fitting, missing) = fitting(&all, choices, (height - top - 4.0).max(0.0), tall);
    let mut y = top;
    let mut rows = Vec::new();
    for (lane, h) in fitting {
        rows.push(Row { lane, area: Area::new(gutter, y, right - gutter, h) });
        y += h + gap(lane.kind, tall);
    }
    let bottom = rows.last().map_or(top, |row| row.area.bottom() + 4.0);
    Layout { gutter, right, rows, bottom: bottom.min(height), missing }
}

impl Layout {
    /// The row of a lane.
    #[must_use]
    pub fn row(&self, kind: LaneKind, peer: usize) -> Option<Row> {
        self.rows.iter().copied().find(|row| (row.lane.kind, row.lane.peer) == (kind, peer))
    }

    /// The row at a y.
    #[must_use]
    pub fn row_at(&self, y: f64) -> Option<Row> {
        self.rows.iter().copied().find(|row| y >= row.area.y && y < row.area.bottom())
    }

    /// Every frames lane with its peer.
    pub fn frames(&self) -> impl Iterator<Item = (usize, Area)> {
        let frames = self.rows.iter().filter(|row| row.lane.kind == LaneKind::Frames);
        frames.map(|row| (row.lane.peer, row.area))
    }

    /// The side of the frames that a peer's rollbacks are on.
    #[must_use]
    pub fn side(&self, peer: usize) -> Side {
        self.row(LaneKind::Rollbacks, peer).map_or(Side::Above, |row| row.lane.side)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rollscope::timeline::{PeerLane, QueueLane};

    fn view(observed: &[bool]) -> TimelineView {
        let lane = |is_observed: &bool| PeerLane {
            is_observed: *is_observed,
            queues: if *is_observed { vec![QueueLane::default(); 4] } else { Vec::new() },
            longest_micros: u32::from(*is_observed),
            ..PeerLane::default()
        };
        TimelineView { lanes: observed.iter().map(lane).collect(), ..TimelineView::default() }
    }

    #[test]
    fn lanes_do_not_overlap_and_fit() {
        for peers in [&[true, true][..], &[false, true], &[true], &[true; 8]] {
            for height in [220.0, 400.0, 694.0, 1400.0] {
                let layout = layout((780.0, height), &view(peers), &Choices::default());
                for pair in layout.rows.windows(2) {
                    assert!(pair[0].area.bottom() <= pair[1].area.y + 0.01, "{pair:?}");
                }
                let last = layout.rows.last().unwrap();
                assert!(last.area.bottom() <= height, "{peers:?} {height} {last:?}");
            }
        }
    }

    #[test]
    fn two_peers_mirror_around_their_inputs() {
        let layout = layout((780.0, 600.0), &view(&[true, true]), &Choices::default());
        let y = |kind, peer| layout.row(kind, peer).unwrap().area.y;
        assert!(y(LaneKind::Rollbacks, 0) < y(LaneKind::Frames, 0));
        assert!(y(LaneKind::Frames, 0) < y(LaneKind::Inputs, 0));
        assert!(y(LaneKind::Inputs, 0) < y(LaneKind::Frames, 1));
        assert!(y(LaneKind::Frames, 1) < y(LaneKind::Rollbacks, 1));
    }
}
