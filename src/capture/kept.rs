//! Chunks that are kept: for the capture file, and to read single events again when a view asks.
//!
//! Comes from the assembly's caller; what does not fit below the cap stays out and is counted, so that
//! what is kept begins at the beginning.

use super::event::{CaptureSeq, CapturedEvent, PageId};
use super::tables::PageTexts;
use super::wire::{ChunkHeader, decode_chunk, order_of, places};
use crate::issue::IssueLog;
use crate::sorted::{SortedMap, SortedSet};
use crate::sorting;

/// Most bytes of chunks that are kept unless the user says otherwise.
pub const DEFAULT_MAX_BYTES: usize = 1 << 30;

/// The chunks of a capture.
#[derive(Debug, Clone)]
pub struct KeptChunks {
    chunks: Vec<Vec<u8>>,
    bytes: usize,
    max_bytes: usize,
    left_out: u64,
    /// Chunk by its page and the number of its first event.
    by_event: SortedMap<(PageId, u32), u32>,
    /// Chunk by its page and the number of its first long text.
    by_text: SortedMap<(PageId, u32), u32>,
}

impl Default for KeptChunks {
    fn default() -> Self {
        Self {
            chunks: Vec::new(),
            bytes: 0,
            max_bytes: DEFAULT_MAX_BYTES,
            left_out: 0,
            by_event: SortedMap::new(),
            by_text: SortedMap::new(),
        }
    }
}

impl KeptChunks {
    /// Keeps one chunk, if it fits beside the `other_bytes` that the same cap is for. A chunk that is none is kept
    /// too: it belongs into the file.
    pub fn keep(&mut self, chunk: &[u8], other_bytes: usize) {
        let asked = self.bytes.saturating_add(chunk.len()).saturating_add(other_bytes);
        if asked > self.max_bytes {
            self.left_out += 1;
            return;
        }
        self.push(chunk.to_vec());
    }

    fn push(&mut self, chunk: Vec<u8>) {
        let number = self.chunks.len() as u32;
        if let Some((header, first_text)) = places(&chunk) {
            // Of chunks with one first number all but the last one are empty.
            let place = (header.page, header.first_seq.0);
            let known = self.by_event.get(&place).and_then(|known| self.header(*known));
            if known.is_none_or(|known| known.event_count == 0) {
                self.by_event.insert(place, number);
            }
            // A chunk without texts has the number of the next one that has some: that one, of all the
            // last by its own number, counts. Most chunks come in order.
            let place = (header.page, first_text);
            let known = self.by_text.get(&place).and_then(|known| self.header(*known));
            if known.is_none_or(|known| known.number < header.number) {
                self.by_text.insert(place, number);
            }
        }
        self.bytes += chunk.len();
        self.chunks.push(chunk);
    }

    fn header(&self, number: u32) -> Option<ChunkHeader> {
        places(self.chunks.get(number as usize)?).map(|(header, _)| header)
    }

    /// Takes all chunks out, in the order of their numbers within each page. Pages follow one another
    /// as they came: the n-th place that chunks of a page had is that of its n-th chunk.
    pub fn take_in_order(&mut self) -> Vec<Vec<u8>> {
        self.bytes = 0;
        self.by_event.clear();
        self.by_text.clear();
        let mut chunks = std::mem::take(&mut self.chunks);
        // Of what is no chunk no number is known; a gap stands where the last chunk of it would.
        let places = chunks.iter().map(|chunk| order_of(chunk).unwrap_or_default());
        let places: Vec<(PageId, u32)> = places.collect();
        let mut of_pages: SortedMap<PageId, Vec<usize>> = SortedMap::new();
        for (at, (page, _)) in places.iter().enumerate() {
            of_pages.change(*page, Vec::new, |own| own.push(at));
        }
        for own in of_pages.values_mut() {
            let number = |at: &usize| places.get(*at).map_or(0, |(_, number)| u64::from(*number));
            sorting::sort_by_number(own, number);
        }
        let next = of_pages.into_iter().map(|(page, own)| (page, own.into_iter()));
        let mut next: SortedMap<PageId, std::vec::IntoIter<usize>> = next.collect();
        let order = places.iter().filter_map(|(page, _)| next.get_mut(page)?.next());
        let order: Vec<usize> = order.collect();
        order.into_iter().filter_map(|at| chunks.get_mut(at).map(std::mem::take)).collect()
    }

    /// Keeps a chunk that was kept before.
    pub fn keep_again(&mut self, chunk: Vec<u8>) {
        self.push(chunk);
    }

    /// Chunks that came: those that are kept and those that were left out.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.chunks.len() as u64 + self.left_out
    }

    /// The chunks in the order in which they came.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.chunks.iter().map(Vec::as_slice)
    }

    /// Bytes of all chunks that are kept.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Most bytes that are kept, others below the same cap among them.
    #[must_use]
    pub fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    /// Sets the most bytes that are kept from now on; what is kept stays.
    pub fn set_max_bytes(&mut self, max_bytes: usize) {
        self.max_bytes = max_bytes;
    }

    /// Chunks that stayed out.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Reads one event again; `None` if its chunk is not kept or does not hold it.
    pub fn read<T>(
        &self,
        page: PageId,
        seq: CaptureSeq,
        read: impl FnOnce(&CapturedEvent<'_>) -> T,
    ) -> Option<T> {
        let ((at, _), number) = self.by_event.range(..=(page, seq.0)).next_back()?;
        if *at != page {
            return None;
        }
        // Its issues were noted when it came.
        let mut issues = IssueLog::default();
        let chunk = decode_chunk(self.chunks.get(*number as usize)?, &mut issues).ok()?;
        let mut earlier = PageTexts::default();
        // A chunk may name many texts that its holder lacks: each holder is read once.
        let holders = chunk.earlier_texts().filter_map(|text| self.holder(page, text));
        for holder in holders.collect::<SortedSet<u32>>() {
            self.teach(holder, &mut earlier);
        }
        let mut events = chunk.events_after(&earlier, &mut issues);
        events.find(|event| event.seq == seq).map(|event| read(&event))
    }

    /// The number of the chunk that holds a text of a page, if any does.
    fn holder(&self, page: PageId, text: u32) -> Option<u32> {
        let ((at, _), number) = self.by_text.range(..=(page, text)).next_back()?;
        (*at == page).then_some(*number)
    }

    /// Adds the texts of a chunk.
    fn teach(&self, number: u32, texts: &mut PageTexts) {
        let Some(bytes) = self.chunks.get(number as usize) else { return };
        if let Ok(chunk) = decode_chunk(bytes, &mut IssueLog::default()) {
            chunk.teach(texts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::tag::{CHUNK_MAGIC, CHUNK_VERSION, EARLIER_TEXT};
    use crate::time::Micros;

    /// A chunk without events whose table of texts begins with a number and holds these words and bytes.
    fn chunk(number: u32, first_text: u32, texts: &[(u32, &[u8])]) -> Vec<u8> {
        let mut bytes = [&CHUNK_MAGIC[..], &[CHUNK_VERSION], &[7; 8]].concat();
        // Chunk, first event, events, dropped, place of the tables; then the tables.
        for word in [number, number, 0, 0, 32, first_text, texts.len() as u32] {
            bytes.extend(word.to_le_bytes());
        }
        for (word, text) in texts {
            bytes.extend(word.to_le_bytes());
            bytes.extend(*text);
        }
        bytes.extend([0; 8]);
        bytes
    }

    #[test]
    fn a_chunk_that_names_countless_texts_that_its_holder_lacks_is_read_at_once() {
        let mut kept = KeptChunks::default();
        let held = vec![(64, &[b'x'; 64][..]); 4000];
        let named: Vec<(u32, &[u8])> =
            (0..1 << 18).map(|at| (EARLIER_TEXT | (5000 + at), &[][..])).collect();
        kept.keep(&chunk(0, 0, &held), 0);
        kept.keep(&chunk(1, 4000, &named), 0);
        // Reading the holder for each name would take this test half an hour.
        assert_eq!(kept.read(PageId([7; 8]), CaptureSeq(1), |event| event.time), None::<Micros>);
        let mut texts = PageTexts::default();
        kept.teach(kept.holder(PageId([7; 8]), 3999).unwrap(), &mut texts);
        assert_eq!(texts.get(3999), Some(&*"x".repeat(64)));
    }
}
