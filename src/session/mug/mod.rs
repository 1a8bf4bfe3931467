//! MUG pages: frames, rollbacks and confirmed frames out of messages that name no episode and out of
//! worker requests that name no frame (MUG wire notes, §1.9 to 1.11, §2.3, §4).
//!
//! The data channel alone decides: a page's own announcement of inputs marks the tick of a frame, and
//! everything that came in before it is what the page knew. What a worker was asked to do is then
//! laid beside it, frame by frame.

mod answers;
mod background;
mod executed;
mod ledger;
mod mentions;
mod queues;
mod ready;
mod rules;
mod states;
mod tick;
mod unplaced;
mod worker;

pub use answers::{AnswerError, Answers, Setting};
pub(super) use executed::Demands;
pub(super) use ledger::MugLedger;
pub(super) use mentions::leading_digits;
pub use queues::QueueSizes;
pub use rules::{Configuration, Source};
pub(super) use states::{game_part, state_hash};

use std::collections::VecDeque;

use super::episode::EpisodeRecord;
use super::hashes::ReportRule;
use super::peer::PeerSession;
use crate::action::Action;
use crate::frame::{Episode, Frame};
use crate::issue::IssueLog;
use crate::observation::{Direction, Fact, GameConfiguration, Observation};
use crate::player::PlayerId;
use crate::time::Micros;

/// Players of a game with one channel.
const PLAYERS: usize = 2;

/// Inputs that a message repeats when as many were recorded (MUG wire notes, §2.2).
const REPEATED_INPUTS: usize = 10;

/// Messages of the other peer that may wait for the page's next tick.
const MAX_WAITING: usize = 1 << 14;

/// Input delays beyond this are not believed.
const MAX_INPUT_DELAY_FRAMES: u32 = 60;

/// Ticks whose announcement was not seen and that are made up for before a seen one.
const MAX_SKIPPED_TICKS: u32 = 600;

/// One input that waits for the page's next tick.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    player: PlayerId,
    frame: Frame,
    action: Action,
    seq: u32,
    time: Micros,
}

/// A saved state: place of its episode, frame, hash and evidence.
type EarlyState = (usize, Frame, Option<u64>, u32);

/// Everything that is known of one MUG page beside its records.
#[derive(Debug, Default)]
pub struct MugPage {
    /// Its configuration, said or inferred.
    pub configuration: Configuration,
    // Whether its server put it into its game.
    is_assigned: bool,
    worker: worker::MugWorker,
    // The channel of Python on the page's own thread, once it was seen.
    interpreter: Option<u32>,
    waiting: VecDeque<Vec<Waiting>>,
    background: background::Background,
    // States that were saved before their episode was seen to begin.
    early_states: Vec<EarlyState>,
    // Messages that wait until the page's rules are known.
    held: unplaced::Held,
    // Inputs that came through the server.
    relayed: VecDeque<Waiting>,
    ready: ready::Ends,
    hashes: ready::PageHashes,
    // Whether the page sent a hash of a state that still rested on a guess.
    has_guessed_hash: bool,
    // Newest frame of the page's own announcements in this episode.
    announced: Option<Frame>,
    // Whether the first episode is numbered 0 only because nothing was said of its number.
    is_assumed: bool,
    // What the newest own announcement names as its frame.
    named: Option<Frame>,
}

impl PeerSession {
    /// Takes an observation of a MUG page.
    pub(super) fn handle_mug(&mut self, observation: &Observation<'_>, issues: &mut IssueLog) {
        if self.is_native {
            return;
        }
        let mut page = self.take_page();
        page.handle(self, observation, issues);
        self.mug = Some(page);
    }

    /// Whether the server puts the page into its game once more, though it played it already.
    pub(super) fn is_assigned_anew(&self, said: &GameConfiguration<'_>) -> bool {
        let was_assigned = self.mug.as_ref().is_some_and(|page| page.is_assigned);
        said.is_assignment() && was_assigned && !self.episodes.is_empty()
    }
}

impl PeerSession {
    /// The page's own books, made when they are asked for first.
    pub(super) fn take_page(&mut self) -> Box<MugPage> {
        self.mug.take().unwrap_or_else(|| {
            let configuration = Configuration { answers: self.answers, ..Default::default() };
            Box::new(MugPage { configuration, ..MugPage::default() })
        })
    }
}

impl MugPage {
    /// The page in its next game: its configuration stays.
    pub(super) fn renewed(&self) -> Box<Self> {
        let (configuration, interpreter) = (self.configuration, self.interpreter);
        Box::new(Self { configuration, interpreter, ..Self::default() })
    }

    fn handle(
        &mut self,
        peer: &mut PeerSession,
        observation: &Observation<'_>,
        issues: &mut IssueLog,
    ) {
        let (seq, time) = (observation.evidence.seq, observation.time);
        self.place_held(peer, issues);
        if self.hold(observation) {
            return;
        }
        self.settle(peer, time);
        match &observation.fact {
            Fact::FrameInputsAnnounced {
                direction: Direction::Sent,
                player,
                current: Some(current),
                inputs,
                repeats_earlier,
            } => {
                peer.local = Some(*player);
                if *repeats_earlier {
                    self.infer_delay(*current, inputs);
                }
                self.handle_own(peer, *current, inputs, seq, time, issues);
            }
            // An answer to the other page's request.
            Fact::FrameInputsAnnounced { direction: Direction::Sent, inputs, .. } => {
                if let Some(record) = peer.newest_episode_mut() {
                    for (frame, action) in inputs {
                        record.announcements.note_own(*frame, *action, seq);
                    }
                }
            }
            Fact::FrameInputsAnnounced {
                direction: Direction::Received,
                player,
                current,
                inputs,
                ..
            } => {
                if player.index() < PLAYERS {
                    peer.local.get_or_insert(PlayerId(1 - player.0));
                }
                let waiting = inputs.iter().map(|(frame, action)| Waiting {
                    player: *player,
                    frame: *frame,
                    action: *action,
                    seq,
                    time,
                });
                match current {
                    Some(current) => {
                        self.waiting.extend(self.background.keep(waiting.collect()));
                        if self.waiting.len() > MAX_WAITING {
                            self.waiting.pop_front();
                        }
                        self.note_progress(peer, *player, *current, inputs, (seq, time));
                    }
                    // An answer to a request is stored when it comes.
                    None => waiting.for_each(|one| self.take_input(peer, one)),
                }
            }
            Fact::InputsRequested { direction: Direction::Sent, .. } => self.note_asking(peer),
            Fact::FocusReported { direction: Direction::Sent, is_focused, .. } => {
                self.background.note_focus(*is_focused);
            }
            Fact::FrameHashReported { direction, frame, hash } => {
                self.handle_hash(peer, *direction, (*frame, *hash), ReportRule::Known, seq, issues);
            }
            Fact::HashMentioned { direction, is_relayed, frame, hash } => {
                self.handle_mention(peer, *direction, *is_relayed, (*frame, hash), seq, issues);
            }
            Fact::EpisodeEnded { direction, episode, frame } => {
                self.handle_end(peer, *direction, *episode, *frame, time);
                self.settle(peer, time);
            }
            Fact::EpisodeReady { direction: Direction::Sent, episode, .. } => {
                if !self.ready.has_ended() {
                    self.learn_number(peer, *episode);
                }
                self.ready.announce(*episode, peer.newest_episode());
            }
            Fact::Configured(configuration) => {
                self.is_assigned |= configuration.is_assignment();
                self.configuration.merge(configuration);
                self.place_held(peer, issues);
            }
            Fact::RowsExported { rows, .. } => self.ready.note_export(rows.episode, time),
            Fact::TimerTicked if peer.is_idle() => {
                self.ready.note_tick(peer.newest_episode(), time);
            }
            Fact::InputRelayed { direction, player, frame, action } => {
                let input = Waiting { player: *player, frame: *frame, action: *action, seq, time };
                match direction {
                    Direction::Sent => self.handle_relayed_own(peer, input, issues),
                    Direction::Received => self.handle_relayed(peer, input),
                }
            }
            _ => {}
        }
    }

    // The page's own announcement: the tick of its frame.
    fn handle_own(
        &mut self,
        peer: &mut PeerSession,
        current: Frame,
        inputs: &[(Frame, Action)],
        seq: u32,
        time: Micros,
        issues: &mut IssueLog,
    ) {
        let Some(last) = inputs.last() else {
            return;
        };
        self.named = Some(current).filter(|current| *current == last.0).or(self.named);
        let Some(rules) = self.configuration.rules() else {
            return;
        };
        let note = |record: &mut EpisodeRecord| {
            record.handle_announcement(last.0);
            for (frame, action) in inputs {
                record.announcements.note_own(*frame, *action, seq);
            }
        };
        // What a page announces after it caught up names the frame that it stands at now.
        if last.0 != current {
            self.catch_up(peer, current, (seq, time));
            return peer.newest_episode_mut().into_iter().for_each(note);
        }
        let Some(frame) = current.0.checked_sub(rules.input_delay_frames).map(Frame) else {
            issues.push("session", "inputs announced for a frame below the input delay");
            return;
        };
        let own = |(frame, action): &(Frame, Action)| {
            peer.local.map(|player| Waiting { player, frame: *frame, action: *action, seq, time })
        };
        let news: Vec<Waiting> = inputs.iter().filter_map(own).collect();
        self.tick_at(peer, frame, &news, (seq, time), issues);
        if let Some(record) = peer.newest_episode_mut() {
            record.arrivals.note_sent(frame, time);
            note(record);
        }
    }

    // The tick of a frame that an announcement of `own` inputs shows.
    fn tick_at(
        &mut self,
        peer: &mut PeerSession,
        frame: Frame,
        own: &[Waiting],
        (seq, time): (u32, Micros),
        issues: &mut IssueLog,
    ) {
        let next = peer.newest_episode().map(EpisodeRecord::next_frame);
        if next.is_none_or(|next| frame == Frame::ZERO || frame < next) {
            self.begin_episode(peer, frame);
        }
        let mut next = peer.newest_episode().map_or(frame, EpisodeRecord::next_frame);
        if frame.since(next) > MAX_SKIPPED_TICKS {
            issues.push("session", "announced frames do not follow each other");
            self.begin_episode(peer, frame);
            next = frame;
        }
        let announced = self.announced;
        let news: Vec<Waiting> =
            own.iter().copied().filter(|input| Some(input.frame) > announced).collect();
        self.announced = self.announced.max(news.last().map(|input| input.frame));
        // Ticks whose announcement went another way or was not sent.
        while next < frame {
            self.tick(peer, next, &[], seq, time);
            next = next.next();
        }
        self.tick(peer, frame, &news, seq, time);
    }

    // Without its channel a page announces each input through its server.
    fn handle_relayed_own(
        &mut self,
        peer: &mut PeerSession,
        input: Waiting,
        issues: &mut IssueLog,
    ) {
        peer.local.get_or_insert(input.player);
        let Some(rules) = self.configuration.rules().filter(|_| peer.local == Some(input.player))
        else {
            return;
        };
        let Some(frame) = input.frame.0.checked_sub(rules.input_delay_frames).map(Frame) else {
            issues.push("session", "inputs announced for a frame below the input delay");
            return;
        };
        self.tick_at(peer, frame, &[input], (input.seq, input.time), issues);
        if let Some(record) = peer.newest_episode_mut() {
            record.handle_announcement(input.frame);
            record.announcements.note_own(input.frame, input.action, input.seq);
        }
    }

    // What comes through the server is the last known action at once, and waits like the rest.
    fn handle_relayed(&mut self, peer: &mut PeerSession, input: Waiting) {
        let ledger = peer.newest_episode_mut().and_then(EpisodeRecord::mug_ledger_mut);
        if let Some(ledger) = ledger {
            ledger.note_last_known(input.player, input.action);
        }
        if self.relayed.len() < MAX_WAITING {
            self.relayed.push_back(input);
        }
    }

    // The first announcements of an episode list every input so far: the first one's frame is the
    // input delay.
    fn infer_delay(&mut self, current: Frame, inputs: &[(Frame, Action)]) {
        let (Some((first, _)), Some((last, _))) = (inputs.first(), inputs.last()) else {
            return;
        };
        let (first, last, count) = (*first, *last, inputs.len());
        let is_first = count < REPEATED_INPUTS && last == current;
        let span = last.since(first) as usize + 1;
        if is_first && span == count && first.0 <= MAX_INPUT_DELAY_FRAMES {
            self.configuration.inferred_input_delay_frames = Some(first.0);
        }
    }

    // Something named the frame that the page is about to step, or has just stepped: its newest
    // announcement is ahead of it by the delay.
    fn infer_delay_from(&mut self, stepping: Frame) {
        let delay = self.named.and_then(|named| named.0.checked_sub(stepping.0));
        if let Some(delay) = delay.filter(|delay| *delay <= MAX_INPUT_DELAY_FRAMES)
            && self.configuration.rules().is_none()
        {
            self.configuration.inferred_input_delay_frames = Some(delay);
        }
    }

    // Frames that the other peer's message names, to count messages that never came.
    fn note_progress(
        &self,
        peer: &mut PeerSession,
        player: PlayerId,
        current: Frame,
        inputs: &[(Frame, Action)],
        (seq, time): (u32, Micros),
    ) {
        let is_live = inputs.last().is_some_and(|(last, _)| *last == current);
        let Some(rules) = self.configuration.rules().filter(|_| is_live) else {
            return;
        };
        if let Some(record) = peer.newest_episode_mut()
            && let Some(frame) = current.0.checked_sub(rules.input_delay_frames)
            && !self.ready.is_over()
        {
            record.handle_remote_progress(Frame(frame), None);
            record.note_arrival(player, Frame(frame), seq, time);
            record.note_anchor_floor(current);
        }
    }

    fn episode_number(&self, peer: &PeerSession) -> Episode {
        let next = peer.newest_episode().map_or(0, |record| record.number.0.saturating_add(1));
        self.ready.announced_episode().map_or(Episode(next), |ready| Episode(ready.0.max(next)))
    }
}
