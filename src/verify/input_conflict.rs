//! Does a peer announce one action only for each frame?

use super::boundary::end_of;
use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, counted, evidence_of, peer_name};

/// Looks for inputs announced twice with different actions.
pub(super) struct InputConflict;

impl Check for InputConflict {
    fn code(&self) -> &'static str {
        "input-conflict"
    }

    fn title(&self) -> &'static str {
        "One action per player and frame"
    }

    fn documentation(&self) -> &'static str {
        "Inputs are announced many times over, always with the same action. A second, different \
         action for a frame means that the sender simulated one and announced another, or that \
         inputs of another episode leaked in. The peers may then simulate different inputs. Frames \
         whose inputs were let go before the repetition came are not checkable and not counted."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let Some(record) = peer.episodes.get(episode) else {
                continue;
            };
            if !record.is_replayable() {
                let frames = record.frames.len() as u32;
                outcome.add_not_checkable(frames, "the players' settings were not captured");
                continue;
            }
            let end = end_of(game, episode);
            let conflicts = record.conflicts.iter().filter(|(frame, ..)| *frame < end);
            let conflicts: Vec<_> = conflicts.copied().collect();
            let confirmed = record.confirmed_frame().map_or(0, |frame| frame.0 + 1);
            let failed = conflicts.len() as u32;
            outcome.passed += confirmed.saturating_sub(failed);
            outcome.failed += failed;
            if let (Some(&(first, player, _)), Some(&(last, ..))) =
                (conflicts.first(), conflicts.last())
            {
                let frames = counted(failed, "frame", "frames");
                outcome.findings.push(Finding {
                    code: self.code(),
                    severity: Severity::Error,
                    peers: vec![peer_name(peer)],
                    episode: Some(record.number),
                    frames: Some((first.min(last), first.max(last))),
                    count: failed,
                    text: format!(
                        "{player} announced two different actions for {frames}, first for frame \
                         {first}"
                    ),
                    detail: "inputs · the first announcement was kept".to_owned(),
                    evidence: evidence_of(peer, conflicts.iter().map(|(.., seq)| *seq)),
                });
            }
        }
        outcome
    }
}
