//! Sizes of a page's queues, as the page itself would count them.

use super::MugPage;
use crate::frame::Frame;
use crate::session::peer::PeerSession;

/// Sizes of a page's queues, as the page itself would count them now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueSizes {
    /// The frame that is stepped next.
    pub frame: Frame,
    /// Highest confirmed frame.
    pub confirmed: Option<Frame>,
    /// Highest frame whose hashes the page found equal.
    pub verified: Option<Frame>,
    /// Frames that inputs are held for.
    pub inputs: u32,
    /// Frames that are marked as predicted.
    pub predicted: u32,
    /// Snapshots.
    pub snapshots: u32,
    /// Messages of the other peer that wait for the next tick.
    pub waiting: u32,
    /// Own hashes that are kept for comparison.
    pub own_hashes: u32,
    /// Hashes of the other peer that wait for the own one.
    pub peer_hashes: u32,
}

impl PeerSession {
    /// Sizes of the page's queues now; `None` for a page of another kind, or before its first frame.
    #[must_use]
    pub fn queue_sizes(&self) -> Option<QueueSizes> {
        self.mug.as_ref()?.queue_sizes(self)
    }
}

impl MugPage {
    fn queue_sizes(&self, peer: &PeerSession) -> Option<QueueSizes> {
        let record = peer.newest_episode()?;
        let ledger = record.mug_ledger()?;
        Some(QueueSizes {
            frame: record.next_frame(),
            confirmed: record.confirmed_frame(),
            verified: self.hashes.verified(),
            inputs: ledger.held_frames(),
            predicted: ledger.predicted_frames(),
            snapshots: ledger.snapshot_count(),
            waiting: self.waiting.len() as u32,
            own_hashes: self.hashes.own_count(),
            peer_hashes: self.hashes.peer_count(),
        })
    }
}
