//! One row of the table of traffic, as a view shows it.

use super::index::{Event, EventIndex};
use crate::capture::Message;
use crate::column::Column;
use crate::frame::Frame;
use crate::observation::{Direction, Evidence, SourceId};
use crate::player::PlayerId;
use crate::time::Micros;

/// Which part of a page a message belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Requests to workers that a dialect reads, and their replies.
    Worker,
    /// Messages between peers.
    Peer,
    /// Messages over sockets.
    Socket,
    /// Everything else: timers and other workers.
    Other,
}

impl Family {
    /// All families in the order in which views show them.
    pub const ALL: [Self; 4] = [Self::Worker, Self::Peer, Self::Socket, Self::Other];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Worker => "worker",
            Self::Peer => "peer",
            Self::Socket => "socket",
            Self::Other => "other",
        }
    }
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The page sent it, and no reply is due.
    Sent,
    /// The page received it.
    Ok,
    /// A request whose reply was not seen.
    Open,
    /// A reply that reports an error or cannot be read.
    Error,
    /// A reply that took longer than [`SLOW_MICROS`].
    Slow,
    /// The page's call threw: it was never sent.
    Threw,
    /// The network shaper kept it back.
    Withheld,
    /// The network shaper delayed it.
    Delayed,
    /// The network shaper made it twice.
    Duplicated,
}

/// From here on a reply counts as slow: one frame at 30 frames per second, in microseconds.
pub const SLOW_MICROS: u32 = 33_334;

/// One message of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct TrafficRow {
    /// Its place in the index.
    pub event: Event,
    /// Document and capture sequence number.
    pub evidence: Evidence,
    /// When, on its page's clock.
    pub time: Micros,
    /// The frame that its page was about to step.
    pub frame: Option<Frame>,
    /// Which way it went.
    pub direction: Direction,
    /// Which part of the page.
    pub family: Family,
    /// Number of its channel in the page.
    pub channel: u32,
    /// What its channel is called.
    pub channel_name: String,
    /// The player at its page.
    pub player: Option<PlayerId>,
    /// Its type.
    pub name: String,
    /// Request id of worker traffic; last frame of inputs and hashes.
    pub number: Option<u32>,
    /// Operations, results, inputs or hashes in it.
    pub count: u16,
    /// Bytes of its content.
    pub size_bytes: u32,
    /// From its request to it, in microseconds.
    pub latency_micros: Option<u32>,
    /// The reply of a request, or the request of a reply.
    pub partner: Option<Event>,
    /// What became of it.
    pub status: Status,
}

/// The row of one event, without the names that the index does not hold; `None` past the end.
#[must_use]
pub fn row(index: &EventIndex, event: Event) -> Option<TrafficRow> {
    let at = event.0 as usize;
    let number = |column: &Column| column.get(at).map(|value| value as u32);
    let known = |column: &Column| number(column)?.checked_sub(1);
    let mark = number(&index.bits)? as u16;
    let partner = index.partner(at).map(|row| Event(row as u32));
    let latency_micros = index.latency(at);
    let family = bits::family(mark);
    let direction = bits::direction(mark);
    let is_request = family == Family::Worker && direction == Direction::Sent;
    let status = if mark & bits::THREW != 0 {
        Status::Threw
    } else if mark & bits::WITHHELD != 0 {
        Status::Withheld
    } else if mark & bits::ERROR != 0 {
        Status::Error
    } else if mark & bits::DELAYED != 0 {
        Status::Delayed
    } else if mark & bits::DUPLICATED != 0 {
        Status::Duplicated
    } else if family == Family::Worker && latency_micros.is_some_and(|micros| micros >= SLOW_MICROS)
    {
        Status::Slow
    } else if is_request && partner.is_none() {
        Status::Open
    } else if direction == Direction::Sent {
        Status::Sent
    } else {
        Status::Ok
    };
    Some(TrafficRow {
        event,
        evidence: Evidence {
            source: SourceId(number(&index.source)? as u16),
            seq: number(&index.seq)?,
        },
        time: Micros(index.time.get(at)?),
        frame: known(&index.frame).map(Frame),
        direction,
        family,
        channel: number(&index.channel)?,
        channel_name: String::new(),
        player: None,
        name: index.names.get(number(&index.name)? as usize)?.clone(),
        number: known(&index.number),
        count: number(&index.count)? as u16,
        size_bytes: number(&index.size)?,
        latency_micros,
        partner,
        status,
    })
}

/// Direction, family and marks of a message in 16 bits.
pub(super) mod bits {
    use super::{Direction, Family, Message};

    const SENT: u16 = 1;
    const FAMILY: u16 = 0b110;
    pub(in super::super) const ERROR: u16 = 1 << 3;
    pub(super) const THREW: u16 = 1 << 4;
    pub(super) const WITHHELD: u16 = 1 << 5;
    pub(super) const DELAYED: u16 = 1 << 6;
    pub(super) const DUPLICATED: u16 = 1 << 7;

    pub(in super::super) fn of(direction: Direction, family: Family, message: &Message<'_>) -> u16 {
        let flag = |is_set: bool, bit: u16| if is_set { bit } else { 0 };
        let flags = message.flags;
        flag(direction == Direction::Sent, SENT)
            | (family as u16) << 1
            | flag(flags.call_threw(), THREW)
            | flag(flags.is_withheld(), WITHHELD)
            | flag(flags.is_delayed(), DELAYED)
            | flag(flags.is_duplicated(), DUPLICATED)
    }

    pub(in super::super) fn family(mark: u16) -> Family {
        let place = usize::from((mark & FAMILY) >> 1);
        Family::ALL.get(place).copied().unwrap_or(Family::Other)
    }

    pub(in super::super) fn direction(mark: u16) -> Direction {
        if mark & SENT != 0 { Direction::Sent } else { Direction::Received }
    }
}
