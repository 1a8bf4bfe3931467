//! Do the page's own counters say what happened?

use super::boundary::end_of;
use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, evidence_of, peer_name};
use crate::session::{EpisodeRecord, RollbackState};

/// Holds the application's counters against the reconstruction.
pub(super) struct Telemetry;

impl Check for Telemetry {
    fn code(&self) -> &'static str {
        "telemetry-mismatch"
    }

    fn title(&self) -> &'static str {
        "The page's own counters agree with its traffic"
    }

    fn documentation(&self) -> &'static str {
        "What a page reports of itself is held against what its traffic shows: rollbacks, the deepest \
         one, the confirmed frame, and frames whose hashes differ. A difference does not spoil the \
         session, but whoever uses the page's counters is misled; a page that saw fewer differing \
         hashes than there are calls a desync in sync. Some counters count something else than their \
         name says. It needs the page's counters in the capture."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let Some(record) = peer.episodes.get(episode) else {
                continue;
            };
            let Some((metrics, seq)) = &peer.exports.metrics else {
                outcome.add_not_checkable(1, "no counters of the page were captured");
                continue;
            };
            let claims = metrics.episodes.iter().find(|one| one.episode == record.number);
            let Some(claims) = claims else {
                outcome.add_not_checkable(1, "the page's counters leave the episode out");
                continue;
            };
            let seen = Seen::of(game, episode, record);
            let pairs = [
                ("rollbacks", claims.rollbacks, seen.rollbacks),
                ("frames of the deepest rollback", claims.deepest_frames, seen.deepest),
                ("confirmed frame", claims.confirmed.map(|frame| frame.0), seen.confirmed),
                ("frames with differing hashes", claims.desyncs, Some(seen.different)),
            ];
            let mut wrong = Vec::new();
            for (name, claimed, seen) in pairs {
                let (Some(claimed), Some(seen)) = (claimed, seen) else {
                    outcome.add_not_checkable(1, "a counter that one of both does not tell");
                    continue;
                };
                if claimed == seen {
                    outcome.passed += 1;
                } else {
                    wrong.push(format!("{name} {claimed}, seen {seen}"));
                }
            }
            outcome.failed += wrong.len() as u32;
            if !wrong.is_empty() {
                outcome.findings.push(Finding {
                    code: self.code(),
                    severity: Severity::Notice,
                    peers: vec![peer_name(peer)],
                    episode: Some(record.number),
                    frames: None,
                    count: wrong.len() as u32,
                    text: format!("{} counted: {}", peer_name(peer), wrong.join("; ")),
                    detail: "accounting · the page's own counters against its traffic".to_owned(),
                    evidence: evidence_of(peer, [*seq]),
                });
            }
        }
        outcome
    }
}

/// What the traffic shows of the same things.
struct Seen {
    rollbacks: Option<u32>,
    deepest: Option<u32>,
    confirmed: Option<u32>,
    different: u32,
}

impl Seen {
    fn of(game: &Case<'_>, episode: usize, record: &EpisodeRecord) -> Self {
        let executed = record.rollbacks.iter();
        let executed = executed.filter(|one| one.state == RollbackState::Executed);
        let depths = executed.clone().filter_map(|one| one.depth_frames());
        let is_known = record.is_replayable();
        let confirmed = record.confirmed_frame().map(|frame| frame.0);
        Self {
            rollbacks: is_known.then(|| executed.count() as u32),
            deepest: is_known.then(|| depths.max().unwrap_or(0)),
            // What was confirmed past the end need not be counted.
            confirmed: confirmed.filter(|_| end_of(game, episode).0 == u32::MAX),
            different: game.comparison(episode).different(),
        }
    }
}
