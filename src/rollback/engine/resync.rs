//! After a desync: the whole state of one peer crosses to the others, and all agree again.
//!
//! Who gives and who takes follows the seeds' tie-break: of two peers that differ, the one with the
//! lower index asks the other. Among more than two, the highest index gives to all. Its state of a
//! confirmed frame that the asking peer has not said a hash of replaces the other's, and the frames
//! after it are stepped again with the inputs that are held: no hash is ever said twice.

use super::super::delta::{apply_delta, delta};
use super::super::drops::DropReason;
use super::super::event::EngineEvent;
use super::super::options::ResyncRule;
use super::super::saved::SavedState;
use super::super::transfer::{Incoming, Outgoing, StateName, asked_chunks};
use super::Engine;
use crate::frame::Frame;
use crate::message::{MAX_STATE_BYTES, MissingChunks, PeerMessage};
use crate::player::PlayerId;

/// Ticks between two requests while chunks are missing: about a round trip.
const REQUEST_TICKS: u32 = 10;

/// Resyncs of one episode: a game that differs again and again is not helped by more.
const MAX_RESYNCS: u32 = 32;

/// Frames of inputs that are held for a state that is on its way: 20 seconds at 60 a second.
const MAX_HELD_FRAMES: u32 = 1200;

/// A state that was asked for.
#[derive(Debug, Clone)]
pub(super) struct Repair<S> {
    /// Whose state is asked for.
    pub(super) asked: PlayerId,
    /// No state of an earlier frame helps; all inputs from here on are held.
    pub(super) at_least: Frame,
    /// The state when it has come.
    pub(super) ready: Option<(StateName, S)>,
    incoming: Option<Incoming>,
    wants_whole: bool,
    ticks_since_asked: u32,
    asked_first: u32,
}

impl<S> Repair<S> {
    pub(super) fn new(asked: PlayerId, at_least: Frame) -> Self {
        Self {
            asked,
            at_least,
            ready: None,
            incoming: None,
            wants_whole: false,
            ticks_since_asked: REQUEST_TICKS,
            asked_first: 0,
        }
    }

    /// Whether something of the state has come.
    pub(super) fn is_coming(&self) -> bool {
        self.ready.is_some() || self.incoming.is_some()
    }

    /// Asks another player instead.
    pub(super) fn ask(&mut self, player: PlayerId) {
        (self.asked, self.incoming, self.ticks_since_asked) = (player, None, REQUEST_TICKS);
    }
}

impl<S: SavedState> Engine<S> {
    /// The player whose state wins.
    pub(super) fn giver(&self) -> PlayerId {
        PlayerId(self.peers.len().saturating_sub(1) as u8)
    }

    /// The end of the episode as the giver says it.
    pub(super) fn giver_end(&self) -> Option<Frame> {
        self.peers.get(self.giver().index()).and_then(|giver| giver.ended)
    }

    /// Notes that `player` differs from us; if its state wins, it is asked for.
    pub(super) fn want_state_of(&mut self, player: PlayerId) {
        let is_wanted = self.options.resync != ResyncRule::Off
            && self.repair.is_none()
            && player == self.giver()
            && self.local != player;
        if !is_wanted || self.resyncs >= MAX_RESYNCS {
            return;
        }
        self.resyncs += 1;
        // Past the newest frame whose hash was said; the last state's may be said once more.
        let interval = self.settings.snapshot_interval_frames.max(1);
        let unsaid = self.next_hash.0.checked_sub(interval).map_or(Frame::ZERO, |f| Frame(f + 1));
        let at_least = self.ending.certain().map_or(unsaid, Frame::next);
        let at_least = self.giver_end().map_or(at_least, |end| end.min(at_least));
        self.repair = Some(Repair::new(player, at_least));
        self.ending.doubt();
        let episode = self.episode;
        self.log(EngineEvent::ResyncWanted { episode, at_least, player });
    }

    /// Takes the end of the episode as a peer says it: a giver has no later state to give.
    pub(super) fn reach_giver_end(&mut self, player: PlayerId, end: Frame) {
        if player == self.giver()
            && let Some(repair) = &mut self.repair
        {
            repair.at_least = repair.at_least.min(end);
        }
    }

    /// A giver that went on to the next episode gives nothing any more.
    pub(super) fn give_up_lost_repair(&mut self) {
        let giver = self.peers.get(self.giver().index());
        let has_left = giver.is_some_and(|giver| giver.episode > self.episode);
        if self.repair.is_some() && has_left && self.returning.is_none() {
            self.repair = None;
        }
    }

    pub(super) fn queue_state_request(&mut self) {
        self.ask_somebody_else();
        let current = self.current;
        let Some(repair) = self.repair.as_mut().filter(|repair| repair.ready.is_none()) else {
            return;
        };
        // Inputs cannot be held for ever: a later state will do.
        if current.since(repair.at_least) > MAX_HELD_FRAMES {
            let interval = self.settings.snapshot_interval_frames.max(1);
            repair.at_least = Frame(current.0 / interval * interval);
            repair.incoming = None;
        }
        repair.ticks_since_asked += 1;
        let missing = repair.incoming.as_ref().map(Incoming::missing);
        let has_window = missing.is_some_and(|m| m.first > repair.asked_first + 64);
        if repair.ticks_since_asked < REQUEST_TICKS && !has_window {
            return;
        }
        repair.ticks_since_asked = 0;
        repair.asked_first = missing.map_or(0, |missing| missing.first);
        let (giver, at_least, wants_whole) = (repair.asked, repair.at_least, repair.wants_whole);
        let is_delta = self.options.resync == ResyncRule::Delta && !wants_whole;
        let base = self.hashes.agreed(giver).filter(|(frame, hash)| {
            is_delta && self.snapshots.get(*frame).is_some_and(|held| held.hash == *hash)
        });
        let (episode, player) = (self.episode, self.local);
        let message = PeerMessage::StateRequest { episode, player, at_least, base, missing };
        self.send(giver, message);
    }

    pub(super) fn answer_state_request(
        &mut self,
        peer: PlayerId,
        at_least: Frame,
        base: Option<(Frame, u64)>,
        missing: Option<&MissingChunks>,
    ) {
        let is_returning = self.peers.get(peer.index()).is_some_and(|track| track.is_returning);
        let is_giver = self.options.resync != ResyncRule::Off && self.local == self.giver();
        if self.returning.is_some() || !(is_giver || is_returning) {
            return self.drop_for(DropReason::NotAsked);
        }
        // On a slow line a request may come before all of the last answer has left.
        if self.outbox.holds_state_for(peer) {
            return;
        }
        let under_way = self.outgoing.get(peer.index()).and_then(Option::as_ref);
        let is_under_way = under_way.is_some_and(|outgoing| {
            let frame = outgoing.name.frame;
            frame >= at_least && missing.is_none_or(|missing| missing.frame == frame)
        });
        if !is_under_way {
            let Some(outgoing) = self.new_outgoing(at_least, base) else {
                return;
            };
            let StateName { frame, base, total_bytes, .. } = outgoing.name;
            let (episode, is_delta) = (self.episode, base.is_some());
            self.log(EngineEvent::StateGiven { episode, frame, peer, total_bytes, is_delta });
            if let Some(slot) = self.outgoing.get_mut(peer.index()) {
                *slot = Some(outgoing);
            }
        }
        let frame = self.outgoing.get(peer.index()).and_then(Option::as_ref).map(|o| o.name.frame);
        let asked = missing.filter(|missing| Some(missing.frame) == frame).copied();
        let asked = asked.unwrap_or(MissingChunks { frame: Frame::ZERO, first: 0, held: 0 });
        for index in asked_chunks(&asked) {
            let Some(outgoing) = self.outgoing.get(peer.index()).and_then(Option::as_ref) else {
                return;
            };
            let Some(chunk) = outgoing.chunk(index) else { break };
            let message = chunk_message(self.episode, self.local, &outgoing.name, index, {
                let mut bytes = self.outbox.bytes();
                bytes.extend_from_slice(chunk);
                bytes
            });
            self.send(peer, message);
        }
    }

    /// The newest final state as bytes, if one is late enough.
    pub(super) fn new_outgoing(
        &self,
        at_least: Frame,
        base: Option<(Frame, u64)>,
    ) -> Option<Outgoing> {
        let end = self.ending.end().filter(|end| self.is_final_before(*end));
        let settled = match end {
            Some(end) => end.min(self.current),
            // The first state rests on no input.
            None => self.settled_frame().unwrap_or(Frame::ZERO).min(self.current),
        };
        let (frame, snapshot) = self.snapshots.best_at_or_before(settled)?;
        if frame < at_least {
            return None;
        }
        let is_end = end == Some(frame);
        let mut bytes = Vec::new();
        snapshot.state.write(&mut bytes);
        let base = base.and_then(|(frame, hash)| {
            let held = self.snapshots.get(frame).filter(|held| held.hash == hash)?;
            let mut before = Vec::new();
            held.state.write(&mut before);
            Some((frame, delta(&before, &bytes)))
        });
        match base.filter(|(_, difference)| difference.len() < bytes.len()) {
            Some((base, difference)) => {
                Outgoing::new(frame, snapshot.hash, is_end, Some(base), difference)
            }
            None => Outgoing::new(frame, snapshot.hash, is_end, None, bytes),
        }
    }

    pub(super) fn handle_chunk(
        &mut self,
        peer: PlayerId,
        name: StateName,
        index: u32,
        chunk: &[u8],
    ) {
        let Some(repair) =
            (self.repair.as_mut()).filter(|repair| repair.ready.is_none() && peer == repair.asked)
        else {
            return self.drop_for(DropReason::NotAsked);
        };
        let is_known = repair.incoming.as_ref().is_some_and(|incoming| incoming.name == name);
        if !is_known {
            let known = repair.incoming.as_ref().map(|incoming| incoming.name.frame);
            // A page that comes back stands at frame 0, wherever the others are.
            let is_too_far =
                self.returning.is_none() && name.frame.since(self.current) > MAX_HELD_FRAMES;
            if name.frame < repair.at_least || is_too_far || known >= Some(name.frame) {
                return self.drop_for(DropReason::BadChunk);
            }
            repair.incoming = Incoming::new(name);
        }
        let fits = repair.incoming.as_mut().is_some_and(|incoming| incoming.insert(index, chunk));
        if !fits {
            return self.drop_for(DropReason::BadChunk);
        }
        let Some(bytes) = repair.incoming.as_ref().and_then(Incoming::complete) else {
            return;
        };
        let state = match name.base {
            None => S::read(bytes),
            Some(base) => self.snapshots.get(base).and_then(|held| {
                let mut before = Vec::new();
                held.state.write(&mut before);
                S::read(&apply_delta(&before, bytes, MAX_STATE_BYTES)?)
            }),
        };
        match state {
            Some(state) => repair.ready = Some((name, state)),
            None => {
                repair.wants_whole = true;
                // While a page comes back nobody has a later state to give.
                if self.returning.is_none() {
                    repair.at_least = name.frame.next();
                }
                self.drop_for(DropReason::BadState);
            }
        }
        if let Some(repair) = &mut self.repair {
            repair.incoming = None;
        }
    }
}

/// A chunk as a message.
pub(super) fn chunk_message(
    episode: crate::frame::Episode,
    player: PlayerId,
    name: &StateName,
    index: u32,
    bytes: Vec<u8>,
) -> PeerMessage {
    let StateName { frame, hash, is_end, base, total_bytes } = *name;
    PeerMessage::StateChunk {
        episode,
        player,
        frame,
        hash,
        is_end,
        base,
        total_bytes,
        index,
        bytes,
    }
}
