//! What was announced in one episode beyond what the input ledger decides: own inputs, inputs far
//! ahead of their time, holes, and hashes that came before their inputs.

use super::frames::{MAX_FIRST, MAX_JUMP};
use super::ledger::Ledger;
use crate::action::Action;
use crate::column::Column;
use crate::frame::Frame;
use crate::player::{MAX_PLAYERS, PlayerId};
use crate::sorted::SortedMap;

/// The announcements of one episode as one observed page sent and received them.
#[derive(Debug, Clone, Default)]
pub struct Announcements {
    // By frame: one more than the action, 0 where there is none, and its evidence.
    own: Column,
    own_seq: Column,
    newest: [Option<Frame>; MAX_PLAYERS],
    far_ahead: SortedMap<(Frame, PlayerId), u32>,
    /// Own inputs announced twice with different actions: frame and evidence.
    pub own_conflicts: Vec<(Frame, u32)>,
    /// Inputs that came far ahead of their time and were contradicted later: frame, player, evidence
    /// of both.
    pub leaked: Vec<(Frame, PlayerId, [u32; 2])>,
    /// Own hashes reported before the inputs of all frames before them were held: frame, evidence.
    pub early_hashes: Vec<(Frame, u32)>,
    /// Own reported hashes for which that is known.
    pub judged_hashes: u32,
    /// Frames stepped with another action than the one that was held: frame and player.
    pub ignored: Vec<(Frame, PlayerId)>,
}

/// Frames ahead of the next one from which on an input comes too early for this episode: twice the
/// inputs that one message repeats (MUG wire notes, D8).
const FAR_AHEAD_FRAMES: u32 = 20;

/// Frames whose own announcements are kept.
const MAX_OWN: usize = 1 << 20;

/// Entries kept of each list.
const MAX_KEPT: usize = 1024;

impl Announcements {
    /// Takes an own input as it was announced.
    pub fn note_own(&mut self, frame: Frame, action: Action, seq: u32) {
        let most = if self.own.is_empty() { MAX_FIRST } else { self.own.len() + MAX_JUMP };
        if frame.index() >= MAX_OWN.min(most) {
            return;
        }
        self.own.extend_to(frame.index() + 1, 0);
        self.own_seq.extend_to(frame.index() + 1, 0);
        match self.own(frame) {
            Some((known, _)) if known != action => {
                let is_new = self.own_conflicts.last().is_none_or(|(last, _)| *last != frame);
                if is_new && self.own_conflicts.len() < MAX_KEPT {
                    self.own_conflicts.push((frame, seq));
                }
            }
            Some(_) => {}
            None => {
                self.own.set(frame.index(), u64::from(action.0) + 1);
                self.own_seq.set(frame.index(), seq.into());
            }
        }
    }

    /// Packs what is known, because the episode is over.
    pub(super) fn close(&mut self) {
        self.own.seal();
        self.own_seq.seal();
    }

    /// What was announced for an own input, with its evidence.
    #[must_use]
    pub fn own(&self, frame: Frame) -> Option<(Action, u32)> {
        let action = self.own.get(frame.index())?.checked_sub(1)?;
        Some((Action(action as u32), self.own_seq.get(frame.index())? as u32))
    }

    /// The first and the last frame of the own inputs that were announced.
    #[must_use]
    pub fn own_range(&self) -> Option<(Frame, Frame)> {
        let first = self.own.iter().position(|action| action != 0)?;
        let after_last = self.own.iter().rev().position(|action| action != 0)?;
        let last = self.own.len().checked_sub(after_last + 1)?;
        Some((Frame(first as u32), Frame(last as u32)))
    }

    /// Takes an input of another player, before the ledger does; `next` is the next frame to step.
    pub fn note_received(&mut self, player: PlayerId, frame: Frame, next: Frame, seq: u32) {
        if frame.since(next) >= FAR_AHEAD_FRAMES {
            // It may be of another episode, and says nothing about how far this one's came.
            if self.far_ahead.len() < MAX_KEPT {
                self.far_ahead.insert_new((frame, player), seq);
            }
        } else if let Some(newest) = self.newest.get_mut(player.index()) {
            *newest = (*newest).max(Some(frame));
        }
    }

    /// Takes a contradiction of an input that is held. Returns whether the held one had come too
    /// early to be of this episode.
    pub fn note_contradiction(&mut self, player: PlayerId, frame: Frame, seq: u32) -> bool {
        let Some(early) = self.far_ahead.get(&(frame, player)) else {
            return false;
        };
        let is_known = self.leaked.iter().any(|(f, p, _)| (*f, *p) == (frame, player));
        if !is_known && self.leaked.len() < MAX_KEPT {
            self.leaked.push((frame, player, [*early, seq]));
        }
        true
    }

    /// Highest frame that an input of `player` came for, those that came far too early left out.
    #[must_use]
    pub fn newest_received(&self, player: PlayerId) -> Option<Frame> {
        self.newest.get(player.index()).copied().flatten()
    }

    /// Takes an own reported hash; `confirmed` is the highest confirmed frame.
    pub fn note_hash(&mut self, frame: Frame, confirmed: Option<Frame>, seq: u32) {
        self.judged_hashes = self.judged_hashes.saturating_add(1);
        // The state before a frame rests on all inputs before it.
        if confirmed.map_or(Frame::ZERO, Frame::next) < frame && self.early_hashes.len() < MAX_KEPT
        {
            self.early_hashes.push((frame, seq));
        }
    }

    /// Takes a frame's first step: an input of another player that `ledger` holds must be used.
    pub(super) fn note_step(
        &mut self,
        ledger: &Ledger,
        local: PlayerId,
        frame: Frame,
        actions: &[Action],
    ) {
        for (player, used) in (0_u8..).map(PlayerId).zip(actions) {
            let held = ledger.held(player, frame);
            if player != local && held.is_some_and(|held| held != *used) {
                self.note_ignored(frame, player);
            }
        }
    }

    /// Notes that a frame was stepped with another action than the one that was held.
    pub(super) fn note_ignored(&mut self, frame: Frame, player: PlayerId) {
        if self.ignored.len() < MAX_KEPT {
            self.ignored.push((frame, player));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const P1: PlayerId = PlayerId(1);

    #[test]
    fn only_contradicted_inputs_far_ahead_have_leaked() {
        let mut seen = Announcements::default();
        seen.note_received(P1, Frame(60), Frame(0), 1);
        seen.note_received(P1, Frame(5), Frame(0), 2);
        assert!(seen.note_contradiction(P1, Frame(60), 9));
        assert!(!seen.note_contradiction(P1, Frame(5), 9));
        assert_eq!(seen.leaked, [(Frame(60), P1, [1, 9])]);
        assert_eq!(seen.newest_received(P1), Some(Frame(5)));
    }

    #[test]
    fn a_hash_needs_the_inputs_before_its_frame() {
        let mut seen = Announcements::default();
        seen.note_hash(Frame(0), None, 1);
        seen.note_hash(Frame(5), Some(Frame(4)), 2);
        seen.note_hash(Frame(10), Some(Frame(8)), 3);
        assert_eq!((seen.judged_hashes, seen.early_hashes), (3, vec![(Frame(10), 3)]));
    }

    #[test]
    fn own_inputs_keep_their_first_action() {
        let mut seen = Announcements::default();
        seen.note_own(Frame(3), Action(1), 1);
        seen.note_own(Frame(3), Action(1), 2);
        seen.note_own(Frame(3), Action(2), 3);
        assert_eq!(seen.own(Frame(3)), Some((Action(1), 1)));
        assert_eq!(seen.own_conflicts, [(Frame(3), 3)]);
        seen.note_own(Frame(u32::MAX), Action(2), 3);
        assert_eq!(seen.own(Frame(u32::MAX)), None);
    }
}
