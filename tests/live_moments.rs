//! A verdict that is looked at while the game goes on: sessions are cut off at many moments, each page a little before
//! or after the others, as chunks come in. What the whole session does not deserve may not be raised at any moment.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test reads its fixtures and stops at its first surprise"
)]

#[path = "support/convert.rs"]
mod convert;
mod mesh;
mod mug_support;

use std::collections::BTreeSet;
use std::env;

use mesh::Plan;
use mug_support::recheck::{Alarm, checked, weighty, with_events};
use mug_support::{SESSIONS, trimmed};
use rollscope::capture::{CapturedEvent, ChunkBuilder, PageId};
use rollscope::link::SplitMix64;

/// A page's chunk comes every 100 ms; a busy page's later.
const MAX_LAG_MICROS: u64 = 250_000;

/// Moments of each session; `ROLLSCOPE_MOMENTS` asks for more.
fn moments() -> u64 {
    env::var("ROLLSCOPE_MOMENTS").map_or(25, |text| text.parse().unwrap())
}

/// A page's events with the times of its own clock.
struct Recording {
    number: u8,
    chunks: Vec<Vec<u8>>,
    events: usize,
    span: (u64, u64),
}

impl Recording {
    fn new(number: u8, chunks: Vec<Vec<u8>>) -> Self {
        let (events, span) = with_events(&chunks, |events| {
            let times = || events.iter().map(|event| event.time.0);
            (events.len(), (times().min().unwrap(), times().max().unwrap()))
        });
        Self { number, chunks, events, span }
    }

    fn chunk(&self, events: &[CapturedEvent<'_>]) -> Vec<u8> {
        let mut builder = ChunkBuilder::new(PageId([self.number; 8]));
        for event in events {
            builder.push(event.time, event.channel, &event.kind);
        }
        builder.finish()
    }

    /// The page's first events, and how long they took, from 0 to 1 of the whole.
    fn first(&self, count: usize) -> (Vec<u8>, f64) {
        with_events(&self.chunks, |events| {
            let events = &events[..count.min(events.len())];
            let (from, to) = self.span;
            let last = events.last().map_or(from, |event| event.time.0);
            (self.chunk(events), (last - from) as f64 / (to - from) as f64)
        })
    }

    /// What has come of the page by a part of its time, less [`MAX_LAG_MICROS`], plus `lead` microseconds.
    fn until(&self, part: f64, lead: u64) -> Vec<u8> {
        let (from, to) = self.span;
        let moment = from + ((to - from) as f64 * part) as u64 + lead;
        with_events(&self.chunks, |events| {
            let is_past = |event: &CapturedEvent<'_>| event.time.0 + MAX_LAG_MICROS <= moment;
            self.chunk(&events[..events.partition_point(is_past)])
        })
    }
}

/// Alarms at `moments` of a session that the whole of it does not have, and how often two pages were compared. A moment
/// is behind any event of one page; the others' lie around it.
fn false_alarms(name: &str, pages: &[Recording], moments: u64) -> (Vec<String>, u64) {
    let whole: Vec<Vec<u8>> = pages.iter().map(|page| page.first(usize::MAX).0).collect();
    let deserved: BTreeSet<Alarm> =
        weighty(&checked(whole.iter().map(Vec::as_slice))).map(|(alarm, _)| alarm).collect();
    let mut random = SplitMix64(moments);
    let mut below = |limit: u64| random.next_u64() % limit;
    let (mut alarms, mut compared) = (Vec::new(), 0);
    for moment in 0..moments {
        let at = below(pages.len() as u64) as usize;
        let (chunk, part) = pages[at].first(below(pages[at].events as u64) as usize);
        let chunks = pages.iter().enumerate().map(|(place, page)| {
            if place == at { chunk.clone() } else { page.until(part, below(2 * MAX_LAG_MICROS)) }
        });
        let chunks: Vec<Vec<u8>> = chunks.collect();
        let check = checked(chunks.iter().map(Vec::as_slice));
        let parity = check.checks.iter().find(|one| one.code == "input-mismatch").unwrap();
        compared += u64::from(parity.outcome.passed);
        let unknown = weighty(&check).filter(|(alarm, _)| !deserved.contains(alarm));
        alarms.extend(unknown.map(|(_, text)| format!("{name} {moment}: {text}")));
    }
    (alarms, compared)
}

#[test]
fn no_moment_of_our_own_games_raises_an_alarm() {
    let (mut alarms, mut compared) = (Vec::new(), 0);
    let moments = moments();
    for seed in 0..8 {
        let peers = mesh::play(&Plan::new(seed)).into_iter().zip(1..);
        let pages: Vec<Recording> =
            peers.map(|(peer, number)| Recording::new(number, peer.chunks)).collect();
        let (found, passed) = false_alarms(&format!("seed {seed}"), &pages, moments);
        alarms.extend(found);
        compared += passed;
    }
    assert!(alarms.is_empty(), "{}", alarms.join("\n"));
    assert!(compared > 10_000, "{compared}");
}

#[test]
fn no_moment_of_a_mug_session_raises_an_alarm_that_the_whole_does_not_have() {
    let mut alarms = Vec::new();
    for session in SESSIONS {
        let pages = trimmed(session).into_iter().zip(1..);
        let pages: Vec<Recording> =
            pages.map(|(page, number)| Recording::new(number, page.chunks)).collect();
        alarms.extend(false_alarms(session, &pages, moments()).0);
    }
    assert!(alarms.is_empty(), "{}", alarms.join("\n"));
}
