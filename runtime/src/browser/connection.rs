//! The way to the other peer: the data channel with the seeded link above it, on the sending side.
//!
//! Browser throttling does not reach data channels, so latency, jitter and loss are made here,
//! before a message is sent: an observer of the channel sees messages when they really leave.

use rollscope::link::{Link, LinkProfile};
use rollscope::time::Micros;

use super::rtc::RtcManager;
use crate::signal::Negotiation;

/// A connection and what is still on its way into it.
pub(super) struct Connection {
    rtc: RtcManager,
    link: Link<Vec<u8>>,
}

impl Connection {
    pub(super) fn new(rtc: RtcManager, seed: u64, profile: LinkProfile) -> Self {
        Self { rtc, link: Link::new(seed, profile) }
    }

    pub(super) fn handle(&self, step: Negotiation) {
        self.rtc.handle(step);
    }

    pub(super) fn send(&mut self, now: Micros, message: Vec<u8>) {
        self.link.send(now, message);
    }

    /// Sends what the link has let through by `now`. What an unopened or full channel does not
    /// take is lost, like on any unreliable way.
    pub(super) fn flush(&mut self, now: Micros) {
        while let Some(message) = self.link.poll(now) {
            self.rtc.send(&message);
        }
    }
}
