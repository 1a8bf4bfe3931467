//! Do the pages introduce themselves over and over?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, peer_name};
use crate::fixed::Fixed;
use crate::time::Micros;

/// Introductions in two seconds from which on they are a storm (MUG wire notes, D12).
const STORM: usize = 20;

/// The time in which they are counted.
const WINDOW_MICROS: u64 = 2_000_000;

/// Counts handshake messages.
pub(super) struct EchoStorm;

impl Check for EchoStorm {
    fn code(&self) -> &'static str {
        "echo-storm"
    }

    fn title(&self) -> &'static str {
        "The handshake comes to an end"
    }

    fn documentation(&self) -> &'static str {
        "Pages that answer every introduction with another one keep sending them for the whole \
         session: noise on the channel that takes room from the inputs. It fails when more than \
         twenty came or went within two seconds. It needs a handshake in the capture."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let times = &peer.lifecycle.handshakes;
            if times.is_empty() {
                outcome.add_not_checkable(1, "no handshake was captured");
                continue;
            }
            let (most, at) = busiest(times);
            if most <= STORM {
                outcome.passed += 1;
                continue;
            }
            outcome.failed += 1;
            outcome.findings.push(Finding {
                code: self.code(),
                severity: Severity::Notice,
                peers: vec![peer_name(peer)],
                episode: None,
                frames: None,
                count: times.len() as u32,
                text: format!(
                    "{} saw {} handshake messages, {most} of them in the two seconds from {:.1} s on",
                    peer_name(peer),
                    times.len(),
                    Fixed(at.as_millis() / 1000.0),
                ),
                detail: "lifecycle · every one is answered by another".to_owned(),
                evidence: Vec::new(),
            });
        }
        outcome
    }
}

// Most introductions within the window, and when it began.
fn busiest(times: &[Micros]) -> (usize, Micros) {
    let mut most = (0, Micros(0));
    for (index, start) in times.iter().enumerate() {
        let end = times.partition_point(|time| time.since(*start) <= WINDOW_MICROS);
        if end - index > most.0 {
            most = (end - index, *start);
        }
    }
    most
}
