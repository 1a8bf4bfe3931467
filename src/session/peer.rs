//! One observed peer: who it is, its episodes, its worker, its connection.

use std::collections::VecDeque;

use super::course::Course;
use super::episode::EpisodeRecord;
use super::exports::{Exports, KnownThen};
use super::lifecycle::Lifecycle;
use super::mug::{Answers, MugPage};
use super::oracle::Oracle;
use super::protocol::ProtocolUse;
use super::records::{OperationKind, RollbackRecord, RoundTrip, WorkerStop};
use super::replies::PendingRequest;
use super::round_trips::RoundTrips;
use super::worker_order::WorkerOrder;
use crate::frame::Episode;
use crate::issue::IssueLog;
use crate::message::SessionSettings;
use crate::observation::{Fact, Observation, SourceId, StopCause};
use crate::player::PlayerId;
use crate::sorted::SortedSet;
use crate::time::Micros;

/// Pings that may wait for their pong.
const MAX_PENDING_PINGS: usize = 64;

/// Everything reconstructed of one observed peer in one game.
#[derive(Debug)]
pub struct PeerSession {
    /// The document that it runs in.
    pub source: SourceId,
    /// The player at this peer; `None` until the traffic tells it.
    pub local: Option<PlayerId>,
    /// Settings by player, as introductions said them.
    pub settings: Vec<Option<SessionSettings>>,
    /// The episodes in order.
    pub episodes: Vec<EpisodeRecord>,
    /// The worker's round trips in order of their requests.
    pub round_trips: RoundTrips,
    /// Kinds of all their operations, one request after another.
    pub operations: Vec<OperationKind>,
    /// Replies to no known request: count and evidence of the first.
    pub orphan_replies: (u32, Option<u32>),
    /// Request ids that were used again: count and evidence of the first.
    pub reused_ids: (u32, Option<u32>),
    /// Requests that restore a snapshot and step nothing, so that a rollback needs more of them:
    /// count and evidence of the first.
    pub lone_restores: (u32, Option<u32>),
    /// The first time that a worker failed.
    pub worker_stopped: Option<WorkerStop>,
    /// Network round trips between the peers, by time of the pong, in microseconds.
    pub pings: Vec<(Micros, u64)>,
    /// What its workers repeated, and whether it came out the same.
    pub oracle: Oracle,
    /// In which order its workers did what they were asked.
    pub worker_order: WorkerOrder,
    /// How its messages travel.
    pub protocol: ProtocolUse,
    /// What was said of episodes and pages.
    pub lifecycle: Lifecycle,
    /// What was said of the game's course.
    pub course: Course,
    /// What the page handed to its server.
    pub exports: Exports,
    /// What is known of a MUG page beside the records; `None` for other pages.
    pub mug: Option<Box<MugPage>>,
    /// What the user said of its game.
    pub(super) answers: Answers,
    /// Whether it speaks as a page of this project's own runtime.
    pub is_native: bool,
    // The newest episode that the page itself has spoken of.
    pub(super) own_episode: Option<Episode>,
    pub(super) pending: VecDeque<PendingRequest>,
    pings_out: VecDeque<(u64, Micros)>,
    pub(super) ended_workers: SortedSet<u32>,
}

impl PeerSession {
    /// A peer of which nothing is known yet.
    #[must_use]
    pub fn new(source: SourceId) -> Self {
        Self {
            source,
            local: None,
            settings: Vec::new(),
            episodes: Vec::new(),
            round_trips: RoundTrips::default(),
            operations: Vec::new(),
            orphan_replies: (0, None),
            reused_ids: (0, None),
            lone_restores: (0, None),
            worker_stopped: None,
            pings: Vec::new(),
            oracle: Oracle::default(),
            worker_order: WorkerOrder::default(),
            protocol: ProtocolUse::default(),
            lifecycle: Lifecycle::default(),
            course: Course::default(),
            exports: Exports::default(),
            mug: None,
            answers: Answers::default(),
            is_native: false,
            own_episode: None,
            pending: VecDeque::new(),
            pings_out: VecDeque::new(),
            ended_workers: SortedSet::new(),
        }
    }

    /// Takes one observation of this peer's document.
    pub fn handle(&mut self, observation: &Observation<'_>, issues: &mut IssueLog) {
        let (seq, time) = (observation.evidence.seq, observation.time);
        self.worker_order.last_seen = self.worker_order.last_seen.max(time);
        let next = self.newest_episode().map(EpisodeRecord::next_frame);
        let place = (next, self.is_stepping(), self.is_native);
        self.course.handle(&observation.fact, (seq, time), place, &self.lifecycle);
        self.lifecycle.handle(&observation.fact, seq, time);
        let playing = self.newest_episode().map(|record| record.number);
        self.protocol.handle(&observation.fact, playing, (seq, time));
        self.note_export(&observation.fact, (seq, time));
        // Only this project's own messages name the episode that they are of.
        self.is_native |= matches!(
            observation.fact,
            Fact::Introduced { .. } | Fact::InputsAnnounced { .. } | Fact::HashesReported { .. }
        );
        match &observation.fact {
            // What only pages of this project's own runtime say.
            Fact::Introduced { .. }
            | Fact::InputsAnnounced { .. }
            | Fact::HashesReported { .. }
            | Fact::StateOffered { .. } => self.handle_native(observation),
            // Messages that name no episode, and those of the page's server.
            Fact::FrameInputsAnnounced { .. }
            | Fact::InputsRequested { .. }
            | Fact::FrameHashReported { .. }
            | Fact::HashMentioned { .. }
            | Fact::EpisodeEnded { .. }
            | Fact::EpisodeReady { .. }
            | Fact::FocusReported { .. }
            | Fact::Configured(_)
            | Fact::TimerTicked
            | Fact::InputRelayed { .. }
            | Fact::RowsExported { .. } => self.handle_mug(observation, issues),
            // What the browser says of a document is kept by the session, beside the games.
            Fact::PageStarted { .. }
            | Fact::PageShown { .. }
            | Fact::PagePaced { .. }
            | Fact::MilestoneReached { .. }
            | Fact::Signalled { .. }
            | Fact::StateRequested { .. }
            | Fact::Watching
            | Fact::StateTransferred { .. }
            | Fact::ExportAcknowledged { .. }
            | Fact::MetricsExported(_)
            | Fact::HandshakeSeen { .. }
            | Fact::TransportSeen(_)
            | Fact::Logged(_) => {}
            Fact::PythonCalled { interpreter, call, routine } => {
                self.handle_python_call((*interpreter, *call), routine, seq, time, issues);
            }
            Fact::PythonReturned { interpreter, call, outcome } => {
                self.handle_python_result((*interpreter, *call), outcome, seq, time);
            }
            Fact::PingSent { stamp_micros } => {
                self.pings_out.push_back((*stamp_micros, time));
                if self.pings_out.len() > MAX_PENDING_PINGS {
                    self.pings_out.pop_front();
                }
            }
            Fact::PongReceived { stamp_micros } => {
                let sent = self.pings_out.iter().find(|(stamp, _)| stamp == stamp_micros);
                if let Some((_, sent)) = sent {
                    self.pings.push((time, time.since(*sent)));
                }
                self.pings_out.retain(|(stamp, _)| stamp != stamp_micros);
            }
            Fact::WorkerRequested { worker, request, operations } => {
                self.handle_worker_request((*worker, *request), operations, seq, time, issues);
            }
            Fact::WorkerReplied { worker, request, outcome, handled } => {
                self.oracle.handle_reply(*worker, *request, outcome, *handled, seq);
                self.worker_order.handle_reply((*worker, *request), outcome, *handled, seq, time);
                self.handle_reply(*worker, *request, outcome, *handled, seq, time);
            }
            Fact::WorkerStopped { cause: StopCause::Failed(reason), .. } => {
                self.note_worker_stop(reason.clone(), seq);
            }
            // A page may end its worker when it is done; not when it still waits for it.
            Fact::WorkerStopped { worker, cause: StopCause::Ended } => {
                let open = self.pending.iter().filter(|open| open.worker == *worker).count();
                if open > 0 {
                    self.note_worker_stop(format!("the page ended it under {open} requests"), seq);
                }
                self.ended_workers.insert(*worker);
            }
        }
    }

    /// Packs what is known, because the document plays another game now.
    pub(super) fn close(&mut self) {
        self.newest_episode_mut().into_iter().for_each(EpisodeRecord::close);
        self.round_trips.seal();
        self.oracle.close();
        self.operations.shrink_to_fit();
        self.pings.shrink_to_fit();
    }

    /// Whether no request to a worker waits for its reply.
    pub(super) fn is_idle(&self) -> bool {
        self.pending.is_empty()
    }

    /// Whether a request that steps or restores waits for its reply.
    fn is_stepping(&self) -> bool {
        self.pending.iter().any(PendingRequest::steps_or_restores)
    }

    fn note_export(&mut self, fact: &Fact<'_>, at: (u32, Micros)) {
        let newest = self.newest_episode().map(|record| record.number);
        let episodes = &self.episodes;
        self.exports.handle(fact, at, newest, |number| {
            let record = episodes.iter().rev().find(|record| record.number == number)?;
            let players = (0_u8..).take(record.mispredictions.len());
            let first = players.filter_map(|player| record.first_missing(PlayerId(player))).min();
            Some(KnownThen { first_missing: first, late_arrivals: record.late_arrivals.len() })
        });
    }

    /// The round trip whose request a rollback was; `None` where no request was seen.
    #[must_use]
    pub fn round_trip(&self, rollback: &RollbackRecord) -> Option<RoundTrip> {
        self.round_trips.get(rollback.round_trip?)
    }

    /// The newest episode.
    #[must_use]
    pub fn newest_episode(&self) -> Option<&EpisodeRecord> {
        self.episodes.last()
    }

    pub(super) fn note_worker_stop(&mut self, reason: String, seq: u32) {
        let last_frame = self.newest_episode().and_then(|record| record.next_frame().previous());
        self.worker_stopped.get_or_insert(WorkerStop { reason, last_frame, seq });
    }

    pub(super) fn newest_episode_mut(&mut self) -> Option<&mut EpisodeRecord> {
        self.episodes.last_mut()
    }

    // Introductions repeat, and the second peer's brings the settings that the first lacked: an
    // episode without a frame is made anew, one with frames stays.
    pub(super) fn begin_episode(&mut self, number: Episode) {
        let Some(local) = self.local else { return };
        if let Some(newest) = self.episodes.last() {
            if newest.number > number || (newest.number == number && newest.is_replayable()) {
                return;
            }
            if newest.number == number && !newest.frames.is_empty() {
                return;
            }
            if newest.number == number {
                self.episodes.pop();
            }
        }
        if let Some(ended) = self.episodes.last_mut() {
            ended.close();
        }
        self.episodes.push(EpisodeRecord::new(number, local, &self.settings));
    }

    // Messages of an episode that has not begun here open it; those of an ended one find it.
    pub(super) fn episode_mut(&mut self, number: Episode) -> Option<&mut EpisodeRecord> {
        if self.episodes.last().is_none_or(|newest| newest.number < number) {
            self.begin_episode(number);
        }
        self.episodes.iter_mut().rev().find(|record| record.number == number)
    }
}
