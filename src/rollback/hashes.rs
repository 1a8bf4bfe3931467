//! Hashes of confirmed states: what this peer announced, what others said, and where they differ.
//!
//! Both sides are kept, because either may come first. Ours are said again until every peer has
//! acknowledged them, whatever is lost or rolled back. Makes no messages and knows no states.

use std::collections::VecDeque;

use crate::frame::Frame;
use crate::player::{PlayerId, PlayerSet};

/// Ticks without a new hash after which those that a peer has not acknowledged are said again.
const RESEND_TICKS: u32 = 8;

/// Hashes of either side that wait for the other's; older ones are let go.
const WAITING_HASHES: usize = 256;

/// A hash of ours, and the peers that are known to have it.
#[derive(Debug, Clone, Copy)]
struct Announced {
    frame: Frame,
    hash: u64,
    held_by: PlayerSet,
}

#[derive(Debug, Clone)]
pub(super) struct HashExchange {
    ours: VecDeque<Announced>,
    ticks_since_said: u32,
    theirs: VecDeque<(Frame, u64)>,
}

impl HashExchange {
    pub(super) fn new() -> Self {
        Self {
            ours: VecDeque::with_capacity(WAITING_HASHES),
            ticks_since_said: 0,
            theirs: VecDeque::with_capacity(WAITING_HASHES),
        }
    }

    /// Notes our hash of a confirmed frame; `differs` hears every other hash that a peer said.
    pub(super) fn announce(&mut self, frame: Frame, hash: u64, differs: impl FnMut(u64)) {
        push(&mut self.ours, Announced { frame, hash, held_by: PlayerSet::EMPTY });
        others(&self.theirs, frame, hash).for_each(differs);
    }

    /// Notes a peer's hash, once; `differs` hears our own if it is another one.
    pub(super) fn handle_peer_hash(&mut self, frame: Frame, hash: u64, differs: impl FnMut(u64)) {
        // Hashes are repeated soon after they came: the newest entries know most of them.
        if self.theirs.iter().rev().any(|known| *known == (frame, hash)) {
            return;
        }
        push(&mut self.theirs, (frame, hash));
        let ours = self.ours.iter().filter(|ours| ours.frame == frame && ours.hash != hash);
        ours.map(|ours| ours.hash).for_each(differs);
    }

    /// Notes that `player` has our hashes from `first` to `last`, which came in one message.
    pub(super) fn handle_acknowledgement(&mut self, player: PlayerId, first: Frame, last: Frame) {
        for ours in self.ours.iter_mut().filter(|ours| (first..=last).contains(&ours.frame)) {
            ours.held_by.insert(player);
        }
    }

    /// Whether a tick that brought `new` hashes should say what is not acknowledged: at once if
    /// there are new ones, else every few ticks.
    pub(super) fn is_due(&mut self, new: usize) -> bool {
        self.ticks_since_said += 1;
        let is_due = new > 0 || self.ticks_since_said >= RESEND_TICKS;
        if is_due {
            self.ticks_since_said = 0;
        }
        is_due
    }

    /// Our hashes that `player` has not acknowledged, oldest first.
    pub(super) fn to_send(&self, player: PlayerId) -> impl Iterator<Item = (Frame, u64)> {
        let missing = self.ours.iter().filter(move |ours| !ours.held_by.contains(player));
        missing.map(|ours| (ours.frame, ours.hash))
    }
}

fn push<T>(list: &mut VecDeque<T>, entry: T) {
    while list.len() >= WAITING_HASHES {
        list.pop_front();
    }
    list.push_back(entry);
}

fn others(list: &VecDeque<(Frame, u64)>, frame: Frame, hash: u64) -> impl Iterator<Item = u64> {
    list.iter().filter(move |(of, known)| *of == frame && *known != hash).map(|(_, known)| *known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differing(work: impl FnOnce(&mut dyn FnMut(u64))) -> Vec<u64> {
        let mut found = Vec::new();
        work(&mut |hash| found.push(hash));
        found
    }

    #[test]
    fn a_differing_hash_behind_an_equal_one_is_found() {
        let mut exchange = HashExchange::new();
        exchange.handle_peer_hash(Frame(5), 1, |_| {});
        exchange.handle_peer_hash(Frame(5), 2, |_| {});
        assert_eq!(differing(|note| exchange.announce(Frame(5), 1, note)), [2]);
    }

    #[test]
    fn a_hash_that_comes_after_ours_is_compared_once() {
        let mut exchange = HashExchange::new();
        exchange.announce(Frame(5), 1, |_| {});
        assert_eq!(differing(|note| exchange.handle_peer_hash(Frame(5), 2, note)), [1]);
        assert!(differing(|note| exchange.handle_peer_hash(Frame(5), 2, note)).is_empty());
        assert!(differing(|note| exchange.handle_peer_hash(Frame(5), 1, note)).is_empty());
    }

    #[test]
    fn hashes_are_said_until_each_peer_has_acknowledged_them() {
        let mut exchange = HashExchange::new();
        for frame in 0..20 {
            exchange.announce(Frame(frame), 0, |_| {});
        }
        let frames = |exchange: &HashExchange, player| {
            exchange.to_send(PlayerId(player)).map(|(frame, _)| frame.0).collect::<Vec<_>>()
        };
        exchange.handle_acknowledgement(PlayerId(1), Frame(16), Frame(19));
        assert_eq!(frames(&exchange, 1), (0..16).collect::<Vec<_>>(), "the first message was lost");
        assert_eq!(frames(&exchange, 2).len(), 20, "another peer's word says nothing of this one");
        exchange.handle_acknowledgement(PlayerId(1), Frame(0), Frame(15));
        assert!(frames(&exchange, 1).is_empty());
    }

    #[test]
    fn without_new_hashes_the_old_ones_are_due_every_few_ticks() {
        let mut exchange = HashExchange::new();
        assert!(exchange.is_due(1));
        let due: Vec<bool> = (0..16).map(|_| exchange.is_due(0)).collect();
        assert_eq!(due.iter().filter(|due| **due).count(), 2);
        assert!(due[7] && due[15]);
    }
}
