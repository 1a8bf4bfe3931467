//! One episode of one observed peer: the engine's decisions replayed, and what was really done.

use super::accounts::Accounts;
use super::announcements::Announcements;
use super::arrivals::Arrivals;
use super::frames::{FrameFlags, FrameTable};
use super::hashes::HashTable;
use super::ledger::Ledger;
use super::mug::Demands;
use super::records::{LateArrival, RollbackRecord};
use super::states::StateStore;
use crate::action::Action;
use crate::frame::{Episode, Frame};
use crate::message::SessionSettings;
use crate::player::PlayerId;
use crate::rollback::{FrameInputs, InputLedger, Inserted, Misprediction};
use crate::sorted::SortedSet;
use crate::time::Micros;

/// Conflicting inputs kept.
const MAX_CONFLICTS: usize = 256;

/// Late inputs kept: those of hours.
const MAX_LATE: usize = 1 << 17;

/// Everything reconstructed of one episode.
#[derive(Debug, Clone)]
pub struct EpisodeRecord {
    /// Its number.
    pub number: Episode,
    /// The frames.
    pub frames: FrameTable,
    /// The rollbacks in order of their requests.
    pub rollbacks: Vec<RollbackRecord>,
    /// The state hashes.
    pub hashes: HashTable,
    /// The state texts that are still at hand.
    pub states: StateStore,
    /// Inputs announced twice with different actions: frame, player, evidence.
    pub conflicts: Vec<(Frame, PlayerId, u32)>,
    /// Inputs that proved a guess wrong, as they came.
    pub late_arrivals: Vec<LateArrival>,
    /// Mispredictions seen, by player.
    pub mispredictions: Vec<u32>,
    /// Inputs of each player that were not the default action.
    pub active_inputs: Vec<u32>,
    /// What was announced, beyond what the ledger decides.
    pub announcements: Announcements,
    /// Rewards, and books that pages keep beside their states.
    pub accounts: Accounts,
    /// Messages with inputs as they arrived.
    pub arrivals: Arrivals,
    /// The first frame that was not played, as this page and the other one announced it.
    pub ends: (Option<Frame>, Option<Frame>),
    /// The first frame from which on everything is known: frame 0 of an episode that was seen from
    /// its beginning; `None` while the page's books are not known.
    pub anchor: Option<Frame>,
    /// Whether its number is known: a late observation learns it from what the page says of it.
    pub is_placed: bool,
    /// The first own hash from this frame on makes the books of a late observation known.
    pub(super) anchor_floor: Option<Frame>,
    /// Stalls before a step.
    pub stalls: u32,
    // Frames whose states came in from a peer.
    pub(super) state_offers: SortedSet<Frame>,
    pub(super) ledger: Option<Ledger>,
    pub(super) demands: Demands,
    pub(super) settings: Option<SessionSettings>,
    pub(super) next_frame: Frame,
    pub(super) pending: u16,
    pub(super) cause_seq: Option<u32>,
    pub(super) was_window_full: bool,
    pub(super) confirmed: Option<Frame>,
    pub(super) newest_announced: Option<Frame>,
    // The highest frame that the page was about to step when it sent a message, by the message's word.
    pub(super) own_current: Option<Frame>,
    pub(super) acknowledged: Option<Frame>,
    pub(super) remote_current: Option<Frame>,
}

impl EpisodeRecord {
    /// An episode before its first frame. Without all players' settings (one per player, the local
    /// one's included) guesses and targets stay unknown.
    #[must_use]
    pub fn new(number: Episode, local: PlayerId, settings: &[Option<SessionSettings>]) -> Self {
        let known: Option<Vec<SessionSettings>> = settings.iter().copied().collect();
        let own = known.as_ref().and_then(|all| all.get(local.index())).copied();
        let ledger = own.zip(known).map(|(own, all)| {
            let delays: Vec<u32> = all.iter().map(|s| s.input_delay_frames).collect();
            let ledger = InputLedger::new(&delays, own.prediction, own.default_action);
            Ledger::Engine(Box::new(ledger))
        });
        Self {
            number,
            frames: FrameTable::default(),
            rollbacks: Vec::new(),
            hashes: HashTable::default(),
            states: StateStore::default(),
            conflicts: Vec::new(),
            late_arrivals: Vec::new(),
            mispredictions: vec![0; settings.len()],
            active_inputs: vec![0; settings.len()],
            accounts: Accounts::default(),
            announcements: Announcements::default(),
            arrivals: Arrivals::default(),
            ends: (None, None),
            anchor: Some(Frame::ZERO),
            is_placed: true,
            anchor_floor: None,
            stalls: 0,
            state_offers: SortedSet::new(),
            ledger,
            demands: Demands::default(),
            settings: own,
            next_frame: Frame::ZERO,
            pending: 0,
            cause_seq: None,
            was_window_full: false,
            confirmed: None,
            newest_announced: None,
            own_current: None,
            acknowledged: None,
            remote_current: None,
        }
    }

    /// Whether the settings of all players were seen, so that decisions can be replayed.
    #[must_use]
    pub fn is_replayable(&self) -> bool {
        self.ledger.is_some() && self.anchor.is_some()
    }

    /// The settings of the observed peer.
    #[must_use]
    pub fn settings(&self) -> Option<&SessionSettings> {
        self.settings.as_ref()
    }

    /// The first frame that does not count: pages step on until they know of each other's end.
    #[must_use]
    pub fn end(&self) -> Option<Frame> {
        let (own, other) = self.ends;
        own.into_iter().chain(other).min()
    }

    /// Whether a frame is one of the episode's, and not stepped past its end.
    #[must_use]
    pub fn has_frame(&self, frame: Frame) -> bool {
        self.end().is_none_or(|end| frame < end)
    }

    /// The next frame that will be stepped for the first time.
    #[must_use]
    pub fn next_frame(&self) -> Frame {
        self.next_frame
    }

    /// Highest simulated frame for which the real inputs of all players are held.
    #[must_use]
    pub fn confirmed_frame(&self) -> Option<Frame> {
        self.confirmed
    }

    /// The first frame whose input of `player` is missing; `None` where that is not known.
    #[must_use]
    pub fn first_missing(&self, player: PlayerId) -> Option<Frame> {
        self.ledger.as_ref().filter(|_| self.anchor.is_some())?.first_missing(player)
    }

    /// The earliest wrong guess that no rollback has repaired yet.
    #[must_use]
    pub fn open_misprediction(&self) -> Option<Misprediction> {
        self.ledger.as_ref().and_then(Ledger::earliest_misprediction)
    }

    /// The earliest wrong guess that a rollback may still repair: the page did not step on yet.
    #[must_use]
    pub fn awaited_rollback(&self) -> Option<Frame> {
        let wrong = self.open_misprediction()?.frame;
        (!self.frames.flags(wrong).has(FrameFlags::MISSED_ROLLBACK)).then_some(wrong)
    }

    /// Highest frame that was stepped with all real inputs in the end, as far as the page came: what
    /// a rollback may still repair does not count.
    #[must_use]
    pub fn settled_frame(&self) -> Option<Frame> {
        let awaited = self.awaited_rollback();
        awaited.map_or(self.confirmed, |frame| self.confirmed.min(frame.previous()))
    }

    /// Whether a simulated frame still rests on a guess; `None` where that is not known.
    #[must_use]
    pub fn is_predicted(&self, frame: Frame) -> Option<bool> {
        let ledger = self.ledger.as_ref().filter(|_| self.is_rebuilt(frame))?;
        if self.confirmed.is_some_and(|confirmed| frame <= confirmed) {
            return Some(false);
        }
        ledger.used(frame).map(|used| !used.predicted.is_empty())
    }

    /// Messages with inputs that the other peer must have sent and that never came, out of those
    /// it must have sent: every step of the other peer makes one.
    #[must_use]
    pub fn lost_messages(&self) -> (u32, u32) {
        self.arrivals.lost()
    }

    /// Packs what is known, because another episode begins; late things still find their place.
    pub fn close(&mut self) {
        self.frames.seal();
        self.states.close();
        self.hashes.close();
        self.arrivals.close();
        self.announcements.close();
        self.rollbacks.shrink_to_fit();
        self.late_arrivals.shrink_to_fit();
        if let Some(ledger) = self.ledger.as_mut() {
            ledger.close();
        }
    }

    /// Takes an input of another player that arrived.
    pub fn handle_input(
        &mut self,
        player: PlayerId,
        frame: Frame,
        action: Action,
        seq: u32,
        time: Micros,
    ) {
        self.announcements.note_received(player, frame, self.next_frame, seq);
        let Some(ledger) = self.ledger.as_mut() else {
            return;
        };
        let Some(arrival) = ledger.handle_input(player, frame, action) else {
            return;
        };
        let default = self.settings.map(|settings| settings.default_action);
        match arrival.inserted {
            Inserted::New if Some(action) != default => {
                if let Some(count) = self.active_inputs.get_mut(player.index()) {
                    *count += 1;
                }
            }
            // Announcements repeat; one conflict a frame is enough.
            Inserted::Conflict { .. }
                if !self.announcements.note_contradiction(player, frame, seq)
                    && self.conflicts.len() < MAX_CONFLICTS
                    && !self.conflicts.iter().any(|c| (c.0, c.1) == (frame, player)) =>
            {
                self.conflicts.push((frame, player, seq));
            }
            _ => {}
        }
        if let Some(wrong) = arrival.misprediction {
            self.pending = self.pending.saturating_add(1);
            if self.late_arrivals.len() < MAX_LATE {
                self.late_arrivals.push(LateArrival { current: self.next_frame, wrong });
            }
            if let Some(count) = self.mispredictions.get_mut(player.index()) {
                *count += 1;
            }
            if ledger.earliest_misprediction() == Some(wrong) {
                self.cause_seq = Some(seq);
            }
        }
        self.advance_confirmed(time);
    }

    /// Whether other peers say how far they hold the observed player's inputs: those of this
    /// project's own games do, others never did so far.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        self.acknowledged.is_some() || matches!(self.ledger, Some(Ledger::Engine(_)))
    }

    /// What a stepped frame was last simulated with; `None` where the traffic does not tell it: of a
    /// late observation of a page that only announces its inputs, before its anchor.
    #[must_use]
    pub fn known_inputs(&self, frame: Frame) -> Option<FrameInputs> {
        let is_named = !matches!(self.ledger, Some(Ledger::Mug(_)));
        self.frames.inputs(frame).filter(|_| is_named || self.is_rebuilt(frame))
    }

    /// Whether the page's books are known at a frame, so that guesses and repairs are.
    #[must_use]
    pub fn is_rebuilt(&self, frame: Frame) -> bool {
        self.ledger.is_some() && self.anchor.is_some_and(|anchor| anchor <= frame)
    }

    /// Takes what another peer's message says of itself: its current frame, and how far it holds
    /// the observed player's inputs.
    pub fn handle_remote_progress(&mut self, current: Frame, received_through: Option<Frame>) {
        self.remote_current = self.remote_current.max(Some(current));
        self.acknowledged = self.acknowledged.max(received_through);
        self.arrivals.note_announced(current);
    }

    /// Takes the newest frame that the observed player announced an input for.
    pub fn handle_announcement(&mut self, newest: Frame) {
        self.newest_announced = self.newest_announced.max(Some(newest));
    }
}
