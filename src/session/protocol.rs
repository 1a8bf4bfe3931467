//! How a page's messages travel, and the lines of logs among them.

use crate::frame::{Episode, Frame};
use crate::observation::{Direction, Fact, Logger, Transport};
use crate::time::Micros;

/// Transports that are kept; a page needs one or two.
const MAX_TRANSPORTS: usize = 64;

/// Requests for states that are kept; a repair needs one.
const MAX_REQUESTS: usize = 256;

/// How one observed page uses its channels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProtocolUse {
    /// Channels that carried inputs or were the server's, each with the event that showed it.
    pub transports: Vec<(Transport, u32)>,
    /// Lines that the page sent to its server, with the events of the first and the last.
    pub page_lines: Lines,
    /// Lines that workers posted.
    pub worker_lines: Lines,
    /// Messages of the page that carried nothing but hashes.
    pub hash_messages: Lines,
    /// States that were asked for, each by its first request.
    pub state_requests: Vec<StateRequested>,
    /// Whether the page watches others play.
    pub is_watching: bool,
}

/// A player's request for a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateRequested {
    /// Which way it went.
    pub direction: Direction,
    /// The episode that was played.
    pub episode: Episode,
    /// The asker's frame, or the first that helps it.
    pub frame: Option<Frame>,
    /// Frame of a state that both have, by the asker's words.
    pub base: Option<Frame>,
    /// The event.
    pub seq: u32,
}

/// Lines of a log, or other messages that are only counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lines {
    /// How many.
    pub count: u32,
    /// When the first and the last came.
    pub seen: Option<(Micros, Micros)>,
    /// Their events.
    pub seqs: Option<(u32, u32)>,
}

impl ProtocolUse {
    pub(super) fn handle(
        &mut self,
        fact: &Fact<'_>,
        episode: Option<Episode>,
        (seq, time): (u32, Micros),
    ) {
        match fact {
            Fact::TransportSeen(transport) if self.transports.len() < MAX_TRANSPORTS => {
                self.transports.push((*transport, seq));
            }
            Fact::Watching => self.is_watching = true,
            Fact::StateRequested { direction, frame, base } => {
                let (direction, frame, base) = (*direction, *frame, *base);
                let place = |one: &StateRequested| (one.direction, one.episode, one.frame);
                let Some(episode) = episode else {
                    return;
                };
                let request = StateRequested { direction, episode, frame, base, seq };
                let is_known = self.state_requests.iter().any(|one| place(one) == place(&request));
                if !is_known && self.state_requests.len() < MAX_REQUESTS {
                    self.state_requests.push(request);
                }
            }
            Fact::HashesReported { direction: Direction::Sent, .. }
            | Fact::FrameHashReported { direction: Direction::Sent, .. }
            | Fact::HashMentioned { direction: Direction::Sent, .. } => {
                self.hash_messages.add(seq, time);
            }
            Fact::Logged(Logger::Page) => self.page_lines.add(seq, time),
            Fact::Logged(Logger::Worker) => self.worker_lines.add(seq, time),
            _ => {}
        }
    }
}

impl Lines {
    fn add(&mut self, seq: u32, time: Micros) {
        self.count = self.count.saturating_add(1);
        self.seen = Some((self.seen.map_or(time, |(first, _)| first), time));
        self.seqs = Some((self.seqs.map_or(seq, |(first, _)| first), seq));
    }
}
