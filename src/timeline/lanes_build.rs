//! Builds lanes and minimap: one cell per frame or the worst of each bucket, never an average.

use std::ops::Range;

use super::lanes::{Arc, Axis, Cell, LaneQuery, MinimapView, PeerLane, QueueLane, TimelineView};
use super::lanes_axis::{AxisMap, PeerMap, record_of};
use super::lanes_cache::{LaneCache, PlayerCache};
use super::lanes_cells::DepthPeaks;
use super::lanes_places::units;
use super::{lanes_inputs, lanes_worker};
use crate::frame::Frame;
use crate::player::PlayerId;
use crate::session::{EpisodeRecord, Game, RollbackRecord, RollbackState, Session};

/// From this many units a column on, arcs, arrows and single requests are not listed: they would
/// overlap to a solid.
pub(super) const MOST_UNITS_PER_COLUMN_WITH_ARCS: u32 = 4;

/// Columns that one query may ask for.
const MOST_COLUMNS: usize = 16_384;

/// Name and meaning of each queue lane, in the order of [`DepthPeaks`].
const QUEUES: [(&str, &str); 4] = [
    ("predicted", "Frames simulated with a guess that is not settled"),
    ("pending", "Inputs that proved a guess wrong since the last step"),
    ("receive", "Inputs of other players held for frames not yet simulated"),
    ("send", "Own announced inputs that the other peer has not acknowledged"),
];

/// One lane in the making.
pub(super) struct Lane<'a> {
    pub(super) game: &'a Game,
    pub(super) player: PlayerId,
    pub(super) record: Option<&'a EpisodeRecord>,
    pub(super) map: PeerMap<'a>,
    pub(super) cache: &'a PlayerCache,
    pub(super) query: LaneQuery,
}

impl TimelineView {
    /// The lanes of every player of an episode in the asked columns.
    #[must_use]
    pub fn of(
        session: &Session,
        game: &Game,
        episode: usize,
        query: LaneQuery,
        cache: &mut LaneCache,
    ) -> Self {
        let query = LaneQuery {
            units_per_column: query.units_per_column.max(1),
            columns: query.columns.min(MOST_COLUMNS),
            ..query
        };
        cache.refresh(game, episode);
        let axis = AxisMap::new(game, episode, query.axis);
        let mut rows_before = 0;
        let mut first_rows = Vec::new();
        for peer in &game.peers {
            first_rows.push((peer.local, rows_before));
            let record = peer.episodes.get(episode);
            rows_before += record.map_or(0, |record| executed(record).count());
        }
        let making = game.players().zip(&cache.players).map(|(player, kept)| Lane {
            game,
            player,
            record: record_of(game, episode, player),
            map: axis.of_player(game, episode, player, &cache.clocks),
            cache: kept,
            query,
        });
        let making: Vec<Lane<'_>> = making.collect();
        let lanes = making.iter().map(|lane| {
            let first_row = first_rows.iter().find(|(local, _)| *local == Some(lane.player));
            lane.build(session, first_row.map_or(0, |(_, row)| *row))
        });
        let lanes = lanes.collect();
        let inputs = lanes_inputs::arrows(&making);
        Self { query, tick_micros: axis.tick_micros, lanes, inputs }
    }
}

impl MinimapView {
    /// The whole episode in at most `columns` columns.
    #[must_use]
    pub fn of(
        game: &Game,
        episode: usize,
        axis: Axis,
        columns: usize,
        cache: &mut LaneCache,
    ) -> Self {
        let units = units(game, episode, axis, cache);
        let map = AxisMap::new(game, episode, axis);
        let most = u32::try_from(columns.clamp(1, MOST_COLUMNS)).unwrap_or(1);
        let units_per_column = units.div_ceil(most).max(1);
        let columns = units.div_ceil(units_per_column) as usize;
        let query = LaneQuery { axis, first: 0, units_per_column, columns };
        let strip = |(player, kept): (PlayerId, &PlayerCache)| {
            let map = map.of_player(game, episode, player, &cache.clocks);
            let cells = (0..columns).map(|column| worst(kept, map.frames_in(span(query, column))));
            (player.to_string(), cells.collect())
        };
        let strips = game.players().zip(&cache.players).map(strip).collect();
        Self { units, axis, tick_micros: map.tick_micros, strips }
    }
}

/// The units of a column.
fn span(query: LaneQuery, column: usize) -> Range<u32> {
    let before = u32::try_from(column).unwrap_or(u32::MAX).saturating_mul(query.units_per_column);
    let first = query.first.saturating_add(before);
    first..first.saturating_add(query.units_per_column)
}

fn worst(kept: &PlayerCache, frames: Range<u32>) -> Cell {
    kept.cells.worst(frames, |_| Cell::default())
}

fn executed(record: &EpisodeRecord) -> impl Iterator<Item = &RollbackRecord> {
    record.rollbacks.iter().filter(|rollback| rollback.state == RollbackState::Executed)
}

impl Lane<'_> {
    /// Whether single things can be told apart.
    pub(super) fn is_near(&self) -> bool {
        self.query.units_per_column <= MOST_UNITS_PER_COLUMN_WITH_ARCS
    }

    /// The first unit of the view.
    pub(super) fn first(&self) -> f64 {
        f64::from(self.query.first)
    }

    /// The unit after the last one of the view.
    pub(super) fn end(&self) -> f64 {
        let units = self.query.columns as f64 * f64::from(self.query.units_per_column);
        self.first() + units
    }

    /// The places of the view in columns; outside of it `None`.
    pub(super) fn column_of_unit(&self, unit: f64) -> Option<usize> {
        let column = (unit - self.first()) / f64::from(self.query.units_per_column);
        (column >= 0.0 && column < self.query.columns as f64).then_some(column as usize)
    }

    fn build(&self, session: &Session, first_row: usize) -> PeerLane {
        let single = self.query.axis == Axis::Time && self.query.units_per_column == 1;
        let columns: Vec<Range<u32>> = if single {
            // One column per frame, each where it was stepped.
            let last = span(self.query, self.query.columns.saturating_sub(1));
            let frames = self.map.frames_in(self.query.first..last.end);
            let most = MOST_COLUMNS as u32;
            let first = frames.start.saturating_sub(1);
            (first..frames.end.min(first.saturating_add(most))).map(|f| f..f + 1).collect()
        } else {
            (0..self.query.columns).map(|c| self.map.frames_in(span(self.query, c))).collect()
        };
        let depths = self.depths(&columns);
        let queue = |(place, (name, explanation)): (usize, (&'static str, &'static str))| {
            let value = |peaks: &DepthPeaks| peaks.queues.get(place).copied().flatten();
            QueueLane { name, explanation, values: depths.iter().map(value).collect() }
        };
        let is_observed = self.record.is_some();
        // Without any acknowledgement nobody knows what still waits to be sent.
        let known = self.record.map_or(0, |record| 3 + usize::from(record.is_acknowledged()));
        let queues = QUEUES.into_iter().take(known).enumerate().map(queue).collect();
        let mut lane = PeerLane {
            name: self.player.to_string(),
            is_observed,
            cells: columns.iter().map(|frames| worst(self.cache, frames.clone())).collect(),
            arcs: self.record.map(|record| self.arcs(record, first_row)).unwrap_or_default(),
            deepest_frames: self.cache.deepest_frames,
            queues,
            advantage: depths.iter().map(|of| of.advantage).collect(),
            lag: depths.iter().map(|of| of.lag).collect(),
            lost_messages: self.record.map(EpisodeRecord::lost_messages),
            ..PeerLane::default()
        };
        if self.query.axis == Axis::Time {
            lane.frames = columns.iter().map(|frames| frames.start).collect();
            lane.frames.extend(columns.last().map(|frames| frames.end));
        }
        if single {
            let place = |frame: &u32| self.map.unit_of_frame(Frame(*frame)) - self.first();
            lane.edges = lane.frames.iter().map(place).collect();
        }
        lanes_inputs::columns(self, &mut lane);
        lanes_worker::fill(self, session, &mut lane);
        lane
    }

    fn depths(&self, columns: &[Range<u32>]) -> Vec<DepthPeaks> {
        let Some(record) = self.record else { return Vec::new() };
        let of = |frame| DepthPeaks::of(record, Frame(frame));
        let end = record.frames.len() as u32;
        let peaks =
            |frames: &Range<u32>| self.cache.depths.worst(frames.start..frames.end.min(end), of);
        columns.iter().map(peaks).collect()
    }

    fn arcs(&self, record: &EpisodeRecord, first_row: usize) -> Vec<Arc> {
        if !self.is_near() {
            return Vec::new();
        }
        let peer = self.game.observed(self.player);
        let trips = peer.map(|peer| &peer.round_trips);
        let frame_of = |unit: f64| self.map.frame_of_unit(unit);
        let (first, end) = (frame_of(self.first()), frame_of(self.end()).next());
        let centre = |frame: Frame| {
            let next = self.map.unit_of_frame(frame.next());
            f64::midpoint(self.map.unit_of_frame(frame), next) - self.first()
        };
        let arc = |(row, rollback): (usize, &RollbackRecord)| {
            let target = rollback.cause.map_or(rollback.snapshot, |cause| cause.frame);
            Arc {
                target,
                current: rollback.current,
                snapshot: rollback.snapshot,
                target_at: centre(target),
                current_at: centre(rollback.current),
                snapshot_at: centre(rollback.snapshot),
                row: first_row + row,
                micros: rollback.round_trip.and_then(|trip| trips?.get(trip)?.total_micros()),
            }
        };
        // Rollbacks stand in the order of their current frames.
        let from = record.rollbacks.partition_point(|rollback| rollback.current < first);
        let before = record.rollbacks.iter().take(from);
        let row = before.filter(|r| r.state == RollbackState::Executed).count();
        let later = record.rollbacks.iter().skip(from);
        let shown = later.filter(|r| r.state == RollbackState::Executed).enumerate();
        shown
            .map(|(place, rollback)| (row + place, rollback))
            .take_while(|(_, rollback)| rollback.snapshot < end || rollback.current < end)
            .filter(|(_, rollback)| rollback.snapshot < end)
            .map(arc)
            .collect()
    }
}
