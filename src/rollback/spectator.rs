//! A spectator: steps the frames that all players have confirmed, and never guesses.
//!
//! One player's peer feeds it. It may come late or fall behind: then it asks for a state and goes
//! on from there. It says nothing that a player waits for.

use std::collections::VecDeque;

use super::MAX_APART_FRAMES;
use super::drops::{DropCounts, DropReason};
use super::ledger::FrameInputs;
use super::plan::Request;
use super::saved::SavedState;
use super::transfer::{Incoming, StateName};
use crate::action::Action;
use crate::frame::{Episode, Frame};
use crate::message::PeerMessage;
use crate::player::{MAX_PLAYERS, PlayerId, PlayerSet};

/// Ticks between two words to the feeding peer.
const SPEAKING_TICKS: u32 = 4;

/// Ticks between two requests for a state.
const REQUEST_TICKS: u32 = 10;

/// The engine of one spectator.
#[derive(Debug, Clone)]
pub struct Spectator<S> {
    episode: Episode,
    players: u8,
    // Inputs of the frames from `next` on.
    waiting: VecDeque<FrameInputs>,
    next: Frame,
    ended: Option<Frame>,
    wants_state: bool,
    incoming: Option<Incoming>,
    received: Option<(Frame, S)>,
    loaded: Option<(Frame, S)>,
    later_episode: Option<Episode>,
    ticks: u32,
    requests: Vec<Request>,
    outgoing: VecDeque<PeerMessage>,
    drops: DropCounts,
}

impl<S: SavedState> Spectator<S> {
    /// A spectator before frame 0 of an episode of `players` players, at most [`MAX_PLAYERS`].
    #[must_use]
    pub fn new(players: u8, episode: Episode) -> Self {
        Self {
            episode,
            players: players.min(MAX_PLAYERS as u8),
            waiting: VecDeque::new(),
            next: Frame::ZERO,
            ended: None,
            wants_state: false,
            incoming: None,
            received: None,
            loaded: None,
            later_episode: None,
            ticks: 0,
            requests: Vec::new(),
            outgoing: VecDeque::new(),
            drops: DropCounts::default(),
        }
    }

    /// The next frame that will be simulated.
    #[must_use]
    pub fn current(&self) -> Frame {
        self.next
    }

    /// Frames whose inputs wait to be stepped.
    #[must_use]
    pub fn waiting_frames(&self) -> u32 {
        self.waiting.len() as u32
    }

    /// Whether it has stepped the whole episode.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.ended.is_some_and(|end| end <= self.next)
    }

    /// A later episode that the players have begun: make a spectator for it when this one has
    /// ended or need not.
    #[must_use]
    pub fn later_episode(&self) -> Option<Episode> {
        self.later_episode
    }

    /// What of the messages was dropped.
    #[must_use]
    pub fn drops(&self) -> &DropCounts {
        &self.drops
    }

    /// The state that was received for a frame, for `LoadSnapshot`.
    #[must_use]
    pub fn snapshot(&self, frame: Frame) -> Option<&S> {
        self.loaded.as_ref().filter(|(of, _)| *of == frame).map(|(_, state)| state)
    }

    /// Takes one message of the feeding peer; what cannot be used is counted and changes nothing.
    pub fn handle_message(&mut self, message: &PeerMessage) {
        match message.episode() {
            Some(episode) if episode < self.episode => {
                return self.drops.note(DropReason::EarlierEpisode);
            }
            Some(episode) if episode > self.episode => {
                self.later_episode = self.later_episode.max(Some(episode));
                return self.drops.note(DropReason::LaterEpisode);
            }
            _ => {}
        }
        match message {
            PeerMessage::ConfirmedInputs { players, first, ended, actions, .. } => {
                if *players != self.players {
                    return self.drops.note(DropReason::UnknownPlayer);
                }
                self.ended = self.ended.or(*ended);
                self.handle_inputs(*first, actions);
            }
            PeerMessage::StateChunk {
                frame,
                hash,
                is_end,
                base: None,
                total_bytes,
                index,
                bytes,
                ..
            } => {
                let (frame, hash, is_end, base) = (*frame, *hash, *is_end, None);
                let name = StateName { frame, hash, is_end, base, total_bytes: *total_bytes };
                self.handle_chunk(name, *index, bytes);
            }
            PeerMessage::StateChunk { .. } => self.drops.note(DropReason::BadChunk),
            _ => {}
        }
    }

    /// Plans one batch of up to `frames` frames, all of them with real inputs; empty while nothing
    /// new is confirmed.
    pub fn tick(&mut self, frames: u32) -> &[Request] {
        self.requests.clear();
        self.ticks = self.ticks.wrapping_add(1);
        if let Some((frame, state)) = self.received.take() {
            self.requests.push(Request::LoadSnapshot { frame });
            self.loaded = Some((frame, state));
            self.go_to(frame);
        }
        for _ in 0..frames {
            let Some(inputs) = self.waiting.pop_front() else { break };
            self.requests.push(Request::AdvanceFrame { frame: self.next, inputs });
            self.next = self.next.next();
        }
        if self.ticks.is_multiple_of(SPEAKING_TICKS) && self.outgoing.is_empty() {
            let received_through = self.first_missing().previous();
            self.outgoing
                .push_back(PeerMessage::Watched { episode: self.episode, received_through });
        }
        if self.wants_state && self.ticks.is_multiple_of(REQUEST_TICKS) {
            self.outgoing.push_back(PeerMessage::StateRequest {
                episode: self.episode,
                player: PlayerId(u8::MAX),
                at_least: self.next,
                base: None,
                missing: self.incoming.as_ref().map(Incoming::missing),
            });
        }
        &self.requests
    }

    /// The next message for the feeding peer.
    pub fn poll_message(&mut self) -> Option<PeerMessage> {
        self.outgoing.pop_front()
    }

    fn first_missing(&self) -> Frame {
        self.next.plus(self.waiting.len() as u32)
    }

    fn handle_inputs(&mut self, first: Frame, actions: &[Action]) {
        let missing = self.first_missing();
        if first > missing {
            // The feeding peer keeps no inputs from here on: only a state helps.
            self.wants_state |= self.received.is_none();
            return;
        }
        let players = usize::from(self.players.max(1));
        let known = missing.since(first) as usize;
        for frame in actions.chunks_exact(players).skip(known) {
            if self.waiting_frames() >= MAX_APART_FRAMES {
                return self.drops.note(DropReason::TooFarAhead);
            }
            self.waiting.push_back(FrameInputs::new(frame, PlayerSet::EMPTY));
        }
    }

    fn handle_chunk(&mut self, name: StateName, index: u32, chunk: &[u8]) {
        if !self.wants_state {
            return self.drops.note(DropReason::NotAsked);
        }
        if self.incoming.as_ref().is_none_or(|incoming| incoming.name != name) {
            let known = self.incoming.as_ref().map(|incoming| incoming.name.frame);
            if name.frame < self.next || known >= Some(name.frame) {
                return self.drops.note(DropReason::BadChunk);
            }
            self.incoming = Incoming::new(name);
        }
        let fits = self.incoming.as_mut().is_some_and(|incoming| incoming.insert(index, chunk));
        if !fits {
            return self.drops.note(DropReason::BadChunk);
        }
        let Some(bytes) = self.incoming.as_ref().and_then(Incoming::complete) else { return };
        match S::read(bytes) {
            Some(state) => {
                self.received = Some((name.frame, state));
                self.wants_state = false;
            }
            None => self.drops.note(DropReason::BadState),
        }
        self.incoming = None;
    }

    fn go_to(&mut self, frame: Frame) {
        let skipped = frame.since(self.next) as usize;
        self.waiting.drain(..skipped.min(self.waiting.len()));
        self.next = self.next.max(frame);
    }
}
