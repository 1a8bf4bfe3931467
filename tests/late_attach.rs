//! Observations that begin in the middle of a game: events of a recorded session are cut off at an event,
//! only the channels that are open are told, and the rest is read from bytes on. Nothing that was not
//! seen may raise an alarm, alone or beside the other page's whole recording.

#![expect(
    clippy::indexing_slicing,
    reason = "a test reads its fixtures and stops at its first surprise"
)]

mod mug_support;

use std::collections::BTreeSet;

use mug_support::recheck::{Alarm, checked, weighty, with_events};
use mug_support::{Page, SESSIONS, rebuild, trimmed};
use rollscope::capture::{CapturedEvent, ChannelId, ChunkBuilder, EventKind, PageId};
use rollscope::observation::{Direction, Fact};
use rollscope::verify::SessionCheck;

/// Where the observation begins, in hundredths of the events.
const CUTS: [usize; 4] = [10, 7, 90, 60];

/// Whether the messages of the server that configure a game are seen all the same.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Settings {
    Seen,
    Unseen,
}

fn configures(event: &CapturedEvent<'_>) -> bool {
    let EventKind::MessageReceived(message) = &event.kind else { return false };
    let names = ["activate_scene", "start_game", "pyodide_player_assigned", "pyodide_game_ready"];
    message.value.as_str().is_some_and(|text| names.iter().any(|name| text.contains(name)))
}

/// The page's events from a place on, as a hook tells them that begins there.
fn late(page: &Page, number: u8, hundredths: usize, settings: Settings) -> Vec<u8> {
    with_events(&page.chunks, |events| {
        let (before, after) = events.split_at(events.len() * hundredths / 100);
        let is_told = |event: &&CapturedEvent<'_>| {
            matches!(event.kind, EventKind::ChannelOpened(_))
                || event.channel == ChannelId::PAGE
                || (settings == Settings::Seen && configures(event))
        };
        let mut builder = ChunkBuilder::new(PageId([number; 8]));
        for event in before.iter().filter(is_told).chain(after) {
            builder.push(event.time, event.channel, &event.kind);
        }
        builder.finish()
    })
}

/// Alarms of `seen` that are not among the `known` ones.
fn alarms(seen: &SessionCheck, known: &BTreeSet<Alarm>) -> Vec<String> {
    let unknown = weighty(seen).filter(|(alarm, _)| !known.contains(alarm));
    unknown.map(|(_, text)| text).collect()
}

fn known<'c>(chunks: impl IntoIterator<Item = &'c [u8]>) -> BTreeSet<Alarm> {
    weighty(&checked(chunks)).map(|(alarm, _)| alarm).collect()
}

#[test]
fn a_page_that_is_seen_late_raises_no_alarm_of_its_own_alone_or_beside_the_whole_other_one() {
    let (mut unknown, mut all) = (0, Vec::new());
    for session in SESSIONS {
        let pages = trimmed(session);
        let chunks = |place: usize| pages[place].chunks.iter().map(Vec::as_slice);
        let both = known(chunks(0).chain(chunks(1)));
        let alone = [0, 1].map(|place| known(chunks(place)));
        for (at, hundredths) in CUTS.into_iter().enumerate() {
            let (here, there) = if at % 2 == 0 { (1, 0) } else { (0, 1) };
            for settings in [Settings::Seen, Settings::Unseen] {
                let late = late(&pages[here], 9, hundredths, settings);
                let place = format!("{session}, page {here} from {hundredths} % on, {settings:?}");
                let beside = checked(chunks(there).chain([&*late]));
                let late = checked([&*late]);
                let of_both = alarms(&beside, &both);
                let of_one = alarms(&late, &alone[here]);
                if !(of_both.is_empty() && of_one.is_empty()) {
                    all.push(format!("{place}: beside {of_both:#?}, alone {of_one:#?}"));
                }
                let mut checks = late.checks.iter();
                unknown += u32::from(checks.any(|check| check.outcome.not_checkable > 0));
            }
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
    // What was not seen is said to be unknown.
    assert!(unknown > 40, "{unknown} of 48");
}

/// A page with a worker forgets inputs otherwise than one without. A late observation begins with the
/// page's next tick, and that tick's own request tells of the worker, when nothing is forgotten yet.
#[test]
fn a_page_s_worker_is_known_before_anything_of_its_books_is() {
    for page in ["W-clean", "W-nondet", "W-quiet"].into_iter().flat_map(trimmed) {
        for hundredths in (5..100).step_by(10) {
            let chunk = late(&page, 9, hundredths, Settings::Seen);
            let (mut ticks, mut is_anchored) = (0, false);
            rebuild([&chunk], &mut |session, observation| {
                let peer = session.games().first().map(|game| &game.peers[0]);
                let configuration = peer.and_then(|peer| Some(peer.mug.as_ref()?.configuration));
                if !configuration.is_some_and(|known| known.has_worker) {
                    let is_own = matches!(
                        observation.fact,
                        Fact::FrameInputsAnnounced { direction: Direction::Sent, .. }
                    );
                    ticks += u32::from(is_own);
                    let mut records = peer.into_iter().flat_map(|peer| &peer.episodes);
                    is_anchored |= records.any(|record| record.anchor.is_some());
                }
                true
            });
            let place = format!("{} from {hundredths} % on", page.name);
            assert!(ticks <= 1 && !is_anchored, "{place}: {ticks} ticks, {is_anchored}");
        }
    }
}
