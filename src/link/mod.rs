//! A seeded lossy link: what is sent comes out later, in another order, twice or never.
//!
//! The arena puts it above its data channel, because browser throttling does not reach data
//! channels; tests put it between two engines. Same seed and same calls, same fate of every message.

use crate::sorted::SortedMap;
use crate::time::Micros;

/// What a link does to messages.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LinkProfile {
    /// Delay of every message.
    pub latency_micros: u64,
    /// Further delay, drawn evenly from 0 to this, per message; it also reorders.
    pub jitter_micros: u64,
    /// Share of messages that never arrive, 0 to 1.
    pub loss: f64,
    /// Share of messages that arrive twice, 0 to 1.
    pub duplication: f64,
}

/// One direction of a link.
#[derive(Debug, Clone)]
pub struct Link<T> {
    profile: LinkProfile,
    random: SplitMix64,
    // By time of arrival, then by order of sending: a total order.
    in_flight: SortedMap<(Micros, u64), T>,
    sent: u64,
    lost: u64,
}

impl<T: Clone> Link<T> {
    /// An empty link.
    #[must_use]
    pub fn new(seed: u64, profile: LinkProfile) -> Self {
        Self { profile, random: SplitMix64(seed), in_flight: SortedMap::new(), sent: 0, lost: 0 }
    }

    /// Puts a message on the link at time `now`.
    pub fn send(&mut self, now: Micros, message: T) {
        // The same number of draws per message, so that one message's fate never shifts the next.
        let (loss, duplication) = (self.random.unit(), self.random.unit());
        let (delay, second_delay) = (self.draw_delay(), self.draw_delay());
        self.sent += 1;
        if loss < self.profile.loss {
            self.lost += 1;
            return;
        }
        if duplication < self.profile.duplication {
            self.in_flight.insert((now.plus(second_delay), self.sent * 2 + 1), message.clone());
        }
        self.in_flight.insert((now.plus(delay), self.sent * 2), message);
    }

    /// The next message that has arrived by `now`.
    pub fn poll(&mut self, now: Micros) -> Option<T> {
        let (&key, _) = self.in_flight.first_key_value()?;
        if key.0 > now {
            return None;
        }
        self.in_flight.remove(&key)
    }

    /// When the next message arrives; `None` if none is under way.
    #[must_use]
    pub fn next_arrival(&self) -> Option<Micros> {
        self.in_flight.first_key_value().map(|((time, _), _)| *time)
    }

    /// Messages sent and, of these, lost so far.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        (self.sent, self.lost)
    }

    fn draw_delay(&mut self) -> u64 {
        let jitter = self.random.unit() * self.profile.jitter_micros as f64;
        self.profile.latency_micros.saturating_add(jitter as u64)
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, seeded, the same on every platform.
#[derive(Debug, Clone)]
pub struct SplitMix64(pub u64);

impl SplitMix64 {
    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number from 0 up to but not including 1.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(seed: u64, profile: LinkProfile) -> Vec<u32> {
        let mut link = Link::new(seed, profile);
        for n in 0..1000 {
            link.send(Micros(u64::from(n) * 1000), n);
        }
        let mut arrived = Vec::new();
        while let Some(time) = link.next_arrival() {
            arrived.push(link.poll(time).unwrap());
        }
        arrived
    }

    #[test]
    fn a_clean_link_keeps_everything_in_order() {
        let profile = LinkProfile { latency_micros: 50_000, ..LinkProfile::default() };
        assert_eq!(arrivals(1, profile), (0..1000).collect::<Vec<_>>());
    }

    #[test]
    fn the_fate_of_messages_follows_the_seed() {
        let profile = LinkProfile {
            latency_micros: 50_000,
            jitter_micros: 20_000,
            loss: 0.1,
            duplication: 0.05,
        };
        let first = arrivals(7, profile);
        assert_eq!(first, arrivals(7, profile));
        assert_ne!(first, arrivals(8, profile));
        let mut distinct = first.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert!((850..950).contains(&distinct.len()), "lost {}", 1000 - distinct.len());
        assert!(first.len() > distinct.len(), "some arrive twice");
        assert!(!first.is_sorted(), "jitter reorders");
    }
}
