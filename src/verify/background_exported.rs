//! Does a page report the times that it was in the background?

use super::case::Case;
use super::finding::{
    Check, CheckOutcome, Finding, Scope, Severity, counted, evidence_of, peer_name,
};
use crate::fixed::Fixed;
use crate::observation::Direction;
use crate::session::PeerSession;
use crate::time::Micros;

/// Page and browser may see one change of focus this far apart, in microseconds.
const TOLERANCE_MICROS: u64 = 250_000;

/// Holds a page's exported times in the background against those that were seen.
pub(super) struct BackgroundExported;

impl Check for BackgroundExported {
    fn code(&self) -> &'static str {
        "background-misreported"
    }

    fn title(&self) -> &'static str {
        "Reported times in the background are those that were seen"
    }

    fn documentation(&self) -> &'static str {
        "A page that reports how often and how long it was in the background is held against what \
         the browser said of it, or, where that is nothing, against the page's own words to its \
         peer. A time that it leaves out, invents or gets wrong by more than a quarter of a \
         second misleads a study that leaves such sessions out. MUG forgets these times when an \
         episode begins, so those from before the newest episode's ready message may be missing; a \
         time that had not ended when the page reported is not checkable, nor is a page of whose \
         focus nobody said anything."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let reported = peer.exports.metrics.as_ref();
            let reported = reported
                .and_then(|(metrics, seq)| Some((metrics.background_micros.as_ref()?, *seq)));
            let Some((reported, seq)) = reported else {
                outcome.add_not_checkable(1, "no report of times in the background was captured");
                continue;
            };
            let Some(seen) = Seen::of(peer) else {
                outcome.add_not_checkable(1, "nobody said anything of the page's focus");
                continue;
            };
            outcome.add_not_checkable(seen.open, "a time in the background had not ended");
            let compared = Compared::of(reported, &seen);
            let wrong = compared.invented + compared.left_out;
            outcome.failed += wrong;
            // A page that was never away, and says so, is right about one thing.
            outcome.passed += compared.right + u32::from(wrong + compared.right + seen.open == 0);
            if wrong == 0 {
                continue;
            }
            outcome.findings.push(Finding {
                code: self.code(),
                severity: Severity::Notice,
                peers: vec![peer_name(peer)],
                episode: None,
                frames: None,
                count: wrong,
                text: format!(
                    "{} reported {} in the background, {:.1} s in all; seen {} of {:.1} s",
                    peer_name(peer),
                    counted(reported.len() as u32, "time", "times"),
                    Fixed(seconds(reported.iter().copied())),
                    seen.times.len(),
                    Fixed(seconds(seen.times.iter().map(|time| time.micros))),
                ),
                detail: format!(
                    "accounting · {} left out, {} that nobody saw",
                    compared.left_out, compared.invented
                ),
                evidence: evidence_of(peer, seen.times.iter().map(|time| time.seq).chain([seq])),
            });
        }
        outcome
    }
}

fn seconds(micros: impl Iterator<Item = u64>) -> f64 {
    micros.fold(0, u64::saturating_add) as f64 / 1e6
}

/// A time in the background that had ended when the page reported.
struct Time {
    micros: u64,
    /// Whether the page may have forgotten it by then.
    is_forgettable: bool,
    seq: u32,
}

/// What was seen of a page until it reported.
struct Seen {
    times: Vec<Time>,
    open: u32,
}

impl Seen {
    fn of(peer: &PeerSession) -> Option<Self> {
        let lifecycle = &peer.lifecycle;
        let own = lifecycle.background.iter().filter(|one| one.side == Direction::Sent);
        let spans: Vec<(Micros, Option<Micros>, u32)> = match &lifecycle.hidden {
            Some(hidden) if !hidden.is_empty() => {
                hidden.iter().map(|one| (one.since, one.until, one.seq)).collect()
            }
            _ => own.map(|one| (one.since, one.until, one.seq)).collect(),
        };
        if spans.is_empty() && lifecycle.hidden.is_none() {
            return None;
        }
        let at = peer.exports.metrics_at;
        let before = spans.into_iter().filter(|(since, ..)| *since <= at);
        let (mut times, mut open) = (Vec::new(), 0);
        for (since, until, seq) in before {
            match until.filter(|until| *until <= at) {
                Some(until) => times.push(Time {
                    micros: until.since(since),
                    is_forgettable: !peer.is_native
                        && lifecycle.ready.is_none_or(|(_, ready)| since < ready),
                    seq,
                }),
                None => open += 1,
            }
        }
        Some(Self { times, open })
    }
}

/// How many times of both lists belong together.
struct Compared {
    right: u32,
    left_out: u32,
    invented: u32,
}

impl Compared {
    // Both lists are in order, so each reported time belongs to the next seen one that is as long.
    fn of(reported: &[u64], seen: &Seen) -> Self {
        let (mut right, mut left_out, mut invented) = (0, 0, 0);
        // The page may count a time that has not ended for anybody else.
        let mut open = seen.open;
        let mut rest = seen.times.as_slice();
        let is_left_out =
            |times: &[Time]| times.iter().filter(|one| !one.is_forgettable).count() as u32;
        for micros in reported {
            let is_it = |time: &Time| time.micros.abs_diff(*micros) <= TOLERANCE_MICROS;
            match rest.iter().position(is_it).and_then(|at| rest.split_at_checked(at)) {
                Some((before, from)) => {
                    right += 1;
                    left_out += is_left_out(before);
                    rest = from.get(1..).unwrap_or_default();
                }
                None if open > 0 => open -= 1,
                None => invented += 1,
            }
        }
        Self { right, left_out: left_out + is_left_out(rest), invented }
    }
}
