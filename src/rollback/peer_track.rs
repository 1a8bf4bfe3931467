//! What an engine knows of one other peer: how far it is, what it holds, whether it is there.

use super::time_sync::TimeSync;
use crate::frame::{Episode, Frame};
use crate::message::PeerStatus;

/// Ticks without a message after which a peer counts as silent: two seconds at 60 a second.
const SILENT_TICKS: u32 = 120;

/// Ticks for which an input is missing before it is asked for, and between two questions: half a second
/// at 60 a second, in which its player has said it thirty times.
const ASKING_TICKS: u32 = 30;

/// One other peer.
#[derive(Debug, Clone, Copy)]
pub(super) struct PeerTrack {
    /// Newest frame up to which it holds our inputs.
    pub(super) acknowledged: Option<Frame>,
    /// Its newest current frame that was heard of.
    pub(super) current: Frame,
    /// The newest episode that it spoke of: it left all earlier ones.
    pub(super) episode: Episode,
    /// What it says of its running.
    pub(super) status: PeerStatus,
    status_tick: Option<u32>,
    /// The first frame that the episode does not have, as it says.
    pub(super) ended: Option<Frame>,
    /// Whether another end than ours was told already.
    pub(super) is_end_told: bool,
    pub(super) sync: TimeSync,
    /// Whether its page was loaded anew and has not yet said what it plays.
    pub(super) is_returning: bool,
    unheard_ticks: u32,
    // The first of its inputs that is missing though it has stepped past it, and for how many ticks.
    missing: Option<(Frame, u32)>,
}

impl PeerTrack {
    pub(super) fn new(episode: Episode) -> Self {
        Self {
            acknowledged: None,
            current: Frame::ZERO,
            episode,
            status: PeerStatus::Running,
            status_tick: None,
            ended: None,
            is_end_told: false,
            sync: TimeSync::default(),
            is_returning: false,
            unheard_ticks: 0,
            missing: None,
        }
    }

    /// A peer whose page was loaded anew, and which is known to lack our inputs from `needed` on only.
    pub(super) fn returning(episode: Episode, needed: Frame) -> Self {
        Self { acknowledged: needed.previous(), is_returning: true, ..Self::new(episode) }
    }

    /// Forgets what belonged to the episode before.
    pub(super) fn begin_episode(&mut self) {
        let Self { episode, status, status_tick, unheard_ticks, is_returning, .. } = *self;
        *self = Self { status, status_tick, unheard_ticks, is_returning, ..Self::new(episode) };
        self.sync.reset();
    }

    /// Takes that a message came. Returns whether the peer was silent before.
    pub(super) fn handle_heard(&mut self, episode: Episode) -> bool {
        self.episode = self.episode.max(episode);
        let was_silent = self.is_silent();
        self.unheard_ticks = 0;
        was_silent
    }

    /// Takes its current frame.
    pub(super) fn handle_current(&mut self, current: Frame) {
        self.current = self.current.max(current);
    }

    /// Takes what it says of its running in its tick `tick`; what overtook that knows better.
    pub(super) fn handle_status(&mut self, tick: u32, status: PeerStatus) {
        if self.status_tick.is_none_or(|known| tick > known) {
            self.status_tick = Some(tick);
            self.status = status;
        }
    }

    /// Takes that a tick passed. Returns whether the peer fell silent with it.
    pub(super) fn handle_tick(&mut self, ours: Frame) -> bool {
        self.unheard_ticks = self.unheard_ticks.saturating_add(1);
        if !self.is_silent() {
            self.sync.handle_tick(ours, self.current);
        }
        self.unheard_ticks == SILENT_TICKS
    }

    /// Takes that a tick passed in which `first` was the first of its inputs that is missing. Returns
    /// whether it is to be asked for: the peer stepped that frame, and has sent no input of it for long.
    pub(super) fn asks_for(&mut self, first: Frame) -> bool {
        if self.current <= first {
            self.missing = None;
            return false;
        }
        let ticks = self.missing.filter(|(frame, _)| *frame == first).map_or(0, |(_, ticks)| ticks);
        self.missing = Some((first, ticks.saturating_add(1)));
        (ticks + 1).is_multiple_of(ASKING_TICKS)
    }

    pub(super) fn is_silent(&self) -> bool {
        self.unheard_ticks >= SILENT_TICKS
    }
}
