//! The hashes of all players of one episode, frame by frame, compared where two are known.

use super::boundary::agreed_end_of;
use crate::frame::{Episode, Frame};
use crate::session::{Game, HashSlot};

/// Every hashable frame of an episode and how its hashes compare.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// The episode; `None` while none has begun.
    pub episode: Option<Episode>,
    /// Frames in order: `Some(true)` all reported hashes equal, `Some(false)` two differ, `None`
    /// fewer than two were reported.
    pub frames: Vec<(Frame, Option<bool>)>,
    /// Compared frames.
    pub compared: u32,
    /// Of these, equal ones.
    pub equal: u32,
    /// First frame that differs.
    pub first_different: Option<Frame>,
    /// Last frame up to which every hashable frame was compared and equal.
    pub contiguous_through: Option<Frame>,
    /// Highest frame that was compared.
    pub seen_through: Option<Frame>,
    /// Frames between two hashable ones, where the settings of the game say it.
    pub interval_frames: Option<u32>,
}

impl Comparison {
    /// Compared frames that differ.
    #[must_use]
    pub fn different(&self) -> u32 {
        self.compared - self.equal
    }

    /// The last compared and equal frame before the first different one.
    #[must_use]
    pub fn last_agreed(&self) -> Option<Frame> {
        let first = self.first_different?;
        let mut before = self.frames.iter().rev().skip_while(|(frame, _)| *frame >= first);
        before.find(|(_, same)| *same == Some(true)).map(|(frame, _)| *frame)
    }
}

/// Compares what was reported on the wire. Hashable are the frames on the snapshot grid up to the
/// highest confirmed frame of any observed peer, and every frame that a hash was reported for.
#[must_use]
pub(super) fn compare_hashes(game: &Game, episode: usize) -> Comparison {
    let records = || game.peers.iter().filter_map(|peer| peer.episodes.get(episode));
    let interval_frames = records()
        .find_map(|record| record.settings())
        .map(|settings| settings.snapshot_interval_frames)
        .filter(|interval| *interval > 0);
    let confirmed = records().filter_map(|record| record.confirmed_frame()).max();
    let grid = interval_frames
        .zip(confirmed)
        .into_iter()
        .flat_map(|(interval, confirmed)| (0..=confirmed.0).step_by(interval as usize).map(Frame));
    // The state at the end rests on the last played frame; what was stepped past it is nobody's, and
    // may differ.
    let end = agreed_end_of(game, episode);
    let mut comparison = Comparison {
        episode: game.episode_number(episode),
        interval_frames,
        ..Comparison::default()
    };
    let witnesses: Vec<Vec<usize>> =
        game.players().map(|player| game.hash_witnesses(episode, player)).collect();
    let mut is_contiguous = true;
    for (frame, slots) in reported(game, episode, grid) {
        let mut hashes = game.players().zip(&witnesses).filter_map(|(player, witnesses)| {
            let mut slots = witnesses.iter().filter_map(|peer| slots.get(*peer)?.as_ref());
            slots.find_map(|slot| Some(slot.reported(player)?.hash))
        });
        let same = hashes.next().and_then(|first| {
            let second = hashes.next()?;
            Some(second == first && hashes.all(|other| other == first))
        });
        if frame > end && same != Some(true) {
            continue;
        }
        comparison.frames.push((frame, same));
        if same.is_some() {
            comparison.compared += 1;
            comparison.seen_through = Some(frame);
        }
        match same {
            Some(true) => {
                comparison.equal += 1;
                if is_contiguous {
                    comparison.contiguous_through = Some(frame);
                }
            }
            Some(false) => {
                comparison.first_different.get_or_insert(frame);
                is_contiguous = false;
            }
            None => is_contiguous = false,
        }
    }
    comparison
}

/// The frames of the grid and every one with a report, in order, with what each peer's page shows of
/// it: all hashes are passed over once, because an hour has tens of thousands.
fn reported<'g>(
    game: &'g Game,
    episode: usize,
    grid: impl Iterator<Item = Frame>,
) -> impl Iterator<Item = (Frame, Vec<Option<HashSlot<'g>>>)> {
    let mut grid = grid.peekable();
    let mut tables: Vec<_> = game
        .peers
        .iter()
        .map(|peer| {
            let hashes = peer.episodes.get(episode).map(|record| record.hashes.iter());
            hashes.into_iter().flatten().filter(|(_, slot)| slot.has_report()).peekable()
        })
        .collect();
    std::iter::from_fn(move || {
        let first = tables.iter_mut().filter_map(|table| Some(table.peek()?.0)).min();
        let frame = first.into_iter().chain(grid.peek().copied()).min()?;
        while grid.next_if(|at| *at <= frame).is_some() {}
        let slots = tables
            .iter_mut()
            .map(|table| table.next_if(|(at, _)| *at == frame).map(|(_, slot)| slot));
        Some((frame, slots.collect()))
    })
}
