//! Messages with inputs as they arrived: where the sender stood, where the receiver stood, and
//! whether a rollback came of it.

use super::episode::EpisodeRecord;
use super::frames::{MAX_FIRST, MAX_JUMP};
use crate::column::Column;
use crate::frame::Frame;
use crate::player::PlayerId;
use crate::time::Micros;

/// One message with inputs of another player that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Whose inputs.
    pub player: PlayerId,
    /// The sender's current frame, as the message names it.
    pub sent_at: Frame,
    /// The receiver's next frame when it came.
    pub arrived_at: Frame,
    /// When it came, on the receiver's clock.
    pub time: Micros,
    /// Capture sequence number of the message.
    pub seq: u32,
    /// Whether an executed request to roll back was caused by it.
    pub caused_rollback: bool,
}

/// The arrivals of one episode in the order in which they came, and when own messages were sent.
#[derive(Debug, Clone, Default)]
pub struct Arrivals {
    list: Vec<Arrival>,
    // By the current frame that the first own message named: one more than its time, else 0.
    sent: Column,
    // Which current frames the other peer's messages named, from the earliest one on, to find messages
    // that never came.
    announced: Vec<bool>,
    announced_from: usize,
}

/// Announced frames of a peer that are told apart when counting lost messages.
const MAX_ANNOUNCED: usize = 1 << 20;

/// Arrivals kept: more than a day of one player at 60 messages a second.
const MAX_ARRIVALS: usize = 1 << 23;

/// Arrivals that are looked at for the cause of a rollback, from the newest back.
const LOOKED_BACK: usize = 4096;

impl Arrivals {
    /// Every arrival, oldest first.
    #[must_use]
    pub fn all(&self) -> &[Arrival] {
        &self.list
    }

    /// Takes one arrival.
    pub fn note(&mut self, arrival: Arrival) {
        if self.list.len() < MAX_ARRIVALS {
            self.list.push(arrival);
        }
    }

    /// Notes when an own message that names `current` was sent; the first one stays.
    pub fn note_sent(&mut self, current: Frame, time: Micros) {
        let needed = current.index() + 1;
        let most = if self.sent.is_empty() { MAX_FIRST } else { self.sent.len() + MAX_JUMP };
        if needed > most {
            return;
        }
        self.sent.extend_to(needed, 0);
        if self.sent(current).is_none() {
            self.sent.set(current.index(), time.0.saturating_add(1));
        }
    }

    /// When the first own message that names `current` was sent.
    #[must_use]
    pub fn sent(&self, current: Frame) -> Option<Micros> {
        self.sent.get(current.index())?.checked_sub(1).map(Micros)
    }

    /// Notes that a message named `current` as its sender's frame.
    pub fn note_announced(&mut self, current: Frame) {
        if self.announced.is_empty() {
            self.announced_from = current.index();
        }
        let Some(place) = current.index().checked_sub(self.announced_from) else {
            return self.note_announced_before(current);
        };
        if place >= MAX_ANNOUNCED.min(self.announced.len() + MAX_JUMP) {
            return;
        }
        if self.announced.len() <= place {
            self.announced.resize(place + 1, false);
        }
        if let Some(seen) = self.announced.get_mut(place) {
            *seen = true;
        }
    }

    // A message that was overtaken by the first one that came.
    fn note_announced_before(&mut self, current: Frame) {
        let earlier = self.announced_from - current.index();
        if earlier <= MAX_JUMP {
            let seen = (0..earlier).map(|place| place == 0);
            self.announced.splice(0..0, seen);
            self.announced_from = current.index();
        }
    }

    /// Whether a message that named `current` came; `None` outside of what was announced at all.
    #[must_use]
    pub fn was_announced(&self, current: Frame) -> Option<bool> {
        let place = current.index().checked_sub(self.announced_from)?;
        self.announced.get(place).copied()
    }

    /// Messages that must have been sent and never came, out of those that must have been sent.
    #[must_use]
    pub fn lost(&self) -> (u32, u32) {
        let lost = self.announced.iter().filter(|seen| !**seen).count();
        (lost as u32, self.announced.len() as u32)
    }

    /// Gives back the room for what will not come, because the episode is over.
    pub(super) fn close(&mut self) {
        self.list.shrink_to_fit();
        self.announced.shrink_to_fit();
        self.sent.seal();
    }

    /// Notes that the message with this capture sequence number caused a rollback.
    pub fn note_cause(&mut self, seq: u32) {
        let newest = self.list.iter_mut().rev().take(LOOKED_BACK);
        for arrival in newest.filter(|arrival| arrival.seq == seq) {
            arrival.caused_rollback = true;
        }
    }
}

impl EpisodeRecord {
    /// Takes a message with inputs of `player` that named `current` as its sender's frame.
    pub fn note_arrival(&mut self, player: PlayerId, current: Frame, seq: u32, time: Micros) {
        self.arrivals.note(Arrival {
            player,
            sent_at: current,
            arrived_at: self.next_frame(),
            time,
            seq,
            caused_rollback: false,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_that_caused_a_rollback_is_marked() {
        let mut arrivals = Arrivals::default();
        for seq in [4, 7] {
            arrivals.note(Arrival {
                player: PlayerId(1),
                sent_at: Frame(3),
                arrived_at: Frame(5),
                time: Micros(9),
                seq,
                caused_rollback: false,
            });
        }
        arrivals.note_cause(7);
        let marked: Vec<bool> = arrivals.all().iter().map(|a| a.caused_rollback).collect();
        assert_eq!(marked, [false, true]);
    }

    #[test]
    fn messages_that_never_came_are_counted_from_the_first_frame_that_was_named() {
        let mut arrivals = Arrivals::default();
        for frame in [200_000, 200_003, 199_999, 200_001, 1, u32::MAX] {
            arrivals.note_announced(Frame(frame));
        }
        assert_eq!(arrivals.lost(), (1, 5));
        let was = [199_998, 199_999, 200_002, 200_003, 200_004];
        let was = was.map(|frame| arrivals.was_announced(Frame(frame)));
        assert_eq!(was, [None, Some(true), Some(false), Some(true), None]);
    }

    #[test]
    fn the_first_of_repeated_messages_counts() {
        let mut arrivals = Arrivals::default();
        arrivals.note_sent(Frame(2), Micros(10));
        arrivals.note_sent(Frame(2), Micros(30));
        arrivals.note_sent(Frame(u32::MAX), Micros(1));
        assert_eq!(arrivals.sent(Frame(2)), Some(Micros(10)));
        assert_eq!(arrivals.sent(Frame(u32::MAX)), None);
    }
}
