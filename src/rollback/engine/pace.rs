//! How the peers keep together: who is ahead, who waits, who is away.

use super::super::event::EngineEvent;
use super::super::saved::SavedState;
use super::super::time_sync::{PaceAdvice, advice, frames_from_units};
use super::Engine;
use crate::message::PeerStatus;
use crate::player::PlayerId;

impl<S: SavedState> Engine<S> {
    /// Frames that the fastest other peer was ahead when it was last heard of: what a page that
    /// slept may ask [`Engine::fast_forward`] for.
    #[must_use]
    pub fn frames_behind(&self) -> u32 {
        let newest = self.others().map(|(_, peer)| peer.current).max();
        newest.map_or(0, |newest| newest.since(self.current))
    }

    /// Frames that this peer is ahead of the slowest one that runs; negative behind it. `None`
    /// before enough was heard, or without frame syncs.
    #[must_use]
    pub fn advantage_frames(&self) -> Option<f64> {
        self.advantage_units().map(frames_from_units)
    }

    /// What to do so that no peer waits for the others longer than the network makes it.
    #[must_use]
    pub fn pace_advice(&self) -> PaceAdvice {
        self.advantage_units().map_or(PaceAdvice::Keep, advice)
    }

    /// Says that the caller left out `ticks`, as it was advised.
    pub fn note_waited(&mut self, ticks: u32) {
        self.peers.iter_mut().for_each(|peer| peer.sync.note_waited(ticks));
    }

    /// Says whether this page runs: while one is paused, no peer steps.
    pub fn set_status(&mut self, status: PeerStatus) {
        if self.status != status {
            self.status = status;
            // From here on it is said again and again: any message may be lost.
            self.has_changed_status = true;
            self.urgent_syncs = 3;
        }
    }

    pub(super) fn paused_player(&self) -> Option<PlayerId> {
        if self.status == PeerStatus::Paused {
            return Some(self.local);
        }
        let mut others = self.others();
        others.find(|(_, peer)| peer.status == PeerStatus::Paused).map(|(player, _)| player)
    }

    pub(super) fn handle_silence(&mut self) {
        for index in 0..self.peers.len() {
            let player = PlayerId(index as u8);
            let ours = self.current;
            let Some(peer) = self.peers.get_mut(index).filter(|_| player != self.local) else {
                continue;
            };
            if peer.handle_tick(ours) {
                let episode = self.episode;
                self.log(EngineEvent::PeerSilent { episode, player });
                self.hash_pace.handle_trouble();
            }
        }
    }

    fn advantage_units(&self) -> Option<i32> {
        let running = self.others().filter(|(_, peer)| {
            peer.status == PeerStatus::Running && !peer.is_silent() && peer.ended.is_none()
        });
        running.filter_map(|(_, peer)| peer.sync.advantage_units()).max()
    }
}
