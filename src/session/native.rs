//! What pages of this project's own runtime say to each other: who they are, inputs, hashes, offers of a state
//! (`docs/peer-protocol.md`).
//!
//! Each of these messages names its episode and its player, so each goes straight to the record that it is of.

use super::peer::PeerSession;
use crate::action::Action;
use crate::frame::{Episode, Frame};
use crate::message::SessionSettings;
use crate::observation::{Direction, Fact, Observation};
use crate::player::{MAX_PLAYERS, PlayerId};
use crate::time::Micros;

/// Inputs that one message announces.
struct Announced<'a> {
    episode: Episode,
    player: PlayerId,
    current: Frame,
    received_through: Option<Frame>,
    first: Frame,
    actions: &'a [Action],
}

impl Announced<'_> {
    fn by_frame(&self) -> impl Iterator<Item = (Frame, Action)> {
        let frames = (0..).map(|offset| self.first.plus(offset));
        frames.zip(self.actions.iter().copied())
    }
}

impl PeerSession {
    /// Takes an observation that only a page of this project's own runtime gives; any other is passed over.
    pub(super) fn handle_native(&mut self, observation: &Observation<'_>) {
        let (seq, time) = (observation.evidence.seq, observation.time);
        match &observation.fact {
            Fact::Introduced { direction, episode, player, players, settings } => {
                if *direction == Direction::Sent {
                    self.own_episode = self.own_episode.max(Some(*episode));
                }
                self.handle_introduction(*direction, *player, *players, settings);
                if !self.is_early(*episode) {
                    self.begin_episode(*episode);
                }
            }
            Fact::InputsAnnounced {
                direction,
                episode,
                player,
                current,
                received_through,
                first,
                actions,
                ..
            } => {
                let announced = Announced {
                    episode: *episode,
                    player: *player,
                    current: *current,
                    received_through: *received_through,
                    first: *first,
                    actions,
                };
                match direction {
                    Direction::Sent => self.handle_own_inputs(&announced, seq, time),
                    Direction::Received => self.handle_remote_inputs(&announced, seq, time),
                }
            }
            Fact::HashesReported { direction, episode, player, hashes } => {
                self.handle_hashes(*direction, *episode, *player, hashes, seq);
            }
            Fact::StateOffered { direction: Direction::Received, episode, frame, .. } => {
                if let Some(record) = self.episode_mut(*episode) {
                    record.handle_state_offer(*frame);
                }
            }
            _ => {}
        }
    }

    fn handle_introduction(
        &mut self,
        direction: Direction,
        player: PlayerId,
        players: u8,
        settings: &SessionSettings,
    ) {
        match direction {
            Direction::Sent => self.local = Some(player),
            // Of two players the other one is here.
            Direction::Received if players == 2 && player.0 < 2 => {
                self.local.get_or_insert(PlayerId(1 - player.0));
            }
            Direction::Received => {}
        }
        let players = usize::from(players).min(MAX_PLAYERS).max(self.settings.len());
        self.settings.resize(players, None);
        if let Some(slot) = self.settings.get_mut(player.index()) {
            *slot = Some(*settings);
        }
    }

    fn handle_own_inputs(&mut self, announced: &Announced<'_>, seq: u32, time: Micros) {
        self.local.get_or_insert(announced.player);
        self.own_episode = self.own_episode.max(Some(announced.episode));
        let Some(record) = self.episode_mut(announced.episode) else { return };
        record.own_current = record.own_current.max(Some(announced.current));
        let Some((last, _)) = announced.by_frame().last() else { return };
        record.handle_announcement(last);
        record.arrivals.note_sent(announced.current, time);
        for (frame, action) in announced.by_frame() {
            record.announcements.note_own(frame, action, seq);
        }
    }

    fn handle_remote_inputs(&mut self, announced: &Announced<'_>, seq: u32, time: Micros) {
        if self.is_early(announced.episode) {
            return;
        }
        let Some(record) = self.episode_mut(announced.episode) else { return };
        record.handle_remote_progress(announced.current, announced.received_through);
        record.note_arrival(announced.player, announced.current, seq, time);
        for (frame, action) in announced.by_frame() {
            record.handle_input(announced.player, frame, action, seq, time);
        }
    }

    fn handle_hashes(
        &mut self,
        direction: Direction,
        episode: Episode,
        player: PlayerId,
        hashes: &[(Frame, u64)],
        seq: u32,
    ) {
        if direction == Direction::Sent {
            self.local.get_or_insert(player);
        }
        let Some(record) = self.episode_mut(episode) else { return };
        let confirmed = record.confirmed_frame();
        // Without its steps nobody knows what the page has confirmed.
        let is_known = record.is_replayable() && !record.frames.is_empty();
        for (frame, hash) in hashes {
            if direction == Direction::Sent && is_known {
                record.announcements.note_hash(*frame, confirmed, seq);
            }
            record.hashes.note_report(player, *frame, *hash, seq);
            if record.hashes.has_difference(*frame) {
                record.states.pin(*frame);
            }
        }
    }

    // A page hears nothing of an episode that it has not begun itself.
    fn is_early(&self, episode: Episode) -> bool {
        self.own_episode.is_some_and(|own| episode > own)
    }
}
