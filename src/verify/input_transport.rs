//! Do inputs travel on a channel that waits for lost messages?

use super::case::Case;
use super::finding::{
    Check, CheckOutcome, Finding, Scope, Severity, counted, evidence_of, peer_name,
};
use crate::observation::Transport;

/// Looks at the data channels that carried inputs.
pub(super) struct InputTransport;

impl Check for InputTransport {
    fn code(&self) -> &'static str {
        "input-channel-waits"
    }

    fn title(&self) -> &'static str {
        "Inputs travel unordered and unreliable"
    }

    fn documentation(&self) -> &'static str {
        "Inputs are announced many times over, so a lost message does no harm. A data channel that \
         keeps the order or repeats lost messages holds every later message back until the lost one \
         has come again: one loss delays all inputs by a round trip or more, and rollbacks grow \
         deeper. It fails for a data channel with inputs that is ordered, or that repeats lost \
         messages without end. It needs the channel's settings in the capture; inputs that go \
         through the server are not looked at."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let (mut passed, mut unknown) = (0, 0);
            let (mut ordered, mut reliable, mut seqs) = (0, 0, Vec::new());
            for (transport, seq) in &peer.protocol.transports {
                let Transport::Inputs { is_ordered, is_reliable } = transport else { continue };
                match (is_ordered, is_reliable) {
                    (Some(false), Some(false)) => passed += 1,
                    (None, _) | (_, None) => unknown += 1,
                    (Some(keeps_order), Some(repeats)) => {
                        ordered += u32::from(*keeps_order);
                        reliable += u32::from(*repeats);
                        seqs.push(*seq);
                    }
                }
            }
            let failed = seqs.len() as u32;
            outcome.passed += passed;
            outcome.failed += failed;
            outcome.add_not_checkable(unknown, "the settings of a data channel were not captured");
            if passed + failed + unknown == 0 {
                outcome.add_not_checkable(1, "no data channel with inputs was captured");
            }
            if failed > 0 {
                outcome.findings.push(Finding {
                    code: self.code(),
                    severity: Severity::Notice,
                    peers: vec![peer_name(peer)],
                    episode: None,
                    frames: None,
                    count: failed,
                    text: format!(
                        "{} carries inputs on {} that hold back what follows a lost message",
                        peer_name(peer),
                        counted(failed, "data channel", "data channels"),
                    ),
                    detail: format!(
                        "protocol use · {ordered} ordered, {reliable} repeating without end; inputs \
                         are announced many times anyway"
                    ),
                    evidence: evidence_of(peer, seqs),
                });
            }
        }
        outcome
    }
}
