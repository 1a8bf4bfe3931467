//! Ends, starts and hashes of a MUG page's episodes, as the peers announce them.

use std::collections::VecDeque;

use super::{MugPage, PLAYERS, Waiting};
use crate::frame::{Episode, Frame};
use crate::issue::IssueLog;
use crate::observation::Direction;
use crate::player::PlayerId;
use crate::session::episode::EpisodeRecord;
use crate::session::hashes::ReportRule;
use crate::session::peer::PeerSession;
use crate::session::records::{RollbackRecord, RollbackState};
use crate::sorted::SortedMap;
use crate::time::Micros;

/// How long a page waits for the other peer's end of an episode (MUG wire notes, §4.1).
const END_WAIT_MICROS: u64 = 2_000_000;

/// How long it waits for the last frame's inputs after that.
const INPUT_WAIT_MICROS: u64 = 500_000;

/// Episodes before a late observation that are made room for.
const MAX_UNSEEN: u32 = 1024;

/// Own hashes that a page keeps, and hashes of the other peer that are remembered.
const MAX_HASHES: usize = 120;

/// Hashes of the other peer that are remembered at most.
const MAX_PEER_HASHES: usize = 4096;

/// The ends of the newest episode and the announced start of the next one.
#[derive(Debug, Default)]
pub(super) struct Ends {
    own: Option<(Frame, Micros)>,
    other: Option<(Frame, Micros)>,
    announced: Option<Episode>,
    is_settled: bool,
    cleared_at: Option<Micros>,
    exported: Option<(Episode, Micros)>,
    // Ends that were said before a late observation knew of any episode: each side's first one.
    unplaced: [Option<(Episode, Frame, Micros)>; 2],
}

impl Ends {
    /// Begins the next episode: an end that came after the page cleared its books stays.
    pub(super) fn begin(&mut self, cleared: Option<Micros>) {
        let stays = |(_, time): &(Frame, Micros)| cleared.is_some_and(|c| *time >= c);
        *self = Self { other: self.other.filter(stays), ..Self::default() };
    }

    // An end that no episode is there for yet.
    fn keep_unplaced(&mut self, side: Direction, end: (Episode, Frame, Micros)) {
        let [sent, received] = &mut self.unplaced;
        let slot = if side == Direction::Sent { sent } else { received };
        slot.get_or_insert(end);
    }

    // When the page knew that the episode is over.
    fn over_since(&self) -> Option<Micros> {
        let (_, own) = self.own?;
        Some(self.other.map_or(own.plus(END_WAIT_MICROS), |(_, other)| own.max(other)))
    }

    // The last frame that counts.
    fn last_frame(&self) -> Option<Frame> {
        let (own, _) = self.own?;
        self.other.map_or(own, |(other, _)| other.min(own)).previous()
    }

    /// Whether the page ended the episode.
    pub(super) fn has_ended(&self) -> bool {
        self.own.is_some()
    }

    /// Whether both peers ended the episode.
    pub(super) fn is_over(&self) -> bool {
        self.own.is_some() && self.other.is_some()
    }

    /// The episode that the page said to be ready for.
    pub(super) fn announced_episode(&self) -> Option<Episode> {
        self.announced
    }

    /// The page said to be ready for an episode; answers to the other peer repeat it.
    pub(super) fn announce(&mut self, episode: Episode, newest: Option<&EpisodeRecord>) {
        if newest.is_none_or(|newest| episode > newest.number) {
            self.announced = Some(episode);
        }
    }

    /// The page handed its rows to its server; it clears its books in its next tick.
    pub(super) fn note_export(&mut self, episode: Option<Episode>, time: Micros) {
        self.exported = episode.map(|episode| (episode, time));
    }

    /// Takes a tick of an idle page: after the export it is the one that clears the books.
    pub(super) fn note_tick(&mut self, newest: Option<&EpisodeRecord>, time: Micros) {
        let number = newest.map(|newest| newest.number);
        let is_exported = self
            .exported
            .is_some_and(|(episode, exported)| Some(episode) == number && exported < time);
        if self.own.is_some() && is_exported && self.cleared_at.is_none() {
            // What came at this very time was there before the tick.
            self.cleared_at = Some(time.plus(1));
            self.other = self.other.filter(|(_, other)| *other > time);
        }
    }

    /// When the page cleared its books for the next episode, as far as its rules tell: when both
    /// ends were known, or its patience was over, and the last frame's inputs were there.
    pub(super) fn cleared(
        &self,
        ended: Option<&EpisodeRecord>,
        waiting: &VecDeque<Vec<Waiting>>,
    ) -> Option<Micros> {
        if self.cleared_at.is_some() {
            return self.cleared_at;
        }
        let ended = ended?;
        let (mut time, last) = self.over_since().zip(self.last_frame())?;
        if ended.confirmed_frame() < Some(last) {
            let mut inputs = waiting.iter().flatten();
            let came = inputs.find(|input| input.frame == last).map(|input| input.time);
            let patience = time.plus(INPUT_WAIT_MICROS);
            time = came.unwrap_or(patience).clamp(time, patience);
        }
        let stepped = ended.next_frame().previous().and_then(|last| ended.frames.stepped_at(last));
        Some(time.max(stepped.unwrap_or(time)))
    }
}

/// The page's own comparison of hashes (MUG wire notes, §4.5).
#[derive(Debug, Default)]
pub(super) struct PageHashes {
    own: SortedMap<Frame, u64>,
    peer: SortedMap<Frame, u64>,
    verified: Option<Frame>,
}

impl PageHashes {
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn verified(&self) -> Option<Frame> {
        self.verified
    }

    pub(super) fn own_count(&self) -> u32 {
        self.own.len() as u32
    }

    pub(super) fn peer_count(&self) -> u32 {
        self.peer.len() as u32
    }

    /// A rollback makes the page forget the hashes from its target on.
    pub(super) fn forget_from(&mut self, target: Frame) {
        self.own.split_off(&target);
        self.peer.split_off(&target);
    }

    // A hash that comes while a rollback runs waits for an own one, even if that is there.
    fn note(&mut self, direction: Direction, frame: Frame, hash: u64, is_rolling_back: bool) {
        let (list, most) = match direction {
            Direction::Sent => (&mut self.own, MAX_HASHES),
            Direction::Received => (&mut self.peer, MAX_PEER_HASHES),
        };
        list.insert(frame, hash);
        if list.len() > most {
            list.pop_first();
        }
        if is_rolling_back && direction == Direction::Received {
            return;
        }
        if let (Some(own), Some(peer)) = (self.own.get(&frame), self.peer.get(&frame)) {
            if own == peer {
                self.verified = self.verified.max(Some(frame));
            }
            self.peer.remove(&frame);
        }
    }
}

impl MugPage {
    pub(super) fn handle_hash(
        &mut self,
        peer: &mut PeerSession,
        direction: Direction,
        (frame, hash): (Frame, u64),
        rule: ReportRule,
        seq: u32,
        issues: &mut IssueLog,
    ) {
        let Some(local) = peer.local else { return };
        let delay = self.configuration.rules().map_or(0, |rules| rules.input_delay_frames);
        // A peer confirms no frame whose inputs this page has not announced, so a hash beyond them
        // is one of the episode before.
        let newest = peer.newest_episode().map(|record| record.next_frame().plus(delay));
        let is_older = direction == Direction::Received
            && peer.episodes.len() > 1
            && newest.is_none_or(|newest| frame > newest.next());
        let back = if is_older { 2 } else { 1 };
        let player = match direction {
            Direction::Sent => local,
            Direction::Received => PlayerId((PLAYERS as u8 - 1).saturating_sub(local.0)),
        };
        let place = peer.episodes.len().checked_sub(back);
        let record = place.and_then(|place| peer.episodes.get_mut(place));
        if record.is_some_and(|record| !record.hashes.admits(rule)) {
            let text = "state hashes of two rules in one episode: only those of the first compare";
            return issues.push("session", text);
        }
        if !is_older {
            let newest = peer.newest_episode().and_then(|record| record.rollbacks.last());
            let is_open = |one: &RollbackRecord| {
                matches!(one.state, RollbackState::Due | RollbackState::Running)
            };
            self.hashes.note(direction, frame, hash, newest.is_some_and(is_open));
        }
        if let Some(record) = place.and_then(|place| peer.episodes.get_mut(place)) {
            let confirmed = record.confirmed_frame();
            if direction == Direction::Sent {
                record.note_anchor(frame);
                if record.is_replayable() {
                    record.announcements.note_hash(
                        frame,
                        confirmed.max(record.confirmed_frame()),
                        seq,
                    );
                }
            }
            record.hashes.note_report(player, frame, hash, seq);
            if record.hashes.has_difference(frame) {
                record.states.pin(frame);
            }
        }
    }

    pub(super) fn handle_end(
        &mut self,
        peer: &mut PeerSession,
        direction: Direction,
        episode: Episode,
        frame: Frame,
        time: Micros,
    ) {
        if let (Direction::Sent, Some(last)) = (direction, frame.previous()) {
            self.infer_delay_from(last);
        }
        if peer.episodes.is_empty() {
            self.ready.keep_unplaced(direction, (episode, frame, time));
        }
        let is_newest = peer.newest_episode().is_some_and(|record| record.number <= episode);
        match direction {
            Direction::Sent if is_newest => {
                self.ready.own.get_or_insert((frame, time));
            }
            Direction::Sent => {}
            // The page does not look at the number: an end that comes late is taken for the next one.
            Direction::Received => {
                self.ready.other.get_or_insert((frame, time));
            }
        }
        if !is_newest {
            return;
        }
        self.learn_number(peer, episode);
        if let Some(record) = peer.newest_episode_mut() {
            record.number = episode;
            let end = match direction {
                Direction::Sent => &mut record.ends.0,
                Direction::Received => &mut record.ends.1,
            };
            end.get_or_insert(frame);
        }
    }

    /// Begins the ends of an episode that is seen from `first` on. One that is seen late may have been
    /// over by the page's words already: it steps on until it knows of the other one's end.
    pub(super) fn begin_ends(
        &mut self,
        peer: &mut PeerSession,
        first: Frame,
        cleared: Option<Micros>,
    ) {
        let [sent, received] = std::mem::take(&mut self.ready.unplaced);
        self.ready.begin(cleared);
        let ends = [(Direction::Sent, sent), (Direction::Received, received)];
        for (direction, end) in ends.into_iter().filter(|_| first > Frame::ZERO) {
            if let Some((episode, frame, time)) = end {
                self.handle_end(peer, direction, episode, frame, time);
            }
        }
    }

    /// A late observation learns the number of its episode: those before it were not seen.
    pub(super) fn learn_number(&mut self, peer: &mut PeerSession, number: Episode) {
        let [record] = peer.episodes.as_mut_slice() else {
            return;
        };
        let is_open = !record.is_placed || self.is_assumed;
        let Some(local) = peer.local.filter(|_| is_open && number.0 <= MAX_UNSEEN) else {
            return;
        };
        self.is_assumed = false;
        peer.oracle.renumber(record.number, number);
        record.number = number;
        record.is_placed = true;
        let unseen = (0..number.0).map(|number| {
            let mut record = EpisodeRecord::new(Episode(number), local, &[]);
            record.anchor = None;
            record
        });
        peer.episodes.splice(0..0, unseen);
        let shift = number.0 as usize;
        for open in &mut peer.pending {
            open.episode = open.episode.map(|place| place + shift);
        }
        self.early_states.iter_mut().for_each(|(place, ..)| *place += shift);
        self.worker.shift(shift);
    }

    /// Once both ends are known, or the page's patience is over, the page takes what waits until the
    /// last frame's inputs are there.
    pub(super) fn settle(&mut self, peer: &mut PeerSession, time: Micros) {
        let Some((since, last)) = self.ready.over_since().zip(self.ready.last_frame()) else {
            return;
        };
        let is_first = !self.ready.is_settled;
        if time < since
            || self.ready.cleared_at.is_some()
            || (!is_first && time > since.plus(INPUT_WAIT_MICROS))
        {
            return;
        }
        self.ready.is_settled = true;
        let is_held = |record: &EpisodeRecord| {
            let ledger = record.mug_ledger();
            record.confirmed_frame() >= Some(last) || ledger.is_some_and(|l| l.is_held(last))
        };
        let is_complete = peer.newest_episode().is_none_or(is_held);
        if !is_complete {
            self.drain(peer);
        }
        let is_idle = peer.is_idle();
        if let Some(record) = peer.newest_episode_mut().filter(|_| is_first || !is_complete) {
            // A frame whose step is not answered is not stepped yet.
            let next = record.next_frame();
            let current = if is_idle { next } else { next.previous().unwrap_or(next) };
            if let Some(ledger) = record.mug_ledger_mut() {
                ledger.advance(current);
            }
            record.advance_confirmed(time);
        }
    }
}
