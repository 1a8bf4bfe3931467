//! Did a page go into the background while it played?

use super::case::Case;
use super::finding::{
    Check, CheckOutcome, Finding, Scope, Severity, counted, evidence_of, peer_name,
};
use crate::fixed::Fixed;
use crate::frame::Frame;
use crate::observation::Direction;
use crate::session::{Background, Hidden, PeerSession};
use crate::time::Micros;

/// Times shorter than this are not told in tenths of a second.
const SHORT_MICROS: u64 = 50_000;

/// Reports times during which a page did not play.
pub(super) struct PageBackground;

impl Check for PageBackground {
    fn code(&self) -> &'static str {
        "page-in-background"
    }

    fn title(&self) -> &'static str {
        "Pages stay in the foreground"
    }

    fn documentation(&self) -> &'static str {
        "A page in the background gets no animation frames and slow timers: it stops playing, the \
         other one goes on with guesses, and on its return it must catch up. Nothing is wrong with \
         that, but a study may want to leave such sessions out. It needs the pages' own words about \
         their focus, or what the browser said of an observed page while it played: one that it never \
         called hidden passes. A page of which neither said anything is not checkable."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let all = &peer.lifecycle.background;
            if all.is_empty() {
                match while_playing(peer) {
                    None => outcome.add_not_checkable(1, "no page said anything of its focus"),
                    Some(hidden) if hidden.is_empty() => outcome.passed += 1,
                    Some(hidden) => {
                        let words = Words {
                            what: format!("{} was hidden", peer_name(peer)),
                            when: " while it played",
                            detail: "lifecycle · as the browser says",
                        };
                        let spans = hidden.iter().map(|one| (one.since, one.until, one.seq));
                        self.add(peer, &words, None, spans, &mut outcome);
                    }
                }
            }
            for side in [Direction::Sent, Direction::Received] {
                let times: Vec<&Background> = all.iter().filter(|one| one.side == side).collect();
                let (Some(first), Some(last)) = (times.first(), times.last()) else {
                    continue;
                };
                let who = match side {
                    Direction::Sent => peer_name(peer),
                    Direction::Received => format!("The peer of {}", peer_name(peer)),
                };
                let words = Words {
                    what: format!("{who} was in the background"),
                    when: "",
                    detail: "lifecycle · from the pages' own focus messages",
                };
                let frames = (first.first, last.last.unwrap_or(last.first).max(first.first));
                let spans = times.iter().map(|one| (one.since, one.until, one.seq));
                self.add(peer, &words, Some(frames), spans, &mut outcome);
            }
        }
        outcome
    }
}

/// What a finding says, before and after how often.
struct Words {
    what: String,
    when: &'static str,
    detail: &'static str,
}

impl PageBackground {
    // Times of one page as a finding: since, until if they ended, and the event that began each.
    fn add(
        &self,
        peer: &PeerSession,
        words: &Words,
        frames: Option<(Frame, Frame)>,
        times: impl ExactSizeIterator<Item = (Micros, Option<Micros>, u32)> + Clone,
        outcome: &mut CheckOutcome,
    ) {
        let spans = times.clone().filter_map(|(since, until, _)| Some(until?.since(since)));
        let micros: u64 = spans.sum();
        let count = times.len() as u32;
        outcome.failed += count;
        outcome.findings.push(Finding {
            code: self.code(),
            severity: Severity::Notice,
            peers: vec![peer_name(peer)],
            episode: None,
            frames,
            count,
            text: format!(
                "{} {}{}, for {} in all",
                words.what,
                counted(count, "time", "times"),
                words.when,
                in_seconds(micros),
            ),
            detail: words.detail.to_owned(),
            evidence: evidence_of(peer, times.map(|(.., seq)| seq)),
        });
    }
}

fn in_seconds(micros: u64) -> String {
    if micros < SHORT_MICROS {
        return "less than 0.1 s".to_owned();
    }
    format!("{:.1} s", Fixed(micros as f64 / 1e6))
}

// The times between its first and its last step in which the browser called a page hidden; `None` if
// it never said, or the page stepped nothing.
fn while_playing(peer: &PeerSession) -> Option<Vec<Hidden>> {
    let hidden = peer.lifecycle.hidden.as_ref()?;
    let steps = || {
        let records = peer.episodes.iter();
        records.flat_map(|record| {
            (0..record.next_frame().0).filter_map(|frame| record.frames.stepped_at(Frame(frame)))
        })
    };
    let (first, last) = (steps().min()?, steps().max()?);
    let overlaps =
        |one: &&Hidden| one.since <= last && one.until.is_none_or(|until| until >= first);
    Some(hidden.iter().filter(overlaps).copied().collect())
}
