//! The rows that a filter lets through, kept up to date as messages come in, with bytes per type.

use super::index::{Event, EventIndex};
use super::row::{Family, bits};
use crate::filter::{Filter, FilterItem, Span};
use crate::frame::Frame;
use crate::observation::Direction;
use crate::sorting;

/// What a user wants to see. Everything that is not asked for lets all through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrafficFilter {
    /// Families that are hidden.
    pub hidden: Vec<Family>,
    /// Game and episode, by their places.
    pub episode: Option<(usize, usize)>,
    /// What the user typed, read.
    pub query: Filter,
    /// Which document each observed player's page is, players counted from 1.
    pub players: Vec<(u8, u16)>,
}

/// What all messages of one type come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeSum {
    /// Its family.
    pub family: Family,
    /// The type.
    pub name: String,
    /// Messages.
    pub messages: u64,
    /// Bytes of their contents.
    pub bytes: u64,
}

/// The messages that a filter lets through, in order.
#[derive(Debug, Clone, Default)]
pub struct TrafficList {
    filter: TrafficFilter,
    rows: Vec<u32>,
    scanned: usize,
    // By name and family: messages and bytes.
    sums: Vec<[(u64, u64); 4]>,
}

impl TrafficList {
    /// Takes a filter and what is new in the index.
    pub fn update(&mut self, index: &EventIndex, filter: &TrafficFilter) {
        if self.filter != *filter || self.scanned > index.len() {
            *self = Self { filter: filter.clone(), ..Self::default() };
        }
        let kinds = Kinds::of(index, &self.filter);
        self.sums.resize(index.names.len(), Default::default());
        for at in self.scanned..index.len() {
            if !self.lets_through(index, &kinds, at) {
                continue;
            }
            self.rows.push(at as u32);
            let name = index.name.get(at).unwrap_or_default();
            let family = bits::family(index.bits.get(at).unwrap_or_default() as u16);
            let sums = self.sums.get_mut(name as usize);
            if let Some((messages, bytes)) = sums.and_then(|sums| sums.get_mut(family as usize)) {
                *messages += 1;
                *bytes += index.size.get(at).unwrap_or_default();
            }
        }
        self.scanned = index.len();
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether nothing is let through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The event of one row.
    #[must_use]
    pub fn event(&self, row: usize) -> Option<Event> {
        self.rows.get(row).map(|at| Event(*at))
    }

    /// The row of an event, or of the first one after it.
    #[must_use]
    pub fn row_of(&self, event: Event) -> Option<usize> {
        let row = self.rows.partition_point(|at| *at < event.0);
        (row < self.rows.len()).then_some(row)
    }

    /// The first row whose page was about to step `frame` or a later one.
    #[must_use]
    pub fn row_at_frame(&self, index: &EventIndex, frame: Frame) -> Option<usize> {
        let frame_of = |at: &u32| index.frame.get(*at as usize).unwrap_or(0);
        self.rows.iter().position(|at| frame_of(at) > u64::from(frame.0))
    }

    /// Sums per type, most bytes first.
    #[must_use]
    pub fn sums(&self, index: &EventIndex) -> Vec<TypeSum> {
        let mut sums = Vec::new();
        for (name, families) in index.names.iter().zip(&self.sums) {
            for (family, (messages, bytes)) in Family::ALL.into_iter().zip(families) {
                if *messages > 0 {
                    let (messages, bytes) = (*messages, *bytes);
                    sums.push(TypeSum { family, name: name.clone(), messages, bytes });
                }
            }
        }
        sorting::sort_by(&mut sums, |a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
        sums
    }

    fn lets_through(&self, index: &EventIndex, kinds: &Kinds, at: usize) -> bool {
        let filter = &self.filter;
        let mark = index.bits.get(at).unwrap_or_default() as u16;
        let place = || {
            let (game, episode) = index.game.get(at).zip(index.episode.get(at))?;
            Some((game.checked_sub(1)? as usize, episode.checked_sub(1)? as usize))
        };
        !filter.hidden.contains(&bits::family(mark))
            && filter.episode.is_none_or(|episode| place() == Some(episode))
            && (filter.query.is_empty() || self.meets_query(index, kinds, at))
    }

    fn meets_query(&self, index: &EventIndex, kinds: &Kinds, at: usize) -> bool {
        let mark = index.bits.get(at).unwrap_or_default() as u16;
        let frame = index.frame.get(at).and_then(|frame| frame.checked_sub(1));
        let source = index.source.get(at);
        let player = self.filter.players.iter().find(|(_, of)| source == Some(u64::from(*of)));
        let name = index.name.get(at).unwrap_or_default() as usize;
        let is_sent = bits::direction(mark) == Direction::Sent;
        self.filter.query.matches(&FilterItem {
            frames: frame.map(Span::of),
            player: player.map(|(player, _)| u64::from(*player)),
            bytes: index.size.get(at),
            millis: index.latency(at).map(|micros| u64::from(micros) / 1000),
            kinds: kinds.of_message(name, bits::family(mark), is_sent),
            type_name: index.names.get(name).map(String::as_str),
            direction: Some(if is_sent { "sent" } else { "received" }),
            ..FilterItem::default()
        })
    }
}

/// The kinds of the filter language that messages are, per name: what a name says (`batch`, `hash`, …)
/// and, of worker traffic, the way. Empty where no filter asks.
struct Kinds(Vec<[Vec<&'static str>; 3]>);

impl Kinds {
    fn of(index: &EventIndex, filter: &TrafficFilter) -> Self {
        if filter.query.is_empty() {
            return Self(Vec::new());
        }
        let kinds = |name: &String| {
            let name = name.to_ascii_lowercase();
            let said = Filter::KINDS.into_iter().filter(|kind| name.contains(kind));
            let plain: Vec<_> = std::iter::once("message").chain(said).collect();
            let with = |way| plain.iter().copied().chain([way]).collect();
            [with("request"), with("reply"), plain.clone()]
        };
        Self(index.names.iter().map(kinds).collect())
    }

    fn of_message(&self, name: usize, family: Family, is_sent: bool) -> &[&'static str] {
        let Some([request, reply, plain]) = self.0.get(name) else { return &[] };
        match family {
            Family::Worker if is_sent => request,
            Family::Worker => reply,
            _ => plain,
        }
    }
}
