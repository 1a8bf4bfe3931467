//! Checks of what the session has counted already, right and wrong: the shape of their outcome.
//!
//! What is counted is the session's affair; a check chooses the count and words the finding.

use super::finding::{Check, CheckOutcome, Finding, Severity, evidence_of, peer_name};
use crate::session::{Book, EpisodeRecord, Game, PeerSession, Tally, Wrong};

/// How a check of counts speaks.
#[derive(Clone, Copy)]
pub(super) struct Wording {
    /// Weight of what went wrong.
    pub severity: Severity,
    /// Why a peer without any count is not checkable.
    pub absent: &'static str,
    /// Detail of every finding.
    pub detail: &'static str,
}

/// One finding for every peer with something wrong in its tally. `count` gives how often it went
/// right, and the tally of the other times; `None` where the peer's traffic cannot show it.
pub(super) fn of_tallies<'g>(
    check: &dyn Check,
    game: &'g Game,
    wording: Wording,
    count: impl Fn(&'g PeerSession) -> Option<(u32, &'g Tally)>,
    text: impl Fn(&PeerSession, &Tally) -> String,
) -> CheckOutcome {
    let mut outcome = CheckOutcome::default();
    for peer in &game.peers {
        let counted = count(peer).filter(|(right, wrong)| right + wrong.count > 0);
        let Some((right, wrong)) = counted else {
            outcome.add_not_checkable(1, wording.absent);
            continue;
        };
        outcome.passed += right;
        outcome.failed += wrong.count;
        if wrong.count > 0 {
            let text = text(peer, wrong);
            outcome.findings.push(Finding::of_tally(
                check,
                wording.severity,
                peer,
                wrong,
                text,
                wording.detail,
            ));
        }
    }
    outcome
}

/// One finding for every peer that kept wrong books beside the states of an episode. `text` hears
/// the peer's name, the book and its first wrong entry.
pub(super) fn of_books<'g>(
    check: &dyn Check,
    (game, episode): (&'g Game, usize),
    wording: Wording,
    book: impl Fn(&'g EpisodeRecord) -> &'g Book,
    text: impl Fn(&str, &Book, &Wrong) -> String,
) -> CheckOutcome {
    let mut outcome = CheckOutcome::default();
    for peer in &game.peers {
        let Some(record) = peer.episodes.get(episode) else {
            continue;
        };
        let book = book(record);
        if book.right + book.wrong == 0 {
            outcome.add_not_checkable(1, wording.absent);
            continue;
        }
        outcome.passed += book.right;
        outcome.failed += book.wrong;
        let frames = || book.first.iter().map(|wrong| wrong.frame);
        let (Some(wrong), Some(first), Some(last)) =
            (book.first.first(), frames().min(), frames().max())
        else {
            continue;
        };
        outcome.findings.push(Finding {
            code: check.code(),
            severity: wording.severity,
            peers: vec![peer_name(peer)],
            episode: Some(record.number),
            frames: Some((first, last)),
            count: book.wrong,
            text: text(&peer_name(peer), book, wrong),
            detail: wording.detail.to_owned(),
            evidence: evidence_of(peer, book.first.iter().map(|wrong| wrong.seq)),
        });
    }
    outcome
}
