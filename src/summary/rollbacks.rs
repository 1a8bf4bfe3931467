//! The table of rollbacks and what its round trips cost.

use serde::Serialize;

use crate::action::Action;
use crate::frame::{Episode, Frame};
use crate::player::PlayerId;

/// One executed rollback.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RollbackRow {
    /// Peer that rolled back, by the order of the session's peers.
    pub peer: u32,
    /// Its name: `P1`, `P2`, …
    pub peer_name: String,
    /// The episode.
    pub episode: Episode,
    /// First incorrect frame; `None` where the traffic does not tell it.
    pub target: Option<Frame>,
    /// The frame that was about to be stepped.
    pub current: Frame,
    /// Frame of the snapshot that was loaded.
    pub snapshot: Frame,
    /// `current` − `target`.
    pub depth_frames: Option<u32>,
    /// Frames stepped again.
    pub resimulated: u32,
    /// Whose input was guessed wrong.
    pub cause_player: Option<PlayerId>,
    /// The guess.
    pub predicted: Option<Action>,
    /// The real input.
    pub actual: Option<Action>,
    /// Requests to the worker that the rollback took.
    pub round_trips: u32,
    /// Requests that it would have taken with one operation each.
    pub round_trips_unbatched: u32,
    /// From posting the first request to the last reply, in microseconds; `None` while it runs.
    pub total_micros: Option<u64>,
    /// Of that, until the worker took the request up.
    pub wait_micros: Option<u64>,
    /// Of that, until the worker was done.
    pub execute_micros: Option<u64>,
    /// Of that, until the reply was back.
    pub reply_micros: Option<u64>,
    /// Capture sequence number of the first request.
    pub evidence: u32,
}

/// Round trips of all rollbacks, as they were and as they would have been.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct SavingsView {
    /// Rollbacks counted.
    pub rollbacks: u32,
    /// Requests used, and their time in microseconds.
    pub as_is: (u32, u64),
    /// With one request per operation: requests, and time estimated from this session's own
    /// median wait and reply per request.
    pub unbatched: (u32, u64),
    /// Median wait plus reply of one request in this session, in microseconds.
    pub overhead_micros: Option<u64>,
}
