//! The coverage map: what is known of the hash of every frame of an episode, and what could be
//! known at best.

use serde::Serialize;

use super::comparison::Comparison;
use crate::frame::{Episode, Frame};
use crate::session::{Game, PeerSession};
use crate::sorting;

/// What is known of the hash of one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FrameCoverage {
    /// Nobody reported a hash.
    Never,
    /// Fewer than two peers reported one.
    Hashed,
    /// All reports agree.
    Matched,
    /// Two reports differ.
    Mismatched,
    /// All reports agree, but a reporting page rolled the state back after its report.
    Invalidated,
}

/// Hashable frames in a row of which the same is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CoverageRun {
    /// The first one.
    pub first: Frame,
    /// The last one.
    pub last: Frame,
    /// What is known of each.
    pub state: FrameCoverage,
}

/// The coverage map of one episode.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Coverage {
    /// The episode; `None` while none has begun.
    pub episode: Option<Episode>,
    /// Frames up to the last one that an observed peer stepped or a hash was reported for.
    pub frames: u32,
    /// Frames that can be compared at best: those on the page's own grid up to the confirmed one,
    /// and those with a report.
    pub hashable: u32,
    /// Frames that a peer reported a hash for.
    pub hashed: u32,
    /// Frames that two peers reported a hash for.
    pub compared: u32,
    /// Compared frames whose reports agree and stayed valid.
    pub matched: u32,
    /// Compared frames whose reports differ.
    pub mismatched: u32,
    /// Frames whose reports agree, but whose state was rolled back after a report.
    pub invalidated: u32,
    /// Hashable frames without any report.
    pub never: u32,
    /// Last frame up to which every hashable frame was compared and equal.
    pub contiguous_through: Option<Frame>,
    /// Highest frame that was compared.
    pub seen_through: Option<Frame>,
    /// Frames between two hashable ones, where it is known.
    pub interval_frames: Option<u32>,
    /// Share of the frames that can be compared at best, in percent, rounded down.
    pub ceiling_percent: u32,
    /// Share of the hashable frames that matched, in percent, rounded down.
    pub matched_percent: u32,
    /// Every hashable frame, as runs.
    pub runs: Vec<CoverageRun>,
}

/// The coverage maps of a session with their sums.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SessionCoverage {
    /// Frames that can be compared at best.
    pub hashable: u32,
    /// Frames that a peer reported a hash for.
    pub hashed: u32,
    /// Frames that two peers reported a hash for.
    pub compared: u32,
    /// Compared frames whose reports agree and stayed valid.
    pub matched: u32,
    /// Compared frames whose reports differ.
    pub mismatched: u32,
    /// Frames whose reports agree, but whose state was rolled back after a report.
    pub invalidated: u32,
    /// Hashable frames without any report.
    pub never: u32,
    /// Share of the hashable frames that matched, in percent, rounded down.
    pub matched_percent: u32,
    /// The maps, game by game.
    pub episodes: Vec<Coverage>,
}

impl SessionCoverage {
    /// Adds the map of one more episode.
    pub(super) fn push(&mut self, map: Coverage) {
        self.hashable += map.hashable;
        self.hashed += map.hashed;
        self.compared += map.compared;
        self.matched += map.matched;
        self.mismatched += map.mismatched;
        self.invalidated += map.invalidated;
        self.never += map.never;
        self.matched_percent = percent(self.matched, self.hashable);
        self.episodes.push(map);
    }
}

impl Coverage {
    /// The map of one episode, out of its compared hashes.
    #[must_use]
    pub fn of(game: &Game, episode: usize, comparison: &Comparison) -> Self {
        let records = || game.peers.iter().filter_map(|peer| peer.episodes.get(episode));
        let last_hashable = comparison.frames.last().map(|(frame, _)| *frame);
        let stepped = records().filter_map(|record| record.next_frame().previous());
        let last = stepped.chain(last_hashable).max();
        let mut coverage = Self {
            episode: game.episode_number(episode),
            frames: last.map_or(0, |last| last.0.saturating_add(1)),
            hashable: comparison.frames.len() as u32,
            compared: comparison.compared,
            mismatched: comparison.different(),
            contiguous_through: comparison.contiguous_through,
            seen_through: comparison.seen_through,
            interval_frames: comparison.interval_frames,
            ..Self::default()
        };
        let redone: Vec<Redone> = game.peers.iter().map(|peer| Redone::of(peer, episode)).collect();
        for (frame, same) in &comparison.frames {
            let is_hashed = records()
                .any(|record| record.hashes.slot(*frame).is_some_and(|slot| slot.has_report()));
            let is_redone =
                || game.peers.iter().zip(&redone).any(|(p, r)| r.invalidates(p, episode, *frame));
            let state = match same {
                Some(false) => FrameCoverage::Mismatched,
                Some(true) if is_redone() => FrameCoverage::Invalidated,
                Some(true) => FrameCoverage::Matched,
                None if is_hashed => FrameCoverage::Hashed,
                None => FrameCoverage::Never,
            };
            match state {
                FrameCoverage::Matched => coverage.matched += 1,
                FrameCoverage::Invalidated => coverage.invalidated += 1,
                FrameCoverage::Never => coverage.never += 1,
                FrameCoverage::Hashed | FrameCoverage::Mismatched => {}
            }
            coverage.hashed += u32::from(is_hashed);
            coverage.push(*frame, state);
        }
        coverage.ceiling_percent = percent(coverage.hashable, coverage.frames);
        coverage.matched_percent = percent(coverage.matched, coverage.hashable);
        coverage
    }

    fn push(&mut self, frame: Frame, state: FrameCoverage) {
        match self.runs.last_mut() {
            Some(run) if run.state == state => run.last = frame,
            _ => self.runs.push(CoverageRun { first: frame, last: frame, state }),
        }
    }
}

fn percent(part: u32, whole: u32) -> u32 {
    (u64::from(part) * 100).checked_div(u64::from(whole)).unwrap_or(0) as u32
}

/// From which frame on a peer's states were simulated anew, by when it began.
struct Redone {
    // Sequence number of the request and first frame whose state it changed, of this request and
    // all later ones; in order of sequence number.
    from: Vec<(u32, Frame)>,
}

impl Redone {
    fn of(peer: &PeerSession, episode: usize) -> Self {
        let rollbacks = peer.episodes.get(episode).map_or(&[][..], |record| &record.rollbacks);
        let mut from: Vec<(u32, Frame)> = rollbacks
            .iter()
            .map(|rollback| {
                // The state before the wrong frame stays as it was.
                let wrong = rollback.cause.map_or(rollback.snapshot, |cause| cause.frame);
                (rollback.seq, wrong.next())
            })
            .collect();
        sorting::sort_by_key(&mut from, |one| *one);
        let mut lowest = Frame(u32::MAX);
        for (_, frame) in from.iter_mut().rev() {
            lowest = lowest.min(*frame);
            *frame = lowest;
        }
        Self { from }
    }

    fn invalidates(&self, peer: &PeerSession, episode: usize, frame: Frame) -> bool {
        let slot = peer.episodes.get(episode).and_then(|record| record.hashes.slot(frame));
        let report = peer.local.and_then(|local| slot?.reported(local));
        let Some(report) = report else {
            return false;
        };
        let later = self.from.partition_point(|(seq, _)| *seq <= report.seq);
        self.from.get(later).is_some_and(|(_, first)| *first <= frame)
    }
}
