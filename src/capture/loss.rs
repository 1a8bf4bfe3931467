//! Losses: which events of a page are missing, on which channels, between which times, and why.
//!
//! Told by the assembly; shown by the views and written into reports.

use super::event::{ChannelId, Dropped};
use super::gap::Gap;
use crate::time::Micros;

/// Events that were seen in a page and are not in the capture.
#[derive(Debug, Clone, PartialEq)]
pub struct Loss {
    /// How many; 0 if nobody knows.
    pub events: u64,
    /// How many on each channel; empty if nobody knows.
    pub channels: Vec<(ChannelId, u64)>,
    /// Time of the first of them, or of the last event before them.
    pub from: Micros,
    /// Time of the last of them, or of the first event after them.
    pub until: Micros,
    /// Why, for people.
    pub reason: String,
}

/// Losses of a page that are listed one by one; further ones are added to the last.
const MAX_LOSSES: usize = 64;
/// Channels of a loss that are listed one by one; the sum holds further ones too.
const MAX_CHANNELS: usize = 512;

/// The losses of one page, in the order in which they became known.
#[derive(Debug, Clone, Default)]
pub(super) struct LossLog {
    losses: Vec<Loss>,
}

impl LossLog {
    pub(super) fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// Chunks that were given up; `events` of them were not delivered otherwise.
    pub(super) fn note_gap(&mut self, gap: &Gap, events: u32) {
        let channels = gap.channels.iter().map(|(channel, count)| (*channel, u64::from(*count)));
        // A gap of which a part was delivered does not tell the channels of the rest.
        let channels = if events == gap.events { channels.collect() } else { Vec::new() };
        self.add(Loss {
            events: u64::from(events),
            channels,
            from: gap.from,
            until: gap.until,
            reason: gap.reason.clone(),
        });
    }

    /// An event that could not be encoded.
    pub(super) fn note_dropped(&mut self, dropped: &Dropped<'_>, time: Micros) {
        self.add(Loss {
            events: u64::from(dropped.count),
            channels: vec![(dropped.channel, u64::from(dropped.count))],
            from: time,
            until: time,
            reason: dropped.reason.clone().into_owned(),
        });
    }

    /// Numbers that are in no chunk.
    pub(super) fn note_missing(&mut self, events: u32, from: Micros, until: Micros) {
        self.add(Loss {
            events: u64::from(events),
            channels: Vec::new(),
            from,
            until,
            reason: "lost on the way here".to_owned(),
        });
    }

    /// The same reason once more goes on with what is there.
    fn add(&mut self, loss: Loss) {
        let is_full = self.losses.len() >= MAX_LOSSES;
        match self.losses.last_mut() {
            Some(last) if is_full || last.reason == loss.reason => last.absorb(&loss),
            _ => self.losses.push(loss),
        }
    }
}

impl Loss {
    fn absorb(&mut self, other: &Self) {
        self.events += other.events;
        self.from = self.from.min(other.from);
        self.until = self.until.max(other.until);
        for (channel, count) in &other.channels {
            let has_room = self.channels.len() < MAX_CHANNELS;
            match self.channels.iter_mut().find(|(known, _)| known == channel) {
                Some((_, sum)) => *sum += count,
                None if has_room => self.channels.push((*channel, *count)),
                None => {}
            }
        }
    }
}
