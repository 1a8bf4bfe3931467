//! The hashes of all players of one episode, frame by frame, compared where two are known.

use std::collections::BTreeSet;

use super::boundary::agreed_end_of;
use crate::frame::{Episode, Frame};
use crate::session::Game;

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
pub fn compare_hashes(game: &Game, episode: usize) -> Comparison {
    let records = || game.peers.iter().filter_map(|peer| peer.episodes.get(episode));
    let interval_frames = records()
        .find_map(|record| record.settings())
        .map(|settings| settings.snapshot_interval_frames)
        .filter(|interval| *interval > 0);
    let confirmed = records().filter_map(|record| record.confirmed_frame()).max();
    let mut hashable: BTreeSet<Frame> = BTreeSet::new();
    if let (Some(interval), Some(confirmed)) = (interval_frames, confirmed) {
        hashable.extend((0..=confirmed.0).step_by(interval as usize).map(Frame));
    }
    for record in records() {
        let reported = record.hashes.iter().filter(|(_, slot)| slot.has_report());
        hashable.extend(reported.map(|(frame, _)| frame));
    }
    // The state at the end rests on the last played frame; what was stepped past it is nobody's, and
    // may differ.
    let end = agreed_end_of(game, episode);
    let mut comparison = Comparison {
        episode: game.episode_number(episode),
        interval_frames,
        ..Comparison::default()
    };
    let mut is_contiguous = true;
    for frame in hashable {
        let mut hashes =
            game.players().filter_map(|player| game.reported_hash(episode, player, frame));
        let first = hashes.next();
        let rest: Vec<u64> = hashes.collect();
        let same = first
            .filter(|_| !rest.is_empty())
            .map(|first| rest.iter().all(|other| *other == first));
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
