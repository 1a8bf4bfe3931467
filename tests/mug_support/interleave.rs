//! One capture cut into other chunks and with its channels merged otherwise.

// Every test binary uses its own part.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its own part")]
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at its first surprise"
)]

use std::collections::BTreeMap;

use rollscope::capture::{CapturedEvent, ChannelId, Chunk, ChunkBuilder, PageId, decode_chunk};
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
