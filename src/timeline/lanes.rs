//! Lanes over the frame axis: what each frame was shown as and what it became, rollbacks, queues.

use crate::frame::Frame;

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
    /// Whether the peer stalled before this frame.
    pub stalled: bool,
    /// Whether a wrong guess here was never repaired.
    pub missed_rollback: bool,
    /// Depth of the deepest rollback that was discovered here, 0 if none.
    pub rollback_depth_frames: u16,
}

/// One executed rollback, drawn from `current` back to `target`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arc {
    /// First incorrect frame; the snapshot's frame where it is not known.
    pub target: Frame,
    /// Where it was discovered.
    pub current: Frame,
    /// Where resimulation started.
    pub snapshot: Frame,
    /// Row of the rollback in the table of rollbacks.
    pub row: usize,
}

/// One quantity per column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueueLane {
    /// Name as it stands in the gutter.
    pub name: &'static str,
    /// What it means.
    pub explanation: &'static str,
    /// Highest value per column.
    pub values: Vec<u16>,
}

/// The lanes of one peer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PeerLane {
    /// `P1`, `P2`, …
    pub name: String,
    /// Whether its own traffic is observed.
    pub is_observed: bool,
    /// One per column.
    pub cells: Vec<Cell>,
    /// Rollbacks that touch the range, by `current`; left out above one frame per column's third
    /// of a pixel, where `rollback_depth_frames` of the cells serves.
    pub arcs: Vec<Arc>,
    /// Deepest rollback of the whole episode, for a scale that does not jump.
    pub deepest_frames: u16,
    /// Queue depths; the same names in the same order for every peer.
    pub queues: Vec<QueueLane>,
}

/// What the timeline shows of a range of frames.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TimelineView {
    /// Frame of the first column.
    pub first: Frame,
    /// Frames in one column, at least 1.
    pub frames_per_column: u32,
    /// Number of columns.
    pub columns: usize,
    /// One per peer.
    pub lanes: Vec<PeerLane>,
}

/// One strip per peer over the whole episode.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MinimapView {
    /// Number of frames in the episode so far.
    pub frames: u32,
    /// Per peer: name and cells, worst of each column.
    pub strips: Vec<(String, Vec<Cell>)>,
}
