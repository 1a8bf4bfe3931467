//! The coverage map of one episode for eyes: every hashable frame with what is known of it, and by whom.

use crate::frame::Frame;
use crate::verify::{CHECKS, Case, CheckOutcome, Coverage, FrameCoverage};

/// The map.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CoverageView {
    /// The sums.
    pub sums: Coverage,
    /// Every hashable frame in order.
    pub cells: Vec<(Frame, FrameCoverage)>,
    /// Per player: name, and for each cell whether it reported a hash of the frame.
    pub peers: Vec<(String, Vec<bool>)>,
}

impl CoverageView {
    /// The map of one episode.
    #[must_use]
    pub fn of(game: &Case<'_>, episode: usize) -> Self {
        let comparison = game.comparison(episode);
        let sums = game.coverage(episode).as_ref().clone();
        let mut runs = sums.runs.iter().peekable();
        let mut cells = Vec::with_capacity(comparison.frames.len());
        for (frame, _) in &comparison.frames {
            while runs.next_if(|run| run.last < *frame).is_some() {}
            let state = runs.peek().map_or(FrameCoverage::Never, |run| run.state);
            cells.push((*frame, state));
        }
        let hashed = |player| {
            let frames = cells.iter().map(|(frame, _)| *frame);
            frames.map(|frame| game.reported_hash(episode, player, frame).is_some()).collect()
        };
        let peers = game.players().map(|player| (player.to_string(), hashed(player))).collect();
        Self { sums, cells, peers }
    }
}

/// One check with its rule and what it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckDetail {
    /// Stable code.
    pub code: &'static str,
    /// What is checked.
    pub title: &'static str,
    /// What it means, what it needs and what it cannot see.
    pub rule: &'static str,
    /// What it found in the episode.
    pub outcome: CheckOutcome,
}

impl CheckDetail {
    /// A check by its code, run over one episode; `None` for an unknown code.
    #[must_use]
    pub fn of(game: &Case<'_>, episode: usize, code: &str) -> Option<Self> {
        let check = CHECKS.iter().find(|check| check.code() == code)?;
        Some(Self {
            code: check.code(),
            title: check.title(),
            rule: check.documentation(),
            outcome: check.run(game, episode),
        })
    }
}
