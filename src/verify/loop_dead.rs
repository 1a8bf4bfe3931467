//! Did the game loop survive a failed request?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, evidence_of, peer_name};
use crate::fixed::Fixed;
use crate::session::EpisodeRecord;

/// Time without a step after which a loop that met an error is taken for dead (MUG wire notes, D19).
const DEAD_MICROS: u64 = 2_000_000;

/// Looks for loops that ended with an error.
pub(super) struct LoopDead;

impl Check for LoopDead {
    fn code(&self) -> &'static str {
        "loop-dead"
    }

    fn title(&self) -> &'static str {
        "The game loop survives a failed request"
    }

    fn documentation(&self) -> &'static str {
        "A page that does not catch a worker's error leaves its game loop: timers and messages \
         go on, but no frame is stepped any more. It fails when a request that changes the \
         state failed, no step was posted after it, and the page was heard of for two seconds \
         more. It needs the worker's traffic; where no request failed nothing is checkable."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let order = &peer.worker_order;
            if peer.round_trips.is_empty() {
                outcome.add_not_checkable(1, "no worker traffic was captured");
                continue;
            }
            if order.failures.count == 0 {
                outcome.add_not_checkable(1, "no request failed");
                continue;
            }
            let dead =
                order.dead_since.filter(|(since, _)| order.last_seen.since(*since) >= DEAD_MICROS);
            let Some((since, seq)) = dead else {
                outcome.passed += 1;
                continue;
            };
            outcome.failed += 1;
            let last = peer
                .newest_episode()
                .and_then(|record: &EpisodeRecord| record.next_frame().previous());
            let seconds = Fixed(order.last_seen.since(since) as f64 / 1e6);
            let place = last.map_or_else(String::new, |frame| format!(" after frame {frame}"));
            outcome.findings.push(Finding {
                code: self.code(),
                severity: Severity::Risk,
                peers: vec![peer_name(peer)],
                episode: peer.newest_episode().map(|record| record.number),
                frames: last.map(|frame| (frame, frame)),
                count: 1,
                text: format!(
                    "{}: no step for {seconds:.1} s since a request failed{place}, while the page \
                     went on",
                    peer_name(peer)
                ),
                detail: "batch contract · the game loop died with the error".to_owned(),
                evidence: evidence_of(peer, [seq]),
            });
        }
        outcome
    }
}
