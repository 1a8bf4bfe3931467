//! The application's own counters (`emit_multiplayer_metrics`, MUG wire notes, §6.1), as far as
//! they can be held against the traffic.

use super::super::native::text;
use super::PLACE;
use super::events::{Event, Speaker};
use crate::capture::Value;
use crate::frame::{Episode, Frame};
use crate::issue::IssueLog;
use crate::observation::{ApplicationMetrics, EpisodeMetrics, Fact};

/// Most entries of each list that are read: 120 hashes an episode, and many episodes.
const MAX_ENTRIES: usize = 1 << 16;

/// Longest time in the background that is believed, in milliseconds: a week.
const MAX_BACKGROUND_MS: f64 = 604_800_000.0;

/// Reads the counters.
pub(super) fn read(event: &Event<'_, '_>, speaker: &mut Speaker<'_, '_>, issues: &mut IssueLog) {
    let Some(metrics) = event.argument.get("metrics").filter(|told| told.members().is_some())
    else {
        return issues.push(PLACE, "metrics without content");
    };
    let inputs = metrics.get("inputDelivery");
    let input = |key: &str| inputs.and_then(|inputs| inputs.get(key)).and_then(Value::as_u32);
    let validation = metrics.get("validation").unwrap_or(&Value::Undefined);
    let end = metrics.get("sessionStatus").and_then(|status| text(status, "terminationReason"));
    let metrics = ApplicationMetrics {
        game: text(metrics, "gameId").map(str::to_owned),
        sent_to_peer: input("sentViaP2P"),
        sent_to_server: input("sentViaSocketIO"),
        received_from_peer: input("receivedViaP2P"),
        received_from_server: input("receivedViaSocketIO"),
        episodes: list(validation, "episodes", episode),
        hashes: list(validation, "allHashes", |entry| {
            Some((episode_of(entry, "episode")?, frame(entry, "frame")?, hash(entry)?))
        }),
        desyncs: list(validation, "allDesyncEvents", |entry| {
            Some((episode_of(entry, "episode")?, frame(entry, "frame")?))
        }),
        background_micros: background(metrics),
        end: end.map(str::to_owned),
    };
    speaker.fact(Fact::MetricsExported(Box::new(metrics)));
}

fn list<T>(told: &Value<'_>, key: &str, read: impl Fn(&Value<'_>) -> Option<T>) -> Vec<T> {
    let items = told.get(key).and_then(Value::items).into_iter().flatten();
    items.take(MAX_ENTRIES).filter_map(|entry| read(&entry)).collect()
}

// The times of one episode: MUG forgets the earlier ones (MUG wire notes, §6.1). One without a
// length makes the whole list unreadable, because the next ones would take its place.
fn background(metrics: &Value<'_>) -> Option<Vec<u64>> {
    let periods = metrics.get("focusLoss")?.get("backgroundPeriods").and_then(Value::items)?;
    let micros = |period: &Value<'_>| {
        let millis = period.get("durationMs").and_then(Value::as_f64)?;
        (0.0..=MAX_BACKGROUND_MS).contains(&millis).then_some((millis * 1e3) as u64)
    };
    periods.take(MAX_ENTRIES).map(|period| micros(&period)).collect()
}

fn number(told: &Value<'_>, key: &str) -> Option<u32> {
    told.get(key).and_then(Value::as_u32)
}

fn frame(told: &Value<'_>, key: &str) -> Option<Frame> {
    number(told, key).map(Frame)
}

// The application counts finished episodes from 1 (MUG wire notes, §4.7).
fn episode_of(told: &Value<'_>, key: &str) -> Option<Episode> {
    number(told, key)?.checked_sub(1).map(Episode)
}

fn hash(told: &Value<'_>) -> Option<String> {
    text(told, "hash").filter(|hash| hash.len() <= 64).map(str::to_owned)
}

fn episode(told: &Value<'_>) -> Option<EpisodeMetrics> {
    Some(EpisodeMetrics {
        episode: episode_of(told, "episodeNum")?,
        frames: number(told, "totalFrames"),
        confirmed: frame(told, "confirmedFrame"),
        verified: frame(told, "verifiedFrame"),
        desyncs: number(told, "desyncCount"),
        rollbacks: number(told, "rollbackCount"),
        deepest_frames: number(told, "maxRollbackFrames"),
    })
}
