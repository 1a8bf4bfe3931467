//! The assembly: chunks of all pages, in any order and with repetitions, become events in order,
//! and every number that is missing is accounted for.
//!
//! Chunks come from the bridge or from a file; events go to the caller's `sink`, page by page in
//! the order of their numbers.

use serde::Serialize;

use super::event::{CapturedEvent, ChannelId, Dropped, EventKind, PageId};
use super::gap::Gap;
use super::loss::{Loss, LossLog};
use super::tables::PageTexts;
use super::tally::{ShaperAccount, Tally};
use super::wire::{Chunk, ChunkHeader, ChunkNumber, decode_chunk};
use crate::issue::IssueLog;
use crate::sorted::SortedMap;
use crate::time::Micros;

/// Puts chunks in order. A chunk that comes early waits for the ones before it, up to
/// [`MAX_WAITING_CHUNKS`] or [`MAX_WAITING_BYTES`] per page; then the ones before it count as lost.
#[derive(Debug, Clone, Default)]
pub struct Assembler {
    pages: SortedMap<PageId, PageAssembler>,
    waiting_bytes: usize,
    refused_chunks: u64,
}

/// What happened to the events of one page.
///
/// `seen` = `delivered` + `unknown` + `dropped` + `lost`, always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct PageAccount {
    /// Events that the hook saw, as far as the chunks tell.
    pub events_seen: u64,
    /// Events that were given out; records about dropped events are not counted.
    pub events_delivered: u64,
    /// Events that were skipped because a newer hook has kinds unknown here.
    pub events_unknown: u64,
    /// Events that were seen and given up, by the records and gaps that say so.
    pub events_dropped: u64,
    /// Events that the hook handed over and that never arrived, or arrived damaged.
    pub events_lost: u64,
    /// The hook's own count of dropped events. It is higher than `events_dropped` when records
    /// about them were lost on the way.
    pub dropped_by_hook: u32,
    /// Chunks whose events were given out.
    pub chunks_delivered: u64,
    /// Chunks that came again.
    pub chunks_repeated: u64,
    /// Chunks that came after they had been counted as lost; their events stay lost.
    pub chunks_late: u64,
    /// Chunks that were counted as lost.
    pub chunks_lost: u64,
    /// Chunks that wait for the ones before them.
    pub chunks_waiting: u64,
    /// Whether the document went away without handing over its last events; nobody knows how many.
    pub is_end_lost: bool,
    /// Messages that were only counted, because the page sent more than the hook could take; they
    /// are no events.
    pub messages_counted_by_load: u64,
    /// Messages that lack what they held for the same reason; they are events that were delivered.
    pub messages_emptied_by_load: u64,
    /// What the network shaper did.
    pub shaper: ShaperAccount,
}

/// Most chunks of one page that wait for a missing one.
pub const MAX_WAITING_CHUNKS: usize = 64;

/// Most bytes of one page that wait for a missing chunk.
pub const MAX_WAITING_BYTES: usize = 16 << 20;

/// Most bytes of all pages together that wait.
const MAX_WAITING_BYTES_IN_TOTAL: usize = 64 << 20;

/// Most pages that are followed; chunks of further ones are refused.
const MAX_PAGES: usize = 4096;

/// Most gaps of one page that are remembered to tell late chunks from repeated ones.
const MAX_GAPS: usize = 1024;

/// What became of a chunk that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// Its events were given out, or wait for the ones before them.
    Taken,
    /// It came before.
    Repeated,
    /// It belongs before what was given out already, and was not. Its events come out where all chunks
    /// are taken once more, in the order of their numbers.
    Late,
    /// It is no chunk, or of one page too many.
    Refused,
}

/// Takes the events that come in order.
pub type Sink<'s> = dyn FnMut(CapturedEvent<'_>) + 's;

impl Assembler {
    /// Takes one chunk and gives out what is in order now. Bytes that are no chunk become an
    /// issue.
    pub fn handle_chunk(
        &mut self,
        bytes: &[u8],
        issues: &mut IssueLog,
        sink: &mut Sink<'_>,
    ) -> Arrival {
        let chunk = match decode_chunk(bytes, issues) {
            Ok(chunk) => chunk,
            Err(error) => {
                self.refused_chunks += 1;
                issues.push("chunk", error.to_string());
                return Arrival::Refused;
            }
        };
        let page = chunk.header().page;
        if self.pages.len() >= MAX_PAGES && !self.pages.contains_key(&page) {
            self.refused_chunks += 1;
            issues.push("chunk", format!("more than {MAX_PAGES} pages in one capture"));
            return Arrival::Refused;
        }
        self.pages.change(page, PageAssembler::default, |assembler| {
            let waiting_before = assembler.waiting_bytes;
            let arrival = assembler.handle_chunk(&chunk, bytes, issues, sink);
            self.waiting_bytes = (self.waiting_bytes - waiting_before) + assembler.waiting_bytes;
            if self.waiting_bytes > MAX_WAITING_BYTES_IN_TOTAL {
                self.waiting_bytes -= assembler.waiting_bytes;
                assembler.flush(issues, sink);
            }
            arrival
        })
    }

    /// One that takes the same chunks once more; those that were refused stay counted.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self { refused_chunks: self.refused_chunks, ..Self::default() }
    }

    /// Gives out all chunks that wait, page by page; what is missing before them counts as lost.
    /// Call it at the end of a file, or when nothing more can come.
    pub fn flush(&mut self, issues: &mut IssueLog, sink: &mut Sink<'_>) {
        for page in self.pages.values_mut() {
            page.flush(issues, sink);
        }
        self.waiting_bytes = 0;
    }

    /// What happened to the events of every page, by page id.
    pub fn accounts(&self) -> impl Iterator<Item = (PageId, PageAccount)> {
        self.pages.iter().map(|(page, assembler)| (*page, assembler.account()))
    }

    /// Which events are missing, page by page.
    pub fn losses(&self) -> impl Iterator<Item = (PageId, &Loss)> {
        self.pages.iter().flat_map(|(page, assembler)| {
            assembler.losses.losses().iter().map(move |loss| (*page, loss))
        })
    }

    /// Chunks that could not be read at all.
    #[must_use]
    pub fn refused_chunks(&self) -> u64 {
        self.refused_chunks
    }
}

/// The chunks of one page.
#[derive(Debug, Clone, Default)]
struct PageAssembler {
    next_chunk: u32,
    /// Number of the event that comes next if nothing is missing.
    next_seq: u32,
    waiting: SortedMap<ChunkNumber, Vec<u8>>,
    waiting_bytes: usize,
    /// Long texts that later chunks may name.
    texts: PageTexts,
    /// First chunk and the one after the last of every gap, ascending.
    gaps: Vec<(u32, u32)>,
    /// Events whose numbers are in no delivered chunk.
    missing_events: u64,
    /// Events with numbers that the hook says it gave up in whole chunks.
    given_up_events: u64,
    /// Events in the place of whose chunks a gap stands.
    gap_events: u64,
    /// First chunk after those that came before the document went away without its last ones.
    lost_end: Option<u32>,
    /// Time of the event that came last.
    last_time: Micros,
    losses: LossLog,
    /// Events in whose place a record stands.
    replaced_events: u64,
    tally: Tally,
    account: PageAccount,
}

impl PageAssembler {
    fn handle_chunk(
        &mut self,
        chunk: &Chunk<'_>,
        bytes: &[u8],
        issues: &mut IssueLog,
        sink: &mut Sink<'_>,
    ) -> Arrival {
        let number = chunk.header().number;
        let chunks = match chunk.gap() {
            // Chunks that come all the same are read.
            Some(gap) if gap.is_open_ended() => {
                self.lost_end = self.lost_end.max(Some(number.0));
                self.account.chunks_delivered += 1;
                return Arrival::Taken;
            }
            Some(gap) => gap.chunks,
            None => 1,
        };
        if number.0.saturating_add(chunks) <= self.next_chunk {
            // Where not every gap is remembered, what came before counts as late too.
            if self.gaps.len() >= MAX_GAPS
                || self.gaps.iter().any(|gap| (gap.0..gap.1).contains(&number.0))
            {
                self.account.chunks_late += 1;
                return Arrival::Late;
            }
            self.account.chunks_repeated += 1;
            return Arrival::Repeated;
        }
        if number.0 <= self.next_chunk {
            self.deliver(chunk, issues, sink);
            self.deliver_waiting(issues, sink);
        } else if self.waiting.contains_key(&number) {
            self.account.chunks_repeated += 1;
            return Arrival::Repeated;
        } else {
            self.waiting_bytes += bytes.len();
            self.waiting.insert(number, bytes.to_vec());
            while self.waiting.len() > MAX_WAITING_CHUNKS || self.waiting_bytes > MAX_WAITING_BYTES
            {
                self.skip_gap();
                self.deliver_waiting(issues, sink);
            }
        }
        Arrival::Taken
    }

    fn flush(&mut self, issues: &mut IssueLog, sink: &mut Sink<'_>) {
        while !self.waiting.is_empty() {
            self.skip_gap();
            self.deliver_waiting(issues, sink);
        }
    }

    /// Goes on with the first chunk that waits.
    fn skip_gap(&mut self) {
        let Some((first, _)) = self.waiting.first_key_value() else {
            return;
        };
        let lost = first.0.saturating_sub(self.next_chunk);
        if lost > 0 && self.gaps.len() < MAX_GAPS {
            self.gaps.push((self.next_chunk, first.0));
        }
        self.account.chunks_lost += u64::from(lost);
        self.next_chunk = first.0;
    }

    fn deliver_waiting(&mut self, issues: &mut IssueLog, sink: &mut Sink<'_>) {
        while self.waiting.first_key_value().is_some_and(|(first, _)| first.0 <= self.next_chunk) {
            let Some((_, bytes)) = self.waiting.pop_first() else { return };
            self.waiting_bytes -= bytes.len();
            // The chunk was decoded before, and its issues were noted then. A gap may have told of
            // it, or may reach further than what came.
            if let Ok(chunk) = decode_chunk(&bytes, &mut IssueLog::default()) {
                self.handle_chunk(&chunk, &bytes, issues, sink);
            }
        }
    }

    fn deliver(&mut self, chunk: &Chunk<'_>, issues: &mut IssueLog, sink: &mut Sink<'_>) {
        let header = *chunk.header();
        if let Some(gap) = chunk.gap() {
            return self.deliver_gap(&header, gap);
        }
        let missing = header.first_seq.0.checked_sub(self.next_seq);
        match missing {
            Some(missing) => self.missing_events += u64::from(missing),
            None => issues.push(
                &format!("page {}", header.page),
                format!(
                    "chunk {} starts with event {}, which an earlier chunk has too",
                    header.number.0, header.first_seq.0
                ),
            ),
        }
        // Taken out for the loop, which counts in `self`.
        let mut texts = std::mem::take(&mut self.texts);
        let mut events = chunk.events_after(&texts, issues);
        for event in events.by_ref() {
            if let Some(missing @ 1..) = missing.filter(|_| event.seq == header.first_seq) {
                self.losses.note_missing(missing, self.last_time, event.time);
            }
            self.last_time = event.time;
            if let EventKind::Dropped(dropped) = &event.kind {
                self.count_dropped(dropped, event.time);
            } else {
                self.account.events_delivered += 1;
            }
            self.tally.note(&event);
            sink(event);
        }
        self.account.events_unknown += u64::from(events.unknown());
        let unread = header.event_count.saturating_sub(events.passed());
        self.missing_events += u64::from(unread);
        if unread > 0 {
            self.losses.note_missing(unread, self.last_time, self.last_time);
        }
        chunk.teach(&mut texts);
        self.texts = texts;
        self.next_seq = self.next_seq.max(header.first_seq.0.saturating_add(header.event_count));
        self.next_chunk = header.number.0.saturating_add(1);
        self.account.dropped_by_hook = self.account.dropped_by_hook.max(header.dropped_total);
        self.account.chunks_delivered += 1;
    }

    /// Counts what a gap tells, but for what was delivered before.
    fn deliver_gap(&mut self, header: &ChunkHeader, gap: &Gap) {
        let end = header.first_seq.0.saturating_add(gap.events);
        if let Some(missing @ 1..) = header.first_seq.0.checked_sub(self.next_seq) {
            self.missing_events += u64::from(missing);
            self.losses.note_missing(missing, self.last_time, gap.from);
        }
        let events = end.saturating_sub(self.next_seq.max(header.first_seq.0));
        self.gap_events += u64::from(events);
        if events > 0 {
            self.losses.note_gap(gap, events);
        }
        let after = header.number.0.saturating_add(gap.chunks);
        if self.gaps.len() < MAX_GAPS {
            self.gaps.push((self.next_chunk, after));
        }
        self.account.chunks_lost += u64::from(after.saturating_sub(self.next_chunk));
        self.account.chunks_delivered += 1;
        self.account.dropped_by_hook = self.account.dropped_by_hook.max(header.dropped_total);
        (self.next_seq, self.next_chunk) = (self.next_seq.max(end), after);
    }

    fn count_dropped(&mut self, dropped: &Dropped<'_>, time: Micros) {
        if dropped.channel == ChannelId::PAGE {
            // Only hooks before the gap wrote this; the missing numbers are losses already.
            self.given_up_events += u64::from(dropped.count);
        } else {
            self.replaced_events += u64::from(dropped.count);
            self.losses.note_dropped(dropped, time);
        }
    }

    fn account(&self) -> PageAccount {
        let given_up = self.given_up_events.min(self.missing_events);
        let mut account = self.account;
        account.events_dropped = self.replaced_events + given_up + self.gap_events;
        account.is_end_lost = self.lost_end.is_some_and(|first| self.next_chunk <= first);
        account.events_lost = self.missing_events - given_up;
        account.events_seen = account.events_delivered
            + account.events_unknown
            + account.events_dropped
            + account.events_lost;
        account.chunks_waiting = self.waiting.len() as u64;
        account.messages_counted_by_load = self.tally.counted_by_load;
        account.messages_emptied_by_load = self.tally.emptied_by_load;
        account.shaper = self.tally.shaper;
        account
    }
}
