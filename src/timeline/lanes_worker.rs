//! Requests to the worker, network round trips, hidden and slow spans of one peer's page.

use super::lanes::{Axis, PeerLane, WorkerBar, WorkerPeak};
use super::lanes_build::Lane;
use super::lanes_cache::trip_peaks;
use crate::session::{OperationKind, PeerSession, RoundTrip, Session};
use crate::time::Micros;

/// Requests that one view lists.
const MOST_BARS: usize = 20_000;

/// Operations of one request that a view names.
const MOST_OPERATIONS: usize = 64;

/// Requests before the first one of the view that may reach into it.
const LOOKED_BACK: usize = 16;

/// Fills in what is placed by time and not by frame.
pub(super) fn fill(lane: &Lane<'_>, session: &Session, view: &mut PeerLane) {
    let Some(peer) = lane.game.observed(lane.player).filter(|_| lane.record.is_some()) else {
        return;
    };
    worker(lane, peer, view);
    view.pings = pings(lane, peer);
    if let Some(page) = session.conditions(peer.source) {
        view.has_page = true;
        view.lacks_long_tasks = page.tells_long_tasks == Some(false);
        let open_until = lane.map.time_of_unit(lane.end());
        let hidden = page.hidden.iter().map(|(from, to)| (*from, to.unwrap_or(open_until)));
        view.hidden = spans(lane, hidden);
        view.slow = spans(lane, page.slow.iter().map(|span| (span.from, span.to)));
    }
}

fn worker(lane: &Lane<'_>, peer: &PeerSession, view: &mut PeerLane) {
    let trips = &peer.round_trips;
    view.longest_micros = lane.cache.trips.highest_of_all()[0];
    let place = |unit: f64| {
        let time = lane.map.time_of_unit(unit);
        trips.posted_before(time)
    };
    let (first, end) = episode_span(lane);
    if lane.is_near() {
        let from = place(lane.first()).saturating_sub(LOOKED_BACK);
        let to = place(lane.end().ceil());
        let most = from.saturating_add(MOST_BARS).min(to);
        let shown = (from..most).filter_map(|at| trips.get(at));
        let shown = shown.filter(|trip| trip.posted >= first && trip.posted <= end);
        view.worker = shown.map(|trip| bar(lane, peer, &trip)).collect();
        return;
    }
    let of = |trip: usize| trip_peaks(trips.get(trip));
    let width = f64::from(lane.query.units_per_column);
    let mut from = place(lane.first());
    view.worker_peaks = (0..lane.query.columns)
        .map(|column| {
            let to = place(lane.first() + (column + 1) as f64 * width);
            let [longest_micros, longest_rollback_micros] = lane.cache.trips.highest(from..to, of);
            from = to;
            WorkerPeak { longest_micros, longest_rollback_micros }
        })
        .collect();
}

/// From the first step of the episode to a tick after its last.
fn episode_span(lane: &Lane<'_>) -> (Micros, Micros) {
    let frames = lane.record.map(|record| &record.frames);
    let first = frames.and_then(|frames| frames.time_of(crate::frame::Frame::ZERO));
    let last = lane.record.and_then(|record| record.next_frame().previous());
    let last = last.and_then(|last| frames?.time_of(last)).unwrap_or_default();
    (first.unwrap_or_default(), last.plus(1_000_000))
}

fn bar(lane: &Lane<'_>, peer: &PeerSession, trip: &RoundTrip) -> WorkerBar {
    let at = |time: Micros| lane.map.unit_of_time(time) - lane.first();
    let replied = trip.replied.unwrap_or(trip.posted);
    let (started, finished) = trip.handled.unwrap_or((trip.posted, replied));
    let from = trip.first_operation as usize;
    let count = (trip.operations as usize).min(MOST_OPERATIONS);
    let kinds = peer.operations.iter().skip(from).take(count);
    WorkerBar {
        at: [trip.posted, started, finished, replied].map(at),
        split_micros: trip.split_micros(),
        total_micros: trip.total_micros(),
        is_rollback: trip.is_rollback,
        operations: kinds.copied().map(OperationKind::name).collect(),
        operation_count: trip.operations,
        evidence: trip.request_seq,
    }
}

/// The pings of the view; of several in one column the lowest and the highest.
fn pings(lane: &Lane<'_>, peer: &PeerSession) -> Vec<(f64, u64)> {
    let time = |unit: f64| lane.map.time_of_unit(unit);
    let (first, end) = (time(lane.first()), time(lane.end()));
    // One more on each side, so that the line reaches the edges.
    let from = peer.pings.partition_point(|(at, _)| *at < first).saturating_sub(1);
    let to = peer.pings.partition_point(|(at, _)| *at <= end) + 1;
    let mut shown: Vec<(f64, u64)> = Vec::new();
    let mut column = (None, (f64::MAX, u64::MAX), (f64::MIN, 0));
    let close = |low: (f64, u64), high: (f64, u64), shown: &mut Vec<(f64, u64)>| {
        if low.1 != u64::MAX {
            let mut both = [low, high];
            if low.0.total_cmp(&high.0).is_gt() {
                both.reverse();
            }
            shown.extend(both.into_iter().take(if low == high { 1 } else { 2 }));
        }
    };
    for (at, micros) in peer.pings.iter().skip(from).take(to.saturating_sub(from)) {
        let unit = lane.map.unit_of_time(*at);
        let place = (unit - lane.first(), *micros);
        let of = lane.column_of_unit(unit);
        if column.0 != Some(of) {
            close(column.1, column.2, &mut shown);
            column = (Some(of), place, place);
            continue;
        }
        if place.1 < column.1.1 {
            column.1 = place;
        }
        if place.1 > column.2.1 {
            column.2 = place;
        }
    }
    close(column.1, column.2, &mut shown);
    shown
}

/// Spans of time that reach into the view, those closer than a column joined.
fn spans(lane: &Lane<'_>, spans: impl Iterator<Item = (Micros, Micros)>) -> Vec<(f64, f64)> {
    let width = f64::from(lane.query.units_per_column);
    let (start, end) = episode_span(lane);
    let mut joined: Vec<(f64, f64)> = Vec::new();
    for (from, to) in spans.filter(|(from, to)| *to >= start && *from <= end) {
        let at = |time: Micros| match lane.query.axis {
            // Before the first and after the last frame there is no place on the frame axis.
            Axis::Frame => lane.map.unit_of_time(time.max(start).min(end)),
            Axis::Time => lane.map.unit_of_time(time),
        };
        let (from, to) = (at(from), at(to));
        if to < lane.first() || from > lane.end() {
            continue;
        }
        let (from, to) = (from - lane.first(), to - lane.first());
        match joined.last_mut() {
            Some((_, last)) if from - *last < width => *last = last.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}
