//! Did the same state and the same actions give the same state again?

use super::case::Case;
use super::finding::{
    Check, CheckOutcome, Finding, Scope, Severity, counted, evidence_of, peer_name,
};
use crate::frame::{Episode, Frame};
use crate::observation::Evidence;
use crate::session::{Divergence, PeerSession};

/// Holds repeated steps against each other, in one page and across pages.
pub(super) struct Determinism;

impl Check for Determinism {
    fn code(&self) -> &'static str {
        "nondeterministic-step"
    }

    fn title(&self) -> &'static str {
        "The same state and actions give the same state"
    }

    fn documentation(&self) -> &'static str {
        "Rollbacks step frames again, so a session repeats itself: every stretch from a known state \
         over the same actions must end in the same state or hash each time it is stepped. It fails \
         where a page's own repetition ends otherwise: then that page's game is not deterministic \
         (a clock, unseeded randomness, state that is not saved), whatever the other page did. \
         Stretches that two observed pages both stepped are held against each other too; a \
         difference there does not say which page is at fault. States are recognised by their \
         contents, without the spelling of numbers that JavaScript changes. Where nothing was \
         repeated nothing is checkable; requests that overlap prove nothing and are left out."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let oracle = &peer.oracle;
            outcome.passed += oracle.repeats - oracle.diverged;
            outcome.failed += oracle.diverged;
            if oracle.repeats == 0 {
                outcome.add_not_checkable(1, "no page stepped the same state twice");
            }
            outcome.add_not_checkable(oracle.unkept, "too many stretches to keep all of them");
            if let Some(first) = oracle.divergences.first() {
                outcome.findings.push(own_finding(self.code(), peer, first));
            }
        }
        for (index, here) in game.peers.iter().enumerate() {
            for there in game.peers.iter().skip(index + 1) {
                let (shared, divergences) = here.oracle.shared_with(&there.oracle);
                let differing = divergences.len() as u32;
                outcome.passed += shared.saturating_sub(differing);
                outcome.failed += differing;
                if let Some(first) = divergences.first() {
                    outcome.findings.push(shared_finding(
                        self.code(),
                        (here, there),
                        first,
                        (differing, shared),
                    ));
                }
            }
        }
        outcome
    }
}

fn own_finding(code: &'static str, peer: &PeerSession, first: &Divergence) -> Finding {
    let oracle = &peer.oracle;
    let all = || oracle.divergences.iter();
    Finding {
        code,
        severity: Severity::Error,
        peers: vec![peer_name(peer)],
        episode: common_episode(all()),
        frames: span(all()),
        count: oracle.diverged,
        text: format!(
            "{}: {} of {} ended in another state than before with the same actions, first {}",
            peer_name(peer),
            oracle.diverged,
            counted(oracle.repeats, "repeated stretch", "repeated stretches"),
            place(first),
        ),
        detail: "determinism · out of the page's own replays".to_owned(),
        evidence: evidence_of(peer, all().flat_map(|one| [one.before.seq, one.after.seq])),
    }
}

fn shared_finding(
    code: &'static str,
    (here, there): (&PeerSession, &PeerSession),
    first: &Divergence,
    (differing, shared): (u32, u32),
) -> Finding {
    Finding {
        code,
        severity: Severity::Error,
        peers: vec![peer_name(here), peer_name(there)],
        episode: first.before.episode,
        frames: span([first].into_iter()),
        count: differing,
        text: format!(
            "{} and {} stepped {} from the same state with the same actions; {differing} ended \
             differently, first {}",
            peer_name(here),
            peer_name(there),
            counted(shared, "stretch", "stretches"),
            place(first),
        ),
        detail: "determinism · across peers, so it does not say which one is at fault".to_owned(),
        evidence: vec![
            Evidence { source: here.source, seq: first.before.seq },
            Evidence { source: there.source, seq: first.after.seq },
        ],
    }
}

/// Where a divergence was first visible.
fn place(one: &Divergence) -> String {
    let steps = counted(one.steps, "step", "steps");
    let operation = format!("operation {} of reply #{}", one.after.operation, one.after.seq);
    match frames(one) {
        Some((first, last)) if first == last => format!("in frame {first} ({operation})"),
        Some((first, last)) => format!("within frames {first} to {last} ({operation})"),
        None => format!("within {steps} ({operation})"),
    }
}

fn frames(one: &Divergence) -> Option<(Frame, Frame)> {
    let first = one.after.first.or(one.before.first)?;
    Some((first, first.plus(one.steps.saturating_sub(1))))
}

fn span<'a>(divergences: impl Iterator<Item = &'a Divergence>) -> Option<(Frame, Frame)> {
    let spans = divergences.filter_map(frames);
    spans.reduce(|(first, last), (f, l)| (first.min(f), last.max(l)))
}

fn common_episode<'a>(mut all: impl Iterator<Item = &'a Divergence>) -> Option<Episode> {
    let first = all.next()?.after.episode;
    first.filter(|_| all.all(|one| one.after.episode == first))
}
