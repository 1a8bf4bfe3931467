//! Dialects: one per family of messages, recognised from the messages themselves. They translate
//! captured events into observations and decide nothing.

mod json;
mod memory;
mod msgpack;
mod native;
mod p2p_binary;
mod p2p_json;
mod p2p_probe;
mod python;
mod reader;
mod socketio;
mod worker;

pub use memory::{ChannelMemory, Memory, PageMemory};
pub use reader::{ChannelRecord, DialectReader, PageRecord};

use crate::capture::{ChannelKind, Value};
use crate::issue::IssueLog;
use crate::observation::{Direction, Evidence, Observation};
use crate::time::Micros;

/// Every dialect, in the order in which they are tried.
pub const DIALECTS: &[&dyn Dialect] = &[
    &native::Native,
    &p2p_binary::P2pBinary,
    &p2p_json::P2pJson,
    &p2p_probe::P2pProbe,
    &worker::Worker,
    &socketio::SocketIo,
    &python::PythonMainThread,
];

/// Where a message stands: everything about it but its contents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// What kind of channel carried it.
    pub kind: ChannelKind,
    /// Number of the channel in its page.
    pub channel: u32,
    /// Which way it went.
    pub direction: Direction,
    /// The event.
    pub evidence: Evidence,
    /// When, on the page's clock.
    pub time: Micros,
    /// Time origin of the page's clock in milliseconds since the epoch, where it is known.
    pub time_origin_ms: Option<f64>,
}

/// Takes the observations that a dialect reads.
pub type Sink<'s> = dyn FnMut(&Observation<'_>) + 's;

/// One family of messages.
pub trait Dialect: Sync {
    /// Name, as views and reports show it.
    fn name(&self) -> &'static str;

    /// What speaks it, what is read from it, and what it cannot tell.
    fn documentation(&self) -> &'static str;

    /// Whether a message is surely of this family, on a channel that no dialect has claimed yet.
    fn recognises(&self, place: &Place, message: &Value<'_>) -> bool;

    /// Reads one message of a recognised channel. What cannot be read becomes an issue.
    fn read(
        &self,
        place: &Place,
        message: &Value<'_>,
        memory: &mut Memory<'_>,
        sink: &mut Sink<'_>,
        issues: &mut IssueLog,
    );
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_every_dialect_is_documented() {
        let names: BTreeSet<_> = DIALECTS.iter().map(|dialect| dialect.name()).collect();
        assert_eq!(names.len(), DIALECTS.len());
        assert!(DIALECTS.iter().all(|dialect| dialect.documentation().len() > 40));
    }
}
