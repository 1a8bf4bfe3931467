//! Lanes over the frame axis or the time axis: what each frame was shown as and what it became,
//! rollbacks, queues, inputs between peers, worker, clocks and pages.
//!
//! Places are in *units*: one frame on the frame axis, the nominal length of one frame on the time
//! axis, counted from the first step of the first observed peer. So both axes zoom and pan alike.

use crate::filter::States;
use crate::frame::Frame;

/// What the horizontal axis counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Axis {
    /// Frames: the same frame of all peers stands at one place.
    #[default]
    Frame,
    /// Time: what happened at one moment stands at one place, as far as the clocks agree.
    Time,
}

/// The part of the axis that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LaneQuery {
    /// The axis.
    pub axis: Axis,
    /// First unit.
    pub first: u32,
    /// Units in one column, at least 1.
    pub units_per_column: u32,
    /// Number of columns.
    pub columns: usize,
}

/// How a frame was when it was first stepped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shown {
    /// Not stepped by this peer, or not observed.
    #[default]
    Nothing,
    /// With the real inputs of all players.
    Real,
    /// With a guess for at least one player.
    Predicted,
}

/// What a frame became. In the order of severity: a bucket of frames shows its worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Became {
    /// Not stepped, or not observed.
    #[default]
    Nothing,
    /// Hash equal on all peers that reported one.
    Verified,
    /// Real inputs of all players are held.
    Confirmed,
    /// Still simulated with a guess.
    Predicted,
    /// Hash differs between peers.
    Mismatch,
}

/// One frame, or one bucket of frames with the worst of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// As shown first.
    pub shown: Shown,
    /// As it is now.
    pub became: Became,
    /// How often it was stepped again; the highest of a bucket.
    pub resimulated: u16,
    /// Depth of the deepest rollback that was discovered here, 0 if none.
    pub rollback_depth_frames: u16,
    /// Whether the peer stalled before this frame.
    pub stalled: bool,
    /// Whether a wrong guess here was never repaired.
    pub missed_rollback: bool,
    /// Every state that a frame of the bucket is in.
    pub states: States,
}

/// One executed rollback, drawn from `current` back to `target`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arc {
    /// First incorrect frame; the snapshot's frame where it is not known.
    pub target: Frame,
    /// Where it was discovered.
    pub current: Frame,
    /// Where resimulation started.
    pub snapshot: Frame,
    /// Place of `target` in units from the first one of the view.
    pub target_at: f64,
    /// Place of `current`.
    pub current_at: f64,
    /// Place of `snapshot`.
    pub snapshot_at: f64,
    /// Row of the rollback in the table of rollbacks.
    pub row: usize,
    /// From posting the request to its reply, in microseconds.
    pub micros: Option<u64>,
}

/// One quantity per column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueueLane {
    /// Name as it stands in the gutter.
    pub name: &'static str,
    /// What it means.
    pub explanation: &'static str,
    /// Highest value per column; `None` where no frame tells it.
    pub values: Vec<Option<u16>>,
}

/// One request to the worker.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WorkerBar {
    /// Places of posting, taking up, being done and the reply, in units from the first one of the
    /// view. Where the worker does not say when it took the request up, execution takes it all.
    pub at: [f64; 4],
    /// Wait, execution and reply, in microseconds; `None` where the worker does not say it.
    pub split_micros: Option<[u64; 3]>,
    /// From posting to the reply, in microseconds; `None` while it is open.
    pub total_micros: Option<u64>,
    /// Whether it is a rollback.
    pub is_rollback: bool,
    /// Names of its operations, at most 64 of them.
    pub operations: Vec<&'static str>,
    /// Number of its operations.
    pub operation_count: u32,
    /// Capture sequence number of the request.
    pub evidence: u32,
}

/// The longest request to the worker that was posted in one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WorkerPeak {
    /// The longest one's time, in microseconds.
    pub longest_micros: u32,
    /// The longest rollback's time, in microseconds.
    pub longest_rollback_micros: u32,
}

/// A message with inputs that went from one lane to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InputArrow {
    /// Lane of the sender.
    pub from_lane: usize,
    /// Lane of the receiver.
    pub to_lane: usize,
    /// The sender's frame.
    pub sent_at: Frame,
    /// The receiver's frame, where it arrived.
    pub arrived_at: Option<Frame>,
    /// Place of the sender's frame, in units from the first one of the view.
    pub from: f64,
    /// Place of the arrival; that of the sender's frame for a lost message.
    pub to: f64,
    /// What became of it.
    pub fate: ArrowFate,
}

/// What became of a message with inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArrowFate {
    /// It arrived.
    Arrived,
    /// It arrived and caused a rollback.
    CausedRollback,
    /// It never arrived.
    Lost,
}

/// The messages that arrived at a lane in one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InputColumn {
    /// Frames of the receiver by which the latest one was behind its sender's frame.
    pub latest_frames: u16,
    /// Whether one of them caused a rollback.
    pub caused_rollback: bool,
}

/// The lanes of one peer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PeerLane {
    /// `P1`, `P2`, …
    pub name: String,
    /// Whether its own traffic is observed.
    pub is_observed: bool,
    /// One per column.
    pub cells: Vec<Cell>,
    /// On the time axis: first frame of each column, and the frame after the last.
    pub frames: Vec<u32>,
    /// On the time axis with one frame in each column: left edge of each column and right edge of
    /// the last, in units from the first one of the view. Else columns are equally wide.
    pub edges: Vec<f64>,
    /// Rollbacks that touch the range, by `current`; left out where columns hold so many frames
    /// that `rollback_depth_frames` of the cells serves.
    pub arcs: Vec<Arc>,
    /// Deepest rollback of the whole episode, for a scale that does not jump.
    pub deepest_frames: u16,
    /// Queue depths; the same names in the same order for every peer.
    pub queues: Vec<QueueLane>,
    /// Lowest and highest frame advantage per column; `None` where no frame tells it.
    pub advantage: Vec<Option<(i16, i16)>>,
    /// Highest confirmation lag per column, in frames; `None` where no frame tells it.
    pub lag: Vec<Option<u16>>,
    /// Network round trips: place in units from the first one of the view, and microseconds.
    /// Of many in one column the lowest and the highest.
    pub pings: Vec<(f64, u64)>,
    /// Requests to the worker, where they can be told apart.
    pub worker: Vec<WorkerBar>,
    /// Requests to the worker, where they cannot: one per column.
    pub worker_peaks: Vec<WorkerPeak>,
    /// Longest request of the whole episode, in microseconds, for a scale that does not jump.
    pub longest_micros: u32,
    /// Messages that arrived, where arrows cannot be told apart: one per column.
    pub arrivals: Vec<InputColumn>,
    /// Messages for this lane that never came, of those that must have been sent.
    pub lost_messages: Option<(u32, u32)>,
    /// Spans in which the page was hidden, in units from the first one of the view.
    pub hidden: Vec<(f64, f64)>,
    /// Spans with long tasks or long animation frames, in units from the first one of the view.
    pub slow: Vec<(f64, f64)>,
    /// Whether the browser told of visibility and pace at all.
    pub has_page: bool,
    /// Whether the browser tells of no long tasks: only animation frames show then that the page was slow.
    pub lacks_long_tasks: bool,
}

/// What the timeline shows of a range.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TimelineView {
    /// What was asked for.
    pub query: LaneQuery,
    /// Nominal length of one frame, in microseconds: one unit on the time axis.
    pub tick_micros: u64,
    /// One per peer.
    pub lanes: Vec<PeerLane>,
    /// Messages between lanes, where they can be told apart.
    pub inputs: Vec<InputArrow>,
}

/// One strip per peer over the whole episode.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MinimapView {
    /// Number of units so far.
    pub units: u32,
    /// The axis.
    pub axis: Axis,
    /// Nominal length of one frame, in microseconds.
    pub tick_micros: u64,
    /// Per peer: name and cells, worst of each column.
    pub strips: Vec<(String, Vec<Cell>)>,
}

impl TimelineView {
    /// The column of a lane that holds a frame.
    #[must_use]
    pub fn column_of(&self, lane: &PeerLane, frame: Frame) -> Option<usize> {
        let column = if lane.frames.is_empty() {
            let offset = frame.0.checked_sub(self.query.first)?;
            (offset / self.query.units_per_column.max(1)) as usize
        } else {
            lane.frames.partition_point(|first| *first <= frame.0).checked_sub(1)?
        };
        (column < lane.cells.len()).then_some(column)
    }

    /// First frame of a lane's column and the frame after its last one.
    #[must_use]
    pub fn frames_of(&self, lane: &PeerLane, column: usize) -> (u32, u32) {
        if let (Some(first), Some(end)) = (lane.frames.get(column), lane.frames.get(column + 1)) {
            return (*first, *end);
        }
        let width = self.query.units_per_column.max(1);
        let before = u32::try_from(column).unwrap_or(u32::MAX).saturating_mul(width);
        let first = self.query.first.saturating_add(before);
        (first, first.saturating_add(width))
    }

    /// The column of a lane at a place, in units from the first one of the view.
    #[must_use]
    pub fn column_at(&self, lane: &PeerLane, place: f64) -> Option<usize> {
        let column = if lane.edges.is_empty() {
            let column = place / f64::from(self.query.units_per_column.max(1));
            (column >= 0.0).then_some(column as usize)?
        } else {
            lane.edges.partition_point(|edge| *edge <= place).checked_sub(1)?
        };
        (column < lane.cells.len()).then_some(column)
    }

    /// Left edge and width of a lane's column, in units from the first one of the view.
    #[must_use]
    pub fn place_of(&self, lane: &PeerLane, column: usize) -> (f64, f64) {
        if let (Some(left), Some(right)) = (lane.edges.get(column), lane.edges.get(column + 1)) {
            return (*left, right - left);
        }
        let width = f64::from(self.query.units_per_column.max(1));
        (column as f64 * width, width)
    }

    /// Where a frame stands: its left edge and width in units from the first one of the view, by
    /// the first lane that knows; `None` outside of the view.
    #[must_use]
    pub fn place_of_frame(&self, frame: Frame) -> Option<(f64, f64)> {
        match self.query.axis {
            Axis::Frame => Some((f64::from(frame.0) - f64::from(self.query.first), 1.0)),
            Axis::Time => self.lanes.iter().find_map(|lane| {
                let column = self.column_of(lane, frame)?;
                let (first, end) = self.frames_of(lane, column);
                let (left, width) = self.place_of(lane, column);
                let count = f64::from(end.saturating_sub(first).max(1));
                let inside = f64::from(frame.0.saturating_sub(first)) / count;
                (frame.0 < end).then_some((left + inside * width, width / count))
            }),
        }
    }
}
