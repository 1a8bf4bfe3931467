//! Sizes of messages by document and type, kept while the messages come in.

use super::distribution::Distribution;
use super::index::EventIndex;
use super::row::Family;
use crate::observation::{Direction, SourceId};
use crate::sorted::SortedMap;
use crate::sorting;
use crate::time::Micros;

/// Sizes of all messages that go over the network, and when they went.
#[derive(Debug, Clone, Default)]
pub(super) struct Sizes {
    // By document and name of the type, which is a place in the index.
    by_type: SortedMap<(u16, u16), Distribution>,
    // By document: messages and bytes sent and received, and the times of the first and last.
    by_source: SortedMap<u16, Flow>,
}

/// What one document sent and received over the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    /// Messages and bytes that it sent.
    pub sent: (u64, u64),
    /// Messages and bytes that it received.
    pub received: (u64, u64),
    /// When the first and the last one went.
    pub seen: (Micros, Micros),
}

impl Sizes {
    pub(super) fn note(
        &mut self,
        (source, name): (u16, u16),
        family: Family,
        direction: Direction,
        bytes: u32,
        time: Micros,
    ) {
        if !matches!(family, Family::Peer | Family::Socket) {
            return;
        }
        self.by_type.change((source, name), Distribution::default, |sizes| sizes.add(bytes));
        let nothing = Flow { sent: (0, 0), received: (0, 0), seen: (time, time) };
        let note = |flow: &mut Flow| {
            flow.seen = (flow.seen.0.min(time), flow.seen.1.max(time));
            let side = match direction {
                Direction::Sent => &mut flow.sent,
                Direction::Received => &mut flow.received,
            };
            side.0 += 1;
            side.1 += u64::from(bytes);
        };
        self.by_source.change(source, || nothing, note);
    }
}

impl EventIndex {
    /// Sizes of a document's messages over the network by type, most bytes first.
    #[must_use]
    pub fn sizes(&self, source: SourceId) -> Vec<(&str, &Distribution)> {
        let of_source = self.sizes.by_type.range((source.0, 0)..=(source.0, u16::MAX));
        let name = |name: u16| self.names.get(usize::from(name)).map(String::as_str);
        let named = of_source.filter_map(|((_, type_), sizes)| Some((name(*type_)?, sizes)));
        let mut all: Vec<(&str, &Distribution)> = named.collect();
        sorting::sort_by(&mut all, |a, b| b.1.sum().cmp(&a.1.sum()).then_with(|| a.0.cmp(b.0)));
        all
    }

    /// What a document sent and received over the network; `None` if nothing was seen.
    #[must_use]
    pub fn flow(&self, source: SourceId) -> Option<Flow> {
        self.sizes.by_source.get(&source.0).copied()
    }
}
