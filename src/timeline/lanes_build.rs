//! Builds lanes and minimap: one cell per frame or the worst of each bucket, never an average.

use super::lanes::{Arc, Became, Cell, MinimapView, PeerLane, QueueLane, Shown, TimelineView};
use crate::frame::Frame;
use crate::player::PlayerId;
use crate::session::{Depths, EpisodeRecord, FrameFlags, Game, RollbackRecord, RollbackState};

/// From this many frames a column on, arcs are not listed: they would overlap to a solid.
const MOST_FRAMES_PER_COLUMN_WITH_ARCS: u32 = 4;

/// Name, meaning and column of each queue lane.
type Queue = (&'static str, &'static str, fn(Depths) -> u16);

const QUEUES: [Queue; 4] = [
    ("predicted", "Frames simulated with a guess that is not settled", |d| d.predicted),
    ("pending", "Inputs that proved a guess wrong since the last step", |d| d.pending),
    ("receive", "Inputs of other players held for frames not yet simulated", |d| d.receive),
    ("send", "Own announced inputs that the other peer has not acknowledged", |d| d.send),
];

impl TimelineView {
    /// The lanes of every player from `first` on, in `columns` columns of `frames_per_column`
    /// frames each.
    #[must_use]
    pub fn of(
        game: &Game,
        episode: usize,
        first: Frame,
        frames_per_column: u32,
        columns: usize,
    ) -> Self {
        let grid = Grid { first, frames_per_column: frames_per_column.max(1), columns };
        let mut rows_before = 0;
        let mut first_rows = Vec::new();
        for peer in &game.peers {
            first_rows.push((peer.local, rows_before));
            let record = peer.episodes.get(episode);
            rows_before += record.map_or(0, |record| executed(record).count());
        }
        let lanes = game
            .players()
            .map(|player| {
                let first_row = first_rows.iter().find(|(local, _)| *local == Some(player));
                lane(game, episode, player, &grid, first_row.map_or(0, |(_, row)| *row))
            })
            .collect();
        Self { first, frames_per_column: grid.frames_per_column, columns, lanes }
    }
}

impl MinimapView {
    /// The whole episode in `columns` columns.
    #[must_use]
    pub fn of(game: &Game, episode: usize, columns: usize) -> Self {
        let records = game.peers.iter().filter_map(|peer| peer.episodes.get(episode));
        let frames = records.map(|record| record.next_frame().0).max().unwrap_or(0);
        let frames_per_column = frames.div_ceil(u32::try_from(columns.max(1)).unwrap_or(u32::MAX));
        let frames_per_column = frames_per_column.max(1);
        let needed = frames.div_ceil(frames_per_column) as usize;
        let grid = Grid { first: Frame::ZERO, frames_per_column, columns: needed.min(columns) };
        let strips = game
            .players()
            .map(|player| (player.to_string(), cells(game, episode, player, &grid)))
            .collect();
        Self { frames, strips }
    }
}

struct Grid {
    first: Frame,
    frames_per_column: u32,
    columns: usize,
}

impl Grid {
    fn frames_of(&self, column: usize) -> impl Iterator<Item = Frame> + use<> {
        let offset =
            u32::try_from(column).unwrap_or(u32::MAX).saturating_mul(self.frames_per_column);
        let first = self.first.plus(offset);
        (first.0..first.plus(self.frames_per_column).0).map(Frame)
    }

    fn end(&self) -> Frame {
        let columns = u32::try_from(self.columns).unwrap_or(u32::MAX);
        self.first.plus(columns.saturating_mul(self.frames_per_column))
    }
}

fn lane(game: &Game, episode: usize, player: PlayerId, grid: &Grid, first_row: usize) -> PeerLane {
    let record = game.observed(player).and_then(|peer| peer.episodes.get(episode));
    let deepest = record
        .map_or(0, |record| executed(record).filter_map(|r| r.depth_frames()).max().unwrap_or(0));
    PeerLane {
        name: player.to_string(),
        is_observed: record.is_some(),
        cells: cells(game, episode, player, grid),
        arcs: record.map(|record| arcs(record, grid, first_row)).unwrap_or_default(),
        deepest_frames: u16::try_from(deepest).unwrap_or(u16::MAX),
        queues: record.map(|record| queues(record, grid)).unwrap_or_default(),
    }
}

fn executed(record: &EpisodeRecord) -> impl Iterator<Item = &RollbackRecord> {
    record.rollbacks.iter().filter(|rollback| rollback.state == RollbackState::Executed)
}

fn arcs(record: &EpisodeRecord, grid: &Grid, first_row: usize) -> Vec<Arc> {
    if grid.frames_per_column > MOST_FRAMES_PER_COLUMN_WITH_ARCS {
        return Vec::new();
    }
    let arc = |(row, rollback): (usize, &RollbackRecord)| Arc {
        target: rollback.cause.map_or(rollback.snapshot, |cause| cause.frame),
        current: rollback.current,
        snapshot: rollback.snapshot,
        row: first_row + row,
    };
    executed(record)
        .enumerate()
        .map(arc)
        .filter(|arc| arc.current >= grid.first && arc.snapshot < grid.end())
        .collect()
}

fn queues(record: &EpisodeRecord, grid: &Grid) -> Vec<QueueLane> {
    let peak = |column: usize, depth: fn(Depths) -> u16| {
        let frames = grid.frames_of(column);
        frames.map(|frame| depth(record.frames.depths(frame))).max().unwrap_or(0)
    };
    QUEUES
        .iter()
        .map(|(name, explanation, depth)| QueueLane {
            name,
            explanation,
            values: (0..grid.columns).map(|column| peak(column, *depth)).collect(),
        })
        .collect()
}

fn cells(game: &Game, episode: usize, player: PlayerId, grid: &Grid) -> Vec<Cell> {
    let record = game.observed(player).and_then(|peer| peer.episodes.get(episode));
    (0..grid.columns)
        .map(|column| {
            let mut worst = Cell::default();
            for frame in grid.frames_of(column) {
                join(&mut worst, &cell(game, episode, player, record, frame));
            }
            worst
        })
        .collect()
}

fn join(worst: &mut Cell, next: &Cell) {
    if next.shown == Shown::Predicted || worst.shown == Shown::Nothing {
        worst.shown = next.shown;
    }
    worst.became = match (worst.became, next.became) {
        // A frame that was never hashed takes the better fate of its hashed neighbours.
        (Became::Verified, Became::Confirmed) | (Became::Confirmed, Became::Verified) => {
            Became::Verified
        }
        (before, now) => before.max(now),
    };
    worst.resimulated = worst.resimulated.max(next.resimulated);
    worst.stalled |= next.stalled;
    worst.missed_rollback |= next.missed_rollback;
    worst.rollback_depth_frames = worst.rollback_depth_frames.max(next.rollback_depth_frames);
}

fn cell(
    game: &Game,
    episode: usize,
    player: PlayerId,
    record: Option<&EpisodeRecord>,
    frame: Frame,
) -> Cell {
    let compared = is_same_as_others(game, episode, player, frame);
    let Some(record) = record else {
        let became = compared.map_or(Became::Nothing, fate);
        return Cell { became, ..Cell::default() };
    };
    let flags = record.frames.flags(frame);
    let mut cell = Cell {
        resimulated: record.frames.resimulated(frame),
        stalled: flags.has(FrameFlags::STALLED),
        missed_rollback: flags.has(FrameFlags::MISSED_ROLLBACK),
        rollback_depth_frames: record.frames.rollback_depth(frame),
        ..Cell::default()
    };
    if !flags.has(FrameFlags::STEPPED) {
        return cell;
    }
    let is_guess = flags.has(FrameFlags::SHOWN_PREDICTED);
    cell.shown = if is_guess { Shown::Predicted } else { Shown::Real };
    cell.became = match (compared, record.is_predicted(frame)) {
        (Some(same), _) => fate(same),
        (None, Some(true)) => Became::Predicted,
        (None, _) => Became::Confirmed,
    };
    cell
}

fn fate(same: bool) -> Became {
    if same { Became::Verified } else { Became::Mismatch }
}

fn is_same_as_others(game: &Game, episode: usize, player: PlayerId, frame: Frame) -> Option<bool> {
    let own = game.reported_hash(episode, player, frame)?;
    let others = game.players().filter(|other| *other != player);
    let mut others =
        others.filter_map(|other| game.reported_hash(episode, other, frame)).peekable();
    others.peek()?;
    Some(others.all(|other| other == own))
}
