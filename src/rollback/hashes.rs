//! Hashes of confirmed states: what this peer announced, what others said, and where they differ.
//!
//! Both sides are kept, because either may come first. Ours are said again until every peer has
//! acknowledged them, whatever is lost or rolled back. Makes no messages and knows no states.

use std::collections::VecDeque;

use crate::frame::Frame;
use crate::player::{MAX_PLAYERS, PlayerId, PlayerSet};

/// Ticks without a new hash after which those that a peer has not acknowledged are said again.
const RESEND_TICKS: u32 = 8;

/// Hashes of each side that wait for the other's; older ones are let go.
const WAITING_HASHES: usize = 256;

/// A hash of ours, and the peers that are known to have it.
#[derive(Debug, Clone, Copy)]
struct Announced {
    frame: Frame,
    hash: u64,
    // Those that nobody need say are compared all the same when a peer says its own.
    is_said: bool,
    held_by: PlayerSet,
}

#[derive(Debug, Clone)]
pub(super) struct HashExchange {
    // In order of frame.
    ours: VecDeque<Announced>,
    // Per player: nothing before this frame is left to say, so that what waits is found at once.
    open: [Frame; MAX_PLAYERS],
    ticks_since_said: u32,
    // A list per player, so that none can drive out what another said.
    theirs: [VecDeque<(Frame, u64)>; MAX_PLAYERS],
    // Per player: the newest frame whose hashes were equal.
    agreed: [Option<Frame>; MAX_PLAYERS],
}

impl HashExchange {
    pub(super) fn new(players: usize) -> Self {
        let room = |player| if player < players { WAITING_HASHES } else { 0 };
        Self {
            ours: VecDeque::with_capacity(WAITING_HASHES),
            open: [Frame::ZERO; MAX_PLAYERS],
            ticks_since_said: 0,
            theirs: std::array::from_fn(|player| VecDeque::with_capacity(room(player))),
            agreed: [None; MAX_PLAYERS],
        }
    }

    /// Notes our hash of a confirmed frame; `differs` hears every other hash that a peer said.
    pub(super) fn announce(
        &mut self,
        frame: Frame,
        hash: u64,
        is_said: bool,
        mut differs: impl FnMut(PlayerId, u64),
    ) {
        make_room(&mut self.ours);
        let place = self.ours.partition_point(|ours| ours.frame <= frame);
        self.ours.insert(place, Announced { frame, hash, is_said, held_by: PlayerSet::EMPTY });
        self.reopen(frame);
        for ((player, theirs), agreed) in self.theirs.iter().enumerate().zip(&mut self.agreed) {
            for (_, known) in theirs.iter().filter(|(of, _)| *of == frame) {
                if *known == hash {
                    *agreed = (*agreed).max(Some(frame));
                } else {
                    differs(PlayerId(player as u8), *known);
                }
            }
        }
    }

    /// Notes a peer's hash, once; `differs` hears our own if it is another one.
    pub(super) fn handle_peer_hash(
        &mut self,
        player: PlayerId,
        frame: Frame,
        hash: u64,
        mut differs: impl FnMut(u64),
    ) {
        let Some(theirs) = self.theirs.get_mut(player.index()) else { return };
        // Hashes are repeated soon after they came: the newest entries know most of them.
        if theirs.iter().rev().any(|known| *known == (frame, hash)) {
            return;
        }
        make_room(theirs);
        theirs.push_back((frame, hash));
        let start = self.ours.partition_point(|ours| ours.frame < frame);
        for ours in self.ours.iter().skip(start).take_while(|ours| ours.frame == frame) {
            if ours.hash != hash {
                differs(ours.hash);
            } else if let Some(agreed) = self.agreed.get_mut(player.index()) {
                *agreed = (*agreed).max(Some(frame));
            }
        }
    }

    /// Notes that `player` has our hashes from `first` to `last`, which came in one message.
    pub(super) fn handle_acknowledgement(&mut self, player: PlayerId, first: Frame, last: Frame) {
        let start = self.ours.partition_point(|ours| ours.frame < first);
        for ours in self.ours.iter_mut().skip(start).take_while(|ours| ours.frame <= last) {
            ours.held_by.insert(player);
        }
        let next = self.waiting_for(player).next().map(|ours| ours.frame);
        let next = next.or_else(|| self.ours.back().map(|ours| ours.frame.next()));
        if let (Some(open), Some(next)) = (self.open.get_mut(player.index()), next) {
            *open = next;
        }
    }

    /// Forgets which of our hashes a peer has, and what it said of frames after `known`: its page
    /// was loaded anew, and inputs that it stepped there may have reached nobody.
    pub(super) fn handle_returned(&mut self, player: PlayerId, known: Frame) {
        self.ours.iter_mut().for_each(|ours| ours.held_by.remove(player));
        if let Some(open) = self.open.get_mut(player.index()) {
            *open = Frame::ZERO;
        }
        if let Some(theirs) = self.theirs.get_mut(player.index()) {
            theirs.retain(|(frame, _)| *frame <= known);
        }
    }

    /// Takes back our hashes from `frame` on: another state replaces theirs.
    pub(super) fn retract_from(&mut self, frame: Frame) {
        self.ours.truncate(self.ours.partition_point(|ours| ours.frame < frame));
        self.reopen(frame);
    }

    fn reopen(&mut self, frame: Frame) {
        for open in &mut self.open {
            *open = (*open).min(frame);
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
        self.waiting_for(player).map(|ours| (ours.frame, ours.hash))
    }

    fn waiting_for(&self, player: PlayerId) -> impl Iterator<Item = &Announced> {
        let open = self.open.get(player.index()).copied().unwrap_or_default();
        let start = self.ours.partition_point(|ours| ours.frame < open);
        let missing = move |ours: &&Announced| ours.is_said && !ours.held_by.contains(player);
        self.ours.iter().skip(start).filter(missing)
    }

    /// Whether `player` said a hash of this frame.
    pub(super) fn has_heard(&self, player: PlayerId, frame: Frame) -> bool {
        let theirs = self.theirs.get(player.index());
        theirs.is_some_and(|theirs| theirs.iter().rev().any(|(of, _)| *of == frame))
    }

    /// Newest frame whose hash of `player` equals ours, with the hash while it is known.
    pub(super) fn agreed(&self, player: PlayerId) -> Option<(Frame, u64)> {
        let frame = self.agreed.get(player.index()).copied().flatten()?;
        let ours = self.ours.iter().rev().find(|ours| ours.frame == frame)?;
        Some((frame, ours.hash))
    }
}

fn make_room<T>(list: &mut VecDeque<T>) {
    while list.len() >= WAITING_HASHES {
        list.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differing(work: impl FnOnce(&mut dyn FnMut(u64))) -> Vec<u64> {
        let mut found = Vec::new();
        work(&mut |hash| found.push(hash));
        found
    }

    fn waiting(exchange: &HashExchange) -> Vec<u32> {
        exchange.to_send(PlayerId(1)).map(|(frame, _)| frame.0).collect()
    }

    #[test]
    fn holes_in_what_was_acknowledged_are_said_again_and_so_is_what_was_taken_back() {
        let mut exchange = HashExchange::new(2);
        (0..6).for_each(|frame| exchange.announce(Frame(frame), 0, frame != 2, |_, _| {}));
        exchange.handle_acknowledgement(PlayerId(1), Frame(3), Frame(4));
        assert_eq!(waiting(&exchange), [0, 1, 5]);
        exchange.handle_acknowledgement(PlayerId(1), Frame(0), Frame(1));
        assert_eq!(waiting(&exchange), [5]);
        exchange.handle_acknowledgement(PlayerId(1), Frame(5), Frame(9));
        assert!(waiting(&exchange).is_empty());
        exchange.retract_from(Frame(3));
        exchange.announce(Frame(4), 7, true, |_, _| {});
        // The end of an episode may be told late, and lie before what was announced.
        exchange.announce(Frame(1), 8, true, |_, _| {});
        assert_eq!(waiting(&exchange), [1, 4]);
        let mut seen = differing(|note| exchange.handle_peer_hash(PlayerId(1), Frame(1), 9, note));
        seen.sort_unstable();
        assert_eq!(seen, [0, 8]);
    }

    #[test]
    fn a_differing_hash_behind_an_equal_one_is_found() {
        let mut exchange = HashExchange::new(3);
        exchange.handle_peer_hash(PlayerId(1), Frame(5), 1, |_| {});
        exchange.handle_peer_hash(PlayerId(1), Frame(5), 2, |_| {});
        assert_eq!(
            differing(|note| exchange.announce(Frame(5), 1, true, |_, theirs| note(theirs))),
            [2]
        );
    }

    #[test]
    fn a_hash_that_comes_after_ours_is_compared_once() {
        let mut exchange = HashExchange::new(3);
        exchange.announce(Frame(5), 1, true, |_, _| {});
        assert_eq!(
            differing(|note| exchange.handle_peer_hash(PlayerId(1), Frame(5), 2, note)),
            [1]
        );
        assert!(
            differing(|note| exchange.handle_peer_hash(PlayerId(1), Frame(5), 2, note)).is_empty()
        );
        assert!(
            differing(|note| exchange.handle_peer_hash(PlayerId(1), Frame(5), 1, note)).is_empty()
        );
    }

    #[test]
    fn hashes_are_said_until_each_peer_has_acknowledged_them() {
        let mut exchange = HashExchange::new(3);
        for frame in 0..20 {
            exchange.announce(Frame(frame), 0, true, |_, _| {});
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
        let mut exchange = HashExchange::new(3);
        assert!(exchange.is_due(1));
        let due: Vec<bool> = (0..16).map(|_| exchange.is_due(0)).collect();
        assert_eq!(due.iter().filter(|due| **due).count(), 2);
        assert!(due[7] && due[15]);
    }

    #[test]
    fn a_hash_that_nobody_need_say_is_compared_all_the_same() {
        let mut exchange = HashExchange::new(2);
        exchange.announce(Frame(5), 1, false, |_, _| {});
        assert_eq!(exchange.to_send(PlayerId(1)).count(), 0);
        assert_eq!(
            differing(|note| exchange.handle_peer_hash(PlayerId(1), Frame(5), 2, note)),
            [1]
        );
        assert_eq!(exchange.agreed(PlayerId(1)), None);
        exchange.handle_peer_hash(PlayerId(1), Frame(5), 1, |_| {});
        assert_eq!(exchange.agreed(PlayerId(1)), Some((Frame(5), 1)));
        assert!(exchange.has_heard(PlayerId(1), Frame(5)));
        assert!(!exchange.has_heard(PlayerId(0), Frame(5)));
    }

    #[test]
    fn hashes_of_a_page_that_is_gone_are_compared_up_to_what_is_known_of_it() {
        let mut exchange = HashExchange::new(2);
        for frame in [5, 10, 15] {
            exchange.handle_peer_hash(PlayerId(1), Frame(frame), 1, |_| {});
        }
        exchange.announce(Frame(5), 1, true, |_, _| {});
        exchange.handle_acknowledgement(PlayerId(1), Frame(5), Frame(5));
        exchange.handle_returned(PlayerId(1), Frame(10));
        assert_eq!(exchange.to_send(PlayerId(1)).count(), 1, "the new page has not heard it");
        let differs = |exchange: &mut HashExchange, frame| {
            differing(|note| exchange.announce(Frame(frame), 2, true, |_, theirs| note(theirs)))
        };
        assert_eq!(differs(&mut exchange, 10), [1]);
        assert!(differs(&mut exchange, 15).is_empty(), "its inputs may have reached nobody");
    }

    #[test]
    fn a_flood_of_one_player_drives_out_nothing_of_another() {
        let mut exchange = HashExchange::new(3);
        exchange.handle_peer_hash(PlayerId(1), Frame(5), 1, |_| {});
        for frame in 0..10_000 {
            exchange.handle_peer_hash(PlayerId(2), Frame(frame), 3, |_| {});
            exchange.handle_peer_hash(PlayerId(9), Frame(frame), 3, |_| {});
        }
        assert!(exchange.has_heard(PlayerId(1), Frame(5)));
        assert!(exchange.theirs[2].len() <= WAITING_HASHES);
    }
}
