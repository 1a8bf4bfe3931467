//! Messages that wait to be sent, and the lists of sent ones that the next messages are made of.
//!
//! Filled by the engine, emptied by its caller. Decides the order and how much a tick may send,
//! nothing of what is said to whom.

use std::collections::VecDeque;

use super::options::SendOrder;
use crate::action::Action;
use crate::frame::Frame;
use crate::message::{
    MAX_CHUNK_BYTES, MAX_HASHES_PER_MESSAGE, MAX_INPUTS_PER_MESSAGE, PeerMessage,
};
use crate::player::{MAX_PLAYERS, PlayerId};

/// Empty lists of each kind that are kept: one tick fills one per peer, and a caller may hold the
/// messages of a few ticks.
const MAX_SPARE: usize = 4 * MAX_PLAYERS;

/// Messages of one urgency that may wait; beyond it the oldest one goes.
const MAX_WAITING: usize = 1024;

/// How urgent a message is: the place of its list.
const URGENCIES: usize = 3;

#[derive(Debug, Clone)]
pub(super) struct Outbox {
    // One list per urgency; all messages are in the first one if they go out as they were made.
    waiting: [VecDeque<(PlayerId, PeerMessage)>; URGENCIES],
    order: SendOrder,
    bytes_per_tick: Option<u32>,
    allowance_bytes: i64,
    spare_actions: Vec<Vec<Action>>,
    spare_hashes: Vec<Vec<(Frame, u64)>>,
    spare_bytes: Vec<Vec<u8>>,
}

impl Outbox {
    pub(super) fn new(order: SendOrder, bytes_per_tick: Option<u32>) -> Self {
        Self {
            waiting: std::array::from_fn(|_| VecDeque::with_capacity(4 * MAX_PLAYERS)),
            order,
            bytes_per_tick,
            allowance_bytes: 0,
            spare_actions: Vec::new(),
            spare_hashes: Vec::new(),
            spare_bytes: Vec::new(),
        }
    }

    /// Begins a tick: what may be sent in it is added to what is left, up to twice as much.
    pub(super) fn handle_tick(&mut self) {
        let budget = i64::from(self.bytes_per_tick.unwrap_or(0));
        self.allowance_bytes = (self.allowance_bytes + budget).min(2 * budget);
    }

    /// Queues a message; returns whether an older one had to go for it.
    pub(super) fn push(&mut self, peer: PlayerId, message: PeerMessage) -> bool {
        let urgency = match self.order {
            SendOrder::ByPriority => urgency(&message),
            SendOrder::AsMade => 0,
        };
        let Some(list) = self.waiting.get_mut(urgency) else { return false };
        // Newer inputs hold all that older ones say.
        if self.order == SendOrder::ByPriority && matches!(message, PeerMessage::Inputs { .. }) {
            let is_older = |(to, waiting): &(PlayerId, PeerMessage)| {
                *to == peer && matches!(waiting, PeerMessage::Inputs { .. })
            };
            if let Some(place) = list.iter().position(is_older)
                && let Some((_, older)) = list.remove(place)
            {
                self.recycle(older);
            }
        }
        let Some(list) = self.waiting.get_mut(urgency) else { return false };
        list.push_back((peer, message));
        if list.len() <= MAX_WAITING {
            return false;
        }
        if let Some((_, oldest)) = list.pop_front() {
            self.recycle(oldest);
        }
        true
    }

    /// Whether pieces of a state still wait for this peer.
    pub(super) fn holds_state_for(&self, peer: PlayerId) -> bool {
        self.waiting
            .iter()
            .flatten()
            .any(|(to, message)| *to == peer && matches!(message, PeerMessage::StateChunk { .. }))
    }

    /// Messages that wait.
    pub(super) fn len(&self) -> usize {
        self.waiting.iter().map(VecDeque::len).sum()
    }

    /// The next message to send; `None` also when this tick has sent what it may.
    pub(super) fn poll(&mut self) -> Option<(PlayerId, PeerMessage)> {
        if self.bytes_per_tick.is_some() && self.allowance_bytes <= 0 {
            return None;
        }
        let next = self.waiting.iter_mut().find_map(VecDeque::pop_front)?;
        if self.bytes_per_tick.is_some() {
            self.allowance_bytes -= next.1.encoded_len() as i64;
        }
        Some(next)
    }

    /// Forgets what waits for one peer.
    pub(super) fn forget(&mut self, peer: PlayerId) {
        self.waiting.iter_mut().for_each(|list| list.retain(|(to, _)| *to != peer));
    }

    /// Forgets what waits.
    pub(super) fn clear(&mut self) {
        for urgency in 0..URGENCIES {
            while let Some((_, message)) =
                self.waiting.get_mut(urgency).and_then(VecDeque::pop_front)
            {
                self.recycle(message);
            }
        }
    }

    /// An empty list with room for every action that one message may carry.
    pub(super) fn actions(&mut self) -> Vec<Action> {
        self.spare_actions.pop().unwrap_or_else(|| Vec::with_capacity(MAX_INPUTS_PER_MESSAGE))
    }

    /// An empty list with room for every hash that one message may carry.
    pub(super) fn hashes(&mut self) -> Vec<(Frame, u64)> {
        self.spare_hashes.pop().unwrap_or_else(|| Vec::with_capacity(MAX_HASHES_PER_MESSAGE))
    }

    /// An empty list with room for a chunk.
    pub(super) fn bytes(&mut self) -> Vec<u8> {
        self.spare_bytes.pop().unwrap_or_else(|| Vec::with_capacity(MAX_CHUNK_BYTES))
    }

    /// Keeps the list of a message that was sent.
    pub(super) fn recycle(&mut self, message: PeerMessage) {
        match message {
            PeerMessage::Inputs { actions, .. }
            | PeerMessage::ConfirmedInputs { actions, .. }
            | PeerMessage::HeldInputs { actions, .. } => {
                keep(&mut self.spare_actions, actions);
            }
            PeerMessage::StateHashes { hashes, .. } => keep(&mut self.spare_hashes, hashes),
            PeerMessage::StateChunk { bytes, .. } => keep(&mut self.spare_bytes, bytes),
            _ => {}
        }
    }
}

fn urgency(message: &PeerMessage) -> usize {
    match message {
        PeerMessage::Inputs { .. }
        | PeerMessage::FrameSync { .. }
        | PeerMessage::Hello { .. }
        | PeerMessage::Ping { .. }
        | PeerMessage::Pong { .. } => 0,
        PeerMessage::StateHashes { .. }
        | PeerMessage::HashesReceived { .. }
        | PeerMessage::StateRequest { .. }
        | PeerMessage::ConfirmedInputs { .. }
        | PeerMessage::HeldInputs { .. }
        | PeerMessage::InputRequest { .. }
        | PeerMessage::Watched { .. } => 1,
        PeerMessage::StateChunk { .. } => 2,
    }
}

fn keep<T>(spare: &mut Vec<Vec<T>>, mut list: Vec<T>) {
    if spare.len() < MAX_SPARE {
        list.clear();
        spare.push(list);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Episode;

    const PEER: PlayerId = PlayerId(1);

    fn inputs(first: u32) -> PeerMessage {
        PeerMessage::Inputs {
            episode: Episode(0),
            player: PlayerId(0),
            current: Frame(first),
            received_through: None,
            first: Frame(first),
            actions: vec![Action(1)],
        }
    }

    fn chunk(index: u32) -> PeerMessage {
        PeerMessage::StateChunk {
            episode: Episode(0),
            player: PlayerId(0),
            frame: Frame(0),
            hash: 0,
            is_end: false,
            base: None,
            total_bytes: 5000,
            index,
            bytes: vec![0; 1000],
        }
    }

    fn filled(order: SendOrder) -> Outbox {
        let mut outbox = Outbox::new(order, Some(1500));
        (0..3).for_each(|index| assert!(!outbox.push(PEER, chunk(index))));
        outbox.push(PEER, inputs(7));
        outbox
    }

    #[test]
    fn inputs_overtake_a_state_and_replace_older_ones() {
        let mut outbox = filled(SendOrder::ByPriority);
        outbox.push(PEER, inputs(8));
        outbox.handle_tick();
        assert_eq!(outbox.poll(), Some((PEER, inputs(8))));
        assert_eq!(outbox.poll(), Some((PEER, chunk(0))));
        assert_eq!(outbox.poll(), Some((PEER, chunk(1))));
        assert_eq!(outbox.poll(), None, "the tick has sent what it may");
        outbox.handle_tick();
        assert_eq!(outbox.poll(), Some((PEER, chunk(2))));
    }

    #[test]
    fn without_priority_inputs_wait_behind_a_state() {
        let mut outbox = filled(SendOrder::AsMade);
        let mut ticks = 0;
        let mut sent = Vec::new();
        while outbox.len() > 0 {
            ticks += 1;
            outbox.handle_tick();
            sent.extend(std::iter::from_fn(|| outbox.poll()));
        }
        assert_eq!(sent.last(), Some(&(PEER, inputs(7))));
        assert!(ticks >= 2);
    }

    #[test]
    fn an_outbox_that_nobody_empties_is_bounded() {
        let mut outbox = Outbox::new(SendOrder::ByPriority, None);
        let gone = (0..5000).filter(|index| outbox.push(PEER, chunk(*index))).count();
        assert_eq!((gone, outbox.len()), (5000 - MAX_WAITING, MAX_WAITING));
        assert_eq!(outbox.poll(), Some((PEER, chunk(gone as u32))));
    }
}
