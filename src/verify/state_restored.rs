//! Does a worker hold the state that it was told to restore?

use super::case::Case;
use super::finding::{
    Check, CheckOutcome, Finding, Scope, Severity, counted, evidence_of, peer_name,
};

/// Compares restored states with what the worker saves right afterwards.
pub(super) struct StateRestored;

impl Check for StateRestored {
    fn code(&self) -> &'static str {
        "state-not-restored"
    }

    fn title(&self) -> &'static str {
        "Workers hold the state that they restored"
    }

    fn documentation(&self) -> &'static str {
        "A state that is saved right after a restore, before any step, must be the restored one, \
         random generators included. Another state means that the game's `set_state` leaves \
         something out or changes it, so every rollback continues from a state that never was. \
         Spellings of numbers that JavaScript changes do not count. It needs a save right after \
         the restore; where a page makes none, nothing is checkable."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let oracle = &peer.oracle;
            let (same, different) = oracle.restored;
            outcome.passed += same;
            outcome.failed += different;
            if same + different == 0 {
                outcome.add_not_checkable(1, "no state was saved right after a restore");
            }
            let Some((episode, frame, _)) = oracle.restored_wrong.first() else {
                continue;
            };
            let wrong = || oracle.restored_wrong.iter();
            let frames = || wrong().filter_map(|(_, frame, _)| *frame);
            let place = frame.map_or_else(String::new, |frame| format!(", first at frame {frame}"));
            outcome.findings.push(Finding {
                code: self.code(),
                severity: Severity::Error,
                peers: vec![peer_name(peer)],
                episode: episode.filter(|first| wrong().all(|(e, ..)| *e == Some(*first))),
                frames: frames().min().zip(frames().max()),
                count: different,
                text: format!(
                    "{}: after {different} of {} the worker held another state than the restored \
                     one{place}",
                    peer_name(peer),
                    counted(same + different, "restore", "restores"),
                ),
                detail: "batch content · the first state saved after the restore".to_owned(),
                evidence: evidence_of(peer, wrong().map(|(.., seq)| *seq)),
            });
        }
        outcome
    }
}
