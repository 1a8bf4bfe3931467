//! How a page's messages travel, and the lines of logs among them.

use crate::observation::{Fact, Logger, Transport};
use crate::time::Micros;

/// Transports that are kept; a page needs one or two.
const MAX_TRANSPORTS: usize = 64;

/// How one observed page uses its channels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProtocolUse {
    /// Channels that carried inputs or were the server's, each with the event that showed it.
    pub transports: Vec<(Transport, u32)>,
    /// Lines that the page sent to its server, with the events of the first and the last.
    pub page_lines: Lines,
    /// Lines that workers posted.
    pub worker_lines: Lines,
}

/// Lines of a log.
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
    pub(super) fn handle(&mut self, fact: &Fact<'_>, seq: u32, time: Micros) {
        match fact {
            Fact::TransportSeen(transport) if self.transports.len() < MAX_TRANSPORTS => {
                self.transports.push((*transport, seq));
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
