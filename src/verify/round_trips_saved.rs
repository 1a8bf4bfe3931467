//! How many round trips do the rollbacks cost, and how many does batching save?

use super::case::Case;
use super::finding::{
    Check, CheckOutcome, Finding, MAX_EVIDENCE, Severity, counted, evidence_of, peer_name,
};
use crate::fixed::Fixed;
use crate::session::{EpisodeRecord, OperationKind, PeerSession, RollbackState, TripCost};

/// Counts the requests of rollbacks against one request per step.
pub(super) struct RoundTripsSaved;

impl Check for RoundTripsSaved {
    fn code(&self) -> &'static str {
        "round-trips-saved"
    }

    fn title(&self) -> &'static str {
        "Rollbacks as one batch"
    }

    fn documentation(&self) -> &'static str {
        "A rollback needs one request if all of its operations go in one batch, and two more than \
         it has steps otherwise: one restores, one reads. The notices say how many requests \
         batching saved, and what restores in requests of their own cost in this session. It passes for \
         rollbacks that went as one batch and fails for a snapshot restored by a request without \
         steps; a rollback still running is not checkable."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let record = peer.episodes.get(episode).filter(|_| !peer.runs_python_itself());
            let Some(record) = record else {
                continue;
            };
            let (mut rollbacks, mut requests, mut unbatched) = (0, 0, 0);
            let mut evidence = Vec::new();
            for rollback in &record.rollbacks {
                match rollback.state {
                    RollbackState::Due | RollbackState::Running => {
                        outcome.add_not_checkable(1, "no reply so far");
                    }
                    RollbackState::Failed => {}
                    RollbackState::Executed => {
                        let Some(trips) = peer.rollback_trips(rollback) else {
                            continue;
                        };
                        rollbacks += 1;
                        requests += trips.requests;
                        unbatched += trips.unbatched;
                        if evidence.len() < MAX_EVIDENCE {
                            evidence.push(trips.request_seq);
                        }
                    }
                }
            }
            outcome.passed += rollbacks;
            // They are counted for the whole game: the newest episode says it once.
            let is_newest = episode + 1 == peer.episodes.len();
            let (lone, first) = if is_newest { peer.lone_restores } else { (0, None) };
            outcome.failed += lone;
            if lone > 0 {
                outcome.findings.push(lone_restores(self.code(), peer, record, (lone, first)));
            }
            if rollbacks > 0 {
                outcome.findings.push(Finding {
                    code: self.code(),
                    severity: Severity::Notice,
                    peers: vec![peer_name(peer)],
                    episode: Some(record.number),
                    frames: None,
                    count: rollbacks,
                    text: format!(
                        "Batching saved {} on {}",
                        counted(unbatched.saturating_sub(requests), "round trip", "round trips"),
                        peer_name(peer),
                    ),
                    detail: format!(
                        "protocol use · {requests} round trips as it is, {unbatched} with one request per step"
                    ),
                    evidence: evidence_of(peer, evidence),
                });
            }
        }
        outcome
    }
}

fn lone_restores(
    code: &'static str,
    peer: &PeerSession,
    record: &EpisodeRecord,
    (count, first): (u32, Option<u32>),
) -> Finding {
    let is_lone = |trip: &TripCost| {
        let kind = peer.operations.get(trip.first_operation as usize);
        trip.operations == 1 && kind == Some(&OperationKind::SetState)
    };
    let lone = peer.round_trips.costs().filter(is_lone);
    let micros: u64 = lone.filter_map(|trip| trip.total_micros).sum();
    Finding {
        code,
        severity: Severity::Notice,
        peers: vec![peer_name(peer)],
        episode: Some(record.number),
        frames: None,
        count,
        text: format!(
            "{} restored by a request of its own on {}, which took {} ms in all",
            counted(count, "snapshot was", "snapshots were"),
            peer_name(peer),
            Fixed(micros as f64 / 1e3),
        ),
        detail: "protocol use · one batch could hold the steps as well".to_owned(),
        evidence: evidence_of(peer, first),
    }
}
