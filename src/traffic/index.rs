//! The index of events: a packed column per property, a few bytes for one message.

use std::collections::VecDeque;

use super::names::{Exchange, Meaning, own_name, size_of};
use super::row::{Family, bits};
use super::sizes::Sizes;
use crate::capture::{CapturedEvent, ChannelKind, EventKind, Message, PageId};
use crate::column::Column;
use crate::frame::Frame;
use crate::observation::{Direction, Observation, SourceId};
use crate::sorted::SortedMap;

/// Most events that the index holds: a day of a busy session. Later ones are counted.
pub const MAX_EVENTS: usize = 6_000_000;

/// Types of messages that are told apart; further ones are `other`.
const MAX_NAMES: usize = 1024;

/// Requests that may wait for their reply.
const MAX_OPEN: usize = 4096;

/// One message by its number in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event(pub u32);

/// Where a message was seen.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// Its document.
    pub source: SourceId,
    /// The kind of its channel; `None` where the channel's opening was not captured.
    pub kind: Option<ChannelKind>,
    /// Whether a dialect reads the channel.
    pub is_read: bool,
    /// Game, episode and next frame of its document at that moment.
    pub place: Option<(usize, usize, Frame)>,
}

/// Every message of a capture, in the order in which they came in.
#[derive(Debug, Default)]
pub struct EventIndex {
    pub(super) time: Column,
    pub(super) seq: Column,
    pub(super) channel: Column,
    pub(super) size: Column,
    // What may be missing is kept as one more than it is, and 0 where it is missing.
    pub(super) frame: Column,
    pub(super) number: Column,
    // How many rows the other half of an exchange stands before (odd) or after (even), doubled.
    pub(super) partner: Column,
    pub(super) source: Column,
    pub(super) name: Column,
    pub(super) count: Column,
    pub(super) episode: Column,
    pub(super) game: Column,
    pub(super) bits: Column,
    pub(super) names: Vec<String>,
    pub(super) pages: SortedMap<u16, PageId>,
    places: SortedMap<String, u16>,
    open: VecDeque<(u16, u32, u64, u32)>,
    pub(super) sizes: Sizes,
    left_out: u64,
}

impl EventIndex {
    /// Number of messages.
    #[must_use]
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether no message was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    /// Messages that came after [`MAX_EVENTS`].
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Bytes of the columns.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.columns().iter().map(|column| column.bytes()).sum()
    }

    /// Where an event of the capture stands in the index; `None` for events that are no messages.
    #[must_use]
    pub fn find(&self, source: SourceId, seq: u32) -> Option<Event> {
        let is_source = |row: usize| self.source.get(row) == Some(u64::from(source.0));
        self.seq.find(u64::from(seq), is_source).map(|row| Event(row as u32))
    }

    /// The other half of an exchange: the reply of a request, or the request of a reply.
    pub(super) fn partner(&self, row: usize) -> Option<usize> {
        let apart = self.partner.get(row).filter(|apart| *apart != 0)?;
        let rows = (apart / 2) as usize;
        if apart % 2 == 1 { row.checked_sub(rows) } else { row.checked_add(rows) }
    }

    /// From a request to this reply of it, in microseconds.
    pub(super) fn latency(&self, row: usize) -> Option<u32> {
        let asked = self.partner(row).filter(|asked| *asked < row)?;
        let micros = self.time.get(row)?.saturating_sub(self.time.get(asked)?);
        Some(u32::try_from(micros).unwrap_or(u32::MAX))
    }

    fn columns(&self) -> [&Column; 13] {
        [
            &self.time,
            &self.seq,
            &self.channel,
            &self.size,
            &self.frame,
            &self.number,
            &self.partner,
            &self.source,
            &self.name,
            &self.count,
            &self.episode,
            &self.game,
            &self.bits,
        ]
    }

    /// Takes one event with what was read in it. What is no message changes nothing.
    pub fn handle(&mut self, event: &CapturedEvent<'_>, facts: &Facts, seen: Seen) {
        let (message, direction) = match &event.kind {
            EventKind::MessageSent(message) => (message, Direction::Sent),
            EventKind::MessageReceived(message) => (message, Direction::Received),
            _ => return,
        };
        if self.len() >= MAX_EVENTS {
            self.left_out += 1;
            return;
        }
        self.pages.insert_new(seen.source.0, event.page);
        let meaning = &facts.0;
        let own = own_name(&message.value);
        let name = meaning.name.as_deref().unwrap_or(own);
        let name = self.intern(name);
        let row = self.len() as u32;
        let mut mark = bits::of(direction, family(seen, facts), message);
        if meaning.is_error {
            mark |= bits::ERROR;
        }
        let size = size_of(&message.value);
        let key = (seen.source.0, name);
        self.sizes.note(key, family(seen, facts), direction, size, event.time);
        let (game, episode, frame) = match seen.place {
            Some((game, episode, frame)) => (game as u64 + 1, episode as u64 + 1, some(frame.0)),
            None => (0, 0, 0),
        };
        self.time.push(event.time.0);
        self.seq.push(event.seq.0.into());
        self.channel.push(event.channel.0.into());
        self.size.push(size.into());
        self.frame.push(frame);
        self.number.push(meaning.number.map_or(0, some));
        self.partner.push(0);
        self.source.push(seen.source.0.into());
        self.name.push(name.into());
        self.count.push(meaning.count.into());
        self.episode.push(episode);
        self.game.push(game);
        self.bits.push(mark.into());
        if is_delivered(message) {
            self.exchange(row, meaning, seen.source.0);
        }
    }

    fn exchange(&mut self, row: u32, meaning: &Meaning, source: u16) {
        let Some((half, channel, id)) = meaning.exchange else { return };
        let key = (source, channel, id);
        match half {
            Exchange::Asked => {
                self.open.push_back((key.0, key.1, key.2, row));
                if self.open.len() > MAX_OPEN {
                    self.open.pop_front();
                }
            }
            Exchange::Answered => {
                let place = self.open.iter().rposition(|open| (open.0, open.1, open.2) == key);
                let Some((.., asked)) = place.and_then(|place| self.open.remove(place)) else {
                    return;
                };
                let apart = 2 * u64::from(row - asked);
                self.partner.set(row as usize, apart + 1);
                self.partner.set(asked as usize, apart);
            }
        }
    }

    fn intern(&mut self, name: &str) -> u16 {
        if let Some(number) = self.places.get(name) {
            return *number;
        }
        let name = if self.names.len() < MAX_NAMES { name } else { "other" };
        if let Some(number) = self.places.get(name) {
            return *number;
        }
        let number = self.names.len() as u16;
        self.names.push(name.to_owned());
        self.places.insert(name.to_owned(), number);
        number
    }
}

/// What the dialects read in one event; made anew for each.
#[derive(Debug, Clone, Default)]
pub struct Facts(Meaning);

impl Facts {
    /// Takes one observation of the event.
    pub fn note(&mut self, observation: &Observation<'_>) {
        self.0.note(&observation.fact);
    }
}

fn family(seen: Seen, facts: &Facts) -> Family {
    match seen.kind {
        _ if facts.0.is_tick => Family::Other,
        Some(ChannelKind::Worker | ChannelKind::SharedWorker | ChannelKind::Python)
            if seen.is_read =>
        {
            Family::Worker
        }
        Some(ChannelKind::DataChannel | ChannelKind::PeerConnection) => Family::Peer,
        Some(ChannelKind::WebSocket) => Family::Socket,
        _ => Family::Other,
    }
}

fn is_delivered(message: &Message<'_>) -> bool {
    !message.flags.call_threw() && !message.flags.is_withheld()
}

fn some(value: u32) -> u64 {
    u64::from(value) + 1
}
