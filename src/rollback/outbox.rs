//! Messages that wait to be sent, and the lists of sent ones that the next messages are made of.
//!
//! Filled by the engine, emptied by its caller. Decides nothing of what is said to whom.

use std::collections::VecDeque;

use crate::action::Action;
use crate::frame::Frame;
use crate::message::{MAX_HASHES_PER_MESSAGE, MAX_INPUTS_PER_MESSAGE, PeerMessage};
use crate::player::{MAX_PLAYERS, PlayerId};

/// Empty lists of each kind that are kept: one tick fills one per peer, and a caller may hold the
/// messages of a few ticks.
const MAX_SPARE: usize = 4 * MAX_PLAYERS;

#[derive(Debug, Clone, Default)]
pub(super) struct Outbox {
    messages: VecDeque<(PlayerId, PeerMessage)>,
    spare_actions: Vec<Vec<Action>>,
    spare_hashes: Vec<Vec<(Frame, u64)>>,
}

impl Outbox {
    pub(super) fn push(&mut self, peer: PlayerId, message: PeerMessage) {
        self.messages.push_back((peer, message));
    }

    /// Messages that wait.
    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    pub(super) fn poll(&mut self) -> Option<(PlayerId, PeerMessage)> {
        self.messages.pop_front()
    }

    /// An empty list with room for every action that one message may carry.
    pub(super) fn actions(&mut self) -> Vec<Action> {
        self.spare_actions.pop().unwrap_or_else(|| Vec::with_capacity(MAX_INPUTS_PER_MESSAGE))
    }

    /// An empty list with room for every hash that one message may carry.
    pub(super) fn hashes(&mut self) -> Vec<(Frame, u64)> {
        self.spare_hashes.pop().unwrap_or_else(|| Vec::with_capacity(MAX_HASHES_PER_MESSAGE))
    }

    /// Keeps the list of a message that was sent.
    pub(super) fn recycle(&mut self, message: PeerMessage) {
        match message {
            PeerMessage::Inputs { actions, .. } => keep(&mut self.spare_actions, actions),
            PeerMessage::StateHashes { hashes, .. } => keep(&mut self.spare_hashes, hashes),
            _ => {}
        }
    }
}

fn keep<T>(spare: &mut Vec<Vec<T>>, mut list: Vec<T>) {
    if spare.len() < MAX_SPARE {
        list.clear();
        spare.push(list);
    }
}
