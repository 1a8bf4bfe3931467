//! One capture cut into other chunks and with its channels merged otherwise.

// Every test binary uses its own part.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its own part")]
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at its first surprise"
)]

use std::collections::BTreeMap;

use rollscope::capture::{
    Assembler, CapturedEvent, ChannelId, Chunk, ChunkBuilder, PageId, decode_chunk,
};
use rollscope::issue::IssueLog;
use rollscope::link::SplitMix64;

/// How the channels of a page are merged anew.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Merge {
    /// As they were; only the chunks are cut otherwise.
    AsCaptured,
    /// At random, each channel in its order; the first events stay where they are.
    AtRandom { kept: usize },
    /// One channel after another, in this order of their kinds' numbers.
    OneByOne { is_reversed: bool },
}

pub(crate) fn merged(chunks: &[Vec<u8>], merge: Merge, random: &mut SplitMix64) -> Vec<Vec<u8>> {
    let mut issues = IssueLog::default();
    let chunks: Vec<Chunk<'_>> =
        chunks.iter().map(|bytes| decode_chunk(bytes, &mut issues).unwrap()).collect();
    let mut logs: Vec<IssueLog> = chunks.iter().map(|_| IssueLog::default()).collect();
    let events = chunks.iter().zip(&mut logs).flat_map(|(chunk, log)| chunk.events(log));
    let events: Vec<CapturedEvent<'_>> = events.collect();
    let mut channels: BTreeMap<ChannelId, Vec<usize>> = BTreeMap::new();
    for (place, event) in events.iter().enumerate() {
        channels.entry(event.channel).or_default().push(place);
    }
    let order: Vec<usize> = match merge {
        Merge::AsCaptured => (0..events.len()).collect(),
        Merge::OneByOne { is_reversed } => {
            let page_first = channels.remove(&ChannelId::PAGE).into_iter();
            let mut lists: Vec<Vec<usize>> = channels.into_values().collect();
            if is_reversed {
                lists.reverse();
            }
            page_first.chain(lists).flatten().collect()
        }
        Merge::AtRandom { kept } => {
            let mut order = channels.remove(&ChannelId::PAGE).unwrap_or_default();
            let kept = kept.min(events.len());
            let is_later = |place: &usize| *place >= kept;
            channels.values_mut().for_each(|list| list.retain(is_later));
            order.retain(is_later);
            order.splice(0..0, 0..kept);
            let mut lists: Vec<_> =
                channels.into_values().map(|list| list.into_iter().peekable()).collect();
            let mut left: Vec<usize> = lists.iter().map(ExactSizeIterator::len).collect();
            while let Some(total) = Some(left.iter().sum::<usize>()).filter(|total| *total > 0) {
                let mut pick = (random.next_u64() % total as u64) as usize;
                let list = left.iter().position(|count| {
                    let is_here = pick < *count;
                    pick = pick.saturating_sub(*count);
                    is_here
                });
                let list = list.unwrap();
                left[list] -= 1;
                order.extend(lists[list].next());
            }
            order
        }
    };
    let mut builder = ChunkBuilder::new(PageId([7; 8]));
    let mut out = Vec::new();
    for place in order {
        let event = &events[place];
        builder.push(event.time, event.channel, &event.kind);
        if random.next_u64().is_multiple_of(40) {
            out.push(builder.finish());
        }
    }
    out.push(builder.finish());
    out
}

/// A chunk that holds events of one channel of one page.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    pub page: usize,
    pub channel: ChannelId,
    pub chunk: Vec<u8>,
}

/// How the channels of all pages are interleaved. Every event keeps its number and its time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Interleaving {
    /// As the page saw them, one page after the other.
    AsCaptured,
    /// The next event may be that of any event that is left: all channels end together.
    ByWhatIsLeft,
    /// The next event may be that of any channel: those with few events end early.
    ByChannel,
    /// One channel after another.
    OneByOne,
    /// The same from the last channel of the last page on.
    LastFirst,
}

impl Interleaving {
    pub(crate) const ALL: [Self; 4] =
        [Self::ByWhatIsLeft, Self::ByChannel, Self::OneByOne, Self::LastFirst];
}

/// The events of pages in chunks of their own numbers, each with what one channel did without another
/// in between.
pub(crate) fn pieces(pages: &[&[Vec<u8>]]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (page, chunks) in pages.iter().enumerate() {
        let mut issues = IssueLog::default();
        let id = decode_chunk(&chunks[0], &mut issues).unwrap().header().page;
        let (mut assembler, mut builder) = (Assembler::default(), ChunkBuilder::new(id));
        let mut open = None;
        for chunk in *chunks {
            assembler.handle_chunk(chunk, &mut issues, &mut |event| {
                if let Some(channel) = open.filter(|open| *open != event.channel) {
                    pieces.push(Piece { page, channel, chunk: builder.finish() });
                }
                open = Some(event.channel);
                builder.push(event.time, event.channel, &event.kind);
            });
        }
        pieces.extend(open.map(|channel| Piece { page, channel, chunk: builder.finish() }));
    }
    pieces
}

/// The chunks of pieces with their channels interleaved otherwise, each channel in its order. Pages begin in
/// their order, because reports number them as they come.
pub(crate) fn interleaved(
    pieces: &[Piece],
    how: Interleaving,
    random: &mut SplitMix64,
) -> Vec<Vec<u8>> {
    let begins = |at: usize| at == 0 || pieces[at].page != pieces[at - 1].page;
    let (first, rest): (Vec<usize>, Vec<usize>) = (0..pieces.len()).partition(|at| begins(*at));
    let [first, rest] = [first, rest]
        .map(|places| places.into_iter().map(|at| &pieces[at]).collect::<Vec<&Piece>>());
    let mut channels: BTreeMap<(usize, ChannelId), Vec<&Piece>> = BTreeMap::new();
    for piece in &rest {
        channels.entry((piece.page, piece.channel)).or_default().push(piece);
    }
    let mut lists: Vec<Vec<&Piece>> = channels.into_values().collect();
    let rest: Vec<&Piece> = match how {
        Interleaving::AsCaptured => rest,
        Interleaving::OneByOne => lists.concat(),
        Interleaving::LastFirst => {
            lists.reverse();
            lists.concat()
        }
        Interleaving::ByWhatIsLeft | Interleaving::ByChannel => {
            lists.iter_mut().for_each(|list| list.reverse());
            let mut rest = Vec::new();
            while let Some(total) = Some(lists.iter().map(Vec::len).sum()).filter(|n| *n > 0) {
                let by_channel = matches!(how, Interleaving::ByChannel);
                let below = if by_channel { lists.len() } else { total };
                let mut pick = random.next_u64() as usize % below;
                let list = lists.iter().position(|list| {
                    let weight = if by_channel { 1 } else { list.len() };
                    let is_here = pick < weight;
                    pick = pick.saturating_sub(weight);
                    is_here
                });
                rest.extend(lists[list.unwrap()].pop());
                lists.retain(|list| !list.is_empty());
            }
            rest
        }
    };
    first.into_iter().chain(rest).map(|piece| piece.chunk.clone()).collect()
}
