//! Did the worker that runs the game stay alive?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, evidence_of, peer_name};

/// Looks for workers that failed or were ended.
pub(super) struct WorkerStopped;

impl Check for WorkerStopped {
    fn code(&self) -> &'static str {
        "worker-stopped"
    }

    fn title(&self) -> &'static str {
        "The game's worker stays alive"
    }

    fn documentation(&self) -> &'static str {
        "A worker that raises an error outside a request, or that the page ends while it still \
         needs it, simulates no further frame. Everything up to then stays valid; the session ends \
         early, which can spoil a study's data. A peer of which no worker traffic was seen is not \
         checkable."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let Some(stop) = &peer.worker_stopped else {
                if peer.round_trips.is_empty() {
                    outcome.add_not_checkable(1, "no worker traffic was captured");
                } else {
                    outcome.passed += 1;
                }
                continue;
            };
            outcome.failed += 1;
            let last = stop.last_frame;
            let place = last.map_or_else(
                || "before its first frame".to_owned(),
                |frame| format!("after frame {frame}"),
            );
            outcome.findings.push(Finding {
                code: self.code(),
                severity: Severity::Risk,
                peers: vec![peer_name(peer)],
                episode: game.episode_number(episode),
                frames: last.map(|frame| (frame, frame)),
                count: 1,
                text: format!("{}: the worker failed {place}: {}", peer_name(peer), stop.reason),
                detail: "worker · no further frame was simulated".to_owned(),
                evidence: evidence_of(peer, [stop.seq]),
            });
        }
        outcome
    }
}
