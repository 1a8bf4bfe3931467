//! Builds the table of rollbacks and the sums of their round trips.

use std::ops::Range;

use super::figures::quantile;
use super::rollbacks::{Overhead, RollbackRow, SavingsView};
use crate::session::{
    EpisodeRecord, Game, OperationKind, PeerSession, RollbackRecord, RollbackState,
};
use crate::sorting;

/// Number of executed rollbacks of all observed peers in one episode.
#[must_use]
pub fn rollback_count(game: &Game, episode: usize) -> usize {
    executed(game, episode).count()
}

/// Rows of the table of rollbacks: peer by peer, in order of execution.
#[must_use]
pub fn rollback_rows(game: &Game, episode: usize, rows: Range<usize>) -> Vec<RollbackRow> {
    executed(game, episode)
        .skip(rows.start)
        .take(rows.len())
        .map(|(peer, record, rollback)| row(peer, record, rollback))
        .collect()
}

impl SavingsView {
    /// The sums over all executed rollbacks of one episode.
    #[must_use]
    pub fn of(game: &Game, episode: usize) -> Self {
        let overhead = Overhead::of(game);
        let further = |requests: u32| {
            u64::from(requests).saturating_mul(overhead.as_ref().map_or(0, |one| one.micros))
        };
        let mut sums = Self::default();
        for (peer, _, rollback) in executed(game, episode) {
            let Some(trips) = peer.rollback_trips(rollback) else { continue };
            let Some(total) = trips.total_micros else { continue };
            sums.rollbacks += 1;
            add(&mut sums.as_is, (trips.requests, total));
            let saved = further(trips.requests - 1);
            add(&mut sums.one_batch, (1, total.saturating_sub(saved)));
            let more = trips.unbatched.saturating_sub(trips.requests);
            add(&mut sums.unbatched, (trips.unbatched, total.saturating_add(further(more))));
            if let Some(split) = trips.split_micros {
                sums.split_micros.1 += 1;
                for (sum, part) in sums.split_micros.0.iter_mut().zip(split) {
                    *sum += part;
                }
            }
        }
        sums.overhead = overhead;
        sums
    }
}

fn add(sum: &mut (u32, u64), (requests, micros): (u32, u64)) {
    sum.0 = sum.0.saturating_add(requests);
    sum.1 = sum.1.saturating_add(micros);
}

/// Kinds of single requests whose round trips stand for an overhead that is not said.
const QUICK: [OperationKind; 4] = [
    OperationKind::SetState,
    OperationKind::GetState,
    OperationKind::ComputeHash,
    OperationKind::Step,
];

/// Fewest requests whose median is taken for an overhead.
const FEWEST_REQUESTS: usize = 5;

impl Overhead {
    /// Median wait and reply of all requests of a game; where no worker says its times, the median
    /// round trip of the quickest kind of single request.
    fn of(game: &Game) -> Option<Self> {
        let trips = || game.peers.iter().flat_map(|peer| peer.round_trips.costs());
        let measured = trips().filter_map(|trip| trip.split_micros);
        if let Some((micros, requests)) = median(measured.map(|[wait, _, reply]| wait + reply)) {
            return Some(Self { micros, requests, at_most: None });
        }
        let of_kind = |kind: OperationKind| {
            let totals = game.peers.iter().flat_map(|peer| {
                let single = peer.round_trips.costs().filter(move |trip| {
                    let first = peer.operations.get(trip.first_operation as usize);
                    trip.operations == 1 && first == Some(&kind)
                });
                single.filter_map(|trip| trip.total_micros)
            });
            median(totals).filter(|(_, count)| *count as usize >= FEWEST_REQUESTS)
        };
        let kinds = QUICK.into_iter().filter_map(|kind| Some((of_kind(kind)?, kind.name())));
        let ((micros, requests), name) = kinds.min_by_key(|((micros, _), _)| *micros)?;
        Some(Self { micros, requests, at_most: Some(name) })
    }
}

fn median(values: impl Iterator<Item = u64>) -> Option<(u64, u32)> {
    let mut values: Vec<u64> = values.collect();
    sorting::sort_by_number(&mut values, |value| *value);
    Some((quantile(&values, 50)?, values.len() as u32))
}

fn executed(
    game: &Game,
    episode: usize,
) -> impl Iterator<Item = (&PeerSession, &EpisodeRecord, &RollbackRecord)> {
    game.peers.iter().filter_map(move |peer| Some((peer, peer.episodes.get(episode)?))).flat_map(
        |(peer, record)| {
            let rollbacks = record.rollbacks.iter();
            rollbacks
                .filter(|rollback| rollback.state == RollbackState::Executed)
                .map(move |rollback| (peer, record, rollback))
        },
    )
}

fn row(peer: &PeerSession, record: &EpisodeRecord, rollback: &RollbackRecord) -> RollbackRow {
    let trips = peer.rollback_trips(rollback);
    let split = trips.and_then(|trips| trips.split_micros);
    RollbackRow {
        peer: peer.local.map_or(0, |player| u32::from(player.0)),
        peer_name: peer.local.map_or_else(|| "P?".to_owned(), |player| player.to_string()),
        episode: record.number,
        target: rollback.cause.map(|cause| cause.frame),
        current: rollback.current,
        snapshot: rollback.snapshot,
        depth_frames: rollback.depth_frames(),
        resimulated: rollback.resimulated,
        cause_player: rollback.cause.map(|cause| cause.player),
        predicted: rollback.cause.map(|cause| cause.predicted),
        actual: rollback.cause.map(|cause| cause.actual),
        round_trips: trips.map_or(0, |trips| trips.requests),
        operations: trips.map_or(0, |trips| trips.operations),
        round_trips_unbatched: trips
            .map_or(rollback.resimulated.saturating_add(2), |trips| trips.unbatched),
        total_micros: trips.and_then(|trips| trips.total_micros),
        wait_micros: split.map(|[wait, ..]| wait),
        execute_micros: split.map(|[_, execute, _]| execute),
        reply_micros: split.map(|[.., reply]| reply),
        evidence: trips.map_or(rollback.seq, |trips| trips.request_seq),
    }
}
