//! The end of an episode: found by the game, certain once confirmed, left when every peer has what
//! it needs. So nothing is promoted, patched or cut off.

use super::super::event::EngineEvent;
use super::super::options::ResyncRule;
use super::super::plan::Request;
use super::super::saved::SavedState;
use super::Engine;
use crate::frame::Frame;
use crate::player::PlayerId;

/// What is known of the end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    // The step of this frame ended the episode; a fixed one is never forgotten.
    last_frame: Option<Frame>,
    is_fixed: bool,
    was_forgotten: bool,
    certain: Option<Frame>,
    is_hashed: bool,
    patience_ticks: u32,
}

/// Ticks that a certain end waits for peers to agree on its state: ten seconds at 60 a second.
const PATIENCE_TICKS: u32 = 600;

/// What is left of them when a giver that steps on is asked for its state.
const SUSPICION_TICKS: u32 = 150;

impl Ending {
    pub(super) fn new(frames: Option<u32>) -> Self {
        Self {
            last_frame: frames.and_then(|frames| Frame(frames).previous()),
            is_fixed: frames.is_some(),
            was_forgotten: false,
            certain: None,
            is_hashed: false,
            patience_ticks: PATIENCE_TICKS,
        }
    }

    /// The first frame that the episode does not have, as far as is known.
    pub(super) fn end(&self) -> Option<Frame> {
        self.last_frame.map(Frame::next)
    }

    pub(super) fn is_at_or_before(&self, frame: Frame) -> bool {
        self.end().is_some_and(|end| end <= frame)
    }

    /// The end, once nothing can change it.
    pub(super) fn certain(&self) -> Option<Frame> {
        self.certain
    }

    pub(super) fn is_certain(&self) -> bool {
        self.certain.is_some()
    }

    /// Whether this tick steps frames again that had brought an end.
    pub(super) fn was_forgotten(&self) -> bool {
        self.was_forgotten
    }

    pub(super) fn handle_tick_done(&mut self) {
        self.was_forgotten = false;
        self.patience_ticks -= u32::from(self.certain.is_some() && self.patience_ticks > 0);
    }

    /// Takes the end of a received state, if it stands at one, in place of what was known;
    /// `steps_follow` says that frames after it are stepped.
    pub(super) fn replace(&mut self, end: Option<Frame>, steps_follow: bool) {
        self.certain = None;
        self.is_hashed = false;
        if !self.is_fixed {
            self.last_frame = end.and_then(Frame::previous);
            self.was_forgotten = steps_follow;
        }
    }

    /// Takes back that the end is certain: the states that it rests on are in doubt.
    pub(super) fn doubt(&mut self) {
        self.certain = None;
        self.is_hashed = false;
    }

    /// Ends the episode without a last state, because it cannot be made any more.
    pub(super) fn end_without_state(&mut self, end: Frame) {
        self.certain = Some(end);
        self.is_hashed = true;
    }

    /// Notes that the frames from `frame` on are stepped again.
    pub(super) fn forget_from(&mut self, frame: Frame) {
        self.certain = None;
        self.is_hashed = false;
        if !self.is_fixed && self.last_frame.is_some_and(|last| last >= frame) {
            self.last_frame = None;
            self.was_forgotten = true;
        }
    }
}

impl<S: SavedState> Engine<S> {
    /// Says that the step of `frame` ended the episode. The engine steps no further; a rollback
    /// that steps the frame again takes it back until it is said again.
    pub fn handle_terminal(&mut self, frame: Frame) {
        if !self.ending.is_fixed && frame < self.current {
            let earliest = self.ending.last_frame.map_or(frame, |known| known.min(frame));
            self.ending.last_frame = Some(earliest);
        }
    }

    /// The first frame that the episode does not have, once all inputs up to it are confirmed and
    /// nothing is left to repair.
    #[must_use]
    pub fn ended(&self) -> Option<Frame> {
        self.ending.certain()
    }

    /// Whether the episode is over and every other peer has all that it needs of it: its inputs
    /// and hashes, and the hash of its last state has come. A peer that is in a later episode has.
    #[must_use]
    pub fn may_leave_episode(&self) -> bool {
        let Some(end) = self.ending.certain() else { return false };
        self.repair.is_none()
            && self.others().all(|(player, peer)| {
                let has_inputs = peer.acknowledged >= end.previous();
                let has_hashes = self.hashes.to_send(player).next().is_none();
                let agrees = self.hashes.agreed(player).is_some_and(|(frame, _)| frame == end);
                // Without a resync, or when it does not help, an episode may end in discord.
                let may_differ =
                    self.options.resync == ResyncRule::Off || self.ending.patience_ticks == 0;
                let has_compared = match peer.ended {
                    Some(theirs) if may_differ => {
                        let is_heard = self.hashes.has_heard(player, end);
                        theirs != end || is_heard || self.ending.patience_ticks == 0
                    }
                    Some(_) => agrees,
                    None => false,
                };
                peer.episode > self.episode || (has_inputs && has_hashes && has_compared)
            })
    }

    /// Asks for the last state, which need not stand on the grid of snapshots.
    pub(super) fn save_end_state(&mut self) {
        let frame = self.current;
        if self.ending.end() == Some(frame) && self.snapshots.get(frame).is_none() {
            self.live_requests.push(Request::SaveSnapshot { frame });
        }
    }

    /// Notes the end once it is certain, with the hash of the last state. Returns the hashes to
    /// say.
    pub(super) fn note_end(&mut self) -> usize {
        self.give_up_lost_repair();
        self.suspect_silent_giver();
        let Some(end) = self.ending.end().filter(|end| *end == self.current) else { return 0 };
        if !self.is_final_before(end) || self.repair.is_some() || self.ending.is_hashed {
            return 0;
        }
        let Some(hash) = self.snapshots.get(end).map(|snapshot| snapshot.hash) else { return 0 };
        if self.ending.certain.is_none() {
            self.log(EngineEvent::EpisodeEnded { episode: self.episode, frame: end });
        }
        self.ending.certain = Some(end);
        self.ending.is_hashed = true;
        self.urgent_syncs = 3;
        self.note_hash(end, hash, true);
        1
    }

    /// Whether nothing can change the state before `frame` any more.
    pub(super) fn is_final_before(&self, frame: Frame) -> bool {
        let wrong = self.ledger.earliest_misprediction();
        self.confirmed_frame() >= frame.previous() && wrong.is_none_or(|w| w.frame >= frame)
    }

    // It has all it needs to end with us and steps on: no hash may ever show why.
    fn suspect_silent_giver(&mut self) {
        let (Some(end), giver) = (self.ending.certain(), self.giver()) else { return };
        let is_suspect = self.peers.get(giver.index()).is_some_and(|peer| {
            peer.ended.is_none()
                && peer.episode == self.episode
                && peer.current > end
                && peer.acknowledged >= end.previous()
        });
        if is_suspect && self.ending.patience_ticks == SUSPICION_TICKS {
            self.want_state_of(giver);
        }
    }

    /// Takes a peer's word of the end. Two ends are a desync, even if no hash of a frame that both
    /// have shows it.
    pub(super) fn handle_peer_end(&mut self, player: PlayerId, theirs: Frame) {
        let ours = self.ending.certain();
        let went_past = theirs < self.current
            && self.is_final_before(theirs)
            && self.ending.end() != Some(theirs);
        let differs = ours.map_or(went_past, |ours| ours != theirs);
        let Some(peer) = self.peers.get_mut(player.index()) else { return };
        peer.ended = Some(theirs);
        if differs && !peer.is_end_told {
            peer.is_end_told = true;
            self.log(EngineEvent::EndsDiffer { episode: self.episode, player, theirs, ours });
            self.hash_pace.handle_desync();
            self.want_state_of(player);
            // Nobody steps past the earliest end, so that nobody waits for ever.
            if ours.is_none() && self.options.resync == ResyncRule::Off && !self.ending.is_fixed {
                self.ending.last_frame = theirs.previous();
            }
        }
        self.reach_giver_end(player, theirs);
    }
}
