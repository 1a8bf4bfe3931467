//! The way from one peer to another: as an unreliable data channel, or as one that keeps order.

use std::collections::VecDeque;

use rollscope::link::{Link, LinkProfile, SplitMix64};
use rollscope::time::Micros;

/// Further messages after which a lost one is known to be lost: fast retransmit of SCTP and TCP takes
/// three. A message a tick or more is said here, so no timer fires first.
const MESSAGES_UNTIL_RESENT: u64 = 3;

/// A message a tick.
const MESSAGE_MICROS: u64 = 16_667;

/// One direction.
pub(crate) enum Way {
    /// What is lost is lost, and holds up nothing.
    Unreliable(Link<Vec<u8>>),
    /// What is lost is sent again, and what comes after it waits.
    Reliable(Reliable),
}

/// A way in order.
pub(crate) struct Reliable {
    profile: LinkProfile,
    random: SplitMix64,
    under_way: VecDeque<(u64, Vec<u8>)>,
    newest_arrival: u64,
}

impl Way {
    pub(crate) fn new(seed: u64, profile: LinkProfile, is_reliable: bool) -> Self {
        match is_reliable {
            false => Self::Unreliable(Link::new(seed, profile)),
            true => Self::Reliable(Reliable {
                profile,
                random: SplitMix64(seed),
                under_way: VecDeque::new(),
                newest_arrival: 0,
            }),
        }
    }

    pub(crate) fn send(&mut self, now: Micros, message: Vec<u8>) {
        match self {
            Self::Unreliable(link) => link.send(now, message),
            Self::Reliable(way) => way.send(now.0, message),
        }
    }

    pub(crate) fn poll(&mut self, now: Micros) -> Option<Vec<u8>> {
        match self {
            Self::Unreliable(link) => link.poll(now),
            Self::Reliable(way) => {
                let (arrival, _) = way.under_way.front()?;
                if *arrival > now.0 {
                    return None;
                }
                way.under_way.pop_front().map(|(_, message)| message)
            }
        }
    }
}

impl Reliable {
    fn send(&mut self, now: u64, message: Vec<u8>) {
        let mut arrival = now;
        while self.random.unit() < self.profile.loss {
            // The receiver's word of the gap comes back after a round trip.
            arrival += 2 * self.profile.latency_micros + MESSAGES_UNTIL_RESENT * MESSAGE_MICROS;
        }
        let jitter = self.random.unit() * self.profile.jitter_micros as f64;
        arrival += self.profile.latency_micros + jitter as u64;
        self.newest_arrival = self.newest_arrival.max(arrival);
        self.under_way.push_back((self.newest_arrival, message));
    }
}
