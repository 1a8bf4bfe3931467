//! What the engine lets go of after a tick: snapshots and inputs that nobody can need any more.

use super::super::options::ResyncRule;
use super::super::saved::SavedState;
use super::Engine;
use crate::frame::Frame;

/// Settled snapshots kept behind the anchor as bases of differences, where states cross as such.
const MAX_BASES: u32 = 16;

impl<S: SavedState> Engine<S> {
    /// No rollback goes back behind the anchor, no peer lacks an input before the oldest one that is
    /// not acknowledged, and a page that comes back lacks none before those that are kept for it.
    pub(super) fn let_go(&mut self) {
        let Some(settled) = self.settled_frame() else { return };
        // The state at the end is made of a snapshot before it, however far steps went past it.
        let end = self.ending.end().unwrap_or(self.current);
        let settled = settled.min(self.current).min(end);
        let mut kept = settled;
        if self.options.resync == ResyncRule::Delta {
            let bases = self.settings.snapshot_interval_frames.saturating_mul(MAX_BASES);
            let agreed = self.others().map(|(player, _)| self.hashes.agreed(player));
            let oldest = agreed.map(|agreed| agreed.map_or(Frame::ZERO, |(frame, _)| frame)).min();
            kept = oldest.unwrap_or(settled).max(settled.minus(bases)).min(settled);
        }
        let anchor = if kept == settled {
            self.snapshots.discard_behind_anchor(settled)
        } else {
            self.snapshots.discard_behind_anchor(kept);
            self.snapshots.best_at_or_before(settled).map(|(anchor, _)| anchor)
        };
        if let Some(anchor) = anchor {
            let needed = self.repair.as_ref().map_or(anchor, |repair| repair.at_least.min(anchor));
            let needed = needed.minus(self.kept_frames);
            self.ledger.discard_before(self.oldest_unacknowledged().min(needed));
        }
    }
}
