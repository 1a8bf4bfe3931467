//! The index of events: a column per property, at most 64 bytes for one message.

use std::collections::{BTreeMap, VecDeque};

use super::names::{Exchange, Meaning, own_name, size_of};
use super::row::{Family, bits};
use super::sizes::Sizes;
use crate::capture::{CapturedEvent, ChannelKind, EventKind, Message, PageId};
use crate::frame::Frame;
use crate::observation::{Direction, Observation, SourceId};
use crate::time::Micros;

/// Most events that the index holds: a day of a busy session. Later ones are counted.
pub const MAX_EVENTS: usize = 6_000_000;

/// Types of messages that are told apart; further ones are `other`.
const MAX_NAMES: usize = 1024;

/// Requests that may wait for their reply.
const MAX_OPEN: usize = 4096;

pub(super) const NONE: u32 = u32::MAX;

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
    pub(super) time: Vec<Micros>,
    pub(super) seq: Vec<u32>,
    pub(super) channel: Vec<u32>,
    pub(super) size: Vec<u32>,
    pub(super) frame: Vec<u32>,
    pub(super) number: Vec<u32>,
    pub(super) latency: Vec<u32>,
    pub(super) partner: Vec<u32>,
    pub(super) source: Vec<u16>,
    pub(super) name: Vec<u16>,
    pub(super) count: Vec<u16>,
    pub(super) episode: Vec<u16>,
    pub(super) game: Vec<u8>,
    pub(super) bits: Vec<u16>,
    pub(super) names: Vec<String>,
    pub(super) pages: BTreeMap<u16, PageId>,
    places: BTreeMap<String, u16>,
    open: VecDeque<(u16, u32, u64, u32)>,
    pub(super) sizes: Sizes,
    left_out: u64,
}

/// Bytes of one event in all columns together.
const EVENT_BYTES: usize = 8 + 7 * 4 + 4 * 2 + 1 + 2;
const _: () = assert!(EVENT_BYTES <= 64);

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
        self.len() * EVENT_BYTES
    }

    /// Where an event of the capture stands in the index; `None` for events that are no messages.
    #[must_use]
    pub fn find(&self, source: SourceId, seq: u32) -> Option<Event> {
        // Documents alternate, but the numbers of one document ascend.
        let mut rows = self.source.iter().zip(&self.seq).enumerate();
        rows.find(|(_, (from, at))| **from == source.0 && **at == seq)
            .map(|(row, _)| Event(row as u32))
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
        self.pages.entry(seen.source.0).or_insert(event.page);
        let meaning = &facts.0;
        let own = own_name(&message.value);
        let name = meaning.name.as_deref().unwrap_or(own);
        let name = self.intern(name);
        let row = self.len() as u32;
        let mut mark = bits::of(direction, family(seen), message);
        if meaning.is_error {
            mark |= bits::ERROR;
        }
        self.time.push(event.time);
        self.seq.push(event.seq.0);
        self.channel.push(event.channel.0);
        let size = size_of(&message.value);
        let key = (seen.source.0, name);
        self.sizes.note(key, family(seen), direction, size, event.time);
        self.size.push(size);
        self.frame.push(seen.place.map_or(NONE, |(.., frame)| frame.0));
        self.number.push(meaning.number.unwrap_or(NONE));
        self.latency.push(NONE);
        self.partner.push(NONE);
        self.source.push(seen.source.0);
        self.name.push(name);
        self.count.push(meaning.count);
        self.episode.push(seen.place.map_or(u16::MAX, |(_, episode, _)| episode as u16));
        self.game.push(seen.place.map_or(u8::MAX, |(game, ..)| game as u8));
        self.bits.push(mark);
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
                let at = |row: u32| self.time.get(row as usize).copied().unwrap_or_default();
                let micros = at(row).since(at(asked));
                set(&mut self.latency, row, u32::try_from(micros).unwrap_or(NONE - 1));
                set(&mut self.partner, row, asked);
                set(&mut self.partner, asked, row);
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

fn family(seen: Seen) -> Family {
    match seen.kind {
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

fn set(column: &mut [u32], row: u32, value: u32) {
    if let Some(slot) = column.get_mut(row as usize) {
        *slot = value;
    }
}
