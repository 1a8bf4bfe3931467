//! Did all observed pages step every confirmed frame with the same actions?

use super::boundary::end_of;
use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, counted, evidence_of, peer_name};
use super::runs::{Run, Runs};
use crate::frame::Frame;
use crate::player::PlayerId;
use crate::session::{EpisodeRecord, PeerSession};

/// Compares the actions that two pages stepped each frame with in the end.
pub(super) struct InputParity;

impl Check for InputParity {
    fn code(&self) -> &'static str {
        "input-mismatch"
    }

    fn title(&self) -> &'static str {
        "Pages step confirmed frames with the same actions"
    }

    fn documentation(&self) -> &'static str {
        "When all inputs of a frame are real, every page must have stepped it with the same action \
         of every player in the end. Where two pages differ, their states differ from there on, and \
         the announcement of the player's own page says which of the two used another action than \
         the announced one. It needs the worker traffic of two pages; frames that only one page \
         confirmed are not checkable, and neither are those that a rollback will repair which the \
         page did not come to yet."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        if game.peers.len() < 2 {
            outcome.add_not_checkable(1, "only one page was observed");
        }
        for (index, here) in game.peers.iter().enumerate() {
            for there in game.peers.iter().skip(index + 1) {
                let records = (here.episodes.get(episode), there.episodes.get(episode));
                let (Some(a), Some(b)) = records else { continue };
                if !(a.is_placed && b.is_placed) {
                    outcome.add_not_checkable(1, "the number of a page's episode is not known");
                    continue;
                }
                let last = end_of(game, episode).previous();
                let confirmed = a.confirmed_frame().min(b.confirmed_frame()).min(last);
                let settled = a.settled_frame().min(b.settled_frame()).min(confirmed);
                let waiting = confirmed.map_or(0, |frame| frame.0 + 1)
                    - settled.map_or(0, |frame| frame.0 + 1);
                if waiting > 0 {
                    let reason = "the rollback that repairs the frame is still to come";
                    outcome.add_not_checkable(waiting, reason);
                }
                let Some(confirmed) = settled else {
                    if waiting == 0 {
                        outcome.add_not_checkable(1, "no frame was confirmed by both pages");
                    }
                    continue;
                };
                let players: Vec<PlayerId> = game.players().collect();
                let all = compare((a, b), &players, confirmed, &mut outcome);
                for (player, runs) in players.into_iter().zip(all) {
                    let place = game.episode_number(episode);
                    outcome.findings.extend(runs.into_iter().map(|run| {
                        let blamed = blame(game, episode, player, [(here, a), (there, b)], &run);
                        finding(self, (here, there), player, &run, blamed, place)
                    }));
                }
            }
        }
        outcome
    }
}

/// Of each player the frames that the two pages stepped with different actions.
fn compare(
    (a, b): (&EpisodeRecord, &EpisodeRecord),
    players: &[PlayerId],
    confirmed: Frame,
    outcome: &mut CheckOutcome,
) -> Vec<Vec<Run>> {
    let mut all: Vec<Runs> = players.iter().map(|_| Runs::default()).collect();
    let counts = |frame: &Frame| a.has_frame(*frame) && b.has_frame(*frame);
    for frame in (0..=confirmed.0).map(Frame).take_while(counts) {
        let used = (a.known_inputs(frame), b.known_inputs(frame));
        let (Some(one), Some(other)) = used else { continue };
        for (player, runs) in players.iter().zip(&mut all) {
            let (Some(one), Some(other)) = (one.action(*player), other.action(*player)) else {
                continue;
            };
            if one == other {
                outcome.passed += 1;
                runs.pass();
            } else {
                outcome.failed += 1;
                runs.fail(frame, []);
            }
        }
    }
    all.into_iter().map(Runs::finish).collect()
}

/// The page that stepped the first frame of a run with another action than the player's own page
/// announced, and the announcement; `None` where no announcement was captured or both did.
fn blame<'g>(
    game: &'g Case<'g>,
    episode: usize,
    player: PlayerId,
    pages: [(&'g PeerSession, &'g EpisodeRecord); 2],
    run: &Run,
) -> Option<(&'g PeerSession, &'g PeerSession, u32)> {
    let owner = game.observed(player)?;
    let (announced, seq) = owner.episodes.get(episode)?.announcements.own(run.first)?;
    let is_other = |record: &EpisodeRecord| {
        let used = record.known_inputs(run.first).and_then(|used| used.action(player));
        used != Some(announced)
    };
    let mut wrong = pages.into_iter().filter(|(_, record)| is_other(record));
    let (page, _) = wrong.next()?;
    wrong.next().is_none().then_some((page, owner, seq))
}

fn finding(
    check: &InputParity,
    (here, there): (&PeerSession, &PeerSession),
    player: PlayerId,
    run: &Run,
    blamed: Option<(&PeerSession, &PeerSession, u32)>,
    episode: Option<crate::frame::Episode>,
) -> Finding {
    let says = blamed.map_or_else(String::new, |(page, ..)| {
        format!("; {} did not use the announced one", peer_name(page))
    });
    Finding {
        code: check.code(),
        severity: Severity::Error,
        peers: match blamed {
            Some((page, ..)) => vec![peer_name(page)],
            None => vec![peer_name(here), peer_name(there)],
        },
        episode,
        frames: Some((run.first, run.last)),
        count: run.count,
        text: format!(
            "{} and {} stepped {} with different actions of {player}, first frame {}{says}",
            peer_name(here),
            peer_name(there),
            counted(run.count, "confirmed frame", "confirmed frames"),
            run.first,
        ),
        detail: "cross-peer · the actions of the last time that each frame was stepped".to_owned(),
        evidence: blamed.map_or_else(Vec::new, |(_, owner, seq)| evidence_of(owner, [seq])),
    }
}
