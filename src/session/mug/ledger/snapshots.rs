//! The frames whose states a MUG page holds as snapshots, and which of them it forgets.

use std::collections::VecDeque;

use crate::frame::Frame;
use crate::session::mug::rules::Forgetting;

/// Snapshots of a page that counts them.
const COUNTED_SNAPSHOTS: usize = 30;

/// Snapshots that are remembered at most of a page that does not count them.
const MAX_SNAPSHOTS: usize = 4096;

/// The frames of the snapshots, in the order of their making.
#[derive(Debug, Clone, Default)]
pub(super) struct Snapshots(VecDeque<Frame>);

impl Snapshots {
    /// Saves the state before a frame; a frame that is saved again keeps its place.
    pub(super) fn save(&mut self, frame: Frame, forgetting: Forgetting) {
        if !self.0.contains(&frame) {
            self.0.push_back(frame);
        }
        let most = match forgetting {
            Forgetting::ByAge => COUNTED_SNAPSHOTS,
            Forgetting::BehindAnchor => MAX_SNAPSHOTS,
        };
        if self.0.len() > most {
            self.0.pop_front();
        }
    }

    /// Lets go of snapshots before a frame.
    pub(super) fn forget_before(&mut self, anchor: Frame) {
        self.0.retain(|saved| *saved >= anchor);
    }

    /// The newest snapshot of `target` or a frame before it.
    pub(super) fn newest_at(&self, target: Frame) -> Option<Frame> {
        self.0.iter().copied().filter(|saved| *saved <= target).max()
    }

    /// How many there are.
    pub(super) fn count(&self) -> u32 {
        self.0.len() as u32
    }
}
