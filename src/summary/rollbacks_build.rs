//! Builds the table of rollbacks and the sums of their round trips.

use std::ops::Range;

use super::figures::quantile;
use super::rollbacks::{RollbackRow, SavingsView};
use crate::session::{EpisodeRecord, Game, PeerSession, RollbackRecord, RollbackState};

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
        let trips = game.peers.iter().flat_map(|peer| &peer.round_trips);
        let mut overheads: Vec<u64> = trips
            .filter_map(|trip| trip.split_micros().map(|[wait, _, reply]| wait + reply))
            .collect();
        overheads.sort_unstable();
        let overhead_micros = quantile(&overheads, 50);
        let mut sums = Self { overhead_micros, ..Self::default() };
        for (peer, _, rollback) in executed(game, episode) {
            let Some(trip) = peer.round_trip(rollback) else {
                continue;
            };
            let total = trip.total_micros().unwrap_or(0);
            let further = u64::from(trip.operations.saturating_sub(1));
            sums.rollbacks += 1;
            sums.as_is.0 += 1;
            sums.as_is.1 += total;
            sums.unbatched.0 += trip.operations;
            sums.unbatched.1 += total + further * overhead_micros.unwrap_or(0);
        }
        sums
    }
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
    let trip = peer.round_trip(rollback);
    let split = trip.and_then(|trip| trip.split_micros());
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
        round_trips: 1,
        round_trips_unbatched: trip.map_or(1, |trip| trip.operations),
        total_micros: trip.and_then(|trip| trip.total_micros()),
        wait_micros: split.map(|[wait, ..]| wait),
        execute_micros: split.map(|[_, execute, _]| execute),
        reply_micros: split.map(|[.., reply]| reply),
        evidence: trip.map_or(0, |trip| trip.request_seq),
    }
}
