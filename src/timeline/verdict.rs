//! The Verdict view: one sentence, three cards, the findings by weight, the figures.

use serde::Serialize;

use crate::frame::Frame;
use crate::summary::{Figure, PeerChip};
use crate::verify::{Severity, VerdictKind};

/// Everything that the Verdict view shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VerdictView {
    /// The kind of verdict.
    pub kind: VerdictKind,
    /// The sentence: `VERIFIED 100 % of hashable frames, stressed`.
    pub headline: String,
    /// The numbers behind it, as one or two sentences.
    pub numbers: String,
    /// Short form for the header: `VERIFIED 100 %`, `DESYNC at 400`.
    pub short: String,
    /// The peers of the session.
    pub peers: Vec<PeerChip>,
    /// Card "In sync?".
    pub sync: SyncCard,
    /// Card "Where?".
    pub place: WhereCard,
    /// Card "Cost?".
    pub cost: CostCard,
    /// The findings, worst first.
    pub findings: Vec<FindingRow>,
    /// The checks, failed first.
    pub checks: Vec<CheckRow>,
    /// The figures of the session.
    pub figures: Vec<Figure>,
    /// What of the configuration the traffic does not say, in one sentence; empty if it says all.
    pub inferred: String,
    /// The last frame that any observed peer stepped.
    pub last_frame: Option<Frame>,
}

/// How the hash of one hashable frame stands between the peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CoverageCell {
    /// All peers that reported a hash agree.
    Equal,
    /// Two peers differ.
    Different,
    /// Fewer than two peers have reported a hash.
    Unchecked,
}

/// Card "In sync?".
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct SyncCard {
    /// Frames whose hashes were compared.
    pub compared: u32,
    /// Of these, equal.
    pub equal: u32,
    /// Of these, different.
    pub different: u32,
    /// Last frame up to which every hashable frame was compared and equal.
    pub contiguous_through: Option<Frame>,
    /// Highest frame that was compared at all.
    pub seen_through: Option<Frame>,
    /// Share of all frames that can be compared at best with the page's own interval, in percent.
    pub ceiling_percent: Option<u32>,
    /// One cell per hashable frame in order.
    pub coverage: Vec<(Frame, CoverageCell)>,
}

/// Card "Where?".
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct WhereCard {
    /// First frame whose hashes differ.
    pub first_mismatch: Option<Frame>,
    /// When it was stepped, in microseconds since the episode's first step.
    pub since_start_micros: Option<u64>,
    /// Stress classes that the session had, and all there are.
    pub stress_seen: (u32, u32),
    /// One row per stress class: what and its figure; shown while nothing differs.
    pub stress: Vec<(String, String)>,
    /// Caption below.
    pub caption: String,
}

/// Card "Cost?".
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct CostCard {
    /// Executed rollbacks of all observed peers.
    pub rollbacks: u32,
    /// Time of all of them in microseconds, from the first request of each to its last reply; `None` where it was
    /// not measured.
    pub worker_micros: Option<u64>,
    /// Per observed peer: how many rollbacks had depth 1, 2, 3, …
    pub depth_histogram: Vec<(String, Vec<u32>)>,
    /// Depth in frames: median, 95th percentile, highest.
    pub depth_frames: Option<(u32, u32, u32)>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingRow {
    /// Stable code.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// The claim, with its numbers.
    pub text: String,
    /// Check family and further detail.
    pub detail: String,
    /// Where to look first.
    pub frame: Option<Frame>,
    /// How often.
    pub count: u32,
}

/// One check with its three outcomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckRow {
    /// Stable code.
    pub code: String,
    /// What is checked.
    pub title: String,
    /// Items for which it holds.
    pub passed: u32,
    /// Items for which it fails.
    pub failed: u32,
    /// How bad the worst of what failed is; `None` where nothing did.
    pub severity: Option<Severity>,
    /// Items that could not be checked.
    pub not_checkable: u32,
    /// Why they could not.
    pub reason: Option<String>,
}
