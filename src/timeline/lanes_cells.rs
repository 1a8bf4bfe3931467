//! Cells and depths of single frames, and how buckets of them are joined to their worst.

use super::lanes::{Became, Cell, Shown};
use super::lanes_pyramid::Worst;
use crate::filter::States;
use crate::frame::Frame;
use crate::player::{MAX_PLAYERS, PlayerId};
use crate::session::{BLOCK_FRAMES, Depths, EpisodeRecord, FrameFlags, Game};

/// Highest queue depths and distances over some frames; `None` where no frame tells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct DepthPeaks {
    /// Predicted, pending, receive, send.
    pub(super) queues: [Option<u16>; 4],
    /// Highest confirmation lag.
    pub(super) lag: Option<u16>,
    /// Lowest and highest advantage.
    pub(super) advantage: Option<(i16, i16)>,
}

impl DepthPeaks {
    /// The depths of one frame; of a frame that was not stepped nothing.
    pub(super) fn of(record: &EpisodeRecord, frame: Frame) -> Self {
        let Depths { predicted, pending, receive, send, advantage, lag, .. } =
            record.frames.depths(frame);
        Self {
            queues: [predicted, pending, receive, send],
            lag,
            advantage: advantage.map(|frames| (frames, frames)),
        }
    }
}

impl Worst for DepthPeaks {
    fn join(&mut self, other: &Self) {
        for (mine, other) in self.queues.iter_mut().zip(other.queues) {
            *mine = (*mine).max(other);
        }
        self.lag = self.lag.max(other.lag);
        self.advantage = match (self.advantage, other.advantage) {
            (Some(mine), Some(other)) => Some((mine.0.min(other.0), mine.1.max(other.1))),
            (mine, other) => mine.or(other),
        };
    }
}

impl Worst for Cell {
    fn join(&mut self, next: &Self) {
        if next.shown == Shown::Predicted || self.shown == Shown::Nothing {
            self.shown = next.shown;
        }
        self.became = match (self.became, next.became) {
            // A frame that was never hashed takes the better fate of its hashed neighbours.
            (Became::Verified, Became::Confirmed) | (Became::Confirmed, Became::Verified) => {
                Became::Verified
            }
            (before, now) => before.max(now),
        };
        self.resimulated = self.resimulated.max(next.resimulated);
        self.stalled |= next.stalled;
        self.missed_rollback |= next.missed_rollback;
        self.rollback_depth_frames = self.rollback_depth_frames.max(next.rollback_depth_frames);
        self.states = self.states.with(next.states);
    }
}

/// The hashes that players reported for the frames of one block.
pub(super) struct BlockHashes {
    first: u32,
    hashes: Vec<[Option<u64>; MAX_PLAYERS]>,
}

impl BlockHashes {
    /// Collects them: of each player as its own page sent it, else as another page received it.
    pub(super) fn of(game: &Game, episode: usize, block: usize) -> Self {
        let first = (block as u32).saturating_mul(BLOCK_FRAMES);
        let end = Frame(first.saturating_add(BLOCK_FRAMES));
        let mut hashes = vec![[None; MAX_PLAYERS]; BLOCK_FRAMES as usize];
        let mut take = |record: &EpisodeRecord, only: Option<PlayerId>| {
            for (frame, slot) in record.hashes.between(Frame(first), end) {
                let Some(row) = hashes.get_mut((frame.0 - first) as usize) else { continue };
                for (player, report) in slot.reports() {
                    if only.is_none_or(|only| only == player)
                        && let Some(place) = row.get_mut(player.index())
                    {
                        place.get_or_insert(report.hash);
                    }
                }
            }
        };
        let peers = || game.peers.iter().filter_map(|p| Some((p.local, p.episodes.get(episode)?)));
        peers().for_each(|(local, record)| local.into_iter().for_each(|l| take(record, Some(l))));
        peers().for_each(|(_, record)| take(record, None));
        Self { first, hashes }
    }

    /// Whether the hash of `player` equals those of all others; `None` unless it and another one
    /// are known.
    fn is_same_as_others(&self, player: PlayerId, frame: u32) -> Option<bool> {
        let row = self.hashes.get(frame.checked_sub(self.first)? as usize)?;
        let own = (*row.get(player.index())?)?;
        let others = row.iter().enumerate().filter(|(other, _)| *other != player.index());
        let mut others = others.filter_map(|(_, hash)| *hash).peekable();
        others.peek()?;
        Some(others.all(|other| other == own))
    }

    /// The cell of one frame.
    pub(super) fn cell(
        &self,
        player: PlayerId,
        record: Option<&EpisodeRecord>,
        frame: u32,
    ) -> Cell {
        let compared = self.is_same_as_others(player, frame);
        let Some(record) = record else {
            let became = compared.map_or(Became::Nothing, fate);
            return with_states(Cell { became, ..Cell::default() });
        };
        let frame = Frame(frame);
        let flags = record.frames.flags(frame);
        let mut cell = Cell {
            resimulated: record.frames.resimulated(frame),
            stalled: flags.has(FrameFlags::STALLED),
            missed_rollback: flags.has(FrameFlags::MISSED_ROLLBACK),
            rollback_depth_frames: record.frames.rollback_depth(frame),
            ..Cell::default()
        };
        if !flags.has(FrameFlags::STEPPED) {
            return with_states(cell);
        }
        let is_guess = flags.has(FrameFlags::SHOWN_PREDICTED);
        cell.shown = if is_guess { Shown::Predicted } else { Shown::Real };
        cell.became = match (compared, record.is_predicted(frame)) {
            (Some(same), _) => fate(same),
            (None, Some(true)) => Became::Predicted,
            (None, Some(false)) => Became::Confirmed,
            (None, None) if record.frames.confirmed_at(frame).is_some() => Became::Confirmed,
            (None, None) => Became::Nothing,
        };
        with_states(cell)
    }
}

fn fate(same: bool) -> Became {
    if same { Became::Verified } else { Became::Mismatch }
}

fn with_states(mut cell: Cell) -> Cell {
    let became = match cell.became {
        Became::Nothing if cell.shown != Shown::Nothing => States::UNCHECKED,
        Became::Nothing => States::default(),
        Became::Verified => States::VERIFIED,
        Became::Confirmed => States::CONFIRMED,
        Became::Predicted => States::PREDICTED,
        Became::Mismatch => States::MISMATCH,
    };
    let further = [
        (cell.shown == Shown::Predicted, States::PREDICTED),
        (cell.resimulated > 0, States::RESIMULATED),
        (cell.stalled, States::STALLED),
        (cell.missed_rollback, States::MISSED),
    ];
    let further = further.into_iter().filter(|(is_so, _)| *is_so);
    cell.states = further.fold(became, |all, (_, state)| all.with(state));
    cell
}
