//! The rows that a filter lets through, kept up to date as messages come in, with bytes per type.

use super::index::{Event, EventIndex};
use super::row::{Family, bits};
use crate::frame::Frame;
use crate::observation::Direction;

/// What a user wants to see. Everything that is not asked for lets all through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrafficFilter {
    /// Families that are hidden.
    pub hidden: Vec<Family>,
    /// Game and episode, by their places.
    pub episode: Option<(usize, usize)>,
    /// First and last frame.
    pub frames: Option<(Frame, Frame)>,
    /// Document.
    pub source: Option<u16>,
    /// Which way.
    pub direction: Option<Direction>,
    /// Least size in bytes.
    pub min_bytes: u32,
    /// Least latency in microseconds.
    pub min_latency_micros: u32,
    /// Words that the name of the type must hold, in lower case.
    pub words: Vec<String>,
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
        let words = Words::of(index, &self.filter);
        self.sums.resize(index.names.len(), Default::default());
        for at in self.scanned..index.len() {
            if !self.lets_through(index, &words, at) {
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
        sums.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
        sums
    }

    fn lets_through(&self, index: &EventIndex, words: &Words, at: usize) -> bool {
        let filter = &self.filter;
        let mark = index.bits.get(at).unwrap_or_default() as u16;
        let frame = || index.frame.get(at)?.checked_sub(1);
        let place = || {
            let (game, episode) = index.game.get(at).zip(index.episode.get(at))?;
            Some((game.checked_sub(1)? as usize, episode.checked_sub(1)? as usize))
        };
        let is_in = |(first, last): (Frame, Frame)| {
            frame().is_some_and(|frame| (u64::from(first.0)..=u64::from(last.0)).contains(&frame))
        };
        !filter.hidden.contains(&bits::family(mark))
            && filter.direction.is_none_or(|way| bits::direction(mark) == way)
            && filter.source.is_none_or(|source| index.source.get(at) == Some(source.into()))
            && filter.frames.is_none_or(is_in)
            && filter.episode.is_none_or(|episode| place() == Some(episode))
            && (filter.min_bytes == 0 || index.size.get(at) >= Some(filter.min_bytes.into()))
            && (filter.min_latency_micros == 0
                || index.latency(at) >= Some(filter.min_latency_micros))
            && (words.0.is_none() || words.let_through(index.name.get(at).unwrap_or_default()))
    }
}

/// Which names hold all words.
struct Words(Option<Vec<bool>>);

impl Words {
    fn of(index: &EventIndex, filter: &TrafficFilter) -> Self {
        let holds_all = |name: &String| {
            let name = name.to_lowercase();
            filter.words.iter().all(|word| name.contains(word))
        };
        Self((!filter.words.is_empty()).then(|| index.names.iter().map(holds_all).collect()))
    }

    fn let_through(&self, name: u64) -> bool {
        self.0.as_ref().is_none_or(|names| names.get(name as usize) == Some(&true))
    }
}
