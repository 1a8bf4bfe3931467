//! What a check says: findings with their weight and evidence, and the one verdict over all.

use serde::Serialize;

use super::case::Case;
use super::runs::{Run, Runs};
use crate::frame::{Episode, Frame};
use crate::observation::Evidence;
use crate::session::{EpisodeRecord, Game, PeerSession, Tally};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The data is spoiled, or the engine is wrong.
    Error,
    /// The data can be spoiled.
    Risk,
    /// Worth knowing.
    Notice,
}

/// A verified claim with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable code of the check.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Names of the peers that it is about.
    pub peers: Vec<String>,
    /// The episode.
    pub episode: Option<Episode>,
    /// First and last frame.
    pub frames: Option<(Frame, Frame)>,
    /// How often it occurred between them.
    pub count: u32,
    /// The claim in one sentence with its numbers.
    pub text: String,
    /// Further detail.
    pub detail: String,
    /// The captured events that show it: document and capture sequence number, at most
    /// 64.
    pub evidence: Vec<Evidence>,
}

/// What one check found out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CheckOutcome {
    /// Items for which the check holds.
    pub passed: u32,
    /// Items for which it fails.
    pub failed: u32,
    /// Items that could not be checked.
    pub not_checkable: u32,
    /// Why they could not.
    pub reason: Option<String>,
    /// What failed.
    pub findings: Vec<Finding>,
}

/// One check.
pub trait Check: Sync {
    /// Stable code.
    fn code(&self) -> &'static str;

    /// What is checked, in a few words.
    fn title(&self) -> &'static str;

    /// What it means when the check fails, what it needs, and what it cannot see.
    fn documentation(&self) -> &'static str;

    /// Whether it looks at the episodes of a game one by one or at all of them at once.
    fn scope(&self) -> Scope {
        Scope::Episode
    }

    /// Checks one episode of a game; a check of scope [`Scope::Game`] looks at all of them.
    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome;
}

/// What a check looks at in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One episode.
    Episode,
    /// Everything of one game, whatever the episode: worker traffic for instance.
    Game,
}

/// A check with what it found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckResult {
    /// Its code.
    pub code: &'static str,
    /// What was checked.
    pub title: &'static str,
    /// What it found out.
    #[serde(flatten)]
    pub outcome: CheckOutcome,
}

impl CheckOutcome {
    /// Adds what the same check found out elsewhere; the first reason stays.
    pub fn merge(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.not_checkable += other.not_checkable;
        self.reason = self.reason.take().or(other.reason);
        self.findings.extend(other.findings);
    }

    /// Notes items that could not be checked; the first reason stays.
    pub fn add_not_checkable(&mut self, items: u32, reason: &str) {
        self.not_checkable += items;
        if items > 0 && self.reason.is_none() {
            self.reason = Some(reason.to_owned());
        }
    }
}

/// The records of one episode whose decisions can be replayed, each with its peer; the others are
/// not checkable.
pub(super) fn replayable<'g>(
    game: &'g Game,
    episode: usize,
    outcome: &mut CheckOutcome,
) -> Vec<(&'g PeerSession, &'g EpisodeRecord)> {
    let all = game.peers.iter().filter_map(|peer| Some((peer, peer.episodes.get(episode)?)));
    let (known, unknown): (Vec<_>, Vec<_>) = all.partition(|(_, record)| record.is_replayable());
    outcome.add_not_checkable(unknown.len() as u32, "the players' settings were not captured");
    known
}

impl CheckOutcome {
    /// Adds a finding for every run of one peer's frames.
    pub(super) fn add_runs(
        &mut self,
        check: &dyn Check,
        severity: Severity,
        (peer, record): (&PeerSession, &EpisodeRecord),
        (runs, detail): (Runs, &str),
        text: impl Fn(&Run) -> String,
    ) {
        let place = (peer, Some(record.number));
        let findings = runs.finish().into_iter().map(|run| {
            let text = text(&run);
            Finding::of_run(check, severity, place, run, text, detail)
        });
        self.findings.extend(findings);
    }
}

impl Finding {
    /// A finding about a run of one peer's frames.
    pub(super) fn of_run(
        check: &dyn Check,
        severity: Severity,
        (peer, episode): (&PeerSession, Option<Episode>),
        run: Run,
        text: String,
        detail: &str,
    ) -> Self {
        Self {
            code: check.code(),
            severity,
            peers: vec![peer_name(peer)],
            episode,
            frames: Some((run.first, run.last)),
            count: run.count,
            text,
            detail: detail.to_owned(),
            evidence: evidence_of(peer, run.seqs),
        }
    }

    /// A finding about everything that a tally of one peer's worker traffic holds.
    pub(super) fn of_tally(
        check: &dyn Check,
        severity: Severity,
        peer: &PeerSession,
        tally: &Tally,
        text: String,
        detail: &str,
    ) -> Self {
        Self {
            code: check.code(),
            severity,
            peers: vec![peer_name(peer)],
            episode: None,
            frames: tally.frames,
            count: tally.count,
            text,
            detail: detail.to_owned(),
            evidence: evidence_of(peer, tally.seqs.iter().copied()),
        }
    }
}

/// Events that one finding names at most.
pub(super) const MAX_EVIDENCE: usize = 64;

/// Events of a peer's document by their capture sequence numbers, as evidence.
#[must_use]
pub(super) fn evidence_of(
    peer: &PeerSession,
    seqs: impl IntoIterator<Item = u32>,
) -> Vec<Evidence> {
    let evidence = |seq| Evidence { source: peer.source, seq };
    seqs.into_iter().map(evidence).take(MAX_EVIDENCE).collect()
}

/// Name of a peer: that of its player, or `P?` while the player is unknown.
#[must_use]
pub(super) fn peer_name(peer: &PeerSession) -> String {
    peer.local.map_or_else(|| "P?".to_owned(), |player| player.to_string())
}

/// `one rollback` or `7 rollbacks`, for sentences.
#[must_use]
pub(super) fn counted(count: u32, singular: &str, plural: &str) -> String {
    if count == 1 { format!("one {singular}") } else { format!("{count} {plural}") }
}

/// `: reason` for sentences; nothing where no reason was given.
#[must_use]
pub(super) fn because(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(": {reason}") }
}

/// The kinds of verdict, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictKind {
    /// Two peers hold different states for one confirmed frame.
    Desync,
    /// Events are missing from the capture.
    Incomplete,
    /// Something that can spoil data, without a mismatch so far.
    Risk,
    /// No mismatch, but too little was compared or the session was never stressed.
    Untested,
    /// Compared, equal, under stress.
    Verified,
}

impl VerdictKind {
    /// Exit code of the command line for this verdict.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Verified => 0,
            Self::Desync => 1,
            Self::Risk => 2,
            Self::Untested => 3,
            Self::Incomplete => 4,
        }
    }

    /// How many there are of each kind, worst first: `3 DESYNC, 37 RISK`.
    #[must_use]
    pub fn counts(kinds: &[Self]) -> String {
        let words = [
            (Self::Desync, "DESYNC"),
            (Self::Incomplete, "INCOMPLETE"),
            (Self::Risk, "RISK"),
            (Self::Untested, "UNTESTED"),
            (Self::Verified, "VERIFIED"),
        ];
        let counts = words.iter().filter_map(|(kind, word)| {
            let count = kinds.iter().filter(|one| *one == kind).count();
            (count > 0).then(|| format!("{count} {word}"))
        });
        counts.collect::<Vec<_>>().join(", ")
    }
}

/// The one verdict over a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Its kind.
    pub kind: VerdictKind,
    /// The sentence, in capitals where the kind stands.
    pub headline: String,
    /// The numbers behind it.
    pub numbers: String,
    /// A few words for small places.
    pub short: String,
}
