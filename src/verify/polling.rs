//! Does the connection to the server begin by polling?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, evidence_of, peer_name};
use crate::observation::Transport;

/// Looks at the sockets of the page's server.
pub(super) struct Polling;

impl Check for Polling {
    fn code(&self) -> &'static str {
        "polling-transport"
    }

    fn title(&self) -> &'static str {
        "The server is reached by a web socket at once"
    }

    fn documentation(&self) -> &'static str {
        "Engine.IO begins by polling unless it is told otherwise: every message is a request of its \
         own until the connection becomes a web socket, and where that fails it stays so, with \
         hundreds of milliseconds for each message. The address of a socket that took over from \
         polling names the session that polling began. It passes for sockets that did not. It needs \
         a socket of Engine.IO in the capture: a page that only polls sends nothing that is \
         captured, and is not checkable."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let (mut known, mut seqs) = (0, Vec::new());
            for (transport, seq) in &peer.protocol.transports {
                if let Transport::Server { began_by_polling: Some(is_so) } = transport {
                    known += 1;
                    seqs.extend(is_so.then_some(*seq));
                }
            }
            if known == 0 {
                outcome.add_not_checkable(1, "no socket of Engine.IO was captured");
                continue;
            }
            let failed = seqs.len() as u32;
            outcome.passed += known - failed;
            outcome.failed += failed;
            if failed > 0 {
                outcome.findings.push(Finding {
                    code: self.code(),
                    severity: Severity::Notice,
                    peers: vec![peer_name(peer)],
                    episode: None,
                    frames: None,
                    count: failed,
                    text: format!(
                        "{} polled its server before {failed} of {known} connections became a web \
                         socket",
                        peer_name(peer),
                    ),
                    detail: "protocol use · transports: ['websocket'] begins with the socket"
                        .to_owned(),
                    evidence: evidence_of(peer, seqs),
                });
            }
        }
        outcome
    }
}
