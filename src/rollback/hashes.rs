//! Hashes of confirmed states: what this peer announced, what others said, and where they differ.
//!
//! Both sides are kept, because either may come first. Makes no messages and knows no states.

use std::collections::VecDeque;

use crate::frame::Frame;

/// Hashes repeated in every message of hashes, so that a lost message loses none.
const REPEATED_HASHES: usize = 8;

/// Hashes of either side that wait for the other's; older ones are let go.
const WAITING_HASHES: usize = 256;

#[derive(Debug, Clone)]
pub(super) struct HashExchange {
    ours: VecDeque<(Frame, u64)>,
    theirs: VecDeque<(Frame, u64)>,
}

impl HashExchange {
    pub(super) fn new() -> Self {
        Self {
            ours: VecDeque::with_capacity(WAITING_HASHES),
            theirs: VecDeque::with_capacity(WAITING_HASHES),
        }
    }

    /// Notes our hash of a confirmed frame; `differs` hears every other hash that a peer said.
    pub(super) fn announce(&mut self, frame: Frame, hash: u64, differs: impl FnMut(u64)) {
        push(&mut self.ours, (frame, hash));
        others(&self.theirs, frame, hash).for_each(differs);
    }

    /// Notes a peer's hash, once; `differs` hears our own if it is another one.
    pub(super) fn handle_peer_hash(&mut self, frame: Frame, hash: u64, differs: impl FnMut(u64)) {
        // Hashes are repeated soon after they came: the newest entries know most of them.
        if self.theirs.iter().rev().any(|known| *known == (frame, hash)) {
            return;
        }
        push(&mut self.theirs, (frame, hash));
        others(&self.ours, frame, hash).for_each(differs);
    }

    /// What a message should say after `new` announcements, oldest first: these, and some of those
    /// before them.
    pub(super) fn to_send(&self, new: usize) -> impl Iterator<Item = (Frame, u64)> {
        let count = new.max(REPEATED_HASHES);
        self.ours.iter().skip(self.ours.len().saturating_sub(count)).copied()
    }
}

fn push(list: &mut VecDeque<(Frame, u64)>, entry: (Frame, u64)) {
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
    fn many_announcements_at_once_are_all_sent() {
        let mut exchange = HashExchange::new();
        for frame in 0..20 {
            exchange.announce(Frame(frame), 0, |_| {});
        }
        assert_eq!(
            exchange.to_send(1).map(|(frame, _)| frame.0).collect::<Vec<_>>(),
            [12, 13, 14, 15, 16, 17, 18, 19]
        );
        assert_eq!(exchange.to_send(13).count(), 13);
    }
}
